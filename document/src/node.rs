//! A YAML document as a tree in which every key and value knows its place.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_yaml::{Location, Spanned};

use crate::{Place, Source, syntax};

/// A value of the document.
#[derive(Debug)]
pub struct Node {
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
    /// The bytes of the file that it was read from.
    bytes: Option<(usize, usize)>,
}

/// What kind of value it is.
#[derive(Debug)]
pub enum Kind {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list of values.
    List(Vec<Node>),
    /// A mapping of keys to values, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key itself.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

/// Deeper than any journey, and far from the depth at which a recursive reader would run out of stack.
pub(crate) const DEEPEST: usize = 32;
/// Aliases counted as what they stand for.
pub(crate) const MOST_NODES: usize = 50_000;

impl Node {
    /// The document's tree; what is wrong with it as YAML is noted, and nothing is returned then.
    pub fn read(source: &mut Source<'_>) -> Option<Self> {
        let options = serde_yaml::options! {
            budget: serde_yaml::budget! { max_depth: DEEPEST, flow_nesting_limit: DEEPEST, max_nodes: MOST_NODES },
            // `no` is a country, and not a truth value (YAML 1.2, section 10.3.2).
            strict_booleans: true,
            leading_zero_numbers_as_strings: true,
            underscored_numbers_as_strings: true,
        };
        match serde_yaml::from_str_with_options::<Spanned<Kind>>(source.text(), options) {
            Ok(spanned) => Some(Self::of(spanned)),
            Err(error) => {
                syntax::complain(source, &error);
                None
            }
        }
    }

    fn of(Spanned { value, defined, .. }: Spanned<Kind>) -> Self {
        let span = defined.span();
        let bytes = span.byte_offset().zip(span.byte_len());
        let bytes = bytes.map(|(from, len)| (from as usize, (from + len) as usize));
        Self { place: place_of(&defined), kind: value, bytes }
    }

    /// Where it stands; of a list or a mapping, which may span many lines, the first character.
    pub const fn place(&self) -> Place {
        match self.kind {
            Kind::List(_) | Kind::Map(_) => Place { width: 1, ..self.place },
            _ => self.place,
        }
    }

    /// Where the value of the field `name` stands, or this mapping itself if it has none.
    pub fn field_place(&self, name: &str) -> Place {
        let Kind::Map(entries) = &self.kind else { return self.place() };
        entries
            .iter()
            .find(|(key, _)| key.name == name)
            .map_or_else(|| self.place(), |(_, value)| value.place())
    }

    /// Whether it is a mapping.
    pub const fn is_mapping(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// The items, if it is a list.
    pub fn items(&self) -> Option<&[Self]> {
        if let Kind::List(items) = &self.kind { Some(items) } else { None }
    }

    /// What it is, in a word or two, for messages.
    pub const fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// A scalar as it is spelled in the file (`007` stays `007`); `None` for what is no scalar.
    pub fn spelling(&self, source: &Source<'_>) -> Option<String> {
        match &self.kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Bool(_) | Kind::Number(_) => {
                let (from, to) = self.bytes?;
                source.text().get(from..to).map(|text| text.trim().to_owned())
            }
            _ => None,
        }
    }

    /// Whether it is a text without quotes, as it stands in the file.
    pub(crate) fn is_plain(&self, source: &Source<'_>) -> bool {
        let Kind::Text(text) = &self.kind else { return false };
        self.bytes.and_then(|(from, to)| source.text().get(from..to)).is_some_and(|it| it.trim_end() == text)
    }

    /// The place of the characters `at..at + width` of a text. Where the text spans lines or is written with
    /// escapes its characters have no simple places, and the whole text is meant.
    pub fn within(&self, source: &Source<'_>, at: usize, width: usize) -> Place {
        let Kind::Text(text) = &self.kind else { return self.place };
        let written = self.bytes.and_then(|(from, to)| source.text().get(from..to)).map_or("", str::trim_end);
        let plain = if written == text {
            0
        } else if written.len() == text.len() + 2 && written.get(1..=text.len()) == Some(text) {
            1
        } else {
            return self.place;
        };
        if text.contains('\n') {
            return self.place;
        }
        Place { line: self.place.line, column: self.place.column + plain + at, width }
    }
}

pub(crate) fn place_of(location: &Location) -> Place {
    let width = usize::try_from(location.span().len()).unwrap_or(1);
    Place { line: location.line() as usize, column: location.column() as usize, width }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        Kind::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Kind, E> {
        Number::from_f64(value).map(Kind::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Kind, E> {
        Ok(Kind::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Kind, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element::<Spanned<Kind>>()? {
            list.push(Node::of(item));
        }
        Ok(Kind::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let place = place_of(&key.defined);
            let value = Node::of(map.next_value()?);
            entries.push((Key { name: key.value, place }, value));
        }
        Ok(Kind::Map(entries))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, String> {
        let mut source = Source::new("t.yaml", text);
        Node::read(&mut source).ok_or_else(|| source.into_rejected().to_string())
    }

    fn entry<'n>(node: &'n Node, name: &str) -> (&'n Key, &'n Node) {
        let Kind::Map(entries) = &node.kind else { panic!("no mapping: {node:?}") };
        let (key, value) = entries.iter().find(|(key, _)| key.name == name).unwrap();
        (key, value)
    }

    #[test]
    fn keys_and_values_know_their_places() {
        let node = read("a: 1\nb:\n  - x: \"long text\"\n  - two words\n").unwrap();
        let (key, list) = entry(&node, "b");
        assert_eq!((key.place.line, key.place.column), (2, 1));
        let Kind::List(items) = &list.kind else { panic!("no list") };
        let (_, text) = entry(&items[0], "x");
        assert_eq!((text.place.line, text.place.column, text.place.width), (3, 8, 11));
        assert_eq!((items[1].place.line, items[1].place.column, items[1].place.width), (4, 5, 9));
    }

    #[test]
    fn a_place_within_a_text_is_known_for_plain_and_simply_quoted_ones() {
        let text = "a: plain text\nb: \"quoted text\"\nc: \"tab\\ttext\"\nd: |\n  block\n  text\n";
        let source = Source::new("t.yaml", text);
        let node = read(text).unwrap();
        let at = |name| entry(&node, name).1.within(&source, 6, 4);
        assert_eq!(at("a"), Place { line: 1, column: 10, width: 4 });
        assert_eq!(at("b"), Place { line: 2, column: 11, width: 4 });
        assert_eq!(at("c"), entry(&node, "c").1.place);
        assert_eq!(at("d"), entry(&node, "d").1.place);
    }

    #[test]
    fn scalars_keep_their_spelling() {
        let text = "a: 007\nb: 1.50\nc: yes\nd: true\n";
        let source = Source::new("t.yaml", text);
        let node = read(text).unwrap();
        let spelled = |name| entry(&node, name).1.spelling(&source).unwrap();
        assert_eq!(["a", "b", "c", "d"].map(spelled), ["007", "1.50", "yes", "true"]);
    }

    #[test]
    fn words_of_yaml_1_1_are_texts() {
        let node = read("a: no\nb: y\nc: On\nd: 1_000\ne: true\nf: 'true'\n").unwrap();
        let is_text = |name| matches!(entry(&node, name).1.kind, Kind::Text(_));
        assert_eq!(["a", "b", "c", "d", "e", "f"].map(is_text), [true, true, true, true, false, true]);
    }
}
