//! `serin check`

use std::collections::BTreeSet;
use std::path::Path;

use document::{Diagnostic, Kind, Node, Place, Rejected, Remark, Source, file};
use journeys::{Journey, Known, Subject};

use crate::cli::Check;
use crate::config::{self, Config, JourneyPlan};
use crate::failure::{Exit, Failure};
use crate::say;

/// The largest file that is looked at to see what it is.
const LARGEST: u64 = 4 << 20;

/// Loads configurations and journeys, and says what they amount to; what is wrong with any of them is told at once.
pub(crate) fn run(check: &Check) -> Result<Exit, Failure> {
    let mut found = Found::default();
    let mut journeys = Vec::new();
    for path in &check.files {
        match subject(path) {
            Ok((Subject::Journey, _)) => journeys.push(path),
            Ok((Subject::Steps, source)) => found.steps(&source),
            Ok((Subject::Configuration | Subject::Unknown, _)) => found.config(path),
            Err(rejected) => found.complain(rejected),
        }
    }
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

/// What a file is, with its text; one that is neither of the two, or cannot be read, is refused as that.
fn subject(path: &Path) -> Result<(Subject, Source<'static>), Rejected> {
    let name = path.display().to_string();
    let text = file::text(path, LARGEST).map_err(|why| {
        Rejected(vec![Diagnostic::of_file(&name, format!("the file cannot be read: {why}"))])
    })?;
    let mut source = Source::new(&name, text);
    let Some(node) = Node::read(&mut source) else { return Err(source.into_rejected()) };
    let subject = Subject::of(&node);
    if subject == Subject::Unknown && !config::resembles(&node) {
        let message = match node.kind {
            Kind::Null => "the file is empty".to_owned(),
            Kind::Map(_) => "this is neither a configuration nor a journey".to_owned(),
            _ => format!("this is {}, and neither a configuration nor a journey", node.kind_name()),
        };
        let help = "a configuration begins with `cutover:`, a journey with `journey:`".to_owned();
        source.complain(node.place(), message, Some(help));
        return Err(source.into_rejected());
    }
    Ok((subject, source))
}

/// What was found so far.
#[derive(Default)]
struct Found {
    configs: Vec<Config>,
    wrong: Vec<Diagnostic>,
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

    /// What they mean depends on who includes them: by themselves nothing more can be said of them than that.
    fn steps(&mut self, source: &Source<'_>) {
        let message = "these are steps for journeys to include: they are checked with those";
        let help = "check the journeys that include them; if it is one itself, begin it with `journey: NAME`"
            .to_owned();
        let place = Place { line: 1, column: 1, width: 1 };
        self.remarks.push(source.remarked(place, message, Some(help)));
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
