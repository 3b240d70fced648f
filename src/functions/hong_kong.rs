//! Hong Kong, whose districts are in no table of ours: the district that an address says, or that a part of the city lies in.

/// Its districts, each with the parts of the city in it, simplified.
const DISTRICTS: &[(&str, &[&str])] = &[
    (
        "中西",
        &[
            "中环",
            "上环",
            "金钟",
            "半山",
            "西营盘",
            "坚尼地城",
            "石塘咀",
        ],
    ),
    ("湾仔", &["湾仔", "铜锣湾", "跑马地"]),
    (
        "东",
        &["北角", "鲗鱼涌", "太古", "筲箕湾", "柴湾", "小西湾"],
    ),
    ("南", &["香港仔", "薄扶林", "鸭脷洲", "赤柱"]),
    (
        "油尖旺",
        &["旺角", "油麻地", "尖沙咀", "佐敦", "大角咀", "尖东"],
    ),
    ("深水埗", &["深水埗", "长沙湾", "荔枝角", "石硖尾", "美孚"]),
    ("九龙城", &["红磡", "土瓜湾", "何文田", "九龙塘"]),
    ("黄大仙", &["黄大仙", "慈云山", "钻石山", "新蒲岗"]),
    (
        "观塘",
        &["观塘", "牛头角", "九龙湾", "蓝田", "油塘", "秀茂坪"],
    ),
    ("葵青", &["葵涌", "葵芳", "青衣"]),
    ("荃湾", &["荃湾"]),
    ("屯门", &["屯门"]),
    ("元朗", &["元朗", "天水围"]),
    ("北", &["粉岭", "上水"]),
    ("大埔", &["大埔"]),
    ("沙田", &["沙田", "马鞍山", "大围", "火炭"]),
    ("西贡", &["西贡", "将军澳"]),
    ("离岛", &["东涌"]),
];

/// Of the parts, those that are a place or a word elsewhere as well.
const ELSEWHERE: &[&str] = &[
    "中环",
    "金钟",
    "半山",
    "太古",
    "赤柱",
    "美孚",
    "蓝田",
    "上水",
    "大埔",
    "沙田",
    "马鞍山",
    "大围",
    "火炭",
    "东涌",
];

/// What says a part of the city before it: its shores.
const SHORES: &[&str] = &["九龙", "新界", "香港岛", "港岛"];

/// What stands behind the name of a part that something else is called after: 荃湾广场.
const CALLED: &[&str] = &[
    "路",
    "街",
    "道",
    "广场",
    "中心",
    "大厦",
    "花园",
    "工业",
    "大马路",
    "大街",
    "城",
    "邨",
    "村",
    "市",
];

/// Whether an address that does not say so is of Hong Kong: it is in traditional characters, or says a shore, before a part of the city.
pub(super) fn is_of(text: &str, is_traditional: bool) -> bool {
    let behind = behind_shore(text);
    let says_shore = behind.len() < text.len();
    let Some((named, _, rest)) = district(behind).or_else(|| part(behind)) else {
        return false;
    };
    let is_district = behind[named.len()..].starts_with('区');
    // 青衣江路 is a road in Sichuan.
    let goes_on = rest.starts_with([
        '江', '河', '湖', '湾', '巷', '镇', '乡', '山', '小', '花', '新',
    ]);
    let is_sure = !ELSEWHERE.contains(&named) && !goes_on && named.chars().count() > 1;
    says_shore || (is_traditional && (is_district || is_sure) && named != "中西")
}

/// Takes shore, district and part from the start of what stands behind 香港: the district, the part, and what is behind them.
pub(super) fn take(text: &str) -> (&'static str, &'static str, &str) {
    let rest = behind_shore(text);
    let (of, rest) = match district(rest) {
        Some((_, of, behind)) => (of, behind),
        None => ("", rest),
    };
    match part(rest) {
        Some((part, around, behind)) if of.is_empty() || of == around => (around, part, behind),
        _ if rest.is_empty() => ("", "", text),
        _ => (of, "", rest),
    }
}

/// What stands behind a shore that is no part's name: 九龙湾.
fn behind_shore(text: &str) -> &str {
    let is_part = part(text).is_some() || district(text).is_some();
    let shore = SHORES.iter().find_map(|shore| text.strip_prefix(shore));
    shore
        .filter(|rest| !is_part && (part(rest).is_some() || district(rest).is_some()))
        .unwrap_or(text)
}

/// A district that is called one at the start of a text, twice, and what is behind it.
fn district(text: &str) -> Option<(&'static str, &'static str, &str)> {
    DISTRICTS.iter().find_map(|(name, _)| {
        let rest = text.strip_prefix(name)?.strip_prefix('区')?;
        Some((*name, *name, rest))
    })
}

/// A part of the city at the start of a text, its district, and what is behind it.
fn part(text: &str) -> Option<(&'static str, &'static str, &str)> {
    let all = DISTRICTS
        .iter()
        .flat_map(|(district, parts)| parts.iter().map(|part| (*part, *district)));
    let found = all.filter_map(|(part, district)| Some((part, district, text.strip_prefix(part)?)));
    let is_called =
        |rest: &str| rest.is_empty() || CALLED.iter().any(|word| rest.starts_with(word));
    found
        .filter(|(_, _, rest)| !is_called(rest))
        .max_by_key(|(part, ..)| part.len())
}
