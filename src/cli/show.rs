//! `onefold show`

use std::path::PathBuf;

use clap::Args;

use super::query::{answer, open, tables};
use super::{LimitArguments, block_on, print};
use crate::fault::{Fault, Result, nearest};
use crate::report::table::Format;

#[derive(Args)]
pub struct Arguments {
    /// The table: schema.table
    table: String,
    /// How many rows
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Where the night is published [default: that of pipelines/customers.toml, else ./warehouse]
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// How rows are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    limits: LimitArguments,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let limits = arguments.limits.limits();
    let text = block_on(limits.threads, async {
        let session = open(&limits, arguments.output.as_deref()).await?;
        let names = tables(&session);
        if !names.contains(&arguments.table) {
            return Err(
                Fault::project(format!("there is no published table {}", arguments.table)).hint(
                    match nearest(&arguments.table, names.iter().map(String::as_str)) {
                        Some(near) => format!("did you mean {near}?"),
                        None if names.is_empty() => {
                            "nothing is published here yet: onefold run".to_string()
                        }
                        None => format!("published are {}", names.join(", ")),
                    },
                ),
            );
        }
        answer(
            &session,
            &format!(
                "select * from {} limit {}",
                arguments.table, arguments.limit
            ),
            arguments.format,
        )
        .await
    })?;
    print(&text)
}
