//! A whole fleet between two of Debian's nats-server, a broker of quite another make (MQTT 3.1.1 over JetStream): it
//! registers, sends, is reset by the broker, and what it has sent is read back on either side.

mod application;

use std::fs;

use tempfile::TempDir;

use crate::debian::peers::{PASSWORD, dnsmasq, fill, hosts};
use crate::debian::ports::{Ports, RESOLVER, Side};
use crate::support::{Canary, Process, Token, eventually, foreign, get, missing, serin};
use application::Application;

const PROGRAMS: [&str; 4] = ["nats-server", "mosquitto_sub", "dnsmasq", "stdbuf"];
/// Of the fleet's devices, and of those that are read back.
const DEVICES: u64 = 30;
const SAMPLE: u64 = 15;

/// How often an event happened to the fleet on a side.
fn count(canary: &Canary, event: &str, side: Side) -> u64 {
    let labels = format!("event=\"{event}\",fleet=\"thermostats\",side=\"{}\"", side.as_str());
    let line = format!("serin_device_events_total{{{labels}}} ");
    let metrics = get(canary.at, "/metrics").unwrap();
    metrics.lines().find_map(|metric| metric.strip_prefix(&line)).map_or(0, |count| count.parse().unwrap())
}

/// Waits until each device of the sample has had two datapoints read back, on average.
fn reads_back(canary: &Canary, side: Side) {
    eventually(&format!("datapoints are read back on {}", side.as_str()), || {
        let verified = count(canary, "verified", side);
        if verified >= 2 * SAMPLE { Ok(()) } else { Err(format!("{verified} are")) }
    });
}

#[test]
fn a_fleet_registers_sends_obeys_and_is_read_back() {
    if missing(&PROGRAMS) {
        return;
    }
    let (folder, ports) = (TempDir::new().unwrap(), Ports::free());
    let at = folder.path();
    fs::write(at.join("operator.password"), PASSWORD).unwrap();
    hosts(at, Side::Old);
    let resolver = dnsmasq(at, ports);
    let _sides = Side::BOTH.map(|side| {
        let words = [
            ("ADDRESS", side.address()),
            ("SIDE", side.as_str()),
            ("PASSWORD", PASSWORD),
            ("FOLDER", &*at.to_string_lossy()),
        ];
        let config = at.join(format!("nats-{}.conf", side.as_str()));
        fs::write(&config, fill(include_str!("nats.conf"), ports, &words)).unwrap();
        let mut broker = Process::start(foreign("nats-server").arg("-c").arg(&config));
        broker.says("Server is ready");
        (Application::start(side, ports), broker)
    });
    let words = [("OLD", Side::Old.address()), ("NEW", Side::New.address()), ("RESOLVER", RESOLVER)];
    let config = at.join("serin.yaml");
    fs::write(&config, fill(include_str!("serin.yaml"), ports, &words)).unwrap();

    let token = Token::new(at, "secret");
    let canary = Canary::start(&config, Some(&token), "ready");
    canary.devices_stand("reset-only", "old", 1.0);
    assert_eq!(count(&canary, "registered", Side::Old), DEVICES);
    reads_back(&canary, Side::Old);

    hosts(at, Side::New);
    resolver.signal("HUP");
    canary.names_stand("new");
    let mut reset = serin();
    reset.arg("reset").arg(&config).args(["--id", "wave-1", "--wait", "60s"]);
    reset.args(["--at", &format!("http://{}", canary.at), "--token-file"]).arg(token.path());
    let (code, said) = Process::run(&mut reset);
    let told =
        format!("thermostats: {DEVICES} of {DEVICES} received it ({DEVICES} on old, 0 on new, 0 on both;");
    let back = format!("{DEVICES} are back ({DEVICES} on new, 0 on old, 0 elsewhere)");
    assert!(code == 0 && said.contains(&told) && said.contains(&back), "{code}: {said}");
    canary.devices_stand("reset-only", "new", 1.0);
    reads_back(&canary, Side::New);

    for side in Side::BOTH {
        for wrong in ["datapoint-lost", "datapoint-duplicate", "datapoint-out-of-order", "datapoint-failed"] {
            assert_eq!(count(&canary, wrong, side), 0, "{wrong} on {}", side.as_str());
        }
    }
    canary.drains();
}
