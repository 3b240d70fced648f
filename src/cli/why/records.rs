//! Why two records are one customer, or are not.

use datafusion::prelude::SessionContext;

use super::edges::{Edge, edges, path};
use super::{Arguments, quoted, records_of, rows};
use crate::cli::{PipelineArguments, night_options};
use crate::fault::{Fault, Result};
use crate::identity::explain::{Explained, explain, side_by_side};
use crate::identity::history::place_of;
use crate::identity::model;
use crate::pipeline::run::records::{self, NightRecords};

/// What is to be said of two records.
pub(super) async fn why(
    arguments: &Arguments,
    session: &SessionContext,
    left: &str,
    right: &str,
) -> Result<String> {
    let one = customer_of(session, left).await?;
    let other = customer_of(session, right).await?;
    let of_the_two = format!(
        "left_id = {} and right_id = {}",
        quoted(left.min(right)),
        quoted(left.max(right))
    );
    let of_the_two = edges(session, &of_the_two).await?;
    let refused = of_the_two.into_iter().find(|edge| edge.fate == "refused");
    let refused_by = |edge: &Edge, what: &str| {
        format!("{what} was refused by {}\n{}", edge.refusal(), edge.text())
    };
    if one == other {
        let members = records_of(&one);
        let joined = format!("fate = 'joined' and left_id in {members} and right_id in {members}");
        let joined = edges(session, &joined).await?;
        let mut lines = vec![
            format!("{left} and {right} are one customer, {one}"),
            "joined by".to_string(),
        ];
        lines.extend(path(&joined, left, right).into_iter().map(Edge::text));
        lines.extend(refused.iter().map(|edge| refused_by(edge, "a link")));
        return Ok(lines.join("\n"));
    }
    let mut lines = vec![format!("{left} is {one}, {right} is {other}")];
    match &refused {
        Some(edge) => lines.push(refused_by(edge, "a link")),
        None => {
            // A chain of records may have met it.
            let (ones, others) = (records_of(&one), records_of(&other));
            let chained = format!(
                "fate = 'refused' and (left_id in {ones} and right_id in {others} or left_id in {others} and right_id in {ones})"
            );
            let chained = edges(session, &chained).await?;
            let what = "a link between their customers";
            lines.extend(chained.iter().map(|edge| refused_by(edge, what)));
        }
    }
    match of_tonight(arguments, left, right).await? {
        Some(told) => lines.extend(told.lines(refused.is_some())),
        None => lines.push(
            "tonight's exports do not have both of them any more: there is nothing to compare"
                .to_string(),
        ),
    }
    Ok(lines.join("\n"))
}

/// The customer that a record is.
async fn customer_of(session: &SessionContext, record: &str) -> Result<String> {
    let customer = format!(
        "select customer_id from identity.customer_records where record_id = {}",
        quoted(record)
    );
    let found = rows(session, &customer).await?.into_iter().flatten().next();
    found.ok_or_else(|| {
        Fault::project(format!("no record {record} is published"))
            .hint(format!("records are named as the records stage names them; onefold why {record} tells whether it is gone"))
    })
}

/// Two records of tonight, explained; `None` where one is not there.
async fn of_tonight(arguments: &Arguments, left: &str, right: &str) -> Result<Option<Told>> {
    let pipeline = PipelineArguments::of(
        &arguments.pipeline,
        arguments.exports.clone(),
        arguments.output.clone(),
    );
    let night = records::of_tonight(night_options(&pipeline, false), "explained").await?;
    let (first, second) = (left.min(right).to_string(), left.max(right).to_string());
    let work = move |night: &mut NightRecords| {
        let (review, threshold) = (night.book.review(), night.book.threshold);
        let places = [&first, &second].map(|id| place_of(&night.records.ids, id));
        let [Some(left), Some(right)] = places else {
            return Ok(None);
        };
        let raw = night.records.clone();
        let (matcher, file) = night.matcher()?;
        let model = matcher.model(file)?;
        let explained = explain(&matcher, &raw, &model, left as u32, right as u32)?;
        Ok(Some(Told {
            explained,
            prior: model.prior,
            review,
            threshold,
        }))
    };
    let mut told = night.with("the comparing of the records", work).await?;
    if let Some(told) = &mut told
        && left > right
    {
        told.turn();
    }
    Ok(told)
}

/// A pair that is not one customer, explained.
struct Told {
    explained: Explained,
    prior: f64,
    review: f64,
    threshold: f64,
}

impl Told {
    /// The values in the order in which the records were asked for.
    fn turn(&mut self) {
        let levels = self.explained.levels.iter_mut();
        let values = levels.flat_map(|level| &mut level.values);
        values.for_each(|(_, both)| both.reverse());
    }

    fn lines(&self, is_refused: bool) -> Vec<String> {
        let Explained {
            rules,
            is_certain,
            is_of_one_list,
            weight,
            levels,
            is_vetoed,
            forbidden_by,
        } = &self.explained;
        let mut lines = vec![match rules.as_slice() {
            [] if *is_of_one_list => {
                "the two are of one list, which has no person twice: they are never compared"
                    .to_string()
            }
            [] => "no rule brings the two together: they were never compared".to_string(),
            rules => format!("brought together by {}", rules.join(", ")),
        }];
        lines.push(format!(
            "  {:<16} {:<16} {:>+7.1} bits",
            "prior",
            "",
            model::bits(self.prior)
        ));
        for found in levels {
            let name = &found.comparison;
            let values = side_by_side(&found.values);
            lines.push(match &found.level {
                Some((level, bits)) => {
                    format!("  {name:<16} {level:<16} {bits:>+7.1} bits  {values}")
                }
                None => format!("  {name:<16} {:<16} {:>7}       {values}", "missing", "0"),
            });
        }
        let probability = model::probability(*weight);
        lines.push(format!(
            "  {:<16} {:<16} {weight:>+7.1} bits, a probability of {probability:.4}",
            "together", ""
        ));
        lines.push(match () {
            () if *is_of_one_list => "never a link, whatever its weight (across)".to_string(),
            () if !is_refused && !forbidden_by.is_empty() => format!(
                "never a link, whatever its weight: {} holds the two apart",
                forbidden_by.join(" and ")
            ),
            () if is_refused && *is_certain => "a rule or a steward made it a link, and it was refused".to_string(),
            () if is_refused => "the link was strong enough, and was refused".to_string(),
            () if *is_certain => {
                "by tonight's exports it is a link: the published night is of other records, or of other rules".to_string()
            }
            () if *is_vetoed && probability >= self.threshold => {
                "strong enough, but a level vetoes it: the pair is for review".to_string()
            }
            () if rules.is_empty() && probability >= self.threshold => format!(
                "it would be a link, from {} on: a blocking rule is missing",
                self.threshold
            ),
            () if probability >= self.threshold => format!(
                "enough for a link, from {} on: the published night is of other records, or of other rules",
                self.threshold
            ),
            () if probability >= self.review && !rules.is_empty() => format!(
                "not enough for a link, which needs {}: a pair for review",
                self.threshold
            ),
            () => format!("not enough for a link, which needs {}", self.threshold),
        });
        lines
    }
}
