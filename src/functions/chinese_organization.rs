//! Names of organisations in Chinese characters: what they are matched on, without legal forms, notes and other names.

use std::sync::LazyLock;

use regex::Regex;

use super::address::pattern;
use super::chinese_number;
use super::chinese_organization_level::{CHINA, ChineseName};
use super::chinese_organization_words::{
    BRANCHES, BRANCHES_OF_COMPANIES, DEPARTMENTS, FORMS, HEADS, NOTES, SHOPS,
};
use super::divisions::{Division, Level, level, named, starting};
use super::fold::{is_han, simplify};
use super::{surnames, trade_words};

/// The head of a branch of which no legal form says where it ends, 鼎盛机电 of 鼎盛机电无锡分公司: two characters at least.
fn before_place<'a>(key: &'a str, kind: &str) -> Option<&'a str> {
    let stem = key.strip_suffix(kind)?;
    /// Characters of the longest place.
    const LONGEST: usize = 12;
    let ahead = stem.chars().count().saturating_sub(LONGEST).max(2);
    let mut starts = stem.char_indices().skip(ahead).map(|(at, _)| at);
    let place = starts.find(|at| !named(&stem[*at..]).is_empty())?;
    Some(&stem[..place])
}

/// The head of what is surely a branch, whatever it says of its place: 宏兴箱包 of 宏兴箱包第2分公司.
fn before_number(key: &str) -> Option<&str> {
    let stem = key.strip_suffix("分公司").or(key.strip_suffix("支公司"))?;
    let number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let head = stem.trim_end_matches(number);
    let head = head.strip_suffix('第').unwrap_or(stem);
    (head.chars().count() >= 2).then_some(head)
}

/// Whether what stands before 办 is a county without its word, which may be a word: 平安.
fn is_short_county(behind: &str) -> bool {
    let places = named(behind.trim_end_matches('办'));
    let is_of_county = |place: &Division| place.is_short && level(place.code) == Level::District;
    places.iter().all(is_of_county)
}

/// A branch behind its head office, whose end a legal form tells.
fn of_branch(head: &str, branch: &str) -> String {
    let has_form = FORMS.iter().any(|form| head.ends_with(form));
    format!("{head}{}{branch}", if has_form { "" } else { "公司" })
}

/// In brackets behind a name, a year, or whom to ask for: (2023), (张总).
static NOTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\((?:(?:19|20)[0-9]{2}年?|\p{Han}{1,3}(?:总|经理|先生|女士|小姐|主任|会计)|(?:经营者|负责人|业主|店主|老板|法人)\p{Han}{2,4}|月结[0-9]+天?)\)$",
    )
});

/// Takes clerks' notes out, (停用); a branch in brackets at the end comes out of them.
fn without_notes(mut plain: String) -> String {
    // (个体工商户) is a form where no other is.
    let has_form = plain.contains("公司");
    let is_form = |note: &str| !has_form && FORMS.iter().any(|form| form.contains(note));
    for note in NOTES.iter().filter(|note| !is_form(note)) {
        plain = plain.replace(&format!("({note})"), "");
    }
    plain = NOTED.replace(&plain, "").into_owned();
    let is_of_company =
        |name: &str| name.ends_with("公司") || BRANCHES.iter().any(|kind| name.ends_with(kind));
    let mut departments = DEPARTMENTS.iter();
    let company = departments.find_map(|department| plain.strip_suffix(department));
    if let Some(company) = company.filter(|name| is_of_company(name)) {
        plain = company.to_string();
    }
    let inside = plain
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('));
    let Some((name, inside)) = inside else {
        return plain;
    };
    let is_of_company = |name: &str, inside: &str| {
        let mut kinds = BRANCHES_OF_COMPANIES.iter();
        name.ends_with("公司") && kinds.any(|kind| inside.ends_with(kind))
    };
    // Behind the legal form stands a place, a part of the company, or a note: (暂估).
    const PARTS: &[char] = &[
        '店', '部', '厂', '仓', '所', '行', '院', '库', '司', '心', '站', '处', '校', '区', '团',
        '伙',
    ];
    let is_note = |inside: &str| {
        let is_part = inside.ends_with(PARTS) || inside.contains(['原', '曾', '(']);
        !is_part && named(inside).is_empty() && inside.chars().any(is_han)
    };
    match () {
        () if name.ends_with("公司") && is_note(inside) => without_notes(name.to_string()),
        () if is_of_owner(name, inside) => without_notes(name.to_string()),
        () if BRANCHES.iter().any(|kind| inside.ends_with(kind)) => of_branch(name, inside),
        () if is_of_company(name, inside) => of_branch(name, inside),
        // 鼎盛火锅(观前店); (酒店) is no branch.
        () if inside.chars().count() >= 3 && inside.ends_with('店') => {
            match SHOPS.iter().any(|kind| inside.ends_with(kind)) {
                true => plain,
                false => of_branch(name, &format!("{}分店", inside.trim_end_matches('店'))),
            }
        }
        () if !name.contains("公司") && MALLS.iter().any(|mall| inside.ends_with(mall)) => {
            of_branch(name, &format!("{inside}分店"))
        }
        () => plain,
    }
}

/// Whether brackets behind a small shop have its owner's name: 王建国五金店(王建国).
fn is_of_owner(name: &str, inside: &str) -> bool {
    const SHOPS: &[char] = &['店', '部', '行', '厂', '馆', '铺', '坊', '社'];
    let length = surnames::length(inside);
    (2..=3).contains(&inside.chars().count())
        && inside.chars().all(is_han)
        && name.ends_with(SHOPS)
        && length.is_some_and(|length| length < inside.len())
        && named(inside).is_empty()
        && !NOTES.contains(&inside)
}

/// What stands before another name of it in brackets, a longer mark before what it begins with.
const FORMER: &[&str] = &[
    "原名为",
    "原名",
    "更名前",
    "变更前",
    "前身为",
    "前身",
    "原",
    "曾用名",
    "现更名为",
    "已更名为",
    "更名为",
    "新名称",
    "现用名",
    "现名",
    "旧名",
    "现",
];

/// The key of the name in brackets that it had before, or has since: (原杭州明达有限公司), (现更名为…).
pub(super) fn former_name(folded: &str) -> Option<String> {
    let marks = ["(", "曾用名", "公司原"];
    if !marks.iter().any(|mark| folded.contains(mark)) {
        return None;
    }
    let plain = letters_of(folded);
    if let Some((_, second)) = second_name(&plain) {
        return key(second);
    }
    let (open, end) = former_at(&plain)?;
    let inside = &plain[open + 1..end];
    let name = FORMER.iter().find_map(|mark| inside.strip_prefix(mark))?;
    key(name)
}

/// A hospital or a school, and the second name that it has in brackets: 北京市第二人民医院(滨海大学附属北京第二医院).
fn second_name(plain: &str) -> Option<(&str, &str)> {
    const LETTERS: usize = 5;
    let (name, second) = plain.strip_suffix(')')?.split_once('(')?;
    let ends = ["医院", "保健院", "中学", "小学", "学校", "学院"];
    let is_of_kind = |name: &str| ends.iter().any(|end| name.ends_with(end));
    let is_name = second.chars().count() >= LETTERS && !second.contains('(');
    (is_name && is_of_kind(name) && is_of_kind(second)).then_some((name, second))
}

/// Where another name of it stands in brackets: (原杭州明达有限公司), (原名…), (曾用名…), (现更名为…); (原料) is no name.
fn former_at(plain: &str) -> Option<(usize, usize)> {
    let is_former = |at: &usize| FORMER.iter().any(|mark| plain[*at + 1..].starts_with(mark));
    let open = plain.match_indices('(').map(|(at, _)| at).find(is_former)?;
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
    const NO_NAMES: &[&str] = &[
        "原材料",
        "原生态",
        "原创",
        "原产地",
        "原料",
        "原始",
        "现金",
        "现结",
        "现代",
        "现场",
    ];
    let is_word = NO_NAMES.iter().any(|word| inside.starts_with(word));
    let is_name = ["原名", "现用名", "现名"]
        .iter()
        .any(|mark| inside.starts_with(mark))
        || !inside.starts_with(['原', '现'])
        || (inside.chars().count() >= NAME && !is_word)
        || FORMS.iter().any(|form| inside.ends_with(form));
    is_name.then_some((open, end))
}

/// What people say for the banks, before the word for a branch or alone.
const BANKS: &[(&str, &str)] = &[
    ("工行", "工商银行"),
    ("建行", "建设银行"),
    ("农行", "农业银行"),
    ("中行", "中国银行"),
    ("交行", "交通银行"),
    ("招行", "招商银行"),
];
/// The same, wherever it stands.
const SHORT_NAMES: &[(&str, &str)] = &[
    ("农商银行", "农村商业银行"),
    ("农商行", "农村商业银行"),
    ("邮储银行", "邮政储蓄银行"),
    ("浦发银行", "浦东发展银行"),
    ("人保财险", "人民财产保险"),
    ("国寿财险", "人寿财产保险"),
    ("平安产险", "平安财产保险"),
    ("太保产险", "太平洋财产保险"),
    ("太保寿险", "太平洋人寿保险"),
    ("中石化", "中国石化"),
    ("中石油", "中国石油"),
    ("中银香港", "中国银行(香港)"),
    ("北医三院", "北京大学第三医院"),
    ("新疆生产建设兵团", "兵团"),
    ("(股)公司", "股份有限公司"),
];

/// A name without the contact who stands behind it: 鼎诚轴承-黄总, 明达机电 王工.
fn without_contact(name: &str) -> &str {
    static CONTACT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(.*\p{Han}{3}\)?)[\s\-—–_/·]+(\p{Han}{1,2})(?:总|工|经理|老板|哥|姐|先生|女士|小姐|会计|主任|厂长)$",
        )
    });
    match CONTACT.captures(name) {
        Some(found) if surnames::known(&found[2]).is_some() => {
            found.get(1).map_or(name, |name| name.as_str())
        }
        _ => name,
    }
}

/// Where many shops are.
const MALLS: &[&str] = &[
    "广场",
    "银泰城",
    "大悦城",
    "万象城",
    "印象城",
    "天街",
    "来福士",
    "客运中心",
    "火车站",
    "机场",
    "商场",
    "购物中心",
];

/// What a clerk's list puts in front: 001杭州明达, 供应商:杭州明达.
static AHEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:0[0-9]{1,4}[-.、\s]*|(?:供应商|客户|经销商|客商|往来单位)(?:名称)?[:\s-]+)(\p{Han}.*)$",
    )
});
/// Behind a company what it was called: 明达有限公司原杭州旺达五金厂.
static RENAMED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(.*公司)原(\p{Han}{5,})$"));

/// The simplified letters, digits and brackets of a name.
fn letters_of(folded: &str) -> String {
    let simple = simplify(folded).to_lowercase();
    let is_of_list = simple.starts_with(['0', '供', '客', '经', '往']);
    let simple = match is_of_list {
        true => AHEAD.replace(&simple, "$1").into_owned(),
        false => simple,
    };
    let simple = match simple.contains("公司原") {
        true => RENAMED.replace(&simple, "$1(原$2)").into_owned(),
        false => simple,
    };
    let simple = without_contact(&simple).to_string();
    // 德博科技-江湖路店, 明达科技有限公司-财务部: what stands behind the dash is a branch or a note.
    let (name, behind) = simple.rsplit_once(['-', '—', '–']).unwrap_or((&simple, ""));
    let is_note = name.ends_with("公司")
        && (1..=4).contains(&behind.chars().count())
        && named(behind).is_empty();
    let is_part = NOTES.contains(&behind)
        || is_note
        || ["店", "部", "分公司", "办事处"]
            .iter()
            .any(|end| behind.ends_with(end));
    // 瑞幸咖啡-长沙大悦城: a shop in a mall.
    let is_shop = !name.contains("公司") && MALLS.iter().any(|mall| behind.ends_with(mall));
    let simple = match behind.chars().all(is_han) {
        true if is_shop => format!("{name}({behind}店)"),
        true if is_part => format!("{name}({behind})"),
        _ => simple,
    };
    let letters = simple.chars();
    let letters: String = letters
        .filter(|c| c.is_alphanumeric() || "()".contains(*c))
        .collect();
    match letters.split_once("曾用名") {
        Some((name, former)) if !name.is_empty() && !name.ends_with('(') => {
            format!("{name}(曾用名{former})")
        }
        _ => letters,
    }
}

/// What people call a school, a hospital or an office, and its full name.
const SHORT_KINDS: &[(&str, &str)] = &[
    ("律所", "律师事务所"),
    ("实小", "实验小学"),
    ("附小", "附属小学"),
    ("附中", "附属中学"),
    ("附院", "附属医院"),
    ("人社局", "人力资源和社会保障局"),
    ("人力资源社会保障局", "人力资源和社会保障局"),
    ("村村民委员会", "村民委员会"),
    ("村委会", "村民委员会"),
    ("居委会", "居民委员会"),
    ("业委会", "业主委员会"),
    ("汽修厂", "汽车修理厂"),
    ("市监局", "市场监督管理局"),
    ("市场监管局", "市场监督管理局"),
    ("住建局", "住房和城乡建设局"),
    ("卫健局", "卫生健康局"),
    ("卫健委", "卫生健康委员会"),
    ("发改委", "发展和改革委员会"),
    ("发改局", "发展和改革局"),
    ("城管局", "城市管理局"),
    ("人力社保局", "人力资源和社会保障局"),
    ("交管局", "交通管理局"),
    ("国家税务局", "税务局"),
    ("社区卫生服务中心", "卫生服务中心"),
    ("街道卫生服务中心", "卫生服务中心"),
    ("社区卫生服务站", "卫生服务站"),
    ("中心卫生院", "卫生院"),
    ("村卫生所", "村卫生室"),
];
/// A school of a university: 清华大学附属中学, 清华附中.
static OF_SCHOOL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"大学附属(中学|小学|初级中学|高级中学|实验)"));
/// 华东师大.
static TEACHERS: LazyLock<Regex> = LazyLock::new(|| pattern(r"师大($|附属|第)"));
/// A school by its number behind a name: 翠苑一小.
static NUMBERED_SCHOOL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\p{Han}{2,6}[一二三四五六七八九十]小$"));
/// A legal form with its characters in disorder: 货有运限公司.
static SWAPPED_FORM: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"有(\p{Han})限(责任)?公司|([^有])限有(责任)?公司"));
/// A company of a province of an operator of phones: 中国移动通信集团浙江有限公司杭州分公司.
static OPERATOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:中国移动通信集团(\p{Han}*?)|中国联合网络通信(?:集团)?|中国电信(?:集团)?)(?:股份)?有限公司(\p{Han}*)$",
    )
});
/// What people call it: 浙江移动.
static SHORT_OPERATOR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(\p{Han}{2,4}?)(移动|联通|电信)(?:分?公司)?$"));
/// A company of the State Grid behind that of its province.
static GRID: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^国网\p{Han}{2,5}电力(?:有限)?公司(\p{Han}{2,})$"));
/// Who is in business alone, before or behind the name: 个体户覃红, 郭宁(个体户).
static ALONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:个体(?:工商)?户)(\p{Han}{2,4})$|^(\p{Han}{2,4})(?:\((?:个体(?:工商)?户?|个人|运费)\)|个体(?:工商)?户)$",
    )
});
/// A hospital of the army by its number.
static OF_ARMY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^第?[0-9〇零一二三四五六七八九]{3}医院$"));
/// A hospital of a university: 第4附属医院 and 附4院 are 附属第4医院.
static ATTACHED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"第?([0-9]+|[一二三四五六七八九十]+)附属医院$|附属?第?([0-9]+|[一二三四五六七八九十]+)医?院$",
    )
});
/// A police station's district stands behind its city: 杭州市公安局余杭区分局.
static POLICE: LazyLock<Regex> = LazyLock::new(|| pattern(r"公安局(\p{Han}{2,8})分局$"));
/// An office of a street says whose it is: 余杭区人民政府五常街道办事处.
static STREET: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"人民政府(\p{Han}{2,6}街道办(?:事处)?)$"));
/// A number in a name that is read as one: 中铁四局, 二十一世纪.
static COUNTED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(^|中[铁建交冶化煤])([一二三四五六七八九十]+)(局|世纪)"));
/// A number of one of several: 第九中学, 第一分公司.
static ORDINAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"第([一二三四五六七八九十百]+)"));
/// The number of a school or a hospital at the end, with its word or without: 第9中学, 九中.
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"第?([0-9]+|[一二三四五六七八九十]+)(中学?|小学?|人民医院|医?院|幼儿园)$")
});
/// A university of medicine in short, before one of its hospitals: 中国医大一院.
static OF_MEDICINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\p{Han}{2,})医大(附|第?[一二三四五六七八九]医?院)"));
/// Its hospital by a number alone.
static OF_UNIVERSITY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"大学第?([0-9]+|[一二三四五六七八九十]+)医?院$"));
/// A regiment of the corps in Xinjiang, which is a place: 兵团第八师一四三团医院, 八师143团.
static REGIMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:兵团)?(?:第?([0-9一二三四五六七八九十]+)师)?([0-9]{1,3}|[一二三四五六七八九〇零十]{1,3})团",
    )
});
/// A company of it.
static COMPANY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([0-9]+团)([一二三四五六七八九十]+)连"));
/// A shop of a chain that says no legal form: 一树药业龙岗店, 永辉超市花果园店.
static CHAIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(\p{Han}{2,}(?:药业|大?药房|连锁|超市|便利|火锅|咖啡|烤鱼|烤肉|餐厅|酒楼|宾馆|影城|书城|眼镜|珠宝|生鲜|水果|烘焙|蛋糕|茶饮|奶茶|小吃|拉面|米粉|米线|小面|热干面|麻辣烫|黄焖鸡|炸鸡|汉堡|烤鸭|百货|家居|口腔|健身|科技|通讯|电器|商贸))(\p{Han}{2,8}[0-9]?店)$",
    )
});

/// A branch by its number alone: 明达公司一分公司.
static NUMBERED_BRANCH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(公司)([一二三四五六七八九十]+分公司)$"));
/// An office that says where it is stationed.
static STATIONED: LazyLock<Regex> = LazyLock::new(|| pattern(r"驻(\p{Han}{2,8})(办事处|代表处)$"));
/// A branch with its place in brackets.
static IN_BRACKETS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(公司)\((\p{Han}{2,8})\)(分公司|办事处|代表处|营业部|经营部)$"));
static GOVERNMENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"([省市县区镇乡])政府"));

/// What people call universities, alone or before one of their hospitals.
const UNIVERSITIES: &[(&str, &str)] = &[
    ("浙大", "浙江大学"),
    ("郑大", "郑州大学"),
    ("苏大", "苏州大学"),
    ("吉大", "吉林大学"),
    ("兰大", "兰州大学"),
    ("山大", "山东大学"),
    ("川大", "四川大学"),
    ("武大", "武汉大学"),
    ("中大", "中山大学"),
    ("温医大", "温州医科大学"),
    ("安医大", "安徽医科大学"),
    ("哈医大", "哈尔滨医科大学"),
    ("南医大", "南京医科大学"),
    ("重医大", "重庆医科大学"),
    ("广医", "广州医科大学"),
    ("重医", "重庆医科大学"),
    ("昆医大", "昆明医科大学"),
    ("福医大", "福建医科大学"),
    ("北大", "北京大学"),
    ("南大", "南京大学"),
    ("中科大", "中国科学技术大学"),
    ("华科大", "华中科技大学"),
    ("上海交大", "上海交通大学"),
    ("西安交大", "西安交通大学"),
];

/// A hospital of a university in full: 浙大一院, 郑大一附院.
fn of_university(plain: &str) -> Option<String> {
    static NUMBERED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^附?属?第?([0-9]+|[一二三四五六七八九十]+)附?属?医?院$"));
    let mut universities = UNIVERSITIES.iter();
    let (name, rest) =
        universities.find_map(|(short, name)| Some((name, plain.strip_prefix(short)?)))?;
    if rest.is_empty() {
        return Some(name.to_string());
    }
    let number = NUMBERED.captures(rest)?;
    Some(format!("{name}附属第{}医院", &number[1]))
}

/// Whether a text is places and nothing else, 深圳市南山区.
fn is_of_places(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let mut rest = characters.as_slice();
    while let Some((length, _)) = starting(rest).next() {
        rest = &rest[length..];
    }
    rest.is_empty() && !text.is_empty()
}

/// A public body in its full name, its number in digits.
fn of_public(plain: &str) -> String {
    let full = SHORT_KINDS.iter().find_map(|(short, full)| {
        let stem = plain.strip_suffix(short)?;
        Some(format!("{stem}{full}"))
    });
    let full = full.unwrap_or_else(|| plain.to_string());
    let full = full.strip_prefix("国家税务总局").unwrap_or(&full);
    let full = match full.strip_prefix("中国人民解放军") {
        // 中国人民解放军第302医院 is 302医院.
        Some(rest) if OF_ARMY.is_match(rest) => rest.to_string(),
        Some(rest) if rest.ends_with("医院") => format!("解放军{rest}"),
        _ => full.to_string(),
    };
    // Everybody knows the army's general hospital by the number that it had.
    let full = match full.strip_prefix("解放军").unwrap_or(&full) {
        "301医院" | "第301医院" => "解放军总医院".to_string(),
        _ => full,
    };
    let full = full.replace("公安局交通管理局", "交通管理局");
    let full = of_university(&full).unwrap_or(full);
    let full = full.replace("大学医学院附属", "大学附属");
    let full = OF_MEDICINE.replace(&full, "${1}医科大学$2");
    let full = OF_UNIVERSITY.replace(&full, "大学附属第${1}医院");
    let full = POLICE.replace(&full, |found: &regex::Captures| {
        let district = format!("{}区", &found[1]);
        let is_district = !named(&district).is_empty();
        format!(
            "{}公安分局",
            if is_district { &district } else { &found[1] }
        )
    });
    // 海淀区公安局 is 北京市公安局海淀区分局.
    let full = match full.strip_suffix("区公安局") {
        Some(district) => format!("{district}区公安分局").into(),
        None => full,
    };
    // 杭州市市场监督管理局 is 杭州市场监督管理局 as well.
    let full = full.replace("市市场监督", "市场监督");
    let full = OF_SCHOOL.replace(&full, "附属$1");
    let full = TEACHERS.replace(&full, "师范大学$1");
    let full = STREET.replace(&full, "$1");
    let full = GOVERNMENT.replace(&full, "${1}人民政府");
    let full = ATTACHED.replace(&full, |found: &regex::Captures| {
        let number = found.get(1).or(found.get(2));
        format!("附属第{}医院", number.map_or("", |number| number.as_str()))
    });
    let in_digits = |number: &str| chinese_number::parse(number).unwrap_or(number.to_string());
    let full = ORDINAL.replace_all(&full, |found: &regex::Captures| {
        format!("第{}", in_digits(&found[1]))
    });
    let digits = |number: &str| -> String {
        let each = number.chars();
        let each = each.map(|c| "〇一二三四五六七八九".chars().position(|digit| digit == c));
        let each: Option<Vec<usize>> = each.collect();
        match each {
            Some(digits) if digits.len() > 1 => digits.iter().map(usize::to_string).collect(),
            _ => in_digits(number),
        }
    };
    let full = REGIMENT.replace(&full, |found: &regex::Captures| {
        let division = found.get(1).map(|of| format!("{}师", digits(of.as_str())));
        let regiment = digits(&found[2].replace('零', "〇"));
        format!("{}{regiment}团", division.unwrap_or_default())
    });
    let full = COMPANY.replace(&full, |found: &regex::Captures| {
        format!("{}{}连", &found[1], in_digits(&found[2]))
    });
    let full = COUNTED.replace_all(&full, |found: &regex::Captures| {
        format!("{}{}{}", &found[1], in_digits(&found[2]), &found[3])
    });
    let full = full.into_owned();
    let Some(found) = NUMBERED.captures(&full) else {
        // 西岗区医院 is its 人民医院.
        let stem = full
            .strip_suffix("医院")
            .filter(|stem| is_of_places(stem) && stem.ends_with(['区', '县', '市', '旗']));
        return stem.map_or(full.clone(), |stem| format!("{stem}人民医院"));
    };
    let stem = &full[..full.len() - found[0].len()];
    // 航天三院 is no hospital.
    let kind = match &found[2] {
        "小" if NUMBERED_SCHOOL.is_match(&full) => "小学",
        "中" if stem.is_empty() => "中学",
        "中" | "小" | "院" | "医院" if !is_of_places(stem) => return full,
        "中" => "中学",
        "小" => "小学",
        "院" | "医院" => "人民医院",
        kind => kind,
    };
    format!("{stem}第{}{kind}", in_digits(&found[1]))
}

/// A Chinese name in the form in which its parts are looked for.
pub(super) fn plain_han(folded: &str) -> String {
    let plain = letters_of(folded);
    let plain = plain
        .replace("幼稚园", "幼儿园")
        .replace("中医医院", "中医院");
    let names = SHORT_NAMES.iter();
    let mut short = names.filter(|(short, _)| plain.contains(short));
    let plain = match short.next() {
        Some((short, full)) => plain.replace(short, full),
        None => plain,
    };
    let plain = SWAPPED_FORM.replace(&plain, |found: &regex::Captures| {
        let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
        format!("{}{}有限{}{}公司", part(1), part(3), part(2), part(4))
    });
    let plain = of_operator(&plain).unwrap_or(plain.into_owned());
    let plain = GRID.replace(&plain, "国网$1");
    let plain = ALONE.replace(&plain, "$1$2").into_owned();
    let plain = match former_at(&plain) {
        None if second_name(&plain).is_some() => {
            plain[..plain.find('(').unwrap_or(plain.len())].to_string()
        }
        Some((open, end)) => {
            let behind = plain.get(end + 1..).unwrap_or_default();
            format!("{}{behind}", &plain[..open])
        }
        None => plain,
    };
    let plain = NUMBERED_BRANCH.replace(&plain, "${1}第$2");
    let mut plain = of_public(&without_notes(plain.into_owned()));
    let is_branch = ["分行", "支行", "营业部", "分公司", "支公司"]
        .iter()
        .any(|end| plain.ends_with(end));
    if let Some((short, bank)) = BANKS.iter().find(|(short, _)| plain.starts_with(short))
        && (is_branch || plain == *short)
    {
        plain = format!("{bank}{}", &plain[short.len()..]);
    }
    // Cut behind the place: 明达科技上海分.
    if before_place(&plain, "分").is_some() {
        plain.push_str("公司");
    }
    for (cut, last) in [("分公", '司'), ("办事", '处')] {
        if plain.ends_with(cut) {
            plain.push(last);
        }
    }
    if before_place(&plain, "办").is_some_and(|head| !is_short_county(&plain[head.len()..])) {
        plain.push_str("事处");
    }
    // 驻北京办事处, and （济南）分公司.
    let plain = STATIONED.replace(&plain, "$1$2");
    let plain = IN_BRACKETS.replace(&plain, "$1$2$3").into_owned();
    // 明达科技有限公司文三路店, 一树药业龙岗店.
    let is_shop = plain.ends_with('店') && !SHOPS.iter().any(|kind| plain.ends_with(kind));
    let is_branch = BRANCHES.iter().any(|kind| plain.ends_with(kind));
    if !is_shop || is_branch {
        return plain;
    }
    let end = plain.rfind("公司").map(|at| at + "公司".len());
    let chain = || {
        CHAIN
            .captures(&plain)
            .and_then(|found| found.get(1))
            .map(|head| head.end())
    };
    /// What a shop sells or does: 张三水果批发店 is no shop of 张三水果.
    const WARES: &[&str] = &[
        "批发", "零售", "专营", "经营", "精品", "加盟", "直营", "代理", "服务", "维修", "配送",
        "烟酒", "副食", "日用", "杂货", "文具", "饰品", "母婴", "养生", "推拿", "按摩", "理发",
        "美容", "美发", "足浴", "快餐", "小吃", "零食", "面食", "早餐", "修理", "加工", "安装",
        "电脑", "手机", "便民", "平价", "健康",
    ];
    let of_chain = |end: &usize| {
        let shop = plain[*end..].trim_end_matches('店');
        (2..=8).contains(&shop.chars().count())
            && !trade_words::is_trade(shop)
            && !WARES.iter().any(|ware| shop.starts_with(ware))
            && !shop.contains(['(', ')'])
    };
    match end.or_else(chain).filter(of_chain) {
        Some(end) => of_branch(
            &plain[..end],
            &format!("{}分店", plain[end..].trim_end_matches('店')),
        ),
        None => plain,
    }
}

/// The branch of an operator of phones, however it says which: 浙江移动, 中国移动通信集团浙江有限公司.
fn of_operator(plain: &str) -> Option<String> {
    if let Some(found) = OPERATOR.captures(plain) {
        let operator = match () {
            () if plain.starts_with("中国移动") => "中国移动",
            () if plain.starts_with("中国联合") => "中国联通",
            () => "中国电信",
        };
        let (province, branch) = (found.get(1).map_or("", |of| of.as_str()), &found[2]);
        return Some(match (province, branch) {
            ("", "") => operator.to_string(),
            (province, "") => format!("{operator}{province}分公司"),
            (_, branch) => format!("{operator}{branch}"),
        });
    }
    let found = SHORT_OPERATOR.captures(plain)?;
    let place = found.get(1)?.as_str();
    let (place, whole) = (place.strip_prefix("中国").unwrap_or(place), &found[2]);
    (!named(place).is_empty()).then(|| format!("中国{whole}{place}分公司"))
}

/// Whether the end of a folded text says that it is an organisation's, and of four characters at least: 王府 may be anybody's.
pub fn tells_what_it_is(folded: &str) -> bool {
    const ENDS: &[&str] = &[
        "集团",
        "超市",
        "酒店",
        "宾馆",
        "饭店",
        "餐厅",
        "中心",
        "协会",
        "学会",
        "商会",
        "基金会",
        "委员会",
        "医院",
        "卫生院",
        "诊所",
        "门诊部",
        "大学",
        "学院",
        "中学",
        "小学",
        "学校",
        "幼儿园",
        "政府",
        "法院",
        "检察院",
        "派出所",
        "事务所",
        "研究所",
        "合作社",
        "工作室",
        "工厂",
        "商行",
        "银行",
        "药房",
        "农场",
        "商店",
        "市场",
        "加油站",
        "管理局",
        "税务局",
        "公安局",
        "管理处",
        "居委会",
        "村委会",
        "科技",
        "贸易",
        "商贸",
        "餐饮管理",
        "物流",
    ];
    const LETTERS: &[char] = &['店', '厂', '部', '局', '馆', '铺'];
    const SHORTEST: usize = 4;
    let plain = plain_han(folded);
    let count = plain.chars().filter(|c| is_han(*c)).count();
    let has_form = plain.contains("公司") || FORMS.iter().any(|form| plain.ends_with(form));
    let ends_so = ENDS.iter().any(|end| plain.ends_with(end)) || plain.ends_with(LETTERS);
    has_form || (count >= SHORTEST && (ends_so || BRANCHES.iter().any(|end| plain.ends_with(end))))
}

/// The name to match on, of a folded text.
pub fn key(folded: &str) -> Option<String> {
    key_of(&plain_han(folded))
}

/// What stands before the word for a branch, of the name of one.
fn stem_of_branch(plain: &str) -> Option<&str> {
    let mut branches = BRANCHES.iter();
    let stem = branches.find_map(|branch| plain.strip_suffix(branch));
    let of_company = || {
        let mut branches = BRANCHES_OF_COMPANIES.iter();
        let stem = branches.find_map(|branch| plain.strip_suffix(branch))?;
        stem.contains("公司").then_some(stem)
    };
    stem.or_else(of_company)
}

fn key_of(plain: &str) -> Option<String> {
    if let Some(stem) = stem_of_branch(plain) {
        // A branch keeps what says so; the legal form of its head office stands in the middle.
        let forms = FORMS.iter();
        let forms = forms.filter_map(|form| Some((stem.rfind(form)? + form.len(), form.len())));
        return Some(match forms.max() {
            Some((end, length)) => format!("{}{}", &plain[..end - length], &plain[end..]),
            None => plain.to_string(),
        });
    }
    let mut forms = FORMS.iter();
    let stem = forms.find_map(|form| {
        let in_front = plain.strip_prefix(form);
        let in_front = in_front.filter(|_| form.ends_with("会社"));
        plain.strip_suffix(form).or(in_front)
    });
    let stem = stem.unwrap_or(plain);
    (!stem.is_empty()).then(|| stem.to_string())
}

/// Whether a name begins with the short name of several places: 吉林, 朝阳.
fn may_be_elsewhere(plain: &str) -> bool {
    let characters: Vec<char> = plain.chars().collect();
    starting(&characters).next().is_some_and(|(_, divisions)| {
        // 上海县 is no more.
        let today = || divisions.iter().filter(|place| place.is_current);
        let is_other = |place: &Division| place.code != divisions[0].code;
        today().all(|place| place.is_short) && today().any(is_other)
    })
}

/// Whether more than what many firms do is left of a name without its place and its legal form: 明达科技, and not 科技.
pub(super) fn has_brand(core: &str) -> bool {
    const TRADES: &[&str] = &[
        "科技", "技术", "贸易", "商贸", "工贸", "实业", "建设", "发展", "控股", "集团", "五金",
        "机电", "便利", "超市", "百货", "市场", "体育", "服务", "投资", "电子", "机械", "设备",
        "食品", "餐饮", "文化", "传媒", "建材", "家具", "服饰", "服装", "物流", "运输", "咨询",
        "管理", "网络", "信息", "工程", "建筑", "装饰", "广告", "医药", "药业", "电器", "电气",
        "化工", "农业", "旅游", "教育", "酒店", "水果", "蔬菜", "烟酒", "汽车", "维修", "美容",
        "美发", "健身", "经营", "门市", "专卖", "商", "大学", "学院", "中学", "小学", "医院",
        "银行",
    ];
    let mut left = core;
    while let Some(rest) = TRADES.iter().find_map(|trade| left.strip_suffix(trade)) {
        left = rest;
    }
    let is_told = |c: &char| is_han(*c) || c.is_ascii_alphanumeric();
    left.chars().filter(is_told).count() >= 2
}

/// The whole name of a folded text as a register has it: place, name, legal form and branch; `None` where one of them is missing.
pub fn registered_key(folded: &str) -> Option<String> {
    /// What a sole trader ends with, whose name is registered in a county.
    const TRADERS: &[&str] = &[
        "店", "部", "厂", "行", "铺", "馆", "社", "坊", "场", "站", "屋", "中心", "超市", "商场",
    ];
    /// What a public body ends with, of which a place has one by its name.
    const PUBLIC: &[&str] = &[
        "医院",
        "保健院",
        "卫生院",
        "大学",
        "学院",
        "中学",
        "小学",
        "学校",
        "幼儿园",
        "法院",
        "检察院",
        "人民政府",
        "局",
        "委员会",
    ];
    // 杭州**科技有限公司 is any, and of two names none is meant.
    let is_hidden = |c: char| "*×?某xX/、;".contains(c);
    let unknown = ["测试", "待定", "未知"];
    if folded.contains(is_hidden) || unknown.iter().any(|word| folded.contains(word)) {
        return None;
    }
    let plain = plain_han(folded);
    let name = ChineseName::read(folded, &key_of(&plain)?)?;
    let place = name.place?;
    if may_be_elsewhere(&plain) {
        return None;
    }
    // What stands behind the form of a company and is none of its branches is a note.
    let head = match name.branch {
        Some(_) => {
            let stem = stem_of_branch(&plain)?;
            &stem[..stem.rfind("公司")? + "公司".len()]
        }
        None => plain.as_str(),
    };
    let town = name.town.unwrap_or_default();
    let core = format!("{town}{}", name.core.iter().collect::<String>());
    let ends_with = |forms: &[&str]| forms.iter().any(|form| head.ends_with(form));
    let is_of_country = place == CHINA;
    // 东莞, 中山, 儋州 and 嘉峪关 have no counties.
    let is_county =
        level(place) == Level::District || matches!(place, 441_900 | 442_000 | 460_400 | 620_200);
    let is_trader = !is_of_country && is_county && !plain.contains("公司");
    let is_company = plain.contains("公司") || plain.contains('(');
    let is_public = !is_of_country && !is_company && ends_with(PUBLIC);
    let (form, brand) = match () {
        () if ends_with(&["股份有限公司", "股份公司"]) => ("股份有限公司", core.as_str()),
        () if ends_with(&["有限公司", "有限责任公司"]) => ("有限公司", core.as_str()),
        () if ends_with(&["合伙企业", "(有限合伙)", "(普通合伙)"]) => {
            ("合伙企业", core.as_str())
        }
        () if is_public => ("", core.as_str()),
        () if is_trader => {
            let mut kinds = TRADERS.iter();
            ("", kinds.find_map(|kind| core.strip_suffix(kind))?)
        }
        () => return None,
    };
    if !has_brand(brand) {
        return None;
    }
    let group = name.group.unwrap_or_default();
    let branch = match name.branch {
        Some(branch) => format!("|{}", branch.key()),
        None => String::new(),
    };
    Some(format!("{place}|{core}{group}{form}{branch}"))
}

/// The key of the head office, of a folded text.
pub fn head_key(folded: &str) -> Option<String> {
    head_key_of(&plain_han(folded))
}

pub(super) fn head_key_of(plain: &str) -> Option<String> {
    let Some(stem) = stem_of_branch(plain) else {
        return key_of(plain);
    };
    // The legal form of the head office ends its name; without one, a word like 银行 does.
    let end_of = |marks: &[&str]| {
        let ends = marks
            .iter()
            .filter_map(|mark| Some(stem.find(mark)? + mark.len()));
        ends.max()
    };
    match end_of(FORMS).or_else(|| end_of(HEADS)) {
        Some(end) => key(&stem[..end]),
        None => {
            let key = key_of(plain)?;
            let mut kinds = BRANCHES.iter();
            let head = kinds.find_map(|kind| before_place(&key, kind));
            let head = head.or_else(|| before_number(&key)).unwrap_or(&key);
            Some(head.to_string())
        }
    }
}
