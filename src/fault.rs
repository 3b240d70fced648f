//! A fault: what is wrong, where, and what to do about it.
//!
//! ```text
//! error: could not plan stage master.customers
//!   sql/2_master/customers.sql:31:24
//!    |  first_value(emial order by updated_at desc)
//!    |              ^^^^^
//! hint: records has a column "email"
//! ```

use std::fmt;
use std::path::{Path, PathBuf};

/// Who has to act, which is what the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A stage or a check failed; nothing was published. Exit code 1.
    Failed,
    /// The project or the command line is wrong; nothing ran. Exit code 2.
    Project,
    /// Somebody else holds the lock, or a source is late. Exit code 75.
    TryLater,
    /// Stopped by a signal: its number is added to 128.
    Stopped(u8),
}

/// One fault, with its place in a file where it has one.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Who has to act.
    pub kind: Kind,
    /// What is wrong: short, lower case, no full stop.
    pub summary: String,
    /// Where.
    pub place: Option<Place>,
    /// More than fits the summary, one thought a line.
    pub details: Vec<String>,
    /// What to do.
    pub hint: Option<String>,
    /// Faults that were found beside it.
    pub others: Vec<Fault>,
}

/// A place in a text file, with the line it points at.
#[derive(Debug, Clone)]
pub struct Place {
    /// The file, relative to the project where it is inside it.
    pub file: PathBuf,
    /// Line, from 1; 0 where only the file is known.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters the caret underlines.
    pub length: usize,
    /// The text of the line.
    pub text: String,
}

/// Results of everything that can go wrong for a person to read.
pub type Result<T> = std::result::Result<T, Box<Fault>>;

impl Fault {
    /// A fault of a kind.
    pub fn new(kind: Kind, summary: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            kind,
            summary: summary.into(),
            place: None,
            details: Vec::new(),
            hint: None,
            others: Vec::new(),
        })
    }

    /// All of some faults as one, the first in front; it is no fault where there are none.
    pub fn all(faults: Vec<Box<Self>>) -> Result<()> {
        let mut faults = faults.into_iter();
        let Some(mut first) = faults.next() else {
            return Ok(());
        };
        for mut other in faults {
            let beside = std::mem::take(&mut other.others);
            first.others.push(*other);
            first.others.extend(beside);
        }
        Err(first)
    }

    /// A fault in the project or on the command line.
    pub fn project(summary: impl Into<String>) -> Box<Self> {
        Self::new(Kind::Project, summary)
    }

    /// A fault of the run.
    pub fn failed(summary: impl Into<String>) -> Box<Self> {
        Self::new(Kind::Failed, summary)
    }

    /// Says where.
    pub fn at(mut self: Box<Self>, place: Place) -> Box<Self> {
        self.place = Some(place);
        self
    }

    /// Adds a line of detail.
    pub fn detail(mut self: Box<Self>, line: impl Into<String>) -> Box<Self> {
        self.details.push(line.into());
        self
    }

    /// Says what to do.
    pub fn hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Self> {
        self.hint = Some(hint.into());
        self
    }

    /// Says what to do, if there is something to say.
    pub fn maybe_hint(mut self: Box<Self>, hint: Option<String>) -> Box<Self> {
        self.hint = hint.or(self.hint);
        self
    }

    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::Project => 2,
            Kind::TryLater => 75,
            Kind::Stopped(signal) => 128 + signal,
        }
    }
}

impl Place {
    /// A place by line and column, both from 1, in a text that is at hand.
    pub fn in_text(file: &Path, text: &str, line: usize, column: usize, length: usize) -> Self {
        let text = text
            .lines()
            .nth(line.saturating_sub(1))
            .unwrap_or("")
            .to_string();
        let rest = text
            .chars()
            .count()
            .saturating_sub(column.saturating_sub(1))
            .max(1);
        Self {
            file: file.to_path_buf(),
            line,
            column: column.max(1),
            length: length.clamp(1, rest),
            text,
        }
    }

    /// A place by byte range.
    pub fn of_bytes(file: &Path, text: &str, range: std::ops::Range<usize>) -> Self {
        let start = floor_boundary(text, range.start);
        let end = floor_boundary(text, range.end.max(start));
        let line = text[..start].matches('\n').count() + 1;
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let column = text[line_start..start].chars().count() + 1;
        let length = text[start..end]
            .lines()
            .next()
            .map_or(1, |marked| marked.chars().count().max(1));
        Self::in_text(file, text, line, column, length)
    }

    /// Only the file.
    pub fn file(file: &Path) -> Self {
        Self {
            file: file.to_path_buf(),
            line: 0,
            column: 0,
            length: 0,
            text: String::new(),
        }
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.summary)?;
        if let Some(place) = &self.place {
            write!(f, "\n  {}", place.file.display())?;
            if place.line > 0 {
                write!(f, ":{}:{}", place.line, place.column)?;
                let trimmed = place.text.trim_start();
                let cut = place.text.chars().count() - trimmed.chars().count();
                write!(f, "\n   |  {}", trimmed.trim_end())?;
                let before: usize = trimmed
                    .chars()
                    .take((place.column - 1).saturating_sub(cut))
                    .map(width)
                    .sum();
                let marked: usize = trimmed
                    .chars()
                    .skip((place.column - 1).saturating_sub(cut))
                    .take(place.length)
                    .map(width)
                    .sum();
                write!(
                    f,
                    "\n   |  {}{}",
                    " ".repeat(before),
                    "^".repeat(marked.max(1))
                )?;
            }
        }
        for detail in &self.details {
            write!(f, "\n  {detail}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        for other in &self.others {
            write!(f, "\n\n{other}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

/// Columns that a character takes on a terminal: two for Chinese ones.
pub fn width(character: char) -> usize {
    let wide = matches!(character, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}' | '\u{20000}'..='\u{3FFFD}');
    if wide { 2 } else { 1 }
}

/// The nearest of some names, if one is near enough to have been meant.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1) + 1;
    let names: Vec<&str> = names.into_iter().collect();
    // name_key of person_name_key: the longer name in short.
    const LONG: usize = 6;
    let is_end = |name: &&&str| word.len() >= LONG && name.ends_with(&format!("_{word}"));
    if let Some(name) = names.iter().find(is_end) {
        return Some(name);
    }
    names
        .into_iter()
        .map(|name| {
            (
                rapidfuzz::distance::osa::distance(
                    word.to_lowercase().chars(),
                    name.to_lowercase().chars(),
                ),
                name,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}
