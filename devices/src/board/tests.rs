//! Every device and every event is counted once.

use Personality::{Eager, ResetOnly};

use super::*;

#[test]
fn every_device_is_counted_once_where_it_stands() {
    let now = Instant::now();
    let board = Board::new(&[ResetOnly, ResetOnly, Eager, Eager, Eager], Shard::WHOLE, now);
    let second = Duration::from_secs(1);
    board.stand(0, Standing::Old);
    board.stand(1, Standing::New);
    board.stand(1, Standing::Both);
    board.stand(2, Standing::Other);
    board.stand(3, Standing::Without(now + second * 8));
    let census = board.census(now + second * 10, second * 5);
    let expected = [
        ((ResetOnly, DeviceState::Old), 1),
        ((ResetOnly, DeviceState::Both), 1),
        ((Eager, DeviceState::Other), 1),
        ((Eager, DeviceState::Connecting), 1),
        ((Eager, DeviceState::Lost), 1),
    ];
    assert_eq!(census.devices, BTreeMap::from(expected));
    assert_eq!((census.split, census.lost), (vec![1], vec![4]));
    assert_eq!(board.personality(2), Eager);
}

#[test]
fn names_are_the_first_few_and_counts_are_all() {
    let now = Instant::now();
    let board = Board::new(&[ResetOnly; 50], Shard::WHOLE, now);
    let census = board.census(now + Duration::from_secs(2), Duration::from_secs(1));
    assert_eq!(census.lost, (0..20).collect::<Vec<_>>());
    assert_eq!(census.devices, BTreeMap::from([((ResetOnly, DeviceState::Lost), 50)]));
    assert_eq!(board.census(now, Duration::from_secs(1)).lost, Vec::<u32>::new());
}

#[test]
fn events_are_taken_once_also_from_many_threads() {
    let board = Board::new(&[ResetOnly], Shard::WHOLE, Instant::now());
    let mut seen = 0;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    board.happened(DeviceEvent::Datapoint, Some(Side::Old));
                }
            });
        }
        for _ in 0..100 {
            seen += board.take().events.values().sum::<u32>();
        }
    });
    seen += board.take().events.values().sum::<u32>();
    assert_eq!(seen, 4000);
    assert_eq!(board.take(), Happened::default());
}

#[test]
fn a_return_is_an_event_and_a_time() {
    let board = Board::new(&[ResetOnly], Shard::WHOLE, Instant::now());
    board.returned(0, Duration::from_millis(1500), Some(Side::New));
    board.happened(DeviceEvent::ResolveFailed, None);
    let happened = board.take();
    let expected = [((DeviceEvent::ResolveFailed, None), 1), ((DeviceEvent::Returned, Some(Side::New)), 1)];
    assert_eq!(happened.events, BTreeMap::from(expected));
    assert_eq!(happened.returned_after, [(Some(Side::New), 1.5)]);
    for event in EVENTS {
        board.happened(event, None);
    }
    assert_eq!(board.take().events.len(), EVENTS.len());
}

#[test]
fn a_second_of_a_large_fleet_is_counted_in_milliseconds() {
    let (now, devices) = (Instant::now(), 20_000);
    let board = Board::new(&vec![ResetOnly; devices as usize], Shard::WHOLE, now);
    (0..devices).for_each(|index| board.instructed(index, "go", Some(Side::Old), false));
    let began = std::time::Instant::now();
    let rounds = 20;
    for _ in 0..rounds {
        assert_eq!(board.census(now, Duration::from_secs(1)).devices.len(), 1);
        assert!(board.resets().sums(None, NAMES).is_some());
    }
    let each = began.elapsed() / rounds;
    println!("{devices} devices are counted in {each:?}");
    assert!(each < Duration::from_millis(200), "{each:?}");
}
