//! Numbers in Chinese characters: 一千二百, 壹仟贰佰, 二〇二三, 十二.

/// The value of a digit.
pub fn digit(character: char) -> Option<u32> {
    Some(match character {
        '〇' | '零' | '○' => 0,
        '一' | '壹' => 1,
        '二' | '贰' | '貳' | '两' | '兩' => 2,
        '三' | '叁' | '參' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

/// The value of a unit inside a number.
fn unit(character: char) -> Option<u64> {
    Some(match character {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        '万' | '萬' => 10_000,
        '亿' | '億' => 100_000_000,
        _ => return None,
    })
}

/// Whether a character belongs to a number.
pub fn is_part(character: char) -> bool {
    digit(character).is_some() || unit(character).is_some()
}

/// A number as text in digits: place by place where it has no units (五〇一 is 501), else by its units (十二 is 12).
pub fn parse(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    if text.chars().all(|character| digit(character).is_some()) {
        return text
            .chars()
            .map(|character| char::from_digit(digit(character)?, 10))
            .collect();
    }
    // Each of 万 and 亿 counts all that stands before it.
    let (mut total, mut section, mut last) = (0_u64, 0_u64, None::<u64>);
    let mut last_unit = 1;
    for character in text.chars() {
        if let Some(value) = digit(character) {
            if last.is_some_and(|last| last > 0) {
                return None;
            }
            last = Some(u64::from(value));
        } else {
            let unit = unit(character)?;
            // Only ten may lack the digit before it.
            if last.is_none() && section == 0 && unit != 10 {
                return None;
            }
            last_unit = unit;
            if unit >= 10_000 {
                section += last.take().unwrap_or(0);
                total = match unit {
                    10_000 => total.checked_add(section.checked_mul(unit)?)?,
                    _ => (total + section).checked_mul(unit)?,
                };
                section = 0;
            } else {
                // 十二 has no digit before its unit.
                section += last
                    .take()
                    .filter(|last| *last > 0)
                    .unwrap_or(1)
                    .checked_mul(unit)?;
            }
        }
    }
    // 两千三 is 2300 to those who say it, and 2003 to nobody; 两千零三 is plain.
    if last.is_some_and(|last| last > 0) && last_unit >= 100 && !has_zero_before_last(text) {
        return None;
    }
    Some((total + section + last.unwrap_or(0)).to_string())
}

fn has_zero_before_last(text: &str) -> bool {
    let mut backwards = text.chars().rev();
    backwards.next();
    backwards.next().and_then(digit) == Some(0)
}

/// A text with its Chinese numbers in digits: 二〇二三年六月 is 2023年6月. A unit behind digits stays: 1万.
pub fn in_digits(text: &str) -> String {
    let text = &text.replace('廿', "二十").replace('卅', "三十");
    let characters: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while at < characters.len() {
        let follows_number =
            at > 0 && (characters[at - 1].is_ascii_digit() || characters[at - 1] == '.');
        let run = characters[at..]
            .iter()
            .take_while(|character| is_part(**character))
            .count();
        let number: String = characters[at..at + run].iter().collect();
        match parse(&number).filter(|_| !follows_number) {
            Some(value) => {
                plain.push_str(&value);
                at += run;
            }
            None => {
                plain.extend(&characters[at..at + run.max(1)]);
                at += run.max(1);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_place_or_by_unit() {
        for (text, value) in [
            ("五〇一", "501"),
            ("十二", "12"),
            ("二十", "20"),
            ("一百一十二", "112"),
            ("一千零五", "1005"),
            ("壹仟贰佰叁拾肆", "1234"),
            ("三亿五千万", "350000000"),
            ("十万", "100000"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(value), "{text}");
        }
        for unclear in ["一二十", "两千三", "一万二", "万", "百"] {
            assert_eq!(parse(unclear), None, "{unclear}");
        }
        assert_eq!(parse("两千零三").as_deref(), Some("2003"));
        assert_eq!(in_digits("二〇二三年十二月三十一日"), "2023年12月31日");
        assert_eq!(in_digits("1万2千"), "1万2千");
    }
}
