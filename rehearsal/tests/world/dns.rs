//! The zone and the caches, asked over the wire.

use std::time::Duration;

use hickory_proto::{
    op::{Edns, Message, ResponseCode},
    rr::RecordType::{A, AAAA, SOA},
};
use rehearsal::Side;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Scene, address, ask, eventually, query};

const OLD: &str = "127.0.11.1";
const NEW: &str = "127.0.12.1";

#[tokio::test]
async fn the_zone_answers_with_authority_and_tells_absences_apart() {
    let scene = Scene::start().await;
    let zone = scene.world.places().zone;
    let answer = ask(zone, "aPi.ACME.example.", A).await;
    assert_eq!((address(&answer).as_str(), answer.answers[0].ttl), (OLD, 1));
    assert!(answer.metadata.authoritative && !answer.metadata.recursion_available);
    assert!(
        answer.answers[0].name.eq_case(&"aPi.ACME.example.".parse().unwrap()),
        "the name as it was asked"
    );

    let none = ask(zone, "api.acme.example.", AAAA).await;
    assert_eq!(
        (none.metadata.response_code, none.answers.len(), none.authorities.len()),
        (ResponseCode::NoError, 0, 1)
    );
    let unknown = ask(zone, "www.acme.example.", A).await;
    assert_eq!((unknown.metadata.response_code, unknown.authorities.len()), (ResponseCode::NXDomain, 1));
    assert_eq!(ask(zone, "acme.example.", SOA).await.answers.len(), 1);
    assert_eq!(ask(zone, "example.org.", A).await.metadata.response_code, ResponseCode::Refused);
}

#[tokio::test]
async fn tcp_and_edns_are_spoken_too() {
    let scene = Scene::start().await;
    let mut asked = query("mqtt.acme.example.", A);
    asked.set_edns(Edns::new());
    let mut stream = TcpStream::connect(scene.world.places().resolvers.mobile).await.unwrap();
    let bytes = asked.to_vec().unwrap();
    stream.write_u16(bytes.len().try_into().unwrap()).await.unwrap();
    stream.write_all(&bytes).await.unwrap();
    let mut buffer = vec![0; stream.read_u16().await.unwrap().into()];
    stream.read_exact(&mut buffer).await.unwrap();
    let answer = Message::from_vec(&buffer).unwrap();
    assert_eq!(address(&answer), OLD);
    assert!(answer.edns.is_some() && answer.metadata.recursion_available && !answer.metadata.authoritative);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flip_leaves_no_query_without_an_answer() {
    let scene = Scene::start().await;
    let zone = scene.world.places().zone;
    let askers: Vec<_> = ["api.acme.example.", "console.acme.example.", "mqtt.acme.example."]
        .into_iter()
        .map(|name| {
            tokio::spawn(async move {
                let mut seen = Vec::new();
                for _ in 0..200 {
                    seen.push(address(&ask(zone, name, A).await));
                }
                seen
            })
        })
        .collect();
    let mut side = Side::Old;
    while !askers.iter().all(tokio::task::JoinHandle::is_finished) {
        side = if side == Side::Old { Side::New } else { Side::Old };
        scene.world.flip(side);
        tokio::task::yield_now().await;
    }
    for asker in askers {
        for seen in asker.await.unwrap() {
            assert!(seen == OLD || seen == NEW, "{seen}");
        }
    }
}

#[tokio::test]
async fn a_cache_follows_when_its_ttl_has_run_down() {
    let scene = Scene::with(|plan| rehearsal::Plan { ttl: Duration::from_secs(2), ..plan }).await;
    let places = scene.world.places();
    let office = async || ask(places.resolvers.office, "api.acme.example.", A).await;
    assert_eq!(address(&office().await), OLD);
    scene.world.flip(Side::New);
    assert_eq!(address(&ask(places.zone, "api.acme.example.", A).await), NEW);
    assert_eq!(address(&office().await), OLD, "still in the cache");
    assert_eq!(
        address(&ask(places.resolvers.mobile, "api.acme.example.", A).await),
        NEW,
        "another cache, empty"
    );
    eventually("the TTL counts down", async || office().await.answers[0].ttl == 1).await;
    eventually("the cache follows", async || address(&office().await) == NEW).await;
}
