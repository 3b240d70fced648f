//! Chinese surnames: which characters open a name as a surname, how a surname is read, how common it is.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::fold::simplify;
use super::reading;
use super::reference::{self, Table};

/// What is known of a surname.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surname {
    /// Its readings, the likeliest first; none where its characters are read as always.
    pub readings: Vec<&'static str>,
    /// How many of ten thousand people have it, roughly; 0 where it is rare.
    pub frequency: u32,
}

static SURNAMES: LazyLock<HashMap<&'static str, Surname>> = LazyLock::new(|| {
    reference::rows::<3>(Table::Surnames)
        .map(|[surname, readings, frequency]| {
            let known = Surname {
                readings: readings.split_whitespace().collect(),
                frequency: frequency.parse().unwrap_or(0),
            };
            (surname, known)
        })
        .collect()
});

/// Every first reading of a surname, with how common those are that are read so.
static READINGS: LazyLock<HashMap<String, u32>> = LazyLock::new(|| {
    let mut readings = HashMap::new();
    for (surname, known) in SURNAMES.iter() {
        for reading in reading::of_surname(surname).into_iter().take(1) {
            *readings.entry(reading).or_default() += known.frequency.max(1);
        }
    }
    readings
});

/// How many of ten thousand people have a surname that is read like a Latin word in small letters, roughly; none where none is.
pub fn frequency_of_reading(word: &str) -> Option<u32> {
    READINGS.get(word).copied()
}

/// All surnames that are known.
pub fn all() -> impl Iterator<Item = &'static str> {
    SURNAMES.keys().copied()
}

/// What is known of a surname, of one character or two, in simplified or in traditional characters.
pub fn known(surname: &str) -> Option<&'static Surname> {
    let known = SURNAMES.get(surname);
    known.or_else(|| SURNAMES.get(simplify(surname).as_str()))
}

/// How many bytes of a Chinese name are its surname; compound surnames first.
pub fn length(name: &str) -> Option<usize> {
    let ends: Vec<usize> = name
        .char_indices()
        .map(|(at, character)| at + character.len_utf8())
        .collect();
    // The longest surname has four characters, and a name has a character more.
    for characters in (2..=4).rev().filter(|characters| ends.len() > *characters) {
        let end = ends[characters - 1];
        if known(&name[..end]).is_some() {
            return Some(end);
        }
    }
    // A compound surname alone.
    if ends.len() >= 2 && known(name).is_some() {
        return Some(name.len());
    }
    let first = *ends.first()?;
    (ends.len() <= 4 && known(&name[..first]).is_some()).then_some(first)
}
