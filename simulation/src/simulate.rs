//! The whole simulation: every trial of every row, on a few threads.

use std::time::Duration;

use crate::promises::{Must, Promise, nulls, promises};
use crate::traffic::mixed;
use crate::trial::{Healthy, Sight, faulty, healthy};
use crate::{About, Environment, Method, Plan, Scenario, Table, Traffic, parallel, summary};

/// Healthy traffic is simulated in parts of so many days at most, each with a soak and a Go of its own.
const PART: Duration = Duration::from_secs(5 * 86_400);

/// One piece of work.
#[derive(Debug, Clone, Copy)]
enum Job {
    /// A part of a kind of healthy traffic.
    Null { kind: usize, lasts: Duration, seed: u64 },
    /// A trial of a fault.
    Trial { row: usize, seed: u64 },
}

/// What came of it.
enum Done {
    Null(Healthy),
    Trial(Sight),
}

/// The table of the promises. `progress` is called, from any thread, with how many pieces of work are done, of how many.
pub fn simulate(plan: &Plan, progress: impl Fn(usize, usize) + Sync) -> Table {
    table(plan, Traffic::default(), &nulls(), promises(), progress)
}

/// The same for one scenario, with what its own traffic does when it is healthy.
pub fn simulate_scenario(scenario: Scenario, plan: &Plan, progress: impl Fn(usize, usize) + Sync) -> Table {
    let traffic = scenario.traffic;
    let healthy = ("the same, healthy", traffic.environment);
    table(plan, traffic, &[healthy], vec![Promise { scenario, must: Must::Nothing }], progress)
}

fn table(
    plan: &Plan,
    traffic: Traffic,
    nulls: &[(&str, Environment)],
    rows: Vec<Promise>,
    progress: impl Fn(usize, usize) + Sync,
) -> Table {
    let lasts = Duration::from_secs_f64(plan.days * 86_400.0);
    // The long pieces first, so that no thread is left alone with one at the end.
    let mut jobs: Vec<_> = (0..nulls.len()).flat_map(|kind| parts(kind, lasts, plan.seed)).collect();
    for row in 0..rows.len() {
        let seed = mixed(plan.seed, row as u64);
        jobs.extend((0..u64::from(plan.trials)).map(|trial| Job::Trial { row, seed: mixed(seed, trial) }));
    }
    let work = |job: &Job| match *job {
        Job::Null { kind, lasts, seed } => {
            let traffic = Traffic { environment: nulls[kind].1, ..traffic };
            Done::Null(healthy(traffic, plan, lasts, seed))
        }
        Job::Trial { row, seed } => Done::Trial(faulty(&rows[row].scenario, plan, seed)),
    };
    let done = parallel::map(&jobs, plan.threads, work, |done| progress(done, jobs.len()));
    let mut parts = vec![Vec::new(); nulls.len()];
    let mut sights = vec![Vec::new(); rows.len()];
    for (job, done) in jobs.iter().zip(done) {
        match (job, done) {
            (Job::Null { kind, .. }, Done::Null(part)) => parts[*kind].push(part),
            (Job::Trial { row, .. }, Done::Trial(sight)) => sights[*row].push(sight),
            // Each piece of work gives what it is.
            _ => {}
        }
    }
    let null_row = |((name, environment), parts): (&(&str, Environment), Vec<_>)| {
        summary::null_row(name, *environment, lasts, &parts)
    };
    let row = |(promise, sights): (Promise, Vec<_>)| summary::row(promise.scenario, promise.must, &sights);
    Table {
        plan: plan.clone(),
        methods: Method::ALL.map(|method| About { method, parameters: method.parameters() }).into(),
        nulls: nulls.iter().zip(parts).map(null_row).collect(),
        rows: rows.into_iter().zip(sights).map(row).collect(),
    }
}

/// The parts of one kind of healthy traffic.
fn parts(kind: usize, lasts: Duration, seed: u64) -> impl Iterator<Item = Job> {
    let count = lasts.as_secs_f64().div_euclid(PART.as_secs_f64()) as u32;
    let rest = lasts.saturating_sub(PART * count);
    let spans = std::iter::repeat_n(PART, count as usize).chain((!rest.is_zero()).then_some(rest));
    // Apart from the rows of faults, which count from nothing.
    let seed = mixed(seed, 1_000 + kind as u64);
    spans.enumerate().map(move |(part, lasts)| Job::Null { kind, lasts, seed: mixed(seed, part as u64) })
}
