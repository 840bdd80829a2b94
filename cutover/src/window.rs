//! Counts over the last minute.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How far back a window looks, in seconds.
const SECONDS: i64 = 60;

/// Hits among trials over the last 60 s, in buckets of a second.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    buckets: VecDeque<(DateTime<Utc>, u64, u64)>,
}

impl Window {
    /// Counts one trial, and whether it was a hit.
    pub fn add(&mut self, now: DateTime<Utc>, hit: bool) {
        self.add_many(now, u64::from(hit), 1);
    }

    /// Counts `more` trials at once, and how many of them were hits.
    pub fn add_many(&mut self, now: DateTime<Utc>, hit: u64, more: u64) {
        self.forget(now);
        match self.buckets.back_mut() {
            Some((at, hits, trials)) if now - *at < TimeDelta::seconds(1) => {
                *hits += hit;
                *trials += more;
            }
            _ => self.buckets.push_back((now, hit, more)),
        }
    }

    /// Hits and trials of the last 60 s.
    pub fn counts(&self, now: DateTime<Utc>) -> (u64, u64) {
        let recent = self.buckets.iter().filter(|(at, ..)| fresh(now, *at));
        recent.fold((0, 0), |(hits, trials), (_, h, t)| (hits + h, trials + t))
    }

    fn forget(&mut self, now: DateTime<Utc>) {
        while self.buckets.front().is_some_and(|(at, ..)| !fresh(now, *at)) {
            self.buckets.pop_front();
        }
    }
}

/// A clock that was set back must not keep counts for ever.
pub(crate) fn fresh(now: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    (now - at).abs() <= TimeDelta::seconds(SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_a_minute_no_longer_counts() {
        let start = DateTime::UNIX_EPOCH;
        let mut window = Window::default();
        for second in 0..100 {
            window.add(start + TimeDelta::seconds(second), second % 2 == 0);
        }
        assert_eq!(window.counts(start + TimeDelta::seconds(99)), (30, 61));
        assert_eq!(window.counts(start + TimeDelta::seconds(500)), (0, 0));
        assert!(window.buckets.len() <= 62);
    }
}
