//! Presses a key where the focus is.

use chromiumoxide::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, InsertTextParams,
};
use chromiumoxide::keys::get_key_definition;
use cutover::AbortCause;

use crate::browser::page::{Act, Page};
use crate::{Fault, ProbeError};

/// Whether there is such a key: a single letter, or one of the names that browsers give them (`KeyboardEvent.key`).
pub fn is_key(key: &str) -> bool {
    key.chars().count() == 1 || get_key_definition(key).is_some()
}

pub(super) async fn perform(page: &mut Page, act: Act, key: &str) -> Result<(), ProbeError> {
    let tab = page.tab().clone();
    let Some(known) = get_key_definition(key) else {
        if key.chars().count() == 1 {
            // No key of an American keyboard: it is written as an input method would.
            return page.told(act, async { tab.execute(InsertTextParams::new(key)).await.map(drop) }).await;
        }
        let message =
            "there is no such key; a letter, or one such as Enter, Tab, Escape, ArrowDown".to_owned();
        return Err(page.failure(Fault::Aborted(AbortCause::Script), message));
    };
    // Enter writes an end of line, which is what submits a form.
    let text = known.text.or((known.key.chars().count() == 1).then_some(known.key));
    let event = |r#type| DispatchKeyEventParams {
        key: Some(known.key.to_owned()),
        code: Some(known.code.to_owned()),
        windows_virtual_key_code: Some(known.key_code),
        native_virtual_key_code: Some(known.key_code),
        ..DispatchKeyEventParams::new(r#type)
    };
    let down = match text {
        Some(text) => {
            DispatchKeyEventParams { text: Some(text.to_owned()), ..event(DispatchKeyEventType::KeyDown) }
        }
        None => event(DispatchKeyEventType::RawKeyDown),
    };
    let up = event(DispatchKeyEventType::KeyUp);
    page.told(act, async {
        tab.execute(down).await?;
        tab.execute(up).await.map(drop)
    })
    .await?;
    page.settled(act).await
}
