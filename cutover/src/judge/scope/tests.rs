use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::{Cause, Decision};

/// Blocks of 40 pairs in which each side fails on its own with this rate, closed as told.
fn blocks(scope: &mut ScopeEvidence, count: i64, rate: f64, old_fails: bool, random: &mut SmallRng) {
    for block in 0..count {
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(10 * block);
        for _ in 0..40 {
            let pair = Scored {
                old_failed: random.random_bool(rate),
                new_failed: random.random_bool(rate),
                new_ways: &Ways::default(),
                took: Some((0.1, 0.1)),
                usual: Usual::default(),
                slow: Some([0.2, 0.3]),
            };
            scope.add(&pair, now);
        }
        scope.close_block(Closing { now, old_fails, short_rate: 0.0 });
    }
}

fn scope() -> ScopeEvidence {
    let scope = Scope::Journey("sign-in".into());
    let terms = Terms::new(&scope, &Settings::default(), 15.44, 20);
    ScopeEvidence::new(scope, terms)
}

#[test]
fn the_guard_alone_sees_both_sides_get_worse_and_only_holds() {
    let mut random = SmallRng::seed_from_u64(7);
    let mut scope = scope();
    blocks(&mut scope, 500, 0.002, false, &mut random);
    assert!(!scope.stands());
    blocks(&mut scope, 12, 0.08, false, &mut random);
    let reasons = scope.reasons();
    let of: Vec<_> = reasons.iter().map(|reason| (reason.cause, reason.raises)).collect();
    assert_eq!(of, [(Cause::Guard, Decision::Hold)], "{reasons:?}");
    assert!(reasons[0].text.starts_with("sign-in on new fails in "), "{}", reasons[0].text);
}

#[test]
fn the_guard_looks_away_while_the_old_side_itself_fails() {
    let mut random = SmallRng::seed_from_u64(7);
    let mut scope = scope();
    blocks(&mut scope, 500, 0.002, false, &mut random);
    blocks(&mut scope, 12, 0.08, true, &mut random);
    assert!(!scope.stands());
}

#[test]
fn a_block_without_pairs_is_no_block() {
    let mut scope = scope();
    blocks(&mut scope, 5, 0.0, false, &mut SmallRng::seed_from_u64(7));
    let before = scope.evidence();
    scope.close_block(Closing { now: DateTime::<Utc>::MAX_UTC, old_fails: false, short_rate: f64::NAN });
    assert_eq!(scope.evidence(), before);
}
