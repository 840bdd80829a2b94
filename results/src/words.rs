//! Words that all formats share.

use journeys::{Attempt, Miss, StepRun};
use probes::Fault;
use unicode_width::UnicodeWidthStr;

/// Of the addresses at which a step was, so many are named.
const ADDRESSES: usize = 4;

/// A text from outside, without anything that a terminal would obey.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A text with spaces behind it up to that many columns.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// The word for what went wrong: a failure's kind, or an abort's cause.
pub(crate) const fn kind(miss: &Miss) -> &'static str {
    match miss.fault {
        Fault::Failed(kind) => kind.as_str(),
        Fault::Aborted(cause) => cause.as_str(),
    }
}

/// What went wrong, in a line.
pub(crate) fn what(miss: &Miss) -> String {
    match miss.unmet.len() {
        0 => printable(&miss.message),
        1 => "an expectation does not hold".to_owned(),
        many => format!("{many} expectations do not hold"),
    }
}

/// With whom an attempt was: the side, the address, who answered if that is somebody else. One at every address: those
/// at which it failed, or all of them where it failed at none by itself.
pub(crate) fn whom(attempt: &Attempt, sided: bool) -> Option<String> {
    if attempt.each.is_empty() {
        return one(attempt, sided);
    }
    let failed: Vec<_> = attempt.each.iter().filter(|one| one.miss.is_some()).collect();
    let told: Vec<_> = if failed.is_empty() { attempt.each.iter().collect() } else { failed };
    let mut whom: Vec<_> = told.iter().filter_map(|attempt| one(attempt, sided)).take(ADDRESSES).collect();
    if told.len() > ADDRESSES {
        whom.push(format!("{} more", told.len() - ADDRESSES));
    }
    let of = if told.len() == attempt.each.len() { String::new() } else { format!("{} of ", told.len()) };
    let addresses = if attempt.each.len() == 1 { "address" } else { "addresses" };
    Some(format!("{of}{} {addresses}: {}", attempt.each.len(), whom.join(", ")))
}

fn one(attempt: &Attempt, sided: bool) -> Option<String> {
    let peer = attempt.peer?;
    let Some(reached) = attempt.reached.filter(|_| sided) else { return Some(peer.to_string()) };
    let answered = attempt.answered;
    if answered.as_str() == reached.as_str() || answered == cutover::Answered::Unmarked {
        return Some(format!("{reached} {peer}"));
    }
    Some(format!("{reached} {peer}, answered by {answered}"))
}

/// The time that a step took, all its attempts and the pauses between them together, in seconds.
pub(crate) fn took(step: &StepRun) -> f64 {
    let Some((first, last)) = step.attempts.first().zip(step.last()) else { return 0.0 };
    (last.after + last.parts.total).saturating_sub(first.after).as_secs_f64()
}
