//! A configuration with every key, what it amounts to, and what becomes of it when any of it is broken.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ::alerts::Credentials;
use ::cutover::evidence::Settings;
use ::cutover::{Decision, Personality, Reached, Route, Side};
use ::devices::{Account, Generator, Identities, Login, ReadOn, Session, Shares};
use probes::MqttVersion;
use probes::mqtt::Qos;

use super::{Config, ResolverPlan, load};

fn accepted() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accepted")
}

fn full() -> Config {
    load(&accepted().join("full.yaml")).unwrap()
}

#[test]
fn the_cutover_is_where_it_is_said_to_be() {
    let config = full();
    let cutover = &config.cutover;
    assert_eq!(&*cutover.name, "acme-to-vpc");
    assert_eq!(
        cutover.names.iter().map(|name| &**name).collect::<Vec<_>>(),
        ["api.acme.example", "mqtt.acme.example"]
    );
    assert_eq!(cutover.point_of_no_return, Some(0.5));
    let side = |address: &str| cutover.sides.side_of(address.parse().unwrap());
    assert_eq!(side("203.0.113.200"), Reached::Old);
    assert_eq!(side("2001:db8:1::1"), Reached::Old);
    assert_eq!(side("198.51.100.1"), Reached::New);
    assert_eq!(side("192.0.2.1"), Reached::Other);
    let pin = |side, name| cutover.pins.get(side, name).map(|at| at.to_string());
    assert_eq!(pin(Side::Old, "api.acme.example").as_deref(), Some("203.0.113.7"));
    assert_eq!(pin(Side::Old, "mqtt.acme.example").as_deref(), Some("2001:db8:1::8"));
    assert_eq!(pin(Side::New, "api.acme.example").as_deref(), Some("198.51.100.7"));
    assert_eq!(pin(Side::New, "mqtt.acme.example").as_deref(), Some("198.51.100.7"));
    assert_eq!(pin(Side::New, "console.acme.example"), None);
}

#[test]
fn the_store_is_beside_the_configuration() {
    let store = full().store.unwrap();
    assert_eq!((store.path, store.sample_every), (accepted().join("serin.db"), Duration::from_secs(5)));
    assert_eq!(store.settings.keep, Duration::from_secs(7 * 86_400));
    assert_eq!(store.settings.at_most, 2 << 30);
}

#[test]
fn resolvers_and_journeys_are_as_written_or_usual() {
    let config = full();
    let plan = |name: &str, at: &str, authoritative| ResolverPlan {
        name: name.into(),
        at: at.parse().unwrap(),
        authoritative,
    };
    let expected = [
        plan("office", "192.0.2.53:53", false),
        plan("mobile", "192.0.2.54:5353", false),
        plan("zone", "[2001:db8::53]:53", true),
    ];
    assert_eq!(config.resolvers, expected);
    assert_eq!(config.watch_names_every, Duration::from_secs(2));
    assert_eq!(config.vars.get("port").map(String::as_str), Some("8443"));
    let [look, publish] = config.journeys.as_slice() else { unreachable!("{:?}", config.journeys) };
    assert_eq!((&**look.journey.name(), look.every), ("look", Duration::from_millis(500)));
    assert_eq!(look.on, [Route::Old, Route::New]);
    assert!(look.paired() && look.unpaired() == 0);
    assert_eq!(publish.on, [Route::Old, Route::New, Route::Live]);
    assert!(publish.paired() && publish.unpaired() == 1);
}

#[test]
fn fleets_are_as_written() {
    let config = full();
    let [lamps, thermostats] = config.fleets.as_slice() else { unreachable!("{:?}", config.fleets) };
    assert_eq!((&*lamps.name, lamps.count, lamps.ramp), ("lamps", 200, 100));
    let mqtt = lamps.mqtt().unwrap();
    assert_eq!(mqtt.broker.to_string(), "mqtts://mqtt.acme.example:8883");
    assert_eq!(lamps.login, Login::Register("https://api.acme.example/devices".parse().unwrap()));
    let times = [lamps.datapoint_every, mqtt.keep_alive, lamps.grace];
    assert_eq!(times, [5, 30, 20].map(Duration::from_secs));
    assert_eq!(mqtt.commands, ["fleets/{fleet}/commands".parse().unwrap()]);
    assert_eq!(mqtt.datapoints, "devices/{device}/measured".parse().unwrap());
    let shares = [
        (Personality::ResetOnly, 80.0),
        (Personality::AtTtl, 8.0),
        (Personality::AtReconnect, 4.0),
        (Personality::Eager, 5.0),
        (Personality::Both, 2.0),
        (Personality::Never, 1.0),
    ];
    assert_eq!(lamps.shares, Shares::new(shares).unwrap());
    let account = Account { username: "thermostat".to_owned(), password: "hunter2".to_owned() };
    assert!(thermostats.login == Login::Account(account));
    assert_eq!(thermostats.mqtt().unwrap().broker.to_string(), "mqtt://mqtt.acme.example:1884");
    assert_eq!(thermostats.datapoint_every, Duration::from_secs(30));
}

#[test]
fn fleets_of_every_kind_are_as_written() {
    let config = load(&accepted().join("fleets.yaml")).unwrap();
    let [lamps, thermostats, meters, clocks] = config.fleets.as_slice() else {
        unreachable!("{:?}", config.fleets)
    };
    let mqtt = lamps.mqtt().unwrap();
    assert_eq!((mqtt.version, mqtt.qos), (MqttVersion::V5, Qos::ExactlyOnce));
    assert_eq!(mqtt.session, Session::Persistent(Duration::from_secs(12 * 3600)));
    let will = mqtt.will.as_ref().unwrap();
    assert_eq!(
        (will.payload.sample("lamps", "lamps-000000"), will.retain),
        (r#"{"gone":"lamps-000000"}"#.into(), true)
    );
    assert!(matches!(&mqtt.identities, Identities::Folder(folder) if folder.ends_with("parts")));
    let verify = lamps.verify.as_ref().unwrap();
    assert_eq!((verify.share, verify.within, verify.on), (0.05, Duration::from_secs(20), ReadOn::Both));
    assert_eq!(verify.token.as_deref(), Some("hunter2"));
    assert_eq!((lamps.jitter, &lamps.payload.sample("lamps", "a")[..10]), (0.25, r#"{"seq":1,""#));
    assert_eq!((thermostats.count, thermostats.device(1).as_str()), (3, "aa:bb:02"));
    assert_eq!(thermostats.generator, Generator::Replay([19.5, -3.0].into()));
    let http = meters.http().unwrap();
    assert_eq!(
        (meters.count, http.poll_every, http.post.method.as_str()),
        (2, Duration::from_secs(10), "PUT")
    );
    assert_eq!(meters.generator, Generator::Walk { from: -5.0, to: 5.0, step: 0.5 });
    assert_eq!((clocks.mqtt().unwrap().qos, &clocks.generator), (Qos::AtMostOnce, &Generator::Constant(7.0)));
    assert!(config.remarks.is_empty(), "{:?}", config.remarks);
}

#[test]
fn evidence_alerts_and_the_rest_are_as_written() {
    let config = full();
    let evidence = Settings {
        block: Duration::from_secs(2),
        false_alarms_per_week: 0.5,
        error_margin: 0.005,
        go_margin: 0.02,
        go_margin_journey: 0.04,
        go_level: 0.002,
        location_margin: 0.12,
        go_location: 0.25,
        go_location_journey: 0.40,
        fleet_ratio: 3.0,
        split_tolerated: 0.06,
        lost_tolerated: 0.07,
        stale_grace: Duration::from_secs(3),
    };
    // Percentages are divided by 100, which is not exact.
    assert_eq!(
        format!("{:?}", config.evidence).replace("0.07000000000000001", "0.07"),
        format!("{evidence:?}")
    );
    let operator = config.operator.unwrap();
    assert_eq!((operator.username.as_str(), operator.password.as_str()), ("operator", "hunter2"));
    assert_eq!(config.alerts.on, [Decision::Rollback, Decision::Hold]);
    let [(room, mail), (boss, plain)] = config.alerts.email.as_slice() else {
        unreachable!("{:?}", config.alerts)
    };
    assert_eq!((&**room, &**boss), ("room", "boss"));
    assert_eq!(mail.to, ["room@acme.example", "On Call <oncall@acme.example>"]);
    assert_eq!(mail.from, "Serin <serin@acme.example>");
    assert_eq!(mail.smtp, "smtps://mail.acme.example:4650");
    let credentials = Credentials { user: "serin".to_owned(), password: "hunter2".to_owned() };
    assert_eq!(mail.credentials, Some(credentials));
    assert!(mail.ca.as_ref().is_some_and(|ca| ca.starts_with(b"-----BEGIN CERTIFICATE-----")));
    assert_eq!(
        (plain.from.as_str(), plain.to.as_slice()),
        ("serin@localhost", &["boss@acme.example".to_owned()][..])
    );
    assert_eq!(config.serve.to_string(), "[::1]:9901");
    assert!(config.remarks.is_empty(), "{:?}", config.remarks);
}

#[test]
fn a_mail_leads_to_the_page_or_nowhere() {
    let mut config = full();
    assert_eq!(config.link(config.serve).as_deref(), Some("https://serin.acme.example/cutover"));
    config.page = None;
    let link = |address: &str| config.link(address.parse().unwrap());
    assert_eq!(link("127.0.0.1:9900").as_deref(), Some("http://127.0.0.1:9900/"));
    assert_eq!(link("[2001:db8::1]:80").as_deref(), Some("http://[2001:db8::1]:80/"));
    assert_eq!(link("0.0.0.0:9900"), None);
    assert_eq!(link("[::]:9900"), None);
}

/// Breaks the configuration in some thousand ways: whatever is written, it is accepted or told what is wrong.
#[test]
fn whatever_is_broken_is_told_and_nothing_panics() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("parts")).unwrap();
    for entry in fs::read_dir(accepted().join("parts")).unwrap() {
        let part = entry.unwrap();
        fs::copy(part.path(), folder.path().join("parts").join(part.file_name())).unwrap();
    }
    for name in ["full.yaml", "fleets.yaml"] {
        let text = fs::read_to_string(accepted().join(name)).unwrap();
        break_it(&text, &folder.path().join("serin.yaml"));
    }
}

fn break_it(text: &str, path: &Path) {
    let lines: Vec<&str> = text.lines().collect();
    let (mut accepted, mut refused) = (0, 0);
    for (index, line) in lines.iter().enumerate() {
        for broken in broken(line) {
            let mut changed = lines.clone();
            changed[index] = &broken;
            fs::write(path, changed.join("\n")).unwrap();
            match load(path) {
                Ok(_) => accepted += 1,
                Err(rejected) => {
                    refused += 1;
                    assert!(!rejected.0.is_empty(), "refused without a word: {broken}");
                    let shown = rejected.to_string();
                    assert!(!shown.contains("hunter2"), "{shown}");
                    assert!(rejected.0.iter().all(|told| told.line > 0), "nowhere: {shown}");
                }
            }
        }
    }
    // Most of what is broken is wrong; some of it is only another configuration.
    assert!(refused > 3 * accepted && refused > 600, "{refused} refused, {accepted} accepted");
}

/// A line without itself, and with its value replaced by everything that is something else.
fn broken(line: &str) -> Vec<String> {
    let mut all = vec![String::new(), format!("{line} ]"), line.replace(": ", ":"), line.replace('"', "")];
    let Some((key, _)) = line.split_once(": ").or_else(|| line.split_once(':')) else { return all };
    let values = [
        "",
        "~",
        "[]",
        "{}",
        "[[]]",
        "{ a: b }",
        "true",
        "-1",
        "0",
        "1e999",
        ".inf",
        "99999999999999999999",
        "x",
        "\"\"",
        "\"\\u0000\"",
        "\"\\u001b[2J\"",
        "0s",
        "300years",
        "200%",
        "*x",
        "!x y",
        "|\n text",
    ];
    all.extend(values.map(|value| format!("{key}: {value}")));
    all.push(format!("{key}x: 1"));
    all
}
