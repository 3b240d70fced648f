//! Names of organisations: the key they are matched on.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::divisions::{self, Division, Level, is_within, level, named, starting};
use super::fold::{fold, fold_latin, is_han, simplify};
use super::reading::{every, is_pinyin, plain, sound_alike};
use super::scalar::{Call, Function, levels};

/// `organization_name_key`, `organization_head_key`, `organization_readings`, `organization_level`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "organization_name_key",
        arguments: &["name"],
        required: 1,
        description: "The organisation's name to match on: simplified, lower case, without the legal form and without what it \
                  was called before, (原…). The region in brackets stays: a company of Hangzhou is not the company of China; \
                  and so does what a branch calls itself.",
        source: "our own rules",
        example: ("organization_name_key('Acme Co., Ltd.')", "acme"),
        call: Call::Text(|args| key(args[0])),
    },
    Function {
        name: "organization_head_key",
        arguments: &["name"],
        required: 1,
        description: "The key of the organisation that a branch is of, to relate branches to their head office, not to \
                      merge them: 分公司, 分行, 支行 and the like, and Branch, with the place before them, are left out. \
                      The key of the name itself where it is no branch's.",
        source: "our own rules",
        example: (
            "organization_head_key('华为技术有限公司深圳分公司')",
            "华为技术",
        ),
        call: Call::Text(|args| head_key(args[0])),
    },
    Function {
        name: "organization_readings",
        arguments: &["name"],
        required: 1,
        description: "How the brand of a Chinese company may be read: its first two characters behind the place, and its first three. Of \
                      a name in Latin letters, the words that are pinyin. Companies that have one in common may be one, in Chinese and \
                      in English: a blocking rule with array_has_any.",
        source: "our own readings; the Unihan readings for the rest",
        example: (
            "array_to_string(organization_readings('苏州鼎盛机电设备有限公司'), ',')",
            "dingsheng,dingshengji",
        ),
        call: Call::Texts(|args| Organization::read(args[0]).map(|name| name.brands())),
    },
    Function {
        name: "organization_level",
        arguments: &["left", "right"],
        required: 2,
        description: "How alike two names of organisations are, as the comparison of kind organization has it: exact; folded (legal \
                      form, spelling, order of words, and where the place stands apart); beginning (a part or the place left \
                      out); close; cross_script (鼎盛, Dingsheng); branch (Chinese: of the other, or both of one); else. Null when either is no \
                      name.",
        source: "our own rules",
        example: (
            "organization_level('明达（杭州）科技有限公司', '杭州明达科技')",
            "folded",
        ),
        call: Call::Level(|pairs| {
            levels(pairs, Organization::read, |(one, left), (other, right)| {
                LEVELS[if one == other { 0 } else { left.level(right) } as usize]
            })
        }),
    },
];

/// The levels of two names, the strongest first.
pub const LEVELS: &[&str] = &[
    "exact",
    "folded",
    "beginning",
    "close",
    "cross_script",
    "branch",
    "else",
];
/// The places of the last of them.
const CROSS_SCRIPT: u8 = 4;
const BRANCH: u8 = 5;
const ELSE: u8 = 6;

/// What a branch calls itself, at the end of its name.
const BRANCHES: &[&str] = &[
    "分公司",
    "分行",
    "支行",
    "营业部",
    "分店",
    "门店",
    "办事处",
    "代表处",
    "分部",
    "分院",
    "分校",
];
/// Where the name of a head office ends, if its legal form does not say so.
const HEADS: &[&str] = &["集团", "银行", "保险", "证券", "大学", "医院", "酒店"];

const CHINESE_FORMS: &[&str] = &[
    "合伙企业(有限合伙)",
    "(有限合伙)",
    "(普通合伙)",
    "(特殊普通合伙)",
    "(个人独资)",
    "(个体工商户)",
    "股份公司",
    "有限责任有限公司",
    "株式会社",
    "有限会社",
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "公司",
    "个体工商户",
    // Cut by a field that was too short.
    "有限责任公",
    "有限责任",
    "有限公",
    "有限",
];
const WESTERN_FORMS: &[&str] = &[
    "co",
    "company",
    "corp",
    "corporation",
    "inc",
    "incorporated",
    "ltd",
    "limited",
    "llc",
    "llp",
    "plc",
    "gmbh",
    "ag",
    "sa",
    "sarl",
    "bv",
    "nv",
    "oy",
    "ab",
    "as",
    "pty",
    "pte",
    "pvt",
    "sdn",
    "bhd",
    "kk",
    "aktiengesellschaft",
    "sas",
    "sro",
    "oyj",
    "aps",
    "kg",
    "srl",
    "se",
    "kgaa",
    "ohg",
    "eg",
    "ev",
    "ug",
    "haftungsbeschrankt",
    "haftungsbeschraenkt",
    "sl",
    "slu",
    "lda",
    "ltda",
    "lp",
];
/// What clerks put into brackets beside a name.
const NOTES: &[&str] = &[
    "停用",
    "已停用",
    "禁用",
    "已禁用",
    "作废",
    "注销",
    "已注销",
    "冻结",
    "重复",
    "黑名单",
    "月结",
    "现结",
    "现金",
    "含税",
    "不含税",
];

/// A name taken apart once, to be compared with many.
#[derive(Debug)]
pub struct Organization {
    key: String,
    /// A Chinese name without the place at its start or in brackets, and without the word for a group; empty for others.
    core: Vec<char>,
    /// The word for a group that was left out of it.
    group: Option<&'static str>,
    /// The words of another name but for the smallest, in order of the alphabet.
    words: Vec<String>,
    /// Whether their order may be another one: University of Leeds, Hotel Bel-Air.
    is_loose: bool,
    /// That place.
    place: Option<u32>,
    /// Of a Chinese branch, which one it is: its place, and what it is called. The rest is of its head office.
    branch: Option<(Option<u32>, String)>,
    /// How the characters of the core are read.
    readings: Vec<String>,
}

impl Organization {
    /// Takes a name apart; `None` where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let key = key(text)?;
        if key.chars().any(is_han) {
            let head = head_key(text)?;
            let branch = key.strip_prefix(&head).and_then(branch_of);
            let (core, place) = without_place(&head);
            let readings = reading(core.iter().copied());
            let core: String = core.into_iter().collect();
            let mut groups = GROUPS.iter();
            let stem = groups.find_map(|group| Some((*group, core.strip_suffix(group)?)));
            let stem = stem.filter(|(_, stem)| stem.chars().count() >= 2);
            return Some(Self {
                core: stem
                    .map_or(core.as_str(), |(_, stem)| stem)
                    .chars()
                    .collect(),
                group: stem.map(|(group, _)| group),
                words: Vec::new(),
                is_loose: false,
                place,
                branch,
                readings,
                key,
            });
        }
        let is_said = |word: &&str| !SMALL_WORDS.contains(word);
        let mut words: Vec<String> = key.split(' ').filter(is_said).map(String::from).collect();
        words.sort_unstable();
        let is_loose = words.iter().any(|word| KINDS.contains(&word.as_str()));
        Some(Self {
            core: Vec::new(),
            group: None,
            words,
            is_loose,
            key,
            place: None,
            branch: None,
            readings: Vec::new(),
        })
    }

    /// A place among [`LEVELS`]; two texts that are the same are not asked for.
    pub fn level(&self, other: &Self) -> u8 {
        let (one, another) = (self.key.as_str(), other.key.as_str());
        if one == another || without_brackets(one).eq(without_brackets(another)) {
            return 1;
        }
        match (self.core.is_empty(), other.core.is_empty()) {
            (true, true) => self.western_level(other),
            (false, true) => self.cross_script_level(other),
            (true, false) => other.cross_script_level(self),
            (false, false) => match (&self.branch, &other.branch) {
                (None, None) => self.chinese_level(other),
                (Some(one), Some(another)) if one == another => {
                    match self.core == other.core && self.place == other.place {
                        true => 1,
                        false => self.chinese_level(other),
                    }
                }
                // The levels of two heads that may be one.
                _ if self.chinese_level(other) <= 2 => BRANCH,
                _ => ELSE,
            },
        }
    }

    /// 苏州鼎盛机电设备 and Suzhou Dingsheng Electromechanical Equipment, Dingsheng (Suzhou): the brand, which is read as it is written.
    fn cross_script_level(&self, latin: &Self) -> u8 {
        const SHORTEST: usize = 2;
        // Places may stand anywhere, and one alone is no brand.
        let words = latin.key.split(' ');
        let (places, words): (Vec<&str>, Vec<&str>) = words.partition(|word| is_place(word));
        let agrees = |place: &&str| {
            let codes = PLACES.get(*place).map_or(&[][..], Vec::as_slice);
            let own = self.place.filter(|own| *own != CHINA);
            let may_be =
                |code: &u32| own.is_none_or(|own| is_within(own, *code) || is_within(*code, own));
            codes.is_empty() || codes.iter().any(may_be)
        };
        let is_written = |syllables: usize| {
            let read = self.readings[..syllables].concat();
            (1..=words.len()).any(|number| words[..number].concat() == read)
        };
        let is_read = (SHORTEST..=self.readings.len()).any(is_written);
        match self.branch.is_none() && places.iter().all(agrees) && is_read {
            true => CROSS_SCRIPT,
            false => ELSE,
        }
    }

    /// How its brand may be read: the first two or three characters of a Chinese one; words in pinyin.
    fn brands(&self) -> Vec<String> {
        /// Letters of two syllables.
        const SHORTEST: usize = 4;
        let read = |length: usize| self.readings.get(..length).map(<[_]>::concat);
        match self.readings.is_empty() {
            false => [2, 3].into_iter().filter_map(read).collect(),
            true => {
                let is_read = |word: &&str| {
                    let says_which = !is_place(word) && !KINDS.contains(word);
                    word.len() >= SHORTEST && says_which && is_pinyin(word)
                };
                let words = self.key.split(' ').filter(is_read);
                words.map(String::from).collect()
            }
        }
    }

    fn chinese_level(&self, other: &Self) -> u8 {
        let agrees = match (self.place, other.place) {
            (Some(one), Some(other)) => is_within(one, other) || is_within(other, one),
            _ => true,
        };
        let is_same_core = self.core == other.core;
        let is_same_place = self.place.is_some() && self.place == other.place;
        let cores = self.core.starts_with(&other.core) || other.core.starts_with(&self.core);
        let is_beginning_of_core = self.core.len().min(other.core.len()) >= 2 && cores && agrees;
        // A place alone is no name: 浙江 is not 浙江大学.
        let is_beginning_of = |few: &Self, all: &Self| {
            few.key.chars().count() >= 2
                && all.key.starts_with(&few.key)
                && named(&few.key).is_empty()
        };
        // One character of a Chinese brand is half of it: 明达 and 明圣 are two firms, 明达 and 名达 may be one.
        let sounds_alike = self.core.len() == other.core.len()
            && self.core.len() >= 3
            && self
                .core
                .iter()
                .zip(&other.core)
                .all(|(one, other)| one == other || sound_alike(*one, *other));
        match () {
            () if is_same_core && is_same_place && self.group == other.group => 1,
            () if is_same_core && agrees => 2,
            () if is_beginning_of(self, other) || is_beginning_of(other, self) => 2,
            () if is_beginning_of_core => 2,
            () if agrees && (sounds_alike || is_slip(&self.core, &other.core)) => 3,
            () => ELSE,
        }
    }

    fn western_level(&self, other: &Self) -> u8 {
        let is_reordered = self.words == other.words && (self.is_loose || self.words.len() >= 3);
        match () {
            () if is_reordered && !self.words.is_empty() => 1,
            () if self.is_part_of(other) || other.is_part_of(self) => 2,
            () if is_close(&self.key, &other.key) => 3,
            () => ELSE,
        }
    }

    /// Whether a Western name is the beginning of another, its end in two words or more, or all of it but for what says what it is, and
    /// not which: Katsu is the restaurant Katsu.
    fn is_part_of(&self, other: &Self) -> bool {
        let is_kind = |word: &String| KINDS.contains(&word.as_str());
        let is_name = !self.words.iter().all(is_kind);
        let behind = other.key.strip_prefix(&self.key);
        let is_beginning = self.key.len() >= 2 && behind.is_some_and(|rest| rest.starts_with(' '));
        let before = other.key.strip_suffix(&self.key);
        let is_end = self.words.iter().filter(|word| !is_kind(word)).count() >= 2
            && before.is_some_and(|rest| rest.ends_with(' '));
        let names_it = |word: &String| word.chars().count() >= 4 && !is_kind(word);
        let mut left_out = other.words.iter().filter(|word| !self.words.contains(word));
        let is_but_for_kinds = self.words.len() < other.words.len()
            && self.words.iter().any(names_it)
            && self.words.iter().all(|word| other.words.contains(word))
            && left_out.all(is_kind);
        (is_beginning && is_name) || is_end || is_but_for_kinds
    }
}

/// Words of Western names that say nothing by themselves.
const SMALL_WORDS: &[&str] = &["of", "the", "and"];
/// Words that are spelled in two ways.
const SPELLINGS: &[(&str, &str)] = &[
    ("centre", "center"),
    ("theatre", "theater"),
    ("labour", "labor"),
    ("harbour", "harbor"),
    ("saint", "st"),
    ("intl", "international"),
    ("mfg", "manufacturing"),
    ("svcs", "services"),
    ("assoc", "association"),
    ("assn", "association"),
    ("univ", "university"),
    ("dept", "department"),
    ("tech", "technology"),
    ("mach", "machinery"),
    ("equip", "equipment"),
    ("grp", "group"),
    ("bros", "brothers"),
    ("mgmt", "management"),
    ("hldgs", "holdings"),
];
/// Words that say what an organisation is: they stand in front or behind.
const KINDS: &[&str] = &[
    "hotel",
    "inn",
    "hostel",
    "restaurant",
    "cafe",
    "bar",
    "grill",
    "bistro",
    "pub",
    "university",
    "college",
    "school",
    "academy",
    "institute",
    "hospital",
    "clinic",
    "pharmacy",
    "bank",
    "church",
    "museum",
    "theatre",
    "theater",
    "library",
    "club",
    "spa",
    "salon",
    "garage",
    "bakery",
];
/// What a whole group of companies calls itself, the longest first.
const GROUPS: &[&str] = &["集团控股", "控股集团", "集团", "控股"];
/// The country as a place, which is in no other.
const CHINA: u32 = 1;

fn without_brackets(key: &str) -> impl Iterator<Item = char> {
    key.chars().filter(|c| !"()".contains(*c))
}

/// Whether two names that are not Chinese are the same but for a slip in six letters, three at most.
fn is_close(one: &str, other: &str) -> bool {
    const SHORTEST: usize = 5;
    let letters = one.chars().count().max(other.chars().count());
    let most = (letters / 6).clamp(1, 3);
    // School 12 is not School 13, and North not South.
    let telling = |name: &str| -> Vec<String> {
        let words = name.split(' ');
        let is_telling = |word: &&str| {
            word.contains(|c: char| c.is_ascii_digit())
                || ["north", "south", "east", "west"].contains(word)
        };
        words.filter(is_telling).map(String::from).collect()
    };
    letters >= SHORTEST
        && telling(one) == telling(other)
        && one.len().abs_diff(other.len()) <= 4 * most
        && rapidfuzz::distance::osa::distance(one.chars(), other.chars()) <= most
}

/// Whether two cores are the same but for two characters that are swapped, or one that is left out, of five. One that is another may be
/// another firm's.
fn is_slip(one: &[char], other: &[char]) -> bool {
    const SHORTEST: usize = 5;
    let letters = |core: &[char]| {
        let mut letters = core.to_vec();
        letters.sort_unstable();
        letters
    };
    one.len().max(other.len()) >= SHORTEST
        && (one.len() != other.len() || letters(one) == letters(other))
        && rapidfuzz::distance::osa::distance(one.iter().copied(), other.iter().copied()) == 1
}

/// How characters are read, those that are.
fn reading(characters: impl Iterator<Item = char>) -> Vec<String> {
    characters
        .filter(|c| is_han(*c))
        .filter_map(plain)
        .collect()
}

/// Which branch it is, by what stands behind its head office: its place, where that is all, and what it is called.
fn branch_of(name: &str) -> Option<(Option<u32>, String)> {
    let kind = BRANCHES.iter().filter(|kind| name.ends_with(**kind));
    let kind = kind.max_by_key(|kind| kind.len())?;
    match named(name.strip_suffix(kind)?).first() {
        Some(place) => Some((Some(place.code), kind.to_string())),
        None => Some((None, name.to_string())),
    }
}

/// The head of a branch of which no legal form says where it ends, 鼎盛机电 of 鼎盛机电无锡分公司: two characters at least.
fn before_place<'a>(key: &'a str, kind: &str) -> Option<&'a str> {
    let stem = key.strip_suffix(kind)?;
    let mut starts = stem.char_indices().skip(2).map(|(at, _)| at);
    let place = starts.find(|at| !named(&stem[*at..]).is_empty())?;
    Some(&stem[..place])
}

/// How provinces and cities are read, with their codes.
static PLACES: LazyLock<HashMap<String, Vec<u32>>> = LazyLock::new(|| {
    let mut places: HashMap<String, Vec<u32>> = HashMap::new();
    for (name, code) in divisions::short_names() {
        let mut readings = vec![String::new()];
        for character in name.chars() {
            let behind = every(character);
            let longer = readings.iter().flat_map(|before| {
                behind
                    .iter()
                    .map(move |reading| format!("{before}{reading}"))
            });
            readings = longer.collect();
        }
        for reading in readings {
            places.entry(reading).or_default().push(code);
        }
    }
    places
});

/// Whether a word of a Latin name is a place in China, or China.
fn is_place(word: &str) -> bool {
    word == "china" || PLACES.contains_key(word)
}

/// A Chinese key without the place that it names, and that place's code: 杭州明达科技 and 明达(杭州)科技.
fn without_place(key: &str) -> (Vec<char>, Option<u32>) {
    // A short name of a district may as well be a brand: 南山, 朝阳.
    let place_of = |divisions: &[Division], outer: Option<u32>| {
        let is_clear = |place: &&Division| !place.is_short || level(place.code) != Level::District;
        let codes = divisions.iter().filter(is_clear).map(|place| place.code);
        codes
            .into_iter()
            .find(|code| outer.is_none_or(|outer| is_within(*code, outer)))
    };
    if let (Some(open), Some(end)) = (key.find('('), key.find(')'))
        && open < end
        && let inside = &key[open + 1..end]
        && let Some(code) = place_of(named(inside), None).or((inside == "中国").then_some(CHINA))
    {
        let core = key[..open].chars().chain(key[end + 1..].chars());
        return (core.collect(), Some(code));
    }
    // 中国工商银行 is 工商银行; 中国银行 is no other bank.
    if let Some(rest) = key.strip_prefix("中国")
        && rest.chars().count() >= 4
    {
        // 中国苏州鼎盛 is of Suzhou.
        return match without_place(rest) {
            (core, Some(place)) => (core, Some(place)),
            _ => (rest.chars().collect(), Some(CHINA)),
        };
    }
    let characters: Vec<char> = key.chars().collect();
    let mut core = characters.as_slice();
    let mut place = None;
    // A prefecture in Tibet, and not where Alibaba is from.
    if key.starts_with("阿里") && !key.starts_with("阿里地区") {
        return (characters, None);
    }
    // A province, then a city in it, then a district: what is left has to be a name still.
    loop {
        let mut named = starting(core).filter(|(length, _)| core.len() >= length + 2);
        let next =
            named.find_map(|(length, divisions)| Some((length, place_of(divisions, place)?)));
        let Some((length, code)) = next else {
            return (core.to_vec(), place);
        };
        core = &core[length..];
        place = Some(code);
    }
}

/// Takes clerks' notes out, (停用); a branch in brackets at the end comes out of them.
fn without_notes(mut plain: String) -> String {
    for note in NOTES {
        plain = plain.replace(&format!("({note})"), "");
    }
    let inside = plain
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('));
    match inside {
        Some((name, branch)) if BRANCHES.iter().any(|kind| branch.ends_with(kind)) => {
            format!("{name}{branch}")
        }
        _ => plain,
    }
}

/// Takes out what a name was before, in brackets: (原杭州明达有限公司), (原名…), (曾用名…); (原料) is no name.
fn without_former(plain: &str) -> String {
    let Some(open) = plain.find("(原").or_else(|| plain.find("(曾用名")) else {
        return plain.to_string();
    };
    // The name may have brackets of its own.
    let mut depth = 0;
    let end = plain[open..].char_indices().find_map(|(at, character)| {
        depth += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        (depth == 0).then_some(open + at)
    });
    let end = end.unwrap_or(plain.len());
    let inside = &plain[open + 1..end];
    /// Characters of a name, with 原 in front.
    const NAME: usize = 5;
    const NO_NAMES: &[&str] = &["原材料", "原生态", "原创", "原产地", "原料", "原始"];
    let is_word = NO_NAMES.iter().any(|word| inside.starts_with(word));
    let is_name = inside.starts_with("原名")
        || inside.starts_with("曾用名")
        || (inside.chars().count() >= NAME && !is_word)
        || CHINESE_FORMS.iter().any(|form| inside.ends_with(form));
    let behind = plain.get(end + 1..).unwrap_or_default();
    match is_name {
        true => format!("{}{behind}", &plain[..open]),
        false => plain.to_string(),
    }
}

/// A Chinese name in the form in which its parts are looked for.
fn plain_han(text: &str) -> String {
    let plain: String = simplify(&with_round_brackets(text))
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || "()".contains(*c))
        .collect();
    without_notes(without_former(&plain))
}

fn with_round_brackets(text: &str) -> String {
    fold(text)
        .replace(['【', '〔', '['], "(")
        .replace(['】', '〕', ']'], ")")
}

/// An Italian company is no spa: Fiat S.p.A., FIAT SPA.
fn without_italian_form(text: &str) -> &str {
    let Some((name, last)) = text.trim_end().rsplit_once(' ') else {
        return text;
    };
    let is_form = matches!(last, "S.p.A." | "S.p.A" | "SpA" | "S.P.A." | "S.P.A")
        || (last == "SPA" && !name.ends_with('&') && !name.to_lowercase().contains("hotel"));
    if is_form { name } else { text }
}

/// The name to match on.
pub fn key(text: &str) -> Option<String> {
    let folded = with_round_brackets(text);
    if PLACEHOLDERS.contains(&folded.to_lowercase().as_str()) {
        return None;
    }
    if folded.chars().any(is_han) {
        let plain = plain_han(text);
        // A branch keeps what says so; the legal form of its head office stands in the middle.
        if let Some(stem) = BRANCHES
            .iter()
            .find_map(|branch| plain.strip_suffix(branch))
            && let Some((start, end)) = CHINESE_FORMS
                .iter()
                .find_map(|form| Some((stem.rfind(form)?, form.len())))
                .map(|(start, length)| (start, start + length))
        {
            return Some(format!("{}{}", &plain[..start], &plain[end..]));
        }
        if BRANCHES.iter().any(|branch| plain.ends_with(branch)) {
            return Some(plain);
        }
        let stem = CHINESE_FORMS
            .iter()
            .find_map(|form| {
                plain
                    .strip_suffix(form)
                    .or(plain.strip_prefix(form).filter(|_| form.ends_with("会社")))
            })
            .unwrap_or(&plain);
        return (!stem.is_empty()).then(|| stem.to_string());
    }
    let lower = fold_latin(without_italian_form(&folded))
        .replace(['.', '\''], "")
        .replace(['&', '+'], " and ")
        // Novo Nordisk A/S.
        .replace("a/s", "as");
    let mut words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            SPELLINGS
                .iter()
                .find(|(one, _)| *one == word)
                .map_or(word, |(_, other)| other)
        })
        .collect();
    // Sp. z o.o.; s p a and n v, where blanks stand for full stops: Studio A B is no Swedish company.
    const SPACED: &[&str] = &["sa", "nv", "bv", "ag", "spa", "srl", "llc", "plc"];
    let spaced = |words: &[&str]| {
        let is_letter = |word: &&str| word.chars().count() == 1;
        let lengths = (2..=3).rev().filter(|length| words.len() > *length);
        let mut ends = lengths.map(|length| &words[words.len() - length..]);
        let is_form = |end: &&[&str]| {
            let is_spaced = end.iter().all(is_letter) && SPACED.contains(&end.concat().as_str());
            *end == ["sp", "z", "oo"] || is_spaced
        };
        ends.find(is_form).map(<[_]>::len)
    };
    loop {
        let is_form = |word: &&str| WESTERN_FORMS.contains(word) || *word == "and";
        let length = match words.last() {
            Some(last) if words.len() > 1 && is_form(last) => 1,
            _ => match spaced(&words) {
                Some(length) => length,
                None => break,
            },
        };
        words.truncate(words.len() - length);
    }
    if words.len() > 1 && words[0] == "the" {
        words.remove(0);
    }
    let says_nothing = |word: &str| WESTERN_FORMS.contains(&word) || word == "the";
    let is_form_alone = words.len() == 1 && says_nothing(words[0]);
    (!words.is_empty() && !is_form_alone).then(|| words.join(" "))
}

/// The key of the head office.
fn head_key(text: &str) -> Option<String> {
    let folded = fold(text);
    if folded.chars().any(is_han) {
        let plain = plain_han(text);
        let Some(stem) = BRANCHES
            .iter()
            .find_map(|branch| plain.strip_suffix(branch))
        else {
            return key(text);
        };
        // The legal form of the head office ends its name; without one, a word like 银行 does.
        let end_of = |marks: &[&str]| {
            let ends = marks
                .iter()
                .filter_map(|mark| Some(stem.find(mark)? + mark.len()));
            ends.max()
        };
        return match end_of(CHINESE_FORMS).or_else(|| end_of(HEADS)) {
            Some(end) => key(&stem[..end]),
            None => {
                let key = key(text)?;
                let mut kinds = BRANCHES.iter();
                let head = kinds.find_map(|kind| before_place(&key, kind));
                Some(head.map_or(key.clone(), str::to_string))
            }
        };
    }
    // Acme Ltd, London Branch: the place stands between the legal form, or a comma, and the word.
    let lower = folded.to_lowercase();
    let Some(stem) = lower
        .trim_end_matches([')', ' ', '.'])
        .strip_suffix("branch")
    else {
        return key(text);
    };
    if let Some(at) = stem.rfind([',', '(']) {
        return key(&stem[..at]);
    }
    let words: Vec<&str> = stem.split_whitespace().collect();
    let is_form = |word: &&str| WESTERN_FORMS.contains(&word.trim_matches('.'));
    match words.iter().rposition(is_form) {
        Some(at) if at > 0 => key(&words[..=at].join(" ")),
        _ => key(text),
    }
}

/// Texts that stand where an organisation's name should be.
const PLACEHOLDERS: &[&str] = &[
    "无",
    "个人",
    "暂无",
    "没有",
    "不详",
    "未知",
    "自由职业",
    "个体",
    "本人",
    "/",
    "-",
    "none",
    "n/a",
    "na",
    "null",
    "test",
    "unknown",
    "self",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_company_are_alike() {
        let level = |one: &str, other: &str| {
            let read = |text| Organization::read(text).unwrap();
            read(one).level(&read(other))
        };
        for (one, other, expected) in [
            ("杭州明达科技有限公司", "杭州明达科技有限责任公司", 1),
            ("明达（杭州）科技有限公司", "杭州明达科技有限公司", 1),
            ("杭州市明达科技有限公司", "杭州明达科技有限公司", 1),
            ("浙江杭州明达科技有限公司", "杭州明达科技有限公司", 1),
            ("明达科技有限公司", "杭州明达科技有限公司", 2),
            ("华为技术有限公司", "华为技术有限公司深圳分公司", 5),
            ("苏州鼎盛机电设备有限公司", "苏州鼎盛机电", 2),
            ("苏州鼎盛机电设备有限公司无锡分公司", "苏州鼎盛机电", 5),
            (
                "苏州鼎盛机电设备有限公司无锡分公司",
                "苏州鼎盛机电设备有限公司苏州分公司",
                5,
            ),
            (
                "苏州鼎盛机电设备有限公司无锡分公司",
                "苏州鼎盛机电设备有限公司（无锡分公司）",
                1,
            ),
            (
                "苏州鼎盛机电设备有限公司无锡市分公司",
                "鼎盛机电无锡分公司",
                2,
            ),
            ("中国工商银行北京分行", "工商银行上海分行", 5),
            ("苏州鼎盛机电设备有限公司", "上海明圣机电无锡分公司", 6),
            (
                "鼎盛机电有限公司第一分公司",
                "鼎盛机电有限公司第二分公司",
                5,
            ),
            (
                "华为技术有限公司深圳分公司",
                "华为技术有限公司深圳市分公司",
                1,
            ),
            ("工商银行北京分行营业部", "工商银行上海分行营业部", 5),
            (
                "深圳市南山区鼎盛机电有限公司",
                "Shenzhen Dingsheng Machinery",
                4,
            ),
            ("江苏苏州鼎盛机电有限公司", "Jiangsu Dingsheng Machinery", 4),
            ("厦门鼎盛机电有限公司", "Xiamen Dingsheng Machinery", 4),
            ("鼎盛（中国）有限公司", "China Dingsheng Ltd", 4),
            (
                "苏州鼎盛机电有限公司（原明达（杭州）科技有限公司）",
                "苏州鼎盛机电有限公司",
                1,
            ),
            ("Studio A B", "Studio", 2),
            (
                "苏州鼎盛机电设备有限公司",
                "Suzhou Dingsheng Electromechanical Equipment Co., Ltd.",
                4,
            ),
            (
                "鼎盛机电设备（苏州）有限公司",
                "Dingsheng Machinery (Suzhou) Co Ltd",
                4,
            ),
            ("苏州鼎盛机电设备有限公司", "Suzhou Machinery Co Ltd", 6),
            ("苏州鼎盛机电设备有限公司", "Wuxi Dingsheng Equipment", 6),
            (
                "苏州鼎盛机电设备有限公司（原苏州大华机电厂）",
                "苏州鼎盛机电设备有限公司",
                1,
            ),
            (
                "【停用】苏州鼎盛机电设备有限公司",
                "苏州鼎盛机电设备有限公司(月结)",
                1,
            ),
            (
                "中国苏州鼎盛机电设备有限公司",
                "苏州鼎盛机电设备有限公司",
                1,
            ),
            ("温州市捷宇密封件有限公司", "温州市捷宇封密件有限公司", 3),
            ("常州达诺工业设备有限公司", "常州达诺工设备有限公司", 3),
            ("苏州鼎盛机电设备有限公", "苏州鼎盛机电设备有限公司", 1),
            ("Allianz SE", "Allianz", 1),
            ("Eni S.p.A.", "eni s p a", 1),
            ("L'Oréal S.A.", "l oreal s a", 3),
            ("Polska Sp. z o.o.", "Polska", 1),
            ("杭州名达科技有限公司", "杭州明达科技有限公司", 3),
            ("吉林省明达有限公司", "吉林市明达有限公司", 2),
            ("华为（中国）有限公司", "华为中国有限公司", 1),
            ("明达（原料）有限公司", "明达有限公司", 2),
            ("明圣有限公司（原明达有限公司）", "明圣有限公司", 1),
            ("杭州明圣科技有限公司", "杭州明达科技有限公司", 6),
            ("上海明达科技有限公司", "杭州明达科技有限公司", 6),
            ("阿里巴巴（中国）有限公司", "阿里巴巴（杭州）有限公司", 6),
            ("Acme Ltd", "Acme Trading Ltd", 2),
            ("Johnson Controls Inc", "Jonson Controls", 3),
            ("Acme Ltd", "Zenith Ltd", 6),
            ("阿里巴巴（中国）有限公司", "阿里巴巴集团控股有限公司", 2),
            ("中国工商银行股份有限公司", "工商银行", 2),
            ("中国银行", "工商银行", 6),
            ("深圳市腾讯计算机系统有限公司", "腾讯计算机", 2),
            ("深圳市腾讯计算机系统有限公司", "上海腾讯计算机", 6),
            ("华住酒店集团", "华住集团", 2),
            ("Hotel Bel-Air", "Bel-Air Hotel", 1),
            ("University of Leeds", "Leeds University", 1),
            ("Restaurant Katsu", "Katsu", 2),
            ("The Alley Grill", "Grill, The Alley", 1),
            ("The Alley Grill", "Alley Bar", 6),
            ("George Michael Ltd", "Michael George Ltd", 6),
            ("On Demand Ltd", "In Demand Ltd", 3),
            ("LA Times", "The Times", 6),
            ("杭州明达集团有限公司", "杭州明达有限公司", 2),
            ("杭州明达集团有限公司", "杭州市明达集团", 1),
        ] {
            assert_eq!(level(one, other), expected, "{one} {other}");
            assert_eq!(level(other, one), expected, "{other} {one}");
        }
    }
}
