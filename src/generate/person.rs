//! One person, as the person is: the truth that every record is a damaged copy of.

use chrono::{Days, NaiveDate};

use super::Plan;
use super::names::{
    FEMALE, MALE, OCCUPATIONS, SURNAMES, WESTERN_FEMALE, WESTERN_MALE, WESTERN_SURNAMES,
};
use super::places::{CITIES, ROADS, STREETS, WESTERN};
use super::rng::Rng;
use crate::functions::reading;
use crate::functions::resident_id::check_character;

/// A person.
#[derive(Debug, Clone)]
pub struct Person {
    /// The number, from 0.
    pub number: u64,
    /// Chinese or Western.
    pub is_chinese: bool,
    /// The family name.
    pub surname: String,
    /// The given name.
    pub given: String,
    /// The short form of a Western given name; empty where there is none.
    pub nickname: &'static str,
    /// `M` or `F`.
    pub is_male: bool,
    /// The birth date.
    pub birth: NaiveDate,
    /// The mobile number, as the person writes it.
    pub phone: String,
    /// The e-mail address.
    pub email: String,
    /// The number of the identity card; empty for Westerners.
    pub resident_id: String,
    /// 省, or the country.
    pub province: String,
    /// 市, or the city.
    pub city: String,
    /// The address from the district down.
    pub address: String,
    /// What the person does.
    pub occupation: &'static str,
    /// The number of the company that the person works for.
    pub company: u64,
}

/// All people of a plan: each is made when asked for.
pub struct People {
    plan: Plan,
}

impl Person {
    /// The name as it is written in the person's own country.
    pub fn name(&self) -> String {
        if self.is_chinese {
            format!("{}{}", self.surname, self.given)
        } else {
            format!("{} {}", self.given, self.surname)
        }
    }

    /// `Wang Xiaoming`, of a Chinese person.
    pub fn romanised(&self) -> String {
        let capital = |text: String| {
            let mut characters = text.chars();
            characters.next().map_or(String::new(), |first| {
                first.to_uppercase().chain(characters).collect()
            })
        };
        let given: String = self.given.chars().filter_map(reading::plain).collect();
        let surname = reading::of_surname(&self.surname)
            .into_iter()
            .next()
            .unwrap_or_default();
        format!("{} {}", capital(surname), capital(given))
    }
}

impl People {
    /// The people of a plan.
    pub fn new(plan: &Plan) -> Self {
        Self { plan: plan.clone() }
    }

    /// One person, the same whenever asked for.
    pub fn person(&self, number: u64) -> Person {
        let mut rng = Rng::new(self.plan.seed, number, "person");
        // Two neighbours by number may be a family: they share an address, and often a surname.
        let mut home = Rng::new(self.plan.seed, number / 2, "home");
        let is_family = home.per_mille(350);
        let is_chinese = home.below(100) < self.plan.chinese_percent;
        let mut of_home = if is_family {
            home
        } else {
            Rng::new(self.plan.seed, number, "own home")
        };
        let family_surname = of_home.below(1_000_000);
        let is_male = rng.per_mille(500);
        let birth = NaiveDate::from_ymd_opt(1945, 1, 1).unwrap_or_default()
            + Days::new(rng.below(365 * 62));
        let occupation = *rng.pick(OCCUPATIONS);
        let shares_surname = is_family && rng.per_mille(700);
        let mut surname_rng = if shares_surname {
            Rng::new(self.plan.seed, family_surname, "surname")
        } else {
            Rng::new(self.plan.seed, number, "surname")
        };
        let company = rng.below(self.plan.customers / 40 + 1);
        if is_chinese {
            let surname = surname_rng.weighted(SURNAMES).to_string();
            let characters = if is_male { MALE } else { FEMALE };
            let mut given = rng.weighted(characters).to_string();
            if rng.per_mille(820) {
                given.push_str(rng.weighted::<&str>(characters));
            }
            let city = of_home.weighted(CITIES);
            let district = of_home.pick(city.districts);
            let address = format!(
                "{}{}{}号{}号楼{}单元{}室",
                district.0,
                of_home.pick(ROADS),
                of_home.between(1, 600),
                of_home.between(1, 30),
                of_home.between(1, 4),
                of_home.between(1, 28) * 100 + of_home.between(1, 4)
            );
            let prefix = rng.pick(&[
                "130", "131", "135", "136", "137", "138", "139", "150", "151", "158", "159", "177",
                "180", "186", "188", "189", "199",
            ]);
            let phone = format!("{prefix}{}", rng.digits(8));
            let sequence = rng.below(500) * 2 + u64::from(is_male);
            let digits = format!(
                "{}{}{}{:03}",
                city.code,
                district.1,
                birth.format("%Y%m%d"),
                sequence % 1000
            );
            let resident_id = format!("{digits}{}", check_character(&digits));
            let mut person = Person {
                number,
                is_chinese,
                surname,
                given,
                nickname: "",
                is_male,
                birth,
                phone,
                email: String::new(),
                resident_id,
                province: city.province.to_string(),
                city: city.city.to_string(),
                address,
                occupation: occupation.0,
                company,
            };
            person.email = chinese_email(&person, &mut rng);
            return person;
        }
        let surname = surname_rng.weighted(WESTERN_SURNAMES).to_string();
        let (given, nickname) = *rng.pick(if is_male {
            WESTERN_MALE
        } else {
            WESTERN_FEMALE
        });
        let (country, city, postcode, pattern) = of_home.pick(WESTERN);
        let address = format!(
            "{} {}, {postcode}",
            of_home.between(1, 250),
            of_home.pick(STREETS)
        );
        let phone = pattern
            .chars()
            .map(|c| {
                if c == '#' {
                    char::from(b'0' + rng.below(10) as u8)
                } else {
                    c
                }
            })
            .collect();
        let email = western_email(given, &surname, &mut rng);
        Person {
            number,
            is_chinese,
            surname,
            given: given.to_string(),
            nickname,
            is_male,
            birth,
            phone,
            email,
            resident_id: String::new(),
            province: country.to_string(),
            city: city.to_string(),
            address,
            occupation: occupation.1,
            company,
        }
    }

    /// How many people there are.
    pub fn count(&self) -> u64 {
        self.plan.customers
    }
}

/// An address that a person of that name may take.
pub fn chinese_email(person: &Person, rng: &mut Rng) -> String {
    let spelled = person.romanised().to_lowercase().replace(' ', "");
    match rng.below(10) {
        0..=4 => format!("{}{}@qq.com", rng.between(1, 9), rng.digits(8)),
        5..=7 => format!(
            "{spelled}{}@{}",
            rng.digits(4),
            rng.pick(&["163.com", "126.com", "sina.com"])
        ),
        8 => format!(
            "{spelled}{}@{}",
            rng.digits(3),
            rng.pick(&["outlook.com", "gmail.com", "foxmail.com"])
        ),
        _ => format!(
            "{spelled}{}@company{}.com.cn",
            rng.digits(2),
            person.company
        ),
    }
}

/// An address that a person of that name may take.
pub fn western_email(given: &str, surname: &str, rng: &mut Rng) -> String {
    let plain = |text: &str| {
        crate::functions::fold::fold_latin(text)
            .chars()
            .filter(char::is_ascii_alphabetic)
            .collect::<String>()
    };
    let (given, surname) = (plain(given), plain(surname));
    let domain = rng.pick(&[
        "gmail.com",
        "outlook.com",
        "yahoo.com",
        "icloud.com",
        "example.org",
    ]);
    match rng.below(3) {
        0 => format!("{given}.{surname}{}@{domain}", rng.digits(3)),
        1 => format!("{}{surname}{}@{domain}", &given[..1], rng.digits(4)),
        _ => format!("{given}{}@{domain}", rng.digits(5)),
    }
}
