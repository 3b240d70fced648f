//! How alike two names of persons are: one level, the strongest that holds.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::fold::{fold_latin, simplify};
use super::person_name::{Latin, Name, Script, is_mask};
use super::reading::sound_alike;
use super::reference::{self, Table};
use super::romanisation;

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
    /// One character more, less or other, or two neighbours behind the first swapped.
    OneCharacter,
    /// The same name in Chinese and in Latin letters.
    CrossScript,
    /// What is shown of both agrees, a part of one is hidden.
    Masked,
    /// A surname with a title, and that surname.
    Title,
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
        "one_character",
        "cross_script",
        "masked",
        "title",
        "else",
    ];

    /// Its name in SQL, where a letter is a character like any other.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneLetter => "one_character",
            other => Self::NAMES[other as usize],
        }
    }
}

/// What a title says of its bearer: 先生 and 女士 are two persons.
fn sex_of_title(name: &Name) -> Option<char> {
    let is = |titles: &[&str]| titles.iter().any(|title| name.shown.ends_with(title));
    match name.script {
        Script::Titled if is(&["先生", "叔叔", "哥"]) => Some('m'),
        Script::Titled if is(&["女士", "小姐", "太太", "夫人", "阿姨", "姐"]) => {
            Some('f')
        }
        _ => None,
    }
}

/// The level of agreement between two names, strongest first.
pub fn level(left: &Name, right: &Name) -> Level {
    use Script::{Chinese, Dotted, Latin, Masked, Titled};
    match (left.script, right.script) {
        (Masked, _) | (_, Masked) => {
            if left.folded == right.folded || masks_agree(&left.folded, &right.folded) {
                Level::Masked
            } else {
                Level::Else
            }
        }
        (Titled, _) | (_, Titled) => {
            let contradict = matches!((sex_of_title(left), sex_of_title(right)), (Some(left), Some(right)) if left != right);
            let same = !contradict
                && left.surname.as_deref().map(simplify) == right.surname.as_deref().map(simplify);
            if same && left.surname.is_some() {
                Level::Title
            } else {
                Level::Else
            }
        }
        (Latin, Latin) => latin_level(left, right),
        (Latin, _) => cross_script_level(right, left),
        (_, Latin) => cross_script_level(left, right),
        (Chinese | Dotted, Chinese | Dotted) => han_level(left, right),
    }
}

fn han_level(left: &Name, right: &Name) -> Level {
    if left.shown == right.shown {
        return Level::Exact;
    }
    if left.folded == right.folded {
        return Level::Folded;
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
    // One character off needs three characters on one side: in a name of two, it would be half the name.
    let longest = left_characters.len().max(right_characters.len());
    if longest >= 3
        && left_characters.first() == right_characters.first()
        && one_edit(left_characters, right_characters)
    {
        return Level::OneCharacter;
    }
    Level::Else
}

fn one_edit(left: &[char], right: &[char]) -> bool {
    rapidfuzz::distance::osa::distance(left.iter().copied(), right.iter().copied()) == 1
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
                    (true, _) => r.starts_with(&shown(l)),
                    (_, true) => l.starts_with(&shown(r)),
                });
    }
    left.len() == right.len()
        && left
            .iter()
            .zip(&right)
            .all(|(l, r)| l == r || is_mask(*l) || is_mask(*r))
}

fn is_mask_at_end(word: &str) -> bool {
    word.chars().last().is_some_and(is_mask) && word.chars().next().is_some_and(|c| !is_mask(c))
}

fn cross_script_level(chinese: &Name, latin: &Name) -> Level {
    // A name without a known surname, as of Uyghurs, is read as one word.
    let is_spelled = match (&chinese.surname, &chinese.given) {
        (Some(surname), Some(given)) => romanisation::spells(&latin.written, surname, given),
        _ => {
            let written: String = fold_latin(&latin.written)
                .chars()
                .filter(|c| c.is_alphabetic())
                .collect();
            chinese
                .readings()
                .unwrap_or_default()
                .iter()
                .any(|reading| reading.replace(' ', "") == written)
        }
    };
    if is_spelled {
        Level::CrossScript
    } else {
        Level::Else
    }
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
        }
        // An initial hides the rest of a name: J. Smith.
        if left_first.chars().count().min(right_first.chars().count()) == 1
            && left_first.chars().next() == right_first.chars().next()
        {
            return Level::Masked;
        }
    }
    if one_letter_off(&left.folded, &right.folded) {
        Level::OneLetter
    } else {
        Level::Else
    }
}

/// Whether one word is one letter off, and long enough that the rest of it says something: in Li and Lu, or in two initials, that
/// letter is the name.
fn one_letter_off(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.split(' '), right.split(' '));
    let mut off = None;
    loop {
        match (left.next(), right.next()) {
            (None, None) => break,
            (Some(left), Some(right)) if left == right => {}
            (Some(left), Some(right)) if off.is_none() => off = Some((left, right)),
            _ => return false,
        }
    }
    off.is_some_and(|(left, right): (&str, &str)| {
        left.len().min(right.len()) >= 3
            && rapidfuzz::distance::osa::distance(left.chars(), right.chars()) == 1
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

/// A given name and the formal names it may stand for.
fn formal_names(given: &str) -> Vec<&str> {
    let formal = FORMAL.get(given).into_iter().flatten().copied();
    std::iter::once(given).chain(formal).collect()
}
