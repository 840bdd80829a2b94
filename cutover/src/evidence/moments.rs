//! Mean and variance of a stream, without keeping it.

use serde::{Deserialize, Serialize};

use super::Tally;

/// Count, mean and sum of squared deviations (Welford 1962; merged after Chan, Golub and LeVeque 1979).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes one value. It must be finite.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let off = value - self.mean;
        self.mean += off / self.count as f64;
        self.squares += off * (value - self.mean);
    }

    /// How many values there were.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; 0 without any.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Their variance; 0 with fewer than two.
    pub fn variance(&self) -> f64 {
        if self.count < 2 { 0.0 } else { self.squares / (self.count - 1) as f64 }
    }
}

impl Tally for Moments {
    fn merge(&mut self, other: &Self) {
        let (n, m) = (self.count as f64, other.count as f64);
        if other.count == 0 {
            return;
        }
        let off = other.mean - self.mean;
        self.count += other.count;
        self.mean += off * m / (n + m);
        self.squares += other.squares + off * off * n * m / (n + m);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_parts_are_the_whole() {
        let (mut whole, mut one, mut other) = (Moments::default(), Moments::default(), Moments::default());
        for i in 0..100_u32 {
            let value = f64::from(i).sin();
            whole.add(value);
            if i < 30 {
                one.add(value);
            } else {
                other.add(value);
            }
        }
        one.merge(&other);
        assert_eq!(one.count(), whole.count());
        assert!((one.mean() - whole.mean()).abs() < 1e-12);
        assert!((one.variance() - whole.variance()).abs() < 1e-12);
    }
}
