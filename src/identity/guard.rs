//! The guard against shared identifiers: a phone with twelve names on it is a switchboard, and no evidence.

use arrow::array::Array;
use datafusion::common::Result;
use rayon::prelude::*;

use super::records::{NONE, Records};
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

/// Finds values with more names than their limit, and blanks them in the records.
pub fn apply(guard: &Guard, records: &mut Records) -> Result<Vec<SharedValue>> {
    let names = records.encoded(&guard.names)?;
    let mut shared = Vec::new();
    for (column, limit) in &guard.limits {
        let values = records.encoded(column)?;
        let mut named: Vec<(u32, u32)> = values
            .ids
            .iter()
            .zip(names.ids.iter())
            .filter(|(value, name)| *value != NONE && *name != NONE)
            .collect();
        named.par_sort_unstable();
        named.dedup();
        let mut name_counts = vec![0_usize; values.values.len()];
        for (value, _) in named {
            name_counts[value as usize] += 1;
        }
        let marked: Vec<bool> = name_counts.iter().map(|count| count > limit).collect();
        for id in (0..marked.len()).filter(|id| marked[*id]) {
            shared.push(SharedValue {
                attribute: column.clone(),
                value: values.values.value(id).to_string(),
                record_count: u64::from(values.counts[id]),
                name_count: name_counts[id] as u64,
                limit: *limit as u64,
            });
        }
        if marked.contains(&true) {
            records.blank(column, &values, &marked)?;
        }
    }
    shared.sort_by(|left, right| {
        (&left.attribute, &left.value).cmp(&(&right.attribute, &right.value))
    });
    Ok(shared)
}
