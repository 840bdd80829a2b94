//! CSS selectors, and the attribute of what they select.

use std::time::Duration;

use scraper::{ElementRef, Html, Selector};

use super::words::{bracketed, is_closed, quoted};
use super::{Cursor, GrammarError};
use crate::effort::Effort;

/// What of a page is looked at: the text of the elements that a selector matches, or one of their attributes.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    selector: Selector,
    attribute: Option<String>,
}

/// Deeply nested elements take the square of their number to look through; a page that people read takes a moment.
const LONGEST: Duration = Duration::from_millis(500);
/// What is found may be within each other, and so be much longer than the page.
const MOST_BYTES: usize = 4 << 20;

impl Selection {
    /// Reads `SELECTOR` or `SELECTOR @ATTRIBUTE`; a selector with spaces stands in double quotes.
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, GrammarError> {
        cursor.rest();
        let from = cursor.position();
        let text = match quoted(cursor)? {
            Some(text) => text,
            None => bracketed(cursor).to_owned(),
        };
        if text.is_empty() {
            let help = "as in `css h1`, `css \"ul.menu a\" @href`".to_owned();
            return Err(cursor.error(from, "a CSS selector is missing", Some(help)));
        }
        // CSS closes at the end what was left open; here that would swallow the predicate.
        let selector = Selector::parse(&text).ok().filter(|_| is_closed(&text)).ok_or_else(|| {
            let help =
                "as in `h1`, `#total`, `input[name=token]`, `\"ul.menu > li:first-child a\"`".to_owned();
            cursor.error(from, format!("`{text}` is no CSS selector"), Some(help))
        })?;
        Ok(Self { selector, attribute: attribute(cursor)? })
    }

    /// What it finds in a page, in the order of the page; `None` when that takes too long, or is too much.
    pub(crate) fn find(&self, page: &Html) -> Option<Vec<String>> {
        let begun = Effort::begin();
        let mut bytes = 0;
        let mut found = Vec::new();
        for (index, element) in page.tree.nodes().filter_map(ElementRef::wrap).enumerate() {
            // Every element is a step of its own, so that the time can be looked at between any two.
            if bytes > MOST_BYTES || (index % 16 == 0 && begun.spent() > LONGEST) {
                return None;
            }
            if !self.selector.matches(&element) {
                continue;
            }
            let text = match &self.attribute {
                None => Some(text_of(element)),
                Some(name) => element.attr(name).map(str::to_owned),
            };
            // An empty text takes room, too.
            bytes += text.as_ref().map_or(0, |text| text.len() + size_of::<String>());
            found.extend(text);
        }
        Some(found)
    }
}

fn attribute(cursor: &mut Cursor<'_>) -> Result<Option<String>, GrammarError> {
    if !cursor.rest().starts_with('@') {
        return Ok(None);
    }
    let from = cursor.position();
    let name = cursor.word().trim_start_matches('@').to_ascii_lowercase();
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    if name.is_empty() || !name.chars().all(fine) {
        let help = "as in `css a.next @href`".to_owned();
        return Err(cursor.error(from, "an attribute's name is missing", Some(help)));
    }
    Ok(Some(name))
}

/// Its text as people read it: any space between words is one.
fn text_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for piece in element.text() {
        for c in piece.chars() {
            match c.is_whitespace() {
                true if text.is_empty() || text.ends_with(' ') => {}
                true => text.push(' '),
                false => text.push(c),
            }
        }
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    const PAGE: &str = "<title>t</title><h1>  Hello\n <b>you</b>r </h1><ul class=menu><li><a href='/a'>A</a>\
        <li><a href='/b' class=next>B</a><li>C</ul>";

    fn read(text: &str) -> Result<Selection, GrammarError> {
        Selection::read(&mut Cursor::new(text))
    }

    #[test]
    fn a_selection_is_the_text_of_what_matches_or_an_attribute_of_it() {
        let page = Html::parse_document(PAGE);
        let found = |text: &str| read(text).unwrap().find(&page).unwrap();
        assert_eq!(found("h1"), ["Hello your"]);
        assert_eq!(found("\"ul.menu > li\""), ["A", "B", "C"]);
        assert_eq!(found("ul.menu>li:last-child"), ["C"]);
        assert_eq!(found("a @href"), ["/a", "/b"]);
        assert_eq!(found("a[href='/b'] @class"), ["next"]);
        assert!(found("\"ul p\"").is_empty());
        assert!(found("h1 @id").is_empty());
    }

    #[test]
    fn a_mistake_in_a_selection_has_its_column() {
        let error = |text: &str| read(text).unwrap_err();
        assert_eq!(error("").message, "a CSS selector is missing");
        assert_eq!(error("a[").message, "`a[` is no CSS selector");
        assert_eq!(error("\"li >\" == x").width, 6);
        assert_eq!((error("li @").at, error("li @").message.as_str()), (3, "an attribute's name is missing"));
    }

    #[test]
    fn a_hostile_page_is_given_up() {
        let find = |page: &str, text: &str| read(text).unwrap().find(&Html::parse_document(page));
        let nested = format!("{}{}", "<span>".repeat(300), "x".repeat(100_000));
        assert_eq!(find(&nested, "span"), None);
        assert_eq!(find(&nested, "span:first-child @id"), Some(Vec::new()));
        let deep = "<a><b><i>".repeat(8_000);
        assert_eq!(find(&deep, "\"x b i b i b i b\""), None);
    }
}
