//! Identity as a step: who is who, or what the published night says where nothing changed.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{Tonight, rows_of};
use crate::engine::session;
use crate::fault::{Fault, Result};
use crate::identity::history::History;
use crate::identity::lasting_ids::Kind;
use crate::identity::model_file;
use crate::identity::pairs::{Files, fingerprint as of_bytes};
use crate::identity::rules::RuleBook;
use crate::identity::tables::{ID_CHANGES, OUTPUTS};
use crate::pipeline::prepare::model_path;
use crate::pipeline::reuse::{Fingerprint, hash};
use crate::pipeline::{identity, identity_history};
use crate::publish::manifest::Manifest;
use crate::publish::version::sha256;
use crate::report::record::{IdentityRecord, StageRecord};
use crate::report::summary::customers;
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

/// The name of an output of identity.
fn table_name(output: &str) -> String {
    format!("identity.{output}")
}

/// The outputs that say whose the records were: what ids are made from.
const OF_IDS: [&str; 6] = [
    "redirects",
    "customer_records",
    "former_records",
    "merged_records",
    "moved_records",
    "stand_ins",
];

/// What is kept of identity beside its tables, for a night that does not change it.
#[derive(serde::Serialize, serde::Deserialize)]
struct KeptRecord {
    #[serde(flatten)]
    figures: IdentityRecord,
    warnings: Vec<String>,
    /// A hash of the bytes of each table, in the order of the outputs, and of the signatures. None of these files is flushed: a machine
    /// that goes down may leave less of one than was written, and it is made anew then. A night that changes nothing reads them for it.
    #[serde(default)]
    tables: Vec<Option<String>>,
    #[serde(default)]
    signatures: Option<String>,
}

/// Of fewer customers all may be gone.
const FEWEST_CUSTOMERS: u64 = 100;

/// A hash of the bytes of each of some files; none of one that cannot be read.
fn hashes(files: &[PathBuf]) -> Vec<Option<String>> {
    let files = files.par_iter();
    files.map(|file| of_bytes(file).ok()).collect()
}

impl Tonight {
    /// Finds out who is who, or uses what the published night says where nothing changed.
    pub(super) async fn run_identity(&mut self) -> Result<()> {
        let Some(book) = self.prepared.loaded.pipeline.identity.clone() else {
            return Ok(());
        };
        let step = self.progress.start("identity");
        let model = self.prepared.model.as_ref();
        let model_text = model.map_or(String::new(), |(_, text)| text.clone());
        let unchanging = self.identity_made_from(&book, &model_text, "", Vec::new());
        let before = self.before.as_ref();
        let is_unchanged =
            before.is_some_and(|before| before.identity.as_deref() == Some(&unchanging.id()));
        // Ids depend on those of the night before; when nothing else changed, they stay, and so does what they were made from.
        let fingerprint = match self.identity_before() {
            Some(made_from) if is_unchanged => made_from.clone(),
            _ => {
                let night = self.prepared.as_of.to_string();
                let ids = ("the ids of the night before".to_string(), self.ids_before());
                self.identity_made_from(&book, &model_text, &night, vec![ids])
            }
        };
        let id = fingerprint.id();
        let paths: Vec<PathBuf> = OUTPUTS
            .iter()
            .map(|output| self.cache.path(&table_name(output.name), &id))
            .collect();
        let pairs = pair_files(|table| self.cache.path(table, &id));
        let figures_path = self.figures_path(&id);
        // Without a model, one is to be trained and written.
        let has_model = self.prepared.model.is_some() || book.comparison.is_empty();
        let may_be_there = has_model && !self.options.is_forced;
        let known = may_be_there.then(|| self.kept_record(&id)).flatten();
        let reused = known.filter(|known| {
            let tables = hashes(&paths);
            let is_there = tables.iter().all(Option::is_some);
            is_there
                && known.tables == tables
                && known.signatures == of_bytes(&pairs.signatures).ok()
        });
        let is_reused = reused.is_some();
        let figures = match reused {
            Some(KeptRecord {
                mut figures,
                warnings,
                ..
            }) => {
                if is_unchanged {
                    figures.id_changes.clear();
                    figures.moved_records = 0;
                }
                // What was to be known of it still is.
                self.record.warnings.extend(warnings);
                figures
            }
            None => {
                self.make_identity(&book, &id, &paths, &figures_path)
                    .await?
            }
        };
        let loaded = self.prepared.loaded.clone();
        let failed = |error| identity::fault(&loaded, &book, "identity failed", &error);
        for (output, path) in OUTPUTS.iter().zip(paths) {
            let name = table_name(output.name);
            session::register_parquet(&self.prepared.session, "identity", output.name, &path)
                .await
                .map_err(failed)?;
            self.made_from.insert(name.clone(), fingerprint.clone());
            self.kept.push(path.clone());
            let rows = rows_of(&path)?;
            self.offer(&name, path, rows, output.schema(), id.clone());
        }
        self.kept.push(figures_path);
        self.kept.extend(pairs.all().into_iter().cloned());
        self.identity_made_from = Some(match &self.new_model {
            Some(text) => self.identity_made_from(&book, text, "", Vec::new()).id(),
            None => unchanging.id(),
        });
        let compared = plural(figures.compared_pairs, "pair");
        let outcome = format!(
            "{}{}",
            customers(&figures),
            match figures.carried_pairs {
                _ if is_reused => ", unchanged".to_string(),
                0 => format!(", {compared} compared"),
                kept => format!(", {compared} compared, {} kept", count(kept)),
            }
        );
        let seconds = self.progress.end(&step, &outcome);
        let why = match is_reused {
            true => "unchanged".to_string(),
            false => fingerprint.why(self.identity_before()),
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

    /// Where the figures of identity are kept, which are written when all else is.
    fn figures_path(&self, id: &str) -> PathBuf {
        self.cache.path("identity", id).with_extension("json")
    }

    /// What is kept of identity beside its tables, where it was made before.
    fn kept_record(&self, id: &str) -> Option<KeptRecord> {
        let text = fs::read_to_string(self.figures_path(id)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// What identity of the published night was made from.
    fn identity_before(&self) -> Option<&Fingerprint> {
        let before = self.before.as_ref()?;
        before.made_from.get("identity.customer_records")
    }

    /// What identity is made from: the rule book and the model, its stages, and what else is told.
    fn identity_made_from(
        &self,
        book: &RuleBook,
        model: &str,
        night: &str,
        more: Vec<(String, String)>,
    ) -> Fingerprint {
        let of_stage = |input: &TableName| {
            let made_from = self.made_from.get(&input.to_string()).map(Fingerprint::id);
            (input.to_string(), made_from.unwrap_or_default())
        };
        let inputs = self.prepared.identity_inputs.iter().map(of_stage);
        Fingerprint::new(
            &format!("{book:?} {model}"),
            night,
            inputs.chain(more).collect(),
        )
    }

    /// A hash of the ids that are published.
    fn ids_before(&self) -> String {
        let Some(before) = &self.before else {
            return "none".to_string();
        };
        let table = |name: &str| {
            let table = before.pointer.tables.get(name);
            hash(&format!("{:?}", table.map(|table| &table.sha256)))
        };
        OF_IDS.map(|name| table(&table_name(name))).concat()
    }

    /// The ids that earlier nights published.
    pub(super) fn history(&self) -> Result<History> {
        let before = self
            .before
            .as_ref()
            .filter(|before| before.identity.is_some());
        let Some(before) = before else {
            return Ok(History::default());
        };
        let version = self.prepared.output.join(&before.pointer.directory);
        // What is damaged would be carried from night to night.
        let read = OF_IDS.into_par_iter().chain([ID_CHANGES]);
        let is_damaged = |name: &&str| {
            let known = before.pointer.tables.get(&table_name(name));
            let file = known.and_then(|table| Some((table, version.join(table.files.first()?))));
            // One that is not there is told where it is read.
            file.is_some_and(|(table, file)| {
                file.exists() && !sha256(&file).is_ok_and(|found| found == table.sha256)
            })
        };
        if let Some(name) = read.find_first(is_damaged) {
            return Err(Fault::failed(format!(
                "identity.{name} of the published night is not what was published: its bytes have changed"
            ))
            .hint("bring the published night back from a copy, or point current.json at an older version"));
        }
        identity_history::read(&version, self.prepared.as_of).map_err(|error| {
            Fault::failed(format!(
                "could not read the ids of the night before: {}",
                faults::plain_message(error.find_root())
            ))
            .hint("bring the published night back from a copy, or point current.json at an older version; a night that an older onefold published has to be published anew, into another folder (--output)")
        })
    }

    /// Matches the records, and leaves the tables, the pairs and the figures where a later night finds them.
    async fn make_identity(
        &mut self,
        book: &RuleBook,
        id: &str,
        paths: &[PathBuf],
        figures_path: &Path,
    ) -> Result<IdentityRecord> {
        let before = self.identity_before().filter(|_| !self.options.is_forced);
        let pairs_before = before.and_then(|before| {
            let pairs = pair_files(|table| self.cache.path(table, &before.id()));
            let kept = self.kept_record(&before.id())?;
            let signatures = of_bytes(&pairs.signatures).ok()?;
            (kept.signatures == Some(signatures)).then_some(pairs)
        });
        let unfinished: Vec<PathBuf> = OUTPUTS
            .iter()
            .map(|output| self.cache.unfinished(&table_name(output.name), id))
            .collect();
        let unfinished_pairs = pair_files(|table| self.cache.unfinished(table, id));
        let night = identity::Night {
            book: book.clone(),
            origins: self.prepared.origins(),
            model: self.prepared.model.clone().map(|(model, _)| model),
            history: self.history()?,
            as_of: self.prepared.as_of,
            tables: unfinished.clone(),
            pairs_before,
            pairs: unfinished_pairs.clone(),
        };
        let loaded = self.prepared.loaded.clone();
        let failed = |error| identity::fault(&loaded, book, "identity failed", &error);
        let found = identity::run(&self.prepared.session, night)
            .await
            .map_err(failed)?;
        self.record.warnings.extend(found.warnings.iter().cloned());
        self.new_model = found.new_model;
        let pairs = pair_files(|table| self.cache.path(table, id));
        let all = unfinished.iter().zip(paths);
        let all = all.chain(unfinished_pairs.all().into_iter().zip(pairs.all()));
        for (unfinished, finished) in all {
            if unfinished.exists() {
                fs::rename(unfinished, finished).map_err(|error| failed(error.into()))?;
            }
        }
        let kept = KeptRecord {
            figures: found.figures,
            warnings: found.warnings,
            tables: hashes(paths),
            signatures: of_bytes(&pairs.signatures).ok(),
        };
        let text = serde_json::to_string(&kept).unwrap_or_default();
        fs::write(figures_path, text).map_err(|error| failed(error.into()))?;
        Ok(kept.figures)
    }

    /// What the published night had, and tonight has lost, of customers and of stewards' decisions.
    pub(super) fn lost_by_identity(&self) -> Vec<String> {
        let (Some(before), Some(tonight)) = (&self.before, &self.record.identity) else {
            return Vec::new();
        };
        let changed = |kind: Kind| {
            tonight
                .id_changes
                .get(kind.as_str())
                .copied()
                .unwrap_or_default()
        };
        let retired = changed(Kind::Retired);
        let gone = retired + changed(Kind::Merged);
        let new = changed(Kind::Made) + changed(Kind::Split) + changed(Kind::Returned);
        let customers = (tonight.customers + gone).saturating_sub(new);
        // The customers of a rolling week go by the half.
        let are_retired = customers >= FEWEST_CUSTOMERS && retired * 10 > customers * 9;
        let retired = are_retired.then(|| {
            format!(
                "{} of {} are retired: no record of theirs is there",
                count(retired),
                plural(customers, "customer")
            )
        });
        // One may be taken back.
        let are_undecided = before.decisions >= 2 && tonight.decisions * 2 < before.decisions;
        let undecided = are_undecided.then(|| {
            format!(
                "stewards had decided {}, and tonight's are {}: what is gone holds no more",
                plural(before.decisions, "pair"),
                count(tonight.decisions)
            )
        });
        retired.into_iter().chain(undecided).collect()
    }

    /// Whether the published night was scored by a model.
    fn had_model(&self) -> bool {
        let model = |before: &Manifest| {
            before
                .pointer
                .tables
                .get("identity.model")
                .map(|table| table.rows)
        };
        self.before
            .as_ref()
            .and_then(model)
            .is_some_and(|rows| rows > 0)
    }

    /// Writes a model that was trained tonight where the next night finds it: whole, or not at all.
    pub(super) fn keep_model(&mut self) {
        let Some(text) = self.new_model.take() else {
            return;
        };
        let path = model_path(&self.prepared.loaded);
        let told = match model_file::write(&path, &text) {
            Ok(()) if self.had_model() => format!(
                "the identity model of the published night is gone: another was trained, and is in {}; keep it with the project",
                path.display()
            ),
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
