//! The records of identity, read from their stage.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, Scalar, StringArray, new_empty_array};
use arrow::compute::kernels::cmp::eq;
use arrow::compute::{cast, concat, interleave, nullif};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, plan_err};
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::prelude::SessionContext;
use futures::{StreamExt, stream};
use rayon::prelude::*;

use crate::engine::threads::run_in_own_threads;
use crate::identity::ready::columns_read;
use crate::identity::records::Records;
use crate::identity::rules::RuleBook;
use crate::stages::lineage::Sources;

/// The columns that the rule book reads, sorted by record id.
pub async fn load(
    session: &SessionContext,
    book: &RuleBook,
    origins: BTreeMap<String, Sources>,
) -> Result<Records> {
    let (session, book) = (session.clone(), book.clone());
    let read = move || run_in_own_threads(read_records(&session, &book, origins));
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|error| DataFusionError::External(Box::new(error)))??
}

async fn read_records(
    session: &SessionContext,
    book: &RuleBook,
    origins: BTreeMap<String, Sources>,
) -> Result<Records> {
    let table = session.table(book.records.as_str()).await?;
    let columns = Arc::new(table.schema().as_arrow().clone());
    let read = columns_read(session, &columns, book)?;
    let names = columns.fields().iter().map(|field| field.name());
    let names = names.filter(|name| read.contains(*name));
    let mut names: Vec<String> = names.cloned().collect();
    let Some(key) = names.iter().position(|name| *name == book.record_id) else {
        return plan_err!("{} has no column {}", book.records, book.record_id);
    };
    // The ids come first: in their order everything else is brought.
    names[..=key].rotate_right(1);
    let is_stored = is_stored(&table.into_optimized_plan()?);
    // What has to be computed is computed once. What lies in a file is read by columns, whose parts are in memory twice until they
    // are one: in one partition each, so that the rows of all come in one order.
    let (at_a_time, partitions) = match is_stored {
        true => (1, 1),
        false => (names.len(), session.copied_config().target_partitions()),
    };
    // Few large batches: the allocator gives what many small ones leave to others like them alone.
    let config = session.copied_config().with_batch_size(65_536);
    let mut state = session.state();
    *state.config_mut() = config.with_target_partitions(partitions);
    let session = SessionContext::new_with_state(state);
    let reads = names.chunks(at_a_time).map(|names| {
        let quoted = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
        let names: Vec<String> = names.iter().map(quoted).collect();
        let sql = format!("select {} from {}", names.join(", "), book.records);
        tokio::spawn(read_columns(session.clone(), sql))
    });
    let mut reads = stream::iter(reads).buffered(rayon::current_num_threads());
    let (mut columns, mut order) = (Vec::with_capacity(names.len()), None);
    while let Some(read) = reads.next().await {
        let (schema, mut parts) =
            read.map_err(|error| DataFusionError::External(error.into()))??;
        if columns.is_empty() {
            let ids = parts.iter().map(|part| text(part.column(0)));
            // A table is written in the order of its key, and a view in none.
            order = in_order(&ids.collect::<Result<Vec<_>>>()?);
        }
        // Some columns at a time, so that the parts of few are in memory twice.
        let fields: Vec<_> = schema.fields().iter().cloned().collect();
        for fields in fields.chunks(rayon::current_num_threads()) {
            let take = |_| -> Vec<ArrayRef> {
                parts.iter_mut().map(|part| part.remove_column(0)).collect()
            };
            let some: Vec<Vec<ArrayRef>> = fields.iter().map(take).collect();
            let joined = some.into_par_iter().zip(fields).map(|(arrays, field)| {
                let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
                let column = match &order {
                    _ if arrays.is_empty() => new_empty_array(field.data_type()),
                    Some(order) => interleave(&arrays, order)?,
                    None => concat(&arrays)?,
                };
                match *field.name() == book.record_id {
                    true => Ok((field.clone(), column)),
                    false => Ok((field.clone(), without_empty_texts(column)?)),
                }
            });
            columns.extend(joined.collect::<Result<Vec<_>>>()?);
        }
    }
    columns[..=key].rotate_left(1);
    let (fields, columns): (Vec<_>, Vec<ArrayRef>) = columns.into_iter().unzip();
    Ok(Records {
        ids: text(&columns[key])?,
        batch: RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?,
        origins,
    })
}

/// An empty text is no value: it agrees with none, and is none to be held apart from.
fn without_empty_texts(column: ArrayRef) -> Result<ArrayRef> {
    let kind = column.data_type();
    if !kind.is_string() {
        return Ok(column);
    }
    let empty = cast(&StringArray::from(vec![""]), kind)?;
    let is_empty = eq(&column, &Scalar::new(empty))?;
    match is_empty.has_true() {
        true => Ok(nullif(&column, &is_empty)?),
        false => Ok(column),
    }
}

/// Whether a plan gives columns of a table as they are.
fn is_stored(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => {
            let mut columns = projection.expr.iter();
            let is_column = |expr: &Expr| matches!(expr.clone().unalias(), Expr::Column(_));
            columns.all(is_column) && is_stored(&projection.input)
        }
        LogicalPlan::SubqueryAlias(alias) => is_stored(&alias.input),
        LogicalPlan::TableScan(scan) => scan.filters.is_empty() && scan.fetch.is_none(),
        _ => false,
    }
}

/// The columns of a query, and its batches.
async fn read_columns(
    session: SessionContext,
    sql: String,
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let frame = session.sql(&sql).await?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    Ok((schema, frame.collect_partitioned().await?.concat()))
}

/// A column as text.
pub fn text(values: &ArrayRef) -> Result<StringArray> {
    Ok(cast(values, &DataType::Utf8)?.as_string().clone())
}

/// The rows of several parts in the order of their ids: the part and the place in it of each. None where that is their order.
fn in_order(parts: &[StringArray]) -> Option<Vec<(usize, usize)>> {
    let id = |part: u32, row: u32| parts[part as usize].value(row as usize);
    let rows: Vec<(u32, u32)> = (0..parts.len() as u32)
        .flat_map(|part| (0..parts[part as usize].len() as u32).map(move |row| (part, row)))
        .collect();
    let is_sorted = |pair: &[(u32, u32)]| id(pair[0].0, pair[0].1) <= id(pair[1].0, pair[1].1);
    if rows.par_windows(2).all(is_sorted) {
        return None;
    }
    // What all ids begin with tells nothing; of the rest, a few letters beside the row spare a look at most ids.
    let first = id(rows[0].0, rows[0].1).as_bytes();
    let shared = |(part, row): &(u32, u32)| {
        let both = first.iter().zip(id(*part, *row).as_bytes());
        both.take_while(|(one, other)| one == other).count()
    };
    let shared = rows.par_iter().map(shared).min().unwrap_or_default();
    let letters = |id: &str, from: usize| {
        let mut letters = [0; 8];
        let rest = &id.as_bytes()[from.min(id.len())..];
        let known = rest.len().min(letters.len());
        letters[..known].copy_from_slice(&rest[..known]);
        u64::from_be_bytes(letters)
    };
    let keyed = rows.into_par_iter().map(|(part, row)| {
        let id = id(part, row);
        (letters(id, shared), letters(id, shared + 8), part, row)
    });
    let mut keyed: Vec<(u64, u64, u32, u32)> = keyed.collect();
    keyed.par_sort_unstable_by(|one, other| {
        let letters = (one.0, one.1).cmp(&(other.0, other.1));
        let whole = || id(one.2, one.3).cmp(id(other.2, other.3));
        letters
            .then_with(whole)
            .then((one.2, one.3).cmp(&(other.2, other.3)))
    });
    let order = keyed.into_par_iter();
    Some(
        order
            .map(|(_, _, part, row)| (part as usize, row as usize))
            .collect(),
    )
}
