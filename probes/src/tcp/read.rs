//! How much of what a peer says is read.

use std::fmt;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use regex::bytes::Regex;

/// The most that is read at once, in bytes.
pub const MOST: usize = 1024 * 1024;

/// How much of what a peer says is read.
#[derive(Debug, Clone)]
pub enum Until {
    /// A line; its end (LF or CR LF) is taken and not given.
    Line,
    /// All of it, until the peer closes the connection.
    Close,
    /// So many bytes.
    Bytes(usize),
    /// As much as it takes until this matches; the match is the last of what is given.
    Match(Regex),
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The bytes.
    pub bytes: Bytes,
    /// Until the first of them came; zero where it was there already.
    pub wait: Duration,
    /// From the first of them to the last.
    pub transfer: Duration,
}

impl Until {
    /// Takes what is to be read out of what came, if all of it came. `seen` is how much of it was looked at before.
    pub(super) fn take(&self, came: &mut BytesMut, seen: usize, closed: bool) -> Option<Bytes> {
        let (given, taken) = match self {
            Self::Line => {
                let end = seen + came.get(seen..)?.iter().position(|byte| *byte == b'\n')?;
                let before = came.get(..end)?;
                (before.strip_suffix(b"\r").unwrap_or(before).len(), end + 1)
            }
            Self::Close if closed => (came.len(), came.len()),
            Self::Close => return None,
            Self::Bytes(wanted) if came.len() >= *wanted => (*wanted, *wanted),
            Self::Bytes(_) => return None,
            Self::Match(regex) => {
                let end = regex.find(came)?.end();
                (end, end)
            }
        };
        let bytes = came.get(..given).map(Bytes::copy_from_slice);
        came.advance(taken);
        bytes
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => f.write_str("a whole line"),
            Self::Close => f.write_str("the end of the connection"),
            Self::Bytes(1) => f.write_str("a byte"),
            Self::Bytes(wanted) => write!(f, "{wanted} bytes"),
            Self::Match(regex) => write!(f, "what matches /{regex}/"),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn take(until: &Until, came: &str, closed: bool) -> Option<(String, String)> {
        let mut came = BytesMut::from(came);
        let bytes = until.take(&mut came, 0, closed)?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Some((text(&bytes), text(&came)))
    }

    fn both(given: &str, left: &str) -> Option<(String, String)> {
        Some((given.to_owned(), left.to_owned()))
    }

    #[test]
    fn what_is_left_stays() {
        assert_eq!(take(&Until::Line, "STORED\r\nEND\r\n", false), both("STORED", "END\r\n"));
        assert_eq!(take(&Until::Line, "\n\n", false), both("", "\n"));
        assert_eq!(take(&Until::Line, "a\rb", true), None);
        assert_eq!(take(&Until::Bytes(2), "abc", false), both("ab", "c"));
        assert_eq!(take(&Until::Bytes(4), "abc", true), None);
        assert_eq!(take(&Until::Close, "abc", false), None);
        assert_eq!(take(&Until::Close, "abc", true), both("abc", ""));
        let end = Until::Match(Regex::new(r"END\r\n").unwrap());
        assert_eq!(take(&end, "VALUE x\r\nEND\r\nmore", false), both("VALUE x\r\nEND\r\n", "more"));
        assert_eq!(take(&end, "VALUE x\r\nEND", false), None);
    }

    #[test]
    fn a_line_is_looked_for_where_nobody_has_looked() {
        let mut came = BytesMut::from("abc\n");
        assert_eq!(Until::Line.take(&mut came, 3, false).unwrap(), "abc");
        assert_eq!(Until::Line.take(&mut came, 3, false), None);
    }
}
