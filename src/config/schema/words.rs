//! Values that stand in many places.

use document::schema::{Field, Shape, Sort};

/// One text or several.
pub(super) const TEXTS: Sort = Sort::Some(&Sort::Text);
/// A port's worth of devices and more.
pub(super) const COUNT: Sort = Sort::Whole(1, u32::MAX as u64);
/// Where a secret is.
pub(super) const SECRET: Sort = Sort::Shape(&HIDDEN);
/// An account.
pub(super) const ACCOUNT: Sort = Sort::Shape(&ACCOUNTS);

static HIDDEN: Shape = Shape {
    name: "secret",
    about: "Where a secret is: in the environment or in a file. One of them.",
    fields: &[
        Field::new("env", Sort::Text, "The variable of the environment that holds it."),
        Field::new(
            "file",
            Sort::Text,
            "The file that holds it, at most 64 KiB; the line end at its end is left off.",
        ),
    ],
    kinds: &[],
};

static ACCOUNTS: Shape = Shape {
    name: "account",
    about: "An account.",
    fields: &[
        Field::new("username", Sort::Text, "Its name.").required(),
        Field::new("password", SECRET, "Its password.").required(),
    ],
    kinds: &[],
};
