//! A `serin run` in a process of its own, as its users and operators see it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::http::get;
use super::process::Process;
use super::wait::eventually;

/// The program under test, with an environment that holds no token.
pub(crate) fn serin() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_serin"));
    command.env_remove("SERIN_TOKEN").env_remove("SERIN_LOG").env("USER", "ann");
    command
}

/// A token in a file.
pub(crate) struct Token(PathBuf);

impl Token {
    /// Writes a token into a folder.
    pub(crate) fn new(folder: &Path, text: &str) -> Self {
        let path = folder.join(format!("{text}.token"));
        fs::write(&path, format!("{text}\n")).unwrap();
        Self(path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// A running canary.
pub(crate) struct Canary {
    /// The process.
    pub(crate) process: Process,
    /// Where its page, API and metrics are.
    pub(crate) at: SocketAddr,
}

impl Canary {
    /// Starts one, and waits until it has seen something.
    pub(crate) fn start(config: &Path, token: Option<&Token>, phase: &str) -> Self {
        Self::begin(config, token, &["--phase", phase])
    }

    /// Starts one that goes on from what is in its store.
    pub(crate) fn resumes(config: &Path, token: Option<&Token>) -> Self {
        Self::begin(config, token, &[])
    }

    fn begin(config: &Path, token: Option<&Token>, more: &[&str]) -> Self {
        let mut command = serin();
        command.arg("run").arg(config).args(more);
        if let Some(token) = token {
            command.arg("--token-file").arg(&token.0);
        }
        let mut process = Process::start(&mut command);
        let url = process.says("page, API and metrics on http://");
        let at = url.trim_end_matches('/').parse().unwrap();
        eventually("the canary is ready", || get(at, "/readyz"));
        Self { process, at }
    }

    /// The snapshot.
    pub(crate) fn state(&self) -> Value {
        serde_json::from_str(&get(self.at, "/api/v1/state").unwrap()).unwrap()
    }

    /// Waits until the snapshot shows something; gives what it shows.
    pub(crate) fn shows<T>(&self, what: &str, look: impl Fn(&Value) -> Option<T>) -> T {
        eventually(what, || {
            let state = self.state();
            look(&state).ok_or_else(|| brief(&state))
        })
    }

    /// Waits until so many pairs have been judged.
    pub(crate) fn judges_pairs(&self, count: u64) {
        let what = format!("{count} more pairs are judged");
        let before = self.state()["pairs"]["total"].as_u64().unwrap();
        self.shows(&what, |state| (state["pairs"]["total"].as_u64()? >= before + count).then_some(()));
    }

    /// Waits for a verdict; gives its first reason.
    pub(crate) fn decides(&self, decision: &str) -> Value {
        self.shows(&format!("the verdict is {decision}"), |state| {
            let verdict = &state["verdict"];
            (verdict["decision"] == decision).then(|| verdict["reasons"][0].clone())
        })
    }

    /// Waits until a share of a fleet's devices of one personality (0 to 1) stands on a side.
    pub(crate) fn devices_stand(&self, personality: &str, side: &str, share: f64) {
        let what = format!("{} % of the {personality} devices are on {side}", share * 100.0);
        self.shows(&what, |state| {
            let states = state["fleets"][0]["by_personality"][personality].as_object()?;
            let total: u64 = states.values().filter_map(Value::as_u64).sum();
            let there = states.get(side).and_then(Value::as_u64).unwrap_or(0);
            (total > 0 && there as f64 >= share * total as f64).then_some(())
        });
    }

    /// Waits until every resolver shows every name on a side.
    pub(crate) fn names_stand(&self, side: &str) {
        self.shows(&format!("the names are on {side}"), |state| {
            let names = state["names"].as_array()?;
            (!names.is_empty() && names.iter().all(|name| name["view"] == side)).then_some(())
        });
    }

    /// `serin phase`, as an operator types it: its exit code and what it said.
    pub(crate) fn told(&self, phase: &str, token: Option<&Token>) -> (i32, String) {
        let mut command = serin();
        command.args(["phase", phase, "--at", &format!("http://{}", self.at)]);
        if let Some(token) = token {
            command.arg("--token-file").arg(&token.0);
        }
        Process::run(&mut command)
    }

    /// Enters a phase, which must be allowed.
    pub(crate) fn enters(&self, phase: &str, token: &Token) {
        assert_eq!(self.told(phase, Some(token)), (0, format!("phase {phase}")));
        self.shows(&format!("the phase is {phase}"), |state| (state["phase"] == phase).then_some(()));
    }

    /// Ctrl-C, once: it must say what it did; gives its exit code.
    pub(crate) fn drains(mut self) -> i32 {
        self.process.signal("INT");
        self.process.says("draining: no new runs");
        self.process.says("drained: ");
        self.process.ends()
    }
}

/// What of a snapshot tells why a condition has not come true.
fn brief(state: &Value) -> String {
    let fleets: Vec<_> =
        state["fleets"].as_array().into_iter().flatten().map(|f| &f["by_personality"]).collect();
    let names: Vec<_> = state["names"].as_array().into_iter().flatten().map(|name| &name["view"]).collect();
    let (phase, pairs, verdict) = (&state["phase"], &state["pairs"]["total"], &state["verdict"]["reasons"]);
    format!("phase {phase}, {pairs} pairs, {verdict}, fleets {fleets:?}, names {names:?}")
}
