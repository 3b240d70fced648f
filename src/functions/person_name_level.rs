//! How alike two names of persons are: one level, the strongest that holds.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::fold::{fold_latin, simplify};
use super::person_name::{Name, Script, WESTERN_SUFFIXES, is_mask};
use super::reference::{self, Table};
use super::{reading, romanisation};

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
pub fn level(left: &Name, right: &Name) -> &'static str {
    use Script::{Chinese, Dotted, Latin, Masked, Titled};
    match (left.script, right.script) {
        (Masked, _) | (_, Masked) => {
            if left.folded == right.folded || masks_agree(&left.folded, &right.folded) {
                "masked"
            } else {
                "else"
            }
        }
        (Titled, _) | (_, Titled) => {
            let contradict = matches!((sex_of_title(left), sex_of_title(right)), (Some(left), Some(right)) if left != right);
            let same = !contradict
                && left.surname.as_deref().map(simplify) == right.surname.as_deref().map(simplify);
            if same && left.surname.is_some() {
                "title"
            } else {
                "else"
            }
        }
        (Latin, Latin) => latin_level(left, right),
        (Latin, _) => cross_script_level(right, left),
        (_, Latin) => cross_script_level(left, right),
        (Chinese | Dotted, Chinese | Dotted) => han_level(left, right),
    }
}

fn han_level(left: &Name, right: &Name) -> &'static str {
    if left.shown == right.shown {
        return "exact";
    }
    if left.folded == right.folded {
        return "folded";
    }
    let (left_characters, right_characters): (Vec<char>, Vec<char>) = (
        left.folded.chars().collect(),
        right.folded.chars().collect(),
    );
    if left_characters.len() == right_characters.len()
        && left_characters
            .iter()
            .zip(&right_characters)
            .all(|(l, r)| l == r || sound_alike(*l, *r))
    {
        return "sounds_alike";
    }
    // One character off needs three characters on one side: in a name of two, it would be half the name.
    let longest = left_characters.len().max(right_characters.len());
    if longest >= 3
        && left_characters.first() == right_characters.first()
        && one_edit(&left_characters, &right_characters)
    {
        return "one_character";
    }
    "else"
}

fn sound_alike(left: char, right: char) -> bool {
    let left = reading::every(left);
    !left.is_empty()
        && reading::every(right)
            .iter()
            .any(|reading| left.contains(reading))
}

fn one_edit(left: &[char], right: &[char]) -> bool {
    rapidfuzz::distance::levenshtein::distance(left.iter().copied(), right.iter().copied()) == 1
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
        return left.len() == right.len()
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

fn cross_script_level(chinese: &Name, latin: &Name) -> &'static str {
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
    if is_spelled { "cross_script" } else { "else" }
}

fn latin_level(left: &Name, right: &Name) -> &'static str {
    if left.written == right.written {
        return "exact";
    }
    if left.folded == right.folded {
        return "folded";
    }
    let parts = |name: &Name| name.folded.split(' ').map(String::from).collect::<Vec<_>>();
    let (left_parts, right_parts) = (parts(left), parts(right));
    let suffix = |parts: &[String]| {
        parts
            .iter()
            .find(|part| WESTERN_SUFFIXES.contains(&part.as_str()))
            .cloned()
    };
    if let (Some(left_suffix), Some(right_suffix)) = (suffix(&left_parts), suffix(&right_parts))
        && left_suffix != right_suffix
    {
        return "else";
    }
    let surname = |name: &Name| name.surname.as_deref().map(fold_latin);
    let first = |name: &Name| name.given.as_deref().and_then(|given| latin_word(given, 0));
    if surname(left) == surname(right)
        && let (Some(left_first), Some(right_first)) = (first(left), first(right))
        && middles_agree(left, right)
    {
        if left_first == right_first {
            // A middle name or a suffix that one side leaves out hides a part.
            return "masked";
        }
        if formal_names(&left_first)
            .iter()
            .any(|name| formal_names(&right_first).contains(name))
        {
            return "nickname";
        }
    }
    // An initial hides the rest of a name: J. Smith.
    if surname(left) == surname(right)
        && let (Some(left_first), Some(right_first)) = (first(left), first(right))
        && left_first.chars().count().min(right_first.chars().count()) == 1
        && left_first.chars().next() == right_first.chars().next()
    {
        return "masked";
    }
    let close = rapidfuzz::distance::osa::distance(left.folded.chars(), right.folded.chars()) == 1;
    if close && left.folded.len().min(right.folded.len()) >= 5 {
        "one_character"
    } else {
        "else"
    }
}

/// Whether the given names behind the first do not contradict each other: one side has none, or they start alike.
fn middles_agree(left: &Name, right: &Name) -> bool {
    let middles = |name: &Name| -> Vec<String> {
        let folded = fold_latin(name.given.as_deref().unwrap_or_default());
        let words = folded
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        words.skip(1).map(String::from).collect()
    };
    let (left, right) = (middles(left), middles(right));
    left.iter().zip(&right).all(|(left, right)| {
        left == right
            || (left.chars().count().min(right.chars().count()) == 1
                && left.chars().next() == right.chars().next())
    })
}

fn latin_word(text: &str, index: usize) -> Option<String> {
    fold_latin(text)
        .split(|c: char| !c.is_alphanumeric())
        .nth(index)
        .map(String::from)
}

/// A given name and the formal names it may stand for.
fn formal_names(given: &str) -> Vec<&str> {
    let formal = FORMAL.get(given).into_iter().flatten().copied();
    std::iter::once(given).chain(formal).collect()
}
