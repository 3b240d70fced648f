//! How alike two names of organisations are: one level, the strongest that holds.

use super::chinese_organization_level::{ChineseName, is_place, with_joined_places};
use super::fold::{is_han, with_round_brackets};
use super::organization::{key, parted, traded};
use super::reading::is_pinyin;
use super::western_organization::{WesternName, says_nothing, says_what_it_is};

/// The levels of two names, the strongest first.
pub const LEVELS: &[&str] = &[
    "exact",
    "folded",
    "beginning",
    "close",
    "cross_script",
    "partly",
    "branch",
    "else",
];
/// The places of them, but for the first.
pub const FOLDED: u8 = 1;
pub const BEGINNING: u8 = 2;
pub const CLOSE: u8 = 3;
pub const CROSS_SCRIPT: u8 = 4;
pub const PARTLY: u8 = 5;
pub const BRANCH: u8 = 6;
pub const ELSE: u8 = 7;

/// A name taken apart once, to be compared with many.
#[derive(Debug)]
pub struct Organization {
    /// What it is matched on.
    pub key: String,
    name: Name,
    /// Its name in English, where it stands beside the Chinese one.
    english: Option<Box<Organization>>,
    /// What it trades under beside its name, or was called before.
    traded: Option<Box<Organization>>,
}

#[derive(Debug)]
enum Name {
    Chinese(ChineseName),
    Western(WesternName),
}

impl Organization {
    /// Takes a name apart; `None` where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let key = key(text)?;
        let folded = with_round_brackets(text);
        let (folded, english) = match parted(&folded) {
            Some((chinese, english)) => (chinese, Self::read(english).map(Box::new)),
            None => (folded.as_str(), None),
        };
        let (folded, second) = match traded(folded) {
            Some((first, second)) => (first, Self::read(second).map(Box::new)),
            None => (folded, None),
        };
        let name = match key.chars().any(is_han) {
            true => Name::Chinese(ChineseName::read(folded, &key)?),
            false => Name::Western(WesternName::read(folded, &key)),
        };
        Some(Self {
            key,
            name,
            english,
            traded: second,
        })
    }

    /// A place among [`LEVELS`]; two texts that are the same are not asked for.
    pub fn level(&self, other: &Self) -> u8 {
        let by_english = match (&self.english, &other.english) {
            (Some(english), None) if matches!(other.name, Name::Western(_)) => {
                Some(english.level_of_names(other))
            }
            (None, Some(english)) if matches!(self.name, Name::Western(_)) => {
                Some(self.level_of_names(english))
            }
            _ => None,
        };
        let level = by_english.unwrap_or_else(|| self.level_of_names(other));
        match level > BEGINNING && (self.trades_as(other) || other.trades_as(self)) {
            true => BEGINNING,
            false => level,
        }
    }

    /// Whether its second name is another's. Two that trade as one are two: a brand has many shops.
    fn trades_as(&self, other: &Self) -> bool {
        let second = self.traded.as_ref();
        second.is_some_and(|second| second.level_of_names(other) <= BEGINNING)
    }

    fn level_of_names(&self, other: &Self) -> u8 {
        let (one, another) = (self.key.as_str(), other.key.as_str());
        // 鼎盛火锅(观前店) and 鼎盛火锅观前店.
        let is_one_shop = || one.replace("分店", "店") == another.replace("分店", "店");
        if one == another || without_brackets(one).eq(without_brackets(another)) || is_one_shop() {
            return FOLDED;
        }
        let across = |chinese: &ChineseName, western: &WesternName| {
            let is_same_branch = |place| chinese.is_branch_at(place);
            match (chinese.is_branch(), western.branch()) {
                _ if !chinese.is_written_as(western.head()) => ELSE,
                (false, None) => CROSS_SCRIPT,
                (true, Some(place)) if is_same_branch(place) => CROSS_SCRIPT,
                _ => BRANCH,
            }
        };
        match (&self.name, &other.name) {
            (Name::Chinese(one), Name::Chinese(another)) => one.level(another),
            (Name::Western(one), Name::Western(another)) => one.level(another),
            (Name::Chinese(chinese), Name::Western(western)) => across(chinese, western),
            (Name::Western(western), Name::Chinese(chinese)) => across(chinese, western),
        }
    }

    /// What it may be called in the other script: how a Chinese brand is read; the first word of a Latin name, and those in pinyin.
    pub fn brands(&self) -> Vec<String> {
        /// Letters of two syllables, and of a brand in capitals.
        const SYLLABLES: usize = 4;
        const SHORTEST: usize = 2;
        if let Name::Chinese(name) = &self.name {
            let english = self.english.iter().flat_map(|english| english.brands());
            return name.brands().into_iter().chain(english).collect();
        }
        let key = with_joined_places(&self.key);
        let words: Vec<&str> = key.split(' ').collect();
        // Suzhou Bocheng: the second place is a brand.
        let is_brand = |at: usize| at == 1 && is_place(words[0]);
        let places = (0..words.len()).filter(|at| is_brand(*at) || !is_place(words[*at]));
        let words = places.map(|at| words[at]);
        let words = words.filter(|word| !says_what_it_is(word) && !says_nothing(word));
        let brands = words.enumerate().filter(|(number, word)| match number {
            0 => word.len() >= SHORTEST,
            _ => word.len() >= SYLLABLES && is_pinyin(word),
        });
        brands.map(|(_, word)| word.to_string()).collect()
    }
}

fn without_brackets(key: &str) -> impl Iterator<Item = char> {
    key.chars().filter(|c| !"()".contains(*c))
}
