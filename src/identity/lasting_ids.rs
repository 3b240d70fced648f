//! Lasting ids: a customer keeps its id when records come and go, when rules change, and when customers merge or split.
//!
//! - Merge: the older id survives (of two made in one night, that of more records), the other becomes a redirect.
//! - Split: each part gets back what it had before it was merged; of parts that were always one, the larger keeps the id.
//! - No change in input, no change in any id.
//!
//! A customer is a number here: its place among all ids ever published, which are sorted, or behind them for a new one.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, StringArray};
use arrow::compute::concat;
use chrono::NaiveDate;
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
    /// Every id, in the order of its text, and where it is today.
    pub redirects: Vec<Redirect>,
    /// Tonight's changes, in the order of the ids and the kinds of change.
    pub changes: Vec<Change>,
    /// The links that caused them.
    pub causes: Vec<Cause<'a>>,
    /// Records that are gone, whether they were living or former on the night before, sorted; with the customer that they are of.
    pub former: Vec<(&'a str, u32)>,
    /// The records of customers that were merged, sorted, with the id that each had before; some of them are gone.
    pub merged: Vec<(MergedRecord<'a>, Own)>,
    /// Records that are of another customer than before, where no redirect leads, with the id that they had; those that an earlier run
    /// of the night moved are among them.
    pub moved: Vec<(u32, u32)>,
    /// How many of them this run moved.
    pub newly_moved: usize,
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

/// Which cluster each earlier customer claims: the cluster and the customer. Those that claim one cluster are together, and the one
/// whose id survives is the first of them.
fn claims(
    before: &[u32],
    clusters: &[u32],
    own: &HashMap<u32, Own>,
    history: &History,
) -> Vec<(u32, u32)> {
    let mut sizes = vec![0_u32; history.ids.len()];
    let mut claimed = vec![NONE; sizes.len()];
    let mut is_parted = vec![false; sizes.len()];
    let records = || before.iter().zip(clusters).enumerate();
    for (_, (customer, cluster)) in records().filter(|(_, (customer, _))| **customer != NONE) {
        let at = *customer as usize;
        is_parted[at] |= sizes[at] > 0 && claimed[at] != *cluster;
        sizes[at] += 1;
        claimed[at] = *cluster;
    }
    // Of a customer whose records are in several clusters, one of these keeps the id.
    let of_parted = records().filter(|(_, (customer, _))| {
        let customer = **customer;
        customer != NONE && is_parted[customer as usize]
    });
    let mut parts: Vec<(u32, u32, Standing)> = of_parted
        .map(|(at, (customer, cluster))| {
            let standing = match own.get(&(at as u32)) {
                None => Standing::Only,
                Some(own) if own.id == *customer && !own.came_later => Standing::Began,
                Some(own) => Standing::Other(own.merged_on),
            };
            (*customer, *cluster, standing)
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
            // The part with most of those that the id began with; then with most that have no other id to go back to, so that no
            // stranger takes it while those are away; then the one that was there first. Of parts that are alike, the larger, and the one
            // that is less mixed with others.
            .max_by_key(|part| {
                let cluster = part[0].1;
                let count = |of: Standing| part.iter().filter(|record| record.2 == of).count();
                (
                    count(Standing::Began),
                    count(Standing::Only),
                    // They are sorted: the first of them is the one that was there first.
                    part.iter().find_map(|record| match record.2 {
                        Standing::Other(since) => Some(Reverse(since)),
                        _ => None,
                    }),
                    part.len(),
                    Reverse(cluster_sizes[cluster as usize]),
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
    let (before, gone) = before(record_ids, history);
    let mut ids = Assigning {
        own: history.own_of(record_ids, &before),
        of_root: vec![NONE; clusters.len()],
        merged_into: history.merged_into.clone(),
        is_living: vec![false; history.ids.len()],
        changes: Vec::new(),
        causes: Vec::new(),
        before,
        clusters,
        history,
    };
    let (joining, parting) = (ids.joining(joined), ids.parting(refused));
    ids.merge(&joining);
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
    let gone = ids.gone(gone);
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
    let former = gone.into_iter().map(|gone| (gone.record, gone.customer));
    Ok(Assigned {
        ids: texts,
        since,
        customers,
        changes,
        causes,
        former: former.collect(),
        merged,
        moved,
        newly_moved,
        redirects,
    })
}

/// The customer of each record when it was there last, [`NONE`] for a new one; and the rows of living and of former records that are
/// not there.
fn before(record_ids: &StringArray, history: &History) -> (Vec<u32>, [Vec<u32>; 2]) {
    let (mut before, gone) = history.living.find(record_ids);
    let (returned, still_gone) = history.former.find(record_ids);
    for (before, returned) in before.iter_mut().zip(returned) {
        *before = match (*before, returned) {
            (NONE, NONE) => NONE,
            (NONE, former) => history.former.customers[former as usize],
            (living, _) => history.living.customers[living as usize],
        };
    }
    (before, [gone, still_gone])
}

/// A record that is not there.
struct Gone<'a> {
    record: &'a str,
    /// The customer that it is of tonight.
    customer: u32,
    /// Whose it was.
    before: u32,
    own: Option<Own>,
}

/// Ids on their way to the clusters.
struct Assigning<'a, 'b> {
    history: &'a History,
    clusters: &'b [u32],
    /// The customer of each record when it was there last, [`NONE`] for a new one.
    before: Vec<u32>,
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
    fn merge(&mut self, joining: &HashMap<(u32, u32), Cause<'a>>) {
        let claims = claims(&self.before, self.clusters, &self.own, self.history);
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
    fn gone(&self, [living, former]: [Vec<u32>; 2]) -> Vec<Gone<'a>> {
        let history = self.history;
        let of = |owned: &'a Owned, rows: Vec<u32>| -> Vec<Gone<'a>> {
            let gone = |row: u32| {
                let record = owned.records.value(row as usize);
                let before = owned.customers[row as usize];
                let own = history.own(record, before);
                let id = own.map_or(before, |own| own.id);
                Gone {
                    customer: last_of(&self.merged_into, id),
                    record,
                    before,
                    own,
                }
            };
            rows.into_iter().map(gone).collect()
        };
        let living = of(&history.living, living);
        in_order(living, of(&history.former, former), |one, other| {
            one.record < other.record
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
        let first = |before: u32, own: Option<Own>, customer: u32| {
            let own = own.filter(|own| today(own.id) == customer);
            let mut own = own.unwrap_or(Own {
                id: before,
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
            let own = is_of_one.then(|| first(self.before[at as usize], own(), customer));
            Some((MergedRecord::Here(at), own??))
        });
        let away = gone.iter().filter_map(|gone| {
            let own = first(gone.before, gone.own, gone.customer)?;
            Some((MergedRecord::Gone(gone.record), own))
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn night(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, day).unwrap()
    }

    fn ids(records: &[&str]) -> StringArray {
        StringArray::from(records.to_vec())
    }

    fn cause(left: u32, right: u32, rule: &str) -> Cause<'_> {
        Cause {
            left,
            right,
            rule,
            strength: (false, true, 1.0),
        }
    }

    fn assigned<'a>(
        records: &[&str],
        clusters: &[u32],
        joined: &[Cause<'a>],
        refused: &[Cause<'a>],
        history: &'a History,
        day: u32,
    ) -> Assigned<'a> {
        let (joined, refused) = (joined.iter().copied(), refused.iter().copied());
        assign(
            &ids(records),
            clusters,
            joined,
            refused,
            history,
            night(day),
        )
        .unwrap()
    }

    /// What the next night knows.
    fn after(records: &[&str], assigned: &Assigned) -> History {
        let mut place = vec![NONE; assigned.ids.len()];
        for (at, redirect) in assigned.redirects.iter().enumerate() {
            place[redirect.id as usize] = at as u32;
        }
        let at = |id: u32| if id == NONE { NONE } else { place[id as usize] };
        let redirects = || assigned.redirects.iter();
        let sorted = || redirects().map(|redirect| redirect.id as usize);
        History {
            ids: sorted().map(|id| Some(assigned.ids.value(id))).collect(),
            targets: redirects().map(|redirect| at(redirect.customer)).collect(),
            merged_into: redirects()
                .map(|redirect| at(redirect.merged_into))
                .collect(),
            is_retired: redirects().map(|redirect| redirect.is_retired).collect(),
            since: sorted().map(|id| assigned.since[id]).collect(),
            living: Owned {
                records: ids(records),
                customers: assigned.customers.iter().map(|id| at(*id)).collect(),
            },
            former: Owned {
                records: assigned.former.iter().map(|(id, _)| Some(*id)).collect(),
                customers: assigned.former.iter().map(|(_, id)| at(*id)).collect(),
            },
            merged: {
                let known = ids(records);
                let merged = || assigned.merged.iter();
                Owned {
                    records: merged()
                        .map(|(record, _)| Some(record.id(&known)))
                        .collect(),
                    customers: merged().map(|(_, own)| at(own.id)).collect(),
                }
            },
            merged_on: assigned
                .merged
                .iter()
                .map(|(_, own)| own.merged_on)
                .collect(),
            came_later: assigned
                .merged
                .iter()
                .map(|(_, own)| own.came_later)
                .collect(),
            moved: Owned::default(),
            changes: None,
        }
    }

    fn customers(assigned: &Assigned) -> Vec<String> {
        let id = |customer: &u32| assigned.ids.value(*customer as usize).to_string();
        assigned.customers.iter().map(id).collect()
    }

    fn redirect(assigned: &Assigned, old: &str) -> Option<String> {
        let id = |id: u32| assigned.ids.value(id as usize).to_string();
        let mut redirects = assigned.redirects.iter();
        let found = redirects.find(|redirect| id(redirect.id) == old).unwrap();
        (!found.is_retired).then(|| id(found.customer))
    }

    #[test]
    fn no_change_in_input_changes_no_id() {
        let none = History::default();
        let first = assigned(&["a", "b", "c"], &[0, 0, 2], &[], &[], &none, 1);
        let history = after(&["a", "b", "c"], &first);
        let second = assigned(&["a", "b", "c"], &[0, 0, 2], &[], &[], &history, 2);
        assert_eq!(customers(&first), customers(&second));
        assert_eq!(second.changes, []);
    }

    #[test]
    fn a_merge_keeps_the_older_id_and_redirects_the_other() {
        let none = History::default();
        let first = assigned(&["a"], &[0], &[], &[], &none, 1);
        let history = after(&["a"], &first);
        let second = assigned(&["a", "b"], &[0, 1], &[], &[], &history, 2);
        let history = after(&["a", "b"], &second);
        let joined = [cause(0, 1, "same_phone")];
        let third = assigned(&["a", "b"], &[0, 0], &joined, &[], &history, 3);
        assert_eq!(customers(&third)[1], customers(&first)[0]);
        let merged = &third.changes[0];
        assert_eq!(merged.kind, Kind::Merged);
        assert_eq!(third.cause(merged), Some(&joined[0]));
        let old = &customers(&second)[1];
        assert_eq!(redirect(&third, old).as_ref(), Some(&customers(&first)[0]));
    }

    #[test]
    fn a_split_leaves_the_id_with_the_larger_part() {
        let none = History::default();
        let first = assigned(&["a", "b", "c"], &[0, 0, 0], &[], &[], &none, 1);
        let history = after(&["a", "b", "c"], &first);
        let second = assigned(&["a", "b", "c"], &[0, 1, 1], &[], &[], &history, 2);
        assert_eq!(customers(&second)[1], customers(&first)[0]);
        assert_ne!(customers(&second)[0], customers(&first)[0]);
        assert_eq!(second.changes[0].kind, Kind::Split);
    }

    #[test]
    fn of_two_parts_as_large_the_one_that_joined_others_leaves_the_id() {
        let none = History::default();
        let records = ["a", "b", "c", "d"];
        let first = assigned(&records, &[0, 0, 2, 2], &[], &[], &none, 1);
        let history = after(&records, &first);
        // a and c are one now; b and d are what they were.
        let second = assigned(&records, &[0, 1, 0, 3], &[], &[], &history, 2);
        assert_eq!(customers(&second)[1], customers(&first)[1]);
        assert_eq!(customers(&second)[3], customers(&first)[3]);
    }

    #[test]
    fn a_split_names_the_rule_that_refused_the_link() {
        let none = History::default();
        let first = assigned(&["a", "b", "c"], &[0, 0, 0], &[], &[], &none, 1);
        let history = after(&["a", "b", "c"], &first);
        let refused = [cause(0, 2, "steward")];
        let second = assigned(&["a", "b", "c"], &[0, 1, 1], &[], &refused, &history, 2);
        assert_eq!(second.cause(&second.changes[0]), Some(&refused[0]));
    }

    #[test]
    fn undoing_a_split_in_the_same_night_brings_the_larger_customer_back() {
        let none = History::default();
        let records = ["a", "b", "c"];
        let whole = assigned(&records, &[0, 0, 0], &[], &[], &none, 1);
        let history = after(&records, &whole);
        let split = assigned(&records, &[0, 1, 1], &[], &[], &history, 1);
        assert_eq!(split.counts(), BTreeMap::from([("split".to_string(), 1)]));
        let history = after(&records, &split);
        let again = assigned(&records, &[0, 0, 0], &[], &[], &history, 1);
        assert_eq!(again.counts(), BTreeMap::from([("merged".to_string(), 1)]));
        assert_eq!(customers(&again), customers(&whole));
    }

    #[test]
    fn a_customer_without_records_is_retired_and_returns_with_its_record() {
        let none = History::default();
        let first = assigned(&["a"], &[0], &[], &[], &none, 1);
        let gone = customers(&first)[0].clone();
        let history = after(&["a"], &first);
        let second = assigned(&["b"], &[0], &[], &[], &history, 2);
        assert_eq!(redirect(&second, &gone), None);
        assert_eq!(second.former[0].0, "a");
        let history = after(&["b"], &second);
        let third = assigned(&["a", "b"], &[0, 1], &[], &[], &history, 3);
        assert_eq!(
            customers(&third),
            [gone.clone(), customers(&second)[0].clone()]
        );
        assert_eq!(third.changes[0].kind, Kind::Returned);
        assert_eq!(redirect(&third, &gone), Some(gone));
    }

    #[test]
    fn an_id_that_was_merged_follows_its_customer_out_and_back_in() {
        let none = History::default();
        let first = assigned(&["a"], &[0], &[], &[], &none, 1);
        let history = after(&["a"], &first);
        let second = assigned(&["a", "b"], &[0, 1], &[], &[], &history, 2);
        let (kept, merged) = (customers(&second)[0].clone(), customers(&second)[1].clone());
        let history = after(&["a", "b"], &second);
        let third = assigned(&["a", "b"], &[0, 0], &[], &[], &history, 3);
        let history = after(&["a", "b"], &third);
        let without = assigned(&["c"], &[0], &[], &[], &history, 4);
        assert_eq!(redirect(&without, &merged), None);
        let history = after(&["c"], &without);
        let back = assigned(&["a", "c"], &[0, 1], &[], &[], &history, 5);
        assert_eq!(redirect(&back, &kept), Some(kept.clone()));
        assert_eq!(redirect(&back, &merged), Some(kept));
        assert_eq!(back.counts()["returned"], 1);
    }

    #[test]
    fn a_retired_id_whose_record_returns_to_an_older_customer_goes_there() {
        let none = History::default();
        let first = assigned(&["a"], &[0], &[], &[], &none, 1);
        let history = after(&["a"], &first);
        let second = assigned(&["a", "b"], &[0, 1], &[], &[], &history, 2);
        let history = after(&["a", "b"], &second);
        let third = assigned(&["a"], &[0], &[], &[], &history, 3);
        let history = after(&["a"], &third);
        let fourth = assigned(&["a", "b"], &[0, 0], &[], &[], &history, 4);
        assert_eq!(fourth.counts(), BTreeMap::from([("merged".to_string(), 1)]));
        let [kept, retired] = [0, 1].map(|at| customers(&second)[at].clone());
        assert_eq!(redirect(&fourth, &retired), Some(kept));
        // Nothing more is said of it on the nights that follow.
        let history = after(&["a", "b"], &fourth);
        let fifth = assigned(&["a", "b"], &[0, 0], &[], &[], &history, 5);
        assert_eq!(fifth.changes, []);
    }

    #[test]
    fn an_undone_merge_gives_each_part_its_id_back() {
        let none = History::default();
        let records = ["a", "b", "c", "d"];
        // a is as old as the others, and alone; the others are more.
        let first = assigned(&records, &[0, 1, 1, 1], &[], &[], &none, 1);
        for (merged, parted) in [([0, 0, 0, 0], [0, 1, 1, 1]), ([0, 1, 1, 0], [0, 1, 1, 3])] {
            let history = after(&records, &first);
            let second = assigned(&records, &merged, &[], &[], &history, 2);
            let history = after(&records, &second);
            // Nights go by.
            let third = assigned(&records, &merged, &[], &[], &history, 3);
            assert_eq!((third.changes.len(), third.moved.len()), (0, 0));
            assert_eq!(customers(&third), customers(&second));
            let history = after(&records, &third);
            let fourth = assigned(&records, &parted, &[], &[], &history, 4);
            assert_eq!(customers(&fourth)[..3], customers(&first)[..3]);
            if merged == [0; 4] {
                assert_eq!(customers(&fourth), customers(&first));
                assert_eq!(fourth.counts(), BTreeMap::from([("split".to_string(), 1)]));
                assert_eq!(fourth.merged, []);
                for id in customers(&first) {
                    assert_eq!(redirect(&fourth, &id), Some(id));
                }
            }
        }
    }

    #[test]
    fn a_merge_of_merges_is_undone_one_by_one() {
        let none = History::default();
        let records = ["a", "b", "c"];
        let first = assigned(&records, &[0, 1, 2], &[], &[], &none, 1);
        let history = after(&records, &first);
        let second = assigned(&records, &[0, 1, 1], &[], &[], &history, 2);
        let history = after(&records, &second);
        let third = assigned(&records, &[0, 0, 0], &[], &[], &history, 3);
        let history = after(&records, &third);
        let fourth = assigned(&records, &[0, 1, 1], &[], &[], &history, 4);
        assert_eq!(customers(&fourth), customers(&second));
        for id in customers(&first) {
            assert_eq!(redirect(&fourth, &id), redirect(&second, &id));
        }
        let history = after(&records, &fourth);
        let fifth = assigned(&records, &[0, 1, 2], &[], &[], &history, 5);
        assert_eq!(customers(&fifth), customers(&first));
    }

    #[test]
    fn records_that_came_after_a_merge_go_where_their_cluster_goes() {
        let none = History::default();
        let first = assigned(&["c"], &[0], &[], &[], &none, 1);
        let history = after(&["c"], &first);
        let second = assigned(&["c", "x"], &[0, 1], &[], &[], &history, 2);
        let history = after(&["c", "x"], &second);
        let merged = assigned(&["c", "x"], &[0, 0], &[], &[], &history, 3);
        let history = after(&["c", "x"], &merged);
        let records = ["c", "n", "x"];
        let third = assigned(&records, &[0, 0, 0], &[], &[], &history, 4);
        let history = after(&records, &third);
        let parted = assigned(&records, &[0, 1, 1], &[], &[], &history, 5);
        let [of_c, of_x] = [0, 1].map(|at| customers(&second)[at].clone());
        assert_eq!(customers(&parted), [of_c, of_x.clone(), of_x]);
    }

    #[test]
    fn records_that_are_away_when_a_merge_is_made_or_undone_go_with_their_own() {
        let none = History::default();
        let all = ["c", "w1", "w2"];
        let first = assigned(&all, &[0, 1, 1], &[], &[], &none, 1);
        let ids = customers(&first);
        for is_away_at_merge in [true, false] {
            let mut history = after(&all, &first);
            if is_away_at_merge {
                let away = assigned(&["c", "w1"], &[0, 1], &[], &[], &history, 2);
                history = after(&["c", "w1"], &away);
            }
            let few = ["c", "w1"];
            let (records, clusters): (&[&str], &[u32]) = match is_away_at_merge {
                true => (&few, &[0, 0]),
                false => (&all, &[0, 0, 0]),
            };
            let merged = assigned(records, clusters, &[], &[], &history, 3);
            let history = after(records, &merged);
            // w2 is away while the merge is undone, and comes back alone.
            let undone = assigned(&few, &[0, 1], &[], &[], &history, 4);
            assert_eq!(customers(&undone), ids[..2]);
            let history = after(&few, &undone);
            let back = assigned(&all, &[0, 1, 1], &[], &[], &history, 5);
            assert_eq!(customers(&back), ids);
            let alone = assigned(&["c", "w2"], &[0, 1], &[], &[], &history, 5);
            assert_eq!(customers(&alone), [ids[0].clone(), ids[2].clone()]);
        }
    }

    #[test]
    fn a_merge_of_a_merge_is_undone_with_most_of_its_records_away() {
        let none = History::default();
        let all = ["i1", "i2", "i3", "l", "x1", "x2"];
        let first = assigned(&all, &[0, 0, 0, 3, 4, 4], &[], &[], &none, 1);
        let history = after(&all, &first);
        let [of_i, of_l, of_x] = [0, 3, 4].map(|at| customers(&first)[at].clone());
        let second = assigned(&all, &[0, 0, 0, 3, 3, 3], &[], &[], &history, 2);
        assert_eq!(redirect(&second, &of_l), Some(of_x.clone()));
        let history = after(&all, &second);
        let few = &all[..4];
        let third = assigned(few, &[0, 0, 0, 3], &[], &[], &history, 3);
        let history = after(few, &third);
        let fourth = assigned(few, &[0, 0, 0, 0], &[], &[], &history, 4);
        let history = after(few, &fourth);
        // The last merge is undone, the one before holds.
        let fifth = assigned(few, &[0, 0, 0, 3], &[], &[], &history, 5);
        assert_eq!(customers(&fifth), customers(&third));
        for id in [of_i, of_l, of_x] {
            assert_eq!(redirect(&fifth, &id), redirect(&third, &id));
        }
        let history = after(few, &fifth);
        let sixth = assigned(&all, &[0, 0, 0, 3, 3, 3], &[], &[], &history, 6);
        assert_eq!(customers(&sixth), customers(&second));
    }

    #[test]
    fn an_id_goes_to_its_own_records_before_those_that_went_through_it() {
        let none = History::default();
        let records = ["b1", "b2", "c", "e"];
        let first = assigned(&records, &[0, 0, 2, 3], &[], &[], &none, 1);
        let history = after(&records, &first);
        let second = assigned(&records, &[0, 0, 0, 3], &[], &[], &history, 2);
        let history = after(&records, &second);
        // c goes from b to e, all become one, and all part.
        let third = assigned(&records, &[0, 0, 2, 2], &[], &[], &history, 3);
        let history = after(&records, &third);
        let fourth = assigned(&records, &[0, 0, 0, 0], &[], &[], &history, 4);
        let history = after(&records, &fourth);
        let fifth = assigned(&records, &[0, 0, 2, 3], &[], &[], &history, 5);
        assert_eq!(customers(&fifth), customers(&first));
    }

    /// The night of each of these clusterings, one after the other: the customers of the last.
    fn after_nights(records: &[&str], nights: &[&[u32]]) -> (Vec<String>, History) {
        let mut history = History::default();
        let mut last = Vec::new();
        for (day, clusters) in (1..).zip(nights) {
            let known = history.clone();
            let records = &records[..clusters.len()];
            let found = assigned(records, clusters, &[], &[], &known, day);
            (last, history) = (customers(&found), after(records, &found));
        }
        (last, history)
    }

    /// A night of these records, sorted, those with one label together: their customers.
    fn night_of(history: &History, day: u32, labels: &[(&str, u32)]) -> (Vec<String>, History) {
        let records: Vec<&str> = labels.iter().map(|(record, _)| *record).collect();
        let first = |label| labels.iter().position(|(_, other)| *other == label);
        let clusters = labels
            .iter()
            .map(|(_, label)| first(*label).unwrap() as u32);
        let clusters: Vec<u32> = clusters.collect();
        let found = assigned(&records, &clusters, &[], &[], history, day);
        (customers(&found), after(&records, &found))
    }

    #[test]
    fn who_was_there_first_is_known_after_an_undone_night() {
        // e joins g, g goes away, c joins e.
        let begin: [&[(&str, u32)]; 6] = [
            &[("a", 0)],
            &[("a", 0), ("g", 1)],
            &[("a", 0), ("c", 2), ("e", 3), ("g", 1)],
            &[("a", 0), ("c", 2), ("e", 1), ("g", 1)],
            &[("a", 0), ("c", 2), ("e", 1)],
            &[("a", 0), ("c", 1), ("e", 1)],
        ];
        let detour: [&[(&str, u32)]; 2] = [&[("a", 0), ("c", 0), ("e", 0)], begin[5]];
        let apart = [("a", 0), ("c", 1), ("e", 2)];
        let last = |nights: &[&[(&str, u32)]]| {
            let mut history = History::default();
            for (day, labels) in (1..).zip(nights) {
                history = night_of(&history, day, labels).1;
            }
            night_of(&history, 20, &apart).0
        };
        assert_eq!(last(&[&begin[..], &detour[..]].concat()), last(&begin));
    }

    #[test]
    fn an_undone_chain_is_the_same_in_any_order_of_its_records() {
        // d, then r, then q beside it; q goes into r, all become one, and r parts first.
        for [d, r, q] in [["p", "r", "q"], ["z", "r", "q"], ["p", "q", "r"]] {
            let mut history = History::default();
            let mut next = |day: u32, labels: &[(&str, u32)]| {
                let mut labels = labels.to_vec();
                labels.sort_unstable();
                let (found, after) = night_of(&history, day, &labels);
                history = after;
                let of = labels.iter().map(|(record, _)| record.to_string());
                of.zip(found).collect::<HashMap<_, _>>()
            };
            next(1, &[(d, 0)]);
            next(2, &[(d, 0), (r, 1)]);
            let apart = next(3, &[(d, 0), (r, 1), (q, 2)]);
            next(4, &[(d, 0), (r, 1), (q, 1)]);
            next(5, &[(d, 0), (r, 0), (q, 0)]);
            next(6, &[(d, 0), (q, 0), (r, 1)]);
            assert_eq!(next(7, &[(d, 0), (q, 1), (r, 2)]), apart);
        }
    }

    #[test]
    fn a_stranger_does_not_take_the_id_of_a_customer_whose_own_record_is_away() {
        let (_, history) = after_nights(&["b", "d"], &[&[0, 1], &[0, 0]]);
        let away = assigned(&["d"], &[0], &[], &[], &history, 3);
        let id = customers(&away)[0].clone();
        let history = after(&["d"], &away);
        let records = ["d", "m1", "m2"];
        let beside = assigned(&records, &[0, 1, 1], &[], &[], &history, 4);
        let history = after(&records, &beside);
        let wrong = assigned(&records, &[0, 0, 0], &[], &[], &history, 5);
        let history = after(&records, &wrong);
        let undone = assigned(&records, &[0, 1, 1], &[], &[], &history, 6);
        assert_eq!(customers(&undone), customers(&beside));
        assert_eq!(customers(&undone)[0], id);
    }

    #[test]
    fn of_two_parts_with_other_ids_the_one_that_was_there_first_keeps_the_id() {
        // g begins it, e and k go into it, and g is away; then a and c are one with them for a night.
        let all = ["a", "c", "e", "g", "k"];
        let none = History::default();
        let first = assigned(&all, &[0, 0, 2, 3, 4], &[], &[], &none, 1);
        let history = after(&all, &first);
        let second = assigned(&all, &[0, 0, 2, 2, 2], &[], &[], &history, 2);
        let history = after(&all, &second);
        let few = ["a", "c", "e", "k"];
        let third = assigned(&few, &[0, 0, 2, 2], &[], &[], &history, 3);
        let history = after(&few, &third);
        let wrong = assigned(&few, &[0, 0, 0, 0], &[], &[], &history, 4);
        let history = after(&few, &wrong);
        let undone = assigned(&few, &[0, 0, 2, 2], &[], &[], &history, 5);
        assert_eq!(customers(&undone), customers(&third));
    }

    #[test]
    fn a_record_that_came_later_does_not_begin_an_id_by_a_merge_that_is_undone() {
        let all = ["a", "n", "x", "z"];
        // z, a and x; x goes into a, and n comes to them.
        let detours: [&[&[u32]]; 2] = [&[], &[&[0, 0, 0, 0], &[0, 0, 0, 3]]];
        let parted = detours.map(|detour| {
            let none = History::default();
            let first = assigned(&["z"], &[0], &[], &[], &none, 1);
            let history = after(&["z"], &first);
            let second = assigned(&["a", "z"], &[0, 1], &[], &[], &history, 2);
            let history = after(&["a", "z"], &second);
            let few = ["a", "x", "z"];
            let third = assigned(&few, &[0, 1, 2], &[], &[], &history, 3);
            let history = after(&few, &third);
            let fourth = assigned(&few, &[0, 0, 2], &[], &[], &history, 4);
            let mut history = after(&few, &fourth);
            let of_a_and_x = [customers(&third)[0].clone(), customers(&third)[1].clone()];
            for (day, clusters) in (5..).zip([&[0, 0, 0, 3][..]].iter().chain(detour)) {
                let known = history.clone();
                let found = assigned(&all, clusters, &[], &[], &known, day);
                history = after(&all, &found);
            }
            let parted = assigned(&all, &[0, 1, 1, 3], &[], &[], &history, 8);
            let [of_a, of_x] = of_a_and_x;
            assert_eq!(customers(&parted)[..3], [of_a, of_x.clone(), of_x]);
            customers(&parted)
        });
        assert_eq!(parted[0], parted[1]);
    }

    #[test]
    fn an_id_whose_records_moved_on_leads_to_them() {
        let none = History::default();
        let records = ["c", "d", "x"];
        let first = assigned(&records, &[0, 1, 2], &[], &[], &none, 1);
        let history = after(&records, &first);
        let merged = assigned(&records, &[0, 1, 0], &[], &[], &history, 2);
        let history = after(&records, &merged);
        let moved = assigned(&records, &[0, 1, 1], &[], &[], &history, 3);
        let [of_c, of_d, of_x] = [0, 1, 2].map(|at| customers(&first)[at].clone());
        assert_eq!(
            customers(&moved),
            [of_c.clone(), of_d.clone(), of_d.clone()]
        );
        assert_eq!(redirect(&moved, &of_x), Some(of_d));
        assert_eq!(redirect(&moved, &of_c), Some(of_c));
    }

    #[test]
    fn a_record_that_moves_is_told() {
        let none = History::default();
        let records = ["a", "b", "c", "d", "e"];
        let first = assigned(&records, &[0, 0, 0, 3, 3], &[], &[], &none, 1);
        let history = after(&records, &first);
        let second = assigned(&records, &[0, 0, 2, 2, 2], &[], &[], &history, 2);
        assert_eq!(second.changes, []);
        let from = |at: usize| second.ids.value(second.moved[at].1 as usize).to_string();
        assert_eq!((second.moved.len(), second.moved[0].0), (1, 2));
        assert_eq!(from(0), customers(&first)[0]);
        // What moved is of its new customer from then on; a run of the same night says it again.
        let mut history = after(&records, &second);
        history.moved = Owned {
            records: ids(&["c"]),
            customers: vec![history.customer("a").unwrap()],
        };
        let again = assigned(&records, &[0, 0, 2, 2, 2], &[], &[], &history, 2);
        let from = |at: usize| again.ids.value(again.moved[at].1 as usize).to_string();
        assert_eq!(
            (again.moved.len(), from(0)),
            (1, customers(&first)[0].clone())
        );
        history.moved = Owned::default();
        let third = assigned(&records, &[0, 0, 2, 2, 2], &[], &[], &history, 3);
        assert_eq!((third.moved.len(), third.merged.len()), (0, 0));
    }

    #[test]
    fn a_record_that_is_away_is_known_by_those_of_its_customer() {
        let none = History::default();
        let records = ["a", "b", "c"];
        let first = assigned(&records, &[0, 1, 0], &[], &[], &none, 1);
        let history = after(&records, &first);
        let of_a = history.customer("a").unwrap();
        assert_eq!(history.customer("c"), Some(of_a));
        assert_ne!(history.customer("b"), Some(of_a));
        let second = assigned(&["b", "c"], &[0, 1], &[], &[], &history, 2);
        let history = after(&["b", "c"], &second);
        let of_a = history.customer("a").unwrap();
        assert_eq!(history.unmerged_records(&[of_a].into())[&of_a], ["c", "a"]);
        assert_eq!(history.customer("unknown"), None);
    }

    proptest! {
        /// Records come, go, merge and part as they like; 9 is a record that is away.
        #[test]
        fn ids_stay_sound_whatever_happens(
            nights in proptest::collection::vec(proptest::collection::vec(0..10_usize, 7), 1..8),
        ) {
            const ALL: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
            let mut history = History::default();
            // The records that each id ever had.
            let mut ever: HashMap<String, Vec<&str>> = HashMap::new();
            for (day, labels) in nights.iter().enumerate() {
                let here: Vec<usize> = (0..ALL.len()).filter(|at| labels[*at] < 7).collect();
                let records: Vec<&str> = here.iter().map(|at| ALL[*at]).collect();
                let first = |label: usize| here.iter().position(|at| labels[*at] == label).unwrap() as u32;
                let clusters: Vec<u32> = here.iter().map(|at| first(labels[*at])).collect();
                let found = assigned(&records, &clusters, &[], &[], &history, day as u32 + 1);
                let ids = customers(&found);
                for one in 0..ids.len() {
                    for other in 0..one {
                        prop_assert_eq!(ids[one] == ids[other], clusters[one] == clusters[other]);
                    }
                    prop_assert_eq!(redirect(&found, &ids[one]), Some(ids[one].clone()));
                }
                let places = found.places();
                for led in &found.redirects {
                    let target = found.redirects[places[led.customer as usize] as usize];
                    prop_assert_eq!(target.customer, led.customer);
                    prop_assert_eq!(led.is_retired, !found.customers.contains(&led.customer));
                }
                for (id, record) in ids.iter().zip(&records) {
                    ever.entry(id.clone()).or_default().push(record);
                }
                // Where all records that an id had are here, it leads to one of theirs.
                for (id, of_id) in &ever {
                    let place = |record: &&str| records.iter().position(|other| other == record);
                    let places: Vec<_> = of_id.iter().map(place).collect();
                    let target = redirect(&found, id);
                    let is_theirs = |place: &Option<usize>| Some(&ids[place.unwrap()]) == target.as_ref();
                    prop_assert!(places.contains(&None) || places.iter().any(is_theirs), "{id} leads to {target:?}");
                }
                let mut kinds: Vec<_> = found.changes.iter().map(|change| (change.customer, change.kind)).collect();
                kinds.sort_unstable();
                prop_assert!(kinds.windows(2).all(|pair| pair[0] != pair[1]));
                prop_assert!(found.former.iter().all(|(record, _)| !records.contains(record)));
                let known = super::tests::ids(&records);
                let merged: Vec<&str> = found.merged.iter().map(|(record, _)| record.id(&known)).collect();
                prop_assert!(merged.windows(2).all(|pair| pair[0] < pair[1]));
                history = after(&records, &found);
                // The same again: nothing happens.
                let again = assigned(&records, &clusters, &[], &[], &history, day as u32 + 2);
                prop_assert_eq!((again.changes.len(), again.moved.len()), (0, 0));
                prop_assert_eq!(customers(&again), ids);
            }
        }

        /// After any nights, some customers are one for a night, and then what they were.
        #[test]
        fn a_wrong_merge_that_is_undone_leaves_no_trace(
            nights in proptest::collection::vec(proptest::collection::vec((0..4_usize).prop_map(Some), 6), 1..7),
            joins in proptest::collection::vec(0..3_usize, 4),
        ) {
            const ALL: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
            // Those that are there, and their clusters.
            let there = |labels: &[Option<usize>]| -> (Vec<&str>, Vec<u32>) {
                let there = ALL.into_iter().zip(labels).filter_map(|(record, label)| Some((record, (*label)?)));
                let (records, labels): (Vec<&str>, Vec<usize>) = there.unzip();
                let first = |label: &usize| labels.iter().position(|other| other == label).unwrap() as u32;
                let clusters = labels.iter().map(first).collect();
                (records, clusters)
            };
            let after_all = |nights: &[Vec<Option<usize>>]| {
                let mut history = History::default();
                let mut last = Vec::new();
                for (day, (records, clusters)) in (1..).zip(nights.iter().map(|labels| there(labels))) {
                    let known = history.clone();
                    let found = assigned(&records, &clusters, &[], &[], &known, day);
                    (last, history) = (customers(&found), after(&records, &found));
                }
                (last, history)
            };
            let last = nights.last().unwrap();
            let joined: Vec<Option<usize>> = last.iter().map(|label| Some(joins[(*label)?])).collect();
            let (before, known) = after_all(&nights);
            let undone: Vec<Vec<Option<usize>>> = nights.iter().chain([&joined, last]).cloned().collect();
            let (undone, history) = after_all(&undone);
            prop_assert_eq!(before, undone);
            let traces = |history: &History| {
                let merged = history.merged.customers.clone();
                let details = (history.came_later.clone(), history.merged_on.clone());
                (history.targets.clone(), history.merged_into.clone(), merged, details)
            };
            prop_assert_eq!(traces(&known), traces(&history));
        }

        /// All are one for a night, and then what they were.
        #[test]
        fn what_was_one_for_a_night_is_what_it_was(labels in proptest::collection::vec(0..5_usize, 1..8)) {
            const ALL: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
            let records = &ALL[..labels.len()];
            let first = |label: usize| labels.iter().position(|other| *other == label).unwrap() as u32;
            let clusters: Vec<u32> = labels.iter().map(|label| first(*label)).collect();
            let none = History::default();
            let before = assigned(records, &clusters, &[], &[], &none, 1);
            let history = after(records, &before);
            let one = assigned(records, &vec![0; labels.len()], &[], &[], &history, 2);
            let history = after(records, &one);
            let undone = assigned(records, &clusters, &[], &[], &history, 3);
            prop_assert_eq!(customers(&undone), customers(&before));
            prop_assert!(undone.merged.is_empty());
        }
    }

    #[test]
    fn an_id_that_is_taken_is_not_given_again() {
        let none = History::default();
        let first = assigned(&["a"], &[0], &[], &[], &none, 1);
        let mut history = after(&["a"], &first);
        // The record is forgotten, its id is not.
        history.living = Owned::default();
        let second = assigned(&["a"], &[0], &[], &[], &history, 2);
        assert_ne!(customers(&second), customers(&first));
    }
}
