//! The records in memory: the columns that the rule book names, each value given a small number.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListArray, NullArray, RecordBatch, RecordBatchOptions,
    StringArray, UInt32Array,
};
use arrow::compute::{cast, concat, take};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::Result;
use hashbrown::HashMap;
use rayon::prelude::*;

use super::grouping::{grouped, groups, hashes};
use super::memo::Memo;
use super::side_by_side::Numbers;
use crate::stages::lineage::Sources;

/// No value.
pub const NONE: u32 = u32::MAX;

/// A column whose distinct values are numbered, in the order of their hashes.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// The number of each record's value, or [`NONE`].
    pub ids: Numbers<u32>,
    /// The values, as text.
    pub values: StringArray,
    /// How many records have each value.
    pub counts: Vec<u32>,
}

impl Encoded {
    /// The probability that two random records that have a value that is read have the same, and one that is the same as itself.
    pub fn chance_of_equal_values(
        &self,
        is_read: impl Fn(usize) -> bool,
        is_same: impl Fn(usize) -> bool,
    ) -> Option<f64> {
        let ids = self.ids.iter();
        let known = ids
            .filter(|id| *id != NONE && is_read(*id as usize))
            .count() as f64;
        let counts = self.counts.iter().enumerate();
        let same = counts.filter(|(value, _)| is_same(*value));
        let same = same.map(|(_, count)| f64::from(*count));
        let agreeing: f64 = same.map(|count| count * (count - 1.0)).sum();
        chance_of_equal(agreeing, known)
    }

    /// The same of values that are as one by their keys.
    pub fn chance_of_equal_keys(
        &self,
        keys: &[u64],
        is_read: impl Fn(usize) -> bool,
        is_same: impl Fn(usize) -> bool,
    ) -> Option<f64> {
        let mut by_key: HashMap<u64, f64> = HashMap::with_capacity(keys.len());
        let mut known = 0.0;
        for (value, (key, count)) in keys.iter().zip(&self.counts).enumerate() {
            if is_read(value) {
                known += f64::from(*count);
            }
            if is_same(value) {
                *by_key.entry(*key).or_default() += f64::from(*count);
            }
        }
        // In one order, so that the sum has the same last digit in every run.
        let mut counts: Vec<f64> = by_key.into_values().collect();
        counts.sort_unstable_by(f64::total_cmp);
        let agreeing: f64 = counts.iter().map(|count| count * (count - 1.0)).sum();
        chance_of_equal(agreeing, known)
    }

    /// How many records have a value of the key of each, of values that are the same as themselves; 0 of others.
    pub fn counts_of_keys(&self, keys: &[u64], is_same: impl Fn(usize) -> bool) -> Vec<u32> {
        let mut by_key: HashMap<u64, u32> = HashMap::with_capacity(keys.len());
        let values = || keys.iter().zip(&self.counts).enumerate();
        for (_, (key, count)) in values().filter(|(value, _)| is_same(*value)) {
            *by_key.entry(*key).or_default() += count;
        }
        let count = |(value, (key, _))| if is_same(value) { by_key[key] } else { 0 };
        values().map(count).collect()
    }

    /// The distinct values, on several threads.
    pub fn texts(&self) -> impl IndexedParallelIterator<Item = &str> {
        (0..self.values.len())
            .into_par_iter()
            .map(|at| self.values.value(at))
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        self.ids.size()
            + self.counts.capacity() * size_of::<u32>()
            + self.values.get_array_memory_size()
    }

    /// Numbers the values of a column: those of equal hashes are equal. The hashes of a list are not asked for.
    pub fn new(column: &ArrayRef, known: Option<&[u64]>) -> Result<Self> {
        let text = text(column)?;
        let known = known.filter(|_| !matches!(column.data_type(), DataType::List(_)));
        let own = match known {
            Some(_) => Vec::new(),
            None => hashes(&text)?,
        };
        let grouped = grouped(known.unwrap_or(&own));
        let parts = grouped.parts();
        let sizes = parts.par_iter().map(|part| groups(part).count() as u32);
        let mut values_before = 0;
        let numbered = sizes.collect::<Vec<_>>().into_iter().zip(parts);
        let numbered: Vec<(u32, &Vec<(u64, u32)>)> = numbered
            .map(|(size, part)| {
                let before = values_before;
                values_before += size;
                (before, part)
            })
            .collect();
        let ids: Vec<AtomicU32> = (0..text.len()).map(|_| AtomicU32::new(NONE)).collect();
        let of_part = |(before, part): &(u32, &Vec<(u64, u32)>)| {
            let of_value = |(value, rows): (u32, &[(u64, u32)])| {
                for (_, row) in rows {
                    ids[*row as usize].store(value, Relaxed);
                }
                (rows[0].1, rows.len() as u32)
            };
            let (firsts, counts): (Vec<u32>, Vec<u32>) =
                (*before..).zip(groups(part)).map(of_value).unzip();
            Ok((take(&text, &UInt32Array::from(firsts), None)?, counts))
        };
        let of_parts = numbered
            .par_iter()
            .map(of_part)
            .collect::<Result<Vec<_>>>()?;
        let (values, counts): (Vec<ArrayRef>, Vec<Vec<u32>>) = of_parts.into_iter().unzip();
        let values: Vec<&dyn Array> = values.iter().map(AsRef::as_ref).collect();
        let (values, counts) = (concat(&values)?, counts.concat());
        let ids: Vec<u32> = ids.into_iter().map(AtomicU32::into_inner).collect();
        Ok(Self {
            ids: Numbers::from(ids),
            values: values.as_string().clone(),
            counts,
        })
    }
}

/// The probability that two random records of those that have a value have the same, by how many others have that of each, in all.
pub fn chance_of_equal(others: f64, known: f64) -> Option<f64> {
    (known > 1.0).then(|| (others / (known * (known - 1.0))).max(0.01 / known))
}

/// Stands between the values of a list.
pub const LIST_MARK: char = '\u{1f}';

/// Values as text; of a list, all its values as one.
fn text(column: &ArrayRef) -> Result<ArrayRef> {
    match column.data_type() {
        DataType::List(_) => joined(column),
        _ => Ok(cast(column, &DataType::Utf8)?),
    }
}

/// The values of every list as one text, each once and in order; a list of nothing but null and empty texts is no value.
fn joined(column: &ArrayRef) -> Result<ArrayRef> {
    let lists = column.as_list::<i32>();
    let text = |row: usize| -> Result<Option<String>> {
        if lists.is_null(row) {
            return Ok(None);
        }
        let items = cast(&lists.value(row), &DataType::Utf8)?;
        let items = items.as_string::<i32>().iter().flatten();
        let mut items: Vec<&str> = items.filter(|item| !item.is_empty()).collect();
        items.sort_unstable();
        items.dedup();
        Ok((!items.is_empty()).then(|| items.join(&LIST_MARK.to_string())))
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
    /// What each column is made of: columns of the exports.
    pub origins: BTreeMap<String, Sources>,
}

impl Records {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether two columns are the same, or made of the same column of an export: what holds the one equal tells of the other.
    pub fn are_related(&self, one: &str, other: &str) -> bool {
        let origins = [one, other].map(|column| self.origins.get(column));
        one == other || matches!(origins, [Some(one), Some(other)] if !one.is_disjoint(other))
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
            Some(array) => Encoded::new(array, None),
            None => datafusion::common::plan_err!("the records have no column {column}"),
        }
    }

    /// A column with its values numbered by hashes that are shared with others.
    pub fn encoded_by(&self, column: &str, memo: &Memo) -> Result<Encoded> {
        let values = self.batch.column_by_name(column);
        match values.filter(|values| !matches!(values.data_type(), DataType::List(_))) {
            Some(values) => Encoded::new(values, Some(&memo.of_column(self, column)?)),
            None => self.encoded(column),
        }
    }

    /// Lets go of all columns but those that are named; what is left has the places that it had.
    pub fn keep(&mut self, columns: &[String]) -> Result<()> {
        let schema = self.batch.schema();
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for (field, array) in schema.fields().iter().zip(self.batch.columns()) {
            match columns.contains(field.name()) {
                true => (fields.push(field.clone()), arrays.push(Arc::clone(array))),
                false => (
                    fields.push(Arc::new(Field::new(field.name(), DataType::Null, true))),
                    arrays.push(Arc::new(NullArray::new(array.len()))),
                ),
            };
        }
        let options = RecordBatchOptions::new().with_row_count(Some(self.len()));
        let schema = Arc::new(Schema::new(fields));
        self.batch = RecordBatch::try_new_with_options(schema, arrays, &options)?;
        Ok(())
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

    /// A value as text; none where it is null, or an empty list.
    pub fn text(&self, column: &str, row: u32) -> Result<Option<String>> {
        let at = self.batch.schema().index_of(column)?;
        let value = self.batch.column(at).slice(row as usize, 1);
        let text = text(&value)?;
        let text = text.as_string::<i32>();
        Ok(text.is_valid(0).then(|| text.value(0).to_string()))
    }

    /// A list column with its values as text, in the rows that they are of; none where the column is no list.
    pub fn list(&self, column: &str) -> Result<Option<ListArray>> {
        let column = self.batch.column_by_name(column);
        let Some(lists) = column.filter(|column| matches!(column.data_type(), DataType::List(_)))
        else {
            return Ok(None);
        };
        let item = Arc::new(Field::new_list_field(DataType::Utf8, true));
        let lists = cast(lists, &DataType::List(item))?;
        // A slice of a longer column has values of other rows.
        let rows = UInt32Array::from_iter_values(0..lists.len() as u32);
        Ok(Some(take(&lists, &rows, None)?.as_list().clone()))
    }

    /// Puts other values in a list column's place.
    pub fn replace(&mut self, column: &str, values: ListArray) -> Result<()> {
        let at = self.batch.schema().index_of(column)?;
        let kind = self.batch.column(at).data_type();
        let values = cast(&values, kind)?;
        let mut columns = self.batch.columns().to_vec();
        columns[at] = values;
        self.batch = RecordBatch::try_new(self.batch.schema(), columns)?;
        Ok(())
    }

    /// Blanks values of a column: those of the rows that are told.
    pub fn blank(&mut self, column: &str, is_told: impl Fn(usize) -> bool) -> Result<()> {
        let at = self.batch.schema().index_of(column)?;
        let told: BooleanArray = (0..self.len()).map(|row| Some(is_told(row))).collect();
        let mut columns = self.batch.columns().to_vec();
        columns[at] = arrow::compute::nullif(&columns[at], &told)?;
        self.batch = RecordBatch::try_new(self.batch.schema(), columns)?;
        Ok(())
    }
}
