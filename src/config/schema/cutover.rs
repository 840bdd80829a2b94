//! `cutover:`

use document::schema::{Field, Shape, Sort};

use super::words::TEXTS;

/// The section.
pub(super) static CUTOVER: Shape = Shape {
    name: "cutover",
    about: "What moves, from where to where.",
    fields: &[
        Field::new("name", Sort::Text, "Its name, in mails and on the page.").required(),
        Field::new(
            "names",
            Sort::List(&Sort::Text),
            "The DNS names that move: host names, no scheme, no port, each once.",
        )
        .required(),
        Field::new("sides", Sort::Shape(&SIDES), "Where both sides are.").required(),
        Field::new(
            "point-of-no-return",
            Sort::Share,
            "The share of all devices in session with the new side only, from which on there is no way back.",
        ),
    ],
    kinds: &[],
};

static SIDES: Shape = Shape {
    name: "sides",
    about: "Both sides.",
    fields: &[
        Field::new("old", Sort::Shape(&SIDE), "Where it moves from.").required(),
        Field::new("new", Sort::Shape(&SIDE), "Where it moves to.").required(),
    ],
    kinds: &[],
};

static SIDE: Shape = Shape {
    name: "side",
    about: "A side.",
    fields: &[
        Field::new("addresses", TEXTS, "Addresses or ranges that are this side; none may be on both.")
            .required(),
        Field::new(
            "at",
            Sort::Either(&[Sort::Text, Sort::Map(&Sort::Text)]),
            "Where the pinned route finds the names: one address for all, or each name's own. Must lie in `addresses`.",
        ),
        Field::new(
            "answered-by",
            TEXTS,
            "Markers: by what an answer is known as this side's: `header x-served-by == \"old\"`.",
        ),
    ],
    kinds: &[],
};
