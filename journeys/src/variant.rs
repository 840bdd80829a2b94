//! The variants of a journey: every combination of the values on its axes.

use std::sync::Arc;

/// What a variant is called within templates: `{{ variant.app }}`.
pub(crate) const PREFIX: &str = "variant.";

/// One combination of values, each from its axis. A journey without axes has one variant, which is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variant {
    name: Arc<str>,
    values: Arc<[(String, String)]>,
}

impl Variant {
    /// Every combination, in the order in which axes and values are written, the last axis fastest.
    pub(crate) fn all(axes: &[(String, Vec<String>)]) -> Vec<Self> {
        let mut all = vec![Vec::new()];
        for (axis, values) in axes {
            let longer = |short: Vec<(String, String)>| {
                values.iter().map(move |value| {
                    let mut longer = short.clone();
                    longer.push((axis.clone(), value.clone()));
                    longer
                })
            };
            all = all.into_iter().flat_map(longer).collect();
        }
        all.into_iter().map(Self::of).collect()
    }

    fn of(values: Vec<(String, String)>) -> Self {
        let name: Vec<_> = values.iter().map(|(axis, value)| format!("{axis}={value}")).collect();
        Self { name: name.join(",").into(), values: values.into() }
    }

    /// Its name, `app=7.1,locale=en`; empty where the journey has no variants.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its axes with its value on each.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(axis, value)| (axis.as_str(), value.as_str()))
    }

    /// Its value on an axis.
    pub fn value(&self, axis: &str) -> Option<&str> {
        self.values().find(|(known, _)| *known == axis).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_is_one_and_no_axes_make_one() {
        let axis = |name: &str, values: [&str; 2]| (name.to_owned(), values.map(str::to_owned).to_vec());
        let all = Variant::all(&[axis("app", ["7.1", "7.2"]), axis("locale", ["en", "de"])]);
        let names: Vec<_> = all.iter().map(|variant| &*variant.name).collect();
        assert_eq!(
            names,
            ["app=7.1,locale=en", "app=7.1,locale=de", "app=7.2,locale=en", "app=7.2,locale=de"]
        );
        assert_eq!((all[1].value("locale"), all[1].value("region")), (Some("de"), None));
        assert_eq!(Variant::all(&[]), [Variant::default()]);
    }
}
