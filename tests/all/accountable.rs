//! Identity that can be explained and held against the truth.

use crate::golden::{RECORDS, matched};
use crate::workdir::{Workdir, demo};

#[test]
fn an_evaluation_says_what_the_published_quality_says() {
    let work = demo();
    work.run(&["run", "--quiet"]);
    let found: serde_json::Value = serde_json::from_str(&work.run(&[
        "evaluate",
        "--truth",
        "testdata/truth/records.parquet",
        "--format",
        "json",
    ]))
    .unwrap();
    let published =
        work.query("select true_pairs, joined_pairs, correct_pairs from marts.match_quality");
    let quality = &found["quality"];
    let counts = format!(
        "{},{},{}",
        quality["true_pairs"], quality["joined_pairs"], quality["correct_pairs"]
    );
    assert_eq!(published.lines().nth(1), Some(counts.as_str()));
    assert!(quality["b_cubed"]["f1"].as_f64().unwrap() > 0.97);
    // Every missed pair has a reason.
    let missed: u64 = found["misses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|miss| miss["pairs"].as_u64().unwrap())
        .sum();
    assert_eq!(
        missed,
        quality["true_pairs"].as_u64().unwrap() - quality["correct_pairs"].as_u64().unwrap()
    );
    work.run(&[
        "evaluate",
        "--truth",
        "testdata/truth/records.parquet",
        "--tables",
        "evaluation",
    ]);
    let table = "select true_pairs, joined_pairs, correct_pairs from 'evaluation/evaluation_thresholds.parquet' where is_used";
    assert_eq!(work.query(table), published);
    let table = "select sum(pair_count) as missed from 'evaluation/evaluation_misses.parquet'";
    assert_eq!(work.query(table), format!("missed\n{missed}"));
    let of_reason = |reason: &str| {
        let misses = found["misses"].as_array().unwrap();
        let miss = misses.iter().find(|miss| miss["reason"] == reason);
        miss.unwrap()["pairs"].as_u64().unwrap()
    };
    let table = "select count(*) as low from 'evaluation/evaluation_missed_pairs.parquet' where reason = 'scored_low' and probability < 0.95 and levels like 'name %, phone %'";
    assert_eq!(
        work.query(table),
        format!("low\n{}", of_reason("scored_low"))
    );
    // Missed and wrong pairs have the same columns; the rule is told where one joined them.
    let both = "select count(*) as pairs from (select * from 'evaluation/evaluation_missed_pairs.parquet' where (rule is null) = (reason <> 'refused') \
        union all select * from 'evaluation/evaluation_wrong_pairs.parquet' where (rule is null) = (reason = 'third_record'))";
    let wrong =
        quality["joined_pairs"].as_u64().unwrap() - quality["correct_pairs"].as_u64().unwrap();
    assert_eq!(work.query(both), format!("pairs\n{}", missed + wrong));
    let damages = found["damages"].as_array().unwrap();
    let joined: u64 = damages
        .iter()
        .map(|damage| damage["joined"].as_u64().unwrap())
        .sum();
    let table = "select count(*) as kinds, sum(joined_count) as joined from 'evaluation/evaluation_damages.parquet'";
    assert_eq!(
        work.query(table),
        format!("kinds,joined\n{},{joined}", damages.len())
    );
    let said = work.fail(2, &["evaluate", "--truth", "sql/1_staging/records.sql"]);
    assert!(said.contains("could not read the truth"), "{said}");
}

#[test]
fn why_shows_what_each_record_brought() {
    let work = demo();
    work.run(&["run", "--quiet"]);
    let value = work.query("select customer_id, record_id, value from master.customer_values where attribute = 'phone' and not is_chosen order by 1, 2 limit 1");
    let row: Vec<&str> = value.lines().nth(1).unwrap().split(',').collect();
    let said = work.run(&["why", row[0]]);
    let told = said.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with(row[1]) && line.contains(row[2])
    });
    assert!(told, "{row:?} {said}");
    let told = work.run(&["why", row[0], "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let records = told["records"].as_array().unwrap();
    let record = records.iter().find(|record| record["record_id"] == row[1]);
    let brought = record.unwrap()["values"].as_array().unwrap();
    let phone = serde_json::json!({ "attribute": "phone", "value": row[2] });
    assert!(brought.contains(&phone), "{told}");
    let shown = told["values"].as_array().unwrap();
    let phone = shown.iter().find(|shown| shown["attribute"] == "phone");
    assert!(
        phone.is_some_and(|shown| shown["record_id"].is_string()),
        "{told}"
    );
    let other = records.iter().find(|record| record["record_id"] != row[1]);
    let other = other.unwrap()["record_id"].as_str().unwrap();
    let said = work.run(&["why", row[1], other]);
    let of_record = format!("  {} ", row[1]);
    let line = said.lines().find(|line| line.starts_with(&of_record));
    assert!(line.unwrap().contains(row[2]), "{said}");
}

#[test]
fn why_gives_a_program_what_it_tells_a_person() {
    let work = compared();
    let why = |ids: &[&str]| -> serde_json::Value {
        let asked = [&["why"], ids, &["--format", "json"]].concat();
        serde_json::from_str(&work.run(&asked)).unwrap()
    };
    let customer = why(&["a1"]);
    assert_eq!(customer["asked"], "a1");
    assert_eq!(customer["links"][0]["refused_of"], serde_json::Value::Null);
    assert_eq!(
        customer["of_record"],
        serde_json::json!({ "record_id": "a1", "is_gone": false })
    );
    assert_eq!(customer["records"].as_array().unwrap().len(), 3);
    assert_eq!(customer["links"].as_array().unwrap().len(), 2);
    assert!(customer["links"][0]["weight"].is_f64());
    assert_eq!(customer["links"][0]["refused_by"], serde_json::Value::Null);
    assert_eq!(customer["id_changes"][0]["change"], "made");
    let joined = why(&["a2", "a3"]);
    assert_eq!(joined["customers"][0], joined["customers"][1]);
    assert_eq!(joined["joined_by"].as_array().unwrap().len(), 2);
    assert_eq!(joined["tonight"], serde_json::Value::Null);
    let refused = why(&["d1", "d2"]);
    assert_eq!(refused["refused"]["fate"], "refused");
    // The values are in the order in which the records were asked for.
    let [there, back] = [["c1", "d1"], ["d1", "c1"]].map(|ids| why(&ids)["tonight"].clone());
    assert_eq!(there["outcome"], back["outcome"]);
    let values = |told: &serde_json::Value| told["levels"][0]["columns"][0]["values"].clone();
    assert_eq!(values(&there)[0], values(&back)[1]);
    assert_ne!(values(&there)[0], values(&there)[1]);
    let bits = there["levels"].as_array().unwrap().iter();
    let bits: f64 = bits.map(|level| level["bits"].as_f64().unwrap()).sum();
    let weight = there["weight"].as_f64().unwrap();
    assert!((there["prior"].as_f64().unwrap() + bits - weight).abs() < 1e-9);
}

#[test]
fn a_truth_may_be_of_pairs_and_a_record_is_of_one_person() {
    let work = compared();
    let evaluated = |truth: &str| -> serde_json::Value {
        work.write("truth.csv", truth);
        let said = work.run(&["evaluate", "--truth", "truth.csv", "--format", "json"]);
        serde_json::from_str::<serde_json::Value>(&said).unwrap()["quality"].clone()
    };
    // a1, a2 and a3 are one by two pairs; a record of no pair is somebody else.
    let by_pairs = evaluated("left_id,right_id\na2,a1\na3,a2\nzz,a1\n");
    assert_eq!(by_pairs["true_pairs"], 3);
    let records = work.query("select record_id from identity.customer_records");
    let person = |record: &str| match record.starts_with('a') && record <= "a3" {
        true => "a".to_string(),
        false => record.to_string(),
    };
    let rows = records.lines().skip(1);
    let rows: Vec<String> = rows
        .map(|record| format!("{record},{}", person(record)))
        .collect();
    let by_records = evaluated(&format!("record_id,person_id\n{}\n", rows.join("\n")));
    assert_eq!(by_pairs, by_records);
    work.write("truth.csv", "record_id,person_id\na1,x\na2,x\na1,y\n");
    let said = work.fail(2, &["evaluate", "--truth", "truth.csv"]);
    assert!(said.contains("says of a1 that it is two persons"), "{said}");
}

#[test]
fn a_condition_that_fails_on_a_value_is_named_with_its_place() {
    let work = compared();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    std::fs::remove_file(work.path("pipelines/customers.model.toml")).unwrap();
    let fails = |condition: &str, place: &str| {
        let more = format!("{place}\nname = \"broken\"\n{condition}\n[publish]");
        work.write("pipelines/customers.toml", text.replace("[publish]", &more));
        work.run(&["check"]);
        work.fail(1, &["run", "--quiet"])
    };
    let divides = "condition = \"l.phone_key = r.phone_key and 1 / (length(l.name) - length(l.name)) > length(r.name)\"";
    insta::assert_snapshot!("certain_rule_fails", fails(divides, "[[identity.certain]]"));
    let level = "levels = [{ name = \"same\", condition = \"cast(l.city as int) = cast(r.phone_key as int)\" }]";
    insta::assert_snapshot!("level_fails", fails(level, "[[identity.comparison]]"));
    let key = "condition = \"cast(l.city as int) = cast(r.city as int)\"";
    let said = fails(key, "[[identity.blocking]]");
    assert!(said.contains("in the blocking rule broken"), "{said}");
    let said = work.fail(1, &["check", "--blocking"]);
    assert!(said.contains("in the blocking rule broken"), "{said}");
}

/// A published night of the golden records, whose rule book also compares names and cities.
pub fn compared() -> Workdir {
    let work = matched();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let more = "[[identity.blocking]]\nname = \"phone\"\ncondition = \"l.phone_key = r.phone_key\"\n[[identity.comparison]]\nname = \"name\"\ncolumn = \"name\"\nkind = \"person_name\"\n[[identity.comparison]]\nname = \"city\"\ncolumn = \"city\"\nkind = \"exact\"\n[publish]";
    work.write("pipelines/customers.toml", text.replace("[publish]", more));
    // A run keeps no model of so few records.
    work.run(&["train"]);
    work.run(&["run", "--quiet"]);
    work
}

#[test]
fn why_tells_a_customer_a_refused_link_and_two_that_never_met() {
    let work = compared();
    let customer =
        work.query("select customer_id from identity.customer_records where record_id = 'a1'");
    let customer = customer.lines().nth(1).unwrap();
    let told = work.run(&["why", customer]);
    insta::assert_snapshot!("why_a_customer", told.replace(customer, "[id]"));
    let of_record = format!("a1 is a record of {customer}\n");
    assert!(work.run(&["why", "a1"]).starts_with(&of_record));
    assert!(
        work.fail(2, &["why", "a1", "a1"])
            .contains("the two records are the same")
    );
    insta::assert_snapshot!(
        "why_one_customer",
        work.run(&["why", "a2", "a3"]).replace(customer, "[id]")
    );
    let without_ids = |text: String| {
        let is_id = |word: &str| {
            word.len() == 13
                && word.starts_with('C')
                && word
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        };
        text.split(' ')
            .map(|word| {
                if is_id(word.trim_end_matches([',', '\n'])) {
                    "[id]".to_string()
                } else {
                    word.replace('\n', " \n")
                }
            })
            .collect::<Vec<_>>()
            .join(" ")
    };
    insta::assert_snapshot!("why_refused", without_ids(work.run(&["why", "d1", "d2"])));
    insta::assert_snapshot!("why_never_met", without_ids(work.run(&["why", "c1", "c2"])));
    assert!(
        work.fail(2, &["why", "nobody"])
            .contains("no customer and no record nobody is known")
    );
}

#[test]
fn a_pair_for_review_says_whose_veto_forbids_it() {
    let work = compared();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let kind = "kind = \"person_name\"";
    work.write(
        "pipelines/customers.toml",
        text.replace(kind, &format!("{kind}\nveto = [\"else\"]"))
            .replace("[identity]\n", "[identity]\nreview = 0.000001\n"),
    );
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select vetoed_by, levels like '%name else%' as differs from identity.review_pairs group by all order by 2"),
        "vetoed_by,differs\nname,true"
    );
    // Nobody need look at what a never rule forbids.
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let never =
        "[[identity.never]]\nname = \"other_name\"\ncondition = \"l.name <> r.name\"\n[publish]";
    work.write("pipelines/customers.toml", text.replace("[publish]", never));
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query(
            "select count(*) as n from identity.review_pairs where levels like '%name else%'"
        ),
        "n\n0"
    );
}

#[test]
fn check_counts_the_pairs_of_every_blocking_rule_before_anything_is_compared() {
    let work = compared();
    insta::assert_snapshot!("check_blocking", work.run(&["check", "--blocking"]));
    // The name would bring c1 and c2 together, whom no rule compares; a1 and a3, whom the e-mail would bring, are certain already.
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        text.replace(
            "[identity]\n",
            "[identity]\nthreshold = 0.2\nreview = 0.1\n",
        ),
    );
    let said = work.run(&["check", "--blocking", "--suggest"]);
    assert!(
        said.contains("l.name = r.name") && !said.contains("l.email_key = r.email_key"),
        "{said}"
    );
}

#[test]
fn a_run_after_a_change_compares_little_and_publishes_what_a_forced_run_does() {
    let work = compared();
    let records = RECORDS.replace("b2,李强,13900002222", "b2,李强,13900003333");
    work.write("exports/people.csv", records);
    let output = work.command(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("pairs compared, "), "{said}");
    let tables = |work: &Workdir| -> Vec<(String, Vec<u8>)> {
        let folder = work.path("warehouse/current/identity");
        let mut tables: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.display().to_string(), std::fs::read(path).unwrap()))
            .collect();
        tables.sort();
        tables
    };
    let found = tables(&work);
    assert!(found.len() > 8);
    work.run(&["run", "--quiet", "--force"]);
    assert!(tables(&work) == found, "a forced run publishes other bytes");
}

#[test]
fn a_pair_whose_block_was_set_aside_is_told_so() {
    let work = compared();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let rule = "[[identity.blocking]]\nname = \"in_town\"\ncondition = \"l.city = r.city\"\nmax_block = 2\n[publish]";
    work.write("pipelines/customers.toml", text.replace("[publish]", rule));
    // Four are in Hangzhou, and two in Shanghai.
    let told = work.run(&["why", "e1", "e2"]);
    let said = "they were never compared: in_town set the block of their values aside, which is larger than max_block";
    assert!(told.contains(said), "{told}");
    assert!(
        work.run(&["why", "b1", "b2"])
            .contains("brought together by phone, in_town")
    );
}

#[test]
fn a_mistake_in_a_condition_of_several_lines_is_at_its_line() {
    let work = matched();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    for quotes in ["\"\"\"", "'''", "\"\"\"\n"] {
        let condition = format!(
            "{quotes}l.card <> r.card\n    and l.naem = r.name{}",
            &quotes[..3]
        );
        let broken = text.replace("\"l.card <> r.card\"", &condition);
        work.write("pipelines/customers.toml", &broken);
        let said = work.fail(2, &["check"]);
        let lines = broken.lines().take_while(|line| !line.contains("naem"));
        let place = format!("customers.toml:{}:9", lines.count() + 1);
        assert!(said.contains(&place) && said.contains("^^^^^^"), "{said}");
    }
}

#[test]
fn thresholds_stand_where_they_are_read() {
    let work = matched();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    for (comparison, said) in [
        (
            "levels = [{ name = \"same\", condition = \"l.city = r.city\" }]\nthresholds = [0.9]",
            "has levels of its own, and thresholds that none of them reads",
        ),
        (
            "column = \"city\"\nkind = \"levenshtein\"\nthresholds = [1.5]",
            "whole numbers of slips from 1 on",
        ),
    ] {
        let rule = "[[identity.blocking]]\nname = \"phone\"\ncondition = \"l.phone_key = r.phone_key\"\n[[identity.comparison]]\nname = \"city\"\n";
        let more = format!("{rule}{comparison}\n[publish]");
        work.write("pipelines/customers.toml", text.replace("[publish]", &more));
        let told = work.fail(2, &["check"]);
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn customers_that_are_all_gone_stop_the_night() {
    let work = matched();
    let people = |prefix: &str| {
        let rows = (0..120).map(|at| format!("{prefix}{at},,,p{at}@example.com,,,\n"));
        let header = "id,name,phone,email,born,card,city\n".to_string();
        work.write("exports/people.csv", header + &rows.collect::<String>());
    };
    people("n");
    work.run(&["run", "--quiet"]);
    let before = work.query("select * from identity.customer_records order by 1");
    people("m");
    let said = work.fail(1, &["run", "--quiet"]);
    assert!(said.contains("120 of 120 customers are retired"), "{said}");
    assert_eq!(
        work.query("select * from identity.customer_records order by 1"),
        before
    );
    work.run(&["run", "--quiet", "--accept-changes"]);
}

#[test]
fn another_pipeline_does_not_publish_over_this_one() {
    let work = matched();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let other = text.replace("name = \"golden\"", "name = \"other\"");
    work.write("pipelines/other.toml", &other);
    let said = work.fail(2, &["run", "pipelines/other.toml"]);
    assert!(
        said.contains("has the nights of the pipeline golden; this one is other"),
        "{said}"
    );
    work.run(&[
        "run",
        "--quiet",
        "pipelines/other.toml",
        "--output",
        "elsewhere",
    ]);
    work.run(&["run", "--quiet", "pipelines/other.toml", "--accept-changes"]);
}

#[test]
fn a_condition_reads_the_records_alone() {
    let work = compared();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    for changing in ["random() < 0.5", "current_date > date '2026-01-01'"] {
        let condition = "l.card <> r.card";
        let with = text.replace(condition, &format!("{condition} and {changing}"));
        work.write("pipelines/customers.toml", with);
        let said = work.fail(2, &["check"]);
        assert!(said.contains("is not the same in every run"), "{said}");
    }
}

#[test]
fn a_level_that_a_function_never_gives_is_refused() {
    let work = compared();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let condition = "l.card <> r.card";
    for (level, near) in [
        (
            "person_name_level(l.name, r.name) in ('exact', 'tittle')",
            "did you mean 'title'?",
        ),
        (
            "address_level(l.city, r.city) = 'same_huose'",
            "did you mean 'same_house'?",
        ),
    ] {
        let with = text.replace(condition, &format!("{condition} and {level}"));
        work.write("pipelines/customers.toml", with);
        let said = work.fail(2, &["check"]);
        assert!(
            said.contains("never gives") && said.contains(near),
            "{said}"
        );
    }
}

#[test]
fn a_truth_that_is_no_parquet_file_is_refused() {
    let work = compared();
    // What it ends with is not its length.
    work.write("truth.parquet", "PAR1garbagePAR1");
    let said = work.fail(2, &["evaluate", "--truth", "truth.parquet"]);
    assert!(
        said.contains("could not read the truth truth.parquet"),
        "{said}"
    );
    let said = work.fail(1, &["query", "select * from 'truth.parquet'"]);
    assert!(said.contains("could not open truth.parquet"), "{said}");
}

#[test]
fn a_first_night_with_identity_is_planned_beside_one_without() {
    let work = compared();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let (before, rest) = text.split_once("[identity]").unwrap();
    let publish = rest.split_once("[publish]").unwrap().1;
    let without = format!(
        "{before}[publish]{}",
        publish.replace("master.*", "staging.*")
    );
    std::fs::rename(work.path("sql/2_master"), work.path("kept")).unwrap();
    work.write("pipelines/customers.toml", without);
    work.run(&["run", "--quiet", "--output", "plain"]);
    std::fs::rename(work.path("kept"), work.path("sql/2_master")).unwrap();
    work.write("pipelines/customers.toml", text);
    let planned = work.run(&["plan", "--format", "json", "--output", "plain"]);
    let planned: serde_json::Value = serde_json::from_str(&planned).unwrap();
    assert_eq!(planned["tonight"]["id_changes"]["made"], 12);
    assert_eq!(planned["changes"]["merged"], serde_json::json!([]));
}

#[test]
fn ids_of_a_truth_are_text() {
    let work = compared();
    let records = RECORDS
        .replace("\na1,", "\n001,")
        .replace("\na2,", "\n002,");
    work.write("exports/people.csv", records);
    work.run(&["run", "--quiet"]);
    work.write("truth.csv", "record_id,person_id\n001,01\n002,01\n1,01\n");
    let said = work.run(&["evaluate", "--truth", "truth.csv"]);
    assert!(
        said.contains("1 true pair,") && said.contains("2 of 3 rows of the truth"),
        "{said}"
    );
}

#[test]
fn where_nothing_is_wrong_no_heading_stands_alone() {
    let work = compared();
    work.run(&["run", "--quiet"]);
    let own = "select record_id, customer_id as person_id from identity.customer_records";
    work.write("truth.csv", work.query(own) + "\n");
    let said = work.run(&["evaluate", "--truth", "truth.csv"]);
    assert!(
        said.ends_with("no true pair is missed\n\nno pair is joined wrongly\n"),
        "{said}"
    );
}

#[test]
fn a_condition_that_fails_tells_no_value_of_a_customer() {
    let work = compared();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let condition = "l.card <> r.card";
    let failing = format!("{condition} or cast(l.name as int) > cast(r.name as int)");
    work.write(
        "pipelines/customers.toml",
        text.replace(condition, &failing),
    );
    let said = work.fail(1, &["run"]);
    assert!(
        said.contains("Cannot cast a text to value of Int32"),
        "{said}"
    );
    assert!(!said.contains("王") && !said.contains("张"), "{said}");
}

#[test]
fn a_plan_tells_what_tonight_would_change_and_publishes_nothing() {
    let work = compared();
    let first = work.run(&["plan", "--format", "json", "--output", "elsewhere"]);
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(first["published"], serde_json::Value::Null);
    assert_eq!(first["tonight"]["id_changes"]["made"], 12);
    let none = work.run(&["plan"]);
    assert!(none.contains("ids: none would change"), "{none}");

    // The two 张伟 come to share a phone, and b2 is gone.
    let text = RECORDS.replace("13600004444", "13700003333");
    let kept = text.lines().filter(|line| !line.starts_with("b2,"));
    work.write(
        "exports/people.csv",
        kept.collect::<Vec<_>>().join("\n") + "\n",
    );
    let published = std::fs::read(work.path("warehouse/current.json")).unwrap();
    let night = ["--as-of", "2026-07-02"];
    let told = work.run(&[&["plan"], &night[..]].concat());
    assert!(
        told.contains("beside the published night of 2026-07-01; nothing is published"),
        "{told}"
    );
    assert!(told.contains("ids: 1 merged, 1 retired"), "{told}");
    let planned = work.run(&[&["plan", "--format", "json"], &night[..]].concat());
    assert_eq!(
        std::fs::read(work.path("warehouse/current.json")).unwrap(),
        published
    );

    // The night does what the plan said, and then there is no news.
    work.run(&[&["run", "--quiet"], &night[..]].concat());
    let after = work.run(&[&["plan", "--format", "json"], &night[..]].concat());
    let after: serde_json::Value = serde_json::from_str(&after).unwrap();
    assert_eq!(after["changes"]["merged"].as_array().unwrap().len(), 0);
    assert_eq!(after["tonight"]["id_changes"].get("merged"), None);
    let planned: serde_json::Value = serde_json::from_str(&planned).unwrap();
    let merged = &planned["changes"]["merged"][0];
    let done = work.query("select customer_id, other_id, rule, left_id, right_id from identity.id_changes where change = 'merged'");
    let of = |name: &str| merged[name].as_str().unwrap().to_string();
    let names = [
        "customer_id",
        "into_customer_id",
        "rule",
        "left_id",
        "right_id",
    ];
    assert_eq!(done.lines().nth(1).unwrap(), names.map(of).join(","));
    assert_eq!(
        planned["tonight"]["customers"].as_u64().unwrap() + 2,
        planned["published"]["customers"].as_u64().unwrap()
    );

    // A night that would not be published says so.
    let people = |count: u32| {
        let rows = (0..count).map(|at| format!("n{at},Anna Lee{at},,,,,\n"));
        let header = RECORDS.lines().next().unwrap();
        work.write(
            "exports/people.csv",
            format!("{header}\n{}", rows.collect::<String>()),
        );
    };
    people(150);
    work.run(&["run", "--quiet", "--as-of", "2026-07-03"]);
    people(60);
    let told = work.run(&["plan", "--as-of", "2026-07-03"]);
    let refused = "refused without --accept-changes: 60 records were 150 on the published night";
    assert!(told.contains(refused), "{told}");
    work.fail(1, &["run", "--quiet", "--as-of", "2026-07-03"]);
    let told = work.run(&["plan", "--as-of", "2026-07-01"]);
    assert!(told.contains("it is an earlier night"), "{told}");
}
