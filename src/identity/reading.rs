//! The values of a column, each taken apart once for all comparisons and conditions that ask how alike two of them are.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::comparison::MISSING;
use super::condition::mix;
use super::rarity::{Parts as Common, hashes_of, most_by_parts};
use super::records::Encoded;
use super::rules::Kind;
use crate::functions::address_level::Parts;
use crate::functions::organization_level::{BEGINNING, CROSS_SCRIPT, Organization};
use crate::functions::person_name::Name;
use crate::functions::person_name_level::{Level, level as name_level};

/// What the values of a column are read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Readable {
    /// Names of persons.
    PersonName,
    /// Addresses.
    Address,
    /// Names of organisations.
    Organization,
}

impl Readable {
    /// As what a built-in comparison reads them; none where it compares texts as they are.
    pub fn of_kind(kind: Kind) -> Option<Self> {
        match kind {
            Kind::PersonName => Some(Self::PersonName),
            Kind::Address => Some(Self::Address),
            Kind::Organization => Some(Self::Organization),
            _ => None,
        }
    }

    /// As what a function of SQL reads two texts to tell their level.
    pub fn of_function(name: &str) -> Option<Self> {
        match name {
            "person_name_level" => Some(Self::PersonName),
            "address_level" => Some(Self::Address),
            "organization_level" => Some(Self::Organization),
            _ => None,
        }
    }
}

/// The distinct values of a column, taken apart, by their numbers.
#[derive(Clone)]
pub enum Reading {
    /// Names of persons; none where a text is no name.
    PersonName(Arc<Vec<Option<Name>>>),
    /// Addresses.
    Address(Arc<Vec<Parts>>),
    /// Names of organisations; none where a text is no name.
    Organization(Arc<Vec<Option<Organization>>>),
}

impl fmt::Debug for Reading {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let (name, values) = match self {
            Self::PersonName(names) => ("PersonName", names.len()),
            Self::Address(addresses) => ("Address", addresses.len()),
            Self::Organization(names) => ("Organization", names.len()),
        };
        write!(formatter, "{name} of {values} values")
    }
}

impl Reading {
    /// Takes the distinct values of a column apart.
    pub fn new(encoded: &Encoded, readable: Readable) -> Self {
        let values = encoded.texts();
        match readable {
            Readable::PersonName => Self::PersonName(Arc::new(values.map(Name::parse).collect())),
            Readable::Address => Self::Address(Arc::new(values.map(Parts::read).collect())),
            Readable::Organization => {
                Self::Organization(Arc::new(values.map(Organization::read).collect()))
            }
        }
    }

    /// Whether there is anything in a value to compare.
    pub fn is_read(&self, value: usize) -> bool {
        match self {
            Self::PersonName(names) => names[value].is_some(),
            Self::Address(addresses) => addresses[value].has_key(),
            Self::Organization(names) => names[value].is_some(),
        }
    }

    /// Whether a value is the same as itself: no region without an address in it is.
    pub fn is_as_itself(&self, value: usize) -> bool {
        let is_whole = match self {
            Self::Address(addresses) => addresses[value].is_as_itself(),
            _ => true,
        };
        is_whole && self.is_read(value)
    }

    /// A hash of what two values have in common that are at the first level in any writing, of addresses; of others, the same text is.
    pub fn exact_keys(&self) -> Option<Vec<u64>> {
        let Self::Address(addresses) = self else {
            return None;
        };
        let keys: Vec<Option<&str>> = addresses.iter().map(Parts::exact_key).collect();
        let hashed = hashes_of(&keys, |key| Some(key.to_string()));
        let own = |(value, key): (usize, u64)| match key {
            0 => mix(value as u64, value as u64).max(1),
            key => key,
        };
        Some(hashed.into_iter().enumerate().map(own).collect())
    }

    /// How alike two values are, as the function of SQL says it: a place among its levels, or [`MISSING`] where it says null.
    pub fn level(&self, left: usize, right: usize) -> u8 {
        match self {
            Self::PersonName(names) => match (&names[left], &names[right]) {
                (Some(left), Some(right)) => name_level(left, right) as u8,
                _ => MISSING,
            },
            Self::Address(_) if left == right && self.is_as_itself(left) => 0,
            Self::Address(addresses) => {
                let are_read = self.is_read(left) && self.is_read(right);
                let level = addresses[left].level(&addresses[right]);
                level.filter(|_| are_read).unwrap_or(MISSING)
            }
            Self::Organization(names) => match (&names[left], &names[right]) {
                (Some(_), Some(_)) if left == right => 0,
                (Some(left), Some(right)) => left.level(right),
                _ => MISSING,
            },
        }
    }

    /// A byte of what is read of a value.
    pub fn first_byte(&self, value: usize) -> u8 {
        match self {
            Self::PersonName(names) => {
                let name = names[value].as_ref();
                let first = name.and_then(|name| name.shown.as_bytes().first());
                first.copied().unwrap_or_default()
            }
            _ => u8::from(self.is_read(value)),
        }
    }

    /// A hash of what each value is matched on, the same for one name in two writings and 0 of none; none of addresses.
    pub fn keys(&self) -> Option<Vec<u64>> {
        match self {
            Self::PersonName(names) => Some(hashes_of(names, Name::key)),
            Self::Address(_) => None,
            Self::Organization(names) => Some(hashes_of(names, |name| Some(name.key.clone()))),
        }
    }

    /// How many other records have each value at most, as its parts tell; nothing where they tell nothing.
    pub fn most_by_parts(&self, counts: &[u32]) -> Vec<f64> {
        match self {
            Self::PersonName(names) => {
                most_by_parts(names, counts, [Name::surname_key, Name::given_key])
            }
            _ => Vec::new(),
        }
    }

    /// What values have in common at lower levels, which tells how rare it is that two agree: how a name is read that is written
    /// otherwise, the surname where the rest is hidden or differs, the first name beside another surname; how the brand of an organisation
    /// is read.
    pub fn in_common(&self, counts: &[u32]) -> Vec<Common> {
        let from = |first: Level, last: Level| first as usize..last as usize + 1;
        match self {
            Self::PersonName(names) => {
                let read = |name: &Option<Name>| name.as_ref().and_then(Name::first_reading);
                let readings: Vec<Option<[String; 2]>> = names.par_iter().map(read).collect();
                let parts: [fn(&[String; 2]) -> Option<String>; 2] = [
                    |[surname, _]| Some(surname.clone()),
                    |[_, given]| Some(given.clone()).filter(|given| !given.is_empty()),
                ];
                let of_part = |level: Level, key: fn(&Name) -> Option<String>| Common {
                    levels: from(level, level),
                    keys: hashes_of(names, key),
                    most: Vec::new(),
                };
                let keys = hashes_of(&readings, |parts| Some(parts.join(" ")));
                let most = most_by_parts(&readings, counts, parts);
                let read_alike = |levels: Range<usize>| Common {
                    levels,
                    keys: keys.clone(),
                    most: most.clone(),
                };
                vec![
                    read_alike(from(Level::Nickname, Level::Swapped)),
                    read_alike(from(Level::CrossScript, Level::CrossScript)),
                    // 禤博文 and 禤博辰 are as likely two of one family.
                    of_part(Level::OneCharacter, Name::surname_reading),
                    of_part(Level::Masked, Name::surname_reading),
                    of_part(Level::FirstName, Name::given_key),
                ]
            }
            Self::Organization(names) => vec![Common {
                levels: BEGINNING.into()..usize::from(CROSS_SCRIPT) + 1,
                keys: hashes_of(names, |name| name.brands().into_iter().next()),
                most: Vec::new(),
            }],
            Self::Address(_) => Vec::new(),
        }
    }

    /// Bytes of memory, about.
    pub fn size(&self) -> usize {
        match self {
            Self::PersonName(names) => names.capacity() * size_of::<Option<Name>>(),
            Self::Address(addresses) => addresses.capacity() * size_of::<Parts>(),
            Self::Organization(names) => names.capacity() * size_of::<Option<Organization>>(),
        }
    }
}
