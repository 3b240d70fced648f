//! Chinese names in Latin letters: whether a text spells a name, in pinyin, in Wade and Giles's system, or as Hong Kong, Macau, Singapore,
//! Korea or Vietnam does.
//!
//! `Wang Xiaoming`, `Hsiao-ming Wang` and `Wong Siu Ming` all spell 王小明. One system spells all of a name: mixtures do not
//! count, or short names would spell anything; but behind a surname that is spelled as in Singapore, any may follow.

use std::sync::LazyLock;

use hashbrown::{HashMap, HashSet};

use super::fold::{fold_latin, simplify};
use super::reading;
use super::reference::{self, Table};
use super::{jyutping, surnames};

/// The spellings of Hong Kong by character, and by compound surname.
static CANTONESE: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut spellings: HashMap<&str, Vec<&str>> = HashMap::new();
    for [spelling, characters] in reference::rows::<2>(Table::Cantonese) {
        for character in characters.split_whitespace() {
            spellings.entry(character).or_default().push(spelling);
        }
    }
    spellings
});

/// The spellings of other places by character: of Korea, of Vietnam, and of the south of China as in Singapore.
static ABROAD: LazyLock<HashMap<(&'static str, &'static str), Vec<&'static str>>> =
    LazyLock::new(|| {
        let mut spellings: HashMap<(&str, &str), Vec<&str>> = HashMap::new();
        for [place, spelling, characters] in reference::rows::<3>(Table::Spellings) {
            for character in characters.split_whitespace() {
                spellings
                    .entry((place, character))
                    .or_default()
                    .push(spelling);
            }
        }
        spellings
    });

/// Whether a word in small letters is how Hong Kong spells a character.
pub fn is_cantonese(character: char, word: &str) -> bool {
    let simple = simplify(character.encode_utf8(&mut [0; 4]));
    let known = CANTONESE.get(simple.as_str());
    known.is_some_and(|spellings| spellings.contains(&word))
}

/// How many of ten thousand people have a surname that Hong Kong spells like a word, roughly.
pub fn frequency_in_hong_kong(word: &str) -> u32 {
    static FREQUENCIES: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
        let mut frequencies: HashMap<&str, u32> = HashMap::new();
        for (character, spellings) in CANTONESE.iter() {
            let of = surnames::known(character).map_or(0, |surname| surname.frequency);
            for spelling in spellings {
                let known = frequencies.entry(spelling).or_default();
                *known = of.max(*known);
            }
        }
        frequencies
    });
    FREQUENCIES.get(word).copied().unwrap_or_default()
}

/// Initials and finals of pinyin as Wade and Giles write them, without apostrophes; the longer first.
const INITIALS: &[(&str, &str)] = &[
    ("zh", "ch"),
    ("ch", "ch"),
    ("sh", "sh"),
    ("b", "p"),
    ("p", "p"),
    ("d", "t"),
    ("t", "t"),
    ("g", "k"),
    ("k", "k"),
    ("j", "ch"),
    ("q", "ch"),
    ("x", "hs"),
    ("z", "ts"),
    ("c", "ts"),
    ("r", "j"),
];
/// Syllables that are written as a whole.
const WHOLE: &[(&str, &str)] = &[
    ("zhi", "chih"),
    ("chi", "chih"),
    ("shi", "shih"),
    ("ri", "jih"),
    ("zi", "tzu"),
    ("ci", "tzu"),
    ("si", "ssu"),
    ("ge", "ko"),
    ("ke", "ko"),
    ("he", "ho"),
    ("e", "o"),
    ("er", "erh"),
    ("yan", "yen"),
    ("ye", "yeh"),
    ("you", "yu"),
    ("yong", "yung"),
    ("yue", "yueh"),
    ("yuan", "yuan"),
    ("yi", "i"),
    ("guo", "kuo"),
    ("kuo", "kuo"),
    ("huo", "huo"),
    ("shuo", "shuo"),
    ("xiong", "hsiung"),
    ("qiong", "chiung"),
    ("jiong", "chiung"),
];

/// A syllable of pinyin in Wade and Giles's system, without apostrophes and marks: `xiao` is `hsiao`, `qing` is `ching`.
fn wade_giles(syllable: &str) -> String {
    if let Some((_, written)) = WHOLE.iter().find(|(pinyin, _)| *pinyin == syllable) {
        return written.to_string();
    }
    let known = INITIALS
        .iter()
        .find_map(|(pinyin, written)| Some((*written, syllable.strip_prefix(pinyin)?)));
    // The others are written alike: l, m, n, s, f, h, w, y.
    let vowel = syllable.find(['a', 'e', 'i', 'o', 'u', 'v']).unwrap_or(0);
    let (initial, rest) = known.unwrap_or(syllable.split_at(vowel));
    let rest = rest.replace('v', "u");
    let rest = match rest.as_str() {
        "ian" => "ien".to_string(),
        "ie" => "ieh".to_string(),
        "ue" => "ueh".to_string(),
        "ong" => "ung".to_string(),
        "uo" => "o".to_string(),
        "ui" if initial == "k" => "uei".to_string(),
        other => other
            .strip_suffix("ong")
            .map_or_else(|| other.to_string(), |start| format!("{start}ung")),
    };
    format!("{initial}{rest}")
}

/// How the parts of a name are spelled in one system: the surname's spellings, and those of each character of the given name.
struct Spelled {
    surname: Vec<String>,
    given: Vec<Vec<String>>,
}

/// ü whose marks are folded away is written ue: Lü is lue; and 怡 is Yi on most passports of Taiwan, where Wade and Giles have I.
fn with_variants(pinyin: &[String], mut written: Vec<String>) -> Vec<String> {
    let umlauts: Vec<String> = pinyin
        .iter()
        .filter(|one| one.contains('v'))
        .map(|one| wade_giles(one).replacen('u', "ue", 1))
        .collect();
    written.extend(umlauts);
    written.extend(pinyin.iter().filter(|one| *one == "yi").cloned());
    written
}

/// Whether a Latin text spells a Chinese name, surname first or last.
pub fn spells(latin: &str, surname: &str, given: &str) -> bool {
    let folded = fold_latin(latin);
    let words: Vec<String> = folded
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '·'))
        .map(|word| {
            word.chars()
                .filter(|c| c.is_alphabetic())
                .collect::<String>()
        })
        .filter(|word| !word.is_empty())
        .collect();
    // Few have the surname, and to spell a given name costs more.
    let surnames = systems(surname, "");
    let has_surname = |text: &str| {
        let mut all = surnames.iter().flat_map(|spelled| &spelled.surname);
        all.any(|known| text.starts_with(known.as_str()) || text.ends_with(known.as_str()))
    };
    let joined = words.concat();
    let ends_at_word = |at: usize| has_surname(&words[at..].concat());
    if !has_surname(&joined) && !(1..words.len()).any(ends_at_word) {
        return false;
    }
    let systems = systems(surname, given);
    if let [joined] = words.as_slice() {
        // zhangwei, weizhang: in pinyin alone.
        return systems[0].surname.iter().any(|known| {
            let ends = [
                joined.strip_prefix(known.as_str()),
                joined.strip_suffix(known.as_str()),
            ];
            let mut rest = ends.into_iter().flatten();
            rest.any(|rest| !rest.is_empty() && systems[0].is(known, rest))
        });
    }
    let is_spelled = |words: &[String]| {
        systems.iter().any(|spelled| {
            (1..words.len()).any(|cut| {
                let (front, back) = (words[..cut].concat(), words[cut..].concat());
                spelled.is(&front, &back) || spelled.is(&back, &front)
            })
        })
    };
    // An English name in front, behind or within: Louis Koo Tin Lok, Koo Tin Lok Louis, Tinlok Louis Koo.
    let is_spelled_without = |at: usize| {
        let mut rest = words.clone();
        rest.remove(at);
        is_spelled(&rest)
    };
    is_spelled(&words) || (words.len() >= 3 && (0..words.len()).any(is_spelled_without))
}

/// Whether a Latin word, in small letters, spells a Chinese surname in one of the systems.
pub fn spells_surname(word: &str, surname: &str) -> bool {
    let systems = systems(surname, "");
    systems
        .iter()
        .any(|spelled| spelled.surname.iter().any(|known| known == word))
}

/// Whether a Latin word, in small letters, spells some Chinese or Korean surname.
pub fn is_surname(word: &str) -> bool {
    static SPELLED: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let spelled = surnames::all().flat_map(|surname| systems(surname, ""));
        let spelled: HashSet<String> = spelled.flat_map(|system| system.surname).collect();
        spelled.into_iter().filter(|word| word.len() >= 2).collect()
    });
    SPELLED.contains(word)
}

/// How Macau may spell a syllable that Hong Kong spells so, the latter among them: `yeung` is `ieong`, and `siu` `sio`.
fn in_macau(syllable: &str) -> Vec<String> {
    const FINALS: &[(&str, &str)] = &[
        ("eung", "eong"),
        ("uen", "un"),
        ("ing", "eng"),
        ("ung", "ong"),
        ("au", "ao"),
        ("iu", "io"),
        ("ik", "ek"),
        ("uk", "ok"),
        ("ui", "oi"),
        ("ee", "ei"),
        ("oo", "u"),
        ("ah", "a"),
    ];
    const INITIALS: &[(&str, &str)] = &[
        ("sze", "si"),
        ("tsz", "chi"),
        ("ts", "ch"),
        ("kw", "ku"),
        ("sh", "s"),
        ("w", "v"),
        ("yi", "i"),
        ("yu", "u"),
        ("y", "i"),
    ];
    let end = FINALS.iter().find_map(|(hong_kong, macau)| {
        Some(format!("{}{macau}", syllable.strip_suffix(hong_kong)?))
    });
    let written = end.unwrap_or_else(|| syllable.to_string());
    let start = INITIALS.iter().find_map(|(hong_kong, macau)| {
        Some(format!("{macau}{}", written.strip_prefix(hong_kong)?))
    });
    let both = start.unwrap_or_else(|| written.clone());
    let long = both.strip_suffix('o').map(|stem| format!("{stem}ou"));
    let mut all = vec![syllable.to_string(), written, both];
    all.extend(long);
    all
}

fn systems(surname: &str, given: &str) -> [Spelled; 7] {
    let given_pinyin: Vec<Vec<String>> = given.chars().map(reading::in_given_name).collect();
    let surname_pinyin = reading::of_surname(surname);
    // The surname's syllables are told apart again by its characters, where it has several.
    let syllables = |whole: &String| match surname.chars().count() {
        1 => wade_giles(whole),
        _ => surname
            .chars()
            .filter_map(reading::plain)
            .map(|syllable| wade_giles(&syllable))
            .collect(),
    };
    let in_wade_giles = Spelled {
        surname: with_variants(
            &surname_pinyin,
            surname_pinyin.iter().map(syllables).collect(),
        ),
        given: given_pinyin
            .iter()
            .map(|all| with_variants(all, all.iter().map(|one| wade_giles(one)).collect()))
            .collect(),
    };
    let cantonese = |text: &str| -> Vec<String> {
        let known = CANTONESE.get(simplify(text).as_str());
        known.map_or(Vec::new(), |all| {
            all.iter().map(ToString::to_string).collect()
        })
    };
    // What is no name's usual spelling follows from how it is read.
    let cantonese_given = |character: char| -> Vec<String> {
        let mut all = cantonese(character.encode_utf8(&mut [0; 4]));
        let simple = simplify(character.encode_utf8(&mut [0; 4]));
        all.extend(simple.chars().flat_map(jyutping::spellings));
        all.sort_unstable();
        all.dedup();
        all
    };
    let in_cantonese = Spelled {
        surname: cantonese(surname),
        given: given.chars().map(cantonese_given).collect(),
    };
    let macau = |all: &[String]| all.iter().flat_map(|one| in_macau(one)).collect();
    let in_macau = Spelled {
        surname: macau(&in_cantonese.surname),
        given: in_cantonese.given.iter().map(|all| macau(all)).collect(),
    };
    // ü is written v, u, yu, and ue where its marks are folded away.
    let with_u = |all: Vec<String>| -> Vec<String> {
        let written: Vec<String> = all
            .iter()
            .filter(|one| one.contains('v'))
            .flat_map(|one| {
                [
                    one.replace('v', "u"),
                    one.replace('v', "yu"),
                    one.replace('v', "ue"),
                ]
            })
            .collect();
        all.into_iter().chain(written).collect()
    };
    let in_pinyin = Spelled {
        surname: with_u(surname_pinyin),
        given: given_pinyin.into_iter().map(with_u).collect(),
    };
    let abroad = |place: &'static str| {
        let of = |text: &str| -> Vec<String> {
            let simple = simplify(text);
            let known = ABROAD.get(&(place, simple.as_str()));
            let known = known.into_iter().flatten();
            known.map(ToString::to_string).collect()
        };
        Spelled {
            surname: of(surname),
            given: given
                .chars()
                .map(|character| of(character.encode_utf8(&mut [0; 4])))
                .collect(),
        }
    };
    let (in_korea, in_vietnam, mut in_singapore) =
        (abroad("korea"), abroad("vietnam"), abroad("singapore"));
    // There the surname is spelled as in Hokkien, and the rest of it as parents like.
    if !in_singapore.surname.is_empty() {
        let others = [&in_pinyin, &in_wade_giles, &in_cantonese];
        for (at, spellings) in in_singapore.given.iter_mut().enumerate() {
            spellings.extend(others.iter().flat_map(|system| system.given[at].clone()));
        }
    }
    [
        in_pinyin,
        in_wade_giles,
        in_cantonese,
        in_macau,
        in_korea,
        in_vietnam,
        in_singapore,
    ]
}

impl Spelled {
    fn is(&self, surname: &str, given: &str) -> bool {
        !self.given.is_empty()
            && self.surname.iter().any(|known| known == surname)
            && joins(given, &self.given)
    }
}

/// Whether a text is one spelling of each character, joined.
fn joins(text: &str, characters: &[Vec<String>]) -> bool {
    match characters.split_first() {
        None => text.is_empty(),
        Some((first, rest)) => first.iter().any(|spelling| {
            !spelling.is_empty()
                && text
                    .strip_prefix(spelling.as_str())
                    .is_some_and(|behind| joins(behind, rest))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_systems_spell_a_name() {
        for (latin, surname, given) in [
            ("Wang Xiaoming", "王", "小明"),
            ("Xiao-Ming WANG", "王", "小明"),
            ("Wang Hsiao-ming", "王", "小明"),
            ("Tsai Ying-wen", "蔡", "英文"),
            ("Chiang Chung-cheng", "蒋", "中正"),
            ("Wong Siu Ming", "王", "小明"),
            ("Cheung Wai", "张", "伟"),
            ("Ou-yang Na-na", "欧阳", "娜娜"),
            ("Au Yeung Wai Ming", "欧阳", "伟明"),
            ("Lien Chan", "连", "战"),
            ("Nieh Jung-chen", "聂", "荣臻"),
            ("Chou Kuei-hua", "周", "桂华"),
            ("Lü Pu", "吕", "布"),
            ("Yip Man", "叶", "问"),
            ("Louis Koo Tin Lok", "古", "天乐"),
            ("zhangwei", "张", "伟"),
            ("Lyu Bu", "吕", "布"),
            ("Lu Bu", "吕", "布"),
            ("LAO LAI SI", "刘", "丽思"),
            ("Che Ka Kit", "谢", "嘉杰"),
            ("CHAN KA LENG", "陈", "家玲"),
            ("Ieong Sio Si", "杨", "小思"),
            ("Vong Chi Wai", "黄", "志伟"),
        ] {
            assert!(spells(latin, surname, given), "{latin}");
        }
    }

    #[test]
    fn a_mixture_or_another_name_spells_nothing() {
        for (latin, surname, given) in [
            ("Wong Xiaoming", "王", "小明"),
            ("Wang", "王", "小明"),
            ("Wang Xiao", "王", "小明"),
            ("Li Qiang", "张", "伟"),
            ("Xiaoming", "王", "小明"),
        ] {
            assert!(!spells(latin, surname, given), "{latin}");
        }
    }
}
