//! The browsers of all routes.

use std::sync::Mutex as StdMutex;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use cutover::Route;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::engine::{Engine, local};
use super::mapping::Mapping;
use super::page::Page;
use super::{BrowserSettings, locate};
use crate::{Aim, ProbeError, Trust};

/// How long a run waits for a page while others have them all.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long pages that are still open may be at the end.
const LAST_PAGES: Duration = Duration::from_secs(3);

/// The browsers of all routes, one each, started when they are first needed. Cheap to clone; the last one ends them.
#[derive(Debug, Clone)]
pub struct Browsers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: BrowserSettings,
    slots: [Mutex<Slot>; 3],
    pages: Arc<Semaphore>,
    /// When a page was last opened or closed.
    used: StdMutex<Instant>,
}

/// The browser of one route.
#[derive(Debug, Default)]
struct Slot {
    engine: Option<Arc<Engine>>,
    warden: Option<JoinHandle<()>>,
}

/// Who visits, and how.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'v> {
    /// How the route is aimed.
    pub aim: &'v Aim,
    /// Which certificates are trusted.
    pub trust: &'v Trust,
    /// Sent with every request: names and values.
    pub headers: &'v [(String, String)],
    /// Put behind what Chromium calls itself: `serin/0.1.0`.
    pub agent: &'v str,
    /// The hosts that are to be visited, as far as they are known.
    pub hosts: &'v [String],
}

impl Browsers {
    /// None is started yet.
    pub fn new(settings: BrowserSettings) -> Self {
        let pages = Arc::new(Semaphore::new(settings.pages.max(1)));
        let used = StdMutex::new(Instant::now());
        Self(Arc::new(Inner { settings, slots: std::array::from_fn(|_| Mutex::default()), pages, used }))
    }

    /// Opens a page for one user: with no cookie, no cache and no storage yet, and with nothing shown.
    ///
    /// # Errors
    /// [`Aborted(Local)`](crate::Fault::Aborted) when there is no browser, it does not start, or all pages are taken for
    /// long; and what [`Aim::resolve`] says of the hosts that are to be visited.
    pub async fn open(&self, visitor: Visitor<'_>) -> Result<Page, ProbeError> {
        let inner = &self.0;
        let permit = timeout(PATIENCE, Arc::clone(&inner.pages).acquire_owned()).await;
        if inner.pages.is_closed() {
            return Err(local("the browsers have ended".to_owned()));
        }
        let Ok(Ok(permit)) = permit else {
            let most = inner.settings.pages;
            return Err(local(format!(
                "all {most} pages were taken for {PATIENCE:?}: run journeys with a browser less often, or allow more \
                 with `browser: {{ pages: {} }}` in serin.yaml",
                most * 2
            )));
        };
        let mapping = Mapping::along(visitor.aim, visitor.hosts).await?;
        let engine = self.engine(visitor.aim.route(), mapping).await?;
        inner.touch();
        Page::open(engine, visitor, permit).await
    }

    /// The browser of a route that knows these hosts; a new one when it does not live, was told otherwise or has grown
    /// too large.
    async fn engine(&self, route: Route, mapping: Mapping) -> Result<Arc<Engine>, ProbeError> {
        let inner = &self.0;
        let mut slot = inner.slot(route).lock().await;
        if let Some(engine) = &slot.engine {
            let memory = engine.memory();
            if engine.lives() && engine.mapping().covers(&mapping) && memory <= inner.settings.memory {
                return Ok(Arc::clone(engine));
            }
            tracing::debug!(%route, memory, "the browser gives way to a new one");
            slot.retire().await;
        }
        let program = locate(inner.settings.program.as_deref())?;
        let engine = Arc::new(Engine::start(&program, &inner.settings, mapping).await?);
        slot.engine = Some(Arc::clone(&engine));
        slot.warden = Some(tokio::spawn(watch(Arc::downgrade(inner), route)));
        Ok(engine)
    }

    /// Ends all browsers, and waits until they have, those with a page for a moment: no further page is opened.
    pub async fn shutdown(&self) {
        for slot in &self.0.slots {
            slot.lock().await.retire().await;
        }
        // Those that gave way end with their last page.
        let most = u32::try_from(self.0.settings.pages.max(1)).unwrap_or(u32::MAX);
        drop(timeout(LAST_PAGES, self.0.pages.acquire_many(most)).await);
        self.0.pages.close();
    }
}

impl Default for Browsers {
    fn default() -> Self {
        Self::new(BrowserSettings::default())
    }
}

impl Inner {
    const fn slot(&self, route: Route) -> &Mutex<Slot> {
        match route {
            Route::Old => &self.slots[0],
            Route::New => &self.slots[1],
            Route::Live => &self.slots[2],
        }
    }

    fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn unused(&self) -> Duration {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

impl Slot {
    /// Ends the browser, or leaves that to its last page.
    async fn retire(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.retire();
            if let Some(engine) = Arc::into_inner(engine) {
                engine.end().await;
            }
        }
        if let Some(warden) = self.warden.take() {
            warden.abort();
        }
    }
}

/// Ends the browser of a route that was not used for long.
async fn watch(browsers: Weak<Inner>, route: Route) {
    loop {
        let Some(idle) = browsers.upgrade().map(|inner| inner.settings.idle) else { return };
        sleep((idle / 4).max(Duration::from_millis(50))).await;
        let Some(inner) = browsers.upgrade() else { return };
        let mut slot = inner.slot(route).lock().await;
        let alone = slot.engine.as_ref().is_none_or(|engine| Arc::strong_count(engine) == 1);
        if alone && inner.unused() >= idle {
            tracing::debug!(%route, "the browser was not used for long, and ends");
            // Its own warden is this task, which ends by itself.
            slot.warden = None;
            slot.retire().await;
            return;
        }
    }
}
