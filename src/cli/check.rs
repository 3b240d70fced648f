//! `onefold check`

use clap::Args;

use super::{PipelineArguments, block_on, night_options, print};
use crate::fault::Result;
use crate::identity::blocking::{Blocks, Choice};
use crate::identity::records::{LIST_MARK, Records};
use crate::identity::suggest::{Suggestion, suggest};
use crate::pipeline::prepare::prepare;
use crate::pipeline::run::records::{self, NightRecords};
use crate::report::text::{count, plural};
use crate::stages::checks;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArguments,
    /// Also count the pairs of every blocking rule of identity, and show its largest blocks; this reads the exports, and scores nothing
    #[arg(long)]
    blocking: bool,
    /// With --blocking: also try rules that the book does not have, and tell how many links each would bring
    #[arg(long, requires = "blocking")]
    suggest: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    if arguments.blocking {
        return blocking(arguments);
    }
    let options = arguments.pipeline.options();
    let prepared = block_on(options.limits.threads, prepare(&options))?;
    let number: usize = prepared
        .stages
        .iter()
        .map(|stage| checks::count(&stage.stage))
        .sum();
    print(&format!(
        "{}: {}, {} and {} are sound; the night is {}",
        prepared.loaded.path.display(),
        plural(prepared.exports.len() as u64, "export"),
        plural(prepared.stages.len() as u64, "stage"),
        plural((number + prepared.checks.len()) as u64, "check"),
        prepared.as_of
    ))
}

/// Blocks of a rule that are shown.
const SHOWN: usize = 3;
/// Of more pairs it is not counted how many are new: each of them would be looked at.
const MOST_COUNTED: u64 = 1_000_000_000;

/// Counts the pairs of every blocking rule.
fn blocking(arguments: &Arguments) -> Result<()> {
    let is_to_suggest = arguments.suggest;
    // Counting pairs asks no model: the comparisons may have changed since it was trained.
    let options = night_options(&arguments.pipeline, !is_to_suggest);
    let text = block_on(options.options.limits.threads, async move {
        let night = records::of_tonight(options, "checked").await?;
        let (session, book) = (night.session.clone(), night.book.clone());
        let work = move |night: &mut NightRecords| {
            let (matcher, file) = night.matcher()?;
            let mut lines = vec![format!(
                "{:<28} {:>10} {:>13} {:>13} {:>9} {:>10}",
                "rule", "blocks", "pairs", "new pairs", "largest", "set aside"
            )];
            let (mut all, mut is_counted) = (0, true);
            let earlier: Vec<&Blocks> = matcher.blocking.iter().collect();
            for (index, rule) in matcher.blocking.iter().enumerate() {
                let found = &rule.summary;
                let mut own = 0;
                let own = match found.pairs > MOST_COUNTED {
                    true => None,
                    false => {
                        rule.for_each_batch(
                            &earlier[..index],
                            Choice::ALL,
                            |left, _| Ok(left.len() as u64),
                            |some| {
                                own += some;
                                Ok(())
                            },
                        )?;
                        Some(own)
                    }
                };
                all += own.unwrap_or(found.pairs);
                is_counted &= own.is_some();
                lines.push(format!(
                    "{:<28} {:>10} {:>13} {:>13} {:>9} {:>10}",
                    rule.rule,
                    count(found.blocks),
                    count(found.pairs),
                    own.map_or("not counted".to_string(), count),
                    count(found.largest_block),
                    count(found.set_aside_records)
                ));
                for (size, some) in &found.set_aside {
                    let block = block(&matcher.records, rule, *size, some)?;
                    lines.push(format!("{block}: set aside"));
                }
                for (size, some) in rule.largest(SHOWN) {
                    lines.push(block(&matcher.records, rule, size, &some)?);
                }
            }
            let at_most = if is_counted { "" } else { "at most " };
            lines.push(format!("\n{at_most}{} to compare, each once; new are those that no rule above brings, set aside are records in blocks over the rule's max_block", plural(all, "pair")));
            if is_to_suggest {
                let model = matcher.model(file)?;
                lines.push(suggestions(&suggest(&session, &book, &matcher, &model)?));
            }
            Ok(lines.join("\n"))
        };
        night.with("the counting of pairs", work).await
    })?;
    print(&text)
}

/// A block by some of its records: what the rule's columns have at the first; of lists, what all of them have.
fn block(
    records: &Records,
    rule: &Blocks,
    size: usize,
    some: &[u32],
) -> datafusion::common::Result<String> {
    let record = some[0];
    let value = |column: &String| {
        let text = |record: u32| records.text(column, record).map(Option::unwrap_or_default);
        let first = text(record)?;
        let mut shared: Vec<&str> = first.split(LIST_MARK).collect();
        if shared.len() > 1 {
            for other in &some[1..] {
                let other = text(*other)?;
                shared.retain(|value| other.split(LIST_MARK).any(|one| one == *value));
            }
        }
        Ok(format!("{column} = {}", shared.join(";")))
    };
    let values = rule.columns.iter().map(value);
    let values = values.collect::<datafusion::common::Result<Vec<_>>>()?;
    let id = records.ids.value(record as usize);
    let size = count(size as u64);
    Ok(format!(
        "    {size} records like {id}, {}",
        values.join(", ")
    ))
}

/// Rules that are told.
const SUGGESTED: usize = 8;

/// The rules that would bring most links.
fn suggestions(found: &[Suggestion]) -> String {
    if found.is_empty() {
        return "\nno other rule of one or two columns would bring a link".to_string();
    }
    let mut lines = vec![
        "\nrules that the book does not have, and what they would bring; their pairs may be the same".to_string(),
        format!("{:<56} {:>13} {:>9}", "condition", "new pairs", "links"),
    ];
    lines.extend(found.iter().take(SUGGESTED).map(|tried| {
        format!(
            "{:<56} {:>13} {:>9}",
            tried.condition,
            count(tried.new_pairs),
            count(tried.links)
        )
    }));
    lines.join("\n")
}
