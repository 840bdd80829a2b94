//! The lines in which two documents differ.

use std::time::Duration;

use serde_json::{Number, Value};
use similar::{ChangeTag, TextDiff};

use crate::run::DiffLine;

/// So many lines that are the same are shown around those that differ.
const AROUND: usize = 2;
/// More lines than these nobody reads.
const MOST_LINES: usize = 60;
/// Longer lines are cut.
const LONGEST_LINE: usize = 160;
/// Larger documents are compared by their beginnings.
const MOST_COMPARED: usize = 20_000;
/// A shorter difference may be looked for so long; then the one that was found has to do.
const LOOKING: Duration = Duration::from_millis(100);

/// The lines in which two documents differ, with what stands around them.
pub(super) fn diff(expected: &Value, actual: &Value) -> Vec<DiffLine<String>> {
    let (expected, actual) = (written(expected), written(actual));
    let (expected, actual) = (lines(&expected), lines(&actual));
    let diff = TextDiff::configure().timeout(LOOKING).diff_slices(&expected, &actual);
    let mut told = Vec::new();
    let mut at = 0;
    for group in diff.grouped_ops(AROUND) {
        let from = group.first().map_or(at, |op| op.old_range().start);
        if from > at {
            told.push(DiffLine::Omitted(from - at));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = shortened(change.value());
            told.push(match change.tag() {
                ChangeTag::Equal => DiffLine::Same(line),
                ChangeTag::Delete => DiffLine::Expected(line),
                ChangeTag::Insert => DiffLine::Actual(line),
            });
        }
        at = group.last().map_or(at, |op| op.old_range().end);
    }
    // What is the same at the end says nothing, so it is left out without a word.
    let over = told.len().saturating_sub(MOST_LINES);
    if over > 0 {
        told.truncate(MOST_LINES);
        told.push(DiffLine::Omitted(over));
    }
    told
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().take(MOST_COMPARED).collect()
}

/// A document as it is laid out for people: a line a value, fields by their names.
fn written(value: &Value) -> String {
    let plain = plain(value);
    serde_json::to_string_pretty(&plain).unwrap_or_else(|_| plain.to_string())
}

/// Numbers that are equal are written alike: 7.0 as 7.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(whole(number).unwrap_or_else(|| number.clone())),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        other => other.clone(),
    }
}

/// A whole number that was written with a fraction. Beyond 2^53 it may stand for several.
fn whole(number: &Number) -> Option<Number> {
    let value = number.as_f64().filter(|value| number.is_f64() && value.fract() == 0.0)?;
    (value.abs() < 9_007_199_254_740_992.0).then(|| Number::from(value as i64))
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(expected: &Value, actual: &Value) -> String {
        diff(expected, actual).iter().map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn lines_that_differ_are_told_with_those_around_them() {
        let expected = json!({ "a": 1, "b": 2, "c": 3, "d": 4, "e": { "f": [1, 2] }, "z": 7 });
        let actual = json!({ "a": 1.0, "b": 2, "c": 3, "d": 4, "e": { "f": [1, 3, 2] }, "z": "7" });
        let wanted = r#"  ... 6 lines
      "f": [
        1,
+       3,
        2
      ]
    },
-   "z": 7
+   "z": "7"
  }
"#;
        assert_eq!(shown(&expected, &actual), wanted);
        assert_eq!(shown(&actual, &actual), "");
    }

    #[test]
    fn a_difference_of_any_size_is_told_in_few_short_lines() {
        let many =
            |from: u64| -> Value { (from..from + 30_000).map(|n| json!([n, "x".repeat(9)])).collect() };
        let told = diff(&many(0), &many(1_000_000));
        assert_eq!(told.len(), MOST_LINES + 1);
        let told = diff(&json!("x".repeat(100_000)), &json!(1));
        assert!(told.iter().all(|line| line.to_string().chars().count() < 170), "{told:?}");
    }
}
