//! The rows of a sheet, from a workbook or a web page, become the rows of a table: the header is found below titles, totals
//! and notes below the table are dropped and counted.

use super::columns::Faults;
use super::grid::{Grid, Record, Reject};
use super::read::{self, FileSummary};
use super::sink::Sink;
use super::{Export, Source, header};
use crate::fault::{Fault, Result};
use crate::pipeline::file::{ColumnType, ExportSpec};

/// A cell of a sheet.
#[derive(Debug, Clone, Default)]
pub struct SheetCell {
    /// Its text; empty where it has no value.
    pub text: String,
    /// Whether it was kept as a number.
    pub is_number: bool,
    /// Whether it was kept as a number of more digits than a number keeps.
    pub has_lost_digits: bool,
}

/// A row of a sheet.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Its number in the sheet, from 1.
    pub number: u64,
    /// Its cells.
    pub cells: Vec<SheetCell>,
}

impl Row {
    /// Empties the row, and keeps the memory of its texts.
    pub fn reset(&mut self, number: u64) {
        self.number = number;
        for cell in &mut self.cells {
            cell.text.clear();
            cell.is_number = false;
            cell.has_lost_digits = false;
        }
    }

    /// The cell in a place, from 0.
    pub fn cell(&mut self, at: usize) -> &mut SheetCell {
        if self.cells.len() <= at {
            self.cells.resize_with(at + 1, SheetCell::default);
        }
        &mut self.cells[at]
    }

    /// The texts of its cells.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(|cell| cell.text.as_str())
    }

    fn is_blank(&self) -> bool {
        self.texts().all(|text| text.trim().is_empty())
    }
}

/// What a sheet says beside its rows.
#[derive(Debug, Default)]
pub struct Notes {
    /// How it was read, for the report: `xlsx`, `xls`, `html`.
    pub kind: String,
    /// Why a page was taken to be in its encoding.
    pub evidence: String,
    /// Its name.
    pub sheet: Option<String>,
    /// Whether its days are counted from 1904.
    pub is_1904: bool,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Takes the rows of a sheet one by one; `false` ends the reading.
pub type Visit<'a> = &'a mut dyn FnMut(&mut Row, &Notes) -> Result<bool>;

/// Rows among which a header is looked for.
const FIRST_ROWS: usize = 30;
/// Rows that are typed at a time.
const BATCH: usize = 65_536;
/// Bytes that are typed at a time.
const BATCH_BYTES: usize = 16 << 20;

/// The header of a sheet: its columns, and the number of its row.
pub struct SheetHeader {
    /// The columns.
    pub names: Vec<String>,
    /// Its row, from 1.
    pub row: u64,
}

/// Finds the header among the first rows of a sheet.
pub fn find_header(
    export: &str,
    spec: &ExportSpec,
    source: &Source,
    first: &[Row],
) -> Result<SheetHeader> {
    let found = match spec.header_row {
        Some(row) => first.iter().position(|found| found.number == row),
        None => {
            let texts: Vec<Vec<&str>> = first.iter().map(|row| row.texts().collect()).collect();
            header::find(&texts, &spec.wanted())
        }
    };
    let Some(row) = found.map(|at| &first[at]).filter(|row| !row.is_blank()) else {
        return Err(Fault::failed(format!("the file {} of export {export} has no header row", source.name))
            .hint("is it the right sheet? sheet = \"...\" names it, header_row = 3 says where its header is"));
    };
    let last = row
        .cells
        .iter()
        .rposition(|cell| !cell.text.trim().is_empty())
        .unwrap_or(0);
    let texts: Vec<&str> = row.texts().take(last + 1).collect();
    Ok(SheetHeader {
        names: header::names(&texts),
        row: row.number,
    })
}

/// The first rows of a sheet.
pub fn first_rows(read: impl FnOnce(Visit) -> Result<Notes>) -> Result<(Vec<Row>, Notes)> {
    let mut first: Vec<Row> = Vec::new();
    let notes = read(&mut |row, _| {
        first.push(row.clone());
        Ok(first.len() < FIRST_ROWS)
    })?;
    Ok((first, notes))
}

/// Reads a sheet into a sink; `rows` hands its rows over.
pub fn read(
    export: &Export,
    source: &Source,
    rows: impl FnOnce(Visit) -> Result<Notes>,
    sink: &mut Sink,
) -> Result<FileSummary> {
    let mut first: Vec<Row> = Vec::new();
    let mut feeder: Option<Feeder> = None;
    let notes = rows(&mut |row, notes| {
        match &mut feeder {
            Some(feeder) => feeder.row(row, sink)?,
            None => {
                first.push(row.clone());
                if first.len() == FIRST_ROWS {
                    feeder = Some(Feeder::start(export, source, &mut first, notes, sink)?);
                }
            }
        }
        Ok(true)
    })?;
    let mut feeder = match feeder {
        Some(feeder) => feeder,
        None => Feeder::start(export, source, &mut first, &notes, sink)?,
    };
    feeder.flush(sink)?;
    let mut summary = feeder.summary;
    summary.encoding = notes.kind;
    summary.evidence = notes.evidence;
    summary.sheet = notes.sheet;
    summary.warnings.extend(notes.warnings);
    Ok(summary)
}

/// Collects rows into grids, and hands them to the sink.
struct Feeder<'a> {
    export: &'a Export,
    source: &'a Source,
    positions: Vec<Option<usize>>,
    /// Whether each column of the sheet is a date in the table, where days are counted from 1904.
    is_shifted: Vec<bool>,
    grid: Grid<'static>,
    faults: Faults,
    rejects: Vec<Reject>,
    first_row: u64,
    summary: FileSummary,
}

impl<'a> Feeder<'a> {
    fn start(
        export: &'a Export,
        source: &'a Source,
        first: &mut [Row],
        notes: &Notes,
        sink: &mut Sink,
    ) -> Result<Self> {
        let header = find_header(&export.name, &export.spec, source, first)?;
        let fields = export.schema.fields();
        let is_date = |name: &String| {
            let kind = export.spec.contract(name).map(|contract| contract.kind);
            matches!(kind, Some(ColumnType::Date | ColumnType::Timestamp))
        };
        let mut feeder = Self {
            export,
            source,
            positions: fields
                .iter()
                .map(|field| header.names.iter().position(|name| name == field.name()))
                .collect(),
            is_shifted: header
                .names
                .iter()
                .map(|name| notes.is_1904 && is_date(name))
                .collect(),
            grid: Grid::growing(header.names.len(), ""),
            faults: Faults::new(),
            rejects: Vec::new(),
            first_row: 0,
            summary: read::file_summary(source),
        };
        feeder.summary.header_row = Some(header.row);
        for row in first.iter_mut().filter(|row| row.number > header.row) {
            feeder.row(row, sink)?;
        }
        Ok(feeder)
    }

    fn row(&mut self, row: &mut Row, sink: &mut Sink) -> Result<()> {
        if row.is_blank() {
            return Ok(());
        }
        if header::is_below(row.texts()) {
            self.summary.dropped_rows += 1;
            return Ok(());
        }
        if self.grid.records.is_empty() && self.rejects.is_empty() {
            self.first_row = row.number;
        }
        let line = (row.number - self.first_row) as u32;
        let width = self.grid.width;
        if row.texts().skip(width).any(|text| !text.trim().is_empty()) {
            let texts: Vec<&str> = row.texts().collect();
            self.rejects.push(Reject {
                line,
                column: None,
                reason: "too_many_fields",
                raw: texts.join("\t"),
            });
        } else {
            for at in 0..width {
                let cell = row.cell(at);
                if self.is_shifted[at] && cell.is_number {
                    // Between the two ways in which workbooks count days lie four years and a day.
                    const BETWEEN: f64 = 1462.0;
                    if let Ok(days) = cell.text.parse::<f64>() {
                        cell.text = (days + BETWEEN).to_string();
                    }
                }
                self.grid.push(Some(&cell.text));
                if cell.has_lost_digits
                    && let Some(last) = self.grid.cells.last_mut()
                {
                    *last = last.with_lost_digits();
                }
                if cell.text.contains('\u{FFFD}') {
                    self.summary.undecodable += cell.text.matches('\u{FFFD}').count() as u64;
                    self.faults
                        .insert(self.grid.records.len(), (None, "undecodable"));
                }
            }
            self.grid.records.push(Record { line, raw: (0, 0) });
        }
        if self.grid.records.len() >= BATCH || self.grid.text.len() >= BATCH_BYTES {
            self.flush(sink)?;
        }
        Ok(())
    }

    fn flush(&mut self, sink: &mut Sink) -> Result<()> {
        let write_fault = |error| read::write_fault(self.export, &error);
        let width = self.grid.width;
        let grid = std::mem::replace(&mut self.grid, Grid::growing(width, ""));
        let (faults, rejects) = (
            std::mem::take(&mut self.faults),
            std::mem::take(&mut self.rejects),
        );
        let packed = sink
            .packer
            .pack(&grid, &self.positions, faults, rejects)
            .map_err(write_fault)?;
        sink.take(packed, self.source, self.first_row)
            .map_err(write_fault)
    }
}
