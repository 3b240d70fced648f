//! The one way a table becomes a Parquet file: the same rows give the same bytes.
//!
//! Rows come in the order of the table's key, in batches of a fixed size, whatever the engine's own batches were.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::BatchCoalescer;
use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

/// Rows of a row group: many enough to compress, few enough that a reader with several threads has work for each.
pub const ROW_GROUP_ROWS: usize = 122_880;
/// Rows that are written at a time: fixed, so that pages end at the same rows in every run.
const BATCH_ROWS: usize = 8_192;

/// How published tables are written; `bloom` names the columns that get a bloom filter.
pub fn properties(bloom: &[String]) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_created_by("onefold".to_string())
        .set_compression(Compression::ZSTD(
            ZstdLevel::try_new(1).expect("1 is a level of zstd"),
        ))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Page);
    for column in bloom {
        builder = builder.set_column_bloom_filter_enabled(ColumnPath::from(column.as_str()), true);
    }
    builder.build()
}

/// How tables that only this run reads are written: fast. `distinct` names columns whose values hardly repeat.
pub fn scratch_properties(distinct: &[String]) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_created_by("onefold".to_string())
        .set_compression(Compression::LZ4_RAW)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::None);
    for column in distinct {
        builder =
            builder.set_column_dictionary_enabled(ColumnPath::from(vec![column.clone()]), false);
    }
    builder.build()
}

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// Rows of the table.
    pub rows: u64,
    /// Rows whose key is null.
    pub null_keys: u64,
    /// Rows whose key an earlier row has.
    pub repeated_keys: u64,
}

/// Writes a stream that comes in the order of its key. The file is complete on disk when this returns.
pub async fn write(
    mut stream: SendableRecordBatchStream,
    schema: SchemaRef,
    key: Vec<usize>,
    properties: WriterProperties,
    path: &Path,
) -> Result<Written> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<RecordBatch>(4);
    let file = File::create(path)?;
    // Packing and compressing goes on beside the query.
    let writer = tokio::task::spawn_blocking(move || -> Result<Written> {
        let mut writer = ArrowWriter::try_new(file.try_clone()?, schema.clone(), Some(properties))?;
        let mut coalescer = BatchCoalescer::new(schema.clone(), BATCH_ROWS);
        let mut keys = KeyCheck::new(&schema, &key)?;
        let mut written = Written::default();
        while let Some(batch) = receiver.blocking_recv() {
            let batch = as_written(&batch, &schema)?;
            written.rows += batch.num_rows() as u64;
            keys.check(&batch, &mut written)?;
            coalescer.push_batch(batch)?;
            while let Some(full) = coalescer.next_completed_batch() {
                writer.write(&full)?;
            }
        }
        coalescer.finish_buffered_batch()?;
        while let Some(rest) = coalescer.next_completed_batch() {
            writer.write(&rest)?;
        }
        writer.close()?;
        file.sync_all()?;
        Ok(written)
    });
    let mut failure = None;
    while let Some(batch) = stream.next().await {
        match batch {
            Ok(batch) => {
                // The writer stopped: its own error says why.
                if sender.send(batch).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    drop(sender);
    let written = writer
        .await
        .map_err(|error| DataFusionError::External(Box::new(error)))?;
    match failure {
        Some(error) => Err(error),
        None => written,
    }
}

/// The columns in the types of the file: the engine may hand over a view where its plan says text.
fn as_written(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let cast =
        |(column, field): (&ArrayRef, &FieldRef)| match column.data_type() == field.data_type() {
            true => Ok(Arc::clone(column)),
            false => arrow::compute::cast(column, field.data_type()),
        };
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(cast)
        .collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// Compares each key with the one before it: in sorted rows, equal keys are neighbours.
struct KeyCheck {
    columns: Vec<usize>,
    converter: Option<RowConverter>,
    last: Option<OwnedRow>,
}

impl KeyCheck {
    fn new(schema: &SchemaRef, key: &[usize]) -> Result<Self> {
        let fields = key
            .iter()
            .map(|at| SortField::new(schema.field(*at).data_type().clone()))
            .collect::<Vec<_>>();
        let converter = if key.is_empty() {
            None
        } else {
            Some(RowConverter::new(fields)?)
        };
        Ok(Self {
            columns: key.to_vec(),
            converter,
            last: None,
        })
    }

    fn check(&mut self, batch: &RecordBatch, written: &mut Written) -> Result<()> {
        let Some(converter) = &self.converter else {
            return Ok(());
        };
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(|at| Arc::clone(batch.column(*at)))
            .collect();
        written.null_keys += columns
            .iter()
            .map(|column| column.null_count() as u64)
            .max()
            .unwrap_or(0);
        let rows = converter.convert_columns(&columns)?;
        for row in 0..rows.num_rows() {
            let is_repeated = match (row, &self.last) {
                (0, Some(last)) => rows.row(0) == last.row(),
                (0, None) => false,
                _ => rows.row(row) == rows.row(row - 1),
            };
            written.repeated_keys += u64::from(is_repeated);
        }
        if rows.num_rows() > 0 {
            self.last = Some(rows.row(rows.num_rows() - 1).owned());
        }
        Ok(())
    }
}
