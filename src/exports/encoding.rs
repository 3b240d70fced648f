//! Which encoding the bytes of a text are in, by what evidence, and the text they give.
//!
//! A byte order mark decides; then strict UTF-8; then the share of double bytes that are common characters in each of the
//! encodings that Chinese, Japanese and Western systems write. GBK and GB2312 are read as GB18030, which holds both.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;

use encoding_rs::{
    BIG5, Decoder, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};

use crate::functions::fold::is_han;
use crate::report::text::count;

/// An encoding, and why it was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// Why, for the report.
    pub evidence: String,
}

impl Decision {
    fn new(encoding: &'static Encoding, evidence: impl Into<String>) -> Self {
        Self {
            encoding,
            evidence: evidence.into(),
        }
    }

    /// The encoding that an export declares, by its label.
    pub fn declared(label: &str) -> Option<Self> {
        let encoding = Encoding::for_label(label.as_bytes())?;
        Some(Self::new(widen(encoding), "declared"))
    }

    /// What a text is while no byte above ASCII was seen.
    pub fn ascii() -> Self {
        Self::new(UTF_8, "only ASCII")
    }

    /// What the first bytes say: a byte order mark and its length, or UTF-16 without one.
    pub fn by_mark(bytes: &[u8]) -> Option<(Self, usize)> {
        if let Some((encoding, length)) = Encoding::for_bom(bytes) {
            return Some((Self::new(encoding, "byte order mark"), length));
        }
        let encoding = match bytes.get(..4)? {
            [0, high, 0, _] if *high != 0 => UTF_16BE,
            [low, 0, _, 0] if *low != 0 => UTF_16LE,
            _ => return None,
        };
        Some((Self::new(encoding, "every other byte is zero"), 0))
    }

    /// What a sample looks like; it has bytes above ASCII. `is_cut` says that its last character may lack its end.
    pub fn by_sample(sample: &[u8], is_cut: bool) -> Self {
        let (mut characters, mut broken) = (0_u64, 0_u64);
        for chunk in sample.utf8_chunks() {
            characters += chunk
                .valid()
                .chars()
                .filter(|character| !character.is_ascii())
                .count() as u64;
            broken += u64::from(!chunk.invalid().is_empty());
        }
        if is_cut && std::str::from_utf8(sample).is_err_and(|error| error.error_len().is_none()) {
            broken -= 1;
        }
        if broken == 0 {
            return Self::new(
                UTF_8,
                format!(
                    "valid UTF-8, {} characters above ASCII in the sample",
                    count(characters)
                ),
            );
        }
        // A broken byte in good text costs its row, not the file.
        if characters >= 2 * broken {
            return Self::new(
                UTF_8,
                format!(
                    "UTF-8 but for {} of {} characters in the sample",
                    count(broken),
                    count(characters + broken)
                ),
            );
        }
        let candidates = [
            (GB18030, gb_18030(sample)),
            (BIG5, big5(sample)),
            (SHIFT_JIS, shift_jis(sample)),
            (WINDOWS_1252, windows_1252(sample)),
        ];
        let best = candidates
            .iter()
            .rev()
            .max_by(|left, right| left.1.share().total_cmp(&right.1.share()));
        match best {
            Some((encoding, found)) if found.share() >= 0.6 => Self::new(
                encoding,
                format!(
                    "no valid UTF-8; {:.0} % of {} characters above ASCII are common ones of {}",
                    found.share() * 100.0,
                    count(found.all),
                    encoding.name()
                ),
            ),
            _ => {
                let mut detector =
                    chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
                detector.feed(sample, !is_cut);
                let encoding = widen(detector.guess(None, chardetng::Utf8Detection::Deny));
                Self::new(
                    encoding,
                    "no valid UTF-8; by the frequency of its characters",
                )
            }
        }
    }
}

/// GBK is decoded as the larger GB18030.
fn widen(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// How many characters above ASCII a sample has, and how many of them are common in an encoding.
#[derive(Debug, Default)]
struct Found {
    common: u64,
    all: u64,
}

impl Found {
    fn share(&self) -> f64 {
        if self.all == 0 {
            0.0
        } else {
            self.common as f64 / self.all as f64
        }
    }
}

/// Walks over a text of single and double bytes. `kind` says of a byte above ASCII and the one behind it how many bytes the
/// character takes and whether it is a common one.
fn walk(sample: &[u8], kind: impl Fn(u8, u8) -> (usize, bool)) -> Found {
    let mut found = Found::default();
    let mut at = 0;
    while at < sample.len() {
        let lead = sample[at];
        if lead < 0x80 {
            at += 1;
            continue;
        }
        let (length, is_common) = kind(lead, sample.get(at + 1).copied().unwrap_or(0));
        found.all += 1;
        found.common += u64::from(is_common);
        at += length;
    }
    found
}

/// Common: the marks and the first level of GB 2312.
fn gb_18030(sample: &[u8]) -> Found {
    walk(sample, |lead, trail| match (lead, trail) {
        (0xB0..=0xD7 | 0xA1..=0xA3, 0xA1..=0xFE) => (2, true),
        (0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE) => (2, false),
        (0x81..=0xFE, 0x30..=0x39) => (4, false),
        _ => (1, false),
    })
}

/// Common: the marks and the first level of Big5.
fn big5(sample: &[u8]) -> Found {
    walk(sample, |lead, trail| match (lead, trail) {
        (0xA1..=0xA3 | 0xA4..=0xC6, 0x40..=0x7E | 0xA1..=0xFE) => (2, true),
        (0x81..=0xFE, 0x40..=0x7E | 0xA1..=0xFE) => (2, false),
        _ => (1, false),
    })
}

/// Common: marks, kana and the first level of JIS X 0208. Half-width kana are not: any byte can be one.
fn shift_jis(sample: &[u8]) -> Found {
    walk(sample, |lead, trail| match (lead, trail) {
        (0x81, 0x40..=0xFC)
        | (0x82, 0x9F..=0xF1)
        | (0x83, 0x40..=0x96)
        | (0x88..=0x97, 0x40..=0xFC) => (2, true),
        (0x81..=0x9F | 0xE0..=0xFC, 0x40..=0x7E | 0x80..=0xFC) => (2, false),
        _ => (1, false),
    })
}

/// Common: letters and quotation marks that stand alone among ASCII.
fn windows_1252(sample: &[u8]) -> Found {
    let mut found = Found::default();
    for (at, byte) in sample.iter().enumerate().filter(|(_, byte)| **byte >= 0x80) {
        let is_ascii =
            |at: Option<usize>| at.and_then(|at| sample.get(at)).is_none_or(u8::is_ascii);
        let is_letter = matches!(byte, 0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0xFF | 0x80 | 0x8A | 0x8C | 0x8E | 0x91..=0x97 | 0x9A | 0x9C | 0x9E | 0x9F);
        found.all += 1;
        found.common +=
            u64::from(is_letter && is_ascii(at.checked_sub(1)) && is_ascii(Some(at + 1)));
    }
    found
}

/// A piece of a text, decoded.
#[derive(Debug)]
pub struct Text<'a> {
    /// The text; what could not be decoded is U+FFFD.
    pub text: Cow<'a, str>,
    /// The lines of it that have something undecodable.
    pub broken: Vec<Range<usize>>,
    /// How many characters could not be decoded.
    pub undecodable: u64,
}

/// Decodes bytes that begin at the start of a character.
pub fn decode<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Text<'a> {
    let whole = if encoding == UTF_8 {
        std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
    } else {
        encoding.decode_without_bom_handling_and_without_replacement(bytes)
    };
    if let Some(text) = whole
        .filter(|_| encoding == UTF_8 || !bytes.split(|byte| *byte == b'\n').any(is_chinese_utf8))
    {
        return Text {
            text,
            broken: Vec::new(),
            undecodable: 0,
        };
    }
    // Line by line: a fault is told with its line, and the others stay good.
    let mut text = String::with_capacity(bytes.len() * 3 / 2);
    let (mut broken, mut undecodable) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let start = text.len();
        match encoding.decode_without_bom_handling_and_without_replacement(line) {
            // A line of another system among the others would be published as nonsense.
            Some(_) if encoding != UTF_8 && is_chinese_utf8(line) => {
                undecodable += 1;
                text.push_str(&String::from_utf8_lossy(line));
                broken.push(start..text.len());
            }
            Some(clean) => text.push_str(&clean),
            None => {
                let (lossy, _) = encoding.decode_without_bom_handling(line);
                undecodable += lossy.matches('\u{FFFD}').count() as u64;
                text.push_str(&lossy);
                broken.push(start..text.len());
            }
        }
    }
    Text {
        text: Cow::Owned(text),
        broken,
        undecodable,
    }
}

/// Whether a line is Chinese in UTF-8: in a double-byte encoding the same bytes are nonsense.
fn is_chinese_utf8(line: &[u8]) -> bool {
    if line.is_ascii() {
        return false;
    }
    let Ok(text) = std::str::from_utf8(line) else {
        return false;
    };
    let above = text.chars().filter(|character| !character.is_ascii());
    let (mut han, mut others) = (0, 0);
    above.for_each(|character| match is_han(character) {
        true => han += 1,
        false => others += 1,
    });
    han >= 2 && others <= han
}

/// Bytes of any encoding, handed on as UTF-8: for what cannot be cut into lines before it is decoded.
pub struct DecodingReader<R> {
    reader: R,
    decoder: Decoder,
    input: Vec<u8>,
    output: String,
    given: usize,
    is_done: bool,
}

impl<R: Read> DecodingReader<R> {
    /// Reads bytes in an encoding; what cannot be decoded becomes U+FFFD.
    pub fn new(reader: R, encoding: &'static Encoding) -> Self {
        Self {
            reader,
            decoder: encoding.new_decoder_without_bom_handling(),
            input: vec![0; 1 << 16],
            output: String::new(),
            given: 0,
            is_done: false,
        }
    }
}

impl<R: Read> Read for DecodingReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() {
            if self.is_done {
                return Ok(0);
            }
            let filled = self.reader.read(&mut self.input)?;
            self.is_done = filled == 0;
            self.output.clear();
            self.given = 0;
            self.output.reserve(filled * 3 + 16);
            let _ = self.decoder.decode_to_string(
                &self.input[..filled],
                &mut self.output,
                self.is_done,
            );
        }
        let rest = &self.output.as_bytes()[self.given..];
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(encoding: &'static Encoding, text: &str) -> &'static Encoding {
        let (bytes, _, has_errors) = encoding.encode(text);
        assert!(!has_errors, "{text} has no form in {}", encoding.name());
        Decision::by_sample(&bytes, false).encoding
    }

    #[test]
    fn encodings_are_told_apart_by_a_few_characters() {
        for text in ["王", "张伟,北京市朝阳区", "订单编号,手机号\n1,13812345678"] {
            assert_eq!(found(GB18030, text), GB18030, "{text}");
        }
        for text in ["陳大文", "王小明,臺北市信義區", "訂單編號,手機號碼"] {
            assert_eq!(found(BIG5, text), BIG5, "{text}");
        }
        for text in [
            "山田太郎,東京都",
            "ヤマダ,たろう",
            "注文番号,電話番号,おなまえ",
        ] {
            assert_eq!(found(SHIFT_JIS, text), SHIFT_JIS, "{text}");
        }
        for text in ["Müller,Köln", "José Nuñez", "O’Brien,€ 5"] {
            assert_eq!(found(WINDOWS_1252, text), WINDOWS_1252, "{text}");
        }
        assert_eq!(found(UTF_8, "张伟"), UTF_8);
    }

    #[test]
    fn a_cut_character_at_the_end_of_a_sample_is_no_fault() {
        let bytes = "张伟".as_bytes();
        let decision = Decision::by_sample(&bytes[..5], true);
        assert_eq!(
            (decision.encoding, decision.evidence.starts_with("valid")),
            (UTF_8, true)
        );
    }

    #[test]
    fn a_broken_byte_is_told_with_its_line() {
        let text = decode(UTF_8, b"a\nRen\xff\nb\n");
        assert_eq!(text.undecodable, 1);
        assert_eq!(text.broken, [2..9]);
        assert_eq!(&text.text[text.broken[0].clone()], "Ren\u{FFFD}\n");
    }
}
