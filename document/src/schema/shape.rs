//! The words of a table.

/// A mapping with keys of its own.
#[derive(Debug)]
pub struct Shape {
    /// Its name among the definitions: `step`.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// The keys that it has in any case.
    pub fields: &'static [Field],
    /// Of these keys it has exactly one, which brings others with it; none where there is no choice.
    pub kinds: &'static [Kind],
}

/// A key.
#[derive(Debug)]
pub struct Field {
    /// The key itself.
    pub key: &'static str,
    /// Of what sort its value is.
    pub sort: Sort,
    /// What it means.
    pub about: &'static str,
    /// What it is when it is left out, as it would be written.
    pub default: Option<&'static str>,
    /// Whether it must be there.
    pub required: bool,
}

/// A key that decides on others.
#[derive(Debug)]
pub struct Kind {
    /// The key.
    pub field: Field,
    /// The keys that go with it.
    pub fields: &'static [Field],
}

/// Of what sort a value is.
#[derive(Debug, Clone, Copy)]
pub enum Sort {
    /// A text; a number or a truth value is taken as it is spelled.
    Text,
    /// A number and its unit: `800ms`.
    Duration,
    /// A share with its sign: `5%`.
    Share,
    /// `true` or `false`.
    Boolean,
    /// A whole number, from the first to the last.
    Whole(u64, u64),
    /// A number, at least this one.
    AtLeast(f64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text that this regular expression (ECMA 262) matches.
    Matching(fn() -> String),
    /// Any document.
    Any,
    /// A mapping whose keys its author chooses.
    Map(&'static Sort),
    /// A list.
    List(&'static Sort),
    /// One, or a list of them.
    Some(&'static Sort),
    /// Any of these.
    Either(&'static [Sort]),
    /// A mapping of this shape.
    Shape(&'static Shape),
}

impl Field {
    /// A key that may be left out.
    pub const fn new(key: &'static str, sort: Sort, about: &'static str) -> Self {
        Self { key, sort, about, default: None, required: false }
    }

    /// The same, with what it is when it is left out.
    #[must_use]
    pub const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// The same, and it must be there.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

impl Shape {
    /// Every key, those that only some kinds have included, each once.
    pub fn keys(&self) -> Vec<&'static str> {
        let mut keys: Vec<_> = self.every_field().map(|field| field.key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}
