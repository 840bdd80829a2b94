//! How long something goes on.

/// A span of time in seconds, in the unit that fits: `48 s`, `5.2 min`, `3.0 h`.
pub fn span(seconds: f64) -> String {
    match seconds {
        s if s < 119.5 => format!("{s:.0} s"),
        s if s < 7_170.0 => format!("{:.1} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_the_unit_that_fits() {
        assert_eq!([48.2, 312.0, 10_800.0].map(span), ["48 s", "5.2 min", "3.0 h"]);
        assert_eq!([119.4, 119.5, 7_169.0, 7_170.0].map(span), ["119 s", "2.0 min", "119.5 min", "2.0 h"]);
    }
}
