//! The command line: one file per command, one `match`.

mod check;
mod evaluate;
mod functions;
mod generate;
mod ls;
mod new;
mod plan;
mod query;
mod run;
mod show;
mod train;
mod why;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};

use crate::engine::memory::parse_size;
use crate::engine::session::Limits;
use crate::engine::threads::STACK;
use crate::fault::{Fault, Kind, Result};
use crate::pipeline::prepare::{Options, parse_as_of};
use crate::pipeline::run::RunOptions;

/// Folds fragmented customer records into one customer master, with proof for every value.
#[derive(Parser)]
#[command(name = "onefold", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read the exports, match the records, compute every stage, check it, and publish the night
    Run(run::Arguments),
    /// Plan and type every stage and rule; no row of data is read
    Check(check::Arguments),
    /// Tell which customers tonight would merge, split or move; publishes nothing
    Plan(plan::Arguments),
    /// Print the first rows of a stage or a published table
    Show(show::Arguments),
    /// Run a query over the published tables; works without a project, too
    Query(query::Arguments),
    /// Explain a customer, or why two records are or are not one
    Why(why::Arguments),
    /// Train the identity model, and write it where runs find it
    Train(train::Arguments),
    /// Hold the matching against the truth: precision, recall, and why pairs are missed
    Evaluate(evaluate::Arguments),
    /// List the stages in the order in which they run
    Ls(ls::Arguments),
    /// Draft what a new export needs, to be read and edited
    New(new::Arguments),
    /// Explain the SQL functions that onefold adds
    Functions(functions::Arguments),
    /// Write synthetic exports of any size, and the truth about them
    Generate(generate::Arguments),
}

/// How what is no table is printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OneFormat {
    /// For a person
    Text,
    /// One object, for a program
    Json,
}

/// Which pipeline, over which exports.
#[derive(Args)]
struct PipelineArguments {
    /// The pipeline file; without one, the only one in pipelines, or customers.toml
    #[arg(default_value_os_t = default_pipeline())]
    pipeline: PathBuf,
    /// Read the exports from this folder instead of the pipeline's
    #[arg(long, value_name = "ROOT")]
    exports: Option<String>,
    /// Publish to this folder instead of the pipeline's
    #[arg(long, value_name = "FOLDER")]
    output: Option<String>,
    /// The night to compute: $as_of in SQL
    #[arg(long, value_name = "DATE", value_parser = parse_as_of)]
    as_of: Option<NaiveDate>,
    /// Replace a setting of the pipeline; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_setting)]
    set: Vec<(String, String)>,
    #[command(flatten)]
    limits: LimitArguments,
}

/// The pipeline where none is named: the only one that there is, or customers.toml.
fn default_pipeline() -> PathBuf {
    match pipelines().as_slice() {
        [only] => only.clone(),
        _ => PathBuf::from("pipelines/customers.toml"),
    }
}

/// The pipeline files of the project.
fn pipelines() -> Vec<PathBuf> {
    let files = std::fs::read_dir("pipelines").into_iter().flatten();
    let is_pipeline = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".toml") && !name.ends_with(".model.toml")
    };
    let files = files.flatten().map(|file| file.path());
    files.filter(is_pipeline).collect()
}

/// What the machine may give.
#[derive(Args, Clone)]
struct LimitArguments {
    /// Threads to use [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Memory for sorting, grouping and joining; past it they spill to disk [default: half of the machine's]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    memory: Option<usize>,
}

impl PipelineArguments {
    /// A pipeline by its file, with the defaults for all else.
    fn of(pipeline: &std::path::Path, exports: Option<String>, output: Option<String>) -> Self {
        Self {
            pipeline: pipeline.to_path_buf(),
            exports,
            output,
            as_of: None,
            set: Vec::new(),
            limits: LimitArguments {
                threads: None,
                memory: None,
            },
        }
    }

    fn options(&self) -> Options {
        Options {
            pipeline: self.pipeline.clone(),
            exports: self.exports.clone(),
            output: self.output.clone(),
            as_of: self.as_of,
            settings: self.set.clone(),
            limits: self.limits.limits(),
            ignores_model: false,
            is_run: false,
        }
    }
}

impl LimitArguments {
    fn limits(&self) -> Limits {
        let defaults = Limits::default();
        Limits {
            threads: self.threads.map_or(defaults.threads, usize::from),
            memory: self.memory.unwrap_or(defaults.memory),
            spill: None,
        }
    }
}

/// A run that reads tonight's records and publishes nothing.
fn night_options(pipeline: &PipelineArguments, ignores_model: bool) -> RunOptions {
    RunOptions {
        options: Options {
            is_run: true,
            ignores_model,
            ..pipeline.options()
        },
        is_dry: true,
        is_forced: false,
        accepts_changes: false,
        logs_json: false,
        is_quiet: true,
    }
}

fn parse_setting(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_string(), value.to_string())),
        _ => Err("write it as name=value".to_string()),
    }
}

/// Runs the program: parses the command line, runs the command, prints a fault and gives its exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("ONEFOLD_LOG")
        .unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let outcome = match cli.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Query(arguments) => query::run(&arguments),
        Command::Why(arguments) => why::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Ls(arguments) => ls::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Functions(arguments) => functions::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let _ = writeln!(std::io::stderr(), "{fault}");
            ExitCode::from(fault.exit_code())
        }
    }
}

/// Runs a future on as many threads as were asked for, until it ends or a signal comes.
fn block_on<T>(threads: usize, future: impl Future<Output = Result<T>>) -> Result<T> {
    let cannot =
        |error: &dyn std::fmt::Display| Fault::failed(format!("could not start threads: {error}"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .thread_stack_size(STACK)
        // A thread that waits keeps memory that no other may have.
        .thread_keep_alive(Duration::from_millis(50))
        .build()
        .map_err(|error| cannot(&error))?;
    // The pool may exist already in a test: then it has its threads.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(STACK)
        .build_global();
    let outcome = runtime.block_on(async {
        tokio::select! {
            // The signal first: its handler is there before the work begins.
            biased;
            signal = stopped() => Err(Fault::new(Kind::Stopped(signal), "stopped by a signal").hint("what was published before is whole; run again to go on")),
            outcome = future => outcome,
        }
    });
    runtime.shutdown_background();
    outcome
}

/// Waits for SIGINT or SIGTERM.
async fn stopped() -> u8 {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => 2,
            _ = terminate.recv() => 15,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
        2
    }
}

/// Prints what another program may read.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        // A reader that has seen enough, like `head`, is no fault.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Fault::failed(
            format!("could not write the output: {error}"),
        )),
        _ => Ok(()),
    }
}
