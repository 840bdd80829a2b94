//! What disturbs healthy traffic: the time of day and bursts, met by both sides at once, and blips of one side.

use std::f64::consts::TAU;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::draw::{Random, random};

const DAY: f64 = 86_400.0;

/// Over a day the error rate swings by this factor up and down, and durations by this share.
const ERRORS_SWING: f64 = 3.0;
const TIMES_SWING: f64 = 0.2;

/// Bursts a day that both sides meet, and how long one lasts, in seconds.
const BURSTS: usize = 6;
const BURST: f64 = 60.0;

/// Blips a day of each side alone, and how long one lasts, in seconds.
const BLIPS: usize = 2;
const BLIP: f64 = 15.0;

/// In a burst or blip runs fail at this rate, and those that pass take this many times as long.
const DISTURBED: Climate = Climate { errors: 0.2, times: 2.0 };

/// What traffic without a fault is like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// The same at any time.
    #[default]
    Steady,
    /// Error rate and durations swing over the day, and six times a day a burst of 60 s disturbs both sides at once.
    Diurnal,
    /// That, and twice a day each side has a blip of 15 s of its own.
    Blips,
}

/// What the runs of one side meet at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Climate {
    /// The share of them that fail.
    pub(crate) errors: f64,
    /// How many times as long as usual they take.
    pub(crate) times: f64,
}

/// The weather of one trial.
#[derive(Debug)]
pub(crate) struct Weather {
    environment: Environment,
    errors: f64,
    random: Random,
    /// When in the day the swing begins.
    swing: f64,
    day: Option<u64>,
    /// When today's bursts begin, and the blips of either side: in seconds of the day.
    bursts: [f64; BURSTS],
    blips: [[f64; BLIPS]; 2],
}

impl Weather {
    /// The weather for traffic that fails at the rate `errors` when nothing disturbs it.
    pub(crate) fn new(environment: Environment, errors: f64, seed: u64) -> Self {
        let mut random = random(seed);
        let swing = random.random::<f64>();
        Self {
            environment,
            errors,
            random,
            swing,
            day: None,
            bursts: [0.0; BURSTS],
            blips: [[0.0; BLIPS]; 2],
        }
    }

    /// What the old and the new side's runs meet at `seconds` after the start. Time must not go back.
    pub(crate) fn at(&mut self, seconds: f64) -> [Climate; 2] {
        if self.environment == Environment::Steady {
            return [Climate { errors: self.errors, times: 1.0 }; 2];
        }
        let day = (seconds / DAY) as u64;
        if self.day != Some(day) {
            self.begin_day(day);
        }
        let now = seconds - day as f64 * DAY;
        if self.bursts.iter().any(|begin| within(now, *begin, BURST)) {
            return [DISTURBED; 2];
        }
        let swing = (TAU * (seconds / DAY + self.swing)).sin();
        let errors = (self.errors * ERRORS_SWING.powf(swing)).min(1.0);
        let usual = Climate { errors, times: TIMES_SWING.mul_add(swing, 1.0) };
        let blips = self.environment == Environment::Blips;
        self.blips.map(|own| {
            let disturbed = blips && own.iter().any(|begin| within(now, *begin, BLIP));
            if disturbed { DISTURBED } else { usual }
        })
    }

    fn begin_day(&mut self, day: u64) {
        self.day = Some(day);
        let random = &mut self.random;
        self.bursts.fill_with(|| random.random_range(0.0..DAY - BURST));
        for own in &mut self.blips {
            own.fill_with(|| random.random_range(0.0..DAY - BLIP));
        }
    }
}

fn within(now: f64, begin: f64, lasts: f64) -> bool {
    now >= begin && now < begin + lasts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds of ten days in which the old side, the new side and both are disturbed; error rates else.
    fn ten_days(environment: Environment) -> ([f64; 3], Vec<f64>) {
        let mut weather = Weather::new(environment, 0.002, 11);
        let (mut disturbed, mut rates) = ([0.0; 3], Vec::new());
        for second in 0..10 * 86_400 {
            let [old, new] = weather.at(f64::from(second));
            match (old == DISTURBED, new == DISTURBED) {
                (true, true) => disturbed[2] += 1.0,
                (true, false) => disturbed[0] += 1.0,
                (false, true) => disturbed[1] += 1.0,
                (false, false) => {
                    assert_eq!(old, new, "what is not a blip is shared");
                    rates.push(old.errors);
                }
            }
        }
        (disturbed, rates)
    }

    #[test]
    fn steady_weather_never_changes() {
        let (disturbed, rates) = ten_days(Environment::Steady);
        assert_eq!(disturbed, [0.0; 3]);
        assert!(rates.iter().all(|rate| (rate - 0.002).abs() < 1e-12));
    }

    #[test]
    fn a_day_has_a_swing_and_six_shared_bursts() {
        let (disturbed, rates) = ten_days(Environment::Diurnal);
        assert_eq!(disturbed[..2], [0.0; 2]);
        // Sixty bursts of 60 s; a few may overlap.
        assert!((3_300.0..=3_600.0).contains(&disturbed[2]), "{disturbed:?}");
        let (least, most) = rates.iter().fold((1.0_f64, 0.0_f64), |(l, m), r| (l.min(*r), m.max(*r)));
        assert!((least - 0.002 / 3.0).abs() < 1e-6 && (most - 0.006).abs() < 1e-6, "{least} {most}");
    }

    #[test]
    fn each_side_has_two_blips_a_day_of_its_own() {
        let (disturbed, _) = ten_days(Environment::Blips);
        for own in &disturbed[..2] {
            assert!((250.0..=300.0).contains(own), "{disturbed:?}");
        }
    }
}
