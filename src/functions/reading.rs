//! How a Chinese character is read: pinyin without tones, ü as v, every reading it may have in a name.

use std::sync::LazyLock;

use hashbrown::HashMap;
use pinyin::{ToPinyin, ToPinyinMulti};

use super::surnames::READINGS;

/// The commonest reading of a character, `None` where it has none.
pub fn plain(character: char) -> Option<String> {
    character
        .to_pinyin()
        .map(|reading| without_umlaut(reading.plain()))
}

/// All readings of a character, the commonest first.
pub fn every(character: char) -> Vec<String> {
    let mut readings: Vec<String> = plain(character).into_iter().collect();
    if let Some(multi) = character.to_pinyin_multi() {
        for reading in multi {
            let reading = without_umlaut(reading.plain());
            if !readings.contains(&reading) {
                readings.push(reading);
            }
        }
    }
    readings
}

/// The readings of a surname, by our table first, then by its characters.
pub fn of_surname(surname: &str) -> Vec<String> {
    static TABLE: LazyLock<HashMap<&str, &[&str]>> =
        LazyLock::new(|| READINGS.iter().copied().collect());
    if let Some(readings) = TABLE.get(surname) {
        return readings.iter().map(|reading| reading.to_string()).collect();
    }
    vec![surname.chars().filter_map(plain).collect()]
}

/// `lü` is written `lv`, as on keyboards and in passports before 2012.
fn without_umlaut(reading: &str) -> String {
    reading.replace('ü', "v")
}
