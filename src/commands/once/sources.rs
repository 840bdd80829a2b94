//! The files that results point into.

use std::path::Path;

use journeys::At;
use results::{Performed, Sources};

/// As much as a journey may have.
const LARGEST: u64 = 1 << 20;

/// Reads the files into which a run points, if they are not there yet. One that cannot be read any more has no lines to
/// show, and that is all.
pub(super) fn add(performed: &Performed, sources: &mut Sources) {
    let misses = |step: &'_ journeys::StepRun| -> Vec<At> {
        let misses = step.attempts.iter().filter_map(|attempt| attempt.miss.as_ref());
        misses.flat_map(|miss| &miss.unmet).map(|unmet| unmet.at.clone()).chain([step.at.clone()]).collect()
    };
    for at in performed.run.steps.iter().flat_map(misses) {
        if at.file.is_empty() || sources.has(&at.file) {
            continue;
        }
        let text = document::file::text(Path::new(&*at.file), LARGEST).unwrap_or_default();
        sources.add(at.file, &text);
    }
}
