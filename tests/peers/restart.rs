//! What outlives a canary that was killed: the phase, the alert, and the mail that was not sent.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;
use store::{Event, History, What};

use crate::separate_process::World;
use crate::support::{Canary, Process, Token, eventually, get, serin};

fn events(folder: &Path) -> Vec<Event> {
    History::read(&folder.join("serin.db"), None, None).unwrap().events
}

fn notices(events: &[Event]) -> Vec<&str> {
    let ids = events.iter().filter_map(|event| match &event.what {
        What::Notice { id, .. } => Some(id.as_str()),
        _ => None,
    });
    ids.collect()
}

/// The world's configuration, with mail sent to a server that accepts and says nothing.
fn without_mail(world: &World, silent: &TcpListener) -> std::path::PathBuf {
    let text = fs::read_to_string(world.config()).unwrap();
    let (before, after) = text.split_once("smtp: \"smtp://").unwrap();
    let (_, after) = after.split_once('"').unwrap();
    let path = world.folder().join("without-mail.yaml");
    let at = silent.local_addr().unwrap();
    fs::write(&path, format!("{before}smtp: \"smtp://{at}\"{after}")).unwrap();
    path
}

#[test]
fn after_a_kill_the_phase_the_alert_and_the_unsent_mail_are_there() {
    let world = World::start(10);
    let token = Token::new(world.folder(), "secret");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut canary = Canary::start(&without_mail(&world, &silent), Some(&token), "ready");
    canary.judges_pairs(20);
    canary.enters("set", &token);
    canary.enters("go", &token);
    world.told("/fault/new-down");
    canary.decides("rollback");
    eventually("the alert is written down", || {
        let events = events(world.folder());
        if notices(&events).is_empty() { Err("no notice".to_owned()) } else { Ok(()) }
    });
    let before = canary.shows("the alert fires", |state| state["alerts"].get(0).cloned());
    canary.process.kill();

    let mut canary = Canary::resumes(&world.config(), Some(&token));
    canary.process.says("going on in phase go; 1 notices are still to be delivered");
    let state = canary.state();
    assert_eq!(state["phase"], "go");
    let log: Vec<_> = state["phase_log"].as_array().unwrap().iter().map(|c| (&c["to"], &c["by"])).collect();
    let (set, go, ann) = (Value::from("set"), Value::from("go"), Value::from("ann"));
    assert_eq!(log, [(&set, &ann), (&go, &ann)]);
    assert_eq!(
        (&state["alerts"][0]["state"], &state["alerts"][0]["since"]),
        (&before["state"], &before["since"])
    );
    eventually("the mail is sent", || {
        let events = events(world.folder());
        let id = notices(&events).first().map(|id| (*id).to_owned());
        let sent = events.iter().any(|event| match &event.what {
            What::Delivery { notice, result: cutover::DeliveryResult::Sent, .. } => {
                Some(notice) == id.as_ref()
            }
            _ => false,
        });
        if sent { Ok(()) } else { Err(format!("{:?}", events.last())) }
    });
    // The evidence is gathered anew, and makes no second alert of it.
    canary.decides("rollback");
    assert_eq!(notices(&events(world.folder())).len(), 1);
    let mails: Value = serde_json::from_str(&get(world.control(), "/mails").unwrap()).unwrap();
    assert_eq!(mails["count"], 1, "{mails}");
    canary.drains();

    let report = world.folder().join("report.md");
    let (code, said) = Process::run(serin().arg("report").arg(world.config()).arg("-o").arg(&report));
    assert_eq!(code, 0, "{said}");
    let report = fs::read_to_string(report).unwrap();
    assert!(report.contains("went on in phase go") && report.contains("| phase | ann |"), "{report}");
    world.ends();
}

#[test]
fn a_phase_that_was_acknowledged_outlives_a_kill_at_once() {
    let world = World::start(1);
    let token = Token::new(world.folder(), "secret");
    let mut canary = Canary::start(&world.config(), Some(&token), "ready");
    assert_eq!(canary.told("set", Some(&token)).0, 0);
    canary.process.kill();
    let mut canary = Canary::resumes(&world.config(), None);
    canary.process.says("going on in phase set");
    assert_eq!(canary.state()["phase"], "set");
    canary.drains();
    world.ends();
}

#[test]
fn a_store_that_cannot_be_used_is_one_clear_error_and_fresh_is_the_way_out() {
    let world = World::start(1);
    let config = world.config();
    let refused = |why: &str| {
        let (code, said) = Process::run(serin().arg("run").arg(&config));
        assert_eq!(code, 4, "{said}");
        assert!(said.contains(why) && said.trim_end().lines().count() == 1, "`{why}` is not in: {said}");
    };
    let canary = Canary::start(&config, None, "set");
    refused("is in use by another serin, process");
    canary.drains();

    let store = world.folder().join("serin.db");
    fs::write(&store, "a diary, and no database at all").unwrap();
    refused("is damaged or no store at all");
    let mut command = serin();
    let mut process = Process::start(command.arg("run").arg(&config).arg("--fresh"));
    process.says("begun anew; what was there is now");
    process.kill();
    world.ends();
}
