//! Every query and predicate, asked of a real answer: what holds, and how what does not is told.

use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::response::{AppendHeaders, Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
use cutover::Outcome;
use journeys::{Run, RunContext};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::unmet::unmet;

const PAGE: &str = "<!doctype html><title>Acme</title><h1> Good <b>day</b></h1>\
    <input name=token value=abc123><ul id=menu><li><a href=/home>Home</a><li class=on><a href=/out>Out</a></ul>\
    <p>order 17 of robin</p>";

struct World {
    context: RunContext,
    servers: [JoinHandle<()>; 2],
}

impl Drop for World {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

async fn start() -> World {
    let (old, new) = crate::support::both_sides().await;
    let context = crate::support::context(old.local_addr().unwrap().port()).await;
    let serve = |listener| tokio::spawn(async move { axum::serve(listener, app()).await.unwrap() });
    World { context, servers: [serve(old), serve(new)] }
}

fn app() -> Router {
    let order = || async {
        let now = chrono::Utc::now();
        let body = json!({
            "id": "67e55044-10b1-426f-9247-bb680e5fe0c8", "number": 17, "price": 21.50, "state": "open", "open": true,
            "at": now.to_rfc3339(), "seconds": now.timestamp(), "mail": "robin@acme.example", "gone": null,
            "link": "https://acme.example/17", "from": "192.0.2.1", "note": "",
            "items": [{ "id": 1, "at": "x", "name": "pen" }, { "id": 2, "at": "y", "name": "ink" }],
        });
        let headers = [("x-count", "2"), ("set-cookie", "SID=abc; Path=/; HttpOnly")];
        (AppendHeaders(headers), Json(body)).into_response()
    };
    Router::new()
        .route("/order", get(order))
        .route("/page", get(|| async { Html(PAGE) }))
        .route("/bytes", get(|| async { ([(CONTENT_TYPE, "application/octet-stream")], "abc") }))
        .route("/cookies", get(|| async { AppendHeaders([(SET_COOKIE, "a=1"), (SET_COOKIE, "a=2")]) }))
}

async fn ask(path: &str, expect: &str) -> Run {
    let world = start().await;
    let yaml = format!(
        "journey: j\nvars: {{ two: '2' }}\nsteps:\n  - name: ask\n    http: GET {{{{ api }}}}/{path}\n    expect:\n{expect}"
    );
    crate::support::run(&world.context, &yaml).await
}

async fn passes(path: &str, expect: &[&str]) {
    let lines: String = expect.iter().map(|line| format!("      - {line}\n")).collect();
    let run = ask(path, &lines).await;
    assert_eq!((&run.outcome, &*run.detail), (&Outcome::Passed, ""));
}

#[tokio::test]
async fn what_is_asked_of_a_document_holds() {
    let expect = [
        "status one-of 200 201",
        "header x-count is integer",
        "header x-count == {{ two }}",
        "header x-count one-of 1 2",
        "header date within 1m",
        "not header x-none exists",
        "cookie SID == abc",
        "json $.id is uuid",
        "json $.number is integer",
        "not json $.price is integer",
        "json $.price is number",
        "json $.open is boolean",
        "json $.at is date",
        "json $.at within 1m",
        "json $.seconds within 1m",
        "json $.mail is email",
        "json $.link is url",
        "json $.from is ipv4",
        "json $.gone is null",
        "json $.items is list",
        "json $ is object",
        "json $.note empty",
        "not json $.none empty",
        "json $.state one-of open closed",
        "json $.items count == {{ two }}",
        "json $.items[*].id count >= 2",
        "'json $.items[?@.name == \"pen\"] count == 1'",
        "'json $.items[?@.name == \"cap\"] empty'",
        "json $.items[*].name contains ink",
        "bytes > 100",
        "regex /\"number\":(\\d+)/ == 17",
        "duration.connect < 5s",
        "duration.transfer < 5s",
        "redirects == 0",
        "{ json: '$.items[0]', equals: { id: 1.0, name: pen }, ignoring: $.at }",
        "{ json: $.items, equals: [{ name: pen }, { name: ink }], ignoring: ['$[*].at', '$..id'] }",
        "not: { json: $.items, equals: [] }",
    ];
    passes("order", &expect).await;
}

#[tokio::test]
async fn what_is_asked_of_a_page_holds() {
    let expect = [
        "css title == Acme",
        "css h1 == \"Good day\"",
        "css \"#menu li\" count == 2",
        "css \"#menu a\" contains Out",
        "css \"#menu li.on a\" @href == /out",
        "css input[name=token] @value matches /^[a-z0-9]+$/",
        "css .error empty",
        "not css h2 exists",
        "regex /order \\d+/ == \"order 17\"",
        "body contains robin",
        "not body empty",
    ];
    passes("page", &expect).await;
    let digest = "sha256 == ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    passes("bytes", &["bytes == 3", digest]).await;
    passes("cookies", &["cookie a == 2", "not cookie b exists", "body empty"]).await;
}

#[tokio::test]
async fn what_is_saved_keeps_its_shape() {
    let world = start().await;
    let yaml = r##"journey: j
steps:
  - name: page
    http: GET {{ api }}/page
    save:
      token: css input[name=token] @value
      menu: 'css "#menu a"'
      order: regex /order (?<number>\d+) of (?<who>\w+)/
      size: bytes
  - name: check
    http: GET {{ api }}/order
    headers: { x-all: "{{ token }} {{ menu[1] }} {{ order.who }} {{ size }}" }
    expect:
      - json $.number >= {{ order.number }}
      - json $.items count < {{ size }}
"##;
    let run = crate::support::run(&world.context, yaml).await;
    assert_eq!((&run.outcome, &*run.detail), (&Outcome::Passed, ""));
}

#[tokio::test]
async fn what_does_not_hold_is_told_in_one_form() {
    let expect = r#"      - status one-of 201 204
      - json $.state is uuid
      - json $.items count == 3
      - 'json $.items[?@.id == 9] count > {{ two }}'
      - json $.none is string
      - json $.gone within 5s
      - cookie SID starts-with x
      - not json $.items empty
      - not json $.items[*].id contains 1
      - header x-count == 3
      - sha256 matches /^0{64}$/
      - css h1 exists
      - bytes == {{ two }}
"#;
    let run = ask("order", expect).await;
    let told: Vec<_> =
        unmet(&run).iter().map(|it| format!("{}: {} / {}", it.text, it.expected, it.actual)).collect();
    let told: Vec<_> =
        told.iter().filter(|line| !line.starts_with("sha256") && !line.starts_with("bytes")).collect();
    let wanted = [
        "status one-of 201 204: one-of 201 204 / 200",
        "json $.state is uuid: is uuid / \"open\"",
        "json $.items count == 3: count == 3 / 2",
        "json $.items[?@.id == 9] count > {{ two }}: count > 2 / 0",
        "json $.none is string: is string / nothing",
        "json $.gone within 5s: within 5s / null",
        "cookie SID starts-with x: starts-with \"x\" / \"abc\"",
        "not json $.items[*].id contains 1: not contains 1 / [1,2]",
        "header x-count == 3: \"3\" / \"2\"",
        "css h1 exists: exists / nothing",
    ];
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn a_document_is_told_by_its_differences() {
    let expect = r"      - json: $.items
        equals: [{ id: 1, name: pen }, { id: 2, name: pad }, { id: 3, name: ink }]
        ignoring: ['$[*].at']
";
    let run = ask("order", expect).await;
    let unmet = &unmet(&run)[0];
    assert_eq!(&*unmet.text, "json $.items equals the document, ignoring $[*].at");
    assert_eq!((unmet.at.line, unmet.at.column), (7, 15));
    let diff: String = unmet.diff.iter().map(|line| format!("{line}\n")).collect();
    let wanted = r#"  ... 5 lines
    {
      "id": 2,
-     "name": "pad"
-   },
-   {
-     "id": 3,
      "name": "ink"
    }
"#;
    assert_eq!(diff, wanted);
    assert!(run.detail.starts_with("ask: expected json $.items equals the document"), "{}", run.detail);
}
