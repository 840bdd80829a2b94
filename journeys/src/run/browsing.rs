//! What a run does around a step in a browser: opens its page before, and keeps what it left.

use tokio::time::Instant;

use super::execution::Execution;
use crate::action::Action;
use crate::artifacts::Kept;
use crate::journey::Step;

impl Execution<'_> {
    /// Opens the page that a step needs. One that cannot be opened is told of by the step itself.
    pub(super) async fn open(&mut self, step: &Step) {
        if let Action::Browser(action) = &step.action
            && self.vars.enter(step.inclusion, &self.journey.inclusions).is_ok()
        {
            let (route, hosts) = (self.route_of(step), action.hosts(&self.vars));
            drop(self.session.page(route, &hosts).await);
        }
    }

    /// Keeps the pictures that a step in a browser took, and what its page looked like when it failed.
    pub(super) async fn keep(&mut self, step: &Step, index: usize) {
        let (Action::Browser(_), Some(artifacts)) = (&step.action, &self.world.artifacts) else { return };
        let route = self.route_of(step);
        let failed = self.steps[index].last().is_some_and(|attempt| attempt.miss.is_some());
        let begun = Instant::now();
        let Some(page) = self.session.opened(route) else { return };
        let mut kept = Kept::default();
        kept.pictures(page.pictures());
        if failed {
            kept.evidence(page.evidence().await, self.vars.redactor());
        }
        if !kept.is_empty() {
            let short = self.id.simple().to_string();
            let what =
                format!("{}-{route}-{}-{}", self.journey.name, step.name, short.get(..8).unwrap_or(&short));
            self.steps[index].kept = artifacts.keep(&what, kept).await;
        }
        self.session.beside(begun.elapsed());
    }
}
