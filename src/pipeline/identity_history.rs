//! The ids of the published night, read from its tables of schema `identity`.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, new_empty_array};
use arrow::compute::concat;
use arrow::datatypes::{Date32Type, Int64Type, Schema};
use datafusion::common::{Result, exec_err};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;
use rayon::prelude::*;

use super::identity_records::text;
use crate::engine::write::ROW_GROUP_ROWS;
use crate::identity::grouping::{Grouped, grouped, hashes};
use crate::identity::history::{EarlierChanges, History, Owned, StandIn};
use crate::identity::records::NONE;
use crate::identity::tables::{ID_CHANGES, OUTPUTS};

/// The ids of the published night, from its tables of schema `identity`, for a night of this date.
pub fn read(version: &Path, as_of: chrono::NaiveDate) -> Result<History> {
    const CUSTOMERS: &str = "customer_records";
    const FORMER: &str = "former_records";
    const MERGED: &str = "merged_records";
    let path = |name: &str| version.join("identity").join(format!("{name}.parquet"));
    // From a row group on.
    let table = |name: &str, count: usize, first: usize| -> Result<RecordBatch> {
        let output = OUTPUTS.iter().find(|output| output.name == name);
        let columns: Vec<&str> = output
            .map(|output| output.column_names().take(count).collect())
            .unwrap_or_default();
        let path = path(name);
        if !path.exists() {
            // Without the ids of the night before, every customer would get a new one.
            return exec_err!("{} is missing", path.display());
        }
        let file = ArrowReaderMetadata::load(&File::open(&path)?, ArrowReaderOptions::default())?;
        let mask = ProjectionMask::columns(file.parquet_schema(), columns.iter().copied());
        let of_group = |group: usize| -> Result<Vec<RecordBatch>> {
            let opened = File::open(&path)?;
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, file.clone());
            let reader = reader.with_projection(mask.clone());
            let reader = reader.with_batch_size(ROW_GROUP_ROWS);
            let batches = reader.with_row_groups(vec![group]).build()?;
            Ok(batches.collect::<std::result::Result<_, _>>()?)
        };
        let groups = (first..file.metadata().num_row_groups()).into_par_iter();
        let batches = groups.map(of_group).collect::<Result<Vec<_>>>()?.concat();
        let fields = file.schema().fields().iter();
        let fields = fields.filter(|field| columns.contains(&field.name().as_str()));
        let schema = Arc::new(Schema::new(fields.cloned().collect::<Vec<_>>()));
        let joined = (0..schema.fields().len()).into_par_iter().map(|at| {
            let parts: Vec<&dyn Array> = batches
                .iter()
                .map(|batch| batch.column(at).as_ref())
                .collect();
            match parts.is_empty() {
                true => Ok(new_empty_array(schema.field(at).data_type())),
                false => concat(&parts),
            }
        });
        let joined = joined.collect::<std::result::Result<Vec<_>, _>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&schema), joined)?;
        // An older onefold had no nights of records: those of their ids stand in for them.
        let place = |column: &&str| {
            let is_of_record = ["record_since", "gone_since", "record_hash"].contains(column);
            let stands_in = is_of_record.then(|| columns[2]);
            let own = batch.schema().index_of(column).ok();
            own.or_else(|| batch.schema().index_of(stands_in?).ok())
        };
        let Some(places) = columns.iter().map(place).collect::<Option<Vec<_>>>() else {
            return exec_err!(
                "{} has not the columns {}",
                path.display(),
                columns.join(", ")
            );
        };
        // In the order in which they are declared.
        Ok(batch.project(&places)?)
    };
    let text = |batch: &RecordBatch, at: usize| text(batch.column(at));
    // An older onefold kept none.
    let said_by = |batch: &RecordBatch, at: usize| -> Vec<u64> {
        let said = batch.column(at).as_primitive_opt::<Int64Type>();
        said.map_or_else(Vec::new, |all| {
            all.values().par_iter().map(|hash| *hash as u64).collect()
        })
    };
    let redirects = table("redirects", 4, 0)?;
    let (ids, customers, returns, parents) = (
        text(&redirects, 0)?,
        text(&redirects, 1)?,
        text(&redirects, 2)?,
        text(&redirects, 3)?,
    );
    drop(redirects);
    let places = Places::new(&ids)?;
    // Most ids are where they were.
    let target = |row: usize| match customers.is_valid(row) {
        true => customers.value(row),
        false => returns.value(row),
    };
    let elsewhere: Vec<usize> = (0..ids.len())
        .into_par_iter()
        .filter(|row| target(*row) != ids.value(*row))
        .collect();
    let found = elsewhere.iter().map(|row| Some(target(*row)));
    let found = places.of(&found.collect())?;
    let mut targets: Vec<u32> = (0..ids.len() as u32).collect();
    for (row, place) in elsewhere.into_iter().zip(found) {
        targets[row] = place;
    }
    let merged_into = places.of(&parents)?;
    let is_retired = (0..ids.len()).map(|row| customers.is_null(row)).collect();
    let mut since = vec![i32::MAX; ids.len()];
    let date = |days: i32| Date32Type::to_naive_date_opt(days).unwrap_or_default();
    let mut owned = |name: &str, batch: &RecordBatch, came_on: usize| -> Result<Owned> {
        let (records, customers) = (text(batch, 0)?, places.of(&text(batch, 1)?)?);
        if !is_sorted(&records) {
            return exec_err!("identity.{name} is not in the order of its records");
        }
        let nights = batch.column(2).as_primitive::<Date32Type>().values();
        for (customer, night) in customers.iter().zip(nights) {
            // A record without a customer would be a damaged table; it has no night.
            if let Some(known) = since.get_mut(*customer as usize) {
                *known = (*known).min(*night);
            }
        }
        let came_on = batch.column(came_on).as_primitive::<Date32Type>().values();
        let came_on = came_on.par_iter().map(|days| date(*days)).collect();
        Ok(Owned {
            records,
            customers,
            came_on,
        })
    };
    let of_living = table(CUSTOMERS, 5, 0)?;
    let living = owned(CUSTOMERS, &of_living, 3)?;
    let said = said_by(&of_living, 4);
    drop(of_living);
    let of_former = table(FORMER, 6, 0)?;
    let former = owned(FORMER, &of_former, 3)?;
    let gone_since = of_former.column(4).as_primitive::<Date32Type>().values();
    let gone_since = gone_since.iter().map(|days| date(*days)).collect();
    let former_said = said_by(&of_former, 5);
    let of_merged = table(MERGED, 6, 0)?;
    let merged = owned(MERGED, &of_merged, 4)?;
    let came_to_own = of_merged.column(5).as_primitive::<Date32Type>().values();
    let came_to_own = came_to_own.iter().map(|days| date(*days)).collect();
    let came_later = of_merged.column(3).as_boolean().iter();
    let came_later = came_later.map(|came_later| came_later == Some(true));
    // What an earlier night moved is settled.
    let moved = table("moved_records", 3, 0)?;
    let moved_on = moved.column(0).as_primitive::<Date32Type>().values();
    let moved = match moved_on.first().map(|days| date(*days)) {
        Some(night) if night == as_of => Owned {
            records: text(&moved, 1)?,
            customers: places.of(&text(&moved, 2)?)?,
            came_on: vec![night; moved.num_rows()],
        },
        _ => Owned::default(),
    };
    // An older onefold published none.
    let mut stand_ins = Vec::new();
    if path("stand_ins").exists() {
        let stood_in = table("stand_ins", 3, 0)?;
        let (away, records) = (text(&stood_in, 0)?, text(&stood_in, 1)?);
        let had_its_id = stood_in.column(2).as_boolean();
        stand_ins.extend((0..stood_in.num_rows()).map(|row| StandIn {
            away: away.value(row).to_string(),
            record: records.value(row).to_string(),
            had_its_id: had_its_id.value(row),
        }));
    }
    let night = |days: i32| match days {
        i32::MAX => chrono::NaiveDate::MAX,
        days => date(days),
    };
    let since = since.into_par_iter().map(night).collect();
    let changes = path(ID_CHANGES);
    let groups = match changes.exists() {
        true => groups_before(&changes, as_of)?,
        false => 0,
    };
    Ok(History {
        living,
        said,
        former,
        gone_since,
        former_said,
        merged,
        came_to_own,
        came_later: came_later.collect(),
        moved,
        stand_ins,
        changes: Some(EarlierChanges {
            rest: table(ID_CHANGES, usize::MAX, groups)?,
            file: changes,
            groups,
        }),
        targets,
        merged_into,
        is_retired,
        since,
        ids: ids.clone(),
    })
}

/// The place of each id among all, by its hash.
struct Places(Grouped);

impl Places {
    fn new(ids: &StringArray) -> Result<Self> {
        let ids: ArrayRef = Arc::new(ids.clone());
        Ok(Self(grouped(&hashes(&ids)?)))
    }

    /// The places of some ids, [`NONE`] for null.
    fn of(&self, some: &StringArray) -> Result<Vec<u32>> {
        let array: ArrayRef = Arc::new(some.clone());
        let mut places = vec![NONE; some.len()];
        let mut known = self.0.rows().peekable();
        for (hash, row) in grouped(&hashes(&array)?).rows() {
            while known.next_if(|(known, _)| known < hash).is_some() {}
            match known.peek() {
                Some((known, place)) if known == hash => places[*row as usize] = *place,
                _ => return exec_err!("identity.redirects has no {}", some.value(*row as usize)),
            }
        }
        Ok(places)
    }
}

/// How many row groups of `identity.id_changes` are full, and of nights before this one.
fn groups_before(changes: &Path, as_of: chrono::NaiveDate) -> Result<usize> {
    let file = ArrowReaderMetadata::load(&File::open(changes)?, ArrowReaderOptions::default())?;
    let is_before = |group: &&RowGroupMetaData| {
        let last = match group.column(0).statistics() {
            Some(Statistics::Int32(nights)) => nights.max_opt().copied(),
            _ => None,
        };
        let last = last.and_then(Date32Type::to_naive_date_opt);
        group.num_rows() as usize == ROW_GROUP_ROWS && last.is_some_and(|last| last < as_of)
    };
    let groups = file.metadata().row_groups().iter();
    Ok(groups.take_while(is_before).count())
}

fn is_sorted(ids: &StringArray) -> bool {
    let rows = (1..ids.len()).into_par_iter();
    rows.all(|row| ids.value(row - 1) <= ids.value(row))
}
