//! Which message is the one that a step awaits.

use cutover::Route;

use crate::answer::Answer;
use crate::grammar::Expectation;
use crate::vars::{ScriptError, Vars};

/// Which message is the one that a step awaits: the first of which all of `where` holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'c> {
    expectations: &'c [Expectation],
    vars: &'c Vars,
    route: Route,
}

/// The messages that were not the one, and why the last of them was not.
#[derive(Debug, Default)]
pub(crate) struct PassedOver {
    count: usize,
    why: String,
}

impl<'c> Wanted<'c> {
    pub(crate) const fn new(expectations: &'c [Expectation], vars: &'c Vars, route: Route) -> Self {
        Self { expectations, vars, route }
    }

    /// Whether this message is the one; if not, it is passed over.
    pub(crate) fn is(&self, message: &Answer, passed: &mut PassedOver) -> Result<bool, ScriptError> {
        for expectation in self.expectations {
            if let Some(unmet) = expectation.check(message, self.vars, self.route)? {
                passed.count += 1;
                passed.why = unmet.message();
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl PassedOver {
    /// What there is to tell of them when the one did not come; nothing if there were none.
    pub(crate) fn told(&self) -> String {
        match self.count {
            0 => String::new(),
            1 => format!("; one was passed over: {}", self.why),
            count => format!("; {count} were passed over, the last one: {}", self.why),
        }
    }
}
