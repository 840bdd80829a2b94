//! The messages of a session that no step has taken yet.

use std::collections::VecDeque;

use crate::vars::ScriptError;

/// How many are kept.
const MOST: usize = 256;

/// How many MiB they may have together, the last one beside.
const MOST_MIB: usize = 4;

/// Messages that no step has taken yet, in the order in which they came. More push out the oldest.
#[derive(Debug)]
pub(super) struct Inbox<M> {
    /// With the bytes that each has.
    messages: VecDeque<(M, usize)>,
    bytes: usize,
    dropped: usize,
}

impl<M> Inbox<M> {
    pub(super) const fn new() -> Self {
        Self { messages: VecDeque::new(), bytes: 0, dropped: 0 }
    }

    /// Whether another one pushes none out.
    pub(super) fn has_room(&self) -> bool {
        self.messages.len() < MOST && self.bytes < MOST_MIB * 1024 * 1024
    }

    /// Keeps a message of so many bytes.
    pub(super) fn keep(&mut self, message: M, bytes: usize) {
        while !self.has_room() {
            self.remove(0);
            self.dropped += 1;
        }
        self.messages.push_back((message, bytes));
        self.bytes += bytes;
    }

    /// Takes out the first that is the one.
    pub(super) fn take(
        &mut self,
        mut is: impl FnMut(&M) -> Result<bool, ScriptError>,
    ) -> Result<Option<M>, ScriptError> {
        for index in 0..self.messages.len() {
            if is(&self.messages[index].0)? {
                return Ok(self.remove(index));
            }
        }
        Ok(None)
    }

    /// What there is to tell of those that were pushed out, whichever step it was that had not taken them; nothing if
    /// there were none.
    pub(super) fn told(&self) -> String {
        let were = match self.dropped {
            0 => return String::new(),
            1 => "1 older one was".to_owned(),
            count => format!("{count} older ones were"),
        };
        format!("; {were} dropped, as {MOST} messages or {MOST_MIB} MiB are kept at most")
    }

    fn remove(&mut self, index: usize) -> Option<M> {
        let (message, bytes) = self.messages.remove(index)?;
        self.bytes -= bytes;
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;

    #[test]
    fn many_messages_push_out_the_oldest() {
        let mut inbox = Inbox::new();
        (0..MOST).for_each(|message| inbox.keep(message, 0));
        assert!(!inbox.has_room());
        assert_eq!(inbox.told(), "");
        inbox.keep(MOST, 0);
        assert_eq!(inbox.told(), "; 1 older one was dropped, as 256 messages or 4 MiB are kept at most");
        inbox.keep(MOST + 1, 0);
        assert!(inbox.told().starts_with("; 2 older ones were dropped"));
        assert_eq!(inbox.take(|message| Ok(*message < 2)), Ok(None));
        assert_eq!(inbox.take(|message| Ok(*message > 100)), Ok(Some(101)));
        assert!(inbox.has_room());
        assert_eq!(inbox.take(|_| Ok(true)), Ok(Some(2)));
    }

    #[test]
    fn large_messages_push_out_the_oldest_and_never_the_newest() {
        let mut inbox = Inbox::new();
        (0..8).for_each(|message| inbox.keep(message, MIB / 2));
        assert!(!inbox.has_room());
        inbox.keep(8, 9 * MIB);
        assert_eq!((inbox.messages.len(), inbox.dropped), (8, 1));
        inbox.keep(9, 1);
        assert_eq!((inbox.messages.len(), inbox.dropped), (1, 9));
        assert_eq!(inbox.take(|_| Ok(true)), Ok(Some(9)));
        assert_eq!(inbox.bytes, 0);
    }
}
