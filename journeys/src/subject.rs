//! What a file is, by the keys at its edge: whoever names the wrong one is told that, and not all that it lacks.

use document::{Kind, Node, Source};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A journey, or what was meant as one.
    Journey,
    /// Nothing but steps, for journeys to include.
    Steps,
    /// A configuration.
    Configuration,
    /// Nothing that can be told by its keys.
    Unknown,
}

impl Subject {
    /// What the document is.
    pub fn of(node: &Node) -> Self {
        let has = |name| has(node, name);
        if has("journey") {
            Self::Journey
        } else if has("cutover") {
            Self::Configuration
        } else if matches!(&node.kind, Kind::Map(entries) if entries.len() == 1) && has("steps") {
            Self::Steps
        } else if has("steps") || has("finally") {
            Self::Journey
        } else {
            Self::Unknown
        }
    }

    /// Whether a journey can be made of the document; what it is instead is complained of.
    pub(crate) fn is_journey(node: &Node, source: &mut Source<'_>) -> bool {
        let (message, help) = match (Self::of(node), &node.kind) {
            (Self::Configuration, _) => {
                ("this is a configuration, not a journey", "a configuration is named by `--config`")
            }
            (Self::Steps, _) => (
                "these are steps for journeys to include, not a journey",
                "begin it with `journey: NAME`, or name the journey that includes it",
            ),
            (Self::Unknown, Kind::Null) => ("the journey is empty", "it needs `journey: NAME` and `steps:`"),
            (Self::Unknown, Kind::Map(_)) => (
                "this is no journey: it has neither `journey:` nor `steps:`",
                "a journey begins with `journey: NAME`",
            ),
            (Self::Journey | Self::Unknown, _) => return true,
        };
        source.complain(node.place(), message, Some(help.to_owned()));
        false
    }

    /// Whether the document can be included; that it is a whole journey is complained of.
    pub(crate) fn is_included(node: &Node, source: &mut Source<'_>) -> bool {
        let whole = has(node, "journey");
        if whole {
            let help = "move its steps into a file that has nothing but `steps:`, and include that in both";
            source.complain(
                node.place(),
                "this is a whole journey: steps alone can be included",
                Some(help.to_owned()),
            );
        }
        !whole
    }
}

fn has(node: &Node, name: &str) -> bool {
    matches!(&node.kind, Kind::Map(entries) if entries.iter().any(|(key, _)| key.name == name))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_the_keys_at_its_edge() {
        let of = |text: &str| Subject::of(&Node::read(&mut Source::new("t.yaml", text)).unwrap());
        assert_eq!(of("\u{feff}journey: a\nsteps: []\n"), Subject::Journey);
        assert_eq!(of("{ vars: { a: b }, steps: [] }"), Subject::Journey);
        assert_eq!(of("steps: []\n"), Subject::Steps);
        assert_eq!(of("journeys: []\ncutover: {}\n"), Subject::Configuration);
        for text in ["", "[journey]", "journey", "openapi: 3.1.0\n"] {
            assert_eq!(of(text), Subject::Unknown, "{text}");
        }
    }
}
