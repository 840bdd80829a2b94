//! Each fault that is not one of the gates', by its effect.

use std::time::Duration;

use hickory_proto::rr::RecordType::A;
use rehearsal::{
    Mark, Plan,
    Side::{New, Old},
};
use reqwest::Method;
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::support::{Scene, address, ask, eventually};

#[tokio::test]
async fn errors_come_in_the_share_that_was_asked_for_and_spare_the_health_check() {
    let scene = Scene::start().await;
    scene.inject("new-errors=5%");
    scene.inject("old-errors");
    for (side, expected) in [(New, 10), (Old, 60)] {
        let api = scene.api(side);
        let mut errors: i32 = 0;
        for _ in 0..200 {
            let (status, body) = api.get(side, "/nothing").await;
            errors += i32::from(status == 500 && body["error"].is_string());
            assert_eq!(api.get(side, "/healthz").await.0, 200);
        }
        assert!((errors - expected).abs() <= 2, "{side}: {errors}");
    }
    let api = scene.api(Old);
    scene.inject("old-errors=100%");
    assert_eq!(api.console(Method::GET, "/console").send().await.unwrap().status(), 500);
    scene.world.heal();
    assert_eq!(api.console(Method::GET, "/console").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_slow_side_takes_its_time() {
    let scene = Scene::start().await;
    scene.inject("new-slow=300ms");
    let began = Instant::now();
    scene.api(New).get(New, "/nothing").await;
    assert!(began.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn wrong_answers_stay_wrong() {
    let scene = Scene::start().await;
    let mut api = scene.api(New);
    let id = api.sign_up_and_in(New, "wrong@acme.example").await;
    for _ in 0..50 {
        api.post(New, "/datapoints", json!({ "name": "t", "value": 21.5 })).await;
    }
    let path = format!("/datapoints?user={id}");
    let right = api.get(New, &path).await.1;
    scene.inject("wrong-answer");
    let (status, wrong) = api.get(New, &path).await;
    let items = wrong["items"].as_array().unwrap();
    let wrong_ones = items.iter().filter(|item| item["value"] == 22.5).count();
    assert!(status == 200 && (9..=11).contains(&wrong_ones), "{wrong_ones}");
    assert_eq!(api.get(New, &path).await.1, wrong, "reading again does not help");
    scene.world.heal();
    assert_eq!(api.get(New, &path).await.1, right);
}

#[tokio::test]
async fn lost_datapoints_are_accepted_and_not_there() {
    let scene = Scene::start().await;
    scene.inject("lost-datapoints");
    let mut api = scene.api(New);
    let id = api.sign_up_and_in(New, "lost@acme.example").await;
    for _ in 0..50 {
        assert_eq!(api.post(New, "/datapoints", json!({ "name": "t", "value": 1 })).await.0, 201);
    }
    let kept = api.get(New, &format!("/datapoints?user={id}")).await.1["count"].as_u64().unwrap();
    assert!((39..=41).contains(&kept), "{kept}");
}

#[tokio::test]
async fn dns_fails_and_recovers() {
    let scene = Scene::start().await;
    let places = scene.world.places();
    let servers = [places.zone, places.resolvers.office, places.resolvers.mobile];
    for (healed, expected) in [(false, "ServFail"), (true, "127.0.11.1")] {
        if healed {
            scene.world.heal();
        } else {
            scene.inject("dns-fail");
        }
        for server in servers {
            assert_eq!(address(&ask(server, "api.acme.example.", A).await), expected);
        }
    }
}

#[tokio::test]
async fn a_stale_office_stays_behind_while_mobile_follows() {
    let scene = Scene::start().await;
    let resolvers = scene.world.places().resolvers;
    scene.inject("dns-stale");
    scene.world.flip(New);
    eventually("mobile follows", async || {
        address(&ask(resolvers.mobile, "api.acme.example.", A).await) == "127.0.12.1"
    })
    .await;
    assert_eq!(address(&ask(resolvers.office, "api.acme.example.", A).await), "127.0.11.1");
}

#[tokio::test]
async fn names_that_go_elsewhere() {
    let scene = Scene::start().await;
    scene.inject("dns-other");
    let places = scene.world.places();
    assert_eq!(address(&ask(places.zone, "mqtt.acme.example.", A).await), "127.0.9.9");
    scene.inject("dns-other=127.0.8.8");
    assert_eq!(address(&ask(places.zone, "mqtt.acme.example.", A).await), "127.0.8.8");
}

#[tokio::test]
async fn a_fault_waits_for_its_moment() {
    let fault = "dns-other@set+50ms".parse().unwrap();
    let scene = Scene::with(|plan| Plan { faults: vec![fault], ..plan }).await;
    let zone = scene.world.places().zone;
    let moved = async || address(&ask(zone, "api.acme.example.", A).await) == "127.0.9.9";
    scene.world.mark(Mark::Ready);
    let early = eventually("unexpected", moved);
    assert!(timeout(Duration::from_millis(200), early).await.is_err(), "not before its mark");
    scene.world.mark(Mark::Set);
    eventually("it begins after its mark", moved).await;
}
