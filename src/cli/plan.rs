//! `onefold plan`

use clap::Args;

use super::query::answer;
use super::{PipelineArguments, block_on, night_options, print};
use crate::fault::Result;
use crate::pipeline::run::records::{Planned, identity_of_tonight};
use crate::report::record::IdentityRecord;
use crate::report::table::Format;
use crate::report::text::{count, plural};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArguments,
    /// How many changes of each kind are listed
    #[arg(long, default_value_t = 20)]
    limit: usize,
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
            PlanFormat::Json => as_json(&planned, limit).await,
        }
    })?;
    print(&text)
}

/// A kind of change: how it is called, its columns, and the rows that it has.
struct Listed {
    kind: &'static str,
    sql: String,
}

/// The lists of changes, each with its query.
fn lists(planned: &Planned, limit: usize) -> Vec<Listed> {
    let night = planned.as_of;
    let of_ids = |kind: &'static str, columns: &str| Listed {
        kind,
        sql: format!(
            "select {columns} from identity.id_changes where as_of = date '{night}' and change = '{kind}' order by customer_id limit {limit}"
        ),
    };
    vec![
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
        Listed {
            kind: "moved",
            sql: format!(
                "select record_id, previous_customer_id, customer_id from identity.moved_records where as_of = date '{night}' order by record_id limit {limit}"
            ),
        },
    ]
}

/// How often a kind of change comes.
fn number(figures: &IdentityRecord, kind: &str) -> u64 {
    match kind {
        "moved" => figures.moved_records,
        kind => figures.id_changes.get(kind).copied().unwrap_or_default(),
    }
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

async fn as_text(planned: &Planned, limit: usize) -> Result<String> {
    let tonight = &planned.figures;
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
    let mut changes: Vec<String> = tonight
        .id_changes
        .iter()
        .map(|(kind, number)| format!("{} {kind}", count(*number)))
        .collect();
    if tonight.moved_records > 0 {
        changes.push(format!(
            "{} moved to another customer",
            plural(tonight.moved_records, "record")
        ));
    }
    if changes.is_empty() {
        changes.push("none would change".to_string());
    }
    lines.push(format!("\nids: {}", changes.join(", ")));
    for list in lists(planned, limit) {
        let all = number(tonight, list.kind);
        if all == 0 {
            continue;
        }
        let shown = match all > limit as u64 {
            true => format!(", {limit} of {}", count(all)),
            false => String::new(),
        };
        lines.push(format!("\n{}{shown}", list.kind));
        lines.push(answer(&planned.session, &list.sql, Format::Table).await?);
    }
    for warning in &planned.warnings {
        lines.push(format!("\nwarning: {warning}"));
    }
    Ok(lines.join("\n"))
}

async fn as_json(planned: &Planned, limit: usize) -> Result<String> {
    let mut changes = serde_json::Map::new();
    for list in lists(planned, limit) {
        let rows = answer(&planned.session, &list.sql, Format::Json).await?;
        let rows = rows.lines().map(serde_json::from_str);
        let rows: Vec<serde_json::Value> = rows
            .collect::<std::result::Result<_, _>>()
            .unwrap_or_default();
        changes.insert(list.kind.to_string(), rows.into());
    }
    let before = planned.before.as_ref();
    Ok(serde_json::json!({
        "as_of": planned.as_of.to_string(),
        "published_as_of": before.map(|(night, _)| night.to_string()),
        "published": before.and_then(|(_, figures)| figures.as_ref()),
        "tonight": planned.figures,
        "changes": changes,
        "warnings": planned.warnings,
    })
    .to_string())
}
