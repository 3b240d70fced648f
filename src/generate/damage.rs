//! The damage of real life: what happens to a person's data on its way into a system. Each has a name, which the truth
//! keeps beside the record.

use chrono::{Datelike, NaiveDate};

use super::names::{HOMOPHONES, LOOK_ALIKE, TRADITIONAL};
use super::person::{People, Person, chinese_email, western_email};
use super::rng::Rng;

/// What a system knows of a person, damaged.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The name; empty where it is missing.
    pub name: String,
    /// The phone; empty where it is missing.
    pub phone: String,
    /// The e-mail; empty where it is missing.
    pub email: String,
    /// The birth date in one of several forms; empty where it is missing.
    pub birth: String,
    /// The address; empty where it is missing.
    pub address: String,
    /// The names of the damages.
    pub damages: Vec<&'static str>,
}

/// A system's habits: how often, in a thousand, it damages what.
#[derive(Debug, Clone, std::marker::Copy)]
pub struct Habits {
    /// Names that are mistyped, misheard or written in another script.
    pub name_slips: u64,
    /// Names with stars.
    pub masked_names: u64,
    /// A surname and a title.
    pub titles: u64,
    /// Chinese names in Latin letters.
    pub romanised: u64,
    /// Mistyped phones.
    pub phone_slips: u64,
    /// Phones with stars.
    pub masked_phones: u64,
    /// No phone.
    pub no_phone: u64,
    /// No e-mail.
    pub no_email: u64,
    /// No birth date.
    pub no_birth: u64,
    /// The number of a relative, of the company, or one that belonged to somebody else.
    pub shared_phones: u64,
    /// Another e-mail address of the same person.
    pub changed_emails: u64,
    /// Phones that a spreadsheet took for numbers.
    pub scientific: u64,
}

/// Makes a system's copy of a person.
pub fn copy(people: &People, person: &Person, habits: Habits, rng: &mut Rng) -> Copy {
    let mut copy = Copy {
        name: person.name(),
        phone: person.phone.clone(),
        email: person.email.clone(),
        birth: date_form(person.birth, person.is_chinese, rng),
        address: person.address.clone(),
        damages: Vec::new(),
    };
    damage_name(&mut copy, person, habits, rng);
    damage_phone(&mut copy, people, person, habits, rng);
    if rng.per_mille(habits.no_email) {
        copy.email.clear();
        copy.damages.push("no_email");
    } else if rng.per_mille(habits.changed_emails) {
        copy.email = if person.is_chinese {
            chinese_email(person, rng)
        } else {
            western_email(&person.given, &person.surname, rng)
        };
        copy.damages.push("changed_email");
    } else if rng.per_mille(10) {
        copy.email = copy.email.replacen("com", "con", 1);
        copy.damages.push("mistyped_email");
    }
    if rng.per_mille(habits.no_birth) {
        copy.birth.clear();
    } else if rng.per_mille(20) {
        let slipped = person
            .birth
            .with_day(person.birth.day() % 28 + 1)
            .unwrap_or(person.birth);
        copy.birth = date_form(slipped, person.is_chinese, rng);
        copy.damages.push("mistyped_birth_date");
    }
    copy
}

fn damage_name(copy: &mut Copy, person: &Person, habits: Habits, rng: &mut Rng) {
    let mut set = |name: String, damage: &'static str| {
        if name != copy.name {
            copy.name = name;
            copy.damages.push(damage);
        }
    };
    if rng.per_mille(habits.masked_names) {
        let stars = if person.is_chinese {
            "*".repeat(person.given.chars().count().min(2))
        } else {
            "***".to_string()
        };
        let shown = if person.is_chinese {
            person.surname.clone()
        } else {
            person.given.clone()
        };
        return set(format!("{shown}{stars}"), "masked_name");
    }
    if person.is_chinese && rng.per_mille(habits.titles) {
        let title = if rng.per_mille(300) {
            "总"
        } else if person.is_male {
            "先生"
        } else {
            "女士"
        };
        return set(format!("{}{title}", person.surname), "title_for_name");
    }
    if person.is_chinese && rng.per_mille(habits.romanised) {
        return set(person.romanised(), "romanised_name");
    }
    if !rng.per_mille(habits.name_slips) {
        if rng.per_mille(30) {
            copy.name = if person.is_chinese {
                format!("{}\u{3000}{}", person.surname, person.given)
            } else {
                copy.name.to_uppercase()
            };
        }
        return;
    }
    if !person.is_chinese {
        let name = person.name();
        return match rng.below(4) {
            0 if !person.nickname.is_empty() => set(
                format!("{} {}", person.nickname, person.surname),
                "nickname",
            ),
            1 => set(
                format!("{}, {}", person.surname, person.given),
                "swapped_name",
            ),
            _ => set(swap_letters(&name, rng), "mistyped_name"),
        };
    }
    match rng.below(4) {
        0 | 1 => set(
            replace_one(
                &person.name(),
                HOMOPHONES,
                person.surname.chars().count(),
                rng,
            ),
            "homophone",
        ),
        2 => set(
            replace_one(
                &person.name(),
                LOOK_ALIKE,
                person.surname.chars().count(),
                rng,
            ),
            "look_alike",
        ),
        _ => {
            let traditional = |c: char| {
                TRADITIONAL
                    .iter()
                    .find(|(simple, _)| *simple == c)
                    .map_or(c, |(_, traditional)| *traditional)
            };
            set(
                person.name().chars().map(traditional).collect(),
                "traditional",
            );
        }
    }
}

fn damage_phone(copy: &mut Copy, people: &People, person: &Person, habits: Habits, rng: &mut Rng) {
    let digits: Vec<char> = person.phone.chars().collect();
    if rng.per_mille(habits.no_phone) {
        copy.phone.clear();
        copy.damages.push("no_phone");
    } else if rng.per_mille(habits.shared_phones) {
        match rng.below(3) {
            // A relative's, of the same home.
            0 if (person.number ^ 1) < people.count() => {
                copy.phone = people.person(person.number ^ 1).phone;
                copy.damages.push("family_phone");
            }
            1 => {
                let mut of_company = Rng::new(person.company, 0, "switchboard");
                copy.phone = format!(
                    "{}-{}{}",
                    of_company.pick(&["010", "021", "0755"]),
                    of_company.between(2, 8),
                    of_company.digits(7)
                );
                copy.damages.push("switchboard");
            }
            // The number belonged to somebody who gave it back.
            _ => {
                copy.phone = people.person(rng.below(people.count())).phone;
                copy.damages.push("recycled_phone");
            }
        }
    } else if rng.per_mille(habits.masked_phones) && digits.len() == 11 {
        copy.phone = format!("{}****{}", &person.phone[..3], &person.phone[7..]);
        copy.damages.push("masked_phone");
    } else if rng.per_mille(habits.scientific) && digits.len() == 11 {
        copy.phone = format!("{}.{}E+10", &person.phone[..1], &person.phone[1..3]);
        copy.damages.push("scientific_phone");
    } else if rng.per_mille(habits.phone_slips) {
        let at = digits.len() - 1 - rng.below(6) as usize;
        let slipped: String = digits
            .iter()
            .enumerate()
            .map(|(index, c)| {
                if index == at && c.is_ascii_digit() {
                    next_digit(*c)
                } else {
                    *c
                }
            })
            .collect();
        if slipped != copy.phone {
            copy.phone = slipped;
            copy.damages.push("mistyped_phone");
        }
    } else if digits.len() == 11 {
        // Forms that are no damage.
        copy.phone = match rng.below(10) {
            0 => format!(
                "+86 {}-{}-{}",
                &person.phone[..3],
                &person.phone[3..7],
                &person.phone[7..]
            ),
            1 => format!(
                "{} {} {}",
                &person.phone[..3],
                &person.phone[3..7],
                &person.phone[7..]
            ),
            2 => format!("0086{}", person.phone),
            _ => person.phone.clone(),
        };
    }
}

fn next_digit(digit: char) -> char {
    char::from(b'0' + (digit as u8 - b'0' + 1) % 10)
}

/// Replaces one character of a given name by one of its group.
fn replace_one(name: &str, groups: &[&str], surname: usize, rng: &mut Rng) -> String {
    let characters: Vec<char> = name.chars().collect();
    let start = surname + rng.below((characters.len() - surname) as u64) as usize;
    for offset in 0..characters.len() - surname {
        let at = surname + (start - surname + offset) % (characters.len() - surname);
        let group = groups.iter().find(|group| group.contains(characters[at]));
        if let Some(group) = group {
            let others: Vec<char> = group.chars().filter(|c| *c != characters[at]).collect();
            let mut replaced = characters.clone();
            replaced[at] = *rng.pick(&others);
            return replaced.into_iter().collect();
        }
    }
    name.to_string()
}

/// Swaps two neighbouring letters.
fn swap_letters(name: &str, rng: &mut Rng) -> String {
    let mut characters: Vec<char> = name.chars().collect();
    for _ in 0..8 {
        let at = rng.below(characters.len() as u64 - 1) as usize;
        if characters[at].is_lowercase()
            && characters[at + 1].is_lowercase()
            && characters[at] != characters[at + 1]
        {
            characters.swap(at, at + 1);
            break;
        }
    }
    characters.into_iter().collect()
}

/// A date in one of the forms that people write.
pub fn date_form(date: NaiveDate, is_chinese: bool, rng: &mut Rng) -> String {
    match rng.below(if is_chinese { 6 } else { 3 }) {
        0 | 1 => date.format("%Y-%m-%d").to_string(),
        2 => date.format("%Y/%-m/%-d").to_string(),
        3 => date.format("%Y年%-m月%-d日").to_string(),
        4 => date.format("%Y%m%d").to_string(),
        // Excel's day number.
        _ => match (date - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default()).num_days() {
            serial if serial > 10_000 => serial.to_string(),
            _ => date.format("%Y-%m-%d").to_string(),
        },
    }
}
