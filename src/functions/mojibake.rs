//! Text that was read in the wrong encoding and saved so: 寮犱紵 was 张伟, ÕÅÎ° was 张伟, MÃ¼ller was Müller.
//!
//! Repaired only where every character goes back to bytes and the bytes read cleanly in the right encoding. Where bytes were
//! lost (锟斤拷, U+FFFD) the value is gone, and nothing is guessed.

use encoding_rs::{GBK, WINDOWS_1252};

use super::fold::is_han;
use super::scalar::{Call, Function};

/// `repair_mojibake`.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "repair_mojibake",
    arguments: &["text"],
    required: 1,
    description: "The text as it was before it was read in the wrong encoding (UTF-8 as GBK or Latin-1, GBK as Latin-1), where \
                  the way back is clean; a sound text as it is; null where bytes were lost for good.",
    source: "our own rules over the WHATWG encodings",
    example: ("repair_mojibake('寮犱紵')", "张伟"),
    call: Call::Text(|args| repair(args[0])),
}];

/// What is left where bytes were lost: replacement characters saved and read as GBK, and fresh memory read as GBK.
const LOST: &[&str] = &["\u{FFFD}", "锟斤拷", "锟斤", "斤拷", "烫烫烫", "屯屯屯"];

/// The text as it was before it was read in a wrong encoding; none where bytes were lost.
pub fn repair(text: &str) -> Option<String> {
    if LOST.iter().any(|lost| text.contains(lost)) {
        return None;
    }
    if text.is_ascii() {
        return Some(text.to_string());
    }
    if has_lost_its_end(text) {
        return None;
    }
    let repaired = utf8_read_as_gbk(text)
        .or_else(|| utf8_read_as_latin(text))
        .or_else(|| gbk_read_as_latin(text))
        .or_else(|| accents_read_as_gbk(text));
    Some(repaired.unwrap_or_else(|| text.to_string()))
}

/// UTF-8 read as GBK whose last byte became a question mark: 王小明 as 鐜嬪皬鏄?.
fn has_lost_its_end(text: &str) -> bool {
    text.split('?').rev().skip(1).any(|part| {
        let (bytes, _, has_errors) = GBK.encode(part);
        match std::str::from_utf8(&bytes) {
            Err(error) if !has_errors && error.error_len().is_none() => {
                std::str::from_utf8(&bytes[..error.valid_up_to()]).is_ok_and(is_chinese_text)
            }
            _ => false,
        }
    })
}

/// Chinese text or its marks: a clean way back to anything else is chance.
fn is_chinese_text(text: &str) -> bool {
    let is_expected = |character: char| {
        character.is_ascii()
            || is_han(character)
            || matches!(character, '\u{2014}'..='\u{2026}' | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}' | '·')
    };
    text.chars().any(is_han) && text.chars().all(is_expected)
}

fn utf8_read_as_gbk(text: &str) -> Option<String> {
    let (bytes, _, has_errors) = GBK.encode(text);
    let repaired = std::str::from_utf8(&bytes).ok()?;
    (!has_errors && is_chinese_text(repaired)).then(|| repaired.to_string())
}

/// M眉ller was Müller: a Chinese character between Latin letters, which gives a Latin letter.
fn accents_read_as_gbk(text: &str) -> Option<String> {
    let is_latin = |character: char| character.is_ascii_alphabetic();
    let characters: Vec<char> = text.chars().collect();
    let stands_in_word = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| characters.get(at)).copied();
        let behind = characters.get(at + 1).copied();
        before.is_some_and(is_latin) || (at == 0 && behind.is_some_and(is_latin))
    };
    let is_mixed = (0..characters.len()).all(|at| characters[at].is_ascii() || stands_in_word(at));
    let (bytes, _, has_errors) = GBK.encode(text);
    let repaired = std::str::from_utf8(&bytes).ok()?;
    let is_western = repaired
        .chars()
        .all(|c| c.is_ascii() || matches!(c, '\u{C0}'..='\u{17F}'));
    (is_mixed && !has_errors && is_western).then(|| repaired.to_string())
}

fn latin_bytes(text: &str) -> Option<Vec<u8>> {
    let (bytes, _, has_errors) = WINDOWS_1252.encode(text);
    (!has_errors).then(|| bytes.into_owned())
}

fn utf8_read_as_latin(text: &str) -> Option<String> {
    String::from_utf8(latin_bytes(text)?).ok()
}

/// Every byte above ASCII must be half of a character of GB 2312: Western letters stand alone. Two may stand side by side, as in
/// Construções, but not four, where there are letters around them.
fn gbk_read_as_latin(text: &str) -> Option<String> {
    const MOST_WESTERN: usize = 2;
    let bytes = latin_bytes(text)?;
    let mut runs = bytes.chunk_by(|one, other| one.is_ascii() == other.is_ascii());
    // À to ÿ are letters, but for × and ÷.
    let is_letter = |byte: &u8| *byte >= 0xC0 && !matches!(byte, 0xD7 | 0xF7);
    let is_chinese =
        |run: &[u8]| !run[0].is_ascii() && (run.len() > MOST_WESTERN || !run.iter().all(is_letter));
    if !runs.any(is_chinese) && bytes.iter().any(u8::is_ascii_alphabetic) {
        return None;
    }
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (0..=0x7F, _) => at += 1,
            (0xA1..=0xF7, Some(0xA1..=0xFE)) => at += 2,
            _ => return None,
        }
    }
    let repaired = GBK.decode_without_bom_handling_and_without_replacement(&bytes)?;
    is_chinese_text(&repaired).then(|| repaired.into_owned())
}
