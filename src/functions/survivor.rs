//! Survivorship: which of several values of one customer the master shows.
//!
//! Aggregate functions over the values of a group. The value that is kept comes with the record that gave it, so that the
//! master and its proof cannot disagree. Every order is total: the order in which rows arrive decides nothing.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Builder, StringArray, StringBuilder, StructArray,
    TimestampMicrosecondBuilder,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Int64Type, TimestampMicrosecondType};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};

use super::scalar::{Call, Function, utc_microseconds};

/// `most_trusted`, `most_recent`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "most_trusted",
        arguments: &["value", "trust", "updated_at", "record_id"],
        required: 4,
        description: "An aggregate: of all values that are not null, the one of the highest trust (an integer), then of the \
                      latest date, then of the smallest record id; with the record that gave it, as ['value'] and \
                      ['record_id']. No trust and no date come last.",
        source: "our own rules",
        example: (
            "most_trusted('张伟', 80, timestamp '2026-06-07', 'crm:1')['record_id']",
            "crm:1",
        ),
        call: Call::Survivor(Preference::Trust),
    },
    Function {
        name: "most_recent",
        arguments: &["value", "trust", "updated_at", "record_id"],
        required: 4,
        description: "An aggregate: of all values that are not null, the one of the latest date, then of the highest trust (an \
                      integer), then of the smallest record id; with the record that gave it, as ['value'] and \
                      ['record_id']. No trust and no date come last.",
        source: "our own rules",
        example: (
            "most_recent('张伟', 80, timestamp '2026-06-07', 'crm:1')['value']",
            "张伟",
        ),
        call: Call::Survivor(Preference::Date),
    },
];

/// What is looked at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preference {
    /// Trust, then date.
    Trust,
    /// Date, then trust.
    Date,
}

/// `{value, record_id}`, both Utf8.
pub fn survivor_type() -> DataType {
    DataType::Struct(survivor_fields())
}

fn survivor_fields() -> Fields {
    Fields::from(vec![
        Field::new("value", DataType::Utf8, true),
        Field::new("record_id", DataType::Utf8, true),
    ])
}

/// A survivorship function as the engine sees it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Survivor {
    name: &'static str,
    preference: Preference,
    signature: Signature,
}

impl Survivor {
    /// Wraps one row of the catalogue.
    pub fn new(name: &'static str, preference: Preference) -> Self {
        Self {
            name,
            preference,
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }
}

impl AggregateUDFImpl for Survivor {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        let is_text = |kind: &DataType| kind.is_string() || kind.is_null();
        match found {
            [value, trust, at, record]
                if is_text(value)
                    && (trust.is_integer() || trust.is_null())
                    && (at.is_temporal() || at.is_null())
                    && is_text(record) =>
            {
                Ok(vec![
                    DataType::Utf8,
                    DataType::Int64,
                    utc_microseconds(),
                    DataType::Utf8,
                ])
            }
            _ => plan_err!(
                "{} takes a text, an integer, a date or timestamp, and a text",
                self.name
            ),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(survivor_type())
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field =
            |name: &str, kind| Arc::new(Field::new(format!("{}[{name}]", args.name), kind, true));
        Ok(vec![
            field("value", DataType::Utf8),
            field("trust", DataType::Int64),
            field("updated_at", utc_microseconds()),
            field("record_id", DataType::Utf8),
        ])
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Best {
            groups: Groups::new(self.preference),
        }))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::new(self.preference)))
    }
}

/// The best value of one group so far.
#[derive(Debug)]
struct Kept {
    value: Box<str>,
    trust: Option<i64>,
    updated_at: Option<i64>,
    record_id: Option<Box<str>>,
}

/// The best value of every group. A state has the same columns as the input, so both are taken in alike.
#[derive(Debug)]
struct Groups {
    preference: Preference,
    best: Vec<Option<Kept>>,
    text_bytes: usize,
}

impl Groups {
    fn new(preference: Preference) -> Self {
        Self {
            preference,
            best: Vec::new(),
            text_bytes: 0,
        }
    }

    fn offer(
        &mut self,
        columns: &[ArrayRef],
        groups: impl Iterator<Item = usize>,
        filter: Option<&BooleanArray>,
    ) {
        let values = columns[0].as_string::<i32>();
        let trusts = columns[1].as_primitive::<Int64Type>();
        let dates = columns[2].as_primitive::<TimestampMicrosecondType>();
        let records = columns[3].as_string::<i32>();
        for (row, group) in groups.enumerate() {
            let is_wanted = filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if values.is_null(row) || !is_wanted {
                continue;
            }
            let value = values.value(row);
            let trust = trusts.is_valid(row).then(|| trusts.value(row));
            let updated_at = dates.is_valid(row).then(|| dates.value(row));
            let record_id = records.is_valid(row).then(|| records.value(row));
            let is_better = self.best[group].as_ref().is_none_or(|kept| {
                let (by_trust, by_date) =
                    (trust.cmp(&kept.trust), updated_at.cmp(&kept.updated_at));
                let order = match self.preference {
                    Preference::Trust => by_trust.then(by_date),
                    Preference::Date => by_date.then(by_trust),
                };
                // The smallest record id wins, and one record that gives two values gives the smaller.
                let known = kept.record_id.as_deref();
                let tie = known
                    .is_some()
                    .cmp(&record_id.is_some())
                    .reverse()
                    .then_with(|| known.cmp(&record_id))
                    .then_with(|| kept.value.as_ref().cmp(value));
                order.then(tie) == Ordering::Greater
            });
            if is_better {
                let kept = Kept {
                    value: value.into(),
                    trust,
                    updated_at,
                    record_id: record_id.map(Box::from),
                };
                self.text_bytes += kept.text_bytes();
                if let Some(before) = self.best[group].replace(kept) {
                    self.text_bytes -= before.text_bytes();
                }
            }
        }
    }

    fn take(&mut self, emit_to: EmitTo) -> Vec<Option<Kept>> {
        let taken = emit_to.take_needed(&mut self.best);
        let bytes: usize = taken.iter().flatten().map(Kept::text_bytes).sum();
        self.text_bytes -= bytes;
        taken
    }
}

impl Kept {
    fn text_bytes(&self) -> usize {
        self.value.len() + self.record_id.as_deref().map_or(0, str::len)
    }
}

/// The columns of a state: value, trust, updated_at, record_id.
fn state_columns(best: &[Option<Kept>]) -> Vec<ArrayRef> {
    let mut values = StringBuilder::new();
    let mut trusts = Int64Builder::with_capacity(best.len());
    let mut dates = TimestampMicrosecondBuilder::with_capacity(best.len()).with_timezone("UTC");
    let mut records = StringBuilder::new();
    for kept in best {
        let kept = kept.as_ref();
        values.append_option(kept.map(|kept| &kept.value));
        trusts.append_option(kept.and_then(|kept| kept.trust));
        dates.append_option(kept.and_then(|kept| kept.updated_at));
        records.append_option(kept.and_then(|kept| kept.record_id.as_deref()));
    }
    vec![
        Arc::new(values.finish()),
        Arc::new(trusts.finish()),
        Arc::new(dates.finish()),
        Arc::new(records.finish()),
    ]
}

/// The result: a struct a group, null where the group has no value.
fn survivors(best: &[Option<Kept>]) -> Result<StructArray> {
    let values: StringArray = best
        .iter()
        .map(|kept| kept.as_ref().map(|kept| &kept.value))
        .collect();
    let records: StringArray = best
        .iter()
        .map(|kept| kept.as_ref().and_then(|kept| kept.record_id.as_deref()))
        .collect();
    let nulls: NullBuffer = best.iter().map(Option::is_some).collect();
    Ok(StructArray::try_new(
        survivor_fields(),
        vec![Arc::new(values), Arc::new(records)],
        Some(nulls),
    )?)
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.best.resize_with(total_num_groups, || None);
        self.offer(values, group_indices.iter().copied(), opt_filter);
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(Arc::new(survivors(&self.take(emit_to))?))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(state_columns(&self.take(emit_to)))
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.update_batch(values, group_indices, None, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let mut rows = Groups::new(self.preference);
        let count = values[0].len();
        rows.best.resize_with(count, || None);
        rows.offer(values, 0..count, opt_filter);
        Ok(state_columns(&rows.best))
    }

    fn size(&self) -> usize {
        self.best.capacity() * size_of::<Option<Kept>>() + self.text_bytes
    }
}

/// One group: a query without `group by`, or a window.
#[derive(Debug)]
struct Best {
    groups: Groups,
}

impl Accumulator for Best {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let count = values[0].len();
        self.groups.best.resize_with(1, || None);
        self.groups
            .offer(values, std::iter::repeat_n(0, count), None);
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.groups.best.resize_with(1, || None);
        Ok(ScalarValue::Struct(Arc::new(survivors(&self.groups.best)?)))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.groups.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.groups.best.resize_with(1, || None);
        state_columns(&self.groups.best)
            .iter()
            .map(|column| ScalarValue::try_from_array(column, 0))
            .collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }
}
