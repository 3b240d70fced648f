//! Numbers as people read them.

/// `1234567` is `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1` and `record` is `1 record`, `2` is `2 records`.
pub fn plural(number: u64, thing: &str) -> String {
    format!(
        "{} {thing}{}",
        count(number),
        if number == 1 { "" } else { "s" }
    )
}

/// Bytes with a unit.
pub fn bytes(number: u64) -> String {
    match number {
        0..=1023 => format!("{number} B"),
        1024..=1_048_575 => format!("{:.1} KiB", number as f64 / 1024.0),
        1_048_576..=1_073_741_823 => format!("{:.1} MiB", number as f64 / 1_048_576.0),
        _ => format!("{:.2} GiB", number as f64 / 1_073_741_824.0),
    }
}

/// Seconds with as many digits as matter.
pub fn seconds(number: f64) -> String {
    if number < 9.95 {
        format!("{number:.1} s")
    } else {
        format!("{number:.0} s")
    }
}
