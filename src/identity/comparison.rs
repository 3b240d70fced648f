//! Comparisons: each gives a pair one of a few levels, from "missing" through "exact" and "close" to "else".

use datafusion::common::Result;
use datafusion::prelude::SessionContext;

use super::condition::{self, Condition};
use super::records::{Encoded, NONE, Records};
use super::rules::{Comparison, Kind};
use crate::functions::person_name::Name;
use crate::functions::person_name_level::level as name_level;

/// A pair has no value on one side: no evidence either way.
pub const MISSING: u8 = u8::MAX;

/// A comparison made ready for many pairs.
pub struct Prepared {
    /// Its name.
    pub name: String,
    /// The names of its levels, the strongest first, the last of them "else".
    pub levels: Vec<String>,
    /// Whether equal values weigh more when they are rare.
    pub term_frequency: bool,
    /// Levels at which a pair is never a link by score, one bit each.
    pub veto: u16,
    /// The values of a built-in comparison's column.
    pub encoded: Option<Encoded>,
    method: Method,
}

enum Method {
    PersonName(Vec<Option<Name>>),
    Values(fn(&str, &str) -> u8),
    /// Conditions, each with the level that it gives.
    Conditions(Vec<(Condition, u8)>),
}

/// The names of a comparison's levels, the strongest first, the last of them "else".
pub fn level_names(comparison: &Comparison) -> Vec<String> {
    let Some(kind) = comparison.kind else {
        let own = comparison.levels.iter().map(|level| level.name.clone());
        return own
            .filter(|name| name != "missing")
            .chain(["else".to_string()])
            .collect();
    };
    built_in(kind).iter().map(ToString::to_string).collect()
}

/// The levels of a built-in comparison.
fn built_in(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::PersonName => &[
            "exact",
            "folded",
            "nickname",
            "sounds_alike",
            "one_character",
            "cross_script",
            "masked",
            "title",
            "else",
        ],
        Kind::Exact => &["exact", "else"],
        Kind::Digits => &["exact", "one_digit", "else"],
        Kind::Email => &["exact", "same_local_part", "close", "else"],
        Kind::Date => &["exact", "one_slip", "same_year", "else"],
        Kind::Text => &["exact", "close", "similar", "else"],
    }
}

impl Prepared {
    /// Prepares a comparison over the records.
    pub fn new(session: &SessionContext, records: &Records, rule: &Comparison) -> Result<Self> {
        let (method, encoded) = match (&rule.column, rule.kind) {
            (Some(column), Some(kind)) => {
                let encoded = records.encoded(column)?;
                let method = match kind {
                    Kind::PersonName => {
                        use rayon::prelude::*;
                        Method::PersonName(
                            encoded
                                .values
                                .par_iter()
                                .map(|value| Name::parse(value))
                                .collect(),
                        )
                    }
                    Kind::Exact => Method::Values(|_, _| 1),
                    Kind::Digits => Method::Values(digits),
                    Kind::Email => Method::Values(email),
                    Kind::Date => Method::Values(date),
                    Kind::Text => Method::Values(text),
                };
                (method, Some(encoded))
            }
            _ => {
                let schema = records.batch.schema();
                let mut next = 0;
                let mut conditions = Vec::new();
                for level in &rule.levels {
                    let number = if level.name == "missing" {
                        MISSING
                    } else {
                        next
                    };
                    next += u8::from(level.name != "missing");
                    conditions.push((
                        condition::plan_whole(session, &schema, &level.condition)?,
                        number,
                    ));
                }
                (Method::Conditions(conditions), None)
            }
        };
        let levels = level_names(rule);
        let veto = rule
            .veto
            .iter()
            .filter_map(|veto| levels.iter().position(|level| level == veto))
            .fold(0, |veto, at| veto | 1 << at);
        Ok(Self {
            name: rule.name.clone(),
            levels,
            term_frequency: rule.term_frequency,
            veto,
            encoded,
            method,
        })
    }

    /// The level of each pair: an index into `levels`, or [`MISSING`].
    pub fn compare(
        &self,
        records: &Records,
        left: &[u32],
        right: &[u32],
        out: &mut [u8],
    ) -> Result<()> {
        match (&self.method, &self.encoded) {
            (Method::PersonName(names), Some(encoded)) => {
                for at in 0..left.len() {
                    let (l, r) = (
                        encoded.ids[left[at] as usize],
                        encoded.ids[right[at] as usize],
                    );
                    out[at] = match (l, r) {
                        (NONE, _) | (_, NONE) => MISSING,
                        (l, r) => match (&names[l as usize], &names[r as usize]) {
                            (Some(l), Some(r)) => name_index(name_level(l, r)),
                            _ => MISSING,
                        },
                    };
                }
            }
            (Method::Values(level), Some(encoded)) => {
                for at in 0..left.len() {
                    let (l, r) = (
                        encoded.ids[left[at] as usize],
                        encoded.ids[right[at] as usize],
                    );
                    // Equal values have equal numbers: most pairs never look at a string.
                    out[at] = match (l, r) {
                        (NONE, _) | (_, NONE) => MISSING,
                        (l, r) if l == r => 0,
                        (l, r) => level(&encoded.values[l as usize], &encoded.values[r as usize]),
                    };
                }
            }
            (Method::Conditions(conditions), _) => {
                let last = self.levels.len() as u8 - 1;
                out.fill(last);
                let mut is_decided = vec![false; out.len()];
                for (condition, number) in conditions {
                    let Some(rest) = &condition.rest else {
                        continue;
                    };
                    for (at, holds) in rest.evaluate(records, left, right)?.into_iter().enumerate()
                    {
                        if holds && !is_decided[at] {
                            (out[at], is_decided[at]) = (*number, true);
                        }
                    }
                }
            }
            _ => out.fill(MISSING),
        }
        Ok(())
    }

    /// The probability that two random records have the same value, from the values' frequencies.
    pub fn chance_of_equal_values(&self) -> Option<f64> {
        let encoded = self.encoded.as_ref()?;
        let known = encoded.ids.iter().filter(|id| **id != NONE).count() as f64;
        let agreeing: f64 = encoded
            .counts
            .iter()
            .map(|count| f64::from(*count) * (f64::from(*count) - 1.0))
            .sum();
        (known > 1.0).then(|| (agreeing / (known * (known - 1.0))).max(0.01 / known))
    }

    /// The share of records that have a record's value, where the comparison weighs rarity.
    pub fn frequency(&self, record: u32) -> Option<f64> {
        let encoded = self.encoded.as_ref().filter(|_| self.term_frequency)?;
        let id = encoded.ids[record as usize];
        (id != NONE).then(|| f64::from(encoded.counts[id as usize]) / encoded.ids.len() as f64)
    }
}

fn name_index(level: &str) -> u8 {
    let names = built_in(Kind::PersonName);
    names
        .iter()
        .position(|name| *name == level)
        .unwrap_or(names.len() - 1) as u8
}

fn one_slip(left: &str, right: &str) -> bool {
    let (l, r) = (left.len(), right.len());
    l.abs_diff(r) <= 1 && rapidfuzz::distance::osa::distance(left.bytes(), right.bytes()) == 1
}

fn digits(left: &str, right: &str) -> u8 {
    if one_slip(left, right) { 1 } else { 2 }
}

fn email(left: &str, right: &str) -> u8 {
    let local = |text: &str| text.split('@').next().unwrap_or_default().to_string();
    let (left_local, right_local) = (local(left), local(right));
    if left_local == right_local {
        1
    } else if one_slip(left, right) {
        2
    } else {
        3
    }
}

/// Dates as `2023-06-07`.
fn date(left: &str, right: &str) -> u8 {
    let swapped = |text: &str| -> Option<String> {
        Some(format!(
            "{}-{}-{}",
            text.get(..4)?,
            text.get(8..10)?,
            text.get(5..7)?
        ))
    };
    if swapped(left).as_deref() == Some(right) || one_slip(left, right) {
        1
    } else if left.get(..4) == right.get(..4) {
        2
    } else {
        3
    }
}

fn text(left: &str, right: &str) -> u8 {
    let similarity = rapidfuzz::distance::jaro_winkler::similarity(left.chars(), right.chars());
    if similarity >= 0.92 {
        1
    } else if similarity >= 0.8 {
        2
    } else {
        3
    }
}
