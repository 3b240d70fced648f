//! Export files become tables `raw.<name>`.
//!
//! ```text
//! files -> pieces -> decode -> split -> grid -> columns -> sink -> raw.<name>
//!                                                        \-> rejects/<name>: file, line, column, reason, raw text
//! ```
//!
//! A text file is cut into pieces that end where a record ends; all threads work on the pieces of one file, and what they make
//! is written in the file's order. Memory does not grow with the size of a file. A row that breaks its contract is set aside with its
//! reason, and a file that ends in the middle stops the run.

pub mod files;
pub mod read;

pub mod encoding;
pub mod pieces;
pub mod text;

pub mod access_log;
pub mod csv;
pub mod excel;
pub mod guard;
pub mod html;
pub mod json;
pub mod parquet;
pub mod sheet;

pub mod columns;
pub mod grid;
pub mod header;
pub mod meaning;
pub mod rejects;
pub mod sink;

pub mod look;

use arrow::datatypes::SchemaRef;

use crate::fault::Result;
use crate::pipeline::file::{ExportSpec, Loaded};
pub use files::Source;

/// An export with its files found and its columns known, before any row is read.
#[derive(Debug, Clone)]
pub struct Export {
    /// Its name; the table is `raw.<name>`.
    pub name: String,
    /// Its description in the pipeline file.
    pub spec: ExportSpec,
    /// Its files, in the order of their names.
    pub sources: Vec<Source>,
    /// The columns of its table.
    pub schema: SchemaRef,
}

/// Finds the files of every export and reads their headers and footers; no row of data.
pub fn discover(loaded: &Loaded, root: &str) -> Result<Vec<Export>> {
    loaded
        .pipeline
        .exports
        .list
        .iter()
        .map(|(name, spec)| {
            let sources = files::find(loaded, root, name, spec)?;
            let schema = read::schema(name, spec, &sources)?;
            Ok(Export {
                name: name.clone(),
                spec: spec.clone(),
                sources,
                schema,
            })
        })
        .collect()
}
