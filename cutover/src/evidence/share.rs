//! Counts without pairs, on two sides of different size: the conditional binomial.
//!
//! Of the troubles of a block, as many as they are, the new side's share is at most t0 = r e_new / (e_old + r e_new)
//! while it has no more than r times as many per exposure e as the old side. Factor of one trouble, with Y = 1 if it is
//! the new side's: 1 + (b / t0) (Y - t0).

use super::guard::guard_products;

/// The logarithm of the product, for each bet of the guard, of `old` and `new` troubles over their exposures, with
/// the tolerated ratio `r`. Where a side was not exposed there is nothing to compare: no evidence.
pub fn share_products(old: f64, new: f64, e_old: f64, e_new: f64, r: f64) -> Option<[f64; 5]> {
    let t0 = r * e_new / (e_old + r * e_new);
    // A side that was hardly exposed says nothing; nor may one trouble on it say everything.
    let sane = (0.001..=0.999).contains(&t0) && old + new > 0.0;
    sane.then(|| guard_products(new, old, t0))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn most(products: Option<[f64; 5]>) -> f64 {
        products.unwrap().into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn a_share_beyond_the_tolerated_ratio_is_evidence_and_one_within_it_is_none() {
        assert!(most(share_products(100.0, 100.0, 9_000.0, 1_000.0, 2.0)) > 10.0);
        assert!(most(share_products(90.0, 10.0, 9_000.0, 1_000.0, 2.0)) < 0.0);
        for nothing in [
            share_products(0.0, 5.0, 100.0, 0.0, 2.0),
            share_products(0.0, 5.0, 0.0, 100.0, 2.0),
            share_products(0.0, 0.0, 5.0, 5.0, 2.0),
            share_products(1.0, 1.0, f64::NAN, 5.0, 2.0),
        ] {
            assert_eq!(nothing, None);
        }
    }

    #[test]
    fn the_mean_factor_at_the_tolerated_ratio_is_one() {
        let t0 = 2.0 * 30.0 / (70.0 + 2.0 * 30.0);
        let new = share_products(0.0, 1.0, 70.0, 30.0, 2.0).unwrap();
        let old = share_products(1.0, 0.0, 70.0, 30.0, 2.0).unwrap();
        for (new, old) in new.into_iter().zip(old) {
            assert!((t0 * new.exp() + (1.0 - t0) * old.exp() - 1.0).abs() < 1e-12);
        }
    }
}
