//! The running canaries that are told of a reset, and asked what became of it.

use std::net::Ipv6Addr;

use cutover::{Cause, Decision, Reason, ResetReport};
use http::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::commands::api::Api;
use crate::config::{Config, Secret};
use crate::reset::Whom;

/// The running canaries: one, or one for each shard.
pub(super) struct Canaries {
    at: Vec<Url>,
    token: Option<Secret>,
}

impl Canaries {
    /// Those at these places; without any, the one that the configuration serves.
    pub(super) fn new(config: &Config, at: &[Url], token: Option<Secret>) -> Self {
        let at = if at.is_empty() { served(config).into_iter().collect() } else { at.to_vec() };
        Self::at(at, token)
    }

    pub(super) const fn at(at: Vec<Url>, token: Option<Secret>) -> Self {
        Self { at, token }
    }

    /// Tells who is meant, before it is sent, and when it was `sent`. That it cannot is no failure of the reset.
    pub(super) async fn announce(
        &mut self,
        id: &str,
        whom: &Whom,
        by: &str,
        sent: bool,
    ) -> Result<(), String> {
        let mut order = json!({ "id": id, "by": by, "send": false, "sent": sent });
        let named = match whom {
            Whom::All => None,
            Whom::Fleet(name) => Some(("fleet", name)),
            Whom::Device(name) => Some(("device", name)),
            Whom::Wave(name) => Some(("wave", name)),
        };
        if let Some((what, name)) = named {
            order[what] = Value::from(name.as_str());
        }
        self.post("api/v1/reset", &order).await
    }

    /// Has them write down what was `done`.
    pub(super) async fn note(&mut self, by: &str, done: &[String]) -> Result<(), String> {
        for text in done {
            self.post("api/v1/notes", &json!({ "text": text, "by": by })).await?;
        }
        Ok(())
    }

    /// What each says became of the reset; `None`: it knows nothing of it.
    pub(super) async fn reports(&mut self, id: &str) -> Result<Vec<(Url, Option<ResetReport>)>, String> {
        let mut reports = Vec::new();
        for at in self.places()? {
            let path = format!("api/v1/resets/{id}");
            let mut api = api(at).await?;
            let answer = api.get(&path).await.map_err(|failure| failure.to_string())?;
            let report = match answer.status {
                StatusCode::OK => {
                    Some(serde_json::from_value(answer.body).map_err(|error| format!("{at}: {error}"))?)
                }
                StatusCode::NOT_FOUND => None,
                _ => return Err(format!("{at} answered: {}", answer.said())),
            };
            reports.push((at.clone(), report));
        }
        Ok(reports)
    }

    /// What the gate of the first one says. A gate resolves to `hold` what nobody may act upon; to a wave that is to go
    /// out a new side that is worse is one, whether or not there is a way back.
    ///
    /// # Errors
    /// When it does not answer, or does not know how things stand now.
    pub(super) async fn verdict(&mut self) -> Result<Decision, String> {
        let at = self.places()?.first().ok_or("there is no canary to ask")?;
        let answer = api(at).await?.get("api/v1/gate").await.map_err(|failure| failure.to_string())?;
        advice(&answer.body).map_err(|why| match why {
            Some(why) => format!("{at}: {why}"),
            None => format!("{at} answered: {}", answer.said()),
        })
    }

    /// Tells all of them, also when one cannot be told; then says so.
    async fn post(&self, path: &str, body: &Value) -> Result<(), String> {
        let token = self.token.as_ref().ok_or("no token was given (--token-file FILE, or $SERIN_TOKEN)")?;
        let mut told = Ok(());
        for at in self.places()? {
            told = told.and(post(at, path, token, body).await);
        }
        told
    }

    fn places(&self) -> Result<&[Url], String> {
        match &*self.at {
            [] => Err("the configuration leaves its port open (--at URL says where it is)".to_owned()),
            at => Ok(at),
        }
    }
}

async fn post(at: &Url, path: &str, token: &Secret, body: &Value) -> Result<(), String> {
    let answer = api(at).await?.post(path, token, body).await.map_err(|failure| failure.to_string())?;
    if answer.status.is_success() { Ok(()) } else { Err(format!("{at} answered: {}", answer.said())) }
}

/// What a gate's answer comes to; the error is why it knows nothing, if that is what it says.
fn advice(body: &Value) -> Result<Decision, Option<String>> {
    let data = &body["data"];
    let decision: Decision = serde_json::from_value(data["verdict"].clone()).map_err(|_| None)?;
    let reasons: Vec<Reason> = serde_json::from_value(data["reasons"].clone()).map_err(|_| None)?;
    match reasons.first() {
        Some(first) if first.cause == Cause::Canary => Err(Some(first.text.clone())),
        _ if reasons.iter().any(|reason| reason.raises == Decision::Rollback) => Ok(Decision::Rollback),
        _ => Ok(decision),
    }
}

async fn api(at: &Url) -> Result<Api, String> {
    Api::new(at.clone()).await.map_err(|failure| failure.to_string())
}

/// Where the configuration has the API; `None` where only the running canary knows its port.
fn served(config: &Config) -> Option<Url> {
    let mut at = config.serve;
    if at.ip().is_unspecified() {
        at.set_ip(if at.is_ipv4() { [127, 0, 0, 1].into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    (at.port() != 0).then(|| format!("http://{at}/").parse().ok())?
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
pub(super) mod tests {
    use std::sync::Arc;

    use chrono::Utc;
    use cutover::{Phase, Side, Snapshot, Verdict};
    use dashboards::{CheckIns, Command, Inquiry, Metrics, Surface, Token};
    use tokio::net::TcpListener;
    use tokio::sync::{mpsc, watch};
    use tokio_util::sync::CancellationToken;
    use url::Url;

    use super::super::words;
    use super::*;
    use crate::config::Secret;

    pub(in super::super) fn secret(text: &str) -> Secret {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Secret::from_file(file.path()).unwrap()
    }

    #[test]
    fn a_new_side_that_is_worse_stops_a_walk_though_there_is_no_way_back() {
        let reason = |cause: &str, raises: &str| json!({ "cause": cause, "raises": raises, "text": "why" });
        let body =
            |verdict: &str, reasons: &[Value]| json!({ "data": { "verdict": verdict, "reasons": reasons } });
        let fix_forward = [reason("phase", "hold"), reason("new-errors", "rollback")];
        assert_eq!(advice(&body("hold", &fix_forward)), Ok(Decision::Rollback));
        assert_eq!(advice(&body("hold", &[reason("too-little", "hold")])), Ok(Decision::Hold));
        assert_eq!(advice(&body("go", &[reason("non-inferior", "go")])), Ok(Decision::Go));
        assert_eq!(advice(&body("hold", &[reason("canary", "hold")])), Err(Some("why".to_owned())));
        assert_eq!(advice(&json!({ "error": "no" })), Err(None));
    }

    #[tokio::test]
    async fn a_running_canary_is_told_by_whom_what_was_reset() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let now = Utc::now();
        let first = Snapshot::first("acme".into(), Phase::Go, Verdict::bare(Decision::Hold, now), now);
        let (commands, mut taken) = mpsc::channel(2);
        let (inquiries, mut asked) = mpsc::channel(2);
        let surface = Surface {
            snapshots: watch::channel(Arc::new(first)).1,
            broken: watch::channel(None).1,
            metrics: Arc::new(Metrics::new().unwrap()),
            commands,
            inquiries,
            check_ins: CheckIns::default(),
            token: Token::new("secret"),
        };
        let cancel = CancellationToken::new();
        let server = tokio::spawn(dashboards::serve(listener, surface, cancel.clone()));
        let canaries = |at: &Url, token: &str| Canaries::at(vec![at.clone()], Some(secret(token)));
        let missed = [words("wave-1", "meters", &[Side::New])];
        canaries(&at, "secret").note("ann", &missed).await.unwrap();
        let noted = taken.recv().await.unwrap();
        let expected = "reset wave-1 of fleet meters, NOT sent on new";
        assert!(matches!(&noted, Command::Note { by, text } if by == "ann" && text == expected), "{noted:?}");

        let desk = async {
            let Some(Inquiry::Order { order, reply }) = asked.recv().await else { unreachable!() };
            reply.send(Ok("wave-1".to_owned())).unwrap();
            order
        };
        let whom = Whom::Wave("first".to_owned());
        let mut told = canaries(&at, "secret");
        let (announced, order) = tokio::join!(told.announce("wave-1", &whom, "ann", false), desk);
        announced.unwrap();
        assert_eq!(
            (order.id.as_deref(), order.wave.as_deref(), order.send),
            (Some("wave-1"), Some("first"), false)
        );

        let refused = canaries(&at, "guess").note("ann", &missed).await;
        assert_eq!(refused.unwrap_err(), format!("{at} answered: this is not the token"));
        cancel.cancel();
        server.await.unwrap();
        let nobody = canaries(&at, "secret").note("ann", &missed).await.unwrap_err();
        assert!(nobody.contains("refused") && nobody.lines().count() == 1, "{nobody}");
        let none = Canaries::at(vec![at], None).note("ann", &missed).await;
        assert!(none.unwrap_err().starts_with("no token was given"));
    }
}
