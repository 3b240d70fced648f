//! Tables of web pages, which many systems name `.xls`; and the XML that Excel of 2003 wrote.
//!
//! Rows and cells are told by their tags (`tr`, `td`, `th`; `Row`, `Cell`); cells that span rows or columns fill all of them.

use std::io::{BufReader, Read};

use encoding_rs::UTF_8;
use html5gum::{IoReader, StartTag, Token, Tokenizer};

use super::Source;
use super::encoding::{Decision, DecodingReader};
use super::read;
use super::sheet::{Notes, Row, Visit};
use crate::fault::Result;
use crate::pipeline::file::ExportSpec;

/// Whether the start of a text is that of a page.
pub fn is_page(text: &str) -> bool {
    let start = text
        .trim_start_matches('\u{FEFF}')
        .trim_start()
        .to_lowercase();
    start.starts_with('<')
        && [
            "<html",
            "<table",
            "<!doctype html",
            "<workbook",
            "<?mso-",
            "<meta",
            "<head",
            "<style",
        ]
        .iter()
        .any(|tag| start.contains(tag))
}

/// Columns of the widest sheet of Excel.
const WIDEST: u32 = 16_384;
/// Bytes of a page by which its encoding is decided.
const SAMPLE: usize = 1 << 20;

/// Hands the rows of a page's tables over.
pub fn rows(source: &Source, spec: &ExportSpec, visit: Visit) -> Result<Notes> {
    let read_fault = |error| read::read_fault(source, &error);
    let mut file = source.open().map_err(read_fault)?;
    let mut start = Vec::new();
    (&mut file)
        .take(SAMPLE as u64)
        .read_to_end(&mut start)
        .map_err(read_fault)?;
    let decision = decide(&start, spec);
    let whole = std::io::Cursor::new(start).chain(file);
    let text = BufReader::new(DecodingReader::new(whole, decision.encoding));
    let notes = Notes {
        kind: format!("html, {}", decision.encoding.name()),
        evidence: decision.evidence,
        ..Notes::default()
    };
    let mut page = Page::default();
    let mut has_ended = true;
    for token in Tokenizer::new(IoReader::new(text)) {
        let token = token.map_err(read_fault)?;
        if page.take(token) {
            if !visit(&mut page.row, &notes)? {
                return Ok(notes);
            }
            page.go_on();
        }
        has_ended = page.depth == 0;
    }
    if !has_ended {
        return Err(read::truncated(source, "its table has no end"));
    }
    Ok(notes)
}

/// A mark, what is declared, what the page says of itself, or what it looks like.
fn decide(start: &[u8], spec: &ExportSpec) -> Decision {
    if let Some((marked, _)) = Decision::by_mark(start) {
        return marked;
    }
    if let Some(declared) = spec.encoding.as_deref().and_then(Decision::declared) {
        return declared;
    }
    if start.is_ascii() {
        return Decision::ascii();
    }
    // A page may say one thing and be another: what it says counts where its bytes agree.
    let found = Decision::by_sample(start, true);
    let says = String::from_utf8_lossy(&start[..start.len().min(4096)]).to_lowercase();
    let label = ["charset=", "encoding="].iter().find_map(|key| {
        let rest = says.split_once(key)?.1.trim_start_matches(['"', '\'']);
        Some(
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
                .collect::<String>(),
        )
    });
    let said = label.and_then(|label| Decision::declared(&label));
    match said {
        Some(said) if found.encoding != UTF_8 && said.encoding != UTF_8 => Decision {
            evidence: "the page says so".to_string(),
            ..said
        },
        _ => found,
    }
}

/// The row that is being read.
#[derive(Default)]
struct Page {
    row: Row,
    number: u64,
    depth: u32,
    is_row: bool,
    is_starting: bool,
    is_cell: bool,
    /// Whether text belongs to a script or a style.
    is_hidden: bool,
    column: usize,
    width: usize,
    spans: Vec<Span>,
}

/// A cell that goes on in the rows below.
struct Span {
    column: usize,
    width: usize,
    rows: u32,
    text: String,
}

impl Page {
    /// Takes a token; `true` when a row is complete.
    fn take(&mut self, token: Token) -> bool {
        match token {
            Token::StartTag(tag) => {
                let name: &[u8] = &tag.name;
                match name {
                    b"table" => {
                        // A table inside a cell: the row around it is layout.
                        self.depth += 1;
                        self.is_row = false;
                        self.is_cell = false;
                        self.spans.clear();
                    }
                    b"script" | b"style" => self.is_hidden = !tag.self_closing,
                    b"tr" | b"row" => {
                        // The row before may lack its end tag: then it is handed over first.
                        let is_complete = self.end_row();
                        self.is_starting = true;
                        if !is_complete {
                            self.go_on();
                        }
                        return is_complete;
                    }
                    b"td" | b"th" | b"cell" if self.is_row => self.start_cell(&tag),
                    b"br" | b"p" | b"div" if self.is_cell => {
                        self.row.cell(self.column).text.push(' ')
                    }
                    _ => {}
                }
                false
            }
            Token::String(text) => {
                if self.is_cell && !self.is_hidden {
                    self.row
                        .cell(self.column)
                        .text
                        .push_str(&String::from_utf8_lossy(&text));
                }
                false
            }
            Token::EndTag(tag) => {
                let name: &[u8] = &tag.name;
                match name {
                    b"table" => {
                        self.depth = self.depth.saturating_sub(1);
                        return self.end_row();
                    }
                    b"script" | b"style" => self.is_hidden = false,
                    b"td" | b"th" | b"cell" => self.end_cell(),
                    b"tr" | b"row" => return self.end_row(),
                    _ => {}
                }
                false
            }
            _ => false,
        }
    }

    /// Starts the row whose tag was seen, after the one before was handed over.
    fn go_on(&mut self) {
        if std::mem::replace(&mut self.is_starting, false) {
            self.number += 1;
            self.row.reset(self.number);
            self.column = 0;
            self.width = 0;
            self.is_row = true;
        }
    }

    fn start_cell(&mut self, tag: &StartTag<()>) {
        self.end_cell();
        let attribute = |name: &str| {
            let value = tag.attributes.get(name.as_bytes())?;
            String::from_utf8_lossy(value).trim().parse::<u32>().ok()
        };
        self.column += self.width;
        // The XML of Excel names the place of a cell behind a gap, from 1.
        if let Some(index) = attribute("ss:index").filter(|index| (1..=WIDEST).contains(index)) {
            self.column = index as usize - 1;
        }
        while let Some(span) = self
            .spans
            .iter()
            .find(|span| (span.column..span.column + span.width).contains(&self.column))
        {
            self.column = span.column + span.width;
        }
        let more = |name: &str| attribute(name).map(|more| more.min(WIDEST) + 1);
        self.width = attribute("colspan")
            .map(|width| width.clamp(1, WIDEST))
            .or(more("ss:mergeacross"))
            .unwrap_or(1) as usize;
        let rows = attribute("rowspan").or(more("ss:mergedown")).unwrap_or(1);
        if rows > 1 {
            self.spans.push(Span {
                column: self.column,
                width: self.width,
                rows,
                text: String::new(),
            });
        }
        self.is_cell = !tag.self_closing;
        self.row.cell(self.column + self.width - 1);
    }

    fn end_cell(&mut self) {
        if !std::mem::replace(&mut self.is_cell, false) {
            return;
        }
        let cell = self.row.cell(self.column);
        let plain: Vec<&str> = cell.text.split_whitespace().collect();
        let text = plain.join(" ");
        for at in self.column..self.column + self.width {
            self.row.cell(at).text.clone_from(&text);
        }
        if let Some(span) = self
            .spans
            .iter_mut()
            .find(|span| span.column == self.column && span.text.is_empty())
        {
            span.text = text;
        }
    }

    /// Ends the open row, if one is, and fills in what cells of rows above reach down to.
    fn end_row(&mut self) -> bool {
        if !std::mem::replace(&mut self.is_row, false) {
            return false;
        }
        self.end_cell();
        for span in &mut self.spans {
            for at in span.column..span.column + span.width {
                let cell = self.row.cell(at);
                if cell.text.is_empty() {
                    cell.text.clone_from(&span.text);
                }
            }
            span.rows -= 1;
        }
        self.spans.retain(|span| span.rows > 0);
        true
    }
}
