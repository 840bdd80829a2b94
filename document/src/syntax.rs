//! What the YAML parser says, as somebody who writes YAML understands it, with the way out of the commonest traps.

use serde_yaml::Error;
use serde_yaml::budget::BudgetBreach;

use crate::node::{DEEPEST, MOST_NODES, place_of};
use crate::{Place, Source};

const TABS: &str = "indent with spaces: YAML takes no tabs there";

/// A pattern in the parser's words, and the way out of it.
const TRAPS: [(&str, &str); 9] = [
    ("tab", TABS),
    (
        "mapping values are not allowed",
        "compare its indentation with the lines above; a text with `: ` in it is put in quotes",
    ),
    (
        "placement of ':'",
        "is a `]`, a `}` or a quote missing before it? A text with `: ` in it is put in quotes",
    ),
    ("expected ',' or", "is a `]`, a `}` or a comma missing before it?"),
    ("quoted scalar", "is a quote missing at its end?"),
    ("unclosed bracket", "is the `]` or `}` that belongs to it missing?"),
    ("unexpected character", "a text that begins with this character is put in quotes"),
    ("did not find expected", "compare its indentation with the lines above"),
    ("indent", "compare its indentation with the lines above"),
];

/// Notes that the document is no YAML, in one line.
pub(crate) fn complain(source: &mut Source<'_>, error: &Error) {
    let mut place = error.location().map_or_else(Place::default, |location| place_of(&location));
    let (message, help) = match innermost(error) {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("the key `{key}` is given twice"), Some("put both into one".to_owned()))
        }
        Error::MultipleDocuments { .. } => {
            let help = "take out the line `---`, or make it two files".to_owned();
            ("there is a second YAML document in this file".to_owned(), Some(help))
        }
        Error::UnknownAnchor { .. } => {
            let help = "name it where it is first written: `&NAME` in front of the value".to_owned();
            ("no `&` before this line names what `*` stands for here".to_owned(), Some(help))
        }
        Error::NonFiniteFloat { value, .. } => (format!("`{value}` is no number"), None),
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => {
            (format!("this is nested more than {DEEPEST} levels deep: nothing in here needs that"), None)
        }
        Error::Budget { .. } => (
            format!(
                "this is too much: at most {MOST_NODES} values, with each `*` counted as what it stands for"
            ),
            None,
        ),
        other => {
            let said = other.to_string();
            if ["found a tab", "tabs disallowed"].iter().any(|words| said.contains(words)) {
                place = indenting_tab(source, place.line).unwrap_or(place);
            }
            syntax(source, place, other)
        }
    };
    source.complain(place, message, help);
}

/// The error itself, without the lines and the places that it is wrapped in.
fn innermost(error: &Error) -> &Error {
    match error.without_snippet() {
        Error::AliasError { error, .. } => innermost(error),
        error => error,
    }
}

/// The first tab that a line is indented with, from that line on: the parser names the line before, or what follows it.
fn indenting_tab(source: &Source<'_>, from: usize) -> Option<Place> {
    let indented = |line: &str| line.chars().take_while(|c| c.is_whitespace()).position(|c| c == '\t');
    let mut lines = source.text().lines().enumerate().skip(from.saturating_sub(1));
    lines.find_map(|(index, line)| Some(Place { line: index + 1, column: indented(line)? + 1, width: 1 }))
}

/// Whether a value in the line begins with a variable, and not with a quote.
fn begins_with_variable(line: &str) -> bool {
    let before = |at| line.get(..at).unwrap_or_default().trim_end().chars().last();
    line.match_indices("{{").any(|(at, _)| matches!(before(at), Some(':' | '-' | '[' | ',')))
}

/// Everything else is the syntax's.
fn syntax(source: &Source<'_>, place: Place, error: &Error) -> (String, Option<String>) {
    let line = source.line(place.line).unwrap_or_default();
    let said = error.to_string();
    // Advice for programmers, and the place, which is shown anyway, are left out.
    let said = said.split(" at line ").next().unwrap_or_default();
    let said = said.split(", set ").next().unwrap_or_default().trim();
    if said.contains("recursion limit") {
        return (format!("this is nested more than {DEEPEST} levels deep: nothing in here needs that"), None);
    }
    let help = if begins_with_variable(line) {
        Some("a value that begins with {{ is put in quotes: YAML takes it for a mapping")
    } else if line.contains('[') && line.contains("json $") {
        Some(
            "inside [ ] YAML reads brackets and commas itself: write one `- expectation` a line, or put it in quotes",
        )
    } else if line.contains(" #") && said.contains("bracket") {
        Some(
            "` #` begins a comment, and what closes it may be in there: a text with ` #` in it is put in quotes",
        )
    } else {
        TRAPS.into_iter().find(|(pattern, _)| said.contains(pattern)).map(|(_, help)| help)
    };
    (format!("this is not YAML: {said}"), help.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Node;

    fn refused(text: &str) -> String {
        let mut source = Source::new("t.yaml", text);
        assert!(Node::read(&mut source).is_none(), "accepted");
        source.into_rejected().to_string()
    }

    #[test]
    fn bad_yaml_is_one_line_with_a_place_and_a_way_out() {
        let shown = refused("steps:\n  - expect: [json $.items[0].value == 21.5]\n");
        assert!(shown.contains("t.yaml:2:"), "{shown}");
        assert!(shown.contains("one `- expectation` a line"), "{shown}");
        let shown = refused("a:\n\tb: 1\n");
        assert!(shown.contains("= help: indent with spaces"), "{shown}");
        let shown = refused("a: 1\na: 2\n");
        assert!(shown.starts_with("error: the key `a` is given twice\n --> t.yaml:2:1"), "{shown}");
    }

    #[test]
    fn the_commonest_slips_have_a_way_out() {
        let step = "steps:\n  - name: x\n    http: GET http://a.example/\n";
        let quotes = "a text that begins with this character is put in quotes";
        let variable = "a value that begins with {{ is put in quotes";
        for (line, help) in [
            ("  expect: [status == 200]", "compare its indentation with the lines above"),
            ("   expect: [status == 200]", "compare its indentation with the lines above"),
            ("    browser: [click: #a]", "` #` begins a comment"),
            ("    expect: [css #who exists]", "` #` begins a comment"),
            ("    expect: [status == 200", "is the `]` or `}` that belongs to it missing?"),
            ("    expect:\n      - {{ api }} == 3", variable),
            ("    json: {\"c\":{{ api }}}", variable),
            ("    json: [{{ api }}, 2]", variable),
            ("    text: @a", quotes),
            ("    text: `a`", quotes),
            ("    text: %a", quotes),
        ] {
            let shown = refused(&format!("{step}{line}\n"));
            assert!(shown.contains(&format!("= help: {help}")), "{line}: {shown}");
        }
    }

    #[test]
    fn a_tab_is_shown_where_it_is() {
        for (text, place) in [
            ("a: b\n\tc: d\n", "2:1"),
            ("a:\n  - b: c\n    d: e\n\tf: [g]\n", "4:1"),
            ("a:\n  - b: c\n  \td: e\n", "3:3"),
            ("a:\n\t- b\n", "2:1"),
        ] {
            let shown = refused(text);
            assert!(shown.contains(&format!("--> t.yaml:{place}\n")), "{text:?}: {shown}");
            assert!(shown.ends_with(&format!("= help: {TABS}")), "{text:?}: {shown}");
        }
    }

    #[test]
    fn hostile_documents_are_refused_before_they_grow() {
        let deep = "this is nested more than 32 levels deep";
        assert!(refused(&"[".repeat(200)).contains(deep));
        let mapping: String = (0..100).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        assert!(refused(&mapping).contains(deep));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let before = format!("*a{}", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![before; 10].join(", ")));
        }
        let shown = refused(&bomb);
        assert!(shown.contains("this is too much: at most 50000 values"), "{shown}");
    }
}
