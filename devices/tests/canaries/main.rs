//! The watch over real canaries on real sockets; the canaries are rumqttc's own clients.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod mute;
mod stage;

use std::net::SocketAddr;
use std::time::Duration;

use chrono::DateTime;
use cutover::Side;
use tokio::time::timeout;

use stage::{NEW, OLD, PATIENCE, Stage, plan, publish, trouble};

#[tokio::test]
async fn a_canary_is_heard_on_the_side_on_which_it_is_with_the_time_that_it_tells() {
    let mut stage =
        Stage::start(&Side::BOTH, |port| vec![plan("lobby", port, "devices/{device}/datapoints")]).await;
    stage.listens().await;
    for (side, address) in Side::BOTH.into_iter().zip([OLD, NEW]) {
        let at = SocketAddr::new(address.into(), stage.port);
        publish(
            at,
            &[
                ("devices/t-other/datapoints", "{}"),
                ("devices/t-lobby/datapoints", r#"{"value": 1, "at": "2027-01-15T08:00:00Z"}"#),
            ],
            false,
        )
        .await;
        let seen = stage.seen().await;
        assert_eq!((&*seen.canary, seen.side), ("lobby", Some(side)));
        assert_eq!(seen.told_at, DateTime::from_timestamp(1_800_000_000, 0));
    }
    stage.end().await;
}

#[tokio::test]
async fn canaries_on_a_shared_topic_are_told_apart_and_what_is_unreadable_is_nobody_s() {
    let plans = |port| vec![plan("lobby", port, "devices/+/datapoints"), plan("van", port, "devices/#")];
    let mut stage = Stage::start(&Side::BOTH, plans).await;
    stage.listens().await;
    let at = SocketAddr::new(NEW.into(), stage.port);
    let large = format!(r#"{{"id": "t-lobby", "filler": "{}"}}"#, "x".repeat(70_000));
    let said = [
        ("devices/1/datapoints", "not json"),
        ("devices/1/datapoints", r#"{"id": "t-none"}"#),
        ("devices/1/datapoints", &large),
        ("devices/1/datapoints", r#"{"id": "t-van", "at": "soon"}"#),
        ("devices/2/datapoints", r#"{"id": "t-lobby"}"#),
    ];
    publish(at, &said, false).await;
    let heard = [stage.seen().await, stage.seen().await].map(|seen| (seen.canary.to_string(), seen.told_at));
    assert_eq!(heard, [("van".to_owned(), None), ("lobby".to_owned(), None)]);
    stage.end().await;
}

#[tokio::test]
async fn a_message_that_the_broker_had_kept_is_no_sign_of_life() {
    let mut stage =
        Stage::start(&Side::BOTH, |port| vec![plan("lobby", port, "devices/{device}/datapoints")]).await;
    stage.listens().await;
    let at = SocketAddr::new(OLD.into(), stage.port);
    publish(at, &[("devices/t-lobby/datapoints", "{}")], true).await;
    assert_eq!(stage.seen().await.side, Some(Side::Old), "as it comes it is one");
    // Cut, the watch comes back and is given the kept message first.
    let broker = stage.brokers[Side::Old as usize].clone().unwrap();
    broker.set_drop(Some(Duration::ZERO));
    let link = stage.link().await;
    assert_eq!((link.side, &*link.canaries), (Side::Old, &["lobby".into()][..]));
    let why = trouble(&link).unwrap();
    assert!(why.contains("mqtt.acme.example"), "{why}");
    broker.set_drop(None);
    loop {
        if trouble(&stage.link().await).is_none() {
            break;
        }
    }
    publish(at, &[("devices/t-lobby/datapoints", r#"{"at": 1800000000}"#)], false).await;
    assert!(stage.seen().await.told_at.is_some(), "the first that is heard is the new one");
    stage.end().await;
}

#[tokio::test]
async fn a_broker_that_is_not_there_or_refuses_is_told_and_no_silence() {
    let refused = |port| {
        let mut plan = plan("lobby", port, "devices/{device}/datapoints");
        plan.watch.as_mut().unwrap().account.as_mut().unwrap().password = "wrong".to_owned();
        vec![plan]
    };
    let mut stage = Stage::start(&[Side::Old], refused).await;
    let mut said = [None, None];
    while said.iter().any(Option::is_none) {
        let link = stage.link().await;
        said[link.side as usize] = trouble(&link).map(str::to_owned);
    }
    let [old, new] = said.map(Option::unwrap);
    assert!(old.contains("refused the session") && new.contains("refused"), "{old}; {new}");
    stage.end().await;
}

#[tokio::test]
async fn a_flood_is_told_as_one_sign_of_life_in_a_tenth_of_a_second_and_the_watch_ends_when_it_is_told() {
    let mut stage =
        Stage::start(&Side::BOTH, |port| vec![plan("lobby", port, "devices/{device}/datapoints")]).await;
    stage.listens().await;
    let broker = stage.brokers[Side::New as usize].clone().unwrap();
    for _ in 0..500 {
        broker.publish("devices/t-lobby/datapoints", "{}".into(), false);
    }
    stage.seen().await;
    let mut more = 0;
    stage.watch.cancel();
    while timeout(PATIENCE, stage.observations.recv()).await.unwrap().is_some() {
        more += 1;
    }
    assert!(more < 100, "{more}");
    stage.end().await;
}
