//! The truth about records, from a file: which record is which person. For training on labels, and for evaluation.

use std::path::Path;

use arrow::array::{Array, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::DataFusionError;
use datafusion::prelude::{CsvReadOptions, ParquetReadOptions, SessionContext};
use hashbrown::HashMap;

use crate::fault::{Fault, Place, Result};
use crate::identity::records::Records;
use crate::stages::faults;

/// The person of each record, by a number, and what is known to be damaged in it.
#[derive(Debug)]
pub struct Truth {
    /// The person of each record; none where the truth does not have it.
    pub persons: Vec<Option<u32>>,
    /// Kinds of damage of each record.
    pub damages: Vec<Vec<String>>,
    /// Records that the truth has and tonight does not.
    pub unknown: u64,
}

/// Reads a Parquet or csv file with record_id, or source and source_key (then `source:source_key` is the record), and
/// person_id, or cluster; perhaps damages, with semicolons between.
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
        _ => {
            session
                .read_parquet(path.as_ref(), ParquetReadOptions::default())
                .await
        }
    }
    .map_err(failed)?;
    let names: Vec<String> = frame
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let has = |name: &str| names.iter().any(|found| found == name);
    let record = match () {
        () if has("record_id") => "record_id",
        () if has("source") && has("source_key") => "source || ':' || source_key",
        () => {
            return Err(
                Fault::project(format!("the truth {} names no records", file.display()))
                    .hint("it has record_id, or source and source_key; and person_id, or cluster"),
            );
        }
    };
    let Some(person) = ["person_id", "cluster", "customer_id"]
        .into_iter()
        .find(|name| has(name))
    else {
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
        unknown: 0,
    };
    for batch in batches {
        let text = |at: usize| -> Result<StringArray> {
            Ok(cast(batch.column(at), &DataType::Utf8)
                .map_err(|error| failed(error.into()))?
                .as_string()
                .clone())
        };
        let (record, person, damages) = (text(0)?, text(1)?, text(2)?);
        for row in 0..batch.num_rows() {
            let Some(place) = places.get(record.value(row)) else {
                truth.unknown += 1;
                continue;
            };
            let next = numbers.len() as u32;
            if person.is_valid(row) {
                truth.persons[*place] =
                    Some(*numbers.entry(person.value(row).to_string()).or_insert(next));
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
