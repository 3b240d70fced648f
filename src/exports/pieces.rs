//! A text file in pieces that end where a record ends, so that several threads can read one file.

use std::io::{self, Read};

use memchr::{memchr2_iter, memrchr};

/// Bytes of a piece: one row group of the table that is made of it.
pub const PIECE: usize = 4 << 20;
/// A line is given up as too long after so many bytes.
const LONGEST_LINE: usize = 64 << 20;

/// Bytes of a file, from the start of a line to the end of one.
#[derive(Debug, Default)]
pub struct Piece {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether the file ends with it.
    pub is_last: bool,
}

/// Cuts a file into pieces.
pub struct Pieces {
    reader: Box<dyn Read + Send>,
    carried: Vec<u8>,
    respects_quotes: bool,
    is_done: bool,
    /// Memory of pieces that are done.
    spare: Vec<Vec<u8>>,
}

impl Pieces {
    /// Cuts at line ends; at those outside quotes, if quotes are respected.
    pub fn new(reader: Box<dyn Read + Send>, respects_quotes: bool) -> Self {
        Self {
            reader,
            carried: Vec::new(),
            respects_quotes,
            is_done: false,
            spare: Vec::new(),
        }
    }

    /// The next pieces, `count` at most; none at the end.
    pub fn wave(&mut self, count: usize) -> io::Result<Vec<Piece>> {
        let mut wave = Vec::new();
        while wave.len() < count && !self.is_done {
            wave.push(self.next()?);
        }
        Ok(wave)
    }

    /// Takes the memory of a piece that is done, for a later one.
    pub fn reuse(&mut self, bytes: Vec<u8>) {
        self.spare.push(bytes);
    }

    fn next(&mut self) -> io::Result<Piece> {
        let mut bytes = self.spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.append(&mut self.carried);
        loop {
            let wanted = PIECE.max(bytes.len() + PIECE / 2) - bytes.len();
            let got = (&mut self.reader)
                .take(wanted as u64)
                .read_to_end(&mut bytes)?;
            if got < wanted {
                self.is_done = true;
                return Ok(Piece {
                    bytes,
                    is_last: true,
                });
            }
            if let Some(end) = self.cut(&bytes) {
                self.carried.extend_from_slice(&bytes[end..]);
                bytes.truncate(end);
                return Ok(Piece {
                    bytes,
                    is_last: false,
                });
            }
            if bytes.len() > LONGEST_LINE {
                return Err(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    format!("a line of more than {} MiB", LONGEST_LINE >> 20),
                ));
            }
        }
    }

    /// Behind the last line end that is surely outside quotes. A stray quote turns inside and outside around: then the last
    /// line end has to do, and the reader finds out if it was none.
    fn cut(&self, bytes: &[u8]) -> Option<usize> {
        let last = memrchr(b'\n', bytes)? + 1;
        if !self.respects_quotes || !bytes.contains(&b'"') {
            return Some(last);
        }
        let (mut is_quoted, mut outside) = (false, 0);
        for at in memchr2_iter(b'"', b'\n', bytes) {
            if bytes[at] == b'"' {
                is_quoted = !is_quoted;
            } else if !is_quoted {
                outside = at + 1;
            }
        }
        Some(if outside * 2 > bytes.len() {
            outside
        } else {
            last
        })
    }
}

/// Where the line number `count` (from 0) of some bytes starts.
pub fn start_of_line(bytes: &[u8], count: usize) -> usize {
    match count.checked_sub(1) {
        None => 0,
        Some(before) => memchr::memchr_iter(b'\n', bytes)
            .nth(before)
            .map_or(bytes.len(), |at| at + 1),
    }
}
