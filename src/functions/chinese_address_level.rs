//! How alike two Chinese addresses are.

use std::sync::LazyLock;

use regex::Regex;

use super::address::{HONG_KONG, TAIWAN, key_of, locate, pattern};
use super::address_level::{
    ELSE, EXACT, PARTLY, SAME_DISTRICT, SAME_HOME, SAME_HOUSE, SAME_ROAD, SIMILAR,
};
use super::address_place::{Place, said};
use super::divisions::{may_overlap, name as division};
use super::fold::is_han;
use super::reading::sound_alike;

/// What an estate may be called beside its name.
static OF_ESTATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:小区|社区|住宅区|花园|公寓)?(?:[0-9一二三四五六七八九十]+[期区组队]|[东西南北中a-z]区)?$",
    )
});

/// A Chinese address taken apart once, to be compared with many.
#[derive(Debug, Default)]
pub struct Chinese {
    pub key: Option<String>,
    region: Option<u32>,
    area: String,
    zone: String,
    road: Option<String>,
    number: Option<String>,
    /// The building of a unit on grounds of its own.
    building: Option<String>,
    /// The grounds, where the building stands on some.
    grounds: Option<String>,
    names: String,
    /// Whether the grounds say of what kind they are.
    is_kind_said: bool,
    /// Towns, subdistricts and communities before the road or the estate, without their words.
    passed: Vec<String>,
    /// Building, unit and room.
    unit: String,
    /// Whether the unit is a building alone, of many flats.
    is_of_many: bool,
    /// Whether the road may be an estate, as it has no number: 优品道3栋.
    may_be_estate: bool,
    /// What tells them from others of the same numbers.
    within: String,
    /// All that is said behind the region, where no house is told.
    said: String,
}

impl Chinese {
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
        let is_road = |road: &String| !road.ends_with('路') && place.number.is_none();
        let may_be_estate = place.road.as_ref().is_some_and(is_road) && place.names.is_empty();
        let (grounds, is_kind_said) = (place.grounds(), place.is_kind_said());
        let alone = place.alone.as_ref();
        let alone = alone.filter(|alone| **alone != place.names && is_name(alone));
        let grounds = match (&place.road, place.unit.is_some()) {
            (Some(road), true) if may_be_estate => Some(road.clone()),
            _ => alone.cloned().or(grounds),
        };
        // E座 is a building; 501 is a room.
        let building = place
            .unit
            .as_ref()
            .and_then(|unit| match unit.split_once('-') {
                Some((building, _)) => Some(building),
                None if place.is_building => Some(unit.as_str()),
                None => Some(unit.as_str()).filter(|unit| unit.chars().all(char::is_alphabetic)),
            });
        let building = building.map(str::to_string);
        let said = match (&located, &place.number, &place.unit) {
            (Some(located), None, None) => said(&located.rest),
            _ => String::new(),
        };
        Self {
            said,
            key: key_of(address, located.as_ref(), &place),
            region,
            area: place.area,
            zone: place.zone,
            road: place.road,
            number: place.number,
            building,
            grounds,
            is_kind_said,
            names: place.names,
            passed: place.passed,
            unit: place.unit.unwrap_or_default(),
            is_of_many: place.is_of_many,
            may_be_estate,
            within: place.within.concat(),
        }
    }

    /// The key, where two addresses with the same are *exact*.
    pub fn exact_key(&self) -> Option<&str> {
        self.key.as_deref().filter(|_| self.tells_a_house())
    }

    /// Whether it goes on to a house: in a village, or an estate, many live.
    fn tells_a_house(&self) -> bool {
        let is_building = ["大厦", "大楼"].iter().any(|end| self.names.ends_with(end));
        let is_told = !self.within.is_empty() || (!self.unit.is_empty() && !self.is_of_many);
        self.number.is_some() || is_told || is_building
    }

    /// Whether two that are written so are one.
    pub fn is_as_itself(&self) -> bool {
        self.tells_a_house() || self.says_the_same_as(self)
    }

    /// Whether it is the same words, whatever of the region is said before them, and more of them than a village or a road.
    fn says_the_same_as(&self, other: &Self) -> bool {
        const OF_MANY: &[&str] = &[
            "村", "组", "队", "屯", "庄", "寨", "乡", "镇", "社区", "小区", "路", "街", "道", "巷",
            "里",
        ];
        let are_located = self.region.is_some() && other.region.is_some();
        let is_of_many = self.said.is_empty() || OF_MANY.iter().any(|end| self.said.ends_with(end));
        are_located && !is_of_many && self.said == other.said
    }

    /// Whether it goes on behind its region.
    fn goes_on(&self) -> bool {
        self.key.as_ref().is_some_and(|key| !key.ends_with('|'))
    }

    /// The level of two addresses on grounds that have a name, of which one says no road; `None` where they are not the same.
    fn level_on_grounds(&self, other: &Self) -> Option<u8> {
        let (one, another) = (self.grounds.as_ref()?, other.grounds.as_ref()?);
        // 文三路阳光花园 is on its road, without its number.
        let is_without = self.number.is_none() || other.number.is_none();
        let have_roads = self.road.is_some() && other.road.is_some();
        let is_estate = |of: &Self, named: &str| of.may_be_estate && named == one.as_str();
        let is_estate = is_estate(self, another) || is_estate(other, another);
        let have_roads = have_roads && !is_estate && !(is_without && self.is_on_road_of(other));
        let is_of = |(short, of): (&str, &Self), long: &str| {
            let rest = long.strip_prefix(short);
            let is_other_kind = |rest: &str| of.is_kind_said && rest.starts_with(['花', '公']);
            rest.is_some_and(|rest| OF_ESTATE.is_match(rest) && !is_other_kind(rest))
        };
        let is_in_one = self.region.is_some() && self.region == other.region;
        // 方庄芳星园, 芳星园: what the quarter is called may be left out.
        let is_behind = other.leads(one, another) || self.leads(another, one);
        let is_by_more = is_in_one
            && !is_behind
            && self.may_be_home_of(other)
            && self.unit.contains('-')
            && is_longer(one, another);
        let is_same =
            is_behind || is_by_more || is_of((one, self), another) || is_of((another, other), one);
        if have_roads || !is_same {
            return None;
        }
        let is_whole = (one == another || is_behind) && is_in_one;
        let is_same_unit =
            !self.unit.is_empty() && self.unit == other.unit && self.within == other.within;
        Some(match () {
            () if is_by_more => SIMILAR,
            () if is_whole && is_same_unit && self.tells_a_house() => EXACT,
            () if self.may_be_home_of(other) => SAME_HOME,
            () if self.has_building_of(other) => SAME_HOUSE,
            () => SAME_ROAD,
        })
    }

    /// Whether the unit is the other's, or has its building and its room and nothing between: 3-501, 3-2-501.
    fn may_be_home_of(&self, other: &Self) -> bool {
        let may_be = |short: &str, long: &str| {
            let (short, long): (Vec<_>, Vec<_>) =
                (short.split('-').collect(), long.split('-').collect());
            let is_number = |part: &str| part.chars().all(|c| c.is_ascii_digit());
            matches!((&short[..], &long[..]), ([one, room], [other, between, another])
                if one == other && room == another && is_number(between))
        };
        let is_told = |of: &Self| !of.within.is_empty();
        let is_within = self.within == other.within || !is_told(self) || !is_told(other);
        let is_within = is_within && !self.is_of_many && !other.is_of_many;
        let (one, other) = (self.unit.as_str(), other.unit.as_str());
        let is_home = one == other || may_be(one, other) || may_be(other, one);
        !one.is_empty() && is_within && is_home
    }

    /// Whether one name is another with what stands before that one here, without its words: 古山胡库村 and 永康古山胡库村, in 永康市古山镇.
    fn leads(&self, name: &str, other: &str) -> bool {
        let Some(ahead) = name.strip_suffix(other).filter(|ahead| !ahead.is_empty()) else {
            return false;
        };
        let district = self.region.and_then(division);
        let district = district.and_then(|name| name.strip_suffix(['区', '县', '市']));
        let behind = district.and_then(|district| ahead.strip_prefix(district));
        is_passed(ahead, &self.passed)
            || behind.is_some_and(|town| town.is_empty() || is_passed(town, &self.passed))
    }

    /// Whether building, unit and room are one in a district, of which one side tells the road and the other the estate: 宝带东路871号33-1-1903,
    /// 碧桂园湾33号楼1单元1903室; or are all that one side tells.
    fn is_same_flat_as(&self, other: &Self) -> bool {
        let is_told_by = |road: &Self, estate: &Self| {
            road.road.is_some() && estate.road.is_none() && estate.grounds.is_some()
        };
        // 3号楼2单元501, where all are of one estate.
        let is_alone = |of: &Self| of.road.is_none() && of.grounds.is_none() && of.names.is_empty();
        let is_whole = self.unit.matches('-').count() >= 2 && self.unit == other.unit;
        let is_in_one = self.region.is_some() && self.region == other.region;
        let is_told = is_told_by(self, other) || is_told_by(other, self);
        is_whole && ((is_in_one && is_told) || (is_alone(self) != is_alone(other)))
    }

    /// Whether one says the tower of a house, and the other the room alone: 173号A座2008, 173号2008.
    fn is_in_tower_of(&self, other: &Self) -> bool {
        let is_in = |room: &str, long: &str| {
            let tower = long.split_once('-').filter(|(_, rest)| *rest == room);
            room.len() >= 3
                && tower.is_some_and(|(tower, _)| tower.chars().all(char::is_alphabetic))
        };
        let (one, other) = (self.unit.as_str(), other.unit.as_str());
        is_in(one, other) || is_in(other, one)
    }

    fn has_building_of(&self, other: &Self) -> bool {
        self.building.is_some() && self.building == other.building
    }

    /// Whether the roads are one; a town or a district may stand before it without its word: 长安长青路 in 长安镇.
    fn is_on_road_of(&self, other: &Self) -> bool {
        let (Some(one), Some(another)) = (&self.road, &other.road) else {
            return false;
        };
        // 武昌紫三路, 顺德大良凤翔路: a district that is not behind its city is read with the road, and so is a town behind it.
        let is_led_by_district = |of: &Self, road: &str, long: &str| {
            let district = of.region.and_then(division);
            let district = district.and_then(|name| name.strip_suffix(['区', '县', '市']));
            let ahead = district
                .zip(long.strip_suffix(road))
                .and_then(|(district, ahead)| ahead.strip_prefix(district));
            // 海珠南路 is not 南路 in 海珠区.
            let is_named = !road.starts_with(['东', '南', '西', '北', '中']);
            ahead.is_some_and(|town| match town {
                "" => is_named,
                town => is_passed(town, &of.passed),
            })
        };
        one == another
            || is_led(one, another, &other.passed)
            || is_led(another, one, &self.passed)
            || is_led_by_district(self, one, another)
            || is_led_by_district(other, another, one)
    }

    /// The level of a road or an estate that is written with slips: with one number, building or unit, the same house.
    fn level_with_slips(&self, other: &Self) -> Option<u8> {
        let are_near =
            |one: &Option<String>, other: &Option<String>| match one.as_ref().zip(other.as_ref()) {
                Some((one, other)) => Some(one == other || is_slip(one, other)),
                None => None,
            };
        let near_roads = are_near(&self.road, &other.road);
        let near_grounds = are_near(&self.grounds, &other.grounds);
        if near_roads == Some(false) || near_grounds == Some(false) {
            return None;
        }
        let are_one = |one: &str, other: &str| !one.is_empty() && one == other;
        let numbers = self.number.as_ref().zip(other.number.as_ref());
        let is_house = near_roads.is_some() && numbers.is_some_and(|(one, other)| one == other);
        let is_building = near_grounds.is_some()
            && (self.has_building_of(other) || are_one(&self.unit, &other.unit));
        let is_other_house = numbers.is_some_and(|(one, other)| one != other);
        match () {
            () if near_roads.is_none() && near_grounds.is_none() => None,
            () if is_house || (is_building && !is_other_house) => Some(SIMILAR),
            () => Some(PARTLY),
        }
    }

    /// A place among the levels of addresses. A region that one side leaves out contradicts nothing.
    pub fn level(&self, other: &Self) -> u8 {
        let agrees = match (self.region, other.region) {
            (Some(one), Some(other)) => may_overlap(one, other),
            _ => true,
        };
        let agrees =
            agrees && !contradict(&self.area, &other.area) && !contradict(&self.zone, &other.zone);
        let is_named_alike = !contradict(&self.names, &other.names);
        let on_grounds = self.level_on_grounds(other).filter(|_| agrees);
        let is_on_road = agrees && self.is_on_road_of(other);
        // 解放碑民权路28号 and 民权路28号 of one district: what the quarter is called.
        let is_by_more = agrees
            && !is_on_road
            && self.region.is_some()
            && self.region == other.region
            && self.number.is_some()
            && self.number == other.number
            && self
                .road
                .as_ref()
                .zip(other.road.as_ref())
                .is_some_and(|(one, other)| is_longer(one, other));
        let is_same_key = self.key.is_some() && self.key == other.key;
        let with_slips = || self.level_with_slips(other).filter(|_| agrees);
        match () {
            () if is_same_key
                && agrees
                && is_named_alike
                && self.tells_a_house()
                && other.tells_a_house() =>
            {
                EXACT
            }
            () if agrees && self.says_the_same_as(other) => EXACT,
            () if on_grounds.is_some() => on_grounds.unwrap_or_default(),
            () if is_by_more => SIMILAR,
            () if is_on_road && self.number.is_some() && self.number == other.number => {
                // A town without its word is in no key, and a zone may be left out.
                let is_whole = self.region.is_some() && self.region == other.region;
                let is_in_hong_kong = self.region == Some(HONG_KONG);
                let is_told_in_part = self.road != other.road
                    || self.zone != other.zone
                    || (is_in_hong_kong && self.area != other.area);
                let is_same_unit = self.unit == other.unit && self.within == other.within;
                let is_whole = is_whole && is_told_in_part && is_same_unit;
                let is_house = self.unit.is_empty() && other.unit.is_empty();
                let is_house = is_house && self.names == other.names;
                let is_home = is_house || self.may_be_home_of(other) || self.is_in_tower_of(other);
                match () {
                    () if is_whole && is_named_alike => EXACT,
                    () if is_home && is_named_alike => SAME_HOME,
                    () => SAME_HOUSE,
                }
            }
            () if is_on_road => SAME_ROAD,
            () if is_same_key && agrees && self.goes_on() => SAME_ROAD,
            () => with_slips().unwrap_or_else(|| match agrees && self.is_same_flat_as(other) {
                true => PARTLY,
                false => self.level_of_regions(other),
            }),
        }
    }

    fn level_of_regions(&self, other: &Self) -> u8 {
        // All of Taiwan has one code, and so has all of Hong Kong.
        let city = |of: &Self| of.area.chars().take(3).collect::<String>();
        let is_elsewhere = match self.region {
            Some(TAIWAN) => contradict(&city(self), &city(other)),
            Some(HONG_KONG) => contradict(&self.area, &other.area),
            _ => false,
        };
        let is_one = self.region.is_some() && self.region == other.region && !is_elsewhere;
        if is_one { SAME_DISTRICT } else { ELSE }
    }
}

/// Whether all that an address says may be the name of an estate or a village.
fn is_name(alone: &str) -> bool {
    let count = alone.chars().count();
    let is_group = alone.ends_with(['组', '队', '村']);
    let is_plain = alone.chars().all(is_han) || (alone.starts_with(is_han) && is_group);
    (3..=12).contains(&count) && is_plain
}

/// Whether a name is another with all or some of what stands before that one, whose words are left out: 坂田五和大道 in 坂田街道.
fn is_led(name: &str, other: &str, passed: &[String]) -> bool {
    let Some(ahead) = name.strip_suffix(other) else {
        return false;
    };
    !ahead.is_empty() && is_passed(ahead, passed)
}

/// Whether some words are all or one of those that were passed over.
fn is_passed(words: &str, passed: &[String]) -> bool {
    passed.iter().any(|passed| passed == words) || passed.concat() == words
}

/// Whether one of two names is the other behind a word of two to four characters. 北大街 is not 建设北大街.
fn is_longer(one: &str, other: &str) -> bool {
    let count = |name: &str| name.chars().count();
    let (short, long) = if count(one) < count(other) {
        (one, other)
    } else {
        (other, one)
    };
    let Some(ahead) = long.strip_suffix(short) else {
        return false;
    };
    let is_part = short.starts_with(|c: char| {
        "东南西北中前后大小新老一二三四五六七八九十环".contains(c) || c.is_ascii_digit()
    });
    let is_word = ahead.chars().all(is_han) && (2..=4).contains(&count(ahead));
    is_word && count(short) >= 3 && !is_part
}

/// Whether two names contradict each other: what one side leaves out does not.
fn contradict(one: &str, other: &str) -> bool {
    !one.contains(other) && !other.contains(one)
}

/// Whether one name is the other with a character of the same sound, or of five with one left out or two swapped. A number, a direction
/// and a size are no slips.
fn is_slip(one: &str, other: &str) -> bool {
    const TELLING: &str = "东南西北中前后上下左右内外正横大小新老一二三四五六七八九十甲乙丙丁";
    const LONG: usize = 5;
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let shortest = one.len().min(other.len());
    if shortest < 3
        || rapidfuzz::distance::osa::distance(one.iter().copied(), other.iter().copied()) != 1
    {
        return false;
    }
    let start = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let ends = one.iter().rev().zip(other.iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let end = end.min(shortest - start);
    let (off, off_other) = (
        &one[start..one.len() - end],
        &other[start..other.len() - end],
    );
    let is_telling = |c: &char| c.is_ascii_alphanumeric() || TELLING.contains(*c);
    let is_slip = match (off, off_other) {
        ([one], [other]) => sound_alike(*one, *other),
        _ => shortest >= LONG,
    };
    !off.iter().chain(off_other).any(is_telling) && is_slip
}
