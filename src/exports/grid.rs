//! The cells of some records as text, before they get their types: what every reader gives.

use std::borrow::Cow;

/// Where a cell's text lies in a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    start: u32,
    end: u32,
}

/// The top bits of a cell's end say what is special about it.
const DOUBLED: u32 = 1 << 31;
const CUT: u32 = 1 << 30;
const PLACE: u32 = CUT - 1;

impl Cell {
    /// No value.
    pub const NULL: Self = Self { start: 0, end: 0 };

    /// A cell over a range of bytes.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(end as u32 <= PLACE);
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// The same, with quotes in it that are doubled.
    pub fn with_doubled_quotes(self) -> Self {
        Self {
            end: self.end | DOUBLED,
            ..self
        }
    }

    /// The same, a number that has lost digits on its way.
    pub fn with_lost_digits(self) -> Self {
        Self {
            end: self.end | CUT,
            ..self
        }
    }

    /// Whether it is a number that has lost digits.
    pub fn has_lost_digits(self) -> bool {
        self.end & CUT != 0
    }
}

/// One record of a grid.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    /// Its line, counted from the start of its piece, from 0.
    pub line: u32,
    /// Where its raw text starts and ends.
    pub raw: (u32, u32),
}

/// Records with as many cells each.
#[derive(Debug)]
pub struct Grid<'a> {
    /// Cells a record.
    pub width: usize,
    /// The text that the cells lie in.
    pub text: Cow<'a, str>,
    /// The text that the records lie in as they came; empty where their cells are all there is.
    pub raw: &'a str,
    /// The cells, record after record.
    pub cells: Vec<Cell>,
    /// The records.
    pub records: Vec<Record>,
}

impl<'a> Grid<'a> {
    /// A grid to which records are added by [`Grid::push`].
    pub fn growing(width: usize, raw: &'a str) -> Self {
        Self {
            width,
            text: Cow::Owned(String::new()),
            raw,
            cells: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Adds a cell's text to a growing grid.
    pub fn push(&mut self, text: Option<&str>) {
        let cell = match text {
            Some(text) if !text.is_empty() => {
                let all = self.text.to_mut();
                let start = all.len();
                all.push_str(text);
                Cell::new(start, all.len())
            }
            _ => Cell::NULL,
        };
        self.cells.push(cell);
    }

    /// A cell's text.
    #[inline]
    pub fn cell(&self, record: usize, column: usize) -> (Cow<'_, str>, Cell) {
        let cell = self.cells[record * self.width + column];
        let text = &self.text[cell.start as usize..(cell.end & PLACE) as usize];
        if cell.end & DOUBLED != 0 {
            return (Cow::Owned(text.replace("\"\"", "\"")), cell);
        }
        (Cow::Borrowed(text), cell)
    }

    /// A record as it came.
    pub fn raw(&self, record: usize) -> Cow<'_, str> {
        if self.raw.is_empty() {
            let cells: Vec<Cow<str>> = (0..self.width)
                .map(|column| self.cell(record, column).0)
                .collect();
            return Cow::Owned(cells.join("\t"));
        }
        let (start, end) = self.records[record].raw;
        Cow::Borrowed(&self.raw[start as usize..end as usize])
    }
}

/// A record that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its line, counted from the start of its piece, from 0.
    pub line: u32,
    /// The column at fault, if one is.
    pub column: Option<String>,
    /// The reason's code.
    pub reason: &'static str,
    /// As it came.
    pub raw: String,
}
