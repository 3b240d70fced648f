//! Web access logs: the combined format with an optional cookie behind it, or any `log_format` of nginx.
//!
//! `203.0.113.9 - - [07/Jun/2026:09:05:00 +0800] "GET /p/12 HTTP/1.1" 200 512 "-" "Mozilla/5.0 …" "uid=ab12"`

use std::borrow::Cow;

use chrono::DateTime;

use crate::functions::ip_address::client_address;
use crate::functions::user_agent;
use crate::pipeline::file::ColumnType;

/// What a combined log has, and a cookie where one stands behind it.
const COMBINED: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#;

/// Variables of nginx whose columns have names and types of their own; the others are text under their own name.
const VARIABLES: &[(&str, &str, ColumnType)] = {
    use ColumnType::{Integer, Number, Text, Timestamp};
    &[
        ("remote_addr", "remote_address", Text),
        ("remote_user", "remote_user", Text),
        ("time_local", "received_at", Timestamp),
        ("time_iso8601", "received_at", Timestamp),
        ("msec", "received_at", Timestamp),
        ("status", "status", Integer),
        ("body_bytes_sent", "bytes", Integer),
        ("bytes_sent", "bytes_sent", Integer),
        ("request_length", "request_bytes", Integer),
        ("http_referer", "referrer", Text),
        ("http_user_agent", "user_agent", Text),
        ("http_cookie", "cookie", Text),
        ("http_x_forwarded_for", "forwarded_for", Text),
        ("request_time", "request_seconds", Number),
        ("upstream_response_time", "upstream_seconds", Text),
        ("request_method", "method", Text),
        ("request_uri", "path", Text),
    ]
};

/// How the lines of a log are taken apart.
#[derive(Debug, Clone)]
pub struct Format {
    parts: Vec<Part>,
    /// The columns, with their types.
    pub columns: Vec<(String, ColumnType)>,
    has_tail_cookie: bool,
    request: Option<usize>,
    address: Option<usize>,
    forwarded: Option<usize>,
    agent: Option<usize>,
}

#[derive(Debug, Clone)]
enum Part {
    /// Text that stands in every line.
    Literal(String),
    /// A variable, and the column it fills.
    Variable(String, usize),
}

impl Default for Format {
    fn default() -> Self {
        let mut format = Self::parse(COMBINED).expect("the combined format is well formed");
        format.has_tail_cookie = true;
        format.columns.insert(
            format.columns.len() - DERIVED.len(),
            ("cookie".to_string(), ColumnType::Text),
        );
        format
    }
}

/// Columns that are made of others: who asked, behind proxies, and by which kind of program.
const DERIVED: &[&str] = &["client_address", "agent_kind", "is_bot"];

impl Format {
    /// Reads a `log_format` as it stands in nginx's configuration, its name, quotes and semicolon left out or not.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = without_configuration(text);
        let mut format = Self {
            parts: Vec::new(),
            columns: Vec::new(),
            has_tail_cookie: false,
            request: None,
            address: None,
            forwarded: None,
            agent: None,
        };
        let mut literal = String::new();
        let mut rest = text.as_str();
        while let Some(dollar) = rest.find('$') {
            literal.push_str(&rest[..dollar]);
            rest = &rest[dollar + 1..];
            let is_braced = rest.starts_with('{');
            let name: String = rest
                .trim_start_matches('{')
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            if name.is_empty() {
                return Err("a $ without the name of a variable behind it".to_string());
            }
            rest = &rest[name.len() + 2 * usize::from(is_braced)..];
            if DERIVED.contains(&name.as_str()) {
                return Err(format!(
                    "${name} would have the name of a column that every log gets"
                ));
            }
            if literal.is_empty() && matches!(format.parts.last(), Some(Part::Variable(..))) {
                return Err(format!(
                    "nothing stands between ${name} and the variable before it"
                ));
            }
            if !literal.is_empty() {
                format
                    .parts
                    .push(Part::Literal(std::mem::take(&mut literal)));
            }
            format.add(name);
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            format.parts.push(Part::Literal(literal));
        }
        if !format
            .columns
            .iter()
            .any(|(_, kind)| *kind == ColumnType::Timestamp)
        {
            return Err("it has none of $time_local, $time_iso8601 and $msec".to_string());
        }
        format
            .columns
            .push((DERIVED[0].to_string(), ColumnType::Text));
        format
            .columns
            .push((DERIVED[1].to_string(), ColumnType::Text));
        format
            .columns
            .push((DERIVED[2].to_string(), ColumnType::Boolean));
        Ok(format)
    }

    fn add(&mut self, variable: String) {
        if variable == "request" {
            self.request = Some(self.columns.len());
            self.parts
                .push(Part::Variable(variable, self.columns.len()));
            self.columns.push(("method".to_string(), ColumnType::Text));
            self.columns.push(("path".to_string(), ColumnType::Text));
            return;
        }
        let known = VARIABLES.iter().find(|(name, ..)| *name == variable);
        let (name, kind) = known
            .map_or((variable.as_str(), ColumnType::Text), |(_, name, kind)| {
                (*name, *kind)
            });
        let name = match self.columns.iter().any(|(taken, _)| taken == name) {
            true => variable.clone(),
            false => name.to_string(),
        };
        let at = self.columns.len();
        match variable.as_str() {
            "remote_addr" => self.address = Some(at),
            "http_x_forwarded_for" => self.forwarded = Some(at),
            "http_user_agent" => self.agent = Some(at),
            _ => {}
        }
        self.columns.push((name, kind));
        self.parts.push(Part::Variable(variable, at));
    }

    /// Takes a line apart into the columns; an error is the column that could not be read.
    pub fn cells<'l>(&self, line: &'l str) -> Result<Vec<Option<Cow<'l, str>>>, &str> {
        let mut cells: Vec<Option<Cow<str>>> = vec![None; self.columns.len()];
        let mut rest = line;
        let mut open: Option<(&str, usize)> = None;
        for (number, part) in self.parts.iter().enumerate() {
            match part {
                Part::Variable(variable, column) => open = Some((variable, *column)),
                Part::Literal(literal) => {
                    let end = match &open {
                        Some((_, column)) => {
                            find(rest, literal).ok_or_else(|| self.name(*column))?
                        }
                        None if rest.starts_with(literal.as_str()) => 0,
                        None => return Err(self.name(0)),
                    };
                    // Quotes in front of the first variable and behind the last one are literals like any other.
                    if let Some((variable, column)) = open.take() {
                        self.fill(&mut cells, variable, column, &rest[..end])?;
                    }
                    rest = &rest[end + literal.len()..];
                    if number + 1 == self.parts.len() {
                        break;
                    }
                }
            }
        }
        if let Some((variable, column)) = open {
            self.fill(&mut cells, variable, column, std::mem::take(&mut rest))?;
        }
        let first_derived = self.columns.len() - DERIVED.len();
        if self.has_tail_cookie {
            cells[first_derived - 1] = quoted(rest.trim_start());
        } else if !rest.trim().is_empty() {
            return Err(self.name(first_derived - 1));
        }
        let text = |at: Option<usize>| at.and_then(|at| cells[at].as_deref());
        let client = client_address(text(self.forwarded), text(self.address));
        let kind = text(self.agent).and_then(user_agent::kind);
        // Who does not say what it is, is a program.
        let is_silent = self.agent.is_some() && text(self.agent).is_none();
        let is_bot = is_silent || kind == Some("bot");
        cells[first_derived] = client.map(Cow::Owned);
        cells[first_derived + 1] = kind.map(Cow::Borrowed);
        cells[first_derived + 2] = Some(Cow::Borrowed(if is_bot { "true" } else { "false" }));
        Ok(cells)
    }

    fn name(&self, column: usize) -> &str {
        &self.columns[column].0
    }

    fn fill<'l>(
        &self,
        cells: &mut [Option<Cow<'l, str>>],
        variable: &str,
        column: usize,
        text: &'l str,
    ) -> Result<(), &str> {
        let text = unescape(text);
        if text.is_empty() || text == "-" {
            return match self.columns[column].1 {
                ColumnType::Timestamp => Err(self.name(column)),
                _ => Ok(()),
            };
        }
        match variable {
            "time_local" => {
                let moment = DateTime::parse_from_str(&text, "%d/%b/%Y:%H:%M:%S %z")
                    .map_err(|_| self.name(column))?;
                cells[column] = Some(Cow::Owned(moment.to_rfc3339()));
            }
            "msec" => {
                let seconds: f64 = text.parse().map_err(|_| self.name(column))?;
                let moment = DateTime::from_timestamp_micros((seconds * 1e6).round() as i64)
                    .ok_or_else(|| self.name(column))?;
                cells[column] = Some(Cow::Owned(moment.to_rfc3339()));
            }
            "request" => {
                let mut words = text
                    .split(' ')
                    .map(|word| Some(Cow::Owned(word.to_string())));
                cells[column] = words.next().flatten();
                cells[column + 1] = Some(
                    words
                        .next()
                        .flatten()
                        .ok_or_else(|| self.name(column + 1))?,
                );
            }
            "remote_addr" if text.contains(' ') => return Err(self.name(column)),
            "status" if text.len() != 3 => return Err(self.name(column)),
            _ => cells[column] = Some(text),
        }
        Ok(())
    }
}

/// `log_format main '…' '…';` as it stands in a configuration becomes the format alone.
fn without_configuration(text: &str) -> String {
    let trimmed = text.trim().trim_end_matches(';').trim_end();
    let Some(definition) = trimmed.strip_prefix("log_format") else {
        return trimmed.to_string();
    };
    let Some(start) = definition.find('\'') else {
        return definition.trim().to_string();
    };
    // Strings that stand behind each other are one.
    definition[start..].split('\'').skip(1).step_by(2).collect()
}

/// Where a literal stands first, escaped quotes passed over.
fn find(text: &str, literal: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find(literal)?;
        let escapes = text[..at]
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\')
            .count();
        if !literal.starts_with('"') || escapes % 2 == 0 {
            return Some(at);
        }
        from = at + 1;
    }
}

/// `\"` and `\x22`, as servers write what would end a field.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let hexadecimal = rest
            .strip_prefix(b"x")
            .and_then(|digits| digits.get(..2))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (hexadecimal, rest.first()) {
            (Some(byte), _) => {
                bytes.push(byte);
                rest = &rest[3..];
            }
            (None, Some(escaped)) => {
                bytes.push(*escaped);
                rest = &rest[1..];
            }
            (None, None) => {}
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// A quoted text at the start.
fn quoted(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.strip_prefix('"')?;
    let text = unescape(&inner[..find(inner, "\"")?]);
    (!text.is_empty() && text != "-").then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &Format, line: &str) -> Vec<String> {
        let cells = format.cells(line).unwrap();
        let named = format.columns.iter().zip(cells);
        named
            .filter_map(|((name, _), cell)| cell.map(|cell| format!("{name}={cell}")))
            .collect()
    }

    #[test]
    fn a_combined_line_has_its_columns_and_perhaps_a_cookie() {
        let line = r#"203.0.113.9 - ann [07/Jun/2026:09:05:00 +0800] "GET /p?q=a HTTP/1.1" 200 - "-" "Mozilla/5.0 (X; \"Y\") Windows" "uid=ab""#;
        assert_eq!(
            read(&Format::default(), line),
            [
                "remote_address=203.0.113.9",
                "remote_user=ann",
                "received_at=2026-06-07T09:05:00+08:00",
                "method=GET",
                "path=/p?q=a",
                "status=200",
                "user_agent=Mozilla/5.0 (X; \"Y\") Windows",
                "cookie=uid=ab",
                "client_address=203.0.113.9",
                "agent_kind=desktop",
                "is_bot=false",
            ]
        );
        assert_eq!(
            Format::default().cells("\\x16\\x03\\x01").unwrap_err(),
            "remote_address"
        );
    }

    #[test]
    fn any_log_format_of_nginx_is_read() {
        let format = Format::parse(
            "log_format main '$msec|$http_x_forwarded_for|$remote_addr|\"$request_method $request_uri\" '\n  '$status $request_time ${host}';",
        )
        .unwrap();
        assert_eq!(
            read(
                &format,
                r#"1780794300.125|10.0.0.1, 8.8.4.4|10.0.0.2|"GET /a?b=\x22c\x22" 404 0.012 shop.example"#
            ),
            [
                "received_at=2026-06-07T01:05:00.125+00:00",
                "forwarded_for=10.0.0.1, 8.8.4.4",
                "remote_address=10.0.0.2",
                "method=GET",
                "path=/a?b=\"c\"",
                "status=404",
                "request_seconds=0.012",
                "host=shop.example",
                "client_address=8.8.4.4",
                "is_bot=false",
            ]
        );
    }

    #[test]
    fn a_format_that_cannot_be_taken_apart_is_refused() {
        assert!(Format::parse("$remote_addr$status [$time_local]").is_err());
        assert!(Format::parse("$remote_addr $status").is_err());
        assert!(Format::parse("$ [$time_local]").is_err());
    }
}
