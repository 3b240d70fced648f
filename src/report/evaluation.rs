//! An evaluation of identity as tables.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::{Field, Schema};
use parquet::arrow::ArrowWriter;

use crate::engine::write::properties;
use crate::identity::evaluate::{Evaluation, Judged, Quality};
use crate::identity::model;
use crate::identity::records::Records;

/// A pair, why it is missed or joined, and the rule that did so.
type Told<'a> = (&'a Judged, &'static str, Option<&'a str>);

/// Writes the figures as tables that a BI tool reads.
pub fn write(
    folder: &Path,
    found: &Evaluation,
    threshold: f64,
    raw: &Records,
    matched: &Records,
) -> datafusion::common::Result<()> {
    std::fs::create_dir_all(folder)?;
    let real = |values: Vec<f64>| -> ArrayRef { Arc::new(Float64Array::from(values)) };
    let whole = |values: Vec<u64>| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(
            values.into_iter().map(|value| value as i64),
        ))
    };
    let text = |values: Vec<&str>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    let write = |name: &str, columns: Vec<(&str, &str, ArrayRef)>| {
        let field = |(name, description, values): &(&str, &str, ArrayRef)| {
            Field::new(*name, values.data_type().clone(), *name == "rule")
                .with_metadata([("description".to_string(), description.to_string())].into())
        };
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let values = columns.into_iter().map(|(_, _, values)| values).collect();
        let file = std::fs::File::create(folder.join(format!("{name}.parquet")))?;
        let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties(&[])))?;
        writer.write(&RecordBatch::try_new(schema, values)?)?;
        writer.close()?;
        Ok::<(), datafusion::common::DataFusionError>(())
    };
    let mut rows: Vec<(f64, &Quality)> = found
        .thresholds
        .iter()
        .map(|(tried, quality)| (*tried, quality))
        .filter(|(tried, _)| *tried != threshold)
        .collect();
    rows.push((threshold, &found.quality));
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    let figure = |pick: fn(&Quality) -> f64| real(rows.iter().map(|(_, of)| pick(of)).collect());
    let number = |pick: fn(&Quality) -> u64| whole(rows.iter().map(|(_, of)| pick(of)).collect());
    let is_used = rows.iter().map(|(tried, _)| *tried == threshold);
    write(
        "evaluation_thresholds",
        vec![
            (
                "threshold",
                "match probability from which a pair is a link",
                real(rows.iter().map(|(tried, _)| *tried).collect()),
            ),
            (
                "is_used",
                "whether it is the rule book's",
                Arc::new(BooleanArray::from(is_used.collect::<Vec<_>>())),
            ),
            (
                "true_pairs",
                "pairs of records of one person",
                number(|of| of.true_pairs),
            ),
            (
                "joined_pairs",
                "pairs of records in one customer",
                number(|of| of.joined_pairs),
            ),
            (
                "correct_pairs",
                "pairs that are both",
                number(|of| of.correct_pairs),
            ),
            (
                "pairwise_precision",
                "share of joined pairs that are right",
                figure(|of| of.pairwise.precision),
            ),
            (
                "pairwise_recall",
                "share of true pairs that were joined",
                figure(|of| of.pairwise.recall),
            ),
            (
                "pairwise_f1",
                "their harmonic mean",
                figure(|of| of.pairwise.f1()),
            ),
            (
                "b_cubed_precision",
                "precision record by record (B-cubed)",
                figure(|of| of.b_cubed.precision),
            ),
            (
                "b_cubed_recall",
                "recall record by record (B-cubed)",
                figure(|of| of.b_cubed.recall),
            ),
            (
                "b_cubed_f1",
                "their harmonic mean",
                figure(|of| of.b_cubed.f1()),
            ),
        ],
    )?;
    let misses = &found.misses;
    write(
        "evaluation_misses",
        vec![
            (
                "reason",
                "why true pairs were not joined: never_compared, scored_low, vetoed, refused, or same_list, which has no person twice",
                text(misses.iter().map(|(miss, _)| miss.as_strs().0).collect()),
            ),
            (
                "rule",
                "the never rule that refused them, or what else held them apart; none of other reasons",
                Arc::new(
                    misses
                        .iter()
                        .map(|(miss, _)| miss.as_strs().1)
                        .collect::<StringArray>(),
                ),
            ),
            (
                "pair_count",
                "true pairs",
                whole(misses.iter().map(|(_, pairs)| *pairs).collect()),
            ),
        ],
    )?;
    let of = |record: u32| matched.ids.value(record as usize);
    // Both tables have the same columns, so that one query reads them together.
    let write_pairs = |name: &str, other: &str, reason: &str, pairs: Vec<Told>| {
        let compared = pairs.iter().map(|(pair, _, _)| {
            let levels = found.levels_with_values(pair, raw, matched)?;
            Ok(Some(levels))
        });
        let compared: StringArray = compared.collect::<datafusion::common::Result<_>>()?;
        let probabilities = pairs
            .iter()
            .map(|(pair, _, _)| model::probability(pair.weight));
        let levels = pairs.iter().map(|(pair, _, _)| found.levels(pair));
        let rules = pairs.iter().map(|(_, _, rule)| *rule);
        write(
            name,
            vec![
                (
                    "left_id",
                    "a record",
                    text(pairs.iter().map(|(pair, _, _)| of(pair.left)).collect()),
                ),
                (
                    "right_id",
                    other,
                    text(pairs.iter().map(|(pair, _, _)| of(pair.right)).collect()),
                ),
                (
                    "reason",
                    reason,
                    text(pairs.iter().map(|(_, reason, _)| *reason).collect()),
                ),
                (
                    "rule",
                    "the certain rule that joined them, the blocking rule that brought the pair that was scored and joined, or what refused it; none otherwise",
                    Arc::new(rules.collect::<StringArray>()),
                ),
                (
                    "probability",
                    "match probability by the model, without rules and vetoes",
                    real(probabilities.collect()),
                ),
                (
                    "levels",
                    "the level of every comparison",
                    Arc::new(StringArray::from_iter_values(levels)),
                ),
                ("compared", "the same, with both values", Arc::new(compared)),
            ],
        )
    };
    write_pairs(
        "evaluation_missed_pairs",
        "another of the same person, and of another customer",
        "never_compared, scored_low, vetoed, refused or same_list",
        found
            .missed
            .iter()
            .map(|(pair, miss)| {
                let (reason, rule) = miss.as_strs();
                (pair, reason, rule)
            })
            .collect(),
    )?;
    let joined = found.wrong.iter().map(|(pair, how)| {
        let (how, rule) = how.as_strs();
        (pair, how, rule)
    });
    write_pairs(
        "evaluation_wrong_pairs",
        "another of the same customer, and of another person",
        "what joined them: certain, scored, or third_record where each is linked to others alone",
        joined.collect(),
    )?;
    let damages = &found.damages;
    let recall = |(_, all, joined): &(String, u64, u64)| *joined as f64 / (*all).max(1) as f64;
    write(
        "evaluation_damages",
        vec![
            (
                "damage",
                "a kind of damage, on either record of a pair",
                text(damages.iter().map(|(kind, _, _)| kind.as_str()).collect()),
            ),
            (
                "pair_count",
                "true pairs with it",
                whole(damages.iter().map(|(_, all, _)| *all).collect()),
            ),
            (
                "joined_count",
                "those that were joined",
                whole(damages.iter().map(|(_, _, joined)| *joined).collect()),
            ),
            (
                "recall",
                "the share of them",
                real(damages.iter().map(recall).collect()),
            ),
        ],
    )
}
