//! The audit against the night before: what would surprise a reader stops the night, unless it is accepted.

use super::manifest::{Manifest, Table};
use crate::fault::{Fault, Result};

/// A table of fewer rows may lose any of them: it is a summary, or a list of rare things.
const FEWEST_ROWS: u64 = 100;

/// Tables that say how the matching went, and of records that are gone: fewer rows are no loss of data.
fn shrinks(name: &str) -> bool {
    matches!(
        name,
        "identity.links"
            | "identity.review_pairs"
            | "identity.shared_values"
            | "identity.rules"
            | "identity.model"
            | "identity.groups"
            | "identity.group_links"
            | "identity.former_records"
            | "identity.merged_records"
            | "identity.moved_records"
            | "identity.stand_ins"
    )
}

/// Whether a table that had so many rows and has so many lost too many of them.
pub fn is_loss(had: u64, has: u64) -> bool {
    had >= FEWEST_ROWS && has * 2 < had
}

/// Compares tonight's tables with those published before. A column that was removed, renamed or retyped, a table that is
/// gone, or one that lost more than half its rows is a fault, as is what identity lost.
pub fn against(
    before: &Manifest,
    tonight: &std::collections::BTreeMap<String, Table>,
    of_identity: Vec<String>,
    is_accepted: bool,
) -> Result<Vec<String>> {
    let mut surprises = of_identity;
    // `columns` and `publish` describe the others, and are always there.
    for (name, old) in before
        .pointer
        .tables
        .iter()
        .filter(|(name, _)| name.contains('.'))
    {
        let Some(new) = tonight.get(name) else {
            surprises.push(format!("{name} is gone"));
            continue;
        };
        for column in &old.schema {
            match new
                .schema
                .iter()
                .find(|candidate| candidate.name == column.name)
            {
                None => surprises.push(format!("{name}.{} is gone", column.name)),
                Some(found) if found.r#type != column.r#type => {
                    surprises.push(format!(
                        "{name}.{} was {} and is {}",
                        column.name, column.r#type, found.r#type
                    ));
                }
                Some(_) => {}
            }
        }
        if is_loss(old.rows, new.rows) && !shrinks(name) {
            surprises.push(format!("{name} had {} rows and has {}", old.rows, new.rows));
        }
    }
    if surprises.is_empty() || is_accepted {
        return Ok(surprises);
    }
    let mut fault = Fault::failed(format!(
        "tonight differs from the night before ({}) in what readers rely on",
        before.pointer.run_id
    ));
    for surprise in &surprises {
        fault = fault.detail(surprise.clone());
    }
    Err(fault.hint("if that is meant, run again with --accept-changes; nothing was published"))
}
