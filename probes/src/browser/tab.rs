//! A page as Chromium has it: opened in a context of its own, watched, and closed at every ending.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chromiumoxide::Page as Line;
use chromiumoxide::cdp::browser_protocol::browser::BrowserContextId;
use chromiumoxide::cdp::browser_protocol::emulation::SetUserAgentOverrideParams;
use chromiumoxide::cdp::browser_protocol::network::{Headers, SetExtraHttpHeadersParams};
use chromiumoxide::cdp::browser_protocol::page::AddScriptToEvaluateOnNewDocumentParams;
use chromiumoxide::cdp::browser_protocol::target::{CreateBrowserContextParams, CreateTargetParams};
use chromiumoxide::cdp::browser_protocol::{inspector, log, security};
use chromiumoxide::error::CdpError;
use cutover::{AbortCause, Reached, Vitals};
use serde_json::{Map, Value, json};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::browsers::Visitor;
use super::certificate::Ask;
use super::engine::{Engine, PROMPT, local};
use super::script::{self, Unanswered};
use super::seen::Broken;
use super::visit::vitals;
use super::watch::Watch;
use crate::{Aim, Fault, ProbeError, Trust};

/// How much of a document is kept (characters).
const KEEP: usize = 4 << 20;
/// Observes web vitals, from before the page's own first script on.
const VITALS: &str = include_str!("assets/vitals.js");
/// Looks at the page.
const LOOK: &str = include_str!("assets/look.js");

/// A page as Chromium has it.
#[derive(Debug)]
pub(super) struct Tab {
    aim: Aim,
    trust: Trust,
    headers: Map<String, Value>,
    agent: String,
    /// Missing only while it is being closed.
    held: Option<Held>,
    line: Line,
    watch: Watch,
    worn: bool,
}

/// What must be given back.
#[derive(Debug)]
struct Held {
    engine: Arc<Engine>,
    context: BrowserContextId,
    _permit: OwnedSemaphorePermit,
}

/// What the page was when it was looked at.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) url: String,
    pub(super) title: String,
    pub(super) html: Bytes,
    pub(super) cut_from: Option<u64>,
    pub(super) vitals: Vitals,
}

impl Tab {
    pub(super) async fn open(
        engine: Arc<Engine>,
        visitor: Visitor<'_>,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, ProbeError> {
        let params = CreateBrowserContextParams { dispose_on_detach: Some(true), ..Default::default() };
        let context = prompt("open a context", engine.browser().create_browser_context(params)).await?;
        let held = Held { engine, context, _permit: permit };
        let headers = visitor.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let (aim, trust, agent) = (visitor.aim.clone(), visitor.trust.clone(), visitor.agent.to_owned());
        match prompt("open a page", begin(&held, &aim, &trust, &headers, &agent)).await {
            Ok((line, watch)) => {
                Ok(Self { aim, trust, headers, agent, held: Some(held), line, watch, worn: false })
            }
            Err(error) => {
                held.give_back().await;
                Err(error)
            }
        }
    }

    /// A page that was given up gives way to a new one of the same user.
    pub(super) async fn mend(&mut self) -> Result<(), ProbeError> {
        if let (true, Some(held)) = (self.worn, &self.held) {
            // It may not even hear that it is to be closed; it goes with its context.
            drop(timeout(Duration::from_secs(1), self.line.clone().close()).await);
            let begun = begin(held, &self.aim, &self.trust, &self.headers, &self.agent);
            (self.line, self.watch) = prompt("open a page", begun).await?;
            self.worn = false;
        }
        Ok(())
    }

    pub(super) const fn line(&self) -> &Line {
        &self.line
    }

    pub(super) const fn watch(&self) -> &Watch {
        &self.watch
    }

    pub(super) const fn wear_out(&mut self) {
        self.worn = true;
    }

    /// Waits until all else is meaningless.
    pub(super) fn watching(&self) -> impl Future<Output = Broken> + use<> {
        self.watch.broken()
    }

    /// What such an end means.
    pub(super) fn breakdown(&mut self, broken: Broken) -> ProbeError {
        self.worn = true;
        match broken {
            Broken::Astray(error) => error,
            Broken::Crashed => local(
                "the page's process in the browser died: out of memory, or a fault of the browser's"
                    .to_owned(),
            ),
            Broken::Gone => local("the browser has ended".to_owned()),
        }
    }

    pub(super) fn reached(&self, peer: std::net::SocketAddr) -> Reached {
        self.aim.side_of(peer)
    }

    /// What the page is now; `None` when it does not say so in time.
    pub(super) async fn look(&self, within: Duration) -> Result<Option<Looked>, String> {
        let looking = async {
            loop {
                match script::call(&self.line, LOOK, &[json!(KEEP)]).await {
                    Err(Unanswered::Moved) => tokio::time::sleep(Duration::from_millis(20)).await,
                    answer => return answer,
                }
            }
        };
        let looked = match timeout(within, looking).await {
            Ok(Ok(looked)) => looked,
            Ok(Err(Unanswered::Threw(why) | Unanswered::Gone(why))) => return Err(why),
            _ => return Ok(None),
        };
        let text = |name: &str| looked.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let html = text("html");
        let whole = looked.get("length").and_then(Value::as_u64).unwrap_or_default();
        // Characters are counted as JavaScript does: UTF-16.
        let cut_from = (whole > KEEP as u64).then_some(whole);
        let vitals = looked.get("vitals").map(vitals).unwrap_or_default();
        Ok(Some(Looked { url: text("url"), title: text("title"), html: html.into(), cut_from, vitals }))
    }

    /// Closes it, and waits until it is.
    pub(super) async fn close(mut self) {
        if let Some(held) = self.held.take() {
            held.give_back().await;
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        // A run that was cut short: its page is closed all the same, as long as there is a runtime to do it.
        if let (Some(held), Ok(runtime)) = (self.held.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(held.give_back());
        }
    }
}

impl Held {
    /// Closes the context with all its pages; the last of a browser that gave way ends it.
    async fn give_back(self) {
        let Self { engine, context, _permit } = self;
        if engine.lives() {
            drop(timeout(PROMPT, engine.browser().dispose_browser_context(context)).await);
        }
        if engine.is_retired()
            && let Some(engine) = Arc::into_inner(engine)
        {
            engine.end().await;
        }
    }
}

/// A new page, watched from its beginning on.
async fn begin(
    held: &Held,
    aim: &Aim,
    trust: &Trust,
    headers: &Map<String, Value>,
    agent: &str,
) -> Result<(Line, Watch), CdpError> {
    let Held { engine, context, .. } = held;
    let blank = CreateTargetParams {
        browser_context_id: Some(context.clone()),
        ..CreateTargetParams::new("about:blank")
    };
    let line = engine.browser().new_page(blank).await?;
    let watch = Watch::begin(&line, engine.mapping(), aim, trust).await?;
    line.execute(inspector::EnableParams::default()).await?;
    line.execute(log::EnableParams::default()).await?;
    line.execute(security::EnableParams::default()).await?;
    line.execute(Ask { asked: true }).await?;
    line.execute(SetExtraHttpHeadersParams::new(Headers::new(Value::Object(headers.clone())))).await?;
    let chromium = engine.browser().user_agent().await?;
    line.execute(SetUserAgentOverrideParams::new(format!("{chromium} {agent}"))).await?;
    line.execute(AddScriptToEvaluateOnNewDocumentParams::new(VITALS)).await?;
    Ok((line, watch))
}

/// What Chromium does by itself, within its time.
async fn prompt<T>(what: &str, doing: impl Future<Output = Result<T, CdpError>>) -> Result<T, ProbeError> {
    let why = match timeout(PROMPT, doing).await {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(error)) => script::short(&error.to_string()),
        Err(_) => format!("nothing within {PROMPT:?}"),
    };
    let message = format!("the browser does not {what}: {why}");
    Err(ProbeError::new(Fault::Aborted(AbortCause::Local), message))
}
