//! A text in which places are filled in when the journey runs.

/// A text of a request: what was read, and between it what a run fills in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(Vec<Part>);

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// It stands for itself.
    Literal(String),
    /// What stands between `{{` and `}}`.
    Filled(String),
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::default() } else { Self(vec![Part::Literal(text)]) }
    }
}

impl FromIterator<Part> for Text {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        let mut text = Self::default();
        parts.into_iter().for_each(|part| text.push(part));
        text
    }
}

impl Text {
    /// Nothing but what a run fills in.
    pub(crate) fn filled(expression: impl Into<String>) -> Self {
        Self(vec![Part::Filled(expression.into())])
    }

    /// Puts a piece at its end.
    pub(crate) fn push(&mut self, part: Part) {
        match (self.0.last_mut(), part) {
            (_, Part::Literal(more)) if more.is_empty() => {}
            (Some(Part::Literal(text)), Part::Literal(more)) => text.push_str(&more),
            (_, part) => self.0.push(part),
        }
    }

    /// Puts another text at its end.
    pub(crate) fn append(&mut self, other: Self) {
        other.0.into_iter().for_each(|part| self.push(part));
    }

    /// Its pieces.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The text, if nothing is filled in.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The same, with something else in the place of each piece that stands for itself.
    pub(crate) fn map(&mut self, mut change: impl FnMut(&str) -> Option<Self>) {
        let mut changed = Self::default();
        for part in std::mem::take(&mut self.0) {
            match &part {
                Part::Literal(literal) => match change(literal) {
                    Some(text) => changed.append(text),
                    None => changed.push(part),
                },
                Part::Filled(_) => changed.push(part),
            }
        }
        *self = changed;
    }

    /// As it is written into a journey: what would be taken for a template there is written as one that yields it.
    pub(crate) fn template(&self) -> String {
        let mut written = String::new();
        for (index, part) in self.0.iter().enumerate() {
            match part {
                Part::Filled(expression) => written.push_str(&format!("{{{{ {expression} }}}}")),
                Part::Literal(text) => {
                    let before_filled = matches!(self.0.get(index + 1), Some(Part::Filled(_)));
                    escape(text, before_filled, &mut written);
                }
            }
        }
        written
    }
}

/// Writes a literal; `before_filled` says that `{{` follows it, with which a `{` at its end would be read together.
fn escape(text: &str, before_filled: bool, written: &mut String) {
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let opens = c == '{'
            && match characters.peek() {
                Some('{' | '%' | '#') => true,
                None => before_filled,
                Some(_) => false,
            };
        if !opens {
            written.push(c);
        } else if let Some(second) = characters.next() {
            written.push_str(&format!("{{{{ '{{{second}' }}}}"));
        } else {
            written.push_str("{{ '{' }}");
        }
    }
}

/// A literal alone, as it is written into a journey.
pub(crate) fn literal(text: &str) -> String {
    Text::from(text).template()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_template_is_written_as_one_that_yields_it() {
        let written = |text: &str| literal(text);
        assert_eq!(written("plain { } %}"), "plain { } %}");
        assert_eq!(written("{{ x }}"), "{{ '{{' }} x }}");
        assert_eq!(written("{{{%"), "{{ '{{' }}{{ '{%' }}");
        assert_eq!(written("a {# b"), "a {{ '{#' }} b");
        let text: Text = [Part::Literal("{".to_owned()), Part::Filled("id".to_owned())].into_iter().collect();
        assert_eq!(text.template(), "{{ '{' }}{{ id }}");
    }
}
