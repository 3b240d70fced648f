//! A tiny data set made by hand, in which every person has a reason.

use crate::workdir::Workdir;

/// Records: id, name, phone, e-mail, birth date, resident id, city; and why they are, or are not, one person.
pub const RECORDS: &str = "\
id,name,phone,email,born,card,city
a1,王小明,13800001111,xm@qq.com,1988-01-02,,北京
a2,王晓明,13800001111,,1988-01-02,,北京
a3,王小明,,xm@qq.com,,,北京
b1,李娜,13900002222,lina@163.com,1990-05-06,,上海
b2,李强,13900002222,,1962-03-04,,上海
c1,张伟,13700003333,,,110105194912310021,广州
c2,张伟,13600004444,,,,广州
d1,陈静,13500005555,,,11010519491231002X,成都
d2,陈静,13500005555,,,440524188001010014,成都
e1,赵一,01088886666,,,,杭州
e2,钱二,01088886666,,,,杭州
e3,孙三,01088886666,,,,杭州
e4,周四,01088886666,,,,杭州
f1,Bob Smith,+1 415 555 2671,bob@example.com,1970-07-08,,Seattle
f2,Robert Smith,001 (415) 555-2671,bob@example.com,1970-07-08,,Seattle
";

pub fn matched() -> Workdir {
    let work = Workdir::new();
    work.write(
        "pipelines/customers.toml",
        r#"name = "golden"
timezone = "Asia/Shanghai"
region = "CN"
as_of = "2026-07-01"
[exports]
root = "exports"
[exports.people]
path = "people.csv"
format = "csv"
key = ["id"]
[identity]
records = "staging.records"
[identity.guard]
names = "name_key"
limits = { phone_key = 3 }
[[identity.never]]
name = "two_cards"
condition = "l.card <> r.card"
[[identity.certain]]
name = "same_phone_and_like_name"
condition = "l.phone_key = r.phone_key and person_name_level(l.name, r.name) in ('exact', 'folded', 'sounds_alike', 'nickname')"
[[identity.certain]]
name = "same_email_and_name"
condition = "l.email_key = r.email_key and l.name_key = r.name_key"
[publish]
tables = ["master.*"]
output = "warehouse"
"#,
    );
    work.write("exports/people.csv", RECORDS);
    work.write(
        "sql/1_staging/records.sql",
        "-- Records.\n-- @key record_id\nselect\n    people.id as record_id,\n    people.name,\n    person_name_key(people.name) as name_key,\n    phone_key(people.phone, $region) as phone_key,\n    email_key(people.email) as email_key,\n    normalize_resident_id(people.card) as card,\n    people.city\nfrom raw.people as people\n",
    );
    work.write(
        "sql/2_master/customers.sql",
        "-- One row per customer, with its records.\n-- @key customer_id\nselect\n    records.customer_id,\n    string_agg(records.record_id, ' ' order by records.record_id) as records\nfrom identity.customer_records as records\ngroup by records.customer_id\n",
    );
    work.run(&["run", "--quiet"]);
    work
}

#[test]
fn every_person_is_who_they_should_be() {
    let work = matched();
    let clusters = work.query("select records from master.customers order by 1");
    let expected = [
        "a1 a2 a3", // one phone and a name that sounds alike; one e-mail and the same name
        "b1",       // a family phone: another name, another person
        "b2",       //
        "c1", // the commonest name, and nothing else in common; c1's card is not valid, so it says nothing
        "c2", //
        "d1", // the same phone and name, but two valid identity cards: never
        "d2", //
        "e1", // a switchboard: four names on one number
        "e2", //
        "e3", //
        "e4", //
        "f1 f2", // Bob is Robert, and both forms of the number are one
    ];
    assert_eq!(clusters.lines().skip(1).collect::<Vec<_>>(), expected);
}

#[test]
fn an_empty_text_is_no_value() {
    let work = matched();
    let clusters = work.query("select records from master.customers order by 1");
    for (file, text, instead) in [
        (
            "sql/1_staging/records.sql",
            "email_key(people.email)",
            "coalesce(email_key(people.email), '')",
        ),
        (
            "sql/1_staging/records.sql",
            "normalize_resident_id(people.card)",
            "coalesce(normalize_resident_id(people.card), '')",
        ),
        (
            "pipelines/customers.toml",
            "phone_key = 3",
            "phone_key = 3, email_key = 3",
        ),
        // Beside a1, whose card is empty.
        (
            "exports/people.csv",
            "13800001111,,1988-01-02,,",
            "13800001111,,1988-01-02,11010519491231002X,",
        ),
    ] {
        let before = std::fs::read_to_string(work.path(file)).unwrap();
        assert!(before.contains(text));
        work.write(file, before.replace(text, instead));
    }
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select records from master.customers order by 1"),
        clusters
    );
    assert_eq!(
        work.query("select attribute, value from identity.shared_values"),
        "attribute,value\nphone_key,+861088886666"
    );
}

#[test]
fn what_was_refused_and_what_was_guarded_is_listed() {
    let work = matched();
    assert_eq!(
        work.query("select left_id, right_id, rule, fate, refused_by from identity.links where fate = 'refused'"),
        "left_id,right_id,rule,fate,refused_by\nd1,d2,same_phone_and_like_name,refused,two_cards"
    );
    assert_eq!(
        work.query("select attribute, value, name_count, name_limit from identity.shared_values"),
        "attribute,value,name_count,name_limit\nphone_key,+861088886666,4,3"
    );
}

#[test]
fn ids_last_and_changes_have_their_cause() {
    let work = matched();
    let before = work.query("select record_id, customer_id from identity.customer_records where record_id in ('c1', 'c2') order by 1");
    // Tomorrow the two 张伟 turn out to share a phone: one merges into the other, and the rule is named.
    work.write(
        "exports/people.csv",
        RECORDS.replace("13600004444", "13700003333"),
    );
    work.run(&["run", "--quiet", "--as-of", "2026-07-02"]);
    let changes = work.query("select as_of, change, rule, left_id, right_id from identity.id_changes where change <> 'made'");
    assert_eq!(
        changes,
        "as_of,change,rule,left_id,right_id\n2026-07-02,merged,same_phone_and_like_name,c1,c2"
    );
    let ids: Vec<&str> = before.lines().skip(1).map(|line| &line[3..]).collect();
    let redirected = work.query("select count(distinct customer_id) as n from identity.redirects where old_id in (select old_id from identity.redirects) and customer_id is not null");
    assert_eq!(redirected, "n\n11");
    let gone = work
        .query("select old_id, customer_id from identity.redirects where old_id <> customer_id");
    let (old, new) = gone.lines().nth(1).unwrap().split_once(',').unwrap();
    assert!(ids.contains(&old) && ids.contains(&new) && old != new);
    // The day after, the phone is corrected: they are two again, and the one that stayed keeps its id.
    work.write("exports/people.csv", RECORDS);
    work.run(&["run", "--quiet", "--as-of", "2026-07-03"]);
    let changes = work.query(
        "select as_of, change, other_id from identity.id_changes where as_of = '2026-07-03'",
    );
    assert_eq!(
        changes,
        format!("as_of,change,other_id\n2026-07-03,split,{new}")
    );
    // Each has the id that it had before, and no redirect leads elsewhere.
    let after = work.query("select record_id, customer_id from identity.customer_records where record_id in ('c1', 'c2') order by 1");
    assert_eq!(after, before);
    assert_eq!(
        work.query("select count(*) as n from identity.redirects where old_id <> customer_id"),
        "n\n0"
    );
    assert_eq!(
        work.query("select as_of, record_id, previous_customer_id from identity.moved_records"),
        format!(
            "as_of,record_id,previous_customer_id\n2026-07-03,{},{new}",
            if before.contains(&format!("c1,{new}")) {
                "c2"
            } else {
                "c1"
            }
        )
    );
}

#[test]
fn a_history_whose_bytes_have_changed_is_refused() {
    let work = matched();
    let path = work.path("warehouse/current/identity/id_changes.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[160] ^= 0x55;
    std::fs::write(&path, bytes).unwrap();
    work.write(
        "exports/people.csv",
        RECORDS.replace("13600004444", "13700003333"),
    );
    let told = work.fail(1, &["run", "--quiet"]);
    assert!(
        told.contains("identity.id_changes of the published night is not what was published"),
        "{told}"
    );
    std::fs::write(&path, "").unwrap();
    let told = work.fail(1, &["query", "select 1 as one"]);
    assert!(
        told.contains("the published table identity.id_changes is damaged"),
        "{told}"
    );
}

#[test]
fn a_record_that_is_gone_for_a_night_finds_its_customer_again() {
    let work = matched();
    let id = "select customer_id from identity.customer_records where record_id = 'b1'";
    let before = work.query(id);
    let without: String = RECORDS
        .lines()
        .filter(|line| !line.starts_with("b1"))
        .map(|line| format!("{line}\n"))
        .collect();
    work.write("exports/people.csv", without);
    work.run(&["run", "--quiet", "--as-of", "2026-07-02"]);
    assert_eq!(
        work.query("select change from identity.id_changes where as_of = '2026-07-02'"),
        "change\nretired"
    );
    work.write("exports/people.csv", RECORDS);
    work.run(&["run", "--quiet", "--as-of", "2026-07-03"]);
    assert_eq!(work.query(id), before);
    assert_eq!(
        work.query("select change from identity.id_changes where as_of = '2026-07-03'"),
        "change\nreturned"
    );
    let earlier = "the published night is 2026-07-03; this run is of an earlier one, 2026-07-01";
    let refused = work.fail(2, &["run", "--as-of", "2026-07-01"]);
    assert!(refused.contains(earlier), "{refused}");
    let night = "select as_of from 'warehouse/current/publish.parquet' limit 1";
    assert_eq!(work.query(night), "as_of\n2026-07-03");
    let accepted = ["run", "--as-of", "2026-07-01", "--accept-changes"];
    let output = work.command(&accepted).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains(earlier));
    assert_eq!(work.query(night), "as_of\n2026-07-01");
}

#[test]
fn customers_keep_their_ids_where_an_export_numbers_its_rows_anew() {
    let work = matched();
    let ids = "select r.city, r.name, r.phone_key, c.customer_id from staging.records as r join identity.customer_records as c on c.record_id = r.record_id where r.city <> '广州' order by 1, 2, 3, 4";
    let before = work.query(ids);
    // One is gone, those behind it have the key of the one before them, and another part of the export has new ones. A name and a phone
    // alone are too little to know a record by.
    let renumbered = RECORDS
        .replace("c1,张伟,13700003333,,,110105194912310021,广州\n", "")
        .replace("\nc2,", "\nc1,")
        .replace("\nd1,", "\nc2,")
        .replace("\nd2,", "\nd1,")
        .replace("\nf", "\nx");
    work.write("exports/people.csv", renumbered);
    let said = work
        .command(&["run", "--as-of", "2026-07-02"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("records have another key"), "{said}");
    assert_eq!(work.query(ids), before);
}

#[test]
fn a_source_that_was_late_for_a_night_comes_back() {
    let work = matched();
    let more: String = (0..150)
        .map(|at| format!("s{at},林{at}号,1399999{at:04},,上海,,\n"))
        .collect();
    let columns = RECORDS.lines().next().unwrap().split(',').count();
    assert_eq!(columns, 7, "the rows above fit the export");
    let all = format!("{RECORDS}{more}");
    work.write("exports/people.csv", &all);
    work.run(&["run", "--quiet", "--as-of", "2026-07-02"]);
    let ids = "select record_id, customer_id from identity.customer_records order by 1";
    let before = work.query(ids);
    work.write("exports/people.csv", RECORDS);
    work.run(&[
        "run",
        "--quiet",
        "--as-of",
        "2026-07-03",
        "--accept-changes",
    ]);
    assert_eq!(
        work.query("select count(*) as n from identity.former_records"),
        "n\n150"
    );
    work.write("exports/people.csv", &all);
    work.run(&["run", "--quiet", "--as-of", "2026-07-04"]);
    assert_eq!(work.query(ids), before);
}

/// The levels of one comparison between the first record and each other one, as `why` tells them.
fn levels_of(kind: &str, values: &[&str]) -> Vec<String> {
    let work = Workdir::new();
    work.write(
        "pipelines/customers.toml",
        format!(
            "name = \"levels\"\ntimezone = \"Asia/Shanghai\"\nregion = \"CN\"\nas_of = \"2026-07-01\"\n[exports]\nroot = \"exports\"\n[exports.people]\npath = \"people.jsonl\"\nformat = \"json\"\ncolumns = {{ id = \"text\", value = \"{}\" }}\n[identity]\n[[identity.comparison]]\nname = \"value\"\ncolumn = \"value\"\nkind = {kind}\n[publish]\ntables = []\noutput = \"warehouse\"\n",
            if kind.contains("overlap") { "list" } else { "text" }
        ),
    );
    let rows: String = values
        .iter()
        .enumerate()
        .map(|(at, value)| format!("{{\"id\": \"r{at}\", \"value\": {value}}}\n"))
        .collect();
    work.write("exports/people.jsonl", rows);
    work.write("sql/1_staging/records.sql", "-- Records.\n-- @key record_id\nselect people.id as record_id, people.value from raw.people as people\n");
    work.run(&["run", "--quiet"]);
    let level = |at: usize| {
        let told = work.run(&["why", "r0", &format!("r{at}")]);
        let line = told
            .lines()
            .find(|line| line.trim_start().starts_with("value "))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().to_string()
    };
    (1..values.len()).map(level).collect()
}

#[test]
fn every_built_in_comparison_has_its_levels() {
    let quoted = |values: &[&str]| {
        values
            .iter()
            .map(|value| format!("{value:?}"))
            .collect::<Vec<_>>()
    };
    for (kind, values, levels) in [
        (
            "\"jaro_winkler\"\nthresholds = [0.9, 0.7]",
            quoted(&["Hauptmann", "Hauptman", "Hauptling", "Meier"]),
            vec!["from_0.9", "from_0.7", "else"],
        ),
        (
            "\"levenshtein\"",
            quoted(&["abcdef", "abcdfe", "abcd", "abc"]),
            vec!["up_to_1", "up_to_2", "else"],
        ),
        (
            "\"address\"",
            quoted(&[
                "浙江省杭州市余杭区文一西路969号3幢501",
                "杭州余杭区文一西路969号三栋501室",
                "文一西路969号",
                "余杭区文一西路1号",
                "浙江余杭区五常大道1号",
                "北京市朝阳区望京街1号",
            ]),
            vec!["exact", "same_house", "same_road", "same_district", "else"],
        ),
        (
            "\"organization\"",
            quoted(&[
                "杭州晨光科技有限公司",
                "杭州晨光科技股份有限公司",
                "杭州晨光科技有限公司北京分公司",
                "上海东方贸易公司",
                "个人",
            ]),
            vec!["folded", "branch", "else", "missing"],
        ),
        (
            "\"overlap\"",
            [
                "[\"a\", \"bbbbb\"]",
                "[\"bbbbb\", \"c\"]",
                "[\"c\"]",
                "[\"bbbbc\"]",
                "[]",
                "[\"\", null]",
            ]
            .map(String::from)
            .to_vec(),
            vec!["shared", "else", "one_slip", "missing", "missing"],
        ),
        (
            "\"date\"",
            quoted(&[
                "1988-01-02",
                "1988-02-01",
                "1988-01-03",
                "1988-11-30",
                "1962-03-04",
            ]),
            vec!["one_slip", "one_slip", "same_year", "else"],
        ),
    ] {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        assert_eq!(levels_of(kind, &values), levels, "{kind}");
    }
}

#[test]
fn many_persons_of_one_name_stay_apart() {
    let work = matched();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let more = "[[identity.blocking]]\nname = \"name_and_city\"\ncondition = \"l.name_key = r.name_key and l.city = r.city\"\n[[identity.comparison]]\nname = \"name\"\ncolumn = \"name\"\nkind = \"person_name\"\nterm_frequency = true\n[[identity.comparison]]\nname = \"phone\"\ncolumn = \"phone_key\"\nkind = \"digits\"\n[[identity.comparison]]\nname = \"city\"\ncolumn = \"city\"\nkind = \"exact\"\n[publish]";
    work.write("pipelines/customers.toml", text.replace("[publish]", more));
    std::fs::remove_dir_all(work.path("warehouse")).unwrap();
    let cities = [
        "北京", "上海", "广州", "成都", "杭州", "武汉", "西安", "南京", "重庆", "天津",
    ];
    let mut rows = String::from("id,name,phone,email,born,card,city\n");
    for row in 0..2000 {
        let phone = 13_900_000_000_u64 + row * 48_271 % 90_000_000;
        rows.push_str(&format!(
            "z{row},张伟,{phone},,,,{}\n",
            cities[row as usize % cities.len()]
        ));
    }
    work.write("exports/people.csv", rows);
    work.run(&["run", "--quiet", "--accept-changes"]);
    assert_eq!(
        work.query("select count(*) as n from master.customers"),
        "n\n2000"
    );
}

/// A night of people with a guard: the rules, the columns of the stage beside id and name, and the export.
fn guarded(rules: &str, columns: &str, people: &str) -> Workdir {
    let work = Workdir::new();
    let begin = r#"name = "guarded"
timezone = "Asia/Shanghai"
region = "CN"
as_of = "2026-07-01"
[exports]
root = "exports"
[exports.people]
path = "people.csv"
format = "csv"
key = ["id"]
columns = { phones = "list" }
[publish]
tables = []
output = "warehouse"
[identity.guard]
names = "name"
"#;
    work.write("pipelines/customers.toml", format!("{begin}{rules}"));
    work.write("exports/people.csv", people);
    work.write(
        "sql/1_staging/records.sql",
        format!("-- Records.\n-- @key record_id\nselect people.id as record_id, people.name, people.phones, {columns}\nfrom raw.people as people\n"),
    );
    work.run(&["run", "--quiet"]);
    work
}

#[test]
fn a_shared_value_of_a_list_is_no_evidence_and_neither_is_what_is_made_of_a_shared_value() {
    let work = guarded(
        r#"limits = { phones = 2, mail = 2 }
[[identity.certain]]
name = "same_mailbox"
condition = "l.mailbox = r.mailbox"
[[identity.certain]]
name = "phone_in_common"
condition = "l.city = r.city and array_has_any(l.phones, r.phones)"
"#,
        "people.mail, split_part(people.mail, '@', 1) as mailbox, people.city",
        "id,name,phones,mail,city\n1,Ann,100;200,desk@x.cn,Jinan\n2,Bob,100,desk@x.cn,Jinan\n3,Cy,100;300,desk@x.cn,Jinan\n4,Cyril,300,,Jinan\n5,Dan,,dan@x.cn,Wuhan\n6,Daniel,,dan@x.cn,Jinan\n",
    );
    assert_eq!(
        work.query("select attribute, value, record_count, name_count from identity.shared_values"),
        "attribute,value,record_count,name_count\nmail,desk@x.cn,3,3\nphones,100,3,3"
    );
    // 3 and 4 share a number of their own, 5 and 6 a mailbox of their own; the desk's joins nobody.
    assert_eq!(
        work.query("select left_id, right_id, rule from identity.links order by 1"),
        "left_id,right_id,rule\n3,4,phone_in_common\n5,6,same_mailbox"
    );
}

#[test]
fn a_block_of_lists_is_shown_by_what_all_of_them_have() {
    let work = guarded(
        r#"limits = { mail = 9 }
[[identity.blocking]]
name = "phone"
condition = "array_has_any(l.phones, r.phones)"
[[identity.comparison]]
name = "mail"
column = "mail"
kind = "email"
"#,
        "people.mail",
        "id,name,phones,mail\n1,Ann,200;100,a@x.cn\n2,Bob,100,b@x.cn\n3,Cy,300;100,c@x.cn\n",
    );
    let said = work.run(&["check", "--blocking"]);
    assert!(said.contains("3 records like 1, phones = 100\n"), "{said}");
}

#[test]
fn the_guard_takes_what_is_made_of_a_shared_value_and_nothing_beside_it() {
    let work = guarded(
        r#"limits = { phones = 2, desk = 2 }
[[identity.never]]
name = "no_phone_in_common"
condition = "not array_has_any(l.phones, r.phones)"
[[identity.certain]]
name = "first_phone"
condition = "l.first_phone = r.first_phone"
[[identity.certain]]
name = "start"
condition = "l.start = r.start"
[[identity.certain]]
name = "mail"
condition = "l.mail = r.mail"
[[identity.comparison]]
name = "desk"
column = "desk"
kind = "exact"
"#,
        "people.phones[1] as first_phone, substr(people.phones[1], 1, 2) as start, split_part(people.contact, '|', 1) as desk, split_part(people.contact, '|', 2) as mail",
        // A desk's number and an e-mail in one field: the e-mail is not made of the number.
        "id,name,phones,contact\n1,Ann,100;200,88|ann@x.cn\n2,Bob,100,88|bob@x.cn\n3,Cy,100;300,88|bob@x.cn\n4,Dan,,77|dan@x.cn\n5,Daniel,,66|dan@x.cn\n",
    );
    // 100 is nobody's own, also where it comes first, and neither is its start; the lists of 4 and 5, and that of 2 without it, say nothing.
    assert_eq!(
        work.query("select left_id, right_id, rule, fate from identity.links order by 1"),
        "left_id,right_id,rule,fate\n2,3,mail,joined\n4,5,mail,joined"
    );
}
