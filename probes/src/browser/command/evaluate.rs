//! Evaluates JavaScript.

use cutover::{AbortCause, FailureKind};
use serde_json::Value;
use tokio::time::{sleep, timeout_at};

use crate::browser::page::{Act, Page};
use crate::browser::script::{self, Unanswered};
use crate::{Fault, ProbeError};

/// How much a result may be, as JSON (bytes).
const MOST: usize = 1 << 20;

pub(super) async fn perform(page: &mut Page, act: Act, text: &str) -> Result<(), ProbeError> {
    let value = match timeout_at(act.until, ask(page, text)).await {
        Ok(Ok(value)) => value,
        Ok(Err(Unanswered::Threw(what))) => {
            // A script that is no script never ran.
            let script = what.starts_with("SyntaxError");
            let fault = if script {
                Fault::Aborted(AbortCause::Script)
            } else {
                Fault::Failed(FailureKind::Assertion)
            };
            return Err(page.failure(fault, format!("it threw {what}")));
        }
        Ok(Err(Unanswered::Gone(why))) => return Err(page.lost(&why)),
        Ok(Err(Unanswered::Moved)) | Err(_) => {
            let message = format!("it came to nothing within {:?}", act.given);
            return Err(page.failure(Fault::Failed(FailureKind::Timeout), message));
        }
    };
    let length = value.to_string().len();
    if length > MOST {
        let message = format!("it came to {length} bytes of JSON, and may come to {MOST}");
        return Err(page.failure(Fault::Failed(FailureKind::Assertion), message));
    }
    page.keep(value);
    page.settled(act).await
}

/// A page that is just going elsewhere is asked again there.
async fn ask(page: &Page, text: &str) -> Result<Value, Unanswered> {
    loop {
        match script::evaluate(page.tab(), text.to_owned(), true).await {
            Err(Unanswered::Moved) => sleep(Page::LOOK).await,
            answered => return answered,
        }
    }
}
