//! Which share of a fleet has which personality.

use cutover::Personality;

/// The personalities' shares of a fleet, in percent. Valid by construction: none is negative, and they sum up to 100.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares(Vec<(Personality, f64)>);

/// Why a list of shares cannot be assigned.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SharesError {
    /// A share is no part of a whole.
    #[error("`{personality}` has a share of {percent} %: a share is between 0 % and 100 %")]
    OutOfRange {
        /// Whose share.
        personality: Personality,
        /// The share given.
        percent: f64,
    },
    /// The same personality has two shares.
    #[error("`{0}` has two shares: give it one")]
    Twice(Personality),
    /// The parts are not the whole.
    #[error("the personalities' shares sum up to {sum} %: they must make 100 %")]
    Sum {
        /// What they sum up to, rounded to a thousandth for the message.
        sum: f64,
    },
}

/// What rounding may cost in a sum of decimal shares, in percent.
const TOLERANCE: f64 = 1e-6;

impl Shares {
    /// The shares, in percent, from a list with each personality at most once.
    ///
    /// # Errors
    /// When a share is negative, not a number or over 100, when a personality comes twice, or when the sum is not 100.
    pub fn new(list: impl IntoIterator<Item = (Personality, f64)>) -> Result<Self, SharesError> {
        let mut shares: Vec<(Personality, f64)> = Vec::new();
        for (personality, percent) in list {
            if !(0.0..=100.0).contains(&percent) {
                return Err(SharesError::OutOfRange { personality, percent });
            }
            if shares.iter().any(|(known, _)| *known == personality) {
                return Err(SharesError::Twice(personality));
            }
            shares.push((personality, percent));
        }
        let sum: f64 = shares.iter().map(|(_, percent)| percent).sum();
        if (sum - 100.0).abs() > TOLERANCE {
            return Err(SharesError::Sum { sum: (sum * 1000.0).round() / 1000.0 });
        }
        // The order of the list must not matter to who gets what.
        shares.sort_unstable_by_key(|(personality, _)| *personality);
        Ok(Self(shares))
    }

    /// All devices of one personality.
    pub fn only(personality: Personality) -> Self {
        Self(vec![(personality, 100.0)])
    }

    /// The personality of each of `count` devices, by index: always the same for the same shares and count.
    ///
    /// The counts come from the largest-remainder method, so that they sum up to `count` and none is off by more than
    /// one. Each personality is spread evenly over the indices, so that a ramp or a wave meets all of them.
    pub fn assign(&self, count: u32) -> Vec<Personality> {
        let quotas = self.quotas(count);
        let mut given = vec![0_u32; quotas.len()];
        let mut assigned = Vec::with_capacity(count as usize);
        for index in 1..=u64::from(count) {
            // The one that lags most behind its even share of the indices so far (in units of 1 / count).
            let lag = |which: usize| {
                let due = u64::from(quotas[which]) * index;
                i128::from(due) - i128::from(given[which]) * i128::from(count)
            };
            let open = (0..quotas.len()).filter(|which| given[*which] < quotas[*which]);
            // `max_by_key` takes the last of equals; reversed, that is the first in the order of the personalities.
            if let Some(next) = open.rev().max_by_key(|which| lag(*which)) {
                given[next] += 1;
                assigned.push(self.0[next].0);
            }
        }
        assigned
    }

    /// How many of `count` devices have this personality.
    pub fn count(&self, personality: Personality, count: u32) -> u32 {
        let all = self.0.iter().zip(self.quotas(count));
        all.filter(|((one, _), _)| *one == personality).map(|(_, quota)| quota).sum()
    }

    /// How many of `count` devices each personality gets, by the largest remainder.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a u32 that is not negative is a u32"
    )]
    fn quotas(&self, count: u32) -> Vec<u32> {
        let exact: Vec<f64> = self.0.iter().map(|(_, percent)| f64::from(count) * percent / 100.0).collect();
        // The tolerance keeps 29 % of 100 at 29, although it comes out as 28.999999999999996.
        let mut quotas: Vec<u32> = exact.iter().map(|exact| (exact + TOLERANCE).floor() as u32).collect();
        let mut order: Vec<usize> = (0..exact.len()).collect();
        let remainder = |which: usize| exact[which] - f64::from(quotas[which]);
        order.sort_by(|a, b| remainder(*b).total_cmp(&remainder(*a)));
        let missing = count.saturating_sub(quotas.iter().sum());
        for which in order.into_iter().take(missing as usize) {
            quotas[which] += 1;
        }
        quotas
    }
}

impl Default for Shares {
    /// All devices wait for the reset, as most real ones do.
    fn default() -> Self {
        Self::only(Personality::ResetOnly)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use Personality::{AtReconnect, AtTtl, Both, Eager, Never, ResetOnly};

    use super::*;

    fn usual() -> Shares {
        Shares::new([(ResetOnly, 80.0), (AtTtl, 12.0), (Eager, 5.0), (Both, 2.0), (Never, 1.0)]).unwrap()
    }

    fn counts(assigned: &[Personality]) -> Vec<(Personality, usize)> {
        let of = |one| assigned.iter().filter(|other| **other == one).count();
        Personality::ALL.into_iter().map(|one| (one, of(one))).filter(|(_, count)| *count > 0).collect()
    }

    #[test]
    fn round_shares_are_met_exactly_and_spread_over_the_indices() {
        let assigned = usual().assign(200);
        assert_eq!(counts(&assigned), [(ResetOnly, 160), (AtTtl, 24), (Eager, 10), (Never, 2), (Both, 4)]);
        let eager: Vec<usize> = (0..200).filter(|index| assigned[*index] == Eager).collect();
        for pair in eager.windows(2) {
            assert!((15..=25).contains(&(pair[1] - pair[0])), "eager ones stand at {eager:?}");
        }
        assert_eq!(assigned, usual().assign(200));
        assert_eq!((usual().count(Both, 200), usual().count(AtReconnect, 200)), (4, 0));
    }

    #[test]
    fn the_largest_remainders_get_what_is_left_over() {
        let thirds = Shares::new([(ResetOnly, 33.4), (Eager, 33.3), (Never, 33.3)]).unwrap();
        assert_eq!(counts(&thirds.assign(10)), [(ResetOnly, 4), (Eager, 3), (Never, 3)]);
        assert_eq!(counts(&thirds.assign(1)), [(ResetOnly, 1)]);
        assert_eq!(counts(&usual().assign(0)), []);
        for count in 0..300 {
            assert_eq!(usual().assign(count).len(), count as usize);
        }
    }

    #[test]
    fn shares_that_are_no_whole_are_refused_with_what_they_make() {
        let error = Shares::new([(ResetOnly, 80.0), (Never, 10.1)]).unwrap_err();
        assert_eq!(error.to_string(), "the personalities' shares sum up to 90.1 %: they must make 100 %");
        let error = Shares::new([(AtReconnect, -1.0), (Never, 101.0)]).unwrap_err();
        assert_eq!(error.to_string(), "`at-reconnect` has a share of -1 %: a share is between 0 % and 100 %");
        assert!(Shares::new([(ResetOnly, f64::NAN)]).is_err());
        assert!(Shares::new([]).is_err());
        assert_eq!(Shares::new([(Never, 50.0), (Never, 50.0)]), Err(SharesError::Twice(Never)));
        assert!(Shares::new([(ResetOnly, 70.1), (AtTtl, 19.9), (Eager, 10.0)]).is_ok());
    }
}
