//! A run that ends where identity begins: the records of tonight, for training, evaluating and explaining. Nothing is published.

use std::collections::BTreeSet;

use datafusion::prelude::SessionContext;

use super::{RunOptions, Tonight};
use crate::fault::{Fault, Result};
use crate::identity::matching::{Decisions, Matcher};
use crate::identity::model_file::ModelFile;
use crate::identity::records::Records;
use crate::identity::rules::RuleBook;
use crate::pipeline::file::Loaded;
use crate::pipeline::identity;
use crate::pipeline::prepare::prepare;
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
        let done = tokio::task::spawn_blocking(move || work(&mut self)).await;
        let done = done.map_err(|error| Fault::failed(format!("{what} broke off: {error}")))?;
        done.map_err(|error| identity::fault(&loaded, &book, &format!("{what} failed"), &error))
    }
}

/// Reads the exports and runs the stages that identity needs. `why` names the run in its record.
pub async fn of_tonight(options: RunOptions, why: &str) -> Result<NightRecords> {
    let prepared = prepare(&options.options).await?;
    let Some(book) = prepared.loaded.pipeline.identity.clone() else {
        return Err(Fault::project("the pipeline has no identity")
            .at(crate::fault::Place::file(&prepared.loaded.path))
            .hint("declare a rule book: [identity]"));
    };
    let mut tonight = Tonight::begin(prepared, options).await?;
    tonight.record.status = why.to_string();
    let outcome = tonight.until_identity().await;
    let (session, loaded) = (
        tonight.prepared.session.clone(),
        tonight.prepared.loaded.clone(),
    );
    let (model, output) = (
        tonight.prepared.model.clone().map(|(model, _)| model),
        tonight.prepared.output.clone(),
    );
    let failed = |error: datafusion::common::DataFusionError| {
        Fault::failed(format!(
            "could not read the records: {}",
            faults::plain_message(error.find_root())
        ))
    };
    let origins = tonight.prepared.origins();
    let records = match &outcome {
        Ok(()) => Some(
            identity::load(&session, &book, origins)
                .await
                .map_err(failed)?,
        ),
        Err(_) => None,
    };
    let decisions = match &records {
        Some(records) => {
            identity::decisions(&session, &book, records)
                .await
                .map_err(failed)?
                .0
        }
        None => Decisions::default(),
    };
    tonight.options.is_quiet = true;
    tonight.end(outcome)?;
    let records = records.ok_or_else(|| Fault::failed("the records were not read"))?;
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

impl Tonight {
    /// The steps of a run up to the stages that identity reads; the other stages are left out.
    async fn until_identity(&mut self) -> Result<()> {
        self.read_exports().await?;
        let mut needed: BTreeSet<String> = self
            .prepared
            .identity_inputs
            .iter()
            .map(ToString::to_string)
            .collect();
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
        for at in 0..self.prepared.stages.len() {
            let stage = self.prepared.stages[at].clone();
            if needed.contains(&stage.stage.name.to_string()) {
                self.run_stage(&stage).await?;
            }
        }
        Ok(())
    }
}
