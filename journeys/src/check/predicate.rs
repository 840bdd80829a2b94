//! Whether a predicate holds of what a query found.

use chrono::Utc;
use cutover::{Answered, Reached, Route, Side};
use serde_json::{Number, Value};

use super::compare::{compare, contains, text_of};
use super::stamp;
use crate::answer::Found;
use crate::grammar::{Op, Operand, Predicate};
use crate::vars::{ScriptError, Vars};

impl Predicate {
    /// Whether it holds of what was found.
    pub(crate) fn holds(&self, found: &Found<'_>, vars: &Vars, route: Route) -> Result<bool, ScriptError> {
        match self {
            // These ask how much was found, and not what.
            Self::Empty => Ok(found.is_empty()),
            Self::Count(op, operand) => {
                let Some(count) = found.count() else { return Ok(false) };
                Ok(compare(*op, &count.into(), &operand.value(vars)?))
            }
            _ => match found {
                Found::Nodes(_) | Found::Texts(_) => self.holds_of(&found.clone().settled(), vars, route),
                found => self.holds_of(found, vars, route),
            },
        }
    }

    fn holds_of(&self, found: &Found<'_>, vars: &Vars, route: Route) -> Result<bool, ScriptError> {
        Ok(match (self, found) {
            // Nothing was found: it is different from everything, and has no other property.
            (Self::Compare(Op::Unequal, _), Found::Nothing(_)) => true,
            (_, Found::Nothing(_)) => false,
            (Self::Exists | Self::Same, _) => true,
            (Self::Compare(op, operand), found) => operand.compare(*op, found, vars, route)?,
            (Self::OneOf(operands), found) => {
                for operand in operands {
                    if operand.compare(Op::Equal, found, vars, route)? {
                        return Ok(true);
                    }
                }
                false
            }
            (Self::Contains(operand), Found::Text(text)) => text.contains(&operand.text(vars)?),
            (Self::Contains(operand), Found::Value(value)) => contains(value, &operand.value(vars)?),
            (Self::StartsWith(operand), Found::Text(text)) => text.starts_with(&operand.text(vars)?),
            (Self::StartsWith(operand), Found::Value(value)) => {
                text_of(value).starts_with(&operand.text(vars)?)
            }
            (Self::EndsWith(operand), Found::Text(text)) => text.ends_with(&operand.text(vars)?),
            (Self::EndsWith(operand), Found::Value(value)) => text_of(value).ends_with(&operand.text(vars)?),
            (Self::Matches(regex), Found::Text(text)) => regex.is_match(text),
            (Self::Matches(regex), Found::Value(value)) => regex.is_match(&text_of(value)),
            (Self::Is(sort), Found::Text(text)) => sort.is_text(text),
            (Self::Is(sort), Found::Value(value)) => sort.is(value),
            (Self::Within(limit), Found::Text(text)) => {
                stamp::is_within(&Value::from(&**text), *limit, Utc::now())
            }
            (Self::Within(limit), Found::Value(value)) => stamp::is_within(value, *limit, Utc::now()),
            (Self::Equals(document), Found::Value(value)) => document.is(value, vars)?,
            _ => false,
        })
    }
}

impl Operand {
    /// Whether what was found compares with this value so.
    fn compare(&self, op: Op, found: &Found<'_>, vars: &Vars, route: Route) -> Result<bool, ScriptError> {
        Ok(match found {
            Found::Time(time) => matches!(self, Self::Time(limit) if op.of(time.cmp(limit))),
            Found::Reached(reached) => {
                let wanted = self.side(route).map(|side| side.map_or(Reached::Other, Reached::from));
                op.same(wanted.is_none_or(|wanted| wanted == *reached))
            }
            Found::Answered(answered) => {
                let wanted = self.side(route).map(|side| side.map_or(Answered::Unmarked, Answered::from));
                op.same(wanted.is_none_or(|wanted| wanted == *answered))
            }
            Found::Value(value) => compare(op, value, &self.value(vars)?),
            // What is text is compared as text, whatever the type of a variable.
            Found::Text(text) if op.is_by_size() => {
                let wanted = self.text(vars)?;
                compare(op, &Value::from(&**text), &wanted.into())
            }
            Found::Text(text) => op.same(**text == self.text(vars)?),
            Found::Nothing(_) | Found::Nodes(_) | Found::Texts(_) => false,
        })
    }

    /// The side that is meant, `Some(None)` for neither; `None` when every side is right, as on the live route.
    fn side(&self, route: Route) -> Option<Option<Side>> {
        match self {
            Self::Side(side) => Some(Some(*side)),
            Self::Route => route.pinned().map(Some),
            _ => Some(None),
        }
    }

    /// The value, with its variables filled in.
    pub(super) fn value(&self, vars: &Vars) -> Result<Value, ScriptError> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::Text(template) => vars.value(template),
            Self::Number(template) => {
                let text = vars.render(template)?;
                let number = serde_json::from_str::<Number>(text.trim());
                number.map(Value::Number).map_err(|_| ScriptError(format!("`{text}` is no number")))
            }
            _ => Ok(Value::Null),
        }
    }

    /// The value as text.
    fn text(&self, vars: &Vars) -> Result<String, ScriptError> {
        match self {
            Self::Text(template) => vars.render(template),
            other => other.value(vars).map(|value| text_of(&value).into_owned()),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::Duration;

    use cutover::Vitals;

    use super::*;
    use crate::answer::{Answer, Page};
    use crate::grammar::Expectation;
    use crate::template::Workshop;

    fn holds(text: &str, answer: &Answer, route: Route) -> bool {
        let mut workshop = Workshop::new();
        let expectation = Expectation::parse(text, &mut |text| workshop.compile(text)).unwrap();
        let mut vars = Vars::new(workshop.finish());
        vars.set("seven", 7);
        vars.set("four", "4");
        let unmet = expectation.check(answer, &vars, route).unwrap();
        assert_eq!(unmet.is_none(), expectation.holds(answer, &vars, route).unwrap());
        unmet.is_none()
    }

    fn answer(body: &'static str) -> Answer {
        let mut answer = Answer { body: body.into(), ..Answer::default() };
        answer.parts.total = Duration::from_millis(300);
        answer.reached = Some(Reached::Old);
        answer.answered = Some(Answered::New);
        for (name, value) in [("x-count", "12"), ("x-seven", "7"), ("x-empty", "")] {
            answer.headers.insert(name, http::HeaderValue::from_static(value));
        }
        answer
    }

    #[test]
    fn a_page_that_painted_nothing_has_no_time_for_it() {
        let vitals = Vitals { fcp: Some(Duration::from_millis(300)), cls: Some(0.0), ..Vitals::default() };
        let answer = Answer { page: Some(Page { title: String::new(), vitals }), ..Answer::default() };
        for holding in ["fcp exists", "cls exists", "not lcp exists", "not ttfb exists", "not lcp < 1s"] {
            assert!(holds(holding, &answer, Route::Old), "{holding}");
        }
    }

    #[test]
    fn values_are_compared_by_their_meaning() {
        let answer = answer(
            r#"{"n": 21.50, "i": 7, "big": 9007199254740993, "t": "7", "no": null, "l": [1, "a"], "o": {"k": 1},
                "e": [], "at": "2026-11-22T08:00:00Z", "id": "67e55044-10b1-426f-9247-bb680e5fe0c8", "p": [{"v": 1}, {"v": 2}]}"#,
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
            "duration.connect < 1ms",
            "json $.i one-of 6 7.0 8",
            "json $.t one-of 7 \"7\"",
            "not json $.none one-of 1 null",
            "header x-count one-of 11 12",
            "header x-seven == {{ seven }}",
            "answered one-of old new",
            "json $.i is integer",
            "not json $.t is integer",
            "header x-count is integer",
            "json $.id is uuid",
            "json $.at is date",
            "json $.p[*].v is list",
            "json $.l count == 2",
            "json $.o count == 1",
            "json $.p[*] count == 2",
            "json $.p[?@.v == 2] count == 1",
            "json $.p[?@.v == 9] count == 0",
            "json $.l count < {{ four }}",
            "not json $.none count == 0",
            "not json $.i count == 1",
            "json $.e empty",
            "json $.p[?@.v == 9] empty",
            "not json $.none empty",
            "not json $.l empty",
            "header x-empty empty",
            "not body empty",
            "css .none empty",
            "css .none count == 0",
            "not css .none exists",
            "not json $.at within 5s",
            "json $.at within 999999d",
            "not json $.i within 5s",
            "json $.i same",
            "bytes > {{ four }}",
            "bytes != {{ four }}",
            "regex /\"t\": \"(.)\"/ == 7",
        ] {
            assert!(holds(holding, &answer, Route::Old), "{holding}");
            let negated =
                holding.strip_prefix("not ").map_or_else(|| format!("not {holding}"), str::to_owned);
            // Whether it is the same elsewhere, one answer cannot say: only that there is something to compare.
            let same = holding.ends_with("same");
            assert_eq!(holds(&negated, &answer, Route::Old), same, "{negated}");
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
    #[test]
    fn what_becomes_no_number_is_the_scripts_fault() {
        let mut workshop = Workshop::new();
        let expectation =
            Expectation::parse("bytes > {{ name }}", &mut |text| workshop.compile(text)).unwrap();
        let mut vars = Vars::new(workshop.finish());
        vars.set("name", "robin");
        let error = expectation.check(&answer(""), &vars, Route::Old).unwrap_err();
        assert_eq!(error.to_string(), "`robin` is no number");
    }

    #[test]
    fn selected_elements_are_one_text_or_a_list() {
        let answer = answer("<title>Acme</title><ul><li>a<li> b  c</ul><a href=/x>next</a>");
        for holding in [
            "css title == Acme",
            "css a @href == /x",
            "css li count == 2",
            "css a count == 1",
            "css li contains \"b c\"",
            "not css li contains b",
            "css a contains ex",
            "css li is list",
            "css title matches /^A/",
            "css \"ul li:nth-child(2)\" one-of a \"b c\"",
        ] {
            assert!(holds(holding, &answer, Route::Old), "{holding}");
        }
    }
}
