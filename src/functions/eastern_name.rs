//! Korean and Japanese names in Latin letters, which their bearers write in many ways: Lee Young-ho, Yi Yeongho; Satou, Sato, Satoh.

use std::sync::LazyLock;

use regex::Regex;

use super::address::pattern;
use super::latin_name_level::is_first_name_known;
use super::reading;

/// Korean surnames as they are written, the first for all of a line.
const SURNAMES: &[&[&str]] = &[
    &["yi", "lee", "rhee", "yee", "ri"],
    &["kim", "gim"],
    &["pak", "park", "bak", "bark"],
    &["choe", "choi", "chey"],
    &["jeong", "jung", "chung", "joung", "chong"],
    &["kang", "gang"],
    &["jo", "cho", "joe"],
    &["yun", "yoon", "youn"],
    &["jang", "chang"],
    &["im", "lim", "rim", "yim"],
    &["o", "oh"],
    &["sin", "shin"],
    &["yu", "yoo", "you", "ryu", "ryoo"],
    &["kwon", "gwon"],
    &["an", "ahn"],
    &["u", "woo"],
    &["mun", "moon"],
    &["gu", "koo", "ku"],
    &["no", "noh", "roh"],
    &["baek", "paik", "paek", "baik"],
    &["seo", "suh", "seoh"],
    &["heo", "huh", "hur"],
    &["nam"],
    &["sim", "shim"],
    &["ha", "hah"],
    &["ju", "joo", "chu"],
    &["jeon", "jun", "chun"],
    &["bae", "pae"],
    &["yang", "ryang"],
    &["hwang"],
    &["han"],
    &["song"],
    &["hong"],
    &["ko", "go", "koh"],
    &["son", "sohn"],
    &["min"],
    &["byeon", "byun"],
];

/// How syllables of given names are written otherwise; in this order.
const SYLLABLES: &[(&str, &str)] = &[
    ("oo", "u"),
    ("ee", "i"),
    ("young", "yeong"),
    ("hyun", "hyeon"),
    ("kyung", "kyeong"),
    ("gyung", "kyeong"),
    ("jung", "jeong"),
    ("sung", "seong"),
    ("chul", "cheol"),
    ("bum", "beom"),
    ("sub", "seop"),
    ("eui", "i"),
    ("ui", "i"),
    ("wu", "u"),
    ("geun", "keun"),
    ("gun", "geon"),
    ("sun", "seon"),
    ("g", "k"),
    ("b", "p"),
];

/// What stands for all spellings of a Korean name, of the words of one in Latin letters; `None` where it may be none.
pub fn korean(words: &[String]) -> Option<String> {
    static GIVEN: LazyLock<Regex> = LazyLock::new(|| {
        let syllable = "(?:ch|kk|tt|ss|jj|sh|[bcdghjkmnprsty])?[yw]?(?:ae|eo|eu|ui|oo|ee|ou|[aeiou])(?:ng|[nkmlpt])?";
        pattern(&format!("^(?:{syllable}){{2}}$"))
    });
    if !(2..=3).contains(&words.len()) {
        return None;
    }
    let surname = |word: &String| {
        let mut all = SURNAMES.iter();
        all.find(|known| known.contains(&word.as_str()))
            .map(|known| known[0])
    };
    // Han Bingbo and Han Pingpo are two in China; Anna is a name of its own.
    const OF_CHINA: &[&str] = &[
        "han", "yang", "yu", "song", "lim", "chang", "hong", "chu", "ha", "son", "ko", "gu", "an",
        "hwang", "min",
    ];
    let is_other = |surname: &str, given: &[String]| {
        let is_western = given.iter().any(|word| is_first_name_known(word));
        let is_chinese = OF_CHINA.contains(&surname) && reading::is_pinyin(&given.concat());
        is_western || is_chinese
    };
    let named = |surname: &str, given: &[String]| {
        let is_other = is_other(surname, given);
        let given = given.concat();
        (!is_other && GIVEN.is_match(&given)).then(|| {
            let plain = SYLLABLES
                .iter()
                .fold(given, |given, (written, read)| given.replace(written, read));
            format!("{surname} {plain}")
        })
    };
    let (first, last) = (&words[0], &words[words.len() - 1]);
    let in_front = surname(first).and_then(|surname| named(surname, &words[1..]));
    in_front.or_else(|| named(surname(last)?, &words[..words.len() - 1]))
}

/// Whether a name is written as in Korea alone: by its surname, or by a syllable of the given name.
pub fn is_surely_korean(words: &[String]) -> bool {
    const SURNAMES: &[&str] = &[
        "kim", "gim", "park", "bak", "bark", "rhee", "choi", "choe", "chey", "jeong", "joung",
        "gang", "yoon", "youn", "yoo", "ryoo", "kwon", "gwon", "ahn", "moon", "noh", "roh", "baek",
        "paik", "paek", "baik", "seo", "suh", "seoh", "heo", "huh", "hur", "shim", "joo", "jeon",
        "bae", "pae", "ryang", "sohn", "byeon", "byun",
    ];
    const SYLLABLES: &[&str] = &[
        "eo", "ae", "eu", "young", "hyun", "hye", "kyu", "gyu", "kyung", "yoon", "joon", "wook",
        "hyuk", "myung", "byung", "chul", "woo", "hee", "jung", "soo", "seok",
    ];
    let is_known = |word: &&String| SURNAMES.contains(&word.as_str());
    let says = |word: &String| {
        // Cheung is Hong Kong's.
        let word = word.replace("eung", "");
        SYLLABLES.iter().any(|syllable| word.contains(syllable))
    };
    let ends = [words.first(), words.last()];
    ends.iter().flatten().any(|word| is_known(word)) || words.iter().any(says)
}

/// A Japanese name without what stands behind it in a letter: さん, 様.
pub fn without_title(name: &str) -> Option<&str> {
    const TITLES: &[&str] = &["さん", "さま", "くん", "ちゃん", "様", "殿", "先生"];
    let bare = TITLES.iter().find_map(|title| name.strip_suffix(title))?;
    Some(bare.trim_end()).filter(|bare| !bare.is_empty())
}

/// What stands for all spellings of a Japanese name, in the order of the alphabet, without what says that a vowel is long.
pub fn japanese(words: &[String]) -> Option<String> {
    static WORD: LazyLock<Regex> = LazyLock::new(|| {
        let syllable = "(?:[kgsztdnhbpmr]{1,2}y?|sh|ch|tch|ts|j|f|y|w)?[aeiou]";
        pattern(&format!("^(?:(?:{syllable})(?:n|h)?)+$"))
    });
    const SHORTEST: usize = 3;
    let is_japanese = |word: &String| word.len() >= SHORTEST && WORD.is_match(word);
    if words.len() != 2 || !words.iter().all(is_japanese) {
        return None;
    }
    let short = |word: &String| {
        let mut short = word.replace("oh", "ou");
        // Ohara is read o-hara as well as oo-hara.
        for (long, vowel) in [("ou", "o"), ("oo", "o"), ("uu", "u")] {
            short = short.replace(long, vowel);
        }
        short
    };
    let mut words: Vec<String> = words.iter().map(short).collect();
    words.sort_unstable();
    Some(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str) -> Vec<String> {
        name.split(' ').map(String::from).collect()
    }

    #[test]
    fn one_name_is_written_in_many_ways() {
        for (one, other) in [
            ("lee young ho", "yeongho yi"),
            ("cho hyun woo", "hyeonu jo"),
            ("kim soo jin", "sujin kim"),
            ("kim kyung hee", "kim gyeonghui"),
            ("jung mi kyung", "jeong migyeong"),
        ] {
            assert!(korean(&words(one)).is_some(), "{one}");
            assert_eq!(korean(&words(one)), korean(&words(other)), "{one}, {other}");
        }
        assert_ne!(korean(&words("kim min jun")), korean(&words("kim min ji")));
        assert_eq!(
            japanese(&words("satou yuuko")),
            japanese(&words("yuko sato"))
        );
        assert_eq!(japanese(&words("ohno kouji")), japanese(&words("ono koji")));
        assert_eq!(japanese(&words("john smith")), None);
    }
}
