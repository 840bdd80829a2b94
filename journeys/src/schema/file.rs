//! The files: a journey's, and one whose steps journeys include.

use document::schema::{Field, Shape, Sort};

use super::step::ITEM;
use super::words::{SECRET, TEXTS};

/// A journey's file.
pub static JOURNEY: Shape = Shape {
    name: "journey",
    about: "A journey: what a user or a device does, step by step, and what must come of it.",
    fields: &[
        Field::new("journey", Sort::Text, "Its name: a label of metrics, so short and stable.").required(),
        Field::new("timeout", Sort::Duration, "How long `steps` may take together, all attempts included.")
            .or("30s"),
        Field::new("finally-timeout", Sort::Duration, "How long `finally` may take together.").or("10s"),
        Field::new("vars", TEXTS, "Variables, in their order: each may use those before it."),
        Field::new("secrets", Sort::Map(&Sort::Shape(&SECRET)), "Secrets, never shown: `{{ secret.NAME }}`."),
        Field::new(
            "data",
            Sort::Either(&[Sort::Text, Sort::Shape(&DATA)]),
            "A CSV or JSON file, a row a run: `{{ data.COLUMN }}`.",
        ),
        Field::new(
            "variants",
            Sort::Map(&Sort::Some(&Sort::Text)),
            "Axes and their values: every combination is a series of its own, `{{ variant.AXIS }}`.",
        ),
        STEPS,
        Field::new("finally", Sort::List(&ITEM), "Steps that always run, to clean up."),
    ],
    kinds: &[],
};

/// A file whose steps journeys include.
pub static INCLUDED: Shape = Shape {
    name: "included",
    about: "Steps for several journeys: each names this file in an item of its own, `- include: FILE`.",
    fields: &[STEPS],
    kinds: &[],
};

const STEPS: Field =
    Field::new("steps", Sort::List(&ITEM), "The steps, in order; the first that fails ends them.").required();

static DATA: Shape = Shape {
    name: "data",
    about: "Where data comes from: a row a run, the same for both runs of a pair.",
    fields: &[
        Field::new("file", Sort::Text, "A CSV file with a header line, or a JSON list of objects.")
            .required(),
        Field::new("order", Sort::Word(&["sequential", "random"]), "In which order rows are taken.")
            .or("sequential"),
        Field::new("secret", Sort::Some(&Sort::Text), "Columns whose values are secrets."),
    ],
    kinds: &[],
};
