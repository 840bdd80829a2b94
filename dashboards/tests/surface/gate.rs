//! What machines are told, for each verdict, phase and doubt.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use cutover::{Cause, Decision, Phase, Reason, Snapshot};
use serde_json::{Value, json};

use crate::support::{World, status};

/// What Flagger posts.
const PAYLOAD: &str =
    r#"{"name":"acme-api","namespace":"acme","phase":"Progressing","checksum":"85d557f47b","metadata":{}}"#;

impl World {
    /// Shows this verdict, as of now, and then `change`d.
    fn shows(&self, decision: Decision, change: impl FnOnce(&mut Snapshot)) {
        let now = Utc::now();
        self.snapshots.send_modify(|shared| {
            let snapshot = Arc::make_mut(shared);
            (snapshot.now, snapshot.phase, snapshot.health.folded) = (now, Phase::Go, 7);
            (snapshot.verdict.decision, snapshot.verdict.since) = (decision, now);
            snapshot.verdict.reasons = vec![Reason {
                cause: Cause::NewErrors,
                raises: decision,
                text: "sign in fails\r\non <new>".to_owned(),
                since: None,
                finding: None,
            }];
            change(snapshot);
        });
    }

    /// What the document's `data` is.
    async fn advice(&self) -> Value {
        let (head, body) = self.get("/api/v1/gate").await;
        assert!(status(&head) == 200 && head.contains("content-type: application/json"), "{head}");
        let mut document: Value = serde_json::from_str(&body).unwrap();
        document["data"].take()
    }

    async fn hook(&self, hook: &str) -> (u16, String) {
        let path = format!("/api/v1/gate/flagger/{hook}");
        let (head, body) = self.post(&path, "Content-Type: application/json\r\n", PAYLOAD).await;
        assert!(head.contains("content-type: text/plain; charset=utf-8"), "{head}");
        (status(&head), body)
    }

    /// Checks what the document and each of the hooks say.
    async fn says(&self, verdict: &str, confirm: u16, rollout: u16, rollback: u16) -> Value {
        let advice = self.advice().await;
        assert_eq!(advice["verdict"], verdict, "{advice}");
        for hook in ["confirm-rollout", "confirm-traffic-increase", "confirm-promotion"] {
            assert_eq!(self.hook(hook).await.0, confirm, "{hook} at {advice}");
        }
        assert_eq!(self.hook("rollout").await.0, rollout, "{advice}");
        assert_eq!(self.hook("rollback").await.0, rollback, "{advice}");
        advice
    }
}

#[tokio::test]
async fn each_verdict_is_told_to_each_machine_in_its_way() {
    let world = World::start(None).await;
    world.shows(Decision::Go, |_| {});
    world.says("go", 200, 200, 403).await;
    world.shows(Decision::Hold, |snapshot| {
        snapshot.verdict.estimate = Some(std::time::Duration::from_secs(40));
    });
    let advice = world.says("hold", 403, 200, 403).await;
    assert_eq!(advice["estimate_seconds"], 40.0);
    world.shows(Decision::Rollback, |_| {});
    let advice = world.says("rollback", 403, 403, 200).await;
    assert_eq!((&advice["cutover"], &advice["phase"]), (&json!("acme <script>"), &json!("go")));
    assert_eq!((&advice["reasons"][0]["cause"], &advice["since"]), (&json!("new-errors"), &advice["at"]));
    let (_, words) = world.hook("rollout").await;
    assert_eq!(words, "rollback in phase go: sign in fails  on <new>\n");
    world.stop().await;
}

#[tokio::test]
async fn doubt_holds_and_rolls_nothing_back() {
    let world = World::start(None).await;
    // Just started: nobody has folded anything.
    world.says("hold", 403, 200, 403).await;
    for decision in Decision::ALL {
        world.shows(decision, |snapshot| snapshot.health.folded = 0);
        world.says("hold", 403, 200, 403).await;
        world.shows(decision, |snapshot| snapshot.now -= TimeDelta::seconds(16));
        let advice = world.says("hold", 403, 200, 403).await;
        assert_eq!(advice["reasons"][0]["cause"], "canary", "{advice}");
        world.shows(decision, |snapshot| snapshot.now += TimeDelta::hours(1));
        world.says("hold", 403, 200, 403).await;
    }
    world.stop().await;
}

#[tokio::test]
async fn a_machine_rolls_back_only_where_a_way_leads_back() {
    let world = World::start(None).await;
    for phase in Phase::ALL {
        world.shows(Decision::Rollback, |snapshot| snapshot.phase = phase);
        match phase {
            Phase::Set | Phase::Go => world.says("rollback", 403, 403, 200).await,
            Phase::Ready | Phase::Settled | Phase::RolledBack => world.says("hold", 403, 200, 403).await,
        };
        world.shows(Decision::Go, |snapshot| snapshot.phase = phase);
        world.says("go", 200, 200, 403).await;
    }
    world.shows(Decision::Rollback, |snapshot| snapshot.past_no_return = true);
    let advice = world.says("hold", 403, 200, 403).await;
    assert!(advice["reasons"][0]["text"].as_str().unwrap().contains("people fix forward"), "{advice}");
    world.stop().await;
}

#[tokio::test]
async fn whatever_is_posted_is_answered_and_nothing_else_is_there() {
    let world = World::start(None).await;
    world.shows(Decision::Go, |_| {});
    for body in ["", "{", "\0", &"x".repeat(20_000)] {
        let (head, _) = world.post("/api/v1/gate/flagger/confirm-promotion", "", body).await;
        assert_eq!(status(&head), 200, "{} bytes", body.len());
    }
    for path in ["confirm-promotion/", "post-rollout", "event", "", "%2e%2e"] {
        assert_eq!(status(&world.get(&format!("/api/v1/gate/flagger/{path}")).await.0), 404, "{path}");
    }
    assert_eq!(status(&world.get("/api/v1/gate/flagger/rollback").await.0), 405);
    assert_eq!(status(&world.post("/api/v1/gate", "", "{}").await.0), 405);
    assert_eq!(status(&world.get("/api/v1/gate/").await.0), 404);
    world.stop().await;
}
