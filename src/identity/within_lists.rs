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
        /// As for records without lists: never taken for less; nor for less than one pair more.
        const LEAST: f64 = 0.01;
        let others = self.sharing.iter().enumerate();
        let others = others.filter(|(record, sharing)| **sharing > 1 && is_same(*record));
        let others: f64 = others.map(|(_, sharing)| f64::from(sharing - 1)).sum();
        ((others + 1.0) / self.pairs).max(LEAST / self.records())
    }

    /// How many records have a value and a list.
    pub fn records(&self) -> f64 {
        self.sharing.iter().filter(|sharing| **sharing > 0).count() as f64
    }

    /// With what probability a stranger has the value of each record; none where it has no value. What no other of the list has is as
    /// common as such values are found to be (Good and Turing), of which about as many records in all have each: `others` tells
    /// how many others have it.
    pub fn frequencies(&self, others: impl Fn(usize) -> f64) -> Vec<Option<f64>> {
        /// What nobody else was ever seen with may be had by so many others among all records.
        const LEAST: f64 = 1.0 / 64.0;
        let class = |record: usize| others(record).log2().floor() as i32;
        let both = || self.sharing.iter().zip(&self.known).enumerate();
        // Of the values of each class, how many pairs of one list have one in common, and of how many.
        let mut found: HashMap<i32, (f64, f64)> = HashMap::new();
        for (record, (sharing, known)) in both().filter(|(_, (sharing, _))| **sharing > 0) {
            let (equal, all) = found.entry(class(record)).or_default();
            *equal += f64::from(*sharing - 1);
            *all += f64::from(*known - 1);
        }
        let least = LEAST / self.records();
        let frequency = |(record, (sharing, known)): (usize, (&u32, &u32))| match sharing {
            0 => None,
            1 => {
                let (equal, all) = found[&class(record)];
                Some(((equal + 1.0) / all.max(1.0)).max(least))
            }
            sharing => Some(f64::from(sharing - 1) / f64::from(known - 1)),
        };
        both().map(frequency).collect()
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
        // 200 records have theirs in common with one other, seen from both sides; and one more.
        let pairs = 2.0 * 1_000.0 * 999.0;
        assert!((chance - 201.0 / pairs).abs() < 1e-12, "{chance}");
        let of_none = within.chance(|record| record % 1_000 >= 100);
        assert_eq!(of_none, 0.01 / 2_000.0);
        // Of the shared values four records have each in all, and two of the others.
        let others = |record: usize| if record % 1_000 < 100 { 3.0 } else { 1.0 };
        let frequencies = within.frequencies(others);
        assert_eq!(frequencies[0], Some(1.0 / 999.0));
        assert_eq!(frequencies[999], Some(1.0 / 64.0 / 2_000.0));
    }

    #[test]
    fn what_others_lists_have_often_is_not_rare() {
        // Lists of five; of 20,000 records every second has one of ten values, and the others one of their own.
        let lists: Vec<u64> = (0..20_000).map(|record| 7 + record / 5).collect();
        let value = |record: u64| match mix(record, 1) % 2 {
            0 => 1 + mix(record, 2) % 10,
            _ => 1_000 + record,
        };
        let within = WithinLists::new(&lists, |record| value(record as u64)).unwrap();
        let others = |record: usize| {
            if value(record as u64) <= 10 {
                1_000.0
            } else {
                1.0
            }
        };
        let frequencies = within.frequencies(others);
        for (record, frequency) in frequencies.into_iter().enumerate() {
            let frequency = frequency.unwrap();
            match value(record as u64) <= 10 {
                true => assert!(frequency > 0.03, "{frequency}"),
                false => assert!(frequency < 1e-4, "{frequency}"),
            }
        }
    }

    #[test]
    fn short_lists_tell_nothing() {
        let lists: Vec<u64> = (0..1_000).map(|record| 7 + record / 10).collect();
        assert!(WithinLists::new(&lists, |record| record as u64 + 1).is_none());
        assert!(WithinLists::new(&[NULL; 1_000], |_| 1).is_none());
    }
}
