//! Folding: how characters are made comparable before any rule looks at them.
//!
//! Full width becomes half width, compatibility forms become plain ones, all kinds of white space become one blank.

use std::borrow::Cow;
use std::sync::LazyLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use hashbrown::HashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::scalar::{Call, Function};

/// `fold_text`.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "fold_text",
    arguments: &["text"],
    required: 1,
    description: "A text as it is compared with another: half width, lower case, one blank for several, Latin letters without \
                  marks (ü as u, ß as ss), traditional characters simplified. For rules over words that no other function knows: \
                  a town, a surname alone. Null where nothing is left.",
    source: "Unicode's NFKC and NFD; the characters of OpenCC",
    example: ("fold_text('São Paulo　臺')", "sao paulo 台"),
    call: Call::Text(|args| Some(fold_text(args[0])).filter(|folded| !folded.is_empty())),
}];

fn fold_text(text: &str) -> String {
    let simple = simplify(&fold(text));
    let mut folded = String::with_capacity(simple.len());
    let lower = simple.chars().flat_map(char::to_lowercase);
    lower.for_each(|character| push_bare(character, &mut folded));
    folded
}

/// Adds a letter in lower case without its marks.
fn push_bare(letter: char, folded: &mut String) {
    match letter {
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'ø' => folded.push('o'),
        'ł' => folded.push('l'),
        'đ' => folded.push('d'),
        'ı' => folded.push('i'),
        'ς' => folded.push('σ'),
        // Their marks are letters: た is not だ.
        '\u{3040}'..='\u{30FF}' => folded.push(letter),
        '\u{AC00}'..='\u{D7A3}' => folded.push(letter),
        other => {
            let parts = std::iter::once(other).nfd();
            folded.extend(parts.filter(|c| !is_combining_mark(*c)));
        }
    }
}

/// NFKC, control and zero-width characters removed, runs of white space as one blank, trimmed.
///
/// `fold(" １３８\u{3000}１２ ")` is `138 12`.
pub fn fold(text: &str) -> Cow<'_, str> {
    let plain = text.is_ascii()
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
        && !text.bytes().any(|byte| byte.is_ascii_control());
    if plain {
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkc() {
        if character.is_whitespace() {
            if !folded.ends_with(' ') && !folded.is_empty() {
                folded.push(' ');
            }
        } else if !character.is_control() && !is_invisible(character) {
            folded.push(character);
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    Cow::Owned(folded)
}

/// The same, with round brackets for all others: clerks put notes in any.
pub fn with_round_brackets(text: &str) -> String {
    fold(text)
        .replace(['【', '〔', '['], "(")
        .replace(['】', '〕', ']'], ")")
}

/// Zero-width joiners, direction marks, the byte order mark.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}')
}

/// Chinese ideographs, with the extensions and the compatibility block.
pub fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '〇' | '々')
}

/// Traditional characters to simplified ones. For keys only: it changes names (李乾 becomes 李干).
///
/// Character by character: a name has no words for the converter's phrase tables to find.
pub fn simplify(text: &str) -> String {
    static SIMPLER: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let Ok(converter) = OpenCC::from_config(BuiltinConfig::T2s) else {
            return HashMap::new();
        };
        let convert = |character: char| {
            converter
                .convert(character.encode_utf8(&mut [0; 4]))
                .chars()
                .next()
                .unwrap_or(character)
        };
        let table = ('\u{3400}'..='\u{9FFF}').map(|character| (character, convert(character)));
        // 锺 is a surname of its own in the standard's table, and the same name as 钟 where people write it.
        table
            .chain([('鍾', '钟'), ('锺', '钟'), ('𠮷', '吉'), ('囯', '国')])
            .filter(|(from, to)| from != to)
            .collect()
    });
    text.chars()
        .map(|character| SIMPLER.get(&character).copied().unwrap_or(character))
        .collect()
}

/// A letter without the dots that clerks without the key for it leave out.
pub fn without_dots(letter: char) -> char {
    match letter {
        'ä' => 'a',
        'ö' => 'o',
        'ü' => 'u',
        'Ä' => 'A',
        'Ö' => 'O',
        'Ü' => 'U',
        other => other,
    }
}

/// Latin letters without marks, lower case: `Müller` is `mueller`, `José` is `jose`.
pub fn fold_latin(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        match character {
            '’' | '‘' | '`' => folded.push('\''),
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            other => push_bare(other, &mut folded),
        }
    }
    folded
}
