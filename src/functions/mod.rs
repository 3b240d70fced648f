//! Every SQL function that onefold adds, one idea per file.
//!
//! SQL is the language of a stage; what SQL cannot say is one more function here. All of them are pure: the same
//! arguments give the same value on every machine. They are registered by one call, [`register`], so that any session
//! (a run, `onefold query`, a test) knows the same words.

pub mod address;
pub mod address_level;
mod address_place;
pub mod amount;
mod chinese_address_level;
pub mod chinese_number;
mod chinese_organization;
mod chinese_organization_level;
mod chinese_organization_words;
pub mod credit_code;
pub mod date;
pub mod date_level;
pub mod digits_level;
pub mod divisions;
mod eastern_name;
pub mod email;
pub mod fold;
mod hong_kong;
pub mod interval;
pub mod ip_address;
mod jyutping;
mod latin_name;
mod latin_name_level;
pub mod mojibake;
mod name_notes;
pub mod organization;
pub mod organization_level;
pub mod person_name;
pub mod person_name_level;
mod person_title;
pub mod phone;
pub mod reading;
pub mod reference;
pub mod resident_id;
pub mod romanisation;
pub mod scalar;
pub mod similarity;
mod surname_sound;
pub mod surnames;
pub mod survivor;
mod syllabic_name;
mod taiwan;
mod trade_words;
mod transliteration;
pub mod user_agent;
mod western_address;
mod western_address_level;
mod western_forms;
mod western_organization;

use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};

pub use scalar::{Call, Function};

/// All functions, in the order in which `onefold functions` prints them.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [
        phone::FUNCTIONS,
        email::FUNCTIONS,
        person_name::FUNCTIONS,
        surname_sound::FUNCTIONS,
        organization::FUNCTIONS,
        address::FUNCTIONS,
        resident_id::FUNCTIONS,
        credit_code::FUNCTIONS,
        date::FUNCTIONS,
        date_level::FUNCTIONS,
        digits_level::FUNCTIONS,
        amount::FUNCTIONS,
        user_agent::FUNCTIONS,
        ip_address::FUNCTIONS,
        mojibake::FUNCTIONS,
        fold::FUNCTIONS,
        similarity::FUNCTIONS,
        interval::FUNCTIONS,
        survivor::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The function of that name, where it is ours.
pub fn named(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name)
}

/// The levels that a function gives, where it gives one of a few.
pub fn levels_of(function: &str) -> Option<&'static [&'static str]> {
    match function {
        "person_name_level" => Some(person_name_level::Level::NAMES),
        "organization_level" => Some(organization_level::LEVELS),
        "address_level" => Some(address_level::LEVELS),
        "date_level" => Some(date_level::LEVELS),
        "digits_level" => Some(digits_level::LEVELS),
        "email_level" => Some(email::LEVELS),
        _ => None,
    }
}

/// Makes every function known to a session.
pub fn register(session: &SessionContext) {
    for function in all() {
        match function.call {
            Call::Survivor(preference) => session.register_udaf(AggregateUDF::new_from_impl(
                survivor::Survivor::new(function.name, preference),
            )),
            _ => session.register_udf(ScalarUDF::new_from_impl(scalar::Adapter::new(function))),
        }
    }
}
