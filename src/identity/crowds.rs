//! Customers that look like several persons: three of their records bear names that have nothing in common.
//!
//! One person's name may be misread once. Three that are all unlike are a crowd: colleagues who share a company's phone and address, or
//! a family. The model does not see that, since it weighs pairs.

use std::collections::HashMap;

use datafusion::common::Result;

use super::comparison::MISSING;
use super::matching::{Matched, Matcher};

/// What is found of one comparison of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crowds {
    /// The comparison.
    pub comparison: String,
    /// Customers of three records or more.
    pub customers: u64,
    /// Those of them with three names that have nothing in common.
    pub crowded: u64,
}

/// Names that make a crowd.
const CROWD: usize = 3;
/// Records of a customer that are looked at.
const MOST: usize = 16;

/// Looks for crowds by every comparison of names of persons that does not veto its last level.
pub fn crowds(matcher: &Matcher, matched: &Matched) -> Result<Vec<Crowds>> {
    let mut sizes = vec![0_usize; matched.clusters.len()];
    for customer in &matched.clusters {
        sizes[*customer as usize] += 1;
    }
    let mut customers: HashMap<u32, Vec<u32>> = HashMap::new();
    for (record, customer) in matched.clusters.iter().enumerate() {
        if sizes[*customer as usize] >= CROWD {
            customers.entry(*customer).or_default().push(record as u32);
        }
    }
    let mut found = Vec::new();
    for comparison in &matcher.prepared {
        let last = comparison.levels.len() as u8 - 1;
        if !comparison.is_of_names() || comparison.vetoes(last.into()) {
            continue;
        }
        let mut crowded = 0;
        for records in customers.values() {
            let records = &records[..records.len().min(MOST)];
            let pairs = || {
                let firsts = records.iter().enumerate();
                firsts.flat_map(|(at, first)| records[..at].iter().map(|second| (*first, *second)))
            };
            let (left, right): (Vec<u32>, Vec<u32>) = pairs().unzip();
            let mut levels = vec![MISSING; left.len()];
            comparison.compare(&matcher.records, &left, &right, &mut levels)?;
            // The pairs of a record with those before it lie together.
            let level = |one: usize, other: usize| {
                let (before, at) = (one.min(other), one.max(other));
                levels[at * (at - 1) / 2 + before]
            };
            let others = |at: usize| (0..records.len()).filter(move |other| *other != at);
            let is_named = |at: &usize| others(*at).any(|other| level(*at, other) != MISSING);
            let mut unlike: Vec<usize> = Vec::new();
            for at in (0..records.len()).filter(is_named) {
                if unlike.iter().all(|other| level(*other, at) == last) {
                    unlike.push(at);
                }
            }
            crowded += u64::from(unlike.len() >= CROWD);
        }
        found.push(Crowds {
            comparison: comparison.name.clone(),
            customers: customers.len() as u64,
            crowded,
        });
    }
    Ok(found)
}
