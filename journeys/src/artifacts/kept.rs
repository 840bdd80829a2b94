//! The files of one step.

use bytes::Bytes;
use probes::browser::Evidence;

use crate::secret::Redactor;

/// The files of one step: their names and what is in them.
#[derive(Debug, Default)]
pub(crate) struct Kept(pub(super) Vec<(String, Bytes)>);

impl Kept {
    /// Pictures that the step asked for. What is to be seen in them cannot be redacted; browsers show no password.
    pub(crate) fn pictures(&mut self, pictures: Vec<(String, Bytes)>) {
        self.0.extend(pictures.into_iter().map(|(name, png)| (format!("{name}.png"), png)));
    }

    /// What the page looked like, without any secret in its texts.
    pub(crate) fn evidence(&mut self, evidence: Evidence, redactor: &Redactor) {
        let clean = |text: &str| Bytes::from(redactor.clean(text).into_string());
        self.0.extend(evidence.screenshot.map(|png| ("failure.png".to_owned(), png)));
        if !evidence.html.is_empty() {
            self.0.push(("page.html".to_owned(), clean(&String::from_utf8_lossy(&evidence.html))));
        }
        if !evidence.console.is_empty() {
            self.0.push(("console.txt".to_owned(), clean(&(evidence.console.join("\n") + "\n"))));
        }
        self.0.push(("network.har".to_owned(), clean(&evidence.har.to_string())));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
