//! The table as people read it: as text in columns, or as Markdown.

use std::fmt::{self, Write};

use cutover::Cause;
use figures::span;
use serde::Serialize;

use crate::{Delays, Method, NullRow, Row, Table};

/// A reason, by the word that it has in JSON.
struct Word(Cause);

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}

/// Headings and cells, of one part of the table.
struct Grid {
    head: Vec<String>,
    cells: Vec<Vec<String>>,
}

impl Table {
    /// The table as text, in columns.
    pub fn text(&self) -> String {
        self.written(Grid::text, "")
    }

    /// The table in Markdown.
    pub fn markdown(&self) -> String {
        self.written(Grid::markdown, "## ")
    }

    fn written(&self, grid: fn(&Grid) -> String, heading: &str) -> String {
        let plan = &self.plan;
        let [soak, settle, watch] = [plan.soak, plan.settle, plan.watch].map(|time| span(time.as_secs_f64()));
        let verdict = if self.holds() { "every promise holds" } else { "NOT every promise holds" };
        format!(
            "{heading}False alarms on healthy traffic, a week ({days} simulated days of each kind)\n\n{nulls}\n\
             {heading}Faults: time from onset to alarm, median / p90 ({trials} trials of each; soak {soak}, then at \
             least {settle} of health; watched for {watch})\n\n{rows}\n\
             missed: not seen while it was watched, and counted as for ever; false: cried wolf before the onset, and \
             left out.\n\n\
             {heading}Methods\n\n{methods}\n\
             Seed {seed}: {verdict}.\n",
            days = plan.days,
            trials = plan.trials,
            seed = plan.seed,
            nulls = grid(&nulls(&self.nulls)),
            rows = grid(&rows(&self.rows)),
            methods = self.methods(),
        )
    }

    fn methods(&self) -> String {
        self.methods.iter().fold(String::new(), |mut text, about| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "- {}: {}", about.method.name(), about.parameters);
            text
        })
    }
}

fn nulls(rows: &[NullRow]) -> Grid {
    let mut head = vec!["healthy traffic".to_owned(), "must hold".to_owned(), "holds".to_owned()];
    head.extend(Method::ALL.map(|method| method.name().to_owned()));
    head.extend(["time to go", "at go", "extra pairs"].map(str::to_owned));
    let cells = rows.iter().map(|row| {
        let mut cells = vec![row.name.clone(), "no rollback".to_owned(), yes_or_no(row.holds)];
        cells.extend(row.false_alarms.iter().map(|alarms| match alarms.count {
            0 => "0".to_owned(),
            _ => format!("{:.2}", alarms.per_week),
        }));
        cells.push(time(row.time_to_go));
        cells.push(format!("{:.0} %", row.go_share * 100.0));
        cells.push(format!("{:.1} %", row.extra_pairs * 100.0));
        cells
    });
    Grid { cells: cells.collect(), head }
}

fn rows(rows: &[Row]) -> Grid {
    let mut head = vec!["fault".to_owned(), "must hold".to_owned(), "holds".to_owned()];
    head.extend(Method::ALL.map(|method| method.name().to_owned()));
    head.push("found as".to_owned());
    let cells = rows.iter().map(|row| {
        let mut cells = vec![row.scenario.name.clone(), row.must.words()];
        cells.push(row.holds.map_or_else(|| "-".to_owned(), yes_or_no));
        cells.extend(row.delays.iter().map(|delays| delay(delays, row.trials)));
        let old = row.old_failing.map(|p90| format!("old failing, p90 {}", span(p90)));
        let cause = row.cause.map(|cause| Word(cause).to_string());
        cells.push(cause.or(old).unwrap_or_else(|| "-".to_owned()));
        cells
    });
    Grid { cells: cells.collect(), head }
}

fn yes_or_no(holds: bool) -> String {
    if holds { "yes" } else { "NO" }.to_owned()
}

fn time(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "-".to_owned(), span)
}

/// `48 s / 55 s`, with what was missed, and how often it cried wolf before.
fn delay(delays: &Delays, trials: u32) -> String {
    let mut text = if delays.missed + delays.early == trials {
        "never".to_owned()
    } else {
        format!("{} / {}", time(delays.median), time(delays.p90))
    };
    // Writing to a string cannot fail.
    if delays.missed > 0 && delays.missed + delays.early < trials {
        let _ = write!(text, ", {} missed", delays.missed);
    }
    if delays.early > 0 {
        let _ = write!(text, ", {} false", delays.early);
    }
    text
}

impl Grid {
    fn text(&self) -> String {
        let rows = || std::iter::once(&self.head).chain(&self.cells);
        let width = |at: usize| rows().map(|row| row[at].chars().count()).max().unwrap_or(0);
        let widths: Vec<_> = (0..self.head.len()).map(width).collect();
        rows().fold(String::new(), |mut text, row| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            text.push('\n');
            text
        })
    }

    fn markdown(&self) -> String {
        let line = |row: &[String]| format!("| {} |\n", row.join(" | "));
        let rule = vec!["---".to_owned(); self.head.len()];
        let rows = self.cells.iter().map(|row| line(row));
        line(&self.head) + &line(&rule) + &rows.collect::<String>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_says_what_was_missed_and_what_was_false() {
        let of = |median, missed, early| {
            delay(
                &Delays { method: Method::Ours, median, p90: median.map(|m: f64| 2.0 * m), missed, early },
                10,
            )
        };
        assert_eq!(of(Some(40.0), 0, 0), "40 s / 80 s");
        assert_eq!(of(Some(400.0), 2, 1), "6.7 min / 13.3 min, 2 missed, 1 false");
        assert_eq!(of(None, 10, 0), "never");
        assert_eq!(of(None, 7, 0), "- / -, 7 missed");
    }

    #[test]
    fn a_reason_has_the_word_that_it_has_in_json() {
        assert_eq!(Word(Cause::NewTail).to_string(), "new-tail");
    }

    #[test]
    fn columns_are_aligned_in_text_and_ruled_in_markdown() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let grid = Grid { head: row(["what", "x"]), cells: vec![row(["a", "yy"]), row(["bbbbb", "z"])] };
        assert_eq!(grid.text(), "what   x\na      yy\nbbbbb  z\n");
        assert_eq!(grid.markdown(), "| what | x |\n| --- | --- |\n| a | yy |\n| bbbbb | z |\n");
    }
}
