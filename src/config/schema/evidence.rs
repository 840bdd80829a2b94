//! `evidence:`

use document::schema::{Field, Shape, Sort};

/// The section.
pub(super) static EVIDENCE: Shape = Shape {
    name: "evidence",
    about: "Margins and pace of the verdict; the defaults are meant to stay.",
    fields: &[
        Field::new("block", Sort::Duration, "Evidence is weighed in blocks of this length, 1s to 5m.")
            .or("10s"),
        Field::new(
            "false-alarms-per-week",
            Sort::AtLeast(0.0),
            "False rollbacks a week that are tolerated, over all detectors together; above 0, up to 1000.",
        )
        .or("1"),
        Field::new(
            "error-margin",
            Sort::Share,
            "How many more of all runs may fail on new than on old before that counts against it.",
        )
        .or("0.25%"),
        Field::new(
            "location-margin",
            Sort::Share,
            "How much longer runs may take on new than on old before that counts against it.",
        )
        .or("10%"),
        Field::new(
            "go-margin",
            Sort::Share,
            "Over all journeys: `go` needs proof that new fails at most this much more.",
        )
        .or("1%"),
        Field::new("go-margin-journey", Sort::Share, "The same for each journey.").or("5%"),
        Field::new(
            "go-location",
            Sort::Share,
            "Over all journeys: `go` needs proof that runs on new take at most this much longer.",
        )
        .or("20%"),
        Field::new("go-location-journey", Sort::Share, "The same for each journey.").or("50%"),
        Field::new(
            "go-level",
            Sort::Share,
            "The probability of a `go` although the new side is worse by the margin.",
        )
        .or("0.1%"),
        Field::new(
            "split-tolerated",
            Sort::Share,
            "The share of a fleet in session with both sides, above which it is `hold`.",
        )
        .or("5%"),
        Field::new("lost-tolerated", Sort::Share, "The share of a fleet lost, above which it is `hold`.")
            .or("5%"),
        Field::new(
            "fleet-ratio",
            Sort::AtLeast(1.0),
            "How many times as many troubles a fleet may have on new as on old; above 1.",
        )
        .or("2"),
        Field::new(
            "stale-grace",
            Sort::Duration,
            "How long after its TTL a resolver may still give the old answer.",
        )
        .or("10s"),
    ],
    kinds: &[],
};
