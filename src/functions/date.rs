//! Dates and times as exports write them. What could be read in two ways is refused, never guessed.

use std::str::FromStr;
use std::sync::LazyLock;

use chrono::{
    DateTime, Datelike, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset,
    TimeZone, Utc,
};
use chrono_tz::Tz;

use regex::Regex;

use super::chinese_number;
use super::fold::{fold, fold_latin};
use super::scalar::{Call, Function};

/// `parse_date`, `parse_timestamp`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "parse_date",
        arguments: &["date", "order"],
        required: 1,
        description: "A date in any common form: 2023-06-07, 2023年6月7日, 20230607, 民国112年6月7日, Excel's day number, 12 ม.ค. 2528. Where \
                      day and month could be either, the optional order ('dmy', 'mdy', 'ymd') says which comes first; without it such \
                      a date is null, and so is one with a year of two digits, which is from 1930 to 2029, as Excel has it. Null, too, \
                      are dates before the year 1000 and after 2200, and those that stand for none (1753-01-01).",
        source: "ISO 8601, GB/T 7408",
        example: ("parse_date('2023年6月7日')", "2023-06-07"),
        call: Call::Date(|args| parse_date(args[0], args.get(1).copied())),
    },
    Function {
        name: "parse_timestamp",
        arguments: &["timestamp", "zone"],
        required: 2,
        description: "A moment, from a local time in a zone of the IANA database, or from a text with its own offset. Null for \
                      the clock's zero hour, which stands for no value, and for times that the zone skipped.",
        source: "the IANA time zone database; our own rules",
        example: (
            "parse_timestamp('2023/6/7 9:05', 'Asia/Shanghai')",
            "2023-06-07T01:05:00Z",
        ),
        call: Call::Timestamp(|args| parse_timestamp(args[0], Tz::from_str(args[1]).ok()?)),
    },
];

/// Reads the moments of a column: the commonest forms without any copying, and the zone's offset once a day.
#[derive(Debug)]
pub struct LocalTime<'a> {
    zone: Tz,
    order: Option<&'a str>,
    /// The day seen last, and the offset that holds all of it, if one does.
    day: Option<(NaiveDate, Option<i64>)>,
}

impl<'a> LocalTime<'a> {
    /// Reads local times of a zone; `order` as in [`parse_date`].
    pub fn new(zone: Tz, order: Option<&'a str>) -> Self {
        Self {
            zone,
            order,
            day: None,
        }
    }

    /// A moment, in microseconds since 1970.
    pub fn moment(&mut self, text: &str) -> Option<i64> {
        let Some((date, seconds, micros)) = common_time(text) else {
            return parse_local(text, self.zone, self.order)
                .map(|moment| moment.timestamp_micros());
        };
        plausible(date)?;
        let offset = match self.day {
            Some((day, offset)) if day == date => offset,
            _ => {
                let offset_at = |time: NaiveTime| match self
                    .zone
                    .offset_from_local_datetime(&date.and_time(time))
                {
                    LocalResult::Single(offset) => Some(i64::from(offset.fix().local_minus_utc())),
                    _ => None,
                };
                let evening = NaiveTime::from_hms_opt(23, 59, 59)?;
                // A day on which the clock is changed has no one offset.
                let offset =
                    offset_at(NaiveTime::MIN).filter(|offset| offset_at(evening) == Some(*offset));
                self.day = Some((date, offset));
                offset
            }
        };
        let Some(offset) = offset else {
            return parse_local(text, self.zone, self.order)
                .map(|moment| moment.timestamp_micros());
        };
        let local = date.and_time(NaiveTime::MIN).and_utc().timestamp() + i64::from(seconds);
        let moment = (local - offset) * 1_000_000 + i64::from(micros);
        (moment != 0).then_some(moment)
    }
}

/// `2023-06-07 09:05:00.5`, with one-digit parts, slashes, a `T` or without seconds: the date, seconds of the day, microseconds.
fn common_time(text: &str) -> Option<(NaiveDate, u32, u32)> {
    /// Takes up to `most` digits off, at least one.
    fn number(bytes: &mut &[u8], most: usize) -> Option<(u32, usize)> {
        let length = bytes
            .iter()
            .take(most)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let value = bytes[..length]
            .iter()
            .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
        *bytes = &bytes[length..];
        (length > 0).then_some((value, length))
    }
    fn mark(bytes: &mut &[u8], marks: &[u8]) -> Option<u8> {
        let (first, rest) = bytes
            .split_first()
            .filter(|(first, _)| marks.contains(first))?;
        *bytes = rest;
        Some(*first)
    }
    let bytes = &mut text.as_bytes();
    let (year, 4) = number(bytes, 4)? else {
        return None;
    };
    let separator = mark(bytes, b"-/")?;
    let (month, _) = number(bytes, 2)?;
    mark(bytes, &[separator])?;
    let (day, _) = number(bytes, 2)?;
    let date = NaiveDate::from_ymd_opt(year as i32, month, day)?;
    if bytes.is_empty() {
        return Some((date, 0, 0));
    }
    mark(bytes, b" T")?;
    let (hour, _) = number(bytes, 2)?;
    mark(bytes, b":")?;
    let (minute, 2) = number(bytes, 2)? else {
        return None;
    };
    let (mut second, mut micros) = (0, 0);
    if mark(bytes, b":").is_some() {
        let (seconds, 2) = number(bytes, 2)? else {
            return None;
        };
        second = seconds;
        if mark(bytes, b".").is_some() {
            let (fraction, digits) = number(bytes, 6)?;
            micros = fraction * 10_u32.pow(6 - digits as u32);
        }
    }
    (bytes.is_empty() && hour < 24 && minute < 60 && second < 60).then_some((
        date,
        hour * 3600 + minute * 60 + second,
        micros,
    ))
}

/// What may be told to stand first.
pub const ORDERS: &[&str] = &["dmy", "mdy", "ymd"];

/// Six or eight digits in the order that is told: 05011990 is 1 May with the month first.
fn in_order(digits: &str, order: &str) -> Option<NaiveDate> {
    let year = digits
        .len()
        .checked_sub(4)
        .filter(|length| matches!(length, 2 | 4))?;
    let part = |from: usize, length: usize| digits.get(from..from + length);
    // 200105 may be a month of a year as well.
    let is_month = |text: &str| {
        let month = text.get(4..).and_then(|month| month.parse().ok());
        (text.starts_with("19") || text.starts_with("20"))
            && month.is_some_and(|month: u32| (1..=12).contains(&month))
    };
    if digits.len() == 6 && order == "ymd" && is_month(digits) {
        return None;
    }
    let (year, month, day) = match order {
        "dmy" => (part(4, year)?, part(2, 2)?, part(0, 2)?),
        "mdy" => (part(4, year)?, part(0, 2)?, part(2, 2)?),
        "ymd" => (part(0, year)?, part(year, 2)?, part(year + 2, 2)?),
        _ => return None,
    };
    let year = match year.len() {
        2 => short_year(year)?,
        _ => year.parse().ok()?,
    };
    of_people(NaiveDate::from_ymd_opt(
        year,
        month.parse().ok()?,
        day.parse().ok()?,
    )?)
}

/// What people write around a date of the sun's calendar: 阳历2019-02-03, 出生：2019年2月3日, 2019-02-03(公历).
fn without_label(text: &str) -> &str {
    const LABELS: &[&str] = &[
        "出生日期",
        "出生年月",
        "出生",
        "生日",
        "公历",
        "阳历",
        "西历",
        "公元",
    ];
    let mut text = text;
    while let Some(rest) = LABELS.iter().find_map(|label| text.strip_prefix(label)) {
        text = rest.trim_start_matches([':', ' ']);
    }
    let behind = ["(公历)", "(阳历)", "(西历)"];
    let rest = behind.iter().find_map(|label| text.strip_suffix(label));
    rest.unwrap_or(text).trim_end()
}

/// A time of day without its zone: the date that stands before it is the one that was meant there.
fn without_offset(time: &str) -> &str {
    let time = time.trim_end_matches('Z');
    match time.rsplit_once(['+', '-']) {
        Some((time, offset)) if parse_time(offset).is_some() => time,
        _ => time,
    }
}

/// Reads a date; `order` says whether the day or the month comes first where a text leaves that open.
pub fn parse_date(text: &str, order: Option<&str>) -> Option<NaiveDate> {
    if let Some((date, ..)) = common_time(text) {
        return of_people(date);
    }
    let folded = without_extras(&fold(text));
    let folded = in_thai(&folded).unwrap_or(folded);
    let text = folded.trim();
    if let Some(date) = in_vietnamese(text) {
        return Some(date);
    }
    let text = text
        .strip_prefix("中华")
        .or_else(|| text.strip_prefix("中華"))
        .unwrap_or(text);
    let text = without_label(text);
    let era = text
        .strip_prefix("民国")
        .or_else(|| text.strip_prefix("民國"));
    let (offset, text) = match era {
        Some(rest) if rest.starts_with('-') => return None,
        Some(rest) => (1911, rest),
        None => (0, text),
    };
    // A time of day behind the date is left out, where it is one.
    let (date_part, time_part) = match text
        .split_once('T')
        .filter(|(date, _)| date.ends_with(|c: char| c.is_ascii_digit()))
    {
        Some(parts) => parts,
        None => split_time(text),
    };
    let text = match time_part.trim() {
        "" => text,
        time if parse_time(without_offset(time)).is_some() => date_part.trim(),
        _ => return None,
    };
    let text = match text.get(..8) {
        Some(day) if text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()) => day,
        _ => text,
    };
    if text.bytes().all(|byte| byte.is_ascii_digit()) && era.is_none() {
        let first = match text.len() {
            // Eight digits may be any number.
            8 => NaiveDate::parse_from_str(text, "%Y%m%d")
                .ok()
                .and_then(of_people)
                .filter(|date| date.year() >= 1800),
            5 => excel_date(text.parse().ok()?),
            _ => None,
        };
        return first.or_else(|| in_order(text, order?));
    }
    // A day of Excel with a time of day: 45084.5.
    if let Some((days, fraction)) = text.split_once('.')
        && days.len() == 5
        && days
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit())
    {
        return excel_date(days.parse().ok()?);
    }
    let spaced: String = text
        .chars()
        .map(|c| {
            if matches!(
                c,
                '年' | '月' | '日' | '号' | '/' | '-' | '.' | ',' | '。' | '、' | '_' | '\\'
            ) {
                ' '
            } else {
                c
            }
        })
        .collect();
    let mut parts: Vec<&str> = spaced.split_whitespace().collect();
    if let [glued] = parts[..] {
        // 07JUN88: airlines write so.
        let is_letter = |c: char| c.is_ascii_alphabetic();
        let (start, end) = (glued.find(is_letter), glued.rfind(is_letter));
        let (Some(start), Some(end)) = (start, end) else {
            return None;
        };
        parts = vec![&glued[..start], &glued[start..=end], &glued[end + 1..]];
    }
    let [first, second, third] = parts.as_slice() else {
        return None;
    };
    if let (Ok(first_number), Ok(second_number), Ok(third_number)) =
        (number(first), number(second), number(third))
    {
        if first.len() == 4 || era.is_some() {
            return date(first_number + offset, second_number, third_number);
        }
        if third.len() != 4 {
            let (year, month, day) = match order? {
                "dmy" => (third, second_number, first_number),
                "mdy" => (third, first_number, second_number),
                "ymd" => (first, second_number, third_number),
                _ => return None,
            };
            return date(short_year(year)?, month, day);
        }
        return match (first_number, second_number, order) {
            // Where there is one way to read it, the order does not matter.
            (day, month, _) if day > 12 => date(third_number, month, day),
            (month, day, _) if day > 12 => date(third_number, month, day),
            (day, month, Some("dmy")) => date(third_number, month, day),
            (month, day, Some("mdy")) => date(third_number, month, day),
            (same, other, _) if same == other => date(third_number, same, other),
            _ => None,
        };
    }
    // 7 Jun 2023, June 7 2023, 7. Juni 2023.
    match (month_name(first), month_name(second)) {
        (None, Some(month)) if first.len() == 4 => {
            date(number(first).ok()?, month, number(third).ok()?)
        }
        (Some(month), None) => date(year(third, order)?, month, number(second).ok()?),
        (None, Some(month)) if order == Some("ymd") && third.len() <= 2 => {
            date(year(first, order)?, month, number(third).ok()?)
        }
        (None, Some(month)) => date(year(third, order)?, month, number(first).ok()?),
        _ => None,
    }
}

/// A year of four digits, or of two where an order says that it is one.
fn year(text: &str, order: Option<&str>) -> Option<i32> {
    match order {
        Some("dmy" | "mdy" | "ymd") if text.len() == 2 => short_year(text),
        _ => number(text).ok(),
    }
}

/// A year of two digits: from 1930 to 2029, as Excel reads it.
fn short_year(text: &str) -> Option<i32> {
    let year: i32 = number(text).ok().filter(|_| text.len() == 2)?;
    Some(if year < 30 { 2000 + year } else { 1900 + year })
}

/// Reads a moment; a text without an offset is local time in `zone`.
pub fn parse_timestamp(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(LocalTime::new(zone, None).moment(text)?)
}

fn parse_local(text: &str, zone: Tz, order: Option<&str>) -> Option<DateTime<Utc>> {
    let folded = fold(text);
    let folded = without_extras(&folded);
    let text = folded.trim();
    if let Some(moment) = with_offset(text) {
        return after_zero_hour(moment.with_timezone(&Utc));
    }
    if let Some(moment) = epoch(text) {
        return after_zero_hour(moment);
    }
    if let Ok(serial) = text.parse::<f64>()
        && text.contains('.')
        && text.len() > 6
    {
        let midnight = excel_date(serial.trunc() as i64)?.and_time(NaiveTime::MIN);
        return local(
            midnight + Duration::seconds((serial.fract() * 86_400.0).round() as i64),
            zone,
        );
    }
    let (date_text, time_text) = split_time(text);
    // 20230607090500
    if let (12 | 14, true) = (text.len(), text.bytes().all(|byte| byte.is_ascii_digit())) {
        let date = parse_date(&text[..8], None)?;
        let number = |at: usize| {
            text.get(at..at + 2)
                .map_or(Some(0), |digits| digits.parse().ok())
        };
        let time = NaiveTime::from_hms_opt(number(8)?, number(10)?, number(12)?)?;
        return local(date.and_time(time), zone);
    }
    let date = parse_date(date_text, order)?;
    let (seconds, micros) = match time_text.trim() {
        "" => (0, 0),
        time => parse_time(time)?,
    };
    let midnight = date.and_time(NaiveTime::MIN);
    local(
        midnight + Duration::seconds(seconds.into()) + Duration::microseconds(micros.into()),
        zone,
    )
}

/// A moment that says its offset: ISO 8601 in its forms, RFC 2822.
fn with_offset(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    if !text.ends_with(['Z', 'z', 'C', 'T'])
        && !text.get(10..).is_some_and(|rest| rest.contains(['+', '-']))
    {
        return None;
    }
    let plain = text
        .strip_suffix("UTC")
        .or_else(|| text.strip_suffix("GMT"))
        .or_else(|| text.strip_suffix(['Z', 'z']))
        .map_or_else(
            || text.to_string(),
            |rest| format!("{}+00:00", rest.trim_end()),
        );
    let plain = plain.replacen('T', " ", 1);
    // An offset of hours alone: +08.
    let plain = match plain.rsplit_once(['+', '-']) {
        Some((_, hours)) if hours.len() == 2 && hours.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{plain}:00")
        }
        _ => plain,
    };
    const FORMS: &[&str] = &[
        "%Y-%m-%d %H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f %#z",
        "%Y-%m-%d %H:%M%#z",
        "%Y-%m-%d %H:%M %#z",
        "%Y/%m/%d %H:%M:%S%.f%#z",
        "%Y%m%d %H%M%S%#z",
    ];
    FORMS
        .iter()
        .find_map(|form| DateTime::parse_from_str(&plain, form).ok())
        .or_else(|| DateTime::parse_from_rfc2822(text).ok())
        .filter(|moment| plausible(moment.date_naive()).is_some())
}

fn local(naive: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let moment = match zone.from_local_datetime(&naive) {
        LocalResult::Single(moment) => moment,
        // An hour that the clock showed twice: the first time.
        LocalResult::Ambiguous(earliest, _) => earliest,
        LocalResult::None => return None,
    };
    after_zero_hour(moment.with_timezone(&Utc))
}

/// 1970-01-01 00:00:00 UTC is what a program writes for "never".
fn after_zero_hour(moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (moment.timestamp() != 0).then_some(moment)
}

/// Seconds or milliseconds since 1970, of the years 2001 to 2286.
fn epoch(text: &str) -> Option<DateTime<Utc>> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        10 => DateTime::from_timestamp(text.parse().ok()?, 0),
        13 => DateTime::from_timestamp_millis(text.parse().ok()?),
        _ => None,
    }
}

/// Without the day of the week, ordinals and Chinese digits: 二〇二三年六月七日 星期三 is 2023年6月7日, June 7th is June 7.
fn without_extras(text: &str) -> String {
    static EXTRAS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\(?(?:星期|周|礼拜)[一二三四五六日天]\)?|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+|\b(\d{1,2})(?:st|nd|rd|th|er)\b|^le\s+")
            .expect("our own pattern is well formed")
    });
    if text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'/')
    {
        return text.to_string();
    }
    let dashed = text.replace(['—', '–', '‐', '‑', '−', '―'], "-");
    let text = dashed
        .trim_start_matches('\'')
        .trim_end_matches("出生")
        .trim_end_matches('生');
    let plain = EXTRAS
        .replace_all(text, "$1")
        .replace("元年", "1年")
        .replace(" of ", " ")
        .replace(" de ", " ");
    if plain.contains(['年', '月']) {
        chinese_number::in_digits(&plain)
    } else {
        plain
    }
}

/// Splits before the time of day: at a `T`, at a blank, or behind 日.
fn split_time(text: &str) -> (&str, &str) {
    if let Some(at) = text.find(['日', '号']) {
        let (date, time) = text.split_at(at + '日'.len_utf8());
        return (date, time.trim());
    }
    let Some(colon) = text.find([':', '点', '时']) else {
        return (text, "");
    };
    let before = &text[..colon];
    match before.rfind(['T', ' ']) {
        Some(at) => {
            let (date, time) = (text[..at].trim(), text[at + 1..].trim());
            match date.rsplit_once(' ') {
                // 2023/6/7 下午 3:30
                Some((date, half)) if is_half_day(half) => (date.trim(), &text[date.len()..]),
                _ => (date, time),
            }
        }
        _ => (text, ""),
    }
}

fn is_half_day(word: &str) -> bool {
    HALVES
        .iter()
        .any(|(known, _)| *known == word.to_uppercase())
}

/// A time of day in seconds, and microseconds; midnight at the end of a day is 86,400.
fn parse_time(text: &str) -> Option<(u32, u32)> {
    let upper = text
        .trim()
        .to_uppercase()
        .replace("点半", ":30")
        .replace("時", ":")
        .replace(['时', '点', '點', '分'], ":")
        .replace('秒', "")
        .replace(',', ".");
    let half = HALVES.iter().find_map(|(word, half)| {
        let rest = upper
            .strip_prefix(word)
            .or_else(|| upper.strip_suffix(word))?;
        Some((rest.trim().to_string(), *half))
    });
    let (text, half) = match half {
        Some((text, half)) => (text, Some(half)),
        None => (upper.trim().to_string(), None),
    };
    let mut parts = text.trim_end_matches(':').split(':').map(str::trim);
    let digits = |part: &str| {
        part.parse::<u32>()
            .ok()
            .filter(|_| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let hour = digits(parts.next()?)?;
    let minute = parts.next().map_or(Some(0), digits)?;
    let (second, fraction) = parts
        .next()
        .map_or(("0", ""), |last| last.split_once('.').unwrap_or((last, "")));
    if parts.next().is_some() {
        return None;
    }
    let hour = match (half, hour) {
        (None, hour) => hour,
        (Some(Half::Morning), 12) => 0,
        (Some(Half::Morning), 0..=11) => hour,
        (Some(Half::Noon), 11 | 12) => hour,
        (Some(Half::Noon), 1 | 2) => hour + 12,
        (Some(Half::Afternoon), 0) => 12,
        (Some(Half::Afternoon), 1..=11) => hour + 12,
        (Some(Half::Afternoon), 12..=23) => hour,
        (Some(Half::Night), 5..=11) => hour + 12,
        // Twelve at night is the end of the day.
        (Some(Half::Night), 12) => 24,
        (Some(Half::Night), 17..=23) => hour,
        _ => return None,
    };
    let second = digits(second)?;
    let micros: u32 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let is_end = hour == 24 && minute < 60 && (half.is_some() || (minute == 0 && second == 0));
    ((hour < 24 || is_end) && minute < 60 && second < 60)
        .then_some((hour * 3600 + minute * 60 + second, micros))
}

/// The part of a day that a word names.
#[derive(Debug, Clone, Copy)]
enum Half {
    Morning,
    Noon,
    Afternoon,
    Night,
}

const HALVES: &[(&str, Half)] = &[
    ("上午", Half::Morning),
    ("凌晨", Half::Morning),
    ("早上", Half::Morning),
    ("早晨", Half::Morning),
    ("清晨", Half::Morning),
    ("中午", Half::Noon),
    ("下午", Half::Afternoon),
    ("午后", Half::Afternoon),
    ("傍晚", Half::Afternoon),
    ("晚上", Half::Night),
    ("夜里", Half::Night),
    ("夜晚", Half::Night),
    ("晚", Half::Night),
    ("A.M.", Half::Morning),
    ("P.M.", Half::Afternoon),
    ("AM", Half::Morning),
    ("PM", Half::Afternoon),
];

/// A text with the months of Thailand in English.
fn in_thai(text: &str) -> Option<String> {
    const MONTHS: [[&str; 3]; 12] = [
        ["มกราคม", "ม.ค.", "january"],
        ["กุมภาพันธ์", "ก.พ.", "february"],
        ["มีนาคม", "มี.ค.", "march"],
        ["เมษายน", "เม.ย.", "april"],
        ["พฤษภาคม", "พ.ค.", "may"],
        ["มิถุนายน", "มิ.ย.", "june"],
        ["กรกฎาคม", "ก.ค.", "july"],
        ["สิงหาคม", "ส.ค.", "august"],
        ["กันยายน", "ก.ย.", "september"],
        ["ตุลาคม", "ต.ค.", "october"],
        ["พฤศจิกายน", "พ.ย.", "november"],
        ["ธันวาคม", "ธ.ค.", "december"],
    ];
    text.contains(|c| matches!(c, '\u{0E00}'..='\u{0E7F}'))
        .then(|| {
            let text = text.replace("พ.ศ.", " ");
            MONTHS.iter().fold(text, |text, [long, short, english]| {
                text.replace(long, english).replace(short, english)
            })
        })
}

/// ngày 12 tháng 5 năm 1985: the day stands first.
fn in_vietnamese(text: &str) -> Option<NaiveDate> {
    let lower = text.to_lowercase();
    let (day, rest) = lower.split_once("tháng")?;
    let (month, year) = rest.split_once("năm")?;
    let day = day.trim().trim_start_matches("ngày").trim();
    date(
        number(year.trim()).ok()?,
        number(month.trim()).ok()?,
        number(day).ok()?,
    )
}

fn number(text: &str) -> Result<i32, std::num::ParseIntError> {
    // A sign is part of no date.
    if text.starts_with(['+', '-']) {
        "".parse()
    } else {
        text.parse()
    }
}

fn date(year: i32, month: i32, day: i32) -> Option<NaiveDate> {
    // A leap year of Thailand's is one of ours only when it is counted as ours.
    let year = match (year, month, day) {
        (2400..=2600, 2, 29) => year - 543,
        _ => year,
    };
    of_people(NaiveDate::from_ymd_opt(
        year,
        month.try_into().ok()?,
        day.try_into().ok()?,
    )?)
}

/// Whether a date, with or without a time, is one that systems write where they have none: MySQL its zeros, others the first day or the
/// last that they know.
pub fn stands_for_no_date(text: &str) -> bool {
    const NONE: &[&str] = &[
        "00000000", "00010101", "16010101", "17530101", "18991230", "18991231", "99991231",
    ];
    let Some(start) = text.get(..text.find([' ', 'T']).unwrap_or(text.len())) else {
        return false;
    };
    let is_date = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | '.');
    if start.len() < 8 || !start.chars().all(is_date) {
        return false;
    }
    let digits: String = start.chars().filter(char::is_ascii_digit).collect();
    // 31.12.9999.
    let turned = match digits.len() {
        8 => format!("{}{}{}", &digits[4..], &digits[2..4], &digits[..2]),
        _ => return false,
    };
    NONE.contains(&digits.as_str()) || NONE.contains(&turned.as_str())
}

/// A date as people write it.
fn of_people(date: NaiveDate) -> Option<NaiveDate> {
    // Thailand counts from the death of Buddha. The ends of such a year stand for no date.
    const BUDDHIST: i32 = 543;
    let is_buddhist = (2400..=2600).contains(&date.year())
        && !matches!((date.month(), date.day()), (1, 1) | (12, 31));
    plausible(match is_buddhist {
        true => date.with_year(date.year() - BUDDHIST)?,
        false => date,
    })
}

/// Dates of people, long dead ones too, and their business.
fn plausible(date: NaiveDate) -> Option<NaiveDate> {
    let is_in_time = (1000..=2200).contains(&date.year());
    // Days 0 and 1 of Excel, and the first days of some databases, stand for no date.
    let is_zero = matches!(
        (date.year(), date.month(), date.day()),
        (1899, 12, 30 | 31) | (1000 | 1601 | 1753, 1, 1)
    );
    (is_in_time && !is_zero).then_some(date)
}

/// Excel counts days from 1899-12-30 (its year 1900 has a 29 February that never was).
fn excel_date(serial: i64) -> Option<NaiveDate> {
    let days = u64::try_from(serial)
        .ok()
        .filter(|days| (10_000..=80_000).contains(days))?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))
}

fn month_name(text: &str) -> Option<i32> {
    let lower = text.to_lowercase();
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    /// In German, French, Spanish, Italian, Dutch, Portuguese, Polish, Turkish and Russian; not those that begin as in English.
    const OTHERS: [&[&str]; 12] = [
        &[
            "januar",
            "janner",
            "janvier",
            "enero",
            "gennaio",
            "januari",
            "janeiro",
            "styczen",
            "stycznia",
            "ocak",
            "января",
        ],
        &[
            "februar",
            "fevrier",
            "febrero",
            "febbraio",
            "februari",
            "fevereiro",
            "luty",
            "lutego",
            "subat",
            "февраля",
        ],
        &[
            "marz",
            "maerz",
            "maret",
            "marts",
            "mars",
            "marzo",
            "maart",
            "marco",
            "marzec",
            "marca",
            "mart",
            "марта",
        ],
        &[
            "avril",
            "abril",
            "aprile",
            "kwiecien",
            "kwietnia",
            "nisan",
            "апреля",
        ],
        &[
            "mai", "mayo", "maggio", "mei", "maio", "maj", "maja", "mayis", "мая",
        ],
        &[
            "juni", "juin", "junio", "giugno", "junho", "czerwiec", "czerwca", "haziran", "июня",
        ],
        &[
            "juli", "juillet", "julio", "luglio", "julho", "lipiec", "lipca", "temmuz", "июля",
        ],
        &[
            "aout",
            "agosto",
            "augustus",
            "augusti",
            "agustus",
            "sierpien",
            "sierpnia",
            "agustos",
            "августа",
        ],
        &[
            "septembre",
            "septiembre",
            "settembre",
            "setembro",
            "wrzesien",
            "wrzesnia",
            "eylul",
            "сентября",
        ],
        &[
            "oktober",
            "octobre",
            "octubre",
            "ottobre",
            "outubro",
            "pazdziernik",
            "pazdziernika",
            "ekim",
            "октября",
        ],
        &[
            "novembre",
            "noviembre",
            "novembro",
            "listopad",
            "listopada",
            "kasim",
            "ноября",
        ],
        &[
            "dezember",
            "desember",
            "decembre",
            "diciembre",
            "dicembre",
            "dezembro",
            "grudzien",
            "grudnia",
            "aralik",
            "декабря",
        ],
    ];
    let lower = fold_latin(&lower);
    if lower.len() < 3 || !lower.chars().all(char::is_alphabetic) {
        return None;
    }
    // Mar. may be marzo, and ju- June or July.
    let begins = |name: &&str| name.starts_with(&lower);
    let english = NAMES.iter().position(|name| begins(&name));
    let others = || {
        OTHERS
            .iter()
            .position(|names| names.contains(&lower.as_str()))
    };
    // 12 ene 1985.
    let in_short = || {
        let begins = |names: &&[&str]| names.iter().any(|name| name.starts_with(&lower));
        let mut months = (0..OTHERS.len()).filter(|at| begins(&OTHERS[*at]));
        months.next().filter(|_| months.next().is_none())
    };
    let index = english.or_else(others).or_else(in_short);
    index.map(|index| index as i32 + 1)
}
