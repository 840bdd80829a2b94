//! Scales: from times and values to places, and the round ones among them that are named.

use chrono::{DateTime, TimeDelta, Utc};

use crate::spans::Span;

/// Steps between named times, in seconds.
const STEPS: [i64; 18] =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 7 * 86_400];

/// Times from left to right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    span: Span,
    left: f64,
    width: f64,
}

impl Times {
    pub(crate) const fn new(span: Span, left: f64, width: f64) -> Self {
        Self { span, left, width }
    }

    /// The place of a time; those outside the span are at its ends.
    pub(crate) fn x(&self, at: DateTime<Utc>) -> f64 {
        let whole = (self.span.to - self.span.from).num_milliseconds().max(1) as f64;
        let into = (at - self.span.from).num_milliseconds() as f64;
        self.left + self.width * (into / whole).clamp(0.0, 1.0)
    }

    /// Round times with their names, not more than fit.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let whole = (self.span.to - self.span.from).num_seconds().max(1);
        let most = (self.width / 90.0).max(2.0) as i64;
        let step = STEPS.into_iter().find(|step| whole / step <= most).unwrap_or(30 * 86_400);
        let format = match step {
            ..60 => "%H:%M:%S",
            60..86_400 => "%H:%M",
            _ => "%m-%d",
        };
        let first = (self.span.from.timestamp() / step + 1) * step;
        let times = (0..=most + 1).filter_map(|tick| DateTime::from_timestamp(first + tick * step, 0));
        let end = self.span.to + TimeDelta::milliseconds(1);
        times
            .take_while(|time| *time < end)
            .map(|time| (self.x(time), time.format(format).to_string()))
            .collect()
    }
}

/// Values from the bottom to the top, from 0 to a round one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values {
    top: f64,
    bottom: f64,
    most: f64,
    step: f64,
}

impl Values {
    /// A scale that reaches to the `greatest` value at least.
    pub(crate) fn new(greatest: f64, top: f64, bottom: f64) -> Self {
        let greatest = if greatest.is_finite() && greatest > 0.0 { greatest } else { 1.0 };
        let power = 10_f64.powf((greatest / 4.0).log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|round| round * power);
        let step = step.into_iter().find(|step| greatest / step <= 4.0).unwrap_or(power * 10.0);
        let most = (greatest / step).ceil() * step;
        Self { top, bottom, most, step }
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * (value / self.most).clamp(0.0, 1.0)
    }

    /// The round values.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        let count = (self.most / self.step).round() as u32;
        (0..=count).map(|tick| f64::from(tick) * self.step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_values_are_round_and_reach_to_the_greatest() {
        let ticks = |greatest| Values::new(greatest, 0.0, 100.0).ticks();
        assert_eq!(ticks(200.0), [0.0, 50.0, 100.0, 150.0, 200.0]);
        assert_eq!(ticks(7.0), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(ticks(f64::NAN).last(), Some(&1.0));
        assert!(ticks(0.043).last().is_some_and(|top| *top >= 0.043));
    }

    #[test]
    fn named_times_are_round_and_fit() {
        let from = DateTime::UNIX_EPOCH + TimeDelta::seconds(7);
        for seconds in [0, 1, 63, 5400, 86_400 * 3, 86_400 * 400] {
            let span = Span { from, to: from + TimeDelta::seconds(seconds) };
            let ticks = Times::new(span, 0.0, 900.0).ticks();
            assert!(ticks.len() <= 12, "{seconds}: {}", ticks.len());
        }
        let span = Span { from, to: from + TimeDelta::seconds(63) };
        assert_eq!(Times::new(span, 0.0, 900.0).ticks()[0].1, "00:00:10");
    }
}
