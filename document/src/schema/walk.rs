//! From a shape to all those within it.

use std::collections::BTreeMap;

use super::{Field, Shape, Sort};

impl Shape {
    /// This shape and every other that is to be found in its fields, by their names, each once.
    ///
    /// The names are those of a schema's definitions, so no two shapes of a table may share one; in a build with debug
    /// assertions that is seen to here.
    pub fn all(&'static self) -> BTreeMap<&'static str, &'static Self> {
        let mut all = BTreeMap::new();
        self.walk(&mut all);
        all
    }

    /// Every field, those that only some kinds have included; a key may be there for several of them.
    pub fn every_field(&self) -> impl Iterator<Item = &Field> {
        let kinds = self.kinds.iter().flat_map(|kind| [&kind.field].into_iter().chain(kind.fields));
        self.fields.iter().chain(kinds)
    }

    fn walk(&'static self, all: &mut BTreeMap<&'static str, &'static Self>) {
        match all.insert(self.name, self) {
            Some(known) => debug_assert!(std::ptr::eq(known, self), "two shapes are named {}", self.name),
            None => self.every_field().for_each(|field| within(field.sort, all)),
        }
    }
}

fn within(sort: Sort, all: &mut BTreeMap<&'static str, &'static Shape>) {
    match sort {
        Sort::Shape(shape) => shape.walk(all),
        Sort::Map(sort) | Sort::List(sort) | Sort::Some(sort) => within(*sort, all),
        Sort::Either(sorts) => sorts.iter().for_each(|sort| within(*sort, all)),
        Sort::Text
        | Sort::Duration
        | Sort::Share
        | Sort::Boolean
        | Sort::Whole(..)
        | Sort::AtLeast(_)
        | Sort::Word(_)
        | Sort::Matching(_)
        | Sort::Any => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Kind;

    static LEAF: Shape = Shape { name: "leaf", about: "A leaf.", fields: &[], kinds: &[] };
    static TWIG: Shape = Shape {
        name: "twig",
        about: "A twig, which may have others.",
        fields: &[Field::new("twigs", Sort::List(&Sort::Shape(&TWIG)), "Others.")],
        kinds: &[Kind {
            field: Field::new("first", Sort::Text, "A kind."),
            fields: &[Field::new(
                "leaves",
                Sort::Map(&Sort::Some(&Sort::Either(&[Sort::Text, Sort::Shape(&LEAF)]))),
                "Leaves by their names.",
            )],
        }],
    };

    #[test]
    fn every_shape_is_met_once_however_deep_it_stands() {
        let all = TWIG.all();
        assert_eq!(all.keys().copied().collect::<Vec<_>>(), ["leaf", "twig"]);
        assert!(std::ptr::eq(all["twig"], &TWIG));
        assert_eq!(LEAF.all().len(), 1);
    }

    #[test]
    fn fields_of_kinds_are_fields_too() {
        let keys: Vec<_> = TWIG.every_field().map(|field| field.key).collect();
        assert_eq!(keys, ["twigs", "first", "leaves"]);
    }
}
