//! Which words of the language the cases have. Known are they from the language's own tables, and that one fails from
//! what is shown of it: an expectation that is marked there, a step that is named there.

use journeys::schema::JOURNEY;
use serde_json::Value;

use super::case::{Journey, Topic};
use super::vocabulary::{Words, all};
use super::words::{of_expectation, of_shape, of_texts};

/// What fails nowhere, and why.
const NEVER: &[&str] = &[
    // No network that is only this machine's has an address to which there is no way.
    "kind unreachable",
];

fn read(journey: &Journey) -> Value {
    serde_yaml::from_str(&journey.text).unwrap()
}

fn steps(journey: &Value) -> impl Iterator<Item = &Value> {
    ["steps", "finally"].into_iter().filter_map(|part| journey[part].as_array()).flatten()
}

fn expectations(step: &Value) -> impl Iterator<Item = &str> {
    ["expect", "where"].into_iter().flat_map(|key| match &step[key] {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
        one => one.as_str().into_iter().collect(),
    })
}

/// The words of a journey that passes: all of them.
fn passing(journey: &Journey, words: &mut Words) {
    let journey = read(journey);
    of_shape(&journey, &JOURNEY, words);
    of_texts(&journey, words);
    steps(&journey).flat_map(expectations).for_each(|line| of_expectation(line, words));
}

/// The words of a journey that does not: those of the steps that are told to have failed, and of the expectations that
/// are marked; and its own.
fn failing(journey: &Journey, golden: &str, words: &mut Words) {
    let value = read(journey);
    let mut own = value.clone();
    own.as_object_mut().unwrap().retain(|key, _| key != "steps" && key != "finally");
    of_texts(&own, words);
    // That it has steps, and something in the end, counts; what those are does not yet.
    let keys = value.as_object().unwrap().keys().map(|key| format!("journey.{key}"));
    words.extend(keys);
    of_shape(&own, &JOURNEY, words);
    for step in steps(&value) {
        let Some(name) = step["name"].as_str() else {
            of_shape(&serde_json::json!({ "steps": [step] }), &JOURNEY, words);
            continue;
        };
        if told(golden, &journey.file).any(|line| is_of(line, name)) {
            of_shape(&serde_json::json!({ "steps": [step] }), &JOURNEY, words);
            of_texts(step, words);
        }
    }
    marked(golden, journey).for_each(|line| of_expectation(line, words));
    // Messages that were passed over are told in a sentence.
    steps(&value).filter(|step| step["where"] != Value::Null).flat_map(expectations).for_each(|line| {
        if golden.contains(&format!("expected {line}, got")) {
            of_expectation(line, words);
        }
    });
}

/// What is shown of the runs of a file.
fn told<'g>(golden: &'g str, file: &str) -> impl Iterator<Item = &'g str> {
    let head = format!("  {file}");
    golden
        .split("\n\n")
        .skip_while(move |part| !part.lines().next().is_some_and(|line| line.ends_with(&head)))
        .take(2)
        .flat_map(str::lines)
}

/// Whether a line tells of a step that it did not pass.
fn is_of(line: &str, step: &str) -> bool {
    ["FAILED ", "ABORTED ", "degraded "].iter().any(|word| {
        line.trim_start()
            .strip_prefix(word)
            .is_some_and(|rest| rest.trim_start().starts_with(&format!("{step} TIME")))
    })
}

/// The texts that are marked as wrong in a file.
fn marked<'g>(golden: &'g str, journey: &Journey) -> impl Iterator<Item = &'g str> {
    let place = format!("--> {}:", journey.file);
    let lines: Vec<_> = golden.lines().collect();
    let marks: Vec<_> = (0..lines.len())
        .filter(|&at| lines[at].trim_start().starts_with(&place))
        .filter_map(|at| Some((*lines.get(at + 2)?, *lines.get(at + 3)?)))
        .flat_map(|(source, carets)| {
            // Several that stand in one line are marked together.
            let from = |index: usize| carets[..index].ends_with(' ') && carets[index..].starts_with('^');
            (1..carets.len()).filter(move |index| from(*index)).filter_map(move |from| {
                let to = carets[from..].find(' ').map_or(carets.len(), |width| from + width);
                source.get(from..to).map(unquoted)
            })
        })
        .collect();
    marks.into_iter()
}

/// A line of YAML without the quotes around all of it.
fn unquoted(text: &str) -> &str {
    let within = |quote| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    within('\'').or_else(|| within('"')).unwrap_or(text)
}

/// The kinds of failure that are told.
fn kinds(golden: &str) -> impl Iterator<Item = String> {
    golden
        .lines()
        .filter_map(|line| line.strip_prefix("error["))
        .filter_map(|rest| Some(format!("kind {}", rest.split_once(']')?.0)))
}

#[test]
fn no_word_is_left_out() {
    let (mut pass, mut fail) = (Words::new(), Words::new());
    for topic in Topic::all() {
        topic.passing.iter().for_each(|journey| passing(journey, &mut pass));
        let golden = topic.golden();
        topic.failing.iter().for_each(|journey| failing(journey, &golden, &mut fail));
        fail.extend(kinds(&golden));
    }
    let all = all();
    let missing = |seen: &Words| all.difference(seen).cloned().collect::<Vec<_>>();
    assert_eq!(missing(&pass), [""; 0], "these pass nowhere");
    let kinds = cutover::FailureKind::ALL.iter().map(|kind| format!("kind {}", kind.as_str()));
    let mut unfailing = missing(&fail);
    unfailing.extend(kinds.filter(|kind| !fail.contains(kind)));
    assert_eq!(unfailing, NEVER, "these fail nowhere");
}
