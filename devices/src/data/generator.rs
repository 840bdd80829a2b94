//! Where the values of datapoints come from. Pure: the time and the dice are arguments.

use std::f64::consts::TAU;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

/// Where the values of a fleet's datapoints come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Generator {
    /// Always the same value.
    Constant(f64),
    /// A wave over the time of day, each device at a phase of its own.
    Sine {
        /// The middle of the wave.
        mean: f64,
        /// How far it goes from there, up and down.
        amplitude: f64,
        /// From one crest to the next; at least a second.
        period: Duration,
    },
    /// A random walk that is turned back at its bounds. It begins in the middle.
    Walk {
        /// The lower bound.
        from: f64,
        /// The upper bound; above the lower one.
        to: f64,
        /// The longest step from one datapoint to the next; above nothing.
        step: f64,
    },
    /// Recorded values, over and over; device `n` begins at value `n`.
    Replay(Arc<[f64]>),
}

/// Why values cannot come from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GeneratorError {
    /// The wave is none.
    #[error("`period` is too short: at least a second")]
    Period,
    /// The walk has nowhere to go.
    #[error("`from` must be below `to`")]
    Bounds,
    /// The walk stands still.
    #[error("`step` must be above 0")]
    Step,
    /// There is nothing to replay.
    #[error("there is no value to replay")]
    Nothing,
}

/// A phase far from those of its neighbours for each device: multiples of the golden ratio spread best over a circle.
const GOLDEN: f64 = 0.618_033_988_749_895;

impl Generator {
    /// Whether values can come from there.
    ///
    /// # Errors
    /// Says which setting is wrong.
    pub fn check(&self) -> Result<(), GeneratorError> {
        match self {
            Self::Sine { period, .. } if *period < Duration::from_secs(1) => Err(GeneratorError::Period),
            Self::Walk { from, to, .. } if from >= to => Err(GeneratorError::Bounds),
            Self::Walk { step, .. } if *step <= 0.0 => Err(GeneratorError::Step),
            Self::Replay(values) if values.is_empty() => Err(GeneratorError::Nothing),
            Self::Constant(_) | Self::Sine { .. } | Self::Walk { .. } | Self::Replay(_) => Ok(()),
        }
    }

    /// The value of the `nth` datapoint (from 1) of device `index`, after `last`; `dice` is drawn evenly from `[0, 1)`.
    pub(crate) fn value(&self, last: Option<f64>, index: u32, nth: u64, at: DateTime<Utc>, dice: f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Sine { mean, amplitude, period } => {
                let turns = at.timestamp_millis() as f64 / 1000.0 / period.as_secs_f64();
                let phase = (turns + f64::from(index) * GOLDEN).fract();
                tidy(mean + amplitude * (TAU * phase).sin())
            }
            Self::Walk { from, to, step } => {
                let next = last.map_or((from + to) / 2.0, |last| last + step * (2.0 * dice - 1.0));
                let turned = if next > *to { 2.0 * to - next } else { next.max(2.0 * from - next) };
                // A step longer than the whole way would go out at the other end.
                tidy(turned.clamp(*from, *to)).clamp(*from, *to)
            }
            Self::Replay(values) => {
                let place = (nth + u64::from(index)) % (values.len() as u64).max(1);
                usize::try_from(place).ok().and_then(|place| values.get(place)).copied().unwrap_or_default()
            }
        }
    }
}

impl Default for Generator {
    /// A room's temperature: 20 to 24, up and down in ten minutes.
    fn default() -> Self {
        Self::Sine { mean: 22.0, amplitude: 2.0, period: Duration::from_secs(600) }
    }
}

/// No sensor gives more than three decimals.
fn tidy(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_wave_swings_about_its_mean_and_devices_are_out_of_step() {
        let wave = Generator::Sine { mean: 20.0, amplitude: 5.0, period: Duration::from_secs(60) };
        assert_eq!(wave.value(None, 0, 1, at(0), 0.5), 20.0);
        assert_eq!(wave.value(None, 0, 1, at(15), 0.5), 25.0);
        assert_eq!(wave.value(None, 0, 1, at(45), 0.5), 15.0);
        assert_eq!(wave.value(None, 0, 9, at(60), 0.5), 20.0);
        assert_ne!(wave.value(None, 0, 1, at(7), 0.5), wave.value(None, 1, 1, at(7), 0.5));
    }

    #[test]
    fn a_walk_stays_within_its_bounds_whatever_the_dice() {
        let walk = Generator::Walk { from: -1.0, to: 1.0, step: 0.7 };
        let mut value = walk.value(None, 3, 1, at(0), 0.9);
        assert_eq!(value, 0.0, "it begins in the middle");
        for n in 0..1000 {
            let dice = f64::from(n * 7919 % 1000) / 1000.0;
            let next = walk.value(Some(value), 3, 1, at(0), dice);
            assert!((-1.0..=1.0).contains(&next) && (next - value).abs() <= 0.701, "{value} -> {next}");
            value = next;
        }
        let wild = Generator::Walk { from: 0.0, to: 1.0, step: 100.0 };
        assert!((0.0..=1.0).contains(&wild.value(Some(0.5), 0, 1, at(0), 0.99)));
    }

    #[test]
    fn a_recording_goes_round_and_each_device_begins_elsewhere() {
        let replay = Generator::Replay([1.0, 2.0, 3.0].into());
        let values = |index| [1, 2, 3, 4].map(|seq| replay.value(None, index, seq, at(0), 0.0));
        assert_eq!(values(0), [2.0, 3.0, 1.0, 2.0]);
        assert_eq!(values(1), [3.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn what_gives_no_values_is_refused() {
        let walk = |from, to, step| Generator::Walk { from, to, step }.check();
        assert_eq!(walk(1.0, 1.0, 1.0), Err(GeneratorError::Bounds));
        assert_eq!(walk(0.0, 1.0, 0.0), Err(GeneratorError::Step));
        assert_eq!(Generator::Replay([].into()).check(), Err(GeneratorError::Nothing));
        let wave = Generator::Sine { mean: 0.0, amplitude: 1.0, period: Duration::from_millis(1) };
        assert_eq!(wave.check(), Err(GeneratorError::Period));
        assert_eq!(Generator::default().check(), Ok(()));
    }
}
