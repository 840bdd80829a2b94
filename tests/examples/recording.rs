//! What a user of the world did, recorded as a browser records it, becomes a journey that passes in that world.

use std::fs;

use serde_json::{Value, json};

use crate::example::examples;
use crate::folder::ACCOUNT;
use crate::https::{Answer, asked};
use crate::stage::{OLD, Stage};

/// Asks, and keeps what was said, as in a recording (HAR 1.2).
struct Recorder<'s> {
    stage: &'s Stage,
    entries: Vec<Value>,
}

impl Recorder<'_> {
    /// `line` is `METHOD HOST PATH`; the body has its type beside it.
    async fn ask(&mut self, line: &str, header: Option<(&str, &str)>, body: Option<(&str, &str)>) -> Answer {
        let words: Vec<_> = line.split(' ').collect();
        let [method, host, path] = words[..] else { unreachable!("{line}") };
        let places = self.stage.places();
        let host = format!("{host}.acme.example");
        let at = format!("{host}:{}", places.https);
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n");
        if let Some((name, value)) = header {
            head += &format!("{name}: {value}\r\n");
        }
        if let Some((mime, text)) = body {
            head += &format!("content-type: {mime}\r\ncontent-length: {}\r\n", text.len());
        }
        let text = body.map(|(_, text)| text).unwrap_or_default();
        let ca = fs::read(&places.ca).unwrap();
        let answer = asked((OLD, places.https), &host, &ca, &format!("{head}\r\n{text}")).await;
        let named = |(name, value): (&str, &str)| json!({ "name": name, "value": value });
        let headers = answer.headers.iter().map(|(name, value)| named((name, value)));
        self.entries.push(json!({
            "request": {
                "method": method,
                "url": format!("https://{at}{path}"),
                "headers": header.map(named).into_iter().collect::<Vec<_>>(),
                "postData": body.map(|(mime, text)| json!({ "mimeType": mime, "text": text })),
            },
            "response": {
                "status": answer.status,
                "headers": headers.collect::<Vec<_>>(),
                "content": { "mimeType": answer.header("content-type"), "text": answer.body },
            },
        }));
        answer
    }
}

/// What is done at the API, and at the console.
async fn recorded(stage: &Stage) -> Value {
    let mut recorder = Recorder { stage, entries: Vec::new() };
    let (email, password) = ACCOUNT;
    let account = json!({ "email": email, "password": password }).to_string();
    let session = recorder.ask("POST api /sessions", None, Some(("application/json", &account))).await.json();
    let (token, user) = (session["token"].as_str().unwrap(), session["user"]["id"].as_str().unwrap());
    let token = format!("Bearer {token}");
    let token = Some(("authorization", token.as_str()));
    let point = json!({ "name": "temperature", "value": 21.5 }).to_string();
    recorder.ask("POST api /datapoints", token, Some(("application/json", &point))).await;
    recorder.ask(&format!("GET api /datapoints?user={user}"), token, None).await;

    recorder.ask("GET console /console", None, None).await;
    let form = format!("email={}&password={password}", email.replace('@', "%40"));
    let form = Some(("application/x-www-form-urlencoded", form.as_str()));
    let answer = recorder.ask("POST console /console/sign-in", None, form).await;
    let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).unwrap();
    recorder.ask("GET console /console/home", Some(("cookie", cookie)), None).await;
    json!({ "log": { "version": "1.2", "creator": { "name": "tests" }, "entries": recorder.entries } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_becomes_a_journey_that_passes() {
    let stage = Stage::start().await;
    stage.write("recording.har", &recorded(&stage).await.to_string());
    stage.succeeds(&["import", "har", "recording.har", "--out", "journeys/recorded.yaml"]).await;
    let journey = stage.read("journeys/recorded.yaml");
    assert!(!journey.contains(ACCOUNT.1), "{journey}");
    let shown = examples().into_iter().find(|example| example.file == "journeys/recording.yaml").unwrap();
    for step in shown.shown.split("steps:\n").nth(1).unwrap().split("\n\n") {
        assert!(journey.contains(step), "the reference shows\n{step}\nin:\n{journey}");
    }
    let once = ["once", "journeys/recorded.yaml", "--config", "serin.yaml", "--route", "all"];
    let said = stage.succeeds(&once).await;
    assert!(said.contains("3 runs: 3 passed"), "{said}\nof\n{journey}");
    stage.end().await;
}
