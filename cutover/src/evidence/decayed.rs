//! Counts of the past that weigh less the older they are.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Hits among trials, halved once in each half-life.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Decayed {
    hits: f64,
    trials: f64,
    at: Option<DateTime<Utc>>,
}

impl Decayed {
    /// Adds what was seen until `now`. A clock that was set back lets nothing decay.
    pub fn add(&mut self, hits: f64, trials: f64, now: DateTime<Utc>, half_life: TimeDelta) {
        let elapsed = self.at.map_or(0.0, |at| (now - at).as_seconds_f64().max(0.0));
        let left = (-elapsed / half_life.as_seconds_f64()).exp2();
        self.hits = self.hits * left + hits;
        self.trials = self.trials * left + trials;
        self.at = Some(now);
    }

    /// An upper limit of the rate; infinite where nothing was seen.
    pub fn upper_rate(&self) -> f64 {
        upper_rate(self.hits, self.trials)
    }
}

/// p = (k + 2 + 2 sqrt(k + 1)) / n: what the rate is not likely to lie above, for k hits among n trials.
pub(crate) fn upper_rate(k: f64, n: f64) -> f64 {
    (k + 2.0 + 2.0 * (k + 1.0).sqrt()) / n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_life_halves_and_a_clock_set_back_does_nothing() {
        let (start, half) = (DateTime::UNIX_EPOCH, TimeDelta::minutes(10));
        let mut counts = Decayed::default();
        assert_eq!(counts.upper_rate(), f64::INFINITY);
        counts.add(8.0, 800.0, start, half);
        assert!((counts.upper_rate() - (8.0 + 2.0 + 6.0) / 800.0).abs() < 1e-12);
        counts.add(0.0, 0.0, start + half, half);
        assert!((counts.hits - 4.0).abs() < 1e-12 && (counts.trials - 400.0).abs() < 1e-12);
        counts.add(0.0, 0.0, start - TimeDelta::days(9), half);
        assert!((counts.trials - 400.0).abs() < 1e-12);
    }
}
