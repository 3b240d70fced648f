//! Makes a run ready: the pipeline file read, exports found, every stage planned and typed. No row of data is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use arrow::datatypes::SchemaRef;
use chrono::{NaiveDate, Utc};
use datafusion::prelude::SessionContext;

use super::file::{Loaded, Setting};
use super::rule_book;
use crate::engine::session::{self, Limits};
use crate::exports::{self, Export};
use crate::fault::{Fault, Place, Result, nearest};
use crate::identity::comparison::level_names;
use crate::identity::model_file::{self, ModelFile};
use crate::identity::rules::RuleBook;
use crate::identity::tables;
use crate::publish::retention::spill_folder;
use crate::stages::lineage::{self, Sources};
use crate::stages::plan::Planned;
use crate::stages::{self, Stage, TableName, checks, faults, order, plan};

/// What the command line says of a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The pipeline file.
    pub pipeline: PathBuf,
    /// In place of the pipeline's root of exports.
    pub exports: Option<String>,
    /// In place of the pipeline's output.
    pub output: Option<String>,
    /// In place of the pipeline's night.
    pub as_of: Option<NaiveDate>,
    /// `name=value` in place of the pipeline's settings.
    pub settings: Vec<(String, String)>,
    /// Threads and memory.
    pub limits: Limits,
    /// Whether the trained model is left aside, because a new one is trained.
    pub ignores_model: bool,
    /// Whether rows will be read: then what does not fit the memory spills beside the output.
    pub is_run: bool,
}

/// Everything that is known before a row is read.
pub struct Prepared {
    /// The pipeline file.
    pub loaded: Loaded,
    /// The night.
    pub as_of: NaiveDate,
    /// What `$name` stands for, `$as_of` included.
    pub parameters: Vec<(String, Setting)>,
    /// The exports with their files.
    pub exports: Vec<Export>,
    /// The stages in their run order.
    pub stages: Vec<Planned>,
    /// The queries of `sql/checks`.
    pub checks: Vec<Stage>,
    /// The stages that identity reads: the records first, then the stewards' decisions, if there is a stage of them.
    pub identity_inputs: Vec<TableName>,
    /// The trained model of identity, and its text, where there is one.
    pub model: Option<(ModelFile, String)>,
    /// The session; it knows every table by its columns.
    pub session: SessionContext,
    /// Where the night is published.
    pub output: PathBuf,
}

impl Prepared {
    /// Whether all that identity reads is there with this stage, and was not before.
    pub fn is_last_input_of_identity(&self, at: usize) -> bool {
        let is_input = |stage: &Planned| self.identity_inputs.contains(&stage.stage.name);
        let (stages, rest) = self.stages.split_at(at + 1);
        stages.last().is_some_and(is_input) && !rest.iter().any(is_input)
    }

    /// The columns of exports that each column of the records is made of.
    pub fn origins(&self) -> BTreeMap<String, Sources> {
        let name = self.identity_inputs.first();
        let records = self
            .stages
            .iter()
            .find(|stage| Some(&stage.stage.name) == name);
        records.map_or_else(BTreeMap::new, |records| {
            lineage::origins(&self.stages, records)
        })
    }
}

/// Reads a pipeline and plans all of it.
pub async fn prepare(options: &Options) -> Result<Prepared> {
    let loaded = Loaded::read(&options.pipeline)?;
    loaded.use_reference()?;
    let pipeline = &loaded.pipeline;
    let as_of = options
        .as_of
        .or(pipeline.as_of)
        .unwrap_or_else(|| Utc::now().with_timezone(&pipeline.timezone).date_naive());
    let parameters = parameters(&loaded, as_of, &options.settings)?;
    let root = options
        .exports
        .clone()
        .unwrap_or_else(|| in_project(&loaded.project, &pipeline.exports.root));
    let output = options
        .output
        .clone()
        .unwrap_or_else(|| in_project(&loaded.project, &pipeline.publish.output));
    if output.contains("://") {
        return Err(Fault::project(format!(
            "a night is published to local folders only, not to {output}"
        ))
        .hint("set [publish] output, or --output, to a folder"));
    }
    let (of, below) = (loaded.clone(), root.clone());
    // Finding files waits for disks and buckets.
    let found = tokio::task::spawn_blocking(move || exports::discover(&of, &below)).await;
    let exports = found
        .map_err(|error| Fault::failed(format!("looking for the exports broke off: {error}")))??;
    let project = stages::load(&loaded.project, &pipeline.sql, &parameters)?;
    let limits = Limits {
        spill: options.is_run.then(|| spill_folder(Path::new(&output))),
        ..options.limits.clone()
    };
    let session = session::create(&limits)
        .map_err(|error| Fault::failed(format!("could not start the engine: {error}")))?;
    let mut known = BTreeSet::new();
    for export in &exports {
        register(&session, "raw", &export.name, export.schema.clone())?;
        known.insert(TableName::new("raw", &export.name));
    }
    if pipeline.identity.is_some() {
        for (name, schema) in tables::SCHEMAS.iter() {
            register(&session, "identity", name, schema.clone())?;
            known.insert(TableName::new("identity", name));
        }
    }
    let identity_inputs = identity_inputs(&loaded, &project.stages)?;
    let ordered = order::sort(project.stages, &known, &identity_inputs)?;
    let mut descriptions: BTreeMap<String, BTreeMap<String, String>> = tables::OUTPUTS
        .iter()
        .map(|output| {
            (
                format!("identity.{}", output.name),
                output.descriptions().collect(),
            )
        })
        .collect();
    let mut planned: Vec<Planned> = Vec::new();
    let mut faults: Vec<Box<Fault>> = Vec::new();
    // Stages that cannot be planned, and those that read them: each with the place of the fault among all.
    let mut broken: BTreeMap<TableName, usize> = BTreeMap::new();
    for stage in ordered {
        let name = stage.name.clone();
        let mut reads = stage.parsed.reads.iter().map(|read| &read.name);
        if let Some(read) = reads.find(|read| broken.contains_key(*read)) {
            let at = broken[read];
            faults[at]
                .details
                .push(format!("{name} reads {read}, and was not looked at"));
            broken.insert(name, at);
            continue;
        }
        let stage = match plan::plan(&session, stage, &descriptions).await {
            Ok(stage) => stage,
            Err(fault) => {
                broken.insert(name, faults.len());
                faults.push(fault);
                continue;
            }
        };
        register(&session, &name.schema, &name.table, stage.schema.clone())?;
        descriptions.insert(name.to_string(), stage.descriptions.clone());
        if identity_inputs.first() == Some(&name) {
            if let Some(book) = &loaded.pipeline.identity {
                faults.extend(rule_book::check(&session, &loaded, book, &stage).err());
            }
        }
        if identity_inputs.get(1) == Some(&name) {
            faults.extend(check_decisions(&stage).err());
        }
        planned.push(stage);
    }
    // A check may read any table.
    if broken.is_empty() {
        for stage in &planned {
            faults.extend(checks::plan(&session, &stage.stage).await);
        }
        for check in &project.checks {
            faults.extend(check_query(&session, check, &known, &planned).await.err());
        }
    }
    Fault::all(faults)?;
    check_published(&loaded, &planned)?;
    let model = if options.ignores_model {
        None
    } else {
        model(&loaded)?
    };
    Ok(Prepared {
        model,
        as_of,
        parameters,
        exports,
        stages: planned,
        checks: project.checks,
        identity_inputs,
        session,
        output: output.into(),
        loaded,
    })
}

fn register(session: &SessionContext, schema: &str, table: &str, columns: SchemaRef) -> Result<()> {
    session::register_planned(session, schema, table, columns)
        .map_err(|error| Fault::project(format!("could not register {schema}.{table}: {error}")))
}

/// Plans a query of `sql/checks`.
async fn check_query(
    session: &SessionContext,
    check: &Stage,
    known: &BTreeSet<TableName>,
    stages: &[Planned],
) -> Result<()> {
    let stages = stages
        .iter()
        .map(|stage| (stage.stage.name.clone(), &stage.stage));
    let stages: BTreeMap<TableName, &Stage> = stages.collect();
    let mut reads = check.parsed.reads.iter();
    let is_there = |name: &TableName| known.contains(name) || stages.contains_key(name);
    if let Some(read) = reads.find(|read| !is_there(&read.name)) {
        return Err(order::missing(check, read, known, &stages));
    }
    match plan::logical(session, &check.parsed.query).await {
        Ok(_) => Ok(()),
        Err(error) => Err(faults::from_engine(
            &format!("the check {}", check.name.table),
            &check.path,
            &check.sql,
            &error,
        )),
    }
}

/// A path of the pipeline file is relative to the project.
fn in_project(project: &Path, path: &str) -> String {
    if path.contains("://") || Path::new(path).is_absolute() {
        return path.to_string();
    }
    project.join(path).display().to_string()
}

fn parameters(
    loaded: &Loaded,
    as_of: NaiveDate,
    overrides: &[(String, String)],
) -> Result<Vec<(String, Setting)>> {
    let mut settings = loaded.pipeline.settings.clone();
    for (name, value) in overrides {
        let Some(setting) = settings.get_mut(name) else {
            let known = settings.keys().map(String::as_str);
            return Err(Fault::project(format!(
                "--set {name}: the pipeline declares no such setting"
            ))
            .hint(match nearest(name, known) {
                Some(near) => format!("did you mean {near}?"),
                None => format!(
                    "declare it in {}: [settings] {name} = ...",
                    loaded.path.display()
                ),
            }));
        };
        let parsed = match setting {
            Setting::Boolean(_) => value.parse().ok().map(Setting::Boolean),
            Setting::Integer(_) => value.parse().ok().map(Setting::Integer),
            Setting::Number(_) => value
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(Setting::Number),
            Setting::Text(_) => Some(Setting::Text(value.clone())),
        };
        *setting = parsed.ok_or_else(|| {
            Fault::project(format!(
                "--set {name}: \"{value}\" has not the type of the setting"
            ))
            .hint("its value in the pipeline file shows the type")
        })?;
    }
    if let Some(reserved) = ["as_of", "region", "timezone"]
        .into_iter()
        .find(|name| settings.contains_key(*name))
    {
        return Err(Fault::project(format!(
            "${reserved} is no setting: it is the pipeline's own {reserved}"
        ))
        .at(loaded.place_of("[settings]"))
        .hint(format!("set {reserved} at the top of the pipeline file")));
    }
    let mut parameters: Vec<(String, Setting)> = settings.into_iter().collect();
    parameters.push(("as_of".to_string(), Setting::Text(as_of.to_string())));
    parameters.push((
        "region".to_string(),
        Setting::Text(loaded.pipeline.region.clone()),
    ));
    parameters.push((
        "timezone".to_string(),
        Setting::Text(loaded.pipeline.timezone.name().to_string()),
    ));
    Ok(parameters)
}

/// The stages that identity reads.
fn identity_inputs(loaded: &Loaded, stages: &[Stage]) -> Result<Vec<TableName>> {
    let Some(book) = &loaded.pipeline.identity else {
        return Ok(Vec::new());
    };
    let find = |wanted: &String, key: &str, advice: &str, taken: Option<&str>| match stages
        .iter()
        .find(|stage| stage.name.to_string() == *wanted)
    {
        Some(stage) => Ok(stage.name.clone()),
        None => {
            let names: Vec<String> = stages.iter().map(|stage| stage.name.to_string()).collect();
            let others = names.iter().map(String::as_str);
            let near = nearest(wanted, others.filter(|name| Some(*name) != taken));
            let place = match loaded.text.contains(&format!("\"{wanted}\"")) {
                true => loaded.place_of(&format!("\"{wanted}\"")),
                false => loaded.place_of("[identity]"),
            };
            Err(
                Fault::project(format!("identity has no {key}: there is no stage {wanted}"))
                    .at(place)
                    .hint(near.map_or(advice.to_string(), |near| {
                        format!("did you mean {key} = \"{near}\"?")
                    })),
            )
        }
    };
    let mut inputs = vec![find(
        &book.records,
        "records",
        "write sql/1_staging/records.sql, with a row per record of every source",
        None,
    )?];
    if let Some(decisions) = &book.decisions {
        inputs.push(find(
            decisions,
            "decisions",
            "write a stage with left_id, right_id and decision, or take the line out",
            Some(&book.records),
        )?);
    }
    Ok(inputs)
}

/// The stewards' decisions have the columns that identity reads.
fn check_decisions(decisions: &Planned) -> Result<()> {
    for column in ["left_id", "right_id", "decision"] {
        if decisions.schema.index_of(column).is_err() {
            return Err(Fault::project(format!("the decisions of {} have no column {column}", decisions.stage.name))
                .at(Place::file(&decisions.stage.path))
                .hint("a decision is left_id, right_id (records, as the records stage names them) and decision: always or never"));
        }
    }
    Ok(())
}

/// Where the model of a pipeline lies.
pub fn model_path(loaded: &Loaded) -> PathBuf {
    let named = loaded
        .pipeline
        .identity
        .as_ref()
        .and_then(|book| book.model.as_ref());
    named.map_or_else(
        || model_file::default_path(&loaded.path),
        |path| loaded.project.join(path),
    )
}

/// The model of a pipeline, held against its rule book; none where none is trained yet.
fn model(loaded: &Loaded) -> Result<Option<(ModelFile, String)>> {
    let (Some(book), path) = (&loaded.pipeline.identity, model_path(loaded)) else {
        return Ok(None);
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((ModelFile::parse(&path, &text, &levels(book))?, text))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::project(format!(
            "could not read the model {}: {error}",
            path.display()
        ))),
    }
}

/// The comparisons of a rule book with their levels.
pub fn levels(book: &RuleBook) -> Vec<(String, Vec<String>)> {
    let comparisons = book.comparison.iter();
    comparisons
        .map(|comparison| (comparison.name.clone(), level_names(comparison)))
        .collect()
}

/// Published tables exist, and have types that every reader knows.
fn check_published(loaded: &Loaded, planned: &[Planned]) -> Result<()> {
    let publish = &loaded.pipeline.publish;
    let schemas: BTreeSet<&str> = planned
        .iter()
        .map(|stage| stage.stage.name.schema.as_str())
        .chain(["identity"])
        .collect();
    for pattern in &publish.tables {
        let (schema, table) = pattern.split_once('.').unwrap_or((pattern, ""));
        let exists = schemas.contains(schema)
            && (table == "*"
                || schema == "identity"
                || planned.iter().any(|stage| {
                    stage.stage.name.schema == schema && stage.stage.name.table == table
                }));
        if !exists {
            return Err(
                Fault::project(format!("nothing to publish matches \"{pattern}\""))
                    .at(loaded.place_of(&format!("\"{pattern}\"")))
                    .hint(match nearest(schema, schemas.iter().copied()) {
                        Some(near) if table == "*" => format!("did you mean \"{near}.*\"?"),
                        _ => "write schema.* or schema.table".to_string(),
                    }),
            );
        }
    }
    for shown in &loaded.pipeline.report.show {
        if !planned
            .iter()
            .any(|stage| stage.stage.name.to_string() == *shown)
        {
            let names: Vec<String> = planned
                .iter()
                .map(|stage| stage.stage.name.to_string())
                .collect();
            return Err(Fault::project(format!(
                "the report shows a table that no stage makes: {shown}"
            ))
            .at(loaded.place_of(&format!("\"{shown}\"")))
            .maybe_hint(
                nearest(shown, names.iter().map(String::as_str))
                    .map(|near| format!("did you mean \"{near}\"?")),
            ));
        }
    }
    for stage in planned {
        let name = &stage.stage.name;
        if !publish.includes(&name.schema, &name.table) {
            continue;
        }
        if stage.stage.is_view() {
            return Err(Fault::project(format!(
                "the stage {name} is a view and cannot be published"
            ))
            .at(Place::file(&stage.stage.path))
            .hint("take @materialized view out, or the table out of [publish]"));
        }
        if let Some(field) = stage
            .schema
            .fields()
            .iter()
            .find(|field| field.data_type().is_nested())
        {
            return Err(Fault::project(format!(
                "the published column {name}.{} is a list",
                field.name()
            ))
            .at(Place::file(&stage.stage.path))
            .hint(
                "BI tools read no lists: join it with array_to_string, or give each item a row",
            ));
        }
    }
    Ok(())
}

/// Reads a date of the command line.
pub fn parse_as_of(text: &str) -> std::result::Result<NaiveDate, String> {
    NaiveDate::from_str(text)
        .map_err(|_| format!("\"{text}\" is no date; write one like 2026-07-01"))
}
