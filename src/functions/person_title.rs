//! What stands around the names of persons and is none: titles, degrees, whose relative somebody is.

use std::sync::LazyLock;

use hashbrown::{HashMap, HashSet};

use super::reference::{self, Table};

/// Titles by their places.
static TITLES: LazyLock<HashMap<&'static str, HashSet<&'static str>>> = LazyLock::new(|| {
    let mut titles: HashMap<&str, HashSet<&str>> = HashMap::new();
    for [title, place] in reference::rows::<2>(Table::Titles) {
        titles.entry(place).or_default().insert(title);
    }
    titles
});
/// Titles behind a Chinese name by their last characters, the longest first.
static BEHIND: LazyLock<HashMap<char, Vec<&'static str>>> = LazyLock::new(|| {
    let titles = TITLES.get("behind").into_iter().flatten();
    let mut titles: Vec<&str> = titles.copied().collect();
    titles.sort_unstable_by_key(|title| (std::cmp::Reverse(title.len()), *title));
    let mut by_last: HashMap<char, Vec<&str>> = HashMap::new();
    for title in titles {
        let last = title.chars().next_back().unwrap_or_default();
        by_last.entry(last).or_default().push(title);
    }
    by_last
});

/// The title behind a Chinese name that a text may end with, by its last character, the longest first.
pub(super) fn behind(text: &str) -> impl Iterator<Item = &'static str> + use<> {
    let last = text.chars().next_back().unwrap_or_default();
    BEHIND.get(&last).into_iter().flatten().copied()
}

/// Whether a text is a title that stands behind a Chinese name.
pub(super) fn is_behind(text: &str) -> bool {
    is_at("behind", text)
}

fn is_at(place: &str, word: &str) -> bool {
    TITLES
        .get(place)
        .is_some_and(|titles| titles.contains(word))
}

/// Whether a word is a title around a Western name.
pub(super) fn is_western_title(word: &str) -> bool {
    is_at("around", &word.to_lowercase())
}

/// Takes the titles off the words of a Western name, those before its comma and those behind: the first title, where there is one.
/// `before` is what stands before the comma as it was written.
pub(super) fn western_title(
    before: &str,
    front: &mut Vec<String>,
    back: &mut Vec<String>,
) -> Option<String> {
    let lower = |word: &String| word.to_lowercase();
    let is_title = |word: &String| is_western_title(word);
    let title = front
        .iter()
        .chain(&*back)
        .find(|word| is_title(word))
        .cloned();
    front.retain(|word| !is_title(word));
    let is_degree = |title: &String| matches!(title.to_lowercase().as_str(), "dr" | "prof");
    if title.as_ref().is_some_and(is_degree) {
        without_faculties(front);
    }
    // Sr. in front is Señor; behind, it is the elder.
    let is_senor = front.len() >= 2 && lower(&front[0]) == "sr";
    let senor = is_senor.then(|| front.remove(0));
    let is_leading = |word: &String| {
        let word = lower(word);
        let is_dotted = || before.to_lowercase().contains(&format!("{word}."));
        // Some are names as well: these are titles with a full stop alone.
        is_at("before", &word) || (is_at("before_with_stop", &word) && is_dotted())
    };
    let mut leading = None;
    while front.len() >= 3 && is_leading(&front[0]) {
        leading = Some(front.remove(0));
    }
    // Whose relative somebody is, where a form asks for a name, stands for the first one.
    let is_relative = |word: &String| is_at("for_a_name", &lower(word));
    let is_relative = back.is_empty() && matches!(&front[..], [first, _] if is_relative(first));
    let relative = is_relative.then(|| front.remove(0));
    back.retain(|word| !is_title(word));
    title.or(senor).or(leading).or(relative)
}

/// Dr. med. Meier is a doctor of that; Dr. Phil is called so.
fn without_faculties(words: &mut Vec<String>) {
    const FACULTIES: &[&str] = &["med", "phil", "rer", "nat", "jur", "habil", "dent", "pol"];
    let is_faculty = |word: &String| FACULTIES.contains(&word.as_str());
    let others = words.iter().filter(|word| !is_faculty(word)).count();
    if others >= 2 {
        words.retain(|word| !is_faculty(word));
    }
}
