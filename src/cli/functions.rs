//! `onefold functions`

use clap::Args;

use super::print;
use crate::fault::{Fault, Result, nearest};
use crate::functions::{Function, all};

#[derive(Args)]
pub struct Arguments {
    /// Only this function
    name: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let Some(name) = &arguments.name else {
        for function in all() {
            print(&text(function))?;
        }
        return Ok(());
    };
    match all().find(|function| function.name == name) {
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
    format!(
        "{} -> {}\n    {}\n    {call} is {value}",
        function.usage(),
        function.returns(),
        function.description
    )
}
