//! The README's commands run, and its stage is the one in the project.

use std::fs;

use crate::workdir::{Workdir, project, whole_demo};

fn readme() -> String {
    fs::read_to_string(project().join("README.md")).unwrap()
}

#[test]
fn every_command_of_the_readme_runs() {
    let work = whole_demo();
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

/// The files of the page about rule books: each block says in its first line where it goes.
fn files_of_the_page(page: &str) -> Vec<(String, String)> {
    let blocks = page.split("```").skip(1).step_by(2);
    let file = |block: &str| {
        let (_, text) = block.split_once('\n')?;
        let (first, rest) = text.split_once('\n')?;
        let path = first.strip_prefix("# ").or(first.strip_prefix("-- "))?;
        path.contains('/')
            .then(|| (path.to_string(), rest.to_string()))
    };
    blocks.filter_map(file).collect()
}

#[test]
fn the_project_of_the_page_about_rule_books_runs() {
    let page = fs::read_to_string(project().join("pipelines/README.md")).unwrap();
    let work = Workdir::new();
    let files = files_of_the_page(&page);
    assert_eq!(files.len(), 4);
    for (path, text) in files {
        work.write(&path, text);
    }
    let commands = page
        .split("```sh\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    for command in commands.lines() {
        let arguments = words(command.strip_prefix("onefold ").unwrap());
        work.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
    // Bob is Robert, Anna is Ana, 晓明 is 小明; Peter lives with Anna and is somebody else.
    let found = work.query("select string_agg(record_id, ' ' order by record_id) as records from identity.customer_records group by customer_id order by 1");
    assert_eq!(found, "records\n1 2\n3 4\n5\n6 7");
    let master = work.path("pipelines/people.toml");
    let pipeline = fs::read_to_string(&master).unwrap();
    let published = pipeline.replace("tables = []", "tables = [\"master.customers\"]");
    fs::write(&master, published).unwrap();
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select full_name, full_name_from, birth_date, record_count from master.customers order by 2"),
        "full_name,full_name_from,birth_date,record_count\nRobert Miller,1,1984-03-12,2\nAnna Kowalski,3,1990-11-02,2\nPeter Kowalski,5,1988-01-30,1\n王小明,6,1988-06-07,2"
    );
}
