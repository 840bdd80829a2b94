//! What every test here needs: processes that end with it, conditions that are awaited, and a canary to look at.

mod canary;
mod http;
mod process;
mod programs;
mod wait;

pub(crate) use canary::{Canary, Token, serin};
pub(crate) use http::{get, post};
pub(crate) use process::Process;
pub(crate) use programs::{foreign, missing};
pub(crate) use wait::eventually;
