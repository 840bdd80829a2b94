//! Which words the language has, and which of them stand in examples: both as the conformance suite counts them.

#[path = "../peers/conformance/vocabulary.rs"]
mod vocabulary;
#[path = "../peers/conformance/words.rs"]
mod words;

use journeys::schema::JOURNEY;
use serde_json::{Value, json};

use crate::documents::Document;
use crate::example::Example;
use vocabulary::Words;

/// The words that no example has.
pub(crate) fn missing(examples: &[Example]) -> Vec<String> {
    let all = vocabulary::all();
    assert!(all.len() > 100, "the words were not found");
    let mut seen = Words::new();
    for example in examples {
        let shown: Value = serde_yaml::from_str(&example.shown).unwrap();
        let whole = if shown.is_array() { json!({ "steps": shown }) } else { shown };
        words::of_shape(&whole, &JOURNEY, &mut seen);
        words::of_texts(&whole, &mut seen);
        expectations(&whole, &mut seen);
    }
    // That `not` goes with every predicate is for the conformance suite to show.
    let turned_round = seen.iter().any(|word| word.starts_with("predicate not "));
    assert!(turned_round, "no example has `not`");
    all.difference(&seen).filter(|word| !word.starts_with("predicate not ")).cloned().collect()
}

/// The words of expectations and templates that have no row in a table of the reference, which begins with them.
pub(crate) fn untold(pages: &[Document]) -> Vec<String> {
    let lines = pages.iter().flat_map(|page| page.text.lines());
    let heads: Vec<_> = lines.filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).collect();
    let told = |word: &String| {
        let Some((kind, name)) = word.rsplit_once(' ') else { return true };
        let in_row = |name: &str| {
            let begins = |piece: &str| piece.split(|c: char| " (".contains(c)).next() == Some(name);
            heads.iter().any(|head| head.replace("x\\|", "").split('`').any(begins))
        };
        let family = name.split_once('.').map(|(family, _)| format!("{family}.PART"));
        !matches!(kind, "query" | "predicate" | "function" | "filter")
            || in_row(name)
            || family.is_some_and(|family| in_row(&family))
    };
    vocabulary::all().into_iter().filter(|word| !told(word)).collect()
}

/// The lines behind `expect` and `where`, wherever they are.
fn expectations(value: &Value, seen: &mut Words) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| expectations(item, seen)),
        Value::Object(mapping) => {
            for (key, value) in mapping {
                let lines = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                if matches!(key.as_str(), "expect" | "where") {
                    let lines = lines.iter().filter_map(Value::as_str);
                    lines.for_each(|line| words::of_expectation(line, seen));
                }
                expectations(value, seen);
            }
        }
        _ => {}
    }
}
