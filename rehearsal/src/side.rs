//! The two sides of a cutover.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// One side of the rehearsed cutover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Where the service lives before the cutover.
    Old,
    /// Where it is to live after it.
    New,
}

impl Side {
    /// Both sides, the old one first.
    pub const BOTH: [Self; 2] = [Self::Old, Self::New];

    /// The side's name, which is also its marker: `old` or `new`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "old" => Ok(Self::Old),
            "new" => Ok(Self::New),
            other => Err(format!("`{other}` is not a side: write `old` or `new`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_read_back_from_its_name() {
        for side in Side::BOTH {
            assert_eq!(side.as_str().parse(), Ok(side));
        }
        assert!("blue".parse::<Side>().is_err());
    }
}
