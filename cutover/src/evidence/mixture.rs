//! A test martingale over a mixture of equally weighted bets: the plain form, for what must be shown once.

use serde::{Deserialize, Serialize};

/// The running products of the bets, as logarithms, and whether their mean has ever reached 1 / a.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mixture {
    level: f64,
    ln_bets: Vec<f64>,
    shown: bool,
}

impl Mixture {
    /// A test at level a, a fraction of 1, with so many bets.
    pub fn new(level: f64, bets: usize) -> Self {
        Self { level, ln_bets: vec![0.0; bets], shown: false }
    }

    /// Takes the logarithm of a block's product of factors for each bet, in order. Once shown, it stays so (Ville):
    /// whoever resets the phase, or sees an alarm, starts a new test.
    pub fn step(&mut self, ln_products: &[f64]) {
        // A bet that has lost everything stays a number that every format can hold.
        for (ln_bet, ln) in self.ln_bets.iter_mut().zip(ln_products) {
            let ln = if ln.is_nan() { 0.0 } else { *ln };
            *ln_bet = (*ln_bet + ln).clamp(-1e6, 1e6);
        }
        self.shown = self.shown || self.ln() >= self.ln_threshold();
    }

    /// Whether it was shown.
    pub const fn shown(&self) -> bool {
        self.shown
    }

    /// The logarithm of the evidence so far.
    pub fn ln(&self) -> f64 {
        let most = self.ln_bets.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = self.ln_bets.iter().map(|ln_bet| (ln_bet - most).exp()).sum();
        most + (sum / self.ln_bets.len() as f64).ln()
    }

    /// The logarithm of the threshold, 1 / a.
    pub fn ln_threshold(&self) -> f64 {
        -self.level.ln()
    }

    /// How many more pairs are needed if bet k grows by `growth[k]` with each of them, as a logarithm: 0 once shown,
    /// `None` if no bet grows. The mixture grows at least as its best bet does, and no faster than its largest one.
    pub fn pairs_to_go(&self, growth: &[f64]) -> Option<u64> {
        if self.shown {
            return Some(0);
        }
        let missing = self.ln_threshold() + (self.ln_bets.len() as f64).ln();
        let needed = self.ln_bets.iter().zip(growth).filter(|(_, growth)| **growth > 1e-9);
        let least = needed.map(|(ln_bet, growth)| (missing - ln_bet) / growth).reduce(f64::min)?;
        Some(least.max(1.0).ceil() as u64)
    }
}
