//! Fleets that are shared out, come and go, take their time, and are reset: what is told of each device.

use std::time::Duration;

use cutover::{Behind, DeviceEvent, DeviceQuery, DeviceState, Personality, Side};
use devices::{Delays, Instruction, Shape, Shares, Sources, Step};

use crate::support::Stage;

const OLD: DeviceState = DeviceState::Old;
const NEW: DeviceState = DeviceState::New;

#[tokio::test]
async fn a_shard_has_its_devices_with_the_personalities_that_they_have_in_the_whole_fleet() {
    let shares = || Shares::new([(Personality::ResetOnly, 50.0), (Personality::AtReconnect, 50.0)]).unwrap();
    let mut stage = Stage::shard("2/3", 20, |plan| plan.shares = shares()).await;
    assert_eq!(stage.handle.count(), 7);
    stage.until("its share on old", |stage| stage.at(OLD) == 7).await;
    let (lines, more) = stage.handle.devices(&DeviceQuery::default(), None, 100);
    let names: Vec<_> = lines.iter().map(|line| line.device.clone()).collect();
    let expected: Vec<_> = (0..7).map(|place| format!("lamps-{:06}", place * 3 + 1)).collect();
    assert_eq!((names, more), (expected, false));
    let all = shares().assign(20);
    for (place, line) in lines.iter().enumerate() {
        assert_eq!(line.personality, all[place * 3 + 1], "{}", line.device);
    }
    let (after, more) = stage.handle.devices(&DeviceQuery::default(), Some(7), 2);
    assert_eq!((&*after[0].device, after.len(), more), ("lamps-000010", 2, true));
    stage.end().await;
}

#[tokio::test]
async fn what_became_of_a_reset_is_known_of_each_device() {
    let mut stage = Stage::start(6, |_| ()).await;
    stage.until("all on old", |stage| stage.at(OLD) == 6).await;
    stage.handle.meant("wave-1", Some(&[0, 1, 2]));
    stage.flip(Side::New);
    // Two get it, one of them twice; the third that is meant does not.
    for device in ["lamps-000000", "lamps-000001", "lamps-000001"] {
        stage.old.publish(&format!("devices/{device}/commands"), r#"{"reset":"wave-1"}"#);
    }
    stage.until("both back", |stage| stage.count(DeviceEvent::Returned) == 2).await;
    let sums = stage.handle.reset("wave-1").unwrap();
    assert_eq!((sums.meant, sums.received, sums.on_old, sums.on_new, sums.on_both), (3, 2, 2, 0, 0));
    assert_eq!((sums.again, sums.obeyed, sums.returned_new), (1, 2, 2));
    assert_eq!((sums.missed.count, &*sums.missed.names), (1, &["lamps-000002".to_owned()][..]));
    assert!((50..30_000).contains(&sums.slowest_ms) && !sums.is_over());
    stage.until("told in the tally", |stage| stage.last.reset.as_ref() == Some(&sums)).await;
    assert_eq!(stage.last.old.len(), 4);

    let behind = DeviceQuery { behind: Some(Behind::NoReset), ..DeviceQuery::default() };
    let (lines, _) = stage.handle.devices(&behind, None, 100);
    assert_eq!(lines.iter().map(|line| &*line.device).collect::<Vec<_>>(), ["lamps-000002"]);
    let on_new = DeviceQuery { state: Some(NEW), ..DeviceQuery::default() };
    let (lines, _) = stage.handle.devices(&on_new, None, 100);
    let reset = lines[1].reset.clone().unwrap();
    assert_eq!((reset.received, reset.again, reset.returned_on), (vec![Side::Old], true, Some(Side::New)));
    assert_eq!(stage.handle.reset("wave-2"), None);
    stage.end().await;
}

#[tokio::test]
async fn an_instruction_of_ones_own_is_obeyed_after_the_delay_of_the_personality() {
    let delay = Duration::from_secs(1);
    let mut stage = Stage::start(3, |plan| {
        plan.reset.instruction = Instruction::new(r#"{"cmd":"reboot","ref":"{id}"}"#).unwrap();
        plan.scale.delays = Delays::default().with(Personality::ResetOnly, "1s".parse().unwrap());
    })
    .await;
    stage.until("all on old", |stage| stage.at(OLD) == 3).await;
    stage.flip(Side::New);
    stage.old.publish("fleets/lamps/commands", r#"{"cmd":"reboot","ref":"go"}"#);
    stage.until("all back", |stage| stage.count(DeviceEvent::Returned) == 3).await;
    assert_eq!(stage.at(NEW), 3);
    assert!(
        stage.returned_after.iter().all(|after| *after >= delay.as_secs_f64()),
        "{:?}",
        stage.returned_after
    );
    assert_eq!(&*stage.handle.reset("go").unwrap().id, "go");
    stage.end().await;
}

#[tokio::test]
async fn a_fleet_comes_and_goes_by_its_shape_and_who_is_away_is_no_straggler() {
    let step = |at, share| Step { at: Duration::from_secs(at), share };
    let shape = Shape::new(vec![step(0, 0.5), step(2, 1.0), step(4, 0.2)]).unwrap();
    let mut stage = Stage::start(10, |plan| {
        plan.scale.shape = shape;
        plan.grace = Duration::from_secs(1);
    })
    .await;
    let there = |stage: &Stage| stage.last.devices.values().sum::<u32>();
    stage.until("half of them", |stage| stage.at(OLD) == 5 && there(stage) == 5).await;
    stage.until("all of them", |stage| stage.at(OLD) == 10).await;
    stage.until("few of them", |stage| stage.at(OLD) == 2 && there(stage) == 2).await;
    assert_eq!(stage.count(DeviceEvent::Disconnected), 0, "who goes says goodbye");
    stage.end().await;
}

#[tokio::test]
async fn a_reset_means_who_is_there_and_who_leaves_before_it_is_back_obeys_when_it_returns() {
    let step = |at, share| Step { at: Duration::from_secs(at), share };
    // 0 and 1 stay, 2 to 4 go and come again, 5 to 9 never come.
    let shape = Shape::new(vec![step(0, 0.5), step(3, 0.2), step(6, 0.5)]).unwrap();
    let mut stage = Stage::start(10, |plan| {
        plan.scale.shape = shape;
        // Long enough to be called away meanwhile.
        plan.scale.delays = Delays::default().with(Personality::ResetOnly, "3s".parse().unwrap());
    })
    .await;
    stage.until("half of them", |stage| stage.at(OLD) == 5).await;
    stage.handle.meant("wave-1", None);
    stage.handle.meant("wave-1", Some(&[1, 9]));
    stage.flip(Side::New);
    // The one that is about to go does not get it.
    for device in 0..4 {
        let topic = format!("devices/lamps-{device:06}/commands");
        stage.old.publish(&topic, r#"{"reset":"wave-1"}"#);
    }
    stage.until("heard", |stage| stage.count(DeviceEvent::Reset) == 4).await;
    let sums = stage.handle.reset("wave-1").unwrap();
    assert_eq!((sums.meant, sums.received, sums.missed.count), (5, 4, 1));
    stage.until("who stays is back", |stage| stage.count(DeviceEvent::Returned) == 2).await;
    let sums = stage.handle.reset("wave-1").unwrap();
    assert_eq!((sums.meant, sums.received, sums.missed.count, sums.away.count), (2, 2, 0, 0));
    assert!(sums.is_over(), "{sums:?}");
    stage.until("all back", |stage| stage.count(DeviceEvent::Returned) == 4 && stage.at(NEW) == 4).await;
    stage.until("the one that knows nothing of it, too", |stage| stage.at(OLD) == 1).await;
    let sums = stage.handle.reset("wave-1").unwrap();
    assert_eq!((sums.meant, sums.received, sums.obeyed, sums.returned_new), (4, 4, 4, 4));
    assert!(sums.is_over(), "{sums:?}");
    stage.end().await;
}

#[tokio::test]
async fn connections_are_begun_at_the_pace_and_from_the_addresses_that_are_bound() {
    let mut stage = Stage::start(6, |plan| {
        plan.scale.connects_per_second = Some(3);
        plan.scale.sources = Sources::new(vec!["127.0.5.0/30".parse().unwrap()]);
        plan.grace = Duration::from_secs(1);
    })
    .await;
    let mut most = 0;
    while stage.at(OLD) < 6 {
        let before = stage.count(DeviceEvent::Connected);
        stage.until("another second", |stage| stage.count(DeviceEvent::Connected) > before).await;
        most = most.max(stage.count(DeviceEvent::Connected) - before);
        assert_eq!(stage.at(DeviceState::Lost), 0, "who waits for a turn is not lost");
    }
    assert!(most < 6, "all {most} at once");
    let peers = stage.old.peers.lock().unwrap().clone();
    assert_eq!(peers.iter().map(ToString::to_string).collect::<Vec<_>>(), ["127.0.5.1", "127.0.5.2"]);
    stage
        .until("looked up", |stage| !stage.last.lookups.is_empty() || stage.count(DeviceEvent::Resolved) == 6)
        .await;
    stage.end().await;
}
