//! What each record says beside its key, as a number: by it a record is known again when an export gives it another key.

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result};
use hashbrown::HashSet;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::condition::mix;
use super::grouping::{CHUNK, EMPTY, NULL, hash_chunk, hashes};
use super::records::Records;

/// What the records say, before the guard takes values out of them.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// A hash of each record's columns in their order, its key among them: a value that moves to the next column is a change.
    pub whole: Vec<u64>,
    /// A hash of what each record says beside its key, whatever the order of the columns; see [`is_enough`].
    pub said: Vec<u64>,
}

/// Whether a record that says this says enough to be known by it. A record of an older onefold that kept no hash has 0.
pub fn is_enough(said: u64) -> bool {
    said & 1 == 1
}

/// How a column tells of its record.
struct Column {
    /// The hash of its name.
    name: u64,
    /// A bit that it shares with the columns that are made of what it is made of: a name and its key are one value. None where it tells
    /// few records apart, as the country does.
    bit: Option<u64>,
    /// The same whether or not it tells any apart; none of what is true or false.
    of_book: u64,
}

impl Contents {
    /// Of all records. The key and what is made of it alone is not read, nor is the column of lists that have no person twice.
    pub fn new(records: &Records, record_id: &str, across: Option<&str>) -> Result<Self> {
        /// Values that a record is known by; of a rule book that reads fewer, all of them, and never one alone.
        const FEWEST: u32 = 3;
        const NEVER_ALONE: u32 = 2;
        let columns = columns(records, record_id, across)?;
        let all = columns.iter().flatten().map(|column| column.of_book);
        let all = u64::count_ones(all.fold(0, |all, bit| all | bit));
        let fewest = FEWEST.min(all).max(NEVER_ALONE);
        let mut whole = vec![0; records.len()];
        let mut said = vec![0; records.len()];
        let chunks = whole.par_chunks_mut(CHUNK).zip(said.par_chunks_mut(CHUNK));
        chunks.enumerate().try_for_each(|(chunk, (whole, said))| {
            let mut known = vec![0_u64; whole.len()];
            for (values, column) in records.batch.columns().iter().zip(&columns) {
                let mut hashes = vec![0; whole.len()];
                hash_chunk(&values.slice(chunk * CHUNK, whole.len()), &mut hashes)?;
                for (whole, hash) in whole.iter_mut().zip(&hashes) {
                    *whole = mix(*whole, *hash);
                }
                let Some(column) = column else {
                    continue;
                };
                let bit = column.bit.unwrap_or(0);
                for ((said, known), hash) in said.iter_mut().zip(&mut known).zip(hashes) {
                    if hash != NULL && hash != EMPTY {
                        *said = u64::wrapping_add(*said, mix(column.name, hash));
                        *known |= bit;
                    }
                }
            }
            for (said, known) in said.iter_mut().zip(known) {
                *said = (*said & !1) | u64::from(known.count_ones() >= fewest);
            }
            Ok::<(), DataFusionError>(())
        })?;
        Ok(Self { whole, said })
    }
}

/// How each column tells; none that is not read.
fn columns(
    records: &Records,
    record_id: &str,
    across: Option<&str>,
) -> Result<Vec<Option<Column>>> {
    let schema = records.batch.schema();
    let key = records.origins.get(record_id);
    let is_read = |name: &str| {
        // Where a name is missing the key may stand in for it: that record says its key.
        let is_of_key = match (key, records.origins.get(name)) {
            (Some(key), Some(own)) => !own.is_empty() && own.is_subset(key),
            _ => false,
        };
        name != record_id && Some(name) != across && !is_of_key
    };
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|of| of.name().as_str())
        .collect();
    let mut read: Vec<&str> = Vec::new();
    let mut columns = Vec::new();
    for (name, values) in names.iter().zip(records.batch.columns()) {
        if !is_read(name) {
            columns.push(None);
            continue;
        }
        read.push(name);
        let related = read.iter().position(|own| records.are_related(own, name));
        let bit = 1 << related.unwrap_or(read.len() - 1).min(63);
        let is_flag = *values.data_type() == DataType::Boolean;
        columns.push(Some(Column {
            name: xxh3_64(name.as_bytes()),
            bit: (!is_flag && tells_apart(values)?).then_some(bit),
            of_book: if is_flag { 0 } else { bit },
        }));
    }
    Ok(columns)
}

/// Whether a column tells records apart: it has a hundred values, or, in a short list, one for every four records. One value alone
/// may be rare.
fn tells_apart(values: &ArrayRef) -> Result<bool> {
    const LOOKED_AT: usize = 4096;
    const MANY: usize = 100;
    const A_VALUE: usize = 4;
    let step = (values.len() / LOOKED_AT).max(1);
    let rows = UInt32Array::from_iter_values((0..values.len() as u32).step_by(step));
    let sample = hashes(&take(values, &rows, None)?)?;
    let said = || {
        sample
            .iter()
            .filter(|hash| **hash != NULL && **hash != EMPTY)
    };
    let distinct = said().collect::<HashSet<_>>().len();
    let said = said().count();
    Ok((distinct > 1 || said == 1) && distinct >= MANY.min(said / A_VALUE))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use arrow::array::{BooleanArray, RecordBatch, StringArray};

    use super::*;
    use crate::stages::lineage::Sources;

    fn text<const N: usize>(values: [&str; N]) -> ArrayRef {
        Arc::new(StringArray::from_iter_values(values))
    }

    /// Records whose columns are made of the columns of one export that are named behind them.
    fn records(columns: Vec<(&str, ArrayRef, &[&str])>) -> Records {
        let origin = |name: &&str| ("raw.a".to_string(), (*name).to_string());
        let origins = columns.iter().map(|(name, _, made_of)| {
            let sources: Sources = made_of.iter().map(origin).collect();
            ((*name).to_string(), sources)
        });
        let origins: BTreeMap<String, Sources> = origins.collect();
        let arrays = columns.into_iter().map(|(name, values, _)| (name, values));
        let batch = RecordBatch::try_from_iter_with_nullable(
            arrays.map(|(name, values)| (name, values, true)),
        );
        let batch = batch.unwrap();
        let ids = batch.column(0);
        Records {
            ids: ids.as_any().downcast_ref::<StringArray>().unwrap().clone(),
            batch,
            origins,
        }
    }

    #[test]
    fn a_key_that_stands_in_for_a_name_is_read() {
        let family = || text(["smiths@x.com", "novak@x.com"]);
        let one = |ids, names| {
            let records = records(vec![
                ("record_id", ids, &["id"]),
                ("name", names, &["name", "id"]),
                ("email", family(), &["email"]),
                ("phone", text(["1", "2"]), &["phone"]),
            ]);
            Contents::new(&records, "record_id", None).unwrap().said
        };
        let before = one(text(["a1", "a2"]), text(["a1", "Peter"]));
        let after = one(text(["b1", "b2"]), text(["b1", "Peter"]));
        assert_ne!(before[0], after[0]);
        assert_eq!(before[1], after[1]);
        assert!(is_enough(before[1]));
    }

    #[test]
    fn flags_and_constants_tell_nobody_apart() {
        let records = records(vec![
            ("record_id", text(["1", "2", "3"]), &["id"]),
            (
                "is_company",
                Arc::new(BooleanArray::from(vec![false; 3])),
                &["name"],
            ),
            ("country", text(["GB", "GB", "GB"]), &["country"]),
            ("city", text(["Leeds", "Hull", "York"]), &["city"]),
            ("email", text(["", "b@x.com", "c@x.com"]), &["email"]),
            ("phone", text(["", "", "3"]), &["phone"]),
        ]);
        let said = Contents::new(&records, "record_id", None).unwrap().said;
        assert_eq!(
            said.into_iter().map(is_enough).collect::<Vec<_>>(),
            [false, false, true]
        );
    }
}
