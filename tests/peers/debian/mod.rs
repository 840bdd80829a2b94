//! A cutover between two sides of Debian's nginx and mosquitto, with dnsmasq as the resolver: the same journeys and the
//! same configuration as a rehearsal's, and not one peer of our own.

mod certificates;
pub(crate) mod peers;
mod platform;
pub(crate) mod ports;

use crate::separate_process::reset;
use crate::support::{Canary, Token, missing};
use platform::{PROGRAMS, Platform};
use ports::Side;

/// A canary in phase `go`, after the names have moved.
fn gone() -> Option<(Platform, Canary)> {
    if missing(&PROGRAMS) {
        return None;
    }
    let platform = Platform::start();
    let token = Token::new(platform.folder(), "secret");
    let canary = Canary::start(&platform.config(), Some(&token), "ready");
    canary.devices_stand("reset-only", "old", 1.0);
    canary.names_stand("old");
    canary.enters("set", &token);
    canary.judges_pairs(20);
    canary.enters("go", &token);
    platform.flip();
    canary.names_stand("new");
    Some((platform, canary))
}

#[test]
fn a_healthy_cutover_is_go_and_mosquitto_hands_on_the_reset() {
    let Some((mut platform, canary)) = gone() else { return };
    let mut witnesses = Side::BOTH.map(|side| platform.witness(side));
    canary.devices_stand("reset-only", "old", 0.9);
    reset(&platform.config(), "wave-1", None);
    for witness in &mut witnesses {
        witness.says(r#"{"reset":"wave-1"}"#);
        assert_eq!(witness.ends(), 0);
    }
    canary.devices_stand("reset-only", "new", 0.95);
    canary.decides("go");
    let state = canary.state();
    let failed: u64 =
        state["journeys"].as_array().unwrap().iter().map(|j| j["failed"].as_u64().unwrap()).sum();
    assert_eq!(failed, 0, "{}", state["journeys"]);
    assert_eq!(state["pairs"]["forwarded"], 0);
    assert_eq!(canary.drains(), 0);
}

#[test]
fn a_new_nginx_that_fails_one_request_in_ten_is_rolled_back() {
    let Some((platform, canary)) = gone() else { return };
    platform.sickens();
    let reason = canary.decides("rollback");
    assert_eq!(reason["finding"]["side"], "new", "{reason}");
    assert_eq!(reason["finding"]["kind"], "status", "{reason}");
    assert_eq!(canary.drains(), 1);
}

#[test]
fn a_new_nginx_that_has_gone_is_rolled_back() {
    let Some((mut platform, canary)) = gone() else { return };
    platform.stops();
    let reason = canary.decides("rollback");
    assert_eq!(reason["finding"]["side"], "new", "{reason}");
    assert_eq!(reason["finding"]["kind"], "refused", "{reason}");
    assert_eq!(canary.drains(), 1);
}

#[test]
fn a_real_device_is_followed_to_the_new_mosquitto_and_its_silence_is_seen() {
    if missing(&PROGRAMS) {
        return;
    }
    let platform = Platform::start();
    platform.configures(
        r#"canaries:
  lobby:
    device: t-1
    every: 1s
    grace: 2s
    watch: { broker: "mqtt://mqtt.acme.example:{MQTT}", topic: "devices/{device}/datapoints", at: json $.at }
"#,
    );
    let token = Token::new(platform.folder(), "secret");
    let canary = Canary::start(&platform.config(), Some(&token), "go");
    let stands =
        |state: &serde_json::Value, word: &str| (state["canaries"][0]["state"] == word).then_some(());
    for side in Side::BOTH {
        canary.shows(&format!("the device is on {}", side.as_str()), |state| {
            let at = chrono::Utc::now().timestamp_millis();
            platform.publishes(side, "devices/t-1/datapoints", &format!(r#"{{"at": {at}}}"#));
            stands(state, side.as_str())
        });
    }
    canary.shows("the device is silent", |state| stands(state, "silent"));
    let reason = canary.shows("its silence holds", |state| {
        let reasons = state["verdict"]["reasons"].as_array()?.iter();
        reasons
            .filter_map(|reason| reason["text"].as_str())
            .find(|text| text.contains("lobby"))
            .map(str::to_owned)
    });
    assert!(reason.contains("canary lobby: silent for ") && reason.contains("last seen on new"), "{reason}");
    assert_eq!(canary.drains(), 3);
}
