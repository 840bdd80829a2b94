//! Metrics with labels, whose number the compiler checks.

use prometheus::core::Collector;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry,
};

/// The upper bounds of all histograms, in seconds: from an answer on the same machine to one nobody waits for.
const BUCKETS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// A kind of metric that can have labels.
pub(crate) trait Kind: Collector + Clone + Sized + 'static {
    /// The metric of one set of label values.
    type One;

    fn new(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<Self>;
    fn one(&self, values: &[&str]) -> Self::One;
    fn forget(&self, values: &[&str]) -> prometheus::Result<()>;
}

/// A metric with `N` labels. The values are given in the order in which the names are declared.
#[derive(Debug, Clone)]
pub(crate) struct Family<K, const N: usize>(K);

impl<K: Kind, const N: usize> Family<K, N> {
    pub(crate) fn register(
        registry: &Registry,
        name: &str,
        help: &str,
        labels: [&str; N],
    ) -> prometheus::Result<Self> {
        let kind = K::new(name, help, &labels)?;
        registry.register(Box::new(kind.clone()))?;
        Ok(Self(kind))
    }

    pub(crate) fn with(&self, values: [&str; N]) -> K::One {
        self.0.one(&values)
    }

    /// Takes the series out of the exposition. One that was not there is as good.
    pub(crate) fn forget(&self, values: [&str; N]) {
        let _ = self.0.forget(&values);
    }
}

macro_rules! kinds {
    ($($kind:ty, $one:ty, $make:expr;)+) => { $(
        impl Kind for $kind {
            type One = $one;

            fn new(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<Self> {
                $make(name, help, labels)
            }

            fn one(&self, values: &[&str]) -> $one {
                self.with_label_values(values)
            }

            fn forget(&self, values: &[&str]) -> prometheus::Result<()> {
                self.remove_label_values(values)
            }
        }
    )+ };
}
kinds! {
    IntCounterVec, IntCounter, |name, help, labels| Self::new(Opts::new(name, help), labels);
    IntGaugeVec, IntGauge, |name, help, labels| Self::new(Opts::new(name, help), labels);
    GaugeVec, Gauge, |name, help, labels| Self::new(Opts::new(name, help), labels);
    HistogramVec, Histogram, |name, help, labels| {
        Self::new(HistogramOpts::new(name, help).buckets(BUCKETS.to_vec()), labels)
    };
}
