//! The reset instruction: read from a command, and obeyed once.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;

/// The longest command that is read at all, in bytes.
const LONGEST: usize = 1024;

/// A command as it comes: what is not a reset is no concern of a simulated device yet.
#[derive(Deserialize)]
struct Command<'a> {
    #[serde(borrow)]
    reset: Option<Cow<'a, str>>,
}

/// An instruction's id, as the device remembers it: eight bytes of hash, for thousands of devices remember several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResetId(u64);

impl ResetId {
    /// The id in `{"reset": "ID"}`. `None` for every other payload: a device cannot do more about rubbish than
    /// ignore it.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        if payload.len() > LONGEST {
            return None;
        }
        let id = serde_json::from_slice::<Command<'_>>(payload).ok()?.reset?;
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        // Zero is an empty place in the memory below.
        Some(Self(hasher.finish() | 1))
    }
}

/// The instructions obeyed last. The same one may come on both sides, on two topics, or again as a retained message.
#[derive(Debug, Default)]
pub(crate) struct Obeyed {
    ids: [u64; 4],
}

impl Obeyed {
    /// Whether this instruction is new to the device; from now on it is not.
    pub(crate) fn is_new(&mut self, id: ResetId) -> bool {
        if self.ids.contains(&id.0) {
            return false;
        }
        self.ids.rotate_right(1);
        self.ids[0] = id.0;
        true
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn only_a_reset_with_an_id_is_one() {
        assert!(ResetId::read(br#"{"reset":"wave-1"}"#).is_some());
        assert!(ResetId::read(br#"{"reset":"a\u0062c","note":[1,2]}"#).is_some());
        for rubbish in
            [&b""[..], b"reset", b"{}", br#"{"reset":7}"#, br#"{"reset":null}"#, b"\xff\xfe", b"[[[["]
        {
            assert_eq!(ResetId::read(rubbish), None);
        }
        let long = format!(r#"{{"reset":"{}"}}"#, "x".repeat(LONGEST));
        assert_eq!(ResetId::read(long.as_bytes()), None);
    }

    #[test]
    fn an_instruction_is_obeyed_once_and_the_last_few_are_remembered() {
        let id = |n: u32| ResetId::read(format!(r#"{{"reset":"wave-{n}"}}"#).as_bytes()).unwrap();
        let mut obeyed = Obeyed::default();
        assert!(obeyed.is_new(id(1)));
        assert!(!obeyed.is_new(id(1)));
        for n in 2..=4 {
            assert!(obeyed.is_new(id(n)));
        }
        assert!(!obeyed.is_new(id(1)), "the fourth last is still known");
        assert!(obeyed.is_new(id(5)));
        assert!(obeyed.is_new(id(1)), "the fifth last is forgotten");
    }
}
