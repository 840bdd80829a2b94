//! Where a request goes, in its parts.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::text::{Part, Text};

/// A URL in its parts, each as it is written there.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The scheme, the host and the port.
    pub(crate) origin: Text,
    /// What stands between the slashes.
    pub(crate) path: Vec<Text>,
    /// Names and values. A name without a `=` has an empty value, and gets one.
    pub(crate) query: Vec<(String, Text)>,
    /// What is filled in behind all of it, slashes and all.
    pub(crate) rest: Text,
}

impl Target {
    /// The parts of a whole URL, and the user and password that it names.
    pub(crate) fn of(text: &str) -> Result<(Self, Option<(String, String)>), String> {
        let url = Url::parse(text.trim()).map_err(|error| error.to_string())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("`{}` is not HTTP", url.scheme()));
        }
        let user = (!url.username().is_empty())
            .then(|| (decoded(url.username()), decoded(url.password().unwrap_or_default())));
        let behind = &url[url::Position::BeforePath..url::Position::AfterQuery];
        Ok((Self::split(&url.origin().ascii_serialization(), behind, |piece| piece.into()), user))
    }

    /// The parts of a path with its query; `text` makes of each what is filled in there.
    pub(crate) fn split(origin: &str, behind: &str, text: impl Fn(&str) -> Text) -> Self {
        let behind = behind.split('#').next().unwrap_or_default();
        let (path, query) = behind.split_once('?').unwrap_or((behind, ""));
        let path = path.strip_prefix('/').map(|path| path.split('/').map(&text).collect());
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), text(value))
        };
        Self {
            origin: text(origin),
            path: path.unwrap_or_default(),
            query: query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect(),
            rest: Text::default(),
        }
    }

    /// The whole URL.
    pub(crate) fn url(&self) -> Text {
        let mut url = self.origin.clone();
        for segment in &self.path {
            url.append("/".into());
            url.append(segment.clone());
        }
        for (index, (name, value)) in self.query.iter().enumerate() {
            url.append(if index == 0 { "?" } else { "&" }.into());
            url.append(name.as_str().into());
            url.append("=".into());
            url.append(value.clone());
        }
        url.append(self.rest.clone());
        url.map(|literal| Some(literal.replace(char::is_whitespace, "%20").into()));
        url
    }

    /// The path as a name: what is filled in is called by its variable.
    pub(crate) fn shown_path(&self) -> String {
        let mut shown = String::new();
        for segment in &self.path {
            shown.push('/');
            for part in segment.parts() {
                match part {
                    Part::Literal(text) => shown.push_str(&decoded(text)),
                    Part::Filled(name) => {
                        shown.push(':');
                        shown.push_str(name.split('|').next().unwrap_or_default());
                    }
                }
            }
        }
        if shown.is_empty() { "/".to_owned() } else { shown }
    }
}

/// What a text in a URL stands for.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The same of a query, where `+` is a space.
pub(crate) fn decoded_query(text: &str) -> String {
    decoded(&text.replace('+', " "))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_put_together_as_it_was() {
        for url in ["https://a.example/", "http://a.example:81/b/c%20d/?e=f%2B&g=&e=1"] {
            assert_eq!(Target::of(url).unwrap().0.url().template(), url);
        }
        let (target, user) = Target::of("https://me:p%40ss@a.example/x#y").unwrap();
        assert_eq!(target.url().template(), "https://a.example/x");
        assert_eq!(user, Some(("me".to_owned(), "p@ss".to_owned())));
        assert!(Target::of("ftp://a.example/").is_err());
    }
}
