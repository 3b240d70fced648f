//! Names of organisations: the key they are matched on.

use super::fold::{fold, fold_latin, is_han, simplify};
use super::scalar::{Call, Function};

/// `organization_name_key`.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "organization_name_key",
    arguments: &["name"],
    required: 1,
    description: "The organisation's name to match on: simplified, lower case, without the legal form. The region in \
                  brackets stays: a company of Hangzhou is not the company of China.",
    source: "our own rules",
    example: ("organization_name_key('Acme Co., Ltd.')", "acme"),
    call: Call::Text(|args| key(args[0])),
}];

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
