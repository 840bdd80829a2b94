//! Real canaries through cutovers.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Canaries;
use crate::judge::core::stage::{settings, sides, watched};
use crate::{
    CanaryLink, CanarySeen, CanaryState, CanaryView, Cause, Decision, Hearing, Judge, Observation, Phase,
    RealCanary, Reason, Saved, Scope, Side, Watched,
};

mod strange;

const LN_THRESHOLD: f64 = 13.0;

/// A canary that is to be heard every 60 s, with 30 s of grace, listened for on both sides.
struct Post {
    canaries: Canaries,
    now: DateTime<Utc>,
    phase: Phase,
    /// Since when each side is listened on.
    listens: [Option<DateTime<Utc>>; 2],
}

fn lobby(subscribed: bool) -> RealCanary {
    let (every, grace) = (Duration::from_secs(60), Duration::from_secs(30));
    RealCanary { name: "lobby".into(), every, grace, subscribed }
}

impl Post {
    fn new(phase: Phase) -> Self {
        let canaries = Canaries::default().configured(&[lobby(true)]);
        let mut post = Self { canaries, now: DateTime::UNIX_EPOCH, phase, listens: [None; 2] };
        post.link(Side::Old, None).link(Side::New, None);
        post
    }

    fn link(&mut self, side: Side, trouble: Option<&str>) -> &mut Self {
        self.listens[side as usize] = trouble.is_none().then_some(self.now);
        let all = Hearing::All { since: self.now };
        self.tell(side, trouble.map_or(all, |why| Hearing::Nothing { why: why.into() }))
    }

    /// The connection dies without a word: nothing is heard of it any more.
    fn dies(&mut self, side: Side) -> &mut Self {
        self.listens[side as usize] = None;
        self
    }

    fn tell(&mut self, side: Side, hearing: Hearing) -> &mut Self {
        let canaries = Arc::from([Arc::from("lobby")]);
        self.canaries.link(&CanaryLink { at: self.now, canaries, side, hearing }, self.now);
        self
    }

    fn heard(&mut self, side: Side) -> &mut Self {
        let seen = CanarySeen { at: self.now, canary: "lobby".into(), side: Some(side), told_at: None };
        self.canaries.heard(&seen, self.phase, self.now);
        self
    }

    fn wait(&mut self, seconds: u32) -> &mut Self {
        for second in 1..=seconds {
            self.now += TimeDelta::seconds(1);
            for side in Side::BOTH {
                if let Some(since) = self.listens[side as usize] {
                    self.tell(side, Hearing::All { since });
                }
            }
            self.canaries.tick(self.now, self.phase, || false);
            if second % 10 == 0 {
                self.canaries.close_block(0.0025, LN_THRESHOLD);
            }
        }
        self
    }

    /// So many minutes, in each of which it is heard once.
    fn minutes(&mut self, minutes: u32, side: Side) -> &mut Self {
        for _ in 0..minutes {
            self.wait(60).heard(side);
        }
        self
    }

    fn enter(&mut self, phase: Phase) -> &mut Self {
        self.phase = phase;
        self.canaries.enter(phase);
        self
    }

    fn view(&self) -> CanaryView {
        self.canaries.view(self.now).remove(0)
    }

    fn state(&self) -> CanaryState {
        self.view().state
    }

    fn reasons(&self) -> Vec<Reason> {
        self.canaries.reasons(self.phase, self.now)
    }

    fn texts(&self) -> Vec<String> {
        self.reasons().into_iter().map(|reason| reason.text).collect()
    }
}

#[test]
fn a_move_is_no_split_and_keeps_its_intervals() {
    let mut post = Post::new(Phase::Set);
    assert_eq!(post.wait(1).state(), CanaryState::Waiting);
    assert_eq!(post.minutes(30, Side::Old).state(), CanaryState::Old);
    post.enter(Phase::Go).minutes(2, Side::Old);
    assert_eq!(post.canaries.on_old(post.now), ["lobby"]);
    post.wait(20).heard(Side::New);
    assert_eq!(post.state(), CanaryState::New);
    assert_eq!(post.minutes(30, Side::New).state(), CanaryState::New);
    assert!(post.reasons().is_empty() && post.canaries.on_old(post.now).is_empty());
    let view = post.view();
    assert_eq!((view.kept, view.intervals, view.last_side), (20, 20, Some(Side::New)));
}

#[test]
fn silence_is_seen_at_once_withholds_go_soon_and_holds_when_it_is_shown() {
    let mut post = Post::new(Phase::Set);
    post.minutes(120, Side::Old).enter(Phase::Go).minutes(3, Side::New);
    let last = post.now;
    assert_eq!(post.wait(89).state(), CanaryState::New);
    assert_eq!(post.wait(1).state(), CanaryState::Silent);
    assert_eq!(post.view().silent_since, Some(last));
    assert!(post.reasons().is_empty() && post.canaries.suspect(post.now).is_none(), "one is a lost message");
    post.wait(60);
    let said = "canary lobby: silent for 3 min, last seen on new at 02:03:00 UTC; expected each 60 s";
    assert_eq!(post.canaries.suspect(post.now).as_deref(), Some(said));
    post.wait(6 * 60);
    let reasons = post.reasons();
    assert_eq!((reasons.len(), reasons[0].cause), (1, Cause::RealCanary));
    assert!(reasons[0].text.starts_with("canary lobby: silent for 9 min, last seen on new"), "{reasons:?}");
    assert_eq!(post.heard(Side::New).texts(), ["canary lobby: missed 8 of its latest 20 intervals of 60 s"]);
    assert_eq!(post.state(), CanaryState::New);
    assert!(post.minutes(3, Side::New).reasons().is_empty(), "it is well again");
}

#[test]
fn one_that_misses_now_and_then_before_go_may_do_so_after_it() {
    let mut post = Post::new(Phase::Set);
    let clumsy = |post: &mut Post, side| {
        for _ in 0..60 {
            post.minutes(4, side).wait(60);
        }
    };
    clumsy(&mut post, Side::Old);
    post.enter(Phase::Go);
    clumsy(&mut post, Side::New);
    assert!(post.reasons().is_empty(), "{:?}", post.texts());
}

#[test]
fn one_on_both_sides_at_once_is_named_until_it_is_on_one() {
    let mut post = Post::new(Phase::Go);
    post.minutes(5, Side::Old).wait(10).heard(Side::New);
    assert_eq!(post.state(), CanaryState::New, "as far as anybody can tell it has moved");
    post.wait(50).heard(Side::Old);
    assert_eq!(post.state(), CanaryState::Both);
    post.wait(10).heard(Side::New);
    let said = "canary lobby: on both sides at once, on old at 00:06:00 UTC and on new at 00:06:10 UTC";
    assert_eq!(post.texts(), [said]);
    assert_eq!(post.minutes(2, Side::New).state(), CanaryState::New);
    assert!(post.reasons().is_empty());
}

#[test]
fn a_canary_that_was_never_heard_is_silent_and_one_that_checks_in_is_alive() {
    let mut post = Post::new(Phase::Go);
    post.wait(200);
    assert_eq!(post.state(), CanaryState::Silent);
    let said = "canary lobby: never seen, though awaited for 4 min; expected each 60 s";
    assert_eq!(post.canaries.suspect(post.now).as_deref(), Some(said));
    let mut post = Post::new(Phase::Go);
    post.canaries = Canaries::default().configured(&[lobby(false)]);
    post.wait(1);
    let seen = CanarySeen { at: post.now, canary: "lobby".into(), side: None, told_at: None };
    post.canaries.heard(&seen, post.phase, post.now);
    assert_eq!((post.state(), post.view().deaf.len()), (CanaryState::Alive, 0));
    post.wait(90);
    assert_eq!(post.state(), CanaryState::Silent);
}

#[test]
fn where_nobody_can_listen_nobody_is_silent() {
    let mut post = Post::new(Phase::Set);
    post.link(Side::New, Some("refused: it is not up yet"));
    assert_eq!(post.minutes(60, Side::Old).state(), CanaryState::Old, "before Go it cannot be there");
    post.enter(Phase::Go).wait(89);
    assert_eq!(post.state(), CanaryState::Old);
    assert_eq!(post.wait(600).state(), CanaryState::Unwatched);
    let reasons = post.reasons();
    assert_eq!(reasons[0].cause, Cause::RealCanaryUnwatched);
    assert_eq!(
        reasons[0].text,
        "canary lobby: silent for 12 min, last seen on old at 01:00:00 UTC; whether it is silent cannot be said: on \
         new nothing can be heard since 00:00:00 UTC (refused: it is not up yet)"
    );
    assert_eq!((post.view().kept, post.view().intervals), (20, 20), "nothing was missed that could be heard");
    assert_eq!(post.view().deaf[0].side, Side::New);
    post.link(Side::New, None).wait(1);
    assert_eq!(post.state(), CanaryState::Waiting, "now it is listened for again");
    assert_eq!(post.wait(90).state(), CanaryState::Silent);
    assert_eq!(post.heard(Side::New).state(), CanaryState::New);
}

#[test]
fn a_connection_that_has_died_and_says_nothing_makes_nobody_silent() {
    let mut post = Post::new(Phase::Go);
    post.minutes(30, Side::New).dies(Side::New);
    assert_eq!(post.wait(600).state(), CanaryState::New, "as far as anybody knows");
    assert_eq!((post.view().kept, post.view().intervals, post.canaries.suspect(post.now)), (20, 20, None));
    let heard_until = "since 00:30:00 UTC (no answer)";
    post.link(Side::New, Some("no answer")).wait(1);
    assert_eq!(post.state(), CanaryState::Unwatched);
    assert!(post.texts()[0].contains(heard_until), "{:?}", post.texts());
    // It comes back before anybody has looked, and so does the other side: what is between was not heard.
    post.link(Side::New, None).link(Side::Old, None).wait(1);
    assert_eq!(post.state(), CanaryState::Waiting);
    post.wait(89).link(Side::Old, Some("reset")).link(Side::Old, None).wait(89);
    assert_eq!((post.state(), post.view().kept), (CanaryState::Waiting, 20));
    assert_eq!(post.wait(1).state(), CanaryState::Silent, "and then it was to be heard");
}

#[test]
fn while_this_process_was_away_nobody_was_silent_however_short_that_was() {
    for subscribed in [true, false] {
        let mut post = Post::new(Phase::Go);
        post.canaries = Canaries::default().configured(&[lobby(subscribed)]);
        post.link(Side::Old, None).link(Side::New, None).minutes(30, Side::New).wait(86);
        // It is away when the canary, late within its grace, is heard.
        post.now += TimeDelta::seconds(9);
        post.canaries.begin(post.now);
        assert_eq!(post.state(), CanaryState::New, "{:?}", post.view());
        post.link(Side::Old, None).link(Side::New, None).wait(51).heard(Side::New);
        let view = post.view();
        assert_eq!((view.state, view.kept, view.intervals), (CanaryState::New, 20, 20), "{subscribed}");
        assert_eq!(post.wait(90).state(), CanaryState::Silent);
    }
}

#[test]
fn when_this_machine_was_away_no_canary_was() {
    let mut post = Post::new(Phase::Go);
    post.minutes(30, Side::New);
    for step in [7_200, -86_400] {
        post.now += TimeDelta::seconds(step);
        post.wait(1);
        assert_ne!(post.state(), CanaryState::Silent, "{step} s");
        assert_eq!(post.view().kept, 20);
        assert!(post.view().last_seen.is_some_and(|at| at <= post.now));
        assert_eq!(post.minutes(3, Side::New).state(), CanaryState::New);
        // The watch notes that the clock was set back.
        post.listens = post.listens.map(|since| since.map(|since| since.min(post.now)));
    }
    post.wait(1);
    for _ in 0..1_000 {
        post.now += TimeDelta::seconds(1);
        post.canaries.tick(post.now, post.phase, || true);
    }
    assert_eq!(post.state(), CanaryState::Unwatched, "and when it is cut off, it cannot tell");
    assert_eq!(post.view().kept, 20);
}

#[test]
fn another_interval_is_learned_anew_and_one_that_is_named_no_more_is_forgotten() {
    let mut post = Post::new(Phase::Set);
    post.minutes(10, Side::Old);
    let slower = RealCanary { every: Duration::from_secs(300), ..lobby(true) };
    let other = RealCanary { name: "van".into(), ..lobby(false) };
    let canaries = post.canaries.clone().configured(&[slower, other]);
    let views = canaries.view(post.now);
    assert_eq!((views[0].intervals, views[0].last_side), (0, Some(Side::Old)));
    assert_eq!(views.len(), 2);
    let kept = post.canaries.clone().configured(&[lobby(true)]).view(post.now);
    assert_eq!(kept[0].intervals, 10);
    assert!(canaries.configured(&[]).view(post.now).is_empty());
}

#[test]
fn the_judge_holds_for_a_silent_canary_and_a_restored_one_goes_on_bit_for_bit() {
    let watched = Watched { canaries: vec![lobby(false)], ..watched() };
    let mut judge = Judge::new(settings(), sides(), &watched);
    let mut now = DateTime::UNIX_EPOCH;
    let text = |judge: &Judge| serde_json::to_string(&judge.save()).unwrap_or_default();
    let minute = |judge: &mut Judge, now: &mut DateTime<Utc>, heard: bool| {
        for second in 0..60 {
            *now += TimeDelta::seconds(1);
            judge.tick(*now);
            if heard && second == 30 {
                let (at, side) = (*now, Some(Side::New));
                let seen = CanarySeen { at, canary: "lobby".into(), side, told_at: Some(at) };
                judge.observe(&Observation::Canary(seen), at);
            }
        }
    };
    judge.enter(Phase::Set);
    (0..120).for_each(|_| minute(&mut judge, &mut now, true));
    judge.enter(Phase::Go);
    minute(&mut judge, &mut now, true);
    (0..4).for_each(|_| minute(&mut judge, &mut now, false));
    let saved: Result<Saved, _> = serde_json::from_str(&text(&judge));
    let Ok(saved) = saved else { unreachable!("what was saved can be read: {saved:?}") };
    let mut restored = Judge::restore(settings(), sides(), &watched, saved);
    for judge in [&mut judge, &mut restored] {
        let mut now = now + TimeDelta::seconds(5);
        judge.observe(&Observation::CanaryWatch, now);
        assert_eq!(judge.verdict(now).reasons[0].cause, Cause::TooLittle);
        (0..8).for_each(|_| minute(judge, &mut now, false));
        let verdict = judge.verdict(now);
        assert_eq!((verdict.decision, verdict.reasons[0].cause), (Decision::Hold, Cause::RealCanary));
        assert!(verdict.evidence.iter().any(|one| one.scope == Scope::Canary("lobby".into())));
    }
    assert_eq!(text(&judge), text(&restored));
}
