//! One journey in one of its variants: what is compared, counted and shown as one.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A journey in one of its variants. A journey without variants is one series.
///
/// It is kept as it is shown, `sign in [app=7.1,locale=en]`, which is why no journey's own name may end like that
/// ([`Series::is_ambiguous`]).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Series {
    /// The journey's name.
    pub journey: Arc<str>,
    /// The variant's name; empty where the journey has none.
    pub variant: Arc<str>,
}

impl Series {
    /// Whether a journey of this name, without variants, would look like a variant of another one.
    pub fn is_ambiguous(journey: &str) -> bool {
        parts(journey).is_some()
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.variant.is_empty() {
            return f.pad(&self.journey);
        }
        f.pad(&format!("{} [{}]", self.journey, self.variant))
    }
}

impl From<&str> for Series {
    fn from(text: &str) -> Self {
        match parts(text) {
            Some((journey, variant)) => Self { journey: journey.into(), variant: variant.into() },
            None => Self { journey: text.into(), variant: Arc::default() },
        }
    }
}

impl From<String> for Series {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Series> for String {
    fn from(series: Series) -> Self {
        series.to_string()
    }
}

/// Journey and variant, where there is one: `axis=value`, in brackets at the end.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (journey, variant) = text.strip_suffix(']')?.rsplit_once(" [")?;
    variant.contains('=').then_some((journey, variant))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_as_it_is_shown_and_a_journey_without_variants_as_its_name() {
        let plain = Series { journey: "sign in [beta]".into(), variant: "".into() };
        let one = Series { journey: "sign in".into(), variant: "app=7.1,locale=en".into() };
        for (series, text) in [(plain, "sign in [beta]"), (one, "sign in [app=7.1,locale=en]")] {
            assert_eq!(serde_json::to_value(&series).unwrap(), text);
            assert_eq!(serde_json::from_value::<Series>(text.into()).unwrap(), series);
        }
        assert!(Series::is_ambiguous("sign in [app=7]") && !Series::is_ambiguous("sign in [beta]"));
    }
}
