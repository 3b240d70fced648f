//! The rule book made ready for the records of a night: conditions are bound, blocks formed, and comparisons prepared.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::prelude::SessionContext;

use super::blocking::Blocks;
use super::bound::Bound;
use super::clusters::Never;
use super::comparison::Prepared;
use super::condition;
use super::matching::ACROSS;
use super::memo::Memo;
use super::pairs::Signatures;
use super::records::Records;
use super::rules::{Comparison, Group, Rule, RuleBook, rule_named};

/// The rules of the book, made ready for the records.
pub struct Rules {
    /// The list of each record, where records of one list are never one person.
    pub lists: Option<Arc<Vec<u64>>>,
    /// What two records of one person cannot have.
    pub never: Vec<Never>,
    /// The blocks of every blocking rule.
    pub blocking: Vec<Blocks>,
    /// The certain rules.
    pub certain: Vec<Formed>,
}

/// A rule made ready: the blocks that its equalities form, and what else has to hold.
pub struct Formed {
    /// The blocks.
    pub blocks: Blocks,
    /// What else has to hold.
    pub rest: Option<Bound>,
}

impl Rules {
    /// Forms the blocks of all rules, and adds the keys of each record to its signature.
    pub fn new(
        session: &SessionContext,
        book: &RuleBook,
        records: &Records,
        memo: &Memo,
        signatures: &mut Option<Signatures>,
    ) -> Result<Self> {
        let schema = records.batch.schema();
        let lists = book.across.as_ref();
        let lists = lists.map(|column| memo.of_column(records, column));
        let lists = lists.transpose()?;
        let of_one_list = book.across.iter().map(|column| Rule {
            name: ACROSS.to_string(),
            condition: format!("l.\"{column}\" = r.\"{column}\""),
            max_block: 0,
        });
        let rules = book.never.iter().cloned().chain(of_one_list);
        let bound = rules.map(|rule| never(session, records, &rule, memo));
        let never = bound.collect::<Result<_>>()?;
        let mut form = |list: &str, rule: &Rule| -> Result<Formed> {
            let of = rule_named(list, &rule.name);
            let condition = condition::plan(session, &schema, &rule.condition)?;
            let mut keys = condition.key_numbers(session, records, memo, &of)?;
            let columns = condition.key_columns();
            let lists = lists.clone();
            let blocks = Blocks::new(&rule.name, columns, &mut keys, lists, rule.max_block);
            if let Some(signatures) = signatures {
                signatures.add(&keys.of_records());
            }
            let rest = condition.rest.as_ref();
            let rest = rest.map(|rest| Bound::new(session, records, rest, memo, &of));
            let rest = rest.transpose()?;
            memo.forget_columns(records);
            Ok(Formed { blocks, rest })
        };
        // One rule after the other, each on all threads: the keys of one are in memory.
        let blocking = book.blocking.iter();
        let blocking = blocking.map(|rule| Ok(form("blocking", rule)?.blocks));
        let blocking = blocking.collect::<Result<_>>()?;
        let certain = book.certain.iter().map(|rule| form("certain", rule));
        let certain = certain.collect::<Result<_>>()?;
        Ok(Self {
            lists,
            never,
            blocking,
            certain,
        })
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        let certain = self.certain.iter().map(|rule| &rule.blocks);
        let blocks = self.blocking.iter().chain(certain).map(Blocks::size);
        let rests = self.certain.iter().filter_map(|rule| rule.rest.as_ref());
        let never = self.never.iter().map(|rule| &rule.condition);
        blocks.sum::<usize>() + rests.chain(never).map(Bound::size).sum::<usize>()
    }

    /// The columns that are read of pairs that were found, and those of the rules of groups.
    pub fn columns_still_read(
        &self,
        session: &SessionContext,
        book: &RuleBook,
        records: &Records,
    ) -> Result<Vec<String>> {
        let rests = self.certain.iter().filter_map(|rule| rule.rest.as_ref());
        let never = self.never.iter().map(|rule| &rule.condition);
        let bound = rests.chain(never);
        let mut columns: Vec<String> = bound.flat_map(Bound::columns_still_read).collect();
        for group in &book.group {
            columns.extend(columns_of_group(session, &records.batch.schema(), group)?);
        }
        Ok(columns)
    }
}

/// The columns that the rule book reads of a table of records.
pub fn columns_read(
    session: &SessionContext,
    records: &SchemaRef,
    book: &RuleBook,
) -> Result<BTreeSet<String>> {
    let mut columns = BTreeSet::from([book.record_id.clone()]);
    columns.extend(book.across.clone());
    for (_, condition) in book.conditions() {
        columns.extend(condition::columns_named(session, records, condition)?);
    }
    for group in &book.group {
        columns.extend(columns_of_group(session, records, group)?);
    }
    for comparison in &book.comparison {
        columns.extend(comparison.column.clone());
        let levels = comparison.levels.iter();
        columns.extend(levels.filter_map(|level| level.term_frequency.clone()));
    }
    if let Some(guard) = &book.guard {
        columns.insert(guard.names.clone());
        columns.extend(guard.limits.keys().cloned());
    }
    Ok(columns)
}

fn columns_of_group(
    session: &SessionContext,
    records: &SchemaRef,
    group: &Group,
) -> Result<Vec<String>> {
    let mut columns = condition::columns_named(session, records, &group.condition)?;
    if let Some(head) = &group.head {
        let head = condition::plan_of_one(session, records, head)?;
        columns.extend(condition::columns([&head]));
    }
    Ok(columns)
}

/// Makes the comparisons ready, those first that read any columns. With the columns that are read later on, all others go as soon
/// as the comparisons that read them are ready, and so do the hashes.
pub fn comparisons(
    session: &SessionContext,
    book: &RuleBook,
    records: &mut Records,
    memo: Memo,
    lists: Option<&[u64]>,
    still_read: Option<&[String]>,
) -> Result<Vec<Prepared>> {
    let mut order: Vec<usize> = (0..book.comparison.len()).collect();
    order.sort_by_key(|at| book.comparison[*at].kind.is_some());
    let mut prepared: Vec<Option<Prepared>> = book.comparison.iter().map(|_| None).collect();
    // One after the other, each on all threads: what one needs on its way is in memory once.
    for (done, at) in order.iter().enumerate() {
        let rule = &book.comparison[*at];
        prepared[*at] = Some(Prepared::new(session, records, rule, &memo, lists)?);
        let Some(still_read) = still_read else {
            continue;
        };
        let to_come: Vec<&Comparison> = order[done + 1..]
            .iter()
            .map(|at| &book.comparison[*at])
            .collect();
        // Columns of own levels are known when they are ready.
        if to_come.iter().any(|rule| rule.kind.is_none()) {
            continue;
        }
        let to_come = to_come.iter().flat_map(|rule| rule.column.clone());
        let done = prepared.iter().flatten();
        let reads = done.flat_map(Prepared::columns_still_read);
        let kept: Vec<String> = to_come.chain(reads).chain(still_read.to_vec()).collect();
        records.keep(&kept)?;
        memo.keep_hashes(|_| false);
    }
    Ok(prepared.into_iter().flatten().collect())
}

/// Where one in so many records has no value, nearly all have one.
const SELDOM: usize = 100;

/// Binds a never rule.
fn never(session: &SessionContext, records: &Records, rule: &Rule, memo: &Memo) -> Result<Never> {
    let schema = records.batch.schema();
    let whole = condition::plan_whole(session, &schema, &rule.condition)?;
    let of = rule_named("never", &rule.name);
    let condition = Bound::new(session, records, &whole, memo, &of)?;
    let differs = condition::plan(session, &schema, &rule.condition)?.differs;
    // Of lists, SQL tells the order of the values too.
    let is_list = |column: &String| {
        let field = schema.field_with_name(column);
        field.is_ok_and(|field| field.data_type().is_nested())
    };
    let values = match &differs.filter(|column| !is_list(column)) {
        Some(column) => Some(records.encoded_by(column, memo)?.ids.iter().collect()),
        None => None,
    };
    let columns = whole.columns();
    let is_known = |column: &String| {
        let values = records.batch.column_by_name(column);
        values.is_some_and(|values| values.logical_null_count() <= records.len() / SELDOM)
    };
    Ok(Never {
        name: rule.name.clone(),
        narrows: columns.iter().all(is_known),
        columns,
        condition,
        values,
    })
}
