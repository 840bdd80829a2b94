//! What a user does in a page: a closed set, one file each.

mod click;
mod evaluate;
mod fill;
mod goto;
mod press;
mod screenshot;
mod select;
mod upload;
mod wait;

use std::fmt;
use std::path::PathBuf;

use url::Url;

use super::page::{Act, Page};
use crate::ProbeError;

pub use press::is_key;
pub use wait::Wait;

/// What a user does in a page. All that names an element is a CSS selector, and waits until there is one to be seen.
#[derive(Debug, Clone)]
pub enum Command {
    /// Goes to a page, and waits until it has loaded.
    Goto(Url),
    /// Clicks an element, and waits for the page that it may lead to.
    Click(String),
    /// Writes into a field, in place of what is in it.
    Fill {
        /// The field.
        selector: String,
        /// What is written.
        text: String,
    },
    /// Presses a key where the focus is: `Enter`, `Tab`, `a`.
    Press(String),
    /// Chooses from a list.
    Select {
        /// The list: a `select` element.
        selector: String,
        /// The value of the option, or its text.
        value: String,
    },
    /// Waits for something.
    Wait(Wait),
    /// Evaluates JavaScript; what it comes to, or the promise that it is, can be asked for as JSON.
    Evaluate(String),
    /// Puts a file into a file field.
    Upload {
        /// The field.
        selector: String,
        /// The file.
        file: PathBuf,
    },
    /// Keeps what is to be seen, under a name.
    Screenshot(String),
}

impl Command {
    /// Does it.
    pub(super) async fn perform(&self, page: &mut Page, act: Act) -> Result<(), ProbeError> {
        match self {
            Self::Goto(url) => goto::perform(page, act, url).await,
            Self::Click(selector) => click::perform(page, act, selector).await,
            Self::Fill { selector, text } => fill::perform(page, act, selector, text).await,
            Self::Press(key) => press::perform(page, act, key).await,
            Self::Select { selector, value } => select::perform(page, act, selector, value).await,
            Self::Wait(wait) => wait::perform(page, act, wait).await,
            Self::Evaluate(script) => evaluate::perform(page, act, script).await,
            Self::Upload { selector, file } => upload::perform(page, act, selector, file).await,
            Self::Screenshot(name) => screenshot::perform(page, act, name).await,
        }
    }
}

/// As it was written, without what is filled in: that may be a password.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Goto(url) => write!(f, "goto {url}"),
            Self::Click(selector) => write!(f, "click `{selector}`"),
            Self::Fill { selector, .. } => write!(f, "fill `{selector}`"),
            Self::Press(key) => write!(f, "press {key}"),
            Self::Select { selector, .. } => write!(f, "select in `{selector}`"),
            Self::Wait(wait) => write!(f, "wait for {wait}"),
            Self::Evaluate(_) => f.write_str("evaluate"),
            Self::Upload { selector, .. } => write!(f, "upload into `{selector}`"),
            Self::Screenshot(name) => write!(f, "screenshot {name}"),
        }
    }
}
