//! The actions, and the keys that go with each.

use document::schema::{Field, Kind, Shape, Sort};

use super::browser::COMMAND;
use super::words::{CREDENTIALS, EXPECTATIONS, TEXTS};

/// What a step can do.
pub(super) static KINDS: &[Kind] = &[
    Kind { field: Field::new("http", Sort::Matching(http), "A request: `METHOD URL`."), fields: HTTP },
    Kind {
        field: Field::new(
            "browser",
            Sort::List(&Sort::Shape(&COMMAND)),
            "What a user does in a browser, one thing after the other.",
        ),
        fields: &[],
    },
    Kind {
        field: Field::new("mqtt", Sort::Matching(mqtt), "A message: `publish TOPIC` or `await FILTER`."),
        fields: MQTT,
    },
    Kind {
        field: Field::new("dns", Sort::Text, "A question to a resolver: `TYPE NAME`."),
        fields: &[Field::new(
            "resolver",
            Sort::Text,
            "`udp://ADDRESS[:PORT]` or `tcp://`; the live resolver, if it is left out.",
        )],
    },
    Kind { field: Field::new("tcp", Sort::Text, "Bytes over TCP: `HOST:PORT`."), fields: TCP },
    Kind {
        field: Field::new("websocket", Sort::Text, "A message over a WebSocket: its URL."),
        fields: WEBSOCKET,
    },
    Kind { field: Field::new("pause", Sort::Duration, "Nothing, for so long."), fields: &[] },
];

static HTTP: &[Field] = &[
    Field::new("query", TEXTS, "Query parameters, beside those of the URL."),
    Field::new("headers", TEXTS, "Request headers; they take the place of those that Serin would send."),
    Field::new("cookies", TEXTS, "Cookies beside the session's, or in their place."),
    Field::new("credentials", Sort::Shape(&CREDENTIALS), "Name and password (Basic)."),
    Field::new("json", Sort::Any, "The body as JSON; texts in it may hold variables."),
    Field::new("form", TEXTS, "The body as a form."),
    Field::new(
        "multipart",
        Sort::Map(&Sort::Either(&[Sort::Text, Sort::Shape(&PART)])),
        "The body as a form with files.",
    ),
    Field::new("text", Sort::Text, "The body as text."),
    Field::new("file", Sort::Text, "The body from a file."),
    Field::new("redirects", Sort::Whole(0, 50), "How many redirects are followed at most.").or("0"),
    Field::new(
        "version",
        Sort::Either(&[Sort::Word(&["1.1", "2"]), Sort::AtLeast(1.1)]),
        "The one version of HTTP to speak: 1.1 or 2.",
    ),
    Field::new(
        "certificate",
        Sort::Shape(&CERTIFICATE),
        "A certificate of one's own, for servers that ask for one.",
    ),
    Field::new("ca", Sort::Text, "A PEM file with an authority to trust beside the others."),
];

static PART: Shape = Shape {
    name: "multipart-file",
    about: "A file in a form.",
    fields: &[
        Field::new("file", Sort::Text, "The file.").required(),
        Field::new("type", Sort::Text, "Its media type."),
    ],
    kinds: &[],
};

static CERTIFICATE: Shape = Shape {
    name: "certificate",
    about: "A certificate and its key, as PEM files.",
    fields: &[
        Field::new("cert", Sort::Text, "The certificate, with those between it and the authority.")
            .required(),
        Field::new("key", Sort::Text, "Its key.").required(),
    ],
    kinds: &[],
};

static MQTT: &[Field] = &[
    Field::new(
        "broker",
        Sort::Text,
        "`mqtt://HOST[:PORT]`, `mqtts://`, or over a WebSocket `ws://HOST/PATH`, `wss://`.",
    )
    .required(),
    Field::new("credentials", Sort::Shape(&CREDENTIALS), "The account."),
    Field::new("client-id", Sort::Text, "The client's id; one made of the run's where there is none."),
    Field::new(
        "protocol",
        Sort::Either(&[Sort::Word(&["3.1.1", "5"]), Sort::Whole(5, 5)]),
        "The version: 3.1.1 or 5.",
    )
    .or("3.1.1"),
    Field::new("qos", Sort::Whole(0, 2), "The quality of service.").or("1"),
    Field::new("json", Sort::Any, "Publish: the payload as JSON."),
    Field::new("text", Sort::Text, "Publish: the payload as text."),
    Field::new("retain", Sort::Boolean, "Publish: whether the broker keeps it.").or("false"),
    Field::new("where", EXPECTATIONS, "Await: messages of which these do not hold are passed over."),
];

static TCP: &[Field] = &[
    Field::new("tls", Sort::Boolean, "Whether TLS is spoken.").or("false"),
    Field::new("send", Sort::Text, "What is sent."),
    Field::new("read", Sort::Text, "How far is read: `line`, `close`, `N bytes` or `/regex/`."),
];

static WEBSOCKET: &[Field] = &[
    Field::new("headers", TEXTS, "Headers of the handshake."),
    Field::new("send", Sort::Text, "What is sent, as text."),
    Field::new("json", Sort::Any, "What is sent, as JSON."),
    Field::new("await", Sort::Boolean, "Whether a message is waited for.").or("true"),
    Field::new("where", EXPECTATIONS, "Messages of which these do not hold are passed over."),
];

fn http() -> String {
    // A token (RFC 9110 section 5.6.2) and a URL, which may be a template.
    "^\\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\\s+\\S.*$".to_owned()
}

fn mqtt() -> String {
    "^\\s*(publish|await)\\s+\\S.*$".to_owned()
}
