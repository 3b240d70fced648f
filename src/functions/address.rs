//! Chinese addresses: the region they lie in, and the building, unit and room in it. How alike two addresses are, Western ones too.
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
use super::fold::{fold, is_han, simplify};
use super::scalar::{Call, Function};
use super::western_address;

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
    Function {
        name: "address_level",
        arguments: &["left", "right"],
        required: 2,
        description: "How alike two addresses are, as the comparison of kind address has it: exact; same_house (or the same \
                      building of an estate); same_road; similar (Western, slips in its long words); same_district; else. Of a Western address the number, the street and \
                      what else is in it, as town and postal code. Null when either says nothing.",
        source: "GB/T 2260; our own table of names",
        example: (
            "address_level('南京市鼓楼区阳光花园18栋1302室', '阳光花园18栋601')",
            "same_house",
        ),
        call: Call::Text(|args| {
            let (left, right) = (Parts::read(args[0]), Parts::read(args[1]));
            let is_read = left.has_key() && right.has_key();
            is_read.then(|| LEVELS[left.level(&right) as usize].to_string())
        }),
    },
];

/// The levels of two addresses, the strongest first.
pub const LEVELS: &[&str] = &[
    "exact",
    "same_house",
    "same_road",
    "similar",
    "same_district",
    "else",
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
    let text = CODE_BEHIND.replace(&text, "$1");
    // Twice: what stands between two phones belongs to either.
    let text = PHONE.replace_all(&text, "$1 $2").into_owned();
    let text = PHONE.replace_all(&text, "$1 $2");
    let text = ["中华人民共和国", "中国"]
        .iter()
        .find_map(|country| text.strip_prefix(country))
        .unwrap_or(text.as_ref());
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
    // A postal code: 106台北市.
    let code = text.iter().take_while(|c| c.is_ascii_digit()).count();
    if (3..=6).contains(&code) && matches_at(&text, code, None).is_some() {
        at = code;
    } else if matches_at(&text, 0, None).is_none() {
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
    // 浙江省海淀区: a full name of another region contradicts what stands before it; Taiwan's districts are in no table of ours.
    if inside.is_some_and(|code| level(code) < Level::District && code != TAIWAN)
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

/// The code of all of Taiwan.
const TAIWAN: u32 = 710_000;

impl Located {
    fn is_in_taiwan(&self) -> bool {
        self.codes == [TAIWAN]
    }
}

/// What stands behind the region.
#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    /// What the table of regions does not have: the town, and in Taiwan city and district.
    area: String,
    road: Option<String>,
    number: Option<String>,
    unit: Option<String>,
    /// What stands before the unit where there is no road: 阳光花园 of 阳光花园18栋1302室.
    estate: Option<String>,
    /// What tells the unit from others of the same numbers: A区, 主卧.
    within: Vec<String>,
    /// What stands behind the number of the house and is no unit that can be read.
    unread: String,
    /// The names of buildings and their parts: 同济公寓, 富力中心A塔, 东户.
    names: String,
}

/// Building, unit and room, where they stand in a text.
#[derive(Debug, PartialEq, Eq)]
struct Unit {
    start: usize,
    end: usize,
    parts: Vec<String>,
    /// Whether words say what its numbers are.
    is_named: bool,
}

static ROAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(.*?(?:街道|镇|乡|办事处))?([\p{Han}A-Za-z0-9]{1,12}?(?:大道|大街|公路|胡同|路|街|巷|弄|道)(?:[东西南北中一二三四五六七八九十]{1,2}段)?)(?:([东西南北中])?([甲乙丙丁附]?[0-9]+(?:-[0-9]+)?)[号弄#])?",
    )
});
/// In Taiwan, whose districts are in no table of ours.
static DISTRICT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:\p{Han}{1,4}[市县])?\p{Han}{1,3}区"));
/// Building, unit, floor, room; each may be missing, one must be there.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?<building>[甲乙丙丁]?[0-9]+|[A-Za-z])(?:号楼|栋|幢|座|#楼?|号院?楼))?-?(?:(?<zone>[A-Za-z]|[0-9]{1,3})(?:座|栋|区))?-?(?:(?<unit>[0-9]+|[A-Za-z])(?:单元|门|梯))?-?(?:(?<below>地下|负|[Bb])?(?<floor>[0-9]+)(?:层|楼))?(?<dash_behind>-)?(?:(?<room>[0-9]{1,2}-[0-9]{1,2}|[A-Za-z]?[0-9]{2,5}[A-Za-z]?)(?<word>室|房|户|号)?|(?<letter>[A-Za-z])室)?$",
    )
});
/// Before a building, what tells it from others of the same number: A区, 二期, 东苑, 1号院.
static PART: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^0-9A-Za-z一二三四五六七八九十甲乙丙丁东西南北中])([0-9]{1,3}|[A-Za-z]|[一二三四五六七八九十甲乙丙丁东西南北中]{1,2})(号院|区|期|院|苑|楼|座|单元|栋|幢)",
    )
});
/// Behind a room, what tells it from others of the same number: A房, 主卧, 2号床.
static ROOM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^([0-9A-Za-z甲乙丙丁东西南北左右主次]{1,2}号?(?:房|卧|室|床|铺|户|侧)|[A-Za-z东西南北左右甲乙丙丁]$|之[0-9一二三四五六七八九十]+$)",
    )
});
/// The names of buildings, before what is no name.
static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^.*(?:大厦|公寓|大楼|[裙主副东西南北前后]楼|花园|小区|社区|广场|中心|[园苑塔阁馆院村庭府湾轩邸墅]|[a-z0-9甲乙丙丁东西南北中前后左右一二三四五六七八九十][座栋幢楼铺户馆区期])",
    )
});
/// A house of another number: 216号之1.
static FURTHER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([0-9]+)号之([0-9]+|[一二三四五六七八九十]+)号?"));
/// A section of a road: 忠孝东路4段.
static SECTION: LazyLock<Regex> = LazyLock::new(|| pattern(r"([1-9])段"));
/// What an estate may be called beside its name.
static OF_ESTATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:小区|社区|住宅区|花园|公寓)?(?:[0-9一二三四五六七八九十]+期)?$")
});
/// A postal code behind an address.
static CODE_BEHIND: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([\s号室房户楼栋座元])[1-9][0-9]{5}\s*$"));
/// The city of a region of Taiwan.
static CITY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{Han}{2}[市县]$"));
/// In brackets, a flat.
static FLAT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[(（【\[]([^()（）【】\[\]]*(?:[0-9a-zA-Z一二三四五六七八九十甲乙丙丁东西南北]\s*(?:栋|幢|座|单元|号楼|楼|层|室|期|区|户)|公寓|[0-9]-[0-9])[^()（）【】\[\]]*|[0-9]{3,4}|[甲乙丙丁东西南北])[)）】\]]",
    )
});

/// A phone beside an address, with its country and its extension.
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(^|[^0-9])(?:(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|0[0-9]{2,3}[- ]?[0-9]{7,8}|[2-8][0-9]{3}[ -][0-9]{4})(?:(?:转|-)[0-9]{1,6})?($|[^0-9])",
    )
});
static RECIPIENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{Han}{2,4}(?:收|签收|亲收)$"));
/// In a lane, the house: 100弄5号.
static HOUSE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^([0-9]+)号楼?"));
static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:^|[^0-9A-Za-z-])([0-9]{1,3}|[A-Za-z])[#-]([0-9]{1,4})(?:室|房|户|号)?$")
});
static DASHED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^0-9A-Za-z-])([0-9]{1,3})(?:[#-]|号楼|栋|幢|座|#楼|号院?楼)([0-9]{1,2})(?:-|单元)([0-9]{1,4})(?:室|房|户|号)?$",
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
        let mut place = Self::default();
        let mut rest = digits(&without_brackets(&FLAT.replace_all(&rest, "$1")));
        if located.is_some_and(Located::is_in_taiwan) {
            let whole: String = plain(address).into_iter().collect();
            let ahead = located.and_then(|located| whole.strip_suffix(&located.rest));
            let city = ahead.and_then(|ahead| CITY.find(ahead));
            place.area = city.map_or("", |city| city.as_str()).to_string();
            if let Some(district) = DISTRICT.find(&rest) {
                let has_city = district.as_str().contains(['市', '县']);
                if has_city {
                    place.area.clear();
                }
                place.area.push_str(district.as_str());
                rest = rest[district.end()..].to_string();
            }
        }
        let mut behind = 0;
        if rest.chars().any(is_han)
            && let Some(found) = ROAD.captures(&rest)
        {
            let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
            if part(1).ends_with(['镇', '乡']) {
                place.area.push_str(part(1));
            }
            place.road = Some(format!("{}{}", part(2), part(3)));
            place.number = found.get(4).map(|number| number.as_str().to_string());
            behind = found.get(0).map_or(0, |whole| whole.end());
            if rest[..behind].ends_with('弄')
                && let Some(house) = HOUSE.captures(&rest[behind..])
                && let Some(lane) = &mut place.number
            {
                *lane = format!("{lane}-{}", &house[1]);
                behind += house[0].len();
            }
        }
        let behind = &rest[behind..];
        match unit(behind, place.number.is_some()) {
            Some(unit) => {
                let before = &behind[..unit.start];
                let is_estate = place.road.is_none() && before.chars().any(is_han);
                place.estate = is_estate.then(|| letters(before));
                place.names = letters(before);
                let part = |found: regex::Captures| format!("{}{}", &found[1], &found[2]);
                let parts = PART.captures_iter(before).map(part);
                let parts: Vec<String> = parts.filter(|_| !is_estate).collect();
                let room = ROOM.captures(&behind[unit.end..]);
                let room = room.map(|found| found[1].to_string());
                place.within = parts.into_iter().chain(room).collect();
                place.unit = Some(unit.parts.join("-"));
            }
            None => {
                place.unread = letters(behind);
                place.names = names(behind);
            }
        }
        Some(place)
    }

    /// The name of what stands on its own grounds: 阳光花园, also behind a road and a number.
    fn grounds(&self) -> Option<String> {
        let named = Some(&self.names).filter(|names| names.chars().count() >= 2);
        let name = self.estate.as_ref().or(named)?;
        let kinds = ["小区", "社区", "住宅区"];
        let stem = kinds.iter().find_map(|kind| name.strip_suffix(kind));
        let stem = stem.filter(|stem| stem.chars().count() >= 2);
        Some(stem.unwrap_or(name).to_string())
    }
}

/// The names of buildings in what stands behind the number of a house, without notes: 放门卫.
fn names(text: &str) -> String {
    const SHORT: usize = 2;
    let text = letters(text);
    let is_short = text.chars().count() <= SHORT && !text.contains(|c: char| c.is_ascii_digit());
    match NAMES.find(&text) {
        Some(found) => found.as_str().to_string(),
        None if is_short => text,
        None => String::new(),
    }
}

/// Whether two names contradict each other: what one side leaves out does not.
fn contradict(one: &str, other: &str) -> bool {
    !one.contains(other) && !other.contains(one)
}

/// An address taken apart once, to be compared with many.
#[derive(Debug, Default)]
pub struct Parts {
    key: Option<String>,
    region: Option<u32>,
    area: String,
    road: Option<String>,
    number: Option<String>,
    /// The building of a unit on grounds of its own.
    building: Option<String>,
    /// The grounds, where the building stands on some.
    grounds: Option<String>,
    names: String,
    /// Building, unit and room, with what tells them from others.
    unit: String,
    /// The other words of a Western address: the town, the postal code.
    places: Vec<String>,
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
        if !address.chars().any(is_han) {
            let street = western_address::street(address).unwrap_or_default();
            return Self {
                key: western_address::key(address),
                road: street.road,
                number: street.number,
                places: street.places,
                ..Self::default()
            };
        }
        let grounds = place.grounds();
        let building = place.unit.as_ref().and_then(|unit| unit.split_once('-'));
        let within = place.within.concat();
        Self {
            key: key(address),
            region,
            area: place.area,
            road: place.road,
            number: place.number,
            building: building.map(|(building, _)| building.to_string()),
            grounds,
            names: place.names,
            unit: format!("{}{within}", place.unit.unwrap_or_default()),
            places: Vec::new(),
        }
    }

    /// The level of two addresses on grounds that have a name, of which one says no road; `None` where they are not the same.
    fn level_on_grounds(&self, other: &Self) -> Option<u8> {
        let (one, another) = (self.grounds.as_ref()?, other.grounds.as_ref()?);
        let have_roads = self.road.is_some() && other.road.is_some();
        let is_of = |short: &str, long: &str| {
            let rest = long.strip_prefix(short);
            rest.is_some_and(|rest| OF_ESTATE.is_match(rest))
        };
        if have_roads || !(is_of(one, another) || is_of(another, one)) {
            return None;
        }
        let is_whole = one == another && self.region.is_some() && self.region == other.region;
        let is_same_unit = !self.unit.is_empty() && self.unit == other.unit;
        let is_same_building = self.building.is_some() && self.building == other.building;
        Some(match () {
            () if is_whole && is_same_unit => 0,
            () if is_same_building || is_same_unit => 1,
            () => 2,
        })
    }

    /// Whether the roads are one; a town may stand before it without its word: 长安长青路 in 长安镇.
    fn is_on_road_of(&self, other: &Self) -> bool {
        let (Some(one), Some(another)) = (&self.road, &other.road) else {
            return false;
        };
        let town_and_road = |of: &Self, road: &str| {
            let town = of.area.strip_suffix(['镇', '乡']);
            town.map(|town| format!("{town}{road}"))
        };
        let are_western = self.area.is_empty() && !one.chars().any(is_han);
        one == another
            || (are_western && western_address::are_one_street(one, another))
            || town_and_road(self, one).as_ref() == Some(another)
            || town_and_road(other, another).as_ref() == Some(one)
    }

    /// Whether the other words of two Western addresses may be of one place: no postal code is another, and all words of the shorter
    /// are in the longer.
    fn may_be_of_one_place(&self, other: &Self) -> bool {
        if self.postal_codes().next().is_some() && other.postal_codes().next().is_some() {
            return self.has_postal_code_of(other);
        }
        let (few, many) = match self.places.len() <= other.places.len() {
            true => (&self.places, &other.places),
            false => (&other.places, &self.places),
        };
        let is_new = |places: &[String]| places.iter().any(|word| word == "new");
        few.is_empty()
            || (few.iter().all(|word| many.contains(word)) && is_new(few) == is_new(many))
    }

    /// The words of a Western address that may be postal codes.
    fn postal_codes(&self) -> impl Iterator<Item = &String> {
        let has_digits = |word: &&String| word.contains(|c: char| c.is_ascii_digit());
        let places = self.places.iter();
        places.filter(move |word| word.len() >= 4 && has_digits(word))
    }

    fn has_postal_code_of(&self, other: &Self) -> bool {
        self.postal_codes()
            .any(|code| other.postal_codes().any(|another| code == another))
    }

    /// Whether two Western addresses have the same numbers and short words, and nearly the same long ones.
    fn is_similar(&self, other: &Self) -> bool {
        /// A slip in a shorter word makes another of it: St and Rd, North and South in short.
        const LONG: usize = 5;
        const MOST: usize = 2;
        let (Some(one), Some(another)) = (&self.key, &other.key) else {
            return false;
        };
        let are_near = |(one, other): (&str, &str)| {
            let has_digit = |word: &str| word.contains(|c: char| c.is_ascii_digit());
            let is_long = one.chars().count().min(other.chars().count()) >= LONG;
            let distance = || rapidfuzz::distance::osa::distance(one.chars(), other.chars());
            one == other || (is_long && !has_digit(one) && !has_digit(other) && distance() <= MOST)
        };
        let is_western = self.region.is_none() && !one.chars().any(is_han);
        let (words, others) = (|| one.split(' '), || another.split(' '));
        is_western
            && words().count() >= 3
            && words().count() == others().count()
            && words().zip(others()).all(are_near)
    }

    /// Whether there is anything to compare but the place.
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// A place among [`LEVELS`]. A region that one side leaves out
    /// contradicts nothing.
    pub fn level(&self, other: &Self) -> u8 {
        let is_same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        let agrees = match (self.region, other.region) {
            (Some(one), Some(other)) => is_within(one, other) || is_within(other, one),
            _ => self.may_be_of_one_place(other),
        };
        let agrees = agrees && !contradict(&self.area, &other.area);
        let is_named_alike = !contradict(&self.names, &other.names);
        let on_grounds = self.level_on_grounds(other).filter(|_| agrees);
        let is_on_road = agrees && self.is_on_road_of(other);
        match () {
            () if is_same(&self.key, &other.key) && agrees && is_named_alike => 0,
            () if on_grounds.is_some() => on_grounds.unwrap_or_default(),
            () if is_on_road && is_same(&self.number, &other.number) => {
                // A town without its word is in no key.
                let is_whole = self.region.is_some() && self.region == other.region;
                let is_whole = is_whole && self.road != other.road && self.unit == other.unit;
                u8::from(!is_whole || !is_named_alike)
            }
            () if is_on_road => 2,
            () if self.region.is_some() && self.region == other.region => {
                // All of Taiwan has one code.
                let city = |of: &Self| of.area.chars().take(3).collect::<String>();
                let is_elsewhere =
                    self.region == Some(TAIWAN) && contradict(&city(self), &city(other));
                if is_elsewhere { 5 } else { 4 }
            }
            () if self.is_similar(other) => 3,
            () if self.has_postal_code_of(other) => 4,
            () if !self.places.is_empty() && self.places == other.places => 4,
            () => 5,
        }
    }
}

/// The letters and digits of a text, in lower case; dashes between digits stay.
fn letters(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let is_digit = |at: Option<usize>| {
        let at = at.and_then(|at| characters.get(at));
        at.is_some_and(char::is_ascii_digit)
    };
    let is_kept = |(at, c): &(usize, &char)| {
        let is_between = is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
        c.is_alphanumeric() || (**c == '-' && is_between)
    };
    let kept = characters.iter().enumerate().filter(is_kept);
    kept.flat_map(|(_, c)| c.to_lowercase()).collect()
}

/// The building, unit and room of a text, before whatever note stands behind them: 1201室18点后放门卫. A number alone is a room only
/// where an address ends, or right behind the number of its house.
fn unit(text: &str, is_behind_number: bool) -> Option<Unit> {
    // Whose parcel it is stands behind the room.
    let text = RECIPIENT.replace(text, "");
    let text = text.as_ref();
    let mut before = None;
    let mut cuts = Vec::new();
    for (at, next) in text.char_indices() {
        // Behind the word for a room, or behind a number and before what is no part of a unit.
        let is_room = before.is_some_and(|c| matches!(c, '室' | '房' | '户'));
        let is_number = before.is_some_and(|c: char| c.is_ascii_digit());
        if is_room || (is_number && !is_part_of_unit(next)) {
            cuts.push(at);
        }
        before = Some(next);
    }
    cuts.push(text.len());
    let units: Vec<Unit> = cuts
        .iter()
        .filter_map(|cut| unit_at_end(&text[..*cut]))
        .collect();
    let is_bare = |unit: &&Unit| {
        let is_long = unit.parts.concat().len() >= 3;
        let is_last = unit.end == text.len();
        let is_first = unit.start == 0;
        match is_behind_number {
            true => is_first && (is_last || is_long),
            false => is_last,
        }
    };
    let named = units.iter().position(|unit| unit.is_named);
    let found = named.or_else(|| units.iter().position(|unit| is_bare(&unit)))?;
    units.into_iter().nth(found)
}

/// Whether the end of an address is made of such characters.
fn is_part_of_unit(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || "#-号楼栋幢座单元门梯层室房户院区甲乙丙丁地下负".contains(character)
}

fn unit_at_end(text: &str) -> Option<Unit> {
    let of = |start: usize, parts: &[&str], is_named: bool| Unit {
        start,
        end: text.len(),
        parts: parts.iter().map(|part| part.to_uppercase()).collect(),
        is_named,
    };
    if let Some(found) = DASHED.captures(text) {
        let start = found.get(1).map_or(0, |first| first.start());
        return Some(of(start, &[&found[1], &found[2], &found[3]], true));
    }
    if let Some(found) = SHORT.captures(text) {
        let start = found.get(1).map_or(0, |first| first.start());
        return Some(of(start, &[&found[1], &found[2]], true));
    }
    let parts = text.char_indices().rev();
    let start = parts.take_while(|(_, c)| is_part_of_unit(*c)).last();
    let start = start.map_or(text.len(), |(at, _)| at);
    let tail = &text[start..];
    const PARTS: &[&str] = &["building", "zone", "unit", "floor", "room", "letter"];
    // The first place from which parts reach to the end, and not from within a number.
    let is_whole = |found: &regex::Captures| {
        let at = found.get(0).map_or(0, |whole| whole.start());
        let is_within = tail[..at].ends_with(|c: char| c.is_ascii_digit());
        !is_within && PARTS.iter().any(|part| found.name(part).is_some())
    };
    let found = UNIT.captures_iter(tail).find(is_whole)?;
    let part = |name: &str| found.name(name).map(|part| part.as_str());
    let first = start + found.get(0).map_or(0, |whole| whole.start());
    let floor = part("floor");
    let room = part("room").or_else(|| part("letter").filter(|_| floor.is_some()));
    // 1201 is on the twelfth floor; 15 says nothing of it.
    let says_floor = room.zip(floor).is_some_and(|(room, floor)| {
        let on_floor = room.strip_prefix(floor);
        on_floor.is_some_and(|rest| rest.len() == 2)
    });
    // In 969号-5楼-501 dashes part, in 3号楼-1层101 one is a minus.
    let is_behind_dash = |floor: regex::Match| tail[..floor.start()].ends_with('-');
    let is_minus = found.name("floor").is_some_and(is_behind_dash) && part("dash_behind").is_none();
    const BASEMENTS: &[&str] = &["地下", "负", "B", "b"];
    let is_ahead = BASEMENTS.iter().any(|word| text[..first].ends_with(word));
    let is_below = is_minus || is_ahead || part("below").is_some();
    let floor = floor.filter(|_| !says_floor || is_below);
    let floor = floor.map(|floor| format!("{}{floor}F", if is_below { "B" } else { "" }));
    let room = room.map(|room| {
        format!(
            "{}{room}",
            if is_below && floor.is_none() { "B" } else { "" }
        )
    });
    let ahead = ["building", "zone", "unit"].map(part);
    let parts = ahead.into_iter().chain([floor.as_deref(), room.as_deref()]);
    let parts: Vec<&str> = parts.flatten().collect();
    let words = ["building", "zone", "unit", "floor", "word", "letter"];
    let is_named = words.iter().any(|word| part(word).is_some());
    (!parts.is_empty()).then(|| of(first, &parts, is_named))
}

/// Notes in brackets say where to leave a parcel.
pub(super) fn without_brackets(text: &str) -> String {
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
    let further = |found: &regex::Captures| {
        let number = found[2].parse().ok().map(|number: u32| number.to_string());
        let number = number.or_else(|| chinese_number::parse(&found[2]));
        format!("{}-{}号", &found[1], number.unwrap_or_default())
    };
    let plain = FURTHER.replace_all(&plain, further);
    let section = |found: &regex::Captures| {
        const NUMERALS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
        let number = found[1]
            .parse()
            .ok()
            .and_then(|at: usize| NUMERALS.get(at).copied());
        format!("{}段", number.unwrap_or_default())
    };
    SECTION.replace_all(&plain, section).into_owned()
}

fn key(address: &str) -> Option<String> {
    let text: String = plain(address).into_iter().collect();
    if !text.chars().any(is_han) {
        return western_address::key(address);
    }
    let located = locate(address);
    let code = located
        .as_ref()
        .filter(|located| located.codes.len() == 1)
        .map_or(String::new(), |located| located.codes[0].to_string());
    let place = Place::behind(address, located.as_ref())?;
    if let (Some(road), Some(number)) = (&place.road, &place.number) {
        // What may be a flat, and cannot be read, is not left out; a note is, and the name of a building.
        const SHORT: usize = 3;
        let is_flat = place.names.chars().count() <= SHORT;
        let unread = place.unread.as_str();
        let unread = match unread.contains(|c: char| c.is_ascii_digit()) {
            true => unread,
            false if is_flat => place.names.as_str(),
            false => "",
        };
        let unit = place.unit.as_deref().unwrap_or(unread);
        let within = place.within.concat();
        let area = if code == TAIWAN.to_string() {
            place.area
        } else {
            String::new()
        };
        return Some(format!("{code}|{area}{road}|{number}|{unit}{within}"));
    }
    if let (Some(estate), Some(unit)) = (&place.estate, &place.unit) {
        let within = place.within.concat();
        return Some(format!("{code}|{estate}|{unit}{within}"));
    }
    let rest = located.map_or(text, |located| located.rest);
    let rest = letters(&digits(&without_brackets(&rest)));
    (!rest.is_empty() || !code.is_empty()).then(|| format!("{code}|{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_agree_as_far_as_they_can_be_read() {
        // 0 the same address, 1 the same house, 2 the same road, 3 slips in words, 4 the same district, 5 else.
        let mut wrong = Vec::new();
        for (one, other, expected) in [
            (
                "上海市浦东新区张杨路500号3号楼1201室，放门卫",
                "上海浦东张杨路500号3幢1201",
                0,
            ),
            (
                "上海市浦东新区张杨路500号3号楼1201室，放门卫",
                "上海市浦东新区张杨路500号5号楼702室 请提前打电话",
                1,
            ),
            ("台北市信義區松仁路100號5樓", "松仁路100號8樓", 1),
            ("合肥市高新区长江路5号", "合肥市经开区长江路5号", 4),
            (
                "Karl-Marx-Straße 5, 10115 Berlin",
                "Rosa-Luxemburg-Straße 5, 10115 Berlin",
                4,
            ),
            ("Berliner Str. 5, München", "Münchner Str. 5, München", 4),
            ("Calle Mayor 5, Madrid", "Calle Mayor 7, Madrid", 2),
            ("30 Mill Road, Leeds, UK", "30 Mill Road, York, UK", 5),
            (
                "12 Main St, Springfield, IL 62701, USA",
                "12 Main St, Chicago, IL 60601, USA",
                5,
            ),
            ("5 High Street, York", "5 High Street, New York", 5),
            ("12 Main St N, Salem", "12 Main St S, Salem", 4),
            (
                "Ground Floor Flat, 30 Mill Road, Leeds",
                "30 Mill Road, Leeds",
                1,
            ),
            ("Floor 5, 100 Main St", "100 Main St", 1),
            ("12 St James Road", "12 St James Road, Leeds", 1),
            ("南京市鼓楼区阳光花园18栋1302", "阳光花园18栋1302室", 1),
            ("南京市鼓楼区阳光花园18栋1302", "阳光花园22栋801", 2),
            (
                "南京市鼓楼区阳光花园18栋1302",
                "南京市鼓楼区翠屏山庄22栋801",
                4,
            ),
            ("30 Mill Road, Leeds", "30 mill rd (ring twice), LEEDS", 0),
            (
                "30 Mill Road, Leeds LS4 2AB",
                "Flat 2, 30 Mill Rd, ls42ab",
                1,
            ),
            ("30 Mill Road, Leeds", "31 Mill Rd, Leeds", 2),
            ("30 Mill Road, Leeds", "30 Mill Road, York", 5),
            ("9 King St, York YO1 7EP", "12 High Street, York, YO17EP", 4),
            (
                "Hauptstraße 5, 80331 München",
                "Hauptstr. 5 Munich 80331",
                1,
            ),
            (
                "Hauptstraße 5, 80331 München",
                "Hauptstr. 7, 80331 München",
                2,
            ),
            ("12 rue de la Paix, Paris", "12, Rue de la Paix", 1),
            ("PO Box 12", "PO Box 13", 5),
            // Dashes, letters and names tell flats apart.
            (
                "重庆市江北区建新北路16号1-12-3",
                "重庆市江北区建新北路16号11-2-3",
                1,
            ),
            ("沈阳市和平区中华路12号3-1", "沈阳市和平区中华路12号31", 1),
            (
                "重庆市渝中区民生路235号1-11",
                "重庆市渝中区民生路235号11-1",
                1,
            ),
            (
                "重庆市渝中区民生路2幢12-3",
                "重庆市渝中区民生路2栋12-3号",
                2,
            ),
            (
                "上海市浦东新区花木路100号2幢12-3",
                "上海市浦东新区花木路100号2栋12-3号",
                0,
            ),
            (
                "上海市浦东新区花木路100号A铺",
                "上海市浦东新区花木路100号B铺",
                1,
            ),
            (
                "上海市浦东新区花木路100号东户",
                "上海市浦东新区花木路100号西户",
                1,
            ),
            (
                "上海市浦东新区花木路100号甲",
                "上海市浦东新区花木路100号乙",
                1,
            ),
            (
                "上海市浦东新区花木路100号，放门卫",
                "上海市浦东新区花木路100号",
                0,
            ),
            (
                "佛山市禅城区汾江路12号之一",
                "佛山市禅城区汾江路12号之二",
                2,
            ),
            (
                "上海市杨浦区国定路333号同济公寓301室",
                "上海市杨浦区国定路333号复旦公寓301室",
                1,
            ),
            (
                "上海市杨浦区国定路333号同济公寓301室",
                "上海市杨浦区国定路333号301室",
                0,
            ),
            (
                "上海市浦东新区华夏路10号富力中心A塔3001室",
                "上海市浦东新区华夏路10号富力中心B塔3001室",
                1,
            ),
            (
                "北京市海淀区中关村南大街5号院甲3号楼501",
                "北京市海淀区中关村南大街5号院乙3号楼501",
                1,
            ),
            (
                "上海市浦东新区花木路100号3号楼2单元501东",
                "上海市浦东新区花木路100号3号楼2单元501西",
                1,
            ),
            (
                "北京市海淀区中关村南大街5号（A座1201室）",
                "北京市海淀区中关村南大街5号（B座1201室）",
                1,
            ),
            (
                "北京市海淀区中关村南大街5号（放门卫）",
                "北京市海淀区中关村南大街5号",
                0,
            ),
            (
                "台北市士林區中正路100號3樓",
                "桃園市桃園區中正路100號3樓",
                5,
            ),
            ("高雄市三民區建工路415號", "台北市三民區建工路415號", 5),
            (
                "106台北市大安區和平東路一段162號",
                "台北市大安區和平東路一段162號",
                0,
            ),
            (
                "台北市大安區和平東路一段216-1號",
                "台北市大安區和平東路一段216號之1",
                0,
            ),
            ("东莞市长安镇振安路1号", "东莞市虎门镇振安路1号", 4),
            ("东莞市长安镇长青路1号", "东莞长安长青路1号", 0),
            (
                "上海市浦东新区花木路100号3号楼2楼201",
                "上海市浦东新区花木路100号3号楼20楼201",
                1,
            ),
            (
                "上海市浦东新区花木路100号3号楼2楼201",
                "上海市浦东新区花木路100号3号楼201",
                0,
            ),
            (
                "上海市浦东新区花木路100号3号楼-1层101",
                "上海市浦东新区花木路100号3号楼1层101",
                1,
            ),
            (
                "浙江省杭州市余杭区文一西路969号 310000",
                "浙江省杭州市余杭区文一西路969号",
                0,
            ),
            ("香港皇后大道中99号", "香港皇后大道东99号", 4),
            (
                "上海市徐汇区漕溪北路8号（3楼）",
                "上海市徐汇区漕溪北路8号（4楼）",
                1,
            ),
            (
                "上海市徐汇区漕溪北路8号（1201）",
                "上海市徐汇区漕溪北路8号（1202）",
                1,
            ),
            (
                "上海市徐汇区漕溪北路8号（甲）",
                "上海市徐汇区漕溪北路8号（乙）",
                1,
            ),
            (
                "上海市徐汇区漕溪北路8号1201室A",
                "上海市徐汇区漕溪北路8号1201室B",
                1,
            ),
            (
                "上海市徐汇区漕溪北路8号1201室之1",
                "上海市徐汇区漕溪北路8号1201室之2",
                1,
            ),
            (
                "上海市徐汇区漕溪北路8号3号楼B1层101",
                "上海市徐汇区漕溪北路8号7号楼B1层101",
                1,
            ),
            (
                "上海市徐汇区漕溪北路8号3号楼B1层101",
                "上海市徐汇区漕溪北路8号3号楼负1层101",
                0,
            ),
            ("上海市徐汇区漕溪北路8号甲", "上海市徐汇区漕溪北路8号", 1),
            (
                "台北市大安區忠孝東路4段100號",
                "台北市大安區忠孝東路四段100號",
                0,
            ),
            (
                "南京市鼓楼区万科城3栋501",
                "南京市鼓楼区万科城市花园3栋501",
                4,
            ),
            ("南京市鼓楼区阳光3栋501", "南京市鼓楼区东方阳光3栋501", 4),
            (
                "南京市鼓楼区阳光花园3栋501",
                "南京市鼓楼区阳光花园小区3栋501",
                0,
            ),
            // An estate stands by itself, or behind its road.
            (
                "江苏省南京市鼓楼区中山北路38号翠屏国际12栋2单元302室",
                "翠屏国际12栋2单元302室",
                1,
            ),
            (
                "江苏省南京市鼓楼区中山北路38号翠屏国际12栋2单元302室",
                "南京鼓楼翠屏国际12-2-302",
                0,
            ),
            (
                "江苏省南京市鼓楼区中山北路38号翠屏国际12栋2单元302室",
                "南京鼓楼翠屏国际13-2-302",
                2,
            ),
            // Streets that are alike but for a word.
            (
                "12 rue Saint-Denis, 75002 Paris",
                "12 rue Saint-Martin, 75002 Paris",
                4,
            ),
            (
                "100 K St NW, Washington, DC 20001",
                "100 K St SW, Washington, DC 20001",
                4,
            ),
            (
                "12 Main St N, Salem, OR 97301",
                "12 Main St S, Salem, OR 97301",
                4,
            ),
            (
                "12 Castle Hill Close, Reading RG1 1AA",
                "12 Castle Hill, Reading RG1 1AA",
                4,
            ),
            (
                "Große Bergstraße 5, 22767 Hamburg",
                "Kleine Bergstr. 5, 22767 Hamburg",
                4,
            ),
            (
                "12 rue Victor Hugo, 69002 Lyon",
                "12 rue Victor Hugo, Lyon",
                1,
            ),
            (
                "Unter den Linden 77, 10117 Berlin",
                "Unter den Linden 77, Berlin 10117",
                1,
            ),
            ("Calle Mayor, 5, 28013 Madrid", "Calle Mayor 5, Madrid", 1),
            (
                "Hauptstraße 12-14, 80331 München",
                "Hauptstr. 12-16, 80331 München",
                2,
            ),
            (
                "12 Park Crescent, London W1B 1PH",
                "12 Park Cres, London W1B1PH",
                0,
            ),
            ("25 Broadway, New York", "27 Broadway, New York", 2),
            (
                "3401 W Ainslie St, Chicago",
                "3401 West Ainslie, Chicago",
                1,
            ),
            ("3401 W Ainslie St, Chicago", "3401 Ainslie St, Chicago", 1),
            ("3411 W Fifth Ave, Chicago", "3411 W 5th Ave, Chicago", 0),
            ("13204 Evergren St, Tampa", "13204 Evergreen St, Tampa", 1),
            ("0430 Mill Rd, Leeds", "430Mill Rd, Leeds", 1),
            ("12 Mill Road, Leeds", "12 Mill, Leeds", 1),
            ("12 Mill Road, Leeds", "12 Mill Street, Leeds", 4),
            ("12 5th Ave, New York", "12 6th Ave, New York", 4),
            (
                "123 Rosetta Street, Brightwaters",
                "123 Rozeta St, Brihgtwaters",
                3,
            ),
            (
                "123 Rosetta Street, Brightwaters",
                "125 Rozeta St, Brihgtwaters",
                5,
            ),
            (
                "1 Queen's Road Central, Hong Kong",
                "1 Queen's Road East, Hong Kong",
                4,
            ),
            ("Hauptstr. 5 a, Köln", "Hauptstraße 5a, Köln", 0),
            ("Hauptstr. 5 a, Köln", "Hauptstr. 5 b, Köln", 2),
            (
                "12 Station Road (2nd floor), Leeds",
                "12 Station Road (3rd floor), Leeds",
                1,
            ),
            (
                "12 Station Road (#2), Leeds",
                "12 Station Road (#3), Leeds",
                1,
            ),
            (
                "12 Station Road (Rear), Leeds",
                "12 Station Road (Front), Leeds",
                1,
            ),
            (
                "12 Station Road (Block B), Leeds",
                "12 Station Road (Block C), Leeds",
                1,
            ),
            (
                "5 rue Victor Hugo, Appt 12, Lyon",
                "5 rue Victor Hugo, Appt 14, Lyon",
                1,
            ),
            // Floors, flats and buildings before the house.
            (
                "Flat A, 12/F, Tower 3, 18 Harbour Road, Wan Chai",
                "Flat B, 12/F, Tower 3, 18 Harbour Road, Wan Chai",
                1,
            ),
            (
                "Room 501, Building 3, No. 969 Wenyi West Road, Hangzhou",
                "Room 502, Building 3, No. 969 Wenyi West Rd, Hangzhou",
                1,
            ),
            (
                "Level 5, 100 George St, Sydney NSW 2000",
                "Level 6, 100 George St, Sydney NSW 2000",
                1,
            ),
            (
                "5/100 George St, Sydney NSW 2000",
                "Unit 5, 100 George Street, Sydney NSW 2000",
                0,
            ),
            (
                "First Floor Flat, 30 Mill Road, Leeds",
                "Second Floor Flat, 30 Mill Road, Leeds",
                1,
            ),
            (
                "12 Main St (Apt 4), Boston, MA 02118",
                "12 Main St (Apt 5), Boston, MA 02118",
                1,
            ),
        ] {
            let (left, right) = (Parts::read(one), Parts::read(other));
            for level in [left.level(&right), right.level(&left)] {
                if level != expected {
                    wrong.push(format!("{one} and {other}: {level}, not {expected}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
