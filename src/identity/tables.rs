//! The outputs of identity: tables of schema `identity`, like any other.

use std::sync::{Arc, LazyLock};

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::{DataType, Date32Type, Field, Schema, SchemaRef};
use datafusion::common::Result;

use super::clusters::Fate;
use super::lasting_ids::Assigned;
use super::matching::Matched;
use super::model::{level_in, probability};
use super::records::Records;

/// One table: its name, its columns with their descriptions, and its key.
pub struct Output {
    /// Its name in schema `identity`.
    pub name: &'static str,
    /// What a row is.
    pub description: &'static str,
    columns: &'static [(&'static str, DataType, &'static str)],
    /// The columns by which its rows are sorted and told apart.
    pub key: &'static [&'static str],
}

use DataType::{Boolean, Date32, Float64, Int64, Utf8};

/// All tables of schema `identity`.
pub static OUTPUTS: &[Output] = &[
    Output {
        name: "customer_records",
        description: "One row per source record: whose it is.",
        columns: &[
            (
                "record_id",
                Utf8,
                "the record, as the records stage names it",
            ),
            ("customer_id", Utf8, "the customer's lasting id"),
            (
                "customer_since",
                Date32,
                "the night on which the id was made",
            ),
            ("cluster_size", Int64, "how many records the customer has"),
        ],
        key: &["record_id"],
    },
    Output {
        name: "links",
        description: "One row per pair of records that a rule or a score joins.",
        columns: &[
            ("left_id", Utf8, "the record with the smaller id"),
            ("right_id", Utf8, "the record with the greater id"),
            ("kind", Utf8, "certain (a rule alone decides) or scored"),
            (
                "rule",
                Utf8,
                "the certain or the blocking rule that brought the pair",
            ),
            (
                "weight",
                Float64,
                "match weight in bits, the prior included",
            ),
            ("probability", Float64, "probability of a match"),
            (
                "levels",
                Utf8,
                "the level of every comparison, with the weight in bits that each adds",
            ),
            (
                "fate",
                Utf8,
                "joined, redundant (in one cluster already), or refused",
            ),
            (
                "refused_by",
                Utf8,
                "the never rule, or max_cluster, that refused it",
            ),
        ],
        key: &["left_id", "right_id"],
    },
    Output {
        name: "review_pairs",
        description: "One row per pair that a person should look at: near the threshold, or over it and vetoed.",
        columns: &[
            ("left_id", Utf8, "the record with the smaller id"),
            ("right_id", Utf8, "the record with the greater id"),
            ("rule", Utf8, "the blocking rule that brought the pair"),
            (
                "weight",
                Float64,
                "match weight in bits, the prior included",
            ),
            ("probability", Float64, "probability of a match"),
            (
                "levels",
                Utf8,
                "the level of every comparison, with the weight in bits that each adds",
            ),
        ],
        key: &["left_id", "right_id"],
    },
    Output {
        name: "shared_values",
        description: "One row per identifier that is no evidence, because too many names share it.",
        columns: &[
            ("attribute", Utf8, "the identifier's column"),
            ("value", Utf8, "the shared value"),
            ("record_count", Int64, "records that have it"),
            ("name_count", Int64, "different names on those records"),
            ("name_limit", Int64, "how many names one value may have"),
            ("reason", Utf8, "why it is no evidence"),
        ],
        key: &["attribute", "value"],
    },
    Output {
        name: "rules",
        description: "One row per certain and blocking rule: which pairs it brings.",
        columns: &[
            ("kind", Utf8, "certain or blocking"),
            ("rule", Utf8, "the rule's name"),
            (
                "block_count",
                Int64,
                "blocks of two records or more, within the cap",
            ),
            ("pair_count", Int64, "pairs in those blocks"),
            (
                "largest_block",
                Int64,
                "records of the largest block, set aside or not",
            ),
            (
                "set_aside_blocks",
                Int64,
                "blocks over the cap, which were not compared",
            ),
            ("set_aside_records", Int64, "records in those blocks"),
        ],
        key: &["kind", "rule"],
    },
    Output {
        name: "model",
        description: "One row per level of each comparison: what it is worth.",
        columns: &[
            ("comparison", Utf8, "the comparison"),
            (
                "level_number",
                Int64,
                "the level's place, 0 is the strongest",
            ),
            ("level", Utf8, "the level"),
            (
                "m",
                Float64,
                "probability of the level among pairs of one person",
            ),
            (
                "u",
                Float64,
                "probability of the level among pairs of different persons",
            ),
            ("weight", Float64, "what the level adds, in bits"),
            (
                "is_estimated",
                Boolean,
                "whether the data told m; else it is an assumption",
            ),
        ],
        key: &["comparison", "level_number"],
    },
    Output {
        name: "redirects",
        description: "One row per customer id ever published: where it is today.",
        columns: &[
            ("old_id", Utf8, "an id that was published on some night"),
            (
                "customer_id",
                Utf8,
                "its id today; null where the customer has no record any more",
            ),
        ],
        key: &["old_id"],
    },
    Output {
        name: "former_records",
        description: "One row per record of earlier nights that is gone: it finds its customer again if it comes back.",
        columns: &[
            (
                "record_id",
                Utf8,
                "the record, as the records stage named it",
            ),
            ("customer_id", Utf8, "the customer it was of"),
            (
                "customer_since",
                Date32,
                "the night on which that id was made",
            ),
        ],
        key: &["record_id"],
    },
    Output {
        name: "id_changes",
        description: "One row per change of a customer id, since the first night.",
        columns: &[
            ("as_of", Date32, "the night"),
            ("customer_id", Utf8, "the id that changed"),
            ("change", Utf8, "made, merged, split, retired or returned"),
            (
                "other_id",
                Utf8,
                "merged: the id it went into; split: the id it came from",
            ),
            (
                "rule",
                Utf8,
                "merged: the rule that brought the joining link",
            ),
            ("left_id", Utf8, "merged: a record of the joining link"),
            ("right_id", Utf8, "merged: a record of the joining link"),
        ],
        key: &["as_of", "customer_id", "change"],
    },
];

impl Output {
    /// The columns of the table.
    pub fn schema(&self) -> SchemaRef {
        let field = |(name, kind, description): &(&str, DataType, &str)| {
            Field::new(*name, kind.clone(), true)
                .with_metadata([("description".to_string(), description.to_string())].into())
        };
        Arc::new(Schema::new(
            self.columns.iter().map(field).collect::<Vec<_>>(),
        ))
    }

    /// The columns with their descriptions.
    pub fn descriptions(&self) -> impl Iterator<Item = (String, String)> {
        self.columns
            .iter()
            .map(|(name, _, description)| (name.to_string(), description.to_string()))
    }
}

/// The schemas of all outputs, by name.
pub static SCHEMAS: LazyLock<Vec<(&'static str, SchemaRef)>> = LazyLock::new(|| {
    OUTPUTS
        .iter()
        .map(|output| (output.name, output.schema()))
        .collect()
});

fn text<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// The rows of every table, in the order of [`OUTPUTS`].
pub fn rows(records: &Records, matched: &Matched, assigned: &Assigned) -> Result<Vec<RecordBatch>> {
    let contents = vec![
        customer_records(records, matched, assigned),
        links(records, matched),
        review_pairs(records, matched),
        shared_values(matched),
        rules(matched),
        model(matched),
        redirects(assigned),
        former_records(assigned),
        id_changes(assigned),
    ];
    OUTPUTS
        .iter()
        .zip(contents)
        .map(|(output, columns)| Ok(RecordBatch::try_new(output.schema(), columns)?))
        .collect()
}

fn customer_records(records: &Records, matched: &Matched, assigned: &Assigned) -> Vec<ArrayRef> {
    let mut sizes = vec![0_i64; records.len()];
    matched
        .clusters
        .iter()
        .for_each(|cluster| sizes[*cluster as usize] += 1);
    vec![
        Arc::new(records.ids.clone()),
        text(assigned.customers.iter().map(|(id, _)| Some(id))),
        Arc::new(
            assigned
                .customers
                .iter()
                .map(|(_, since)| Some(Date32Type::from_naive_date(*since)))
                .collect::<Date32Array>(),
        ),
        Arc::new(
            matched
                .clusters
                .iter()
                .map(|cluster| Some(sizes[*cluster as usize]))
                .collect::<Int64Array>(),
        ),
    ]
}

/// `name exact +12.3, phone missing`.
fn level_text(matched: &Matched, pattern: u64) -> String {
    let parts = matched
        .model
        .comparisons
        .iter()
        .enumerate()
        .map(|(at, trained)| match level_in(pattern, at) {
            Some(level) => format!(
                "{} {} {:+.1}",
                trained.name, trained.levels[level], trained.weights[level]
            ),
            None => format!("{} missing", trained.name),
        });
    parts.collect::<Vec<_>>().join(", ")
}

fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

fn links(records: &Records, matched: &Matched) -> Vec<ArrayRef> {
    let kept: Vec<_> = matched
        .links
        .iter()
        .zip(&matched.fates)
        .filter_map(|(link, fate)| Some((link, fate.as_ref()?)))
        .collect();
    let rule = |is_certain: bool, index: u16| match is_certain {
        true => matched.rule_names.0[index as usize].clone(),
        false => matched.rule_names.1[index as usize].clone(),
    };
    let fate = |fate: &Fate| match fate {
        Fate::Joined => "joined",
        Fate::Redundant => "redundant",
        Fate::Refused(_) => "refused",
    };
    vec![
        text(
            kept.iter()
                .map(|(link, _)| Some(records.ids.value(link.left as usize))),
        ),
        text(
            kept.iter()
                .map(|(link, _)| Some(records.ids.value(link.right as usize))),
        ),
        text(
            kept.iter().map(|(link, _)| {
                Some(if link.is_certain { "certain" } else { "scored" }.to_string())
            }),
        ),
        text(
            kept.iter()
                .map(|(link, _)| Some(rule(link.is_certain, link.rule))),
        ),
        Arc::new(
            kept.iter()
                .map(|(link, _)| Some(rounded(link.weight)))
                .collect::<Float64Array>(),
        ),
        Arc::new(
            kept.iter()
                .map(|(link, _)| Some(rounded(probability(link.weight))))
                .collect::<Float64Array>(),
        ),
        text(
            kept.iter()
                .map(|(link, _)| Some(level_text(matched, link.pattern))),
        ),
        text(kept.iter().map(|(_, of)| Some(fate(of).to_string()))),
        text(kept.iter().map(|(_, of)| {
            if let Fate::Refused(by) = of {
                Some(by.clone())
            } else {
                None
            }
        })),
    ]
}

fn review_pairs(records: &Records, matched: &Matched) -> Vec<ArrayRef> {
    let kept: Vec<_> = matched
        .links
        .iter()
        .zip(&matched.fates)
        .filter(|(_, fate)| fate.is_none())
        .map(|(link, _)| link)
        .collect();
    vec![
        text(
            kept.iter()
                .map(|link| Some(records.ids.value(link.left as usize))),
        ),
        text(
            kept.iter()
                .map(|link| Some(records.ids.value(link.right as usize))),
        ),
        text(
            kept.iter()
                .map(|link| Some(matched.rule_names.1[link.rule as usize].clone())),
        ),
        Arc::new(
            kept.iter()
                .map(|link| Some(rounded(link.weight)))
                .collect::<Float64Array>(),
        ),
        Arc::new(
            kept.iter()
                .map(|link| Some(rounded(probability(link.weight))))
                .collect::<Float64Array>(),
        ),
        text(
            kept.iter()
                .map(|link| Some(level_text(matched, link.pattern))),
        ),
    ]
}

fn shared_values(matched: &Matched) -> Vec<ArrayRef> {
    let shared = &matched.shared;
    vec![
        text(shared.iter().map(|value| Some(value.attribute.clone()))),
        text(shared.iter().map(|value| Some(value.value.clone()))),
        Arc::new(
            shared
                .iter()
                .map(|value| Some(value.record_count as i64))
                .collect::<Int64Array>(),
        ),
        Arc::new(
            shared
                .iter()
                .map(|value| Some(value.name_count as i64))
                .collect::<Int64Array>(),
        ),
        Arc::new(
            shared
                .iter()
                .map(|value| Some(value.limit as i64))
                .collect::<Int64Array>(),
        ),
        text(shared.iter().map(|value| {
            Some(format!(
                "{} names, where {} are allowed",
                value.name_count, value.limit
            ))
        })),
    ]
}

fn rules(matched: &Matched) -> Vec<ArrayRef> {
    let mut rules = matched.rules.clone();
    rules.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    let number = |pick: fn(&super::blocking::Summary) -> u64| -> ArrayRef {
        Arc::new(
            rules
                .iter()
                .map(|(_, _, summary)| Some(pick(summary) as i64))
                .collect::<Int64Array>(),
        )
    };
    vec![
        text(rules.iter().map(|(_, kind, _)| Some(kind.to_string()))),
        text(rules.iter().map(|(name, _, _)| Some(name.clone()))),
        number(|summary| summary.blocks),
        number(|summary| summary.pairs),
        number(|summary| summary.largest_block),
        number(|summary| summary.set_aside_blocks),
        number(|summary| summary.set_aside_records),
    ]
}

fn model(matched: &Matched) -> Vec<ArrayRef> {
    let mut rows: Vec<(String, i64, String, f64, f64, f64, bool)> = Vec::new();
    for trained in &matched.model.comparisons {
        for (at, level) in trained.levels.iter().enumerate() {
            let weight = trained.weights[at];
            rows.push((
                trained.name.clone(),
                at as i64,
                level.clone(),
                trained.m[at],
                trained.u[at],
                weight,
                trained.is_estimated,
            ));
        }
    }
    rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    vec![
        text(rows.iter().map(|row| Some(row.0.clone()))),
        Arc::new(rows.iter().map(|row| Some(row.1)).collect::<Int64Array>()),
        text(rows.iter().map(|row| Some(row.2.clone()))),
        Arc::new(
            rows.iter()
                .map(|row| Some((row.3 * 1e9).round() / 1e9))
                .collect::<Float64Array>(),
        ),
        Arc::new(
            rows.iter()
                .map(|row| Some((row.4 * 1e9).round() / 1e9))
                .collect::<Float64Array>(),
        ),
        Arc::new(
            rows.iter()
                .map(|row| Some(rounded(row.5)))
                .collect::<Float64Array>(),
        ),
        Arc::new(rows.iter().map(|row| Some(row.6)).collect::<BooleanArray>()),
    ]
}

fn redirects(assigned: &Assigned) -> Vec<ArrayRef> {
    vec![
        text(assigned.redirects.iter().map(|(id, _)| Some(id))),
        text(assigned.redirects.iter().map(|(_, target)| target.as_ref())),
    ]
}

fn former_records(assigned: &Assigned) -> Vec<ArrayRef> {
    let former = &assigned.former;
    vec![
        text(former.iter().map(|(record, _, _)| Some(record))),
        text(former.iter().map(|(_, customer, _)| Some(customer))),
        Arc::new(
            former
                .iter()
                .map(|(_, _, since)| Some(Date32Type::from_naive_date(*since)))
                .collect::<Date32Array>(),
        ),
    ]
}

fn id_changes(assigned: &Assigned) -> Vec<ArrayRef> {
    let changes = &assigned.changes;
    vec![
        Arc::new(
            changes
                .iter()
                .map(|change| Some(Date32Type::from_naive_date(change.as_of)))
                .collect::<Date32Array>(),
        ),
        text(changes.iter().map(|change| Some(&change.customer_id))),
        text(changes.iter().map(|change| Some(change.change))),
        text(changes.iter().map(|change| change.other_id.as_ref())),
        text(changes.iter().map(|change| change.rule.as_ref())),
        text(changes.iter().map(|change| change.left_id.as_ref())),
        text(changes.iter().map(|change| change.right_id.as_ref())),
    ]
}
