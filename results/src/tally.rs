//! How many of what.

use std::time::Duration;

use crate::{Performed, Standing};

/// How many runs and steps there were, and how they stand.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    runs: [usize; 6],
    steps: [usize; 6],
    /// How long each run took, all together.
    pub took: Duration,
}

impl Tally {
    /// Of these runs.
    pub fn of<'p>(performed: impl IntoIterator<Item = &'p Performed>) -> Self {
        let mut tally = Self::default();
        for performed in performed {
            tally.runs[performed.standing() as usize] += 1;
            performed.steps().for_each(|told| tally.steps[told.standing as usize] += 1);
            tally.took += performed.run.took;
        }
        tally
    }

    /// How many runs stand so.
    pub const fn runs(&self, standing: Standing) -> usize {
        self.runs[standing as usize]
    }

    /// How many steps stand so.
    pub const fn steps(&self, standing: Standing) -> usize {
        self.steps[standing as usize]
    }

    /// How many runs there were.
    pub fn all_runs(&self) -> usize {
        self.runs.iter().sum()
    }

    /// How many steps were planned.
    pub fn all_steps(&self) -> usize {
        self.steps.iter().sum()
    }
}
