//! Rows as text: an aligned table for a person, csv or JSON lines for a program.

use arrow::array::{Array, ArrayRef, AsArray, ListArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::Result;

use crate::fault::width;

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns.
    Table,
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    Json,
}

/// Rows in a format; an empty result has its header.
pub fn format(batches: &[RecordBatch], format: Format) -> Result<String> {
    match format {
        Format::Table => render(batches),
        Format::Csv => csv(batches),
        Format::Json => json(batches),
    }
}

/// An aligned table. Null is left blank.
pub fn render(batches: &[RecordBatch]) -> Result<String> {
    let Some(first) = batches.first() else {
        return Ok(String::new());
    };
    let header: Vec<String> = first
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let is_number: Vec<bool> = first
        .schema()
        .fields()
        .iter()
        .map(|field| field.data_type().is_numeric())
        .collect();
    let rows = cells(batches, "")?;
    let text_width = |text: &str| text.chars().map(width).sum::<usize>();
    let widths: Vec<usize> = (0..header.len())
        .map(|at| {
            rows.iter()
                .map(|row| text_width(&row[at]))
                .chain([text_width(&header[at])])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |row: &[String]| {
        let cells = row.iter().enumerate().map(|(at, cell)| {
            let blank = " ".repeat(widths[at] - text_width(cell));
            if is_number[at] {
                format!("{blank}{cell}")
            } else {
                format!("{cell}{blank}")
            }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut lines = vec![line(&header), rule.join("  ")];
    lines.extend(rows.iter().map(|row| line(row)));
    Ok(lines.join("\n"))
}

fn cells(batches: &[RecordBatch], null: &str) -> Result<Vec<Vec<String>>> {
    let options = FormatOptions::default()
        .with_null(null)
        .with_display_error(true);
    let mut rows = Vec::new();
    for batch in batches {
        let formatters = batch
            .columns()
            .iter()
            .map(|column| Ok(ArrayFormatter::try_new(column, &options)?))
            .collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            rows.push(
                formatters
                    .iter()
                    .map(|formatter| formatter.value(row).to_string())
                    .collect(),
            );
        }
    }
    Ok(rows)
}

fn csv(batches: &[RecordBatch]) -> Result<String> {
    let Some(first) = batches.first() else {
        return Ok(String::new());
    };
    let quote = |text: &str| match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_string(),
    };
    let mut lines = vec![
        first
            .schema()
            .fields()
            .iter()
            .map(|field| quote(field.name()))
            .collect::<Vec<_>>()
            .join(","),
    ];
    for row in cells(batches, "")? {
        lines.push(
            row.iter()
                .map(|cell| quote(cell))
                .collect::<Vec<_>>()
                .join(","),
        );
    }
    Ok(lines.join("\n"))
}

/// A list column with its values as text; none where the column is no list of plain values.
fn lists_of_text(column: &ArrayRef) -> Result<Option<ListArray>> {
    match column.data_type() {
        DataType::List(item) if !item.data_type().is_nested() => {
            let text = DataType::new_list(DataType::Utf8, true);
            Ok(Some(cast(column, &text)?.as_list().clone()))
        }
        _ => Ok(None),
    }
}

fn json(batches: &[RecordBatch]) -> Result<String> {
    let mut lines = Vec::new();
    for batch in batches {
        let schema = batch.schema();
        let lists = batch.columns().iter().map(lists_of_text);
        let lists = lists.collect::<Result<Vec<_>>>()?;
        let rows = cells(std::slice::from_ref(batch), "")?;
        for (at, row) in rows.into_iter().enumerate() {
            let mut object = serde_json::Map::new();
            for (index, text) in row.into_iter().enumerate() {
                let field = schema.field(index);
                let value = if batch.column(index).is_null(at) {
                    serde_json::Value::Null
                } else if let Some(list) = &lists[index] {
                    let items = list.value(at);
                    let items = items.as_string::<i32>().iter();
                    items.map(serde_json::Value::from).collect()
                } else if field.data_type().is_integer() || field.data_type().is_floating() {
                    text.parse::<serde_json::Number>()
                        .map_or(serde_json::Value::String(text), serde_json::Value::Number)
                } else if field.data_type() == &DataType::Boolean {
                    serde_json::Value::Bool(text == "true")
                } else {
                    // Decimals stay text: a program that reads them as floats would lose cents.
                    serde_json::Value::String(text)
                };
                object.insert(field.name().clone(), value);
            }
            lines.push(serde_json::Value::Object(object).to_string());
        }
    }
    Ok(lines.join("\n"))
}
