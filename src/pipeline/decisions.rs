//! What stewards decided, read from their stage and held against the records of tonight.

use datafusion::common::{DataFusionError, Result};
use datafusion::prelude::SessionContext;
use hashbrown::{HashMap, HashSet};

use super::identity_records::text;
use crate::identity::history::{History, StandIn, place_of};
use crate::identity::matching::Decisions;
use crate::identity::records::{NONE, Records};
use crate::identity::rules::RuleBook;
use crate::report::text::plural;

/// A decision about two records: that they are not one, or that they are.
struct Decision {
    ends: [String; 2],
    is_never: bool,
}

/// What stewards decided about records that are there, and what is to be said of the other decisions.
pub async fn read(
    session: &SessionContext,
    book: &RuleBook,
    records: &Records,
    history: &History,
    reused: &HashSet<String>,
) -> Result<(Decisions, Vec<String>)> {
    let mut decisions = Decisions::default();
    let Some(table) = &book.decisions else {
        return Ok((decisions, Vec::new()));
    };
    let all = rows(session, table).await?;
    let pairs = all.iter().map(|decision| {
        let [one, other] = &decision.ends;
        (one.min(other), one.max(other))
    });
    decisions.read = pairs.collect::<HashSet<_>>().len() as u64;
    let index = |id: &str| Some(place_of(&records.ids, id)? as u32);
    let were_one = one_with(&all, index, history);
    // Of which a record is not there tonight.
    let (mut away, mut unknown): (Vec<&Decision>, Vec<&str>) = (Vec::new(), Vec::new());
    for decision in &all {
        let [one, other] = &decision.ends;
        if let (Some(one), Some(other)) = (index(one), index(other)) {
            let pair = (one.min(other), one.max(other));
            match decision.is_never {
                true => decisions.never.push(pair),
                false => decisions.always.push(pair),
            }
            continue;
        }
        // A merge that was wrong does not make the two one.
        let are_one = were_one.with_one_id(one, other);
        let mut ends = decision.ends.iter();
        let are_known = ends.all(|id| index(id).is_some() || were_one.0.contains_key(id.as_str()));
        match decision.is_never && are_known && !are_one {
            true => away.push(decision),
            false => {
                let mut ends = decision.ends.iter().map(String::as_str);
                unknown.extend(ends.find(|id| index(id).is_none()));
            }
        }
    }
    for pairs in [&mut decisions.always, &mut decisions.never] {
        pairs.sort_unstable();
        pairs.dedup();
    }
    let told = [
        said_twice(table, records, &decisions),
        of_one_list(table, book, records, &decisions)?,
        of_other_records(table, &all, reused),
        unknown.first().map(|first| {
            format!(
                "passed over {} of {table}: {first} is not there tonight",
                plural(unknown.len() as u64, "decision")
            )
        }),
    ];
    let stand_ins = stand_ins(&all, &away, index, &were_one);
    let is_decided = |pair: &(u32, u32)| decisions.always.binary_search(pair).is_ok();
    let stand_ins = stand_ins.into_iter().filter(|pair| !is_decided(pair));
    decisions.never.extend(stand_ins);
    decisions.never.sort_unstable();
    decisions.never.dedup();
    decisions.stand_ins = were_one.into_stand_ins();
    Ok((decisions, told.into_iter().flatten().collect()))
}

/// The rows of the stage.
async fn rows(session: &SessionContext, table: &str) -> Result<Vec<Decision>> {
    let sql = format!(
        "select cast(left_id as text), cast(right_id as text), lower(decision) from {table}"
    );
    let mut rows = Vec::new();
    for batch in session.sql(&sql).await?.collect().await? {
        let column = |at: usize| text(batch.column(at));
        let (left, right, decision) = (column(0)?, column(1)?, column(2)?);
        for row in 0..batch.num_rows() {
            let ends = [left.value(row), right.value(row)];
            let is_never = match decision.value(row) {
                "always" if ends[0] != ends[1] => false,
                "never" if ends[0] != ends[1] => true,
                other => {
                    return Err(DataFusionError::Execution(format!(
                        "{table} decides \"{other}\" about {} and {}; a decision is always or never, about two records",
                        ends[0], ends[1]
                    )));
                }
            };
            let ends = ends.map(str::to_string);
            rows.push(Decision { ends, is_never });
        }
    }
    Ok(rows)
}

/// Of records that are away and that stewards hold apart from others: those that were one with each when it was there last, and whether
/// they had its id before any merge.
struct OneWith(HashMap<String, Vec<(String, bool)>>);

impl OneWith {
    fn of(&self, id: &str) -> &[(String, bool)] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whether two were one, one of them a record that is away.
    fn are_one(&self, one: &str, other: &str) -> bool {
        let is_with = |one, other| self.of(one).iter().any(|(record, _)| record == other);
        is_with(one, other) || is_with(other, one)
    }

    /// Whether they had one id before any merge.
    fn with_one_id(&self, one: &str, other: &str) -> bool {
        let is_with = |one, other| {
            let mut with = self.of(one).iter();
            with.any(|(record, had_its_id)| record == other && *had_its_id)
        };
        is_with(one, other) || is_with(other, one)
    }

    fn into_stand_ins(self) -> Vec<StandIn> {
        let of_one = self.0.into_iter().flat_map(|(away, with)| {
            with.into_iter().map(move |(record, had_its_id)| StandIn {
                away: away.clone(),
                record,
                had_its_id,
            })
        });
        let mut all: Vec<StandIn> = of_one.collect();
        all.sort_unstable();
        all
    }
}

/// Who was one with the records that are away: as it was told on the first night of that, or else by the night before.
fn one_with(all: &[Decision], index: impl Fn(&str) -> Option<u32>, history: &History) -> OneWith {
    let never = all.iter().filter(|decision| decision.is_never);
    let ends = never.flat_map(|decision| &decision.ends);
    let away: HashSet<&str> = ends
        .map(String::as_str)
        .filter(|id| index(id).is_none())
        .collect();
    let mut told: HashMap<String, Vec<(String, bool)>> = HashMap::new();
    for of in history
        .stand_ins
        .iter()
        .filter(|of| away.contains(of.away.as_str()))
    {
        let with = told.entry(of.away.clone()).or_default();
        with.push((of.record.clone(), of.had_its_id));
    }
    let new: Vec<(&str, u32)> = away
        .into_iter()
        .filter(|id| !told.contains_key(*id))
        .filter_map(|id| Some((id, history.customer(id)?)))
        .collect();
    let customers = new.iter().map(|(_, customer)| *customer).collect();
    let records = history.records_of(&customers);
    for (id, customer) in new {
        let own = history.unmerged(id);
        let with = records.get(&customer).into_iter().flatten();
        let with = with.map(|record| (record.to_string(), history.unmerged(record) == own));
        told.insert(id.to_string(), with.collect());
    }
    OneWith(told)
}

/// Those that were one with a record that is away stand in for it, but for any that stewards hold apart from it. Where the two of a
/// decision were one, that merge was wrong: then those alone do that were one with it before.
fn stand_ins(
    all: &[Decision],
    away: &[&Decision],
    index: impl Fn(&str) -> Option<u32>,
    were_one: &OneWith,
) -> Vec<(u32, u32)> {
    let never = all.iter().filter(|decision| decision.is_never);
    let held_apart: HashSet<(&str, &str)> = never
        .flat_map(|decision| {
            let [one, other] = decision.ends.each_ref().map(String::as_str);
            [(one, other), (other, one)]
        })
        .collect();
    let for_one = |id: &String, are_one: bool| -> Vec<u32> {
        if let Some(here) = index(id) {
            return vec![here];
        }
        let others = were_one.of(id).iter();
        let others = others.filter(|(other, had_its_id)| {
            (*had_its_id || !are_one) && !held_apart.contains(&(id.as_str(), other.as_str()))
        });
        others.filter_map(|(other, _)| index(other)).collect()
    };
    let mut pairs = Vec::new();
    for decision in away {
        let [one, other] = &decision.ends;
        let are_one = were_one.are_one(one, other);
        let others = for_one(other, are_one);
        for one in for_one(one, are_one) {
            let of_two = others.iter().filter(|other| **other != one);
            pairs.extend(of_two.map(|other| (one.min(*other), one.max(*other))));
        }
    }
    pairs
}

/// What is to be said where keys that stewards named are other records' tonight.
fn of_other_records(table: &str, all: &[Decision], reused: &HashSet<String>) -> Option<String> {
    let named = |decision: &&Decision| decision.ends.iter().any(|id| reused.contains(id));
    let decisions: Vec<&Decision> = all.iter().filter(named).collect();
    let mut keys = decisions.first()?.ends.iter();
    let key = keys.find(|id| reused.contains(*id))?;
    Some(format!(
        "{} of {table} {} a key that another record has tonight ({key}): decide anew of the records that are meant",
        plural(decisions.len() as u64, "decision"),
        if decisions.len() == 1 {
            "names"
        } else {
            "name"
        }
    ))
}

/// What is to be said where both is decided of two records.
fn said_twice(table: &str, records: &Records, decisions: &Decisions) -> Option<String> {
    let is_both = |pair: &&(u32, u32)| decisions.never.binary_search(pair).is_ok();
    let (one, other) = decisions.always.iter().find(is_both)?;
    Some(format!(
        "{table} says both always and never of {} and {}: never holds",
        records.ids.value(*one as usize),
        records.ids.value(*other as usize)
    ))
}

/// What is to be said where always is decided of two records of one list.
fn of_one_list(
    table: &str,
    book: &RuleBook,
    records: &Records,
    decisions: &Decisions,
) -> Result<Option<String>> {
    let Some(column) = &book.across else {
        return Ok(None);
    };
    let lists = records.encoded(column)?.ids;
    let is_of_one_list = |pair: &&(u32, u32)| {
        let list = lists.get(pair.0);
        list != NONE && list == lists.get(pair.1)
    };
    let told = |(one, other): &(u32, u32)| {
        format!(
            "{table} says always of {} and {}, which have the same {column}: across = \"{column}\" goes before it",
            records.ids.value(*one as usize),
            records.ids.value(*other as usize)
        )
    };
    Ok(decisions.always.iter().find(is_of_one_list).map(told))
}
