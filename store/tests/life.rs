//! A store through its lives: written, killed, damaged, locked, full.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{Decision, Phase};
use serde_json::json;
use store::{
    Batch, Event, Fate, History, Key, Leaf, Ledger, Letter, Sample, Settings, Store, What, leftovers,
    set_aside, strike,
};

const LIMIT: Duration = Duration::from_secs(10);

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("serin.db");
    Place { _folder: folder, path }
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(second)
}

fn note(second: i64, text: &str) -> Event {
    Event { at: at(second), what: What::Note { by: "ann".to_owned(), text: text.to_owned() } }
}

fn sample(at: DateTime<Utc>) -> Sample {
    let (phase, decision) = (Phase::Go, Decision::Hold);
    Sample {
        at,
        over: 10.0,
        phase,
        decision,
        lead: None,
        runs: vec![],
        fleets: vec![],
        names: vec![],
        canaries: BTreeMap::new(),
    }
}

fn letter(notice: &str) -> Letter {
    Letter { notice: notice.to_owned(), channel: "room".into(), at: at(0), data: json!({ "id": notice }) }
}

fn open(path: &Path) -> (Store, store::Saved) {
    Store::open(path, Settings::default()).unwrap()
}

fn refusal(path: &Path) -> String {
    Store::open(path, Settings::default()).unwrap_err().to_string()
}

#[tokio::test]
async fn what_was_committed_is_there_in_the_next_life_and_only_what_is_unsent_is_pending() {
    let place = place();
    let (store, saved) = open(&place.path);
    assert!(saved.is_empty() && saved.pending.is_empty());
    let mut batch = Batch::default();
    batch.event(note(1, "first"));
    batch.sample(sample(at(2)));
    batch.state(Key::Phase, &"go");
    batch.post(letter("a"));
    batch.post(letter("b"));
    batch.post(letter("c"));
    store.write(batch);
    assert!(store.committed().await);
    let mut batch = Batch::default();
    batch.settle("b".to_owned(), "room".into(), Fate::Sent);
    batch.state(Key::Phase, &"settled");
    store.write(batch);
    // Read while the writer has it open.
    let history = History::read(&place.path, None, None).unwrap();
    assert_eq!((history.events.as_slice(), history.samples.len()), ([note(1, "first")].as_slice(), 1));
    assert!(store.close(LIMIT).await);

    let (store, saved) = open(&place.path);
    assert_eq!(saved.get::<String>(Key::Phase).unwrap().as_deref(), Some("settled"));
    assert_eq!(saved.get::<String>(Key::Judge), Ok(None));
    let error = saved.get::<u32>(Key::Phase).unwrap_err();
    assert!(error.starts_with("what it keeps under `phase` is not understood"), "{error}");
    let pending: Vec<_> = saved.pending.iter().map(|letter| letter.notice.as_str()).collect();
    assert_eq!(pending, ["a", "c"]);
    drop(store);
}

#[tokio::test]
async fn a_time_is_read_with_both_its_ends() {
    let place = place();
    let (store, _) = open(&place.path);
    let mut batch = Batch::default();
    (0..5).for_each(|second| batch.event(note(second, "x")));
    store.write(batch);
    assert!(store.close(LIMIT).await);
    let history = History::read(&place.path, Some(at(1)), Some(at(3))).unwrap();
    assert_eq!(history.events.len(), 3);
}

#[tokio::test]
async fn what_is_too_old_leaves_at_the_start_and_what_is_to_be_delivered_stays() {
    let place = place();
    let (store, _) = open(&place.path);
    let mut batch = Batch::default();
    let old = Utc::now() - TimeDelta::days(31);
    batch.sample(sample(old));
    batch.sample(sample(Utc::now()));
    batch.event(Event { at: old, ..note(0, "old") });
    batch.post(Letter { at: old, ..letter("a") });
    store.write(batch);
    assert!(store.close(LIMIT).await);

    let (store, _) = open(&place.path);
    // The writer tidies after its first round; the second one is asked for after that.
    assert!(store.committed().await && store.committed().await);
    assert!(store.close(LIMIT).await);
    let history = History::read(&place.path, None, None).unwrap();
    assert_eq!((history.events.len(), history.samples.len()), (0, 1));
    assert_eq!(open(&place.path).1.pending.len(), 1);
}

#[tokio::test]
async fn a_file_that_grows_too_large_loses_its_oldest_samples() {
    let place = place();
    let settings = Settings { at_most: 200 << 10, ..Settings::default() };
    let lead = store::Lead { cause: cutover::Cause::TooLittle, text: "x".repeat(400) };
    for life in 0..4 {
        let (store, _) = Store::open(&place.path, settings).unwrap();
        let mut batch = Batch::default();
        let now = Utc::now();
        (0..300).for_each(|_| batch.sample(Sample { lead: Some(lead.clone()), ..sample(now) }));
        batch.event(Event { at: now, ..note(0, &life.to_string()) });
        store.write(batch);
        assert!(store.committed().await && store.committed().await);
        assert!(store.close(LIMIT).await);
    }
    let history = History::read(&place.path, None, None).unwrap();
    assert!((1..700).contains(&history.samples.len()), "{}", history.samples.len());
    assert_eq!(history.events.len(), 4);
}

#[test]
fn one_writer_at_a_time() {
    let place = place();
    let (first, _) = open(&place.path);
    let error = refusal(&place.path);
    assert!(error.contains("is in use by another serin, process"), "{error}");
    assert!(set_aside(&place.path, at(0)).is_err());
    drop(first);
}

#[tokio::test]
async fn damaged_foreign_and_newer_files_are_refused_with_the_way_out() {
    let place = place();
    std::fs::write(&place.path, "this is a diary, and no database at all, whatever its name says").unwrap();
    let error = refusal(&place.path);
    assert!(error.contains("is damaged or no store at all") && error.contains("--fresh"), "{error}");

    let aside = set_aside(&place.path, at(0)).unwrap().unwrap();
    assert!(aside.ends_with("serin-20270115T080000.000Z.db"), "{}", aside.display());
    let (store, _) = open(&place.path);
    let mut batch = Batch::default();
    (0..2000).for_each(|_| batch.event(note(0, "x")));
    store.write(batch);
    assert!(store.close(LIMIT).await);
    let mut bytes = std::fs::read(&place.path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 3000].fill(0x5a);
    std::fs::write(&place.path, bytes).unwrap();
    let error = refusal(&place.path);
    assert!(error.contains("is damaged"), "{error}");

    set_aside(&place.path, at(1)).unwrap();
    let (store, _) = open(&place.path);
    assert!(store.close(LIMIT).await);
    let mut header = std::fs::read(&place.path).unwrap();
    header[60..64].copy_from_slice(&7_u32.to_be_bytes());
    std::fs::write(&place.path, &header).unwrap();
    let error = refusal(&place.path);
    assert!(error.contains("has schema 7, this version of serin knows schemas up to 2"), "{error}");
    assert!(History::read(&place.path, None, None).is_err());
    header[68..72].fill(1);
    std::fs::write(&place.path, &header).unwrap();
    assert!(refusal(&place.path).contains("a database of another program"));
}

#[test]
fn a_file_that_is_not_there_or_has_no_folder_says_so() {
    let place = place();
    let error = History::read(&place.path, None, None).unwrap_err().to_string();
    assert!(error.contains("there is no such file"), "{error}");
    let nowhere = place.path.join("serin.db");
    let error = refusal(&nowhere);
    assert!(error.contains("cannot be opened") && error.contains("`store:`"), "{error}");
    assert_eq!(set_aside(&nowhere, at(0)).unwrap(), None);
}

#[tokio::test]
async fn without_a_store_nothing_is_kept_and_nothing_waits() {
    let store = Store::none();
    store.write(Batch::default());
    assert!(store.committed().await);
    assert_eq!(store.health(), None);
    assert!(store.close(LIMIT).await);
}

fn leaf(run: &str, second: i64) -> Leaf {
    Leaf { run: run.to_owned(), at: at(second), data: json!({ "user": run }) }
}

#[tokio::test]
async fn what_was_made_stands_in_the_ledger_until_it_is_struck_out() {
    let place = place();
    let (store, _) = open(&place.path);
    let ledger = store.ledger();
    assert!(ledger.write(leaf("b", 1)).await);
    assert!(ledger.write(leaf("a", 2)).await);
    // Read, and struck out, while the writer has it open.
    assert_eq!(leftovers(&place.path).unwrap(), (vec![leaf("b", 1), leaf("a", 2)], true));
    strike(&place.path, "b").unwrap();
    let updated = Leaf { data: json!({ "user": 7 }), ..leaf("a", 2) };
    assert!(ledger.write(updated.clone()).await);
    assert!(ledger.write(leaf("c", 3)).await);
    ledger.strike("c");
    assert!(store.committed().await);
    assert!(store.close(LIMIT).await);
    assert_eq!(leftovers(&place.path).unwrap(), (vec![updated], false));
    assert!(Ledger::clone(&Store::none().ledger()).write(leaf("d", 1)).await);
}

#[tokio::test]
async fn a_store_from_before_there_was_a_ledger_is_raised_and_keeps_what_it_has() {
    let place = place();
    let (store, _) = open(&place.path);
    let mut batch = Batch::default();
    batch.state(Key::Phase, &"go");
    store.write(batch);
    assert!(store.close(LIMIT).await);
    let older = rusqlite::Connection::open(&place.path).unwrap();
    older.execute_batch("DROP TABLE ledger; PRAGMA user_version = 1;").unwrap();
    drop(older);
    assert_eq!(leftovers(&place.path).unwrap(), (vec![], false));
    let (store, saved) = open(&place.path);
    assert_eq!(saved.get::<String>(Key::Phase).unwrap().as_deref(), Some("go"));
    assert!(store.ledger().write(leaf("a", 1)).await);
    assert_eq!(leftovers(&place.path).unwrap().0, [leaf("a", 1)]);
}
