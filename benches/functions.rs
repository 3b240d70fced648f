//! Rows per second on one core: every normaliser over a column, and beside it what the library behind it does alone.
//!
//! `cargo bench --bench functions`, or one of them: `cargo bench --bench functions -- phone`.

use std::hint::black_box;
use std::str::FromStr;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::{DataType, Field};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl};
use datafusion::scalar::ScalarValue;
use divan::Bencher;
use divan::counter::ItemsCount;
use onefold::functions::all;
use onefold::functions::scalar::Adapter;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use unicode_normalization::UnicodeNormalization;

fn main() {
    divan::main();
}

/// Rows of a column: as many as the engine hands over at a time.
const ROWS: usize = 8192;

/// What exports have: mostly plain, some of it as people write.
fn values(kind: &str) -> Vec<String> {
    let surnames = ["王", "李", "张", "欧阳", "陈"];
    let given = ["伟", "小明", "娜", "建国", "雪梅"];
    (0..ROWS)
        .map(|row| match kind {
            "phone" => match row % 10 {
                0 => format!("+86 138-{:04}-{:04}", row % 10_000, row * 7 % 10_000),
                1 => format!("021-6555{:04}", row % 10_000),
                _ => format!("139{:08}", row * 7919 % 100_000_000),
            },
            "foreign_phone" => format!("020 7946 {:04}", row % 10_000),
            "name" => format!("{}{}", surnames[row % 5], given[row / 5 % 5]),
            "western_name" => format!(
                "{} {}",
                ["John", "Anna", "Müller,"][row % 3],
                ["Smith", "van der Berg", "Jan"][row / 3 % 3]
            ),
            "email" => format!(
                "{}.{row}@{}",
                ["Anna", "wei", "j.doe"][row % 3],
                ["Example.com", "qq.com", "gmail.com"][row / 3 % 3]
            ),
            "address" => format!(
                "浙江省杭州市余杭区文一西路{}号{}幢{}单元{}室",
                row % 999 + 1,
                row % 20 + 1,
                row % 4 + 1,
                row % 30 * 100 + 101
            ),
            "date" => format!(
                "{}-{:02}-{:02}",
                1950 + row % 70,
                row % 12 + 1,
                row % 28 + 1
            ),
            "chinese_date" => format!("{}年{}月{}日", 1950 + row % 70, row % 12 + 1, row % 28 + 1),
            "timestamp" => format!(
                "2026-{:02}-{:02} {:02}:{:02}:00",
                row % 12 + 1,
                row % 28 + 1,
                row % 24,
                row % 60
            ),
            "amount" => format!("{}.{:02}", row * 37 % 100_000, row % 100),
            "resident_id" => format!("1101051949123100{:02}X", row % 100),
            "organization" => format!("杭州{}科技（中国）有限公司", row % 500),
            "user_agent" => format!(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{} like Mac OS X) MicroMessenger/8.0.{}",
                row % 5,
                row % 50
            ),
            "ip_address" => format!("10.0.0.{}, 8.8.{}.4", row % 256, row % 256),
            "mojibake" => ["寮犱紵", "张伟", "MÃ¼ller", "plain"][row % 4].to_string(),
            other => unreachable!("no values of {other}"),
        })
        .collect()
}

/// A function over a column, its other arguments constant.
const CASES: &[(&str, &str, &[&str])] = &[
    ("normalize_phone", "phone", &["CN"]),
    ("phone_key", "phone", &["CN"]),
    ("normalize_phone", "foreign_phone", &["GB"]),
    ("normalize_person_name", "name", &[]),
    ("normalize_person_name", "western_name", &[]),
    ("person_name_key", "name", &[]),
    ("person_name_readings", "name", &[]),
    ("normalize_email", "email", &[]),
    ("email_key", "email", &[]),
    ("address_region_code", "address", &[]),
    ("address_unit", "address", &[]),
    ("address_key", "address", &[]),
    ("parse_date", "date", &[]),
    ("parse_date", "chinese_date", &[]),
    ("parse_timestamp", "timestamp", &["Asia/Shanghai"]),
    ("parse_amount", "amount", &[]),
    ("normalize_resident_id", "resident_id", &[]),
    ("organization_name_key", "organization", &[]),
    ("user_agent_kind", "user_agent", &[]),
    ("normalize_ip_address", "ip_address", &[]),
    ("repair_mojibake", "mojibake", &[]),
];

fn names() -> Vec<String> {
    CASES
        .iter()
        .map(|(function, kind, _)| format!("{function} of {kind}"))
        .collect()
}

#[divan::bench(args = names(), sample_count = 20)]
fn ours(bencher: Bencher, name: &str) {
    let (function, kind, constants) = CASES
        .iter()
        .find(|(function, kind, _)| format!("{function} of {kind}") == name)
        .expect("the case is one of ours");
    let function = all()
        .find(|known| known.name == *function)
        .expect("the function is there");
    let adapter = Adapter::new(function);
    let column: ArrayRef = Arc::new(StringArray::from(values(kind)));
    let field = Arc::new(Field::new("value", DataType::Utf8, true));
    let mut arguments = vec![ColumnarValue::Array(column)];
    arguments.extend(
        constants
            .iter()
            .map(|text| ColumnarValue::Scalar(ScalarValue::from(*text))),
    );
    let config = Arc::new(ConfigOptions::default());
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        let arguments = ScalarFunctionArgs {
            args: arguments.clone(),
            arg_fields: vec![Arc::clone(&field); arguments.len()],
            number_rows: ROWS,
            return_field: Arc::new(Field::new("result", function.returns(), true)),
            config_options: Arc::clone(&config),
        };
        black_box(
            adapter
                .invoke_with_args(arguments)
                .expect("no function fails on text"),
        )
    });
}

fn library(bencher: Bencher, kind: &str, call: impl Fn(&str) -> usize) {
    let values = values(kind);
    bencher
        .counter(ItemsCount::new(ROWS))
        .bench_local(|| values.iter().map(|value| call(value)).sum::<usize>());
}

#[divan::bench(args = ["phone", "foreign_phone"], sample_count = 20)]
fn rlibphonenumber_parse_and_format(bencher: Bencher, kind: &str) {
    let region = Region::from_str(if kind == "phone" { "CN" } else { "GB" }).ok();
    library(bencher, kind, |text| {
        PHONE_NUMBER_UTIL.parse(text, region).map_or(0, |number| {
            PHONE_NUMBER_UTIL
                .format(&number, PhoneNumberFormat::E164)
                .len()
        })
    });
}

#[divan::bench(args = ["name", "address", "organization"], sample_count = 20)]
fn unicode_normalization_nfkc(bencher: Bencher, kind: &str) {
    library(bencher, kind, |text| text.nfkc().collect::<String>().len());
}

#[divan::bench(sample_count = 20)]
fn pinyin_plain(bencher: Bencher) {
    use pinyin::ToPinyin;
    library(bencher, "name", |text| {
        text.to_pinyin()
            .flatten()
            .map(|reading| reading.plain().len())
            .sum()
    });
}

#[divan::bench(sample_count = 20)]
fn idna_domain_to_ascii(bencher: Bencher) {
    library(bencher, "email", |text| {
        idna::domain_to_ascii(text.split('@').nth(1).unwrap_or_default())
            .map_or(0, |domain| domain.len())
    });
}

#[divan::bench(sample_count = 20)]
fn chrono_parse_date(bencher: Bencher) {
    library(bencher, "date", |text| {
        usize::from(chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok())
    });
}

#[divan::bench(sample_count = 20)]
fn chrono_parse_timestamp(bencher: Bencher) {
    use chrono::TimeZone;
    library(bencher, "timestamp", |text| {
        let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S");
        usize::from(local.is_ok_and(|local| {
            chrono_tz::Asia::Shanghai
                .from_local_datetime(&local)
                .single()
                .is_some()
        }))
    });
}

#[divan::bench(sample_count = 20)]
fn encoding_rs_gbk_round_trip(bencher: Bencher) {
    library(bencher, "mojibake", |text| {
        let (bytes, ..) = encoding_rs::GBK.encode(text);
        encoding_rs::GBK.decode_without_bom_handling(&bytes).0.len()
    });
}
