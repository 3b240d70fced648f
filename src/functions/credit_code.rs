//! The unified social credit code of a Chinese organisation.

use super::phone::MASKS;
use super::resident_id::{self, PROVINCES};
use super::scalar::{Call, Function};

/// `normalize_credit_code`, `masked_credit_code`, `organization_code`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "normalize_credit_code",
        arguments: &["credit_code"],
        required: 1,
        description: "The code of eighteen characters, with its check character verified; O and I, which no code has, are read as \
                      0 and 1. Null where it cannot be valid.",
        source: "GB 32100-2015",
        example: (
            "normalize_credit_code('91350100M000100Y43')",
            "91350100M000100Y43",
        ),
        call: Call::Text(|args| normalize(args[0])),
    },
    Function {
        name: "masked_credit_code",
        arguments: &["credit_code"],
        required: 1,
        description: "A code of eighteen characters of which some are stars, for the comparison digits; O and I are read as 0 and \
                      1. Null for a whole code, and where fewer than four characters are told.",
        source: "GB 32100-2015",
        example: (
            "masked_credit_code('913501********0Y43')",
            "913501********0Y43",
        ),
        call: Call::Text(|args| masked(args[0])),
    },
    Function {
        name: "organization_code",
        arguments: &["number"],
        required: 1,
        description: "The code of nine characters that an organisation has had since before 2015: of its credit code (characters 9 to \
                      17), of its old tax number of fifteen (the last nine), or the code itself (12345678-9), with its check \
                      character verified. Null where there is none.",
        source: "GB 11714-1997, GB 32100-2015",
        example: ("organization_code('91350100M000100Y43')", "M000100Y4"),
        call: Call::Text(|args| organization_code(args[0])),
    },
];

/// The code of an organisation in a number that it has or had.
fn organization_code(text: &str) -> Option<String> {
    const LENGTH: usize = 9;
    let code = match normalize(text) {
        Some(credit_code) => credit_code[8..17].to_string(),
        None => {
            let plain = resident_id::plain(text);
            let has_region = |number: &str| PROVINCES.contains(&&number[..2]);
            match plain.len() {
                15 if plain.is_ascii() && has_region(&plain) => plain[6..].to_string(),
                LENGTH if plain.is_ascii() => plain,
                _ => return None,
            }
        }
    };
    let (own, check) = code.split_at(LENGTH - 1);
    let is_repeated = code.bytes().all(|byte| byte == code.as_bytes()[0]);
    (!is_repeated && organization_check(own) == check.chars().next()).then_some(code)
}

/// The ninth character of an organisation's code, from its first eight digits and letters.
fn organization_check(own: &str) -> Option<char> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let mut sum = 0;
    for (byte, weight) in own.bytes().zip(WEIGHTS) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return None,
        };
        sum += u32::from(value) * weight;
    }
    Some(match 11 - sum % 11 {
        11 => '0',
        10 => 'X',
        digit => char::from(b'0' + digit as u8),
    })
}

/// Digits, then letters without I, O, S, V and Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Where the first two digits of a region stand for the whole nation.
const NATION: &str = "10";

/// Without a label, spaces and dashes, in upper case, without the letters that no code has.
fn plain(text: &str) -> String {
    // Before the organisation's own number, no code has an L either.
    const DIGITS: usize = 8;
    let plain = resident_id::plain(text);
    let plain = plain
        .replace('O', "0")
        .replace('I', "1")
        .replace('Z', "2")
        .replace('S', "5");
    match plain.split_at_checked(DIGITS) {
        Some((digits, number)) => format!("{}{number}", digits.replace('L', "1")),
        None => plain,
    }
}

/// A code of which some characters are stars.
fn masked(text: &str) -> Option<String> {
    const LENGTH: usize = 18;
    const FEWEST: usize = 4;
    // An X is a character of its own.
    let is_hidden = |c: char| MASKS.contains(&c) && c != 'X';
    let code: String = plain(text)
        .chars()
        .map(|c| if is_hidden(c) { '*' } else { c })
        .collect();
    let is_told = |byte: &u8| ALPHABET.contains(byte);
    let told = code.bytes().filter(|byte| is_told(byte)).count();
    let is_code = code.bytes().all(|byte| byte == b'*' || is_told(&byte));
    (is_code && code.len() == LENGTH && (FEWEST..LENGTH).contains(&told)).then_some(code)
}

/// A code in its form of eighteen characters, if it is valid.
pub fn normalize(text: &str) -> Option<String> {
    let plain = plain(text);
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
