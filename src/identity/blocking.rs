//! Blocking: which pairs are worth comparing. Records with the same key form a block; a pair that several rules bring is
//! compared once, for the first of them.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use datafusion::common::{DataFusionError, Result};
use rayon::prelude::*;

use super::grouping::grouped;
use super::side_by_side::Numbers;

/// The blocks of one rule.
pub struct Blocks {
    /// The rule's name.
    pub rule: String,
    /// The columns that its key reads.
    pub columns: Vec<String>,
    /// The block of each record, counted from 1; 0 where no other record has its key, or too many have.
    of_record: Numbers<u32>,
    /// The list of each record, as a hash; records of one list make no pair. 0 is in no list.
    lists: Option<Arc<Vec<u64>>>,
    /// The records of all blocks, one block behind the other.
    members: Vec<u32>,
    /// Where each block starts in `members`, and where the last one ends.
    starts: Vec<u32>,
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
    /// The largest of them: how many records each has, and one of them.
    pub set_aside: Vec<(usize, u32)>,
}

/// Blocks over the cap of which a rule keeps an example.
const TOLD: usize = 3;

impl Blocks {
    /// Forms the blocks of a rule from a number for each record's key, 0 where it has none; the key reads `columns`. Records of a
    /// block over the cap bring no pair by this rule, so that a later one may: they have no key any more when this returns.
    pub fn new(
        rule: &str,
        columns: Vec<String>,
        keys: &mut [u64],
        lists: Option<Arc<Vec<u64>>>,
        cap: usize,
    ) -> Self {
        let mut of_record = vec![0; keys.len()];
        let (mut members, mut starts) = (Vec::new(), vec![0]);
        let mut summary = Summary::default();
        let pairs = |records: usize| (records * (records - 1) / 2) as u64;
        for block in grouped(keys).chunk_by(|one, other| one.0 == other.0) {
            let length = block.len();
            summary.largest_block = summary.largest_block.max(length as u64);
            if length > cap {
                summary.set_aside_blocks += 1;
                summary.set_aside_records += length as u64;
                summary.set_aside.push((length, block[0].1));
                summary
                    .set_aside
                    .sort_unstable_by_key(|block| Reverse(*block));
                summary.set_aside.truncate(TOLD);
                block
                    .iter()
                    .for_each(|(_, record)| keys[*record as usize] = 0);
            } else if length > 1 {
                summary.blocks += 1;
                summary.pairs += pairs(length);
                if let Some(lists) = &lists {
                    let lists = block.iter().map(|(_, record)| lists[*record as usize]);
                    let mut own: Vec<u64> = lists.filter(|list| *list != 0).collect();
                    own.sort_unstable();
                    let of_lists = own.chunk_by(|one, other| one == other);
                    summary.pairs -= of_lists.map(|list| pairs(list.len())).sum::<u64>();
                }
                for (_, record) in block {
                    of_record[*record as usize] = starts.len() as u32;
                    members.push(*record);
                }
                starts.push(members.len() as u32);
            }
        }
        members.shrink_to_fit();
        starts.shrink_to_fit();
        Self {
            rule: rule.to_string(),
            columns,
            of_record: Numbers::from(of_record),
            lists,
            members,
            starts,
            summary,
        }
    }

    /// Puts the blocks of each record side by side.
    pub fn put_together(rules: &mut [Self]) {
        let numbers = rules.iter_mut().map(|rule| &mut rule.of_record);
        Numbers::put_together(numbers.collect());
    }

    /// How many blocks there are.
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The records of a block, counted from 0.
    fn block(&self, at: usize) -> &[u32] {
        &self.members[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Calls `work` with batches of pairs, left below right, that no earlier rule brings; several threads at a time. Where
    /// `changed` marks records, only pairs with one of them come. `take` gets the results in the order of the blocks, while the
    /// work goes on: pairs are never held.
    pub fn for_each_batch<T: Send>(
        &self,
        earlier: &[&Blocks],
        changed: Option<&[bool]>,
        work: impl Fn(&[u32], &[u32]) -> Result<T> + Sync,
        mut take: impl FnMut(T) -> Result<()>,
    ) -> Result<()> {
        let of_task = |task: &Task| -> Result<Vec<T>> {
            let mut results = Vec::new();
            self.pairs(task, earlier, changed, |left, right| {
                results.push(work(left, right)?);
                Ok(())
            })?;
            Ok(results)
        };
        for wave in self.tasks().chunks(WAVE) {
            let results: Vec<Result<Vec<T>>> = wave.par_iter().map(of_task).collect();
            for results in results {
                results?.into_iter().try_for_each(&mut take)?;
            }
        }
        Ok(())
    }

    /// Hands over the pairs of a piece of work, some at a time: left below right, those that no earlier rule brings. Where
    /// `changed` marks records, only pairs with one of them come.
    pub fn pairs(
        &self,
        task: &Task,
        earlier: &[&Blocks],
        changed: Option<&[bool]>,
        mut take: impl FnMut(&[u32], &[u32]) -> Result<()>,
    ) -> Result<()> {
        let is_changed = |record: u32| changed.is_none_or(|changed| changed[record as usize]);
        let (mut left, mut right) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
        let mut changed_at: Vec<usize> = Vec::new();
        for members in task.blocks.clone().map(|block| self.block(block)) {
            changed_at.clear();
            if changed.is_some() {
                changed_at.extend((0..members.len()).filter(|at| is_changed(members[*at])));
                if changed_at.is_empty() {
                    continue;
                }
            }
            let firsts = task.firsts.clone().unwrap_or(0..members.len());
            for (at, first) in members
                .iter()
                .enumerate()
                .take(firsts.end)
                .skip(firsts.start)
            {
                let mut add = |second: u32| {
                    if self.are_of_one_list(*first, second) {
                        return Ok(());
                    }
                    if earlier.iter().any(|blocks| blocks.brings(*first, second)) {
                        return Ok(());
                    }
                    left.push(*first);
                    right.push(second);
                    if left.len() == BATCH {
                        take(&left, &right)?;
                        left.clear();
                        right.clear();
                    }
                    Ok::<(), DataFusionError>(())
                };
                if is_changed(*first) {
                    members[at + 1..]
                        .iter()
                        .try_for_each(|second| add(*second))?;
                } else {
                    let behind = changed_at.partition_point(|changed| changed <= &at);
                    changed_at[behind..]
                        .iter()
                        .try_for_each(|second| add(members[*second]))?;
                }
            }
        }
        match left.is_empty() {
            true => Ok(()),
            false => take(&left, &right),
        }
    }

    /// The largest blocks within the cap: how many records each has, and one of them.
    pub fn largest(&self, count: usize) -> Vec<(usize, u32)> {
        let blocks = (0..self.len()).map(|block| self.block(block));
        let mut blocks: Vec<(usize, u32)> = blocks.map(|block| (block.len(), block[0])).collect();
        blocks.sort_unstable_by_key(|(size, record)| (Reverse(*size), *record));
        blocks.truncate(count);
        blocks
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        let numbers = self.members.capacity() + self.starts.capacity();
        self.of_record.size() + numbers * size_of::<u32>()
    }

    /// Whether the rule brings a pair.
    pub fn brings(&self, left: u32, right: u32) -> bool {
        let block = self.of_record.get(left);
        block != 0 && block == self.of_record.get(right) && !self.are_of_one_list(left, right)
    }

    fn are_of_one_list(&self, left: u32, right: u32) -> bool {
        self.lists.as_ref().is_some_and(|lists| {
            let list = lists[left as usize];
            list != 0 && list == lists[right as usize]
        })
    }

    /// Runs of blocks with about as many pairs each; a large block is several.
    pub fn tasks(&self) -> Vec<Task> {
        let mut tasks = Vec::new();
        let (mut start, mut pairs) = (0, 0_u64);
        let run = |blocks: Range<usize>| Task {
            blocks,
            firsts: None,
        };
        for at in 0..self.len() {
            let length = self.block(at).len() as u64;
            let own = length * (length - 1) / 2;
            if own > 2 * TASK_PAIRS {
                tasks.push(run(start..at));
                let mut first = 0;
                while first < length {
                    let some = (TASK_PAIRS / (length - first)).max(1);
                    let end = (first + some).min(length);
                    tasks.push(Task {
                        blocks: at..at + 1,
                        firsts: Some(first as usize..end as usize),
                    });
                    first = end;
                }
                (start, pairs) = (at + 1, 0);
                continue;
            }
            pairs += own;
            if pairs >= TASK_PAIRS {
                tasks.push(run(start..at + 1));
                (start, pairs) = (at + 1, 0);
            }
        }
        tasks.push(run(start..self.len()));
        tasks
    }
}

/// One thread's piece of work.
#[derive(Debug, Clone)]
pub struct Task {
    /// Which blocks.
    blocks: Range<usize>,
    /// Of a large block: the records whose pairs with those behind them are of this task.
    firsts: Option<Range<usize>>,
}

/// Pairs that are compared at a time.
const BATCH: usize = 8_192;
/// Pairs of one thread's piece of work.
const TASK_PAIRS: u64 = 65_536;
/// Pieces of work whose results are held at a time.
const WAVE: usize = 64;
