//! The run, top to bottom.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Date32Type, Field, Schema, SchemaRef};
use chrono::Utc;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::{Expr, cast as cast_expression, ident};
use datafusion::prelude::DataFrame;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::identity;
use super::prepare::{Options, Prepared, prepare};
use super::reuse::{Cache, Fingerprint, hash};
use crate::engine::{memory, session, write};
use crate::exports::{Export, read};
use crate::fault::{Fault, Kind, Result};
use crate::identity::tables::OUTPUTS;
use crate::publish::audit;
use crate::publish::lock::{self, Lock};
use crate::publish::manifest::{self, Manifest, Pointer};
use crate::publish::retention;
use crate::publish::version::{self, Ready, Version};
use crate::report::progress::Progress;
use crate::report::record::{ExportRecord, Folder, IdentityRecord, Record, StageRecord};
use crate::report::summary;
use crate::report::text::{count, plural};
use crate::stages::checks::{self, Outcome};
use crate::stages::faults;
use crate::stages::plan::{self, Planned};

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
    ready: Vec<Ready>,
    kept: Vec<PathBuf>,
    started: std::time::Instant,
    _lock: Lock,
}

/// Runs a pipeline: exports, stages, identity, checks, publish.
pub async fn run(options: RunOptions) -> Result<Record> {
    let prepared = prepare(&options.options).await?;
    let mut tonight = Tonight::begin(prepared, options).await?;
    let outcome = tonight.steps().await;
    tonight.end(outcome)
}

impl Tonight {
    /// The steps of a run, in order.
    async fn steps(&mut self) -> Result<()> {
        self.read_exports().await?;
        for at in 0..self.prepared.stages.len() {
            let stage = self.prepared.stages[at].clone();
            self.run_stage(&stage).await?;
            if self.prepared.records.as_ref() == Some(&stage.stage.name) {
                self.run_identity().await?;
            }
        }
        self.run_checks().await?;
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
        if let Some(before) = &before {
            version::point(&output, &before.pointer.directory).map_err(cannot)?;
        }
        let started_at = Utc::now();
        let run_id = started_at.format("%Y%m%dT%H%M%S%3fZ").to_string();
        let folder = Folder::create(&output, &run_id).map_err(cannot)?;
        let steps = prepared.exports.len()
            + prepared.stages.len()
            + usize::from(prepared.records.is_some())
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
            warnings: Vec::new(),
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
            ready: Vec::new(),
            kept: Vec::new(),
            started: std::time::Instant::now(),
            _lock: lock,
        })
    }

    /// Reads every export, as many at a time as there are threads.
    async fn read_exports(&mut self) -> Result<()> {
        use rayon::prelude::*;
        let exports = self.prepared.exports.clone();
        let zone = self.prepared.loaded.pipeline.timezone;
        let (cache, rejects) = (self.cache.clone(), self.folder.path().join("rejects"));
        let is_forced = self.options.is_forced;
        let progress = Arc::clone(&self.progress);
        let read_all = move || -> Vec<Result<(ExportRecord, Fingerprint, PathBuf)>> {
            // The largest first, so that no thread is left with it at the end.
            let mut order: Vec<&Export> = exports.iter().collect();
            order.sort_by_key(|export| {
                let bytes = |source: &crate::exports::Source| {
                    fs::metadata(&source.path).map_or(0, |metadata| metadata.len())
                };
                std::cmp::Reverse(export.sources.iter().map(bytes).sum::<u64>())
            });
            order
                .par_iter()
                .with_max_len(1)
                .map(|export| read_export(export, zone, &cache, &rejects, is_forced, &progress))
                .collect()
        };
        let mut results = Vec::new();
        let read = tokio::task::spawn_blocking(read_all).await;
        for result in
            read.map_err(|error| Fault::failed(format!("reading the exports broke off: {error}")))?
        {
            results.push(result?);
        }
        results.sort_by(|left, right| left.0.name.cmp(&right.0.name));
        for (record, fingerprint, path) in results {
            session::register_parquet(&self.prepared.session, "raw", &record.name, &path)
                .await
                .map_err(|error| {
                    Fault::failed(format!(
                        "could not open the rows of export {}: {error}",
                        record.name
                    ))
                })?;
            self.made_from
                .insert(format!("raw.{}", record.name), fingerprint);
            self.kept.push(path.with_extension("json"));
            self.kept.push(path.with_extension("rejects"));
            self.kept.push(path);
            if record.summary.files.is_empty() {
                self.record.warnings.push(format!(
                    "the export {} is missing, which it may be: it counts as empty",
                    record.name
                ));
            }
            self.note("export", serde_json::json!({ "name": record.name, "rows": record.summary.rows, "rejects": record.summary.rejects }));
            self.record.exports.push(record);
        }
        self.save();
        Ok(())
    }

    /// Runs a stage, or uses its file again where nothing changed; then its checks.
    async fn run_stage(&mut self, planned: &Planned) -> Result<()> {
        let stage = &planned.stage;
        let name = stage.name.to_string();
        let step = self.progress.start(&name);
        let parameters: Vec<String> = self
            .prepared
            .parameters
            .iter()
            .filter(|(parameter, _)| stage.parsed.parameters.contains(parameter))
            .map(|(parameter, value)| format!("{parameter}={value:?}"))
            .collect();
        let inputs = stage.parsed.reads.iter().filter_map(|read| {
            let read = read.name.to_string();
            Some((read.clone(), self.made_from.get(&read)?.id()))
        });
        let fingerprint = Fingerprint::new(&stage.sql, &parameters.join(" "), inputs.collect());
        let id = fingerprint.id();
        let path = self.cache.path(&name, &id);
        let why = fingerprint.why(
            self.before
                .as_ref()
                .and_then(|before| before.made_from.get(&name)),
        );
        self.made_from.insert(name.clone(), fingerprint);
        let failed = |error: DataFusionError| stage_fault(planned, &error);
        if stage.is_view() {
            let plan = plan::logical(&self.prepared.session, &stage.parsed.query)
                .await
                .map_err(failed)?;
            let frame = DataFrame::new(self.prepared.session.state(), plan);
            let frame = frame
                .clone()
                .select(published_columns(&frame, &planned.schema))
                .map_err(failed)?;
            session::register(
                &self.prepared.session,
                &stage.name.schema,
                &stage.name.table,
                frame.into_view(),
            )
            .map_err(failed)?;
            let seconds = self.progress.end(&step, "a view");
            let mut outcomes = Vec::new();
            if !stage.header.key.is_empty() {
                let failures = checks::view_key_failures(&self.prepared.session, stage).await?;
                outcomes.push(checks::key_outcome(stage, failures));
            }
            outcomes.extend(checks::run(&self.prepared.session, stage).await?);
            self.record.stages.push(StageRecord {
                table: name,
                rows: 0,
                seconds,
                why: "a view".to_string(),
                is_reused: false,
            });
            return self.take_outcomes(outcomes);
        }
        let is_reused = !self.options.is_forced && rows_of(&path).is_ok();
        let mut key_failures = 0;
        let rows = if is_reused {
            rows_of(&path)?
        } else {
            let written = self
                .write_stage(planned, &self.cache.unfinished(&name, &id))
                .await?;
            key_failures = written.null_keys + written.repeated_keys;
            if key_failures == 0 {
                fs::rename(self.cache.unfinished(&name, &id), &path).map_err(|error| {
                    Fault::failed(format!("could not keep the rows of {name}: {error}"))
                })?;
            }
            written.rows
        };
        let file = if key_failures == 0 {
            path.clone()
        } else {
            self.cache.unfinished(&name, &id)
        };
        session::register_parquet(
            &self.prepared.session,
            &stage.name.schema,
            &stage.name.table,
            &file,
        )
        .await
        .map_err(failed)?;
        let mut outcomes = Vec::new();
        if !stage.header.key.is_empty() {
            outcomes.push(checks::key_outcome(stage, key_failures));
        }
        outcomes.extend(checks::run(&self.prepared.session, stage).await?);
        let checked = self.take_outcomes(outcomes);
        let why = if is_reused {
            "unchanged".to_string()
        } else {
            why
        };
        let outcome = format!("{}, {why}", plural(rows, "row"));
        let seconds = self.progress.end(&step, &outcome);
        self.note(
            "stage",
            serde_json::json!({ "table": name, "rows": rows, "seconds": seconds, "why": why }),
        );
        self.record.stages.push(StageRecord {
            table: name.clone(),
            rows,
            seconds,
            why,
            is_reused,
        });
        self.save();
        self.kept.push(path.clone());
        self.offer(&name, path, rows, planned.schema.clone(), id);
        checked
    }

    async fn write_stage(
        &self,
        planned: &Planned,
        path: &std::path::Path,
    ) -> Result<write::Written> {
        let stage = &planned.stage;
        let failed = |error: DataFusionError| stage_fault(planned, &error);
        let plan = plan::logical(&self.prepared.session, &stage.parsed.query)
            .await
            .map_err(failed)?;
        let frame = DataFrame::new(self.prepared.session.state(), plan);
        let frame = frame
            .clone()
            .select(published_columns(&frame, &planned.schema))
            .map_err(failed)?;
        // Without a key, rows are sorted by all their columns: some order has to be the same every night.
        let key: Vec<usize> = stage
            .header
            .key
            .iter()
            .filter_map(|key| planned.schema.index_of(key).ok())
            .collect();
        let all: Vec<usize> = (0..planned.schema.fields().len())
            .filter(|at| !planned.schema.field(*at).data_type().is_nested())
            .collect();
        let order = if key.is_empty() { all } else { key.clone() };
        let sorted = frame
            .sort(
                order
                    .iter()
                    .map(|at| ident(planned.schema.field(*at).name()).sort(true, false))
                    .collect(),
            )
            .map_err(failed)?;
        let bloom: Vec<String> = stage
            .header
            .key
            .iter()
            .filter(|key| key.ends_with("_id"))
            .cloned()
            .collect();
        let stream = sorted.execute_stream().await.map_err(failed)?;
        write::write(
            stream,
            planned.schema.clone(),
            key,
            write::properties(&bloom),
            path,
        )
        .await
        .map_err(failed)
    }

    /// Finds out who is who, or uses what the published night says where nothing changed.
    async fn run_identity(&mut self) -> Result<()> {
        let (Some(records), Some(book)) = (
            self.prepared.records.clone(),
            self.prepared.loaded.pipeline.identity.clone(),
        ) else {
            return Ok(());
        };
        let step = self.progress.start("identity");
        let input = self
            .made_from
            .get(&records.to_string())
            .map(Fingerprint::id)
            .unwrap_or_default();
        let definition = format!("{book:?}");
        let unchanging = Fingerprint::new(
            &definition,
            "",
            BTreeMap::from([(records.to_string(), input.clone())]),
        );
        let is_unchanged = self
            .before
            .as_ref()
            .is_some_and(|before| before.identity.as_deref() == Some(&unchanging.id()));
        // Ids depend on those of the night before; when nothing else changed, they stay, and so does what they were made from.
        let history_id = match &self.before {
            None => "none".to_string(),
            Some(before) => {
                hash(&format!(
                    "{:?}",
                    before
                        .pointer
                        .tables
                        .get("identity.redirects")
                        .map(|table| &table.sha256)
                )) + &hash(&format!(
                    "{:?}",
                    before
                        .pointer
                        .tables
                        .get("identity.customer_records")
                        .map(|table| &table.sha256)
                ))
            }
        };
        let fingerprint = match self
            .before
            .as_ref()
            .and_then(|before| before.made_from.get("identity.customer_records"))
        {
            Some(made_from) if is_unchanged => made_from.clone(),
            _ => Fingerprint::new(
                &definition,
                &self.prepared.as_of.to_string(),
                BTreeMap::from([
                    (records.to_string(), input),
                    ("the ids of the night before".to_string(), history_id),
                ]),
            ),
        };
        let id = fingerprint.id();
        let name = |output: &str| format!("identity.{output}");
        let paths: Vec<PathBuf> = OUTPUTS
            .iter()
            .map(|output| self.cache.path(&name(output.name), &id))
            .collect();
        let figures_path = self.cache.path("identity", &id).with_extension("json");
        let failed = |error: DataFusionError| {
            Fault::failed(format!(
                "identity failed: {}",
                faults::plain_message(error.find_root())
            ))
            .hint("if memory ran out, raise --memory, or lower max_block in the rule book")
        };
        let known: Option<IdentityRecord> = fs::read_to_string(&figures_path)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok());
        let is_reused = !self.options.is_forced
            && known.is_some()
            && paths.iter().all(|path| rows_of(path).is_ok());
        let mut figures = known.unwrap_or_default();
        if is_reused && is_unchanged {
            figures.id_changes.clear();
        }
        if !is_reused {
            let version = self
                .before
                .as_ref()
                .filter(|before| before.identity.is_some())
                .map(|before| self.prepared.output.join(&before.pointer.directory));
            let history = identity::history(version.as_deref()).await.map_err(|error| {
                Fault::failed(format!(
                    "could not read the ids of the night before: {}",
                    faults::plain_message(error.find_root())
                ))
                .hint("bring the published night back from a copy, or point current.json at an older version")
            })?;
            let (rows, found) =
                identity::run(&self.prepared.session, &book, history, self.prepared.as_of)
                    .await
                    .map_err(failed)?;
            for (output, rows) in OUTPUTS.iter().zip(&rows) {
                let unfinished = self.cache.unfinished(&name(output.name), &id);
                identity::write(output, rows, &unfinished).map_err(failed)?;
                fs::rename(&unfinished, self.cache.path(&name(output.name), &id))
                    .map_err(|error| failed(error.into()))?;
            }
            fs::write(
                &figures_path,
                serde_json::to_string(&found).unwrap_or_default(),
            )
            .map_err(|error| failed(error.into()))?;
            figures = found;
        }
        for (output, path) in OUTPUTS.iter().zip(paths) {
            session::register_parquet(&self.prepared.session, "identity", output.name, &path)
                .await
                .map_err(failed)?;
            self.made_from
                .insert(name(output.name), fingerprint.clone());
            self.kept.push(path.clone());
            let rows = rows_of(&path)?;
            self.offer(&name(output.name), path, rows, output.schema(), id.clone());
        }
        self.kept.push(figures_path);
        self.identity_made_from = Some(unchanging.id());
        let outcome = format!(
            "{} are {}{}",
            plural(figures.records, "record"),
            plural(figures.customers, "customer"),
            if is_reused {
                ", unchanged".to_string()
            } else {
                format!(", {} compared", plural(figures.compared_pairs, "pair"))
            }
        );
        let seconds = self.progress.end(&step, &outcome);
        let why = if is_reused {
            "unchanged".to_string()
        } else {
            fingerprint.why(
                self.before
                    .as_ref()
                    .and_then(|before| before.made_from.get("identity.customer_records")),
            )
        };
        self.note(
            "identity",
            serde_json::to_value(&figures).unwrap_or_default(),
        );
        self.record.stages.push(StageRecord {
            table: "identity".to_string(),
            rows: figures.records,
            seconds,
            why,
            is_reused,
        });
        self.record.identity = Some(figures);
        self.save();
        Ok(())
    }

    /// Runs the queries of `sql/checks`.
    async fn run_checks(&mut self) -> Result<()> {
        let step = self.progress.start("checks");
        let mut outcomes = Vec::new();
        for check in self.prepared.checks.clone() {
            outcomes.push(checks::run_query(&self.prepared.session, &check).await?);
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

    /// Publishes what `[publish]` names, and the tables that describe it.
    async fn publish(&mut self) -> Result<()> {
        let step = self.progress.start("publish");
        let publish = self.prepared.loaded.pipeline.publish.clone();
        let ready: Vec<Ready> = self
            .ready
            .iter()
            .filter(|ready| {
                let (schema, table) = ready.name.split_once('.').unwrap_or_default();
                // Without the ids of tonight there would be no lasting ids tomorrow.
                schema == "identity" || publish.includes(schema, table)
            })
            .cloned()
            .collect();
        let version = Version::create(&self.prepared.output, &self.record.run_id)?;
        let result = self.fill_version(&version, &ready).await;
        let manifest = match result {
            Ok(manifest) if self.options.is_dry => {
                version.discard();
                self.record.status = "unpublished".to_string();
                self.progress.end(
                    &step,
                    &format!(
                        "{} would be published",
                        plural(manifest.pointer.tables.len() as u64, "table")
                    ),
                );
                return Ok(());
            }
            Ok(manifest) => manifest,
            Err(fault) => {
                version.discard();
                return Err(fault);
            }
        };
        version.publish(&manifest).await?;
        self.record.status = "published".to_string();
        self.record.published_tables = manifest.pointer.tables.len();
        self.record.published_bytes = version::bytes(&manifest.pointer.tables);
        // Tonight is public: what is left is tidying, and no reason to fail.
        let keep_for = publish.keep_for.unwrap_or_default();
        let tidied = retention::collect(
            &self.prepared.output,
            &self.record.run_id,
            publish.keep,
            keep_for,
        );
        if let Err(error) = tidied.map(|_| ()).and(self.cache.keep_only(&self.kept)) {
            self.record
                .warnings
                .push(format!("could not remove old files: {error}"));
        }
        let size = crate::report::text::bytes(self.record.published_bytes);
        self.progress.end(
            &step,
            &format!(
                "{}, {size}",
                plural(self.record.published_tables as u64, "table")
            ),
        );
        Ok(())
    }

    async fn fill_version(&mut self, version: &Version, ready: &[Ready]) -> Result<Manifest> {
        let mut tables = BTreeMap::new();
        let before = self.before.as_ref().filter(|_| !self.options.is_forced);
        for table in ready {
            tables.insert(table.name.clone(), version.add(table, before).await?);
        }
        if let Some(before) = &self.before {
            let surprises = audit::against(before, &tables, self.options.accepts_changes)?;
            self.record.warnings.extend(
                surprises
                    .into_iter()
                    .map(|surprise| format!("accepted: {surprise}")),
            );
        }
        for (name, rows) in [
            ("columns", self.columns_table(ready)),
            ("publish", self.publish_table(&tables)),
        ] {
            let rows = rows.map_err(|error| {
                Fault::failed(format!("could not describe the published tables: {error}"))
            })?;
            let path = self.cache.path(name, &self.record.run_id);
            let file = fs::File::create(&path).map_err(|error| {
                Fault::failed(format!("could not write {}: {error}", path.display()))
            })?;
            let written = ArrowWriter::try_new(file, rows.schema(), Some(write::properties(&[])))
                .and_then(|mut writer| {
                    writer.write(&rows)?;
                    writer.close()
                });
            written.map_err(|error| {
                Fault::failed(format!("could not write {}: {error}", path.display()))
            })?;
            let described = Ready {
                name: name.to_string(),
                file: path,
                rows: rows.num_rows() as u64,
                schema: rows.schema(),
                fingerprint: String::new(),
            };
            tables.insert(name.to_string(), version.add(&described, None).await?);
        }
        let pointer = Pointer {
            run_id: self.record.run_id.clone(),
            directory: format!("versions/{}", self.record.run_id),
            as_of: self.prepared.as_of,
            tables,
        };
        Ok(Manifest {
            pointer,
            made_from: self.made_from.clone(),
            identity: self.identity_made_from.clone(),
        })
    }

    /// `columns`: a row per column of every published table.
    fn columns_table(&self, ready: &[Ready]) -> arrow::error::Result<RecordBatch> {
        let mut rows: Vec<[String; 6]> = Vec::new();
        for table in ready {
            let planned = self
                .prepared
                .stages
                .iter()
                .find(|stage| stage.stage.name.to_string() == table.name);
            let source = planned.map_or("identity".to_string(), |stage| {
                stage.stage.path.display().to_string()
            });
            for field in table.schema.fields() {
                let comments = planned
                    .map(|stage| stage.stage.comments.as_slice())
                    .unwrap_or_default();
                let labels: Vec<String> = comments
                    .iter()
                    .filter(|comment| &comment.column == field.name())
                    .flat_map(|comment| &comment.labels)
                    .map(|(language, label)| format!("{language} {label}"))
                    .collect();
                rows.push([
                    table.name.clone(),
                    field.name().clone(),
                    field.data_type().to_string(),
                    field
                        .metadata()
                        .get("description")
                        .cloned()
                        .unwrap_or_default(),
                    labels.join("; "),
                    source.clone(),
                ]);
            }
        }
        let names = ["table", "name", "type", "description", "labels", "source"];
        let fields = names
            .map(|name| Field::new(name, DataType::Utf8, false))
            .to_vec();
        let column = |at: usize| {
            Arc::new(
                rows.iter()
                    .map(|row| Some(row[at].clone()))
                    .collect::<StringArray>(),
            ) as _
        };
        RecordBatch::try_new(
            Arc::new(Schema::new(fields)),
            (0..names.len()).map(column).collect(),
        )
    }

    /// `publish`: a row per published table, with the night and the run.
    fn publish_table(
        &self,
        tables: &BTreeMap<String, manifest::Table>,
    ) -> arrow::error::Result<RecordBatch> {
        let text =
            |values: Vec<String>| Arc::new(StringArray::from(values)) as arrow::array::ArrayRef;
        let schema = Schema::new(vec![
            Field::new("table", DataType::Utf8, false),
            Field::new("as_of", DataType::Date32, false),
            Field::new("run_id", DataType::Utf8, false),
            Field::new("rows", DataType::Int64, false),
        ]);
        let as_of = Date32Type::from_naive_date(self.prepared.as_of);
        RecordBatch::try_new(
            Arc::new(schema),
            vec![
                text(tables.keys().cloned().collect()),
                Arc::new(Date32Array::from(vec![as_of; tables.len()])),
                text(vec![self.record.run_id.clone(); tables.len()]),
                Arc::new(
                    tables
                        .values()
                        .map(|table| Some(table.rows as i64))
                        .collect::<Int64Array>(),
                ),
            ],
        )
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
            let rows = plural(outcome.failures, "row");
            let line = format!(
                "{}{column}: {rows} against \"{}\" ({}:{})",
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
        if outcome.is_ok() && !self.options.is_quiet && !self.options.logs_json {
            summary::print(&self.record, &self.prepared.output);
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

fn read_export(
    export: &Export,
    zone: chrono_tz::Tz,
    cache: &Cache,
    rejects_folder: &std::path::Path,
    is_forced: bool,
    progress: &Progress,
) -> Result<(ExportRecord, Fingerprint, PathBuf)> {
    let table = format!("raw.{}", export.name);
    let step = progress.start(&table);
    let cannot = |error: std::io::Error| {
        Fault::failed(format!(
            "could not read the export {}: {error}",
            export.name
        ))
    };
    let mut inputs = BTreeMap::new();
    for source in &export.sources {
        inputs.insert(
            source.name.clone(),
            format!("{:032x}", source.fingerprint().map_err(cannot)?),
        );
    }
    let fingerprint = Fingerprint::new(&format!("{:?}", export.spec), zone.name(), inputs);
    let id = fingerprint.id();
    let path = cache.path(&table, &id);
    let (rejects, counts) = (path.with_extension("rejects"), path.with_extension("json"));
    let known = fs::read_to_string(&counts)
        .ok()
        .and_then(|text| serde_json::from_str::<read::Summary>(&text).ok());
    let (summary, is_reused) =
        match known.filter(|_| !is_forced && rows_of(&path).is_ok() && rows_of(&rejects).is_ok()) {
            Some(summary) => (summary, true),
            None => {
                let unfinished = cache.unfinished(&table, &id);
                let unfinished_rejects = path.with_extension("rejects-unfinished");
                let summary = read::read(export, zone, &unfinished, &unfinished_rejects)?;
                fs::rename(&unfinished_rejects, &rejects).map_err(cannot)?;
                fs::rename(&unfinished, &path).map_err(cannot)?;
                fs::write(&counts, serde_json::to_string(&summary).unwrap_or_default())
                    .map_err(cannot)?;
                (summary, false)
            }
        };
    let kept = rejects_folder.join(format!("{}.parquet", export.name));
    fs::copy(&rejects, &kept).map_err(cannot)?;
    let mut outcome = plural(summary.rows, "row");
    if summary.rejects > 0 {
        outcome.push_str(&format!(", {} set aside", count(summary.rejects)));
    }
    if let Some((_, encoding)) = summary
        .files
        .iter()
        .find(|(_, encoding)| encoding != "UTF-8" && encoding != "parquet")
    {
        outcome.push_str(&format!(", {encoding}"));
    }
    if is_reused {
        outcome.push_str(", unchanged");
    }
    let seconds = progress.end(&step, &outcome);
    if let Some(fault) = read::budget_fault(export, &summary, &kept) {
        return Err(fault);
    }
    Ok((
        ExportRecord {
            name: export.name.clone(),
            seconds,
            is_reused,
            summary,
        },
        fingerprint,
        path,
    ))
}

/// The columns of a frame, cast to the types that are written.
fn published_columns(frame: &DataFrame, schema: &SchemaRef) -> Vec<Expr> {
    let found = frame
        .schema()
        .iter()
        .map(|(qualifier, field)| (qualifier.cloned(), field.clone()));
    found
        .zip(schema.fields())
        .map(|((qualifier, field), written)| {
            let column = Expr::Column(datafusion::common::Column::new(qualifier, field.name()));
            if field.data_type() == written.data_type() {
                column
            } else {
                cast_expression(column, written.data_type().clone()).alias(field.name())
            }
        })
        .collect()
}

fn stage_fault(planned: &Planned, error: &DataFusionError) -> Box<Fault> {
    let stage = &planned.stage;
    let root = error.find_root();
    let mut fault = Fault::failed(format!(
        "the stage {} failed: {}",
        stage.name,
        faults::plain_message(root)
    ));
    if matches!(root, DataFusionError::ResourcesExhausted(_)) {
        fault.summary = format!(
            "the stage {} needs more memory than it was given",
            stage.name
        );
        fault = fault.hint("raise --memory, or let the stage work on less at a time");
    }
    fault.at(crate::fault::Place::file(&stage.path))
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
