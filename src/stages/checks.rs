//! Checks: what a table promises in its comments, verified on the rows that were written.
//!
//! All checks of a table that look at single rows run as one query over it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::hash_utils::{RandomState, create_hashes};
use datafusion::common::{DataFusionError, Result as EngineResult};
use datafusion::functions_aggregate::all_default_aggregate_functions;
use datafusion::prelude::{SessionContext, col};
use datafusion::sql::sqlparser::ast::{Expr, Query, VisitMut, VisitorMut};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use futures::StreamExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::annotations::{Check, Rule};
use super::{Stage, TableName, faults};
use crate::fault::{Fault, Place, Result};

/// The outcome of one check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// The table, or the check query.
    pub table: String,
    /// The column, for a column's check.
    pub column: Option<String>,
    /// The check, as it is written.
    pub check: String,
    /// Rows that break it; 0 is a pass.
    pub failures: u64,
    /// Whether it is of the whole table, and not of a row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_of_table: bool,
    /// The key of the first row that breaks it; of a key, the first that is null or there twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// A failure does not stop the night.
    pub is_warning: bool,
    /// Where it is written.
    pub file: String,
    /// Its line.
    pub line: usize,
}

/// A check made ready: a condition that counts failing rows, or a query that does.
struct Ready {
    column: Option<String>,
    check: Check,
    count: Counting,
}

enum Counting {
    /// An expression over one row: failures are rows where it is not true.
    Row(String),
    /// An expression over the whole table.
    Table(String),
    /// A query that gives the number of failures.
    Query(String),
}

/// How many checks a stage has, its key included.
pub fn count(stage: &Stage) -> usize {
    ready(stage).len() + usize::from(!stage.header.key.is_empty())
}

/// Plans every check of a stage, so that a misspelt one is told before a row is read; gives what is wrong with them.
pub async fn plan(session: &SessionContext, stage: &Stage) -> Vec<Box<Fault>> {
    let mut wrong = Vec::new();
    for ready in ready(stage) {
        let place = || {
            let length = ready.check.text.chars().count();
            Place::in_text(
                &stage.path,
                &stage.sql,
                ready.check.line,
                ready.check.at,
                length,
            )
        };
        if let Rule::Matches(pattern) = &ready.check.rule
            && let Err(error) = regex::Regex::new(pattern)
        {
            let said = error.to_string();
            let reason = said.lines().last().unwrap_or_default();
            let what = format!(
                "a check of stage {} has a pattern that is no regular expression: {}",
                stage.name,
                reason.trim_start_matches("error: ")
            );
            wrong.push(Fault::project(what).at(place()));
            continue;
        }
        let sql = single(&stage.name, &ready);
        let planned = async { session.sql(&sql).await?.create_physical_plan().await };
        if let Err(error) = planned.await {
            let what = format!("a check of stage {}", stage.name);
            let mut fault = faults::from_engine(&what, &stage.path, &sql, &error);
            // What the engine points at is in the query that the check became.
            fault.place = Some(place());
            wrong.push(fault);
        }
    }
    wrong
}

/// Runs every check of a stage over its table, which the session knows.
pub async fn run(session: &SessionContext, stage: &Stage) -> Result<Vec<Outcome>> {
    let ready = ready(stage);
    let failed = |error: datafusion::common::DataFusionError| {
        Fault::failed(format!(
            "could not run the checks of {}: {}",
            stage.name,
            faults::plain_message(error.find_root())
        ))
        .at(Place::file(&stage.path))
    };
    let mut outcomes = Vec::new();
    let row_checks: Vec<String> = ready
        .iter()
        .enumerate()
        .filter_map(|(at, ready)| match &ready.count {
            Counting::Row(condition) => Some(format!(
                "sum(case when ({condition}) then 0 else 1 end) as check_{at}"
            )),
            _ => None,
        })
        .collect();
    let mut row_counts = Vec::new();
    if !row_checks.is_empty() {
        let sql = format!("select {} from {}", row_checks.join(", "), stage.name);
        row_counts = numbers(session, &sql).await.map_err(failed)?;
    }
    let mut next = row_counts.into_iter();
    for ready in ready {
        let failures = match &ready.count {
            Counting::Row(_) => next.next().unwrap_or(0),
            Counting::Table(_) | Counting::Query(_) => {
                numbers(session, &single(&stage.name, &ready))
                    .await
                    .map_err(failed)?
                    .first()
                    .copied()
                    .unwrap_or(0)
            }
        };
        let example = match failures {
            0 => None,
            _ => example(session, &first_failure(stage, &ready)).await,
        };
        outcomes.push(Outcome {
            example,
            is_of_table: matches!(ready.count, Counting::Table(_)),
            ..outcome(stage, ready.column, &ready.check, failures)
        });
    }
    Ok(outcomes)
}

/// The query of the key of the first row that fails a check; empty where nothing names a row. Other values of a customer have no
/// place in a message.
fn first_failure(stage: &Stage, ready: &Ready) -> String {
    let column = ready.column.as_ref().map(|column| format!("\"{column}\""));
    let keys = stage.header.key.iter().map(|key| format!("\"{key}\""));
    let keys: Vec<String> = keys.collect();
    if keys.is_empty() {
        return String::new();
    }
    let (list, table) = (keys.join(", "), &stage.name);
    match (&ready.count, &ready.check.rule, column) {
        (Counting::Row(condition), ..) => format!(
            "select {list} from {table} where not coalesce(({condition}), false) order by {list} limit 1"
        ),
        (_, Rule::Unique, Some(column)) => format!(
            "select {list} from {table} where {column} in (select {column} from {table} group by {column} having sum(1) > 1) order by {list} limit 1"
        ),
        (_, Rule::References(other, key), Some(column)) => format!(
            "select {list} from {table} as here left anti join {other} as there on here.{column} = there.\"{key}\" where here.{column} is not null order by {list} limit 1"
        ),
        _ => String::new(),
    }
}

/// The first row of a query in words; none where there is no such row, or the engine cannot find it: an example is a courtesy.
async fn example(session: &SessionContext, sql: &str) -> Option<String> {
    if sql.is_empty() {
        return None;
    }
    let batches = session.sql(sql).await.ok()?.collect().await.ok()?;
    in_words(&batches)
}

/// The first of some rows: its value, or its values with the names of their columns.
fn in_words(batches: &[RecordBatch]) -> Option<String> {
    /// Letters of a row that are told.
    const TOLD: usize = 160;
    let batch = batches.iter().find(|batch| batch.num_rows() > 0)?;
    if batch.num_columns() == 0 {
        return None;
    }
    let options = FormatOptions::default().with_null("null");
    let mut values = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let value = ArrayFormatter::try_new(column, &options).ok()?;
        let value = value.value(0).to_string();
        values.push(match batch.num_columns() {
            1 => value,
            _ => format!("{} {value}", field.name()),
        });
    }
    let words = values.join(", ");
    Some(match words.char_indices().nth(TOLD) {
        Some((end, _)) => format!("{} ...", &words[..end]),
        None => words,
    })
}

/// Counts the rows of a view that break its key: the rows of a file are counted while it is written.
pub async fn view_key_failures(session: &SessionContext, stage: &Stage) -> Result<u64> {
    let keys: Vec<String> = stage
        .header
        .key
        .iter()
        .map(|key| format!("\"{key}\""))
        .collect();
    let failed = |error: DataFusionError| {
        Fault::failed(format!(
            "could not check the key of {}: {}",
            stage.name,
            faults::plain_message(error.find_root())
        ))
        .at(Place::file(&stage.path))
    };
    let (list, table) = (keys.join(", "), &stage.name);
    let distinct = format!("select {list} from {table}");
    if are_distinct(session, &distinct).await.map_err(failed)? {
        return Ok(0);
    }
    let nulls = keys.join(" is null or ");
    let sql = format!(
        "select (select sum(times - 1) from (select {list}, sum(1) as times from {table} group by {list})), \
         (select sum(1) from {table} where {nulls} is null)"
    );
    let counted = numbers(session, &sql).await.map_err(failed)?;
    Ok(counted.iter().sum())
}

/// Whether no two rows of a query are the same by their hashes, and none has a null: then a key holds. Where not, it has to be
/// counted.
async fn are_distinct(session: &SessionContext, sql: &str) -> EngineResult<bool> {
    let mut rows = session.sql(sql).await?.execute_stream().await?;
    let mut all = Vec::new();
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        if batch.columns().iter().any(|column| column.null_count() > 0) {
            return Ok(false);
        }
        let mut hashes = vec![0; batch.num_rows()];
        create_hashes(batch.columns(), &RandomState::default(), &mut hashes)?;
        all.extend(hashes);
    }
    all.par_sort_unstable();
    Ok(all.windows(2).all(|pair| pair[0] != pair[1]))
}

/// The outcome of a stage's `@key`, from what was seen while it was written.
pub fn key_outcome(stage: &Stage, failures: u64, example: Option<String>) -> Outcome {
    Outcome {
        table: stage.name.to_string(),
        column: None,
        check: format!("@key {}", stage.header.key.join(", ")),
        failures,
        example,
        is_of_table: false,
        is_warning: false,
        file: stage.path.display().to_string(),
        line: stage.header.key_line,
    }
}

fn outcome(stage: &Stage, column: Option<String>, check: &Check, failures: u64) -> Outcome {
    Outcome {
        table: stage.name.to_string(),
        column,
        check: check.text.clone(),
        failures,
        example: None,
        is_of_table: false,
        is_warning: check.is_warning,
        file: stage.path.display().to_string(),
        line: check.line,
    }
}

/// An expression with an aggregate in it, or with `row_count`, is about the whole table; else about each row.
fn counting(expression: &str) -> Counting {
    let of_row = Counting::Row(expression.to_string());
    let parse = |sql: &str| {
        let parser = Parser::new(&GenericDialect {}).try_with_sql(sql);
        parser.and_then(|mut parser| parser.parse_expr())
    };
    // What cannot be read is told when it is planned.
    let (Ok(mut parsed), Ok(rows)) = (parse(expression), parse("count(*)")) else {
        return of_row;
    };
    let aggregates = all_default_aggregate_functions();
    let is_aggregate = |name: &str| {
        let mut aggregates = aggregates.iter();
        aggregates.any(|known| known.name() == name || known.aliases().iter().any(|it| it == name))
    };
    struct Whole<'a> {
        rows: Expr,
        is_aggregate: &'a dyn Fn(&str) -> bool,
        /// How many queries within the expression it is in: what they count is their own.
        depth: usize,
        is_whole: bool,
    }
    impl VisitorMut for Whole<'_> {
        type Break = ();
        fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
            self.depth += 1;
            ControlFlow::Continue(())
        }
        fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
            self.depth -= 1;
            ControlFlow::Continue(())
        }
        fn pre_visit_expr(&mut self, part: &mut Expr) -> ControlFlow<()> {
            match part {
                _ if self.depth > 0 => {}
                Expr::Identifier(name) if name.value.eq_ignore_ascii_case("row_count") => {
                    *part = self.rows.clone();
                    self.is_whole = true;
                }
                Expr::Function(function) if function.over.is_none() => {
                    let name = function.name.to_string().to_lowercase();
                    self.is_whole |= (self.is_aggregate)(&name);
                }
                _ => {}
            }
            ControlFlow::Continue(())
        }
    }
    let mut whole = Whole {
        rows,
        is_aggregate: &is_aggregate,
        depth: 0,
        is_whole: false,
    };
    let _ = parsed.visit(&mut whole);
    match whole.is_whole {
        true => Counting::Table(parsed.to_string()),
        false => of_row,
    }
}

fn ready(stage: &Stage) -> Vec<Ready> {
    let mut all = Vec::new();
    for check in &stage.header.checks {
        if let Rule::Expression(expression) = &check.rule {
            all.push(Ready {
                column: None,
                check: check.clone(),
                count: counting(expression),
            });
        }
    }
    for comment in &stage.comments {
        let column = format!("\"{}\"", comment.column);
        for check in &comment.checks {
            let count = match &check.rule {
                Rule::NotNull => Counting::Row(format!("{column} is not null")),
                Rule::In(list) => {
                    Counting::Row(format!("{column} is null or {column} in ({list})"))
                }
                Rule::Range(low, high) => Counting::Row(format!(
                    "{column} is null or {column} between {low} and {high}"
                )),
                Rule::Matches(pattern) => Counting::Row(format!(
                    "{column} is null or regexp_like({column}, '{}')",
                    pattern.replace('\'', "''")
                )),
                Rule::Expression(expression) => Counting::Row(expression.clone()),
                Rule::Unique => Counting::Query(format!(
                    "select sum(times - 1) from (select {column}, sum(1) as times from {} where {column} is not null group by {column}) where times > 1",
                    stage.name
                )),
                Rule::References(table, other) => Counting::Query(format!(
                    "select sum(1) from {} as here left anti join {table} as there on here.{column} = there.\"{other}\" where here.{column} is not null",
                    stage.name
                )),
            };
            all.push(Ready {
                column: Some(comment.column.clone()),
                check: check.clone(),
                count,
            });
        }
    }
    all
}

fn single(table: &TableName, ready: &Ready) -> String {
    match &ready.count {
        Counting::Row(condition) => {
            format!("select sum(case when ({condition}) then 0 else 1 end) from {table}")
        }
        Counting::Table(expression) => {
            format!("select case when ({expression}) then 0 else 1 end from {table}")
        }
        Counting::Query(sql) => sql.clone(),
    }
}

/// The first row of a query as numbers; null counts as 0.
async fn numbers(session: &SessionContext, sql: &str) -> EngineResult<Vec<u64>> {
    let batches = session.sql(sql).await?.collect().await?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else {
        return Ok(Vec::new());
    };
    batch
        .columns()
        .iter()
        .map(|column| {
            let column = arrow::compute::cast(column, &arrow::datatypes::DataType::Int64)?;
            let column = column.as_primitive::<Int64Type>();
            Ok(if column.is_null(0) {
                0
            } else {
                u64::try_from(column.value(0)).unwrap_or(0)
            })
        })
        .collect()
}

/// Counts the rows of a query of `sql/checks`: each is wrong. Of the first row, what is a key of a stage is told.
pub async fn run_query(
    session: &SessionContext,
    check: &Stage,
    keys: &BTreeSet<String>,
) -> Result<Outcome> {
    let failed = |error: datafusion::common::DataFusionError| {
        Fault::failed(format!(
            "could not run the check {}: {}",
            check.name.table,
            faults::plain_message(error.find_root())
        ))
        .at(Place::file(&check.path))
    };
    let plan = super::plan::logical(session, &check.parsed.query)
        .await
        .map_err(failed)?;
    let frame = session.execute_logical_plan(plan).await.map_err(failed)?;
    let failures = frame.clone().count().await.map_err(failed)? as u64;
    let example = match failures {
        0 => None,
        _ => {
            let columns = frame.schema().columns().into_iter();
            let order = columns.clone().map(|column| col(column).sort(true, false));
            let first = frame.sort(order.collect());
            let first = first.and_then(|rows| rows.limit(0, Some(1)));
            let told = columns.filter(|column| keys.contains(&column.name));
            let told: Vec<_> = told.map(col).collect();
            let first = first.and_then(|rows| rows.select(told));
            let first = first.map_err(failed)?.collect().await;
            first.ok().and_then(|rows| in_words(&rows))
        }
    };
    Ok(Outcome {
        table: check.name.to_string(),
        column: None,
        check: check.header.description.clone(),
        failures,
        example,
        is_of_table: false,
        is_warning: check.header.is_warning,
        file: check.path.display().to_string(),
        line: 1,
    })
}
