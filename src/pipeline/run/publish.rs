//! The last step: the checked tables become the published night, with the tables that describe them.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Date32Type, Field, Schema};
use futures::{StreamExt, stream};
use parquet::arrow::ArrowWriter;

use super::Tonight;
use crate::engine::write;
use crate::fault::{Fault, Result};
use crate::identity::tables::OUTPUTS;
use crate::publish::manifest::{self, Manifest, Pointer};
use crate::publish::version::{self, Ready, Version};
use crate::publish::{audit, retention};
use crate::report::text::plural;
use crate::stages::annotations::Annotations;

impl Tonight {
    /// Publishes what `[publish]` names, and the tables that describe it.
    pub(super) async fn publish(&mut self) -> Result<()> {
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
                self.record.warnings.extend(self.model_is_not_kept());
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
        if let Err(error) = version.settle() {
            let told = link_stays(&error);
            if !self.record.warnings.contains(&told) {
                self.record.warnings.push(told);
            }
        }
        self.keep_model();
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

    pub(super) async fn fill_version(
        &mut self,
        version: &Version,
        ready: &[Ready],
    ) -> Result<Manifest> {
        let mut tables = BTreeMap::new();
        let before = self.before.as_ref().filter(|_| !self.options.is_forced);
        let before = before.cloned().map(Arc::new);
        let adding = stream::iter(ready.to_vec()).map(|table| {
            let (version, before) = (version.clone(), before.clone());
            tokio::spawn(async move {
                let added = version.add(&table, before.as_deref()).await;
                (table.name, added)
            })
        });
        // All of them, also where one cannot be added: none may still be writing when the version is discarded.
        let added: Vec<_> = adding
            .buffer_unordered(rayon::current_num_threads())
            .collect()
            .await;
        for added in added {
            let (name, table) = added
                .map_err(|error| Fault::failed(format!("could not publish a table: {error}")))?;
            tables.insert(name, table?);
        }
        if let Some(before) = &self.before {
            let lost = self.lost_by_identity();
            let surprises = audit::against(before, &tables, lost, self.options.accepts_changes)?;
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
            pipeline: Some(self.record.pipeline.clone()),
            decisions: self
                .record
                .identity
                .as_ref()
                .map_or(0, |identity| identity.decisions),
        })
    }

    /// `columns`: a row per column of every published table.
    pub(super) fn columns_table(&self, ready: &[Ready]) -> arrow::error::Result<RecordBatch> {
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
                let mut comments = comments.iter();
                let comment = comments.find(|comment| &comment.column == field.name());
                rows.push([
                    table.name.clone(),
                    field.name().clone(),
                    field.data_type().to_string(),
                    field
                        .metadata()
                        .get("description")
                        .cloned()
                        .unwrap_or_default(),
                    comment.map_or(String::new(), |comment| joined(&comment.labels)),
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

    /// `publish`: a row per published table, with the night, the run, and what is said above its select.
    pub(super) fn publish_table(
        &self,
        tables: &BTreeMap<String, manifest::Table>,
    ) -> arrow::error::Result<RecordBatch> {
        let text = |of: &dyn Fn(&String) -> String| {
            let values = tables.keys().map(of).map(Some);
            Arc::new(values.collect::<StringArray>()) as ArrayRef
        };
        let above = |table: &str| {
            let mut stages = self.prepared.stages.iter();
            let stage = stages.find(|stage| stage.stage.name.to_string() == table)?;
            Some(&stage.stage.header)
        };
        let of_stage = |read: fn(&Annotations) -> String| {
            text(&move |table| above(table).map(read).unwrap_or_default())
        };
        let described = |table: &String| match above(table) {
            Some(header) => header.description.clone(),
            None => {
                let mut outputs = OUTPUTS.iter();
                let own = outputs.find(|output| format!("identity.{}", output.name) == *table);
                own.map_or(String::new(), |output| output.description.to_string())
            }
        };
        let as_of = Date32Type::from_naive_date(self.prepared.as_of);
        let rows = tables.values().map(|table| table.rows as i64);
        let columns: [(&str, ArrayRef); 8] = [
            ("table", text(&String::clone)),
            (
                "as_of",
                Arc::new(Date32Array::from(vec![as_of; tables.len()])),
            ),
            ("run_id", text(&|_| self.record.run_id.clone())),
            ("rows", Arc::new(Int64Array::from_iter_values(rows))),
            ("description", text(&described)),
            ("labels", of_stage(|header| joined(&header.labels))),
            (
                "owner",
                of_stage(|header| header.owner.clone().unwrap_or_default()),
            ),
            ("tags", of_stage(|header| header.tags.join(", "))),
        ];
        RecordBatch::try_from_iter_with_nullable(
            columns.map(|(name, values)| (name, values, false)),
        )
    }
}

/// Labels as one text: `en customers; zh 客户`.
fn joined(labels: &[(String, String)]) -> String {
    let labels = labels.iter();
    let labels: Vec<String> = labels
        .map(|(language, label)| format!("{language} {label}"))
        .collect();
    labels.join("; ")
}

impl Tonight {
    /// What is to be said of a model that was trained by a run that does not publish.
    pub(super) fn model_is_not_kept(&self) -> Option<String> {
        let told =
            "there is no identity model yet: one was trained, and is kept by a run that publishes";
        self.new_model.as_ref().map(|_| told.to_string())
    }
}

/// What is to be said where the link `current` cannot be made or moved.
pub(super) fn link_stays(error: &std::io::Error) -> String {
    format!(
        "the link \"current\" cannot be moved ({error}), and may show an older night: current.json names the published one"
    )
}
