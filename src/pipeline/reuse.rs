//! What need not be done again: a table whose SQL, parameters, inputs and engine are unchanged.
//!
//! Every table has a fingerprint of what it is made from. Its file lies in the cache under that name, so that an unchanged
//! table is found there, and a run that was killed goes on where it was.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::functions::reference;

/// What a table is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Its SQL, or its contract.
    pub definition: String,
    /// The parameters that it uses.
    pub parameters: String,
    /// The fingerprints of what it reads.
    pub inputs: BTreeMap<String, String>,
    /// The program.
    pub engine: String,
}

impl Fingerprint {
    /// A fingerprint of a definition.
    pub fn new(definition: &str, parameters: &str, inputs: BTreeMap<String, String>) -> Self {
        let engine = format!(
            "onefold {}, datafusion {}",
            env!("CARGO_PKG_VERSION"),
            datafusion::DATAFUSION_VERSION
        );
        Self {
            definition: hash(definition),
            parameters: hash(parameters),
            inputs,
            engine: hash(&format!("{engine} {BUILD} {}", reference::fingerprint())),
        }
    }

    /// The fingerprint as a name.
    pub fn id(&self) -> String {
        let inputs: Vec<String> = self
            .inputs
            .iter()
            .map(|(name, input)| format!("{name}={input}"))
            .collect();
        hash(&format!(
            "{} {} {} {}",
            self.definition,
            self.parameters,
            self.engine,
            inputs.join(" ")
        ))
    }

    /// Why a table is made anew, against what it was made from the night before.
    pub fn why(&self, before: Option<&Self>) -> String {
        let Some(before) = before else {
            return "new".to_string();
        };
        if self.engine != before.engine {
            return "onefold or a table of [reference] changed".to_string();
        }
        if self.definition != before.definition {
            return "its definition changed".to_string();
        }
        if self.parameters != before.parameters {
            return "a parameter changed".to_string();
        }
        let changed = self
            .inputs
            .iter()
            .find(|(name, input)| before.inputs.get(*name) != Some(input));
        match changed {
            Some((name, _)) => format!("{name} changed"),
            None => "made again".to_string(),
        }
    }
}

/// Tells builds of one version apart: functions may have changed between them.
const BUILD: &str = env!("ONEFOLD_BUILD");

/// A short hash of a text.
pub fn hash(text: &str) -> String {
    format!("{:032x}", xxh3_128(text.as_bytes()))
}

/// The folder of tables by their fingerprints.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens the cache of an output.
    pub fn open(output: &Path) -> io::Result<Self> {
        let folder = output.join(".cache");
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Where a table lies.
    pub fn path(&self, table: &str, fingerprint: &str) -> PathBuf {
        self.folder.join(format!("{table}-{fingerprint}.parquet"))
    }

    /// Where a table lies that is not published, and so is written as fast as can be.
    pub fn scratch(&self, table: &str, fingerprint: &str) -> PathBuf {
        self.path(table, &format!("{fingerprint}.scratch"))
    }

    /// Where a table is written before it is whole.
    pub fn unfinished(&self, table: &str, fingerprint: &str) -> PathBuf {
        self.folder
            .join(format!("{table}-{fingerprint}.unfinished"))
    }

    /// Removes every file that is not in `kept`.
    pub fn keep_only(&self, kept: &[PathBuf]) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)?.flatten() {
            let path = entry.path();
            if path.is_file() && !kept.contains(&path) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}
