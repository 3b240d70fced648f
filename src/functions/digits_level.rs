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
                  neighbours swapped, of a masked number where nine are told); masked (they agree in what both tell: 138****5678); else. They are compared as they are written: \
                  clean them first, as phone_key does. Null where either is empty, or where both tell fewer than four digits or letters.",
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

/// The level of two numbers of which one is masked, or both: by what they both tell, place by place where they are as long, else before
/// and behind the stars; if that is enough to say anything.
fn masked_level(left: &str, right: &str) -> u8 {
    /// Digits and letters, the country's code apart.
    const ENOUGH: usize = 4;
    const COUNTRY: usize = 3;
    /// Of so many, one may be a slip.
    const MANY: usize = 9;
    let code = if left.starts_with('+') { COUNTRY } else { 0 };
    let (one, other): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let both: Vec<(char, char)> = match one.len() == other.len() {
        true => one.into_iter().zip(other).collect(),
        false => {
            let told = |number: &[char]| {
                let is_star = |c: &char| *c == '*';
                let stars = number
                    .iter()
                    .position(is_star)
                    .zip(number.iter().rposition(is_star));
                stars.map_or((number.len(), number.len()), |(first, last)| {
                    (first, number.len() - last - 1)
                })
            };
            let ((ahead, behind), (ahead_too, behind_too)) = (told(&one), told(&other));
            let (ahead, behind) = (ahead.min(ahead_too), behind.min(behind_too));
            // What would have to overlap is another number.
            if ahead + behind > one.len().min(other.len()) {
                return 3;
            }
            let ends = one.iter().rev().zip(other.iter().rev()).take(behind);
            let starts = one.iter().zip(&other).take(ahead);
            starts
                .chain(ends)
                .map(|(one, other)| (*one, *other))
                .collect()
        }
    };
    let is_told = |(one, other): &(char, char)| *one != '*' && *other != '*';
    let told = both.iter().filter(|both| is_told(both)).count();
    let told = told.saturating_sub(code);
    let differ: Vec<usize> = (0..both.len())
        .filter(|at| is_told(&both[*at]) && both[*at].0 != both[*at].1)
        .collect();
    let is_slip = match differ[..] {
        [_] => true,
        [one, other] => {
            let ((a, b), (c, d)) = (both[one], both[other]);
            other == one + 1 && a == d && b == c
        }
        _ => false,
    };
    match () {
        () if differ.is_empty() && told >= ENOUGH => 2,
        () if differ.is_empty() => MISSING,
        () if is_slip && told >= MANY => 1,
        () => 3,
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
        assert_eq!(level("*浙A**58P", "*浙AW458P"), 2);
        // Of ten digits one may be a slip, of seven it is another's.
        assert_eq!(level("360102********2671", "360101295708022671"), 1);
        assert_eq!(level("360102********2671", "360120295708022671"), 1);
        assert_eq!(level("360102********2671", "361111295708022671"), 3);
        assert_eq!(level("13812345678", "13812345679"), 1);
        assert_eq!(level("13812345678", "13812345678"), 0);
    }
}
