//! E-mail addresses: the normal form that is shown, the key that is matched on, and what kind of mailbox it is.

use super::fold::fold;
use super::scalar::{Call, Function, levels};
use super::similarity::one_slip;

/// The levels of two addresses, the strongest first.
pub const LEVELS: &[&str] = &["exact", "same_local_part", "close", "else"];

/// `normalize_email`, `email_key`, `email_kind`, `email_level`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "normalize_email",
        arguments: &["email"],
        required: 1,
        description: "The address as it is shown: half width, the domain in lower case and in its international form. \
                      Null where it is no address.",
        source: "RFC 5321, IDNA 2008",
        example: ("normalize_email('user@qq。com')", "user@qq.com"),
        call: Call::Text(|args| {
            parse(args[0]).map(|email| format!("{}@{}", email.local, email.domain))
        }),
    },
    Function {
        name: "email_key",
        arguments: &["email"],
        required: 1,
        description: "The address to match on: lower case, one name for a provider's many domains, without the tags and \
                      dots that the provider ignores. Null for placeholders and for mailboxes that nobody reads.",
        source: "RFC 5321; the providers' own rules",
        example: ("email_key('J.Doe+shop@GoogleMail.com')", "jdoe@gmail.com"),
        call: Call::Text(|args| parse(args[0]).and_then(|email| key(&email))),
    },
    Function {
        name: "email_kind",
        arguments: &["email"],
        required: 1,
        description: "What the mailbox is: personal (a free provider), company, role (info@, sales@), no_reply, placeholder, masked, \
                      invalid.",
        source: "RFC 5321; the providers' own rules",
        example: ("email_kind('info@example.com')", "role"),
        call: Call::Text(|args| {
            let folded = fold(args[0]);
            let is_masked = folded.contains('@') && folded.contains('*');
            (!folded.is_empty()).then(|| {
                if is_masked {
                    "masked".to_string()
                } else {
                    kind(parse(args[0]).as_ref()).to_string()
                }
            })
        }),
    },
    Function {
        name: "email_level",
        arguments: &["left_email", "right_email"],
        required: 2,
        description: "How alike two addresses are, as the comparison of kind email has it: exact (as email_key has them); same_local_part \
                      (four letters or more before the @, another domain behind it); close (one letter off, left out, more, or two \
                      neighbours swapped); else. Null where email_key of either is null.",
        source: "our own rules",
        example: (
            "email_level('J.Doe@Gmail.com', 'jdoe@example.com')",
            "same_local_part",
        ),
        call: Call::Level(|pairs| {
            let read = |text: &str| key(&parse(text)?);
            levels(pairs, read, |(_, one), (_, other)| {
                Some(LEVELS[if one == other { 0 } else { level(one, other) } as usize])
            })
        }),
    },
];

/// Domains that ignore dots in the local part; all are one mailbox provider.
const DOTLESS: &[&str] = &["gmail.com", "googlemail.com"];
/// Domains under which a provider keeps the same mailboxes.
const SAME_PROVIDER: &[(&str, &str)] = &[
    ("googlemail.com", "gmail.com"),
    ("protonmail.com", "proton.me"),
    ("pm.me", "proton.me"),
    ("me.com", "icloud.com"),
    ("mac.com", "icloud.com"),
    ("yandex.ru", "yandex.com"),
    ("ya.ru", "yandex.com"),
];
/// Domains whose users may add `+tag` to the local part.
const TAGGED: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "pm.me",
    "fastmail.com",
    "protonmail.com",
    "proton.me",
];
/// Free providers: an address there is a person's.
const PERSONAL: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "yahoo.com",
    "yahoo.com.cn",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.cn",
    "msn.com",
    "live.cn",
    "mac.com",
    "pm.me",
    "fastmail.com",
    "gmx.net",
    "gmx.com",
    "t-online.de",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "naver.com",
    "hanmail.net",
    "vip.163.com",
    "vip.126.com",
    "vip.sina.com",
    "vip.sohu.com",
    "188.com",
    "263.net",
    "tom.com",
    "icloud.com",
    "me.com",
    "aol.com",
    "gmx.de",
    "web.de",
    "orange.fr",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "vip.qq.com",
    "foxmail.com",
    "163.com",
    "126.com",
    "yeah.net",
    "139.com",
    "189.cn",
    "wo.cn",
    "sina.com",
    "sina.cn",
    "sohu.com",
    "aliyun.com",
    "21cn.com",
];
const ROLES: &[&str] = &[
    "info",
    "sales",
    "support",
    "admin",
    "contact",
    "service",
    "office",
    "hello",
    "team",
    "hr",
    "billing",
    "accounts",
    "marketing",
    "webmaster",
    "postmaster",
    "help",
    "kefu",
    "enquiries",
    "purchasing",
    "booking",
    "bookings",
    "reservation",
    "reservations",
    "reception",
    "frontdesk",
    "guest",
    "orders",
    "enquiry",
    "inquiry",
    "caigou",
    "xiaoshou",
    "renshi",
    "vendas",
    "compras",
    "contato",
    "comercial",
    "financeiro",
    "ventas",
    "contacto",
    "vertrieb",
    "einkauf",
    "verkauf",
    "buchhaltung",
    "rechnung",
    "rechnungen",
    "faturas",
    "administratie",
    "facturas",
    "facturacion",
    "accountspayable",
    "accounts.payable",
    "ap",
    "kontakt",
    "ventes",
    "achats",
    "accueil",
    "vendite",
    "acquisti",
    "amministrazione",
    "ordine",
    "ordini",
    "faktura",
    "fakturor",
    "ekonomi",
    "ksiegowosc",
    "sekretariat",
    "boekhouding",
    "ucetni",
    "invoice",
    "invoices",
    "caiwu",
    "zhaopin",
    "bangongshi",
];
const NO_REPLY: &[&str] = &[
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "mailer-daemon",
];
const PLACEHOLDER_LOCALS: &[&str] = &[
    "test",
    "none",
    "null",
    "na",
    "n/a",
    "xxx",
    "abc",
    "aaa",
    "unknown",
    "noemail",
    "no",
    "wu",
    "notiene",
    "no.tiene",
    "notienecorreo",
    "sincorreo",
    "sinemail",
    "nomail",
    "nao.tem",
    "naotem",
    "naopossui",
    "keine",
    "keinemail",
    "geenmail",
    "pasdemail",
];
const PLACEHOLDER_DOMAINS: &[&str] = &[
    "test.com",
    "none.com",
    "null.com",
    "noemail.com",
    "xxx.com",
    "abc.com",
    "email.com",
    "a.com",
];

struct Email {
    local: String,
    domain: String,
}

fn parse(text: &str) -> Option<Email> {
    let folded = fold(text)
        .replace(['。', '｡'], ".")
        .replace(" @", "@")
        .replace("@ ", "@");
    // Two addresses are none: which of them would be meant?
    if folded.matches('@').count() != 1 {
        return None;
    }
    // Anna Schmidt <anna@example.com>
    let inner = folded
        .rsplit_once('<')
        .map_or(folded.as_str(), |(_, address)| address);
    let text = inner.trim_matches(|c: char| c.is_whitespace() || "<>;,\"'".contains(c));
    let text = text
        .get(..7)
        .filter(|start| start.eq_ignore_ascii_case("mailto:"))
        .map_or(text, |_| &text[7..]);
    // 邮箱：a@b.cn（工作）
    let text = text.rsplit([':', '：']).next().unwrap_or(text);
    let text = text
        .split(['(', '（'])
        .find(|part| part.contains('@'))
        .unwrap_or(text);
    let text = text.trim_matches(|c: char| c.is_whitespace() || "【】[]()（）<>".contains(c));
    let (local, domain) = text.split_once('@')?;
    let valid_local = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
    if !valid_local || domain.contains('@') {
        return None;
    }
    let domain = idna::domain_to_ascii(domain).ok()?.to_ascii_lowercase();
    let domain = domain.trim_end_matches('.');
    let labels: Vec<&str> = domain.split('.').collect();
    let valid_domain = labels.len() >= 2
        && domain.len() <= 253
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
        && labels
            .last()
            .is_some_and(|top| top.len() >= 2 && !top.bytes().all(|byte| byte.is_ascii_digit()));
    // Hidden letters: an address of nobody.
    (valid_domain && !local.contains('*')).then(|| Email {
        local: local.to_string(),
        domain: domain.to_string(),
    })
}

/// A local part without its tag.
fn untagged(local: &str) -> &str {
    let name = local.split('+').next().unwrap_or(local);
    if name.is_empty() { local } else { name }
}

/// The same without dots.
fn without_dots(local: &str) -> impl Iterator<Item = char> {
    untagged(local).chars().filter(|c| *c != '.')
}

/// A place among the levels, of two addresses to match on that are not the same.
pub fn level(left: &str, right: &str) -> u8 {
    let (Some((one, domain)), Some((other, another))) =
        (left.split_once('@'), right.split_once('@'))
    else {
        return 3;
    };
    // What a provider leaves out, or a slip of its name, is left out of the other as well: anna.rossi@example.com, annarossi@gmail.com.
    let is_dotless = |domain: &str| {
        DOTLESS.contains(&domain) || (domain.starts_with('g') && one_slip(domain, DOTLESS[0]))
    };
    let is_one = match is_dotless(domain) || is_dotless(another) {
        true => without_dots(one).eq(without_dots(other)),
        false => untagged(one) == untagged(other),
    };
    // Everybody's name is li or wang somewhere.
    let is_long = without_dots(one).nth(3).is_some() && without_dots(other).nth(3).is_some();
    if is_one && is_long {
        1
    } else if one_slip(left, right) {
        2
    } else {
        3
    }
}

fn key(email: &Email) -> Option<String> {
    if matches!(kind(Some(email)), "no_reply" | "placeholder") {
        return None;
    }
    let mut local = email.local.to_lowercase();
    if TAGGED.contains(&email.domain.as_str())
        && let Some((name, _)) = local.split_once('+')
        && !name.is_empty()
    {
        local = name.to_string();
    }
    if DOTLESS.contains(&email.domain.as_str()) {
        local = local.replace('.', "");
    }
    let same = SAME_PROVIDER
        .iter()
        .find(|(domain, _)| *domain == email.domain);
    let domain = same.map_or(email.domain.as_str(), |(_, domain)| domain);
    Some(format!("{local}@{domain}"))
}

/// Whether a domain is that of a free provider in some country: hotmail.es.
fn is_of_country(domain: &str) -> bool {
    const PROVIDERS: &[&str] = &["hotmail", "yahoo", "outlook", "live", "gmx"];
    let (name, rest) = domain.split_once('.').unwrap_or((domain, ""));
    PROVIDERS.contains(&name) && rest.split('.').all(|part| part.len() <= 3)
}

fn kind(email: Option<&Email>) -> &'static str {
    let Some(email) = email else { return "invalid" };
    let local = email.local.to_lowercase();
    let plain = local.split('+').next().unwrap_or_default().replace('.', "");
    let is_repeated = email.domain.split('.').next() == Some(plain.as_str()) && plain.len() <= 4;
    if NO_REPLY.contains(&local.as_str()) || NO_REPLY.contains(&plain.as_str()) {
        "no_reply"
    } else if PLACEHOLDER_DOMAINS.contains(&email.domain.as_str())
        || PLACEHOLDER_LOCALS.contains(&local.as_str())
        || is_repeated
    {
        "placeholder"
    } else if ROLES.contains(&local.as_str()) {
        "role"
    } else if PERSONAL.contains(&email.domain.as_str()) || is_of_country(&email.domain) {
        "personal"
    } else {
        "company"
    }
}
