//! Reading arguments: a single word, or a text in double quotes.

use super::{Cursor, GrammarError};

/// A text in double quotes, if one begins here. It is JSON's, so that its escapes are the ones everybody knows.
pub(crate) fn quoted(cursor: &mut Cursor<'_>) -> Result<Option<String>, GrammarError> {
    let rest = cursor.rest();
    let from = cursor.position();
    if !rest.starts_with('"') {
        return Ok(None);
    }
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    let Some(Ok(text)) = values.next() else {
        cursor.advance(rest.len());
        return Err(cursor.error(from, "the text has no closing quote, or a bad escape in it", None));
    };
    cursor.advance(values.byte_offset());
    Ok(Some(text))
}

/// What begins here, up to the first space that is neither in brackets nor in quotes.
pub(crate) fn bracketed<'t>(cursor: &mut Cursor<'t>) -> &'t str {
    let rest = cursor.rest();
    let text = &rest[..scan(rest, true).0];
    cursor.advance(text.len());
    text
}

/// Whether every bracket and every quote that is opened is closed.
pub(crate) fn is_closed(text: &str) -> bool {
    scan(text, false).1
}

/// How far a text goes, to its end or to the first space outside of brackets and quotes, and whether all of them are
/// closed there.
fn scan(text: &str, spaces_end: bool) -> (usize, bool) {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, _) if spaces_end && c.is_whitespace() && depth == 0 => return (index, true),
            _ => {}
        }
    }
    (text.len(), depth == 0 && quote.is_none())
}
