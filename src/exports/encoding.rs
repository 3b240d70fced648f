//! Bytes become text: UTF-8 with or without a mark, the GB family, and what the export declares.
//!
//! Bytes up to the first one above ASCII mean the same in every encoding that is told apart here, so the decision waits
//! for the first piece that has one, and nothing is read twice.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// How many bytes are read at a time.
const PIECE: usize = 1 << 20;

/// Text, piece by piece, from bytes in an encoding that is found on the way.
pub struct TextReader<R> {
    reader: R,
    piece: Vec<u8>,
    decoder: Option<Decoder>,
    encoding: &'static Encoding,
    is_first: bool,
    is_done: bool,
}

impl<R: Read> TextReader<R> {
    /// Reads text; `declared` is an encoding's label, if the export declares one.
    pub fn new(reader: R, declared: Option<&str>) -> Self {
        let encoding = declared
            .and_then(|label| Encoding::for_label(label.as_bytes()))
            .map(widen);
        Self {
            reader,
            piece: vec![0; PIECE],
            decoder: encoding.map(Encoding::new_decoder_without_bom_handling),
            encoding: encoding.unwrap_or(UTF_8),
            is_first: true,
            is_done: false,
        }
    }

    /// The encoding, as far as it is known: UTF-8 while only ASCII was seen.
    pub fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    /// Appends the next piece to `text`; `false` at the end. What cannot be decoded becomes U+FFFD.
    pub fn read_piece(&mut self, text: &mut String) -> io::Result<bool> {
        if self.is_done {
            return Ok(false);
        }
        let mut filled = 0;
        while filled < self.piece.len() {
            match self.reader.read(&mut self.piece[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        let is_last = filled < self.piece.len();
        let mut bytes = &self.piece[..filled];
        if self.is_first {
            self.is_first = false;
            if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
                bytes = &bytes[mark..];
                self.encoding = encoding;
                self.decoder = Some(encoding.new_decoder_without_bom_handling());
            } else if self.decoder.is_none()
                && let Some(encoding) = unmarked_utf16(bytes)
            {
                self.encoding = encoding;
                self.decoder = Some(encoding.new_decoder_without_bom_handling());
            }
        }
        if self.decoder.is_none() && !bytes.is_ascii() {
            self.encoding = detect(bytes, is_last);
            self.decoder = Some(self.encoding.new_decoder_without_bom_handling());
        }
        match &mut self.decoder {
            None => text.push_str(std::str::from_utf8(bytes).expect("only ASCII was seen so far")),
            Some(decoder) => {
                text.reserve(
                    decoder
                        .max_utf8_buffer_length(bytes.len())
                        .unwrap_or(bytes.len() * 3),
                );
                let _ = decoder.decode_to_string(bytes, text, is_last);
            }
        }
        self.is_done = is_last;
        Ok(true)
    }
}

/// GBK is decoded as the larger GB18030.
fn widen(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == encoding_rs::GBK {
        GB18030
    } else {
        encoding
    }
}

fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(4)];
    match start {
        [0, high, 0, _] if *high != 0 => Some(UTF_16BE),
        [low, 0, _, 0] if *low != 0 => Some(UTF_16LE),
        _ => None,
    }
}

/// UTF-8 where most of what is above ASCII is that, GB18030 where a short text looks like it, else what the detector says.
fn detect(bytes: &[u8], is_last: bool) -> &'static Encoding {
    let (mut characters, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        characters += chunk
            .valid()
            .chars()
            .filter(|character| !character.is_ascii())
            .count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    // A character that the end of the piece cuts is no fault; a broken byte in good text costs its row, not the file.
    if characters > broken || (broken <= 1 && !is_last && characters + 1 > broken) {
        return UTF_8;
    }
    if is_short_gb(bytes) {
        return GB18030;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, is_last);
    widen(detector.guess(None, chardetng::Utf8Detection::Deny))
}

/// Whether a text that is too short for the detector looks like the common part of the GB encodings: its bytes above ASCII
/// come in pairs. Western text has them alone.
fn is_short_gb(bytes: &[u8]) -> bool {
    const SHORT: usize = 1000;
    let (mut pairs, mut others) = (0, 0);
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (0..=0x7F, _) => at += 1,
            (0xA1..=0xF7, Some(0xA1..=0xFE)) => {
                pairs += 1;
                at += 2;
            }
            _ => {
                others += 1;
                at += 1;
            }
        }
    }
    pairs > 2 * others && pairs < SHORT
}
