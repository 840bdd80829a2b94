//! What of a fleet's datapoints is read back, and how.

use std::fmt;
use std::time::Duration;

use cutover::Side;
use http::Method;
use serde_json_path::JsonPath;
use url::Url;

use super::PlanError;
use super::fleet::{DAY, time};
use super::http::Request;
use crate::{Slot, Template, TemplateError};

/// For a sample of the devices each datapoint is read back over HTTP.
#[derive(Clone)]
pub struct VerifyPlan {
    /// Which share of the devices (0 to 1); spread over the fleet, always the same devices.
    pub share: f64,
    /// The request, with `{device}`, `{fleet}`, and `{seq}` for the number after which datapoints are wanted.
    pub read: Request,
    /// Where in the answer the datapoints are, in the order in which the application has them.
    pub items: JsonPath,
    /// Where in each of them its number is.
    pub seq: JsonPath,
    /// How long after it was sent a datapoint may need to be there.
    pub within: Duration,
    /// Where it is read.
    pub on: ReadOn,
    /// With what the reader shows that it may read, as a bearer token (RFC 6750); shown nowhere.
    pub token: Option<String>,
}

/// Where datapoints are read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReadOn {
    /// Where the device was when its datapoint was acknowledged.
    #[default]
    Device,
    /// Always there.
    Only(Side),
    /// Where DNS leads.
    Live,
    /// On both sides, each counted for itself.
    Both,
}

/// Why datapoints cannot be read back like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is no request that reads.
    #[error("`{0}` reads nothing: write `GET URL`")]
    Request(String),
    /// It has a placeholder that means nothing.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The device would not be told.
    #[error("`read` must name the `{{device}}`")]
    Device,
    /// The URL is none.
    #[error("`{0}` is no URL: write it whole, with `https://` or `http://`")]
    Url(String),
}

impl VerifyPlan {
    /// Reads `GET URL` as a request for datapoints: all that `{device}` sent after number `{seq}`.
    ///
    /// # Errors
    /// When it is none.
    pub fn request(text: &str) -> Result<Request, VerifyError> {
        let (method, url) = text.trim().split_once(' ').unwrap_or(("", text));
        if method != "GET" {
            return Err(VerifyError::Request(text.chars().take(200).collect()));
        }
        let url = Template::new(url.trim(), &[Slot::Device, Slot::Fleet, Slot::Seq])?;
        Ok(Request { method: Method::GET, url })
    }

    /// The host that is asked, for a sample device.
    pub fn url(&self, fleet: &str, device: &str) -> Option<Url> {
        let url = Url::parse(&self.read.url.sample(fleet, device)).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
    }

    pub(super) fn check(&self, fleet: &str, device: &str) -> Result<(), PlanError> {
        if !self.read.url.has(Slot::Device) {
            return Err(VerifyError::Device.into());
        }
        if self.url(fleet, device).is_none() {
            return Err(VerifyError::Url(self.read.url.sample(fleet, device)).into());
        }
        time("within", self.within, Duration::from_millis(100), DAY)
    }
}

impl fmt::Debug for VerifyPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyPlan").field("share", &self.share).field("on", &self.on).finish_non_exhaustive()
    }
}
