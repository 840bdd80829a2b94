//! What a run is given.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cutover::Route;
use probes::{Aim, Browsers, Timeouts, Trust};
use tokio::sync::watch::Sender;
use tokio_util::sync::CancellationToken;

use crate::artifacts::Artifacts;
use crate::ledger::Ledger;
use crate::marker::Markers;
use crate::variant::Variant;

/// How each route is aimed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Aims {
    /// Pinned to the old side.
    pub old: Aim,
    /// Pinned to the new side.
    pub new: Aim,
    /// Follows DNS.
    pub live: Aim,
}

impl Aims {
    /// The aim of a route.
    pub const fn get(&self, route: Route) -> &Aim {
        match route {
            Route::Old => &self.old,
            Route::New => &self.new,
            Route::Live => &self.live,
        }
    }
}

/// What a run is given. Cheap to clone, so that each run can have its own route and start.
#[derive(Debug, Clone)]
pub struct RunContext {
    /// How each route is aimed.
    pub aims: Aims,
    /// The route of every step that has none of its own.
    pub route: Route,
    /// Which of the journey's [variants](crate::Journey::variants) is run.
    pub variant: Variant,
    /// Which certificates are trusted.
    pub trust: Trust,
    /// By what the sides are told apart.
    pub markers: Arc<Markers>,
    /// The variables that the configuration gives: those that the journey was checked with.
    pub vars: Arc<BTreeMap<String, String>>,
    /// Variables given by hand, which take the place of those of the same name, whoever defines them: what a step saves
    /// under that name later counts then.
    pub given: Arc<BTreeMap<String, serde_json::Value>>,
    /// What every HTTP request names as its agent: `serin/0.1.0`.
    pub user_agent: Arc<str>,
    /// Whether the requests that are made are kept with the run, for those who want to make them again.
    pub keep_requests: bool,
    /// Where it is told which step is under way, if anybody wants to know while it runs.
    pub under_way: Option<Sender<Arc<str>>>,
    /// Counts the turns of the journey: the runs of one turn, those of a pair, have the same row of its data.
    pub turn: u64,
    /// The number of the row that the run sees, from 1, in the place of its turn's.
    pub row: Option<usize>,
    /// Where it is written down what runs make and must take away; `None`: nowhere.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// The browsers, for steps that need one; none is started before.
    pub browsers: Browsers,
    /// Where what a failed step leaves is kept, if it is kept at all.
    pub artifacts: Option<Arc<Artifacts>>,
    /// When the run was meant to start.
    pub intended: DateTime<Utc>,
    /// Ends the run: it is aborted, and what must happen finally has two seconds.
    pub cancel: CancellationToken,
    /// How long each part of an exchange may take. A step's own timeout shortens them.
    pub timeouts: Timeouts,
}

impl RunContext {
    /// Runs aimed by `aims`, on the live route, that trust whom `trust` trusts and call themselves `user_agent`: without
    /// variables, markers, ledger or artifacts, and with timeouts as usual.
    pub fn new(aims: Aims, trust: Trust, user_agent: &str) -> Self {
        Self {
            aims,
            route: Route::Live,
            variant: Variant::default(),
            trust,
            markers: Arc::default(),
            vars: Arc::default(),
            given: Arc::default(),
            user_agent: user_agent.into(),
            keep_requests: false,
            under_way: None,
            turn: 0,
            row: None,
            ledger: None,
            browsers: Browsers::default(),
            artifacts: None,
            intended: Utc::now(),
            cancel: CancellationToken::new(),
            timeouts: Timeouts::default(),
        }
    }
}
