//! Records of a csv text: quotes, doubled quotes, line ends inside quotes, CRLF.
//!
//! Our own, because a reject needs the record's raw text and line, and a broken quote must cost one line, not the file.

use std::borrow::Cow;

use memchr::{memchr, memchr3};

/// Splits a text into records.
#[derive(Debug, Clone, Copy)]
pub struct Splitter {
    delimiter: u8,
}

/// What lies at the start of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A record, and how many bytes it takes with its line end.
    Record(usize),
    /// The text ends inside a record.
    Incomplete,
    /// The text ends inside quotes.
    OpenQuote,
    /// Text follows a closing quote.
    BrokenQuote,
}

/// A field: its range in the record, and whether it has to be unquoted.
pub type Field = (std::ops::Range<usize>, bool);

impl Splitter {
    /// Splits at an ASCII delimiter.
    pub fn new(delimiter: char) -> Self {
        Self {
            delimiter: u8::try_from(delimiter).unwrap_or(b','),
        }
    }

    /// The delimiter that a header line uses: the commonest of comma, tab, semicolon and bar.
    pub fn sniff(header: &str) -> Self {
        let count = |delimiter: u8| header.bytes().filter(|byte| *byte == delimiter).count();
        // The first of equals wins: a header without any delimiter is one column of a comma-separated file.
        let best = *b",\t;|"
            .iter()
            .rev()
            .max_by_key(|delimiter| count(**delimiter))
            .unwrap_or(&b',');
        Self { delimiter: best }
    }

    /// Finds the fields of the record at the start of `text`. `is_last` says that no more text will come.
    pub fn record(&self, text: &str, is_last: bool, fields: &mut Vec<Field>) -> Outcome {
        fields.clear();
        let bytes = text.as_bytes();
        let mut at = 0;
        loop {
            if bytes.get(at) == Some(&b'"') {
                let start = at;
                at += 1;
                loop {
                    match memchr(b'"', &bytes[at..]) {
                        None => return Outcome::OpenQuote,
                        Some(quote) => {
                            at += quote + 1;
                            match bytes.get(at) {
                                Some(b'"') => at += 1,
                                None if !is_last => return Outcome::Incomplete,
                                _ => break,
                            }
                        }
                    }
                }
                // Behind a closing quote comes a delimiter or the end of the line; else a quote was broken somewhere, and
                // what lies between is not to be trusted.
                let next = bytes.get(at).filter(|byte| !matches!(byte, b'\r' | b'\n'));
                if next.is_some_and(|byte| *byte != self.delimiter) {
                    return Outcome::BrokenQuote;
                }
                match memchr3(self.delimiter, b'\n', b'\n', &bytes[at..]) {
                    Some(end) => {
                        let stop = at + end;
                        fields.push((start..without_return(bytes, at, stop), true));
                        at = stop + 1;
                        if bytes[stop] == b'\n' {
                            return Outcome::Record(at);
                        }
                    }
                    None if is_last => {
                        fields.push((start..without_return(bytes, at, bytes.len()), true));
                        return Outcome::Record(bytes.len());
                    }
                    None => return Outcome::Incomplete,
                }
            } else {
                match memchr::memchr2(self.delimiter, b'\n', &bytes[at..]) {
                    Some(end) => {
                        let stop = at + end;
                        let end = if bytes[stop] == b'\n' {
                            without_return(bytes, at, stop)
                        } else {
                            stop
                        };
                        fields.push((at..end, false));
                        at = stop + 1;
                        if bytes[stop] == b'\n' {
                            return Outcome::Record(at);
                        }
                    }
                    None if is_last => {
                        fields.push((at..without_return(bytes, at, bytes.len()), false));
                        return Outcome::Record(bytes.len());
                    }
                    None => return Outcome::Incomplete,
                }
            }
        }
    }
}

/// The end of a field before a line end: a carriage return there belongs to the line end.
fn without_return(bytes: &[u8], start: usize, end: usize) -> usize {
    if end > start && bytes[end - 1] == b'\r' {
        end - 1
    } else {
        end
    }
}

/// A field's value: quotes taken off, doubled quotes made one.
pub fn value<'a>(record: &'a str, (range, is_quoted): &Field) -> Cow<'a, str> {
    let text = &record[range.clone()];
    if !is_quoted {
        return Cow::Borrowed(text);
    }
    let Some(close) = text.rfind('"').filter(|close| *close > 0) else {
        return Cow::Borrowed(text);
    };
    let (inner, tail) = (&text[1..close], &text[close + 1..]);
    if !inner.contains('"') && tail.is_empty() {
        return Cow::Borrowed(inner);
    }
    Cow::Owned(format!("{}{tail}", inner.replace("\"\"", "\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<Vec<String>> {
        let splitter = Splitter::new(',');
        let (mut rest, mut all, mut fields) = (text, Vec::new(), Vec::new());
        while !rest.is_empty() {
            match splitter.record(rest, true, &mut fields) {
                Outcome::Record(length) => {
                    all.push(
                        fields
                            .iter()
                            .map(|field| value(rest, field).into_owned())
                            .collect(),
                    );
                    rest = &rest[length..];
                }
                _ => break,
            }
        }
        all
    }

    #[test]
    fn quotes_hide_delimiters_and_line_ends() {
        assert_eq!(
            records("a,\"b,\n\"\"c\"\"\"\r\n1,2\n"),
            [vec!["a", "b,\n\"c\""], vec!["1", "2"]]
        );
    }

    #[test]
    fn a_quote_inside_a_field_is_a_character() {
        assert_eq!(
            records("5\" pipe,x\n,\n"),
            [vec!["5\" pipe", "x"], vec!["", ""]]
        );
    }

    #[test]
    fn the_last_record_may_lack_its_line_end() {
        assert_eq!(records("a,b\n1,\"2\""), [vec!["a", "b"], vec!["1", "2"]]);
    }

    #[test]
    fn a_quote_that_closes_in_a_later_record_is_broken() {
        let mut fields = Vec::new();
        let text = "1,\"abc\n2,\"def\"\n";
        assert_eq!(
            Splitter::new(',').record(text, true, &mut fields),
            Outcome::BrokenQuote
        );
    }

    #[test]
    fn an_open_quote_is_told_apart_from_a_cut_record() {
        let mut fields = Vec::new();
        assert_eq!(
            Splitter::new(',').record("a,\"b\n", true, &mut fields),
            Outcome::OpenQuote
        );
        assert_eq!(
            Splitter::new(',').record("a,b", false, &mut fields),
            Outcome::Incomplete
        );
    }
}
