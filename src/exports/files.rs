//! The files of an export: found by their pattern, unpacked by their first bytes.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use crate::fault::{Fault, Kind, Result};
use crate::pipeline::file::{ExportSpec, Loaded};

/// One file of an export.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it lies.
    pub path: PathBuf,
    /// Its path below the root: how reports and rejects name it.
    pub name: String,
}

/// Finds the files of an export, sorted by name.
pub fn find(loaded: &Loaded, root: &str, name: &str, spec: &ExportSpec) -> Result<Vec<Source>> {
    if root.contains("://") {
        return Err(Fault::project(format!(
            "exports are read from local folders only, not from {root}"
        ))
        .hint("copy or mount the exports, then name the folder with --exports"));
    }
    let root = Path::new(root);
    if !root.is_dir() {
        return Err(Fault::project(format!(
            "there is no folder of exports at {}",
            root.display()
        ))
        .at(loaded.place_of("root ="))
        .hint("set [exports] root, or use --exports FOLDER"));
    }
    let pattern = root.join(&spec.path);
    let place = || loaded.place_of(&format!("\"{}\"", spec.path));
    let paths = glob::glob(&pattern.to_string_lossy()).map_err(|error| {
        Fault::project(format!(
            "the path of export {name} is no pattern: {}",
            error.msg
        ))
        .at(place())
    })?;
    let mut sources: Vec<Source> = Vec::new();
    for path in paths {
        let unreadable = |path: &Path, error: &io::Error| {
            Fault::failed(format!(
                "could not read {} of export {name}: {error}",
                path.display()
            ))
            .at(place())
        };
        let path = path.map_err(|error| unreadable(error.path(), error.error()))?;
        let metadata = std::fs::metadata(&path).map_err(|error| unreadable(&path, &error))?;
        if metadata.is_file() {
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            sources.push(Source { path, name });
        }
    }
    sources.sort_by(|left, right| left.name.cmp(&right.name));
    if sources.is_empty() && !spec.optional {
        return Err(Fault::new(Kind::TryLater, format!("the export {name} is missing: no file matches {}", pattern.display()))
            .at(place())
            .hint("if the source is late, run again when it has come; if it may be absent, write optional = true"));
    }
    Ok(sources)
}

impl Source {
    /// Opens the file and unpacks gzip and zstd, told by their first bytes.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let mut file = File::open(&self.path)?;
        let mut magic = [0; 4];
        let mut filled = 0;
        while filled < magic.len() {
            match file.read(&mut magic[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        let start = io::Cursor::new(magic[..filled].to_vec());
        let whole = BufReader::with_capacity(1 << 18, start.chain(file));
        Ok(match magic {
            [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(whole)),
            [0x28, 0xb5, 0x2f, 0xfd] => Box::new(zstd::Decoder::with_buffer(whole)?),
            _ => Box::new(whole),
        })
    }

    /// A fingerprint of the file's bytes.
    pub fn fingerprint(&self) -> io::Result<u128> {
        let mut file = File::open(&self.path)?;
        let mut hash = Xxh3::new();
        let mut buffer = vec![0; 1 << 20];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hash.digest128()),
                count => hash.update(&buffer[..count]),
            }
        }
    }
}
