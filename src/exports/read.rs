//! Reads one export, whatever its format, into one Parquet file of typed rows and one of rejects.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono_tz::Tz;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::{Deserialize, Serialize};

use super::columns::{Cell, Clock, Column, data_type};
use super::csv::{Outcome, Splitter, value};
use super::encoding::TextReader;
use super::rejects::Rejects;
use super::{Export, Source, access_log, json};
use crate::fault::{Fault, Place, Result, nearest};
use crate::pipeline::file::{ColumnType, Contract, ExportSpec, Format};

/// What was read of an export.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Rows of its table.
    pub rows: u64,
    /// Rows set aside.
    pub rejects: u64,
    /// Bytes of its files, as they lie on disk.
    pub bytes: u64,
    /// Its files, with the encoding each was read in.
    pub files: Vec<(String, String)>,
    /// Rejects by reason and column, the commonest first.
    pub reasons: Vec<(String, u64)>,
}

/// How many rows are written at a time.
const BATCH: usize = 16_384;
/// A record with an open quote is given up after so many bytes.
const LONGEST_RECORD: usize = 1 << 20;

/// The columns of an export's table: those of its header, then those that only its contract has.
pub fn schema(name: &str, spec: &ExportSpec, sources: &[Source]) -> Result<SchemaRef> {
    let schema = columns_of(name, spec, sources)?;
    let names: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    if let (Some(source), false) = (sources.first(), names.is_empty()) {
        for key in &spec.key {
            check_present(name, source, key, &names)?;
        }
    }
    Ok(schema)
}

fn columns_of(name: &str, spec: &ExportSpec, sources: &[Source]) -> Result<SchemaRef> {
    let declared = |column: &str| {
        spec.columns
            .0
            .iter()
            .find(|(declared, _)| declared == column)
            .map(|(_, contract)| contract.kind)
    };
    let field = |column: &str, kind: ColumnType| Field::new(column, data_type(kind), true);
    let fields = match (spec.format, sources.first()) {
        (Format::Csv, Some(_)) => {
            // Files of one export may have grown columns over time: the table has all of them. What is declared is
            // in every file.
            let mut columns: Vec<String> = Vec::new();
            for source in sources {
                let (_, header) = read_header(name, spec, source)?;
                for (column, _) in &spec.columns.0 {
                    check_present(name, source, column, &header)?;
                }
                columns.extend(
                    header
                        .into_iter()
                        .filter(|column| !columns.contains(column))
                        .collect::<Vec<_>>(),
                );
            }
            columns
                .iter()
                .map(|column| field(column, declared(column).unwrap_or(ColumnType::Text)))
                .collect()
        }
        (Format::Parquet, Some(source)) => {
            let builder = open_parquet(name, source)?;
            let mut fields = Vec::new();
            for found in builder.schema().fields() {
                // What has no type of ours, like a list, comes as text.
                let kind = kind_of(&plain_type(found.data_type())).unwrap_or(ColumnType::Text);
                fields.push(field(found.name(), declared(found.name()).unwrap_or(kind)));
            }
            let header: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
            for (column, _) in &spec.columns.0 {
                check_present(name, source, column, &header)?;
            }
            fields
        }
        (Format::AccessLog, _) => access_log::COLUMNS
            .iter()
            .map(|(column, kind)| field(column, *kind))
            .collect(),
        _ => spec
            .columns
            .0
            .iter()
            .map(|(column, contract)| field(column, contract.kind))
            .collect::<Vec<_>>(),
    };
    Ok(Arc::new(Schema::new(fields)))
}

fn check_present(name: &str, source: &Source, column: &str, header: &[String]) -> Result<()> {
    if header.iter().any(|found| found == column) {
        return Ok(());
    }
    Err(
        Fault::project(format!("the export {name} has no column \"{column}\""))
            .at(Place::file(Path::new(&source.name)))
            .hint(match nearest(column, header.iter().map(String::as_str)) {
                Some(near) => format!(
                    "did you mean \"{near}\"? The file has {}",
                    header.join(", ")
                ),
                None => format!("the file has {}", header.join(", ")),
            }),
    )
}

/// The declared type that has a type of the engine.
fn kind_of(found: &DataType) -> Option<ColumnType> {
    use ColumnType::{Amount, Boolean, Date, Integer, Number, Text, Timestamp};
    [Text, Integer, Amount, Number, Date, Timestamp, Boolean]
        .into_iter()
        .find(|kind| data_type(*kind) == *found)
}

/// Types as they are in the engine: no views, no dictionaries, no nanoseconds, no unsigned.
fn plain_type(found: &DataType) -> DataType {
    match crate::stages::types::published_type(found) {
        Some(DataType::Int32) => DataType::Int64,
        Some(plain) => plain,
        None => found.clone(),
    }
}

/// Reads an export into `table` and `rejects`.
pub fn read(export: &Export, zone: Tz, table: &Path, rejects: &Path) -> Result<Summary> {
    let mut sink =
        Sink::create(export, zone, table, rejects).map_err(|error| write_fault(export, &error))?;
    let mut summary = Summary::default();
    for source in &export.sources {
        let encoding = match export.spec.format {
            Format::Csv => read_csv(export, source, &mut sink)?,
            Format::Json => read_lines(export, source, &mut sink, json_row)?,
            Format::AccessLog => read_lines(export, source, &mut sink, access_log_row)?,
            Format::Parquet => read_parquet(export, source, &mut sink)?,
        };
        summary.bytes += std::fs::metadata(&source.path).map_or(0, |metadata| metadata.len());
        summary
            .files
            .push((source.name.clone(), encoding.to_string()));
    }
    let (rows, rejected, reasons) = sink.close().map_err(|error| write_fault(export, &error))?;
    summary.rows = rows;
    summary.rejects = rejected;
    summary.reasons = reasons;
    Ok(summary)
}

/// The fault of too many rejects, if there are.
pub fn budget_fault(export: &Export, summary: &Summary, rejects: &Path) -> Option<Box<Fault>> {
    let total = summary.rows + summary.rejects;
    if !export.spec.max_rejects.is_exceeded(summary.rejects, total) {
        return None;
    }
    let limit = export.spec.max_rejects;
    let mut fault = Fault::failed(format!(
        "the export {} has too many rejects: {} of {total} rows, where {limit} may be rejected",
        export.name, summary.rejects
    ));
    for (reason, count) in summary.reasons.iter().take(5) {
        fault = fault.detail(format!("{count} x {reason}"));
    }
    Some(fault.hint(format!(
        "see {} for each row; mend the source or the contract, or raise max_rejects of [exports.{}]",
        rejects.display(),
        export.name
    )))
}

fn write_fault(export: &Export, error: &parquet::errors::ParquetError) -> Box<Fault> {
    Fault::failed(format!(
        "could not write the rows of export {}: {error}",
        export.name
    ))
    .hint("is the disk full?")
}

fn read_fault(source: &Source, error: &io::Error) -> Box<Fault> {
    let fault = Fault::failed(format!("could not read {}: {error}", source.name));
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            truncated(source, "the compressed file ends before its end mark")
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::Other => {
            fault.hint("the compressed file is damaged; fetch it again")
        }
        _ => fault,
    }
}

fn truncated(source: &Source, why: &str) -> Box<Fault> {
    Fault::failed(format!("the file {} was cut off: {why}", source.name))
        .hint("it was probably read while it was being written or copied; fetch it again")
}

/// Where rows go: typed columns, or rejects.
struct Sink<'a> {
    columns: Vec<Column>,
    cells: Vec<Cell>,
    clock: Clock,
    schema: &'a SchemaRef,
    writer: ArrowWriter<File>,
    rejects: Rejects,
    pending: usize,
    rows: u64,
}

type ParquetResult<T> = parquet::errors::Result<T>;

impl<'a> Sink<'a> {
    fn create(export: &'a Export, zone: Tz, table: &Path, rejects: &Path) -> ParquetResult<Self> {
        let contract = |field: &Field| {
            let declared = export
                .spec
                .columns
                .0
                .iter()
                .find(|(name, _)| name == field.name());
            declared
                .map(|(_, contract)| contract.clone())
                .unwrap_or(Contract {
                    kind: kind_of(field.data_type()).unwrap_or(ColumnType::Text),
                    required: false,
                    allowed: Vec::new(),
                    pattern: None,
                })
        };
        let columns = export.schema.fields().iter().map(|field| {
            Column::new(
                field.name(),
                contract(field),
                export.spec.key.iter().any(|key| key == field.name()),
            )
        });
        Ok(Self {
            columns: columns.collect(),
            cells: Vec::new(),
            clock: Clock {
                zone,
                order: export.spec.date_order,
            },
            schema: &export.schema,
            writer: ArrowWriter::try_new(
                File::create(table)?,
                export.schema.clone(),
                Some(crate::engine::write::scratch_properties()),
            )?,
            rejects: Rejects::create(rejects)?,
            pending: 0,
            rows: 0,
        })
    }

    /// Adds a row, or sets it aside. `cells` gives a column's text by its index.
    fn row<'t>(
        &mut self,
        source: &Source,
        line: u64,
        raw: &str,
        cells: &[Option<Cow<'t, str>>],
    ) -> ParquetResult<()> {
        if raw.contains('\u{FFFD}') {
            return self
                .rejects
                .add(&source.name, line, None, "undecodable", raw);
        }
        self.cells.clear();
        for (column, text) in self.columns.iter().zip(cells) {
            match column.read(text.as_deref(), self.clock) {
                Ok(cell) => self.cells.push(cell),
                Err(reason) => {
                    return self
                        .rejects
                        .add(&source.name, line, Some(&column.name), reason, raw);
                }
            }
        }
        for ((column, cell), text) in self.columns.iter_mut().zip(self.cells.drain(..)).zip(cells) {
            column.append(cell, text.as_deref());
        }
        self.rows += 1;
        self.pending += 1;
        if self.pending >= BATCH {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> ParquetResult<()> {
        if self.pending == 0 {
            return Ok(());
        }
        self.pending = 0;
        let columns = self.columns.iter_mut().map(Column::finish).collect();
        self.writer
            .write(&RecordBatch::try_new(self.schema.clone(), columns)?)
    }

    fn close(mut self) -> ParquetResult<(u64, u64, Vec<(String, u64)>)> {
        self.flush()?;
        self.writer.into_inner()?.sync_all()?;
        let (count, reasons) = self.rejects.close()?;
        let mut reasons: Vec<(String, u64)> = reasons
            .into_iter()
            .map(|((reason, column), count)| {
                (
                    if column.is_empty() {
                        reason
                    } else {
                        format!("{reason} in {column}")
                    },
                    count,
                )
            })
            .collect();
        reasons.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
        Ok((self.rows, count, reasons))
    }
}

/// The header of a csv file, and how it is split.
fn read_header(name: &str, spec: &ExportSpec, source: &Source) -> Result<(Splitter, Vec<String>)> {
    let reader = source.open().map_err(|error| read_fault(source, &error))?;
    let mut reader = TextReader::new(reader, spec.encoding.as_deref());
    let mut text = String::new();
    while !text.contains('\n')
        && reader
            .read_piece(&mut text)
            .map_err(|error| read_fault(source, &error))?
    {}
    header_of(name, spec, source, &text).map(|(splitter, header, _)| (splitter, header))
}

fn header_of(
    name: &str,
    spec: &ExportSpec,
    source: &Source,
    text: &str,
) -> Result<(Splitter, Vec<String>, usize)> {
    let first_line = text.lines().next().unwrap_or_default();
    let splitter = spec
        .delimiter
        .map_or_else(|| Splitter::sniff(first_line), Splitter::new);
    let mut fields = Vec::new();
    let Outcome::Record(length) = splitter.record(text, true, &mut fields) else {
        return Err(truncated(source, "its header has an open quote"));
    };
    if text[..length].trim_end().contains('\r') {
        return Err(Fault::failed(format!(
            "the lines of {} end in carriage returns alone",
            source.name
        ))
        .hint("save it with line feeds, as every system but the oldest Macs does"));
    }
    let header: Vec<String> = fields
        .iter()
        .map(|field| value(text, field).trim().to_string())
        .collect();
    if header.iter().all(String::is_empty) {
        return Err(Fault::failed(format!(
            "the file {} of export {name} has no header line",
            source.name
        ))
        .hint("an empty export still has its header; fetch it again"));
    }
    if let Some(twice) = header
        .iter()
        .enumerate()
        .find(|(at, column)| header[..*at].contains(column))
        .map(|(_, column)| column)
    {
        return Err(
            Fault::project(format!("the export {name} has two columns \"{twice}\""))
                .at(Place::file(Path::new(&source.name)))
                .hint("name the columns of the source apart"),
        );
    }
    Ok((splitter, header, length))
}

fn read_csv(export: &Export, source: &Source, sink: &mut Sink) -> Result<&'static str> {
    let fault = |error: io::Error| read_fault(source, &error);
    let spec = &export.spec;
    let mut reader = TextReader::new(source.open().map_err(fault)?, spec.encoding.as_deref());
    let mut text = String::new();
    while !text.contains('\n') && reader.read_piece(&mut text).map_err(fault)? {}
    let (splitter, header, mut at) = header_of(&export.name, spec, source, &text)?;
    let positions: Vec<Option<usize>> = export
        .schema
        .fields()
        .iter()
        .map(|field| header.iter().position(|column| column == field.name()))
        .collect();
    let mut line = 1 + text[..at].matches('\n').count() as u64;
    let mut is_last = false;
    let mut fields = Vec::new();
    let mut cells: Vec<Option<Cow<str>>> = Vec::new();
    loop {
        let rest = &text[at..];
        if rest.is_empty() && is_last {
            return Ok(reader.encoding().name());
        }
        let outcome = if rest.is_empty() {
            Outcome::Incomplete
        } else {
            splitter.record(rest, is_last, &mut fields)
        };
        let is_too_long = rest.len() > LONGEST_RECORD || is_last;
        match outcome {
            Outcome::Record(length) => {
                let record = &rest[..length];
                let is_cut = is_last && length == rest.len() && !record.ends_with('\n');
                let lines = memchr::memchr_iter(b'\n', record.as_bytes()).count() as u64;
                let blank = fields.len() == 1 && record.trim().is_empty();
                if fields.len() == header.len() {
                    cells.extend(
                        positions
                            .iter()
                            .map(|position| position.map(|index| value(record, &fields[index]))),
                    );
                    sink.row(source, line, record, &cells)
                        .map_err(|error| write_fault(export, &error))?;
                    cells.clear();
                } else if is_cut && fields.len() < header.len() && !blank {
                    let why = format!(
                        "line {line} has {} of {} fields and no line end",
                        fields.len(),
                        header.len()
                    );
                    return Err(truncated(source, &why));
                } else if !blank {
                    let reason = if fields.len() < header.len() {
                        "too_few_fields"
                    } else {
                        "too_many_fields"
                    };
                    sink.rejects
                        .add(&source.name, line, None, reason, record)
                        .map_err(|error| write_fault(export, &error))?;
                }
                line += lines.max(1);
                at += length;
            }
            Outcome::BrokenQuote | Outcome::OpenQuote
                if outcome == Outcome::BrokenQuote || is_too_long =>
            {
                // A broken quote costs its line: what follows is read as if the line had ended.
                let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
                if length == rest.len() && !rest.ends_with('\n') {
                    return Err(truncated(
                        source,
                        &format!("line {line} ends inside quotes"),
                    ));
                }
                let raw = &rest[..length];
                sink.rejects
                    .add(&source.name, line, None, "broken_quote", raw)
                    .map_err(|error| write_fault(export, &error))?;
                line += 1;
                at += length;
            }
            Outcome::Incomplete | Outcome::OpenQuote | Outcome::BrokenQuote => {
                cells = Vec::new();
                text.drain(..at);
                at = 0;
                is_last = !reader.read_piece(&mut text).map_err(fault)?;
            }
        }
    }
}

/// Reads a text format whose records are lines.
fn read_lines(
    export: &Export,
    source: &Source,
    sink: &mut Sink,
    row: fn(&[Vec<String>], &mut Sink, &Source, u64, &str) -> ParquetResult<()>,
) -> Result<&'static str> {
    let fault = |error: io::Error| read_fault(source, &error);
    let mut reader = TextReader::new(
        source.open().map_err(fault)?,
        export.spec.encoding.as_deref(),
    );
    let paths: Vec<Vec<String>> = export
        .schema
        .fields()
        .iter()
        .map(|field| field.name().split('.').map(String::from).collect())
        .collect();
    let mut text = String::new();
    let mut number = 0;
    loop {
        let is_last = !reader.read_piece(&mut text).map_err(fault)?;
        let mut at = 0;
        while let Some(end) = memchr::memchr(b'\n', &text.as_bytes()[at..]) {
            number += 1;
            let line = text[at..at + end].trim_end_matches('\r');
            if !line.trim().is_empty() {
                row(&paths, sink, source, number, line)
                    .map_err(|error| write_fault(export, &error))?;
            }
            at += end + 1;
        }
        text.drain(..at);
        if is_last {
            break;
        }
    }
    let line = text.trim();
    if !line.is_empty() {
        number += 1;
        if export.spec.format == Format::Json
            && serde_json::from_str::<serde_json::Value>(line).is_err()
        {
            return Err(truncated(
                source,
                &format!("line {number} ends inside an object"),
            ));
        }
        row(&paths, sink, source, number, line).map_err(|error| write_fault(export, &error))?;
    }
    Ok(reader.encoding().name())
}

fn json_row(
    paths: &[Vec<String>],
    sink: &mut Sink,
    source: &Source,
    number: u64,
    line: &str,
) -> ParquetResult<()> {
    match serde_json::from_str::<serde_json::Value>(line) {
        Ok(object) if object.is_object() => {
            let cells: Vec<_> = paths
                .iter()
                .map(|path| json::at_path(&object, path))
                .collect();
            sink.row(source, number, line, &cells)
        }
        _ => sink
            .rejects
            .add(&source.name, number, None, "not_json", line),
    }
}

fn access_log_row(
    _: &[Vec<String>],
    sink: &mut Sink,
    source: &Source,
    number: u64,
    line: &str,
) -> ParquetResult<()> {
    match access_log::fields(line) {
        Ok(cells) => sink.row(source, number, line, &cells),
        Err(column) => sink
            .rejects
            .add(&source.name, number, Some(column), "not_a_log_line", line),
    }
}

/// Whether the rows of a Parquet file have to be looked at one by one: a type that is not the file's own, local times, a key,
/// or any other promise.
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
        || export.schema.fields().iter().any(is_read_anew)
        || export.spec.columns.0.iter().any(promises)
}

fn open_parquet(name: &str, source: &Source) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(&source.path).map_err(|error| read_fault(source, &error))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| {
        Fault::failed(format!(
            "could not read {} of export {name}: {error}",
            source.name
        ))
        .hint("it is no whole Parquet file; fetch it again")
    })
}

fn read_parquet(export: &Export, source: &Source, sink: &mut Sink) -> Result<&'static str> {
    let fault = |error: &dyn std::fmt::Display| {
        Fault::failed(format!("could not read {}: {error}", source.name))
    };
    let builder = open_parquet(&export.name, source)?;
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
    let mut line = 0;
    for batch in reader {
        let batch = batch.map_err(|error| fault(&error))?;
        if has_contract(export, &batch) {
            // Cell by cell, as from text, so that a row that breaks its contract is set aside.
            let options = FormatOptions::default().with_display_error(true);
            let formatters = export
                .schema
                .fields()
                .iter()
                .map(|field| match batch.column_by_name(field.name()) {
                    Some(column) => Ok((
                        column,
                        ArrayFormatter::try_new(column, &options).map_err(|error| fault(&error))?,
                    )),
                    None => Err(check_present(&export.name, source, field.name(), &header)
                        .err()
                        .unwrap_or_else(|| fault(&"a column is missing"))),
                })
                .collect::<Result<Vec<_>>>()?;
            for row in 0..batch.num_rows() {
                line += 1;
                let cells: Vec<Option<Cow<str>>> = formatters
                    .iter()
                    .map(|(column, formatter)| {
                        column
                            .is_valid(row)
                            .then(|| Cow::Owned(formatter.value(row).to_string()))
                    })
                    .collect();
                let raw = cells
                    .iter()
                    .map(|cell| cell.as_deref().unwrap_or_default())
                    .collect::<Vec<_>>()
                    .join(",");
                sink.row(source, line, &raw, &cells)
                    .map_err(|error| write_fault(export, &error))?;
            }
            continue;
        }
        // A value that does not fit is a fault, not a null.
        let exact = CastOptions {
            safe: false,
            ..CastOptions::default()
        };
        let mut columns: Vec<ArrayRef> = Vec::new();
        for field in export.schema.fields() {
            let Some(column) = batch.column_by_name(field.name()) else {
                return Err(check_present(&export.name, source, field.name(), &header)
                    .err()
                    .unwrap_or_else(|| fault(&"a column is missing")));
            };
            columns.push(
                cast_with_options(column, field.data_type(), &exact).map_err(|error| {
                    fault(&error).detail(format!(
                        "column {} cannot be read as {}",
                        field.name(),
                        field.data_type()
                    ))
                })?,
            );
        }
        sink.rows += batch.num_rows() as u64;
        let batch =
            RecordBatch::try_new(export.schema.clone(), columns).map_err(|error| fault(&error))?;
        sink.writer
            .write(&batch)
            .map_err(|error| write_fault(export, &error))?;
    }
    Ok("parquet")
}
