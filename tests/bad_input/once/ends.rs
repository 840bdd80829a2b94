//! How it ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use super::api::{Api, FAILS, PASSES};
use crate::program::{Running, ended, serin};

#[test]
fn what_passes_ends_with_0_and_what_fails_with_1_at_its_place() {
    let api = Api::start();
    let said = api.said(PASSES, "");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.starts_with("j on live  j.yaml\n  ok          sign up "), "{}", said.out);
    assert!(said.out.contains("1 run: 1 passed; 2 steps: 2 passed; "), "{}", said.out);

    let said = api.said(FAILS, "");
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    for part in [
        "  FAILED      read ",
        "  not reached never",
        "error[assertion]: read: an expectation does not hold\n --> j.yaml:6:9\n",
        "6 |       - json $.state == \"active\"\n  |         ^^^^^^^^^^^^^^^^^^^^^^^^\n",
        "  | expected: \"active\"\n  |   actual: \"pending\"\n",
    ] {
        assert!(said.out.contains(part), "no {part} in:\n{}", said.out);
    }
}

#[test]
fn ctrl_c_aborts_and_the_report_says_what_there_was() {
    let api = Api::start();
    let journey = "journey: j
steps:
  - { name: sign up, http: 'GET {{ api }}/users' }
  - { name: hang, http: 'GET {{ api }}/never' }
";
    let (folder, command) = api.once(journey, "--report json=r.json");
    let running = Running::start(command);
    while !api.asked.recv().unwrap().contains("/never") {}
    running.signal("INT");
    let said = running.end();
    assert_eq!(said.code, Some(3), "{}{}", said.out, said.err);
    let text = fs::read_to_string(folder.path().join(Path::new("r.json"))).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["runs"][0]["steps"][0]["standing"], "passed");
    assert_eq!(report["runs"][0]["steps"][1]["standing"], "aborted");
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let api = Api::start();
    let journey = "journey: j
steps: [{ name: hang, http: 'GET {{ api }}/never' }]
finally: [{ name: hang again, http: 'GET {{ api }}/never/again' }]
";
    let (_folder, command) = api.once(journey, "");
    let running = Running::start(command);
    while !api.asked.recv().unwrap().contains("/never ") {}
    running.signal("INT");
    while !api.asked.recv().unwrap().contains("/never/again") {}
    running.signal("INT");
    assert_eq!(running.end().code, Some(130));
}

#[test]
fn a_reader_that_goes_ends_nothing() {
    let api = Api::start();
    let (folder, mut command) = api.once(FAILS, "--report json=r.json");
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "j on live  j.yaml\n");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(folder.path().join("r.json").is_file());
}

#[test]
fn a_report_that_can_no_longer_be_written_hides_no_failure() {
    let api = Api::start();
    // Once everything was looked at, the folder of the report goes.
    let run = |journey: &str| {
        let (folder, command) = api.once(journey, "--report json=reports/r.json");
        let reports = folder.path().join("reports");
        fs::create_dir(&reports).unwrap();
        let mut running = Running::start(command);
        running.wait_for("j on live");
        fs::remove_dir_all(&reports).unwrap();
        running.signal("INT");
        running.end()
    };
    let hangs = "journey: j\nsteps: [{ name: hang, http: 'GET {{ api }}/never' }]\n";
    let said = run(hangs);
    assert_eq!(said.code, Some(3), "{}{}", said.out, said.err);
    assert_eq!(said.err, "error: the report reports/r.json cannot be written: there is no such folder\n");
}

#[test]
fn two_hundred_journeys_run_eight_at_once_and_are_told_in_order() {
    let api = Api::start();
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<_> = (0..200).map(|number| format!("j{number:03}")).collect();
    for name in &names {
        let journey =
            format!("journey: {name}\nsteps: [{{ name: read, http: 'GET {{{{ api }}}}/{name}' }}]\n");
        fs::write(folder.path().join(format!("{name}.yaml")), journey).unwrap();
    }
    let mut command = serin(["once", "--jobs", "8", "--var", &format!("api=http://{}", api.at)]);
    command.args(names.iter().map(|name| format!("{name}.yaml"))).current_dir(folder.path());
    let said = ended(command);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let told: Vec<_> = said.out.lines().filter_map(|line| line.split_once(" on live  ")).collect();
    assert!(told.iter().map(|(name, _)| *name).eq(names.iter().map(String::as_str)), "{told:?}");
    assert!(said.out.contains("200 runs: 200 passed; 200 steps: 200 passed; "), "{}", said.out);
}
