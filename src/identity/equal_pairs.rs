//! Pairs of records with equal values: how many of them may be of one person, and how many are.

use datafusion::common::Result;

use super::comparison::Prepared;
use super::model::{self, FEWEST, Model, level_in};
use super::random_pairs::{Forbids, PAIRS, in_random_order};
use super::records::{NONE, Records};
use super::side_by_side::Numbers;

/// Pairs of records that have a value in common, left below right: of each value, records in random order with those next to them.
struct EqualPairs {
    left: Vec<u32>,
    right: Vec<u32>,
    /// How many records have the value of each pair.
    sharing: Vec<u32>,
}

impl EqualPairs {
    /// So many at most, of values that so many records have as is asked for.
    fn new(values: &Numbers<u32>, most: usize, is_asked: impl Fn(u32) -> bool) -> Self {
        // Values are numbered from none on.
        let all = || values.iter().filter(|value| *value != NONE);
        let numbers = all().max().map_or(0, |last| last as usize + 1);
        let mut counts = vec![0_u32; numbers];
        for value in all() {
            counts[value as usize] += 1;
        }
        let [mut left, mut right, mut sharing] = [const { Vec::new() }; 3];
        let mut last_with = vec![NONE; numbers];
        for record in in_random_order(values.len()) {
            let value = values.get(record) as usize;
            let count = counts.get(value).copied();
            let Some(count) = count.filter(|count| *count > 1 && is_asked(*count)) else {
                continue;
            };
            if left.len() >= most {
                break;
            }
            let last = std::mem::replace(&mut last_with[value], record);
            if last != NONE {
                left.push(record.min(last));
                right.push(record.max(last));
                sharing.push(count);
            }
        }
        Self {
            left,
            right,
            sharing,
        }
    }
}

/// The share of pairs of strangers' equal values that may be of one person; as of all pairs, which is `usual`, where next to none are
/// equal. It is above that only where values say so that are common, as the cities do of a country: those of few records may be
/// equal as most of them are of one person, which says nothing of strangers.
pub fn possible_among_equal(values: &Numbers<u32>, usual: f64, forbids: &Forbids) -> Result<f64> {
    /// So many pairs that are as usual are added to what is seen.
    const USUAL: f64 = 10.0;
    /// A value of so many records is common.
    const COMMON: u32 = 30;
    /// So much of the pairs of equal values is of common ones where these tell of all.
    const MOST: f64 = 0.9;
    let EqualPairs {
        left,
        right,
        sharing,
    } = EqualPairs::new(values, PAIRS, |_| true);
    let (mut all, mut possible, mut common) = (0.0, 0.0, 0.0);
    for (records, is_forbidden) in sharing.into_iter().zip(forbids(&left, &right)?) {
        // Each stands for all pairs of its value: of so many records, half as many for each that follows another.
        let pairs = f64::from(records) / 2.0;
        all += pairs;
        possible += if is_forbidden { 0.0 } else { pairs };
        common += if records >= COMMON { pairs } else { 0.0 };
    }
    let seen = left.len() as f64;
    let share = if all > 0.0 { possible / all } else { usual };
    let share = (share * seen + usual * USUAL) / (seen + USUAL);
    Ok(match common > MOST * all {
        true => share,
        false => share.min(usual),
    })
}

/// What share of the pairs of equal values is of strangers, by what the other comparisons say of them under a model: of those whose
/// value two records have and no other, where rarity is weighed. One at most, and the usual share where the others say little.
pub fn strangers_among_equal(
    at: usize,
    usual: f64,
    prepared: &[Prepared],
    records: &Records,
    model: &Model,
    forbids: &Forbids,
) -> Result<f64> {
    /// Pairs that are looked at.
    const MOST_PAIRS: usize = 50_000;
    /// So many pairs of the usual share are added to what is seen.
    const USUAL: f64 = 20.0;
    const ROUNDS: usize = 50;
    let comparison = &prepared[at];
    let is_other = |other: &usize| {
        let columns = &prepared[*other].columns;
        let mut own = comparison.columns.iter();
        let is_related = own.any(|own| columns.iter().any(|of| records.are_related(own, of)));
        *other != at && !is_related && model.comparisons[*other].is_estimated
    };
    let others: Vec<usize> = (0..prepared.len()).filter(is_other).collect();
    let values = comparison.equal_values();
    let Some(values) = values.filter(|_| comparison.chance.is_some() && !others.is_empty()) else {
        return Ok(1.0);
    };
    let is_rarity_weighed = comparison.usual_frequency(0).is_some();
    let is_rare = |records: u32| records == 2 || !is_rarity_weighed;
    let pairs = EqualPairs::new(values, MOST_PAIRS, is_rare);
    let patterns = model::patterns(prepared, records, &pairs.left, &pairs.right)?;
    let forbidden = forbids(&pairs.left, &pairs.right)?;
    let seen = patterns.into_iter().zip(pairs.sharing).zip(forbidden);
    let seen = seen.filter(|((pattern, _), _)| level_in(*pattern, at) == Some(0));
    // How much likelier the others make it that a pair is of one person, and for how many pairs it stands.
    let seen = seen.map(|((pattern, sharing), is_forbidden)| {
        let ratio = |at: &usize| {
            let trained = &model.comparisons[*at];
            level_in(pattern, *at).map_or(1.0, |level| trained.m[level] / trained.u[level])
        };
        let odds: f64 = others.iter().map(ratio).product();
        (
            if is_forbidden { 0.0 } else { odds },
            f64::from(sharing) / 2.0,
        )
    });
    let seen: Vec<(f64, f64)> = seen.collect();
    let all: f64 = seen.iter().map(|(_, pairs)| pairs).sum();
    let mut strangers = usual;
    for _ in 0..ROUNDS {
        let of_pair =
            |(odds, pairs): &(f64, f64)| pairs * strangers / (strangers + (1.0 - strangers) * odds);
        let found: f64 = seen.iter().map(of_pair).sum();
        strangers = (found + USUAL * usual) / (all + USUAL);
    }
    Ok(strangers.clamp(FEWEST, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_have_a_value_is_known_of_few_pairs() {
        // Of 2,000 records, every second has one of ten values, and the others are two of each.
        let value = |record: u32| match record % 2 {
            0 => record / 2 % 10,
            _ => 10 + record / 4,
        };
        let values: Numbers<u32> = (0..2_000).map(value).collect::<Vec<_>>().into();
        let few = EqualPairs::new(&values, 50, |_| true);
        assert_eq!(few.left.len(), 50);
        for (record, sharing) in few.left.iter().zip(&few.sharing) {
            assert_eq!(*sharing, if record % 2 == 0 { 100 } else { 2 });
        }
        let rare = EqualPairs::new(&values, 10_000, |records| records == 2);
        assert_eq!(rare.left.len(), 500);
    }

    #[test]
    fn equal_values_of_one_list_are_not_of_one_person() {
        // Two lists of 500: one has every value five times, and the other each of these once, in its first hundred records.
        let value = |record: u32| match record {
            0..500 => record / 5,
            500..600 => record - 500,
            _ => NONE,
        };
        let values: Numbers<u32> = (0..1_000).map(value).collect::<Vec<_>>().into();
        let is_of_one_list = |left: &[u32], right: &[u32]| {
            let pairs = left.iter().zip(right);
            Ok(pairs.map(|(l, r)| (*l < 500) == (*r < 500)).collect())
        };
        // Of the fifteen pairs of six records, five are across.
        let share = possible_among_equal(&values, 0.5, &is_of_one_list).unwrap();
        assert!((share - 1.0 / 3.0).abs() < 0.03, "{share}");
        let none: Numbers<u32> = vec![NONE; 1_000].into();
        let share = possible_among_equal(&none, 0.5, &is_of_one_list).unwrap();
        assert_eq!(share, 0.5);
    }
}
