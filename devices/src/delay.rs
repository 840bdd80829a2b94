//! How long devices of a personality take to come back.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use cutover::Personality;

/// How long a device waits before it reconnects: after a reset, from dropping its sessions to asking DNS; when it moves
/// of its own accord, from the answer of DNS to the new connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delay {
    /// Not at all.
    #[default]
    None,
    /// Always as long: `5s`.
    Fixed(Duration),
    /// Evenly between two times: `0s..30s`.
    Uniform(Duration, Duration),
    /// Mostly short and sometimes long, so long on average: `exponential 10s`. Ten times that at most.
    Exponential(Duration),
}

/// The delays of all personalities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delays([Delay; Personality::ALL.len()]);

/// Why a text is no delay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no delay: write a time `5s`, two of them `0s..30s`, or an average `exponential 10s`; an hour at most"
)]
pub struct DelayError(String);

/// No device takes longer.
const LONGEST: Duration = Duration::from_secs(3_600);
/// An exponential delay is at most so many times its average (that cuts off one in 22,000).
const TAIL: f64 = 10.0;

impl Delay {
    /// A delay, with `dice` drawn evenly from `[0, 1)`.
    pub fn draw(self, dice: f64) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Fixed(time) => time,
            Self::Uniform(from, to) => from + to.saturating_sub(from).mul_f64(dice),
            Self::Exponential(mean) => mean.mul_f64((-(1.0 - dice).ln()).clamp(0.0, TAIL)),
        }
    }
}

impl FromStr for Delay {
    type Err = DelayError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = |text: &str| humantime::parse_duration(text.trim()).ok().filter(|time| *time <= LONGEST);
        let delay = if let Some(mean) = text.strip_prefix("exponential ") {
            time(mean).map(Self::Exponential)
        } else if let Some((from, to)) = text.split_once("..") {
            time(from).zip(time(to)).filter(|(from, to)| from <= to).map(|(from, to)| Self::Uniform(from, to))
        } else {
            time(text).map(Self::Fixed)
        };
        delay.ok_or_else(|| DelayError(text.chars().take(80).collect()))
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |time: &Duration| humantime::format_duration(*time);
        match self {
            Self::None => f.write_str("none"),
            Self::Fixed(fixed) => time(fixed).fmt(f),
            Self::Uniform(from, to) => write!(f, "{}..{}", time(from), time(to)),
            Self::Exponential(mean) => write!(f, "exponential {}", time(mean)),
        }
    }
}

impl Delays {
    /// The same, with the delay of one personality.
    #[must_use]
    pub fn with(mut self, personality: Personality, delay: Delay) -> Self {
        if let Some(place) = self.0.get_mut(personality as usize) {
            *place = delay;
        }
        self
    }

    /// The delay of a personality.
    pub fn of(&self, personality: Personality) -> Delay {
        self.0.get(personality as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read_and_drawn() {
        let draws = |text: &str| {
            let delay: Delay = text.parse().unwrap();
            assert_eq!(delay.to_string(), text);
            [0.0, 0.5, 1.0].map(|dice| delay.draw(dice).as_secs_f64())
        };
        assert_eq!(draws("5s"), [5.0; 3]);
        assert_eq!(draws("10s..30s"), [10.0, 20.0, 30.0]);
        let [least, median, most] = draws("exponential 10s");
        assert_eq!((least, most), (0.0, 100.0));
        assert!((median - 6.931).abs() < 0.01);
        let mean = (0..10_000).map(|n| "exponential 10s".parse::<Delay>().unwrap().draw(f64::from(n) / 1e4));
        let mean = mean.map(|delay| delay.as_secs_f64()).sum::<f64>() / 1e4;
        assert!((mean - 10.0).abs() < 0.05, "{mean}");
        assert_eq!(Delay::None.draw(0.9), Duration::ZERO);
    }

    #[test]
    fn what_is_no_delay_is_refused() {
        for text in ["", "5", "30s..0s", "..", "exponential", "exponential x", "2h", "normal 5s"] {
            assert!(text.parse::<Delay>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_personality_has_its_own() {
        let delays = Delays::default().with(Personality::Both, Delay::Fixed(LONGEST));
        for personality in Personality::ALL {
            let expected = if personality == Personality::Both { Delay::Fixed(LONGEST) } else { Delay::None };
            assert_eq!(delays.of(personality), expected);
        }
    }
}
