//! Typed columns: the cells of a column are read as its declared type; a cell that breaks the column's contract rejects its
//! record, with the column's name and a reason.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder,
    ListBuilder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Date32Type, Field};
use chrono_tz::Tz;
use regex::Regex;

use super::grid::Grid;
use super::json;
use crate::functions::amount::{amount, without_separators};
use crate::functions::date::{LocalTime, parse_date, stands_for_no_date};
use crate::functions::mojibake::repair;
use crate::functions::scalar::utc_microseconds;
use crate::pipeline::file::{ColumnType, Contract, DateOrder};

/// The engine's type of a declared one.
pub fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Amount => DataType::Decimal128(18, 2),
        ColumnType::Number => DataType::Float64,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => utc_microseconds(),
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::List => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
    }
}

/// How the local dates, times and texts of an export are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// The zone of times without an offset.
    pub zone: Tz,
    /// Day or month first.
    pub order: Option<DateOrder>,
    /// Whether text that was read in a wrong encoding before it came is repaired.
    pub repairs: bool,
}

/// Why records are rejected: by the record's place in its grid, the column at fault and the reason. The first fault counts.
pub type Faults = BTreeMap<usize, (Option<usize>, &'static str)>;

/// A column and its contract.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    contract: Contract,
    pattern: Option<Regex>,
    is_required: bool,
}

impl Column {
    /// A column of a table; a key's column is required.
    pub fn new(name: &str, contract: Contract, is_key: bool) -> Self {
        let pattern = contract
            .pattern
            .as_deref()
            .and_then(|pattern| Regex::new(pattern).ok());
        Self {
            name: name.to_string(),
            is_required: contract.required || is_key,
            pattern,
            contract,
        }
    }

    /// Reads the cells in place `at` of every record; `number` is the column's own, for faults. A record that is at fault has
    /// any value. Also says how many texts were repaired.
    pub fn read(
        &self,
        grid: &Grid,
        at: Option<usize>,
        number: usize,
        reading: Reading,
        faults: &mut Faults,
    ) -> (ArrayRef, u64) {
        let count = grid.records.len();
        let mut repaired = 0;
        macro_rules! build {
            ($builder:expr, |$text:ident| $read:expr) => {{
                let mut builder = $builder;
                for record in 0..count {
                    let value = self.value(grid, at, record).and_then(|cell| match cell {
                        None => Ok(None),
                        Some($text) => $read.map(Some),
                    });
                    match value {
                        Ok(value) => builder.append_option(value),
                        Err(reason) => {
                            faults.entry(record).or_insert((Some(number), reason));
                            builder.append_null();
                        }
                    }
                }
                builder
            }};
        }
        let array: ArrayRef = match self.contract.kind {
            ColumnType::Text => {
                let mut builder = StringBuilder::with_capacity(count, count * 12);
                for record in 0..count {
                    match self.value(grid, at, record) {
                        Ok(None) => builder.append_null(),
                        Ok(Some(text)) if reading.repairs && !text.is_ascii() => {
                            match repair(&text) {
                                Some(sound) => {
                                    repaired += u64::from(sound != *text);
                                    builder.append_value(sound.trim());
                                }
                                None => builder.append_value(&text),
                            }
                        }
                        Ok(Some(text)) => builder.append_value(&text),
                        Err(reason) => {
                            faults.entry(record).or_insert((Some(number), reason));
                            builder.append_null();
                        }
                    }
                }
                Arc::new(builder.finish())
            }
            ColumnType::Integer => {
                Arc::new(build!(Int64Builder::with_capacity(count), |text| integer(&text)).finish())
            }
            ColumnType::Amount => {
                let builder = Decimal128Builder::with_capacity(count)
                    .with_precision_and_scale(18, 2)
                    .expect("18 digits with 2 behind the point fit a decimal128");
                Arc::new(build!(builder, |text| amount(&text).ok_or("not_an_amount")).finish())
            }
            ColumnType::Number => Arc::new(
                build!(Float64Builder::with_capacity(count), |text| text
                    .parse()
                    .ok()
                    .filter(|number: &f64| number.is_finite())
                    .ok_or("not_a_number"))
                .finish(),
            ),
            ColumnType::Date => Arc::new(
                build!(Date32Builder::with_capacity(count), |text| parse_date(
                    &text,
                    reading.order.map(DateOrder::as_str)
                )
                .map(Date32Type::from_naive_date)
                .ok_or("not_a_date"))
                .finish(),
            ),
            ColumnType::Timestamp => {
                let mut clock = LocalTime::new(reading.zone, reading.order.map(DateOrder::as_str));
                let builder =
                    TimestampMicrosecondBuilder::with_capacity(count).with_timezone("UTC");
                Arc::new(
                    build!(builder, |text| clock.moment(&text).ok_or("not_a_timestamp")).finish(),
                )
            }
            ColumnType::Boolean => Arc::new(
                build!(BooleanBuilder::with_capacity(count), |text| boolean(&text)).finish(),
            ),
            ColumnType::List => {
                let mut builder = ListBuilder::new(StringBuilder::new());
                for record in 0..count {
                    match self.value(grid, at, record) {
                        Ok(Some(text)) => {
                            let items = list(&text);
                            let items = items.iter().map(|item| item.trim());
                            builder.append_value(items.filter(|item| !item.is_empty()).map(Some));
                        }
                        Ok(None) => builder.append_null(),
                        Err(reason) => {
                            faults.entry(record).or_insert((Some(number), reason));
                            builder.append_null();
                        }
                    }
                }
                Arc::new(builder.finish())
            }
        };
        (array, repaired)
    }

    /// The trimmed text of a cell, none where it is empty, after the promises that hold for any type.
    #[inline]
    fn value<'g>(
        &self,
        grid: &'g Grid,
        at: Option<usize>,
        record: usize,
    ) -> Result<Option<Cow<'g, str>>, &'static str> {
        let (text, cell) = match at {
            Some(at) => grid.cell(record, at),
            None => (Cow::Borrowed(""), super::grid::Cell::NULL),
        };
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
            Cow::Owned(text) => Cow::Owned(trim(&text).to_string()),
        };
        // A dash stands for no amount.
        let is_dash =
            self.contract.kind == ColumnType::Amount && text.chars().all(|c| "-–—/".contains(c));
        let is_time = matches!(self.contract.kind, ColumnType::Date | ColumnType::Timestamp);
        if text.is_empty() || is_dash || (is_time && stands_for_no_date(&text)) {
            return if self.is_required {
                Err("missing_value")
            } else {
                Ok(None)
            };
        }
        if cell.has_lost_digits()
            && matches!(self.contract.kind, ColumnType::Text | ColumnType::Integer)
        {
            return Err("digits_lost");
        }
        if !self.contract.allowed.is_empty()
            && !self.contract.allowed.iter().any(|allowed| *allowed == text)
        {
            return Err("value_not_allowed");
        }
        if self
            .pattern
            .as_ref()
            .is_some_and(|pattern| !pattern.is_match(&text))
        {
            return Err("pattern_not_matched");
        }
        Ok(Some(text))
    }
}

/// Without white space at its ends; most texts have none, and that is seen at their first and last byte.
fn trim(text: &str) -> &str {
    let is_plain = |byte: Option<&u8>| byte.is_none_or(|byte| (0x21..0x7F).contains(byte));
    let bytes = text.as_bytes();
    if is_plain(bytes.first()) && is_plain(bytes.last()) {
        text
    } else {
        text.trim()
    }
}

/// The values of a list: a JSON array, or with semicolons between.
fn list(text: &str) -> Vec<Cow<'_, str>> {
    let array = text.starts_with('[').then(|| json::items(text)).flatten();
    array.unwrap_or_else(|| text.split([';', '；']).map(Cow::Borrowed).collect())
}

fn integer(text: &str) -> Result<i64, &'static str> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let plain = if whole.contains(',') {
        Cow::Owned(without_separators(whole).ok_or("not_an_integer")?)
    } else {
        Cow::Borrowed(whole)
    };
    plain.parse().map_err(|_| "not_an_integer")
}

fn boolean(text: &str) -> Result<bool, &'static str> {
    match text.to_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" | "是" | "有" | "on" | "√" => Ok(true),
        "false" | "f" | "no" | "n" | "0" | "否" | "无" | "off" | "×" => Ok(false),
        _ => Err("not_a_boolean"),
    }
}
