//! The secrets that a file names.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use document::{Node, Secret, Source};

use crate::template::is_name;

/// Secrets by their names: `{{ secret.NAME }}`. Never shown, by type. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<BTreeMap<String, Option<Secret>>>);

/// What is shorter would be found, and hidden, in half of all texts.
pub(super) const SHORTEST: usize = 4;
/// A private key with its certificates is shorter.
const LONGEST: usize = 16 << 10;

impl Secrets {
    /// Reads the section `secrets:`, a mapping of names to `{ env: VARIABLE }` or `{ file: PATH }`; a path counts from
    /// `base`. What is wrong is noted in `source`.
    pub fn read(node: &Node, base: &Path, source: &mut Source<'_>) -> Self {
        let mut secrets = BTreeMap::new();
        let entries = node.entries("names of secrets, such as `password: { env: VARIABLE }`", source);
        for (key, value) in entries.unwrap_or_default() {
            if !is_name(&key.name) || key.name.contains('.') {
                let help = "letters, digits and _, not beginning with a digit".to_owned();
                let message = format!("`{}` cannot be a secret's name", key.name);
                source.complain(key.place, message, Some(help));
            }
            let Some(secret) = Secret::read(value, base, source) else {
                // Its name is known all the same: who uses it is not told another mistake.
                secrets.insert(key.name.clone(), None);
                continue;
            };
            let length = secret.reveal().chars().count();
            if length < SHORTEST {
                let help = "what is so short could be guessed, and it could not be kept out of texts in which it stands by chance";
                let message = format!("the secret `{}` has fewer than {SHORTEST} characters", key.name);
                source.complain(value.place(), message, Some(help.to_owned()));
            } else if secret.reveal().len() > LONGEST {
                let message = format!("the secret `{}` has more than {LONGEST} bytes", key.name);
                source.complain(value.place(), message, None);
            }
            secrets.insert(key.name.clone(), Some(secret));
        }
        Self(Arc::new(secrets))
    }

    /// The secret of that name.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)?.as_ref()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().filter_map(|(name, secret)| Some((name.as_str(), secret.as_ref()?)))
    }

    /// The names of all of them, those that could not be read among them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// These, and beside them those of `others` whose names are none of theirs.
    #[must_use]
    pub fn over(&self, others: &Self) -> Self {
        let mut all = BTreeMap::clone(&others.0);
        all.extend(self.0.iter().map(|(name, secret)| (name.clone(), secret.clone())));
        Self(Arc::new(all))
    }
}
