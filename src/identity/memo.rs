//! What is computed once of the values of the records, for all rules and comparisons that read the same columns.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::common::{Column, Result, plan_err};
use datafusion::logical_expr::Expr;
use datafusion::prelude::SessionContext;
use hashbrown::HashMap;

use super::condition::over_records;
use super::grouping::hashes;
use super::reading::{Readable, Reading};
use super::records::{Encoded, Records};

/// What is known of the values of the records.
#[derive(Debug, Default)]
pub struct Memo {
    /// A hash of the value of an expression over each record, by the text of the expression.
    hashes: Mutex<HashMap<String, Arc<Vec<u64>>>>,
    /// Columns whose values are taken apart, by their names.
    read: Mutex<HashMap<(String, Readable), Read>>,
}

/// A column whose values are taken apart.
#[derive(Debug, Clone)]
pub struct Read {
    /// The numbers of its values.
    pub encoded: Encoded,
    /// What they say.
    pub reading: Reading,
}

impl Memo {
    /// A hash of each record's value of a column.
    pub fn of_column(&self, records: &Records, column: &str) -> Result<Arc<Vec<u64>>> {
        let name = Expr::Column(Column::new_unqualified(column)).to_string();
        self.known(name, || match records.batch.column_by_name(column) {
            Some(values) => hashes(values),
            None => plan_err!("the records have no column {column}"),
        })
    }

    /// A column with its values taken apart.
    pub fn read(&self, records: &Records, column: &str, readable: Readable) -> Result<Read> {
        let of = (column.to_string(), readable);
        if let Some(read) = locked(&self.read).get(&of) {
            return Ok(read.clone());
        }
        let encoded = records.encoded_by(column, self)?;
        let reading = Reading::new(&encoded, readable);
        let read = Read { encoded, reading };
        locked(&self.read).insert(of, read.clone());
        Ok(read)
    }

    /// Lets go of the hashes of whole columns: they are soon made again, and large.
    pub fn forget_columns(&self, records: &Records) {
        self.keep_hashes(|name| records.batch.column_by_name(name).is_none());
    }

    /// Lets go of all hashes but those that are told, by the text of the expression: a column's name, say.
    pub fn keep_hashes(&self, is_kept: impl Fn(&str) -> bool) {
        locked(&self.hashes).retain(|name, _| is_kept(name));
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        let (hashes, read) = (locked(&self.hashes), locked(&self.read));
        let hashes = hashes.values();
        let hashes = hashes.map(|hashes| hashes.capacity() * size_of::<u64>());
        let read = read.values();
        let read = read.map(|read| read.encoded.size() + read.reading.size());
        hashes.sum::<usize>() + read.sum::<usize>()
    }

    /// A hash of each record's value, the same for equal values.
    pub(super) fn of(
        &self,
        session: &SessionContext,
        records: &Records,
        expression: &Expr,
    ) -> Result<Arc<Vec<u64>>> {
        self.known(expression.to_string(), || {
            hashes(&over_records(session, records, expression.clone())?)
        })
    }

    fn known(
        &self,
        name: String,
        hashes: impl FnOnce() -> Result<Vec<u64>>,
    ) -> Result<Arc<Vec<u64>>> {
        if let Some(known) = locked(&self.hashes).get(&name) {
            return Ok(Arc::clone(known));
        }
        let hashes = Arc::new(hashes()?);
        locked(&self.hashes).insert(name, Arc::clone(&hashes));
        Ok(hashes)
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
