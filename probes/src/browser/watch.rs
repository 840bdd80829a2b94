//! Watches a page: hears what Chromium tells of it, keeps what is needed, and answers what must be answered.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use chromiumoxide::Page as Tab;
use chromiumoxide::cdp::IntoEventKind;
use chromiumoxide::cdp::browser_protocol::inspector::EventTargetCrashed;
use chromiumoxide::cdp::browser_protocol::log::EventEntryAdded;
use chromiumoxide::cdp::browser_protocol::network::{
    EventLoadingFailed, EventLoadingFinished, EventRequestWillBeSent, EventResponseReceived,
};
use chromiumoxide::cdp::browser_protocol::page::{
    EventFrameRequestedNavigation, EventJavascriptDialogOpening, HandleJavaScriptDialogParams,
};
use chromiumoxide::cdp::js_protocol::runtime::{EventConsoleApiCalled, EventExceptionThrown, RemoteObject};
use chromiumoxide::error::CdpError;
use futures_util::stream::{BoxStream, select_all};
use futures_util::{FutureExt, StreamExt};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use url::Url;

use super::certificate::{self, Answer, CertificateError};
use super::mapping::Mapping;
use super::script::thrown;
use super::seen::{Broken, Seen};
use crate::{Aim, Trust};

/// What is heard of a page.
#[derive(Debug)]
enum Event {
    Request(Arc<EventRequestWillBeSent>),
    Response(Arc<EventResponseReceived>),
    Finished(Arc<EventLoadingFinished>),
    Failed(Arc<EventLoadingFailed>),
    Asked(Arc<EventFrameRequestedNavigation>),
    Said(Arc<EventConsoleApiCalled>),
    Threw(Arc<EventExceptionThrown>),
    Logged(Arc<EventEntryAdded>),
    Dialog(Arc<EventJavascriptDialogOpening>),
    Certificate(Arc<CertificateError>),
    Crashed,
}

/// How long is waited for what came together.
const GATHER: Duration = Duration::from_millis(2);
/// How much is put in order at once.
const BATCH: usize = 5000;

impl Event {
    /// Its place among those that came together: of the browser's clock for the network (seconds), of that for what is
    /// said (milliseconds), and what bears no time at either end.
    fn order(&self) -> (u8, f64) {
        match self {
            Self::Asked(_) => (0, 0.0),
            Self::Request(event) => (1, *event.timestamp.inner()),
            Self::Response(event) => (1, *event.timestamp.inner()),
            Self::Finished(event) => (1, *event.timestamp.inner()),
            Self::Failed(event) => (1, *event.timestamp.inner()),
            Self::Said(event) => (2, *event.timestamp.inner()),
            Self::Threw(event) => (2, *event.timestamp.inner()),
            Self::Logged(event) => (2, *event.entry.timestamp.inner()),
            Self::Dialog(_) | Self::Certificate(_) | Self::Crashed => (3, 0.0),
        }
    }
}

/// Watches a page for as long as it is there.
#[derive(Debug)]
pub(super) struct Watch {
    seen: watch::Receiver<Seen>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Begins to watch. The page's peers are held against the mapping that its browser was told.
    pub(super) async fn begin(
        tab: &Tab,
        mapping: &Arc<Mapping>,
        aim: &Aim,
        trust: &Trust,
    ) -> Result<Self, CdpError> {
        let events = select_all([
            hear(tab, Event::Request).await?,
            hear(tab, Event::Response).await?,
            hear(tab, Event::Finished).await?,
            hear(tab, Event::Failed).await?,
            hear(tab, Event::Asked).await?,
            hear(tab, Event::Said).await?,
            hear(tab, Event::Threw).await?,
            hear(tab, Event::Logged).await?,
            hear(tab, Event::Dialog).await?,
            hear(tab, Event::Certificate).await?,
            hear(tab, |_: Arc<EventTargetCrashed>| Event::Crashed).await?,
        ]);
        let (told, seen) = watch::channel(Seen::new(tab.target_id().inner()));
        let watcher = Watcher {
            tab: tab.clone(),
            mapping: Arc::clone(mapping),
            aim: aim.clone(),
            trust: trust.clone(),
            told: Arc::new(told),
            answers: JoinSet::new(),
        };
        Ok(Self { seen, task: tokio::spawn(watcher.watch(events)) })
    }

    /// What was seen until now.
    pub(super) fn seen(&self) -> watch::Ref<'_, Seen> {
        self.seen.borrow()
    }

    /// Waits until something holds of what is seen.
    pub(super) async fn until(&self, mut holds: impl FnMut(&Seen) -> bool) {
        let mut seen = self.seen.clone();
        if seen.wait_for(|seen| holds(seen)).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until all else is meaningless.
    pub(super) fn broken(&self) -> impl Future<Output = Broken> + use<> {
        let mut seen = self.seen.clone();
        async move {
            let broken = seen.wait_for(|seen| seen.broken.is_some()).await;
            broken.ok().and_then(|seen| seen.broken.clone()).unwrap_or(Broken::Gone)
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// All events of one kind.
async fn hear<T: IntoEventKind + Unpin>(
    tab: &Tab,
    as_event: impl Fn(Arc<T>) -> Event + Send + 'static,
) -> Result<BoxStream<'static, Option<Event>>, CdpError> {
    let events = tab.event_listener::<T>().await?;
    // One kind that ends means that the line has.
    let end = futures_util::stream::once(ready(None));
    Ok(events.map(move |event| Some(as_event(event))).chain(end).boxed())
}

struct Watcher {
    tab: Tab,
    mapping: Arc<Mapping>,
    aim: Aim,
    trust: Trust,
    told: Arc<watch::Sender<Seen>>,
    answers: JoinSet<()>,
}

impl Watcher {
    async fn watch(mut self, mut events: impl futures_util::Stream<Item = Option<Event>> + Unpin) {
        while let Some(Some(first)) = events.next().await {
            while self.answers.try_join_next().is_some() {}
            // Chromium tells all in one line, and the library hands each kind on in a line of its own: what came together
            // is put in order again.
            sleep(GATHER).await;
            let mut batch = vec![first];
            while batch.len() < BATCH
                && let Some(Some(Some(event))) = events.next().now_or_never()
            {
                batch.push(event);
            }
            batch.sort_by(|a, b| {
                let ((class, time), (other, than)) = (a.order(), b.order());
                class.cmp(&other).then(time.total_cmp(&than))
            });
            batch.into_iter().for_each(|event| self.hear(event));
        }
        self.told.send_modify(|seen| seen.broke(Broken::Gone));
    }

    fn hear(&mut self, event: Event) {
        let mapping = &self.mapping;
        match event {
            Event::Request(event) => self.told.send_modify(|seen| seen.request(&event, mapping)),
            Event::Response(event) => self.told.send_modify(|seen| seen.response(&event, mapping)),
            Event::Finished(event) => self.told.send_modify(|seen| seen.finished(&event)),
            Event::Failed(event) => self.told.send_modify(|seen| seen.failed(&event)),
            Event::Asked(event) => self.told.send_modify(|seen| seen.asked(event.frame_id.inner())),
            Event::Said(event) => {
                let text = event.args.iter().take(10).map(shown).collect::<Vec<_>>().join(" ");
                self.told.send_modify(|seen| seen.say(event.r#type.as_ref(), &text));
            }
            Event::Threw(event) => {
                self.told.send_modify(|seen| seen.say("exception", &thrown(&event.exception_details)));
            }
            Event::Logged(event) => {
                let entry = &event.entry;
                let text = format!("{} {}", entry.text, entry.url.as_deref().unwrap_or_default());
                self.told.send_modify(|seen| seen.say(entry.level.as_ref(), text.trim_end()));
            }
            Event::Dialog(event) => self.close(&event),
            Event::Certificate(event) => self.judge(event),
            Event::Crashed => self.told.send_modify(|seen| seen.broke(Broken::Crashed)),
        }
    }

    /// Nobody is there to read a dialog, and nothing goes on before it is closed.
    fn close(&mut self, event: &EventJavascriptDialogOpening) {
        self.told.send_modify(|seen| seen.say("dialog", &event.message));
        let tab = self.tab.clone();
        self.answers.spawn(async move {
            drop(tab.execute(HandleJavaScriptDialogParams::new(true)).await);
        });
    }

    /// Chromium knows only public CAs: what it does not accept by itself is shown to our own trust.
    fn judge(&mut self, error: Arc<CertificateError>) {
        let (tab, told) = (self.tab.clone(), Arc::clone(&self.told));
        let (aim, trust) = (self.aim.clone(), self.trust.clone());
        self.answers.spawn(async move {
            let judged = match Url::parse(&error.request_url) {
                Ok(url) => certificate::judge(&url, &aim, &trust).await,
                Err(_) => Ok(()),
            };
            let judged = judged.and_then(|()| error.only_unknown());
            let accepted = judged.is_ok();
            told.send_modify(|seen| seen.certificate = judged.err());
            drop(tab.execute(Answer::to(&error, accepted)).await);
        });
    }
}

/// A value as the console shows it.
fn shown(object: &RemoteObject) -> String {
    match &object.value {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => object.description.clone().unwrap_or_default(),
    }
}
