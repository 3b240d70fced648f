//! The manifest of a version, and the pointer `current.json` that names the published one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Result};
use crate::pipeline::reuse::Fingerprint;

/// A published table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Its files, relative to the version's folder.
    pub files: Vec<String>,
    /// Its rows.
    pub rows: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// The SHA-256 of its file, in hexadecimal.
    pub sha256: String,
    /// Its columns and their types, in order.
    pub schema: Vec<Column>,
}

/// A column of a published table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as Arrow names it.
    pub r#type: String,
}

/// What `current.json` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pointer {
    /// The run that made the version.
    pub run_id: String,
    /// The version's folder, relative to the output.
    pub directory: String,
    /// The night.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub as_of: NaiveDate,
    /// The tables by name.
    pub tables: BTreeMap<String, Table>,
}

/// What `manifest.json` says: the pointer, and what every table was made from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// As in the pointer.
    #[serde(flatten)]
    pub pointer: Pointer,
    /// What every table of the run was made from, also those that are not published.
    pub made_from: BTreeMap<String, Fingerprint>,
    /// What identity's tables were made from, without the history of ids.
    pub identity: Option<String>,
    /// The pipeline's name; nothing where an older onefold published.
    #[serde(default)]
    pub pipeline: Option<String>,
    /// How many pairs stewards had decided.
    #[serde(default)]
    pub decisions: u64,
}

/// Writes a value as it is displayed.
pub fn as_text<T: std::fmt::Display, S: serde::Serializer>(
    value: &T,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn from_text<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<NaiveDate, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(serde::de::Error::custom)
}

/// The manifest of the published version; `None` before the first night.
pub fn published(output: &Path) -> Result<Option<Manifest>> {
    let pointer_path = output.join("current.json");
    if !pointer_path.exists() {
        // The link is made after the pointer: where there is a link, there was a pointer; and where a run says that it published.
        if output.join("current").exists() || has_published(output) {
            return Err(Fault::failed(format!("{} is gone, and a night was published", pointer_path.display())).hint(
                "without it every customer would get a new id: bring it back from a copy, or publish to a new output",
            ));
        }
        return Ok(None);
    }
    let pointer: Pointer = read(&pointer_path)?;
    read(&output.join(&pointer.directory).join("manifest.json")).map(Some)
}

/// Whether the report of the run of a version that is there says that it was published.
fn has_published(output: &Path) -> bool {
    #[derive(Deserialize)]
    struct Report {
        status: String,
    }
    let versions = fs::read_dir(output.join("versions")).into_iter().flatten();
    versions.flatten().any(|version| {
        let report = output
            .join("runs")
            .join(version.file_name())
            .join("run.json");
        let report = fs::read_to_string(report).ok();
        let report = report.and_then(|text| serde_json::from_str::<Report>(&text).ok());
        report.is_some_and(|report| report.status == "published")
    })
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
    let damaged = |error: &dyn std::fmt::Display| {
        Fault::failed(format!("could not read {}: {error}", path.display()))
            .hint("the published night is damaged; point current.json at another folder of versions/, or publish to a new output")
    };
    let text = fs::read_to_string(path).map_err(|error| damaged(&error))?;
    serde_json::from_str(&text).map_err(|error| damaged(&error))
}
