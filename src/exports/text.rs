//! Text files, piece by piece on every thread: decoded, split into records, typed and packed; written in the file's order.

use std::borrow::Cow;
use std::io;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr_iter;
use rayon::prelude::*;

use super::access_log;
use super::columns::Faults;
use super::csv::{CutOff, Splitter};
use super::encoding::{Decision, DecodingReader, Text, decode};
use super::grid::{Grid, Record, Reject};
use super::json::{Elements, Paths};
use super::pieces::{Piece, Pieces, start_of_line};
use super::read::{self, FileSummary};
use super::sink::{Packed, Packer, Sink};
use super::{Export, Source, header};
use crate::fault::{Fault, Result};
use crate::pipeline::file::ExportSpec;

/// How the text of a file is split into records.
pub enum Layout {
    /// Separated values, with where in a line each column of the table lies.
    Separated {
        /// What stands between values.
        splitter: Splitter,
        /// Values in a line.
        width: usize,
        /// The column of the line that fills each column of the table.
        positions: Vec<Option<usize>>,
    },
    /// A JSON object a line.
    JsonLines(Paths),
    /// A line of an access log each.
    Log(access_log::Format),
}

/// What became of a piece.
struct Done {
    packed: Packed,
    lines: u64,
    undecodable: u64,
    /// Bytes at its end that belong to the next piece.
    left: usize,
}

/// What stopped the reading of a piece.
enum Stop {
    CutOff(CutOff),
    Write(parquet::errors::ParquetError),
}

impl From<parquet::errors::ParquetError> for Stop {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Self::Write(error)
    }
}

/// A text file that was opened: its first pieces, and the encoding as far as it is known.
pub struct Opened {
    pieces: Pieces,
    wave: Vec<Piece>,
    decision: Option<Decision>,
}

impl Opened {
    /// Opens a file; `count` pieces are read ahead.
    pub fn new(
        source: &Source,
        spec: &ExportSpec,
        respects_quotes: bool,
        count: usize,
    ) -> io::Result<Self> {
        let mut decision = spec.encoding.as_deref().and_then(Decision::declared);
        let mut reader = source.open()?;
        let mut start = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(&mut reader, 4), &mut start)?;
        if let Some((marked, length)) = Decision::by_mark(&start) {
            // A mark is part of no text, also where the encoding is declared.
            start.drain(..length);
            decision = decision.filter(|_| length == 0).or(Some(marked));
        }
        let whole = io::Read::chain(io::Cursor::new(start), reader);
        let is_wide = |decision: &&Decision| [UTF_16LE, UTF_16BE].contains(&decision.encoding);
        let reader: Box<dyn io::Read + Send> = match decision.as_ref().filter(is_wide) {
            Some(wide) => Box::new(DecodingReader::new(whole, wide.encoding)),
            None => Box::new(whole),
        };
        let mut pieces = Pieces::new(reader, respects_quotes);
        let wave = pieces.wave(count)?;
        Ok(Self {
            pieces,
            wave,
            decision,
        })
    }

    /// The encoding of the pieces at hand, once a byte above ASCII was seen.
    fn encoding(&mut self) -> &'static Encoding {
        if self.decision.is_none() {
            self.decision = decide(&self.wave);
        }
        match &self.decision {
            // UTF-16 arrives as UTF-8.
            Some(decision) if ![UTF_16LE, UTF_16BE].contains(&decision.encoding) => {
                decision.encoding
            }
            _ => UTF_8,
        }
    }

    /// The text of the first piece, as far as `limit` bytes.
    pub fn start(&mut self, limit: usize) -> String {
        let encoding = self.encoding();
        let Some(piece) = self.wave.first() else {
            return String::new();
        };
        let bytes = match piece.bytes.len() > limit {
            true => {
                &piece.bytes
                    [..memchr::memrchr(b'\n', &piece.bytes[..limit]).map_or(limit, |end| end + 1)]
            }
            false => &piece.bytes[..],
        };
        decode(encoding, bytes).text.into_owned()
    }

    /// Whether the first pieces hold all of the file.
    pub fn is_whole(&self) -> bool {
        self.wave.last().is_none_or(|piece| piece.is_last)
    }

    /// What was decided, for the report.
    fn evidence(&self) -> Decision {
        self.decision.clone().unwrap_or_else(Decision::ascii)
    }
}

/// Decides by the lines of some pieces that have a byte above ASCII, wherever they lie in them.
fn decide(wave: &[Piece]) -> Option<Decision> {
    const SAMPLE: usize = 1 << 20;
    let share = SAMPLE / wave.len().max(1);
    let mut sample: Vec<u8> = Vec::new();
    for piece in wave {
        let mut taken = 0;
        for line in piece.bytes.split_inclusive(|byte| *byte == b'\n') {
            if !line.is_ascii() && taken < share {
                sample.extend_from_slice(line);
                taken += line.len();
            }
        }
    }
    (!sample.is_empty()).then(|| Decision::by_sample(&sample, !sample.ends_with(b"\n")))
}

/// Reads the records of a text file into a sink. `skip` bytes of lines at its start are no records.
pub fn read(
    export: &Export,
    source: &Source,
    mut opened: Opened,
    layout: &Layout,
    skip: usize,
    sink: &mut Sink,
) -> Result<FileSummary> {
    let write_fault = |error| read::write_fault(export, &error);
    let mut summary = read::file_summary(source);
    let mut line = 1_u64;
    let mut skip = skip;
    let ahead = rayon::current_num_threads() * 2;
    while !opened.wave.is_empty() {
        let encoding = opened.encoding();
        let wave = std::mem::take(&mut opened.wave);
        let packer = &sink.packer;
        let skipped = std::mem::take(&mut skip);
        let (next, done) = rayon::join(
            || opened.pieces.wave(ahead),
            || -> Vec<_> {
                let pieces = wave.par_iter().enumerate().with_max_len(1);
                pieces
                    .map(|(at, piece)| {
                        work(
                            packer,
                            layout,
                            encoding,
                            &piece.bytes,
                            piece.is_last,
                            if at == 0 { skipped } else { 0 },
                        )
                    })
                    .collect()
            },
        );
        opened.wave = next.map_err(|error| read::read_fault(source, &error))?;
        let mut left: Vec<u8> = Vec::new();
        for (piece, done) in wave.into_iter().zip(done) {
            let mut bytes = piece.bytes;
            let mut done = done;
            // The piece before did not end where a record ends: this one starts earlier than was thought.
            if !left.is_empty() {
                left.append(&mut bytes);
                bytes = std::mem::take(&mut left);
                done = work(&sink.packer, layout, encoding, &bytes, piece.is_last, 0);
            }
            let done = match done {
                Ok(done) => done,
                Err(Stop::Write(error)) => return Err(write_fault(error)),
                Err(Stop::CutOff(cut)) => {
                    let why = format!("line {} {}", line + u64::from(cut.line), cut.why);
                    return Err(read::truncated(source, &why));
                }
            };
            sink.take(done.packed, source, line).map_err(write_fault)?;
            line += done.lines;
            summary.undecodable += done.undecodable;
            left.extend_from_slice(&bytes[bytes.len() - done.left..]);
            opened.pieces.reuse(bytes);
        }
        if !left.is_empty() {
            match opened.wave.first_mut() {
                Some(piece) => drop(piece.bytes.splice(0..0, left)),
                None => opened.wave.push(Piece {
                    bytes: left,
                    is_last: true,
                }),
            }
        }
    }
    let decision = opened.evidence();
    summary.encoding = decision.encoding.name().to_string();
    summary.evidence = decision.evidence;
    Ok(summary)
}

/// Reads one piece, on any thread.
fn work(
    packer: &Packer,
    layout: &Layout,
    encoding: &'static Encoding,
    bytes: &[u8],
    is_last: bool,
    skip: usize,
) -> std::result::Result<Done, Stop> {
    let decoded = decode(encoding, bytes);
    let text: &str = &decoded.text;
    let (grid, rejects, end) = match layout {
        Layout::Separated {
            splitter, width, ..
        } => {
            let split = splitter
                .split(text, skip, *width, is_last)
                .map_err(Stop::CutOff)?;
            let grid = Grid {
                width: *width,
                text: Cow::Borrowed(text),
                raw: text,
                cells: split.cells,
                records: split.records,
            };
            (grid, split.rejects, split.end)
        }
        Layout::JsonLines(paths) => {
            let mut cells = Vec::new();
            lines(text, packer.width(), |line, grid| {
                paths
                    .read(line, &mut cells, packer.width())
                    .map_err(|_| (None, "not_json"))?;
                cells.iter().for_each(|cell| grid.push(cell.as_deref()));
                Ok(())
            })
        }
        Layout::Log(format) => lines(text, packer.width(), |line, grid| {
            let cells = format
                .cells(line)
                .map_err(|column| (Some(column.to_string()), "not_a_log_line"))?;
            cells.iter().for_each(|cell| grid.push(cell.as_deref()));
            Ok(())
        }),
    };
    // A file that ends inside an object was cut off; anywhere else, what is no object is set aside.
    if let (Layout::JsonLines(_), Some(last)) = (layout, rejects.last())
        && is_last
        && !text.ends_with('\n')
        && text.ends_with(last.raw.as_str())
    {
        return Err(Stop::CutOff(CutOff {
            line: last.line,
            why: "ends inside an object".to_string(),
        }));
    }
    let identity: Vec<Option<usize>>;
    let positions = match layout {
        Layout::Separated { positions, .. } => positions,
        _ => {
            identity = (0..packer.width()).map(Some).collect();
            &identity
        }
    };
    let lines = memchr_iter(b'\n', &text.as_bytes()[..end]).count() as u64;
    Ok(Done {
        packed: packer.pack(&grid, positions, undecodable(&grid, &decoded), rejects)?,
        lines,
        undecodable: decoded.undecodable,
        // What is left is told in bytes of the file: it starts behind as many line ends as in the text.
        left: if end == text.len() {
            0
        } else {
            bytes.len() - start_of_line(bytes, lines as usize)
        },
    })
}

/// The records of a text whose records are lines: `read` adds the cells of one, or tells the column and the reason why not.
fn lines<'t>(
    text: &'t str,
    width: usize,
    mut read: impl FnMut(&str, &mut Grid) -> std::result::Result<(), (Option<String>, &'static str)>,
) -> (Grid<'t>, Vec<Reject>, usize) {
    let mut grid = Grid::growing(width, text);
    let mut rejects = Vec::new();
    let mut start = 0;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let end = start + whole.len();
        let line = whole.trim_end_matches(['\n', '\r']);
        if !line.trim().is_empty() {
            let line_number = number as u32;
            match read(line, &mut grid) {
                Ok(()) => grid.records.push(Record {
                    line: line_number,
                    raw: (start as u32, end as u32),
                }),
                Err((column, reason)) => rejects.push(Reject {
                    line: line_number,
                    column,
                    reason,
                    raw: line.to_string(),
                }),
            }
        }
        start = end;
    }
    (grid, rejects, text.len())
}

/// The records over lines that could not be decoded.
fn undecodable(grid: &Grid, decoded: &Text) -> Faults {
    let mut faults = Faults::new();
    let mut broken = decoded.broken.iter().peekable();
    for (number, record) in grid.records.iter().enumerate() {
        while broken
            .peek()
            .is_some_and(|range| range.end <= record.raw.0 as usize)
        {
            broken.next();
        }
        if broken
            .peek()
            .is_some_and(|range| range.start < record.raw.1 as usize)
        {
            faults.insert(number, (None, "undecodable"));
        }
    }
    faults
}

/// Reads a JSON array, or objects that are written over several lines: cut out one by one, typed some thousands at a time.
pub fn read_elements(
    export: &Export,
    source: &Source,
    mut opened: Opened,
    paths: &Paths,
    sink: &mut Sink,
) -> Result<FileSummary> {
    let write_fault = |error| read::write_fault(export, &error);
    let mut summary = read::file_summary(source);
    let mut elements = Elements::default();
    let mut held = String::new();
    let width = sink.packer.width();
    let positions: Vec<Option<usize>> = (0..width).map(Some).collect();
    let mut cells = Vec::new();
    while !opened.wave.is_empty() {
        let encoding = opened.encoding();
        for piece in std::mem::take(&mut opened.wave) {
            let decoded = decode(encoding, &piece.bytes);
            summary.undecodable += decoded.undecodable;
            held.push_str(&decoded.text);
            let found = elements.next(&held);
            let first_line = found.first().map_or(0, |(_, line)| *line);
            let mut grid = Grid::growing(width, &held);
            let (mut rejects, mut faults) = (Vec::new(), Faults::new());
            for (range, line) in found {
                let raw = &held[range.clone()];
                let line = (line - first_line) as u32;
                if paths.read(raw, &mut cells, width).is_err() {
                    rejects.push(Reject {
                        line,
                        column: None,
                        reason: "not_json",
                        raw: raw.to_string(),
                    });
                    continue;
                }
                if !decoded.broken.is_empty() && raw.contains('\u{FFFD}') {
                    faults.insert(grid.records.len(), (None, "undecodable"));
                }
                cells.iter().for_each(|cell| grid.push(cell.as_deref()));
                grid.records.push(Record {
                    line,
                    raw: (range.start as u32, range.end as u32),
                });
            }
            let packed = sink
                .packer
                .pack(&grid, &positions, faults, rejects)
                .map_err(write_fault)?;
            sink.take(packed, source, first_line + 1)
                .map_err(write_fault)?;
            held.drain(..elements.forget());
        }
        opened.wave = opened
            .pieces
            .wave(1)
            .map_err(|error| read::read_fault(source, &error))?;
    }
    if elements.is_open() {
        let why = format!("the object on line {} has no end", elements.open_line() + 1);
        return Err(read::truncated(source, &why));
    }
    if elements.is_array_open() {
        return Err(read::truncated(source, "its array has no end"));
    }
    let decision = opened.evidence();
    summary.encoding = decision.encoding.name().to_string();
    summary.evidence = decision.evidence;
    Ok(summary)
}

/// The header of a separated file: how its lines are split, its columns, and the bytes of lines that it and what stands above
/// it take.
pub struct HeaderLine {
    /// What stands between values.
    pub splitter: Splitter,
    /// The columns.
    pub names: Vec<String>,
    /// Bytes of the text up to the first record.
    pub length: usize,
}

/// Finds the header among the first lines of a text.
pub fn header_line(
    export: &str,
    spec: &ExportSpec,
    source: &Source,
    text: &str,
    is_whole: bool,
) -> Result<HeaderLine> {
    /// Lines among which a header is looked for.
    const LINES: usize = 20;
    // Excel's own line says what stands between values, and is no part of the table.
    let said = text.lines().next().and_then(|line| {
        line.trim_end()
            .to_lowercase()
            .strip_prefix("sep=")
            .and_then(|rest| rest.chars().next())
    });
    if let (Some(delimiter), None) = (said, spec.header_row) {
        let spec = ExportSpec {
            delimiter: spec.delimiter.or(Some(delimiter)),
            ..spec.clone()
        };
        let length = text.find('\n').map_or(text.len(), |end| end + 1);
        let found = header_line(export, &spec, source, &text[length..], is_whole)?;
        return Ok(HeaderLine {
            length: found.length + length,
            ..found
        });
    }
    let first_line = text
        .lines()
        .nth(spec.header_row.map_or(0, |row| row as usize - 1))
        .unwrap_or_default();
    let mut splitter = spec
        .delimiter
        .map_or_else(|| Splitter::sniff(first_line), Splitter::new);
    if !spec.names.is_empty() {
        return Ok(HeaderLine {
            splitter,
            names: spec.names.clone(),
            length: 0,
        });
    }
    let wanted = spec.wanted();
    // Below a title, the delimiter is that of the line which has the columns.
    if spec.delimiter.is_none()
        && let Some(line) = text.lines().take(LINES).find(|line| {
            Splitter::sniff(line)
                .first(line, true)
                .is_some_and(|(cells, _)| header::find_wanted(&[cells], &wanted).is_some())
        })
    {
        splitter = Splitter::sniff(line);
    }
    let mut lines: Vec<(Vec<String>, usize)> = Vec::new();
    let mut at = 0;
    while lines.len() < LINES && at < text.len() {
        let Some((cells, length)) = splitter.first(&text[at..], is_whole) else {
            break;
        };
        at += length;
        lines.push((cells, at));
    }
    if lines.is_empty() && !text.trim().is_empty() {
        return Err(read::truncated(source, "its header has an open quote"));
    }
    let rows: Vec<Vec<String>> = lines.iter().map(|(cells, _)| cells.clone()).collect();
    let row = match spec.header_row {
        Some(row) => row as usize - 1,
        None => match header::find_wanted(&rows, &wanted) {
            Some(row) => row,
            // A title above the header has its cells empty but one.
            None if rows.first().is_some_and(|row| {
                row.len() > 2 && row.iter().filter(|cell| !cell.trim().is_empty()).count() == 1
            }) =>
            {
                header::find(&rows, &wanted).unwrap_or(0)
            }
            None => 0,
        },
    };
    let (cells, length) = match lines.get(row) {
        Some((cells, length)) if cells.iter().any(|cell| !cell.trim().is_empty()) => {
            (cells, *length)
        }
        _ => {
            return Err(Fault::failed(format!("the file {} of export {export} has no header line", source.name))
                .hint("an empty export still has its header; fetch it again, or give the columns of a file without one as names = [...]"));
        }
    };
    if text[..length].trim_end().contains('\r')
        && !text[..length]
            .trim_end_matches(['\r', '\n'])
            .contains("\r\n")
    {
        return Err(Fault::failed(format!(
            "the lines of {} end in carriage returns alone",
            source.name
        ))
        .hint("save it with line feeds, as every system but the oldest Macs does"));
    }
    Ok(HeaderLine {
        splitter,
        names: header::names(cells),
        length,
    })
}
