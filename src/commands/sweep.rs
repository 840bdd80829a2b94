//! `serin sweep`

use std::path::Path;
use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};
use cutover::{AbortCause, Outcome, Series};
use journeys::{Entry, Run, RunContext};
use store::Leaf;
use tokio_util::sync::CancellationToken;

use crate::cli::Sweep;
use crate::config::{self, Config};
use crate::context::World;
use crate::failure::{Exit, Failure};
use crate::{interrupt, resolvers, say};

/// While somebody writes to the store, what is younger than this may belong to a run that is under way.
const UNDER_WAY: Duration = Duration::from_secs(600);

/// What became of one thing that was left over.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It was taken away, by so many steps.
    CleanedUp(usize),
    /// It would be, were this not a rehearsal of it.
    Due,
    /// It is too young.
    Left(String),
    /// It could not be.
    Failed(String),
    /// It could not be tried, by the canary's own fault.
    Aborted(String),
}

/// Does `finally` for those runs that could not.
pub(crate) async fn run(sweep: Sweep) -> Result<Exit, Failure> {
    let config = config::load_world(&sweep.config)?;
    let plan = config.store.as_ref().ok_or_else(|| {
        let way = "add `store:`, where `serin run` writes down what its runs make";
        Failure::usage(format!("{}: there is no `store:`; {way}", sweep.config.display()))
    })?;
    let path = plan.path.clone();
    let failed = |error: store::StoreError| Failure::canary(error.to_string());
    let (leaves, open) = store::leftovers(&path).map_err(failed)?;
    if leaves.is_empty() {
        say::line(format_args!("nothing is left over in {}", path.display()));
        return Ok(Exit::Go);
    }
    let asked = interrupt::listen().map_err(|error| Failure::canary(error.to_string()))?;
    let context = match sweep.dry_run {
        true => None,
        false => {
            let resolver = resolvers::connect(&config).await?.live;
            Some(World::of(&config, resolver).context(CancellationToken::new()))
        }
    };
    let age = sweep.older_than.unwrap_or(if open { UNDER_WAY } else { Duration::ZERO });
    let broom = Broom { config: &config, context, age, open, give_up: sweep.give_up, path: &path };
    broom.sweep(leaves, &asked).await
}

struct Broom<'c> {
    config: &'c Config,
    /// `None`: nothing is done.
    context: Option<RunContext>,
    /// What is younger is left.
    age: Duration,
    /// Whether somebody writes to the store.
    open: bool,
    give_up: bool,
    path: &'c Path,
}

impl Broom<'_> {
    async fn sweep(&self, leaves: Vec<Leaf>, asked: &CancellationToken) -> Result<Exit, Failure> {
        let (mut cleaned, mut exit) = (0_usize, Exit::Go);
        let count = leaves.len();
        for leaf in leaves {
            if asked.is_cancelled() {
                say::error("interrupted: what is not shown is still there");
                return Ok(Exit::Hold);
            }
            let entry = serde_json::from_value::<Entry>(leaf.data.clone()).ok();
            let fate = match &entry {
                _ if self.is_young(&leaf) => Fate::Left(self.why_left()),
                Some(entry) => self.clean_up(entry).await,
                None => Fate::Failed("what the store keeps of it is not understood here".to_owned()),
            };
            let gone = matches!(fate, Fate::CleanedUp(_));
            let given_up = self.give_up && matches!(fate, Fate::Failed(_));
            if gone || given_up {
                store::strike(self.path, &leaf.run).map_err(|error| Failure::canary(error.to_string()))?;
            }
            cleaned += usize::from(gone);
            exit = match fate {
                Fate::Aborted(_) => Exit::Canary,
                Fate::Failed(_) if !given_up && exit == Exit::Go => Exit::Hold,
                _ => exit,
            };
            say::line(line(&leaf, entry.as_ref(), &fate, given_up));
        }
        let cleaned = if self.context.is_some() {
            format!("{cleaned} of them cleaned up")
        } else {
            "nothing was done".to_owned()
        };
        say::line(format_args!("{count} left over, {cleaned}"));
        Ok(exit)
    }

    fn is_young(&self, leaf: &Leaf) -> bool {
        Utc::now() - leaf.at < TimeDelta::from_std(self.age).unwrap_or(TimeDelta::MAX)
    }

    fn why_left(&self) -> String {
        let age = humantime::format_duration(self.age);
        let why = if self.open { ", and `serin run` is at work" } else { "" };
        format!("left: younger than {age}{why}")
    }

    async fn clean_up(&self, entry: &Entry) -> Fate {
        let plans = self.config.journeys.iter();
        let mut of_that_name = plans.filter(|plan| plan.journey.name() == &entry.journey).peekable();
        if of_that_name.peek().is_none() {
            return Fate::Failed("the configuration has no journey of that name any more".to_owned());
        }
        let Some(plan) = of_that_name.find(|plan| plan.variant.name() == &entry.variant) else {
            return Fate::Failed("the journey has no such variant any more".to_owned());
        };
        let Some(context) = &self.context else { return Fate::Due };
        let context = RunContext { route: entry.route, variant: plan.variant.clone(), ..context.clone() };
        fate(&plan.journey.clean_up(&context, entry).await)
    }
}

fn fate(run: &Run) -> Fate {
    let done = run.steps.iter().filter(|step| step.skipped.is_none()).count();
    match &run.outcome {
        Outcome::Passed => Fate::CleanedUp(done),
        // A journey that cannot be carried out any more will not be tomorrow.
        Outcome::Failed { .. } | Outcome::Aborted { cause: AbortCause::Script } => {
            Fate::Failed(run.detail.to_string())
        }
        Outcome::Aborted { .. } => Fate::Aborted(run.detail.to_string()),
    }
}

fn line(leaf: &Leaf, entry: Option<&Entry>, fate: &Fate, given_up: bool) -> String {
    let at = leaf.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let what = entry.map_or_else(
        || "?".to_owned(),
        |entry| {
            let series = Series { journey: entry.journey.clone(), variant: entry.variant.clone() };
            format!("{} of `{series}` on {}", entry.creates.join(", "), entry.route)
        },
    );
    let fate = match fate {
        Fate::CleanedUp(0) => "nothing to clean up: what it needs was never saved".to_owned(),
        Fate::CleanedUp(1) => "cleaned up, 1 step".to_owned(),
        Fate::CleanedUp(steps) => format!("cleaned up, {steps} steps"),
        Fate::Due => "to be cleaned up".to_owned(),
        Fate::Left(why) => why.clone(),
        Fate::Failed(why) if given_up => format!("given up: {why}"),
        Fate::Failed(why) | Fate::Aborted(why) => format!("still there: {why}"),
    };
    format!("{at}  {}  {what}  {fate}", leaf.run)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;
    use cutover::Route;

    use super::*;

    #[test]
    fn what_was_left_over_is_a_line() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let leaf = Leaf { run: "0a1b".to_owned(), at, data: serde_json::Value::Null };
        let entry = Entry {
            run: "0a1b".to_owned(),
            journey: "sign up".into(),
            variant: "app=7.1".into(),
            route: Route::Old,
            at,
            creates: vec!["user".into(), "device".into()],
            vars: BTreeMap::new(),
        };
        let said = line(&leaf, Some(&entry), &Fate::CleanedUp(2), false);
        let begins = "2027-01-15T08:00:00Z  0a1b  user, device of `sign up [app=7.1]` on old  ";
        assert_eq!(said, format!("{begins}cleaned up, 2 steps"));
        let failed = Fate::Failed("delete: expected status == 204, got 500".to_owned());
        let said = line(&leaf, Some(&entry), &failed, false);
        assert_eq!(said, format!("{begins}still there: delete: expected status == 204, got 500"));
        assert!(
            line(&leaf, None, &failed, true)
                .ends_with("0a1b  ?  given up: delete: expected status == 204, got 500")
        );
    }
}
