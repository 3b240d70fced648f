//! A stage: one SQL file, one table.
//!
//! ```text
//! sql/2_master/customers.sql -> header and column comments -> references -> order -> plan -> rows -> checks
//! ```
//!
//! The folder is the schema (less its number), the file is the table, and the run order is read from the SQL. Every
//! stage is planned and typed before a row is read.

pub mod annotations;
pub mod checks;
pub mod faults;
pub mod lineage;
pub mod order;
pub mod plan;
pub mod statement;
pub mod types;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Place, Result};
use crate::pipeline::file::{Setting, is_name};
use annotations::{Annotations, ColumnComment};
use statement::Parsed;

/// A table's name with its schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The schema: the folder, less its number.
    pub schema: String,
    /// The table: the file, less its ending.
    pub table: String,
}

impl TableName {
    /// A name from its parts.
    pub fn new(schema: &str, table: &str) -> Self {
        Self {
            schema: schema.to_string(),
            table: table.to_string(),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

/// One SQL file.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The table it makes.
    pub name: TableName,
    /// Its file.
    pub path: PathBuf,
    /// Its text.
    pub sql: String,
    /// The number of its folder.
    pub level: u32,
    /// What its leading comment says.
    pub header: Annotations,
    /// What the comments behind its columns say.
    pub comments: Vec<ColumnComment>,
    /// Its statement, with the parameters filled in.
    pub parsed: Parsed,
}

impl Stage {
    /// A place in the stage's file.
    pub fn place(&self, line: usize, column: usize, length: usize) -> Place {
        Place::in_text(&self.path, &self.sql, line, column, length)
    }

    /// Whether the stage keeps no file of its own.
    pub fn is_view(&self) -> bool {
        self.header.materialized.as_deref() == Some("view")
    }
}

/// All SQL of a project.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The stages, in no order.
    pub stages: Vec<Stage>,
    /// The queries of `sql/checks`, whose rows are wrong.
    pub checks: Vec<Stage>,
}

/// The schema of the check queries, which is no schema of tables.
const CHECKS: &str = "checks";

/// Reads every SQL file of a project's folder of stages, and tells all of those that are no stages. `parameters` are what `$name` stands for.
pub fn load(project: &Path, folder: &str, parameters: &[(String, Setting)]) -> Result<Project> {
    let root = project.join(folder);
    let mut loaded = Project::default();
    let mut faults = Vec::new();
    for folder in sorted(&root).map_err(|error| {
        Fault::project(format!(
            "could not read the stages in {}: {error}",
            root.display()
        ))
        .hint("a project has its stages in sql/<number>_<schema>/<table>.sql, or in the folder that its pipeline names: sql = \"…\"")
    })? {
        if !folder.is_dir() {
            continue;
        }
        let name = file_name(&folder);
        let (level, schema) = match name.split_once('_') {
            Some((number, schema)) if !schema.is_empty() && number.parse::<u32>().is_ok() => {
                (number.parse().unwrap_or_default(), schema.to_string())
            }
            _ if name == CHECKS => (u32::MAX, name.clone()),
            _ => {
                return Err(Fault::project(format!("the folder {} has no number", folder.display()))
                    .hint(format!("name it like 3_{name}: the number says what it may read, the rest is the schema")));
            }
        };
        if matches!(schema.as_str(), "raw" | "identity" | "information_schema") {
            return Err(Fault::project(format!(
                "the folder {} takes a reserved name",
                folder.display()
            ))
            .hint("raw is for exports, identity for the rule book, information_schema for what the engine knows; choose another name"));
        }
        for path in sorted(&folder).unwrap_or_default() {
            if path.is_dir() {
                return Err(Fault::project(format!(
                    "the folder {} would not be read",
                    path.display()
                ))
                .hint("stages lie two deep: sql/<number>_<schema>/<table>.sql"));
            }
            let extension = path.extension().unwrap_or_default();
            // What editors and file systems put beside a file is hidden.
            if !extension.eq_ignore_ascii_case("sql") || file_name(&path).starts_with('.') {
                continue;
            }
            if extension != "sql" {
                return Err(
                    Fault::project(format!("{} would not be read", path.display()))
                        .hint("a stage's name ends with .sql, in small letters"),
                );
            }
            let table = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if schema != CHECKS && !(is_name(&schema) && is_name(&table)) {
                return Err(Fault::project(format!(
                    "{} would make the table {schema}.{table}, which is no name of a table",
                    path.display()
                ))
                .hint("a schema and a table are named with lower-case letters (a to z), digits and underscores, a letter first"));
            }
            let sql = std::fs::read_to_string(&path).map_err(|error| {
                Fault::project(format!("could not read {}: {error}", path.display()))
            })?;
            // Some editors write a mark before the text.
            let sql = sql.strip_prefix('\u{feff}').unwrap_or(&sql).to_string();
            let shown = path.strip_prefix(project).unwrap_or(&path).to_path_buf();
            let before = loaded
                .stages
                .iter()
                .find(|stage: &&Stage| stage.name == TableName::new(&schema, &table));
            if let Some(before) = before {
                return Err(
                    Fault::project(format!("two files make the table {}", before.name))
                        .at(Place::file(&shown))
                        .detail(format!("the other is {}", before.path.display()))
                        .hint("rename one of them"),
                );
            }
            let name = TableName::new(&schema, &table);
            match parse(name, shown, sql, level, parameters) {
                Ok(stage) if schema == CHECKS => loaded.checks.push(stage),
                Ok(stage) => loaded.stages.push(stage),
                Err(fault) => faults.push(fault),
            }
        }
    }
    Fault::all(faults)?;
    Ok(loaded)
}

/// Reads one stage from its text.
pub fn parse(
    name: TableName,
    path: PathBuf,
    sql: String,
    level: u32,
    parameters: &[(String, Setting)],
) -> Result<Stage> {
    let header = annotations::header(&path, &sql)?;
    let parsed = statement::parse(&name, &path, &sql, parameters)?;
    let comments = annotations::columns(&path, &sql, &statement::items(&parsed.query))?;
    Ok(Stage {
        name,
        path,
        sql,
        level,
        header,
        comments,
        parsed,
    })
}

fn sorted(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
