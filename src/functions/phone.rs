//! Phone numbers: what kind of number a text is, its normal form, and the key it is matched on.
//!
//! The numbering plans are Google's (rlibphonenumber). Before it sees a text, what it would misread is taken out here:
//! masks (it reads `138xxxx5678` as an extension), placeholders, Excel's damage, service numbers and short codes.

use std::str::FromStr;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};

use super::fold::fold;
use super::scalar::{Call, Function};

/// `normalize_phone`, `phone_kind`, `phone_key`, `masked_phone`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "normalize_phone",
        arguments: &["phone", "region"],
        required: 2,
        description: "The number in E.164, with `;ext=` where it has an extension. Null where a digit would have to be \
                      invented: masks, placeholders, a missing area code, Excel's scientific notation.",
        source: "ITU-T E.164, RFC 3966, Google's numbering plans",
        example: ("normalize_phone('020 7946 0001', 'GB')", "+442079460001"),
        call: Call::Text(|args| parse(args[0], args[1]).normal),
    },
    Function {
        name: "phone_kind",
        arguments: &["phone", "region"],
        required: 2,
        description: "What the text is: mobile, fixed_line, masked, shared_service (400 and 800 numbers), short_code, \
                      placeholder, virtual (a privacy number with an extension), incomplete, other, invalid.",
        source: "ITU-T E.164, RFC 3966, Google's numbering plans",
        example: ("phone_kind('138****5678', 'CN')", "masked"),
        call: Call::Text(|args| {
            (!fold(args[0]).is_empty()).then(|| parse(args[0], args[1]).kind.to_string())
        }),
    },
    Function {
        name: "phone_key",
        arguments: &["phone", "region"],
        required: 2,
        description: "The number to match on: the normal form of a number that can belong to one person, its extension with it. \
                      Null for service, virtual, masked and placeholder numbers, and for two numbers in one.",
        source: "ITU-T E.164, RFC 3966, Google's numbering plans",
        example: ("phone_key('138 1234 5678', 'CN')", "+8613812345678"),
        call: Call::Text(|args| {
            let phone = parse(args[0], args[1]);
            matches!(phone.kind, "mobile" | "fixed_line" | "other")
                .then_some(phone.normal)
                .flatten()
        }),
    },
    Function {
        name: "masked_phone",
        arguments: &["phone", "region"],
        required: 2,
        description: "A number of which some digits are masked, in the form of its key with stars for what is not told, for the \
                      comparison digits. Null for a whole number, and where fewer than four digits are told.",
        source: "ITU-T E.164, Google's numbering plans",
        example: ("masked_phone('138 xxxx 5678', 'CN')", "+86138****5678"),
        call: Call::Text(|args| masked(args[0], args[1])),
    },
];

/// Whether there is a numbering plan for a region.
pub fn is_region(region: &str) -> bool {
    Region::from_str(region).is_ok_and(|region| {
        PHONE_NUMBER_UTIL
            .get_country_code_for_region(region)
            .is_some()
    })
}

struct Phone {
    kind: &'static str,
    normal: Option<String>,
}

fn without_number(kind: &'static str) -> Phone {
    Phone { kind, normal: None }
}

fn parse(text: &str, region: &str) -> Phone {
    // The common case first: eleven digits of a mainland mobile.
    if region == "CN" && text.len() == 11 && is_mainland_mobile(text) {
        return mainland_mobile(text);
    }
    let folded = plain_marks(&fold(text));
    let text = strip_label(&folded);
    if text.is_empty() {
        return without_number("invalid");
    }
    let text = without_carrier(text, region);
    if is_masked(text) {
        return without_number("masked");
    }
    let text = strip_note(strip_excel_fraction(text));
    let exact = without_exponent(text)
        .or_else(|| without_thousands(text))
        .or_else(|| said_twice(text));
    let text = exact.as_deref().unwrap_or(text);
    let (number, extension) = split_extension(text, region);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if number
        .chars()
        .any(|c| !c.is_ascii_digit() && !" +-().,/·".contains(c))
        || digits.is_empty()
    {
        return without_number("invalid");
    }
    let is_abroad = number.trim_start().starts_with('+');
    if let Some(today) = renumbered(&digits, is_abroad, region) {
        return international(&today, extension, region);
    }
    // Behind the mainland's own code stands what the mainland writes.
    let mainland_digits = match (is_abroad, digits.strip_prefix("86")) {
        (true, Some(rest)) => Some(rest),
        (false, Some(rest)) if region == "CN" && is_mainland_mobile(rest) => Some(rest),
        (false, _) if region == "CN" => Some(digits.as_str()),
        _ => None,
    };
    if let Some(phone) = mainland_digits.and_then(|digits| mainland(digits, extension.clone())) {
        return phone;
    }
    international(number, extension, region)
}

/// A number of Brazil without what stands for a carrier's: 0xx11.
fn without_carrier<'a>(text: &'a str, region: &str) -> &'a str {
    let behind = text.strip_prefix("0xx").or(text.strip_prefix("0XX"));
    behind.filter(|_| region == "BR").unwrap_or(text)
}

/// The number of today of one as it was dialled before its country changed that: Mexico's 1 and its prefixes, Brazil's mobiles of eight
/// digits, Vietnam's of eleven.
fn renumbered(digits: &str, is_abroad: bool, region: &str) -> Option<String> {
    const VIETNAM: &[(&str, &str)] = &[
        ("120", "70"),
        ("121", "79"),
        ("122", "77"),
        ("126", "76"),
        ("128", "78"),
        ("123", "83"),
        ("124", "84"),
        ("125", "85"),
        ("127", "81"),
        ("129", "82"),
        ("162", "32"),
        ("163", "33"),
        ("164", "34"),
        ("165", "35"),
        ("166", "36"),
        ("167", "37"),
        ("168", "38"),
        ("169", "39"),
        ("186", "56"),
        ("188", "58"),
        ("199", "59"),
    ];
    // Behind the country's code, with it or at home.
    let national = |code: &str, home: &str| match digits.strip_prefix(code) {
        Some(rest) if is_abroad || (region == home && rest.len() >= 10) => Some(rest.to_string()),
        _ if region == home && !is_abroad => Some(digits.to_string()),
        _ => None,
    };
    if let Some(number) = national("52", "MX") {
        const PREFIXES: &[&str] = &["044", "045", "01", "1"];
        let mut behind = PREFIXES
            .iter()
            .filter_map(|prefix| number.strip_prefix(prefix));
        return behind
            .find(|rest| rest.len() == 10)
            .map(|rest| format!("+52{rest}"));
    }
    if let Some(number) = national("55", "BR") {
        // 0 21 11: the city behind a carrier.
        let of_carrier = number.strip_prefix('0').filter(|rest| rest.len() >= 12);
        let number = of_carrier.map_or(number.as_str(), |rest| &rest[2..]);
        let is_mobile = number.len() == 10 && matches!(number.as_bytes()[2], b'6'..=b'9');
        return match is_mobile {
            true => Some(format!("+55{}9{}", &number[..2], &number[2..])),
            false => of_carrier.map(|_| format!("+55{number}")),
        };
    }
    let number = national("84", "VN")?;
    let number = number.strip_prefix('0').unwrap_or(&number);
    let (_, today, rest) = VIETNAM
        .iter()
        .filter_map(|(old, today)| Some((old, today, number.strip_prefix(old)?)))
        .find(|(_, _, rest)| rest.len() == 7)?;
    Some(format!("+84{today}{rest}"))
}

/// Every kind of dash is a dash; quotes and signs that other programs put around a number are none of it.
fn plain_marks(text: &str) -> String {
    let dashed: String = text
        .chars()
        .map(|c| match c {
            '_' if !text.contains("__") => '-',
            '_' => '*',
            '—' | '–' | '‐' | '‑' | '‒' | '―' | '−' | '－' => '-',
            '轉' => '转',
            '機' => '机',
            other => other,
        })
        .collect();
    let in_digits: String = dashed.chars().map(arabic).collect();
    let changed = in_digits
        .chars()
        .zip(dashed.chars())
        .filter(|(one, other)| one != other);
    let dashed = match changed.count() {
        7.. => in_digits,
        _ => dashed.replace("...", "****"),
    };
    // 138·····5678: a row of dots hides digits.
    let dashed = match dashed.contains("···") {
        true => dashed.replace('·', "*"),
        false => with_digits_for_letters(dashed),
    };
    let inner = dashed.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\''
                    | '‘'
                    | '’'
                    | '`'
                    | '='
                    | '['
                    | ']'
                    | '【'
                    | '】'
                    | ';'
                    | ','
                    | '。'
                    | '、'
            )
    });
    // A code in brackets: (852)91234567.
    for code in ["852", "853", "886"] {
        if let Some(rest) = inner.strip_prefix(&format!("({code})")) {
            return format!("+{code}{rest}");
        }
        // 852-91234567, and 85291234567, which is no number of the mainland.
        let behind = inner.strip_prefix(code);
        let behind = behind.map(|rest| rest.trim_start_matches(['-', ' ']));
        let length = if code == "886" { 9 } else { 8 };
        let is_number =
            |rest: &&str| rest.len() == length && rest.bytes().all(|c| c.is_ascii_digit());
        if let Some(rest) = behind.filter(is_number) {
            return format!("+{code}{rest}");
        }
    }
    inner.to_string()
}

/// The digits in Chinese.
const CHINESE_DIGITS: &[(char, char)] = &[
    ('零', '0'),
    ('〇', '0'),
    ('一', '1'),
    ('幺', '1'),
    ('二', '2'),
    ('三', '3'),
    ('四', '4'),
    ('五', '5'),
    ('六', '6'),
    ('七', '7'),
    ('八', '8'),
    ('九', '9'),
];

/// The digit that a Chinese one stands for; any other character is itself.
fn arabic(character: char) -> char {
    let known = CHINESE_DIGITS.iter().find(|(digit, _)| *digit == character);
    known.map_or(character, |(_, digit)| *digit)
}

/// A letter typed for a digit, or read for one: 1381234567O, 138l2345678.
fn with_digits_for_letters(text: String) -> String {
    const FEWEST: usize = 8;
    const MOST: usize = 2;
    let is_letter = |c: char| matches!(c, 'O' | 'o' | 'l' | 'I');
    let letters = text.chars().filter(|c| is_letter(*c)).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_number = |c: char| c.is_ascii_digit() || is_letter(c) || " +-()".contains(c);
    if !(1..=MOST).contains(&letters) || digits < FEWEST || !text.chars().all(is_number) {
        return text;
    }
    let digit = |c| match c {
        'O' | 'o' => '0',
        'l' | 'I' => '1',
        other => other,
    };
    text.chars().map(digit).collect()
}

/// 13,812,345,678 is a number that a spreadsheet took for a quantity.
fn without_thousands(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split(',').collect();
    let is_quantity = groups.len() >= 3
        && (1..=3).contains(&groups[0].len())
        && groups[1..].iter().all(|group| group.len() == 3)
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    is_quantity.then(|| groups.concat())
}

/// The same number twice is that number; two numbers are none.
fn said_twice(text: &str) -> Option<String> {
    let (first, second) = text.split_once([',', '/', '、', ';'])?;
    let digits = |part: &str| {
        part.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    (digits(first).len() >= 7 && digits(first) == digits(second)).then(|| first.trim().to_string())
}

/// Removes what people write before a number: `手机：`, `Tel:`, `电话 `.
fn strip_label(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_alphabetic() || matches!(c, ':' | '.' | ' ' | '#' | '/'))
        .trim()
}

/// Removes what people write behind a number: 张伟, （妈妈）, home.
fn strip_note(text: &str) -> &str {
    let mut text = text;
    loop {
        let before = text;
        text = text.trim_end_matches(|c: char| {
            c.is_alphabetic() || c.is_whitespace() || matches!(c, ':' | '(')
        });
        if let Some((number, note)) = text
            .strip_suffix(')')
            .and_then(|inner| inner.rsplit_once('('))
            && !note.bytes().any(|byte| byte.is_ascii_digit())
        {
            text = number;
        }
        if text == before {
            return text;
        }
    }
}

/// `1.3812345678E+10` has all digits of the number; `1.38E+10` has lost most, and is left as it is.
fn without_exponent(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    let exponent: usize = exponent
        .strip_prefix('+')
        .unwrap_or(exponent)
        .parse()
        .ok()?;
    let (whole, fraction) = mantissa.split_once('.')?;
    if !fraction.is_ascii() {
        return None;
    }
    let fraction =
        match fraction.len() > exponent && fraction[exponent..].bytes().all(|byte| byte == b'0') {
            true => &fraction[..exponent],
            false => fraction,
        };
    let digits = format!("{whole}{fraction}");
    let is_exact = whole.len() == 1
        && fraction.len() == exponent
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_exact.then_some(digits)
}

/// Digits hidden by stars, letters x, or bullets.
fn is_masked(text: &str) -> bool {
    let hidden = text.chars().filter(|c| MASKS.contains(c)).count();
    hidden >= 2 && text.chars().any(|c| c.is_ascii_digit())
}

/// What hides a digit.
pub const MASKS: &[char] = &['*', 'x', 'X', '•', '●', '○', '■', '#', '?'];

/// Whether a text is a mobile number of the mainland whose middle is hidden.
fn is_hidden_mobile(number: &str) -> bool {
    let (Some(start), Some(end)) = (number.get(..3), number.len().checked_sub(4)) else {
        return false;
    };
    let (Some(middle), Some(end)) = (number.get(3..end.max(3)), number.get(end..)) else {
        return false;
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_hidden = middle.chars().all(|c| MASKS.contains(&c));
    start.starts_with('1') && are_digits(start) && are_digits(end) && is_hidden && middle.len() >= 2
}

fn masked(text: &str, region: &str) -> Option<String> {
    /// Digits of a number without its country.
    const NATIONAL: usize = 10;
    let folded = plain_marks(&fold(text));
    // An x is a mask here, and no extension.
    let text = strip_label(&folded);
    let extension = ["转", "分机", "ext"]
        .iter()
        .filter_map(|mark| text.find(mark));
    let text = extension.min().map_or(text, |at| text[..at].trim_end());
    // 138****5678-1234: a number that a shop gave out has an extension.
    let text = match text.rsplit_once('-') {
        Some((number, extension)) if is_extension(extension) && is_hidden_mobile(number) => number,
        _ => text,
    };
    let text = without_carrier(text, region);
    if !is_masked(text) {
        return None;
    }
    let is_abroad = text.starts_with('+') || text.starts_with("00");
    // +44 (0)20: the nought is for calls within the country.
    let number: String = text
        .replace("(0)", "")
        .chars()
        .map(|c| if MASKS.contains(&c) { '*' } else { c })
        .filter(|c| !" +-().".contains(*c))
        .collect();
    // 138***5678: four digits are hidden, whatever the number of stars.
    let number = match is_hidden_mobile(&number) {
        true => format!("{}****{}", &number[..3], &number[number.len() - 4..]),
        false => number,
    };
    let number = number.strip_prefix("00").unwrap_or(&number);
    let told = number.chars().filter(char::is_ascii_digit).count();
    if told < 4 || told + number.matches('*').count() != number.len() || number.len() > 15 {
        return None;
    }
    let code = Region::from_str(region).ok();
    let code = code.and_then(|code| PHONE_NUMBER_UTIL.get_country_code_for_region(code))?;
    let code = code.to_string();
    let behind_code = number.strip_prefix(&code);
    let behind_code = behind_code.filter(|rest| is_abroad || rest.len() >= NATIONAL);
    let national = match behind_code {
        None if is_abroad => return Some(format!("+{number}")),
        Some(rest) => rest,
        None => number,
    };
    // What stands before a number within the country: a nought; in Italy it belongs to the number, and in Russia it is an 8.
    let trunk = match (region, national.len() > NATIONAL) {
        ("IT" | "SM" | "VA", _) | ("US" | "CA", _) => None,
        ("RU" | "KZ", true) => national.strip_prefix('8'),
        _ => national.strip_prefix('0'),
    };
    Some(format!("+{code}{}", trunk.unwrap_or(national)))
}

/// `13812345678.0` is a number that a spreadsheet took for a quantity.
fn strip_excel_fraction(text: &str) -> &str {
    match text.strip_suffix(".0").or_else(|| text.strip_suffix(".00")) {
        Some(whole) if whole.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        _ => text,
    }
}

/// `010-65551234-8012`, `…转8012`, `… ext. 12`: the number, and the extension.
fn split_extension<'a>(text: &'a str, region: &str) -> (&'a str, Option<String>) {
    let lower = text.to_lowercase();
    for mark in [
        ";ext=",
        "转分机",
        "分机号",
        "分机",
        "内线",
        "转",
        "接",
        "拨",
        "ext.",
        "ext",
        "x",
        "#",
        "*",
        ",",
    ] {
        // Lower case keeps the byte positions of ASCII and Chinese text, which is all that is left after folding.
        if lower.len() == text.len()
            && let Some(at) = lower.rfind(mark)
        {
            let extension = text[at + mark.len()..].trim_matches(|c: char| " :.-)".contains(c));
            if is_extension(extension) && at > 0 {
                return (
                    text[..at].trim_end_matches(|c: char| " -,(".contains(c)),
                    Some(extension.to_string()),
                );
            }
        }
    }
    // (8012) behind a number.
    if let Some((number, extension)) = text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('))
        && is_extension(extension)
        && number.chars().filter(char::is_ascii_digit).count() >= 7
    {
        return (number.trim_end(), Some(extension.to_string()));
    }
    // In China a third group after a dash is an extension: 010-65551234-8012, and 13812345678-1234 for privacy numbers.
    if (region == "CN" || text.starts_with("+86"))
        && let Some((number, extension)) = text.rsplit_once('-')
        && is_extension(extension)
    {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let national = digits
            .strip_prefix("0086")
            .or(digits.strip_prefix("86"))
            .unwrap_or(&digits);
        if is_mainland_mobile(national)
            || (national.starts_with("95013") && national.len() >= 12)
            || (national.starts_with('0') && (10..=12).contains(&national.len()))
        {
            return (number, Some(extension.to_string()));
        }
    }
    (text, None)
}

fn is_extension(text: &str) -> bool {
    (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_mainland_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11
        && bytes[0] == b'1'
        && (b'3'..=b'9').contains(&bytes[1])
        && bytes.iter().all(u8::is_ascii_digit)
}

fn mainland_mobile(digits: &str) -> Phone {
    if is_placeholder(digits) {
        return without_number("placeholder");
    }
    Phone {
        kind: "mobile",
        normal: Some(format!("+86{digits}")),
    }
}

/// What the mainland writes without a country code; `None` where the numbering plan has to decide.
fn mainland(digits: &str, extension: Option<String>) -> Option<Phone> {
    let digits = digits.strip_prefix("0086").unwrap_or(digits);
    let digits = match digits.strip_prefix("86") {
        Some(rest) if is_mainland_mobile(rest) => rest,
        _ => digits,
    };
    let digits = match digits.strip_prefix('0') {
        Some(rest) if is_mainland_mobile(rest) => rest,
        _ => digits,
    };
    if is_mainland_mobile(digits) {
        return Some(match extension {
            Some(extension) => Phone {
                kind: "virtual",
                normal: Some(format!("+86{digits};ext={extension}")),
            },
            None => mainland_mobile(digits),
        });
    }
    if digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800")) {
        return Some(Phone {
            kind: "shared_service",
            normal: Some(format!("+86{digits}")),
        });
    }
    if is_placeholder(digits) {
        return Some(without_number("placeholder"));
    }
    match digits.len() {
        // The privacy numbers of shops, which are given out anew.
        12..=17 if digits.starts_with("95013") => Some(Phone {
            kind: "virtual",
            normal: Some(match extension {
                Some(extension) => format!("+86{digits};ext={extension}"),
                None => format!("+86{digits}"),
            }),
        }),
        3 if digits.starts_with('1') => Some(without_number("short_code")),
        5..=6
            if digits.starts_with("95") || digits.starts_with("96") || digits.starts_with('1') =>
        {
            Some(without_number("short_code"))
        }
        // A fixed line without its area code: the code would have to be invented.
        7..=8 if !digits.starts_with('0') && !digits.starts_with('1') => {
            Some(without_number("incomplete"))
        }
        11 if digits.starts_with('1') => Some(without_number("invalid")),
        _ => None,
    }
}

/// Numbers that stand for "no number": one digit repeated, rows of digits, the operator's famous example.
fn is_placeholder(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let repeated = bytes.len() >= 7 && bytes[1..].iter().all(|byte| *byte == bytes[1]);
    let tail = bytes.len() == 11
        && bytes[3..].iter().all(|byte| *byte == bytes[3])
        && matches!(bytes[3], b'0' | b'1');
    let rising = bytes.len() >= 7
        && bytes
            .windows(2)
            .all(|pair| pair[1] == pair[0] + 1 || (pair[0] == b'9' && pair[1] == b'0'));
    repeated
        || tail
        || rising
        || matches!(
            digits,
            "13800138000" | "12345678901" | "13812345678901" | "18888888888"
        )
}

fn international(number: &str, extension: Option<String>, region: &str) -> Phone {
    let digits_only: String = number
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    let number = match digits_only.strip_prefix("00") {
        Some(rest) if !digits_only.starts_with("000") && rest.len() >= 8 && region != "US" => {
            format!("+{rest}")
        }
        _ => digits_only,
    };
    let region = Region::from_str(region).ok();
    let Ok(parsed) = PHONE_NUMBER_UTIL.parse(&number, region) else {
        return without_number("invalid");
    };
    if !PHONE_NUMBER_UTIL.is_valid_number(&parsed) {
        return without_number("invalid");
    }
    let e164 = PHONE_NUMBER_UTIL
        .format(&parsed, PhoneNumberFormat::E164)
        .into_owned();
    if let Some(national) = e164.strip_prefix("+86")
        && is_mainland_mobile(national)
        && extension.is_none()
    {
        return mainland_mobile(national);
    }
    let kind = match PHONE_NUMBER_UTIL.get_number_type(&parsed) {
        PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile => "mobile",
        PhoneNumberType::FixedLine => "fixed_line",
        PhoneNumberType::TollFree
        | PhoneNumberType::SharedCost
        | PhoneNumberType::UAN
        | PhoneNumberType::PremiumRate => "shared_service",
        _ => "other",
    };
    let normal = match extension {
        Some(extension) => format!("{e164};ext={extension}"),
        None => e164,
    };
    Phone {
        kind,
        normal: Some(normal),
    }
}
