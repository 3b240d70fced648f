//! The comments of a stage: a leading one with prose and `@` annotations, and one behind each output column with its
//! description and its checks. The vocabulary is closed: an unknown word is a fault.

use std::path::Path;

use crate::fault::{Fault, Place, Result, nearest};

/// What a stage's leading comment says.
#[derive(Debug, Clone, Default)]
pub struct Annotations {
    /// The prose.
    pub description: String,
    /// `@key a, b`: unique and not null together.
    pub key: Vec<String>,
    /// Checks of the whole table.
    pub checks: Vec<Check>,
    /// `@tags nightly, finance`.
    pub tags: Vec<String>,
    /// `@owner`.
    pub owner: Option<String>,
    /// `@materialized parquet` or `view`.
    pub materialized: Option<String>,
    /// `@warn`: in `sql/checks`, rows are a warning and no error.
    pub is_warning: bool,
    /// `@label zh 客户`.
    pub labels: Vec<(String, String)>,
    /// The line of `@key`, for its faults.
    pub key_line: usize,
}

/// What the comment behind a column says.
#[derive(Debug, Clone)]
pub struct ColumnComment {
    /// The column.
    pub column: String,
    /// Its description.
    pub description: String,
    /// Its checks.
    pub checks: Vec<Check>,
    /// `@label zh 客户编号`.
    pub labels: Vec<(String, String)>,
}

/// A check of a table or a column.
#[derive(Debug, Clone)]
pub struct Check {
    /// What must hold.
    pub rule: Rule,
    /// A failure is reported and does not stop the night.
    pub is_warning: bool,
    /// Where it is written, from 1.
    pub line: usize,
    /// The column of its `@` sign, from 1.
    pub at: usize,
    /// Its text, as it is written.
    pub text: String,
}

/// What must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// An expression over the whole table, `row_count >= 1`, or over every row.
    Expression(String),
    /// No null.
    NotNull,
    /// No value twice; nulls aside.
    Unique,
    /// One of some literals.
    In(String),
    /// `a..b`, both ends included.
    Range(String, String),
    /// A regular expression.
    Matches(String),
    /// A value of another table's column; nulls aside.
    References(String, String),
}

const HEADER_WORDS: &[&str] = &[
    "key",
    "check",
    "tags",
    "owner",
    "materialized",
    "label",
    "warn",
];
const COLUMN_WORDS: &[&str] = &[
    "not_null",
    "unique",
    "in",
    "range",
    "matches",
    "references",
    "check",
    "label",
];

/// Reads the leading comment.
pub fn header(path: &Path, sql: &str) -> Result<Annotations> {
    let mut found = Annotations::default();
    for (index, line) in sql.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        let Some(text) = trimmed.strip_prefix("--") else {
            break;
        };
        let text = text.trim();
        let Some(annotation) = text.strip_prefix('@') else {
            if !text.is_empty() {
                found.description.push_str(if found.description.is_empty() {
                    ""
                } else {
                    " "
                });
                found.description.push_str(text);
            }
            continue;
        };
        let (word, rest) = annotation
            .split_once(char::is_whitespace)
            .unwrap_or((annotation, ""));
        let rest = rest.trim();
        let at = line
            .find('@')
            .map_or(1, |at| line[..at].chars().count() + 1);
        let list = || {
            rest.split(',')
                .map(|item| item.trim().to_string())
                .filter(|item| !item.is_empty())
                .collect::<Vec<_>>()
        };
        let place = || Place::in_text(path, sql, index + 1, at, annotation.chars().count() + 1);
        match word {
            "key" if rest.is_empty() => {
                return Err(Fault::project("@key names no column")
                    .at(place())
                    .hint("write @key customer_id"));
            }
            "key" => {
                found.key = list();
                found.key_line = index + 1;
            }
            "check" => {
                let (expression, is_warning) = split_warn(rest);
                found.checks.push(Check {
                    rule: Rule::Expression(expression.to_string()),
                    is_warning,
                    line: index + 1,
                    at,
                    text: text.to_string(),
                });
            }
            "tags" => found.tags = list(),
            "owner" => found.owner = Some(rest.to_string()),
            "materialized" if matches!(rest, "parquet" | "view") => {
                found.materialized = Some(rest.to_string())
            }
            "materialized" => {
                return Err(Fault::project(format!(
                    "a stage cannot be materialized as \"{rest}\""
                ))
                .at(place())
                .hint("write parquet or view"));
            }
            "label" => found.labels.extend(label(rest)),
            "warn" => found.is_warning = true,
            _ => return Err(unknown(path, sql, index + 1, at, word, HEADER_WORDS)),
        }
    }
    Ok(found)
}

/// Reads the comments behind columns: those on a line where an item of a select ends, of which `items` has the lines and the names.
/// A column described twice keeps the later comment: that of the final select.
pub fn columns(path: &Path, sql: &str, items: &[(usize, String)]) -> Result<Vec<ColumnComment>> {
    let mut found: Vec<ColumnComment> = Vec::new();
    for (index, line) in sql.lines().enumerate() {
        let Some((code, comment)) = split_comment(line) else {
            continue;
        };
        let comment_column = line[..line.len() - comment.len()].chars().count() + 1;
        let of_column = output_name(code).filter(|name| {
            let mut items = items.iter();
            items.any(|(line, item)| *line == index + 1 && item == name)
        });
        let column = of_column.clone().unwrap_or_default();
        let parsed = column_comment(path, sql, index + 1, comment_column, &column, comment);
        if of_column.is_some() {
            let parsed = parsed?;
            found.retain(|earlier| earlier.column != parsed.column);
            found.push(parsed);
            continue;
        }
        // Prose that is behind no column may have an @ in it; a word that is meant as a check may not.
        let checks = match parsed {
            Ok(parsed) => parsed.checks,
            Err(fault) if is_far_from_all(&fault) => continue,
            Err(fault) => return Err(fault),
        };
        if let Some(check) = checks.first() {
            let length = check.text.chars().count();
            return Err(Fault::project(format!("{} is behind no column", check.text))
                .at(Place::in_text(path, sql, index + 1, check.at, length))
                .hint("a check of a column is written on the line where the column ends in the select: its name, a comma, the comment"));
        }
    }
    Ok(found)
}

/// Whether the word that is unknown is like none that is known.
fn is_far_from_all(fault: &Fault) -> bool {
    let is_unknown = fault.summary.starts_with(UNKNOWN);
    let hint = fault.hint.as_deref().unwrap_or_default();
    is_unknown && !hint.starts_with("did you mean")
}

/// The code and the comment of a line that has both.
fn split_comment(line: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    let bytes = line.as_bytes();
    for at in 0..bytes.len() {
        match bytes[at] {
            mark @ (b'\'' | b'"') => {
                quote = match quote {
                    None => Some(mark),
                    Some(open) if open == mark => None,
                    open => open,
                }
            }
            b'-' if quote.is_none() && bytes.get(at + 1) == Some(&b'-') => {
                let code = line[..at].trim();
                return (!code.is_empty()).then_some((code, &line[at + 2..]));
            }
            _ => {}
        }
    }
    None
}

/// The name under which a select item on a line goes out: its last identifier.
fn output_name(code: &str) -> Option<String> {
    let code = code.trim().trim_end_matches(',').trim_end();
    if let Some(quoted) = code.strip_suffix('"') {
        return quoted.rsplit('"').next().map(String::from);
    }
    let start = code
        .rfind(|c: char| !(c.is_alphanumeric() || c == '_'))
        .map_or(0, |at| {
            at + code[at..].chars().next().map_or(1, char::len_utf8)
        });
    let name = &code[start..];
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        .then(|| name.to_lowercase())
}

fn column_comment(
    path: &Path,
    sql: &str,
    line: usize,
    from: usize,
    column: &str,
    comment: &str,
) -> Result<ColumnComment> {
    let mut parsed = ColumnComment {
        column: column.to_string(),
        description: String::new(),
        checks: Vec::new(),
        labels: Vec::new(),
    };
    let mut rest = comment;
    let mut is_first = true;
    while !rest.is_empty() {
        let end = next_annotation(rest, usize::from(!is_first));
        let (piece, tail) = rest.split_at(end);
        if is_first {
            parsed.description = piece.trim().to_string();
        } else {
            let at = from + comment[..comment.len() - rest.len()].chars().count();
            let body = piece[1..].trim();
            let word_end = body
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(body.len());
            let (word, arguments) = (&body[..word_end], body[word_end..].trim());
            if word == "label" {
                parsed.labels.extend(label(arguments));
            } else {
                let (arguments, is_warning) = split_warn(arguments);
                let rule =
                    rule(word, arguments).ok_or_else(|| match COLUMN_WORDS.contains(&word) {
                        true => Fault::project(format!("@{word} is not written like that"))
                            .at(Place::in_text(
                                path,
                                sql,
                                line,
                                at,
                                piece.trim_end().chars().count(),
                            ))
                            .hint(usage(word)),
                        false => unknown(path, sql, line, at, word, COLUMN_WORDS),
                    })?;
                parsed.checks.push(Check {
                    rule,
                    is_warning,
                    line,
                    at,
                    text: piece.trim().to_string(),
                });
            }
        }
        is_first = false;
        rest = tail;
    }
    Ok(parsed)
}

/// Where the next annotation starts: an `@` behind a blank, outside quotes.
fn next_annotation(text: &str, skip: usize) -> usize {
    let mut in_quotes = false;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        if character == '\'' {
            in_quotes = !in_quotes;
        }
        let starts_word =
            text[at + character.len_utf8()..].starts_with(|c: char| c.is_ascii_alphabetic());
        let is_apart = before.is_whitespace() || "，。；、：）".contains(before);
        if character == '@' && !in_quotes && is_apart && at >= skip && starts_word {
            return at;
        }
        before = character;
    }
    text.len()
}

fn rule(word: &str, arguments: &str) -> Option<Rule> {
    let bracketed = || {
        arguments
            .strip_prefix('(')
            .and_then(|inner| inner.strip_suffix(')'))
            .map(|inner| inner.trim().to_string())
    };
    match word {
        "not_null" if arguments.is_empty() => Some(Rule::NotNull),
        "unique" if arguments.is_empty() => Some(Rule::Unique),
        "in" => bracketed().filter(|list| !list.is_empty()).map(Rule::In),
        "range" => {
            let (low, high) = arguments.split_once("..")?;
            Some(Rule::Range(low.trim().to_string(), high.trim().to_string()))
        }
        "matches" => {
            let pattern = arguments.strip_prefix('\'')?.strip_suffix('\'')?;
            Some(Rule::Matches(pattern.to_string()))
        }
        "references" => {
            let (table, column) = arguments.split_once('(')?;
            Some(Rule::References(
                table.trim().to_string(),
                column.trim().strip_suffix(')')?.trim().to_string(),
            ))
        }
        "check" if !arguments.is_empty() => Some(Rule::Expression(arguments.to_string())),
        _ => None,
    }
}

fn usage(word: &str) -> &'static str {
    match word {
        "in" => "write @in ('new', 'old')",
        "range" => "write @range 0..10",
        "matches" => "write @matches '^[a-z]+$'",
        "references" => "write @references master.customers(customer_id)",
        "check" => "write @check amount >= 0",
        _ => "write it without arguments, or with warn behind it",
    }
}

fn split_warn(text: &str) -> (&str, bool) {
    match text
        .strip_suffix("warn")
        .filter(|rest| rest.is_empty() || rest.ends_with([' ', ')', '\'']))
    {
        Some(rest) => (rest.trim(), true),
        None => (text, false),
    }
}

fn label(text: &str) -> Option<(String, String)> {
    let (language, label) = text.split_once(char::is_whitespace)?;
    Some((language.to_string(), label.trim().to_string()))
}

/// How the summary of a word that is not known begins.
const UNKNOWN: &str = "unknown annotation";

fn unknown(
    path: &Path,
    sql: &str,
    line: usize,
    at: usize,
    word: &str,
    known: &[&str],
) -> Box<Fault> {
    Fault::project(format!("{UNKNOWN} @{word}"))
        .at(Place::in_text(
            path,
            sql,
            line,
            at,
            word.chars().count() + 1,
        ))
        .hint(match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean @{near}?"),
            None => format!("known here: @{}", known.join(", @")),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_comment_has_a_description_and_checks() {
        let sql = "select\n    a.paid as amount, -- what was paid  @not_null warn @range 0..100 @in (1, 2)\n    b -- plain @ sign\nfrom x\njoin y on x.id = y.b -- of which\nwhere a > b -- @john asked for it";
        let items = [(2, "amount".to_string()), (3, "b".to_string())];
        let found = columns(Path::new("x.sql"), sql, &items).unwrap();
        assert_eq!(found[0].column, "amount");
        assert_eq!(found[0].description, "what was paid");
        assert_eq!(found[0].checks[0].rule, Rule::NotNull);
        assert!(found[0].checks[0].is_warning);
        assert_eq!(
            found[0].checks[1].rule,
            Rule::Range("0".into(), "100".into())
        );
        assert_eq!(found[0].checks[2].rule, Rule::In("1, 2".into()));
        assert_eq!(found[1].description, "plain @ sign");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_check_behind_no_column_is_a_fault() {
        let sql = "select\n    a as b -- what it is\nfrom x -- @unique\n";
        let items = [(2, "b".to_string())];
        let fault = columns(Path::new("x.sql"), sql, &items).unwrap_err();
        assert_eq!(fault.summary, "@unique is behind no column");
        assert_eq!(fault.place.unwrap().line, 3);
    }

    #[test]
    fn a_misspelt_annotation_is_a_fault_with_a_suggestion() {
        let fault = header(Path::new("x.sql"), "-- prose\n-- @keys id\nselect 1").unwrap_err();
        assert_eq!(fault.hint.as_deref(), Some("did you mean @key?"));
        assert_eq!(fault.place.unwrap().line, 2);
    }
}
