//! Names of persons, Chinese and Western: what is shown, what is matched, how it is read, and how alike two are.

use super::fold::{fold_latin, is_han, simplify, with_round_brackets};
use super::latin_name_level::is_first_name_known;
use super::name_notes::{
    DEPARTMENTS, PLACEHOLDERS, RELATIVES, is_newborn, is_nickname, says_whose_relative,
    with_hidden, with_untyped, without_note, without_role,
};
use super::person_name_level::level;
use super::person_title::{self, is_western_title, western_title};
use super::scalar::{Call, Function, levels};
use super::{divisions, reading, romanisation, surnames};

/// `normalize_person_name`, `surname`, `given_name`, `person_name_key`, `person_name_readings`, `person_name_level`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "normalize_person_name",
        arguments: &["name"],
        required: 1,
        description: "The name as it is shown: half width, blanks in order, titles taken off. Characters are never \
                      replaced by variants. Null for placeholders (微信用户, test) and for titles alone.",
        source: "our own tables of surnames, readings and nicknames; the Unihan readings for the rest",
        example: ("normalize_person_name(' 张　三 ')", "张三"),
        call: Call::Text(|args| normalize(args[0])),
    },
    Function {
        name: "surname",
        arguments: &["name"],
        required: 1,
        description: "The family name: from a table of Chinese surnames, compound ones first; the last part of a Western name, \
                      or the part before a comma. Null where a name has none that can be told.",
        source: "our own tables of surnames, readings and nicknames; the Unihan readings for the rest",
        example: ("surname('欧阳娜娜')", "欧阳"),
        call: Call::Text(|args| Name::parse(args[0]).and_then(|name| name.surname)),
    },
    Function {
        name: "given_name",
        arguments: &["name"],
        required: 1,
        description: "The given name: what is left beside the surname. Null where only a surname and a title are known.",
        source: "our own tables of surnames, readings and nicknames; the Unihan readings for the rest",
        example: ("given_name('欧阳娜娜')", "娜娜"),
        call: Call::Text(|args| Name::parse(args[0]).and_then(|name| name.given)),
    },
    Function {
        name: "person_name_key",
        arguments: &["name"],
        required: 1,
        description: "The name to match on, never shown: simplified characters, one kind of dot; Latin names without marks, \
                      in lower case, their parts in order of the alphabet. Null for masked names and bare titles.",
        source: "our own tables of surnames, readings and nicknames; the Unihan readings for the rest",
        example: ("person_name_key('陳大文')", "陈大文"),
        call: Call::Text(|args| Name::parse(args[0]).and_then(|name| name.key())),
    },
    Function {
        name: "person_name_readings",
        arguments: &["name"],
        required: 1,
        description: "How a Chinese name may be read: surname, a blank, the given name's syllables joined; no tones, ü as v; \
                      every reading that a person may use. A Latin name is read as it is written, \
                      Müller as mueller and muller.",
        source: "our own tables of surnames, readings and nicknames; the Unihan readings for the rest",
        example: (
            "array_to_string(person_name_readings('王小明'), ',')",
            "wang xiaoming",
        ),
        call: Call::Texts(|args| Name::parse(args[0]).and_then(|name| name.readings())),
    },
    Function {
        name: "person_name_level",
        arguments: &["left", "right"],
        required: 2,
        description: "How alike two names are, the strongest level that holds: exact; folded (the same but for variants, marks, \
                      blanks and order); nickname; one_letter (Latin, one off or two swapped); sounds_alike (other characters, \
                      read alike); swapped and one_character (Chinese, behind the surname); cross_script (王小明, Xiaoming Wang; Chinese names alone); masked (a part of one is hidden or left out: \
                      张*, J. Smith, a middle name, Jr.); title (王先生); partly (a part left out beside slips); two_letters (Latin); similar (badly typed); first_name (Latin, the same one \
                      beside another surname); else. Null when either is no name.",
        source: "our own tables of surnames, readings and nicknames; the Unihan readings for the rest",
        example: ("person_name_level('陳偉', '陈伟')", "folded"),
        call: Call::Level(|pairs| {
            levels(pairs, Name::parse, |(_, left), (_, right)| {
                Some(level(left, right).as_str())
            })
        }),
    },
];

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
    "jr", "sr", "ii", "iii", "iv", "vii", "viii", "xii", "xiii", "xiv", "xvi", "xviii", "phd", "md",
];
pub(super) const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "la", "le", "ter", "ten",
    "zu", "vom", "zum", "zur", "und", "bin", "al", "el", "st",
];

/// The shown form of a name. What comes off one end of a text may bare another: it is done when nothing changes any more.
fn normalize(text: &str) -> Option<String> {
    let mut shown = Name::parse(text)?.shown;
    for _ in 0..4 {
        let again = Name::parse(&shown)?.shown;
        if again == shown {
            return Some(shown);
        }
        shown = again;
    }
    None
}

/// A name taken apart.
pub struct Name {
    /// As it is shown.
    pub shown: String,
    /// The family name.
    pub surname: Option<String>,
    /// The given name.
    pub given: Option<String>,
    /// What is compared: simplified characters; Latin words without marks, in order of the alphabet.
    pub(super) folded: String,
    /// As it was written but for titles, for Latin names: `shown` has its parts in their usual order.
    pub(super) written: String,
    pub(super) script: Script,
    /// The characters of `folded`.
    pub(super) characters: Vec<char>,
    /// The parts of a Latin name, folded.
    pub(super) latin: Option<Latin>,
    /// The title before or behind a Latin name, in lower case.
    pub(super) title: Option<String>,
    /// The name without the dots of its umlauts, where it has some: Müller is written Mueller and Muller.
    pub(super) without_dots: Option<Box<Name>>,
    /// Which letters of the Latin alphabet it is written with, marks apart, as [`letter_set`] says it: what has others is another name.
    pub(super) letters: u32,
}

/// The letters of a folded text, one bit each; v is u, as ü may be either.
pub(super) fn letter_set(folded: &str) -> u32 {
    let letter = |letter: u8| match letter {
        b'v' => b'u',
        other => other,
    };
    let letters = folded.bytes().filter(u8::is_ascii_lowercase).map(letter);
    letters.fold(0, |all, letter| all | 1 << (letter - b'a'))
}

/// The parts of a Latin name, without marks, in lower case.
#[derive(Debug)]
pub(super) struct Latin {
    pub(super) surname: String,
    pub(super) given: Vec<String>,
    pub(super) suffix: Option<String>,
}

/// What kind of name a text is.
#[derive(PartialEq, Clone, Copy)]
pub(super) enum Script {
    /// Han characters with a known surname in front.
    Chinese,
    /// Han characters in parts with dots between: Uyghur, Kazakh, Tibetan names.
    Dotted,
    /// A surname and a title.
    Titled,
    /// Some characters hidden by stars.
    Masked,
    /// Latin letters.
    Latin,
}

impl Name {
    fn new(shown: String, surname: Option<String>, given: Option<String>, script: Script) -> Self {
        let folded = if script == Script::Latin {
            latin_parts(&shown).join(" ")
        } else {
            simplify(&shown)
        };
        let latin = (script == Script::Latin).then(|| {
            let words = |text: Option<&String>| -> Vec<String> {
                let folded = fold_latin(text.map_or("", String::as_str));
                let words = folded
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|word| !word.is_empty());
                words.map(String::from).collect()
            };
            Latin {
                surname: fold_latin(surname.as_deref().unwrap_or_default()).replace('\'', ""),
                given: words(given.as_ref()),
                suffix: folded
                    .split(' ')
                    .find(|part| WESTERN_SUFFIXES.contains(part) || part.parse::<u8>().is_ok())
                    .map(String::from),
            }
        });
        Self {
            letters: match script {
                Script::Latin => letter_set(&fold_latin(&shown)),
                _ => 0,
            },
            written: shown.clone(),
            characters: folded.chars().collect(),
            latin,
            shown,
            surname,
            given,
            folded,
            script,
            title: None,
            without_dots: None,
        }
    }

    /// Takes a text apart; `None` where it is no person's name.
    pub fn parse(text: &str) -> Option<Self> {
        let folded = with_round_brackets(&with_untyped(text));
        let folded = with_hidden(&folded).unwrap_or(folded);
        if says_whose_relative(&folded) {
            return None;
        }
        let text = match outside_brackets(&folded) {
            // All of it is inside.
            outside if outside.is_empty() => folded.replace(['(', ')'], " ").trim().to_string(),
            // CHAN KA YAN (陳嘉欣).
            outside if !outside.chars().any(is_han) => match name_inside(&folded, &outside) {
                Some(name) => name.to_string(),
                None => outside,
            },
            outside => outside,
        };
        let text = text
            .trim_matches(|c: char| {
                c.is_whitespace()
                    || matches!(c, ',' | ';' | ':' | '"' | '·' | '~')
                    || one_dot(c) == '·'
            })
            .to_string();
        if text.is_empty() || PLACEHOLDERS.contains(&text.to_lowercase().as_str()) {
            return None;
        }
        if text.chars().any(is_han) {
            if let Some(name) = latin_before_note(&text) {
                return Self::parse_latin(name);
            }
            if let Some((known, surname)) = beside_pinyin(&text) {
                let mut name = Self::new(known, Some(surname), None, Script::Masked);
                name.shown = text.to_ascii_lowercase();
                return Some(name);
            }
            let text = without_role(outside_of_place(&text)).to_string();
            if let Some((surname, title)) = latin_before_title(&text) {
                let shown = format!("{surname}{title}");
                return Some(Self::new(shown, Some(surname), None, Script::Titled));
            }
            if let Some(latin) = beside_masked(&text) {
                return Self::parse_latin(latin);
            }
            let text = first_of_two(beside_latin(without_note(&text)));
            if PLACEHOLDERS.contains(&text) {
                return None;
            }
            let is_hidden = |c: char| matches!(c, 'X' | 'x');
            let joined: String = text
                .chars()
                .filter(|c| !c.is_whitespace() && !is_picture(*c))
                .map(|c| if is_hidden(c) { '*' } else { one_dot(c) })
                .collect();
            return Self::parse_han(joined);
        }
        let mut name = Self::parse_latin(&text)?;
        let plain: String = text.chars().map(without_dots).collect();
        if plain != text {
            name.without_dots = Self::parse_latin(&plain).map(Box::new);
        }
        Some(name)
    }

    fn parse_han(text: String) -> Option<Self> {
        let masked = text.chars().any(is_mask);
        if !text.chars().all(|c| is_han(c) || is_mask(c) || c == '·') || text.chars().count() > 20
        {
            return None;
        }
        // 主管 alone says nothing of who it is.
        if text.chars().count() > 1 && person_title::is_behind(&text) {
            return None;
        }
        let in_firm = DEPARTMENTS.iter().find_map(|of| text.strip_prefix(of));
        if let Some(name) = in_firm.map(|name| name.trim_start_matches('·')) {
            return match name.chars().count() {
                0 | 1 => None,
                _ => Self::parse_han(name.to_string()),
            };
        }
        // A newborn goes by its mother's name: 李静之女 is not 李静.
        if is_newborn(&text) {
            return None;
        }
        if RELATIVES.iter().any(|relative| text.ends_with(relative)) || is_nickname(&text) {
            return None;
        }
        if masked {
            // 王*先生: nothing is known but the surname.
            if let Some(name) =
                person_title::behind(&text).find_map(|title| text.strip_suffix(title))
                && let Some((surname, behind)) = name.split_at_checked(3)
                && is_surname_of_one(surname)
                && behind.chars().all(is_mask)
            {
                let title = &text[name.len()..];
                return Some(Self::new(
                    format!("{surname}{title}"),
                    Some(surname.to_string()),
                    None,
                    Script::Titled,
                ));
            }
            let surname = text.chars().next().filter(|c| is_han(*c)).map(String::from);
            return Some(Self::new(text, surname, None, Script::Masked));
        }
        if text.contains('·') {
            return Some(Self::new(text, None, None, Script::Dotted));
        }
        // 小王, 老张, 阿强: how friends call a person by the surname.
        if let Some(surname) = text.strip_prefix(['小', '老', '阿'])
            && text.chars().count() == 2
            && surnames::known(surname).is_some()
        {
            let surname = surname.to_string();
            return Some(Self::new(text, Some(surname), None, Script::Titled));
        }
        let is_surname = |text: &str| surnames::known(text).is_some();
        for title in person_title::behind(&text) {
            let Some(name) = text.strip_suffix(title) else {
                continue;
            };
            // 王副厂长.
            let name = name.strip_suffix('副').unwrap_or(name);
            // Nobody's name ends with 总.
            let is_surely_title = title.chars().count() > 1 || title == "总";
            // 欧阳总, but no 李科: a word that is a name as often stands for a title behind one character alone.
            if is_surname(name) {
                let surname = name.to_string();
                return Some(Self::new(text, Some(surname), None, Script::Titled));
            }
            if is_surely_title && name.chars().count() >= 2 {
                return Self::parse_han(name.to_string());
            }
        }
        // Nothing is known but the surname.
        if is_surname(&text) {
            let surname = text.clone();
            return Some(Self::new(text, Some(surname), None, Script::Titled));
        }
        if let Some(length) = surnames::length(&text) {
            let (surname, rest) = text.split_at(length);
            let given = (!rest.is_empty()).then(|| rest.to_string());
            let surname = Some(surname.to_string());
            return Some(Self::new(text, surname, given, Script::Chinese));
        }
        Some(Self::new(text, None, None, Script::Dotted))
    }

    fn parse_latin(text: &str) -> Option<Self> {
        let text = &without_unknown_part(&with_long_particle(text))?;
        // WANG/XIAOMING MR: so do passports, airlines and hotels. Mr/Mrs Smith and c/o John Smith are no such name, and John &
        // Mary Smith are two.
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
            return Some(Self::new(text.to_string(), None, None, Script::Masked));
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
        let mut written = [front.join(" "), back.join(" ")].join(", ");
        written.truncate(written.trim_end_matches([',', ' ']).len());
        let suffix_of = |words: &[String]| {
            words
                .last()
                .map(lower)
                .filter(|word| WESTERN_SUFFIXES.contains(&word.as_str()))
        };
        let suffix = suffix_of(&front).or_else(|| suffix_of(&back));
        if suffix.is_some() {
            if front.last().map(lower) == suffix {
                front.pop()
            } else {
                back.pop()
            };
        }
        if let (Some(title), [surname], []) = (&title, front.as_slice(), back.as_slice()) {
            // Mr. Smith: nothing is known but the surname.
            let surname = surname.to_string();
            let shown = format!("{title} {surname}");
            return Some(Self {
                title: Some(title.to_lowercase()),
                ..Self::new(shown, Some(surname), None, Script::Titled)
            });
        }
        let is_particle = |word: &String| PARTICLES.contains(&lower(word).as_str());
        let (given, surname) =
            if front.len() >= 2 && !back.is_empty() && back.iter().all(is_particle) {
                // Jan Berg, van der.
                let last = front.pop().unwrap_or_default();
                (front.join(" "), format!("{} {last}", back.join(" ")))
            } else if !back.is_empty() {
                (back.join(" "), front.join(" "))
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
                    // LI GUOHANG: so do banks.
                    None if is_surname_first(&front) => (front[1..].join(" "), front[0].clone()),
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
        Some(Self {
            letters: letter_set(&fold_latin(&written)),
            written,
            title: title.map(|title| title.to_lowercase()),
            ..Self::new(shown, some(surname), some(given), Script::Latin)
        })
    }

    /// The name without the dots of its umlauts.
    pub(super) fn plain(&self) -> &Self {
        self.without_dots.as_deref().unwrap_or(self)
    }

    pub fn key(&self) -> Option<String> {
        match self.script {
            Script::Masked | Script::Titled => None,
            Script::Chinese | Script::Dotted | Script::Latin => Some(self.folded.clone()),
        }
    }

    /// The surname to match on.
    pub fn surname_key(&self) -> Option<String> {
        match &self.latin {
            Some(latin) => Some(latin.surname.clone()),
            None => self.surname.as_deref().map(simplify),
        }
    }

    /// The given name to match on.
    pub fn given_key(&self) -> Option<String> {
        match &self.latin {
            Some(latin) => Some(latin.given.join(" ")).filter(|given| !given.is_empty()),
            None => self.given.as_deref().map(simplify),
        }
    }

    /// How it may be read, the likeliest first.
    pub(super) fn readings(&self) -> Option<Vec<String>> {
        match self.script {
            Script::Chinese => {
                let given = reading::of_given_name(self.given.as_deref().unwrap_or_default());
                let surnames = self.surname.as_deref().map(reading::of_surname)?;
                let both = surnames.iter().flat_map(|surname| {
                    given
                        .iter()
                        .map(move |given| format!("{surname} {given}").trim().to_string())
                });
                Some(both.collect())
            }
            Script::Dotted => Some(vec![
                self.shown.chars().filter_map(reading::plain).collect(),
            ]),
            Script::Latin => {
                let folded = fold_latin(&self.written);
                let words = folded.split(|c: char| !c.is_alphanumeric());
                let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
                let mut readings = in_pinyin(&words);
                if readings.is_empty() {
                    let plain = self.without_dots.as_ref();
                    let plain = plain.map(|name| fold_latin(&name.shown));
                    readings.push(fold_latin(&self.shown));
                    readings.extend(plain);
                }
                Some(readings)
            }
            Script::Masked | Script::Titled => None,
        }
    }
}

/// `Smith先生`: a surname in Latin letters, and a title behind it.
fn latin_before_title(text: &str) -> Option<(String, String)> {
    let start = text.find(is_han)?;
    let (surname, title) = (text[..start].trim(), &text[start..]);
    let is_surname = !surname.is_empty() && surname.chars().all(|c| c.is_alphabetic() || c == '-');
    (is_surname && person_title::is_behind(title)).then(|| (surname.to_string(), title.to_string()))
}

/// The Latin name before a Chinese title or a note: Emma Johansson女士, Michael Rossi收.
fn latin_before_note(text: &str) -> Option<&str> {
    let (name, behind) = text.split_at(text.find(is_han)?);
    let is_note =
        matches!(behind, "收" | "代收" | "签收" | "亲收") || person_title::is_behind(behind);
    (is_note && name.trim().contains(' ')).then(|| name.trim())
}

/// A name of which a character that a keyboard lacks is written as it is read, 王zhe and 张ZHE, with a star for that, and its surname.
fn beside_pinyin(text: &str) -> Option<(String, String)> {
    let (han, read) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let characters = han.chars().count();
    let is_small = read.chars().skip(1).all(|c| c.is_ascii_lowercase());
    let is_word = is_small || (read.len() >= 2 && read.chars().all(|c| c.is_ascii_uppercase()));
    let is_read = is_word && reading::syllables(&read.to_ascii_lowercase()) == Some(1);
    let surname = han.chars().next().filter(|c| is_han(*c))?.to_string();
    let is_name =
        (1..=2).contains(&characters) && han.chars().all(is_han) && is_surname_of_one(&surname);
    (is_name && is_read).then(|| (format!("{han}*"), surname))
}

/// The name beside a place or an employer: 王小明-深圳, 深圳/王小明, 王小明@平安.
fn outside_of_place(text: &str) -> &str {
    let Some((one, other)) = text.split_once(['-', '_', '/', '@', '—']) else {
        return text;
    };
    let is_whole = |part: &str| {
        let part = part.trim_matches(|c: char| c.is_ascii_alphabetic() || c.is_whitespace());
        let length = surnames::length(part);
        (2..=4).contains(&part.chars().count())
            && part.chars().all(is_han)
            && length.is_some_and(|length| length < part.len())
    };
    let is_place = |part: &str| !divisions::named(part).is_empty();
    let is_dash = text.contains(['-', '—']);
    match (is_whole(one), is_whole(other)) {
        (true, _) if text.contains('@') => one,
        // Two persons.
        (true, true) if !is_dash => text,
        // Between the parts of a name stands a dash as well: 买买提-艾力.
        _ if is_dash && !is_place(one) && !is_place(other) => text,
        (true, _) if !is_place(one) => one,
        (_, true) if is_place(one) => other,
        _ => text,
    }
}

fn is_surname_of_one(text: &str) -> bool {
    text.chars().count() == 1 && surnames::known(text).is_some()
}

/// Oscar v.d. Brand, with the particle that it most often is.
fn with_long_particle(text: &str) -> String {
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

/// 王小明 of `王小明 Kevin`, `Wang, Xiaoming 王小明` and `WANG/XIAOMING 王 小明`: the Chinese characters of one name, and Latin words
/// beside it.
fn beside_latin(text: &str) -> &str {
    let is_latin =
        |c: char| c.is_ascii_alphabetic() || matches!(c, '.' | '\'' | '-' | '_' | ',' | '/');
    let name = text.trim_matches(|c: char| is_latin(c) || c.is_whitespace());
    let is_hidden = |c: char| matches!(c, 'x' | 'X');
    let has_letters = text.contains(|c: char| c.is_ascii_alphabetic() && !is_hidden(c));
    let is_of_one = |c: char| is_han(c) || one_dot(c) == '·' || c.is_whitespace();
    // Of 王小明 李四, the first is no surname.
    let words = name.split_once(char::is_whitespace);
    let is_of_one_person = words.is_none_or(|(surname, _)| surnames::known(surname).is_some());
    let characters = name.chars().filter(|c| is_han(*c)).count();
    let is_one_run = characters >= 2 && name.chars().all(is_of_one) && is_of_one_person;
    match is_one_run && has_letters {
        true => name,
        false => text,
    }
}

/// KANG WOONA of `姜** KANG WOONA`: of a masked name and what it hides, the latter.
fn beside_masked(text: &str) -> Option<&str> {
    let (masked, latin) = text.split_once(' ')?;
    let latin = latin.trim();
    let is_masked = masked.starts_with(is_han) && masked.chars().skip(1).all(is_mask);
    let is_name = latin.contains(' ') && latin.chars().all(|c| c.is_ascii_alphabetic() || c == ' ');
    (is_masked && masked.contains(is_mask) && is_name).then_some(latin)
}

/// The name in brackets behind its spelling in Latin letters.
fn name_inside<'a>(text: &'a str, outside: &str) -> Option<&'a str> {
    let (_, inside) = text.split_once('(')?;
    let name = inside.split(')').next()?.trim();
    let (surname, given) = name.split_at_checked(surnames::length(name)?)?;
    let is_name = name.chars().all(is_han) && !given.is_empty();
    (is_name && romanisation::spells(outside, surname, given)).then_some(name)
}

/// Of two names with a blank between, the first: 王小明 张婷. In 王 小明, 欧阳 娜娜 and 田中 太郎 it stands behind the surname.
fn first_of_two(text: &str) -> &str {
    let words: Vec<&str> = text.split_whitespace().collect();
    // No name of other peoples, whose first characters are surnames at times.
    let is_common = |surname: &str| surnames::known(surname).is_some_and(|of| of.frequency >= 5);
    let is_whole = |word: &str| {
        let surname = surnames::length(word).and_then(|length| word.get(..length));
        word.chars().all(is_han)
            && surnames::known(word).is_none()
            && surname.is_some_and(is_common)
    };
    match words.as_slice() {
        [first, second]
            if first.chars().count() == 3
                && is_whole(first)
                && second.chars().count() >= 2
                && is_whole(second)
                && !person_title::is_behind(second) =>
        {
            first
        }
        _ => text,
    }
}

/// `张伟（北京）` is 张伟.
fn outside_brackets(text: &str) -> String {
    let mut depth = 0;
    let mut kept = String::new();
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = (depth - 1).max(0),
            other if depth == 0 => kept.push(other),
            _ => {}
        }
    }
    kept.trim().to_string()
}

/// Whether a character hides another: stars, crosses, 某.
pub(super) fn is_mask(character: char) -> bool {
    matches!(character, '*' | '×' | '某' | '?' | '○' | '□' | '〇')
}

/// Emoji and other pictures beside a name.
pub(super) fn is_picture(character: char) -> bool {
    matches!(character, '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{FE0F}')
}

/// All the dots between the parts of a minority name are one dot.
fn one_dot(character: char) -> char {
    if matches!(
        character,
        '•' | '・' | '‧' | '∙' | '●' | '.' | '．' | '･' | '—' | '-' | '⋅' | '。'
    ) {
        '·'
    } else {
        character
    }
}

/// A letter without the dots that clerks without the key for it leave out.
fn without_dots(letter: char) -> char {
    match letter {
        'ä' => 'a',
        'ö' => 'o',
        'ü' => 'u',
        'Ä' => 'A',
        'Ö' => 'O',
        'Ü' => 'U',
        other => other,
    }
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
        digits == 0 || (digits == 1 && letters.chars().count() >= LETTERS && !is_known)
    };
    // Smith1 is an account, and Unit3 Office no person: at the end of a word, a digit is one of the last alone.
    let words: Vec<&str> = text.split_whitespace().collect();
    let ends_word = |(at, word): (usize, &&str)| {
        word.ends_with(is_digit) && (words.len() == 1 || at + 1 < words.len())
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

/// The readings of a Chinese name that is written in pinyin, in small letters, the likeliest first: `li guohang` of Li Guo Hang,
/// Guohang Li and liguohang. None where it is no such name.
fn in_pinyin(words: &[&str]) -> Vec<String> {
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
