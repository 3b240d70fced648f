//! Probabilities are of pairs that may be of one person: lists without duplicates, and what never rules tell of all records.

use std::fmt::Write;

use crate::workdir::Workdir;

const RULES: &str = r#"name = "lists"
timezone = "Europe/Berlin"
region = "DE"
as_of = "2026-07-01"
[exports]
root = "exports"
[exports.people]
path = "people.csv"
format = "csv"
key = ["id"]
[identity]
RULES
[[identity.blocking]]
name = "surname"
condition = "l.surname = r.surname and l.city = r.city"
[[identity.blocking]]
name = "year"
condition = "l.year = r.year and l.street = r.street"
[[identity.comparison]]
name = "surname"
column = "surname"
kind = "exact"
[[identity.comparison]]
name = "city"
column = "city"
kind = "exact"
[[identity.comparison]]
name = "year"
column = "year"
kind = "exact"
[[identity.comparison]]
name = "street"
column = "street"
kind = "exact"
[publish]
tables = []
output = "warehouse"
"#;

/// Two lists of 2,000 persons each, 600 of whom are in both; a tenth of the values differs. A third has a card.
fn lists(rules: &str) -> Workdir {
    /// A number below `of`, as good as by chance.
    fn number(person: u32, field: u32, of: u32) -> u32 {
        let mixed =
            (u64::from(person) << 32 | u64::from(field)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed >> 32) % u64::from(of)) as u32
    }
    let mut people = "id,list,surname,city,year,street,country,card,province\n".to_string();
    for (list, persons) in [("a", 0..2_000), ("b", 1_400..3_400)] {
        for person in persons {
            let value = |field: u32, of: u32| {
                let is_wrong = list == "b" && number(person, field + 10, 10) == 0;
                number(person, if is_wrong { field + 20 } else { field }, of)
            };
            let [surname, city, year, street] =
                [(0, 300), (1, 40), (2, 60), (3, 200)].map(|(field, of)| value(field, of));
            let card = match number(person, 5, 3) {
                0 => person.to_string(),
                _ => String::new(),
            };
            let country = number(person, 4, 4);
            let province = country * 5 + number(person, 6, 5);
            let row = format!(
                "{list}{person},{list},s{surname},c{city},y{year},r{street},n{country},{card},p{province}"
            );
            writeln!(people, "{row}").unwrap();
        }
    }
    let work = Workdir::new();
    work.write("pipelines/customers.toml", RULES.replace("RULES", rules));
    work.write("exports/people.csv", people);
    work.write(
        "sql/1_staging/records.sql",
        "-- Records.\n-- @key record_id\nselect people.id as record_id, people.list, people.surname, people.city, people.year, people.street, people.country, people.card, people.province from raw.people as people\n",
    );
    work
}

/// The model that training writes.
fn trained(work: &Workdir) -> toml::Table {
    let said = work.run(&["train"]);
    let text = std::fs::read_to_string(work.path("pipelines/customers.model.toml")).unwrap();
    let model: toml::Table = toml::from_str(&text).unwrap();
    let is_told = said.contains("of all pairs, ");
    assert_eq!(is_told, number(&model, "possible_pairs") < 1.0, "{said}");
    model
}

/// A number of the model, or of a comparison's strongest level.
fn number(model: &toml::Table, key: &str) -> f64 {
    model[key].as_float().unwrap()
}

fn strongest(model: &toml::Table, comparison: &str, key: &str) -> f64 {
    let comparisons = model["comparison"].as_array().unwrap();
    let is_meant = |of: &&toml::Value| of["name"].as_str() == Some(comparison);
    let found = comparisons.iter().find(is_meant).unwrap();
    found["levels"][0][key].as_float().unwrap()
}

/// A comparison of one more column.
fn exact(column: &str) -> String {
    format!(
        "[[identity.comparison]]\nname = \"{column}\"\ncolumn = \"{column}\"\nkind = \"exact\"\n"
    )
}

#[test]
fn records_of_one_list_tell_how_often_strangers_agree() {
    // Nobody has another's card, and one of 300 surnames.
    let model = trained(&lists(&format!("across = \"list\"\n{}", exact("card"))));
    let (card, surname) = (
        strongest(&model, "card", "u"),
        strongest(&model, "surname", "u"),
    );
    assert!(card < 1e-4, "{card}");
    assert!((surname * 300.0 - 1.0).abs() < 0.1, "{surname}");
}

#[test]
fn other_comparisons_tell_whose_values_are_equal() {
    let model = trained(&lists(&exact("card")));
    let strangers = |comparison: &str| {
        let comparisons = model["comparison"].as_array().unwrap();
        let is_meant = |of: &&toml::Value| of["name"].as_str() == Some(comparison);
        let found = comparisons.iter().find(is_meant).unwrap();
        let share = found.get("strangers_among_equal");
        share.map_or(1.0, |share| share.as_float().unwrap())
    };
    // Of some 200 pairs with one card, none is of strangers; of those with one street, one in 200 of eight million, nearly all.
    assert!(strangers("card") < 0.1, "{}", strangers("card"));
    assert!(strangers("street") > 0.95, "{}", strangers("street"));
}

#[test]
fn of_lists_without_duplicates_a_pair_across_is_likelier_to_match() {
    let work = lists("across = \"list\"");
    let model = trained(&work);
    // 600 of four million pairs match, and half of all pairs may.
    assert!(
        (number(&model, "possible_pairs") - 0.5).abs() < 0.002,
        "{model:?}"
    );
    let matches = number(&model, "matches_per_record") * 4_000.0;
    assert!((matches - 600.0).abs() < 60.0, "{matches}");
    let of_four_million = format!("{:+.1}", (600.0_f64 / 4e6).log2());
    work.run(&["run", "--quiet"]);
    let why = work.run(&["why", "a1500", "b1500"]);
    assert!(why.contains(&of_four_million), "{of_four_million}: {why}");
}

#[test]
fn what_a_never_rule_leaves_counts_once() {
    const OTHER_COUNTRY: &str =
        "[[identity.never]]\nname = \"other_country\"\ncondition = \"l.country <> r.country\"\n";
    let model = trained(&lists(OTHER_COUNTRY));
    assert!(
        (number(&model, "possible_pairs") - 0.25).abs() < 0.01,
        "{model:?}"
    );
    // Strangers of one country have a city in common as often as others.
    let without = trained(&lists(""));
    assert_eq!(number(&without, "possible_pairs"), 1.0);
    let cities = [&model, &without].map(|model| strongest(model, "city", "u"));
    assert!((cities[0] / cities[1] - 1.0).abs() < 0.1, "{cities:?}");
    // One of the five provinces of a country that is the same says what is left to say.
    let beside = |column: &str| lists(&format!("{OTHER_COUNTRY}{}", exact(column)));
    let within = trained(&beside("province"));
    assert_eq!(
        number(&within, "possible_pairs"),
        number(&model, "possible_pairs")
    );
    let province = strongest(&within, "province", "u");
    assert!((province - 0.2).abs() < 0.01, "{province}");
    // Where a comparison says that the countries are the same, the prior does not.
    let compared = trained(&beside("country"));
    assert_eq!(number(&compared, "possible_pairs"), 1.0);
    let bits = (strongest(&compared, "country", "m") / strongest(&compared, "country", "u")).log2();
    assert!((bits - 2.0).abs() < 0.1, "{bits}");
}

#[test]
fn an_identifier_that_few_have_says_nothing_of_the_others() {
    let model = trained(&lists(
        "[[identity.never]]\nname = \"two_cards\"\ncondition = \"l.card <> r.card\"",
    ));
    assert_eq!(number(&model, "possible_pairs"), 1.0);
}
