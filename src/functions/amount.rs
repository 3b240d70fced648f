//! Amounts of money, exact to the cent.

use super::chinese_number;
use super::fold::fold;
use super::scalar::{Call, Function};

/// `parse_amount`.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "parse_amount",
    arguments: &["amount"],
    required: 1,
    description: "An amount as decimal(18, 2): currency signs, thousands separators, full-width digits, 万 and 亿, brackets for \
                  negative amounts. Null for dashes and for what is no amount.",
    source: "our own rules",
    example: ("parse_amount('1.2万')", "12000.00"),
    call: Call::Amount(parse_amount),
}];

const CURRENCIES: &[&str] = &[
    "人民币",
    "NT$",
    "NTD",
    "TWD",
    "HKD",
    "JPY",
    "AUD",
    "SGD",
    "A$",
    "C$",
    "S$",
    "RMB",
    "CNY",
    "USD",
    "EUR",
    "GBP",
    "US$",
    "HK$",
    "¥",
    "￥",
    "$",
    "€",
    "£",
];

fn parse_amount(args: &[&str]) -> Option<i128> {
    amount(args[0])
}

/// Reads an amount as hundredths.
pub fn amount(text: &str) -> Option<i128> {
    if let Some(hundredths) = plain(text) {
        return Some(hundredths);
    }
    let folded = fold(text).replace('−', "-");
    let mut text = folded.trim();
    // A sign may be a minus in front or behind, 负, or brackets; two of them contradict each other.
    let mut signs = 0;
    loop {
        let before = text;
        if let Some(inner) = text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            signs += 1;
            text = inner.trim();
        }
        if let Some(rest) = text
            .strip_prefix('-')
            .or_else(|| text.strip_prefix('负'))
            .or_else(|| text.strip_prefix('負'))
        {
            signs += 1;
            text = rest.trim();
        } else if let Some(rest) = text
            .strip_suffix('-')
            .filter(|rest| rest.ends_with(|c: char| c.is_ascii_digit()))
        {
            signs += 1;
            text = rest;
        } else if let Some(rest) = text.strip_prefix('+') {
            text = rest.trim();
        }
        text = CURRENCIES
            .iter()
            .find_map(|sign| text.strip_prefix(sign))
            .unwrap_or(text)
            .trim();
        text = CURRENCIES
            .iter()
            .find_map(|sign| text.strip_suffix(sign))
            .unwrap_or(text)
            .trim();
        if text == before {
            break;
        }
    }
    if signs > 1 {
        return None;
    }
    let negative = signs == 1;
    let hundredths = sum(text.strip_suffix(['整', '正']).unwrap_or(text).trim())?;
    Some(if negative { -hundredths } else { hundredths })
}

/// Units, from the large to the small, in hundredths.
const UNITS: &[(&[&str], i128)] = &[
    (&["亿", "億"], 10_000_000_000),
    (&["万", "萬", "w", "W"], 1_000_000),
    (&["千", "k", "K"], 100_000),
    (&["百"], 10_000),
    (&["元", "圆", "圓", "块"], 100),
    (&["角", "毛"], 10),
    (&["分"], 1),
];

/// One number, or several with units that fall: 3亿5000万, 12元5角. A bare number behind a unit is refused: 1万2 says nothing.
fn sum(text: &str) -> Option<i128> {
    let digits = chinese_number::in_digits(text);
    let mut rest = digits.trim();
    let (mut total, mut smallest) = (0, i128::MAX);
    loop {
        let length = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
            .unwrap_or(rest.len());
        let number = without_separators(rest[..length].trim())?;
        rest = rest[length..].trim_start();
        if rest.is_empty() && smallest == i128::MAX {
            return scaled(&number, 100);
        }
        let (behind, unit) = UNITS.iter().find_map(|(names, unit)| {
            let behind = names.iter().find_map(|name| rest.strip_prefix(name))?;
            Some((behind, *unit))
        })?;
        // 3千万: a unit of units.
        let larger = [
            ('万', 10_000),
            ('萬', 10_000),
            ('亿', 100_000_000),
            ('億', 100_000_000),
        ];
        let multiplied = larger
            .iter()
            .filter(|_| unit < 1_000_000)
            .find_map(|(name, by)| Some((behind.strip_prefix(*name)?, unit * by)));
        let (behind, unit) = multiplied.unwrap_or((behind, unit));
        if unit >= smallest {
            return None;
        }
        total += scaled(&number, unit)?;
        smallest = unit;
        rest = behind.trim();
        // 1.2万元: the last unit only names the money.
        rest = rest
            .strip_prefix(['元', '圆', '圓'])
            .filter(|_| unit > 100)
            .unwrap_or(rest);
        if rest.is_empty() {
            return (total < 10_i128.pow(18)).then_some(total);
        }
    }
}

/// The commonest form, without any copying: `1234.50`, `-3`.
fn plain(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 16
        || fraction.len() > 2
        || !all_digits(whole)
        || !all_digits(fraction)
    {
        return None;
    }
    let cents = match fraction.len() {
        0 => 0,
        1 => fraction.parse::<i128>().ok()? * 10,
        _ => fraction.parse::<i128>().ok()?,
    };
    let hundredths = whole.parse::<i128>().ok()? * 100 + cents;
    Some(if negative { -hundredths } else { hundredths })
}

/// Takes out thousands separators where they stand in groups of three; `1,5` is no amount that can be told.
pub fn without_separators(text: &str) -> Option<String> {
    if !text.contains([',', ' ']) {
        return Some(text.to_string());
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mark = if whole.contains(',') { ',' } else { ' ' };
    let groups: Vec<&str> = whole.split(mark).collect();
    let regular =
        (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    if !regular {
        return None;
    }
    Some(if fraction.is_empty() {
        groups.concat()
    } else {
        format!("{}.{fraction}", groups.concat())
    })
}

/// A decimal number times a unit of so many hundredths; half a hundredth rounds away from zero.
fn scaled(digits: &str, factor: i128) -> Option<i128> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && fraction.is_empty()) || whole.len() > 16 || fraction.len() > 12 {
        return None;
    }
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let power = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let value: i128 = format!("{whole}{fraction}").parse().ok()?;
    let doubled = value.checked_mul(factor)?.checked_mul(2)? / power;
    let hundredths = (doubled + 1) / 2;
    (hundredths < 10_i128.pow(18)).then_some(hundredths)
}
