//! The journey language: load, check, template, expect, save, run.
//!
//! A journey is a YAML file that says what a user or a device does, and what must come of it. [`Journey::load`]
//! compiles and cross-checks all of it and says everything that is wrong at once ([`document::Diagnostic`]);
//! [`Journey::run`] runs it once and leaves a [`Run`], inert data from which [`Run::observe`] makes what is judged.
//!
//! - `load` makes the journey out of the file, whose every value knows its place.
//! - `grammar` is the one line of an expectation: a query, a predicate, a value. `save` and [`Marker`] use it too.
//! - `answer` is what came back, and `check` whether it is what was expected.
//! - `functions` are what templates can call.
//! - `action` is what a step can do, a closed set; it works on the `session` that each run has for itself.
//! - `secret` keeps what must not be seen out of every text that leaves a run.
//! - `run` is the course of a run: attempts, `until`, timeouts, `finally`.

mod action;
mod answer;
mod artifacts;
mod check;
mod data;
mod effort;
mod functions;
mod grammar;
mod journey;
mod ledger;
mod load;
mod marker;
mod portion;
mod run;
pub mod schema;
mod secret;
mod session;
mod subject;
mod template;
mod variant;
mod vars;

pub use artifacts::Artifacts;
pub use grammar::GrammarError;
pub use journey::Journey;
pub use ledger::{Entry, Ledger};
pub use load::Known;
pub use marker::{Marker, Markers};
pub use portion::{PortionError, Unsaved};
pub use run::{Aims, Asked, At, Attempt, DiffLine, Hop, Miss, Piece, Run, RunContext, Sent, StepRun, Unmet};
pub use secret::{Clean, Redactor, Secrets};
pub use subject::Subject;
pub use template::{NAMES, is_free_name};
pub use variant::Variant;
