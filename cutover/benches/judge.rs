//! What judging costs: ten thousand journeys with a pair each 5 s, and two steps in each. One command:
//! `cargo bench -p cutover --bench judge`.
//!
//! It prints the share of a core, the time of a verdict and of the end of a block, what it takes to save everything,
//! and the memory of a scope.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use cutover::evidence::Settings;
use cutover::{
    Answered, FailureKind, Judge, Observation, Outcome, PairId, Parts, Phase, Reached, Route, RunSeen,
    Series, Side, Sides, StepSeen, Watched,
};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

const SCOPES: usize = 10_000;
const EVERY: u32 = 5;

/// Traffic of the specification: errors 0.2 %, lognormal durations (median 120 ms, sigma 0.5).
struct Traffic {
    names: Vec<Arc<str>>,
    steps: [Arc<str>; 2],
    random: SmallRng,
    pair: u64,
    now: DateTime<Utc>,
}

impl Traffic {
    fn took(&mut self) -> Duration {
        let (u, v): (f64, f64) = (self.random.random::<f64>().max(1e-300), self.random.random());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        Duration::from_secs_f64(0.12 * (0.5 * normal).exp())
    }

    fn run(&mut self, journey: usize, side: Side, phase: Phase) -> RunSeen {
        let (fails, took) = (self.random.random_bool(0.002), self.took());
        let step = |at: usize, share: f64| StepSeen {
            route: Route::from(side),
            attempts: 1,
            visible: None,
            degraded: None,
            name: self.steps[at].clone(),
            outcome: Outcome::Passed,
            parts: Parts { total: took.mul_f64(share), ..Parts::default() },
            reached: Some(Reached::from(side)),
            vitals: None,
            answered: Answered::from(side),
        };
        let failed = Outcome::Failed { step: "post".to_owned(), kind: FailureKind::Status };
        RunSeen {
            at: self.now,
            lag: Duration::ZERO,
            took,
            journey: self.names[journey].clone(),
            variant: "".into(),
            route: Route::from(side),
            reached: Some(Reached::from(side)),
            answered: Answered::from(side),
            phase,
            outcome: if fails { failed } else { Outcome::Passed },
            detail: String::new(),
            trace: Arc::default(),
            pair: Some(PairId(self.pair)),
            steps: vec![step(0, 0.2), step(1, 0.8)],
        }
    }

    /// The observations of `seconds`, the pairs of all journeys spread evenly.
    fn seconds(&mut self, seconds: u32, phase: Phase) -> Vec<(Observation, DateTime<Utc>)> {
        let pairs = SCOPES as u32 / EVERY * seconds;
        let apart = TimeDelta::nanoseconds(i64::from(EVERY) * 1_000_000_000 / SCOPES as i64);
        let mut all = Vec::with_capacity(2 * pairs as usize);
        for _ in 0..pairs {
            (self.pair, self.now) = (self.pair + 1, self.now + apart);
            let journey = (self.pair % SCOPES as u64) as usize;
            for side in Side::BOTH {
                all.push((Observation::Run(self.run(journey, side, phase)), self.now));
            }
        }
        all
    }
}

/// The resident memory of this process, in bytes; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

fn fold(judge: &mut Judge, observations: &[(Observation, DateTime<Utc>)]) -> Duration {
    let start = Instant::now();
    observations.iter().for_each(|(observation, now)| judge.observe(observation, *now));
    start.elapsed()
}

/// How long a thousand verdicts took, sorted.
fn verdicts(judge: &mut Judge, now: DateTime<Utc>) -> Vec<Duration> {
    let one = |_| {
        let start = Instant::now();
        drop(std::hint::black_box(judge.verdict(now)));
        start.elapsed()
    };
    let mut all: Vec<_> = (0..1_000).map(one).collect();
    all.sort_unstable();
    all
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let names: Vec<Arc<str>> = (0..SCOPES).map(|at| format!("journey {at}").into()).collect();
    let sides = Sides::new(vec!["192.0.2.0/24".parse()?], vec!["198.51.100.0/24".parse()?])?;
    let pairs_per_second = SCOPES as f64 / f64::from(EVERY);
    let steps: [Arc<str>; 2] = ["sign in".into(), "post".into()];
    let pairs =
        names.iter().flat_map(|name| steps.iter().map(move |step| (Series::from(&**name), step.clone())));
    let watched =
        Watched { paired: names.clone(), steps: pairs.collect(), pairs_per_second, ..Watched::default() };
    let random = SmallRng::seed_from_u64(1);
    let mut traffic = Traffic { names, steps, random, pair: 0, now: DateTime::UNIX_EPOCH };

    let before = resident();
    let mut judge = Judge::new(Settings::default(), Arc::new(sides), &watched);
    let empty = resident();
    judge.enter(Phase::Set);
    // Twenty-five minutes of soak: every scope knows its tail.
    for _ in 0..50 {
        fold(&mut judge, &traffic.seconds(30, Phase::Set));
    }
    let soaked = resident();
    judge.enter(Phase::Go);
    let (mut folding, mut seconds) = (Duration::ZERO, 0);
    for _ in 0..10 {
        folding += fold(&mut judge, &traffic.seconds(30, Phase::Go));
        seconds += 30;
    }
    let after = resident();

    let verdicts = verdicts(&mut judge, traffic.now);
    let start = Instant::now();
    judge.tick(traffic.now + TimeDelta::seconds(11));
    let block = start.elapsed();

    let start = Instant::now();
    let saved = judge.save();
    let (cloned, text) = (start.elapsed(), serde_json::to_string(&saved)?);
    let written = start.elapsed();

    // Then everything is down on new: the longest verdict there is.
    for _ in 0..4 {
        let mut outage = traffic.seconds(30, Phase::Go);
        for (observation, _) in &mut outage {
            if let Observation::Run(run) = observation
                && run.route == Route::New
            {
                run.outcome = Outcome::Failed { step: "post".to_owned(), kind: FailureKind::Refused };
            }
        }
        fold(&mut judge, &outage);
    }
    let reasons = judge.verdict(traffic.now).reasons.len();
    let ill = self::verdicts(&mut judge, traffic.now);

    let share = folding.as_secs_f64() / f64::from(seconds);
    let per_scope = |bytes: u64| bytes.saturating_sub(before) as f64 / SCOPES as f64 / 1024.0;
    println!("{SCOPES} journeys of two steps, a pair each {EVERY} s");
    println!("  folding, all blocks included   {:.1} % of a core", share * 100.0);
    println!("  the end of a block             {:.1} ms, each 10 s", block.as_secs_f64() * 1e3);
    let (cloned, written, size) =
        (cloned.as_secs_f64() * 1e3, written.as_secs_f64() * 1e3, text.len() as f64 / 1e6);
    println!("  saved                          {cloned:.0} ms, and as text {written:.0} ms, {size:.0} MB");
    println!("  a verdict, median and 99 %     {:?}, {:?}", verdicts[500], verdicts[990]);
    println!("  one of {reasons} reasons, the same    {:?}, {:?}", ill[500], ill[990]);
    println!("  memory of a journey: new       {:.1} KiB", per_scope(empty));
    println!("                       after soak  {:.1} KiB", per_scope(soaked));
    println!("                       after Go    {:.1} KiB", per_scope(after));

    // One journey alone, a million pairs.
    let one = Watched { paired: vec!["journey 0".into()], pairs_per_second: 1.0, ..Watched::default() };
    let sides = Sides::new(vec!["192.0.2.0/24".parse()?], vec!["198.51.100.0/24".parse()?])?;
    let mut judge = Judge::new(Settings::default(), Arc::new(sides), &one);
    judge.enter(Phase::Go);
    traffic.names = vec!["journey 0".into(); SCOPES];
    let mut folding = Duration::ZERO;
    while judge.pairs().0 < 1_000_000 {
        folding += fold(&mut judge, &traffic.seconds(50, Phase::Go));
    }
    let decision = judge.verdict(traffic.now).decision;
    println!("one journey, {} pairs: {:.1} us a pair, {decision}", judge.pairs().0, folding.as_secs_f64());
    Ok(())
}
