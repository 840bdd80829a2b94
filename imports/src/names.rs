//! Names of variables and of steps.

use std::collections::BTreeSet;

/// The names that are taken.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeSet<String>);

/// What the language keeps for itself, or what its templates would take for something else.
const TAKEN: [&str; 20] = [
    "run", "variant", "secret", "data", "true", "false", "none", "null", "not", "and", "or", "in", "is",
    "if", "else", "loop", "self", "env", "now", "uuid",
];

impl Names {
    /// A variable's name that nothing else has, made of this one.
    pub(crate) fn variable(&mut self, wanted: &str) -> String {
        self.free(&identifier(wanted), "_")
    }

    /// A step's name that no other has, made of this one.
    pub(crate) fn step(&mut self, wanted: &str) -> String {
        const LONGEST: usize = 80;
        let plain: String = wanted.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let short: String = plain.trim().chars().take(LONGEST).collect();
        let name = if short.trim().is_empty() { "step" } else { short.trim() };
        self.free(name, " ")
    }

    fn free(&mut self, name: &str, gap: &str) -> String {
        let mut free = name.to_owned();
        let mut count = 1_u32;
        while !self.0.insert(free.clone()) {
            count += 1;
            free = format!("{name}{gap}{count}");
        }
        free
    }
}

/// A variable's name: `accessToken`, `access-token` and `Access Token` become `access_token`.
pub(crate) fn identifier(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut name = String::new();
    let mut before_small = false;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() {
            if !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
            before_small = false;
            continue;
        }
        if c.is_ascii_uppercase() && before_small {
            name.push('_');
        }
        before_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        name.push(c.to_ascii_lowercase());
        if name.len() >= LONGEST {
            break;
        }
    }
    let name = name.trim_end_matches('_');
    if name.is_empty() {
        "value".to_owned()
    } else if name.starts_with(|c: char| c.is_ascii_digit()) || TAKEN.contains(&name) {
        format!("the_{name}")
    } else {
        name.to_owned()
    }
}

/// An operation's id in words: `createUser` becomes `create user`.
pub(crate) fn words(id: &str) -> String {
    identifier(id).replace('_', " ")
}

/// One of several, where that is easily said: `users` becomes `user`.
pub(crate) fn singular(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        _ if lower.ends_with("ies") && lower.len() > 4 => format!("{}y", &word[..word.len() - 3]),
        _ if ["sses", "xes", "ches", "shes"].iter().any(|end| lower.ends_with(end)) => {
            word[..word.len() - 2].to_owned()
        }
        _ if lower.ends_with('s') && !lower.ends_with("ss") && !lower.ends_with("us") => {
            word[..word.len() - 1].to_owned()
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_language() {
        for (text, name) in [
            ("accessToken", "access_token"),
            ("X-CSRF-Token", "x_csrf_token"),
            ("userID", "user_id"),
            ("7th", "the_7th"),
            ("run", "the_run"),
            ("größe", "gr_e"),
            ("--", "value"),
        ] {
            assert_eq!(identifier(text), name);
        }
        let mut names = Names::default();
        let made = [names.variable("id"), names.variable("id"), names.step("a\nb"), names.step("")];
        assert_eq!(made, ["id", "id_2", "a b", "step"]);
    }

    #[test]
    fn one_of_several() {
        for (several, one) in
            [("users", "user"), ("entries", "entry"), ("boxes", "box"), ("status", "status")]
        {
            assert_eq!(singular(several), one);
        }
    }
}
