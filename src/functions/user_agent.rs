//! User agents: what kind of visitor, on which system, by which browser.
//!
//! By the words that makers put into their user agents; the first word that is found decides, so apps stand before the
//! browsers that they are built on.

use super::scalar::{Call, Function};

/// `user_agent_kind`, `user_agent_system`, `user_agent_browser`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "user_agent_kind",
        arguments: &["user_agent"],
        required: 1,
        description: "bot (crawlers, monitors and programs), mini_program (a program inside WeChat or Alipay), app (a page inside \
                      another app: WeChat, Alipay, Weibo, DingTalk …), tablet, phone or desktop; null where nothing tells.",
        source: "the words that makers put into their user agents",
        example: (
            "user_agent_kind('Mozilla/5.0 (Linux; Android 13) MicroMessenger/8.0.40 NetType/WIFI')",
            "app",
        ),
        call: Call::Text(|args| kind(args[0]).map(String::from)),
    },
    Function {
        name: "user_agent_system",
        arguments: &["user_agent"],
        required: 1,
        description: "harmony, android, ios, windows, macos, chrome_os or linux; null where nothing tells.",
        source: "the words that makers put into their user agents",
        example: (
            "user_agent_system('Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)')",
            "ios",
        ),
        call: Call::Text(|args| system(args[0]).map(String::from)),
    },
    Function {
        name: "user_agent_browser",
        arguments: &["user_agent"],
        required: 1,
        description: "The browser or app: wechat, wecom, alipay, dingtalk, weibo, taobao, douyin, baidu, qq, uc, miui, huawei, vivo, \
                      oppo, samsung, edge, opera, firefox, chrome, safari, internet_explorer; null for bots and where nothing \
                      tells.",
        source: "the words that makers put into their user agents",
        example: (
            "user_agent_browser('Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0')",
            "edge",
        ),
        call: Call::Text(|args| browser(args[0]).map(String::from)),
    },
];

/// Words of crawlers, monitors and programs, in lower case.
const BOTS: &[&str] = &[
    "bot",
    "spider",
    "crawler",
    "slurp",
    "curl/",
    "wget/",
    "python-",
    "python/",
    "aiohttp",
    "httpx",
    "go-http-client",
    "java/",
    "okhttp",
    "apache-httpclient",
    "libwww",
    "scrapy",
    "headlesschrome",
    "phantomjs",
    "lighthouse",
    "pingdom",
    "uptime",
    "monitor",
    "facebookexternalhit",
    "feedfetcher",
    "mediapartners",
    "nutch",
    "postman",
    "axios/",
    "node-fetch",
    "ruby",
    "perl",
    "zgrab",
    "masscan",
    "nmap",
    "nikto",
    "sqlmap",
    "preview",
    "archiver",
    "httrack",
];

/// Apps and browsers, in lower case; the first that is found counts.
const BROWSERS: &[(&str, &str)] = &[
    ("wxwork", "wecom"),
    ("micromessenger", "wechat"),
    ("alipayclient", "alipay"),
    ("dingtalk", "dingtalk"),
    ("weibo", "weibo"),
    ("aliapp(tb", "taobao"),
    ("aliapp(tm", "taobao"),
    ("aweme", "douyin"),
    ("baiduboxapp", "baidu"),
    ("bidubrowser", "baidu"),
    ("mqqbrowser", "qq"),
    ("qqbrowser", "qq"),
    ("qq/", "qq"),
    ("ucbrowser", "uc"),
    ("ubrowser", "uc"),
    ("miuibrowser", "miui"),
    ("huaweibrowser", "huawei"),
    ("vivobrowser", "vivo"),
    ("heytapbrowser", "oppo"),
    ("samsungbrowser", "samsung"),
    ("edg/", "edge"),
    ("edga/", "edge"),
    ("edgios/", "edge"),
    ("edge/", "edge"),
    ("opr/", "opera"),
    ("opera", "opera"),
    ("fxios/", "firefox"),
    ("firefox/", "firefox"),
    ("crios/", "chrome"),
    ("chrome/", "chrome"),
    ("msie ", "internet_explorer"),
    ("trident/", "internet_explorer"),
    ("safari/", "safari"),
];

/// Apps that show web pages inside themselves.
const APPS: &[&str] = &[
    "wecom", "wechat", "alipay", "dingtalk", "weibo", "taobao", "douyin",
];

fn is_bot(lower: &str) -> bool {
    // Cubot makes phones.
    BOTS.iter().any(|word| lower.contains(word)) && !lower.contains("cubot")
}

/// What kind of visitor a user agent names.
pub fn kind(agent: &str) -> Option<&'static str> {
    let lower = agent.to_lowercase();
    if is_bot(&lower) {
        return Some("bot");
    }
    if lower.contains("miniprogram") || lower.contains("miniprogramenv") {
        return Some("mini_program");
    }
    if browser_of(&lower).is_some_and(|browser| APPS.contains(&browser)) {
        return Some("app");
    }
    let is_android = lower.contains("android") || lower.contains("harmony");
    if lower.contains("ipad")
        || lower.contains("tablet")
        || (is_android && !lower.contains("mobile") && lower.contains("pad"))
    {
        return Some("tablet");
    }
    match system_of(&lower)? {
        "android" | "ios" | "harmony" => Some("phone"),
        _ => Some("desktop"),
    }
}

fn system(agent: &str) -> Option<&'static str> {
    system_of(&agent.to_lowercase())
}

fn system_of(lower: &str) -> Option<&'static str> {
    const SYSTEMS: &[(&str, &str)] = &[
        ("harmonyos", "harmony"),
        ("openharmony", "harmony"),
        ("android", "android"),
        ("iphone", "ios"),
        ("ipad", "ios"),
        ("ipod", "ios"),
        ("windows", "windows"),
        ("cros", "chrome_os"),
        ("mac os x", "macos"),
        ("macintosh", "macos"),
        ("linux", "linux"),
        ("x11", "linux"),
    ];
    SYSTEMS
        .iter()
        .find(|(word, _)| lower.contains(word))
        .map(|(_, system)| *system)
}

fn browser(agent: &str) -> Option<&'static str> {
    let lower = agent.to_lowercase();
    if is_bot(&lower) {
        return None;
    }
    browser_of(&lower)
}

fn browser_of(lower: &str) -> Option<&'static str> {
    BROWSERS
        .iter()
        .find(|(word, _)| lower.contains(word))
        .map(|(_, browser)| *browser)
}
