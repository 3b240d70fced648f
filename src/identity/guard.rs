//! The guard against shared identifiers: a phone with twelve names on it is a switchboard, and no evidence.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray, ListArray, ListBuilder, StringBuilder};
use arrow::datatypes::Field;
use datafusion::common::Result;

use super::grouping::{NULL, grouped, hashes};
use super::memo::Memo;
use super::records::Records;
use super::rules::Guard;

/// A value that too many names share.
#[derive(Debug, Clone)]
pub struct SharedValue {
    /// The identifier's column.
    pub attribute: String,
    /// The value.
    pub value: String,
    /// How many records have it.
    pub record_count: u64,
    /// How many names those records have.
    pub name_count: u64,
    /// How many names one value may have.
    pub limit: u64,
}

/// Finds values with more names than their limit, and blanks them in the records: of a list, the shared values alone. What is made
/// of a shared value, as the end of a phone is, goes with it. Gives the columns of which it took values as well.
pub fn apply(
    guard: &Guard,
    records: &mut Records,
    memo: &Memo,
) -> Result<(Vec<SharedValue>, BTreeSet<String>)> {
    let names = memo.of_column(records, &guard.names)?;
    let (mut shared, mut touched) = (Vec::new(), BTreeSet::new());
    for (column, limit) in &guard.limits {
        let list = records.list(column)?;
        let values = match &list {
            Some(list) => Arc::new(hashes(list.values())?),
            None => memo.of_column(records, column)?,
        };
        // The record of each value.
        let rows = list.as_ref().map(rows_of_items);
        let row = |at: u32| rows.as_ref().map_or(at, |rows| rows[at as usize]);
        let mut of_column = Vec::new();
        let mut records_of: Vec<u32> = Vec::new();
        let derived = made_of(guard, records, column);
        // Of each column that is made of this one, the records in which it is made of a shared value.
        let blanked = derived.iter().map(|column| (column, Vec::new()));
        let mut blanked: Vec<(&String, Vec<u32>)> = blanked.collect();
        let of_derived = derived.iter().map(|column| memo.of_column(records, column));
        let of_derived = of_derived.collect::<Result<Vec<_>>>()?;
        for same in grouped(&values).groups() {
            if same.len() <= *limit {
                continue;
            }
            let mut records_with: Vec<u32> = same.iter().map(|(_, at)| row(*at)).collect();
            records_with.dedup();
            let names = records_with.iter().map(|row| names[*row as usize]);
            let mut names: Vec<u64> = names.filter(|name| *name != NULL).collect();
            names.sort_unstable();
            names.dedup();
            let (hash, first) = same[0];
            let value = || match &list {
                Some(list) => Ok(Some(
                    list.values()
                        .as_string::<i32>()
                        .value(first as usize)
                        .to_string(),
                )),
                None => records.text(column, first),
            };
            if names.len() > *limit
                && let Some(value) = value()?
            {
                of_column.push(hash);
                // What else a record lists may be what a column is made of: those tell that have the value alone.
                let is_alone = |row: &&u32| {
                    let listed = list.as_ref().map(|list| list.value_length(**row as usize));
                    listed.is_none_or(|listed| listed == 1)
                };
                let alone: Vec<u32> = records_with.iter().filter(is_alone).copied().collect();
                let telling = if alone.is_empty() {
                    &records_with
                } else {
                    &alone
                };
                for ((_, blanked), of_derived) in blanked.iter_mut().zip(&of_derived) {
                    let of = |row: &u32| of_derived[*row as usize];
                    let mut others = telling.iter().map(of).filter(|other| *other != NULL);
                    // The tail of a phone is the same wherever the phone is; an e-mail beside it in one field need not be.
                    let one = others.next();
                    let one = one.filter(|one| others.all(|other| other == *one));
                    let is_made_of_it = |row: &&u32| of(row) == hash || Some(of(row)) == one;
                    blanked.extend(records_with.iter().filter(is_made_of_it));
                }
                shared.push(SharedValue {
                    attribute: column.clone(),
                    value,
                    record_count: records_with.len() as u64,
                    name_count: names.len() as u64,
                    limit: *limit as u64,
                });
                if list.is_none() {
                    records_of.extend(&records_with);
                }
            }
        }
        if of_column.is_empty() {
            continue;
        }
        of_column.sort_unstable();
        if let Some(list) = &list {
            let is_shared = |at: usize| of_column.binary_search(&values[at]).is_ok();
            records.replace(column, without_items(list, is_shared)?)?;
        }
        blanked.push((column, records_of));
        for (column, mut rows) in blanked {
            touched.insert(column.clone());
            rows.sort_unstable();
            records.blank(column, |row| rows.binary_search(&(row as u32)).is_ok())?;
            memo.keep_hashes(|known| known != column);
        }
    }
    shared.sort_by(|left, right| {
        (&left.attribute, &left.value).cmp(&(&right.attribute, &right.value))
    });
    Ok((shared, touched))
}

/// The columns that are made of nothing else than a guarded one is, lists apart.
fn made_of(guard: &Guard, records: &Records, column: &String) -> Vec<String> {
    let own = records.origins.get(column);
    let schema = records.batch.schema();
    let is_made_of = |field: &&Arc<Field>| {
        let name = field.name();
        let origins = records.origins.get(name);
        let within = match (own, origins) {
            (Some(own), Some(origins)) => !origins.is_empty() && origins.is_subset(own),
            _ => false,
        };
        within && name != column && *name != guard.names && !field.data_type().is_nested()
    };
    let fields = schema.fields().iter().filter(is_made_of);
    fields.map(|field| field.name().clone()).collect()
}

/// The record of each value of a list column.
fn rows_of_items(list: &ListArray) -> Vec<u32> {
    let lengths = list.offsets().lengths().enumerate();
    let rows = lengths.flat_map(|(row, length)| std::iter::repeat_n(row as u32, length));
    rows.collect()
}

/// A list column without some of its values; a list of none is no value.
fn without_items(list: &ListArray, is_out: impl Fn(usize) -> bool) -> Result<ListArray> {
    let items = list.values().as_string::<i32>();
    let mut builder = ListBuilder::new(StringBuilder::new());
    for row in 0..list.len() {
        let (start, end) = (
            list.value_offsets()[row] as usize,
            list.value_offsets()[row + 1] as usize,
        );
        let kept = (start..end).filter(|at| items.is_valid(*at) && !is_out(*at));
        let kept: Vec<&str> = kept.map(|at| items.value(at)).collect();
        match kept.is_empty() {
            true => builder.append_null(),
            false => builder.append_value(kept.into_iter().map(Some)),
        }
    }
    Ok(builder.finish())
}
