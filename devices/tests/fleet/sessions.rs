//! Sessions of other kinds: kept by the broker, and of each QoS.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::Stage;
use crate::truth::verified;
use cutover::{DeviceEvent, DeviceState, Personality, Side};
use devices::{FleetPlan, SESSION_EXPIRY, Session, Shares};
use probes::mqtt::Qos;

/// Has the broker keep the sessions.
fn persistent(plan: &mut FleetPlan, qos: Qos) {
    let mqtt = plan.mqtt_mut().unwrap();
    (mqtt.session, mqtt.qos) = (Session::Persistent(SESSION_EXPIRY), qos);
}

#[tokio::test]
async fn a_datapoint_whose_acknowledgement_was_lost_goes_again_under_its_number_and_is_not_lost() {
    for qos in [Qos::AtLeastOnce, Qos::ExactlyOnce] {
        let mut stage = Stage::start(1, |plan| persistent(plan, qos)).await;
        stage.until("a datapoint", |stage| stage.count(DeviceEvent::Datapoint) >= 1).await;
        stage.old.mute.store(true, Ordering::SeqCst);
        let before = stage.old.by_qos[qos as usize].load(Ordering::SeqCst);
        stage
            .until("one that nobody acknowledges", |stage| {
                stage.old.by_qos[qos as usize].load(Ordering::SeqCst) > before
            })
            .await;
        stage.old.mute.store(false, Ordering::SeqCst);
        stage.old.cut();
        stage.until("sent again", |stage| stage.old.repeated.load(Ordering::SeqCst) == 1).await;
        let counted = stage.count(DeviceEvent::Datapoint);
        stage.until("the next", |stage| stage.count(DeviceEvent::Datapoint) > counted + 1).await;
        stage.end().await;
        assert_eq!(stage.count(DeviceEvent::DatapointFailed), 0);
        assert_eq!(stage.count_on(DeviceEvent::Disconnected, Side::Old), 1);
        let received = stage.old.received.lock().unwrap().values().next().unwrap().clone();
        let mut numbers = received.clone();
        numbers.dedup();
        let copies = usize::from(qos == Qos::AtLeastOnce);
        assert_eq!(received.len(), numbers.len() + copies, "{qos:?}: {received:?}");
        assert!(numbers.windows(2).all(|two| two[1] == two[0] + 1), "none is missing: {received:?}");
    }
}

#[tokio::test]
async fn what_goes_on_with_the_next_session_fails_when_there_is_none_in_time() {
    let change = |plan: &mut FleetPlan| {
        persistent(plan, Qos::AtLeastOnce);
        plan.datapoint_every = Duration::from_millis(50);
    };
    let mut stage = Stage::start(1, change).await;
    stage.until("a datapoint", |stage| stage.count(DeviceEvent::Datapoint) >= 1).await;
    stage.old.mute.store(true, Ordering::SeqCst);
    let before = stage.old.by_qos[1].load(Ordering::SeqCst);
    stage.until("one on its way", |stage| stage.old.by_qos[1].load(Ordering::SeqCst) > before).await;
    stage.old.refuses.store(true, Ordering::SeqCst);
    stage.old.cut();
    stage.until("given up", |stage| stage.count_on(DeviceEvent::DatapointFailed, Side::Old) == 1).await;
    stage.old.mute.store(false, Ordering::SeqCst);
    stage.old.refuses.store(false, Ordering::SeqCst);
    stage.until("back", |stage| stage.at(DeviceState::Old) == 1).await;
    stage.end().await;
}

#[tokio::test]
async fn whatever_goes_again_after_a_break_is_known_to_who_reads_back() {
    let change = |plan: &mut FleetPlan, api: &str| {
        persistent(plan, Qos::AtLeastOnce);
        verified(plan, api);
    };
    let mut stage = Stage::with_api(1, change).await;
    for round in 1..=2 {
        stage.until("read back", |stage| stage.count(DeviceEvent::Verified) >= round * 3).await;
        stage.old.mute.store(true, Ordering::SeqCst);
        let before = stage.old.by_qos[1].load(Ordering::SeqCst);
        let failed = stage.count(DeviceEvent::DatapointFailed);
        stage.until("given up", |stage| stage.count(DeviceEvent::DatapointFailed) > failed).await;
        if round == 1 {
            // It is sent once more before the session breaks, and both packets go again.
            let sent = |stage: &Stage| stage.old.by_qos[1].load(Ordering::SeqCst) >= before + 2;
            stage.until("sent once more", sent).await;
            stage.old.mute.store(false, Ordering::SeqCst);
        } else {
            // It is acknowledged and found before the session breaks, and the packet given up goes again.
            stage.old.mute.store(false, Ordering::SeqCst);
            let found = stage.count(DeviceEvent::Verified);
            stage.until("found", |stage| stage.count(DeviceEvent::Verified) > found).await;
        }
        let again = stage.old.repeated.load(Ordering::SeqCst) + if round == 1 { 2 } else { 1 };
        stage.old.cut();
        let went = |stage: &Stage| stage.old.repeated.load(Ordering::SeqCst) >= again;
        stage.until("gone again", went).await;
    }
    let found = stage.count(DeviceEvent::Verified);
    stage.until("read back", |stage| stage.count(DeviceEvent::Verified) > found + 4).await;
    stage.end().await;
    assert_eq!(stage.count(DeviceEvent::DatapointDuplicate), 0, "{:?}", stage.events);
    assert_eq!(stage.count(DeviceEvent::DatapointLost), 0, "{:?}", stage.events);
}

#[tokio::test]
async fn what_a_broker_holds_is_settled_with_it_however_long_after_and_with_no_other() {
    let change = |plan: &mut FleetPlan, api: &str| {
        persistent(plan, Qos::ExactlyOnce);
        verified(plan, api);
        plan.shares = Shares::only(Personality::AtReconnect);
        plan.datapoint_every = Duration::from_millis(50);
    };
    let mut stage = Stage::with_api(1, change).await;
    stage.until("a datapoint", |stage| stage.count(DeviceEvent::Datapoint) >= 1).await;
    stage.old.mute.store(true, Ordering::SeqCst);
    let before = stage.old.by_qos[2].load(Ordering::SeqCst);
    stage.until("one on its way", |stage| stage.old.by_qos[2].load(Ordering::SeqCst) > before).await;
    stage.old.mute.store(false, Ordering::SeqCst);
    stage.flip(Side::New);
    stage.old.cut();
    stage.until("on new", |stage| stage.count_on(DeviceEvent::Datapoint, Side::New) >= 5).await;
    stage.until("given up", |stage| stage.count_on(DeviceEvent::DatapointFailed, Side::Old) == 1).await;
    // Back, by an instruction: its goodbye leaves the session as it is.
    stage.flip(Side::Old);
    stage.reset("rollback");
    stage.until("back", |stage| stage.at(DeviceState::Old) == 1).await;
    let enough = stage.count_on(DeviceEvent::Datapoint, Side::Old) + 40;
    stage.until("more", |stage| stage.count_on(DeviceEvent::Datapoint, Side::Old) >= enough).await;
    let found = stage.count(DeviceEvent::Verified);
    stage.until("read back", |stage| stage.count(DeviceEvent::Verified) > found + 40).await;
    stage.end().await;
    assert_eq!(stage.count(DeviceEvent::DatapointLost), 0, "{:?}", stage.events);
    assert_eq!(stage.old.repeated.load(Ordering::SeqCst), 1, "the broker knows that it comes again");
    let received = stage.new.received.lock().unwrap().values().next().unwrap().clone();
    let mut numbers = received.clone();
    numbers.dedup();
    assert_eq!(received, numbers, "the other broker got each once");
}

#[tokio::test]
async fn subscriptions_that_this_process_did_not_make_are_made_anew() {
    let mut stage = Stage::start(1, |plan| persistent(plan, Qos::AtLeastOnce)).await;
    stage.until("a datapoint", |stage| stage.count(DeviceEvent::Datapoint) >= 1).await;
    assert_eq!(stage.old.subscribed.load(Ordering::SeqCst), 2);
    stage.old.cut();
    stage.until("back", |stage| stage.count(DeviceEvent::Connected) == 2).await;
    assert_eq!(stage.old.subscribed.load(Ordering::SeqCst), 2, "the broker has kept them");
    // What an earlier process subscribed to may be anything.
    stage.new.kept.lock().unwrap().insert("lamps-000000".to_owned());
    stage.old.kept.lock().unwrap().clear();
    stage.flip(Side::New);
    stage.old.cut();
    stage.until("back again", |stage| stage.count(DeviceEvent::Connected) == 3).await;
    assert_eq!(stage.old.subscribed.load(Ordering::SeqCst), 4, "the broker has forgotten them");
    stage.reset("wave-1");
    stage.until("on new", |stage| stage.at(DeviceState::New) == 1).await;
    stage.reset("wave-2");
    stage.until("heard there", |stage| stage.count_on(DeviceEvent::Reset, Side::New) == 1).await;
    stage.end().await;
}

#[tokio::test]
async fn at_qos_0_what_is_sent_is_all_that_is_known() {
    let mut stage = Stage::start(2, |plan| plan.mqtt_mut().unwrap().qos = Qos::AtMostOnce).await;
    stage.until("datapoints", |stage| stage.count(DeviceEvent::Datapoint) >= 6).await;
    stage.reset("wave-1");
    stage.until("returned", |stage| stage.count(DeviceEvent::Returned) == 2).await;
    stage.end().await;
    assert_eq!(stage.old.by_qos[1].load(Ordering::SeqCst), 0);
    assert_eq!(stage.count(DeviceEvent::DatapointFailed), 0);
}
