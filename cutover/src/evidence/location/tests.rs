use super::*;
use crate::evidence::{Detector, Tally};
use chrono::DateTime;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

const MARGINS: LocationMargins = LocationMargins { slower: 1.1, go: 1.2 };

/// A standard normal value (Box and Muller 1958).
pub(crate) fn normal(random: &mut SmallRng) -> f64 {
    let (u, v): (f64, f64) = (random.random::<f64>().max(1e-300), random.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// A block of 40 pairs of lognormal durations with sigma 0.5, the new side `ratio` times as slow.
fn block(ratio: f64, random: &mut SmallRng, scale: f64) -> LocationBlock {
    let mut block = LocationBlock::default();
    for _ in 0..40 {
        let [old, new] = [scale, scale * ratio].map(|median| median * (0.5 * normal(random)).exp());
        block.add(new.ln() - old.ln(), Usual::default(), MARGINS);
    }
    block
}

fn first_alarm(ratio: f64, seed: u64, blocks: usize) -> Option<usize> {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut detector = Detector::new(BETS.len());
    (0..blocks).find(|_| {
        let block = block(ratio, &mut random, 0.12);
        detector.step(DateTime::UNIX_EPOCH, &block.ratios, &block.slower, 15.44).is_some()
    })
}

#[test]
fn a_fifth_more_is_seen_in_about_eight_minutes_even_without_sampling_harder_and_equality_never() {
    let mut delays: Vec<_> = (0..31).filter_map(|seed| first_alarm(1.2, seed, 500)).collect();
    delays.sort_unstable();
    assert!(delays.len() == 31 && delays[15] <= 54, "{delays:?}");
    assert_eq!(first_alarm(1.0, 1, 5_000), None);
    assert_eq!(first_alarm(0.5, 1, 1_000), None);
}

#[test]
fn a_constant_factor_on_both_sides_changes_nothing() {
    let [one, other] = [1.0, 64.0].map(|scale| block(1.1, &mut SmallRng::seed_from_u64(5), scale));
    assert!(one.slower.iter().zip(other.slower).all(|(a, b)| (a - b).abs() < 1e-9));
}

#[test]
fn false_alarms_at_the_margin_itself_are_no_more_than_n_over_a() {
    let (a, n, trials) = (100.0_f64, 20, 1_000);
    let mut random = SmallRng::seed_from_u64(3);
    let alarmed = (0..trials)
        .filter(|_| {
            let mut detector = Detector::new(BETS.len());
            (0..n).any(|_| {
                let block = block(1.1, &mut random, 0.12);
                detector.step(DateTime::UNIX_EPOCH, &block.ratios, &block.slower, a.ln()).is_some()
            })
        })
        .count();
    let (seen, bound) = (alarmed as f64 / f64::from(trials), f64::from(n) / a);
    assert!(seen <= bound && seen > 0.0, "P(alarm within {n} blocks) = {seen}, bound {bound}");
}

#[test]
fn equality_is_shown_about_when_it_was_estimated_and_the_margin_itself_is_not() {
    let mut random = SmallRng::seed_from_u64(4);
    let mut test = Mixture::new(0.001, BETS.len());
    let mut all = Moments::default();
    let promised = pairs_to_not_slower(&test, &all, Usual::default(), 1.2).unwrap_or(u64::MAX);
    let blocks = (1..100).find(|_| {
        let block = block(1.0, &mut random, 0.12);
        test.step(&block.not_slower);
        all.merge(&block.scaled);
        test.shown()
    });
    let pairs = 40 * blocks.unwrap_or(100);
    assert!(pairs > promised / 3 && pairs < promised * 3, "promised {promised}, took {pairs}");
    let mut wrong = Mixture::new(0.001, BETS.len());
    (0..500).for_each(|_| wrong.step(&block(1.2, &mut random, 0.12).not_slower));
    assert!(!wrong.shown());
    assert_eq!(pairs_to_not_slower(&wrong, &all, Usual { ln_r0: 0.0, c: 1.4, slack: 0.0 }, 0.5), None);
}

#[test]
fn the_sides_swapped_are_the_mirror_image() {
    let (mut one, mut other) = (LocationBlock::default(), LocationBlock::default());
    let margins = LocationMargins { slower: 1.1, go: 1.1 };
    let mirrored = LocationMargins { slower: 1.0 / 1.1, go: 1.0 / 1.1 };
    let mut random = SmallRng::seed_from_u64(6);
    for _ in 0..100 {
        let ratio = normal(&mut random);
        one.add(ratio, Usual::default(), margins);
        other.add(-ratio, Usual::default(), mirrored);
    }
    assert!(one.slower.iter().zip(other.not_slower).all(|(a, b)| (a - b).abs() < 1e-9));
}

#[test]
fn what_is_no_number_is_left_out() {
    let mut block = LocationBlock::default();
    for ratio in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        block.add(ratio, Usual::default(), MARGINS);
    }
    assert_eq!(block, LocationBlock::default());
}
