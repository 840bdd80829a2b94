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

/// A duration with the digits that mean something: `0.8 ms`, `42 ms`, `1.25 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    match seconds * 1000.0 {
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1000.0 => format!("{ms:.0} ms"),
        _ if seconds < 10.0 => format!("{seconds:.2} s"),
        _ => format!("{seconds:.1} s"),
    }
}

/// A span: `48 s`, `5.2 min`, `3.0 h`.
pub(crate) fn span(seconds: f64) -> String {
    match seconds {
        s if s < 119.5 => format!("{s:.0} s"),
        s if s < 7_170.0 => format!("{:.1} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// `12,000`
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_mean_something() {
        assert_eq!([0.0, 0.0025, 0.048, 0.37].map(percent), ["0 %", "0.25 %", "4.8 %", "37 %"]);
        assert_eq!([0.0025, 0.18].map(yaml), ["0.25%", "18%"]);
        assert_eq!([0.0008, 0.042, 1.25].map(seconds), ["0.8 ms", "42 ms", "1.25 s"]);
        assert_eq!([48.2, 312.0, 10_800.0].map(span), ["48 s", "5.2 min", "3.0 h"]);
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(points(-0.0025), "-0.25 pp");
        assert_eq!(name(&Scope::Journey("a\nb".into())), "`a b`");
    }
}
