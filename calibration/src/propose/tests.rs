//! Rules, one by one.

use super::*;
use crate::Wander;
use crate::excess::Excess;
use crate::runs::Sum;

fn seen(failed: [u64; 2], runs: u64, limit: Option<f64>) -> ScopeSeen {
    let sums = failed.map(|failed| Sum { passed: runs - failed, failed, ..Sum::default() });
    let [old, new] = sums.each_ref().map(Sum::seen);
    let (window, windows, error) = (600, 144, 0.02);
    let wander = Wander { window, windows, error, largest: 0.2, beyond_chance: 0.01, limit };
    ScopeSeen {
        scope: Scope::Journey("sign in".into()),
        pairs: runs,
        old,
        new: Some(new),
        excess: Excess::of(&sums[0], &sums[1]),
        ratio: None,
        wander: Some(wander),
    }
}

fn proposed(seen: &ScopeSeen, mut settings: Settings) -> (Proposed, Settings) {
    let proposed = Proposed::of(std::slice::from_ref(seen), Basis::OldAgainstNew, &mut settings);
    (proposed, settings)
}

#[test]
fn steps_are_whole_and_rounded_up() {
    assert_eq!([up(0.151, 0.01), up(0.15, 0.01), up(0.0083, 0.0005)], [0.16, 0.15, 0.0085]);
}

#[test]
fn nothing_goes_below_the_default_or_below_what_is_configured() {
    let wanders = seen([0, 0], 10_000, Some(0.07));
    let (none, same) = proposed(&wanders, Settings::default());
    assert!(none.proposals.is_empty() && same == Settings::default());
    let narrow = Settings { location_margin: 0.05, ..Settings::default() };
    assert!((proposed(&wanders, narrow).1.location_margin - 0.1).abs() < 1e-9);
    let wide = Settings { location_margin: 0.3, ..Settings::default() };
    assert_eq!(proposed(&wanders, wide.clone()).1, wide);
}

#[test]
fn a_wide_location_margin_takes_those_of_go_with_it_and_stays_valid() {
    for (limit, keys) in [(0.155, 2), (0.295, 3), (0.5, 3)] {
        let (proposed, settings) = proposed(&seen([0, 0], 10_000, Some(limit)), Settings::default());
        assert_eq!(proposed.proposals.len(), keys, "{limit}: {:?}", proposed.proposals);
        assert!(settings.checked().is_ok());
    }
}

#[test]
fn where_both_sides_fail_often_go_is_made_attainable_and_where_it_cannot_be_that_is_said() {
    let (often, settings) = proposed(&seen([200, 200], 10_000, None), Settings::default());
    assert_eq!(often.proposals.iter().map(|it| it.key).collect::<Vec<_>>(), ["go-margin"]);
    assert!((0.015..0.05).contains(&settings.go_margin), "{settings:?}");
    let (always, _) = proposed(&seen([9_990, 9_990], 10_000, None), Settings::default());
    assert!(always.proposals.is_empty() && always.beyond[0].contains("even at 10 %"), "{always:?}");
}
