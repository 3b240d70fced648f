//! What a column of an export means, by its header: 收货人手机 is the phone of the customer, 推荐人手机号 that of somebody else.
//!
//! The table of headers is in `functions/data/headers.tsv`. A header means something only as a whole: as a known word, or as
//! a role and a known word. Part of a word decides nothing.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::header::clean;
use crate::functions::fold::simplify;
use crate::functions::reference::{self, Table};

/// What a header means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// The kind of value: `phone`, `person_name`, `order_id` …
    pub field: &'static str,
    /// Whether it is somebody else's than the customer's.
    pub is_other: bool,
}

struct Words {
    fields: HashMap<&'static str, &'static str>,
    /// Roles, the longest first, with whether they are somebody else's.
    roles: Vec<(&'static str, bool)>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words {
        fields: HashMap::new(),
        roles: Vec::new(),
    };
    for [header, meaning, kind] in reference::rows::<3>(Table::Headers) {
        if kind == "role" {
            words.roles.push((header, meaning == "other"));
        } else {
            words.fields.insert(header, meaning);
        }
    }
    words
        .roles
        .sort_by_key(|(role, _)| std::cmp::Reverse(role.chars().count()));
    words
});

/// What a header means, if it is known.
pub fn of(header: &str) -> Option<Meaning> {
    let cleaned = simplify(&clean(header).to_lowercase());
    // The word before a bracket: 金额(元), 电话[必填].
    let word = cleaned.split(['(', '[', '/']).next().unwrap_or_default();
    let plain: Vec<&str> = word
        .split(|c: char| c.is_whitespace() || "_-.".contains(c))
        .filter(|part| !part.is_empty())
        .collect();
    let plain = plain.join(" ");
    let field = |text: &str| WORDS.fields.get(text).copied();
    if let Some(field) = field(&plain) {
        return Some(Meaning {
            field,
            is_other: false,
        });
    }
    WORDS.roles.iter().find_map(|(role, is_other)| {
        let rest = plain.strip_prefix(role)?;
        let rest = rest.strip_prefix('的').unwrap_or(rest).trim_start();
        // Somebody else's name often stands without a word for it: 推荐人.
        if rest.is_empty() && *is_other {
            return Some(Meaning {
                field: "person_name",
                is_other: true,
            });
        }
        field(rest).map(|field| Meaning {
            field,
            is_other: *is_other,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_means_something_as_a_whole() {
        for (header, wanted) in [
            ("手机号", Some(("phone", false))),
            ("联系手机（必填）*", Some(("phone", false))),
            ("收货人姓名", Some(("person_name", false))),
            ("收货人", Some(("person_name", false))),
            ("买家会员名", Some(("account_id", false))),
            ("订单编号", Some(("order_id", false))),
            ("实付款(元)", Some(("amount", false))),
            ("推荐人手机号", Some(("phone", true))),
            ("推荐人", Some(("person_name", true))),
            ("紧急联系人电话", Some(("phone", true))),
            ("客户的邮箱", Some(("email", false))),
            ("Contact Phone", Some(("phone", false))),
            ("shipping_address", Some(("address", false))),
            ("業主姓名", Some(("person_name", false))),
            ("報修人電話", Some(("phone", false))),
            ("装机地址", Some(("address", false))),
            ("来电号码", Some(("phone", false))),
            ("机主姓名", Some(("person_name", false))),
            ("出险人证件号", Some(("resident_id", false))),
            ("法人证件号", Some(("resident_id", true))),
            ("企业联系电话", Some(("phone", false))),
            ("手机品牌型号", None),
            ("是否有电话", None),
        ] {
            assert_eq!(
                of(header).map(|found| (found.field, found.is_other)),
                wanted,
                "{header}"
            );
        }
    }
}
