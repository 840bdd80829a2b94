//! Names of things: hosts, and what the configuration itself names.

use std::sync::Arc;

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
    // The last label of a name is never a number: what has one is an address (RFC 1123 section 2.1).
    let address = name.rsplit('.').next().is_some_and(|label| label.chars().all(|c| c.is_ascii_digit()));
    if name.len() <= 253 && !address && name.split('.').all(label) {
        return Some(name);
    }
    let help = "a host name such as `api.acme.example`, without scheme and port".to_owned();
    source.complain(node.place(), format!("`{text}` is no host name"), Some(help));
    None
}

/// A text of the author's that is shown and a label: printable, and not too long.
pub(super) fn title(node: &Node, source: &mut Source<'_>) -> Option<Arc<str>> {
    let text = node.text(source)?;
    if printable(&text) {
        return Some(text.into());
    }
    source.complain(node.place(), unfit(), None);
    None
}

/// Whether a key is fit to be such a name.
pub(super) fn fit(key: &Key, source: &mut Source<'_>) -> bool {
    let fit = printable(&key.name);
    if !fit {
        source.complain(key.place, unfit(), None);
    }
    fit
}

fn printable(text: &str) -> bool {
    (1..=LONGEST).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && !text.trim().is_empty()
}

fn unfit() -> String {
    format!("a name has 1 to {LONGEST} printable characters")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<String> {
        let mut source = Source::new("t.yaml", text);
        let node = Node::read(&mut source).unwrap();
        host(&node, &mut source)
    }

    #[test]
    fn hosts_are_lower_case_and_no_addresses() {
        assert_eq!(name("API.acme.example.").as_deref(), Some("api.acme.example"));
        assert_eq!(name("_mqtt.acme.example").as_deref(), Some("_mqtt.acme.example"));
        assert_eq!(name("1.acme.example").as_deref(), Some("1.acme.example"));
        for bad in ["203.0.113.7", "a..b", "-a.b", "a.b:443", "https://a.b", "\"\"", "a b", "2001:db8::1"] {
            assert_eq!(name(bad), None, "{bad}");
        }
        assert_eq!(name(&"a.".repeat(200)), None);
    }
}
