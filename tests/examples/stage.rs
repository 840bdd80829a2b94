//! Where the examples are run: the rehearsal's world, the servers that it has not, and the program in a folder of its own.

use std::fs;
use std::net::Ipv4Addr;
use std::process::{Output, Stdio};

use rehearsal::{Places, Plan, World};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::task::JoinHandle;

use crate::example::Example;
use crate::folder::{Authority, ENVIRONMENT, fill};
use crate::stands;

/// Where the sides are, and everything else.
pub(crate) const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 71, 1);
pub(crate) const ALSO_OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 71, 2);
pub(crate) const NEW: Ipv4Addr = Ipv4Addr::new(127, 0, 72, 1);
pub(crate) const SERVICES: Ipv4Addr = Ipv4Addr::new(127, 0, 73, 1);

/// All there is; it ends with [`Stage::end`].
pub(crate) struct Stage {
    world: World,
    tasks: Vec<JoinHandle<()>>,
    folder: TempDir,
}

/// What became of journeys.
pub(crate) struct Ran {
    pub(crate) runs: Vec<Run>,
    /// What the program said of it.
    pub(crate) said: String,
}

/// What became of one.
pub(crate) struct Run {
    pub(crate) file: String,
    pub(crate) route: String,
    /// `passed`, or the kind of its failure, or `aborted`.
    pub(crate) ended: String,
    pub(crate) detail: String,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan {
            old: OLD,
            new: NEW,
            services: SERVICES,
            replication_lag: std::time::Duration::from_millis(50),
            directory: folder.path().to_owned(),
            ..Plan::default()
        };
        let world = World::start(plan).await.unwrap();
        let authority = Authority::new();
        fill(folder.path(), &authority);
        let stands = stands::start(&authority, world.places().resolvers.office).await;
        fs::write(folder.path().join("serin.yaml"), config(&world, &stands)).unwrap();
        let stage = Self { world, tasks: stands.tasks, folder };
        stage.succeeds(&["once", "given/setting.yaml", "--config", "serin.yaml"]).await;
        stage
    }

    pub(crate) async fn end(self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.world.shutdown().await;
    }

    pub(crate) fn places(&self) -> &Places {
        self.world.places()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Runs examples on every route. Where one says itself what `api` is, it is told better.
    pub(crate) async fn once(&self, examples: &[&Example]) -> Ran {
        let files = examples.iter().map(|example| example.file.as_str());
        let api = format!("api=https://{}:{}", self.places().names.api, self.places().https);
        let options = ["--config", "serin.yaml", "--route", "all", "--jobs", "2", "--var", &api];
        let report = ["--report", "json=report.json"];
        let arguments: Vec<_> = ["once"].into_iter().chain(files).chain(options).chain(report).collect();
        let output = self.serin(&arguments).await;
        let report = fs::read_to_string(self.folder.path().join("report.json"));
        let report: Report = serde_json::from_str(&report.unwrap_or_else(|_| said(&output))).unwrap();
        Ran { runs: report.runs.into_iter().map(Told::into).collect(), said: said(&output) }
    }

    /// What there is to be said against examples before they are run.
    pub(crate) async fn check(&self, examples: &[Example]) -> Vec<String> {
        let mut wrong = Vec::new();
        for example in examples.iter().filter(|example| !example.is_part()) {
            let said = said(&self.serin(&["check", "serin.yaml", &example.file]).await);
            // What a few steps do not use, others would.
            let warnings = said.matches("warning: ").count() - said.matches("never used\n").count();
            let fine = !said.contains("error: ") && warnings == 0;
            wrong.extend((!fine).then(|| format!("{}:\n{said}", example.place)));
        }
        wrong
    }

    /// Lets the program do what it must be able to do; what it says.
    pub(crate) async fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.serin(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        said(&output)
    }

    async fn serin(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_serin"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null()).kill_on_drop(true);
        command.envs(ENVIRONMENT).env("NO_COLOR", "1").env_remove("SERIN_LOG").env_remove("SERIN_TOKEN");
        command.output().await.unwrap()
    }
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text)).concat()
}

/// What the program is told of the stage.
fn config(world: &World, stands: &stands::Stands) -> String {
    let places = world.places();
    let mut vars = vec![
        ("api", format!("https://{}:{}", places.names.api, places.https)),
        ("console", format!("https://{}:{}", places.names.console, places.https)),
        ("mqtt", format!("mqtt://{}:{}", places.names.mqtt, places.mqtt)),
        ("zone", format!("udp://{}", places.zone)),
    ];
    vars.extend(stands.vars.iter().cloned());
    let vars: String = vars.iter().map(|(name, value)| format!("  {name}: {value}\n")).collect();
    let mut names = vec![&*places.names.api, &*places.names.console, &*places.names.mqtt];
    names.extend(stands::NAMES);
    format!(
        "cutover:
  name: examples
  names: [{}]
  sides:
    old: {{ addresses: [{OLD}, {ALSO_OLD}], at: {OLD}, answered-by: ['header x-served-by == \"old\"', 'mqtt served-by == \"old\"'] }}
    new: {{ addresses: {NEW}, answered-by: ['header x-served-by == \"new\"', 'mqtt served-by == \"new\"'] }}
resolvers: {{ office: 'udp://{}' }}
trust: [ca.pem, journeys/acme-ca.pem]
artifacts: artifacts
vars:
{vars}journeys: [{{ run: given/setting.yaml, every: 5s }}]
",
        names.join(", "),
        stands.resolver
    )
}

#[derive(Deserialize)]
struct Report {
    runs: Vec<Told>,
}

/// A run, as the report tells it.
#[derive(Deserialize)]
struct Told {
    file: String,
    route: String,
    outcome: String,
    decided_by: Option<String>,
    detail: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
struct Attempt {
    miss: Option<Miss>,
}

#[derive(Deserialize)]
struct Miss {
    kind: String,
}

impl From<Told> for Run {
    fn from(told: Told) -> Self {
        let decided = told.steps.iter().find(|step| told.decided_by.as_ref() == Some(&step.name));
        let kind = decided.and_then(|step| step.attempts.last()?.miss.as_ref()).map(|miss| miss.kind.clone());
        let ended = if told.outcome == "failed" { kind.unwrap_or(told.outcome) } else { told.outcome };
        Self { file: told.file, route: told.route, ended, detail: told.detail }
    }
}
