//! JUnit's XML, as GitLab and Jenkins read it: a suite for each run, a case for each step. That the target failed is a
//! `failure`, that the canary did an `error`. There is no standard; the shape is that of Jenkins' junit-10.xsd.

use std::fmt::Write;

use cutover::Degraded;
use figures::seconds;
use journeys::StepRun;

use crate::failure::Failure;
use crate::words::{kind, printable, took, whom};
use crate::{Look, Performed, Results, Standing, Tally, Told};

/// Writes the report.
pub(crate) fn write(results: &Results) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    line(&mut xml, 0, "<testsuites", &figures(&results.performed, results.took.as_secs_f64()), ">");
    for performed in &results.performed {
        suite(&mut xml, performed, results);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn suite(xml: &mut String, performed: &Performed, results: &Results) {
    let run = &performed.run;
    let mut attributes = vec![("name", performed.title())];
    attributes.extend(figures(std::slice::from_ref(performed), run.took.as_secs_f64()));
    attributes.push(("timestamp", run.started.format("%Y-%m-%dT%H:%M:%S").to_string()));
    attributes.push(("file", performed.file.to_string()));
    line(xml, 1, "<testsuite", &attributes, ">");
    line(xml, 2, "<properties", &[], ">");
    let row = run.row.map(|row| ("row", row.to_string()));
    let own = [("route", run.route.to_string()), ("trace", run.id.simple().to_string())];
    for (name, value) in own.into_iter().chain(row) {
        line(xml, 3, "<property", &[("name", name.to_owned()), ("value", value)], "/>");
    }
    line(xml, 2, "</properties", &[], ">");
    for told in performed.steps() {
        case(xml, told, performed, results);
    }
    if unbegun(performed) {
        let attributes = [("name", "begin".to_owned()), ("classname", performed.title())];
        line(xml, 2, "<testcase", &attributes, ">");
        line(xml, 3, "<error", &[("message", printable(&run.detail))], "/>");
        line(xml, 2, "</testcase", &[], ">");
    }
    line(xml, 1, "</testsuite", &[], ">");
}

fn case(xml: &mut String, told: Told<'_>, performed: &Performed, results: &Results) {
    let time = told.step.map_or(0.0, took);
    let mut attributes = vec![
        ("name", told.name.to_owned()),
        ("classname", performed.title()),
        ("time", format!("{time:.3}")),
    ];
    if let Some(step) = told.step {
        attributes.push(("file", step.at.file.to_string()));
        attributes.push(("line", step.at.line.to_string()));
    }
    let miss = told.step.and_then(|step| step.last()?.miss.as_ref());
    let why = match (told.standing, miss) {
        (Standing::Unreached, _) => Some("the run ended before it".to_owned()),
        (Standing::Skipped, _) => told.step.and_then(|step| step.skipped.clone()),
        _ => None,
    };
    let beside = told.step.and_then(|step| beside(step, results.sided));
    if miss.is_none() && why.is_none() && beside.is_none() {
        return line(xml, 2, "<testcase", &attributes, "/>");
    }
    line(xml, 2, "<testcase", &attributes, ">");
    if let Some(miss) = miss {
        let element = if told.standing == Standing::Aborted { "error" } else { "failure" };
        let look = Look { sided: results.sided, ..Look::PLAIN };
        let failure = told.step.and_then(|step| Failure::of(performed, step, &results.sources, look));
        let attributes = [("message", printable(&miss.message)), ("type", kind(miss).to_owned())];
        let content = format!(
            ">{}</{element}>",
            escaped(&failure.map(|failure| failure.text(look)).unwrap_or_default())
        );
        line(xml, 3, &format!("<{element}"), &attributes, &content);
    }
    if let Some(why) = why {
        line(xml, 3, "<skipped", &[("message", why)], "/>");
    }
    if let Some(text) = beside {
        line(xml, 3, "<system-out", &[], &format!(">{}</system-out>", escaped(&text)));
    }
    line(xml, 2, "</testcase", &[], ">");
}

/// With whom a step was, and whether it was slow, of which JUnit knows nothing.
fn beside(step: &StepRun, sided: bool) -> Option<String> {
    let slow = step.degraded.map(|Degraded { budget, .. }| {
        format!("degraded: over its budget of {}", seconds(budget.as_secs_f64()))
    });
    let all: Vec<_> = whom(step.last()?, sided).into_iter().chain(slow).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

/// Whether the run ended before its first step: a case of its own says why, since no step can.
fn unbegun(performed: &Performed) -> bool {
    performed.run.steps.is_empty() && performed.standing() != Standing::Passed
}

/// The counts that every suite has. What was not reached was skipped, to those who know three endings.
fn figures(performed: &[Performed], took: f64) -> Vec<(&'static str, String)> {
    let tally = Tally::of(performed);
    let unbegun = performed.iter().filter(|performed| unbegun(performed)).count();
    let skipped = tally.steps(Standing::Skipped) + tally.steps(Standing::Unreached);
    vec![
        ("tests", (tally.all_steps() + unbegun).to_string()),
        ("failures", tally.steps(Standing::Failed).to_string()),
        ("errors", (tally.steps(Standing::Aborted) + unbegun).to_string()),
        ("skipped", skipped.to_string()),
        ("time", format!("{took:.3}")),
    ]
}

fn line(xml: &mut String, depth: usize, open: &str, attributes: &[(&str, String)], close: &str) {
    xml.push_str(&"  ".repeat(depth));
    xml.push_str(open);
    for (name, value) in attributes {
        // Writing into a String cannot fail.
        let _ = write!(xml, " {name}=\"{}\"", escaped(value));
    }
    xml.push_str(close);
    xml.push('\n');
}

/// A text as it stands in XML, in an attribute too. What XML 1.0 (section 2.2) has no place for is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            c if c.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}
