//! The record of a run: `runs/<run id>/run.json`, rewritten after every stage, and `events.jsonl`, a line a step.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::exports::read::Summary;
use crate::publish::manifest::as_text;
use crate::stages::checks::Outcome;

/// Everything that a run did.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// The run.
    pub run_id: String,
    /// The pipeline.
    pub pipeline: String,
    /// The night.
    #[serde(serialize_with = "as_text")]
    pub as_of: NaiveDate,
    /// The program's version.
    pub onefold: String,
    /// running, published, unpublished (--no-publish), failed, or stopped; trained, evaluated, explained, planned, checked or shown, of other
    /// commands that read tonight's exports.
    pub status: String,
    /// When it started, UTC.
    #[serde(serialize_with = "as_text")]
    pub started_at: DateTime<Utc>,
    /// When it ended, UTC.
    pub ended_at: Option<String>,
    /// How long it took.
    pub seconds: f64,
    /// Threads it was given.
    pub threads: usize,
    /// Bytes of memory the engine was given.
    pub memory_limit_bytes: usize,
    /// The most memory the process held.
    pub peak_memory_bytes: u64,
    /// The exports.
    pub exports: Vec<ExportRecord>,
    /// The stages, identity among them, in the order in which they ran.
    pub stages: Vec<StageRecord>,
    /// What identity found.
    pub identity: Option<IdentityRecord>,
    /// Every check that ran.
    pub checks: Vec<Outcome>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// Tables that the pipeline wants shown, as text.
    pub shown: Vec<(String, String)>,
    /// Tables of the published version.
    pub published_tables: usize,
    /// Their bytes.
    pub published_bytes: u64,
    /// Why it failed.
    pub error: Option<String>,
}

/// What was read of an export.
#[derive(Debug, Clone, Serialize)]
pub struct ExportRecord {
    /// Its name.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
    /// Whether its rows of the night before were used again.
    pub is_reused: bool,
    /// Counts, encodings, and reasons of rejects.
    #[serde(flatten)]
    pub summary: Summary,
}

/// What a stage did.
#[derive(Debug, Clone, Serialize)]
pub struct StageRecord {
    /// Its table.
    pub table: String,
    /// Rows of the table.
    pub rows: u64,
    /// How long it took.
    pub seconds: f64,
    /// Why it ran or did not.
    pub why: String,
    /// Whether its file of the night before was used again.
    pub is_reused: bool,
}

/// What identity found.
#[derive(Debug, Clone, Default, Serialize, serde::Deserialize)]
pub struct IdentityRecord {
    /// Records of all sources.
    pub records: u64,
    /// Customers they are.
    pub customers: u64,
    /// Pairs that were compared tonight.
    pub compared_pairs: u64,
    /// Pairs that the night before had compared and kept, and that still hold.
    #[serde(default)]
    pub carried_pairs: u64,
    /// Groups of each kind.
    #[serde(default)]
    pub groups: std::collections::BTreeMap<String, u64>,
    /// Pairs of which a decision of a steward was read.
    #[serde(default)]
    pub decisions: u64,
    /// Links of certain rules.
    pub certain_links: u64,
    /// Links by score.
    pub scored_links: u64,
    /// Links that a never rule or the size cap refused.
    pub refused_links: u64,
    /// Pairs for review.
    pub review_pairs: u64,
    /// Those of them that other links make one customer anyway.
    #[serde(default)]
    pub joined_review_pairs: u64,
    /// Values that the guard took out.
    pub shared_values: u64,
    /// Changes of ids tonight: made, merged, split, retired, returned.
    pub id_changes: std::collections::BTreeMap<String, u64>,
    /// Records that are another customer's than on the night before, where no redirect leads.
    #[serde(default)]
    pub moved_records: u64,
    /// Records that blocking set aside in blocks over the cap.
    pub set_aside_records: u64,
}

/// The folder of a run's record.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    events: File,
}

impl Folder {
    /// Makes the folder of a run.
    pub fn create(output: &Path, run_id: &str) -> std::io::Result<Self> {
        let path = output.join("runs").join(run_id);
        fs::create_dir_all(path.join("rejects"))?;
        let events = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path.join("events.jsonl"))?;
        Ok(Self { path, events })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Rewrites `run.json`: first beside it, then over it, so that it is always whole.
    pub fn write(&self, record: &Record) -> std::io::Result<()> {
        let beside = self.path.join(".run.json");
        fs::write(&beside, serde_json::to_string_pretty(record)? + "\n")?;
        fs::rename(beside, self.path.join("run.json"))
    }

    /// Appends a step to `events.jsonl`.
    pub fn event(&mut self, kind: &str, data: serde_json::Value) -> std::io::Result<()> {
        let event =
            serde_json::json!({ "at": Utc::now().to_rfc3339(), "event": kind, "data": data });
        writeln!(self.events, "{event}")
    }
}
