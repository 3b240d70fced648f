//! How alike two names of persons are: one level, the strongest that holds.

use std::sync::LazyLock;

use hashbrown::{HashMap, HashSet};

use super::fold::{fold_latin, is_han, simplify};
use super::person_name::{Latin, Name, PARTICLES, Script, is_mask, latin_parts};
use super::reading::{self, sound_alike};
use super::reference::{self, Table};
use super::similarity::share_off;
use super::{romanisation, surnames};

/// Western first names that a name may stand for, itself apart.
static FORMAL: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut formal: HashMap<&str, Vec<&str>> = HashMap::new();
    for [name, nicknames] in reference::rows::<2>(Table::Nicknames) {
        for nickname in nicknames.split_whitespace() {
            formal.entry(nickname).or_default().push(name);
        }
    }
    formal
});

/// A level of agreement, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The same, titles apart.
    Exact,
    /// The same but for variants, marks and order.
    Folded,
    /// A short form of the first name.
    Nickname,
    /// One letter more, less, other, or swapped with the next, of a name in Latin letters: it leaves more of the name than one
    /// Chinese character does.
    OneLetter,
    /// Other characters that are read alike.
    SoundsAlike,
    /// Two neighbours behind the first character swapped, as a typist does; brothers are seldom called so.
    Swapped,
    /// One character more, less or other.
    OneCharacter,
    /// The same name in Chinese and in Latin letters.
    CrossScript,
    /// What is shown of both agrees, a part of one is hidden.
    Masked,
    /// A surname with a title or nothing beside it, and that surname.
    Title,
    /// Two letters of a name in Latin letters.
    TwoLetters,
    /// All of the shorter name in Latin letters is nearly in the longer one: a part left out, and slips in what is there.
    Partly,
    /// Neither one name nor plainly two: two fifths of each word in Latin letters, or two of many characters, may be off.
    Similar,
    /// The same first name in Latin letters beside another surname, as after a marriage.
    FirstName,
    /// None of these.
    Else,
}

impl Level {
    /// All levels, the strongest first.
    pub const NAMES: &[&str] = &[
        "exact",
        "folded",
        "nickname",
        "one_letter",
        "sounds_alike",
        "swapped",
        "one_character",
        "cross_script",
        "masked",
        "title",
        "two_letters",
        "partly",
        "similar",
        "first_name",
        "else",
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// What a title says of its bearer: 先生 and 女士 are two persons.
fn sex_of_title(name: &Name) -> Option<char> {
    let is = |titles: &[&str]| titles.iter().any(|title| name.shown.ends_with(title));
    match (name.script, name.title.as_deref()) {
        (
            _,
            Some(
                "mr" | "sir" | "herr" | "herrn" | "lord" | "monsieur" | "dhr" | "meneer" | "sr"
                | "señor" | "signor" | "sig" | "hr" | "husband" | "father" | "brother",
            ),
        ) => return Some('m'),
        (
            _,
            Some(
                "mrs" | "ms" | "miss" | "frau" | "mme" | "mlle" | "lady" | "dame" | "madame"
                | "mademoiselle" | "mevr" | "mevrouw" | "sra" | "srta" | "señora" | "señorita"
                | "signora" | "sig.ra" | "dott.ssa" | "doña" | "dña" | "dra" | "fru" | "pani"
                | "paní" | "wife" | "mother" | "daughter" | "sister",
            ),
        ) => {
            return Some('f');
        }
        _ => {}
    }
    match name.script {
        Script::Titled if is(&["先生", "叔", "伯", "大爷", "哥"]) => Some('m'),
        Script::Titled if is(&["女士", "小姐", "太", "夫人", "姨", "嫂", "婶", "姐"]) => {
            Some('f')
        }
        _ => None,
    }
}

/// The level of agreement between two names, strongest first.
pub fn level(left: &Name, right: &Name) -> Level {
    let level = level_as_written(left, right);
    if level == Level::Exact || (left.without_dots.is_none() && right.without_dots.is_none()) {
        return level;
    }
    // An umlaut is written in two ways.
    let without_dots = match level_as_written(left.plain(), right.plain()) {
        Level::Exact => Level::Folded,
        other => other,
    };
    if (without_dots as u8) < level as u8 {
        without_dots
    } else {
        level
    }
}

fn level_as_written(left: &Name, right: &Name) -> Level {
    use Script::{Chinese, Dotted, Latin, Masked, Titled};
    match (left.script, right.script) {
        (Masked, _) | (_, Masked) => {
            let is_read = || match (left.script, right.script) {
                (Masked, Latin) => is_masked_reading(left, right),
                (Latin, Masked) => is_masked_reading(right, left),
                _ => false,
            };
            let (one, other) = (&left.folded, &right.folded);
            let may_be = || may_be_read(left, right) && may_be_read(right, left);
            match one == other || (masks_agree(one, other) && may_be()) || is_read() {
                true => Level::Masked,
                false => Level::Else,
            }
        }
        (Titled, Chinese) if is_called(left, right) => Level::Masked,
        (Chinese, Titled) if is_called(right, left) => Level::Masked,
        (Titled, Chinese) if is_called_by_end(left, right) => Level::Nickname,
        (Chinese, Titled) if is_called_by_end(right, left) => Level::Nickname,
        _ if matches!((sex_of_title(left), sex_of_title(right)), (Some(left), Some(right)) if left != right) => {
            Level::Else
        }
        (Titled, _) | (_, Titled) if are_one_surname(left, right) => Level::Title,
        (Titled, Latin) if begins_with_surname(right, left) => Level::Title,
        (Latin, Titled) if begins_with_surname(left, right) => Level::Title,
        (Titled, Latin) if spells_surname(right, left) => Level::Title,
        (Latin, Titled) if spells_surname(left, right) => Level::Title,
        (Titled, Latin) if is_first_name(left, right) => Level::Masked,
        (Latin, Titled) if is_first_name(right, left) => Level::Masked,
        (Titled, _) | (_, Titled) => Level::Else,
        (Latin, Latin) => latin_level(left, right),
        (Latin, _) => cross_script_level(right, left),
        (_, Latin) => cross_script_level(left, right),
        (Chinese | Dotted, Chinese | Dotted) => han_level(left, right),
    }
}

/// Whether a name like 小明 is the given name of another, and no surname behind 小.
fn is_called(short: &Name, name: &Name) -> bool {
    name.given.as_deref().map(simplify) == Some(short.folded.clone())
}

/// Whether 小明 or 阿明 is made of the end of another's given name, although 明 is a surname, too.
fn is_called_by_end(called: &Name, name: &Name) -> bool {
    called.shown.starts_with(['小', '阿']) && is_pet_name_of(called, name)
}

/// The words of a name in Latin letters, folded, in their order.
fn words_in_order(name: &Name) -> Vec<String> {
    let folded = fold_latin(&name.written).replace(['-', '\''], "");
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(String::from)
        .collect()
}

/// Whether the first or the last word of a name in Latin letters is how the surname of a title is spelled: YUAN Yufan, 袁先生.
fn spells_surname(latin: &Name, titled: &Name) -> bool {
    let surname = titled
        .surname
        .as_deref()
        .filter(|surname| surname.chars().all(is_han));
    let words = words_in_order(latin);
    let ends = [words.first(), words.last()];
    let is_spelled = |surname| {
        let mut ends = ends.iter().flatten();
        ends.any(|word| romanisation::spells_surname(word, surname))
    };
    words.len() >= 2 && surname.is_some_and(is_spelled)
}

/// Whether a name in pinyin may be a Chinese one of which some characters are hidden: Wang Xiaoming, 王*明.
fn is_masked_reading(masked: &Name, latin: &Name) -> bool {
    let words = words_in_order(latin);
    let (Some((surname, given)), [first, .., last]) =
        (masked.characters.split_first(), words.as_slice())
    else {
        return false;
    };
    if !masked.characters.iter().any(|c| is_han(*c)) {
        return false;
    }
    let is_surname = |word: &str| {
        is_mask(*surname) || romanisation::spells_surname(word, surname.encode_utf8(&mut [0; 4]))
    };
    let is_given = |word: String| {
        let is_read = |shown: Option<&char>, holds: &dyn Fn(&str) -> bool| match shown {
            Some(shown) if !is_mask(*shown) => {
                let mut readings = reading::in_given_name(*shown).into_iter();
                readings.any(|reading| !reading.is_empty() && holds(&reading))
            }
            _ => true,
        };
        is_read(given.first(), &|reading| word.starts_with(reading))
            && is_read(given.last(), &|reading| word.ends_with(reading))
            && (masked.characters.len() == 2 && is_mask(given[0])
                || reading::syllables(&word) == Some(given.len()))
    };
    (is_surname(first) && is_given(words[1..].concat()))
        || (is_surname(last) && is_given(words[..words.len() - 1].concat()))
}

/// Whether the character that is written as it is read in one name, 王zhe, may be that of the other; where none is, it may.
fn may_be_read(written: &Name, name: &Name) -> bool {
    let is_read = |c: char| c.is_ascii_lowercase();
    let start = written.shown.trim_end_matches(is_read).len();
    let (han, read) = written.shown.split_at(start);
    if read.is_empty() || !han.chars().any(is_han) || han.chars().any(is_mask) {
        return true;
    }
    name.characters.len() == han.chars().count() + 1
        && name.characters.last().is_none_or(|last| {
            is_mask(*last) || reading::every(*last).iter().any(|reading| reading == read)
        })
}

/// Whether the one word behind a title is the first name of another: Mr. Carlos.
fn is_first_name(titled: &Name, name: &Name) -> bool {
    let word = titled.surname.as_deref().map(fold_latin);
    let given = name.latin.as_ref().and_then(|latin| latin.given.first());
    given.is_some() && given == word.as_ref()
}

/// Whether a name in pinyin, which may be one word, has the surname of a title: LinXia, 林经理.
fn begins_with_surname(latin: &Name, titled: &Name) -> bool {
    // Lisa is no 李: a capital letter stands where the given name begins.
    let word = &latin.written;
    let is_of_two = word.char_indices().skip(1).any(|(_, c)| c.is_uppercase());
    if word.contains(' ') || !is_of_two {
        return false;
    }
    let surnames = titled.surname.as_deref().map(reading::of_surname);
    let readings = latin.readings().unwrap_or_default();
    let surname_of = |reading: &String| reading.split_once(' ').map(|(of, _)| of.to_string());
    let mut read = readings.iter().filter_map(surname_of);
    read.any(|surname| surnames.as_ref().is_some_and(|all| all.contains(&surname)))
}

/// Whether two names have the same surname, in whatever script.
fn are_one_surname(left: &Name, right: &Name) -> bool {
    let (Some(one), Some(other)) = (&left.surname, &right.surname) else {
        return false;
    };
    let is_latin = |text: &str| !text.chars().any(is_han);
    let reads = |han: &str, latin: &str| {
        let latin = latin_parts(latin).concat();
        let readings = reading::of_surname(han).into_iter();
        readings
            .map(|reading| reading.replace('v', "u"))
            .any(|reading| reading == latin)
    };
    match (is_latin(one), is_latin(other)) {
        (true, true) => are_one_family(one, other),
        (false, false) => simplify(one) == simplify(other),
        (true, false) => reads(other, one),
        (false, true) => reads(one, other),
    }
}

/// Whether two Latin surnames are one, or one a part of the other, as Brown is of Brown-Weiß, and no particle alone.
fn are_one_family(one: &str, other: &str) -> bool {
    let (one, other) = (latin_parts(one), latin_parts(other));
    let is_among = |few: &[String], all: &[String]| {
        let says = few.iter().any(|word| !PARTICLES.contains(&word.as_str()));
        says && few.iter().all(|word| all.contains(word))
    };
    one == other || is_among(&one, &other) || is_among(&other, &one)
}

fn han_level(left: &Name, right: &Name) -> Level {
    if left.shown == right.shown {
        return Level::Exact;
    }
    let joined = |name: &Name| name.folded.replace('·', "");
    if left.folded == right.folded || joined(left) == joined(right) {
        return Level::Folded;
    }
    // 买买提 of 买买提·吐尔逊, 晓明 of 王晓明: the rest is left out.
    let is_part = |short: &Name, name: &Name| {
        let parts = name.folded.split_once('·').map(|(first, _)| first);
        let is_first = name.script == Script::Dotted && parts == Some(short.folded.as_str());
        // 文静 of 陈文静, although 文 is a surname, too.
        let is_given = is_called(short, name);
        // 热依汗 of 热依汗买买提, 扎西 of 扎西顿珠: no surname stands before it.
        let is_start = short.characters.len() >= 2
            && name.surname.is_none()
            && name.characters.len() >= 4
            && name.characters.starts_with(&short.characters);
        is_first || is_given || is_start
    };
    if is_part(left, right) || is_part(right, left) {
        return Level::Masked;
    }
    if is_pet_name_of(left, right) || is_pet_name_of(right, left) {
        return Level::Nickname;
    }
    let (left_characters, right_characters) = (&left.characters, &right.characters);
    if left_characters.len() == right_characters.len()
        && left_characters
            .iter()
            .zip(right_characters)
            .all(|(l, r)| l == r || sound_alike(*l, *r))
    {
        return Level::SoundsAlike;
    }
    let off = || {
        left_characters
            .iter()
            .zip(right_characters)
            .enumerate()
            .filter(|(_, (l, r))| l != r)
    };
    if left_characters.len() == right_characters.len()
        && one_edit(left_characters, right_characters)
        && off().count() == 2
        && off().all(|(at, _)| at > 0)
    {
        return Level::Swapped;
    }
    // One character off needs three characters on one side: in a name of two, it would be half the name.
    let longest = left_characters.len().max(right_characters.len());
    if longest >= 3
        && left_characters.first() == right_characters.first()
        && one_edit(left_characters, right_characters)
    {
        return Level::OneCharacter;
    }
    // Two characters off leave more of 阿不都热依木·买买提 than of 王小明.
    const LONG: usize = 5;
    let parts = |name: &'_ [char]| name.iter().filter(|c| **c == '·').count();
    // 阿里·买买提 and 艾山·买买提 are brothers.
    let mut both = left_characters
        .split(|c| *c == '·')
        .zip(right_characters.split(|c| *c == '·'));
    if left_characters.len().min(right_characters.len()) >= LONG
        && parts(left_characters) == parts(right_characters)
        && edits(left_characters, right_characters) == 2
        && both.all(|(one, other)| {
            edits(one, other) <= usize::from(one.len() >= 3) || !left.shown.contains('·')
        })
    {
        return Level::Similar;
    }
    Level::Else
}

/// Whether a name is made of the last character of another's given name: 婷婷, 小婷, 阿婷, 婷姐 of 王婷.
fn is_pet_name_of(pet: &Name, name: &Name) -> bool {
    let given = name.given.as_deref().map(simplify).unwrap_or_default();
    let called = match pet.characters[..] {
        [one, other] if one == other && surnames::known(&one.to_string()).is_none() => one,
        ['小' | '阿', called] | [called, '姐' | '哥'] => called,
        _ => return false,
    };
    name.characters.len() >= 2 && given.ends_with(called)
}

fn edits(left: &[char], right: &[char]) -> usize {
    rapidfuzz::distance::osa::distance(left.iter().copied(), right.iter().copied())
}

fn one_edit(left: &[char], right: &[char]) -> bool {
    edits(left, right) == 1
}

fn masks_agree(left: &str, right: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    // `张*` hides a given name of any length; inside a name a star hides one character.
    let open = |name: &[char]| name.len() == 2 && is_mask(name[1]);
    if open(&left) || open(&right) {
        return left.first() == right.first() && left.first().is_some_and(|c| !is_mask(*c));
    }
    // J*** Smith: word by word, by what is shown at its start.
    let has_words = |name: &[char]| name.iter().any(|c| c.is_ascii_alphabetic());
    if has_words(&left) && has_words(&right) {
        let words = |name: &[char]| -> Vec<String> {
            let text: String = name.iter().collect();
            fold_latin(&text)
                .split_whitespace()
                .map(String::from)
                .collect()
        };
        let (left, right) = (words(&left), words(&right));
        let shown = |word: &str| {
            word.chars()
                .take_while(|c| !is_mask(*c))
                .collect::<String>()
        };
        let is_masked = |word: &str| word.chars().any(is_mask);
        // Maria***: stars at the end may hide further words.
        let is_open = |words: &[String]| words.last().is_some_and(|word| is_mask_at_end(word));
        return (left.len() == right.len()
            || (left.len() < right.len() && is_open(&left))
            || (right.len() < left.len() && is_open(&right)))
            && left
                .iter()
                .zip(&right)
                .all(|(l, r)| match (is_masked(l), is_masked(r)) {
                    (false, false) => l == r,
                    (true, true) => {
                        let (l, r) = (shown(l), shown(r));
                        l.starts_with(&r) || r.starts_with(&l)
                    }
                    (true, _) => r.starts_with(&shown(l)),
                    (_, true) => l.starts_with(&shown(r)),
                });
    }
    left.len() == right.len()
        && left.iter().zip(&right).enumerate().all(|(at, (l, r))| {
            l == r || is_mask(*l) || is_mask(*r) || (at > 0 && sound_alike(*l, *r))
        })
}

fn is_mask_at_end(word: &str) -> bool {
    word.chars().last().is_some_and(is_mask) && word.chars().next().is_some_and(|c| !is_mask(c))
}

fn cross_script_level(chinese: &Name, latin: &Name) -> Level {
    // A name without a known surname, as of Uyghurs, is read as one word.
    let is_spelled = match (&chinese.surname, &chinese.given) {
        (Some(surname), Some(given)) => {
            if is_initialled(&latin.written, surname, given) {
                return Level::Masked;
            }
            romanisation::spells(&latin.written, surname, given)
                || without_western(&latin.written)
                    .is_some_and(|rest| romanisation::spells(&rest, surname, given))
        }
        _ => {
            let written: String = fold_latin(&latin.written)
                .chars()
                .filter(|c| c.is_alphabetic())
                .collect();
            // In a passport the father's name stands first: 买买提·艾力, AILI MAIMAITI.
            let parts = chinese.shown.split('·').rev();
            let read = |part: &str| part.chars().filter_map(reading::plain).collect::<String>();
            let turned: String = parts.map(read).collect();
            let mut readings = chinese.readings().unwrap_or_default().into_iter();
            turned == written || readings.any(|reading| reading.replace(' ', "") == written)
        }
    };
    let has_surname = || {
        let surname = chinese.surname.as_deref();
        surname.is_some_and(|surname| is_western_before(&latin.written, surname))
    };
    match () {
        () if is_spelled => Level::CrossScript,
        () if has_surname() => Level::Title,
        () => Level::Else,
    }
}

/// Whether a name in Latin letters is a Western first name and the surname: Kevin Zhang may be any 张.
fn is_western_before(latin: &str, surname: &str) -> bool {
    let folded = fold_latin(latin);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let readings = reading::of_surname(surname);
    let is_surname = |word: &str| {
        readings
            .iter()
            .any(|reading| reading.replace('v', "u") == word)
    };
    let is_western = |word: &str| {
        word.len() >= 3 && !word.contains('-') && !reading::is_pinyin(&word.replace("ue", "v"))
    };
    match words[..] {
        [one, other] => {
            (is_western(one) && is_surname(other)) || (is_surname(one) && is_western(other))
        }
        _ => false,
    }
}

/// Whether a name in Latin letters is a Chinese surname and the first letter of the given name: Wang X., X. Wang.
fn is_initialled(latin: &str, surname: &str, given: &str) -> bool {
    let folded = fold_latin(latin);
    let words = folded.split(|c: char| !c.is_alphabetic());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let [one, other] = words.as_slice() else {
        return false;
    };
    let (word, initial) = match (one.len(), other.len()) {
        (1, 2..) => (other, one),
        (2.., 1) => (one, other),
        _ => return false,
    };
    let is_surname = reading::of_surname(surname)
        .iter()
        .any(|reading| reading == word);
    is_surname
        && reading::of_given_name(given)
            .iter()
            .any(|reading| reading.starts_with(initial))
}

/// A name in pinyin without the one Western name that is put into it: Xiaoming Peter Wang.
fn without_western(latin: &str) -> Option<String> {
    let folded = fold_latin(latin);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let is_pinyin = |word: &&&str| reading::is_pinyin(&word.replace(['-', '\''], ""));
    let rest: Vec<&str> = words.iter().filter(is_pinyin).copied().collect();
    (rest.len() >= 2 && rest.len() + 1 == words.len()).then(|| rest.join(" "))
}

fn latin_level(left: &Name, right: &Name) -> Level {
    if left.written == right.written {
        return Level::Exact;
    }
    if left.folded == right.folded {
        return Level::Folded;
    }
    let (Some(l), Some(r)) = (&left.latin, &right.latin) else {
        return Level::Else;
    };
    // Seung June and Seungjune are one given name.
    fn letters(given: &[String]) -> impl Iterator<Item = u8> {
        given.iter().flat_map(|word| word.bytes())
    }
    if l.surname == r.surname && l.suffix == r.suffix && letters(&l.given).eq(letters(&r.given)) {
        return Level::Folded;
    }
    // Søderstrøm and Soederstroem, where neither has its dots any more.
    if left.folded.len() != right.folded.len() && are_one_without_dots(left, right) {
        return Level::Folded;
    }
    // Van Der Berg and Vanderberg, Mac Donald and MacDonald are one surname.
    if together(&left.written) == together(&right.written) {
        return Level::Folded;
    }
    if are_one_by_syllables(&left.written, &right.written) {
        return Level::Folded;
    }
    if is_written_without_one(left, right) || is_written_without_one(right, left) {
        return Level::Masked;
    }
    if l.given == r.given
        && l.suffix == r.suffix
        && let Some(level) = dutch_level(&l.surname, &r.surname)
    {
        return level;
    }
    if let (Some(left_suffix), Some(right_suffix)) = (&l.suffix, &r.suffix)
        && left_suffix != right_suffix
    {
        return Level::Else;
    }
    if l.surname == r.surname
        && let (Some(left_first), Some(right_first)) = (l.given.first(), r.given.first())
    {
        if middles_agree(l, r) {
            if left_first == right_first {
                // A middle name or a suffix that one side leaves out hides a part.
                return Level::Masked;
            }
            if formal_names(left_first)
                .iter()
                .any(|name| formal_names(right_first).contains(name))
            {
                return Level::Nickname;
            }
            if are_initials_of(left_first, &r.given) || are_initials_of(right_first, &l.given) {
                return Level::Masked;
            }
            // An initial hides the rest of a name: J. Smith.
            if left_first.chars().count().min(right_first.chars().count()) == 1
                && left_first.chars().next() == right_first.chars().next()
            {
                return Level::Masked;
            }
        }
    }
    if let Some(level) = log_in_level(left, right) {
        return level;
    }
    match () {
        () if one_letter_off(&left.folded, &right.folded) => Level::OneLetter,
        () if leaves_out(&left.folded, &right.folded)
            || leaves_out(&right.folded, &left.folded) =>
        {
            Level::Masked
        }
        () if is_in_pinyin(&left.folded) && is_in_pinyin(&right.folded) => Level::Else,
        () if two_letters_off(&left.folded, &right.folded) => Level::TwoLetters,
        () if is_nearly_in(&left.folded, &right.folded)
            || is_nearly_in(&right.folded, &left.folded) =>
        {
            Level::Partly
        }
        () if is_roughly_in(left, right) || is_roughly_in(right, left) => Level::Similar,
        () if l
            .given
            .first()
            .is_some_and(|name| name.chars().count() >= 3 && r.given.first() == Some(name)) =>
        {
            Level::FirstName
        }
        () => Level::Else,
    }
}

/// Whether two names are one but for the dots of umlauts, which are written with an e in one of them and left out in the other.
fn are_one_without_dots(left: &Name, right: &Name) -> bool {
    // Joe is not Jo.
    const LETTERS: usize = 5;
    fn bare(name: &Name) -> Vec<String> {
        let words = name.folded.split(' ').map(|word| match word.len() {
            LETTERS.. => without_e(word),
            _ => word.to_string(),
        });
        words.collect()
    }
    /// Without the e that stands for dots: behind a, o or u that stand behind a consonant. Michael and Manuel have none.
    fn without_e(word: &str) -> String {
        let letters: Vec<char> = word.chars().collect();
        let is_vowel = |at: usize| letters.get(at).is_some_and(|c| "aeiou".contains(*c));
        let ends_name = |at: usize| at + 2 == letters.len() && letters[at + 1] == 'l';
        let is_for_dots = |at: usize| {
            letters[at] == 'e'
                && at >= 2
                && matches!(letters[at - 1], 'a' | 'o' | 'u')
                && !is_vowel(at - 2)
                && !is_vowel(at + 1)
                && at + 1 < letters.len()
                && !ends_name(at)
        };
        let kept = (0..letters.len()).filter(|at| !is_for_dots(*at));
        kept.map(|at| letters[at]).collect()
    }
    bare(left) == bare(right)
}

/// Whether two letters are the initials of first names: JP is Jean-Pierre, and AJ may be Alejandro. Al and Ed are names.
fn are_initials_of(letters: &str, given: &[String]) -> bool {
    let [first, second] = letters.as_bytes() else {
        return false;
    };
    let begins = |name: Option<&String>, letter: &u8| {
        name.is_some_and(|name| name.len() >= 3 && name.as_bytes()[0] == *letter)
    };
    const NO_INITIALS: &[&str] = &["jr", "sr", "st", "ng", "lv", "nv"];
    !b"aeiouy".contains(second)
        && !NO_INITIALS.contains(&letters)
        && !is_first_name_known(letters)
        && begins(given.first(), first)
        && (given.len() == 1 || begins(given.get(1), second))
}

/// How alike the words of two names in Latin letters have to be.
struct Likeness {
    /// From how many letters on a word may have slips.
    letters: usize,
    /// The share of its letters that may be off.
    most_off: f64,
    /// How many letters of a longer word are enough, where they are its start.
    start: usize,
}

impl Likeness {
    /// A third of the letters of longer words.
    const NEAR: Self = Self {
        letters: 4,
        most_off: 0.34,
        start: usize::MAX,
    };
    /// What a typist leaves of a name, where Anna and Karl Meier, or Berta and Ruperta, are still two.
    const ROUGH: Self = Self {
        letters: 3,
        most_off: 0.4,
        start: 2,
    };

    /// How much of a word is off beside another: nothing, or up to all of it.
    fn off(&self, word: &str, other: &str) -> f64 {
        const NICKNAME: f64 = 0.2;
        if word == other {
            return 0.0;
        }
        let letters = [word, other].map(|word| word.chars().count());
        let (shortest, longest) = (letters[0].min(letters[1]), letters[0].max(letters[1]));
        if shortest == 1 && word.chars().next() == other.chars().next() {
            return self.most_off;
        }
        let are_names = is_first_name_known(word) && is_first_name_known(other);
        let is_nickname = || {
            let names = formal_names(other);
            formal_names(word).iter().any(|name| names.contains(name))
        };
        let is_start = || word.starts_with(other) || other.starts_with(word);
        match () {
            () if are_names && is_nickname() => NICKNAME,
            () if shortest >= self.start && is_start() => self.most_off,
            // Carlos and Carla are two; and what is far longer is another word.
            () if are_names || shortest < self.letters => 1.0,
            () if (longest - shortest) as f64 > self.most_off * longest as f64 => 1.0,
            () => share_off(word, other),
        }
    }

    /// Each word of a name, the one that is nearest to it among those of another which no word before it has, and how much of it is off;
    /// none where one has none near enough.
    fn find<'a>(
        &self,
        words: &[&'a str],
        others: &[&'a str],
    ) -> Option<Vec<(&'a str, &'a str, f64)>> {
        let mut others = others.to_vec();
        let mut found = Vec::new();
        for word in words {
            let offs = others.iter().map(|other| self.off(word, other)).enumerate();
            let (at, off) = offs.min_by(|(_, one), (_, other)| one.total_cmp(other))?;
            if off > self.most_off {
                return None;
            }
            found.push((*word, others.remove(at), off));
        }
        Some(found)
    }
}

/// Whether every word of a name is nearly a word of the other: the same, a nickname, an initial, or a third of its letters off. One
/// word is the same or nearly so, and more is there than it.
fn is_nearly_in(few: &str, many: &str) -> bool {
    const LONG: usize = 4;
    const NEAR: f64 = 0.2;
    let (few, many): (Vec<_>, Vec<_>) = (few.split(' ').collect(), many.split(' ').collect());
    if few.len() < 2 {
        return false;
    }
    let Some(found) = Likeness::NEAR.find(&few, &many) else {
        return false;
    };
    let is_initial = |word: &str, other: &str| word.len().min(other.len()) == 1;
    let initials = found
        .iter()
        .filter(|(word, other, _)| is_initial(word, other));
    let near = found
        .iter()
        .any(|(word, other, off)| *off <= NEAR && !is_initial(word, other) && word.len() >= LONG);
    near && initials.count() <= 1
}

/// Whether a name is roughly in the other, particles apart: every word is the same, a nickname, or some of its letters are off; one may
/// be cut down to its start. One word alone is the other's surname with slips.
fn is_roughly_in(few: &Name, many: &Name) -> bool {
    const LONG: usize = 4;
    if !few.folded.contains(' ') {
        let surname = many
            .latin
            .as_ref()
            .map_or("", |latin| latin.surname.as_str());
        let off = Likeness::NEAR.off(&few.folded, surname);
        return many.folded.contains(' ')
            && surname.chars().count().min(few.folded.chars().count()) >= LONG
            && off <= Likeness::NEAR.most_off;
    }
    fn words(name: &str) -> Vec<&str> {
        let words = name.split(' ');
        words.filter(|word| !PARTICLES.contains(word)).collect()
    }
    let (few, many) = (words(&few.folded), words(&many.folded));
    if few.len() < 2 {
        return false;
    }
    let Some(found) = Likeness::ROUGH.find(&few, &many) else {
        return false;
    };
    let shortest =
        |(word, other, _): &(&str, &str, f64)| word.chars().count().min(other.chars().count());
    let cut = found
        .iter()
        .filter(|words| shortest(words) < Likeness::ROUGH.letters);
    found.iter().any(|words| shortest(words) >= LONG) && cut.count() <= 1
}

/// Whether two letters of a name are off, in one long word or in two, and none in what is short: John R Smith is not John T Smith.
fn two_letters_off(left: &str, right: &str) -> bool {
    const LONG: usize = 6;
    const SHORT: usize = 4;
    if left.len().abs_diff(right.len()) > 2 {
        return false;
    }
    let (mut one, mut other) = (left.split(' '), right.split(' '));
    let mut off = 0;
    loop {
        let (left, right) = match (one.next(), other.next()) {
            (Some(left), Some(right)) if left == right => continue,
            (Some(left), Some(right)) => (left, right),
            (None, None) => return off == 2,
            _ => return false,
        };
        off += rapidfuzz::distance::osa::distance(left.chars(), right.chars());
        let longest = left.chars().count().max(right.chars().count());
        if off > 2 || longest < SHORT || (off == 2 && longest < LONG) {
            return false;
        }
    }
}

/// Whether two names are a surname and the same syllables behind it or before it, which one of them writes apart: Chan Tai Man, Tai-man
/// Chan, Kim Min-jun, Min Jun Kim.
fn are_one_by_syllables(left: &str, right: &str) -> bool {
    let words = |written: &str| -> Vec<String> {
        let folded = fold_latin(written).replace(['-', '\''], "");
        let words = folded.split(|c: char| !c.is_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        // Lü is written Lu and Lv.
        let word = |word: &str| match word {
            "lv" => "lu".to_string(),
            other => other.to_string(),
        };
        words.map(word).collect()
    };
    let (one, other) = (words(left), words(right));
    let are_written_apart = one.len() != other.len() || left.contains('-') != right.contains('-');
    if !are_written_apart || one.len().min(other.len()) < 2 || one.len().max(other.len()) > 3 {
        return false;
    }
    let (Some(one), Some(other)) = (orders(&one), orders(&other)) else {
        return false;
    };
    one.iter().any(|order| other.contains(order))
}

/// The surname and the syllables of the given name: the first word is the surname, or the last.
fn orders(words: &[String]) -> Option<[(String, String); 2]> {
    let ((first, behind), (last, before)) = (words.split_first()?, words.split_last()?);
    Some([
        (first.clone(), behind.concat()),
        (last.clone(), before.concat()),
    ])
}

/// Whether a name has one word more in front or behind, as an English name beside a Chinese one, and is the other by its syllables: Mak
/// Ting Sze Amy, Mak Tingsze.
fn is_written_without_one(long: &Name, short: &Name) -> bool {
    let (long, short) = (words_in_order(long), words_in_order(short));
    let letters = |words: &[String]| words.iter().map(String::len).sum::<usize>();
    if short.len() < 2 || long.len() <= short.len() || long.len() > 5 {
        return false;
    }
    let is_short = |rest: &[String]| {
        letters(rest) == letters(&short)
            && orders(rest)
                .zip(orders(&short))
                .is_some_and(|(one, other)| one.iter().any(|order| other.contains(order)))
    };
    is_short(&long[1..]) || is_short(&long[..long.len() - 1])
}

/// The level of two surnames that are one but for ij and y, Van Dijk and Van Dyk, or for their particles, of which each has some: Van de
/// Ven and Van der Ven.
fn dutch_level(one: &str, other: &str) -> Option<Level> {
    let parted = |surname: &str| -> (String, String) {
        let words = surname.split(' ');
        let (particles, rest): (Vec<&str>, Vec<&str>) =
            words.partition(|word| PARTICLES.contains(word));
        (particles.concat(), rest.concat().replace("ij", "y"))
    };
    let ((of_one, one), (of_other, other)) = (parted(one), parted(other));
    let is_one = !one.is_empty() && one == other;
    match () {
        () if is_one && of_one == of_other => Some(Level::Folded),
        () if is_one && !of_one.is_empty() && !of_other.is_empty() => Some(Level::OneLetter),
        () => None,
    }
}

/// The letters of a name, without marks and whatever is between them.
fn together(written: &str) -> String {
    let folded = fold_latin(written);
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The level of a name in one word beside one of several: julia and Julia Patel, luciawhite and Lucia White.
fn log_in_level(left: &Name, right: &Name) -> Option<Level> {
    /// Letters of a whole name, of which one may be off.
    const WHOLE: usize = 8;
    let (word, name) = match (left.folded.contains(' '), right.folded.contains(' ')) {
        (false, true) => (&left.folded, right),
        (true, false) => (&right.folded, left),
        _ => return None,
    };
    let latin = name.latin.as_ref()?;
    if word.chars().count() >= 3 && latin.given.first() == Some(word) {
        return Some(Level::Masked);
    }
    if word.chars().count() >= 2 && are_one_family(word, &latin.surname) {
        return Some(Level::Title);
    }
    let given = latin.given.concat();
    let surname = latin.surname.replace(' ', "");
    let orders = [format!("{given}{surname}"), format!("{surname}{given}")];
    if orders.contains(word) {
        return Some(Level::Folded);
    }
    let is_near =
        |other: &String| rapidfuzz::distance::osa::distance(word.chars(), other.chars()) == 1;
    (word.chars().count() >= WHOLE && orders.iter().any(is_near)).then_some(Level::OneLetter)
}

/// Whether the words of a name are among those of another, in whatever order, one of them perhaps as an initial: what is left out
/// is hidden. Two whole words, or one and an initial, are a name; fewer say nothing.
fn leaves_out(short: &str, long: &str) -> bool {
    // Most names have no word in common.
    let first = short.split(' ').find(|word| word.len() > 1);
    if first.is_none_or(|first| !long.split(' ').any(|word| word == first)) {
        return false;
    }
    let mut left: Vec<&str> = long.split(' ').collect();
    let (initials, words): (Vec<&str>, Vec<&str>) =
        short.split(' ').partition(|word| word.chars().count() == 1);
    for word in &words {
        match left.iter().position(|other| other == word) {
            Some(at) => left.remove(at),
            None => return false,
        };
    }
    for initial in &initials {
        match left.iter().position(|other| other.starts_with(initial)) {
            Some(at) => left.remove(at),
            None => return false,
        };
    }
    let is_long = |word: &&&str| word.chars().count() >= 3;
    words.iter().any(|word| is_long(&word))
        && initials.len() <= 1
        && words.len() + initials.len() >= 2
}

/// Whether one word is one letter off, and long enough that the rest of it says something: in Li and Lu, or in two initials, that
/// letter is the name. A letter may move a word to another place among the others.
fn one_letter_off(left: &str, right: &str) -> bool {
    let (all, all_of_other) = (left, right);
    let mut only_right: Vec<&str> = right.split(' ').collect();
    let mut off = None;
    for word in left.split(' ') {
        match only_right.iter().position(|other| *other == word) {
            Some(at) => {
                only_right.swap_remove(at);
            }
            None if off.is_none() => off = Some(word),
            None => return false,
        }
    }
    let (Some(left), [right]) = (off, only_right.as_slice()) else {
        return false;
    };
    /// Letters of the longer word: three stay beside the one that is off.
    const LETTERS: usize = 4;
    let longest = left.chars().count().max(right.chars().count());
    // Wang Fang and Wang Feng are two names in pinyin.
    let are_two_names = is_in_pinyin(all) && is_in_pinyin(all_of_other);
    longest >= LETTERS
        && !are_two_names
        && rapidfuzz::distance::osa::distance(left.chars(), right.chars()) == 1
}

fn is_in_pinyin(name: &str) -> bool {
    // 小明, and no Diana: a given name has two syllables at most.
    const MOST: usize = 2;
    let words: Vec<Option<usize>> = name.split(' ').map(reading::syllables).collect();
    let is_surname = |word: &str| surnames::frequency_of_reading(word).is_some();
    let mut names = name
        .split(' ')
        .enumerate()
        .filter(|(_, word)| is_surname(word));
    names.any(|(surname, _)| {
        let rest = words.iter().enumerate().filter(|(at, _)| *at != surname);
        let syllables = rest.map(|(_, syllables)| *syllables).sum::<Option<usize>>();
        syllables.is_some_and(|syllables| (1..=MOST).contains(&syllables))
    })
}

/// Whether the given names behind the first do not contradict each other: one side has none, or they start alike.
fn middles_agree(left: &Latin, right: &Latin) -> bool {
    left.given
        .iter()
        .skip(1)
        .zip(right.given.iter().skip(1))
        .all(|(left, right)| {
            left == right
                || (left.chars().count().min(right.chars().count()) == 1
                    && left.chars().next() == right.chars().next())
        })
}

/// Whether a word is in the table of first names.
fn is_first_name_known(word: &str) -> bool {
    static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        let rows = reference::rows::<2>(Table::Nicknames);
        let names = rows.into_iter().flat_map(|[name, nicknames]| {
            std::iter::once(name).chain(nicknames.split_whitespace())
        });
        names.collect()
    });
    KNOWN.contains(word)
}

/// A given name and the formal names it may stand for.
fn formal_names(given: &str) -> Vec<&str> {
    let formal = FORMAL.get(given).into_iter().flatten().copied();
    std::iter::once(given).chain(formal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_the_same_from_either_side() {
        let names = [
            "王小明",
            "王晓明",
            "小明",
            "晓明",
            "王先生",
            "王女士",
            "王*",
            "王小*",
            "Wang Xiaoming",
            "X. Wang",
            "Xiaoming Peter Wang",
            "Mr. Wang",
            "Ms. Wang",
            "Wang先生",
            "买买提",
            "买买提·吐尔逊",
            "买买提吐尔逊",
            "John Smith",
            "Smith John",
            "J Smith",
            "J. A. Smith",
            "Jo** Smith",
            "J*** Smith",
            "Jon Smith",
            "Bob Smith",
            "Robert Smith Jr",
            "John Michael Smith",
            "Maria da Silva",
            "Maria Silva",
            "Lü Fang",
            "LV FANG",
            "Jürgen Schröder",
            "J Schroder",
            "juergenschroeder",
            "Schröder",
            "Catherine Jones",
            "Katherine Jones",
            "Ms Brown-Weiß",
            "Maria Brown",
        ];
        let names: Vec<Name> = names
            .iter()
            .map(|name| Name::parse(name).unwrap())
            .collect();
        for one in &names {
            for other in &names {
                let both = [level(one, other), level(other, one)];
                assert_eq!(both[0], both[1], "{} and {}", one.shown, other.shown);
            }
        }
    }
}
