//! `verify:` which datapoints are read back, and how.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use cutover::Side;
use devices::{ReadOn, VerifyPlan};
use document::{Fields, Node, Secret, Source};
use serde_json_path::JsonPath;

use crate::config::hosts;
use crate::config::values::{duration, share};

const EXAMPLE: &str =
    r#"{ share: 5%, read: "GET https://api.acme.example/devices/{device}/datapoints?after={seq}" }"#;
/// How long a datapoint may need if nobody says otherwise.
const WITHIN: Duration = Duration::from_secs(30);

/// Reads it.
pub(super) fn read(
    node: &Node,
    base: &Path,
    names: &[Arc<str>],
    source: &mut Source<'_>,
) -> Option<VerifyPlan> {
    let mut fields = Fields::like(node, "`verify`", EXAMPLE, source)?;
    let (sample, request) = (fields.require("share"), fields.require("read"));
    let (items, seq, within) = (fields.take("items"), fields.take("seq"), fields.take("within"));
    let (on, token) = (fields.take("on"), fields.take("token"));
    fields.finish(source);
    let share = sample.and_then(|node| share(node, source));
    if let (Some(node), Some(0.0)) = (sample, share) {
        source.complain(node.place(), "`verify` of nobody shows nothing", Some("leave it out".to_owned()));
    }
    let read = request.and_then(|node| {
        let text = node.text(source)?;
        let shown = hosts::shown(node, &text, source);
        if shown != text {
            source.complain(node.place(), "a secret does not belong into this file", None);
            return None;
        }
        VerifyPlan::request(&text)
            .map_err(|error| source.complain(node.place(), error.to_string(), None))
            .ok()
    });
    let items = path(items, "$.items", source);
    let seq = path(seq, "$.seq", source);
    let within = within.map_or(Some(WITHIN), |node| duration(node, source));
    let on = on.map_or(Some(ReadOn::Device), |node| place(node, source));
    let token = match token {
        Some(node) => Some(Secret::read(node, base, source)?.reveal().to_owned()),
        None => None,
    };
    let plan =
        VerifyPlan { share: share?, read: read?, items: items?, seq: seq?, within: within?, on: on?, token };
    if let (Some(node), Some(url)) = (request, plan.url("fleet", "device")) {
        hosts::url(node, &url, names, source);
    }
    Some(plan)
}

/// A JSONPath (RFC 9535), or the plain name of a field.
fn path(node: Option<&Node>, usual: &str, source: &mut Source<'_>) -> Option<JsonPath> {
    let text = node.map_or_else(|| Some(usual.to_owned()), |node| node.text(source))?;
    let full = if text.starts_with('$') { text.clone() } else { format!("$.{text}") };
    match JsonPath::parse(&full) {
        Ok(path) => Some(path),
        Err(error) => {
            let place = node.map_or_else(Default::default, Node::place);
            let help = Some("a JSONPath, as in `$.items`, or the name of a field".to_owned());
            source.complain(place, format!("`{text}` is no path: {error}"), help);
            None
        }
    }
}

fn place(node: &Node, source: &mut Source<'_>) -> Option<ReadOn> {
    let text = node.text(source)?;
    match text.as_str() {
        "device" => Some(ReadOn::Device),
        "live" => Some(ReadOn::Live),
        "both" => Some(ReadOn::Both),
        other => match Side::from_str(other) {
            Ok(side) => Some(ReadOn::Only(side)),
            Err(_) => {
                let help = "`device` (where the device is), `old`, `new`, `both` or `live`".to_owned();
                source.complain(node.place(), format!("`{other}` is no place to read at"), Some(help));
                None
            }
        },
    }
}
