//! Durations, kept as a histogram of two significant digits.

use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest duration told apart, in microseconds: no run lasts longer than an hour.
const LONGEST: u64 = 3_600_000_000;

/// Quantiles of durations, from 1 us to an hour, within 1 %. Takes no memory before the first one is recorded.
#[derive(Debug, Default)]
pub(super) struct Quantiles(Option<Histogram<u32>>);

impl Quantiles {
    /// Adds a duration.
    pub(super) fn record(&mut self, took: Duration) {
        self.record_many(took, 1);
    }

    /// Adds a duration so many times.
    pub(super) fn record_many(&mut self, took: Duration, times: u32) {
        if self.0.is_none() {
            self.0 = Histogram::new_with_bounds(1, LONGEST, 2).ok();
        }
        if let Some(histogram) = &mut self.0 {
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            histogram.saturating_record_n(micros.max(1), times);
        }
    }

    /// The duration at a quantile (0 to 1), once there is any.
    pub(super) fn at(&self, quantile: f64) -> Option<Duration> {
        let histogram = self.0.as_ref()?;
        Some(Duration::from_micros(histogram.value_at_quantile(quantile)))
    }

    /// How many durations were recorded.
    pub(super) fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, Histogram::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_a_percent_and_absurd_durations_are_bounded() {
        let mut quantiles = Quantiles::default();
        assert_eq!(quantiles.at(0.5), None);
        (1..=1000).for_each(|ms| quantiles.record(Duration::from_millis(ms)));
        let median = quantiles.at(0.5).map_or(0, |took| took.as_millis());
        assert!((495..=505).contains(&median), "{median}");
        quantiles.record(Duration::MAX);
        quantiles.record(Duration::ZERO);
        assert_eq!(quantiles.count(), 1002);
    }
}
