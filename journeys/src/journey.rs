//! A journey: valid by construction, ready to be run any number of times.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cutover::{FailureKind, Route};
use document::Remark;
use minijinja::Environment;

use crate::action::Action;
use crate::data::Data;
use crate::grammar::{Expectation, Query};
use crate::run::At;
use crate::secret::Secrets;
use crate::template::Template;
use crate::variant::Variant;

/// A scripted sequence of a user's or a device's actions.
#[derive(Debug)]
pub struct Journey {
    pub(crate) name: Arc<str>,
    pub(crate) timeout: Duration,
    pub(crate) secrets: Secrets,
    pub(crate) finally_timeout: Duration,
    pub(crate) variants: Vec<Variant>,
    pub(crate) data: Option<Data>,
    pub(crate) vars: Vec<(String, Template)>,
    /// What each file that it includes is given.
    pub(crate) inclusions: Vec<Inclusion>,
    pub(crate) steps: Vec<Step>,
    pub(crate) finally: Vec<Step>,
    pub(crate) remarks: Vec<Remark>,
    pub(crate) environment: Arc<Environment<'static>>,
}

/// One exchange, and what is expected of it.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: Arc<str>,
    /// Where what it does is written.
    pub(crate) at: At,
    pub(crate) action: Action,
    /// Overrides the run's route.
    pub(crate) route: Option<Route>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) expect: Vec<Expectation>,
    pub(crate) save: Vec<Save>,
    pub(crate) again: Option<Again>,
    /// Over it, the step is degraded.
    pub(crate) within: Option<Duration>,
    /// The values on each axis for which the step is; of an axis that is not named, any.
    pub(crate) when: Vec<(String, Vec<String>)>,
    /// Whether it goes to every address that the name has.
    pub(crate) everywhere: bool,
    /// What it means when the answer is wrong, if the step says so.
    pub(crate) failure: Option<FailureKind>,
    /// What it makes, that `finally` must take away.
    pub(crate) creates: Option<Arc<str>>,
    /// The variables that it needs.
    pub(crate) needs: BTreeSet<String>,
    /// The file it was included with, by its place among the journey's inclusions.
    pub(crate) inclusion: Option<usize>,
}

/// A file that was included, and the variables that its steps alone are given.
#[derive(Debug)]
pub(crate) struct Inclusion {
    /// The one that includes it, if that was included, too.
    pub(crate) parent: Option<usize>,
    pub(crate) vars: Vec<(String, Template)>,
}

/// A value kept for later steps.
#[derive(Debug)]
pub(crate) struct Save {
    pub(crate) name: String,
    pub(crate) query: Query,
    /// Whether what it finds is kept out of every text about the run.
    pub(crate) secret: bool,
    /// As it was written, for messages.
    pub(crate) text: Arc<str>,
    /// Where it is written.
    pub(crate) at: At,
}

/// How a step is tried again when its target fails.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Again {
    /// Until the expectations hold, which may take so long: what is waited for comes about by and by.
    Until {
        /// No attempt begins later than this after the first.
        limit: Duration,
        /// From the end of one attempt to the beginning of the next.
        every: Duration,
    },
    /// A few times: what is tried should have succeeded at once.
    Retry {
        /// So many attempts at most.
        attempts: u32,
        /// From the end of the first attempt to the beginning of the second.
        every: Duration,
        /// Each further pause is so many times as long.
        backoff: f64,
    },
}

/// However hard it backs off, a pause is no longer: no journey lasts so long.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

impl Again {
    /// The pause after `made` attempts, the first of which began `since` ago; `None` when there is to be no other.
    pub(crate) fn pause(&self, made: usize, since: Duration) -> Option<Duration> {
        match *self {
            Self::Until { limit, every } => (since + every < limit).then_some(every),
            Self::Retry { attempts, every, backoff } => {
                let exponent = i32::try_from(made.saturating_sub(1)).unwrap_or(i32::MAX);
                let longer = Duration::try_from_secs_f64(every.as_secs_f64() * backoff.powi(exponent));
                (made < attempts as usize).then(|| longer.map_or(LONGEST_PAUSE, |it| it.min(LONGEST_PAUSE)))
            }
        }
    }

    /// What it makes of a step at least, in time: the pauses, if every attempt fails at once.
    pub(crate) fn pauses(&self) -> Duration {
        match *self {
            Self::Until { .. } => Duration::ZERO,
            Self::Retry { attempts, .. } => {
                let pause = |made| self.pause(made, Duration::ZERO);
                (1..attempts as usize).filter_map(pause).fold(Duration::ZERO, Duration::saturating_add)
            }
        }
    }
}

impl Step {
    /// Whether the step is for this variant.
    pub(crate) fn is_for(&self, variant: &Variant) -> bool {
        let meant = |(axis, values): &(String, Vec<String>)| {
            variant.value(axis).is_some_and(|value| values.iter().any(|wanted| wanted == value))
        };
        self.when.iter().all(meant)
    }
}

impl Journey {
    /// Its name.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// What is allowed in its file, and still likely a mistake.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// How long its steps may take together; what must happen `finally` has a time of its own.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// How long what must happen `finally` may take together.
    pub const fn finally_timeout(&self) -> Duration {
        self.finally_timeout
    }

    /// Its variants, each a series of its own; of a journey that has none, the one that is empty.
    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// Whether a step has a route of its own: such a journey is on both sides at once, and cannot be one of a pair.
    pub fn pinned_elsewhere(&self) -> bool {
        self.steps.iter().chain(&self.finally).any(|step| step.route.is_some())
    }

    /// Whether a step is pinned to a side, so that it must be known where the sides are.
    pub fn needs_sides(&self) -> bool {
        self.steps
            .iter()
            .chain(&self.finally)
            .any(|step| step.route.is_some_and(|route| route.pinned().is_some()))
    }

    /// The names of a variant's steps whose time is a part of its own, if there is more than one: without those of
    /// `finally`.
    pub fn parts(&self, variant: &Variant) -> impl Iterator<Item = &Arc<str>> {
        let of_variant = || self.steps.iter().filter(|step| step.is_for(variant));
        let several = of_variant().nth(1).is_some();
        of_variant().filter(move |_| several).map(|step| &step.name)
    }

    /// Whether its runs make something that must be taken away again.
    pub fn creates(&self) -> bool {
        self.steps.iter().any(|step| step.creates.is_some())
    }

    /// How many rows its data has, if it has any.
    pub fn rows(&self) -> Option<usize> {
        self.data.as_ref().map(Data::count)
    }

    /// The number of the row of its data that the runs of that turn see, from 1, if it has any.
    pub fn row(&self, turn: u64) -> Option<usize> {
        self.data.as_ref().map(|data| data.number(turn))
    }

    /// The names of its steps, in order, those of `finally` last.
    pub fn step_names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.steps.iter().chain(&self.finally).map(|step| &step.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_backs_off_and_ends_and_until_ends_in_time() {
        let ms = Duration::from_millis;
        let retry = Again::Retry { attempts: 4, every: ms(200), backoff: 2.0 };
        let pauses: Vec<_> = (1..=4).map(|made| retry.pause(made, ms(9_000))).collect();
        assert_eq!(pauses, [Some(ms(200)), Some(ms(400)), Some(ms(800)), None]);
        assert_eq!(retry.pauses(), ms(1_400));
        let hard = Again::Retry { attempts: 100, every: ms(200), backoff: 10.0 };
        assert_eq!(hard.pause(99, ms(0)), Some(LONGEST_PAUSE));
        let until = Again::Until { limit: ms(1_000), every: ms(300) };
        assert_eq!((until.pause(3, ms(600)), until.pause(3, ms(700))), (Some(ms(300)), None));
    }
}
