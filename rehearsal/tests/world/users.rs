//! The life of a user, and of what they write.

use rehearsal::Side::{New, Old};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Scene, eventually};

#[tokio::test]
async fn a_user_s_life_on_either_side() {
    let scene = Scene::start().await;
    for side in rehearsal::Side::BOTH {
        let mut api = scene.api(side);
        let email = format!("life-{side}@acme.example");
        let id = api.sign_up_and_in(side, &email).await;
        let (status, taken) = api.post(side, "/users", json!({ "email": email, "password": "x" })).await;
        assert_eq!((status, taken["error"].is_string()), (409, true));

        let (status, posted) =
            api.post(side, "/datapoints", json!({ "name": "temperature", "value": 21.5 })).await;
        assert_eq!((status, posted["id"].is_string()), (201, true));
        let (status, points) = api.get(side, &format!("/datapoints?user={id}")).await;
        assert_eq!((status, &points["count"]), (200, &json!(1)));
        assert_eq!(
            (&points["items"][0]["name"], &points["items"][0]["value"]),
            (&json!("temperature"), &json!(21.5))
        );

        assert_eq!(api.send(side, Method::DELETE, &format!("/users/{id}"), None).await, (204, Value::Null));
        assert_eq!(api.get(side, &format!("/datapoints?user={id}")).await.0, 401);
        let gone = json!({ "email": email, "password": "correct horse" });
        assert_eq!(api.post(side, "/sessions", gone).await.0, 401);
    }
    scene.world.shutdown().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_as_json() {
    let scene = Scene::start().await;
    let mut api = scene.api(New);
    let id = api.sign_up_and_in(New, "picky@acme.example").await;
    let long = "x".repeat(20_000);
    for (method, path, body, expected) in [
        (Method::GET, "/nothing", None, 404),
        (Method::PATCH, "/users", None, 405),
        (Method::POST, "/users", None, 415),
        (Method::POST, "/users", Some(json!({ "email": "a@b.example" })), 422),
        (Method::POST, "/users", Some(json!({ "email": "nobody", "password": "x" })), 422),
        (Method::POST, "/users", Some(json!({ "email": long, "password": "x" })), 413),
        (Method::POST, "/datapoints", Some(json!({ "name": "x", "value": [1, 2] })), 422),
        (Method::POST, "/devices", Some(json!({ "device": "a/b", "fleet": "f" })), 422),
        (Method::GET, "/devices/unknown/datapoints", None, 404),
        (Method::GET, "/datapoints", None, 400),
        (Method::GET, "/datapoints?user=another", None, 403),
        (Method::DELETE, "/users/another", None, 403),
    ] {
        let (status, answer) = api.send(New, method.clone(), path, body).await;
        assert_eq!((status, answer["error"].is_string()), (expected, true), "{method} {path}: {answer}");
    }
    api.token = None;
    assert_eq!(api.get(New, &format!("/datapoints?user={id}")).await.0, 401);
}

#[tokio::test]
async fn writes_flow_from_old_to_new_and_not_back() {
    let scene = Scene::start().await;
    let mut old = scene.api(Old);
    let id = old.sign_up_and_in(Old, "mover@acme.example").await;
    for value in 0..20 {
        old.post(Old, "/datapoints", json!({ "name": "n", "value": value })).await;
    }
    let mut new = scene.api(New);
    new.token = old.token.clone();
    let path = format!("/datapoints?user={id}");
    eventually("all points are on the new side", async || new.get(New, &path).await.1["count"] == 20).await;
    let points = new.get(New, &path).await.1;
    let values: Vec<_> =
        points["items"].as_array().unwrap().iter().map(|item| item["value"].as_u64().unwrap()).collect();
    assert_eq!(values, (0..20).collect::<Vec<_>>(), "in the order in which they were written");

    new.post(New, "/datapoints", json!({ "name": "n", "value": 20 })).await;
    old.post(Old, "/datapoints", json!({ "name": "n", "value": 21 })).await;
    eventually("the last point is there", async || new.get(New, &path).await.1["count"] == 22).await;
    assert_eq!(old.get(Old, &path).await.1["count"], 21, "nothing flows back");

    old.send(Old, Method::DELETE, &format!("/users/{id}"), None).await;
    eventually("the deletion has arrived", async || new.get(New, &path).await.0 == 401).await;
}

#[tokio::test]
async fn replication_stops_and_catches_up() {
    let scene = Scene::start().await;
    scene.inject("replication-stop");
    let (old, new) = (scene.api(Old), scene.api(New));
    for n in 0..3 {
        let device = json!({ "device": format!("d{n}"), "fleet": "f" });
        assert_eq!(old.post(Old, "/devices", device).await.0, 201);
    }
    // The new side's own writes go on: what is written there is there at once, and what was written before is not.
    assert_eq!(new.post(New, "/devices", json!({ "device": "own", "fleet": "f" })).await.0, 201);
    assert_eq!(new.get(New, "/devices/own/datapoints").await.0, 200);
    assert_eq!(new.get(New, "/devices/d0/datapoints").await.0, 404);
    scene.world.heal();
    eventually("the backlog has arrived", async || new.get(New, "/devices/d2/datapoints").await.0 == 200)
        .await;
}

#[tokio::test]
async fn a_device_s_credentials_are_the_same_however_often_and_wherever_it_registers() {
    let scene = Scene::start().await;
    let device = json!({ "device": "thermostat-1", "fleet": "thermostats" });
    let (_, mut first) = scene.api(Old).post(Old, "/devices", device.clone()).await;
    let (status, mut again) = scene.api(New).post(New, "/devices", device).await;
    assert_eq!((status, &first["username"]), (201, &json!("thermostat-1")));
    first["served_by"].take();
    again["served_by"].take();
    assert_eq!(first, again);
}
