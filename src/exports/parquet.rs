//! Parquet exports: columns that have their types already, cast to ours; cell by cell where a contract has to be kept.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::columns::{Faults, data_type};
use super::files::Ranges;
use super::grid::{Grid, Record};
use super::read::{self, FileSummary};
use super::sink::{Sink, kind_of};
use super::{Export, Source, json};
use crate::fault::{Fault, Result};
use crate::pipeline::file::{ColumnType, Contract};

/// Rows that are read at a time.
const BATCH: usize = 65_536;

/// Rows that are looked at for a draft.
const LOOKED_AT: usize = 1000;

/// The columns of a file, by name, with the type that each has without a declaration.
pub fn columns(export: &str, source: &Source) -> Result<Vec<(String, ColumnType)>> {
    let builder = open(export, source)?;
    let fields = builder.schema().fields().iter();
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = builder
        .schema()
        .fields()
        .iter()
        .find(|field| !seen.insert(field.name()))
    {
        return Err(Fault::project(format!(
            "the file {} has two columns \"{}\"",
            source.name,
            twice.name()
        ))
        .hint("name the columns of the source apart"));
    }
    Ok(fields
        .map(|field| {
            // What has no type of ours, like a struct, comes as text.
            let plain = Field::new(field.name(), plain_type(field.data_type()), true);
            (
                field.name().clone(),
                kind_of(&plain).unwrap_or(ColumnType::Text),
            )
        })
        .collect())
}

/// The columns of a file with their types, and their first values as text.
pub fn first_values(
    export: &str,
    source: &Source,
) -> Result<Vec<(String, ColumnType, Vec<String>)>> {
    let columns = columns(export, source)?;
    let fault = |error: ArrowError| read_fault(source, &error);
    let mut reader = open(export, source)?
        .with_batch_size(LOOKED_AT)
        .build()
        .map_err(|error| fault(error.into()))?;
    let mut values = vec![Vec::new(); columns.len()];
    if let Some(batch) = reader.next().transpose().map_err(fault)? {
        let grid = grid(
            &batch.columns().iter().collect::<Vec<_>>(),
            batch.num_rows(),
        );
        let grid = grid.map_err(fault)?;
        for row in 0..grid.records.len() {
            for (column, values) in values.iter_mut().enumerate() {
                values.push(grid.cell(row, column).0.into_owned());
            }
        }
    }
    let columns = columns.into_iter().zip(values);
    Ok(columns
        .map(|((name, kind), values)| (name, kind, values))
        .collect())
}

fn read_fault(source: &Source, error: &dyn std::fmt::Display) -> Box<Fault> {
    Fault::failed(format!("could not read {}: {error}", source.name))
}

/// Types as they are in the engine: no views, no dictionaries, no nanoseconds, no unsigned; a list is one of text.
fn plain_type(found: &DataType) -> DataType {
    if is_list(found) {
        return data_type(ColumnType::List);
    }
    match crate::stages::types::published_type(found) {
        Some(DataType::Int32) => DataType::Int64,
        Some(plain) => plain,
        None => found.clone(),
    }
}

/// Whether a type is a list of values that are no lists or structs themselves.
fn is_list(found: &DataType) -> bool {
    match found {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            !item.data_type().is_nested()
        }
        _ => false,
    }
}

fn open(export: &str, source: &Source) -> Result<ParquetRecordBatchReaderBuilder<Ranges>> {
    let ranges = source.ranges();
    ParquetRecordBatchReaderBuilder::try_new(ranges).map_err(|error| {
        Fault::failed(format!(
            "could not read {} of export {export}: {error}",
            source.name
        ))
        .hint("it is no whole Parquet file; fetch it again")
    })
}

/// Whether the rows of a file have to be looked at one by one: a type that is not the file's own, lists, local times, a key, or
/// any other promise.
fn has_contract(export: &Export, batch: &RecordBatch) -> bool {
    let is_read_anew = |field: &Arc<Field>| {
        batch.column_by_name(field.name()).is_some_and(|column| {
            let found = column.data_type();
            plain_type(found) != *field.data_type()
                || is_list(found)
                || matches!(found, DataType::Timestamp(_, None))
        })
    };
    let promises = |(_, contract): &(String, Contract)| {
        contract.required || !contract.allowed.is_empty() || contract.pattern.is_some()
    };
    !export.spec.key.is_empty()
        || export.spec.repair_mojibake
        || export.schema.fields().iter().any(is_read_anew)
        || export.spec.columns.0.iter().any(promises)
}

/// Reads a file into a sink.
pub fn read(export: &Export, source: &Source, sink: &mut Sink) -> Result<FileSummary> {
    let fault = |error: &dyn std::fmt::Display| read_fault(source, error);
    let write_fault = |error| read::write_fault(export, &error);
    let builder = open(&export.name, source)?;
    let header: Vec<String> = builder
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let reader = builder
        .with_batch_size(BATCH)
        .build()
        .map_err(|error| fault(&error))?;
    let mut line = 1;
    for batch in reader {
        let batch = batch.map_err(|error| fault(&error))?;
        let mut columns: Vec<&ArrayRef> = Vec::new();
        for field in export.schema.fields() {
            match batch.column_by_name(field.name()) {
                Some(column) => columns.push(column),
                None => {
                    read::check_present(&export.name, source, field.name(), &header)?;
                    return Err(fault(&"a column is missing"));
                }
            }
        }
        let packed = if has_contract(export, &batch) {
            let grid = grid(&columns, batch.num_rows()).map_err(|error| fault(&error))?;
            let positions: Vec<Option<usize>> = (0..columns.len()).map(Some).collect();
            sink.packer
                .pack(&grid, &positions, Faults::new(), Vec::new())
        } else {
            // A value that does not fit is a fault, not a null.
            let exact = CastOptions {
                safe: false,
                ..CastOptions::default()
            };
            let cast = columns
                .iter()
                .zip(export.schema.fields())
                .map(|(column, field)| {
                    cast_with_options(column, field.data_type(), &exact).map_err(|error| {
                        fault(&error).detail(format!(
                            "column {} cannot be read as {}",
                            field.name(),
                            field.data_type()
                        ))
                    })
                });
            sink.packer
                .pack_arrays(cast.collect::<Result<_>>()?, 0, Vec::new())
        };
        sink.take(packed.map_err(write_fault)?, source, line)
            .map_err(write_fault)?;
        line += batch.num_rows() as u64;
    }
    let mut summary = read::file_summary(source);
    summary.encoding = "parquet".to_string();
    Ok(summary)
}

/// The values of some columns as text, lists as JSON arrays.
fn grid(columns: &[&ArrayRef], rows: usize) -> arrow::error::Result<Grid<'static>> {
    let plain = |column: &&ArrayRef| match is_list(column.data_type()) {
        true => arrays_as_json(column),
        false => Ok(ArrayRef::clone(column)),
    };
    let columns: Vec<ArrayRef> = columns
        .iter()
        .map(plain)
        .collect::<arrow::error::Result<_>>()?;
    let options = FormatOptions::default().with_display_error(true);
    let formatters = columns
        .iter()
        .map(|column| ArrayFormatter::try_new(column, &options))
        .collect::<arrow::error::Result<Vec<_>>>()?;
    let mut grid = Grid::growing(columns.len(), "");
    for row in 0..rows {
        for (column, formatter) in columns.iter().zip(&formatters) {
            if column.is_valid(row) {
                let text = formatter.value(row).to_string();
                // A whole number is a float where another row lacks one: an id stays what it was.
                let text = match column.data_type().is_floating() {
                    true => json::whole(&text),
                    false => &text,
                };
                grid.push(Some(text));
            } else {
                grid.push(None);
            }
        }
        grid.records.push(Record {
            line: row as u32,
            raw: (0, 0),
        });
    }
    Ok(grid)
}

/// A list column with each list as the text of a JSON array.
fn arrays_as_json(lists: &ArrayRef) -> arrow::error::Result<ArrayRef> {
    let lists = cast(lists, &data_type(ColumnType::List))?;
    let arrays = lists.as_list::<i32>().iter().map(|list| {
        let items: Vec<Option<String>> = match list {
            None => return None,
            Some(list) => list
                .as_string::<i32>()
                .iter()
                .map(|item| item.map(str::to_string))
                .collect(),
        };
        Some(serde_json::Value::from(items).to_string())
    });
    Ok(Arc::new(arrays.collect::<StringArray>()))
}
