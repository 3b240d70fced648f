//! From records to clusters, top to bottom.

use datafusion::common::Result;
use datafusion::prelude::SessionContext;

use super::blocking::{Blocks, Summary};
use super::clusters::{self, Fate, Link, Never};
use super::comparison::Prepared;
use super::condition::{self, key_numbers};
use super::guard::{self, SharedValue};
use super::model::{self, Model};
use super::records::Records;
use super::rules::{Rule, RuleBook};

/// All that matching found.
pub struct Matched {
    /// The smallest record of each record's cluster.
    pub clusters: Vec<u32>,
    /// Links and review pairs, sorted by their records.
    pub links: Vec<Link>,
    /// What became of each link; `None` for a pair below the threshold, kept for review.
    pub fates: Vec<Option<Fate>>,
    /// Values that the guard took out.
    pub shared: Vec<SharedValue>,
    /// What each certain and blocking rule brings.
    pub rules: Vec<(String, &'static str, Summary)>,
    /// The trained model.
    pub model: Model,
    /// The names of the certain rules, then those of the blocking rules.
    pub rule_names: (Vec<String>, Vec<String>),
    /// Pairs that were compared, each once.
    pub compared: u64,
}

/// Matches the records by the rule book.
pub fn run(session: &SessionContext, book: &RuleBook, records: &mut Records) -> Result<Matched> {
    let shared = match &book.guard {
        Some(guard) => guard::apply(guard, records)?,
        None => Vec::new(),
    };
    let records = &*records;
    let certain = certain_pairs(session, book, records)?;
    let blocking = blocks(session, &book.blocking, records)?;
    let prepared = book
        .comparison
        .iter()
        .map(|rule| Prepared::new(session, records, rule))
        .collect::<Result<Vec<_>>>()?;
    let matches = match certain.pairs.len() {
        0 => records.len() as f64,
        found => found as f64 / book.certain_recall,
    };
    let model = model::train(&prepared, records, &blocking, matches)?;
    let (mut links, compared) = score(book, records, &prepared, &model, &blocking)?;
    links.extend(certain_links(records, &prepared, &model, &certain)?);
    // A certain pair that blocking brought as well is one link: the certain one.
    links.sort_by_key(|a| (a.left, a.right, !a.is_certain));
    links.dedup_by_key(|link| (link.left, link.right));
    let never = book
        .never
        .iter()
        .map(|rule| ready(session, records, rule))
        .collect::<Result<Vec<_>>>()?;
    let is_vetoed = |link: &Link| {
        prepared.iter().enumerate().any(|(at, comparison)| {
            model::level_in(link.pattern, at).is_some_and(|level| comparison.veto >> level & 1 == 1)
        })
    };
    let is_link = |link: &Link| {
        let is_likely = model::probability(link.weight) >= book.threshold;
        link.is_certain || (is_likely && !is_vetoed(link))
    };
    let accepted: Vec<Link> = links.iter().filter(|link| is_link(link)).cloned().collect();
    let (clusters, accepted_fates) = clusters::build(records, &accepted, &never, book.max_cluster)?;
    let mut accepted_fates = accepted_fates.into_iter();
    let fates = links
        .iter()
        .map(|link| {
            if is_link(link) {
                accepted_fates.next()
            } else {
                None
            }
        })
        .collect();
    let names = |rules: &[Rule]| rules.iter().map(|rule| rule.name.clone()).collect();
    let rules = certain
        .summaries
        .into_iter()
        .map(|(name, summary)| (name, "certain", summary))
        .chain(
            blocking
                .iter()
                .map(|rule| (rule.rule.clone(), "blocking", rule.summary.clone())),
        )
        .collect();
    Ok(Matched {
        clusters,
        links,
        fates,
        shared,
        rules,
        model,
        rule_names: (names(&book.certain), names(&book.blocking)),
        compared,
    })
}

fn blocks(session: &SessionContext, rules: &[Rule], records: &Records) -> Result<Vec<Blocks>> {
    let schema = records.batch.schema();
    rules
        .iter()
        .map(|rule| {
            let condition = condition::plan(session, &schema, &rule.condition)?;
            Ok(Blocks::new(
                &rule.name,
                key_numbers(session, records, &condition.keys)?,
                rule.max_block,
            ))
        })
        .collect()
}

struct CertainPairs {
    /// Left, right, and the index of the first rule that holds.
    pairs: Vec<(u32, u32, u16)>,
    summaries: Vec<(String, Summary)>,
}

fn certain_pairs(
    session: &SessionContext,
    book: &RuleBook,
    records: &Records,
) -> Result<CertainPairs> {
    let schema = records.batch.schema();
    let mut found = CertainPairs {
        pairs: Vec::new(),
        summaries: Vec::new(),
    };
    for (index, rule) in book.certain.iter().enumerate() {
        let condition = condition::plan(session, &schema, &rule.condition)?;
        let blocks = Blocks::new(
            &rule.name,
            key_numbers(session, records, &condition.keys)?,
            rule.max_block,
        );
        let batches = blocks.for_each_batch(&[], |left, right| {
            let holds = match &condition.rest {
                Some(rest) => rest.evaluate_both_ways(records, left, right)?,
                None => vec![true; left.len()],
            };
            let pairs = left
                .iter()
                .zip(right)
                .zip(holds)
                .filter(|(_, holds)| *holds);
            Ok(pairs
                .map(|((left, right), _)| (*left, *right, index as u16))
                .collect::<Vec<_>>())
        })?;
        found.pairs.extend(batches.into_iter().flatten());
        found.summaries.push((rule.name.clone(), blocks.summary));
    }
    found.pairs.sort_unstable();
    found.pairs.dedup_by_key(|(left, right, _)| (*left, *right));
    Ok(found)
}

fn certain_links(
    records: &Records,
    prepared: &[Prepared],
    model: &Model,
    certain: &CertainPairs,
) -> Result<Vec<Link>> {
    let left: Vec<u32> = certain.pairs.iter().map(|pair| pair.0).collect();
    let right: Vec<u32> = certain.pairs.iter().map(|pair| pair.1).collect();
    let patterns = model::patterns(prepared, records, &left, &right)?;
    let link = |((left, right, rule), pattern): (&(u32, u32, u16), u64)| Link {
        left: *left,
        right: *right,
        is_certain: true,
        rule: *rule,
        weight: model.weight(prepared, pattern, *left),
        pattern,
    };
    Ok(certain.pairs.iter().zip(patterns).map(link).collect())
}

/// Scores every pair that blocking brings, and keeps those that are likely enough to be shown.
fn score(
    book: &RuleBook,
    records: &Records,
    prepared: &[Prepared],
    model: &Model,
    blocking: &[Blocks],
) -> Result<(Vec<Link>, u64)> {
    let mut links = Vec::new();
    let mut compared = 0;
    let earlier: Vec<&Blocks> = blocking.iter().collect();
    for (index, rule) in blocking.iter().enumerate() {
        let batches = rule.for_each_batch(&earlier[..index], |left, right| {
            let patterns = model::patterns(prepared, records, left, right)?;
            let mut kept = Vec::new();
            for ((left, right), pattern) in left.iter().zip(right).zip(patterns) {
                let weight = model.weight(prepared, pattern, *left);
                if model::probability(weight) >= book.review.min(book.threshold) {
                    kept.push(Link {
                        left: *left,
                        right: *right,
                        is_certain: false,
                        rule: index as u16,
                        weight,
                        pattern,
                    });
                }
            }
            Ok((kept, left.len() as u64))
        })?;
        for (kept, count) in batches {
            links.extend(kept);
            compared += count;
        }
    }
    Ok((links, compared))
}

fn ready(session: &SessionContext, records: &Records, rule: &Rule) -> Result<Never> {
    let condition = condition::plan_never(session, &records.batch.schema(), &rule.condition)?;
    let values = match &condition.differs {
        Some(column) => Some(records.encoded(column)?.ids),
        None => None,
    };
    Ok(Never {
        name: rule.name.clone(),
        condition,
        values,
    })
}
