//! `artifacts:`, where what failed steps in browsers leave is kept.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use document::{Fields, Node, Source};
use journeys::Artifacts;

use super::StorePlan;
use super::values::size;

const EXAMPLE: &str = "{ folder: artifacts, keep: 7d, at-most: 512MiB }";
/// Their folder, beside the store, if nobody says otherwise.
const BESIDE: &str = "artifacts";
/// How long they are kept if nobody says otherwise.
const KEEP: Duration = Duration::from_secs(7 * 86_400);
/// What is smaller could not hold one failure with its picture.
const SMALLEST: u64 = 8 << 20;
/// How much of them is kept if nobody says otherwise.
const AT_MOST: u64 = 512 << 20;

/// Reads the section: a folder, or a mapping. A path counts from the configuration's own folder.
pub(super) fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<Arc<Artifacts>> {
    if !node.is_mapping() {
        let folder = folder(node, source)?;
        return Some(Arc::new(Artifacts::new(base.join(folder), KEEP, AT_MOST)));
    }
    let mut fields = Fields::like(node, "the artifacts", EXAMPLE, source)?;
    let place = fields.require("folder");
    let (keep, most) = (fields.take("keep"), fields.take("at-most"));
    fields.finish(source);
    let place = place.and_then(|node| folder(node, source));
    let keep = keep.map_or(Some(KEEP), |node| node.duration(source));
    let at_most = most.map_or(Some(AT_MOST), |node| size(node, "artifacts", SMALLEST, source));
    Some(Arc::new(Artifacts::new(base.join(place?), keep?, at_most?)))
}

/// Where nothing is said of them, they are beside the store; without one, nothing is kept.
pub(super) fn beside(store: Option<&StorePlan>) -> Option<Arc<Artifacts>> {
    let folder = store?.path.parent()?.join(BESIDE);
    Some(Arc::new(Artifacts::new(folder, KEEP, AT_MOST)))
}

fn folder(node: &Node, source: &mut Source<'_>) -> Option<String> {
    let text = node.text(source)?;
    if text.trim().is_empty() {
        source.complain(node.place(), "the folder is missing", None);
        return None;
    }
    Some(text)
}
