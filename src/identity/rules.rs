//! The rule book: what is declared under `[identity]` in the pipeline file.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All rules, read like a book: what can never be one person, what certainly is, what is worth comparing, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleBook {
    /// The stage that has a row for every record of every source.
    #[serde(default = "default_records")]
    pub records: String,
    /// Its key: the record's id, unique over all sources.
    #[serde(default = "default_record_id")]
    pub record_id: String,
    /// The match probability from which a scored pair is a link.
    #[serde(default = "default_threshold")]
    pub threshold: f64,
    /// The match probability from which a pair is shown for review; 0.5, or the threshold where that is lower.
    pub review: Option<f64>,
    /// How many records one customer may have.
    #[serde(default = "default_max_cluster")]
    pub max_cluster: usize,
    /// The share of all true pairs that the certain rules find: the prior is estimated from it.
    #[serde(default = "default_certain_recall")]
    pub certain_recall: f64,
    /// The file of the trained model; beside the pipeline file where it is left out.
    pub model: Option<String>,
    /// A stage with the decisions of stewards: left_id, right_id, and decision, which is `always` or `never`.
    pub decisions: Option<String>,
    /// Lists that have no two records of one person: records with the same value of this column are never compared or joined.
    pub across: Option<String>,
    /// Which values are too widely shared to be evidence.
    pub guard: Option<Guard>,
    /// What two records of one person cannot have.
    #[serde(default)]
    pub never: Vec<Rule>,
    /// Rules that alone decide, subject to `never` and to the guard.
    #[serde(default)]
    pub certain: Vec<Rule>,
    /// Which pairs are worth comparing.
    #[serde(default)]
    pub blocking: Vec<Rule>,
    /// How a pair is compared.
    #[serde(default)]
    pub comparison: Vec<Comparison>,
    /// Which customers belong together without being one: households, organisations and their branches.
    #[serde(default)]
    pub group: Vec<Group>,
}

/// A kind of group of customers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name, which travels to the outputs: `household`.
    pub name: String,
    /// Two customers belong together where this holds for a record of each.
    pub condition: String,
    /// The group goes by the id of the customer that has a record of which this holds; the oldest customer where it is left out.
    pub head: Option<String>,
    /// A block with more records is set aside.
    #[serde(default = "default_max_block")]
    pub max_block: usize,
    /// How many customers a group may have.
    #[serde(default = "default_max_size")]
    pub max_size: usize,
}

impl RuleBook {
    /// The match probability from which a pair is shown for review.
    pub fn review(&self) -> f64 {
        self.review.unwrap_or(0.5).min(self.threshold)
    }

    /// Every condition over two records, with the words for it that a message has.
    pub fn conditions(&self) -> impl Iterator<Item = (String, &str)> {
        let lists = [
            ("never", &self.never),
            ("certain", &self.certain),
            ("blocking", &self.blocking),
        ];
        let rules = lists.into_iter().flat_map(|(list, rules)| {
            rules
                .iter()
                .map(move |rule| (rule_named(list, &rule.name), rule.condition.as_str()))
        });
        let groups = self.group.iter();
        let groups =
            groups.map(|group| (rule_named("group", &group.name), group.condition.as_str()));
        let levels = self.comparison.iter().flat_map(|comparison| {
            let named = |level: &Level| level_named(&level.name, &comparison.name);
            let levels = comparison.levels.iter();
            levels.map(move |level| (named(level), level.condition.as_str()))
        });
        rules.chain(groups).chain(levels)
    }
}

/// A rule of a list, as messages name it.
pub fn rule_named(list: &str, rule: &str) -> String {
    format!("the {list} rule {rule}")
}

/// A level of a comparison, as messages name it.
pub fn level_named(level: &str, comparison: &str) -> String {
    format!("the level {level} of {comparison}")
}

/// A named condition in SQL over the records `l` and `r`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, which travels to the outputs.
    pub name: String,
    /// The condition: `l.phone_key = r.phone_key`.
    pub condition: String,
    /// For certain and blocking rules: a block with more records is set aside and named.
    #[serde(default = "default_max_block")]
    pub max_block: usize,
}

/// Which values are too widely shared: a phone with twelve names on it is a switchboard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// The column whose distinct values are counted per identifier, a name's key.
    pub names: String,
    /// Identifier columns, and how many names each of their values may have.
    pub limits: BTreeMap<String, usize>,
}

/// How one field of a pair is compared: a list of levels, the strongest first.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Its name in the outputs.
    pub name: String,
    /// The column that a built-in comparison looks at.
    pub column: Option<String>,
    /// A built-in comparison.
    pub kind: Option<Kind>,
    /// Own levels, from the strongest down; what meets none is "else". One named "missing" is no evidence either way.
    #[serde(default)]
    pub levels: Vec<Level>,
    /// What `jaro_winkler` and `levenshtein` hold values against, the strictest first.
    #[serde(default)]
    pub thresholds: Vec<f64>,
    /// Equal values weigh more when they are rare.
    #[serde(default)]
    pub term_frequency: bool,
    /// No level is worth more than one that stands above it: where the data says so, both are worth what they are together.
    #[serde(default)]
    pub monotone: bool,
    /// Levels at which no score is enough: the pair is for review, and never a link by score.
    #[serde(default)]
    pub veto: Vec<String>,
}

/// Built-in comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The levels of `person_name_level`.
    PersonName,
    /// exact, else.
    Exact,
    /// exact, one digit off or two swapped, alike as far as neither is masked by stars, else.
    Digits,
    /// exact, the same name before the @, close, else.
    Email,
    /// exact, day and month swapped or one digit off, same year, else.
    Date,
    /// exact, Jaro-Winkler from 0.92, from 0.8, else.
    Text,
    /// exact, Jaro-Winkler from each of `thresholds` (0.92 and 0.8 by themselves), else.
    JaroWinkler,
    /// exact, at most so many slips as each of `thresholds` says (1 and 2 by themselves), else.
    Levenshtein,
    /// exact, the same house, the same road, slips in its words, the same district, else.
    Address,
    /// exact, the same but for legal form, spelling and order, one a part of the other, close, else.
    Organization,
    /// Lists: exact, a value in common, one slip between two values, else.
    Overlap,
}

/// A level of a comparison: a condition in SQL over `l` and `r`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Its name.
    pub name: String,
    /// The condition.
    pub condition: String,
    /// The column of which both records have the same value at this level; the rarer it is, the more the level weighs.
    pub term_frequency: Option<String>,
}

fn default_records() -> String {
    "staging.records".to_string()
}

fn default_record_id() -> String {
    "record_id".to_string()
}

fn default_threshold() -> f64 {
    0.7
}

fn default_max_cluster() -> usize {
    50
}

fn default_certain_recall() -> f64 {
    0.6
}

fn default_max_size() -> usize {
    20
}

fn default_max_block() -> usize {
    500
}
