//! Typed columns: a cell of text is read as its declared type, or the row is rejected with the column's name.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder,
    ListBuilder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Date32Type, Field};
use chrono_tz::Tz;
use regex::Regex;

use crate::functions::amount::{amount, without_separators};
use crate::functions::date::{parse_date, parse_timestamp};
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

/// A column under construction, with its contract.
pub struct Column {
    /// Its name.
    pub name: String,
    contract: Contract,
    pattern: Option<Regex>,
    is_required: bool,
    builder: Builder,
}

enum Builder {
    Text(StringBuilder),
    Integer(Int64Builder),
    Amount(Decimal128Builder),
    Number(Float64Builder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Boolean(BooleanBuilder),
    List(ListBuilder<StringBuilder>),
}

/// A cell that was read, not yet appended: a row is appended whole or not at all.
#[derive(Debug)]
pub enum Cell {
    /// No value.
    Null,
    /// The text as it stands.
    AsIs,
    /// Int64, or a timestamp in microseconds.
    Integer(i64),
    /// Hundredths.
    Amount(i128),
    /// Float64.
    Number(f64),
    /// Days since 1970.
    Date(i32),
    /// Boolean.
    Boolean(bool),
}

/// How local dates and times of an export are read.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// The zone of times without an offset.
    pub zone: Tz,
    /// Day or month first.
    pub order: Option<DateOrder>,
}

impl Column {
    /// An empty column.
    pub fn new(name: &str, contract: Contract, is_key: bool) -> Self {
        let builder = match contract.kind {
            ColumnType::Text => Builder::Text(StringBuilder::new()),
            ColumnType::Integer => Builder::Integer(Int64Builder::new()),
            ColumnType::Amount => {
                let builder = Decimal128Builder::new().with_precision_and_scale(18, 2);
                Builder::Amount(
                    builder.expect("18 digits with 2 behind the point fit a decimal128"),
                )
            }
            ColumnType::Number => Builder::Number(Float64Builder::new()),
            ColumnType::Date => Builder::Date(Date32Builder::new()),
            ColumnType::Timestamp => {
                Builder::Timestamp(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
            ColumnType::Boolean => Builder::Boolean(BooleanBuilder::new()),
            ColumnType::List => Builder::List(ListBuilder::new(StringBuilder::new())),
        };
        let pattern = contract
            .pattern
            .as_deref()
            .and_then(|pattern| Regex::new(pattern).ok());
        Self {
            name: name.to_string(),
            is_required: contract.required || is_key,
            pattern,
            contract,
            builder,
        }
    }

    /// Reads a cell by the column's type and contract; an error is a reason code.
    pub fn read(&self, text: Option<&str>, clock: Clock) -> Result<Cell, &'static str> {
        // A dash stands for no amount.
        let is_dash = |text: &str| {
            self.contract.kind == ColumnType::Amount && text.chars().all(|c| "-–—/".contains(c))
        };
        let trimmed = text
            .map(str::trim)
            .filter(|text| !text.is_empty() && !is_dash(text));
        let Some(text) = trimmed else {
            return if self.is_required {
                Err("missing_value")
            } else {
                Ok(Cell::Null)
            };
        };
        if !self.contract.allowed.is_empty()
            && !self.contract.allowed.iter().any(|allowed| allowed == text)
        {
            return Err("value_not_allowed");
        }
        if self
            .pattern
            .as_ref()
            .is_some_and(|pattern| !pattern.is_match(text))
        {
            return Err("pattern_not_matched");
        }
        match self.contract.kind {
            ColumnType::Text | ColumnType::List => Ok(Cell::AsIs),
            ColumnType::Integer => {
                let whole = text.strip_suffix(".0").unwrap_or(text);
                let plain = without_separators(whole).ok_or("not_an_integer")?;
                plain
                    .parse()
                    .map(Cell::Integer)
                    .map_err(|_| "not_an_integer")
            }
            ColumnType::Amount => amount(text).map(Cell::Amount).ok_or("not_an_amount"),
            ColumnType::Number => text
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(Cell::Number)
                .ok_or("not_a_number"),
            ColumnType::Date => parse_date(text, clock.order.map(DateOrder::as_str))
                .map(|date| Cell::Date(Date32Type::from_naive_date(date)))
                .ok_or("not_a_date"),
            ColumnType::Timestamp => parse_timestamp(text, clock.zone)
                .map(|at| Cell::Integer(at.timestamp_micros()))
                .ok_or("not_a_timestamp"),
            ColumnType::Boolean => match text.to_lowercase().as_str() {
                "true" | "t" | "yes" | "y" | "1" | "是" | "有" | "on" => Ok(Cell::Boolean(true)),
                "false" | "f" | "no" | "n" | "0" | "否" | "无" | "off" => {
                    Ok(Cell::Boolean(false))
                }
                _ => Err("not_a_boolean"),
            },
        }
    }

    /// Appends a cell that [`Column::read`] gave for the same text.
    pub fn append(&mut self, cell: Cell, text: Option<&str>) {
        match (&mut self.builder, cell) {
            (Builder::Text(builder), Cell::AsIs) => builder.append_option(text.map(str::trim)),
            (Builder::Text(builder), _) => builder.append_null(),
            (Builder::Integer(builder), Cell::Integer(value)) => builder.append_value(value),
            (Builder::Integer(builder), _) => builder.append_null(),
            (Builder::Amount(builder), Cell::Amount(value)) => builder.append_value(value),
            (Builder::Amount(builder), _) => builder.append_null(),
            (Builder::Number(builder), Cell::Number(value)) => builder.append_value(value),
            (Builder::Number(builder), _) => builder.append_null(),
            (Builder::Date(builder), Cell::Date(value)) => builder.append_value(value),
            (Builder::Date(builder), _) => builder.append_null(),
            (Builder::Timestamp(builder), Cell::Integer(value)) => builder.append_value(value),
            (Builder::Timestamp(builder), _) => builder.append_null(),
            (Builder::Boolean(builder), Cell::Boolean(value)) => builder.append_value(value),
            (Builder::Boolean(builder), _) => builder.append_null(),
            (Builder::List(builder), Cell::AsIs) => {
                let items = text
                    .unwrap_or_default()
                    .split(';')
                    .map(str::trim)
                    .filter(|item| !item.is_empty());
                builder.append_value(items.map(Some));
            }
            (Builder::List(builder), _) => builder.append_null(),
        }
    }

    /// Takes the column's rows out, and leaves it empty.
    pub fn finish(&mut self) -> ArrayRef {
        match &mut self.builder {
            Builder::Text(builder) => Arc::new(builder.finish()),
            Builder::Integer(builder) => Arc::new(builder.finish()),
            Builder::Amount(builder) => Arc::new(builder.finish()),
            Builder::Number(builder) => Arc::new(builder.finish()),
            Builder::Date(builder) => Arc::new(builder.finish()),
            Builder::Timestamp(builder) => Arc::new(builder.finish().with_timezone("UTC")),
            Builder::Boolean(builder) => Arc::new(builder.finish()),
            Builder::List(builder) => Arc::new(builder.finish()),
        }
    }
}
