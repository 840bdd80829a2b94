//! Remarks: what is allowed in a journey, and still likely a mistake.

use std::collections::BTreeSet;
use std::time::Duration;

use cutover::{Part, Reached, Route};

use super::Loader;
use crate::answer::Found;
use crate::grammar::{Expectation, Op, Operand, Predicate, Query, Yields};
use crate::template::Workshop;
use crate::vars::Vars;
use document::{Place, Remark};

/// Variables that the file makes, and what is used of them.
#[derive(Default)]
pub(crate) struct Uses {
    /// What is to be said of each, should nothing use it.
    made: Vec<(String, Remark)>,
    used: BTreeSet<String>,
    /// What is to be said of the files that it includes.
    elsewhere: Vec<Remark>,
}

impl Uses {
    /// Notes that a variable is used.
    pub(super) fn of(&mut self, name: &str) {
        if !self.used.contains(name) {
            self.used.insert(name.to_owned());
        }
    }

    /// Notes what is to be said of an included file; one that is included twice is told of once.
    pub(super) fn elsewhere(&mut self, remarks: Vec<Remark>) {
        for remark in remarks {
            if !self.elsewhere.contains(&remark) {
                self.elsewhere.push(remark);
            }
        }
    }

    /// What is to be said at the end: of the included files, and of the variables that nothing uses.
    pub(super) fn remarks(self) -> impl Iterator<Item = Remark> {
        let Self { made, used, elsewhere } = self;
        let unused = made.into_iter().filter(move |(name, _)| !used.contains(name)).map(|(_, remark)| remark);
        elsewhere.into_iter().chain(unused)
    }
}

impl Loader<'_> {
    /// Notes that `vars` has made a variable there.
    pub(super) fn declared(&mut self, name: &str, place: Place) {
        let remark = self.source.remarked(place, format!("the variable `{name}` is never used"), None);
        self.uses.made.push((name.to_owned(), remark));
    }

    /// Notes that `save` has made a variable there, of what was asked so. What an included file saves, it may save for
    /// others.
    pub(super) fn saved(&mut self, name: &str, place: Place, query: &Query, asked: &str) {
        if self.including.current().is_some() {
            return;
        }
        let asked = asked.trim().strip_prefix("secret ").unwrap_or(asked).trim();
        let help = if query.may_be_missing() {
            format!("to expect that it is there, `{asked} exists` is enough")
        } else {
            "leave it out".to_owned()
        };
        let remark = self.source.remarked(place, format!("`{name}` is saved and never used"), Some(help));
        self.uses.made.push((name.to_owned(), remark));
    }

    /// Remarks on expectations of one step that cannot fail, or cannot hold, beside the others.
    pub(super) fn weigh(&mut self, expect: &[Expectation], timeout: Option<Duration>) {
        for (index, one) in expect.iter().enumerate() {
            let found = too_long(one, timeout).or_else(|| {
                let others = expect.iter().enumerate().filter(|(other, _)| *other != index);
                others.filter_map(|(other, beside)| one.beside(beside, other < index)).next()
            });
            if let Some((message, help)) = found {
                let place = Place { line: one.at.line, column: one.at.column, width: one.at.width };
                self.source.remark(place, message, Some(help));
            }
        }
    }
}

/// A limit that the step's own timeout cuts off.
fn too_long(expectation: &Expectation, timeout: Option<Duration>) -> Option<(String, String)> {
    let timeout = timeout?;
    let (false, Query::Duration(Part::Total)) = (expectation.negated, &expectation.query) else {
        return None;
    };
    match &expectation.predicate {
        Predicate::Compare(Op::Less | Op::AtMost, Operand::Time(limit)) if *limit > timeout => {
            let shown = humantime::format_duration(timeout);
            let message = format!("`{}` cannot fail: the step's `timeout` is {shown}", expectation.text);
            Some((message, "leave it out, or lower it".to_owned()))
        }
        _ => None,
    }
}

impl Expectation {
    /// What is to be said of it beside another one, which stands `before` it or behind.
    fn beside(&self, other: &Self, before: bool) -> Option<(String, String)> {
        if self.asked != other.asked {
            return None;
        }
        let out = || "leave it out".to_owned();
        let (text, beside) = (&self.text, &other.text);
        if text == beside {
            return before.then(|| (format!("`{text}` is said twice"), out()));
        }
        let plain = |text: &str| text.strip_prefix("not ").unwrap_or(text).trim().to_owned();
        if plain(text) == plain(beside) {
            let message = format!("`{text}` cannot hold where `{beside}` does");
            return before.then(|| (message, "leave one of them out".to_owned()));
        }
        if let Some(value) = other.pinned() {
            return match self.holds_of_constant(&value)? {
                true => Some((format!("`{text}` cannot fail where `{beside}` holds"), out())),
                // Of two values each excludes the other: that is said once.
                false if self.pinned().is_some() && !before => None,
                false => {
                    let help = match self.pinned() {
                        Some(own) => {
                            let (value, own) = (value.shown(), own.shown());
                            format!("one of several: `{} one-of {value} {own}`", self.asked)
                        }
                        None => "leave one of them out".to_owned(),
                    };
                    Some((format!("`{text}` cannot hold where `{beside}` does"), help))
                }
            };
        }
        let exists = matches!(self.predicate, Predicate::Exists) && !self.negated;
        (exists && other.needs_something())
            .then(|| (format!("`{text}` cannot fail where `{beside}` holds"), out()))
    }

    /// The one value that it allows, if it allows one.
    fn pinned(&self) -> Option<Found<'static>> {
        let Predicate::Compare(Op::Equal, operand) = &self.predicate else { return None };
        if self.negated || !operand.is_constant() {
            return None;
        }
        let value = |operand: &Operand| match operand {
            Operand::Value(value) => Some(value.clone()),
            Operand::Text(template) => template.literal().map(Into::into),
            _ => None,
        };
        match (self.query.yields(), operand) {
            (Yields::Status | Yields::Number | Yields::Json, operand) => value(operand).map(Found::of),
            (Yields::Text | Yields::Texts, Operand::Text(template)) => {
                template.literal().map(|text| Found::Text(text.to_owned().into()))
            }
            (Yields::Side, Operand::Side(side)) => Some(match self.query {
                Query::Reached => Found::Reached(Reached::from(*side)),
                _ => Found::Answered((*side).into()),
            }),
            _ => None,
        }
    }

    /// Whether it holds of a value, if that is the same in every run.
    fn holds_of_constant(&self, value: &Found<'_>) -> Option<bool> {
        let (predicate, operands) = (&self.predicate, self.predicate.operands());
        // These ask for more than the value, or for the time of day.
        let more = matches!(
            predicate,
            Predicate::Count(..)
                | Predicate::Empty
                | Predicate::Within(_)
                | Predicate::Same
                | Predicate::Equals(_)
        );
        if more || !operands.iter().all(Operand::is_constant) {
            return None;
        }
        self.holds_of(value, &Vars::new(Workshop::new().finish()), Route::Live).ok()
    }

    /// Whether it holds only of what is there.
    const fn needs_something(&self) -> bool {
        let without = matches!(
            self.predicate,
            Predicate::Compare(Op::Unequal, _) | Predicate::Count(..) | Predicate::Empty | Predicate::Exists
        );
        !self.negated && !without
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    /// What is said of the second beside the first, and of the first beside the second.
    fn said(first: &str, second: &str) -> [String; 2] {
        let parse = |text: &str| {
            let mut workshop = Workshop::new();
            Expectation::parse(text, &mut |text| workshop.compile(text)).unwrap()
        };
        let (first, second) = (parse(first), parse(second));
        let told = |it: Option<(String, String)>| it.map_or_else(String::new, |(message, _)| message);
        [told(second.beside(&first, true)), told(first.beside(&second, false))]
    }

    #[test]
    fn what_cannot_fail_and_what_cannot_hold_is_said_once() {
        for (first, second, message) in [
            ("status == 200", "status == 200", "`status == 200` is said twice"),
            ("status == 200", "status == 201", "`status == 201` cannot hold where `status == 200` does"),
            ("status == 200", "status < 300", "`status < 300` cannot fail where `status == 200` holds"),
            ("status == 200", "status >= 400", "`status >= 400` cannot hold where `status == 200` does"),
            ("json $.a == x", "json $.a exists", "`json $.a exists` cannot fail where `json $.a == x` holds"),
            (
                "json $.a is uuid",
                "json $.a exists",
                "`json $.a exists` cannot fail where `json $.a is uuid` holds",
            ),
            (
                "body contains a",
                "not body contains a",
                "`not body contains a` cannot hold where `body contains a` does",
            ),
            (
                "answered == old",
                "answered one-of old new",
                "`answered one-of old new` cannot fail where `answered == old` holds",
            ),
            (
                "header a == x",
                "not header a matches /x/",
                "`not header a matches /x/` cannot hold where `header a == x` does",
            ),
        ] {
            assert_eq!(said(first, second), [message, ""], "{first}, {second}");
        }
    }

    #[test]
    fn what_may_be_meant_is_left_alone() {
        for (first, second) in [
            ("status == 200", "header a exists"),
            ("json $.a == 7", "json $.b == 8"),
            ("json $.a == {{ x }}", "json $.a != 7"),
            ("json $.a[*] == 7", "json $.a[*] count == 1"),
            ("json $.a exists", "json $.a != 7"),
            ("json $.a exists", "not json $.a == 7"),
            ("answered == route", "answered != unmarked"),
            ("duration < 1s", "duration < 2s"),
        ] {
            assert_eq!(said(first, second), ["", ""], "{first}, {second}");
        }
    }
}
