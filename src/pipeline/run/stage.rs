//! A stage as a step: computed and written, or used again; then its checks.

use std::fs;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::{Expr, cast as cast_expression, ident};
use datafusion::physical_plan::{displayable, execute_stream};
use datafusion::prelude::DataFrame;

use super::{Tonight, rows_of};
use crate::engine::{session, write};
use crate::fault::{Fault, Result};
use crate::pipeline::reuse::Fingerprint;
use crate::report::record::StageRecord;
use crate::report::text::plural;
use crate::stages::plan::{self, Planned};
use crate::stages::{Stage, checks, faults};

impl Tonight {
    /// Runs a stage, or uses its file again where nothing changed; then its checks.
    pub(super) async fn run_stage(&mut self, planned: &Planned) -> Result<()> {
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
        let path = match self.is_published(stage) {
            true => self.cache.path(&name, &id),
            false => self.cache.scratch(&name, &id),
        };
        let unfinished = self.cache.unfinished(&name, &id);
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
                outcomes.push(checks::key_outcome(stage, failures, None));
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
        let (mut key_failures, mut broken_key) = (0, None);
        let rows = if is_reused {
            rows_of(&path)?
        } else {
            let written = self.write_stage(planned, &unfinished).await?;
            key_failures = written.null_keys + written.repeated_keys;
            broken_key = written.broken_key;
            if key_failures == 0 {
                fs::rename(&unfinished, &path).map_err(|error| {
                    Fault::failed(format!("could not keep the rows of {name}: {error}"))
                })?;
            }
            written.rows
        };
        let file = if key_failures == 0 {
            path.clone()
        } else {
            unfinished
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
            outcomes.push(checks::key_outcome(stage, key_failures, broken_key));
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

    pub(super) async fn write_stage(
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
        let properties = match self.is_published(stage) {
            true => write::properties(&bloom),
            false => write::scratch_properties(),
        };
        let context = Arc::new(sorted.task_ctx());
        let plan = sorted.create_physical_plan().await.map_err(failed)?;
        let shown = displayable(plan.as_ref()).indent(false).to_string();
        let plans = self.folder.path().join("plans");
        let kept = fs::create_dir_all(&plans)
            .and_then(|()| fs::write(plans.join(format!("{}.txt", stage.name)), shown));
        if let Err(error) = kept {
            tracing::warn!(%error, "could not keep the plan");
        }
        let stream = execute_stream(plan, context).map_err(failed)?;
        write::write(stream, planned.schema.clone(), key, properties, path)
            .await
            .map_err(failed)
    }
}

impl Tonight {
    fn is_published(&self, stage: &Stage) -> bool {
        let publish = &self.prepared.loaded.pipeline.publish;
        publish.includes(&stage.name.schema, &stage.name.table)
    }
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
