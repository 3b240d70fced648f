//! The run, top to bottom: [`run`] names its steps, and each has a file of its own.

mod exports;
mod identify;
mod publish;
pub mod records;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use chrono::Utc;
use datafusion::common::DataFusionError;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::engine::memory;
use crate::fault::{Fault, Kind, Result};
use crate::pipeline::prepare::{Options, Prepared, prepare};
use crate::pipeline::reuse::{Cache, Fingerprint};
use crate::publish::lock::{self, Lock};
use crate::publish::manifest::{self, Manifest};
use crate::publish::retention;
use crate::publish::version::{self, Ready};
use crate::report::progress::Progress;
use crate::report::record::{Folder, Record};
use crate::report::summary;
use crate::report::text::plural;
use crate::stages::checks::{self, Outcome};
use crate::stages::faults;

/// What the command line says of a run, beside what it is made ready from.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Pipeline, exports, night, limits.
    pub options: Options,
    /// Everything but the publishing.
    pub is_dry: bool,
    /// Do everything again, whether or not it changed.
    pub is_forced: bool,
    /// Publish although columns or rows are gone.
    pub accepts_changes: bool,
    /// Progress as JSON lines.
    pub logs_json: bool,
    /// No progress, no summary.
    pub is_quiet: bool,
}

/// Rows that the summary shows of a table.
const SHOWN_ROWS: usize = 20;

/// A run that is going on.
struct Tonight {
    prepared: Prepared,
    options: RunOptions,
    cache: Cache,
    folder: Folder,
    record: Record,
    progress: Arc<Progress>,
    before: Option<Manifest>,
    made_from: BTreeMap<String, Fingerprint>,
    identity_made_from: Option<String>,
    /// The text of an identity model that was trained tonight.
    new_model: Option<String>,
    ready: Vec<Ready>,
    kept: Vec<PathBuf>,
    keeping: exports::Keeping,
    started: std::time::Instant,
    _lock: Lock,
}

/// Runs a pipeline: exports, stages, identity, checks, publish.
pub async fn run(options: RunOptions) -> Result<Record> {
    let prepared = prepare(&options.options).await?;
    let mut tonight = Tonight::begin(prepared, options).await?;
    let outcome = tonight.steps().await;
    tonight.keep_exports().await;
    tonight.end(outcome)
}

impl Tonight {
    /// The steps of a run, in order.
    async fn steps(&mut self) -> Result<()> {
        self.read_exports().await?;
        for at in 0..self.prepared.stages.len() {
            let stage = self.prepared.stages[at].clone();
            self.run_stage(&stage).await?;
            if self.prepared.is_last_input_of_identity(at) {
                self.run_identity().await?;
            }
        }
        self.run_checks().await?;
        self.keep_exports().await;
        self.publish().await
    }

    /// Takes the lock, and tidies up after a run that was killed.
    async fn begin(prepared: Prepared, options: RunOptions) -> Result<Self> {
        let output = prepared.output.clone();
        let lock = lock::take(&output)?;
        let cannot = |error: std::io::Error| {
            Fault::failed(format!("could not write to {}: {error}", output.display()))
        };
        retention::clean(&output).map_err(cannot)?;
        let cache = Cache::open(&output).map_err(cannot)?;
        let before = manifest::published(&output)?;
        let link = output.join("current");
        let is_folder = std::fs::symlink_metadata(&link).is_ok_and(|found| found.is_dir());
        if is_folder && !options.is_dry {
            return Err(Fault::failed(format!(
                "{} is a folder, and no link to the published night: what is published now would not be seen there",
                link.display()
            ))
            .hint("a copy that does not keep links makes it one; the nights are in versions/: remove this folder, and the run makes the link"));
        }
        let pointed = before.as_ref().map_or(Ok(()), |before| {
            version::point(&output, &before.pointer.directory)
        });
        let earlier = before
            .as_ref()
            .map(|before| before.pointer.as_of)
            .filter(|published| *published > prepared.as_of);
        let earlier = earlier.map(|published| {
            format!(
                "the published night is {published}; this run is of an earlier one, {}",
                prepared.as_of
            )
        });
        if let Some(earlier) = &earlier
            && !options.is_dry
            && !options.accepts_changes
        {
            return Err(Fault::project(earlier).hint(
                "publish it elsewhere with --output, look at it with --no-publish, or let it take the newer night's place with --accept-changes",
            ));
        }
        if let Some(other) = published_by_another(before.as_ref(), &prepared)
            && !options.is_dry
            && !options.accepts_changes
        {
            return Err(Fault::project(format!("{} has {other}", output.display())).hint(
                "give it an output of its own, in [publish] or with --output; if it was renamed, run again with --accept-changes",
            ));
        }
        let started_at = Utc::now();
        let run_id = started_at.format("%Y%m%dT%H%M%S%3fZ").to_string();
        let folder = Folder::create(&output, &run_id).map_err(cannot)?;
        let steps = prepared.exports.len()
            + prepared.stages.len()
            + usize::from(!prepared.identity_inputs.is_empty())
            + 2;
        let progress = Arc::new(Progress::new(
            steps as u64,
            options.logs_json,
            options.is_quiet,
        ));
        let record = Record {
            run_id,
            pipeline: prepared.loaded.pipeline.name.clone(),
            as_of: prepared.as_of,
            onefold: env!("CARGO_PKG_VERSION").to_string(),
            status: "running".to_string(),
            started_at,
            ended_at: None,
            seconds: 0.0,
            threads: options.options.limits.threads,
            memory_limit_bytes: options.options.limits.memory,
            peak_memory_bytes: 0,
            exports: Vec::new(),
            stages: Vec::new(),
            identity: None,
            checks: Vec::new(),
            warnings: {
                let stays = pointed.err().map(|error| publish::link_stays(&error));
                earlier.into_iter().chain(stays).collect()
            },
            shown: Vec::new(),
            published_tables: 0,
            published_bytes: 0,
            error: None,
        };
        folder.write(&record).map_err(cannot)?;
        Ok(Self {
            prepared,
            options,
            cache,
            folder,
            record,
            progress,
            before,
            made_from: BTreeMap::new(),
            identity_made_from: None,
            new_model: None,
            ready: Vec::new(),
            kept: Vec::new(),
            keeping: exports::Keeping::default(),
            started: std::time::Instant::now(),
            _lock: lock,
        })
    }

    /// Runs the queries of `sql/checks`.
    async fn run_checks(&mut self) -> Result<()> {
        let step = self.progress.start("checks");
        let mut outcomes = Vec::new();
        let stages = self.prepared.stages.iter();
        let keys = stages.flat_map(|stage| stage.stage.header.key.clone());
        let keys: BTreeSet<String> = keys.collect();
        for check in self.prepared.checks.clone() {
            outcomes.push(checks::run_query(&self.prepared.session, &check, &keys).await?);
        }
        let number = self.record.checks.len() + outcomes.len();
        let result = self.take_outcomes(outcomes);
        self.progress.end(&step, &plural(number as u64, "check"));
        result?;
        for table in self.prepared.loaded.pipeline.report.show.clone() {
            let failed = |error: DataFusionError| {
                Fault::failed(format!(
                    "could not show {table}: {}",
                    faults::plain_message(error.find_root())
                ))
            };
            let frame = self
                .prepared
                .session
                .table(table.as_str())
                .await
                .map_err(failed)?;
            let batches = frame
                .limit(0, Some(SHOWN_ROWS))
                .map_err(failed)?
                .collect()
                .await
                .map_err(failed)?;
            if batches.iter().any(|batch| batch.num_rows() > 0) {
                let text = crate::report::table::render(&batches).map_err(failed)?;
                self.record.shown.push((table, text));
            }
        }
        Ok(())
    }

    fn offer(
        &mut self,
        name: &str,
        file: PathBuf,
        rows: u64,
        schema: SchemaRef,
        fingerprint: String,
    ) {
        self.ready.push(Ready {
            name: name.to_string(),
            file,
            rows,
            schema,
            fingerprint,
        });
    }

    /// Keeps the outcomes of checks; a failed one is a warning, or the end of the run.
    fn take_outcomes(&mut self, outcomes: Vec<Outcome>) -> Result<()> {
        let mut failed = Vec::new();
        for outcome in outcomes.iter().filter(|outcome| outcome.failures > 0) {
            let column = outcome
                .column
                .as_ref()
                .map_or(String::new(), |column| format!(".{column}"));
            let rows = match outcome.is_of_table {
                true => "the table is".to_string(),
                false => plural(outcome.failures, "row"),
            };
            let example = outcome.example.as_ref();
            let example = example.map_or(String::new(), |key| format!(", the first is {key},"));
            let line = format!(
                "{}{column}: {rows}{example} against \"{}\" ({}:{})",
                outcome.table, outcome.check, outcome.file, outcome.line
            );
            if outcome.is_warning {
                self.record.warnings.push(line)
            } else {
                failed.push(line)
            }
        }
        self.record.checks.extend(outcomes);
        if failed.is_empty() {
            return Ok(());
        }
        let mut fault = Fault::failed(format!("{} failed", plural(failed.len() as u64, "check")));
        for line in failed {
            fault = fault.detail(line);
        }
        Err(fault.hint(
            "nothing was published; mend the data or the stage, or write warn behind the check",
        ))
    }

    fn note(&mut self, kind: &str, data: serde_json::Value) {
        if let Err(error) = self.folder.event(kind, data) {
            tracing::warn!(%error, "could not append to events.jsonl");
        }
    }

    fn save(&mut self) {
        self.record.seconds = self.started.elapsed().as_secs_f64();
        self.record.peak_memory_bytes = memory::peak();
        if let Err(error) = self.folder.write(&self.record) {
            tracing::warn!(%error, "could not write run.json");
        }
    }

    fn end(mut self, outcome: Result<()>) -> Result<Record> {
        self.progress.finish();
        self.record.ended_at = Some(Utc::now().to_string());
        if let Err(fault) = &outcome {
            self.record.status = if matches!(fault.kind, Kind::Stopped(_)) {
                "stopped"
            } else {
                "failed"
            }
            .to_string();
            self.record.error = Some(fault.to_string());
        }
        let status = self.record.status.clone();
        self.note("end", serde_json::json!({ "status": status }));
        self.save();
        if !self.options.is_quiet && !self.options.logs_json {
            match outcome.is_ok() {
                true => summary::print(&self.record, &self.prepared.output),
                false => summary::print_warnings(&self.record),
            }
        }
        outcome.map(|()| self.record.clone())
    }
}

impl Drop for Tonight {
    /// A run that a signal stops is dropped where it stands: its record says so.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(retention::spill_folder(&self.prepared.output));
        if self.record.status == "running" {
            self.progress.finish();
            self.record.status = "stopped".to_string();
            self.record.ended_at = Some(Utc::now().to_string());
            self.save();
        }
    }
}

fn rows_of(path: &std::path::Path) -> Result<u64> {
    let damaged = |error: &dyn std::fmt::Display| {
        Fault::failed(format!("could not read {}: {error}", path.display()))
            .hint("run again with --force")
    };
    let file = fs::File::open(path).map_err(|error| damaged(&error))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(&error))?;
    Ok(builder.metadata().file_metadata().num_rows() as u64)
}

/// Whose nights are published, where they are another pipeline's: two in one place would retire each other's customers.
fn published_by_another(before: Option<&Manifest>, prepared: &Prepared) -> Option<String> {
    let name = &prepared.loaded.pipeline.name;
    let other = before?.pipeline.as_ref().filter(|other| *other != name)?;
    Some(format!(
        "the nights of the pipeline {other}; this one is {name}"
    ))
}
