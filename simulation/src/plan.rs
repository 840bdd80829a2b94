//! How much is simulated.

use std::time::Duration;

use figures::span;
use serde::Serialize;

const MOST_TRIALS: u32 = 100_000;
const MOST_DAYS: f64 = 10_000.0;

/// The size of a simulation. The same plan gives the same table, on any number of threads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// How often each fault is simulated.
    pub trials: u32,
    /// How many days of each kind of healthy traffic are simulated.
    pub days: f64,
    /// Everything that is drawn at random follows from it.
    pub seed: u64,
    /// On how many threads: it changes nothing but the time that it takes.
    #[serde(skip)]
    pub threads: usize,
    /// How long both sides are compared before Go, healthy.
    #[serde(with = "crate::span")]
    pub soak: Duration,
    /// How long both sides are healthy after Go, at the least, before a fault begins.
    #[serde(with = "crate::span")]
    pub settle: Duration,
    /// For how long after its onset a fault may be seen: what is not seen by then is missed.
    #[serde(with = "crate::span")]
    pub watch: Duration,
}

/// A plan that cannot be carried out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{name}` is {value}: it must lie between {range}")]
pub struct PlanError {
    name: &'static str,
    value: String,
    range: &'static str,
}

impl Default for Plan {
    /// The whole table: 60 days of each kind of healthy traffic, and 200 trials of each fault.
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self {
            trials: 200,
            days: 60.0,
            seed: 1,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            soak: minutes(120),
            settle: minutes(20),
            watch: minutes(60),
        }
    }
}

impl Plan {
    /// A table of the same shape within seconds: its figures are rough.
    pub fn quick() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self {
            trials: 3,
            days: 0.05,
            soak: minutes(20),
            settle: minutes(2),
            watch: minutes(20),
            ..Self::default()
        }
    }

    /// The plan, if it can be carried out.
    ///
    /// # Errors
    /// Names the first number that is out of its range.
    pub fn checked(self) -> Result<Self, PlanError> {
        let error = |name, value: String, range| Err(PlanError { name, value, range });
        if !(1..=MOST_TRIALS).contains(&self.trials) {
            return error("trials", self.trials.to_string(), "1 and 100000");
        }
        if !(self.days > 0.0 && self.days <= MOST_DAYS) {
            return error("days", self.days.to_string(), "0 and 10000");
        }
        if !(1..=1024).contains(&self.threads) {
            return error("threads", self.threads.to_string(), "1 and 1024");
        }
        let minute = Duration::from_secs(60);
        for (name, time) in [("soak", self.soak), ("settle", self.settle), ("watch", self.watch)] {
            if !(minute..=minute * 60 * 24 * 7).contains(&time) {
                return error(name, span(time.as_secs_f64()), "1 min and 7 days");
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_carried_out_is_named() {
        assert!(Plan::default().checked().is_ok() && Plan::quick().checked().is_ok());
        let error = |plan: Plan| plan.checked().map_err(|error| error.to_string());
        let none = error(Plan { trials: 0, ..Plan::quick() });
        assert_eq!(none, Err("`trials` is 0: it must lie between 1 and 100000".to_owned()));
        assert!(error(Plan { days: f64::NAN, ..Plan::quick() }).is_err());
        let short = error(Plan { soak: Duration::from_secs(5), ..Plan::quick() });
        assert_eq!(short, Err("`soak` is 5 s: it must lie between 1 min and 7 days".to_owned()));
    }
}
