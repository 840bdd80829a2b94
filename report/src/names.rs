//! DNS: what each resolver said of each name, from when to when.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use store::Sample;

/// What one resolver said of one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamePart {
    /// The name.
    pub name: Arc<str>,
    /// The resolver.
    pub resolver: Arc<str>,
    /// What it said, one after the other.
    pub views: Vec<ViewSpan>,
}

/// A time in which an answer stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ViewSpan {
    /// Where the addresses lay (`old`, `old+new`), or what went wrong.
    pub view: String,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
}

/// The answers, by name and resolver.
pub(crate) fn parts(samples: &[Sample]) -> Vec<NamePart> {
    let mut rows: BTreeMap<(Arc<str>, Arc<str>), Vec<ViewSpan>> = BTreeMap::new();
    for sample in samples {
        for line in &sample.names {
            let views = rows.entry((line.name.clone(), line.resolver.clone())).or_default();
            if let Some(last) = views.last_mut() {
                last.to = sample.at;
                if last.view == line.view {
                    continue;
                }
            }
            views.push(ViewSpan { view: line.view.clone(), from: sample.at, to: sample.at });
        }
    }
    rows.into_iter().map(|((name, resolver), views)| NamePart { name, resolver, views }).collect()
}
