//! Blocking rules that the book does not have: each is tried on the night's records, and told with the links that it would bring.

use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::common::utils::quote_identifier;
use datafusion::logical_expr::Expr;
use datafusion::prelude::{SessionContext, ident};

use super::blocking::{Blocks, Choice, Keys};
use super::condition::key_numbers;
use super::matching::Matcher;
use super::memo::Memo;
use super::model::{self, Model};
use super::rules::RuleBook;

/// A rule that would bring links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Its condition.
    pub condition: String,
    /// Pairs that no rule of the book brings.
    pub new_pairs: u64,
    /// Those of them that would be links.
    pub links: u64,
}

/// Records of the largest block of a rule that is tried.
const LARGEST_BLOCK: usize = 200;
/// A rule is not worth its pairs if it brings more of them than this for each record.
const PAIRS_PER_RECORD: u64 = 20;

/// Nor if it brings more than this for each link.
const PAIRS_PER_LINK: u64 = 5_000;

/// Tries every column, and every two, that the rule book reads; those first that would bring most links.
pub fn suggest(
    session: &SessionContext,
    book: &RuleBook,
    matcher: &Matcher,
    model: &Model,
) -> Result<Vec<Suggestion>> {
    let schema = matcher.records.batch.schema();
    let is_key = |kind: &DataType| {
        !matches!(kind, DataType::List(_) | DataType::Boolean) && !kind.is_floating()
    };
    let columns: Vec<&str> = schema
        .fields()
        .iter()
        .filter(|field| is_key(field.data_type()) && *field.name() != book.record_id)
        .map(|field| field.name().as_str())
        .collect();
    let mut candidates: Vec<Vec<&str>> = columns.iter().map(|column| vec![*column]).collect();
    for (at, first) in columns.iter().enumerate() {
        candidates.extend(columns[at + 1..].iter().map(|second| vec![*first, *second]));
    }
    // A rule of fewer columns brings all of its pairs already.
    candidates.retain(|columns| {
        let is_part = |rule: &Blocks| {
            let of = |column: &String| columns.contains(&column.as_str());
            rule.columns.iter().all(of)
        };
        !matcher.blocking.iter().any(is_part)
    });
    let earlier: Vec<&Blocks> = matcher.blocking.iter().collect();
    let most = (matcher.records.len() as u64 * PAIRS_PER_RECORD).max(100_000);
    let bits = model::bits(book.threshold);
    let memo = Memo::default();
    let mut found = Vec::new();
    for columns in candidates {
        let keys: Vec<Expr> = columns.iter().map(|column| ident(*column)).collect();
        let keys = key_numbers(session, &matcher.records, &keys, &memo, "a suggestion")?;
        let mut keys = Keys::one(keys);
        let lists = matcher.lists.clone();
        let blocks = Blocks::new("tried", Vec::new(), &mut keys, lists, LARGEST_BLOCK);
        if blocks.summary.pairs == 0 || blocks.summary.pairs > most {
            continue;
        }
        let (mut new_pairs, mut links) = (0, 0);
        let count = |left: &[u32], right: &[u32]| {
            let patterns = model::patterns(&matcher.prepared, &matcher.records, left, right)?;
            let pairs = patterns.into_iter().zip(left.iter().zip(right));
            let is_new = |(_, (left, right)): &(u64, (&u32, &u32))| {
                matcher.certain_rule(**left, **right).is_none()
            };
            let pairs: Vec<_> = pairs.filter(is_new).collect();
            let is_link = |(pattern, (left, right)): &&(u64, (&u32, &u32))| {
                model.weight(&matcher.prepared, *pattern, **left, **right) >= bits
                    && !matcher.is_vetoed(*pattern)
            };
            let links = pairs.iter().filter(is_link).count();
            Ok((pairs.len() as u64, links as u64))
        };
        blocks.for_each_batch(&earlier, Choice::ALL, count, |(some, of_them)| {
            (new_pairs, links) = (new_pairs + some, links + of_them);
            Ok(())
        })?;
        if links > 0 && new_pairs <= links * PAIRS_PER_LINK {
            let equal = |column: &&str| {
                let name = quote_identifier(column);
                format!("l.{name} = r.{name}")
            };
            let condition = columns.iter().map(equal).collect::<Vec<_>>().join(" and ");
            let suggestion = Suggestion {
                condition,
                new_pairs,
                links,
            };
            found.push((columns, suggestion));
        }
    }
    found.sort_by_key(|(_, tried)| {
        let effort = (std::cmp::Reverse(tried.links), tried.new_pairs);
        (effort, tried.condition.len(), tried.condition.clone())
    });
    // A second column that changes nothing is left out, as the name beside its own key.
    let is_more_of = |(columns, tried): &(Vec<&str>, Suggestion)| {
        let is_same = |(fewer, other): &(Vec<&str>, Suggestion)| {
            (tried.links, tried.new_pairs) == (other.links, other.new_pairs)
                && fewer.len() < columns.len()
                && fewer.iter().all(|column| columns.contains(column))
        };
        found.iter().any(is_same)
    };
    let is_told: Vec<bool> = found.iter().map(|tried| !is_more_of(tried)).collect();
    let told = found
        .into_iter()
        .zip(is_told)
        .filter(|(_, is_told)| *is_told);
    Ok(told.map(|((_, tried), _)| tried).collect())
}
