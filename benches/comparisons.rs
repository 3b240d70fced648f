//! Pairs per second on one core: five comparisons of a pair as identity makes them, and the string comparison alone.
//!
//! `cargo bench --bench comparisons`. The gap between the two is what keeping levels, values and records costs.

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::prelude::SessionContext;
use divan::Bencher;
use divan::counter::ItemsCount;
use onefold::identity::comparison::Prepared;
use onefold::identity::condition::Hashes;
use onefold::identity::model::patterns;
use onefold::identity::records::Records;
use onefold::identity::rules::RuleBook;

fn main() {
    divan::main();
}

/// Pairs that identity compares at a time.
const PAIRS: usize = 8192;
/// Records from which they come: more than a processor's caches hold.
const RECORDS: u64 = 1_000_000;

const BOOK: &str = r#"
[[comparison]]
name = "name"
column = "name"
kind = "jaro_winkler"
thresholds = [0.92, 0.8]
[[comparison]]
name = "phone"
column = "phone"
kind = "levenshtein"
thresholds = [1]
[[comparison]]
name = "email"
column = "email"
kind = "levenshtein"
thresholds = [1]
[[comparison]]
name = "birth_date"
column = "birth_date"
kind = "levenshtein"
thresholds = [1]
[[comparison]]
name = "city"
column = "city"
kind = "exact"
"#;

/// A number without pattern for each record and field.
fn mixed(record: u64, field: u64) -> u64 {
    let mut number = (record * 31 + field).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number ^= number >> 29;
    number.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 8
}

/// Two records in a row are one person, of whom every other copy has a slip.
fn value(field: &str, record: u64) -> String {
    let (person, is_slipped) = (record / 2, record % 4 == 3);
    let slip = if is_slipped { "x" } else { "" };
    match field {
        "name" => format!(
            "{}{} {}",
            ["Robert", "Anna", "Katherine", "Samuel"][mixed(person, 0) as usize % 4],
            slip,
            mixed(person, 1) % 50_000
        ),
        "phone" => format!(
            "138{:08}",
            mixed(person, 2) % 100_000_000 + u64::from(is_slipped)
        ),
        "email" => format!("{}{slip}@example.com", mixed(person, 3) % 10_000_000),
        "birth_date" => format!(
            "19{:02}-0{}-1{}",
            mixed(person, 4) % 90 + 10,
            mixed(person, 5) % 9 + 1,
            mixed(person, 6) % 10
        ),
        _ => format!("city {}", mixed(person, 7) % 300),
    }
}

fn records() -> Records {
    let fields = ["name", "phone", "email", "birth_date", "city"];
    let column = |field: &&str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            (0..RECORDS).map(|record| value(field, record)),
        ))
    };
    let schema = fields
        .iter()
        .map(|field| Field::new(*field, DataType::Utf8, true));
    let schema = Arc::new(Schema::new(schema.collect::<Vec<_>>()));
    let batch = RecordBatch::try_new(schema, fields.iter().map(column).collect())
        .expect("columns of one length");
    let ids = StringArray::from_iter_values((0..RECORDS).map(|record| format!("{record:07}")));
    Records {
        ids,
        batch,
        origins: Default::default(),
    }
}

/// Of four pairs, three are of one person.
fn pairs() -> (Vec<u32>, Vec<u32>) {
    let pair = |at: u64| {
        let left = mixed(at, 8) % (RECORDS / 2 - 1) * 2;
        (
            left as u32,
            (left + if at.is_multiple_of(4) { 2 } else { 1 }) as u32,
        )
    };
    (0..PAIRS as u64).map(pair).unzip()
}

#[divan::bench]
fn five_comparisons(bencher: Bencher) {
    let records = records();
    let book: RuleBook = toml::from_str(BOOK).expect("the rule book is well-formed");
    let session = SessionContext::new();
    let prepared: Vec<Prepared> = book
        .comparison
        .iter()
        .map(|rule| {
            Prepared::new(&session, &records, rule, &Hashes::default())
                .expect("the columns are there")
        })
        .collect();
    let (left, right) = pairs();
    bencher.counter(ItemsCount::new(PAIRS)).bench_local(|| {
        patterns(&prepared, &records, black_box(&left), black_box(&right)).map(black_box)
    });
}

#[divan::bench]
fn jaro_winkler_alone(bencher: Bencher) {
    let (left, right) = pairs();
    let name = |record: &u32| value("name", u64::from(*record));
    let names: Vec<(String, String)> = left
        .iter()
        .zip(&right)
        .map(|(l, r)| (name(l), name(r)))
        .collect();
    let cutoff = rapidfuzz::distance::jaro_winkler::Args::default().score_cutoff(0.8);
    bencher.counter(ItemsCount::new(PAIRS)).bench_local(|| {
        for (left, right) in &names {
            black_box(rapidfuzz::distance::jaro_winkler::similarity_with_args(
                left.bytes(),
                right.bytes(),
                &cutoff,
            ));
        }
    });
}
