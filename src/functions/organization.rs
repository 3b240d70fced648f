//! Names of organisations: the key they are matched on.

use super::divisions::{Division, Level, is_within, level, named, starting};
use super::fold::{fold, fold_latin, is_han, simplify};
use super::reading::sound_alike;
use super::scalar::{Call, Function};

/// `organization_name_key`, `organization_head_key`.
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
        name: "organization_level",
        arguments: &["left", "right"],
        required: 2,
        description: "How alike two names of organisations are, as the comparison of kind organization has it: exact; folded (legal \
                      form, spelling, order of words, and where the place stands apart); beginning (a part or the place left \
                      out, or a branch); close; else. Null when either is no name.",
        source: "our own rules",
        example: (
            "organization_level('明达（杭州）科技有限公司', '杭州明达科技')",
            "folded",
        ),
        call: Call::Text(|args| {
            let (left, right) = (Organization::read(args[0])?, Organization::read(args[1])?);
            let level = if args[0] == args[1] {
                0
            } else {
                left.level(&right)
            };
            Some(LEVELS[level as usize].to_string())
        }),
    },
];

/// The levels of two names, the strongest first.
pub const LEVELS: &[&str] = &["exact", "folded", "beginning", "close", "else"];

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
}

impl Organization {
    /// Takes a name apart; `None` where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let key = key(text)?;
        if key.chars().any(is_han) {
            let (core, place) = without_place(&key);
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
                key,
                place,
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
        })
    }

    /// A place among [`LEVELS`]; two texts that are the same are not asked for.
    pub fn level(&self, other: &Self) -> u8 {
        let (one, another) = (self.key.as_str(), other.key.as_str());
        if one == another || without_brackets(one).eq(without_brackets(another)) {
            return 1;
        }
        match self.core.is_empty() || other.core.is_empty() {
            true => self.western_level(other),
            false => self.chinese_level(other),
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
            () if agrees && sounds_alike => 3,
            () => 4,
        }
    }

    fn western_level(&self, other: &Self) -> u8 {
        let is_reordered = self.words == other.words && (self.is_loose || self.words.len() >= 3);
        match () {
            () if is_reordered && !self.words.is_empty() => 1,
            () if self.is_part_of(other) || other.is_part_of(self) => 2,
            () if is_close(&self.key, &other.key) => 3,
            () => 4,
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

/// A Chinese key without the place that it names, and that place's code: 杭州明达科技 and 明达(杭州)科技.
fn without_place(key: &str) -> (Vec<char>, Option<u32>) {
    // A short name of a district may as well be a brand: 南山, 朝阳.
    let place_of = |divisions: &[Division]| {
        let is_clear = |place: &&Division| !place.is_short || level(place.code) != Level::District;
        divisions.iter().find(is_clear).map(|place| place.code)
    };
    if let (Some(open), Some(end)) = (key.find('('), key.find(')'))
        && open < end
        && let inside = &key[open + 1..end]
        && let Some(code) = place_of(named(inside)).or((inside == "中国").then_some(CHINA))
    {
        let core = key[..open].chars().chain(key[end + 1..].chars());
        return (core.collect(), Some(code));
    }
    // 中国工商银行 is 工商银行; 中国银行 is no other bank.
    if let Some(rest) = key.strip_prefix("中国")
        && rest.chars().count() >= 4
    {
        return (rest.chars().collect(), Some(CHINA));
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
        let named = starting(core).filter(|(length, _)| core.len() >= length + 2);
        let next = named
            .filter_map(|(length, divisions)| Some((length, place_of(divisions)?)))
            .find(|(_, code)| place.is_none_or(|outer| is_within(*code, outer)));
        let Some((length, code)) = next else {
            return (core.to_vec(), place);
        };
        core = &core[length..];
        place = Some(code);
    }
}

/// Takes out what a name was before, in brackets: (原杭州明达有限公司), (原名…), (曾用名…); (原料) is no name.
fn without_former(plain: &str) -> String {
    let Some(open) = plain.find("(原").or_else(|| plain.find("(曾用名")) else {
        return plain.to_string();
    };
    let end = plain[open..]
        .find(')')
        .map_or(plain.len(), |end| open + end);
    let inside = &plain[open + 1..end];
    let is_name = inside.starts_with("原名")
        || inside.starts_with("曾用名")
        || CHINESE_FORMS.iter().any(|form| inside.ends_with(form));
    match is_name {
        true => format!("{}{}", &plain[..open], plain[end..].trim_start_matches(')')),
        false => plain.to_string(),
    }
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
    let folded = fold(text)
        .replace(['【', '〔', '['], "(")
        .replace(['】', '〕', ']'], ")");
    if PLACEHOLDERS.contains(&folded.to_lowercase().as_str()) {
        return None;
    }
    if folded.chars().any(is_han) {
        let plain: String = simplify(&folded)
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || "()".contains(*c))
            .collect();
        let plain = without_former(&plain);
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
        .replace(['&', '+'], " and ");
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
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| WESTERN_FORMS.contains(word) || *word == "and")
    {
        words.pop();
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
        let plain: String = simplify(&folded);
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
            None => key(text),
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
            ("华为技术有限公司", "华为技术有限公司深圳分公司", 2),
            ("杭州名达科技有限公司", "杭州明达科技有限公司", 3),
            ("吉林省明达有限公司", "吉林市明达有限公司", 2),
            ("华为（中国）有限公司", "华为中国有限公司", 1),
            ("明达（原料）有限公司", "明达有限公司", 2),
            ("明圣有限公司（原明达有限公司）", "明圣有限公司", 1),
            ("杭州明圣科技有限公司", "杭州明达科技有限公司", 4),
            ("上海明达科技有限公司", "杭州明达科技有限公司", 4),
            ("阿里巴巴（中国）有限公司", "阿里巴巴（杭州）有限公司", 4),
            ("Acme Ltd", "Acme Trading Ltd", 2),
            ("Johnson Controls Inc", "Jonson Controls", 3),
            ("Acme Ltd", "Zenith Ltd", 4),
            ("阿里巴巴（中国）有限公司", "阿里巴巴集团控股有限公司", 2),
            ("中国工商银行股份有限公司", "工商银行", 2),
            ("中国银行", "工商银行", 4),
            ("深圳市腾讯计算机系统有限公司", "腾讯计算机", 2),
            ("深圳市腾讯计算机系统有限公司", "上海腾讯计算机", 4),
            ("华住酒店集团", "华住集团", 2),
            ("Hotel Bel-Air", "Bel-Air Hotel", 1),
            ("University of Leeds", "Leeds University", 1),
            ("Restaurant Katsu", "Katsu", 2),
            ("The Alley Grill", "Grill, The Alley", 1),
            ("The Alley Grill", "Alley Bar", 4),
            ("George Michael Ltd", "Michael George Ltd", 4),
            ("On Demand Ltd", "In Demand Ltd", 3),
            ("LA Times", "The Times", 4),
            ("杭州明达集团有限公司", "杭州明达有限公司", 2),
            ("杭州明达集团有限公司", "杭州市明达集团", 1),
        ] {
            assert_eq!(level(one, other), expected, "{one} {other}");
            assert_eq!(level(other, one), expected, "{other} {one}");
        }
    }
}
