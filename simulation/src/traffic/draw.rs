//! Random numbers: a stream of its own for everything that is drawn, the same on every machine.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// The generator: named, so that no other version of its library draws other numbers.
pub(crate) type Random = Xoshiro256PlusPlus;

/// A generator for the seed.
pub(crate) fn random(seed: u64) -> Random {
    Random::seed_from_u64(seed)
}

/// A seed for the part `number` of what `seed` is for (the finalizer of SplitMix64; Steele, Lea and Flood, 2014).
pub(crate) const fn mixed(seed: u64, number: u64) -> u64 {
    let mut z = seed ^ number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Two independent standard normal values: one for each side (Box and Muller, 1958).
pub(crate) fn normals(random: &mut Random) -> [f64; 2] {
    // 1 - u lies in (0, 1]: its logarithm is a number.
    let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
    let (sin, cos) = (std::f64::consts::TAU * random.random::<f64>()).sin_cos();
    [radius * cos, radius * sin]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normals_are_standard_and_independent() {
        let (mut random, n) = (random(5), 200_000);
        let (mut sum, mut squares, mut product) = (0.0, 0.0, 0.0);
        for _ in 0..n {
            let [a, b] = normals(&mut random);
            sum += a + b;
            squares += a * a + b * b;
            product += a * b;
        }
        let n = f64::from(n);
        assert!((sum / (2.0 * n)).abs() < 0.01);
        assert!((squares / (2.0 * n) - 1.0).abs() < 0.01);
        assert!((product / n).abs() < 0.01);
    }

    #[test]
    fn parts_have_seeds_of_their_own() {
        let mut seeds: Vec<_> = (0..100).flat_map(|a| (0..100).map(move |b| mixed(mixed(7, a), b))).collect();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 10_000);
    }
}
