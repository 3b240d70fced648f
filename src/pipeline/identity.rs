//! Identity as a step of the run: its records read from their stage, its history from the published night, its tables
//! written like any other.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, new_empty_array};
use arrow::compute::{cast, concat, interleave};
use arrow::datatypes::{DataType, Date32Type, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, exec_err, plan_err};
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::prelude::SessionContext;
use futures::{StreamExt, stream};
use hashbrown::HashSet;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;
use rayon::prelude::*;

use crate::engine::threads::run_in_own_threads;
use crate::engine::write::ROW_GROUP_ROWS;
use crate::fault::Fault;
use crate::identity::blocking::Summary;
use crate::identity::clusters::{Fate, Link};
use crate::identity::grouping::{Grouped, grouped, hashes};
use crate::identity::groups::{self, Customers};
use crate::identity::history::{EarlierChanges, History, Owned, place_of};
use crate::identity::lasting_ids::{self, Assigned, Cause};
use crate::identity::matching::{ACROSS, Decisions, Keeping, Matched, Matcher, STEWARD};
use crate::identity::model_file::{self, ModelFile};
use crate::identity::pairs::Files;
use crate::identity::ready::columns_read;
use crate::identity::records::{NONE, Records};
use crate::identity::rules::RuleBook;
use crate::identity::tables::{self, ID_CHANGES, OUTPUTS};
use crate::pipeline::file::Loaded;
use crate::pipeline::reuse::Fingerprint;
use crate::report::record::IdentityRecord;
use crate::report::text::{count, plural};
use crate::stages::faults;
use crate::stages::lineage::Sources;

/// What identity found.
pub struct Found {
    /// The figures of the report.
    pub figures: IdentityRecord,
    /// The text of the model's file, where one was trained.
    pub new_model: Option<String>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// A night of identity: what it goes by, and where it leaves what it finds.
pub struct Night {
    /// The rule book.
    pub book: RuleBook,
    /// What each column of the records is made of.
    pub origins: BTreeMap<String, Sources>,
    /// The trained model; without one, one is trained.
    pub model: Option<ModelFile>,
    /// The ids of earlier nights.
    pub history: History,
    /// The date of the night.
    pub as_of: chrono::NaiveDate,
    /// Where each table is written, in the order of the outputs.
    pub tables: Vec<PathBuf>,
    /// The pairs that the night before compared.
    pub pairs_before: Option<Files>,
    /// Where tonight's are kept.
    pub pairs: Files,
}

/// Matches the records, gives every cluster its lasting id, and writes the tables of identity.
pub async fn run(session: &SessionContext, night: Night) -> Result<Found> {
    let records = load(session, &night.book, night.origins).await?;
    tracing::debug!(records = records.len(), "records are loaded");
    let (decisions, told) = decisions(session, &night.book, &records, &night.history).await?;
    let session = session.clone();
    let work = move || {
        let keeping = Keeping {
            rules: rules_id(&night.book),
            // A model that is trained anew looks at all pairs.
            before: night
                .pairs_before
                .filter(|_| night.model.is_some())
                .map(|files| (files, &night.history.living)),
            tonight: night.pairs,
        };
        let mut matcher = Matcher::new(&session, &night.book, records, decisions, Some(&keeping))?;
        let model_of_night = matcher.model(night.model.as_ref())?;
        let scored = matcher.run_and_finish(model_of_night)?;
        let mut warnings = told;
        if let Some(drift) = night
            .model
            .as_ref()
            .and_then(|file| file.drift(&matcher.prepared, &scored.shares))
        {
            warnings.push(format!(
                "the identity model has drifted: {drift}; `onefold train` trains it anew"
            ));
        }
        let most = matcher.records.len() as u64 / 10;
        let set_aside = |name: &str, summary: &Summary| {
            format!(
                "the rule {name} set {} aside, in {} over its max_block",
                plural(summary.set_aside_records, "record"),
                plural(summary.set_aside_blocks, "block")
            )
        };
        for (name, _, summary) in &scored.matched.rules {
            if summary.set_aside_records > most.max(1) {
                warnings.push(format!(
                    "{}: their pairs are not compared by it; `onefold check --blocking` shows the blocks",
                    set_aside(name, summary)
                ));
            }
        }
        let new_model = match night.model {
            Some(_) => None,
            // A rule book of certain rules alone weighs nothing.
            None if matcher.prepared.is_empty() => None,
            None if !scored.matched.model.has_learned() => {
                warnings.push(
                    "there is no identity model yet, and none was kept: no pair of tonight's records looks like one person".to_string(),
                );
                None
            }
            None => Some(model_file::text(
                &scored.matched.model,
                &scored.shares,
                matcher.records.len(),
                "expectation_maximisation",
            )),
        };
        let (records, matched) = (&matcher.records, scored.matched);
        warnings.extend(overruled(records, &matched));
        warnings.extend(refused_by_lists(&matched));
        tracing::debug!("shares are counted");
        let assigned = lasting_ids::assign(
            &records.ids,
            &matched.clusters,
            joined(&matched),
            refused(&matched).chain(held_apart(&matcher)),
            &night.history,
            night.as_of,
        )?;
        tracing::debug!(changes = assigned.changes.len(), "lasting ids are given");
        let mut figures = figures(records, &matched, &assigned);
        let customers = Customers {
            of_record: &assigned.customers,
            places: &assigned.places(),
            since: &assigned.since,
        };
        let groups = groups::find(&session, records, &night.book.group, &customers)?;
        let kinds: Vec<&str> = night
            .book
            .group
            .iter()
            .map(|group| group.name.as_str())
            .collect();
        for (name, summary) in kinds.iter().zip(&groups.summaries) {
            if summary.set_aside_blocks > 0 {
                let told = set_aside(name, summary);
                warnings.push(format!("{told}: it does not group their customers"));
            }
        }
        for (name, too_large) in kinds.iter().zip(&groups.too_large) {
            if *too_large > 0 {
                warnings.push(format!(
                    "{} of {name} would have more customers than its max_size: none is made of them; identity.group_links has the customers (is_refused)",
                    plural(*too_large, "group")
                ));
            }
        }
        for (kind, name) in kinds.iter().enumerate() {
            let heads = groups
                .members
                .iter()
                .filter(|member| member.kind == kind && member.customer == member.head);
            figures
                .groups
                .insert(name.to_string(), heads.count() as u64);
        }
        let found = tables::Night::new(
            &matcher,
            &matched,
            &assigned,
            (groups, &kinds),
            &night.history,
            night.as_of,
        )?;
        OUTPUTS
            .par_iter()
            .zip(&night.tables)
            .try_for_each(|(output, path)| output.write(&found, path))?;
        tracing::debug!("tables are written");
        Ok(Found {
            figures,
            new_model,
            warnings,
        })
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| DataFusionError::External(Box::new(error)))?
}

/// A fault from an error of matching: what failed, the rule that it failed in where one did, and what to do.
pub fn fault(loaded: &Loaded, book: &RuleBook, what: &str, error: &DataFusionError) -> Box<Fault> {
    let root = error.find_root();
    let mut told = format!("{what}: {}", faults::plain_message(root));
    let mut place = None;
    let mut outer = error;
    while let DataFusionError::Context(of, inner) = outer {
        told = format!("{what} in {of}: {}", faults::plain_message(root));
        let condition = book.conditions().find(|(named, _)| named == of);
        place = condition.map(|(_, condition)| loaded.place_of(condition));
        outer = inner;
    }
    let fault = Fault::failed(told).hint(match root {
        DataFusionError::ResourcesExhausted(_) => {
            "raise --memory, or lower max_block in the rule book"
        }
        DataFusionError::IoError(_) => "is the disk full, or a folder read-only?",
        DataFusionError::ParquetError(_) | DataFusionError::ArrowError(..) if place.is_none() => {
            "a file of the cache may be damaged: run again with --force"
        }
        _ if place.is_some() => "a condition has to hold or not for any two records: try_cast and nullif give null where there is no value",
        _ => "onefold check looks at the rule book, and onefold query at the records",
    });
    match place {
        Some(place) => fault.at(place),
        None => fault,
    }
}

/// Tells rule books apart whose pairs are not the same.
fn rules_id(book: &RuleBook) -> String {
    let rules = format!(
        "{:?} {:?} {:?} {:?}",
        book.across, book.certain, book.blocking, book.comparison
    );
    Fingerprint::new(&rules, "", BTreeMap::new()).id()
}

/// What stewards decided about records that are there, and what is to be said of the other decisions.
pub async fn decisions(
    session: &SessionContext,
    book: &RuleBook,
    records: &Records,
    history: &History,
) -> Result<(Decisions, Vec<String>)> {
    let mut decisions = Decisions::default();
    let mut unknown: Vec<String> = Vec::new();
    let mut told = Vec::new();
    // Decisions of which a record is away.
    let mut away: Vec<[String; 2]> = Vec::new();
    let mut all_never: Vec<[String; 2]> = Vec::new();
    let Some(table) = &book.decisions else {
        return Ok((decisions, told));
    };
    let index = |id: &str| Some(place_of(&records.ids, id)? as u32);
    let sql = format!(
        "select cast(left_id as text), cast(right_id as text), lower(decision) from {table}"
    );
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
            if is_never {
                all_never.push(ends.map(str::to_string));
            }
            if let [Some(one), Some(other)] = ends.map(index) {
                let pair = (one.min(other), one.max(other));
                match is_never {
                    true => decisions.never.push(pair),
                    false => decisions.always.push(pair),
                }
                continue;
            }
            // A merge that was wrong does not make the two one.
            let customers = ends.map(|id| history.unmerged(id));
            let are_one = customers[0].is_some() && customers[0] == customers[1];
            let mut both = ends.iter().zip(customers);
            let are_known = both.all(|(id, customer)| index(id).or(customer).is_some());
            match is_never && are_known && !are_one {
                true => away.push(ends.map(str::to_string)),
                false => {
                    let gone = ends.into_iter().filter(|id| index(id).is_none());
                    unknown.extend(gone.take(1).map(str::to_string));
                }
            }
        }
    }
    for pairs in [&mut decisions.always, &mut decisions.never] {
        pairs.sort_unstable();
        pairs.dedup();
    }
    let is_both = |pair: &&(u32, u32)| decisions.never.binary_search(pair).is_ok();
    if let Some((one, other)) = decisions.always.iter().find(is_both) {
        told.push(format!(
            "{table} says both always and never of {} and {}: never holds",
            records.ids.value(*one as usize),
            records.ids.value(*other as usize)
        ));
    }
    // Those that were one with it stand in for it, but for any that stewards hold apart from it. Where the two themselves were one, that
    // merge was wrong: then those alone do that were one with it before.
    let is_away = |id: &&String| index(id).is_none();
    let of_away = || away.iter().flatten().filter(is_away);
    let customers = of_away().filter_map(|id| history.customer(id)).collect();
    let records_of = history.records_of(&customers);
    let unmerged = of_away().filter_map(|id| history.unmerged(id)).collect();
    let records_of_unmerged = history.unmerged_records(&unmerged);
    let mut held_apart: HashSet<(&str, &str)> = HashSet::new();
    for [one, other] in &all_never {
        held_apart.extend([
            (one.as_str(), other.as_str()),
            (other.as_str(), one.as_str()),
        ]);
    }
    let stand_ins = |id: &String, were_one: bool| -> Vec<u32> {
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
    for [one, other] in &away {
        let were_one = history.customer(one) == history.customer(other);
        let (ones, others) = (stand_ins(one, were_one), stand_ins(other, were_one));
        for one in ones {
            let pairs = others
                .iter()
                .map(|other| (one.min(*other), one.max(*other)));
            let pairs = pairs.filter(|pair| decisions.always.binary_search(pair).is_err());
            decisions
                .never
                .extend(pairs.filter(|(one, other)| one != other));
        }
    }
    decisions.never.sort_unstable();
    decisions.never.dedup();
    if let Some(column) = &book.across {
        let lists = records.encoded(column)?.ids;
        let is_of_one_list = |pair: &&(u32, u32)| {
            let list = lists.get(pair.0);
            list != NONE && list == lists.get(pair.1)
        };
        if let Some((one, other)) = decisions.always.iter().find(is_of_one_list) {
            told.push(format!(
                "{table} says always of {} and {}, which have the same {column}: across = \"{column}\" goes before it",
                records.ids.value(*one as usize),
                records.ids.value(*other as usize)
            ));
        }
    }
    if let Some(first) = unknown.first() {
        told.push(format!(
            "passed over {} of {table}: {first} is not there tonight",
            plural(unknown.len() as u64, "decision")
        ));
    }
    Ok((decisions, told))
}

/// The columns that the rule book reads, sorted by record id.
pub async fn load(
    session: &SessionContext,
    book: &RuleBook,
    origins: BTreeMap<String, Sources>,
) -> Result<Records> {
    let (session, book) = (session.clone(), book.clone());
    let read = move || run_in_own_threads(read_records(&session, &book, origins));
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|error| DataFusionError::External(Box::new(error)))??
}

async fn read_records(
    session: &SessionContext,
    book: &RuleBook,
    origins: BTreeMap<String, Sources>,
) -> Result<Records> {
    let table = session.table(book.records.as_str()).await?;
    let columns = Arc::new(table.schema().as_arrow().clone());
    let read = columns_read(session, &columns, book)?;
    let names = columns.fields().iter().map(|field| field.name());
    let names = names.filter(|name| read.contains(*name));
    let mut names: Vec<String> = names.cloned().collect();
    let Some(key) = names.iter().position(|name| *name == book.record_id) else {
        return plan_err!("{} has no column {}", book.records, book.record_id);
    };
    // The ids come first: in their order everything else is brought.
    names[..=key].rotate_right(1);
    let is_stored = is_stored(&table.into_optimized_plan()?);
    // What has to be computed is computed once. What lies in a file is read by columns, whose parts are in memory twice until they
    // are one: in one partition each, so that the rows of all come in one order.
    let (at_a_time, partitions) = match is_stored {
        true => (1, 1),
        false => (names.len(), session.copied_config().target_partitions()),
    };
    // Few large batches: the allocator gives what many small ones leave to others like them alone.
    let config = session.copied_config().with_batch_size(65_536);
    let mut state = session.state();
    *state.config_mut() = config.with_target_partitions(partitions);
    let session = SessionContext::new_with_state(state);
    let reads = names.chunks(at_a_time).map(|names| {
        let quoted = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
        let names: Vec<String> = names.iter().map(quoted).collect();
        let sql = format!("select {} from {}", names.join(", "), book.records);
        tokio::spawn(read_columns(session.clone(), sql))
    });
    let mut reads = stream::iter(reads).buffered(rayon::current_num_threads());
    let (mut columns, mut order) = (Vec::with_capacity(names.len()), None);
    while let Some(read) = reads.next().await {
        let (schema, mut parts) =
            read.map_err(|error| DataFusionError::External(error.into()))??;
        if columns.is_empty() {
            let ids = parts.iter().map(|part| text(part.column(0)));
            // A table is written in the order of its key, and a view in none.
            order = in_order(&ids.collect::<Result<Vec<_>>>()?);
        }
        // Some columns at a time, so that the parts of few are in memory twice.
        let fields: Vec<_> = schema.fields().iter().cloned().collect();
        for fields in fields.chunks(rayon::current_num_threads()) {
            let take = |_| -> Vec<ArrayRef> {
                parts.iter_mut().map(|part| part.remove_column(0)).collect()
            };
            let some: Vec<Vec<ArrayRef>> = fields.iter().map(take).collect();
            let joined = some.into_par_iter().zip(fields).map(|(arrays, field)| {
                let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
                let column = match &order {
                    _ if arrays.is_empty() => new_empty_array(field.data_type()),
                    Some(order) => interleave(&arrays, order)?,
                    None => concat(&arrays)?,
                };
                Ok((field.clone(), column))
            });
            columns.extend(joined.collect::<Result<Vec<_>>>()?);
        }
    }
    columns[..=key].rotate_left(1);
    let (fields, columns): (Vec<_>, Vec<ArrayRef>) = columns.into_iter().unzip();
    Ok(Records {
        ids: text(&columns[key])?,
        batch: RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?,
        origins,
    })
}

/// Whether a plan gives columns of a table as they are.
fn is_stored(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => {
            let mut columns = projection.expr.iter();
            let is_column = |expr: &Expr| matches!(expr.clone().unalias(), Expr::Column(_));
            columns.all(is_column) && is_stored(&projection.input)
        }
        LogicalPlan::SubqueryAlias(alias) => is_stored(&alias.input),
        LogicalPlan::TableScan(scan) => scan.filters.is_empty() && scan.fetch.is_none(),
        _ => false,
    }
}

/// The columns of a query, and its batches.
async fn read_columns(
    session: SessionContext,
    sql: String,
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let frame = session.sql(&sql).await?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    Ok((schema, frame.collect_partitioned().await?.concat()))
}

fn text(values: &ArrayRef) -> Result<StringArray> {
    Ok(cast(values, &DataType::Utf8)?.as_string().clone())
}

/// The rows of several parts in the order of their ids: the part and the place in it of each. None where that is their order.
fn in_order(parts: &[StringArray]) -> Option<Vec<(usize, usize)>> {
    let id = |part: u32, row: u32| parts[part as usize].value(row as usize);
    let rows: Vec<(u32, u32)> = (0..parts.len() as u32)
        .flat_map(|part| (0..parts[part as usize].len() as u32).map(move |row| (part, row)))
        .collect();
    let is_sorted = |pair: &[(u32, u32)]| id(pair[0].0, pair[0].1) <= id(pair[1].0, pair[1].1);
    if rows.par_windows(2).all(is_sorted) {
        return None;
    }
    // What all ids begin with tells nothing; of the rest, a few letters beside the row spare a look at most ids.
    let first = id(rows[0].0, rows[0].1).as_bytes();
    let shared = |(part, row): &(u32, u32)| {
        let both = first.iter().zip(id(*part, *row).as_bytes());
        both.take_while(|(one, other)| one == other).count()
    };
    let shared = rows.par_iter().map(shared).min().unwrap_or_default();
    let letters = |id: &str, from: usize| {
        let mut letters = [0; 8];
        let rest = &id.as_bytes()[from.min(id.len())..];
        let known = rest.len().min(letters.len());
        letters[..known].copy_from_slice(&rest[..known]);
        u64::from_be_bytes(letters)
    };
    let keyed = rows.into_par_iter().map(|(part, row)| {
        let id = id(part, row);
        (letters(id, shared), letters(id, shared + 8), part, row)
    });
    let mut keyed: Vec<(u64, u64, u32, u32)> = keyed.collect();
    keyed.par_sort_unstable_by(|one, other| {
        let letters = (one.0, one.1).cmp(&(other.0, other.1));
        let whole = || id(one.2, one.3).cmp(id(other.2, other.3));
        letters
            .then_with(whole)
            .then((one.2, one.3).cmp(&(other.2, other.3)))
    });
    let order = keyed.into_par_iter();
    Some(
        order
            .map(|(_, _, part, row)| (part as usize, row as usize))
            .collect(),
    )
}

fn is_sorted(ids: &StringArray) -> bool {
    let rows = (1..ids.len()).into_par_iter();
    rows.all(|row| ids.value(row - 1) <= ids.value(row))
}

/// The links that joined clusters, by whose rule.
fn joined(matched: &Matched) -> impl Iterator<Item = Cause<'_>> {
    let (certain, blocking) = &matched.rule_names;
    causes(matched, |link, fate| match fate {
        Fate::Joined if link.is_certain => Some(&certain[link.rule as usize]),
        Fate::Joined => Some(&blocking[link.rule as usize]),
        _ => None,
    })
}

/// The links that were refused, by which rule.
fn refused(matched: &Matched) -> impl Iterator<Item = Cause<'_>> {
    causes(matched, |_, fate| match fate {
        Fate::Refused(refusal) => Some(&refusal.by),
        _ => None,
    })
}

/// The pairs that stewards hold apart, whether or not a link was refused for them.
fn held_apart<'a>(matcher: &'a Matcher) -> impl Iterator<Item = Cause<'a>> {
    let pairs = matcher.held_apart().iter();
    pairs.map(|(left, right)| Cause {
        left: *left,
        right: *right,
        rule: STEWARD,
        strength: (true, true, 0.0),
    })
}

/// What is to be said where most links would join records of one list: `across` refuses them, but training took them for matches.
pub fn refused_by_lists(matched: &Matched) -> Option<String> {
    let fates = || matched.fates.iter().flatten();
    let is_refused = |fate: &&Fate| match fate {
        Fate::Refused(refusal) => refusal.by == ACROSS,
        _ => false,
    };
    let refused = fates().filter(is_refused).count();
    let joined = fates().filter(|fate| **fate == Fate::Joined).count();
    (refused > joined).then(|| {
        format!(
            "{} would have joined records of one list, and across refused them, beside {} that joined others: training may have taken strangers for matches; a narrower blocking rule, or a certain rule, shows it what a match is",
            plural(refused as u64, "link"),
            count(joined as u64)
        )
    })
}

/// What is to be said of decisions that something stronger overruled.
fn overruled(records: &Records, matched: &Matched) -> Vec<String> {
    /// More of them are in identity.links.
    const TOLD: usize = 3;
    let links = matched.links.iter().zip(&matched.fates);
    let refused = links.filter_map(|(link, fate)| match fate {
        Some(Fate::Refused(refusal)) if link.is_steward => Some((link, refusal)),
        _ => None,
    });
    let refused: Vec<_> = refused.collect();
    let told = refused.iter().take(TOLD).map(|(link, refusal)| {
        let id = |record: u32| records.ids.value(record as usize);
        let why = match refusal.of {
            Some((left, right)) if (left, right) != (link.left, link.right) => {
                format!(
                    "{}, which holds of {} and {}",
                    refusal.by,
                    id(left),
                    id(right)
                )
            }
            _ => refusal.by.clone(),
        };
        let (left, right) = (id(link.left), id(link.right));
        format!("a steward's always of {left} and {right} is not followed: {why} goes before it")
    });
    let mut told: Vec<String> = told.collect();
    if refused.len() > TOLD {
        told.push(format!(
            "{} more of stewards are not followed: identity.links has them",
            plural((refused.len() - TOLD) as u64, "decision")
        ));
    }
    told
}

fn causes<'a>(
    matched: &'a Matched,
    rule: impl Fn(&Link, &'a Fate) -> Option<&'a str>,
) -> impl Iterator<Item = Cause<'a>> {
    let links = matched.links.iter().zip(&matched.fates);
    links.filter_map(move |(link, fate)| {
        Some(Cause {
            left: link.left,
            right: link.right,
            rule: rule(link, fate.as_ref()?)?,
            strength: (link.is_steward, link.is_certain, link.weight),
        })
    })
}

fn figures(records: &Records, matched: &Matched, assigned: &Assigned) -> IdentityRecord {
    let customers = matched
        .clusters
        .iter()
        .enumerate()
        .filter(|(record, cluster)| *record as u32 == **cluster)
        .count();
    let links = || matched.links.iter().zip(&matched.fates);
    IdentityRecord {
        records: records.len() as u64,
        customers: customers as u64,
        compared_pairs: matched.compared,
        carried_pairs: matched.carried,
        certain_links: links().filter(|(link, _)| link.is_certain).count() as u64,
        scored_links: links()
            .filter(|(link, fate)| !link.is_certain && fate.is_some())
            .count() as u64,
        refused_links: links()
            .filter(|(_, fate)| matches!(fate, Some(Fate::Refused(_))))
            .count() as u64,
        review_pairs: links().filter(|(_, fate)| fate.is_none()).count() as u64,
        joined_review_pairs: links()
            .filter(|(link, fate)| fate.is_none() && matched.are_one(link))
            .count() as u64,
        shared_values: matched.shared.len() as u64,
        set_aside_records: matched
            .rules
            .iter()
            .map(|(_, _, summary)| summary.set_aside_records)
            .sum(),
        id_changes: assigned.counts(),
        moved_records: assigned.newly_moved as u64,
        groups: BTreeMap::new(),
    }
}

/// The ids of the published night, from its tables of schema `identity`, for a night of this date.
pub fn history(version: &Path, as_of: chrono::NaiveDate) -> Result<History> {
    let path = |name: &str| version.join("identity").join(format!("{name}.parquet"));
    // From a row group on.
    let read = |name: &str, count: usize, first: usize| -> Result<RecordBatch> {
        let output = OUTPUTS.iter().find(|output| output.name == name);
        let columns: Vec<&str> = output
            .map(|output| output.column_names().take(count).collect())
            .unwrap_or_default();
        let path = path(name);
        if !path.exists() {
            // Without the ids of the night before, every customer would get a new one.
            return exec_err!("{} is missing", path.display());
        }
        let file = ArrowReaderMetadata::load(&File::open(&path)?, ArrowReaderOptions::default())?;
        let mask = ProjectionMask::columns(file.parquet_schema(), columns.iter().copied());
        let of_group = |group: usize| -> Result<Vec<RecordBatch>> {
            let opened = File::open(&path)?;
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, file.clone());
            let reader = reader.with_projection(mask.clone());
            let reader = reader.with_batch_size(ROW_GROUP_ROWS);
            let batches = reader.with_row_groups(vec![group]).build()?;
            Ok(batches.collect::<std::result::Result<_, _>>()?)
        };
        let groups = (first..file.metadata().num_row_groups()).into_par_iter();
        let batches = groups.map(of_group).collect::<Result<Vec<_>>>()?.concat();
        let fields = file.schema().fields().iter();
        let fields = fields.filter(|field| columns.contains(&field.name().as_str()));
        let schema = Arc::new(Schema::new(fields.cloned().collect::<Vec<_>>()));
        let joined = (0..schema.fields().len()).into_par_iter().map(|at| {
            let parts: Vec<&dyn Array> = batches
                .iter()
                .map(|batch| batch.column(at).as_ref())
                .collect();
            match parts.is_empty() {
                true => Ok(new_empty_array(schema.field(at).data_type())),
                false => concat(&parts),
            }
        });
        let joined = joined.collect::<std::result::Result<Vec<_>, _>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&schema), joined)?;
        if columns
            .iter()
            .any(|column| batch.column_by_name(column).is_none())
        {
            return exec_err!(
                "{} has not the columns {}",
                path.display(),
                columns.join(", ")
            );
        }
        // In the order in which they are declared.
        let places = columns.iter().map(|column| batch.schema().index_of(column));
        Ok(batch.project(&places.collect::<std::result::Result<Vec<_>, _>>()?)?)
    };
    let text = |batch: &RecordBatch, at: usize| text(batch.column(at));
    let redirects = read("redirects", 4, 0)?;
    let (ids, customers, returns, parents) = (
        text(&redirects, 0)?,
        text(&redirects, 1)?,
        text(&redirects, 2)?,
        text(&redirects, 3)?,
    );
    drop(redirects);
    let places = Places::new(&ids)?;
    // Most ids are where they were.
    let target = |row: usize| match customers.is_valid(row) {
        true => customers.value(row),
        false => returns.value(row),
    };
    let elsewhere: Vec<usize> = (0..ids.len())
        .into_par_iter()
        .filter(|row| target(*row) != ids.value(*row))
        .collect();
    let found = elsewhere.iter().map(|row| Some(target(*row)));
    let found = places.of(&found.collect())?;
    let mut targets: Vec<u32> = (0..ids.len() as u32).collect();
    for (row, place) in elsewhere.into_iter().zip(found) {
        targets[row] = place;
    }
    let merged_into = places.of(&parents)?;
    let is_retired = (0..ids.len()).map(|row| customers.is_null(row)).collect();
    let mut since = vec![i32::MAX; ids.len()];
    let mut owned = |name: &str| -> Result<Owned> {
        let batch = read(name, 3, 0)?;
        let (records, customers) = (text(&batch, 0)?, places.of(&text(&batch, 1)?)?);
        if !is_sorted(&records) {
            return exec_err!("identity.{name} is not in the order of its records");
        }
        let nights = batch.column(2).as_primitive::<Date32Type>().values();
        for (customer, night) in customers.iter().zip(nights) {
            // A record without a customer would be a damaged table; it has no night.
            if let Some(known) = since.get_mut(*customer as usize) {
                *known = (*known).min(*night);
            }
        }
        Ok(Owned { records, customers })
    };
    let (living, former) = (owned("customer_records")?, owned("former_records")?);
    let merged = owned("merged_records")?;
    let of_merged = read("merged_records", 5, 0)?;
    let came_later = of_merged.column(3).as_boolean().iter();
    let came_later = came_later.map(|came_later| came_later == Some(true));
    let merged_on = of_merged.column(4).as_primitive::<Date32Type>().values();
    let merged_on = merged_on.iter();
    let merged_on = merged_on.map(|days| Date32Type::to_naive_date_opt(*days).unwrap_or_default());
    let moved = read("moved_records", 3, 0)?;
    let tonight = Date32Type::from_naive_date(as_of);
    let is_of_tonight =
        moved.num_rows() > 0 && moved.column(0).as_primitive::<Date32Type>().value(0) == tonight;
    let moved = match is_of_tonight {
        true => Owned {
            records: text(&moved, 1)?,
            customers: places.of(&text(&moved, 2)?)?,
        },
        false => Owned::default(),
    };
    let night = |days: i32| match days {
        i32::MAX => chrono::NaiveDate::MAX,
        days => Date32Type::to_naive_date_opt(days).unwrap_or_default(),
    };
    let since = since.into_par_iter().map(night).collect();
    let changes = path(ID_CHANGES);
    let groups = match changes.exists() {
        true => groups_before(&changes, as_of)?,
        false => 0,
    };
    Ok(History {
        living,
        former,
        merged,
        came_later: came_later.collect(),
        merged_on: merged_on.collect(),
        moved,
        changes: Some(EarlierChanges {
            rest: read(ID_CHANGES, usize::MAX, groups)?,
            file: changes,
            groups,
        }),
        targets,
        merged_into,
        is_retired,
        since,
        ids: ids.clone(),
    })
}

/// The place of each id among all, by its hash.
struct Places(Grouped);

impl Places {
    fn new(ids: &StringArray) -> Result<Self> {
        let ids: ArrayRef = Arc::new(ids.clone());
        Ok(Self(grouped(&hashes(&ids)?)))
    }

    /// The places of some ids, [`NONE`] for null.
    fn of(&self, some: &StringArray) -> Result<Vec<u32>> {
        let array: ArrayRef = Arc::new(some.clone());
        let mut places = vec![NONE; some.len()];
        let mut known = self.0.rows().peekable();
        for (hash, row) in grouped(&hashes(&array)?).rows() {
            while known.next_if(|(known, _)| known < hash).is_some() {}
            match known.peek() {
                Some((known, place)) if known == hash => places[*row as usize] = *place,
                _ => return exec_err!("identity.redirects has no {}", some.value(*row as usize)),
            }
        }
        Ok(places)
    }
}

/// How many row groups of `identity.id_changes` are full, and of nights before this one.
fn groups_before(changes: &Path, as_of: chrono::NaiveDate) -> Result<usize> {
    let file = ArrowReaderMetadata::load(&File::open(changes)?, ArrowReaderOptions::default())?;
    let is_before = |group: &&RowGroupMetaData| {
        let last = match group.column(0).statistics() {
            Some(Statistics::Int32(nights)) => nights.max_opt().copied(),
            _ => None,
        };
        let last = last.and_then(Date32Type::to_naive_date_opt);
        group.num_rows() as usize == ROW_GROUP_ROWS && last.is_some_and(|last| last < as_of)
    };
    let groups = file.metadata().row_groups().iter();
    Ok(groups.take_while(is_before).count())
}
