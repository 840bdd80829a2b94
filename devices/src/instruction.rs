//! How the reset instruction is written.

use std::borrow::Cow;

use serde::Deserialize;

/// How a reset instruction is written: a text with `{id}` in it, once. As it is by default it is `{"reset": "{id}"}`, and
/// read as JSON, so that order and space do not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instruction(Option<Box<(String, String)>>);

/// Why a text is no instruction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstructionError {
    /// It does not name the instruction, or more than once.
    #[error(
        "the instruction's `{{id}}` must stand in it, once: by it a device knows what it has obeyed already"
    )]
    Id,
    /// It is too long.
    #[error("an instruction has at most {LONGEST} bytes")]
    Length,
}

/// The longest command that is read at all, in bytes.
const LONGEST: usize = 1024;
/// The longest id.
const LONGEST_ID: usize = 128;

/// A command as it comes by default: what is no reset is no concern of a simulated device.
#[derive(Deserialize)]
struct Command<'a> {
    #[serde(borrow)]
    reset: Option<Cow<'a, str>>,
}

impl Instruction {
    /// An instruction that is written like this.
    ///
    /// # Errors
    /// When `{id}` is not in it, or more than once, or it is too long.
    pub fn new(text: &str) -> Result<Self, InstructionError> {
        if text.len() > LONGEST - LONGEST_ID {
            return Err(InstructionError::Length);
        }
        let (before, after) = text.split_once("{id}").ok_or(InstructionError::Id)?;
        if after.contains("{id}") {
            return Err(InstructionError::Id);
        }
        Ok(Self(Some(Box::new((before.to_owned(), after.to_owned())))))
    }

    /// Whether instructions can have this id: 1 to 128 letters, digits and `-_.:`, so that it needs no escape wherever
    /// it is written.
    pub fn names(id: &str) -> bool {
        (1..=LONGEST_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    }

    /// The instruction with this id.
    pub fn write(&self, id: &str) -> String {
        match &self.0 {
            Some(text) => format!("{}{id}{}", text.0, text.1),
            None => format!(r#"{{"reset":"{id}"}}"#),
        }
    }

    /// The id in a command. `None` for every other payload: a device cannot do more about rubbish than ignore it.
    pub(crate) fn read<'a>(&self, payload: &'a [u8]) -> Option<Cow<'a, str>> {
        if payload.len() > LONGEST {
            return None;
        }
        let id = match &self.0 {
            None => serde_json::from_slice::<Command<'a>>(payload).ok()?.reset?,
            Some(text) => {
                let inner = std::str::from_utf8(payload).ok()?.strip_prefix(text.0.as_str())?;
                Cow::Borrowed(inner.strip_suffix(text.1.as_str())?)
            }
        };
        (1..=LONGEST_ID).contains(&id.len()).then_some(id)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn by_default_only_a_reset_with_an_id_is_one() {
        let usual = Instruction::default();
        let written = usual.write("wave-1");
        assert_eq!(written, r#"{"reset":"wave-1"}"#);
        assert_eq!(usual.read(written.as_bytes()).unwrap(), "wave-1");
        assert_eq!(usual.read(br#"{ "note": [1,2], "reset": "a\u0062c" }"#).unwrap(), "abc");
        let rubbish =
            [&b""[..], b"reset", b"{}", br#"{"reset":7}"#, br#"{"reset":null}"#, b"\xff\xfe", b"[[[["];
        for rubbish in rubbish.into_iter().chain([&br#"{"reset":""}"#[..]]) {
            assert_eq!(usual.read(rubbish), None);
        }
        let long = format!(r#"{{"reset":"{}"}}"#, "x".repeat(LONGEST));
        assert_eq!(usual.read(long.as_bytes()), None);
    }

    #[test]
    fn an_instruction_of_ones_own_is_read_as_it_is_written() {
        let own = Instruction::new(r#"{"cmd":"reboot","ref":"{id}"}"#).unwrap();
        let written = own.write("go:2");
        assert_eq!(written, r#"{"cmd":"reboot","ref":"go:2"}"#);
        assert_eq!(own.read(written.as_bytes()).unwrap(), "go:2");
        assert_eq!(own.read(br#"{"reset":"go:2"}"#), None);
        assert_eq!(Instruction::new("reboot"), Err(InstructionError::Id));
        assert_eq!(Instruction::new("{id}{id}"), Err(InstructionError::Id));
        assert_eq!(Instruction::new(&"{id}".repeat(400)), Err(InstructionError::Length));
    }

    #[test]
    fn an_id_needs_no_escape() {
        assert!(Instruction::names("reset-1795312345678") && Instruction::names("go:2_a.b"));
        for id in ["", "a b", "a\"", "ä", &"x".repeat(129)] {
            assert!(!Instruction::names(id), "{id}");
        }
    }
}
