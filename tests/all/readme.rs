//! The README's commands run, and its stage is the one in the project.

use std::fs;

use crate::workdir::{Workdir, project};

fn readme() -> String {
    fs::read_to_string(project().join("README.md")).unwrap()
}

#[test]
fn every_command_of_the_readme_runs() {
    let work = Workdir::new();
    for folder in ["pipelines", "sql", "testdata"] {
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .arg(project().join(folder))
            .arg(work.path(folder))
            .status()
            .unwrap();
        assert!(copied.success());
    }
    let mut number = 0;
    for line in readme().lines() {
        let Some(command) = line
            .strip_prefix("cargo run --release -- ")
            .or_else(|| line.strip_prefix("onefold "))
        else {
            continue;
        };
        let arguments = words(command);
        work.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        number += 1;
    }
    assert!(number >= 5, "the README has only {number} commands");
}

#[test]
fn the_stage_in_the_readme_is_the_projects_own() {
    let text = readme();
    let shown = text
        .split("```sql\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("the README shows a stage");
    let stage = fs::read_to_string(project().join("sql/3_activity/posts.sql")).unwrap();
    assert_eq!(shown, stage);
}

/// The words of a command, quotes taken off.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut in_quotes = false;
    for character in command.split(" #").next().unwrap_or(command).trim().chars() {
        match character {
            '"' => in_quotes = !in_quotes,
            ' ' if !in_quotes => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}
