//! Clusters: best link first. A link that would put a *never* inside a cluster, or pass its size cap, is refused and
//! listed. Not plain connected components: one wrong link must not join two persons' chains.

use std::cmp::Reverse;

use datafusion::common::Result;
use hashbrown::HashMap;
use rayon::prelude::*;

use super::bound::Bound;
use super::matching::STEWARD;
use super::records::{NONE, Records};

/// A link between two records, left below right.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The record with the smaller id.
    pub left: u32,
    /// The record with the greater id.
    pub right: u32,
    /// Whether a certain rule brought it.
    pub is_certain: bool,
    /// Whether a steward decided it: it goes before any rule.
    pub is_steward: bool,
    /// The index of the rule that brought it, among the certain or the blocking rules.
    pub rule: u16,
    /// The match weight in bits.
    pub weight: f64,
    /// The levels of its comparisons.
    pub pattern: u64,
}

/// What became of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It joined two clusters.
    Joined,
    /// Its records were in one cluster already.
    Redundant,
    /// It would have put what must not be together into one cluster.
    Refused(Box<Refusal>),
}

/// Why a link was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The never rule, or `steward`, `across` or `max_cluster`.
    pub by: String,
    /// The two records of which it holds, that of the left record's cluster first; none where a cluster would be too large.
    pub of: Option<(u32, u32)>,
}

/// A never rule made ready.
pub struct Never {
    /// Its name.
    pub name: String,
    /// Its condition.
    pub condition: Bound,
    /// For a plain `l.x <> r.x`: the value of each record, so that a cluster is checked without looking at its pairs.
    pub values: Option<Vec<u32>>,
    /// Whether the prior is of the pairs that it leaves: nearly all records have what it looks at, and no comparison looks at that. Of an
    /// identifier that many have not, it says no more of the others than before; of what is compared, the levels say it already.
    pub narrows: bool,
    /// The columns that it reads.
    pub columns: Vec<String>,
}

impl Never {
    /// Whether it forbids each of some pairs, left below right.
    pub fn forbids(&self, records: &Records, left: &[u32], right: &[u32]) -> Result<Vec<bool>> {
        let Some(values) = &self.values else {
            return self.condition.evaluate_both_ways(records, left, right);
        };
        let pairs = left.iter().zip(right);
        let values = pairs.map(|(left, right)| (values[*left as usize], values[*right as usize]));
        let differ = |(one, other)| one != NONE && other != NONE && one != other;
        Ok(values.map(differ).collect())
    }
}

/// A record in a cluster; what is read together lies together.
#[derive(Clone, Copy)]
struct Node {
    parent: u32,
    /// The next record of its cluster, around to itself.
    next: u32,
    /// Of a root: how many records its cluster has.
    size: u32,
}

/// What kept two clusters apart.
#[derive(Clone, Copy)]
struct Broken {
    sizes: (u32, u32),
    rule: usize,
    of: (u32, u32),
}

/// Pairs of two clusters of which a rule is asked at a time.
const ASKED: usize = 4_096;

/// Clusters under construction.
struct Forest<'a> {
    nodes: Vec<Node>,
    /// For each never rule over plain values: the value that each cluster has, by its root.
    values: Vec<Vec<u32>>,
    never: &'a [Never],
    /// Clusters that a never rule kept apart, by their roots: how many records they had, the rule, and of which two it holds. Until one
    /// of them grows, that is so.
    broken: HashMap<(u32, u32), Broken>,
    /// The records that stewards hold each record apart from.
    apart: HashMap<u32, Vec<u32>>,
    records: &'a Records,
    cap: usize,
}

/// Joins records by those of some links that are accepted, the strongest first. Gives the smallest record of each record's
/// cluster, and what became of each link; none for one that is not accepted.
pub fn build(
    records: &Records,
    links: &[Link],
    is_accepted: impl Fn(&Link) -> bool + Sync,
    never: &[Never],
    apart: &[(u32, u32)],
    cap: usize,
) -> Result<(Vec<u32>, Vec<Option<Fate>>)> {
    let mut held_apart: HashMap<u32, Vec<u32>> = HashMap::new();
    for (left, right) in apart {
        held_apart.entry(*left).or_default().push(*right);
        held_apart.entry(*right).or_default().push(*left);
    }
    let mut forest = Forest {
        nodes: (0..records.len() as u32)
            .map(|record| Node {
                parent: record,
                next: record,
                size: 1,
            })
            .collect(),
        values: never
            .iter()
            .map(|rule| rule.values.clone().unwrap_or_default())
            .collect(),
        never,
        broken: HashMap::new(),
        apart: held_apart,
        records,
        cap,
    };
    let mut fates = vec![None; links.len()];
    // A steward's word first, then what is certain, then the others, each the strongest first.
    for group in [(true, true), (true, false), (false, true), (false, false)] {
        let is_of_group = |link: &Link| (link.is_steward, link.is_certain) == group;
        let mut order: Vec<_> = links
            .par_iter()
            .enumerate()
            .filter(|(_, link)| is_of_group(link) && is_accepted(link))
            .map(|(at, link)| {
                (
                    Reverse(ordered(link.weight)),
                    link.left,
                    link.right,
                    at as u32,
                )
            })
            .collect();
        order.par_sort_unstable();
        for (_, left, right, at) in order {
            fates[at as usize] = Some(forest.join(left, right)?);
        }
    }
    // Records come in order: the first of a cluster that is seen is its smallest.
    let mut of_root = vec![NONE; records.len()];
    let smallest: Vec<u32> = (0..records.len() as u32)
        .map(|record| {
            let root = forest.root(record) as usize;
            if of_root[root] == NONE {
                of_root[root] = record;
            }
            of_root[root]
        })
        .collect();
    Ok((smallest, fates))
}

/// A number that is in the same order as a weight.
fn ordered(weight: f64) -> i64 {
    let bits = weight.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

impl Forest<'_> {
    fn root(&mut self, mut record: u32) -> u32 {
        loop {
            let parent = self.nodes[record as usize].parent;
            if parent == record {
                return record;
            }
            let above = self.nodes[parent as usize].parent;
            self.nodes[record as usize].parent = above;
            record = above;
        }
    }

    /// The records of a cluster.
    fn members(&self, first: u32) -> Vec<u32> {
        let mut members = vec![first];
        let mut at = self.nodes[first as usize].next;
        while at != first {
            members.push(at);
            at = self.nodes[at as usize].next;
        }
        members
    }

    fn join(&mut self, left: u32, right: u32) -> Result<Fate> {
        let (mut large, mut small) = (self.root(left), self.root(right));
        if large == small {
            return Ok(Fate::Redundant);
        }
        let size = |forest: &Self, root: u32| forest.nodes[root as usize].size;
        if size(self, large) < size(self, small) {
            (large, small) = (small, large);
        }
        let together = size(self, large) + size(self, small);
        let refused = |by: &str, of: Option<(u32, u32)>, is_left_large: bool| {
            let of = of.map(|(one, other)| match is_left_large {
                true => (one, other),
                false => (other, one),
            });
            let by = by.to_string();
            Ok(Fate::Refused(Box::new(Refusal { by, of })))
        };
        let is_left_large = self.root(left) == large;
        if together as usize > self.cap {
            return refused("max_cluster", None, is_left_large);
        }
        if let Some(of) = self.held_apart(large, small) {
            return refused(STEWARD, Some(of), is_left_large);
        }
        let sizes = (size(self, large), size(self, small));
        let broken = self.broken.get(&(large, small));
        if let Some(broken) = broken.filter(|broken| broken.sizes == sizes) {
            let rule = &self.never[broken.rule];
            return refused(&rule.name, Some(broken.of), is_left_large);
        }
        for (at, (rule, values)) in self.never.iter().zip(&self.values).enumerate() {
            if let Some(of_records) = &rule.values {
                let (one, other) = (values[large as usize], values[small as usize]);
                if one != NONE && other != NONE && one != other {
                    let first = |root: u32| {
                        let members = self.members(root).into_iter();
                        let known = members.filter(|record| of_records[*record as usize] != NONE);
                        known.min().unwrap_or(root)
                    };
                    return refused(
                        &rule.name,
                        Some((first(large), first(small))),
                        is_left_large,
                    );
                }
            } else if let Some(of) = self.breaks(rule, large, small)? {
                let rule = at;
                let broken = Broken { sizes, rule, of };
                self.broken.insert((large, small), broken);
                return refused(&self.never[rule].name, Some(of), is_left_large);
            }
        }
        for (rule, values) in self.never.iter().zip(&mut self.values) {
            if rule.values.is_some() && values[large as usize] == NONE {
                values[large as usize] = values[small as usize];
            }
        }
        // Two rings become one.
        let (of_large, of_small) = (self.nodes[large as usize], self.nodes[small as usize]);
        self.nodes[large as usize] = Node {
            next: of_small.next,
            size: together,
            ..of_large
        };
        self.nodes[small as usize] = Node {
            parent: large,
            next: of_large.next,
            ..of_small
        };
        Ok(Fate::Joined)
    }

    /// A record of one cluster and one of another that a steward holds apart.
    fn held_apart(&mut self, one: u32, other: u32) -> Option<(u32, u32)> {
        if self.apart.is_empty() {
            return None;
        }
        let members = self.members(other).into_iter();
        let apart: Vec<(u32, u32)> = members
            .filter_map(|record| Some((record, self.apart.get(&record)?)))
            .flat_map(|(record, apart)| apart.iter().map(move |apart| (*apart, record)))
            .collect();
        let apart = apart.into_iter();
        apart.filter(|(of_one, _)| self.root(*of_one) == one).min()
    }

    /// Two members of two clusters of which a rule holds.
    fn breaks(&self, rule: &Never, one: u32, other: u32) -> Result<Option<(u32, u32)>> {
        let (mut ones, mut others) = (self.members(one), self.members(other));
        ones.sort_unstable();
        others.sort_unstable();
        let mut pairs = ones.iter().flat_map(|a| others.iter().map(|b| (*a, *b)));
        loop {
            let some: Vec<(u32, u32)> = pairs.by_ref().take(ASKED).collect();
            if some.is_empty() {
                return Ok(None);
            }
            let ordered = some.iter().map(|(a, b)| (*a.min(b), *a.max(b)));
            let (left, right): (Vec<u32>, Vec<u32>) = ordered.unzip();
            let condition = &rule.condition;
            let holds = condition.evaluate_both_ways(self.records, &left, &right)?;
            if let Some(place) = holds.iter().position(|holds| *holds) {
                return Ok(Some(some[place]));
            }
        }
    }
}
