//! `serin check`

use std::collections::BTreeSet;
use std::path::Path;

use document::{Rejected, Remark, file};
use journeys::{Journey, Known};

use crate::cli::Check;
use crate::config::{self, Config, JourneyPlan};
use crate::failure::{Exit, Failure};
use crate::say;

/// As much of a file as is looked at to see what it is.
const LARGEST: u64 = 4 << 20;

/// Loads configurations and journeys, and says what they amount to; what is wrong with any of them is told at once.
pub(crate) fn run(check: &Check) -> Result<Exit, Failure> {
    let (journeys, configs): (Vec<_>, Vec<_>) = check.files.iter().partition(|path| is_journey(path));
    let mut found = Found::default();
    configs.into_iter().for_each(|path| found.config(path));
    journeys.into_iter().for_each(|path| found.journey(path));
    for remark in &found.remarks {
        say::error(format_args!("{remark}\n"));
    }
    if !found.wrong.is_empty() {
        return Err(Rejected(found.wrong).into());
    }
    found.summaries.iter().for_each(say::line);
    Ok(if check.deny_warnings && !found.remarks.is_empty() { Exit::Hold } else { Exit::Go })
}

/// Whether a file is a journey, by the keys at its edge: so it is told of one that is not even YAML, too.
fn is_journey(path: &Path) -> bool {
    let text = file::text(path, LARGEST).unwrap_or_default();
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    has("journey:") && !has("cutover:")
}

/// What was found so far.
#[derive(Default)]
struct Found {
    configs: Vec<Config>,
    wrong: Vec<document::Diagnostic>,
    remarks: Vec<Remark>,
    summaries: Vec<String>,
}

impl Found {
    fn config(&mut self, path: &Path) {
        match config::load(path) {
            Ok(config) => {
                self.remarks.extend(config.remarks.iter().cloned());
                self.summaries.push(summary(&config));
                self.configs.push(config);
            }
            Err(rejected) => self.complain(rejected),
        }
    }

    /// A journey may use what the configuration beside it gives, where there is just one.
    fn journey(&mut self, path: &Path) {
        let (vars, secrets) = match self.configs.as_slice() {
            [config] => (config.vars.clone(), config.secrets.clone()),
            _ => Default::default(),
        };
        match Journey::load(path, Known { vars: &vars, secrets: &secrets }) {
            Ok(journey) => {
                self.remarks.extend(journey.remarks().iter().cloned());
                let found = found(journey.remarks().len());
                let steps = count(journey.step_names().count(), "step", "steps");
                let variants = match journey.variants().len() {
                    1 => String::new(),
                    variants => format!(", {variants} variants"),
                };
                self.summaries.push(format!("{}: {found}, {steps}{variants}", journey.name()));
            }
            Err(rejected) => self.complain(rejected),
        }
    }

    /// A file may be named twice, once by its configuration; what is wrong with it is told once.
    fn complain(&mut self, rejected: Rejected) {
        for diagnostic in rejected.0 {
            if !self.wrong.contains(&diagnostic) {
                self.wrong.push(diagnostic);
            }
        }
    }
}

fn summary(config: &Config) -> String {
    let paired = || config.journeys.iter().filter(|plan| plan.paired());
    // The sum of no numbers is -0.
    let pairs = paired().map(|plan| plan.every.as_secs_f64().recip()).fold(0.0, |sum, rate| sum + rate);
    let devices: u32 = config.fleets.iter().map(|fleet| fleet.count).sum();
    let series = match config.journeys.len() {
        all if all == journeys(&config.journeys) => String::new(),
        all => format!(" in {all} variants"),
    };
    format!(
        "{}: {}\n  names      {}\n  resolvers  {}\n  journeys   {}{series}, {} of them in pairs ({pairs:.2} pairs a second)\n  \
         devices    {devices} in {}\n{}  alerts     {}",
        config.cutover.name,
        found(config.remarks.len()),
        config.cutover.names.join(", "),
        match config.resolvers.len() {
            0 => "this machine's".to_owned(),
            count => count.to_string(),
        },
        journeys(&config.journeys),
        journeys(paired()),
        count(config.fleets.len(), "fleet", "fleets"),
        match config.canaries.len() {
            0 => String::new(),
            count => format!("  canaries   {count}\n"),
        },
        match config.alerts.email.len() {
            0 => "nobody is told".to_owned(),
            receivers => count(receivers, "receiver", "receivers"),
        },
    )
}

/// How many journeys these are: each variant of one has a plan of its own.
fn journeys<'p>(plans: impl IntoIterator<Item = &'p JourneyPlan>) -> usize {
    plans.into_iter().map(|plan| plan.journey.name()).collect::<BTreeSet<_>>().len()
}

fn found(remarks: usize) -> String {
    match remarks {
        0 => "all is well".to_owned(),
        remarks => format!("no errors, {}", count(remarks, "warning", "warnings")),
    }
}

fn count(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
