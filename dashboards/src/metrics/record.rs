//! How observations become metrics.

use cutover::{
    AlertState, Decision, DeliveryResult, DeviceState, FleetTally, NameAnswer, NameView, Outcome, Phase,
    Reached, RunSeen, Series, Side, Sides, Snapshot, StartsSkipped, StepSeen,
};

use super::Metrics;

/// The label of what was not there.
const NONE: &str = "none";

impl Metrics {
    /// Counts a run of a journey.
    pub fn run(&self, run: &RunSeen) {
        let (journey, variant, route) = (&*run.journey, &*run.variant, run.route.as_str());
        let reached = run.reached.map_or(NONE, Reached::as_str);
        let (answered, phase) = (run.answered.as_str(), run.phase.as_str());
        self.runs.with([journey, variant, route, reached, answered, phase, run.outcome.as_str()]).inc();
        self.start_lag.with([]).observe(run.lag.as_secs_f64());
        match &run.outcome {
            Outcome::Passed => {
                self.run_duration.with([journey, variant, route]).observe(run.took.as_secs_f64());
            }
            Outcome::Failed { step, kind } => {
                self.failures.with([journey, variant, step, route, kind.as_str()]).inc();
            }
            Outcome::Aborted { .. } => {}
        }
        if let Some(failed) = run.outcome.failed() {
            self.probe_success.with([journey, variant, route]).set(i64::from(!failed));
            self.probe_duration.with([journey, variant, route]).set(run.took.as_secs_f64());
        }
        run.steps.iter().for_each(|step| self.step((journey, variant), step));
    }

    /// Counts a step, under the route on which it was itself.
    fn step(&self, (journey, variant): (&str, &str), step: &StepSeen) {
        let (name, route) = (&*step.name, step.route.as_str());
        let attempts = |result| self.step_attempts.with([journey, variant, name, route, result]);
        attempts(step.outcome.as_str()).inc();
        // Whatever is tried again has failed before.
        if let Some(before) = step.attempts.checked_sub(1).filter(|before| *before > 0) {
            attempts("failed").inc_by(before.into());
        }
        if step.outcome == Outcome::Passed {
            for (part, took) in step.parts.iter() {
                let histogram = self.step_duration.with([journey, variant, name, route, part.as_str()]);
                histogram.observe(took.as_secs_f64());
            }
        }
        if let (Outcome::Passed, Some(vitals)) = (&step.outcome, step.vitals) {
            for (vital, time) in vitals.times() {
                let histogram = self.web_vitals.with([journey, variant, name, route, vital]);
                histogram.observe(time.as_secs_f64());
            }
            if let Some(shift) = vitals.cls {
                self.layout_shift.with([journey, variant, name, route]).observe(shift);
            }
        }
        if let Some(visible) = step.visible {
            self.step_visible.with([journey, variant, name, route]).observe(visible.as_secs_f64());
        }
        if step.degraded.is_some() {
            self.degraded.with([journey, variant, name, route]).inc();
        }
    }

    /// Takes over where the devices of a fleet stand, and counts what happened to them.
    pub fn fleet(&self, tally: &FleetTally) {
        for state in DeviceState::ALL {
            let there = tally.devices.iter().filter(|((_, standing), _)| *standing == state);
            let count: i64 = there.map(|(_, count)| i64::from(*count)).sum();
            let (side, state) = side_and_state(state);
            self.devices.with([&tally.fleet, side, state]).set(count);
        }
        for ((event, side), count) in &tally.events {
            let side = side.map_or(NONE, Side::as_str);
            self.device_events.with([&tally.fleet, side, event.as_str()]).inc_by(u64::from(*count));
        }
        for (side, after) in &tally.returned_after {
            self.device_return.with([&tally.fleet, side.map_or(NONE, Side::as_str)]).observe(*after);
        }
        for (side, after) in &tally.verified_after {
            self.device_datapoint.with([&tally.fleet, side.map_or(NONE, Side::as_str)]).observe(*after);
        }
        for (took, count) in &tally.lookups {
            let lookups = self.device_lookup.with([&tally.fleet]);
            (0..*count).for_each(|_| lookups.observe(*took));
        }
    }

    /// Takes over what a resolver says of a name. What it said before and says no longer leaves the exposition.
    pub fn name(&self, answer: &NameAnswer, sides: &Sides) {
        let (name, resolver) = (&*answer.name, &*answer.resolver);
        self.dns_lookup.with([name, resolver]).observe(answer.took.as_secs_f64());
        let found = answer.view.sides(sides);
        for side in [Reached::Old, Reached::New, Reached::Other] {
            if found.contains(&side) {
                self.dns_answer.with([name, resolver, side.as_str()]).set(1);
            } else {
                self.dns_answer.forget([name, resolver, side.as_str()]);
            }
        }
        match &answer.view {
            NameView::Addresses { ttl, .. } => self.dns_ttl.with([name, resolver]).set(ttl.as_secs_f64()),
            NameView::Failed(_) | NameView::Silent(_) => self.dns_ttl.forget([name, resolver]),
        }
    }

    /// Takes over phase, verdict, evidence and alerts.
    pub fn snapshot(&self, snapshot: &Snapshot) {
        for phase in Phase::ALL {
            self.phase.with([phase.as_str()]).set(i64::from(phase == snapshot.phase));
        }
        for decision in Decision::ALL {
            self.verdict.with([decision.as_str()]).set(i64::from(decision == snapshot.verdict.decision));
        }
        for evidence in snapshot.verdict.evidence.iter() {
            let share = evidence.ln / evidence.ln_threshold;
            let scope = evidence.scope.to_string();
            self.evidence.with([&scope, evidence.kind.as_str()]).set(share);
        }
        for state in AlertState::ALL {
            let count = snapshot.alerts.iter().filter(|alert| alert.state == state).count();
            self.alerts.with([state.as_str()]).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        for canary in &snapshot.canaries {
            if let Some(seen) = canary.last_seen {
                self.canary_last_seen.with([&canary.canary]).set(seen.timestamp_millis() as f64 / 1e3);
            }
            for side in Side::BOTH {
                let on = canary.state.is_on(side);
                self.canary_on_side.with([&canary.canary, side.as_str()]).set(i64::from(on));
            }
        }
        if let Some(store) = &snapshot.health.store {
            self.store_up.with([]).set(i64::from(store.trouble.is_none()));
            let dropped = self.store_dropped.with([]);
            dropped.inc_by(store.dropped.saturating_sub(dropped.get()));
        }
    }

    /// Counts an attempt to deliver a notice.
    pub fn delivery(&self, channel: &str, result: DeliveryResult) {
        self.deliveries.with([channel, result.as_str()]).inc();
    }

    /// Counts starts that could not be made in time.
    pub fn skipped(&self, skipped: &StartsSkipped) {
        let Series { journey, variant } = &skipped.series;
        self.skipped.with([journey, variant, skipped.route.as_str()]).inc_by(skipped.starts);
    }

    /// Says whether the configuration was loaded when it was last tried.
    pub fn config_loaded(&self, well: bool) {
        self.config_loaded.with([]).set(i64::from(well));
    }
}

/// A device's standing in two labels: the sum over `side` is the fleet.
const fn side_and_state(state: DeviceState) -> (&'static str, &'static str) {
    match state {
        DeviceState::Connecting | DeviceState::Lost => (NONE, state.as_str()),
        DeviceState::Old | DeviceState::New | DeviceState::Both | DeviceState::Other => {
            (state.as_str(), "connected")
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use chrono::DateTime;
    use cutover::{AbortCause, Answered, Degraded, DeviceEvent, FailureKind, Parts, Personality, Route};

    use super::*;

    fn text(metrics: &Metrics) -> String {
        String::from_utf8(metrics.render().unwrap()).unwrap()
    }

    fn has(metrics: &Metrics, line: &str) {
        let text = text(metrics);
        assert!(text.lines().any(|found| found == line), "no `{line}` in\n{text}");
    }

    fn run(outcome: Outcome) -> RunSeen {
        let parts = Parts {
            wait: Some(Duration::from_millis(40)),
            total: Duration::from_millis(50),
            ..Parts::default()
        };
        let step = StepSeen {
            name: "sign up".into(),
            route: Route::New,
            attempts: 3,
            visible: Some(Duration::from_millis(450)),
            degraded: Some(Degraded { took: Duration::from_millis(450), budget: Duration::from_millis(300) }),
            outcome: Outcome::Passed,
            parts,
            reached: Some(Reached::New),
            vitals: None,
            answered: Answered::New,
        };
        RunSeen {
            at: DateTime::UNIX_EPOCH,
            lag: Duration::from_millis(2),
            took: Duration::from_millis(60),
            journey: "datapoint".into(),
            variant: "".into(),
            route: Route::New,
            reached: Some(Reached::New),
            answered: Answered::New,
            phase: Phase::Go,
            outcome,
            detail: "http://198.51.100.7/secret".to_owned(),
            trace: "4bf9".into(),
            pair: None,
            steps: vec![step],
        }
    }

    #[test]
    fn a_run_is_counted_under_its_words_and_timed_only_if_it_passed() {
        let metrics = Metrics::new().unwrap();
        metrics.run(&run(Outcome::Passed));
        metrics.run(&run(Outcome::Aborted { cause: AbortCause::Resolver }));
        has(&metrics, "probe_success{journey=\"datapoint\",route=\"new\",variant=\"\"} 1");
        metrics.run(&run(Outcome::Failed { step: "read".to_owned(), kind: FailureKind::Status }));
        for outcome in ["passed", "failed", "aborted"] {
            has(
                &metrics,
                &format!(
                    "serin_runs_total{{answered=\"new\",journey=\"datapoint\",outcome=\"{outcome}\",phase=\"go\",\
                     reached=\"new\",route=\"new\",variant=\"\"}} 1"
                ),
            );
        }
        has(
            &metrics,
            "serin_failures_total{journey=\"datapoint\",kind=\"status\",route=\"new\",step=\"read\",variant=\"\"} 1",
        );
        has(&metrics, "serin_run_duration_seconds_count{journey=\"datapoint\",route=\"new\",variant=\"\"} 1");
        has(
            &metrics,
            "serin_step_duration_seconds_bucket{journey=\"datapoint\",part=\"wait\",route=\"new\",step=\"sign up\",\
             variant=\"\",le=\"0.05\"} 3",
        );
        has(&metrics, "probe_success{journey=\"datapoint\",route=\"new\",variant=\"\"} 0");
        let step = "journey=\"datapoint\"";
        let of = "route=\"new\",step=\"sign up\",variant=\"\"";
        has(&metrics, &format!("serin_step_attempts_total{{{step},result=\"passed\",{of}}} 3"));
        has(&metrics, &format!("serin_step_attempts_total{{{step},result=\"failed\",{of}}} 6"));
        has(&metrics, &format!("serin_step_visible_seconds_bucket{{{step},{of},le=\"0.5\"}} 3"));
        has(&metrics, &format!("serin_degraded_steps_total{{{step},{of}}} 3"));
        has(&metrics, "serin_start_lag_seconds_count 3");
        assert!(!text(&metrics).contains("198.51.100.7"));
    }

    #[test]
    fn every_device_stands_in_one_place_and_no_device_is_named() {
        let metrics = Metrics::new().unwrap();
        let devices = BTreeMap::from([
            ((Personality::ResetOnly, DeviceState::New), 7),
            ((Personality::Eager, DeviceState::New), 2),
            ((Personality::Both, DeviceState::Both), 1),
            ((Personality::Never, DeviceState::Lost), 4),
        ]);
        let events = BTreeMap::from([
            ((DeviceEvent::Connected, Some(Side::New)), 9),
            ((DeviceEvent::ResolveFailed, None), 1),
        ]);
        let tally = FleetTally {
            at: DateTime::UNIX_EPOCH,
            fleet: "thermostats".into(),
            devices,
            events,
            returned_after: vec![(Some(Side::New), 1.5)],
            lookups: vec![(0.003, 2)],
            split: vec!["thermostat-17".to_owned()],
            ..FleetTally::default()
        };
        metrics.fleet(&tally);
        metrics.fleet(&FleetTally { events: BTreeMap::new(), ..tally });
        has(&metrics, "serin_device_return_seconds_sum{fleet=\"thermostats\",side=\"new\"} 3");
        has(&metrics, "serin_device_lookup_seconds_bucket{fleet=\"thermostats\",le=\"0.005\"} 4");
        has(&metrics, "serin_devices{fleet=\"thermostats\",side=\"new\",state=\"connected\"} 9");
        has(&metrics, "serin_devices{fleet=\"thermostats\",side=\"old\",state=\"connected\"} 0");
        has(&metrics, "serin_devices{fleet=\"thermostats\",side=\"none\",state=\"lost\"} 4");
        has(&metrics, "serin_device_events_total{event=\"connected\",fleet=\"thermostats\",side=\"new\"} 9");
        has(
            &metrics,
            "serin_device_events_total{event=\"resolve-failed\",fleet=\"thermostats\",side=\"none\"} 1",
        );
        assert!(!text(&metrics).contains("thermostat-17"));
    }

    #[test]
    fn what_a_resolver_no_longer_says_is_gone() {
        let metrics = Metrics::new().unwrap();
        let nets = |text: &str| vec![text.parse().unwrap()];
        let sides = Sides::new(nets("203.0.113.0/24"), nets("198.51.100.0/24")).unwrap();
        let ttl = Duration::from_secs(60);
        let mut answer = NameAnswer {
            at: DateTime::UNIX_EPOCH,
            name: "api.acme.example".into(),
            resolver: "office".into(),
            authoritative: false,
            took: Duration::from_millis(3),
            view: NameView::Addresses { addresses: vec!["203.0.113.9".parse().unwrap()], ttl },
        };
        metrics.name(&answer, &sides);
        has(&metrics, "serin_dns_answer_info{name=\"api.acme.example\",resolver=\"office\",side=\"old\"} 1");
        has(&metrics, "serin_dns_ttl_seconds{name=\"api.acme.example\",resolver=\"office\"} 60");
        answer.view = NameView::Addresses { addresses: vec!["198.51.100.7".parse().unwrap()], ttl };
        metrics.name(&answer, &sides);
        has(&metrics, "serin_dns_answer_info{name=\"api.acme.example\",resolver=\"office\",side=\"new\"} 1");
        assert!(!text(&metrics).contains("side=\"old\""));
        answer.view = NameView::Silent("no answer within 2 s".to_owned());
        metrics.name(&answer, &sides);
        assert!(!text(&metrics).contains("answer_info{") && !text(&metrics).contains("ttl_seconds{"));
        has(&metrics, "serin_dns_lookup_seconds_count{name=\"api.acme.example\",resolver=\"office\"} 3");
    }

    #[test]
    fn hostile_label_values_stay_within_their_quotes() {
        let metrics = Metrics::new().unwrap();
        let series = "a\"} 1\nevil{x=\"".into();
        metrics.skipped(&StartsSkipped { series, route: Route::Live, starts: 1 });
        has(&metrics, r#"serin_skipped_runs_total{journey="a\"} 1\nevil{x=\"",route="live",variant=""} 1"#);
    }
}
