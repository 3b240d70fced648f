//! What the engine says of a query becomes a fault with the file, the line, the caret and a hint.

use std::path::Path;

use datafusion::common::{DataFusionError, Diagnostic, SchemaError};

use crate::fault::{Fault, Place, nearest};

/// A fault from an error of parsing or planning.
pub fn from_engine(what: &str, path: &Path, sql: &str, error: &DataFusionError) -> Box<Fault> {
    let root = error.find_root();
    let message = plain_message(root);
    let diagnostic = error.diagnostic();
    let said = diagnostic.map_or_else(|| message.clone(), |diagnostic| diagnostic.message.clone());
    let mut fault = Fault::project(format!("could not plan {what}: {}", tidy(&said)));
    if matches!(root, DataFusionError::SQL(_, _)) {
        fault.summary = format!(
            "could not read {what}: {}",
            tidy(&without_position(&message))
        );
    }
    match place(path, sql, diagnostic, &message) {
        Some(place) => fault = fault.at(place),
        None => fault = fault.at(Place::file(path)),
    }
    let is_template = ["{{", "{%", "{#"].iter().any(|mark| sql.contains(mark));
    if is_template && matches!(root, DataFusionError::SQL(_, _)) {
        return fault.hint(
            "there are no templates: a table is read by its name, from staging.records, and a value of the pipeline file is $name",
        );
    }
    fault.maybe_hint(hint(root, diagnostic))
}

/// An error's own words, without the engine's prefixes.
pub fn plain_message(error: &DataFusionError) -> String {
    let text = error.strip_backtrace();
    let mut text = text.as_str();
    for prefix in [
        "SQL error: ",
        "ParserError(\"",
        "Error during planning: ",
        "Schema error: ",
        "type_coercion\ncaused by\n",
        "Execution error: ",
        "This feature is not implemented: ",
        "External error: ",
        "Arrow error: ",
    ] {
        text = text.strip_prefix(prefix).unwrap_or(text);
    }
    let line = text
        .trim_end_matches("\")")
        .lines()
        .next()
        .unwrap_or_default();
    // What is wrong with it stands behind the expression, which may be a customer's value.
    if line.ends_with("regex parse error:") {
        let mut reasons = text.lines().filter_map(|line| line.strip_prefix("error: "));
        let reason = reasons.next_back().unwrap_or("it cannot be read");
        return format!(
            "a regular expression cannot be read: {}",
            reason.trim_end_matches("\")")
        );
    }
    if line.starts_with("Physical plan does not support logical expression") {
        return "the engine cannot run a subquery here: join the table, or let the condition stand in where".to_string();
    }
    // Of a function with its own check of arguments, what that says.
    if let Some((_, told)) = line.split_once("user-defined coercion failed with: ") {
        let told = told.strip_prefix("Error during planning: ").unwrap_or(told);
        let end = told.find(" No function matches").unwrap_or(told.len());
        return told[..end].trim_end_matches('.').to_string();
    }
    without_value(line)
        .or_else(|| no_such_signature(line))
        .unwrap_or_else(|| line.replace("'datafusion.", "'"))
}

/// A failed cast names the value, which may be a customer's: it is left out.
fn without_value(message: &str) -> Option<String> {
    for (before, after, told) in [
        (
            "Error parsing timestamp from '",
            "'",
            "Error parsing timestamp from a text",
        ),
        ("Cannot cast value '", "'", "Cannot cast a text"),
        ("type interval: \"", "\"", "type interval"),
    ] {
        if let Some((start, rest)) = message.split_once(before) {
            let (_, end) = rest.rsplit_once(after)?;
            return Some(format!("{start}{told}{end}"));
        }
    }
    let (before, rest) = message.split_once("Cannot cast string '")?;
    let (_, after) = rest.rsplit_once("' to value of ")?;
    Some(format!("{before}Cannot cast a text to value of {after}"))
}

/// Of a call with wrong types the engine lists every signature that did not fit; what was given says it shorter.
fn no_such_signature(message: &str) -> Option<String> {
    let (before, after) = message.split_once(" failed to match any signature")?;
    let function = before.rsplit('\'').nth(1)?;
    let given = after
        .split_once("but received ")?
        .1
        .split(" (DataType")
        .next()?;
    Some(format!("{function}() does not take {given}"))
}

fn place(path: &Path, sql: &str, diagnostic: Option<&Diagnostic>, message: &str) -> Option<Place> {
    if let Some(span) = diagnostic.and_then(|diagnostic| diagnostic.span) {
        let same_line = span.start.line == span.end.line;
        let length = if same_line {
            span.end.column.saturating_sub(span.start.column).max(1)
        } else {
            u64::MAX
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        return Some(Place::in_text(
            path,
            sql,
            span.start.line as usize,
            span.start.column as usize,
            length,
        ));
    }
    if let Some((_, position)) = message.rsplit_once(" at Line: ") {
        let mut numbers = position
            .split(", Column: ")
            .map(|number| number.trim().parse::<usize>());
        if let (Some(Ok(line)), Some(Ok(column))) = (numbers.next(), numbers.next()) {
            let found = message.split_once("found: ").map_or(1, |(_, found)| {
                found
                    .split(" at Line")
                    .next()
                    .unwrap_or("x")
                    .chars()
                    .count()
            });
            return Some(Place::in_text(path, sql, line, column, found));
        }
    }
    if message.contains("EOF") {
        let last = sql.trim_end().lines().count().max(1);
        let column = sql
            .trim_end()
            .lines()
            .last()
            .map_or(1, |line| line.chars().count() + 1);
        return Some(Place::in_text(path, sql, last, column, 1));
    }
    // Some errors name a function and have no span: its first call is the place.
    let word = message.split('\'').nth(1)?;
    let at = find_word(sql, word)?;
    Some(Place::of_bytes(path, sql, at..at + word.len()))
}

/// A word of the SQL outside comments.
pub fn find_word(sql: &str, word: &str) -> Option<usize> {
    let mut offset = 0;
    let lower = word.to_lowercase();
    for line in sql.split_inclusive('\n') {
        let code = line.split("--").next().unwrap_or(line);
        let folded = code.to_ascii_lowercase();
        for (at, _) in folded.match_indices(&lower) {
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            let before = code[..at].chars().next_back().is_some_and(is_part);
            let after = code[at + lower.len()..].chars().next().is_some_and(is_part);
            if !before && !after {
                return Some(offset + at);
            }
        }
        offset += line.len();
    }
    None
}

fn without_position(message: &str) -> String {
    message
        .split(" at Line: ")
        .next()
        .unwrap_or(message)
        .to_string()
}

/// Lower case at the start, no full stop at the end, one line.
fn tidy(message: &str) -> String {
    let message = message
        .split(". Did you mean")
        .next()
        .unwrap_or(message)
        .trim()
        .trim_end_matches('.');
    let message = message.split(".\nDid you mean").next().unwrap_or(message);
    let mut characters = message.chars();
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => message.to_string(),
    }
}

fn hint(root: &DataFusionError, diagnostic: Option<&Diagnostic>) -> Option<String> {
    if let DataFusionError::SchemaError(error, _) = root
        && let SchemaError::FieldNotFound {
            field,
            valid_fields,
        } = error.as_ref()
    {
        let same_table = |column: &&datafusion::common::Column| {
            field.relation.is_none() || column.relation == field.relation
        };
        let names: Vec<&str> = valid_fields
            .iter()
            .filter(same_table)
            .map(|column| column.name.as_str())
            .collect();
        return Some(match nearest(&field.name, names.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if names.is_empty() => "no table of the query has it".to_string(),
            None => {
                let shown: Vec<&str> = names.iter().take(20).copied().collect();
                format!(
                    "there is {}{}",
                    shown.join(", "),
                    if names.len() > 20 { ", ..." } else { "" }
                )
            }
        });
    }
    let helps = diagnostic.map(|diagnostic| {
        diagnostic
            .helps
            .iter()
            .map(|help| help.message.clone())
            .collect::<Vec<_>>()
    });
    let notes = diagnostic.map(|diagnostic| {
        diagnostic
            .notes
            .iter()
            .map(|note| note.message.clone())
            .collect::<Vec<_>>()
    });
    let said: Vec<String> = helps.into_iter().chain(notes).flatten().collect();
    if !said.is_empty() {
        let Some(offered) = said[0].strip_prefix("Possible function ") else {
            return Some(tidy(&said.join("; ")));
        };
        let meant = function_meant(&plain_message(root), offered.trim_matches('\''));
        return Some(match meant {
            Some(name) => format!("did you mean {name}?"),
            None => "onefold functions lists those that onefold adds".to_string(),
        });
    }
    let message = plain_message(root);
    message
        .split_once("Did you mean")
        .map(|(_, rest)| format!("did you mean{rest}"))
}

/// The function that is meant by one that is not there: what it is called here, or the nearest by its letters, which is offered.
fn function_meant<'a>(message: &str, offered: &'a str) -> Option<&'a str> {
    /// What others call some functions.
    const ELSEWHERE: &[(&str, &str)] = &[
        ("damerau_levenshtein", "levenshtein"),
        ("double_metaphone", "surname_sound"),
        ("edit_distance", "levenshtein"),
        ("editdist3", "levenshtein"),
        ("jaro", "jaro_winkler"),
        ("jaro_similarity", "jaro_winkler"),
        ("jaro_winkler_similarity", "jaro_winkler"),
        ("metaphone", "surname_sound"),
        ("nysiis", "surname_sound"),
        ("soundex", "surname_sound"),
    ];
    let asked = message.split('\'').nth(1)?.to_lowercase();
    let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == asked);
    match elsewhere {
        Some((_, name)) => Some(name),
        None => nearest(&asked, [offered]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_is_not_there_is_told_by_its_name_here() {
        let meant =
            |asked, offered| function_meant(&format!("Invalid function '{asked}'"), offered);
        assert_eq!(meant("soundex", "round"), Some("surname_sound"));
        assert_eq!(
            meant("normalise_phone", "normalize_phone"),
            Some("normalize_phone")
        );
        assert_eq!(meant("hash_of_everything", "sha512"), None);
    }

    #[test]
    fn a_regular_expression_is_told_by_what_is_wrong_with_it() {
        let text = "regex parse error:\n    (张伟\n    ^\nerror: unclosed group";
        let error = DataFusionError::Execution(text.to_string());
        let told = "a regular expression cannot be read: unclosed group";
        assert_eq!(plain_message(&error), told);
    }

    #[test]
    fn values_are_left_out_of_messages() {
        for (message, told) in [
            (
                "Cannot cast string '张伟' to value of Int32 type",
                "Cannot cast a text to value of Int32 type",
            ),
            (
                "Cannot cast value 'it's me' to value of Boolean type",
                "Cannot cast a text to value of Boolean type",
            ),
            (
                "Parser error: Error parsing timestamp from '张伟': error parsing date",
                "Parser error: Error parsing timestamp from a text: error parsing date",
            ),
            (
                "Invalid input syntax for type interval: \"张伟\"",
                "Invalid input syntax for type interval",
            ),
        ] {
            assert_eq!(without_value(message).as_deref(), Some(told));
        }
        assert_eq!(without_value("column 'customer' not found"), None);
    }
}
