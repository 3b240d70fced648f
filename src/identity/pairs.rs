//! What was compared, kept from one night to the next: a pair of which neither record changed is not compared again. Pairs that
//! can never be shown are not kept, so that what is kept grows with the links, and not with the pairs.
//!
//! What a pair shows depends on its two records alone. A record's signature is a hash of all that comparing reads of it: its
//! columns after the guard, and its key in the blocks of every rule. So a record whose phone became a switchboard's, or whose
//! block passed its cap, counts as changed. Weights are not kept: they follow from the model and from each night's frequencies.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{
    Array, ArrayRef, AsArray, Float32Array, RecordBatch, StringArray, UInt16Array, UInt32Array,
    UInt64Array,
};
use arrow::datatypes::{DataType, Field, Float32Type, Schema, UInt16Type, UInt32Type, UInt64Type};
use datafusion::common::Result;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Encoding;
use parquet::file::metadata::KeyValue;
use rayon::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use super::candidates::PairsTable;
use super::comparison::Prepared;
use super::condition::mix;
use super::grouping::hashes;
use super::history::Owned;
use super::model::Pattern;
use super::records::NONE;
use crate::engine::write::{Packer, Table, plain_properties};

/// More pairs of blocking rules than this are not kept: a file of them would be larger than the exports.
pub const MOST_KEPT: u64 = 100_000_000;

/// A pair that was compared, left below right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The record with the smaller id.
    pub left: u32,
    /// The record with the greater id.
    pub right: u32,
    /// The index of the rule that brought it, among the certain or the blocking rules.
    pub rule: u16,
    /// The levels of its comparisons.
    pub pattern: Pattern,
}

impl Pair {
    /// Pairs as columns: left, right, rule and pattern.
    pub fn columns(pairs: &[Self]) -> [ArrayRef; 4] {
        let pairs = || pairs.iter();
        [
            Arc::new(UInt32Array::from_iter_values(pairs().map(|pair| pair.left))),
            Arc::new(UInt32Array::from_iter_values(
                pairs().map(|pair| pair.right),
            )),
            Arc::new(UInt16Array::from_iter_values(pairs().map(|pair| pair.rule))),
            Arc::new(UInt64Array::from_iter_values(
                pairs().map(|pair| pair.pattern),
            )),
        ]
    }

    /// The pairs of such columns.
    pub fn of_columns(columns: &[ArrayRef]) -> impl Iterator<Item = Self> {
        let (left, right) = (
            columns[0].as_primitive::<UInt32Type>().values(),
            columns[1].as_primitive::<UInt32Type>().values(),
        );
        let rules = columns[2].as_primitive::<UInt16Type>().values();
        let patterns = columns[3].as_primitive::<UInt64Type>().values();
        (0..left.len()).map(|at| Self {
            left: left[at],
            right: right[at],
            rule: rules[at],
            pattern: patterns[at],
        })
    }
}

/// Where the pairs of a night are kept.
#[derive(Debug, Clone)]
pub struct Files {
    /// A signature per record, in the order of the records.
    pub signatures: PathBuf,
    /// Pairs that a certain rule brings.
    pub certain: PathBuf,
    /// Pairs that a blocking rule brings.
    pub scored: PathBuf,
}

impl Files {
    /// All of them.
    pub fn all(&self) -> [&PathBuf; 3] {
        [&self.signatures, &self.certain, &self.scored]
    }

    /// Where training leaves the pairs that it compared, until the model says which of them are kept.
    pub fn of_training(&self) -> PathBuf {
        self.scored.with_extension("training")
    }
}

/// How often each record's value comes, as a share of all records, for every level that weighs rarity; the most that it was
/// since the record's pairs were compared last. 0 is no value.
#[derive(Debug, Clone, Default)]
pub struct Frequencies(Vec<Vec<f32>>);

impl Frequencies {
    /// Those of tonight.
    pub fn new(prepared: &[Prepared], records: usize) -> Self {
        let rare = prepared.iter().flat_map(|comparison| {
            let levels = comparison.rare_levels();
            levels.map(move |levels| (comparison, levels.start))
        });
        let of = |(comparison, level): (&Prepared, usize)| {
            let rows = (0..records as u32).into_par_iter();
            let frequency = |row: u32| comparison.frequency(level, row).unwrap_or(0.0) as f32;
            rows.map(frequency).collect()
        };
        Self(rare.map(of).collect())
    }
}

/// A hash of all that comparing reads of each record.
pub struct Signatures(Vec<u64>);

impl Signatures {
    /// Of so many records of which nothing is read yet.
    pub fn new(records: usize) -> Self {
        Self(vec![0; records])
    }

    /// Adds a number of each record, as its key in the blocks of a rule.
    pub fn add(&mut self, numbers: &[u64]) {
        let both = self.0.par_iter_mut().zip(numbers);
        both.for_each(|(signature, number)| *signature = mix(*signature, *number));
    }

    /// Adds a column of the records.
    pub fn add_column(&mut self, values: &ArrayRef) -> Result<()> {
        self.add(&hashes(values)?);
        Ok(())
    }

    /// The hashes.
    pub fn into_inner(self) -> Vec<u64> {
        self.0
    }
}

/// What the night before compared, as far as it still holds.
pub struct Carried {
    /// Tonight's row of each record of the night before; [`NONE`] where it is gone or changed.
    rows: Vec<u32>,
    /// Whether each record of tonight is new or changed.
    pub is_changed: Vec<bool>,
    /// The note of the sieve that the pairs of blocking rules went through.
    pub sieve: String,
    /// The frequencies of the night before, in the order of its records.
    frequencies: Frequencies,
    files: Files,
}

impl Carried {
    /// Holds tonight's records against those of the night before; nothing where that night left no pairs by these rules, or
    /// where its files are not as they were written: then all pairs are compared.
    pub fn new(
        files: Files,
        rules: &str,
        before: &Owned,
        records: &StringArray,
        signatures: &[u64],
    ) -> Option<Self> {
        Self::read_files(files, rules, before, records, signatures).unwrap_or_else(|error| {
            tracing::warn!(%error, "the pairs of the night before cannot be read: all are compared");
            None
        })
    }

    fn read_files(
        files: Files,
        rules: &str,
        before: &Owned,
        records: &StringArray,
        signatures: &[u64],
    ) -> Result<Option<Self>> {
        if files.all().into_iter().any(|file| !file.exists()) {
            return Ok(None);
        }
        let mut earlier: Vec<u64> = Vec::with_capacity(before.records.len());
        let mut frequencies: Vec<Vec<f32>> = Vec::new();
        let file = ParquetRecordBatchReaderBuilder::try_new(File::open(&files.signatures)?)?;
        let metadata = file.metadata().file_metadata().key_value_metadata();
        let notes = metadata.cloned().unwrap_or_default();
        let note = |key: &str| -> Option<&str> {
            let entry = notes.iter().find(|entry: &&KeyValue| entry.key == key);
            entry?.value.as_deref()
        };
        if note(RULES) != Some(rules)
            || note(CERTAIN) != Some(&fingerprint(&files.certain)?)
            || note(SCORED) != Some(&fingerprint(&files.scored)?)
        {
            return Ok(None);
        }
        let Some(sieve) = note(SIEVE).map(str::to_string) else {
            return Ok(None);
        };
        for batch in file.build()? {
            let batch = batch?;
            earlier.extend(batch.column(0).as_primitive::<UInt64Type>().values());
            frequencies.resize(batch.num_columns() - 1, Vec::new());
            for (known, column) in frequencies.iter_mut().zip(&batch.columns()[1..]) {
                known.extend(column.as_primitive::<Float32Type>().values());
            }
        }
        if earlier.len() != before.records.len() {
            return Ok(None);
        }
        let (found, _) = before.find(records);
        let mut rows = vec![NONE; earlier.len()];
        let mut is_changed = vec![true; records.len()];
        for (row, earlier_row) in found.into_iter().enumerate() {
            if earlier_row != NONE && earlier[earlier_row as usize] == signatures[row] {
                rows[earlier_row as usize] = row as u32;
                is_changed[row] = false;
            }
        }
        Ok(Some(Self {
            rows,
            is_changed,
            sieve,
            frequencies: Frequencies(frequencies),
            files,
        }))
    }

    /// Holds the frequencies of tonight against those of the night before, which are noted on: a record counts as changed whose
    /// value is nearly half as frequent as it was, since a pair of it may have been worth too little then.
    pub fn hold(&mut self, tonight: &mut Frequencies) {
        const FAR_LESS: f32 = 0.51;
        for (tonight, earlier) in tonight.0.iter_mut().zip(&self.frequencies.0) {
            for (row, noted) in self
                .rows
                .iter_mut()
                .zip(earlier)
                .filter(|(row, _)| **row != NONE)
            {
                let now = &mut tonight[*row as usize];
                if *now < FAR_LESS * noted {
                    self.is_changed[*row as usize] = true;
                    *row = NONE;
                } else {
                    *now = now.max(*noted);
                }
            }
        }
    }

    /// The pairs of certain rules that still hold.
    pub fn certain(&self) -> Result<Vec<Pair>> {
        let mut pairs = Vec::new();
        for batch in reader(&self.files.certain)?.build()? {
            pairs.extend(self.still_holding(&batch?));
        }
        Ok(pairs)
    }

    /// In how many parts the pairs of blocking rules are.
    pub fn parts(&self) -> Result<usize> {
        parts(&self.files.scored)
    }

    /// The pairs of a part that still hold.
    pub fn part(&self, at: usize) -> Result<Vec<Pair>> {
        let mut pairs = Vec::new();
        for batch in part(&self.files.scored, at)? {
            pairs.extend(self.still_holding(&batch?));
        }
        Ok(pairs)
    }

    fn still_holding(&self, batch: &RecordBatch) -> impl Iterator<Item = Pair> {
        let row = |row: u32| self.rows.get(row as usize).copied().unwrap_or(NONE);
        Pair::of_columns(batch.columns()).filter_map(move |pair| {
            let (left, right) = (row(pair.left), row(pair.right));
            (left != NONE && right != NONE).then_some(Pair {
                left,
                right,
                ..pair
            })
        })
    }
}

/// The key under which the signatures say which rules the pairs are of.
const RULES: &str = "rules";
/// The keys under which they say what the files of the pairs are.
const CERTAIN: &str = "certain";
const SCORED: &str = "scored";
/// The key under which they say which pairs of blocking rules were kept.
const SIEVE: &str = "sieve";
/// Pairs that are written and read at a time.
pub const BATCH: usize = 262_144;

fn reader(file: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(file)?)?;
    Ok(builder.with_batch_size(BATCH))
}

/// In how many parts the pairs of a file are.
pub fn parts(file: &Path) -> Result<usize> {
    Ok(reader(file)?.metadata().num_row_groups())
}

/// A part of the pairs of a file.
pub fn part(file: &Path, at: usize) -> Result<ParquetRecordBatchReader> {
    Ok(reader(file)?.with_row_groups(vec![at]).build()?)
}

/// Writes the signatures of a night and the frequencies beside them, with the rules that they are of, the note of the sieve that
/// the pairs went through, and the fingerprints of the files of its pairs, which are complete by then.
pub fn write_signatures(
    files: &Files,
    rules: &str,
    sieve: &str,
    signatures: &[u64],
    frequencies: &Frequencies,
) -> Result<()> {
    let frequency = |at: usize| Field::new(format!("frequency_{at}"), DataType::Float32, false);
    let columns = std::iter::once(Field::new("signature", DataType::UInt64, false));
    let columns = columns.chain((0..frequencies.0.len()).map(frequency));
    let schema = Arc::new(Schema::new(columns.collect::<Vec<_>>()));
    let (mut table, packer) = Table::create(&files.signatures, &schema, plain_properties())?;
    for from in (0..signatures.len()).step_by(BATCH) {
        let rows = from..signatures.len().min(from + BATCH);
        let signatures = UInt64Array::from(signatures[rows.clone()].to_vec());
        let mut columns: Vec<ArrayRef> = vec![Arc::new(signatures)];
        for frequency in &frequencies.0 {
            let frequency = Float32Array::from(frequency[rows.clone()].to_vec());
            columns.push(Arc::new(frequency));
        }
        table.append(packer.pack(&columns)?)?;
    }
    table.note(RULES, rules);
    table.note(SIEVE, sieve);
    table.note(CERTAIN, &fingerprint(&files.certain)?);
    table.note(SCORED, &fingerprint(&files.scored)?);
    table.end()?;
    Ok(())
}

/// A hash of the bytes of a file.
pub fn fingerprint(file: &Path) -> Result<String> {
    let mut reader = File::open(file)?;
    let mut hash = Xxh3::new();
    let mut bytes = vec![0; 1 << 20];
    loop {
        match reader.read(&mut bytes)? {
            0 => return Ok(format!("{:032x}", hash.digest128())),
            read => hash.update(&bytes[..read]),
        }
    }
}

/// Writes pairs as they are compared, from several threads, unless they become too many.
pub struct Keeper {
    /// None when it is given up.
    table: Mutex<Option<Table>>,
    packer: Packer,
    kept: AtomicU64,
    most: u64,
}

impl Keeper {
    /// Begins a file, which is given up when it has more than `most` pairs.
    pub fn create(file: &Path, most: u64) -> Result<Self> {
        let schema = PairsTable::kept_schema();
        // The rule is the same for many pairs: a difference of nothing is less work than a look into a dictionary.
        let properties = plain_properties().into_builder();
        let properties = properties
            .set_column_dictionary_enabled("rule".into(), false)
            .set_column_encoding("rule".into(), Encoding::DELTA_BINARY_PACKED)
            .build();
        let (table, packer) = Table::create(file, &schema, properties)?;
        Ok(Self {
            table: Mutex::new(Some(table)),
            packer,
            kept: AtomicU64::new(0),
            most,
        })
    }

    fn table(&self) -> MutexGuard<'_, Option<Table>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a row group.
    pub fn add(&self, pairs: &RecordBatch) -> Result<()> {
        let before = self
            .kept
            .fetch_add(pairs.num_rows() as u64, Ordering::Relaxed);
        if before > self.most {
            *self.table() = None;
            return Ok(());
        }
        let packed = self.packer.pack(pairs.columns())?;
        match self.table().as_mut() {
            Some(table) => Ok(table.append(packed)?),
            None => Ok(()),
        }
    }

    /// Ends the file, and says whether it has all pairs.
    pub fn end(&self) -> Result<bool> {
        let table = self.table().take();
        Ok(table.map(Table::end).transpose()?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_too_many_pairs_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pairs.parquet");
        let pairs: Vec<Pair> = (0..10)
            .map(|left| Pair {
                left,
                right: left + 1,
                rule: 0,
                pattern: 7,
            })
            .collect();
        let columns = Pair::columns(&pairs).to_vec();
        let batch = RecordBatch::try_new(PairsTable::kept_schema(), columns).unwrap();
        let is_complete = |most: u64| {
            let keeper = Keeper::create(&file, most).unwrap();
            (0..3).for_each(|_| keeper.add(&batch).unwrap());
            keeper.end().unwrap()
        };
        assert!(!is_complete(15));
        assert!(is_complete(u64::MAX));
        let mut kept = Vec::new();
        for batch in reader(&file).unwrap().build().unwrap() {
            kept.extend(Pair::of_columns(batch.unwrap().columns()));
        }
        assert_eq!(kept, [&pairs[..], &pairs[..], &pairs[..]].concat());
    }
}
