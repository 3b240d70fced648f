//! The model as a file that a person can read, keep under version control and edit: `pipelines/<pipeline>.model.toml`.
//!
//! A run uses it and does not train anew, so that a link weighs the same every night. It holds what does not depend on how many
//! records there are: the prior, and how often equal values meet by chance, follow from each night's own data.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::comparison::Prepared;
use super::model::{self, Model, Trained};
use crate::fault::{Fault, Place, Result};

/// A model as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// How many records it was trained on.
    pub trained_on_records: u64,
    /// How many matches a record has: the prior of a night follows from it and the number of records.
    pub matches_per_record: f64,
    /// The share of all pairs of records that may be of one person: that no never rule and no list forbids.
    #[serde(default = "all")]
    pub possible_pairs: f64,
    /// What it was trained by: `expectation_maximisation` or `labels`.
    pub trained_by: String,
    /// The comparisons, as in the rule book.
    #[serde(default)]
    pub comparison: Vec<ComparisonFile>,
}

/// A comparison of a model file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonFile {
    /// Its name.
    pub name: String,
    /// Whether the data told `m`; else it is an assumption.
    pub is_estimated: bool,
    /// The share of pairs of equal values that may be of one person; as of all pairs, where it is left out.
    pub possible_pairs: Option<f64>,
    /// What share of the pairs of equal values is of strangers at most, where it is known.
    pub strangers_among_equal: Option<f64>,
    /// Its levels, the strongest first.
    pub levels: Vec<LevelFile>,
}

fn all() -> f64 {
    1.0
}

/// A level of a model file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelFile {
    /// Its name.
    pub name: String,
    /// The probability of the level among pairs of one person.
    pub m: f64,
    /// The probability of the level among pairs of different persons.
    pub u: f64,
    /// The level's share among the links of the night it was trained on: how drift is told.
    pub share: f64,
}

/// Where the model of a pipeline lies, unless the rule book says it.
pub fn default_path(pipeline: &Path) -> PathBuf {
    pipeline.with_extension("model.toml")
}

/// A model as the text of its file. `shares` has each level's share among the links.
pub fn text(model: &Model, shares: &[Vec<f64>], records: usize, trained_by: &str) -> String {
    let mut text = format!(
        "# What each level of each comparison is worth: m among pairs of one person, u among pairs of different persons.\n\
         # Written by onefold; `onefold train` writes it anew. Keep it under version control, and edit it if you know better.\n\
         # A level adds log2(m / u) bits; the u of equal values follows from each night's data, the prior from the number of records.\n\
         # possible_pairs: the share of all pairs, and of those with equal values, that never rules and `across` leave.\n\
         # strangers_among_equal: what share of the pairs of equal values is of strangers at most, by the other comparisons.\n\
         # share: the level's share among the links when it was trained; where tonight's differs much, the run says so.\n\n\
         trained_on_records = {records}\nmatches_per_record = {:?}\npossible_pairs = {:?}\ntrained_by = \"{trained_by}\"\n",
        model.matches_per_record(records),
        model.possible
    );
    for (comparison, shares) in model.comparisons.iter().zip(shares) {
        let mut own = String::new();
        if comparison.possible != model.possible {
            own.push_str(&format!("possible_pairs = {:?}\n", comparison.possible));
        }
        if comparison.strangers_among_equal < 1.0 {
            let strangers = comparison.strangers_among_equal;
            own.push_str(&format!("strangers_among_equal = {strangers:?}\n"));
        }
        text.push_str(&format!(
            "\n[[comparison]]\nname = {}\nis_estimated = {}\n{own}levels = [\n",
            quoted(&comparison.name),
            comparison.is_estimated
        ));
        for (at, level) in comparison.levels.iter().enumerate() {
            let (m, u) = (comparison.m[at], comparison.u[at]);
            text.push_str(&format!(
                "    {{ name = {}, m = {m:?}, u = {u:?}, share = {:.4} }},  # {:+.1} bits\n",
                quoted(level),
                shares[at],
                (m / u).log2()
            ));
        }
        text.push_str("]\n");
    }
    text
}

/// Writes a model's file: whole, or not at all.
pub fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = path.with_extension("toml.unfinished");
    fs::write(&unfinished, text)?;
    fs::rename(&unfinished, path)
}

/// A text as TOML writes it, which is how JSON does.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl ModelFile {
    /// Reads a model file and holds it against the comparisons of the rule book, given by their names and levels.
    pub fn parse(path: &Path, text: &str, comparisons: &[(String, Vec<String>)]) -> Result<Self> {
        let hint = "`onefold train` writes one that fits";
        let file: Self = toml::from_str(text).map_err(|error| {
            let fault = Fault::project(format!(
                "could not read the model: {}",
                error.message().replace('`', "\"")
            ));
            match error.span() {
                Some(span) => fault.at(Place::of_bytes(path, text, span)),
                None => fault.at(Place::file(path)),
            }
            .hint(hint)
        })?;
        let place = |needle: &str| match text.find(needle) {
            Some(at) => Place::of_bytes(path, text, at..at + needle.len()),
            None => Place::file(path),
        };
        // Other comparisons have such lines as well.
        let of_comparison = |comparison: &ComparisonFile, needle: &str| {
            let own = text.find(&format!("name = {:?}\n", comparison.name));
            let at = own.and_then(|own| Some(own + text[own..].find(needle)?));
            at.map_or(Place::file(path), |at| {
                Place::of_bytes(path, text, at..at + needle.len())
            })
        };
        let of_level = |comparison: &ComparisonFile, level: &LevelFile| {
            of_comparison(comparison, &format!("name = {:?}, m", level.name))
        };
        for (name, levels) in comparisons {
            let Some(found) = file
                .comparison
                .iter()
                .find(|comparison| comparison.name == *name)
            else {
                return Err(Fault::project(format!(
                    "the model has no comparison {name}, which the rule book has"
                ))
                .at(Place::file(path))
                .hint(hint));
            };
            let names: Vec<&String> = found.levels.iter().map(|level| &level.name).collect();
            if names != levels.iter().collect::<Vec<_>>() {
                return Err(Fault::project(format!(
                    "the levels of {name} in the model are not those of the rule book"
                ))
                .at(place(&format!("name = {name:?}")))
                .detail(format!("rule book: {}", levels.join(", ")))
                .hint(hint));
            }
        }
        if let Some(extra) = file
            .comparison
            .iter()
            .find(|comparison| comparisons.iter().all(|(name, _)| *name != comparison.name))
        {
            return Err(Fault::project(format!(
                "the rule book has no comparison {}, which the model has",
                extra.name
            ))
            .at(place(&format!("name = {:?}", extra.name)))
            .hint(hint));
        }
        let is_twice = |at: &usize| {
            let mut before = file.comparison[..*at].iter();
            before.any(|before| before.name == file.comparison[*at].name)
        };
        if let Some(at) = (0..file.comparison.len()).find(is_twice) {
            return Err(Fault::project(format!(
                "the model has the comparison {} twice",
                file.comparison[at].name
            ))
            .at(place(&format!("name = {:?}", file.comparison[at].name)))
            .hint("which of them is meant? Take one out"));
        }
        /// A record with more matches would be half the data.
        const MOST_MATCHES: f64 = 1e6;
        if !(file.matches_per_record > 0.0 && file.matches_per_record <= MOST_MATCHES) {
            return Err(
                Fault::project("matches_per_record is not above 0 and at most a million")
                    .at(place("matches_per_record"))
                    .hint(hint),
            );
        }
        let is_share = |share: f64| share > 0.0 && share <= 1.0;
        let is_wrong = |comparison: &&ComparisonFile| {
            let share = comparison.strangers_among_equal;
            share.is_some_and(|share| !is_share(share))
        };
        if let Some(comparison) = file.comparison.iter().find(is_wrong) {
            return Err(
                Fault::project("strangers_among_equal is not above 0 and at most 1")
                    .at(of_comparison(comparison, "strangers_among_equal ="))
                    .hint(hint),
            );
        }
        let of_comparisons = file.comparison.iter();
        let mut of_comparisons = of_comparisons.filter(|comparison| {
            let own = comparison.possible_pairs;
            own.is_some_and(|own| !is_share(own))
        });
        let no_share = match of_comparisons.next() {
            Some(comparison) => Some(of_comparison(comparison, "possible_pairs =")),
            None => (!is_share(file.possible_pairs)).then(|| place("possible_pairs =")),
        };
        if let Some(place) = no_share {
            return Err(
                Fault::project("possible_pairs is not above 0 and at most 1")
                    .at(place)
                    .hint(hint),
            );
        }
        for comparison in &file.comparison {
            let is_probability = |value: f64| value > 0.0 && value <= 1.0;
            if let Some(level) = comparison
                .levels
                .iter()
                .find(|level| !is_probability(level.m) || !is_probability(level.u))
            {
                return Err(Fault::project(format!(
                    "m and u of level {} of {} are not above 0 and at most 1",
                    level.name, comparison.name
                ))
                .at(of_level(comparison, level))
                .hint(hint));
            }
            let is_no_share = |level: &&LevelFile| !(0.0..=1.0).contains(&level.share);
            if let Some(level) = comparison.levels.iter().find(is_no_share) {
                return Err(Fault::project(format!(
                    "the share of level {} of {} is not from 0 to 1",
                    level.name, comparison.name
                ))
                .at(of_level(comparison, level))
                .hint(hint));
            }
        }
        Ok(file)
    }

    /// The model of a night: what the file says, with the chance of equal values of the night's own data.
    pub fn model(&self, prepared: &[Prepared], records: usize) -> Model {
        let matches = self.matches_per_record * records as f64;
        let prior = model::prior(matches, records, self.possible_pairs);
        let comparison = |prepared: &Prepared| {
            let found = self
                .comparison
                .iter()
                .find(|comparison| comparison.name == prepared.name);
            let levels = found.map_or(&[][..], |found| found.levels.as_slice());
            let mut trained = Trained::new(
                prepared.name.clone(),
                prepared.levels.clone(),
                levels.iter().map(|level| level.m).collect(),
                levels.iter().map(|level| level.u).collect(),
                found.is_some_and(|found| found.is_estimated),
            );
            let strangers = found.and_then(|found| found.strangers_among_equal);
            trained.strangers_among_equal = strangers.unwrap_or(1.0);
            let all = self.possible_pairs;
            let equal = found.and_then(|found| found.possible_pairs);
            trained.with_chance(prepared, prior, [all, equal.unwrap_or(all)])
        };
        Model {
            prior,
            possible: self.possible_pairs,
            comparisons: prepared.iter().map(comparison).collect(),
        }
    }

    /// The level whose share among the links differs most from when the model was trained, if it differs much.
    pub fn drift(&self, prepared: &[Prepared], shares: &[Vec<f64>]) -> Option<String> {
        /// Shares that differ by less say nothing.
        const MUCH: f64 = 0.1;
        let mut worst: Option<(f64, String)> = None;
        for (comparison, shares) in prepared.iter().zip(shares) {
            let found = self
                .comparison
                .iter()
                .find(|found| found.name == comparison.name)?;
            // A night without links shows no level, and says nothing of any.
            let (before, tonight) = (found.levels.iter(), shares.iter());
            if before.map(|level| level.share).sum::<f64>() == 0.0 || tonight.sum::<f64>() == 0.0 {
                continue;
            }
            for (level, share) in found.levels.iter().zip(shares) {
                let by = (level.share - share).abs();
                if found.is_estimated
                    && by > MUCH
                    && worst.as_ref().is_none_or(|(most, _)| by > *most)
                {
                    let told = format!(
                        "{} {} was {:.0} % of the links when it was trained, and is {:.0} % tonight",
                        found.name,
                        level.name,
                        level.share * 100.0,
                        share * 100.0
                    );
                    worst = Some((by, told));
                }
            }
        }
        worst.map(|(_, told)| told)
    }
}
