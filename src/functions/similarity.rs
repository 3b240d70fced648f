//! How alike two texts are, letter by letter: Jaro-Winkler for levels of one's own, and slips.

use super::scalar::{Call, Function};

/// How many letters of the longer text are off, as a share of them: other, left out, more, or two swapped.
pub(super) fn share_off(one: &str, other: &str) -> f64 {
    rapidfuzz::distance::osa::normalized_distance(one.chars(), other.chars())
}

/// Whether there is exactly one: see [`slips`].
pub fn one_slip(left: &str, right: &str) -> bool {
    up_to_one_slip(left, right) == Some(1)
}

/// How many characters were left out, put in, changed or swapped with the next, if no more than `most`.
pub fn slips(left: &str, right: &str, most: usize) -> Option<usize> {
    use rapidfuzz::distance::osa::{Args, distance_with_args};
    if most < 2 {
        return up_to_one_slip(left, right).filter(|slips| *slips <= most);
    }
    let cutoff = Args::default().score_cutoff(most);
    if left.is_ascii() && right.is_ascii() {
        if left.len().abs_diff(right.len()) > most {
            return None;
        }
        return distance_with_args(left.bytes(), right.bytes(), &cutoff);
    }
    distance_with_args(left.chars(), right.chars(), &cutoff)
}

/// How many slips there are, if no more than one: what is left between the common beginning and the common end tells.
fn up_to_one_slip(left: &str, right: &str) -> Option<usize> {
    // A character has up to four bytes.
    if left.len().abs_diff(right.len()) > 4 {
        return None;
    }
    let mut start = left
        .bytes()
        .zip(right.bytes())
        .take_while(|(left, right)| left == right)
        .count();
    while !left.is_char_boundary(start) || !right.is_char_boundary(start) {
        start -= 1;
    }
    let (left, right) = (&left[start..], &right[start..]);
    let mut end = left
        .bytes()
        .rev()
        .zip(right.bytes().rev())
        .take_while(|(left, right)| left == right)
        .count();
    while !left.is_char_boundary(left.len() - end) {
        end -= 1;
    }
    let mut left = left[..left.len() - end].chars();
    let mut right = right[..right.len() - end].chars();
    let first = (left.next(), right.next());
    match (first, (left.next(), right.next())) {
        ((None, None), _) => Some(0),
        (_, (None, None)) => Some(1),
        ((one, other), seconds) if (other, one) == seconds => {
            (left.next().is_none() && right.next().is_none()).then_some(1)
        }
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rapidfuzz::distance::osa::distance;

    use super::*;

    proptest! {
        #[test]
        fn one_slip_is_what_the_library_says(left in "[ab李é]{0,5}", right in "[ab李é]{0,5}") {
            let distance = distance(left.chars(), right.chars());
            prop_assert_eq!(up_to_one_slip(&left, &right), (distance < 2).then_some(distance));
        }
    }
}
