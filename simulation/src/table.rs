//! What a simulation gives: inert figures. How they are shown is a mapping beside them.

use cutover::Cause;
use serde::Serialize;

use crate::{Environment, Method, Must, Plan, Scenario};

/// The figures of a whole simulation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Table {
    /// What was simulated: with the same plan the same figures come out.
    pub plan: Plan,
    /// The methods that were compared.
    pub methods: Vec<About>,
    /// Healthy traffic.
    pub nulls: Vec<NullRow>,
    /// Faults.
    pub rows: Vec<Row>,
}

/// What a method is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct About {
    /// The method.
    pub method: Method,
    /// Its parameters, with their source.
    pub parameters: &'static str,
}

/// One kind of healthy traffic.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NullRow {
    /// Its name.
    pub name: String,
    /// What disturbs it.
    pub environment: Environment,
    /// How many days of it were simulated.
    pub days: f64,
    /// How often each method called it bad, in the order of [`Method::ALL`].
    pub false_alarms: Vec<FalseAlarms>,
    /// Whether what is promised was seen: no false `rollback`.
    pub holds: bool,
    /// The median time from Go to our first `go`, in seconds; `None` if it came in less than half of all runs.
    pub time_to_go: Option<f64>,
    /// The share of the time in which our verdict was `go` (0 to 1).
    pub go_share: f64,
    /// How many pairs our judge asked for beside those that run anyway, as a share of these: what it costs the target.
    pub extra_pairs: f64,
}

/// How often a method called healthy traffic bad.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FalseAlarms {
    /// The method.
    pub method: Method,
    /// How often it began to.
    pub count: u64,
    /// The same per simulated week.
    pub per_week: f64,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    /// What was simulated.
    pub scenario: Scenario,
    /// What must come of it.
    pub must: Must,
    /// Whether it did; `None` where nothing is promised.
    pub holds: Option<bool>,
    /// How often it was simulated.
    pub trials: u32,
    /// How soon each method saw it, in the order of [`Method::ALL`].
    pub delays: Vec<Delays>,
    /// What our judge named most often as the gravest reason for `rollback`.
    pub cause: Option<Cause>,
    /// The time within which our judge said, in nine of ten trials, that the old side is failing, in seconds.
    pub old_failing: Option<f64>,
}

/// How soon a method saw a fault. A trial in which it cried wolf before the onset is left out of all but `early`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Delays {
    /// The method.
    pub method: Method,
    /// The median time from the onset, in seconds, with what was missed as for ever; `None` if half was missed.
    pub median: Option<f64>,
    /// The time within which nine of ten saw it; `None` if more than a tenth was missed.
    pub p90: Option<f64>,
    /// In how many trials it was not seen as long as was watched.
    pub missed: u32,
    /// In how many trials there was a false alarm before the onset.
    pub early: u32,
}

impl Table {
    /// Whether everything that is promised was seen.
    pub fn holds(&self) -> bool {
        self.nulls.iter().all(|row| row.holds) && self.rows.iter().all(|row| row.holds != Some(false))
    }
}
