//! Sides that are down, hang, or hand on.

use std::io::ErrorKind;

use rehearsal::Side::{self, New, Old};
use reqwest::Method;
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    time::{Duration, timeout},
};

use crate::support::{SOON, Scene, eventually};

/// A connection to each of the side's two ports.
async fn connect(scene: &Scene, side: Side) -> std::io::Result<[TcpStream; 2]> {
    let places = scene.world.places();
    let address = places.address(side);
    Ok([
        TcpStream::connect((address, places.https)).await?,
        TcpStream::connect((address, places.mqtt)).await?,
    ])
}

/// Whether the other end has closed the connection, once it has said something about it.
async fn is_cut(mut stream: TcpStream) -> bool {
    let read = timeout(SOON, stream.read(&mut [0; 64])).await;
    matches!(read, Ok(Ok(0) | Err(_)))
}

async fn is_refused(scene: &Scene, side: Side) -> bool {
    connect(scene, side).await.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

#[tokio::test]
async fn a_side_that_is_down_refuses_cuts_and_comes_back() {
    let scene = Scene::start().await;
    let api = scene.api(New);
    assert_eq!(api.get(New, "/healthz").await.0, 200);
    let live = connect(&scene, New).await.unwrap();
    scene.inject("new-down");
    for stream in live {
        assert!(is_cut(stream).await);
    }
    eventually("both ports refuse", async || is_refused(&scene, New).await).await;
    assert!(api.try_send(Method::GET, "/healthz", None).await.is_err());
    assert_eq!(scene.api(Old).get(Old, "/healthz").await.0, 200, "the old side is none the worse");
    scene.world.heal();
    eventually("it is back", async || api.try_send(Method::GET, "/healthz", None).await.is_ok()).await;
    eventually("both ports accept", async || connect(&scene, New).await.is_ok()).await;
}

#[tokio::test]
async fn a_side_that_hangs_accepts_and_says_nothing() {
    let scene = Scene::start().await;
    scene.inject("new-hang");
    let api = scene.api(New);
    let asked = api.try_send(Method::GET, "/healthz", None);
    assert!(timeout(Duration::from_millis(300), asked).await.is_err(), "no answer");
    let mut hanging = connect(&scene, New).await.unwrap();
    for stream in &mut hanging {
        let said = timeout(Duration::from_millis(100), stream.read(&mut [0; 1])).await;
        assert!(said.is_err(), "accepted, and not a word");
    }
    scene.world.heal();
    for stream in hanging {
        assert!(is_cut(stream).await, "what hung is cut by the change");
    }
    eventually("it answers", async || api.try_send(Method::GET, "/healthz", None).await.is_ok()).await;
}

#[tokio::test]
async fn a_forwarder_lets_the_new_application_answer_at_the_old_address() {
    let scene = Scene::start().await;
    let old = scene.api(Old);
    assert_eq!(old.get(Old, "/healthz").await.0, 200);
    scene.inject("forwarder");
    eventually("the new application answers", async || {
        old.try_send(Method::GET, "/healthz", None)
            .await
            .is_ok_and(|answer| answer.headers()["x-served-by"] == "new")
    })
    .await;
    scene.inject("new-down");
    eventually("there is nothing to hand on to", async || is_refused(&scene, Old).await).await;
    scene.world.heal();
    eventually("the old application answers", async || {
        old.try_send(Method::GET, "/healthz", None)
            .await
            .is_ok_and(|answer| answer.headers()["x-served-by"] == "old")
    })
    .await;
}
