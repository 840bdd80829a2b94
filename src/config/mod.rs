//! `serin.yaml`: read whole, cross-checked, and valid by construction from then on.
//!
//! Everything that is wrong is told at once, each with its place. What needs the network (a resolver that answers, a
//! port that is free) is not looked at here.

mod account;
mod alerts;
mod artifacts;
mod browser;
mod canaries;
mod cutover_section;
mod devices;
mod email;
mod evidence;
mod half;
mod hosts;
mod journeys;
mod load;
mod names;
mod page;
mod resolvers;
mod schema;
mod sides;
mod store;
mod trust;
mod values;
mod vars;
mod waves;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::alerts::EmailSettings;
use ::cutover::evidence::Settings;
use ::cutover::{Decision, Route, Series, Sides};
use ::devices::{Account, CanaryPlan, FleetPlan};
use ::journeys::{Artifacts, Journey, Markers, Secrets, Variant};
use dashboards::Token;
use document::Remark;
use probes::{BrowserSettings, Pins, Trust};
use url::Url;

use crate::reset::Wave;

pub(crate) use document::Secret;
pub(crate) use load::{load, load_world, resembles};
pub(crate) use schema::CONFIGURATION;

/// Everything that a canary is told.
#[derive(Debug)]
pub(crate) struct Config {
    /// The cutover itself.
    pub cutover: Cutover,
    /// Where the canary asks for names; empty: where this machine does.
    pub resolvers: Vec<ResolverPlan>,
    /// How often each resolver is asked for each name that moves.
    pub watch_names_every: Duration,
    /// The journeys, each variant by itself.
    pub journeys: Vec<JourneyPlan>,
    /// The fleets.
    pub fleets: Vec<FleetPlan>,
    /// How many connections the devices of a process begin in a second, all together; `None`: as many as want to.
    pub connects_per_second: Option<u32>,
    /// In which order devices are reset, if in any.
    pub waves: Vec<Wave>,
    /// The real canaries.
    pub canaries: Vec<CanaryConfig>,
    /// What the verdict depends on.
    pub evidence: Settings,
    /// The account that sends the reset, where the devices' own cannot.
    pub operator: Option<Account>,
    /// Who is told.
    pub alerts: AlertPlan,
    /// Where the page, the API and the metrics are served.
    pub serve: SocketAddr,
    /// Where people find the page, if that is said.
    pub page: Option<Url>,
    /// What is kept, and where; `None`: nothing.
    pub store: Option<StorePlan>,
    /// Which browser is used, and how much of it.
    pub browser: BrowserSettings,
    /// Where what failed steps in browsers leave is kept; `None`: nowhere.
    pub artifacts: Option<Arc<Artifacts>>,
    /// Whose certificates are trusted.
    pub trust: Trust,
    /// The file with the one authority that is trusted beside the public ones; `None`: none, or several.
    pub authority: Option<PathBuf>,
    /// The variables that journeys are given.
    pub vars: Arc<BTreeMap<String, String>>,
    /// The secrets that journeys are given.
    pub secrets: Secrets,
    /// What is allowed, and still likely a mistake.
    pub remarks: Vec<Remark>,
}

impl Config {
    /// The link to the page, which is served at `address`. An address that only says "all of this machine's" leads
    /// nobody anywhere: then there is none, unless one is configured.
    pub(crate) fn link(&self, address: SocketAddr) -> Option<String> {
        let served = (!address.ip().is_unspecified()).then(|| format!("http://{address}/"));
        self.page.as_ref().map(Url::to_string).or(served)
    }
}

/// The cutover that is watched.
#[derive(Debug)]
pub(crate) struct Cutover {
    /// Its name.
    pub name: Arc<str>,
    /// The DNS names that move.
    pub names: Vec<Arc<str>>,
    /// Which addresses are on which side.
    pub sides: Arc<Sides>,
    /// Where each name is on each side, for the pinned routes.
    pub pins: Arc<Pins>,
    /// By what an answer tells its side.
    pub markers: Arc<Markers>,
    /// The share of the devices on the new side (0 to 1) from which on there is no way back.
    pub point_of_no_return: Option<f64>,
}

/// A resolver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResolverPlan {
    /// Its name.
    pub name: Arc<str>,
    /// Where it answers, over UDP, and over TCP for answers too large for it.
    pub at: SocketAddr,
    /// Whether it is authoritative for the names that move.
    pub authoritative: bool,
}

/// A journey, in one of its variants, and when it runs.
#[derive(Debug, Clone)]
pub(crate) struct JourneyPlan {
    /// The journey.
    pub journey: Arc<Journey>,
    /// The variant.
    pub variant: Variant,
    /// The time between two starts.
    pub every: Duration,
    /// The routes on which it runs.
    pub on: Vec<Route>,
}

impl JourneyPlan {
    /// What its runs are compared, counted and shown as.
    pub(crate) fn series(&self) -> Series {
        Series { journey: self.journey.name().clone(), variant: self.variant.name().clone() }
    }

    /// Whether it runs in pairs: at once on both sides, and on each step's own.
    pub(crate) fn paired(&self) -> bool {
        self.on.contains(&Route::Old) && self.on.contains(&Route::New) && !self.journey.pinned_elsewhere()
    }

    /// On how many routes it runs without a counterpart.
    pub(crate) fn unpaired(&self) -> usize {
        self.on.len() - if self.paired() { 2 } else { 0 }
    }
}

/// A real canary.
#[derive(Debug, Clone)]
pub(crate) struct CanaryConfig {
    /// How it is heard.
    pub plan: CanaryPlan,
    /// Whether it checks in.
    pub checks_in: bool,
    /// The token that it alone has; without one it is that of `serin run`.
    pub token: Option<Token>,
}

/// What is kept, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StorePlan {
    /// The file.
    pub path: PathBuf,
    /// The time between two samples.
    pub sample_every: Duration,
    /// How much is kept.
    pub settings: ::store::Settings,
}

/// Who is told of what.
#[derive(Debug, Default)]
pub(crate) struct AlertPlan {
    /// The decisions on which an alert fires.
    pub on: Vec<Decision>,
    /// Where it goes, by the receiver's name.
    pub email: Vec<(Arc<str>, EmailSettings)>,
}
