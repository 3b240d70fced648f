//! Names in Latin letters taken apart: surname, given names, suffix, and what is no part of a name.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::address::pattern;
use super::fold::fold_latin;
use super::latin_name_level::is_first_name_known;
use super::name_notes::PLACEHOLDERS;
use super::person_name::{Name, Script, is_mask, letter_set};
use super::person_title::{is_western_title, western_title};
use super::{reading, romanisation, surnames};

/// Ranks of the peerage: what stands from such a word on, or from the number before it, is no part of the name.
const PEERAGE: &[&str] = &[
    "baron",
    "baroness",
    "baronet",
    "bt",
    "bart",
    "earl",
    "duke",
    "duchess",
    "count",
    "countess",
    "viscount",
    "viscountess",
    "marquess",
    "marquis",
    "marchioness",
    "lord",
];

/// Suffixes behind Western names.
pub(super) const WESTERN_SUFFIXES: &[&str] = &[
    "jr", "sr", "ii", "iii", "iv", "vii", "viii", "xii", "xiii", "xiv", "xv", "xvi", "xvii",
    "xviii", "xix", "xxii", "xxiii", "junior", "filho", "neto", "sobrinho",
];

pub(super) const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "la", "le", "ter", "ten",
    "zu", "vom", "zum", "zur", "und", "bin", "al", "el", "st",
];

/// The parts of a Latin name, without marks, in lower case.
#[derive(Debug)]
pub(super) struct Latin {
    pub(super) surname: String,
    pub(super) given: Vec<String>,
    pub(super) suffix: Option<String>,
}

/// Takes a name in Latin letters apart; `None` where it is no person's name.
pub(super) fn parse(text: &str) -> Option<Name> {
    if let Some(first) = first_of_couple(text) {
        return parse(&first);
    }
    let text = &without_unknown_part(&with_long_particle(text))?;
    // WANG/XIAOMING MR: so do passports, airlines and hotels. Mr/Mrs Smith and c/o John Smith are no such name.
    let text = without_peerage(&without_patronym(text));
    let (text, number) = numbered(&text);
    let of_passport = match text.split_once('/') {
        Some((surname, rest)) => match of_passport(surname.trim(), rest.trim()) {
            Some((surname, given)) => format!("{surname}, {given}"),
            None => return None,
        },
        None => text.to_string(),
    };
    let text = of_passport.as_str();
    if !text.chars().any(char::is_alphabetic)
        || text.chars().any(|c| "@/\\<>{}=&+".contains(c))
        || has_number(text)
        || are_several(text)
    {
        return None;
    }
    if text.chars().any(is_mask) {
        return Some(Name::new(text.to_string(), None, None, Script::Masked));
    }
    let (before, after) = match text.split_once(',') {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    };
    let words = |text: &str| -> Vec<String> {
        text.split_whitespace()
            .map(|word| word.trim_matches(['.', ',']).to_string())
            .filter(|word| !word.is_empty())
            .collect()
    };
    let lower = |word: &String| word.to_lowercase();
    let mut front = words(before);
    let mut back = after.map(words).unwrap_or_default();
    let title = western_title(before, &mut front, &mut back);
    without_letters(&mut front, &mut back);
    let mut written = [front.join(" "), back.join(" ")].join(", ");
    written.truncate(written.trim_end_matches([',', ' ']).len());
    let suffix_of = |words: &[String]| {
        let last = words.last()?;
        WESTERN_SUFFIXES
            .contains(&fold_latin(last).as_str())
            .then(|| last.clone())
    };
    // Neto is a surname of its own, and Junior a first name.
    let is_long = |word: &String| lower(word).chars().count() > 4;
    let may_end = |word: &String| !is_long(word) || front.len() + back.len() >= 3;
    let suffix = suffix_of(&front)
        .or_else(|| suffix_of(&back))
        .filter(may_end);
    if suffix.is_some() {
        if front.last() == suffix.as_ref() {
            front.pop()
        } else {
            back.pop()
        };
    }
    let is_junior = |word: &String| fold_latin(word) == "junior";
    let suffix = suffix.map(|word| {
        if is_junior(&word) {
            "Jr".to_string()
        } else {
            word
        }
    });
    if let (Some(title), [surname], []) = (&title, front.as_slice(), back.as_slice()) {
        // Mr. Smith: nothing is known but the surname.
        let surname = surname.to_string();
        let shown = format!("{title} {surname}");
        return Some(Name {
            title: Some(title.to_lowercase()),
            ..Name::new(shown, Some(surname), None, Script::Titled)
        });
    }
    let is_particle = |word: &String| PARTICLES.contains(&lower(word).as_str());
    // Meer, Willem van der: what stands behind the given name belongs to the surname.
    let behind = back
        .iter()
        .rev()
        .take_while(|word| is_particle(word))
        .count();
    if behind > 0 && behind < back.len() {
        front.splice(0..0, back.split_off(back.len() - behind));
    }
    let (given, surname) = if front.len() >= 2 && !back.is_empty() && back.iter().all(is_particle) {
        // Jan Berg, van der.
        let last = front.pop().unwrap_or_default();
        (front.join(" "), format!("{} {last}", back.join(" ")))
    } else if !back.is_empty() {
        (back.join(" "), front.join(" "))
    } else if let Some(initials) = initials_behind(&front) {
        (initials, front[0].clone())
    } else {
        match shouted(&front) {
            // WANG Xiaoming: passports write the surname so.
            Some(at) => {
                let given: Vec<String> = front
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != at)
                    .map(|(_, word)| word.clone())
                    .collect();
                (given.join(" "), front[at].clone())
            }
            // LI GUOHANG: so do banks. Nguyễn Văn Hùng: so does Vietnam.
            None if is_surname_first(&front) || is_vietnamese(&front) => {
                (front[1..].join(" "), front[0].clone())
            }
            None => {
                let start = surname_start(&front);
                (front[..start].join(" "), front[start..].join(" "))
            }
        }
    };
    let mut shown = [given.as_str(), surname.as_str()]
        .join(" ")
        .trim()
        .to_string();
    if shown.is_empty() {
        return None;
    }
    if let Some(suffix) = suffix {
        shown = format!("{shown} {suffix}");
    }
    if let Some(number) = number {
        shown = format!("{shown} {number}");
        written = format!("{written} {number}");
    }
    let some = |text: String| (!text.is_empty()).then_some(text);
    Some(Name {
        letters: letter_set(&fold_latin(&written)),
        written,
        title: title.map(|title| title.to_lowercase()),
        ..Name::new(shown, some(surname), some(given), Script::Latin)
    })
}

/// Takes off the letters that a profession or an order puts behind a name: John Smith MD, Smith, John RN. Md. Rahman is no doctor, and
/// Smith, J.D. has initials.
fn without_letters(front: &mut Vec<String>, back: &mut Vec<String>) {
    const LETTERS: &[&str] = &[
        "MD", "RN", "JD", "QC", "KC", "OBE", "MBE", "CBE", "LLM", "LLB", "MSc", "BSc", "FRCS",
        "FRCP", "MRCP", "PE", "CFA", "PMP", "DO",
    ];
    /// Behind a comma alone.
    const BEHIND: &[&str] = &[
        "SE", "SH", "ST", "MM", "SKom", "SPd", "SSos", "MSi", "MPd", "MKom", "MHum", "SIKom", "SKM",
    ];
    let plain = |word: &String| word.replace('.', "");
    let is_letters = |word: &String| LETTERS.contains(&plain(word).as_str());
    let is_behind = |word: &String| is_letters(word) || BEHIND.contains(&plain(word).as_str());
    let is_cased = |words: &[String]| {
        words
            .iter()
            .any(|word| word.chars().any(char::is_lowercase))
    };
    if !is_cased(front) && !is_cased(back) {
        return;
    }
    if front.len() >= 2 && back.iter().all(is_behind) {
        back.clear();
    }
    while back.len() >= 2 && back.last().is_some_and(is_letters) {
        back.pop();
    }
    while back.is_empty() && front.len() >= 3 && front.last().is_some_and(is_letters) {
        front.pop();
    }
}

/// Oscar v.d. Brand, with the particle that it most often is; Katharina Freifrau von Stein without what her husband is called otherwise.
fn with_long_particle(text: &str) -> String {
    static NOBLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:Freiherr|Freifrau|Freiin|Graf|Gräfin|Baron|Baronin|Ritter|Edler|Edle) (von|vom|zu|van|de)\b",
        )
    });
    static APART: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bv\. d\. "));
    // Ma. Guadalupe.
    static MARIA: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:M[aA]\.|MA?\.ª) ?(\p{L})"));
    let lower = text.to_ascii_lowercase();
    let mut text = Cow::Borrowed(text);
    if lower.contains("ma.") || lower.contains('ª') {
        text = Cow::Owned(MARIA.replace(&text, "Maria $1").into_owned());
    }
    if [" von ", " vom ", " zu ", " van ", " de "]
        .iter()
        .any(|of| lower.contains(of))
    {
        text = Cow::Owned(NOBLE.replace(&text, "$1").into_owned());
    }
    if lower.contains("v. d. ") {
        text = Cow::Owned(APART.replace(&text, "v.d. ").into_owned());
    }
    let text = text.as_ref();
    if !text.to_ascii_lowercase().contains("v.d.") {
        return text.to_string();
    }
    let words = text.split_whitespace().map(|word| {
        let behind = word
            .get(..4)
            .filter(|start| start.eq_ignore_ascii_case("v.d."));
        match behind {
            Some(_) => format!("van den {}", &word[4..]).trim_end().to_string(),
            None => word.to_string(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A Latin name without a part of which nothing is known, Unknown Smith; none of a child that has no name yet, Baby Girl Smith.
fn without_unknown_part(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let is_child = ["baby boy ", "baby girl ", "baby of ", "newborn ", "infant "];
    if is_child.iter().any(|child| lower.starts_with(child)) {
        return None;
    }
    let is_known = |word: &&str| {
        let word = word.trim_matches([',', '.']).to_lowercase();
        !matches!(word.as_str(), "unknown" | "none" | "deceased")
    };
    let words: Vec<&str> = text.split_whitespace().filter(is_known).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A name without its rank: John Smith, 1st Baron Smith. John Smith 2nd is the second of that name.
fn without_peerage(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let lower = |at: usize| words[at].trim_matches(['.', ',']).to_lowercase();
    let is_rank = |at: usize| at < words.len() && PEERAGE.contains(&lower(at).as_str());
    // Campbell, Earl W: behind a surname alone stands a first name.
    let is_of = |at: usize| at < words.len() && lower(at) == "of";
    let is_title = |at: usize| {
        let may_be_name =
            ["earl", "duke", "count", "marquis", "lord"].contains(&lower(at).as_str());
        is_rank(at) && (is_of(at + 1) || (!may_be_name && at >= 2))
    };
    let is_number = |at: usize| ordinal(&lower(at)).is_some();
    let is_cut = |at: &usize| {
        (is_number(*at) && is_rank(at + 1))
            || (is_title(*at) && words[at - 1].ends_with(',') && at + 1 < words.len())
    };
    let end = (1..words.len()).find(is_cut).unwrap_or(words.len());
    let name = words[..end].join(" ");
    let name = name.trim_end_matches([',', ' ']);
    match name.rsplit_once(' ') {
        Some((name, last)) if end == words.len() => match ordinal(&last.to_lowercase()) {
            Some(suffix) => format!("{name} {suffix}"),
            None => format!("{name} {last}"),
        },
        _ => name.to_string(),
    }
}

/// The suffix that an ordinal number stands for; the first of a name has none of its own.
fn ordinal(word: &str) -> Option<&'static str> {
    let number = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| word.strip_suffix(end))?;
    let number: usize = number.parse().ok()?;
    Some(
        ["", "", "II", "III", "IV"]
            .get(number)
            .copied()
            .unwrap_or_default(),
    )
}

/// Malaysian and Singaporean names say whose child a person is: Ravi A/L Kumar.
fn without_patronym(text: &str) -> String {
    const PATRONYMS: &[&str] = &["a/l", "a/p", "s/o", "d/o"];
    let words = text.split(' ');
    let words = words.filter(|word| !PATRONYMS.contains(&word.to_lowercase().as_str()));
    words.collect::<Vec<_>>().join(" ")
}

/// A name and the number behind it that tells it from others of that name: Andrey Antonov 2, and Antonov, Andrey2 in a list. One of its
/// words is a known first name: Mill Road 12 and Meeting Room 3 are nobody.
fn numbered(text: &str) -> (&str, Option<&str>) {
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &text[name.len()..];
    let words = name
        .split([' ', ','])
        .filter(|word| word.chars().any(char::is_alphabetic));
    let is_apart = name.ends_with(' ') || name.contains(',');
    let is_number = matches!(number.len(), 1 | 2) && !number.starts_with('0');
    let is_name = || {
        name.split([' ', ','])
            .any(|word| is_first_name_known(&fold_latin(word)))
    };
    match is_number && is_apart && words.count() >= 2 && is_name() {
        true => (name.trim_end(), Some(number)),
        false => (text, None),
    }
}

/// Of a couple, the name of the one who stands first: Mr. & Mrs. Thomas Bryant, Gloria and Chris Bradford, Smith, John & Mary. Johnson &
/// Johnson is none.
fn first_of_couple(text: &str) -> Option<String> {
    static AND: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\s*&\s*|\s+(?:and|und)\s+"));
    let connector = AND.find(text)?;
    let (left, right) = (
        text[..connector.start()].trim(),
        text[connector.end()..].trim(),
    );
    // Karl vom und zum Stein is one.
    let is_one = ["von", "vom"]
        .iter()
        .any(|word| left.to_lowercase().ends_with(word));
    if AND.is_match(right) || right.contains(',') || is_one {
        return None;
    }
    let words = |text: &str| -> Vec<String> {
        let words = text.split([' ', ',']).map(|word| word.trim_matches('.'));
        words
            .filter(|word| !word.is_empty())
            .map(String::from)
            .collect()
    };
    let (ours, theirs) = (words(left), words(right));
    let titles = |words: &[String]| {
        words
            .iter()
            .take_while(|word| is_western_title(word))
            .count()
    };
    let (own, other) = (titles(&ours), titles(&theirs));
    let is_first_name = |word: &String| is_first_name_known(&fold_latin(word));
    let (names, rest) = (&ours[own..], &theirs[other..]);
    if names.is_empty() {
        return (own > 0 && other > 0 && !rest.is_empty())
            .then(|| format!("{} {}", ours.join(" "), rest.join(" ")));
    }
    const FIRMS: &[&str] = &[
        "sons",
        "daughters",
        "bros",
        "brothers",
        "group",
        "co",
        "company",
        "inc",
        "ltd",
        "llc",
        "llp",
        "corp",
        "partners",
        "associates",
        "gmbh",
    ];
    let is_of_firm = |word: &String| FIRMS.contains(&word.to_lowercase().as_str());
    let are_known = [
        rest.first().is_some_and(is_first_name),
        names.iter().any(is_first_name),
    ];
    if rest.iter().any(is_of_firm)
        || !are_known.contains(&true)
        || (rest.len() < 2 && are_known != [true; 2])
    {
        return None;
    }
    match (left.contains(','), names, rest) {
        (true, ..) => Some(left.to_string()),
        (false, [_], [_, .., last]) => {
            let particle = &rest[rest.len() - 2];
            let is_particle =
                rest.len() > 2 && PARTICLES.contains(&particle.to_lowercase().as_str());
            let surname = match is_particle {
                true => format!("{particle} {last}"),
                false => last.clone(),
            };
            Some(format!("{left} {surname}"))
        }
        (false, [_, _, ..], _) => Some(left.to_string()),
        _ => None,
    }
}

/// Whether a text names several: John and Mary Smith. Franz von und zu Liechtenstein is one.
fn are_several(text: &str) -> bool {
    let words: Vec<String> = text.split(' ').map(str::to_lowercase).collect();
    let is_and = |at: usize| {
        let is_between = at > 0
            && matches!(words[at - 1].as_str(), "von" | "vom")
            && words
                .get(at + 1)
                .is_some_and(|word| matches!(word.as_str(), "zu" | "zum" | "zur"));
        matches!(words[at].as_str(), "and" | "und") && !is_between
    };
    (0..words.len()).any(is_and)
}

/// Whether a text has digits as no name has: but for one that stands for a letter, as in J0nes Fiona and Robert Sim5.
fn has_number(text: &str) -> bool {
    const LETTERS: usize = 3;
    let is_digit = |c: char| c.is_ascii_digit();
    let is_word = |word: &str| {
        let letters: String = word.chars().filter(|c| c.is_alphabetic()).collect();
        let digits = word.chars().filter(|c| is_digit(*c)).count();
        let is_known = PLACEHOLDERS.contains(&letters.to_lowercase().as_str());
        let is_particle = PARTICLES.contains(&word.replace('1', "l").to_lowercase().as_str());
        digits == 0
            || (digits == 1 && (letters.chars().count() >= LETTERS || is_particle) && !is_known)
    };
    // Smith1 is an account, and Unit3 Office no person: at the end of a word, a digit is one of the last alone.
    // Pau1 Martin and de1 Río are misread.
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_misread = |word: &str| {
        let read = word.replace('1', "l").replace('0', "o").to_lowercase();
        let is_particle = word.len() >= 3 && PARTICLES.contains(&read.as_str());
        words.len() > 1 && (is_particle || is_first_name_known(&fold_latin(&read)))
    };
    let ends_word = |(at, word): (usize, &&str)| {
        let is_inside = words.len() == 1 || at + 1 < words.len();
        word.ends_with(is_digit) && is_inside && !is_misread(word)
    };
    let is_account = words.iter().enumerate().any(ends_word);
    text.contains(is_digit) && (is_account || !words.iter().all(|word| is_word(word)))
}

/// The surname and the given name on both sides of a slash; a title may stand behind another one.
fn of_passport<'a>(surname: &'a str, rest: &'a str) -> Option<(&'a str, &'a str)> {
    let is_title = |word: &str| is_western_title(word);
    let given = match rest.split_once('/') {
        Some((given, title)) if is_title(title.trim()) => given.trim(),
        Some(_) => return None,
        None => without_glued_title(surname, rest),
    };
    let is_name = |words: &str| {
        let lower = words.to_lowercase();
        let is_known = PLACEHOLDERS.contains(&lower.as_str()) || matches!(&*lower, "and" | "or");
        let letters = words.chars().filter(|c| c.is_alphabetic()).count();
        letters >= 2 && !is_known && words.chars().all(|c| is_of_word(c) || c == ' ' || c == '.')
    };
    let has_title = surname.split(' ').any(is_title);
    (is_name(surname) && is_name(given) && !has_title).then_some((surname, given))
}

/// The given name without the title that airlines write onto it: SMITH/JOHNMR. Adams ends so, too, and so may a name in pinyin.
fn without_glued_title<'a>(surname: &str, given: &'a str) -> &'a str {
    const SHORTEST: usize = 3;
    const SHORTEST_IN_PINYIN: usize = 2;
    /// WU/ADAMS is no Ms. Ada Wu.
    const SHORTEST_BEFORE_MS: usize = 4;
    if given.chars().any(char::is_lowercase) {
        return given;
    }
    let is_pinyin = |rest: &str| {
        let is_surname = surnames::frequency_of_reading(&fold_latin(surname)).is_some();
        is_surname && reading::is_pinyin(&fold_latin(rest).replace(' ', ""))
    };
    let titles = ["MSTR", "MISS", "MRS", "MR", "MS"];
    let rest = titles.iter().find_map(|title| {
        let rest = given.strip_suffix(title)?;
        let is_title = match *title {
            "MS" => rest.len() >= SHORTEST_BEFORE_MS && is_pinyin(rest),
            _ if rest.len() >= SHORTEST => true,
            _ => rest.len() >= SHORTEST_IN_PINYIN && is_pinyin(rest),
        };
        is_title.then_some(rest)
    });
    rest.map_or(given, str::trim_end)
}

/// The initials behind a surname, as registers have them: Ivanov I.P., Smith JA, Tolkien J. R. R. Of one alone it may be the surname:
/// Anna K.
fn initials_behind(words: &[String]) -> Option<String> {
    const SHORTEST: usize = 3;
    const MOST: usize = 3;
    let (surname, rest) = words.split_first()?;
    let is_shouted = |word: &str| word.chars().all(char::is_uppercase);
    let letters = |word: &String| -> Option<Vec<char>> {
        let parts: Vec<&str> = word.split('.').filter(|part| !part.is_empty()).collect();
        let are_dotted = parts.iter().all(|part| part.chars().count() == 1);
        // Smith JA, and no Vance JD.
        let is_block = parts.len() == 1 && is_shouted(word) && !is_shouted(surname);
        let letters: Vec<char> = parts.concat().chars().collect();
        let is_short = (1..=MOST).contains(&letters.len());
        (is_short && (are_dotted || (is_block && letters.len() == 2))).then_some(letters)
    };
    let all: Option<Vec<Vec<char>>> = rest.iter().map(letters).collect();
    let all = all?.concat();
    // He L.X.
    let is_chinese = surname.chars().count() < SHORTEST
        && rest.iter().all(|word| word.contains('.'))
        && surnames::frequency_of_reading(&fold_latin(surname)).is_some();
    let is_surname = (surname.chars().count() >= SHORTEST || is_chinese)
        && !is_first_name_known(&fold_latin(surname))
        && !PARTICLES.contains(&surname.to_lowercase().as_str());
    let is_known = |word: &String| surnames::frequency_of_reading(&fold_latin(word)).is_some();
    let given: Vec<String> = all.iter().map(char::to_string).collect();
    (is_surname && (2..=MOST).contains(&all.len()) && !rest.iter().any(is_known))
        .then(|| given.join(" "))
}

/// Whether a character stands within a word of a Latin name.
fn is_of_word(character: char) -> bool {
    character.is_alphabetic() || matches!(character, '-' | '\'' | '’')
}

/// The one word that is written in capitals among others that are not; JD Vance has initials.
fn shouted(words: &[String]) -> Option<usize> {
    let is_shouted = |word: &String| {
        let lower = fold_latin(word);
        let has_vowel = lower.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        // Of E and A, which are surnames too, a letter is an initial.
        let is_surname = || {
            lower.len() > 1 && (surnames::frequency_of_reading(&lower).is_some() || lower == "ng")
        };
        let is_long = word.chars().count() >= if has_vowel { 2 } else { 3 };
        word.chars().all(char::is_uppercase) && (is_long || is_surname())
    };
    let mut shouted = words
        .iter()
        .enumerate()
        .filter(|(_, word)| is_shouted(word));
    let first = shouted.next()?.0;
    (words.len() >= 2 && shouted.next().is_none()).then_some(first)
}

/// How many times as common the likelier surname of two is, where the other is left aside.
const FAR_RARER: u32 = 20;

/// Whether words in pinyin have their surname in front, and none behind that could as well be it.
fn is_surname_first(words: &[String]) -> bool {
    let words = words
        .iter()
        .map(|word| fold_latin(word).replace(['-', '\''], ""));
    let words: Vec<String> = words.collect();
    let [first, .., last] = words.as_slice() else {
        return false;
    };
    let frequency = |word| surnames::frequency_of_reading(word).unwrap_or_default();
    // TAI MAN CHAN is called Chan in Hong Kong.
    let of_last = frequency(last).max(romanisation::frequency_in_hong_kong(last));
    let mut given = words[1..].iter();
    frequency(first) > FAR_RARER * of_last && given.all(|word| reading::is_pinyin(word))
}

/// Whether words are a Vietnamese name in the order of Vietnam: a surname, a middle name that tells it, and a given name.
fn is_vietnamese(words: &[String]) -> bool {
    const SURNAMES: &[&str] = &[
        "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do",
        "ho", "ngo", "duong", "ly", "dinh", "truong", "trinh", "mai",
    ];
    let folded: Vec<String> = words.iter().map(|word| fold_latin(word)).collect();
    let [first, middle, .., last] = folded.as_slice() else {
        return false;
    };
    let is_surname = |word: &String| SURNAMES.contains(&word.as_str());
    is_surname(first) && matches!(middle.as_str(), "van" | "thi") && !is_surname(last)
}

/// The readings of a Chinese name that is written in pinyin, in small letters, the likeliest first: `li guohang` of Li Guo Hang,
/// Guohang Li and liguohang. None where it is no such name.
pub(super) fn in_pinyin(words: &[&str]) -> Vec<String> {
    let named = |surname: &str, given: String| {
        surnames::frequency_of_reading(surname)
            .filter(|_| reading::is_pinyin(&given))
            .map(|frequency| (frequency, format!("{surname} {given}")))
    };
    let mut names: Vec<(u32, String)> = match words {
        [word] if word.is_ascii() => {
            let splits = (1..word.len()).rev();
            let names = splits.filter_map(|at| named(&word[..at], word[at..].to_string()));
            names.collect()
        }
        [first, .., last] if words.iter().all(|word| reading::is_pinyin(word)) => {
            let before = named(first, words[1..].concat());
            let behind = named(last, words[..words.len() - 1].concat());
            before.into_iter().chain(behind).collect()
        }
        _ => Vec::new(),
    };
    // A surname that is far rarer than the other is hardly one: Li Guo Hang. Else the order is that in which it is written.
    let most = names.iter().map(|(frequency, _)| *frequency).max();
    names.retain(|(frequency, _)| frequency * FAR_RARER >= most.unwrap_or_default());
    names.into_iter().map(|(_, name)| name).collect()
}

/// Where the surname starts among the words of a Western name: particles belong to it.
fn surname_start(words: &[String]) -> usize {
    let Some(last) = words.len().checked_sub(1) else {
        return 0;
    };
    let mut start = last;
    while start > 1 && PARTICLES.contains(&words[start - 1].to_lowercase().as_str()) {
        start -= 1;
    }
    start
}

/// The words of a Latin name, folded, in the order of the alphabet: Xiao-ming is one word, and Dubois-Martin two; ü may be written v,
/// yu, ue or u.
pub(super) fn latin_parts(text: &str) -> Vec<String> {
    let folded = fold_latin(text).replace('\'', "");
    let is_between = |c: char| !c.is_alphanumeric() && c != '-';
    let mut parts: Vec<String> = Vec::new();
    for word in folded.split(is_between) {
        let syllables = || word.split('-').filter(|part| !part.is_empty());
        if syllables().count() > 1 && syllables().all(reading::is_pinyin) {
            parts.push(syllables().collect());
        } else {
            parts.extend(syllables().map(|part| match part {
                "lyu" | "lue" => "lu".to_string(),
                "nyu" | "nue" => "nu".to_string(),
                // FAN NVGUI is Fan Nügui.
                part if part.starts_with(['l', 'n']) && reading::is_pinyin(part) => {
                    let turned = part.replacen("lv", "lu", 1).replacen("nv", "nu", 1);
                    if part[1..].starts_with('v') {
                        turned
                    } else {
                        part.to_string()
                    }
                }
                part => part.to_string(),
            }));
        }
    }
    parts.sort_unstable();
    parts
}
