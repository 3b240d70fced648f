//! Sketches of values: a few bytes that tell two values far apart, so that most pairs of a large block never look at a string.

/// How a kind of comparison sketches values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sketch {
    /// The first and the last four bytes, for values that are near with one slip at most: one slip leaves the one or the other as
    /// it is in ten letters or more.
    Ends,
    /// The same, where values with one name before the @ are near as well.
    EndsOfEmail,
    /// The letters, one bit each of 64, for values that are near with letters in common.
    Letters,
}

/// The sketch of a value.
pub type Sketched = (u32, u32);

impl Sketch {
    /// The sketch of a value that may be near any.
    pub fn open(self) -> Sketched {
        match self {
            Self::Ends | Self::EndsOfEmail => (0, 0),
            Self::Letters => (u32::MAX, u32::MAX),
        }
    }

    /// The sketch of a value.
    pub fn of(self, text: &str) -> Sketched {
        match self {
            // A dot or a tag among the first bytes may be left out of the other.
            Self::EndsOfEmail if text.find(['@', '.', '+']).is_some_and(|at| at < 4) => self.open(),
            // A star stands for any digit.
            Self::Ends if text.contains('*') => self.open(),
            Self::Ends | Self::EndsOfEmail => {
                let bytes = text.as_bytes();
                match (bytes.first_chunk(), bytes.last_chunk()) {
                    (Some(first), Some(last)) if text.chars().nth(9).is_some() => {
                        (u32::from_ne_bytes(*first), u32::from_ne_bytes(*last))
                    }
                    _ => self.open(),
                }
            }
            Self::Letters if text.is_empty() => self.open(),
            Self::Letters => {
                let bit = |letter: char| 1 << (u32::from(letter).wrapping_mul(0x9e37_79b9) >> 26);
                let letters: u64 = text.chars().map(bit).fold(0, |all, bit| all | bit);
                (letters as u32, (letters >> 32) as u32)
            }
        }
    }

    /// Whether two values with these sketches are at the last level of their comparison.
    #[inline(always)]
    pub fn are_far(self, one: Sketched, other: Sketched) -> bool {
        match self {
            Self::Ends | Self::EndsOfEmail => {
                (one.0 != 0) & (other.0 != 0) & (one.0 != other.0) & (one.1 != other.1)
            }
            Self::Letters => (one.0 & other.0) | (one.1 & other.1) == 0,
        }
    }
}
