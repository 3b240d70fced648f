//! `onefold why`

use std::collections::{BTreeMap, VecDeque};

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use clap::Args;
use datafusion::prelude::SessionContext;

use super::query::open;
use super::{PipelineArguments, block_on, default_pipeline, night_options, print};
use crate::fault::{Fault, Result};
use crate::identity::evaluate::{Explained, Value, explain};
use crate::identity::history::place_of;
use crate::identity::model;
use crate::identity::records::LIST_MARK;
use crate::pipeline::file::Loaded;
use crate::pipeline::run::records::{self, NightRecords};
use crate::stages::faults;

#[derive(Args)]
pub struct Arguments {
    /// A customer's id, or two records
    #[arg(required = true, num_args = 1..=2, value_name = "ID")]
    ids: Vec<String>,
    /// The pipeline file
    #[arg(long, default_value_os_t = default_pipeline())]
    pipeline: std::path::PathBuf,
    /// Read the exports from this folder instead of the pipeline's
    #[arg(long, value_name = "ROOT")]
    exports: Option<String>,
    /// Where nights are published, instead of the pipeline's
    #[arg(long, value_name = "FOLDER")]
    output: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let loaded = Loaded::read(&arguments.pipeline)?;
    let output = match &arguments.output {
        Some(output) => output.into(),
        None => loaded.project.join(&loaded.pipeline.publish.output),
    };
    let limits = crate::engine::session::Limits::default();
    let text = block_on(limits.threads, async {
        let session = open(&limits, &arguments.pipeline, Some(&output)).await?;
        match arguments.ids.as_slice() {
            [id] => why_one(&session, id).await,
            [left, right] if left == right => Err(Fault::project("the two records are the same")
                .hint(format!("onefold why {left} tells whose it is"))),
            [left, right] => why_records(arguments, &session, left, right).await,
            _ => Err(Fault::project("name a customer, or two records")),
        }
    })?;
    print(&text)
}

/// The rows of a query as text; null is empty.
async fn rows(session: &SessionContext, sql: &str) -> Result<Vec<Vec<String>>> {
    let failed = |error: datafusion::common::DataFusionError| {
        Fault::failed(format!(
            "could not read what is published: {}",
            faults::plain_message(error.find_root())
        ))
        .hint("is a night published? onefold run")
    };
    let batches = session
        .sql(sql)
        .await
        .map_err(failed)?
        .collect()
        .await
        .map_err(failed)?;
    let mut rows = Vec::new();
    for batch in batches {
        let columns = batch
            .columns()
            .iter()
            .map(|column| cast(column, &DataType::Utf8));
        let columns: Vec<_> = columns
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| failed(error.into()))?;
        for row in 0..batch.num_rows() {
            let value = |column: &arrow::array::ArrayRef| {
                let text = column.as_string::<i32>();
                if text.is_valid(row) {
                    text.value(row).to_string()
                } else {
                    String::new()
                }
            };
            rows.push(columns.iter().map(value).collect());
        }
    }
    Ok(rows)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A link as it is published.
struct Edge {
    left: String,
    right: String,
    kind: String,
    rule: String,
    weight: String,
    levels: String,
    fate: String,
    refused_by: String,
    held_apart: [String; 2],
}

async fn edges(session: &SessionContext, condition: &str) -> Result<Vec<Edge>> {
    let sql = format!(
        "select left_id, right_id, kind, rule, cast(round(weight, 1) as text), levels, fate, refused_by, refused_left_id, refused_right_id from identity.links
         where {condition} order by kind, weight desc, left_id, right_id"
    );
    let edges = rows(session, &sql).await?.into_iter().filter_map(|row| {
        let [
            left,
            right,
            kind,
            rule,
            weight,
            levels,
            fate,
            refused_by,
            first,
            second,
        ] = <[String; 10]>::try_from(row).ok()?;
        Some(Edge {
            left,
            right,
            kind,
            rule,
            weight,
            levels,
            fate,
            refused_by,
            held_apart: [first, second],
        })
    });
    Ok(edges.collect())
}

impl Edge {
    /// What refused it, and of which records that holds.
    fn refusal(&self) -> String {
        let [left, right] = &self.held_apart;
        match (left.as_str(), right.as_str()) {
            ("", _) => self.refused_by.clone(),
            (one, other) if one == self.left && other == self.right => self.refused_by.clone(),
            (one, other) => format!("{}, which holds of {one} and {other}", self.refused_by),
        }
    }

    fn text(&self) -> String {
        let by = match self.kind.as_str() {
            "certain" => format!("certain by {}", self.rule),
            _ => format!("scored {} bits, brought by {}", self.weight, self.rule),
        };
        format!(
            "  {} - {}: {by}\n      {}",
            self.left, self.right, self.levels
        )
    }
}

/// A customer, or the customer of a record.
async fn why_one(session: &SessionContext, asked: &str) -> Result<String> {
    let of_record = |table: &str| {
        format!(
            "select customer_id from identity.{table} where record_id = {}",
            quoted(asked)
        )
    };
    let now = rows(session, &of_record("customer_records")).await?;
    if let Some(customer) = now.into_iter().flatten().next() {
        let told = why_customer(session, &customer).await?;
        return Ok(format!("{asked} is a record of {customer}\n{told}"));
    }
    let formerly = rows(session, &of_record("former_records")).await?;
    if let Some(customer) = formerly.into_iter().flatten().next() {
        let told = why_customer(session, &customer).await?;
        return Ok(format!(
            "{asked} was a record of {customer}, and is gone\n{told}"
        ));
    }
    why_customer(session, asked).await
}

async fn why_customer(session: &SessionContext, asked: &str) -> Result<String> {
    let redirect = rows(
        session,
        &format!(
            "select customer_id, returns_to from identity.redirects where old_id = {}",
            quoted(asked)
        ),
    )
    .await?;
    let customer = match redirect.first().map(Vec::as_slice) {
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
        Some([id, ..]) => id.clone(),
    };
    let mut lines = Vec::new();
    if customer != asked {
        lines.push(format!("{asked} is {customer} today"));
    }
    let members = rows(
        session,
        &format!(
            "select record_id from identity.customer_records where customer_id = {} order by 1",
            quoted(&customer)
        ),
    )
    .await?;
    let members: Vec<String> = members.into_iter().flatten().collect();
    lines.push(format!(
        "{customer} has {}",
        crate::report::text::plural(members.len() as u64, "record")
    ));
    lines.extend(members.iter().map(|record| format!("  {record}")));
    let of_members = |side: &str| {
        format!(
            "{side} in (select record_id from identity.customer_records where customer_id = {})",
            quoted(&customer)
        )
    };
    let inside = edges(
        session,
        &format!("{} and {}", of_members("left_id"), of_members("right_id")),
    )
    .await?;
    let joined: Vec<&Edge> = inside.iter().filter(|edge| edge.fate == "joined").collect();
    if !joined.is_empty() {
        lines.push("held together by".to_string());
        lines.extend(joined.iter().map(|edge| edge.text()));
        let weakest = joined
            .iter()
            .filter(|edge| edge.kind == "scored")
            .min_by(|a, b| {
                let bits = |edge: &Edge| edge.weight.parse::<f64>().unwrap_or(f64::MAX);
                bits(a).total_cmp(&bits(b))
            });
        if let Some(weakest) = weakest {
            lines.push(format!(
                "the weakest of them is {} - {}, {} bits",
                weakest.left, weakest.right, weakest.weight
            ));
        }
        let more = inside
            .iter()
            .filter(|edge| edge.fate == "redundant")
            .count();
        if more > 0 {
            lines.push(format!(
                "{} more between them",
                crate::report::text::plural(more as u64, "link")
            ));
        }
    }
    let refused = edges(
        session,
        &format!(
            "fate = 'refused' and ({} or {})",
            of_members("left_id"),
            of_members("right_id")
        ),
    )
    .await?;
    if !refused.is_empty() {
        lines.push("refused".to_string());
        for edge in &refused {
            lines.push(format!("{}\n      by {}", edge.text(), edge.refusal()));
        }
    }
    let changes = format!(
        "select cast(as_of as text), change, customer_id, other_id, rule, left_id, right_id from identity.id_changes where customer_id = {0} or other_id = {0} order by 1, 2, 3",
        quoted(&customer)
    );
    let changes = rows(session, &changes).await?;
    if !changes.is_empty() {
        lines.push("what happened to the id".to_string());
        for change in changes {
            let [as_of, what, id, other, rule, left, right] =
                <[String; 7]>::try_from(change).unwrap_or_default();
            let mut line = format!("  {as_of} {id} {what}");
            match what.as_str() {
                "merged" => line.push_str(&format!(" into {other}")),
                "split" => line.push_str(&format!(" from {other}")),
                _ => {}
            }
            if !rule.is_empty() {
                line.push_str(&format!(", by {rule} of {left} and {right}"));
            }
            lines.push(line);
        }
    }
    let values = format!(
        "select attribute, value, source, record_id, rule from master.customer_values where customer_id = {} and is_chosen order by 1",
        quoted(&customer)
    );
    // A project may have no such table.
    if let Ok(values) = rows(session, &values).await {
        lines.push("what the master shows".to_string());
        for value in values {
            let [attribute, value, _, record, rule] =
                <[String; 5]>::try_from(value).unwrap_or_default();
            lines.push(format!(
                "  {attribute:<14} {value}  (from {record}: {rule})"
            ));
        }
    }
    Ok(lines.join("\n"))
}

async fn why_records(
    arguments: &Arguments,
    session: &SessionContext,
    left: &str,
    right: &str,
) -> Result<String> {
    let mut customers = BTreeMap::new();
    for record in [left, right] {
        let found = rows(
            session,
            &format!(
                "select customer_id from identity.customer_records where record_id = {}",
                quoted(record)
            ),
        )
        .await?;
        match found.into_iter().flatten().next() {
            Some(customer) => customers.insert(record.to_string(), customer),
            None => {
                return Err(Fault::project(format!("no record {record} is published"))
                    .hint(format!("records are named as the records stage names them; onefold why {record} tells whether it is gone")));
            }
        };
    }
    let (one, other) = (&customers[left], &customers[right]);
    let mut lines = vec![if one == other {
        format!("{left} and {right} are one customer, {one}")
    } else {
        format!("{left} is {one}, {right} is {other}")
    }];
    if one == other {
        let members = format!(
            "(select record_id from identity.customer_records where customer_id = {})",
            quoted(one)
        );
        let joined = edges(
            session,
            &format!("fate = 'joined' and left_id in {members} and right_id in {members}"),
        )
        .await?;
        lines.push("joined by".to_string());
        lines.extend(path(&joined, left, right).iter().map(|edge| edge.text()));
    }
    let (first, second) = if left < right {
        (left, right)
    } else {
        (right, left)
    };
    let direct = edges(
        session,
        &format!(
            "left_id = {} and right_id = {}",
            quoted(first),
            quoted(second)
        ),
    )
    .await?;
    if let Some(edge) = direct.iter().find(|edge| edge.fate == "refused") {
        lines.push(format!(
            "a link was refused by {}\n{}",
            edge.refusal(),
            edge.text()
        ));
    } else if one != other {
        // A chain of records may have met it.
        let of = |side: &str, customer: &str| {
            format!(
                "{side} in (select record_id from identity.customer_records where customer_id = {})",
                quoted(customer)
            )
        };
        let between = |left: &str, right: &str| {
            format!("({} and {})", of("left_id", left), of("right_id", right))
        };
        let condition = format!(
            "fate = 'refused' and ({} or {})",
            between(one, other),
            between(other, one)
        );
        for edge in edges(session, &condition).await? {
            lines.push(format!(
                "a link between their customers was refused by {}\n{}",
                edge.refusal(),
                edge.text()
            ));
        }
    }
    if one != other {
        let pipeline = PipelineArguments::of(
            &arguments.pipeline,
            arguments.exports.clone(),
            arguments.output.clone(),
        );
        let night = records::of_tonight(night_options(&pipeline, false), "explained").await?;
        let is_forbidden = direct.iter().any(|edge| edge.fate == "refused");
        let is_turned = left > right;
        let (first, second) = (first.to_string(), second.to_string());
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
        match night.with("the comparing of the records", work).await? {
            Some(mut told) => {
                if is_turned {
                    told.turn();
                }
                lines.extend(told.lines(is_forbidden));
            }
            None => lines.push(
                "tonight's exports do not have both of them any more: there is nothing to compare"
                    .to_string(),
            ),
        }
    }
    Ok(lines.join("\n"))
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
            (self.prior / (1.0 - self.prior)).log2()
        ));
        for found in levels {
            let name = &found.comparison;
            let values = values(&found.values);
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

/// Both values of each column that a comparison looks at: `王伟 | 王玮`; with the columns' names where they are several.
fn values(columns: &[(String, [Value; 2])]) -> String {
    let text = |value: &Value| {
        let text = value.text.as_deref().unwrap_or("-");
        let text = text.replace(LIST_MARK, ";");
        match value.is_taken_out {
            true => format!("{text} (taken out by the guard)"),
            false => text,
        }
    };
    let both = |(column, [left, right]): &(String, [Value; 2])| {
        let both = format!("{} | {}", text(left), text(right));
        match columns.len() {
            1 => both,
            _ => format!("{column}: {both}"),
        }
    };
    columns.iter().map(both).collect::<Vec<_>>().join(", ")
}

/// The links by which two records of one customer hang together.
fn path<'e>(edges: &'e [Edge], from: &str, to: &str) -> Vec<&'e Edge> {
    let mut reached: BTreeMap<&str, Option<&Edge>> = BTreeMap::from([(from, None)]);
    let mut queue = VecDeque::from([from]);
    while let Some(record) = queue.pop_front() {
        for edge in edges {
            let next = match record {
                _ if edge.left == record => edge.right.as_str(),
                _ if edge.right == record => edge.left.as_str(),
                _ => continue,
            };
            if !reached.contains_key(next) {
                reached.insert(next, Some(edge));
                queue.push_back(next);
            }
        }
    }
    let mut path = Vec::new();
    let mut at = to;
    while let Some(Some(edge)) = reached.get(at) {
        path.push(*edge);
        at = if edge.left == at {
            &edge.right
        } else {
            &edge.left
        };
    }
    path.reverse();
    path
}
