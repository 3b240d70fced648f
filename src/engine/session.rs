//! The session in which every stage is planned and run.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::{MemorySchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result, TableReference};
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionConfig, SessionContext};
use parquet::file::metadata::ParquetMetaDataReader;

use super::compact::CompactWindows;
use crate::functions;

/// What a session may use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Threads.
    pub threads: usize,
    /// Bytes of memory for sorting, grouping and joining; past it the engine spills to disk.
    pub memory: usize,
    /// Where it spills.
    pub spill: Option<std::path::PathBuf>,
}

impl Default for Limits {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            threads,
            memory: super::memory::default_limit(),
            spill: None,
        }
    }
}

/// A session with our functions and no tables.
pub fn create(limits: &Limits) -> Result<SessionContext> {
    let mut config = SessionConfig::new()
        .with_target_partitions(limits.threads)
        .with_information_schema(true);
    let options = config.options_mut();
    options.sql_parser.collect_spans = true;
    options.execution.parquet.schema_force_view_types = false;
    // Columns keep their descriptions in the files; a plan is compared by names and types alone.
    options.execution.parquet.skip_metadata = true;
    options.execution.skip_physical_aggregate_schema_check = true;
    let pool = TrackConsumersPool::new(
        FairSpillPool::new(limits.memory),
        std::num::NonZeroUsize::new(3).expect("three is not zero"),
    );
    let mut runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool));
    if let Some(folder) = &limits.spill {
        std::fs::create_dir_all(folder).map_err(|error| {
            DataFusionError::Execution(format!("cannot write to {}: {error}", folder.display()))
        })?;
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![folder.clone()]));
        runtime = runtime.with_disk_manager_builder(disk);
    }
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime.build_arc()?)
        .with_default_features()
        .with_physical_optimizer_rule(Arc::new(CompactWindows))
        .build();
    let session = SessionContext::new_with_state(state);
    functions::register(&session);
    Ok(session)
}

/// Makes a schema known, unless it is.
fn ensure_schema(session: &SessionContext, schema: &str) -> Result<()> {
    let catalog = session
        .catalog("datafusion")
        .ok_or_else(|| DataFusionError::Internal("the session has no catalog".to_string()))?;
    if catalog.schema(schema).is_none() {
        catalog.register_schema(schema, Arc::new(MemorySchemaProvider::new()))?;
    }
    Ok(())
}

/// Puts a table in place of whatever had its name.
pub fn register(
    session: &SessionContext,
    schema: &str,
    table: &str,
    provider: Arc<dyn TableProvider>,
) -> Result<()> {
    ensure_schema(session, schema)?;
    let name = TableReference::partial(schema.to_string(), table.to_string());
    session.deregister_table(name.clone())?;
    session.register_table(name, provider)?;
    Ok(())
}

/// A table of which only the columns are known, for planning.
pub fn register_planned(
    session: &SessionContext,
    schema: &str,
    table: &str,
    columns: SchemaRef,
) -> Result<()> {
    register(session, schema, table, Arc::new(EmptyTable::new(columns)))
}

/// A table in a Parquet file.
pub async fn register_parquet(
    session: &SessionContext,
    schema: &str,
    table: &str,
    file: &Path,
) -> Result<()> {
    ensure_schema(session, schema)?;
    let name = TableReference::partial(schema.to_string(), table.to_string());
    session.deregister_table(name.clone())?;
    let (path, extension) = located(file)?;
    let options = ParquetReadOptions::default().file_extension(&extension);
    session.register_parquet(name, path, options).await
}

/// A Parquet file as the rows of a query, without a name.
pub async fn read_parquet(session: &SessionContext, file: &Path) -> Result<DataFrame> {
    let (path, extension) = located(file)?;
    let options = ParquetReadOptions::default().file_extension(&extension);
    session.read_parquet(path, options).await
}

/// Reads the end of a Parquet file, of which the engine trusts what it says of its length.
pub fn check_footer(file: &Path) -> Result<()> {
    ParquetMetaDataReader::new().parse_and_finish(&File::open(file)?)?;
    Ok(())
}

/// The Parquet files that a query names by their paths, alone or by their folder.
pub fn files_named(session: &SessionContext, sql: &str) -> Vec<PathBuf> {
    let state = session.state();
    let dialect = state.config_options().sql_parser.dialect;
    let Ok(statement) = state.sql_to_statement(sql, &dialect) else {
        return Vec::new();
    };
    let tables = state.resolve_table_references(&statement);
    let named = tables.unwrap_or_default().into_iter();
    let in_folder = |path: PathBuf| match std::fs::read_dir(&path) {
        Ok(files) => files.flatten().map(|file| file.path()).collect(),
        Err(_) => vec![path],
    };
    let named = named.filter(|table| table.schema().is_none());
    let files = named.flat_map(|table| in_folder(PathBuf::from(table.table())));
    let is_parquet = |file: &PathBuf| {
        file.is_file()
            && file
                .extension()
                .is_some_and(|extension| extension == "parquet")
    };
    files.filter(is_parquet).collect()
}

/// The whole path of a file, and what its name ends with: the engine opens no file whose end it does not expect.
fn located(file: &Path) -> Result<(String, String)> {
    let path = std::path::absolute(file)?;
    check_footer(&path)?;
    let extension = path.extension().map_or(String::new(), |extension| {
        format!(".{}", extension.to_string_lossy())
    });
    Ok((path.to_string_lossy().into_owned(), extension))
}
