//! How a page feels to its user.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a page feels (web vitals), as far as it has come: what is painted later is not yet in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Vitals {
    /// From the start of the navigation to the first byte of the answer.
    pub ttfb: Option<Duration>,
    /// First Contentful Paint: something is seen.
    pub fcp: Option<Duration>,
    /// Largest Contentful Paint: the most of it is seen.
    pub lcp: Option<Duration>,
    /// Cumulative Layout Shift, a number: how far what was seen jumped about. The largest session window of shifts, each
    /// at most a second after the last and five seconds together.
    pub cls: Option<f64>,
}

impl Vitals {
    /// Those that are times and are known, by the words used in labels.
    pub fn times(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        let all = [("ttfb", self.ttfb), ("fcp", self.fcp), ("lcp", self.lcp)];
        all.into_iter().filter_map(|(word, time)| Some((word, time?)))
    }
}
