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

const PROBABILITY: &str = "match probability by the model, without rules and vetoes";
const LEVELS: &str = "the level of every comparison";
const COMPARED: &str = "the same, with both values";

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
                text(misses.iter().map(|(miss, _)| miss.as_str()).collect()),
            ),
            (
                "pair_count",
                "true pairs",
                whole(misses.iter().map(|(_, pairs)| *pairs).collect()),
            ),
        ],
    )?;
    let of = |record: u32| matched.ids.value(record as usize);
    let (missed, wrong) = (&found.missed, &found.wrong);
    fn probability<'a>(pairs: impl Iterator<Item = &'a Judged>) -> ArrayRef {
        let probabilities = pairs.map(|pair| model::probability(pair.weight));
        Arc::new(Float64Array::from_iter_values(probabilities))
    }
    fn levels<'a>(found: &Evaluation, pairs: impl Iterator<Item = &'a Judged>) -> ArrayRef {
        let levels = pairs.map(|pair| found.levels(pair));
        Arc::new(StringArray::from_iter_values(levels))
    }
    let with_values = |pairs: &mut dyn Iterator<Item = &Judged>| {
        let levels = pairs.map(|pair| found.levels_with_values(pair, raw, matched));
        let levels: StringArray = levels
            .map(|levels| Ok(Some(levels?)))
            .collect::<datafusion::common::Result<_>>()?;
        Ok::<ArrayRef, datafusion::common::DataFusionError>(Arc::new(levels))
    };
    write(
        "evaluation_missed_pairs",
        vec![
            (
                "left_id",
                "a record",
                text(missed.iter().map(|(pair, _)| of(pair.left)).collect()),
            ),
            (
                "right_id",
                "another of the same person, and of another customer",
                text(missed.iter().map(|(pair, _)| of(pair.right)).collect()),
            ),
            (
                "reason",
                "never_compared, scored_low, vetoed, refused or same_list",
                text(missed.iter().map(|(_, miss)| miss.as_str()).collect()),
            ),
            (
                "probability",
                PROBABILITY,
                probability(missed.iter().map(|(pair, _)| pair)),
            ),
            (
                "levels",
                LEVELS,
                levels(found, missed.iter().map(|(pair, _)| pair)),
            ),
            (
                "compared",
                COMPARED,
                with_values(&mut missed.iter().map(|(pair, _)| pair))?,
            ),
        ],
    )?;
    write(
        "evaluation_wrong_pairs",
        vec![
            (
                "left_id",
                "a record",
                text(wrong.iter().map(|(pair, _)| of(pair.left)).collect()),
            ),
            (
                "right_id",
                "another of the same customer, and of another person",
                text(wrong.iter().map(|(pair, _)| of(pair.right)).collect()),
            ),
            (
                "how",
                "what joined them: certain, scored, or third_record where each is linked to others alone",
                text(wrong.iter().map(|(_, how)| how.as_strs().0).collect()),
            ),
            (
                "rule",
                "the certain rule, or the blocking rule that brought the pair; none through a third record",
                Arc::new(
                    wrong
                        .iter()
                        .map(|(_, how)| how.as_strs().1)
                        .collect::<StringArray>(),
                ),
            ),
            (
                "probability",
                PROBABILITY,
                probability(wrong.iter().map(|(pair, _)| pair)),
            ),
            (
                "levels",
                LEVELS,
                levels(found, wrong.iter().map(|(pair, _)| pair)),
            ),
            (
                "compared",
                COMPARED,
                with_values(&mut wrong.iter().map(|(pair, _)| pair))?,
            ),
        ],
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
