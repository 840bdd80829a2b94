//! How runs failed lately: what was days ago explains nothing of today.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::evidence::Way;
use crate::window::fresh;

/// More failures than this in a minute are told by the latest of them.
const KEPT: usize = 1_024;

/// The failures of the last minute, by their way; of those before it only the last one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recent(VecDeque<(DateTime<Utc>, Way)>);

impl Recent {
    /// Takes one failure.
    pub(crate) fn add(&mut self, way: Way, now: DateTime<Utc>) {
        let stale = |(at, _): &(DateTime<Utc>, Way)| !fresh(now, *at);
        while self.0.len() >= KEPT || self.0.front().is_some_and(stale) {
            self.0.pop_front();
        }
        self.0.push_back((now, way));
    }

    /// The most frequent way of the last minute, of equals the first by name; without any the last one there was.
    pub(crate) fn most(&self, now: DateTime<Utc>) -> Option<&Way> {
        let mut ways: BTreeMap<&Way, u32> = BTreeMap::new();
        for (_, way) in self.0.iter().filter(|(at, _)| fresh(now, *at)) {
            *ways.entry(way).or_default() += 1;
        }
        let most = ways.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
        most.map(|(way, _)| way).or_else(|| self.0.back().map(|(_, way)| way))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::FailureKind;

    #[test]
    fn what_failed_days_ago_is_outvoted_by_one_failure_of_today() {
        let (mut recent, start) = (Recent::default(), DateTime::UNIX_EPOCH);
        let way = |step: &str| ("sign-in".into(), step.into(), FailureKind::Status);
        (0..5_000).for_each(|_| recent.add(way("old news"), start));
        assert_eq!(recent.0.len(), KEPT);
        let later = start + TimeDelta::days(2);
        assert_eq!(recent.most(later), Some(&way("old news")), "there is no other");
        recent.add(way("post"), later);
        assert_eq!((recent.most(later), recent.0.len()), (Some(&way("post")), 1));
    }
}
