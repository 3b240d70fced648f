//! Web access logs in the combined format, with an optional quoted field behind it: the cookie.
//!
//! `203.0.113.9 - - [07/Jun/2026:09:05:00 +0800] "GET /p/12 HTTP/1.1" 200 512 "-" "Mozilla/5.0 …" "uid=ab12"`

use std::borrow::Cow;

use chrono::DateTime;

/// The columns of an access log, in their order, with the type each has.
pub const COLUMNS: &[(&str, crate::pipeline::file::ColumnType)] = {
    use crate::pipeline::file::ColumnType::{Integer, Text, Timestamp};
    &[
        ("remote_address", Text),
        ("remote_user", Text),
        ("received_at", Timestamp),
        ("method", Text),
        ("path", Text),
        ("status", Integer),
        ("bytes", Integer),
        ("referrer", Text),
        ("user_agent", Text),
        ("cookie", Text),
    ]
};

/// Takes a line apart into [`COLUMNS`]; an error is the column that could not be read.
pub fn fields(line: &str) -> Result<Vec<Option<Cow<'_, str>>>, &'static str> {
    let (address, rest) = line
        .split_once(' ')
        .filter(|(address, _)| !address.is_empty())
        .ok_or("remote_address")?;
    let (_, rest) = rest.split_once(' ').ok_or("remote_user")?;
    let (user, rest) = rest.split_once(" [").ok_or("remote_user")?;
    let (time, rest) = rest.split_once("] ").ok_or("received_at")?;
    let moment =
        DateTime::parse_from_str(time, "%d/%b/%Y:%H:%M:%S %z").map_err(|_| "received_at")?;
    let (request, rest) = quoted(rest).ok_or("path")?;
    let mut words = request.split(' ');
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().ok_or("path")?,
    );
    let mut rest = rest.trim_start().splitn(3, ' ');
    let status = rest
        .next()
        .filter(|status| status.len() == 3)
        .ok_or("status")?;
    let bytes = rest.next().ok_or("bytes")?;
    let tail = rest.next().unwrap_or_default();
    let (referrer, tail) =
        quoted(tail).map_or((None, tail), |(text, tail)| (Some(text), tail.trim_start()));
    let (agent, tail) =
        quoted(tail).map_or((None, tail), |(text, tail)| (Some(text), tail.trim_start()));
    let cookie = quoted(tail).map(|(text, _)| text);
    let dash = |text: &&str| !text.is_empty() && *text != "-";
    Ok(vec![
        Some(Cow::Borrowed(address)),
        Some(user).filter(dash).map(Cow::Borrowed),
        Some(Cow::Owned(moment.to_rfc3339())),
        Some(Cow::Owned(method.to_string())),
        Some(Cow::Owned(path.to_string())),
        Some(Cow::Borrowed(status)),
        Some(bytes).filter(dash).map(Cow::Borrowed),
        referrer.filter(|text| dash(&text.as_str())).map(Cow::Owned),
        agent.filter(|text| dash(&text.as_str())).map(Cow::Owned),
        cookie.filter(|text| dash(&text.as_str())).map(Cow::Owned),
    ])
}

/// A quoted text at the start, with `\"` taken for a quote, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &inner[at + 1..])),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    None
}
