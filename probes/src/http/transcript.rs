//! What went out, for those who want to send it again.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::HttpRequest;

/// What went out for a request: its message, and those of the redirects that were followed. It is filled while the
/// request is under way, so that it is there also when nothing comes of it. Cheap to clone: all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Transcript(Arc<Mutex<Vec<SentMessage>>>);

/// A message as it went out, or would have, had anybody been connected.
#[derive(Debug, Clone)]
pub struct SentMessage {
    /// The method.
    pub method: Method,
    /// What was asked for.
    pub url: Url,
    /// All headers but those that say how the body is framed.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The peer that was connected.
    pub peer: Option<SocketAddr>,
    /// The status of the answer.
    pub status: Option<StatusCode>,
}

impl Transcript {
    /// The messages so far, in order.
    pub fn messages(&self) -> Vec<SentMessage> {
        self.all().clone()
    }

    /// Notes the message that is about to go out.
    pub(super) fn note(&self, request: &HttpRequest, headers: &HeaderMap) {
        self.all().push(SentMessage {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: headers.clone(),
            body: request.body.clone(),
            peer: None,
            status: None,
        });
    }

    /// Notes with whom it is spoken.
    pub(super) fn connected(&self, peer: SocketAddr) {
        if let Some(last) = self.all().last_mut() {
            last.peer = Some(peer);
        }
    }

    /// Notes what was answered.
    pub(super) fn answered(&self, status: StatusCode) {
        if let Some(last) = self.all().last_mut() {
            last.status = Some(status);
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<SentMessage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
