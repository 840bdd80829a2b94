//! Numbers in words.

use cutover::Scope;

/// The scope as a part of a sentence.
pub(crate) fn name(scope: &Scope) -> String {
    match scope {
        Scope::All => "all journeys together".to_owned(),
        scope => format!("`{}`", plain(&scope.to_string())),
    }
}

/// On one line, and without what would end its quotes: a name comes from a file.
pub(crate) fn plain(text: &str) -> String {
    let safe = |c: char| {
        if c.is_control() {
            ' '
        } else if c == '`' {
            '\''
        } else {
            c
        }
    };
    text.chars().map(safe).take(80).collect()
}

/// A share: `0 %`, `0.25 %`, `4.8 %`, `37 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", digits(share * 100.0))
}

/// A difference of shares: `0.25 pp`.
pub(crate) fn points(share: f64) -> String {
    format!("{} pp", digits(share * 100.0))
}

fn digits(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        v if v < 1.0 => format!("{value:.2}"),
        v if v < 9.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// A share as it is written in YAML: `0.25%`.
pub(crate) fn yaml(share: f64) -> String {
    format!("{}%", (share * 1e6).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_mean_something() {
        assert_eq!([0.0, 0.0025, 0.048, 0.37].map(percent), ["0 %", "0.25 %", "4.8 %", "37 %"]);
        assert_eq!([0.0025, 0.18].map(yaml), ["0.25%", "18%"]);
        assert_eq!(points(-0.0025), "-0.25 pp");
        assert_eq!(name(&Scope::Journey("a\nb".into())), "`a b`");
    }
}
