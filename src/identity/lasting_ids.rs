//! Lasting ids: a customer keeps its id when records come and go, when rules change, and when customers merge or split.
//!
//! - Merge: the older id survives (of two made in one night, that of more records), the other becomes a redirect.
//! - Split: the larger part keeps the id.
//! - No change in input, no change in any id.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

/// A customer's id; many tables have it.
pub type Id = Arc<str>;

/// What earlier nights published.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Record id to customer id, and the night that the customer id was made; also of records that are gone: one that comes
    /// back after a night finds its customer again.
    pub records: HashMap<String, (Id, NaiveDate)>,
    /// Every id ever published, to its id of the night before; `None` where it was retired.
    pub redirects: Vec<(Id, Option<Id>)>,
    /// All changes so far.
    pub changes: Vec<Change>,
}

/// A change of an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The night.
    pub as_of: NaiveDate,
    /// made, merged, split, retired or returned.
    pub change: &'static str,
    /// The id that changed.
    pub customer_id: Id,
    /// merged: the id that it went into; split: the id that it came from.
    pub other_id: Option<Id>,
    /// The rule of the link that caused it; split: the rule that refused the link, empty where the link is gone.
    pub rule: Option<Arc<str>>,
    /// The link's records.
    pub left_id: Option<Arc<str>>,
    /// The link's records.
    pub right_id: Option<Arc<str>>,
}

/// A kind of change by its name, as a table has it.
pub fn kind_of_change(name: &str) -> &'static str {
    let kinds = ["made", "merged", "split", "retired", "returned"];
    kinds
        .into_iter()
        .find(|kind| *kind == name)
        .unwrap_or("made")
}

/// The link that holds two records together or was refused, for the cause of a merge or a split.
#[derive(Debug, Clone)]
pub struct Cause<'a> {
    /// Index of the left record.
    pub left: u32,
    /// Index of the right record.
    pub right: u32,
    /// The rule that brought it, or that refused it.
    pub rule: &'a str,
}

/// Tonight's ids.
#[derive(Debug, Clone, Default)]
pub struct Assigned {
    /// The customer id of each record, and the night that it was made.
    pub customers: Vec<(Id, NaiveDate)>,
    /// Every id ever published, sorted, to today's.
    pub redirects: Vec<(Id, Option<Id>)>,
    /// Earlier changes and tonight's, by night and id.
    pub changes: Vec<Change>,
    /// How many ids this run changed, by the kind of change.
    pub tonight: BTreeMap<&'static str, u64>,
    /// Records of earlier nights that are gone, sorted, with the customer that they were of.
    pub former: Vec<(String, Id, NaiveDate)>,
}

/// Gives every cluster its lasting id. `clusters` has the smallest record of each record's cluster, `causes` the links
/// that joined clusters, and `refusals` those that were refused, the strongest first.
pub fn assign(
    record_ids: &[&str],
    clusters: &[u32],
    causes: &[Cause],
    refusals: &[Cause],
    history: &History,
    as_of: NaiveDate,
) -> Assigned {
    // Records by their clusters, the smallest record of each first.
    let mut by_cluster: Vec<u32> = (0..clusters.len() as u32).collect();
    by_cluster.par_sort_unstable_by_key(|record| (clusters[*record as usize], *record));

    // Which cluster has most of each earlier customer's records: it keeps the id.
    let mut parts: HashMap<&Id, HashMap<u32, u32>> = HashMap::new();
    for (record, cluster) in clusters.iter().enumerate() {
        if let Some((customer, _)) = history.records.get(record_ids[record]) {
            *parts
                .entry(customer)
                .or_default()
                .entry(*cluster)
                .or_default() += 1;
        }
    }
    let since: HashMap<&Id, NaiveDate> = history
        .records
        .values()
        .map(|(customer, since)| (customer, *since))
        .collect();
    let mut claims: HashMap<u32, Vec<&Id>> = HashMap::new();
    for (customer, parts) in &parts {
        let winner = parts
            .iter()
            .min_by_key(|(cluster, count)| (Reverse(**count), **cluster))
            .map(|(cluster, _)| *cluster);
        if let Some(winner) = winner {
            claims.entry(winner).or_default().push(customer);
        }
    }
    let mut used: HashSet<Id> = history
        .redirects
        .iter()
        .map(|(id, _)| Arc::clone(id))
        .collect();
    let mut assigned = Assigned {
        changes: history.changes.clone(),
        ..Assigned::default()
    };
    let mut of_record: Vec<Option<(Id, NaiveDate)>> = vec![None; clusters.len()];
    let mut living: HashSet<Id> = HashSet::new();
    let mut merged_into: HashMap<Id, Id> = HashMap::new();
    let mut tonight: Vec<Change> = Vec::new();
    let record_id = |record: u32| -> Arc<str> { record_ids[record as usize].into() };
    let change = |change: &'static str,
                  customer_id: &Id,
                  other_id: Option<&Id>,
                  cause: Option<&Cause>| Change {
        as_of,
        change,
        customer_id: Arc::clone(customer_id),
        other_id: other_id.map(Arc::clone),
        rule: cause.map(|cause| cause.rule.into()),
        left_id: cause.map(|cause| record_id(cause.left)),
        right_id: cause.map(|cause| record_id(cause.right)),
    };
    let customer_before = |record: u32| {
        history
            .records
            .get(record_ids[record as usize])
            .map(|(customer, _)| customer)
    };
    // Which link joined an earlier customer's records to others.
    let mut joining: HashMap<&Id, &Cause> = HashMap::new();
    // A link between two customers of the night before says more than one to a new record.
    let owners = |cause: &Cause| (customer_before(cause.left), customer_before(cause.right));
    let is_between_two =
        |cause: &&Cause| matches!(owners(cause), (Some(left), Some(right)) if left != right);
    for cause in causes.iter().filter(is_between_two).chain(causes) {
        let (left, right) = owners(cause);
        if left != right {
            for customer in [left, right].into_iter().flatten() {
                joining.entry(customer).or_insert(cause);
            }
        }
    }
    // Which refused link would have kept a cluster with the rest of its customer.
    let mut parting: HashMap<u32, &Cause> = HashMap::new();
    for refusal in refusals {
        let (left, right) = owners(refusal);
        if left.is_some() && left == right {
            for record in [refusal.left, refusal.right] {
                parting.entry(clusters[record as usize]).or_insert(refusal);
            }
        }
    }
    let retired: HashSet<&Id> = history
        .redirects
        .iter()
        .filter(|(_, target)| target.is_none())
        .map(|(id, _)| id)
        .collect();
    for members in
        by_cluster.chunk_by(|one, other| clusters[*one as usize] == clusters[*other as usize])
    {
        let cluster = &clusters[members[0] as usize];
        let mut claimants = claims.remove(cluster).unwrap_or_default();
        let records_of = |customer: &Id| parts[customer].values().sum::<u32>();
        claimants
            .sort_by_key(|customer| (since[customer], Reverse(records_of(customer)), *customer));
        let mut claimants = claimants.into_iter();
        match claimants.next() {
            Some(survivor) => {
                for other in claimants {
                    merged_into.insert(Arc::clone(other), Arc::clone(survivor));
                    tonight.push(change(
                        "merged",
                        other,
                        Some(survivor),
                        joining.get(other).copied(),
                    ));
                }
                if retired.contains(survivor) {
                    tonight.push(change("returned", survivor, None, None));
                }
                living.insert(Arc::clone(survivor));
                of_record[*cluster as usize] = Some((Arc::clone(survivor), since[survivor]));
            }
            None => {
                let id: Id = new_id(record_ids[*cluster as usize], &used).into();
                used.insert(Arc::clone(&id));
                let from = members.iter().find_map(|record| customer_before(*record));
                let (kind, cause) = match from {
                    Some(_) => ("split", parting.get(cluster).copied()),
                    None => ("made", None),
                };
                tonight.push(change(kind, &id, from, cause));
                living.insert(Arc::clone(&id));
                of_record[*cluster as usize] = Some((id, as_of));
            }
        }
    }
    let mut redirects: HashMap<Id, Option<Id>> = HashMap::new();
    for (id, target) in &history.redirects {
        let mut target = target.clone();
        while let Some(next) = target.as_ref().and_then(|target| merged_into.get(target)) {
            target = Some(next.clone());
        }
        if let Some(gone) = target.clone().filter(|target| !living.contains(target)) {
            if gone == *id {
                tonight.push(change("retired", id, None, None));
            }
            target = None;
        }
        redirects.insert(Arc::clone(id), target);
    }
    for id in &living {
        redirects.insert(Arc::clone(id), Some(Arc::clone(id)));
    }
    assigned.redirects = redirects.into_iter().collect();
    assigned.redirects.par_sort_unstable();
    let present: HashSet<&str> = record_ids.iter().copied().collect();
    for (record, (customer, since)) in &history.records {
        if !present.contains(record.as_str()) {
            let owner = merged_into.get(customer).unwrap_or(customer);
            assigned
                .former
                .push((record.clone(), owner.clone(), *since));
        }
    }
    assigned.former.par_sort_unstable();
    for change in &tonight {
        *assigned.tonight.entry(change.change).or_default() += 1;
    }
    assigned.changes.extend(tonight);
    assigned.changes.par_sort_by(|a, b| {
        (a.as_of, &a.customer_id, &a.change).cmp(&(b.as_of, &b.customer_id, &b.change))
    });
    assigned.customers = clusters
        .iter()
        .map(|cluster| {
            of_record[*cluster as usize]
                .clone()
                .expect("every cluster got its id")
        })
        .collect();
    assigned
}

/// A new id: the same for the same first record on every machine, and never one that was used before.
fn new_id(first_record: &str, used: &HashSet<Id>) -> String {
    // Crockford's alphabet: no letter that is taken for a digit.
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut salt = 0_u32;
    loop {
        let mut hash = xxh3_128(format!("{first_record}#{salt}").as_bytes());
        let mut id = String::from("C");
        for _ in 0..12 {
            id.push(char::from(ALPHABET[(hash & 31) as usize]));
            hash >>= 5;
        }
        if !used.contains(id.as_str()) {
            return id;
        }
        salt += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn night(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, day).unwrap()
    }

    fn after(record_ids: &[&str], assigned: &Assigned) -> History {
        History {
            records: record_ids
                .iter()
                .map(ToString::to_string)
                .zip(assigned.customers.iter().cloned())
                .collect(),
            redirects: assigned.redirects.clone(),
            changes: assigned.changes.clone(),
        }
    }

    #[test]
    fn no_change_in_input_changes_no_id() {
        let ids = ["a", "b", "c"];
        let first = assign(&ids, &[0, 0, 2], &[], &[], &History::default(), night(1));
        let second = assign(&ids, &[0, 0, 2], &[], &[], &after(&ids, &first), night(2));
        assert_eq!(first.customers, second.customers);
        assert_eq!(first.changes, second.changes);
    }

    #[test]
    fn a_merge_keeps_the_older_id_and_redirects_the_other() {
        let first = assign(&["a"], &[0], &[], &[], &History::default(), night(1));
        let both = ["a", "b"];
        let second = assign(&both, &[0, 1], &[], &[], &after(&["a"], &first), night(2));
        let cause = Cause {
            left: 0,
            right: 1,
            rule: "same_phone",
        };
        let third = assign(
            &both,
            &[0, 0],
            &[cause],
            &[],
            &after(&both, &second),
            night(3),
        );
        assert_eq!(third.customers[1].0, first.customers[0].0);
        let merged = third.changes.last().unwrap();
        assert_eq!(
            (merged.change, merged.rule.as_deref()),
            ("merged", Some("same_phone"))
        );
        let redirect = third
            .redirects
            .iter()
            .find(|(id, _)| *id == second.customers[1].0)
            .unwrap();
        assert_eq!(redirect.1.as_deref(), Some(first.customers[0].0.as_ref()));
    }

    #[test]
    fn a_split_leaves_the_id_with_the_larger_part() {
        let ids = ["a", "b", "c"];
        let first = assign(&ids, &[0, 0, 0], &[], &[], &History::default(), night(1));
        let second = assign(&ids, &[0, 1, 1], &[], &[], &after(&ids, &first), night(2));
        assert_eq!(second.customers[1].0, first.customers[0].0);
        assert_ne!(second.customers[0].0, first.customers[0].0);
        assert_eq!(second.changes.last().unwrap().change, "split");
    }

    #[test]
    fn a_split_names_the_rule_that_refused_the_link() {
        let ids = ["a", "b", "c"];
        let first = assign(&ids, &[0, 0, 0], &[], &[], &History::default(), night(1));
        let refusal = Cause {
            left: 0,
            right: 2,
            rule: "steward",
        };
        let second = assign(
            &ids,
            &[0, 1, 1],
            &[],
            &[refusal],
            &after(&ids, &first),
            night(2),
        );
        let split = second.changes.last().unwrap();
        assert_eq!(split.rule.as_deref(), Some("steward"));
        assert_eq!(split.left_id.as_deref(), Some("a"));
        assert_eq!(split.right_id.as_deref(), Some("c"));
    }

    #[test]
    fn undoing_a_split_in_the_same_night_brings_the_larger_customer_back() {
        let ids = ["a", "b", "c"];
        let whole = assign(&ids, &[0, 0, 0], &[], &[], &History::default(), night(1));
        let split = assign(&ids, &[0, 1, 1], &[], &[], &after(&ids, &whole), night(1));
        assert_eq!(split.tonight, BTreeMap::from([("split", 1)]));
        let again = assign(&ids, &[0, 0, 0], &[], &[], &after(&ids, &split), night(1));
        assert_eq!(again.tonight, BTreeMap::from([("merged", 1)]));
        assert_eq!(again.customers, whole.customers);
    }

    #[test]
    fn a_customer_without_records_is_retired_and_returns_with_its_record() {
        let first = assign(&["a"], &[0], &[], &[], &History::default(), night(1));
        let mut history = after(&["a"], &first);
        let second = assign(&["b"], &[0], &[], &[], &history, night(2));
        let gone = second
            .redirects
            .iter()
            .find(|(id, _)| *id == first.customers[0].0)
            .unwrap();
        assert_eq!(gone.1, None);
        assert_eq!(second.former[0].0, "a");
        history = after(&["b"], &second);
        let former = second.former.iter().cloned();
        history
            .records
            .extend(former.map(|(record, customer, since)| (record, (customer, since))));
        let third = assign(&["a", "b"], &[0, 1], &[], &[], &history, night(3));
        assert_eq!(third.customers[0], first.customers[0]);
        assert_eq!(third.customers[1], second.customers[0]);
        assert_eq!(third.changes.last().unwrap().change, "returned");
        let back = third
            .redirects
            .iter()
            .find(|(id, _)| *id == first.customers[0].0)
            .unwrap();
        assert_eq!(back.1.as_deref(), Some(first.customers[0].0.as_ref()));
    }
}
