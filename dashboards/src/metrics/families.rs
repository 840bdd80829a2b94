//! Every metric there is, with its labels. The doc comment is the help text.

use prometheus::{Encoder, GaugeVec, HistogramVec, IntCounterVec, IntGaugeVec, Registry, TextEncoder};

use super::family::Family;

macro_rules! metrics {
    ($(#[doc = $help:literal] $field:ident: $kind:ident = $name:literal [$($label:literal),*];)+) => {
        /// The metrics of one canary, in a registry of their own.
        ///
        /// Only the recorder writes them. Labels are words of closed sets and names from the configuration: never an
        /// address, a URL, a device, a run or a text that came from outside.
        #[derive(Debug)]
        pub struct Metrics {
            registry: Registry,
            $(#[doc = $help] pub(super) $field: Family<$kind, { <[&str]>::len(&[$($label),*]) }>,)+
        }

        impl Metrics {
            /// Metrics without a single sample.
            ///
            /// # Errors
            /// When two metrics have one name: a fault in this file, which every test shows.
            pub fn new() -> Result<Self, prometheus::Error> {
                let registry = Registry::new();
                $(let $field = Family::register(&registry, $name, $help.trim(), [$($label),*])?;)+
                Ok(Self { registry, $($field),+ })
            }
        }
    };
}

metrics! {
    /// Runs of journeys that ended.
    runs: IntCounterVec = "serin_runs_total"
        ["journey", "variant", "route", "reached", "answered", "phase", "outcome"];
    /// How long the runs that passed took, from their real start to their end.
    run_duration: HistogramVec = "serin_run_duration_seconds" ["journey", "variant", "route"];
    /// How long the parts of the steps that passed took; a part that did not happen is not counted.
    step_duration: HistogramVec = "serin_step_duration_seconds"
        ["journey", "variant", "step", "route", "part"];
    /// How often steps were tried, and how each attempt ended: a step that passes at its third one had two that failed.
    step_attempts: IntCounterVec = "serin_step_attempts_total" ["journey", "variant", "step", "route", "result"];
    /// From the first attempt of a step with `until` until its expectations held: how long what was written took to show.
    step_visible: HistogramVec = "serin_step_visible_seconds" ["journey", "variant", "step", "route"];
    /// Steps that passed and took longer than their budget (`within`).
    degraded: IntCounterVec = "serin_degraded_steps_total" ["journey", "variant", "step", "route"];
    /// How long pages in a browser took to be felt: ttfb (first byte), fcp (something is seen), lcp (most of it is seen).
    web_vitals: HistogramVec = "serin_web_vitals_seconds" ["journey", "variant", "step", "route", "vital"];
    /// How far what was seen of a page jumped about (cumulative layout shift): a number, 0.1 is good and 0.25 poor.
    layout_shift: HistogramVec = "serin_web_layout_shift" ["journey", "variant", "step", "route"];
    /// Runs in which the target failed, by the step that failed and the way in which it did.
    failures: IntCounterVec = "serin_failures_total" ["journey", "variant", "step", "route", "kind"];
    /// Devices by where they stand: connected to the old or new side, to both or to another address, or to none.
    devices: IntGaugeVec = "serin_devices" ["fleet", "side", "state"];
    /// What happened in the lives of the devices.
    device_events: IntCounterVec = "serin_device_events_total" ["fleet", "side", "event"];
    /// How long devices took from a reset to the first datapoint acknowledged after it, by the side where it was.
    device_return: HistogramVec = "serin_device_return_seconds" ["fleet", "side"];
    /// How long after it was sent a datapoint could be read back, by the side where it was read; within a quarter.
    device_datapoint: HistogramVec = "serin_device_datapoint_seconds" ["fleet", "side"];
    /// How long the devices' own lookups took; nothing is cached or merged.
    device_lookup: HistogramVec = "serin_device_lookup_seconds" ["fleet"];
    /// When a real canary was last heard of; absent until it was.
    canary_last_seen: GaugeVec = "serin_canary_last_seen_timestamp_seconds" ["canary"];
    /// Whether a real canary is on a side: 1 or 0, and 0 on both while it is silent.
    canary_on_side: IntGaugeVec = "serin_canary_on_side" ["canary", "side"];
    /// The sides on which the addresses lie that a resolver gives for a name; always 1.
    dns_answer: IntGaugeVec = "serin_dns_answer_info" ["name", "resolver", "side"];
    /// The least TTL in a resolver's last answer for a name.
    dns_ttl: GaugeVec = "serin_dns_ttl_seconds" ["name", "resolver"];
    /// How long resolvers took to answer, or to be given up.
    dns_lookup: HistogramVec = "serin_dns_lookup_seconds" ["name", "resolver"];
    /// The phase of the cutover: 1 for the one it is in.
    phase: IntGaugeVec = "serin_phase" ["phase"];
    /// The verdict: 1 for the decision that stands.
    verdict: IntGaugeVec = "serin_verdict" ["decision"];
    /// How far evidence has come, as a share of its threshold (both as natural logarithms): at 1 it is enough.
    evidence: GaugeVec = "serin_evidence" ["scope", "kind"];
    /// Alerts by where they stand.
    alerts: IntGaugeVec = "serin_alerts" ["state"];
    /// Attempts to deliver a notice, by what became of them.
    deliveries: IntCounterVec = "serin_deliveries_total" ["channel", "result"];
    /// Starts of runs that could not be made in time.
    skipped: IntCounterVec = "serin_skipped_runs_total" ["journey", "variant", "route"];
    /// How much later than intended runs started: the canary's own latency.
    start_lag: HistogramVec = "serin_start_lag_seconds" [];
    /// Whether the configuration was loaded when it was last tried.
    config_loaded: IntGaugeVec = "serin_config_last_reload_successful" [];
    /// Whether what is to be kept can be written to the store; absent where nothing is kept.
    store_up: IntGaugeVec = "serin_store_up" [];
    /// Records given up because the store could not be written in time.
    store_dropped: IntCounterVec = "serin_store_dropped_total" [];
    /// Whether the last run that says something about its target passed.
    probe_success: IntGaugeVec = "probe_success" ["journey", "variant", "route"];
    /// How long that run took.
    probe_duration: GaugeVec = "probe_duration_seconds" ["journey", "variant", "route"];
}

impl Metrics {
    /// The content type of [`Metrics::render`].
    pub const CONTENT_TYPE: &'static str = prometheus::TEXT_FORMAT;

    /// The exposition, in Prometheus' text format 0.0.4.
    ///
    /// # Errors
    /// When a metric cannot be written in that format.
    pub fn render(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}
