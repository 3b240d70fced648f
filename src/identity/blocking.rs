//! Blocking: which pairs are worth comparing. Records with the same key form a block; a pair that several rules bring is
//! compared once, for the first of them.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use datafusion::common::Result;
use rayon::prelude::*;

use super::condition::mix;
use super::grouping::{grouped, groups};
use super::side_by_side::Numbers;

/// The keys of the records by which a rule brings them together, as numbers; 0 is none.
pub struct Keys {
    numbers: Vec<u64>,
    /// Where the numbers of each record start, and where the last one's end; none where each record has one.
    starts: Option<Vec<u32>>,
}

impl Keys {
    /// One key of each record.
    pub fn one(numbers: Vec<u64>) -> Self {
        Self {
            numbers,
            starts: None,
        }
    }

    /// Any number of keys of each record; they start where `starts` says, which has an end for the last one.
    pub fn several(numbers: Vec<u64>, starts: Vec<u32>) -> Self {
        Self {
            numbers,
            starts: Some(starts),
        }
    }

    /// A number for each record that is the same where all its keys are.
    pub fn of_records(&self) -> Cow<'_, [u64]> {
        match &self.starts {
            None => Cow::Borrowed(&self.numbers),
            Some(starts) => {
                let of_record = |range: &[u32]| {
                    let numbers = &self.numbers[range[0] as usize..range[1] as usize];
                    numbers.iter().fold(0, |all, number| mix(all, *number))
                };
                starts.windows(2).map(of_record).collect()
            }
        }
    }

    /// The record of each number.
    fn records(&self) -> Option<Vec<u32>> {
        let ranges = self.starts.as_ref()?.windows(2).enumerate();
        let records = ranges.flat_map(|(record, range)| {
            std::iter::repeat_n(record as u32, (range[1] - range[0]) as usize)
        });
        Some(records.collect())
    }
}

/// The blocks of records that may be in several of one rule.
struct Several {
    /// Where the blocks of each record start, and where the last one's end.
    starts: Vec<u32>,
    /// Blocks, counted from 1, in order.
    blocks: Vec<u32>,
}

impl Several {
    fn new(records: usize, members: &[u32], starts: &[u32]) -> Self {
        let mut ends = vec![0_u32; records + 1];
        for record in members {
            ends[*record as usize + 1] += 1;
        }
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        let starts_of_records = ends.clone();
        let mut blocks = vec![0; members.len()];
        for (block, range) in starts.windows(2).enumerate() {
            for record in &members[range[0] as usize..range[1] as usize] {
                let end = &mut ends[*record as usize];
                blocks[*end as usize] = block as u32 + 1;
                *end += 1;
            }
        }
        Self {
            starts: starts_of_records,
            blocks,
        }
    }

    fn of(&self, record: u32) -> &[u32] {
        let at = record as usize;
        &self.blocks[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// The first block that two records share, counted from 1; 0 where they share none.
    fn first_shared(&self, left: u32, right: u32) -> u32 {
        let right = self.of(right);
        let shared = self.of(left).iter().find(|block| right.contains(block));
        shared.copied().unwrap_or_default()
    }
}

/// The blocks of one rule.
pub struct Blocks {
    /// The rule's name.
    pub rule: String,
    /// The columns that its key reads.
    pub columns: Vec<String>,
    /// The block of each record, counted from 1; 0 where no other record has its key, or too many have.
    of_record: Numbers<u32>,
    /// The blocks of each record, where it may be in several; then `of_record` is empty.
    several: Option<Several>,
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
    /// The largest of them: how many records each has, and a few of them.
    pub set_aside: Vec<(usize, Vec<u32>)>,
}

/// Blocks over the cap of which a rule keeps an example.
const TOLD: usize = 3;
/// Records of a block that are its example: what all of them have is why they are in one.
const EXAMPLES: usize = 8;

impl Summary {
    /// Adds what another part of the records brings.
    fn add(&mut self, other: &mut Self) {
        self.blocks += other.blocks;
        self.pairs += other.pairs;
        self.largest_block = self.largest_block.max(other.largest_block);
        self.set_aside_blocks += other.set_aside_blocks;
        self.set_aside_records += other.set_aside_records;
        self.set_aside.append(&mut other.set_aside);
        self.set_aside.sort_unstable_by(|one, other| other.cmp(one));
        self.set_aside.truncate(TOLD);
    }
}

/// The blocks of some of a rule's keys.
struct Part {
    /// The records of all blocks, one block behind the other.
    members: Vec<u32>,
    /// Where each block ends in `members`.
    ends: Vec<u32>,
    /// The places of keys that too many records have.
    over_cap: Vec<u32>,
    /// What they bring.
    summary: Summary,
}

impl Part {
    /// Forms the blocks of keys and their places, in the order of the keys. `records` has the record of each place, where that is not
    /// the place itself.
    fn new(
        keys: &[(u64, u32)],
        records: Option<&[u32]>,
        lists: Option<&Vec<u64>>,
        cap: usize,
    ) -> Self {
        let record_of = |at: u32| records.map_or(at, |records| records[at as usize]);
        let pairs = |records: usize| (records * (records - 1) / 2) as u64;
        let mut part = Self {
            members: Vec::new(),
            ends: Vec::new(),
            over_cap: Vec::new(),
            summary: Summary::default(),
        };
        let mut block: Vec<u32> = Vec::new();
        for same in groups(keys) {
            block.clear();
            block.extend(same.iter().map(|(_, at)| record_of(*at)));
            // A list may have a value twice.
            block.dedup();
            let length = block.len();
            let mut own = Summary {
                largest_block: length as u64,
                ..Summary::default()
            };
            if length > cap {
                own.set_aside_blocks = 1;
                own.set_aside_records = length as u64;
                own.set_aside.push((length, examples(&block)));
                part.over_cap.extend(same.iter().map(|(_, at)| *at));
            } else if length > 1 {
                own.blocks = 1;
                own.pairs = pairs(length);
                if let Some(lists) = lists {
                    let lists = block.iter().map(|record| lists[*record as usize]);
                    let mut lists: Vec<u64> = lists.filter(|list| *list != 0).collect();
                    lists.sort_unstable();
                    let of_lists = lists.chunk_by(|one, other| one == other);
                    own.pairs -= of_lists.map(|list| pairs(list.len())).sum::<u64>();
                }
                part.members.extend_from_slice(&block);
                part.ends.push(part.members.len() as u32);
            }
            part.summary.add(&mut own);
        }
        part
    }
}

/// Some records of a block, from its start to its end.
fn examples(block: &[u32]) -> Vec<u32> {
    let step = block.len().div_ceil(EXAMPLES).max(1);
    block.iter().step_by(step).copied().collect()
}

impl Blocks {
    /// Forms the blocks of a rule from the keys of the records, which read `columns`. Records of a block over the cap bring no pair
    /// by this key, so that a later rule may: they do not have it any more when this returns.
    pub fn new(
        rule: &str,
        columns: Vec<String>,
        keys: &mut Keys,
        lists: Option<Arc<Vec<u64>>>,
        cap: usize,
    ) -> Self {
        let records = keys.records();
        let grouped = grouped(&keys.numbers);
        let parts = grouped.parts();
        let of_part = |rows: &Vec<_>| Part::new(rows, records.as_deref(), lists.as_deref(), cap);
        let mut parts: Vec<Part> = parts.par_iter().map(of_part).collect();
        drop(grouped);
        let (mut members, mut starts) = (Vec::new(), vec![0]);
        let mut summary = Summary::default();
        for part in &mut parts {
            for at in &part.over_cap {
                keys.numbers[*at as usize] = 0;
            }
            let before = members.len() as u32;
            members.append(&mut part.members);
            starts.extend(part.ends.iter().map(|end| before + end));
            summary.add(&mut part.summary);
        }
        drop(parts);
        let of_record = match records {
            Some(_) => Vec::new(),
            None => {
                let blocks: Vec<AtomicU32> =
                    (0..keys.numbers.len()).map(|_| AtomicU32::new(0)).collect();
                let ranges = starts.par_windows(2).enumerate().with_min_len(1_024);
                ranges.for_each(|(block, range)| {
                    for record in &members[range[0] as usize..range[1] as usize] {
                        blocks[*record as usize].store(block as u32 + 1, Relaxed);
                    }
                });
                blocks.into_iter().map(AtomicU32::into_inner).collect()
            }
        };
        members.shrink_to_fit();
        starts.shrink_to_fit();
        let count = keys.starts.as_ref().map(|starts| starts.len() - 1);
        Self {
            several: count.map(|records| Several::new(records, &members, &starts)),
            rule: rule.to_string(),
            columns,
            of_record: Numbers::from(of_record),
            lists,
            members,
            starts,
            summary,
        }
    }

    /// The block of each record, where it is in one.
    pub fn numbers(&mut self) -> Option<&mut Numbers<u32>> {
        self.several.is_none().then_some(&mut self.of_record)
    }

    /// How many blocks there are.
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The records of a block, counted from 0.
    fn block(&self, at: usize) -> &[u32] {
        &self.members[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Calls `work` with batches of the chosen pairs, left below right, that no earlier rule brings; several threads at a time.
    /// `take` gets the results in the order of the blocks, while the work goes on: pairs are never held.
    pub fn for_each_batch<T: Send>(
        &self,
        earlier: &[&Blocks],
        choice: Choice,
        work: impl Fn(&[u32], &[u32]) -> Result<T> + Sync,
        mut take: impl FnMut(T) -> Result<()>,
    ) -> Result<()> {
        let of_task = |task: &Task| -> Result<Vec<T>> {
            let mut results = Vec::new();
            self.pairs(task, earlier, choice, |left, right| {
                results.push(work(left, right)?);
                Ok(())
            })?;
            Ok(results)
        };
        for wave in self.tasks(choice).chunks(WAVE) {
            let results: Vec<Result<Vec<T>>> = wave.par_iter().map(of_task).collect();
            for results in results {
                results?.into_iter().try_for_each(&mut take)?;
            }
        }
        Ok(())
    }

    /// Hands over the chosen pairs of a piece of work, some at a time: left below right, those that no earlier rule brings.
    pub fn pairs(
        &self,
        task: &Task,
        earlier: &[&Blocks],
        choice: Choice,
        take: impl FnMut(&[u32], &[u32]) -> Result<()>,
    ) -> Result<()> {
        let mut batches = Batches {
            left: Vec::with_capacity(BATCH),
            right: Vec::with_capacity(BATCH),
            take,
        };
        self.visit(task, earlier, choice, &mut batches)?;
        batches.hand_over()
    }

    /// The same, record by record: what is asked of many pairs of few records is read once, side by side.
    pub fn visit(
        &self,
        task: &Task,
        earlier: &[&Blocks],
        choice: Choice,
        visitor: &mut impl Visit,
    ) -> Result<()> {
        let is_changed = |record: u32| choice.is_changed(record);
        let (mut members, mut blocks) = (Vec::new(), Vec::new());
        let (mut changed_at, mut seconds) = (Vec::new(), Vec::new());
        let mut left_over = task.blocks.clone();
        while !left_over.is_empty() {
            members.clear();
            blocks.clear();
            let mut pairs = 0;
            for block in left_over.by_ref() {
                let of_block = self.block(block);
                let changed = choice.changed_of(of_block);
                if changed > 0 {
                    blocks.push((block, members.len()));
                    // Of a block in pieces, those before have no pair in this one.
                    let first = task.firsts.as_ref().map_or(0, |firsts| firsts.start);
                    members.extend_from_slice(&of_block[first..]);
                    let firsts = task.firsts.as_ref().map_or(changed, ExactSizeIterator::len);
                    pairs += firsts.min(changed) * of_block.len();
                }
                if members.len() >= NEAR {
                    break;
                }
            }
            let earlier = NearBlocks::new(earlier, &members);
            visitor.begin(&members, pairs / choice.one_in as usize);
            for (block, start) in &blocks {
                let first = task.firsts.as_ref().map_or(0, |firsts| firsts.start);
                let end = start + self.block(*block).len() - first;
                if choice.changed.is_some() {
                    let places = *start as u32..end as u32;
                    let is_changed = |at: &u32| is_changed(members[*at as usize]);
                    changed_at.clear();
                    changed_at.extend(places.filter(is_changed));
                }
                let firsts = task
                    .firsts
                    .as_ref()
                    .map_or(end - start, ExactSizeIterator::len);
                for first in *start..start + firsts {
                    let record = members[first];
                    if !choice.takes(record) {
                        continue;
                    }
                    seconds.clear();
                    if is_changed(record) {
                        seconds.extend(first as u32 + 1..end as u32);
                    } else {
                        let behind = changed_at.partition_point(|at| *at as usize <= first);
                        seconds.extend_from_slice(&changed_at[behind..]);
                    }
                    earlier.take_out(&members, first, &mut seconds);
                    if self.lists.is_some() {
                        seconds.retain(|at| !self.are_of_one_list(record, members[*at as usize]));
                    }
                    if let Some(several) = &self.several {
                        // A pair that shares several blocks comes with the first.
                        seconds.retain(|at| {
                            let other = members[*at as usize];
                            several.first_shared(record, other) == *block as u32 + 1
                        });
                    }
                    if !seconds.is_empty() {
                        visitor.row(&members, first, &seconds)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The largest blocks within the cap: how many records each has, and a few of them.
    pub fn largest(&self, count: usize) -> Vec<(usize, Vec<u32>)> {
        let blocks = (0..self.len()).map(|block| self.block(block));
        let mut blocks: Vec<&[u32]> = blocks.collect();
        blocks.sort_unstable_by_key(|block| (Reverse(block.len()), block[0]));
        let largest = blocks.into_iter().take(count);
        largest
            .map(|block| (block.len(), examples(block)))
            .collect()
    }

    /// Lets go of all but its name and its summary, and says how many bytes it had.
    pub fn finish(&mut self) -> usize {
        let size = self.size();
        (self.members, self.starts) = (Vec::new(), vec![0]);
        self.of_record = Numbers::from(Vec::new());
        (self.several, self.lists) = (None, None);
        size
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        let several = self.several.as_ref();
        let several = several.map_or(0, |several| several.starts.len() + several.blocks.len());
        let members = self.members.capacity() + self.starts.capacity() + several;
        self.of_record.size() + members * size_of::<u32>()
    }

    /// Whether the rule brings a pair.
    pub fn brings(&self, left: u32, right: u32) -> bool {
        let share = match &self.several {
            Some(several) => several.first_shared(left, right) != 0,
            None => {
                let block = self.of_record.get(left);
                block != 0 && block == self.of_record.get(right)
            }
        };
        share && !self.are_of_one_list(left, right)
    }

    fn are_of_one_list(&self, left: u32, right: u32) -> bool {
        self.lists.as_ref().is_some_and(|lists| {
            let list = lists[left as usize];
            list != 0 && list == lists[right as usize]
        })
    }

    /// Runs of blocks with about as many of the chosen pairs each; a large block is several.
    pub fn tasks(&self, choice: Choice) -> Vec<Task> {
        let mut tasks = Vec::new();
        let (mut start, mut pairs) = (0, 0.0);
        let run = |blocks: Range<usize>| Task {
            blocks,
            firsts: None,
        };
        for at in 0..self.len() {
            let block = self.block(at);
            let own = choice.pairs_of(block);
            if own > 2.0 * TASK_PAIRS {
                tasks.push(run(start..at));
                // As if each record had its share of the pairs with those behind it.
                let share = own / Choice::ALL.pairs_of(block);
                let mut first = 0;
                while first < block.len() {
                    let of_each = share * (block.len() - first) as f64;
                    let some = (TASK_PAIRS / of_each) as usize;
                    let end = (first + some.max(FEWEST_FIRSTS)).min(block.len());
                    tasks.push(Task {
                        blocks: at..at + 1,
                        firsts: Some(first..end),
                    });
                    first = end;
                }
                (start, pairs) = (at + 1, 0.0);
                continue;
            }
            pairs += own;
            if pairs >= TASK_PAIRS {
                tasks.push(run(start..at + 1));
                (start, pairs) = (at + 1, 0.0);
            }
        }
        tasks.push(run(start..self.len()));
        tasks
    }
}

/// Which of a rule's pairs are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// Those with a record that is marked here; all, where nothing is marked.
    pub changed: Option<&'a [bool]>,
    /// Of so many records one, by chance, comes with all that are behind it in its block.
    pub one_in: u64,
}

impl<'a> Choice<'a> {
    /// Every pair.
    pub const ALL: Self = Self {
        changed: None,
        one_in: 1,
    };

    /// Pairs with a changed record, where some are marked.
    pub fn of_changed(changed: Option<&'a [bool]>) -> Self {
        Self {
            changed,
            ..Self::ALL
        }
    }

    fn is_changed(&self, record: u32) -> bool {
        self.changed.is_none_or(|changed| changed[record as usize])
    }

    fn changed_of(&self, block: &[u32]) -> usize {
        match self.changed {
            None => block.len(),
            Some(_) => block.iter().filter(|at| self.is_changed(**at)).count(),
        }
    }

    /// Whether the pairs of a record with those behind it are asked for.
    fn takes(&self, record: u32) -> bool {
        self.one_in == 1 || mix(SEED, record.into()).is_multiple_of(self.one_in)
    }

    /// About how many pairs of a block are asked for.
    fn pairs_of(&self, block: &[u32]) -> f64 {
        let among = |records: usize| records as f64 * (records as f64 - 1.0) / 2.0;
        let unchanged = block.len() - self.changed_of(block);
        (among(block.len()) - among(unchanged)) / self.one_in as f64
    }
}

/// What looks at the pairs of blocks.
pub trait Visit {
    /// Some blocks begin: their records, one block behind the other, and how many pairs there may be.
    fn begin(&mut self, members: &[u32], pairs: usize);

    /// Pairs of one of these records with others, which are behind it; both by their places among them.
    fn row(&mut self, members: &[u32], first: usize, seconds: &[u32]) -> Result<()>;
}

/// Hands pairs over when they are [`BATCH`].
struct Batches<F> {
    left: Vec<u32>,
    right: Vec<u32>,
    take: F,
}

impl<F: FnMut(&[u32], &[u32]) -> Result<()>> Batches<F> {
    fn hand_over(&mut self) -> Result<()> {
        if !self.left.is_empty() {
            (self.take)(&self.left, &self.right)?;
        }
        self.left.clear();
        self.right.clear();
        Ok(())
    }
}

impl<F: FnMut(&[u32], &[u32]) -> Result<()>> Visit for Batches<F> {
    fn begin(&mut self, _: &[u32], _: usize) {}

    fn row(&mut self, members: &[u32], first: usize, seconds: &[u32]) -> Result<()> {
        for second in seconds {
            self.left.push(members[first]);
            self.right.push(members[*second as usize]);
            if self.left.len() == BATCH {
                self.hand_over()?;
            }
        }
        Ok(())
    }
}

/// What earlier rules bring among the records of some blocks.
struct NearBlocks<'a> {
    /// The block of each of the records in each rule that has one of a record.
    columns: Vec<Vec<u32>>,
    /// The rules to ask pair by pair.
    others: Vec<&'a Blocks>,
}

impl<'a> NearBlocks<'a> {
    fn new(rules: &[&'a Blocks], members: &[u32]) -> Self {
        let is_plain = |rule: &&'a Blocks| rule.several.is_none() && rule.lists.is_none();
        let (plain, others): (Vec<_>, _) = rules.iter().copied().partition(is_plain);
        let column = |rule: &Blocks| rule.of_record.of(members).collect();
        Self {
            columns: plain.into_iter().map(column).collect(),
            others,
        }
    }

    /// Takes the places out whose records a rule brings together with the first.
    fn take_out(&self, members: &[u32], first: usize, seconds: &mut Vec<u32>) {
        for column in &self.columns {
            let block = column[first];
            if block != 0 {
                seconds.retain(|at| column[*at as usize] != block);
            }
        }
        for rule in &self.others {
            seconds.retain(|at| !rule.brings(members[first], members[*at as usize]));
        }
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

/// Pairs that are compared at a time: few enough that the numbers of their records stay near the processor.
const BATCH: usize = 1_024;
/// Records whose numbers are read side by side, where blocks are small.
const NEAR: usize = 1_024;
/// Pairs of one thread's piece of work.
const TASK_PAIRS: f64 = 65_536.0;
/// Records of a large block whose pairs with those behind them are one piece of work: all of the block is read for it.
const FEWEST_FIRSTS: usize = 16;
/// Where chance starts: the same in every run.
const SEED: u64 = 0x6f6e_6566_6f6c_6421;
/// Pieces of work whose results are held at a time.
const WAVE: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A large block comes in pieces; lists, changed records and an earlier rule leave the same pairs in each order of pieces.
        #[test]
        fn a_block_in_pieces_has_the_pairs_of_the_whole(
            records in proptest::collection::vec((0..4_u64, proptest::bool::weighted(0.3), 0..5_u64), 2..40),
            cuts in proptest::collection::vec(0..40_usize, 0..4),
            has_changed in proptest::bool::ANY,
        ) {
            let count = records.len();
            let lists: Vec<u64> = records.iter().map(|(list, ..)| *list).collect();
            let changed: Vec<bool> = records.iter().map(|(_, is_changed, _)| *is_changed).collect();
            let cities: Vec<u64> = records.iter().map(|(_, _, city)| *city).collect();
            let mut all = Keys::one(vec![1; count]);
            let whole = Blocks::new("all", Vec::new(), &mut all, Some(Arc::new(lists.clone())), usize::MAX);
            let mut by_city = Keys::one(cities.clone());
            let earlier = Blocks::new("city", Vec::new(), &mut by_city, None, usize::MAX);
            let mut ends: Vec<usize> = cuts.into_iter().filter(|cut| *cut < count).chain([0, count]).collect();
            ends.sort_unstable();
            let mut found = Vec::new();
            for piece in ends.windows(2) {
                let task = Task { blocks: 0..1, firsts: Some(piece[0]..piece[1]) };
                let choice = Choice::of_changed(has_changed.then_some(changed.as_slice()));
                whole.pairs(&task, &[&earlier], choice, |left, right| {
                    found.extend(left.iter().copied().zip(right.iter().copied()));
                    Ok(())
                }).unwrap();
            }
            let mut expected = Vec::new();
            for left in 0..count {
                for right in left + 1..count {
                    let is_of_list = lists[left] != 0 && lists[left] == lists[right];
                    let is_of_city = cities[left] != 0 && cities[left] == cities[right];
                    let is_new = !has_changed || changed[left] || changed[right];
                    if is_new && !is_of_list && !is_of_city {
                        expected.push((left as u32, right as u32));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }

        /// Records with up to three keys each: the pairs that share one come once, and a rule behind brings the others.
        #[test]
        fn records_with_several_keys_meet_in_any(
            records in proptest::collection::vec(proptest::collection::vec(0..7_u64, 0..4), 0..24),
            cap in 2..8_usize,
        ) {
            let hash = |key: &u64| key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut starts = vec![0];
            let mut numbers = Vec::new();
            for keys in &records {
                numbers.extend(keys.iter().map(hash));
                starts.push(numbers.len() as u32);
            }
            let mut keys = Keys::several(numbers, starts);
            let blocks = Blocks::new("several", Vec::new(), &mut keys, None, cap);
            let having = |key: u64| -> Vec<usize> {
                (0..records.len()).filter(|at| records[*at].contains(&key)).collect()
            };
            let mut expected = BTreeSet::new();
            for with in (1..7).map(having).filter(|with| with.len() <= cap) {
                for (at, left) in with.iter().enumerate() {
                    expected.extend(with[at + 1..].iter().map(|right| (*left as u32, *right as u32)));
                }
            }
            let pairs_of = |blocks: &Blocks, earlier: &[&Blocks]| {
                let mut found = Vec::new();
                let some = |left: &[u32], right: &[u32]| {
                    Ok(left.iter().copied().zip(right.iter().copied()).collect::<Vec<_>>())
                };
                blocks.for_each_batch(earlier, Choice::ALL, some, |pairs| {
                    found.extend(pairs);
                    Ok(())
                }).unwrap();
                found.sort_unstable();
                found
            };
            let expected: Vec<(u32, u32)> = expected.into_iter().collect();
            prop_assert_eq!(&pairs_of(&blocks, &[]), &expected);
            let all: Vec<u64> = vec![1; records.len()];
            let everybody = Blocks::new("all", Vec::new(), &mut Keys::one(all), None, usize::MAX);
            let rest = pairs_of(&everybody, &[&blocks]);
            let number = records.len() * records.len().saturating_sub(1) / 2;
            prop_assert_eq!(rest.len() + expected.len(), number);
            for (left, right) in &expected {
                prop_assert!(blocks.brings(*left, *right) && blocks.brings(*right, *left));
            }
        }
    }
}
