//! Header lines as people write them: which line of a table is its header, and what its columns are called.

use hashbrown::HashSet;

use crate::functions::fold::{fold, is_han};

/// A header cell as a column's name: half width, without marks of forms like `（必填）*`, blanks in order.
///
/// `clean("手机号（必填）*")` is `手机号`.
pub fn clean(text: &str) -> String {
    const NOTES: &[&str] = &[
        "(必填)",
        "(必填项)",
        "(选填)",
        "(可选)",
        "(非必填)",
        "(required)",
        "(optional)",
        "[必填]",
        "[选填]",
        "必填项:",
    ];
    let folded = fold(text);
    let mut name = folded.trim();
    loop {
        let before = name;
        name = name
            .trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | ':' | '"' | '\u{FEFF}'));
        for note in NOTES {
            let lower = name.to_lowercase();
            if lower.len() == name.len() && lower.ends_with(note) {
                name = &name[..name.len() - note.len()];
            } else if lower.len() == name.len() && lower.starts_with(note) {
                name = &name[note.len()..];
            }
        }
        if name == before {
            break;
        }
    }
    // A blank beside a Chinese character is layout.
    let characters: Vec<char> = name.chars().collect();
    let is_layout = |at: usize| {
        characters[at].is_whitespace()
            && (characters[..at].last().is_some_and(|c| is_han(*c))
                || characters.get(at + 1).is_some_and(|c| is_han(*c)))
    };
    (0..characters.len())
        .filter(|at| !is_layout(*at))
        .map(|at| characters[at])
        .collect()
}

/// The names of a table's columns: cleaned, a missing one by its place, a second of a name with its number behind it.
pub fn names<T: AsRef<str>>(cells: &[T]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    let mut taken: HashSet<String> = HashSet::new();
    for (at, cell) in cells.iter().enumerate() {
        let name = match clean(cell.as_ref()) {
            name if name.is_empty() => format!("column_{}", at + 1),
            name => name,
        };
        let mut unique = name.clone();
        let mut number = 2;
        while !taken.insert(unique.clone()) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        names.push(unique);
    }
    names
}

/// Which of the first rows of a sheet is its header: the first that has all wanted columns; else the first row that is as
/// full as the table is wide, of words that are not repeated.
pub fn find<T: AsRef<str>, W: AsRef<str>>(rows: &[Vec<T>], wanted: &[W]) -> Option<usize> {
    if let Some(at) = find_wanted(rows, wanted) {
        return Some(at);
    }
    let filled = |row: &[T]| {
        row.iter()
            .filter(|cell| !cell.as_ref().trim().is_empty())
            .count()
    };
    let width = rows
        .iter()
        .map(|row| filled(row))
        .max()
        .filter(|width| *width > 0)?;
    let is_words = |row: &[T]| {
        let words: Vec<String> = row
            .iter()
            .map(|cell| clean(cell.as_ref()))
            .filter(|word| !word.is_empty())
            .collect();
        let distinct: std::collections::BTreeSet<&String> = words.iter().collect();
        let numbers = words
            .iter()
            .filter(|word| !word.chars().any(char::is_alphabetic))
            .count();
        // A merged title fills its cells with one text.
        distinct.len() * 3 >= words.len() * 2 && numbers * 2 <= words.len()
    };
    rows.iter()
        .position(|row| filled(row) * 5 >= width * 3 && is_words(row))
        .or_else(|| rows.iter().position(|row| filled(row) > 0))
}

/// The first row that has all wanted columns, if any are wanted.
pub fn find_wanted<T: AsRef<str>, W: AsRef<str>>(rows: &[Vec<T>], wanted: &[W]) -> Option<usize> {
    if wanted.is_empty() {
        return None;
    }
    rows.iter().position(|row| {
        let names: Vec<String> = row.iter().map(|cell| clean(cell.as_ref())).collect();
        wanted
            .iter()
            .all(|wanted| names.iter().any(|name| name == wanted.as_ref()))
    })
}

/// Whether a row below a table is no row of it: a total, or a note about the export.
pub fn is_below<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    const TOTALS: &[&str] = &[
        "合计",
        "总计",
        "小计",
        "共计",
        "汇总",
        "本页合计",
        "本页小计",
        "累计",
        "总合计",
        "total",
        "grand total",
        "subtotal",
        "sum",
        "totals",
    ];
    const NOTES: &[&str] = &[
        "制表",
        "打印",
        "导出时间",
        "导出人",
        "统计时间",
        "报表",
        "审核人",
        "操作人",
        "备注:",
        "说明:",
        "注:",
        "printed",
        "exported",
        "generated",
    ];
    let filled: Vec<&str> = cells
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .collect();
    let Some(first) = filled.first() else {
        return false;
    };
    let word = clean(first).to_lowercase();
    if TOTALS.contains(&word.as_str()) {
        return true;
    }
    let is_count = word.starts_with('共') && word.chars().any(|c| c.is_ascii_digit());
    filled.len() <= 2 && (is_count || NOTES.iter().any(|note| word.starts_with(note)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_forms_are_no_part_of_a_name() {
        for (written, name) in [
            ("手机号（必填）*", "手机号"),
            ("*姓名", "姓名"),
            ("收货人　姓名", "收货人姓名"),
            ("订单 编号：", "订单编号"),
            ("Ｅ－ｍａｉｌ", "E-mail"),
            ("Order  No", "Order No"),
            ("Phone (required)", "Phone"),
        ] {
            assert_eq!(clean(written), name, "{written}");
        }
    }

    #[test]
    fn columns_without_a_name_or_with_a_second_one_are_told_apart() {
        assert_eq!(
            names(&["电话", "", "电话", "电话*"]),
            ["电话", "column_2", "电话_2", "电话_3"]
        );
    }

    #[test]
    fn a_title_above_the_header_is_passed_over() {
        let rows = [
            vec!["客户名单", "", "", ""],
            vec!["导出时间", "2026-06-01", "", ""],
            vec!["编号", "姓名", "手机号", "备注"],
            vec!["1", "张伟", "13812345678", ""],
        ];
        assert_eq!(find::<_, &str>(&rows, &[]), Some(2));
        assert_eq!(find(&rows, &["姓名"]), Some(2));
        let merged = [
            vec!["销售明细"; 4],
            vec!["编号", "姓名", "金额", "日期"],
            vec!["1", "张", "2", "3"],
        ];
        assert_eq!(find::<_, &str>(&merged, &[]), Some(1));
    }

    #[test]
    fn totals_and_notes_below_a_table_are_no_rows() {
        assert!(is_below(["", "合 计", "12", "300.00"].into_iter()));
        assert!(is_below(["制表人：王芳", ""].into_iter()));
        assert!(is_below(["共 1000 条记录"].into_iter()));
        assert!(!is_below(["共和国", "张伟", "1"].into_iter()));
        assert!(!is_below(["1", "合计"].into_iter()));
    }
}
