//! Identity as a step of the run: its records read from their stage, its history from the published night, its tables
//! written like any other.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Date32Type};
use datafusion::common::{DataFusionError, Result};
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use parquet::arrow::ArrowWriter;

use crate::engine::write::properties;
use crate::identity::clusters::Fate;
use crate::identity::lasting_ids::{self, Cause, Change, History};
use crate::identity::matching::{self, Matched};
use crate::identity::records::Records;
use crate::identity::rules::RuleBook;
use crate::identity::tables::{self, Output};
use crate::report::record::IdentityRecord;

/// Matches the records and gives every cluster its lasting id. The rows of every table, and the figures.
pub async fn run(
    session: &SessionContext,
    book: &RuleBook,
    history: History,
    as_of: chrono::NaiveDate,
) -> Result<(Vec<RecordBatch>, IdentityRecord)> {
    let mut records = load(session, book).await?;
    let book = book.clone();
    let session = session.clone();
    let work = move || {
        let matched = matching::run(&session, &book, &mut records)?;
        let ids: Vec<&str> = (0..records.len())
            .map(|row| records.ids.value(row))
            .collect();
        let assigned =
            lasting_ids::assign(&ids, &matched.clusters, &causes(&matched), &history, as_of);
        let figures = figures(
            &records,
            &matched,
            &assigned.changes[history.changes.len()..],
        );
        Ok((tables::rows(&records, &matched, &assigned)?, figures))
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| DataFusionError::External(Box::new(error)))?
}

/// Writes a table of identity.
pub fn write(output: &Output, rows: &RecordBatch, path: &Path) -> Result<()> {
    let bloom: Vec<String> = output
        .key
        .iter()
        .filter(|column| column.ends_with("_id"))
        .map(ToString::to_string)
        .collect();
    let file = std::fs::File::create(path)?;
    let mut writer =
        ArrowWriter::try_new(file.try_clone()?, rows.schema(), Some(properties(&bloom)))?;
    writer.write(rows)?;
    writer.close()?;
    Ok(file.sync_all()?)
}

/// The columns that the rule book reads, sorted by record id.
async fn load(session: &SessionContext, book: &RuleBook) -> Result<Records> {
    let table = session.table(book.records.as_str()).await?;
    let conditions: Vec<&str> = [&book.never, &book.certain, &book.blocking]
        .into_iter()
        .flatten()
        .map(|rule| rule.condition.as_str())
        .chain(book.comparison.iter().flat_map(|comparison| {
            comparison
                .levels
                .iter()
                .map(|level| level.condition.as_str())
        }))
        .collect();
    let is_read = |name: &str| {
        name == book.record_id
            || conditions
                .iter()
                .any(|condition| condition.to_lowercase().contains(&name.to_lowercase()))
            || book
                .comparison
                .iter()
                .any(|comparison| comparison.column.as_deref() == Some(name))
            || book
                .guard
                .as_ref()
                .is_some_and(|guard| guard.names == name || guard.limits.contains_key(name))
    };
    let names: Vec<String> = table
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .filter(|name| is_read(name))
        .map(|name| format!("\"{name}\""))
        .collect();
    let sql = format!(
        "select {} from {} order by \"{}\"",
        names.join(", "),
        book.records,
        book.record_id
    );
    let frame = session.sql(&sql).await?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let batches = frame.collect().await?;
    let batch = concat_batches(&schema, &batches)?;
    drop(batches);
    let id = batch.column_by_name(&book.record_id).cloned();
    let id = id.ok_or_else(|| {
        DataFusionError::Plan(format!("{} has no column {}", book.records, book.record_id))
    })?;
    let ids: StringArray = cast(&id, &DataType::Utf8)?.as_string().clone();
    Ok(Records { ids, batch })
}

/// The links that joined clusters, the strongest first.
fn causes(matched: &Matched) -> Vec<Cause<'_>> {
    let mut joined: Vec<_> = matched
        .links
        .iter()
        .zip(&matched.fates)
        .filter(|(_, fate)| **fate == Some(Fate::Joined))
        .map(|(link, _)| link)
        .collect();
    joined.sort_by(|a, b| {
        b.is_certain
            .cmp(&a.is_certain)
            .then(b.weight.total_cmp(&a.weight))
            .then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    let rule = |is_certain: bool, index: u16| -> &str {
        let names = if is_certain {
            &matched.rule_names.0
        } else {
            &matched.rule_names.1
        };
        &names[index as usize]
    };
    joined
        .into_iter()
        .map(|link| Cause {
            left: link.left,
            right: link.right,
            rule: rule(link.is_certain, link.rule),
        })
        .collect()
}

fn figures(records: &Records, matched: &Matched, changes: &[Change]) -> IdentityRecord {
    let customers = matched
        .clusters
        .iter()
        .enumerate()
        .filter(|(record, cluster)| *record as u32 == **cluster)
        .count();
    let links = || matched.links.iter().zip(&matched.fates);
    let mut figures = IdentityRecord {
        records: records.len() as u64,
        customers: customers as u64,
        compared_pairs: matched.compared,
        certain_links: links().filter(|(link, _)| link.is_certain).count() as u64,
        scored_links: links()
            .filter(|(link, fate)| !link.is_certain && fate.is_some())
            .count() as u64,
        refused_links: links()
            .filter(|(_, fate)| matches!(fate, Some(Fate::Refused(_))))
            .count() as u64,
        review_pairs: links().filter(|(_, fate)| fate.is_none()).count() as u64,
        shared_values: matched.shared.len() as u64,
        set_aside_records: matched
            .rules
            .iter()
            .map(|(_, _, summary)| summary.set_aside_records)
            .sum(),
        ..IdentityRecord::default()
    };
    for change in changes {
        *figures.id_changes.entry(change.change.clone()).or_default() += 1;
    }
    figures
}

/// The ids of the published night, from its tables of schema `identity`.
pub async fn history(version: Option<&Path>) -> Result<History> {
    let mut history = History::default();
    let Some(version) = version else {
        return Ok(history);
    };
    let session = SessionContext::new();
    let read = async |name: &str, columns: &[&str]| -> Result<Vec<RecordBatch>> {
        let path = version.join("identity").join(format!("{name}.parquet"));
        if !path.exists() {
            // Without the ids of the night before, every customer would get a new one.
            return Err(DataFusionError::Execution(format!(
                "{} is missing",
                path.display()
            )));
        }
        let path = std::path::absolute(path)?;
        let frame = session
            .read_parquet(
                path.to_string_lossy().as_ref(),
                ParquetReadOptions::default(),
            )
            .await?;
        frame.select_columns(columns)?.collect().await
    };
    let text = |batch: &RecordBatch, at: usize| -> Result<StringArray> {
        let column: ArrayRef = cast(batch.column(at), &DataType::Utf8)?;
        Ok(column.as_string().clone())
    };
    let some = |column: &StringArray, row: usize| {
        column.is_valid(row).then(|| column.value(row).to_string())
    };
    let day = |batch: &RecordBatch, at: usize, row: usize| {
        Date32Type::to_naive_date_opt(batch.column(at).as_primitive::<Date32Type>().value(row))
            .unwrap_or_default()
    };
    for table in ["former_records", "customer_records"] {
        let columns = ["record_id", "customer_id", "customer_since"];
        for batch in read(table, &columns).await? {
            let (records, customers) = (text(&batch, 0)?, text(&batch, 1)?);
            for row in 0..batch.num_rows() {
                history.records.insert(
                    records.value(row).to_string(),
                    (customers.value(row).to_string(), day(&batch, 2, row)),
                );
            }
        }
    }
    for batch in read("redirects", &["old_id", "customer_id"]).await? {
        let (old, new) = (text(&batch, 0)?, text(&batch, 1)?);
        history
            .redirects
            .extend((0..batch.num_rows()).map(|row| (old.value(row).to_string(), some(&new, row))));
    }
    let columns = [
        "as_of",
        "customer_id",
        "change",
        "other_id",
        "rule",
        "left_id",
        "right_id",
    ];
    for batch in read("id_changes", &columns).await? {
        let texts = (1..7)
            .map(|at| text(&batch, at))
            .collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            history.changes.push(Change {
                as_of: day(&batch, 0, row),
                customer_id: texts[0].value(row).to_string(),
                change: texts[1].value(row).to_string(),
                other_id: some(&texts[2], row),
                rule: some(&texts[3], row),
                left_id: some(&texts[4], row),
                right_id: some(&texts[5], row),
            });
        }
    }
    Ok(history)
}
