//! At which level something counts as shown.

/// So many standard errors make something shown: by chance in 1 of 2,000 scopes.
pub(crate) const SHOWN: f64 = 3.29;

/// The 97.5th percentile of the normal distribution: 95 % lie within.
pub(crate) const WITHIN: f64 = 1.959_964;

/// The value that a chi-squared variable with `degrees` of freedom exceeds as often as a normal one exceeds [`SHOWN`]
/// (Wilson and Hilferty, 1931).
pub(crate) fn chi_squared(degrees: f64) -> f64 {
    let spread = 2.0 / (9.0 * degrees);
    degrees * (1.0 - spread + SHOWN * spread.sqrt()).powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chi_squared_agrees_with_the_textbook() {
        // The upper 0.05 % points for 10 and 100 degrees of freedom: 31.42 and 153.17.
        assert!((chi_squared(10.0) - 31.42).abs() < 0.3, "{}", chi_squared(10.0));
        assert!((chi_squared(100.0) - 153.17).abs() < 0.3, "{}", chi_squared(100.0));
    }
}
