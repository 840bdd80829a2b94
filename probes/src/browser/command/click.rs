//! Clicks an element, and waits for the page that it may lead to.

use chromiumoxide::layout::Point;
use serde_json::json;

use crate::ProbeError;
use crate::browser::page::{Act, Page};

/// Where to click; what lies over it is named, for a user could not click through it.
const WHERE: &str = "(selector) => {
  const found = find(selector, 'act');
  if (!found.element) return found;
  const box = found.element.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const hit = document.elementFromPoint(x, y);
  const label = hit && hit.closest('label');
  const own = hit && (found.element.contains(hit) || hit.contains(found.element)
    || (label && label.control === found.element) || hit.getRootNode() !== document);
  if (!own) return { wait: hit ? `${named(hit)} lies over it` : 'it is out of view' };
  return { ok: { x, y } };
}";

pub(super) async fn perform(page: &mut Page, act: Act, selector: &str) -> Result<(), ProbeError> {
    let at = page.ready(act, WHERE, &[json!(selector)]).await?;
    let coordinate = |name: &str| at.get(name).and_then(serde_json::Value::as_f64).unwrap_or_default();
    let point = Point::new(coordinate("x"), coordinate("y"));
    let tab = page.tab().clone();
    page.told(act, async { tab.click(point).await.map(drop) }).await?;
    page.settled(act).await
}
