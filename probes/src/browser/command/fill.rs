//! Writes into a field, in place of what is in it.

use chromiumoxide::cdp::browser_protocol::input::InsertTextParams;
use serde_json::json;

use crate::ProbeError;
use crate::browser::page::{Act, Page};

/// Focuses the field and marks what is in it, so that what is written takes its place.
const FOCUS: &str = "(selector, text) => {
  const found = find(selector, 'act');
  const field = found.element;
  if (!field) return found;
  if (field.readOnly) return { wait: 'it is read-only' };
  field.focus();
  if (field.isContentEditable) { getSelection().selectAllChildren(field); return { ok: true }; }
  if (!('value' in field) || field.tagName === 'SELECT') return { bad: `${named(field)} is no field to write into` };
  if (['date', 'time', 'month', 'week', 'datetime-local', 'color', 'range'].includes(field.type)) {
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
    return { ok: false };
  }
  field.select();
  if (text === '' && field.value !== '') {
    field.value = '';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return { ok: text !== '' };
}";

pub(super) async fn perform(page: &mut Page, act: Act, selector: &str, text: &str) -> Result<(), ProbeError> {
    let write = page.ready(act, FOCUS, &[json!(selector), json!(text)]).await?;
    if write.as_bool() == Some(true) {
        let tab = page.tab().clone();
        page.told(act, async { tab.execute(InsertTextParams::new(text)).await.map(drop) }).await?;
    }
    Ok(())
}
