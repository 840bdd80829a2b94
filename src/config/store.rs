//! `store:`, what is kept beyond a run, and where.

use std::path::Path;
use std::time::Duration;

use document::{Fields, Node, Source};

use super::StorePlan;
use super::values::{interval, size};

const EXAMPLE: &str = "{ file: serin.db, keep: 30d, at-most: 512MiB }";
/// The time between two samples if nobody says otherwise.
const SAMPLE_EVERY: Duration = Duration::from_secs(10);
/// A sample takes some hundred bytes: more of them than one a second say nothing more.
const OFTENEST: Duration = Duration::from_secs(1);
/// What is kept for less is of no use for a report.
const SHORTEST: Duration = Duration::from_secs(3600);
/// What is smaller than this could not hold an hour.
const SMALLEST: u64 = 8 << 20;

/// Reads the section; the file's path counts from the configuration's own folder.
pub(super) fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<StorePlan> {
    let plan = |file: &str| StorePlan {
        path: base.join(file),
        sample_every: SAMPLE_EVERY,
        settings: ::store::Settings::default(),
    };
    if !node.is_mapping() {
        return file(node, source).map(|file| plan(&file));
    }
    let mut fields = Fields::like(node, "the store", EXAMPLE, source)?;
    let path = fields.require("file");
    let (every, keep, most) = (fields.take("sample-every"), fields.take("keep"), fields.take("at-most"));
    fields.finish(source);
    let usual = plan("").settings;
    let path = path.and_then(|node| file(node, source));
    let sample_every = every.map_or(Some(SAMPLE_EVERY), |node| interval(node, OFTENEST, source));
    let keep = keep.map_or(Some(usual.keep), |node| keep_for(node, source));
    let at_most = most.map_or(Some(usual.at_most), |node| size(node, "a store", SMALLEST, source));
    let settings = ::store::Settings { keep: keep?, at_most: at_most? };
    Some(StorePlan { sample_every: sample_every?, settings, ..plan(&path?) })
}

fn file(node: &Node, source: &mut Source<'_>) -> Option<String> {
    let text = node.text(source)?;
    if text.is_empty() || text.ends_with('/') {
        let help = "the name of a file, which is made if need be: `serin.db`".to_owned();
        source.complain(node.place(), format!("`{text}` is no file for a store"), Some(help));
        return None;
    }
    Some(text)
}

fn keep_for(node: &Node, source: &mut Source<'_>) -> Option<Duration> {
    let keep = node.duration(source)?;
    if keep < SHORTEST {
        let message = format!("`{}` is too short: an hour at least", node.text(source)?);
        source.complain(node.place(), message, Some("`30d` is usual".to_owned()));
    }
    Some(keep)
}
