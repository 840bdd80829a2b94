//! The last failure of each series on each route, by its trace id: what leads from a finding to the target's own records.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Finding, Outcome, Route, RunSeen, Series};

/// Series and routes kept; they come from a configuration, so there are never as many.
const KEPT: usize = 100_000;

/// The last failures.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Traces(#[serde(with = "crate::entries")] BTreeMap<(Series, Route), Last>);

/// How a run failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Last {
    step: Arc<str>,
    trace: Arc<str>,
}

impl Traces {
    /// Looks at one run.
    pub(crate) fn observe(&mut self, run: &RunSeen) {
        let Outcome::Failed { step, .. } = &run.outcome else { return };
        let (key, room) = ((run.series(), run.route), self.0.len() < KEPT);
        if !run.trace.is_empty() && (room || self.0.contains_key(&key)) {
            self.0.insert(key, Last { step: step.as_str().into(), trace: run.trace.clone() });
        }
    }

    /// The last failure that the finding is about, if it is about any.
    pub(crate) fn of(&self, finding: &Finding) -> Option<Arc<str>> {
        let (journey, step) = (finding.journey.clone()?, finding.step.as_ref()?);
        let route = finding.side.map_or(Route::Live, Route::from);
        let variant = finding.scope.variant();
        let first = (Series { journey, variant: Arc::default() }, Route::Old);
        let of_journey =
            self.0.range(&first..).take_while(|((series, _), _)| series.journey == first.0.journey);
        let mut meant = of_journey.filter(|((series, on), last)| {
            *on == route && last.step == *step && variant.is_none_or(|variant| series.variant == *variant)
        });
        meant.next().map(|(_, last)| last.trace.clone())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::core::fixture::{failed, run};
    use super::*;
    use crate::{FailureKind, Scope, Side};

    #[test]
    fn a_finding_leads_to_the_last_run_that_failed_so() {
        let mut traces = Traces::default();
        for (variant, route, trace) in [
            ("app=1", Route::New, "a"),
            ("app=2", Route::New, "b"),
            ("app=2", Route::New, "c"),
            ("app=2", Route::Old, "d"),
        ] {
            traces.observe(&RunSeen {
                variant: variant.into(),
                outcome: failed(FailureKind::Status),
                trace: trace.into(),
                ..run("sign in", route, DateTime::UNIX_EPOCH)
            });
        }
        let of = |scope: Scope, step: &str, side| {
            let finding = Finding { step: Some(step.into()), side, ..Finding::of_rate(scope, 1, 2) };
            traces.of(&finding).map(|trace| trace.to_string())
        };
        let scope = |variant: &str| Scope::Variant { journey: "sign in".into(), variant: variant.into() };
        assert_eq!(of(scope("app=2"), "post", Some(Side::New)).as_deref(), Some("c"));
        assert_eq!(of(Scope::Journey("sign in".into()), "post", Some(Side::Old)).as_deref(), Some("d"));
        assert_eq!(of(scope("app=1"), "post", Some(Side::Old)), None);
        assert_eq!(of(scope("app=1"), "read", Some(Side::New)), None);
        assert_eq!(of(Scope::All, "post", Some(Side::New)), None);
        let step = |variant: &str| Scope::Step {
            journey: "sign in".into(),
            variant: variant.into(),
            step: "post".into(),
        };
        assert_eq!(of(step("app=1"), "post", Some(Side::New)).as_deref(), Some("a"));
        assert_eq!(of(step(""), "post", Some(Side::New)), None);
    }
}
