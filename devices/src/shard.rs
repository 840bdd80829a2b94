//! One process's share of every fleet.

use std::fmt;
use std::str::FromStr;

/// One of several processes that share the same fleets: `2/6` is the second of six.
///
/// A device belongs to the shard of its index modulo the number of shards: always to the same one, whatever else
/// changes, and every shard has its part of each personality and of each wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u32,
    of: u32,
}

/// Why a text names no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no shard: write the number of this process and how many there are, such as 2/6 (at most {MOST})"
)]
pub struct ShardError(String);

/// The most processes that share a fleet.
const MOST: u32 = 1_000;

impl Shard {
    /// The only process there is: it has all devices.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Which one this is, from 1.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// How many there are.
    pub const fn of(self) -> u32 {
        self.of
    }

    /// Whether this is the first one, which does what only one of them may do.
    pub const fn leads(self) -> bool {
        self.number == 1
    }

    /// How many of a fleet's `count` devices are here.
    pub const fn count(self, count: u32) -> u32 {
        let before = self.number - 1;
        if count > before { (count - before).div_ceil(self.of) } else { 0 }
    }

    /// The index of the device in this place, counted here from 0.
    pub const fn index(self, place: u32) -> u32 {
        place * self.of + self.number - 1
    }

    /// The place of the device with this index, if it is here.
    pub const fn place(self, index: u32) -> Option<u32> {
        if index % self.of == self.number - 1 { Some(index / self.of) } else { None }
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts =
            text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        let fits = parts.filter(|(number, of)| (1..=*of).contains(number) && *of <= MOST);
        let (number, of) = fits.ok_or_else(|| ShardError(text.chars().take(40).collect()))?;
        Ok(Self { number, of })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn every_device_is_in_one_shard_and_always_in_the_same() {
        for (count, of) in [(0, 3), (1, 3), (2, 3), (20, 6), (21, 6), (23, 6), (24, 6), (5, 1), (1, 1000)] {
            let shards: Vec<Shard> = (1..=of).map(|n| format!("{n}/{of}").parse().unwrap()).collect();
            assert_eq!(
                shards.iter().map(|shard| shard.count(count)).sum::<u32>(),
                count,
                "{count} over {of}"
            );
            for index in 0..count {
                let holding: Vec<_> = shards.iter().filter_map(|it| Some((it, it.place(index)?))).collect();
                assert_eq!(holding.len(), 1, "{index} is in {holding:?}");
                let (shard, place) = holding[0];
                assert!(place < shard.count(count));
                assert_eq!(shard.index(place), index);
            }
        }
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        assert_eq!("2/6".parse::<Shard>().unwrap().to_string(), "2/6");
        assert_eq!("1/1".parse::<Shard>().unwrap(), Shard::WHOLE);
        for text in ["", "2", "0/6", "7/6", "1/0", "-1/2", "1/1001", "1/2/3", "a/b"] {
            let said = text.parse::<Shard>().unwrap_err().to_string();
            assert!(said.starts_with(&format!("`{text}` is no shard: write")), "{said}");
        }
    }
}
