//! Values that stand in many places.

use document::schema::{Field, Shape, Sort};

use crate::grammar::query_words;

/// One expectation: `status == 201`.
pub(super) const EXPECTATION: Sort =
    Sort::Either(&[Sort::Matching(expectation), Sort::Shape(&OF_A_DOCUMENT), Sort::Shape(&NOT)]);
/// One or several.
pub(super) const EXPECTATIONS: Sort = Sort::Some(&EXPECTATION);
/// A query alone: `json $.id`.
pub(super) const QUERY: Sort = Sort::Matching(query);
/// Names and texts.
pub(super) const TEXTS: Sort = Sort::Map(&Sort::Text);
/// A route.
pub(super) const ROUTE: Sort = Sort::Word(&["old", "new", "live"]);

static OF_A_DOCUMENT: Shape = Shape {
    name: "expectation-of-a-document",
    about: "An expectation of a whole document: it is this one, but for what is ignored.",
    fields: &[
        Field::new("json", Sort::Text, "The JSONPath (RFC 9535) of the document: `$` for all of it.")
            .required(),
        Field::new("equals", Sort::Any, "The document that is expected; texts in it may hold variables.")
            .required(),
        Field::new(
            "ignoring",
            Sort::Some(&Sort::Text),
            "JSONPaths of what does not count, in either document.",
        ),
    ],
    kinds: &[],
};

static NOT: Shape = Shape {
    name: "expectation-turned-round",
    about: "The opposite of an expectation of a document.",
    fields: &[Field::new("not", Sort::Shape(&OF_A_DOCUMENT), "What must not hold.").required()],
    kinds: &[],
};

/// Name and password.
pub(super) static CREDENTIALS: Shape = Shape {
    name: "credentials",
    about: "A name and a password.",
    fields: &[
        Field::new("username", Sort::Text, "The name.").required(),
        Field::new("password", Sort::Text, "The password, best as a secret: `{{ secret.password }}`.")
            .required(),
    ],
    kinds: &[],
};

/// A secret: where it is.
pub(super) static SECRET: Shape = Shape {
    name: "secret",
    about: "Where a secret is: in the environment or in a file. One of them.",
    fields: &[
        Field::new("env", Sort::Text, "The variable of the environment that holds it."),
        Field::new("file", Sort::Text, "The file that holds it; the line end at its end is left off."),
    ],
    kinds: &[],
};

fn words() -> String {
    query_words().join("|").replace('.', "\\.")
}

fn expectation() -> String {
    format!("^\\s*(not\\s+)?({})(\\.[a-z-]+)?(\\s|[=!<>]).*$", words())
}

fn query() -> String {
    format!("^\\s*(secret\\s+)?({})(\\.[a-z-]+)?(\\s.*)?$", words())
}
