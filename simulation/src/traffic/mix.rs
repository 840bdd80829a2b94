//! Traffic of journeys that need not be alike.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::{Environment, Traffic};

/// One journey of one's own traffic, as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Own {
    /// How often it runs in a pair.
    #[serde(with = "crate::span")]
    pub every: Duration,
    /// Its runs on the old side.
    pub old: Runs,
    /// Its runs on the new side.
    pub new: Runs,
}

/// What the runs on one side are like.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Runs {
    /// The share of them that fail (0 to 1).
    pub errors: f64,
    /// The median of their durations, in seconds.
    pub median: f64,
    /// The standard deviation of the logarithm of their durations, which are lognormal.
    pub sigma: f64,
}

/// Traffic as the trials run it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mix {
    journeys: Vec<Own>,
    weather: Option<(Environment, f64)>,
}

impl Mix {
    /// Traffic of one's own: nothing disturbs it beyond what was seen.
    pub(crate) fn own(journeys: &[Own]) -> Self {
        Self { journeys: journeys.to_vec(), weather: None }
    }

    pub(crate) fn journeys(&self) -> &[Own] {
        &self.journeys
    }

    /// What disturbs all of it, and the share of runs that fail when nothing does.
    pub(crate) const fn weather(&self) -> Option<(Environment, f64)> {
        self.weather
    }

    /// How many pairs it has a second.
    pub(crate) fn pairs_per_second(&self) -> f64 {
        let mut alike = BTreeMap::<Duration, u32>::new();
        self.journeys.iter().for_each(|journey| *alike.entry(journey.every).or_default() += 1);
        alike.into_iter().map(|(every, count)| f64::from(count) / every.as_secs_f64()).sum()
    }

    /// Gives each journey an interval.
    #[cfg(test)]
    pub(crate) fn every(&mut self, every: &[Duration]) {
        self.journeys.iter_mut().zip(every).for_each(|(journey, every)| journey.every = *every);
    }
}

impl From<Traffic> for Mix {
    fn from(traffic: Traffic) -> Self {
        let Traffic { journeys, every, errors, median, sigma, environment } = traffic;
        let runs = Runs { errors, median: median.as_secs_f64(), sigma };
        let own = Own { every, old: runs, new: runs };
        Self { journeys: vec![own; journeys], weather: Some((environment, errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rates_of_journeys_that_differ_add_up() {
        let mut mix = Mix::from(Traffic::default());
        assert_eq!(mix.pairs_per_second(), 4.0);
        mix.every(&[Duration::from_secs(1)]);
        assert!((mix.pairs_per_second() - 4.8).abs() < 1e-12);
    }
}
