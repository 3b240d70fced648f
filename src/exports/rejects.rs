//! Rows that were set aside: kept with their file, line, column, reason and raw text.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;

/// The columns of a rejects file.
pub static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("file", DataType::Utf8, false),
        Field::new("line", DataType::Int64, false),
        Field::new("column", DataType::Utf8, true),
        Field::new("reason", DataType::Utf8, false),
        Field::new("raw", DataType::Utf8, false),
    ]))
});

/// How many characters of a raw line are kept.
const RAW_LIMIT: usize = 65_536;

/// A rejects file being written.
pub struct Rejects {
    writer: ArrowWriter<File>,
    files: StringBuilder,
    lines: Int64Builder,
    columns: StringBuilder,
    reasons: StringBuilder,
    raws: StringBuilder,
    pending: usize,
    /// How many rows were rejected, by reason and column.
    pub reasons_seen: BTreeMap<(String, String), u64>,
    /// How many rows were rejected.
    pub count: u64,
}

impl Rejects {
    /// Starts a rejects file.
    pub fn create(path: &Path) -> parquet::errors::Result<Self> {
        Ok(Self {
            writer: ArrowWriter::try_new(
                File::create(path)?,
                SCHEMA.clone(),
                Some(crate::engine::write::properties(&[])),
            )?,
            files: StringBuilder::new(),
            lines: Int64Builder::new(),
            columns: StringBuilder::new(),
            reasons: StringBuilder::new(),
            raws: StringBuilder::new(),
            pending: 0,
            reasons_seen: BTreeMap::new(),
            count: 0,
        })
    }

    /// Sets a row aside. `line` counts from 1.
    pub fn add(
        &mut self,
        file: &str,
        line: u64,
        column: Option<&str>,
        reason: &str,
        raw: &str,
    ) -> parquet::errors::Result<()> {
        self.files.append_value(file);
        self.lines.append_value(line as i64);
        self.columns.append_option(column);
        self.reasons.append_value(reason);
        let end = raw
            .char_indices()
            .nth(RAW_LIMIT)
            .map_or(raw.len(), |(at, _)| at);
        self.raws
            .append_value(raw[..end].trim_end_matches(['\n', '\r']));
        self.count += 1;
        self.pending += 1;
        *self
            .reasons_seen
            .entry((reason.to_string(), column.unwrap_or_default().to_string()))
            .or_default() += 1;
        if self.pending >= 8192 {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> parquet::errors::Result<()> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.files.finish()),
            Arc::new(self.lines.finish()),
            Arc::new(self.columns.finish()),
            Arc::new(self.reasons.finish()),
            Arc::new(self.raws.finish()),
        ];
        self.pending = 0;
        self.writer
            .write(&RecordBatch::try_new(SCHEMA.clone(), columns)?)
    }

    /// Ends the file.
    pub fn close(mut self) -> parquet::errors::Result<(u64, BTreeMap<(String, String), u64>)> {
        self.flush()?;
        self.writer.into_inner()?.sync_all()?;
        Ok((self.count, self.reasons_seen))
    }
}
