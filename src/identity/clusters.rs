//! Clusters: best link first. A link that would put a *never* inside a cluster, or pass its size cap, is refused and
//! listed. Not plain connected components: one wrong link must not join two persons' chains.

use std::cmp::Reverse;

use datafusion::common::Result;
use hashbrown::HashMap;
use rayon::prelude::*;

use super::condition::Bound;
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
    /// Refused, with the name of the never rule, or `max_cluster`.
    Refused(String),
}

/// A never rule made ready.
pub struct Never {
    /// Its name.
    pub name: String,
    /// Its condition.
    pub condition: Bound,
    /// For a plain `l.x <> r.x`: the value of each record, so that a cluster is checked without looking at its pairs.
    pub values: Option<Vec<u32>>,
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

/// Clusters under construction.
struct Forest<'a> {
    nodes: Vec<Node>,
    /// For each never rule over plain values: the value that each cluster has, by its root.
    values: Vec<Vec<u32>>,
    never: &'a [Never],
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
        apart: held_apart,
        records,
        cap,
    };
    let strength = |link: &Link| (link.is_steward, link.is_certain, ordered(link.weight));
    let mut order: Vec<_> = links
        .par_iter()
        .enumerate()
        .filter(|(_, link)| is_accepted(link))
        .map(|(at, link)| (Reverse(strength(link)), link.left, link.right, at))
        .collect();
    order.par_sort_unstable();
    let mut fates = vec![None; links.len()];
    for (_, left, right, at) in order {
        fates[at] = Some(forest.join(left, right)?);
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
        if together as usize > self.cap {
            return Ok(Fate::Refused("max_cluster".to_string()));
        }
        if self.are_held_apart(large, small) {
            return Ok(Fate::Refused(STEWARD.to_string()));
        }
        for (rule, values) in self.never.iter().zip(&self.values) {
            if rule.values.is_some() {
                let (one, other) = (values[large as usize], values[small as usize]);
                if one != NONE && other != NONE && one != other {
                    return Ok(Fate::Refused(rule.name.clone()));
                }
            } else if self.breaks(rule, large, small)? {
                return Ok(Fate::Refused(rule.name.clone()));
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

    /// Whether a steward holds a record of one cluster apart from one of another.
    fn are_held_apart(&mut self, one: u32, other: u32) -> bool {
        if self.apart.is_empty() {
            return false;
        }
        let members = self.members(other).into_iter();
        let apart: Vec<u32> = members
            .filter_map(|record| self.apart.get(&record))
            .flatten()
            .copied()
            .collect();
        apart.into_iter().any(|record| self.root(record) == one)
    }

    /// Whether a rule holds between any two members of two clusters.
    fn breaks(&self, rule: &Never, one: u32, other: u32) -> Result<bool> {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let others = self.members(other);
        for a in self.members(one) {
            for b in &others {
                left.push(a.min(*b));
                right.push(a.max(*b));
            }
        }
        let condition = &rule.condition;
        Ok(condition
            .evaluate_both_ways(self.records, &left, &right)?
            .contains(&true))
    }
}
