//! Documents of any shape, in the order of their file.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::text::Text;

/// A document whose texts are of type `T`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Doc<T> {
    Null,
    Bool(bool),
    Number(Number),
    Text(T),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

/// A document as it was read.
pub(crate) type Tree = Doc<String>;
/// A document that is sent.
pub(crate) type Json = Doc<Text>;

impl<T> Doc<T> {
    /// The same, with other texts in it.
    pub(crate) fn map<U>(&self, change: &mut impl FnMut(&T) -> U) -> Doc<U> {
        match self {
            Self::Null => Doc::Null,
            Self::Bool(value) => Doc::Bool(*value),
            Self::Number(value) => Doc::Number(value.clone()),
            Self::Text(text) => Doc::Text(change(text)),
            Self::List(items) => Doc::List(items.iter().map(|item| item.map(change)).collect()),
            Self::Map(fields) => {
                Doc::Map(fields.iter().map(|(name, value)| (name.clone(), value.map(change))).collect())
            }
        }
    }

    /// How many levels it has: one, if there is nothing in it.
    pub(crate) fn depth(&self) -> usize {
        let below = match self {
            Self::List(items) => items.iter().map(Self::depth).max(),
            Self::Map(fields) => fields.iter().map(|(_, value)| value.depth()).max(),
            _ => None,
        };
        1 + below.unwrap_or(0)
    }

    /// How many values it has.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Self::Map(fields) => 1 + fields.iter().map(|(_, value)| value.size()).sum::<usize>(),
            _ => 1,
        }
    }

    /// The field of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.fields().iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The fields, if it is a mapping, or else none.
    pub(crate) fn fields(&self) -> &[(String, Self)] {
        if let Self::Map(fields) = self { fields } else { &[] }
    }

    /// The items, if it is a list, or else none.
    pub(crate) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The items of the list in that field, or none.
    pub(crate) fn list(&self, name: &str) -> &[Self] {
        self.get(name).map_or(&[], Self::items)
    }
}

impl Tree {
    /// The text, if it is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The text in that field, if there is one.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The whole number in that field.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        if let Some(Self::Number(number)) = self.get(name) { number.as_i64() } else { None }
    }

    /// Whether the field is there and `true`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Self::Bool(true)))
    }

    /// A scalar as it is sent in a text.
    pub(crate) fn scalar(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The same as what is sent, with nothing to fill in.
    pub(crate) fn to_json(&self) -> Json {
        self.map(&mut |text| Text::from(text.as_str()))
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor(PhantomData))
    }
}

struct TreeVisitor(PhantomData<Tree>);

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Tree, E> {
        // YAML can say `.nan`, and nothing that is sent can.
        Ok(Number::from_f64(value).map_or(Tree::Null, Tree::Number))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Tree, E> {
        Ok(Tree::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut fields: Vec<(String, Tree)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        while let Some((name, value)) = access.next_entry::<String, Tree>()? {
            // Of a name that is given twice the last counts, as everywhere where JSON is read.
            match places.get(&name) {
                Some(&place) => fields[place].1 = value,
                None => {
                    places.insert(name.clone(), fields.len());
                    fields.push((name, value));
                }
            }
        }
        Ok(Tree::Map(fields))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_file_is_kept_and_the_last_of_a_name_counts() {
        let tree: Tree = serde_json::from_str(r#"{"z": 1, "a": [true, null], "z": "2"}"#).unwrap();
        assert_eq!(
            tree,
            Doc::Map(vec![
                ("z".to_owned(), Doc::Text("2".to_owned())),
                ("a".to_owned(), Doc::List(vec![Doc::Bool(true), Doc::Null])),
            ])
        );
        assert_eq!((tree.depth(), tree.size()), (3, 5));
    }

    #[test]
    fn numbers_are_keys_in_yaml() {
        let tree: Tree = serde_yaml::from_str("responses:\n  200: { description: ok }\n").unwrap();
        assert!(tree.get("responses").unwrap().get("200").is_some());
    }
}
