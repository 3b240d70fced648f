//! Why records are one customer: its records, the links that hold them together, and what happened to its id.

use datafusion::prelude::SessionContext;
use serde::Serialize;

use super::edges::{Edge, edges};
use super::{Brought, Record, quoted, records_of, rows, values_brought};
use crate::fault::{Fault, Result};
use crate::report::text::plural;

/// What is to be said of a customer, by an id that it has or had.
#[derive(Serialize)]
pub(super) struct Asked {
    asked: String,
    /// The customer that was asked for, or that of the record.
    #[serde(skip)]
    asked_customer: String,
    /// The record that was asked for, where it was no customer.
    of_record: Option<OfRecord>,
    /// The id of the customer today, or the one that it had last.
    customer_id: String,
    /// Whether the customer has no record any more.
    is_retired: bool,
    records: Vec<Record>,
    /// The links that join its records, and those that would as well.
    links: Vec<Edge>,
    /// The links of its records that were refused.
    refused: Vec<Edge>,
    id_changes: Vec<IdChange>,
    /// What the master shows; nothing where a project has no such table.
    values: Vec<Shown>,
}

/// The record by which a customer was asked for.
#[derive(Serialize)]
pub(super) struct OfRecord {
    pub(super) record_id: String,
    /// Whether no export has it any more.
    pub(super) is_gone: bool,
}

/// What happened to an id in a night.
#[derive(Serialize)]
struct IdChange {
    as_of: String,
    change: String,
    customer_id: String,
    other_id: String,
    rule: String,
    left_id: String,
    right_id: String,
}

/// A value that the master shows, and where it comes from.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    brought: Brought,
    record_id: String,
    rule: String,
}

/// Asks what is published of a customer.
pub(super) async fn why(
    session: &SessionContext,
    asked: &str,
    of_record: Option<OfRecord>,
) -> Result<Asked> {
    let today = format!(
        "select customer_id, returns_to from identity.redirects where old_id = {}",
        quoted(asked)
    );
    let today = rows(session, &today).await?.into_iter().next();
    let today = today.and_then(|row| <[String; 2]>::try_from(row).ok());
    let Some([customer, returns_to]) = today else {
        return Err(
            Fault::project(format!("no customer and no record {asked} is known"))
                .hint("records are named as the records stage names them; for two, write both"),
        );
    };
    let is_retired = customer.is_empty();
    let customer_id = if is_retired { returns_to } else { customer };
    let record = of_record.as_ref().map(|record| record.record_id.as_str());
    let mut told = Asked {
        asked: record.unwrap_or(asked).to_string(),
        asked_customer: asked.to_string(),
        of_record,
        is_retired,
        records: Vec::new(),
        links: Vec::new(),
        refused: Vec::new(),
        id_changes: changes(session, [asked, &customer_id]).await?,
        values: Vec::new(),
        customer_id,
    };
    if is_retired {
        return Ok(told);
    }
    let customer = &told.customer_id;
    let members = records_of(customer);
    let records = format!("select record_id from {members} order by 1");
    let records = rows(session, &records).await?.concat().into_iter();
    let mut brought = values_brought(session, customer).await;
    told.records = records
        .map(|record| Record::new(record, &mut brought))
        .collect();
    let inside = format!(
        "fate in ('joined', 'redundant') and left_id in {members} and right_id in {members}"
    );
    told.links = edges(session, &inside).await?;
    let refused = format!("fate = 'refused' and (left_id in {members} or right_id in {members})");
    told.refused = edges(session, &refused).await?;
    told.values = shown(session, customer).await;
    Ok(told)
}

/// What happened to the id that was asked for, and to the one that it is today.
async fn changes(session: &SessionContext, ids: [&str; 2]) -> Result<Vec<IdChange>> {
    let changes = format!(
        "select cast(as_of as text), change, customer_id, other_id, rule, left_id, right_id from identity.id_changes where customer_id in ({0}) or other_id in ({0}) order by 1, 2, 3",
        ids.map(quoted).join(", ")
    );
    let changes = rows(session, &changes)
        .await?
        .into_iter()
        .filter_map(|row| {
            let [
                as_of,
                change,
                customer_id,
                other_id,
                rule,
                left_id,
                right_id,
            ] = <[String; 7]>::try_from(row).ok()?;
            Some(IdChange {
                as_of,
                change,
                customer_id,
                other_id,
                rule,
                left_id,
                right_id,
            })
        });
    Ok(changes.collect())
}

/// The values that the master shows of a customer, with where they come from.
async fn shown(session: &SessionContext, customer: &str) -> Vec<Shown> {
    let values = format!(
        "select attribute, value, record_id, rule from master.customer_values where customer_id = {} and is_chosen order by 1",
        quoted(customer)
    );
    let values = rows(session, &values).await.unwrap_or_default();
    let values = values.into_iter().filter_map(|row| {
        let [attribute, value, record_id, rule] = <[String; 4]>::try_from(row).ok()?;
        Some(Shown {
            brought: Brought { attribute, value },
            record_id,
            rule,
        })
    });
    values.collect()
}

impl Asked {
    /// The same for a person.
    pub(super) fn text(&self) -> String {
        let customer = &self.customer_id;
        let mut lines = Vec::new();
        let asked = self.asked_customer.as_str();
        if let Some(OfRecord { record_id, is_gone }) = &self.of_record {
            lines.push(match is_gone {
                true => format!("{record_id} was a record of {asked}, and is gone"),
                false => format!("{record_id} is a record of {asked}"),
            });
        }
        if self.is_retired {
            let went = format!("{asked} went into {customer}, which");
            let who = if customer == asked { asked } else { &went };
            lines.push(format!(
                "{who} is retired: the customer has no record any more"
            ));
        } else {
            if customer != asked {
                lines.push(format!("{asked} is {customer} today"));
            }
            let records = plural(self.records.len() as u64, "record");
            lines.push(format!("{customer} has {records}"));
        }
        lines.extend(self.records.iter().map(Record::text));
        lines.extend(self.held_together());
        let refused = self.refused.iter();
        let refused = refused.map(|edge| format!("{}\n      by {}", edge.text(), edge.refusal()));
        lines.extend(below("refused", refused.collect()));
        let changes = self.id_changes.iter().map(IdChange::text);
        lines.extend(below("what happened to the id", changes.collect()));
        let values = self.values.iter().map(Shown::text);
        lines.extend(below("what the master shows", values.collect()));
        lines.join("\n")
    }

    /// The links that join the records, and the weakest of those that a score makes.
    fn held_together(&self) -> Vec<String> {
        let joined = || self.links.iter().filter(|edge| edge.fate == "joined");
        let mut lines = below("held together by", joined().map(Edge::text).collect());
        if lines.is_empty() {
            return lines;
        }
        let bits = |edge: &&Edge| edge.weight.parse::<f64>().unwrap_or(f64::MAX);
        let scored = joined().filter(|edge| edge.kind == "scored");
        let weakest = scored.min_by(|one, other| bits(one).total_cmp(&bits(other)));
        lines.extend(weakest.map(|weakest| {
            format!(
                "the weakest of them is {} - {}, {} bits",
                weakest.left, weakest.right, weakest.weight
            )
        }));
        match self.links.len() - joined().count() {
            0 => {}
            more => lines.push(format!("{} more between them", plural(more as u64, "link"))),
        }
        lines
    }
}

impl IdChange {
    fn text(&self) -> String {
        let whose = match self.change.as_str() {
            "merged" => format!(" into {}", self.other_id),
            "split" => format!(" from {}", self.other_id),
            _ => String::new(),
        };
        let by = match self.rule.is_empty() {
            true => String::new(),
            false => format!(
                ", by {} of {} and {}",
                self.rule, self.left_id, self.right_id
            ),
        };
        format!(
            "  {} {} {}{whose}{by}",
            self.as_of, self.customer_id, self.change
        )
    }
}

impl Shown {
    fn text(&self) -> String {
        let Brought { attribute, value } = &self.brought;
        format!(
            "  {attribute:<14} {value}  (from {}: {})",
            self.record_id, self.rule
        )
    }
}

/// Lines below what they are; nothing where there are none.
fn below(what: &str, lines: Vec<String>) -> Vec<String> {
    match lines.is_empty() {
        true => lines,
        false => std::iter::once(what.to_string()).chain(lines).collect(),
    }
}
