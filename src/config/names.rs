//! Names of things: hosts, and what the configuration itself names.

use document::{Key, Node, Source};

/// The longest name that anything may have.
const LONGEST: usize = 100;

/// A host name, lower-case and without the root's dot (RFC 1123 section 2.1, and the underscore of service names).
pub(super) fn host(node: &Node, source: &mut Source<'_>) -> Option<String> {
    let text = node.text(source)?;
    let name = text.strip_suffix('.').unwrap_or(&text).to_ascii_lowercase();
    let label = |label: &str| {
        let plain = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        (1..=63).contains(&label.len()) && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    if name.len() <= 253 && name.split('.').all(label) {
        return Some(name);
    }
    let help = "a host name such as `api.acme.example`, without scheme and port".to_owned();
    source.complain(node.place(), format!("`{text}` is no host name"), Some(help));
    None
}

/// Whether a key is fit to be a name that is shown and a label: printable, and not too long.
pub(super) fn fit(key: &Key, source: &mut Source<'_>) -> bool {
    let fit = (1..=LONGEST).contains(&key.name.chars().count()) && !key.name.chars().any(char::is_control);
    if !fit {
        source.complain(key.place, format!("a name has 1 to {LONGEST} printable characters"), None);
    }
    fit
}
