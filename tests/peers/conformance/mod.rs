//! The conformance suite of the journey language: every action, query, predicate and word of it, passing and failing,
//! against servers that others wrote (Debian's nginx, mosquitto, memcached, unbound), by `serin once` as its users run it.
//!
//! `cases/TOPIC.passes.yaml` holds journeys that pass, `cases/TOPIC.fails.yaml` those that must not, several in a file,
//! and `cases/TOPIC.fails.snap` what people are shown of them. [`coverage`] sees to it that no word is left out: it
//! knows the words from the language's own tables.

mod application;
mod case;
mod certificates;
mod coverage;
mod places;
mod servers;
mod socket;
mod stage;
mod vocabulary;
mod words;

use case::Topic;
use stage::{PROGRAMS, Stage};

use crate::support::missing;

fn holds(topic: &str) {
    holds_with(topic, &[]);
}

fn holds_with(topic: &str, programs: &[&str]) {
    if missing(&PROGRAMS) || missing(programs) {
        return;
    }
    let stage = Stage::start(topic);
    let topic = Topic::read(topic);
    topic.passes(&stage);
    topic.fails(&stage);
}

#[test]
fn http() {
    holds("http");
}

#[test]
fn certificates() {
    holds("certificates");
}

#[test]
fn expectations() {
    holds("expectations");
}

#[test]
fn flow() {
    holds("flow");
}

#[test]
fn sides() {
    holds("sides");
}

#[test]
fn values() {
    holds("values");
}

#[test]
fn browser() {
    holds_with("browser", &["chromium"]);
}

#[test]
fn mqtt() {
    holds("mqtt");
}

#[test]
fn dns() {
    holds("dns");
}

#[test]
fn tcp() {
    holds("tcp");
}

#[test]
fn websocket() {
    holds("websocket");
}
