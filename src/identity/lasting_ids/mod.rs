//! Lasting ids: a customer keeps its id when records come and go, when rules change, and when customers merge or split.
//!
//! - Merge: the older id survives (of two made in one night, that of more records), the other becomes a redirect.
//! - Split: each part gets back what it had before it was merged; of parts that were always one, the one whose records have been the
//!   customer's for more days, taken together: the larger, where all came on one night.
//! - No change in input, no change in any id.
//!
//! A customer is a number here: its place among all ids ever published, which are sorted, or behind them for a new one.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, StringArray};
use arrow::compute::concat;
use chrono::{NaiveDate, TimeDelta};
use datafusion::common::Result;
use hashbrown::HashMap;
use rayon::prelude::*;

use super::history::{History, Own, Owned};
use super::new_ids::new_ids;
use super::records::NONE;

/// A link that joined clusters or was refused, for the cause of a merge or a split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cause<'a> {
    /// Index of the left record.
    pub left: u32,
    /// Index of the right record.
    pub right: u32,
    /// The rule that brought it, or that refused it.
    pub rule: &'a str,
    /// How strong the link is: decided by a steward, certain, its weight in bits.
    pub strength: (bool, bool, f64),
}

impl Cause<'_> {
    /// The strongest first; a steward's decision and the link that was refused for it have the same records and say the same.
    fn order(&self, other: &Self) -> Ordering {
        let (one, two) = (self.strength, other.strength);
        (two.0, two.1)
            .cmp(&(one.0, one.1))
            .then(two.2.total_cmp(&one.2))
            .then((self.left, self.right).cmp(&(other.left, other.right)))
    }
}

/// What can happen to an id, in the order of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A new customer.
    Made,
    /// Two customers are one: this one went into the other.
    Merged,
    /// The last record is gone.
    Retired,
    /// A retired customer has a record again.
    Returned,
    /// A part of a customer is one of its own.
    Split,
}

impl Kind {
    /// As the table has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Merged => "merged",
            Self::Retired => "retired",
            Self::Returned => "returned",
            Self::Split => "split",
        }
    }
}

/// A change of an id, tonight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: Kind,
    /// The id that changed.
    pub customer: u32,
    /// merged: the id that it went into; split: the id that it came from; else [`NONE`].
    pub other: u32,
    /// The place of its cause among the causes. merged: the link that did it; split: the link that was refused; [`NONE`] where
    /// there is none.
    pub cause: u32,
}

/// Tonight's ids.
#[derive(Debug, Clone)]
pub struct Assigned<'a> {
    /// The ids ever published, then tonight's new ones.
    pub ids: StringArray,
    /// The night that each id was made.
    pub since: Vec<NaiveDate>,
    /// The customer of each record.
    pub customers: Vec<u32>,
    /// The night on which each record came to that customer.
    pub came_on: Vec<NaiveDate>,
    /// Every id, in the order of its text, and where it is today.
    pub redirects: Vec<Redirect>,
    /// Tonight's changes, in the order of the ids and the kinds of change.
    pub changes: Vec<Change>,
    /// The links that caused them.
    pub causes: Vec<Cause<'a>>,
    /// Records that are gone, whether they were living or former on the night before, sorted.
    pub former: Vec<Former<'a>>,
    /// The records of customers that were merged, sorted, with the id that each had before; some of them are gone.
    pub merged: Vec<(MergedRecord<'a>, Own)>,
    /// Records that are of another customer than before, where no redirect leads, with the id that they had; those that an earlier run
    /// of the night moved are among them.
    pub moved: Vec<(u32, u32)>,
    /// How many of them this run moved.
    pub newly_moved: usize,
}

/// A record that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Former<'a> {
    /// Its id.
    pub record: &'a str,
    /// The customer that it is of.
    pub customer: u32,
    /// The night on which it came to that customer.
    pub came_on: NaiveDate,
    /// The first night without it.
    pub gone_since: NaiveDate,
    /// What it said when it was there last.
    pub said: u64,
}

/// A record that was merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergedRecord<'a> {
    /// The index of a record of tonight.
    Here(u32),
    /// The id of a record that is gone.
    Gone(&'a str),
}

impl<'a> MergedRecord<'a> {
    /// Its id.
    pub fn id<'b>(self, records: &'b StringArray) -> &'b str
    where
        'a: 'b,
    {
        match self {
            Self::Here(record) => records.value(record as usize),
            Self::Gone(id) => id,
        }
    }
}

/// Where an id is today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redirect {
    /// The id.
    pub id: u32,
    /// The customer that it is.
    pub customer: u32,
    /// The id that it went into when it was merged; [`NONE`] where it did not.
    pub merged_into: u32,
    /// Whether that customer has no record.
    pub is_retired: bool,
}

/// The place of each id among all of them.
fn places(redirects: &[Redirect]) -> Vec<u32> {
    let mut places = vec![0_u32; redirects.len()];
    for (place, redirect) in redirects.iter().enumerate() {
        places[redirect.id as usize] = place as u32;
    }
    places
}

impl<'a> Assigned<'a> {
    /// The place of each id among all of them, in the order of their texts.
    pub fn places(&self) -> Vec<u32> {
        places(&self.redirects)
    }

    /// The link that caused a change.
    pub fn cause(&self, change: &Change) -> Option<&Cause<'a>> {
        self.causes.get(change.cause as usize)
    }

    /// How many ids changed, by the kind of change.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts: BTreeMap<Kind, u64> = BTreeMap::new();
        for change in &self.changes {
            *counts.entry(change.kind).or_default() += 1;
        }
        let named = |(kind, count): (Kind, u64)| (kind.as_str().to_string(), count);
        counts.into_iter().map(named).collect()
    }
}

/// What a record is to the customer whose it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// The customer's id began with it.
    Began,
    /// It has no other id.
    Only,
    /// It has another id, and has been the customer's since this night.
    Other(NaiveDate),
}

/// Which cluster each earlier customer claims tonight: the cluster and the customer. Those that claim one cluster are together, and the
/// one whose id survives is the first of them.
fn claims(
    before: &Before,
    clusters: &[u32],
    own: &HashMap<u32, Own>,
    history: &History,
    as_of: NaiveDate,
) -> Vec<(u32, u32)> {
    let mut sizes = vec![0_u32; history.ids.len()];
    let mut claimed = vec![NONE; sizes.len()];
    let mut is_parted = vec![false; sizes.len()];
    let records = || before.customers.iter().zip(clusters).enumerate();
    for (_, (customer, cluster)) in records().filter(|(_, (customer, _))| **customer != NONE) {
        let at = *customer as usize;
        is_parted[at] |= sizes[at] > 0 && claimed[at] != *cluster;
        sizes[at] += 1;
        claimed[at] = *cluster;
    }
    let days = |at: usize| (as_of - before.came_on[at]).num_days().max(0);
    // Of a customer whose records are in several clusters, one of these keeps the id.
    let of_parted = records().filter(|(_, (customer, _))| {
        let customer = **customer;
        customer != NONE && is_parted[customer as usize]
    });
    let mut parts: Vec<(u32, u32, Standing, i64, bool)> = of_parted
        .map(|(at, (customer, cluster))| {
            let standing = match own.get(&(at as u32)) {
                None => Standing::Only,
                Some(own) if own.id == *customer && !own.came_later => Standing::Began,
                Some(own) => Standing::Other(own.merged_on),
            };
            let is_living = before.is_living[at];
            (*customer, *cluster, standing, days(at), is_living)
        })
        .collect();
    parts.par_sort_unstable();
    let mut cluster_sizes = vec![0_u32; if parts.is_empty() { 0 } else { clusters.len() }];
    for cluster in clusters.iter().filter(|_| !parts.is_empty()) {
        cluster_sizes[*cluster as usize] += 1;
    }
    for parts in parts.chunk_by(|one, other| one.0 == other.0) {
        let winner = parts
            .chunk_by(|one, other| one.1 == other.1)
            // The part with most of those that the id began with; then with most that have no other id to go back to; both by the days
            // that they have been the customer's, so that the id does not follow who came last, and where these are as many, the one
            // with the record that was there first. Of parts that are alike, the larger, and the one that is less mixed with others.
            .max_by_key(|part| {
                let cluster = part[0].1;
                let of = |of: Standing| {
                    let records = || part.iter().filter(move |record| record.2 == of);
                    let days = records().map(|record| record.3);
                    let (sum, most) = (days.clone().sum::<i64>(), days.max());
                    (sum, most, records().count())
                };
                (
                    of(Standing::Began),
                    of(Standing::Only),
                    // They are sorted: the first of them is the one that was there first.
                    part.iter().find_map(|record| match record.2 {
                        Standing::Other(since) => Some(Reverse(since)),
                        _ => None,
                    }),
                    part.len(),
                    Reverse(cluster_sizes[cluster as usize]),
                    // What was living on the night before goes before what comes back.
                    part.iter().filter(|record| record.4).count(),
                    Reverse(cluster),
                )
            });
        claimed[parts[0].0 as usize] = winner.map_or(NONE, |winner| winner[0].1);
    }
    // Most clusters are claimed by one customer.
    let mut claimants = vec![0_u8; clusters.len()];
    for cluster in claimed.iter().filter(|cluster| **cluster != NONE) {
        let number = &mut claimants[*cluster as usize];
        *number = number.saturating_add(1);
    }
    let claims = claimed.into_iter().zip(0..);
    let claims = claims.filter(|(cluster, _)| *cluster != NONE);
    let (mut claims, mut contested): (Vec<_>, Vec<_>) =
        claims.partition(|(cluster, _)| claimants[*cluster as usize] == 1);
    contested.par_sort_unstable_by_key(|(cluster, customer)| {
        let of = *customer as usize;
        (*cluster, history.since[of], Reverse(sizes[of]), *customer)
    });
    claims.append(&mut contested);
    claims
}

/// Gives every cluster its lasting id. `record_ids` are sorted, `clusters` has the smallest record of each record's cluster,
/// `joined` are the links that joined clusters, and `refused` those that were refused.
pub fn assign<'a>(
    record_ids: &StringArray,
    clusters: &[u32],
    joined: impl Iterator<Item = Cause<'a>>,
    refused: impl Iterator<Item = Cause<'a>>,
    history: &'a History,
    as_of: NaiveDate,
) -> Result<Assigned<'a>> {
    let (before, gone) = before(record_ids, history, as_of);
    let own = history.own_of(record_ids, &before.customers);
    let claims = claims(&before, clusters, &own, history, as_of);
    let Before {
        customers: before,
        came_on: came_before,
        ..
    } = before;
    let mut ids = Assigning {
        own,
        of_root: vec![NONE; clusters.len()],
        merged_into: history.merged_into.clone(),
        is_living: vec![false; history.ids.len()],
        changes: Vec::new(),
        causes: Vec::new(),
        before,
        came_before,
        clusters,
        history,
    };
    let (joining, parting) = (ids.joining(joined), ids.parting(refused));
    ids.merge(claims, &joining);
    ids.give_back(&joining, &parting);
    let (new_ids, new_order) = ids.make(record_ids, &parting);
    let texts = concat(&[&history.ids, &new_ids])?;
    let texts = texts.as_string().clone();
    let redirects = ids.redirects(&texts, &new_order);
    let places = places(&redirects);
    let today = |id: u32| redirects[places[id as usize] as usize].customer;
    let customers = clusters.par_iter();
    let customers = customers.map(|root| ids.of_root[*root as usize]);
    let customers: Vec<u32> = customers.collect();
    let came_on = customers.par_iter().enumerate().map(|(at, customer)| {
        let own = || ids.own.get(&(at as u32));
        match ids.before[at] == *customer {
            true => ids.came_before[at],
            false => came_to(*customer, own(), &history.merged_into, as_of),
        }
    });
    let came_on = came_on.collect();
    let gone = ids.gone(gone, as_of);
    let moved = ids.moved(record_ids, &customers, today);
    let is_new = |(at, _): &&(u32, u32)| ids.before[*at as usize] != customers[*at as usize];
    let newly_moved = moved.iter().filter(is_new).count();
    let merged = ids.merged(record_ids, &customers, &gone, &redirects, as_of, today);
    let Assigning {
        mut changes,
        causes,
        ..
    } = ids;
    changes.par_sort_by_cached_key(|change| (places[change.customer as usize], change.kind));
    let mut since = history.since.clone();
    since.resize(texts.len(), as_of);
    let former = gone.into_iter().map(|gone| gone.former);
    Ok(Assigned {
        ids: texts,
        since,
        customers,
        came_on,
        changes,
        causes,
        former: former.collect(),
        merged,
        moved,
        newly_moved,
        redirects,
    })
}

/// What is known of each record of tonight.
struct Before {
    /// Its customer when it was there last, [`NONE`] for a new one.
    customers: Vec<u32>,
    /// The night on which it came to that customer, moved on by the days that it was away; tonight for a new one.
    came_on: Vec<NaiveDate>,
    /// Whether it was there on the night before.
    is_living: Vec<bool>,
}

/// What is known of each record; and the rows of living and of former records that are not there.
fn before(
    record_ids: &StringArray,
    history: &History,
    as_of: NaiveDate,
) -> (Before, [Vec<u32>; 2]) {
    let (living, gone) = history.living.find(record_ids);
    let (returned, still_gone) = history.former.find(record_ids);
    let known = living.par_iter().zip(returned);
    let known = known.map(|(living, returned)| match (*living, returned) {
        (NONE, NONE) => (NONE, as_of),
        (NONE, row) => {
            let (customer, came_on) = history.former.of(row);
            // The days that it was away are none of the customer's.
            let away = as_of - history.gone_since[row as usize];
            (customer, (came_on + away.max(TimeDelta::zero())).min(as_of))
        }
        (row, _) => history.living.of(row),
    });
    let (customers, came_on) = known.unzip();
    let is_living = living.iter().map(|row| *row != NONE).collect();
    let before = Before {
        customers,
        came_on,
        is_living,
    };
    (before, [gone, still_gone])
}

/// A record that is not there.
struct Gone<'a> {
    former: Former<'a>,
    /// Whose it was.
    before: u32,
    /// The night on which it came to that one.
    came_before: NaiveDate,
    own: Option<Own>,
}

/// Ids on their way to the clusters.
struct Assigning<'a, 'b> {
    history: &'a History,
    clusters: &'b [u32],
    /// The customer of each record when it was there last, [`NONE`] for a new one.
    before: Vec<u32>,
    /// The night on which it came to that customer.
    came_before: Vec<NaiveDate>,
    /// The ids that records had before their customers were merged.
    own: HashMap<u32, Own>,
    /// The customer of each cluster, by its smallest record.
    of_root: Vec<u32>,
    /// The id that each went into.
    merged_into: Vec<u32>,
    /// Whether each id is a customer's that has a record.
    is_living: Vec<bool>,
    changes: Vec<Change>,
    causes: Vec<Cause<'a>>,
}

impl<'a> Assigning<'a, '_> {
    fn change(&mut self, kind: Kind, customer: u32, other: u32, cause: Option<&Cause<'a>>) {
        self.changes.push(Change {
            kind,
            customer,
            other,
            cause: cause.map_or(NONE, |_| self.causes.len() as u32),
        });
        self.causes.extend(cause);
    }

    /// The customers of both records of a link.
    fn owners(&self, cause: &Cause) -> (u32, u32) {
        let of = |record: u32| self.before[record as usize];
        (of(cause.left), of(cause.right))
    }

    /// The oldest customer of each cluster keeps its id, and takes the others in.
    fn merge(&mut self, claims: Vec<(u32, u32)>, joining: &HashMap<(u32, u32), Cause<'a>>) {
        for claims in claims.chunk_by(|one, other| one.0 == other.0) {
            let (cluster, survivor) = claims[0];
            for (_, other) in &claims[1..] {
                self.merged_into[*other as usize] = survivor;
                let cause = joining.get(&(*other, cluster));
                self.change(Kind::Merged, *other, survivor, cause);
            }
            if self.history.is_retired[survivor as usize] {
                self.change(Kind::Returned, survivor, NONE, None);
            }
            self.is_living[survivor as usize] = true;
            self.of_root[cluster as usize] = survivor;
        }
    }

    /// What an undone merge parts gets back the id that it had before. Other ids whose records are there as well go along, below that
    /// id or beside it; an id before those that had gone into it, so that it is known where each of these leads.
    fn give_back(
        &mut self,
        joining: &HashMap<(u32, u32), Cause<'a>>,
        parting: &HashMap<(u32, u32), Cause<'a>>,
    ) {
        let is_claimed = |cluster: u32| self.of_root[cluster as usize] != NONE;
        let (own, before) = (&self.own, &self.before);
        let mut reclaimed = reclaimed(own, before, self.clusters, is_claimed, self.history);
        for claims in reclaimed.chunk_by(|one, other| one.cluster == other.cluster) {
            let (root, first) = (claims[0].cluster, claims[0].id);
            if self.of_root[root as usize] == NONE {
                self.of_root[root as usize] = first;
                self.is_living[first as usize] = true;
                self.merged_into[first as usize] = NONE;
                let from = self.history.targets[first as usize];
                self.change(Kind::Split, first, from, parting.get(&(from, root)));
            }
        }
        reclaimed.sort_by_key(|claim| claim.steps);
        for claim in reclaimed {
            let customer = self.of_root[claim.cluster as usize];
            if last_of(&self.merged_into, claim.id) != customer {
                self.merged_into[claim.id as usize] = customer;
                // It goes where its records do: what joined them to others, or parted them from the rest, says why.
                let at = (self.history.targets[claim.id as usize], claim.cluster);
                let cause = joining.get(&at).or_else(|| parting.get(&at));
                self.change(Kind::Merged, claim.id, customer, cause);
            }
        }
    }

    /// A cluster without an id is a new customer: the new ids, and their order.
    fn make(
        &mut self,
        record_ids: &StringArray,
        parting: &HashMap<(u32, u32), Cause<'a>>,
    ) -> (StringArray, Vec<u32>) {
        let known = self.history.ids.len();
        // Of records that were there before, the customer of the first is what a new one comes from.
        let mut first_owner = vec![NONE; if known == 0 { 0 } else { self.clusters.len() }];
        for (record, customer) in self.before.iter().enumerate().filter(|_| known > 0) {
            let first = &mut first_owner[self.clusters[record] as usize];
            if *first == NONE {
                *first = *customer;
            }
        }
        let is_new = |root: &u32| {
            let at = *root as usize;
            self.clusters[at] == *root && self.of_root[at] == NONE
        };
        let roots: Vec<u32> = (0..self.clusters.len() as u32).filter(is_new).collect();
        let (ids, order) = new_ids(record_ids, &roots, &self.history.ids);
        for (customer, root) in (known as u32..).zip(roots) {
            self.of_root[root as usize] = customer;
            match first_owner.get(root as usize).copied().unwrap_or(NONE) {
                NONE => self.change(Kind::Made, customer, NONE, None),
                from => self.change(Kind::Split, customer, from, parting.get(&(from, root))),
            }
        }
        (ids, order)
    }

    /// Where every id is today, in the order of their texts.
    fn redirects(&mut self, ids: &StringArray, new_order: &[u32]) -> Vec<Redirect> {
        let known = self.history.ids.len() as u32;
        let mut redirects = Vec::with_capacity(ids.len());
        for id in 0..known {
            let customer = last_of(&self.merged_into, id);
            let is_retired = !self.is_living[customer as usize];
            if is_retired && customer == id && !self.history.is_retired[id as usize] {
                self.change(Kind::Retired, id, NONE, None);
            }
            redirects.push(Redirect {
                id,
                customer,
                merged_into: self.merged_into[id as usize],
                is_retired,
            });
        }
        let new = new_order.iter().map(|at| Redirect {
            id: known + at,
            customer: known + at,
            merged_into: NONE,
            is_retired: false,
        });
        in_order(redirects, new.collect(), |one, other| {
            ids.value(one.id as usize) < ids.value(other.id as usize)
        })
    }

    /// The records that are not there, sorted, by the rows of the living and of the former ones.
    fn gone(&self, [living, former]: [Vec<u32>; 2], as_of: NaiveDate) -> Vec<Gone<'a>> {
        let history = self.history;
        let of = |owned: &'a Owned,
                  rows: Vec<u32>,
                  gone_since: &[NaiveDate],
                  said: &[u64]|
         -> Vec<Gone<'a>> {
            let gone = |row: u32| {
                let record = owned.records.value(row as usize);
                let (before, came_before) = owned.of(row);
                let own = history.own(record, before);
                let id = own.map_or(before, |own| own.id);
                let customer = last_of(&self.merged_into, id);
                let came_on = match customer == before {
                    true => came_before,
                    false => came_to(customer, own.as_ref(), &history.merged_into, as_of),
                };
                Gone {
                    former: Former {
                        record,
                        customer,
                        came_on,
                        gone_since: gone_since.get(row as usize).map_or(as_of, |night| *night),
                        said: said.get(row as usize).copied().unwrap_or(0),
                    },
                    before,
                    came_before,
                    own,
                }
            };
            rows.into_iter().map(gone).collect()
        };
        let living = of(&history.living, living, &[], &history.said);
        let former = of(
            &history.former,
            former,
            &history.gone_since,
            &history.former_said,
        );
        in_order(living, former, |one, other| {
            one.former.record < other.former.record
        })
    }

    /// The records that were there before.
    fn known_records(&self) -> impl ParallelIterator<Item = u32> + '_ {
        let records = (0..self.before.len() as u32).into_par_iter();
        records.filter(|at| self.before[*at as usize] != NONE)
    }

    /// The records that are of another customer than before, where no redirect leads.
    fn moved(
        &self,
        record_ids: &StringArray,
        customers: &[u32],
        today: impl Fn(u32) -> u32 + Sync,
    ) -> Vec<(u32, u32)> {
        // What an earlier run of the same night moved is told again.
        let moved = &self.history.moved;
        let mut moved_before: HashMap<u32, u32> = HashMap::new();
        if !moved.records.is_empty() {
            let found = (0..).zip(moved.find(record_ids).0);
            let found = found.filter(|(_, place)| *place != NONE);
            moved_before.extend(found.map(|(at, place)| (at, moved.customers[place as usize])));
        }
        let moved = self.known_records().filter_map(|at| {
            let before = self.before[at as usize];
            let from = moved_before.get(&at).copied().unwrap_or(before);
            let now = customers[at as usize];
            // A customer that has a record tonight is where it was.
            (from != now && today(from) != now).then_some((at, from))
        });
        moved.collect()
    }

    /// What each record of a merged customer had before, sorted.
    fn merged(
        &self,
        record_ids: &StringArray,
        customers: &[u32],
        gone: &[Gone<'a>],
        redirects: &[Redirect],
        as_of: NaiveDate,
        today: impl Fn(u32) -> u32 + Sync,
    ) -> Vec<(MergedRecord<'a>, Own)> {
        let targets = self.history.targets.iter().copied().enumerate();
        let was_merged = have_merged(targets, self.history.ids.len());
        let targets = redirects.iter();
        let targets = targets.map(|redirect| (redirect.id as usize, redirect.customer));
        let is_merged = have_merged(targets, redirects.len());
        let first = |before: u32, came_on: NaiveDate, own: Option<Own>, customer: u32| {
            let own = own.filter(|own| today(own.id) == customer);
            let mut own = own.unwrap_or(Own {
                id: before,
                came_on,
                came_later: was_merged[before as usize],
                merged_on: as_of,
            });
            // With its whole customer, and back from it, a record comes to none anew.
            let goes_along = own.id != before && today(before) == customer;
            let into =
                |id: &u32| Some(self.history.merged_into[*id as usize]).filter(|id| *id != NONE);
            let mut chain = std::iter::successors(into(&own.id), into);
            let mut returns = || chain.any(|id| id == customer);
            if before != customer && !goes_along && !returns() {
                own.merged_on = as_of;
            }
            if own.id == customer && !own.came_later {
                own.merged_on = self.history.since[own.id as usize];
            }
            // One that came later, and is where it came to, has nothing to get back.
            let is_there = own.came_later && own.id == customer;
            (is_merged[customer as usize] && today(own.id) == customer && !is_there).then_some(own)
        };
        let here = self.known_records().filter_map(|at| {
            let customer = customers[at as usize];
            let own = || self.own.get(&at).copied();
            let is_of_one = is_merged[customer as usize];
            let (before, came_on) = (self.before[at as usize], self.came_before[at as usize]);
            let own = is_of_one.then(|| first(before, came_on, own(), customer));
            Some((MergedRecord::Here(at), own??))
        });
        let away = gone.iter().filter_map(|gone| {
            let own = first(
                gone.before,
                gone.came_before,
                gone.own,
                gone.former.customer,
            )?;
            Some((MergedRecord::Gone(gone.former.record), own))
        });
        in_order(here.collect(), away.collect(), |one, other| {
            one.0.id(record_ids) < other.0.id(record_ids)
        })
    }

    /// Which link joined an earlier customer's records to others, by the customer and the cluster.
    fn joining(&self, joined: impl Iterator<Item = Cause<'a>>) -> HashMap<(u32, u32), Cause<'a>> {
        let mut joining = HashMap::new();
        if self.history.ids.is_empty() {
            return joining;
        }
        // A link between two customers of the night before says more than one to a new record.
        let between = |cause: &Cause| {
            let (left, right) = self.owners(cause);
            left != NONE && right != NONE
        };
        let is_of_two = |cause: &Cause| {
            let (left, right) = self.owners(cause);
            left != right
        };
        let mut causes: Vec<Cause> = joined.filter(is_of_two).collect();
        causes.sort_by(|one, other| {
            between(other)
                .cmp(&between(one))
                .then_with(|| one.order(other))
        });
        for cause in causes {
            let (left, right) = self.owners(&cause);
            for customer in [left, right] {
                let cluster = self.clusters[cause.left as usize];
                joining.entry((customer, cluster)).or_insert(cause);
            }
        }
        joining
    }

    /// Which refused link would have kept a cluster with the rest of a customer, by the customer and the cluster.
    fn parting(&self, refused: impl Iterator<Item = Cause<'a>>) -> HashMap<(u32, u32), Cause<'a>> {
        let is_of_one = |cause: &Cause| {
            let (left, right) = self.owners(cause);
            left != NONE && left == right
        };
        let mut causes: Vec<Cause> = refused.filter(is_of_one).collect();
        causes.sort_by(Cause::order);
        let mut parting = HashMap::new();
        for cause in causes {
            let customer = self.owners(&cause).0;
            for record in [cause.left, cause.right] {
                let cluster = self.clusters[record as usize];
                parting.entry((customer, cluster)).or_insert(cause);
            }
        }
        parting
    }
}

/// The night on which a record came to a customer that is not that of the night before: where an undone merge gives back the id that it had,
/// or the one that this had gone into, the night on which it came to that.
fn came_to(customer: u32, own: Option<&Own>, merged_into: &[u32], as_of: NaiveDate) -> NaiveDate {
    match own {
        Some(own) if own.id == customer => own.came_on,
        Some(own) if merged_into[own.id as usize] == customer => own.merged_on,
        _ => as_of,
    }
}

/// The id at the end of those that one went into.
fn last_of(merged_into: &[u32], mut id: u32) -> u32 {
    while merged_into[id as usize] != NONE {
        id = merged_into[id as usize];
    }
    id
}

/// Of each id, whether another one leads to it.
fn have_merged(targets: impl Iterator<Item = (usize, u32)>, ids: usize) -> Vec<bool> {
    let mut have = vec![false; ids];
    for (id, target) in targets {
        have[target as usize] |= id != target as usize;
    }
    have
}

/// A cluster that has most of the records of an id that was merged.
struct Reclaimed {
    cluster: u32,
    id: u32,
    /// Through how many ids it led to its customer of the night before.
    steps: usize,
    records: usize,
}

/// The clusters that have most of the records of ids that were merged; of one cluster those ids first that led to their customer
/// through the fewest others, then the oldest.
fn reclaimed(
    own: &HashMap<u32, Own>,
    before: &[u32],
    clusters: &[u32],
    is_claimed: impl Fn(u32) -> bool,
    history: &History,
) -> Vec<Reclaimed> {
    let mut parts: Vec<(u32, u32, bool)> = Vec::new();
    for (at, own) in own {
        // All ids that it went through on its way to the customer of the night before; whether the id began with it.
        let mut id = own.id;
        while id != before[*at as usize] && id != NONE {
            parts.push((id, clusters[*at as usize], id == own.id && !own.came_later));
            id = history.merged_into[id as usize];
        }
    }
    parts.sort_unstable();
    let steps = |mut id: u32| {
        let mut steps = 0;
        while history.merged_into[id as usize] != NONE {
            (id, steps) = (history.merged_into[id as usize], steps + 1);
        }
        steps
    };
    let of_ids = parts.chunk_by(|one, other| one.0 == other.0);
    let most = of_ids.filter_map(|of_id| {
        let parts = of_id.chunk_by(|one, other| one.1 == other.1);
        let most = parts.max_by_key(|part| {
            let began = part.iter().filter(|(_, _, is_first)| *is_first);
            let cluster = part[0].1;
            // Of two as large, the one that has no id yet.
            (
                began.count(),
                part.len(),
                !is_claimed(cluster),
                Reverse(cluster),
            )
        })?;
        Some(Reclaimed {
            cluster: most[0].1,
            id: most[0].0,
            steps: steps(most[0].0),
            records: most.len(),
        })
    });
    let mut most: Vec<Reclaimed> = most.collect();
    most.sort_unstable_by_key(|it| {
        let since = history.since[it.id as usize];
        (it.cluster, it.steps, since, Reverse(it.records), it.id)
    });
    most
}

/// Two sorted lists as one.
fn in_order<T>(one: Vec<T>, other: Vec<T>, is_less: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut both = Vec::with_capacity(one.len() + other.len());
    let (mut left, mut right) = (one.into_iter().peekable(), other.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let side = if is_less(second, first) {
            &mut right
        } else {
            &mut left
        };
        both.extend(side.next());
    }
    both.extend(left);
    both.extend(right);
    both
}

#[cfg(test)]
mod tests;
