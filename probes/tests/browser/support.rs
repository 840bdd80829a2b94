//! What every test here needs.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cutover::{Route, Side, Sides};
use probes::browser::{Command, Limit, Page, Visit, Visitor, locate};
use probes::{Aim, BrowserSettings, Browsers, Pins, ProbeError, Trust};
use tempfile::TempDir;

use crate::site::{NEW, OLD};

/// The name that moves.
pub(crate) const HOST: &str = "console.acme.test";

/// Browsers with a folder of their own for their profiles, by which their processes are known.
pub(crate) struct Bench {
    pub(crate) browsers: Browsers,
    pub(crate) folder: TempDir,
    pub(crate) trust: Trust,
}

impl Bench {
    /// `None`, with a line that says so, where there is no Chromium; a failure where all peers must be there.
    pub(crate) fn new() -> Option<Self> {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut BrowserSettings)) -> Option<Self> {
        if let Err(error) = locate(None) {
            assert!(std::env::var_os("SERIN_PEERS").is_none(), "{error}");
            eprintln!("skipped: {error}");
            return None;
        }
        let folder = TempDir::new().unwrap();
        let mut settings = BrowserSettings { folder: folder.path().to_owned(), ..BrowserSettings::default() };
        change(&mut settings);
        Some(Self { browsers: Browsers::new(settings), folder, trust: Trust::new(&[]).unwrap() })
    }

    pub(crate) async fn open(&self, route: Route) -> Page {
        self.try_open(&aim(route)).await.unwrap()
    }

    pub(crate) async fn try_open(&self, aim: &Aim) -> Result<Page, ProbeError> {
        let headers = [("x-serin-run".to_owned(), "run-7".to_owned())];
        let hosts = [HOST.to_owned()];
        let visitor =
            Visitor { aim, trust: &self.trust, headers: &headers, agent: "serin/test", hosts: &hosts };
        self.browsers.open(visitor).await
    }

    /// Ends the browsers; nothing may be left of them.
    pub(crate) async fn end(self) {
        self.browsers.shutdown().await;
        let left = processes(&self.folder);
        assert!(left.is_empty(), "left behind: {left:?}");
        let entries: Vec<PathBuf> =
            std::fs::read_dir(self.folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
        assert!(entries.is_empty(), "left behind: {entries:?}");
    }
}

pub(crate) fn aim(route: Route) -> Aim {
    let mut pins = Pins::default();
    pins.pin(Side::Old, HOST, IpAddr::from(OLD));
    pins.pin(Side::New, HOST, IpAddr::from(NEW));
    let sides = Sides::new(vec!["127.0.1.0/24".parse().unwrap()], vec!["127.0.2.0/24".parse().unwrap()]);
    Aim::new(route, Arc::new(sides.unwrap()), Arc::new(pins), None)
}

/// The processes, not ended, on whose command line the folder stands.
pub(crate) fn processes(folder: &TempDir) -> Vec<String> {
    let path = folder.path().display().to_string();
    let lines = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let line = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
        line.contains(&path).then(|| line.replace('\0', " ").chars().take(120).collect())
    });
    lines.collect()
}

/// Waits, for a generous while, until something holds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(holds(), "never: {what}");
}

/// Generous: a machine under load takes its time.
pub(crate) async fn perform(page: &mut Page, commands: &[Command]) -> Result<Visit, ProbeError> {
    page.perform(commands, Limit::Each(Duration::from_secs(20))).await
}

/// Short, for what is to fail.
pub(crate) async fn fail(page: &mut Page, commands: &[Command]) -> ProbeError {
    page.perform(commands, Limit::Each(Duration::from_millis(1500))).await.unwrap_err()
}

pub(crate) fn goto(url: &str) -> Command {
    Command::Goto(url.parse().unwrap())
}

pub(crate) fn click(selector: &str) -> Command {
    Command::Click(selector.to_owned())
}

pub(crate) fn fill(selector: &str, text: &str) -> Command {
    Command::Fill { selector: selector.to_owned(), text: text.to_owned() }
}

/// A file to upload, gone with the test.
pub(crate) fn file() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "hello from a file").unwrap();
    file
}
