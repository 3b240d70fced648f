//! A run that ends where identity begins: the records of tonight, for training, evaluating and explaining. Nothing is published.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use datafusion::prelude::SessionContext;

use super::{RunOptions, Tonight, published_by_another};
use crate::engine::session;
use crate::fault::{Fault, Result, nearest};
use crate::identity::history::History;
use crate::identity::matching::{Decisions, Matcher};
use crate::identity::model_file::ModelFile;
use crate::identity::records::Records;
use crate::identity::rules::RuleBook;
use crate::pipeline::file::Loaded;
use crate::pipeline::prepare::prepare;
use crate::pipeline::{decisions, identity, identity_records};
use crate::publish::audit::is_loss;
use crate::report::progress::Waiting;
use crate::report::record::IdentityRecord;
use crate::report::text::{count, plural};
use crate::stages::faults;

/// The records of a night, and what is needed to match them.
pub struct NightRecords {
    /// The pipeline file.
    pub loaded: Loaded,
    /// The session that the records were made in.
    pub session: SessionContext,
    /// The rule book.
    pub book: RuleBook,
    /// The records, sorted by id.
    pub records: Records,
    /// What stewards decided.
    pub decisions: Decisions,
    /// The trained model, where there is one.
    pub model: Option<ModelFile>,
    /// Where nights are published.
    pub output: std::path::PathBuf,
}

impl NightRecords {
    /// The records made ready to be matched, and the trained model, where there is one.
    pub fn matcher(&mut self) -> datafusion::common::Result<(Matcher<'_>, Option<&ModelFile>)> {
        let decisions = std::mem::take(&mut self.decisions);
        let (session, book) = (&self.session, &self.book);
        let matcher = Matcher::new(session, book, self.records.clone(), decisions, None)?;
        Ok((matcher, self.model.as_ref()))
    }

    /// Does work with the records, on a thread that may wait; `what` names it where it fails.
    pub async fn with<T: Send + 'static>(
        mut self,
        what: &str,
        work: impl FnOnce(&mut Self) -> datafusion::common::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (loaded, book) = (self.loaded.clone(), self.book.clone());
        let _waiting = Waiting::on(what);
        let done = tokio::task::spawn_blocking(move || work(&mut self)).await;
        let done = done.map_err(|error| Fault::failed(format!("{what} broke off: {error}")))?;
        done.map_err(|error| identity::fault(&loaded, &book, &format!("{what} failed"), &error))
    }
}

/// Reads the exports and runs the stages that identity needs. `why` names the run in its record.
pub async fn of_tonight(options: RunOptions, why: &str) -> Result<NightRecords> {
    let _waiting = Waiting::on("reading the records of tonight");
    let prepared = prepare(&options.options).await?;
    let Some(book) = prepared.loaded.pipeline.identity.clone() else {
        return Err(no_identity(&prepared.loaded));
    };
    let mut tonight = Tonight::begin(prepared, options).await?;
    let (loaded, session) = (
        tonight.prepared.loaded.clone(),
        tonight.prepared.session.clone(),
    );
    let model = tonight.prepared.model.clone().map(|(model, _)| model);
    let output = tonight.prepared.output.clone();
    let read = tonight.records(&book).await;
    tonight.keep_exports().await;
    let (records, decisions) = tonight.end_as(why, read)?;
    Ok(NightRecords {
        loaded,
        session,
        book,
        records,
        decisions,
        model,
        output,
    })
}

/// The published tables that a plan holds tonight against.
const PUBLISHED_IDS: [&str; 2] = ["id_changes", "customer_records"];

/// What identity would say tonight.
pub struct Planned {
    /// A session that has its tables, and as `published.…` those of the published night that say whose records are.
    pub session: SessionContext,
    /// The night.
    pub as_of: NaiveDate,
    /// What it found.
    pub figures: IdentityRecord,
    /// The published night, and what identity found in it, where its record is still there.
    pub before: Option<(NaiveDate, Option<IdentityRecord>)>,
    /// Whether that night has ids.
    pub has_published_ids: bool,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// Reads the exports, runs the stages that identity needs, and matches the records. Nothing is published; a run of the same night
/// finds what was matched.
pub async fn identity_of_tonight(options: RunOptions) -> Result<Planned> {
    let _waiting = Waiting::on("reading and matching the records of tonight");
    let prepared = prepare(&options.options).await?;
    if prepared.loaded.pipeline.identity.is_none() {
        return Err(no_identity(&prepared.loaded));
    }
    let mut tonight = Tonight::begin(prepared, options).await?;
    let inputs = tonight.prepared.identity_inputs.iter();
    let inputs = inputs.map(ToString::to_string).collect();
    let matched = match tonight.until(inputs).await {
        Ok(()) => tonight.run_identity().await,
        failed => failed,
    };
    tonight.keep_exports().await;
    let before = tonight.before.as_ref().map(|before| {
        let figures = tonight.record_before();
        let figures =
            figures.and_then(|mut record| serde_json::from_value(record["identity"].take()).ok());
        (before.pointer.as_of, figures)
    });
    let matched = match matched {
        Ok(()) => tonight.register_published_ids().await,
        failed => failed,
    };
    let planned = Planned {
        session: tonight.prepared.session.clone(),
        as_of: tonight.prepared.as_of,
        figures: tonight.record.identity.clone().unwrap_or_default(),
        before,
        has_published_ids: tonight
            .before
            .as_ref()
            .is_some_and(|before| before.identity.is_some()),
        warnings: {
            let warnings = tonight.record.warnings.iter().cloned();
            let warnings = warnings.chain(tonight.model_is_not_kept());
            warnings.chain(tonight.would_be_refused()).collect()
        },
    };
    tonight.end_as("planned", matched.map(|()| planned))
}

fn no_identity(loaded: &Loaded) -> Box<Fault> {
    Fault::project("the pipeline has no identity")
        .at(crate::fault::Place::file(&loaded.path))
        .hint("declare a rule book: [identity]")
}

/// A session that has a stage, or an export (`raw.people`), as tonight's exports make it, and which of the stage's own checks failed.
/// `published` are the tables that could have been meant as well.
pub async fn table_of_tonight(
    options: RunOptions,
    table: &str,
    published: &[String],
) -> Result<(SessionContext, Result<()>)> {
    let prepared = prepare(&options.options).await?;
    let stages = prepared.stages.iter();
    let stages = stages.map(|stage| stage.stage.name.to_string());
    let exports = prepared.exports.iter();
    let exports = exports.map(|export| format!("raw.{}", export.name));
    let known: Vec<String> = stages.chain(exports).collect();
    if table.starts_with("identity.") {
        return Err(Fault::project(format!("only a run makes {table}"))
            .hint("onefold run, then onefold show without --tonight"));
    }
    if !known.iter().any(|known| known == table) {
        let near = known.iter().chain(published).map(String::as_str);
        return Err(Fault::project(format!(
            "there is no table {table}: none is published, and the pipeline has no such stage or export"
        ))
        .hint(match nearest(table, near) {
            Some(near) => format!("did you mean {near}?"),
            None => "onefold ls lists the pipeline's tables".to_string(),
        }));
    }
    let mut tonight = Tonight::begin(prepared, options).await?;
    let made = tonight.until(BTreeSet::from([table.to_string()])).await;
    let session = tonight.prepared.session.clone();
    let is_there = tonight.record.stages.iter().any(|made| made.table == table);
    tonight.keep_exports().await;
    match tonight.end_as("shown", made) {
        // Its rows say why.
        Err(fault) if is_there => Ok((session, Err(fault))),
        made => Ok((session, Ok(made?))),
    }
}

impl Tonight {
    /// The records of tonight, and what stewards decided about them.
    async fn records(&mut self, book: &RuleBook) -> Result<(Records, Decisions)> {
        let inputs = self.prepared.identity_inputs.iter();
        let inputs = inputs.map(ToString::to_string).collect();
        self.until(inputs).await?;
        let failed = |what: &str, error: datafusion::common::DataFusionError| {
            let message = faults::plain_message(error.find_root());
            Fault::failed(format!("could not read the {what}: {message}"))
        };
        let session = &self.prepared.session;
        let records = identity_records::load(session, book, self.prepared.origins());
        let records = records.await.map_err(|error| failed("records", error))?;
        let history = match &book.decisions {
            Some(_) => self.history()?,
            None => History::default(),
        };
        let decisions = decisions::read(
            session,
            book,
            &records,
            &history,
            &hashbrown::HashSet::new(),
        )
        .await;
        let decisions = decisions.map_err(|error| {
            failed("decisions", error).hint("correct the row in the export that they come from")
        });
        Ok((records, decisions?.0))
    }

    /// Why a run of tonight would not be published without `--accept-changes`, as far as identity tells.
    fn would_be_refused(&self) -> Option<String> {
        let before = &self.before.as_ref()?.pointer;
        let lost = self.lost_by_identity();
        let other = published_by_another(self.before.as_ref(), &self.prepared);
        let why = match before.tables.get("identity.customer_records") {
            _ if before.as_of > self.prepared.as_of => "it is an earlier night".to_string(),
            Some(table) if is_loss(table.rows, self.record.identity.as_ref()?.records) => format!(
                "{} were {} on the published night",
                plural(self.record.identity.as_ref()?.records, "record"),
                count(table.rows)
            ),
            _ if other.is_some() => format!("there are {}", other.unwrap_or_default()),
            _ if !lost.is_empty() => lost.join("; "),
            _ => return None,
        };
        Some(format!(
            "a run of this night is refused without --accept-changes: {why}"
        ))
    }

    /// Makes known what the published night says of ids, beside what tonight does.
    async fn register_published_ids(&self) -> Result<()> {
        let Some(before) = self
            .before
            .as_ref()
            .filter(|before| before.identity.is_some())
        else {
            return Ok(());
        };
        let version = self.prepared.output.join(&before.pointer.directory);
        for table in PUBLISHED_IDS {
            let file = version.join("identity").join(format!("{table}.parquet"));
            let session = &self.prepared.session;
            let registered = session::register_parquet(session, "published", table, &file).await;
            registered.map_err(|error| {
                let message = faults::plain_message(error.find_root());
                Fault::failed(format!(
                    "could not open the published identity.{table}: {message}"
                ))
            })?;
        }
        Ok(())
    }

    /// Ends a run that publishes nothing; `status` is what its record says where it came to its end.
    fn end_as<T>(mut self, status: &str, outcome: Result<T>) -> Result<T> {
        self.options.is_quiet = true;
        let (outcome, found) = match outcome {
            Ok(found) => (Ok(()), Ok(found)),
            Err(fault) => (Err(fault.clone()), Err(fault)),
        };
        if outcome.is_ok() {
            self.record.status = status.to_string();
        }
        self.end(outcome)?;
        found
    }

    /// The steps of a run up to the stages that are needed; the other stages are left out.
    async fn until(&mut self, mut needed: BTreeSet<String>) -> Result<()> {
        for stage in self.prepared.stages.iter().rev() {
            if needed.contains(&stage.stage.name.to_string()) {
                needed.extend(
                    stage
                        .stage
                        .parsed
                        .reads
                        .iter()
                        .map(|read| read.name.to_string()),
                );
            }
        }
        let of_identity = |table: &&String| table.starts_with("identity.");
        if let Some(table) = needed.iter().find(of_identity) {
            return Err(
                Fault::project(format!("it reads {table}, which only a run makes")).hint(
                    "publish the stage ([publish] tables) and run; or ask what is published, with onefold query",
                ),
            );
        }
        self.read_exports().await?;
        for at in 0..self.prepared.stages.len() {
            let stage = self.prepared.stages[at].clone();
            if needed.contains(&stage.stage.name.to_string()) {
                self.run_stage(&stage).await?;
            }
        }
        Ok(())
    }
}
