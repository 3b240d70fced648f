//! Records that an export gives another key: where all that matching reads of one is, on the next night, what a record of another key
//! has, the ids go along with it. Else a system that is moved, or that numbers its rows anew, would give every customer a new id, or
//! another's.

use arrow::array::{Array, StringArray};
use hashbrown::{HashMap, HashSet};

use super::history::{History, Owned};
use super::records::NONE;

/// The history with the keys of tonight, and how many records have another one; `None` where none has. `contents` are hashes of what is
/// read of each record, 0 where that is too little to know it by.
pub fn renamed(history: &History, ids: &StringArray, contents: &[u64]) -> Option<(History, usize)> {
    if history.contents.is_empty() {
        return None;
    }
    let (found, gone) = history.living.find(ids);
    let was = |at: usize| match found[at] {
        NONE => None,
        row => Some(history.contents[row as usize]),
    };
    // Records that are new or changed, and those of the night before that are gone or changed.
    let changed = (0..ids.len()).filter(|at| was(*at) != Some(contents[*at]));
    let changed: Vec<usize> = changed.collect();
    let mut tonight: Vec<(u64, u32)> = changed
        .iter()
        .map(|at| (contents[*at], *at as u32))
        .collect();
    let changed_rows = changed
        .iter()
        .map(|at| found[*at])
        .filter(|row| *row != NONE);
    let rows = gone.iter().copied().chain(changed_rows);
    let mut before: Vec<(u64, u32)> = rows
        .map(|row| (history.contents[row as usize], row))
        .collect();
    let moves = one_to_one(&mut before, &mut tonight);
    let is_moved: HashSet<u32> = moves.iter().map(|(row, _)| *row).collect();
    let is_gone = |row: &u32| gone.binary_search(row).is_ok();
    // A record that is put right may become what one was that is gone: the two are one in the export, and the key that is left is known.
    // Where more have surely got another key, so has this one.
    let is_sure = |(row, at): &(u32, u32)| {
        let known = found[*at as usize];
        known == NONE || !is_gone(row) || is_moved.contains(&known)
    };
    let sure = moves.iter().filter(|of| is_sure(of)).count();
    let are_many = sure > moves.len() - sure;
    let names: HashMap<&str, &str> = moves
        .iter()
        .filter(|of| are_many || is_sure(of))
        .map(|(row, at)| {
            (
                history.living.records.value(*row as usize),
                ids.value(*at as usize),
            )
        })
        .collect();
    if names.is_empty() {
        return None;
    }
    let names = Names {
        taken: names.values().copied().collect(),
        names,
    };
    let count = names.names.len();
    let (living, order) = names.of(&history.living);
    let contents = taken(&history.contents, &order);
    let (former, order) = names.of(&history.former);
    let gone_since = taken(&history.gone_since, &order);
    let (merged, order) = names.of(&history.merged);
    let (moved, _) = names.of(&history.moved);
    let renamed = History {
        living,
        contents,
        former,
        gone_since,
        came_to_own: taken(&history.came_to_own, &order),
        came_later: taken(&history.came_later, &order),
        merged,
        moved,
        ..history.clone()
    };
    Some((renamed, count))
}

/// The rows of two lists that have a number which no other of either has; none of 0.
fn one_to_one(before: &mut [(u64, u32)], tonight: &mut [(u64, u32)]) -> Vec<(u32, u32)> {
    before.sort_unstable();
    tonight.sort_unstable();
    let mut pairs = Vec::new();
    let mut theirs = tonight.chunk_by(|one, other| one.0 == other.0).peekable();
    for own in before.chunk_by(|one, other| one.0 == other.0) {
        while theirs.next_if(|rows| rows[0].0 < own[0].0).is_some() {}
        if let ([(content, row)], Some([(same, at)])) = (own, theirs.peek())
            && content == same
            && *content != 0
        {
            pairs.push((*row, *at));
        }
    }
    pairs
}

/// The keys of tonight by those of the night before.
struct Names<'a> {
    names: HashMap<&'a str, &'a str>,
    /// Keys that are another record's tonight.
    taken: HashSet<&'a str>,
}

impl Names<'_> {
    /// Records under their keys of tonight, sorted, and the row that each had; what had a key that another record has now is left out.
    fn of(&self, owned: &Owned) -> (Owned, Vec<u32>) {
        let rows = 0..owned.records.len() as u32;
        let named = rows.filter_map(|row| {
            let id = owned.records.value(row as usize);
            match self.names.get(id) {
                Some(name) => Some((*name, row)),
                None => (!self.taken.contains(id)).then_some((id, row)),
            }
        });
        let mut named: Vec<(&str, u32)> = named.collect();
        named.sort_unstable();
        let order: Vec<u32> = named.iter().map(|(_, row)| *row).collect();
        let renamed = Owned {
            records: named.iter().map(|(id, _)| Some(*id)).collect(),
            customers: taken(&owned.customers, &order),
            came_on: taken(&owned.came_on, &order),
        };
        (renamed, order)
    }
}

/// Some rows of a list.
fn taken<T: Copy>(all: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|row| all[*row as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(records: &[(&str, u64)]) -> History {
        let night = chrono::NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
        History {
            living: Owned {
                records: records.iter().map(|(id, _)| Some(*id)).collect(),
                customers: (0..records.len() as u32).collect(),
                came_on: vec![night; records.len()],
            },
            contents: records.iter().map(|(_, content)| *content).collect(),
            ..History::default()
        }
    }

    /// The customers of tonight's records, by their places in the night before.
    fn customers(before: &[(&str, u64)], tonight: &[(&str, u64)]) -> Vec<Option<u32>> {
        let history = history(before);
        let ids: StringArray = tonight.iter().map(|(id, _)| Some(*id)).collect();
        let contents: Vec<u64> = tonight.iter().map(|(_, content)| *content).collect();
        let renamed = renamed(&history, &ids, &contents);
        let history = renamed.map_or(history, |(history, _)| history);
        tonight.iter().map(|(id, _)| history.customer(id)).collect()
    }

    #[test]
    fn ids_go_along_with_what_a_record_says() {
        let before = [("a1", 11), ("a2", 12), ("a3", 13)];
        // A system that was moved.
        assert_eq!(
            customers(&before, &[("b1", 13), ("b2", 11), ("b3", 12)]),
            [Some(2), Some(0), Some(1)]
        );
        // Rows that are numbered anew, as the first is gone.
        assert_eq!(
            customers(&before, &[("a1", 12), ("a2", 13)]),
            [Some(1), Some(2)]
        );
        assert_eq!(
            customers(&before, &[("a1", 10), ("a2", 11), ("a3", 12), ("a4", 13)]),
            [None, Some(0), Some(1), Some(2)]
        );
        // One is gone, and the others are in another order.
        let more = [("a1", 11), ("a2", 12), ("a3", 13), ("a4", 14)];
        assert_eq!(
            customers(&more, &[("a1", 13), ("a2", 14), ("a3", 11)]),
            [Some(2), Some(3), Some(0)]
        );
        // Two that changed places.
        assert_eq!(
            customers(&before, &[("a1", 12), ("a2", 11), ("a3", 13)]),
            [Some(1), Some(0), Some(2)]
        );
    }

    #[test]
    fn a_key_is_trusted_where_nothing_else_is_known() {
        let before = [("a1", 11), ("a2", 12), ("a3", 0), ("a4", 14), ("a5", 14)];
        // Changed, and what is too little or not alone.
        assert_eq!(
            customers(&before, &[("a1", 21), ("b3", 0), ("b4", 14), ("b5", 14)]),
            [Some(0), None, None, None]
        );
        // What becomes like one that is gone is the one that it was.
        assert_eq!(customers(&before, &[("a1", 12)]), [Some(0)]);
    }
}
