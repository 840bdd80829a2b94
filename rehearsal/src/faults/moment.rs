//! Moments: a mark of the cutover, and a while after it.

use std::{fmt, str::FromStr, time::Duration};

/// A point in the course of a cutover from which faults are timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The world has started; nobody needs to say so.
    Start,
    /// Data migration begins.
    Ready,
    /// The new side is up and is being validated.
    Set,
    /// Traffic is re-routed.
    Go,
}

impl Mark {
    /// All marks, in the order in which a cutover passes them.
    pub const ALL: [Self; 4] = [Self::Start, Self::Ready, Self::Set, Self::Go];

    /// The mark's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Ready => "ready",
            Self::Set => "set",
            Self::Go => "go",
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|mark| mark.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no mark: write `start`, `ready`, `set` or `go`"))
    }
}

/// A moment: so long after a mark. Written `go+10s`, or `set` for the mark itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The mark that is waited for.
    pub mark: Mark,
    /// How long after it.
    pub after: Duration,
}

impl Moment {
    /// The moment `seconds` after `mark`.
    #[must_use]
    pub const fn new(mark: Mark, seconds: u64) -> Self {
        Self { mark, after: Duration::from_secs(seconds) }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.after {
            Duration::ZERO => write!(f, "{}", self.mark),
            after => write!(f, "{}+{}", self.mark, humantime::format_duration(after)),
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mark, after) = text.split_once('+').map_or((text, None), |(mark, after)| (mark, Some(after)));
        let after = match after {
            None => Duration::ZERO,
            Some(after) => humantime::parse_duration(after)
                .map_err(|_| format!("`{after}` is not a duration: write it like `10s` or `500ms`"))?,
        };
        Ok(Self { mark: mark.parse()?, after })
    }
}

/// Something that is to happen at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timed<T> {
    /// What is to happen.
    pub what: T,
    /// When.
    pub at: Moment,
}

impl<T: fmt::Display> fmt::Display for Timed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.what, self.at)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_written() {
        for text in ["go+10s", "set", "start+1m 30s", "ready+250ms"] {
            assert_eq!(text.parse::<Moment>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_wrong_moment_says_what_is_wrong() {
        assert!("went+10s".parse::<Moment>().unwrap_err().contains("`went` is no mark"));
        assert!("go+ten".parse::<Moment>().unwrap_err().contains("`ten` is not a duration"));
        assert!("go+".parse::<Moment>().is_err());
    }
}
