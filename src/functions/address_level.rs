//! How alike two addresses are, Chinese or Western: one level, the strongest that holds.

use super::chinese_address_level::Chinese;
use super::fold::is_han;
use super::western_address_level::Western;

/// The levels of two addresses, the strongest first.
pub const LEVELS: &[&str] = &[
    "exact",
    "same_home",
    "same_house",
    "same_road",
    "similar",
    "partly",
    "same_district",
    "else",
];

/// The places of them.
pub const EXACT: u8 = 0;
pub const SAME_HOME: u8 = 1;
pub const SAME_HOUSE: u8 = 2;
pub const SAME_ROAD: u8 = 3;
pub const SIMILAR: u8 = 4;
pub const PARTLY: u8 = 5;
pub const SAME_DISTRICT: u8 = 6;
pub const ELSE: u8 = 7;

/// An address taken apart once, to be compared with many.
#[derive(Debug)]
pub enum Parts {
    Chinese(Chinese),
    Western(Western),
}

impl Parts {
    /// Takes an address apart.
    pub fn read(address: &str) -> Self {
        match address.chars().any(is_han) {
            true => Self::Chinese(Chinese::read(address)),
            false => Self::Western(Western::read(address)),
        }
    }

    /// Whether there is anything to compare.
    pub fn has_key(&self) -> bool {
        match self {
            Self::Chinese(address) => address.key.is_some(),
            Self::Western(address) => address.key.is_some(),
        }
    }

    /// What two addresses have in common that are *exact* in any writing; none where only the same text is.
    pub fn exact_key(&self) -> Option<&str> {
        match self {
            Self::Chinese(address) => address.exact_key(),
            Self::Western(address) => address.key.as_deref(),
        }
    }

    /// Whether two that are written so are one address: no district, no town, and no estate of many homes is.
    pub fn is_as_itself(&self) -> bool {
        match self {
            Self::Chinese(address) => address.is_as_itself(),
            Self::Western(address) => !address.is_town(),
        }
    }

    /// A place among [`LEVELS`]; none where one is written in Chinese and the other is not: nothing tells them apart.
    pub fn level(&self, other: &Self) -> Option<u8> {
        match (self, other) {
            (Self::Chinese(one), Self::Chinese(other)) => Some(one.level(other)),
            (Self::Western(one), Self::Western(other)) => Some(one.level(other)),
            _ => None,
        }
    }
}
