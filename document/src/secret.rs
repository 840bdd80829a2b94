//! Secrets: never written into the configuration, and never printed.

use std::env::VarError;
use std::fmt;
use std::path::Path;

use crate::{Fields, Kind, Node, Source, file};

/// The largest file that holds a secret.
const LARGEST: u64 = 64 << 10;

/// A text that is not shown, by type, and is not empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one who needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What `variable` of the environment holds.
    ///
    /// # Errors
    /// When it is not set, is empty, or is not UTF-8.
    pub fn from_env(variable: &str) -> Result<Self, String> {
        match std::env::var(variable) {
            Ok(text) if text.trim().is_empty() => Err(format!("${variable} is empty")),
            Ok(text) => Ok(Self(text)),
            Err(VarError::NotPresent) => Err(format!("${variable} is not set")),
            Err(VarError::NotUnicode(_)) => Err(format!("${variable} is not UTF-8")),
        }
    }

    /// What a file holds, without the line end behind it.
    ///
    /// # Errors
    /// When it cannot be read, or is empty.
    pub fn from_file(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text =
            file::text(path, LARGEST).map_err(|why| format!("the file {shown} cannot be read: {why}"))?;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.trim().is_empty() {
            Err(format!("the file {shown} is empty"))
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// `{ env: VARIABLE }` or `{ file: PATH }`; a path counts from `base`.
    pub fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<Self> {
        let way = || Some("write `{ env: VARIABLE }` or `{ file: PATH }`".to_owned());
        if matches!(node.kind, Kind::Text(_) | Kind::Number(_) | Kind::Bool(_)) {
            source.hide(node.place);
            source.complain(node.place(), "a secret does not belong into this file", way());
            return None;
        }
        let mut fields = Fields::like(node, "a secret", "{ env: VARIABLE }", source)?;
        let (env, file) = (fields.take("env"), fields.take("file"));
        fields.finish(source);
        let (place, secret) = match (env, file) {
            (Some(env), None) => (env, Self::from_env(&env.text(source)?)),
            (None, Some(file)) => (file, Self::from_file(&base.join(file.text(source)?))),
            _ => {
                source.complain(node.place(), "a secret has either `env` or `file`", way());
                return None;
            }
        };
        match secret {
            Ok(secret) => Some(secret),
            Err(why) => {
                source.complain(place.place(), format!("there is no secret: {why}"), None);
                None
            }
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_file_ends_before_its_line_does_and_is_not_printed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "hunter2 \r\n\n").unwrap();
        let secret = Secret::from_file(&path).unwrap();
        assert_eq!(secret.reveal(), "hunter2 ");
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }

    #[test]
    fn nothing_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, " \n").unwrap();
        assert_eq!(Secret::from_file(&path).unwrap_err(), format!("the file {} is empty", path.display()));
        assert_eq!(
            Secret::from_env("SERIN_NO_SUCH_VARIABLE").unwrap_err(),
            "$SERIN_NO_SUCH_VARIABLE is not set"
        );
    }
}
