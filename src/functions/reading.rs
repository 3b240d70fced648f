//! How a Chinese character is read: pinyin without tones, ü as v, every reading that it may have in a name.

use std::sync::LazyLock;

use hashbrown::{HashMap, HashSet};
use pinyin::{ToPinyin, ToPinyinMulti};

use super::reference::{self, Table};
use super::surnames;

/// The characters whose readings are known.
const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;

/// Readings of characters in given names, the commonest first, where there are several or the dictionary's first is not it.
static GIVEN: LazyLock<HashMap<char, Vec<&'static str>>> = LazyLock::new(|| {
    reference::rows::<2>(Table::Readings)
        .filter_map(|[character, readings]| {
            Some((
                character.chars().next()?,
                readings.split_whitespace().collect(),
            ))
        })
        .collect()
});

/// The commonest reading of a character, `None` where it has none.
pub fn plain(character: char) -> Option<String> {
    match GIVEN.get(&character).and_then(|readings| readings.first()) {
        Some(reading) => Some(reading.to_string()),
        None => character
            .to_pinyin()
            .map(|reading| without_umlaut(reading.plain())),
    }
}

/// All readings of a character in any word, the commonest first.
pub fn every(character: char) -> Vec<String> {
    let mut readings: Vec<String> = plain(character).into_iter().collect();
    if let Some(multi) = character.to_pinyin_multi() {
        for reading in multi {
            let reading = without_umlaut(reading.plain());
            // 王 is read as 玉 in no name.
            let is_of_none = character == '王' && reading == "yu";
            if !readings.contains(&reading) && !is_of_none {
                readings.push(reading);
            }
        }
    }
    readings
}

/// Whether a Latin word, in small letters, is written in syllables of pinyin.
pub fn is_pinyin(word: &str) -> bool {
    syllables(word).is_some()
}

/// The fewest syllables of pinyin that spell a Latin word, in small letters. A vowel alone, which no name is likely to have, counts as two.
pub fn syllables(word: &str) -> Option<usize> {
    static SYLLABLES: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let characters = (FIRST..=LAST).filter_map(char::from_u32);
        let syllables = characters.flat_map(every);
        // 嗯, 姆 and 嗲 are no part of a name.
        syllables
            .filter(|one| one.contains(['a', 'e', 'i', 'o', 'u', 'v']) && one != "dia")
            .collect()
    });
    const LONGEST: usize = 6;
    if word.is_empty() || !word.is_ascii() {
        return None;
    }
    // How many spell a word up to each of its letters.
    let mut fewest: Vec<Option<usize>> = vec![None; word.len() + 1];
    fewest[0] = Some(0);
    for end in 1..=word.len() {
        let starts = end.saturating_sub(LONGEST)..end;
        let ways = starts.filter_map(|start| {
            let syllable = &word[start..end];
            let counts = if syllable.len() == 1 { 2 } else { 1 };
            SYLLABLES
                .contains(syllable)
                .then_some(fewest[start]? + counts)
        });
        fewest[end] = ways.min();
    }
    fewest[word.len()]
}

/// Whether two characters have a reading in common.
pub fn sound_alike(one: char, other: char) -> bool {
    static SOUNDS: LazyLock<Sounds> = LazyLock::new(|| Sounds::new(every));
    let other = SOUNDS.of(other);
    SOUNDS.of(one).iter().any(|sound| other.contains(sound))
}

/// Whether two characters have a reading in common that they have in names: 熙 may be read as yi, and is xi in names.
pub fn sound_alike_in_names(one: char, other: char) -> bool {
    static SOUNDS: LazyLock<Sounds> = LazyLock::new(|| Sounds::new(in_names));
    let other = SOUNDS.of(other);
    SOUNDS.of(one).iter().any(|sound| other.contains(sound))
}

/// The readings that a character has in given names and as a surname.
fn in_names(character: char) -> Vec<String> {
    let mut readings = in_given_name(character);
    let surname = surnames::known(character.encode_utf8(&mut [0; 4]));
    readings.extend(
        surname
            .iter()
            .flat_map(|known| &known.readings)
            .map(ToString::to_string),
    );
    readings.retain(|reading| !reading.is_empty());
    readings
}

/// The readings of every character as small numbers: equal numbers are equal readings.
struct Sounds(Vec<Box<[u16]>>);

impl Sounds {
    fn new(readings: impl Fn(char) -> Vec<String>) -> Self {
        let mut numbers: HashMap<String, u16> = HashMap::new();
        let mut number = |reading: String| {
            let next = numbers.len() as u16;
            *numbers.entry(reading).or_insert(next)
        };
        let characters =
            (FIRST..=LAST).map(|code| char::from_u32(code).map_or_else(Vec::new, &readings));
        let sounds = characters.map(|readings| readings.into_iter().map(&mut number).collect());
        Self(sounds.collect())
    }

    fn of(&self, character: char) -> &[u16] {
        let code = u32::from(character);
        match (FIRST..=LAST).contains(&code) {
            true => &self.0[(code - FIRST) as usize],
            false => &[],
        }
    }
}

/// The readings of a surname, by our table first, then by its characters.
pub fn of_surname(surname: &str) -> Vec<String> {
    match surnames::known(surname) {
        Some(known) if !known.readings.is_empty() => {
            known.readings.iter().map(ToString::to_string).collect()
        }
        _ => vec![surname.chars().filter_map(dictionary).collect()],
    }
}

/// The readings of a given name, the commonest first: its syllables joined.
pub fn of_given_name(given: &str) -> Vec<String> {
    /// A name of several characters with several readings each has at most so many.
    const MOST: usize = 16;
    let mut readings = vec![String::new()];
    for character in given.chars() {
        let syllables = in_given_name(character);
        let longer = readings.iter().flat_map(|start| {
            syllables
                .iter()
                .map(move |syllable| format!("{start}{syllable}"))
        });
        readings = longer.take(MOST).collect();
    }
    readings
}

/// The readings that a character has in given names; one without a reading stays away.
pub fn in_given_name(character: char) -> Vec<String> {
    match GIVEN.get(&character) {
        Some(readings) => readings.iter().map(ToString::to_string).collect(),
        None => vec![dictionary(character).unwrap_or_default()],
    }
}

fn dictionary(character: char) -> Option<String> {
    character
        .to_pinyin()
        .map(|reading| without_umlaut(reading.plain()))
}

/// `lü` is written `lv`, as on keyboards and in passports before 2012.
fn without_umlaut(reading: &str) -> String {
    reading.replace('ü', "v")
}
