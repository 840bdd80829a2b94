//! A part of a journey, run by itself: from one step to another.

use std::collections::BTreeSet;

use document::did_you_mean;

use crate::journey::{Journey, Step};

/// Why a part of a journey cannot be run by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortionError {
    /// There is no step of that name.
    #[error("the journey `{journey}` has no step `{step}`: {help}")]
    NoSuchStep {
        /// The journey.
        journey: String,
        /// The name that was given.
        step: String,
        /// A near miss, or the steps that there are.
        help: String,
    },
    /// The last step stands before the first one.
    #[error("the step `{from}` comes after `{to}`: there is nothing between them")]
    Backwards {
        /// The first step that was asked for.
        from: String,
        /// The last one.
        to: String,
    },
    /// Steps that are left out would have saved what those that are run need.
    #[error("{}", unsaved(.0))]
    Unsaved(Vec<Unsaved>),
}

/// A variable that a step left out would have saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaved {
    /// Its name.
    pub variable: String,
    /// The step that saves it.
    pub saved_by: String,
    /// The first step that needs it.
    pub needed_by: String,
}

fn unsaved(missing: &[Unsaved]) -> String {
    let told = missing.iter().map(|Unsaved { variable, saved_by, needed_by }| {
        format!("`{variable}`, which `{needed_by}` needs, is saved by `{saved_by}`, which is left out")
    });
    told.collect::<Vec<_>>().join("; ")
}

impl Journey {
    /// The journey with its steps from `from` to `to` alone, both included; without one of them, from the first, or to
    /// the last. What must happen `finally` stays. `given` are the variables that are given by hand.
    ///
    /// # Errors
    /// When there is no such step, or a step needs what one that is left out would have saved.
    pub fn only(
        mut self,
        from: Option<&str>,
        to: Option<&str>,
        given: &BTreeSet<&str>,
    ) -> Result<Self, PortionError> {
        let first = from.map_or(Ok(0), |name| self.index_of(name))?;
        let last = to.map_or(Ok(self.steps.len().saturating_sub(1)), |name| self.index_of(name))?;
        if first > last {
            let name =
                |index: usize| self.steps.get(index).map_or_else(String::new, |step| step.name.to_string());
            return Err(PortionError::Backwards { from: name(first), to: name(last) });
        }
        self.steps.truncate(last + 1);
        let kept = self.steps.split_off(first);
        let left_out = std::mem::replace(&mut self.steps, kept);
        let missing = missing(&left_out, &self.steps, given);
        if missing.is_empty() { Ok(self) } else { Err(PortionError::Unsaved(missing)) }
    }

    /// The variables that can be given by hand: those of the file, those saved, and all that a step needs.
    pub fn variables(&self) -> BTreeSet<&str> {
        let steps = || self.steps.iter().chain(&self.finally);
        let own = self.vars.iter().map(|(name, _)| name.as_str());
        let in_own = self.vars.iter().flat_map(|(_, template)| template.needs());
        let saved = steps().flat_map(|step| &step.save).map(|save| save.name.as_str());
        let needed = steps().flat_map(|step| &step.needs).map(String::as_str);
        own.chain(in_own).chain(saved).chain(needed).collect()
    }

    fn index_of(&self, name: &str) -> Result<usize, PortionError> {
        self.steps.iter().position(|step| &*step.name == name).ok_or_else(|| PortionError::NoSuchStep {
            journey: self.name.to_string(),
            step: name.to_owned(),
            help: did_you_mean(name, self.steps.iter().map(|step| &*step.name)),
        })
    }
}

/// What `steps` need and only `left_out` would have saved.
fn missing(left_out: &[Step], steps: &[Step], given: &BTreeSet<&str>) -> Vec<Unsaved> {
    let mut known: BTreeSet<&str> = given.clone();
    let mut missing: Vec<Unsaved> = Vec::new();
    for step in steps {
        for variable in step.needs.iter().filter(|name| !known.contains(name.as_str())) {
            let saves = |step: &&Step| step.save.iter().any(|save| save.name == *variable);
            let told = missing.iter().any(|told| told.variable == *variable);
            if let Some(saved_by) = left_out.iter().rev().find(saves).filter(|_| !told) {
                missing.push(Unsaved {
                    variable: variable.clone(),
                    saved_by: saved_by.name.to_string(),
                    needed_by: step.name.to_string(),
                });
            }
        }
        known.extend(step.save.iter().map(|save| save.name.as_str()));
    }
    missing
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Known, Secrets};

    fn journey() -> Journey {
        let text = "journey: j\nvars: { mail: a@b.example }\nsteps:\n  \
            - { name: sign up, http: GET http://a.example/, save: { user: json $.id, token: json $.t } }\n  \
            - { name: post, http: \"GET http://a.example/{{ user }}\", save: { token: json $.t } }\n  \
            - { name: read, http: \"GET http://a.example/{{ user }}/{{ token }}/{{ mail }}\" }\n\
            finally:\n  - { name: delete, http: \"GET http://a.example/{{ user }}\" }\n";
        let known = Known { vars: &BTreeMap::new(), secrets: &Secrets::default() };
        Journey::parse(text, "j.yaml", known).map_err(|rejected| rejected.to_string()).unwrap()
    }

    fn names(journey: &Journey) -> Vec<&str> {
        journey.step_names().map(|name| &**name).collect()
    }

    #[test]
    fn a_part_keeps_what_must_happen_finally() {
        let nothing = BTreeSet::new();
        assert_eq!(
            names(&journey().only(None, Some("post"), &nothing).unwrap()),
            ["sign up", "post", "delete"]
        );
        let given = BTreeSet::from(["user"]);
        assert_eq!(names(&journey().only(Some("post"), None, &given).unwrap()), ["post", "read", "delete"]);
        assert_eq!(names(&journey().only(None, None, &nothing).unwrap()).len(), 4);
    }

    #[test]
    fn what_is_missing_is_named_with_who_saves_it() {
        let nothing = BTreeSet::new();
        let said = |from, to| journey().only(from, to, &nothing).unwrap_err().to_string();
        assert_eq!(
            said(Some("read"), None),
            "`token`, which `read` needs, is saved by `post`, which is left out; \
             `user`, which `read` needs, is saved by `sign up`, which is left out"
        );
        assert_eq!(
            said(Some("post"), None),
            "`user`, which `post` needs, is saved by `sign up`, which is left out"
        );
        assert_eq!(said(Some("redd"), None), "the journey `j` has no step `redd`: did you mean `read`?");
        let backwards = "the step `read` comes after `post`: there is nothing between them";
        assert_eq!(said(Some("read"), Some("post")), backwards);
    }

    #[test]
    fn all_variables_are_known() {
        let journey = journey();
        assert_eq!(journey.variables().into_iter().collect::<Vec<_>>(), ["mail", "token", "user"]);
    }
}
