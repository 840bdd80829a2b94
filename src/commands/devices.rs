//! `serin devices`

use cutover::{DeviceLine, DevicePage};
use http::StatusCode;
use url::form_urlencoded::Serializer;

use super::api::Api;
use crate::cli::Devices;
use crate::failure::{Exit, Failure};
use crate::say;

/// Devices of one answer.
const PAGE: usize = 1_000;

/// Lists the devices of a running `serin run`, page by page.
pub(crate) async fn run(wanted: Devices) -> Result<Exit, Failure> {
    let mut api = Api::new(wanted.at.clone()).await?;
    let (mut after, mut left, mut told) = (None::<String>, wanted.limit, 0_usize);
    loop {
        let mut query = Serializer::new(String::new());
        query.append_pair("limit", &left.min(PAGE).to_string());
        let words = [("fleet", &wanted.fleet), ("state", &wanted.state), ("after", &after)];
        for (key, word) in words {
            let Some(word) = word else { continue };
            query.append_pair(key, word);
        }
        let answer = api.get(&format!("api/v1/devices?{}", query.finish())).await?;
        if answer.status.is_client_error() {
            return Err(Failure::usage(answer.said()));
        }
        if answer.status != StatusCode::OK {
            return Err(Failure::canary(format!("{} answered: {}", wanted.at, answer.said())));
        }
        let page: DevicePage = serde_json::from_value(answer.body)
            .map_err(|error| Failure::canary(format!("what answers there is no list of devices: {error}")))?;
        for line in &page.devices {
            match wanted.json {
                true => say::line(serde_json::to_string(line).unwrap_or_default()),
                false => say::line(words_of(line)),
            }
        }
        (told, left) = (told + page.devices.len(), left.saturating_sub(page.devices.len()));
        match page.next {
            Some(next) if left > 0 => after = Some(next),
            Some(_) => {
                say::error(format_args!("more than {told}: --limit tells more of them"));
                return Ok(Exit::Go);
            }
            None => return Ok(Exit::Go),
        }
    }
}

/// A device in a line.
fn words_of(line: &DeviceLine) -> String {
    let mut text = format!("{}  {}  {}", line.device, line.state.as_str(), line.personality);
    let Some(reset) = &line.reset else { return text };
    let on: Vec<_> = reset.received.iter().map(|side| side.as_str()).collect();
    let heard = match (reset.heard, &*on) {
        (false, _) => "not received".to_owned(),
        (true, []) => "received on neither side".to_owned(),
        (true, on) => format!("received on {}", on.join(" and ")),
    };
    text.push_str(&format!("  reset {}: {heard}", reset.id));
    if reset.again {
        text.push_str(", more than once");
    }
    match (reset.returned_ms, reset.returned_on) {
        (Some(millis), on) => {
            let on = on.map_or("neither side", |side| side.as_str());
            text.push_str(&format!(", back on {on} after {:.1} s", f64::from(millis) / 1e3));
        }
        (None, _) if reset.obeyed => text.push_str(", obeyed and not back"),
        (None, _) => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use cutover::{DeviceReset, DeviceState, Personality, Side};

    use super::*;

    #[test]
    fn a_device_is_a_line() {
        let reset = DeviceReset {
            id: "go".into(),
            meant: true,
            received: vec![Side::Old, Side::New],
            heard: true,
            again: true,
            obeyed: true,
            returned_ms: Some(1_540),
            returned_on: Some(Side::New),
        };
        let mut line = DeviceLine {
            device: "lamps-000007".to_owned(),
            fleet: "lamps".into(),
            personality: Personality::AtTtl,
            state: DeviceState::New,
            reset: Some(reset.clone()),
        };
        let text = "lamps-000007  new  at-ttl  reset go: received on old and new, more than once, back on new after 1.5 s";
        assert_eq!(words_of(&line), text);
        let silent = DeviceReset {
            received: vec![],
            heard: false,
            again: false,
            returned_ms: None,
            obeyed: false,
            ..reset
        };
        line.reset = Some(silent);
        assert_eq!(words_of(&line), "lamps-000007  new  at-ttl  reset go: not received");
        line.reset = None;
        assert_eq!(words_of(&line), "lamps-000007  new  at-ttl");
    }
}
