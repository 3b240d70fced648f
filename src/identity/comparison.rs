//! Comparisons: each gives a pair one of a few levels, from "missing" through "exact" and "close" to "else".

use arrow::array::Array;
use datafusion::common::Result;
use datafusion::prelude::SessionContext;
use rayon::prelude::*;

use super::condition::{self, Bound, Hashes};
use super::records::{Encoded, LIST_MARK, NONE, Records};
use super::rules::{Comparison, Kind};
use crate::functions::address::Parts;
use crate::functions::organization;
use crate::functions::person_name::Name;
use crate::functions::person_name_level::{Level, level as name_level};

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
    /// Whether no level is worth more than one above it.
    pub is_monotone: bool,
    /// Levels at which a pair is never a link by score, one bit each.
    pub veto: u16,
    /// The columns that it looks at.
    pub columns: Vec<String>,
    /// The values of a built-in comparison's column.
    pub encoded: Option<Encoded>,
    method: Method,
}

enum Method {
    PersonName(Vec<Option<Name>>),
    Values(fn(&str, &str) -> u8),
    JaroWinkler(Vec<f64>),
    Levenshtein(Vec<f64>),
    Address(Vec<Parts>),
    Organization(Vec<Option<String>>),
    Overlap(Vec<Vec<String>>),
    /// Conditions, each with the level that it gives.
    Conditions(Vec<(Bound, u8)>),
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
    let bounds = thresholds(comparison).into_iter();
    match kind {
        Kind::JaroWinkler => framed(bounds.map(|bound| format!("from_{bound}"))),
        Kind::Levenshtein => framed(bounds.map(|bound| format!("up_to_{bound}"))),
        kind => built_in(kind).iter().map(ToString::to_string).collect(),
    }
}

/// The bounds of a comparison that has them.
fn thresholds(comparison: &Comparison) -> Vec<f64> {
    match (comparison.thresholds.is_empty(), comparison.kind) {
        (true, Some(Kind::JaroWinkler)) => vec![0.92, 0.8],
        (true, Some(Kind::Levenshtein)) => vec![1.0, 2.0],
        _ => comparison.thresholds.clone(),
    }
}

fn framed(between: impl Iterator<Item = String>) -> Vec<String> {
    ["exact".to_string()]
        .into_iter()
        .chain(between)
        .chain(["else".to_string()])
        .collect()
}

/// The levels of a built-in comparison.
fn built_in(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::PersonName => Level::NAMES,
        Kind::Digits => &["exact", "one_digit", "else"],
        Kind::Email => &["exact", "same_local_part", "close", "else"],
        Kind::Date => &["exact", "one_slip", "same_year", "else"],
        Kind::Text => &["exact", "close", "similar", "else"],
        Kind::Address => &["exact", "same_house", "same_road", "same_district", "else"],
        Kind::Organization => &["exact", "folded", "beginning", "close", "else"],
        Kind::Overlap => &["exact", "shared", "else"],
        Kind::Exact | Kind::JaroWinkler | Kind::Levenshtein => &["exact", "else"],
    }
}

impl Prepared {
    /// Prepares a comparison over the records.
    pub fn new(session: &SessionContext, records: &Records, rule: &Comparison) -> Result<Self> {
        let mut columns: Vec<String> = rule.column.iter().cloned().collect();
        let (method, encoded) = match (&rule.column, rule.kind) {
            (Some(column), Some(kind)) => {
                let encoded = records.encoded(column)?;
                let method = match kind {
                    Kind::PersonName => {
                        Method::PersonName(values(&encoded).map(Name::parse).collect())
                    }
                    Kind::Exact => Method::Values(|_, _| 1),
                    Kind::Digits => Method::Values(digits),
                    Kind::Email => Method::Values(email),
                    Kind::Date => Method::Values(date),
                    Kind::Text => Method::Values(text),
                    Kind::JaroWinkler => Method::JaroWinkler(thresholds(rule)),
                    Kind::Levenshtein => Method::Levenshtein(thresholds(rule)),
                    Kind::Address => Method::Address(values(&encoded).map(Parts::read).collect()),
                    Kind::Organization => {
                        Method::Organization(values(&encoded).map(organization::key).collect())
                    }
                    Kind::Overlap => {
                        let items = |value: &str| {
                            let mut items: Vec<String> = value
                                .split(LIST_MARK)
                                .filter(|item| !item.is_empty())
                                .map(String::from)
                                .collect();
                            items.sort_unstable();
                            items
                        };
                        Method::Overlap(values(&encoded).map(items).collect())
                    }
                };
                (method, Some(encoded))
            }
            _ => {
                let schema = records.batch.schema();
                let mut next = 0;
                let mut conditions = Vec::new();
                let mut hashes = Hashes::default();
                for level in &rule.levels {
                    let number = if level.name == "missing" {
                        MISSING
                    } else {
                        next
                    };
                    next += u8::from(level.name != "missing");
                    let rest = condition::plan_whole(session, &schema, &level.condition)?;
                    columns.extend(rest.columns());
                    let bound = Bound::new(session, records, &rest, &mut hashes)?;
                    conditions.push((bound, number));
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
            is_monotone: rule.monotone,
            veto,
            columns,
            encoded,
            method,
        })
    }

    /// Bytes of memory, about.
    pub fn size(&self) -> usize {
        let read = match &self.method {
            Method::PersonName(names) => names.capacity() * size_of::<Option<Name>>(),
            Method::Address(parts) => parts.capacity() * size_of::<Parts>(),
            Method::Organization(keys) => keys.capacity() * size_of::<Option<String>>(),
            Method::Overlap(items) => items.capacity() * size_of::<Vec<String>>(),
            _ => 0,
        };
        read + self.encoded.as_ref().map_or(0, Encoded::size)
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
                            (Some(l), Some(r)) => name_level(l, r) as u8,
                            _ => MISSING,
                        },
                    };
                }
            }
            (method, Some(encoded)) if !matches!(method, Method::Conditions(_)) => {
                for at in 0..left.len() {
                    let (l, r) = (
                        encoded.ids[left[at] as usize],
                        encoded.ids[right[at] as usize],
                    );
                    // Equal values have equal numbers: most pairs never look at a string.
                    out[at] = match (l, r) {
                        (NONE, _) | (_, NONE) => MISSING,
                        (l, r) if l == r => 0,
                        (l, r) => self.unequal(encoded, l as usize, r as usize),
                    };
                }
            }
            (Method::Conditions(conditions), _) => {
                let last = self.levels.len() as u8 - 1;
                out.fill(last);
                let mut is_decided = vec![false; out.len()];
                for (condition, number) in conditions {
                    let holds = condition.evaluate(records, left, right)?;
                    for (at, holds) in holds.into_iter().enumerate() {
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

    /// The level of two values that are not the same.
    fn unequal(&self, encoded: &Encoded, l: usize, r: usize) -> u8 {
        let (left, right) = (encoded.values.value(l), encoded.values.value(r));
        let last = self.levels.len() as u8 - 1;
        let first_met = |bounds: &[f64], is_met: &dyn Fn(f64) -> bool| {
            bounds
                .iter()
                .position(|bound| is_met(*bound))
                .map_or(last, |at| at as u8 + 1)
        };
        match &self.method {
            Method::Values(level) => level(left, right),
            Method::JaroWinkler(bounds) => {
                let lowest = bounds.last().copied().unwrap_or(1.0);
                jaro_winkler(left, right, lowest).map_or(last, |similarity| {
                    first_met(bounds, &|bound| similarity >= bound)
                })
            }
            Method::Levenshtein(bounds) => {
                let most = bounds.last().copied().unwrap_or(0.0);
                slips(left, right, most as usize).map_or(last, |slips| {
                    first_met(bounds, &|bound| slips as f64 <= bound)
                })
            }
            Method::Address(parts) => parts[l].level(&parts[r]),
            Method::Organization(keys) => match (&keys[l], &keys[r]) {
                (Some(l), Some(r)) if l == r => 1,
                (Some(l), Some(r))
                    if l.chars().count().min(r.chars().count()) >= 2
                        && (l.starts_with(r.as_str()) || r.starts_with(l.as_str())) =>
                {
                    2
                }
                (Some(l), Some(r)) if jaro_winkler(l, r, 0.92).is_some() => 3,
                (Some(_), Some(_)) => last,
                _ => MISSING,
            },
            Method::Overlap(items) => {
                let shared = items[l]
                    .iter()
                    .any(|item| items[r].binary_search(item).is_ok());
                if shared { 1 } else { last }
            }
            Method::PersonName(_) | Method::Conditions(_) => last,
        }
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

/// The distinct values of a column, on several threads.
fn values(encoded: &Encoded) -> impl IndexedParallelIterator<Item = &str> {
    let values = &encoded.values;
    (0..values.len()).into_par_iter().map(|at| values.value(at))
}

fn one_slip(left: &str, right: &str) -> bool {
    slips(left, right, 1) == Some(1)
}

/// How many characters were left out, put in, changed or swapped with the next, if no more than `most`.
fn slips(left: &str, right: &str, most: usize) -> Option<usize> {
    use rapidfuzz::distance::osa::{Args, distance_with_args};
    let cutoff = Args::default().score_cutoff(most);
    if left.is_ascii() && right.is_ascii() {
        if left.len().abs_diff(right.len()) > most {
            return None;
        }
        return distance_with_args(left.bytes(), right.bytes(), &cutoff);
    }
    distance_with_args(left.chars(), right.chars(), &cutoff)
}

/// The similarity of Jaro and Winkler, if it is at least `lowest`.
fn jaro_winkler(left: &str, right: &str, lowest: f64) -> Option<f64> {
    use rapidfuzz::distance::jaro_winkler::{Args, similarity_with_args};
    let cutoff = Args::default().score_cutoff(lowest);
    if left.is_ascii() && right.is_ascii() {
        return similarity_with_args(left.bytes(), right.bytes(), &cutoff);
    }
    similarity_with_args(left.chars(), right.chars(), &cutoff)
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
    match jaro_winkler(left, right, 0.8) {
        Some(similarity) if similarity >= 0.92 => 1,
        Some(_) => 2,
        None => 3,
    }
}
