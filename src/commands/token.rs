//! The token, from where it was put.

use crate::cli::Token;
use crate::config::Secret;
use crate::failure::Failure;

/// The environment variable that holds it, where no file is named.
const VARIABLE: &str = "SERIN_TOKEN";

/// The token that the user gave, if any.
pub(crate) fn given(token: &Token) -> Result<Option<Secret>, Failure> {
    let read = match &token.token_file {
        Some(file) => Secret::from_file(file).map(Some),
        None if std::env::var_os(VARIABLE).is_some() => Secret::from_env(VARIABLE).map(Some),
        None => Ok(None),
    };
    let read = read.map_err(|why| Failure::usage(format!("the token cannot be read: {why}")))?;
    match read {
        Some(secret) if secret.reveal().trim().is_empty() => {
            Err(Failure::usage("the token is empty: everybody would know it".to_owned()))
        }
        read => Ok(read),
    }
}
