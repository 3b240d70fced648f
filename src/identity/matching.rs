//! From records to clusters, top to bottom.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, AsArray, BooleanArray, Float64Array, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type, UInt16Type, UInt32Type, UInt64Type};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility};
use datafusion::prelude::{DataFrame, SessionContext, create_udf, ident, lit};
use futures::StreamExt;
use futures::future::try_join_all;
use rayon::prelude::*;

use super::blocking::{Blocks, Choice, Summary};
use super::bound::Bound;
use super::candidates::{Candidates, PairsTable, Source};
use super::clusters::{self, Fate, Link, Never};
use super::comparison::Prepared;
use super::condition::{self, mix};
use super::contents::Contents;
use super::grouping;
use super::guard::{self, SharedValue};
use super::history::{Owned, StandIn};
use super::memo::Memo;
use super::model::{self, Histogram, Known, Model};
use super::model_file::ModelFile;
use super::pairs::{self, Carried, Files, Frequencies, Keeper, Pair, Signatures};
use super::random_pairs::Forbidden;
use super::ready::{Formed, Rules, comparisons};
use super::records::Records;
use super::rules::RuleBook;
use super::sieve::Sieve;
use crate::engine::threads::{in_own_threads, run_in_own_threads};

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
    /// Pairs that blocking brings and that were compared tonight, each once.
    pub compared: u64,
    /// Those that the night before had compared and kept, and whose records have not changed.
    pub carried: u64,
}

impl Matched {
    /// Whether the records of a link are in one cluster.
    pub fn are_one(&self, link: &Link) -> bool {
        self.clusters[link.left as usize] == self.clusters[link.right as usize]
    }
}

/// What is kept from one night to the next, so that only pairs with a new or a changed record are compared.
#[derive(Debug, Clone)]
pub struct Keeping<'a> {
    /// Tells rule books apart: pairs of another one do not hold.
    pub rules: String,
    /// What the night before kept, and its records.
    pub before: Option<(Files, &'a Owned)>,
    /// Where tonight's pairs go.
    pub tonight: Files,
    /// What the records say.
    pub contents: Contents,
}

/// The records of a night with all that is known of them before a pair is scored.
pub struct Matcher<'a> {
    session: SessionContext,
    book: &'a RuleBook,
    /// The records, and what finds and compares their pairs.
    candidates: Arc<Candidates>,
    /// The list of each record, where records of one list are never one person.
    pub lists: Option<Arc<Vec<u64>>>,
    certain: CertainPairs,
    never: Arc<[Never]>,
    shared: Vec<SharedValue>,
    decisions: Decisions,
    keeping: Option<&'a Keeping<'a>>,
    /// A hash of all that comparing reads of each record, where pairs are kept.
    signatures: Vec<u64>,
    /// How often each record's values come, where pairs are kept.
    frequencies: Frequencies,
    /// What training compared, for scoring not to compare it again.
    trained: OnceLock<TrainedOn>,
    /// What is held of the engine's memory: past its limit a night fails with a word, and is not killed without one.
    memory: MemoryReservation,
}

impl Deref for Matcher<'_> {
    type Target = Candidates;

    fn deref(&self) -> &Candidates {
        &self.candidates
    }
}

/// The pairs that a model was trained on, where they are all that the rules bring.
struct TrainedOn {
    /// How many they were.
    pairs: u64,
    /// The file that has all of them.
    file: PathBuf,
}

/// The pairs of a night, weighed.
struct Weighed {
    /// Those that are likely enough to be shown, in no order.
    links: Vec<Link>,
    /// How many were compared tonight.
    compared: u64,
    /// How many the night before had compared.
    carried: u64,
    /// The note of the sieve that they went through.
    sieve: String,
    /// What writes them for the next night.
    keeper: Option<Arc<Keeper>>,
}

/// What a matcher found, beside what the tables show.
pub struct Scored {
    /// What the tables show.
    pub matched: Matched,
    /// The share of each level of each comparison among the links.
    pub shares: Vec<Vec<f64>>,
}

impl<'a> Matcher<'a> {
    /// Makes records ready: the guard takes shared values out, rules find their blocks. With `keeping`, pairs of the night
    /// before are used, and tonight's are kept.
    pub fn new(
        session: &SessionContext,
        book: &'a RuleBook,
        records: Records,
        decisions: Decisions,
        keeping: Option<&'a Keeping<'a>>,
    ) -> Result<Self> {
        let ready = || Self::made_ready(session, book, records, decisions, keeping);
        let (mut matcher, certain) = in_own_threads(ready)?;
        if let Some(candidates) = Arc::get_mut(&mut matcher.candidates) {
            candidates.put_together();
        }
        matcher.certain = matcher.certain_pairs(&certain)?;
        let done = certain.iter().map(|rule| rule.blocks.size());
        matcher.memory.shrink(done.sum());
        tracing::debug!(
            pairs = matcher.certain.pairs.len(),
            "certain rules are done"
        );
        Ok(matcher)
    }

    /// The same but for the certain pairs, with the certain rules.
    fn made_ready(
        session: &SessionContext,
        book: &'a RuleBook,
        mut records: Records,
        decisions: Decisions,
        keeping: Option<&'a Keeping<'a>>,
    ) -> Result<(Self, Vec<Formed>)> {
        let pool = &session.runtime_env().memory_pool;
        let memory = MemoryConsumer::new("identity").register(pool);
        memory.try_grow(records.size())?;
        let memo = Memo::default();
        let (shared, blanked) = match &book.guard {
            Some(guard) => guard::apply(guard, &mut records, &memo)?,
            None => Default::default(),
        };
        memory.try_resize(records.size())?;
        tracing::debug!(shared = shared.len(), "shared values are taken out");
        let mut signatures = keeping.map(|_| Signatures::new(records.len()));
        let mut rules = Rules::new(session, book, &records, &memo, &mut signatures)?;
        memory.try_grow(rules.size() + memo.size())?;
        tracing::debug!("blocks are formed");
        if let (Some(signatures), Some(keeping)) = (&mut signatures, keeping) {
            signatures.add(&keeping.contents.whole);
            // The guard has taken values out of these since.
            for column in blanked
                .iter()
                .filter_map(|of| records.batch.column_by_name(of))
            {
                signatures.add_column(column)?;
            }
        }
        let signatures = signatures.map_or_else(Vec::new, Signatures::into_inner);
        let mut carried = keeping.and_then(|keeping| {
            let (files, owned) = keeping.before.as_ref()?;
            Carried::new(
                files.clone(),
                &keeping.rules,
                owned,
                &records.ids,
                &signatures,
            )
        });
        tracing::debug!(
            is_full = carried.is_none(),
            "records are held against the night before"
        );
        let raw = records.size() + memo.size();
        let still_read = rules.columns_still_read(session, book, &records)?;
        let still_read = keeping.map(|_| still_read.as_slice());
        let prepared = comparisons(
            session,
            book,
            &mut records,
            memo,
            rules.lists.as_ref().map(|lists| lists.as_slice()),
            still_read,
        )?;
        let compared: Vec<&String> = prepared.iter().flat_map(|of| &of.columns).collect();
        for rule in &mut rules.never {
            let mut read = rule.columns.iter();
            rule.narrows &= !read.any(|column| {
                let mut compared = compared.iter();
                compared.any(|compared| records.are_related(column, compared))
            });
        }
        memory.shrink(raw.saturating_sub(records.size()));
        memory.try_grow(prepared.iter().map(Prepared::size).sum())?;
        let mut frequencies = match keeping {
            Some(_) => Frequencies::new(&prepared, records.len()),
            None => Frequencies::default(),
        };
        if let Some(carried) = &mut carried {
            carried.hold(&mut frequencies);
        }
        tracing::debug!("comparisons are made ready");
        let matcher = Self {
            session: session.clone(),
            book,
            candidates: Arc::new(Candidates {
                records,
                prepared,
                blocking: rules.blocking,
                carried,
            }),
            lists: rules.lists,
            certain: CertainPairs::default(),
            never: rules.never.into(),
            shared,
            decisions,
            keeping,
            signatures,
            frequencies,
            trained: OnceLock::new(),
            memory,
        };
        Ok((matcher, rules.certain))
    }

    /// What each record says, where pairs are kept.
    pub fn said(&self) -> &[u64] {
        self.keeping.map_or(&[], |keeping| &keeping.contents.said)
    }

    /// Whether two records are of one list, which has no person twice.
    pub fn are_of_one_list(&self, left: u32, right: u32) -> bool {
        self.lists.as_ref().is_some_and(|lists| {
            let [left, right] = [left, right].map(|record| lists[record as usize]);
            left != grouping::NULL && left == right
        })
    }

    /// The certain rule that makes a link of a pair, left below right, or the stewards.
    pub fn certain_rule(&self, left: u32, right: u32) -> Option<String> {
        let pairs = &self.certain.pairs;
        let at = pairs.binary_search_by_key(&(left, right), |pair| (pair.left, pair.right));
        let rule = pairs[at.ok()?].rule;
        let name = self.certain.summaries.get(rule as usize);
        Some(name.map_or(STEWARD.to_string(), |(name, _)| name.clone()))
    }

    /// The blocking rules of which two records have equal values, and that do not bring them: their block was set aside.
    pub fn set_aside_by(&self, left: u32, right: u32) -> Result<Vec<String>> {
        let mut by = Vec::new();
        let rules = self.book.blocking.iter().zip(&self.blocking);
        for (rule, blocks) in rules.filter(|(_, blocks)| !blocks.brings(left, right)) {
            let schema = self.records.batch.schema();
            let whole = condition::plan_whole(&self.session, &schema, &rule.condition)?;
            let memo = Memo::default();
            let holds = Bound::new(&self.session, &self.records, &whole, &memo, &blocks.rule)?;
            let holds = holds.evaluate_both_ways(&self.records, &[left], &[right])?[0];
            if holds && !self.are_of_one_list(left, right) {
                by.push(blocks.rule.clone());
            }
        }
        Ok(by)
    }

    /// Lets go of what only finding and comparing pairs needs.
    fn finish(&mut self) {
        // No plan is running any more that could have a share in it.
        if let Some(candidates) = Arc::get_mut(&mut self.candidates) {
            let held = self.memory.size();
            self.memory.shrink(candidates.finish().min(held));
        }
    }

    /// How many certain pairs no never rule forbids.
    fn allowed_certain_pairs(&self) -> Result<usize> {
        /// Pairs whose values are side by side at a time.
        const AT_A_TIME: usize = 65_536;
        let mut allowed = 0;
        for pairs in self.certain.pairs.chunks(AT_A_TIME) {
            let sides = pairs.iter().map(|pair| (pair.left, pair.right));
            let (left, right): (Vec<u32>, Vec<u32>) = sides.unzip();
            let is_forbidden = self.forbidden(&left, &right, |_| true)?;
            allowed += is_forbidden.iter().filter(|forbidden| !**forbidden).count();
        }
        Ok(allowed)
    }

    /// How many matches there are, where nothing is known yet: the certain rules find a share of all.
    fn guessed_matches(&self, certain: usize) -> f64 {
        match certain {
            0 => self.records.len() as f64,
            found => found as f64 / self.book.certain_recall,
        }
    }

    /// Which of some pairs one of the never rules forbids that are meant.
    fn forbidden(
        &self,
        left: &[u32],
        right: &[u32],
        is_meant: impl Fn(&Never) -> bool + Sync,
    ) -> Result<Vec<bool>> {
        /// Pairs whose values are side by side at a time.
        const AT_A_TIME: usize = 1_024;
        let sides = left.par_chunks(AT_A_TIME).zip(right.par_chunks(AT_A_TIME));
        let forbidden = sides.map(|(left, right)| {
            let mut forbidden = vec![false; left.len()];
            for rule in self.never.iter().filter(|rule| is_meant(rule)) {
                let by_rule = rule.forbids(&self.records, left, right)?;
                let both = forbidden.iter_mut().zip(by_rule);
                both.for_each(|(forbidden, forbids)| *forbidden |= forbids);
            }
            Ok(forbidden)
        });
        let forbidden: Vec<Vec<bool>> = forbidden.collect::<Result<_>>()?;
        Ok(forbidden.concat())
    }

    /// The model of the night: what the file says, or one that is trained.
    pub fn model(&self, file: Option<&ModelFile>) -> Result<Model> {
        match file {
            Some(file) => Ok(file.model(&self.prepared, self.records.len())),
            None => self.train(&[], None),
        }
    }

    /// Trains a model on the records; `labels` are pairs that are known to be one person, none where nobody knows. Of rules that
    /// bring very many pairs it looks at some, by chance. Where it looks at all and pairs are kept, they need not be compared again.
    /// `matches` is how many pairs of records are one person, where that is known.
    pub fn train(&self, labels: &[(u32, u32)], matches: Option<u64>) -> Result<Model> {
        let pairs: Vec<u64> = self
            .blocking
            .iter()
            .map(|rule| rule.summary.pairs)
            .collect();
        let is_whole = pairs.iter().sum::<u64>() <= MOST_TRAINED_ON;
        let one_in = |pairs: &u64| match is_whole {
            true => 1,
            false => pairs.div_ceil(SAMPLED).max(1),
        };
        let one_in: Vec<u64> = pairs.iter().map(one_in).collect();
        let keeping = self.keeping.filter(|_| is_whole);
        let file = keeping.map(|keeping| keeping.tonight.of_training());
        let keeper = keeper(file.as_deref())?;
        let table = PairsTable::new(Arc::clone(&self.candidates), keeper.clone());
        let table = table.sampled(one_in.clone().into());
        let counted = self.session.read_table(Arc::new(table.clone()))?;
        let mut by = ["pattern", "rule", "rules"].map(ident).to_vec();
        if !self.never.is_empty() {
            let looked_at = pairs.iter().zip(&one_in);
            let looked_at: u64 = looked_at.map(|(pairs, one_in)| pairs / one_in).sum();
            let is_forbidden = self.is_forbidden(looked_at.div_ceil(ASKED));
            by.push(is_forbidden.call(vec![ident("left"), ident("right")]));
        }
        let counted = counted.aggregate(by, vec![count(lit(1))])?;
        let mut histograms = vec![Histogram::new(); self.blocking.len()];
        for batch in run_in_own_threads(counted.collect())?? {
            let patterns = batch.column(0).as_primitive::<UInt64Type>();
            let own = batch.column(1).as_primitive::<UInt16Type>();
            let rules = batch.column(2).as_primitive::<UInt64Type>();
            let last = batch.num_columns() - 1;
            let forbidden = (last > 3).then(|| batch.column(3).as_boolean());
            let counts = batch.column(last).as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                // Each stands for those that were not looked at.
                let found = counts.value(row) as u64 * one_in[own.value(row) as usize];
                let pattern = patterns.value(row);
                let is_vetoed = self.is_vetoed(pattern);
                let is_asked = forbidden.is_none_or(|forbidden| forbidden.is_valid(row));
                let is_forbidden = forbidden.is_some_and(|forbidden| forbidden.value(row));
                let asked = found * u64::from(is_vetoed || is_asked);
                let is_forbidden = is_vetoed || (is_asked && is_forbidden);
                for (rule, histogram) in histograms.iter_mut().enumerate() {
                    if rules.value(row) >> rule & 1 == 1 {
                        let count = histogram.entry(pattern).or_default();
                        count.all += found;
                        count.own += found * u64::from(rule == own.value(row) as usize);
                        count.asked += asked;
                        count.forbidden += asked * u64::from(is_forbidden);
                    }
                }
            }
        }
        let compared = table.counts().compared.load(Ordering::Relaxed);
        if let (Some(keeper), Some(file)) = (keeper, file) {
            keeper.end()?;
            let pairs = compared;
            let _ = self.trained.set(TrainedOn { pairs, file });
        }
        tracing::debug!(compared, "pairs are compared");
        let certain = self.allowed_certain_pairs()?;
        let is_rule = |rule: &Never| rule.narrows && rule.name != ACROSS;
        let forbidden = Forbidden {
            by_all: Box::new(|left, right| self.forbidden(left, right, |rule| rule.narrows)),
            by_rules: match self.never.iter().any(is_rule) {
                true => Some(Box::new(move |left, right| {
                    self.forbidden(left, right, is_rule)
                })),
                false => None,
            },
        };
        let model = model::train(
            &self.prepared,
            &self.records,
            &self.blocking,
            &histograms,
            &forbidden,
            Known {
                guessed: self.guessed_matches(certain),
                certain,
                labels,
                matches,
            },
        )?;
        tracing::debug!("the model is trained");
        Ok(model)
    }

    /// The rule book.
    pub fn book(&self) -> &RuleBook {
        self.book
    }

    /// Scores every pair that a rule brings, and joins the records.
    pub fn run(&self, model: Model) -> Result<Scored> {
        self.joined(self.score(&model)?, model)
    }

    /// The same, as the last that is asked of the pairs: what only finding and comparing them needs is let go on the way.
    pub fn run_and_finish(&mut self, model: Model) -> Result<Scored> {
        let weighed = self.score(&model)?;
        self.finish();
        let scored = self.joined(weighed, model)?;
        self.signatures = Vec::new();
        self.frequencies = Frequencies::default();
        Ok(scored)
    }

    /// Joins the records by their pairs.
    fn joined(&self, weighed: Weighed, model: Model) -> Result<Scored> {
        let Weighed {
            mut links,
            compared,
            carried,
            sieve,
            keeper,
        } = weighed;
        let join = || {
            links.extend(self.certain_links(&model));
            // A certain pair that blocking brought as well is one link: the certain one.
            links.par_sort_unstable_by_key(|a| (a.left, a.right, !a.is_certain));
            links.dedup_by_key(|link| (link.left, link.right));
            self.join(&links, self.book.threshold)
        };
        let (joined, kept) = rayon::join(join, || self.keep(keeper, &sieve));
        let (clusters, mut fates) = joined?;
        kept?;
        self.leave_to_rules(&mut links, &mut fates)?;
        tracing::debug!(links = links.len(), "clusters are formed");
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
                carried,
            },
        })
    }

    /// Joins records by the links from a threshold on: the smallest record of each record's cluster, and what became of each
    /// link; none for one that is below.
    pub fn join(&self, links: &[Link], threshold: f64) -> Result<(Vec<u32>, Vec<Option<Fate>>)> {
        let bits = model::bits(threshold);
        let is_link =
            |link: &Link| link.is_certain || (link.weight >= bits && !self.is_vetoed(link.pattern));
        clusters::build(
            &self.records,
            links,
            is_link,
            &self.never,
            &self.decisions.never,
            self.book.max_cluster,
        )
    }

    /// Lets go of the pairs below the threshold that a never rule or a steward forbids: nobody need look at them.
    fn leave_to_rules(&self, links: &mut Vec<Link>, fates: &mut Vec<Option<Fate>>) -> Result<()> {
        let below = links.iter().zip(&*fates).filter(|(_, fate)| fate.is_none());
        let (left, right): (Vec<u32>, Vec<u32>) =
            below.map(|(link, _)| (link.left, link.right)).unzip();
        let by_rules = self.forbidden(&left, &right, |_| true)?;
        let pairs = left.into_iter().zip(right).zip(by_rules);
        let mut is_forbidden = pairs
            .map(|(pair, by_rule)| by_rule || self.decisions.never.binary_search(&pair).is_ok());
        let is_left: Vec<bool> = fates
            .iter()
            .map(|fate| fate.is_some() || is_forbidden.next() == Some(false))
            .collect();
        let mut of_links = is_left.iter();
        links.retain(|_| of_links.next() == Some(&true));
        let mut of_fates = is_left.iter();
        fates.retain(|_| of_fates.next() == Some(&true));
        Ok(())
    }

    /// What forbids that two records, left below right, are one: never rules with the columns that they look at, and stewards.
    pub fn forbidden_by(&self, left: u32, right: u32) -> Result<Vec<(String, &[String])>> {
        let mut by: Vec<(String, &[String])> = Vec::new();
        if self.decisions.never.binary_search(&(left, right)).is_ok() {
            by.push((STEWARD.to_string(), &[]));
        }
        for rule in self.never.iter() {
            let condition = &rule.condition;
            if condition.evaluate_both_ways(&self.records, &[left], &[right])?[0] {
                by.push((rule.name.clone(), &rule.columns));
            }
        }
        Ok(by)
    }

    /// Who stands in for records of stewards' decisions that are away.
    pub fn stand_ins(&self) -> &[StandIn] {
        &self.decisions.stand_ins
    }

    /// The pairs of records that stewards hold apart.
    pub fn held_apart(&self) -> &[(u32, u32)] {
        &self.decisions.never
    }

    /// Whether a level of a pair forbids a link by score.
    pub fn is_vetoed(&self, pattern: model::Pattern) -> bool {
        self.vetoed_by(pattern).is_some()
    }

    /// The first comparison of which a level of a pair forbids a link by score.
    pub fn vetoed_by(&self, pattern: model::Pattern) -> Option<&Prepared> {
        let mut comparisons = self.prepared.iter().enumerate();
        let vetoes = |(at, comparison): &(usize, &Prepared)| {
            model::level_in(pattern, *at).is_some_and(|level| comparison.vetoes(level))
        };
        Some(comparisons.find(vetoes)?.1)
    }

    /// The certain rules' names, the stewards' decisions last.
    fn certain_names(&self) -> Vec<String> {
        let names = self.book.certain.iter().map(|rule| rule.name.clone());
        names.chain([STEWARD.to_string()]).collect()
    }

    /// The levels of some pairs that a rule brings.
    fn pairs(&self, left: &[u32], right: &[u32], rule: u16) -> Result<Vec<Pair>> {
        let patterns = model::patterns(&self.prepared, &self.records, left, right)?;
        let pair = |((left, right), pattern): ((&u32, &u32), u64)| Pair {
            left: *left,
            right: *right,
            rule,
            pattern,
        };
        Ok(left.iter().zip(right).zip(patterns).map(pair).collect())
    }

    /// The pairs that certain rules and stewards bring.
    fn certain_pairs(&self, rules: &[Formed]) -> Result<CertainPairs> {
        let mut pairs = match &self.carried {
            Some(carried) => carried.certain()?,
            None => Vec::new(),
        };
        let mut summaries = Vec::new();
        // What a rule of equalities brings, no later rule need look at.
        let mut plain: Vec<&Blocks> = Vec::new();
        let changed = Choice::of_changed(self.is_changed());
        for (index, Formed { blocks, rest }) in rules.iter().enumerate() {
            let holding = |left: &[u32], right: &[u32]| {
                let Some(rest) = rest else {
                    return self.pairs(left, right, index as u16);
                };
                let holds = rest.evaluate_both_ways(&self.records, left, right)?;
                let chosen = |side: &[u32]| -> Vec<u32> {
                    let both = side.iter().zip(&holds);
                    both.filter(|(_, holds)| **holds)
                        .map(|(record, _)| *record)
                        .collect()
                };
                self.pairs(&chosen(left), &chosen(right), index as u16)
            };
            blocks.for_each_batch(&plain, changed, holding, |some| {
                self.memory.try_grow(some.len() * size_of::<Pair>())?;
                pairs.extend(some);
                Ok(())
            })?;
            summaries.push((blocks.rule.clone(), blocks.summary.clone()));
            if rest.is_none() {
                plain.push(blocks);
            }
        }
        pairs.par_sort_unstable();
        pairs.dedup_by_key(|pair| (pair.left, pair.right));
        if let Some(keeping) = self.keeping {
            let keeper = Keeper::create(&keeping.tonight.certain, u64::MAX)?;
            let schema = PairsTable::kept_schema();
            for some in pairs.chunks(pairs::BATCH) {
                let columns = Pair::columns(some).to_vec();
                keeper.add(&RecordBatch::try_new(Arc::clone(&schema), columns)?)?;
            }
            keeper.end()?;
        }
        // A steward's word goes before any rule's.
        let (left, right): (Vec<u32>, Vec<u32>) = self.decisions.always.iter().copied().unzip();
        let steward = self.book.certain.len() as u16;
        if !left.is_empty() {
            let always = &self.decisions.always;
            pairs.retain(|pair| always.binary_search(&(pair.left, pair.right)).is_err());
            pairs.extend(self.pairs(&left, &right, steward)?);
            pairs.par_sort_unstable();
        }
        Ok(CertainPairs {
            pairs,
            summaries,
            steward,
        })
    }

    fn certain_links(&self, model: &Model) -> Vec<Link> {
        let link = |pair: &Pair| Link {
            left: pair.left,
            right: pair.right,
            is_certain: true,
            is_steward: pair.rule == self.certain.steward,
            rule: pair.rule,
            weight: model.weight(&self.prepared, pair.pattern, pair.left, pair.right),
            pattern: pair.pattern,
        };
        self.certain.pairs.par_iter().map(link).collect()
    }

    /// Weighs every pair that blocking brings, and gives those that are likely enough to be shown.
    fn score(&self, model: &Model) -> Result<Weighed> {
        let lowest = model::bits(self.book.review());
        let sieve = Sieve::new(model, &self.prepared, lowest);
        let trained = self.trained.get();
        let source = match (trained, &self.carried) {
            (Some(trained), _) => Source::File(trained.file.clone()),
            (None, Some(carried))
                if Sieve::was_wide_enough(&carried.sieve, model, &self.prepared, lowest) =>
            {
                Source::Changes
            }
            _ => Source::Rules,
        };
        let note = match (&source, &self.carried) {
            // What was kept before went through that night's sieve as well.
            (Source::Changes, Some(carried)) => sieve.note_behind(&carried.sieve),
            _ => sieve.note(),
        };
        let file = self.keeping.map(|keeping| keeping.tonight.scored.as_path());
        let keeper = keeper(file)?;
        let table = PairsTable::new(Arc::clone(&self.candidates), keeper.clone());
        let table = table.sifted(source, sieve);
        let frame = self.session.read_table(Arc::new(table.clone()))?;
        let links = self.links(model, frame)?;
        if let Some(trained) = trained {
            fs::remove_file(&trained.file)?;
        }
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        let counts = table.counts();
        let compared = trained.map_or_else(|| count(&counts.compared), |trained| trained.pairs);
        let carried = count(&counts.carried);
        tracing::debug!(compared, carried, "pairs are scored");
        Ok(Weighed {
            links,
            compared,
            carried,
            sieve: note,
            keeper,
        })
    }

    /// Ends what is kept for the next night.
    fn keep(&self, keeper: Option<Arc<Keeper>>, sieve: &str) -> Result<()> {
        let (Some(keeping), Some(keeper)) = (self.keeping, keeper) else {
            return Ok(());
        };
        let (files, rules) = (&keeping.tonight, &keeping.rules);
        match keeper.end()? {
            true => {
                let (signatures, frequencies) = (&self.signatures, &self.frequencies);
                pairs::write_signatures(files, rules, sieve, signatures, frequencies)
            }
            false => Ok(fs::remove_file(&files.scored)?),
        }
    }

    /// A function that says of a pair whether a never rule forbids that it is one person; of one pair in so many, null of the others.
    fn is_forbidden(&self, one_in: u64) -> ScalarUDF {
        let (candidates, never) = (Arc::clone(&self.candidates), Arc::clone(&self.never));
        let forbidden = move |values: &[ColumnarValue]| -> Result<ColumnarValue> {
            let values = ColumnarValue::values_to_arrays(values)?;
            let rows = |at: usize| values[at].as_primitive::<UInt32Type>().values();
            let (left, right) = (rows(0), rows(1));
            let is_asked = |at: &usize| {
                mix(u64::from(left[*at]), u64::from(right[*at])).is_multiple_of(one_in.max(1))
            };
            let asked: Vec<usize> = (0..left.len()).filter(is_asked).collect();
            let of = |side: &[u32]| asked.iter().map(|at| side[*at]).collect::<Vec<_>>();
            let (lefts, rights) = (of(left), of(right));
            let mut forbidden: Vec<Option<bool>> = vec![None; left.len()];
            asked.iter().for_each(|at| forbidden[*at] = Some(false));
            for rule in never.iter() {
                let by_rule = rule.forbids(&candidates.records, &lefts, &rights)?;
                for (at, _) in asked.iter().zip(by_rule).filter(|(_, forbids)| *forbids) {
                    forbidden[*at] = Some(true);
                }
            }
            Ok(ColumnarValue::Array(Arc::new(BooleanArray::from(
                forbidden,
            ))))
        };
        create_udf(
            "is_forbidden",
            vec![DataType::UInt32, DataType::UInt32],
            DataType::Boolean,
            Volatility::Immutable,
            Arc::new(forbidden),
        )
    }

    /// The links among some pairs, in no order.
    fn links(&self, model: &Model, pairs: DataFrame) -> Result<Vec<Link>> {
        let lowest = model::bits(self.book.review());
        let (candidates, of_model) = (Arc::clone(&self.candidates), model.clone());
        let weigh = move |values: &[ColumnarValue]| -> Result<ColumnarValue> {
            let values = ColumnarValue::values_to_arrays(values)?;
            let rows = |at: usize| values[at].as_primitive::<UInt32Type>().values().iter();
            let patterns = values[2].as_primitive::<UInt64Type>().values();
            let weight = |((left, right), pattern): ((&u32, &u32), &u64)| {
                of_model.weight(&candidates.prepared, *pattern, *left, *right)
            };
            let weights = rows(0).zip(rows(1)).zip(patterns).map(weight);
            let weights = Float64Array::from_iter_values(weights);
            Ok(ColumnarValue::Array(Arc::new(weights)))
        };
        let weigh = create_udf(
            "match_weight",
            vec![DataType::UInt32, DataType::UInt32, DataType::UInt64],
            DataType::Float64,
            Volatility::Immutable,
            Arc::new(weigh),
        );
        let weight = weigh.call(["left", "right", "pattern"].map(ident).to_vec());
        let columns = ["left", "right", "rule", "pattern"].map(ident);
        let columns = columns.into_iter().chain([weight.alias("weight")]);
        let likely = pairs.select(columns.collect::<Vec<_>>())?;
        let likely = likely.filter(ident("weight").gt_eq(lit(lowest)))?;
        let found = run_in_own_threads(async {
            let streams = likely.execute_stream_partitioned().await?.into_iter();
            let shares =
                streams.map(|stream| tokio::spawn(collect(stream, self.memory.new_empty())));
            try_join_all(shares.collect::<Vec<_>>())
                .await
                .map_err(|error| DataFusionError::External(Box::new(error)))
        })??;
        let mut links = Vec::new();
        for share in found {
            let (some, memory) = share?;
            drop(memory);
            self.memory.try_grow(some.len() * size_of::<Link>())?;
            links.extend(some);
        }
        Ok(links)
    }
}

/// What writes pairs to a file, where there is one.
fn keeper(file: Option<&Path>) -> Result<Option<Arc<Keeper>>> {
    let keeper = file.map(|file| Keeper::create(file, pairs::MOST_KEPT));
    Ok(keeper.transpose()?.map(Arc::new))
}

/// The links of a stream of weighed pairs, with the memory that they take.
async fn collect(
    mut pairs: SendableRecordBatchStream,
    memory: MemoryReservation,
) -> Result<(Vec<Link>, MemoryReservation)> {
    let mut links = Vec::new();
    while let Some(batch) = pairs.next().await {
        let batch = batch?;
        memory.try_grow(batch.num_rows() * size_of::<Link>())?;
        let weights = batch.column(4).as_primitive::<Float64Type>().values();
        let pairs = Pair::of_columns(batch.columns()).zip(weights);
        links.extend(pairs.map(|(pair, weight)| Link {
            left: pair.left,
            right: pair.right,
            is_certain: false,
            is_steward: false,
            rule: pair.rule,
            weight: *weight,
            pattern: pair.pattern,
        }));
    }
    Ok((links, memory))
}

/// Pairs of all rules up to which training looks at each.
const MOST_TRAINED_ON: u64 = 20_000_000;
/// Where they are more: about how many pairs of each rule it looks at.
const SAMPLED: u64 = 5_000_000;
/// Of about how many of them it is asked whether a never rule forbids them.
const ASKED: u64 = 1_000_000;

/// The rule under which a steward's `always` and `never` go.
pub const STEWARD: &str = "steward";

/// The rule under which records of one list are kept apart.
pub const ACROSS: &str = "across";

/// What stewards decided: pairs of records, left below right.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// Pairs that are one customer.
    pub always: Vec<(u32, u32)>,
    /// Pairs that are not.
    pub never: Vec<(u32, u32)>,
    /// Who stands in for records that are away, sorted.
    pub stand_ins: Vec<StandIn>,
    /// Of how many pairs some were read, whatever records they are of.
    pub read: u64,
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

#[derive(Default)]
struct CertainPairs {
    /// Sorted, each for the first rule that holds.
    pairs: Vec<Pair>,
    summaries: Vec<(String, Summary)>,
    /// The index under which the stewards' decisions go.
    steward: u16,
}
