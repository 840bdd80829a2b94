//! Over what evidence is gathered.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Series;

/// Over what a piece of evidence is gathered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All paired journeys together.
    All,
    /// One journey.
    Journey(Arc<str>),
    /// One variant of a journey.
    Variant {
        /// The journey.
        journey: Arc<str>,
        /// The variant.
        variant: Arc<str>,
    },
    /// One step of a journey: how long it takes.
    Step {
        /// The journey.
        journey: Arc<str>,
        /// The step.
        step: Arc<str>,
    },
    /// One fleet.
    Fleet(Arc<str>),
    /// One DNS name: whether it resolves.
    Name(Arc<str>),
    /// One real canary.
    Canary(Arc<str>),
}

impl Scope {
    /// The scope of one series: a journey without variants is a scope by itself.
    pub fn of(series: &Series) -> Self {
        let Series { journey, variant } = series.clone();
        if variant.is_empty() { Self::Journey(journey) } else { Self::Variant { journey, variant } }
    }

    /// The journey that it is, or belongs to.
    pub const fn journey(&self) -> Option<&Arc<str>> {
        match self {
            Self::Journey(journey) | Self::Variant { journey, .. } | Self::Step { journey, .. } => {
                Some(journey)
            }
            Self::All | Self::Fleet(_) | Self::Name(_) | Self::Canary(_) => None,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.pad("all"),
            Self::Journey(name) => f.pad(name),
            Self::Variant { journey, variant } => f.pad(&format!("{journey} [{variant}]")),
            Self::Step { journey, step } => f.pad(&format!("{journey}, step `{step}`")),
            Self::Name(name) => f.pad(&format!("name {name}")),
            Self::Fleet(name) => f.pad(&format!("fleet {name}")),
            Self::Canary(name) => f.pad(&format!("canary {name}")),
        }
    }
}
