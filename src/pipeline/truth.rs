//! The truth about records, from a file: which record is which person. For training on labels, and for evaluation.

use std::path::Path;

use arrow::array::{Array, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::DataFusionError;
use datafusion::prelude::{CsvReadOptions, SessionContext};
use hashbrown::HashMap;

use crate::engine::session::read_parquet;
use crate::fault::{Fault, Place, Result};
use crate::identity::records::Records;
use crate::report::text::{count, plural};
use crate::stages::faults;

/// The person of each record, by a number, and what is known to be damaged in it.
#[derive(Debug)]
pub struct Truth {
    /// The person of each record; none where the truth does not have it.
    pub persons: Vec<Option<u32>>,
    /// Kinds of damage of each record.
    pub damages: Vec<Vec<String>>,
    /// Rows of the truth.
    pub rows: u64,
    /// Those that name a record that is not there tonight, or no person.
    pub unknown: u64,
    /// Whether it says pairs, and nothing of the other records.
    is_of_pairs: bool,
}

/// Reads a Parquet or csv file of records: record_id, or source and source_key (then `source:source_key` is the record), and
/// person_id, or cluster; perhaps damages, with semicolons between. Or one of pairs: left_id and right_id are one person, and so
/// are those that share a record with them; a record of no pair is a person of its own.
pub async fn read(file: &Path, records: &Records) -> Result<Truth> {
    let failed = |error: DataFusionError| {
        Fault::project(format!(
            "could not read the truth {}: {}",
            file.display(),
            faults::plain_message(error.find_root())
        ))
        .at(Place::file(file))
    };
    let session = SessionContext::new();
    let path = file.to_string_lossy();
    let extension = file
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    if !file.is_file() {
        return Err(Fault::project(format!(
            "there is no file {}",
            file.display()
        )));
    }
    let frame = match extension.as_str() {
        // Every column is text: 001 is not 1.
        "csv" => {
            let options = CsvReadOptions::new().schema_infer_max_records(0);
            session.read_csv(path.as_ref(), options).await
        }
        _ => read_parquet(&session, file).await,
    }
    .map_err(failed)?;
    let names: Vec<String> = frame
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let has = |name: &str| names.iter().any(|found| found == name);
    let is_of_pairs = has("left_id") && has("right_id");
    let record = match () {
        () if is_of_pairs => "left_id",
        () if has("record_id") => "record_id",
        () if has("source") && has("source_key") => "source || ':' || source_key",
        () => {
            return Err(
                Fault::project(format!("the truth {} names no records", file.display()))
                    .detail(format!("its columns are {}", names.join(", ")))
                    .hint("it has record_id, or source and source_key; and person_id, or cluster; or left_id and right_id"),
            );
        }
    };
    let persons = match is_of_pairs {
        true => &["right_id"][..],
        false => &["person_id", "cluster", "customer_id"],
    };
    let Some(person) = persons.iter().find(|name| has(name)) else {
        return Err(
            Fault::project(format!("the truth {} has no person_id", file.display()))
                .hint("it says who each record is: person_id, or cluster"),
        );
    };
    let damages = if has("damages") { "damages" } else { "null" };
    session
        .register_table("truth", frame.into_view())
        .map_err(failed)?;
    let sql = format!(
        "select cast({record} as text), cast({person} as text), cast({damages} as text) from truth"
    );
    let batches = session
        .sql(&sql)
        .await
        .map_err(failed)?
        .collect()
        .await
        .map_err(failed)?;
    let places: HashMap<&str, usize> = (0..records.len())
        .map(|row| (records.ids.value(row), row))
        .collect();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut truth = Truth {
        persons: vec![None; records.len()],
        damages: vec![Vec::new(); records.len()],
        rows: 0,
        unknown: 0,
        is_of_pairs,
    };
    if is_of_pairs {
        truth.persons = (0..records.len() as u32).map(Some).collect();
    }
    for batch in batches {
        let text = |at: usize| -> Result<StringArray> {
            Ok(cast(batch.column(at), &DataType::Utf8)
                .map_err(|error| failed(error.into()))?
                .as_string()
                .clone())
        };
        let (record, person, damages) = (text(0)?, text(1)?, text(2)?);
        truth.rows += batch.num_rows() as u64;
        for row in 0..batch.num_rows() {
            let Some(place) = places.get(record.value(row)) else {
                truth.unknown += 1;
                continue;
            };
            if is_of_pairs {
                match places.get(person.value(row)) {
                    Some(other) => truth.join(*place, *other),
                    None => truth.unknown += 1,
                }
            } else if person.is_null(row) {
                truth.unknown += 1;
            } else {
                let next = numbers.len() as u32;
                let number = *numbers.entry(person.value(row).to_string()).or_insert(next);
                let known = truth.persons[*place].replace(number);
                if known.is_some_and(|known| known != number) {
                    return Err(Fault::project(format!(
                        "the truth {} says of {} that it is two persons",
                        file.display(),
                        record.value(row)
                    ))
                    .at(Place::file(file))
                    .hint("a record is of one person"));
                }
            }
            if damages.is_valid(row) {
                let kinds = damages
                    .value(row)
                    .split([';', ','])
                    .map(str::trim)
                    .filter(|kind| !kind.is_empty());
                truth.damages[*place] = kinds.map(String::from).collect();
            }
        }
    }
    if is_of_pairs {
        for record in 0..records.len() {
            truth.persons[record] = Some(truth.root(record) as u32);
        }
    }
    if truth.persons.iter().all(Option::is_none) {
        return Err(Fault::project(format!(
            "the truth {} has no record of tonight",
            file.display()
        ))
        .hint(format!(
            "the records are named like {}",
            (0..records.len().min(3))
                .map(|row| records.ids.value(row))
                .collect::<Vec<_>>()
                .join(", ")
        )));
    }
    truth.is_of_persons(file, records)?;
    if truth.pairs().is_empty() {
        return Err(Fault::project(format!(
            "the truth {} has no two records of one person tonight",
            file.display()
        ))
        .at(Place::file(file))
        .hint("it needs the records of a person under one person_id"));
    }
    Ok(truth)
}

impl Truth {
    /// That no person has so many records that they are nobody's: those without a label under one person_id.
    fn is_of_persons(&self, file: &Path, records: &Records) -> Result<()> {
        const MOST: u64 = 20_000;
        let mut counts: HashMap<u32, (u64, usize)> = HashMap::new();
        for (record, person) in self.persons.iter().enumerate() {
            if let Some(person) = person {
                counts.entry(*person).or_insert((0, record)).0 += 1;
            }
        }
        let most = counts
            .into_values()
            .max_by_key(|(number, first)| (*number, std::cmp::Reverse(*first)));
        match most {
            Some((number, first)) if number > MOST => Err(Fault::project(format!(
                "the truth {} says of {} that they are one person, as {} is",
                file.display(),
                plural(number, "record"),
                records.ids.value(first)
            ))
            .at(Place::file(file))
            .hint("a record of which nobody knows whose it is has no person_id")),
            _ => Ok(()),
        }
    }

    /// How much of the truth is of tonight, and how much of tonight it does not know.
    pub fn coverage(&self) -> String {
        let used = format!(
            "{} of {} of the truth tell of records of tonight",
            count(self.rows - self.unknown),
            plural(self.rows, "row")
        );
        match self
            .persons
            .iter()
            .filter(|person| person.is_none())
            .count()
        {
            0 => used,
            untold => format!(
                "{used}; {} of tonight left out, of whom it says nothing",
                plural(untold as u64, "record")
            ),
        }
    }

    /// How many pairs of records are one person; none where it does not say of every record who it is.
    pub fn matches(&self) -> Option<u64> {
        let mut sizes: HashMap<u32, u64> = HashMap::new();
        for person in &self.persons {
            *sizes.entry((*person)?).or_default() += 1;
        }
        let matches = sizes.values().map(|size| size * (size - 1) / 2);
        (!self.is_of_pairs).then(|| matches.sum())
    }

    /// Two records are one person, and so are all that are either.
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.persons[one.max(other)] = Some(one.min(other) as u32);
    }

    /// Of a truth of pairs: the first known record of a record's person. Paths are halved on the way.
    fn root(&mut self, record: usize) -> usize {
        let above =
            |truth: &Self, record: usize| truth.persons[record].map_or(record, |at| at as usize);
        let mut at = record;
        while above(self, at) != at {
            let next = above(self, above(self, at));
            self.persons[at] = Some(next as u32);
            at = next;
        }
        at
    }

    /// Pairs of records of one person, left below right; of very large groups only the first records.
    pub fn pairs(&self) -> Vec<(u32, u32)> {
        /// Records of one person that are paired with each other.
        const MOST: usize = 50;
        let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
        for (record, person) in self.persons.iter().enumerate() {
            if let Some(person) = person {
                let group = members.entry(*person).or_default();
                if group.len() < MOST {
                    group.push(record as u32);
                }
            }
        }
        let mut pairs: Vec<(u32, u32)> = members
            .values()
            .flat_map(|group| {
                group.iter().enumerate().flat_map(move |(at, left)| {
                    group[at + 1..].iter().map(move |right| (*left, *right))
                })
            })
            .collect();
        pairs.sort_unstable();
        pairs
    }
}
