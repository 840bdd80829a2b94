//! How many pages and browsers there are.

use std::time::Duration;

use cutover::{AbortCause, Route};
use probes::Fault;

use crate::site::{OLD, Site};
use crate::support::{Bench, HOST, goto, perform, processes, until};

fn browsers(bench: &Bench) -> usize {
    processes(&bench.folder)
        .iter()
        .filter(|line| !line.contains("--type=") && !line.contains("crashpad"))
        .count()
}

#[tokio::test]
async fn pages_share_a_browser_and_wait_for_each_other() {
    let Some(bench) = Bench::with(|settings| settings.pages = 2) else { return };
    let site = Site::start(OLD, 0, "old").await;
    let url = format!("http://{HOST}:{}/", site.at.port());
    let (mut first, mut second) = (bench.open(Route::Old).await, bench.open(Route::Old).await);
    perform(&mut first, &[goto(&url)]).await.unwrap();
    perform(&mut second, &[goto(&url)]).await.unwrap();
    assert_eq!(browsers(&bench), 1);
    let mut third = Box::pin(bench.open(Route::Old));
    let early = tokio::time::timeout(Duration::from_millis(300), &mut third).await;
    assert!(early.is_err());
    first.close().await;
    third.await.close().await;
    // A page that is only dropped is closed all the same.
    drop(second);
    let (first, second) = (bench.open(Route::Old).await, bench.open(Route::Old).await);
    first.close().await;
    second.close().await;
    bench.end().await;
}

#[tokio::test]
async fn a_browser_that_has_grown_gives_way_to_a_new_one() {
    let Some(bench) = Bench::with(|settings| settings.memory = 1) else { return };
    let site = Site::start(OLD, 0, "old").await;
    let url = format!("http://{HOST}:{}/", site.at.port());
    let mut first = bench.open(Route::Old).await;
    let second = bench.open(Route::Old).await;
    assert_eq!(browsers(&bench), 2);
    // The old one serves its page to the end, and ends with it.
    perform(&mut first, &[goto(&url)]).await.unwrap();
    first.close().await;
    until("one browser", || browsers(&bench) == 1).await;
    second.close().await;
    bench.end().await;
}

#[tokio::test]
async fn a_browser_that_is_not_used_ends() {
    let Some(bench) = Bench::with(|settings| settings.idle = Duration::from_millis(400)) else { return };
    let page = bench.open(Route::Old).await;
    page.close().await;
    until("no browser", || processes(&bench.folder).is_empty()).await;
    // And is started again when it is needed.
    bench.open(Route::Old).await.close().await;
    bench.end().await;
}

#[tokio::test]
async fn what_is_no_browser_is_told_with_the_way_out() {
    let Some(bench) = Bench::with(|settings| settings.program = Some("/nowhere/chromium".into())) else {
        return;
    };
    let error = bench.try_open(&crate::support::aim(Route::Old)).await.unwrap_err();
    assert_eq!(error.fault, Fault::Aborted(AbortCause::Local));
    let message = "there is no browser /nowhere/chromium: install chromium, or name it with $SERIN_CHROMIUM or \
                   `browser:` in serin.yaml";
    assert_eq!(error.message, message);
    let Some(bench) = Bench::with(|settings| settings.program = Some("/bin/false".into())) else { return };
    let error = bench.try_open(&crate::support::aim(Route::Old)).await.unwrap_err();
    assert!(
        error.message.starts_with("the browser /bin/false did not start: it ended with exit status: 1"),
        "{error}"
    );
    bench.end().await;
}
