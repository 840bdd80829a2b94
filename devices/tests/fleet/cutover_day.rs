//! What devices of each personality do when DNS moves, a reset comes, or a session breaks.

use std::sync::atomic::Ordering;

use crate::support::{Stage, each};
use DeviceState::{Both, New, Old, Other};
use cutover::{DeviceEvent, DeviceState, Personality, Side};
use devices::Shares;

#[tokio::test]
async fn each_personality_goes_its_own_way_through_a_cutover_and_back() {
    let mut stage = Stage::start(6, |plan| plan.shares = each()).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 6).await;

    stage.flip(Side::New);
    let moved = |stage: &Stage| {
        stage.is(Personality::AtTtl, New)
            && stage.is(Personality::Eager, New)
            && stage.is(Personality::Both, Both)
    };
    stage.until("moved of their own accord", moved).await;
    for waits in [Personality::ResetOnly, Personality::AtReconnect, Personality::Never] {
        assert!(stage.is(waits, Old), "{waits} has no reason to move: {:?}", stage.last);
    }
    assert_eq!(stage.last.split.len(), 1);
    assert_eq!(stage.count(DeviceEvent::Disconnected), 0, "moving is no lost session");

    stage.reset("wave-1");
    stage.until("all returned", |stage| stage.count(DeviceEvent::Returned) == 6).await;
    stage.until("moved by the reset", |stage| stage.at(New) == 4 && stage.at(Both) == 1).await;
    assert!(stage.is(Personality::Never, Old) && stage.is(Personality::Both, Both), "{:?}", stage.last);
    assert_eq!(stage.count(DeviceEvent::Reset), 6);
    assert_eq!(stage.count(DeviceEvent::ResetAgain), 1, "the split device got it on both sides");
    assert_eq!(stage.count_on(DeviceEvent::Returned, Side::New), 5);
    assert_eq!(stage.returned_after.len(), 6);
    assert!(stage.returned_after.iter().all(|after| (0.05..30.0).contains(after)));

    // The way back: the same instruction moves nobody, a new one moves all who heed it.
    stage.flip(Side::Old);
    stage.reset("wave-1");
    stage.until("known to all", |stage| stage.count(DeviceEvent::ResetAgain) >= 7).await;
    stage.reset("rollback");
    stage.until("all back", |stage| stage.at(Old) == 6 && stage.count(DeviceEvent::Returned) == 12).await;
    assert_eq!(stage.count(DeviceEvent::Reset), 12);

    stage.end().await;
    for (broker, side) in [(&stage.old, Side::Old), (&stage.new, Side::New)] {
        assert_eq!(stage.count_on(DeviceEvent::Connected, side), broker.connects.load(Ordering::SeqCst));
        // An acknowledgement on its way when the device left is the broker's to count, not the device's.
        let (counted, acknowledged) =
            (stage.count_on(DeviceEvent::Datapoint, side), broker.acknowledged.load(Ordering::SeqCst));
        assert!(counted <= acknowledged && acknowledged <= counted + 12, "{counted} of {acknowledged}");
    }
    assert_eq!(stage.count(DeviceEvent::DatapointFailed), 0);
    assert_eq!(
        stage.old.goodbyes.load(Ordering::SeqCst),
        stage.old.connects.load(Ordering::SeqCst),
        "all took leave"
    );
}

#[tokio::test]
async fn after_a_broken_session_only_who_resolves_at_reconnect_follows_dns() {
    let kinds = [Personality::ResetOnly, Personality::AtReconnect, Personality::Never];
    let thirds = Shares::new(kinds.map(|kind| (kind, 100.0 / 3.0))).unwrap();
    let mut stage = Stage::start(3, |plan| plan.shares = thirds).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 3).await;
    stage.flip(Side::New);
    stage.old.cut();
    let back =
        |stage: &Stage| stage.count(DeviceEvent::Connected) == 6 && stage.at(Old) == 2 && stage.at(New) == 1;
    stage.until("all back", back).await;
    assert!(stage.is(Personality::AtReconnect, New));
    assert_eq!(stage.count_on(DeviceEvent::Disconnected, Side::Old), 3);
    assert_eq!(stage.count(DeviceEvent::Returned), 0, "nobody had a reset");
    stage.end().await;
}

#[tokio::test]
async fn a_split_fleet_goes_back_to_its_first_side_and_a_reset_does_not_heal_it() {
    let mut stage = Stage::start(10, |_| {}).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 10).await;
    stage.flip(Side::New);
    stage.reset("wave-1");
    stage.until("all on the new side", |stage| stage.at(New) == 10).await;
    stage.handle.split(0.3);
    stage.until("three split", |stage| stage.at(Both) == 3).await;
    assert_eq!(stage.last.split, ["lamps-000003", "lamps-000006", "lamps-000009"]);
    stage.reset("wave-2");
    stage
        .until("all returned", |stage| stage.count(DeviceEvent::Returned) == 20 && stage.at(Both) == 3)
        .await;
    assert_eq!(stage.count(DeviceEvent::ResetAgain), 3);
    stage.end().await;
}

#[tokio::test]
async fn a_name_that_leads_astray_is_seen() {
    let mut stage = Stage::start(2, |plan| plan.shares = Shares::only(Personality::AtTtl)).await;
    stage.until("all on the old side", |stage| stage.at(Old) == 2).await;
    stage.astray();
    stage.until("all astray", |stage| stage.at(Other) == 2).await;
    assert!(stage.events[&(DeviceEvent::Connected, None)] >= 2);
    stage.end().await;
}
