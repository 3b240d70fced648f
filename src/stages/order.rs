//! The run order: read from the SQL, checked for circles, and against the numbers of the folders.

use std::collections::{BTreeMap, BTreeSet};

use super::annotations::Rule;
use super::statement::Reference;
use super::{Stage, TableName};
use crate::fault::{Fault, Result, nearest};

/// Puts stages in an order in which each comes after what it reads; of several, by folder number and name.
///
/// `known` are the tables that no stage makes: `raw.*` and `identity.*`. `identity_inputs` are the stages that the tables of
/// schema `identity` are made from.
pub fn sort(
    stages: Vec<Stage>,
    known: &BTreeSet<TableName>,
    identity_inputs: &[TableName],
) -> Result<Vec<Stage>> {
    let by_name: BTreeMap<TableName, &Stage> = stages
        .iter()
        .map(|stage| (stage.name.clone(), stage))
        .collect();
    let mut needs: BTreeMap<&TableName, BTreeSet<TableName>> = BTreeMap::new();
    for stage in &stages {
        let needed = needs.entry(&stage.name).or_default();
        for read in &stage.parsed.reads {
            let made_from = if read.name.schema == "identity" && known.contains(&read.name) {
                identity_inputs.to_vec()
            } else if known.contains(&read.name) {
                Vec::new()
            } else if let Some(source) = by_name.get(&read.name) {
                if source.level > stage.level {
                    return Err(Fault::project(format!(
                        "stage {} reads {}, which comes later",
                        stage.name, read.name
                    ))
                    .at(stage.place(read.line, read.column, read.length))
                    .hint("a stage reads its own folder or one with a smaller number"));
                }
                vec![read.name.clone()]
            } else {
                return Err(missing(stage, read, known, &by_name));
            };
            needed.extend(made_from);
        }
        // A check that looks into another table needs that table's rows.
        for check in stage.comments.iter().flat_map(|comment| &comment.checks) {
            if let Rule::References(table, _) = &check.rule
                && let Some((schema, table)) = table.split_once('.')
            {
                let referred = match schema {
                    "identity" => identity_inputs.to_vec(),
                    _ => vec![TableName::new(schema, table)],
                };
                let is_other = |referred: &TableName| {
                    by_name.contains_key(referred) && *referred != stage.name
                };
                needed.extend(referred.into_iter().filter(is_other));
            }
        }
    }
    let mut order: Vec<TableName> = Vec::new();
    let mut rest: Vec<&Stage> = stages.iter().collect();
    rest.sort_by_key(|stage| (stage.level, stage.name.clone()));
    while !rest.is_empty() {
        let ready = rest.iter().position(|stage| {
            needs[&stage.name]
                .iter()
                .all(|needed| order.contains(needed))
        });
        match ready {
            Some(at) => order.push(rest.remove(at).name.clone()),
            None => return Err(circle(&rest, &needs)),
        }
    }
    let mut by_name: BTreeMap<TableName, Stage> = stages
        .into_iter()
        .map(|stage| (stage.name.clone(), stage))
        .collect();
    Ok(order
        .into_iter()
        .filter_map(|name| by_name.remove(&name))
        .collect())
}

/// The fault of a table that is nowhere.
pub fn missing(
    stage: &Stage,
    read: &super::statement::Reference,
    known: &BTreeSet<TableName>,
    by_name: &BTreeMap<TableName, &Stage>,
) -> Box<Fault> {
    let names: Vec<String> = by_name
        .keys()
        .chain(known)
        .map(ToString::to_string)
        .collect();
    let written = read.name.to_string();
    let written = written.trim_start_matches('.');
    let same_table = names
        .iter()
        .find(|name| name.ends_with(&format!(".{written}")));
    let hint = match same_table
        .map(String::as_str)
        .or_else(|| nearest(written, names.iter().map(String::as_str)))
    {
        Some(near) => format!("did you mean {near}?"),
        None if written.starts_with("raw.") => {
            "raw.* are the exports of this pipeline; where several pipelines have stages of their own, each names its folder: sql = \"…\"".to_string()
        }
        None => "a table is a stage in sql/, an export (raw.*), or an output of identity; `onefold ls` lists them".to_string(),
    };
    Fault::project(format!(
        "could not plan stage {}: there is no table {written}",
        stage.name
    ))
    .at(stage.place(read.line, read.column, read.length))
    .hint(hint)
}

fn circle(rest: &[&Stage], needs: &BTreeMap<&TableName, BTreeSet<TableName>>) -> Box<Fault> {
    // Walk back from any stage that is stuck, along what it waits for, until a name comes twice.
    let stuck: BTreeSet<&TableName> = rest.iter().map(|stage| &stage.name).collect();
    let mut path: Vec<&TableName> = vec![&rest[0].name];
    let first = loop {
        let last = path[path.len() - 1];
        let Some(next) = needs[last].iter().find_map(|needed| stuck.get(needed)) else {
            break 0;
        };
        if let Some(at) = path.iter().position(|name| name == next) {
            break at;
        }
        path.push(next);
    };
    let members = &path[first..];
    let mut fault = Fault::project("stages read each other in a circle");
    for (at, name) in members.iter().enumerate() {
        let next = members[(at + 1) % members.len()];
        let stage = rest.iter().find(|stage| stage.name == **name);
        let read = stage.and_then(|stage| {
            let mut reads = stage.parsed.reads.iter();
            // Who reads an output of identity waits for what identity is made from.
            let is_of_identity = |read: &&Reference| read.name.schema == "identity";
            let direct = reads.clone().find(|read| read.name == *next);
            direct.or_else(|| reads.find(is_of_identity))
        });
        if let (Some(stage), Some(read)) = (stage, read) {
            if fault.place.is_none() {
                fault = fault.at(stage.place(read.line, read.column, read.length));
            }
            let made_from = match read.name == *next {
                true => String::new(),
                false => format!(", which is made from {next}"),
            };
            fault = fault.detail(format!(
                "{name} reads {}{made_from} ({}:{})",
                read.name,
                stage.path.display(),
                read.line
            ));
        }
    }
    fault.hint("take what both need into a stage of its own")
}
