//! The pipeline file as types: one run on one page.
//!
//! Unknown keys are refused with a suggestion; every fault has its line and column.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::exports::{access_log, header};
use crate::fault::{Fault, Place, Result, nearest};
use crate::functions::reference;
use crate::identity::rules::RuleBook;

/// A whole pipeline file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// Its name, in reports.
    pub name: String,
    /// The zone of the exports' local times, by its IANA name.
    #[serde(deserialize_with = "timezone")]
    pub timezone: Tz,
    /// The region whose numbering plan a phone without a country code belongs to: an ISO 3166 code.
    pub region: String,
    /// The folder of its stages, below the project's: pipelines that name none share `sql`.
    #[serde(default = "shared_stages")]
    pub sql: String,
    /// The night that is computed; today in `timezone` where it is left out.
    #[serde(default, deserialize_with = "optional_date")]
    pub as_of: Option<NaiveDate>,
    /// What comes in.
    pub exports: Exports,
    /// Who is who; without it there is no schema `identity`.
    pub identity: Option<RuleBook>,
    /// Parameters of the stages: `minimum_orders = 2` is `$minimum_orders` in SQL.
    #[serde(default)]
    pub settings: BTreeMap<String, Setting>,
    /// What goes out.
    pub publish: Publish,
    /// What the final summary shows.
    #[serde(default)]
    pub report: Report,
    /// Files in place of the tables behind the functions: `nicknames = "reference/nicknames.tsv"`; with a plus in front, beside them.
    #[serde(default)]
    pub reference: BTreeMap<String, String>,
}

fn shared_stages() -> String {
    "sql".to_string()
}

/// What the final summary of a run shows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Small tables that are printed with the summary, where they have rows.
    #[serde(default)]
    pub show: Vec<String>,
}

/// All exports, in the order of the file.
#[derive(Debug, Clone)]
pub struct Exports {
    /// The folder that the paths are relative to.
    pub root: String,
    /// Each export, by its name; it becomes `raw.<name>`.
    pub list: Vec<(String, ExportSpec)>,
}

/// What one export looks like, and what its rows must be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportSpec {
    /// A path or a glob below the root.
    pub path: String,
    /// How the files are written.
    pub format: Format,
    /// Columns that no row may lack.
    #[serde(default)]
    pub key: Vec<String>,
    /// A missing export is an empty table, not a fault.
    #[serde(default)]
    pub optional: bool,
    /// How many rows may be rejected: a share ("0.5%") or a count ("100").
    #[serde(default)]
    pub max_rejects: RejectLimit,
    /// Fewer rows stop the run.
    pub min_rows: Option<u64>,
    /// Between fields of a csv; found in the header where it is left out.
    pub delimiter: Option<char>,
    /// The encoding of a text file, where it shall not be found by itself.
    pub encoding: Option<String>,
    /// Whether day or month comes first in dates that leave it open.
    pub date_order: Option<DateOrder>,
    /// The sheet of a workbook; the first that can be seen where it is left out.
    pub sheet: Option<String>,
    /// The row of the header, from 1, where it shall not be found by itself.
    pub header_row: Option<u64>,
    /// The columns of a separated file that has no header line.
    #[serde(default)]
    pub names: Vec<String>,
    /// How the lines of an access log are written, as nginx's `log_format` has it.
    pub log_format: Option<String>,
    /// Whether texts that were read in a wrong encoding before they came are repaired.
    #[serde(default)]
    pub repair_mojibake: bool,
    /// How old the newest file may be: hours (`26h`) or days (`3d`).
    #[serde(default, deserialize_with = "duration")]
    pub fresh_within: Option<std::time::Duration>,
    /// What happens when it is older.
    #[serde(default)]
    pub late: Late,
    /// Contracts of columns, by their name in the header (csv, parquet) or their path (json).
    #[serde(default)]
    pub columns: Columns,
}

/// What a late export does to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// The run goes on with what there is, and says so.
    #[default]
    Warn,
    /// Nothing is read: try later.
    Stop,
}

impl ExportSpec {
    /// An export of which only the path and the format are said.
    pub fn plain(path: &str, format: Format) -> Self {
        Self {
            path: path.to_string(),
            format,
            key: Vec::new(),
            optional: false,
            max_rejects: RejectLimit::default(),
            min_rows: None,
            delimiter: None,
            encoding: None,
            date_order: None,
            sheet: None,
            header_row: None,
            names: Vec::new(),
            log_format: None,
            repair_mojibake: false,
            fresh_within: None,
            late: Late::default(),
            columns: Columns::default(),
        }
    }

    /// Whether the files have a header that people wrote, whose names are cleaned.
    fn has_header(&self) -> bool {
        matches!(self.format, Format::Csv | Format::Excel)
    }

    /// A column's name as the table has it.
    pub fn as_named(&self, column: &str) -> String {
        if self.has_header() {
            header::clean(column)
        } else {
            column.to_string()
        }
    }

    /// The contract of a column of the table.
    pub fn contract(&self, column: &str) -> Option<&Contract> {
        let found = self
            .columns
            .0
            .iter()
            .find(|(declared, _)| self.as_named(declared) == column);
        found.map(|(_, contract)| contract)
    }

    /// Whether a column of the table is one that no row may lack.
    pub fn is_key(&self, column: &str) -> bool {
        self.key.iter().any(|key| self.as_named(key) == column)
    }

    /// The columns by which a header is known.
    pub fn wanted(&self) -> Vec<String> {
        let columns = self.columns.0.iter().map(|(column, _)| column);
        columns
            .chain(&self.key)
            .map(|column| self.as_named(column))
            .collect()
    }

    /// How the lines of an access log are taken apart.
    pub fn log(&self) -> Result<access_log::Format> {
        let Some(format) = &self.log_format else {
            return Ok(access_log::Format::default());
        };
        access_log::Format::parse(format).map_err(|why| {
            Fault::project(format!("the log_format cannot be read: {why}"))
                .hint("write it as nginx has it: log_format = '$remote_addr [$time_local] \"$request\" $status'")
        })
    }
}

/// How files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Separated values with a header line.
    Csv,
    /// JSON: an object a line, or an array of objects.
    Json,
    /// Parquet.
    Parquet,
    /// A workbook of Excel, or what systems name like one: a web page with a table, or tabbed text.
    Excel,
    /// The log of a web server: the combined format, with an optional quoted cookie behind it, or any `log_format`.
    AccessLog,
}

/// Day first or month first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 31/12/2026
    Dmy,
    /// 12/31/2026
    Mdy,
}

impl DateOrder {
    /// As the function `parse_date` takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dmy => "dmy",
            Self::Mdy => "mdy",
        }
    }
}

/// Column contracts in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct Columns(pub Vec<(String, Contract)>);

/// What a column's values must be.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Their type.
    pub kind: ColumnType,
    /// No row may lack it.
    pub required: bool,
    /// The only values it may have.
    pub allowed: Vec<String>,
    /// A regular expression that every value must match.
    pub pattern: Option<String>,
}

/// Types that a column may be declared as. Text stays text until its type is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Utf8.
    Text,
    /// Int64.
    Integer,
    /// Decimal(18, 2).
    Amount,
    /// Float64.
    Number,
    /// Date32.
    Date,
    /// Timestamp in microseconds, UTC; local times are in the pipeline's zone.
    Timestamp,
    /// Boolean.
    Boolean,
    /// List of Utf8: a JSON array, or text with semicolons between.
    List,
}

impl ColumnType {
    /// As the pipeline file has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Amount => "amount",
            Self::Number => "number",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Boolean => "boolean",
            Self::List => "list",
        }
    }
}

/// How many rows may be rejected before the run stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RejectLimit {
    /// Of all rows, from 0 to 1.
    Share(f64),
    /// Rows.
    Count(u64),
}

impl Default for RejectLimit {
    fn default() -> Self {
        Self::Share(0.01)
    }
}

impl RejectLimit {
    /// Whether so many rejects of so many rows are too many.
    pub fn is_exceeded(self, rejects: u64, rows: u64) -> bool {
        match self {
            Self::Share(share) => rejects as f64 > share * rows as f64,
            Self::Count(count) => rejects > count,
        }
    }
}

impl fmt::Display for RejectLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(share) => write!(f, "{}%", (share * 100_000.0).round() / 1000.0),
            Self::Count(count) => write!(f, "{count} rows"),
        }
    }
}

/// A typed parameter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Setting {
    /// Boolean.
    Boolean(bool),
    /// Int64.
    Integer(i64),
    /// Float64.
    Number(f64),
    /// Utf8.
    Text(String),
}

impl Setting {
    /// As a literal of SQL.
    pub fn to_sql(&self) -> String {
        match self {
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Number(value) => format!("cast('{value}' as double)"),
            Self::Text(value) => format!("'{}'", value.replace('\'', "''")),
        }
    }
}

/// Where the night is published, and how long old ones are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Tables, or patterns like `master.*`.
    pub tables: Vec<String>,
    /// A folder.
    pub output: String,
    /// How many versions are kept at least.
    #[serde(default = "seven")]
    pub keep: usize,
    /// How long every version is kept at least: hours (`72h`) or days (`3d`).
    #[serde(default, deserialize_with = "duration")]
    pub keep_for: Option<std::time::Duration>,
}

impl Publish {
    /// Whether a table is published.
    pub fn includes(&self, schema: &str, table: &str) -> bool {
        self.tables
            .iter()
            .any(|pattern| match pattern.split_once('.') {
                Some((pattern_schema, "*")) => pattern_schema == schema,
                Some((pattern_schema, pattern_table)) => {
                    pattern_schema == schema && pattern_table == table
                }
                None => false,
            })
    }
}

/// A pipeline file that was read: its types, its text, and where it lies.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The types.
    pub pipeline: Pipeline,
    /// The file.
    pub path: PathBuf,
    /// Its text, for faults that are found later.
    pub text: String,
    /// The project: the folder above `pipelines/`.
    pub project: PathBuf,
}

impl Loaded {
    /// Reads a pipeline file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let here = path
                .parent()
                .and_then(|folder| std::fs::read_dir(folder).ok())
                .map(|entries| {
                    let mut names: Vec<String> = entries
                        .flatten()
                        .map(|entry| entry.path().display().to_string())
                        .filter(|name| name.ends_with(".toml") && !name.ends_with(".model.toml"))
                        .collect();
                    names.sort();
                    names.join(", ")
                });
            Fault::project(format!(
                "could not read the pipeline {}: {error}",
                path.display()
            ))
            .hint(match here {
                Some(names) if !names.is_empty() => format!("there is {names}"),
                _ => "run it in the project's folder, or name a pipeline file".to_string(),
            })
        })?;
        let pipeline: Pipeline =
            toml::from_str(&text).map_err(|error| syntax_fault(path, &text, &error))?;
        let parent = path.parent().unwrap_or(Path::new(""));
        let project = match parent.file_name().is_some_and(|name| name == "pipelines") {
            true => parent.parent().unwrap_or(Path::new("")).to_path_buf(),
            false => parent.to_path_buf(),
        };
        let loaded = Self {
            pipeline,
            path: path.to_path_buf(),
            text,
            project,
        };
        loaded.validate()?;
        Ok(loaded)
    }

    /// The place of the first occurrence of a text in the pipeline file.
    pub fn place_of(&self, needle: &str) -> Place {
        // A whole text before a part of one.
        let quoted = |quote: char| Some(self.text.find(&format!("{quote}{needle}{quote}"))? + 1);
        let whole = quoted('"').or_else(|| quoted('\''));
        match whole.or_else(|| self.text.find(needle)) {
            Some(start) => Place::of_bytes(&self.path, &self.text, start..start + needle.len()),
            None => Place::file(&self.path),
        }
    }

    /// The place of a part of a text in the pipeline file, by its line and its columns in that text, all counted from 1.
    pub fn place_in(&self, text: &str, line: usize, columns: Range<usize>) -> Place {
        let whole = self.place_of(text);
        // A text with escapes stands otherwise in the file.
        let Some(start) = self.text.find(text) else {
            return whole;
        };
        let above: usize = text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum();
        let own = text[above..].lines().next().unwrap_or_default();
        let byte = |column: usize| {
            let mut bytes = own.char_indices().map(|(at, _)| at);
            bytes.nth(column - 1).unwrap_or(own.len())
        };
        let at = start + above;
        let (from, to) = (at + byte(columns.start), at + byte(columns.end));
        Place::of_bytes(&self.path, &self.text, from..to.max(from + 1))
    }

    /// The place of the name in the last `[[list]]` that has it, where two lists may have the same name.
    pub fn place_of_entry(&self, list: &str, name: &str) -> Place {
        let (header, wanted) = (format!("[[{list}]]"), format!("name = \"{name}\""));
        let (mut start, mut is_inside, mut found) = (0, false, None);
        for line in self.text.split_inclusive('\n') {
            let code = line.trim();
            if code.starts_with('[') {
                is_inside = code.starts_with(&header);
            }
            if is_inside && code.starts_with(&wanted) {
                found = Some(start + line.find(&wanted).unwrap_or_default());
            }
            start += line.len();
        }
        match found {
            Some(at) => Place::of_bytes(&self.path, &self.text, at..at + wanted.len()),
            None => self.place_of(&wanted),
        }
    }

    /// Puts the pipeline's own tables in place of those that are compiled in.
    pub fn use_reference(&self) -> Result<()> {
        for (name, path) in &self.pipeline.reference {
            let place = || self.place_of(&format!("{name} ="));
            let Some((table, ..)) = reference::TABLES.iter().find(|(_, known, _)| known == name)
            else {
                let names: Vec<&str> = reference::TABLES.iter().map(|(_, name, _)| *name).collect();
                return Err(Fault::project(format!(
                    "there is no table {name} behind the functions"
                ))
                .at(place())
                .hint(format!("there are {}", names.join(", "))));
            };
            let beside = path.strip_prefix('+');
            let file = self.project.join(beside.unwrap_or(path));
            let text = std::fs::read_to_string(&file).map_err(|error| {
                Fault::project(format!("could not read {}: {error}", file.display())).at(place())
            })?;
            reference::replace(*table, text.clone(), beside.is_some()).map_err(|(line, why)| {
                Fault::project(format!("the table {name} cannot be used: {why}"))
                    .at(Place::in_text(&file, &text, line, 1, usize::MAX))
                    .hint(format!(
                        "`onefold functions --table {name}` prints the one that is compiled in"
                    ))
            })?;
        }
        Ok(())
    }

    fn validate(&self) -> Result<()> {
        if !crate::functions::phone::is_region(&self.pipeline.region) {
            return Err(
                Fault::project(format!("unknown region \"{}\"", self.pipeline.region))
                    .at(self.place_of("region ="))
                    .hint(match self.pipeline.region.to_uppercase().as_str() {
                        "UK" => "the United Kingdom is GB",
                        _ => "write a country's two letters of ISO 3166, like CN or GB",
                    }),
            );
        }
        for (name, spec) in &self.pipeline.exports.list {
            if !is_name(name) {
                return Err(Fault::project(format!("\"{name}\" cannot be the name of a table"))
                    .at(self.place_of(&format!("[exports.{name}")))
                    .hint("use lower-case letters, digits and underscores, and start with a letter"));
            }
            if spec.format == Format::Json && spec.columns.0.is_empty() {
                return Err(Fault::project(format!("the json export {name} declares no columns"))
                    .at(self.place_of(&format!("[exports.{name}]")))
                    .hint("declare the paths that you need: columns = { \"customer.phone\" = \"text\" }"));
            }
            for (column, contract) in &spec.columns.0 {
                if let Some(Err(error)) = contract.pattern.as_deref().map(regex::Regex::new) {
                    let reason = error.to_string();
                    return Err(Fault::project(format!(
                        "the pattern of column {column} in export {name} is no regular expression"
                    ))
                    .at(self.place_of(contract.pattern.as_deref().unwrap_or(column)))
                    .detail(reason.lines().last().unwrap_or_default().to_string()));
                }
            }
            if let Some(format) = &spec.log_format {
                spec.log().map_err(|fault| {
                    fault.at(self.place_of(format.lines().next().unwrap_or_default()))
                })?;
            }
            let misplaced = [
                ("sheet", spec.sheet.is_some(), spec.format == Format::Excel),
                ("header_row", spec.header_row.is_some(), spec.has_header()),
                ("names", !spec.names.is_empty(), spec.format == Format::Csv),
                (
                    "log_format",
                    spec.log_format.is_some(),
                    spec.format == Format::AccessLog,
                ),
            ];
            if let Some((key, ..)) = misplaced
                .iter()
                .find(|(_, is_given, has_place)| *is_given && !has_place)
            {
                return Err(Fault::project(format!(
                    "{key} has no meaning for the format of export {name}"
                ))
                .at(self.place_of(&format!("{key} =")))
                .hint("take it out, or mend the format"));
            }
            if spec.header_row == Some(0) {
                return Err(
                    Fault::project("rows are counted from 1").at(self.place_of("header_row ="))
                );
            }
            if let Some(encoding) = &spec.encoding
                && encoding_rs::Encoding::for_label(encoding.as_bytes()).is_none()
            {
                return Err(Fault::project(format!("unknown encoding \"{encoding}\""))
                    .at(self.place_of(encoding))
                    .hint("leave it out to have it found, or write utf-8, gb18030, big5, shift_jis or windows-1252"));
            }
        }
        Ok(())
    }
}

/// Whether a word can be the name of a table.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn syntax_fault(path: &Path, text: &str, error: &toml::de::Error) -> Box<Fault> {
    let message = error.message().replace('`', "\"");
    let first_line = message
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_string();
    let mut fault = Fault::project(format!("could not read the pipeline: {first_line}"));
    if let Some(span) = error.span() {
        fault = fault.at(Place::of_bytes(path, text, span));
    }
    // serde lists what it expected: turn that into a suggestion.
    if let Some((unknown, expected)) = message.split_once(", expected") {
        let word = unknown.split('"').nth(1).unwrap_or_default();
        let names: Vec<&str> = expected.split('"').skip(1).step_by(2).collect();
        fault.summary = format!("could not read the pipeline: {unknown}");
        fault = fault.hint(match nearest(word, names.iter().copied()) {
            Some(name) => format!("did you mean \"{name}\"?"),
            None if names.is_empty() => "see the README for how it is written".to_string(),
            None => format!("known here: {}", names.join(", ")),
        });
    }
    fault
}

fn seven() -> usize {
    7
}

fn timezone<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Tz, D::Error> {
    let name = String::deserialize(deserializer)?;
    Tz::from_str(&name).map_err(|_| {
        let is_of = |zone: &&Tz| zone.name().rsplit('/').next() == Some(name.as_str());
        let meant = chrono_tz::TZ_VARIANTS.iter().find(is_of);
        let told = meant.map_or("write one like Asia/Shanghai".to_string(), |zone| {
            format!("did you mean {zone}?")
        });
        D::Error::custom(format!("unknown time zone \"{name}\"; {told}"))
    })
}

fn optional_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<NaiveDate>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d");
    date.map(Some)
        .map_err(|_| D::Error::custom(format!("\"{text}\" is no date; write one like 2026-07-01")))
}

fn duration<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<std::time::Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed = text
        .strip_suffix('h')
        .map(|hours| (hours, 3600))
        .or_else(|| text.strip_suffix('d').map(|days| (days, 86_400)))
        .and_then(|(count, seconds)| {
            count
                .parse::<u64>()
                .ok()
                .map(|count| std::time::Duration::from_secs(count * seconds))
        });
    parsed.map(Some).ok_or_else(|| {
        D::Error::custom(format!(
            "\"{text}\" is no duration; write one like 72h or 3d"
        ))
    })
}

impl<'de> Deserialize<'de> for RejectLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parsed = match text.strip_suffix('%') {
            Some(percent) => percent
                .trim()
                .parse()
                .ok()
                .filter(|p| (0.0..=100.0).contains(p))
                .map(|p: f64| Self::Share(p / 100.0)),
            None => text.parse().ok().map(Self::Count),
        };
        parsed.ok_or_else(|| {
            D::Error::custom(format!(
                "\"{text}\" is no limit; write a share (\"0.5%\") or a count (\"100\")"
            ))
        })
    }
}

impl<'de> Deserialize<'de> for Exports {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Exports;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a root and a table for each export")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Exports, A::Error> {
                let (mut root, mut list) = (None, Vec::new());
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "root" => root = Some(map.next_value::<String>()?),
                        _ => list.push((key, map.next_value::<ExportSpec>()?)),
                    }
                }
                let root = root.ok_or_else(|| {
                    A::Error::custom("[exports] has no root; write root = \"a/folder\"")
                })?;
                Ok(Exports { root, list })
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Columns;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a table of columns and their types")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Columns, A::Error> {
                let mut columns = Vec::new();
                while let Some(entry) = map.next_entry::<String, toml::Spanned<Contract>>()? {
                    columns.push(entry);
                }
                // A missing export has them in the order in which they are declared.
                columns.sort_by_key(|(_, contract)| contract.span().start);
                let plain = columns.into_iter();
                let plain = plain.map(|(column, contract)| (column, contract.into_inner()));
                Ok(Columns(plain.collect()))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

impl<'de> Deserialize<'de> for Contract {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Long {
            #[serde(rename = "type")]
            kind: ColumnType,
            #[serde(default)]
            required: bool,
            #[serde(default, rename = "in")]
            allowed: Vec<String>,
            pattern: Option<String>,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Contract;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a type (\"text\"), or a table { type = \"text\", required = true }")
            }

            fn visit_str<E: serde::de::Error>(
                self,
                text: &str,
            ) -> std::result::Result<Contract, E> {
                let kind =
                    ColumnType::deserialize(serde::de::value::StrDeserializer::<E>::new(text))?;
                Ok(Contract {
                    kind,
                    required: false,
                    allowed: Vec::new(),
                    pattern: None,
                })
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                map: A,
            ) -> std::result::Result<Contract, A::Error> {
                let long = Long::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Contract {
                    kind: long.kind,
                    required: long.required,
                    allowed: long.allowed,
                    pattern: long.pattern,
                })
            }
        }
        deserializer.deserialize_any(Either)
    }
}
