//! The types that are published: those that Spark, Delta, DuckDB and Power BI all read the same way.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};

/// The type under which a column goes out; `None` where it cannot.
///
/// No unsigned numbers, no nanoseconds, no intervals, no bare nulls; strings are Utf8, moments are microseconds UTC.
/// Lists of text stay; they may be used between stages and are refused where a table is published.
pub fn published_type(found: &DataType) -> Option<DataType> {
    Some(match found {
        DataType::Boolean
        | DataType::Date32
        | DataType::Float64
        | DataType::Utf8
        | DataType::Int64
        | DataType::Int32 => found.clone(),
        DataType::Int8 | DataType::Int16 | DataType::UInt8 | DataType::UInt16 => DataType::Int32,
        DataType::UInt32 | DataType::UInt64 => DataType::Int64,
        DataType::Float16 | DataType::Float32 => DataType::Float64,
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => DataType::Binary,
        DataType::Date64 => DataType::Date32,
        DataType::Timestamp(_, _) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Decimal128(precision, scale) => DataType::Decimal128(*precision, *scale),
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(*precision, *scale)
        }
        DataType::Dictionary(_, value) => published_type(value)?,
        DataType::List(item) | DataType::LargeList(item) | DataType::ListView(item) => {
            DataType::List(Arc::new(Field::new_list_field(
                published_type(item.data_type())?,
                true,
            )))
        }
        _ => return None,
    })
}

/// Why a type cannot be published, and what to write instead.
pub fn advice(found: &DataType) -> &'static str {
    match found {
        DataType::Null => "give it a type: cast(null as text)",
        DataType::Interval(_) | DataType::Duration(_) => {
            "turn it into a number with its unit in the name: date_part('epoch', a) - date_part('epoch', b) as waited_seconds"
        }
        DataType::Decimal256(_, _) => "cast it to decimal(38, 2) or less",
        DataType::Struct(_) | DataType::Map(_, _) | DataType::Union(_, _) => {
            "take its fields out into columns of their own"
        }
        DataType::Time32(_) | DataType::Time64(_) => "cast it to text, or keep the whole moment",
        _ => "cast it to text, a number, a date or a timestamp",
    }
}
