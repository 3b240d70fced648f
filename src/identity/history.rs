//! What earlier nights published of the ids.
//!
//! A customer is a number here: its place among all ids ever published, which are sorted.

use std::cmp::Ordering;
use std::path::PathBuf;

use arrow::array::{Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

use super::records::NONE;

/// What earlier nights published.
#[derive(Debug, Clone)]
pub struct History {
    /// Every id ever published, sorted.
    pub ids: StringArray,
    /// Where each id was on the night before, or when its customer was retired.
    pub targets: Vec<u32>,
    /// The id that each went into when it was merged, which may have gone into another since; [`NONE`] for one that did not.
    pub merged_into: Vec<u32>,
    /// Whether the customer that each id went into had no record on the night before.
    pub is_retired: Vec<bool>,
    /// The night that each id was made.
    pub since: Vec<NaiveDate>,
    /// The records of the night before.
    pub living: Owned,
    /// What each of those said, as a number ([`super::contents`]); nothing where an older onefold kept none.
    pub said: Vec<u64>,
    /// Records of earlier nights that were gone: one that comes back finds its customer again.
    pub former: Owned,
    /// The first night without each of those.
    pub gone_since: Vec<NaiveDate>,
    /// What each of those said when it was there last.
    pub former_said: Vec<u64>,
    /// The records of customers that were merged, those that are gone among them, and the id that each had before: what an undone
    /// merge gives back. A record that came to a merged customer, and has been there since, is not among them. They came on the night
    /// on which they came to the customer that the id went into, with which it may have gone further since; of a record that is with
    /// its id, that on which the id was made.
    pub merged: Owned,
    /// The night on which each of those came to that id.
    pub came_to_own: Vec<NaiveDate>,
    /// Whether each of those came to that id when others had gone into it already: it is none of those that the id began with.
    pub came_later: Vec<bool>,
    /// Records that an earlier run of the same night moved, and the customers that they had.
    pub moved: Owned,
    /// Who stood in for records of stewards' decisions that were away.
    pub stand_ins: Vec<StandIn>,
    /// All changes so far; none before the first night.
    pub changes: Option<EarlierChanges>,
}

/// A record that was one with another when that was there last: where stewards decided of that, and it is away, this one stands in for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StandIn {
    /// The record that is away.
    pub away: String,
    /// The one that stands in; the record itself is among those that were one with it.
    pub record: String,
    /// Whether it had the same id before any merge.
    pub had_its_id: bool,
}

/// The id that a record had before its customer was merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Own {
    /// The id.
    pub id: u32,
    /// The night on which the record came to it.
    pub came_on: NaiveDate,
    /// Whether the record came to it when others had gone into it already.
    pub came_later: bool,
    /// The night on which the record came to the customer that this id went into; on which the id was made, where it is with that.
    pub merged_on: NaiveDate,
}

/// The file of `identity.id_changes` of the night before. It grows for ever: only its end is read.
#[derive(Debug, Clone)]
pub struct EarlierChanges {
    /// The file.
    pub file: PathBuf,
    /// How many of its row groups are full, and of nights before this one: they stay as they are.
    pub groups: usize,
    /// The rows behind them.
    pub rest: RecordBatch,
}

/// Records, sorted by their ids, and whose they were.
#[derive(Debug, Clone)]
pub struct Owned {
    /// The records.
    pub records: StringArray,
    /// The customer of each.
    pub customers: Vec<u32>,
    /// The night on which each came to it.
    pub came_on: Vec<NaiveDate>,
}

impl Default for Owned {
    fn default() -> Self {
        Self {
            records: StringArray::new_null(0),
            customers: Vec::new(),
            came_on: Vec::new(),
        }
    }
}

impl Default for History {
    fn default() -> Self {
        Self {
            ids: StringArray::new_null(0),
            targets: Vec::new(),
            merged_into: Vec::new(),
            is_retired: Vec::new(),
            since: Vec::new(),
            living: Owned::default(),
            said: Vec::new(),
            former: Owned::default(),
            gone_since: Vec::new(),
            former_said: Vec::new(),
            merged: Owned::default(),
            came_to_own: Vec::new(),
            came_later: Vec::new(),
            moved: Owned::default(),
            stand_ins: Vec::new(),
            changes: None,
        }
    }
}

impl History {
    /// The customer of a record on the night before, or when it was gone.
    pub fn customer(&self, record: &str) -> Option<u32> {
        let of = |owned: &Owned| Some(owned.customers[owned.place(record)?]);
        of(&self.living).or_else(|| of(&self.former))
    }

    /// The id that a record of a customer gets back if the merge of that is undone; none where it had no other.
    pub fn own(&self, record: &str, customer: u32) -> Option<Own> {
        self.own_at(self.merged.place(record)?, customer)
    }

    /// The same of a record by its place among those that were merged, where the merge still holds.
    fn own_at(&self, place: usize, customer: u32) -> Option<Own> {
        let own = Own {
            id: self.merged.customers[place],
            came_on: self.came_to_own[place],
            came_later: self.came_later[place],
            merged_on: self.merged.came_on[place],
        };
        (self.targets[own.id as usize] == customer).then_some(own)
    }

    /// The same of some sorted records, by their indexes; `before` has their customers.
    pub fn own_of(&self, records: &StringArray, before: &[u32]) -> HashMap<u32, Own> {
        if self.merged.records.is_empty() {
            return HashMap::new();
        }
        let found = self.merged.find(records).0.into_iter().zip(before);
        let found = found.enumerate();
        let found = found.filter(|(_, (place, before))| *place != NONE && **before != NONE);
        found
            .filter_map(|(at, (place, before))| {
                Some((at as u32, self.own_at(place as usize, *before)?))
            })
            .collect()
    }

    /// The id under which a record goes whatever was merged: its own one, or else its customer.
    pub fn unmerged(&self, record: &str) -> Option<u32> {
        let customer = self.customer(record)?;
        Some(self.own(record, customer).map_or(customer, |own| own.id))
    }

    /// The records of some customers, those that are gone among them.
    pub fn records_of(&self, customers: &HashSet<u32>) -> HashMap<u32, Vec<&str>> {
        let mut records: HashMap<u32, Vec<&str>> = HashMap::new();
        for owned in [&self.living, &self.former] {
            for (at, customer) in owned.customers.iter().enumerate() {
                if customers.contains(customer) {
                    let record = owned.records.value(at);
                    records.entry(*customer).or_default().push(record);
                }
            }
        }
        records
    }
}

/// The place of an id among ids that are sorted.
pub fn place_of(ids: &StringArray, id: &str) -> Option<usize> {
    let (mut low, mut high) = (0, ids.len());
    while low < high {
        let middle = (low + high) / 2;
        match ids.value(middle).cmp(id) {
            Ordering::Less => low = middle + 1,
            Ordering::Equal => return Some(middle),
            Ordering::Greater => high = middle,
        }
    }
    None
}

impl Owned {
    /// The place of a record.
    fn place(&self, record: &str) -> Option<usize> {
        place_of(&self.records, record)
    }

    /// Of a row, the customer and the night on which the record came to it.
    pub fn of(&self, row: u32) -> (u32, NaiveDate) {
        (self.customers[row as usize], self.came_on[row as usize])
    }

    /// Which of these records each of some sorted records is, and which of these are not among them.
    pub fn find(&self, records: &StringArray) -> (Vec<u32>, Vec<u32>) {
        const AT_A_TIME: usize = 65_536;
        if records.is_empty() {
            return (Vec::new(), (0..self.records.len() as u32).collect());
        }
        let mut found = vec![NONE; records.len()];
        let parts = found.par_chunks_mut(AT_A_TIME).enumerate();
        let gone = parts.map(|(part, found)| {
            let first = part * AT_A_TIME;
            let behind = first + found.len();
            let start = if first == 0 {
                0
            } else {
                self.from(records.value(first))
            };
            let end = match behind < records.len() {
                true => self.from(records.value(behind)),
                false => self.records.len(),
            };
            let mut gone = Vec::new();
            let (mut at, mut own) = (0, start);
            while own < end {
                let order = match at < found.len() {
                    true => records.value(first + at).cmp(self.records.value(own)),
                    false => Ordering::Greater,
                };
                match order {
                    Ordering::Less => at += 1,
                    Ordering::Equal => {
                        found[at] = own as u32;
                        (at, own) = (at + 1, own + 1);
                    }
                    Ordering::Greater => {
                        gone.push(own as u32);
                        own += 1;
                    }
                }
            }
            gone
        });
        let gone: Vec<Vec<u32>> = gone.collect();
        (found, gone.concat())
    }

    /// The place of the first record that is not before one.
    fn from(&self, record: &str) -> usize {
        let (mut low, mut high) = (0, self.records.len());
        while low < high {
            let middle = (low + high) / 2;
            match self.records.value(middle) < record {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_in_parts_as_in_one() {
        let own: Vec<String> = (0..300_000)
            .step_by(3)
            .map(|at| format!("r{at:07}"))
            .collect();
        let tonight: Vec<String> = (0..300_000)
            .step_by(2)
            .map(|at| format!("r{at:07}"))
            .collect();
        let array = |ids: &[String]| ids.iter().map(Some).collect::<StringArray>();
        let owned = Owned {
            records: array(&own),
            ..Owned::default()
        };
        let (found, gone) = owned.find(&array(&tonight));
        for (record, row) in tonight.iter().zip(found) {
            let expected = own.binary_search(record).map_or(NONE, |at| at as u32);
            assert_eq!(row, expected);
        }
        let away = |at: &u32| tonight.binary_search(&own[*at as usize]).is_err();
        let expected: Vec<u32> = (0..own.len() as u32).filter(away).collect();
        assert_eq!(gone, expected);
        assert_eq!(owned.find(&array(&[])).1.len(), own.len());
    }
}
