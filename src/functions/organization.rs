//! Names of organisations: the key they are matched on.

use super::fold::{fold, fold_latin, is_han, simplify};
use super::scalar::{Call, Function};

/// `organization_name_key`, `organization_head_key`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "organization_name_key",
        arguments: &["name"],
        required: 1,
        description: "The organisation's name to match on: simplified, lower case, without the legal form. The region in \
                  brackets stays: a company of Hangzhou is not the company of China.",
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
];

/// What a branch calls itself, at the end of its name.
const BRANCHES: &[&str] = &[
    "分公司",
    "分行",
    "支行",
    "营业部",
    "分店",
    "门店",
    "办事处",
    "代表处",
    "分部",
    "分院",
    "分校",
];
/// Where the name of a head office ends, if its legal form does not say so.
const HEADS: &[&str] = &["集团", "银行", "保险", "证券", "大学", "医院", "酒店"];

const CHINESE_FORMS: &[&str] = &[
    "合伙企业(有限合伙)",
    "(有限合伙)",
    "(普通合伙)",
    "(特殊普通合伙)",
    "(个人独资)",
    "(个体工商户)",
    "股份公司",
    "有限责任有限公司",
    "株式会社",
    "有限会社",
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "公司",
    "个体工商户",
];
const WESTERN_FORMS: &[&str] = &[
    "co",
    "company",
    "corp",
    "corporation",
    "inc",
    "incorporated",
    "ltd",
    "limited",
    "llc",
    "llp",
    "plc",
    "gmbh",
    "ag",
    "sa",
    "sarl",
    "bv",
    "nv",
    "oy",
    "ab",
    "as",
    "pty",
    "pte",
    "pvt",
    "sdn",
    "bhd",
    "kk",
    "aktiengesellschaft",
    "sas",
    "sro",
    "oyj",
    "aps",
    "kg",
    "spa",
    "srl",
];

/// The name to match on.
pub fn key(text: &str) -> Option<String> {
    let folded = fold(text)
        .replace(['【', '〔', '['], "(")
        .replace(['】', '〕', ']'], ")");
    if PLACEHOLDERS.contains(&folded.to_lowercase().as_str()) {
        return None;
    }
    if folded.chars().any(is_han) {
        let plain: String = simplify(&folded)
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || "()".contains(*c))
            .collect();
        let stem = CHINESE_FORMS
            .iter()
            .find_map(|form| {
                plain
                    .strip_suffix(form)
                    .or(plain.strip_prefix(form).filter(|_| form.ends_with("会社")))
            })
            .unwrap_or(&plain);
        return (!stem.is_empty()).then(|| stem.to_string());
    }
    let lower = fold_latin(&folded)
        .replace(['.', '\''], "")
        .replace(['&', '+'], " and ");
    let mut words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| WESTERN_FORMS.contains(word) || *word == "and")
    {
        words.pop();
    }
    if words.len() > 1 && words[0] == "the" {
        words.remove(0);
    }
    let is_form_alone = words.len() == 1 && WESTERN_FORMS.contains(&words[0]);
    (!words.is_empty() && !is_form_alone).then(|| words.join(" "))
}

/// The key of the head office.
fn head_key(text: &str) -> Option<String> {
    let folded = fold(text);
    if folded.chars().any(is_han) {
        let plain: String = simplify(&folded);
        let Some(stem) = BRANCHES
            .iter()
            .find_map(|branch| plain.strip_suffix(branch))
        else {
            return key(text);
        };
        // The legal form of the head office ends its name; without one, a word like 银行 does.
        let end_of = |marks: &[&str]| {
            let ends = marks
                .iter()
                .filter_map(|mark| Some(stem.find(mark)? + mark.len()));
            ends.max()
        };
        return match end_of(CHINESE_FORMS).or_else(|| end_of(HEADS)) {
            Some(end) => key(&stem[..end]),
            None => key(text),
        };
    }
    // Acme Ltd, London Branch: the place stands between the legal form, or a comma, and the word.
    let lower = folded.to_lowercase();
    let Some(stem) = lower
        .trim_end_matches([')', ' ', '.'])
        .strip_suffix("branch")
    else {
        return key(text);
    };
    if let Some(at) = stem.rfind([',', '(']) {
        return key(&stem[..at]);
    }
    let words: Vec<&str> = stem.split_whitespace().collect();
    let is_form = |word: &&str| WESTERN_FORMS.contains(&word.trim_matches('.'));
    match words.iter().rposition(is_form) {
        Some(at) if at > 0 => key(&words[..=at].join(" ")),
        _ => key(text),
    }
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
