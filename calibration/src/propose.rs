//! The settings that follow from a soak, each with its reason. None is below its default, nor below what is configured.

use cutover::Scope;
use cutover::evidence::Settings;
use figures::thousands;
use serde::Serialize;

use crate::words::{name, percent, points};
use crate::{Basis, ScopeSeen, go};

/// A margin beyond this is no margin: what asks for it is to be mended.
const MOST_ERRORS: f64 = 0.05;
const MOST_LOCATION: f64 = 0.5;
/// The same for `go`, over all journeys and for each.
const MOST_GO: [f64; 2] = [0.1, 0.25];
/// `go` may take so many times the pairs that it takes where nothing fails.
const PATIENCE: u64 = 4;

/// A setting that should be another one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// Its key under `evidence`.
    pub key: &'static str,
    /// What is configured, as a fraction of 1.
    pub configured: f64,
    /// What it should be.
    pub proposed: f64,
    /// Why.
    pub reason: String,
}

/// What follows from a soak.
#[derive(Debug, Default)]
pub(crate) struct Proposed {
    pub(crate) proposals: Vec<Proposal>,
    /// What no margin helps against.
    pub(crate) beyond: Vec<String>,
}

/// A setting, how to reach it, and its default.
type Field = (&'static str, fn(&mut Settings) -> &mut f64);

const ERROR: Field = ("error-margin", |settings| &mut settings.error_margin);
const LOCATION: Field = ("location-margin", |settings| &mut settings.location_margin);
const GO: [Field; 2] = [
    ("go-margin", |settings| &mut settings.go_margin),
    ("go-margin-journey", |settings| &mut settings.go_margin_journey),
];
const GO_LOCATION: [Field; 2] = [
    ("go-location", |settings| &mut settings.go_location),
    ("go-location-journey", |settings| &mut settings.go_location_journey),
];

impl Proposed {
    /// Works out what follows from `seen` for `settings`, which become those proposed.
    pub(crate) fn of(seen: &[ScopeSeen], basis: Basis, settings: &mut Settings) -> Self {
        let mut proposed = Self::default();
        proposed.errors(seen, settings);
        proposed.location(seen, basis, settings);
        proposed.go(seen, settings);
        proposed
    }

    fn raise(&mut self, (key, field): Field, to: f64, settings: &mut Settings, reason: String) {
        let to = to.max(*field(&mut Settings::default()));
        let configured = std::mem::replace(field(settings), to);
        self.proposals.push(Proposal { key, configured, proposed: to, reason });
    }

    /// The error margin lies above the upper limit of every excess that is shown.
    fn errors(&mut self, seen: &[ScopeSeen], settings: &mut Settings) {
        let shown = seen.iter().filter_map(|seen| Some((seen, seen.excess.filter(|excess| excess.shown)?)));
        let Some((worst, excess)) = shown.max_by(|(_, a), (_, b)| a.high.total_cmp(&b.high)) else { return };
        let (scope, high) = (name(&worst.scope), points(excess.high));
        if excess.high <= settings.error_margin {
            return;
        }
        if excess.high > MOST_ERRORS {
            self.beyond.push(format!(
                "no error-margin is proposed: {scope} fails up to {high} more often on new, which is to be mended"
            ));
            return;
        }
        let reason = format!(
            "{scope} fails more on new already, by up to {high} (95 %), and would be rolled back for it; better mend \
             the new side, and keep the margin"
        );
        self.raise(ERROR, up(excess.high, 0.0005), settings, reason);
    }

    /// The location margin lies above the largest excursion of the ratio, as far as more than chance is shown; those
    /// of `go` keep their distance to it.
    fn location(&mut self, seen: &[ScopeSeen], basis: Basis, settings: &mut Settings) {
        let limits = seen.iter().filter_map(|seen| Some((seen, seen.wander?.limit?)));
        let Some((worst, limit)) = limits.max_by(|(_, a), (_, b)| a.total_cmp(b)) else { return };
        let scope = name(&worst.scope);
        if limit <= settings.location_margin {
            return;
        }
        if limit > MOST_LOCATION {
            let limit = percent(limit);
            self.beyond.push(format!(
                "no location-margin is proposed: the ratio of {scope} wanders by up to {limit}, which is to be found \
                 out; until then durations of it prove nothing"
            ));
            return;
        }
        let upper = match basis {
            Basis::OldAgainstNew => "",
            Basis::OldAgainstOld => {
                "; old alone also shows what pairs cancel: calibrate again in phase `set`"
            }
        };
        let reason =
            format!("the ratio of {scope} wanders by up to {} in healthy soak (95 %){upper}", percent(limit));
        self.raise(LOCATION, up(limit, 0.01), settings, reason);
        let margin = settings.location_margin;
        let [all, each] = GO_LOCATION;
        let wide = (2.0 * margin).min(0.99);
        if settings.go_location < wide {
            let reason = "twice the location-margin, as in the defaults: else what wanders withholds `go`";
            self.raise(all, wide, settings, reason.to_owned());
        }
        if settings.go_location_journey < settings.go_location {
            let reason = "a journey is granted no less than all of them together";
            self.raise(each, settings.go_location, settings, reason.to_owned());
        }
    }

    /// `go` takes at most [`PATIENCE`] times the pairs that it takes where nothing fails.
    fn go(&mut self, seen: &[ScopeSeen], settings: &mut Settings) {
        let scopes = seen.iter().filter(|seen| seen.scope != Scope::All).count().max(1) as f64;
        let alone = |seen: &ScopeSeen| seen.scope != Scope::All;
        // One journey is all of them as well.
        let pooled = seen.iter().filter(|seen| !alone(seen)).chain(seen.first().filter(|_| seen.len() == 1));
        let level = settings.go_level;
        let all = pooled.map(|seen| (seen, level)).collect::<Vec<_>>();
        let each = seen.iter().filter(|seen| alone(seen)).map(|seen| (seen, level / scopes)).collect();
        for ((field, scopes), (step, most)) in
            GO.into_iter().zip([all, each]).zip([0.005, 0.01].into_iter().zip(MOST_GO))
        {
            self.go_margin(field, &scopes, (step, most), settings);
        }
    }

    fn go_margin(
        &mut self,
        (key, field): Field,
        scopes: &[(&ScopeSeen, f64)],
        (step, most): (f64, f64),
        settings: &mut Settings,
    ) {
        let configured = *field(settings);
        let needed = |margin: f64, (seen, level): &(&ScopeSeen, f64)| {
            go::pairs(margin, *level, seen.old.errors, seen.new.unwrap_or(seen.old).errors)
        };
        let soon = |margin: f64, scope: &(&ScopeSeen, f64)| {
            let flawless = go::pairs(configured, scope.1, 0.0, 0.0).unwrap_or(0);
            needed(margin, scope).is_some_and(|pairs| pairs <= flawless.saturating_mul(PATIENCE))
        };
        let slow: Vec<_> = scopes.iter().filter(|scope| !soon(configured, scope)).collect();
        let Some(first) = slow.first() else { return };
        let takes = |margin| match needed(margin, first) {
            Some(pairs) => format!("{} pairs", thousands(pairs)),
            None => "for ever".to_owned(),
        };
        let scope = name(&first.0.scope);
        let margins = (1..).map(|n| up(configured + f64::from(n) * step, step)).take_while(|it| *it <= most);
        match margins.into_iter().find(|margin| slow.iter().all(|scope| soon(*margin, scope))) {
            Some(margin) => {
                let reason = format!(
                    "at the failure rates seen `go` of {scope} would take {}, and takes {} so",
                    takes(configured),
                    takes(margin)
                );
                self.raise((key, field), margin, settings, reason);
            }
            None => self.beyond.push(format!(
                "no {key} is proposed: {scope} fails so often ({} on old, {} on new) that `go` would take {} even at \
                 {}",
                percent(first.0.old.errors),
                percent(first.0.new.unwrap_or(first.0.old).errors),
                takes(most),
                percent(most),
            )),
        }
    }
}

/// Rounded up to whole steps.
fn up(value: f64, step: f64) -> f64 {
    // A value that is a whole number of steps but for its last bits stays.
    let steps = (value / step - 1e-9).ceil();
    (steps * step * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests;
