//! `onefold why`

mod customer;
mod edges;
mod records;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use clap::Args;
use datafusion::prelude::SessionContext;

use super::query::open;
use super::{block_on, default_pipeline, print};
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
            [id] => why_one(&session, id).await,
            [left, right] if left == right => Err(Fault::project("the two records are the same")
                .hint(format!("onefold why {left} tells whose it is"))),
            [left, right] => records::why(arguments, &session, left, right).await,
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

/// A customer, or the customer of a record.
async fn why_one(session: &SessionContext, asked: &str) -> Result<String> {
    let of_record = |table: &str| {
        format!(
            "select customer_id from identity.{table} where record_id = {}",
            quoted(asked)
        )
    };
    let now = rows(session, &of_record("customer_records")).await?;
    if let Some(customer) = now.into_iter().flatten().next() {
        let told = customer::why(session, &customer).await?;
        return Ok(format!("{asked} is a record of {customer}\n{told}"));
    }
    let formerly = rows(session, &of_record("former_records")).await?;
    if let Some(customer) = formerly.into_iter().flatten().next() {
        let told = customer::why(session, &customer).await?;
        return Ok(format!(
            "{asked} was a record of {customer}, and is gone\n{told}"
        ));
    }
    customer::why(session, asked).await
}
