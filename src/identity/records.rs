//! The records in memory: the columns that the rule book names, each value given a small number.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::common::hash_utils::{RandomState, create_hashes};
use hashbrown::HashTable;

/// No value.
pub const NONE: u32 = u32::MAX;

/// A column whose distinct values are numbered in order of their first appearance.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// The number of each record's value, or [`NONE`].
    pub ids: Vec<u32>,
    /// The values, as text.
    pub values: StringArray,
    /// How many records have each value.
    pub counts: Vec<u32>,
}

impl Encoded {
    /// Bytes of memory.
    pub fn size(&self) -> usize {
        let numbers = self.ids.capacity() + self.counts.capacity();
        numbers * size_of::<u32>() + self.values.get_array_memory_size()
    }

    /// Numbers the values of a column.
    pub fn new(column: &ArrayRef) -> Result<Self> {
        let text = match column.data_type() {
            DataType::List(_) => joined(column)?,
            _ => cast(column, &DataType::Utf8)?,
        };
        let text: &StringArray = text.as_string();
        let mut hashes = vec![0; text.len()];
        let random = RandomState::default();
        create_hashes(&[Arc::new(text.clone()) as ArrayRef], &random, &mut hashes)?;
        // The row in which each value comes first, and its number.
        let mut numbers: HashTable<(u32, u32)> = HashTable::new();
        let mut ids = Vec::with_capacity(text.len());
        let mut firsts: Vec<u32> = Vec::new();
        let mut counts: Vec<u32> = Vec::new();
        for row in 0..text.len() {
            if text.is_null(row) {
                ids.push(NONE);
                continue;
            }
            let value = text.value(row);
            let entry = numbers.entry(
                hashes[row],
                |(first, _)| text.value(*first as usize) == value,
                |(first, _)| hashes[*first as usize],
            );
            let (_, id) = *entry
                .or_insert_with(|| {
                    firsts.push(row as u32);
                    counts.push(0);
                    (row as u32, firsts.len() as u32 - 1)
                })
                .get();
            counts[id as usize] += 1;
            ids.push(id);
        }
        let values = take(text, &UInt32Array::from(firsts), None)?;
        Ok(Self {
            ids,
            values: values.as_string().clone(),
            counts,
        })
    }
}

/// Stands between the values of a list.
pub const LIST_MARK: char = '\u{1f}';

/// The values of every list as one text; an empty list is no value.
fn joined(column: &ArrayRef) -> Result<ArrayRef> {
    let lists = column.as_list::<i32>();
    let text = |row: usize| -> Result<Option<String>> {
        if lists.is_null(row) || lists.value(row).is_empty() {
            return Ok(None);
        }
        let items = cast(&lists.value(row), &DataType::Utf8)?;
        let items: Vec<&str> = items.as_string::<i32>().iter().flatten().collect();
        Ok(Some(items.join(&LIST_MARK.to_string())))
    };
    let texts = (0..lists.len()).map(text).collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(StringArray::from(texts)))
}

/// All records, in the order of their ids.
#[derive(Debug, Clone)]
pub struct Records {
    /// Each record's id.
    pub ids: StringArray,
    /// The columns that conditions read, by name.
    pub batch: RecordBatch,
}

impl Records {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        self.ids.get_array_memory_size() + self.batch.get_array_memory_size()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// A column with its values numbered.
    pub fn encoded(&self, column: &str) -> Result<Encoded> {
        match self.batch.column_by_name(column) {
            Some(array) => Encoded::new(array),
            None => datafusion::common::plan_err!("the records have no column {column}"),
        }
    }

    /// The rows of a batch of pairs: the needed columns of the left records, then those of the right.
    pub fn pairs(
        &self,
        columns: &[usize],
        left: &UInt32Array,
        right: &UInt32Array,
    ) -> Result<Vec<ArrayRef>> {
        let take = |rows: &UInt32Array| -> Result<Vec<ArrayRef>> {
            columns
                .iter()
                .map(|at| Ok(arrow::compute::take(self.batch.column(*at), rows, None)?))
                .collect()
        };
        let mut arrays = take(left)?;
        arrays.extend(take(right)?);
        Ok(arrays)
    }

    /// Blanks values of a column: those whose number is marked.
    pub fn blank(&mut self, column: &str, encoded: &Encoded, marked: &[bool]) -> Result<()> {
        let at = self.batch.schema().index_of(column)?;
        let keep: arrow::array::BooleanArray = encoded
            .ids
            .iter()
            .map(|id| Some(*id == NONE || !marked[*id as usize]))
            .collect();
        let array = self.batch.column(at);
        let blanked = arrow::compute::nullif(array, &arrow::compute::not(&keep)?)?;
        let mut columns = self.batch.columns().to_vec();
        columns[at] = Arc::clone(&blanked);
        self.batch = RecordBatch::try_new(self.batch.schema(), columns)?;
        Ok(())
    }
}
