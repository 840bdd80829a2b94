//! Keeps what is to be seen.

use cutover::FailureKind;
use tokio::time::timeout_at;

use crate::browser::page::{Act, Page};
use crate::{Fault, ProbeError};

pub(super) async fn perform(page: &mut Page, act: Act, name: &str) -> Result<(), ProbeError> {
    match timeout_at(act.until, page.picture()).await {
        Ok(Ok(png)) => {
            page.keep_picture(name, png);
            Ok(())
        }
        Ok(Err(why)) => Err(page.lost(&why)),
        Err(_) => {
            let message = format!("the page was not painted within {:?}", act.given);
            Err(page.failure(Fault::Failed(FailureKind::Timeout), message))
        }
    }
}
