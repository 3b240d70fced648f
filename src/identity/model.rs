//! The model of Fellegi and Sunter (1969): how much each level of each comparison speaks for or against a match.
//!
//! - `u`, the probability of a level among pairs of different persons: from random pairs, and for equal values from their
//!   frequencies. Both have pairs of one person among them, which are taken out: where records come twice, they are most of those
//!   that have an identifier in common. Lists that have nobody twice tell the frequencies among strangers.
//! - `m`, the probability of a level among pairs of one person: by expectation-maximisation over the pairs that each
//!   blocking rule brings, with `u` held.
//! - the prior, the probability that two random records match: from the pairs that the certain rules find.
//!
//! All three are of pairs that may be of one person: of two lists that have nobody twice, a pair across them is likelier to match.

use std::ops::Range;

use datafusion::common::Result;
use hashbrown::HashMap;
use rayon::prelude::*;

use super::blocking::Blocks;
use super::comparison::{MISSING, Prepared};
use super::equal_pairs::{possible_among_equal, strangers_among_equal};
use super::random_pairs::{Forbidden, RandomPairs};
use super::records::Records;

/// Rounds of expectation-maximisation.
const ROUNDS: usize = 40;
/// Where a rule leaves less than this share of the "else" that chance would give, it settles the comparison.
const SETTLED: f64 = 0.001;
/// Pairs of labels that have to have values for a comparison before `m` is counted on them.
pub const FEWEST_LABELS: usize = 20;
/// A level's weight is never beyond this, in bits: no single field decides alone.
pub const WIDEST: f64 = 20.0;

/// A trained model.
#[derive(Debug, Clone)]
pub struct Model {
    /// The probability that two random records match that may be of one person.
    pub prior: f64,
    /// The share of all pairs that may be of one person.
    pub possible: f64,
    /// One entry for each comparison.
    pub comparisons: Vec<Trained>,
}

/// What a comparison's levels are worth.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The comparison's name.
    pub name: String,
    /// Its levels.
    pub levels: Vec<String>,
    /// The probability of each level among matches.
    pub m: Vec<f64>,
    /// The probability of each level among non-matches.
    pub u: Vec<f64>,
    /// The levels at which values are equal, where it is known how frequent they are.
    pub equal: Range<usize>,
    /// The share of pairs of equal values that may be of one person.
    pub possible: f64,
    /// How often two random records match and are at one of the equal levels, as a share of the pairs of which `possible` is one.
    pub of_one: f64,
    /// The same, of a record whose value another has.
    pub of_one_shared: f64,
    /// What share of the pairs of equal values is of strangers at most, by the other comparisons; of rare ones, where rarity is weighed.
    pub strangers_among_equal: f64,
    /// The weight of each level in bits.
    pub weights: Vec<f64>,
    /// Whether the data told `m`; else it is the assumption that training starts from.
    pub is_estimated: bool,
    /// Whether only rules told it that hold a part of what it looks at equal: agreement is overrated then.
    pub is_biased: bool,
    /// Whether `m` was counted on labels.
    pub is_counted: bool,
}

impl Trained {
    /// What a comparison's levels are worth, by their probabilities.
    pub fn new(
        name: String,
        levels: Vec<String>,
        m: Vec<f64>,
        u: Vec<f64>,
        is_estimated: bool,
    ) -> Self {
        Self {
            name,
            levels,
            weights: m.iter().zip(&u).map(|(m, u)| weight(*m, *u)).collect(),
            m,
            u,
            equal: 0..0,
            possible: 1.0,
            of_one: 0.0,
            of_one_shared: 0.0,
            strangers_among_equal: 1.0,
            is_estimated,
            is_biased: false,
            is_counted: false,
        }
    }

    /// The same, with `u` of equal values from how often two random records have some tonight, where that is known: by the prior, and
    /// the shares of all pairs and of those of equal values that may be of one person.
    pub fn with_chance(mut self, prepared: &Prepared, prior: f64, [all, equal]: [f64; 2]) -> Self {
        self.possible = equal;
        if let Some(chance) = prepared.chance {
            // Matches are among the pairs of equal values that may be of one person; where these are no fewer than usual, the chance is
            // of all pairs, and so are they.
            let matching = match equal < all {
                _ if prepared.is_of_strangers => 0.0,
                true => prior * all / equal,
                false => prior * all,
            };
            let (equal_levels, shared) = prepared.equal_levels();
            for (level, chance) in equal_levels
                .clone()
                .zip([Some(chance), prepared.otherwise_written()])
            {
                if let Some(chance) = chance {
                    let mut strangers = strangers(chance, matching * self.m[level], LEAST);
                    if prepared.usual_frequency(level).is_none() && !prepared.is_of_strangers {
                        strangers = strangers.min(chance * self.strangers_among_equal.max(LEAST));
                    }
                    self.u[level] = (strangers * equal / all).min(1.0);
                    self.weights[level] = weight(self.m[level], self.u[level]);
                }
            }
            // Strangers of one name write it otherwise as often as a person's records do, at least: few of them are among the pairs. Of
            // organisations each list has a writing of its own.
            if equal_levels.len() == 2 && prepared.is_of_names() && self.m[0] > 0.0 {
                let least = self.u[0] * self.m[1] / self.m[0];
                self.u[1] = self.u[1].max(least).min(1.0);
                self.weights[1] = weight(self.m[1], self.u[1]);
            }
            if prepared.is_monotone {
                self.fall(equal_levels.end);
            }
            self.of_one = matching * self.m[equal_levels.clone()].iter().sum::<f64>();
            self.of_one_shared = self.of_one / shared;
            self.equal = equal_levels;
        }
        self
    }

    /// What share of the pairs of values that two records have is taken to be of strangers at least.
    pub fn least(&self) -> f64 {
        self.strangers_among_equal.min(LEAST)
    }

    /// Makes no level from one on worth more than the one above it.
    fn fall(&mut self, first: usize) {
        for level in first..self.m.len() {
            if self.weights[level] > self.weights[level - 1] {
                self.u[level] = self.m[level] * self.u[level - 1] / self.m[level - 1];
                self.weights[level] = self.weights[level - 1];
            }
        }
    }

    /// What a level would weigh, in bits, for a value that all strangers have in common; `None` where rarity is not weighed.
    pub fn of_the_commonest(&self, prepared: &Prepared, level: usize) -> Option<f64> {
        let usual = prepared.usual_frequency(level)?;
        let usual = match self.equal.contains(&level) {
            true => strangers(usual, self.of_one, LEAST),
            false => usual,
        };
        Some((self.m[level] / self.u[level]).log2() + usual.log2())
    }

    /// How often strangers have a value in common at a level that weighs rarity, by how often records have it, and how often they have one
    /// that a single other has.
    fn strangers_at(&self, level: usize, [frequency, once]: [f64; 2]) -> f64 {
        match self.equal.contains(&level) {
            true => strangers_of_value([frequency, once], self.of_one_shared, self.least()),
            false => frequency,
        }
    }
}

/// What a level is worth, in bits.
fn weight(m: f64, u: f64) -> f64 {
    (m / u).log2().clamp(-WIDEST, WIDEST)
}

/// As many of the pairs that agree are taken to be of strangers at least, unless other comparisons say that they are fewer: how many
/// matches there are is an estimate, and a value gains two bits by it at most.
pub const LEAST: f64 = 0.25;

/// How often random pairs agree that are not of one person, by how often they agree at all, how often it is as one person, and what
/// share of them is left at least.
pub fn strangers(all: f64, of_one: f64, least: f64) -> f64 {
    (all - of_one).max(all * least)
}

/// The same of a value, by how often records have it, and how often they have one that a single other has: of those beyond the first,
/// [`LEAST`] are left. What is rarer for other reasons, as a name is by its parts, is so no more for this one.
pub fn strangers_of_value([all, once]: [f64; 2], of_one: f64, least: f64) -> f64 {
    let first = all.min(once);
    let left = (first * least).max(once * FEWEST) + (all - first) * LEAST;
    (all - of_one).max(left.min(all))
}

/// No smaller share of the pairs that agree is taken to be of strangers, whatever other comparisons say.
pub const FEWEST: f64 = 1.0 / 16.0;

/// The levels of a pair, four bits each, the first comparison lowest; 15 is missing.
pub type Pattern = u64;

/// Packs the levels of a batch of pairs.
pub fn patterns(
    prepared: &[Prepared],
    records: &Records,
    left: &[u32],
    right: &[u32],
) -> Result<Vec<Pattern>> {
    let mut patterns = vec![0; left.len()];
    let mut levels = vec![0; left.len()];
    for (at, comparison) in prepared.iter().enumerate() {
        comparison.compare(records, left, right, &mut levels)?;
        for (pattern, level) in patterns.iter_mut().zip(&levels) {
            *pattern |= packed(*level, at);
        }
    }
    Ok(patterns)
}

/// A level at its place in a pattern.
pub fn packed(level: u8, at: usize) -> Pattern {
    u64::from(level & 0xF) << (4 * at)
}

/// The level of one comparison in a pattern; `None` where it is missing.
pub fn level_in(pattern: Pattern, at: usize) -> Option<usize> {
    let level = (pattern >> (4 * at)) & 0xF;
    (level != u64::from(MISSING & 0xF)).then_some(level as usize)
}

/// How often a pattern comes among the pairs that a rule brings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// Among all of them.
    pub all: u64,
    /// Among those that no earlier rule brings.
    pub own: u64,
    /// Of how many of them it was asked whether the rule book forbids that they are one person.
    pub asked: u64,
    /// And of how many it does.
    pub forbidden: u64,
}

impl Count {
    /// How many of some of its pairs may be of one person; where none was asked, as many as is usual are not.
    fn possible(&self, pairs: u64, usual: f64) -> f64 {
        let forbidden = match self.asked {
            0 => usual,
            asked => self.forbidden as f64 / asked as f64,
        };
        pairs as f64 * (1.0 - forbidden)
    }
}

/// How often each pattern comes among the pairs that a rule brings.
pub type Histogram = HashMap<Pattern, Count>;

/// What is known of the matches before anything is learned.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// How many matches there are: a first guess.
    pub guessed: f64,
    /// How many pairs certain rules bring that no never rule forbids.
    pub certain: usize,
    /// Pairs of which somebody knows that they match.
    pub labels: &'a [(u32, u32)],
    /// How many matches there are, where somebody knows it.
    pub matches: Option<u64>,
}

/// Trains a model on the pairs that each blocking rule brings; the prior is settled at the end: under it the pairs that rules bring
/// are expected to hold as many matches as it says, each pair once, and as many as certain rules may join at least. Pairs that no rule
/// brings count as none. Where enough labels have values for a comparison, its `m` is counted on them.
pub fn train(
    prepared: &[Prepared],
    records: &Records,
    blocks: &[Blocks],
    histograms: &[Histogram],
    forbidden: &Forbidden,
    known: Known,
) -> Result<Model> {
    let random = RandomPairs::new(records.len(), &forbidden.by_all)?;
    let possible = random.possible;
    let of_one_list = match &forbidden.by_rules {
        Some(by_rules) => RandomPairs::new(records.len(), by_rules)?.possible,
        None => 1.0,
    };
    let among_equal = |comparison: &Prepared| {
        let Some(values) = comparison.equal_values() else {
            return Ok(possible);
        };
        match (&forbidden.by_rules, comparison.is_of_strangers) {
            (Some(by_rules), true) if possible < 1.0 => {
                let equal = possible_among_equal(values, of_one_list, by_rules)?;
                Ok((possible * equal / of_one_list).min(1.0))
            }
            (_, false) if possible < 1.0 && comparison.chance.is_some() => {
                possible_among_equal(values, possible, &forbidden.by_all)
            }
            _ => Ok(possible),
        }
    };
    let among_equal = prepared.par_iter().map(among_equal);
    let among_equal: Vec<f64> = among_equal.collect::<Result<_>>()?;
    let more_often: Vec<f64> = among_equal.iter().map(|equal| equal / possible).collect();
    let of_all = random_levels(prepared, records, &random, &more_often)?;
    let with_u = |u: Vec<Vec<f64>>| {
        let untrained = prepared.iter().zip(u).map(|(comparison, u)| {
            let (name, levels) = (comparison.name.clone(), comparison.levels.clone());
            Trained::new(name, levels, starting_m(u.len()), u, false)
        });
        let untrained = untrained.collect();
        learn(
            prepared, records, blocks, histograms, untrained, possible, known,
        )
    };
    let first = with_u(of_all.clone())?;
    // How many matches there are among random pairs, and at which levels, is known now.
    let among_equal_values = |at: usize| match prepared[at].is_of_strangers {
        true => Ok(1.0),
        false => {
            let (all, m) = (of_all[at][0], first.comparisons[at].m[0]);
            let usual = strangers(all, first.prior * m, LEAST) / all;
            strangers_among_equal(at, usual, prepared, records, &first, &forbidden.by_all)
        }
    };
    let among_equal_values = (0..prepared.len()).into_par_iter().map(among_equal_values);
    let among_equal_values: Vec<f64> = among_equal_values.collect::<Result<_>>()?;
    let of_strangers = |at: usize| -> Vec<f64> {
        let (comparison, m) = (&prepared[at], &first.comparisons[at].m);
        let told = [comparison.chance, comparison.otherwise_written()];
        let told = told.into_iter().flatten().count();
        let share = among_equal_values[at];
        // Records that have a value at all may be likelier to match than others.
        let equal = match comparison.usual_frequency(0) {
            Some(_) => 0.0,
            None => of_all[at][0] * (1.0 - share) / m[0],
        };
        // What frequencies tell is of all pairs, but where it was held against those that may be of one person.
        let prior = |level: usize| match level < told {
            true if comparison.is_of_strangers => 0.0,
            true if more_often[at] >= 1.0 => first.prior * possible * more_often[at],
            true => first.prior,
            false => first.prior.max(equal),
        };
        let levels = of_all[at].iter().zip(m).enumerate();
        let levels = levels.map(|(level, (all, m))| {
            let of_one = prior(level) * m;
            match level < told {
                false => strangers(*all, of_one, LEAST),
                true if comparison.usual_frequency(level).is_some() => {
                    strangers(*all, of_one, LEAST)
                }
                true => strangers(*all, of_one, LEAST).min(all * share.max(LEAST)),
            }
        });
        let u: Vec<f64> = levels.collect();
        let sum: f64 = u.iter().sum();
        u.into_iter().map(|u| u / sum).collect()
    };
    let mut model = with_u((0..prepared.len()).map(of_strangers).collect())?;
    // As the model's file gives it back.
    let matches = model.matches_per_record(records.len()) * records.len() as f64;
    model.prior = prior(matches, records.len(), possible);
    let prior = model.prior;
    let comparisons = model.comparisons.into_iter().zip(prepared);
    let comparisons = comparisons.zip(among_equal_values).zip(among_equal);
    let comparisons = comparisons.map(|(((mut trained, of), strangers), equal)| {
        trained.strangers_among_equal = strangers;
        trained.with_chance(of, prior, [possible, equal])
    });
    model.comparisons = comparisons.collect();
    Ok(model)
}

/// Learns `m` and the prior beside `u`, which `comparisons` bring.
fn learn(
    prepared: &[Prepared],
    records: &Records,
    blocks: &[Blocks],
    histograms: &[Histogram],
    mut comparisons: Vec<Trained>,
    possible: f64,
    known: Known,
) -> Result<Model> {
    // What each rule tells of each comparison, best first: beside others that are open, alone, and where a part of it is held
    // equal.
    let none: Vec<Vec<(f64, Vec<f64>)>> = vec![Vec::new(); prepared.len()];
    let [mut beside, mut alone, mut biased] = [none.clone(), none.clone(), none];
    let mut own: HashMap<Pattern, f64> = HashMap::new();
    for (rule, histogram) in blocks.iter().zip(histograms) {
        let sum = |of: fn(&Count) -> u64| histogram.values().map(of).sum::<u64>() as f64;
        let usual = sum(|count| count.forbidden) / sum(|count| count.asked).max(1.0);
        for (pattern, count) in histogram {
            *own.entry(*pattern).or_default() += count.possible(count.own, usual);
        }
        // In one order, so that sums have the same last digit in every run.
        let mut counts: Vec<(Pattern, Count)> = histogram
            .iter()
            .map(|(pattern, count)| (*pattern, *count))
            .collect();
        counts.sort_unstable_by_key(|(pattern, _)| *pattern);
        let histogram: Vec<(Pattern, f64)> = counts
            .iter()
            .map(|(pattern, count)| (*pattern, count.possible(count.all, usual)))
            .collect();
        let total: f64 = histogram.iter().map(|(_, count)| count).sum();
        if total < 100.0 {
            continue;
        }
        // A comparison of a column that the rule holds equal tells nothing here, and must not decide what is a match.
        let is_open = |at: &usize| {
            let columns = &prepared[*at].columns;
            !columns.iter().any(|column| rule.columns.contains(column))
        };
        let open: Vec<usize> = (0..prepared.len()).filter(is_open).collect();
        // Nor must one of a column that is made of the same, as the year is of a date; nor one that the rule settles in any
        // other way: it never says "else".
        let is_usable = |at: &usize| {
            let is_related = rule.columns.iter().any(|held| {
                let mut columns = prepared[*at].columns.iter();
                columns.any(|column| records.are_related(held, column))
            });
            // Of all pairs: a veto takes every "else" out of those that may be of one person, and settles nothing.
            let seen = |is_meant: &dyn Fn(usize) -> bool| -> f64 {
                let level = |(pattern, _): &&(Pattern, Count)| {
                    level_in(*pattern, *at).is_some_and(is_meant)
                };
                let counts = counts.iter().filter(level);
                counts.map(|(_, count)| count.all as f64).sum()
            };
            let (last, all) = (prepared[*at].levels.len() - 1, seen(&|_| true));
            !is_related
                && all > total * 0.01
                && seen(&|level| level == last) > SETTLED * all * comparisons[*at].u[last]
        };
        let usable: Vec<usize> = open.iter().copied().filter(is_usable).collect();
        if usable.is_empty() {
            continue;
        }
        let (found, m) = maximise(&histogram, &comparisons, &usable);
        for at in open {
            let estimates = match (usable.contains(&at), usable.len()) {
                (true, 1) => &mut alone[at],
                (true, _) => &mut beside[at],
                // One comparison alone may say what it likes of a match.
                (false, 1) => continue,
                (false, _) => &mut biased[at],
            };
            estimates.extend(m[at].clone().map(|m| (found, m)));
        }
    }
    // A comparison that is only ever seen alone is told by the pairs of all rules together, and so are the others.
    let mut is_any_alone = false;
    for (at, trained) in comparisons.iter_mut().enumerate() {
        let weight = |estimates: &[(f64, Vec<f64>)]| -> f64 {
            estimates.iter().map(|(found, _)| found).sum()
        };
        let told = [&beside[at], &alone[at], &biased[at]];
        let best = told.iter().position(|estimates| weight(estimates) > 10.0);
        if let Some(best) = best {
            let estimates = told[best];
            for level in 0..trained.m.len() {
                let sum: f64 = estimates.iter().map(|(found, m)| found * m[level]).sum();
                trained.m[level] = sum / weight(estimates);
            }
            trained.is_estimated = true;
            trained.is_biased = best == 2;
            is_any_alone |= best == 1;
        }
    }
    count_labels(prepared, records, known.labels, &mut comparisons)?;
    is_any_alone &= !comparisons.iter().any(|trained| trained.is_counted);
    let mut patterns: Vec<(Pattern, f64)> = own.into_iter().collect();
    patterns.sort_unstable_by_key(|(pattern, _)| *pattern);
    let settled = |guessed: f64| {
        let guessed = prior(guessed, records.len(), possible);
        let mut model = finished(prepared, comparisons.clone(), guessed, possible);
        if !patterns.is_empty() {
            let number = records.len();
            settle(&mut model, &patterns, number, known.certain, is_any_alone);
        }
        model
    };
    let mut model = settled(known.guessed);
    if is_any_alone {
        // Where certain rules find a small part of the matches, what is learned from so few may be a kind of pair that is rare among them.
        let many = settled(records.len() as f64);
        let likelihood = |model: &Model| model.log_likelihood(&patterns, records.len());
        if likelihood(&many) > likelihood(&model) {
            model = many;
        }
        model = finished(prepared, model.comparisons, model.prior, possible);
    }
    if let Some(matches) = known.matches {
        model.prior = prior(matches as f64, records.len(), possible);
    }
    Ok(model)
}

/// Settles the prior under which the pairs of all rules, each once, are expected to hold as many matches as it says; where asked,
/// `m` of every comparison with it: how often the expected matches show each level.
fn settle(
    model: &mut Model,
    patterns: &[(Pattern, f64)],
    records: usize,
    certain: usize,
    settles_m: bool,
) {
    const SETTLING: usize = 50;
    for _ in 0..SETTLING {
        let odds = model.prior / (1.0 - model.prior);
        let mut matches = 0.0;
        let mut expected: Vec<Vec<f64>> = model
            .comparisons
            .iter()
            .map(|trained| vec![0.1; trained.m.len()])
            .collect();
        for (pattern, count) in patterns {
            let levels = || {
                let levels = (0..model.comparisons.len()).map(|at| (at, level_in(*pattern, at)));
                levels.filter_map(|(at, level)| Some((at, level?)))
            };
            let weight: f64 = levels()
                .map(|(at, level)| model.comparisons[at].weights[level])
                .sum();
            let ratio = odds * weight.exp2();
            let posterior = ratio / (1.0 + ratio) * count;
            matches += posterior;
            levels().for_each(|(at, level)| expected[at][level] += posterior);
        }
        model.prior = prior(matches.max(certain as f64), records, model.possible);
        if !settles_m {
            continue;
        }
        for (trained, expected) in model.comparisons.iter_mut().zip(expected) {
            let sum: f64 = expected.iter().sum();
            if sum > 10.0 {
                let m = expected.iter().map(|count| (count / sum).max(1e-6));
                *trained = Trained::new(
                    std::mem::take(&mut trained.name),
                    std::mem::take(&mut trained.levels),
                    m.collect(),
                    std::mem::take(&mut trained.u),
                    true,
                );
            }
        }
    }
}

/// Counts `m` on pairs that are known to be matches, as how often they show each level; a comparison that hardly any of them has
/// values for stays as it is.
fn count_labels(
    prepared: &[Prepared],
    records: &Records,
    pairs: &[(u32, u32)],
    comparisons: &mut [Trained],
) -> Result<()> {
    let (left, right): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
    let patterns = patterns(prepared, records, &left, &right)?;
    for (at, trained) in comparisons.iter_mut().enumerate() {
        let levels = || patterns.iter().filter_map(|pattern| level_in(*pattern, at));
        if levels().count() < FEWEST_LABELS {
            continue;
        }
        let mut counts = vec![0.5; trained.levels.len()];
        levels().for_each(|level| counts[level] += 1.0);
        let total: f64 = counts.iter().sum();
        trained.m = counts.iter().map(|count| count / total).collect();
        (trained.is_estimated, trained.is_biased) = (true, false);
        trained.is_counted = true;
    }
    Ok(())
}

/// The prior where no pair looks like a match.
const LOWEST_PRIOR: f64 = 1e-12;

/// The probability that two random records match that may, from the number of matches that are expected and the share of all pairs
/// that may.
pub fn prior(matches: f64, records: usize, possible: f64) -> f64 {
    let pairs = possible * records as f64 * (records as f64 - 1.0) / 2.0;
    (matches / pairs.max(1.0)).clamp(LOWEST_PRIOR, 0.5)
}

fn finished(prepared: &[Prepared], comparisons: Vec<Trained>, prior: f64, possible: f64) -> Model {
    let weigh = |(prepared, trained): (&Prepared, Trained)| {
        // What was only assumed says nothing of which of two levels is rarer among strangers than it seems.
        let mut m = match prepared.is_monotone || !trained.is_estimated {
            true => falling(&trained.m, &trained.u),
            false => trained.m,
        };
        // What hardly any pair showed cannot make two records one by agreeing in nothing.
        if let (Some(m), Some(u)) = (m.last_mut(), trained.u.last()) {
            *m = m.min(*u);
        }
        Trained {
            is_biased: trained.is_biased,
            is_counted: trained.is_counted,
            ..Trained::new(
                trained.name,
                trained.levels,
                m,
                trained.u,
                trained.is_estimated,
            )
        }
    };
    Model {
        prior,
        possible,
        comparisons: prepared.iter().zip(comparisons).map(weigh).collect(),
    }
}

/// `m` such that no level is worth more than one above it: neighbours that are in the wrong order are worth what they are
/// together (pool adjacent violators). The sum stays one.
fn falling(m: &[f64], u: &[f64]) -> Vec<f64> {
    // m, u and the number of levels of each pool.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (m, u) in m.iter().zip(u) {
        let mut pool = (*m, *u, 1);
        while let Some((above_m, above_u, levels)) = pools.last().copied()
            && above_m / above_u < pool.0 / pool.1
        {
            pools.pop();
            pool = (pool.0 + above_m, pool.1 + above_u, pool.2 + levels);
        }
        pools.push(pool);
    }
    let ratios = pools
        .into_iter()
        .flat_map(|(m, u, levels)| std::iter::repeat_n(m / u, levels));
    ratios.zip(u).map(|(ratio, u)| ratio * u).collect()
}

/// Most true pairs agree; the rest is spread over the other levels.
fn starting_m(levels: usize) -> Vec<f64> {
    let rest = 0.2 / (levels - 1) as f64;
    (0..levels)
        .map(|level| if level == 0 { 0.8 } else { rest })
        .collect()
}

/// How often random pairs are at every level of every comparison, those of one person among them. Values are equal as often as their
/// frequencies say, times so often of each comparison.
fn random_levels(
    prepared: &[Prepared],
    records: &Records,
    random: &RandomPairs,
    more_often: &[f64],
) -> Result<Vec<Vec<f64>>> {
    let RandomPairs { left, right, .. } = random;
    let prepared = prepared.iter().zip(more_often);
    prepared
        .map(|(comparison, more_often)| {
            let chunks: Vec<Result<Vec<f64>>> = left
                .par_chunks(65_536)
                .zip(right.par_chunks(65_536))
                .map(|(left, right)| {
                    let mut levels = vec![0; left.len()];
                    comparison.compare(records, left, right, &mut levels)?;
                    let mut counts = vec![0.0; comparison.levels.len()];
                    levels
                        .iter()
                        .filter(|level| **level != MISSING)
                        .for_each(|level| counts[*level as usize] += 1.0);
                    Ok(counts)
                })
                .collect();
            let mut counts = vec![0.5; comparison.levels.len()];
            for chunk in chunks {
                counts
                    .iter_mut()
                    .zip(chunk?)
                    .for_each(|(sum, count)| *sum += count);
            }
            let total: f64 = counts.iter().sum();
            let mut u: Vec<f64> = counts.iter().map(|count| count / total).collect();
            // Random pairs rarely agree; the frequencies of the values say how often they would.
            if let Some(chance) = comparison.chance {
                u[0] = (chance * more_often).min(1.0);
                if let Some(chance) = comparison.otherwise_written() {
                    u[1] = (chance * more_often).min(1.0);
                }
            }
            Ok(u)
        })
        .collect()
}

/// Expectation-maximisation over a histogram of patterns, in which the usable comparisons decide what is a match: how many
/// matches are in it, and `m` of every comparison that is seen in them.
fn maximise(
    histogram: &[(Pattern, f64)],
    comparisons: &[Trained],
    usable: &[usize],
) -> (f64, Vec<Option<Vec<f64>>>) {
    let total: f64 = histogram.iter().map(|(_, count)| count).sum();
    let mut share = 0.5;
    let mut m: Vec<Vec<f64>> = comparisons
        .iter()
        .map(|trained| trained.m.clone())
        .collect();
    let mut seen = vec![0.0; m.len()];
    for _ in 0..ROUNDS {
        let mut expected: Vec<Vec<f64>> = m.iter().map(|levels| vec![0.1; levels.len()]).collect();
        let mut matches = 0.0;
        for (pattern, count) in histogram {
            let mut ratio = share / (1.0 - share);
            for at in usable {
                if let Some(level) = level_in(*pattern, *at) {
                    ratio *= m[*at][level] / comparisons[*at].u[level];
                }
            }
            let posterior = ratio / (1.0 + ratio) * count;
            matches += posterior;
            for (at, expected) in expected.iter_mut().enumerate() {
                if let Some(level) = level_in(*pattern, at) {
                    expected[level] += posterior;
                }
            }
        }
        share = (matches / total).clamp(1e-6, 1.0 - 1e-6);
        for ((m, seen), expected) in m.iter_mut().zip(&mut seen).zip(expected) {
            let sum: f64 = expected.iter().sum();
            *seen = sum;
            *m = expected
                .iter()
                .map(|count| (count / sum).max(1e-6))
                .collect();
        }
    }
    let is_seen = |(m, seen): (Vec<f64>, f64)| (seen > 10.0).then_some(m);
    (
        share * total,
        m.into_iter().zip(seen).map(is_seen).collect(),
    )
}

impl Model {
    /// How likely the model makes the pairs that rules bring, and all others as strangers, as a logarithm; but for a constant.
    fn log_likelihood(&self, patterns: &[(Pattern, f64)], records: usize) -> f64 {
        let odds = self.prior / (1.0 - self.prior);
        let of_pattern = |(pattern, count): &(Pattern, f64)| {
            let levels = self.comparisons.iter().enumerate();
            let weights = levels.filter_map(|(at, trained)| {
                level_in(*pattern, at).map(|level| trained.weights[level])
            });
            count * (odds * weights.sum::<f64>().exp2()).ln_1p()
        };
        let brought: f64 = patterns.iter().map(of_pattern).sum();
        let pairs = self.possible * records as f64 * (records as f64 - 1.0) / 2.0;
        brought + pairs * (-self.prior).ln_1p()
    }

    /// Whether the data told of any comparison.
    pub fn is_estimated(&self) -> bool {
        self.comparisons.iter().any(|trained| trained.is_estimated)
    }

    /// Whether any pair looked like a match: else it would say of every pair that it is none.
    pub fn has_learned(&self) -> bool {
        self.prior > 2.0 * LOWEST_PRIOR
    }

    /// How many matches a record has, by the prior.
    pub fn matches_per_record(&self, records: usize) -> f64 {
        self.prior * self.possible * (records as f64 - 1.0) / 2.0
    }

    /// The match weight of a pair in bits, the prior included; equal rare values weigh more than equal common ones.
    pub fn weight(&self, prepared: &[Prepared], pattern: Pattern, left: u32, right: u32) -> f64 {
        let mut weight = bits(self.prior);
        for at in 0..self.comparisons.len() {
            if let Some(level) = level_in(pattern, at) {
                weight += self.addition(prepared, at, level, [left, right]);
            }
        }
        weight
    }

    /// What a level of a comparison adds, in bits, for a pair. Where its values are written in two ways, the more frequent one tells.
    pub fn addition(&self, prepared: &[Prepared], at: usize, level: usize, pair: [u32; 2]) -> f64 {
        let trained = &self.comparisons[at];
        let usual = trained.of_the_commonest(&prepared[at], level);
        let frequency = |record| prepared[at].frequency(level, record);
        let [left, right] = pair.map(frequency);
        let most = left.zip(right).map(|(left, right)| left.max(right));
        match usual.zip(most.or(left).or(right)) {
            Some((least, frequency)) => {
                let once = prepared[at].frequency_of_one(level);
                let strangers = trained.strangers_at(level, [frequency, once]);
                (least - strangers.max(1e-9).log2()).clamp(-WIDEST, WIDEST)
            }
            None => trained.weights[level],
        }
    }
}

/// The weight in bits that a probability of a match has.
pub fn bits(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}

/// The probability of a match, from its weight in bits.
pub fn probability(weight: f64) -> f64 {
    if weight > 60.0 {
        1.0
    } else {
        2_f64.powf(weight) / (1.0 + 2_f64.powf(weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_in_the_wrong_order_are_worth_what_they_are_together() {
        let (m, u) = ([0.5, 0.1, 0.3, 0.1], [0.1, 0.2, 0.2, 0.5]);
        let fallen = falling(&m, &u);
        let expected = [0.5, 0.2, 0.2, 0.1];
        for (found, expected) in fallen.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{fallen:?}");
        }
        // In order already: nothing changes.
        assert_eq!(
            falling(&[0.8, 0.15, 0.05], &[0.1, 0.2, 0.7]),
            [0.8, 0.15, 0.05]
        );
    }
}
