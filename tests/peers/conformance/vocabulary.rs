//! Every word that the language has, from its own tables.

use std::collections::BTreeSet;

use document::schema::{Field, Sort};
use journeys::schema::{JOURNEY, filters, functions, predicates, queries, record_types, types};

/// Words: `step.http.query`, `query status`, `predicate not contains`.
pub(super) type Words = BTreeSet<String>;

/// Every word that there is.
pub(super) fn all() -> Words {
    let mut words = Words::new();
    for (name, shape) in JOURNEY.all() {
        for field in shape.fields {
            known(&mut words, name, field);
        }
        for kind in shape.kinds {
            known(&mut words, name, &kind.field);
            let name = format!("{name}.{}", kind.field.key);
            kind.fields.iter().for_each(|field| known(&mut words, &name, field));
        }
    }
    let of = |kind: &str, word: &str| format!("{kind} {word}");
    words.extend(queries().map(|word| of("query", word)));
    words.extend(types().map(|word| of("type", word)));
    words.extend(record_types().map(|word| of("record type", word)));
    words.extend(functions().iter().map(|word| of("function", word)));
    words.extend(filters().iter().map(|word| of("filter", word)));
    for word in predicates() {
        words.extend([of("predicate", word), of("predicate not", word)]);
    }
    words
}

fn known(words: &mut Words, shape: &str, field: &Field) {
    let name = format!("{shape}.{}", field.key);
    named_words(field.sort, &mut |word| {
        words.insert(format!("{name} = {word}"));
    });
    words.insert(name);
}

/// The words of which a value is one.
fn named_words(sort: Sort, found: &mut impl FnMut(&str)) {
    match sort {
        Sort::Word(all) => all.iter().for_each(|word| found(word)),
        Sort::Either(sorts) => sorts.iter().for_each(|sort| named_words(*sort, found)),
        _ => {}
    }
}
