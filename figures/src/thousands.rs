//! How many.

/// A number with its digits in groups of three: `999`, `12,000`, `1,234,567`.
pub fn thousands(number: u64) -> String {
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
    fn digits_stand_in_groups_of_three() {
        assert_eq!([0, 7, 999, 1_000].map(thousands), ["0", "7", "999", "1,000"]);
        assert_eq!([12_000, 1_234_567].map(thousands), ["12,000", "1,234,567"]);
    }
}
