//! Queries with their answers: a query, four dashes, the rows. `tests/all/slt` has them by topic.

use std::path::Path;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use onefold::engine::session::{Limits, create};
use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner};

struct Session {
    session: SessionContext,
    runtime: tokio::runtime::Runtime,
}

impl DB for Session {
    type Error = DataFusionError;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<Self::ColumnType>, Self::Error> {
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

#[test]
fn every_query_gives_its_rows() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/slt");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    assert!(
        files.len() >= 7,
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
