//! Chinese addresses: the region they lie in, and the building, unit and room in it.
//!
//! ```text
//! 浙江杭州 余杭 文一西路 969号 3号楼2单元501室
//! region 330110  road   number unit 3-2-501
//! ```
//!
//! A region is read from the left, from the large to the small; each name must lie in the one before it. A name that
//! several regions have, and nothing before it tells which, gives no region: its candidates are a function of their own.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::address_level::{LEVELS, Parts};
use super::address_place::{Place, letters, readable, within};
use super::divisions::{
    Division, Level, is_municipality, is_well_known, is_within, level, misspelt, name, starting,
};
use super::fold::{fold, is_han, simplify};
use super::hong_kong;
use super::scalar::{Call, Function, levels};
use super::taiwan;
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
        description: "How alike two addresses are, as the comparison of kind address has it: exact; same_home (something left out); same_house (another flat, or the same \
                      building of an estate); same_road; similar (the same house, with slips in its words); partly (the road with a slip \
                      beside another number; Western, most of it with many slips); same_district; else. Null when either says nothing, and where one is \
                      Chinese and the other is not.",
        source: "GB/T 2260; our own table of names",
        example: (
            "address_level('南京市鼓楼区阳光花园18栋1302室', '阳光花园18栋601')",
            "same_house",
        ),
        call: Call::Level(|pairs| {
            let read = |text: &str| Some(Parts::read(text)).filter(Parts::has_key);
            levels(pairs, read, |(_, left), (_, right)| {
                Some(LEVELS[left.level(right)? as usize])
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
pub(super) fn plain(address: &str) -> Vec<char> {
    let folded = fold(address);
    let text = simplify(&folded);
    let text = CODE_BEHIND.replace(&text, "$1");
    let text = CODE_OF_TAIWAN.replace(&text, "$1");
    let text = OF_CORPS.replace(&text, "$1$2");
    let is_traditional = text != folded;
    let text = text
        .strip_prefix("香港特别行政区")
        .map_or(text.clone(), |rest| Cow::Owned(format!("香港{rest}")));
    let text = match hong_kong::is_of(&text, is_traditional) {
        true => Cow::Owned(format!("香港{text}")),
        false => text,
    };
    let text = COUNTY_OF_TAIWAN.replace(&text, |found: &regex::Captures| {
        let city = match &found[1] {
            "台北" => "新北",
            other => other,
        };
        format!("{city}市{}区", &found[2])
    });
    let text = match text.contains([' ', '.']) {
        true => THREE_NUMBERS.replace(&text, "$1$2-$3-$4$5"),
        false => text,
    };
    let text = match text.contains(' ') {
        true => HOUSE_AND_ROOM.replace(&text, "$1-$2"),
        false => text,
    };
    let text = match text.contains(' ') {
        true => BUILDING_AND_ROOM.replace(&text, "$1-$2"),
        false => text,
    };
    // Twice: what stands between two phones belongs to either.
    let text = PHONE.replace_all(&text, "$1 $2").into_owned();
    let text = PHONE.replace_all(&text, "$1 $2");
    let text = ["中华人民共和国", "中国", "本市", "我市"]
        .iter()
        .find_map(|country| text.strip_prefix(country))
        .unwrap_or(text.as_ref());
    let dash = |character| match character {
        '—' | '–' | '―' => '-',
        other => other,
    };
    let parts = |character: char| character.is_whitespace() || ",，、。;；/|·".contains(character);
    let characters: Vec<char> = text.chars().collect();
    let is_number = |at: Option<usize>| {
        at.and_then(|at| characters.get(at))
            .is_some_and(char::is_ascii_digit)
    };
    // 5/4/903.
    let part = |at: usize| match characters[at] {
        '/' | '、' if is_number(at.checked_sub(1)) && is_number(Some(at + 1)) => Some('-'),
        mark if parts(mark) => None,
        other => Some(dash(other)),
    };
    let mut kept: Vec<char> = (0..characters.len()).filter_map(part).collect();
    kept.dedup_by(|one, other| *one == '-' && *other == '-');
    // A dash between words is a mark between parts; between numbers it belongs to them.
    let is_mark = |at: usize| {
        let is_word =
            |at: Option<usize>| at.and_then(|at| kept.get(at)).is_some_and(|c| is_han(*c));
        matches!(kept[at], '-' | '_') && is_word(at.checked_sub(1)) && is_word(Some(at + 1))
    };
    (0..kept.len())
        .filter(|at| !is_mark(*at))
        .map(|at| kept[at])
        .collect()
}

pub(super) fn locate(address: &str) -> Option<Located> {
    let text = plain(address);
    // 大安區復興南路一段: in traditional characters a district without its city is one of Taiwan's, where none elsewhere is called so or
    // the address goes on as there.
    let whole: String = text.iter().collect();
    let goes_on_so = || text.iter().any(|c| matches!(c, '段' | '弄' | '邻'));
    let is_of_taiwan = || goes_on_so() || starting(&text).next().is_none();
    let is_traditional = address.contains('區') && address.contains('號');
    if is_traditional && taiwan::district(&whole).is_some() && is_of_taiwan() {
        return Some(Located {
            codes: vec![TAIWAN],
            rest: whole,
        });
    }
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
        // 武汉大学 has the city in its name, and is in it.
        if let Some((divisions, length)) = matches_at(&text, at, inside)
            && divisions
                .iter()
                .all(|division| division.is_short && level(division.code) < Level::District)
            && names_university(&text[at + length..])
        {
            if codes.is_empty() {
                codes = divisions.iter().map(|division| division.code).collect();
            }
            break;
        }
        let Some((divisions, length)) = matches_at(&text, at, inside) else {
            match filler(&text[at..], inside) {
                0 => {}
                length => {
                    at += length;
                    continue;
                }
            }
            let Some((length, code)) = inside.and_then(|code| misspelt(&text[at..], code)) else {
                break;
            };
            at += length;
            codes = vec![code];
            inside = Some(code);
            if level(code) == Level::District {
                break;
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
        // 西安市长安县西长安街: a county that became a district; 县前街 is a street.
        if codes.len() == 1
            && divisions[0].is_short
            && level(codes[0]) == Level::District
            && matches!(text.get(at), Some('县' | '市'))
            && !is_within_word(&text[at + 1..])
        {
            at += 1;
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
    // Names repeated behind their own region, as forms do it: 余杭区余杭区文一西路, 杭州市余杭区浙江省杭州市余杭区文一西路.
    while let Some(code) = inside
        && let Some((length, divisions)) = starting(&text[at..]).next()
        && divisions
            .iter()
            .any(|division| is_within(code, division.code) && !division.is_short)
        && !is_road_ahead(&text[at + length..])
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
    // 河北省石家庄市河北石家庄长安区: in short, where it goes on to a region inside.
    let goes_on = |text: &[char]| {
        starting(text).any(|(length, divisions)| {
            let is_inner = |code| is_within(code, inside) || is_within(inside, code);
            divisions.iter().any(|division| is_inner(division.code))
                && !is_road_ahead(&text[length..])
        })
    };
    let again = starting(text).find(|(length, divisions)| {
        divisions.iter().any(|division| {
            is_within(inside, division.code) && (!division.is_short || goes_on(&text[*length..]))
        })
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
                (false, _) if division.is_current => true,
                // 萧山市心中路, 鄞县大道.
                (false, _) => !opens_road() && !is_within_word(&text[at + length..]),
                // A district is called by its short name only behind its city.
                (true, None) => {
                    let is_known = is_well_known(division.code);
                    (level(division.code) < Level::District || is_known)
                        && !opens_road()
                        && !is_estate_ahead(&text[at + length..])
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

/// Whether the word for a county or a town before a text goes on in it: 县前街, 市心路, 市场.
fn is_within_word(rest: &[char]) -> bool {
    const WORDS: &str = "前后府学衙城心场民政桥";
    let is_road = |at: usize| matches!(rest.get(at), Some('街' | '路' | '巷' | '道'));
    rest.first().is_some_and(|first| WORDS.contains(*first)) || is_road(0) || is_road(1)
}

/// Whether the name of a region goes on to that of a university: 大学, 理工大学.
fn names_university(rest: &[char]) -> bool {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:理工|师范|医科|电子科技|科技|工业|工程|农业|林业|交通|财经|政法|中医药?|第?二?外国语|外语|语言|海洋|民族|体育|建筑|航空航天|邮电|化工|石油|工商|商业|经贸|音乐|美术|传媒|电力|职业技术)?(?:大学|学院)",
        )
    });
    /// Characters of the longest.
    const MOST: usize = 8;
    let rest: String = rest.iter().take(MOST).collect();
    NAME.is_match(&rest)
}

/// Keeps those that have a quality, where any has it.
fn prefer(divisions: &mut Vec<Division>, quality: fn(&Division) -> bool) {
    if divisions.iter().any(quality) {
        divisions.retain(quality);
    }
}

/// Whether a short name is the beginning of a road's: 北京 in 北京东路.
pub(super) fn is_road_ahead(rest: &[char]) -> bool {
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

/// Whether a short name is the beginning of an estate's: 玉林 in 玉林小区5栋.
fn is_estate_ahead(rest: &[char]) -> bool {
    const KINDS: &[&str] = &[
        "小区", "花园", "花苑", "新村", "家园", "公寓", "佳园", "嘉园", "名苑", "苑",
    ];
    let rest: String = rest.iter().take(5).collect();
    let behind = KINDS.iter().find_map(|kind| rest.strip_prefix(kind));
    behind.is_some_and(|behind| {
        let parts = |c: char| "一二三四五六七八九十东西南北中".contains(c);
        let next = behind.trim_start_matches(parts).chars().next();
        next.is_none_or(|next| !is_han(next) || "期区栋幢座苑".contains(next))
    })
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

/// The codes of all of Taiwan and of all of Hong Kong.
pub(super) const TAIWAN: u32 = 710_000;
pub(super) const HONG_KONG: u32 = 810_000;

impl Located {
    pub(super) fn is_in_taiwan(&self) -> bool {
        self.codes == [TAIWAN]
    }

    pub(super) fn is_in_hong_kong(&self) -> bool {
        self.codes == [HONG_KONG]
    }
}

/// Building, unit and room with nothing but blanks or full stops between: 5 4 903.
static THREE_NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(^|[^0-9.])([0-9]{1,2})[ .]([0-9]{1,2})[ .]([0-9]{3,4})([^0-9.]|$)")
});
/// Behind a road, a house and a room: 五山路169 604.
static HOUSE_AND_ROOM: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\p{Han}[路街道巷][0-9]{1,4}) ([0-9]{3,4}[室房]?)$"));
/// Behind an estate, a building and a room: 阳光花园5 1203, 望京SOHO T1 1203.
static BUILDING_AND_ROOM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(\p{Han}.*[\p{Han} ][A-Za-z]?[0-9]{1,2})[座栋幢]? ([0-9]{3,4}室?)$")
});
/// A county of Taiwan that became a city, and a town in it.
static COUNTY_OF_TAIWAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(台北|桃园|台中|台南|高雄)县(\p{Han}{1,3}?)[市镇乡]"));
/// A postal code before a city or a county of Taiwan: 927屏東縣, (407)台中市, 407-58台中市.
static CODE_OF_TAIWAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[(（]?[1-9][0-9]{2}(?:-?[0-9]{2,3})?[)）]?(\p{Han}{2}[县市])"));
/// What stands before a regiment of the corps in Xinjiang, but for its division: 兵团第八师143团 is 八师143团.
static OF_CORPS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:新疆(?:维吾尔自治区)?)?(?:生产建设)?(?:兵团)?农?第?([0-9一二三四五六七八九十]+师)?([0-9一二三四五六七八九十〇零百]+团)",
    )
});
/// A postal code behind an address.
static CODE_BEHIND: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([\s号室房户楼栋座元])[1-9][0-9]{5}\s*$"));
/// A phone beside an address, with its country and its extension.
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(^|[^0-9])(?:(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|0[0-9]{2,3}[- ]?[0-9]{7,8}|[2-8][0-9]{3}[ -][0-9]{4})(?:(?:转|-)[0-9]{1,6})?($|[^0-9])",
    )
});

pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("our own pattern is well formed")
}

fn key(address: &str) -> Option<String> {
    if !address.chars().any(is_han) {
        return western_address::key(address);
    }
    let located = locate(address);
    let place = Place::behind(address, located.as_ref())?;
    key_of(address, located.as_ref(), &place).filter(|key| !is_of_region(key))
}

/// Whether a key is a region's, where many live: its code, and nothing behind it.
pub(super) fn is_of_region(key: &str) -> bool {
    key.strip_suffix('|')
        .is_some_and(|code| !code.contains('|'))
}

/// Texts that stand where an address should be.
const PLACEHOLDERS: &[&str] = &[
    "无",
    "暂无",
    "没有",
    "不详",
    "未知",
    "未填",
    "未填写",
    "同上",
    "自提",
    "自取",
    "到店自提",
    "无固定住所",
    "放门卫",
];

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
        // Where the region's table has no districts.
        let is_without = located.is_some_and(|of| of.is_in_taiwan() || of.is_in_hong_kong());
        let area = if is_without { place.area.as_str() } else { "" };
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
    // A province or a city alone says nothing of an address; a district says a little.
    let is_of_district = located.is_some_and(
        |located| matches!(located.codes[..], [code] if level(code) == Level::District),
    );
    let is_placeholder = code.is_empty() && PLACEHOLDERS.contains(&rest.as_str());
    let says_anything = (!rest.is_empty() || is_of_district) && !is_placeholder;
    says_anything.then(|| format!("{code}|{rest}"))
}
