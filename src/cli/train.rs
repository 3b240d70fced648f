//! `onefold train`

use std::path::PathBuf;

use clap::Args;

use super::{PipelineArguments, block_on, night_options, print};
use crate::fault::{Fault, Result};
use crate::identity::matching::Matcher;
use crate::identity::model::{self, Model};
use crate::identity::model_file;
use crate::pipeline::prepare::model_path;
use crate::pipeline::run::records;
use crate::pipeline::truth;
use crate::report::text::plural;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArguments,
    /// Learn from labels: a Parquet or csv file with record_id (or source, source_key) and person_id
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let options = night_options(&arguments.pipeline, true);
    let text = block_on(options.options.limits.threads, async move {
        let mut night = records::of_tonight(options, "trained").await?;
        let labels = match &arguments.labels {
            Some(file) => Some(truth::read(file, &night.records).await?),
            None => None,
        };
        let path = model_path(&night.loaded);
        let decisions = std::mem::take(&mut night.decisions);
        let work = move || -> datafusion::common::Result<(Model, String, usize)> {
            let matcher = Matcher::new(&night.session, &night.book, &mut night.records, decisions)?;
            let (model, by) = match &labels {
                Some(labels) => (
                    model::train_on_labels(
                        &matcher.prepared,
                        matcher.records,
                        &labels.pairs(),
                        matcher.prior(),
                    )?,
                    "labels",
                ),
                None => (matcher.train()?, "expectation_maximisation"),
            };
            let scored = matcher.run(model)?;
            let text = model_file::text(
                &scored.matched.model,
                &scored.shares,
                matcher.records.len(),
                by,
            );
            Ok((scored.matched.model, text, matcher.records.len()))
        };
        let trained = tokio::task::spawn_blocking(work).await;
        let trained =
            trained.map_err(|error| Fault::failed(format!("the training broke off: {error}")))?;
        let (model, text, records) =
            trained.map_err(|error| Fault::failed(format!("the training failed: {error}")))?;
        std::fs::write(&path, text).map_err(|error| {
            Fault::failed(format!("could not write {}: {error}", path.display()))
        })?;
        Ok(format!(
            "{}\n\ntrained on {}; wrote {}",
            table(&model),
            plural(records as u64, "record"),
            path.display()
        ))
    })?;
    print(&text)
}

/// The model as a table, with what could not be estimated.
fn table(model: &Model) -> String {
    let mut lines = vec![format!(
        "{:<16} {:<16} {:>10} {:>12} {:>7}",
        "comparison", "level", "m", "u", "bits"
    )];
    for trained in &model.comparisons {
        for (at, level) in trained.levels.iter().enumerate() {
            let name = if at == 0 { trained.name.as_str() } else { "" };
            lines.push(format!(
                "{name:<16} {level:<16} {:>10.6} {:>12.8} {:>+7.1}",
                trained.m[at], trained.u[at], trained.weights[at]
            ));
        }
    }
    let assumed: Vec<&str> = model
        .comparisons
        .iter()
        .filter(|trained| !trained.is_estimated)
        .map(|trained| trained.name.as_str())
        .collect();
    if !assumed.is_empty() {
        lines.push(format!(
            "\ncould not be estimated, and stands as assumed: {}; no blocking rule brings enough pairs in which it is seen and not settled by the rule itself",
            assumed.join(", ")
        ));
    }
    lines.join("\n")
}
