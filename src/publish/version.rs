//! A version: written under a hidden name, flushed, renamed, and then made the published one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::manifest::{Column, Manifest, Table};
use crate::fault::{Fault, Result};
use arrow::datatypes::SchemaRef;

/// A version being written.
#[derive(Clone)]
pub struct Version {
    output: PathBuf,
    run_id: String,
    store: Arc<dyn ObjectStore>,
}

/// A table that is ready to be published.
#[derive(Debug, Clone)]
pub struct Ready {
    /// `schema.table`.
    pub name: String,
    /// Its file in the cache.
    pub file: PathBuf,
    /// Its rows.
    pub rows: u64,
    /// Its columns.
    pub schema: SchemaRef,
    /// What it was made from.
    pub fingerprint: String,
}

fn cannot(output: &Path, error: &dyn std::fmt::Display) -> Box<Fault> {
    Fault::failed(format!(
        "could not publish to {}: {error}",
        output.display()
    ))
    .hint("nothing was published; is the disk full?")
}

impl Version {
    /// Starts a version under a hidden name.
    pub fn create(output: &Path, run_id: &str) -> Result<Self> {
        let hidden = output.join("versions").join(format!(".{run_id}"));
        fs::create_dir_all(&hidden).map_err(|error| cannot(output, &error))?;
        let store =
            LocalFileSystem::new_with_prefix(output).map_err(|error| cannot(output, &error))?;
        Ok(Self {
            output: output.to_path_buf(),
            run_id: run_id.to_string(),
            store: Arc::new(store),
        })
    }

    fn hidden(&self) -> PathBuf {
        self.output
            .join("versions")
            .join(format!(".{}", self.run_id))
    }

    fn object(&self, name: &str) -> ObjectPath {
        ObjectPath::from(format!("versions/.{}/{name}", self.run_id))
    }

    /// Puts a table into the version. One that the version before has, made from the same, is linked from there.
    pub async fn add(&self, ready: &Ready, before: Option<&Manifest>) -> Result<Table> {
        let fault = |error: &dyn std::fmt::Display| cannot(&self.output, error);
        let name = format!("{}.parquet", ready.name.replace('.', "/"));
        let schema = ready.schema.fields().iter().map(|field| Column {
            name: field.name().clone(),
            r#type: field.data_type().to_string(),
        });
        let unchanged = before.filter(|before| {
            before
                .made_from
                .get(&ready.name)
                .is_some_and(|made| made.id() == ready.fingerprint)
        });
        if let Some(table) = unchanged.and_then(|before| before.pointer.tables.get(&ready.name)) {
            let directory = unchanged.map_or("", |before| before.pointer.directory.as_str());
            let source = ObjectPath::from(format!("{directory}/{name}"));
            // A published file that somebody wrote over is not carried on. On a local disk a copy is a hard link.
            let is_whole = sha256(&self.output.join(directory).join(&name))
                .is_ok_and(|digest| digest == table.sha256);
            if is_whole && self.store.copy(&source, &self.object(&name)).await.is_ok() {
                return Ok(table.clone());
            }
        }
        let (sha256, bytes) = self
            .upload(&ready.file, &self.object(&name))
            .await
            .map_err(|error| fault(&error))?;
        Ok(Table {
            files: vec![name],
            rows: ready.rows,
            bytes,
            sha256,
            schema: schema.collect(),
        })
    }

    async fn upload(&self, file: &Path, object: &ObjectPath) -> io::Result<(String, u64)> {
        let mut writer = BufWriter::new(Arc::clone(&self.store), object.clone());
        let mut reader = File::open(file)?;
        let mut hash = Sha256::new();
        let mut bytes = 0;
        let mut piece = vec![0; 1 << 20];
        loop {
            match reader.read(&mut piece)? {
                0 => break,
                count => {
                    hash.update(&piece[..count]);
                    writer.write_all(&piece[..count]).await?;
                    bytes += count as u64;
                }
            }
        }
        writer.shutdown().await?;
        Ok((hexadecimal(hash), bytes))
    }

    /// Flushes the version, gives it its name, and makes it the published one.
    pub async fn publish(&self, manifest: &Manifest) -> Result<()> {
        let fault = |error: &dyn std::fmt::Display| cannot(&self.output, error);
        let text = json(manifest);
        self.store
            .put(&self.object("manifest.json"), PutPayload::from(text))
            .await
            .map_err(|error| fault(&error))?;
        self.swap(&json(&manifest.pointer))
            .await
            .map_err(|error| fault(&error))
    }

    async fn swap(&self, pointer: &str) -> io::Result<()> {
        flush(&self.hidden())?;
        let versions = self.output.join("versions");
        fs::rename(self.hidden(), versions.join(&self.run_id))?;
        sync(&versions)?;
        // The pointer is what counts. The link follows at once, so that the two hardly ever name two nights; a run that dies in between
        // leaves it to the next one, and where it cannot be moved, `settle` says so.
        self.store
            .put(
                &ObjectPath::from("current.json"),
                PutPayload::from(pointer.to_string()),
            )
            .await
            .map_err(io::Error::other)?;
        let _ = point(&self.output, &format!("versions/{}", self.run_id));
        File::open(self.output.join("current.json"))?.sync_all()?;
        sync(&self.output)
    }

    /// Makes the link lead to the published version; where this fails, the version is published all the same.
    pub fn settle(&self) -> io::Result<()> {
        point(&self.output, &format!("versions/{}", self.run_id))?;
        sync(&self.output)
    }

    /// Removes the hidden version.
    pub fn discard(&self) {
        let _ = fs::remove_dir_all(self.hidden());
    }
}

/// The SHA-256 of a file, in hexadecimal.
pub fn sha256(file: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(file)?, &mut HashWriter(&mut hash))?;
    Ok(hexadecimal(hash))
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn json(value: &impl serde::Serialize) -> String {
    let text =
        serde_json::to_string_pretty(value).expect("names, numbers and lists are always JSON");
    text + "\n"
}

/// Makes the link `current` lead to a version, where the system has links.
pub fn point(output: &Path, directory: &str) -> io::Result<()> {
    #[cfg(unix)]
    {
        let (link, fresh) = (output.join("current"), output.join(".current-link"));
        if fs::read_link(&link).is_ok_and(|target| target == Path::new(directory)) {
            return Ok(());
        }
        let _ = fs::remove_file(&fresh);
        std::os::unix::fs::symlink(directory, &fresh)?;
        fs::rename(&fresh, &link)?;
    }
    Ok(())
}

/// Flushes every file and folder below a folder to the disk, several at a time: the disk brings their writes together.
fn flush(folder: &Path) -> io::Result<()> {
    let below: Vec<fs::DirEntry> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    below
        .into_par_iter()
        .try_for_each(|entry| match entry.file_type()?.is_dir() {
            true => flush(&entry.path()),
            false => File::open(entry.path())?.sync_all(),
        })?;
    sync(folder)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The total of some tables' bytes.
pub fn bytes(tables: &BTreeMap<String, Table>) -> u64 {
    tables.values().map(|table| table.bytes).sum()
}
