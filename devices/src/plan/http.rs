//! Devices that talk with an HTTP API: they poll for commands and post datapoints.

use std::str::FromStr;
use std::time::Duration;

use http::Method;
use url::{Origin, Url};

use super::PlanError;
use super::fleet::{DAY, time};
use crate::{Slot, Template, TemplateError};

/// How the devices of a fleet talk with their API.
#[derive(Debug, Clone)]
pub struct HttpPlan {
    /// The API's scheme, host and port, by the name that the devices resolve.
    pub api: Url,
    /// By which request a device asks for commands.
    pub poll: Request,
    /// How long it waits between two of them.
    pub poll_every: Duration,
    /// By which request it hands over a datapoint.
    pub post: Request,
}

/// A request, the same for all devices but for their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The URL, or what follows the API's own.
    pub url: Template,
}

/// Why something cannot be asked over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// It is no request.
    #[error("`{0}` is no request: write a method and a URL, as in `GET /devices/{{device}}/commands`")]
    Request(String),
    /// It has a placeholder that means nothing.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// What comes of it is no URL.
    #[error("`{0}` is no URL: {1}")]
    Url(String, String),
    /// It goes elsewhere.
    #[error("`{0}` is not at {1}: a device talks with one API")]
    Elsewhere(String, String),
    /// There is no API at such a URL.
    #[error("an API is `https://HOST` or `http://HOST:PORT`, and no more: paths belong to `poll` and `post`")]
    Api,
}

impl HttpPlan {
    /// The usual habits: `GET /devices/{device}/commands` every 5 s, `POST /devices/{device}/datapoints`.
    ///
    /// # Errors
    /// When `api` is not `http` or `https`, or more than a host and its port.
    pub fn new(api: Url) -> Result<Self, HttpError> {
        let bare = matches!(api.scheme(), "http" | "https")
            && matches!(api.path(), "" | "/")
            && api.query().is_none()
            && api.fragment().is_none()
            && api.username().is_empty()
            && api.password().is_none();
        if !bare {
            // Not repeated in the message: there may be a password in it.
            return Err(HttpError::Api);
        }
        Ok(Self {
            api,
            poll: "GET /devices/{device}/commands".parse()?,
            poll_every: Duration::from_secs(5),
            post: "POST /devices/{device}/datapoints".parse()?,
        })
    }

    /// The API's host.
    pub fn host(&self) -> &str {
        self.api.host_str().unwrap_or_default()
    }

    /// The API's port.
    pub fn port(&self) -> u16 {
        self.api.port_or_known_default().unwrap_or(80)
    }

    /// Whether devices such as `device` of `fleet` can live by this plan.
    ///
    /// # Errors
    /// Says which setting is wrong, and what it may be.
    pub fn check(&self, fleet: &str, device: &str) -> Result<(), PlanError> {
        time("poll", self.poll_every, Duration::from_millis(100), DAY)?;
        for request in [&self.poll, &self.post] {
            let text = request.url.sample(fleet, device);
            let url = self.at(&text)?;
            if url.origin() != self.origin() {
                return Err(HttpError::Elsewhere(text, self.origin().ascii_serialization()).into());
            }
        }
        Ok(())
    }

    /// The URL that `text` means, which may leave the API's own part out.
    pub(crate) fn at(&self, text: &str) -> Result<Url, HttpError> {
        self.api.join(text).map_err(|error| HttpError::Url(text.to_owned(), error.to_string()))
    }

    fn origin(&self) -> Origin {
        self.api.origin()
    }
}

impl FromStr for Request {
    type Err = HttpError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || HttpError::Request(text.chars().take(200).collect());
        let (method, url) = text.trim().split_once(' ').ok_or_else(bad)?;
        let known = matches!(method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE");
        let method = Method::from_str(method).ok().filter(|_| known).ok_or_else(bad)?;
        Ok(Self { method, url: Template::new(url.trim(), &Slot::NAMES)? })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn plan() -> HttpPlan {
        HttpPlan::new("https://api.acme.example".parse().unwrap()).unwrap()
    }

    fn refused(post: &str) -> String {
        let plan = HttpPlan { post: post.parse().unwrap(), ..plan() };
        plan.check("lamps", "lamps-000007").unwrap_err().to_string()
    }

    #[test]
    fn requests_stay_with_the_api() {
        assert_eq!(plan().check("lamps", "lamps-000007"), Ok(()));
        let poll = plan().at(&plan().poll.url.sample("lamps", "lamps-000007")).unwrap();
        assert_eq!(poll.as_str(), "https://api.acme.example/devices/lamps-000007/commands");
        let elsewhere =
            "`https://b.example/d` is not at https://api.acme.example: a device talks with one API";
        assert_eq!(refused("POST https://b.example/d"), elsewhere);
        let whole = HttpPlan { post: "PUT https://api.acme.example/d/{device}".parse().unwrap(), ..plan() };
        assert_eq!(whole.check("lamps", "a"), Ok(()));
    }

    #[test]
    fn what_is_no_request_or_no_api_says_what_is() {
        let request = |text: &str| text.parse::<Request>().unwrap_err().to_string();
        let expected =
            "`/devices` is no request: write a method and a URL, as in `GET /devices/{device}/commands`";
        assert_eq!(request("/devices"), expected);
        assert!(request("FETCH /devices").starts_with("`FETCH /devices` is no request"));
        assert!(request("GET /{seq}").contains("`{seq}` is no placeholder here"));
        for api in
            ["ftp://a.example", "https://me:hunter2@a.example", "https://a.example/v1", "https://a.example?b"]
        {
            assert_eq!(HttpPlan::new(api.parse().unwrap()).unwrap_err(), HttpError::Api, "{api}");
        }
    }
}
