//! `onefold plan`

use clap::Args;

use super::query::answer;
use super::{PipelineArguments, block_on, night_options, print};
use crate::fault::{Fault, Result};
use crate::pipeline::run::records::{Planned, identity_of_tonight};
use crate::report::record::IdentityRecord;
use crate::report::summary::id_changes;
use crate::report::table::Format;
use crate::report::text::count;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArguments,
    /// How many changes of each kind the text lists; JSON has all of them
    #[arg(long, default_value_t = 20)]
    limit: u32,
    /// How it is printed
    #[arg(long, value_enum, default_value = "text")]
    format: PlanFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PlanFormat {
    /// For a person
    Text,
    /// One object, for a program
    Json,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let options = night_options(&arguments.pipeline, false);
    let (format, limit) = (arguments.format, arguments.limit);
    let text = block_on(options.options.limits.threads, async move {
        let planned = identity_of_tonight(options).await?;
        match format {
            PlanFormat::Text => as_text(&planned, limit).await,
            PlanFormat::Json => as_json(&planned).await,
        }
    })?;
    print(&text)
}

/// The kinds of changes, each with the query of its rows.
fn lists(planned: &Planned) -> [(&'static str, String); 5] {
    let night = planned.as_of;
    // What a published run of the same night changed is no news.
    let (no_change, no_move) = match planned.has_published_ids {
        true => (
            "and not exists (select 1 from published.id_changes as known where known.as_of = changes.as_of and known.customer_id = changes.customer_id and known.change = changes.change and known.other_id is not distinct from changes.other_id)",
            "and not exists (select 1 from published.customer_records as known where known.record_id = moved.record_id and known.customer_id = moved.customer_id)",
        ),
        false => ("", ""),
    };
    let of_ids = |kind: &'static str, columns: &str| {
        let sql = format!(
            "select {columns} from identity.id_changes as changes where as_of = date '{night}' and change = '{kind}' {no_change} order by customer_id"
        );
        (kind, sql)
    };
    [
        of_ids(
            "merged",
            "customer_id, other_id as into_customer_id, rule, left_id, right_id",
        ),
        of_ids(
            "split",
            "customer_id, other_id as from_customer_id, rule as refused_by, left_id, right_id",
        ),
        of_ids("retired", "customer_id"),
        of_ids("returned", "customer_id"),
        (
            "moved",
            format!(
                "select record_id, previous_customer_id, customer_id from identity.moved_records as moved where as_of = date '{night}' {no_move} order by record_id"
            ),
        ),
    ]
}

/// How many rows a query has.
async fn rows(planned: &Planned, sql: &str) -> Result<u64> {
    let sql = format!("select count(*) as rows from ({sql}) as counted");
    let text = answer(&planned.session, &sql, Format::Csv).await?;
    let rows = text.lines().nth(1).and_then(|rows| rows.parse().ok());
    Ok(rows.unwrap_or_default())
}

/// What identity found tonight, its changes counted beside the published night.
async fn figures(planned: &Planned) -> Result<IdentityRecord> {
    let mut figures = planned.figures.clone();
    for (kind, sql) in lists(planned) {
        match (kind, rows(planned, &sql).await?) {
            ("moved", moved) => figures.moved_records = moved,
            (kind, 0) => {
                figures.id_changes.remove(kind);
            }
            (kind, changes) => {
                figures.id_changes.insert(kind.to_string(), changes);
            }
        }
    }
    Ok(figures)
}

/// A figure: its name, and how it is read.
type Figure = (&'static str, fn(&IdentityRecord) -> u64);

const FIGURES: [Figure; 7] = [
    ("records", |found| found.records),
    ("customers", |found| found.customers),
    ("certain links", |found| found.certain_links),
    ("scored links", |found| found.scored_links),
    ("refused links", |found| found.refused_links),
    ("pairs for review", |found| found.review_pairs),
    ("shared values", |found| found.shared_values),
];

async fn as_text(planned: &Planned, limit: u32) -> Result<String> {
    let tonight = &figures(planned).await?;
    let (published, before) = match &planned.before {
        Some((night, figures)) => (
            format!("beside the published night of {night}"),
            figures.as_ref(),
        ),
        None => (
            "the first: every customer would get a new id".to_string(),
            None,
        ),
    };
    let mut lines = vec![
        format!(
            "the night of {}, {published}; nothing is published",
            planned.as_of
        ),
        format!("\n{:<16} {:>12} {:>12}", "", "published", "tonight"),
    ];
    for (name, figure) in FIGURES {
        let published = before.map_or("-".to_string(), |before| count(figure(before)));
        lines.push(format!(
            "{name:<16} {published:>12} {:>12}",
            count(figure(tonight))
        ));
    }
    let changes = id_changes(tonight).unwrap_or("none would change".to_string());
    lines.push(format!("\nids: {changes}"));
    for (kind, sql) in lists(planned) {
        let all = match kind {
            "moved" => tonight.moved_records,
            kind => tonight.id_changes.get(kind).copied().unwrap_or_default(),
        };
        if all == 0 {
            continue;
        }
        let shown = match all > limit.into() {
            true => format!(", {limit} of {}", count(all)),
            false => String::new(),
        };
        lines.push(format!("\n{kind}{shown}"));
        let sql = format!("{sql} limit {limit}");
        lines.push(answer(&planned.session, &sql, Format::Table).await?);
    }
    for warning in &planned.warnings {
        lines.push(format!("\nwarning: {warning}"));
    }
    Ok(lines.join("\n"))
}

async fn as_json(planned: &Planned) -> Result<String> {
    let mut changes = serde_json::Map::new();
    for (kind, sql) in lists(planned) {
        let rows = answer(&planned.session, &sql, Format::Json).await?;
        let rows = rows.lines().map(serde_json::from_str);
        let rows: Vec<serde_json::Value> = rows
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| Fault::failed(format!("could not print the changes: {error}")))?;
        changes.insert(kind.to_string(), rows.into());
    }
    let before = planned.before.as_ref();
    Ok(serde_json::json!({
        "as_of": planned.as_of.to_string(),
        "published_as_of": before.map(|(night, _)| night.to_string()),
        "published": before.and_then(|(_, figures)| figures.as_ref()),
        "tonight": figures(planned).await?,
        "changes": changes,
        "warnings": planned.warnings,
    })
    .to_string())
}
