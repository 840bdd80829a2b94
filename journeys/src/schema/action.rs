//! The actions, and the keys that go with each.

use document::schema::{Field, Kind, Sort};

use super::words::{CREDENTIALS, TEXTS};

/// What a step can do.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        field: Field::new("http", Sort::Matching(http), "A request: `METHOD URL`."),
        fields: &[
            Field::new(
                "headers",
                TEXTS,
                "Request headers; they take the place of those that Serin would send.",
            ),
            Field::new("json", Sort::Any, "The body as JSON; texts in it may hold variables."),
            Field::new("form", TEXTS, "The body as a form."),
            Field::new("text", Sort::Text, "The body as text."),
        ],
    },
    Kind {
        field: Field::new("mqtt", Sort::Matching(mqtt), "A message: `publish TOPIC` or `await FILTER`."),
        fields: &[
            Field::new(
                "broker",
                Sort::Text,
                "`mqtt://HOST[:PORT]`, `mqtts://`, or over a WebSocket `ws://HOST/PATH`, `wss://`.",
            )
            .required(),
            Field::new("credentials", Sort::Shape(&CREDENTIALS), "The account."),
            Field::new(
                "client-id",
                Sort::Text,
                "The client's id; one made of the run's where there is none.",
            ),
            Field::new("json", Sort::Any, "Publish: the payload as JSON."),
            Field::new("text", Sort::Text, "Publish: the payload as text."),
            Field::new("qos", Sort::Whole(0, 1), "Publish: with 1 the step passes on the acknowledgement.")
                .or("1"),
            Field::new("retain", Sort::Boolean, "Publish: whether the broker keeps it.").or("false"),
        ],
    },
];

fn http() -> String {
    // A token (RFC 9110 section 5.6.2) and a URL, which may be a template.
    "^\\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\\s+\\S.*$".to_owned()
}

fn mqtt() -> String {
    "^\\s*(publish|await)\\s+\\S.*$".to_owned()
}
