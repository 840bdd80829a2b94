//! Numbers that one reader of YAML takes for a text and another for a number, or for another number.

use crate::{Kind, Node, Source};

impl Node {
    /// Whether it goes into JSON as it is spelled, as nearly everything does. What would not is complained of: a number
    /// that JSON spells otherwise (`+49`, `0x1F`, `.5`) or cannot hold, and a text that versions of YAML disagree about
    /// (`01234` is 1234 in YAML 1.2, section 10.3.2, and octal in 1.1; `1_000` a text in 1.2 and 1000 in 1.1).
    pub fn goes_into_json(&self, source: &mut Source<'_>) -> bool {
        let Some(written) = self.spelling(source) else { return true };
        let number = match &self.kind {
            Kind::Number(value) if !is_json(&written) => Some(value.to_string()),
            Kind::Number(value) if value.is_f64() && digits(&written).is_some() => None,
            Kind::Text(_) if self.is_plain(source) => match digits(&written) {
                Some(number) => Some(number),
                None => return true,
            },
            _ => return true,
        };
        let (message, help) = match number {
            Some(number) => (
                format!("`{written}` may be meant as a text or as a number"),
                format!("write \"{written}\" for the text, {number} for the number"),
            ),
            None => (
                format!("`{written}` is larger than a number is kept here"),
                format!("is it a text? Write \"{written}\""),
            ),
        };
        source.complain(self.place, message, Some(help));
        false
    }
}

/// Whether JSON spells numbers so (RFC 8259, section 6).
fn is_json(written: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(written).is_ok()
}

/// The number that is nothing but a sign, digits and underscores, as JSON spells it.
fn digits(written: &str) -> Option<String> {
    let unsigned = written.strip_prefix(['+', '-']).unwrap_or(written);
    let digits: String = unsigned.chars().filter(|c| *c != '_').collect();
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) || !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let sign = if written.starts_with('-') { "-" } else { "" };
    let digits = digits.trim_start_matches('0');
    Some(format!("{sign}{}", if digits.is_empty() { "0" } else { digits }))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    /// What is said of a value, if anything.
    fn said(value: &str) -> Option<String> {
        let text = format!("a: {value}\n");
        let mut source = Source::new("t.yaml", &text);
        let node = Node::read(&mut source).unwrap();
        let Kind::Map(entries) = &node.kind else { return None };
        let fits = entries[0].1.goes_into_json(&mut source);
        let found = source.into_rejected().0;
        assert_eq!(fits, found.is_empty());
        found.into_iter().next().map(|diagnostic| diagnostic.help.unwrap())
    }

    #[test]
    fn what_json_spells_the_same_way_is_not_doubted() {
        for value in ["0", "-0", "12", "-7", "1.50", "1e3", "18446744073709551615", "\"01234\"", "'1_000'"] {
            assert_eq!(said(value), None, "{value}");
        }
        for value in ["yes", "no", "true", "~", "a_1", "_1", "1_a", "12:30", "2026-11-22", "|\n  007"] {
            assert_eq!(said(value), None, "{value}");
        }
    }

    #[test]
    fn what_may_be_a_text_or_a_number_is_not_guessed_at() {
        let both = |text: &str, number: &str| {
            Some(format!("write \"{text}\" for the text, {number} for the number"))
        };
        assert_eq!(said("01234"), both("01234", "1234"));
        assert_eq!(said("-007"), both("-007", "-7"));
        assert_eq!(said("00"), both("00", "0"));
        assert_eq!(said("1_000"), both("1_000", "1000"));
        assert_eq!(said("+4930123"), both("+4930123", "4930123"));
        assert_eq!(said("01.5"), both("01.5", "1.5"));
        assert_eq!(said("0x1F"), both("0x1F", "31"));
        assert_eq!(
            said("12345678901234567890123").unwrap(),
            "is it a text? Write \"12345678901234567890123\""
        );
    }
}
