//! `api:`, `poll:` and `post:`: a fleet that talks with an HTTP API.

use std::sync::Arc;
use std::time::Duration;

use devices::{HttpPlan, Request};
use document::{Node, Source};
use url::Url;

use crate::config::hosts;

/// What the section says.
pub(super) struct Keys<'n> {
    pub(super) api: &'n Node,
    pub(super) poll: Option<&'n Node>,
    pub(super) post: Option<&'n Node>,
}

/// Reads it, for the fleet of this name. What is wrong is told with its own place, and leaves the plan as it was.
pub(super) fn read(
    keys: &Keys<'_>,
    fleet: &str,
    names: &[Arc<str>],
    source: &mut Source<'_>,
) -> Option<HttpPlan> {
    let plan = api(keys.api, names, source);
    let poll = keys.poll.and_then(|node| poll(node, source).map(|read| (node, read)));
    let post = keys.post.and_then(|node| post(node, source).map(|read| (node, read)));
    let mut plan = plan?;
    if let Some((node, (poll, poll_every))) = poll {
        plan = fit(HttpPlan { poll, poll_every, ..plan.clone() }, fleet, node, source).unwrap_or(plan);
    }
    if let Some((node, post)) = post {
        plan = fit(HttpPlan { post, ..plan.clone() }, fleet, node, source).unwrap_or(plan);
    }
    Some(plan)
}

fn fit(plan: HttpPlan, fleet: &str, node: &Node, source: &mut Source<'_>) -> Option<HttpPlan> {
    let checked = plan.check(fleet, "device");
    checked.map_err(|error| source.complain(node.place(), error.to_string(), None)).ok().map(|()| plan)
}

fn api(node: &Node, names: &[Arc<str>], source: &mut Source<'_>) -> Option<HttpPlan> {
    let text = node.text(source)?;
    let shown = hosts::shown(node, &text, source);
    let Ok(url) = Url::parse(&text) else {
        let help = "write `https://HOST` or `http://HOST:PORT`".to_owned();
        source.complain(node.place(), format!("`{shown}` is no API"), Some(help));
        return None;
    };
    match HttpPlan::new(url) {
        Ok(plan) => {
            hosts::broker(node, plan.host(), names, source);
            Some(plan)
        }
        Err(error) => {
            source.complain(node.place(), error.to_string(), None);
            None
        }
    }
}

/// `GET URL every DURATION`
fn poll(node: &Node, source: &mut Source<'_>) -> Option<(Request, Duration)> {
    let text = node.text(source)?;
    let help = || Some("as in `GET /devices/{device}/commands every 5s`".to_owned());
    let Some((request, every)) = text.split_once(" every ") else {
        source.complain(node.place(), format!("`{text}` does not say how often"), help());
        return None;
    };
    let Ok(every) = humantime::parse_duration(every.trim()) else {
        source.complain(node.place(), format!("`{}` is no duration", every.trim()), help());
        return None;
    };
    Some((parsed(node, request, source)?, every))
}

fn post(node: &Node, source: &mut Source<'_>) -> Option<Request> {
    let text = node.text(source)?;
    parsed(node, &text, source)
}

fn parsed(node: &Node, text: &str, source: &mut Source<'_>) -> Option<Request> {
    hosts::shown(node, text, source);
    text.parse()
        .map_err(|error: devices::HttpError| source.complain(node.place(), error.to_string(), None))
        .ok()
}
