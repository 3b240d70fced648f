//! Chinese addresses: the region they lie in, and the building, unit and room in it; Western ones: a key.
//!
//! ```text
//! 浙江杭州 余杭 文一西路 969号 3号楼2单元501室
//! region 330110  road   number unit 3-2-501
//! ```
//!
//! A region is read from the left, from the large to the small; each name must lie in the one before it. A name that
//! several regions have, and nothing before it tells which, gives no region: its candidates are a function of their own.

use std::sync::LazyLock;

use regex::Regex;

use super::chinese_number;
use super::divisions::{Division, Level, is_municipality, is_within, level, name, starting};
use super::fold::{fold, fold_latin, is_han, simplify};
use super::scalar::{Call, Function};

/// `address_region_code` and its neighbours.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "address_region_code",
        arguments: &["address"],
        required: 1,
        description: "Today's code of the smallest region that a Chinese address surely lies in: of its district or county, \
                      else its city, else its province. Old names give today's code. Null where there is none, or where \
                      several regions have the name.",
        source: "GB/T 2260",
        example: ("address_region_code('浙江杭州余杭文一西路969号')", "330110"),
        call: Call::Text(|args| region_code(args[0]).map(|code| code.to_string())),
    },
    Function {
        name: "address_candidates",
        arguments: &["address"],
        required: 1,
        description: "The codes of all regions that the address may lie in: one where it is clear, several where nothing tells \
                      them apart. Null where there is none.",
        source: "GB/T 2260; our own table of names",
        example: ("address_candidates('浙江省杭州市余杭区')", "[330110]"),
        call: Call::Texts(|args| {
            let found = locate(args[0])?;
            Some(found.codes.iter().map(u32::to_string).collect())
        }),
    },
    Function {
        name: "address_province",
        arguments: &["address"],
        required: 1,
        description: "Today's full name of the province, region or municipality that the address lies in.",
        source: "GB/T 2260; our own table of names",
        example: ("address_province('浙江杭州余杭文一西路969号')", "浙江省"),
        call: Call::Text(|args| name_at(args[0], Level::Province)),
    },
    Function {
        name: "address_city",
        arguments: &["address"],
        required: 1,
        description: "Today's full name of the city, prefecture or municipality that the address lies in.",
        source: "GB/T 2260; our own table of names",
        example: ("address_city('浙江杭州余杭文一西路969号')", "杭州市"),
        call: Call::Text(|args| name_at(args[0], Level::City)),
    },
    Function {
        name: "address_district",
        arguments: &["address"],
        required: 1,
        description: "Today's full name of the district, county or small city that the address lies in.",
        source: "GB/T 2260; our own table of names",
        example: ("address_district('浙江杭州余杭文一西路969号')", "余杭区"),
        call: Call::Text(|args| name_at(args[0], Level::District)),
    },
    Function {
        name: "address_road",
        arguments: &["address"],
        required: 1,
        description: "The road of a Chinese address, simplified.",
        source: "GB/T 2260; our own table of names",
        example: ("address_road('浙江杭州余杭文一西路969号')", "文一西路"),
        call: Call::Text(|args| Place::read(args[0])?.road),
    },
    Function {
        name: "address_number",
        arguments: &["address"],
        required: 1,
        description: "The number of the house on its road, in digits.",
        source: "GB/T 2260; our own table of names",
        example: ("address_number('浙江杭州余杭文一西路969号')", "969"),
        call: Call::Text(|args| Place::read(args[0])?.number),
    },
    Function {
        name: "address_unit",
        arguments: &["address"],
        required: 1,
        description: "Building, unit and room of a Chinese address in digits, as far as they are given, with dashes between.",
        source: "GB/T 2260; our own table of names",
        example: ("address_unit('三号楼二单元501')", "3-2-501"),
        call: Call::Text(|args| Place::read(args[0])?.unit),
    },
    Function {
        name: "address_key",
        arguments: &["address"],
        required: 1,
        description: "The address to match on. Chinese: region code, road, number and unit, where road and number are known, else \
                      the simplified text behind the region. Western: lower case, common words shortened.",
        source: "GB/T 2260; our own table of names",
        example: (
            "address_key('浙江杭州余杭文一西路969号3号楼2单元501室')",
            "330110|文一西路|969|3-2-501",
        ),
        call: Call::Text(|args| key(args[0])),
    },
];

/// Where an address lies, and what stands behind the region's name.
#[derive(Debug, PartialEq, Eq)]
struct Located {
    /// The smallest regions it may lie in; several where the name alone does not tell.
    codes: Vec<u32>,
    /// The rest of the address, simplified, without blanks.
    rest: String,
}

/// Simplified, without blanks and the marks that people put between the parts.
fn plain(address: &str) -> Vec<char> {
    let folded = fold(address);
    let text = simplify(&folded);
    let text = ["中华人民共和国", "中国"]
        .iter()
        .find_map(|country| text.strip_prefix(country))
        .unwrap_or(&text);
    let kept: Vec<char> = text
        .chars()
        .filter(|character| !character.is_whitespace() && !",，、。;；/|·".contains(*character))
        .collect();
    // A dash between words is a mark between parts; between numbers it belongs to them.
    let is_mark = |at: usize| {
        let is_word =
            |at: Option<usize>| at.and_then(|at| kept.get(at)).is_some_and(|c| is_han(*c));
        matches!(kept[at], '-' | '—' | '–' | '_')
            && is_word(at.checked_sub(1))
            && is_word(Some(at + 1))
    };
    (0..kept.len())
        .filter(|at| !is_mark(*at))
        .map(|at| kept[at])
        .collect()
}

fn locate(address: &str) -> Option<Located> {
    let text = plain(address);
    // Something may stand before the region: 收货地址:浙江省… It is passed over only for a full name.
    let mut at = 0;
    let mut inside: Option<u32> = None;
    if matches_at(&text, 0, None).is_none() {
        const FAR: usize = 16;
        at = (1..text.len().min(FAR)).find(|start| {
            matches_at(&text, *start, None).is_some_and(|(divisions, _)| {
                !divisions[0].is_short && level(divisions[0].code) < Level::District
            })
        })?;
    }
    let mut codes: Vec<u32> = Vec::new();
    loop {
        let Some((divisions, length)) = matches_at(&text, at, inside) else {
            match filler(&text[at..], inside) {
                0 => break,
                length => at += length,
            }
            continue;
        };
        at += length;
        codes = divisions.iter().map(|division| division.code).collect();
        // 青岛市南区: the 市 is the district's.
        if let [code] = codes[..]
            && text[at - 1] == '市'
            && matches_at(&text, at, Some(code)).is_none()
            && matches_at(&text, at - 1, Some(code))
                .is_some_and(|(inner, _)| inner.iter().all(|division| !division.is_short))
        {
            at -= 1;
        }
        match codes[..] {
            [code] => inside = Some(code),
            _ => break,
        }
        if inside.is_some_and(|code| level(code) == Level::District) {
            break;
        }
    }
    // 浙江省海淀区: a full name of another region contradicts what stands before it.
    if inside.is_some_and(|code| level(code) < Level::District)
        && let Some((length, divisions)) = starting(&text[at..]).next()
        && divisions.iter().all(|division| !division.is_short)
        && !is_road_ahead(&text[at + length..])
        && !text[at + length..].starts_with(&['场'])
    {
        return None;
    }
    // A name repeated behind its own region, as forms do it: 余杭区余杭区文一西路.
    if let Some(code) = inside
        && let Some((length, divisions)) = starting(&text[at..]).next()
        && divisions
            .iter()
            .any(|division| division.code == code && !division.is_short)
    {
        at += length;
    }
    (!codes.is_empty()).then(|| Located {
        codes,
        rest: text[at..].iter().collect(),
    })
}

/// How many characters at a place are words of forms, or a region around that is said again.
fn filler(text: &[char], inside: Option<u32>) -> usize {
    let Some(inside) = inside else {
        return 0;
    };
    for word in [
        "市辖区",
        "省直辖县级行政区划",
        "自治区直辖县级行政区划",
        "省直辖",
    ] {
        let characters: Vec<char> = word.chars().collect();
        if text.starts_with(&characters) {
            return characters.len();
        }
    }
    let again = starting(text).find(|(_, divisions)| {
        divisions
            .iter()
            .any(|division| !division.is_short && is_within(inside, division.code))
    });
    again.map_or(0, |(length, _)| length)
}

/// The divisions named at a place that lie in `inside`, all of one level, and the length of the name.
fn matches_at(text: &[char], at: usize, inside: Option<u32>) -> Option<(Vec<Division>, usize)> {
    for (length, named) in starting(&text[at..]) {
        let opens_road = || is_road_ahead(&text[at + length..]);
        let fits = |division: &&Division| {
            let is_inner = match inside {
                // The region itself may be said twice: 北京北京市, 吉林吉林市.
                Some(outer) => {
                    (is_within(division.code, outer) || is_within(division.code_then, outer))
                        && (division.code != outer || level(outer) < Level::District)
                }
                None => true,
            };
            let is_plain = match (division.is_short, inside) {
                (false, _) => true,
                // A district is called by its short name only behind its city.
                (true, None) => level(division.code) < Level::District && !opens_road(),
                (true, Some(_)) => !opens_road(),
            };
            is_inner && is_plain
        };
        let mut divisions: Vec<Division> = named.iter().filter(fits).copied().collect();
        // The inner region before the outer one that is said again; today's name before an old one; a full name before a
        // short one.
        if let Some(outer) = inside {
            let outer_is_named = divisions.iter().any(|division| division.code == outer);
            let same_stem = outer_is_named
                && (level(outer) == Level::City || is_municipality(outer))
                && divisions
                    .iter()
                    .all(|division| division.is_short || division.code == outer);
            if same_stem {
                divisions.retain(|division| division.code == outer);
            } else if divisions.iter().any(|division| division.code != outer) {
                divisions.retain(|division| division.code != outer);
            }
        }
        prefer(&mut divisions, |division| !division.is_short);
        prefer(&mut divisions, |division| division.is_current);
        let highest = divisions.iter().map(|division| level(division.code)).min();
        divisions.retain(|division| Some(level(division.code)) == highest);
        divisions.dedup_by_key(|division| division.code);
        if !divisions.is_empty() {
            return Some((divisions, length));
        }
    }
    None
}

/// Keeps those that have a quality, where any has it.
fn prefer(divisions: &mut Vec<Division>, quality: fn(&Division) -> bool) {
    if divisions.iter().any(quality) {
        divisions.retain(quality);
    }
}

/// Whether a short name is the beginning of a road's: 北京 in 北京东路.
fn is_road_ahead(rest: &[char]) -> bool {
    const PARTS: &str = "东南西北中一二三四五环";
    let rest: Vec<char> = rest
        .iter()
        .copied()
        .skip_while(|character| PARTS.contains(*character))
        .take(2)
        .collect();
    match rest[..] {
        ['路' | '街' | '道' | '巷' | '弄' | '里' | '村' | '桥', ..] => true,
        ['大', '道' | '街' | '厦' | '桥'] => true,
        ['公', '路'] | ['胡', '同'] => true,
        _ => false,
    }
}

fn region_code(address: &str) -> Option<u32> {
    match locate(address)?.codes[..] {
        [code] => Some(code),
        _ => None,
    }
}

fn name_at(address: &str, wanted: Level) -> Option<String> {
    let code = region_code(address)?;
    let outer = match wanted {
        Level::Province => code / 10_000 * 10_000,
        // A municipality is its own city.
        Level::City if is_municipality(code) => code / 10_000 * 10_000,
        Level::City => code / 100 * 100,
        Level::District => code,
    };
    let is_city_of_province = wanted == Level::City && level(outer) == Level::Province;
    if wanted > level(code) || (is_city_of_province && !is_municipality(code)) {
        let says_itself = wanted == Level::City && is_municipality(code);
        if !says_itself {
            return None;
        }
    }
    name(outer).map(String::from)
}

/// What stands behind the region.
#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    road: Option<String>,
    number: Option<String>,
    unit: Option<String>,
}

static ROAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:.*?(?:街道|镇|乡|办事处))?([\p{Han}A-Za-z0-9]{1,12}?(?:大道|大街|公路|胡同|路|街|巷|弄|道)(?:[东西南北中一二三四五六七八九十]{1,2}段)?)(?:([甲乙丙丁附]?[0-9]+(?:-[0-9]+)?)[号弄#])?",
    )
});
/// Building, unit, room; each may be missing, one must be there.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:([0-9]+|[A-Za-z])(?:号楼|栋|幢|座|#楼?|号院?楼))?-?(?:([A-Za-z]|[0-9]{1,3})(?:座|栋|区))?-?(?:([0-9]+|[A-Za-z])(?:单元|门|梯))?-?(?:[0-9]+(?:层|楼))?-?(?:([A-Za-z]?[0-9]{2,5}[A-Za-z]?)(?:室|房|户|号)?)?$",
    )
});
static RECIPIENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{Han}{2,4}(?:收|签收|亲收)$"));
/// In a lane, the house: 100弄5号.
static HOUSE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^([0-9]+)号楼?"));
static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:^|[^0-9A-Za-z-])([0-9]{1,3}|[A-Za-z])[#-]([0-9]{3,4})(?:室|房|户)?$")
});
static DASHED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^0-9A-Za-z-])([0-9]{1,3})(?:[#-]|号楼|栋|幢|座|#楼|号院?楼)([0-9]{1,2})(?:-|单元)([0-9]{2,4})(?:室|房|户|号)?$",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("our own pattern is well formed")
}

impl Place {
    fn read(address: &str) -> Option<Self> {
        Self::behind(address, locate(address).as_ref())
    }

    fn behind(address: &str, located: Option<&Located>) -> Option<Self> {
        let rest = match located {
            Some(located) => located.rest.clone(),
            None => plain(address).into_iter().collect(),
        };
        let rest = digits(&without_brackets(&rest));
        let mut place = Self::default();
        let mut behind = 0;
        if rest.chars().any(is_han)
            && let Some(found) = ROAD.captures(&rest)
        {
            place.road = found.get(1).map(|road| road.as_str().to_string());
            place.number = found.get(2).map(|number| number.as_str().to_string());
            behind = found.get(0).map_or(0, |whole| whole.end());
            if rest[..behind].ends_with('弄')
                && let Some(house) = HOUSE.captures(&rest[behind..])
                && let Some(lane) = &mut place.number
            {
                *lane = format!("{lane}-{}", &house[1]);
                behind += house[0].len();
            }
        }
        place.unit = unit(&rest[behind..]);
        Some(place)
    }
}

/// An address taken apart once, to be compared with many.
#[derive(Debug, Default)]
pub struct Parts {
    key: Option<String>,
    region: Option<u32>,
    road: Option<String>,
    number: Option<String>,
}

impl Parts {
    /// Takes an address apart.
    pub fn read(address: &str) -> Self {
        let located = locate(address);
        let place = Place::behind(address, located.as_ref()).unwrap_or_default();
        let region = located
            .as_ref()
            .and_then(|located| match located.codes[..] {
                [code] => Some(code),
                _ => None,
            });
        Self {
            key: key(address),
            region,
            road: place.road,
            number: place.number,
        }
    }

    /// Whether there is anything to compare but the place.
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// 0 the same address, 1 the same house, 2 the same road, 3 the same district, 4 else. A region that one side leaves out
    /// contradicts nothing.
    pub fn level(&self, other: &Self) -> u8 {
        let is_same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        let agrees = match (self.region, other.region) {
            (Some(one), Some(other)) => is_within(one, other) || is_within(other, one),
            _ => true,
        };
        match () {
            () if is_same(&self.key, &other.key) => 0,
            () if agrees
                && is_same(&self.road, &other.road)
                && is_same(&self.number, &other.number) =>
            {
                1
            }
            () if agrees && is_same(&self.road, &other.road) => 2,
            () if self.region.is_some() && self.region == other.region => 3,
            () => 4,
        }
    }
}

fn unit(text: &str) -> Option<String> {
    // Whose parcel it is stands behind the room.
    let text = RECIPIENT.replace(text, "");
    let text = text.as_ref();
    if let Some(found) = DASHED.captures(text) {
        return Some(format!("{}-{}-{}", &found[1], &found[2], &found[3]));
    }
    if let Some(found) = SHORT.captures(text) {
        return Some(format!("{}-{}", found[1].to_uppercase(), &found[2]));
    }
    // Only the end of an address is made of such parts.
    let is_part =
        |c: char| c.is_ascii_alphanumeric() || "#-号楼栋幢座单元门梯层室房户院区".contains(c);
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| is_part(*c))
        .last()
        .map_or(text.len(), |(at, _)| at);
    let text = &text[start..];
    // The first place from which parts reach to the end.
    let found = UNIT
        .captures_iter(text)
        .find(|found| (1..=4).any(|part| found.get(part).is_some()))?;
    let parts: Vec<String> = (1..=4)
        .filter_map(|part| found.get(part))
        .map(|part| part.as_str().to_uppercase())
        .collect();
    Some(parts.join("-"))
}

/// Notes in brackets say where to leave a parcel.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '(' | '（' | '【' | '[' => depth += 1,
            ')' | '）' | '】' | ']' => depth = depth.saturating_sub(1),
            other if depth == 0 => plain.push(other),
            _ => {}
        }
    }
    plain
}

/// Chinese numbers before a word that counts houses become digits: 三号楼二单元. Names of roads keep theirs.
fn digits(text: &str) -> String {
    const COUNTED: &[&str] = &[
        "号楼", "栋", "幢", "座", "单元", "门", "层", "楼", "室", "号",
    ];
    let characters: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while at < characters.len() {
        let run = characters[at..]
            .iter()
            .take_while(|character| chinese_number::is_part(**character))
            .count();
        let tail: String = characters[at + run..].iter().take(2).collect();
        let number: String = characters[at..at + run].iter().collect();
        // At the end stands a room: 三单元四零二.
        let is_room = tail.is_empty()
            && run >= 2
            && plain.ends_with(['元', '栋', '幢', '座', '楼', '层', '门', '#']);
        let is_counted = is_room || COUNTED.iter().any(|word| tail.starts_with(word));
        if let Some(value) = chinese_number::parse(&number).filter(|_| is_counted) {
            plain.push_str(&value);
            at += run;
        } else {
            plain.extend(&characters[at..at + run.max(1)]);
            at += run.max(1);
        }
    }
    plain
}

fn key(address: &str) -> Option<String> {
    let text: String = plain(address).into_iter().collect();
    if !text.chars().any(is_han) {
        return western_key(address);
    }
    let located = locate(address);
    let code = located
        .as_ref()
        .filter(|located| located.codes.len() == 1)
        .map_or(String::new(), |located| located.codes[0].to_string());
    let place = Place::behind(address, located.as_ref())?;
    if let (Some(road), Some(number)) = (&place.road, &place.number) {
        let unit = place.unit.as_deref().unwrap_or_default();
        return Some(format!("{code}|{road}|{number}|{unit}"));
    }
    let rest = located.map_or(text, |located| located.rest);
    let rest: String = digits(&without_brackets(&rest))
        .chars()
        .filter(|character| character.is_alphanumeric())
        .collect();
    (!rest.is_empty() || !code.is_empty()).then(|| format!("{code}|{}", rest.to_lowercase()))
}

/// Words of Western addresses, long and short.
const SHORT_WORDS: &[(&str, &str)] = &[
    ("street", "st"),
    ("road", "rd"),
    ("avenue", "ave"),
    ("av", "ave"),
    ("drive", "dr"),
    ("lane", "ln"),
    ("boulevard", "blvd"),
    ("court", "ct"),
    ("square", "sq"),
    ("place", "pl"),
    ("highway", "hwy"),
    ("parkway", "pkwy"),
    ("terrace", "ter"),
    ("apartment", "apt"),
    ("suite", "ste"),
    ("floor", "fl"),
    ("building", "bldg"),
    ("north", "n"),
    ("south", "s"),
    ("east", "e"),
    ("west", "w"),
    ("strasse", "str"),
    ("number", "no"),
    ("room", "rm"),
    ("mount", "mt"),
    ("saint", "st"),
];

fn western_key(address: &str) -> Option<String> {
    let lower = fold_latin(&fold(address))
        .replace(['.', '\''], "")
        .replace("strasse", "str");
    let words: Vec<&str> = lower
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            SHORT_WORDS
                .iter()
                .find(|(long, _)| *long == word)
                .map_or(word, |(_, short)| *short)
        })
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
