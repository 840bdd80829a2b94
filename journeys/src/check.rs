//! Whether an expectation holds of an answer.

use cutover::{Answered, FailureKind, Reached, Route};
use serde_json::Value;

use crate::answer::{Answer, Found, milliseconds};
use crate::grammar::{Expectation, Op, Operand, Predicate, Query};
use crate::run::Unmet;
use crate::vars::{ScriptError, Vars};

impl Expectation {
    /// Whether it holds of the answer.
    pub(crate) fn holds(&self, answer: &Answer, vars: &Vars, route: Route) -> Result<bool, ScriptError> {
        Ok(self.predicate.holds(&answer.find(&self.query), vars, route)? != self.negated)
    }

    /// What is wrong with the answer, if anything.
    pub(crate) fn check(
        &self,
        answer: &Answer,
        vars: &Vars,
        route: Route,
    ) -> Result<Option<Unmet<String>>, ScriptError> {
        let found = answer.find(&self.query);
        if self.predicate.holds(&found, vars, route)? != self.negated {
            return Ok(None);
        }
        Ok(Some(Unmet {
            text: self.text.clone(),
            at: self.at.clone(),
            expected: self.wanted(vars)?,
            actual: found.shown(),
            diff: Vec::new(),
        }))
    }

    /// The kind of failure that goes with what is asked; `None` for a wrong answer, which a step may name.
    pub(crate) const fn kind(&self) -> Option<FailureKind> {
        match self.query {
            Query::Status => Some(FailureKind::Status),
            Query::Duration => Some(FailureKind::Timeout),
            Query::Reached | Query::Answered => Some(FailureKind::WrongSide),
            _ => None,
        }
    }

    /// What is wanted, with its variables filled in.
    fn wanted(&self, vars: &Vars) -> Result<String, ScriptError> {
        let wanted = self.predicate.wanted(vars)?;
        Ok(if self.negated { format!("not {wanted}") } else { wanted })
    }
}

impl Predicate {
    /// What is wanted: an equal value by itself, `201`, anything else with its word, `< 300`.
    fn wanted(&self, vars: &Vars) -> Result<String, ScriptError> {
        let (word, operand) = match self {
            Self::Compare(Op::Equal, operand) => return operand.shown(vars),
            Self::Compare(op, operand) => (op.as_str(), operand),
            Self::Contains(operand) => ("contains", operand),
            Self::StartsWith(operand) => ("starts-with", operand),
            Self::EndsWith(operand) => ("ends-with", operand),
            Self::Matches(regex) => return Ok(format!("matches /{regex}/")),
            Self::Exists => return Ok("exists".to_owned()),
        };
        Ok(format!("{word} {}", operand.shown(vars)?))
    }

    /// Whether it holds of what was found.
    pub(crate) fn holds(&self, found: &Found, vars: &Vars, route: Route) -> Result<bool, ScriptError> {
        Ok(match (self, found) {
            (Self::Exists, Found::Nothing(_)) => false,
            (Self::Exists, _) => true,
            (Self::Compare(op, Operand::Time(limit)), Found::Time(time)) => op.of(time.cmp(limit)),
            (Self::Compare(op, operand), Found::Reached(reached)) => {
                let wanted = operand.side(route).map(|side| side.map_or(Reached::Other, Reached::from));
                op.same(wanted.is_none_or(|wanted| wanted == *reached))
            }
            (Self::Compare(op, operand), Found::Answered(answered)) => {
                let wanted = operand.side(route).map(|side| side.map_or(Answered::Unmarked, Answered::from));
                op.same(wanted.is_none_or(|wanted| wanted == *answered))
            }
            (Self::Compare(op, operand), Found::Value(value)) => compare(*op, value, &operand.value(vars)?),
            (Self::Contains(operand), Found::Value(value)) => contains(value, &operand.value(vars)?),
            (Self::StartsWith(operand), Found::Value(value)) => {
                text_of(value).starts_with(text_of(&operand.value(vars)?).as_ref())
            }
            (Self::EndsWith(operand), Found::Value(value)) => {
                text_of(value).ends_with(text_of(&operand.value(vars)?).as_ref())
            }
            (Self::Matches(regex), Found::Value(value)) => regex.is_match(&text_of(value)),
            // Nothing was found: it is different from everything, and has no other property.
            (Self::Compare(Op::Unequal, _), Found::Nothing(_)) => true,
            _ => false,
        })
    }
}

impl Operand {
    /// The side that is meant, `Some(None)` for neither; `None` when every side is right, as on the live route.
    fn side(&self, route: Route) -> Option<Option<cutover::Side>> {
        match self {
            Self::Side(side) => Some(Some(*side)),
            Self::Route => route.pinned().map(Some),
            _ => Some(None),
        }
    }

    /// The value in words, with its variables filled in.
    fn shown(&self, vars: &Vars) -> Result<String, ScriptError> {
        Ok(match self {
            Self::Value(_) | Self::Text(_) => Found::Value(self.value(vars)?).shown(),
            Self::Time(time) => milliseconds(*time),
            Self::Side(side) => side.as_str().to_owned(),
            Self::Neither => "neither".to_owned(),
            Self::Route => "route".to_owned(),
        })
    }

    fn value(&self, vars: &Vars) -> Result<Value, ScriptError> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::Text(template) => vars.value(template),
            _ => Ok(Value::Null),
        }
    }
}

impl Op {
    fn of(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Unequal => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::More => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }

    fn same(self, same: bool) -> bool {
        if self == Self::Unequal { !same } else { same }
    }
}

fn compare(op: Op, found: &Value, wanted: &Value) -> bool {
    if matches!(op, Op::Equal | Op::Unequal) {
        return op.same(equal(found, wanted));
    }
    match (number_of(found), number_of(wanted)) {
        (Some(found), Some(wanted)) => found.partial_cmp(&wanted).is_some_and(|ordering| op.of(ordering)),
        _ => false,
    }
}

/// 21.5 and 21.50 are equal, 7 and 7.0 too; a text and a number are not.
fn equal(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Number(_), Value::Number(_)) if found != wanted => {
            matches!((found.as_f64(), wanted.as_f64()), (Some(a), Some(b)) if a == b)
                && !both_whole(found, wanted)
        }
        _ => found == wanted,
    }
}

/// Large whole numbers that differ may be equal as floating point; they are different all the same.
fn both_whole(a: &Value, b: &Value) -> bool {
    !a.is_f64() && !b.is_f64()
}

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn contains(found: &Value, wanted: &Value) -> bool {
    match found {
        Value::Array(items) => items.iter().any(|item| equal(item, wanted)),
        Value::Object(fields) => fields.contains_key(text_of(wanted).as_ref()),
        other => text_of(other).contains(text_of(wanted).as_ref()),
    }
}

fn text_of(value: &Value) -> std::borrow::Cow<'_, str> {
    match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::template::Workshop;

    fn holds(text: &str, answer: &Answer, route: Route) -> bool {
        let mut workshop = Workshop::new();
        let expectation = Expectation::parse(text, &mut |text| workshop.compile(text)).unwrap();
        let mut vars = Vars::new(workshop.finish());
        vars.set("seven", 7);
        expectation.check(answer, &vars, route).unwrap().is_none()
    }

    fn answer(body: &'static str) -> Answer {
        let mut answer = Answer { body: body.into(), ..Answer::default() };
        answer.parts.total = Duration::from_millis(300);
        answer.reached = Some(Reached::Old);
        answer.answered = Some(Answered::New);
        answer.headers.insert("x-count", http::HeaderValue::from_static("12"));
        answer
    }

    #[test]
    fn values_are_compared_by_their_meaning() {
        let answer = answer(
            r#"{"n": 21.50, "i": 7, "big": 9007199254740993, "t": "7", "no": null, "l": [1, "a"], "o": {"k": 1}}"#,
        );
        for holding in [
            "json $.n == 21.5",
            "json $.i == 7.0",
            "json $.i == {{ seven }}",
            "json $.i == \"{{ seven }}\"",
            "json $.t == \"7\"",
            "json $.t != 7",
            "json $.big != 9007199254740992",
            "json $.no == null",
            "json $.no exists",
            "not json $.none exists",
            "json $.none != 1",
            "not json $.none == null",
            "json $.l contains a",
            "json $.l contains 1.0",
            "json $.o contains k",
            "json $.t >= 6.5",
            "header x-count > 11",
            "header x-count == 12",
            "header x-count starts-with 1",
            "header x-count ends-with 2",
            "body contains 21.50",
            "body matches /\"i\":\\s7/",
            "duration <= 300ms",
            "duration > 200ms",
        ] {
            assert!(holds(holding, &answer, Route::Old), "{holding}");
            let negated =
                holding.strip_prefix("not ").map_or_else(|| format!("not {holding}"), str::to_owned);
            assert!(!holds(&negated, &answer, Route::Old), "{negated}");
        }
    }

    #[test]
    fn the_route_stands_for_its_side_and_live_for_any() {
        let answer = answer("");
        assert!(holds("reached == route", &answer, Route::Old));
        assert!(!holds("answered == route", &answer, Route::Old));
        assert!(holds("answered == route", &answer, Route::New));
        assert!(holds("answered == route", &answer, Route::Live));
        assert!(holds("answered != old", &answer, Route::Live));
        assert!(!holds("reached == other", &answer, Route::Live));
        assert!(!holds("answered == unmarked", &answer, Route::Live));
    }
}
