//! The reference of the journey language is kept honest: each of its examples is run by the program, against a whole world
//! on loopback, and ends as it says; and there is one for every feature.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod coverage;
#[path = "../documents/mod.rs"]
mod documents;
mod example;
mod folder;
mod https;
mod recording;
mod stage;
mod stands;

use std::collections::BTreeSet;

use example::{Example, examples};
use stage::{Ran, Stage};

/// How often an example is run at most when all that is wrong is that something came too late: on a machine that does much
/// else at the same time, it may.
const ATTEMPTS: usize = 3;

/// Runs them, those again that were late, and says what ended otherwise than it should.
async fn run(stage: &Stage, examples: &[Example]) -> Vec<String> {
    let mut left: Vec<&Example> = examples.iter().filter(|example| !example.is_part()).collect();
    let mut wrong = Vec::new();
    for attempt in 1..=ATTEMPTS {
        let Ran { runs, said } = stage.once(&left).await;
        wrong.clear();
        let mut late = BTreeSet::new();
        for example in &left {
            let of_it: Vec<_> = runs.iter().filter(|run| run.file == example.file).collect();
            let others: Vec<_> = of_it.iter().filter(|run| run.ended != example.ends).collect();
            if others.iter().any(|run| run.ended == "timeout") {
                late.insert(example.file.clone());
            }
            wrong.extend(others.iter().map(|run| {
                format!(
                    "{} on {}: {}, not {}: {}",
                    example.place, run.route, run.ended, example.ends, run.detail
                )
            }));
            if of_it.is_empty() {
                wrong.push(format!("{} was not run:\n{said}", example.place));
            }
        }
        if late.is_empty() || attempt == ATTEMPTS {
            if !wrong.is_empty() {
                wrong.push(said);
            }
            break;
        }
        left.retain(|example| late.contains(&example.file));
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_ends_as_it_says() {
    let stage = Stage::start().await;
    let (browsing, plain): (Vec<_>, Vec<_>) = examples().into_iter().partition(Example::browses);
    let mut wrong = run(&stage, &plain).await;
    match probes::browser::locate(None) {
        Ok(_) => wrong.extend(run(&stage, &browsing).await),
        Err(error) => {
            assert!(std::env::var_os("SERIN_PEERS").is_none(), "{error}");
            eprintln!("{} examples skipped: {error}", browsing.len());
        }
    }
    stage.end().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_example_is_warned_of() {
    let stage = Stage::start().await;
    let wrong = stage.check(&examples()).await;
    stage.end().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_word_of_the_language_has_an_example() {
    let missing = coverage::missing(&examples());
    assert!(missing.is_empty(), "no example has:\n{}", missing.join("\n"));
}

#[test]
fn every_word_of_the_language_has_its_row() {
    let pages: Vec<_> =
        documents::documents().into_iter().filter(|page| page.name.starts_with("docs/journeys")).collect();
    let untold = coverage::untold(&pages);
    assert!(untold.is_empty(), "no table begins a row with:\n{}", untold.join("\n"));
}
