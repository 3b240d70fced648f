//! Administrative divisions of China: provinces, cities, districts and counties, with the names that they had.
//!
//! The table and its sources are in `data/`.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::reading::sound_alike;
use super::reference::{self, Table};

/// A division under one of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    /// Its code in GB/T 2260, today's: six digits, two a level.
    pub code: u32,
    /// The code that it had under the name.
    pub code_then: u32,
    /// Whether the name is today's.
    pub is_current: bool,
    /// Whether the name lacks its last word: 杭州 for 杭州市.
    pub is_short: bool,
}

/// How deep a code goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A province, an autonomous region, a municipality.
    Province,
    /// A prefecture.
    City,
    /// A county, a district of a city, a city of the county's level.
    District,
}

/// The level of a code.
pub fn level(code: u32) -> Level {
    match (code % 10_000, code % 100) {
        (0, _) => Level::Province,
        (_, 0) => Level::City,
        _ => Level::District,
    }
}

/// Whether a division lies in another, or is it.
pub fn is_within(code: u32, outer: u32) -> bool {
    match level(outer) {
        Level::Province => code / 10_000 == outer / 10_000,
        Level::City => code / 100 == outer / 100,
        Level::District => code == outer,
    }
}

/// Whether it is a municipality: a city that is a province of its own.
pub fn is_municipality(code: u32) -> bool {
    matches!(code / 10_000, 11 | 12 | 31 | 50)
}

/// Whether it is a development zone, which is run like a district and lies in one or several of its city: 苏州工业园区.
pub fn is_zone(code: u32) -> bool {
    matches!(code % 100, 71..=79)
}

/// Whether a place in one division may lie in the other: one is in the other, was a part of it until lately, or one of two in a city is a
/// zone.
pub fn may_overlap(one: u32, other: u32) -> bool {
    /// Districts that were made of a part of another: 临平 of 余杭.
    const PARTED: &[(u32, u32)] = &[
        (330_113, 330_110),
        (330_114, 330_109),
        (330_114, 330_102),
        (440_309, 440_306),
        (440_311, 440_306),
        (440_310, 440_307),
        (440_115, 440_113),
        (350_213, 350_212),
        (520_115, 520_112),
    ];
    let in_one_city = one / 100 == other / 100 && is_zone(one) != is_zone(other);
    let was_part = PARTED.contains(&(one, other)) || PARTED.contains(&(other, one));
    is_within(one, other) || is_within(other, one) || in_one_city || was_part
}

/// Cities of the county's level, and Pudong, that people name without their prefecture, and that are no word or name besides.
pub fn is_well_known(code: u32) -> bool {
    const WELL_KNOWN: &[u32] = &[
        130_283, 150_781, 310_115, 320_281, 320_282, 320_581, 320_582, 320_583, 320_585, 320_682,
        321_282, 330_281, 330_282, 330_382, 330_483, 330_681, 330_683, 330_782, 331_081, 350_181,
        350_582, 350_782, 360_881, 370_281, 370_481, 370_783, 410_181, 429_004, 430_181, 510_181,
        511_181, 520_382, 610_881,
    ];
    WELL_KNOWN.contains(&code)
}

/// Every name and short name, with the divisions that have it.
struct Names {
    by_name: HashMap<&'static str, Vec<Division>>,
    /// The names that start with two characters, the longest first.
    by_start: HashMap<(char, char), Vec<(Vec<char>, &'static str)>>,
    names: HashMap<u32, &'static str>,
}

/// The divisions of a name, today's first.
pub fn named(name: &str) -> &'static [Division] {
    TABLE.by_name.get(name).map_or(&[], Vec::as_slice)
}

/// Today's name of a code.
pub fn name(code: u32) -> Option<&'static str> {
    TABLE.names.get(&code).copied()
}

/// The one division in another whose full name a text starts with but for a character of the same sound, 武候区 in 成都市: how many
/// characters the name has, and its code.
pub fn misspelt(text: &[char], outer: u32) -> Option<(usize, u32)> {
    const LONGEST: usize = 6;
    let ends: Vec<usize> = (2..text.len().min(LONGEST))
        .filter(|at| matches!(text[*at], '市' | '区' | '县'))
        .collect();
    // 宿州 is a city, too, and nobody's slip.
    if ends.is_empty() || starting(text).next().is_some() {
        return None;
    }
    let is_meant = |length: usize, name: &str| {
        let pairs = || text.iter().zip(name.chars());
        let mut others = pairs().filter(|(one, other)| **one != *other);
        let is_slip = |(one, other): (&char, char)| sound_alike(*one, other);
        name.chars().count() == length
            && others.next().is_some_and(is_slip)
            && others.next().is_none()
            && text[length - 1] == name.chars().next_back().unwrap_or_default()
    };
    let inner = || {
        let inner = TABLE.names.iter();
        inner.filter(|(code, _)| **code != outer && is_within(**code, outer))
    };
    let mut found = ends.into_iter().flat_map(|end| {
        let meant = inner().filter(move |(_, name)| is_meant(end + 1, name));
        meant.map(move |(code, _)| (end + 1, *code))
    });
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

/// The short names of today's provinces and cities, with their codes.
pub fn short_names() -> impl Iterator<Item = (&'static str, u32)> {
    let all = TABLE.by_name.iter();
    all.flat_map(|(name, divisions)| divisions.iter().map(|division| (*name, division)))
        .filter(|(_, of)| of.is_short && of.is_current && level(of.code) != Level::District)
        .map(|(name, division)| (name, division.code))
}

/// The names that a text starts with, the longest first: how many characters each has, and the divisions of that name.
pub fn starting(text: &[char]) -> impl Iterator<Item = (usize, &'static [Division])> {
    let start = text.first().copied().zip(text.get(1).copied());
    let names = start
        .and_then(|start| TABLE.by_start.get(&start))
        .map_or(&[][..], Vec::as_slice);
    names
        .iter()
        .filter(|(characters, _)| text.starts_with(characters))
        .map(|(characters, name)| (characters.len(), named(name)))
}

static TABLE: LazyLock<Names> = LazyLock::new(|| {
    let mut table = Names {
        by_name: HashMap::new(),
        names: HashMap::new(),
        by_start: HashMap::new(),
    };
    let mut lines: Vec<(u32, u32, &str, bool)> = Vec::new();
    for [code, name, until, now] in reference::rows::<4>(Table::Divisions) {
        let then = code;
        let today = if now.is_empty() { code } else { now };
        if let Ok(code) = today.parse() {
            lines.push((code, then.parse().unwrap_or(code), name, until.is_empty()));
        }
    }
    lines.sort_by_key(|(code, _, _, is_current)| (!is_current, *code));
    for (code, code_then, name, is_current) in lines {
        if is_current {
            table.names.insert(code, name);
        }
        for (spelling, is_short) in spellings(name) {
            let divisions = table.by_name.entry(spelling).or_default();
            // 吴县 in full, and 吴县市 in short.
            if let Some(known) = divisions.iter_mut().find(|known| known.code == code) {
                known.is_short &= is_short;
            } else {
                divisions.push(Division {
                    code,
                    code_then,
                    is_current,
                    is_short,
                });
            }
        }
    }
    // Forms that no rule gives.
    for (spelling, code) in [
        ("内蒙", 150_000),
        ("呼市", 150_100),
        ("乌市", 650_100),
        ("阿拉善", 152_900),
        ("兰坪县", 533_325),
        ("元江县", 530_428),
        ("前郭县", 220_721),
        ("深圳特区", 440_300),
        ("西双版纳州", 532_800),
        ("巴州", 652_800),
        ("锡盟", 152_500),
        ("西乌旗", 152_526),
        ("东乌旗", 152_525),
        ("博州", 652_700),
        ("克州", 653_000),
        ("恩施州", 422_800),
        ("玉树州", 632_700),
        ("凉山州", 513_400),
        ("甘孜州", 513_300),
        ("阿坝州", 513_200),
        ("黔东南州", 522_600),
        ("黔南州", 522_700),
        ("黔西南州", 522_300),
        ("湘西州", 433_100),
        ("大理州", 532_900),
        ("红河州", 532_500),
        ("文山州", 532_600),
        ("楚雄州", 532_300),
        ("延边州", 222_400),
        ("伊犁州", 654_000),
        ("昌吉州", 652_300),
        ("哈市", 230_100),
        ("三都县", 522_732),
        ("察布查尔县", 654_022),
        ("台北市", 710_000),
        ("新北市", 710_000),
        ("桃园市", 710_000),
        ("台中市", 710_000),
        ("台南市", 710_000),
        ("高雄市", 710_000),
        ("基隆市", 710_000),
        ("新竹市", 710_000),
        ("嘉义市", 710_000),
        ("宜兰县", 710_000),
        ("新竹县", 710_000),
        ("苗栗县", 710_000),
        ("彰化县", 710_000),
        ("南投县", 710_000),
        ("云林县", 710_000),
        ("嘉义县", 710_000),
        ("屏东县", 710_000),
        ("台东县", 710_000),
        ("花莲县", 710_000),
        ("澎湖县", 710_000),
        ("金门县", 710_000),
        ("九龙", 810_000),
        ("新界", 810_000),
    ] {
        table.by_name.entry(spelling).or_default().push(Division {
            code,
            code_then: code,
            is_current: true,
            is_short: true,
        });
    }
    // New areas, which are in no table of divisions: by what they lie in.
    for (spelling, code) in [
        ("雄安新区", 130_600),
        ("天津开发区", 120_116),
        ("天津经济技术开发区", 120_116),
        ("两江新区", 500_000),
        ("天府新区", 510_100),
        ("郑东新区", 410_100),
        ("西咸新区", 610_000),
        ("贵安新区", 520_000),
        ("大鹏新区", 440_307),
        ("横琴新区", 440_402),
        ("北京经济技术开发区", 110_115),
    ] {
        table.by_name.entry(spelling).or_default().push(Division {
            code,
            code_then: code,
            is_current: true,
            is_short: false,
        });
    }
    let zones: Vec<(u32, &str)> = table
        .names
        .iter()
        .map(|(code, name)| (*code, *name))
        .collect();
    let mut zones: Vec<_> = zones
        .into_iter()
        .filter(|(code, _)| is_zone(*code))
        .collect();
    zones.sort_unstable();
    for (code, name) in zones {
        let (Some(province), Some(city)) = (
            table.names.get(&(code / 10_000 * 10_000)),
            table.names.get(&(code / 100 * 100)),
        ) else {
            continue;
        };
        for (spelling, is_short) in spellings_of_zone(name, province, city) {
            let divisions = table.by_name.entry(spelling).or_default();
            if divisions.iter().all(|known| known.code != code) {
                divisions.push(Division {
                    code,
                    code_then: code,
                    is_current: true,
                    is_short,
                });
            }
        }
    }
    for name in table.by_name.keys() {
        let characters: Vec<char> = name.chars().collect();
        if let [first, second, ..] = characters[..] {
            table
                .by_start
                .entry((first, second))
                .or_default()
                .push((characters, *name));
        }
    }
    for names in table.by_start.values_mut() {
        names.sort_by(|left, right| right.0.len().cmp(&left.0.len()).then(left.1.cmp(right.1)));
    }
    table
});

/// What zones are called, and how people shorten it.
const ZONES: &[(&[&str], &[&str])] = &[
    (
        &[
            "高新技术产业开发区",
            "高新技术产业园区",
            "高新技术开发区",
            "高技术产业开发区",
        ],
        &[
            "高新技术产业开发区",
            "高新技术开发区",
            "高新开发区",
            "高新区",
        ],
    ),
    (
        &["经济技术开发区", "经济开发区"],
        &["经济技术开发区", "经济开发区", "经开区", "开发区"],
    ),
    (&["工业园区"], &["工业园区", "园区"]),
];

/// How people name a zone, with its city (苏州园区) and, in short, behind it (苏州市工业园区).
fn spellings_of_zone(name: &str, province: &str, city: &str) -> Vec<(&'static str, bool)> {
    let stems = [province, city].map(|outer| {
        let stem = ["省", "市", "自治区", "地区"]
            .iter()
            .find_map(|word| outer.strip_suffix(word));
        stem.unwrap_or(outer)
    });
    let kind = ZONES.iter().find_map(|(full, short)| {
        let stem = full.iter().find_map(|word| name.strip_suffix(word))?;
        Some((stem, short))
    });
    let Some((mut own, short)) = kind else {
        return Vec::new();
    };
    for stem in stems {
        own = own.strip_prefix(stem).unwrap_or(own);
    }
    let own = own.strip_prefix('市').unwrap_or(own);
    let all = short.iter().flat_map(|kind| {
        let behind = format!("{own}{kind}");
        [(format!("{}{behind}", stems[1]), false), (behind, true)]
    });
    all.map(|(name, is_short)| (&*Box::leak(name.into_boxed_str()), is_short))
        .collect()
}

/// Peoples whose names stand before 自治.
const PEOPLES: &[&str] = &[
    "维吾尔",
    "哈萨克",
    "柯尔克孜",
    "塔吉克",
    "锡伯",
    "蒙古族",
    "蒙古",
    "回族",
    "藏族",
    "壮族",
    "苗族",
    "彝族",
    "布依族",
    "朝鲜族",
    "满族",
    "侗族",
    "瑶族",
    "白族",
    "土家族",
    "哈尼族",
    "傣族",
    "黎族",
    "傈僳族",
    "佤族",
    "畲族",
    "拉祜族",
    "水族",
    "东乡族",
    "纳西族",
    "景颇族",
    "土族",
    "达斡尔族",
    "达斡尔",
    "仫佬族",
    "羌族",
    "布朗族",
    "撒拉族",
    "毛南族",
    "仡佬族",
    "普米族",
    "怒族",
    "德昂族",
    "保安族",
    "裕固族",
    "独龙族",
    "鄂温克族",
    "鄂伦春",
    "各族",
    "族",
];

/// A name as it is, and as people shorten it.
fn spellings(name: &'static str) -> Vec<(&'static str, bool)> {
    let mut all = vec![(name, false)];
    let mut short = |text: &'static str| {
        if text.chars().count() >= 2 && text != name {
            all.push((text, true));
        }
    };
    if let Some(stem) = name.strip_suffix("特别行政区") {
        short(stem);
    } else if let Some(stem) = ["自治区", "自治州", "自治县", "自治旗"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
    {
        let mut stem = stem;
        while let Some(shorter) = PEOPLES
            .iter()
            .filter_map(|people| stem.strip_suffix(people))
            .find(|shorter| shorter.chars().count() >= 2)
        {
            stem = shorter;
        }
        short(stem);
        // 恩施州, 恭城县: how the self-governing ones are written in full nearly everywhere.
        for (long, brief) in [("自治州", '州'), ("自治县", '县'), ("自治旗", '旗')] {
            if name.ends_with(long) {
                all.push((Box::leak(format!("{stem}{brief}").into_boxed_str()), false));
            }
        }
    } else if let Some(stem) = [
        "地区", "林区", "新区", "矿区", "特区", "省", "市", "区", "县", "盟", "旗",
    ]
    .iter()
    .find_map(|suffix| name.strip_suffix(suffix))
    {
        short(stem);
    }
    all
}
