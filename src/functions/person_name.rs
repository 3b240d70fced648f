//! Names of persons, Chinese and Western: what is shown, what is matched, how it is read, and how alike two are.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::address::pattern;
use super::fold::{fold_latin, is_han, simplify, with_round_brackets, without_dots};
use super::latin_name::{self, Latin, WESTERN_SUFFIXES, in_pinyin, latin_parts};
use super::latin_name_level::is_first_name_known;
use super::name_notes::{
    DEPARTMENTS, PLACEHOLDERS, RELATIVES, is_newborn, is_nickname, is_of_husband,
    says_whose_relative, with_hidden, with_untyped, without_note, without_role,
};
use super::person_name_level::{level, sex_of_title, words_in_order};
use super::person_title;
use super::scalar::{Call, Function, levels};
use super::{
    divisions, eastern_name, reading, romanisation, surnames, trade_words, transliteration,
};

/// `normalize_person_name`, `surname`, `given_name`, `person_name_key`, `person_name_readings`, `person_name_level`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "normalize_person_name",
        arguments: &["name"],
        required: 1,
        description: "The name as it is shown: half width, blanks in order, titles taken off a whole name (王先生 says no more \
                      than a surname, and stays). Characters are never replaced by variants. Null for placeholders (微信用户, test), for a \
                      title alone, for whose relative somebody is (张伟夫人, 李芳之子), and for what is a firm's (杭州云创科技公司).",
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
        name: "title_sex",
        arguments: &["name"],
        required: 1,
        description: "The sex that the title of a name tells: male (王先生, Mr. Wang) or female (王女士, Ms. Wang). Null where no title \
                      tells it.",
        source: "our own table of titles",
        example: ("title_sex('王女士')", "female"),
        call: Call::Text(|args| {
            let name = Name::parse(args[0])?;
            let is_male = sex_of_title(&name)? == 'm';
            Some(if is_male { "male" } else { "female" }.to_string())
        }),
    },
    Function {
        name: "given_name",
        arguments: &["name"],
        required: 1,
        description: "The given name: what is left beside the surname. Null where only a surname and a title are known.",
        source: "our own tables of surnames, readings and nicknames; the Unihan readings for the rest",
        example: ("given_name('欧阳娜娜')", "娜娜"),
        call: Call::Text(|args| {
            let name = Name::parse(args[0])?;
            name.given.clone().filter(|_| !name.is_of_one_word())
        }),
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
                      Müller as mueller and muller; one in another alphabet in Latin letters as well, and a Korean or Japanese one \
                      in one spelling for all.",
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
                      read alike); swapped and one_character (Chinese, behind the surname); cross_script (王小明, Xiaoming Wang; Cyrillic, Greek, Hangul and kana beside Latin letters); masked (a part of one is hidden or left out: \
                      张*, J. Smith, a middle name, Jr.); title (王先生); partly (a part left out beside slips); two_letters (Latin); similar (badly typed); first_name (Latin, the same one \
                      beside another surname or another middle name); else. Null when either is no name.",
        source: "our own tables of surnames, readings and nicknames; the Unihan readings for the rest",
        example: ("person_name_level('陳偉', '陈伟')", "folded"),
        call: Call::Level(|pairs| {
            levels(pairs, Name::parse, |(_, left), (_, right)| {
                Some(level(left, right).as_str())
            })
        }),
    },
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
    /// The name in Latin letters, where it is written in Cyrillic, Greek, Hangul or kana.
    pub(super) romanised: Option<Box<Name>>,
    /// What stands for all spellings of a Korean and of a Japanese name in Latin letters, where it may be one.
    pub(super) eastern: [Option<String>; 2],
    /// Whether it is written in Hangul, or as in Korea alone: Lim Kok Ho may as well be of Malaysia.
    pub(super) is_surely_korean: bool,
    /// What a list tells it by from another of the same name: 张明(大), 张明2.
    pub(super) mark: Option<char>,
    /// Which letters of the Latin alphabet it is written with, marks apart, as [`letter_set`] says it: what has others is another name.
    pub(super) letters: u32,
}

/// Hiragana and katakana.
fn is_kana(character: char) -> bool {
    matches!(character, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | 'ー')
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
    pub(super) fn new(
        shown: String,
        surname: Option<String>,
        given: Option<String>,
        script: Script,
    ) -> Self {
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
            romanised: None,
            eastern: [None, None],
            is_surely_korean: false,
            mark: None,
        }
    }

    /// Takes a text apart; `None` where it is no person's name.
    pub fn parse(text: &str) -> Option<Self> {
        let mut name = Self::without_mark(text)?;
        name.mark = mark_of(text);
        Some(name)
    }

    /// The same but for what tells it from another of the same name.
    fn without_mark(text: &str) -> Option<Self> {
        let folded = with_round_brackets(&with_untyped(text));
        let folded = with_hidden(&folded).unwrap_or(folded);
        if says_whose_relative(&folded) {
            return None;
        }
        let folded = without_quoted(&folded);
        let folded = with_maiden_name(&folded);
        let folded = without_tones(&folded);
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
        if text.chars().any(is_han) && text.chars().any(is_kana) {
            let name = eastern_name::without_title(&text);
            let name = name.unwrap_or(&text);
            return match name.chars().any(is_kana) {
                true => Self::parse_japanese(name),
                // 田中さん says nothing but a surname, which no table of ours has.
                false if name.chars().count() > 2 => Self::parse(name),
                false => None,
            };
        }
        if text.chars().any(is_han) {
            if let Some(name) = latin_before_note(&text) {
                return latin_name::parse(name);
            }
            if let Some((known, surname)) = beside_pinyin(&text) {
                let mut name = Self::new(known, Some(surname), None, Script::Masked);
                name.shown = text.to_ascii_lowercase();
                return Some(name);
            }
            let text = behind_class(behind_room(&text));
            let text = without_role(outside_of_place(text)).to_string();
            if let Some((shown, surname)) = behind_first_name(&text) {
                return Some(Self::new(shown, Some(surname), None, Script::Titled));
            }
            if let Some((surname, title)) = latin_before_title(&text) {
                let shown = format!("{surname}{title}");
                return Some(Self::new(shown, Some(surname), None, Script::Titled));
            }
            if let Some(latin) = beside_masked(&text) {
                return latin_name::parse(latin);
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
        let text = without_thai_title(&text).to_string();
        // What is left of a letter that a system could not write: Tove? Bolken.
        let words = text.split_whitespace().map(|word| word.trim_matches('?'));
        let text = words
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let mut name = latin_name::parse(&text)?;
        let plain: String = text.chars().map(without_dots).collect();
        if plain != text {
            name.without_dots = latin_name::parse(&plain).map(Box::new);
        }
        if let Some(latin) = transliteration::in_latin(&text) {
            name.romanised = Self::parse(&latin).map(Box::new);
            if let Some(latin) = name.romanised.as_mut() {
                latin.is_surely_korean = text.chars().any(transliteration::is_hangul);
            }
        }
        if name.script == Script::Latin && name.written.is_ascii() {
            let words = words_in_order(&name);
            name.eastern = [eastern_name::korean(&words), eastern_name::japanese(&words)];
            name.is_surely_korean = eastern_name::is_surely_korean(&words);
        }
        Some(name)
    }

    /// 近藤 さくら, and 木村 ヒロシ: the surname stands first, and katakana are written for hiragana.
    fn parse_japanese(text: &str) -> Option<Self> {
        let is_of_name = |c: char| is_han(c) || is_kana(c) || c.is_whitespace() || c == '・';
        if !text.chars().all(is_of_name) || text.chars().filter(|c| is_kana(*c)).count() < 2 {
            return None;
        }
        let shown = text.replace('・', " ");
        let read: String = shown.chars().map(transliteration::hiragana).collect();
        let turned = read
            .split_once(' ')
            .map(|(surname, given)| format!("{given} {surname}"));
        let mut name = latin_name::parse(turned.as_deref().unwrap_or(&read))?;
        name.shown.clone_from(&shown);
        name.written = shown;
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
        let is_relative = RELATIVES.iter().any(|relative| text.ends_with(relative));
        if is_of_husband(&text) || is_company(&text) {
            return None;
        }
        // 王奶奶 is called so; 小明奶奶 is whose grandmother she is.
        let elder = ["爷爷", "奶奶"]
            .iter()
            .find_map(|elder| text.strip_suffix(elder));
        if let Some(surname) = elder.filter(|name| surnames::known(name).is_some()) {
            let surname = surname.to_string();
            return Some(Self::new(text, Some(surname), None, Script::Titled));
        }
        if is_relative || is_nickname(&text) {
            return None;
        }
        if masked {
            // *先生 says nothing of who he is.
            let mut titles = person_title::behind(&text).filter_map(|of| text.strip_suffix(of));
            if titles.any(|name| name.chars().all(is_mask)) {
                return None;
            }
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
                let name = Self::parse_han(name.to_string())?;
                let title = name.title.clone().or_else(|| Some(title.to_string()));
                return Some(Self { title, ..name });
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

    /// Whether its first name is in the table of them, or a title stands beside it.
    pub(super) fn has_known_first_name(&self) -> bool {
        let first = self.latin.as_ref().and_then(|latin| latin.given.first());
        self.title.is_some() || first.is_some_and(|first| is_first_name_known(first))
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
            None if self.is_of_one_word() => None,
            None => self.given.as_deref().map(simplify),
        }
    }

    /// Whether a name in Chinese characters has more of them than a surname and a given name have: 呼格吉勒 of Mongolia has no surname.
    fn is_of_one_word(&self) -> bool {
        const LONGEST: usize = 2;
        let given = self
            .given
            .as_deref()
            .map_or(0, |given| given.chars().count());
        self.script == Script::Chinese && given > LONGEST
    }

    /// How the surname is likeliest read, or written where it has no reading.
    pub fn surname_reading(&self) -> Option<String> {
        match self.surname.as_deref() {
            Some(surname) if surname.chars().all(is_han) => {
                reading::of_surname(surname).into_iter().next()
            }
            other => other.map(fold_latin),
        }
    }

    /// How it is likeliest read, its surname and what follows; none of what is hidden or only a title beside a surname.
    pub fn first_reading(&self) -> Option<[String; 2]> {
        let first = self.readings()?.into_iter().next()?;
        let (surname, given) = match first.split_once(' ') {
            Some((surname, given)) if !self.is_of_one_word() => (surname, given),
            _ => (first.as_str(), ""),
        };
        Some([surname.to_string(), given.to_string()])
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
                if let Some(latin) = &self.romanised {
                    readings.extend(latin.readings().into_iter().flatten());
                }
                for spelling in self.eastern.iter().flatten() {
                    if !readings.contains(spelling) {
                        readings.push(spelling.clone());
                    }
                }
                Some(readings)
            }
            Script::Masked | Script::Titled => None,
        }
    }
}

/// What stands behind a Chinese name to tell it from another of the same: 张明(大), 张明2, 张明B.
fn mark_of(text: &str) -> Option<char> {
    const MARKS: &str = "大小甲乙123456789ABCabc";
    let is_bracket = |c: char| "()（）".contains(c) || c.is_whitespace();
    let text = text.trim_end_matches(is_bracket);
    let mark = text.chars().next_back().filter(|c| MARKS.contains(*c))?;
    let name = text[..text.len() - mark.len_utf8()].trim_end();
    let is_bare = !name.ends_with(['(', '（']);
    let name = name.trim_end_matches(is_bracket);
    let is_name = (2..=4).contains(&name.chars().count()) && name.chars().all(is_han);
    // 李大 is called so.
    (is_name && !(is_bare && is_han(mark))).then(|| mark.to_ascii_uppercase())
}

/// `Smith先生`: a surname in Latin letters, and a title behind it.
fn latin_before_title(text: &str) -> Option<(String, String)> {
    let start = text.find(is_han)?;
    let (surname, title) = (text[..start].trim(), &text[start..]);
    let is_surname = !surname.is_empty() && surname.chars().all(|c| c.is_alphabetic() || c == '-');
    (is_surname && person_title::is_behind(title)).then(|| (surname.to_string(), title.to_string()))
}

/// A Western first name and a surname: Kevin王.
fn behind_first_name(text: &str) -> Option<(String, String)> {
    let (first, surname) = text.split_at(text.find(is_han)?);
    let is_name = is_first_name_known(&fold_latin(first.trim()));
    let is_surname = surnames::known(surname).is_some();
    (is_name && is_surname).then(|| (text.to_string(), surname.to_string()))
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

/// The name behind the number of a flat: 10-102 张倩, 3-2-501王建国.
fn behind_room(text: &str) -> &str {
    let is_of_room = |c: char| c.is_ascii_digit() || matches!(c, '-' | '#') || c.is_whitespace();
    let name = text.trim_start_matches(is_of_room);
    let room = &text[..text.len() - name.len()];
    let is_number = (3..=4).contains(&room.len()) && room.bytes().all(|c| c.is_ascii_digit());
    let is_room =
        room.starts_with(|c: char| c.is_ascii_digit()) && room.trim().contains(['-', '#']);
    let is_name = (2..=4).contains(&name.chars().count()) && name.chars().all(is_han);
    match (is_room && is_name) || (is_number && is_whole_name(name)) {
        true => name,
        false => text,
    }
}

/// A name with that of the time before the marriage as a second surname: Anna Smith (née Brown), Anna Smith geb. Braun.
fn with_maiden_name(text: &str) -> Cow<'_, str> {
    static MAIDEN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^([^(),]*[\p{L}.])[\s,]*[\s,(](?:née|nee|né|born|geb\.|geborene?|roz\.|født|född|z\s+d\.)\s+([\p{L}'-]{2,})\)?$",
        )
    });
    // Few have one.
    let tells = |word: &str| {
        const WORDS: &[&str] = &["née", "nee", "né", "born", "roz.", "född", "født", "d."];
        let word = word.trim_start_matches('(');
        WORDS.iter().any(|of| word.eq_ignore_ascii_case(of))
            || word
                .get(..3)
                .is_some_and(|start| start.eq_ignore_ascii_case("geb"))
            || word.starts_with("NÉ")
    };
    match text.split([' ', ',']).skip(1).any(tells) {
        true => MAIDEN.replace(text, "$1-$2"),
        false => Cow::Borrowed(text),
    }
}

/// A Thai name without the title that is written onto it: นายสมชาย ใจดี.
fn without_thai_title(text: &str) -> &str {
    const TITLES: &[&str] = &["นางสาว", "น.ส.", "นาง", "นาย", "คุณ", "ด.ช.", "ด.ญ.", "ดร."];
    let mut titles = TITLES.iter();
    let name = titles
        .find_map(|title| text.strip_prefix(title))
        .map(str::trim_start);
    name.filter(|name| name.contains(' ')).unwrap_or(text)
}

/// James "Jim" De Luca without what people call him.
fn without_quoted(text: &str) -> Cow<'_, str> {
    static QUOTED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"(\p{L}\.?\s)["“„][^"“”„]{1,20}["”“]\s(\S)"#));
    match text.contains(['"', '“', '„']) {
        true => QUOTED.replace(text, "$1$2"),
        false => Cow::Borrowed(text),
    }
}

/// Pinyin whose tones are written as digits: wang2 xiao3 ming2.
fn without_tones(text: &str) -> Cow<'_, str> {
    if !text.ends_with(|c: char| c.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    let is_syllable = |word: &str| {
        let syllable = word.strip_suffix(['1', '2', '3', '4', '5']);
        syllable.is_some_and(|of| reading::syllables(&of.to_lowercase()) == Some(1))
    };
    let words = || text.split_whitespace();
    match words().count() >= 2 && words().all(is_syllable) {
        true => Cow::Owned(text.replace(|c: char| c.is_ascii_digit(), "")),
        false => Cow::Borrowed(text),
    }
}

/// Whether a text is a surname and a given name.
fn is_whole_name(text: &str) -> bool {
    (2..=4).contains(&text.chars().count())
        && text.chars().all(is_han)
        && surnames::length(text).is_some_and(|length| length < text.len())
}

/// The name behind the year or the department of a student, or the plate of a car: 92级何立新, 计算机系何立新, 浙A12345张伟.
fn behind_class(text: &str) -> &str {
    static CLASS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:[0-9]{2,4}[级届]|\p{Han}{2,8}?(?:系|学院|专业)|\p{Han}[A-Z][A-Z0-9]{5,6})[\s-]*(\p{Han}{2,4})$",
        )
    });
    // A name alone has none.
    if text.len() <= 4 * 3 {
        return text;
    }
    let name = CLASS.captures(text).and_then(|found| found.get(1));
    name.map(|name| name.as_str())
        .filter(|name| is_whole_name(name))
        .unwrap_or(text)
}

/// Whether a text is a firm's, as far as its words say: 宁波东方电缆, 杭州云创科技公司.
fn is_company(text: &str) -> bool {
    const SHORTEST: usize = 5;
    const FORMS: &[&str] = &[
        "公司",
        "集团",
        "工作室",
        "事务所",
        "经营部",
        "门市部",
        "服务部",
        "合作社",
        "超市",
        "药房",
        "商行",
        "工厂",
        "管理",
    ];
    let characters: Vec<char> = text.chars().collect();
    if characters.len() < SHORTEST || text.contains('·') {
        return false;
    }
    let trade: String = characters[characters.len() - 2..].iter().collect();
    let is_of_place = || divisions::starting(&characters).next().is_some();
    text.contains("公司")
        || FORMS.iter().any(|form| text.ends_with(form))
        || (trade_words::is_trade(&trade) && is_of_place())
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
