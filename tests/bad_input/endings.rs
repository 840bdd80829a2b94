//! Ctrl-C, and readers that go away.

use std::io::pipe;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::program::{Running, serin};
use super::setting::{Nobody, Setting};

/// What five seconds are on a machine that has much else to do.
const FIVE_SECONDS: Duration = Duration::from_secs(10);

fn run(setting: &Setting, flags: &[&str]) -> Command {
    let mut command = serin(["run", "serin.yaml"].iter().chain(flags));
    command.current_dir(setting.path());
    command
}

#[test]
fn the_first_ctrl_c_drains_a_run_and_says_what_it_did() {
    for signal in ["INT", "TERM"] {
        let resolver = Nobody::start();
        let setting = Setting::new(resolver.at, "127.0.0.1:0");
        let mut running = Running::start(run(&setting, &[]));
        running.wait_for("page, API and metrics on ");
        let asked = Instant::now();
        running.signal(signal);
        let said = running.end();
        assert!(asked.elapsed() < FIVE_SECONDS, "{:?}", asked.elapsed());
        assert!(said.out.contains("draining: no new runs"), "{}", said.out);
        assert!(said.out.contains("drained: ") && said.out.contains("verdict: HOLD"), "{}", said.out);
        assert_eq!(said.code, Some(3), "{}", said.err);
    }
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let resolver = Nobody::start();
    let setting = Setting::new(resolver.at, "127.0.0.1:0");
    let mut running = Running::start(run(&setting, &[]));
    running.wait_for("page, API and metrics on ");
    // What the run must do `finally` gets no answer either, and holds the drain up.
    let _run = setting.run();
    running.signal("INT");
    running.wait_for("draining");
    running.signal("INT");
    let said = running.end();
    assert_eq!(said.code, Some(130), "{}{}", said.out, said.err);
    assert!(!said.out.contains("drained: "), "{}", said.out);
}

#[test]
fn ctrl_c_ends_a_rehearsal_with_what_is_known_by_then() {
    let quick = "--ready-for 1s --set-for 1s --devices 10 --fault new-hang@ready --fault old-errors@go";
    let mut running = Running::start(serin(["rehearse"].into_iter().chain(quick.split(' '))));
    // By now runs hang on the new side, and the reset will.
    running.wait_for("phase go");
    let asked = Instant::now();
    running.signal("INT");
    let said = running.end();
    assert!(asked.elapsed() < FIVE_SECONDS, "{:?}", asked.elapsed());
    assert!(said.out.contains("the end: draining"), "{}", said.out);
    assert!(said.out.contains("verdict: HOLD"), "{}", said.out);
    assert!(said.out.contains("interrupted: this was the verdict of that moment"), "{}", said.out);
    assert!(!said.out.contains("WRONGLY"), "{}", said.out);
    assert_eq!(said.code, Some(3), "{}", said.err);
}

#[test]
fn ctrl_c_ends_a_world_and_leaves_its_files_where_they_were_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = serin(["rehearse", "--world", "--folder", "world"]);
    command.current_dir(folder.path());
    let mut running = Running::start(command);
    running.wait_for("watch it");
    running.signal("INT");
    let said = running.end();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.ends_with("the world has ended\n"), "{}", said.out);
    assert!(folder.path().join("world/serin.yaml").is_file());
}

/// Runs a command whose readers have gone before it says its first word.
fn unheard(mut command: Command) -> std::process::Child {
    let (reader, out) = pipe().unwrap();
    drop(reader);
    let err = out.try_clone().unwrap();
    command.stdout(out).stderr(err).spawn().unwrap()
}

#[test]
fn nobody_listens_to_a_short_command() {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accepted/full.yaml");
    let full = full.to_str().unwrap();
    for (arguments, code) in [
        (vec!["rehearse", "--list-faults"], 0),
        (vec!["check", full], 0),
        (vec!["check", "no/such.yaml"], 2),
        (vec!["--help"], 0),
        (vec!["nonsense"], 2),
    ] {
        let status = unheard(serin(&arguments)).wait().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn nobody_listens_to_a_run_and_it_goes_on_watching() {
    let resolver = Nobody::start();
    let setting = Setting::new(resolver.at, "127.0.0.1:0");
    let mut child = unheard(run(&setting, &["-vv"]));
    drop(setting.run());
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(3));
}
