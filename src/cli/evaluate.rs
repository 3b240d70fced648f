//! `onefold evaluate`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::{OneFormat, PipelineArguments, block_on, night_options, print};
use crate::fault::Result;
use crate::identity::evaluate::{Evaluation, How, Judged, Quality, evaluate};
use crate::identity::model;
use crate::identity::records::Records;
use crate::pipeline::run::records::{self, NightRecords};
use crate::pipeline::truth::{self, Truth};
use crate::report::evaluation;
use crate::report::text::{count, plural};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pipeline: PipelineArguments,
    /// Who each record really is: a Parquet or csv file with record_id (or source, source_key) and person_id (or cluster), or of pairs that are one person, left_id and right_id
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// Also write Parquet into this folder: evaluation_thresholds, evaluation_misses, evaluation_damages, and every pair in evaluation_missed_pairs and evaluation_wrong_pairs
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value = "text")]
    format: OneFormat,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let options = night_options(&arguments.pipeline, false);
    let (format, tables) = (arguments.format, arguments.tables.clone());
    let text = block_on(options.options.limits.threads, async move {
        let night = records::of_tonight(options, "evaluated").await?;
        let truth = truth::read(&arguments.truth, &night.records).await?;
        let work = move |night: &mut NightRecords| {
            let (review, threshold) = (night.book.review(), night.book.threshold);
            let raw = night.records.clone();
            let (matcher, file) = night.matcher()?;
            let model = matcher.model(file)?;
            let scored = matcher.run(model)?;
            let found = evaluate(
                &matcher,
                &scored,
                &truth.persons,
                &truth.damages,
                review,
                threshold,
            )?;
            if let Some(folder) = &tables {
                evaluation::write(folder, &found, threshold, &raw, &matcher.records).map_err(
                    |error| {
                        let what = format!("could not write to {}: {error}", folder.display());
                        datafusion::common::DataFusionError::IoError(std::io::Error::other(what))
                    },
                )?;
            }
            Ok(match format {
                OneFormat::Text => {
                    let told = as_text(&found, threshold, &raw, &matcher.records)?;
                    format!("{}\n\n{told}", truth.coverage())
                }
                OneFormat::Json => as_json(&found, threshold, &truth),
            })
        };
        night.with("the evaluation", work).await
    })?;
    print(&text)
}

/// Pairs that are shown as an example.
const EXAMPLES: usize = 3;

fn as_text(
    found: &Evaluation,
    threshold: f64,
    raw: &Records,
    matched: &Records,
) -> datafusion::common::Result<String> {
    let example = |pair: &Judged| -> datafusion::common::Result<String> {
        let of = |record: u32| matched.ids.value(record as usize);
        Ok(format!(
            "    {} {}  {:.4}  {}",
            of(pair.left),
            of(pair.right),
            model::probability(pair.weight),
            found.levels_with_values(pair, raw, matched)?
        ))
    };
    let quality = &found.quality;
    let mut lines = vec![
        format!("at the rule book's threshold, {threshold}"),
        format!("{:<10} {:>9} {:>9} {:>9}", "", "precision", "recall", "F1"),
    ];
    for (name, figures) in [("pairwise", quality.pairwise), ("B-cubed", quality.b_cubed)] {
        lines.push(format!(
            "{name:<10} {:>9.4} {:>9.4} {:>9.4}",
            figures.precision,
            figures.recall,
            figures.f1()
        ));
    }
    lines.push(format!(
        "{}, {} joined, {} of them right; rules bring {:.2} % of the true pairs to be looked at, the others are found only through a third record",
        plural(quality.true_pairs, "true pair"),
        count(quality.joined_pairs),
        count(quality.correct_pairs),
        found.reach * 100.0
    ));
    lines.push(format!(
        "\n{:<10} {:>9} {:>9} {:>9} {:>11}",
        "threshold", "precision", "recall", "F1", "B-cubed F1"
    ));
    for (tried, quality) in &found.thresholds {
        let pairwise = quality.pairwise;
        lines.push(format!(
            "{tried:<10} {:>9.4} {:>9.4} {:>9.4} {:>11.4}",
            pairwise.precision,
            pairwise.recall,
            pairwise.f1(),
            quality.b_cubed.f1()
        ));
    }
    let f1 = |(_, quality): &&(f64, Quality)| quality.pairwise.f1();
    let best = found
        .thresholds
        .iter()
        .max_by(|one, other| f1(one).total_cmp(&f1(other)));
    lines.extend(best.map(|(tried, _)| format!("the best pairwise F1 of these is at {tried}")));
    lines.push(match found.missed.is_empty() {
        true => "\nno true pair is missed".to_string(),
        false => "\nmissed true pairs, by reason".to_string(),
    });
    for (miss, number) in &found.misses {
        let (reason, rule) = miss.as_strs();
        let line = format!(
            "{reason:<16} {:>10}   {}",
            count(*number),
            rule.unwrap_or_default()
        );
        lines.push(line.trim_end().to_string());
        let such = found.missed.iter().filter(|(_, why)| why == miss);
        for (pair, _) in such.take(EXAMPLES) {
            lines.push(example(pair)?);
        }
    }
    lines.push(match found.wrong.is_empty() {
        true => "\nno pair is joined wrongly".to_string(),
        false => "\nwrongly joined pairs, by what joined them".to_string(),
    });
    let mut wrong: BTreeMap<&How, Vec<&Judged>> = BTreeMap::new();
    for (pair, how) in &found.wrong {
        wrong.entry(how).or_default().push(pair);
    }
    for (how, pairs) in wrong {
        let (how, rule) = how.as_strs();
        lines.push(format!(
            "{how:<16} {:>10}   {}",
            count(pairs.len() as u64),
            rule.unwrap_or_default()
        ));
        for pair in pairs.into_iter().take(EXAMPLES) {
            lines.push(example(pair)?);
        }
    }
    if !found.damages.is_empty() {
        lines.push(format!(
            "\n{:<28} {:>10} {:>9}",
            "damage on either side", "pairs", "recall"
        ));
        for (kind, all, joined) in &found.damages {
            lines.push(format!(
                "{kind:<28} {:>10} {:>9.4}",
                count(*all),
                *joined as f64 / (*all).max(1) as f64
            ));
        }
    }
    Ok(lines.join("\n"))
}

fn as_json(found: &Evaluation, threshold: f64, truth: &Truth) -> String {
    let quality = |quality: &Quality| {
        serde_json::json!({
            "true_pairs": quality.true_pairs, "joined_pairs": quality.joined_pairs, "correct_pairs": quality.correct_pairs,
            "pairwise": { "precision": quality.pairwise.precision, "recall": quality.pairwise.recall, "f1": quality.pairwise.f1() },
            "b_cubed": { "precision": quality.b_cubed.precision, "recall": quality.b_cubed.recall, "f1": quality.b_cubed.f1() },
        })
    };
    let thresholds = found
        .thresholds
        .iter()
        .map(|(tried, found)| serde_json::json!({ "threshold": tried, "quality": quality(found) }));
    let misses = found.misses.iter().map(|(miss, number)| {
        let (reason, rule) = miss.as_strs();
        serde_json::json!({ "reason": reason, "rule": rule, "pairs": number })
    });
    let damages = found.damages.iter().map(
        |(kind, all, joined)| serde_json::json!({ "damage": kind, "pairs": all, "joined": joined }),
    );
    serde_json::json!({
        "threshold": threshold,
        "truth": { "rows": truth.rows, "unknown": truth.unknown },
        "quality": quality(&found.quality),
        "reach": found.reach,
        "thresholds": thresholds.collect::<Vec<_>>(),
        "misses": misses.collect::<Vec<_>>(),
        "damages": damages.collect::<Vec<_>>(),
    })
    .to_string()
}
