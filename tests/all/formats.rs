//! Every format and encoding, each with its damage: `testdata/formats` has the exports, the snapshot has what they give.

use crate::workdir::{Workdir, project};

#[test]
fn every_format_and_encoding_gives_its_table() {
    let work = Workdir::new();
    copy(&project().join("testdata/formats"), &work.path("."));
    work.run(&["run", "pipelines/formats.toml", "--quiet"]);
    let mut all = String::new();
    for (title, sql) in [
        ("rows", "select * from staging.customers order by 1, 2"),
        ("requests", "select * from staging.requests order by 1, 2"),
    ] {
        all.push_str(&format!("{title}\n{}\n\n", work.query(sql)));
    }
    let run = std::fs::read_dir(work.path("warehouse/runs"))
        .unwrap()
        .flatten()
        .next()
        .unwrap()
        .path();
    let rejects = format!(
        "select file, line, \"column\", reason, raw from '{}/rejects/*.parquet' order by 1, 2",
        run.display()
    );
    all.push_str(&format!("rejects\n{}\n\nfiles\n", work.query(&rejects)));
    let record: serde_json::Value =
        serde_json::from_slice(&std::fs::read(run.join("run.json")).unwrap()).unwrap();
    for export in record["exports"].as_array().unwrap() {
        for file in export["files"].as_array().unwrap() {
            let part = |name: &str| match &file[name] {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let parts = [
                "name",
                "encoding",
                "evidence",
                "undecodable",
                "sheet",
                "header_row",
                "dropped_rows",
            ]
            .map(part);
            all.push_str(&format!("{}\n", parts.join(" | ")));
        }
    }
    all.push_str("\nwarnings\n");
    for warning in record["warnings"].as_array().unwrap() {
        all.push_str(&format!("{}\n", warning.as_str().unwrap()));
    }
    insta::assert_snapshot!(all);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
