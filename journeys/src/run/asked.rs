//! A request as it was made, for those who want to make it again.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use probes::HttpVersion;

use crate::secret::{Clean, Redactor};

/// A request over HTTP as it was made; a redirect that is followed is a request of its own.
///
/// Within a run its texts are plain ones, `Asked<String>`; it leaves the run cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<T = Clean> {
    /// The method.
    pub method: Arc<str>,
    /// The URL, without credentials and fragment.
    pub url: T,
    /// The headers that were sent, with the cookies, those of the session too. Left out are those that name the run,
    /// `host` where it is the URL's, and the credentials.
    pub headers: Vec<(Arc<str>, T)>,
    /// Name and password that were sent as Basic (RFC 7617).
    pub credentials: Option<(T, T)>,
    /// What was sent.
    pub body: Sent<T>,
    /// How many bytes that is.
    pub length: usize,
    /// The one version of HTTP that was to be spoken, if only one was.
    pub version: Option<HttpVersion>,
    /// The file of the CAs that the step trusts too.
    pub ca: Option<Arc<str>>,
    /// The files of the step's own certificate and its key.
    pub certificate: Option<(Arc<str>, Arc<str>)>,
    /// The peer that was connected.
    pub peer: Option<SocketAddr>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// What stands in these texts in the place of secrets: `[secret.password]`.
    pub marks: BTreeSet<String>,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent<T = Clean> {
    /// None.
    Nothing,
    /// A text.
    Text(T),
    /// What is in this file.
    File(Arc<str>),
    /// A form in pieces (RFC 7578): the name of each field, and what it carries.
    Pieces(Vec<(String, Piece<T>)>),
    /// Bytes that are no text, or too many to be kept.
    Bytes,
}

/// What a field of a form carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<T = Clean> {
    /// A text.
    Text(T),
    /// A file.
    File {
        /// Where it lies.
        path: Arc<str>,
        /// What it is: its media type.
        kind: Arc<str>,
    },
}

impl<T: AsRef<str>> Asked<T> {
    /// The same without any secret.
    pub(crate) fn cleaned(&self, redactor: &Redactor) -> Asked {
        let known = redactor.marks();
        let mut marks = BTreeSet::new();
        let mut clean = |text: &T| {
            let text = redactor.clean(text.as_ref());
            marks.extend(known.iter().filter(|mark| text.contains(mark.as_str())).cloned());
            text
        };
        let asked = Asked {
            method: self.method.clone(),
            url: clean(&self.url),
            headers: self.headers.iter().map(|(name, value)| (name.clone(), clean(value))).collect(),
            credentials: self.credentials.as_ref().map(|(name, password)| (clean(name), clean(password))),
            body: self.body.map(&mut clean),
            length: self.length,
            version: self.version,
            ca: self.ca.clone(),
            certificate: self.certificate.clone(),
            peer: self.peer,
            status: self.status,
            marks: BTreeSet::new(),
        };
        Asked { marks, ..asked }
    }
}

impl<T> Sent<T> {
    fn map<U>(&self, to: &mut impl FnMut(&T) -> U) -> Sent<U> {
        match self {
            Self::Nothing => Sent::Nothing,
            Self::Text(text) => Sent::Text(to(text)),
            Self::File(path) => Sent::File(path.clone()),
            Self::Pieces(pieces) => {
                Sent::Pieces(pieces.iter().map(|(name, piece)| (name.clone(), piece.map(to))).collect())
            }
            Self::Bytes => Sent::Bytes,
        }
    }
}

impl<T> Piece<T> {
    fn map<U>(&self, to: &mut impl FnMut(&T) -> U) -> Piece<U> {
        match self {
            Self::Text(text) => Piece::Text(to(text)),
            Self::File { path, kind } => Piece::File { path: path.clone(), kind: kind.clone() },
        }
    }
}
