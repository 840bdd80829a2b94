//! `serin calibrate`, on a store that was written as `serin run` writes it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{Decision, Phase, Route};
use store::{Batch, Key, RunsSample, Sample, Settings, Sketch, Store};

/// Of a journey that runs so often in each sample: its runs, in which one of `1 / failing` fails.
fn runs(journey: &str, route: Route, n: i64, often: u64, failing: i64) -> RunsSample {
    let failed = u64::from(failing > 0 && n % failing == 0);
    let mut took = Sketch::default();
    for run in failed..often {
        // Quantiles of a lognormal-like shape, each in its turn.
        let q = ((run + n as u64 * often) % 19 + 1) as f64 / 20.0;
        took.record(Duration::from_secs_f64(0.08 * (q / (1.0 - q)).powf(0.2)));
    }
    let (journey, variant) = (journey.into(), "".into());
    RunsSample {
        journey,
        variant,
        route,
        passed: often - failed,
        failed,
        aborted: 0,
        degraded: 0,
        took,
        last_failure: None,
    }
}

/// Writes so many samples of ten seconds: a tenth in `ready`, the rest in `set`, and one in `go`.
async fn soak(path: &Path, samples: i64, lines: impl Fn(i64) -> Vec<RunsSample>) {
    let (store, _) =
        Store::open(path, Settings { keep: Duration::from_secs(u32::MAX.into()), ..Settings::default() })
            .unwrap();
    let mut batch = Batch::default();
    batch.state(Key::Cutover, &"acme-to-vpc");
    store.write(batch);
    let first = DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap();
    for n in 1..=samples {
        let phase = match n {
            n if n <= samples / 10 => Phase::Ready,
            n if n < samples => Phase::Set,
            _ => Phase::Go,
        };
        let mut batch = Batch::default();
        batch.sample(Sample {
            at: first + TimeDelta::seconds(10 * n),
            over: 10.0,
            phase,
            decision: Decision::Hold,
            lead: None,
            runs: lines(n),
            fleets: Vec::new(),
            names: Vec::new(),
            canaries: BTreeMap::new(),
        });
        store.write(batch);
        // No more may wait than an hour of samples.
        if n % 200 == 0 {
            assert!(store.committed().await);
        }
    }
    assert!(store.close(Duration::from_secs(60)).await);
}

fn serin(store: &Path, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_serin"));
    program.arg("calibrate").arg("--store").arg(store).args(arguments).output().unwrap()
}

/// What it printed, and its exit code.
fn said(output: &Output) -> (String, Option<i32>) {
    (String::from_utf8(output.stdout.clone()).unwrap(), output.status.code())
}

fn golden(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "calibrated", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[tokio::test]
async fn a_soak_becomes_settings_with_what_they_will_detect() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("serin.db");
    // Two hours; on new one more of a hundred sign-ins fails.
    soak(&path, 800, |n| {
        let mut lines = vec![
            runs("sign in", Route::Old, n, 10, 50),
            runs("sign in", Route::New, n, 10, 8),
            runs("live only", Route::Live, n, 10, 0),
        ];
        if n % 3 == 0 {
            lines.extend([Route::Old, Route::New].map(|route| runs("first datapoint", route, n, 1, 0)));
        }
        lines
    })
    .await;
    let (text, code) = said(&serin(&path, &["--trials", "2"]));
    assert_eq!(code, Some(0), "{text}");
    // The figures of the forecast follow from the judge, and are its own tests' affair.
    let (seen, forecast) = text.split_once("WHAT THEY WILL DETECT").unwrap();
    golden("proposals", seen.trim_end());
    for row in ["outage, all journeys", "outage, `first datapoint` alone", "healthy: from Go to `go`"] {
        assert!(forecast.contains(row), "{forecast}");
    }
    let (markdown, _) = said(&serin(&path, &["--trials", "1", "--format", "markdown"]));
    assert!(markdown.contains("```yaml\nevidence:\n  error-margin: "), "{markdown}");
    let (json, code) = said(&serin(&path, &["--trials", "1", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["proposals"][0]["key"].as_str(), code), (Some("error-margin"), Some(0)));
    assert_eq!(json["cutover"], "acme-to-vpc");
    // The part of it before the soak, when only one thing can be said.
    let (text, code) = said(&serin(&path, &["--to", "2027-01-15T08:10:00Z"]));
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("old against old") && text.contains("is the least"), "{text}");
}

#[tokio::test]
async fn without_pairs_or_without_a_store_there_is_one_clear_message() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("serin.db");
    soak(&path, 40, |n| vec![runs("live only", Route::Live, n, 10, 0)]).await;
    let (text, code) = said(&serin(&path, &[]));
    assert_eq!(code, Some(3));
    golden("no-pairs", text.trim_end());
    let output = serin(&folder.path().join("nowhere.db"), &[]);
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!((output.status.code(), error.lines().count()), (Some(2), 1), "{error}");
    let output = serin(&path, &["--from", "now-ish"]);
    assert_eq!(output.status.code(), Some(2));
}
