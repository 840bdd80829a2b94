//! `env("NAME")`: what the environment holds. It must be set when the file is loaded; what is to be kept out of sight
//! is a secret instead.

use minijinja::{Environment, Error};

use super::refused;

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_function("env", |name: String| -> Result<String, Error> {
        match std::env::var(&name) {
            Ok(text) => Ok(text),
            Err(std::env::VarError::NotPresent) => Err(refused(format!("env: ${name} is not set"))),
            Err(std::env::VarError::NotUnicode(_)) => Err(refused(format!("env: ${name} is not UTF-8"))),
        }
    });
}
