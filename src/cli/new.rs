//! `onefold new`

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{default_pipeline, pipelines, print};
use crate::exports::look::Look;
use crate::fault::{Fault, Result};
use crate::pipeline::file::{Loaded, is_name};

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Look at a file, and write its entry in the pipeline file and a staging stage for it
    Export(Export),
}

#[derive(Args)]
struct Export {
    /// The file, of any format that exports come in
    file: PathBuf,
    /// The export's name: the table is raw.NAME [default: the file's name]
    #[arg(long)]
    name: Option<String>,
    /// The sheet of a workbook
    #[arg(long)]
    sheet: Option<String>,
    /// The pipeline file that gets the entry; it is begun where it is not there
    #[arg(long, default_value_os_t = default_pipeline())]
    pipeline: PathBuf,
    /// Print both instead of writing them
    #[arg(long)]
    print: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let What::Export(export) = &arguments.what;
    let look = Look::at(&export.file, export.sheet.as_deref())?;
    let name = match &export.name {
        Some(name) if is_name(name) => name.clone(),
        Some(name) => {
            return Err(
                Fault::project(format!("\"{name}\" cannot be the name of a table")).hint(
                    "use lower-case letters, digits and underscores, and start with a letter",
                ),
            );
        }
        None => name_of(&export.file)?,
    };
    if export.print {
        // Outside of a project there is no root to be below.
        let path = match Loaded::read(&export.pipeline) {
            Ok(loaded) => below_root(&loaded, &export.file).0,
            Err(_) => file_name(&export.file),
        };
        return print(&format!(
            "{}\n{}",
            look.entry(&name, &path),
            look.stage(&name).trim_end()
        ));
    }
    // Where others are, a pipeline that nobody named is not begun beside them.
    let is_named = export.pipeline != default_pipeline();
    let is_begun = !export.pipeline.exists() && (is_named || pipelines().is_empty());
    if is_begun {
        begin(&export.pipeline, &export.file, look.is_chinese())?;
    }
    let loaded = Loaded::read(&export.pipeline)?;
    if loaded
        .pipeline
        .exports
        .list
        .iter()
        .any(|(known, _)| *known == name)
    {
        return Err(
            Fault::project(format!("the pipeline has an export {name} already"))
                .at(loaded.place_of(&format!("[exports.{name}")))
                .hint("choose another with --name"),
        );
    }
    let stage = loaded
        .project
        .join(&loaded.pipeline.sql)
        .join("1_staging")
        .join(format!("{name}.sql"));
    if stage.exists() {
        return Err(
            Fault::project(format!("there is a stage {} already", stage.display()))
                .hint("choose another name with --name"),
        );
    }
    let (path, is_inside) = below_root(&loaded, &export.file);
    let entry = look.entry(&name, &path);
    let cannot = |path: &Path, error: std::io::Error| {
        Fault::project(format!("could not write {}: {error}", path.display()))
    };
    let folder = stage.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(|error| cannot(folder, error))?;
    fs::write(&stage, look.stage(&name)).map_err(|error| cannot(&stage, error))?;
    fs::write(&export.pipeline, with_entry(&loaded.text, &entry))
        .map_err(|error| cannot(&export.pipeline, error))?;
    print(&format!(
        "wrote [exports.{name}] into {}",
        export.pipeline.display()
    ))?;
    print(&format!("wrote {}", stage.display()))?;
    if !is_inside {
        print(&format!(
            "the file lies outside of {}: copy it there as {path}",
            loaded.pipeline.exports.root
        ))?;
    }
    for warning in &look.warnings {
        print(&format!("warning: {warning}"))?;
    }
    if is_begun {
        print(
            "the timezone and the region of the pipeline are guesses: set them before anything else",
        )?;
    }
    print("read both, edit them, then run: onefold check")
}

/// Writes the pipeline file that a project begins with. Where it comes from, its script tells at best.
fn begin(pipeline: &Path, file: &Path, is_chinese: bool) -> Result<()> {
    let name = pipeline.file_stem().unwrap_or_default().to_string_lossy();
    let folder = file.parent().unwrap_or(Path::new(""));
    let root = match folder.is_relative() && folder.components().next().is_some() {
        true => folder.to_string_lossy().into_owned(),
        false => "exports".to_string(),
    };
    let (zone, region) = match is_chinese {
        true => ("\"Asia/Shanghai\"", "\"CN\""),
        false => ("\"UTC\"", "\"US\""),
    };
    let text = format!(
        "name = {name:?}\ntimezone = {zone:<27} # a guess: of times without an offset, and of the night\nregion = {region:<29} # a guess: of phones without a country code\n\n[exports]\nroot = {root:?}\n\n[publish]\ntables = []                           # \"schema.*\" or \"schema.table\"; identity.* is always published\noutput = \"warehouse\"\n"
    );
    let cannot = |path: &Path, error: std::io::Error| {
        Fault::project(format!("could not write {}: {error}", path.display()))
    };
    if let Some(folder) = pipeline.parent() {
        fs::create_dir_all(folder).map_err(|error| cannot(folder, error))?;
    }
    fs::write(pipeline, text).map_err(|error| cannot(pipeline, error))?;
    print(&format!(
        "wrote {}: give it your time zone and region",
        pipeline.display()
    ))
}

/// The file's name as the name of a table: `订单 2026-06.xlsx` has no Latin letter, and needs one that is given.
fn name_of(file: &Path) -> Result<String> {
    let stem = file_name(file).to_lowercase();
    let stem = stem.split('.').next().unwrap_or_default();
    let plain: String = stem
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    // The date behind a name changes every night; the digits of `gb18030` are the name.
    let is_date = |word: &&str| word.chars().all(|c| c.is_ascii_digit());
    let words: Vec<&str> = plain.split('_').filter(|word| !is_date(word)).collect();
    let name = words.join("_");
    match is_name(&name) {
        true => Ok(name),
        false => Err(
            Fault::project(format!("{} gives no name for a table", file.display()))
                .hint("give one with --name"),
        ),
    }
}

/// The file's path below the root of the exports, and whether it lies there.
fn below_root(loaded: &Loaded, file: &Path) -> (String, bool) {
    let root = loaded.project.join(&loaded.pipeline.exports.root);
    let (root, file) = (
        fs::canonicalize(root),
        fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf()),
    );
    match root
        .ok()
        .and_then(|root| file.strip_prefix(root).ok().map(Path::to_path_buf))
    {
        Some(below) => (below.to_string_lossy().into_owned(), true),
        None => (file_name(&file), false),
    }
}

fn file_name(file: &Path) -> String {
    file.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The pipeline's text with an entry behind its last export, before the comments of what follows.
fn with_entry(text: &str, entry: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_table = |line: &str| line.starts_with('[');
    let last = lines
        .iter()
        .rposition(|line| is_table(line) && line.starts_with("[exports"));
    let next = last.and_then(|last| (last + 1..lines.len()).find(|at| is_table(lines[*at])));
    let mut at = next.unwrap_or(lines.len());
    while at > 0 && (lines[at - 1].trim().is_empty() || lines[at - 1].starts_with('#')) {
        at -= 1;
    }
    let before = lines[..at].join("\n");
    let behind = lines[at..].join("\n");
    format!("{before}\n\n{}\n{}\n", entry.trim_end(), behind.trim_end()).replace("\n\n\n", "\n\n")
}
