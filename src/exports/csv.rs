//! Records of a csv text: quotes, doubled quotes, line ends inside quotes, CRLF.
//!
//! Our own, because a reject needs the record's raw text and line, a broken quote must cost one line and not the file, and
//! several threads read one file.

use memchr::{memchr, memchr2};

use super::grid::{Cell, Record, Reject};

/// Splits a text into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splitter {
    delimiter: u8,
}

/// What lies at the start of a text.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// A record that ends here, behind its line end, and how many lines it has.
    Record(usize, u32),
    /// The text ends inside a record.
    Incomplete,
    /// The text ends inside quotes.
    OpenQuote,
    /// Text follows a closing quote.
    BrokenQuote,
}

/// The records of a text.
#[derive(Debug, Default)]
pub struct Split {
    /// Their cells, as many a record.
    pub cells: Vec<Cell>,
    /// The records.
    pub records: Vec<Record>,
    /// Records with too few or too many cells, or a broken quote.
    pub rejects: Vec<Reject>,
    /// Where the first record starts that the text does not hold to its end.
    pub end: usize,
}

/// A text that ends in the middle of a record.
#[derive(Debug, PartialEq, Eq)]
pub struct CutOff {
    /// The line, from 0.
    pub line: u32,
    /// What is missing.
    pub why: String,
}

/// A record with an open quote is given up after so many bytes.
const LONGEST_RECORD: usize = 1 << 20;

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

    /// The delimiter.
    pub fn delimiter(self) -> char {
        char::from(self.delimiter)
    }

    /// Splits a text into records of `width` cells, from `start` on; blank lines are passed over. `is_last` says that the file
    /// ends with the text; else what the text does not hold to its end is left for the next.
    pub fn split(
        self,
        text: &str,
        start: usize,
        width: usize,
        is_last: bool,
    ) -> Result<Split, CutOff> {
        let bytes = text.as_bytes();
        let mut split = Split::default();
        let (mut at, mut line) = (
            start,
            memchr::memchr_iter(b'\n', &bytes[..start]).count() as u32,
        );
        while at < bytes.len() {
            let first = split.cells.len();
            let outcome = self.record(bytes, at, is_last, &mut split.cells);
            let is_given_up = bytes.len() - at > LONGEST_RECORD || is_last;
            match outcome {
                Outcome::Record(end, lines) => {
                    let found = split.cells.len() - first;
                    let raw = &text[at..end];
                    let is_blank = found == 1 && raw.trim().is_empty();
                    let is_cut = is_last && end == bytes.len() && !raw.ends_with('\n');
                    if found == width && !is_blank {
                        split.records.push(Record {
                            line,
                            raw: (at as u32, end as u32),
                        });
                    } else {
                        split.cells.truncate(first);
                        if is_cut && found < width && !is_blank {
                            return Err(CutOff {
                                line,
                                why: format!("has {found} of {width} fields and no line end"),
                            });
                        }
                        if !is_blank {
                            split.rejects.push(Reject {
                                line,
                                column: None,
                                reason: if found < width {
                                    "too_few_fields"
                                } else {
                                    "too_many_fields"
                                },
                                raw: raw.to_string(),
                            });
                        }
                    }
                    line += lines;
                    at = end;
                }
                Outcome::BrokenQuote | Outcome::OpenQuote
                    if outcome == Outcome::BrokenQuote || is_given_up =>
                {
                    // A broken quote costs its line: what follows is read as if the line had ended.
                    split.cells.truncate(first);
                    let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
                    if end == bytes.len() && is_last && bytes[end - 1] != b'\n' {
                        return Err(CutOff {
                            line,
                            why: "ends inside quotes".to_string(),
                        });
                    }
                    split.rejects.push(Reject {
                        line,
                        column: None,
                        reason: "broken_quote",
                        raw: text[at..end].to_string(),
                    });
                    line += 1;
                    at = end;
                }
                _ => {
                    split.cells.truncate(first);
                    break;
                }
            }
        }
        split.end = at;
        Ok(split)
    }

    /// The cells of the first record of a text, unquoted, and where it ends; none where it does not end.
    pub fn first(self, text: &str, is_last: bool) -> Option<(Vec<String>, usize)> {
        let mut cells = Vec::new();
        let Outcome::Record(end, _) = self.record(text.as_bytes(), 0, is_last, &mut cells) else {
            return None;
        };
        let grid = super::grid::Grid {
            width: cells.len(),
            text: text.into(),
            raw: text,
            cells,
            records: Vec::new(),
        };
        Some((
            (0..grid.width)
                .map(|at| grid.cell(0, at).0.into_owned())
                .collect(),
            end,
        ))
    }

    /// Finds the cells of the record at `at`.
    fn record(self, bytes: &[u8], mut at: usize, is_last: bool, cells: &mut Vec<Cell>) -> Outcome {
        // A line end within a record is in quotes.
        let mut lines = 1;
        loop {
            if bytes.get(at) == Some(&b'"') {
                let start = at + 1;
                let mut has_doubled = false;
                at = start;
                loop {
                    match memchr(b'"', &bytes[at..]) {
                        None => return Outcome::OpenQuote,
                        Some(quote) => {
                            at += quote + 1;
                            match bytes.get(at) {
                                Some(b'"') => {
                                    has_doubled = true;
                                    at += 1;
                                }
                                None if !is_last => return Outcome::Incomplete,
                                _ => break,
                            }
                        }
                    }
                }
                lines += memchr::memchr_iter(b'\n', &bytes[start..at - 1]).count() as u32;
                let cell = Cell::new(start, at - 1);
                cells.push(if has_doubled {
                    cell.with_doubled_quotes()
                } else {
                    cell
                });
                // Behind a closing quote comes a delimiter or the end of the line; else a quote was broken somewhere, and
                // what lies between is not to be trusted.
                match (bytes.get(at), bytes.get(at + 1)) {
                    (Some(byte), _) if *byte == self.delimiter => at += 1,
                    (Some(b'\n'), _) => return Outcome::Record(at + 1, lines),
                    (Some(b'\r'), Some(b'\n')) => return Outcome::Record(at + 2, lines),
                    (Some(b'\r'), None) if !is_last => return Outcome::Incomplete,
                    (Some(b'\r'), None) => return Outcome::Record(at + 1, lines),
                    (None, _) => return Outcome::Record(at, lines),
                    _ => return Outcome::BrokenQuote,
                }
            } else {
                match memchr2(self.delimiter, b'\n', &bytes[at..]) {
                    Some(length) => {
                        let stop = at + length;
                        if bytes[stop] == b'\n' {
                            cells.push(Cell::new(at, without_return(bytes, at, stop)));
                            return Outcome::Record(stop + 1, lines);
                        }
                        cells.push(Cell::new(at, stop));
                        at = stop + 1;
                    }
                    None if is_last => {
                        cells.push(Cell::new(at, without_return(bytes, at, bytes.len())));
                        return Outcome::Record(bytes.len(), lines);
                    }
                    None => return Outcome::Incomplete,
                }
            }
        }
    }
}

/// The end of a cell before a line end: a carriage return there belongs to the line end.
fn without_return(bytes: &[u8], start: usize, end: usize) -> usize {
    if end > start && bytes[end - 1] == b'\r' {
        end - 1
    } else {
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::grid::Grid;

    fn records(text: &str, width: usize) -> Vec<Vec<String>> {
        let split = Splitter::new(',').split(text, 0, width, true).unwrap();
        let grid = Grid {
            width,
            text: text.into(),
            raw: text,
            cells: split.cells,
            records: split.records,
        };
        let record = |at| {
            (0..width)
                .map(|column| grid.cell(at, column).0.into_owned())
                .collect()
        };
        (0..grid.records.len()).map(record).collect()
    }

    #[test]
    fn quotes_hide_delimiters_and_line_ends() {
        assert_eq!(
            records("a,\"b,\n\"\"c\"\"\"\r\n1,2\n", 2),
            [vec!["a", "b,\n\"c\""], vec!["1", "2"]]
        );
    }

    #[test]
    fn a_quote_inside_a_field_is_a_character() {
        assert_eq!(
            records("5\" pipe,x\n,\n", 2),
            [vec!["5\" pipe", "x"], vec!["", ""]]
        );
    }

    #[test]
    fn the_last_record_may_lack_its_line_end() {
        assert_eq!(records("a,b\n1,\"2\"", 2), [vec!["a", "b"], vec!["1", "2"]]);
    }

    #[test]
    fn a_quote_that_closes_in_a_later_record_costs_its_line() {
        let split = Splitter::new(',')
            .split("1,\"abc\n2,\"def\"\n3,x\n", 0, 2, true)
            .unwrap();
        let reasons: Vec<_> = split
            .rejects
            .iter()
            .map(|reject| (reject.line, reject.reason))
            .collect();
        assert_eq!(reasons, [(0, "broken_quote")]);
        assert_eq!(split.records.len(), 2);
    }

    #[test]
    fn what_a_text_does_not_hold_to_its_end_is_left() {
        for text in ["a,b\nc,\"d\n", "a,b\nc,d", "a,b\nc,\"d\""] {
            let split = Splitter::new(',').split(text, 0, 2, false).unwrap();
            assert_eq!((split.records.len(), split.end), (1, 4), "{text}");
        }
    }

    #[test]
    fn a_text_that_ends_in_a_record_is_cut_off() {
        let cut = Splitter::new(',').split("a,b\nc", 0, 2, true).unwrap_err();
        assert_eq!(
            (cut.line, cut.why.as_str()),
            (1, "has 1 of 2 fields and no line end")
        );
        let cut = Splitter::new(',')
            .split("a,b\nc,\"d", 0, 2, true)
            .unwrap_err();
        assert_eq!(cut.why, "ends inside quotes");
    }
}
