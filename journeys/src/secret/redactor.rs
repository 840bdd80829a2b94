//! Keeps secrets out of texts.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::decode::{Coding, Decoded};
use super::needles::{Needle, in_base64, needles};
use super::secrets::SHORTEST;
use super::{Clean, Secrets};

/// Texts are decoded so often, one coding after the other: a JSON text in a JSON text in a message is not rare.
const DEPTH: usize = 3;
/// What stands in a text instead of a secret whose name would give it away.
const MASK: &str = "***";
/// Behind a beginning of a secret that is so long, a text that was cut there is taken to have been cut within it.
const CUT: usize = 3;
/// The same at the very end of a text, where nothing says that it was cut.
const END: usize = 8;
/// Only messages are cut, and they are short: of a longer text the end alone is looked at.
const MESSAGE: usize = 64 << 10;
/// The longest beginning that is looked for.
const BEGINNING: usize = 512;
/// Saved values that are kept secret in one run; a page of a thousand tokens is none of theirs.
const MOST: usize = 1_000;

/// Keeps the secrets of one run out of every text that leaves it: as they are, escaped as in JSON, URLs and HTML, up to
/// three times over, and in base64, `Basic` included. Cheap to make: it gets ready when there is a text to clean.
#[derive(Default)]
pub struct Redactor {
    given: Secrets,
    /// What was learned to be one in the run: what it is called, and the secret itself.
    learned: Vec<(String, String)>,
    ready: OnceLock<Option<Ready>>,
}

struct Ready {
    needles: Vec<Needle>,
    finder: AhoCorasick,
    /// What stands in its place, by the secret's place.
    marks: Vec<String>,
}

impl Redactor {
    /// One that knows these secrets.
    pub const fn new(given: Secrets) -> Self {
        Self { given, learned: Vec::new(), ready: OnceLock::new() }
    }

    /// Keeps one more out, from now on; what is too short to be kept out of anything is not.
    pub(crate) fn learn(&mut self, name: &str, secret: &str) {
        let known = self.learned.iter().any(|(_, known)| known == secret);
        if known || secret.chars().count() < SHORTEST || self.learned.len() >= MOST {
            return;
        }
        self.learned.push((name.to_owned(), secret.to_owned()));
        self.ready = OnceLock::new();
    }

    /// Whether it has learned anything: a text that was cleaned before is to be cleaned again then.
    pub(crate) const fn has_learned(&self) -> bool {
        !self.learned.is_empty()
    }

    /// What stands in texts in the place of secrets, each once.
    pub(crate) fn marks(&self) -> Vec<String> {
        self.ready().map(|ready| ready.marks.clone()).unwrap_or_default()
    }

    /// The text without any secret: in the place of each stands its name in brackets.
    pub fn clean(&self, text: &str) -> Clean {
        let Some(ready) = self.ready() else { return Clean::new(text.to_owned()) };
        let mut text = ready.marked(text, |of| &ready.marks[of]);
        // What stood around a secret may make up another one with its mark: the mask, shorter than any, ends that.
        while !ready.found(&text).is_empty() {
            text = ready.marked(&text, |_| MASK);
        }
        Clean::new(text)
    }

    fn ready(&self) -> Option<&Ready> {
        let ready = self.ready.get_or_init(|| {
            let given = self.given.iter().map(|(name, secret)| (format!("[secret.{name}]"), secret.reveal()));
            let learned = self.learned.iter().map(|(name, secret)| (format!("[{name}]"), secret.as_str()));
            let (named, secrets): (Vec<_>, Vec<_>) = given.chain(learned).unzip();
            let needles: Vec<_> =
                secrets.into_iter().enumerate().flat_map(|(of, secret)| needles(of, secret)).collect();
            let finder = AhoCorasick::new(needles.iter().map(|needle| &needle.bytes)).ok()?;
            let mut ready = Ready { needles, finder, marks: vec![MASK.to_owned(); named.len()] };
            if named.iter().all(|mark| ready.found(mark).is_empty()) {
                ready.marks = named;
            }
            Some(ready)
        });
        ready.as_ref().filter(|ready| !ready.needles.is_empty())
    }
}

impl Ready {
    /// The text with what is found in it replaced.
    fn marked<'m>(&self, text: &str, mark: impl Fn(usize) -> &'m str) -> String {
        let mut marked = String::new();
        let mut at = 0;
        for (range, of) in self.found(text) {
            marked.push_str(text.get(at..range.start).unwrap_or_default());
            marked.push_str(mark(of));
            at = range.end;
        }
        marked.push_str(text.get(at..).unwrap_or_default());
        marked
    }

    /// Where secrets are, in order and apart from each other, and which.
    fn found(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let mut found = Vec::new();
        self.look(&Decoded::plain(text), DEPTH, &mut found);
        found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut apart: Vec<(Range<usize>, usize)> = Vec::new();
        for (mut range, of) in found {
            // What is struck out begins and ends with a character.
            while !text.is_char_boundary(range.start) {
                range.start -= 1;
            }
            while !text.is_char_boundary(range.end) {
                range.end += 1;
            }
            match apart.last_mut() {
                Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
                _ => apart.push((range, of)),
            }
        }
        apart
    }

    fn look(&self, text: &Decoded, depth: usize, found: &mut Vec<(Range<usize>, usize)>) {
        let bytes = text.bytes.as_slice();
        for hit in self.finder.find_overlapping_iter(bytes) {
            let needle = &self.needles[hit.pattern().as_usize()];
            let (mut start, mut end) = (hit.start(), hit.end());
            if needle.base64 {
                start -= bytes[..start].iter().rev().take_while(|&&byte| in_base64(byte)).count();
                end += bytes[end..].iter().take_while(|&&byte| in_base64(byte)).count();
            }
            found.push((text.origin(start..end), needle.of));
        }
        self.cut(text, found);
        if depth > 0 {
            for decoded in Coding::ALL.into_iter().filter_map(|coding| text.decoded(coding)) {
                self.look(&decoded, depth - 1, found);
            }
        }
    }

    /// Secrets of which only the beginning is there, since the text was cut within them.
    fn cut(&self, text: &Decoded, found: &mut Vec<(Range<usize>, usize)>) {
        let bytes = text.bytes.as_slice();
        let message = if bytes.len() <= MESSAGE { bytes } else { &[] };
        let dots =
            message.windows(3).enumerate().filter(|(_, three)| three == b"...").map(|(at, _)| (at, CUT));
        for (end, least) in dots.chain([(bytes.len(), END)]) {
            for needle in &self.needles {
                let longest = needle.bytes.len().saturating_sub(1).min(end).min(BEGINNING);
                let begun = (least..=longest)
                    .rev()
                    .find(|&length| bytes[end - length..end] == needle.bytes[..length]);
                found.extend(begun.map(|length| (text.origin(end - length..end), needle.of)));
            }
        }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let learned = self.learned.iter().map(|(name, _)| name.as_str());
        f.debug_list().entries(self.given.iter().map(|(name, _)| name).chain(learned)).finish()
    }
}

#[cfg(test)]
mod tests;
