//! Whether a fleet has more trouble on the new side than its devices there explain: sessions lost, sessions refused,
//! datapoints not acknowledged.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::words::counted;
use crate::evidence::{Detector, GUARD_BETS, Tally, share_products};
use crate::{Cause, Decision, DeviceEvent, DeviceState, FleetTally, Phase, Reason, Side};

/// Clean blocks that end it.
const CLEAN: u32 = 6;

/// Troubles in the order of [`Sides`]: their number, and what they are measured by.
const KINDS: usize = 3;

/// One fleet's troubles.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Trouble {
    open: Sides,
    began: Option<DateTime<Utc>>,
    detector: Detector<Sides>,
    standing: Option<(DateTime<Utc>, Sides)>,
    clean: u32,
}

/// By kind, and for the old and the new side: troubles, and exposure to them (seconds in session, or attempts).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Sides([[(f64, f64); 2]; KINDS]);

impl Tally for Sides {
    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.as_flattened_mut().iter_mut().zip(other.0.as_flattened()) {
            (mine.0, mine.1) = (mine.0 + theirs.0, mine.1 + theirs.1);
        }
    }
}

impl Default for Trouble {
    fn default() -> Self {
        let detector = Detector::new(GUARD_BETS.len());
        Self { open: Sides::default(), began: None, detector, standing: None, clean: 0 }
    }
}

impl Trouble {
    /// Takes one second.
    pub(crate) fn observe(&mut self, tally: &FleetTally) {
        self.began.get_or_insert(tally.at);
        for (at, side) in Side::BOTH.into_iter().enumerate() {
            let event = |event| f64::from(tally.events.get(&(event, Some(side))).copied().unwrap_or(0));
            let state = if side == Side::Old { DeviceState::Old } else { DeviceState::New };
            let here = tally.devices.iter().filter(|((_, is), _)| *is == state || *is == DeviceState::Both);
            let seconds = here.map(|(_, count)| f64::from(*count)).sum::<f64>();
            let refused = event(DeviceEvent::ConnectFailed);
            let seen = [
                (event(DeviceEvent::Disconnected), seconds),
                (event(DeviceEvent::DatapointFailed), seconds),
                (refused, refused + event(DeviceEvent::Connected)),
            ];
            for (sum, (troubles, exposure)) in self.open.0.iter_mut().zip(seen) {
                (sum[at].0, sum[at].1) = (sum[at].0 + troubles, sum[at].1 + exposure);
            }
        }
    }

    /// Closes the open block. `ratio` times as many troubles per exposure are tolerated on the new side.
    pub(crate) fn close_block(&mut self, ratio: f64, ln_threshold: f64) {
        let Some(began) = self.began.take() else { return };
        let open = std::mem::take(&mut self.open);
        let mut products = [0.0; 5];
        let mut told = false;
        for [(old, e_old), (new, e_new)] in open.0 {
            let Some(kind) = share_products(old, new, e_old, e_new, ratio) else { continue };
            products.iter_mut().zip(kind).for_each(|(sum, ln)| *sum += ln);
            told = true;
        }
        if let Some((_, sum)) = &mut self.standing {
            sum.merge(&open);
            self.clean = if products.iter().any(|ln| *ln > 0.0) { 0 } else { self.clean.saturating_add(1) };
        }
        let alarm = told.then(|| self.detector.step(began, &open, &products, ln_threshold)).flatten();
        if let Some(alarm) = alarm {
            self.clean = 0;
            self.standing.get_or_insert((alarm.since, alarm.sum));
        }
        self.standing.take_if(|_| self.clean >= CLEAN);
    }

    /// A phase begins: before a new attempt what was suspected is void.
    pub(crate) fn enter(&mut self, phase: Phase) {
        if matches!(phase, Phase::Ready | Phase::Set) {
            *self = Self::default();
        }
    }

    /// The logarithm of the evidence so far.
    pub(crate) fn ln(&self) -> f64 {
        self.detector.ln().max(0.0)
    }

    /// The reason to hold.
    pub(crate) fn reason(&self, fleet: &str) -> Option<Reason> {
        let (since, sum) = self.standing.as_ref()?;
        let words = ["lost session", "datapoint not acknowledged", "refused connection"];
        let per = |(troubles, exposure): (f64, f64)| troubles / exposure.max(1.0);
        // The kind in which the sides differ most.
        let kinds = sum.0.into_iter().zip(words);
        let (kind, word) =
            kinds.max_by(|(a, _), (b, _)| (per(a[1]) - per(a[0])).total_cmp(&(per(b[1]) - per(b[0]))))?;
        let [old, new] = kind;
        let (unit, scale) =
            if word == "refused connection" { ("100 attempts", 100.0) } else { ("device-hour", 3600.0) };
        let text = format!(
            "{fleet} has more trouble on new than its devices there explain: {} there, {:.1} per {unit}, against {:.1} \
             on old",
            counted(new.0 as u64, word),
            per(new) * scale,
            per(old) * scale
        );
        Some(Reason::plain(Cause::FleetTrouble, Decision::Hold, text, Some(*since)))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::Personality;

    /// Blocks of 10 s of 900 devices on old and 100 on new, with so many lost sessions in each block.
    fn after(blocks: i64, old: u32, new: u32, refused_on_new: u32, trouble: &mut Trouble) -> Option<String> {
        for block in 0..blocks {
            for second in 0..10 {
                let first = second == 0;
                let count = |count: u32| if first { count } else { 0 };
                let tally = FleetTally {
                    at: DateTime::UNIX_EPOCH + TimeDelta::seconds(10 * block + second),
                    fleet: "lamps".into(),
                    devices: [
                        ((Personality::AtTtl, DeviceState::Old), 900),
                        ((Personality::AtTtl, DeviceState::New), 100),
                    ]
                    .into(),
                    events: [
                        ((DeviceEvent::Disconnected, Some(Side::Old)), count(old)),
                        ((DeviceEvent::Disconnected, Some(Side::New)), count(new)),
                        ((DeviceEvent::Connected, Some(Side::Old)), 5),
                        ((DeviceEvent::Connected, Some(Side::New)), 5),
                        ((DeviceEvent::ConnectFailed, Some(Side::New)), count(refused_on_new)),
                    ]
                    .into(),
                    ..FleetTally::default()
                };
                trouble.observe(&tally);
            }
            trouble.close_block(2.0, 12.0);
        }
        trouble.reason("lamps").map(|reason| reason.text)
    }

    #[test]
    fn trouble_in_proportion_is_silent_and_trouble_on_new_alone_is_told_and_ends() {
        let mut trouble = Trouble::default();
        assert_eq!(after(500, 9, 1, 0, &mut trouble), None);
        let text = after(30, 9, 9, 0, &mut trouble);
        let said = "lamps has more trouble on new than its devices there explain: ";
        assert!(text.as_ref().is_some_and(|text| text.starts_with(said)), "{text:?}");
        assert!(text.is_some_and(|text| text.contains("lost sessions there, 32")));
        assert_eq!(after(10, 9, 1, 0, &mut trouble), None);
    }

    #[test]
    fn refused_connections_are_measured_by_attempts() {
        let mut trouble = Trouble::default();
        let text = after(60, 0, 0, 10, &mut trouble);
        assert!(text.as_ref().is_some_and(|text| text.contains("per 100 attempts")), "{text:?}");
    }
}
