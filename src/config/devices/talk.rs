//! `broker:` and `commands:`: with whom the devices of a fleet talk, and where they listen.

use std::sync::Arc;

use devices::TopicPattern;
use document::{Node, Source};
use probes::MqttTarget;

use crate::config::hosts;
use crate::config::values::{one_or_more, parsed};

/// The topics on which devices listen: on one of them the reset must be sent.
pub(super) fn commands(node: &Node, source: &mut Source<'_>) -> Vec<TopicPattern> {
    let topics = one_or_more(node, source, parsed::<TopicPattern>);
    let written = node.items().map_or(1, <[_]>::len);
    if written == 0 {
        let help = "leave `commands` out for the usual topics".to_owned();
        source.complain(node.place(), "no device would hear the reset: there is no topic", Some(help));
    } else if topics.len() == written && topics.iter().all(|topic| topic.clone().single().is_err()) {
        let help =
            "add one without, such as `fleets/{fleet}/commands`; the others are listened on".to_owned();
        let message =
            "the reset cannot be sent: every topic has a wildcard, and nothing is published on those";
        source.complain(node.place(), message, Some(help));
    }
    topics
}

/// The broker.
pub(super) fn broker(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> Option<MqttTarget> {
    let text = node.text(source)?;
    let shown = hosts::shown(node, &text, source);
    if !text.contains("://") {
        let help = "with TLS `mqtts://HOST`, without `mqtt://HOST`, and `:PORT` if it is not the usual one";
        source.complain(node.place(), format!("`{shown}` is no broker"), Some(help.to_owned()));
        return None;
    }
    let target = parsed::<MqttTarget>(node, source)?;
    hosts::broker(node, &target.host, names, source);
    Some(target)
}
