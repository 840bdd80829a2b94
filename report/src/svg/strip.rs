//! Rows of bars over time: what held from when to when.

use chrono::{DateTime, Utc};

use super::axis::Times;
use super::canvas::{Anchor, Canvas};
use super::frame::{Frame, PHASES, TIMES};

const WIDTH: f64 = 1040.0;
const ROW: f64 = 22.0;
const GAP: f64 = 5.0;
/// About the width of a letter.
const LETTER: f64 = 6.6;
/// Longer names of rows are cut.
const NAME_CHARS: usize = 44;

/// A row of bars.
#[derive(Debug)]
pub(crate) struct Row {
    /// What it shows.
    pub(crate) name: String,
    /// Its bars.
    pub(crate) bars: Vec<Bar>,
}

/// Something that held for a time.
#[derive(Debug)]
pub(crate) struct Bar {
    /// Its colour, as a class of the page's style.
    pub(crate) class: String,
    /// From when.
    pub(crate) from: DateTime<Utc>,
    /// Until when.
    pub(crate) to: DateTime<Utc>,
    /// What stands in it, where there is room.
    pub(crate) text: String,
    /// What is said of it when it is pointed at.
    pub(crate) title: String,
}

/// Draws the rows.
pub(crate) fn strip(label: &str, frame: Frame<'_>, rows: &[Row]) -> String {
    let longest = rows.iter().map(|row| row.name.chars().count().min(NAME_CHARS)).max().unwrap_or(0);
    let left = (longest as f64 * LETTER + 14.0).max(60.0);
    let top = PHASES + 4.0;
    let bottom = top + rows.len() as f64 * (ROW + GAP);
    let mut canvas = Canvas::new(WIDTH, bottom + TIMES, label);
    let times = Times::new(frame.span, left, WIDTH - 6.0 - left);
    for (index, row) in rows.iter().enumerate() {
        let y = top + index as f64 * (ROW + GAP) + GAP / 2.0;
        let name: String = row.name.chars().take(NAME_CHARS).collect();
        canvas.text("row", (left - 8.0, y + 15.0), Anchor::End, &name);
        for bar in &row.bars {
            let (x, end) = (times.x(bar.from), times.x(bar.to));
            let width = (end - x).max(1.5);
            canvas.bar(&format!("bar {}", bar.class), (x, y), (width, ROW), &bar.title);
            if bar.text.chars().count() as f64 * LETTER + 10.0 < width {
                canvas.text("inside", (x + 6.0, y + 15.0), Anchor::Start, &bar.text);
            }
        }
    }
    frame.behind(&mut canvas, &times, (top, bottom));
    canvas.finish()
}
