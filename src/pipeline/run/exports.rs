//! The first step: every export is read, or its rows of the night before are used again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::{fs, io};

use super::{Tonight, rows_of};
use crate::engine::session;
use crate::engine::threads::in_own_threads;
use crate::exports::{Export, read};
use crate::fault::{Fault, Kind, Result};
use crate::pipeline::file::Late;
use crate::pipeline::reuse::{Cache, Fingerprint};
use crate::publish::audit::is_loss;
use crate::report::progress::Progress;
use crate::report::record::ExportRecord;
use crate::report::text::{count, plural};

impl Tonight {
    /// Reads every export, as many at a time as there are threads.
    pub(super) async fn read_exports(&mut self) -> Result<()> {
        use rayon::prelude::*;
        self.check_freshness()?;
        let exports = self.prepared.exports.clone();
        let zone = self.prepared.loaded.pipeline.timezone;
        let (cache, rejects) = (self.cache.clone(), self.folder.path().join("rejects"));
        let is_forced = self.options.is_forced;
        let (progress, keeping) = (Arc::clone(&self.progress), self.keeping.clone());
        let read_all = move || -> Vec<Result<(ExportRecord, Fingerprint, PathBuf)>> {
            // The largest first, so that no thread is left with it at the end.
            let mut order: Vec<&Export> = exports.iter().collect();
            order.sort_by_key(|export| {
                std::cmp::Reverse(
                    export
                        .sources
                        .iter()
                        .map(|source| source.bytes)
                        .sum::<u64>(),
                )
            });
            order
                .par_iter()
                .with_max_len(1)
                .map(|export| {
                    let (cache, keeping) = (&cache, &keeping);
                    read_export(
                        export,
                        zone,
                        (cache, keeping),
                        &rejects,
                        is_forced,
                        &progress,
                    )
                })
                .collect()
        };
        let mut results = Vec::new();
        let read = tokio::task::spawn_blocking(|| in_own_threads(read_all)).await;
        for result in
            read.map_err(|error| Fault::failed(format!("reading the exports broke off: {error}")))?
        {
            results.push(result?);
        }
        results.sort_by(|left, right| left.0.name.cmp(&right.0.name));
        let before = self.rows_before();
        for (record, fingerprint, path) in results {
            let rows = record.summary.rows;
            self.check_rows(&record.name, rows)?;
            if let Some(had) = before.get(&record.name).filter(|had| is_loss(**had, rows)) {
                self.record.warnings.push(format!(
                    "raw.{} has {}, and had {} on the published night: is the export whole?",
                    record.name,
                    plural(rows, "row"),
                    count(*had)
                ));
            }
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
            let warnings = record.summary.warnings.iter();
            let repaired = (record.summary.repaired > 0).then(|| {
                format!(
                    "{} repaired: they had been read in a wrong encoding before they came",
                    plural(record.summary.repaired, "text")
                )
            });
            let named = warnings
                .cloned()
                .chain(repaired)
                .map(|warning| format!("raw.{}: {warning}", record.name));
            self.record.warnings.extend(named);
            self.note("export", serde_json::json!({ "name": record.name, "rows": record.summary.rows, "rejects": record.summary.rejects }));
            self.record.exports.push(record);
        }
        self.save();
        Ok(())
    }

    /// An export with fewer rows than it must have stops the night.
    fn check_rows(&self, name: &str, rows: u64) -> Result<()> {
        let loaded = &self.prepared.loaded;
        let mut list = loaded.pipeline.exports.list.iter();
        let spec = list.find(|(known, _)| known == name).map(|(_, spec)| spec);
        match spec.and_then(|spec| spec.min_rows) {
            Some(least) if rows < least => Err(Fault::failed(format!(
                "the export {name} has {}, and must have {} (min_rows)",
                plural(rows, "row"),
                count(least)
            ))
            .at(loaded.place_of(&format!("[exports.{name}]")))
            .hint("nothing was published; is the export whole?")),
            _ => Ok(()),
        }
    }

    /// How many rows each export had on the published night, where that night's record is still there.
    fn rows_before(&self) -> BTreeMap<String, u64> {
        let exports = self
            .record_before()
            .map(|mut record| record["exports"].take());
        let exports = exports.and_then(|exports| exports.as_array().cloned());
        let exports = exports.unwrap_or_default().into_iter();
        let rows = exports.filter_map(|export| {
            Some((
                export["name"].as_str()?.to_string(),
                export["rows"].as_u64()?,
            ))
        });
        rows.collect()
    }

    /// The record of the published night, where it is still there.
    pub(super) fn record_before(&self) -> Option<serde_json::Value> {
        let run = &self.before.as_ref()?.pointer.run_id;
        let file = self.prepared.output.join("runs").join(run).join("run.json");
        serde_json::from_str(&fs::read_to_string(file).ok()?).ok()
    }

    /// Waits until the rows of the exports are on the disk for the next run.
    pub(super) async fn keep_exports(&mut self) {
        let keeping = self.keeping.clone();
        let wrong = tokio::task::spawn_blocking(move || keeping.end()).await;
        for wrong in wrong.unwrap_or_default() {
            self.record.warnings.push(format!(
                "the rows of an export are not kept, and will be read anew by the next run: {wrong}"
            ));
        }
    }

    /// A late export is told before anything is read; where it shall stop the night, it does.
    fn check_freshness(&mut self) -> Result<()> {
        let now = self.record.started_at;
        for export in &self.prepared.exports {
            let Some(late) = read::late(export, now) else {
                continue;
            };
            match export.spec.late {
                Late::Warn => self.record.warnings.push(late),
                Late::Stop => {
                    return Err(Fault::new(Kind::TryLater, late)
                        .at(self.prepared.loaded.place_of(&format!("[exports.{}", export.name)))
                        .hint("run again when it has come, or write late = \"warn\" to go on without it"));
                }
            }
        }
        Ok(())
    }
}

fn read_export(
    export: &Export,
    zone: chrono_tz::Tz,
    (cache, keeping): (&Cache, &Keeping),
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
                if counts.exists() {
                    fs::remove_file(&counts).map_err(cannot)?;
                }
                let unfinished = cache.unfinished(&table, &id);
                let unfinished_rejects = path.with_extension("rejects-unfinished");
                let summary = read::read(export, zone, &unfinished, &unfinished_rejects)?;
                fs::rename(&unfinished_rejects, &rejects).map_err(cannot)?;
                fs::rename(&unfinished, &path).map_err(cannot)?;
                let (file, text) = (
                    fs::File::open(&path).map_err(cannot)?,
                    serde_json::to_string(&summary).unwrap_or_default(),
                );
                // The counts say that the rows are whole: they come when these are on disk, and the run goes on meanwhile.
                keeping.add(move || {
                    file.sync_all()?;
                    fs::write(&counts, text)
                });
                (summary, false)
            }
        };
    let kept = rejects_folder.join(format!("{}.parquet", export.name));
    fs::copy(&rejects, &kept).map_err(cannot)?;
    let mut outcome = plural(summary.rows, "row");
    if summary.rejects > 0 {
        outcome.push_str(&format!(", {} set aside", count(summary.rejects)));
    }
    let dropped: u64 = summary.files.iter().map(|file| file.dropped_rows).sum();
    if dropped > 0 {
        outcome.push_str(&format!(
            ", {} below the table dropped",
            plural(dropped, "total or note")
        ));
    }
    if let Some(file) = summary
        .files
        .iter()
        .find(|file| file.encoding != "UTF-8" && file.encoding != "parquet")
    {
        outcome.push_str(&format!(", {}", file.encoding));
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

/// What makes the rows of exports ones that the next run may use, while the run goes on.
#[derive(Debug, Clone, Default)]
pub(super) struct Keeping(Arc<Mutex<Vec<JoinHandle<io::Result<()>>>>>);

impl Keeping {
    fn add(&self, work: impl FnOnce() -> io::Result<()> + Send + 'static) {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        begun.push(thread::spawn(work));
    }

    /// Waits for all of it, and gives what went wrong.
    fn end(&self) -> Vec<String> {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let done = begun.drain(..).map(JoinHandle::join);
        let wrong = done.filter_map(|done| match done {
            Ok(done) => done.err().map(|error| error.to_string()),
            Err(_) => Some("it broke off".to_string()),
        });
        wrong.collect()
    }
}
