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
use crate::identity::clusters::{Fate, Link};
use crate::identity::lasting_ids::{self, Assigned, Cause, Change, History};
use crate::identity::matching::{Decisions, Matched, Matcher};
use crate::identity::model_file::{self, ModelFile};
use crate::identity::records::Records;
use crate::identity::rules::RuleBook;
use crate::identity::tables::{self, Output};
use crate::report::record::IdentityRecord;
use crate::report::text::plural;

/// What identity found.
pub struct Found {
    /// The rows of every table, in the order of the outputs.
    pub rows: Vec<RecordBatch>,
    /// The figures of the report.
    pub figures: IdentityRecord,
    /// The text of the model's file, where one was trained.
    pub new_model: Option<String>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Matches the records and gives every cluster its lasting id. Without a model, one is trained.
pub async fn run(
    session: &SessionContext,
    book: &RuleBook,
    model: Option<ModelFile>,
    history: History,
    as_of: chrono::NaiveDate,
) -> Result<Found> {
    let mut records = load(session, book).await?;
    let (decisions, told) = decisions(session, book, &records).await?;
    let book = book.clone();
    let session = session.clone();
    let work = move || {
        let matcher = Matcher::new(&session, &book, &mut records, decisions)?;
        let model_of_night = match &model {
            Some(file) => file.model(&matcher.prepared, matcher.records.len()),
            None => matcher.train()?,
        };
        let scored = matcher.run(model_of_night)?;
        let mut warnings = told;
        if let Some(drift) = model
            .as_ref()
            .and_then(|file| file.drift(&matcher.prepared, &scored.shares))
        {
            warnings.push(format!(
                "the identity model has drifted: {drift}; `onefold train` trains it anew"
            ));
        }
        let new_model = match model {
            Some(_) => None,
            // A rule book of certain rules alone weighs nothing.
            None if matcher.prepared.is_empty() => None,
            None => Some(model_file::text(
                &scored.matched.model,
                &scored.shares,
                matcher.records.len(),
                "expectation_maximisation",
            )),
        };
        let (records, matched) = (matcher.records, scored.matched);
        let ids: Vec<&str> = (0..records.len())
            .map(|row| records.ids.value(row))
            .collect();
        let assigned = lasting_ids::assign(
            &ids,
            &matched.clusters,
            &causes(&matched),
            &refusals(&matched),
            &history,
            as_of,
        );
        let figures = figures(records, &matched, &assigned);
        Ok(Found {
            rows: tables::rows(records, &matched, &assigned)?,
            figures,
            new_model,
            warnings,
        })
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| DataFusionError::External(Box::new(error)))?
}

/// What stewards decided about records that are there, and what is to be said of the other decisions.
pub async fn decisions(
    session: &SessionContext,
    book: &RuleBook,
    records: &Records,
) -> Result<(Decisions, Vec<String>)> {
    let mut decisions = Decisions::default();
    let mut unknown: Vec<String> = Vec::new();
    let mut told = Vec::new();
    let Some(table) = &book.decisions else {
        return Ok((decisions, told));
    };
    // Records are sorted by their ids.
    let index = |id: &str| {
        let (mut low, mut high) = (0, records.len());
        while low < high {
            let middle = (low + high) / 2;
            match records.ids.value(middle).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle as u32),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    };
    let sql = format!(
        "select cast(left_id as text), cast(right_id as text), lower(decision) from {table}"
    );
    for batch in session.sql(&sql).await?.collect().await? {
        let column = |at: usize| -> Result<StringArray> {
            Ok(cast(batch.column(at), &DataType::Utf8)?.as_string().clone())
        };
        let (left, right, decision) = (column(0)?, column(1)?, column(2)?);
        for row in 0..batch.num_rows() {
            let ends = [left.value(row), right.value(row)];
            let [Some(one), Some(other)] = ends.map(index) else {
                let gone = ends.into_iter().filter(|id| index(id).is_none());
                unknown.extend(gone.take(1).map(str::to_string));
                continue;
            };
            let pair = (one.min(other), one.max(other));
            match decision.value(row) {
                "always" if one != other => decisions.always.push(pair),
                "never" if one != other => decisions.never.push(pair),
                other => {
                    return Err(DataFusionError::Execution(format!(
                        "{table} decides \"{other}\" about {} and {}; a decision is always or never, about two records",
                        left.value(row),
                        right.value(row)
                    )));
                }
            }
        }
    }
    for pairs in [&mut decisions.always, &mut decisions.never] {
        pairs.sort_unstable();
        pairs.dedup();
    }
    if let Some(first) = unknown.first() {
        told.push(format!(
            "passed over {} of {table}: {first} is not there tonight",
            plural(unknown.len() as u64, "decision")
        ));
    }
    let is_both = |pair: &&(u32, u32)| decisions.never.binary_search(pair).is_ok();
    if let Some((one, other)) = decisions.always.iter().find(is_both) {
        told.push(format!(
            "{table} says both always and never of {} and {}: never holds",
            records.ids.value(*one as usize),
            records.ids.value(*other as usize)
        ));
    }
    Ok((decisions, told))
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
pub async fn load(session: &SessionContext, book: &RuleBook) -> Result<Records> {
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

/// The links that joined clusters, by whose rule, the strongest first.
fn causes(matched: &Matched) -> Vec<Cause<'_>> {
    let (certain, blocking) = &matched.rule_names;
    strongest_first(matched, |link, fate| match fate {
        Fate::Joined if link.is_certain => Some(&certain[link.rule as usize]),
        Fate::Joined => Some(&blocking[link.rule as usize]),
        _ => None,
    })
}

/// The links that were refused, by which rule, the strongest first.
fn refusals(matched: &Matched) -> Vec<Cause<'_>> {
    strongest_first(matched, |_, fate| match fate {
        Fate::Refused(rule) => Some(rule),
        _ => None,
    })
}

fn strongest_first<'a>(
    matched: &'a Matched,
    rule: impl Fn(&Link, &'a Fate) -> Option<&'a str>,
) -> Vec<Cause<'a>> {
    let of_link = |(link, fate): (&'a Link, &'a Option<Fate>)| {
        let rule = rule(link, fate.as_ref()?)?;
        Some((link, rule))
    };
    let mut found: Vec<_> = matched
        .links
        .iter()
        .zip(&matched.fates)
        .filter_map(of_link)
        .collect();
    found.sort_by(|(a, _), (b, _)| {
        (b.is_steward, b.is_certain)
            .cmp(&(a.is_steward, a.is_certain))
            .then(b.weight.total_cmp(&a.weight))
            .then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    found
        .into_iter()
        .map(|(link, rule)| Cause {
            left: link.left,
            right: link.right,
            rule,
        })
        .collect()
}

fn figures(records: &Records, matched: &Matched, assigned: &Assigned) -> IdentityRecord {
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
    for (change, number) in &assigned.tonight {
        figures.id_changes.insert((*change).to_string(), *number);
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
        column
            .is_valid(row)
            .then(|| Arc::<str>::from(column.value(row)))
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
                    (customers.value(row).into(), day(&batch, 2, row)),
                );
            }
        }
    }
    for batch in read("redirects", &["old_id", "customer_id"]).await? {
        let (old, new) = (text(&batch, 0)?, text(&batch, 1)?);
        history
            .redirects
            .extend((0..batch.num_rows()).map(|row| (old.value(row).into(), some(&new, row))));
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
                customer_id: texts[0].value(row).into(),
                change: lasting_ids::kind_of_change(texts[1].value(row)),
                other_id: some(&texts[2], row),
                rule: some(&texts[3], row),
                left_id: some(&texts[4], row),
                right_id: some(&texts[5], row),
            });
        }
    }
    Ok(history)
}
