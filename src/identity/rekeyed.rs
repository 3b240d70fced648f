//! Records that an export gives another key: where all that one said is, tonight, what a record of another key says, the ids go along with
//! it. Else a system that is moved, or that numbers its rows anew, would give every customer a new id, or another's.

use arrow::array::{Array, StringArray};
use hashbrown::{HashMap, HashSet};

use super::contents::is_enough;
use super::history::{History, Owned, StandIn};
use super::records::NONE;

/// A history with the keys of tonight.
pub struct Renamed {
    /// The history.
    pub history: History,
    /// How many records have another key.
    pub count: usize,
    /// Keys that are another record's tonight.
    pub reused: HashSet<String>,
}

/// The history with the keys of tonight; `None` where every record has the one that it had. `said` is what the records say tonight.
pub fn renamed(history: &History, ids: &StringArray, said: &[u64]) -> Option<Renamed> {
    let earlier = Earlier::new(history, ids);
    let all = 0..ids.len() as u32;
    let is_changed = |at: &u32| {
        let before = earlier.said(*at);
        before.is_none_or(|before| words(before) != words(said[*at as usize]))
    };
    let changed: Vec<u32> = all.filter(is_changed).collect();
    let moves = earlier.moves(&changed, said);
    if moves.are.is_empty() {
        return None;
    }
    let known: HashSet<u32> = moves.are.iter().map(|(_, at)| *at).collect();
    let source_of = |at: u32| source(ids.value(at as usize));
    let had_key = |at: &u32| earlier.said(*at).is_some();
    // Hardly a record comes to say what one of another customer said: where several of the keys whose record says something else have such
    // a one, one in five, all of them are another record's.
    const SEVERAL: usize = 3;
    const SHARE: usize = 5;
    let others: HashSet<u32> = moves
        .are
        .iter()
        .filter(|(row, at)| earlier.customer_of_key(*at) != Some(earlier.customer(*row)))
        .map(|(_, at)| *at)
        .collect();
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for at in changed.iter().copied().filter(had_key) {
        let (of_others, all) = counts.entry(source_of(at)).or_default();
        *of_others += usize::from(others.contains(&at));
        *all += 1;
    }
    let is_renumbered = |source: &str| {
        let counts = counts.get(source);
        counts.is_some_and(|(of_others, all)| *of_others >= SEVERAL && SHARE * of_others >= *all)
    };
    let is_unknown = |at: &u32| had_key(at) && !known.contains(at) && is_renumbered(source_of(*at));
    let unknown = changed.iter().copied().filter(is_unknown);
    let anew: Vec<u32> = (known.iter().copied())
        .chain(moves.more)
        .chain(unknown)
        .collect();
    let key = |at: u32| ids.value(at as usize);
    let names = Names {
        names: (moves.are.iter())
            .map(|(row, at)| (earlier.key(*row), key(*at)))
            .collect(),
        taken: anew.iter().map(|at| key(*at)).collect(),
    };
    let reused = anew.into_iter().filter(had_key);
    Some(Renamed {
        reused: reused.map(|at| key(at).to_string()).collect(),
        count: names.names.len(),
        history: names.history(history),
    })
}

/// Where a key is from, if keys say so: `crm` of `crm:17`, `A` of `A17`.
fn source(key: &str) -> &str {
    let digits = key
        .find(|of: char| of.is_ascii_digit())
        .unwrap_or(key.len());
    key.split_once(':')
        .map_or(&key[..digits], |(source, _)| source)
}

/// What a record says, whether or not it is enough: that hangs on what others say as well.
fn words(said: u64) -> u64 {
    said >> 1
}

/// Records of earlier nights held against those of tonight. A row of them is one of the living, or, behind all those, of the former.
struct Earlier<'a> {
    history: &'a History,
    /// The row that each of tonight's keys had, and the rows whose keys are gone.
    found: Vec<u32>,
    gone: Vec<u32>,
}

/// Which earlier row each record of tonight had, and records that say what one of those said, but are more.
struct Moves {
    are: Vec<(u32, u32)>,
    more: Vec<u32>,
}

impl<'a> Earlier<'a> {
    fn new(history: &'a History, ids: &StringArray) -> Self {
        let (mut found, mut gone) = history.living.find(ids);
        let (returned, still_gone) = history.former.find(ids);
        let living = history.living.records.len() as u32;
        for (found, row) in found.iter_mut().zip(returned) {
            if row != NONE {
                *found = living + row;
            }
        }
        gone.extend(still_gone.into_iter().map(|row| living + row));
        Self {
            history,
            found,
            gone,
        }
    }

    fn living(&self) -> u32 {
        self.history.living.records.len() as u32
    }

    /// Where an earlier row is, and its place there.
    fn of(&self, row: u32) -> (&'a Owned, &'a [u64], usize) {
        let (history, living) = (self.history, self.living());
        match row.checked_sub(living) {
            None => (&history.living, &history.said, row as usize),
            Some(row) => (&history.former, &history.former_said, row as usize),
        }
    }

    fn key(&self, row: u32) -> &'a str {
        let (owned, _, at) = self.of(row);
        owned.records.value(at)
    }

    /// The customer of tonight, as far as merges go.
    fn customer(&self, row: u32) -> u32 {
        let (owned, _, at) = self.of(row);
        let customer = owned.customers[at];
        let targets = &self.history.targets;
        targets.get(customer as usize).copied().unwrap_or(customer)
    }

    /// The customer that the key of a record of tonight had.
    fn customer_of_key(&self, at: u32) -> Option<u32> {
        let row = self.found[at as usize];
        (row != NONE).then(|| self.customer(row))
    }

    /// What an earlier row said; 0 where an older onefold kept none.
    fn row_said(&self, row: u32) -> u64 {
        let (_, said, at) = self.of(row);
        said.get(at).copied().unwrap_or(0)
    }

    /// What the record of a key of tonight said when it was there last; none of a key that is new.
    fn said(&self, at: u32) -> Option<u64> {
        let row = self.found[at as usize];
        (row != NONE).then(|| self.row_said(row))
    }

    /// Brings the rows whose record is gone, or says something else, to the changed records of tonight that say what those said. Where
    /// several said the same, all of them have to be of one customer; records of the night before come before those of earlier nights.
    fn moves(&self, changed: &[u32], said: &[u64]) -> Moves {
        let tonight = changed.iter().map(|at| (said[*at as usize], *at));
        let tonight = tonight.filter(|(said, _)| is_enough(*said));
        let mut tonight: Vec<(u64, u32)> = tonight.map(|(said, at)| (words(said), at)).collect();
        tonight.sort_unstable();
        let are_said: HashSet<u64> = tonight.iter().map(|(said, _)| *said).collect();
        let of_changed = changed.iter().map(|at| self.found[*at as usize]);
        let rows = (self.gone.iter().copied()).chain(of_changed.filter(|row| *row != NONE));
        let rows = rows.map(|row| (words(self.row_said(row)), row));
        let mut rows: Vec<(u64, u32)> = rows.filter(|(said, _)| are_said.contains(said)).collect();
        rows.sort_unstable();
        let mut moves = Moves {
            are: Vec::new(),
            more: Vec::new(),
        };
        let mut theirs = tonight.chunk_by(|one, other| one.0 == other.0);
        for own in rows.chunk_by(|one, other| one.0 == other.0) {
            let Some(theirs) = theirs.find(|theirs| theirs[0].0 == own[0].0) else {
                break;
            };
            let living = own.partition_point(|(_, row)| *row < self.living());
            let own = if living > 0 { &own[..living] } else { own };
            let customer = self.customer(own[0].1);
            if own.iter().all(|(_, row)| self.customer(*row) == customer) {
                let pairs = own.iter().zip(theirs);
                moves
                    .are
                    .extend(pairs.map(|((_, row), (_, at))| (*row, *at)));
                let more = theirs.iter().skip(own.len());
                moves.more.extend(more.map(|(_, at)| *at));
            }
        }
        moves
    }
}

/// The keys of tonight by those of earlier nights.
struct Names<'a> {
    names: HashMap<&'a str, &'a str>,
    /// Keys that are another record's tonight.
    taken: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    /// The key of a record tonight; none where that is another record's.
    fn of(&self, id: &'a str) -> Option<&'a str> {
        let name = self.names.get(id).copied();
        name.or_else(|| (!self.taken.contains(id)).then_some(id))
    }

    /// Records under their keys of tonight, sorted, and the row that each had; what had a key that another record has now is left out.
    fn owned(&self, owned: &'a Owned) -> (Owned, Vec<u32>) {
        let rows = 0..owned.records.len() as u32;
        let named = rows.filter_map(|row| Some((self.of(owned.records.value(row as usize))?, row)));
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

    fn stand_in(&self, of: &'a StandIn) -> Option<StandIn> {
        Some(StandIn {
            record: self.of(&of.record)?.to_string(),
            ..of.clone()
        })
    }

    fn history(&self, history: &'a History) -> History {
        let (living, of_living) = self.owned(&history.living);
        let (former, of_former) = self.owned(&history.former);
        let (merged, of_merged) = self.owned(&history.merged);
        let (moved, _) = self.owned(&history.moved);
        let stand_ins = history.stand_ins.iter().filter_map(|of| self.stand_in(of));
        let mut stand_ins: Vec<StandIn> = stand_ins.collect();
        stand_ins.sort_unstable();
        History {
            living,
            said: taken(&history.said, &of_living),
            former,
            gone_since: taken(&history.gone_since, &of_former),
            former_said: taken(&history.former_said, &of_former),
            came_to_own: taken(&history.came_to_own, &of_merged),
            came_later: taken(&history.came_later, &of_merged),
            merged,
            moved,
            stand_ins,
            ..history.clone()
        }
    }
}

/// Some rows of a list; none of a list that was not kept.
fn taken<T: Copy>(all: &[T], rows: &[u32]) -> Vec<T> {
    let rows = rows.iter().map(|row| all.get(*row as usize).copied());
    rows.collect::<Option<Vec<T>>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records and what they said, each of a customer of its own, or of the one that is named.
    fn owned(records: &[(&str, u64)], customers: Vec<u32>) -> Owned {
        let night = chrono::NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
        Owned {
            records: records.iter().map(|(id, _)| Some(*id)).collect(),
            customers,
            came_on: vec![night; records.len()],
        }
    }

    fn history(records: &[(&str, u64)]) -> History {
        History {
            living: owned(records, (0..records.len() as u32).collect()),
            said: records.iter().map(|(_, said)| *said).collect(),
            ..History::default()
        }
    }

    /// The customers of tonight's records.
    fn customers_of(history: History, tonight: &[(&str, u64)]) -> Vec<Option<u32>> {
        let ids: StringArray = tonight.iter().map(|(id, _)| Some(*id)).collect();
        let said: Vec<u64> = tonight.iter().map(|(_, said)| *said).collect();
        let renamed = renamed(&history, &ids, &said);
        let history = renamed.map_or(history, |renamed| renamed.history);
        tonight.iter().map(|(id, _)| history.customer(id)).collect()
    }

    fn customers(before: &[(&str, u64)], tonight: &[(&str, u64)]) -> Vec<Option<u32>> {
        customers_of(history(before), tonight)
    }

    #[test]
    fn ids_go_along_with_what_a_record_says() {
        let before = [("a1", 11), ("a2", 13), ("a3", 15)];
        // A system that was moved.
        assert_eq!(
            customers(&before, &[("b1", 15), ("b2", 11), ("b3", 13)]),
            [Some(2), Some(0), Some(1)]
        );
        // Rows that are numbered anew, as the first is gone.
        assert_eq!(
            customers(&before, &[("a1", 13), ("a2", 15)]),
            [Some(1), Some(2)]
        );
        assert_eq!(customers(&before, &[("a1", 15)]), [Some(2)]);
        // The same, as one came.
        assert_eq!(
            customers(&before, &[("a1", 9), ("a2", 11), ("a3", 13), ("a4", 15)]),
            [None, Some(0), Some(1), Some(2)]
        );
        // One is gone, and the others are in another order.
        let more = [("a1", 11), ("a2", 13), ("a3", 15), ("a4", 17)];
        assert_eq!(
            customers(&more, &[("a1", 15), ("a2", 17), ("a3", 11)]),
            [Some(2), Some(3), Some(0)]
        );
        // Two that changed places.
        assert_eq!(
            customers(&before, &[("a1", 13), ("a2", 11), ("a3", 15)]),
            [Some(1), Some(0), Some(2)]
        );
    }

    #[test]
    fn a_key_is_trusted_where_nothing_else_is_known() {
        let before = [("a1", 11), ("a2", 13), ("a3", 2), ("a4", 17), ("a5", 17)];
        // Changed; what is too little; and what two customers said.
        assert_eq!(
            customers(&before, &[("a1", 21), ("b3", 2), ("b4", 17), ("b5", 17)]),
            [Some(0), None, None, None]
        );
        // Where most keys are another record's, so is that of a record that is not known again: a2's has left, or says something else.
        let more = [
            ("a:1", 11),
            ("a:2", 13),
            ("a:3", 15),
            ("a:4", 17),
            ("b:1", 19),
        ];
        let tonight = [
            ("a:1", 15),
            ("a:2", 21),
            ("a:3", 17),
            ("a:4", 11),
            ("b:1", 23),
        ];
        assert_eq!(
            customers(&more, &tonight),
            [Some(2), None, Some(3), Some(0), Some(4)]
        );
        // One of two changed keys is no most.
        let tonight = [("a:1", 15), ("a:2", 21), ("a:4", 17), ("b:1", 19)];
        assert_eq!(
            customers(&more, &tonight),
            [Some(2), Some(1), Some(3), Some(4)]
        );
    }

    #[test]
    fn records_of_one_customer_that_say_the_same_are_known_as_its() {
        let before = [("a1", 11), ("b1", 11), ("b2", 13)];
        let one_customer = || History {
            living: owned(&before, vec![7, 7, 8]),
            ..history(&before)
        };
        let moved = [("a2", 11), ("b1", 13), ("b2", 11)];
        assert_eq!(
            customers_of(one_customer(), &moved),
            [Some(7), Some(8), Some(7)]
        );
        // One more has none of its own; and none of them has that of the key.
        let more = [("a2", 11), ("a3", 11), ("b2", 11)];
        assert_eq!(
            customers_of(one_customer(), &more),
            [Some(7), Some(7), None]
        );
        assert_eq!(customers_of(one_customer(), &more[..1]), [Some(7)]);
    }

    #[test]
    fn records_that_were_away_are_known_again() {
        let away = [("a1", 11), ("a2", 13)];
        let history = History {
            former: owned(&away, vec![3, 4]),
            former_said: vec![11, 13],
            gone_since: owned(&away, vec![3, 4]).came_on,
            ..history(&[("b1", 15)])
        };
        let back = [("a1", 13), ("a2", 11), ("b1", 15)];
        assert_eq!(
            customers_of(history.clone(), &back),
            [Some(4), Some(3), Some(0)]
        );
        // A living record comes first.
        let back = [("a3", 13), ("b2", 15)];
        assert_eq!(customers_of(history, &back), [Some(4), Some(0)]);
    }
}
