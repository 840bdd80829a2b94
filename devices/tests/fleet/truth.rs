//! Datapoints that are read back.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::Stage;
use DeviceEvent::{
    Datapoint, DatapointDuplicate, DatapointFailed, DatapointLost, DatapointOutOfOrder, DatapointUnread,
    Verified,
};
use cutover::{DeviceEvent, DeviceState, Side};
use devices::{FleetPlan, ReadOn, VerifyPlan};

/// Has every other device's datapoints read back; a single one's too.
pub(crate) fn verified(plan: &mut FleetPlan, api: &str) {
    plan.verify = Some(VerifyPlan {
        share: if plan.count == 1 { 1.0 } else { 0.5 },
        read: VerifyPlan::request(&format!("GET {api}/devices/{{device}}/datapoints?after={{seq}}")).unwrap(),
        items: "$.items".parse().unwrap(),
        seq: "$.seq".parse().unwrap(),
        within: Duration::from_secs(1),
        on: ReadOn::Device,
        token: None,
    });
}

#[tokio::test]
async fn every_datapoint_of_the_sample_is_found_once_through_reset_and_broken_sessions() {
    let mut stage = Stage::with_api(4, verified).await;
    stage.until("read back", |stage| stage.count_on(Verified, Side::Old) >= 10).await;
    stage.old.cut();
    stage.until("back", |stage| stage.count(DeviceEvent::Connected) == 8).await;
    // Acknowledgements that are lost: the device sends again what the side has already.
    stage.old.mute.store(true, Ordering::SeqCst);
    stage.until("failed", |stage| stage.count(DatapointFailed) >= 4).await;
    stage.old.mute.store(false, Ordering::SeqCst);
    stage.flip(Side::New);
    stage.reset("wave-1");
    stage.until("on the new side", |stage| stage.at(DeviceState::New) == 4).await;
    stage.until("read back", |stage| stage.count_on(Verified, Side::New) >= 10).await;
    stage.end().await;
    for wrong in [DatapointLost, DatapointDuplicate, DatapointOutOfOrder, DatapointUnread] {
        assert_eq!(stage.count(wrong), 0, "{wrong:?}: {:?}", stage.events);
    }
    // Two of the four devices; what was acknowledged last was not yet read back.
    let (sent, found) = (stage.count(Datapoint), stage.count(Verified));
    assert!(found >= sent / 2 - 8 && found <= sent / 2 + 8, "{found} of {sent}");
    let seconds: Vec<f64> = stage.verified_after.iter().map(|(_, after)| *after).collect();
    assert!(seconds.iter().all(|after| (0.0..1.0).contains(after)), "{seconds:?}");
}

#[tokio::test]
async fn what_was_acknowledged_and_is_not_there_is_lost_and_what_is_there_twice_is_a_duplicate() {
    let mut stage = Stage::with_api(4, verified).await;
    stage.until("read back", |stage| stage.count_on(Verified, Side::Old) >= 4).await;
    assert_eq!(stage.count(DatapointLost), 0);
    stage.old.forgets.store(true, Ordering::SeqCst);
    stage.until("lost", |stage| stage.count_on(DatapointLost, Side::Old) >= 4).await;
    stage.old.forgets.store(false, Ordering::SeqCst);
    assert_eq!(stage.count(DatapointDuplicate), 0);
    stage.old.doubles.store(true, Ordering::SeqCst);
    stage.until("doubled", |stage| stage.count_on(DatapointDuplicate, Side::Old) >= 4).await;
    stage.old.doubles.store(false, Ordering::SeqCst);
    stage.old_api.refuses.store(true, Ordering::SeqCst);
    stage.until("unread", |stage| stage.count_on(DatapointUnread, Side::Old) >= 4).await;
    stage.end().await;
    assert_eq!(stage.count(DatapointFailed), 0, "the devices themselves saw nothing of it");
}

#[tokio::test]
async fn both_sides_are_read_where_that_is_wanted() {
    let change = |plan: &mut FleetPlan, api: &str| {
        verified(plan, api);
        plan.verify.as_mut().unwrap().on = ReadOn::Both;
    };
    let mut stage = Stage::with_api(2, change).await;
    stage.until("read on old", |stage| stage.count_on(Verified, Side::Old) >= 4).await;
    // Nobody replicates here.
    stage.until("missed on new", |stage| stage.count_on(DatapointLost, Side::New) >= 4).await;
    assert_eq!(stage.count_on(DatapointLost, Side::Old), 0);
    stage.end().await;
}
