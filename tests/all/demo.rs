//! The main job on the demo's exports: the whole way, and the same bytes every time.

use std::fs;

use crate::workdir::{Workdir, project, tables};

/// Runs the project's own pipeline into a folder of the test.
fn run_demo(work: &Workdir, output: &str, more: &[&str]) -> String {
    let pipeline = project()
        .join("pipelines/customers.toml")
        .display()
        .to_string();
    let output = work.path(output).display().to_string();
    let mut arguments = vec!["run", pipeline.as_str(), "--output", output.as_str()];
    arguments.extend(more);
    let ran = work.command(&arguments).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{said}");
    said
}

#[test]
fn the_demo_publishes_a_whole_night_and_matches_well() {
    let work = Workdir::new();
    let said = run_demo(&work, "warehouse", &[]);
    assert!(said.contains("2,391 records are 1,0"), "{said}");
    assert!(said.contains("marts.match_quality"), "{said}");

    let quality = work.query(
        "select precision >= 0.99 as precise, recall >= 0.85 as complete from marts.match_quality",
    );
    assert_eq!(quality, "precise,complete\ntrue,true");

    // The pointer, the link and the manifest agree, and every file is what the pointer says.
    let pointer: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(work.path("warehouse/current.json")).unwrap())
            .unwrap();
    let linked = fs::read_link(work.path("warehouse/current")).unwrap();
    assert_eq!(
        pointer["directory"].as_str().unwrap(),
        linked.to_str().unwrap()
    );
    let published = pointer["tables"].as_object().unwrap();
    for name in [
        "master.customers",
        "master.customer_records",
        "master.customer_values",
        "marts.customer_360",
        "loyalty.rfm",
        "identity.redirects",
    ] {
        assert!(published.contains_key(name), "{name} is not published");
    }
    for (name, table) in published {
        let file = work
            .path("warehouse/current")
            .join(table["files"][0].as_str().unwrap());
        let digest: String = <sha2::Sha256 as sha2::Digest>::digest(fs::read(&file).unwrap())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(table["sha256"].as_str().unwrap(), digest, "{name}");
    }
    let record: serde_json::Value = {
        let run = pointer["run_id"].as_str().unwrap();
        serde_json::from_str(
            &fs::read_to_string(work.path("warehouse/runs").join(run).join("run.json")).unwrap(),
        )
        .unwrap()
    };
    assert_eq!(record["status"], "published");

    // A second night over the same exports does nothing again, changes no id, and publishes the same bytes.
    let first = tables(&work.path("warehouse/current/"));
    let said = run_demo(&work, "warehouse", &["--threads", "1"]);
    assert!(said.contains("ids        none changed"), "{said}");
    assert!(said.contains("37 of 38 stages unchanged"), "{said}");
    assert_eq!(first, tables(&work.path("warehouse/current/")));
}

#[test]
fn one_thread_and_two_publish_the_same_bytes() {
    let work = Workdir::new();
    run_demo(&work, "one", &["--threads", "1", "--quiet"]);
    run_demo(&work, "two", &["--threads", "2", "--quiet"]);
    let (one, two) = (
        tables(&work.path("one/current/")),
        tables(&work.path("two/current/")),
    );
    assert!(one.len() > 20);
    for ((name, left), (_, right)) in one.iter().zip(&two) {
        assert!(left == right, "{name} differs between one thread and two");
    }
}

#[test]
fn a_night_without_the_truth_has_no_quality_to_show() {
    let work = Workdir::new();
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .arg(project().join("testdata/exports"))
        .arg(work.path("exports"))
        .status()
        .unwrap();
    assert!(copied.success());
    let exports = work.path("exports").display().to_string();
    let said = run_demo(&work, "warehouse", &["--exports", &exports]);
    assert!(
        said.contains("the export truth is missing, which it may be"),
        "{said}"
    );
    assert_eq!(
        work.query("select * from marts.match_quality")
            .lines()
            .count(),
        1
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let work = Workdir::new();
    for output in ["a", "b"] {
        work.run(&[
            "generate",
            "--customers",
            "50",
            "--seed",
            "3",
            "--output",
            output,
        ]);
    }
    work.run(&[
        "generate",
        "--customers",
        "50",
        "--seed",
        "4",
        "--output",
        "c",
    ]);
    let read = |folder: &str, file: &str| fs::read(work.path(folder).join(file)).unwrap();
    for file in [
        "exports/crm/customers.csv",
        "exports/web/access.log.gz",
        "exports/community/posts.jsonl.zst",
        "truth/records.parquet",
    ] {
        assert_eq!(read("a", file), read("b", file), "{file}");
    }
    assert_ne!(
        read("a", "exports/crm/customers.csv"),
        read("c", "exports/crm/customers.csv")
    );
}

#[test]
fn the_demo_is_what_the_generator_writes() {
    let work = Workdir::new();
    work.run(&[
        "generate",
        "--customers",
        "1000",
        "--seed",
        "7",
        "--output",
        "demo",
    ]);
    for file in [
        "exports/crm/customers.csv",
        "exports/shop/orders-2026.csv",
        "exports/survey/answers.csv",
        "truth/records.parquet",
    ] {
        let committed = fs::read(project().join("testdata").join(file)).unwrap();
        assert!(
            committed == fs::read(work.path("demo").join(file)).unwrap(),
            "{file}: run onefold generate --customers 1000 --seed 7 --output testdata"
        );
    }
}
