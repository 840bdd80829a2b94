//! What does not go well is told with its kind, and with what the page shows instead.

use cutover::{AbortCause, FailureKind, Route};
use probes::Fault;
use probes::browser::{Command, Wait};

use crate::site::{OLD, Site};
use crate::support::{Bench, HOST, click, fail, fill, goto, perform};

fn failed(kind: FailureKind) -> Fault {
    Fault::Failed(kind)
}

#[tokio::test]
async fn elements_that_are_not_as_they_are_needed() {
    let Some(bench) = Bench::new() else { return };
    let site = Site::start(OLD, 0, "old").await;
    let url = format!("http://{HOST}:{}/", site.at.port());
    let mut page = bench.open(Route::Old).await;
    let shows = format!("; the page shows \"Sign in\" at {url}");
    for (command, fault, message) in [
        (
            click("#none"),
            failed(FailureKind::Assertion),
            "click `#none`: there is no such element, after 1.5s",
        ),
        (
            click("#gone"),
            failed(FailureKind::Assertion),
            "click `#gone`: it is there, and cannot be seen, after 1.5s",
        ),
        (click("#off"), failed(FailureKind::Assertion), "click `#off`: it is disabled, after 1.5s"),
        (click("#["), Fault::Aborted(AbortCause::Script), "click `#[`: it is no CSS selector"),
        (fill("#go", "x"), failed(FailureKind::Assertion), ""),
        (
            Command::Wait(Wait::Text("Home".to_owned())),
            failed(FailureKind::Assertion),
            "wait for the text \"Home\": the page does not say it, after 1.5s",
        ),
        (
            Command::Evaluate("nothing.at.all".to_owned()),
            failed(FailureKind::Assertion),
            "evaluate: it threw ReferenceError: nothing is not defined",
        ),
        (Command::Evaluate("this is (".to_owned()), Fault::Aborted(AbortCause::Script), ""),
        (Command::Press("Enteer".to_owned()), Fault::Aborted(AbortCause::Script), ""),
    ] {
        perform(&mut page, &[goto(&url)]).await.unwrap();
        let error = fail(&mut page, &[command]).await;
        if !message.is_empty() {
            assert_eq!(error.message, format!("{message}{shows}"));
            assert_eq!(error.fault, fault, "{error}");
        }
    }
    perform(&mut page, &[goto(&format!("{url}things"))]).await.unwrap();
    let error = fail(&mut page, &[click("#under")]).await;
    assert!(error.message.starts_with("click `#under`: <div id=\"over\"> lies over it"), "{error}");
    // What a page was answered with explains what it does not show.
    let error = fail(&mut page, &[goto(&format!("{url}broken")), click("#go")]).await;
    assert_eq!(error.fault, failed(FailureKind::Status), "{error}");
    assert!(error.message.ends_with("which was answered with 500"), "{error}");
    let evidence = page.evidence().await;
    assert!(evidence.screenshot.unwrap().starts_with(b"\x89PNG"));
    assert!(String::from_utf8_lossy(&evidence.html).contains("Oops"));
    let entries = evidence.har["log"]["entries"].as_array().unwrap().clone();
    let last = entries.iter().rfind(|entry| entry["request"]["url"].as_str().unwrap().ends_with("/broken"));
    let last = last.unwrap();
    assert_eq!((&last["response"]["status"], &last["serverIPAddress"]), (&500.into(), &"127.0.1.1".into()));
    page.close().await;
    bench.end().await;
}

#[tokio::test]
async fn pages_that_do_not_come() {
    let Some(bench) = Bench::new() else { return };
    let site = Site::start(OLD, 0, "old").await;
    let url = format!("http://{HOST}:{}/", site.at.port());
    let mut page = bench.open(Route::Old).await;
    let error = fail(&mut page, &[goto(&format!("http://{HOST}:1/"))]).await;
    assert_eq!(error.fault, Fault::Aborted(AbortCause::Script), "{error}");
    let error = fail(&mut page, &[goto(&format!("http://{HOST}:9/"))]).await;
    assert_eq!(error.fault, Fault::Aborted(AbortCause::Script), "{error}");
    let free = Site::start(OLD, 0, "gone").await.at.port();
    let error = fail(&mut page, &[goto(&format!("http://{HOST}:{free}/"))]).await;
    assert_eq!(error.fault, failed(FailureKind::Refused), "{error}");
    let error = fail(&mut page, &[goto(&format!("https://{HOST}:{}/", site.at.port()))]).await;
    assert_eq!(error.fault, failed(FailureKind::Tls), "{error}");
    let error = fail(&mut page, &[goto("http://nowhere.invalid/")]).await;
    assert_eq!(error.fault, failed(FailureKind::Resolve), "{error}");
    let error = fail(&mut page, &[goto(&format!("{url}file"))]).await;
    assert_eq!(error.fault, failed(FailureKind::Protocol), "{error}");
    for hanging in ["hang", "hanging-image"] {
        let error = fail(&mut page, &[goto(&format!("{url}{hanging}"))]).await;
        assert_eq!(error.fault, failed(FailureKind::Timeout), "{error}");
    }
    // After all that, the same user goes on.
    let visit = perform(&mut page, &[goto(&url)]).await.unwrap();
    assert_eq!(visit.title, "Sign in");
    page.close().await;
    bench.end().await;
}

#[tokio::test]
async fn who_was_not_reached_is_not_taken_for_the_page_before() {
    let Some(bench) = Bench::new() else { return };
    let site = Site::start(OLD, 0, "old").await;
    let url = format!("http://{HOST}:{}/", site.at.port());
    let gone = format!("http://{HOST}:{}/", Site::start(OLD, 0, "gone").await.at.port());
    let link = |to: &str| {
        Command::Evaluate(format!("document.body.innerHTML = '<a id=\"away\" href=\"{to}\">away</a>'; 1"))
    };
    let mut page = bench.open(Route::Old).await;
    for nobody in ["http://nowhere.invalid/", &gone] {
        perform(&mut page, &[goto(&url)]).await.unwrap();
        let error = fail(&mut page, &[goto(nobody)]).await;
        assert_eq!(error.peer, None, "{error}");
        // Nor is it there for what is done next, without a page.
        assert_eq!(fail(&mut page, &[click("#none")]).await.peer, None);
        perform(&mut page, &[goto(&url)]).await.unwrap();
        let error = fail(&mut page, &[link(nobody), click("#away")]).await;
        assert_eq!(error.peer, None, "{error}");
    }
    for silent in ["hang", "hanging-image"] {
        perform(&mut page, &[goto(&url)]).await.unwrap();
        let error = fail(&mut page, &[goto(&format!("{url}{silent}"))]).await;
        // Of one that hangs in the middle it is known who it was.
        assert_eq!(error.peer, Some(site.at).filter(|_| silent == "hanging-image"), "{error}");
    }
    perform(&mut page, &[goto(&url)]).await.unwrap();
    assert_eq!(fail(&mut page, &[click("#none")]).await.peer, Some(site.at));
    page.close().await;
    bench.end().await;
}

#[tokio::test]
async fn pages_that_say_too_much_or_never_stop() {
    let Some(bench) = Bench::new() else { return };
    let site = Site::start(OLD, 0, "old").await;
    let url = format!("http://{HOST}:{}/", site.at.port());
    let mut page = bench.open(Route::Old).await;
    let visit = perform(&mut page, &[goto(&format!("{url}big"))]).await.unwrap();
    assert_eq!(visit.html.len(), 4 << 20);
    assert!(visit.cut_from.unwrap() > 6 << 20);

    let read = Command::Evaluate(
        "new Promise(r => setInterval(() => document.title === 'read' && r(), 20))".to_owned(),
    );
    perform(&mut page, &[goto(&format!("{url}noise")), read]).await.unwrap();
    let console = page.evidence().await.console;
    assert!(
        console.len() <= 200 && console.iter().all(|line| line.chars().count() < 400),
        "{}",
        console.len()
    );
    assert!(console.contains(&"dialog: read me".to_owned()), "{console:?}");
    assert!(console.iter().any(|line| line.contains("thrown by the page")), "{console:?}");

    let error = fail(&mut page, &[goto(&format!("{url}busy")), click("#none")]).await;
    assert_eq!(error.fault, failed(FailureKind::Timeout), "{error}");
    let visit = perform(&mut page, &[goto(&url)]).await.unwrap();
    assert_eq!(visit.title, "Sign in");
    page.close().await;
    bench.end().await;
}

#[tokio::test]
async fn a_page_whose_process_dies_is_our_own_fault() {
    let Some(bench) = Bench::new() else { return };
    let site = Site::start(OLD, 0, "old").await;
    let mut page = bench.open(Route::Old).await;
    let error = fail(&mut page, &[goto("chrome://crash")]).await;
    assert_eq!(error.fault, Fault::Aborted(AbortCause::Local), "{error}");
    assert!(error.message.contains("process in the browser died"), "{error}");
    let visit = perform(&mut page, &[goto(&format!("http://{HOST}:{}/", site.at.port()))]).await.unwrap();
    assert_eq!(visit.title, "Sign in");
    page.close().await;
    bench.end().await;
}
