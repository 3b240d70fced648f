//! Functions over arbitrary text: nothing panics, and cleaning twice is cleaning once.

use onefold::functions::scalar::Call;
use proptest::prelude::*;

fn text_function(name: &str) -> fn(&[&str]) -> Option<String> {
    match onefold::functions::all()
        .find(|function| function.name == name)
        .map(|function| function.call)
    {
        Some(Call::Text(call)) => call,
        _ => panic!("{name} is no function that gives text"),
    }
}

/// Text as it comes: anything, and things that look like phones, names, dates and amounts.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9+() *x.\\-转E]{0,20}",
        "[张王李欧阳小明伟先生·* a-zA-Z,.]{0,12}",
        "[0-9年月日/.: 下午T+-]{0,25}",
        "[a-z0-9.+@＠。-]{0,24}",
        "[0-9,.万亿元￥()－-]{0,16}",
    ]
}

/// The same cases in every run; `PROPTEST_CASES` and another seed find new ones.
pub fn config(otherwise: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(otherwise);
    let seed = std::env::var("PROPTEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(7);
    ProptestConfig {
        cases,
        rng_seed: proptest::test_runner::RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn no_function_panics(value in text(), other in text()) {
        for function in onefold::functions::all() {
            for second in ["CN", "US", "Asia/Shanghai", "dmy", other.as_str()] {
                let arguments = [value.as_str(), second];
                let arguments = &arguments[..function.arguments.len().min(2)];
                match function.call {
                    Call::Text(call) => { call(arguments); }
                    Call::Texts(call) => { call(arguments); }
                    Call::Date(call) => { call(arguments); }
                    Call::Timestamp(call) => { call(&[&value, second]); }
                    Call::Amount(call) => { call(arguments); }
                    Call::Measure(call) => { call(arguments); }
                    Call::Level(call) => { call(&[Some((&value, second))]); }
                    Call::Number(_) | Call::Survivor(_) => {}
                }
            }
        }
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(value in text()) {
        for name in ["normalize_email", "normalize_person_name", "normalize_resident_id", "normalize_credit_code"] {
            let clean = text_function(name);
            if let Some(once) = clean(&[&value]) {
                let twice = clean(&[&once]);
                prop_assert_eq!(twice.as_deref(), Some(once.as_str()), "{} of {:?}", name, value);
            }
        }
        let phone = text_function("normalize_phone");
        if let Some(once) = phone(&[&value, "CN"]) {
            let twice = phone(&[&once, "CN"]);
            prop_assert_eq!(twice.as_deref(), Some(once.as_str()), "normalize_phone of {:?}", value);
        }
    }

    #[test]
    fn names_are_as_alike_one_way_as_the_other(left in "[张王李欧阳小晓明伟炜先生*a-zA-Z ]{1,8}", right in "[张王李欧阳小晓明伟炜先生*a-zA-Z ]{1,8}") {
        let function = onefold::functions::all().find(|function| function.name == "person_name_level");
        let Some(Call::Level(level)) = function.map(|function| function.call) else {
            panic!("person_name_level gives no level");
        };
        prop_assert_eq!(level(&[Some((&left, &right))]), level(&[Some((&right, &left))]));
    }
}
