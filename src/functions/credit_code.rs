//! The unified social credit code of a Chinese organisation.

use super::fold::fold;
use super::resident_id::{self, PROVINCES, without_label};
use super::scalar::{Call, Function};

/// `normalize_credit_code`.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "normalize_credit_code",
    arguments: &["credit_code"],
    required: 1,
    description: "The code of eighteen characters, with its check character verified; O and I, which no code has, are read as 0 \
                  and 1. Null where it cannot be valid.",
    source: "GB 32100-2015",
    example: (
        "normalize_credit_code('91350100M000100Y43')",
        "91350100M000100Y43",
    ),
    call: Call::Text(|args| normalize(args[0])),
}];

/// Digits, then letters without I, O, S, V and Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Where the first two digits of a region stand for the whole nation.
const NATION: &str = "10";

/// A code in its form of eighteen characters, if it is valid.
pub fn normalize(text: &str) -> Option<String> {
    let folded = fold(text);
    let text = without_label(&folded);
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect::<String>()
        .to_uppercase()
        .replace('O', "0")
        .replace('I', "1");
    let is_repeated = plain.chars().all(|c| plain.starts_with(c));
    let has_region = plain
        .get(2..4)
        .is_some_and(|region| region == NATION || PROVINCES.contains(&region));
    // One resident in thirty has a number that would pass.
    (plain.len() == 18
        && !is_repeated
        && has_region
        && plain.is_ascii()
        && resident_id::normalize(&plain).is_none()
        && check_character(&plain[..17]) == plain.chars().last())
    .then_some(plain)
}

/// The eighteenth character of a code, from its first seventeen.
pub fn check_character(code: &str) -> Option<char> {
    let mut sum = 0;
    let mut weight = 1;
    for byte in code.bytes() {
        sum += ALPHABET.iter().position(|letter| *letter == byte)? * weight;
        weight = weight * 3 % 31;
    }
    Some(char::from(ALPHABET[(31 - sum % 31) % 31]))
}
