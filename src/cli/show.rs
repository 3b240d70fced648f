//! `onefold show`

use std::path::PathBuf;

use clap::Args;

use super::query::{answer, open, published, tables};
use super::{
    LimitArguments, PipelineArguments, block_on, default_pipeline, night_options, pipelines, print,
};
use crate::fault::{Fault, Result, nearest};
use crate::pipeline::run::records::table_of_tonight;
use crate::report::table::Format;

#[derive(Args)]
pub struct Arguments {
    /// The table: schema.table. One that is not published, a stage or raw.EXPORT, is made from tonight's exports
    table: String,
    /// How many rows
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// The pipeline file
    #[arg(long, value_name = "FILE", default_value_os_t = default_pipeline())]
    pipeline: PathBuf,
    /// Read the exports from this folder instead of the pipeline's
    #[arg(long, value_name = "ROOT")]
    exports: Option<String>,
    /// Where the night is published [default: that of the pipeline, else ./warehouse]
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Make it from tonight's exports although it is published
    #[arg(long)]
    tonight: bool,
    /// How rows are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    limits: LimitArguments,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let limits = arguments.limits.limits();
    let (text, checked) = block_on(limits.threads, async {
        let output = arguments.output.as_deref();
        let names = published(&arguments.pipeline, output)?;
        let is_published = names.contains(&arguments.table) && !arguments.tonight;
        let has_pipeline = arguments.pipeline.exists() || !pipelines().is_empty();
        let (session, checked) = if !is_published && has_pipeline {
            let night = night_options(&of_pipeline(arguments), false);
            table_of_tonight(night, &arguments.table, &names).await?
        } else {
            let session = open(&limits, &arguments.pipeline, output).await?;
            let names = tables(&session);
            if !names.contains(&arguments.table) {
                return Err(missing(&arguments.table, &names));
            }
            (session, Ok(()))
        };
        let sql = format!(
            "select * from {} limit {}",
            arguments.table, arguments.limit
        );
        let rows = answer(&session, &sql, arguments.format).await?;
        Ok((rows, checked))
    })?;
    print(&text)?;
    checked
}

fn of_pipeline(arguments: &Arguments) -> PipelineArguments {
    let output = arguments.output.as_ref();
    PipelineArguments {
        limits: arguments.limits.clone(),
        ..PipelineArguments::of(
            &arguments.pipeline,
            arguments.exports.clone(),
            output.map(|output| output.display().to_string()),
        )
    }
}

/// Where there is no pipeline, only what is published can be shown.
fn missing(table: &str, names: &[String]) -> Box<Fault> {
    let near = nearest(table, names.iter().map(String::as_str));
    Fault::project(format!("there is no published table {table}")).hint(match near {
        Some(near) => format!("did you mean {near}?"),
        None if names.is_empty() => "nothing is published here yet: onefold run".to_string(),
        None => format!("published are {}", names.join(", ")),
    })
}
