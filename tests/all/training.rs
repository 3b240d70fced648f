//! Models: what training finds, and what it does not believe.

use crate::accountable::compared;
use crate::golden::{RECORDS, matched};
use crate::workdir::{demo, project, tables};

#[test]
fn the_first_run_trains_a_model_and_the_next_uses_it() {
    let work = demo();
    // A night that is not published keeps no model either.
    work.run(&["run", "--quiet", "--no-publish"]);
    let stage = std::fs::read_to_string(work.path("sql/4_satisfaction/service.sql")).unwrap();
    work.write(
        "sql/4_satisfaction/service.sql",
        format!("-- @check row_count = -1\n{stage}"),
    );
    work.fail(1, &["run", "--quiet"]);
    assert!(!work.path("pipelines/customers.model.toml").exists());
    work.write("sql/4_satisfaction/service.sql", stage);
    let output = work.command(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("there was no identity model yet: it was trained, and is in pipelines/customers.model.toml"), "{said}");
    let links = work.query("select left_id, right_id, weight from identity.links order by 1, 2");
    // The file gives the very weights that training gave.
    work.run(&["run", "--quiet", "--force"]);
    assert_eq!(
        work.query("select left_id, right_id, weight from identity.links order by 1, 2"),
        links
    );
    let shipped =
        std::fs::read_to_string(project().join("pipelines/customers.model.toml")).unwrap();
    assert_eq!(
        std::fs::read_to_string(work.path("pipelines/customers.model.toml")).unwrap(),
        shipped
    );
}

#[test]
fn training_on_labels_recovers_how_often_true_pairs_agree() {
    let work = demo();
    let said = work.run(&["train", "--labels", "testdata/truth/records.parquet"]);
    assert!(
        said.contains("trained on 2,391 records; wrote pipelines/customers.model.toml"),
        "{said}"
    );
    let text = std::fs::read_to_string(work.path("pipelines/customers.model.toml")).unwrap();
    assert!(text.contains("trained_by = \"labels\""));
    let model: toml::Table = toml::from_str(&text).unwrap();
    let m = |name: &str| {
        let comparisons = model["comparison"].as_array().unwrap();
        let found = comparisons
            .iter()
            .find(|comparison| comparison["name"].as_str() == Some(name))
            .unwrap();
        found["levels"][0]["m"].as_float().unwrap()
    };
    // They tell of every record: 2,400 pairs of 2,391 records.
    let matches = model["matches_per_record"].as_float().unwrap();
    assert!((matches - 2400.0 / 2391.0).abs() < 1e-9, "{matches}");
    // Counted from the records themselves.
    work.run(&["run", "--quiet"]);
    let cache = std::fs::read_dir(work.path("warehouse/.cache"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path());
    let records = cache
        .into_iter()
        .find(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("staging.records-")
        })
        .unwrap();
    let sql = format!(
        "with r as (select r.birth_date, t.person_id, r.record_id from '{}' as r inner join 'testdata/truth/records.parquet' as t on r.source = t.source and r.source_key = t.source_key)
         select avg(case when a.birth_date = b.birth_date then 1.0 else 0.0 end) as m from r as a inner join r as b on a.person_id = b.person_id and a.record_id < b.record_id
         where a.birth_date is not null and b.birth_date is not null",
        records.display()
    );
    let counted: f64 = work.query(&sql).lines().nth(1).unwrap().parse().unwrap();
    assert!(
        (m("birth_date") - counted).abs() < 0.01,
        "{} is not {counted}",
        m("birth_date")
    );
}

#[test]
fn nothing_is_learned_from_too_little() {
    let work = demo();
    work.run(&["train"]);
    let path = work.path("pipelines/customers.model.toml");
    let model = std::fs::read_to_string(&path).unwrap();
    // A night whose sources are all empty, as after a failed export.
    let records = std::fs::read_to_string(work.path("sql/1_staging/records.sql")).unwrap();
    work.write(
        "sql/1_staging/records.sql",
        format!("{}\nwhere false\n", records.trim_end()),
    );
    let said = work.fail(1, &["train"]);
    assert!(said.contains("there is nothing to learn from"), "{said}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), model);
}

#[test]
fn a_few_labels_say_how_true_pairs_agree_and_not_how_many_there_are() {
    let work = demo();
    let matches_per_record = |arguments: &[&str]| {
        work.run(&[&["train"], arguments].concat());
        let text = std::fs::read_to_string(work.path("pipelines/customers.model.toml")).unwrap();
        let model: toml::Table = toml::from_str(&text).unwrap();
        model["matches_per_record"].as_float().unwrap()
    };
    let without = matches_per_record(&[]);
    let some = work.query("select source, source_key, person_id from 'testdata/truth/records.parquet' where person_id in (select person_id from 'testdata/truth/records.parquet' group by person_id order by person_id limit 100)");
    work.write("some.csv", &some);
    let few = matches_per_record(&["--labels", "some.csv"]);
    assert!(
        (few / without - 1.0).abs() < 0.1,
        "{few} by a few, {without} without"
    );
    // Too few are said to be that.
    let some = some.lines().take(9).collect::<Vec<_>>().join("\n");
    work.write("fewer.csv", some);
    let said = work.run(&["train", "--labels", "fewer.csv"]);
    assert!(said.contains("told nothing: fewer than 20"), "{said}");
    let text = std::fs::read_to_string(work.path("pipelines/customers.model.toml")).unwrap();
    assert!(text.contains("trained_by = \"expectation_maximisation\""));
}

#[test]
fn training_without_labels_recovers_what_labels_say() {
    let work = demo();
    let trained = |arguments: &[&str]| -> Vec<(String, f64, f64)> {
        work.run(arguments);
        let text = std::fs::read_to_string(work.path("pipelines/customers.model.toml")).unwrap();
        let model: toml::Table = toml::from_str(&text).unwrap();
        let mut found = Vec::new();
        for comparison in model["comparison"].as_array().unwrap() {
            assert_eq!(comparison["is_estimated"].as_bool(), Some(true));
            for level in comparison["levels"].as_array().unwrap() {
                let name = format!("{:?} {:?}", comparison["name"], level["name"]);
                let number = |key: &str| level[key].as_float().unwrap();
                found.push((name, number("m"), number("u")));
            }
        }
        found
    };
    let labelled = trained(&["train", "--labels", "testdata/truth/records.parquet"]);
    let unlabelled = trained(&["train"]);
    for ((name, m, u), (_, true_m, true_u)) in unlabelled.iter().zip(&labelled) {
        assert!(
            (m - true_m).abs() < 0.04,
            "m of {name}: {m}, by labels {true_m}"
        );
        // Both are of the same pairs, less those that each takes for matches; of levels that a hundred of them show, that is little.
        assert!(
            *true_u < 1e-4 || (u / true_u).log2().abs() < 0.2,
            "u of {name}: {u}, by labels {true_u}"
        );
    }
}

#[test]
fn a_model_that_does_not_fit_the_rule_book_is_refused_with_its_place() {
    let work = demo();
    work.run(&["run", "--quiet"]);
    let text = std::fs::read_to_string(work.path("pipelines/customers.model.toml")).unwrap();
    work.write(
        "pipelines/customers.model.toml",
        text.replace("{ name = \"one_slip\"", "{ name = \"one_slop\""),
    );
    insta::assert_snapshot!("model_of_another_rule_book", work.fail(2, &["check"]));
    work.write(
        "pipelines/customers.model.toml",
        text.replacen("m = 0.", "m = 7.", 1),
    );
    assert!(
        work.fail(2, &["check"])
            .contains("are not above 0 and at most 1")
    );
}

#[test]
fn a_rare_name_alone_makes_nobody_one() {
    let work = matched();
    let mut people = "id,name,phone,email,birth_date,card,city\n".to_string();
    let syllables = [
        "Ba", "De", "Fi", "Go", "Hu", "Ka", "Le", "Mi", "No", "Pu", "Ra", "Se",
    ];
    for number in 0..400_usize {
        let of = |at: usize| syllables[at % syllables.len()];
        let given = format!("{}{}n", of(number), of(number / 12).to_lowercase());
        let surname = format!("{}{}ster", of(number / 5), of(number / 31).to_lowercase());
        for copy in 0..=usize::from(number % 4 == 0) {
            people += &format!(
                "{number}-{copy},{given} {surname},138{number:08},,,,城{}\n",
                number % 9
            );
        }
    }
    people +=
        "w1,Wilhelmina Oosterhuis,13911110001,,,,\nw2,Wilhelmina Oosterhuis,13922220002,,,,\n";
    work.write("exports/people.csv", people);
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let [start, publish] = ["[identity.guard]", "[publish]"].map(|at| text.find(at).unwrap());
    let rules = "[[identity.blocking]]\nname = \"name\"\ncondition = \"l.name_key = r.name_key\"\n[[identity.blocking]]\nname = \"phone\"\ncondition = \"l.phone_key = r.phone_key\"\n[[identity.comparison]]\nname = \"name\"\ncolumn = \"name\"\nkind = \"person_name\"\nterm_frequency = true\n[[identity.comparison]]\nname = \"phone\"\ncolumn = \"phone_key\"\nkind = \"digits\"\n[[identity.comparison]]\nname = \"city\"\ncolumn = \"city\"\nkind = \"exact\"\n";
    let text = format!("{}{rules}{}", &text[..start], &text[publish..]);
    work.write("pipelines/customers.toml", text);
    work.run(&["run", "--quiet"]);
    let customers = |records: &str| {
        work.query(&format!("select count(distinct customer_id) as n from identity.customer_records where record_id in ({records})"))
    };
    assert_eq!(customers("'w1', 'w2'"), "n\n2");
    // Those with the same phone and city beside it are one.
    assert_eq!(customers("'40-0', '40-1'"), "n\n1");
}

#[test]
fn training_tells_colleagues_that_would_be_one_customer() {
    let work = matched();
    let mut people = "id,name,phone,email,birth_date,card,city\n".to_string();
    for firm in 0..20 {
        for (at, name) in ["王建国", "李秀英", "张晓梅", "刘志强"]
            .into_iter()
            .enumerate()
        {
            for copy in 0..2 {
                people += &format!(
                    "{firm}-{at}-{copy},{name},1380013{:04},info@firm{firm}.cn,,,城{firm}\n",
                    firm * 7 + at
                );
            }
        }
    }
    work.write("exports/people.csv", people);
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let start = text.find("[identity.guard]").unwrap();
    let more = |veto: &str| {
        let rules = format!(
            "[[identity.certain]]\nname = \"same_office\"\ncondition = \"l.email_key = r.email_key\"\n[[identity.blocking]]\nname = \"city\"\ncondition = \"l.city = r.city\"\n[[identity.comparison]]\nname = \"name\"\ncolumn = \"name\"\nkind = \"person_name\"\n{veto}[[identity.comparison]]\nname = \"phone\"\ncolumn = \"phone_key\"\nkind = \"exact\"\n"
        );
        let publish = &text[text.find("[publish]").unwrap()..];
        work.write(
            "pipelines/customers.toml",
            format!("{}{rules}{publish}", &text[..start]),
        );
        work.run(&["train"])
    };
    let said = more("");
    let told = "of 20 customers of three records or more, 20 would have three names that have nothing in common (name)";
    assert!(said.contains(told), "{said}");
    assert!(!more("veto = [\"else\"]\n").contains("nothing in common"));
}

#[test]
fn a_model_of_which_nothing_is_known_is_not_kept() {
    let work = compared();
    let model = work.path("pipelines/customers.model.toml");
    let run = |forced: &[&str]| {
        let output = work.command(&[&["run"], forced].concat()).output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let tables = || tables(&work.path("warehouse/current/identity"));
    let kept = tables();
    std::fs::remove_file(&model).unwrap();
    for _ in 0..2 {
        let said = run(&["--force"]);
        assert!(
            said.contains("of 15 records no comparison could be estimated"),
            "{said}"
        );
        assert!(!model.exists());
    }
    assert!(tables() == kept);
    // One that was kept all the same, and is of far fewer records, is told.
    work.run(&["train"]);
    let mut people = RECORDS.to_string();
    (0..300).for_each(|at| people.push_str(&format!("n{at},,,,,,北京\n")));
    work.write("exports/people.csv", people);
    let said = run(&[]);
    assert!(
        said.contains("was trained on 15 records, and tonight has 315"),
        "{said}"
    );
}

#[test]
fn a_level_of_ones_own_weighs_how_rare_its_values_are() {
    let work = compared();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let with = |level: &str| {
        let own = format!("levels = [{level}]");
        work.write(
            "pipelines/customers.toml",
            text.replace("column = \"city\"\nkind = \"exact\"", &own),
        );
    };
    for (level, said) in [
        (
            "{ name = \"same\", condition = \"l.city = r.city\", term_frequency = \"citty\" }",
            "did you mean \"city\"?",
        ),
        (
            "{ name = \"missing\", condition = \"l.city is null\", term_frequency = \"city\" }",
            "missing is no evidence either way",
        ),
    ] {
        with(level);
        let told = work.fail(2, &["check"]);
        assert!(told.contains(said), "{told}");
    }
    // Thirty records are in Beijing, and two in Seattle: twenty-nine others, and one.
    let mut people = RECORDS.to_string();
    for at in 0..27 {
        people.push_str(&format!("n{at},,,,,,北京\n"));
    }
    work.write("exports/people.csv", people);
    with(
        "{ name = \"same\", condition = \"l.city = r.city and l.city is not null\", term_frequency = \"city\" }",
    );
    let path = work.path("pipelines/customers.model.toml");
    let model = std::fs::read_to_string(&path).unwrap();
    let (rest, city) = model.split_once("name = \"city\"").unwrap();
    let city = city.replace("\"exact\"", "\"same\"");
    std::fs::write(&path, format!("{rest}name = \"city\"{city}")).unwrap();
    work.run(&["run", "--quiet"]);
    let bits = |one: &str, other: &str| -> f64 {
        let told = work.run(&["why", one, other]);
        let (_, behind) = told.split_once("city same ").unwrap();
        let end = behind.find([',', '\n']).unwrap();
        behind[..end].parse().unwrap()
    };
    let (rare, common) = (bits("f1", "f2"), bits("a1", "a2"));
    let expected = (29.0_f64).log2();
    assert!((rare - common - expected).abs() < 0.11, "{rare} {common}");
}

#[test]
fn certain_rules_that_find_next_to_nothing_do_not_mislead_training() {
    let work = matched();
    // Of 3,000 persons 600 come twice, and each time with a slip: in the surname, or in the day.
    let mut people = "id,name,born\n".to_string();
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) % below
    };
    const FIRST: [&str; 8] = [
        "Anna", "Berta", "Carl", "David", "Emil", "Frieda", "Greta", "Horst",
    ];
    for at in 0..3_000 {
        let first = FIRST[next(8) as usize];
        let surname: String = (0..3)
            .map(|_| ["ba", "ke", "li", "mo", "nu"][next(5) as usize])
            .collect();
        let (year, month, day) = (1940 + next(60), 1 + next(12), 1 + next(28));
        let row = |id: &str, surname: &str, day: u64| {
            format!("{id},{first} {surname}n,{year}-{month:02}-{day:02}\n")
        };
        people += &row(&format!("a{at}"), &surname, day);
        if at == 2_999 {
            people += &row("c", &surname, day);
        }
        if at < 600 {
            let (slip, day) = match at % 2 {
                0 => (format!("{surname}x"), day),
                _ => (surname, day % 28 + 1),
            };
            people += &row(&format!("b{at}"), &slip, day);
        }
    }
    work.write("exports/people.csv", people);
    work.write(
        "sql/1_staging/records.sql",
        "-- Records.\n-- @key record_id\nselect\n    people.id as record_id,\n    people.name,\n    person_name_key(people.name) as name_key,\n    parse_date(people.born) as born,\n    split_part(people.name, ' ', 1) as first_name,\n    substr(people.born, 1, 7) as month\nfrom raw.people as people\n",
    );
    let exact = |certain: &str| -> f64 {
        let rules = "[[identity.blocking]]\nname = \"born\"\ncondition = \"l.born = r.born\"\n[[identity.blocking]]\nname = \"name\"\ncondition = \"l.name_key = r.name_key\"\n[[identity.comparison]]\nname = \"name\"\ncolumn = \"name\"\nkind = \"person_name\"\n[[identity.comparison]]\nname = \"born\"\ncolumn = \"born\"\nkind = \"date\"\n";
        let text = format!(
            "name = \"golden\"\ntimezone = \"Asia/Shanghai\"\nregion = \"CN\"\nas_of = \"2026-07-01\"\n[exports]\nroot = \"exports\"\n[exports.people]\npath = \"people.csv\"\nformat = \"csv\"\nkey = [\"id\"]\n[identity]\n{certain}{rules}[publish]\ntables = []\noutput = \"warehouse\"\n"
        );
        work.write("pipelines/customers.toml", text);
        work.run(&["train"]);
        let model = std::fs::read_to_string(work.path("pipelines/customers.model.toml")).unwrap();
        let (_, behind) = model.split_once("{ name = \"exact\", m = ").unwrap();
        behind.split(',').next().unwrap().parse().unwrap()
    };
    let without = exact("");
    let with = exact(
        "[[identity.certain]]\nname = \"both\"\ncondition = \"l.name_key = r.name_key and l.born = r.born\"\n",
    );
    assert!((0.4..0.6).contains(&without), "{without}");
    assert!((with - without).abs() < 0.05, "{with} {without}");
}
