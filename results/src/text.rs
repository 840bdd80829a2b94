//! Runs as text: step by step, and what went wrong as a good compiler would say it.

use crossterm::style::Color;
use figures::seconds;
use journeys::{Attempt, StepRun};
use unicode_width::UnicodeWidthStr;

use crate::curl::{self, Way};
use crate::failure::{Failure, kept};
use crate::words::{padded, printable, took, whom};
use crate::{Look, Performed, Sources, Standing, Told};

/// The longest name beside which the figures still stand under each other.
const LONGEST_NAME: usize = 40;
/// The columns before a step's name, and those of its time behind it.
const BEFORE: usize = 14;
const TIME: usize = 12;
/// The columns that what stands behind the time is left, before names are cut.
const BESIDE: usize = 36;
/// However narrow it is, so much of a name is seen.
const LEAST: usize = 16;

/// The line above a run: the journey, its route, its file.
pub fn heading(title: &str, file: &str, look: Look) -> String {
    let title = printable(title);
    let file = look.cut(&printable(file), title.width() + 2);
    format!("{}  {}", look.bold(&title), look.faint(&file))
}

/// What became of a run, without its heading: its steps, and below them what went wrong. `authority` is the file with
/// the certificate authority that curl needs.
pub fn run(performed: &Performed, sources: &Sources, authority: Option<&str>, look: Look) -> String {
    let names = performed.planned.iter().map(|name| printable(name).width());
    let rest = performed.run.steps.iter().map(|step| beside(step, look).width()).max();
    // So much of a name is shown, and so far those that are shorter are filled up.
    let room = look.width.saturating_sub(BEFORE + TIME + rest.unwrap_or(0).min(BESIDE)).max(LEAST);
    let width = names.max().unwrap_or(0).min(LONGEST_NAME).min(room);
    let mut lines = Vec::new();
    for told in performed.steps() {
        lines.push(line(told, (width, room), look));
        let asked = told.step.filter(|_| look.curl).map(|step| requests(step, authority));
        let passed =
            told.step.filter(|_| told.standing != Standing::Failed && told.standing != Standing::Aborted);
        let below = asked.unwrap_or_default().into_iter().chain(passed.and_then(kept));
        lines.extend(below.map(|text| format!("{}{text}", " ".repeat(BEFORE))));
    }
    if performed.run.steps.is_empty() && performed.standing() != Standing::Passed {
        lines.push(String::new());
        lines.push(format!("{} {}", look.loud("error:", Color::Red), printable(&performed.run.detail)));
    }
    for step in &performed.run.steps {
        if let Some(failure) = Failure::of(performed, step, sources, look) {
            lines.push(String::new());
            lines.push(failure.text(look));
        }
    }
    lines.join("\n")
}

fn line(told: Told<'_>, (width, room): (usize, usize), look: Look) -> String {
    let word = match told.standing {
        Standing::Passed => "ok",
        Standing::Failed => "FAILED",
        Standing::Aborted => "ABORTED",
        other => other.as_str(),
    };
    let word = look.tone(&format!("{word:<11}"), told.standing);
    let name = printable(told.name);
    let Some(step) = told.step else {
        return format!("  {word} {}", look.faint(&look.cut(&name, BEFORE)));
    };
    let name = padded(&Look { width: room, ..look }.cut(&name, 0), width);
    if let Some(why) = &step.skipped {
        let why = look.cut(&printable(why), BEFORE + name.width() + 2);
        return format!("  {word} {name}  {}", look.faint(&why));
    }
    let time = format!("{:>8}", seconds(took(step)));
    let rest = look.cut(&beside(step, look), BEFORE + name.width() + TIME);
    format!("  {word} {name}  {time}  {}", look.faint(&rest)).trim_end().to_owned()
}

/// The requests of a step as curl lines, each once: attempts mostly ask the same. Each to the peer that it went to,
/// which curl may not find by itself: another resolver knows other names.
pub(crate) fn requests(step: &StepRun, authority: Option<&str>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut add = |attempt: &Attempt| {
        for asked in &attempt.asked {
            let line = curl::line(asked, Way { peer: asked.peer.or(attempt.peer), authority });
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    };
    for attempt in &step.attempts {
        add(attempt);
        attempt.each.iter().for_each(&mut add);
    }
    lines
}

/// What else is to be said of a step: with whom it was, and how often.
fn beside(step: &StepRun, look: Look) -> String {
    let whom = step.last().and_then(|last| whom(last, look.sided));
    let budget = step.degraded.map(|degraded| format!("budget {}", seconds(degraded.budget.as_secs_f64())));
    let attempts = (step.attempts.len() > 1).then(|| format!("{} attempts", step.attempts.len()));
    whom.into_iter().chain(attempts).chain(budget).collect::<Vec<_>>().join(", ")
}
