//! A whole expectation.

use cutover::{Answered, FailureKind, Reached, Route};

use super::diff::diff;
use crate::answer::{Answer, Found, milliseconds};
use crate::grammar::{Expectation, Op, Operand, Predicate, Query};
use crate::run::{DiffLine, Unmet};
use crate::vars::{ScriptError, Vars};

impl Expectation {
    /// Whether it holds of the answer.
    pub(crate) fn holds(&self, answer: &Answer, vars: &Vars, route: Route) -> Result<bool, ScriptError> {
        self.holds_of(&answer.find(&self.query), vars, route)
    }

    /// What is wrong with the answer, if anything.
    pub(crate) fn check(
        &self,
        answer: &Answer,
        vars: &Vars,
        route: Route,
    ) -> Result<Option<Unmet<String>>, ScriptError> {
        let found = answer.find(&self.query);
        if self.holds_of(&found, vars, route)? {
            return Ok(None);
        }
        Ok(Some(Unmet {
            text: self.text.clone(),
            at: self.at.clone(),
            expected: self.wanted(vars, route)?,
            actual: self.predicate.looked_at(&found),
            diff: if self.negated { Vec::new() } else { self.predicate.diff(found, vars)? },
        }))
    }

    /// The kind of failure that goes with what is asked; `None` for a wrong answer, which a step may name.
    pub(crate) const fn kind(&self) -> Option<FailureKind> {
        match self.query {
            Query::Status => Some(FailureKind::Status),
            Query::Duration(_) | Query::Vital(_) => Some(FailureKind::Timeout),
            Query::Reached | Query::Answered => Some(FailureKind::WrongSide),
            Query::Rcode => Some(FailureKind::Resolve),
            _ => None,
        }
    }

    /// Whether it holds of what its query found.
    pub(crate) fn holds_of(&self, found: &Found<'_>, vars: &Vars, route: Route) -> Result<bool, ScriptError> {
        // Of a single answer nothing can be said to be the same or not, but that it is there.
        let negated = self.negated && !matches!(self.predicate, Predicate::Same);
        Ok(self.predicate.holds(found, vars, route)? != negated)
    }

    /// What is wanted, with its variables filled in.
    pub(super) fn wanted(&self, vars: &Vars, route: Route) -> Result<String, ScriptError> {
        let wanted = self.predicate.wanted(&self.query, vars, route)?;
        Ok(if self.negated { format!("not {wanted}") } else { wanted })
    }
}

impl Predicate {
    /// What is wanted: an equal value by itself, `201`, anything else with its word, `< 300`.
    fn wanted(&self, query: &Query, vars: &Vars, route: Route) -> Result<String, ScriptError> {
        let shown = |operand: &Operand| operand.shown(query, vars, route);
        Ok(match self {
            Self::Compare(Op::Equal, operand) => shown(operand)?,
            Self::Compare(op, operand) => format!("{} {}", op.as_str(), shown(operand)?),
            Self::Contains(operand) => format!("contains {}", shown(operand)?),
            Self::StartsWith(operand) => format!("starts-with {}", shown(operand)?),
            Self::EndsWith(operand) => format!("ends-with {}", shown(operand)?),
            Self::Matches(regex) => format!("matches /{regex}/"),
            Self::OneOf(operands) => {
                let values = operands.iter().map(shown);
                format!("one-of {}", values.collect::<Result<Vec<_>, _>>()?.join(" "))
            }
            Self::Is(sort) => format!("is {}", sort.as_str()),
            Self::Count(op, operand) => format!("count {} {}", op.as_str(), shown(operand)?),
            Self::Within(time) => format!("within {}", humantime::format_duration(*time)),
            Self::Exists => "exists".to_owned(),
            Self::Empty => "empty".to_owned(),
            Self::Same => "same".to_owned(),
            Self::Equals(document) => Found::of(document.wanted(vars)?).shown(),
        })
    }

    /// What there was, as far as it matters.
    fn looked_at(&self, found: &Found<'_>) -> String {
        match (self, found.count()) {
            (Self::Count(..), Some(count)) => count.to_string(),
            _ => found.shown(),
        }
    }

    /// The lines in which two documents differ.
    fn diff(&self, found: Found<'_>, vars: &Vars) -> Result<Vec<DiffLine<String>>, ScriptError> {
        let Found::Value(found) = found.settled() else { return Ok(Vec::new()) };
        Ok(match self {
            Self::Equals(document) => diff(&document.wanted(vars)?, &document.counted(found.into_owned())),
            Self::Compare(Op::Equal, operand) => {
                let wanted = operand.value(vars)?;
                let both = [&wanted, &*found].iter().all(|value| value.is_object() || value.is_array());
                if both { diff(&wanted, &found) } else { Vec::new() }
            }
            _ => Vec::new(),
        })
    }
}

impl Operand {
    /// The value in words, with its variables filled in.
    fn shown(&self, query: &Query, vars: &Vars, route: Route) -> Result<String, ScriptError> {
        Ok(match (self, query) {
            (Self::Value(_) | Self::Text(_) | Self::Number(_), _) => Found::of(self.value(vars)?).shown(),
            (Self::Time(time), _) => milliseconds(*time),
            (Self::Side(side), _) => side.as_str().to_owned(),
            (Self::Neither, Query::Reached) => Reached::Other.as_str().to_owned(),
            (Self::Neither, _) => Answered::Unmarked.as_str().to_owned(),
            (Self::Route, _) => format!("{} (the route)", route.as_str()),
        })
    }
}
