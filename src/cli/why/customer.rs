//! Why records are one customer: its records, the links that hold them together, and what happened to its id.

use std::collections::BTreeMap;

use datafusion::prelude::SessionContext;

use super::edges::{Edge, edges};
use super::{quoted, records_of, rows};
use crate::fault::{Fault, Result};
use crate::report::text::plural;

/// What is to be said of a customer, by an id that it has or had.
pub(super) async fn why(session: &SessionContext, asked: &str) -> Result<String> {
    let today = format!(
        "select customer_id, returns_to from identity.redirects where old_id = {}",
        quoted(asked)
    );
    let today = rows(session, &today).await?;
    let customer = match today.first().map(Vec::as_slice) {
        None | Some([]) => {
            return Err(Fault::project(format!(
                "no customer and no record {asked} was ever published"
            ))
            .hint("records are named as the records stage names them; for two, write both"));
        }
        Some([id, returns_to, ..]) if id.is_empty() => {
            let merged = match returns_to == asked {
                true => String::new(),
                false => format!(" went into {returns_to}, which"),
            };
            return Ok(format!(
                "{asked}{merged} is retired: the customer has no record any more"
            ));
        }
        Some([id, ..]) => id.as_str(),
    };
    let mut lines = Vec::new();
    if customer != asked {
        lines.push(format!("{asked} is {customer} today"));
    }
    let members = format!(
        "select record_id from identity.customer_records where customer_id = {} order by 1",
        quoted(customer)
    );
    let members: Vec<String> = rows(session, &members).await?.concat();
    lines.push(format!(
        "{customer} has {}",
        plural(members.len() as u64, "record")
    ));
    let told = values_of_records(session, customer).await;
    lines.extend(members.iter().map(|record| match told.get(record) {
        Some(values) => format!("  {record:<20} {values}"),
        None => format!("  {record}"),
    }));
    lines.extend(held_together(session, customer).await?);
    lines.extend(refused(session, customer).await?);
    lines.extend(changes(session, customer).await?);
    lines.extend(values(session, customer).await);
    Ok(lines.join("\n"))
}

/// The values that each record of a customer brought, chosen or not. A project may have no table of them.
async fn values_of_records(session: &SessionContext, customer: &str) -> BTreeMap<String, String> {
    let values = format!(
        "select record_id, string_agg(value, ', ' order by attribute, value) from master.customer_values where customer_id = {} group by record_id",
        quoted(customer)
    );
    let values = rows(session, &values).await.unwrap_or_default();
    let values = values.into_iter().filter_map(|row| {
        let [record, values] = <[String; 2]>::try_from(row).ok()?;
        Some((record, values))
    });
    values.collect()
}

/// The links that join a customer's records, and the weakest of those that a score makes.
async fn held_together(session: &SessionContext, customer: &str) -> Result<Vec<String>> {
    let members = records_of(customer);
    let inside = format!("left_id in {members} and right_id in {members}");
    let inside = edges(session, &inside).await?;
    let (joined, others): (Vec<Edge>, Vec<Edge>) =
        inside.into_iter().partition(|edge| edge.fate == "joined");
    if joined.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = vec!["held together by".to_string()];
    lines.extend(joined.iter().map(Edge::text));
    let bits = |edge: &&Edge| edge.weight.parse::<f64>().unwrap_or(f64::MAX);
    let scored = joined.iter().filter(|edge| edge.kind == "scored");
    let weakest = scored.min_by(|one, other| bits(one).total_cmp(&bits(other)));
    lines.extend(weakest.map(|weakest| {
        format!(
            "the weakest of them is {} - {}, {} bits",
            weakest.left, weakest.right, weakest.weight
        )
    }));
    let more = others.iter().filter(|edge| edge.fate == "redundant");
    match more.count() {
        0 => {}
        more => lines.push(format!("{} more between them", plural(more as u64, "link"))),
    }
    Ok(lines)
}

/// The links of a customer's records that were refused.
async fn refused(session: &SessionContext, customer: &str) -> Result<Vec<String>> {
    let members = records_of(customer);
    let refused = format!("fate = 'refused' and (left_id in {members} or right_id in {members})");
    let refused = edges(session, &refused).await?;
    let told = refused
        .iter()
        .map(|edge| format!("{}\n      by {}", edge.text(), edge.refusal()));
    Ok(below("refused", told.collect()))
}

/// What happened to a customer's id.
async fn changes(session: &SessionContext, customer: &str) -> Result<Vec<String>> {
    let changes = format!(
        "select cast(as_of as text), change, customer_id, other_id, rule, left_id, right_id from identity.id_changes where customer_id = {0} or other_id = {0} order by 1, 2, 3",
        quoted(customer)
    );
    let told = rows(session, &changes).await?.into_iter().map(|change| {
        let [as_of, what, id, other, rule, left, right] =
            <[String; 7]>::try_from(change).unwrap_or_default();
        let whose = match what.as_str() {
            "merged" => format!(" into {other}"),
            "split" => format!(" from {other}"),
            _ => String::new(),
        };
        let by = match rule.is_empty() {
            true => String::new(),
            false => format!(", by {rule} of {left} and {right}"),
        };
        format!("  {as_of} {id} {what}{whose}{by}")
    });
    Ok(below("what happened to the id", told.collect()))
}

/// The values that the master shows of a customer, with where they come from. A project may have no such table.
async fn values(session: &SessionContext, customer: &str) -> Vec<String> {
    let values = format!(
        "select attribute, value, record_id, rule from master.customer_values where customer_id = {} and is_chosen order by 1",
        quoted(customer)
    );
    let Ok(values) = rows(session, &values).await else {
        return Vec::new();
    };
    let told = values.into_iter().map(|value| {
        let [attribute, value, record, rule] = <[String; 4]>::try_from(value).unwrap_or_default();
        format!("  {attribute:<14} {value}  (from {record}: {rule})")
    });
    std::iter::once("what the master shows".to_string())
        .chain(told)
        .collect()
}

/// Lines below what they are; nothing where there are none.
fn below(what: &str, lines: Vec<String>) -> Vec<String> {
    match lines.is_empty() {
        true => lines,
        false => std::iter::once(what.to_string()).chain(lines).collect(),
    }
}
