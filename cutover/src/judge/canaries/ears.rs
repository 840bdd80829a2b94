//! What can be heard of one canary, on either side, and of which time that is known.
//!
//! Silence is what was not said while somebody listened. A connection that has died is known by its silence as well,
//! and later than a quick canary is due: so time counts only as far as the watch has shown that it heard all of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::judge::words::clock;
use crate::{CanaryLink, DeafSide, Hearing, Phase, RealCanary, Side};

/// The watch's ears for one canary; `None`: it is not listened for, and comes by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ears(Option<[Ear; 2]>);

/// What can be heard on one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Ear {
    Hears { since: DateTime<Utc>, until: DateTime<Utc> },
    Deaf { why: Arc<str>, since: Option<DateTime<Utc>> },
}

impl Ears {
    /// Before anybody has said that he listens.
    pub(super) fn of(canary: &RealCanary) -> Self {
        let deaf = || Ear::Deaf { why: "not subscribed yet".into(), since: None };
        Self(canary.subscribed.then(|| [deaf(), deaf()]))
    }

    /// Takes how the watch fares, folded at `now`.
    pub(super) fn link(&mut self, link: &CanaryLink, now: DateTime<Utc>) {
        let Some(ears) = &mut self.0 else { return };
        let (ear, until) = (&mut ears[link.side as usize], link.at.min(now));
        *ear = match &link.hearing {
            Hearing::All { since } => Ear::Hears { since: (*since).min(until), until },
            Hearing::Nothing { why } => {
                let since = match ear {
                    Ear::Hears { until, .. } => Some(*until),
                    Ear::Deaf { since, .. } => since.or(Some(until)),
                };
                Ear::Deaf { why: why.clone(), since }
            }
        };
    }

    /// Of a clock that was set back nothing may lie in the future.
    pub(super) fn past(&mut self, now: DateTime<Utc>) {
        for ear in self.0.iter_mut().flatten() {
            if let Ear::Hears { since, until } = ear {
                (*since, *until) = ((*since).min(now), (*until).min(now));
            }
        }
    }

    /// The time of which all is known wherever the canary could be in `phase`: since when, and until when. `None` where
    /// nothing can be heard.
    pub(super) fn known(&self, phase: Phase, now: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let ever = (DateTime::<Utc>::MIN_UTC, now);
        let Some(ears) = &self.0 else { return Some(ever) };
        needed(phase).iter().try_fold(ever, |known, side| match &ears[*side as usize] {
            Ear::Hears { since, until } => Some((known.0.max(*since), known.1.min(*until))),
            Ear::Deaf { .. } => None,
        })
    }

    /// The sides on which nothing can be heard.
    pub(super) fn deaf(&self) -> impl Iterator<Item = DeafSide> {
        Side::BOTH.into_iter().zip(self.0.iter().flatten()).filter_map(|(side, ear)| match ear {
            Ear::Hears { .. } => None,
            Ear::Deaf { why, since } => Some(DeafSide { side, since: *since, why: why.clone() }),
        })
    }

    /// Those sides in words.
    pub(super) fn deafness(&self) -> String {
        let told = self.deaf().map(|DeafSide { side, since, why }| {
            let since = since.map_or_else(String::new, |since| format!(" since {}", clock(since)));
            format!(": on {side} nothing can be heard{since} ({why})")
        });
        told.collect()
    }
}

/// Where a canary can be: the new side is up from `set` on and named from Go on, and the old one may be gone at last.
const fn needed(phase: Phase) -> &'static [Side] {
    match phase {
        Phase::Ready | Phase::Set => &[Side::Old],
        Phase::Go | Phase::RolledBack => &Side::BOTH,
        Phase::Settled => &[Side::New],
    }
}
