//! How rare a value is: two records that have a rare one in common are likelier of one person.

use std::ops::Range;

use hashbrown::HashMap;
use rayon::prelude::*;

use super::records::{Encoded, chance_of_equal};
use super::side_by_side::Numbers;
use super::within_lists::WithinLists;

/// How rare the values are that records have in common at some levels.
pub struct Rarity {
    /// The levels at which it weighs.
    pub levels: Range<usize>,
    /// How many others have the value of each, in parts of [`WHOLE`]; 0 is no value.
    pub others: Numbers<u32>,
    /// How many records have a value.
    known: f64,
    /// The probability that two random records have the same value.
    pub chance: f64,
    /// What share of the records that have a value have it in common with another.
    pub shared: f64,
    /// How many others have the rarest value, in parts of [`WHOLE`].
    rarest: u32,
}

/// One record, in the numbers of a [`Rarity`].
const WHOLE: f64 = 256.0;
/// As many others have a name at least, whatever its parts tell: a name alone makes nobody one.
const FEWEST: f64 = 0.25;

impl Rarity {
    /// Of the values of a column, by how many records have each, and how many others have it at most as its parts tell.
    pub fn new(levels: Range<usize>, encoded: &Encoded, counts: &[u32], most: &[f64]) -> Self {
        let count = |id: u32| counts.get(id as usize).copied().unwrap_or_default();
        let sharing: Vec<u32> = encoded.ids.iter().map(count).collect();
        let known = sharing.par_iter().filter(|count| **count > 0).count() as f64;
        let shared = sharing.par_iter().filter(|count| **count > 1).count() as f64;
        let agreeing = sharing.iter();
        let agreeing = agreeing.map(|count| f64::from(count.saturating_sub(1)));
        let others = |id: u32| match count(id) {
            0 => 0,
            count => {
                // A value that no other has counts as that of one: two that have it in common are not alone.
                let others = f64::from(count.saturating_sub(1).max(1));
                let most = most.get(id as usize).copied().unwrap_or(f64::MAX);
                (others.min(most.max(FEWEST)) * WHOLE) as u32
            }
        };
        let others: Vec<u32> = encoded.ids.iter().map(others).collect();
        Self {
            levels,
            known,
            chance: chance_of_equal(agreeing.sum(), known).unwrap_or(1.0),
            shared: (shared / known.max(1.0)).max(0.01),
            rarest: rarest(&others),
            others: others.into(),
        }
    }

    /// The same, where lists that have nobody twice tell how many of the others are strangers. Records of one list may be likelier to
    /// agree than those of two, as in one country: what is rarer holds.
    pub fn within(self, lists: &WithinLists) -> Self {
        let all = self.known - 1.0;
        let of_record = |record: usize| f64::from(self.others.get(record as u32).max(1)) / WHOLE;
        let frequencies = lists.frequencies(of_record).into_iter();
        let others = frequencies.zip(self.others.iter());
        let others = others.map(|(frequency, others)| match frequency {
            Some(frequency) => others.min((frequency * all * WHOLE) as u32).max(1),
            None => others,
        });
        let others: Vec<u32> = others.collect();
        Self {
            chance: self.chance.min(lists.chance(|_| true)),
            rarest: rarest(&others),
            others: others.into(),
            ..self
        }
    }

    /// Of values that are one by their keys, at the levels of the same and of one written otherwise.
    pub fn of_keys(encoded: &Encoded, keys: &[u64], most: &[f64]) -> Self {
        let of_keys = counts_of_keys(encoded, keys);
        let both = of_keys.into_iter().zip(&encoded.counts);
        let counts: Vec<u32> = both.map(|(count, own)| count.max(*own)).collect();
        Self::new(0..2, encoded, &counts, most)
    }

    /// Of values that have a part in common at lower levels, by a hash of it, which is 0 of none: the surname where
    /// the rest of a name is hidden.
    pub fn of_parts(parts: &Parts, encoded: &Encoded, lists: Option<&WithinLists>) -> Self {
        let counts = counts_of_keys(encoded, &parts.keys);
        let of_all = Self::new(parts.levels.clone(), encoded, &counts, &parts.most);
        let found = match lists {
            Some(lists) => of_all.within(lists),
            None => of_all,
        };
        // What two strangers have in common at these levels is as frequent on average.
        let others = found.others.iter().map(f64::from).sum::<f64>() / WHOLE;
        Self {
            chance: others * found.frequency_of_one() / found.known.max(1.0),
            ..found
        }
    }

    /// One of the other records that have a value, as a share.
    pub fn frequency_of_one(&self) -> f64 {
        1.0 / (self.known - 1.0).max(1.0)
    }

    /// The least that any value has.
    pub fn least_frequency(&self) -> f64 {
        f64::from(self.rarest) / WHOLE * self.frequency_of_one()
    }

    /// How many of the other records that have a value have that of a record, as a share.
    pub fn frequency(&self, record: u32) -> Option<f64> {
        let others = f64::from(self.others.get(record)) / WHOLE;
        (others > 0.0).then(|| others * self.frequency_of_one())
    }
}

/// What two values have in common at some levels below those of the same value.
pub struct Parts {
    /// The levels.
    pub levels: Range<usize>,
    /// A hash of it for each value; 0 of none.
    pub keys: Vec<u64>,
    /// How many other records have it at most, as far as something tells.
    pub most: Vec<f64>,
}

fn rarest(others: &[u32]) -> u32 {
    let known = others.iter().copied().filter(|others| *others > 0);
    known.min().unwrap_or(1)
}

/// How many records have the key of each value; none where it is 0.
fn counts_of_keys(encoded: &Encoded, keys: &[u64]) -> Vec<u32> {
    let mut by_key: HashMap<u64, u32> = HashMap::with_capacity(keys.len());
    for (key, count) in keys.iter().zip(&encoded.counts) {
        *by_key.entry(*key).or_default() += count;
    }
    by_key.insert(0, 0);
    keys.iter().map(|key| by_key[key]).collect()
}

/// A hash of the key of each value; 0 of none.
pub fn hashes_of<T: Sync>(
    values: &[Option<T>],
    key: impl Fn(&T) -> Option<String> + Sync,
) -> Vec<u64> {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let hash = |value: &Option<T>| {
        let key = value.as_ref().and_then(&key);
        key.map_or(0, |key| hasher.hash_one(key).max(1))
    };
    values.par_iter().map(hash).collect()
}

/// How many other records have each name at most, by how many have its surname and how many its given name: that a person's own
/// records have a name in common is no reason to think that others have it, too. [`f64::MAX`] where a name has no two parts.
pub fn most_by_parts<T: Sync>(
    names: &[Option<T>],
    counts: &[u32],
    parts: [fn(&T) -> Option<String>; 2],
) -> Vec<f64> {
    /// How many times as often two parts come together as by chance: relatives and neighbours choose alike.
    const TOGETHER: f64 = 8.0;
    let known: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let records_with = |key: fn(&T) -> Option<String>| {
        let keys = hashes_of(names, key);
        let mut by_key: HashMap<u64, f64> = HashMap::new();
        for (key, count) in keys.iter().zip(counts) {
            *by_key.entry(*key).or_default() += f64::from(*count);
        }
        // 0 is no part.
        by_key.insert(0, f64::INFINITY);
        keys.into_iter().map(move |key| by_key[&key])
    };
    let [surnames, given] = parts.map(records_with);
    let both = surnames.zip(given);
    both.map(|(surname, given)| (TOGETHER * surname * given / known).min(f64::MAX))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::person_name::Name;

    #[test]
    fn a_name_is_as_rare_as_its_parts_together() {
        let names = [
            "Yovani Gallardo",
            "John Smith",
            "Mary Smith",
            "John Ng",
            "张伟",
            "12",
        ];
        let names: Vec<Option<Name>> = names.into_iter().map(Name::parse).collect();
        let counts = [4, 300, 200, 100, 390, 6];
        let most = most_by_parts(&names, &counts, [Name::surname_key, Name::given_key]);
        // Of 1,000 records, four have its surname and its given name; 500 and 400 those of the next.
        assert_eq!(most[0], 8.0 * 4.0 * 4.0 / 1_000.0);
        assert_eq!(most[1], 8.0 * 500.0 * 400.0 / 1_000.0);
        assert_eq!(most[4], 8.0 * 390.0 * 390.0 / 1_000.0);
        assert_eq!(most[5], f64::MAX);
    }
}
