//! One pair explained: which rules bring it, what every comparison finds, and what forbids it.

use datafusion::common::Result;
use serde::Serialize;

use super::matching::Matcher;
use super::model::{self, Model};
use super::records::{LIST_MARK, Records};

/// One pair, with all that speaks for and against it.
#[derive(Serialize)]
pub struct Explained {
    /// The certain rules, or the stewards, that make it a link, and the blocking rules that bring it.
    pub rules: Vec<String>,
    /// The blocking rules that would bring it, and set the block of its values aside.
    pub set_aside: Vec<String>,
    /// Whether a certain rule or a steward makes it a link.
    pub is_certain: bool,
    /// Whether both records are of one list, which has no person twice.
    pub is_of_one_list: bool,
    /// Its weight in bits, the prior included.
    pub weight: f64,
    /// What every comparison found.
    pub levels: Vec<ExplainedLevel>,
    /// Whether a level forbids a link by score.
    pub is_vetoed: bool,
    /// The never rules, or the stewards, that hold the two apart.
    pub forbidden_by: Vec<Forbidding>,
}

/// What holds two records apart.
#[derive(Serialize)]
pub struct Forbidding {
    /// The never rule, or `steward`.
    pub rule: String,
    /// What the rule looks at.
    pub columns: Vec<Both>,
}

impl Forbidding {
    /// The rule, and both values of what it looks at: `two_cards (card: 1101 | 4405)`.
    pub fn text(&self) -> String {
        let named = |both: &Both| {
            format!(
                "{}: {}",
                both.column,
                side_by_side(std::slice::from_ref(both))
            )
        };
        let columns: Vec<String> = self.columns.iter().map(named).collect();
        match columns.is_empty() {
            true => self.rule.clone(),
            false => format!("{} ({})", self.rule, columns.join(", ")),
        }
    }
}

/// What a comparison found for a pair.
#[derive(Serialize)]
pub struct ExplainedLevel {
    /// The comparison.
    pub comparison: String,
    /// Its level; none where it is missing.
    pub level: Option<String>,
    /// What that adds, in bits.
    pub bits: f64,
    /// The columns that it looks at.
    pub columns: Vec<Both>,
}

/// Both records' values of a column.
#[derive(Serialize)]
pub struct Both {
    /// The column.
    pub column: String,
    /// The values, in the order of the records.
    pub values: [Value; 2],
}

/// A record's value, as why shows it.
#[derive(Serialize)]
pub struct Value {
    /// The text, of a list `one;other`; none where it is null.
    pub text: Option<String>,
    /// Whether the guard took it out.
    pub is_taken_out: bool,
}

impl Explained {
    /// The same with the right record on the left.
    pub fn turn(&mut self) {
        let columns = self.levels.iter_mut().flat_map(|level| &mut level.columns);
        let forbidding = self.forbidden_by.iter_mut();
        let columns = columns.chain(forbidding.flat_map(|rule| &mut rule.columns));
        columns.for_each(|both| both.values.reverse());
    }
}

/// Both values of each column that a comparison looks at: `王伟 | 王玮`; with the columns' names where they are several.
pub fn side_by_side(columns: &[Both]) -> String {
    let text = |value: &Value| {
        let text = value.text.as_deref().unwrap_or("-");
        match value.is_taken_out {
            true => format!("{text} (taken out by the guard)"),
            false => text.to_string(),
        }
    };
    let both = |Both { column, values }: &Both| {
        let [left, right] = values;
        let both = format!("{} | {}", text(left), text(right));
        match columns.len() {
            1 => both,
            _ => format!("{column}: {both}"),
        }
    };
    columns.iter().map(both).collect::<Vec<_>>().join(", ")
}

/// Both values of some columns, of two records. `raw` are the records before the guard took values out of them.
pub fn values_of(
    columns: &[String],
    raw: &Records,
    matched: &Records,
    left: u32,
    right: u32,
) -> Result<Vec<Both>> {
    let value = |column: &str, record: u32| -> Result<Value> {
        let text = raw.text(column, record)?;
        let is_taken_out = text.is_some() && matched.text(column, record)?.is_none();
        let text = text.map(|text| text.replace(LIST_MARK, ";"));
        Ok(Value { text, is_taken_out })
    };
    let both = columns.iter().map(|column| {
        Ok(Both {
            column: column.clone(),
            values: [value(column, left)?, value(column, right)?],
        })
    });
    both.collect()
}

/// Explains any pair, whether or not a rule brings it. `raw` are the records before the guard took values out of them.
pub fn explain(
    matcher: &Matcher,
    raw: &Records,
    model: &Model,
    left: u32,
    right: u32,
) -> Result<Explained> {
    let pattern = model::patterns(&matcher.prepared, &matcher.records, &[left], &[right])?[0];
    let certain = matcher.certain_rule(left, right);
    let blocking = matcher.blocking.iter();
    let blocking = blocking.filter(|rule| rule.brings(left, right));
    let blocking = blocking.map(|rule| rule.rule.clone());
    let level = |(at, trained): (usize, &model::Trained)| -> Result<ExplainedLevel> {
        let columns = &matcher.prepared[at].columns;
        let level = model::level_in(pattern, at);
        let bits = |level| model.addition(&matcher.prepared, at, level, [left, right]);
        Ok(ExplainedLevel {
            comparison: trained.name.clone(),
            level: level.map(|level| trained.levels[level].clone()),
            bits: level.map_or(0.0, bits),
            columns: values_of(columns, raw, &matcher.records, left, right)?,
        })
    };
    Ok(Explained {
        is_certain: certain.is_some(),
        is_of_one_list: matcher.are_of_one_list(left, right),
        set_aside: matcher.set_aside_by(left, right)?,
        rules: certain.into_iter().chain(blocking).collect(),
        weight: model.weight(&matcher.prepared, pattern, left, right),
        levels: model
            .comparisons
            .iter()
            .enumerate()
            .map(level)
            .collect::<Result<_>>()?,
        is_vetoed: matcher.is_vetoed(pattern),
        forbidden_by: matcher
            .forbidden_by(left, right)?
            .into_iter()
            .map(|(rule, columns)| {
                let columns = values_of(columns, raw, &matcher.records, left, right)?;
                Ok(Forbidding { rule, columns })
            })
            .collect::<Result<_>>()?,
    })
}
