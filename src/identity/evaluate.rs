//! How good matching is, against a truth: which records really are one person.
//!
//! - Pairwise: of all pairs that were joined, how many are right (precision); of all true pairs, how many were joined (recall).
//! - B-cubed (Bagga and Baldwin, 1998): the same record by record, so that a large cluster does not outweigh a thousand small.
//! - Every missed pair has a reason: no rule brought it, it scored too low, a level vetoed it, clustering refused it, or
//!   the two are of one list.

use datafusion::common::Result;
use hashbrown::HashMap;

use super::clusters::{Fate, Link};
use super::explain::{side_by_side, values_of};
use super::matching::{Matcher, Scored};
use super::model::{self, Model, Pattern};
use super::records::Records;

/// Precision, recall and their harmonic mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// The share of what was found that is right.
    pub precision: f64,
    /// The share of what is right that was found.
    pub recall: f64,
}

impl Figures {
    /// The harmonic mean of both.
    pub fn f1(self) -> f64 {
        2.0 * self.precision * self.recall / (self.precision + self.recall).max(f64::MIN_POSITIVE)
    }
}

/// Pairwise and B-cubed figures of a clustering.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Pairs of records of one person.
    pub true_pairs: u64,
    /// Pairs of records in one cluster.
    pub joined_pairs: u64,
    /// Pairs that are both.
    pub correct_pairs: u64,
    /// By pairs.
    pub pairwise: Figures,
    /// By records.
    pub b_cubed: Figures,
}

/// Compares clusters with persons, record by record; both are any numbers. Records without a person are left out.
pub fn quality(clusters: &[u32], persons: &[Option<u32>]) -> Quality {
    let mut by_cluster: HashMap<u32, u64> = HashMap::new();
    let mut by_person: HashMap<u32, u64> = HashMap::new();
    let mut by_both: HashMap<(u32, u32), u64> = HashMap::new();
    let mut records = 0_u64;
    for (cluster, person) in clusters.iter().zip(persons) {
        let Some(person) = person else { continue };
        records += 1;
        *by_cluster.entry(*cluster).or_default() += 1;
        *by_person.entry(*person).or_default() += 1;
        *by_both.entry((*cluster, *person)).or_default() += 1;
    }
    let pairs = |count: &u64| count * (count - 1) / 2;
    let joined_pairs: u64 = by_cluster.values().map(pairs).sum();
    let true_pairs: u64 = by_person.values().map(pairs).sum();
    let correct_pairs: u64 = by_both.values().map(pairs).sum();
    let share = |part: u64, whole: u64| {
        if whole == 0 {
            1.0
        } else {
            part as f64 / whole as f64
        }
    };
    // Sums in a fixed order: the same bytes on every machine.
    let mut both: Vec<(&(u32, u32), &u64)> = by_both.iter().collect();
    both.sort_unstable();
    let (mut precision, mut recall) = (0.0, 0.0);
    for ((cluster, person), count) in both {
        let count = *count as f64;
        precision += count * count / by_cluster[cluster] as f64;
        recall += count * count / by_person[person] as f64;
    }
    let all = (records as f64).max(1.0);
    Quality {
        true_pairs,
        joined_pairs,
        correct_pairs,
        pairwise: Figures {
            precision: share(correct_pairs, joined_pairs),
            recall: share(correct_pairs, true_pairs),
        },
        b_cubed: Figures {
            precision: precision / all,
            recall: recall / all,
        },
    }
}

/// Why true pairs were not joined.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Miss {
    /// No rule brought the pair.
    NeverCompared,
    /// It was compared, and its weight is below the threshold.
    ScoredLow,
    /// A level forbids a link by score.
    Vetoed,
    /// It was a link, and clustering refused it: by a never rule, by its name, or by what else holds records apart.
    Refused(String),
    /// The records are of one list, which has no person twice.
    SameList,
}

impl Miss {
    /// As tables name it, and the rule that refused the pair.
    pub fn as_strs(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::NeverCompared => ("never_compared", None),
            Self::ScoredLow => ("scored_low", None),
            Self::Vetoed => ("vetoed", None),
            Self::Refused(by) => ("refused", Some(by)),
            Self::SameList => ("same_list", None),
        }
    }
}

/// How two records came into one customer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum How {
    /// A certain rule, by its name.
    Certain(String),
    /// A score, for a pair that a blocking rule brought.
    Scored(String),
    /// Links of both to others.
    ThirdRecord,
}

impl How {
    /// As tables name it, and the rule that brought the pair.
    pub fn as_strs(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Certain(rule) => ("certain", Some(rule)),
            Self::Scored(rule) => ("scored", Some(rule)),
            Self::ThirdRecord => ("third_record", None),
        }
    }
}

/// A pair, and what the model says of it.
#[derive(Debug, Clone, Copy)]
pub struct Judged {
    /// The record that comes first.
    pub left: u32,
    /// The other.
    pub right: u32,
    /// The match weight in bits, the prior included.
    pub weight: f64,
    /// The level of every comparison.
    pattern: Pattern,
}

/// All that an evaluation finds.
pub struct Evaluation {
    /// At the rule book's threshold.
    pub quality: Quality,
    /// The share of true pairs that rules bring: no scoring can find more.
    pub reach: f64,
    /// The quality at other thresholds.
    pub thresholds: Vec<(f64, Quality)>,
    /// How many true pairs were missed, by reason.
    pub misses: Vec<(Miss, u64)>,
    /// By kind of damage: true pairs with it on either side, and how many of them were joined.
    pub damages: Vec<(String, u64, u64)>,
    /// The true pairs that were missed.
    pub missed: Vec<(Judged, Miss)>,
    /// The pairs that were joined and are not of one person, and what joined them.
    pub wrong: Vec<(Judged, How)>,
    /// The comparisons.
    comparisons: Vec<Compared>,
}

/// A comparison, as an evaluation tells of it.
struct Compared {
    name: String,
    levels: Vec<String>,
    /// The columns that it looks at.
    columns: Vec<String>,
}

impl Evaluation {
    /// The level of every comparison of a pair: `name one_letter, city else, phone missing`.
    pub fn levels(&self, pair: &Judged) -> String {
        let levels = self.comparisons.iter().enumerate();
        let levels = levels.map(|(at, of)| format!("{} {}", of.name, of.level(pair, at)));
        levels.collect::<Vec<_>>().join(", ")
    }

    /// The same with both values where either is there: `name one_letter (Jon Li | John Li), phone missing (- | +8613912345678)`. `raw` are the
    /// records before the guard took values out of them, `matched` those that were matched.
    pub fn levels_with_values(
        &self,
        pair: &Judged,
        raw: &Records,
        matched: &Records,
    ) -> Result<String> {
        let levels = self.comparisons.iter().enumerate().map(|(at, of)| {
            let level = of.level(pair, at);
            let values = values_of(&of.columns, raw, matched, pair.left, pair.right)?;
            let mut all = values.iter().flat_map(|both| &both.values);
            Ok(match all.any(|value| value.text.is_some()) {
                true => format!("{} {level} ({})", of.name, side_by_side(&values)),
                false => format!("{} {level}", of.name),
            })
        });
        Ok(levels.collect::<Result<Vec<_>>>()?.join(", "))
    }
}

impl Compared {
    /// The level of a pair, by the place of the comparison.
    fn level(&self, pair: &Judged, at: usize) -> &str {
        let level = model::level_in(pair.pattern, at);
        level.map_or("missing", |level| &self.levels[level])
    }
}

/// Thresholds that are tried beside the rule book's own.
const THRESHOLDS: &[f64] = &[0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999];

/// Evaluates a scored night against the truth. `persons` has the person of each record, `damages` what was done to it.
pub fn evaluate(
    matcher: &Matcher,
    scored: &Scored,
    persons: &[Option<u32>],
    damages: &[Vec<String>],
    review: f64,
    threshold: f64,
) -> Result<Evaluation> {
    let matched = &scored.matched;
    let mut thresholds = Vec::new();
    for tried in THRESHOLDS.iter().filter(|tried| **tried >= review) {
        let (clusters, _) = matcher.join(&matched.links, *tried)?;
        thresholds.push((*tried, quality(&clusters, persons)));
    }
    let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
    for (record, person) in persons.iter().enumerate() {
        if let Some(person) = person {
            members.entry(*person).or_default().push(record as u32);
        }
    }
    let links: HashMap<(u32, u32), (&Link, Option<&Fate>)> = matched
        .links
        .iter()
        .zip(&matched.fates)
        .map(|(link, fate)| ((link.left, link.right), (link, fate.as_ref())))
        .collect();
    let mut misses: HashMap<Miss, u64> = HashMap::new();
    let mut missed: Vec<(u32, u32, Miss)> = Vec::new();
    let mut by_damage: HashMap<&str, (u64, u64)> = HashMap::new();
    let (mut brought, mut all) = (0_u64, 0_u64);
    let mut groups: Vec<&Vec<u32>> = members.values().collect();
    groups.sort_unstable();
    for group in groups {
        for (at, left) in group.iter().enumerate() {
            for right in &group[at + 1..] {
                let is_joined =
                    matched.clusters[*left as usize] == matched.clusters[*right as usize];
                let is_brought = links.contains_key(&(*left, *right))
                    || matcher
                        .blocking
                        .iter()
                        .any(|rule| rule.brings(*left, *right));
                all += 1;
                brought += u64::from(is_brought);
                let mut kinds: Vec<&str> = damages[*left as usize]
                    .iter()
                    .chain(&damages[*right as usize])
                    .map(String::as_str)
                    .collect();
                kinds.sort_unstable();
                kinds.dedup();
                for kind in kinds {
                    let entry = by_damage.entry(kind).or_default();
                    entry.0 += 1;
                    entry.1 += u64::from(is_joined);
                }
                if !is_joined {
                    let miss = match links.get(&(*left, *right)) {
                        None if is_brought => Miss::ScoredLow,
                        None if matcher.are_of_one_list(*left, *right) => Miss::SameList,
                        None => Miss::NeverCompared,
                        Some((link, None)) if model::probability(link.weight) >= threshold => {
                            Miss::Vetoed
                        }
                        Some((_, Some(Fate::Refused(refusal)))) => {
                            Miss::Refused(refusal.by.clone())
                        }
                        Some(_) => Miss::ScoredLow,
                    };
                    *misses.entry(miss.clone()).or_default() += 1;
                    missed.push((*left, *right, miss));
                }
            }
        }
    }
    let (certain, blocking) = &matched.rule_names;
    let how = |left: u32, right: u32| match links.get(&(left, right)) {
        Some((link, Some(Fate::Joined | Fate::Redundant))) if link.is_certain => {
            How::Certain(certain[link.rule as usize].clone())
        }
        Some((link, Some(Fate::Joined | Fate::Redundant))) => {
            How::Scored(blocking[link.rule as usize].clone())
        }
        _ => How::ThirdRecord,
    };
    missed.sort_unstable();
    let mut misses: Vec<(Miss, u64)> = misses.into_iter().collect();
    misses.sort_unstable();
    let mut damages: Vec<(String, u64, u64)> = by_damage
        .into_iter()
        .map(|(kind, (all, joined))| (kind.to_string(), all, joined))
        .collect();
    damages.sort_unstable();
    let wrong = wrong_pairs(&matched.clusters, persons);
    let hows = wrong.iter().map(|(left, right)| how(*left, *right));
    let pairs: Vec<(u32, u32)> = missed.iter().map(|pair| (pair.0, pair.1)).collect();
    let reasons = missed.into_iter().map(|(_, _, miss)| miss);
    let missed = judged(matcher, &matched.model, &pairs)?;
    Ok(Evaluation {
        quality: quality(&matched.clusters, persons),
        reach: if all == 0 {
            1.0
        } else {
            brought as f64 / all as f64
        },
        thresholds,
        misses,
        damages,
        missed: missed.into_iter().zip(reasons).collect(),
        wrong: judged(matcher, &matched.model, &wrong)?
            .into_iter()
            .zip(hows)
            .collect(),
        comparisons: matched
            .model
            .comparisons
            .iter()
            .zip(&matcher.prepared)
            .map(|(trained, prepared)| Compared {
                name: trained.name.clone(),
                levels: trained.levels.clone(),
                columns: prepared.columns.clone(),
            })
            .collect(),
    })
}

/// What the model says of some pairs, left below right.
fn judged(matcher: &Matcher, model: &Model, pairs: &[(u32, u32)]) -> Result<Vec<Judged>> {
    /// Pairs whose values are side by side at a time.
    const AT_A_TIME: usize = 65_536;
    let mut judged = Vec::with_capacity(pairs.len());
    for some in pairs.chunks(AT_A_TIME) {
        let (left, right): (Vec<u32>, Vec<u32>) = some.iter().copied().unzip();
        let patterns = model::patterns(&matcher.prepared, &matcher.records, &left, &right)?;
        let pairs = left.into_iter().zip(right).zip(patterns);
        judged.extend(pairs.map(|((left, right), pattern)| Judged {
            left,
            right,
            weight: model.weight(&matcher.prepared, pattern, left, right),
            pattern,
        }));
    }
    Ok(judged)
}

/// Pairs of one cluster that are not of one person.
fn wrong_pairs(clusters: &[u32], persons: &[Option<u32>]) -> Vec<(u32, u32)> {
    let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
    for (record, cluster) in clusters.iter().enumerate() {
        if persons[record].is_some() {
            members.entry(*cluster).or_default().push(record as u32);
        }
    }
    let mut wrong = Vec::new();
    for group in members.values() {
        for (at, left) in group.iter().enumerate() {
            let others = group[at + 1..].iter();
            let person = |record: &u32| persons[*record as usize];
            wrong.extend(
                others
                    .filter(|right| person(right) != person(left))
                    .map(|right| (*left, *right)),
            );
        }
    }
    wrong.sort_unstable();
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_a_count_by_hand() {
        // Persons: {0, 1, 2}, {3, 4}; clusters: {0, 1}, {2, 3}, {4}.
        let found = quality(
            &[1, 1, 2, 2, 3],
            &[Some(7), Some(7), Some(7), Some(8), Some(8)],
        );
        assert_eq!(
            (found.true_pairs, found.joined_pairs, found.correct_pairs),
            (4, 2, 1)
        );
        assert_eq!(
            (found.pairwise.precision, found.pairwise.recall),
            (0.5, 0.25)
        );
        let precision = (1.0 + 1.0 + 0.5 + 0.5 + 1.0) / 5.0;
        let recall = (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0 + 0.5 + 0.5) / 5.0;
        assert!(
            (found.b_cubed.precision - precision).abs() < 1e-12
                && (found.b_cubed.recall - recall).abs() < 1e-12
        );
    }

    #[test]
    fn wrong_pairs_are_of_one_cluster_and_two_persons() {
        let persons = [Some(7), Some(7), Some(8), None, Some(8)];
        assert_eq!(wrong_pairs(&[0, 0, 0, 0, 4], &persons), [(0, 2), (1, 2)]);
    }

    #[test]
    fn records_without_a_person_are_left_out() {
        assert_eq!(quality(&[1, 1], &[Some(1), None]).joined_pairs, 0);
    }
}
