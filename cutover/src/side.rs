//! The two sides, and the three different ways in which a run has to do with one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the two sides of a cutover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Where the service lives before the cutover.
    Old,
    /// Where it is moved to.
    New,
}

/// How a run is aimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Pinned to the old side's address; Host, SNI and certificate checks unchanged.
    Old,
    /// Pinned to the new side's address.
    New,
    /// Follows DNS, as its user would.
    Live,
}

/// The side whose addresses hold the peer that was really connected: read off the socket, never looked up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reached {
    /// An address of the old side.
    Old,
    /// An address of the new side.
    New,
    /// An address of neither side.
    Other,
}

/// The side whose marker the answer bears. Reached old and answered new is *forwarded*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answered {
    /// The old application answered.
    Old,
    /// The new application answered.
    New,
    /// The answer bears no marker, or there was none to look for.
    Unmarked,
}

impl Side {
    /// Both sides, old first.
    pub const BOTH: [Self; 2] = [Self::Old, Self::New];

    /// The word used in configuration, labels and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }

    /// The opposite side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }
}

impl Route {
    /// The word used in configuration, labels and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
            Self::Live => "live",
        }
    }

    /// The side to which this route is pinned; `None` for the one that follows DNS.
    pub const fn pinned(self) -> Option<Side> {
        match self {
            Self::Old => Some(Side::Old),
            Self::New => Some(Side::New),
            Self::Live => None,
        }
    }
}

impl From<Side> for Route {
    fn from(side: Side) -> Self {
        match side {
            Side::Old => Self::Old,
            Side::New => Self::New,
        }
    }
}

impl Reached {
    /// The word used in labels and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
            Self::Other => "other",
        }
    }

    /// The side, if it was one of the two.
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Old => Some(Side::Old),
            Self::New => Some(Side::New),
            Self::Other => None,
        }
    }
}

impl From<Side> for Reached {
    fn from(side: Side) -> Self {
        match side {
            Side::Old => Self::Old,
            Side::New => Self::New,
        }
    }
}

impl Answered {
    /// The word used in labels and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
            Self::Unmarked => "unmarked",
        }
    }
}

impl From<Side> for Answered {
    fn from(side: Side) -> Self {
        match side {
            Side::Old => Self::Old,
            Side::New => Self::New,
        }
    }
}

macro_rules! display_as_str {
    ($($name:ty),*) => { $(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )* };
}
display_as_str!(Side, Route, Reached, Answered);

/// The text was none of the words of a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no {what}: it is one of {words}")]
pub struct UnknownWord {
    pub(crate) given: String,
    pub(crate) what: &'static str,
    pub(crate) words: &'static str,
}

impl FromStr for Side {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "old" => Ok(Self::Old),
            "new" => Ok(Self::New),
            _ => Err(UnknownWord { given: text.to_owned(), what: "side", words: "old, new" }),
        }
    }
}

impl FromStr for Route {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "old" => Ok(Self::Old),
            "new" => Ok(Self::New),
            "live" => Ok(Self::Live),
            _ => Err(UnknownWord { given: text.to_owned(), what: "route", words: "old, new, live" }),
        }
    }
}
