//! What each run of a journey is given.

use std::collections::BTreeMap;
use std::sync::Arc;

use cutover::{Route, Sides};
use journeys::{Aims, Artifacts, Markers, RunContext};
use probes::{Aim, Browsers, Pins, Resolver, Trust};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::engine::USER_AGENT;

/// What runs know of the world.
#[derive(Debug)]
pub(crate) struct World {
    /// Which addresses are on which side.
    pub sides: Arc<Sides>,
    /// Where each name is on each side.
    pub pins: Arc<Pins>,
    /// By what an answer tells its side.
    pub markers: Arc<Markers>,
    /// Whose certificates are trusted.
    pub trust: Trust,
    /// The variables that the configuration gives.
    pub vars: Arc<BTreeMap<String, String>>,
    /// Who is asked for names on the live route.
    pub resolver: Option<Resolver>,
    /// The browsers, none of them started.
    pub browsers: Browsers,
    /// Where what a failed step leaves is kept, if it is kept at all.
    pub artifacts: Option<Arc<Artifacts>>,
}

impl World {
    /// As it is configured.
    pub(crate) fn of(config: &Config, resolver: Resolver) -> Self {
        Self {
            sides: config.cutover.sides.clone(),
            pins: config.cutover.pins.clone(),
            markers: config.cutover.markers.clone(),
            trust: config.trust.clone(),
            vars: config.vars.clone(),
            resolver: Some(resolver),
            browsers: Browsers::new(config.browser.clone()),
            artifacts: config.artifacts.clone(),
        }
    }

    /// What a run on the live route is given; `cancel` ends it.
    pub(crate) fn context(&self, cancel: CancellationToken) -> RunContext {
        let aim = |route| Aim::new(route, self.sides.clone(), self.pins.clone(), self.resolver.clone());
        let aims = Aims { old: aim(Route::Old), new: aim(Route::New), live: aim(Route::Live) };
        RunContext {
            markers: self.markers.clone(),
            vars: self.vars.clone(),
            browsers: self.browsers.clone(),
            artifacts: self.artifacts.clone(),
            cancel,
            ..RunContext::new(aims, self.trust.clone(), USER_AGENT)
        }
    }
}
