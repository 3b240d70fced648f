//! From records to clusters, top to bottom.

use datafusion::common::Result;
use datafusion::prelude::SessionContext;
use rayon::prelude::*;

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

/// The records of a night with all that is known of them before a pair is scored.
pub struct Matcher<'a> {
    book: &'a RuleBook,
    /// The records, shared values taken out.
    pub records: &'a Records,
    /// The comparisons made ready.
    pub prepared: Vec<Prepared>,
    /// The blocks of every blocking rule.
    pub blocking: Vec<Blocks>,
    certain: CertainPairs,
    never: Vec<Never>,
    shared: Vec<SharedValue>,
    decisions: Decisions,
}

/// What a matcher found, beside what the tables show.
pub struct Scored {
    /// What the tables show.
    pub matched: Matched,
    /// The share of each level of each comparison among the links.
    pub shares: Vec<Vec<f64>>,
}

impl<'a> Matcher<'a> {
    /// Makes records ready: the guard takes shared values out, rules find their blocks.
    pub fn new(
        session: &SessionContext,
        book: &'a RuleBook,
        records: &'a mut Records,
        decisions: Decisions,
    ) -> Result<Self> {
        let shared = match &book.guard {
            Some(guard) => guard::apply(guard, records)?,
            None => Vec::new(),
        };
        let records = &*records;
        let prepared: Vec<Result<Prepared>> = book
            .comparison
            .par_iter()
            .map(|rule| Prepared::new(session, records, rule))
            .collect();
        let never = book.never.iter().map(|rule| ready(session, records, rule));
        Ok(Self {
            book,
            records,
            prepared: prepared.into_iter().collect::<Result<_>>()?,
            blocking: blocks(session, &book.blocking, records)?,
            certain: certain_pairs(session, book, records, &decisions)?,
            never: never.collect::<Result<_>>()?,
            shared,
            decisions,
        })
    }

    /// The probability that two random records match, where nothing is known yet: the certain rules find a share of all matches.
    pub fn first_prior(&self) -> f64 {
        let matches = match self.certain.pairs.len() {
            0 => self.records.len() as f64,
            found => found as f64 / self.book.certain_recall,
        };
        model::prior(matches, self.records.len())
    }

    /// Trains a model on the records.
    pub fn train(&self) -> Result<Model> {
        let mut model = model::train(
            &self.prepared,
            self.records,
            &self.blocking,
            self.first_prior(),
        )?;
        let records = self.records.len();
        model.prior = model::settle_prior(&model, &self.prepared, self.records, &self.blocking)?;
        // As the model's file gives it back.
        model.prior = model::prior(model.matches_per_record(records) * records as f64, records);
        Ok(model)
    }

    /// Scores every pair that a rule brings, and joins the records.
    pub fn run(&self, model: Model) -> Result<Scored> {
        let (mut links, compared) = score(
            self.book,
            self.records,
            &self.prepared,
            &model,
            &self.blocking,
        )?;
        links.extend(certain_links(
            self.records,
            &self.prepared,
            &model,
            &self.certain,
        )?);
        // A certain pair that blocking brought as well is one link: the certain one.
        links.sort_by_key(|a| (a.left, a.right, !a.is_certain));
        links.dedup_by_key(|link| (link.left, link.right));
        let (clusters, fates) = self.join(&links, self.book.threshold)?;
        let accepted: Vec<&Link> = links
            .iter()
            .zip(&fates)
            .filter(|(_, fate)| fate.is_some())
            .map(|(link, _)| link)
            .collect();
        let shares = shares(&model, &accepted);
        let blocking = self
            .blocking
            .iter()
            .map(|rule| (rule.rule.clone(), "blocking", rule.summary.clone()));
        let certain = self
            .certain
            .summaries
            .iter()
            .map(|(name, summary)| (name.clone(), "certain", summary.clone()));
        Ok(Scored {
            shares,
            matched: Matched {
                clusters,
                links,
                fates,
                shared: self.shared.clone(),
                rules: certain.chain(blocking).collect(),
                model,
                rule_names: (
                    self.certain_names(),
                    self.book
                        .blocking
                        .iter()
                        .map(|rule| rule.name.clone())
                        .collect(),
                ),
                compared,
            },
        })
    }

    /// Joins records by the links from a threshold on: the smallest record of each record's cluster, and what became of each
    /// link; none for one that is below.
    pub fn join(&self, links: &[Link], threshold: f64) -> Result<(Vec<u32>, Vec<Option<Fate>>)> {
        let is_link = |link: &Link| {
            link.is_certain
                || (model::probability(link.weight) >= threshold && !self.is_vetoed(link.pattern))
        };
        let accepted: Vec<Link> = links.iter().filter(|link| is_link(link)).cloned().collect();
        let (clusters, fates) = clusters::build(
            self.records,
            &accepted,
            &self.never,
            &self.decisions.never,
            self.book.max_cluster,
        )?;
        let mut fates = fates.into_iter();
        let fates = links
            .iter()
            .map(|link| if is_link(link) { fates.next() } else { None });
        Ok((clusters, fates.collect()))
    }

    /// Whether a level of a pair forbids a link by score.
    pub fn is_vetoed(&self, pattern: model::Pattern) -> bool {
        self.prepared.iter().enumerate().any(|(at, comparison)| {
            model::level_in(pattern, at).is_some_and(|level| comparison.veto >> level & 1 == 1)
        })
    }

    /// The certain rules' names, the stewards' decisions last.
    fn certain_names(&self) -> Vec<String> {
        let names = self.book.certain.iter().map(|rule| rule.name.clone());
        names.chain([STEWARD.to_string()]).collect()
    }
}

/// The rule under which a steward's `always` and `never` go.
pub const STEWARD: &str = "steward";

/// What stewards decided: pairs of records, left below right.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// Pairs that are one customer.
    pub always: Vec<(u32, u32)>,
    /// Pairs that are not.
    pub never: Vec<(u32, u32)>,
}

/// The share of each level among the links that have it.
fn shares(model: &Model, links: &[&Link]) -> Vec<Vec<f64>> {
    let share = |(at, trained): (usize, &model::Trained)| {
        let mut counts = vec![0_u64; trained.levels.len()];
        links
            .iter()
            .filter_map(|link| model::level_in(link.pattern, at))
            .for_each(|level| counts[level] += 1);
        let total: u64 = counts.iter().sum();
        counts
            .iter()
            .map(|count| *count as f64 / total.max(1) as f64)
            .collect()
    };
    model.comparisons.iter().enumerate().map(share).collect()
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
    /// The index under which the stewards' decisions go.
    steward: u16,
}

fn certain_pairs(
    session: &SessionContext,
    book: &RuleBook,
    records: &Records,
    decisions: &Decisions,
) -> Result<CertainPairs> {
    let schema = records.batch.schema();
    let mut found = CertainPairs {
        pairs: Vec::new(),
        summaries: Vec::new(),
        steward: book.certain.len() as u16,
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
    // A steward's word goes before any rule's.
    found
        .pairs
        .retain(|(left, right, _)| decisions.always.binary_search(&(*left, *right)).is_err());
    let steward = found.steward;
    found.pairs.extend(
        decisions
            .always
            .iter()
            .map(|(left, right)| (*left, *right, steward)),
    );
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
        is_steward: *rule == certain.steward,
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
                        is_steward: false,
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
