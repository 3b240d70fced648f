//! The tables behind the functions: compiled in, and replaced by files that the pipeline names.
//!
//! ```toml
//! [reference]
//! nicknames = "reference/nicknames.tsv"
//! divisions = "+reference/our_divisions.tsv"   # beside the rows that are compiled in
//! ```
//!
//! A table is replaced for the whole process, before any function is called: a process runs one pipeline.

use std::sync::OnceLock;

/// A table of facts, one a line, tabs between, under a line with the names of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Chinese surnames, how they are read, how common they are.
    Surnames,
    /// Characters of given names that are read in several ways.
    Readings,
    /// How Hong Kong spells characters.
    Cantonese,
    /// Western first names and what their bearers are called.
    Nicknames,
    /// Administrative divisions of China.
    Divisions,
    /// Headers of exports and what they mean.
    Headers,
}

/// All tables, with the key of each in the pipeline file and what is compiled in.
pub const TABLES: &[(Table, &str, &str)] = &[
    (
        Table::Surnames,
        "surnames",
        include_str!("data/surnames.tsv"),
    ),
    (
        Table::Readings,
        "readings",
        include_str!("data/readings.tsv"),
    ),
    (
        Table::Cantonese,
        "cantonese",
        include_str!("data/cantonese.tsv"),
    ),
    (
        Table::Nicknames,
        "nicknames",
        include_str!("data/nicknames.tsv"),
    ),
    (
        Table::Divisions,
        "divisions",
        include_str!("data/divisions.tsv"),
    ),
    (Table::Headers, "headers", include_str!("data/headers.tsv")),
];

static REPLACED: [OnceLock<String>; 6] = [const { OnceLock::new() }; 6];

/// The text of a table.
pub fn text(table: Table) -> &'static str {
    let (at, (.., compiled)) = place(table);
    REPLACED[at].get().map_or(compiled, String::as_str)
}

fn place(table: Table) -> (usize, &'static (Table, &'static str, &'static str)) {
    let found = TABLES
        .iter()
        .enumerate()
        .find(|(_, (known, ..))| *known == table);
    found.expect("every table is listed")
}

/// The lines of a table, taken apart into as many cells as it has columns.
pub fn rows<const N: usize>(table: Table) -> impl Iterator<Item = [&'static str; N]> {
    text(table)
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let mut cells = line.split('\t').map(str::trim);
            std::array::from_fn(|_| cells.next().unwrap_or_default())
        })
}

/// Puts a text in place of a table, or its rows behind those that are compiled in; an error says the line, from 1, and what is wrong
/// with it.
pub fn replace(table: Table, text: String, is_beside: bool) -> Result<(), (usize, String)> {
    let (at, (.., compiled)) = place(table);
    let heading = compiled.lines().next().unwrap_or_default();
    if text.lines().next().map(str::trim_end) != Some(heading) {
        return Err((
            1,
            format!(
                "its first line is not \"{}\"",
                heading.replace('\t', "<tab>")
            ),
        ));
    }
    let width = heading.split('\t').count();
    for (number, line) in text.lines().enumerate().skip(1) {
        if !line.trim().is_empty() && line.split('\t').count() != width {
            return Err((
                number + 1,
                format!(
                    "it has {} cells, where {width} belong",
                    line.split('\t').count()
                ),
            ));
        }
    }
    let text = match (is_beside, text.split_once('\n')) {
        (true, Some((_, rows))) => format!("{}\n{rows}", compiled.trim_end_matches('\n')),
        _ => text,
    };
    match REPLACED[at].set(text.clone()) {
        Err(_) if REPLACED[at].get() != Some(&text) => {
            Err((1, "another text took its place already".to_string()))
        }
        _ => Ok(()),
    }
}

/// What was replaced, as part of the fingerprint of whatever is made with it.
pub fn fingerprint() -> String {
    let replaced = REPLACED
        .iter()
        .zip(TABLES)
        .filter_map(|(text, (_, name, _))| {
            let hash = xxhash_rust::xxh3::xxh3_128(text.get()?.as_bytes());
            Some(format!("{name}={hash:032x}"))
        });
    replaced.collect::<Vec<_>>().join(" ")
}
