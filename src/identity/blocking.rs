//! Blocking: which pairs are worth comparing. Records with the same key form a block; a pair that several rules bring is
//! compared once, for the first of them.

use datafusion::common::Result;
use rayon::prelude::*;

/// The blocks of one rule.
pub struct Blocks {
    /// The rule's name.
    pub rule: String,
    /// A number for each record's key; 0 where it has none.
    pub keys: Vec<u64>,
    /// Records in the order of their keys, blocks one behind the other.
    order: Vec<u32>,
    /// Where each block starts and ends in `order`.
    ranges: Vec<(u32, u32)>,
    /// What the rule brings.
    pub summary: Summary,
}

/// What a blocking rule brings.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Blocks with two records or more, within the cap.
    pub blocks: u64,
    /// Pairs in those blocks, also those that an earlier rule brings.
    pub pairs: u64,
    /// Records of the largest block, set aside or not.
    pub largest_block: u64,
    /// Blocks over the cap: not compared.
    pub set_aside_blocks: u64,
    /// Records in them.
    pub set_aside_records: u64,
}

impl Blocks {
    /// Forms the blocks of a rule from the keys of the records.
    pub fn new(rule: &str, keys: Vec<u64>, cap: usize) -> Self {
        let mut order: Vec<u32> = (0..keys.len() as u32)
            .filter(|record| keys[*record as usize] != 0)
            .collect();
        order.par_sort_unstable_by_key(|record| (keys[*record as usize], *record));
        let mut ranges = Vec::new();
        let mut summary = Summary::default();
        let mut start = 0;
        while start < order.len() {
            let key = keys[order[start] as usize];
            let length = order[start..]
                .iter()
                .take_while(|record| keys[**record as usize] == key)
                .count();
            summary.largest_block = summary.largest_block.max(length as u64);
            if length > cap {
                summary.set_aside_blocks += 1;
                summary.set_aside_records += length as u64;
            } else if length > 1 {
                summary.blocks += 1;
                summary.pairs += (length * (length - 1) / 2) as u64;
                ranges.push((start as u32, (start + length) as u32));
            }
            start += length;
        }
        // Records of a block that was set aside bring no pair by this rule, so a later rule may bring it.
        let mut keys = keys;
        if summary.set_aside_blocks > 0 {
            let mut is_kept = vec![false; keys.len()];
            for (from, to) in &ranges {
                for record in &order[*from as usize..*to as usize] {
                    is_kept[*record as usize] = true;
                }
            }
            for (key, is_kept) in keys.iter_mut().zip(is_kept) {
                *key = if is_kept { *key } else { 0 };
            }
        }
        Self {
            rule: rule.to_string(),
            keys,
            order,
            ranges,
            summary,
        }
    }

    /// Calls `work` with batches of pairs, left below right, that no earlier rule brings; several threads at a time. The
    /// results come in the order of the blocks.
    pub fn for_each_batch<T: Send>(
        &self,
        earlier: &[&Blocks],
        work: impl Fn(&[u32], &[u32]) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let tasks = self.tasks();
        let results: Vec<Result<Vec<T>>> = tasks
            .par_iter()
            .map(|blocks| {
                let (mut left, mut right) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
                let mut results = Vec::new();
                for (from, to) in *blocks {
                    let members = &self.order[*from as usize..*to as usize];
                    for (at, first) in members.iter().enumerate() {
                        for second in &members[at + 1..] {
                            if earlier.iter().any(|blocks| blocks.brings(*first, *second)) {
                                continue;
                            }
                            left.push(*first);
                            right.push(*second);
                            if left.len() == BATCH {
                                results.push(work(&left, &right)?);
                                left.clear();
                                right.clear();
                            }
                        }
                    }
                }
                if !left.is_empty() {
                    results.push(work(&left, &right)?);
                }
                Ok(results)
            })
            .collect();
        let mut all = Vec::new();
        for result in results {
            all.extend(result?);
        }
        Ok(all)
    }

    /// The largest blocks within the cap: how many records each has, and one of them.
    pub fn largest(&self, count: usize) -> Vec<(usize, u32)> {
        let mut blocks: Vec<(usize, u32)> = self
            .ranges
            .iter()
            .map(|(from, to)| ((to - from) as usize, self.order[*from as usize]))
            .collect();
        blocks.sort_unstable_by_key(|(size, record)| (std::cmp::Reverse(*size), *record));
        blocks.truncate(count);
        blocks
    }

    /// Whether the rule brings a pair.
    pub fn brings(&self, left: u32, right: u32) -> bool {
        let key = self.keys[left as usize];
        key != 0 && key == self.keys[right as usize]
    }

    /// Runs of blocks with about as many pairs each.
    fn tasks(&self) -> Vec<&[(u32, u32)]> {
        let mut tasks = Vec::new();
        let (mut start, mut pairs) = (0, 0_u64);
        for (at, (from, to)) in self.ranges.iter().enumerate() {
            let length = u64::from(to - from);
            pairs += length * (length - 1) / 2;
            if pairs >= TASK_PAIRS {
                tasks.push(&self.ranges[start..=at]);
                (start, pairs) = (at + 1, 0);
            }
        }
        tasks.push(&self.ranges[start..]);
        tasks
    }
}

/// Pairs that are compared at a time.
const BATCH: usize = 8_192;
/// Pairs of one thread's piece of work.
const TASK_PAIRS: u64 = 65_536;
