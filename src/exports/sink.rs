//! Where records go: typed rows into the table's Parquet file, a row group at a time, and rejects beside it.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::filter;
use arrow::datatypes::{Field, SchemaRef};
use chrono_tz::Tz;
use parquet::arrow::arrow_writer::ArrowColumnChunk;

use super::columns::{Column, Faults, Reading, data_type};
use super::grid::{Grid, Reject};
use super::rejects::Rejects;
use super::{Export, Source};
use crate::engine::write::{self, Table};
use crate::pipeline::file::{ColumnType, Contract};

type ParquetResult<T> = parquet::errors::Result<T>;

/// A row group, typed, packed and compressed, but not yet in the file.
pub struct Packed {
    chunks: Vec<ArrowColumnChunk>,
    rows: u64,
    /// Whether each column has a value.
    has_values: Vec<bool>,
    /// Texts that were repaired.
    repaired: u64,
    /// Records that were set aside, in the order of their lines.
    pub rejects: Vec<Reject>,
}

/// Turns grids into row groups, on any thread.
pub struct Packer {
    columns: Vec<Column>,
    reading: Reading,
    packer: write::Packer,
}

/// The two files of an export being written.
pub struct Sink {
    /// What turns grids into row groups.
    pub packer: Arc<Packer>,
    table: Table,
    rejects: Rejects,
    rows: u64,
    has_values: Vec<bool>,
    repaired: u64,
}

/// What a sink took.
#[derive(Debug, Default)]
pub struct Taken {
    /// Rows of the table.
    pub rows: u64,
    /// Records set aside.
    pub rejects: u64,
    /// Rejects by reason and column, the commonest first.
    pub reasons: Vec<(String, u64)>,
    /// Columns without a single value.
    pub empty_columns: Vec<String>,
    /// Texts that were repaired.
    pub repaired: u64,
}

impl Packer {
    /// Columns of the table.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Types the cells of a grid and packs them; `positions` says where in a record each column of the table lies. Records
    /// over a line that could not be decoded are set aside, and so is every one that breaks its contract.
    pub fn pack(
        &self,
        grid: &Grid,
        positions: &[Option<usize>],
        mut faults: Faults,
        mut rejects: Vec<Reject>,
    ) -> ParquetResult<Packed> {
        let mut repaired = 0;
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len());
        for (number, (column, at)) in self.columns.iter().zip(positions).enumerate() {
            let (array, mended) = column.read(grid, *at, number, self.reading, &mut faults);
            repaired += mended;
            arrays.push(array);
        }
        if !faults.is_empty() {
            let is_sound: BooleanArray = (0..grid.records.len())
                .map(|record| Some(!faults.contains_key(&record)))
                .collect();
            for array in &mut arrays {
                *array = filter(array, &is_sound)?;
            }
            rejects.extend(faults.iter().map(|(record, (column, reason))| Reject {
                line: grid.records[*record].line,
                column: column.map(|column| self.columns[column].name.clone()),
                reason,
                raw: grid.raw(*record).into_owned(),
            }));
            rejects.sort_by_key(|reject| reject.line);
        }
        self.pack_arrays(arrays, repaired, rejects)
    }

    /// Packs columns that have their types already.
    pub fn pack_arrays(
        &self,
        arrays: Vec<ArrayRef>,
        repaired: u64,
        rejects: Vec<Reject>,
    ) -> ParquetResult<Packed> {
        let rows = arrays.first().map_or(0, |array| array.len());
        let has_values = arrays.iter().map(|array| array.null_count() < rows);
        Ok(Packed {
            has_values: has_values.collect(),
            chunks: self.packer.pack(&arrays)?,
            rows: rows as u64,
            repaired,
            rejects,
        })
    }
}

impl Sink {
    /// Starts the files of an export.
    pub fn create(export: &Export, zone: Tz, table: &Path, rejects: &Path) -> ParquetResult<Self> {
        let contract = |field: &Field| {
            export
                .spec
                .contract(field.name())
                .cloned()
                .unwrap_or(Contract {
                    kind: kind_of(field).unwrap_or(ColumnType::Text),
                    required: false,
                    allowed: Vec::new(),
                    pattern: None,
                })
        };
        let is_key = |field: &Field| export.spec.is_key(field.name());
        let columns = export.schema.fields().iter();
        let columns =
            columns.map(|field| Column::new(field.name(), contract(field), is_key(field)));
        let (table, packer) = Table::create(table, &export.schema, write::scratch_properties())?;
        Ok(Self {
            packer: Arc::new(Packer {
                columns: columns.collect(),
                reading: Reading {
                    zone,
                    order: export.spec.date_order,
                    repairs: export.spec.repair_mojibake,
                },
                packer,
            }),
            table,
            rejects: Rejects::create(rejects)?,
            rows: 0,
            has_values: vec![false; export.schema.fields().len()],
            repaired: 0,
        })
    }

    /// Writes a row group, and the rejects beside it. `first_line` is the number of the piece's first line, from 1.
    pub fn take(&mut self, packed: Packed, source: &Source, first_line: u64) -> ParquetResult<()> {
        for reject in &packed.rejects {
            self.reject(source, first_line, reject)?;
        }
        self.repaired += packed.repaired;
        for (all, here) in self.has_values.iter_mut().zip(&packed.has_values) {
            *all |= here;
        }
        if packed.rows == 0 {
            return Ok(());
        }
        self.table.append(packed.chunks)?;
        self.rows += packed.rows;
        Ok(())
    }

    fn reject(&mut self, source: &Source, first_line: u64, reject: &Reject) -> ParquetResult<()> {
        self.rejects.add(
            &source.name,
            first_line + u64::from(reject.line),
            reject.column.as_deref(),
            reject.reason,
            &reject.raw,
        )
    }

    /// Ends both files; that of the rows may not be on disk yet.
    pub fn close(self, schema: &SchemaRef) -> ParquetResult<Taken> {
        self.table.end()?;
        let (rejects, reasons) = self.rejects.close()?;
        let mut reasons: Vec<(String, u64)> = reasons
            .into_iter()
            .map(|((reason, column), count)| {
                let place = if column.is_empty() {
                    reason
                } else {
                    format!("{reason} in {column}")
                };
                (place, count)
            })
            .collect();
        reasons.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
        let empty_columns = schema.fields().iter().zip(&self.has_values);
        Ok(Taken {
            rows: self.rows,
            rejects,
            reasons,
            empty_columns: empty_columns
                .filter(|(_, has_values)| !**has_values && self.rows > 0)
                .map(|(field, _)| field.name().clone())
                .collect(),
            repaired: self.repaired,
        })
    }
}

/// The declared type that has a type of the engine.
pub fn kind_of(field: &Field) -> Option<ColumnType> {
    use ColumnType::{Amount, Boolean, Date, Integer, List, Number, Text, Timestamp};
    [
        Text, Integer, Amount, Number, Date, Timestamp, Boolean, List,
    ]
    .into_iter()
    .find(|kind| data_type(*kind) == *field.data_type())
}
