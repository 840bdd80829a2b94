//! All servers, running, and `serin once` against them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use super::case::Journey;
use super::places::Places;
use super::{application, certificates, servers, socket};
use crate::support::{Process, serin};

/// What it is made of.
pub(super) const PROGRAMS: [&str; 6] =
    ["nginx", "mosquitto", "mosquitto_passwd", "mosquitto_pub", "memcached", "unbound"];

/// The servers, which end with their test.
pub(super) struct Stage {
    folder: TempDir,
    places: Places,
    _servers: Vec<Process>,
    /// Whose tasks the application and the WebSocket are.
    _runtime: tokio::runtime::Runtime,
}

/// What `serin once` said, and wrote.
pub(super) struct Shown {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
    pub(super) report: Value,
}

impl Stage {
    /// Starts all of them, and waits until they answer.
    pub(super) fn start(topic: &str) -> Self {
        let folder = TempDir::new().unwrap();
        certificates::write(folder.path());
        copy(&sources("files"), folder.path());
        copy(&sources("pages"), &folder.path().join("pages"));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (application, socket) =
            runtime.block_on(async { (application::start().await, socket::start().await) });
        let places = Places::free(topic, application, socket);
        let servers = servers::start(folder.path(), &places);
        let config = places.fill(include_str!("serin.yaml"), folder.path());
        fs::write(folder.path().join("serin.yaml"), config).unwrap();
        Self { folder, places, _servers: servers, _runtime: runtime }
    }

    /// Runs journeys on the old side's route, as a user does.
    pub(super) fn once(&self, journeys: &[Journey]) -> Shown {
        let folder = self.folder.path();
        let mut command = serin();
        command.arg("once");
        for journey in journeys {
            fs::write(folder.join(&journey.file), &journey.text).unwrap();
            command.arg(&journey.file);
        }
        command.args([
            "--config",
            "serin.yaml",
            "--route",
            "old",
            "--jobs",
            "3",
            "--report",
            "json=report.json",
        ]);
        command.current_dir(folder).stdin(Stdio::null()).env("COLUMNS", "160").env("NO_COLOR", "1");
        let said =
            command.env("SUITE_PASSWORD", "hunter2hunter2").env("SUITE_PLACE", "here").output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(said.stdout), text(said.stderr));
        let report = fs::read_to_string(folder.join("report.json"));
        let report = report.unwrap_or_else(|error| panic!("no report ({error}):\n{out}{err}"));
        let code = said.status.code().unwrap_or_else(|| panic!("{}:\n{out}{err}", said.status));
        Shown { code, out, err, report: serde_json::from_str(&report).unwrap() }
    }

    /// What was shown, without what is different each time: ports, times, ids, this machine's folders.
    pub(super) fn steady(&self, shown: &str) -> String {
        let mut text = shown.replace(&*self.folder.path().to_string_lossy(), "FOLDER");
        let pattern = |pattern: &str| regex::Regex::new(pattern).unwrap();
        text = self.places.named(&text);
        // A time that was measured has a space before its unit, one of a file has none.
        for (find, put) in [
            (r" +\d+(\.\d+)? (ns|µs|us|ms|s|min)\b", " TIME"),
            (r"\b[0-9a-f]{32}\b", "ID"),
            (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
            (r"\b20\d\d-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d| UTC)?)?", "DATE"),
            (r"\bserin[0-9a-f]{16}", "serinID"),
            (r"\b\d+ days ago", "DAYS ago"),
            (r"(actual: )\d+(\.\d+)?(us|ms|s)\b", "${1}TIME"),
            (r"row \d of", "row N of"),
            (r"(days-left [^\n]*\n[^\n]*\n[^\n]*\n +\| +actual: )\d+", "${1}DAYS"),
        ] {
            text = pattern(find).replace_all(&text, put).into_owned();
        }
        text
    }
}

fn sources(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/conformance").join(folder)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
