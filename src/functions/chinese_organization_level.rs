//! How alike two names of organisations in Chinese characters are: their place, their branch, their brand.

use std::sync::LazyLock;

use hashbrown::{HashMap, HashSet};
use regex::Regex;

use super::address::{is_road_ahead, pattern};
use super::chinese_organization::{former_name, has_brand, head_key_of, plain_han};
use super::chinese_organization_words::{
    BRANCHES, BRANCHES_OF_COMPANIES, FORMS, GROUPS, SMALL_SHOPS,
};
use super::divisions::{
    self, Division, Level, is_municipality, is_within, is_zone, level, named, starting,
};
use super::fold::is_han;
use super::organization_level::{BEGINNING, BRANCH, CLOSE, ELSE, FOLDED};
use super::reading::{every, plain, sound_alike};
use super::reference::{self, Table};
use super::{romanisation, trade_words};

/// Cities of the county's level whose short names are no brands, in either language.
const NO_BRANDS: &str = "
    瓦房店 庄河 江阴 宜兴 溧阳 常熟 张家港 昆山 太仓 如皋 仪征 靖江 余姚 慈溪 乐清 桐乡 诸暨 义乌 温岭 胶州 滕州 诸城 青州 普宁";
/// Counties whose short names are seldom brands; in pinyin they are read as brands are.
const SELDOM_BRANDS: &str = "
    大石桥 普兰店 吴江 武进 江都 高邮 兴化 泰兴 丹阳 扬中 句容 启东 海门 如东 东台 邳州 新沂 海宁 平湖 嘉善 海盐 德清 永康 东阳 兰溪
    浦江 武义 苍南 临海 玉环 仙居 嵊州 宁海 奉化 鄞州 北仑 余杭 萧山 富阳 临安 桐庐 柯桥 上虞 晋江 石狮 南安 福清 龙海 福安 福鼎 即墨
    莱西 寿光 龙口 莱州 招远 高密 邹城 曲阜 肥城 荣成 乳山 文登 章丘 顺德 番禺 花都 增城 从化 台山 恩平 四会 惠阳 惠东 博罗 揭东 陆丰
    浏阳 醴陵 宁乡 都江堰 彭州 崇州 邛崃 简阳 江油 峨眉山 巩义 新郑 荥阳 登封 禹州 沁阳 孟州 项城 偃师 大冶 枝江 宜都 武穴 丰城 樟树
    贵溪 瑞昌 巢湖 桐城 界首 迁安 遵化 任丘 霸州 高碑店 辛集 涿州 武安 黄骅 泊头 河间";

/// The codes of counties, by their short names.
fn counties(names: &'static str) -> impl Iterator<Item = u32> {
    let places = names.split_whitespace().flat_map(named);
    let counties = places.filter(|place| level(place.code) == Level::District);
    counties.map(|place| place.code)
}

/// Those of both.
static NAMED_IN_SHORT: LazyLock<HashSet<u32>> =
    LazyLock::new(|| counties(NO_BRANDS).chain(counties(SELDOM_BRANDS)).collect());
/// The country as a place, which is in no other.
pub(super) const CHINA: u32 = 1;

/// A Chinese name taken apart once, to be compared with many.
#[derive(Debug)]
pub struct ChineseName {
    key: String,
    /// Without the place at its start or in brackets, and without the word for a group.
    pub(super) core: Vec<char>,
    /// The word for a group that was left out of it.
    pub(super) group: Option<&'static str>,
    /// That place.
    pub(super) place: Option<u32>,
    /// The places that it may be, where the name is that of several: 西湖区, 鼓楼区.
    places: Vec<u32>,
    /// The town or the subdistrict behind it, of a small shop or a committee: 龙山镇 of 永康市龙山镇张三五金店.
    pub(super) town: Option<String>,
    /// Of a town's hospital, whether it is one of a town or of a township.
    kind_of_town: Option<String>,
    /// Of a branch, which one it is: its place, and what it is called. The rest is of its head office.
    pub(super) branch: Option<Branch>,
    /// How the characters of the core are read.
    readings: Vec<String>,
    /// The brand in Latin letters at the start of the core: ABB（中国）有限公司.
    latin: Option<String>,
    /// What its brand is called elsewhere: siemens of 西门子（中国）有限公司.
    elsewhere: Vec<&'static str>,
    /// The key of the name that it had before, or has since, which stands in brackets.
    former: Option<String>,
    /// Whether it ends with a legal form, as names in a register do.
    is_registered: bool,
}

/// Which branch of its head office one is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Branch {
    /// Its place, where it says one.
    pub(super) place: Option<u32>,
    /// What it is called beside that: 支行 of 杭州支行, 万达广场店 of 广州万达广场店.
    name: String,
    /// Whether the place is all that it is called by.
    is_of_place: bool,
    /// The places that it may be at, where its name is that of several: 西湖支行.
    candidates: Vec<u32>,
}

impl Branch {
    /// Its place and what it is called, as one text.
    pub(super) fn key(&self) -> String {
        let place = self.place.map(|code| code.to_string());
        format!("{}{}", place.unwrap_or_default(), self.name)
    }

    /// Whether the other may be the same branch of one head office, whose places these are, or of what these say of it.
    fn may_be(&self, other: &Self, [own, others]: [Option<u32>; 2]) -> bool {
        let places = [self.place.or(own), other.place.or(others)];
        let agree = match places {
            [Some(one), Some(other)] => {
                one == CHINA || other == CHINA || is_within(one, other) || is_within(other, one)
            }
            _ => true,
        };
        let is_at = |one: &Self, other: &Self| {
            other.is_of_place
                && other
                    .place
                    .is_some_and(|place| one.candidates.contains(&place))
        };
        let is_named_so = self.name == other.name && !self.is_of_place && !other.is_of_place;
        (is_named_so && agree) || is_at(self, other) || is_at(other, self)
    }
}

impl ChineseName {
    /// Takes a folded name apart, by its key; `None` where nothing is left of its head office.
    pub fn read(folded: &str, key: &str) -> Option<Self> {
        let plain = plain_han(folded);
        let head = head_key_of(&plain)?;
        let branch = key.strip_prefix(&head).and_then(branch_of);
        let (core, place, places) = without_place(&head);
        let (core, town) = without_town(core);
        let (core, kind_of_town) = without_filling(core);
        let readings = reading(core.iter().copied());
        let core: String = core.into_iter().collect();
        let mut groups = GROUPS.iter();
        let stem = groups.find_map(|group| Some((*group, core.strip_suffix(group)?)));
        let stem = stem.filter(|(_, stem)| stem.chars().count() >= 2);
        let brand = stem.map_or(core.as_str(), |(_, stem)| stem);
        let end = brand.find(|c: char| !c.is_ascii_alphanumeric());
        let latin = &brand[..end.unwrap_or(brand.len())];
        let is_brand = latin.len() >= 2 && latin.contains(|c: char| c.is_ascii_alphabetic());
        Some(Self {
            core: brand.chars().collect(),
            group: stem.map(|(group, _)| group),
            place,
            places,
            town,
            kind_of_town,
            branch,
            readings,
            latin: is_brand.then(|| latin.to_string()),
            elsewhere: brands_elsewhere(brand),
            former: former_name(folded),
            is_registered: FORMS.iter().any(|form| plain.ends_with(form)),
            key: key.to_string(),
        })
    }

    fn was_called(&self, other: &Self) -> bool {
        self.former.as_ref() == Some(&other.key)
    }

    /// A place among the levels; two names with the same key are not asked for.
    pub fn level(&self, other: &Self) -> u8 {
        match (&self.branch, &other.branch) {
            _ if self.was_called(other) || other.was_called(self) => FOLDED,
            (None, None) => self.level_of_heads(other),
            (Some(one), Some(another))
                if one != another && one.may_be(another, [self.place, other.place]) =>
            {
                let place = |of: &Self, branch: &Branch| branch.place.or(of.place);
                let is_whole = self.core == other.core
                    && one.name == another.name
                    && place(self, one).is_some()
                    && place(self, one) == place(other, another);
                match self.level_of_heads(other) {
                    _ if is_whole => FOLDED,
                    FOLDED | BEGINNING | BRANCH => BEGINNING,
                    other => other,
                }
            }
            (Some(one), Some(another)) if one == another => {
                // 工商银行 and 中国工商银行 have one branch there.
                let is_of_country = |of: &Self| of.place.is_none_or(|place| place == CHINA);
                let is_same_place =
                    self.place == other.place || (is_of_country(self) && is_of_country(other));
                match self.core == other.core && is_same_place {
                    true => FOLDED,
                    false => self.level_of_heads(other),
                }
            }
            (Some(_), None) if other.is_shop_of(self) => BEGINNING,
            (None, Some(_)) if self.is_shop_of(other) => BEGINNING,
            // The levels of two heads that may be one.
            _ if matches!(self.level_of_heads(other), FOLDED | BEGINNING | BRANCH) => BRANCH,
            _ => ELSE,
        }
    }

    fn level_of_heads(&self, other: &Self) -> u8 {
        let agrees = self.may_be_where(other);
        // Every town has a shop of that name.
        let towns = self.town.as_ref().zip(other.town.as_ref());
        let kinds = self.kind_of_town.as_ref().zip(other.kind_of_town.as_ref());
        if towns.is_some_and(|(one, other)| !one.ends_with(other) && !other.ends_with(one))
            || kinds.is_some_and(|(one, other)| one != other)
            || (!agrees && (self.place.is_none() || other.place.is_none()))
        {
            return ELSE;
        }
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
        // Another place in a register is another company: 浙江明达科技有限公司 and 杭州明达科技有限公司.
        let is_of_province = |of: &Self| {
            of.place
                .is_some_and(|code| level(code) == Level::Province && !is_municipality(code))
        };
        let is_other = self.is_registered
            && other.is_registered
            && self.place.is_some()
            && other.place.is_some()
            && !self.is_of_country()
            && !other.is_of_country()
            && (is_of_province(self) != is_of_province(other) || self.is_in_city_of(other));
        // 明达集团 and 明达科技: a group, and a company of it.
        // 杭州市税务局 is over 余杭区税务局.
        let is_other_body = is_same_core
            && self.place.is_some()
            && other.place.is_some()
            && !is_same_place
            && (self.is_of_every_place() || !has_brand(&self.core.iter().collect::<String>()));
        let is_of_group = self.group.is_some() != other.group.is_some();
        // 绿城物业 is what people call 绿城物业服务集团.
        let is_short = |of: &Self, long: &Self| {
            !of.is_registered && of.group.is_none() && of.core.len() < long.core.len()
        };
        let is_of_group = is_of_group && !is_short(self, other) && !is_short(other, self);
        match () {
            () if is_same_core
                && is_same_place
                && self.town == other.town
                && self.group == other.group =>
            {
                FOLDED
            }
            () if self.is_run_together_in(other) || other.is_run_together_in(self) => FOLDED,
            // 深圳石狮科技: a brand may be called like a county.
            () if self.is_brand_of(other) || other.is_brand_of(self) => BEGINNING,
            () if is_other || is_other_body => ELSE,
            () if is_same_core && agrees => BEGINNING,
            () if agrees && (self.is_behind_town_of(other) || other.is_behind_town_of(self)) => {
                BEGINNING
            }
            () if is_beginning_of_core && is_of_group => BRANCH,
            () if is_beginning_of(self, other) || is_beginning_of(other, self) => BEGINNING,
            () if is_beginning_of_core => BEGINNING,
            () if agrees && (self.is_hospital_in(other) || other.is_hospital_in(self)) => BEGINNING,
            () if agrees && self.is_shop_as(other) => BEGINNING,
            () if agrees && (self.is_shortened(other) || other.is_shortened(self)) => BEGINNING,
            () if are_numbered_otherwise(&self.core, &other.core) => ELSE,
            () if agrees && (sounds_alike || is_slip(&self.core, &other.core)) => CLOSE,
            // 杭洲明达科技: its place is none.
            () if self.place.is_some() != other.place.is_some() && self.sounds_as(other) => CLOSE,
            () if agrees && self.is_slip_of_place(other) => CLOSE,
            () if is_same_place && is_typed_trade(&self.core, &other.core) => CLOSE,
            () => ELSE,
        }
    }

    /// Whether their places are none that contradict each other. Without one, either may be anywhere.
    fn may_be_where(&self, other: &Self) -> bool {
        let may_be = |of: &Self| match of.place {
            Some(place) => vec![place],
            None => of.places.clone(),
        };
        let (own, others) = (may_be(self), may_be(other));
        let are_near = |one: u32, other: u32| is_within(one, other) || is_within(other, one);
        let mut pairs = own
            .iter()
            .flat_map(|one| others.iter().map(move |other| (*one, *other)));
        own.is_empty() || others.is_empty() || pairs.any(|(one, other)| are_near(one, other))
    }

    /// Whether it is a branch of which no word says where its name begins: 肯德基五一广场店, and 肯德基(五一广场店).
    fn is_shop_of(&self, branch: &Self) -> bool {
        let Some(Branch { name, place, .. }) = &branch.branch else {
            return false;
        };
        let name = name.strip_suffix("分店");
        let Some(name) = name.filter(|name| name.chars().count() >= 2) else {
            return false;
        };
        let places = self.place.zip(place.or(branch.place));
        // 沙县小吃 is called after a county.
        let places = places.filter(|_| self.place != branch.place);
        if places.is_some_and(|(one, other)| !is_within(one, other) && !is_within(other, one)) {
            return false;
        }
        let own: String = self.core.iter().collect();
        let own = own.strip_suffix('店').unwrap_or(&own);
        let head: Vec<char> = own.strip_suffix(name).unwrap_or_default().chars().collect();
        head.len() >= 2 && (branch.core.starts_with(&head) || head.starts_with(&branch.core))
    }

    /// Whether it is what people call a hospital of a university: 华西医院, 四川大学华西医院.
    fn is_hospital_in(&self, long: &Self) -> bool {
        const SHORTEST: usize = 4;
        const SCHOOLS: &[&str] = &["大学", "医学院", "大学附属", "医学院附属"];
        let is_named = self.key.ends_with("医院")
            && self.key.chars().count() >= SHORTEST
            && !self.key.starts_with(['第', '附', '人']);
        let of = long.key.strip_suffix(&self.key).filter(|_| is_named);
        of.is_some_and(|of| SCHOOLS.iter().any(|school| of.ends_with(school)))
    }

    /// Whether it is what people call another in short, whose trade has words more between: 明达仪表, 明达仪器仪表.
    fn is_shortened(&self, long: &Self) -> bool {
        const ENDS: usize = 2;
        let (few, many) = (&self.core, &long.core);
        if self.is_registered || few.len() < 2 * ENDS || few.len() >= many.len() {
            return false;
        }
        // What is left out stands in one place: 平安财产保险 is another than 平安保险.
        let left_out = |at: usize| -> Option<String> {
            let behind = many.len() - (few.len() - at);
            let is_same = few[..at] == many[..at] && few[at..] == many[behind..];
            is_same.then(|| many[at..behind].iter().collect())
        };
        // What a clinic treats, and what kind of bank it is; of hospitals one town has several kinds.
        const TREATED: &[&str] = &[
            "内科", "外科", "中医", "西医", "综合", "妇科", "儿科", "口腔",
        ];
        let end: String = few.iter().collect();
        let is_clinic = ["诊所", "门诊部"].iter().any(|kind| end.ends_with(kind));
        let is_kind = |words: &str| {
            (is_clinic && TREATED.contains(&words)) || (words == "商业" && end.ends_with("银行"))
        };
        let mut all = (ENDS..=few.len() - ENDS).filter_map(left_out);
        all.any(|words| trade_words::is_trade(&words) || is_kind(&words))
    }

    /// Whether two small shops are the same but for what a shop calls itself: 老王五金店, 老王五金商行. 利民 alone is the name of many.
    fn is_shop_as(&self, other: &Self) -> bool {
        let is_same_place = self.place.is_some() && self.place == other.place;
        // The stem, and whether it is a pharmacy, which is nothing else.
        let stem = |of: &Self| -> Option<(String, bool)> {
            let core: String = of.core.iter().collect();
            let mut ends = SMALL_SHOPS.iter();
            let (end, stem) = ends.find_map(|end| Some((end, core.strip_suffix(end)?)))?;
            let is_pharmacy = end.contains('药');
            let shortest = if is_same_place && is_pharmacy { 2 } else { 3 };
            let is_one = !of.is_registered && stem.chars().count() >= shortest;
            is_one.then(|| (stem.to_string(), is_pharmacy))
        };
        stem(self).is_some_and(|shop| Some(shop) == stem(other))
    }

    /// Whether it is an office or a public body, of which every region has one by that name.
    fn is_of_every_place(&self) -> bool {
        const BODIES: &[&str] = &[
            "局",
            "法院",
            "检察院",
            "政府",
            "委员会",
            "人民医院",
            "中医院",
            "保健院",
            "总会",
            "总工会",
            "红十字会",
            "联合会",
            "协会",
            "实验小学",
            "大学",
            "学院",
            "银行",
            "电视台",
            "日报社",
            "出版社",
            "机场",
        ];
        let core: String = self.core.iter().collect();
        // 镇海中学 has a name of its own.
        let school = core.strip_suffix("中学");
        let is_any_school = school
            .is_some_and(|name| name.starts_with('第') || matches!(name, "" | "实验" | "高级"));
        is_any_school || BODIES.iter().any(|end| core.ends_with(end))
    }

    /// Whether one of two places is a city in the other, which registers names of its own: 东阳市 in 金华市.
    fn is_in_city_of(&self, other: &Self) -> bool {
        let is_city = |code: u32| divisions::name(code).is_some_and(|name| name.ends_with('市'));
        let is_in = |one: u32, other: u32| {
            one != other && is_within(one, other) && level(one) == Level::District && is_city(one)
        };
        let both = self.place.zip(other.place);
        both.is_some_and(|(one, other)| is_in(one, other) || is_in(other, one))
    }

    /// Whether the other is the same with the district's short name, which is none of its place.
    fn is_run_together_in(&self, other: &Self) -> bool {
        other.place.is_none()
            && self.group == other.group
            && self.behind_district().as_ref() == Some(&other.core)
    }

    /// Whether its county is the brand of the other, which is somewhere else.
    fn is_brand_of(&self, other: &Self) -> bool {
        other.place.is_some()
            && self.group == other.group
            && self.behind_district().as_ref() == Some(&other.core)
    }

    /// Whether it is the other with its town, of which the word is left out: 五马龙里村卫生室.
    fn is_behind_town_of(&self, other: &Self) -> bool {
        let town = other.town.as_ref();
        let town = town.and_then(|town| {
            town.strip_suffix("街道")
                .or(town.strip_suffix(['镇', '乡']))
        });
        town.is_some_and(|town| {
            self.core
                .iter()
                .copied()
                .eq(town.chars().chain(other.core.iter().copied()))
        })
    }

    fn is_of_country(&self) -> bool {
        self.place == Some(CHINA)
    }

    /// Whether two are one but for a slip in the place before what they are called: 深圳市山区陈记五金商行, 深圳市南山区陈记五金商行.
    fn is_slip_of_place(&self, other: &Self) -> bool {
        const SHORTEST: usize = 7;
        const CORE: usize = 4;
        let (one, another): (Vec<char>, Vec<char>) =
            (self.key.chars().collect(), other.key.chars().collect());
        let ends = one.iter().rev().zip(another.iter().rev());
        let same = ends.take_while(|(one, other)| one == other).count();
        let is_core_of =
            |of: &Self| of.place.is_some() && of.core.len() >= CORE && of.core.len() <= same;
        one.len().min(another.len()) >= SHORTEST
            && self.place != other.place
            && (is_core_of(self) || is_core_of(other))
            && rapidfuzz::distance::osa::distance(one.iter().copied(), another.iter().copied()) == 1
    }

    /// Whether all characters of two keys are read alike.
    fn sounds_as(&self, other: &Self) -> bool {
        const SHORTEST: usize = 5;
        let (one, another) = (self.key.chars(), other.key.chars());
        one.clone().count() >= SHORTEST
            && one.clone().count() == another.clone().count()
            && one
                .zip(another)
                .all(|(one, other)| one == other || sound_alike(one, other))
    }

    /// Whether it is a branch of another.
    pub fn is_branch(&self) -> bool {
        self.branch.is_some()
    }

    /// Whether it is the branch at a place that is spelled as it is read.
    pub fn is_branch_at(&self, place: &str) -> bool {
        let place = place.replace(' ', "");
        let codes = PLACES.get(place.strip_suffix("city").unwrap_or(&place));
        match (&self.branch, codes) {
            (
                Some(Branch {
                    place: Some(own), ..
                }),
                Some(codes),
            ) => {
                let is_it = |code: &u32| {
                    own == code || (is_within(*own, *code) && level(*code) != Level::Province)
                };
                codes.iter().any(is_it)
            }
            _ => false,
        }
    }

    /// 苏州鼎盛机电设备 and Suzhou Dingsheng Electromechanical Equipment, Dingsheng (Suzhou), ABB（中国） and ABB China Ltd: the brand, which is
    /// read as it is written.
    pub fn is_written_as(&self, latin: &str) -> bool {
        let latin = with_joined_places(latin);
        // Places may stand anywhere, and one alone is no brand.
        let all: Vec<&str> = latin.split(' ').collect();
        let places: Vec<usize> = (0..all.len()).filter(|at| is_place(all[*at])).collect();
        // A brand may be spelled like a place: Suzhou Bocheng.
        let brands = places.iter().skip(1).map(|at| Some(*at));
        let is_written = |brand: Option<usize>| {
            let is_named = |at: &usize| places.contains(at) && Some(*at) != brand;
            let (places, words): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(is_named);
            let of = |places: Vec<usize>| places.into_iter().map(|at| all[at]).collect::<Vec<_>>();
            self.is_written_at(&of(places), &of(words))
        };
        let core: String = self.core.iter().collect();
        !trade_words::contradict(&core, &latin) && [None].into_iter().chain(brands).any(is_written)
    }

    /// The same, of the places in a Latin name, and its other words.
    fn is_written_at(&self, places: &[&str], words: &[&str]) -> bool {
        /// Syllables of a brand.
        const SHORTEST: usize = 2;
        const LONGEST: usize = 4;
        let agrees = |place: &&str| {
            let codes = PLACES.get(*place).map_or(&[][..], Vec::as_slice);
            let own = self.place.filter(|own| *own != CHINA);
            let may_be =
                |code: &u32| own.is_none_or(|own| is_within(own, *code) || is_within(*code, own));
            codes.is_empty() || codes.iter().any(may_be)
        };
        let begins_with = |brand: &str| (1..=words.len()).any(|n| words[..n].concat() == brand);
        let is_called = |brand: &&str| {
            let mut told = words.iter().filter(|word| **word != "and");
            brand.split(' ').all(|part| told.next() == Some(&part))
        };
        let is_read = (SHORTEST..=self.readings.len())
            .any(|syllables| begins_with(&self.readings[..syllables].concat()));
        // 永丰 is Wing Fung in Hong Kong.
        let mut lengths = SHORTEST..=self.core.len().min(words.len()).min(LONGEST);
        let is_cantonese = lengths.any(|length| {
            let mut both = self.core[..length].iter().zip(words);
            both.all(|(character, word)| romanisation::is_cantonese(*character, word))
        });
        let is_brand = is_read
            || self.is_school_of_place(places, words)
            || is_cantonese
            || self.latin.as_deref().is_some_and(begins_with)
            || self.elsewhere.iter().any(is_called);
        places.iter().all(agrees) && is_brand
    }

    /// Whether it is the university of a place, which has no other name: 浙江大学, Zhejiang University.
    fn is_school_of_place(&self, places: &[&str], words: &[&str]) -> bool {
        const SCHOOLS: &[(&str, &str)] = &[
            ("大学", "university"),
            ("师范大学", "normal university"),
            ("科技大学", "university of science and technology"),
            ("理工大学", "university of technology"),
            ("工业大学", "university of technology"),
            ("农业大学", "agricultural university"),
            ("医科大学", "medical university"),
            ("财经大学", "university of finance and economics"),
            ("工商大学", "gongshang university"),
            ("中医药大学", "university of chinese medicine"),
            ("外国语大学", "foreign studies university"),
        ];
        let core: String = self.core.iter().collect();
        let told = words
            .iter()
            .filter(|word| !matches!(**word, "of" | "and" | "the"));
        let told: Vec<&str> = told.copied().collect();
        let is_it = |english: &str| {
            let own = english
                .split(' ')
                .filter(|word| !matches!(*word, "of" | "and"));
            own.eq(told.iter().copied())
        };
        let is_told = SCHOOLS
            .iter()
            .any(|(chinese, english)| *chinese == core && is_it(english));
        is_told && self.place.is_some_and(|place| place != CHINA) && !places.is_empty()
    }

    /// How its brand may be read: its first two or three characters; one in Latin letters as it is.
    pub fn brands(&self) -> Vec<String> {
        let read = |length: usize| self.readings.get(..length).map(<[_]>::concat);
        let read = [2, 3].into_iter().filter_map(read);
        let first = |brand: &&str| brand.split(' ').next().unwrap_or_default().to_string();
        let elsewhere = self.elsewhere.iter().map(first);
        match &self.latin {
            Some(latin) => vec![latin.clone()],
            None => read.chain(elsewhere).collect(),
        }
    }

    /// Its core behind the short name of the district that it says it is in, as people run the two together: 洪山海新餐饮店.
    fn behind_district(&self) -> Option<Vec<char>> {
        let place = self.place.or(self.places.first().copied());
        let place = place.filter(|place| level(*place) == Level::District)?;
        let name = divisions::name(place)?.strip_suffix(['区', '县', '市'])?;
        Some(name.chars().chain(self.core.iter().copied()).collect())
    }
}

/// What the brand at the start of a name is called elsewhere: of 西门子, siemens.
fn brands_elsewhere(core: &str) -> Vec<&'static str> {
    static BRANDS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
        let mut brands: HashMap<&str, Vec<&str>> = HashMap::new();
        for [brand, chinese] in reference::rows::<2>(Table::Brands) {
            for name in chinese.split_whitespace() {
                brands.entry(name).or_default().push(brand);
            }
        }
        brands
    });
    let ends = core.char_indices().map(|(at, c)| at + c.len_utf8());
    let longest = ends.filter_map(|end| BRANDS.get(&core[..end])).last();
    longest.cloned().unwrap_or_default()
}

/// Whether two cores are the same but for two characters that are swapped, or one that is left out, of five. One that is another may be
/// another firm's.
fn is_slip(one: &[char], other: &[char]) -> bool {
    // Of four, two swapped in the trade: 博源化工, 博源工化.
    let shortest = if one.len() == other.len() { 4 } else { 5 };
    let is_brand = |at: usize| at < 2 && one.len().min(other.len()) < 5;
    let starts_late = one
        .iter()
        .zip(other)
        .position(|(one, other)| one != other)
        .is_none_or(|at| !is_brand(at));
    let letters = |core: &[char]| {
        let mut letters = core.to_vec();
        letters.sort_unstable();
        letters
    };
    // 湘雅二医院 is not 湘雅医院.
    let numerals = |core: &[char]| {
        let is_told = |at: &usize| is_numeral(core[*at]) && core.get(at + 1) != Some(&'货');
        (0..core.len()).filter(is_told).count()
    };
    one.len().max(other.len()) >= shortest
        && starts_late
        && (one.len() != other.len() || letters(one) == letters(other))
        && numerals(one) == numerals(other)
        && rapidfuzz::distance::osa::distance(one.iter().copied(), other.iter().copied()) == 1
}

/// Whether two cores are one but for a character of the trade behind the brand, which makes a word of no trade: 五金制品, 五金制口.
fn is_typed_trade(one: &[char], other: &[char]) -> bool {
    const BRAND: usize = 2;
    if one.len() != other.len() || one.len() < BRAND + 2 {
        return false;
    }
    let mut differ = (0..one.len()).filter(|at| one[*at] != other[*at]);
    let (Some(at), None) = (differ.next(), differ.next()) else {
        return false;
    };
    let is_trade_at = |core: &[char]| {
        let starts = [at.wrapping_sub(1), at].into_iter();
        let words = starts.filter(|start| *start >= BRAND && *start != usize::MAX);
        words
            .filter_map(|start| core.get(start..start + 2))
            .any(|word| is_trade_word(&word.iter().collect::<String>()))
    };
    at >= BRAND
        && !is_numeral(one[at])
        && !is_numeral(other[at])
        && is_trade_at(one) != is_trade_at(other)
}

/// Whether a word says what a firm does.
fn is_trade_word(word: &str) -> bool {
    const MORE: &[&str] = &[
        "制品", "用品", "材料", "配件", "器材", "仪器", "塑胶", "塑料", "模具", "纸业", "纺织",
    ];
    trade_words::is_trade(word) || MORE.contains(&word) || !has_brand(word)
}

/// How characters are read, those that are.
fn reading(characters: impl Iterator<Item = char>) -> Vec<String> {
    characters
        .filter(|c| is_han(*c))
        .filter_map(plain)
        .collect()
}

/// Which branch it is, by what stands behind its head office.
fn branch_of(name: &str) -> Option<Branch> {
    let kinds = BRANCHES.iter().chain(BRANCHES_OF_COMPANIES);
    let kind = kinds.filter(|kind| name.ends_with(**kind));
    let kind = kind.max_by_key(|kind| kind.len())?;
    let stem = name.strip_suffix(kind)?;
    // 贵阳市花溪支行 is at 花溪.
    if let Some(place) = innermost(stem) {
        return Some(Branch {
            place: Some(place),
            name: kind.to_string(),
            is_of_place: true,
            candidates: Vec::new(),
        });
    }
    let (place, called) = behind_city(stem);
    let mut candidates: Vec<u32> = named(stem).iter().map(|place| place.code).collect();
    candidates.sort_unstable();
    candidates.dedup();
    Some(Branch {
        place,
        name: format!("{called}{kind}"),
        is_of_place: false,
        candidates,
    })
}

/// The city at the start of what a branch is called, and the rest: 广州 of 广州万达广场. 南京路 is in no Nanjing.
fn behind_city(stem: &str) -> (Option<u32>, String) {
    const SHORTEST: usize = 2;
    let characters: Vec<char> = stem.chars().collect();
    let city = starting(&characters).find_map(|(length, divisions)| {
        let current = divisions.iter().filter(|place| place.is_current);
        let mut cities = current.filter(|place| level(place.code) != Level::District);
        let city = cities.next()?.code;
        let rest = &characters[length..];
        let is_one = cities.all(|other| is_within(other.code, city));
        let is_name = rest.len() >= SHORTEST && !is_road_ahead(rest);
        (is_one && is_name).then(|| (city, rest.iter().collect()))
    });
    match city {
        Some((city, rest)) => (Some(city), rest),
        None => (None, stem.to_string()),
    }
}

/// The last of places that stand in one another, where a text is these alone, and each is one: 朝阳 alone is a city and a district.
fn innermost(text: &str) -> Option<u32> {
    let characters: Vec<char> = text.chars().collect();
    let mut rest = characters.as_slice();
    let mut outer: Option<u32> = None;
    while !rest.is_empty() {
        let (length, codes) = starting(rest).find_map(|(length, divisions)| {
            let is_in = |code: &u32| outer.is_none_or(|outer| is_within(*code, outer));
            let current = divisions.iter().filter(|place| place.is_current);
            let mut codes: Vec<u32> = current.map(|place| place.code).filter(is_in).collect();
            if codes.is_empty() {
                codes.extend(divisions.iter().map(|place| place.code).find(is_in));
            }
            codes.sort_unstable();
            codes.dedup();
            (!codes.is_empty()).then_some((length, codes))
        })?;
        // 吉林省吉林市: a province or a city before one of its own.
        let [code] = codes[..] else {
            return None;
        };
        rest = &rest[length..];
        outer = Some(code);
    }
    outer
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
    for code in counties(NO_BRANDS) {
        let name = divisions::name(code).and_then(|name| name.strip_suffix(['市', '县', '区']));
        let reading = name.map(|name| reading(name.chars()).concat());
        places
            .entry(reading.unwrap_or_default())
            .or_default()
            .push(code);
    }
    for (name, code) in SPELLED_PLACES {
        places.entry((*name).to_string()).or_default().push(*code);
    }
    places
});

/// Places that are not spelled as they are read.
const SPELLED_PLACES: &[(&str, u32)] = &[
    ("shaanxi", 610_000),
    ("innermongolia", 150_000),
    ("harbin", 230_100),
    ("hohhot", 150_100),
    ("urumqi", 650_100),
    ("lhasa", 540_100),
    ("tibet", 540_000),
    ("peking", 110_000),
    ("tsingtao", 370_200),
    ("hongkong", 810_000),
    ("macau", 820_000),
    ("macao", 820_000),
    ("taiwan", 710_000),
    ("taipei", 710_000),
];

/// A Latin name with places of two words in one.
pub fn with_joined_places(latin: &str) -> String {
    latin
        .replace("hong kong", "hongkong")
        .replace("inner mongolia", "innermongolia")
}

/// Whether a word of a Latin name is a place in China, or China.
pub fn is_place(word: &str) -> bool {
    word == "china" || PLACES.contains_key(word)
}

/// A core without words that many leave out: of a chain that it is one, of a town's hospital that its place is a town, and what kind of town.
fn without_filling(core: Vec<char>) -> (Vec<char>, Option<String>) {
    static TOWN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(\p{Han}{2,4}?)(?:\p{Han}{1,3}族)*(镇|乡|街道)(卫生院|卫生服务中心|敬老院)$")
    });
    const SHORTEST: usize = 4;
    let text: String = core.iter().collect();
    let kind = TOWN.captures(&text).map(|found| found[2].to_string());
    let short = TOWN.replace(&text, "$1$3").replace("连锁", "");
    match short != text && short.chars().count() >= SHORTEST {
        true => (short.chars().collect(), kind),
        false => (core, None),
    }
}

/// The core of a small shop or of a committee without the town that stands before it, and the town.
fn without_town(core: Vec<char>) -> (Vec<char>, Option<String>) {
    static TOWN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(\p{Han}{2,4}?)(街道|镇|乡)(\p{Han}{4,})$"));
    const SMALL: &[&str] = &[
        "店",
        "商行",
        "经营部",
        "服务部",
        "维修部",
        "门市部",
        "加工厂",
        "馆",
        "坊",
        "铺",
        "超市",
        "居民委员会",
        "村民委员会",
        "卫生室",
        "卫生服务站",
        "药房",
        "诊所",
    ];
    let text: String = core.iter().collect();
    let Some(found) = TOWN.captures(&text) else {
        return (core, None);
    };
    let town = format!("{}{}", &found[1], &found[2]);
    // 威尼斯小镇咖啡馆 is called so, and 景德镇 is a city.
    let is_name = found[1].ends_with(['小', '古', '水', '新']) || !named(&town).is_empty();
    match !is_name && SMALL.iter().any(|end| found[3].ends_with(end)) {
        true => (found[3].chars().collect(), Some(town)),
        false => (core, None),
    }
}

/// What is called after the place that it comes from, and is in every town.
const DISHES: &[&str] = &[
    "小吃",
    "拉面",
    "牛肉面",
    "牛肉拉面",
    "米粉",
    "米线",
    "小面",
    "螺蛳粉",
    "热干面",
    "麻辣烫",
    "火锅",
    "烤鸭",
    "板鸭",
    "烧饼",
    "馄饨",
    "云吞",
    "水饺",
    "饺子",
    "包子",
    "凉皮",
    "肉夹馍",
    "泡馍",
    "刀削面",
    "手擀面",
    "烩面",
    "臭豆腐",
    "串串",
    "烧烤",
    "卤味",
    "早点",
    "生煎",
    "肠粉",
    "过桥米线",
    "羊肉",
    "驴肉",
];

/// A Chinese key without the place that it names, and that place's code: 杭州明达科技 and 明达(杭州)科技. Where several places have the
/// name, all of theirs.
fn without_place(key: &str) -> (Vec<char>, Option<u32>, Vec<u32>) {
    // A short name of a district may as well be a brand: 南山, 朝阳.
    let place_of = |divisions: &[Division], outer: Option<u32>| {
        let is_clear = |place: &&Division| {
            let is_zone_of_it = outer.is_some() && is_zone(place.code);
            let is_clear = is_zone_of_it || NAMED_IN_SHORT.contains(&place.code);
            !place.is_short || level(place.code) != Level::District || is_clear
        };
        let codes = divisions.iter().filter(is_clear).map(|place| place.code);
        codes
            .into_iter()
            .find(|code| outer.is_none_or(|outer| is_within(*code, outer)))
    };
    // 和平区 is in four cities.
    let is_in_several = |divisions: &[Division]| {
        let mut codes: Vec<u32> = divisions.iter().map(|place| place.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes.len() > 1 && codes.iter().all(|code| level(*code) == Level::District)
    };
    if let (Some(open), Some(end)) = (key.find('('), key.find(')'))
        && open < end
        && let inside = &key[open + 1..end]
        && let Some(code) = place_of(named(inside), None).or((inside == "中国").then_some(CHINA))
    {
        let core = key[..open].chars().chain(key[end + 1..].chars());
        return (core.collect(), Some(code), Vec::new());
    }
    // 中国工商银行 is 工商银行; 中国银行 is no other bank.
    if let Some(rest) = key.strip_prefix("中国")
        && rest.chars().count() >= 4
    {
        // 中国苏州鼎盛 is of Suzhou.
        return match without_place(rest) {
            (core, Some(place), places) => (core, Some(place), places),
            _ => (rest.chars().collect(), Some(CHINA), Vec::new()),
        };
    }
    let characters: Vec<char> = key.chars().collect();
    let mut core = characters.as_slice();
    let mut place = None;
    // A prefecture in Tibet, and not where Alibaba is from.
    if key.starts_with("阿里") && !key.starts_with("阿里地区") {
        return (characters, None, Vec::new());
    }
    // A province, then a city in it, then a district: what is left has to be a name still.
    loop {
        // 大同镇卫生院 is not in 大同; 成都乡村基 is.
        const OF_TOWNS: &[&str] = &[
            "院",
            "学",
            "委员会",
            "室",
            "站",
            "政府",
            "所",
            "中心",
            "园",
            "合作社",
            "组",
        ];
        let is_of_town = OF_TOWNS.iter().any(|end| key.ends_with(end));
        let is_town = |length: usize| is_of_town && matches!(core[length], '镇' | '乡' | '村');
        // 沙县小吃 and 兰州拉面 are sold everywhere.
        let is_dish = |length: usize| {
            let behind: String = core[length..].iter().take(4).collect();
            let is_short = length == 2 || !matches!(core[length - 1], '省' | '市' | '区' | '县');
            is_short && DISHES.iter().any(|dish| behind.starts_with(dish))
        };
        let mut places = starting(core).filter(|(length, _)| {
            core.len() >= length + 2 && !is_town(*length) && !is_dish(*length)
        });
        let next = places.find_map(|(length, divisions)| {
            let code = place_of(divisions, place)?;
            let is_known = place.is_some() || !is_in_several(divisions);
            Some((length, is_known.then_some(code)))
        });
        let Some((length, code)) = next else {
            return (core.to_vec(), place, Vec::new());
        };
        let name: String = core[..length].iter().collect();
        core = &core[length..];
        if code.is_none() {
            let places = named(&name).iter().filter(|place| place.is_current);
            return (
                core.to_vec(),
                None,
                places.map(|place| place.code).collect(),
            );
        }
        place = code;
    }
}

fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || "一二三四五六七八九十百".contains(c)
}

/// Whether two names have other numbers: 第七中学 is not 第十七中学.
fn are_numbered_otherwise(core: &[char], other: &[char]) -> bool {
    let numerals =
        |core: &[char]| -> String { core.iter().copied().filter(|c| is_numeral(*c)).collect() };
    let (one, other) = (numerals(core), numerals(other));
    !one.is_empty() && !other.is_empty() && one != other
}
