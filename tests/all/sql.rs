//! Queries with their answers: a query, four dashes, the rows. `tests/all/slt` has them by topic.

use std::path::Path;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use onefold::engine::session::{Limits, create, register};
use onefold::pipeline::file::{Loaded, Setting};
use onefold::stages::{self, TableName};
use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner};

struct Session {
    session: SessionContext,
    runtime: tokio::runtime::Runtime,
}

impl DB for Session {
    type Error = DataFusionError;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<Self::ColumnType>, Self::Error> {
        if let Some(path) = sql.trim().strip_prefix("stage ") {
            self.runtime
                .block_on(run_stage(&self.session, path.trim()))?;
            return Ok(DBOutput::StatementComplete(0));
        }
        let batches = self
            .runtime
            .block_on(async { self.session.sql(sql).await?.collect().await })?;
        let options = FormatOptions::default().with_null("NULL");
        let mut rows = Vec::new();
        let mut columns = 0;
        for batch in &batches {
            columns = batch.num_columns();
            let formatters = batch
                .columns()
                .iter()
                .map(|column| ArrayFormatter::try_new(column, &options))
                .collect::<Result<Vec<_>, _>>()?;
            rows.extend((0..batch.num_rows()).map(|row| {
                formatters
                    .iter()
                    .map(|formatter| formatter.value(row).to_string())
                    .collect()
            }));
        }
        Ok(DBOutput::Rows {
            types: vec![DefaultColumnType::Text; columns],
            rows,
        })
    }
}

/// Runs a stage of the project over the tables that the session has, and keeps its rows as a table.
async fn run_stage(session: &SessionContext, path: &str) -> Result<(), DataFusionError> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let loaded = Loaded::read(&project.join("pipelines/customers.toml")).unwrap();
    let mut parameters: Vec<(String, Setting)> =
        loaded.pipeline.settings.clone().into_iter().collect();
    for (name, value) in [
        ("as_of", "2026-07-01"),
        ("region", "CN"),
        ("timezone", "Asia/Shanghai"),
    ] {
        parameters.push((name.to_string(), Setting::Text(value.to_string())));
    }
    let (folder, file) = path.split_once('/').unwrap();
    let name = TableName::new(
        folder.split_once('_').unwrap().1,
        file.trim_end_matches(".sql"),
    );
    let sql = std::fs::read_to_string(project.join("sql").join(path)).unwrap();
    let stage = stages::parse(name, path.into(), sql, 1, &parameters)
        .unwrap_or_else(|fault| panic!("{fault}"));
    let plan = stages::plan::logical(session, &stage.parsed.query).await?;
    let frame = session.execute_logical_plan(plan).await?;
    let batches = frame.collect().await?;
    let schema = batches.first().expect("the stage gives rows").schema();
    let table = datafusion::datasource::MemTable::try_new(schema, vec![batches])?;
    register(
        session,
        &stage.name.schema,
        &stage.name.table,
        std::sync::Arc::new(table),
    )
}

#[test]
fn every_query_gives_its_rows() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/slt");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    assert!(
        files.len() >= 12,
        "only {} files in {}",
        files.len(),
        folder.display()
    );
    for file in files {
        let mut runner = Runner::new(|| async {
            Ok(Session {
                session: create(&Limits::default())?,
                runtime: tokio::runtime::Runtime::new()?,
            })
        });
        runner
            .run_file(&file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

#[test]
fn every_function_gives_what_its_example_says() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let session = create(&Limits::default()).unwrap();
    for function in onefold::functions::all() {
        let (call, value) = function.example;
        assert!(
            !function.source.is_empty() && !function.description.contains("Source:"),
            "{}",
            function.name
        );
        assert!(
            function
                .arguments
                .iter()
                .all(|argument| !function.argument(argument).is_empty()),
            "{}",
            function.name
        );
        let batches = runtime
            .block_on(async {
                session
                    .sql(&format!("select cast({call} as text)"))
                    .await?
                    .collect()
                    .await
            })
            .unwrap();
        let column =
            ArrayFormatter::try_new(batches[0].column(0), &FormatOptions::default()).unwrap();
        assert_eq!(column.value(0).to_string(), value, "{call}");
    }
}

/// The values of some calls as text.
fn values_of(calls: &[String]) -> Vec<String> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let session = create(&Limits::default()).unwrap();
    let options = FormatOptions::default().with_null("NULL");
    let mut values = Vec::new();
    for chunk in calls.chunks(50) {
        let columns = chunk.iter().enumerate();
        let columns = columns.map(|(at, call)| format!("cast({call} as text) as c{at}"));
        let query = format!("select {}", columns.collect::<Vec<_>>().join(", "));
        let batches = runtime
            .block_on(async { session.sql(&query).await?.collect().await })
            .unwrap();
        values.extend(batches[0].columns().iter().map(|column| {
            let column = ArrayFormatter::try_new(column, &options).unwrap();
            column.value(0).to_string()
        }));
    }
    values
}

/// The lines of a table of cases, without its comments.
fn cases(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

/// Fails with all calls that do not give what is wanted.
fn assert_values(cases: &[(String, &str)]) {
    let calls: Vec<String> = cases.iter().map(|(call, _)| call.clone()).collect();
    let found = values_of(&calls);
    let wrong = cases
        .iter()
        .zip(&found)
        .filter(|((_, wanted), found)| found != wanted);
    let wrong: Vec<String> = wrong
        .map(|((call, wanted), found)| format!("{call} is {found}, not {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_of_a_function_gives_its_value() {
    let cases = cases(include_str!("functions.tsv"));
    let cases = cases.map(|line| line.split_once('\t').unwrap());
    let cases: Vec<(String, &str)> = cases
        .map(|(call, wanted)| (call.to_string(), wanted))
        .collect();
    assert!(cases.len() > 370);
    assert_values(&cases);
}

#[test]
fn two_values_are_as_alike_from_either_side() {
    let mut calls = Vec::new();
    for line in cases(include_str!("levels.tsv")) {
        let [function, left, right, level] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let [left, right] = [left, right].map(|text| text.replace('\'', "''"));
        calls.push((format!("{function}('{left}', '{right}')"), level));
        calls.push((format!("{function}('{right}', '{left}')"), level));
    }
    assert!(calls.len() > 700);
    assert_values(&calls);
}

/// Text columns of every physical kind give the same, and a dictionary's values are computed once each.
#[test]
fn text_of_every_kind_gives_the_same() {
    use arrow::array::{
        ArrayRef, DictionaryArray, LargeStringArray, RecordBatch, StringArray, StringViewArray,
    };
    use arrow::datatypes::Int32Type;
    let values: Vec<Option<&str>> = (0..9000)
        .map(|row| [Some("138 1234 5678"), None, Some("138****5678")][row % 3])
        .collect();
    let arrays: [ArrayRef; 4] = [
        std::sync::Arc::new(StringArray::from(values.clone())),
        std::sync::Arc::new(LargeStringArray::from(values.clone())),
        std::sync::Arc::new(StringViewArray::from(values.clone())),
        std::sync::Arc::new(
            values
                .iter()
                .copied()
                .collect::<DictionaryArray<Int32Type>>(),
        ),
    ];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for array in arrays {
        let session = create(&Limits::default()).unwrap();
        let kind = array.data_type().clone();
        session
            .register_batch("t", RecordBatch::try_from_iter([("phone", array)]).unwrap())
            .unwrap();
        let sql = "select arrow_typeof(phone_key(phone, 'CN')), phone_key(phone, 'CN'), sum(1) from t group by 1, 2 order by 2";
        let batches = runtime
            .block_on(async { session.sql(sql).await?.collect().await })
            .unwrap();
        let rows = arrow::util::pretty::pretty_format_batches(&batches)
            .unwrap()
            .to_string();
        assert!(
            rows.contains("| Utf8 ")
                && rows.contains("+8613812345678")
                && rows.contains("3000")
                && rows.contains("6000"),
            "{kind}: {rows}"
        );
    }
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => collect(&path, files),
            path if path.extension().is_some_and(|extension| extension == "slt") => {
                files.push(path)
            }
            _ => {}
        }
    }
}

/// Numbers without pattern, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// A value with some characters out, in, or another's.
fn spoiled(value: &str, numbers: &mut Numbers) -> String {
    const PUT_IN: &str = "ab-.,'()（）#/ 0129省市区县镇路号栋室公司店王之原*小某・é ơßÅ年月日东Ee";
    let put_in: Vec<char> = PUT_IN.chars().collect();
    let mut value: Vec<char> = value.chars().collect();
    for _ in 0..numbers.below(4) {
        let at = numbers.below(value.len());
        let new = put_in[numbers.below(put_in.len())];
        match numbers.below(4) {
            0 if !value.is_empty() => {
                value.remove(at);
            }
            1 if !value.is_empty() => value[at] = new,
            2 => value.truncate(at.max(1)),
            _ => value.insert(at, new),
        }
    }
    value.into_iter().collect()
}

#[test]
fn spoiled_values_are_as_alike_from_either_side() {
    const PAIRS: usize = 3_000;
    let known: Vec<&str> = cases(include_str!("levels.tsv"))
        .flat_map(|line| line.split('\t').skip(1).take(2))
        .collect();
    let mut numbers = Numbers(7);
    let quoted = |value: &str| format!("'{}'", value.replace('\'', "''"));
    let pairs: Vec<String> = (0..PAIRS)
        .map(|_| {
            let one = spoiled(known[numbers.below(known.len())], &mut numbers);
            let other = match numbers.below(2) {
                0 => spoiled(&one, &mut numbers),
                _ => spoiled(known[numbers.below(known.len())], &mut numbers),
            };
            format!("({}, {})", quoted(&one), quoted(&other))
        })
        .collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let session = create(&Limits::default()).unwrap();
    let table = format!(
        "create table pairs as select * from (values {}) as t(a, b)",
        pairs.join(", ")
    );
    let run = |sql: String| {
        let batches = runtime.block_on(async { session.sql(&sql).await?.collect().await });
        batches.unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    run(table);
    for function in onefold::functions::all() {
        let name = function.name;
        match function.arguments {
            [_, _] if name.ends_with("_level") => {
                let uneven =
                    format!("select * from pairs where {name}(a, b) is distinct from {name}(b, a)");
                let found = run(uneven);
                let told = arrow::util::pretty::pretty_format_batches(&found).unwrap();
                let uneven: usize = found.iter().map(|batch| batch.num_rows()).sum();
                assert_eq!(uneven, 0, "{name}\n{told}");
            }
            // Whatever it says, it says it.
            ["name" | "address" | "email" | "text"] => {
                run(format!("select count({name}(a)) from pairs"));
            }
            ["phone", "region"] => {
                for region in ["CN", "US", "MX", "BR", "VN"] {
                    run(format!("select count({name}(a, '{region}')) from pairs"));
                }
            }
            _ => {}
        }
    }
}
