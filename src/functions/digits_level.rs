//! How alike two numbers of a phone or of an identity card are, some of their digits perhaps hidden.

use super::scalar::{Call, Function, levels};
use super::similarity::one_slip;

/// The levels, the strongest first.
pub const LEVELS: &[&str] = &["exact", "one_digit", "masked", "else"];

/// No level.
const MISSING: u8 = u8::MAX;

/// `digits_level`.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "digits_level",
    arguments: &["left_number", "right_number"],
    required: 2,
    description: "How alike two numbers are, as the comparison of kind digits has it: exact; one_digit (one off, left out, more, or two \
                  neighbours swapped); masked (they agree in what both tell: 138****5678); else. They are compared as they are written: \
                  clean them first, as phone_key does. Null where either is empty, or where both tell fewer than four digits.",
    source: "our own rules",
    example: ("digits_level('+8613812345678', '+86138****5678')", "masked"),
    call: Call::Level(|pairs| {
        let read = |text: &str| (!text.is_empty()).then_some(());
        levels(pairs, read, |(one, ()), (other, ())| {
            LEVELS.get(level(one, other) as usize).copied()
        })
    }),
}];

/// Whether a part of a number is hidden.
pub fn is_masked(number: &str) -> bool {
    number.contains('*')
}

/// A place among the levels, or [`MISSING`] where what both tell is too little to say anything.
pub fn level(left: &str, right: &str) -> u8 {
    match is_masked(left) || is_masked(right) {
        true => masked_level(left, right),
        false if left == right => 0,
        false if one_slip(left, right) => 1,
        false => 3,
    }
}

/// The level of two numbers of which one is masked, or both: by what they both tell before and behind the stars, if that is enough to
/// say anything.
fn masked_level(left: &str, right: &str) -> u8 {
    /// Digits, the country's code apart.
    const ENOUGH: usize = 4;
    const COUNTRY: usize = 3;
    let told = |number: &str| match (number.find('*'), number.rfind('*')) {
        (Some(first), Some(last)) => (first, number.len() - last - 1),
        _ => (number.len(), number.len()),
    };
    let (one, other) = (told(left), told(right));
    let (ahead, behind) = (one.0.min(other.0), one.1.min(other.1));
    let (one, other) = (left.as_bytes(), right.as_bytes());
    let code = if one.first() == Some(&b'+') {
        COUNTRY
    } else {
        0
    };
    let do_agree = ahead + behind <= one.len().min(other.len())
        && one[..ahead] == other[..ahead]
        && one[one.len() - behind..] == other[other.len() - behind..];
    match () {
        () if !do_agree => 3,
        () if ahead.saturating_sub(code) + behind >= ENOUGH => 2,
        () => MISSING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_numbers_agree_as_far_as_they_tell() {
        assert_eq!(level("+8613812345678", "+86138****5678"), 2);
        assert_eq!(level("+86138****5678", "+86138****5678"), 2);
        assert_eq!(level("+861381***5678", "+86138****5678"), 2);
        assert_eq!(level("+86138****5679", "+8613812345678"), 3);
        assert_eq!(level("+86138****5678", "+86139****5678"), 3);
        // Four digits are enough, three are not, and what would have to overlap is another number.
        assert_eq!(level("***********1234", "330106198503071234"), 2);
        assert_eq!(level("***********234", "330106198503071234"), MISSING);
        assert_eq!(level("+852****1234", "+8529876****"), MISSING);
        assert_eq!(level("330106************", "**************1234"), MISSING);
        assert_eq!(level("138*8138", "138138"), 3);
        assert_eq!(level("13812345678", "13812345679"), 1);
        assert_eq!(level("13812345678", "13812345678"), 0);
    }
}
