//! Western addresses: their words, and the street among them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::address::pattern;
use super::address_place::without_brackets;
use super::fold::{fold, fold_latin};
use super::western_forms;

/// A house on a street.
#[derive(Debug, Default)]
pub struct Street {
    /// The street, common words shortened.
    pub road: Option<String>,
    /// The number of the house.
    pub number: Option<String>,
    /// The other words: the town, the postal code.
    pub places: Vec<String>,
    /// The flat: its floor, its building.
    pub flat: Vec<String>,
}

/// An address's key, and its street and what else is said; where no street can be told, the words are all places.
pub fn read(address: &str) -> (Option<String>, Street) {
    let words = Words::read(address);
    let street = street(address, &words).unwrap_or_else(|| Street {
        places: places(&words),
        flat: words.flat.clone(),
        ..Street::default()
    });
    (key_of(words), street)
}

/// The street of an address, the house on it, and what else is said; none where no street can be told.
fn street(address: &str, words: &Words) -> Option<Street> {
    let Words { parts, flat } = words;
    let flat = flat.clone();
    let has_others = parts.len() > 1;
    let on_street = |at: usize| Some((at, OnStreet::read(&parts[at], at == 0, has_others)?));
    let (at, street) = (0..parts.len())
        .find_map(on_street)
        .or_else(|| Some((0, OnStreet::without_number(parts.first()?)?)))?;
    let own = parts[at].iter().enumerate();
    let rest = own.filter(|(word, _)| !street.words.contains(word));
    let rest: Vec<String> = rest.map(|(_, word)| word.clone()).collect();
    let others = parts.iter().enumerate().filter(|(other, _)| *other != at);
    let others = others.map(|(_, words)| with_short_states(words));
    let places = others.flatten().chain(with_short_states(&rest));
    let places: Vec<String> = places
        .filter(|word| !COUNTRIES.contains(&word.as_str()))
        .collect();
    let road = &parts[at][street.road];
    let number = street.number.map(|number| &parts[at][number]);
    let number = number.map(|number| number.trim_start_matches('0').to_string());
    // 210, Leeds: the street is missing where nothing but a state and a postal code is behind; 210, Broadway, New York has one.
    let says_town = |word: &String| {
        !word.contains(|c: char| c.is_ascii_digit())
            && !is_short_state(word)
            && !COUNTRIES.contains(&word.as_str())
    };
    let mut others = parts.iter().enumerate().filter(|(other, _)| *other != at);
    let has_town = others.any(|(_, words)| words.iter().any(says_town));
    let is_street = |word: &String| is_kind(word) || is_leading(word);
    if NUMBER_APART.is_match(address) && !has_town && !road.iter().any(is_street) {
        let places = road.iter().cloned().chain(places).collect();
        return Some(Street {
            road: None,
            number,
            places,
            flat,
        });
    }
    Some(Street {
        road: Some(road.join(" ")),
        number,
        places,
        flat,
    })
}

/// The words of an address without a street: 19606 Rudolstadt.
fn places(words: &Words) -> Vec<String> {
    let words = words
        .parts
        .iter()
        .flat_map(|words| with_short_states(words));
    words
        .filter(|word| !COUNTRIES.contains(&word.as_str()))
        .collect()
}

/// Words with the states among them shortened, one that ends them of two words. Salt Lake is Salt Lake City, and Kansas City no Kansas.
fn with_short_states(words: &[String]) -> Vec<String> {
    let is_state = |word: &String| STATES.iter().any(|(state, _)| state == word);
    let words = match words {
        [town @ .., last, city] if city == "city" && !is_state(last) => &words[..town.len() + 1],
        _ => words,
    };
    let ends = |(state, short): &([&str; 2], &'static str)| {
        (words.len() >= 2 && words[words.len() - 2..] == *state).then_some(*short)
    };
    let of_two = STATES_OF_TWO.iter().find_map(ends);
    let last = words.len() - 2 * usize::from(of_two.is_some());
    let one = |word: &String| {
        let state = STATES.iter().find(|(state, _)| state == word);
        state.map_or(word.clone(), |(_, short)| short.to_string())
    };
    let shortened = words[..last].iter().map(one);
    shortened.chain(of_two.map(String::from)).collect()
}

/// The long form of a word in short; another word is itself.
pub fn long_word(word: &str) -> &str {
    let is_long = |(long, short): &&(&'static str, &str)| *short == word && long.len() > word.len();
    SHORT_WORDS
        .iter()
        .find(is_long)
        .map_or(word, |(long, _)| long)
}

/// Digits of the number of a house that is no postal code.
const LONGEST_NUMBER: usize = 4;

/// Where a street and the number of a house stand among the words between two commas.
struct OnStreet {
    number: Option<usize>,
    road: Range<usize>,
    /// Both.
    words: Range<usize>,
}

impl OnStreet {
    /// Of the words between two commas; whether these come first, and others behind them.
    fn read(words: &[String], is_first: bool, has_others: bool) -> Option<Self> {
        let numbers = (0..words.len()).filter(|at| is_number(&words[*at]));
        let mut numbers = numbers.collect::<Vec<_>>().into_iter();
        let longest = if is_first && has_others { 4 } else { 2 };
        let behind = |number: usize| Self::ahead_of_number(words, number, is_first);
        numbers.find_map(|number| {
            Self::behind_number(words, number, longest).or_else(|| behind(number))
        })
    }

    /// 30 Mill Rd; 100 K St NW; 12 rue de la Paix; 25 Broadway. Without a word that says what it is, a street has so many at most.
    fn behind_number(words: &[String], number: usize, longest: usize) -> Option<Self> {
        const LONGEST: usize = 6;
        let first = number + 1;
        // 125 SW 55 St.
        let is_of_street = |at: usize| words.get(at + 1).is_some_and(|next| is_kind(next));
        let is_other =
            |at: &usize| is_number(&words[*at]) && !is_ordinal(&words[*at]) && !is_of_street(*at);
        let end = (first..words.len()).find(is_other);
        let end = end.unwrap_or(words.len());
        let near = first..end.min(first + LONGEST);
        // St James Rd, High St St Albans: a saint is no street.
        let is_saint = |at: usize| {
            words[at] == "st"
                && at + 1 < end
                && (at == first || is_kind(&words[at - 1]) || is_leading(&words[at - 1]))
        };
        let is_named = |at: &usize| *at > first && is_kind(&words[*at]) && !is_saint(*at);
        let last = match near.clone().rev().find(is_named) {
            Some(kind) => {
                let is_way = |at: &usize| is_direction(&words[*at]);
                let direction = Some(kind + 1).filter(|at| *at < end).filter(is_way);
                direction.unwrap_or(kind)
            }
            None if first < end && is_leading(&words[first]) => end - 1,
            // What has no kind is a street where nothing else stands with it.
            None if number == 0
                && words[number].len() <= LONGEST_NUMBER
                && end == words.len()
                && (1..=longest).contains(&(end - first)) =>
            {
                end - 1
            }
            None => return None,
        };
        Some(Self {
            number: Some(number),
            road: first..last + 1,
            words: number..last + 1,
        })
    }

    /// Hauptstr 5, Große Bergstr 5, Calle Mayor 5, Am Markt 5.
    fn ahead_of_number(words: &[String], number: usize, is_first: bool) -> Option<Self> {
        let ends = |word: &String| STREET_ENDINGS.iter().any(|end| word.ends_with(end));
        let is_german = number > 0 && ends(&words[number - 1]);
        let is_numbered = number == 1 && words[0].contains(|c: char| c.is_ascii_digit());
        let is_led = (number > 1 || is_numbered) && number > 0 && is_leading(&words[0]);
        let is_last = number + 1 == words.len() && words[number].len() <= LONGEST_NUMBER;
        let is_whole = is_first && is_last && number > 0 && !words.iter().any(|word| word == "box");
        (is_german || is_led || is_whole).then_some(Self {
            number: Some(number),
            road: 0..number,
            words: 0..number + 1,
        })
    }

    /// Mill Rd, whose number was left out.
    fn without_number(words: &[String]) -> Option<Self> {
        let last = words.iter().rposition(|word| is_kind(word))?;
        let behind = words.get(last + 1);
        let end = last + 1 + usize::from(behind.is_some_and(|word| is_direction(word)));
        (last > 0
            && !words[..end]
                .iter()
                .any(|word| is_number(word) && !is_ordinal(word)))
        .then_some(Self {
            number: None,
            road: 0..end,
            words: 0..end,
        })
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// 5th, as in 5th Avenue.
fn is_ordinal(word: &str) -> bool {
    ["st", "nd", "rd", "th"]
        .iter()
        .any(|end| word.ends_with(end))
}

/// Whether a word says what the street is, before its name.
pub fn is_leading(word: &str) -> bool {
    let is_numbered = |kind: &&str| {
        let number = word.strip_prefix(*kind);
        number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
    };
    LEADING.contains(&word) || NUMBERED.iter().any(|kind| is_numbered(&kind))
}

/// Whether a word says what the street is, behind its name.
pub fn is_kind(word: &str) -> bool {
    STREETS.contains(&word)
}

/// Whether a word tells two streets of one name: north.
pub fn is_direction(word: &str) -> bool {
    DIRECTIONS.contains(&word)
}

/// Words of Western addresses, long and short.
pub(super) const SHORT_WORDS: &[(&str, &str)] = &[
    ("street", "st"),
    ("road", "rd"),
    ("avenue", "ave"),
    ("av", "ave"),
    ("drive", "dr"),
    ("lane", "ln"),
    ("boulevard", "blvd"),
    ("bd", "blvd"),
    ("bvd", "blvd"),
    ("avenida", "ave"),
    ("avda", "ave"),
    ("avd", "ave"),
    ("calle", "c"),
    ("plaza", "plz"),
    ("pza", "plz"),
    ("plza", "plz"),
    ("viale", "vle"),
    ("piazza", "pzza"),
    ("route", "rte"),
    ("rua", "rue"),
    ("impasse", "imp"),
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
    ("crescent", "cres"),
    ("close", "cl"),
    ("wohnung", "whg"),
    ("appt", "apt"),
    ("appartement", "apt"),
    ("first", "1st"),
    ("second", "2nd"),
    ("third", "3rd"),
    ("fourth", "4th"),
    ("fifth", "5th"),
    ("sixth", "6th"),
    ("seventh", "7th"),
    ("eighth", "8th"),
    ("ninth", "9th"),
    ("tenth", "10th"),
    ("eleventh", "11th"),
    ("twelfth", "12th"),
    ("gdns", "gardens"),
    ("gr", "grove"),
    ("terr", "ter"),
    ("hse", "house"),
    ("mans", "mansions"),
    ("pk", "park"),
    ("wlk", "walk"),
    ("grn", "green"),
    ("bldgs", "buildings"),
    ("drv", "dr"),
    ("est", "estate"),
    ("cott", "cottage"),
    ("vw", "view"),
    ("yd", "yard"),
    ("trl", "trail"),
    ("xing", "crossing"),
    ("circle", "cir"),
    ("aven", "ave"),
    ("avn", "ave"),
    ("boul", "blvd"),
    ("blv", "blvd"),
    ("pky", "pkwy"),
    ("crt", "ct"),
    ("cr", "cres"),
    ("circuit", "cct"),
    ("crct", "cct"),
    ("parade", "pde"),
    ("tce", "ter"),
    ("esplanade", "esp"),
    ("pt", "point"),
    ("bnd", "bend"),
    ("cv", "cove"),
    ("lp", "loop"),
    ("ctr", "center"),
    ("centre", "center"),
    ("hts", "heights"),
    ("crk", "creek"),
    ("sta", "santa"),
    ("ft", "fort"),
    ("expressway", "expy"),
    ("freeway", "fwy"),
    ("turnpike", "tpke"),
    ("apartamento", "apt"),
    ("apto", "apt"),
    ("ap", "apt"),
    ("osiedle", "os"),
    ("namesti", "nam"),
    ("jalan", "jl"),
    ("jln", "jl"),
    ("sokak", "sk"),
    ("sokagi", "sk"),
    ("caddesi", "cad"),
    ("cadde", "cad"),
    ("cd", "cad"),
    ("mahallesi", "mah"),
    ("mahalle", "mah"),
    ("mh", "mah"),
    ("northeast", "ne"),
    ("northwest", "nw"),
    ("southeast", "se"),
    ("southwest", "sw"),
    ("bld", "blvd"),
    ("fbg", "faubourg"),
    ("fg", "faubourg"),
    ("doctor", "dr"),
    ("doutor", "dr"),
    ("general", "gral"),
    ("gal", "gral"),
    ("gen", "gral"),
    ("engenheiro", "eng"),
    ("professor", "prof"),
    ("profesor", "prof"),
    ("nuestra", "ntra"),
    ("senora", "sra"),
    ("passeig", "paseo"),
    ("bulvari", "blvd"),
    ("bulvar", "blvd"),
    ("bulv", "blvd"),
];
/// American states of two words, and of one, as a place has them.
const STATES_OF_TWO: &[([&str; 2], &str)] = &[
    (["new", "york"], "ny"),
    (["new", "jersey"], "nj"),
    (["new", "hampshire"], "nh"),
    (["new", "mexico"], "nm"),
    (["n", "carolina"], "nc"),
    (["s", "carolina"], "sc"),
    (["n", "dakota"], "nd"),
    (["s", "dakota"], "sd"),
    (["w", "virginia"], "wv"),
    (["rhode", "island"], "ri"),
];
const STATES: &[(&str, &str)] = &[
    ("alabama", "al"),
    ("alaska", "ak"),
    ("arizona", "az"),
    ("arkansas", "ar"),
    ("california", "ca"),
    ("colorado", "co"),
    ("connecticut", "ct"),
    ("florida", "fl"),
    ("georgia", "ga"),
    ("hawaii", "hi"),
    ("idaho", "id"),
    ("illinois", "il"),
    ("indiana", "in"),
    ("iowa", "ia"),
    ("kansas", "ks"),
    ("kentucky", "ky"),
    ("louisiana", "la"),
    ("maine", "me"),
    ("maryland", "md"),
    ("massachusetts", "ma"),
    ("michigan", "mi"),
    ("minnesota", "mn"),
    ("mississippi", "ms"),
    ("missouri", "mo"),
    ("montana", "mt"),
    ("nebraska", "ne"),
    ("nevada", "nv"),
    ("ohio", "oh"),
    ("oklahoma", "ok"),
    ("oregon", "or"),
    ("pennsylvania", "pa"),
    ("tennessee", "tn"),
    ("texas", "tx"),
    ("utah", "ut"),
    ("vermont", "vt"),
    ("washington", "wa"),
    ("virginia", "va"),
    ("wisconsin", "wi"),
    ("wyoming", "wy"),
];

/// What a flat or a building is called, each with its number behind it, and the word that stands for it.
const UNITS: &[(&str, &str)] = &[
    ("apt", "apt"),
    ("flat", "apt"),
    ("unit", "apt"),
    ("ste", "apt"),
    ("rm", "apt"),
    ("whg", "apt"),
    ("fl", "fl"),
    ("level", "fl"),
    ("lot", "apt"),
    ("ph", "apt"),
    ("studio", "apt"),
    ("office", "apt"),
    ("villa", "apt"),
    ("maisonette", "apt"),
    ("kat", "fl"),
    ("bus", "apt"),
    ("bte", "apt"),
    ("lok", "apt"),
    ("bloco", "bldg"),
    ("bldg", "bldg"),
    ("tower", "bldg"),
    ("block", "bldg"),
    ("bat", "bldg"),
    ("batiment", "bldg"),
    ("scala", "bldg"),
    ("esc", "bldg"),
    ("escalera", "bldg"),
    ("puerta", "apt"),
    ("piso", "fl"),
    ("planta", "fl"),
];
/// Countries say nothing that the town does not.
pub const COUNTRIES: &[&str] = &[
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
    "taiwan",
    "deutschland",
    "france",
    "espana",
    "spain",
    "italia",
    "italy",
];
/// Whether a word is a state in short, of America or Australia.
pub fn is_short_state(word: &str) -> bool {
    let mut american = STATES.iter().map(|(_, short)| *short);
    let of_two = || STATES_OF_TWO.iter().map(|(_, short)| *short);
    const AUSTRALIAN: &[&str] = &["nsw", "vic", "qld", "sa", "tas", "act", "nt"];
    american.any(|state| state == word)
        || of_two().any(|state| state == word)
        || AUSTRALIAN.contains(&word)
}

/// Kinds of streets, which stand behind their names.
const STREETS: &[&str] = &[
    "st", "rd", "ave", "dr", "ln", "blvd", "ct", "sq", "pl", "hwy", "pkwy", "ter", "way", "cl",
    "cres", "gardens", "grove", "hill", "row", "walk", "cir", "mews", "trail", "yard", "crossing",
    "str", "cct", "pde", "esp", "loop", "bend", "cove", "pike", "run", "path", "pass", "point",
    "alley", "rise", "expy", "fwy", "tpke", "sk", "cad",
];
/// Those that stand before them.
const LEADING: &[&str] = &[
    "rue",
    "via",
    "c",
    "ave",
    "blvd",
    "pl",
    "chemin",
    "imp",
    "quai",
    "allee",
    "cours",
    "vle",
    "pzza",
    "corso",
    "plz",
    "rte",
    "aleja",
    "os",
    "nam",
    "largo",
    "jl",
    "paseo",
    "carretera",
    "ronda",
    "camino",
    "pasaje",
    "travesia",
    "urbanizacion",
    "glorieta",
    "carrer",
    "rambla",
    "travessa",
    "praceta",
    "praca",
    "estrada",
    "vicolo",
    "strada",
    "faubourg",
    "privada",
    "cerrada",
    "andador",
    "calzada",
    "prolongacion",
];
/// Roads that have a number for a name, in one word with it: rte56.
const NUMBERED: &[&str] = &[
    "rte",
    "hwy",
    "ushwy",
    "countyrd",
    "carrera",
    "calle",
    "diagonal",
    "transversal",
    "avenida",
    "avenidacarrera",
    "avenidacalle",
];
/// What tells two streets of one name.
const DIRECTIONS: &[&str] = &["n", "s", "e", "w", "ne", "nw", "se", "sw", "central"];
/// What names of streets end with where the number stands behind.
pub const STREET_ENDINGS: &[&str] = &["str", "weg", "platz", "allee", "gasse", "straat", "laan"];

/// A number before a comma.
static NUMBER_APART: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*[0-9]+[A-Za-z]?\s*,"));

/// The words of a Western address, common ones shortened.
struct Words {
    /// Those between two commas each.
    parts: Vec<Vec<String>>,
    /// The flat: its floor, its building.
    flat: Vec<String>,
}

impl Words {
    fn read(address: &str) -> Self {
        let text = western_forms::in_one_form(fold_latin(&fold(address)).to_lowercase());
        let text = without_brackets(&text)
            .replace(['.', '\''], "")
            .replace("strasse", "str")
            .replace("straat ", "str ")
            .replace("straat,", "str,");
        let short = |word: &str| {
            let short = SHORT_WORDS.iter().find(|(long, _)| *long == word);
            short.map_or(word, |(_, short)| *short).to_string()
        };
        let (mut parts, mut flat) = (Vec::new(), Vec::new());
        for part in text.split(',') {
            // A dash between digits is that of a range: 12-14.
            let words = part.split(|c: char| !c.is_alphanumeric() && c != '-');
            let words =
                words.flat_map(
                    |word| match word.starts_with(|c: char| c.is_ascii_digit()) {
                        true => vec![word.trim_matches('-')],
                        false => word.split('-').collect(),
                    },
                );
            let words = words.filter(|word| !word.is_empty() && *word != "the");
            let mut words: Vec<String> = words.map(short).collect();
            // A flat and its number stand between the same commas.
            let unit_at = |words: &[String]| {
                words.windows(2).enumerate().find_map(|(at, pair)| {
                    let (_, unit) = UNITS.iter().find(|(name, _)| *name == pair[0])?;
                    let has_digit = pair[1].contains(|c: char| c.is_ascii_digit());
                    (pair[1].len() == 1 || has_digit).then_some((at, *unit))
                })
            };
            while let Some((at, unit)) = unit_at(&words) {
                flat.push(format!("{unit} {}", words.remove(at + 1)));
                words.remove(at);
            }
            join_postal_code(&mut words);
            join_letter(&mut words);
            complete_ordinal(&mut words);
            if !words.is_empty() {
                parts.push(words);
            }
        }
        flat.sort_unstable();
        Self { parts, flat }
    }
}

/// Hauptstr 5 a is Hauptstr 5a; 12 A St is on A Street, and 5 N Main St north.
fn join_letter(words: &mut Vec<String>) {
    let is_letter = |word: &String| {
        word.len() == 1 && word.chars().all(|c| c.is_ascii_lowercase()) && !is_direction(word)
    };
    let at = words.windows(2).position(|pair| {
        is_letter(&pair[1]) && pair[0].chars().all(|c| c.is_ascii_digit()) && pair[0].len() <= 4
    });
    if let Some(at) = at
        && words.get(at + 2).is_none_or(|next| !is_kind(next))
    {
        let letter = words.remove(at + 1);
        words[at].push_str(&letter);
    }
}

/// 313 10 St is 313 10th St.
fn complete_ordinal(words: &mut [String]) {
    const KINDS: &[&str] = &[
        "st", "ave", "pl", "ct", "ter", "dr", "ln", "rd", "way", "cir", "blvd",
    ];
    const SIDES: &[&str] = &["n", "s", "e", "w", "nw", "ne", "sw", "se"];
    const LONGEST: usize = 3;
    let is_street = |at: usize| {
        let is_short = words[at].len() <= LONGEST && words[at].bytes().all(|b| b.is_ascii_digit());
        // 3 10 St Marks Pl.
        let is_saint = words.get(at + 1).is_some_and(|next| next == "st")
            && words
                .get(at + 2)
                .is_some_and(|next| !SIDES.contains(&next.as_str()));
        is_short
            && !is_saint
            && words
                .get(at + 1)
                .is_some_and(|next| KINDS.contains(&next.as_str()))
    };
    let Some(at) = (1..words.len()).find(|at| is_number(&words[0]) && is_street(*at)) else {
        return;
    };
    let end = match words[at].as_bytes() {
        [.., b'1', _] => "th",
        [.., b'1'] => "st",
        [.., b'2'] => "nd",
        [.., b'3'] => "rd",
        _ => "th",
    };
    words[at].push_str(end);
}

/// LS4 2AB, as in Britain, and 1017 GL, as in the Netherlands, are one word.
fn join_postal_code(words: &mut Vec<String>) {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let is_digit = |c: char| c.is_ascii_digit();
    let is_british = |one: &str, other: &str| {
        (2..=4).contains(&one.len())
            && one.starts_with(is_letter)
            && one.contains(is_digit)
            && other.len() == 3
            && other.starts_with(is_digit)
            && other[1..].chars().all(is_letter)
    };
    let is_dutch = |one: &str, other: &str| {
        one.len() == 4
            && one.chars().all(is_digit)
            && other.len() == 2
            && other.chars().all(is_letter)
    };
    // 1200 La Salle St is a house.
    let is_street = words.iter().skip(2).any(|word| is_kind(word));
    let is_code = |(at, pair): (usize, &[String])| {
        let is_house = at == 0 && is_street;
        is_british(&pair[0], &pair[1]) || (is_dutch(&pair[0], &pair[1]) && !is_house)
    };
    let mut pairs = words.windows(2).enumerate();
    if let Some(at) = pairs.position(is_code) {
        let inward = words.remove(at + 1);
        words[at].push_str(&inward);
    }
}

/// The words of an address to match on.
pub fn key(address: &str) -> Option<String> {
    key_of(Words::read(address))
}

fn key_of(Words { parts, flat }: Words) -> Option<String> {
    let words: Vec<String> = parts.into_iter().flatten().chain(flat).collect();
    (!words.is_empty()).then(|| words.join(" "))
}
