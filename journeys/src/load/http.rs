//! The keys of an HTTP step.

use std::str::FromStr;

use http::{HeaderName, Method};
use probes::HttpVersion;
use url::Url;

use super::Loader;
use crate::action::HttpAction;
use crate::template::Template;
use document::nearest;
use document::{Fields, Kind, Node};

/// The usual methods: what is nearly one of them is a slip.
const METHODS: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY"];

/// What other tools have keys for.
const ELSEWHERE: [(&str, &str); 5] = [
    ("method", "the method stands in the line itself: `http: POST https://api.acme.example/users`"),
    ("url", "the URL stands in the line itself: `http: GET https://api.acme.example/users`"),
    ("body", "what is sent is `json`, `form`, `multipart`, `text` or `file`"),
    ("data", "what is sent is `json`, `form`, `multipart`, `text` or `file`"),
    ("params", "parameters of the URL are `query`"),
];

/// Whoever needs more has found a loop.
const MOST_REDIRECTS: u64 = 50;

impl Loader<'_> {
    /// `http: METHOD URL`, with what it sends, and how.
    pub(crate) fn http(&mut self, node: &Node, fields: &mut Fields<'_>) -> Option<HttpAction> {
        fields.call("an `http` step");
        for (name, help) in ELSEWHERE {
            fields.refuse(name, help, &mut self.source);
        }
        let target = self.target(node);
        let query = fields.take("query").map(|node| self.pairs(node, "query parameters"));
        let headers = fields.take("headers").map(|node| self.headers(node)).unwrap_or_default();
        let cookies = fields.take("cookies").map(|node| self.cookies(node)).unwrap_or_default();
        let credentials = fields.take("credentials").map(|node| self.credentials(node));
        let body = self.body(fields);
        let redirects = fields.take("redirects").map(|node| self.redirects(node));
        let version = fields.take("version").map(|node| self.http_version(node));
        let certificates = self.certificates(fields);
        let (method, url) = target?;
        Some(HttpAction {
            method,
            url,
            query: query.unwrap_or_default(),
            headers,
            cookies,
            credentials: credentials.map_or(Some(None), |given| given.map(Some))?,
            body: body?,
            redirects: redirects.unwrap_or(Some(0))?,
            version: version.map_or(Some(None), |given| given.map(Some))?,
            certificates: certificates?,
        })
    }

    fn target(&mut self, node: &Node) -> Option<(Method, Template)> {
        let text = node.text(&mut self.source)?;
        let Some((word, url)) = text.split_once(char::is_whitespace) else {
            let help = "as in `http: GET https://api.acme.example/users`".to_owned();
            self.source.complain(node.place, "`http` needs a method and a URL", Some(help));
            return None;
        };
        let at = text[..text.len() - url.trim_start().len()].chars().count();
        let url = url.trim();
        let method = method(word);
        if let Err(help) = &method {
            let place = node.within(&self.source, 0, word.chars().count());
            self.source.complain(place, format!("`{word}` is no method"), Some(help.clone()));
        }
        let template = self.template_at(node, at, url)?;
        self.check_url(node, at, url, &template).then_some(())?;
        Some((method.ok()?, template))
    }

    /// A URL is checked as far as it is known: what a run fills in later is taken to be a word.
    pub(super) fn check_url(&mut self, node: &Node, at: usize, text: &str, template: &Template) -> bool {
        let Some(trial) = self.trial(text, template) else { return true };
        let complaint = match Url::parse(&trial) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => return true,
            Ok(url) => format!("`{}` is not spoken here", url.scheme()),
            Err(error) => format!("`{trial}` is no URL: {error}"),
        };
        let place = node.within(&self.source, at, text.chars().count());
        let help = "a URL begins with https:// or http:// and a host".to_owned();
        self.source.complain(place, complaint, Some(help));
        false
    }

    pub(super) fn headers(&mut self, node: &Node) -> Vec<(HeaderName, Template)> {
        let entries = node.entries("header names and values", &mut self.source).unwrap_or_default();
        let mut headers = Vec::new();
        for (key, value) in entries {
            let template = self.template(value);
            let Ok(name) = HeaderName::from_str(&key.name) else {
                let message = format!("`{}` cannot be a header's name", key.name);
                self.source.complain(key.place, message, None);
                continue;
            };
            headers.extend(template.map(|template| (name, template)));
        }
        headers
    }

    fn cookies(&mut self, node: &Node) -> Vec<(String, Template)> {
        let cookies = self.pairs(node, "cookies");
        for (key, _) in node.entries("cookies and their values", &mut self.source).unwrap_or_default() {
            // A cookie's name is what a header's is (RFC 6265 section 4.1.1).
            if HeaderName::from_str(&key.name).is_err() {
                let message = format!("`{}` cannot be a cookie's name", key.name);
                self.source.complain(key.place, message, None);
            }
        }
        cookies
    }

    fn redirects(&mut self, node: &Node) -> Option<usize> {
        if let Kind::Number(number) = &node.kind
            && let Some(most) = number.as_u64().filter(|most| *most <= MOST_REDIRECTS)
        {
            return usize::try_from(most).ok();
        }
        let message = format!("`redirects` is how many are followed at most: 0 to {MOST_REDIRECTS}");
        self.source.complain(node.place(), message, None);
        None
    }

    fn http_version(&mut self, node: &Node) -> Option<HttpVersion> {
        match node.text(&mut self.source)?.as_str() {
            "1.1" => Some(HttpVersion::One),
            "2" | "2.0" => Some(HttpVersion::Two),
            other => {
                let help = Some("`version` is 1.1 or 2".to_owned());
                self.source.complain(node.place(), format!("`{other}` is no version of HTTP"), help);
                None
            }
        }
    }
}

/// A method: any token (RFC 9110 section 9.1) in capitals, for case counts, unless it is a slip of the pen.
fn method(word: &str) -> Result<Method, String> {
    let near = nearest(word, METHODS).filter(|near| *near != word);
    match Method::from_str(word) {
        Ok(Method::CONNECT) => Err("CONNECT opens a tunnel and asks for nothing".to_owned()),
        Ok(method) if near.is_none() && !word.contains(char::is_lowercase) => Ok(method),
        _ => Err(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a word in capitals, such as {}", METHODS.join(", ")),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_method_is_one_but_a_slip() {
        for word in METHODS.iter().chain(&["PROPFIND", "PURGE", "MKCOL", "REPORT", "X-FLUSH"]) {
            assert!(method(word).is_ok_and(|method| method.as_str() == *word), "{word}");
        }
        for (word, help) in [
            ("get", "did you mean `GET`?"),
            ("GTE", "did you mean `GET`?"),
            ("Delete", "did you mean `DELETE`?"),
            ("CONNECT", "CONNECT opens a tunnel and asks for nothing"),
        ] {
            assert_eq!(method(word).err().as_deref(), Some(help), "{word}");
        }
        assert!(method("https://acme.example/").is_err());
    }
}
