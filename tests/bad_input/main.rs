//! Bad input, wrong usage and endings, through the program itself: what it says, and with which code it ends.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod endings;
mod files;
mod import;
mod mistaken;
mod once;
mod program;
mod setting;
mod start;
mod token;
mod usage;
