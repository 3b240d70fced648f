//! The guard against shared identifiers: a phone with twelve names on it is a switchboard, and no evidence.

use datafusion::common::Result;

use super::condition::Hashes;
use super::grouping::{NULL, grouped};
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

/// Finds values with more names than their limit, and blanks them in the records.
pub fn apply(guard: &Guard, records: &mut Records, hashes: &Hashes) -> Result<Vec<SharedValue>> {
    let names = hashes.of_column(records, &guard.names)?;
    let mut shared = Vec::new();
    for (column, limit) in &guard.limits {
        let values = hashes.of_column(records, column)?;
        let mut of_column = Vec::new();
        for rows in grouped(&values).chunk_by(|one, other| one.0 == other.0) {
            if rows.len() <= *limit {
                continue;
            }
            let names = rows.iter().map(|(_, row)| names[*row as usize]);
            let mut names: Vec<u64> = names.filter(|name| *name != NULL).collect();
            names.sort_unstable();
            names.dedup();
            if names.len() > *limit
                && let Some(value) = records.text(column, rows[0].1)?
            {
                of_column.push(rows[0].0);
                shared.push(SharedValue {
                    attribute: column.clone(),
                    value,
                    record_count: rows.len() as u64,
                    name_count: names.len() as u64,
                    limit: *limit as u64,
                });
            }
        }
        if !of_column.is_empty() {
            of_column.sort_unstable();
            records.blank(column, |row| of_column.binary_search(&values[row]).is_ok())?;
            hashes.keep(|known| known != column);
        }
    }
    shared.sort_by(|left, right| {
        (&left.attribute, &left.value).cmp(&(&right.attribute, &right.value))
    });
    Ok(shared)
}
