//! What stewards decided, read from their stage and held against the records of tonight.

use datafusion::common::{DataFusionError, Result};
use datafusion::prelude::SessionContext;
use hashbrown::HashSet;

use super::identity_records::text;
use crate::identity::history::{History, place_of};
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
) -> Result<(Decisions, Vec<String>)> {
    let mut decisions = Decisions::default();
    let Some(table) = &book.decisions else {
        return Ok((decisions, Vec::new()));
    };
    let all = rows(session, table).await?;
    let index = |id: &str| Some(place_of(&records.ids, id)? as u32);
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
        let customers = [one, other].map(|id| history.unmerged(id));
        let are_one = customers[0].is_some() && customers[0] == customers[1];
        let mut both = [one, other].into_iter().zip(customers);
        let are_known = both.all(|(id, customer)| index(id).or(customer).is_some());
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
        unknown.first().map(|first| {
            format!(
                "passed over {} of {table}: {first} is not there tonight",
                plural(unknown.len() as u64, "decision")
            )
        }),
    ];
    let stand_ins = stand_ins(&all, &away, index, history);
    let is_decided = |pair: &(u32, u32)| decisions.always.binary_search(pair).is_ok();
    let stand_ins = stand_ins.into_iter().filter(|pair| !is_decided(pair));
    decisions.never.extend(stand_ins);
    decisions.never.sort_unstable();
    decisions.never.dedup();
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

/// Those that were one with a record that is away stand in for it, but for any that stewards hold apart from it. Where the two of a
/// decision were one, that merge was wrong: then those alone do that were one with it before.
fn stand_ins(
    all: &[Decision],
    away: &[&Decision],
    index: impl Fn(&str) -> Option<u32>,
    history: &History,
) -> Vec<(u32, u32)> {
    let of_away = || {
        let ends = away.iter().flat_map(|decision| &decision.ends);
        ends.filter(|id| index(id).is_none())
    };
    let customers = of_away().filter_map(|id| history.customer(id)).collect();
    let records_of = history.records_of(&customers);
    let unmerged = of_away().filter_map(|id| history.unmerged(id)).collect();
    let records_of_unmerged = history.unmerged_records(&unmerged);
    let never = all.iter().filter(|decision| decision.is_never);
    let held_apart: HashSet<(&str, &str)> = never
        .flat_map(|decision| {
            let [one, other] = decision.ends.each_ref().map(String::as_str);
            [(one, other), (other, one)]
        })
        .collect();
    let for_one = |id: &String, were_one: bool| -> Vec<u32> {
        if let Some(here) = index(id) {
            return vec![here];
        }
        let (of, records) = match were_one {
            true => (history.unmerged(id), &records_of_unmerged),
            false => (history.customer(id), &records_of),
        };
        let others = of.and_then(|of| records.get(&of));
        let others = others.into_iter().flatten();
        let others = others.filter(|other| !held_apart.contains(&(id.as_str(), **other)));
        others.filter_map(|id| index(id)).collect()
    };
    let mut pairs = Vec::new();
    for decision in away {
        let [one, other] = &decision.ends;
        let were_one = history.customer(one) == history.customer(other);
        let others = for_one(other, were_one);
        for one in for_one(one, were_one) {
            let of_two = others.iter().filter(|other| **other != one);
            pairs.extend(of_two.map(|other| (one.min(*other), one.max(*other))));
        }
    }
    pairs
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
