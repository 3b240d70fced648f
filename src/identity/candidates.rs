//! The pairs of a night as a table of the engine: what counts, weighs or filters them is a plan like any other, under the
//! engine's memory limit.
//!
//! Pairs are never held. Each partition of the plan finds, compares and hands over those of its share of the blocks. A share
//! follows from the records, the rules and the number of partitions alone: whoever has the records can compute any of them.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{ArrayRef, RecordBatch, UInt16Array, UInt32Array, UInt64Array};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::coop::cooperative;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PhysicalExpr, PlanProperties,
};
use futures::{StreamExt, TryStreamExt, future, stream};

use super::blocking::{Blocks, Choice, Task};
use super::comparison::Prepared;
use super::model;
use super::pairs::{BATCH, Carried, Keeper, Pair, part, parts};
use super::records::Records;
use super::side_by_side::Numbers;
use super::sieve::{Sieve, Sifted};

/// The records of a night, and what finds and compares their pairs.
pub struct Candidates {
    /// The records, shared values taken out. Where pairs are kept, only columns that are still read.
    pub records: Records,
    /// The comparisons made ready.
    pub prepared: Vec<Prepared>,
    /// The blocks of every blocking rule.
    pub blocking: Vec<Blocks>,
    /// What the night before compared, as far as it still holds.
    pub carried: Option<Carried>,
}

impl Candidates {
    /// Which records are new or changed; all of them where nothing is carried.
    pub fn is_changed(&self) -> Option<&[bool]> {
        Some(self.carried.as_ref()?.is_changed.as_slice())
    }

    /// Puts the numbers of each record side by side.
    pub fn put_together(&mut self) {
        let numbers = self.prepared.iter_mut().flat_map(Prepared::numbers);
        let numbers = numbers.chain(self.blocking.iter_mut().filter_map(Blocks::numbers));
        Numbers::put_together(numbers.collect());
    }

    /// Lets go of what only finding and comparing pairs needs, and says how many bytes it had.
    pub fn finish(&mut self) -> usize {
        self.carried = None;
        let blocks = self.blocking.iter_mut().map(Blocks::finish);
        let prepared = self.prepared.iter_mut().map(Prepared::finish);
        blocks.chain(prepared).sum()
    }

    /// The blocking rules that bring a pair, one bit each; `first` is the first of them.
    fn rules(&self, left: u32, right: u32, first: u16) -> u64 {
        let later = self.blocking.iter().enumerate().skip(first as usize + 1);
        later
            .filter(|(_, blocks)| blocks.brings(left, right))
            .fold(1 << first, |rules, (at, _)| rules | 1 << at)
    }
}

/// Which pairs a table has.
#[derive(Debug, Clone, Default)]
pub enum Source {
    /// All that the rules bring, each compared.
    #[default]
    Rules,
    /// What the night before compared, and what the rules bring with a new or a changed record.
    Changes,
    /// Those of a file, which were compared tonight.
    File(PathBuf),
}

/// A piece of a partition's work.
enum Work {
    /// A part of what the night before compared.
    Carried(usize),
    /// A part of the file.
    Kept(usize),
    /// Blocks of a rule.
    Compare(usize, Task),
}

/// How many pairs a table looked at.
#[derive(Debug, Default)]
pub struct Counts {
    /// Those that were compared for it.
    pub compared: AtomicU64,
    /// Those that the night before had compared.
    pub carried: AtomicU64,
}

/// The most blocking rules that a rule book may have: the pairs say which of them bring a pair, one bit each.
pub const MOST_RULES: usize = 64;

/// Every pair that a blocking rule brings, once, for the first of them; with a sieve, those that come through it:
///
/// | column | type | |
/// |---|---|---|
/// | left, right | UInt32 | rows of the records, the first below the second |
/// | rule | UInt16 | the index of the first rule that brings it |
/// | pattern | UInt64 | the levels of its comparisons |
/// | rules | UInt64 | all rules that bring it, one bit each |
#[derive(Clone)]
pub struct PairsTable {
    candidates: Arc<Candidates>,
    source: Source,
    /// Of how many records each rule's pairs are those of one, by chance; all pairs, where it says nothing.
    one_in: Arc<[u64]>,
    sieve: Option<Arc<Sieve>>,
    keeper: Option<Arc<Keeper>>,
    counts: Arc<Counts>,
}

impl PairsTable {
    /// The pairs of some candidates, written to a file on their way where there is a keeper.
    pub fn new(candidates: Arc<Candidates>, keeper: Option<Arc<Keeper>>) -> Self {
        Self {
            candidates,
            source: Source::default(),
            one_in: Arc::default(),
            sieve: None,
            keeper,
            counts: Arc::default(),
        }
    }

    /// Some pairs, by chance: of each rule those of one in so many records, with the records behind it in its blocks.
    pub fn sampled(self, one_in: Arc<[u64]>) -> Self {
        Self { one_in, ..self }
    }

    /// The pairs of a source that come through a sieve.
    pub fn sifted(self, source: Source, sieve: Sieve) -> Self {
        Self {
            source,
            sieve: Some(Arc::new(sieve)),
            ..self
        }
    }

    /// All pieces of work, in one order.
    fn work(&self) -> Result<Vec<Work>> {
        let carried = match (&self.source, &self.candidates.carried) {
            (Source::File(file), _) => return Ok((0..parts(file)?).map(Work::Kept).collect()),
            (Source::Changes, Some(carried)) => carried.parts()?,
            _ => 0,
        };
        let mut work: Vec<Work> = (0..carried).map(Work::Carried).collect();
        for (rule, blocks) in self.candidates.blocking.iter().enumerate() {
            let tasks = blocks.tasks(self.choice(rule)).into_iter();
            work.extend(tasks.map(|task| Work::Compare(rule, task)));
        }
        Ok(work)
    }

    /// Which pairs of a rule it has.
    fn choice(&self, rule: usize) -> Choice<'_> {
        Choice {
            changed: match self.source {
                Source::Changes => self.candidates.is_changed(),
                _ => None,
            },
            one_in: self.one_in.get(rule).copied().unwrap_or(1),
        }
    }

    /// How many pairs were looked at so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The columns of pairs as they are kept.
    pub fn kept_schema() -> SchemaRef {
        let kept = schema().project(&[0, 1, 2, 3]);
        Arc::new(kept.expect("the table has these columns"))
    }
}

fn schema() -> SchemaRef {
    let field = |(name, kind): (&str, DataType)| Field::new(name, kind, false);
    let columns = [
        ("left", DataType::UInt32),
        ("right", DataType::UInt32),
        ("rule", DataType::UInt16),
        ("pattern", DataType::UInt64),
        ("rules", DataType::UInt64),
    ];
    Arc::new(Schema::new(columns.map(field).to_vec()))
}

/// The place of `rules`, which costs a look at every block.
const RULES: usize = 4;

impl fmt::Debug for PairsTable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("PairsTable")
    }
}

#[async_trait]
impl TableProvider for PairsTable {
    fn schema(&self) -> SchemaRef {
        schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = projection.cloned();
        let columns = columns.unwrap_or_else(|| (0..=RULES).collect());
        let partitions = session.config().target_partitions();
        Ok(Arc::new(PairsExec::new(self.clone(), columns, partitions)?))
    }
}

/// Finds and compares pairs; a leaf of the plan.
#[derive(Debug)]
pub struct PairsExec {
    table: PairsTable,
    columns: Vec<usize>,
    properties: Arc<PlanProperties>,
}

impl PairsExec {
    fn new(table: PairsTable, columns: Vec<usize>, partitions: usize) -> Result<Self> {
        let schema = Arc::new(schema().project(&columns)?);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(Self {
            table,
            columns,
            properties: Arc::new(properties),
        })
    }
}

impl DisplayAs for PairsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        let names = self.table.candidates.blocking.iter();
        let names: Vec<&str> = names.map(|blocks| blocks.rule.as_str()).collect();
        write!(f, "PairsExec: rules=[{}]", names.join(", "))
    }
}

impl ExecutionPlan for PairsExec {
    fn name(&self) -> &str {
        "PairsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.is_empty() {
            true => Ok(self),
            false => Err(DataFusionError::Internal("PairsExec has no input".into())),
        }
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let partitions = self.properties.output_partitioning().partition_count();
        let work = self.table.work()?.into_iter();
        let mut share = Share {
            table: self.table.clone(),
            columns: self.columns.clone(),
            // Dealt like cards, so that a share has some of every rule.
            work: work.skip(partition).step_by(partitions).collect::<Vec<_>>(),
            pending: Vec::new(),
            pending_rows: 0,
        };
        share.work.reverse();
        let batches = stream::iter(std::iter::from_fn(move || share.next()))
            .try_filter(|batch| future::ready(batch.num_rows() > 0));
        let schema = Arc::clone(self.properties.eq_properties.schema());
        let batches = RecordBatchStreamAdapter::new(schema, batches.boxed());
        Ok(Box::pin(cooperative(batches)))
    }
}

/// A partition on its way.
struct Share {
    table: PairsTable,
    columns: Vec<usize>,
    /// What is left to do, the last first.
    work: Vec<Work>,
    /// Pairs to be kept that are no row group yet.
    pending: Vec<RecordBatch>,
    pending_rows: usize,
}

impl Share {
    /// The pairs of the next piece of work, which may be none.
    fn next(&mut self) -> Option<Result<RecordBatch>> {
        match self.work.pop() {
            Some(work) => Some(self.pairs(&work)),
            None if self.pending.is_empty() => None,
            None => Some(
                self.flush()
                    .and_then(|()| self.projected(Pair::columns(&[]), None)),
            ),
        }
    }

    fn pairs(&mut self, work: &Work) -> Result<RecordBatch> {
        let table = self.table.clone();
        let mut gate = table
            .sieve
            .as_ref()
            .map(|sieve| sieve.gate(&table.candidates.prepared));
        let mut is_let_through = |pair: &Pair| {
            let gate = gate.as_mut();
            gate.is_none_or(|gate| gate.lets_through(pair.pattern, pair.left))
        };
        let mut rules = None;
        let columns = match (work, &table.candidates.carried, &table.source) {
            (Work::Carried(at), Some(carried), _) => {
                let mut pairs = carried.part(*at)?;
                let count = pairs.len() as u64;
                table.counts.carried.fetch_add(count, Ordering::Relaxed);
                pairs.retain(&mut is_let_through);
                Pair::columns(&pairs)
            }
            (Work::Kept(at), _, Source::File(file)) => {
                let mut pairs = Vec::new();
                for batch in part(file, *at)? {
                    pairs.extend(Pair::of_columns(batch?.columns()).filter(&mut is_let_through));
                }
                Pair::columns(&pairs)
            }
            (Work::Compare(rule, task), ..) => {
                let (columns, of_pairs) = self.compared(*rule, task)?;
                rules = of_pairs;
                columns
            }
            _ => Pair::columns(&[]),
        };
        self.keep(&columns)?;
        self.projected(columns, rules)
    }

    /// Compares the pairs of some blocks; gives their columns, and all rules of each where they are asked for.
    fn compared(&self, rule: usize, task: &Task) -> Result<([ArrayRef; 4], Option<ArrayRef>)> {
        let candidates = self.table.candidates.as_ref();
        let Candidates {
            records,
            prepared,
            blocking,
            ..
        } = candidates;
        let earlier: Vec<&Blocks> = blocking[..rule].iter().collect();
        let (blocks, choice) = (&blocking[rule], self.table.choice(rule));
        let number = rule as u16;
        let mut rules = self.columns.contains(&RULES).then(Vec::new);
        let (found, compared) = match &self.table.sieve {
            Some(sieve) => {
                let mut sifting = sieve.sifting(prepared, records);
                blocks.visit(task, &earlier, choice, &mut sifting)?;
                sifting.finish()?;
                (sifting.sifted, sifting.looked_at)
            }
            None => {
                let mut found = Sifted::default();
                blocks.pairs(task, &earlier, choice, |left, right| {
                    let patterns = model::patterns(prepared, records, left, right)?;
                    found.patterns.extend(patterns);
                    found.left.extend_from_slice(left);
                    found.right.extend_from_slice(right);
                    if let Some(rules) = &mut rules {
                        // While the numbers of the records are near.
                        let pairs = left.iter().zip(right);
                        rules.extend(
                            pairs.map(|(left, right)| candidates.rules(*left, *right, number)),
                        );
                    }
                    Ok(())
                })?;
                let compared = found.left.len() as u64;
                (found, compared)
            }
        };
        let counts = &self.table.counts;
        counts.compared.fetch_add(compared, Ordering::Relaxed);
        let first = UInt16Array::from_value(number, found.left.len());
        let columns: [ArrayRef; 4] = [
            Arc::new(UInt32Array::from(found.left)),
            Arc::new(UInt32Array::from(found.right)),
            Arc::new(first),
            Arc::new(UInt64Array::from(found.patterns)),
        ];
        let rules = rules.map(|rules| Arc::new(UInt64Array::from(rules)) as ArrayRef);
        Ok((columns, rules))
    }

    /// The columns that are asked for; `rules` where they are known already.
    fn projected(&self, columns: [ArrayRef; 4], rules: Option<ArrayRef>) -> Result<RecordBatch> {
        let options = arrow::array::RecordBatchOptions::new();
        let options = options.with_row_count(Some(columns[0].len()));
        let all_rules = || -> ArrayRef {
            let candidates = &self.table.candidates;
            let rules = Pair::of_columns(&columns)
                .map(|pair| candidates.rules(pair.left, pair.right, pair.rule));
            Arc::new(UInt64Array::from_iter_values(rules))
        };
        let chosen = self.columns.iter().map(|at| match columns.get(*at) {
            Some(column) => Arc::clone(column),
            None => rules.clone().unwrap_or_else(all_rules),
        });
        let schema = Arc::new(schema().project(&self.columns)?);
        let chosen = chosen.collect();
        Ok(RecordBatch::try_new_with_options(schema, chosen, &options)?)
    }

    fn keep(&mut self, columns: &[ArrayRef; 4]) -> Result<()> {
        if self.table.keeper.is_none() || columns[0].is_empty() {
            return Ok(());
        }
        let batch = RecordBatch::try_new(PairsTable::kept_schema(), columns.to_vec())?;
        self.pending_rows += batch.num_rows();
        self.pending.push(batch);
        match self.pending_rows >= BATCH {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.pending_rows = 0;
        match &self.table.keeper {
            Some(keeper) => keeper.add(&concat_batches(&PairsTable::kept_schema(), &pending)?),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, StringArray};
    use arrow::datatypes::{UInt32Type, UInt64Type};
    use datafusion::physical_plan::{common, execute_stream};
    use datafusion::prelude::SessionContext;

    use super::*;
    use crate::identity::blocking::Keys;
    use crate::identity::memo::Memo;

    const RECORDS: u64 = 500;

    /// The phone and the city of a record, of which some are the same as others'.
    fn values(record: u64) -> (u64, u64) {
        let mixed = record.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        (mixed % 150, mixed / 150 % 7)
    }

    fn candidates(session: &SessionContext) -> Candidates {
        let texts = |of: &dyn Fn(u64) -> u64| -> ArrayRef {
            let texts = (0..RECORDS).map(|record| Some(of(record).to_string()));
            Arc::new(texts.collect::<StringArray>())
        };
        let city = Field::new("city", DataType::Utf8, true);
        let records = Records {
            ids: (0..RECORDS)
                .map(|record| Some(format!("{record:03}")))
                .collect(),
            batch: RecordBatch::try_new(
                Arc::new(Schema::new(vec![city])),
                vec![texts(&|record| values(record).1)],
            )
            .unwrap(),
            origins: Default::default(),
        };
        let comparison = "name = \"city\"\ncolumn = \"city\"\nkind = \"exact\"";
        let comparison = toml::from_str(comparison).unwrap();
        let prepared =
            Prepared::new(session, &records, &comparison, &Memo::default(), None).unwrap();
        let blocks = |rule: &str, of: &dyn Fn(u64) -> u64| {
            let mut keys = Keys::one((0..RECORDS).map(|record| of(record) + 1).collect());
            Blocks::new(rule, Vec::new(), &mut keys, None, usize::MAX)
        };
        Candidates {
            prepared: vec![prepared],
            blocking: vec![
                blocks("phone", &|record| values(record).0),
                blocks("city", &|record| values(record).1),
            ],
            records,
            carried: None,
        }
    }

    #[tokio::test]
    async fn whoever_has_the_records_can_compute_any_share_of_the_pairs() {
        // Two machines, as it were, each with its own session and records, and every second share of the pairs.
        const SHARES: usize = 6;
        let mut found = Vec::new();
        for machine in 0..2 {
            let session = SessionContext::new();
            let table = PairsTable::new(Arc::new(candidates(&session)), None);
            let plan = PairsExec::new(table, (0..=RULES).collect(), SHARES).unwrap();
            for share in (machine..SHARES).step_by(2) {
                let stream = plan.execute(share, session.task_ctx()).unwrap();
                for batch in common::collect(stream).await.unwrap() {
                    let patterns = batch.column(3).as_primitive::<UInt64Type>().clone();
                    let rules = batch.column(4).as_primitive::<UInt64Type>().clone();
                    let pairs = Pair::of_columns(batch.columns()).collect::<Vec<_>>();
                    for (row, pair) in pairs.into_iter().enumerate() {
                        let (pattern, rules) = (patterns.value(row), rules.value(row));
                        found.push((pair.left, pair.right, pair.rule, pattern, rules));
                    }
                }
            }
        }
        found.sort_unstable();
        let mut expected = Vec::new();
        for left in 0..RECORDS {
            for right in left + 1..RECORDS {
                let ((phone, city), (other_phone, other_city)) = (values(left), values(right));
                let (by_phone, by_city) = (phone == other_phone, city == other_city);
                if by_phone || by_city {
                    let rules = u64::from(by_phone) | u64::from(by_city) << 1;
                    let pattern = u64::from(!by_city);
                    let rule = u16::from(!by_phone);
                    expected.push((left as u32, right as u32, rule, pattern, rules));
                }
            }
        }
        assert_eq!(found, expected);
        assert!(found.len() > 10_000);
    }

    #[tokio::test]
    async fn a_sample_stands_for_all_pairs_of_a_rule() {
        const ONE_IN: u64 = 5;
        let session = SessionContext::new();
        let pairs = async |one_in: &[u64]| {
            let table = PairsTable::new(Arc::new(candidates(&session)), None);
            let table = table.sampled(one_in.into());
            let plan = PairsExec::new(table, (0..RULES).collect(), 1).unwrap();
            let stream = plan.execute(0, session.task_ctx()).unwrap();
            let batches = common::collect(stream).await.unwrap();
            let pairs = batches
                .iter()
                .flat_map(|batch| Pair::of_columns(batch.columns()));
            let mut pairs: Vec<Pair> = pairs.collect();
            pairs.sort_unstable();
            pairs
        };
        let (all, some) = (pairs(&[1, 1]).await, pairs(&[1, ONE_IN]).await);
        assert!(some.iter().all(|pair| all.binary_search(pair).is_ok()));
        let of_rule = |pairs: &[Pair], rule: u16| {
            pairs.iter().filter(|pair| pair.rule == rule).count() as f64
        };
        // The first rule is looked at in full; of the second each pair stands for five.
        assert_eq!(of_rule(&all, 0), of_rule(&some, 0));
        let share = of_rule(&some, 1) * ONE_IN as f64 / of_rule(&all, 1);
        assert!((0.75..1.25).contains(&share), "{share}");
    }

    #[tokio::test]
    async fn pairs_are_read_by_plans_like_any_table() {
        let session = SessionContext::new();
        let table = PairsTable::new(Arc::new(candidates(&session)), None);
        session
            .register_table("pairs", Arc::new(table.clone()))
            .unwrap();
        let sql = "select count(*) as pairs, max(\"right\") as last from pairs where rules = 3";
        let plan = session.sql(sql).await.unwrap();
        let plan = plan.create_physical_plan().await.unwrap();
        let stream = execute_stream(plan, session.task_ctx()).unwrap();
        let rows = common::collect(stream).await.unwrap();
        let counted = rows[0]
            .column(0)
            .as_primitive::<arrow::datatypes::Int64Type>();
        let pairs =
            (0..RECORDS).flat_map(|left| (left + 1..RECORDS).map(move |right| (left, right)));
        let same = |(left, right): &(u64, u64)| values(*left) == values(*right);
        let same: Vec<(u64, u64)> = pairs.filter(same).collect();
        assert_eq!(counted.value(0) as usize, same.len());
        let last = same.iter().map(|(_, right)| *right as u32).max();
        assert_eq!(
            Some(rows[0].column(1).as_primitive::<UInt32Type>().value(0)),
            last
        );
        // All pairs were looked at, whatever the plan made of them.
        assert!(table.counts().compared.load(Ordering::Relaxed) > same.len() as u64);
    }
}
