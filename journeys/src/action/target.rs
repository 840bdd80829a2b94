//! Where an action goes.

use std::fmt::Display;
use std::str::FromStr;

use super::Trouble;
use crate::template::Template;
use crate::vars::Vars;

/// The target of which a template is the text.
pub(super) fn target<T: FromStr<Err: Display>>(template: &Template, vars: &Vars) -> Result<T, Trouble> {
    vars.render(template)?.parse().map_err(|error: T::Err| Trouble::script(error.to_string()))
}
