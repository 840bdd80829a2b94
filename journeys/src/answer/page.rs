//! Reading a page as HTML, in bounded time.

use std::time::Duration;

use html5ever::driver::{ParseOpts, parse_document};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{Html, HtmlTreeSink};

use crate::effort::Effort;

/// The parser takes a time that grows with the square of how deep elements are nested: a megabyte of `<div>` takes minutes,
/// one of anything that people write some hundredths of a second.
const LONGEST: Duration = Duration::from_millis(500);
/// After so many bytes it is asked how long it took.
const PIECE: usize = 1024;

/// The page, or that it takes too long to read. There is no text that is no HTML.
pub(super) fn parse(text: &str) -> Result<Html, String> {
    let begun = Effort::begin();
    let mut parser = parse_document(HtmlTreeSink::new(Html::new_document()), ParseOpts::default());
    let mut rest = text;
    while !rest.is_empty() {
        if begun.spent() > LONGEST {
            return Err("a page that takes too long to read".to_owned());
        }
        let (piece, more) = rest.split_at(rest.floor_char_boundary(PIECE));
        parser.process(StrTendril::from_slice(piece));
        rest = more;
    }
    Ok(parser.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_in_pieces_and_a_hostile_one_is_given_up() {
        let long = format!("<p>{}</p><i>end</i>", "größe ".repeat(1_000));
        assert_eq!(parse(&long).map(|page| page.html()), Ok(Html::parse_document(&long).html()));
        for hostile in ["<div>", "<b></p>"] {
            let page = hostile.repeat((1024 * 1024) / hostile.len());
            assert_eq!(parse(&page).err().as_deref(), Some("a page that takes too long to read"));
        }
    }
}
