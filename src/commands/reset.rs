//! `serin reset`

use chrono::Utc;

use crate::cli::Reset;
use crate::config;
use crate::failure::{Exit, Failure};
use crate::reset::Sender;
use crate::say;

/// Sends the reset to the fleets of a configuration.
pub(crate) async fn run(reset: Reset) -> Result<Exit, Failure> {
    let config = config::load(&reset.config)?;
    let wanted = |name: &str| reset.fleet.as_deref().is_none_or(|fleet| fleet == name);
    let fleets: Vec<_> = config.fleets.iter().filter(|fleet| wanted(&fleet.name)).collect();
    if fleets.is_empty() {
        let names: Vec<_> = config.fleets.iter().map(|fleet| &*fleet.name).collect();
        let message = match &reset.fleet {
            Some(fleet) => format!("there is no fleet `{fleet}`: {}", document::did_you_mean(fleet, names)),
            None => "the configuration has no `devices:` to reset".to_owned(),
        };
        return Err(Failure::usage(message));
    }
    let id = reset.id.unwrap_or_else(|| format!("reset-{}", Utc::now().timestamp_millis()));
    let sender = Sender {
        pins: config.cutover.pins.clone(),
        trust: config.trust.clone(),
        account: config.operator.clone(),
    };
    say::line(format_args!("reset {id}"));
    let mut failed = 0;
    for fleet in fleets {
        for sent in sender.send(fleet, &id).await {
            let result = match sent.result {
                Ok(topics) if topics.len() == 1 => format!("sent on {}", topics[0]),
                Ok(topics) => format!("sent on {} topics", topics.len()),
                Err(why) => {
                    failed += 1;
                    format!("NOT sent: {why}")
                }
            };
            say::line(format_args!("  {} on {}: {result}", sent.fleet, sent.side));
        }
    }
    if failed == 0 {
        return Ok(Exit::Go);
    }
    let way = format!("send it again with --id {id}: devices that have it already obey once");
    Err(Failure::canary(format!("the reset did not reach every side; {way}")))
}
