//! A step: what is the same for every action.

use document::schema::{Field, Shape, Sort};

use super::action::KINDS;
use super::words::{EXPECTATIONS, QUERY, ROUTE, TEXTS};

/// An item of `steps` and `finally`.
pub(super) const ITEM: Sort = Sort::Either(&[Sort::Shape(&STEP), Sort::Shape(&INCLUDE)]);

static STEP: Shape = Shape {
    name: "step",
    about: "A step: it does one thing, and says what must come of it.",
    fields: &[
        Field::new("name", Sort::Text, "A label of metrics; unique in the file, `finally` included.")
            .required(),
        Field::new(
            "expect",
            EXPECTATIONS,
            "What must hold of the answer: `status == 201`, `json $.state == active`, `duration < 800ms`.",
        ),
        Field::new("save", Sort::Map(&QUERY), "Values kept for later steps: `user: json $.id`."),
        Field::new("route", ROUTE, "The route of this step, whatever the run's is."),
        Field::new("timeout", Sort::Duration, "How long one attempt may take, all its parts together."),
        Field::new(
            "until",
            Sort::Duration,
            "Tries again until the expectations hold, for so long; what it took is measured.",
        ),
        Field::new("every", Sort::Duration, "With `until`: the pause between two attempts.").or("200ms"),
        Field::new(
            "retry",
            Sort::Either(&[Sort::Whole(2, 100), Sort::Shape(&RETRY)]),
            "Tries again what failed, so many attempts in all.",
        ),
        Field::new(
            "within",
            Sort::Duration,
            "Its budget: over it the step is degraded, which fails nothing and is seen.",
        ),
        Field::new(
            "when",
            Sort::Map(&Sort::Some(&Sort::Text)),
            "Only in these variants: axes and their values.",
        ),
        Field::new(
            "creates",
            Sort::Text,
            "What `finally` must clean up from here on, in a word: kept in the ledger, for `serin sweep`.",
        ),
        Field::new("addresses", Sort::Word(&["each"]), "The step goes to every address that the name has."),
        Field::new(
            "failure",
            Sort::Word(&["lost", "duplicate", "assertion"]),
            "What a wrong answer means here.",
        )
        .or("assertion"),
    ],
    kinds: KINDS,
};

static RETRY: Shape = Shape {
    name: "retry",
    about: "How what failed is tried again.",
    fields: &[
        Field::new("attempts", Sort::Whole(2, 100), "So many attempts in all.").required(),
        Field::new("every", Sort::Duration, "The pause after the first attempt.").or("200ms"),
        Field::new("backoff", Sort::AtLeast(1.0), "Each further pause is so many times as long.").or("1"),
    ],
    kinds: &[],
};

static INCLUDE: Shape = Shape {
    name: "include",
    about: "Steps from another file.",
    fields: &[
        Field::new("include", Sort::Text, "The file, from this one's folder: `steps:` alone.").required(),
        Field::new("vars", TEXTS, "Variables for its steps alone."),
    ],
    kinds: &[],
};
