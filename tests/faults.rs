//! Every fault leads to its verdict and its reason, end to end: the world, the engine, the mail and the exit code.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::process::{Command, Stdio};

/// A rehearsal that is as short as the evidence allows.
const SHORT: [&str; 6] = ["--ready-for", "5s", "--set-for", "6s", "--go-for", "30s"];

const GO: i32 = 0;
const ROLLBACK: i32 = 1;
const HOLD: i32 = 3;
const CANARY: i32 = 4;

/// Rehearses, and checks the exit code and that each of `said` is in what was printed; gives what was printed.
fn rehearse(faults: &[&str], exit: i32, said: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_serin"));
    command.arg("rehearse").args(SHORT).stdin(Stdio::null());
    for fault in faults {
        command.args(["--fault", fault]);
    }
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "\n{printed}\n{complaints}");
    for text in said {
        assert!(printed.contains(text), "no `{text}` in\n{printed}\n{complaints}");
    }
    assert!(!printed.contains("WRONGLY"), "{printed}");
    printed
}

/// A fault that must be rolled back: the mail has arrived, when it began and when it ended.
fn rolls_back(fault: &str, said: &[&str]) {
    let printed = rehearse(&[fault], ROLLBACK, said);
    for text in
        ["[serin] ROLLBACK rehearsal: ", "[serin] RESOLVED rehearsal: rolled back", "verdict: ROLLBACK"]
    {
        assert!(printed.contains(text), "no `{text}` in\n{printed}");
    }
}

/// A fault that must be looked at before anybody goes on; nobody is woken for it.
fn holds(fault: &str, said: &[&str]) {
    let printed = rehearse(&[fault], HOLD, said);
    assert!(printed.contains("verdict: HOLD") && !printed.contains("[serin]"), "{printed}");
}

#[test]
fn health_earns_go_and_every_device_is_accounted_for() {
    let printed = rehearse(&[], GO, &["verdict: GO", "no worse than the old side", "200 devices"]);
    let read_back: Vec<_> =
        printed.lines().filter(|line| line.contains("datapoints were read back")).collect();
    assert_eq!(read_back.len(), 2, "{printed}");
    assert!(read_back.iter().all(|line| line.ends_with("0 were lost, 0 copies too many")), "{read_back:?}");
    let row = |name: &str| {
        let line = printed.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        let numbers = line.split_whitespace().filter_map(|word| word.parse::<u32>().ok());
        numbers.take(6).collect::<Vec<_>>()
    };
    // Old, new, both, other, connecting, lost.
    let reset_only = row("reset-only");
    assert!(reset_only[1] >= 152 && reset_only.iter().sum::<u32>() == 160, "{printed}");
    assert_eq!(row("never"), [2, 0, 0, 0, 0, 0], "{printed}");
    assert_eq!(row("both"), [0, 0, 4, 0, 0, 0], "{printed}");
    let personalities = ["reset-only", "at-ttl", "at-reconnect", "eager", "never", "both"];
    let total: u32 = personalities.into_iter().flat_map(row).sum();
    assert_eq!(total, 200, "{printed}");
}

#[test]
fn new_errors() {
    rolls_back("new-errors=5%@go+3s", &["on new", "kind `status`"]);
}

#[test]
fn new_slow() {
    rolls_back("new-slow=200ms@go+3s", &["on new", "times as long as on old"]);
}

#[test]
fn new_slow_beyond_what_is_expected() {
    rolls_back("new-slow=2s@go+3s", &["on new", "kind `timeout`"]);
}

#[test]
fn new_tail() {
    rolls_back("new-tail=2%@go+3s", &["on new", "slow"]);
}

#[test]
fn new_down() {
    rolls_back("new-down@go+3s", &["on new", "kind `refused`"]);
}

#[test]
fn new_hang() {
    rolls_back("new-hang@go+3s", &["on new", "kind `timeout`"]);
}

#[test]
fn wrong_answer() {
    rolls_back("wrong-answer@go+3s", &["on new", "kind `assertion`"]);
}

#[test]
fn lost_datapoints() {
    rolls_back("lost-datapoints@go+3s", &["on new", "kind `lost`"]);
}

#[test]
fn forgetful() {
    holds("forgetful@go+3s", &["datapoints of thermostats on new were acknowledged and are not there"]);
}

#[test]
fn broker_drop() {
    rolls_back("broker-drop@go+3s", &["datapoint over MQTT", "kind `reset`"]);
}

#[test]
fn old_errors() {
    holds("old-errors@go+3s", &["the old side is itself failing", "kind `status`"]);
}

#[test]
fn dns_fail() {
    holds("dns-fail@go+3s", &["do not resolve at mobile, office and zone"]);
}

#[test]
fn dns_stale() {
    holds("dns-stale", &["still resolve to the old side at office"]);
}

#[test]
fn dns_other() {
    holds("dns-other", &["resolve to 127.0.9.9", "an address of neither side"]);
}

#[test]
fn split() {
    holds("split=20%", &["are in session with both sides at once, among them thermostats-0"]);
}

#[test]
fn forwarder() {
    holds("forwarder@go+3s", &["forwarded: ", "were answered by the new application"]);
}

#[test]
fn canary_cut() {
    let printed = rehearse(&["canary-cut@go+3s"], CANARY, &["verdict: HOLD", "the canary"]);
    assert!(!printed.contains("the old side is itself failing"), "{printed}");
}

#[test]
fn canary_silent() {
    holds("canary-silent", &["canary lobby-thermostat: silent for ", "last seen on new", "expected each"]);
}

#[test]
fn replication_stop() {
    holds("replication-stop", &["write on old, read on new", "kind `lost`"]);
}
