//! What stands around the name of a person, or in its place: placeholders, roles, relatives, departments, notes.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::address::pattern;
use super::fold::is_han;
use super::person_name::{is_mask, is_picture};
use super::{person_title, reading, surnames};

/// Texts that stand where a name should be.
pub(super) const PLACEHOLDERS: &[&str] = &[
    "微信用户",
    "momo",
    "手机用户",
    "支付宝用户",
    "淘宝用户",
    "京东用户",
    "抖音用户",
    "顾客",
    "客人",
    "住客",
    "贵宾",
    "团队",
    "旅行社",
    "无名氏",
    "佚名",
    "买家",
    "收件人",
    "经理",
    "总经理",
    "主任",
    "医生",
    "教授",
    "师傅",
    "匿名",
    "匿名用户",
    "匿名买家",
    "未知",
    "无",
    "暂无",
    "不详",
    "空",
    "测试",
    "测试用户",
    "游客",
    "访客",
    "用户",
    "客户",
    "本人",
    "收货人",
    "会员",
    "新用户",
    "宝宝",
    "宝贝",
    "大宝",
    "二宝",
    "小宝",
    "新生儿",
    "患者",
    "产妇",
    "孕妇",
    "宝妈",
    "宝爸",
    "业主",
    "快递",
    "快递员",
    "门卫",
    "门卫室",
    "物业",
    "保安",
    "保安室",
    "传达室",
    "宿管",
    "前台",
    "公司前台",
    "菜鸟驿站",
    "驿站",
    "丰巢",
    "待定",
    "锟斤拷",
    "烫烫烫",
    "同上",
    "无名",
    "散客",
    "张三李四",
    "某某",
    "未填写",
    "未命名",
    "空置",
    "空置房",
    "已出租",
    "未出租",
    "无人居住",
    "个人",
    "现金客户",
    "先生",
    "女士",
    "小姐",
    "老师",
    "太太",
    "null",
    "none",
    "n/a",
    "na",
    "test",
    "unknown",
    "anonymous",
    "guest",
    "user",
    "customer",
    "tbd",
    "tba",
    "vip",
    "xxx",
    "-",
    "--",
    ".",
];

/// Where in a firm a person is, in front of the name: 采购部 王经理, 财务-刘邵.
pub(super) const DEPARTMENTS: &[&str] = &[
    "采购部",
    "财务部",
    "销售部",
    "人事部",
    "行政部",
    "技术部",
    "市场部",
    "生产部",
    "仓储部",
    "工程部",
    "设备部",
    "质检部",
    "办公室",
    "采购",
    "财务",
    "销售",
    "人事",
    "行政",
    "前台",
    "仓库",
    "客服",
    "总机",
];

/// How a child without a name yet is called after its mother: 李静之女, 李静之长女, 李静宝宝.
const NEWBORN: &[&str] = &["宝宝", "新生儿", "女婴", "男婴", "婴儿"];

/// Whether a text says whose child somebody is, and no name.
pub(super) fn is_newborn(text: &str) -> bool {
    let is_behind_mother = |mother: &str| mother.chars().count() >= 2;
    let is_child = text.split_once('之').is_some_and(|(mother, child)| {
        is_behind_mother(mother) && child.contains(['子', '女', '婴', '双', '宝'])
    });
    let mut behind = NEWBORN.iter().filter_map(|end| text.strip_suffix(end));
    is_child || behind.any(is_behind_mother)
}

/// Whose relative somebody is says nothing of the own name: 王婷妈妈, 张伟的家人. No given name ends so.
pub(super) const RELATIVES: &[&str] = &[
    "妈妈", "妈咪", "妈", "爸爸", "爸比", "爸", "爷爷", "奶奶", "外公", "外婆", "姥姥", "姥爷",
    "老公", "老婆", "爱人", "老伴", "丈夫", "妻子", "配偶", "家长", "家属", "家人", "儿子", "女儿",
    "母亲", "父亲", "之母", "之父", "之妻", "之夫",
];

/// Whether a text is a whole name with the word for a relative behind it: 张伟夫人. 张夫人 has her husband's surname.
pub(super) fn is_of_husband(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "夫人", "太太", "媳妇", "女婿", "岳父", "岳母", "嫂子", "嫂", "弟媳", "儿媳",
    ];
    let mut names = WORDS.iter().filter_map(|word| text.strip_suffix(word));
    names.any(|name| {
        let length = surnames::length(name);
        let given = length.map_or("", |length| &name[length..]);
        // 李老太太 is called so.
        surnames::known(name).is_none() && !matches!(given, "" | "老" | "大" | "二" | "小")
    })
}

/// What systems and clerks put behind a name: `张伟 VIP`, `张伟1`, `张伟 13812345678`.
pub(super) fn without_note(text: &str) -> &str {
    let is_digit = |c: char| c.is_ascii_digit() || c.is_whitespace();
    let name = text.trim_end_matches(is_digit);
    // A stray mark: 王婷_, 王婷、.
    let is_mark = |c: char| !c.is_alphanumeric() && !is_mask(c) && !is_picture(c) && c != ')';
    let name = name.trim_end_matches(is_mark);
    // What a ward writes: 35床李建国, 李建国 男, 李建国35床.
    let name = name
        .strip_suffix('床')
        .map_or(name, |name| name.trim_end_matches(is_digit));
    let name = name
        .split_once('床')
        .filter(|(bed, _)| bed.chars().all(is_digit))
        .map_or(name, |(_, name)| name);
    // 陈雪梅 曾用名 陈小梅.
    let name = ["曾用名", "又名", "原名"]
        .iter()
        .find_map(|word| name.split_once(word))
        .map_or(name, |(name, _)| name.trim_end())
        .trim_end_matches([',', '、', '/', '-']);
    let name = [" 男", " 女"]
        .iter()
        .find_map(|sex| name.strip_suffix(sex))
        .unwrap_or(name);
    // Who takes the parcel: 李明 收, 王小明收, 李明代收; 张丰收 is a name.
    let notes = [("签收", 2), ("亲收", 2), ("代收", 2), (" 收", 2), ("收", 3)];
    let taken = notes.iter().find_map(|(note, fewest)| {
        let name = name.strip_suffix(note)?;
        (name.chars().filter(|c| is_han(*c)).count() >= *fewest).then_some(name)
    });
    let name = taken.unwrap_or(name).trim_end();
    let lower = name.to_ascii_lowercase();
    let name = match lower.strip_suffix("vip") {
        Some(rest) => name[..rest.len()].trim_end(),
        None => name,
    };
    match name.chars().any(is_han) {
        true => name,
        false => text,
    }
}

/// Characters that could not be typed as masks, those that a page writes as numbers as they are: 刘〓, 刘&#19886;.
pub(super) fn with_untyped(text: &str) -> Cow<'_, str> {
    static NUMBERED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"&#(?:x([0-9A-Fa-f]{2,6})|([0-9]{2,7}));"));
    let is_untyped = |c: char| {
        matches!(
            c,
            '〓' | '■' | '▇' | '◇' | '\u{FFFD}' | '\u{E000}'..='\u{F8FF}'
        )
    };
    let is_numbered = text.contains('&') && text.contains("&#");
    if !is_numbered && (text.is_ascii() || !text.contains(is_untyped)) {
        return Cow::Borrowed(text);
    }
    let text = NUMBERED.replace_all(text, |found: &regex::Captures| {
        let number = match (found.get(1), found.get(2)) {
            (Some(hex), _) => u32::from_str_radix(hex.as_str(), 16).ok(),
            (_, Some(decimal)) => decimal.as_str().parse().ok(),
            _ => None,
        };
        let character = number.and_then(char::from_u32);
        character.map_or_else(|| found[0].to_string(), String::from)
    });
    // Each of its bytes may be one that is not known.
    let text = text.replace("\u{FFFD}\u{FFFD}", "\u{FFFD}");
    let typed = text.chars().map(|c| if is_untyped(c) { '*' } else { c });
    Cow::Owned(typed.collect())
}

/// A name in which something stands for a character that could not be typed, with that hidden: how it is read, 王(zhe), 王zhe轩; its parts,
/// 王(羽中); a dot, 王·轩. None where there is no such thing. The mark of a double behind a whole name is no character: 高建军*.
pub(super) fn with_hidden(folded: &str) -> Option<String> {
    static READ: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?<han>\p{Han}{1,2})\s*(?:\(\s*(?<inside>[A-Za-z]{2,6})\s*\)|(?<bare>[A-Za-z]{2,6}))(?<behind>\p{Han}?)$",
        )
    });
    static PARTS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(\p{Han})\((\p{Han}{2,3})\)(\p{Han}?)$"));
    static DOT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(\p{Han})[·•・．‧](\p{Han}?)$|^(\p{Han}{2})[·•・．‧]$"));
    static DOUBLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\p{Han}{3})\*$"));
    /// Bytes of the longest, two characters with a reading between.
    const LONGEST: usize = 24;
    let text = folded.trim();
    let is_plain = text.chars().all(is_han);
    if is_plain || text.len() > LONGEST || !text.chars().next().is_some_and(is_han) {
        return None;
    }
    let first = &text[..text.chars().next()?.len_utf8()];
    surnames::known(first)?;
    if let Some(found) = READ.captures(text) {
        let part = |name: &str| found.name(name).map_or("", |part| part.as_str());
        let (han, behind) = (part("han"), part("behind"));
        let read = [part("inside"), part("bare")].concat().to_ascii_lowercase();
        // 王喆(zhe) says how it is read.
        let is_said = reading::every(han.chars().last()?).contains(&read);
        let is_short = han.chars().chain(behind.chars()).count() <= 2;
        return match reading::syllables(&read) == Some(1) && is_short && !is_said {
            true if behind.is_empty() => Some(format!("{han}{read}")),
            true => Some(format!("{han}*{behind}")),
            false => None,
        };
    }
    if let Some(found) = PARTS.captures(text) {
        let (han, inside, behind) = (&found[1], &found[2], &found[3]);
        let is_note = inside.starts_with(first)
            || [RELATIVES, ROLES, DEPARTMENTS]
                .iter()
                .any(|notes| notes.contains(&inside))
            || person_title::behind(inside).next().is_some();
        return (!is_note).then(|| format!("{han}*{behind}"));
    }
    if let Some(found) = DOT.captures(text) {
        let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
        return Some(format!("{}{}*{}", part(1), part(3), part(2)));
    }
    Some(DOUBLE.captures(text)?[1].to_string())
}

/// What people call themselves where no name is asked for: 吃货一枚, 知足常乐. Given names are not made of such words.
pub(super) fn is_nickname(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "一枚",
        "一只",
        "一个",
        "一颗",
        "一朵",
        "知足",
        "常乐",
        "云淡",
        "风轻",
        "岁月",
        "静好",
        "随缘",
        "快乐",
        "开心",
        "平凡",
        "人生",
        "天空",
        "微笑",
        "打工",
        "吃货",
        "上班",
        "翻身",
        "咸鱼",
        "本特",
        "可爱",
        "仙女",
        "女神",
        "男神",
        "天使",
        "精灵",
        "美女",
        "帅哥",
        "圈圈",
        "可可豆",
        "柚子",
        "柠檬",
        "草莓",
        "西瓜",
        "芒果",
        "蜜桃",
        "咖啡",
        "男子",
        "女子",
        "少年",
        "少女",
        "青春",
        "时光",
        "海阔",
        "花开",
        "花落",
        "流年",
        "浮生",
        "泡泡",
        "小团子",
        "的风",
        "来了",
    ];
    // These have surnames in front, and are nobody's names.
    const WHOLE: &[&str] = &[
        "阳光",
        "向日葵",
        "幸福一家",
        "一路向北",
        "努力赚钱",
        "顺其自然",
        "平平淡淡",
        "平安是福",
        "晴天",
        "雨后彩虹",
        "幸福",
        "淡然",
        "心如止水",
        "随风",
        "明天会更好",
        "从头再来",
        "家和万事兴",
        "花好月圆",
        "风雨同舟",
        "大海",
        "星空",
        "彩虹",
        "月亮",
        "太阳",
        "天道酬勤",
        "厚德载物",
        "上善若水",
        "宁静致远",
        "海纳百川",
        "一帆风顺",
        "万事如意",
    ];
    const LETTERS: &str = "的了我你您她它们这吗呢吧啊呀哦嘿吃喝睡猫狗糖奶饭喵嘻";
    let length = text.chars().count();
    // What has a surname and a given name behind it is a name.
    let shortest = if surnames::length(text).is_some() {
        4
    } else {
        3
    };
    WHOLE.contains(&text)
        || length >= shortest
            && !text.contains('·')
            && (text.chars().skip(1).any(|c| LETTERS.contains(c))
                || WORDS.iter().any(|word| text.contains(word)))
}

/// Whether brackets say that it is somebody's relative: 陈丽（家属）.
pub(super) fn says_whose_relative(folded: &str) -> bool {
    let inside = folded.split_once('(').and_then(|(name, behind)| {
        let inside = behind.trim_end().strip_suffix(')')?;
        name.chars().any(is_han).then_some(inside.trim())
    });
    let is_child = |inside: &str| inside.starts_with('之') && is_newborn(&format!("母亲{inside}"));
    const IN_BRACKETS: &[&str] = &["妻", "夫", "父", "母", "媳", "婿"];
    let is_relative = |inside: &str| RELATIVES.contains(&inside) || IN_BRACKETS.contains(&inside);
    inside.is_some_and(|inside| is_relative(inside) || is_child(inside))
}

/// What people are to a firm, in front of a name or behind a dash: 业主李建国, 户主：李建国, 李建国-租户.
const ROLES: &[&str] = &[
    "业主",
    "租户",
    "租客",
    "住户",
    "房东",
    "户主",
    "家长",
    "联系人",
    "收货人",
    "收件人",
    "取件人",
    "学员",
    "学生",
    "患者",
    "病人",
    "法人",
    "法定代表人",
    "负责人",
    "经办人",
    "代办人",
    "姓名",
    "客户",
    "顾客",
    "会员",
    "乘客",
    "旅客",
    "住客",
    "车主",
    "投保人",
    "被保险人",
    "产权人",
    "司机",
    "驾驶员",
    "驾驶人",
    "送修人",
    "取车人",
    "使用人",
    "报修人",
    "被保人",
    "受益人",
    "缴费人",
    "代缴人",
    "开票人",
    "监护人",
    "紧急联系人",
    "原业主",
    "新业主",
];

/// A name without the role that stands before it, or behind a dash.
pub(super) fn without_role(text: &str) -> &str {
    /// Bytes of a role and a name of two characters.
    const SHORTEST: usize = 4 * 3;
    if text.len() < SHORTEST {
        return text;
    }
    // 租客小张.
    let is_called = |text: &str| {
        let surname = text.strip_prefix(['小', '老', '阿']);
        surname.is_some_and(|surname| surnames::known(surname).is_some())
    };
    let is_name = |text: &str| {
        let characters = text.chars().count();
        (2..=4).contains(&characters)
            && text.chars().all(|c| is_han(c) || is_mask(c))
            && (surnames::length(text).is_some_and(|length| length < text.len()) || is_called(text))
    };
    let ahead = ROLES.iter().filter_map(|role| text.strip_prefix(role));
    let ahead = ahead.map(|rest| rest.trim_start_matches([':', '：', ' ', '-']));
    // 王芳-家长 is of the child.
    let behind = ROLES.iter().filter(|role| **role != "家长");
    let behind = behind.filter_map(|role| text.strip_suffix(role));
    let behind = behind.filter_map(|rest| rest.strip_suffix(['-', '_', ' ', '/']));
    let mut names = ahead.chain(behind).filter(|name| is_name(name));
    names.next().unwrap_or(text)
}
