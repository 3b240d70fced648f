//! The number of a Chinese resident identity card.

use chrono::NaiveDate;

use super::fold::fold;
use super::phone::MASKS;
use super::scalar::{Call, Function};

/// `normalize_resident_id`, `masked_resident_id`, and what a number tells of its bearer.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "normalize_resident_id",
        arguments: &["resident_id"],
        required: 1,
        description: "The number in its form of eighteen characters, with its birth date and check character verified; the old \
                      form of fifteen is extended. Null where it cannot be valid, and where it ends with the zeros that a spreadsheet \
                      writes for the digits that it lost.",
        source: "GB 11643-1999, ISO 7064 MOD 11-2",
        example: (
            "normalize_resident_id('110105491231002')",
            "11010519491231002X",
        ),
        call: Call::Text(|args| normalize(args[0])),
    },
    Function {
        name: "masked_resident_id",
        arguments: &["resident_id"],
        required: 1,
        description: "A number of eighteen characters of which some are masked, with stars for what is not told, for the \
                      comparison digits. Null for a whole number, and where fewer than four characters are told.",
        source: "GB 11643-1999",
        example: (
            "masked_resident_id('1101xxxxxxxxxx002X')",
            "1101**********002X",
        ),
        call: Call::Text(|args| masked(args[0])),
    },
    Function {
        name: "resident_id_birth_date",
        arguments: &["resident_id"],
        required: 1,
        description: "The birth date that a valid number tells, of either form, and one that is masked behind it. Null where the number is not \
                      valid.",
        source: "GB 11643-1999",
        example: ("resident_id_birth_date('11010519491231002X')", "1949-12-31"),
        call: Call::Date(|args| birth_date(&normalize(args[0]).or_else(|| masked(args[0]))?)),
    },
    Function {
        name: "resident_id_sex",
        arguments: &["resident_id"],
        required: 1,
        description: "The sex that a valid number tells, of either form, and one that is masked before it: male or female. Null where the \
                      number is not valid.",
        source: "GB 11643-1999",
        example: ("resident_id_sex('11010519491231002X')", "female"),
        call: Call::Text(|args| {
            let number = normalize(args[0]).or_else(|| masked(args[0]))?;
            // The last digit of the sequence is odd for men.
            let digit = number.chars().nth(16)?.to_digit(10)?;
            Some(if digit % 2 == 1 { "male" } else { "female" }.to_string())
        }),
    },
];

/// The birth date in a number of eighteen characters.
fn birth_date(number: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(number.get(6..14)?, "%Y%m%d").ok()
}

/// What stands before a number without a colon, the longer first. Other words say whose it is: 母亲, 总公司.
const LABELS: &[&str] = &[
    "公民身份号码",
    "居民身份证号码",
    "居民身份证号",
    "居民身份证",
    "身份证号码",
    "身份证号",
    "身份证",
    "证件号码",
    "证件号",
    "统一社会信用代码",
    "社会信用代码",
    "信用代码",
    "纳税人识别号",
    "税号",
    "NO.",
    "No.",
];

/// Without a label, spaces and dashes, in upper case.
pub fn plain(text: &str) -> String {
    let folded = fold(text);
    let text = without_label(&folded);
    // 3301…（本人）, and 9133…（三证合一）.
    let noted = text.strip_suffix([')', '）']);
    let noted = noted.and_then(|text| text.rsplit_once(['(', '（']));
    let is_note = |note: &str| ["本人", "三证合一", "五证合一", "已验证", "二代"].contains(&note);
    let text = match noted.filter(|(number, note)| !number.is_empty() && is_note(note)) {
        Some((number, _)) => number.trim_end(),
        None => text,
    };
    let inside = text.strip_prefix(['(', '（']);
    let inside = inside.and_then(|text| text.strip_suffix([')', '）']));
    let text = inside.unwrap_or(text);
    let mut labels = LABELS.iter();
    let number = labels.find_map(|label| text.strip_prefix(label));
    let characters = number.unwrap_or(text).chars();
    let plain: String = characters
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    // An X is written as a cross, or in another alphabet; a star stands for it where it has to be one.
    match plain.strip_suffix(['×', '╳', 'Х', 'х', 'Χ', 'χ', '*']) {
        Some(digits)
            if digits.len() == 17
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && (!plain.ends_with('*') || check_character(digits) == 'X') =>
        {
            format!("{digits}X")
        }
        _ => plain.to_uppercase(),
    }
}

fn masked(text: &str) -> Option<String> {
    const LENGTH: usize = 18;
    let mut number: Vec<char> = plain(text).chars().collect();
    let is_told = |c: &char| c.is_ascii_digit();
    // The last character may be an X of its own.
    let has_check = number.ends_with(&['X']) && number.iter().rev().nth(1).is_some_and(is_told);
    let hidden = number.len() - usize::from(has_check);
    for character in &mut number[..hidden] {
        if MASKS.contains(character) {
            *character = '*';
        }
    }
    let told = number.iter().copied().filter(char::is_ascii_digit).count();
    let stars = number.iter().filter(|c| **c == '*').count();
    let is_whole = stars == 0 || told + usize::from(has_check) < 4;
    let is_number = number.len() == LENGTH && told + stars + usize::from(has_check) == LENGTH;
    (is_number && !is_whole).then(|| number.into_iter().collect())
}

/// A number in its form of eighteen characters, if it is valid.
pub fn normalize(text: &str) -> Option<String> {
    // O and 0, l, I and 1 look alike: the birth date and the check character tell.
    let plain = plain(text).replace('O', "0").replace(['I', 'L'], "1");
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
    let birth = birth_date(&digits)?;
    let is_lifetime = (NaiveDate::from_ymd_opt(1880, 1, 1)?..NaiveDate::from_ymd_opt(2040, 1, 1)?)
        .contains(&birth);
    let is_repeated = plain.bytes().all(|byte| byte == plain.as_bytes()[0]);
    // Of eighteen digits a spreadsheet keeps fifteen, and writes zeros for the others.
    let is_cut = plain.len() == 18 && plain.ends_with("000");
    if !is_lifetime || is_repeated || is_cut || !PROVINCES.contains(&&digits[..2]) {
        return None;
    }
    let complete = format!("{digits}{}", check_character(&digits));
    (plain.len() == 15 || complete == plain).then_some(complete)
}

/// The first two digits of GB/T 2260, Taiwan, Hong Kong and Macau with those of their residents' permits, 91 for foreigners.
pub const PROVINCES: &[&str] = &[
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82", "83", "91",
];

/// Without a label in front, quotes around, and a spreadsheet's fraction behind.
pub fn without_label(text: &str) -> &str {
    let text = text.rsplit([':', '：']).next().unwrap_or(text);
    let text = text.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\'' | '"' | '=' | '‘' | '’' | '`' | ';' | ',' | '。' | '/'
            )
    });
    text.strip_suffix(".0").unwrap_or(text)
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
