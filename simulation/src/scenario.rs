//! One situation: traffic, and a fault in it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Fault, Traffic};

/// Healthy traffic in which a fault begins some time after Go.
///
/// As a file: `name`, `traffic` (journeys, every, errors, median, sigma, environment) and `fault` (errors, slower, tail,
/// tail-times, side, journeys); whatever is left out is as in the specification, without a fault. Shares are fractions
/// of 1, spans have their unit. How long the soak is, and for how long a fault may be seen, is up to the
/// [`Plan`](crate::Plan).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Scenario {
    /// What it is called in the table.
    pub name: String,
    /// The traffic.
    pub traffic: Traffic,
    /// The fault.
    pub fault: Fault,
}

/// A scenario that makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{name}` is {value}: it must lie between {range}")]
pub struct ScenarioError {
    name: &'static str,
    value: String,
    range: &'static str,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            name: "a scenario without a name".to_owned(),
            traffic: Traffic::default(),
            fault: Fault::default(),
        }
    }
}

impl Scenario {
    /// The traffic of the specification with this fault.
    pub(crate) fn of(name: &str, fault: Fault) -> Self {
        Self { name: name.to_owned(), fault, ..Self::default() }
    }

    /// The scenario, if it makes sense.
    ///
    /// # Errors
    /// Names the first value that is out of its range.
    pub fn checked(self) -> Result<Self, ScenarioError> {
        let (traffic, fault) = (&self.traffic, &self.fault);
        let error = |name, value: String, range| Err(ScenarioError { name, value, range });
        if !(1..=10_000).contains(&traffic.journeys) {
            return error("traffic.journeys", traffic.journeys.to_string(), "1 and 10000");
        }
        let (second, hour) = (Duration::from_secs(1), Duration::from_secs(3600));
        if !(second..=hour).contains(&traffic.every) {
            return error("traffic.every", format!("{:?}", traffic.every), "1s and 1h");
        }
        if !(Duration::from_micros(10)..=hour).contains(&traffic.median) {
            return error("traffic.median", format!("{:?}", traffic.median), "10us and 1h");
        }
        let shares =
            [("traffic.errors", traffic.errors), ("fault.errors", fault.errors), ("fault.tail", fault.tail)];
        if let Some((name, share)) = shares.into_iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            return error(name, share.to_string(), "0 and 1");
        }
        if !(0.01..=1000.0).contains(&fault.tail_times) {
            return error("fault.tail-times", fault.tail_times.to_string(), "0.01 and 1000");
        }
        if !(-0.99..=1000.0).contains(&fault.slower) {
            return error("fault.slower", fault.slower.to_string(), "-0.99 and 1000");
        }
        if !(0.0..=3.0).contains(&traffic.sigma) {
            return error("traffic.sigma", traffic.sigma.to_string(), "0 and 3");
        }
        Ok(self)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::{Environment, Spread};
    use cutover::Side;

    #[test]
    fn what_is_left_out_is_as_in_the_specification() {
        let scenario: Scenario = serde_json::from_str(
            r#"{ "name": "sign-in is slow", "traffic": { "journeys": 8, "every": "10s", "environment": "diurnal" },
                 "fault": { "slower": 0.3, "journeys": "one" } }"#,
        )
        .unwrap();
        let scenario = scenario.checked().unwrap();
        assert_eq!((scenario.traffic.journeys, scenario.traffic.every), (8, Duration::from_secs(10)));
        assert_eq!(scenario.traffic.environment, Environment::Diurnal);
        assert_eq!((scenario.fault.side, scenario.fault.journeys), (Side::New, Spread::One));
        assert!((scenario.traffic.errors - 0.002).abs() < 1e-12);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let error = |text: &str| {
            let scenario: Scenario = serde_json::from_str(text).unwrap();
            scenario.checked().map_err(|error| error.to_string()).unwrap_err()
        };
        let message = error(r#"{ "traffic": { "journeys": 0 } }"#);
        assert_eq!(message, "`traffic.journeys` is 0: it must lie between 1 and 10000");
        let message = error(r#"{ "traffic": { "every": "1ms" } }"#);
        assert_eq!(message, "`traffic.every` is 1ms: it must lie between 1s and 1h");
        assert_eq!(
            error(r#"{ "fault": { "errors": 5 } }"#),
            "`fault.errors` is 5: it must lie between 0 and 1"
        );
        let unknown = serde_json::from_str::<Scenario>(r#"{ "traffic": { "every": "often" } }"#).unwrap_err();
        assert!(unknown.to_string().starts_with("`often` is no duration"), "{unknown}");
        assert!(serde_json::from_str::<Scenario>(r#"{ "fualt": {} }"#).is_err());
    }
}
