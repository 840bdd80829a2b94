//! `alerts:`

use document::schema::{Field, Shape, Sort};

use super::words::{SECRET, TEXTS};

/// The section.
pub(super) static ALERTS: Shape = Shape {
    name: "alerts",
    about: "Who is told of what.",
    fields: &[
        Field::new("on", Sort::Some(&Sort::Word(&["rollback", "hold"])), "The decisions that fire an alert.")
            .or("rollback"),
        Field::new("receivers", Sort::Map(&Sort::Shape(&RECEIVER)), "Receivers by their names.").required(),
    ],
    kinds: &[],
};

static RECEIVER: Shape = Shape {
    name: "receiver",
    about: "A receiver, with its channel.",
    fields: &[Field::new("email", Sort::Shape(&EMAIL), "Mail.").required()],
    kinds: &[],
};

static EMAIL: Shape = Shape {
    name: "email",
    about: "Where mail goes, and how.",
    fields: &[
        Field::new("to", TEXTS, "One or more recipients.").required(),
        Field::new("smtp", Sort::Text, "`smtps://HOST`, `smtp+starttls://HOST`, or in plain text `smtp://HOST`; `:PORT` where it differs.").required(),
        Field::new("from", Sort::Text, "The sender.").or("serin@localhost"),
        Field::new("user", Sort::Text, "The account's name."),
        Field::new("password", SECRET, "The account's password."),
        Field::new("ca", Sort::Text, "PEM of an authority to trust for this server, beside the public ones."),
    ],
    kinds: &[],
};
