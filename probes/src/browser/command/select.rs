//! Chooses from a list.

use serde_json::json;

use crate::ProbeError;
use crate::browser::page::{Act, Page};

const CHOOSE: &str = "(selector, value) => {
  const found = find(selector, 'act');
  const list = found.element;
  if (!list) return found;
  if (list.tagName !== 'SELECT') return { bad: `${named(list)} is no list to choose from` };
  const options = [...list.options];
  const option = options.find((o) => o.value === value) || options.find((o) => o.text.trim() === value.trim());
  if (!option) return { wait: `it has no such option, but ${options.slice(0, 10).map((o) => o.value).join(', ')}` };
  if (option.disabled) return { wait: 'the option is disabled' };
  list.focus();
  option.selected = true;
  list.dispatchEvent(new Event('input', { bubbles: true }));
  list.dispatchEvent(new Event('change', { bubbles: true }));
  return { ok: true };
}";

pub(super) async fn perform(
    page: &mut Page,
    act: Act,
    selector: &str,
    value: &str,
) -> Result<(), ProbeError> {
    page.ready(act, CHOOSE, &[json!(selector), json!(value)]).await?;
    page.settled(act).await
}
