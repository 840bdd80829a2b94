//! Multiwindow, multi-burn-rate alerts: how fast the error budget is being spent.
//!
//! Google, "The Site Reliability Workbook" (2018), chapter 5, "Alerting on SLOs", approach 6 and table 5-8: the two
//! rules that page. A window that is longer than what was seen takes what there is, which favours the method.

use super::bin::Bin;
use super::rates::MovingRate;

pub(super) const PARAMETERS: &str = "SLO 99.5 % on the new side: burn rate above 14.4 over 1 h and 5 min, or above 6 \
    over 6 h and 30 min (Google, SRE Workbook, ch. 5, table 5-8); looked at every 10 s";

/// The error budget of an SLO of 99.5 %.
const BUDGET: f64 = 0.005;

/// Burn rate, long window, short window: in bins.
const RULES: [(f64, usize, usize); 2] = [(14.4, 360, 30), (6.0, 2160, 180)];

/// The rules and what they have seen.
#[derive(Debug)]
pub(crate) struct BurnRate([[MovingRate; 2]; RULES.len()]);

impl Default for BurnRate {
    fn default() -> Self {
        Self(RULES.map(|(_, long, short)| [MovingRate::over(long), MovingRate::over(short)]))
    }
}

impl BurnRate {
    /// Takes one bin; says whether a rule fires.
    pub(crate) fn step(&mut self, bin: &Bin) -> bool {
        let mut fires = false;
        for (windows, (burn, ..)) in self.0.iter_mut().zip(RULES) {
            windows.iter_mut().for_each(|window| window.add(bin.new.failed, bin.new.runs));
            fires |= windows.iter().all(|window| window.rate() > burn * BUDGET);
        }
        fires
    }
}

#[cfg(test)]
mod tests {
    use super::super::bin::fixture::{bin, first};
    use super::*;

    #[test]
    fn an_outage_fires_when_it_has_burnt_enough_of_the_hour() {
        let mut rule = BurnRate::default();
        let healthy = || std::iter::repeat_with(|| bin((0, 0), (0.1, 0.1))).take(2_160);
        assert_eq!(first(|bin| rule.step(bin), healthy()), None);
        let outage = std::iter::repeat_with(|| bin((0, 40), (0.1, 0.1))).take(100);
        // 14.4 x 0.5 % = 7.2 % of an hour: 25.9 bins.
        assert_eq!(first(|bin| rule.step(bin), outage), Some(26));
    }

    #[test]
    fn it_stops_when_the_short_window_is_clean_again() {
        let mut rule = BurnRate::default();
        let fired = (0..30).filter(|_| rule.step(&bin((0, 40), (0.1, 0.1)))).count();
        assert_eq!(fired, 30);
        let clean = std::iter::repeat_with(|| bin((0, 0), (0.1, 0.1))).take(400);
        // The short window of the second rule: 3 % of half an hour are 5.4 bins, and 5 are left of it now.
        assert_eq!(first(|bin| !rule.step(bin), clean), Some(175));
    }
}
