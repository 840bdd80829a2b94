//! The Test Anything Protocol, version 14 (<https://testanything.org/tap-version-14-specification.html>): a subtest for
//! each run, a test point for each step.

use crate::words::{kind, printable, took, whom};
use crate::{Performed, Results, Standing, Told};

/// Writes the report.
pub(crate) fn write(results: &Results) -> String {
    let mut lines = vec!["TAP version 14".to_owned(), format!("1..{}", results.performed.len())];
    for (index, performed) in results.performed.iter().enumerate() {
        let title = description(&performed.title());
        lines.push(format!("# Subtest: {title}"));
        lines.push(format!("    1..{}", performed.planned.len()));
        for (index, told) in performed.steps().enumerate() {
            lines.extend(point(index + 1, told, results.sided).into_iter().map(|line| format!("    {line}")));
        }
        let passed = matches!(performed.standing(), Standing::Passed | Standing::Degraded);
        lines.push(format!("{} {} - {title}", word(passed), index + 1));
        if !passed {
            lines.extend(diagnostics(&run_facts(performed)));
        }
    }
    if results.left_out > 0 {
        lines.push(format!("Bail out! stopped: {} not begun", results.left_out));
    }
    lines.push(String::new());
    lines.join("\n")
}

const fn word(passed: bool) -> &'static str {
    if passed { "ok" } else { "not ok" }
}

fn point(number: usize, told: Told<'_>, sided: bool) -> Vec<String> {
    let name = description(told.name);
    let skip = match told.standing {
        Standing::Unreached => Some("the run ended before it"),
        Standing::Skipped => told.step.and_then(|step| step.skipped.as_deref()),
        _ => None,
    };
    if let Some(why) = skip {
        return vec![format!("ok {number} - {name} # SKIP {}", description(why))];
    }
    let passed = matches!(told.standing, Standing::Passed | Standing::Degraded);
    let mut lines = vec![format!("{} {number} - {name}", word(passed))];
    let Some(step) = told.step else { return lines };
    let mut facts = vec![("duration_ms", format!("{:.1}", took(step) * 1000.0))];
    if let Some(degraded) = step.degraded {
        facts.push(("budget_ms", format!("{:.1}", degraded.budget.as_secs_f64() * 1000.0)));
    }
    if let Some(miss) = step.last().and_then(|last| last.miss.as_ref()) {
        facts.push(("message", quoted(&miss.message)));
        facts
            .push(("severity", if told.standing == Standing::Aborted { "error" } else { "fail" }.to_owned()));
        facts.push(("kind", kind(miss).to_owned()));
        facts.push(("at", quoted(&miss.unmet.first().map_or(&step.at, |unmet| &unmet.at).to_string())));
        if let Some(unmet) = miss.unmet.first() {
            facts.push(("wanted", quoted(&unmet.expected)));
            facts.push(("found", quoted(&unmet.actual)));
        }
    }
    facts.extend(step.last().and_then(|last| whom(last, sided)).map(|whom| ("with", quoted(&whom))));
    lines.extend(diagnostics(&facts));
    lines
}

fn run_facts(performed: &Performed) -> Vec<(&'static str, String)> {
    let run = &performed.run;
    vec![
        ("message", quoted(&run.detail)),
        ("severity", if performed.standing() == Standing::Aborted { "error" } else { "fail" }.to_owned()),
        ("trace", quoted(&run.id.simple().to_string())),
    ]
}

/// A block of YAML below a test point.
fn diagnostics(facts: &[(&str, String)]) -> Vec<String> {
    let facts = facts.iter().map(|(name, value)| format!("  {name}: {value}"));
    ["  ---".to_owned()].into_iter().chain(facts).chain(["  ...".to_owned()]).collect()
}

/// A text as a description: `#` would begin a directive.
fn description(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('#', "\\#")
}

/// A text as YAML: JSON's are among its own.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
