//! What a model expects of its customers at several thresholds, without a label.
//!
//! A customer is more than its links: two records are also one through a third. What a pair is worth that way is what the links between
//! the two make of it, held against what the two say of each other: three brothers whose phones and addresses chain them are as unlikely
//! as their names are.

use std::collections::{BTreeMap, HashMap, HashSet};

use datafusion::common::Result;
use rand_core::Rng;
use rayon::prelude::*;

use super::clusters::{Fate, Link};
use super::matching::{Matched, Matcher};
use super::model;

/// The thresholds that are looked at, beside the rule book's.
const THRESHOLDS: [f64; 7] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999];
/// Pairs through third records that are looked at, at each threshold.
const SAMPLE: usize = 20_000;
const SEED: u64 = 0x6f6e_6566_6f6c_6401;
/// No link is surer than that, and no pair less likely than the rest of it.
const SUREST: f64 = 0.9999;

/// What two records say against each other counts up to so many bits: persons move, marry and change their work, and more so the more
/// records they have.
const MOST_AGAINST: f64 = -6.0;

/// What is expected from a threshold on.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The match probability from which a pair is a link.
    pub threshold: f64,
    /// Pairs of records that would be one customer's.
    pub pairs: u64,
    /// How many of them no rule brings, or no score links: they are one through third records.
    pub through_others: u64,
    /// The share of the pairs that are one person's.
    pub precision: f64,
    /// The share of one person's pairs that are found.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
}

/// The pairs of customers at a threshold, and how many of them are one person's by the model.
struct Counted {
    pairs: u64,
    through_others: u64,
    right: f64,
}

/// What a model expects, from the lowest threshold to the highest; the links are those of a night that it weighed.
pub fn expected(matcher: &Matcher, matched: &Matched) -> Result<Vec<Expected>> {
    // What weighs less than review was not kept.
    let (review, own) = (matcher.book().review(), matcher.book().threshold);
    let mut thresholds = THRESHOLDS.to_vec();
    thresholds.push(own);
    thresholds.retain(|threshold| *threshold >= review.min(own));
    thresholds.sort_by(f64::total_cmp);
    thresholds.dedup();
    let counted = thresholds.par_iter();
    let counted = counted.map(|threshold| count(matcher, matched, *threshold));
    let counted = counted.collect::<Result<Vec<_>>>()?;
    let records = matcher.records.len();
    let by_prior = matched.model.matches_per_record(records) * records as f64;
    // What third records find is more than the pairs that the prior counts.
    let all = counted
        .iter()
        .map(|counted| counted.right)
        .fold(by_prior, f64::max);
    let of = |(threshold, counted): (f64, Counted)| {
        let precision = match counted.pairs {
            0 => 1.0,
            pairs => counted.right / pairs as f64,
        };
        let recall = counted.right / all.max(f64::MIN_POSITIVE);
        Expected {
            threshold,
            pairs: counted.pairs,
            through_others: counted.through_others,
            precision,
            recall,
            f1: 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE),
        }
    };
    Ok(thresholds.into_iter().zip(counted).map(of).collect())
}

fn count(matcher: &Matcher, matched: &Matched, threshold: f64) -> Result<Counted> {
    let links = &matched.links;
    let (clusters, fates) = matcher.join(links, threshold)?;
    let probability = |link: &Link| match link.is_certain {
        true => 1.0,
        // A veto keeps them apart, at whatever threshold.
        false if matcher.is_vetoed(link.pattern) => 0.0,
        false => model::probability(link.weight),
    };
    let is_one = |link: &&Link| clusters[link.left as usize] == clusters[link.right as usize];
    let within = || links.iter().filter(is_one);
    let known: HashSet<(u32, u32)> = within().map(|link| (link.left, link.right)).collect();
    let right: f64 = within().map(probability).sum();
    let groups = Groups::new(&clusters);
    let through_others = groups.pairs() - known.len() as u64;
    let chains = Chains::new(links.iter().zip(&fates).filter_map(|(link, fate)| {
        let sure = probability(link).min(SUREST);
        let has_joined = match fate {
            Some(Fate::Joined) => true,
            Some(Fate::Redundant) => false,
            _ => return None,
        };
        Some((link.left, link.right, sure, has_joined))
    }));
    let share = match through_others {
        0 => 0.0,
        _ => likely_share(matcher, matched, &groups.sample(&known), &chains)?,
    };
    Ok(Counted {
        pairs: groups.pairs(),
        through_others,
        right: right + share * through_others as f64,
    })
}

/// How many of some pairs are one person's, by the links between the two and by what the two say of each other, as a share.
fn likely_share(
    matcher: &Matcher,
    matched: &Matched,
    pairs: &[(u32, u32)],
    chains: &Chains,
) -> Result<f64> {
    let (left, right): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
    let model = &matched.model;
    let patterns = model::patterns(&matcher.prepared, &matcher.records, &left, &right)?;
    let likely = pairs.iter().zip(patterns).map(|((left, right), pattern)| {
        let chain = chains.between(*left, *right).clamp(1.0 - SUREST, SUREST);
        let weight =
            model.weight(&matcher.prepared, pattern, *left, *right) - model::bits(model.prior);
        model::probability(model::bits(chain) + weight.max(MOST_AGAINST))
    });
    Ok(likely.sum::<f64>() / (pairs.len() as f64).max(1.0))
}

/// The links of customers.
struct Chains {
    /// All links of a record, with their probabilities.
    links: HashMap<u32, HashMap<u32, f64>>,
    /// Those that joined two customers make a tree of each: the record above, and how many are above that one.
    above: HashMap<u32, (u32, usize)>,
}

impl Chains {
    /// Of links: their two records, how sure each is, and whether it joined two customers.
    fn new(of: impl Iterator<Item = (u32, u32, f64, bool)>) -> Self {
        let mut links: HashMap<u32, HashMap<u32, f64>> = HashMap::new();
        let mut joined: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (left, right, sure, has_joined) in of {
            for (one, other) in [(left, right), (right, left)] {
                links.entry(one).or_default().insert(other, sure);
                if has_joined {
                    joined.entry(one).or_default().push(other);
                }
            }
        }
        let mut above = HashMap::new();
        for root in joined.keys() {
            let mut waiting = Vec::new();
            if !above.contains_key(root) {
                above.insert(*root, (*root, 0));
                waiting.push((*root, 0));
            }
            while let Some((record, depth)) = waiting.pop() {
                for next in &joined[&record] {
                    if !above.contains_key(next) {
                        above.insert(*next, (record, depth + 1));
                        waiting.push((*next, depth + 1));
                    }
                }
            }
        }
        Self { links, above }
    }

    /// What links two records of a customer is worth: the best third record that has links to both, or else the links on the way that
    /// joined them, together.
    fn between(&self, one: u32, other: u32) -> f64 {
        let through_one = match (self.links.get(&one), self.links.get(&other)) {
            (Some(few), Some(many)) if few.len() > many.len() => best_third(many, few),
            (Some(few), Some(many)) => best_third(few, many),
            _ => 0.0,
        };
        match through_one > 0.0 {
            true => through_one,
            false => self.way(one, other).unwrap_or_default(),
        }
    }

    /// The links from each of two records up to where both ways meet, together.
    fn way(&self, mut one: u32, mut other: u32) -> Option<f64> {
        let mut worth = 1.0;
        while one != other {
            let (above, depth) = *self.above.get(&one)?;
            let (_, depth_of_other) = *self.above.get(&other)?;
            if depth < depth_of_other {
                (one, other) = (other, one);
                continue;
            }
            if depth == 0 {
                return None;
            }
            worth *= self.links[&one][&above];
            one = above;
        }
        Some(worth)
    }
}

/// The best of the records that both have links to.
fn best_third(few: &HashMap<u32, f64>, many: &HashMap<u32, f64>) -> f64 {
    let both = few
        .iter()
        .filter_map(|(third, sure)| Some(sure * many.get(third)?));
    both.fold(0.0, f64::max)
}

/// The records of every customer, side by side.
struct Groups {
    records: Vec<u32>,
    /// Where each customer begins, and the end of the last.
    starts: Vec<usize>,
    /// How many pairs each customer and those before it have.
    pairs: Vec<u64>,
}

impl Groups {
    /// Of the smallest record of each record's customer.
    fn new(clusters: &[u32]) -> Self {
        let mut records: Vec<u32> = (0..clusters.len() as u32).collect();
        records.sort_by_key(|record| (clusters[*record as usize], *record));
        let (mut starts, mut pairs, mut sum) = (vec![0], Vec::new(), 0);
        let mut at = 0;
        for group in
            records.chunk_by(|one, other| clusters[*one as usize] == clusters[*other as usize])
        {
            at += group.len();
            sum += group.len() as u64 * (group.len() as u64 - 1) / 2;
            starts.push(at);
            pairs.push(sum);
        }
        Self {
            records,
            starts,
            pairs,
        }
    }

    fn pairs(&self) -> u64 {
        self.pairs.last().copied().unwrap_or_default()
    }

    /// Some pairs that are not known, each as likely as any other; the smaller record left.
    fn sample(&self, known: &HashSet<(u32, u32)>) -> Vec<(u32, u32)> {
        let mut generator = rand_pcg::Pcg64Mcg::new(SEED.into());
        let mut found = Vec::new();
        let all = self.pairs();
        // Where few are unknown, most draws find a known one.
        const PATIENCE: usize = 50;
        for _ in 0..SAMPLE * PATIENCE {
            if found.len() == SAMPLE {
                break;
            }
            let drawn = generator.next_u64() % all;
            let group = self.pairs.partition_point(|sum| *sum <= drawn);
            let members = &self.records[self.starts[group]..self.starts[group + 1]];
            let one = generator.next_u64() as usize % members.len();
            let other = generator.next_u64() as usize % (members.len() - 1);
            let other = if other < one { other } else { other + 1 };
            let pair = (
                members[one].min(members[other]),
                members[one].max(members[other]),
            );
            if !known.contains(&pair) {
                found.push(pair);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_a_customer_is_as_likely_to_be_drawn() {
        // A customer of three, one of two, and two of one.
        let groups = Groups::new(&[0, 1, 0, 3, 0, 3, 6]);
        assert_eq!(groups.pairs(), 4);
        let known = HashSet::from([(0, 2)]);
        let drawn = groups.sample(&known);
        assert_eq!(drawn.len(), SAMPLE);
        for pair in [(0, 4), (2, 4), (3, 5)] {
            let share = drawn.iter().filter(|other| **other == pair).count() as f64 / SAMPLE as f64;
            assert!((share - 1.0 / 3.0).abs() < 0.02, "{pair:?}: {share}");
        }
    }

    #[test]
    fn a_chain_is_worth_what_its_links_are_together() {
        let links = [
            (0, 1, 0.9, true),
            (1, 2, 0.5, true),
            (2, 3, 0.8, true),
            (1, 4, 0.8, true),
            (2, 4, 0.6, false),
        ];
        let chains = Chains::new(links.into_iter());
        // Through 1; through 4 rather than 1; over all of the way.
        assert!((chains.between(0, 2) - 0.45).abs() < 1e-12);
        assert!((chains.between(1, 2) - 0.48).abs() < 1e-12);
        assert!((chains.between(3, 0) - 0.36).abs() < 1e-12);
        assert_eq!(chains.between(0, 7), 0.0);
    }
}
