//! `canaries:` and `waves:`, and the parts of a fleet that are mappings of their own.

use document::schema::{Field, Kind, Shape, Sort};

use super::words::{ACCOUNT, SECRET, TEXTS};

/// A real canary.
pub(super) static CANARY: Shape = Shape {
    name: "canary",
    about: "A real device that moves first, and how it is heard.",
    fields: &[
        Field::new("every", Sort::Duration, "How often it is to be heard of, 200ms to a day.").required(),
        Field::new(
            "grace",
            Sort::Duration,
            "How much later than that it may be; half of `every`, at least 5s, if it is left out.",
        ),
        Field::new(
            "device",
            Sort::Text,
            "The id of its device in topic or payload; the canary's name, if it is left out.",
        ),
        Field::new("watch", Sort::Shape(&WATCH), "Where it publishes."),
        Field::new(
            "check-in",
            Sort::Either(&[Sort::Boolean, Sort::Shape(&CHECK_IN)]),
            "It checks in, with the token of `serin run` or with one of its own.",
        ),
    ],
    kinds: &[],
};

static WATCH: Shape = Shape {
    name: "watch",
    about: "Where a canary publishes.",
    fields: &[
        Field::new(
            "broker",
            Sort::Text,
            "`mqtt://HOST[:PORT]` or `mqtts://HOST[:PORT]`, one of the names that move.",
        )
        .required(),
        Field::new(
            "topic",
            Sort::Text,
            "Its topic; `{device}` stands for the id, and `+` and `#` are allowed.",
        )
        .required(),
        Field::new("id", Sort::Text, "Where in the payload the id is: `json $.device`."),
        Field::new("at", Sort::Text, "Where in the payload the time is at which it was sent: `json $.at`."),
        Field::new("account", ACCOUNT, "The account on the broker; that of `operator`, if it is left out."),
    ],
    kinds: &[],
};

static CHECK_IN: Shape = Shape {
    name: "check-in",
    about: "How a canary checks in.",
    fields: &[Field::new("token", SECRET, "A token that serves for nothing else.").required()],
    kinds: &[],
};

/// A wave.
pub(super) static WAVE: Shape = Shape {
    name: "wave",
    about: "Devices that are reset together: `devices` or `share`.",
    fields: &[
        Field::new("name", Sort::Text, "1 to 64 letters, digits, `-`, `_`, `.`; not `all`.").required(),
        Field::new("devices", TEXTS, "These devices, by name."),
        Field::new("share", Sort::Share, "So many of each fleet, those with the lowest numbers."),
        Field::new("pause", Sort::Duration, "How long the walk through all waves rests after it."),
    ],
    kinds: &[],
};

/// Where values come from.
pub(super) static DATAPOINT: Shape = Shape {
    name: "datapoint",
    about: "Where a device's values come from.",
    fields: &[],
    kinds: &[
        Kind { field: Field::new("constant", Sort::AtLeast(f64::MIN), "Always this one."), fields: &[] },
        Kind {
            field: Field::new(
                "sine",
                Sort::Shape(&SINE),
                "A sine by the time of day, each device at a phase of its own.",
            ),
            fields: &[],
        },
        Kind { field: Field::new("walk", Sort::Shape(&WALK), "A random walk."), fields: &[] },
        Kind {
            field: Field::new("replay", Sort::Shape(&REPLAY), "A recording, over and over."),
            fields: &[],
        },
    ],
};

static SINE: Shape = Shape {
    name: "sine",
    about: "A sine.",
    fields: &[
        Field::new("mean", Sort::AtLeast(f64::MIN), "Its middle.").required(),
        Field::new("amplitude", Sort::AtLeast(f64::MIN), "How far it goes to either side.").required(),
        Field::new("period", Sort::Duration, "How long one turn takes, 1s at least.").required(),
    ],
    kinds: &[],
};

static WALK: Shape = Shape {
    name: "walk",
    about: "A random walk.",
    fields: &[
        Field::new("from", Sort::AtLeast(f64::MIN), "The least value.").required(),
        Field::new("to", Sort::AtLeast(f64::MIN), "The largest.").required(),
        Field::new("step", Sort::AtLeast(0.0), "The longest step.").required(),
    ],
    kinds: &[],
};

static REPLAY: Shape = Shape {
    name: "replay",
    about: "A recording.",
    fields: &[
        Field::new("file", Sort::Text, "A CSV file with a header.").required(),
        Field::new("column", Sort::Text, "The column with the numbers.").required(),
    ],
    kinds: &[],
};

/// What is read back.
pub(super) static VERIFY: Shape = Shape {
    name: "verify",
    about: "Which datapoints are read back, and where.",
    fields: &[
        Field::new("share", Sort::Share, "Of the devices; above 0.").required(),
        Field::new("read", Sort::Text, "`GET URL` with `{device}`, `{fleet}` and `{seq}`.").required(),
        Field::new("items", Sort::Text, "Where the datapoints are in the answer.").or("$.items"),
        Field::new("seq", Sort::Text, "Where its number is in each of them.").or("$.seq"),
        Field::new("within", Sort::Duration, "How long a datapoint may need to be there.").or("30s"),
        Field::new("on", Sort::Word(&["device", "old", "new", "both", "live"]), "Where it is read.")
            .or("device"),
        Field::new("token", SECRET, "A bearer token for reading."),
    ],
    kinds: &[],
};

/// How a fleet is told to reset.
pub(super) static RESET: Shape = Shape {
    name: "reset",
    about: "How a fleet is told to reset.",
    fields: &[
        Field::new("topic", Sort::Text, "On which topic, with `{device}` and `{fleet}`."),
        Field::new("payload", Sort::Text, "What, with `{id}` in it once.").or("{\"reset\": \"{id}\"}"),
        Field::new("http", Sort::Text, "`POST URL` as well, on both sides."),
    ],
    kinds: &[],
};
