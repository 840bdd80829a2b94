//! Goes to a page, and waits until it has loaded.

use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::page::NavigateParams;
use cutover::FailureKind;
use tokio::time::{sleep, timeout_at};
use url::Url;

use crate::browser::page::{Act, Page};
use crate::browser::watch::Watch;
use crate::{Fault, ProbeError};

/// A page that gives way to another does so at once.
const SUCCESSION: Duration = Duration::from_millis(300);

pub(super) async fn perform(page: &mut Page, act: Act, url: &Url) -> Result<(), ProbeError> {
    let tab = page.tab().clone();
    let going = async {
        tokio::select! {
            given_up = given_up(page.watch()) => Err(given_up),
            answer = tab.execute(NavigateParams::new(url.as_str())) => Ok(answer),
        }
    };
    match timeout_at(act.until, going).await {
        Ok(Ok(Ok(answer))) => match &answer.result.error_text {
            Some(error) => Err(page.not_loaded(url.as_str(), error)),
            None => page.loaded(act).await,
        },
        Ok(Ok(Err(error))) => Err(page.lost(&error.to_string())),
        // A navigation that was given up still stands in line: the next one has a page of its own.
        Ok(Err(given_up)) => {
            page.worn_out();
            Err(page.not_loaded(&given_up, "net::ERR_ABORTED"))
        }
        Err(_) => {
            page.worn_out();
            let undone = if page.answered_since(act.begun) {
                "its page began, and was not loaded"
            } else {
                "no answer"
            };
            let message = format!("{undone} within {:?}", act.given);
            Err(page.failure(Fault::Failed(FailureKind::Timeout), message))
        }
    }
}

/// Waits until a page is given up, and no other takes its place.
async fn given_up(watch: &Watch) -> String {
    loop {
        watch.until(|seen| seen.given_up.is_some()).await;
        sleep(SUCCESSION).await;
        if let Some(url) = watch.seen().given_up.clone() {
            return url;
        }
    }
}
