//! A fleet: one of `devices:`.

use document::schema::{Field, Kind, Shape, Sort};

use super::devices::{DATAPOINT, RESET, VERIFY};
use super::words::{ACCOUNT, COUNT, TEXTS};

/// A fleet.
pub(super) static FLEET: Shape = Shape {
    name: "fleet",
    about: "Devices of one kind, with a broker or an API.",
    fields: &[
        Field::new("count", COUNT, "How many devices; required but with `credentials`."),
        Field::new("register", Sort::Text, "`POST URL`: each device asks for an account of its own."),
        Field::new("account", ACCOUNT, "One account for all."),
        Field::new(
            "credentials",
            Sort::Text,
            "A CSV file with the columns `device`, `username` and `password`.",
        ),
        Field::new(
            "datapoint-every",
            Sort::Duration,
            "The time between two datapoints of a device, 10ms to a day.",
        )
        .or("30s"),
        Field::new("jitter", Sort::Share, "The share by which each such time is off, up or down.").or("10%"),
        Field::new(
            "datapoint",
            Sort::Shape(&DATAPOINT),
            "Where values come from; a sine, if it is left out.",
        ),
        Field::new(
            "payload",
            Sort::Text,
            "How a datapoint is written, with `{device}`, `{fleet}`, `{seq}`, `{value}` and `{at}`.",
        )
        .or("{\"seq\":{seq},\"value\":{value}}"),
        Field::new("verify", Sort::Shape(&VERIFY), "Which datapoints are read back."),
        Field::new(
            "grace",
            Sort::Duration,
            "Without a session for longer than this, a device is lost; 1s to a day.",
        )
        .or("30s"),
        Field::new("ramp", COUNT, "Devices that come per second.").or("50"),
        Field::new("shape", Sort::List(&Sort::Shape(&STEP)), "How much of the fleet is there, over time."),
        Field::new("connects-per-second", COUNT, "Connections that its devices begin in a second."),
        Field::new("bind", TEXTS, "Addresses or ranges of this machine's from which they connect."),
        Field::new(
            "personality",
            Sort::Map(&Sort::Either(&[Sort::Share, Sort::Shape(&PERSONALITY)])),
            "Shares that sum up to 100 %: reset-only, at-ttl, at-reconnect, eager, both, never.",
        ),
        Field::new("reset", Sort::Shape(&RESET), "How the fleet is told to reset."),
    ],
    kinds: &[
        Kind {
            field: Field::new(
                "broker",
                Sort::Text,
                "`mqtt://HOST[:PORT]`, `mqtts://`, or over a WebSocket `ws://HOST/PATH`, `wss://`.",
            ),
            fields: &[
                Field::new(
                    "mqtt",
                    Sort::Either(&[Sort::Word(&["3.1.1", "5"]), Sort::Whole(5, 5)]),
                    "The version: 3.1.1 or 5.",
                )
                .or("3.1.1"),
                Field::new("qos", Sort::Whole(0, 2), "The quality of datapoints.").or("1"),
                Field::new("session", Sort::Word(&["clean", "persistent"]), "Whether the broker keeps it.")
                    .or("clean"),
                Field::new(
                    "session-expiry",
                    Sort::Duration,
                    "How long the broker keeps it, to a day; with `mqtt: 5`.",
                )
                .or("24h"),
                Field::new("will", Sort::Shape(&WILL), "What the broker says for a device that is lost."),
                Field::new(
                    "client-certificates",
                    Sort::Either(&[Sort::Text, Sort::Shape(&AUTHORITY)]),
                    "A folder with `DEVICE.pem` and `DEVICE.key` for each device, or the authority that makes them.",
                ),
                Field::new("keep-alive", Sort::Duration, "MQTT's keep-alive, 1s to 65535s.").or("60s"),
                Field::new("commands", TEXTS, "Topics on which a device listens for the reset."),
                Field::new("datapoints", Sort::Text, "The topic on which a device publishes.")
                    .or("devices/{device}/datapoints"),
            ],
        },
        Kind {
            field: Field::new("api", Sort::Text, "`https://HOST` or `http://HOST:PORT`."),
            fields: &[
                Field::new("poll", Sort::Text, "How a device asks for commands.")
                    .or("GET /devices/{device}/commands every 5s"),
                Field::new("post", Sort::Text, "How a device hands over a datapoint.")
                    .or("POST /devices/{device}/datapoints"),
            ],
        },
    ],
};

static STEP: Shape = Shape {
    name: "step",
    about: "From when on so much of a fleet is there.",
    fields: &[
        Field::new("at", Sort::Duration, "Since the start.").required(),
        Field::new("devices", Sort::Share, "The share that is there.").required(),
    ],
    kinds: &[],
};

static PERSONALITY: Shape = Shape {
    name: "personality",
    about: "A personality's share, and how long its devices take.",
    fields: &[
        Field::new("share", Sort::Share, "Its share of the fleet.").required(),
        Field::new("delay", Sort::Text, "`5s`, `0s..30s` or `exponential 10s`."),
    ],
    kinds: &[],
};

static WILL: Shape = Shape {
    name: "will",
    about: "What the broker says for a device that is lost.",
    fields: &[
        Field::new("topic", Sort::Text, "The topic, with `{device}` and `{fleet}`.").required(),
        Field::new("payload", Sort::Text, "The payload, with the same.").required(),
        Field::new("qos", Sort::Whole(0, 2), "Its quality.").or("1"),
        Field::new("retain", Sort::Boolean, "Whether the broker keeps it.").or("false"),
    ],
    kinds: &[],
};

static AUTHORITY: Shape = Shape {
    name: "authority",
    about: "The authority by which each device's certificate is made.",
    fields: &[
        Field::new("ca", Sort::Text, "Its certificate, as PEM.").required(),
        Field::new("key", Sort::Text, "Its key, as PEM.").required(),
    ],
    kinds: &[],
};
