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

/// The similarity of Jaro and Winkler, if it is at least `lowest`.
pub fn jaro_winkler(left: &str, right: &str, lowest: f64) -> Option<f64> {
    use rapidfuzz::distance::jaro_winkler::{Args, similarity_with_args};
    let (mut one, mut other) = (['\0'; SHORT], ['\0'; SHORT]);
    if let (Some(one), Some(other)) = (short(left, &mut one), short(right, &mut other)) {
        return short_jaro_winkler(one, other, lowest);
    }
    let cutoff = Args::default().score_cutoff(lowest);
    similarity_with_args(left.chars(), right.chars(), &cutoff)
}

/// Characters of a text for which counting beats the tables of the library: most names are no longer.
const SHORT: usize = 24;

/// The characters of a text, if they are few.
fn short<'a>(text: &str, into: &'a mut [char; SHORT]) -> Option<&'a [char]> {
    let mut length = 0;
    for character in text.chars() {
        *into.get_mut(length)? = character;
        length += 1;
    }
    Some(&into[..length])
}

fn short_jaro_winkler(left: &[char], right: &[char], lowest: f64) -> Option<f64> {
    let (most, least) = (
        left.len().max(right.len()) as f64,
        left.len().min(right.len()) as f64,
    );
    let same = left.iter().zip(right).take(4);
    let prefix = same.take_while(|(one, other)| one == other).count() as f64 * 0.1;
    // What so many characters in common come to, none of them out of its place.
    let at_most = |common: f64| {
        let jaro = (common / most + common / least + 1.0) / 3.0;
        jaro + prefix * (1.0 - jaro)
    };
    if least == 0.0 || at_most(least) < lowest {
        let similarity = f64::from(u8::from(most == 0.0));
        return (similarity >= lowest).then_some(similarity);
    }
    let near = (left.len().max(right.len()) / 2).saturating_sub(1);
    let (mut in_left, mut in_right) = (0_u32, 0_u32);
    for (at, character) in left.iter().enumerate() {
        let window = at.saturating_sub(near)..right.len().min(at + near + 1);
        let is_met = |place: &usize| right[*place] == *character && in_right >> place & 1 == 0;
        if let Some(place) = window.into_iter().find(is_met) {
            in_left |= 1 << at;
            in_right |= 1 << place;
        }
    }
    let common = f64::from(in_left.count_ones());
    if common == 0.0 || at_most(common) < lowest {
        return (lowest <= 0.0).then_some(0.0);
    }
    let mut out_of_place = 0;
    while in_left != 0 {
        let (one, other) = (in_left.trailing_zeros(), in_right.trailing_zeros());
        out_of_place += u32::from(left[one as usize] != right[other as usize]);
        in_left &= in_left - 1;
        in_right &= in_right - 1;
    }
    let swapped = f64::from(out_of_place / 2);
    let sum =
        common / left.len() as f64 + common / right.len() as f64 + (common - swapped) / common;
    let mut similarity = sum / 3.0;
    if similarity > 0.7 {
        similarity += prefix * (1.0 - similarity);
    }
    (similarity >= lowest).then_some(similarity)
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

    proptest! {
        #[test]
        fn short_texts_are_as_similar_as_the_library_says(left in "[abcd李é]{0,9}", right in "[abcd李é]{0,9}", lowest in 0.1..1.0_f64) {
            let similarity = rapidfuzz::distance::jaro_winkler::similarity(left.chars(), right.chars());
            prop_assert_eq!(jaro_winkler(&left, &right, lowest), (similarity >= lowest).then_some(similarity));
        }
    }
}
