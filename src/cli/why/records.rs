//! Why two records are one customer, or are not.

use datafusion::prelude::SessionContext;
use serde::Serialize;

use super::edges::{Edge, edges, path};
use super::{Arguments, Record, quoted, records_of, rows};
use crate::cli::{PipelineArguments, night_options};
use crate::fault::{Fault, Result};
use crate::identity::explain::{Explained, Forbidding, explain, side_by_side};
use crate::identity::history::place_of;
use crate::identity::model;
use crate::pipeline::run::records::{self, NightRecords};

/// What is to be said of two records.
#[derive(Serialize)]
pub(super) struct Pair {
    records: [Record; 2],
    /// The customer that each of them is.
    customers: [String; 2],
    /// The links that lead from one to the other, where they are one customer.
    joined_by: Vec<Edge>,
    /// The link between the two that was refused.
    refused: Option<Edge>,
    /// The refused links between their customers, where the two have none of their own.
    refused_between_customers: Vec<Edge>,
    /// What tonight's exports say of the two, where they are not one customer.
    tonight: Option<Told>,
}

/// Asks what is published of two records, and compares them where they are not one customer.
pub(super) async fn why(
    arguments: &Arguments,
    session: &SessionContext,
    left: &str,
    right: &str,
) -> Result<Pair> {
    let one = customer_of(session, left).await?;
    let other = customer_of(session, right).await?;
    let (ones, others) = (records_of(&one), records_of(&other));
    let of_the_two = format!(
        "fate = 'refused' and left_id = {} and right_id = {}",
        quoted(left.min(right)),
        quoted(left.max(right))
    );
    let refused = edges(session, &of_the_two).await?.into_iter().next();
    let mut joined_by = Vec::new();
    let mut between = Vec::new();
    let mut tonight = None;
    if one == other {
        let joined = format!("fate = 'joined' and left_id in {ones} and right_id in {ones}");
        joined_by = path(edges(session, &joined).await?, left, right);
    } else {
        if refused.is_none() {
            // A chain of records may have met it.
            let chained = format!(
                "fate = 'refused' and (left_id in {ones} and right_id in {others} or left_id in {others} and right_id in {ones})"
            );
            between = edges(session, &chained).await?;
        }
        tonight = of_tonight(arguments, left, right, refused.is_some()).await?;
    }
    let records = [
        Record::of(session, &one, left).await,
        Record::of(session, &other, right).await,
    ];
    Ok(Pair {
        records,
        customers: [one, other],
        joined_by,
        refused,
        refused_between_customers: between,
        tonight,
    })
}

impl Pair {
    /// The same for a person.
    pub(super) fn text(&self) -> String {
        let [left, right] = self.records.each_ref().map(|record| &record.record_id);
        let [one, other] = &self.customers;
        let refused_by = |edge: &Edge, what: &str| {
            format!("{what} was refused by {}\n{}", edge.refusal(), edge.text())
        };
        let refused = self.refused.iter();
        let refused = refused.map(|edge| refused_by(edge, "a link"));
        let between = self.refused_between_customers.iter();
        let between = between.map(|edge| refused_by(edge, "a link between their customers"));
        let mut lines = Vec::new();
        if one == other {
            lines.push(format!("{left} and {right} are one customer, {one}"));
            let known = self
                .records
                .iter()
                .filter(|record| !record.values.is_empty());
            lines.extend(known.map(Record::text));
            lines.push("joined by".to_string());
            lines.extend(self.joined_by.iter().map(Edge::text));
            lines.extend(refused);
            return lines.join("\n");
        }
        lines.push(format!("{left} is {one}, {right} is {other}"));
        lines.extend(refused.chain(between));
        match &self.tonight {
            Some(told) => lines.extend(told.lines()),
            None => lines.push(
                "tonight's exports do not have both of them any more: there is nothing to compare"
                    .to_string(),
            ),
        }
        lines.join("\n")
    }
}

/// The customer that a record is.
async fn customer_of(session: &SessionContext, record: &str) -> Result<String> {
    let customer = format!(
        "select customer_id from identity.customer_records where record_id = {}",
        quoted(record)
    );
    let found = rows(session, &customer).await?.into_iter().flatten().next();
    if let Some(customer) = found {
        return Ok(customer);
    }
    let of_customer = format!(
        "select old_id from identity.redirects where old_id = {}",
        quoted(record)
    );
    let is_customer = !rows(session, &of_customer).await?.is_empty();
    let (told, hint) = match is_customer {
        true => (
            format!("{record} is the id of a customer, and two records are asked for"),
            format!("onefold why {record} shows its records"),
        ),
        false => (
            format!("no record {record} is published"),
            format!(
                "records are named as the records stage names them; onefold why {record} tells whether it is gone"
            ),
        ),
    };
    Err(Fault::project(told).hint(hint))
}

/// Two records of tonight, explained; `None` where one is not there.
async fn of_tonight(
    arguments: &Arguments,
    left: &str,
    right: &str,
    is_refused: bool,
) -> Result<Option<Told>> {
    let pipeline = PipelineArguments::of(
        &arguments.pipeline,
        arguments.exports.clone(),
        arguments.output.clone(),
    );
    let night = records::of_tonight(night_options(&pipeline, false), "explained").await?;
    let (first, second) = (left.min(right).to_string(), left.max(right).to_string());
    let is_turned = left > right;
    let work = move |night: &mut NightRecords| {
        let (review, threshold) = (night.book.review(), night.book.threshold);
        let places = [&first, &second].map(|id| place_of(&night.records.ids, id));
        let [Some(left), Some(right)] = places else {
            return Ok(None);
        };
        let raw = night.records.clone();
        let (matcher, file) = night.matcher()?;
        let model = matcher.model(file)?;
        let mut explained = explain(&matcher, &raw, &model, left as u32, right as u32)?;
        if is_turned {
            explained.turn();
        }
        Ok(Some(Told::new(
            explained,
            model.prior,
            [review, threshold],
            is_refused,
        )))
    };
    night.with("the comparing of the records", work).await
}

/// A pair that is not one customer, explained.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    explained: Explained,
    /// The weight before anything is compared, in bits.
    prior: f64,
    probability: f64,
    threshold: f64,
    /// What comes of it, in words.
    outcome: String,
}

impl Told {
    fn new(
        explained: Explained,
        prior: f64,
        [review, threshold]: [f64; 2],
        is_refused: bool,
    ) -> Self {
        let probability = model::probability(explained.weight);
        let forbidden_by = &explained.forbidden_by;
        let is_brought = !explained.rules.is_empty();
        let outcome = match () {
            () if explained.is_of_one_list => "never a link, whatever its weight (across)".to_string(),
            () if !is_refused && !forbidden_by.is_empty() => format!(
                "never a link, whatever its weight: {} holds the two apart",
                forbidden_by.iter().map(Forbidding::text).collect::<Vec<_>>().join(" and ")
            ),
            () if is_refused && explained.is_certain => "a rule or a steward made it a link, and it was refused".to_string(),
            () if is_refused => "the link was strong enough, and was refused".to_string(),
            () if explained.is_certain => {
                "by tonight's exports it is a link: the published night is of other records, or of other rules".to_string()
            }
            () if explained.is_vetoed && probability >= threshold => {
                "strong enough, but a level vetoes it: the pair is for review".to_string()
            }
            () if !is_brought && probability >= threshold && !explained.set_aside.is_empty() => format!(
                "it would be a link, from {threshold} on: raise max_block of {}, or make its blocks smaller",
                explained.set_aside.join(" or ")
            ),
            () if !is_brought && probability >= threshold => format!(
                "it would be a link, from {threshold} on: a blocking rule is missing"
            ),
            () if probability >= threshold => format!(
                "enough for a link, from {threshold} on: the published night is of other records, or of other rules"
            ),
            () if probability >= review && is_brought => format!(
                "not enough for a link, which needs {threshold}: a pair for review"
            ),
            () => format!("not enough for a link, which needs {threshold}"),
        };
        Self {
            prior: model::bits(prior),
            probability,
            threshold,
            outcome,
            explained,
        }
    }

    fn lines(&self) -> Vec<String> {
        let explained = &self.explained;
        let mut lines = vec![match explained.rules.as_slice() {
            [] if explained.is_of_one_list => {
                "the two are of one list, which has no person twice: they are never compared"
                    .to_string()
            }
            [] if !explained.set_aside.is_empty() => format!(
                "they were never compared: {} set the block of their values aside, which is larger than max_block",
                explained.set_aside.join(" and ")
            ),
            [] => "no rule brings the two together: they were never compared".to_string(),
            rules => format!("brought together by {}", rules.join(", ")),
        }];
        lines.push(format!(
            "  {:<16} {:<16} {:>+7.1} bits",
            "prior", "", self.prior
        ));
        for found in &explained.levels {
            let name = &found.comparison;
            let values = side_by_side(&found.columns);
            lines.push(match (&found.level, found.bits) {
                (Some(level), bits) => {
                    format!("  {name:<16} {level:<16} {bits:>+7.1} bits  {values}")
                }
                (None, _) => format!("  {name:<16} {:<16} {:>7}       {values}", "missing", "0"),
            });
        }
        lines.push(format!(
            "  {:<16} {:<16} {:>+7.1} bits, a probability of {:.4}",
            "together", "", explained.weight, self.probability
        ));
        lines.push(self.outcome.clone());
        lines
    }
}
