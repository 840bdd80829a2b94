//! The types that `is` knows.

use super::{Cursor, GrammarError, Query, Yields};
use document::did_you_mean;

/// What a value can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A number without a fraction; 7.0 is one.
    Integer,
    /// Any number.
    Number,
    /// A text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List,
    /// An object.
    Object,
    /// `null`.
    Null,
    /// A text that is a UUID with its hyphens (RFC 9562).
    Uuid,
    /// A text that is a date, or a date and a time.
    Date,
    /// A text that is an address of e-mail (RFC 5321).
    Email,
    /// A text that is an address of IPv4.
    Ipv4,
    /// A text that is an address of IPv6.
    Ipv6,
    /// A text that is a URL with a scheme and a host.
    Url,
}

impl Sort {
    /// All of them.
    pub(crate) const ALL: [Self; 13] = [
        Self::Integer,
        Self::Number,
        Self::String,
        Self::Boolean,
        Self::List,
        Self::Object,
        Self::Null,
        Self::Uuid,
        Self::Date,
        Self::Email,
        Self::Ipv4,
        Self::Ipv6,
        Self::Url,
    ];

    /// As it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Object => "object",
            Self::Null => "null",
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::Email => "email",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Url => "url",
        }
    }

    /// Reads one that the query can be.
    pub(super) fn read(cursor: &mut Cursor<'_>, query: &Query) -> Result<Self, GrammarError> {
        cursor.rest();
        let from = cursor.position();
        let word = cursor.word();
        // Text is always text: it can look like a number, and can be no list.
        let text = query.yields() == Yields::Text;
        let possible =
            |sort: &Sort| !text || !matches!(sort, Self::String | Self::List | Self::Object | Self::Null);
        let words: Vec<_> =
            Self::ALL.iter().filter(|sort| possible(sort)).map(|sort| sort.as_str()).collect();
        match Self::ALL.into_iter().find(|sort| sort.as_str() == word) {
            Some(sort) if possible(&sort) => Ok(sort),
            Some(_) => {
                let help = format!("one of {}", words.join(", "));
                Err(cursor.error(from, format!("`{}` is always text", query.word()), Some(help)))
            }
            None if word.is_empty() => {
                let help = format!("one of {}", words.join(", "));
                Err(cursor.error(from, "a type is missing", Some(help)))
            }
            None => Err(cursor.error(from, format!("`{word}` is no type"), Some(did_you_mean(word, words)))),
        }
    }
}
