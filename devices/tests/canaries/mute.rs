//! A connection that dies without a word, as behind a firewall that forgets it.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use cutover::evidence::Settings;
use cutover::{CanaryState, CanaryView, Judge, Observation, Phase, Side, Sides, Watched};
use tokio::time::{Instant, interval};

use crate::stage::{PATIENCE, Stage, plan, trouble};

/// A canary that speaks often, and who judges it.
struct Quick {
    stage: Stage,
    judge: Judge,
    /// Whether it speaks.
    speaks: bool,
}

impl Quick {
    async fn start() -> Self {
        let plan = |port| {
            let mut plan = plan("lobby", port, "devices/{device}/datapoints");
            (plan.canary.every, plan.canary.grace) = (Duration::from_millis(200), Duration::from_secs(1));
            plan
        };
        let stage = Stage::start(&Side::BOTH, |port| vec![plan(port)]).await;
        let net = |text: &str| vec![text.parse().unwrap()];
        let sides = Arc::new(Sides::new(net("127.0.41.0/24"), net("127.0.42.0/24")).unwrap());
        let watched = Watched { canaries: vec![plan(stage.port).canary], ..Watched::default() };
        let mut judge = Judge::new(Settings::default(), sides, &watched);
        judge.enter(Phase::Go);
        judge.observe(&Observation::CanaryWatch, Utc::now());
        Self { stage, judge, speaks: true }
    }

    /// The life of the canary on the new side and the judge's, until it is `done` with what was observed last.
    async fn until(&mut self, done: impl Fn(&CanaryView, Option<&Observation>) -> bool) -> CanaryView {
        let mut datapoints = interval(Duration::from_millis(50));
        let (broker, started) = (self.stage.brokers[Side::New as usize].clone().unwrap(), Instant::now());
        loop {
            let observed = tokio::select! {
                observed = self.stage.observations.recv() => Some(observed.unwrap()),
                _ = datapoints.tick() => None,
            };
            if observed.is_none() && self.speaks {
                broker.publish("devices/t-lobby/datapoints", "{}".into(), false);
            }
            let now = Utc::now();
            match &observed {
                Some(observed) => self.judge.observe(observed, now),
                None => self.judge.tick(now),
            }
            let view = self.judge.canaries(now).remove(0);
            if done(&view, observed.as_ref()) {
                return view;
            }
            assert!(started.elapsed() < PATIENCE, "{view:?}");
        }
    }
}

#[tokio::test]
async fn a_canary_is_never_silent_to_a_watch_that_is_deaf_and_does_not_know_it_yet() {
    let mut quick = Quick::start().await;
    quick.until(|view, _| view.state == CanaryState::New && view.kept > 5).await;
    quick.stage.mute.send_replace(true);
    // It speaks all the time, and nobody can hear it.
    let view = quick.until(|view, observed| {
        assert_ne!(view.state, CanaryState::Silent, "{view:?}");
        matches!(observed, Some(Observation::CanaryLink(link)) if link.side == Side::New && trouble(link).is_some())
    });
    let view = view.await;
    let last = view.last_seen.unwrap();
    assert!(view.deaf.iter().any(|deaf| deaf.why.contains("no answer to a ping")), "{view:?}");
    assert!(
        Utc::now() - last > chrono::TimeDelta::milliseconds(1_200),
        "it would have been overdue: {view:?}"
    );
    quick.until(|view, _| view.state == CanaryState::Unwatched).await;
    // The network is back: what was not heard is not held against it, and what is not said from now on is.
    quick.stage.mute.send_replace(false);
    let view = quick.until(|view, _| view.state == CanaryState::New).await;
    assert_eq!(view.kept, view.intervals, "{view:?}");
    quick.speaks = false;
    quick.until(|view, _| view.state == CanaryState::Silent).await;
    quick.stage.end().await;
}
