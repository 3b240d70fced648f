//! Looks at a file and drafts what the project needs to read it: the entry of the pipeline file, and a staging stage. Both are
//! to be read and edited by a person.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::csv::Splitter;
use super::meaning::{self, Meaning};
use super::read::{self, Found};
use super::text::{self, Opened};
use super::{Source, access_log, parquet, sheet};
use datafusion::sql::sqlparser::keywords::{
    ALL_KEYWORDS, ALL_KEYWORDS_INDEX, RESERVED_FOR_TABLE_ALIAS,
};

use crate::fault::{Fault, Result};
use crate::functions::amount::amount;
use crate::functions::date::{parse_date, parse_timestamp};
use crate::functions::fold::is_han;
use crate::functions::{credit_code, resident_id};
use crate::pipeline::file::{ColumnType, ExportSpec, Format};

/// What was seen of a file.
#[derive(Debug)]
pub struct Look {
    format: Format,
    sheet: Option<String>,
    /// The line of the header, where a title stands above it.
    header_row: Option<u64>,
    columns: Vec<Seen>,
    /// What a person should know of the file.
    pub warnings: Vec<String>,
}

/// A column, and some of its values.
#[derive(Debug)]
struct Seen {
    name: String,
    values: Vec<String>,
    /// The type that the file itself gives it.
    kind: ColumnType,
    meaning: Option<Meaning>,
}

/// Bytes that are looked at.
const LOOKED_AT: usize = 1 << 20;

/// The line of a csv file's header, counted from 1, where the first line is a single cell, and a line below it and the one behind
/// that have as many cells, three at least.
fn below_title(start: &str) -> Option<u64> {
    const LINES: usize = 20;
    let cells = |line: &str| {
        let first = Splitter::sniff(line).first(line, true);
        first.map_or(1, |(cells, _)| cells.len())
    };
    let counts: Vec<usize> = start.lines().take(LINES).map(cells).collect();
    if counts.first() != Some(&1) {
        return None;
    }
    let header = counts
        .windows(2)
        .position(|two| two[0] >= 3 && two[0] == two[1]);
    header.map(|at| at as u64 + 1)
}

impl Look {
    /// Whether anything in it is Chinese.
    pub fn is_chinese(&self) -> bool {
        let texts = |seen: &Seen| {
            seen.values
                .iter()
                .chain([&seen.name])
                .any(|text| text.contains(is_han))
        };
        self.columns.iter().any(texts)
    }

    /// Looks at a file, wherever it lies.
    pub fn at(path: &Path, sheet: Option<&str>) -> Result<Self> {
        let source = Source::of_file(path).map_err(|error| {
            Fault::project(format!("could not read {}: {error}", path.display()))
        })?;
        let mut spec = ExportSpec::plain(&source.name, Format::Csv);
        spec.sheet = sheet.map(String::from);
        match read::sniff(&source, &spec)? {
            Found::Parquet => {
                let columns = parquet::first_values("new", &source)?;
                let seen = columns
                    .into_iter()
                    .map(|(name, kind, values)| Seen::new(name, values, kind));
                Ok(Self {
                    format: Format::Parquet,
                    sheet: None,
                    header_row: None,
                    columns: seen.collect(),
                    warnings: Vec::new(),
                })
            }
            Found::Text => Self::at_text(&source, &spec),
            found => {
                spec.format = Format::Excel;
                let (first, notes) =
                    sheet::first_rows(|visit| read::sheet_rows(&source, &spec, found, visit))?;
                let header = sheet::find_header("new", &spec, &source, &first)?;
                let rows = first.iter().filter(|row| row.number > header.row);
                let rows: Vec<Vec<String>> = rows
                    .map(|row| row.texts().map(String::from).collect())
                    .collect();
                Ok(Self {
                    format: Format::Excel,
                    sheet: notes
                        .sheet
                        .filter(|_| sheet.is_some() || !notes.warnings.is_empty()),
                    header_row: None,
                    columns: by_column(header.names, &rows),
                    warnings: notes.warnings,
                })
            }
        }
    }

    fn at_text(source: &Source, spec: &ExportSpec) -> Result<Self> {
        let mut opened =
            Opened::new(source, spec, true, 1).map_err(|error| read::read_fault(source, &error))?;
        let start = opened.start(LOOKED_AT);
        let is_whole = opened.is_whole() && start.len() < LOOKED_AT;
        let first = start
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default();
        if first.trim_start().starts_with(['{', '[']) {
            return Ok(Self {
                format: Format::Json,
                sheet: None,
                header_row: None,
                columns: json_columns(&start, source)?,
                warnings: Vec::new(),
            });
        }
        if access_log::Format::default().cells(first).is_ok() {
            return Ok(Self {
                format: Format::AccessLog,
                sheet: None,
                header_row: None,
                columns: Vec::new(),
                warnings: Vec::new(),
            });
        }
        let spec = &ExportSpec {
            header_row: below_title(&start),
            ..spec.clone()
        };
        let header = text::header_line("new", spec, source, &start, is_whole)?;
        let width = header.names.len();
        let split = header
            .splitter
            .split(&start, header.length, width, is_whole);
        let split = split.map_err(|cut| {
            read::truncated(source, &format!("line {} {}", cut.line + 1, cut.why))
        })?;
        let grid = super::grid::Grid {
            width,
            text: start.as_str().into(),
            raw: &start,
            cells: split.cells,
            records: split.records,
        };
        let row = |at| {
            (0..width)
                .map(|column| grid.cell(at, column).0.trim().to_string())
                .collect()
        };
        let rows: Vec<Vec<String>> = (0..grid.records.len().min(1000)).map(row).collect();
        Ok(Self {
            format: Format::Csv,
            sheet: None,
            header_row: spec.header_row,
            columns: by_column(header.names, &rows),
            warnings: Vec::new(),
        })
    }

    /// The entry of the pipeline file.
    pub fn entry(&self, name: &str, path: &str) -> String {
        let format = match self.format {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Parquet => "parquet",
            Format::Excel => "excel",
            Format::AccessLog => "access_log",
        };
        let mut entry = format!("[exports.{name}]\npath = {path:?}\nformat = \"{format}\"\n");
        if self.format == Format::Csv && path.ends_with(".log") {
            entry.push_str("# A web server's log? Then: format = \"access_log\", and log_format as its nginx has it.\n");
        }
        if let Some(sheet) = &self.sheet {
            entry.push_str(&format!("sheet = {sheet:?}\n"));
        }
        if let Some(row) = self.header_row {
            entry.push_str(&format!("header_row = {row} # a title stands above\n"));
        }
        if let Some(key) = self.key() {
            entry.push_str(&format!("key = [{:?}]\n", key.name));
        }
        let key = self.key().map(|key| &key.name);
        let lines = self.columns.iter().filter_map(|column| {
            let kind = match key == Some(&column.name) {
                true => column.kind,
                false => column.declared(),
            };
            // What is not declared has the file's own type, which is text where a file has none; in JSON it is not read.
            (kind != column.kind || self.format == Format::Json)
                .then(|| format!("{:?} = \"{}\"\n", column.name, kind.as_str()))
        });
        let lines: String = lines.collect();
        if !lines.is_empty() {
            entry.push_str(&format!("\n[exports.{name}.columns]\n{lines}"));
        }
        entry
    }

    /// The staging stage.
    pub fn stage(&self, name: &str) -> String {
        // `group` cannot stand for a row of its table.
        let (table, row) = match is_reserved(name) {
            true => (format!("\"{name}\""), format!("{name}_row")),
            false => (name.to_string(), name.to_string()),
        };
        if self.format == Format::AccessLog {
            return format!(
                "-- One row per request of a person to the web server.\n-- @materialized view\nselect\n    {row}.received_at,\n    {row}.client_address,\n    {row}.remote_user as account_id,\n    {row}.method,\n    {row}.path,\n    {row}.status,\n    {row}.referrer,\n    {row}.user_agent,\n    {row}.agent_kind,\n    {row}.cookie\nfrom raw.{table} as {row}\nwhere not {row}.is_bot\n"
            );
        }
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let mut unique = |wanted: &str| {
            let mut unique = wanted.to_string();
            let mut number = 2;
            while !taken.insert(unique.clone()) {
                unique = format!("{wanted}_{number}");
                number += 1;
            }
            unique
        };
        let mut lines: Vec<(String, String)> = Vec::new();
        let mut key = None;
        for (number, column) in self.columns.iter().enumerate() {
            let source = match is_plain(&column.name) {
                true => format!("{row}.{}", column.name),
                false => format!("{row}.\"{}\"", column.name.replace('"', "\"\"")),
            };
            for (value, wanted, comment) in column.values_of(&source, number) {
                let alias = unique(&wanted);
                if key.is_none() && self.key().is_some_and(|key| key.name == column.name) {
                    key = Some(alias.clone());
                }
                lines.push((format!("{value} as {alias}"), comment));
            }
        }
        let last = lines.len().saturating_sub(1);
        let lines: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(at, (line, comment))| {
                let comma = if at == last { "" } else { "," };
                match comment.as_str() {
                    "" => format!("    {line}{comma}"),
                    comment => format!("    {line}{comma}  -- {comment}"),
                }
            })
            .collect();
        let key = key.map_or(String::new(), |key| format!("-- @key {key}\n"));
        format!(
            "-- One row per record of the export {name}: our names, cleaned values.\n{key}select\n{}\nfrom raw.{table} as {row}\n",
            lines.join("\n")
        )
    }

    /// The first column that tells the records apart, as far as was looked.
    fn key(&self) -> Option<&Seen> {
        const KEYS: &[&str] = &[
            "order_id",
            "customer_id",
            "account_id",
            "member_no",
            "ticket_id",
            "waybill_no",
            "patient_no",
        ];
        let is_key = |column: &&Seen| {
            let distinct: BTreeSet<&String> = column.values.iter().collect();
            let name = column.name.to_lowercase();
            let is_named_so = name == "id"
                || ["_id", "_no", "_code", "编号", "编码", "号"]
                    .iter()
                    .any(|end| name.ends_with(end));
            let is_meant = match column.meaning {
                Some(meaning) => KEYS.contains(&meaning.field) && !meaning.is_other,
                None => is_named_so,
            };
            is_meant
                && !distinct.is_empty()
                && distinct.len() == column.values.len()
                && !distinct.contains(&String::new())
        };
        self.columns.iter().find(is_key)
    }
}

/// Whether a name is a word of SQL that cannot stand for a table.
fn is_reserved(name: &str) -> bool {
    let word = name.to_uppercase();
    let place = ALL_KEYWORDS.binary_search(&word.as_str());
    place.is_ok_and(|at| RESERVED_FOR_TABLE_ALIAS.contains(&ALL_KEYWORDS_INDEX[at]))
}

/// Whether a name needs no quotes in SQL.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A header in Latin letters as a name of ours: `Guest No.` is `guest_no`. One in other letters stays as it is.
fn snake_case(header: &str) -> String {
    if !header.is_ascii() {
        return header.to_string();
    }
    let words = header.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("_")
}

fn by_column(names: Vec<String>, rows: &[Vec<String>]) -> Vec<Seen> {
    let values = |at: usize| {
        rows.iter()
            .map(|row| row.get(at).cloned().unwrap_or_default())
            .collect()
    };
    names
        .into_iter()
        .enumerate()
        .map(|(at, name)| Seen::new(name, values(at), ColumnType::Text))
        .collect()
}

/// The paths of the first objects of a text, two steps deep at most, with their values.
fn json_columns(start: &str, source: &Source) -> Result<Vec<Seen>> {
    let objects: Vec<Value> = match start.trim_start().starts_with('[') {
        true => {
            let mut elements = super::json::Elements::default();
            let found = elements.next(start).into_iter().take(1000);
            found
                .filter_map(|(range, _)| serde_json::from_str(&start[range]).ok())
                .collect()
        }
        false => start
            .lines()
            .take(1000)
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect(),
    };
    let mut columns: Vec<Seen> = Vec::new();
    for object in &objects {
        let mut found = Vec::new();
        flatten(object, "", 0, &mut found);
        for (path, value, kind) in found {
            match columns.iter_mut().find(|column| column.name == path) {
                Some(column) => column.values.push(value),
                None => columns.push(Seen::new(path, vec![value], kind)),
            }
        }
    }
    if columns.is_empty() {
        return Err(Fault::project(format!(
            "{} has no JSON objects that could be read",
            source.name
        )));
    }
    Ok(columns)
}

fn flatten(value: &Value, path: &str, depth: usize, found: &mut Vec<(String, String, ColumnType)>) {
    match value {
        Value::Object(fields) if depth < 3 => {
            for (name, field) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flatten(field, &path, depth + 1, found);
            }
        }
        Value::Array(items) => {
            let is_plain = |item: &Value| !item.is_array() && !item.is_object();
            let kind = match items.iter().all(is_plain) {
                true => ColumnType::List,
                false => ColumnType::Text,
            };
            found.push((path.to_string(), String::new(), kind));
        }
        Value::Bool(value) => {
            found.push((path.to_string(), value.to_string(), ColumnType::Boolean))
        }
        Value::String(text) => found.push((path.to_string(), text.clone(), ColumnType::Text)),
        Value::Null => {}
        other => found.push((path.to_string(), other.to_string(), ColumnType::Text)),
    }
}

impl Seen {
    fn new(name: String, values: Vec<String>, kind: ColumnType) -> Self {
        // Of a path, the last step says what it is.
        let meaning = meaning::of(&name)
            .or_else(|| meaning::of(&name.replace('.', " ")))
            .or_else(|| meaning::of(name.rsplit('.').next().unwrap_or(&name)));
        Self {
            name,
            values,
            kind,
            meaning,
        }
    }

    fn field(&self) -> Option<&'static str> {
        self.meaning.map(|meaning| meaning.field)
    }

    /// Whether nearly all values that are there are of a kind.
    fn are(&self, is_kind: impl Fn(&str) -> bool) -> bool {
        let filled: Vec<&String> = self
            .values
            .iter()
            .filter(|value| !value.is_empty())
            .collect();
        let fitting = filled.iter().filter(|value| is_kind(value)).count();
        !filled.is_empty() && fitting * 20 >= filled.len() * 19
    }

    /// Whether all values are short whole numbers, as counts and years are, and none has the zeros in front of a code.
    fn is_count(&self) -> bool {
        let is_number = |value: &&String| {
            let digits = value.strip_prefix('-').unwrap_or(value);
            let is_code = digits.len() > 1 && digits.starts_with('0');
            (1..=9).contains(&digits.len())
                && !is_code
                && digits.bytes().all(|b| b.is_ascii_digit())
        };
        let name = self.name.to_lowercase();
        const OF_CODES: &[&str] = &[
            "id", "no", "code", "number", "号", "码", "license", "licence", "passport", "card",
            "box", "room", "zip",
        ];
        let is_named_a_code = OF_CODES.iter().any(|end| name.ends_with(end));
        let mut filled = self
            .values
            .iter()
            .filter(|value| !value.is_empty())
            .peekable();
        filled.peek().is_some() && !is_named_a_code && filled.all(|value| is_number(&value))
    }

    /// What is said of the values that would become null.
    fn lost(&self, is_lost: impl Fn(&str) -> bool) -> String {
        let filled: Vec<&String> = self
            .values
            .iter()
            .filter(|value| !value.is_empty())
            .collect();
        let lost: Vec<&&String> = filled.iter().filter(|value| is_lost(value)).collect();
        match lost.len() {
            0 => String::new(),
            number => format!("{number} of the {} values seen become null", filled.len()),
        }
    }

    /// Whether the day or the month comes first, by the values that leave it open to no one.
    fn order_of_dates(&self) -> Option<&'static str> {
        let mut numbers: Vec<Vec<(usize, u32)>> = Vec::new();
        for value in &self.values {
            let parts = value.split(['/', '-', '.', ' ', '年', '月', '日']);
            let parts = parts
                .take(3)
                .map(|part| Some((part.len(), part.parse().ok()?)));
            numbers.extend(parts.collect::<Option<Vec<_>>>());
        }
        let is_short = |part: &(usize, u32)| (1..=2).contains(&part.0);
        let count = |is: &dyn Fn(&[(usize, u32)]) -> bool| {
            numbers
                .iter()
                .filter(|parts| parts.len() == 3 && is(parts))
                .count()
        };
        // A year of two digits stands where no day could, or else where those of four digits stand.
        let short = count(&|parts| parts.iter().all(is_short));
        let in_front = count(&|parts| parts.iter().all(is_short) && parts[0].1 > 31);
        let behind = count(&|parts| parts.iter().all(is_short) && parts[2].1 > 31);
        let long = |at: usize| count(&|parts| parts[at].0 == 4);
        let is_in_front = match in_front.cmp(&behind) {
            Ordering::Greater => true,
            Ordering::Equal => long(0) > 0 && long(0) >= long(2),
            Ordering::Less => false,
        };
        if short > 0 && is_in_front {
            return Some("ymd");
        }
        let first_two = |parts: &Vec<(usize, u32)>| match parts.as_slice() {
            [first, second, ..] if is_short(first) && is_short(second) => Some((first.1, second.1)),
            _ => None,
        };
        let days_first = |(first, second): &(u32, u32)| *first > 12 && *second <= 12;
        let months_first = |(first, second): &(u32, u32)| *second > 12 && *first <= 12;
        let dates: Vec<(u32, u32)> = numbers.iter().filter_map(first_two).collect();
        let count = |is: &dyn Fn(&(u32, u32)) -> bool| dates.iter().filter(|date| is(date)).count();
        match (count(&days_first), count(&months_first)) {
            (0, 0) => None,
            (days, months) if days >= months => Some("dmy"),
            _ => Some("mdy"),
        }
    }

    /// The type to declare. A phone, an id, a postcode stays text, whatever its values look like.
    fn declared(&self) -> ColumnType {
        let has_time =
            |value: &str| value.contains(':') && parse_timestamp(value, chrono_tz::UTC).is_some();
        let is_date = |value: &str| value.len() > 6 && parse_date(value, None).is_some();
        if self.kind != ColumnType::Text {
            return self.kind;
        }
        match self.field() {
            Some("ordered_at" | "created_at" | "updated_at" | "delivered_at" | "answered_at")
            | None
                if self.are(has_time) =>
            {
                ColumnType::Timestamp
            }
            Some("ordered_at" | "created_at" | "updated_at" | "delivered_at" | "answered_at")
                if self.are(is_date) =>
            {
                ColumnType::Date
            }
            Some("amount" | "unit_price" | "freight" | "discount")
                if self.are(|value| amount(value).is_some()) =>
            {
                ColumnType::Amount
            }
            Some("quantity" | "points") if self.are(|value| value.parse::<i64>().is_ok()) => {
                ColumnType::Integer
            }
            None if self.are(|value| is_date(value) && value.contains(['-', '/', '年'])) => {
                ColumnType::Date
            }
            None if self.is_count() => ColumnType::Integer,
            _ => ColumnType::Text,
        }
    }

    /// What a stage makes of the column: expressions with their names and comments.
    fn values_of(&self, source: &str, number: usize) -> Vec<(String, String, String)> {
        let one = |value: String, name: &str, comment: &str| {
            vec![(value, name.to_string(), comment.to_string())]
        };
        let Some(meaning) = self.meaning else {
            let plain = snake_case(&self.name);
            return match is_plain(&plain) {
                true => one(source.to_string(), &plain, ""),
                false => one(
                    source.to_string(),
                    &format!("column_{}", number + 1),
                    "give it a name that says what it is",
                ),
            };
        };
        if meaning.is_other {
            return one(
                source.to_string(),
                &format!("other_{}", meaning.field),
                "somebody else's than the customer's",
            );
        }
        match meaning.field {
            "person_name" => one(format!("normalize_person_name({source})"), "full_name", ""),
            "phone" => one(
                source.to_string(),
                "phone_raw",
                "phone_key(phone_raw, $region) is what records are matched on",
            ),
            "email" => one(format!("normalize_email({source})"), "email", ""),
            "resident_id" => one(
                format!("normalize_resident_id({source})"),
                "resident_id",
                &self.lost(|value| resident_id::normalize(value).is_none()),
            ),
            "credit_code" => one(
                format!("normalize_credit_code({source})"),
                "credit_code",
                &self.lost(|value| credit_code::normalize(value).is_none()),
            ),
            "birth_date" if self.kind == ColumnType::Text => {
                let order = self.order_of_dates();
                let date = match order {
                    Some(order) => format!("parse_date({source}, '{order}')"),
                    None => format!("parse_date({source})"),
                };
                let comment = self.lost(|value| parse_date(value, order).is_none());
                one(date, "birth_date", &comment)
            }
            "gender" => one(
                format!(
                    "case when lower({source}) in ('男', '男性', 'm', 'male') then 'male' when lower({source}) in ('女', '女性', 'f', 'female') then 'female' end"
                ),
                "gender",
                "",
            ),
            "address" => {
                let mut columns = one(source.to_string(), "address", "");
                // Regions are those of China.
                if self.values.iter().any(|value| value.chars().any(is_han)) {
                    let code = format!("address_region_code({source})");
                    let comment = "of its district, as far as it is sure";
                    columns.extend(one(code, "region_code", comment));
                }
                columns
            }
            field => one(source.to_string(), field, ""),
        }
    }
}
