//! Texts with places to fill in: payloads and URLs.
//!
//! Not a template language: ten thousand devices fill one in for each datapoint, and five placeholders are all that a
//! datapoint has to say.

use std::fmt::Write;

use chrono::SecondsFormat;

use super::Reading;

/// A text with places to fill in, such as `{"seq":{seq},"value":{value}}`. A brace that opens no word is a brace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Box<[Piece]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    Slot(Slot),
}

/// What can be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// `{device}`: the device's name.
    Device,
    /// `{fleet}`: the fleet's name.
    Fleet,
    /// `{seq}`: the datapoint's number, from 1 for each device.
    Seq,
    /// `{value}`: its value.
    Value,
    /// `{at}`: its time, as RFC 3339 writes it, with milliseconds.
    At,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is too long.
    #[error("it has more than {LONGEST} bytes")]
    Length,
    /// It has a placeholder that means nothing here.
    #[error("`{{{given}}}` is no placeholder here: there are {known}")]
    Placeholder {
        /// The word in the braces.
        given: String,
        /// Those that there are.
        known: String,
    },
}

/// What is filled in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fill<'a> {
    pub(crate) device: &'a str,
    pub(crate) fleet: &'a str,
    pub(crate) reading: Option<&'a Reading>,
}

/// The longest text, in bytes.
const LONGEST: usize = 16 * 1024;

impl Slot {
    /// All of them: what a datapoint's payload may say.
    pub const ALL: [Self; 5] = [Self::Device, Self::Fleet, Self::Seq, Self::Value, Self::At];
    /// Those that name the device.
    pub const NAMES: [Self; 2] = [Self::Device, Self::Fleet];

    /// The word in the braces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Fleet => "fleet",
            Self::Seq => "seq",
            Self::Value => "value",
            Self::At => "at",
        }
    }
}

impl Template {
    /// Reads a text in which `known` may be filled in.
    ///
    /// # Errors
    /// When it is too long, or has a placeholder that is none of these.
    pub fn new(text: &str, known: &[Slot]) -> Result<Self, TemplateError> {
        if text.len() > LONGEST {
            return Err(TemplateError::Length);
        }
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, behind) = (&rest[..open], &rest[open + 1..]);
            literal.push_str(before);
            let word = behind.split_once('}').map(|(word, _)| word).filter(|word| is_word(word));
            let Some(word) = word else {
                literal.push('{');
                rest = behind;
                continue;
            };
            let Some(slot) = known.iter().find(|slot| slot.as_str() == word) else {
                let known: Vec<_> = known.iter().map(|slot| format!("{{{}}}", slot.as_str())).collect();
                return Err(TemplateError::Placeholder { given: word.to_owned(), known: known.join(", ") });
            };
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal).into()));
            }
            pieces.push(Piece::Slot(*slot));
            rest = &behind[word.len() + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal.into()));
        }
        Ok(Self { pieces: pieces.into() })
    }

    /// Whether this is filled in somewhere.
    pub fn has(&self, slot: Slot) -> bool {
        self.pieces.contains(&Piece::Slot(slot))
    }

    /// The text for these names, as a sample to look at: the datapoint's places are filled with 1.
    pub fn sample(&self, fleet: &str, device: &str) -> String {
        let reading = Reading { seq: 1, value: 1.0, at: chrono::DateTime::UNIX_EPOCH };
        self.fill(Fill { device, fleet, reading: Some(&reading) })
    }

    /// The text.
    pub(crate) fn fill(&self, fill: Fill<'_>) -> String {
        let mut text = String::with_capacity(64);
        for piece in &self.pieces {
            let reading = fill.reading;
            // Writing into a text cannot fail; a datapoint's place without a datapoint stays empty.
            let _ = match (piece, reading) {
                (Piece::Text(literal), _) => text.write_str(literal),
                (Piece::Slot(Slot::Device), _) => text.write_str(fill.device),
                (Piece::Slot(Slot::Fleet), _) => text.write_str(fill.fleet),
                (Piece::Slot(Slot::Seq), Some(reading)) => write!(text, "{}", reading.seq),
                (Piece::Slot(Slot::Value), Some(reading)) => write!(text, "{}", reading.value),
                (Piece::Slot(Slot::At), Some(reading)) => {
                    text.write_str(&reading.at.to_rfc3339_opts(SecondsFormat::Millis, true))
                }
                (Piece::Slot(Slot::Seq | Slot::Value | Slot::At), None) => Ok(()),
            };
        }
        text
    }
}

/// Whether what stands in braces is meant as a placeholder: JSON has quotes, spaces or nothing there.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_' || c == '-')
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_braces_and_placeholders_are_filled() {
        let text = r#"{"id":"{device}","f":"{fleet}","n":{seq},"v":{value},"at":"{at}","x":{},"y":{ "z":1}}"#;
        let filled = Template::new(text, &Slot::ALL).unwrap().sample("lamps", "lamps-000007");
        let expected = r#"{"id":"lamps-000007","f":"lamps","n":1,"v":1,"at":"1970-01-01T00:00:00.000Z","x":{},"y":{ "z":1}}"#;
        assert_eq!(filled, expected);
        assert_eq!(Template::new("{", &Slot::ALL).unwrap().sample("f", "d"), "{");
        assert_eq!(Template::new("", &Slot::ALL).unwrap().sample("f", "d"), "");
        assert_eq!(Template::new("{{seq}}", &Slot::ALL).unwrap().sample("f", "d"), "{1}");
    }

    #[test]
    fn a_placeholder_that_is_none_is_named() {
        let refused = |text: &str| Template::new(text, &Slot::NAMES).unwrap_err().to_string();
        assert_eq!(refused("a{devcie}"), "`{devcie}` is no placeholder here: there are {device}, {fleet}");
        assert_eq!(refused("a{seq}"), "`{seq}` is no placeholder here: there are {device}, {fleet}");
        assert_eq!(refused(&"x".repeat(20_000)), "it has more than 16384 bytes");
    }
}
