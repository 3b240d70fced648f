//! Which pairs can never be shown: their levels are worth too little, tonight and in any night that is like it. Such a pair is
//! not kept for the next night, and its strings are looked at no longer than it takes to know.
//!
//! What may change from night to night without a change of the records is how often equal values meet. A sieve leaves room for
//! values that meet half as often; a later night asks whether that still holds, for the whole ([`Sieve::was_wide_enough`]) and for
//! the values of each record where rarity is weighed ([`Frequencies`](super::pairs::Frequencies)).

use std::ops::Range;

use datafusion::common::Result;
use hashbrown::HashMap;

use super::blocking::Visit;
use super::comparison::{MISSING, Most, Prepared};
use super::model::{self, Model, Pattern, Trained, WIDEST};
use super::records::{NONE, Records};
use super::sketch::Sketched;

/// How much more a level, or the prior, may be worth in a night to come, in bits: equal values may meet half as often.
const SLACK: f64 = 1.0;

/// Pairs whose values are compared at a time.
const WAITING: usize = 1_024;
/// Pairs for each record from which on it is worth while to look at its values before any pair.
const MANY: usize = 12;

/// Keeps the pairs that may be worth enough to be shown.
#[derive(Debug, Clone)]
pub struct Sieve {
    /// The weight from which a pair is shown, in bits.
    lowest: f64,
    /// The most that the prior is worth.
    prior: f64,
    /// The most that each level of each comparison is worth; of one that weighs rarity, for a value that all strangers have in common.
    levels: Vec<Vec<f64>>,
    /// How often random pairs have a value in common as one person, of each comparison: at most, in a night that is like it.
    of_one: Vec<f64>,
    /// What share of the pairs of equal values is of strangers at least, of each comparison.
    least_strangers: Vec<f64>,
    /// The levels at which values are equal, of each comparison.
    equal: Vec<Range<usize>>,
    /// What share of its frequency a value may have left.
    rarer: f64,
    /// The comparisons, those first that decide much for little work.
    order: Vec<usize>,
}

/// Pairs that went through a sieve, with their levels.
#[derive(Debug, Default)]
pub struct Sifted {
    /// The records with the smaller ids.
    pub left: Vec<u32>,
    /// Those with the greater ones.
    pub right: Vec<u32>,
    /// The levels of their comparisons.
    pub patterns: Vec<Pattern>,
}

/// Numbers as the text of a note.
fn text_of(numbers: impl Iterator<Item = f64>) -> String {
    let numbers: Vec<String> = numbers.map(|number| format!("{number:?}")).collect();
    numbers.join(" ")
}

/// The numbers of a note; none where it is damaged.
fn numbers_of(note: &str) -> Option<Vec<f64>> {
    let numbers = note.split(' ').map(str::parse);
    numbers.collect::<std::result::Result<_, _>>().ok()
}

impl Sieve {
    /// Lets through what may reach `lowest` bits by a model, tonight or in a night that is like it.
    pub fn new(model: &Model, prepared: &[Prepared], lowest: f64) -> Self {
        Self::with_slack(model, prepared, lowest, SLACK)
    }

    fn with_slack(model: &Model, prepared: &[Prepared], lowest: f64, slack: f64) -> Self {
        let levels = model.comparisons.iter().zip(prepared);
        let levels = levels.map(|(trained, prepared)| {
            let weights = trained.weights.iter().enumerate();
            // How often equal values meet follows from the night's records; nothing else does.
            let most = weights.map(|(level, weight)| {
                match (trained.of_the_commonest(prepared, level), level) {
                    (Some(commonest), _) => commonest + slack,
                    (None, 0) if prepared.chance.is_some() => weight + slack,
                    _ => *weight,
                }
            });
            most.collect()
        });
        let of_one = model
            .comparisons
            .iter()
            .map(|trained| trained.of_one_shared);
        let least = model.comparisons.iter().map(Trained::least);
        let equal = model
            .comparisons
            .iter()
            .map(|trained| trained.equal.clone());
        let mut order: Vec<usize> = (0..prepared.len()).collect();
        order.sort_by_key(|at| prepared[*at].cost());
        Self {
            lowest,
            prior: model::bits(model.prior) + slack,
            levels: levels.collect(),
            of_one: of_one.map(|of_one| of_one * slack.exp2()).collect(),
            least_strangers: least.collect(),
            equal: equal.collect(),
            rarer: (-slack).exp2(),
            order,
        }
    }

    /// All its numbers; the lower, the finer it is.
    fn numbers(&self) -> impl Iterator<Item = f64> {
        let levels = self.levels.iter().flatten().chain(&self.of_one);
        let least = self.least_strangers.iter().map(|least| -least);
        [-self.lowest, self.prior]
            .into_iter()
            .chain(levels.copied())
            .chain(least)
    }

    /// The sieve as a text, which says to a later night which pairs were kept.
    pub fn note(&self) -> String {
        text_of(self.numbers())
    }

    /// The same, of what went through an earlier sieve at first, whose note is told.
    pub fn note_behind(&self, earlier: &str) -> String {
        let earlier = numbers_of(earlier).unwrap_or_default();
        let both = self.numbers().zip(earlier);
        text_of(both.map(|(one, other)| one.min(other)))
    }

    /// Whether a sieve of that note, which was for the same comparisons, let everything through that may be shown by this model;
    /// but for values that became rarer.
    pub fn was_wide_enough(note: &str, model: &Model, prepared: &[Prepared], lowest: f64) -> bool {
        let tonight = Self::with_slack(model, prepared, lowest, 0.0);
        let needed: Vec<f64> = tonight.numbers().collect();
        numbers_of(note).is_some_and(|noted| {
            let mut both = noted.iter().zip(&needed);
            noted.len() == needed.len() && both.all(|(noted, needed)| noted >= needed)
        })
    }

    /// What the first level of a comparison is worth at most for a left record, or another at which rare values weigh more.
    fn exact(&self, prepared: &[Prepared], at: usize, left: u32) -> f64 {
        let rare = prepared[at].rare_levels().flatten();
        let worth = [0].into_iter().chain(rare);
        let worth = worth.map(|level| self.worth(prepared, at, level, left));
        worth.fold(f64::MIN, f64::max)
    }

    /// What a level is worth at most.
    fn worth(&self, prepared: &[Prepared], at: usize, level: usize, left: u32) -> f64 {
        let most = self.levels[at][level];
        // The value that a level weighs the rarity of may be missing on this side, and rare on the other; missing on both, it is as usual.
        let frequency = prepared[at].frequency(level, left);
        match frequency.or_else(|| prepared[at].least_frequency(level)) {
            Some(frequency) => {
                let frequency = frequency * self.rarer;
                let once = prepared[at].frequency_of_one(level);
                let strangers = match self.equal[at].contains(&level) {
                    true => model::strangers_of_value(
                        [frequency, once],
                        self.of_one[at],
                        self.least_strangers[at],
                    ),
                    false => frequency,
                };
                (most - strangers.max(1e-9).log2()).clamp(-WIDEST, WIDEST)
            }
            None => most,
        }
    }

    /// Whether a pair with these levels comes through.
    pub fn lets_through(&self, prepared: &[Prepared], pattern: Pattern, left: u32) -> bool {
        let comparisons = 0..prepared.len();
        let worth = comparisons
            .filter_map(|at| Some(self.worth(prepared, at, model::level_in(pattern, at)?, left)));
        self.prior + worth.sum::<f64>() >= self.lowest
    }

    /// The same, for many pairs.
    pub fn gate<'a>(&'a self, prepared: &'a [Prepared]) -> Gate<'a> {
        Gate {
            sieve: self,
            prepared,
            known: HashMap::new(),
        }
    }

    /// Whether all pairs with these levels come through, or none; `None` where it hangs on how rare their values are.
    fn verdict(&self, prepared: &[Prepared], pattern: Pattern) -> Option<bool> {
        // Sums in another order differ in their last digits.
        const NEARLY: f64 = 1e-6;
        let (mut least, mut most) = (self.prior, self.prior);
        for (at, comparison) in prepared.iter().enumerate() {
            let Some(level) = model::level_in(pattern, at) else {
                continue;
            };
            let worth = self.levels[at][level];
            let is_rarer = comparison.usual_frequency(level).is_some();
            least += worth.min(WIDEST);
            most += if is_rarer { worth.max(WIDEST) } else { worth };
        }
        match () {
            () if least >= self.lowest + NEARLY => Some(true),
            () if most < self.lowest - NEARLY => Some(false),
            () => None,
        }
    }

    /// Compares the pairs of blocks as far as it takes to know that they do not come through.
    pub fn sifting<'a>(&'a self, prepared: &'a [Prepared], records: &'a Records) -> Sifting<'a> {
        let levels = prepared.iter().zip(&self.levels);
        Sifting {
            sieve: self,
            prepared,
            records,
            most: levels.map(|(of, worth)| of.most(&worth[1..])).collect(),
            near: vec![Near::default(); prepared.len()],
            worth: Vec::new(),
            far: Vec::new(),
            waiting: LeftOver::default(),
            looked_at: 0,
            sifted: Sifted::default(),
        }
    }
}

/// The values of some records, by one comparison.
#[derive(Clone, Default)]
struct Near {
    /// Their numbers, where values have them.
    numbers: Vec<u32>,
    /// Their sketches, where the pairs are many and values have them.
    sketches: Vec<Sketched>,
}

/// Pairs of blocks on their way through a sieve.
pub struct Sifting<'a> {
    sieve: &'a Sieve,
    prepared: &'a [Prepared],
    records: &'a Records,
    /// What a pair is worth at most by each comparison.
    most: Vec<Most<'a>>,
    /// The values of some blocks' records, for each comparison.
    near: Vec<Near>,
    /// What some pairs are worth at most, before any two strings are compared.
    worth: Vec<f64>,
    /// The comparisons of which their values' sketches say that they are at the last level, one bit each.
    far: Vec<u16>,
    /// Pairs whose values are to be compared.
    waiting: LeftOver,
    /// How many pairs there were.
    pub looked_at: u64,
    /// Those that came through.
    pub sifted: Sifted,
}

impl Visit for Sifting<'_> {
    fn begin(&mut self, members: &[u32], pairs: usize) {
        for (most, near) in self.most.iter().zip(&mut self.near) {
            near.numbers.clear();
            near.sketches.clear();
            if let Some(numbers) = most.numbers(members) {
                near.numbers.extend(numbers);
            }
            // Of few pairs, the strings are read once anyway.
            if pairs >= MANY * members.len()
                && let Some(sketches) = most.sketches(&near.numbers)
            {
                near.sketches.extend(sketches);
            }
        }
    }

    fn row(&mut self, members: &[u32], first: usize, seconds: &[u32]) -> Result<()> {
        let left = members[first];
        self.looked_at += seconds.len() as u64;
        self.worth.clear();
        self.worth.resize(seconds.len(), self.sieve.prior);
        self.far.clear();
        self.far.resize(seconds.len(), 0);
        for (at, (most, near)) in self.most.iter().zip(&self.near).enumerate() {
            let number = near.numbers.get(first);
            if number == Some(&NONE) {
                continue;
            }
            let exact = self.sieve.exact(self.prepared, at, left);
            let (equal, unequal) = most.of_values(exact);
            let Some(number) = number else {
                self.worth.iter_mut().for_each(|worth| *worth += equal);
                continue;
            };
            let pairs = self.worth.iter_mut().zip(seconds);
            match (most.sketch, near.sketches.get(first)) {
                (Some(sketch), Some(own)) => {
                    for ((worth, second), far) in pairs.zip(&mut self.far) {
                        let second = *second as usize;
                        let is_far = sketch.are_far(*own, near.sketches[second]);
                        *far |= u16::from(is_far) << at;
                        let known = if is_far { most.last } else { unequal };
                        let other = near.numbers[second];
                        let known = if other == *number { equal } else { known };
                        *worth += if other == NONE { 0.0 } else { known };
                    }
                }
                _ => {
                    for (worth, second) in pairs {
                        let other = near.numbers[*second as usize];
                        let known = if other == *number { equal } else { unequal };
                        *worth += if other == NONE { 0.0 } else { known };
                    }
                }
            }
        }
        for ((worth, far), second) in self.worth.iter().zip(&self.far).zip(seconds) {
            if *worth >= self.sieve.lowest {
                let right = members[*second as usize];
                self.waiting.push(left, right, *worth, (0, *far));
            }
        }
        match self.waiting.left.len() >= WAITING {
            true => self.compare(),
            false => Ok(()),
        }
    }
}

impl Sifting<'_> {
    /// Compares the values of the pairs that wait.
    fn compare(&mut self) -> Result<()> {
        let (sieve, prepared) = (self.sieve, self.prepared);
        let mut left_over = std::mem::take(&mut self.waiting);
        let mut levels = Vec::new();
        for at in &sieve.order {
            levels.resize(left_over.left.len(), 0);
            let (left, right) = (&left_over.left, &left_over.right);
            prepared[*at].compare(self.records, left, right, &mut levels)?;
            let mut next = LeftOver::default();
            for (row, level) in levels.iter().enumerate() {
                let (left, right) = (left_over.left[row], left_over.right[row]);
                let known = match *level {
                    MISSING => 0.0,
                    level => sieve.worth(prepared, *at, level as usize, left),
                };
                let (pattern, far) = left_over.known[row];
                let most = match far >> at & 1 {
                    0 => self.most[*at].of(left, right, || sieve.exact(prepared, *at, left)),
                    _ => known,
                };
                let worth = left_over.worth[row] + known - most;
                if worth >= sieve.lowest {
                    let pattern = pattern | model::packed(*level, *at);
                    next.push(left, right, worth, (pattern, far));
                }
            }
            left_over = next;
        }
        self.sifted.left.extend(left_over.left);
        self.sifted.right.extend(left_over.right);
        let patterns = left_over.known.iter().map(|(pattern, _)| *pattern);
        self.sifted.patterns.extend(patterns);
        Ok(())
    }

    /// Compares what still waits.
    pub fn finish(&mut self) -> Result<()> {
        self.compare()
    }
}

/// A sieve that remembers what it said of levels: there are few patterns of them.
pub struct Gate<'a> {
    sieve: &'a Sieve,
    prepared: &'a [Prepared],
    known: HashMap<Pattern, Option<bool>>,
}

impl Gate<'_> {
    /// Whether a pair with these levels comes through.
    pub fn lets_through(&mut self, pattern: Pattern, left: u32) -> bool {
        let (sieve, prepared) = (self.sieve, self.prepared);
        let verdict = self.known.entry(pattern);
        let verdict = *verdict.or_insert_with(|| sieve.verdict(prepared, pattern));
        verdict.unwrap_or_else(|| sieve.lets_through(prepared, pattern, left))
    }
}

/// Pairs that may still come through.
#[derive(Default)]
struct LeftOver {
    left: Vec<u32>,
    right: Vec<u32>,
    /// What each is worth at most, in bits.
    worth: Vec<f64>,
    /// The levels that are known, and the comparisons at whose last level it is, one bit each.
    known: Vec<(Pattern, u16)>,
}

impl LeftOver {
    fn push(&mut self, left: u32, right: u32, worth: f64, known: (Pattern, u16)) {
        self.left.push(left);
        self.right.push(right);
        self.worth.push(worth);
        self.known.push(known);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::prelude::SessionContext;
    use proptest::prelude::*;

    use super::*;
    use crate::identity::memo::Memo;
    use crate::identity::model::Trained;

    const COMPARISONS: &[&str] = &[
        "name = 'name'\ncolumn = 'name'\nkind = 'person_name'\nterm_frequency = true",
        "name = 'phone'\ncolumn = 'phone'\nkind = 'digits'",
        "name = 'company'\ncolumn = 'company'\nkind = 'organization'\nterm_frequency = true",
        "name = 'email'\ncolumn = 'email'\nkind = 'email'",
        "name = 'born'\ncolumn = 'born'\nkind = 'date'",
        "name = 'street'\ncolumn = 'street'\nkind = 'text'",
        "name = 'place'\nlevels = [{ name = 'missing', condition = 'l.city is null' }, { name = 'same_street', condition = 'l.street = r.street and l.city = r.city', term_frequency = 'street' }, { name = 'same', condition = 'l.city = r.city', term_frequency = 'city' }]",
        "name = 'other'\nlevels = [{ name = 'same', condition = 'l.city = r.city', term_frequency = 'street' }]",
    ];
    const VALUES: [(&str, &[&str]); 7] = [
        (
            "name",
            &[
                "张伟",
                "张玮",
                "王小明",
                "Bob Smith",
                "Robert Smyht",
                "张*",
                "Zhang Wei",
                "Bob Jones",
                "B Jones",
            ],
        ),
        ("phone", &["13800001111", "13800001112", "138****1112"]),
        (
            "company",
            &[
                "海川贸易有限公司",
                "海川贸易",
                "有限公司",
                "Acme Ltd",
                "Haichuan Trading",
                "Acme Steel Ltd",
            ],
        ),
        ("city", &["北京", "上海"]),
        (
            "email",
            &[
                "xiaoming@qq.com",
                "xiaoming@163.com",
                "xiaomin@qq.com",
                "li@qq.com",
                "li@company.com",
            ],
        ),
        (
            "born",
            &[
                "1988-01-02",
                "1988-02-01",
                "1988-01-12",
                "1988-11-30",
                "1962-03-04",
            ],
        ),
        ("street", &["建国路", "建国路88号", "世纪大道", ""]),
    ];

    fn records(values: &[[usize; 7]]) -> Records {
        let column = |at: usize| -> ArrayRef {
            let known = VALUES[at].1;
            let value = |record: &[usize; 7]| known.get(record[at].wrapping_sub(1)).copied();
            Arc::new(values.iter().map(value).collect::<StringArray>())
        };
        let fields = VALUES.map(|(name, _)| Field::new(name, DataType::Utf8, true));
        let columns = (0..VALUES.len()).map(column).collect();
        Records {
            ids: (0..values.len())
                .map(|at| Some(format!("{at:03}")))
                .collect(),
            batch: RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), columns).unwrap(),
            origins: Default::default(),
        }
    }

    fn model(prepared: &[Prepared], weights: &[f64], prior: f64) -> Model {
        let mut weights = weights.iter().cycle();
        let comparisons = prepared.iter().map(|comparison| {
            let u = vec![0.01; comparison.levels.len()];
            let m = u
                .iter()
                .map(|u| u * weights.next().unwrap().exp2())
                .collect();
            let (name, levels) = (comparison.name.clone(), comparison.levels.clone());
            Trained::new(name, levels, m, u, true)
        });
        Model {
            prior,
            possible: 1.0,
            comparisons: comparisons.collect(),
        }
    }

    proptest! {
        #[test]
        fn what_may_be_shown_comes_through_and_nothing_else(
            values in proptest::collection::vec([0..10_usize, 0..4_usize, 0..7_usize, 0..3_usize, 0..6_usize, 0..6_usize, 0..5_usize], 2..20),
            weights in proptest::collection::vec(-9.0..6.0_f64, 35),
            prior in 0.001..0.5_f64,
            lowest in -5.0..8.0_f64,
        ) {
            let (session, records) = (SessionContext::new(), records(&values));
            let prepared: Vec<Prepared> = COMPARISONS
                .iter()
                .map(|text| toml::from_str(text).unwrap())
                .map(|rule| Prepared::new(&session, &records, &rule, &Memo::default(), None).unwrap())
                .collect();
            let model = model(&prepared, &weights, prior);
            let sieve = Sieve::new(&model, &prepared, lowest);
            let last = values.len() as u32;
            let pairs = (0..last).flat_map(|left| (left + 1..last).map(move |right| (left, right)));
            let (left, right): (Vec<u32>, Vec<u32>) = pairs.unzip();
            let patterns = model::patterns(&prepared, &records, &left, &right).unwrap();
            let mut expected = Vec::new();
            let mut gate = sieve.gate(&prepared);
            for ((left, right), pattern) in left.iter().zip(&right).zip(&patterns) {
                let is_shown = model.weight(&prepared, *pattern, *left, *right) >= lowest;
                prop_assert!(!is_shown || sieve.lets_through(&prepared, *pattern, *left));
                prop_assert_eq!(gate.lets_through(*pattern, *left), sieve.lets_through(&prepared, *pattern, *left));
                if sieve.lets_through(&prepared, *pattern, *left) {
                    expected.push((*left, *right, *pattern));
                }
            }
            let mut sifting = sieve.sifting(&prepared, &records);
            let members: Vec<u32> = (0..last).collect();
            sifting.begin(&members, MANY * members.len());
            for first in 0..members.len() {
                sifting.row(&members, first, &members[first + 1..]).unwrap();
            }
            sifting.finish().unwrap();
            prop_assert_eq!(sifting.looked_at, patterns.len() as u64);
            let found = sifting.sifted;
            let found: Vec<_> = found.left.into_iter().zip(found.right).zip(found.patterns).collect();
            let found: Vec<_> = found.into_iter().map(|((left, right), pattern)| (left, right, pattern)).collect();
            prop_assert_eq!(found, expected);
            prop_assert!(Sieve::was_wide_enough(&sieve.note(), &model, &prepared, lowest));
            prop_assert!(!Sieve::was_wide_enough(&sieve.note(), &model, &prepared, lowest - 0.5));
            // What went through a finer sieve before is not made whole by a wide one.
            let finer = Sieve::new(&model, &prepared, lowest + 0.5).note();
            prop_assert!(!Sieve::was_wide_enough(&sieve.note_behind(&finer), &model, &prepared, lowest));
            let behind_itself = sieve.note_behind(&sieve.note());
            prop_assert_eq!(behind_itself, sieve.note());
        }
    }
}
