//! What an answer can be asked.

/// What can be asked, and of what, in words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Askable {
    /// `an HTTP answer`
    pub(crate) described: &'static str,
    /// The words of the queries, those together that are about one thing.
    pub(crate) queries: &'static [&'static [&'static str]],
}

/// What a page can be asked.
pub(crate) const PAGE: &[&str] = &["body", "json", "css", "regex", "bytes", "sha256"];

/// What a message or a conversation can be asked.
pub(crate) const CONTENT: &[&str] = &["body", "json", "regex", "bytes", "sha256"];

/// Who was there.
pub(crate) const SIDE: &[&str] = &["reached", "answered"];

impl Askable {
    /// Whether a query can be asked, by its word.
    pub(crate) fn has(&self, query: &str) -> bool {
        self.words().any(|word| word == query)
    }

    /// The words of the queries.
    pub(crate) fn words(&self) -> impl Iterator<Item = &'static str> {
        self.queries.iter().copied().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_one_thing_stands_together() {
        let of = Askable { described: "a message", queries: &[&["topic"], CONTENT] };
        assert!(of.has("topic") && of.has("sha256") && !of.has("css"));
        assert_eq!(of.words().collect::<Vec<_>>(), ["topic", "body", "json", "regex", "bytes", "sha256"]);
    }
}
