//! The outputs of identity: tables of schema `identity`, like any other.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch,
    StringArray, StringBuilder, UInt32Array,
};
use arrow::compute::{
    SortColumn, concat, concat_batches, lexsort_to_indices, partition, take, take_record_batch,
};
use arrow::datatypes::{DataType, Date32Type, Field, Schema, SchemaRef};
use chrono::NaiveDate;
use datafusion::common::Result;
use hashbrown::HashMap;
use rayon::prelude::*;

use super::clusters::{Fate, Link};
use super::comparison::Prepared;
use super::groups::Groups;
use super::history::{EarlierChanges, History};
use super::lasting_ids::{Assigned, Change, Redirect};
use super::matching::{Matched, Matcher};
use super::model::{Trained, bits, level_in, probability};
use super::records::{NONE, Records};
use crate::engine::write::{ROW_GROUP_ROWS, Table, properties};

/// One table: its name, its columns with their descriptions, and its key.
pub struct Output {
    /// Its name in schema `identity`.
    pub name: &'static str,
    /// What a row is.
    pub description: &'static str,
    columns: &'static [(&'static str, DataType, &'static str)],
    /// The columns by which its rows are sorted and told apart.
    pub key: &'static [&'static str],
    /// How many rows it has.
    rows: fn(&Night) -> usize,
    /// Its columns, from one row to another.
    content: fn(&Night, Range<usize>) -> Vec<ArrayRef>,
}

use DataType::{Boolean, Date32, Float64, Int64, Utf8};

/// The table that grows for ever: its rows are those of earlier nights, and tonight's behind them.
pub const ID_CHANGES: &str = "id_changes";

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
            (
                "record_since",
                Date32,
                "the night on which the record came to the customer, moved on by the days that it was away",
            ),
            (
                "record_hash",
                Int64,
                "a hash of what matching reads of the record, by which it is known again under another key; an even number where that is too little",
            ),
            ("cluster_size", Int64, "how many records the customer has"),
        ],
        key: &["record_id"],
        rows: |night| night.records.len(),
        content: customer_records,
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
                "the certain or the blocking rule that brought the pair; steward where a steward decided it",
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
                "what the weight is made of, in bits: the prior, and the level of every comparison",
            ),
            (
                "fate",
                Utf8,
                "joined, redundant (in one cluster already), or refused",
            ),
            (
                "refused_by",
                Utf8,
                "what refused it: a never rule, max_cluster, steward or across",
            ),
            (
                "refused_left_id",
                Utf8,
                "the record beside the left one, or the left one itself, that must not be with refused_right_id",
            ),
            (
                "refused_right_id",
                Utf8,
                "the record beside the right one, or the right one itself",
            ),
        ],
        key: &["left_id", "right_id"],
        rows: |night| night.kept.len(),
        content: links,
    },
    Output {
        name: "review_pairs",
        description: "One row per pair that a person should look at: near the threshold, or over it and vetoed; none that a never rule or a steward forbids.",
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
                "what the weight is made of, in bits: the prior, and the level of every comparison",
            ),
            (
                "vetoed_by",
                Utf8,
                "the comparison whose veto forbids the link; null where only its probability is too low",
            ),
            (
                "is_one_customer",
                Boolean,
                "whether other links make the two one customer anyway",
            ),
        ],
        key: &["left_id", "right_id"],
        rows: |night| night.review.len(),
        content: review_pairs,
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
        rows: |night| night.matched.shared.len(),
        content: shared_values,
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
        rows: |night| night.matched.rules.len(),
        content: rules,
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
        rows: |night| night.model.len(),
        content: model,
    },
    Output {
        name: "groups",
        description: "One row per customer of a group, as a household: customers that belong together, and are not one.",
        columns: &[
            ("kind", Utf8, "the kind of group, as the rule book names it"),
            ("group_id", Utf8, "the customer id of the group's head"),
            ("customer_id", Utf8, "the customer"),
            (
                "is_head",
                Boolean,
                "whether the group goes by this customer's id",
            ),
            ("group_size", Int64, "how many customers the group has"),
        ],
        key: &["kind", "group_id", "customer_id"],
        rows: |night| night.groups.members.len(),
        content: groups,
    },
    Output {
        name: "group_links",
        description: "One row per two customers that a rule of groups brings together, with a record of each that shows it.",
        columns: &[
            ("kind", Utf8, "the kind of group"),
            ("left_customer_id", Utf8, "the customer with the smaller id"),
            (
                "right_customer_id",
                Utf8,
                "the customer with the greater id",
            ),
            ("left_id", Utf8, "a record of the first"),
            ("right_id", Utf8, "a record of the other"),
            (
                "is_refused",
                Boolean,
                "whether the group would be too large: then none is made of its customers",
            ),
        ],
        key: &["kind", "left_customer_id", "right_customer_id"],
        rows: |night| night.groups.links.len(),
        content: group_links,
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
            (
                "returns_to",
                Utf8,
                "the id that it is again when a record of it comes back; null while the customer has one",
            ),
            (
                "merged_into",
                Utf8,
                "the id that it went into when it was merged, which may have gone into another since; null where it was not",
            ),
        ],
        key: &["old_id"],
        rows: |night| night.assigned.redirects.len(),
        content: redirects,
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
            (
                "record_since",
                Date32,
                "the night on which the record came to the customer",
            ),
            ("gone_since", Date32, "the first night without it"),
            (
                "record_hash",
                Int64,
                "a hash of what the record said when it was there last",
            ),
        ],
        key: &["record_id"],
        rows: |night| night.assigned.former.len(),
        content: former_records,
    },
    Output {
        name: "merged_records",
        description: "One row per record of a customer that was merged: the id that it gets back if the merge is undone.",
        columns: &[
            (
                "record_id",
                Utf8,
                "the record, as the records stage names it; it may be gone",
            ),
            ("first_id", Utf8, "the customer id that it had before"),
            ("first_since", Date32, "the night on which that id was made"),
            (
                "came_later",
                Boolean,
                "whether it came to that id when others had gone into it already; the id goes to those that it began with",
            ),
            (
                "merged_on",
                Date32,
                "the night on which it came to the customer that its id went into, which may have gone into another since",
            ),
            (
                "record_since",
                Date32,
                "the night on which it came to the id that it had before",
            ),
        ],
        key: &["record_id"],
        rows: |night| night.assigned.merged.len(),
        content: merged_records,
    },
    Output {
        name: "moved_records",
        description: "One row per record that is another customer's than on the night before, where no redirect leads: the part of a split, or a record that changed.",
        columns: &[
            (
                "as_of",
                Date32,
                "the night on which it moved: the last on which the records were matched",
            ),
            (
                "record_id",
                Utf8,
                "the record, as the records stage names it",
            ),
            ("previous_customer_id", Utf8, "whose it was"),
            ("customer_id", Utf8, "whose it is"),
        ],
        key: &["record_id"],
        rows: |night| night.assigned.moved.len(),
        content: moved_records,
    },
    Output {
        name: "stand_ins",
        description: "One row per record that stands in for one of a steward's decision that is away: it was one with it when that was there last.",
        columns: &[
            ("record_id", Utf8, "the record that is away"),
            (
                "stand_in_id",
                Utf8,
                "the one that stands in; the record itself is among those that were one with it",
            ),
            (
                "had_its_id",
                Boolean,
                "whether it had the same id before any merge",
            ),
        ],
        key: &["record_id", "stand_in_id"],
        rows: |night| night.matcher.stand_ins().len(),
        content: stand_ins,
    },
    Output {
        name: ID_CHANGES,
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
                "merged: the rule that brought the joining link; split: what refused the link that would have held the two together",
            ),
            ("left_id", Utf8, "a record of that link"),
            ("right_id", Utf8, "the other record of that link"),
        ],
        key: &["as_of", "customer_id", "change"],
        rows: |night| night.earlier_changes() + night.tonights_changes.len(),
        content: id_changes,
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

    /// The names of the columns.
    pub fn column_names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|(name, _, _)| *name)
    }

    /// The columns with their descriptions.
    pub fn descriptions(&self) -> impl Iterator<Item = (String, String)> {
        self.columns
            .iter()
            .map(|(name, _, description)| (name.to_string(), description.to_string()))
    }

    /// Writes the rows of a night, some row groups at a time: a table is never in memory as a whole. The system may write the
    /// file to the disk when it likes.
    pub fn write(&self, night: &Night, path: &Path) -> Result<()> {
        let bloom: Vec<String> = self
            .key
            .iter()
            .filter(|column| column.ends_with("_id"))
            .map(ToString::to_string)
            .collect();
        let (mut table, packer) = Table::create(path, &self.schema(), properties(&bloom))?;
        if let Some(earlier) = night.changes_before.filter(|_| self.name == ID_CHANGES) {
            table.copy(&earlier.file, earlier.groups)?;
        }
        let rows = (self.rows)(night);
        let groups: Vec<usize> = (0..rows).step_by(ROW_GROUP_ROWS).collect();
        let pack = |from: &usize| {
            packer.pack(&(self.content)(
                night,
                *from..rows.min(from + ROW_GROUP_ROWS),
            ))
        };
        // Packed row groups are small: some for each thread, so that none waits for the slowest of a few.
        for groups in groups.chunks(8 * rayon::current_num_threads()) {
            let packed: Vec<_> = groups.par_iter().map(pack).collect();
            for packed in packed {
                table.append(packed?)?;
            }
        }
        table.end()?;
        Ok(())
    }
}

/// The schemas of all outputs, by name.
pub static SCHEMAS: LazyLock<Vec<(&'static str, SchemaRef)>> = LazyLock::new(|| {
    OUTPUTS
        .iter()
        .map(|output| (output.name, output.schema()))
        .collect()
});

/// All that a night found, from which the tables are written.
pub struct Night<'a> {
    matcher: &'a Matcher<'a>,
    records: &'a Records,
    matched: &'a Matched,
    assigned: &'a Assigned<'a>,
    groups: Groups,
    group_kinds: &'a [&'a str],
    /// How many records each cluster has, by its smallest record.
    sizes: Vec<u32>,
    /// Links that are none for review.
    kept: Vec<u32>,
    /// Pairs for review.
    review: Vec<u32>,
    prepared: &'a [Prepared],
    prior_text: String,
    /// `name exact +12.3`: every level of every comparison, in words.
    level_texts: Vec<Vec<String>>,
    model: Vec<ModelRow>,
    changes_before: Option<&'a EarlierChanges>,
    /// The changes of earlier nights that are not copied; behind them come tonight's.
    earlier: Option<RecordBatch>,
    tonights_changes: &'a [Change],
    as_of: NaiveDate,
}

struct ModelRow {
    comparison: String,
    number: usize,
    level: String,
    m: f64,
    u: f64,
    weight: f64,
    is_estimated: bool,
}

impl<'a> Night<'a> {
    /// Makes what was found ready to be written.
    pub fn new(
        matcher: &'a Matcher<'a>,
        matched: &'a Matched,
        assigned: &'a Assigned,
        (mut groups, group_kinds): (Groups, &'a [&'a str]),
        history: &'a History,
        as_of: NaiveDate,
    ) -> Result<Self> {
        let records = &matcher.records;
        groups
            .members
            .sort_by_key(|member| group_kinds[member.kind]);
        groups.links.sort_by_key(|link| group_kinds[link.kind]);
        let mut sizes = vec![0; records.len()];
        for cluster in &matched.clusters {
            sizes[*cluster as usize] += 1;
        }
        let all = 0..matched.links.len() as u32;
        let (kept, review) = all.partition(|at| matched.fates[*at as usize].is_some());
        let of_comparison = |trained: &Trained| {
            let levels = trained.levels.iter().zip(&trained.weights);
            levels
                .map(|(level, bits)| format!("{} {level} {bits:+.1}", trained.name))
                .collect()
        };
        let tonights = &assigned.changes;
        let (earlier, tonights_changes) = match earlier_changes(history)? {
            // The same night again, or an earlier one: what a run before this one changed comes among them.
            Some(earlier) if is_from(&earlier, as_of) => {
                let tonight = changes(records, assigned, as_of, tonights);
                (Some(in_order(&earlier, tonight)?), Default::default())
            }
            earlier => (earlier, tonights.as_slice()),
        };
        let comparisons = matched.model.comparisons.iter();
        let level_texts = comparisons.map(of_comparison).collect();
        Ok(Self {
            matcher,
            records,
            matched,
            assigned,
            groups,
            group_kinds,
            sizes,
            kept,
            review,
            prepared: &matcher.prepared,
            prior_text: format!("prior {:+.1}", bits(matched.model.prior)),
            level_texts,
            model: model_rows(matched),
            changes_before: history.changes.as_ref(),
            earlier,
            tonights_changes,
            as_of,
        })
    }

    /// How many changes of earlier nights are written anew.
    fn earlier_changes(&self) -> usize {
        self.earlier.as_ref().map_or(0, RecordBatch::num_rows)
    }

    /// The ids of records.
    fn record_ids(&self, records: impl Iterator<Item = u32>) -> ArrayRef {
        texts_at(&self.records.ids, UInt32Array::from_iter_values(records))
    }

    /// The ids of customers; null for none.
    fn customer_ids(&self, customers: impl Iterator<Item = u32>) -> ArrayRef {
        texts_at(&self.assigned.ids, some(customers))
    }

    fn since(&self, customers: impl Iterator<Item = u32>) -> ArrayRef {
        days(customers.map(|customer| self.assigned.since[customer as usize]))
    }

    /// `prior -13.3, name exact +12.3, phone missing`: what the weights of links are made of.
    fn levels(&self, links: &[&Link]) -> ArrayRef {
        let model = &self.matched.model;
        let mut texts = StringBuilder::with_capacity(links.len(), links.len() * 64);
        let mut text = String::new();
        // Equal values weigh by how rare they are: as many weights as there are frequencies.
        let mut known: HashMap<(usize, usize, u64), String> = HashMap::new();
        for link in links {
            text.clone_from(&self.prior_text);
            for (at, trained) in model.comparisons.iter().enumerate() {
                text.push_str(", ");
                match level_in(link.pattern, at) {
                    Some(level) if self.prepared[at].usual_frequency(level).is_some() => {
                        let bits =
                            model.addition(self.prepared, at, level, [link.left, link.right]);
                        let told = known.entry((at, level, bits.to_bits()));
                        let told = told.or_insert_with(|| {
                            format!("{} {} {bits:+.1}", trained.name, trained.levels[level])
                        });
                        text.push_str(told);
                    }
                    Some(level) => text.push_str(&self.level_texts[at][level]),
                    None => {
                        text.push_str(&trained.name);
                        text.push_str(" missing");
                    }
                }
            }
            texts.append_value(&text);
        }
        Arc::new(texts.finish())
    }
}

/// Some of many texts, by their places; null where there is no place.
fn texts_at(texts: &StringArray, places: UInt32Array) -> ArrayRef {
    take(texts, &places, None).expect("a place is one of a text's")
}

/// Numbers, null for [`NONE`].
fn some(numbers: impl Iterator<Item = u32>) -> UInt32Array {
    numbers
        .map(|number| (number != NONE).then_some(number))
        .collect()
}

fn text<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn whole(values: impl Iterator<Item = u64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(
        values.map(|value| value as i64),
    ))
}

fn real(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn days(values: impl Iterator<Item = NaiveDate>) -> ArrayRef {
    Arc::new(Date32Array::from_iter_values(
        values.map(Date32Type::from_naive_date),
    ))
}

fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

fn customer_records(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let customers = || night.assigned.customers[rows.clone()].iter().copied();
    let clusters = &night.matched.clusters[rows.clone()];
    vec![
        Arc::new(night.records.ids.slice(rows.start, rows.len())),
        night.customer_ids(customers()),
        night.since(customers()),
        days(night.assigned.came_on[rows.clone()].iter().copied()),
        whole(night.matcher.said()[rows.clone()].iter().copied()),
        whole(
            clusters
                .iter()
                .map(|cluster| u64::from(night.sizes[*cluster as usize])),
        ),
    ]
}

fn links(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let matched = night.matched;
    let chosen = &night.kept[rows];
    let links: Vec<&Link> = chosen
        .iter()
        .map(|at| &matched.links[*at as usize])
        .collect();
    let fates = || {
        chosen
            .iter()
            .filter_map(|at| matched.fates[*at as usize].as_ref())
    };
    let refusals = || {
        fates().map(|fate| match fate {
            Fate::Refused(refusal) => Some(refusal),
            _ => None,
        })
    };
    let held_apart = |pick: fn(&(u32, u32)) -> u32| {
        let records = refusals().map(|refusal| refusal?.of.as_ref().map(pick));
        texts_at(&night.records.ids, records.collect())
    };
    let (certain, blocking) = &matched.rule_names;
    let rule = |link: &&Link| match link.is_certain {
        true => Some(&certain[link.rule as usize]),
        false => Some(&blocking[link.rule as usize]),
    };
    let kind = |link: &&Link| Some(if link.is_certain { "certain" } else { "scored" });
    let fate = |fate: &Fate| match fate {
        Fate::Joined => Some("joined"),
        Fate::Redundant => Some("redundant"),
        Fate::Refused(_) => Some("refused"),
    };
    vec![
        night.record_ids(links.iter().map(|link| link.left)),
        night.record_ids(links.iter().map(|link| link.right)),
        text(links.iter().map(kind)),
        text(links.iter().map(rule)),
        real(links.iter().map(|link| rounded(link.weight))),
        real(links.iter().map(|link| rounded(probability(link.weight)))),
        night.levels(&links),
        text(fates().map(fate)),
        text(refusals().map(|refusal| Some(&refusal?.by))),
        held_apart(|of| of.0),
        held_apart(|of| of.1),
    ]
}

fn review_pairs(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let matched = night.matched;
    let chosen = &night.review[rows];
    let links: Vec<&Link> = chosen
        .iter()
        .map(|at| &matched.links[*at as usize])
        .collect();
    let rule = |link: &&Link| Some(&matched.rule_names.1[link.rule as usize]);
    let vetoed_by = |link: &&Link| Some(&night.matcher.vetoed_by(link.pattern)?.name);
    vec![
        night.record_ids(links.iter().map(|link| link.left)),
        night.record_ids(links.iter().map(|link| link.right)),
        text(links.iter().map(rule)),
        real(links.iter().map(|link| rounded(link.weight))),
        real(links.iter().map(|link| rounded(probability(link.weight)))),
        night.levels(&links),
        text(links.iter().map(vetoed_by)),
        Arc::new(BooleanArray::from_iter(
            links.iter().map(|link| Some(matched.are_one(link))),
        )),
    ]
}

fn shared_values(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let shared = &night.matched.shared[rows];
    let reason = |value: &super::guard::SharedValue| {
        let (names, limit) = (value.name_count, value.limit);
        Some(format!("{names} names, where {limit} are allowed"))
    };
    vec![
        text(shared.iter().map(|value| Some(&value.attribute))),
        text(shared.iter().map(|value| Some(&value.value))),
        whole(shared.iter().map(|value| value.record_count)),
        whole(shared.iter().map(|value| value.name_count)),
        whole(shared.iter().map(|value| value.limit)),
        text(shared.iter().map(reason)),
    ]
}

fn rules(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let mut rules: Vec<_> = night.matched.rules.iter().collect();
    rules.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    let rules = &rules[rows];
    let number = |pick: fn(&super::blocking::Summary) -> u64| {
        whole(rules.iter().map(|(_, _, summary)| pick(summary)))
    };
    vec![
        text(rules.iter().map(|(_, kind, _)| Some(kind))),
        text(rules.iter().map(|(name, _, _)| Some(name))),
        number(|summary| summary.blocks),
        number(|summary| summary.pairs),
        number(|summary| summary.largest_block),
        number(|summary| summary.set_aside_blocks),
        number(|summary| summary.set_aside_records),
    ]
}

fn model_rows(matched: &Matched) -> Vec<ModelRow> {
    let of = |trained: &Trained| {
        let levels = trained.levels.iter().enumerate();
        let row = |(number, level): (usize, &String)| ModelRow {
            comparison: trained.name.clone(),
            number,
            level: level.clone(),
            m: trained.m[number],
            u: trained.u[number],
            weight: trained.weights[number],
            is_estimated: trained.is_estimated,
        };
        levels.map(row).collect::<Vec<_>>()
    };
    let mut rows: Vec<ModelRow> = matched.model.comparisons.iter().flat_map(of).collect();
    rows.sort_by(|a, b| (&a.comparison, a.number).cmp(&(&b.comparison, b.number)));
    rows
}

fn model(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let rows = &night.model[rows];
    let estimated: Vec<bool> = rows.iter().map(|row| row.is_estimated).collect();
    vec![
        text(rows.iter().map(|row| Some(&row.comparison))),
        whole(rows.iter().map(|row| row.number as u64)),
        text(rows.iter().map(|row| Some(&row.level))),
        real(rows.iter().map(|row| (row.m * 1e9).round() / 1e9)),
        real(rows.iter().map(|row| (row.u * 1e9).round() / 1e9)),
        real(rows.iter().map(|row| rounded(row.weight))),
        Arc::new(BooleanArray::from(estimated)),
    ]
}

fn groups(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let members = &night.groups.members[rows];
    let heads: Vec<bool> = members
        .iter()
        .map(|member| member.customer == member.head)
        .collect();
    vec![
        text(
            members
                .iter()
                .map(|member| Some(night.group_kinds[member.kind])),
        ),
        night.customer_ids(members.iter().map(|member| member.head)),
        night.customer_ids(members.iter().map(|member| member.customer)),
        Arc::new(BooleanArray::from(heads)),
        whole(members.iter().map(|member| u64::from(member.size))),
    ]
}

fn group_links(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let links = &night.groups.links[rows];
    let refused: Vec<bool> = links.iter().map(|link| link.is_refused).collect();
    vec![
        text(links.iter().map(|link| Some(night.group_kinds[link.kind]))),
        night.customer_ids(links.iter().map(|link| link.left_customer)),
        night.customer_ids(links.iter().map(|link| link.right_customer)),
        night.record_ids(links.iter().map(|link| link.left)),
        night.record_ids(links.iter().map(|link| link.right)),
        Arc::new(BooleanArray::from(refused)),
    ]
}

fn redirects(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let redirects = &night.assigned.redirects[rows];
    let old_ids = night.customer_ids(redirects.iter().map(|redirect| redirect.id));
    let is_its_own = |redirect: &Redirect| !redirect.is_retired && redirect.customer == redirect.id;
    let customers = |is_retired: bool| {
        redirects
            .iter()
            .map(move |redirect| match redirect.is_retired == is_retired {
                true => redirect.customer,
                false => NONE,
            })
    };
    vec![
        Arc::clone(&old_ids),
        // On most nights most ids are where they were.
        match redirects.iter().all(is_its_own) {
            true => old_ids,
            false => night.customer_ids(customers(false)),
        },
        night.customer_ids(customers(true)),
        night.customer_ids(redirects.iter().map(|redirect| redirect.merged_into)),
    ]
}

fn former_records(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let former = &night.assigned.former[rows];
    vec![
        text(former.iter().map(|it| Some(it.record))),
        night.customer_ids(former.iter().map(|it| it.customer)),
        night.since(former.iter().map(|it| it.customer)),
        days(former.iter().map(|it| it.came_on)),
        days(former.iter().map(|it| it.gone_since)),
        whole(former.iter().map(|it| it.said)),
    ]
}

fn merged_records(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let merged = &night.assigned.merged[rows];
    let records = &night.records.ids;
    vec![
        text(merged.iter().map(|(record, _)| Some(record.id(records)))),
        night.customer_ids(merged.iter().map(|(_, own)| own.id)),
        night.since(merged.iter().map(|(_, own)| own.id)),
        Arc::new(BooleanArray::from_iter(
            merged.iter().map(|(_, own)| Some(own.came_later)),
        )),
        days(merged.iter().map(|(_, own)| own.merged_on)),
        days(merged.iter().map(|(_, own)| own.came_on)),
    ]
}

fn stand_ins(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let stand_ins = &night.matcher.stand_ins()[rows];
    vec![
        text(stand_ins.iter().map(|of| Some(&of.away))),
        text(stand_ins.iter().map(|of| Some(&of.record))),
        Arc::new(BooleanArray::from_iter(
            stand_ins.iter().map(|of| Some(of.had_its_id)),
        )),
    ]
}

fn moved_records(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let moved = &night.assigned.moved[rows];
    let now = |record: u32| night.assigned.customers[record as usize];
    vec![
        days(moved.iter().map(|_| night.as_of)),
        night.record_ids(moved.iter().map(|(record, _)| *record)),
        night.customer_ids(moved.iter().map(|(_, from)| *from)),
        night.customer_ids(moved.iter().map(|(record, _)| now(*record))),
    ]
}

fn id_changes(night: &Night, rows: Range<usize>) -> Vec<ArrayRef> {
    let known = night.earlier_changes();
    let of_tonight = rows.start.max(known) - known..rows.end.max(known) - known;
    let chosen = &night.tonights_changes[of_tonight];
    let tonight = changes(night.records, night.assigned, night.as_of, chosen);
    let Some(earlier) = night.earlier.as_ref().filter(|_| rows.start < known) else {
        return tonight;
    };
    let earlier = earlier.slice(rows.start, rows.end.min(known) - rows.start);
    let both = earlier.columns().iter().zip(tonight);
    let both = both.map(|(earlier, tonight)| concat(&[earlier, &tonight]));
    both.map(|column| column.expect("earlier changes have the types of tonight's"))
        .collect()
}

/// Some of tonight's changes, as columns.
fn changes(
    records: &Records,
    assigned: &Assigned,
    as_of: NaiveDate,
    changes: &[Change],
) -> Vec<ArrayRef> {
    let id = |pick: fn(&Change) -> u32| texts_at(&assigned.ids, some(changes.iter().map(pick)));
    let causes = || changes.iter().map(|change| assigned.cause(change));
    vec![
        days(changes.iter().map(|_| as_of)),
        id(|change| change.customer),
        text(changes.iter().map(|change| Some(change.kind.as_str()))),
        id(|change| change.other),
        text(causes().map(|cause| Some(cause?.rule))),
        texts_at(
            &records.ids,
            causes().map(|cause| Some(cause?.left)).collect(),
        ),
        texts_at(
            &records.ids,
            causes().map(|cause| Some(cause?.right)).collect(),
        ),
    ]
}

/// The changes of earlier nights that are not copied, with the columns of tonight's.
fn earlier_changes(history: &History) -> Result<Option<RecordBatch>> {
    let schema = OUTPUTS
        .iter()
        .find(|output| output.name == ID_CHANGES)
        .map(Output::schema)
        .expect("the table is declared");
    let earlier = history.changes.as_ref().map(|earlier| &earlier.rest);
    let earlier = earlier.map(|earlier| RecordBatch::try_new(schema, earlier.columns().to_vec()));
    Ok(earlier.transpose()?)
}

/// Whether the last of some changes is of this night, or of a later one.
fn is_from(changes: &RecordBatch, as_of: NaiveDate) -> bool {
    let nights = changes.column(0).as_primitive::<Date32Type>().values();
    nights.last().copied() >= Some(Date32Type::from_naive_date(as_of))
}

/// Changes of earlier nights and of tonight, by night, id and kind; of two that are the same in these, the later one.
fn in_order(earlier: &RecordBatch, tonight: Vec<ArrayRef>) -> Result<RecordBatch> {
    let schema = earlier.schema();
    let tonight = RecordBatch::try_new(Arc::clone(&schema), tonight)?;
    let both = concat_batches(&schema, [earlier, &tonight])?;
    let place = UInt32Array::from_iter_values(0..both.num_rows() as u32);
    let sort = |values: &ArrayRef| SortColumn {
        values: Arc::clone(values),
        options: None,
    };
    let mut keys: Vec<SortColumn> = both.columns()[..3].iter().map(sort).collect();
    keys.push(sort(&(Arc::new(place) as ArrayRef)));
    let order = lexsort_to_indices(&keys, None)?;
    let sorted = take_record_batch(&both, &order)?;
    let is_last = partition(&sorted.columns()[..3])?.ranges().into_iter();
    let last = UInt32Array::from_iter_values(is_last.map(|same| same.end as u32 - 1));
    Ok(take_record_batch(&sorted, &last)?)
}
