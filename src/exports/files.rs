//! The files of an export, on a disk or in a bucket: found by their pattern, unpacked by their first bytes.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::path::Path as Key;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore};
use rayon::prelude::*;
use tokio::runtime::Handle;
use xxhash_rust::xxh3::Xxh3;

use crate::fault::{Fault, Kind, Result};
use crate::pipeline::file::{ExportSpec, Loaded};

/// One file of an export.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path below the root: how reports and rejects name it.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last written.
    pub modified: Option<DateTime<Utc>>,
    location: Location,
}

#[derive(Debug, Clone)]
enum Location {
    Disk(PathBuf),
    Bucket(Object),
}

/// An object of a bucket, as it was when it was found.
#[derive(Debug, Clone)]
struct Object {
    store: Arc<dyn ObjectStore>,
    meta: ObjectMeta,
    handle: Handle,
}

/// Bytes that can be read from any place.
pub trait Seekable: Read + Seek + Send {}
impl<T: Read + Seek + Send> Seekable for T {}

/// Finds the files of an export, sorted by name. In a bucket it waits for answers: it must not run on a thread of the engine.
pub fn find(loaded: &Loaded, root: &str, name: &str, spec: &ExportSpec) -> Result<Vec<Source>> {
    let place = || loaded.place_of(&format!("\"{}\"", spec.path));
    let mut sources = if root.contains("://") {
        find_in_bucket(root, &spec.path)
            .map_err(|error| Fault::new(Kind::TryLater, format!("could not list the files of export {name} in {root}: {error}"))
                .at(place())
                .hint("the bucket is reached with the usual variables of the environment: AWS_*, GOOGLE_*, AZURE_*; is it there, and may you read it?"))?
    } else {
        find_on_disk(loaded, root, name, spec)?
    };
    sources.sort_by(|left, right| left.name.cmp(&right.name));
    if sources.is_empty() && !spec.optional {
        let separator = if root.ends_with('/') { "" } else { "/" };
        return Err(Fault::new(Kind::TryLater, format!("the export {name} is missing: no file matches {root}{separator}{}", spec.path))
            .at(place())
            .hint("if the source is late, run again when it has come; if it may be absent, write optional = true"));
    }
    Ok(sources)
}

fn find_on_disk(loaded: &Loaded, root: &str, name: &str, spec: &ExportSpec) -> Result<Vec<Source>> {
    let root = Path::new(root);
    if !root.is_dir() {
        return Err(Fault::project(format!(
            "there is no folder of exports at {}",
            root.display()
        ))
        .at(loaded.place_of("root ="))
        .hint("set [exports] root, or use --exports FOLDER"));
    }
    let place = || loaded.place_of(&format!("\"{}\"", spec.path));
    // The folder is what it says; only the path is a pattern.
    let folder = glob::Pattern::escape(&root.to_string_lossy());
    let pattern = Path::new(&folder).join(&spec.path);
    let paths = glob::glob(&pattern.to_string_lossy()).map_err(|error| {
        Fault::project(format!(
            "the path of export {name} is no pattern: {}",
            error.msg
        ))
        .at(place())
    })?;
    let mut sources = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
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
        if is_unfinished(&path, &spec.path) {
            continue;
        }
        // A link that leads back up shows a file under many names.
        let real = std::fs::canonicalize(&path).map_err(|error| unreadable(&path, &error))?;
        if metadata.is_file() && seen.insert(real) {
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            sources.push(Source {
                name,
                bytes: metadata.len(),
                modified: metadata.modified().ok().map(|at: SystemTime| at.into()),
                location: Location::Disk(path),
            });
        }
    }
    Ok(sources)
}

/// Whether a file is hidden, Excel's lock, or still being written; unless the pattern asks for such.
fn is_unfinished(path: &Path, pattern: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let asked = pattern.rsplit('/').next().unwrap_or(pattern);
    let hidden = ["~$", "."]
        .iter()
        .any(|start| name.starts_with(start) && !asked.starts_with(start));
    let partial = [".tmp", ".part", ".partial", ".crdownload"]
        .iter()
        .any(|end| name.ends_with(end) && !asked.ends_with(end));
    hidden || partial
}

/// Lists below the part of the pattern that has no wildcard, and keeps what matches all of it.
fn find_in_bucket(
    root: &str,
    pattern: &str,
) -> std::result::Result<Vec<Source>, Box<dyn std::error::Error>> {
    let handle = Handle::try_current()?;
    let (store, folder) = bucket(root)?;
    let wanted = glob::Pattern::new(pattern)?;
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::default()
    };
    let plain: String = pattern
        .split_inclusive('/')
        .take_while(|part| part.ends_with('/') && !part.contains(['*', '?', '[']))
        .collect();
    let below = Key::parse(format!("{folder}/{plain}"))?;
    let found: Vec<ObjectMeta> = handle.block_on(store.list(Some(&below)).try_collect())?;
    let mut sources = Vec::new();
    for meta in found {
        let key = meta.location.as_ref();
        let name = key
            .strip_prefix(folder.as_ref())
            .unwrap_or(key)
            .trim_start_matches('/')
            .to_string();
        if wanted.matches_with(&name, options) {
            sources.push(Source {
                name,
                bytes: meta.size,
                modified: Some(meta.last_modified),
                location: Location::Bucket(Object {
                    store: Arc::clone(&store),
                    meta,
                    handle: handle.clone(),
                }),
            });
        }
    }
    Ok(sources)
}

/// The bucket of a URL (`s3://`, `gs://`, `az://`), with what the environment says of it, and the folder in it.
fn bucket(
    root: &str,
) -> std::result::Result<(Arc<dyn ObjectStore>, Key), Box<dyn std::error::Error>> {
    let url = url::Url::parse(root)?;
    // A variable that is no Unicode is none of a bucket's.
    let settings = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?.to_ascii_lowercase();
        Some((name, value.into_string().ok()?))
    });
    let (store, folder) = object_store::parse_url_opts(&url, settings)?;
    Ok((Arc::from(store), folder))
}

impl Source {
    /// A file on a disk, by its path.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self {
            name: path.display().to_string(),
            bytes: metadata.len(),
            modified: metadata.modified().ok().map(|at: SystemTime| at.into()),
            location: Location::Disk(path.to_path_buf()),
        })
    }

    /// Opens the file as it lies, for formats that are read from the end.
    pub fn open_seekable(&self) -> io::Result<Box<dyn Seekable>> {
        Ok(match &self.location {
            Location::Disk(path) => Box::new(BufReader::with_capacity(1 << 16, File::open(path)?)),
            Location::Bucket(object) => Box::new(BufReader::with_capacity(
                1 << 16,
                ObjectReader::new(object.clone()),
            )),
        })
    }

    /// Opens the file and unpacks gzip and zstd, told by their first bytes.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let mut file: Box<dyn Read + Send> = match &self.location {
            Location::Disk(path) => Box::new(File::open(path)?),
            Location::Bucket(object) => Box::new(ObjectReader::new(object.clone())),
        };
        let mut magic = [0; 4];
        let mut filled = 0;
        while filled < magic.len() {
            match file.read(&mut magic[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        let start = io::Cursor::new(magic[..filled].to_vec());
        let whole = start.chain(file);
        Ok(match magic {
            [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(
                BufReader::with_capacity(1 << 18, whole),
            )),
            [0x28, 0xb5, 0x2f, 0xfd] => Box::new(zstd::Decoder::with_buffer(
                BufReader::with_capacity(1 << 18, whole),
            )?),
            _ => Box::new(whole),
        })
    }

    /// A fingerprint of the file: of its bytes on a disk, of the bucket's own tag in a bucket.
    pub fn fingerprint(&self) -> io::Result<u128> {
        let mut hash = Xxh3::new();
        match &self.location {
            Location::Bucket(Object { meta, .. }) => {
                let tag = meta.e_tag.as_deref().unwrap_or_default();
                hash.update(format!("{} {} {tag}", meta.size, meta.last_modified).as_bytes());
            }
            Location::Disk(path) => {
                // In blocks, so that several threads can work on a large file.
                const BLOCK: u64 = 64 << 20;
                let blocks: Vec<io::Result<u128>> = (0..=self.bytes / BLOCK)
                    .into_par_iter()
                    .map(|block| {
                        let mut file = File::open(path)?;
                        file.seek(SeekFrom::Start(block * BLOCK))?;
                        let mut rest = file.take(BLOCK);
                        let (mut hash, mut buffer) = (Xxh3::new(), vec![0; 1 << 18]);
                        loop {
                            match rest.read(&mut buffer)? {
                                0 => return Ok(hash.digest128()),
                                count => hash.update(&buffer[..count]),
                            }
                        }
                    })
                    .collect();
                hash.update(&self.bytes.to_le_bytes());
                for block in blocks {
                    hash.update(&block?.to_le_bytes());
                }
            }
        }
        Ok(hash.digest128())
    }

    /// The length of the file and bytes of it, for the Parquet reader.
    pub fn ranges(&self) -> Ranges {
        Ranges {
            length: self.bytes,
            location: self.location.clone(),
        }
    }
}

impl Object {
    /// Bytes of the object; an error if it was replaced since it was found.
    fn range(&self, range: std::ops::Range<u64>) -> io::Result<Bytes> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            if_match: self.meta.e_tag.clone(),
            ..GetOptions::default()
        };
        let wait = async {
            self.store
                .get_opts(&self.meta.location, options)
                .await?
                .bytes()
                .await
        };
        self.handle.block_on(wait).map_err(io::Error::other)
    }
}

/// Reads an object of a bucket, some megabytes a request.
struct ObjectReader {
    object: Object,
    at: u64,
    piece: Bytes,
}

/// Bytes of one request.
const REQUEST: u64 = 8 << 20;

impl ObjectReader {
    fn new(object: Object) -> Self {
        Self {
            object,
            at: 0,
            piece: Bytes::new(),
        }
    }
}

impl Read for ObjectReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() && self.at < self.object.meta.size {
            let end = (self.at + REQUEST).min(self.object.meta.size);
            self.piece = self.object.range(self.at..end)?;
        }
        let length = self.piece.len().min(into.len());
        into[..length].copy_from_slice(&self.piece.split_to(length));
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for ObjectReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.object.meta.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        let target = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        if target != self.at {
            self.piece = Bytes::new();
            self.at = target;
        }
        Ok(target)
    }
}

/// A file by its byte ranges, on a disk or in a bucket.
pub struct Ranges {
    length: u64,
    location: Location,
}

impl parquet::file::reader::Length for Ranges {
    fn len(&self) -> u64 {
        self.length
    }
}

impl parquet::file::reader::ChunkReader for Ranges {
    type T = Box<dyn Read + Send>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let mut file: Box<dyn Seekable> = match &self.location {
            Location::Disk(path) => Box::new(BufReader::new(File::open(path)?)),
            Location::Bucket(object) => Box::new(ObjectReader::new(object.clone())),
        };
        file.seek(SeekFrom::Start(start))?;
        Ok(Box::new(file))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        if let Location::Bucket(object) = &self.location {
            return Ok(object.range(start..start + length as u64)?);
        }
        let mut bytes = vec![0; length];
        self.get_read(start)?.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}
