//! How alike two texts are, for levels of one's own.

use super::scalar::{Call, Function};

/// How many letters of the longer text are off, as a share of them: other, left out, more, or two swapped.
pub(super) fn share_off(one: &str, other: &str) -> f64 {
    rapidfuzz::distance::osa::normalized_distance(one.chars(), other.chars())
}

/// `jaro_winkler`.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "jaro_winkler",
    arguments: &["left", "right"],
    required: 2,
    description: "The similarity of Jaro and Winkler of two texts, 0 to 1, character by character, as they are written: \
                  fold case first. Two empty texts are alike. For the distance in slips there is levenshtein.",
    source: "the rapidfuzz library; Winkler (1990)",
    example: ("jaro_winkler('martha', 'marhta')", "0.9611111111111111"),
    call: Call::Measure(|args| {
        let (left, right) = (args[0].chars(), args[1].chars());
        Some(rapidfuzz::distance::jaro_winkler::similarity(left, right))
    }),
}];
