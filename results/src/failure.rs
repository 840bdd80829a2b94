//! What went wrong with a step: in a line, at its place in the file, and what else is known of it.

use crossterm::style::Color;
use journeys::{Attempt, Hop, Miss, StepRun};
use probes::Fault;
use unicode_width::UnicodeWidthStr;

use crate::excerpt::Margin;
use crate::words::{kind, printable, what, whom};
use crate::{Look, Performed, Sources};

/// Ways in which attempts went wrong that are told.
const ATTEMPTS: usize = 3;

/// What went wrong with a step.
pub(crate) struct Failure {
    fault: Fault,
    kind: &'static str,
    step: String,
    /// What it was, in a line.
    what: String,
    margin: Margin,
    /// Where it is written, what was expected there and what there was: lines that stand under each other.
    pub(crate) excerpt: Vec<String>,
    /// With whom it was, what was answered, what came before: a line each.
    pub(crate) notes: Vec<String>,
}

impl Failure {
    /// What went wrong in the last attempt of a step, if anything.
    pub(crate) fn of(performed: &Performed, step: &StepRun, sources: &Sources, look: Look) -> Option<Self> {
        let attempt = step.last()?;
        let miss = attempt.miss.as_ref()?;
        let place = miss.at.as_ref().unwrap_or(&step.at);
        let margin = Margin::of(miss.unmet.iter().map(|unmet| &unmet.at).chain([place]));
        let excerpt = if miss.unmet.is_empty() {
            margin.place(look, place, sources)
        } else {
            margin.unmet(look, &miss.unmet, sources)
        };
        Some(Self {
            fault: miss.fault,
            kind: kind(miss),
            step: printable(&step.name),
            what: what(miss),
            margin,
            excerpt,
            notes: notes(performed, step, (attempt, miss), look.sided),
        })
    }

    /// All of it, as a compiler says it.
    pub(crate) fn text(&self, look: Look) -> String {
        let colour = if matches!(self.fault, Fault::Failed(_)) { Color::Red } else { Color::Magenta };
        let head = look.loud(&format!("error[{}]", self.kind), colour);
        let taken = "error[]: : ".len() + self.kind.len() + self.step.width();
        let what = look.wrap(&self.what, taken, 2);
        let mut lines = vec![format!("{head}: {}: {what}", look.bold(&self.step))];
        lines.extend(self.excerpt.iter().cloned());
        lines.extend(self.notes.iter().map(|note| self.margin.note(look, note)));
        lines.join("\n")
    }
}

fn notes(
    performed: &Performed,
    step: &StepRun,
    (attempt, miss): (&Attempt, &Miss),
    sided: bool,
) -> Vec<String> {
    let said = miss.said.as_ref().map(|said| format!("answer: {}", printable(said)));
    let whom = whom(attempt, sided).map(|whom| format!("with {whom}"));
    let mut notes: Vec<_> = said.into_iter().chain(whom).chain(led(attempt, sided)).collect();
    notes.extend(before(step));
    notes.extend(kept(step));
    notes.push(format!("trace {}", performed.run.id.simple()));
    notes
}

/// Where pictures of a step are, and what its page looked like.
pub(crate) fn kept(step: &StepRun) -> Option<String> {
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
