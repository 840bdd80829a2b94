//! World, canary and operator, each in a process of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::support::{Canary, Process, Token, get, post, serin};
use serde_json::Value;
use store::{History, What};
use tempfile::TempDir;

/// A world that was started with `serin rehearse --world`.
pub(crate) struct World {
    process: Process,
    control: SocketAddr,
    folder: TempDir,
}

impl World {
    /// Starts one with so many devices.
    pub(crate) fn start(devices: u32) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = serin();
        command.args(["rehearse", "--world", "--ttl", "2s", "--devices", &devices.to_string(), "--folder"]);
        let mut process = Process::start(command.arg(folder.path()));
        let control = process.says("control    http://");
        let control = control.split(": ").next().and_then(|at| at.parse().ok()).unwrap();
        Self { process, control, folder }
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration that it wrote.
    pub(crate) fn config(&self) -> PathBuf {
        self.folder().join("serin.yaml")
    }

    /// Where it is controlled.
    pub(crate) const fn control(&self) -> SocketAddr {
        self.control
    }

    /// Has something done to it.
    pub(crate) fn told(&self, deed: &str) {
        post(self.control, deed).unwrap();
    }

    /// Ends it, and sees that it does.
    pub(crate) fn ends(mut self) {
        self.process.signal("INT");
        self.process.says("the world has ended");
        assert_eq!(self.process.ends(), 0);
    }
}

/// Sends the reset, which both sides must take, and has the canary note it whose token is known.
pub(crate) fn reset(config: &Path, id: &str, canary: Option<(&Canary, &Token)>) {
    let mut command = serin();
    command.arg("reset").arg(config).args(["--id", id]);
    let mut unnoted = "\n  not noted by `serin run`: no token was given (--token-file FILE, or $SERIN_TOKEN)";
    if let Some((canary, token)) = canary {
        command.args(["--at", &format!("http://{}", canary.at), "--token-file"]).arg(token.path());
        unnoted = "";
    }
    let (code, said) = Process::run(&mut command);
    let topic = "sent on fleets/thermostats/commands";
    let expected =
        format!("reset {id}\n  thermostats on old: {topic}\n  thermostats on new: {topic}{unnoted}");
    assert_eq!((code, said), (0, expected));
}

#[test]
fn a_healthy_cutover_is_go() {
    let world = World::start(100);
    let token = Token::new(world.folder(), "secret");
    let canary = Canary::start(&world.config(), Some(&token), "ready");
    canary.devices_stand("reset-only", "old", 1.0);
    canary.names_stand("old");
    canary.enters("set", &token);
    canary.judges_pairs(20);

    canary.enters("go", &token);
    world.told("/flip/new");
    world.told("/mark/go");
    canary.names_stand("new");
    canary.devices_stand("at-ttl", "new", 1.0);
    canary.devices_stand("reset-only", "old", 0.9); // DNS alone does not move them
    reset(&world.config(), "wave-1", Some((&canary, &token)));
    canary.devices_stand("reset-only", "new", 0.95);
    canary.decides("go");

    canary.shows("the devices that came back are counted", |state| {
        (state["fleets"][0]["returned"]["count"].as_u64()? >= 95).then_some(())
    });
    let state = canary.state();
    let log: Vec<_> = state["phase_log"].as_array().unwrap().iter().map(|c| (&c["to"], &c["by"])).collect();
    let (set, go, ann) = ("set".into(), "go".into(), "ann".into());
    assert_eq!(log, [(&set, &ann), (&go, &ann)]);
    assert_eq!(canary.drains(), 0);
    let events = History::read(&world.folder().join("serin.db"), None, None).unwrap().events;
    let note = What::Note { by: "ann".to_owned(), text: "reset wave-1 of all devices".to_owned() };
    assert!(events.iter().any(|event| event.what == note), "{events:?}");
    world.ends();
}

#[test]
fn a_killed_canary_goes_on_in_the_phase_it_is_told() {
    let world = World::start(20);
    let config = world.config();
    let mut canary = Canary::start(&config, None, "set");
    canary.devices_stand("reset-only", "old", 1.0);
    world.told("/flip/new");
    canary.names_stand("new");
    canary.devices_stand("reset-only", "old", 0.9);
    canary.process.kill();

    let canary = Canary::start(&config, None, "go");
    assert_eq!(canary.state()["phase"], "go");
    canary.devices_stand("reset-only", "new", 1.0);
    canary.judges_pairs(20);
    // The sessions of its former life were broken off: no device is twice in the world.
    canary.shows("no device stands elsewhere", |state| {
        let states: Value = state["fleets"][0]["states"].clone();
        (states["old"].is_null() && states["lost"].is_null()).then_some(())
    });
    canary.drains();
    world.ends();
}

#[test]
fn only_who_knows_the_token_changes_the_phase_and_only_as_phases_go() {
    let world = World::start(1);
    let (token, wrong) = (Token::new(world.folder(), "secret"), Token::new(world.folder(), "guess"));
    let canary = Canary::start(&world.config(), Some(&token), "ready");
    let refused = |phase, token, why: &str| {
        let (code, said) = canary.told(phase, token);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(why), "`{why}` is not in: {said}");
        assert_eq!(canary.state()["phase"], "ready");
    };
    refused("set", None, "a phase is changed with a token");
    refused("set", Some(&wrong), "this is not the token");
    refused(
        "go",
        Some(&token),
        "the cutover is in phase `ready`: from there it can go to `set`, not to `go`",
    );
    refused("gone", Some(&token), "`gone`");
    assert!(post(canary.at, "/api/v1/phase").unwrap_err().contains("401"));
    canary.enters("set", &token);
    assert_eq!(canary.drains(), 3, "too little data is `hold`");

    let closed = Canary::start(&world.config(), None, "ready");
    let (code, said) = closed.told("set", Some(&token));
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("started without a token"), "{said}");
    assert!(get(closed.at, "/metrics").unwrap().contains("serin_phase{phase=\"ready\"} 1"));
    closed.drains();
    world.ends();
}
