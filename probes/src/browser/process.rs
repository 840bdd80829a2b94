//! The Chromium process, and that it never outlives us.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use cutover::AbortCause;
use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::BrowserSettings;
use super::mapping::Mapping;
use super::profile::Profile;
use crate::{Fault, ProbeError};

/// How long a start may take: on a busy machine it has been seen to take five seconds.
const START: Duration = Duration::from_secs(20);
/// How long it may take to end by itself before it is killed.
const END: Duration = Duration::from_secs(5);
/// How often is looked whether it is there.
const LOOK: Duration = Duration::from_millis(20);
/// The file in which Chromium says where it is to be spoken to: a port, and below it a path.
const PORT_FILE: &str = "DevToolsActivePort";

/// Chromium reads commands from its third descriptor, and ends when that is closed (`--remote-debugging-pipe`). Ours is
/// the other end, and nothing is ever written to it: when we are gone, killed or not, the kernel closes it.
const LIFELINE: &str = r#"exec "$0" "$@" 3<&0 4>/dev/null </dev/null >/dev/null"#;

/// What every Chromium is started with.
const ARGUMENTS: [&str; 24] = [
    "--headless",
    "--remote-debugging-pipe",
    "--remote-debugging-port=0",
    "--no-startup-window",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--disable-features=Translate,OptimizationHints,MediaRouter,HttpsUpgrades",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--window-size=1280,800",
];

/// A Chromium that runs.
#[derive(Debug)]
pub(super) struct Chromium {
    child: Child,
    group: Option<Pid>,
    lifeline: Option<ChildStdin>,
    profile: Option<Profile>,
    endpoint: String,
}

impl Chromium {
    /// Starts `program`, and waits until it can be spoken to.
    pub(super) async fn start(
        program: &Path,
        settings: &BrowserSettings,
        mapping: &Mapping,
    ) -> Result<Self, ProbeError> {
        let folder = settings.folder.clone();
        let shown = folder.display().to_string();
        let profile = tokio::task::spawn_blocking(move || Profile::new(&folder)).await;
        let profile = profile
            .map_err(|error| local(format!("a browser's folder cannot be made: {error}")))?
            .map_err(|error| local(format!("a browser's folder cannot be made in {shown}: {error}")))?;
        let mut command = tokio::process::Command::new("/bin/sh");
        command.arg("-c").arg(LIFELINE).arg(program).args(ARGUMENTS);
        if geteuid().is_root() {
            // Chromium refuses to sandbox what runs as root.
            command.arg("--no-sandbox");
        }
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        let rules = mapping.rules();
        if !rules.is_empty() {
            command.arg(format!("--host-resolver-rules={rules}"));
        }
        command.args(&settings.arguments);
        // A home of its own: neither the user's certificates nor what is kept of other browsers is looked at, and nothing
        // of it is left anywhere else.
        command.env("HOME", profile.path()).env("TMPDIR", profile.path());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        // Ctrl-C in a terminal reaches its whole foreground group. When a browser ends is for us to say.
        command.process_group(0).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| {
            local(format!("the browser {} cannot be started: {error}", program.display()))
        })?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let last_words = child.stderr.take().map(listen);
        let lifeline = child.stdin.take();
        let mut chromium = Self { child, group, lifeline, profile: Some(profile), endpoint: String::new() };
        match timeout(START, chromium.endpoint()).await {
            Ok(Ok(endpoint)) => {
                chromium.endpoint = endpoint;
                Ok(chromium)
            }
            failed => {
                let why = match failed {
                    Ok(Err(why)) => why,
                    _ => format!("it could not be spoken to within {START:?}"),
                };
                chromium.end().await;
                let words = last_words.map(|words| words.borrow().clone()).unwrap_or_default();
                let words = if words.is_empty() { words } else { format!(" ({words})") };
                Err(local(format!("the browser {} did not start: {why}{words}", program.display())))
            }
        }
    }

    /// Where it is spoken to.
    pub(super) fn at(&self) -> &str {
        &self.endpoint
    }

    async fn endpoint(&mut self) -> Result<String, String> {
        let Some(file) = self.profile.as_ref().map(|profile| profile.path().join(PORT_FILE)) else {
            return Err("it has ended".to_owned());
        };
        loop {
            if let Ok(text) = tokio::fs::read_to_string(&file).await
                && let Some((port, path)) = text.trim().split_once('\n')
            {
                return Ok(format!("ws://127.0.0.1:{port}{path}"));
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("it ended with {status}"));
            }
            sleep(LOOK).await;
        }
    }

    /// How much memory its processes have taken, in bytes, without what they share.
    pub(super) fn memory(&self) -> u64 {
        self.processes().filter_map(|process| taken(&process)).fold(0, u64::saturating_add)
    }

    /// Its processes, those that have ended and were not waited for left out.
    fn processes(&self) -> impl Iterator<Item = PathBuf> {
        let group = self.group.map(|group| group.as_raw_nonzero().get());
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
        all.filter(move |process| group.is_some_and(|group| is_of(process, group)))
    }

    /// Ends it: asked first, and killed when it does not go.
    pub(super) async fn end(mut self) {
        drop(self.lifeline.take());
        if timeout(END, self.child.wait()).await.is_err() {
            // The group's number is its own for as long as its leader was not waited for.
            if let Some(group) = self.group {
                // Who is gone already need not be killed.
                let _ = kill_process_group(group, Signal::KILL);
            }
            drop(timeout(END, self.child.wait()).await);
        }
        self.gone().await;
        if let Some(profile) = self.profile.take() {
            drop(tokio::task::spawn_blocking(|| profile.remove()).await);
        }
    }

    /// Its helpers go a moment after it.
    async fn gone(&self) {
        let begun = Instant::now();
        while self.processes().next().is_some() && begun.elapsed() < END {
            sleep(LOOK).await;
        }
    }
}

/// Whether a process lives and is one of the group (proc(5), `stat`).
fn is_of(process: &Path, group: i32) -> bool {
    let number = process.file_name().and_then(OsStr::to_str).is_some_and(|name| name.parse::<u32>().is_ok());
    let stat = if number { std::fs::read_to_string(process.join("stat")).ok() } else { None };
    // The command's name stands in parentheses, and may hold anything: state, parent and group follow the last one.
    let Some((_, stat)) = stat.as_ref().and_then(|stat| stat.rsplit_once(')')) else { return false };
    let mut fields = stat.split_ascii_whitespace();
    fields.next() != Some("Z") && fields.nth(1).and_then(|of| of.parse().ok()) == Some(group)
}

/// What a process has taken (proc(5), `statm`).
fn taken(process: &Path) -> Option<u64> {
    let pages = std::fs::read_to_string(process.join("statm")).ok()?;
    let mut pages = pages.split_ascii_whitespace().skip(1).map_while(|field| field.parse::<u64>().ok());
    let (resident, shared) = (pages.next()?, pages.next()?);
    Some(resident.saturating_sub(shared).saturating_mul(rustix::param::page_size() as u64))
}

/// Reads what it complains of, so that it never blocks, and keeps the last line: that is where a start's failure is said.
fn listen(stderr: ChildStderr) -> watch::Receiver<String> {
    let (told, heard) = watch::channel(String::new());
    tokio::spawn(async move {
        let mut lines = BufReader::new(stderr);
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut limited = tokio::io::AsyncReadExt::take(&mut lines, 512);
            match limited.read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    let text = String::from_utf8_lossy(&line).trim().to_owned();
                    if !text.is_empty() {
                        told.send_replace(text);
                    }
                }
            }
        }
    });
    heard
}

fn local(message: String) -> ProbeError {
    ProbeError::new(Fault::Aborted(AbortCause::Local), message)
}
