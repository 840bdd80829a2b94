//! `trust:` certificate authorities beside the public ones.

use std::path::{Path, PathBuf};

use document::{Node, Source};
use probes::Trust;

use super::values::{one_or_more, pem};

/// Reads the section, if there is one.
pub(super) fn read(node: Option<&Node>, base: &Path, source: &mut Source<'_>) -> Option<Trust> {
    let own = node.map_or_else(Vec::new, |node| {
        one_or_more(node, source, |node, source| authority(node, base, source))
    });
    match Trust::new(&own) {
        Ok(trust) => Some(trust),
        Err(error) => {
            source.complain(node.map_or_else(Default::default, Node::place), error.to_string(), None);
            None
        }
    }
}

/// The file, where there is just one: curl takes no more.
pub(super) fn single(node: Option<&Node>, base: &Path, source: &Source<'_>) -> Option<PathBuf> {
    let node = node?;
    let only = match node.items() {
        Some([only]) => only,
        Some(_) => return None,
        None => node,
    };
    only.spelling(source).map(|path| base.join(path))
}

/// One file; looked at alone, so that what is wrong with it has a place.
fn authority(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<Vec<u8>> {
    let content = pem(node, base, source)?;
    match Trust::new(std::slice::from_ref(&content)) {
        Ok(_) => Some(content),
        Err(error) => {
            let message = error.to_string().replacen("CA file 1", "this file", 1);
            let help =
                "a CA certificate as PEM, such as `openssl x509 -in ca.der -inform der` writes it".to_owned();
            source.complain(node.place(), message, Some(help));
            None
        }
    }
}
