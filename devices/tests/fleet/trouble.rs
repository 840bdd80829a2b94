//! What a fleet says when something is wrong: nothing is lost, nothing is counted twice, and it comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::support::Stage;
use DeviceState::{Both, Connecting, Lost, New, Old};
use axum::Json;
use axum::http::StatusCode;
use axum::routing::post;
use cutover::{DeviceEvent, DeviceState, Personality, Side};
use devices::{Login, Shares};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::test]
async fn who_is_refused_is_lost_after_its_grace_and_comes_back_when_let_in() {
    let mut stage = Stage::start(25, |plan| plan.grace = Duration::from_secs(1)).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 25).await;
    stage.old.refuses.store(true, Ordering::SeqCst);
    stage.old.cut();
    stage.until("all lost", |stage| stage.at(Lost) == 25).await;
    assert_eq!(stage.last.lost.len(), 20, "the first twenty are named");
    assert_eq!(stage.count_on(DeviceEvent::Disconnected, Side::Old), 25);
    assert!(stage.count_on(DeviceEvent::ConnectFailed, Side::Old) >= 25);
    stage.old.refuses.store(false, Ordering::SeqCst);
    stage.until("all back", |stage| stage.at(Old) == 25).await;
    assert_eq!(stage.last.lost, [""; 0]);
    stage.end().await;
}

#[tokio::test]
async fn who_cannot_move_stays_where_it_is_and_tries_again() {
    let shares = Shares::new([(Personality::AtTtl, 50.0), (Personality::Both, 50.0)]).unwrap();
    let mut stage = Stage::start(2, |plan| plan.shares = shares).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 2).await;
    stage.new.refuses.store(true, Ordering::SeqCst);
    stage.flip(Side::New);
    let refused = |stage: &Stage| stage.count_on(DeviceEvent::ConnectFailed, Side::New) >= 4;
    stage.until("refused by the new side", refused).await;
    assert_eq!((stage.at(Old), stage.count(DeviceEvent::Disconnected)), (2, 0), "{:?}", stage.last);
    stage.new.refuses.store(false, Ordering::SeqCst);
    let moved = |stage: &Stage| stage.is(Personality::AtTtl, New) && stage.is(Personality::Both, Both);
    stage.until("moved", moved).await;
    stage.end().await;
}

#[tokio::test]
async fn a_silent_broker_is_given_up_and_keeps_no_fleet_from_ending() {
    let mut stage = Stage::start(4, |plan| plan.ramp = 1).await;
    stage.old.silent.store(true, Ordering::SeqCst);
    let given_up = |stage: &Stage| stage.count_on(DeviceEvent::ConnectFailed, Side::Old) >= 2;
    stage.until("given up", given_up).await;
    stage.end().await;
    assert_eq!(stage.at(Connecting), 4, "those whose turn had not come are counted, too: {:?}", stage.last);
}

#[tokio::test]
async fn without_dns_a_reset_device_waits_for_dns_and_the_others_stay() {
    let half = Shares::new([(Personality::ResetOnly, 50.0), (Personality::Never, 50.0)]).unwrap();
    let mut stage = Stage::start(2, |plan| plan.shares = half).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 2).await;
    stage.dns_fails();
    stage.reset("wave-1");
    stage
        .until("one waits", |stage| stage.count(DeviceEvent::ResolveFailed) >= 2 && stage.at(Old) == 1)
        .await;
    assert!(stage.is(Personality::Never, Old));
    stage.flip(Side::New);
    stage.until("returned", |stage| stage.count(DeviceEvent::Returned) == 2).await;
    assert_eq!(stage.count_on(DeviceEvent::Returned, Side::New), 1);
    stage.end().await;
}

#[tokio::test]
async fn a_datapoint_that_nobody_acknowledges_fails_and_keeps_its_number() {
    let mut stage = Stage::start(1, |_| {}).await;
    stage.until("a datapoint", |stage| stage.count(DeviceEvent::Datapoint) >= 1).await;
    stage.old.mute.store(true, Ordering::SeqCst);
    stage.until("two failed", |stage| stage.count_on(DeviceEvent::DatapointFailed, Side::Old) >= 2).await;
    assert_eq!(stage.count(DeviceEvent::Disconnected), 0);
    stage.old.mute.store(false, Ordering::SeqCst);
    let before = stage.count(DeviceEvent::Datapoint);
    stage.until("one more", |stage| stage.count(DeviceEvent::Datapoint) > before).await;
    stage.end().await;
    let highest = *stage.old.highest.lock().unwrap().values().next().unwrap();
    let counted = u64::from(stage.count(DeviceEvent::Datapoint));
    let first = stage.old.received.lock().unwrap().values().next().unwrap()[0];
    let numbers = highest - first + 1;
    assert!((counted..=counted + 1).contains(&numbers), "{counted} acknowledged, of {numbers} numbers");
}

#[tokio::test]
async fn a_device_registers_until_it_has_its_account_and_uses_it() {
    let asked = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    let answer = move |Json(body): Json<Value>| async move {
        // The first three are turned away.
        if counter.fetch_add(1, Ordering::SeqCst) < 3 {
            return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"error": "later"})));
        }
        assert_eq!(body["fleet"], "lamps");
        let account = json!({"device": body["device"], "username": body["device"], "password": "secret"});
        (StatusCode::CREATED, Json(account))
    };
    let listener = TcpListener::bind("127.0.1.1:0").await.unwrap();
    let url = format!("http://{}/devices", listener.local_addr().unwrap()).parse().unwrap();
    let api = tokio::spawn(async move {
        axum::serve(listener, axum::Router::new().route("/devices", post(answer))).await.unwrap();
    });
    let mut stage = Stage::start(3, |plan| plan.login = Login::Register(url)).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 3).await;
    stage.old.cut();
    stage.until("all back", |stage| stage.count(DeviceEvent::Connected) == 6).await;
    stage.end().await;
    api.abort();
    assert_eq!(stage.count_on(DeviceEvent::RegisterFailed, Side::Old), 3);
    assert_eq!(stage.count_on(DeviceEvent::Registered, Side::Old), 3, "an account is asked for once");
    let mut logins = stage.old.logins.lock().unwrap().clone();
    logins.sort();
    logins.dedup();
    assert_eq!(logins.len(), 3);
    assert_eq!(logins[0], ("lamps-000000".to_owned(), "secret".to_owned()));
}

#[tokio::test]
async fn nothing_is_lost_while_nobody_takes_the_tallies() {
    let mut stage = Stage::start(20, |_| {}).await;
    // The channel has one place: the first tally fills it, and nobody listens until a hundred datapoints later.
    let waiting = async {
        while stage.old.acknowledged.load(Ordering::SeqCst) < 400 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap();
    stage.end().await;
    let acknowledged = stage.old.acknowledged.load(Ordering::SeqCst);
    let counted = stage.count(DeviceEvent::Datapoint);
    assert!(counted <= acknowledged && acknowledged <= counted + 20, "{counted} of {acknowledged}");
    assert_eq!(stage.count(DeviceEvent::Connected), 20);
    assert_eq!(stage.at(Old), 20, "the last tally says where they stood: {:?}", stage.last);
}

#[tokio::test]
async fn rubbish_on_the_command_topic_moves_nobody() {
    let mut stage = Stage::start(4, |_| {}).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 4).await;
    for rubbish in ["", "{", "reset", r#"{"reset":{}}"#, r#"{"reboot":"now"}"#] {
        stage.old.publish("fleets/lamps/commands", rubbish);
    }
    stage.old.publish("devices/lamps-000002/commands", r#"{"reset":"only-you"}"#);
    stage.until("one returned", |stage| stage.count(DeviceEvent::Returned) == 1).await;
    assert_eq!(stage.count(DeviceEvent::Reset), 1);
    assert_eq!(stage.count(DeviceEvent::Disconnected), 0);
    stage.end().await;
}
