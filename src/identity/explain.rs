//! One pair explained: which rules bring it, what every comparison finds, and what forbids it.

use datafusion::common::Result;

use super::matching::Matcher;
use super::model::{self, Model};
use super::records::{LIST_MARK, Records};

/// One pair, with all that speaks for and against it.
pub struct Explained {
    /// The certain rules, or the stewards, that make it a link, and the blocking rules that bring it.
    pub rules: Vec<String>,
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
    pub forbidden_by: Vec<String>,
}

/// What a comparison found for a pair.
pub struct ExplainedLevel {
    /// The comparison.
    pub comparison: String,
    /// Its level, and what that adds in bits; none where it is missing.
    pub level: Option<(String, f64)>,
    /// The columns that it looks at, with both values.
    pub values: Vec<(String, [Value; 2])>,
}

/// A record's value, as why shows it.
pub struct Value {
    /// The text; none where it is null.
    pub text: Option<String>,
    /// Whether the guard took it out.
    pub is_taken_out: bool,
}

/// Both values of each column that a comparison looks at: `王伟 | 王玮`; with the columns' names where they are several.
pub fn side_by_side(columns: &[(String, [Value; 2])]) -> String {
    let text = |value: &Value| {
        let text = value.text.as_deref().unwrap_or("-");
        let text = text.replace(LIST_MARK, ";");
        match value.is_taken_out {
            true => format!("{text} (taken out by the guard)"),
            false => text,
        }
    };
    let both = |(column, [left, right]): &(String, [Value; 2])| {
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
) -> Result<Vec<(String, [Value; 2])>> {
    let value = |column: &str, record: u32| -> Result<Value> {
        let text = raw.text(column, record)?;
        let is_taken_out = text.is_some() && matched.text(column, record)?.is_none();
        Ok(Value { text, is_taken_out })
    };
    let both = columns.iter().map(|column| {
        let both = [value(column, left)?, value(column, right)?];
        Ok((column.clone(), both))
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
        let level = model::level_in(pattern, at).map(|level| {
            let bits = model.addition(&matcher.prepared, at, level, [left, right]);
            (trained.levels[level].clone(), bits)
        });
        Ok(ExplainedLevel {
            comparison: trained.name.clone(),
            level,
            values: values_of(columns, raw, &matcher.records, left, right)?,
        })
    };
    Ok(Explained {
        is_certain: certain.is_some(),
        is_of_one_list: matcher.are_of_one_list(left, right),
        rules: certain.into_iter().chain(blocking).collect(),
        weight: model.weight(&matcher.prepared, pattern, left, right),
        levels: model
            .comparisons
            .iter()
            .enumerate()
            .map(level)
            .collect::<Result<_>>()?,
        is_vetoed: matcher.is_vetoed(pattern),
        forbidden_by: matcher.forbidden_by(left, right)?,
    })
}
