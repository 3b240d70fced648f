//! Publishing: the lock, the audit against the night before, the age of versions.

use std::fs;
use std::path::PathBuf;

use crate::workdir::{demo, small_project};

#[test]
fn a_second_run_is_told_to_try_later() {
    let work = small_project();
    fs::create_dir_all(work.path("warehouse")).unwrap();
    let lock = fs::File::create(work.path("warehouse/.lock")).unwrap();
    lock.lock().unwrap();
    let said = work.fail(75, &["run", "--quiet"]);
    assert!(
        said.contains("another run, or a plan, is at work in"),
        "{said}"
    );
    drop(lock);
    work.run(&["run", "--quiet"]);
}

#[test]
fn a_column_that_disappears_is_a_fault_until_it_is_accepted() {
    let work = small_project();
    work.run(&["run", "--quiet"]);
    work.write("sql/2_master/buyers.sql", "-- One row per buyer.\n-- @key customer\nselect orders.customer, sum(orders.paid) as total\nfrom staging.orders as orders\ngroup by orders.customer\n");
    let said = work.fail(1, &["run", "--quiet"]);
    assert!(said.contains("master.buyers.paid is gone"), "{said}");
    assert_eq!(
        work.query("select customer, paid from master.buyers order by 1"),
        "customer,paid\nAnn,15.00\nBob,20.50"
    );
    work.run(&["run", "--quiet", "--accept-changes"]);
    assert_eq!(
        work.query("select total from master.buyers order by 1"),
        "total\n15.00\n20.50"
    );
}

#[test]
fn only_what_changed_is_computed_again() {
    let work = small_project();
    work.run(&["run", "--quiet"]);
    work.write("exports/orders.csv", "order_id,customer,paid,ordered_at\n1,Ann,11.00,2026-06-01 10:00\n2,Bob,20.50,2026-06-02 11:00\n");
    let output = work.command(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("raw.orders changed"), "{said}");
    assert!(said.contains("staging.orders changed"), "{said}");
    let again = work.command(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(said.contains("2 of 2 stages unchanged"), "{said}");
}

#[test]
fn old_versions_are_collected_and_the_published_one_is_not() {
    let work = small_project();
    let text = fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write("pipelines/customers.toml", text + "keep = 2\n");
    for _ in 0..4 {
        work.run(&["run", "--quiet"]);
    }
    let versions = fs::read_dir(work.path("warehouse/versions"))
        .unwrap()
        .count();
    assert_eq!(versions, 2);
    assert_eq!(
        work.query("select count(*) as n from master.buyers"),
        "n\n2"
    );
}

#[test]
fn a_dry_run_publishes_nothing() {
    let work = small_project();
    work.run(&["run", "--quiet", "--no-publish"]);
    assert!(!work.path("warehouse/current.json").exists());
    assert_eq!(
        fs::read_dir(work.path("warehouse/versions"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn a_setting_can_be_replaced_and_keeps_its_type() {
    let work = small_project();
    work.write(
        "sql/2_master/buyers.sql",
        "-- Buyers.\nselect orders.customer, $minimum as least from staging.orders as orders\n",
    );
    work.run(&["run", "--quiet", "--set", "minimum=7"]);
    assert_eq!(
        work.query("select distinct least from master.buyers"),
        "least\n7"
    );
    let said = work.fail(2, &["run", "--quiet", "--set", "minimum=many"]);
    assert!(said.contains("has not the type of the setting"), "{said}");
}

#[test]
fn published_tables_describe_their_columns() {
    let work = small_project();
    work.run(&["run", "--quiet"]);
    let described = work
        .query("select name, type, description, source from onefold.columns where name = 'paid'");
    assert_eq!(
        described,
        "name,type,description,source\npaid,\"Decimal128(28, 2)\",CNY,sql/2_master/buyers.sql"
    );
}

#[test]
fn a_damaged_published_file_is_not_carried_into_the_next_night() {
    let work = small_project();
    work.run(&["run", "--quiet"]);
    let file = work.path("warehouse/current/master/buyers.parquet");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..40]).unwrap();
    work.run(&["run", "--quiet"]);
    assert_eq!(fs::read(&file).unwrap(), whole);
}

#[test]
fn a_damaged_cache_is_made_anew() {
    let work = small_project();
    work.run(&["run", "--quiet"]);
    for entry in fs::read_dir(work.path("warehouse/.cache"))
        .unwrap()
        .flatten()
    {
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "parquet")
        {
            fs::write(entry.path(), b"").unwrap();
        }
    }
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select count(*) as n from master.buyers"),
        "n\n2"
    );
}

#[test]
fn tables_of_identity_that_are_not_what_was_written_are_made_anew() {
    let work = demo();
    let said = || {
        let output = work.command(&["run"]).output().unwrap();
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    said();
    let cached = fs::read_dir(work.path("warehouse/.cache")).unwrap();
    let cached = cached.flatten().map(|entry| entry.path());
    let is_of_identity = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("identity.links-") || name.starts_with("identity.signatures-")
    };
    let cached: Vec<PathBuf> = cached.filter(is_of_identity).collect();
    assert_eq!(cached.len(), 2);
    for path in cached {
        // The length and the footer are there, but a page is not: as where the machine went down.
        let whole = fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        damaged[100..200].fill(0);
        fs::write(&path, &damaged).unwrap();
        let said = said();
        assert!(!said.contains("customers, unchanged"), "{said}");
        // The signatures tell the bytes of the kept pairs, which several threads write as they find them.
        let is_of_links = path.display().to_string().contains("identity.links");
        let made_anew = fs::read(&path).unwrap();
        assert!(made_anew != damaged, "{}", path.display());
        assert!(!is_of_links || made_anew == whole, "{}", path.display());
    }
    assert!(said().contains("customers, unchanged"));
}

#[cfg(unix)]
#[test]
fn the_link_follows_the_pointer() {
    let work = small_project();
    work.run(&["run", "--quiet"]);
    // As after a crash between the two.
    fs::remove_file(work.path("warehouse/current")).unwrap();
    std::os::unix::fs::symlink("versions/elsewhere", work.path("warehouse/current")).unwrap();
    work.run(&["run", "--quiet", "--no-publish"]);
    let pointer: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(work.path("warehouse/current.json")).unwrap())
            .unwrap();
    let link = fs::read_link(work.path("warehouse/current")).unwrap();
    assert_eq!(link.to_str(), pointer["directory"].as_str());
}

#[test]
fn a_lost_pointer_is_a_fault_and_no_first_night() {
    let work = small_project();
    work.run(&["run", "--quiet"]);
    fs::remove_file(work.path("warehouse/current.json")).unwrap();
    let said = work.fail(1, &["run", "--quiet"]);
    assert!(
        said.contains("current.json is gone, and a night was published"),
        "{said}"
    );
    // Without the link as well, the reports of the runs tell.
    fs::remove_file(work.path("warehouse/current")).unwrap();
    let said = work.fail(1, &["run", "--quiet"]);
    assert!(
        said.contains("current.json is gone, and a night was published"),
        "{said}"
    );
}

#[test]
fn a_query_changes_nothing() {
    let work = small_project();
    work.run(&["run", "--quiet"]);
    let file = work
        .path("warehouse/current/master/buyers.parquet")
        .display()
        .to_string();
    for sql in [
        format!("copy (select 1 as a) to '{file}'"),
        "drop table master.buyers".to_string(),
    ] {
        work.fail(2, &["query", "--output", "warehouse", &sql]);
    }
    assert_eq!(
        work.query("select count(*) as n from master.buyers"),
        "n\n2"
    );
    assert_eq!(
        work.query(&format!("select count(*) as n from '{file}'")),
        "n\n2"
    );
}

#[test]
fn a_query_of_a_table_that_is_not_there_names_the_nearest() {
    let work = small_project();
    work.run(&["run", "--quiet"]);
    for (table, hint) in [
        ("master.buyer", "hint: did you mean master.buyers?"),
        ("buyers", "hint: did you mean master.buyers?"),
        ("telephones", "hint: there are "),
    ] {
        let sql = format!("select * from {table}");
        let said = work.fail(2, &["query", "--output", "warehouse", &sql]);
        assert!(said.contains(hint), "{said}");
        assert!(said.contains("query:1:15"), "{said}");
    }
}

#[test]
fn a_run_with_little_memory_spills_and_publishes_the_same() {
    let work = small_project();
    let mut text = String::from("order_id,customer,paid,ordered_at\n");
    for row in 0..200_000_u32 {
        text.push_str(&format!(
            "{},customer {},1,2026-06-01 10:00\n",
            row * 7919 % 200_003,
            row % 977
        ));
    }
    work.write("exports/orders.csv", text);
    // 24 MB hold the sort of the orders only in pieces.
    work.run(&["run", "--quiet", "--memory", "24MB", "--threads", "1"]);
    work.run(&["run", "--quiet", "--output", "roomy"]);
    let published = |output: &str| crate::workdir::tables(&work.path(output).join("current/"));
    assert!(published("warehouse") == published("roomy"));
    assert_eq!(
        fs::read_dir(work.path("warehouse/.cache/spill"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn a_table_is_shown_before_anything_is_published() {
    let work = small_project();
    let rows = work.run(&["show", "staging.orders", "--format", "csv", "--limit", "1"]);
    assert!(rows.starts_with("order_id,"), "{rows}");
    let raw = work.run(&["show", "raw.orders", "--format", "csv"]);
    assert_eq!(raw.lines().count(), 4, "{raw}");
    assert!(!work.path("warehouse/current").exists());
    let said = work.fail(2, &["show", "staging.ordrs"]);
    assert!(said.contains("did you mean staging.orders?"), "{said}");
    // What is published is shown as it was published, and on demand as tonight's exports have it.
    work.run(&["run", "--quiet"]);
    let orders = std::fs::read_to_string(work.path("exports/orders.csv")).unwrap();
    let (all_but_last, _) = orders.trim_end().rsplit_once('\n').unwrap();
    work.write("exports/orders.csv", all_but_last);
    let published = work.run(&["show", "master.buyers", "--format", "csv"]);
    assert!(published.contains("Ann,15.00,2"), "{published}");
    let tonight = work.run(&["show", "master.buyers", "--tonight", "--format", "csv"]);
    assert!(tonight.contains("Ann,10.00,1"), "{tonight}");
    // A stage that is not published is never an old one.
    let staging = work.run(&["show", "staging.orders", "--format", "csv"]);
    assert_eq!(staging.lines().count(), 3, "{staging}");
}

#[test]
fn what_is_said_of_tables_and_columns_is_published_with_them() {
    let work = small_project();
    work.write(
        "sql/2_master/buyers.sql",
        "-- One row per buyer.\n-- @key customer\n-- @owner sales\n-- @tags nightly, finance\n-- @label zh 买家\nselect\n    orders.customer, -- who bought  @label zh 买家编号\n    sum(orders.paid) as paid\nfrom staging.orders as orders -- one table\njoin (select max(o.customer) as customer from staging.orders as o) as last\n    on last.customer >= orders.customer -- all of them\ngroup by orders.customer\n",
    );
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select \"table\", rows, description, labels, owner, tags from 'warehouse/current/publish.parquet' where \"table\" = 'master.buyers'"),
        "table,rows,description,labels,owner,tags\nmaster.buyers,2,One row per buyer.,zh 买家,sales,\"nightly, finance\""
    );
    assert_eq!(
        work.query("select name, description, labels from 'warehouse/current/columns.parquet' where \"table\" = 'master.buyers'"),
        "name,description,labels\ncustomer,who bought,zh 买家编号\npaid,,"
    );
}

#[test]
fn a_pipeline_may_have_stages_of_its_own() {
    let work = small_project();
    let partners = "name = \"partners\"\nsql = \"sql_partners\"\ntimezone = \"Asia/Shanghai\"\nregion = \"CN\"\nas_of = \"2026-07-01\"\n\n[exports]\nroot = \"exports\"\n\n[exports.list_of_firms]\npath = \"partners.csv\"\nformat = \"csv\"\n\n[publish]\ntables = [\"staging.*\"]\noutput = \"partners\"\n";
    work.write("pipelines/partners.toml", partners);
    work.write("exports/partners.csv", "partner\nAcme\n");
    work.write(
        "sql_partners/1_staging/partners.sql",
        "-- One row per partner.\n-- @key partner\nselect partners.partner from raw.list_of_firms as partners\n",
    );
    work.run(&["run", "pipelines/partners.toml", "--quiet"]);
    let found = work.run(&[
        "query",
        "--output",
        "partners",
        "--format",
        "csv",
        "select partner from staging.partners",
    ]);
    assert_eq!(found.trim_end(), "partner\nAcme");
    work.run(&["run", "--quiet"]);
    // Where it names none, it has those of all.
    let shared = partners.replace("sql = \"sql_partners\"\n", "");
    work.write("pipelines/partners.toml", shared);
    let said = work.fail(2, &["check", "pipelines/partners.toml"]);
    assert!(
        said.contains("there is no table raw.orders") && said.contains("each names its folder"),
        "{said}"
    );
}

#[test]
fn an_export_that_lost_most_of_its_rows_is_told_and_stops_below_its_fewest() {
    let work = small_project();
    let orders = |number: usize| {
        let rows = (0..number).map(|at| format!("{at},Ann,10.00,2026-06-01 10:00\n"));
        let rows: String = rows.collect();
        work.write(
            "exports/orders.csv",
            format!("order_id,customer,paid,ordered_at\n{rows}"),
        );
    };
    orders(150);
    work.run(&["run", "--quiet"]);
    orders(40);
    let output = work.command(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success()
            && said.contains("raw.orders has 40 rows, and had 150 on the published night"),
        "{said}"
    );
    let pipeline = fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let fewest = pipeline.replace("max_rejects", "min_rows = 100\nmax_rejects");
    work.write("pipelines/customers.toml", fewest);
    let said = work.fail(1, &["run", "--quiet"]);
    assert!(
        said.contains("the export orders has 40 rows, and must have 100 (min_rows)"),
        "{said}"
    );
}

#[test]
fn a_stage_whose_key_fails_is_shown_with_what_fails() {
    let work = small_project();
    work.write(
        "sql/1_staging/twice.sql",
        "-- One row per customer.\n-- @key customer\nselect orders.customer from raw.orders as orders\n",
    );
    let output = work
        .command(&["show", "staging.twice", "--format", "csv"])
        .output()
        .unwrap();
    let rows = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(rows.matches("Ann").count(), 2, "{rows}");
    assert!(said.contains("@key customer"), "{said}");
}
