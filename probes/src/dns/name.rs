//! Names, as people write them.

use hickory_proto::rr::Name;

use super::LookupError;

/// The name, absolute: no search list is applied, as a device would not.
pub(super) fn parse(host: &str) -> Result<Name, LookupError> {
    let bad = |why: String| LookupError::BadName { host: host.to_owned(), why };
    if let Some(why) = flaw(host) {
        return Err(bad(why.to_owned()));
    }
    let mut name = Name::from_ascii(host).map_err(|error| bad(error.to_string()))?;
    name.set_fqdn(true);
    Ok(name)
}

/// What is wrong with a name as people write it; the rest the library says.
fn flaw(host: &str) -> Option<&'static str> {
    let relative = host.strip_suffix('.').unwrap_or(host);
    if host.is_empty() {
        Some("it is empty")
    } else if host.contains(char::is_whitespace) {
        Some("there is a space in it")
    } else if host != "." && relative.split('.').any(str::is_empty) {
        Some("there is nothing between two of its dots, or before the first")
    } else if relative.split('.').any(|label| label.len() > 63) {
        Some("a part of it has more than 63 characters")
    } else if relative.len() > 253 {
        Some("it has more than 253 characters")
    } else {
        None
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn names_are_absolute() {
        for (given, shown) in [
            ("api.acme.example", "api.acme.example."),
            ("acme.example.", "acme.example."),
            ("_mqtt._tcp.acme.example", "_mqtt._tcp.acme.example."),
            (".", "."),
        ] {
            assert_eq!(parse(given).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_name_says_why() {
        let refused = |host: &str| parse(host).unwrap_err().to_string();
        assert_eq!(refused(""), "`` is no DNS name: it is empty");
        assert!(refused("a b.example").ends_with("there is a space in it"));
        assert!(refused("a..example").ends_with("nothing between two of its dots, or before the first"));
        assert!(refused(".example").ends_with("nothing between two of its dots, or before the first"));
        assert!(refused(&format!("{}.example", "a".repeat(64))).ends_with("more than 63 characters"));
        assert!(refused(&["a"; 128].join(".")).ends_with("more than 253 characters"));
    }
}
