//! `serin once` in a process of its own, against a server of the test's: what it says, writes, and how it ends.

mod api;
mod check;
mod ends;
mod told;
