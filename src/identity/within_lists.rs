//! How often strangers have a value in common, of lists that have nobody twice: as often as two records of one list have.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::condition::mix;
use super::grouping::{NULL, grouped};

/// How many records of its own list have the value of each record.
pub struct WithinLists {
    /// How many they are, itself among them; 0 is no value, or no list.
    sharing: Vec<u32>,
    /// How many records of its list have a value.
    known: Vec<u32>,
    /// The pairs of records of one list that have values, each from both sides.
    pairs: f64,
}

impl WithinLists {
    /// By the list of each record, and the key of its value, which is 0 for none; nothing where too few records share a list to tell.
    pub fn new(lists: &[u64], key: impl Fn(usize) -> u64 + Sync) -> Option<Self> {
        const FEWEST_PAIRS: f64 = 10_000.0;
        let number = |(record, list): (usize, &u64)| match (key(record), *list) {
            (0, _) | (_, NULL) => 0,
            (key, list) => mix(key, list).max(1),
        };
        let numbers: Vec<u64> = lists.par_iter().enumerate().map(number).collect();
        let mut of_list: HashMap<u64, u32> = HashMap::new();
        for (list, number) in lists.iter().zip(&numbers) {
            *of_list.entry(*list).or_default() += u32::from(*number != 0);
        }
        let pairs = of_list.values().map(|known| f64::from(*known));
        let pairs: f64 = pairs.map(|known| known * (known - 1.0)).sum();
        if pairs < 2.0 * FEWEST_PAIRS {
            return None;
        }
        let mut sharing = vec![0; lists.len()];
        for group in grouped(&numbers).groups() {
            for (_, record) in group {
                sharing[*record as usize] = group.len() as u32;
            }
        }
        Some(Self {
            sharing,
            known: lists.iter().map(|list| of_list[list]).collect(),
            pairs,
        })
    }

    /// The probability that two strangers have the same value, of those records whose values count as equal.
    pub fn chance(&self, is_same: impl Fn(usize) -> bool) -> f64 {
        /// As for records without lists: never taken for less.
        const LEAST: f64 = 0.01;
        let others = self.sharing.iter().enumerate();
        let others = others.filter(|(record, sharing)| **sharing > 1 && is_same(*record));
        let others: f64 = others.map(|(_, sharing)| f64::from(sharing - 1)).sum();
        (others / self.pairs).max(LEAST / self.records())
    }

    /// How many records have a value and a list.
    pub fn records(&self) -> f64 {
        self.sharing.iter().filter(|sharing| **sharing > 0).count() as f64
    }

    /// With what probability a stranger has the value of each record; none where it has no value. What no other of the list has is as
    /// common as such values are found to be (Good and Turing): by how many values two have, for those that one has.
    pub fn frequencies(&self) -> impl Iterator<Item = Option<f64>> {
        /// What nobody else was ever seen with may be had by so many others among all records.
        const LEAST: f64 = 1.0 / 64.0;
        let both = || self.sharing.iter().zip(&self.known);
        let of_others = |known: &u32| f64::from(known.saturating_sub(1)).max(1.0);
        let twice = both().filter(|(sharing, _)| **sharing == 2).count() as f64;
        let once = both().filter(|(sharing, _)| **sharing == 1);
        let once: f64 = once.map(|(_, known)| of_others(known)).sum();
        let once = ((twice + 1.0) / once.max(1.0)).max(LEAST / self.records());
        both().map(move |(sharing, known)| match sharing {
            0 => None,
            1 => Some(once.min(1.0 / of_others(known))),
            sharing => Some(f64::from(sharing - 1) / of_others(known)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_agree_as_often_as_records_of_one_list() {
        // Two lists of 1,000: in each, a tenth has the value of one other, and the rest one of its own; all of the second are in the first.
        let lists: Vec<u64> = (0..2_000).map(|record| 7 + record / 1_000).collect();
        let value = |record: u64| match record % 1_000 {
            shared @ 0..100 => 1 + shared / 2,
            own => 1_000 + own,
        };
        let within = WithinLists::new(&lists, |record| value(record as u64)).unwrap();
        assert_eq!(within.records(), 2_000.0);
        let chance = within.chance(|_| true);
        assert!(
            (chance - 100.0 / (1_000.0 * 999.0)).abs() < 1e-12,
            "{chance}"
        );
        assert_eq!(
            within.chance(|record| record % 1_000 >= 100),
            0.01 / 2_000.0
        );
        let frequencies: Vec<f64> = within.frequencies().flatten().collect();
        assert_eq!(frequencies[0], 1.0 / 999.0);
        // Of 1,800 records that are alone with their values, and 200 that have theirs in common with one other.
        assert!((frequencies[999] - 201.0 / (1_800.0 * 999.0)).abs() < 1e-12);
    }

    #[test]
    fn short_lists_tell_nothing() {
        let lists: Vec<u64> = (0..1_000).map(|record| 7 + record / 10).collect();
        assert!(WithinLists::new(&lists, |record| record as u64 + 1).is_none());
        assert!(WithinLists::new(&[NULL; 1_000], |_| 1).is_none());
    }
}
