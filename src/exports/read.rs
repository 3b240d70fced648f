//! Reads one export, whatever its format, into one Parquet file of typed rows and one of rejects.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::columns::data_type;
use super::guard::guarded;
use super::json::Paths;
use super::sheet::{Notes, Visit};
use super::sink::Sink;
use super::text::{Layout, Opened};
use super::{Export, Source, excel, html, parquet, sheet, text};
use crate::fault::{Fault, Place, Result, nearest};
use crate::pipeline::file::{ColumnType, ExportSpec, Format};

/// What was read of an export.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Rows of its table.
    pub rows: u64,
    /// Rows set aside.
    pub rejects: u64,
    /// Bytes of its files, as they lie.
    pub bytes: u64,
    /// Its files.
    pub files: Vec<FileSummary>,
    /// Rejects by reason and column, the commonest first.
    pub reasons: Vec<(String, u64)>,
    /// Texts that had been read in a wrong encoding before they came, and were repaired.
    pub repaired: u64,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// How one file was read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FileSummary {
    /// Its path below the root.
    pub name: String,
    /// Its bytes, as they lie.
    pub bytes: u64,
    /// The encoding it was read in; for workbooks their kind.
    pub encoding: String,
    /// Why it was taken for that.
    pub evidence: String,
    /// Characters that could not be decoded; their rows were set aside.
    pub undecodable: u64,
    /// The sheet that was read.
    pub sheet: Option<String>,
    /// The row of the header, from 1, in sheets.
    pub header_row: Option<u64>,
    /// Totals and notes below the table, which are no rows.
    pub dropped_rows: u64,
    /// What a person should know of it.
    pub warnings: Vec<String>,
}

/// A file's summary before it is read.
pub fn file_summary(source: &Source) -> FileSummary {
    FileSummary {
        name: source.name.clone(),
        bytes: source.bytes,
        ..FileSummary::default()
    }
}

/// Bytes among which a header is looked for.
const HEADER_BYTES: usize = 1 << 18;

/// What the first bytes of a file say it is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A zip: .xlsx, .xlsb, .ods.
    Zip,
    /// A compound file: .xls.
    Compound,
    /// Parquet.
    Parquet,
    /// A page, or the XML of Excel.
    Page,
    /// Any other text.
    Text,
}

/// Sniffs at a file.
pub fn sniff(source: &Source, spec: &ExportSpec) -> Result<Found> {
    let fault = |error| read_fault(source, &error);
    let mut start = Vec::new();
    let reader = source.open().map_err(fault)?;
    io::Read::read_to_end(&mut io::Read::take(reader, 8), &mut start).map_err(fault)?;
    Ok(match start.as_slice() {
        [b'P', b'K', 3 | 5, ..] => Found::Zip,
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Found::Compound,
        [b'P', b'A', b'R', b'1', ..] => Found::Parquet,
        _ => {
            let mut opened = Opened::new(source, spec, false, 1).map_err(fault)?;
            if html::is_page(&opened.start(4096)) {
                Found::Page
            } else {
                Found::Text
            }
        }
    })
}

/// The columns of an export's table: those of its header, then those that only its contract has.
pub fn schema(name: &str, spec: &ExportSpec, sources: &[Source]) -> Result<SchemaRef> {
    let field = |column: &str, kind: ColumnType| Field::new(column, data_type(kind), true);
    let declared = |column: &String| spec.contract(column).map(|contract| contract.kind);
    let mut fields: Vec<Field> = Vec::new();
    let mut known = BTreeSet::new();
    match spec.format {
        Format::AccessLog => {
            let format = spec.log()?;
            fields.extend(
                format
                    .columns
                    .iter()
                    .map(|(column, kind)| field(column, *kind)),
            );
        }
        Format::Json => fields.extend(
            spec.columns
                .0
                .iter()
                .map(|(column, contract)| field(column, contract.kind)),
        ),
        // Files of one export may have grown columns over time: the table has all of them. What is declared is in every file.
        Format::Csv | Format::Excel | Format::Parquet => {
            for source in sources {
                let found = columns_of(name, spec, source)?;
                let header: Vec<String> = found.iter().map(|(column, _)| column.clone()).collect();
                for (column, _) in &spec.columns.0 {
                    check_present(name, source, &spec.as_named(column), &header)?;
                }
                for (column, kind) in found {
                    if known.insert(column.clone()) {
                        fields.push(field(&column, declared(&column).unwrap_or(kind)));
                    }
                }
            }
            if sources.is_empty() {
                fields.extend(
                    spec.columns
                        .0
                        .iter()
                        .map(|(column, contract)| field(&spec.as_named(column), contract.kind)),
                );
            }
        }
    }
    let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
    if fields.is_empty() && sources.is_empty() {
        return Err(Fault::project(format!("the export {name} is missing, which it may be, but then nothing says what columns it has"))
            .hint(format!("declare them: [exports.{name}.columns]")));
    }
    if let Some(source) = sources.first() {
        for key in &spec.key {
            check_present(name, source, &spec.as_named(key), &names)?;
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// The columns of one file with a header.
pub fn columns_of(
    name: &str,
    spec: &ExportSpec,
    source: &Source,
) -> Result<Vec<(String, ColumnType)>> {
    let as_text = |names: Vec<String>| {
        names
            .into_iter()
            .map(|column| (column, ColumnType::Text))
            .collect()
    };
    let found = match spec.format {
        Format::Excel => sniff(source, spec)?,
        _ => Found::Text,
    };
    let is_workbook = source.name.to_lowercase().ends_with(".xlsx");
    match (spec.format, found) {
        (Format::Excel, Found::Text) if is_workbook => {
            Err(truncated(source, "it does not start as a workbook"))
        }
        (Format::Parquet, _) => guarded(source, || parquet::columns(name, source)),
        (_, Found::Text) => {
            let mut opened =
                Opened::new(source, spec, true, 1).map_err(|error| read_fault(source, &error))?;
            let start = opened.start(HEADER_BYTES);
            Ok(as_text(
                text::header_line(name, spec, source, &start, opened.is_whole())?.names,
            ))
        }
        (_, found) => {
            let (first, _) = sheet::first_rows(|visit| sheet_rows(source, spec, found, visit))?;
            Ok(as_text(
                sheet::find_header(name, spec, source, &first)?.names,
            ))
        }
    }
}

/// Hands the rows of a sheet over, by what the file is.
pub fn sheet_rows(source: &Source, spec: &ExportSpec, found: Found, visit: Visit) -> Result<Notes> {
    match found {
        Found::Page => html::rows(source, spec, visit),
        Found::Parquet => Err(Fault::project(format!("{} is a Parquet file", source.name))
            .hint("write format = \"parquet\"")),
        found => guarded(source, || {
            excel::rows(source, spec, found == Found::Zip, visit)
        }),
    }
}

/// A column that is asked for is in the header.
pub fn check_present(name: &str, source: &Source, column: &str, header: &[String]) -> Result<()> {
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

/// Reads an export into `table` and `rejects`.
pub fn read(export: &Export, zone: Tz, table: &Path, rejects: &Path) -> Result<Summary> {
    let mut sink =
        Sink::create(export, zone, table, rejects).map_err(|error| write_fault(export, &error))?;
    let mut summary = Summary::default();
    for source in &export.sources {
        let file = read_file(export, source, &mut sink)?;
        summary.bytes += file.bytes;
        let names = file
            .warnings
            .iter()
            .map(|warning| format!("{}: {warning}", file.name));
        summary.warnings.extend(names);
        summary.files.push(file);
    }
    let taken = sink
        .close(&export.schema)
        .map_err(|error| write_fault(export, &error))?;
    if export.spec.format == Format::Json
        && taken.rows > 0
        && taken.empty_columns.len() == export.schema.fields().len()
    {
        return Err(Fault::failed(format!("no object of {} has any of the columns that are declared", export.name))
            .hint("a column is the path to a field: \"data.phone\" reaches into an object, \"phones.0\" into an array"));
    }
    if export.spec.format == Format::Json && !taken.empty_columns.is_empty() {
        summary.warnings.push(format!(
            "no object of {} has a value at {}: is the path right?",
            export.name,
            taken.empty_columns.join(", ")
        ));
    }
    summary.rows = taken.rows;
    summary.rejects = taken.rejects;
    summary.reasons = taken.reasons;
    summary.repaired = taken.repaired;
    Ok(summary)
}

fn read_file(export: &Export, source: &Source, sink: &mut Sink) -> Result<FileSummary> {
    let spec = &export.spec;
    let ahead = rayon::current_num_threads() * 2;
    let open = |respects_quotes| {
        Opened::new(source, spec, respects_quotes, ahead)
            .map_err(|error| read_fault(source, &error))
    };
    match spec.format {
        Format::Parquet => guarded(source, || parquet::read(export, source, sink)),
        Format::Excel => match sniff(source, spec)? {
            Found::Text => read_separated(export, source, open(true)?, sink),
            found => sheet::read(
                export,
                source,
                |visit| sheet_rows(source, spec, found, visit),
                sink,
            ),
        },
        Format::Csv => read_separated(export, source, open(true)?, sink),
        Format::AccessLog => text::read(
            export,
            source,
            open(false)?,
            &Layout::Log(spec.log()?),
            0,
            sink,
        ),
        Format::Json => {
            let paths = Paths::new(
                export
                    .schema
                    .fields()
                    .iter()
                    .map(|field| field.name().as_str()),
            );
            let mut opened = open(false)?;
            let start = opened.start(HEADER_BYTES);
            if start.is_empty() {
                return Err(truncated(source, "it has no bytes"));
            }
            if is_json_lines(&start) {
                text::read(export, source, opened, &Layout::JsonLines(paths), 0, sink)
            } else {
                text::read_elements(export, source, opened, &paths, sink)
            }
        }
    }
}

/// Whether each line of a text is an object: else it is an array, or objects that go over several lines.
fn is_json_lines(start: &str) -> bool {
    let first = start.trim_start().lines().next().unwrap_or_default().trim();
    let is_one = serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok();
    let is_several = first == "{" || first.contains("}{") || first.contains("} {");
    !first.starts_with('[') && (is_one || !is_several)
}

fn read_separated(
    export: &Export,
    source: &Source,
    mut opened: Opened,
    sink: &mut Sink,
) -> Result<FileSummary> {
    let start = opened.start(HEADER_BYTES);
    let header = text::header_line(
        &export.name,
        &export.spec,
        source,
        &start,
        opened.is_whole(),
    )?;
    let places: std::collections::HashMap<&str, usize> = header
        .names
        .iter()
        .enumerate()
        .map(|(at, name)| (name.as_str(), at))
        .collect();
    let position = |field: &Arc<Field>| places.get(field.name().as_str()).copied();
    let layout = Layout::Separated {
        splitter: header.splitter,
        width: header.names.len(),
        positions: export.schema.fields().iter().map(position).collect(),
    };
    text::read(export, source, opened, &layout, header.length, sink)
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
    let undecodable: BTreeSet<String> = summary
        .files
        .iter()
        .filter(|file| file.undecodable > 0)
        .map(|file| {
            format!(
                "{} was read as {} ({}): encoding = \"...\" says it better",
                file.name, file.encoding, file.evidence
            )
        })
        .collect();
    for line in undecodable {
        fault = fault.detail(line);
    }
    Some(fault.hint(format!(
        "see {} for each row; mend the source or the contract, or raise max_rejects of [exports.{}]",
        rejects.display(),
        export.name
    )))
}

/// The newest file of an export, if it is older than the export may be.
pub fn late(export: &Export, now: DateTime<Utc>) -> Option<String> {
    let limit = export.spec.fresh_within?;
    let newest = export
        .sources
        .iter()
        .filter_map(|source| source.modified)
        .max()?;
    let age = (now - newest).to_std().ok()?;
    (age > limit).then(|| {
        format!(
            "the export {} is late: its newest file is {:.1} hours old, where {:.1} are allowed",
            export.name,
            age.as_secs_f64() / 3600.0,
            limit.as_secs_f64() / 3600.0
        )
    })
}

/// The rows of an export could not be written.
pub fn write_fault(export: &Export, error: &::parquet::errors::ParquetError) -> Box<Fault> {
    Fault::failed(format!(
        "could not write the rows of export {}: {error}",
        export.name
    ))
    .hint("is the disk full?")
}

/// A file could not be read.
pub fn read_fault(source: &Source, error: &io::Error) -> Box<Fault> {
    let fault = Fault::failed(format!("could not read {}: {error}", source.name));
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            truncated(source, "the compressed file ends before its end mark")
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::Other => {
            fault.hint("the file is damaged, or was replaced while it was read; fetch it again")
        }
        _ => fault,
    }
}

/// A file ends in the middle of a record.
pub fn truncated(source: &Source, why: &str) -> Box<Fault> {
    Fault::failed(format!("the file {} was cut off: {why}", source.name))
        .hint("it was probably read while it was being written or copied; fetch it again")
}
