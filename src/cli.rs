//! What can be typed.

mod check;
mod once;

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use cutover::Phase;
use devices::Shard;
use rehearsal::{Fault, Timed};
use tracing_subscriber::EnvFilter;

pub(crate) use check::{Check, Schema, SchemaOf};
pub(crate) use once::{Given, Once, Wanted};

/// The synthetic end-user and device canary monitor for cutovers: go, hold or roll back, and why.
///
/// Serin acts as the users and devices of a service that moves from an old side to a new one, all the time and on
/// both sides, and says whether to go on.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Say more in the log (-v: what happens, -vv: everything). The log goes to standard error.
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 900)]
    pub verbose: u8,
}

const EXIT_CODES: &str = "Exit codes: 0 go (or all is well), 1 rollback, 2 wrong usage or configuration, 3 hold, \
                          4 the canary's own fault.\nBegin with `serin rehearse`: a whole cutover on this machine, in \
                          a minute and a half.";

const FAULT: &str = "Let something go wrong: NAME[=VALUE][@MOMENT], such as new-errors=5%@go+10s. May be given several \
                     times";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch a cutover: run its journeys and devices, judge, alert, and serve page, API and metrics.
    ///
    /// Runs until Ctrl-C, which drains within 5 seconds. The exit code is that of the last verdict.
    Run(Run),
    /// Rehearse a cutover on this machine: a mock IoT platform with everything real except the machines.
    ///
    /// Starts two sides on loopback, watches them with the same engine as `serin run`, goes through ready, set and go,
    /// moves DNS, sends the reset, shows the devices moving, and ends with the verdict. The exit code is the verdict's.
    Rehearse(Rehearse),
    /// Run journeys now, and show what became of each step.
    ///
    /// Without --config it follows this machine's DNS; with one it knows the sides, and can go to either. What went wrong is
    /// shown at its place in the file. The exit code is 0 when all passed, 1 when the target failed, 2 when a journey is
    /// wrong, 3 when it was interrupted, 4 when the canary itself is at fault.
    Once(Once),
    /// Check configurations, every journey they name, and journeys by themselves; nothing is sent anywhere.
    Check(Check),
    /// Print the JSON Schema of a journey or of the configuration, for editors.
    ///
    /// An editor with a YAML language server takes it by a comment in the file's first line:
    /// # yaml-language-server: $schema=journey.schema.json
    Schema(Schema),
    /// Make a journey of what another tool recorded or describes.
    ///
    /// Tokens that an answer gave are saved and sent as those of the run, noise is left out, secrets move into the
    /// environment; the head of the file says what was left out and what it needs.
    Import(Import),
    /// Tell a running `serin run` that the cutover has entered a phase.
    ///
    /// The phases are ready -> set -> go -> settled, and rolled-back from set or go.
    Phase(PhaseChange),
    /// Ask a running `serin run` for its verdict: a gate for scripts, told by the exit code.
    ///
    /// Doubt is `hold`: so is a canary that has just begun, one whose last picture is old (exit code 4), and a rollback
    /// past the point of no return, which is for people to decide. Reading needs no token.
    Gate(Gate),
    /// Make the report of a cutover from its store: one file that can be mailed around.
    ///
    /// The ending of the file's name decides: .html (complete in itself, without scripts, ready for print), .md, .json.
    /// It can be made while `serin run` goes on.
    Report(Report),
    /// Read a soak from the store, and propose the margins of the verdict, with what they will detect and how fast.
    ///
    /// Looks at the last time in phase `set`, when both sides were up (else at the old side alone), and simulates faults in
    /// traffic like it, for about a minute. It can be made while `serin run` goes on. The exit code is 3 when nothing can
    /// be proposed: the soak is too short, or something is wrong that no margin helps against.
    Calibrate(Calibrate),
    /// Show what the verdict promises, on simulated traffic: how soon it sees each fault, how often it cries wolf.
    ///
    /// Beside it stand a threshold, burn rates, Kayenta's Mann-Whitney and Flagger's failed checks, on the same streams.
    /// The whole table takes some ten minutes on two cores; the same seed gives the same table.
    Simulate(Simulate),
    /// Send the reset instruction to the devices, on both sides' brokers.
    ///
    /// Every device gets it whichever way it went; one that gets it twice resets once. A running `serin run` is told who is
    /// meant, and by whom, if its token is given: then it knows who did not get it, too.
    Reset(Reset),
    /// List the devices of a running `serin run` by name: where each stands, and what became of the last reset there.
    Devices(Devices),
    /// Clean up what runs have left over that were cut off: do the `finally` of each, with the variables that it had.
    ///
    /// What a journey makes is written down in the store before it is made, where a step says `creates:`. The exit code
    /// is 3 when something could not be cleaned up.
    Sweep(Sweep),
}

/// `serin run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The configuration, such as serin.yaml.
    pub config: PathBuf,
    /// The phase in which the cutover is already; by default the one in the store, or else ready.
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<Phase>,
    /// Begin anew: what is in the store is moved aside, under a name with the time in it.
    #[arg(long)]
    pub fresh: bool,
    /// Which share of every fleet this process takes, such as 2/6. Only the first one does all the rest.
    #[arg(long, value_name = "N/OF", default_value = "1/1", hide_default_value = true)]
    pub shard: Shard,
    #[command(flatten)]
    pub token: Token,
}

/// How the token is given: by a file or the environment, never as an argument that every user of the machine sees.
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// A file with the token with which `serin phase` and `serin reset` are let in by `serin run`: all are given the same
    /// one, here or as $SERIN_TOKEN. Without one nobody can change the phase.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

/// `serin rehearse`
#[derive(Debug, Args)]
pub(crate) struct Rehearse {
    /// What goes wrong, and when.
    // Not from the comment: in documentation these brackets would be links.
    #[arg(long, value_name = "FAULT", help = FAULT)]
    pub fault: Vec<Timed<Fault>>,
    /// Explain each fault in a line, with the verdict that it must lead to, and end.
    #[arg(long)]
    pub list_faults: bool,
    /// Leave the world up after the verdict, until Ctrl-C.
    #[arg(long)]
    pub keep: bool,
    /// Only start the world, and write a ready serin.yaml for it. Runs until Ctrl-C.
    #[arg(long, conflicts_with = "keep")]
    pub world: bool,
    /// Write the report of the rehearsal at its end: FILE.html, FILE.md or FILE.json.
    #[arg(long, value_name = "FILE", conflicts_with = "world")]
    pub report: Option<PathBuf>,
    /// Where the world's files go (serin.yaml, journeys, the CA); by default a temporary folder.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// How many devices there are.
    #[arg(long, default_value_t = 200, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=15_000))]
    pub devices: u32,
    /// The TTL of the names that move.
    #[arg(long, default_value = "5s", value_name = "DURATION", value_parser = duration)]
    pub ttl: Duration,
    /// How long `ready` lasts: what is usual is learned from it.
    #[arg(long, default_value = "8s", value_name = "DURATION", value_parser = duration)]
    pub ready_for: Duration,
    /// How long `set` lasts.
    #[arg(long, default_value = "10s", value_name = "DURATION", value_parser = duration)]
    pub set_for: Duration,
    /// How long `go` lasts at least, and until when the verdict must be earned.
    #[arg(long, default_value = "45s", value_name = "DURATION", value_parser = duration)]
    pub go_for: Duration,
}

/// `serin import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What the file is.
    pub format: ImportFormat,
    /// The file; `-` is standard input.
    pub file: PathBuf,
    /// Where the journey goes, a new file; by default to standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// A recording of a browser or a proxy (HAR 1.2).
    Har,
    /// Command lines of curl, as "Copy as cURL" makes them.
    Curl,
    /// A description of an API: OpenAPI 3.0 or 3.1, YAML or JSON.
    Openapi,
    /// A collection of Postman's, 2.1.
    Postman,
}

/// `serin phase`
#[derive(Debug, Args)]
pub(crate) struct PhaseChange {
    /// The phase that the cutover has entered.
    pub phase: Phase,
    /// Where `serin run` serves its API.
    #[arg(long, default_value = "http://127.0.0.1:9900", value_name = "URL", value_parser = api)]
    pub at: url::Url,
    /// Who says so, for the log; by default the user of this machine.
    #[arg(long, env = "USER", hide_env_values = true, default_value = "unknown", value_name = "NAME")]
    pub by: String,
    #[command(flatten)]
    pub token: Token,
}

/// `serin gate`
#[derive(Debug, Args)]
pub(crate) struct Gate {
    /// Where `serin run` serves its API.
    #[arg(long, default_value = "http://127.0.0.1:9900", value_name = "URL")]
    pub at: url::Url,
    /// How long to wait for the verdict, such as 10m; by default it is asked once.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub wait: Option<Duration>,
    /// The verdict that is waited for; a rollback ends the wait in any case.
    #[arg(long = "for", default_value = "go", requires = "wait", value_name = "VERDICT")]
    pub awaited: Awaited,
}

/// What a gate waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Awaited {
    /// Until it may go on.
    Go,
    /// For the whole time, unless it must be rolled back: `go` on the way ends nothing.
    Rollback,
}

/// `serin report`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["config", "store"]))]
pub(crate) struct Report {
    /// The configuration that says where the store is, such as serin.yaml.
    pub config: Option<PathBuf>,
    /// The store itself, such as serin.db.
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
    #[command(flatten)]
    pub period: Period,
    /// Where the report goes: FILE.html, FILE.md or FILE.json.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// `serin calibrate`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("soak").required(true).args(["config", "store"]))]
pub(crate) struct Calibrate {
    /// The configuration, such as serin.yaml: where the store is, what is configured, and which journeys run in pairs.
    pub config: Option<PathBuf>,
    /// The store itself, such as serin.db, with the default settings.
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
    #[command(flatten)]
    pub period: Period,
    /// How often each fault is simulated; by default as often as takes about a minute.
    #[arg(long)]
    pub trials: Option<u32>,
    /// Everything drawn at random follows from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How it is printed.
    #[arg(long, default_value = "text")]
    pub format: TableFormat,
}

/// Of which time a store is read.
#[derive(Debug, Default, Clone, Copy, Args)]
pub(crate) struct Period {
    /// Leave out what was before: a time such as 2027-01-15T22:00:00Z, or so long ago, such as 6h.
    #[arg(long, value_name = "TIME", value_parser = crate::moment::parse)]
    pub from: Option<DateTime<Utc>>,
    /// Leave out what came after: the same.
    #[arg(long, value_name = "TIME", value_parser = crate::moment::parse)]
    pub to: Option<DateTime<Utc>>,
}

/// `serin simulate`
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// A situation of your own instead of the table: a YAML file with name, traffic and fault.
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// A rough table within seconds.
    #[arg(long)]
    pub quick: bool,
    /// How often each fault is simulated (200, or 3 with --quick).
    #[arg(long)]
    pub trials: Option<u32>,
    /// How many days of each kind of healthy traffic are simulated (60, or an hour with --quick).
    #[arg(long)]
    pub days: Option<f64>,
    /// Everything drawn at random follows from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// On how many threads; by default one a core. The table is the same on any number.
    #[arg(long)]
    pub threads: Option<usize>,
    /// How the table is printed.
    #[arg(long, default_value = "text")]
    pub format: TableFormat,
}

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// For a wide terminal.
    Text,
    /// For a document.
    Markdown,
    /// For programs.
    Json,
}

/// `serin reset`
#[derive(Debug, Args)]
pub(crate) struct Reset {
    /// The configuration, such as serin.yaml.
    pub config: PathBuf,
    /// Only this fleet; by default every one.
    #[arg(long, group = "whom")]
    pub fleet: Option<String>,
    /// Only this device.
    #[arg(long, group = "whom")]
    pub device: Option<String>,
    /// Only this wave; `all` walks through all of them, with the pauses between, as long as the verdict is `go`.
    #[arg(long, group = "whom")]
    pub wave: Option<String>,
    /// On the walk through all waves, go on also while it is `hold`.
    #[arg(long, requires = "wave")]
    pub unless_rollback: bool,
    /// The instruction's id: the same one, sent again, is obeyed once, and a walk goes on where it was. By default a new
    /// one.
    #[arg(long)]
    pub id: Option<String>,
    /// Wait until all who are meant are back, for so long at most, and tell what became of them. Stragglers: exit code 3.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
    /// Where `serin run` serves its API; by default at `serve:` of the configuration. Several for several shards.
    #[arg(long, value_name = "URL", value_parser = api)]
    pub at: Vec<url::Url>,
    /// Who sends it, for the log; by default the user of this machine.
    #[arg(long, env = "USER", hide_env_values = true, default_value = "unknown", value_name = "NAME")]
    pub by: String,
    #[command(flatten)]
    pub token: Token,
}

/// `serin devices`
#[derive(Debug, Args)]
pub(crate) struct Devices {
    /// Where `serin run` serves its API.
    #[arg(long, default_value = "http://127.0.0.1:9900", value_name = "URL", value_parser = api)]
    pub at: url::Url,
    /// Only those of this fleet.
    #[arg(long)]
    pub fleet: Option<String>,
    /// Only those that are old, new, both, other, connecting or lost; or behind the last reset: no-reset, not-returned.
    #[arg(long)]
    pub state: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 1_000, value_name = "COUNT")]
    pub limit: usize,
    /// A JSON object a line, for programs.
    #[arg(long)]
    pub json: bool,
}

/// `serin sweep`
#[derive(Debug, Args)]
pub(crate) struct Sweep {
    /// The configuration, such as serin.yaml.
    pub config: PathBuf,
    /// Only list what is left over.
    #[arg(long)]
    pub dry_run: bool,
    /// Leave what is younger, such as 10m; by default that is 10m while `serin run` is at work, and else nothing.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub older_than: Option<Duration>,
    /// Strike out also what cannot be cleaned up: it is gone already, or somebody sees to it.
    #[arg(long, conflicts_with = "dry_run")]
    pub give_up: bool,
}

/// A duration as it is written everywhere, of a day at most.
fn duration(text: &str) -> Result<Duration, String> {
    const DAY: Duration = Duration::from_secs(86_400);
    let duration = humantime::parse_duration(text).ok().filter(|duration| *duration <= DAY);
    duration.ok_or_else(|| "write a number and its unit, a day at most: 800ms, 10s, 2m".to_owned())
}

/// The URL of an API.
fn api(text: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| "write http://HOST:PORT, as `serin run` prints it".to_owned())
}

impl Cli {
    /// Starts the log, on standard error. $SERIN_LOG has the last word.
    pub(crate) fn log(&self) {
        let level = match self.verbose {
            // The browser's library warns of every message that is newer than it; what matters comes as an error.
            0 => "warn,chromiumoxide=off",
            1 => "info,chromiumoxide=off",
            _ => "debug",
        };
        let filter = EnvFilter::try_from_env("SERIN_LOG").unwrap_or_else(|_| EnvFilter::new(level));
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        // A reader that has gone (`2>&1 | head -1`) would be told of by a panic.
        log.log_internal_errors(false).init();
    }
}
