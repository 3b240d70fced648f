//! `onefold query`

use std::path::{Path, PathBuf};

use clap::Args;
use datafusion::execution::context::SQLOptions;
use datafusion::prelude::SessionContext;

use super::{LimitArguments, block_on, default_pipeline, print};
use crate::engine::session::{self, Limits};
use crate::fault::{Fault, Kind, Result, nearest};
use crate::pipeline::file::Loaded;
use crate::pipeline::reuse::Cache;
use crate::publish::manifest;
use crate::report::table::{self, Format};
use crate::stages::faults;

#[derive(Args)]
pub struct Arguments {
    /// The query
    sql: String,
    /// Where the night is published [default: that of the pipeline in pipelines/, else ./warehouse]
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// How rows are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    limits: LimitArguments,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let limits = arguments.limits.limits();
    let pipeline = default_pipeline();
    // The functions answer as they do in a run.
    if let Ok(loaded) = Loaded::read(&pipeline) {
        loaded.use_reference()?;
    }
    let text = block_on(limits.threads, async {
        let session = open(&limits, &pipeline, arguments.output.as_deref()).await?;
        // Files can be asked, too: select * from 'warehouse/runs/.../rejects/orders.parquet'.
        let session = session.enable_url_table();
        for file in session::files_named(&session, &arguments.sql) {
            session::check_footer(&file).map_err(|error| {
                let message = faults::plain_message(error.find_root());
                Fault::failed(format!("could not open {}: {message}", file.display()))
                    .hint("it is no Parquet file, or it is damaged")
            })?;
        }
        answer(&session, &arguments.sql, arguments.format).await
    })?;
    print(&text)
}

/// A session that knows every published table; none, where nothing is published.
pub async fn open(
    limits: &Limits,
    pipeline: &Path,
    output: Option<&Path>,
) -> Result<SessionContext> {
    let session = session::create(limits)
        .map_err(|error| Fault::failed(format!("could not start the engine: {error}")))?;
    register_published(&session, pipeline, output).await?;
    Ok(session)
}

/// The folder that nights are published to: what is asked for, or what the pipeline says.
fn published_to(pipeline: &Path, output: Option<&Path>) -> PathBuf {
    match (output, Loaded::read(pipeline)) {
        (Some(output), _) => output.to_path_buf(),
        (None, Ok(loaded)) => loaded.project.join(&loaded.pipeline.publish.output),
        (None, Err(_)) => PathBuf::from("warehouse"),
    }
}

/// The names of the published tables, sorted.
pub fn published(pipeline: &Path, output: Option<&Path>) -> Result<Vec<String>> {
    let manifest = manifest::published(&published_to(pipeline, output))?;
    let tables = manifest.map(|manifest| manifest.pointer.tables);
    let names = tables.into_iter().flat_map(|tables| tables.into_keys());
    Ok(names.collect())
}

async fn register_published(
    session: &SessionContext,
    pipeline: &Path,
    output: Option<&Path>,
) -> Result<()> {
    let output = published_to(pipeline, output);
    let Some(manifest) = manifest::published(&output)? else {
        return Ok(());
    };
    for (name, table) in &manifest.pointer.tables {
        let (schema, name) = name.split_once('.').unwrap_or(("onefold", name));
        let Some(file) = table.files.first() else {
            continue;
        };
        let file = output.join(&manifest.pointer.directory).join(file);
        // The engine takes a file without a byte for a table without a row.
        if std::fs::metadata(&file).is_ok_and(|file| file.len() == 0) {
            return Err(Fault::failed(format!(
                "the published table {schema}.{name} is damaged: {} is empty",
                file.display()
            ))
            .hint("bring it back from a copy, or run with --force and --accept-changes"));
        }
        session::register_parquet(session, schema, name, &file)
            .await
            .map_err(|error| {
                Fault::failed(format!(
                    "could not open the published table {schema}.{name}: {}",
                    faults::plain_message(error.find_root())
                ))
            })?;
    }
    // Stages that are not published lie in the cache of the last run.
    let Ok(cache) = Cache::open(&output) else {
        return Ok(());
    };
    for (name, made_from) in &manifest.made_from {
        let id = made_from.id();
        let files = [cache.scratch(name, &id), cache.path(name, &id)];
        if let (false, Some(file), Some((schema, table))) = (
            manifest.pointer.tables.contains_key(name),
            files.iter().find(|file| file.exists()),
            name.split_once('.'),
        ) {
            session::register_parquet(session, schema, table, file)
                .await
                .map_err(|error| {
                    Fault::failed(format!(
                        "could not open the table {name}: {}",
                        faults::plain_message(error.find_root())
                    ))
                })?;
        }
    }
    Ok(())
}

/// The tables of a session, sorted: schema.table.
pub fn tables(session: &SessionContext) -> Vec<String> {
    let Some(catalog) = session.catalog("datafusion") else {
        return Vec::new();
    };
    let schemas = catalog.schema_names().into_iter();
    let schemas = schemas.filter(|schema| schema != "information_schema");
    let of_schema = |schema: String| {
        let tables = catalog
            .schema(&schema)
            .map(|schema| schema.table_names())
            .unwrap_or_default();
        tables
            .into_iter()
            .map(move |table| format!("{schema}.{table}"))
    };
    let mut names: Vec<String> = schemas.flat_map(of_schema).collect();
    names.sort();
    names
}

/// What to write instead of a table that is not there, by what the engine says.
fn instead_of_table(session: &SessionContext, told: &str) -> Option<String> {
    let (_, rest) = told.split_once("table '")?;
    let (written, _) = rest.split_once("' not found")?;
    let names = tables(session);
    let same_table = format!(".{written}");
    let near = names
        .iter()
        .find(|name| name.ends_with(&same_table))
        .map(String::as_str)
        .or_else(|| nearest(written, names.iter().map(String::as_str)));
    Some(match near {
        Some(near) => format!("did you mean {near}?"),
        None if names.is_empty() => "nothing is published here yet: onefold run".to_string(),
        None => format!("there are {}", names.join(", ")),
    })
}

/// Runs a query and gives its rows as text.
pub async fn answer(session: &SessionContext, sql: &str, format: Format) -> Result<String> {
    let path = Path::new("query");
    let fault = |error: datafusion::common::DataFusionError| {
        let mut fault = faults::from_engine("the query", path, sql, &error);
        fault.kind = Kind::Project;
        if fault.hint.is_none() {
            fault.hint = instead_of_table(session, &fault.summary);
        }
        fault
    };
    // A question changes nothing: no copy, no insert, no drop, no set.
    let options = SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false);
    let frame = session
        .sql_with_options(sql, options)
        .await
        .map_err(fault)?;
    let schema = std::sync::Arc::new(frame.schema().as_arrow().clone());
    let mut batches = frame.collect().await.map_err(|error| {
        Fault::failed(format!(
            "the query failed: {}",
            faults::plain_message(error.find_root())
        ))
    })?;
    if batches.is_empty() {
        batches.push(arrow::array::RecordBatch::new_empty(schema));
    }
    table::format(&batches, format)
        .map_err(|error| Fault::failed(format!("could not print the rows: {error}")))
}
