//! A run beside what was planned of it.

use std::sync::Arc;

use cutover::{Outcome, Route};
use journeys::{Journey, Run, StepRun};

/// A run, and the steps that it was to take.
#[derive(Debug, Clone)]
pub struct Performed {
    /// The journey's file, as it was named.
    pub file: Arc<str>,
    /// The names of all its steps, in order, those of `finally` last.
    pub planned: Vec<Arc<str>>,
    /// What became of it.
    pub run: Run,
}

/// A step as it is told, reached or not.
#[derive(Debug, Clone, Copy)]
pub struct Told<'p> {
    /// Its name.
    pub name: &'p str,
    /// How it stands.
    pub standing: Standing,
    /// What became of it; `None` when the run ended before it.
    pub step: Option<&'p StepRun>,
}

/// How a step, or a run, stands at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// All that was expected holds.
    Passed,
    /// The same, and it took longer than its budget.
    Degraded,
    /// The target failed.
    Failed,
    /// The canary's own fault, or a shutdown.
    Aborted,
    /// There was a reason not to begin it.
    Skipped,
    /// The run ended before it.
    Unreached,
}

impl Performed {
    /// A run of that journey.
    pub fn new(file: Arc<str>, journey: &Journey, run: Run) -> Self {
        Self { file, planned: journey.step_names().cloned().collect(), run }
    }

    /// What it is called.
    pub fn title(&self) -> String {
        title(&self.run.journey, &self.run.variant, self.run.route, self.run.row)
    }

    /// How the whole run stands.
    pub fn standing(&self) -> Standing {
        match &self.run.outcome {
            Outcome::Passed if self.run.steps.iter().any(|step| standing(step) == Standing::Degraded) => {
                Standing::Degraded
            }
            outcome => Standing::of(outcome),
        }
    }

    /// Every step that was planned, in order.
    pub fn steps(&self) -> impl Iterator<Item = Told<'_>> {
        self.planned.iter().map(|name| {
            let step = self.run.steps.iter().find(|step| step.name == *name);
            let standing = step.map_or(Standing::Unreached, standing);
            Told { name, standing, step }
        })
    }
}

/// What a run is called: its journey, the variant if it has any, its route, and the number of its row if it has data.
pub fn title(journey: &str, variant: &str, route: Route, row: Option<usize>) -> String {
    let variant = if variant.is_empty() { String::new() } else { format!(" [{variant}]") };
    let row = row.map_or_else(String::new, |row| format!(", row {row}"));
    format!("{journey}{variant} on {route}{row}")
}

fn standing(step: &StepRun) -> Standing {
    match step.outcome() {
        None => Standing::Skipped,
        Some(_) if step.degraded.is_some() => Standing::Degraded,
        Some(outcome) => Standing::of(&outcome),
    }
}

impl Standing {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::Passed, Self::Degraded, Self::Failed, Self::Aborted, Self::Skipped, Self::Unreached];

    const fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Failed { .. } => Self::Failed,
            Outcome::Aborted { .. } => Self::Aborted,
        }
    }

    /// The word for it, in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Skipped => "skipped",
            Self::Unreached => "not reached",
        }
    }
}
