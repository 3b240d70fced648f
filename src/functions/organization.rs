//! Names of organisations: the key they are matched on.

use std::sync::LazyLock;

use regex::Regex;

use super::address::pattern;
use super::fold::{is_han, with_round_brackets};
use super::organization_level::{LEVELS, Organization};
use super::person_name::Name;
use super::scalar::{Call, Function, levels};
use super::{chinese_organization, western_organization};

/// `organization_name_key` and its neighbours.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "organization_name_key",
        arguments: &["name"],
        required: 1,
        description: "The organisation's name to match on: simplified, lower case, without the legal form and without what it \
                  was called before, (原…). The region in brackets stays: a company of Hangzhou is not the company of China; \
                  and so does what a branch calls itself.",
        source: "our own rules",
        example: ("organization_name_key('Acme Co., Ltd.')", "acme"),
        call: Call::Text(|args| key(args[0])),
    },
    Function {
        name: "organization_head_key",
        arguments: &["name"],
        required: 1,
        description: "The key of the organisation that a branch is of, to relate branches to their head office, not to \
                      merge them: 分公司, 分行, 支行 and the like, and Branch, with the place before them, are left out. \
                      The key of the name itself where it is no branch's.",
        source: "our own rules",
        example: (
            "organization_head_key('华为技术有限公司深圳分公司')",
            "华为技术",
        ),
        call: Call::Text(|args| head_key(args[0])),
    },
    Function {
        name: "organization_registered_key",
        arguments: &["name"],
        required: 1,
        description: "A Chinese name as a register has it, with the code of its place: no two companies of a place have one. Null \
                      where the place or the legal form is missing; a sole trader (店, 部, 厂) wants the county.",
        source: "our own rules; GB/T 2260",
        example: (
            "organization_registered_key('明达科技（杭州）有限责任公司')",
            "330100|明达科技有限公司",
        ),
        call: Call::Text(|args| {
            let folded = with_round_brackets(args[0]);
            let folded = first_name(&folded);
            let is_chinese = folded.chars().any(is_han) && !is_placeholder(folded);
            is_chinese
                .then(|| chinese_organization::registered_key(folded))
                .flatten()
        }),
    },
    Function {
        name: "organization_readings",
        arguments: &["name"],
        required: 1,
        description: "How the brand of a Chinese company may be read: its first two characters behind the place, and its first three. Of \
                      a name in Latin letters, the first word and those that are pinyin. Companies that have one in common may be one, in Chinese and \
                      in English: a blocking rule with array_has_any.",
        source: "our own readings; the Unihan readings for the rest",
        example: (
            "array_to_string(organization_readings('苏州鼎盛机电设备有限公司'), ',')",
            "dingsheng,dingshengji",
        ),
        call: Call::Texts(|args| Organization::read(args[0]).map(|name| name.brands())),
    },
    Function {
        name: "name_kind",
        arguments: &["name"],
        required: 1,
        description: "Whether a name is of an organization or of a person, for columns that have both: a legal form, or what the \
                      organisation is (公司, 店, 医院, LLC, Hotel); a Chinese surname and a given name or a title, a known Western first name. Null where \
                      its words do not tell.",
        source: "our own tables of words, surnames and first names",
        example: ("name_kind('王女士')", "person"),
        call: Call::Text(|args| kind(args[0]).map(str::to_string)),
    },
    Function {
        name: "organization_level",
        arguments: &["left", "right"],
        required: 2,
        description: "How alike two names of organisations are, as the comparison of kind organization has it: exact; folded (legal \
                      form, spelling, order of words, and where the place stands apart); beginning (a part or the place left \
                      out); close; cross_script (鼎盛, Dingsheng); partly (Western, with many slips); branch (of the other, both of one, a group and a company of it); else. Null when either is no \
                      name.",
        source: "our own rules",
        example: (
            "organization_level('明达（杭州）科技有限公司', '杭州明达科技')",
            "folded",
        ),
        call: Call::Level(|pairs| {
            levels(pairs, Organization::read, |(one, left), (other, right)| {
                Some(LEVELS[if one == other { 0 } else { left.level(right) } as usize])
            })
        }),
    },
];

/// Whether a name is an organisation's or a person's; none where its words do not tell.
fn kind(text: &str) -> Option<&'static str> {
    const PERSON: &str = "person";
    const ORGANIZATION: &str = "organization";
    let folded = with_round_brackets(text);
    if is_placeholder(&folded) {
        return None;
    }
    let person = Name::parse(text);
    let is_chinese = folded.chars().any(is_han);
    let is_organization = match is_chinese {
        true => chinese_organization::tells_what_it_is(&folded),
        false => western_organization::tells_what_it_is(&folded),
    };
    match person {
        Some(name) if !is_organization && (is_chinese || name.has_known_first_name()) => {
            Some(PERSON)
        }
        _ if is_organization => Some(ORGANIZATION),
        _ => None,
    }
}

/// A name in Chinese and the same in English behind it, where both stand in one field: 米其林（中国）有限公司 Michelin (China) Co., Ltd.
pub fn parted(folded: &str) -> Option<(&str, &str)> {
    static BOTH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?<chinese>[^A-Za-z]*\p{Han}[^A-Za-z]*?)[\s/(|,-]*(?<latin>[A-Za-z][A-Za-z0-9&.,'() -]*\b(?i:co|ltd|limited|inc|corp|corporation|company|llc|gmbh|plc|group)\b[.)\s]*)$",
        )
    });
    if !folded.chars().any(is_han) {
        return None;
    }
    let found = BOTH.captures(folded)?;
    let part = |name: &str| found.name(name).map(|part| part.as_str());
    let is_open = |latin: &str| latin.matches(')').count() > latin.matches('(').count();
    let latin = part("latin")?;
    let latin = latin
        .strip_suffix(')')
        .filter(|_| is_open(latin))
        .unwrap_or(latin);
    Some((part("chinese")?, latin))
}

/// A name in Latin letters and the one that a company trades under, or had before: Interglobe Aviation Ltd. d/b/a Indigo. A word
/// that may be a name, as that of the hotel AKA, is only one behind a comma or a bracket. Its own first letters are such a name.
pub fn traded(folded: &str) -> Option<(&str, &str)> {
    static BOTH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?i)(?<first>.*?[\p{L}\d].*?)(?:[\s,(]+(?:d/b/a|d\.b\.a\.?|t/a|a/k/a|f/k/a|fka|trading as|doing business as|also known as|formerly known as)|\s*[,(]\s*(?:dba|aka|fka|formerly))[:\s]+(?<second>[^()]*[\p{L}\d][^()]*)\)?$",
        )
    });
    let Some(found) = BOTH.captures(folded) else {
        return abbreviated(folded);
    };
    let part = |name: &str| found.name(name).map(|part| part.as_str());
    Some((part("first")?, part("second")?))
}

/// A name and its own first letters in brackets behind it: Daedong Credit Bank (DCB).
fn abbreviated(folded: &str) -> Option<(&str, &str)> {
    /// (DE) may be a country as well.
    const SHORTEST: usize = 3;
    let (name, short) = folded.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let words = || {
        let words = name.split([' ', '-', ',']);
        words.filter(|word| word.starts_with(char::is_alphabetic))
    };
    let is_small = |word: &&str| western_organization::says_nothing(&word.to_lowercase());
    let letters = |words: &mut dyn Iterator<Item = &str>| -> String {
        let first = words.filter_map(|word| word.chars().next());
        first.flat_map(char::to_uppercase).collect()
    };
    let is_short_for = short.chars().count() >= SHORTEST
        && (letters(&mut words()) == short
            || letters(&mut words().filter(|word| !is_small(word))) == short);
    is_short_for.then(|| (name.trim_end(), short))
}

/// A folded text without the English name behind a Chinese one, and without the one that a company trades under.
fn first_name(folded: &str) -> &str {
    let first = parted(folded).or_else(|| traded(folded));
    first.map_or(folded, |(first, _)| first)
}

/// The name to match on.
pub fn key(text: &str) -> Option<String> {
    let folded = with_round_brackets(text);
    let folded = first_name(&folded);
    match folded.chars().any(is_han) {
        _ if is_placeholder(folded) => None,
        true => chinese_organization::key(folded),
        false => western_organization::key(folded),
    }
}

/// The key of the head office.
fn head_key(text: &str) -> Option<String> {
    let folded = with_round_brackets(text);
    let folded = first_name(&folded);
    match folded.chars().any(is_han) {
        _ if is_placeholder(folded) => None,
        true => chinese_organization::head_key(folded),
        false => western_organization::head_key(folded),
    }
}

fn is_placeholder(folded: &str) -> bool {
    PLACEHOLDERS.contains(&folded.to_lowercase().as_str())
}

/// Texts that stand where an organisation's name should be.
const PLACEHOLDERS: &[&str] = &[
    "无",
    "个人",
    "暂无",
    "没有",
    "不详",
    "未知",
    "自由职业",
    "个体",
    "本人",
    "散客",
    "散户",
    "零售客户",
    "现金客户",
    "个人客户",
    "匿名",
    "/",
    "-",
    "none",
    "n/a",
    "na",
    "null",
    "test",
    "unknown",
    "self",
];
