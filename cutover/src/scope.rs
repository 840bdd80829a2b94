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
    /// One step of a journey, in one of its variants: how long it takes.
    Step {
        /// The journey.
        journey: Arc<str>,
        /// The variant; empty where the journey has none.
        #[serde(default, skip_serializing_if = "is_empty")]
        variant: Arc<str>,
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

    /// The variant that it is, or belongs to; empty in a journey that has none.
    pub const fn variant(&self) -> Option<&Arc<str>> {
        match self {
            Self::Variant { variant, .. } | Self::Step { variant, .. } => Some(variant),
            _ => None,
        }
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
            Self::Step { journey, variant, step } => {
                let series = Series { journey: journey.clone(), variant: variant.clone() };
                f.pad(&format!("{series}, step `{step}`"))
            }
            Self::Name(name) => f.pad(&format!("name {name}")),
            Self::Fleet(name) => f.pad(&format!("fleet {name}")),
            Self::Canary(name) => f.pad(&format!("canary {name}")),
        }
    }
}

fn is_empty(text: &Arc<str>) -> bool {
    text.is_empty()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_of_a_variant_where_the_journey_has_some() {
        let step = |variant: &str| Scope::Step {
            journey: "sign in".into(),
            variant: variant.into(),
            step: "post".into(),
        };
        for (variant, shown, kept) in [
            ("", "sign in, step `post`", r#"{"step":{"journey":"sign in","step":"post"}}"#),
            (
                "app=7",
                "sign in [app=7], step `post`",
                r#"{"step":{"journey":"sign in","variant":"app=7","step":"post"}}"#,
            ),
        ] {
            assert_eq!(step(variant).to_string(), shown);
            assert_eq!(serde_json::to_string(&step(variant)).unwrap(), kept);
            assert_eq!(serde_json::from_str::<Scope>(kept).unwrap(), step(variant));
        }
    }
}
