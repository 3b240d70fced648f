//! The tables behind the functions: compiled in, and replaced by files that the pipeline names.
//!
//! ```toml
//! [reference]
//! nicknames = "reference/nicknames.tsv"
//! divisions = "+reference/our_divisions.tsv"   # beside the rows that are compiled in
//! ```
//!
//! A table is replaced for the whole process, before any function is called: a process runs one pipeline.

use std::collections::BTreeSet;
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
    /// How characters are read in Cantonese.
    Jyutping,
    /// How Korea, Vietnam and Singapore spell characters.
    Spellings,
    /// Western first names and what their bearers are called.
    Nicknames,
    /// Administrative divisions of China.
    Divisions,
    /// Titles around the names of persons, and where they stand.
    Titles,
    /// Words of names of Western organisations: legal forms, small words, other spellings.
    OrganizationWords,
    /// Brands in Latin letters, and what they are called in China.
    Brands,
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
        Table::Jyutping,
        "jyutping",
        include_str!("data/jyutping.tsv"),
    ),
    (
        Table::Spellings,
        "spellings",
        include_str!("data/spellings.tsv"),
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
    (Table::Titles, "titles", include_str!("data/titles.tsv")),
    (
        Table::OrganizationWords,
        "organization_words",
        include_str!("data/organization_words.tsv"),
    ),
    (Table::Brands, "brands", include_str!("data/brands.tsv")),
    (Table::Headers, "headers", include_str!("data/headers.tsv")),
];

static REPLACED: [OnceLock<String>; TABLES.len()] = [const { OnceLock::new() }; TABLES.len()];

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
    // What a row is, where a table has such a column, is one of what ours are.
    let kind = heading
        .split('\t')
        .position(|name| matches!(name, "kind" | "place"));
    let kinds: BTreeSet<&str> = match kind {
        Some(at) => compiled
            .lines()
            .skip(1)
            .filter_map(|line| line.split('\t').nth(at))
            .collect(),
        None => BTreeSet::new(),
    };
    for (number, line) in text.lines().enumerate().skip(1) {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let wrong = match kind.and_then(|at| cells.get(at)) {
            _ if line.trim().is_empty() => continue,
            _ if cells.len() != width => {
                format!("it has {} cells, where {width} belong", cells.len())
            }
            Some(&"spelling") if cells.last() == Some(&"") => {
                "it does not say what stands instead".to_string()
            }
            Some(kind) if !kinds.contains(kind) => {
                let kinds: Vec<&str> = kinds.into_iter().collect();
                format!("\"{kind}\" is none of {}", kinds.join(", "))
            }
            _ => continue,
        };
        return Err((number + 1, wrong));
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
