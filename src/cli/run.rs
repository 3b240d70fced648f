//! `onefold run`

use clap::Args;

use super::{PipelineArguments, block_on};
use crate::fault::Result;
use crate::pipeline::prepare::Options;
use crate::pipeline::run::{self, RunOptions};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArguments,
    /// Do everything but the publishing
    #[arg(long)]
    no_publish: bool,
    /// Read, match and compute everything again, whether or not it changed
    #[arg(long)]
    force: bool,
    /// Publish although published columns or more than half of a table's rows are gone
    #[arg(long)]
    accept_changes: bool,
    /// How progress is written to standard error
    #[arg(long, value_enum, default_value = "text")]
    log_format: LogFormat,
    /// Print nothing but faults
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let options = RunOptions {
        options: Options {
            is_run: true,
            ..arguments.pipeline.options()
        },
        is_dry: arguments.no_publish,
        is_forced: arguments.force,
        accepts_changes: arguments.accept_changes,
        logs_json: arguments.log_format == LogFormat::Json,
        is_quiet: arguments.quiet,
    };
    block_on(options.options.limits.threads, run::run(options)).map(|_| ())
}
