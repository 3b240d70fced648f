//! `onefold why`

mod customer;
mod edges;
mod records;

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use clap::Args;
use datafusion::prelude::SessionContext;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::query::open;
use super::{OneFormat, block_on, default_pipeline, print};
use crate::fault::{Fault, Result};
use crate::pipeline::file::Loaded;
use crate::stages::faults;

#[derive(Args)]
pub struct Arguments {
    /// A customer's id, or two records
    #[arg(required = true, num_args = 1..=2, value_name = "ID")]
    ids: Vec<String>,
    /// The pipeline file
    #[arg(long, default_value_os_t = default_pipeline())]
    pipeline: std::path::PathBuf,
    /// Read the exports from this folder instead of the pipeline's
    #[arg(long, value_name = "ROOT")]
    exports: Option<String>,
    /// Where nights are published, instead of the pipeline's
    #[arg(long, value_name = "FOLDER")]
    output: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value = "text")]
    format: OneFormat,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let loaded = Loaded::read(&arguments.pipeline)?;
    let output = match &arguments.output {
        Some(output) => output.into(),
        None => loaded.project.join(&loaded.pipeline.publish.output),
    };
    let limits = crate::engine::session::Limits::default();
    let text = block_on(limits.threads, async {
        let session = open(&limits, &arguments.pipeline, Some(&output)).await?;
        match arguments.ids.as_slice() {
            [id] => {
                let told = why_one(&session, id).await?;
                as_told(&told, arguments.format, customer::Asked::text)
            }
            [left, right] if left == right => Err(Fault::project("the two records are the same")
                .hint(format!("onefold why {left} tells whose it is"))),
            [left, right] => {
                let told = records::why(arguments, &session, left, right).await?;
                as_told(&told, arguments.format, records::Pair::text)
            }
            _ => Err(Fault::project("name a customer, or two records")),
        }
    })?;
    print(&text)
}

/// The rows of a query as text; null is empty.
async fn rows(session: &SessionContext, sql: &str) -> Result<Vec<Vec<String>>> {
    let failed = |error: datafusion::common::DataFusionError| {
        Fault::failed(format!(
            "could not read what is published: {}",
            faults::plain_message(error.find_root())
        ))
        .hint("is a night published? onefold run")
    };
    let batches = session
        .sql(sql)
        .await
        .map_err(failed)?
        .collect()
        .await
        .map_err(failed)?;
    let mut rows = Vec::new();
    for batch in batches {
        let columns = batch
            .columns()
            .iter()
            .map(|column| cast(column, &DataType::Utf8));
        let columns: Vec<_> = columns
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| failed(error.into()))?;
        for row in 0..batch.num_rows() {
            let value = |column: &arrow::array::ArrayRef| {
                let text = column.as_string::<i32>();
                if text.is_valid(row) {
                    text.value(row).to_string()
                } else {
                    String::new()
                }
            };
            rows.push(columns.iter().map(value).collect());
        }
    }
    Ok(rows)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The records of a customer, as a subquery.
fn records_of(customer: &str) -> String {
    format!(
        "(select record_id from identity.customer_records where customer_id = {})",
        quoted(customer)
    )
}

/// A number that the engine wrote as text; null where there is none.
fn as_number<S: Serializer>(text: &str, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    text.parse::<f64>().ok().serialize(serializer)
}

/// What is told, for a person or for a program.
fn as_told<T: Serialize>(
    told: &T,
    format: OneFormat,
    text: impl Fn(&T) -> String,
) -> Result<String> {
    match format {
        OneFormat::Text => Ok(text(told)),
        OneFormat::Json => {
            let told = serde_json::to_value(told);
            let told =
                told.map_err(|error| Fault::failed(format!("could not print it: {error}")))?;
            Ok(without_empty(told).to_string())
        }
    }
}

/// The same with null for every empty text: what is null in a table was read as one.
fn without_empty(value: Value) -> Value {
    match value {
        Value::String(text) if text.is_empty() => Value::Null,
        Value::Array(items) => items.into_iter().map(without_empty).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields
                .map(|(name, value)| (name, without_empty(value)))
                .collect()
        }
        other => other,
    }
}

/// A customer, or the customer of a record.
async fn why_one(session: &SessionContext, asked: &str) -> Result<customer::Asked> {
    let of_record = |table: &str| {
        format!(
            "select customer_id from identity.{table} where record_id = {}",
            quoted(asked)
        )
    };
    for (table, is_gone) in [("customer_records", false), ("former_records", true)] {
        let customer = rows(session, &of_record(table)).await?;
        if let Some(customer) = customer.into_iter().flatten().next() {
            let of = customer::OfRecord {
                record_id: asked.to_string(),
                is_gone,
            };
            return customer::why(session, &customer, Some(of)).await;
        }
    }
    customer::why(session, asked, None).await
}

/// A value of the master, or one that a record brought to it.
#[derive(Clone, Serialize)]
struct Brought {
    attribute: String,
    value: String,
}

/// A record with the values that it brought, chosen or not.
#[derive(Serialize)]
struct Record {
    record_id: String,
    values: Vec<Brought>,
}

impl Record {
    /// A record of a customer.
    async fn of(session: &SessionContext, customer: &str, record: &str) -> Self {
        let mut values = values_brought(session, customer).await;
        Self::new(record.to_string(), &mut values)
    }

    fn new(record_id: String, values: &mut BTreeMap<String, Vec<Brought>>) -> Self {
        let values = values.remove(&record_id).unwrap_or_default();
        Self { record_id, values }
    }

    fn text(&self) -> String {
        let values = self.values.iter().map(|brought| brought.value.as_str());
        let values = values.collect::<Vec<_>>().join(", ");
        let line = format!("  {:<20} {values}", self.record_id);
        line.trim_end().to_string()
    }
}

/// What each record of a customer brought to the master. A project may have no table of values.
async fn values_brought(
    session: &SessionContext,
    customer: &str,
) -> BTreeMap<String, Vec<Brought>> {
    let sql = format!(
        "select record_id, attribute, value from master.customer_values where customer_id = {} order by 1, 2, 3",
        quoted(customer)
    );
    let mut values: BTreeMap<String, Vec<Brought>> = BTreeMap::new();
    for row in rows(session, &sql).await.unwrap_or_default() {
        if let Ok([record, attribute, value]) = <[String; 3]>::try_from(row) {
            values
                .entry(record)
                .or_default()
                .push(Brought { attribute, value });
        }
    }
    values
}
