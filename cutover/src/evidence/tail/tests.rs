use super::*;
use crate::evidence::Detector;
use crate::evidence::location::tests::normal;
use chrono::DateTime;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

fn took(random: &mut SmallRng) -> f64 {
    0.12 * (0.5 * normal(random)).exp()
}

fn known(random: &mut SmallRng) -> Slow {
    let mut old = Histogram::default();
    (0..5_000).for_each(|_| old.add(took(random)));
    slow(&old).unwrap_or_default()
}

/// How long until 2 % of the new side's runs that take five times as long are seen, at 40 pairs a block.
fn first_alarm(
    share: f64,
    seed: u64,
    blocks: usize,
    (ln_threshold, margin): (f64, f64),
    slow: Slow,
) -> Option<usize> {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut detector = Detector::new(TAIL_BETS);
    (0..blocks).find(|_| {
        let mut block = TailBlock::default();
        for _ in 0..40 {
            let (old, new) = (took(&mut random), took(&mut random));
            let new = if random.random_bool(share) { 5.0 * new } else { new };
            block.add(old, new, slow, 1.0);
        }
        detector.step(DateTime::UNIX_EPOCH, &block, &block.products(margin), ln_threshold).is_some()
    })
}

#[test]
fn a_slow_fiftieth_is_seen_within_the_promised_time_and_none_never() {
    let slow = known(&mut SmallRng::seed_from_u64(1));
    let mut delays: Vec<_> =
        (0..31).filter_map(|seed| first_alarm(0.02, seed, 500, (15.44, 0.0025), slow)).collect();
    delays.sort_unstable();
    assert!(delays.len() == 31 && delays[15] <= 102, "{delays:?}");
    assert_eq!(first_alarm(0.0, 9, 5_000, (15.44, 0.0025), slow), None);
}

#[test]
fn false_alarms_are_no_more_than_n_over_a() {
    // "Slow" is here one run in ten, and a share of new ones is so always: just at the margin, where false alarms are
    // likeliest.
    let (a, n, trials, slow) = (100.0_f64, 20, 1_000, [0.12 * 0.6408_f64.exp(); 2]);
    let alarms = |seed: &u64| first_alarm(0.1, *seed, n, (a.ln(), 0.09), slow).is_some();
    let alarmed = (0..trials).filter(alarms).count() as f64;
    let bound = n as f64 / a;
    assert!(alarmed / trials as f64 <= bound, "{alarmed} of {trials}");
    assert!(alarmed > 0.0, "a simulation that can never alarm tests nothing");
}

#[test]
fn too_few_runs_show_no_tail() {
    let mut old = Histogram::default();
    (0..199).for_each(|_| old.add(0.1));
    assert_eq!(slow(&old), None);
    old.add(0.1);
    assert!(slow(&old).is_some_and(|[q99, q997]| (q99 - 0.13).abs() < 0.003 && (q99 - q997).abs() < 1e-12));
}
