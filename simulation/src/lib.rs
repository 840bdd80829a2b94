//! The promises of the evidence, reproduced on simulated traffic, beside what people use today.
//!
//! Both sides of a cutover are simulated, healthy or with a fault; the judge of `cutover` and four methods in common
//! use look at the same streams. The result is a table: how soon each of them sees each fault, and how often each of
//! them cries wolf. Nothing here performs I/O or reads a clock, and the same plan gives the same table on any number of
//! threads: every trial draws from its own streams of random numbers.

mod foresee;
mod methods;
mod parallel;
mod plan;
mod promises;
mod render;
mod scenario;
mod simulate;
mod span;
mod summary;
mod table;
mod traffic;
mod trial;

pub use foresee::{Foresight, foresee};
pub use methods::Method;
pub use plan::{Plan, PlanError};
pub use promises::{Must, Promise, nulls, promises};
pub use scenario::{Scenario, ScenarioError};
pub use simulate::{simulate, simulate_scenario};
pub use table::{About, Delays, FalseAlarms, NullRow, Row, Table};
pub use traffic::{Environment, Fault, Own, Ran, Runs, Spread, Traffic};
