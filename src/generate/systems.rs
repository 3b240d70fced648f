//! The systems of a company, and what each knows of a person.

use std::io;
use std::path::Path;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use serde_json::json;

use super::damage::{Copy, Habits, copy, date_form};
use super::person::{People, Person};
use super::places::CITIES;
use super::rng::Rng;
use super::writers::{Encoding, Lines, Rows};
use super::{Generated, Plan};
use crate::functions::credit_code;

/// The export files, and the truth.
pub struct Systems {
    customers: Lines,
    accounts: Lines,
    orders: Vec<Lines>,
    items: Lines,
    calls: Lines,
    tickets: Lines,
    answers: Lines,
    visits: Lines,
    members: Lines,
    points: Rows,
    posts: Lines,
    consents: Lines,
    leads: Lines,
    opportunities: Lines,
    partners: Lines,
    truth: Rows,
    next_post: u64,
}

const CRM: Habits = Habits {
    name_slips: 60,
    masked_names: 0,
    titles: 10,
    romanised: 0,
    phone_slips: 20,
    masked_phones: 0,
    no_phone: 40,
    no_email: 350,
    no_birth: 250,
    shared_phones: 25,
    changed_emails: 60,
    scientific: 15,
};
const SHOP: Habits = Habits {
    name_slips: 50,
    masked_names: 25,
    titles: 0,
    romanised: 30,
    phone_slips: 10,
    masked_phones: 0,
    no_phone: 60,
    no_email: 120,
    no_birth: 600,
    shared_phones: 25,
    changed_emails: 60,
    scientific: 0,
};
const LOYALTY: Habits = Habits {
    name_slips: 50,
    masked_names: 0,
    titles: 0,
    romanised: 5,
    phone_slips: 15,
    masked_phones: 0,
    no_phone: 10,
    no_email: 1000,
    no_birth: 150,
    shared_phones: 30,
    changed_emails: 0,
    scientific: 0,
};
const SERVICE: Habits = Habits {
    name_slips: 80,
    masked_names: 20,
    titles: 60,
    romanised: 10,
    phone_slips: 10,
    masked_phones: 40,
    no_phone: 30,
    no_email: 500,
    no_birth: 1000,
    shared_phones: 40,
    changed_emails: 40,
    scientific: 0,
};
const SURVEY: Habits = Habits {
    name_slips: 60,
    masked_names: 40,
    titles: 20,
    romanised: 20,
    phone_slips: 10,
    masked_phones: 20,
    no_phone: 150,
    no_email: 250,
    no_birth: 1000,
    shared_phones: 20,
    changed_emails: 50,
    scientific: 0,
};
const LEAD: Habits = Habits {
    name_slips: 80,
    masked_names: 0,
    titles: 80,
    romanised: 20,
    phone_slips: 20,
    masked_phones: 0,
    no_phone: 60,
    no_email: 400,
    no_birth: 1000,
    shared_phones: 60,
    changed_emails: 60,
    scientific: 10,
};

/// Products: sku, category, brand, price in cents, weight.
const PRODUCTS: &[((&str, &str, &str, i64), u64)] = &[
    (("K-101", "coffee machine", "Auro", 129_900), 6),
    (("K-102", "coffee machine", "Auro", 249_900), 3),
    (("K-201", "capsules", "Auro", 6_990), 40),
    (("K-202", "capsules", "Bellis", 5_990), 30),
    (("K-301", "grinder", "Bellis", 45_900), 5),
    (("T-101", "kettle", "Cirro", 19_900), 12),
    (("T-102", "kettle", "Cirro", 32_900), 7),
    (("T-201", "tea", "Dahu", 8_800), 26),
    (("T-202", "tea", "Dahu", 15_800), 14),
    (("A-101", "air purifier", "Cirro", 159_900), 5),
    (("A-201", "filter", "Cirro", 12_900), 16),
    (("S-101", "care plan", "Auro", 29_900), 4),
];
const CHANNELS: &[(&str, u64)] = &[("web", 35), ("app", 40), ("wechat", 20), ("store", 15)];
const PAYMENTS: &[(&str, u64)] = &[
    ("alipay", 40),
    ("wechat_pay", 40),
    ("card", 15),
    ("cash", 5),
];
const SUBJECTS: &[(&str, &str, u64)] = &[
    ("delivery late", "complaint", 14),
    ("defect", "complaint", 10),
    ("refund", "complaint", 8),
    ("how to use", "question", 20),
    ("invoice", "question", 12),
    ("warranty", "question", 10),
    ("change address", "request", 10),
    ("suggestion", "suggestion", 4),
];
const AGENTS: u64 = 24;
const PAGES: &[&str] = &[
    "/",
    "/p/K-101",
    "/p/K-201",
    "/p/T-101",
    "/p/T-201",
    "/p/A-101",
    "/search?q=coffee",
    "/search?q=茶",
    "/cart",
    "/support/manuals",
    "/support/faq",
    "/community",
    "/member",
];
const BROWSERS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49",
    "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
];
const BOT: &str = "Mozilla/5.0 (compatible; ExampleBot/2.1; +http://www.example.com/bot.html)";

/// The first and the last day of the exports.
const DAYS: i64 = 730;

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 7, 1).unwrap_or_default()
}

/// A moment of local time in the span of the exports, most of them by day, from a day of the span on.
fn moment(rng: &mut Rng, from_day: i64) -> NaiveDateTime {
    let day = rng.between(from_day.min(DAYS - 1), DAYS - 1);
    let hour = if rng.per_mille(850) {
        rng.between(8, 22)
    } else {
        rng.between(0, 23)
    };
    let start = first_day().and_hms_opt(0, 0, 0).unwrap_or_default();
    start + Duration::days(day) + Duration::hours(hour) + Duration::seconds(rng.between(0, 3599))
}

/// No system knows anything from after the last day.
fn until_the_end(at: NaiveDateTime) -> NaiveDateTime {
    let end = first_day().and_hms_opt(23, 59, 59).unwrap_or_default() + Duration::days(DAYS - 1);
    at.min(end)
}

fn yuan(cents: i64) -> String {
    format!(
        "{}{}.{:02}",
        if cents < 0 { "-" } else { "" },
        cents.abs() / 100,
        cents.abs() % 100
    )
}

fn plain(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

impl Systems {
    /// Starts every file.
    pub fn create(output: &Path) -> io::Result<Self> {
        let exports = output.join("exports");
        let csv = |path: &str, encoding, header: &str| {
            Lines::create(&exports.join(path), encoding, header)
        };
        const ORDERS: &str = "order_id,account_id,member_no,ordered_at,status,channel,payment_method,amount,discount,freight,paid_amount,receiver_city,promotion_code,delivered_at";
        Ok(Self {
            customers: csv(
                "crm/customers.csv",
                Encoding::Gb18030,
                "客户编号,姓名,性别,出生日期,手机号码,电子邮箱,证件号码,省份,城市,地址,职业,单位,客户经理,登记时间,更新时间",
            )?,
            accounts: csv(
                "shop/accounts.csv",
                Encoding::Utf8Mark,
                "account_id,nickname,real_name,mobile,email,gender,birthday,city,address,registered_at,updated_at",
            )?,
            orders: vec![
                csv("shop/orders-2024.csv.gz", Encoding::Utf8, ORDERS)?,
                csv("shop/orders-2025.csv.gz", Encoding::Utf8, ORDERS)?,
                csv("shop/orders-2026.csv", Encoding::Utf8, ORDERS)?,
            ],
            items: csv(
                "shop/order_items.csv.zst",
                Encoding::Utf8,
                "order_id,line,sku,category,brand,quantity,unit_price,line_amount",
            )?,
            calls: csv("service/calls.jsonl", Encoding::Utf8, "")?,
            tickets: csv("service/tickets.jsonl.gz", Encoding::Utf8, "")?,
            answers: csv(
                "survey/answers.csv",
                Encoding::Utf8,
                "answer_id,respondent_id,name,mobile,email,account_id,question,score,about,asked_at,answered_at",
            )?,
            visits: csv("web/access.log.gz", Encoding::Utf8, "")?,
            members: csv(
                "loyalty/members.csv",
                Encoding::Utf8,
                "member_no,name,mobile,id_card,birthday,tier,city,joined_on,account_id,updated_at",
            )?,
            points: Rows::create(
                &exports.join("loyalty/points.parquet"),
                &["entry_id", "member_no", "happened_at", "kind", "order_id"],
                &["points"],
            )?,
            posts: csv("community/posts.jsonl.zst", Encoding::Utf8, "")?,
            consents: csv(
                "consents/consents.csv",
                Encoding::Utf8,
                "consent_id,account_id,channel,purpose,state,changed_at",
            )?,
            leads: csv(
                "crm/leads.csv",
                Encoding::Gb18030,
                "线索编号,联系人,手机,邮箱,公司,来源,意向产品,状态,创建时间,转化客户编号",
            )?,
            opportunities: csv(
                "crm/opportunities.csv",
                Encoding::Gb18030,
                "商机编号,客户编号,阶段,预计金额,预计成交日期,负责人,创建时间",
            )?,
            partners: csv(
                "partners/partners.csv",
                Encoding::Utf8,
                "partner_id,partner_name,role,credit_code,contact_name,contact_phone,province,city,joined_on",
            )?,
            truth: Rows::create(
                &truth_path(output),
                &["source", "source_key", "person_id", "damages"],
                &[],
            )?,
            next_post: 0,
        })
    }

    /// Writes everything that the systems know of a person.
    pub fn write(&mut self, people: &People, person: &Person, rng: &mut Rng) -> io::Result<()> {
        let mut in_crm = rng.per_mille(620);
        let mut has_account = rng.per_mille(620);
        let is_member = rng.per_mille(380);
        let is_lead = rng.per_mille(120);
        if !in_crm && !has_account && !is_member && !is_lead {
            if rng.per_mille(500) {
                in_crm = true
            } else {
                has_account = true
            }
        }
        let from_day = rng.between(0, DAYS - 30);
        let account = format!("A{:08}", person.number * 3 + 1001);
        let member = format!("M{:07}", person.number * 2 + 500);
        let crm = format!("C{:07}", person.number + 1);
        if in_crm {
            self.customer(people, person, &crm, from_day, &[], rng)?;
            if rng.per_mille(40) {
                let twice = format!("C{:07}D", person.number + 1);
                self.customer(people, person, &twice, from_day, &["duplicate"], rng)?;
            }
            if rng.per_mille(110) {
                self.opportunity(person, &crm, rng)?;
            }
        }
        if has_account {
            self.account(people, person, &account, from_day, rng)?;
            self.consents(person, &account, from_day, rng)?;
            self.visits(person, Some(&account), from_day, rng)?;
            self.posts(person, &account, from_day, rng)?;
        } else if rng.per_mille(300) {
            self.visits(person, None, from_day, rng)?;
        }
        if is_member {
            let linked = if has_account && rng.per_mille(350) {
                account.as_str()
            } else {
                ""
            };
            self.member(people, person, &member, linked, from_day, rng)?;
        }
        let account = if has_account { account.as_str() } else { "" };
        let member = if is_member { member.as_str() } else { "" };
        if has_account || is_member {
            self.orders(person, account, member, from_day, rng)?;
        }
        for at in 0..rng.geometric(260, 6) {
            self.ticket(people, person, account, at, from_day, rng)?;
        }
        if rng.per_mille(140) {
            self.survey(people, person, account, from_day, rng)?;
        }
        if is_lead {
            let converted = if in_crm && rng.per_mille(400) {
                crm.as_str()
            } else {
                ""
            };
            self.lead(people, person, converted, from_day, rng)?;
        }
        Ok(())
    }

    fn record_truth(
        &mut self,
        source: &str,
        key: &str,
        person: &Person,
        copy: &Copy,
        more: &[&'static str],
    ) -> io::Result<()> {
        let mut damages: Vec<&str> = copy.damages.iter().chain(more).copied().collect();
        damages.sort_unstable();
        self.truth.row(
            &[
                source,
                key,
                &format!("P{}", person.number),
                &damages.join(";"),
            ],
            &[],
        )
    }

    fn customer(
        &mut self,
        people: &People,
        person: &Person,
        key: &str,
        from_day: i64,
        more: &[&'static str],
        rng: &mut Rng,
    ) -> io::Result<()> {
        let copy = copy(people, person, CRM, rng);
        let resident_id = if rng.per_mille(250) {
            person.resident_id.as_str()
        } else {
            ""
        };
        let company = format!("示例{}有限公司", person.company);
        let registered = moment(rng, from_day.min(DAYS - 60));
        let updated = until_the_end(registered + Duration::days(rng.between(0, 200)));
        let gender = if rng.per_mille(900) {
            if person.is_male { "男" } else { "女" }
        } else {
            ""
        };
        let manager = format!("经理{:02}", person.company % 16 + 1);
        // One row in some thousands is broken, as in life.
        if rng.below(3000) == 0 {
            return self.customers.record(&[key, &copy.name]);
        }
        self.customers.record(&[
            key,
            &copy.name,
            gender,
            &copy.birth,
            &copy.phone,
            &copy.email,
            resident_id,
            &person.province,
            &person.city,
            &copy.address,
            if rng.per_mille(600) {
                person.occupation
            } else {
                ""
            },
            if rng.per_mille(200) { &company } else { "" },
            &manager,
            &registered.format("%Y/%-m/%-d %H:%M").to_string(),
            &plain(updated),
        ])?;
        self.record_truth("crm", key, person, &copy, more)
    }

    fn account(
        &mut self,
        people: &People,
        person: &Person,
        key: &str,
        from_day: i64,
        rng: &mut Rng,
    ) -> io::Result<()> {
        let copy = copy(people, person, SHOP, rng);
        let nickname = format!("user_{:x}", person.number * 7919 + 17);
        let has_name = rng.per_mille(820);
        let name = if has_name {
            copy.name.as_str()
        } else if rng.per_mille(300) {
            "微信用户"
        } else {
            ""
        };
        let registered = moment(rng, from_day);
        let updated = until_the_end(registered + Duration::days(rng.between(0, 120)));
        self.accounts.record(&[
            key,
            &nickname,
            name,
            &copy.phone,
            &copy.email,
            if rng.per_mille(500) {
                if person.is_male { "male" } else { "female" }
            } else {
                ""
            },
            &copy.birth,
            &person.city,
            if rng.per_mille(700) {
                &copy.address
            } else {
                ""
            },
            &plain(registered),
            &plain(updated),
        ])?;
        self.record_truth(
            "shop",
            key,
            person,
            &copy,
            if has_name { &[] } else { &["no_name"] },
        )
    }

    fn member(
        &mut self,
        people: &People,
        person: &Person,
        key: &str,
        account: &str,
        from_day: i64,
        rng: &mut Rng,
    ) -> io::Result<()> {
        let copy = copy(people, person, LOYALTY, rng);
        let resident_id = if rng.per_mille(300) {
            person.resident_id.as_str()
        } else {
            ""
        };
        let joined = moment(rng, from_day);
        let tier = rng.weighted(&[("standard", 70), ("silver", 20), ("gold", 10)]);
        self.members.record(&[
            key,
            &copy.name,
            &copy.phone,
            resident_id,
            &copy.birth,
            tier,
            &person.city,
            &date_form(joined.date(), false, rng),
            account,
            &plain(until_the_end(joined + Duration::days(rng.between(0, 300)))),
        ])?;
        for _ in 0..rng.geometric(300, 8) {
            let at = moment(rng, from_day);
            let entry = format!("L{:010}", self.points.count + 1);
            let is_gain = rng.per_mille(750);
            let points = rng.between(5, 400) * if is_gain { 1 } else { -1 };
            self.points.row(
                &[
                    &entry,
                    key,
                    &plain(at),
                    if is_gain { "earn" } else { "burn" },
                    "",
                ],
                &[points],
            )?;
        }
        self.record_truth("loyalty", key, person, &copy, &[])
    }

    fn orders(
        &mut self,
        person: &Person,
        account: &str,
        member: &str,
        from_day: i64,
        rng: &mut Rng,
    ) -> io::Result<()> {
        // A few buy often, many once, some never.
        let share = *rng.weighted(&[(300, 45), (620, 40), (880, 15)]);
        for at in 0..rng.geometric(share, 60) {
            let ordered = moment(rng, from_day);
            let order = format!(
                "{}{:09}",
                ordered.format("%y%m%d"),
                person.number * 60 + at + 1
            );
            let mut amount = 0;
            for line in 0..=rng.geometric(450, 5) {
                let (sku, category, brand, price) = *rng.weighted(PRODUCTS);
                let quantity = 1 + rng.geometric(250, 5) as i64;
                amount += price * quantity;
                self.items.record(&[
                    &order,
                    &(line + 1).to_string(),
                    sku,
                    category,
                    brand,
                    &quantity.to_string(),
                    &yuan(price),
                    &yuan(price * quantity),
                ])?;
            }
            let promotion = if rng.per_mille(250) {
                *rng.pick(&["WELCOME", "618", "1111", "SPRING"])
            } else {
                ""
            };
            let discount = if promotion.is_empty() {
                0
            } else {
                amount / 100 * rng.between(5, 20)
            };
            let freight = if amount < 9_900 { 800 } else { 0 };
            let status = *rng.weighted(&[
                ("completed", 90),
                ("returned", 4),
                ("cancelled", 4),
                ("paid", 2),
            ]);
            let paid = if status == "cancelled" {
                0
            } else {
                amount - discount + freight
            };
            let channel = if account.is_empty() {
                "store"
            } else {
                *rng.weighted(CHANNELS)
            };
            let by_card = !member.is_empty() && (account.is_empty() || channel == "store");
            let delivered = match status {
                "completed" | "returned" => plain(until_the_end(
                    ordered + Duration::minutes(rng.between(300, 8000)),
                )),
                _ => String::new(),
            };
            let paid = if rng.below(4000) == 0 {
                "待核".to_string()
            } else {
                yuan(paid)
            };
            let file = (ordered
                .format("%Y")
                .to_string()
                .parse::<usize>()
                .unwrap_or(2024)
                - 2024)
                .min(2);
            self.orders[file].record(&[
                &order,
                if by_card { "" } else { account },
                if by_card || rng.per_mille(100) {
                    member
                } else {
                    ""
                },
                &plain(ordered),
                status,
                channel,
                rng.weighted::<&str>(PAYMENTS),
                &yuan(amount),
                &yuan(discount),
                &yuan(freight),
                &paid,
                &person.city,
                promotion,
                &delivered,
            ])?;
        }
        Ok(())
    }

    fn ticket(
        &mut self,
        people: &People,
        person: &Person,
        account: &str,
        at: u64,
        from_day: i64,
        rng: &mut Rng,
    ) -> io::Result<()> {
        let copy = copy(people, person, SERVICE, rng);
        let key = format!("T{:09}", person.number * 8 + at + 1);
        let created = moment(rng, from_day);
        let channel = *rng.weighted(&[
            ("phone", 40),
            ("chat", 30),
            ("email", 15),
            ("wechat", 10),
            ("community", 5),
        ]);
        let weights: Vec<((&str, &str), u64)> = SUBJECTS
            .iter()
            .map(|(subject, kind, weight)| ((*subject, *kind), *weight))
            .collect();
        let (subject, kind) = *rng.weighted(&weights);
        let replied = until_the_end(created + Duration::minutes(rng.between(1, 900)));
        let solved = until_the_end(replied + Duration::minutes(rng.between(5, 6000)));
        let is_open = rng.per_mille(60);
        let agent = format!("G{:02}", rng.below(AGENTS) + 1);
        let iso = |at: NaiveDateTime| format!("{}+08:00", at.format("%Y-%m-%dT%H:%M:%S"));
        let none_if_empty = |text: &str| {
            if text.is_empty() {
                serde_json::Value::Null
            } else {
                json!(text)
            }
        };
        let has_account = !account.is_empty() && channel != "phone" && rng.per_mille(600);
        let ticket = json!({
            "ticket_id": key,
            "created_at": iso(created),
            "first_reply_at": iso(replied),
            "solved_at": if is_open { serde_json::Value::Null } else { json!(iso(solved)) },
            "status": if is_open { "open" } else { "solved" },
            "reopened": rng.geometric(60, 3),
            "channel": channel,
            "kind": kind,
            "subject": subject,
            "agent_id": agent,
            "product": { "brand": rng.weighted(PRODUCTS).2 },
            "requester": {
                "name": none_if_empty(&copy.name),
                "phone": none_if_empty(&copy.phone),
                "email": none_if_empty(&copy.email),
                "account_id": if has_account { json!(account) } else { serde_json::Value::Null },
            },
            "tags": [kind, channel],
        });
        self.tickets.text(&ticket.to_string())?;
        if channel == "phone" {
            let call = json!({
                "call_id": format!("L{key}"),
                "ticket_id": key,
                "started_at": iso(created),
                "direction": "inbound",
                "duration_seconds": rng.between(20, 1500),
                "waited_seconds": rng.between(0, 240),
                "agent_id": agent,
                "caller": { "phone": none_if_empty(&copy.phone) },
            });
            self.calls.text(&call.to_string())?;
        }
        self.record_truth("service", &key, person, &copy, &[])
    }

    fn survey(
        &mut self,
        people: &People,
        person: &Person,
        account: &str,
        from_day: i64,
        rng: &mut Rng,
    ) -> io::Result<()> {
        for wave in 0..1 + rng.geometric(300, 3) {
            let copy = copy(people, person, SURVEY, rng);
            let key = format!("R{:09}", person.number * 4 + wave + 1);
            let asked = moment(rng, from_day);
            let answered = until_the_end(asked + Duration::minutes(rng.between(2, 5000)));
            let mood = rng.between(-3, 1);
            let linked = if !account.is_empty() && rng.per_mille(400) {
                account
            } else {
                ""
            };
            for (at, (question, high, about)) in [
                ("nps", 10, "company"),
                ("csat", 5, "order"),
                ("ces", 7, "service"),
            ]
            .into_iter()
            .enumerate()
            {
                if at > 0 && rng.per_mille(350) {
                    continue;
                }
                let low = i64::from(question != "nps");
                let score = (high + mood + rng.between(-2, 1)).clamp(low, high);
                self.answers.record(&[
                    &format!("{key}-{}", at + 1),
                    &key,
                    &copy.name,
                    &copy.phone,
                    &copy.email,
                    linked,
                    question,
                    &score.to_string(),
                    about,
                    &plain(asked),
                    &plain(answered),
                ])?;
            }
            self.record_truth("survey", &key, person, &copy, &[])?;
        }
        Ok(())
    }

    fn lead(
        &mut self,
        people: &People,
        person: &Person,
        converted: &str,
        from_day: i64,
        rng: &mut Rng,
    ) -> io::Result<()> {
        let copy = copy(people, person, LEAD, rng);
        let key = format!("X{:07}", person.number + 1);
        let company = format!("示例{}有限公司", person.company);
        let status = if converted.is_empty() {
            *rng.pick(&["新线索", "跟进中", "无效"])
        } else {
            "已转化"
        };
        self.leads.record(&[
            &key,
            &copy.name,
            &copy.phone,
            &copy.email,
            if rng.per_mille(400) { &company } else { "" },
            rng.pick::<&str>(&["展会", "官网", "转介绍", "广告", "微信"]),
            rng.weighted(PRODUCTS).1,
            status,
            &moment(rng, from_day)
                .format("%Y年%-m月%-d日 %H:%M")
                .to_string(),
            converted,
        ])?;
        self.record_truth("leads", &key, person, &copy, &[])
    }

    fn opportunity(&mut self, person: &Person, crm: &str, rng: &mut Rng) -> io::Result<()> {
        let created = moment(rng, 0);
        let stage = *rng.weighted(&[
            ("初步接触", 30),
            ("需求确认", 25),
            ("报价谈判", 20),
            ("赢单", 15),
            ("输单", 10),
        ]);
        // Sales people write amounts as they speak.
        let amount = rng.between(20, 900);
        let amount = if rng.per_mille(400) {
            format!("{}.{}万", amount / 10, amount % 10)
        } else {
            format!("￥{},{:03}.00", amount, 0)
        };
        self.opportunities.record(&[
            &format!("O{:07}", person.number + 1),
            crm,
            stage,
            &amount,
            &date_form(
                created.date() + Duration::days(rng.between(10, 150)),
                true,
                rng,
            ),
            &format!("经理{:02}", person.company % 16 + 1),
            &plain(created),
        ])
    }

    fn consents(
        &mut self,
        person: &Person,
        account: &str,
        from_day: i64,
        rng: &mut Rng,
    ) -> io::Result<()> {
        for channel in ["email", "sms", "phone"] {
            if rng.per_mille(550) {
                let state = if rng.per_mille(700) {
                    "granted"
                } else {
                    "withdrawn"
                };
                let key = format!("K{:08}-{channel}", person.number);
                self.consents.record(&[
                    &key,
                    account,
                    channel,
                    "marketing",
                    state,
                    &plain(moment(rng, from_day)),
                ])?;
            }
        }
        Ok(())
    }

    fn posts(
        &mut self,
        person: &Person,
        account: &str,
        from_day: i64,
        rng: &mut Rng,
    ) -> io::Result<()> {
        if !rng.per_mille(120) {
            return Ok(());
        }
        for _ in 0..1 + rng.geometric(500, 12) {
            self.next_post += 1;
            let is_reply = self.next_post > 10 && rng.per_mille(600);
            let parent = if is_reply {
                json!(format!("B{:08}", self.next_post - 1 - rng.below(9)))
            } else {
                serde_json::Value::Null
            };
            let text = *rng.pick(&[
                "咖啡机很好用，推荐给朋友",
                "滤芯多久换一次？",
                "物流太慢了，不满意",
                "Great kettle, fast delivery",
                "How do I descale it?",
                "胶囊口味可以再多一些",
            ]);
            let post = json!({
                "post_id": format!("B{:08}", self.next_post),
                "parent_id": parent,
                "author": { "account_id": account, "nickname": format!("user_{:x}", person.number * 7919 + 17) },
                "created_at": format!("{}+08:00", moment(rng, from_day).format("%Y-%m-%dT%H:%M:%S")),
                "board": rng.pick(&["coffee", "tea", "air", "service"]),
                "text": text,
                "likes": rng.geometric(600, 30),
            });
            self.posts.text(&post.to_string())?;
        }
        Ok(())
    }

    fn visits(
        &mut self,
        person: &Person,
        account: Option<&str>,
        from_day: i64,
        rng: &mut Rng,
    ) -> io::Result<()> {
        let address = format!(
            "{}.{}.{}.{}",
            36 + rng.below(180),
            rng.below(256),
            rng.below(256),
            1 + rng.below(254)
        );
        let browser = if rng.below(60) == 0 {
            BOT
        } else {
            *rng.pick(BROWSERS)
        };
        let cookie = format!("uid={:012x}", person.number * 2_654_435_761 + 99);
        for _ in 0..rng.geometric(550, 20) {
            let mut at = moment(rng, from_day);
            let is_logged_in = account.is_some() && rng.per_mille(550);
            for page in 0..=rng.geometric(600, 12) {
                at += Duration::seconds(rng.between(3, 400));
                if at.date() >= first_day() + Duration::days(DAYS) {
                    break;
                }
                let status = *rng.weighted(&[(200, 960), (404, 25), (302, 10), (500, 5)]);
                let path = if page == 0 { "/" } else { rng.pick(PAGES) };
                let referrer = if page == 0 && rng.per_mille(400) {
                    "https://www.baidu.com/"
                } else {
                    "-"
                };
                self.visits.text(&format!(
                    "{address} - {} [{} +0800] \"GET {path} HTTP/1.1\" {status} {} \"{referrer}\" \"{browser}\" \"{cookie}\"",
                    account.filter(|_| is_logged_in).unwrap_or("-"),
                    at.format("%d/%b/%Y:%H:%M:%S"),
                    rng.between(300, 60_000),
                ))?;
            }
        }
        Ok(())
    }

    /// Writes the partners: distributors, agents, service partners.
    pub fn partners(&mut self, plan: &Plan) -> io::Result<()> {
        for number in 0..plan.customers / 100 + 3 {
            let mut rng = Rng::new(plan.seed, number, "partner");
            let city = rng.weighted(CITIES);
            let code = format!(
                "91{}00{}",
                city.code,
                format_args!("{:09}", rng.below(1_000_000_000))
            );
            let code = format!(
                "{code}{}",
                credit_code::check_character(&code).unwrap_or('0')
            );
            let phone = format!("{}-{}{}", city.area, rng.between(2, 8), rng.digits(7));
            self.partners.record(&[
                &format!("D{:05}", number + 1),
                &format!(
                    "{}{}商贸有限公司",
                    city.city.trim_end_matches('市'),
                    rng.pick(&["华信", "瑞丰", "恒达", "东升", "金泰", "万和"])
                ),
                rng.weighted::<&str>(&[
                    ("distributor", 50),
                    ("agent", 30),
                    ("service_partner", 20),
                ]),
                &code,
                &format!("{}经理", rng.weighted(super::names::SURNAMES)),
                &phone,
                city.province,
                city.city,
                &first_day().to_string(),
            ])?;
        }
        Ok(())
    }

    /// Ends every file, and counts.
    pub fn close(self) -> io::Result<Generated> {
        let mut rows = 0;
        for lines in [
            self.customers,
            self.accounts,
            self.items,
            self.calls,
            self.tickets,
            self.answers,
            self.visits,
            self.members,
            self.posts,
            self.consents,
            self.leads,
            self.opportunities,
            self.partners,
        ]
        .into_iter()
        .chain(self.orders)
        {
            rows += lines.close()?;
        }
        rows += self.points.close()?;
        Ok(Generated {
            rows,
            records: self.truth.close()?,
        })
    }
}

fn truth_path(output: &Path) -> std::path::PathBuf {
    output.join("truth").join("records.parquet")
}
