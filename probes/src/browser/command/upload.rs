//! Puts a file into a file field.

use std::path::Path;

use chromiumoxide::cdp::browser_protocol::dom::SetFileInputFilesParams;
use chromiumoxide::cdp::js_protocol::runtime::EvaluateParams;
use cutover::AbortCause;
use serde_json::json;

use crate::browser::page::{Act, Page};
use crate::{Fault, ProbeError};

/// A file field is often hidden behind a button of the page's own: it need not be seen.
const FIELD: &str = "(selector) => {
  const found = find(selector, 'file');
  if (!found.element) return found;
  return found.element.type === 'file' ? { ok: true } : { bad: `${named(found.element)} is no file field` };
}";

pub(super) async fn perform(
    page: &mut Page,
    act: Act,
    selector: &str,
    file: &Path,
) -> Result<(), ProbeError> {
    let local = |why: String| page.failure(Fault::Aborted(AbortCause::Local), why);
    let file = tokio::fs::canonicalize(file).await;
    let file = file.map_err(|error| local(format!("the file cannot be read: {error}")))?;
    page.ready(act, FIELD, &[json!(selector)]).await?;
    let tab = page.tab().clone();
    let field = EvaluateParams::new(format!("document.querySelector({})", json!(selector)));
    page.told(act, async {
        let object = tab.execute(field).await?.result.result.object_id;
        let params = SetFileInputFilesParams {
            object_id: object,
            ..SetFileInputFilesParams::new(vec![file.display().to_string()])
        };
        tab.execute(params).await.map(drop)
    })
    .await?;
    page.settled(act).await
}
