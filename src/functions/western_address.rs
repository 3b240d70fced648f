//! Western addresses: their words, and the street among them.

use super::address::without_brackets;
use super::fold::{fold, fold_latin};

/// A house on a street.
#[derive(Debug, Default)]
pub struct Street {
    /// The street, common words shortened.
    pub road: Option<String>,
    /// The number of the house.
    pub number: Option<String>,
    /// The other words: the town, the postal code.
    pub places: Vec<String>,
}

/// The street of an address, the house on it, and what else is said; none where no street can be told.
pub fn street(address: &str) -> Option<Street> {
    let mut words = words_of(address);
    let unit = words.iter().position(|word| word == UNIT_WORD);
    words.truncate(unit.unwrap_or(words.len()));
    let is_number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
    let is_kind = |word: &String| STREETS.contains(&word.as_str());
    let ending_of = |word: &String| STREET_ENDINGS.iter().find(|end| word.ends_with(**end));
    // 30 Mill Rd; 12 rue de la Paix.
    let numbered = |at: &usize| is_number(&words[*at]);
    let ahead = (0..words.len()).find(numbered).and_then(|at| {
        let mut kinds = (at + 1..words.len().min(at + 5)).filter(|at| is_kind(&words[*at]));
        let first = kinds.next()?;
        // 12 St James Rd: a saint is no street.
        let kind = kinds.next().filter(|_| first == at + 1).unwrap_or(first);
        let end = if kind == at + 1 {
            words.len().min(at + 5)
        } else {
            kind + 1
        };
        Some((at, at + 1..end, at..end))
    });
    // Hauptstr 5, Karl-Marx-Str 5, Calle Mayor 5.
    let behind = || {
        let number = (1..words.len()).find(numbered)?;
        let kind = |at: &usize| {
            let is_first = is_kind(&words[*at]) && *at + 1 < number;
            is_first || (ending_of(&words[*at]).is_some() && *at + 1 == number)
        };
        let kind = (number.saturating_sub(4)..number).find(kind)?;
        let is_bare = ending_of(&words[kind]) == Some(&words[kind].as_str());
        let start = if is_bare {
            kind.saturating_sub(3)
        } else {
            kind
        };
        Some((number, start..number, start..number + 1))
    };
    let found = ahead.or_else(behind);
    let (number, road, whole) = found?;
    let others = words.iter().enumerate();
    let places = others.filter(|(at, _)| !whole.contains(at));
    let places = places.map(|(_, word)| word.clone());
    Some(Street {
        road: Some(words[road].join(" ")),
        number: Some(words[number].clone()),
        places: places
            .filter(|word| !COUNTRIES.contains(&word.as_str()))
            .collect(),
    })
}

/// Words of Western addresses, long and short.
const SHORT_WORDS: &[(&str, &str)] = &[
    ("street", "st"),
    ("road", "rd"),
    ("avenue", "ave"),
    ("av", "ave"),
    ("drive", "dr"),
    ("lane", "ln"),
    ("boulevard", "blvd"),
    ("court", "ct"),
    ("square", "sq"),
    ("place", "pl"),
    ("highway", "hwy"),
    ("parkway", "pkwy"),
    ("terrace", "ter"),
    ("apartment", "apt"),
    ("suite", "ste"),
    ("floor", "fl"),
    ("building", "bldg"),
    ("north", "n"),
    ("south", "s"),
    ("east", "e"),
    ("west", "w"),
    ("strasse", "str"),
    ("number", "no"),
    ("room", "rm"),
    ("mount", "mt"),
    ("saint", "st"),
];

/// What a flat is called, each with its number behind it.
const UNITS: &[&str] = &["apt", "flat", "unit", "ste", "rm", "fl"];
/// Countries say nothing that the town does not.
const COUNTRIES: &[&str] = &[
    "uk",
    "gb",
    "england",
    "scotland",
    "wales",
    "united",
    "kingdom",
    "usa",
    "us",
    "germany",
    "deutschland",
    "france",
    "espana",
    "spain",
    "italia",
    "italy",
];
/// The word for all of them.
const UNIT_WORD: &str = "apt";
/// Kinds of streets.
const STREETS: &[&str] = &[
    "st", "rd", "ave", "dr", "ln", "blvd", "ct", "sq", "pl", "hwy", "pkwy", "ter", "way", "close",
    "crescent", "gardens", "grove", "hill", "row", "walk", "circle", "cir", "rue", "via", "calle",
];
/// What names of streets end with where the number stands behind.
const STREET_ENDINGS: &[&str] = &["str", "weg", "platz", "allee", "gasse", "straat", "laan"];

/// The words of a Western address, common ones shortened; a postal code in two parts is one word, and the flat stands at the end.
fn words_of(address: &str) -> Vec<String> {
    let lower = fold_latin(&without_brackets(&fold(address)))
        .replace(['.', '\''], "")
        .replace("strasse", "str");
    let of_part = |part: &str| -> Vec<String> {
        let words = part.split(|character: char| !character.is_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        let short = |word: &str| {
            let short = SHORT_WORDS.iter().find(|(long, _)| *long == word);
            short.map_or(word, |(_, short)| *short).to_string()
        };
        words.map(short).collect()
    };
    // A flat and its number stand between the same commas.
    let mut flat = Vec::new();
    let mut words = Vec::new();
    for part in lower.split(',') {
        let mut own = of_part(part);
        let is_unit = |at: &usize| {
            let number = own.get(at + 1);
            UNITS.contains(&own[*at].as_str())
                && number.is_some_and(|word| {
                    word.len() == 1 || word.contains(|c: char| c.is_ascii_digit())
                })
        };
        if flat.is_empty()
            && let Some(at) = (0..own.len()).find(is_unit)
        {
            flat = vec![UNIT_WORD.to_string(), own.remove(at + 1)];
            own.remove(at);
        }
        words.append(&mut own);
    }
    // LS4 2AB, as in Britain.
    let is_code = |pair: &[String]| {
        let letter = |c: char| c.is_ascii_alphabetic();
        let digit = |c: char| c.is_ascii_digit();
        let (one, other) = (pair[0].as_str(), pair[1].as_str());
        (2..=4).contains(&one.len())
            && one.starts_with(letter)
            && one.contains(digit)
            && other.len() == 3
            && other.starts_with(digit)
            && other[1..].chars().all(letter)
    };
    if let Some(at) = words.windows(2).position(is_code) {
        let inward = words.remove(at + 1);
        words[at].push_str(&inward);
    }
    words.extend(flat);
    words
}

/// The words of an address to match on.
pub fn key(address: &str) -> Option<String> {
    let words = words_of(address);
    (!words.is_empty()).then(|| words.join(" "))
}
