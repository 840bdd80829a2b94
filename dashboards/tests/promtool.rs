//! Every metric, before Prometheus' own judge. Skipped, and said so, where `promtool` is not installed.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{
    Answered, CanaryState, CanaryView, Decision, Degraded, DeliveryResult, DeviceEvent, DeviceState,
    Evidence, EvidenceKind, FailureKind, FleetTally, NameAnswer, NameView, Outcome, Parts, Personality,
    Phase, Route, RunSeen, Scope, Side, Sides, Snapshot, StartsSkipped, StepSeen, Verdict, Vitals,
};
use dashboards::Metrics;

/// One of each, so that every family has a sample.
fn all() -> String {
    let metrics = Metrics::new().unwrap();
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let took = Duration::from_millis(5);
    let failed = Outcome::Failed { step: "read".to_owned(), kind: FailureKind::Lost };
    for outcome in [Outcome::Passed, failed] {
        let parts = Parts { total: took, ..Parts::default() };
        let (reached, answered) = (None, Answered::Unmarked);
        let step = StepSeen {
            name: "read".into(),
            route: Route::Live,
            outcome: Outcome::Passed,
            parts,
            reached,
            answered,
            attempts: 2,
            visible: Some(took),
            degraded: Some(Degraded { took, budget: took }),
            vitals: Some(Vitals { lcp: Some(took), cls: Some(0.05), ..Vitals::default() }),
        };
        metrics.run(&RunSeen {
            at,
            lag: took,
            took,
            journey: "datapoint \"quoted\"\n".into(),
            variant: "".into(),
            route: Route::Live,
            reached,
            answered,
            phase: Phase::Ready,
            outcome,
            detail: String::new(),
            trace: "".into(),
            pair: None,
            steps: vec![step],
        });
    }
    metrics.fleet(&FleetTally {
        at,
        fleet: "thermostats".into(),
        devices: BTreeMap::from([((Personality::Eager, DeviceState::Both), 1)]),
        events: BTreeMap::from([((DeviceEvent::Reset, None), 1)]),
        ..FleetTally::default()
    });
    let nets = |text: &str| vec![text.parse().unwrap()];
    let sides = Sides::new(nets("203.0.113.0/24"), nets("198.51.100.0/24")).unwrap();
    let view = NameView::Addresses { addresses: vec!["203.0.113.9".parse().unwrap()], ttl: took };
    let (name, resolver) = (Arc::from("api.acme.example"), Arc::from("office"));
    metrics.name(&NameAnswer { at, name, resolver, authoritative: false, took, view }, &sides);
    let evidence = Evidence { scope: Scope::All, kind: EvidenceKind::Error, ln: 1.0, ln_threshold: 15.4 };
    let verdict = Verdict { evidence: vec![evidence].into(), ..Verdict::bare(Decision::Hold, at) };
    let canary = CanaryView {
        canary: "lobby".into(),
        state: CanaryState::Old,
        every: took,
        grace: took,
        last_seen: Some(at),
        last_side: Some(Side::Old),
        on_old: Some(at),
        on_new: None,
        silent_since: None,
        kept: 1,
        intervals: 1,
        stale: 0,
        deaf: vec![],
    };
    let first = Snapshot::first("acme".into(), Phase::Ready, verdict, at);
    metrics.snapshot(&Snapshot { canaries: vec![canary], ..first });
    metrics.delivery("room", DeliveryResult::Sent);
    metrics.skipped(&StartsSkipped { series: "datapoint".into(), route: Route::New, starts: 3 });
    metrics.config_loaded(true);
    String::from_utf8(metrics.render().unwrap()).unwrap()
}

#[test]
fn promtool_has_no_complaint() {
    let text = all();
    assert_eq!(text.lines().filter(|line| line.starts_with("# HELP ")).count(), 26, "{text}");
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promtool = match command.spawn() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped: promtool is not installed (Debian: prometheus)");
            return;
        }
        spawned => spawned.unwrap(),
    };
    promtool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}\n{text}");
}
