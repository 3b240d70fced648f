//! `onefold ls`

use clap::Args;

use super::{PipelineArguments, block_on, print};
use crate::fault::Result;
use crate::pipeline::prepare::prepare;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArguments,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let options = arguments.pipeline.options();
    let prepared = block_on(options.limits.threads, prepare(&options))?;
    for export in &prepared.exports {
        print(&format!(
            "{:<34} {}",
            format!("raw.{}", export.name),
            export.spec.path
        ))?;
    }
    for (at, stage) in prepared.stages.iter().enumerate() {
        let reads: Vec<String> = stage
            .stage
            .parsed
            .reads
            .iter()
            .map(|read| read.name.to_string())
            .collect();
        print(&format!(
            "{:<34} from {}",
            stage.stage.name.to_string(),
            reads.join(", ")
        ))?;
        if prepared.is_last_input_of_identity(at) {
            let inputs = prepared.identity_inputs.iter().map(ToString::to_string);
            let inputs = inputs.collect::<Vec<_>>().join(", ");
            print(&format!("{:<34} from {inputs}", "identity.*"))?;
        }
    }
    Ok(())
}
