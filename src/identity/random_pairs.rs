//! Random pairs of records: how often two that are hardly ever of one person agree.

use datafusion::common::Result;
use rand_core::Rng;

/// How many random pairs there are of many records.
pub const PAIRS: usize = 1_000_000;
/// How many random records those pairs are of: few enough that their values stay in the processor's memory.
const RECORDS: usize = 65_536;
/// Where most pairs are forbidden: how many are looked at for some that are not.
const MOST_LOOKED_AT: usize = 16_000_000;
/// Where the random pairs start: the same in every run.
const SEED: u128 = 0x6f6e_6566_6f6c_6421;

/// Says of some pairs which ones the rule book forbids.
pub type Forbids<'a> = dyn Fn(&[u32], &[u32]) -> Result<Vec<bool>> + Sync + 'a;

/// What the rule book forbids.
pub struct Forbidden<'a> {
    /// By all of it.
    pub by_all: Box<Forbids<'a>>,
    /// By its never rules, whatever the lists are; nothing where these forbid none.
    pub by_rules: Option<Box<Forbids<'a>>>,
}

/// Random pairs that may be of one person, each once; of few records, all of them.
pub struct RandomPairs {
    /// One record of each.
    pub left: Vec<u32>,
    /// The other.
    pub right: Vec<u32>,
    /// The share of all pairs that may be of one person.
    pub possible: f64,
}

impl RandomPairs {
    /// Of so many records: those in random order, each with those that follow it. Where next to no pair is allowed, they are of all
    /// pairs, as if nothing was forbidden.
    pub fn new(records: usize, forbids: &Forbids) -> Result<Self> {
        /// Fewer pairs, and fewer than one in so many, say nothing.
        const FEWEST: usize = 10_000;
        const ONE_IN: usize = 20;
        let sample = records.min(RECORDS);
        let ring: Vec<u32> = in_random_order(records).take(sample).collect();
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let mut looked_at = 0;
        for distance in 1..=sample / 2 {
            if left.len() >= PAIRS || looked_at >= MOST_LOOKED_AT {
                break;
            }
            let (lefts, rights) = at_distance(&ring, distance);
            looked_at += lefts.len();
            let forbidden = forbids(&lefts, &rights)?;
            for ((one, other), is_forbidden) in lefts.into_iter().zip(rights).zip(forbidden) {
                if !is_forbidden {
                    left.push(one);
                    right.push(other);
                }
            }
        }
        if left.len() < FEWEST.min(looked_at.div_ceil(ONE_IN)) {
            return Self::new(records, &|left, _| Ok(vec![false; left.len()]));
        }
        Ok(Self {
            possible: match looked_at {
                0 => 1.0,
                looked_at => left.len() as f64 / looked_at as f64,
            },
            left,
            right,
        })
    }
}

/// All records by chance, as far as they are asked for: the same in every run.
pub fn in_random_order(records: usize) -> impl Iterator<Item = u32> {
    let mut generator = rand_pcg::Pcg64Mcg::new(SEED);
    let mut order: Vec<u32> = (0..records as u32).collect();
    (0..records).map(move |at| {
        let other = at as u64 + generator.next_u64() % (records - at) as u64;
        order.swap(at, other as usize);
        order[at]
    })
}

/// The pairs of records that are so far apart on a ring.
fn at_distance(ring: &[u32], distance: usize) -> (Vec<u32>, Vec<u32>) {
    // At half the ring, each pair would come from both its ends.
    let pairs = match 2 * distance == ring.len() {
        true => distance,
        false => ring.len(),
    };
    let pair = |at: usize| (ring[at], ring[(at + distance) % ring.len()]);
    (0..pairs).map(pair).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_all(records: usize) -> RandomPairs {
        RandomPairs::new(records, &|left, _| Ok(vec![false; left.len()])).unwrap()
    }

    #[test]
    fn random_pairs_come_once() {
        for records in [0, 1, 2, 3, 4, 7, 8, 1_000] {
            let found = of_all(records);
            let pairs = found.left.iter().zip(&found.right);
            let mut pairs: Vec<_> = pairs
                .map(|(one, other)| (one.min(other), one.max(other)))
                .collect();
            pairs.sort_unstable();
            pairs.dedup();
            assert!(pairs.iter().all(|(one, other)| one < other));
            let all = records * records.saturating_sub(1) / 2;
            assert_eq!((pairs.len(), found.left.len()), (all, all), "{records}");
        }
        let many = of_all(100_000).left.len();
        assert!((PAIRS..PAIRS + RECORDS).contains(&many));
    }

    #[test]
    fn forbidden_pairs_are_none_of_them_and_are_counted() {
        // A list of 300 and one of 700, none with anybody twice.
        let is_of_one_list = |left: &[u32], right: &[u32]| {
            let pairs = left.iter().zip(right);
            Ok(pairs.map(|(l, r)| (*l < 300) == (*r < 300)).collect())
        };
        let found = RandomPairs::new(1_000, &is_of_one_list).unwrap();
        assert_eq!(found.left.len(), 300 * 700);
        assert_eq!(found.possible, (300.0 * 700.0) / (1_000.0 * 999.0 / 2.0));
        // Where all are, it is as if none was.
        let found = RandomPairs::new(1_000, &|left, _| Ok(vec![true; left.len()])).unwrap();
        assert_eq!((found.left.len(), found.possible), (1_000 * 999 / 2, 1.0));
    }
}
