//! Names in other alphabets in Latin letters, letter by letter, as passports have them: Cyrillic, Greek, Hangul, kana. Arabic and Hebrew
//! leave their vowels out, so nothing is read from them.

use super::fold::fold;

const CYRILLIC: &[(char, &str)] = &[
    ('а', "a"),
    ('б', "b"),
    ('в', "v"),
    ('г', "g"),
    ('д', "d"),
    ('е', "e"),
    ('ё', "e"),
    ('ж', "zh"),
    ('з', "z"),
    ('и', "i"),
    ('й', "y"),
    ('к', "k"),
    ('л', "l"),
    ('м', "m"),
    ('н', "n"),
    ('о', "o"),
    ('п', "p"),
    ('р', "r"),
    ('с', "s"),
    ('т', "t"),
    ('у', "u"),
    ('ф', "f"),
    ('х', "kh"),
    ('ц', "ts"),
    ('ч', "ch"),
    ('ш', "sh"),
    ('щ', "shch"),
    ('ъ', ""),
    ('ы', "y"),
    ('ь', ""),
    ('э', "e"),
    ('ю', "yu"),
    ('я', "ya"),
    // Ukraine, Belarus and Serbia.
    ('і', "i"),
    ('ї', "i"),
    ('є', "ie"),
    ('ґ', "g"),
    ('ў', "u"),
    ('ђ', "dj"),
    ('ј', "j"),
    ('љ', "lj"),
    ('њ', "nj"),
    ('ћ', "c"),
    ('џ', "dz"),
];

/// What is written with two letters stands before what is written with one.
const GREEK: &[(&str, &str)] = &[
    ("ου", "ou"),
    ("αυ", "av"),
    ("ευ", "ev"),
    ("ντ", "nt"),
    ("γγ", "ng"),
    ("γκ", "gk"),
    ("α", "a"),
    ("β", "v"),
    ("γ", "g"),
    ("δ", "d"),
    ("ε", "e"),
    ("ζ", "z"),
    ("η", "i"),
    ("θ", "th"),
    ("ι", "i"),
    ("κ", "k"),
    ("λ", "l"),
    ("μ", "m"),
    ("ν", "n"),
    ("ξ", "x"),
    ("ο", "o"),
    ("π", "p"),
    ("ρ", "r"),
    ("σ", "s"),
    ("ς", "s"),
    ("τ", "t"),
    ("υ", "y"),
    ("φ", "f"),
    ("χ", "ch"),
    ("ψ", "ps"),
    ("ω", "o"),
];

/// The parts of a Korean syllable, in the order of Unicode.
const INITIALS: [&str; 19] = [
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
    "h",
];
const VOWELS: [&str; 21] = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "eu", "ui", "i",
];
const FINALS: [&str; 28] = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p",
    "t", "t", "ng", "t", "t", "k", "t", "p", "t",
];
/// Korean surnames, and how their bearers write them.
const KOREAN_SURNAMES: &[(&str, &str)] = &[
    ("김", "kim"),
    ("이", "lee"),
    ("박", "park"),
    ("최", "choi"),
    ("정", "jung"),
    ("강", "kang"),
    ("조", "cho"),
    ("윤", "yoon"),
    ("장", "jang"),
    ("임", "lim"),
    ("오", "oh"),
    ("신", "shin"),
    ("유", "yoo"),
    ("권", "kwon"),
    ("안", "ahn"),
    ("우", "woo"),
    ("문", "moon"),
    ("구", "koo"),
    ("노", "noh"),
    ("백", "baek"),
    ("남궁", "namgung"),
    ("황보", "hwangbo"),
    ("제갈", "jegal"),
    ("선우", "sunwoo"),
    ("독고", "dokgo"),
];

/// Hiragana, what two of them spell together first.
const KANA: &[(&str, &str)] = &[
    ("きゃ", "kya"),
    ("きゅ", "kyu"),
    ("きょ", "kyo"),
    ("しゃ", "sha"),
    ("しゅ", "shu"),
    ("しょ", "sho"),
    ("ちゃ", "cha"),
    ("ちゅ", "chu"),
    ("ちょ", "cho"),
    ("にゃ", "nya"),
    ("にゅ", "nyu"),
    ("にょ", "nyo"),
    ("ひゃ", "hya"),
    ("ひゅ", "hyu"),
    ("ひょ", "hyo"),
    ("みゃ", "mya"),
    ("みゅ", "myu"),
    ("みょ", "myo"),
    ("りゃ", "rya"),
    ("りゅ", "ryu"),
    ("りょ", "ryo"),
    ("ぎゃ", "gya"),
    ("ぎゅ", "gyu"),
    ("ぎょ", "gyo"),
    ("じゃ", "ja"),
    ("じゅ", "ju"),
    ("じょ", "jo"),
    ("びゃ", "bya"),
    ("びゅ", "byu"),
    ("びょ", "byo"),
    ("ぴゃ", "pya"),
    ("ぴゅ", "pyu"),
    ("ぴょ", "pyo"),
    ("あ", "a"),
    ("い", "i"),
    ("う", "u"),
    ("え", "e"),
    ("お", "o"),
    ("か", "ka"),
    ("き", "ki"),
    ("く", "ku"),
    ("け", "ke"),
    ("こ", "ko"),
    ("さ", "sa"),
    ("し", "shi"),
    ("す", "su"),
    ("せ", "se"),
    ("そ", "so"),
    ("た", "ta"),
    ("ち", "chi"),
    ("つ", "tsu"),
    ("て", "te"),
    ("と", "to"),
    ("な", "na"),
    ("に", "ni"),
    ("ぬ", "nu"),
    ("ね", "ne"),
    ("の", "no"),
    ("は", "ha"),
    ("ひ", "hi"),
    ("ふ", "fu"),
    ("へ", "he"),
    ("ほ", "ho"),
    ("ま", "ma"),
    ("み", "mi"),
    ("む", "mu"),
    ("め", "me"),
    ("も", "mo"),
    ("や", "ya"),
    ("ゆ", "yu"),
    ("よ", "yo"),
    ("ら", "ra"),
    ("り", "ri"),
    ("る", "ru"),
    ("れ", "re"),
    ("ろ", "ro"),
    ("わ", "wa"),
    ("を", "o"),
    ("ん", "n"),
    ("が", "ga"),
    ("ぎ", "gi"),
    ("ぐ", "gu"),
    ("げ", "ge"),
    ("ご", "go"),
    ("ざ", "za"),
    ("じ", "ji"),
    ("ず", "zu"),
    ("ぜ", "ze"),
    ("ぞ", "zo"),
    ("だ", "da"),
    ("ぢ", "ji"),
    ("づ", "zu"),
    ("で", "de"),
    ("ど", "do"),
    ("ば", "ba"),
    ("び", "bi"),
    ("ぶ", "bu"),
    ("べ", "be"),
    ("ぼ", "bo"),
    ("ぱ", "pa"),
    ("ぴ", "pi"),
    ("ぷ", "pu"),
    ("ぺ", "pe"),
    ("ぽ", "po"),
];

/// The name in Latin letters; `None` where it has no letter of another alphabet, or one that cannot be read.
pub fn in_latin(text: &str) -> Option<String> {
    let text = fold(text);
    if text.is_ascii() {
        return None;
    }
    let lower: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(plain)
        .collect();
    let mut latin = String::new();
    let mut is_other = false;
    let mut rest = lower.as_str();
    let mut starts_name = true;
    while let Some(first) = rest.chars().next() {
        let (length, written) = if let Some(found) = korean(rest, starts_name) {
            found
        } else if let Some((letter, written)) = CYRILLIC.iter().find(|(letter, _)| *letter == first)
        {
            (letter.len_utf8(), (*written).to_string())
        } else if let Some((letters, written)) = GREEK
            .iter()
            .chain(KANA)
            .find(|(letters, _)| rest.starts_with(letters))
        {
            (letters.len(), (*written).to_string())
        } else if matches!(first, 'ー' | 'っ') {
            (first.len_utf8(), String::new())
        } else if first.is_alphabetic() && !first.is_ascii() {
            return None;
        } else {
            latin.push(first);
            rest = &rest[first.len_utf8()..];
            starts_name = false;
            continue;
        };
        is_other = true;
        starts_name = false;
        latin.push_str(&written);
        rest = &rest[length..];
    }
    is_other.then_some(latin)
}

/// A letter without what tells it from another: an accent, and katakana from hiragana.
fn plain(letter: char) -> char {
    match letter {
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        '・' => ' ',
        other => hiragana(other),
    }
}

/// A transliterated word, written as whichever system: Aleksey, Alexei; Natalya, Nataliia.
pub(super) fn loosely(word: String) -> String {
    let word = word
        .strip_prefix("ye")
        .map_or(word.clone(), |rest| format!("e{rest}"));
    const WRITTEN: &[(&str, &str)] = &[
        ("x", "ks"),
        ("kh", "h"),
        ("ph", "f"),
        ("w", "v"),
        ("y", "i"),
        ("j", "i"),
        ("ii", "i"),
    ];
    WRITTEN
        .iter()
        .fold(word, |word, (written, plain)| word.replace(written, plain))
}

/// A letter in hiragana, where it is a katakana.
pub(super) fn hiragana(letter: char) -> char {
    match letter {
        'ァ'..='ヶ' => char::from_u32(letter as u32 - 0x60).unwrap_or(letter),
        other => other,
    }
}

/// Whether a character is a syllable of Korean.
pub(super) fn is_hangul(character: char) -> bool {
    matches!(character, '가'..='힣')
}

/// A Korean surname at the start of a name, with a blank behind it, or one syllable: how much of the text it is, and how it is written.
fn korean(text: &str, starts_name: bool) -> Option<(usize, String)> {
    let first = text.chars().next()?;
    let at = (first as u32)
        .checked_sub(0xAC00)
        .filter(|at| *at < 11_172)?;
    let surname = KOREAN_SURNAMES
        .iter()
        .filter(|(surname, _)| starts_name && text.starts_with(surname));
    if let Some((surname, written)) = surname.max_by_key(|(surname, _)| surname.len()) {
        return Some((surname.len(), format!("{written} ")));
    }
    let (initial, vowel, last) = (at / 588, at % 588 / 28, at % 28);
    let mut written = format!(
        "{}{}{}",
        INITIALS[initial as usize], VOWELS[vowel as usize], FINALS[last as usize]
    );
    if starts_name {
        written.push(' ');
    }
    Some((first.len_utf8(), written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_letter_by_letter() {
        for (name, latin) in [
            ("Лебедев Сергей", "lebedev sergey"),
            ("Щербакова", "shcherbakova"),
            ("Γεώργιος Αντωνίου", "georgios antoniou"),
            ("Παπαδόπουλος", "papadopoulos"),
            ("김민준", "kim minjun"),
            ("남궁민수", "namgung minsu"),
            ("ヤマダ タロウ", "yamada tarou"),
            ("きょうこ", "kyouko"),
        ] {
            assert_eq!(in_latin(name).as_deref(), Some(latin), "{name}");
        }
        assert_eq!(in_latin("John Smith"), None);
        assert_eq!(in_latin("محمد علي"), None);
        assert_eq!(in_latin("山田 たろう"), None);
    }
}
