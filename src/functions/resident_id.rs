//! The number of a Chinese resident identity card.

use chrono::NaiveDate;

use super::fold::fold;
use super::scalar::{Call, Function};

/// `normalize_resident_id`.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "normalize_resident_id",
    arguments: &["resident_id"],
    required: 1,
    description: "The number in its form of eighteen characters, with its birth date and check character verified; the old \
                  form of fifteen is extended. Null where it cannot be valid.",
    source: "GB 11643-1999, ISO 7064 MOD 11-2",
    example: (
        "normalize_resident_id('110105491231002')",
        "11010519491231002X",
    ),
    call: Call::Text(|args| normalize(args[0])),
}];

fn normalize(text: &str) -> Option<String> {
    let plain: String = fold(text)
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect::<String>()
        .to_uppercase();
    let digits = match plain.len() {
        // The fifteen-digit form was issued to people born in the twentieth century.
        15 if plain.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{}19{}", &plain[..6], &plain[6..])
        }
        18 if plain.bytes().take(17).all(|byte| byte.is_ascii_digit()) && plain.is_ascii() => {
            plain[..17].to_string()
        }
        _ => return None,
    };
    let birth = NaiveDate::parse_from_str(&digits[6..14], "%Y%m%d").ok()?;
    if birth < NaiveDate::from_ymd_opt(1850, 1, 1)? || !matches!(digits.as_bytes()[0], b'1'..=b'9')
    {
        return None;
    }
    let complete = format!("{digits}{}", check_character(&digits));
    (plain.len() == 15 || complete == plain).then_some(complete)
}

/// The eighteenth character of a number, from its first seventeen digits.
pub fn check_character(digits: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHARACTERS: &[u8; 11] = b"10X98765432";
    let sum: u32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    char::from(CHARACTERS[(sum % 11) as usize])
}
