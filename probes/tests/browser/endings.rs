//! No process is left behind, however we end.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use cutover::Route;
use tempfile::TempDir;

use crate::site::{OLD, Site};
use crate::support::{Bench, HOST, fail, goto, perform, processes, until};

/// How many browsers' folders there are.
fn profiles(folder: &TempDir) -> usize {
    let entries = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    entries.filter(|name| name.to_string_lossy().starts_with("serin-chromium-")).count()
}

/// How the other process ends.
const HOW: &str = "SERIN_TEST_ENDING";

#[tokio::test]
async fn a_browser_that_is_killed_is_told_and_replaced() {
    let Some(bench) = Bench::new() else { return };
    let site = Site::start(OLD, 0, "old").await;
    let url = format!("http://{HOST}:{}/", site.at.port());
    let mut page = bench.open(Route::Old).await;
    perform(&mut page, &[goto(&url)]).await.unwrap();
    let main = std::fs::read_dir("/proc").unwrap().flatten().find(|entry| {
        let line = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        line.contains(&bench.folder.path().display().to_string())
            && !line.contains("--type=")
            && !line.contains("crashpad")
    });
    let id = main.unwrap().file_name().into_string().unwrap();
    assert!(Command::new("kill").args(["-9", &id]).status().unwrap().success());
    let error = fail(&mut page, &[goto(&url)]).await;
    assert_eq!(error.message, format!("goto {url}: the browser has ended"));
    page.close().await;
    let mut page = bench.open(Route::Old).await;
    perform(&mut page, &[goto(&url)]).await.unwrap();
    page.close().await;
    bench.end().await;
}

#[tokio::test]
async fn nothing_outlives_a_process_that_was_killed_panicked_or_left() {
    let Some(bench) = Bench::new() else { return };
    bench.end().await;
    for how in ["kill", "panic", "exit", "drop"] {
        let folder = TempDir::new().unwrap();
        let mut other = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "endings::another_process", "--ignored", "--nocapture"])
            .env(HOW, how)
            .env("TMPDIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("a page is open")), "{how}");
        assert!(processes(&folder).len() > 2, "{how}");
        if how == "kill" {
            other.kill().unwrap();
        } else {
            writeln!(other.stdin.take().unwrap(), "end").unwrap();
        }
        other.wait().unwrap();
        until(how, || processes(&folder).is_empty()).await;
        // What a killed one left in the folder is removed by the next start.
        if how == "kill" {
            assert_eq!(profiles(&folder), 1);
            let path = folder.path().to_owned();
            let Some(bench) = Bench::with(|settings| settings.folder = path) else { return };
            bench.open(Route::Old).await.close().await;
            bench.browsers.shutdown().await;
            assert_eq!(profiles(&folder), 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "is started by another test, and ends as that one says"]
async fn another_process() {
    let Ok(how) = std::env::var(HOW) else { return };
    let Some(bench) = Bench::with(|settings| settings.folder = std::env::temp_dir()) else { return };
    let page = bench.open(Route::Old).await;
    println!("a page is open");
    // Ends also when whoever started it is gone.
    let mut word = [0; 4];
    let read = tokio::task::spawn_blocking(move || std::io::stdin().read(&mut word)).await;
    drop(read);
    assert_ne!(how, "panic", "as the test wants it");
    match how.as_str() {
        "exit" => std::process::exit(0),
        _ => drop((page, bench)),
    }
}
