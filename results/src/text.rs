//! Runs as text: step by step, and what went wrong as a good compiler would say it.

use crossterm::style::Color;
use figures::seconds;
use journeys::{Attempt, Hop, Miss, StepRun};
use probes::Fault;
use unicode_width::UnicodeWidthStr;

use crate::curl::{self, Way};
use crate::excerpt::Margin;
use crate::words::{kind, padded, printable, took, what, whom};
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
/// Ways in which attempts went wrong that are told.
const ATTEMPTS: usize = 3;

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
        if step.last().is_some_and(|last| last.miss.is_some()) {
            lines.push(String::new());
            lines.push(failure_of(performed, step, sources, look));
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

/// The requests of a step as curl lines, each once: attempts mostly ask the same.
pub(crate) fn requests(step: &StepRun, authority: Option<&str>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut add = |attempt: &Attempt, pinned: bool| {
        for asked in &attempt.asked {
            let pinned = asked.peer.or(attempt.peer).filter(|_| pinned);
            let line = curl::line(asked, Way { pinned, authority });
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    };
    for attempt in &step.attempts {
        add(attempt, step.route.pinned().is_some());
        // To each address, wherever the route leads.
        attempt.each.iter().for_each(|attempt| add(attempt, true));
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

/// What went wrong with a step, as it stands below the run.
pub(crate) fn failure_of(performed: &Performed, step: &StepRun, sources: &Sources, look: Look) -> String {
    let missed = step.last().and_then(|last| Some((last, last.miss.as_ref()?)));
    missed.map(|missed| failure(performed, step, missed, sources, look).join("\n")).unwrap_or_default()
}

/// What went wrong, where it is written, and with whom.
fn failure(
    performed: &Performed,
    step: &StepRun,
    (attempt, miss): (&Attempt, &Miss),
    sources: &Sources,
    look: Look,
) -> Vec<String> {
    let colour = if matches!(miss.fault, Fault::Failed(_)) { Color::Red } else { Color::Magenta };
    let head = look.loud(&format!("error[{}]", kind(miss)), colour);
    let name = printable(&step.name);
    let taken = "error[]: : ".len() + kind(miss).len() + name.width();
    let mut lines = vec![format!("{head}: {}: {}", look.bold(&name), look.wrap(&what(miss), taken, 2))];
    let place = miss.at.as_ref().unwrap_or(&step.at);
    let margin = Margin::of(miss.unmet.iter().map(|unmet| &unmet.at).chain([place]));
    if miss.unmet.is_empty() {
        lines.extend(margin.place(look, place, sources));
    }
    for unmet in &miss.unmet {
        lines.extend(margin.unmet(look, unmet, sources));
    }
    lines.extend(miss.said.as_ref().map(|said| margin.note(look, &format!("answer: {}", printable(said)))));
    if let Some(whom) = whom(attempt, look.sided) {
        lines.push(margin.note(look, &format!("with {whom}")));
    }
    lines.extend(led(attempt, look.sided).iter().map(|way| margin.note(look, way)));
    lines.extend(before(step).iter().map(|text| margin.note(look, text)));
    lines.extend(kept(step).iter().map(|kept| margin.note(look, kept)));
    lines.push(margin.note(look, &format!("trace {}", performed.run.id.simple())));
    lines
}

/// Where pictures of a step are, and what its page looked like.
fn kept(step: &StepRun) -> Option<String> {
    step.kept.as_ref().map(|folder| format!("kept in {}", printable(&folder.to_string_lossy())))
}

/// The way on which redirects led to what was answered.
fn led(attempt: &Attempt, sided: bool) -> Option<String> {
    let (mut hops, mut host_before) = (Vec::new(), "");
    for Hop { url, status, reached, .. } in &attempt.redirects {
        // Of what is on the same host, the path says enough.
        let path = url.find("://").and_then(|at| Some(at + 3 + url[at + 3..].find('/')?));
        let (host, path) = url.split_at(path.unwrap_or(url.len()));
        let shown = if host == host_before { path } else { url };
        let from = if sided { format!(" from {reached}") } else { String::new() };
        hops.push(format!("{} ({status}{from})", printable(shown)));
        host_before = host;
    }
    let redirects = if hops.len() == 1 { "redirect" } else { "redirects" };
    (!hops.is_empty()).then(|| format!("via {} {redirects}: {}", hops.len(), hops.join(", ")))
}

/// What was said of the attempts before the last one; those that went wrong in the same way together.
fn before(step: &StepRun) -> Vec<String> {
    let earlier = step.attempts.split_last().map_or(&[][..], |(_, earlier)| earlier);
    let said =
        |attempt: &Attempt| attempt.miss.as_ref().map_or(String::new(), |miss| printable(&miss.message));
    let mut at = 0;
    let mut told = Vec::new();
    for same in earlier.chunk_by(|one, next| said(one) == said(next)) {
        let (first, last) = (at + 1, at + same.len());
        at = last;
        let which =
            if first == last { format!("attempt {first}") } else { format!("attempts {first} to {last}") };
        told.push(format!("{which}: {}", said(&same[0])));
    }
    let left_out = told.len().saturating_sub(ATTEMPTS);
    if left_out > 0 {
        told.drain(..left_out);
        told.insert(0, "the first attempts failed in other ways".to_owned());
    }
    told
}
