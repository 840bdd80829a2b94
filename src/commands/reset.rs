//! `serin reset`

use chrono::Utc;
use cutover::Side;
use document::did_you_mean;
use serde_json::json;
use url::Url;

use super::api::Api;
use crate::cli::Reset;
use crate::config::{self, Config, Secret};
use crate::failure::{Exit, Failure};
use crate::reset::Sender;
use crate::say;

/// Sends the reset to the fleets of a configuration, and tells a running `serin run` of it.
pub(crate) async fn run(reset: Reset) -> Result<Exit, Failure> {
    let config = config::load(&reset.config)?;
    let token = super::token::given(&reset.token)?;
    let wanted = |name: &str| reset.fleet.as_deref().is_none_or(|fleet| fleet == name);
    let fleets: Vec<_> = config.fleets.iter().filter(|fleet| wanted(&fleet.name)).collect();
    if fleets.is_empty() {
        let names: Vec<_> = config.fleets.iter().map(|fleet| &*fleet.name).collect();
        let message = match &reset.fleet {
            Some(fleet) => format!("there is no fleet `{fleet}`: {}", did_you_mean(fleet, names)),
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
    let mut done = Vec::new();
    let mut failed = false;
    for fleet in fleets {
        let mut missed = Vec::new();
        for sent in sender.send(fleet, &id).await {
            let result = match sent.result {
                Ok(topics) if topics.len() == 1 => format!("sent on {}", topics[0]),
                Ok(topics) => format!("sent on {} topics", topics.len()),
                Err(why) => {
                    missed.push(sent.side);
                    format!("NOT sent: {why}")
                }
            };
            say::line(format_args!("  {} on {}: {result}", sent.fleet, sent.side));
        }
        failed |= !missed.is_empty();
        done.push(words(&id, &fleet.name, &missed));
    }
    let at = reset.at.or_else(|| served(&config));
    if let Err(why) = note(at, token.as_ref(), &reset.by, &done).await {
        say::line(format_args!("  not noted by `serin run`: {why}"));
    }
    if !failed {
        return Ok(Exit::Go);
    }
    let way = format!("send it again with --id {id}: devices that have it already obey once");
    Err(Failure::canary(format!("the reset did not reach every side; {way}")))
}

/// What was done to a fleet, in words.
fn words(id: &str, fleet: &str, missed: &[Side]) -> String {
    match missed {
        [] => format!("reset {id} of fleet {fleet}"),
        [side] => format!("reset {id} of fleet {fleet}, NOT sent on {side}"),
        _ => format!("reset {id} of fleet {fleet}, NOT sent on either side"),
    }
}

/// Where the configuration has the API; `None` where only the running canary knows its port.
fn served(config: &Config) -> Option<Url> {
    let mut at = config.serve;
    if at.ip().is_unspecified() {
        at.set_ip(if at.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    (at.port() != 0).then(|| format!("http://{at}/").parse().ok())?
}

/// Has the running canary write down what was `done`. That it cannot is no failure of the reset.
async fn note(at: Option<Url>, token: Option<&Secret>, by: &str, done: &[String]) -> Result<(), String> {
    let token = token.ok_or("no token was given (--token-file FILE, or $SERIN_TOKEN)")?;
    let at = at.ok_or("the configuration leaves its port open (--at URL says where it is)")?;
    let mut api = Api::new(at.clone()).await.map_err(|failure| failure.to_string())?;
    for text in done {
        let answer = api.post("api/v1/notes", token, &json!({ "text": text, "by": by })).await;
        let answer = answer.map_err(|failure| failure.to_string())?;
        if !answer.status.is_success() {
            return Err(format!("{at} answered: {}", answer.said()));
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::sync::Arc;

    use cutover::{Decision, Phase, Snapshot, Verdict};
    use dashboards::{Command, Metrics, Surface, Token};
    use tokio::net::TcpListener;
    use tokio::sync::{mpsc, watch};
    use tokio_util::sync::CancellationToken;

    use super::*;

    fn secret(text: &str) -> Secret {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Secret::from_file(file.path()).unwrap()
    }

    #[tokio::test]
    async fn a_running_canary_is_told_by_whom_what_was_reset() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let now = Utc::now();
        let first = Snapshot::first("acme".into(), Phase::Go, Verdict::bare(Decision::Hold, now), now);
        let (commands, mut taken) = mpsc::channel(2);
        let surface = Surface {
            snapshots: watch::channel(Arc::new(first)).1,
            broken: watch::channel(None).1,
            metrics: Arc::new(Metrics::new().unwrap()),
            commands,
            token: Token::new("secret"),
        };
        let cancel = CancellationToken::new();
        let server = tokio::spawn(dashboards::serve(listener, surface, cancel.clone()));
        let done = [words("wave-1", "lamps", &[]), words("wave-1", "meters", &[Side::New])];
        let known = secret("secret");
        note(Some(at.clone()), Some(&known), "ann", &done).await.unwrap();
        for expected in ["reset wave-1 of fleet lamps", "reset wave-1 of fleet meters, NOT sent on new"] {
            let noted = taken.recv().await.unwrap();
            assert!(
                matches!(&noted, Command::Note { by, text } if by == "ann" && text == expected),
                "{noted:?}"
            );
        }
        let refused = note(Some(at.clone()), Some(&secret("guess")), "ann", &done).await;
        assert_eq!(refused.unwrap_err(), format!("{at} answered: this is not the token"));
        cancel.cancel();
        server.await.unwrap();
        let nobody = note(Some(at), Some(&known), "ann", &done).await.unwrap_err();
        assert!(nobody.contains("refused") && nobody.lines().count() == 1, "{nobody}");
        assert!(note(None, None, "ann", &done).await.unwrap_err().starts_with("no token was given"));
    }
}
