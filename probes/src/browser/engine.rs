//! One Chromium under way, and the line to it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chromiumoxide::Browser;
use chromiumoxide::handler::HandlerConfig;
use cutover::AbortCause;
use futures_util::StreamExt;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::BrowserSettings;
use super::mapping::Mapping;
use super::process::Chromium;
use crate::{Fault, ProbeError};

/// How long Chromium may take for what it does by itself: to take the line, to open or close a page.
pub(super) const PROMPT: Duration = Duration::from_secs(10);
/// The protocol's own clock is only for what we have given up long before.
const FORGET: Duration = Duration::from_secs(600);

/// One Chromium under way. It ends with the last who holds it.
#[derive(Debug)]
pub(super) struct Engine {
    browser: Browser,
    line: JoinHandle<()>,
    chromium: Option<Chromium>,
    mapping: Arc<Mapping>,
    retired: AtomicBool,
}

impl Engine {
    pub(super) async fn start(
        program: &Path,
        settings: &BrowserSettings,
        mapping: Mapping,
    ) -> Result<Self, ProbeError> {
        let chromium = Chromium::start(program, settings, &mapping).await?;
        // Certificates are looked at, and the window is Chromium's own.
        let config = HandlerConfig {
            ignore_https_errors: false,
            request_timeout: FORGET,
            viewport: None,
            ..HandlerConfig::default()
        };
        let connecting = Browser::connect_with_config(chromium.at(), config);
        let (browser, mut handler) = match timeout(PROMPT, connecting).await {
            Ok(Ok(connected)) => connected,
            failed => {
                chromium.end().await;
                let why = match failed {
                    Ok(Err(error)) => error.to_string(),
                    _ => format!("no connection within {PROMPT:?}"),
                };
                return Err(local(format!("the browser cannot be spoken to: {why}")));
            }
        };
        let line = tokio::spawn(async move { while let Some(Ok(())) = handler.next().await {} });
        Ok(Self {
            browser,
            line,
            chromium: Some(chromium),
            mapping: Arc::new(mapping),
            retired: AtomicBool::new(false),
        })
    }

    /// The line to it.
    pub(super) const fn browser(&self) -> &Browser {
        &self.browser
    }

    /// What it was told of where hosts are.
    pub(super) const fn mapping(&self) -> &Arc<Mapping> {
        &self.mapping
    }

    /// Whether it can be spoken to.
    pub(super) fn lives(&self) -> bool {
        !self.line.is_finished()
    }

    /// How much memory it has taken, in bytes.
    pub(super) fn memory(&self) -> u64 {
        self.chromium.as_ref().map_or(0, Chromium::memory)
    }

    /// No further page is to be opened in it.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
    }

    /// Whether no further page is to be opened in it.
    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    /// Ends it, and waits until it has.
    pub(super) async fn end(mut self) {
        self.line.abort();
        if let Some(chromium) = self.chromium.take() {
            chromium.end().await;
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.line.abort();
        // Where there is no runtime any more, its lifeline closes here, and so it ends by itself.
        if let (Some(chromium), Ok(runtime)) = (self.chromium.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(chromium.end());
        }
    }
}

pub(super) fn local(message: String) -> ProbeError {
    ProbeError::new(Fault::Aborted(AbortCause::Local), message)
}
