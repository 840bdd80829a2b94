//! One user's page.

use std::time::Duration;

use bytes::Bytes;
use cutover::{AbortCause, FailureKind};
use http::StatusCode;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::browsers::Visitor;
use super::engine::Engine;
use super::har;
use super::net_error;
use super::script::{self, Unanswered};
use super::tab::Tab;
use super::visit::Visit;
use super::watch::Watch;
use super::{Command, Evidence};
use crate::{Fault, ProbeError};

/// How long a page may take to show what it is: for messages and for evidence, when something failed already.
const GLANCE: Duration = Duration::from_secs(2);
/// How long it may take when all went well: it is not the page's time that is measured.
const LOOKED: Duration = Duration::from_secs(10);
/// How long what a click leads to may take to begin.
const BEGIN: Duration = Duration::from_millis(20);
/// A page that does not answer a script for so long is kept from it.
const STUCK: Duration = Duration::from_millis(500);
/// How many pictures of one visit are kept.
const PICTURES: usize = 20;

/// Finds an element; every script that needs one begins with it.
const FIND: &str = include_str!("assets/find.js");
/// Whether the page has loaded.
const COMPLETE: &str = "() => document.readyState === 'complete'";
/// What the page shows.
const SHOWN: &str = "() => ({ title: document.title.slice(0, 200), url: location.href.slice(0, 500) })";

/// How long the commands of one visit may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Each of them.
    Each(Duration),
    /// All of them together.
    Together(Duration),
}

/// One user's page, in a context of its own: no cookie, cache or storage is another's.
#[derive(Debug)]
pub struct Page {
    tab: Tab,
    json: Option<Value>,
    pictures: Vec<(String, Bytes)>,
    /// How many of the commands are done.
    done: usize,
}

/// One command under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Act {
    /// When it is given up.
    pub(super) until: Instant,
    /// When it began.
    pub(super) begun: Instant,
    /// How long it was given, for messages.
    pub(super) given: Duration,
}

impl Page {
    /// How often is looked whether what is waited for is there.
    pub(super) const LOOK: Duration = Duration::from_millis(40);

    pub(super) async fn open(
        engine: Arc<Engine>,
        visitor: Visitor<'_>,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, ProbeError> {
        let tab = Tab::open(engine, visitor, permit).await?;
        Ok(Self { tab, json: None, pictures: Vec::new(), done: 0 })
    }

    /// Does what a user does, one after the other, and looks at what came of it.
    ///
    /// # Errors
    /// What kept a command from being done: it names the command and what the page shows instead.
    /// [`Aborted(Local)`](Fault::Aborted) when the browser did not go where it was told to, or broke down.
    pub async fn perform(&mut self, commands: &[Command], limit: Limit) -> Result<Visit, ProbeError> {
        (self.json, self.done) = (None, 0);
        self.tab.mend().await?;
        let begun = Instant::now();
        for command in commands {
            let act = match limit {
                Limit::Each(given) => Act { until: Instant::now() + given, begun: Instant::now(), given },
                Limit::Together(given) => Act { until: begun + given, begun: Instant::now(), given },
            };
            if let Err(error) = self.act(command, act).await {
                let mut error = self.explain(command, error, act.begun).await;
                error.parts.total = begun.elapsed();
                return Err(error);
            }
            self.done += 1;
        }
        let took = begun.elapsed();
        let looked = self.tab.look(LOOKED).await;
        if let Some(broken) = self.broken() {
            return Err(broken);
        }
        let Some(looked) = looked.map_err(|why| self.lost(&why))? else {
            self.worn_out();
            let message = format!("the page could not be looked at within {LOOKED:?}: it is busy");
            return Err(self.failure(Fault::Failed(FailureKind::Timeout), message));
        };
        Ok(Visit::of(looked, &self.tab, self.json.take(), begun, took))
    }

    /// How many of the commands that were last asked for were done: the next one is that of which an error tells.
    pub fn done(&self) -> usize {
        self.done
    }

    /// The pictures that were asked for since this was last asked, with their names, as PNG.
    pub fn pictures(&mut self) -> Vec<(String, Bytes)> {
        std::mem::take(&mut self.pictures)
    }

    /// What the page looks like and what it loaded, for those who look for a failure's cause.
    pub async fn evidence(&self) -> Evidence {
        let screenshot = timeout(GLANCE, self.picture()).await.ok().and_then(Result::ok);
        let html = self.tab.look(GLANCE).await.ok().flatten().map(|looked| looked.html).unwrap_or_default();
        let seen = self.watch().seen();
        let console = seen.console.iter().cloned().collect();
        Evidence { screenshot, html, console, har: har::log(seen.requests.iter()) }
    }

    /// Closes the page; everything of its user's is forgotten with it.
    pub async fn close(self) {
        self.tab.close().await;
    }

    async fn act(&mut self, command: &Command, act: Act) -> Result<(), ProbeError> {
        let watch = self.tab.watching();
        tokio::select! {
            biased;
            broken = watch => Err(self.tab.breakdown(broken)),
            done = command.perform(self, act) => done,
        }
    }

    /// Says at which command it failed and what the page shows, and what explains it better than the command does.
    async fn explain(&mut self, command: &Command, error: ProbeError, begun: Instant) -> ProbeError {
        if let Some(broken) = self.broken() {
            return ProbeError { message: format!("{command}: {}", broken.message), ..broken };
        }
        let mut error = error;
        let goes = matches!(command, Command::Goto(_));
        let document = self.watch().seen().met(begun, goes).cloned();
        let shown = match timeout(GLANCE, script::call(self.tab(), SHOWN, &[])).await {
            Ok(Ok(shown)) => shown,
            _ => Value::Null,
        };
        error.message = format!("{command}: {}", error.message);
        let text = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (title, url) = (text("title"), text("url"));
        if !goes && !url.is_empty() {
            error.message += &format!("; the page shows \"{title}\" at {url}");
        }
        if let Some(document) = document {
            error.peer = error.peer.or(document.answer.peer);
            let status =
                u16::try_from(document.answer.status).ok().and_then(|code| StatusCode::from_u16(code).ok());
            let weak =
                [FailureKind::Assertion, FailureKind::Timeout].map(Fault::Failed).contains(&error.fault);
            if let Some(status) =
                status.filter(|status| weak && status.as_u16() >= 400 && document.url == url)
            {
                error.fault = Fault::Failed(FailureKind::Status);
                error.message += &format!(", which was answered with {}", status.as_u16());
            }
        }
        error
    }

    fn broken(&mut self) -> Option<ProbeError> {
        let broken = self.watch().seen().broken.clone();
        broken.map(|broken| self.tab.breakdown(broken))
    }
}

/// What commands are made of.
impl Page {
    pub(super) fn tab(&self) -> &chromiumoxide::Page {
        self.tab.line()
    }

    pub(super) fn watch(&self) -> &Watch {
        self.tab.watch()
    }

    /// Asks the page until it says yes: a script that returns `{ ok }`, `{ wait }` (not yet, and why) or `{ bad }` (never).
    pub(super) async fn ready(
        &mut self,
        act: Act,
        function: &str,
        arguments: &[Value],
    ) -> Result<Value, ProbeError> {
        self.ready_when(act, function, arguments, |_| Ok(())).await
    }

    /// The same, until what it gives is accepted; else it is said why it is not yet.
    pub(super) async fn ready_when(
        &mut self,
        act: Act,
        function: &str,
        arguments: &[Value],
        accept: impl Fn(&Value) -> Result<(), &'static str>,
    ) -> Result<Value, ProbeError> {
        let function = format!("(...all) => {{ {FIND}; return ({function})(...all); }}");
        let mut why = None;
        loop {
            let asked = Instant::now();
            match timeout_at(act.until, script::call(self.tab(), &function, arguments)).await {
                Ok(Ok(answer)) => {
                    let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
                    if let Some(bad) = text("bad") {
                        return Err(self.failure(Fault::Aborted(AbortCause::Script), bad));
                    }
                    why = match answer.get("ok").map(|ok| (ok, accept(ok))) {
                        Some((ok, Ok(()))) => return Ok(ok.clone()),
                        Some((_, Err(not_yet))) => Some(not_yet.to_owned()),
                        None => text("wait"),
                    };
                }
                Ok(Err(Unanswered::Moved)) => {}
                Ok(Err(Unanswered::Threw(what))) => why = Some(what),
                Ok(Err(Unanswered::Gone(what))) => return Err(self.lost(&what)),
                // Its own scripts keep it from answering ours: a page that cannot be asked is not used again.
                Err(_) if why.is_none() || asked.elapsed() >= STUCK => {
                    self.worn_out();
                    let message = format!("the page did not answer within {:?}: it is busy", act.given);
                    return Err(self.failure(Fault::Failed(FailureKind::Timeout), message));
                }
                Err(_) => {}
            }
            if Instant::now() + Self::LOOK >= act.until {
                return Err(self.not_so(act, why.as_deref().unwrap_or("the page goes from one to the next")));
            }
            sleep(Self::LOOK).await;
        }
    }

    /// Has the browser do something.
    pub(super) async fn told(
        &mut self,
        act: Act,
        doing: impl Future<Output = chromiumoxide::Result<()>>,
    ) -> Result<(), ProbeError> {
        match timeout_at(act.until, doing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.lost(&error.to_string())),
            Err(_) => {
                self.worn_out();
                let message = format!("the page did not take it within {:?}", act.given);
                Err(self.failure(Fault::Failed(FailureKind::Timeout), message))
            }
        }
    }

    /// Waits for the page that a command may have led to.
    pub(super) async fn settled(&mut self, act: Act) -> Result<(), ProbeError> {
        if timeout_at(act.until, self.settle()).await.is_err() {
            let message = format!("the page that it leads to was not loaded within {:?}", act.given);
            return Err(self.failure(Fault::Failed(FailureKind::Timeout), message));
        }
        let undone = self.watch().seen().undone.clone();
        undone.map_or(Ok(()), |undone| Err(self.not_loaded(&undone.url, &undone.error)))
    }

    async fn settle(&self) {
        sleep(BEGIN).await;
        loop {
            if !self.watch().seen().is_leaving() {
                let ready = script::call(self.tab(), COMPLETE, &[]).await;
                let complete = ready.as_ref().is_ok_and(|ready| *ready == Value::Bool(true));
                if (complete || matches!(ready, Err(Unanswered::Gone(_))))
                    && !self.watch().seen().is_leaving()
                {
                    return;
                }
            }
            sleep(Self::LOOK).await;
        }
    }

    /// Waits until a page that was gone to has loaded, and holds against what was told where it came from.
    pub(super) async fn loaded(&mut self, act: Act) -> Result<(), ProbeError> {
        self.settled(act).await?;
        let unknown = self
            .watch()
            .seen()
            .document
            .as_ref()
            .is_some_and(|document| document.url.starts_with("http") && document.answer.peer.is_none());
        if unknown {
            let message = "the browser does not say where it found the page, and so not which side it was";
            return Err(self.failure(Fault::Aborted(AbortCause::Local), message.to_owned()));
        }
        Ok(())
    }

    /// A page that could not be loaded; a certificate of which we know more is told of in our own words.
    pub(super) fn not_loaded(&self, url: &str, error: &str) -> ProbeError {
        let seen = self.watch().seen();
        match &seen.certificate {
            Some(certificate) if net_error::is_refusal(error) => certificate.clone(),
            _ => {
                let (fault, words) = net_error::classify(error);
                let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
                ProbeError::new(fault, format!("{}: {words}", host.as_deref().unwrap_or(url)))
            }
        }
    }

    /// What was waited for is not so. While the page is still loading it is late, and else it is another.
    pub(super) fn not_so(&self, act: Act, why: &str) -> ProbeError {
        let loading = self.watch().seen().is_leaving();
        let (kind, still) = if loading {
            (FailureKind::Timeout, ", and the page is still loading")
        } else {
            (FailureKind::Assertion, "")
        };
        self.failure(Fault::Failed(kind), format!("{why}, after {:?}{still}", act.given))
    }

    /// The line to the page is lost.
    pub(super) fn lost(&self, why: &str) -> ProbeError {
        self.failure(Fault::Aborted(AbortCause::Local), format!("the browser does not answer: {why}"))
    }

    pub(super) fn failure(&self, fault: Fault, message: String) -> ProbeError {
        ProbeError::new(fault, message)
    }

    /// The next visit has a new page, with the same cookies.
    pub(super) fn worn_out(&mut self) {
        self.tab.wear_out();
    }

    pub(super) fn answered_since(&self, begun: Instant) -> bool {
        self.watch().seen().document.as_ref().is_some_and(|document| document.when >= begun)
    }

    pub(super) fn keep(&mut self, value: Value) {
        self.json = Some(value);
    }

    pub(super) fn keep_picture(&mut self, name: &str, png: Bytes) {
        if self.pictures.len() < PICTURES {
            self.pictures.push((name.to_owned(), png));
        }
    }

    pub(super) async fn picture(&self) -> Result<Bytes, String> {
        use chromiumoxide::page::ScreenshotParams;
        let png = self.tab().screenshot(ScreenshotParams::builder().build()).await;
        png.map(Bytes::from).map_err(|error| error.to_string())
    }
}
