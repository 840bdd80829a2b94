//! The control of a world in a process of its own.

use hickory_proto::rr::RecordType::A;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use reqwest::Client;
use serde_json::Value;

use crate::support::{Scene, address, ask, eventually};

#[tokio::test]
async fn the_world_is_steered_over_http() {
    let scene = Scene::start().await;
    scene.api(rehearsal::Side::Old); // for the crypto provider that any client needs
    let places = scene.world.places();
    let (client, base) = (Client::new(), format!("http://{}", places.control));
    let post = async |path: &str| {
        let response = client.post(format!("{base}{path}")).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let seen = async || address(&ask(places.zone, "api.acme.example.", A).await);

    assert_eq!(post("/flip/new").await.0, 204);
    assert_eq!(seen().await, "127.0.12.1");
    assert_eq!(post("/fault/dns-other=127.0.7.7").await.0, 204);
    assert_eq!(seen().await, "127.0.7.7");
    assert_eq!(post("/heal").await.0, 204);
    assert_eq!(seen().await, "127.0.12.1");
    assert_eq!(post("/fault/dns-fail@go").await.0, 204);
    assert_eq!(post("/mark/go").await.0, 204);
    eventually("the fault has come at its mark", async || seen().await == "ServFail").await;
    for (path, why) in
        [("/flip/up", "is not a side"), ("/mark/stop", "is no mark"), ("/fault/new-eror", "did you mean")]
    {
        let (status, body) = post(path).await;
        assert!(status == 400 && body.contains(why), "{path}: {status} {body}");
    }
    assert_eq!(post("/fault/new-errors=5%25@go+10s").await.0, 204);

    let json: Value = client.get(format!("{base}/places")).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (json["https"].as_u64(), &json["names"]["api"]),
        (Some(places.https.into()), &"api.acme.example".into())
    );
    assert_eq!(json["resolvers"]["office"], places.resolvers.office.to_string());
}

#[tokio::test]
async fn mails_are_shown() {
    let scene = Scene::start().await;
    scene.api(rehearsal::Side::Old); // for the crypto provider that any client needs
    let places = scene.world.places();
    let smtp = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(places.smtp.ip().to_string())
        .port(places.smtp.port())
        .build();
    let mail = Message::builder()
        .from("serin@acme.example".parse().unwrap())
        .to("room@acme.example".parse().unwrap())
        .subject("rollback")
        .body("why".to_owned())
        .unwrap();
    smtp.send(mail).await.unwrap();
    let mut mails = scene.world.mails();
    mails.wait_for(|mails| mails.len() == 1).await.unwrap();
    let shown: Value = Client::new()
        .get(format!("http://{}/mails", places.control))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!((&shown["count"], &shown["items"][0]["subject"]), (&1.into(), &"rollback".into()));
}
