//! The location score: whether the new side takes longer, as factors of a detector and of the mirrored test.
//!
//! S = clip((ln x_new - ln x_old - ln(r0 (1 + e))) / c, -1, 1): its mean is <= 0 while the new side takes no more than
//! 1 + e times as long, relative to the ratio r0 of the soak. Mirrored, against "it takes m times as long or more":
//! clip((ln(r0 m) - (ln x_new - ln x_old)) / c, -1, 1). Factor 1 + b S.

use serde::{Deserialize, Serialize};

use super::{Mixture, Moments};

/// The stakes over which the evidence is mixed.
pub(crate) const BETS: [f64; 5] = [0.05, 0.1, 0.2, 0.4, 0.8];

/// Weight of the guess that both sides take equally long, in pairs, when a time to a decision is estimated.
const GUESS: f64 = 20.0;

/// What a scope expects of the ratio of durations, learned before it is used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Usual {
    /// The logarithm of r0.
    pub ln_r0: f64,
    /// The clip c, on the same scale.
    pub c: f64,
    /// How far, at the most, the true ratio may lie from r0, on the same scale: what a short soak learns is rough, and
    /// no rollback may rest on its roughness. A `go` speaks of the ratio as it was learned.
    pub slack: f64,
}

impl Usual {
    /// The same where the ratios of so many journeys are used together: their errors cancel in part.
    #[must_use]
    pub fn among(self, journeys: usize) -> Self {
        Self { slack: self.slack / (journeys.max(1) as f64).sqrt(), ..self }
    }

    /// The largest ratio that may be usual.
    pub fn highest(self) -> f64 {
        (self.ln_r0 + self.slack).exp()
    }
}

impl Default for Usual {
    /// Until it is learned: as long on both sides, and twice the standard deviation of durations of sigma 0.5.
    fn default() -> Self {
        Self { ln_r0: 0.0, c: 1.4, slack: 0.0 }
    }
}

/// How much longer the new side may take: as evidence against it, and for `go`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocationMargins {
    /// 1 + e.
    pub slower: f64,
    /// m.
    pub go: f64,
}

/// The pairs of one block of which both sides succeeded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LocationBlock {
    /// The log-ratios as they are: for the words.
    pub ratios: Moments,
    /// The log-ratios relative to r0 and to the clip: for estimates.
    pub scaled: Moments,
    /// The logarithm of the product for each bet that the new side is slower.
    pub slower: [f64; BETS.len()],
    /// The same for each bet that it is not.
    pub not_slower: [f64; BETS.len()],
    /// The sum of the scores.
    pub score: f64,
}

impl LocationBlock {
    /// Adds one pair, by the logarithm of x_new / x_old. A ratio that is no number is left out.
    pub fn add(&mut self, ln_ratio: f64, usual: Usual, margins: LocationMargins) {
        let scaled = (ln_ratio - usual.ln_r0) / usual.c;
        if !scaled.is_finite() {
            return;
        }
        let s = (scaled - (margins.slower.ln() + usual.slack) / usual.c).clamp(-1.0, 1.0);
        let mirrored = (margins.go.ln() / usual.c - scaled).clamp(-1.0, 1.0);
        for (k, bet) in BETS.into_iter().enumerate() {
            self.slower[k] += (bet * s).ln_1p();
            self.not_slower[k] += (bet * mirrored).ln_1p();
        }
        self.ratios.add(ln_ratio);
        self.scaled.add(scaled.clamp(-1.0, 1.0));
        self.score += s;
    }
}

/// How many more pairs the mirrored test needs, if they are as those in `scaled`; `None` if it gets nowhere so.
pub fn pairs_to_not_slower(test: &Mixture, scaled: &Moments, usual: Usual, margin: f64) -> Option<u64> {
    let n = scaled.count() as f64;
    let mean = margin.ln() / usual.c - scaled.mean() * n / (n + GUESS);
    let variance = (scaled.variance() * n + 0.25 * GUESS) / (n + GUESS);
    // E ln(1 + b S) = b E S - b^2 E S^2 / 2, to the second order.
    test.pairs_to_go(&BETS.map(|bet| bet * mean - bet * bet * (mean * mean + variance) / 2.0))
}

#[cfg(test)]
pub(super) mod tests;
