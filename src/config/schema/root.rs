//! The file, and its small sections.

use document::schema::{Field, Shape, Sort};

use super::alerts::ALERTS;
use super::cutover::CUTOVER;
use super::devices::{CANARY, WAVE};
use super::evidence::EVIDENCE;
use super::fleet::FLEET;
use super::words::{ACCOUNT, COUNT, SECRET, TEXTS};

/// The configuration.
pub(crate) static CONFIGURATION: Shape = Shape {
    name: "configuration",
    about: "The configuration of `serin run`: what moves, who acts, who is told.",
    fields: &[
        Field::new("cutover", Sort::Shape(&CUTOVER), "What moves, from where to where.").required(),
        Field::new(
            "resolvers",
            Sort::Map(&Sort::Either(&[Sort::Text, Sort::Shape(&RESOLVER)])),
            "The DNS servers from which names are asked for: `NAME: udp://ADDRESS[:PORT]`. Without any: this machine's own.",
        ),
        Field::new(
            "watch-names-every",
            Sort::Duration,
            "How often each resolver is asked for each name that moves, at least 100ms.",
        )
        .or("5s"),
        Field::new(
            "vars",
            Sort::Map(&Sort::Text),
            "Texts that journeys fill in as `{{ name }}`; no secrets.",
        ),
        Field::new(
            "secrets",
            Sort::Map(&SECRET),
            "Secrets that journeys fill in as `{{ secret.NAME }}`; never shown.",
        ),
        Field::new("trust", TEXTS, "PEM files of certificate authorities to trust beside the public ones."),
        Field::new("journeys", Sort::List(&Sort::Shape(&JOURNEY)), "What users do."),
        Field::new("devices", Sort::Map(&Sort::Shape(&FLEET)), "What devices do: fleets by their names."),
        Field::new(
            "canaries",
            Sort::Map(&Sort::Shape(&CANARY)),
            "The real devices that move first, and how they are heard.",
        ),
        Field::new(
            "connects-per-second",
            COUNT,
            "Connections that the devices of a process begin in a second, all fleets together.",
        ),
        Field::new(
            "bind",
            TEXTS,
            "Addresses of this machine's from which devices connect, for fleets without a `bind` of their own.",
        ),
        Field::new("waves", Sort::List(&Sort::Shape(&WAVE)), "In which order devices are reset."),
        Field::new("operator", ACCOUNT, "The account that sends the reset on the brokers."),
        Field::new("evidence", Sort::Shape(&EVIDENCE), "Margins and pace of the verdict."),
        Field::new("alerts", Sort::Shape(&ALERTS), "Who is told of what."),
        Field::new(
            "serve",
            Sort::Text,
            "Address and port of the page, the API and the metrics; port 0 takes any free one.",
        )
        .or("127.0.0.1:9900"),
        Field::new("page", Sort::Text, "The URL at which people find the page, for the link in mails."),
        Field::new(
            "store",
            Sort::Either(&[Sort::Text, Sort::Shape(&STORE)]),
            "What outlives a run, and where: a file. Without it nothing is kept.",
        ),
        Field::new(
            "browser",
            Sort::Either(&[Sort::Text, Sort::Shape(&BROWSER)]),
            "Which Chromium runs journeys in a browser; by default the one that is found.",
        ),
        Field::new(
            "artifacts",
            Sort::Either(&[Sort::Text, Sort::Shape(&ARTIFACTS)]),
            "Where what failed steps in browsers leave is kept: a folder. By default beside the store.",
        ),
    ],
    kinds: &[],
};

static RESOLVER: Shape = Shape {
    name: "resolver",
    about: "A DNS server.",
    fields: &[
        Field::new("at", Sort::Text, "Where it answers: `udp://ADDRESS[:PORT]`.").required(),
        Field::new(
            "authoritative",
            Sort::Boolean,
            "It serves the zone itself: only watched, never used to resolve.",
        )
        .or("false"),
    ],
    kinds: &[],
};

static JOURNEY: Shape = Shape {
    name: "journey",
    about: "A journey, and when it runs.",
    fields: &[
        Field::new("run", Sort::Text, "The journey's file, from this one's folder.").required(),
        Field::new("every", Sort::Duration, "The time between two starts, at least 10ms.").required(),
        Field::new(
            "on",
            Sort::Some(&Sort::Word(&["old", "new", "live"])),
            "The routes; all three where none is named.",
        ),
    ],
    kinds: &[],
};

static STORE: Shape = Shape {
    name: "store",
    about: "What outlives a run, and where.",
    fields: &[
        Field::new("file", Sort::Text, "An SQLite file, made if need be.").required(),
        Field::new(
            "sample-every",
            Sort::Duration,
            "How often it is written down how things stand, at least 1s.",
        )
        .or("10s"),
        Field::new("keep", Sort::Duration, "For how long, at least 1h.").or("30d"),
        Field::new(
            "at-most",
            Sort::Matching(size),
            "The size beyond which the oldest samples leave, at least 8MiB.",
        )
        .or("512MiB"),
    ],
    kinds: &[],
};

static BROWSER: Shape = Shape {
    name: "browser",
    about: "Which Chromium is used, and how much of it.",
    fields: &[
        Field::new("program", Sort::Text, "The program: a path, or a name that is looked for."),
        Field::new("arguments", Sort::List(&Sort::Text), "Further arguments, as on its command line."),
        Field::new("pages", Sort::Whole(1, 64), "Pages that are open at once, on all routes together.")
            .or("4"),
        Field::new(
            "memory",
            Sort::Matching(size),
            "With more, a browser gives way to a new one, at least 128MiB.",
        )
        .or("1GiB"),
        Field::new("idle", Sort::Duration, "How long a browser without a page is kept.").or("5m"),
    ],
    kinds: &[],
};

static ARTIFACTS: Shape = Shape {
    name: "artifacts",
    about: "Where what failed steps in browsers leave is kept, how long, and how much of it.",
    fields: &[
        Field::new("folder", Sort::Text, "The folder, made if need be.").required(),
        Field::new("keep", Sort::Duration, "For how long.").or("7d"),
        Field::new("at-most", Sort::Matching(size), "The size beyond which the oldest leave, at least 8MiB.")
            .or("512MiB"),
    ],
    kinds: &[],
};

fn size() -> String {
    "^ *[0-9]+ *(MiB|GiB) *$".to_owned()
}
