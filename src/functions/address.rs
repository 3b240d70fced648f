//! Chinese addresses: the region they lie in, and the building, unit and room in it.
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

use super::address_level::{LEVELS, Parts};
use super::chinese_number;
use super::divisions::{
    Division, Level, is_municipality, is_well_known, is_within, level, name, starting,
};
use super::fold::{fold, is_han, simplify};
use super::scalar::{Call, Function, levels};
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
        call: Call::Level(|pairs| {
            let read = |text: &str| Some(Parts::read(text)).filter(Parts::has_key);
            levels(pairs, read, |(_, left), (_, right)| {
                LEVELS[left.level(right) as usize]
            })
        }),
    },
];

/// Where an address lies, and what stands behind the region's name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Located {
    /// The smallest regions it may lie in; several where the name alone does not tell.
    pub(super) codes: Vec<u32>,
    /// The rest of the address, simplified, without blanks.
    pub(super) rest: String,
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

pub(super) fn locate(address: &str) -> Option<Located> {
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
                (true, None) => {
                    let is_known = is_well_known(division.code);
                    (level(division.code) < Level::District || is_known) && !opens_road()
                }
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
pub(super) const TAIWAN: u32 = 710_000;

impl Located {
    fn is_in_taiwan(&self) -> bool {
        self.codes == [TAIWAN]
    }
}

/// What stands behind the region.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// What the table of regions does not have: the town, and in Taiwan city and district.
    pub(super) area: String,
    /// The development zone that the table does not have, without its city's name.
    pub(super) zone: String,
    pub(super) road: Option<String>,
    pub(super) number: Option<String>,
    pub(super) unit: Option<String>,
    /// What stands before the unit where there is no road: 阳光花园 of 阳光花园18栋1302室.
    pub(super) estate: Option<String>,
    /// What tells the unit from others of the same numbers: A区, 主卧.
    pub(super) within: Vec<String>,
    /// What stands behind the number of the house and is no unit that can be read.
    pub(super) unread: String,
    /// The names of buildings and their parts: 同济公寓, 富力中心A塔, 东户.
    pub(super) names: String,
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
        r"^([\p{Han}A-Za-z0-9]{1,12}?(?:大道|大街|公路|胡同|路|街|巷|弄|道)(?:[东西南北中一二三四五六七八九十]{1,2}段)?)(?:([东西南北中])?([甲乙丙丁附]?[0-9]+(?:-[0-9]+)?)[号弄#])?",
    )
});
/// A subdistrict, a town, a community before a road or an estate.
static AREA: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?<town>\p{Han}{1,5}?[镇乡])|\p{Han}{1,6}?(?:街道办事处|街道办|街道|地区办事处|办事处)|\p{Han}{1,8}?(?:社区居委会|居委会|村委会|社区))",
    )
});
/// What goes on with the name before it: 路 of 三乡路, 西区 of 阳光社区西区.
static PART_OF_AREA: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:路|街|道|巷|弄|大道|大街|公路|(?:[东西南北中前后一二三四五六七八九十0-9]+(?:区|期|苑|院|组|队|村|里)|新村|小区|社区|花园|公寓|家园)(?:[0-9]|$))",
    )
});
/// Zones and parks before a road.
static ZONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?<own>[\p{Han}--[路街道号巷弄镇乡村市区县省]]{0,6}?)(?:(?<kind>高新(?:技术)?(?:产业)?(?:开发|园)?区|经济(?:技术)?开发区|经开区|(?:技术)?开发区|工业园区|(?:综合)?保税区|自贸区|度假区|新区)|(?:高新|高)?科技园区?|产业园区?|软件园区?|工业园|创业园)",
    )
});
/// In Taiwan, whose districts are in no table of ours.
static DISTRICT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:\p{Han}{1,4}[市县])?\p{Han}{1,3}区"));
/// Building, unit, floor, room; each may be missing, one must be there.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?<building>[甲乙丙丁]?[0-9]+|[A-Za-z])(?:号楼|栋|幢|座|#楼?|号院?楼|号))?-?(?:(?<zone>[A-Za-z]|[0-9]{1,3})(?:座|栋|区))?-?(?:(?<unit>[0-9]+|[A-Za-z])(?:单元|门|梯))?-?(?:(?<below>地下|负|[Bb])?(?<floor>[0-9]+)(?:层|楼))?(?<dash_behind>-)?(?:(?<room>[0-9]{1,2}-[0-9]{1,2}|[A-Za-z]?[0-9]{2,5}[A-Za-z]?)(?<word>室|房|户|号)?|(?<letter>[A-Za-z])室)?$",
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
/// Where all of an estate have their parcels left.
static PICK_UP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:菜鸟|妈妈)驿站|驿站$|兔喜(?:生活)?(?:超市|驿站)?|丰巢(?:快递)?柜?|(?:智能)?快递柜|自提[点柜]|代收点",
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

pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("our own pattern is well formed")
}

impl Place {
    fn read(address: &str) -> Option<Self> {
        Self::behind(address, locate(address).as_ref())
    }

    pub(super) fn behind(address: &str, located: Option<&Located>) -> Option<Self> {
        let rest = match located {
            Some(located) => located.rest.clone(),
            None => plain(address).into_iter().collect(),
        };
        let mut place = Self::default();
        let mut rest = readable(&rest);
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
        // A zone, and a subdistrict, town or community in it: any of them may stand first.
        for _ in 0..2 {
            if let Some((zone, behind)) = zone(&rest, located) {
                place.zone = zone;
                rest = rest[behind..].to_string();
            }
            if let Some(found) = AREA.captures(&rest)
                && is_area(&found, &rest)
            {
                place
                    .area
                    .push_str(found.name("town").map_or("", |town| town.as_str()));
                rest = rest[found[0].len()..].to_string();
            }
        }
        let mut behind = 0;
        if rest.chars().any(is_han)
            && let Some(found) = ROAD.captures(&rest)
        {
            let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
            place.road = Some(format!("{}{}", part(1), part(2)));
            place.number = found.get(3).map(|number| number.as_str().to_string());
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
    pub(super) fn grounds(&self) -> Option<String> {
        let named = Some(&self.names).filter(|names| names.chars().count() >= 2);
        let name = self.estate.as_ref().or(named)?;
        let kinds = ["小区", "社区", "住宅区"];
        let stem = kinds.iter().find_map(|kind| name.strip_suffix(kind));
        let stem = stem.filter(|stem| stem.chars().count() >= 2);
        Some(stem.unwrap_or(name).to_string())
    }
}

/// Whether what looks like an area is one: an estate or a road stands behind it. 威尼斯小镇3栋, 阳光社区3栋 and 阳光社区西区3栋 are
/// estates, 三乡路 is a road.
fn is_area(found: &regex::Captures, text: &str) -> bool {
    let behind = &text[found[0].len()..];
    let is_subdistrict = ["街道", "办事处", "街道办"]
        .iter()
        .any(|end| found[0].ends_with(end));
    let is_led = |text: &str| {
        ROAD.captures(text)
            .is_some_and(|found| found.get(3).is_some())
    };
    let is_estate = ["小镇", "古镇", "水乡", "新镇"]
        .iter()
        .any(|end| found[0].ends_with(end))
        && !is_led(behind);
    let is_number = behind.starts_with(|c: char| c.is_ascii_digit());
    let goes_on = behind.starts_with(is_han) || (is_subdistrict && is_number);
    goes_on && !is_estate && !PART_OF_AREA.is_match(behind)
}

/// The development zone that stands before a road, in short, and where it ends. A park (科技园) is passed over: it says less than its road.
fn zone(text: &str, located: Option<&Located>) -> Option<(String, usize)> {
    let found = ZONE.captures(text)?;
    let end = found.get(0)?.end();
    let behind: Vec<char> = text[end..].chars().collect();
    let is_before_road = ROAD.is_match(&text[end..]) && !is_road_ahead(&behind);
    let kind = found.name("kind").map_or("", |kind| kind.as_str());
    let short = match kind {
        "" => "",
        _ if kind.starts_with("高新") => "高新区",
        _ if kind.starts_with('经') => "经开区",
        _ => kind,
    };
    let own: Vec<char> = found["own"].chars().collect();
    // 天津开发区 of Tianjin; 松山湖 of Dongguan is no part of Songshan.
    let is_around = |division: &Division| {
        let codes = located.map_or(&[][..], |located| located.codes.as_slice());
        codes.iter().any(|code| is_within(*code, division.code))
    };
    let mut around = starting(&own).filter(|(_, divisions)| divisions.iter().any(is_around));
    let city = around.next().map_or(0, |(length, _)| length);
    let own: String = own[city..].iter().filter(|_| !short.is_empty()).collect();
    is_before_road.then(|| (format!("{own}{short}"), end))
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

/// The letters and digits of a text, in lower case; between digits, what is left out is a dash: 33#1302.
fn letters(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut is_left_out = false;
    for character in text.chars() {
        if !character.is_alphanumeric() {
            is_left_out = true;
            continue;
        }
        let is_between = character.is_ascii_digit() && kept.ends_with(|c: char| c.is_ascii_digit());
        if is_left_out && is_between {
            kept.push('-');
        }
        is_left_out = false;
        kept.extend(character.to_lowercase());
    }
    kept
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

/// 0501 is 501.
fn plain_room(room: &str) -> &str {
    match room.trim_start_matches('0') {
        plain if plain.len() >= 2 && room.bytes().all(|c| c.is_ascii_digit()) => plain,
        _ => room,
    }
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
        let room = plain_room(found.get(3).map_or("", |room| room.as_str()));
        return Some(of(start, &[&found[1], &found[2], room], true));
    }
    if let Some(found) = SHORT.captures(text) {
        let start = found.get(1).map_or(0, |first| first.start());
        let room = plain_room(found.get(2).map_or("", |room| room.as_str()));
        return Some(of(start, &[&found[1], room], true));
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
    let room = part("room").or_else(|| part("letter").filter(|_| part("floor").is_some()));
    let room = room.map(plain_room);
    // 102楼1501 is a building, as 5楼 is a floor: what is on a floor begins with its number.
    let is_of_building = |floor: &&str| {
        let is_elsewhere = |room: &str| {
            let is_number = room.starts_with(|c: char| c.is_ascii_digit());
            is_number && room.len() >= 3 && !room.starts_with(*floor)
        };
        let is_alone = part("building").is_none() && part("unit").is_none();
        room.is_some_and(is_elsewhere) && is_alone && part("below").is_none()
    };
    let of_building = found
        .name("floor")
        .filter(|floor| is_of_building(&floor.as_str()));
    if let (Some(building), Some(room)) = (of_building, room) {
        // What stands before it is not the unit's: 四区410楼1501.
        return Some(of(
            start + building.start(),
            &[building.as_str(), room],
            true,
        ));
    }
    let floor = part("floor");
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

/// What tells a unit from others of its numbers, as a key has it.
fn within(place: &Place) -> String {
    match place.within.is_empty() {
        true => String::new(),
        false => format!("/{}", place.within.concat()),
    }
}

/// Without notes in brackets and pick-up points, its numbers in digits.
fn readable(text: &str) -> String {
    let text = FLAT.replace_all(text, "$1");
    let text = PICK_UP.replace_all(&text, "");
    digits(&without_brackets(&text))
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
        "号楼", "栋", "幢", "座", "单元", "门", "层", "楼", "室", "号", "期", "区", "组",
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
    if !address.chars().any(is_han) {
        return western_address::key(address);
    }
    let located = locate(address);
    let place = Place::behind(address, located.as_ref())?;
    key_of(address, located.as_ref(), &place)
}

/// The key of a Chinese address that is taken apart.
pub(super) fn key_of(address: &str, located: Option<&Located>, place: &Place) -> Option<String> {
    let code = located
        .filter(|located| located.codes.len() == 1)
        .map_or(String::new(), |located| located.codes[0].to_string());
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
        let within = within(place);
        let area = if code == TAIWAN.to_string() {
            place.area.as_str()
        } else {
            ""
        };
        let zone = &place.zone;
        return Some(format!("{code}|{area}{zone}{road}|{number}|{unit}{within}"));
    }
    if let (Some(estate), Some(unit)) = (&place.estate, &place.unit) {
        let within = within(place);
        let area = &place.area;
        return Some(format!("{code}|{area}{estate}|{unit}{within}"));
    }
    let whole = || plain(address).into_iter().collect();
    let rest = located.map_or_else(whole, |located| located.rest.clone());
    let rest = letters(&readable(&rest));
    (!rest.is_empty() || !code.is_empty()).then(|| format!("{code}|{rest}"))
}
