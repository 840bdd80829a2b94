//! What was seen of a page: what it loaded, from where, and what it said. Pure: told of events, asked at any time.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::network::{
    EventLoadingFailed, EventLoadingFinished, EventRequestWillBeSent, EventResponseReceived, Headers,
    RequestId, ResourceTiming, ResourceType, Response,
};
use serde_json::{Map, Value};
use tokio::time::Instant;
use url::Url;

use super::mapping::Mapping;
use super::script::short;
use crate::ProbeError;

/// How many requests are remembered: the latest.
const REQUESTS: usize = 500;
/// How many lines of the console are remembered: the latest.
const LINES: usize = 200;
/// How long a URL is remembered: one of `data:` may hold all of an image.
const URL: usize = 2048;

/// What was seen of a page.
#[derive(Debug)]
pub(super) struct Seen {
    /// The main frame's, which Chromium gives its page's own name.
    main: String,
    pub(super) requests: VecDeque<Request>,
    pub(super) console: VecDeque<String>,
    /// The main document, when it came over HTTP; none where another was asked for and did not come.
    pub(super) document: Option<Document>,
    /// Why a main document did not come, if the last one did not.
    pub(super) undone: Option<Undone>,
    /// Where a main document was not to come any more: it gave way to another, is none, or its certificate is refused.
    pub(super) given_up: Option<String>,
    /// When the page said that it wants to go elsewhere, until it goes.
    pub(super) leaving: Option<Instant>,
    /// What is being loaded, and whether it is the main document.
    under_way: HashMap<RequestId, bool>,
    /// Since when nothing has been under way.
    pub(super) quiet: Option<Instant>,
    /// What makes all else meaningless.
    pub(super) broken: Option<Broken>,
    /// Why a certificate was not accepted, and whose.
    pub(super) certificate: Option<ProbeError>,
}

/// One request of the page's, and what came of it.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) id: RequestId,
    /// Whether it is for the main document.
    pub(super) main: bool,
    /// Seconds since 1970.
    pub(super) at: f64,
    /// Seconds of the browser's own clock.
    pub(super) begun: f64,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Map<String, Value>,
    pub(super) answer: Option<Answered>,
    /// Seconds of the browser's own clock, and how many bytes came over the network.
    pub(super) ended: Option<(f64, f64)>,
    pub(super) error: Option<String>,
}

/// What was answered.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) status: i64,
    pub(super) status_text: String,
    pub(super) protocol: String,
    pub(super) mime: String,
    pub(super) headers: Map<String, Value>,
    pub(super) peer: Option<SocketAddr>,
    pub(super) timing: Option<ResourceTiming>,
}

/// The main document's answer.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) url: String,
    pub(super) answer: Answered,
    pub(super) when: Instant,
}

/// A main document that did not come.
#[derive(Debug, Clone)]
pub(super) struct Undone {
    pub(super) url: String,
    pub(super) error: String,
}

/// What makes all else meaningless.
#[derive(Debug, Clone)]
pub(super) enum Broken {
    /// The page's own process has died.
    Crashed,
    /// The browser has ended, or the line to it.
    Gone,
    /// It was led elsewhere than it was told to go.
    Astray(ProbeError),
}

impl Seen {
    pub(super) fn new(main: &str) -> Self {
        Self {
            main: main.to_owned(),
            requests: VecDeque::new(),
            console: VecDeque::new(),
            document: None,
            undone: None,
            given_up: None,
            leaving: None,
            under_way: HashMap::new(),
            quiet: Some(Instant::now()),
            broken: None,
            certificate: None,
        }
    }

    pub(super) fn request(&mut self, event: &EventRequestWillBeSent, mapping: &Mapping) {
        if let Some(redirect) = &event.redirect_response {
            self.answered(&event.request_id, redirect, mapping);
        }
        if self.requests.len() == REQUESTS {
            self.requests.pop_front();
        }
        let main = self.is_main(event.r#type.as_ref(), event.frame_id.as_ref().map(AsRef::as_ref));
        self.requests.push_back(Request {
            id: event.request_id.clone(),
            main,
            at: *event.wall_time.inner(),
            begun: *event.timestamp.inner(),
            method: event.request.method.clone(),
            url: cut(&event.request.url, URL),
            headers: map(&event.request.headers),
            answer: None,
            ended: None,
            error: None,
        });
        // What stays open for good is not waited for.
        if !matches!(event.r#type, Some(ResourceType::EventSource | ResourceType::WebSocket))
            && self.under_way.len() < REQUESTS
        {
            self.under_way.insert(event.request_id.clone(), main);
            self.quiet = None;
        }
        if main {
            (self.undone, self.given_up, self.leaving, self.certificate) = (None, None, None, None);
        }
    }

    pub(super) fn response(&mut self, event: &EventResponseReceived, mapping: &Mapping) {
        let answer = self.answered(&event.request_id, &event.response, mapping);
        if self.is_main(Some(&event.r#type), event.frame_id.as_ref().map(AsRef::as_ref)) {
            self.undone = None;
            let url = cut(&event.response.url, URL);
            self.document = Some(Document { url, answer, when: Instant::now() });
        }
    }

    pub(super) fn finished(&mut self, event: &EventLoadingFinished) {
        self.done(&event.request_id);
        if let Some(request) = self.find(&event.request_id) {
            request.ended = Some((*event.timestamp.inner(), event.encoded_data_length));
        }
    }

    pub(super) fn failed(&mut self, event: &EventLoadingFailed) {
        self.done(&event.request_id);
        let Some(request) = self.find(&event.request_id) else { return };
        request.ended = Some((*event.timestamp.inner(), 0.0));
        request.error = Some(short(&event.error_text));
        let (main, url, unanswered) = (request.main, request.url.clone(), request.answer.is_none());
        match (main, event.canceled) {
            (true, Some(true)) => self.given_up = Some(url),
            (true, _) => {
                self.undone = Some(Undone { url, error: short(&event.error_text) });
                if unanswered {
                    // The browser's own words are in the place of the page that was there before.
                    self.document = None;
                }
            }
            _ => {}
        }
    }

    /// A line for the console: what kind it is of, and its text.
    pub(super) fn say(&mut self, kind: &str, text: &str) {
        if self.console.len() == LINES {
            self.console.pop_front();
        }
        self.console.push_back(format!("{kind}: {}", short(text)));
    }

    /// A frame wants to go elsewhere.
    pub(super) fn asked(&mut self, frame: &str) {
        if frame == self.main {
            self.leaving = Some(Instant::now());
        }
    }

    /// Whether another main document is under way, or is about to be. What wants to go and has not gone within a second
    /// does not go: it was a script's address, or a download.
    pub(super) fn is_leaving(&self) -> bool {
        let about_to = self.leaving.is_some_and(|since| since.elapsed() < Duration::from_secs(1));
        about_to || self.under_way.values().any(|main| *main)
    }

    /// The main document that a command begun at `begun` has to do with: one that it goes to is its own only when it comes.
    pub(super) fn met(&self, begun: Instant, goes: bool) -> Option<&Document> {
        let awaited =
            |request: &Request| self.under_way.get(&request.id) == Some(&true) && request.answer.is_none();
        let document = self.document.as_ref()?;
        let current = document.when >= begun || !(goes || self.requests.iter().rev().any(awaited));
        current.then_some(document)
    }

    /// What is found first stays.
    pub(super) fn broke(&mut self, broken: Broken) {
        self.broken.get_or_insert(broken);
    }

    /// Keeps an answer, and holds where it came from against where it was to come from.
    fn answered(&mut self, id: &RequestId, response: &Response, mapping: &Mapping) -> Answered {
        let peer = peer(response);
        let answer = Answered {
            status: response.status,
            status_text: short(&response.status_text),
            protocol: response.protocol.clone().unwrap_or_default(),
            mime: short(&response.mime_type),
            headers: map(&response.headers),
            peer,
            timing: response.timing.clone(),
        };
        let host = Url::parse(&response.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        if let (Some(peer), Some(host)) = (peer, host)
            && let Err(error) = mapping.check(&host, peer.ip())
        {
            self.broke(Broken::Astray(ProbeError { peer: Some(peer), ..error }));
        }
        if let Some(request) = self.find(id) {
            request.answer = Some(answer.clone());
        }
        answer
    }

    fn done(&mut self, id: &RequestId) {
        self.under_way.remove(id);
        if self.under_way.is_empty() && self.quiet.is_none() {
            self.quiet = Some(Instant::now());
        }
    }

    fn find(&mut self, id: &RequestId) -> Option<&mut Request> {
        self.requests.iter_mut().rev().find(|request| request.id == *id)
    }

    fn is_main(&self, kind: Option<&ResourceType>, frame: Option<&str>) -> bool {
        kind == Some(&ResourceType::Document) && frame == Some(self.main.as_str())
    }
}

/// The peer that Chromium says it had an answer from.
fn peer(response: &Response) -> Option<SocketAddr> {
    let address = response.remote_ip_address.as_deref()?;
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
    let port = response.remote_port.and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 0)?;
    Some(SocketAddr::new(bare.parse::<IpAddr>().ok()?, port))
}

fn map(headers: &Headers) -> Map<String, Value> {
    match headers.inner() {
        Value::Object(fields) => fields
            .iter()
            .take(100)
            .map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (cut(name, URL), Value::String(cut(&value, URL)))
            })
            .collect(),
        _ => Map::new(),
    }
}

/// The beginning of a text, in bytes, at the end of a character.
fn cut(text: &str, most: usize) -> String {
    text[..text.floor_char_boundary(most)].to_owned()
}
