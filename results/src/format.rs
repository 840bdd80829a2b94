//! The formats of a report.

use std::fmt;
use std::str::FromStr;

use crate::{Results, html, json, junit, tap};

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// JUnit's XML, as GitLab and Jenkins read it.
    Junit,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// Everything, for programs.
    Json,
    /// A page for people, complete in itself.
    Html,
}

impl Format {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Junit, Self::Tap, Self::Json, Self::Html];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Junit => "junit",
            Self::Tap => "tap",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// The report in this format.
    ///
    /// # Errors
    /// When it cannot be written down, which is a fault of ours: nothing from outside leads to it.
    pub fn render(self, results: &Results) -> Result<String, String> {
        match self {
            Self::Junit => Ok(junit::write(results)),
            Self::Tap => Ok(tap::write(results)),
            Self::Json => json::write(results).map_err(|error| error.to_string()),
            Self::Html => html::page(results).map_err(|error| error.to_string()),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or(())
    }
}
