//! Names in Latin letters whose given names are syllables, as in China, Korea and Taiwan: another syllable is another name, where
//! another letter in a Western name is a slip.

use std::sync::LazyLock;

use regex::Regex;

use super::address::pattern;
use super::latin_name_level::is_first_name_known;
use super::person_name::Name;
use super::person_name_level::words_in_order;
use super::{reading, romanisation, surnames};

/// Whether a folded name is a Chinese one in pinyin.
pub(super) fn is_in_pinyin(name: &str) -> bool {
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

/// The consonants of the given name of a name in Latin letters as in Korea, Taiwan or Hong Kong, where that has two syllables; none of
/// other names. Vowels are spelled in many ways: Soojin, Sujin; Mei-Hua, Mei-Hwa.
fn consonants_of_syllables(name: &Name) -> Option<String> {
    static SYLLABLES: LazyLock<Regex> = LazyLock::new(|| {
        let syllable = "(?:kk|tt|pp|ss|jj|ch|sh|hs|ts|tz|[bcdfghjklmnprstwyz])?[aeiouyw]{1,3}(?:ng|ck|[nhkglmpbt])?";
        pattern(&format!("^{syllable} ?{syllable}$"))
    });
    let words = words_in_order(name);
    let is_surname = |at: usize| {
        // Kim Nielsen is called Kim.
        let may_be_first = at == 0 && words.len() == 2 && is_first_name_known(&words[at]);
        romanisation::is_surname(&words[at]) && !may_be_first
    };
    let given_beside = |surname: usize| {
        let given = words.iter().enumerate().filter(|(at, _)| *at != surname);
        let given: Vec<&str> = given.map(|(_, word)| word.as_str()).collect();
        let is_western = given.iter().any(|word| is_first_name_known(word));
        let given = given.join(" ");
        (!is_western && SYLLABLES.is_match(&given)).then_some(given)
    };
    if !(2..=3).contains(&words.len()) {
        return None;
    }
    // The surname stands at an end.
    let mut ends = [words.len() - 1, 0]
        .into_iter()
        .filter(|at| is_surname(*at));
    let given = ends.find_map(given_beside)?;
    let mut letters = given.as_str();
    const ALIKE: &[(&str, &str)] = &[
        ("ng", "n"),
        ("ck", "k"),
        ("ch", "c"),
        ("sh", "s"),
        ("hs", "s"),
        ("ts", "c"),
        ("tz", "c"),
        ("g", "k"),
        ("d", "t"),
        ("b", "p"),
        ("r", "l"),
        ("j", "c"),
        ("z", "c"),
    ];
    let is_vowel = |c: char| "aeiouyw".contains(c);
    let mut consonants = String::new();
    while let Some(first) = letters.chars().next() {
        let alike = ALIKE
            .iter()
            .find(|(written, _)| letters.starts_with(written));
        let (length, read) = match alike {
            Some((written, read)) => (written.len(), *read),
            None => (first.len_utf8(), &letters[..first.len_utf8()]),
        };
        let behind = letters[length..].chars().next();
        // An h behind a vowel is none of its own: Chih, Yueh.
        let is_silent = first == 'h' && !behind.is_some_and(is_vowel);
        if !is_vowel(first) && first != ' ' && !is_silent && !consonants.ends_with(read) {
            consonants.push_str(read);
        }
        letters = &letters[length..];
    }
    Some(consonants)
}

/// Whether two names of two syllables are told apart by one of these: Chih-Wei Chang and Chih-Sheng Chang, Seungmin Lee and Seungyong Lee.
pub(super) fn have_other_syllables(one: &Name, other: &Name) -> bool {
    let both = consonants_of_syllables(one).zip(consonants_of_syllables(other));
    both.is_some_and(|(one, other)| one != other)
}
