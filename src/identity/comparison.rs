//! Comparisons: each gives a pair one of a few levels, from "missing" through "exact" and "close" to "else".

use std::hint::black_box;
use std::ops::Range;

use datafusion::common::{Result, internal_err};
use datafusion::prelude::SessionContext;
use rayon::prelude::*;

use super::bound::Bound;
use super::condition;
use super::memo::Memo;
use super::rarity::{Parts, Rarity};
use super::reading::{Readable, Reading};
use super::records::{Encoded, LIST_MARK, NONE, Records};
use super::rules::{Comparison, Kind, level_named};
use super::side_by_side::Numbers;
use super::sketch::{Sketch, Sketched};
use super::within_lists::WithinLists;
use crate::functions::address_level;
use crate::functions::organization_level;
use crate::functions::person_name_level::Level;
use crate::functions::similarity::{jaro_winkler, one_slip, slips};
use crate::functions::{date_level, digits_level, email};

/// A pair has no value on one side: no evidence either way.
pub const MISSING: u8 = u8::MAX;

/// Pairs whose values are read together.
const AT_A_TIME: usize = 256;

/// A comparison made ready for many pairs.
pub struct Prepared {
    /// Its name.
    pub name: String,
    /// The names of its levels, the strongest first, the last of them "else".
    pub levels: Vec<String>,
    /// Whether no level is worth more than one above it.
    pub is_monotone: bool,
    /// Whether it compares names of persons or dates, in which a person's records hardly ever differ.
    pub is_of_person: bool,
    /// Levels at which a pair is never a link by score, one bit each.
    veto: u16,
    /// The columns that it looks at.
    pub columns: Vec<String>,
    /// The values of a built-in comparison's column.
    pub encoded: Option<Encoded>,
    /// The value of each record of the column that own levels ask to be equal first.
    equated: Option<Numbers<u32>>,
    /// The levels at which rare values weigh more.
    rarities: Vec<Rarity>,
    /// The probability that two random records are at the first level, where the frequencies of the values tell it.
    pub chance: Option<f64>,
    /// Whether that is of strangers alone, as the frequencies of its values are: of pairs of one list that has nobody twice.
    pub is_of_strangers: bool,
    /// What tells two values far apart, where something does.
    sketch: Option<Sketch>,
    method: Method,
}

enum Method {
    /// By what values say.
    Read(Reading),
    /// Whether some of the numbers are masked.
    Digits(bool),
    Exact,
    Values(fn(&str, &str) -> u8),
    JaroWinkler(Vec<f64>),
    Levenshtein(Vec<f64>),
    Overlap(Vec<Vec<String>>, bool),
    /// Nothing is compared any more.
    Finished,
    /// Conditions, each with the level that it gives.
    Conditions(Vec<(Bound, u8)>),
}

/// How many records of its own list have the value of each, by its key, which is 0 where it is none to hold against others.
fn within(
    lists: Option<&[u64]>,
    values: &Numbers<u32>,
    key: impl Fn(usize) -> u64 + Sync,
) -> Option<WithinLists> {
    WithinLists::new(lists?, |record| match values.get(record as u32) {
        NONE => 0,
        value => key(value as usize),
    })
}

/// How often records have a value of a column in common.
struct Chances {
    /// The probability that two random records are at the first level.
    equal: Option<f64>,
    /// Whether that is of strangers alone.
    is_of_strangers: bool,
    /// How rare the values are, where that weighs, and what they have in common at lower levels.
    rarities: Vec<Rarity>,
}

impl Chances {
    fn new(
        encoded: &Encoded,
        reading: Option<&Reading>,
        lists: Option<&[u64]>,
        is_rarity_weighed: bool,
    ) -> Self {
        let is_read = |value: usize| reading.is_none_or(|of| of.is_read(value));
        let is_same = |value: usize| reading.is_none_or(|of| of.is_as_itself(value));
        let exact = reading.and_then(Reading::exact_keys);
        let of_values = within(lists, &encoded.ids, |value| {
            match (is_read(value), &exact) {
                (false, _) => 0,
                (true, Some(keys)) => keys[value],
                (true, None) => value as u64 + 1,
            }
        });
        let of_all = match &exact {
            Some(keys) => encoded.chance_of_equal_keys(keys, is_read, is_same),
            None => encoded.chance_of_equal_values(is_read, is_same),
        };
        let of_strangers = of_values
            .as_ref()
            .map(|lists| lists.chance(|record| is_same(encoded.ids.get(record as u32) as usize)));
        let of_strangers = of_strangers.filter(|of_strangers| Some(*of_strangers) < of_all);
        let rarity = is_rarity_weighed.then(|| {
            let most = reading.map(|reading| reading.most_by_parts(&encoded.counts));
            let most = most.unwrap_or_default();
            let (rarity, within) = match reading.and_then(Reading::keys) {
                Some(keys) => {
                    let of_keys = within(lists, &encoded.ids, |value| keys[value]);
                    (Rarity::of_keys(encoded, &keys, &most), of_keys)
                }
                None => {
                    let counts = exact.as_ref();
                    let counts = counts.map(|keys| encoded.counts_of_keys(keys, is_same));
                    let counts = counts.as_ref().unwrap_or(&encoded.counts);
                    (Rarity::new(0..1, encoded, counts, &most), of_values)
                }
            };
            match &within {
                Some(lists) if of_strangers.is_some() => rarity.within(lists),
                _ => rarity,
            }
        });
        let lists = lists.filter(|_| of_strangers.is_some());
        let of_parts = |parts: Parts| {
            let within = within(lists, &encoded.ids, |value| parts.keys[value]);
            Rarity::of_parts(&parts, encoded, within.as_ref())
        };
        let in_common = reading.filter(|_| is_rarity_weighed);
        let in_common = in_common.map(|reading| reading.in_common(&encoded.counts));
        let lower = in_common.into_iter().flatten().map(of_parts);
        Self {
            equal: of_strangers.or(of_all),
            is_of_strangers: of_strangers.is_some(),
            rarities: rarity.into_iter().chain(lower).collect(),
        }
    }
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
        Kind::Digits => digits_level::LEVELS,
        Kind::Email => email::LEVELS,
        Kind::Date => date_level::LEVELS,
        Kind::Text => &["exact", "close", "similar", "else"],
        Kind::Address => address_level::LEVELS,
        Kind::Organization => organization_level::LEVELS,
        Kind::Overlap => &["exact", "shared", "one_slip", "else"],
        Kind::Exact | Kind::JaroWinkler | Kind::Levenshtein => &["exact", "else"],
    }
}

impl Prepared {
    /// Prepares a comparison over the records; the memo is shared with whatever reads the same columns. Of lists that have nobody twice
    /// comes the list of each record.
    pub fn new(
        session: &SessionContext,
        records: &Records,
        rule: &Comparison,
        memo: &Memo,
        lists: Option<&[u64]>,
    ) -> Result<Self> {
        let mut columns: Vec<String> = rule.column.iter().cloned().collect();
        let mut rarities = Vec::new();
        let mut chance = None;
        let mut equated = None;
        let mut is_of_strangers = false;
        let (method, encoded) = match (&rule.column, rule.kind) {
            (Some(column), Some(kind)) => {
                let (encoded, reading) = match Readable::of_kind(kind) {
                    Some(readable) => {
                        let read = memo.read(records, column, readable)?;
                        (read.encoded, Some(read.reading))
                    }
                    None => (records.encoded_by(column, memo)?, None),
                };
                let found = Chances::new(&encoded, reading.as_ref(), lists, rule.term_frequency);
                (chance, is_of_strangers) = (found.equal, found.is_of_strangers);
                rarities = found.rarities;
                let method = match (reading, kind) {
                    (Some(reading), _) => Method::Read(reading),
                    (None, Kind::Digits) => {
                        Method::Digits(encoded.texts().any(digits_level::is_masked))
                    }
                    (None, Kind::Email) => Method::Values(email::level),
                    (None, Kind::Date) => Method::Values(date_level::level),
                    (None, Kind::Text) => Method::Values(text),
                    (None, Kind::JaroWinkler) => Method::JaroWinkler(thresholds(rule)),
                    (None, Kind::Levenshtein) => Method::Levenshtein(thresholds(rule)),
                    (None, Kind::Overlap) => {
                        let items = |value: &str| {
                            let mut items: Vec<String> = value
                                .split(LIST_MARK)
                                .filter(|item| !item.is_empty())
                                .map(String::from)
                                .collect();
                            items.sort_unstable();
                            items
                        };
                        let are_masked = encoded.texts().any(digits_level::is_masked);
                        Method::Overlap(encoded.texts().map(items).collect(), are_masked)
                    }
                    (None, _) => Method::Exact,
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
                    let rest = condition::plan_whole(session, &schema, &level.condition)?;
                    for column in rest.columns() {
                        if !columns.contains(&column) {
                            columns.push(column);
                        }
                    }
                    let of = level_named(&level.name, &rule.name);
                    let bound = Bound::new(session, records, &rest, memo, &of)?;
                    conditions.push((bound, number));
                    if let Some(column) = &level.term_frequency {
                        let encoded = records.encoded_by(column, memo)?;
                        let at = usize::from(number);
                        let within = within(lists, &encoded.ids, |value| value as u64 + 1);
                        let rarity = Rarity::new(at..at + 1, &encoded, &encoded.counts, &[]);
                        let is_rarer = within.as_ref().is_some_and(|lists| {
                            let of_strangers = lists.chance(|_| true);
                            of_strangers < rarity.chance
                        });
                        let rarity = match &within {
                            Some(lists) if is_rarer => rarity.within(lists),
                            _ => rarity,
                        };
                        let whole = condition::plan(session, &schema, &level.condition)?;
                        if number == 0 && whole.equates_only(column) {
                            chance = Some(rarity.chance);
                            is_of_strangers = is_rarer;
                            equated = Some(encoded.ids);
                        }
                        rarities.push(rarity);
                    }
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
            is_monotone: rule.monotone,
            is_of_person: matches!(rule.kind, Some(Kind::PersonName | Kind::Date)),
            veto,
            columns,
            rarities,
            chance,
            is_of_strangers,
            encoded,
            equated,
            sketch: match &method {
                Method::Levenshtein(bounds) if bounds[..] == [1.0] => Some(Sketch::Ends),
                Method::JaroWinkler(bounds) if bounds.last().is_some_and(|last| *last > 0.0) => {
                    Some(Sketch::Letters)
                }
                _ => match rule.kind {
                    Some(Kind::Digits | Kind::Date) => Some(Sketch::Ends),
                    Some(Kind::Email) => Some(Sketch::EndsOfEmail),
                    Some(Kind::Text) => Some(Sketch::Letters),
                    _ => None,
                },
            },
            method,
        })
    }

    /// Whether it compares names of persons.
    pub fn is_of_names(&self) -> bool {
        matches!(self.method, Method::Read(Reading::PersonName(_)))
    }

    /// Whether a level forbids a link by score.
    pub fn vetoes(&self, level: usize) -> bool {
        self.veto >> level & 1 == 1
    }

    /// The numbers of each record.
    pub fn numbers(&mut self) -> impl Iterator<Item = &mut Numbers<u32>> {
        let ids = self.encoded.as_mut().map(|encoded| &mut encoded.ids);
        let others = self.rarities.iter_mut().map(|rarity| &mut rarity.others);
        ids.into_iter().chain(others)
    }

    /// Bytes of memory, about.
    pub fn size(&self) -> usize {
        let read = match &self.method {
            Method::Read(reading) => reading.size(),
            Method::Conditions(conditions) => {
                conditions.iter().map(|(bound, _)| bound.size()).sum()
            }
            Method::Overlap(items, _) => items.capacity() * size_of::<Vec<String>>(),
            _ => 0,
        };
        let others = self.rarities.iter().map(|rarity| rarity.others.size());
        let equated = self.equated.as_ref().map_or(0, Numbers::size);
        let encoded = self.encoded.as_ref().map_or(0, Encoded::size);
        read + others.sum::<usize>() + equated + encoded
    }

    /// Lets go of what only comparing needs, and says how many bytes it had; levels and frequencies are known as before.
    pub fn finish(&mut self) -> usize {
        let before = self.size();
        self.method = Method::Finished;
        (self.encoded, self.equated) = (None, None);
        for rarity in &mut self.rarities {
            // What it lay side by side with goes.
            rarity.others = rarity.others.iter().collect::<Vec<_>>().into();
        }
        before - self.size()
    }

    /// The columns that comparing still reads from the records.
    pub fn columns_still_read(&self) -> Vec<String> {
        let Method::Conditions(conditions) = &self.method else {
            return Vec::new();
        };
        let conditions = conditions.iter();
        let columns = conditions.flat_map(|(condition, _)| condition.columns_still_read());
        columns.collect()
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
            (Method::Conditions(conditions), _) => {
                let last = self.levels.len() as u8 - 1;
                out.fill(last);
                // A pair is at the first level that it meets, and no other is asked of it.
                let mut open: Vec<usize> = (0..out.len()).collect();
                for (condition, number) in conditions {
                    let of = |side: &[u32]| open.iter().map(|at| side[*at]).collect::<Vec<_>>();
                    let holds = condition.evaluate_both_ways(records, &of(left), &of(right))?;
                    let mut holds = holds.into_iter();
                    open.retain(|at| match holds.next() {
                        Some(true) => {
                            out[*at] = *number;
                            false
                        }
                        _ => true,
                    });
                }
            }
            (_, Some(encoded)) => {
                let sides = left.chunks(AT_A_TIME).zip(right.chunks(AT_A_TIME));
                for ((left, right), out) in sides.zip(out.chunks_mut(AT_A_TIME)) {
                    self.compare_values(encoded, left, right, out);
                }
            }
            _ => return internal_err!("{} compares nothing any more", self.name),
        }
        Ok(())
    }

    /// The levels of [`AT_A_TIME`] pairs at most, by the values of a column.
    fn compare_values(&self, encoded: &Encoded, left: &[u32], right: &[u32], out: &mut [u8]) {
        // Equal values have equal numbers: most pairs never look at a string.
        let mut looked_at = [(0, 0, 0); AT_A_TIME];
        let mut count = 0;
        for (at, (left, right)) in left.iter().zip(right).enumerate() {
            let (l, r) = (encoded.ids.get(*left), encoded.ids.get(*right));
            let is_missing = (l == NONE) | (r == NONE);
            out[at] = if is_missing { MISSING } else { 0 };
            looked_at[count] = (at, l as usize, r as usize);
            count += usize::from(!is_missing & ((l != r) | !self.are_equal_values_exact()));
        }
        let looked_at = &looked_at[..count];
        if let Method::Exact = self.method {
            looked_at.iter().for_each(|(at, _, _)| out[*at] = 1);
            return;
        }
        // The values of many records lie anywhere in memory: all are asked for before the first is read, so that none waits for
        // the one before. Those of a large block are near anyway.
        let changes = left.windows(2).filter(|pair| pair[0] != pair[1]);
        if changes.count() > left.len() / 8 {
            let asked = looked_at.iter().fold(0, |asked, (_, l, r)| {
                asked ^ self.first_byte(encoded, *l) ^ self.first_byte(encoded, *r)
            });
            black_box(asked);
        }
        for (at, l, r) in looked_at {
            out[*at] = self.level(encoded, *l, *r);
        }
    }

    /// Whether a value is always at the first level with itself; what is masked is not, and no region without an address in it.
    fn are_equal_values_exact(&self) -> bool {
        !matches!(
            self.method,
            Method::Read(Reading::PersonName(_) | Reading::Address(_)) | Method::Digits(true)
        )
    }

    /// A byte of what is read of a value.
    fn first_byte(&self, encoded: &Encoded, value: usize) -> u8 {
        let first = |text: &str| text.as_bytes().first().copied();
        let byte = match &self.method {
            Method::Read(reading) => Some(reading.first_byte(value)),
            Method::Overlap(items, _) => items[value].first().and_then(|item| first(item)),
            _ => first(encoded.values.value(value)),
        };
        byte.unwrap_or_default()
    }

    /// How dear it is to compare two values that are not the same, in no unit.
    pub fn cost(&self) -> u8 {
        match self.method {
            Method::Exact | Method::Values(_) | Method::Digits(_) | Method::Levenshtein(_) => 0,
            Method::JaroWinkler(_) | Method::Overlap(..) => 1,
            Method::Read(Reading::PersonName(_)) => 2,
            Method::Read(_) => 3,
            Method::Conditions(_) | Method::Finished => 4,
        }
    }

    /// What pairs are worth at most by this comparison, as far as the numbers of their values tell; `others` has what its levels
    /// are worth but for the first.
    pub fn most(&self, others: &[f64]) -> Most<'_> {
        let unequal = others.iter().copied().fold(f64::MIN, f64::max);
        let (may_be_missing, may_be_any) = match &self.method {
            Method::Read(Reading::PersonName(_)) | Method::Conditions(_) => (true, true),
            // Names that are one may be written in two ways, and are then worth what they are.
            Method::Read(Reading::Organization(_)) => (true, !self.rarities.is_empty()),
            Method::Read(Reading::Address(_)) => (true, false),
            Method::Digits(are_masked) => (*are_masked, *are_masked),
            Method::Overlap(_, are_masked) => (*are_masked, false),
            _ => (false, false),
        };
        Most {
            encoded: self.encoded.as_ref(),
            // What cannot be read is missing, which is worth nothing either way.
            unequal: if may_be_missing {
                unequal.max(0.0)
            } else {
                unequal
            },
            last: others.last().copied().unwrap_or_default(),
            sketch: self.sketch,
            may_be_any,
        }
    }

    /// The share of records of which a built-in comparison can read nothing.
    pub fn missing(&self) -> Option<f64> {
        let encoded = self.encoded.as_ref()?;
        let is_read = |value: usize| match &self.method {
            Method::Read(reading) => reading.is_read(value),
            _ => true,
        };
        let mut all = 0_u64;
        let missing = encoded.ids.iter().filter(|value| {
            all += 1;
            *value == NONE || !is_read(*value as usize)
        });
        let missing = missing.count() as f64;
        (all > 0).then(|| missing / all as f64)
    }

    /// The levels at which rare values weigh more; those at which the same values do are together.
    pub fn rare_levels(&self) -> impl Iterator<Item = Range<usize>> {
        self.rarities.iter().map(|rarity| rarity.levels.clone())
    }

    fn rarity(&self, level: usize) -> Option<&Rarity> {
        let mut rarities = self.rarities.iter();
        rarities.find(|rarity| rarity.levels.contains(&level))
    }

    /// The levels of equal values of which it is known how rare they are, and what share of the records has one in common with another.
    pub fn equal_levels(&self) -> (Range<usize>, f64) {
        match (self.chance, self.rarity(0)) {
            (Some(_), Some(rarity)) => (rarity.levels.clone(), rarity.shared),
            (Some(_), None) => (0..1, 1.0),
            _ => (0..0, 1.0),
        }
    }

    /// The value of each record, of which the first level asks that both have the same.
    pub fn equal_values(&self) -> Option<&Numbers<u32>> {
        let encoded = self.encoded.as_ref().map(|encoded| &encoded.ids);
        encoded.or(self.equated.as_ref())
    }

    /// The probability that two random records have one value in two writings; `None` where that is no level of its own, or never happens.
    /// Of strangers alone, what never happens is as rare as the same writing.
    pub fn otherwise_written(&self) -> Option<f64> {
        let keys = self.rarity(1).filter(|rarity| rarity.levels.contains(&0))?;
        let chance = self.chance?;
        let written = keys.chance - chance;
        match self.is_of_strangers {
            true if written <= 0.0 => Some(chance),
            _ => (written > 0.0).then_some(written),
        }
    }

    /// The probability that two random records have the same value of those that a level weighs the rarity of; `None` where it
    /// weighs none.
    pub fn usual_frequency(&self, level: usize) -> Option<f64> {
        Some(self.rarity(level)?.chance)
    }

    /// The least frequency that any value has at a level that weighs rarity, or the usual one where that is less.
    pub fn least_frequency(&self, level: usize) -> Option<f64> {
        let rarity = self.rarity(level)?;
        Some(rarity.least_frequency().min(rarity.chance))
    }

    /// The frequency of a value that a single other record has, where a level weighs rarity; else 1.
    pub fn frequency_of_one(&self, level: usize) -> f64 {
        self.rarity(level).map_or(1.0, Rarity::frequency_of_one)
    }

    /// The level of two values, which are not the same but where equal ones may be at any level.
    fn level(&self, encoded: &Encoded, l: usize, r: usize) -> u8 {
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
            Method::Digits(_) => digits_level::level(left, right),
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
            Method::Read(reading) => reading.level(l, r),
            Method::Overlap(items, _) => overlap(&items[l], &items[r]),
            Method::Exact | Method::Finished | Method::Conditions(_) => last,
        }
    }

    /// How many of the other records that have a value have that of a record, as a share, where the level weighs rarity.
    pub fn frequency(&self, level: usize, record: u32) -> Option<f64> {
        self.rarity(level)?.frequency(record)
    }
}

/// What pairs are worth at most by a comparison, in bits, before any string is read.
pub struct Most<'a> {
    /// None where values have no numbers.
    encoded: Option<&'a Encoded>,
    unequal: f64,
    /// What the last level is worth.
    pub last: f64,
    /// What tells values far apart.
    pub sketch: Option<Sketch>,
    /// Equal values may be at any level, and unequal ones at the first.
    may_be_any: bool,
}

impl Most<'_> {
    /// The sketches of values by their numbers, where values have them.
    pub fn sketches<'a>(
        &'a self,
        numbers: &'a [u32],
    ) -> Option<impl Iterator<Item = Sketched> + 'a> {
        let (encoded, sketch) = (self.encoded?, self.sketch?);
        let of = move |number: &u32| match *number {
            NONE => sketch.open(),
            number => sketch.of(encoded.values.value(number as usize)),
        };
        Some(numbers.iter().map(of))
    }

    /// The numbers of some records' values, where values have them.
    pub fn numbers<'a>(&'a self, records: &'a [u32]) -> Option<impl Iterator<Item = u32> + 'a> {
        Some(self.encoded?.ids.of(records))
    }

    /// Of a pair with equal values, and of one with others. `exact` is what equal values of the left record are worth.
    pub fn of_values(&self, exact: f64) -> (f64, f64) {
        match self.may_be_any {
            true => (exact.max(self.unequal), exact.max(self.unequal)),
            false => (exact, self.unequal),
        }
    }

    /// Of a pair.
    pub fn of(&self, left: u32, right: u32, exact: impl FnOnce() -> f64) -> f64 {
        let ids = self.encoded;
        match ids.map(|encoded| (encoded.ids.get(left), encoded.ids.get(right))) {
            Some((NONE, _) | (_, NONE)) => 0.0,
            Some((one, other)) if one != other && !self.may_be_any => self.unequal,
            _ => self.of_values(exact()).0,
        }
    }
}

/// How two sorted lists that are not the same overlap: 1 a value in common, 2 two values with one slip between them, 3 else; [`MISSING`]
/// where a masked one may be one of the others.
fn overlap(left: &[String], right: &[String]) -> u8 {
    /// One slip in less is another value.
    const LETTERS: usize = 5;
    let is_long = |value: &String| value.chars().nth(LETTERS - 1).is_some();
    let are_near =
        |one: &String, other: &String| is_long(one) && is_long(other) && one_slip(one, other);
    let may_be_one = |one: &String, other: &String| {
        (digits_level::is_masked(one) || digits_level::is_masked(other))
            && digits_level::level(one, other) != 3
    };
    match () {
        () if left.iter().any(|item| right.binary_search(item).is_ok()) => 1,
        () if left
            .iter()
            .any(|one| right.iter().any(|other| are_near(one, other))) =>
        {
            2
        }
        () if left
            .iter()
            .any(|one| right.iter().any(|other| may_be_one(one, other))) =>
        {
            MISSING
        }
        () => 3,
    }
}

fn text(left: &str, right: &str) -> u8 {
    match jaro_winkler(left, right, 0.8) {
        Some(similarity) if similarity >= 0.92 => 1,
        Some(_) => 2,
        None => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_with_other_sketches_are_far_apart(
            value in "[ab1+@.*李]{3,14}|[ab.+]{3,9}@(libero.it|gmail.com|gmial.com)",
            cut in proptest::collection::vec((0..14_usize, 0..2_usize, "[ab1+@.*李]{0,2}"), 0..3),
        ) {
            let mut other: Vec<char> = value.chars().collect();
            for (at, gone, new) in cut {
                let at = at.min(other.len());
                let end = (at + gone).min(other.len());
                other.splice(at..end, new.chars());
            }
            let other: String = other.into_iter().collect();
            let are_far = |sketch: Sketch| sketch.are_far(sketch.of(&value), sketch.of(&other));
            prop_assert!(value != other || [Sketch::Ends, Sketch::EndsOfEmail, Sketch::Letters].iter().all(|sketch| !are_far(*sketch)));
            if value != other {
                prop_assert!(!are_far(Sketch::Ends) || digits_level::level(&value, &other) == 3);
                prop_assert!(!are_far(Sketch::Ends) || date_level::level(&value, &other) == 3);
                prop_assert!(!are_far(Sketch::Ends) || slips(&value, &other, 1).is_none());
                prop_assert!(!are_far(Sketch::EndsOfEmail) || email::level(&value, &other) == 3);
                prop_assert!(!are_far(Sketch::Letters) || text(&value, &other) == 3);
                prop_assert!(!are_far(Sketch::Letters) || jaro_winkler(&value, &other, 0.01).is_none());
            }
        }
    }

    #[test]
    fn lists_overlap_by_a_value_or_nearly() {
        let list = |items: &[&str]| items.iter().map(ToString::to_string).collect::<Vec<_>>();
        let phones = list(&["13800001111", "13900002222"]);
        assert_eq!(overlap(&phones, &list(&["13700003333", "13900002222"])), 1);
        assert_eq!(overlap(&phones, &list(&["13700003333", "13900002223"])), 2);
        assert_eq!(overlap(&phones, &list(&["13700003333"])), 3);
        assert_eq!(overlap(&phones, &list(&["138****1111"])), MISSING);
        assert_eq!(overlap(&phones, &list(&["137****1111"])), 3);
        let (short, long) = (list(&["1234"]), list(&["12345"]));
        assert_eq!((overlap(&short, &long), overlap(&long, &short)), (3, 3));
    }

    proptest! {
        #[test]
        fn masked_numbers_have_no_sketch_that_tells_them_apart(
            number in "[0-9]{10,18}",
            ahead in 0..9_usize,
            behind in 0..9_usize,
        ) {
            let hidden = number.len().saturating_sub(ahead + behind);
            let masked = format!("{}{}{}", &number[..ahead], "*".repeat(hidden.max(1)), &number[number.len() - behind..]);
            let sketch = Sketch::Ends;
            prop_assert!(!sketch.are_far(sketch.of(&number), sketch.of(&masked)));
        }
    }
}
