//! The pages and the API, with friends and with others.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use cutover::{Phase, Side};
use dashboards::Command;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::support::{World, status};

const TOKEN: &str = "correct horse";

fn bearer() -> String {
    format!("Authorization: Bearer {TOKEN}\r\n")
}

#[tokio::test]
async fn what_is_read_needs_no_token() {
    let world = World::start(None).await;
    world.metrics.config_loaded(true);
    let (head, body) = world.get("/metrics").await;
    assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    assert!(body.contains("\nserin_config_last_reload_successful 1\n"), "{body}");

    let (head, body) = world.get("/api/v1/state").await;
    assert!(head.contains("content-type: application/json"), "{head}");
    let state: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&state["name"], &state["phase"]), (&"acme <script>".into(), &"set".into()));
    assert_eq!(state["verdict"]["decision"], "hold");

    assert_eq!(status(&world.get("/readyz").await.0), 503);
    world.snapshots.send_modify(|snapshot| Arc::make_mut(snapshot).health.folded = 1);
    assert_eq!(status(&world.get("/readyz").await.0), 200);
    world.stop().await;
}

#[tokio::test]
async fn the_page_loads_only_its_own_files_and_they_are_all_there() {
    let world = World::start(None).await;
    let (head, page) = world.get("/").await;
    assert!(head.contains("content-security-policy: default-src 'none'; script-src 'self';"), "{head}");
    assert!(head.contains("x-content-type-options: nosniff") && head.contains("cache-control: no-store"));
    assert!(page.contains("<noscript>") && page.contains("/api/v1/state"));
    assert!(!page.contains("acme"), "the page is the same for everybody; what it shows comes as JSON");
    for file in ["/page.css", "/page.js", "/draw.js", "/tables.js"] {
        let (head, text) = world.get(file).await;
        assert_eq!(status(&head), 200, "{file}");
        // With these, text of a peer could become markup.
        for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!text.contains(way), "{way} in {file}");
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn a_command_needs_the_token() {
    let mut world = World::start(Some(TOKEN)).await;
    let body = r#"{"phase":"go","by":"ann"}"#;
    let (head, _) = world.post("/api/v1/phase", "", body).await;
    assert!(status(&head) == 401 && head.contains("www-authenticate: Bearer"), "{head}");
    assert_eq!(status(&world.post("/api/v1/phase", "Authorization: Basic YTpi\r\n", body).await.0), 401);
    assert_eq!(status(&world.post("/api/v1/phase", "Authorization: Bearer wrong\r\n", body).await.0), 403);
    assert_eq!(status(&world.post("/api/v1/phase", "Authorization: Bearer \r\n", body).await.0), 401);
    assert!(world.commands.try_recv().is_err());
    world.stop().await;

    let tokenless = World::start(None).await;
    let (head, words) = tokenless.post("/api/v1/phase", "Authorization: Bearer \r\n", body).await;
    assert!(status(&head) == 403 && words.contains("started without a token"), "{words}");
    tokenless.stop().await;
}

#[tokio::test]
async fn a_command_is_answered_by_the_state_machine() {
    let mut world = World::start(Some(TOKEN)).await;
    let (_, nothing) = mpsc::channel(1);
    let mut commands = std::mem::replace(&mut world.commands, nothing);
    let owner = tokio::spawn(async move {
        let mut phase = Phase::Set;
        for _ in 0..2 {
            let Command::Phase { to, by, reply } = commands.recv().await.unwrap() else { return };
            assert_eq!(by, "ann");
            let outcome = phase.advance(to);
            phase = outcome.clone().unwrap_or(phase);
            reply.send(outcome).unwrap();
        }
        // The third is taken, and its reply dropped: the canary is stopping.
        commands.recv().await.unwrap();
    });
    let (head, body) = world.post("/api/v1/phase", &bearer(), r#"{"phase":"go","by":" ann "}"#).await;
    assert_eq!((status(&head), body.as_str()), (200, r#"{"phase":"go"}"#));
    let (head, body) = world.post("/api/v1/phase", &bearer(), r#"{"phase":"ready","by":"ann"}"#).await;
    assert_eq!(status(&head), 409);
    assert!(body.contains("from there it can go to `settled` or `rolled-back`, not to `ready`"), "{body}");
    assert_eq!(
        status(&world.post("/api/v1/phase", &bearer(), r#"{"phase":"settled","by":"ann"}"#).await.0),
        503
    );
    assert_eq!(
        status(&world.post("/api/v1/phase", &bearer(), r#"{"phase":"settled","by":"ann"}"#).await.0),
        503
    );
    owner.await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn the_canary_is_unwell_when_its_pictures_stay_away_or_something_broke_off() {
    let world = World::start(None).await;
    assert_eq!(status(&world.get("/healthz").await.0), 200);
    world.snapshots.send_modify(|snapshot| Arc::make_mut(snapshot).now -= TimeDelta::seconds(7));
    let (head, why) = world.get("/healthz").await;
    assert!(status(&head) == 503 && why.ends_with(" s old: the recorder hangs\n"), "{why}");
    world.snapshots.send_modify(|snapshot| Arc::make_mut(snapshot).now = Utc::now());
    assert_eq!(status(&world.get("/healthz").await.0), 200);
    world.broken.send_replace(Some("the recorder broke off".into()));
    let (head, why) = world.get("/healthz").await;
    assert_eq!((status(&head), why.as_str()), (503, "the recorder broke off\n"));
    world.stop().await;
}

#[tokio::test]
async fn a_note_needs_the_token_and_is_handed_on() {
    let mut world = World::start(Some(TOKEN)).await;
    let body = r#"{"text":" reset wave-1 of fleet lamps ","by":"ann"}"#;
    assert_eq!(status(&world.post("/api/v1/notes", "", body).await.0), 401);
    assert_eq!(status(&world.post("/api/v1/notes", "Authorization: Bearer wrong\r\n", body).await.0), 403);
    for body in [
        "",
        r#"{"text":"x"}"#,
        r#"{"text":"","by":"ann"}"#,
        r#"{"text":"two\nlines","by":"ann"}"#,
        r#"{"text":"x","by":""}"#,
        r#"{"text":"x","by":"ann","at":1}"#,
        &format!(r#"{{"text":"{}","by":"ann"}}"#, "a".repeat(501)),
    ] {
        assert_eq!(status(&world.post("/api/v1/notes", &bearer(), body).await.0), 400, "{body}");
    }
    assert!(world.commands.try_recv().is_err());
    let (head, said) = world.post("/api/v1/notes", &bearer(), body).await;
    assert_eq!((status(&head), said.as_str()), (202, r#"{"noted":true}"#));
    // There is room for one, and nobody has taken it.
    assert_eq!(status(&world.post("/api/v1/notes", &bearer(), body).await.0), 503);
    let taken = world.commands.try_recv().unwrap();
    assert!(
        matches!(&taken, Command::Note { by, text } if by == "ann" && text == "reset wave-1 of fleet lamps")
    );
    world.stop().await;
}

#[tokio::test]
async fn a_canary_checks_in_with_its_token_and_not_too_often() {
    let mut world = World::start(Some(TOKEN)).await;
    let own = "Authorization: Bearer of the lobby\r\n";
    let body = r#"{"canary":"lobby-thermostat","side":"new"}"#;
    let post = async |headers: &str, body: &str| {
        let (head, said) = world.post("/api/v1/checkin", headers, body).await;
        (status(&head), said)
    };
    assert_eq!(post("", body).await.0, 401);
    assert_eq!(post("Authorization: Bearer wrong\r\n", body).await.0, 403);
    assert_eq!(post("Authorization: Bearer wrong\r\n", r#"{"canary":"nobody"}"#).await.0, 403);
    assert_eq!(post(own, r#"{"canary":"van-gateway"}"#).await.0, 403, "another canary's");
    for body in ["", "{}", r#"{"canary":"lobby-thermostat","side":"left"}"#, &"x".repeat(4_000)] {
        assert_eq!(post(own, body).await.0, 400, "{body}");
    }
    assert_eq!(post(own, &"x".repeat(5_000)).await.0, 413);
    let (code, said) = post(own, r#"{"canary":"looby-thermostat"}"#).await;
    assert_eq!(code, 404);
    assert!(
        said.contains("no canary `looby-thermostat` checks in here: did you mean `lobby-thermostat`?"),
        "{said}"
    );
    assert_eq!(post(own, body).await, (204, String::new()));
    assert_eq!(post(own, body).await.0, 429);
    // Its place in the queue is taken, and whoever may command may check in for any of them.
    assert_eq!(post(&bearer(), r#"{"canary":"van-gateway"}"#).await.0, 503);
    let Ok(Command::CheckIn(seen)) = world.commands.try_recv() else { unreachable!("it was handed on") };
    assert_eq!((&*seen.canary, seen.side, seen.told_at), ("lobby-thermostat", Some(Side::New), None));
    world.stop().await;
}

#[tokio::test]
async fn hostile_requests_are_refused_and_harm_nobody() {
    let mut world = World::start(Some(TOKEN)).await;
    for body in [
        "",
        "{",
        r#"{"phase":"go"}"#,
        r#"{"phase":"gone","by":"ann"}"#,
        r#"{"phase":"go","by":""}"#,
        r#"{"phase":"go","by":"a\nb"}"#,
        r#"{"phase":"go","by":"ann","x":1}"#,
        &format!(r#"{{"phase":"go","by":"{}"}}"#, "a".repeat(81)),
        &"[".repeat(4000),
    ] {
        let (head, words) = world.post("/api/v1/phase", &bearer(), body).await;
        assert_eq!(status(&head), 400, "{body}: {words}");
        assert!(words.starts_with("{\"error\":"), "{words}");
    }
    assert_eq!(status(&world.post("/api/v1/phase", &bearer(), &"x".repeat(100_000)).await.0), 413);
    for path in
        ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/v1/state/", "/metrics%00", "//evil.example/"]
    {
        let (head, body) = world.get(path).await;
        assert_eq!(status(&head), 404, "{path}");
        assert!(head.contains("nosniff") && body.is_empty(), "{path}: {body}");
    }
    assert_eq!(status(&world.get("/api/v1/phase").await.0), 405);
    let huge = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "x".repeat(64 * 1024));
    assert_eq!(status(&world.raw(huge.as_bytes()).await.0), 431);
    for garbage in [&b"\0\xff\xfe garbage\r\n\r\n"[..], b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n"] {
        let (head, _) = world.raw(garbage).await;
        assert!(head.is_empty() || status(&head) == 400, "{head}");
    }
    assert!(world.commands.try_recv().is_err());
    assert_eq!(status(&world.get("/healthz").await.0), 200);
    world.stop().await;
}

#[tokio::test]
async fn an_open_connection_does_not_hold_up_the_end() {
    let world = World::start(None).await;
    let mut idle = TcpStream::connect(world.at).await.unwrap();
    idle.write_all(b"GET / HTT").await.unwrap();
    tokio::time::timeout(Duration::from_secs(20), world.stop()).await.unwrap();
}
