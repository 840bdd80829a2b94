//! The token: where it comes from, and what `serin phase` says when it cannot be shown to anybody.

use std::net::TcpListener;
use std::process::Command;

use super::program::{Running, Said, ended, serin};
use super::setting::{Nobody, Setting};

fn phase(arguments: &[&str]) -> Command {
    serin(["phase", "set"].iter().chain(arguments))
}

fn refused(command: Command) -> String {
    let said = ended(command);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", said.err);
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    said.err
}

#[test]
fn a_token_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("empty"), "\n").unwrap();
    std::fs::write(path("spaces"), "two words\n").unwrap();
    std::fs::write(path("binary"), [0xff, 0xfe]).unwrap();
    let with = |name: &str| refused(phase(&["--token-file", &path(name)]));
    let file = |name: &str| format!("error: there is no token: the file {}", path(name));
    assert_eq!(with("none"), format!("{} cannot be read: there is no such file\n", file("none")));
    assert_eq!(with("."), format!("{} cannot be read: it is a folder\n", file(".")));
    assert_eq!(with("empty"), format!("{} is empty\n", file("empty")));
    assert_eq!(with("binary"), format!("{} cannot be read: byte 1 is not UTF-8\n", file("binary")));
    assert!(with("spaces").starts_with("error: the token cannot be shown in a request: it must be one line"));
    let mut command = phase(&[]);
    command.env("SERIN_TOKEN", "");
    assert_eq!(refused(command), "error: there is no token: $SERIN_TOKEN is empty\n");
    let shown = refused(phase(&[]));
    assert!(shown.contains("--token-file FILE, or $SERIN_TOKEN"), "{shown}");
}

#[test]
fn a_run_without_a_good_token_does_not_start() {
    let resolver = Nobody::start();
    let setting = Setting::new(resolver.at, "127.0.0.1:0");
    std::fs::write(setting.path().join("token"), "").unwrap();
    let mut command = serin(["run", "serin.yaml", "--token-file", "token"]);
    command.current_dir(setting.path());
    let said = ended(command);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert_eq!(said.err.lines().last(), Some("error: there is no token: the file token is empty"));
    assert!(!setting.was_touched());
}

#[test]
fn nobody_is_there() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = phase(&["--at", &format!("http://{free}")]);
    command.env("SERIN_TOKEN", "hunter2hunter2");
    let Said { code, out, err } = ended(command);
    assert_eq!((code, out.as_str()), (Some(4), ""), "{err}");
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.contains(&free.to_string()) && err.contains("refused"), "{err}");
    assert!(err.contains("is `serin run` there? (--at URL names another place)"), "{err}");
    assert!(!err.contains("hunter2"), "{err}");
}

#[test]
fn a_phase_is_told_and_refused() {
    let resolver = Nobody::start();
    let setting = Setting::new(resolver.at, "127.0.0.1:0");
    let mut command = serin(["run", "serin.yaml", "--token-file", "token"]);
    command.current_dir(setting.path());
    let mut running = Running::start(command);
    let line = running.wait_for("page, API and metrics on ");
    let at = line.split_whitespace().last().unwrap();
    let tell = |phase: &str, token: &str| {
        let mut command = serin(["phase", phase, "--at", at]);
        command.env("SERIN_TOKEN", token);
        ended(command)
    };
    let wrong = tell("set", "hunter3");
    assert_eq!(wrong.code, Some(2), "{}", wrong.err);
    assert!(wrong.err.contains("`serin run` was given another token, or none"), "{}", wrong.err);
    let early = tell("settled", "hunter2hunter2");
    assert_eq!((early.code, early.out.as_str()), (Some(2), ""), "{}", early.err);
    assert!(early.err.contains("ready") && early.err.contains("settled"), "{}", early.err);
    let right = tell("set", "hunter2hunter2");
    assert_eq!((right.code, right.out.as_str(), right.err.as_str()), (Some(0), "phase set\n", ""));
    running.signal("INT");
    running.end();
}
