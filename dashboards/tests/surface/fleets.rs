//! Single devices and the reset, asked for over HTTP.

use cutover::{Behind, DevicePage, DeviceQuery, DeviceState, ResetReport};
use dashboards::Inquiry;

use crate::support::{World, status};

const BEARER: &str = "Authorization: Bearer secret\r\n";

#[tokio::test]
async fn a_question_for_devices_is_understood_and_its_answer_shown() {
    let mut world = World::start(None).await;
    for wrong in
        ["state=lots", "limit=0", "limit=1001", "limit=x", "what=1", &format!("fleet={}", "x".repeat(201))]
    {
        let (head, said) = world.get(&format!("/api/v1/devices?{wrong}")).await;
        assert_eq!(status(&head), 400, "{wrong}: {said}");
    }
    let (_, said) = world.get("/api/v1/devices?state=lots").await;
    let states = "there are old, new, both, other, connecting, lost, no-reset, not-returned";
    assert_eq!(said, format!(r#"{{"error":"`lots` is no state: {states}"}}"#));
    assert!(world.asked.try_recv().is_err(), "what is wrong reaches nobody");

    for (asked, expected) in [
        ("", DeviceQuery { limit: 100, ..DeviceQuery::default() }),
        (
            "?fleet=lamps&state=both&after=lamps-000007&limit=2",
            DeviceQuery {
                fleet: Some("lamps".to_owned()),
                state: Some(DeviceState::Both),
                after: Some("lamps-000007".to_owned()),
                limit: 2,
                ..DeviceQuery::default()
            },
        ),
        (
            "?state=not-returned",
            DeviceQuery { behind: Some(Behind::NotReturned), limit: 100, ..DeviceQuery::default() },
        ),
    ] {
        let answer = async {
            let Some(Inquiry::Devices { query, reply }) = world.asked.recv().await else { unreachable!() };
            reply
                .send(Ok(DevicePage { next: Some("lamps-000008".to_owned()), ..DevicePage::default() }))
                .unwrap();
            query
        };
        let ask = World::ask(world.at, format!("/api/v1/devices{asked}"));
        let ((head, said), query) = tokio::join!(ask, answer);
        assert_eq!((status(&head), query), (200, expected));
        assert_eq!(said, r#"{"devices":[],"next":"lamps-000008"}"#);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_reset_is_ordered_with_the_token_and_asked_for_without() {
    let mut world = World::start(Some("secret")).await;
    let body = r#"{"wave":"canaries","id":"go-1","by":"ann"}"#;
    assert_eq!(status(&world.post("/api/v1/reset", "", body).await.0), 401);
    assert_eq!(status(&world.post("/api/v1/reset", "Authorization: Bearer wrong\r\n", body).await.0), 403);
    for wrong in [r#"{"by":""}"#, r#"{"fleet":"a","wave":"b","by":"ann"}"#, r#"{"who":"a","by":"ann"}"#, ""] {
        assert_eq!(status(&world.post("/api/v1/reset", BEARER, wrong).await.0), 400, "{wrong}");
    }
    for answer in [Ok("go-1".to_owned()), Err("there is no wave `canaries`".to_owned())] {
        let expected = match &answer {
            Ok(_) => (202, r#"{"id":"go-1"}"#),
            Err(_) => (409, r#"{"error":"there is no wave `canaries`"}"#),
        };
        let taken = async {
            let Some(Inquiry::Order { order, reply }) = world.asked.recv().await else { unreachable!() };
            reply.send(answer).unwrap();
            order
        };
        let order = World::tell(world.at, "/api/v1/reset".to_owned(), BEARER, body);
        let ((head, said), order) = tokio::join!(order, taken);
        assert_eq!((status(&head), &*said), expected);
        assert_eq!((order.wave.as_deref(), &*order.by, order.send), (Some("canaries"), "ann", true));
    }
    for known in [true, false] {
        let taken = async {
            let Some(Inquiry::Reset { id, reply }) = world.asked.recv().await else { unreachable!() };
            let (by, since) = (Some("ann".to_owned()), None);
            let report = ResetReport { id: (&*id).into(), by, since, waves: vec![], fleets: vec![] };
            reply.send(known.then_some(report)).unwrap();
        };
        let ((head, said), ()) = tokio::join!(World::ask(world.at, "/api/v1/resets/go-1".to_owned()), taken);
        let expected = match known {
            true => (200, r#"{"id":"go-1","by":"ann","since":null,"waves":[],"fleets":[]}"#),
            false => (404, r#"{"error":"nobody knows of a reset `go-1`"}"#),
        };
        assert_eq!((status(&head), &*said), expected);
    }
    world.stop().await;
}
