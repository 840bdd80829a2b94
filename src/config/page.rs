//! `page:` where people find the page.

use document::{Node, Source};
use url::Url;

/// The URL by which mails lead to the page: what is listened on may be an address that nobody else knows.
pub(super) fn read(node: &Node, source: &mut Source<'_>) -> Option<Url> {
    let text = node.text(source)?;
    let url = Url::parse(&text).ok();
    match url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        Some(url) if url.username().is_empty() && url.password().is_none() => Some(url),
        Some(_) => {
            source.hide(node.place);
            let help = "leave user and password out: the link stands in every mail".to_owned();
            source.complain(node.place(), "a secret does not belong into this file", Some(help));
            None
        }
        None => {
            let shown = super::hosts::shown(node, &text, source);
            let help = "the page's URL as people open it, such as `https://serin.acme.example/`".to_owned();
            source.complain(node.place(), format!("`{shown}` is no URL of a page"), Some(help));
            None
        }
    }
}
