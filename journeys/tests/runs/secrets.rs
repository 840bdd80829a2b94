//! What must not be seen is not, whatever the target makes of it.

use std::fs;
use std::path::Path;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journeys::{Journey, Known, Run, Secrets};
use tempfile::TempDir;
use url::form_urlencoded::byte_serialize;

use crate::support::{both_sides, context};

const SECRET: &str = "hunter2 \"of\" acmé/+";

/// Gives back all that it was sent, in many forms.
async fn echo(headers: HeaderMap, body: String) -> String {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let key = headers.get("x-key").map_or("", |value| value.to_str().unwrap_or_default());
    let percent: String = byte_serialize(SECRET.as_bytes()).collect();
    let basic = STANDARD.encode(format!("ann:{SECRET}"));
    format!(
        "{{\"token\": \"tok-4711\", \"body\": {}, \"key\": {}, \"percent\": {}, \"basic\": \"{basic}\", \"plain\": {}}}",
        json(&body),
        json(key),
        json(&percent),
        json(SECRET),
    )
}

async fn run(yaml: &str) -> (Run, TempDir) {
    let (old, _new) = both_sides().await;
    let port = old.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        axum::serve(old, Router::new().route("/echo", post(echo))).await.unwrap();
    });
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key.txt"), format!("{SECRET}\n")).unwrap();
    let context = context(port).await;
    let file = folder.path().join("journey.yaml");
    let known = Known { vars: &context.vars, secrets: &Secrets::default() };
    let journey = Journey::parse(yaml, file.to_str().unwrap(), known);
    let run = journey.unwrap_or_else(|rejected| panic!("{rejected}")).run(&context).await;
    server.abort();
    (run, folder)
}

/// All that is told of a run.
fn told(run: &Run) -> String {
    format!("{run:?}")
}

#[tokio::test]
async fn no_secret_is_in_anything_that_is_told_of_a_run() {
    let yaml = r#"
journey: j
secrets: { key: { file: key.txt } }
vars: { greeting: "hello {{ secret.key }}" }
steps:
  - name: echo
    http: POST {{ api }}/echo
    json: { key: "{{ secret.key }}", greeting: "{{ greeting }}" }
    save: { token: secret json $.token }
    expect:
      - body == "{{ secret.key }}"
      - json $.body contains nothing-of-it
      - json $.percent == "{{ secret.key }}"
      - json $.basic == {{ greeting }}
      - json $.plain == 7
      - json $ == 8
      - json $.token == 9
"#;
    let (run, _folder) = run(yaml).await;
    let told = told(&run);
    assert!(told.contains("[secret.key]") && told.contains("[token]"), "{told}");
    for piece in ["hunter2", "acm", "tok-4711", "YW5u", "of%22"] {
        assert!(!told.contains(piece), "{piece} is in {told}");
    }
}

#[tokio::test]
async fn a_secret_that_is_learned_late_is_taken_out_of_what_was_told_before() {
    let yaml = r#"
journey: j
steps:
  - name: echo
    http: POST {{ api }}/echo
    expect: [json $.token == other]
finally:
  - name: learn
    http: POST {{ api }}/echo
    save: { token: secret json $.token }
"#;
    let (run, _folder) = run(yaml).await;
    let miss = run.steps[0].last().unwrap().miss.as_ref().unwrap();
    assert_eq!(miss.unmet[0].actual, "\"[token]\"");
    assert!(run.detail.contains("[token]") && !told(&run).contains("tok-4711"), "{}", run.detail);
}

#[tokio::test]
async fn a_secret_is_sent_as_it_is() {
    let yaml = r#"
journey: j
secrets: { key: { file: key.txt } }
steps:
  - name: echo
    http: POST {{ api }}/echo
    text: "{{ secret.key }}"
    expect: ['json $.body == "{{ secret.key }}"']
"#;
    let (run, folder) = run(yaml).await;
    assert!(run.detail.is_empty(), "{}", run.detail);
    assert!(Path::new(folder.path()).exists());
}
