//! Exports in every format, encoding and wrapping give the same rows; broken rows are kept with their place and reason.

use std::io::Write;

use crate::workdir::{Workdir, small_project};

const ROWS: &str = "order_id,customer,paid,ordered_at\n1,张伟,10.00,2026-06-01 10:00\n2,\"O'Brien, Ann\",\"1,020.50\",2026/6/2 11:00\n3,欧阳娜娜,5,2026年6月3日 12:00\n";
const EXPECTED: &str = "order_id,customer,paid,ordered_at\n1,张伟,10.00,2026-06-01T02:00:00Z\n2,\"O'Brien, Ann\",1020.50,2026-06-02T03:00:00Z\n3,欧阳娜娜,5.00,2026-06-03T04:00:00Z";

fn rows_of(name: &str, content: &[u8]) -> String {
    let work = small_project();
    std::fs::remove_file(work.path("exports/orders.csv")).unwrap();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        text.replace("orders*.csv", name),
    );
    work.write(&format!("exports/{name}"), content);
    work.run(&["run", "--quiet"]);
    work.query("select order_id, customer, paid, ordered_at from staging.orders order by 1")
}

#[test]
fn encodings_and_wrappings_give_the_same_rows() {
    let (gb18030, _, _) = encoding_rs::GB18030.encode(ROWS);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(ROWS.as_bytes()).unwrap();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("orders.csv", ROWS.as_bytes().to_vec()),
        ("orders-bom.csv", format!("\u{FEFF}{ROWS}").into_bytes()),
        ("orders-crlf.csv", ROWS.replace('\n', "\r\n").into_bytes()),
        ("orders-gb.csv", gb18030.into_owned()),
        (
            "orders-tab.csv",
            ROWS.replace("\"O'Brien, Ann\"", "O'Brien\u{1} Ann")
                .replace("\"1,020.50\"", "1020.50")
                .replace(',', "\t")
                .replace('\u{1}', ",")
                .into_bytes(),
        ),
        ("orders.csv.gz", gzip.finish().unwrap()),
        (
            "orders.csv.zst",
            zstd::encode_all(ROWS.as_bytes(), 1).unwrap(),
        ),
        (
            "orders-utf16.csv",
            std::iter::once(0xFEFF)
                .chain(ROWS.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect(),
        ),
    ];
    for (name, content) in cases {
        assert_eq!(rows_of(name, &content), EXPECTED, "{name}");
    }
}

#[test]
fn what_systems_write_for_no_date_sets_no_row_aside() {
    for none in [
        "0000-00-00 00:00:00",
        "9999-12-31",
        "31.12.9999",
        "1899-12-30T00:00:00",
        "00000000",
    ] {
        let rows = format!("order_id,customer,paid,ordered_at\n1,Ann,1.00,{none}\n");
        assert_eq!(
            rows_of("orders.csv", rows.as_bytes()),
            "order_id,customer,paid,ordered_at\n1,Ann,1.00,",
            "{none}"
        );
    }
}

#[test]
fn the_encoding_is_found_behind_a_long_run_of_ascii() {
    let mut text = String::from("order_id,customer,paid,ordered_at\n");
    for row in 0..60_000 {
        text.push_str(&format!("{row},Ann Smith,1.00,2026-06-01 10:00\n"));
    }
    text.push_str("x,张伟,1.00,2026-06-01 10:00\n");
    let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
    assert!(rows_of("orders.csv", &bytes).ends_with("x,张伟,1.00,2026-06-01T02:00:00Z"));
}

#[test]
fn rejects_keep_file_line_column_reason_and_text() {
    let work = small_project();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        text.replace("\"10%\"", "\"100\""),
    );
    work.write(
        "exports/orders.csv",
        "order_id,customer,paid,ordered_at\n1,Ann,ten,2026-06-01 10:00\n2,\"two\nlines\",1,2026-02-30\n3,Ann,5\n,Eve,1,2026-06-01\n5,Bob,1,2026-06-01 09:00,more\n6,Bob,1,2026-06-01 09:00\n7,\"open,1,2026-06-01\n8,Cy,2,2026-06-02 09:00\n",
    );
    work.run(&["run", "--quiet"]);
    let run = std::fs::read_dir(work.path("warehouse/runs"))
        .unwrap()
        .flatten()
        .next()
        .unwrap()
        .path();
    let file = run.join("rejects/orders.parquet");
    let rows = read_text(&file);
    assert_eq!(
        rows,
        [
            "orders.csv|2|paid|not_an_amount|1,Ann,ten,2026-06-01 10:00",
            "orders.csv|3|ordered_at|not_a_timestamp|2,\"two\nlines\",1,2026-02-30",
            "orders.csv|5||too_few_fields|3,Ann,5",
            "orders.csv|6|order_id|missing_value|,Eve,1,2026-06-01",
            "orders.csv|7||too_many_fields|5,Bob,1,2026-06-01 09:00,more",
            "orders.csv|9||broken_quote|7,\"open,1,2026-06-01",
        ]
    );
    assert_eq!(
        work.query("select order_id from staging.orders order by 1"),
        "order_id\n6\n8"
    );
}

/// The rows of a rejects file, fields joined by bars.
fn read_text(file: &std::path::Path) -> Vec<String> {
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
        std::fs::File::open(file).unwrap(),
    )
    .unwrap();
    let mut rows = Vec::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let options = arrow::util::display::FormatOptions::default();
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| arrow::util::display::ArrayFormatter::try_new(column, &options).unwrap())
            .collect();
        rows.extend((0..batch.num_rows()).map(|row| {
            columns
                .iter()
                .map(|column| column.value(row).to_string())
                .collect::<Vec<_>>()
                .join("|")
        }));
    }
    rows
}

#[test]
fn json_lines_reach_nested_fields_and_lists() {
    let work = Workdir::new();
    work.write("pipelines/customers.toml", "name = \"json\"\ntimezone = \"UTC\"\nregion = \"US\"\nas_of = \"2026-07-01\"\n[exports]\nroot = \"exports\"\n[exports.tickets]\npath = \"t.jsonl\"\nformat = \"json\"\nmax_rejects = \"10\"\ncolumns = { id = \"text\", \"who.phone\" = \"text\", open = \"boolean\", tags = \"list\", at = \"timestamp\" }\n[publish]\ntables = [\"staging.*\"]\noutput = \"warehouse\"\n");
    work.write("exports/t.jsonl", "{\"id\": 123456789012345678, \"who\": {\"phone\": \"415\"}, \"open\": true, \"tags\": [\"a\", \"b\"], \"at\": \"2026-06-01T00:00:00+08:00\"}\n{\"id\": \"x\", \"open\": null}\nnot json\n[1]\n");
    work.write("sql/1_staging/tickets.sql", "-- Tickets.\n-- @key id\nselect t.id, t.\"who.phone\" as phone, t.open, array_to_string(t.tags, '+') as tags, t.at from raw.tickets as t\n");
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select * from staging.tickets"),
        "id,phone,open,tags,at\n123456789012345678,415,true,a+b,2026-05-31T16:00:00Z\nx,,,,"
    );
}

#[test]
fn an_access_log_is_taken_apart_and_broken_lines_are_set_aside() {
    let work = Workdir::new();
    work.write("pipelines/customers.toml", "name = \"log\"\ntimezone = \"UTC\"\nregion = \"US\"\nas_of = \"2026-07-01\"\n[exports]\nroot = \"exports\"\n[exports.visits]\npath = \"*.log\"\nformat = \"access_log\"\nmax_rejects = \"10\"\n[publish]\ntables = [\"staging.*\"]\noutput = \"warehouse\"\n");
    work.write(
        "exports/a.log",
        "203.0.113.9 - ann [07/Jun/2026:09:05:00 +0800] \"GET /p/12?q=a HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0 (X; \\\"Y\\\")\" \"uid=ab\"\n198.51.100.7 - - [07/Jun/2026:01:06:00 +0000] \"GET / HTTP/1.1\" 404 - \"https://example.com/\" \"curl/8\"\n\\x16\\x03\\x01\n",
    );
    work.write("sql/1_staging/visits.sql", "-- Visits.\nselect v.received_at, v.remote_user, v.path, v.status, v.bytes, v.user_agent, v.cookie from raw.visits as v\n");
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select * from staging.visits"),
        "received_at,remote_user,path,status,bytes,user_agent,cookie\n2026-06-07T01:05:00Z,ann,/p/12?q=a,200,512,\"Mozilla/5.0 (X; \"\"Y\"\")\",uid=ab\n2026-06-07T01:06:00Z,,/,404,,curl/8,"
    );
}

#[test]
fn a_cut_gzip_stops_the_run() {
    let work = small_project();
    std::fs::remove_file(work.path("exports/orders.csv")).unwrap();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        text.replace("orders*.csv", "orders*"),
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    for row in 0..2000 {
        writeln!(
            gzip,
            "{}",
            if row == 0 {
                "order_id,customer,paid,ordered_at".to_string()
            } else {
                format!("{row},Ann,1,2026-06-01 10:00")
            }
        )
        .unwrap();
    }
    let whole = gzip.finish().unwrap();
    work.write("exports/orders.csv.gz", &whole[..whole.len() - 100]);
    let said = work.fail(1, &["run", "--quiet"]);
    assert!(said.contains("was cut off"), "{said}");
}

fn parquet_of(batch: &arrow::array::RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn an_id_that_is_a_float_for_want_of_one_is_the_same_id() {
    use arrow::array::{Float64Array, RecordBatch, StringArray};
    let text = |value| std::sync::Arc::new(StringArray::from(vec![value; 3])) as _;
    let ids = Float64Array::from(vec![Some(1.0), None, Some(13_800_138_000.0)]);
    let batch = RecordBatch::try_from_iter([
        ("order_id", std::sync::Arc::new(ids) as _),
        ("customer", text("Ann")),
        ("paid", text("2")),
        ("ordered_at", text("2026-06-01 10:00")),
    ]);
    let work = small_project();
    std::fs::remove_file(work.path("exports/orders.csv")).unwrap();
    let pipeline = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let pipeline = pipeline
        .replace("orders*.csv", "orders.parquet")
        .replace("\"csv\"", "\"parquet\"")
        .replace("\"10%\"", "\"10\"");
    work.write("pipelines/customers.toml", pipeline);
    work.write("exports/orders.parquet", parquet_of(&batch.unwrap()));
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select order_id from raw.orders order by 1"),
        "order_id\n1\n13800138000"
    );
}

#[test]
fn a_parquet_export_keeps_its_contract_row_by_row() {
    use arrow::array::{Int32Array, RecordBatch, StringArray};
    let batch = RecordBatch::try_from_iter([
        (
            "order_id",
            std::sync::Arc::new(StringArray::from(vec![Some("1"), None, Some("3")])) as _,
        ),
        (
            "customer",
            std::sync::Arc::new(StringArray::from(vec!["Ann", "Bob", "Cy"])) as _,
        ),
        (
            "paid",
            std::sync::Arc::new(StringArray::from(vec!["1.5万", "2", "free"])) as _,
        ),
        (
            "ordered_at",
            std::sync::Arc::new(StringArray::from(vec!["2026-06-01 10:00"; 3])) as _,
        ),
        (
            "points",
            std::sync::Arc::new(Int32Array::from(vec![1, 2, 3])) as _,
        ),
    ])
    .unwrap();
    let bytes = parquet_of(&batch);
    let work = small_project();
    std::fs::remove_file(work.path("exports/orders.csv")).unwrap();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let text = text
        .replace("orders*.csv", "orders.parquet")
        .replace("\"csv\"", "\"parquet\"");
    work.write(
        "pipelines/customers.toml",
        text.replace("\"10%\"", "\"10\""),
    );
    work.write("exports/orders.parquet", bytes);
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select order_id, paid, points from raw.orders"),
        "order_id,paid,points\n1,15000.00,1"
    );
    let run = std::fs::read_dir(work.path("warehouse/runs"))
        .unwrap()
        .flatten()
        .next()
        .unwrap()
        .path();
    let rejects = read_text(&run.join("rejects/orders.parquet"));
    assert_eq!(
        rejects[0],
        "orders.parquet|2|order_id|missing_value|\tBob\t2\t2026-06-01 10:00\t2"
    );
    assert_eq!(
        rejects[1],
        "orders.parquet|3|paid|not_an_amount|3\tCy\tfree\t2026-06-01 10:00\t3"
    );
}

#[test]
fn lists_of_parquet_and_json_keep_their_values() {
    use arrow::array::{Int64Builder, ListBuilder, RecordBatch, StringArray, StringBuilder};
    let mut emails = ListBuilder::new(StringBuilder::new());
    emails.append_value([Some("a@example.com"), None, Some("Li, Wei; b@example.com")]);
    emails.append_value([Some(r#"say "hi""#)]);
    emails.append_null();
    let mut years = ListBuilder::new(Int64Builder::new());
    years.append_value([Some(2024), Some(2025)]);
    years.append_null();
    years.append_value([]);
    let batch = RecordBatch::try_from_iter([
        (
            "id",
            std::sync::Arc::new(StringArray::from(vec!["1", "2", "3"])) as _,
        ),
        ("emails", std::sync::Arc::new(emails.finish()) as _),
        ("years", std::sync::Arc::new(years.finish()) as _),
    ])
    .unwrap();
    let bytes = parquet_of(&batch);
    let work = small_project();
    work.write("exports/lists.parquet", bytes);
    work.write(
        "exports/lists.json",
        r#"[{"id": "1", "emails": ["a@example.com", null, "Li, Wei; b@example.com"], "years": [2024, 2025]},
            {"id": "2", "emails": ["say \"hi\""]}, {"id": "3", "years": []}]"#,
    );
    work.run(&[
        "new",
        "export",
        "exports/lists.parquet",
        "--name",
        "drafted",
    ]);
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let export = |name: &str, format: &str, key: &str| {
        format!(
            "[exports.{name}]\npath = \"lists.{format}\"\nformat = \"{format}\"\n{key}\n[exports.{name}.columns]\nid = \"text\"\nemails = \"list\"\nyears = \"list\"\n"
        )
    };
    let exports = [
        export("keyed", "parquet", "key = [\"id\"]\n"),
        export("keyless", "parquet", ""),
        export("written", "json", ""),
        "[exports.as_it_is]\npath = \"lists.parquet\"\nformat = \"parquet\"\n".to_string(),
    ]
    .concat();
    work.write(
        "pipelines/customers.toml",
        text.replace("[publish]", &format!("{exports}\n[publish]")),
    );
    work.run(&["run", "--quiet"]);
    for table in ["keyed", "keyless", "written", "as_it_is"] {
        let sql = format!(
            "select id, array_to_string(emails, '|') as emails, array_to_string(years, '|') as years from raw.{table} order by id"
        );
        assert_eq!(
            work.query(&sql),
            "id,emails,years\n1,\"a@example.com|Li, Wei; b@example.com\",2024|2025\n2,\"say \"\"hi\"\"\",\n3,,",
            "{table}"
        );
    }
}

#[test]
fn files_of_one_export_may_grow_columns() {
    let work = small_project();
    work.write(
        "exports/orders-2.csv",
        "order_id,note,customer,paid,ordered_at\n4,late,Dan,1,2026-06-04 10:00\n",
    );
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select order_id, note from raw.orders order by 1"),
        "order_id,note\n1,\n2,\n3,\n4,late"
    );
}

#[test]
fn a_broken_byte_costs_its_row_and_not_the_file() {
    let work = small_project();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        text.replace("\"10%\"", "\"10\""),
    );
    let mut bytes =
        "order_id,customer,paid,ordered_at\n1,José,1,2026-06-01 10:00\n2,张伟,1,2026-06-01 10:00\n"
            .as_bytes()
            .to_vec();
    bytes.extend(b"3,Ren\xff,1,2026-06-01 10:00\n4,Ann,1,2026-06-01 10:00\n");
    work.write("exports/orders.csv", bytes);
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select order_id, customer from staging.orders order by 1"),
        "order_id,customer\n1,José\n2,张伟\n4,Ann"
    );
}

#[test]
fn a_file_with_one_chinese_character_is_read_as_gb18030() {
    let (bytes, _, _) =
        encoding_rs::GB18030.encode("order_id,customer,paid,ordered_at\n1,王,1,2026-06-01 10:00\n");
    let rows = rows_of("orders.csv", &bytes);
    assert_eq!(rows.lines().nth(1), Some("1,王,1.00,2026-06-01T02:00:00Z"));
}

#[test]
fn a_stray_quote_costs_its_line_and_not_what_lies_behind_it() {
    let work = small_project();
    let mut text = String::from("order_id,customer,paid,ordered_at\n");
    for row in 0..1000 {
        let name = if row == 100 || row == 900 {
            "\"5 inch"
        } else {
            "Ann"
        };
        text.push_str(&format!("{row},{name},1,2026-06-01 10:00\n"));
    }
    work.write("exports/orders.csv", text);
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select count(*) as n from staging.orders"),
        "n\n998"
    );
}

/// The small project with lines added to its export.
fn with_export_lines(lines: &str) -> Workdir {
    let work = small_project();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        text.replace(
            "[exports.orders]\n",
            &format!("[exports.orders]\n{lines}\n"),
        ),
    );
    work
}

#[test]
fn a_late_export_warns_or_stops_the_night() {
    for (late, code) in [("warn", 0), ("stop", 75)] {
        let work = with_export_lines(&format!("fresh_within = \"26h\"\nlate = \"{late}\""));
        let old = std::time::SystemTime::now() - std::time::Duration::from_secs(30 * 3600);
        std::fs::File::open(work.path("exports/orders.csv"))
            .unwrap()
            .set_modified(old)
            .unwrap();
        let output = work.command(&["run"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains("the export orders is late: its newest file is 30.0 hours old, where 26.0 are allowed"), "{said}");
    }
    let work = with_export_lines("fresh_within = \"26h\"\nlate = \"stop\"");
    work.run(&["run", "--quiet"]);
}

#[test]
fn a_file_without_a_header_line_has_the_columns_that_are_given() {
    let work = with_export_lines("names = [\"order_id\", \"customer\", \"paid\", \"ordered_at\"]");
    work.write(
        "exports/orders.csv",
        "1,Ann,5,2026-06-01 10:00\n2,Bob,6,2026-06-02 10:00\n",
    );
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select order_id, customer from staging.orders order by 1"),
        "order_id,customer\n1,Ann\n2,Bob"
    );
}

#[test]
fn a_header_below_a_title_is_found_by_its_columns_or_its_row() {
    let text = "Orders of June\nmade by,Eve,,\n订单,order_id,customer*,paid,ordered_at\nx,1,Ann,5,2026-06-01 10:00\n";
    let work = small_project();
    work.write("exports/orders.csv", text);
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select order_id, customer from staging.orders"),
        "order_id,customer\n1,Ann"
    );
    let work = with_export_lines("header_row = 3");
    work.write("exports/orders.csv", text);
    work.run(&["run", "--quiet"]);
    assert_eq!(work.query("select \"订单\" as a from raw.orders"), "a\nx");
}

#[test]
fn columns_of_one_name_are_told_apart() {
    let work = small_project();
    work.write(
        "exports/orders.csv",
        "order_id,customer,paid,ordered_at,phone,phone\n1,Ann,5,2026-06-01 10:00,a,b\n",
    );
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select phone, phone_2 from raw.orders"),
        "phone,phone_2\na,b"
    );
}

#[test]
fn keys_of_another_format_are_refused() {
    let said = with_export_lines("sheet = \"x\"").fail(2, &["check"]);
    assert!(
        said.contains("sheet has no meaning for the format of export orders"),
        "{said}"
    );
    let said = with_export_lines("late = \"perhaps\"").fail(2, &["check"]);
    assert!(said.contains("unknown variant \"perhaps\""), "{said}");
}

#[test]
fn a_log_format_that_cannot_be_read_is_told_with_its_place() {
    let work = with_export_lines("log_format = '$remote_addr$status'");
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        text.replace("format = \"csv\"", "format = \"access_log\""),
    );
    let said = work.fail(2, &["check"]);
    assert!(
        said.contains("nothing stands between $status and the variable before it")
            && said.contains("customers.toml:"),
        "{said}"
    );
}

#[test]
fn texts_that_came_in_a_wrong_encoding_are_repaired_where_asked() {
    let work = with_export_lines("repair_mojibake = true");
    work.write("exports/orders.csv", "order_id,customer,paid,ordered_at\n1,寮犱紵,5,2026-06-01 10:00\n2,MÃ¼ller,6,2026-06-02 10:00\n3,张伟,7,2026-06-02 10:00\n");
    let output = work.command(&["run"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("raw.orders: 2 texts repaired"));
    assert_eq!(
        work.query("select customer from staging.orders order by 1"),
        "customer\nMüller\n张伟\n张伟"
    );
}

#[test]
fn a_large_file_gives_the_same_rows_at_any_number_of_threads() {
    let work = small_project();
    let mut text = String::from("order_id,customer,paid,ordered_at\n");
    // Several pieces, with line ends inside quotes and stray quotes all over.
    for row in 0..700_000 {
        let name = match row % 1000 {
            0 => "\"two\nlines, \"\"quoted\"\"\"",
            500 => "5\" pipe",
            999 => "\"open",
            _ => "Ann 张",
        };
        text.push_str(&format!("{row},{name},1.00,2026-06-01 10:00\n"));
    }
    work.write("exports/orders.csv", &text);
    let mut found = Vec::new();
    for threads in ["1", "2", "3"] {
        work.run(&["run", "--quiet", "--force", "--threads", threads]);
        found.push(work.query("select count(*) as n, sum(cast(order_id as bigint)) as s, min(customer) as a, max(customer) as b from raw.orders"));
    }
    // A line with an open quote is set aside; what it would swallow is not.
    let sound: u64 = (0..700_000_u64).filter(|row| row % 1000 != 999).sum();
    assert!(
        found[0].starts_with(&format!("n,s,a,b\n699300,{sound},")),
        "{}",
        found[0]
    );
    assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
}

/// One json export, as a project.
fn json_project() -> Workdir {
    let work = Workdir::new();
    work.write("pipelines/customers.toml", "name = \"json\"\ntimezone = \"UTC\"\nregion = \"US\"\nas_of = \"2026-07-01\"\n[exports]\nroot = \"exports\"\n[exports.t]\npath = \"t*\"\nformat = \"json\"\ncolumns = { id = \"text\" }\n[publish]\ntables = [\"staging.*\"]\noutput = \"warehouse\"\n");
    work.write(
        "sql/1_staging/t.sql",
        "-- T.\n-- @key id\nselect t.id from raw.t as t\n",
    );
    work
}

#[test]
fn a_json_array_or_a_page_without_its_end_was_cut_off() {
    let work = json_project();
    for text in [
        "[{\"id\":1},{\"id\":2},",
        "[{\"id\":1},{\"id\":2}",
        "[{\"id\":1},{\"id\"",
        "",
    ] {
        work.write("exports/t.json", text);
        let said = work.fail(1, &["run", "--quiet"]);
        assert!(said.contains("was cut off"), "{text}: {said}");
    }
    work.write("exports/t.json", "[{\"id\":1},\n{\"id\":2}]");
    work.run(&["run", "--quiet"]);
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        text.replace("\"json\"\ncol", "\"excel\"\ncol"),
    );
    for page in [
        "<table><tr><td>id</td></tr><tr><td>1</td></tr>",
        "<table><tr><td>id</td></tr><tr><td>1",
    ] {
        work.write("exports/t.json", page);
        let said = work.fail(1, &["run", "--quiet"]);
        assert!(said.contains("was cut off: its table has no end"), "{said}");
    }
}

#[test]
fn objects_that_have_nothing_of_what_is_asked_for_are_a_fault() {
    let work = json_project();
    work.write("exports/t.json", "{\"code\":0,\"data\":[{\"id\":1}]}");
    let said = work.fail(1, &["run", "--quiet"]);
    assert!(
        said.contains("no object of t has any of the columns that are declared"),
        "{said}"
    );
}

#[test]
fn objects_on_one_line_are_told_apart() {
    let work = json_project();
    work.write("exports/t.json", "{\"id\":1}{\"id\":2} {\"id\":3}\n");
    work.run(&["run", "--quiet"]);
    assert_eq!(work.query("select id from staging.t"), "id\n1\n2\n3");
}

#[test]
fn hidden_locked_and_unfinished_files_are_no_exports() {
    let work = small_project();
    let more = "order_id,customer,paid,ordered_at\n9,Eve,1,2026-06-01 10:00\n";
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write("pipelines/customers.toml", text.replace("orders*.csv", "*"));
    for name in [
        "~$orders.csv",
        ".orders.csv",
        "orders.csv.tmp",
        "orders.csv.part",
    ] {
        work.write(&format!("exports/{name}"), more);
    }
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select count(*) as n from staging.orders"),
        "n\n3"
    );
}

#[cfg(unix)]
#[test]
fn a_file_behind_a_link_that_leads_back_is_read_once() {
    let work = small_project();
    std::os::unix::fs::symlink(work.path("exports"), work.path("exports/loop")).unwrap();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        text.replace("orders*.csv", "**/orders.csv"),
    );
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select count(*) as n from staging.orders"),
        "n\n3"
    );
}

#[test]
fn a_line_of_utf8_in_a_file_of_another_encoding_is_set_aside() {
    let work = small_project();
    let mut bytes = encoding_rs::GB18030.encode("order_id,customer,paid,ordered_at\n1,张伟,1,2026-06-01 10:00\n2,王芳,1,2026-06-01 10:00\n").0.into_owned();
    for row in 3..40 {
        bytes.extend(
            encoding_rs::GB18030
                .encode(&format!("{row},欧阳娜娜,1,2026-06-01 10:00\n"))
                .0
                .iter(),
        );
    }
    bytes.extend("99,李四,1,2026-06-01 10:00\n".as_bytes());
    work.write("exports/orders.csv", bytes);
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select count(*) as n, max(order_id) as m from staging.orders"),
        "n,m\n39,9"
    );
}

#[test]
fn a_missing_export_without_columns_is_a_fault_at_check() {
    let work = with_export_lines("optional = true");
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let text = text
        .replace(
            "columns = { order_id = \"text\", paid = \"amount\", ordered_at = \"timestamp\" }\n",
            "",
        )
        .replace("orders*.csv", "none*.csv");
    work.write("pipelines/customers.toml", text);
    let said = work.fail(2, &["check"]);
    assert!(said.contains("nothing says what columns it has"), "{said}");
}

#[test]
fn a_missing_export_has_its_columns_in_the_order_in_which_they_are_declared() {
    let work = with_export_lines("optional = true");
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let declared =
        "columns = { order_id = \"text\", paid = \"amount\", ordered_at = \"timestamp\" }\n";
    let table = "[exports.orders.columns]\nzip = \"text\"\norder_id = \"text\"\npaid = { type = \"amount\" }\nordered_at = \"timestamp\"\n";
    assert!(text.contains(declared), "{text}");
    let missing = text.replace("orders*.csv", "none*.csv");
    std::fs::remove_dir_all(work.path("sql")).unwrap();
    let stage = "-- All of it.\nselect * from raw.orders as orders\n";
    work.write("sql/1_staging/everything.sql", stage);
    for (columns, expected) in [
        (declared, "order_id,paid,ordered_at"),
        (table, "zip,order_id,paid,ordered_at"),
    ] {
        work.write(
            "pipelines/customers.toml",
            missing
                .replace(declared, columns)
                .replace("master.*", "staging.*"),
        );
        let said = work.run(&["show", "staging.everything", "--format", "csv"]);
        assert!(said.starts_with(expected), "{said}");
    }
}
