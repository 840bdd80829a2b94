//! The calibration as a whole.

use std::sync::Arc;

use cutover::evidence::Settings;
use figures::{span, thousands};
use serde::Serialize;
use store::History;

use crate::propose::Proposed;
use crate::wander::{WINDOW, WINDOWS};
use crate::words::{name, percent, points};
use crate::{Basis, Forecast, Format, Proposal, ScopeSeen, Soak, seen, written};

/// So long a soak must be watched: windows of ten minutes, six of them.
const LEAST: f64 = (WINDOW * WINDOWS as i64) as f64;
/// So many pairs a journey must have: from fewer the judge learns nothing either.
const PAIRS: u64 = 100;
/// A soak that is shorter has not seen what a day brings.
const DAY: f64 = 86_400.0;

/// What is known beside the history.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The settings as they are configured.
    pub settings: Settings,
    /// The journeys that run in pairs, if a configuration says so; else every one that ran on both sides.
    pub paired: Option<Vec<Arc<str>>>,
}

/// What a soak shows, and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Calibration {
    /// The cutover's name.
    pub cutover: String,
    /// The soak, if there is one.
    pub soak: Option<Soak>,
    /// What was seen: all journeys together if there are several, then each with its variants.
    pub seen: Vec<ScopeSeen>,
    /// What is wrong with the new side already.
    pub findings: Vec<String>,
    /// What no margin helps against: no proposal is made for it.
    pub beyond: Vec<String>,
    /// What is missing; with anything missing, nothing is proposed.
    pub missing: Vec<String>,
    /// What cannot be told from this soak.
    pub remarks: Vec<String>,
    /// The settings that should be other ones; with nothing missing, all others fit.
    pub proposals: Vec<Proposal>,
    /// The settings with what is proposed.
    pub settings: Settings,
    /// What these will do, once it was simulated.
    pub forecast: Option<Forecast>,
}

impl Calibration {
    /// Works out what `history` shows.
    pub fn of(history: &History, wanted: &Wanted) -> Self {
        let mut calibration = Self {
            cutover: history.cutover.clone(),
            soak: None,
            seen: Vec::new(),
            findings: Vec::new(),
            beyond: Vec::new(),
            missing: Vec::new(),
            remarks: Vec::new(),
            proposals: Vec::new(),
            settings: wanted.settings.clone(),
            forecast: None,
        };
        let Some((soak, samples)) = Soak::find(&history.samples) else {
            let message =
                "there is no soak: no journey ran on old in phase `set` or `ready` in the time looked at";
            calibration.missing.push(message.to_owned());
            return calibration;
        };
        let paired = |journey: &str| {
            wanted.paired.as_ref().is_none_or(|paired| paired.iter().any(|known| **known == *journey))
        };
        let seen = seen::seen(&soak, samples, paired, wanted.settings.location_margin);
        calibration.missing = missing(&soak, &seen);
        if calibration.missing.is_empty() {
            let settings = &mut calibration.settings;
            let enough: Vec<_> = seen.iter().filter(|seen| seen.pairs >= PAIRS).cloned().collect();
            calibration.findings = findings(&enough, &wanted.settings);
            let Proposed { proposals, beyond } = Proposed::of(&enough, soak.basis, settings);
            (calibration.proposals, calibration.beyond) = (proposals, beyond);
            calibration.remarks = remarks(&soak, &seen, settings, history.unknown);
        }
        (calibration.soak, calibration.seen) = (Some(soak), seen);
        calibration
    }

    /// Whether everything could be proposed that should be.
    pub fn decided(&self) -> bool {
        self.missing.is_empty() && self.beyond.is_empty()
    }

    /// Writes it down.
    ///
    /// # Errors
    /// When a figure has no form in JSON: a fault in this room.
    pub fn render(&self, format: Format) -> Result<String, String> {
        match format {
            Format::Text => Ok(written::document(self).text()),
            Format::Markdown => Ok(written::document(self).markdown()),
            Format::Json => serde_json::to_string_pretty(self).map_err(|error| error.to_string()),
        }
    }
}

fn missing(soak: &Soak, seen: &[ScopeSeen]) -> Vec<String> {
    if seen.is_empty() {
        return vec!["no journey ran in pairs: at least one must run on both `old` and `new`".to_owned()];
    }
    let mut missing = Vec::new();
    if soak.watched < LEAST {
        let watched = span(soak.watched);
        missing.push(format!(
            "the soak was watched for {watched}: {} is the least, {} more",
            span(LEAST),
            span(LEAST - soak.watched)
        ));
    }
    if seen.iter().all(|seen| seen.pairs < PAIRS) {
        let most = seen.iter().map(|seen| seen.pairs).max().unwrap_or(0);
        missing.push(format!("no journey has more than {most} pairs: {PAIRS} are the least"));
    }
    missing
}

fn findings(seen: &[ScopeSeen], settings: &Settings) -> Vec<String> {
    let excess = seen.iter().filter_map(|seen| {
        let excess = seen.excess.filter(|excess| excess.shown)?;
        let [size, low, high] = [excess.size, excess.low, excess.high].map(points);
        let scope = name(&seen.scope);
        Some(format!("{scope}: {size} more of the runs fail on new already (95 %: {low} to {high})"))
    });
    let slower = seen.iter().filter_map(|seen| {
        let ratio = seen.ratio.filter(|ratio| ratio.medians > 1.0 + settings.location_margin)?;
        let scope = name(&seen.scope);
        Some(format!(
            "{scope}: runs take {:.2} times as long on new already; that is what `set` holds against it, and what \
             they are compared with from `go` on",
            ratio.medians
        ))
    });
    excess.chain(slower).collect()
}

fn remarks(soak: &Soak, seen: &[ScopeSeen], settings: &Settings, unknown: u64) -> Vec<String> {
    let mut remarks = Vec::new();
    if soak.basis == Basis::OldAgainstOld {
        remarks.push(
            "the new side was not up: how much more it fails and how much longer it takes is not known, and what \
             wanders on both sides alike counts here although it cancels in pairs; calibrate again in phase `set`"
                .to_owned(),
        );
    }
    if soak.watched < DAY {
        remarks.push("the soak is shorter than a day: what comes once a day may not be in it".to_owned());
    }
    for seen in seen {
        let scope = name(&seen.scope);
        if seen.pairs < PAIRS {
            let pairs = thousands(seen.pairs);
            remarks.push(format!("{scope} has {pairs} pairs: below {PAIRS} nothing is concluded from them"));
            continue;
        }
        match seen.wander {
            None => remarks.push(format!(
                "{scope} has fewer than {WINDOWS} windows with runs enough: whether its ratio wanders is not known"
            )),
            // A wander as large as the margin must stand out from chance.
            Some(wander) if wander.error > settings.location_margin / 2.0 => {
                let more = (2.0 * wander.error / settings.location_margin).powi(2).ceil();
                remarks.push(format!(
                    "{scope} runs too seldom: its ratio is known to {} in {}, so that a wander within the margin may \
                     hide in chance; {more:.0} times the pairs would tell",
                    percent(wander.error),
                    span(wander.window as f64)
                ));
            }
            Some(_) => {}
        }
    }
    if unknown > 0 {
        remarks.push(format!("{} records of the store are not understood, and left out", thousands(unknown)));
    }
    remarks
}

#[cfg(test)]
mod nights;
#[cfg(test)]
mod tests;
