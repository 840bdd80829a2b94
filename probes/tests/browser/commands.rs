//! Each command does what its user would.

use cutover::{Reached, Route};
use probes::browser::{Command, Wait};
use regex::Regex;
use serde_json::json;

use crate::site::{NEW, OLD, Site};
use crate::support::{Bench, HOST, click, file, fill, goto, perform};

#[tokio::test]
async fn a_sign_in_by_form() {
    let Some(bench) = Bench::new() else { return };
    let site = Site::start(OLD, 0, "old").await;
    let mut page = bench.open(Route::Old).await;
    let url = format!("http://{HOST}:{}/", site.at.port());
    let visit = perform(&mut page, &[goto(&url)]).await.unwrap();
    assert_eq!((visit.title.as_str(), visit.status.unwrap().as_u16()), ("Sign in", 200));
    assert_eq!(visit.headers.get("x-served-by").unwrap(), "old");
    assert_eq!((visit.peer, visit.reached), (Some(site.at), Some(Reached::Old)));
    assert!(visit.parts.wait.is_some() && visit.vitals.ttfb.is_some(), "{visit:?}");
    assert!(visit.vitals.fcp.is_some() && visit.vitals.lcp.is_some(), "{:?}", visit.vitals);
    assert_eq!(site.header("x-serin-run"), "run-7");
    assert!(site.header("user-agent").ends_with(" serin/test"), "{}", site.header("user-agent"));

    let commands = [
        fill("[name=user]", "ann"),
        fill("[name=password]", "let \"me\" in"),
        click("#go"),
        Command::Wait(Wait::Selector("#list li".to_owned())),
        Command::Evaluate(
            "const items = [...document.querySelectorAll('li')]; await 0; items.map(i => i.textContent)"
                .to_owned(),
        ),
    ];
    let visit = perform(&mut page, &commands).await.unwrap();
    assert_eq!((visit.title.as_str(), visit.json), ("Home", Some(json!(["one", "two"]))));
    assert!(visit.url.ends_with("/home"), "{}", visit.url);
    assert!(String::from_utf8_lossy(&visit.html).contains("<li>two</li>"));
    // Another user has nothing of the first one's.
    let mut other = bench.open(Route::Old).await;
    let visit = perform(&mut other, &[goto(&format!("{url}home"))]).await.unwrap();
    assert_eq!(visit.title, "Sign in");
    page.close().await;
    other.close().await;
    bench.end().await;
}

#[tokio::test]
async fn waiting_is_for_text_elements_addresses_and_an_idle_network() {
    let Some(bench) = Bench::new() else { return };
    let site = Site::start(NEW, 0, "new").await;
    let mut page = bench.open(Route::New).await;
    let commands = [
        goto(&format!("http://{HOST}:{}/late", site.at.port())),
        Command::Wait(Wait::Text("now".to_owned())),
        Command::Wait(Wait::Url(Regex::new("/late/now$").unwrap())),
        Command::Wait(Wait::Selector("#b".to_owned())),
        Command::Wait(Wait::Idle),
    ];
    let visit = perform(&mut page, &commands).await.unwrap();
    assert_eq!(visit.reached, Some(Reached::New));
    page.close().await;
    bench.end().await;
}

#[tokio::test]
async fn lists_files_keys_dates_and_what_is_far_down() {
    let Some(bench) = Bench::new() else { return };
    let site = Site::start(OLD, 0, "old").await;
    let mut page = bench.open(Route::Old).await;
    let upload = file();
    let says = |text: &str| Command::Wait(Wait::Text(text.to_owned()));
    let commands = [
        goto(&format!("http://{HOST}:{}/things", site.at.port())),
        Command::Select { selector: "#size".to_owned(), value: "Large".to_owned() },
        says("l"),
        Command::Upload { selector: "#file".to_owned(), file: upload.path().to_owned() },
        says("hello from a file"),
        fill("#day", "2026-11-22"),
        fill("#note", "new"),
        fill("#keys", "abc"),
        Command::Press("ArrowLeft".to_owned()),
        Command::Press("x".to_owned()),
        Command::Press("\u{fc}".to_owned()),
        Command::Press("Enter".to_owned()),
        says("entered abx\u{fc}c"),
        click("#far"),
        says("far"),
        Command::Evaluate("({ day: day.value, note: note.textContent })".to_owned()),
        Command::Screenshot("end".to_owned()),
    ];
    let visit = perform(&mut page, &commands).await.unwrap();
    assert_eq!(visit.json, Some(json!({"day": "2026-11-22", "note": "new"})));
    let pictures = page.pictures();
    assert_eq!((pictures.len(), pictures[0].0.as_str()), (1, "end"));
    assert!(pictures[0].1.starts_with(b"\x89PNG\r\n\x1a\n") && pictures[0].1.len() > 1000);
    page.close().await;
    bench.end().await;
}
