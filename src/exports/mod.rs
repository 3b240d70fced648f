//! Export files become tables `raw.<name>`.
//!
//! ```text
//! glob -> open, unpack -> decode -> records -> typed row -> raw.<name>
//!                                                 \-> rejects/<name>: file, line, column, reason, raw text
//! ```
//!
//! Reading streams: memory does not grow with the size of a file. A row that breaks its contract is set aside with its
//! reason, and a file that ends in the middle stops the run.

pub mod access_log;
pub mod columns;
pub mod csv;
pub mod encoding;
pub mod files;
pub mod json;
pub mod read;
pub mod rejects;

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
