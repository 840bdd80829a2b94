//! A request as it was made, for those who want to make it again.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use probes::{HttpVersion, basic};

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
        let mut clean = |text: &str| {
            let text = redactor.clean(text);
            marks.extend(known.iter().filter(|mark| text.contains(mark.as_str())).cloned());
            text
        };
        let mut as_sent = None;
        let mut credentials =
            self.credentials.as_ref().map(|(name, password)| (name.as_ref(), password.as_ref()));
        if let Some((name, password)) =
            credentials.filter(|(name, password)| !is_told_apart(name, password, redactor))
        {
            as_sent = Some((Arc::from("authorization"), clean(&basic(name, password))));
            credentials = None;
        }
        let told = |(name, value): &(Arc<str>, T)| (name.clone(), clean(value.as_ref()));
        let headers = self.headers.iter().map(told).chain(as_sent).collect();
        let asked = Asked {
            method: self.method.clone(),
            url: clean(self.url.as_ref()),
            headers,
            credentials: credentials.map(|(name, password)| (clean(name), clean(password))),
            body: self.body.map(&mut |text: &T| clean(text.as_ref())),
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

/// Whether name and password, each cleaned by itself, hide all that is hidden in what was sent. A secret may be both of them
/// together, or their code.
fn is_told_apart(name: &str, password: &str, redactor: &Redactor) -> bool {
    let apart = format!("{}:{}", redactor.clean(name), redactor.clean(password));
    let together = redactor.clean(&format!("{name}:{password}"));
    let sent = redactor.clean(&basic(name, password));
    apart == *together
        && redactor.marks().iter().all(|mark| !sent.contains(mark.as_str()) || apart.contains(mark.as_str()))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(secret: (&str, &str)) -> Asked {
        let mut redactor = Redactor::default();
        redactor.learn(secret.0, secret.1);
        let asked: Asked<String> = Asked {
            method: "GET".into(),
            url: "http://a.example/".to_owned(),
            headers: Vec::new(),
            credentials: Some(("carol".to_owned(), "Pr1vateWord".to_owned())),
            body: Sent::Nothing,
            length: 0,
            version: None,
            ca: None,
            certificate: None,
            peer: None,
            status: None,
            marks: BTreeSet::new(),
        };
        asked.cleaned(&redactor)
    }

    #[test]
    fn credentials_are_told_apart_only_where_that_hides_all_that_is_secret() {
        let apart = cleaned(("password", "Pr1vateWord"));
        let told = apart.credentials.map(|(name, password)| (name.into_string(), password.into_string()));
        assert_eq!(told, Some(("carol".to_owned(), "[password]".to_owned())));
        assert!(apart.headers.is_empty() && apart.marks.contains("[password]"));
        for whole in [("both", "carol:Pr1vateWord"), ("code", "Y2Fyb2w6UHIxdmF0ZVdvcmQ=")] {
            let asked = cleaned(whole);
            let text = format!("{asked:?}");
            assert!(asked.credentials.is_none() && !text.contains("vateWord"), "{text}");
            let (name, header) = &asked.headers[0];
            assert_eq!((&**name, &**header), ("authorization", &*format!("Basic [{}]", whole.0)));
        }
    }
}
