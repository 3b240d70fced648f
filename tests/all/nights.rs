//! Nights in a row: a night that compares only pairs with a new or changed record gives, byte for byte, what a night that
//! compares all of them gives.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListBuilder, RecordBatch, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use chrono::NaiveDate;
use datafusion::common::DataFusionError;
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use onefold::engine::session::{Limits, create, register};
use onefold::identity::history::History;
use onefold::identity::model_file::ModelFile;
use onefold::identity::pairs::Files;
use onefold::identity::rules::RuleBook;
use onefold::identity::tables::OUTPUTS;
use onefold::pipeline::identity::{Night, run};
use onefold::pipeline::identity_history;
use onefold::report::record::IdentityRecord;
use proptest::prelude::*;

/// Small caps and limits, so that the guard and the caps change their minds from night to night.
const RULES: &str = r#"
records = "staging.records"
threshold = 0.9
max_cluster = 5
[guard]
names = "name"
limits = { phone = 2, phones = 3 }
[[never]]
name = "two_cards"
condition = "l.card <> r.card"
[[certain]]
name = "same_phone_and_name"
condition = "l.phone = r.phone and l.name = r.name"
max_block = 4
[[certain]]
name = "same_card"
condition = "l.card = r.card and coalesce(l.city = r.city, true)"
[[blocking]]
name = "name"
condition = "l.name = r.name"
max_block = 5
[[blocking]]
name = "phone"
condition = "l.phone = r.phone"
[[blocking]]
name = "phones"
condition = "array_has_any(l.phones, r.phones)"
max_block = 6
[[blocking]]
name = "city"
condition = "l.city = r.city"
max_block = 8
[[comparison]]
name = "name"
column = "name"
kind = "person_name"
term_frequency = true
[[comparison]]
name = "phone"
column = "phone"
kind = "digits"
[[comparison]]
name = "city"
levels = [
    { name = "missing", condition = "l.city is null or r.city is null" },
    { name = "same", condition = "l.city = r.city", term_frequency = "city" },
]
"#;

/// A model made by hand.
const MODEL: &str = r#"
trained_on_records = 24
matches_per_record = 0.6
trained_by = "labels"
[[comparison]]
name = "name"
is_estimated = true
levels = [
    { name = "exact", m = 0.6, u = 0.15, share = 0.6 },
    { name = "folded", m = 0.05, u = 0.01, share = 0.05 },
    { name = "nickname", m = 0.1, u = 0.02, share = 0.1 },
    { name = "one_letter", m = 0.05, u = 0.02, share = 0.05 },
    { name = "sounds_alike", m = 0.1, u = 0.05, share = 0.1 },
    { name = "swapped", m = 0.02, u = 0.01, share = 0.02 },
    { name = "one_character", m = 0.03, u = 0.04, share = 0.03 },
    { name = "cross_script", m = 0.02, u = 0.01, share = 0.02 },
    { name = "masked", m = 0.02, u = 0.01, share = 0.02 },
    { name = "title", m = 0.02, u = 0.01, share = 0.02 },
    { name = "two_letters", m = 0.01, u = 0.01, share = 0.01 },
    { name = "partly", m = 0.01, u = 0.01, share = 0.01 },
    { name = "similar", m = 0.01, u = 0.01, share = 0.01 },
    { name = "first_name", m = 0.01, u = 0.03, share = 0.01 },
    { name = "else", m = 0.01, u = 0.64, share = 0.01 },
]
[[comparison]]
name = "phone"
is_estimated = true
levels = [
    { name = "exact", m = 0.8, u = 0.1, share = 0.8 },
    { name = "one_digit", m = 0.1, u = 0.1, share = 0.1 },
    { name = "masked", m = 0.05, u = 0.05, share = 0.05 },
    { name = "else", m = 0.05, u = 0.75, share = 0.05 },
]
[[comparison]]
name = "city"
is_estimated = true
levels = [
    { name = "same", m = 0.9, u = 0.4, share = 0.9 },
    { name = "else", m = 0.1, u = 0.6, share = 0.1 },
]
"#;

/// name, phone, card, city; 0 is no value.
type Values = [u8; 4];

const COLUMNS: [(&str, &[&str]); 4] = [
    (
        "name",
        &[
            "张伟",
            "王小明",
            "王晓明",
            "李娜",
            "Bob Smith",
            "Robert Smith",
        ],
    ),
    (
        "phone",
        &["13800001111", "13800001112", "13900002222", "13700003333"],
    ),
    ("card", &["110105194912310021", "440524188001010014"]),
    ("city", &["北京", "上海", "广州"]),
];

/// What happens to records in one night: a record gets values, or is gone.
fn nights() -> impl Strategy<Value = Vec<Vec<(u8, Option<Values>)>>> {
    let values = (0..7_u8, 0..5_u8, 0..3_u8, 0..4_u8).prop_map(|(a, b, c, d)| [a, b, c, d]);
    let event = (0..24_u8, proptest::option::weighted(0.85, values));
    let first = proptest::collection::vec(event.clone(), 12..30);
    let later = proptest::collection::vec(proptest::collection::vec(event, 0..5), 1..5);
    (first, later).prop_map(|(first, mut nights)| {
        nights.insert(0, first);
        nights
    })
}

fn session(records: &[Option<Values>], memory: usize) -> SessionContext {
    let limits = Limits {
        memory,
        ..Limits::default()
    };
    let session = create(&limits).unwrap();
    let present: Vec<(usize, &Values)> = records
        .iter()
        .enumerate()
        .filter_map(|(at, values)| Some((at, values.as_ref()?)))
        .collect();
    let mut fields = vec![Field::new("record_id", DataType::Utf8, true)];
    let ids = present.iter().map(|(at, _)| Some(format!("r{at:02}")));
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ids.collect::<StringArray>())];
    for (at, (name, known)) in COLUMNS.iter().enumerate() {
        fields.push(Field::new(*name, DataType::Utf8, true));
        let value = |values: &Values| known.get(usize::from(values[at]).wrapping_sub(1)).copied();
        let values = present.iter().map(|(_, values)| value(values));
        columns.push(Arc::new(values.collect::<StringArray>()));
    }
    // The phone, and another that the card and the city choose: a list of none, one or two.
    let mut phones = ListBuilder::new(StringBuilder::new());
    for (_, values) in &present {
        let known = COLUMNS[1].1;
        let other = usize::from(values[2] + values[3]);
        let chosen = [usize::from(values[1]), other].map(|at| known.get(at.wrapping_sub(1)));
        phones.append_value(chosen.into_iter().flatten().map(Some));
    }
    let phones = phones.finish();
    fields.push(Field::new("phones", phones.data_type().clone(), true));
    columns.push(Arc::new(phones));
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
    let table = MemTable::try_new(schema, vec![vec![batch]]).unwrap();
    register(&session, "staging", "records", Arc::new(table)).unwrap();
    session
}

fn files(folder: &Path) -> Files {
    Files {
        signatures: folder.join("signatures"),
        certain: folder.join("certain"),
        scored: folder.join("scored"),
    }
}

fn tables(folder: &Path) -> Vec<PathBuf> {
    let path = |name: &str| folder.join("identity").join(format!("{name}.parquet"));
    OUTPUTS.iter().map(|output| path(output.name)).collect()
}

/// A night in a folder of its own, after the nights of another.
fn night(
    folder: &Path,
    before: Option<&Path>,
    is_full: bool,
    records: &[Option<Values>],
    day: u32,
) -> IdentityRecord {
    night_by((RULES, MODEL), folder, before, is_full, records, day)
}

/// The same, by some rules and a model.
fn night_by(
    book: (&str, &str),
    folder: &Path,
    before: Option<&Path>,
    is_full: bool,
    records: &[Option<Values>],
    day: u32,
) -> IdentityRecord {
    let night = plan(book, folder, before, is_full, day);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let session = session(records, Limits::default().memory);
    runtime.block_on(run(&session, night)).unwrap().figures
}

/// What a night goes by.
fn plan(
    (rules, model): (&str, &str),
    folder: &Path,
    before: Option<&Path>,
    is_full: bool,
    day: u32,
) -> Night {
    std::fs::create_dir_all(folder.join("identity")).unwrap();
    let book: RuleBook = toml::from_str(rules).unwrap();
    let comparisons: Vec<_> = book
        .comparison
        .iter()
        .map(|comparison| {
            let levels = onefold::identity::comparison::level_names(comparison);
            (comparison.name.clone(), levels)
        })
        .collect();
    let as_of = NaiveDate::from_ymd_opt(2026, 7, day).unwrap();
    Night {
        model: Some(ModelFile::parse(Path::new("model"), model, &comparisons).unwrap()),
        book,
        origins: Default::default(),
        history: before.map_or_else(History::default, |before| {
            identity_history::read(before, as_of).unwrap()
        }),
        as_of,
        tables: tables(folder),
        pairs_before: before.filter(|_| !is_full).map(files),
        pairs: files(folder),
    }
}

#[test]
fn identity_keeps_to_the_memory_of_the_engine() {
    let records: Vec<Option<Values>> = (0..24).map(|at| Some([at % 7, at % 5, 0, 1])).collect();
    let work = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let within = |memory: usize| {
        let night = plan((RULES, MODEL), work.path(), None, true, 1);
        runtime.block_on(run(&session(&records, memory), night))
    };
    // From far too little up to enough, in small steps: each that is too little is told, at whichever step it runs out.
    let (mut memory, mut told) = (2_000, std::collections::BTreeSet::new());
    while let Err(error) = within(memory) {
        assert!(
            matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)),
            "{memory}: {error}"
        );
        let message = error.to_string();
        assert!(message.contains("identity"), "{memory}: {message}");
        let asked = message.split("Failed to allocate additional ").nth(1);
        told.insert(
            asked
                .and_then(|asked| asked.split(" for ").next())
                .map(String::from),
        );
        memory += memory / 16;
        assert!(memory < 100_000_000, "{message}");
    }
    assert!(told.len() > 1, "{told:?}");
}

proptest! {
    #![proptest_config(crate::properties::config(60))]

    #[test]
    fn a_night_of_changes_is_a_full_night(nights in nights()) {
        let work = tempfile::tempdir().unwrap();
        let mut records: Vec<Option<Values>> = vec![None; 24];
        let mut before: Option<PathBuf> = None;
        for (number, events) in nights.into_iter().enumerate() {
            for (record, values) in events {
                records[usize::from(record)] = values;
            }
            let (full, changes) = (work.path().join(format!("full{number}")), work.path().join(format!("night{number}")));
            let day = number as u32 + 1;
            let expected = night(&full, before.as_deref(), true, &records, day);
            let found = night(&changes, before.as_deref(), false, &records, day);
            prop_assert_eq!(expected.carried_pairs, 0);
            prop_assert!(found.compared_pairs + found.carried_pairs <= expected.compared_pairs);
            for (one, other) in tables(&full).iter().zip(tables(&changes)) {
                prop_assert!(std::fs::read(one).unwrap() == std::fs::read(other).unwrap(), "{}", one.display());
            }
            before = Some(changes);
        }
    }
}

#[test]
fn a_night_without_changes_compares_nothing() {
    let work = tempfile::tempdir().unwrap();
    let records: Vec<Option<Values>> = (0..24)
        .map(|at| Some([at % 7, at % 5, 0, at % 4]))
        .collect();
    let (one, two, three) = (
        work.path().join("1"),
        work.path().join("2"),
        work.path().join("3"),
    );
    let first = night(&one, None, false, &records, 1);
    assert!(first.compared_pairs > 10 && first.carried_pairs == 0);
    let second = night(&two, Some(&one), false, &records, 2);
    // Pairs that can never be shown are not kept.
    let kept = second.carried_pairs;
    assert!(kept > 2 && kept < first.compared_pairs, "{kept}");
    assert_eq!(second.compared_pairs, 0);
    // One record changes: only its pairs are compared.
    let mut changed = records;
    changed[7] = Some([1, 4, 0, 2]);
    let third = night(&three, Some(&two), false, &changed, 3);
    let compared = third.compared_pairs;
    assert!(
        compared > 0 && compared < first.compared_pairs / 2,
        "{compared}"
    );
}

#[test]
fn damaged_pairs_of_the_night_before_are_compared_again() {
    let work = tempfile::tempdir().unwrap();
    let records: Vec<Option<Values>> = (0..24)
        .map(|at| Some([at % 7, at % 5, 0, at % 4]))
        .collect();
    let first = work.path().join("first");
    let compared = night(&first, None, false, &records, 1).compared_pairs;
    let bytes = |folder: &Path| -> Vec<Vec<u8>> {
        let tables = tables(folder).into_iter();
        tables.map(|table| std::fs::read(table).unwrap()).collect()
    };
    let whole = work.path().join("whole");
    let found = night(&whole, Some(&first), false, &records, 2);
    assert!(found.compared_pairs == 0 && found.carried_pairs > 0);
    for (number, damaged) in files(&first).all().into_iter().enumerate() {
        let undamaged = std::fs::read(damaged).unwrap();
        let middle = undamaged.len() / 2;
        let mut flipped = undamaged.clone();
        flipped[middle] ^= 0xff;
        for (kind, damage) in [("cut", &undamaged[..middle]), ("flipped", &flipped)] {
            std::fs::write(damaged, damage).unwrap();
            let after = work.path().join(format!("{kind}{number}"));
            let found = night(&after, Some(&first), false, &records, 2);
            // A signature that is not what it was is a record that changed; all other damage costs all pairs.
            let is_signature = number == 0 && kind == "flipped";
            assert!(is_signature || (found.compared_pairs, found.carried_pairs) == (compared, 0));
            assert!(bytes(&after) == bytes(&whole), "{kind} {number}");
        }
        std::fs::write(damaged, undamaged).unwrap();
    }
}

#[test]
fn a_pair_is_compared_again_when_its_value_has_become_rare() {
    let rules = RULES
        .replace("max_block = 5", "max_block = 50")
        .replace(", term_frequency = \"city\"", "");
    let model = MODEL.replace("matches_per_record = 0.6", "matches_per_record = 1.2");
    let book = (rules.as_str(), model.as_str());
    let work = tempfile::tempdir().unwrap();
    let folder = |name: &str| work.path().join(name);
    // Two records of one city and a name that nearly all have: no evidence, and the pair is not kept. Two of a rare one are.
    let records = |often: usize| -> Vec<Option<Values>> {
        let of = |at: usize| match at {
            0 | 1 => [1, 0, 0, 1],
            22 | 23 => [6, 0, 0, 2],
            at if at < often => [1, 0, 0, 0],
            at => [2 + (at % 4) as u8, 0, 0, 0],
        };
        (0..24).map(|at| Some(of(at))).collect()
    };
    let first = night_by(book, &folder("first"), None, false, &records(20), 1);
    let shown = |night: &IdentityRecord| night.review_pairs + night.scored_links;
    assert_eq!(shown(&first), 1);
    // The others take other names: the two are as they were, and now their name says something.
    let before = folder("first");
    let changes = night_by(
        book,
        &folder("changes"),
        Some(&before),
        false,
        &records(2),
        2,
    );
    let full = night_by(book, &folder("full"), Some(&before), true, &records(2), 2);
    assert_eq!((changes.carried_pairs, shown(&full)), (1, 2));
    for (one, other) in tables(&folder("full"))
        .iter()
        .zip(tables(&folder("changes")))
    {
        assert!(
            std::fs::read(one).unwrap() == std::fs::read(other).unwrap(),
            "{}",
            one.display()
        );
    }
}
