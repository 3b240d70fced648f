//! What stands behind the region of a Chinese address: its zone and town, road, number, estate, and the building, unit and room.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::address::{Located, is_road_ahead, locate, pattern, plain};
use super::chinese_number;
use super::divisions::{Division, is_within, starting};
use super::fold::is_han;
use super::{hong_kong, taiwan};

/// What stands behind the region.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// What the table of regions does not have: the town, and in Taiwan city and district.
    pub(super) area: String,
    /// The towns, subdistricts and communities that stand before the road or the estate, without their words: 坂田 of 坂田街道.
    pub(super) passed: Vec<String>,
    /// The development zone that the table does not have, without its city's name.
    pub(super) zone: String,
    pub(super) road: Option<String>,
    pub(super) number: Option<String>,
    pub(super) unit: Option<String>,
    /// Whether the unit is a building and nothing in it.
    pub(super) is_building: bool,
    /// Whether that is one of many flats: 5栋, but not 5号 of a village.
    pub(super) is_of_many: bool,
    /// What stands before the unit where there is no road: 阳光花园 of 阳光花园18栋1302室.
    pub(super) estate: Option<String>,
    /// What tells the unit from others of the same numbers: A区, 主卧.
    pub(super) within: Vec<String>,
    /// What stands behind the number of the house and is no unit that can be read.
    pub(super) unread: String,
    /// The names of buildings and their parts: 同济公寓, 富力中心A塔, 东户.
    pub(super) names: String,
    /// All of it, where neither a road nor a unit is told: 翡翠城.
    pub(super) alone: Option<String>,
}

/// Building, unit and room, where they stand in a text.
#[derive(Debug, PartialEq, Eq)]
struct Unit {
    start: usize,
    end: usize,
    parts: Vec<String>,
    /// Whether words say what its numbers are.
    is_named: bool,
    /// Whether it is a building and nothing in it, and whether a word says that it is one of many flats.
    is_building: bool,
    is_of_many: bool,
}

static ROAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^([\p{Han}A-Za-z0-9]{1,12}?(?:大道|大街|公路|胡同|路|街|巷|弄|道)(?:[东西南北中一二三四五六七八九十]{1,2}段)?)(?:([东西南北中])?([甲乙丙丁附]?[0-9]+(?:-[0-9]+)?)[号弄#])?",
    )
});
/// A subdistrict, a town, a community before a road or an estate.
static AREA: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?<own>[\p{Han}--[镇路]]{1,6}?路?)(?:街道办事处|街道办|街道|地区办事处|办事处)|(?<town>[\p{Han}--[镇乡]]{1,5}?乡?(?<kind>[镇乡]))|(?<part>\p{Han}{1,8}?)(?:社区居委会|居委会|村委会|社区))",
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
        r"^(?<own>[\p{Han}--[路街道号巷弄镇乡村市区县省]]{0,6}?)(?:(?<kind>(?:高新|新技术|高新技术)(?:产业)?(?:开发|园)?区|经济(?:技术)?开发区|经开区|(?:技术)?开发区|工业园区|(?:综合)?保税区|自贸区|自由贸易试验区|度假区|新区)|(?:高新|高)?科技园区?|产业园区?|软件园区?|工业园|创业园)",
    )
});
/// In Taiwan, whose districts are in no table of ours.
static DISTRICT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:\p{Han}{1,4}[市县])?\p{Han}{1,3}?[区乡镇市]"));
/// A village of a district of Taiwan, and the neighbours' group in it, before a road.
static VILLAGE_OF_TAIWAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\p{Han}{1,3}[里村](?:[0-9]{1,3}邻)?(\p{Han}{2,5}(?:路|街|大道))"));
/// A group of a village, however it is called: 第四村民小组, 4队, 四社.
static GROUP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(村|屯|庄|寨|嘎查)(?:民委员会|委会)?第?([0-9一二三四五六七八九十]{1,3})(?:村民小组|村民组|小组|生产队|组|队|社)(区?)",
    )
});
/// A building of a school: 玉泉校区3号宿舍楼201.
static HALL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([^路街巷道弄0-9])([0-9]{1,3})号(?:学生)?宿舍楼"));
/// A building by another character of its sound.
static TYPED: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9])[懂动洞]([0-9]|$)"));
/// Two flats that are one home: 501、502室.
static TWO_ROOMS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"((?:单元|栋|幢|座|号楼?|-)[0-9]{3,4})室?[-、/及和][0-9]{3,4}(室?)$")
});
/// The same with a name of its own: 大屋村民小组.
static NAMED_GROUP: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(村\p{Han}{1,4})(?:村民小组|村民组)"));
/// A building of a park by a letter and a number: A3-1001, A3-10楼.
static BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(\p{Han}|soho|SOHO)([A-Za-z][0-9]{1,2})[座栋幢]?-([0-9]{1,2}[楼层]|[0-9]{3,4}室?)$")
});
/// On a road, house, building and room without a word: 文三路129-1301, 文三路129-3-1301.
static WITHOUT_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?<road>.*\p{Han}(?:路|街|大道|巷)(?:[东西南北中]|[东西南北中一二三四五]段)?)(?<house>[0-9]{1,4})-(?:(?<building>[0-9]{1,2})-)?(?<room>[0-9]{3,4})[室房]?$",
    )
});
/// A company of a regiment of the corps in Xinjiang: 143团三连.
static COMPANY_OF_CORPS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"([0-9]+|[一二三四五六七八九十〇零百]+)团([0-9]+|[一二三四五六七八九十]+)连")
});
/// A house of another number in Taiwan: 106之1号.
static FURTHER_HOUSE: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9])之([0-9]{1,2})号"));
/// Building, unit, floor, room; each may be missing, one must be there.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?<building>[甲乙丙丁]?[0-9]+|[A-Za-z])(?:号楼|栋|幢|座|#楼?|号院?楼|号))?-?(?:(?<zone>[A-Za-z]|[0-9]{1,3})(?:座|栋|区))?-?(?:(?<unit>[0-9]+|[A-Za-z甲乙丙丁])(?:单元|门|梯))?-?(?:(?<below>地下|负|[Bb])?(?<floor>[0-9]+)(?:层|楼))?(?<dash_behind>-)?(?:(?<room>[0-9]{1,2}-[0-9]{1,2}|[A-Za-z]?[0-9]{2,5}[A-Za-z]?)(?<word>号房|室|房|户|号)?|(?<letter>[A-Za-z])室)?$",
    )
});
/// A housing estate that is numbered: 翠苑新村1区.
static VILLAGE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\p{Han}{2})(?:新村|小区|社区)([0-9]{1,2}[区期])"));
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
        r"^.*(?:大厦|公寓|大楼|[裙主副东西南北前后]楼|花园|小区|社区|广场|中心|[园苑塔阁馆院村庭府湾轩邸墅]|[a-z0-9甲乙丙丁东西南北中前后左右一二三四五六七八九十][座栋幢楼铺户馆区期班])",
    )
});
/// A building, where more stands behind it.
static BUILDING: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]+(?:号楼|栋|幢|座)"));
/// A house of another number: 216号之1.
static FURTHER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"([0-9]+)号(?:之([0-9]+|[一二三四五六七八九十]+)号?|附([0-9]{1,3})号?|-([0-9]{1,2})号?$)",
    )
});
/// A section of a road, and a number in its name: 忠孝东路4段, 文3路.
static SECTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?<section>[1-9])段|(?<name>\p{Han})(?<number>[1-9])(?<kind>[路街巷道])")
});
/// A building before its unit: 3楼2单元, H楼3门, 312楼5-602.
static BUILDING_AHEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"([0-9]+|[A-Za-z])楼([0-9一二三四五六七八九十]+(?:单元|门)|[0-9]{1,2}-[0-9]{3,4}(?:[^0-9]|$))",
    )
});
/// A room by its floor and its number there: 58楼01室, 9层3号.
static ON_FLOOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(^|[^0-9A-Za-z下负-])0?([0-9]{1,2})[楼层](-[0-9]{1,2}|[0-9]{1,2})[号室户房]?$")
});
/// The flat on a floor, as Taiwan writes it: 13樓之2, 13F之2.
static OF_FLOOR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([0-9]{1,2})(?:楼|[Ff])之([0-9]{1,2})$"));
/// 甲133号 is 133号甲.
static TURNED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([路街巷道弄])([甲乙丙丁])([0-9]+)号($|[^0-9院])"));
/// On the ninth floor of a staircase the third flat: 4单元9-3.
static OF_UNIT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"单元([0-9]{1,2})-([0-9]{1,2})[号室户]?$"));
/// A floor whose flats are told by their sides: 5楼东户.
static SIDE: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9][楼层]$"));
static ON_SIDE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[东西南北中左右][户侧边]?$"));
/// The letter of a room behind its floor: 12楼B座.
static LETTER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([0-9]{1,2}[楼层])-?([A-Za-z])(?:座|室|单元)?$"));
/// What students live in: 学生宿舍12栋, 12舍.
static DORMITORY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:学生)?宿舍楼?([0-9一二三四五六七八九十]+(?:号楼|[栋幢座#-]))|学生(公寓)|([0-9]+)舍|([栋幢座楼])(?:学生|员工|职工)?宿舍([0-9])",
    )
});
/// 第3幢.
static ORDINAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"第([0-9一二三四五六七八九十〇零]+(?:号楼|栋|幢|座|单元|层|室|号房|房|户))")
});
/// What a shop adds to an address to know its parcels by.
static SHOP_CODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"([\p{Han}--[栋幢座楼元门层期区]]|[0-9]{3}|[)）])\s*[\[【][0-9]{4}[\]】]((?:[(（][^)）]*[)）])?)$",
    )
});
/// The city of a region of Taiwan.
static CITY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{Han}{2}[市县]$"));
/// In brackets, a flat.
static FLAT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[(（【\[]([^()（）【】\[\]]*(?:[0-9a-zA-Z一二三四五六七八九十甲乙丙丁东西南北]\s*(?:栋|幢|座|单元|号楼|楼|层|室|期|区|户)|公寓|[0-9]-[0-9])[^()（）【】\[\]]*|[0-9]{3,4}|[甲乙丙丁东西南北])[)）】\]]",
    )
});

/// Where all of an estate have their parcels left.
static PICK_UP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:[东西南北正]门)?(?:(?:菜鸟|妈妈)驿站|驿站$|兔喜(?:生活)?(?:超市|驿站)?|[丰蜂]巢(?:智能)?(?:快递)?柜?|(?:智能)?快递柜|智能柜|近邻宝|(?:物业)?自提[点柜]?|(?:物业)?代收点|门口的?\p{Han}{0,4}(?:超市|便利店|小卖部|水果店|药店)$)",
    )
});
/// In brackets before a building, its estate: 88号(阳光花园)3号楼.
static ESTATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(^|[0-9号弄路街])[(（【\[]([\p{Han}--[近靠对旁边原前后]]{2,8}(?:花园|小区|家园|新村|公馆|[苑园城]))[)）】\]]([0-9])",
    )
});
/// What a courier is told behind a room: 送货前电话联系, 楼下超市.
static DELIVERY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"([0-9室户房])-?(?:(?:楼下|一楼|底楼)\p{Han}*(?:超市|便利店|小卖部|驿站|柜|店)|楼下|(?:请|送货|配送|派送|到货|打电话|电话联系|联系)\p{Han}*)$",
    )
});
/// The same where no room is said: 勿放快递柜, 周末送.
static NOTE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:勿放|不要放|别放|请放|不在家)\p{Han}*$|(?:周末|工作日|白天|晚上)(?:送|配送|派送)\p{Han}*$",
    )
});
/// In brackets, a number that is counted behind them: 高二(9)班.
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[(（]([0-9一二三四五六七八九十]{1,2})[)）]([班栋幢座号期区组])"));
/// Who sits on a floor: 29楼恒信会计师事务所.
static COMPANY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^[\p{Han}A-Za-z]*(?:公司|事务所|律所|工作室|集团|有限|前台|科技|电子|商贸|贸易|传媒|设计|广告|文化|网络|软件|教育|咨询|装饰|物流)",
    )
});
/// A floor as Hong Kong and Taiwan write it: 12/F, 3F.
static FLOOR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([^A-Za-z0-9][0-9]{1,2})/?[Ff]([^A-Za-z0-9室房户号座楼之]|$)"));
static RECIPIENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{Han}{2,4}(?:收|签收|亲收)$"));
/// In a lane, the house: 100弄5号, 100弄5-501.
static HOUSE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^([0-9]+)(?:号楼?|栋|幢|(?<dash>-)[0-9]{3})"));
static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:^|[^0-9A-Za-z-])([0-9]{1,3}|[A-Za-z])[#-]([0-9]{1,4})(?:室|房|户|号)?$")
});
static DASHED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^0-9A-Za-z-])([甲乙丙丁]?[0-9]{1,3})(?:[#-]|(?:#|号楼|栋|幢|座|#楼|号院?楼)-?)([0-9]{1,2})(?:-|单元-?)([0-9]{1,4})(?:室|房|户|号)?$",
    )
});

impl Place {
    pub(super) fn read(address: &str) -> Option<Self> {
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
            // 前鎮區 is no town that is called 前.
            let known = taiwan::district(&rest);
            if let Some(stem) = known {
                place.area.push_str(stem);
                place.area.push('区');
                rest = rest[stem.len() + '区'.len_utf8()..].to_string();
                rest = VILLAGE_OF_TAIWAN.replace(&rest, "$1").into_owned();
            } else if let Some(district) = DISTRICT.find(&rest) {
                let has_city = district.as_str().contains(['市', '县']);
                if has_city {
                    place.area.clear();
                }
                // 員林鎮 became 員林市.
                let stem = district.as_str().trim_end_matches(['乡', '镇', '市']);
                place.area.push_str(stem);
                rest = rest[district.end()..].to_string();
                rest = VILLAGE_OF_TAIWAN.replace(&rest, "$1").into_owned();
            }
        }
        if located.is_some_and(Located::is_in_hong_kong) {
            let (district, part, behind) = hong_kong::take(&rest);
            place.area = district.to_string();
            place
                .passed
                .extend((!part.is_empty()).then(|| part.to_string()));
            rest = behind.to_string();
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
                let part = |name: &str| found.name(name).map_or("", |part| part.as_str());
                place.area.push_str(part("town"));
                let town = part("town").strip_suffix(part("kind"));
                let stem = [town.unwrap_or_default(), part("own"), part("part")].concat();
                place.passed.push(stem);
                rest = rest[found[0].len()..].to_string();
            }
        }
        let mut behind = 0;
        if rest.chars().any(is_han)
            && let Some(found) = ROAD
                .captures(&rest)
                .filter(|found| !is_no_road(found, &rest))
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
                let dash = house.name("dash").map(|dash| dash.end());
                behind += dash.unwrap_or(house[0].len());
            }
        }
        // 280号院10-1-404.
        let behind = &rest[behind..];
        let behind = match &place.number {
            Some(_) => {
                let mut words = ["院内", "院里", "院"].iter();
                let within = words.find_map(|word| behind.strip_prefix(word));
                let ends = |rest: &&str| !rest.starts_with(is_han);
                within.filter(ends).unwrap_or(behind)
            }
            None => behind,
        };
        let found = unit(behind, place.number.is_some()).or_else(|| {
            // A shop may stand behind the building: 学院路小区3栋张三五金店.
            let is_estate = place.road.is_none() && ROAD.is_match(&rest);
            let building = BUILDING.find(behind).filter(|_| is_estate)?;
            unit(&behind[..building.end()], false)
        });
        match found {
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
                place.is_building = unit.is_building;
                place.is_of_many = unit.is_of_many && is_estate && !is_of_firms(before);
            }
            None => {
                place.unread = letters(behind);
                let alone = place.unread.strip_suffix("宿舍");
                let alone = alone.map_or(place.unread.clone(), |stem| format!("{stem}公寓"));
                place.alone = (place.road.is_none()).then_some(alone);
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
        Some(VILLAGE.replace(stem.unwrap_or(name), "$1$2").into_owned())
    }

    /// Whether it is said what kind of grounds they are, in a word that is no part of the name: 阳光小区 is not 阳光花园.
    pub(super) fn is_kind_said(&self) -> bool {
        let name = self.estate.as_ref().unwrap_or(&self.names);
        self.grounds().is_some_and(|grounds| grounds != *name)
    }
}

/// Whether what looks like a road is an estate, 茶亭东街小区7幢, or a railway's: 铁路局家属院. 解放路宿舍 is on its road.
fn is_no_road(found: &regex::Captures, text: &str) -> bool {
    const ESTATES: &[&str] = &["小区", "社区", "新村", "家园"];
    const NO_ROADS: &[&str] = &["铁路", "铁道", "公路"];
    const THEIRS: &[&str] = &["局", "段", "新村", "小区", "家属", "工房"];
    let behind = &text[found[0].len()..];
    let is_followed_by = |words: &[&str]| words.iter().any(|word| behind.starts_with(word));
    let is_estate = is_followed_by(ESTATES);
    let is_theirs = NO_ROADS.contains(&&found[1]) && is_followed_by(THEIRS);
    found.get(3).is_none() && (is_estate || is_theirs)
}

/// Whether a building on such grounds is one firm's or one family's: 工业园3栋, 别墅18栋. 科技路小区 is none of firms.
fn is_of_firms(grounds: &str) -> bool {
    const WORDS: &[&str] = &[
        "工业", "科技", "科学", "产业", "软件", "创业", "物流", "商务", "园区", "别墅", "soho",
        "SOHO",
    ];
    const ENDS: &[&str] = &["厂", "市场", "中心", "广场", "大厦", "医院", "大学", "学院"];
    const HOMES: &[&str] = &["小区", "社区", "新村", "家园", "花园", "公寓", "苑"];
    let ends_with = |words: &[&str]| words.iter().any(|word| grounds.ends_with(word));
    !ends_with(HOMES) && (ends_with(ENDS) || WORDS.iter().any(|word| grounds.contains(word)))
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
    // 文化路街道北侧5号 is on the street.
    let is_street = found
        .name("own")
        .is_some_and(|own| own.as_str().ends_with('路'))
        && !ROAD.is_match(behind)
        && !BUILDING.is_match(behind);
    goes_on && !is_street && !is_estate && !PART_OF_AREA.is_match(behind)
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
        _ if kind.starts_with("高新") || kind.starts_with("新技术") => "高新区",
        "自由贸易试验区" => "自贸区",
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
pub(super) fn letters(text: &str) -> String {
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
        let is_side = before.is_some_and(|c| matches!(c, '楼' | '层'))
            && (ON_SIDE.is_match(&text[at..]) || COMPANY.is_match(&text[at..]))
            && SIDE.is_match(&text[..at]);
        if is_room || is_side || (is_number && !is_part_of_unit(next)) {
            cuts.push(at);
        }
        before = Some(next);
    }
    cuts.push(text.len());
    let units: Vec<Unit> = cuts
        .iter()
        .filter_map(|cut| unit_at_end(&text[..*cut]))
        .collect();
    // 金融广场1102.
    let is_in_building = |unit: &Unit| {
        let before = letters(&text[..unit.start]);
        let name = NAMES.find(&before);
        name.is_some_and(|name| name.end() == before.len())
    };
    let is_bare = |unit: &&Unit| {
        let is_long = unit.parts.concat().len() >= 3;
        let is_last = unit.end == text.len();
        let is_first = unit.start == 0;
        match is_behind_number {
            true => {
                (is_first && (is_last || is_long)) || (is_last && is_long && is_in_building(unit))
            }
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

/// 05 is 5.
fn plain_number(number: &str) -> &str {
    match number.trim_start_matches('0') {
        "" => number,
        plain => plain,
    }
}

fn unit_at_end(text: &str) -> Option<Unit> {
    let of = |start: usize, parts: &[&str], is_named: bool| Unit {
        start,
        end: text.len(),
        parts: parts.iter().map(|part| part.to_uppercase()).collect(),
        is_named,
        is_building: false,
        is_of_many: false,
    };
    if let Some(found) = DASHED.captures(text) {
        let start = found.get(1).map_or(0, |first| first.start());
        let room = plain_room(found.get(3).map_or("", |room| room.as_str()));
        let [building, unit] = [1, 2].map(|at| plain_number(&found[at]));
        return Some(of(start, &[building, unit, room], true));
    }
    if let Some(found) = SHORT.captures(text) {
        let start = found.get(1).map_or(0, |first| first.start());
        let room = plain_room(found.get(2).map_or("", |room| room.as_str()));
        return Some(of(start, &[plain_number(&found[1]), room], true));
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
    let floor = part("floor").map(plain_number);
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
    let ahead = ["building", "zone", "unit"].map(|name| part(name).map(plain_number));
    let parts = ahead.into_iter().chain([floor.as_deref(), room.as_deref()]);
    let parts: Vec<&str> = parts.flatten().collect();
    let words = ["building", "zone", "unit", "floor", "word", "letter"];
    let is_named = words.iter().any(|word| part(word).is_some());
    let is_building = parts.len() == 1 && part("building").is_some();
    (!parts.is_empty()).then(|| Unit {
        is_building,
        is_of_many: is_building && !tail.ends_with('号'),
        ..of(first, &parts, is_named)
    })
}

/// What tells a unit from others of its numbers, as a key has it.
pub(super) fn within(place: &Place) -> String {
    match place.within.is_empty() {
        true => String::new(),
        false => format!("/{}", place.within.concat()),
    }
}

/// A text with every match of a pattern replaced, which has one of some characters in it.
fn replaced<'a>(
    pattern: &Regex,
    text: Cow<'a, str>,
    characters: &[char],
    plain: impl regex::Replacer,
) -> Cow<'a, str> {
    if !text.contains(characters) {
        return text;
    }
    Cow::Owned(pattern.replace_all(&text, plain).into_owned())
}

/// All letters and digits of a text, its numbers in digits; what a shop adds is left out.
pub(super) fn said(text: &str) -> String {
    let text = SHOP_CODE.replace(text, "$1$2");
    letters(&digits(&FLOOR.replace_all(&text, "$1楼$2")))
}

/// Without notes in brackets and pick-up points, its numbers in digits.
pub(super) fn readable(text: &str) -> String {
    /// Houses of one address are not further apart.
    const FURTHEST: u32 = 30;
    const BRACKETS: &[char] = &['(', '（', '【', '['];
    let text = SHOP_CODE.replace(text, "$1$2").replace("寝室", "室");
    let text = replaced(
        &WITHOUT_WORDS,
        text.into(),
        &['-'],
        |found: &regex::Captures| {
            let (house, room) = (&found["house"], &found["room"]);
            // 129-131 are two houses.
            let number = |text: &str| text.parse::<u32>().unwrap_or(0);
            let is_further = number(room).abs_diff(number(house)) <= FURTHEST;
            match found.name("building") {
                Some(building) => {
                    format!("{}{house}号{}幢{room}室", &found["road"], building.as_str())
                }
                None if is_further => found[0].to_string(),
                None => format!("{}{house}号{room}室", &found["road"]),
            }
        },
    );
    // 3懂502: what a keyboard makes of dong.
    let text = replaced(&TYPED, text, &['懂', '动', '洞'], "${1}栋$2");
    let text = replaced(&TWO_ROOMS, text, &['-', '、', '/', '及', '和'], "$1$2");
    let text = replaced(&HALL, text, &['宿'], "$1${2}栋");
    let text = replaced(
        &GROUP,
        text,
        &['组', '队', '社'],
        |found: &regex::Captures| {
            // 翠苑新村二社区 is no group.
            if !found[3].is_empty() {
                return found[0].to_string();
            }
            let number = chinese_number::parse(&found[2]).unwrap_or_else(|| found[2].to_string());
            format!("{}{number}组", &found[1])
        },
    );
    let text = replaced(&NAMED_GROUP, text, &['组'], "${1}组");
    let text = replaced(
        &COMPANY_OF_CORPS,
        text,
        &['团'],
        |found: &regex::Captures| {
            let number =
                |text: &str| chinese_number::parse(text).unwrap_or_else(|| text.to_string());
            format!("{}团{}连", number(&found[1]), number(&found[2]))
        },
    );
    let text = replaced(&FURTHER_HOUSE, text, &['之'], "$1-${2}号");
    let text = replaced(&ESTATE, text, BRACKETS, "$1$2$3");
    let text = replaced(&NUMBER, text, BRACKETS, "$1$2");
    let text = replaced(&FLAT, text, BRACKETS, "$1");
    let text = NOTE.replace(&text, "");
    let text = DELIVERY.replace(&text, "$1");
    let text = FLOOR.replace_all(&text, "$1楼$2");
    let text = PICK_UP.replace_all(&text, "");
    let text = replaced(&BLOCK, text, &['-'], "$1${2}栋$3");
    let text = replaced(&ORDINAL, text, &['第'], "$1");
    let text = replaced(&BUILDING_AHEAD, text, &['楼'], "$1栋$2");
    let text = replaced(
        &DORMITORY,
        text,
        &['舍', '寓'],
        |found: &regex::Captures| {
            let part = |at: usize| found.get(at).map(|part| part.as_str());
            match (part(1), part(2), part(3), part(4).zip(part(5))) {
                (Some(building), ..) => format!("公寓{building}"),
                (_, Some(flats), ..) => flats.to_string(),
                (.., Some((building, room))) => format!("{building}{room}"),
                (_, _, building, _) => format!("{}栋", building.unwrap_or_default()),
            }
        },
    );
    let text = digits(&without_brackets(&text));
    let text = replaced(&OF_FLOOR, text.into(), &['之'], "$1楼-$2");
    let text = replaced(&TURNED, text, &['甲', '乙', '丙', '丁'], "$1$3号$2$4");
    let text = replaced(
        &ON_FLOOR,
        text,
        &['楼', '层'],
        |found: &regex::Captures| {
            let flat = found[3].trim_start_matches('-');
            // 阳光花园3楼5号 may as well be the third building.
            let is_behind_building = "元栋幢座号".contains(&found[1]) && !found[1].is_empty();
            match found[2].len() + flat.len() > 2 || is_behind_building {
                true => format!("{}{}{flat:0>2}室", &found[1], &found[2]),
                false => found[0].to_string(),
            }
        },
    );
    let text = replaced(&OF_UNIT, text, &['元'], |found: &regex::Captures| {
        format!("单元{}{:0>2}室", &found[1], &found[2])
    });
    replaced(&LETTER, text, &['楼', '层'], "${1}${2}室").into_owned()
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
        "号楼", "栋", "幢", "座", "单元", "门", "层", "楼", "室", "号", "期", "区", "组", "村", "#",
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
        let told = found.get(2).or(found.get(3)).or(found.get(4));
        let told = told.map_or("", |told| told.as_str());
        let number = told.parse().ok().map(|number: u32| number.to_string());
        let number = number.or_else(|| chinese_number::parse(told));
        format!("{}-{}号", &found[1], number.unwrap_or_default())
    };
    let plain = FURTHER.replace_all(&plain, further);
    let numeral = |number: &str| {
        const NUMERALS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
        let at: usize = number.parse().unwrap_or_default();
        NUMERALS[at]
    };
    let section = |found: &regex::Captures| match found.name("section") {
        Some(section) => format!("{}段", numeral(section.as_str())),
        None => format!(
            "{}{}{}",
            &found["name"],
            numeral(&found["number"]),
            &found["kind"]
        ),
    };
    SECTION.replace_all(&plain, section).into_owned()
}
