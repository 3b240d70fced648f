//! `onefold functions`

use clap::Args;

use super::print;
use crate::fault::{Fault, Result, nearest};
use crate::functions::reference::TABLES;
use crate::functions::{Function, all, named};

#[derive(Args)]
pub struct Arguments {
    /// Only this function
    name: Option<String>,
    /// Print a table behind the functions instead: surnames, readings, cantonese, jyutping, spellings, nicknames, divisions, titles, organization_words, brands, headers
    #[arg(long, value_name = "TABLE", conflicts_with = "name")]
    table: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    if let Some(name) = &arguments.table {
        let found = TABLES.iter().find(|(_, known, _)| known == name);
        let names = TABLES.iter().map(|(_, name, _)| *name);
        return match found {
            Some((.., text)) => print(text.trim_end()),
            None => Err(
                Fault::project(format!("there is no table {name} behind the functions")).hint(
                    format!("there are {}", names.collect::<Vec<_>>().join(", ")),
                ),
            ),
        };
    }
    let Some(name) = &arguments.name else {
        for function in all() {
            print(&text(function))?;
        }
        return Ok(());
    };
    match named(name) {
        Some(function) => print(&text(function)),
        None => Err(
            Fault::project(format!("there is no function {name} of ours")).maybe_hint(
                nearest(name, all().map(|function| function.name))
                    .map(|near| format!("did you mean {near}?")),
            ),
        ),
    }
}

fn text(function: &Function) -> String {
    let (call, value) = function.example;
    let mut lines = vec![
        format!("{} -> {}", function.usage(), function.returns()),
        format!("    {}", function.description),
    ];
    for argument in function.arguments {
        lines.push(format!("    {argument}: {}", function.argument(argument)));
    }
    lines.push(format!("    null: {}", function.of_null()));
    lines.push(format!("    source: {}", function.source));
    lines.push(format!("    {call} is {value}"));
    lines.join("\n")
}
