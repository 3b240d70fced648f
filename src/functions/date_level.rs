//! How alike two dates are.

use super::date::parse_date;
use super::scalar::{Call, Function, levels};
use super::similarity::one_slip;

/// The levels, the strongest first.
pub const LEVELS: &[&str] = &["exact", "one_slip", "same_year", "else"];

/// `date_level`.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "date_level",
    arguments: &["left_date", "right_date"],
    required: 2,
    description: "How alike two dates are, as the comparison of kind date has it: exact; one_slip (one digit off, left out, more, \
                  or two neighbours swapped; or day and month swapped); same_year; else. Null where either is no date that parse_date reads.",
    source: "our own rules",
    example: ("date_level('1980-03-07', '1980-07-03')", "one_slip"),
    call: Call::Level(|pairs| {
        let read = |text: &str| Some(parse_date(text, None)?.to_string());
        levels(pairs, read, |(_, one), (_, other)| {
            Some(LEVELS[if one == other { 0 } else { level(one, other) } as usize])
        })
    }),
}];

/// A place among the levels, of two different dates as `2023-06-07`.
pub fn level(left: &str, right: &str) -> u8 {
    let (l, r) = (left.as_bytes(), right.as_bytes());
    let is_swapped = l.len() == 10
        && r.len() == 10
        && (&l[..4], &l[5..7], &l[8..]) == (&r[..4], &r[8..], &r[5..7]);
    let year = left.get(..4);
    match () {
        () if is_swapped || one_slip(left, right) => 1,
        () if year.is_some() && year == right.get(..4) => 2,
        () => 3,
    }
}
