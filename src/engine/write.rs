//! The one way a table becomes a Parquet file: the same rows give the same bytes.
//!
//! Rows come in the order of the table's key, and go into row groups of a fixed size, whatever the engine's own batches were.
//! The columns of a row group are packed on all threads.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, UInt64Array};
use arrow::compute::{BatchCoalescer, take};
use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::hash_utils::{RandomState, create_hashes};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::bloom_filter::Sbbf;
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::{
    KeyValue, PageIndexPolicy, ParquetMetaDataOptions, ParquetMetaDataReader,
};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

/// Rows of a row group: many enough to compress, few enough that a reader with several threads has work for each.
pub const ROW_GROUP_ROWS: usize = 122_880;

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
        builder = builder.set_column_bloom_filter_enabled(column_path(column), true);
    }
    builder.build()
}

/// How tables are written that nobody but a run reads: fast.
pub fn scratch_properties() -> WriterProperties {
    WriterProperties::builder()
        .set_created_by("onefold".to_string())
        .set_compression(Compression::LZ4_RAW)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::None)
        .build()
}

/// How numbers without order are written that nobody but the next run reads: nothing makes them smaller.
pub fn plain_properties() -> WriterProperties {
    let properties = scratch_properties().into_builder();
    properties
        .set_compression(Compression::UNCOMPRESSED)
        .build()
}

/// A column by its whole name, whatever dots are in it.
fn column_path(column: &str) -> ColumnPath {
    ColumnPath::from(vec![column.to_string()])
}

/// Packs row groups, on any thread.
pub struct Packer {
    schema: SchemaRef,
    factory: ArrowRowGroupWriterFactory,
    /// For columns whose values hardly repeat: a dictionary would be as long as the column.
    without_dictionary: ArrowRowGroupWriterFactory,
}

impl Packer {
    /// A row group, packed and compressed, its columns on several threads.
    pub fn pack(&self, columns: &[ArrayRef]) -> parquet::errors::Result<Vec<ArrowColumnChunk>> {
        let mut leaves = Vec::new();
        for (field, column) in self.schema.fields().iter().zip(columns) {
            let repeats = repeats(column)?;
            leaves.extend(
                compute_leaves(field, column)?
                    .into_iter()
                    .map(|leaf| (leaf, repeats)),
            );
        }
        let writers = self.factory.create_column_writers(0)?;
        let plain = self.without_dictionary.create_column_writers(0)?;
        let packed: Vec<_> = (writers, plain, leaves)
            .into_par_iter()
            .map(|(writer, plain, (leaf, repeats))| {
                let mut writer = if repeats { writer } else { plain };
                writer.write(&leaf)?;
                writer.close()
            })
            .collect();
        packed.into_iter().collect()
    }
}

/// Whether the values of a column repeat so much that a dictionary is worth its making, by those of some rows: as if the distinct
/// values were fewer than an eighth of the rows.
fn repeats(column: &ArrayRef) -> parquet::errors::Result<bool> {
    const LOOKED_AT: usize = 4_096;
    let rows = column.len();
    if rows <= LOOKED_AT || column.data_type().is_nested() {
        return Ok(true);
    }
    let chosen = (0..LOOKED_AT).map(|at| (at * rows / LOOKED_AT) as u64);
    let some = take(column, &UInt64Array::from_iter_values(chosen), None)?;
    let mut hashes = vec![0; LOOKED_AT];
    create_hashes(&[some], &RandomState::default(), &mut hashes)
        .map_err(|error| parquet::errors::ParquetError::External(Box::new(error)))?;
    hashes.sort_unstable();
    let repeated = hashes.windows(2).filter(|pair| pair[0] == pair[1]).count();
    // Of n distinct values, k rows have about k²/2n that an earlier one has.
    Ok(repeated >= 4 * LOOKED_AT * LOOKED_AT / rows)
}

/// A Parquet file being written, a packed row group at a time.
pub struct Table(SerializedFileWriter<File>);

impl Table {
    /// Begins a file, with what packs its row groups.
    pub fn create(
        path: &Path,
        schema: &SchemaRef,
        properties: WriterProperties,
    ) -> parquet::errors::Result<(Self, Packer)> {
        let plain = properties
            .clone()
            .into_builder()
            .set_dictionary_enabled(false)
            .build();
        let nowhere = ArrowWriter::try_new(io::sink(), schema.clone(), Some(plain))?;
        let (_, without_dictionary) = nowhere.into_serialized_writer()?;
        let writer = ArrowWriter::try_new(File::create(path)?, schema.clone(), Some(properties))?;
        let (writer, factory) = writer.into_serialized_writer()?;
        let packer = Packer {
            schema: schema.clone(),
            factory,
            without_dictionary,
        };
        Ok((Self(writer), packer))
    }

    /// Adds a row group.
    pub fn append(&mut self, packed: Vec<ArrowColumnChunk>) -> parquet::errors::Result<()> {
        let mut group = self.0.next_row_group()?;
        for chunk in packed {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        Ok(())
    }

    /// Adds the first row groups of another file with the same columns, byte for byte.
    pub fn copy(&mut self, path: &Path, groups: usize) -> parquet::errors::Result<()> {
        let file = File::open(path)?;
        let whole = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        let metadata = ParquetMetaDataReader::new()
            .with_metadata_options(Some(whole))
            .with_page_index_policy(PageIndexPolicy::Optional)
            .parse_and_finish(&file)?;
        for (at, group) in metadata.row_groups().iter().enumerate().take(groups) {
            let mut copied = self.0.next_row_group()?;
            for (column, chunk) in group.columns().iter().enumerate() {
                let pages = metadata
                    .column_index()
                    .map(|index| index[at][column].clone());
                let places = metadata
                    .offset_index()
                    .map(|index| index[at][column].clone());
                copied.append_column(
                    &file,
                    ColumnCloseResult {
                        bytes_written: chunk.compressed_size() as u64,
                        rows_written: group.num_rows() as u64,
                        metadata: chunk.clone(),
                        bloom_filter: Sbbf::read_from_column_chunk(chunk, &file)?,
                        column_index: pages,
                        offset_index: places,
                    },
                )?;
            }
            copied.close()?;
        }
        Ok(())
    }

    /// Puts a note into what the file says of itself.
    pub fn note(&mut self, key: &str, value: &str) {
        let entry = KeyValue::new(key.to_string(), value.to_string());
        self.0.append_key_value_metadata(entry);
    }

    /// Ends the file, which is complete on disk when this returns.
    pub fn close(self) -> parquet::errors::Result<()> {
        Ok(self.end()?.sync_all()?)
    }

    /// Ends a file that the system may write to the disk when it likes.
    pub fn end(self) -> parquet::errors::Result<File> {
        self.0.into_inner()
    }
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
    /// The first key that is one or the other, as text.
    pub broken_key: Option<String>,
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
    let (mut table, packer) = Table::create(path, &schema, properties)?;
    // Packing and compressing goes on beside the query.
    let writer = tokio::task::spawn_blocking(move || -> Result<Written> {
        let mut coalescer = BatchCoalescer::new(schema.clone(), ROW_GROUP_ROWS);
        let mut keys = KeyCheck::new(&schema, &key)?;
        let mut written = Written::default();
        while let Some(batch) = receiver.blocking_recv() {
            let batch = as_written(&batch, &schema)?;
            written.rows += batch.num_rows() as u64;
            keys.check(&batch, &mut written)?;
            coalescer.push_batch(batch)?;
            while let Some(full) = coalescer.next_completed_batch() {
                table.append(packer.pack(full.columns())?)?;
            }
        }
        coalescer.finish_buffered_batch()?;
        while let Some(rest) = coalescer.next_completed_batch() {
            table.append(packer.pack(rest.columns())?)?;
        }
        table.close()?;
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

/// A key of several columns as text.
fn as_text(columns: &[ArrayRef], row: usize) -> Result<String> {
    let options = FormatOptions::default().with_null("null");
    let values = columns.iter().map(|column| {
        let values = ArrayFormatter::try_new(column, &options)?;
        Ok(values.value(row).to_string())
    });
    Ok(values.collect::<Result<Vec<_>>>()?.join(", "))
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
        let has_nulls = columns.iter().any(|column| column.null_count() > 0);
        let rows = converter.convert_columns(&columns)?;
        for row in 0..rows.num_rows() {
            let is_repeated = match (row, &self.last) {
                (0, Some(last)) => rows.row(0) == last.row(),
                (0, None) => false,
                _ => rows.row(row) == rows.row(row - 1),
            };
            let is_null = || columns.iter().any(|column| column.is_null(row));
            // A key that is null is no key that another row could have.
            written.repeated_keys += u64::from(is_repeated && !(has_nulls && is_null()));
            if written.broken_key.is_none() && (is_repeated || has_nulls && is_null()) {
                written.broken_key = Some(as_text(&columns, row)?);
            }
        }
        if rows.num_rows() > 0 {
            self.last = Some(rows.row(rows.num_rows() - 1).owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::file::metadata::RowGroupMetaData;

    use super::*;

    #[test]
    fn row_groups_that_are_copied_are_as_if_written_anew() {
        const ROWS: usize = 2 * ROW_GROUP_ROWS + 1_000;
        let schema: SchemaRef = Arc::new(Schema::new(vec![
            Field::new("customer_id", DataType::Utf8, false),
            Field::new("rule", DataType::Utf8, true),
            Field::new("number", DataType::Int64, false),
        ]));
        let id = |row: usize| format!("C{}", row.wrapping_mul(0x9e37_79b9) % 1_000_003);
        let ids: StringArray = (0..ROWS).map(|row| Some(id(row))).collect();
        let rules: StringArray = (0..ROWS)
            .map(|row| (row % 3 > 0).then_some("phone"))
            .collect();
        let numbers: Int64Array = (0..ROWS as i64).map(Some).collect();
        let columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(rules), Arc::new(numbers)];
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, copied: Option<&Path>| {
            let path = folder.path().join(name);
            let bloom = properties(&["customer_id".to_string()]);
            let (mut table, packer) = Table::create(&path, &schema, bloom).unwrap();
            let groups = copied.map_or(0, |earlier| {
                table.copy(earlier, 2).unwrap();
                2
            });
            for from in (groups * ROW_GROUP_ROWS..ROWS).step_by(ROW_GROUP_ROWS) {
                let rows = batch.slice(from, ROW_GROUP_ROWS.min(ROWS - from));
                table.append(packer.pack(rows.columns()).unwrap()).unwrap();
            }
            table.close().unwrap();
            path
        };
        let whole = write("whole.parquet", None);
        let copied = write("copied.parquet", Some(&whole));
        let read = |path: &Path| {
            ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap()
        };
        let (one, other) = (read(&whole), read(&copied));
        let groups = |file: &ParquetRecordBatchReaderBuilder<File>| -> Vec<_> {
            let groups = file.metadata().row_groups().iter();
            let of_group = |group: &RowGroupMetaData| -> Vec<_> {
                let chunks = group.columns().iter();
                chunks
                    .map(|chunk| {
                        (
                            chunk.byte_range(),
                            chunk.statistics().cloned(),
                            chunk.bloom_filter_offset().is_some(),
                        )
                    })
                    .collect()
            };
            groups.map(of_group).collect()
        };
        assert_eq!(groups(&one), groups(&other));
        let (start, length) = one.metadata().row_group(2).column(2).byte_range();
        let pages =
            |path: &Path| std::fs::read(path).unwrap()[..(start + length) as usize].to_vec();
        assert!(pages(&whole) == pages(&copied));
        let batches = other.with_batch_size(ROWS).build().unwrap();
        assert_eq!(
            batches.map(std::result::Result::unwrap).collect::<Vec<_>>(),
            [batch]
        );
    }
}
