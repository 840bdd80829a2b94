//! Sessions of other kinds: kept by the broker, and of each QoS.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::Stage;
use cutover::{DeviceEvent, DeviceState, Side};
use devices::{FleetPlan, SESSION_EXPIRY, Session};
use probes::mqtt::Qos;

#[tokio::test]
async fn a_datapoint_whose_acknowledgement_was_lost_goes_again_under_its_number_and_is_not_lost() {
    for qos in [Qos::AtLeastOnce, Qos::ExactlyOnce] {
        let change = |plan: &mut FleetPlan| {
            let mqtt = plan.mqtt_mut().unwrap();
            (mqtt.session, mqtt.qos) = (Session::Persistent(SESSION_EXPIRY), qos);
        };
        let mut stage = Stage::start(1, change).await;
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
        assert_eq!(received.len(), numbers.len() + 1, "one came twice: {received:?}");
        assert!(numbers.windows(2).all(|two| two[1] == two[0] + 1), "none is missing: {received:?}");
    }
}

#[tokio::test]
async fn what_goes_on_with_the_next_session_fails_when_there_is_none_in_time() {
    let change = |plan: &mut FleetPlan| {
        plan.mqtt_mut().unwrap().session = Session::Persistent(SESSION_EXPIRY);
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
async fn at_qos_0_what_is_sent_is_all_that_is_known() {
    let mut stage = Stage::start(2, |plan| plan.mqtt_mut().unwrap().qos = Qos::AtMostOnce).await;
    stage.until("datapoints", |stage| stage.count(DeviceEvent::Datapoint) >= 6).await;
    stage.reset("wave-1");
    stage.until("returned", |stage| stage.count(DeviceEvent::Returned) == 2).await;
    stage.end().await;
    assert_eq!(stage.old.by_qos[1].load(Ordering::SeqCst), 0);
    assert_eq!(stage.count(DeviceEvent::DatapointFailed), 0);
}
