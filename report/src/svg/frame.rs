//! What every chart over time has: its axes, and the phases behind it.

use super::axis::{Times, Values};
use super::canvas::{Anchor, Canvas};
use crate::spans::{PhaseSpan, Span};

/// The height of the line with the times.
pub(crate) const TIMES: f64 = 20.0;
/// The height of the line with the phases.
pub(crate) const PHASES: f64 = 16.0;

/// The time that all charts share, and what happened in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) span: Span,
    pub(crate) phases: &'a [PhaseSpan],
    pub(crate) gaps: &'a [Span],
}

impl Frame<'_> {
    /// Draws the phases' bounds and the gaps between two heights, and the times below.
    pub(crate) fn behind(&self, canvas: &mut Canvas, times: &Times, (top, bottom): (f64, f64)) {
        for gap in self.gaps {
            let (x, end) = (times.x(gap.from), times.x(gap.to));
            canvas.bar("gap", (x, top), ((end - x).max(1.0), bottom - top), "nobody watched");
        }
        for (x, name) in times.ticks() {
            canvas.line("tick", (x, bottom), (x, bottom + 4.0));
            canvas.text("time", (x, bottom + 15.0), Anchor::Middle, &name);
        }
        for (index, phase) in self.phases.iter().enumerate() {
            let (x, end) = (times.x(phase.from), times.x(phase.to));
            if index > 0 {
                canvas.line("bound", (x, top - PHASES + 3.0), (x, bottom));
            }
            // About 7 units a letter: a name that does not fit would run into the next one.
            let name = phase.phase.as_str();
            if end - x > name.len() as f64 * 7.0 + 6.0 {
                canvas.text("phase", (x + 4.0, top - 5.0), Anchor::Start, name);
            }
        }
    }

    /// Draws the lines and names of round values.
    pub(crate) fn values(
        canvas: &mut Canvas,
        values: &Values,
        (left, right): (f64, f64),
        name: impl Fn(f64) -> String,
    ) {
        for value in values.ticks() {
            let y = values.y(value);
            canvas.line(if value == 0.0 { "base" } else { "grid" }, (left, y), (right, y));
            canvas.text("value", (left - 6.0, y + 3.5), Anchor::End, &name(value));
        }
    }
}
