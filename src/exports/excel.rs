//! Workbooks of Excel: .xlsx cell by cell, .xls, .xlsb and .ods a sheet at a time.
//!
//! A cell keeps its kind: text stays text, a date becomes its ISO form, a whole number has no fraction, and a number of more
//! than fifteen digits is marked, for Excel has lost the others.

use calamine::{
    CellErrorType, Data, DataRef, Dimensions, ExcelDateTime, Ods, Range, Reader, Sheet, SheetType,
    SheetVisible, Xls, Xlsb, Xlsx, XlsxError, open_workbook_from_rs,
};
use chrono::{Duration, NaiveDate};

use super::Source;
use super::files::Seekable;
use super::read;
use super::sheet::{Notes, Row, SheetCell, Visit};
use crate::fault::{Fault, Result};
use crate::pipeline::file::ExportSpec;
use crate::report::text::plural;

type File = Box<dyn Seekable>;

/// Hands the rows of a workbook's sheet over.
pub fn rows(source: &Source, spec: &ExportSpec, is_zip: bool, visit: Visit) -> Result<Notes> {
    let open = || {
        source
            .open_seekable()
            .map_err(|error| read::read_fault(source, &error))
    };
    if !is_zip {
        let mut workbook: Xls<File> =
            open_workbook_from_rs(open()?).map_err(|error| damaged(source, &error))?;
        let name = choose(source, spec, workbook.sheets_metadata())?;
        let merged = workbook
            .merge_cells_by_sheet_name(&name.0)
            .unwrap_or_default();
        let is_1904 = workbook.has_1904_epoch();
        let notes = notes("xls", name, is_1904);
        return whole(source, &mut workbook, notes, merged, visit);
    }
    match open_workbook_from_rs::<Xlsx<File>, _>(open()?) {
        Ok(mut workbook) => {
            let name = choose(source, spec, workbook.sheets_metadata())?;
            let is_1904 = workbook.has_1904_epoch();
            xlsx(source, &mut workbook, notes("xlsx", name, is_1904), visit)
        }
        Err(XlsxError::Password) => Err(Fault::failed(format!(
            "could not read {}: it is protected by a password",
            source.name
        ))
        .hint("export it without one")),
        Err(error) => {
            if let Ok(mut workbook) = open_workbook_from_rs::<Xlsb<File>, _>(open()?) {
                let name = choose(source, spec, workbook.sheets_metadata())?;
                return whole(
                    source,
                    &mut workbook,
                    notes("xlsb", name, false),
                    Vec::new(),
                    visit,
                );
            }
            if let Ok(mut workbook) = open_workbook_from_rs::<Ods<File>, _>(open()?) {
                let name = choose(source, spec, workbook.sheets_metadata())?;
                return whole(
                    source,
                    &mut workbook,
                    notes("ods", name, false),
                    Vec::new(),
                    visit,
                );
            }
            Err(damaged(source, &error))
        }
    }
}

fn damaged(source: &Source, error: &dyn std::fmt::Display) -> Box<Fault> {
    Fault::failed(format!("could not read {}: {error}", source.name))
        .hint("the workbook is damaged or cut off; fetch it again")
}

fn notes(kind: &str, (sheet, other): (String, Vec<String>), is_1904: bool) -> Notes {
    let mut warnings = Vec::new();
    if !other.is_empty() {
        warnings.push(format!(
            "the workbook has {} more: {}; {sheet} was read (sheet = \"...\" says which)",
            plural(other.len() as u64, "sheet"),
            other.join(", ")
        ));
    }
    Notes {
        kind: kind.to_string(),
        evidence: "by its first bytes".to_string(),
        sheet: Some(sheet),
        is_1904,
        warnings,
    }
}

/// The sheet that is asked for, or the first that can be seen; and the others that can, where none was asked for.
fn choose(source: &Source, spec: &ExportSpec, sheets: &[Sheet]) -> Result<(String, Vec<String>)> {
    let names = || {
        sheets
            .iter()
            .map(|sheet| sheet.name.clone())
            .collect::<Vec<_>>()
    };
    if let Some(wanted) = &spec.sheet {
        return match names().iter().find(|name| name.trim() == wanted.trim()) {
            Some(name) => Ok((name.clone(), Vec::new())),
            None => Err(Fault::failed(format!(
                "the workbook {} has no sheet {wanted}",
                source.name
            ))
            .hint(format!("it has {}", names().join(", ")))),
        };
    }
    let mut visible: Vec<String> = sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    if visible.is_empty() {
        return Err(Fault::failed(format!(
            "the workbook {} has no sheet that can be seen",
            source.name
        )));
    }
    let first = visible.remove(0);
    Ok((first, visible))
}

fn xlsx(
    source: &Source,
    workbook: &mut Xlsx<File>,
    mut notes: Notes,
    visit: Visit,
) -> Result<Notes> {
    let name = notes.sheet.clone().unwrap_or_default();
    let merged = workbook
        .merge_cells_by_sheet_name(&name)
        .map_err(|error| damaged(source, &error))?;
    let mut merged = Merged::new(merged);
    let mut cells = workbook
        .worksheet_cells_reader(&name)
        .map_err(|error| damaged(source, &error))?;
    let mut counts = Counts::default();
    let mut row = Row::default();
    while let Some(cell) = cells
        .next_cell_with_formula_metadata()
        .map_err(|error| damaged(source, &error))?
    {
        let (line, column) = cell.pos;
        let number = u64::from(line) + 1;
        if number != row.number {
            if row.number > 0 {
                merged.fill(&mut row);
                if !visit(&mut row, &notes)? {
                    return Ok(notes);
                }
            }
            row.reset(number);
        }
        let place = row.cell(column as usize);
        match &cell.value {
            DataRef::Empty => counts.formulas += u64::from(cell.formula.is_some()),
            DataRef::Int(value) => whole_number(place, *value),
            DataRef::Float(value) => number_text(place, *value),
            DataRef::String(text) => place.text.push_str(text),
            DataRef::SharedString(text) => place.text.push_str(text),
            DataRef::Bool(value) => place.text.push_str(if *value { "true" } else { "false" }),
            DataRef::DateTime(moment) => date_text(place, moment),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => place.text.push_str(text),
            DataRef::Error(error) => counts.error(error),
        }
    }
    if row.number > 0 {
        merged.fill(&mut row);
        visit(&mut row, &notes)?;
    }
    counts.note(&mut notes);
    Ok(notes)
}

/// Reads a sheet that the library gives as a whole.
fn whole<W: Reader<File>>(
    source: &Source,
    workbook: &mut W,
    mut notes: Notes,
    merged: Vec<Dimensions>,
    visit: Visit,
) -> Result<Notes>
where
    W::Error: std::fmt::Display,
{
    let name = notes.sheet.clone().unwrap_or_default();
    let range: Range<Data> = workbook
        .worksheet_range(&name)
        .map_err(|error| damaged(source, &error))?;
    let formulas = workbook.worksheet_formula(&name).ok();
    let mut merged = Merged::new(merged);
    let mut counts = Counts::default();
    let mut row = Row::default();
    let (first_row, first_column) = range.start().unwrap_or((0, 0));
    for (line, cells) in range.rows().enumerate() {
        let line = first_row + line as u32;
        row.reset(u64::from(line) + 1);
        for (column, cell) in cells.iter().enumerate() {
            let column = first_column + column as u32;
            let place = row.cell(column as usize);
            match cell {
                Data::Empty => {
                    let formula = formulas
                        .as_ref()
                        .and_then(|formulas| formulas.get_value((line, column)));
                    counts.formulas +=
                        u64::from(formula.is_some_and(|formula| !formula.is_empty()));
                }
                Data::Int(value) => whole_number(place, *value),
                Data::Float(value) => number_text(place, *value),
                Data::String(text) => place.text.push_str(text),
                Data::Bool(value) => place.text.push_str(if *value { "true" } else { "false" }),
                Data::DateTime(moment) => date_text(place, moment),
                Data::DateTimeIso(text) | Data::DurationIso(text) => place.text.push_str(text),
                Data::Error(error) => counts.error(error),
            }
        }
        merged.fill(&mut row);
        if !visit(&mut row, &notes)? {
            return Ok(notes);
        }
    }
    counts.note(&mut notes);
    Ok(notes)
}

/// Cells without a value that should have one.
#[derive(Default)]
struct Counts {
    formulas: u64,
    errors: u64,
    first_error: String,
}

impl Counts {
    fn error(&mut self, error: &CellErrorType) {
        self.errors += 1;
        if self.first_error.is_empty() {
            self.first_error = error.to_string();
        }
    }

    fn note(&self, notes: &mut Notes) {
        if self.formulas > 0 {
            notes.warnings.push(format!(
                "{} without a computed value: open the workbook in Excel and save it",
                plural(self.formulas, "formula")
            ));
        }
        if self.errors > 0 {
            notes.warnings.push(format!(
                "{} ({}): read as no value",
                plural(self.errors, "cell with an error of Excel"),
                self.first_error
            ));
        }
    }
}

fn whole_number(place: &mut SheetCell, value: i64) {
    place.text = value.to_string();
    place.is_number = true;
    place.has_lost_digits = value.unsigned_abs() >= MOST;
}

/// Numbers keep fifteen digits.
const MOST: u64 = 1_000_000_000_000_000;

fn number_text(place: &mut SheetCell, value: f64) {
    use std::fmt::Write;
    place.is_number = true;
    place.has_lost_digits = value.abs() >= MOST as f64;
    let written = if value.fract() == 0.0 && value.abs() < 1e18 {
        write!(place.text, "{}", value as i64)
    } else {
        // What lies behind the fifteenth digit is the rounding of binary fractions.
        let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
        write!(place.text, "{rounded}")
    };
    debug_assert!(written.is_ok());
}

/// A date, a moment or a length of time in its ISO form.
fn date_text(place: &mut SheetCell, moment: &ExcelDateTime) {
    let serial = moment.as_f64();
    place.text = if moment.is_duration() || serial < 1.0 {
        let seconds = (serial * 86_400.0).round() as i64;
        format!(
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    } else {
        let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
        let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into());
        let at = date.and_then(|date| {
            date.and_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into())
        });
        match at {
            // Milliseconds are what is left of a fraction of a day.
            Some(at) => {
                let at = at + Duration::milliseconds(500);
                let text = at.format("%Y-%m-%d %H:%M:%S").to_string();
                text.strip_suffix(" 00:00:00")
                    .map_or(text.clone(), String::from)
            }
            None => serial.to_string(),
        }
    };
}

/// Merged cells: the value of the first counts for all.
struct Merged {
    /// Regions by their first row, the last of them first.
    coming: Vec<Dimensions>,
    open: Vec<(Dimensions, SheetCell)>,
}

impl Merged {
    fn new(mut regions: Vec<Dimensions>) -> Self {
        regions.sort_by_key(|region| std::cmp::Reverse((region.start, region.end)));
        Self {
            coming: regions,
            open: Vec::new(),
        }
    }

    fn fill(&mut self, row: &mut Row) {
        let line = (row.number - 1) as u32;
        while self
            .coming
            .last()
            .is_some_and(|region| region.start.0 <= line)
        {
            let region = self.coming.pop().expect("it was looked at just now");
            if region.start.0 == line {
                let value = row.cell(region.start.1 as usize).clone();
                self.open.push((region, value));
            }
        }
        for (region, value) in &self.open {
            for column in region.start.1..=region.end.1 {
                let cell = row.cell(column as usize);
                if cell.text.is_empty() {
                    cell.clone_from(value);
                }
            }
        }
        self.open.retain(|(region, _)| region.end.0 > line);
    }
}
