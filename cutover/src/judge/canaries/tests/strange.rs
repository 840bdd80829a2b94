//! What no honest world does to a canary.

use proptest::prelude::*;

use super::*;

/// What comes: from which side, how many milliseconds after the one before (or before it: a clock step), when it says it
/// was sent, and whether a link breaks or comes back.
#[derive(Debug, Clone)]
enum Strange {
    Heard(Option<Side>, Option<i64>),
    Link(Side, bool),
    Phase(Phase),
    Nothing,
}

fn strange() -> impl Strategy<Value = (i64, Strange)> {
    let side = || prop::sample::select(Side::BOTH.to_vec());
    let step = prop_oneof![
        20 => 0_i64..120_000,
        1 => -100_000_000_000_i64..100_000_000_000,
        1 => Just(i64::MIN / 2),
        1 => Just(i64::MAX / 2)
    ];
    let told = prop_oneof![Just(0_i64), -200_000_i64..200_000, Just(i64::MIN / 4), Just(i64::MAX / 4)];
    let what = prop_oneof![
        10 => (prop::option::of(side()), prop::option::of(told)).prop_map(|(side, told)| Strange::Heard(side, told)),
        2 => (side(), any::<bool>()).prop_map(|(side, up)| Strange::Link(side, up)),
        1 => prop::sample::select(Phase::ALL.to_vec()).prop_map(Strange::Phase),
        4 => Just(Strange::Nothing),
    ];
    (step, what)
}

fn moved(at: DateTime<Utc>, milliseconds: i64) -> DateTime<Utc> {
    let step = TimeDelta::try_milliseconds(milliseconds).unwrap_or_default();
    at.checked_add_signed(step).unwrap_or(DateTime::UNIX_EPOCH)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn strange_streams_are_harmless(stream in prop::collection::vec(strange(), 0..200)) {
        let mut post = Post::new(Phase::Set);
        for (index, (step, what)) in stream.into_iter().enumerate() {
            post.now = moved(post.now, step);
            post.canaries.tick(post.now, post.phase, || false);
            match what {
                Strange::Heard(side, told) => {
                    let told_at = told.map(|told| moved(post.now, told));
                    let seen = CanarySeen { at: post.now, canary: "lobby".into(), side, told_at };
                    post.canaries.heard(&seen, post.phase, post.now);
                }
                Strange::Link(side, up) => drop(post.link(side, (!up).then_some("down")).view()),
                Strange::Phase(phase) => drop(post.enter(phase).view()),
                Strange::Nothing => {}
            }
            if index % 3 == 0 {
                post.canaries.close_block(0.0025, LN_THRESHOLD);
            }
            let view = post.view();
            prop_assert!(view.kept <= view.intervals && view.intervals <= 20);
            prop_assert!(post.reasons().iter().all(|reason| reason.text.starts_with("canary lobby: ")));
            prop_assert!(post.canaries.evidence(LN_THRESHOLD).iter().all(|one| !one.ln.is_nan() && one.ln < 100.0));
        }
        // What is kept comes back as the same.
        let text = serde_json::to_string(&post.canaries).unwrap_or_default();
        let back: Canaries = serde_json::from_str(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(serde_json::to_string(&back.configured(&[lobby(true)])).unwrap_or_default(), text);
    }

    #[test]
    fn one_that_keeps_its_interval_is_never_silent_nor_split_however_it_stutters(
        gaps in prop::collection::vec((1_u32..=89, 0_u32..4), 1..80),
        moves_at in 0_usize..80,
        clock_off in -100_000_000_i64..100_000_000,
    ) {
        let mut post = Post::new(Phase::Go);
        post.wait(1);
        for (index, (gap, again)) in gaps.into_iter().enumerate() {
            let side = if index < moves_at { Side::Old } else { Side::New };
            post.wait(gap);
            let told_at = Some(moved(post.now, clock_off));
            let seen = CanarySeen { at: post.now, canary: "lobby".into(), side: Some(side), told_at };
            (0..=again).for_each(|_| post.canaries.heard(&seen, post.phase, post.now));
            // A bridge brings a copy of each to the other side.
            let copy = CanarySeen { side: Some(side.other()), ..seen };
            post.canaries.heard(&copy, post.phase, post.now);
            prop_assert_eq!(post.state(), CanaryState::from(side));
        }
        prop_assert!(post.reasons().is_empty());
    }
}
