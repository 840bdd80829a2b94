//! The runs themselves: so many at once, shown in their order.

use std::sync::Arc;

use chrono::Utc;
use futures_util::{StreamExt, stream};
use journeys::RunContext;
use results::{Look, Performed, Sources};
use tokio::sync::watch::Sender;
use tokio_util::sync::CancellationToken;

use super::plan::Plan;
use super::runs::Planned;
use super::{sources, waiting};
use crate::say;

/// What became of all of it.
pub(super) struct All {
    pub(super) performed: Vec<Performed>,
    /// Runs that were not begun, since it was to end.
    pub(super) left_out: usize,
    pub(super) sources: Sources,
}

/// Runs everything, `jobs` at once, and shows it; `asked` ends it early.
pub(super) async fn perform(plan: Plan, jobs: usize, asked: &CancellationToken, look: Look) -> All {
    let context = RunContext { cancel: asked.clone(), ..plan.context };
    let mut all = All { performed: Vec::new(), left_out: 0, sources: Sources::default() };
    let steps: Vec<_> = plan.runs.iter().map(|_| Sender::new(Arc::from(""))).collect();
    let under_way = plan.runs.iter().zip(&steps).map(|(planned, step)| {
        let context = RunContext { under_way: Some(step.clone()), ..context.clone() };
        run(planned.clone(), context)
    });
    let mut under_way = stream::iter(under_way).buffered(jobs);
    for (planned, step) in plan.runs.iter().zip(&steps) {
        if !asked.is_cancelled() {
            say::line(results::heading(&planned.title(), &planned.file, look));
        }
        let Some(Some(performed)) = waiting::shown(under_way.next(), step, look).await else {
            all.left_out += 1;
            continue;
        };
        sources::add(&performed, &mut all.sources);
        say::line(format_args!(
            "{}\n",
            results::run(&performed, &all.sources, plan.authority.as_deref(), look)
        ));
        all.performed.push(performed);
    }
    all
}

/// One run; `None` when it was to end before it began.
async fn run(planned: Planned, context: RunContext) -> Option<Performed> {
    if context.cancel.is_cancelled() {
        return None;
    }
    let Planned { file, journey, variant, row, route } = planned;
    let context = RunContext { route, variant, row, intended: Utc::now(), ..context };
    let of = Arc::clone(&journey);
    // A task of its own: a run's clocks are not to wait for another one's arithmetic.
    let run = tokio::spawn(async move { of.run(&context).await }).await.ok()?;
    Some(Performed::new(file, &journey, run))
}
