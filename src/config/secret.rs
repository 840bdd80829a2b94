//! Secrets: never written into the configuration, and never printed.

use std::fmt;
use std::path::Path;

use document::{Fields, Node, Source};

/// A text that is not shown, by type.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// The text itself, for the one who needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What `variable` of the environment holds.
    ///
    /// # Errors
    /// When it is not set, or is not UTF-8.
    pub(crate) fn from_env(variable: &str) -> Result<Self, String> {
        std::env::var(variable).map(Self).map_err(|error| format!("the environment's `{variable}`: {error}"))
    }

    /// What a file holds, without the line end behind it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn from_file(path: &Path) -> Result<Self, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self(text.trim_end_matches(['\r', '\n']).to_owned())),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// `{ env: VARIABLE }` or `{ file: PATH }`; a path counts from `base`.
    pub(super) fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Option<Self> {
        if node.items().is_none() && !node.is_mapping() {
            let help = "write `{ env: VARIABLE }` or `{ file: PATH }`".to_owned();
            source.complain(node.place(), "a secret does not belong into this file".to_owned(), Some(help));
            return None;
        }
        let mut fields = Fields::of(node, "a secret", source)?;
        let (env, file) = (fields.take("env"), fields.take("file"));
        fields.finish(source);
        let (place, secret) = match (env, file) {
            (Some(env), None) => (env, Self::from_env(&env.text(source)?)),
            (None, Some(file)) => (file, Self::from_file(&base.join(file.text(source)?))),
            _ => {
                source.complain(node.place(), "a secret has either `env` or `file`".to_owned(), None);
                return None;
            }
        };
        match secret {
            Ok(secret) => Some(secret),
            Err(why) => {
                source.complain(place.place(), format!("the secret cannot be read: {why}"), None);
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
