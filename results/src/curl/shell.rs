//! Words as a shell reads them: bash, zsh and ksh.

use std::collections::BTreeSet;

/// A text as one word of a shell; what stands in the place of a secret is the variable of its name.
pub(super) fn word(text: &str, marks: &BTreeSet<String>) -> String {
    let first = marks.iter().filter_map(|mark| Some((text.find(mark.as_str())?, mark))).min();
    let Some((at, mark)) = first else { return literal(text) };
    let (before, after) = (&text[..at], &text[at + mark.len()..]);
    let part = |text: &str| if text.is_empty() { String::new() } else { word(text, marks) };
    format!("{}\"${}\"{}", part(before), variable(mark), part(after))
}

/// Variables that a shell has of its own.
const TAKEN: [&str; 15] = [
    "HOME", "HOST", "HOSTNAME", "IFS", "LANG", "LOGNAME", "MAIL", "PATH", "PWD", "RANDOM", "SECONDS",
    "SHELL", "TERM", "UID", "USER",
];

/// `[secret.password]` is `PASSWORD`, and `[secret.user]` is `SECRET_USER`: `USER` is somebody else.
fn variable(mark: &str) -> String {
    let name = mark.trim_matches(['[', ']']);
    let name = name.strip_prefix("secret.").unwrap_or(name);
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name: String = name.chars().map(upper).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) || TAKEN.contains(&name.as_str()) {
        return format!("SECRET_{name}");
    }
    name
}

/// A text that a shell takes as it is; one with control characters in the form that bash, zsh and ksh know.
fn literal(text: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    if !text.is_empty() && text.chars().all(harmless) {
        return text.to_owned();
    }
    if !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut literal = String::from("$'");
    for c in text.chars() {
        match c {
            '\n' => literal.push_str("\\n"),
            '\'' | '\\' => literal.extend(['\\', c]),
            // Byte by byte, as every shell reads it.
            c if c.is_control() => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|byte| literal.push_str(&format!("\\{byte:03o}")));
            }
            c => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_takes_no_name_that_the_shell_has() {
        assert_eq!(variable("[secret.api-password]"), "API_PASSWORD");
        assert_eq!(variable("[secret.user]"), "SECRET_USER");
        assert_eq!(variable("[2fa]"), "SECRET_2FA");
    }

    #[test]
    fn no_terminal_obeys_a_word() {
        assert_eq!(literal("a\u{1b}[2J'\\\nb"), "$'a\\033[2J\\'\\\\\\nb'");
        assert_eq!(literal(""), "''");
        assert_eq!(literal("\u{9b}"), "$'\\302\\233'");
    }
}
