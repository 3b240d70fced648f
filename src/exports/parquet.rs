//! Parquet exports: columns that have their types already, cast to ours; cell by cell where a contract has to be kept.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::columns::Faults;
use super::files::Ranges;
use super::grid::{Grid, Record};
use super::read::{self, FileSummary};
use super::sink::{Sink, kind_of};
use super::{Export, Source};
use crate::fault::{Fault, Result};
use crate::pipeline::file::{ColumnType, Contract};

/// Rows that are read at a time.
const BATCH: usize = 65_536;

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
            // What has no type of ours, like a list, comes as text.
            let plain = Field::new(field.name(), plain_type(field.data_type()), true);
            (
                field.name().clone(),
                kind_of(&plain).unwrap_or(ColumnType::Text),
            )
        })
        .collect())
}

/// Types as they are in the engine: no views, no dictionaries, no nanoseconds, no unsigned.
fn plain_type(found: &DataType) -> DataType {
    match crate::stages::types::published_type(found) {
        Some(DataType::Int32) => DataType::Int64,
        Some(plain) => plain,
        None => found.clone(),
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

/// Whether the rows of a file have to be looked at one by one: a type that is not the file's own, local times, a key, or any
/// other promise.
fn has_contract(export: &Export, batch: &RecordBatch) -> bool {
    let is_read_anew = |field: &Arc<Field>| {
        batch.column_by_name(field.name()).is_some_and(|column| {
            let found = column.data_type();
            plain_type(found) != *field.data_type() || matches!(found, DataType::Timestamp(_, None))
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
    let fault = |error: &dyn std::fmt::Display| {
        Fault::failed(format!("could not read {}: {error}", source.name))
    };
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

/// The values of some columns as text.
fn grid(columns: &[&ArrayRef], rows: usize) -> arrow::error::Result<Grid<'static>> {
    let options = FormatOptions::default().with_display_error(true);
    let formatters = columns
        .iter()
        .map(|column| ArrayFormatter::try_new(column, &options))
        .collect::<arrow::error::Result<Vec<_>>>()?;
    let mut grid = Grid::growing(columns.len(), "");
    for row in 0..rows {
        for (column, formatter) in columns.iter().zip(&formatters) {
            if column.is_valid(row) {
                grid.push(Some(&formatter.value(row).to_string()));
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
