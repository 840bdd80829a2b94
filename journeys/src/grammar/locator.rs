//! The selectors by which a browser finds elements.

use std::fmt;

use cssparser::{BasicParseErrorKind, CowRcStr, ParseError, ParseErrorKind, ToCss};
use html5ever::Namespace;
use scraper::selector::{CssLocalName, CssString};
use selectors::parser::{self, Parser, Selector, SelectorImpl, SelectorParseErrorKind};

/// Why a text is no selector for a browser, if it is none.
///
/// What a selector is made of is checked, as CSS has it (Selectors Level 4). Which pseudo-classes and pseudo-elements
/// there are is the browser's affair, and another one's with each version: any name will do.
pub(crate) fn selector_fault(text: &str) -> Option<String> {
    let mut input = cssparser::Parser::new(text);
    loop {
        if let Err(error) = Selector::parse(&Browser, &mut input) {
            return Some(reason(&error, text));
        }
        if input.is_exhausted() {
            return None;
        }
        let from = input.position();
        if input.expect_comma().is_err() {
            return Some(format!("`{}` cannot stand there", input.slice_from(from).trim()));
        }
    }
}

fn reason(error: &ParseError<SelectorParseErrorKind>, text: &str) -> String {
    use BasicParseErrorKind as Basic;
    use ParseErrorKind::{Basic as Of, Custom};
    use SelectorParseErrorKind as Kind;
    if text.trim_start().starts_with("//") {
        return "it looks like XPath, and a browser is asked with CSS".to_owned();
    }
    if text.contains("{{") {
        return "no variables are filled in here".to_owned();
    }
    // The digit is what people stumble over: identifiers of HTML may begin with one, those of CSS may not.
    if let Some(id) = text.split('#').skip(1).find(|id| id.starts_with(|c: char| c.is_ascii_digit())) {
        let id: String = id.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect();
        return format!("an id that begins with a digit is written `[id=\"{id}\"]`");
    }
    match &error.kind {
        Of(Basic::EndOfInput) => "something is missing at the end of it, or of a part in brackets",
        Custom(Kind::EmptySelector) => "no element is named where one must be",
        Custom(Kind::DanglingCombinator) => "no element is named behind its last space, `>`, `+` or `~`",
        Custom(
            Kind::NoQualifiedNameInAttributeSelector
            | Kind::UnexpectedTokenInAttributeSelector
            | Kind::ExpectedBarInAttr
            | Kind::BadValueInAttr
            | Kind::InvalidQualNameInAttr,
        ) => "an attribute is written `[name]` or `[name=\"value\"]`",
        Custom(Kind::ClassNeedsIdent) => "no class is named behind a `.`",
        Custom(
            Kind::PseudoElementExpectedColon | Kind::PseudoElementExpectedIdent | Kind::NoIdentForPseudo,
        ) => "there is no name behind a `:`",
        Custom(Kind::ExpectedNamespace) => "namespaces cannot be named here",
        _ => "something in it does not belong there",
    }
    .to_owned()
}

/// CSS as browsers read it, whatever their pseudo-classes are.
#[derive(Debug, Clone, Copy)]
struct Browser;

/// The kinds of things of which its selectors are made; nothing is ever matched with them.
#[derive(Debug, Clone, Copy)]
struct Things;

/// A pseudo-class or a pseudo-element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pseudo;

type Read<T = Pseudo> = Result<T, ParseError<SelectorParseErrorKind>>;

impl<'i> Parser<'i> for Browser {
    type Impl = Things;
    type Error = SelectorParseErrorKind;

    fn parse_slotted(&self) -> bool {
        true
    }

    fn parse_part(&self) -> bool {
        true
    }

    fn parse_nth_child_of(&self) -> bool {
        true
    }

    fn parse_is_and_where(&self) -> bool {
        true
    }

    fn parse_has(&self) -> bool {
        true
    }

    fn parse_parent_selector(&self) -> bool {
        true
    }

    fn parse_host(&self) -> bool {
        true
    }

    fn parse_non_ts_pseudo_class(&self, _: CowRcStr<'i>) -> Read {
        Ok(Pseudo)
    }

    fn parse_non_ts_functional_pseudo_class(
        &self,
        _: CowRcStr<'i>,
        arguments: &mut cssparser::Parser<'i>,
        _: bool,
    ) -> Read {
        anything(arguments)
    }

    fn parse_pseudo_element(&self, _: CowRcStr<'i>) -> Read {
        Ok(Pseudo)
    }

    fn parse_functional_pseudo_element(
        &self,
        _: CowRcStr<'i>,
        arguments: &mut cssparser::Parser<'i>,
    ) -> Read {
        anything(arguments)
    }
}

fn anything(arguments: &mut cssparser::Parser<'_>) -> Read {
    arguments.expect_no_error_token()?;
    Ok(Pseudo)
}

impl SelectorImpl for Things {
    type ExtraMatchingData<'a> = ();
    type AttrValue = CssString;
    type Identifier = CssLocalName;
    type LocalName = CssLocalName;
    type NamespaceUrl = Namespace;
    type NamespacePrefix = CssLocalName;
    type BorrowedNamespaceUrl = Namespace;
    type BorrowedLocalName = CssLocalName;
    type NonTSPseudoClass = Pseudo;
    type PseudoElement = Pseudo;
}

impl parser::NonTSPseudoClass for Pseudo {
    fn is_active_or_hover(&self) -> bool {
        true
    }

    fn is_user_action_state(&self) -> bool {
        true
    }
}

impl parser::PseudoElement for Pseudo {
    fn accepts_state_pseudo_classes(&self) -> bool {
        true
    }

    fn valid_after_slotted(&self) -> bool {
        true
    }
}

impl ToCss for Pseudo {
    fn to_css<W: fmt::Write>(&self, _: &mut W) -> fmt::Result {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_may_know_is_accepted() {
        for text in [
            "#sign-in",
            "ul.menu > li:first-child a[href^='/a' i], h1 ~ p + p",
            "button:has(> svg):not(:disabled, .off)",
            ":is(h1, h2):focus-visible",
            "li:nth-child(2n + 1 of .on)",
            "input::placeholder",
            "a:hover::before",
            ":lang(de):dir(ltr)",
            "my-element::part(foot)",
            "a:yet-to-come(2px, { x })",
        ] {
            assert_eq!(selector_fault(text), None, "{text}");
        }
    }

    #[test]
    fn what_no_browser_takes_is_refused_with_a_reason() {
        for (text, why) in [
            ("#a b]", "`]` cannot stand there"),
            ("text=Sign in", "`=` cannot stand there"),
            ("a >", "no element is named behind its last space, `>`, `+` or `~`"),
            ("a { }", "no element is named behind its last space, `>`, `+` or `~`"),
            ("a,", "no element is named where one must be"),
            ("", "no element is named where one must be"),
            ("> a", "no element is named where one must be"),
            ("a:not()", "no element is named where one must be"),
            ("[a=]", "something is missing at the end of it, or of a part in brackets"),
            ("a:", "something is missing at the end of it, or of a part in brackets"),
            ("[=a]", "an attribute is written `[name]` or `[name=\"value\"]`"),
            ("#1st-name b", "an id that begins with a digit is written `[id=\"1st-name\"]`"),
            ("a..b", "no class is named behind a `.`"),
            ("a: b", "there is no name behind a `:`"),
            ("svg|a", "namespaces cannot be named here"),
            ("#{{ id }}", "no variables are filled in here"),
            ("//a[@id]", "it looks like XPath, and a browser is asked with CSS"),
        ] {
            assert_eq!(selector_fault(text).as_deref(), Some(why), "{text}");
        }
    }
}
