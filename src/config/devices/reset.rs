//! `reset:`: how a fleet is told to reset.

use std::sync::Arc;

use devices::{Instruction, Request, ResetPlan, TopicPattern};
use document::{Fields, Node, Source};
use url::Url;

use crate::config::hosts;
use crate::config::values::parsed;

/// Reads it.
pub(super) fn read(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> Option<ResetPlan> {
    let example = "{ topic: \"devices/{device}/commands\", payload: '{\"reboot\": \"{id}\"}' }";
    let mut fields = Fields::like(node, "a reset", example, source)?;
    let (topic, payload, http) = (fields.take("topic"), fields.take("payload"), fields.take("http"));
    fields.finish(source);
    Some(ResetPlan {
        topic: topic.and_then(|node| self::topic(node, source)),
        instruction: payload.and_then(|node| instruction(node, source)).unwrap_or_default(),
        http: http.and_then(|node| request(node, names, source)),
    })
}

fn topic(node: &Node, source: &mut Source<'_>) -> Option<TopicPattern> {
    let topic = parsed::<TopicPattern>(node, source)?;
    if topic.clone().single().is_err() {
        let message = format!("`{}` has a wildcard: nothing is published on those", node.text(source)?);
        source.complain(node.place(), message, None);
    }
    Some(topic)
}

fn instruction(node: &Node, source: &mut Source<'_>) -> Option<Instruction> {
    match Instruction::new(&node.text(source)?) {
        Ok(instruction) => Some(instruction),
        Err(error) => {
            let help = r#"as in `'{"reboot": "{id}"}'`"#.to_owned();
            source.complain(node.place(), error.to_string(), Some(help));
            None
        }
    }
}

fn request(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> Option<Request> {
    let request = parsed::<Request>(node, source)?;
    let url = Url::parse(&request.url.sample("fleet", "device")).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else {
        let help = "as in `POST https://api.acme.example/devices/{device}/commands`".to_owned();
        let shown = hosts::shown(node, &node.text(source)?, source);
        source.complain(node.place(), format!("`{shown}` tells no API: it needs a whole URL"), Some(help));
        return None;
    };
    if !url.username().is_empty() || url.password().is_some() {
        source.hide(node.place);
        let help = "leave it out: the request bears the account of `operator:`".to_owned();
        source.complain(node.place(), "a secret does not belong into this file", Some(help));
    } else {
        hosts::url(node, &url, names, source);
    }
    Some(request)
}
