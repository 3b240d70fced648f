//! `onefold check`

use clap::Args;

use super::{PipelineArguments, block_on, print};
use crate::fault::Result;
use crate::pipeline::prepare::prepare;
use crate::report::text::plural;
use crate::stages::checks;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArguments,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let options = arguments.pipeline.options();
    let prepared = block_on(options.limits.threads, prepare(&options))?;
    let number: usize = prepared
        .stages
        .iter()
        .map(|stage| checks::count(&stage.stage))
        .sum();
    print(&format!(
        "{}: {}, {} and {} are sound; the night is {}",
        prepared.loaded.path.display(),
        plural(prepared.exports.len() as u64, "export"),
        plural(prepared.stages.len() as u64, "stage"),
        plural((number + prepared.checks.len()) as u64, "check"),
        prepared.as_of
    ))
}
