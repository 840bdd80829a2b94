//! Resets: what became of each in each fleet.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cutover::{ResetSums, Stragglers};
use figures::{seconds, thousands};
use serde::Serialize;
use store::{Event, What};

use crate::words::names;

/// The last resets that are shown to people, counted by fleet.
const SHOWN: usize = 100;

/// What became of one reset in one fleet, as far as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResetPart {
    /// The fleet.
    pub fleet: Arc<str>,
    /// When it was so: when the last of it changed.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub sums: ResetSums,
}

/// The heads of the figures below.
pub(crate) const HEADS: [&str; 9] = [
    "meant",
    "received",
    "obeyed",
    "back on new",
    "back on old",
    "elsewhere",
    "slowest",
    "not back",
    "missed",
];

/// A figure, and who is behind it by name, where that is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) value: String,
    pub(crate) names: String,
}

impl ResetPart {
    /// The figures as people read them.
    pub(crate) fn cells(&self) -> [Cell; 9] {
        let sums = &self.sums;
        let plain = |value: String| Cell { value, names: String::new() };
        let count = |count: u32| plain(thousands(u64::from(count)));
        let behind = |who: &Stragglers| Cell { names: names(who), ..count(who.count) };
        let none = || plain("-".to_owned());
        [
            // Whoever sent it may not have said whom it meant.
            if sums.meant > 0 { count(sums.meant) } else { none() },
            count(sums.received),
            count(sums.obeyed),
            count(sums.returned_new),
            count(sums.returned_old),
            count(sums.returned_other),
            if sums.returned() > 0 { plain(seconds(f64::from(sums.slowest_ms) / 1e3)) } else { none() },
            behind(&sums.away),
            behind(&sums.missed),
        ]
    }
}

/// The last that was said of each, in the order in which they began.
pub(crate) fn parts(events: &[Event]) -> Vec<ResetPart> {
    let mut parts: Vec<ResetPart> = Vec::new();
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for event in events {
        let What::ResetSums(said) = &event.what else { continue };
        let part = ResetPart { fleet: said.fleet.clone(), at: event.at, sums: said.sums.clone() };
        let place = *places.entry((&said.fleet, &said.sums.id)).or_insert(parts.len());
        match parts.get_mut(place) {
            Some(known) => *known = part,
            None => parts.push(part),
        }
    }
    parts
}

/// Those that are shown: a broker may send as many instructions as it likes. The JSON has all of them.
pub(crate) fn shown(parts: &[ResetPart]) -> &[ResetPart] {
    &parts[parts.len().saturating_sub(SHOWN)..]
}

#[cfg(test)]
mod tests {
    use cutover::FleetReset;

    use super::*;

    #[test]
    fn the_last_that_was_said_of_a_reset_counts() {
        let said = |second, id: &str, sums: ResetSums| Event {
            at: DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(second),
            what: What::ResetSums(FleetReset {
                fleet: "lamps".into(),
                sums: ResetSums { id: id.into(), ..sums },
            }),
        };
        let missed = Stragglers { count: 2, names: vec!["lamps-000003".to_owned()] };
        let later = ResetSums {
            received: 7,
            obeyed: 7,
            returned_new: 7,
            slowest_ms: 1_500,
            missed,
            ..ResetSums::default()
        };
        let events = [
            said(1, "go", ResetSums { received: 5, ..ResetSums::default() }),
            said(2, "back", ResetSums { meant: 9, ..ResetSums::default() }),
            said(3, "go", later),
        ];
        let parts = parts(&events);
        let ids: Vec<_> = parts.iter().map(|part| (&*part.sums.id, part.at.timestamp())).collect();
        assert_eq!(ids, [("go", 3), ("back", 2)]);
        let cells = parts.iter().map(|part| part.cells().map(|cell| cell.value));
        let expected = [
            ["-", "7", "7", "7", "0", "0", "1.50 s", "0", "2"],
            ["9", "0", "0", "0", "0", "0", "-", "0", "0"],
        ];
        assert_eq!(cells.collect::<Vec<_>>(), expected);
        assert_eq!(parts[0].cells()[8].names, "lamps-000003, ..");
    }
}
