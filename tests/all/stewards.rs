//! Stewards' decisions: what they join, hold apart and undo, tonight and in later nights.

use crate::golden::{RECORDS, matched};
use crate::workdir::Workdir;

/// The golden project with a place for stewards' decisions.
fn decided() -> Workdir {
    let work = matched();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let text = text.replace(
        "[identity]\n",
        "[identity]\ndecisions = \"staging.decisions\"\n",
    );
    let export = "[exports.decisions]\npath = \"decisions.csv\"\nformat = \"csv\"\noptional = true\ncolumns = { left_id = \"text\", right_id = \"text\", decision = \"text\" }\n[identity]\n";
    work.write(
        "pipelines/customers.toml",
        text.replace("[identity]\n", export),
    );
    work.write("sql/1_staging/decisions.sql", "-- What stewards decided.\nselect d.left_id, d.right_id, d.decision from raw.decisions as d\n");
    work
}

#[test]
fn a_refusal_names_the_records_that_must_not_be_together() {
    let work = decided();
    // a1 and a2 share a phone, a1 and a3 an e-mail; a2 and a3 are never one.
    work.write(
        "exports/decisions.csv",
        "left_id,right_id,decision\na2,a3,never\nd2,d1,always\n",
    );
    let output = work.command(&["run"]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("a steward's always of d1 and d2 is not followed: two_cards goes before it"),
        "{told}"
    );
    assert_eq!(
        work.query("select left_id, right_id, refused_by, refused_left_id, refused_right_id from identity.links where fate = 'refused' order by 1"),
        "left_id,right_id,refused_by,refused_left_id,refused_right_id\na1,a3,steward,a2,a3\nd1,d2,two_cards,d1,d2"
    );
    let told = work.run(&["why", "a1", "a3"]);
    assert!(
        told.contains("a link was refused by steward, which holds of a2 and a3"),
        "{told}"
    );
    // In the order in which they are asked for.
    let told = work.run(&["why", "a3", "a2"]);
    assert!(
        told.contains(
            "a link between their customers was refused by steward, which holds of a2 and a3"
        ) && told.contains("never a link, whatever its weight: steward holds the two apart"),
        "{told}"
    );
    // What was told is told again where nothing has changed.
    let output = work.command(&["run"]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains(", unchanged") && told.contains("always of d1 and d2"),
        "{told}"
    );
}

#[test]
fn a_never_holds_while_one_of_its_records_is_away() {
    let work = decided();
    // Two of one e-mail and phone: a1 with a2, and a3, which a steward holds apart from a1.
    work.write(
        "exports/decisions.csv",
        "left_id,right_id,decision\na1,a3,never\n",
    );
    work.write(
        "exports/people.csv",
        RECORDS.replace("a3,王小明,,", "a3,王小明,13800001111,"),
    );
    work.run(&["run", "--quiet"]);
    let ids = "select record_id, customer_id from identity.customer_records where record_id in ('a2', 'a3') order by 1";
    let before = work.query(ids);
    // a1 is away: a3 and a2 share a phone, and a2 was one with a1.
    let without: Vec<&str> = RECORDS
        .lines()
        .filter(|line| !line.starts_with("a1,"))
        .collect();
    work.write(
        "exports/people.csv",
        without
            .join("\n")
            .replace("a3,王小明,,", "a3,王小明,13800001111,"),
    );
    for night in ["2026-07-02", "2026-07-03"] {
        work.run(&["run", "--quiet", "--as-of", night]);
        assert_eq!(work.query(ids), before);
    }
    assert_eq!(
        work.query(
            "select count(*) as n from identity.id_changes where change in ('split', 'merged')"
        ),
        "n\n1"
    );
}

#[test]
fn who_was_merged_with_a_record_that_is_away_stands_in_for_it() {
    let work = decided();
    let people = |c1: &str, c2: &str, z1: &str| {
        let records = RECORDS.replace("c2,张伟,13600004444,", &format!("c2,张伟,{c2},"));
        let kept = records.lines().filter(|line| !line.starts_with(c1));
        let kept: Vec<&str> = kept.collect();
        let z1 = format!("z1,张伟,{z1},,,,广州");
        work.write(
            "exports/people.csv",
            [&kept[..], &[&z1]].concat().join("\n") + "\n",
        );
    };
    let customers = "select customer_id, string_agg(record_id, ' ' order by record_id) as records from identity.customer_records where record_id in ('c1', 'c2', 'z1') group by 1 order by 2";
    people("none", "13600004444", "13600009999");
    work.run(&["run", "--quiet"]);
    // c2 goes into c1, which a steward holds apart from z1.
    people("none", "13700003333", "13600009999");
    work.write(
        "exports/decisions.csv",
        "left_id,right_id,decision\nc1,z1,never\n",
    );
    work.run(&["run", "--quiet", "--as-of", "2026-07-02"]);
    let before = work.query(customers);
    assert!(before.contains(",c1 c2\n"), "{before}");
    // c1 is away, and z1 has the phone of c2.
    people("c1,", "13700003333", "13700003333");
    for night in ["2026-07-03", "2026-07-04"] {
        work.run(&["run", "--quiet", "--as-of", night, "--force"]);
        assert_eq!(work.query(customers), before.replace("c1 c2", "c2"));
    }
}

#[test]
fn who_stood_in_for_a_record_does_so_until_it_is_back() {
    let work = decided();
    // x1 and x2 are one through w1 alone; x3, which is as like x2 as can be, a steward holds apart from w1.
    let people = "id,name,phone,email,born,card,city\nx1,王建国,13800005551,,,,\nx2,王建国,13800005552,wjg@qq.com,,,\nx3,王建国,13800005552,,,,\n";
    let w1 = "w1,王建国,13800005551,wjg@qq.com,,,\n";
    work.write("exports/people.csv", format!("{people}{w1}"));
    work.write(
        "exports/decisions.csv",
        "left_id,right_id,decision\nw1,x3,never\n",
    );
    let run = |night: &str, more: &[&str]| {
        let arguments = ["run", "--quiet", "--accept-changes", "--as-of", night];
        work.run(&[&arguments, more].concat());
        work.query("select records from master.customers order by 1")
    };
    let together = "records\nw1 x1 x2\nx3";
    assert_eq!(run("2026-07-01", &[]), together);
    // w1 is away, x2 splits from x1 for that, and goes on to stand in for w1.
    work.write("exports/people.csv", people);
    let apart = "records\nx1\nx2\nx3";
    assert_eq!(run("2026-07-02", &[]), apart);
    assert_eq!(run("2026-07-03", &["--force"]), apart);
    let told = work.run(&["why", "x2", "x3"]);
    assert!(
        told.contains("x2 stands in for w1, which is away"),
        "{told}"
    );
    work.write(
        "exports/people.csv",
        people.replace("x1,王建国", "x1,王健国"),
    );
    assert_eq!(run("2026-07-04", &[]), apart);
    assert_eq!(
        work.query("select * from identity.stand_ins order by 2"),
        "record_id,stand_in_id,had_its_id\nw1,w1,true\nw1,x1,true\nw1,x2,true"
    );
    work.write("exports/people.csv", format!("{people}{w1}"));
    assert_eq!(run("2026-07-05", &[]), together);
    assert!(
        !work
            .query("select * from identity.stand_ins")
            .contains("w1")
    );
}

#[test]
fn a_stewards_never_undoes_a_merge_and_always_makes_one() {
    let work = decided();
    let before = work.query("select records from master.customers order by 1");
    assert!(before.contains("a1 a2 a3") && before.contains("c1\nc2"));
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select records from master.customers order by 1"),
        before
    );
    work.write(
        "exports/decisions.csv",
        "left_id,right_id,decision\na3,a1,never\nc1,c2,always\nzz,a1,always\na1,a3,always\n",
    );
    let output = work.command(&["run"]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("passed over 1 decision of staging.decisions: zz is not there tonight")
            && told.contains("says both always and never of a1 and a3: never holds"),
        "{told}"
    );
    assert_eq!(
        work.query(
            "select rule, left_id, right_id from identity.id_changes where change = 'split'"
        ),
        "rule,left_id,right_id\nsteward,a1,a3"
    );
    let after = work.query("select records from master.customers order by 1");
    assert!(
        after.contains("a1 a2\n") && after.contains("\na3\n") && after.contains("c1 c2"),
        "{after}"
    );
    assert_eq!(
        work.query(
            "select refused_by from identity.links where left_id = 'a1' and right_id = 'a3'"
        ),
        "refused_by\nsteward"
    );
    // The word outlives the night, whatever the rules find.
    work.write(
        "exports/people.csv",
        RECORDS.replace("a3,王小明,,", "a3,王小明,13800001111,"),
    );
    work.run(&["run", "--quiet"]);
    assert!(
        work.query("select records from master.customers order by 1")
            .contains("\na3\n")
    );
    // Taken back, the merge is there again.
    std::fs::remove_file(work.path("exports/decisions.csv")).unwrap();
    let said = work.fail(1, &["run", "--quiet"]);
    assert!(
        said.contains("stewards had decided 3 pairs, and tonight's are 0"),
        "{said}"
    );
    work.run(&["run", "--quiet", "--accept-changes"]);
    assert!(
        work.query("select records from master.customers order by 1")
            .contains("a1 a2 a3")
    );
}

#[test]
fn a_night_that_is_run_again_has_each_change_once() {
    let work = matched();
    let without = |record: &str| {
        let lines = RECORDS.lines().filter(|line| !line.starts_with(record));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    for exported in [&without("d1,"), RECORDS, &without("d1,")] {
        work.write("exports/people.csv", exported);
        work.run(&["run", "--quiet"]);
    }
    assert_eq!(
        work.query("select change, count(*) as rows from identity.id_changes where change <> 'made' group by change order by change"),
        "change,rows\nretired,1\nreturned,1"
    );
}
