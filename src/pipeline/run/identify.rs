//! Identity as a step: who is who, or what the published night says where nothing changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use datafusion::common::DataFusionError;

use super::{Tonight, rows_of};
use crate::engine::session;
use crate::fault::{Fault, Result};
use crate::identity::lasting_ids::History;
use crate::identity::pairs::Files;
use crate::identity::tables::OUTPUTS;
use crate::pipeline::identity;
use crate::pipeline::prepare::model_path;
use crate::pipeline::reuse::{Fingerprint, hash};
use crate::report::record::{IdentityRecord, StageRecord};
use crate::report::text::{count, plural};
use crate::stages::{TableName, faults};

/// The files of the pairs of a night.
fn pair_files(path: impl Fn(&str) -> PathBuf) -> Files {
    Files {
        signatures: path("identity.signatures"),
        certain: path("identity.certain_pairs"),
        scored: path("identity.scored_pairs"),
    }
}

impl Tonight {
    /// Finds out who is who, or uses what the published night says where nothing changed.
    pub(super) async fn run_identity(&mut self) -> Result<()> {
        let Some(book) = self.prepared.loaded.pipeline.identity.clone() else {
            return Ok(());
        };
        let step = self.progress.start("identity");
        let of_stage = |input: &TableName| {
            let made_from = self.made_from.get(&input.to_string()).map(Fingerprint::id);
            (input.to_string(), made_from.unwrap_or_default())
        };
        let inputs: BTreeMap<String, String> =
            self.prepared.identity_inputs.iter().map(of_stage).collect();
        let (model, model_text) = self.prepared.model.clone().unzip();
        let definition = format!("{book:?}");
        let with_model =
            |text: &str| Fingerprint::new(&format!("{definition} {text}"), "", inputs.clone());
        let mut unchanging = with_model(model_text.as_deref().unwrap_or_default());
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
                &format!("{definition} {}", model_text.as_deref().unwrap_or_default()),
                &self.prepared.as_of.to_string(),
                inputs
                    .clone()
                    .into_iter()
                    .chain([("the ids of the night before".to_string(), history_id)])
                    .collect(),
            ),
        };
        let id = fingerprint.id();
        let name = |output: &str| format!("identity.{output}");
        let paths: Vec<PathBuf> = OUTPUTS
            .iter()
            .map(|output| self.cache.path(&name(output.name), &id))
            .collect();
        let pairs = pair_files(|table| self.cache.path(table, &id));
        let figures_path = self.cache.path("identity", &id).with_extension("json");
        let loaded = self.prepared.loaded.clone();
        let failed =
            |error: DataFusionError| identity::fault(&loaded, &book, "identity failed", &error);
        let known: Option<IdentityRecord> = fs::read_to_string(&figures_path)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok());
        // Without a model, one is to be trained and written.
        let has_model = model.is_some() || book.comparison.is_empty();
        let is_reused = !self.options.is_forced
            && has_model
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
            let history = match version {
                Some(version) => identity::history(&version, self.prepared.as_of).map_err(|error| {
                    Fault::failed(format!(
                        "could not read the ids of the night before: {}",
                        faults::plain_message(error.find_root())
                    ))
                    .hint("bring the published night back from a copy, or point current.json at an older version")
                })?,
                None => History::default(),
            };
            let before = self
                .before
                .as_ref()
                .and_then(|before| before.made_from.get("identity.customer_records"))
                .filter(|_| !self.options.is_forced);
            let unfinished: Vec<PathBuf> = OUTPUTS
                .iter()
                .map(|output| self.cache.unfinished(&name(output.name), &id))
                .collect();
            let unfinished_pairs = pair_files(|table| self.cache.unfinished(table, &id));
            let night = identity::Night {
                book: book.clone(),
                origins: self.prepared.origins(),
                model,
                history,
                as_of: self.prepared.as_of,
                tables: unfinished.clone(),
                pairs_before: before
                    .map(|before| pair_files(|table| self.cache.path(table, &before.id()))),
                pairs: unfinished_pairs.clone(),
            };
            let found = identity::run(&self.prepared.session, night)
                .await
                .map_err(failed)?;
            self.record.warnings.extend(found.warnings);
            if let Some(text) = found.new_model {
                unchanging = with_model(&text);
                self.new_model = Some(text);
            }
            let finished = unfinished.iter().zip(&paths);
            let finished = finished.chain(unfinished_pairs.all().into_iter().zip(pairs.all()));
            for (unfinished, finished) in finished {
                if unfinished.exists() {
                    fs::rename(unfinished, finished).map_err(|error| failed(error.into()))?;
                }
            }
            let found = found.figures;
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
        self.kept.extend(pairs.all().into_iter().cloned());
        self.identity_made_from = Some(unchanging.id());
        let outcome = format!(
            "{} are {}{}",
            plural(figures.records, "record"),
            plural(figures.customers, "customer"),
            if is_reused {
                ", unchanged".to_string()
            } else {
                let compared = plural(figures.compared_pairs, "pair");
                match figures.carried_pairs {
                    0 => format!(", {compared} compared"),
                    kept => format!(", {compared} compared, {} kept", count(kept)),
                }
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

    /// Writes a model that was trained tonight where the next night finds it: whole, or not at all.
    pub(super) fn keep_model(&mut self) {
        let Some(text) = self.new_model.take() else {
            return;
        };
        let path = model_path(&self.prepared.loaded);
        let unfinished = path.with_extension("toml.unfinished");
        let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, &path));
        let told = match written {
            Ok(()) => format!(
                "there was no identity model yet: it was trained, and is in {}; keep it with the project",
                path.display()
            ),
            Err(error) => format!(
                "the identity model was trained, but could not be kept in {}: {error}",
                path.display()
            ),
        };
        self.record.warnings.push(told);
    }
}
