//! The few numbers that a verdict depends on, with defaults that nobody needs to touch.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Margins, levels and the pace of the evidence. Valid by construction through [`Settings::checked`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How long a block is. Shorter blocks see sooner and smell less: the detector's product is capped per block.
    pub block: Duration,
    /// How many false `rollback`s a week are tolerated, in expectation, over all detectors together.
    pub false_alarms_per_week: f64,
    /// By how much of all runs the new side may fail more than the old one before that is evidence (d).
    pub error_margin: f64,
    /// By how much longer the new side may take than the old one, relative to the soak, before that is evidence (e).
    pub location_margin: f64,
    /// Within which margin non-inferiority must be shown over all paired journeys, for `go`.
    pub go_margin: f64,
    /// Within which margin it must be shown for each journey.
    pub go_margin_journey: f64,
    /// Within which margin it must be shown, over all paired journeys, that the new side takes no longer: 0.2 is 1.2
    /// times as long as in the soak.
    pub go_location: f64,
    /// The same for each journey.
    pub go_location_journey: f64,
    /// The level at which it must be shown: the probability of a wrong `go` at the margin.
    pub go_level: f64,
    /// Above which share of a fleet in session with both sides it is held.
    pub split_tolerated: f64,
    /// Above which share of a fleet without a session it is held.
    pub lost_tolerated: f64,
    /// How many times as many troubles as on the old side a fleet may have on the new one, per device and time (r).
    pub fleet_ratio: f64,
    /// How long after its deadline a resolver may still give the old answer: one round of asking, and the way.
    pub stale_grace: Duration,
}

/// A setting outside its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{name}` is {value}: {rule}")]
pub struct SettingsError {
    /// The setting, as it is written in the configuration.
    pub name: &'static str,
    value: String,
    rule: &'static str,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            block: Duration::from_secs(10),
            false_alarms_per_week: 1.0,
            error_margin: 0.0025,
            location_margin: 0.1,
            go_margin: 0.01,
            go_margin_journey: 0.05,
            go_location: 0.2,
            go_location_journey: 0.5,
            go_level: 0.001,
            split_tolerated: 0.05,
            lost_tolerated: 0.05,
            fleet_ratio: 2.0,
            stale_grace: Duration::from_secs(10),
        }
    }
}

impl Settings {
    /// The settings, if each lies in its range.
    ///
    /// # Errors
    /// Names the first setting that does not.
    pub fn checked(self) -> Result<Self, SettingsError> {
        let fraction = |name, value: f64| {
            let rule = "it must lie above 0 % and below 100 %";
            if value > 0.0 && value < 1.0 {
                Ok(())
            } else {
                Err(SettingsError { name, value: format!("{} %", value * 100.0), rule })
            }
        };
        fraction("error-margin", self.error_margin)?;
        fraction("go-margin", self.go_margin)?;
        fraction("go-margin-journey", self.go_margin_journey)?;
        fraction("go-level", self.go_level)?;
        fraction("split-tolerated", self.split_tolerated)?;
        fraction("lost-tolerated", self.lost_tolerated)?;
        fraction("location-margin", self.location_margin)?;
        fraction("go-location", self.go_location)?;
        fraction("go-location-journey", self.go_location_journey)?;
        if !(self.fleet_ratio > 1.0 && self.fleet_ratio <= 1000.0) {
            let (value, rule) = (self.fleet_ratio.to_string(), "it must lie above 1, up to 1000");
            return Err(SettingsError { name: "fleet-ratio", value, rule });
        }
        if !(Duration::from_secs(1)..=Duration::from_secs(300)).contains(&self.block) {
            let (value, rule) = (format!("{:?}", self.block), "it must lie between 1 s and 5 min");
            return Err(SettingsError { name: "block", value, rule });
        }
        if !(self.false_alarms_per_week > 0.0 && self.false_alarms_per_week <= 1000.0) {
            let (value, rule) = (self.false_alarms_per_week.to_string(), "it must lie above 0, up to 1000");
            return Err(SettingsError { name: "false-alarms-per-week", value, rule });
        }
        Ok(self)
    }

    /// Whether evidence gathered under `other` is evidence under these settings as well: the hypotheses are the same.
    pub(crate) fn same_hypotheses(&self, other: &Self) -> bool {
        let of = |s: &Self| {
            let margins =
                [s.error_margin, s.location_margin, s.go_margin, s.go_margin_journey, s.go_location];
            (s.block, margins, [s.go_location_journey, s.go_level, s.fleet_ratio])
        };
        of(self) == of(other)
    }

    /// The threshold A of each of `detectors` detectors, as a logarithm: A = M n_H / B for at most B false alarms
    /// in a horizon of n_H blocks, whatever their dependence (Bonferroni).
    pub fn ln_threshold(&self, detectors: usize) -> f64 {
        const WEEK: f64 = 7.0 * 24.0 * 3600.0;
        let blocks = WEEK / self.block.as_secs_f64();
        (detectors.max(1) as f64 * blocks / self.false_alarms_per_week).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_the_one_of_the_specification() {
        // One a week, 84 detectors, blocks of 10 s: ln A = 15.44.
        assert!((Settings::default().ln_threshold(84) - 15.44).abs() < 0.005);
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        let error = Settings { go_margin: 1.5, ..Settings::default() }.checked().map_err(|e| e.to_string());
        assert_eq!(error, Err("`go-margin` is 150 %: it must lie above 0 % and below 100 %".to_owned()));
        assert!(Settings { block: Duration::ZERO, ..Settings::default() }.checked().is_err());
        assert!(Settings { error_margin: f64::NAN, ..Settings::default() }.checked().is_err());
        assert!(Settings::default().checked().is_ok());
    }
}
