//! Whether a value is of a type.

use std::net::{Ipv4Addr, Ipv6Addr};

use email_address::{EmailAddress, Options};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::stamp;
use crate::grammar::Sort;

impl Sort {
    /// Whether a JSON value is of this type.
    pub(super) fn is(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Integer, Value::Number(number)) => {
                !number.is_f64() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
            }
            (Self::Number, Value::Number(_))
            | (Self::String, Value::String(_))
            | (Self::Boolean, Value::Bool(_))
            | (Self::List, Value::Array(_))
            | (Self::Object, Value::Object(_))
            | (Self::Null, Value::Null) => true,
            // In JSON, a text that looks like a number is none.
            (Self::Integer | Self::Number | Self::Boolean, _) => false,
            (_, Value::String(text)) => self.is_text(text),
            _ => false,
        }
    }

    /// Whether a text, of which nothing says what it is, looks like this type.
    pub(super) fn is_text(self, text: &str) -> bool {
        match self {
            Self::Integer => json(text).is_some_and(|value| Self::Integer.is(&value)),
            Self::Number => json(text).is_some_and(|value| value.is_number()),
            Self::Boolean => matches!(text, "true" | "false"),
            Self::String => true,
            Self::List | Self::Object | Self::Null => false,
            // Other spellings have no hyphens, or braces.
            Self::Uuid => text.len() == 36 && Uuid::try_parse(text).is_ok(),
            Self::Date => stamp::of_text(text).is_some(),
            Self::Email => EmailAddress::parse_with_options(text, address()).is_ok(),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::Url => Url::parse(text).is_ok_and(|url| url.has_host()),
        }
    }
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// An address alone, without a name in front, at a domain that has a dot.
fn address() -> Options {
    Options::default().without_display_text().without_domain_literal().with_required_tld()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sorts(value: &Value) -> Vec<&'static str> {
        Sort::ALL.into_iter().filter(|sort| sort.is(value)).map(Sort::as_str).collect()
    }

    #[test]
    fn a_json_value_has_its_types() {
        let cases = [
            (json!(7), vec!["integer", "number"]),
            (json!(7.0), vec!["integer", "number"]),
            (json!(7.5), vec!["number"]),
            (json!(u64::MAX), vec!["integer", "number"]),
            (json!("7"), vec!["string"]),
            (json!(true), vec!["boolean"]),
            (json!([]), vec!["list"]),
            (json!({}), vec!["object"]),
            (json!(null), vec!["null"]),
            (json!("67e55044-10b1-426f-9247-bb680e5fe0c8"), vec!["string", "uuid"]),
            (json!("67e5504410b1426f9247bb680e5fe0c8"), vec!["string"]),
            (json!("2026-11-22"), vec!["string", "date"]),
            (json!("2026-11-22T08:00:00.5+01:00"), vec!["string", "date"]),
            (json!("2026-11-22T08:00:00"), vec!["string", "date"]),
            (json!("Sun, 22 Nov 2026 08:00:00 GMT"), vec!["string", "date"]),
            (json!("2026-13-22"), vec!["string"]),
            (json!("canary+1@acme.example"), vec!["string", "email"]),
            (json!("Robin <canary@acme.example>"), vec!["string"]),
            (json!("canary@acme"), vec!["string"]),
            (json!("192.0.2.1"), vec!["string", "ipv4"]),
            (json!("2001:db8::1"), vec!["string", "ipv6"]),
            (json!("https://acme.example/a?b=c"), vec!["string", "url"]),
            (json!("mailto:a@acme.example"), vec!["string"]),
            (json!("/a"), vec!["string"]),
        ];
        for (value, wanted) in cases {
            assert_eq!(sorts(&value), wanted, "{value}");
        }
    }

    #[test]
    fn a_text_looks_like_its_types() {
        let looks = |text: &str| {
            let sorts = Sort::ALL.into_iter().filter(|sort| sort.is_text(text) && *sort != Sort::String);
            sorts.map(Sort::as_str).collect::<Vec<_>>()
        };
        assert_eq!(looks("7"), ["integer", "number"]);
        assert_eq!(looks("-7.5e3"), ["integer", "number"]);
        assert_eq!(looks("0.5"), ["number"]);
        assert_eq!(looks("false"), ["boolean"]);
        for nothing in ["", "inf", "NaN", "True", "7 apples", "[]", "null"] {
            assert!(looks(nothing).is_empty(), "{nothing}");
        }
    }
}
