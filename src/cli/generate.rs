//! `onefold generate`

use std::path::PathBuf;

use clap::Args;

use super::print;
use crate::fault::{Fault, Result};
use crate::generate::{Plan, generate};
use crate::report::text::plural;

#[derive(Args)]
pub struct Arguments {
    /// How many persons
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=50_000_000))]
    customers: u64,
    /// The same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The folder that gets exports/ and truth/
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// Where the persons come from: zh, en, or both (then four of five are Chinese)
    #[arg(long, value_delimiter = ',', default_value = "zh,en", value_enum)]
    locale: Vec<Locale>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Locale {
    Zh,
    En,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let (zh, en) = (
        arguments.locale.contains(&Locale::Zh),
        arguments.locale.contains(&Locale::En),
    );
    let chinese_percent = if zh && en {
        80
    } else if zh {
        100
    } else {
        0
    };
    let plan = Plan {
        customers: arguments.customers,
        seed: arguments.seed,
        chinese_percent,
    };
    let generated = generate(&plan, &arguments.output).map_err(|error| {
        Fault::failed(format!(
            "could not write to {}: {error}",
            arguments.output.display()
        ))
    })?;
    print(&format!(
        "{} in {}/exports, and the truth about {} in {}/truth",
        plural(generated.rows, "row"),
        arguments.output.display(),
        plural(generated.records, "record"),
        arguments.output.display()
    ))
}
