//! What the settings will detect in this very traffic, and how fast.

use std::time::Duration;

use cutover::Scope;
use cutover::evidence::Settings;
use serde::Serialize;
use simulation::{Delays, Fault, Own, Plan, Runs, foresee};

use crate::words::{name, percent};
use crate::{Calibration, ScopeSeen, SideSeen, go};

/// So many pairs are simulated in all, about, if nobody says how many trials there are.
const WORK: f64 = 2.5e7;
/// The simulated soak has so many pairs in all, about: a longer one teaches the judge little more.
const SOAK: f64 = 20_000.0;
/// And so many of the journey with the fewest, as far as it had them.
const LEAST: f64 = 150.0;
/// How long healthy traffic is waited for, in pairs: who is not at `go` by then will not be.
const PATIENCE: f64 = 200_000.0;
const HOUR: f64 = 3_600.0;

/// How much is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How often each fault is; `None`: as often as takes about a minute.
    pub trials: Option<u32>,
    /// Everything drawn at random follows from it.
    pub seed: u64,
    /// On how many threads: the forecast is the same on any number.
    pub threads: usize,
}

/// What the settings will do. Times are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Forecast {
    /// How often each fault was simulated.
    pub trials: u32,
    /// Everything drawn at random followed from it.
    pub seed: u64,
    /// The pairs a second of the soak, over all journeys.
    pub pairs_per_second: f64,
    /// How long the simulated soak was.
    pub soak: f64,
    /// For how long a fault was watched.
    pub watched: f64,
    /// For how long healthy traffic was watched for its `go`.
    pub patience: f64,
    /// The faults.
    pub faults: Vec<ForecastRow>,
    /// The time to `go` of healthy traffic.
    pub go: Delays,
    /// The bound on false rollbacks a week.
    pub false_alarms_per_week: f64,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForecastRow {
    /// What goes wrong.
    pub name: String,
    /// The same, for programs.
    pub fault: Fault,
    /// How soon it leads to `rollback`.
    pub delays: Delays,
}

impl Calibration {
    /// Simulates what the settings will do with this traffic; nothing, where something is missing.
    ///
    /// # Errors
    /// When the effort is out of its range; the message names the number.
    pub fn forecast(&mut self, effort: Effort, progress: impl Fn(usize, usize) + Sync) -> Result<(), String> {
        let Some(watched) = self.soak.as_ref().map(|soak| soak.watched).filter(|_| self.missing.is_empty())
        else {
            return Ok(());
        };
        let mut journeys: Vec<_> = self.seen.iter().filter_map(|seen| own(seen, watched)).collect();
        // The one with the fewest pairs first: it is the one that meets the faults of one journey.
        journeys.sort_by_key(|(_, own)| std::cmp::Reverse(own.every));
        let Some((seldom, slowest)) = journeys.first().map(|(scope, own)| (name(scope), own.every)) else {
            return Ok(());
        };
        let owns: Vec<_> = journeys.iter().map(|(_, own)| *own).collect();
        let faults = faults(&self.settings, &seldom, owns.len());
        let rate: f64 = owns.iter().map(|own| 1.0 / own.every.as_secs_f64()).sum();
        let plan = plan(effort, rate, slowest.as_secs_f64(), watched, faults.len())?;
        let estimate = time_to_go(&owns, &self.settings, rate);
        let patience = estimate.clamp(HOUR, (PATIENCE / rate).max(HOUR));
        let only: Vec<_> = faults.iter().map(|(_, fault)| *fault).collect();
        let patient = Duration::from_secs_f64(patience);
        let foresight = foresee(&owns, &only, &self.settings, &plan, patient, progress);
        let row = |((name, fault), delays)| ForecastRow { name, fault, delays };
        self.forecast = Some(Forecast {
            trials: plan.trials,
            seed: plan.seed,
            pairs_per_second: rate,
            soak: plan.soak.as_secs_f64(),
            watched: plan.watch.as_secs_f64(),
            patience,
            faults: faults.into_iter().zip(foresight.faults).map(row).collect(),
            go: foresight.go,
            false_alarms_per_week: self.settings.false_alarms_per_week,
        });
        Ok(())
    }
}

/// A journey's traffic. From `go` on durations are compared with the soak, so that both sides take equally long here.
fn own(seen: &ScopeSeen, watched: f64) -> Option<(Scope, Own)> {
    let runs = |side: SideSeen| Runs {
        errors: side.errors,
        median: seen.old.median.unwrap_or(0.1),
        sigma: side.sigma.unwrap_or(0.5).clamp(0.0, 3.0),
    };
    let counts = matches!(seen.scope, Scope::Journey(_)) && seen.pairs > 0;
    let every = Duration::from_secs_f64((watched / seen.pairs.max(1) as f64).max(0.01));
    let own = Own { every, old: runs(seen.old), new: runs(seen.new.unwrap_or(seen.old)) };
    counts.then(|| (seen.scope.clone(), own))
}

/// The faults, with their names.
fn faults(settings: &Settings, seldom: &str, journeys: usize) -> Vec<(String, Fault)> {
    let slower = 2.0 * settings.location_margin;
    let slow = Fault { slower, ..Fault::default() };
    let tail = Fault { tail: 0.02, tail_times: 5.0, ..Fault::default() };
    let all = [
        ("outage", Fault::errors(1.0)),
        ("errors +5 pp", Fault::errors(0.05)),
        ("errors +1 pp", Fault::errors(0.01)),
        (&format!("durations +{}", percent(slower)), slow),
        ("tail: 2 % of runs x5", tail),
    ];
    let one = [("outage", Fault::errors(1.0)), ("errors +5 pp", Fault::errors(0.05))];
    if journeys == 1 {
        return all.map(|(name, fault)| (name.to_owned(), fault)).into();
    }
    let all = all.map(|(name, fault)| (format!("{name}, all journeys"), fault));
    let one = one.map(|(name, fault)| (format!("{name}, {seldom} alone"), fault.of_one()));
    all.into_iter().chain(one).collect()
}

/// How long the pieces are: long enough for the traffic, and no more work than was asked for.
fn plan(effort: Effort, rate: f64, slowest: f64, watched: f64, faults: usize) -> Result<Plan, String> {
    let (day, settle) = (24.0 * HOUR, 600.0);
    let soak = (SOAK / rate).max(LEAST * slowest).min(watched).clamp(60.0, 7.0 * day);
    let watch = (60.0 * slowest).clamp(HOUR, day);
    let pairs = rate * (soak + settle + watch / 4.0) * (faults + 1) as f64;
    let trials = effort.trials.unwrap_or((WORK / pairs).clamp(20.0, 200.0) as u32);
    let [soak, settle, watch] = [soak, settle, watch].map(Duration::from_secs_f64);
    let plan =
        Plan { trials, seed: effort.seed, threads: effort.threads, soak, settle, watch, ..Plan::default() };
    plan.checked().map_err(|error| error.to_string())
}

/// After how many seconds `go` is surely there or will not come: four times what its tests of failures need.
fn time_to_go(owns: &[Own], settings: &Settings, rate: f64) -> f64 {
    let share =
        |of: fn(&Own) -> f64| owns.iter().map(|own| of(own) / own.every.as_secs_f64()).sum::<f64>() / rate;
    let pairs =
        |margin, level, old, new| go::pairs(margin, level, old, new).map_or(f64::INFINITY, |n| n as f64);
    let (old, new) = (share(|own| own.old.errors), share(|own| own.new.errors));
    let all = pairs(settings.go_margin, settings.go_level, old, new) / rate;
    let level = settings.go_level / owns.len().max(1) as f64;
    let each = owns.iter().map(|own| {
        let pairs = pairs(settings.go_margin_journey, level, own.old.errors, own.new.errors);
        pairs * own.every.as_secs_f64()
    });
    4.0 * each.fold(all, f64::max)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::fixture::{history, line, sample, soak};
    use crate::{Format, Wanted};
    use cutover::{Phase, Route};

    const EFFORT: Effort = Effort { trials: Some(2), seed: 1, threads: 2 };

    fn calibration(history: &store::History) -> Calibration {
        Calibration::of(history, &Wanted { settings: Settings::default(), paired: None })
    }

    #[test]
    fn the_forecast_is_of_this_traffic_and_the_same_each_time() {
        let lines = |n: i64| {
            let both = [Route::Old, Route::New].into_iter();
            let often = both.clone().map(|route| line("often", route, 10, 0, 0.1));
            let seldom = both.filter(|_| n % 2 == 0).map(|route| line("seldom", route, 1, 0, 0.1));
            often.chain(seldom).collect()
        };
        let history = history((1..=720).map(|n| sample(10 * n, Phase::Set, lines(n))).collect());
        let mut one = calibration(&history);
        one.forecast(EFFORT, |_, _| {}).unwrap();
        let mut other = calibration(&history);
        other.forecast(Effort { threads: 1, ..EFFORT }, |_, _| {}).unwrap();
        assert_eq!(one, other);
        let forecast = one.forecast.as_ref().unwrap();
        assert!((forecast.pairs_per_second - 1.05).abs() < 0.001, "{forecast:?}");
        assert!(forecast.faults.iter().any(|row| row.name == "outage, `seldom` alone"), "{forecast:?}");
        assert!(forecast.faults[0].delays.p90.is_some_and(|p90| p90 < 120.0), "{forecast:?}");
        // The seldom one needs some 200 pairs, of which one comes every 20 s.
        assert!(forecast.go.median.is_some_and(|go| go > 3_000.0), "{forecast:?}");
        for format in [Format::Text, Format::Markdown, Format::Json] {
            assert!(one.render(format).unwrap().contains("outage, `seldom` alone"));
        }
    }

    #[test]
    fn what_is_missing_is_not_simulated_and_an_absurd_effort_is_refused() {
        let mut none = calibration(&history(Vec::new()));
        assert_eq!(none.forecast(EFFORT, |_, _| {}), Ok(()));
        assert_eq!(none.forecast, None);
        let mut absurd = calibration(&soak(2, |_| [0, 0], |_| 1.0));
        let error = absurd.forecast(Effort { trials: Some(0), ..EFFORT }, |_, _| {}).unwrap_err();
        assert!(error.starts_with("`trials` is 0"), "{error}");
    }

    #[test]
    fn the_work_stays_about_the_same_whatever_the_traffic() {
        for (rate, slowest) in [(0.01, 100.0), (1.0, 10.0), (4.0, 5.0), (100.0, 60.0), (1_000.0, 1.0)] {
            let plan = plan(Effort { trials: None, ..EFFORT }, rate, slowest, 86_400.0, 7).unwrap();
            let pairs = rate * (plan.soak + plan.settle + plan.watch / 4).as_secs_f64() * 8.0;
            let work = pairs * f64::from(plan.trials);
            assert!(plan.trials == 20 || work < 1.1 * WORK, "{rate}: {plan:?}");
        }
    }
}
