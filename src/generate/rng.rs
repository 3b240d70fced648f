//! Random numbers that are the same on every machine: PCG, and integers all the way.

use rand_core::Rng as _;
use rand_pcg::Pcg64Mcg;
use xxhash_rust::xxh3::xxh3_128;

/// A stream of random numbers.
pub struct Rng(Pcg64Mcg);

impl Rng {
    /// A stream of its own for every seed, number and purpose.
    pub fn new(seed: u64, number: u64, purpose: &str) -> Self {
        Self(Pcg64Mcg::new(xxh3_128(
            format!("{seed} {number} {purpose}").as_bytes(),
        )))
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The bias of a remainder of 64 bits is beyond what any test could see.
        self.0.next_u64() % bound.max(1)
    }

    /// A number in a range, both ends included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in so many of a thousand cases.
    pub fn per_mille(&mut self, share: u64) -> bool {
        self.below(1000) < share
    }

    /// One of some things.
    pub fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.below(things.len() as u64) as usize]
    }

    /// One of some things, by their weights.
    pub fn weighted<'a, T>(&mut self, things: &'a [(T, u64)]) -> &'a T {
        let total: u64 = things.iter().map(|(_, weight)| weight).sum();
        let mut at = self.below(total);
        for (thing, weight) in things {
            if at < *weight {
                return thing;
            }
            at -= weight;
        }
        &things[0].0
    }

    /// How often something happens that goes on with a share of so many of a thousand.
    pub fn geometric(&mut self, share: u64, most: u64) -> u64 {
        let mut count = 0;
        while count < most && self.per_mille(share) {
            count += 1;
        }
        count
    }

    /// So many random digits.
    pub fn digits(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(b'0' + self.below(10) as u8))
            .collect()
    }
}
