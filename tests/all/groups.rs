//! Groups: customers that belong together are listed, and stay customers.

use crate::workdir::Workdir;

const RECORDS: &str = "\
id,name,phone,address,company
a1,王强,13800001111,北京市朝阳区建国路88号2单元301室,
a2,王强,13800001111,,
a3,李娜,13900002222,北京市朝阳区建国路88号2单元301室,
a4,王小宝,,北京市朝阳区建国路88号2单元301室,
b1,赵敏,13700003333,上海市浦东新区世纪大道100号,
b2,钱多,13600004444,上海市浦东新区世纪大道100号,
b3,孙立,13500005555,上海市浦东新区世纪大道100号,
b4,周全,13400006666,上海市浦东新区世纪大道100号,
o1,深圳办公室,075512345678,,华为技术有限公司深圳分公司
o2,总机,075587654321,,华为技术有限公司
o3,北京办公室,01012345678,,华为技术有限公司北京分公司
o4,别的公司,02012345678,,别的技术有限公司
";

const RULES: &str = r#"name = "groups"
timezone = "Asia/Shanghai"
region = "CN"
as_of = "2026-07-01"
[exports]
root = "exports"
[exports.people]
path = "people.csv"
format = "csv"
key = ["id"]
[[identity.certain]]
name = "same_phone_and_name"
condition = "l.phone_key = r.phone_key and l.name_key = r.name_key"
[[identity.group]]
name = "household"
condition = "l.address_key = r.address_key"
max_size = 3
[[identity.group]]
name = "organization"
condition = "l.head_key = r.head_key"
head = "company_key = head_key"
[publish]
tables = []
output = "warehouse"
"#;

fn grouped() -> Workdir {
    let work = Workdir::new();
    work.write("pipelines/customers.toml", RULES);
    work.write("exports/people.csv", RECORDS);
    work.write(
        "sql/1_staging/records.sql",
        "-- Records.\n-- @key record_id\nselect\n    people.id as record_id,\n    person_name_key(people.name) as name_key,\n    phone_key(people.phone, $region) as phone_key,\n    address_key(people.address) as address_key,\n    organization_name_key(people.company) as company_key,\n    organization_head_key(people.company) as head_key\nfrom raw.people as people\n",
    );
    work
}

#[test]
fn a_household_is_no_customer_and_a_branch_relates_to_its_head_office() {
    let work = grouped();
    let output = work.command(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("groups     household: 1, organization: 1"),
        "{said}"
    );
    // a1 and a2 are one customer; its two relatives are not.
    let members = "select g.kind, string_agg(r.record_id, ' ' order by r.record_id) as records from identity.groups as g
        inner join identity.customer_records as r on r.customer_id = g.customer_id group by g.kind, g.group_id order by 1, 2";
    let found = work.query(members);
    assert_eq!(
        found,
        "kind,records\nhousehold,a1 a2 a3 a4\norganization,o1 o2 o3"
    );
    // The head office leads, and nobody was merged for it.
    let head = "select r.record_id, g.group_size from identity.groups as g inner join identity.customer_records as r on r.customer_id = g.customer_id where g.is_head and g.kind = 'organization'";
    assert_eq!(work.query(head), "record_id,group_size\no2,3");
    assert_eq!(
        work.query("select count(distinct customer_id) as n from identity.customer_records"),
        "n\n11"
    );
    // Four at one address are one more than a household may have: no three of them are one either.
    assert_eq!(
        work.query("select count(*) as n from identity.group_links where is_refused"),
        "n\n6"
    );
    assert!(
        said.contains("1 group of household would have more customers than its max_size"),
        "{said}"
    );
    // A block over its cap groups nobody, and is told.
    let rules = RULES.replace("max_size = 3", "max_size = 3\nmax_block = 3");
    work.write("pipelines/customers.toml", rules);
    let output = work.command(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("the rule household set 4 records aside, in 1 block over its max_block: it does not group their customers"),
        "{said}"
    );
    work.write("pipelines/customers.toml", RULES);
    work.run(&["run", "--quiet"]);
    // Again: the same bytes.
    let links = work.query("select * from identity.group_links order by 1, 2, 3");
    work.run(&["run", "--quiet", "--force"]);
    assert_eq!(
        work.query("select * from identity.group_links order by 1, 2, 3"),
        links
    );
}

#[test]
fn mistakes_in_a_group_are_shown_in_the_pipeline_file() {
    let work = grouped();
    work.write(
        "pipelines/customers.toml",
        RULES.replace("head = \"company_key", "head = \"compny_key"),
    );
    insta::assert_snapshot!("misspelt_head_of_group", work.fail(2, &["check"]));
    work.write(
        "pipelines/customers.toml",
        RULES.replace("l.head_key = r.head_key", "l.head_key <> r.head_key"),
    );
    assert!(
        work.fail(2, &["check"])
            .contains("the group rule organization equates no column")
    );
    work.write(
        "pipelines/customers.toml",
        RULES.replace("max_size = 3", "max_sizes = 3"),
    );
    assert!(work.fail(2, &["check"]).contains("max_sizes"));
}

#[test]
fn with_across_lists_are_linked_and_never_joined_inside() {
    let work = grouped();
    let rules = RULES.replace(
        "[[identity.certain]]",
        "[identity]\nacross = \"list\"\n[[identity.certain]]",
    );
    work.write("pipelines/customers.toml", &rules);
    let stage = std::fs::read_to_string(work.path("sql/1_staging/records.sql")).unwrap();
    let stage = stage.replace(
        "    people.id as record_id,\n",
        "    people.id as record_id,\n    substr(people.id, 1, 1) as list,\n",
    );
    work.write("sql/1_staging/records.sql", stage);
    // b5 is a1 and a2 in another list: it is joined with one of them.
    let more = format!("{RECORDS}b5,王强,13800001111,,\n");
    work.write("exports/people.csv", more);
    work.run(&["run", "--quiet"]);
    let joined = "select string_agg(record_id, ' ' order by record_id) as records from identity.customer_records group by customer_id having count(*) > 1";
    assert_eq!(work.query(joined), "records\na1 b5");
    assert_eq!(
        work.query("select refused_by from identity.links where fate = 'refused'"),
        "refused_by\nacross"
    );
    let certain = work.query("select pair_count from identity.rules where kind = 'certain'");
    assert_eq!(certain, "pair_count\n2");
    // A steward's always goes behind the lists, and is answered.
    let decisions = "[exports.decisions]\npath = \"decisions.csv\"\nformat = \"csv\"\n[identity]\ndecisions = \"staging.decisions\"\n";
    work.write(
        "pipelines/customers.toml",
        rules.replace("[identity]\n", decisions),
    );
    work.write(
        "sql/1_staging/decisions.sql",
        "-- What stewards decided.\nselect d.left_id, d.right_id, d.decision from raw.decisions as d\n",
    );
    work.write(
        "exports/decisions.csv",
        "left_id,right_id,decision\na1,a2,always\n",
    );
    let output = work.command(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("staging.decisions says always of a1 and a2, which have the same list: across = \"list\" goes before it"),
        "{said}"
    );
    assert_eq!(work.query(joined), "records\na1 b5");
}
