//! How Hong Kong spells characters, by rule from how they are read in Cantonese.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::reference::{self, Table};

/// The Cantonese readings of simplified characters, without tones.
static READINGS: LazyLock<HashMap<char, Vec<&'static str>>> = LazyLock::new(|| {
    let mut readings: HashMap<char, Vec<&str>> = HashMap::new();
    for [syllable, characters] in reference::rows::<2>(Table::Jyutping) {
        for character in characters.chars() {
            readings.entry(character).or_default().push(syllable);
        }
    }
    readings
});

/// The first letters of syllables, and how passports have them.
const INITIALS: &[(&str, &[&str])] = &[
    ("ng", &["ng", ""]),
    ("gw", &["kw"]),
    ("kw", &["kw"]),
    ("b", &["p", "b"]),
    ("p", &["p"]),
    ("m", &["m"]),
    ("f", &["f"]),
    ("d", &["t"]),
    ("t", &["t"]),
    ("n", &["n", "l"]),
    ("l", &["l"]),
    ("g", &["k"]),
    ("k", &["k"]),
    ("h", &["h"]),
    ("z", &["ch", "ts"]),
    ("c", &["ch", "ts"]),
    ("s", &["s", "sh"]),
    ("j", &["y"]),
    ("w", &["w"]),
];

/// What stands behind them; what is not here is written as it is read.
const FINALS: &[(&str, &[&str])] = &[
    ("aa", &["a", "ah"]),
    ("aai", &["ai"]),
    ("aau", &["au"]),
    ("aam", &["am"]),
    ("aan", &["an"]),
    ("aang", &["ang"]),
    ("aap", &["ap"]),
    ("aat", &["at"]),
    ("aak", &["ak"]),
    ("am", &["am", "um"]),
    ("an", &["an", "un"]),
    ("ap", &["ap", "up"]),
    ("at", &["at", "ut"]),
    ("ei", &["ei", "i", "ee", "ay"]),
    ("eng", &["eng", "ing"]),
    ("i", &["i", "ee"]),
    ("oi", &["oi", "oy"]),
    ("ou", &["o", "ou"]),
    ("oeng", &["eung", "eong"]),
    ("oek", &["euk"]),
    ("eoi", &["ui"]),
    ("eon", &["un", "eun"]),
    ("eot", &["ut"]),
    ("u", &["u", "oo"]),
    ("un", &["un", "oon"]),
    ("yu", &["u", "ue"]),
    ("yun", &["uen", "un"]),
    ("yut", &["uet", "ut"]),
];

/// Syllables that have a spelling of their own as well.
const WHOLE: &[(&str, &[&str])] = &[
    ("si", &["sze", "see"]),
    ("gwok", &["kwok"]),
    ("jyu", &["yue"]),
];

/// Characters that are read zi or ci and written tsz; the others of these syllables are chi.
const TSZ: &str = "子梓紫芷籽姊滋孜咨资兹自字慈辞词次赐此";

/// How a simplified character may be spelled.
pub fn spellings(character: char) -> Vec<String> {
    let readings = READINGS.get(&character).into_iter().flatten();
    let own = TSZ.contains(character).then(|| "tsz".to_string());
    let read = readings.flat_map(|syllable| written(syllable));
    read.chain(own).collect()
}

/// How passports of Hong Kong have a syllable of Jyutping: `bong` is `pong`, `jyun` is `yuen`.
fn written(syllable: &str) -> Vec<String> {
    let whole = WHOLE.iter().filter(|(read, _)| *read == syllable);
    let whole = whole.flat_map(|(_, all)| all.iter().map(ToString::to_string));
    let start = INITIALS
        .iter()
        .find_map(|(read, all)| Some((*all, syllable.strip_prefix(read)?)));
    let (initials, end) = start.unwrap_or((&[""], syllable));
    let finals = FINALS.iter().find(|(read, _)| *read == end);
    let as_read = [end];
    let finals = finals.map_or(&as_read[..], |(_, all)| all);
    let joined = initials
        .iter()
        .flat_map(|initial| finals.iter().map(move |end| format!("{initial}{end}")));
    // 英 may be Ing, and 恩 is Yan.
    let without = end
        .strip_prefix('i')
        .filter(|_| syllable.starts_with('j'))
        .map(|_| end.to_string());
    whole.chain(joined).chain(without).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_spelled_as_in_hong_kong() {
        for (character, spelling) in [
            ('邦', "pong"),
            ('振', "chun"),
            ('柏', "pak"),
            ('昌', "cheong"),
            ('绮', "yee"),
            ('娥', "ngo"),
            ('月', "yuet"),
            ('英', "ying"),
            ('子', "tsz"),
            ('诗', "sze"),
            ('国', "kwok"),
            ('远', "yuen"),
            ('雪', "suet"),
            ('翠', "tsui"),
            ('石', "shek"),
        ] {
            let all = spellings(character);
            assert!(
                all.iter().any(|one| one == spelling),
                "{character}: {all:?}"
            );
        }
    }
}
