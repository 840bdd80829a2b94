//! Serves the page with a made-up cutover, to look at it: `cargo run -p dashboards --example page [rollback|hold|go|stale]`.
#![expect(clippy::unwrap_used, reason = "an example stops at the first surprise")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{
    AlertState, AlertView, Answered, BySide, Cause, CurvePoint, Decision, DegradedStep, DeliveryResult,
    DeliveryView, DeviceEvent, DeviceState, FailureKind, Finding, FleetView, HealthView, JourneyView,
    LastRun, Measure, NameViewLine, NoteView, Outcome, PairsView, Personality, Phase, PhaseChange, Reached,
    Reason, ResetSums, Returned, Route, Scope, Side, Snapshot, Stragglers, Verdict,
};
use dashboards::{CheckIns, Metrics, Surface, serve};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() {
    let decision = match std::env::args().nth(1).as_deref() {
        Some("go") => Decision::Go,
        Some("hold") => Decision::Hold,
        _ => Decision::Rollback,
    };
    let age = TimeDelta::seconds(if std::env::args().nth(1).as_deref() == Some("stale") { 75 } else { 0 });
    let listener = TcpListener::bind("127.0.0.1:8080").await.unwrap();
    let (sender, snapshots) = watch::channel(Arc::new(snapshot(decision, Utc::now())));
    let (commands, _receiver) = mpsc::channel(1);
    let metrics = Arc::new(Metrics::new().unwrap());
    let ticking = async {
        loop {
            let now = Utc::now() - age;
            let picture = snapshot(decision, now);
            metrics.snapshot(&picture);
            sender.send_replace(Arc::new(picture));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    println!("http://127.0.0.1:8080/");
    let surface = Surface {
        snapshots,
        broken: watch::channel(None).1,
        metrics: Arc::clone(&metrics),
        commands,
        inquiries: mpsc::channel(1).0,
        token: None,
        check_ins: CheckIns::default(),
    };
    tokio::select! {
        () = ticking => {}
        () = serve(listener, surface, CancellationToken::new()) => {}
    }
}

fn snapshot(decision: Decision, now: DateTime<Utc>) -> Snapshot {
    let ago = |seconds| now - TimeDelta::seconds(seconds);
    let mut picture = Snapshot::first("acme-to-vpc".into(), Phase::Go, verdict(decision, now), ago(840));
    picture.now = now;
    picture.phase_since = ago(312);
    picture.journeys = journeys(decision, now);
    picture.fleets = vec![fleet("thermostats", 2_000, now), fleet("gateways", 40, now)];
    picture.names = names(now);
    picture.pairs = PairsView { total: 3_312, forwarded: 4 };
    if decision == Decision::Rollback {
        picture.alerts = vec![AlertView {
            name: "verdict".into(),
            state: AlertState::Firing,
            since: ago(80),
            summary: "[serin] ROLLBACK acme-to-vpc: sign in fails on new (status), +4.8 pp".to_owned(),
        }];
        let line = |result, seconds, detail: &str| DeliveryView {
            channel: "room".into(),
            result,
            at: ago(seconds),
            subject: "[serin] ROLLBACK acme-to-vpc: sign in fails on new (status), +4.8 pp".to_owned(),
            detail: detail.to_owned(),
        };
        picture.deliveries = vec![
            line(DeliveryResult::Retry, 79, "mail.acme.example:465: transient error (451): try later"),
            line(DeliveryResult::Sent, 77, "mail.acme.example:465: queued as 7F21"),
        ];
    }
    picture.health = HealthView {
        folded: 90_211,
        channel_depth: 3,
        skipped: 2,
        start_lag_p99: Some(0.0021),
        ..HealthView::default()
    };
    let change = |seconds, from, to, decision, new| PhaseChange {
        at: ago(seconds),
        from,
        to,
        by: "ann".to_owned(),
        decision,
        figures: BTreeMap::from([("devices old".to_owned(), 2_040 - new), ("devices new".to_owned(), new)]),
    };
    picture.phase_log = vec![
        change(700, Phase::Ready, Phase::Set, Decision::Hold, 0),
        change(312, Phase::Set, Phase::Go, Decision::Go, 38),
    ];
    let note = |seconds, by: &str, text: &str| NoteView {
        at: ago(seconds),
        by: by.to_owned(),
        text: text.to_owned(),
    };
    picture.notes = vec![
        note(320, "ann", "switched the resolver of the office over"),
        note(301, "rehearsal", "reset wave-2 of wave all"),
        note(120, "bob", "<b>the hotline</b> is told"),
    ];
    picture
}

fn verdict(decision: Decision, now: DateTime<Utc>) -> Verdict {
    let since = now - TimeDelta::seconds(80);
    let plain = |cause, raises, text: &str| Reason {
        cause,
        raises,
        text: text.to_owned(),
        since: Some(since),
        finding: None,
    };
    let reasons = match decision {
        Decision::Rollback => vec![
            Reason {
                finding: Some(Finding {
                    scope: Scope::All,
                    journey: Some("sign up and read the first datapoint back".into()),
                    step: Some("sign in".into()),
                    side: Some(Side::New),
                    kind: Some(FailureKind::Status),
                    trace: Some("4bf92f3577b34da6a3ce929d0e0e4736".into()),
                    measure: Measure::Difference,
                    size: 0.048,
                    low: 0.031,
                    high: 0.066,
                    count: 812,
                }),
                ..plain(
                    Cause::NewErrors,
                    Decision::Rollback,
                    "the new side fails more than the old one: sign in (status), +4.8 pp",
                )
            },
            plain(Cause::Split, Decision::Hold, "12 devices are in session with both sides"),
            plain(
                Cause::NameStale,
                Decision::Hold,
                "office keeps the old answer for mqtt.acme.example, 3m past its TTL",
            ),
        ],
        Decision::Hold => {
            vec![plain(
                Cause::TooLittle,
                Decision::Hold,
                "too little was seen since the phase began: 212 of 600 pairs",
            )]
        }
        Decision::Go => vec![plain(
            Cause::NonInferior,
            Decision::Go,
            "the new side fails no more than the old one, within 1 pp over all journeys",
        )],
    };
    let estimate = (decision == Decision::Hold).then(|| Duration::from_secs(95));
    Verdict { reasons, estimate, ..Verdict::bare(decision, since) }
}

fn journeys(decision: Decision, now: DateTime<Utc>) -> Vec<JourneyView> {
    let mut lines = Vec::new();
    let bad = decision == Decision::Rollback;
    for (number, name) in
        ["publish and read over HTTP", "sign up and read the first datapoint back"].into_iter().enumerate()
    {
        for route in [Route::Old, Route::New, Route::Live] {
            let failing = bad && route == Route::New && number == 1;
            let failure = LastRun {
                at: now - TimeDelta::seconds(4),
                took: Duration::from_millis(212),
                outcome: Outcome::Failed { step: "sign in".to_owned(), kind: FailureKind::Status },
                detail: "status == 200: it is 503, <b>Service</b> Unavailable".to_owned(),
                trace: "4bf92f3577b34da6a3ce929d0e0e4736".into(),
                reached: Some(Reached::New),
                answered: Answered::New,
            };
            let passed = LastRun { outcome: Outcome::Passed, detail: String::new(), ..failure.clone() };
            lines.push(JourneyView {
                journey: name.into(),
                variant: "".into(),
                route,
                runs: 828,
                passed: if failing { 786 } else { 827 },
                failed: if failing { 42 } else { 1 },
                aborted: 0,
                skipped: 0,
                degraded: if failing { 7 } else { 0 },
                last: Some(if failing { failure.clone() } else { passed }),
                last_failure: failing.then_some(failure),
                last_degraded: failing.then(|| DegradedStep {
                    at: now - TimeDelta::seconds(9),
                    step: "read it back".into(),
                    route,
                    took: Duration::from_millis(3_400),
                    budget: Duration::from_secs(3),
                    trace: "00f067aa0ba902b74bf92f3577b34da6".into(),
                }),
                p50: Some(0.118 + 0.1 * f64::from(u8::try_from(number).unwrap())),
                p99: Some(0.412),
                error_rate_60s: Some(if failing { 0.051 } else { 0.002 }),
            });
        }
    }
    lines
}

fn fleet(name: &str, total: u32, now: DateTime<Utc>) -> FleetView {
    let point = |second: i64| {
        let moved = 1.0 / (1.0 + (-(f64::from(i32::try_from(second).unwrap()) - 340.0) / 35.0).exp());
        let share = |part: f64| {
            let count = (f64::from(total) * part).round();
            (0..=total).find(|n| f64::from(*n) >= count).unwrap_or(total)
        };
        let new = share(0.94 * moved);
        let both = share(0.006 * moved);
        let connecting = share(0.03 * (moved * (1.0 - moved) * 4.0));
        let lost = share(0.004 * moved);
        let old = total - new - both - connecting - lost;
        CurvePoint { at: now - TimeDelta::seconds(600 - second), old, new, both, other: 0, connecting, lost }
    };
    let curve: Vec<_> = (0..600).map(point).collect();
    let last = curve.last().unwrap();
    let states = BTreeMap::from([
        (DeviceState::Old, last.old),
        (DeviceState::New, last.new),
        (DeviceState::Both, last.both),
        (DeviceState::Connecting, last.connecting),
        (DeviceState::Lost, last.lost),
    ]);
    let personality = |old, new, both| {
        BTreeMap::from([(DeviceState::Old, old), (DeviceState::New, new), (DeviceState::Both, both)])
    };
    FleetView {
        fleet: name.into(),
        total,
        states,
        by_personality: BTreeMap::from([
            (Personality::ResetOnly, personality(total * 2 / 100, total * 78 / 100, 0)),
            (Personality::AtTtl, personality(0, total * 12 / 100, 0)),
            (Personality::Eager, personality(0, total * 5 / 100, 0)),
            (Personality::Both, personality(0, total / 100, total / 100)),
            (Personality::Never, personality(total / 100, 0, 0)),
        ]),
        events: BTreeMap::from([(DeviceEvent::Connected, BySide { old: 2_000, new: 1_880, neither: 0 })]),
        returned: Returned { count: u64::from(last.new), p50: Some(2.1), p99: Some(8.4) },
        split: (1..=5).map(|n| format!("{name}-{n:04}")).collect(),
        lost: vec![format!("{name}-0917")],
        still_old: Stragglers {
            count: last.old,
            names: (1..=20.min(last.old)).map(|n| format!("{name}-{:06}", n * 7)).collect(),
        },
        reset: Some(ResetSums {
            id: "wave-2".into(),
            meant: total,
            received: total - total / 200,
            on_old: total * 9 / 10,
            on_both: total / 20,
            again: total / 20,
            obeyed: last.new + last.new / 100,
            returned_new: last.new,
            returned_old: total / 100,
            slowest_ms: 9_310,
            missed: Stragglers {
                count: total / 200,
                names: (1..=total / 200).map(|n| format!("{name}-{:06}", n * 112)).collect(),
            },
            away: Stragglers {
                count: total - total / 200 - last.new - total / 100,
                names: (1..=2).map(|n| format!("{name}-{:06}", n * 31)).collect(),
            },
            ..ResetSums::default()
        }),
        verified: Vec::new(),
        curve,
        ..FleetView::default()
    }
}

fn names(now: DateTime<Utc>) -> Vec<NameViewLine> {
    let line = |name: &str, resolver: &str, authoritative, view: &str, address: &str, ttl| NameViewLine {
        name: name.into(),
        resolver: resolver.into(),
        authoritative,
        view: view.to_owned(),
        addresses: address.parse().into_iter().collect(),
        ttl: Some(Duration::from_secs(ttl)),
        took: Duration::from_millis(2),
        at: now,
    };
    vec![
        line("api.acme.example", "office", false, "new", "198.51.100.7", 41),
        line("api.acme.example", "zone", true, "new", "198.51.100.7", 60),
        line("mqtt.acme.example", "office", false, "old", "203.0.113.9", 12),
        line("mqtt.acme.example", "zone", true, "new", "198.51.100.8", 60),
    ]
}
