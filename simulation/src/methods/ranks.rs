//! The Mann-Whitney statistic, the shift between two samples, and its confidence interval.

/// How one sample lies to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shift {
    /// The pairs in which the first sample's value is larger; a tie counts half (Mann and Whitney, 1947).
    pub(crate) u: f64,
    /// The median of all differences between the samples (Hodges and Lehmann, 1963).
    pub(crate) estimate: f64,
    /// The lower end of its confidence interval.
    pub(crate) low: f64,
    /// The upper end.
    pub(crate) high: f64,
}

/// By how much `first` lies above `second`, with the interval that holds the values at which a two-sided test would
/// not be significant: z is the normal quantile of its level. `None` when a sample is empty.
///
/// The interval is that of the large-sample approximation (Hollander and Wolfe, "Nonparametric Statistical Methods",
/// section 4.3): the differences of rank C and mn + 1 - C, with C = mn / 2 - z sqrt(mn (m + n + 1) / 12).
pub(crate) fn shift(first: &[f64], second: &[f64], z: f64) -> Option<Shift> {
    let mut differences: Vec<f64> = first.iter().flat_map(|a| second.iter().map(move |b| a - b)).collect();
    let (m, n) = (first.len() as f64, second.len() as f64);
    let last = differences.len().checked_sub(1)?;
    let u = differences.iter().map(|d| if *d > 0.0 { 1.0 } else { f64::from(*d == 0.0) / 2.0 }).sum();
    differences.sort_unstable_by(f64::total_cmp);
    let c = m * n / 2.0 - z * (m * n * (m + n + 1.0) / 12.0).sqrt();
    // Ranks count from 1.
    let low = (c.round().max(1.0) as usize - 1).min(last);
    let estimate = f64::midpoint(differences[last / 2], differences[last.div_ceil(2)]);
    Some(Shift { u, estimate, low: differences[low], high: differences[last - low] })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_textbook_example_comes_out() {
        // Hollander and Wolfe (1973), p. 69: permeability constants of the human chorioamnion, at term and earlier.
        let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let earlier = [1.15, 0.88, 0.90, 0.74, 1.21];
        let shift = shift(&term, &earlier, 1.96).unwrap();
        assert!((shift.u - 35.0).abs() < 1e-9, "{shift:?}");
        assert!((shift.estimate - 0.305).abs() < 1e-9, "{shift:?}");
        assert!((shift.low + 0.15).abs() < 1e-9 && (shift.high - 0.76).abs() < 1e-9, "{shift:?}");
    }

    #[test]
    fn swapped_samples_give_the_mirror_image_and_empty_ones_nothing() {
        let (a, b) = ([3.0, 1.0, 4.0, 1.5, 9.0], [2.0, 6.0, 5.0, 3.5]);
        let (there, back) = (shift(&a, &b, 1.0).unwrap(), shift(&b, &a, 1.0).unwrap());
        assert!((there.estimate + back.estimate).abs() < 1e-12);
        assert!((there.low + back.high).abs() < 1e-12 && (there.u + back.u - 20.0).abs() < 1e-12);
        assert_eq!(shift(&a, &[], 1.0), None);
    }
}
