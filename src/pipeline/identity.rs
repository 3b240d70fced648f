//! Identity as a step of the run: its records read from their stage, its history from the published night, its tables
//! written like any other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Result};
use datafusion::prelude::SessionContext;
use hashbrown::HashSet;
use rayon::prelude::*;

use super::{decisions, identity_records};
use crate::fault::Fault;
use crate::identity::blocking::Summary;
use crate::identity::clusters::{Fate, Link};
use crate::identity::contents::Contents;
use crate::identity::groups::{self, Customers, Groups};
use crate::identity::history::History;
use crate::identity::lasting_ids::{self, Assigned, Cause};
use crate::identity::matching::{ACROSS, Keeping, Matched, Matcher, STEWARD};
use crate::identity::model::{bits, probability};
use crate::identity::model_file::{self, ModelFile};
use crate::identity::pairs::Files;
use crate::identity::records::Records;
use crate::identity::rekeyed;
use crate::identity::rules::RuleBook;
use crate::identity::tables::{self, OUTPUTS};
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
pub async fn run(session: &SessionContext, mut night: Night) -> Result<Found> {
    let records =
        identity_records::load(session, &night.book, std::mem::take(&mut night.origins)).await?;
    tracing::debug!(records = records.len(), "records are loaded");
    let known_anew = move || {
        let contents = Contents::new(
            &records,
            &night.book.record_id,
            night.book.across.as_deref(),
        )?;
        let renamed = rekeyed::renamed(&night.history, &records.ids, &contents.said);
        Ok::<_, DataFusionError>((night, records, contents, renamed))
    };
    let (night, records, contents, renamed) = in_background(known_anew).await?;
    let (history, reused) = match &renamed {
        Some(renamed) => (&renamed.history, &renamed.reused),
        None => (&night.history, &HashSet::new()),
    };
    let (decisions, told) =
        decisions::read(session, &night.book, &records, history, reused).await?;
    let session = session.clone();
    let read_decisions = decisions.read;
    let work = move || {
        let keeping = Keeping {
            rules: rules_id(&night.book),
            // A model that is trained anew looks at all pairs.
            before: night
                .pairs_before
                .filter(|_| night.model.is_some())
                .map(|files| (files, &night.history.living)),
            tonight: night.pairs,
            contents,
        };
        let mut matcher = Matcher::new(&session, &night.book, records, decisions, Some(&keeping))?;
        let model_of_night = matcher.model(night.model.as_ref())?;
        let scored = matcher.run_and_finish(model_of_night)?;
        let mut warnings = told;
        if let Some(renamed) = &renamed {
            warnings.push(format!(
                "{} another key than before, and the same values: the customer ids went along",
                match renamed.count {
                    1 => "1 record has".to_string(),
                    count => format!("{} have", plural(count as u64, "record")),
                }
            ));
        }
        if let Some(drift) = night
            .model
            .as_ref()
            .and_then(|file| file.drift(&matcher.prepared, &scored.shares))
        {
            warnings.push(format!(
                "the identity model has drifted: {drift}; `onefold train` trains it anew"
            ));
        }
        let tonight = matcher.records.len() as u64;
        let trained_on = night.model.as_ref().map(|file| file.trained_on_records);
        if let Some(trained_on) =
            trained_on.filter(|trained_on| tonight >= TIMES_MORE * *trained_on)
        {
            warnings.push(format!(
                "the identity model was trained on {}, and tonight has {}: `onefold train` trains it anew",
                plural(trained_on, "record"),
                count(tonight)
            ));
        }
        let most = matcher.records.len() as u64 / 10;
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
            None if !scored.matched.model.is_estimated() => {
                warnings.push(format!(
                    "there is no identity model yet, and none was kept: of {} no comparison could be estimated, and tonight's weights are assumed; `onefold train` keeps them all the same",
                    plural(matcher.records.len() as u64, "record")
                ));
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
        warnings.extend(none_reaches(&matched, night.book.threshold));
        if new_model.is_some() {
            warnings.extend(more_than_certain(
                records,
                &matched,
                night.book.certain_recall,
            ));
        }
        tracing::debug!("shares are counted");
        let assigned = lasting_ids::assign(
            &records.ids,
            &matched.clusters,
            joined(&matched),
            refused(&matched).chain(held_apart(&matcher)),
            renamed
                .as_ref()
                .map_or(&night.history, |renamed| &renamed.history),
            night.as_of,
        )?;
        tracing::debug!(changes = assigned.changes.len(), "lasting ids are given");
        let mut figures = figures(records, &matched, &assigned, read_decisions);
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
        warnings.extend(of_groups(&kinds, &groups));
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
    in_background(work).await
}

/// Does work of the processor's apart from what waits for files.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| DataFusionError::External(Box::new(error)))?
}

/// What is to be said of blocks that are over their cap.
fn set_aside(name: &str, summary: &Summary) -> String {
    format!(
        "the rule {name} set {} aside, in {} over its max_block",
        plural(summary.set_aside_records, "record"),
        plural(summary.set_aside_blocks, "block")
    )
}

/// What is to be said of groups that are none, by their kinds.
fn of_groups(kinds: &[&str], groups: &Groups) -> Vec<String> {
    let aside = kinds.iter().zip(&groups.summaries);
    let aside = aside.filter(|(_, summary)| summary.set_aside_blocks > 0);
    let aside = aside.map(|(name, summary)| {
        let told = set_aside(name, summary);
        format!("{told}: it does not group their customers")
    });
    let too_large = kinds.iter().zip(&groups.too_large);
    let too_large = too_large.filter(|(_, number)| **number > 0);
    let too_large = too_large.map(|(name, number)| {
        format!(
            "{} of {name} would have more customers than its max_size: none is made of them; identity.group_links has the customers (is_refused)",
            plural(*number, "group")
        )
    });
    aside.chain(too_large).collect()
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
        DataFusionError::ArrowError(overflow, _)
            if matches!(**overflow, ArrowError::OffsetOverflowError(_)) =>
        {
            "a column has more than 2 GiB of text: leave what identity does not read out of its stage, or match a shorter key"
        }
        DataFusionError::Execution(_) if place.is_none() => {
            "correct what it names; onefold show looks at tonight's records and decisions"
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

/// A model of a file that is so many times smaller says little of tonight's.
const TIMES_MORE: u64 = 20;

/// What is to be said where no pair is likely enough to be a link, although some are for review.
fn none_reaches(matched: &Matched, threshold: f64) -> Option<String> {
    let links = matched.links.iter().zip(&matched.fates);
    let scored = || links.clone().filter(|(link, _)| !link.is_certain);
    let likeliest = scored()
        .map(|(link, _)| link.weight)
        .max_by(f64::total_cmp)?;
    // What is likelier is vetoed, which the pairs for review say.
    let is_likely = likeliest >= bits(threshold);
    (!is_likely && scored().all(|(_, fate)| fate.is_none())).then(|| {
        format!(
            "no pair reaches the threshold of {threshold}: {} for review, the likeliest at {:.3}; onefold train says what other thresholds are expected to find",
            match scored().count() {
                1 => "1 is".to_string(),
                pairs => format!("{} are", count(pairs as u64)),
            },
            probability(likeliest)
        )
    })
}

/// What is to be said of a model that expects many times as many matches as the certain rules find: it may have learned to take whatever
/// is of one place for one.
pub fn more_than_certain(
    records: &Records,
    matched: &Matched,
    certain_recall: f64,
) -> Option<String> {
    /// Fewer pairs of certain rules tell little.
    const FEWEST: usize = 20;
    const TIMES: f64 = 5.0;
    let links = matched.links.iter().zip(&matched.fates);
    let certain = links.filter(|(link, fate)| {
        link.is_certain && matches!(fate, Some(Fate::Joined | Fate::Redundant))
    });
    let certain = certain.count();
    let expected = matched.model.matches_per_record(records.len()) * records.len() as f64;
    (certain >= FEWEST && expected > TIMES * certain as f64 / certain_recall).then(|| {
        format!(
            "the model expects {} pairs of one person, where the certain rules find {}: it may take strangers of one house or one town for one: see in the model what the last level of the names is worth; a veto, a narrower blocking rule or labels correct it",
            count(expected.round() as u64),
            count(certain as u64)
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

fn figures(
    records: &Records,
    matched: &Matched,
    assigned: &Assigned,
    decisions: u64,
) -> IdentityRecord {
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
        decisions,
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
