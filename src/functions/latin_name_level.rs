//! How alike two names of persons in Latin letters are.

use std::sync::LazyLock;

use hashbrown::{HashMap, HashSet};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fold::fold_latin;
use super::latin_name::{Latin, PARTICLES};
use super::person_name::{Name, letter_set};
use super::person_name_level::{Level, are_one_family, words_in_order};
use super::reference::{self, Table};
use super::similarity::share_off;
use super::syllabic_name::{have_other_syllables, is_in_pinyin};

/// Western first names that a name may stand for, itself apart.
static FORMAL: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut formal: HashMap<&str, Vec<&str>> = HashMap::new();
    for [name, nicknames] in reference::rows::<2>(Table::Nicknames) {
        for nickname in nicknames.split_whitespace() {
            formal.entry(nickname).or_default().push(name);
        }
    }
    formal
});

/// Whether two names of first names alone have the same one in another place, as they are written: Frank Peters is no Peter Frank.
fn are_turned(left: &Name, right: &Name) -> bool {
    let says_order = |name: &Name| name.written.contains(',');
    let (one, other) = (words_in_order(left), words_in_order(right));
    let are_in_place = one.iter().zip(&other).any(|(one, other)| one == other);
    let first_names = |words: &[String]| {
        let known = words.iter().filter(|word| is_first_name_known(word));
        known.count()
    };
    one.len() == other.len()
        && !are_in_place
        && !says_order(left)
        && !says_order(right)
        && first_names(&one).max(first_names(&other)) == one.len()
}

/// Whether the first names of two are double names that differ: Jean-Pierre and Jean-Paul.
fn have_other_double_names(left: &Name, right: &Name) -> bool {
    let double = |name: &Name| {
        let folded = fold_latin(&name.written);
        let mut words = folded.split_whitespace();
        let is_first = |word: &&str| {
            let first = name.latin.as_ref().and_then(|latin| latin.given.first());
            let start = word.split_once('-').map(|(start, _)| start);
            start.is_some() && start == first.map(String::as_str)
        };
        words.find(is_first).map(String::from)
    };
    let is_near = |one: &str, other: &str| {
        rapidfuzz::distance::osa::distance(one.chars(), other.chars()) <= 1
    };
    matches!((double(left), double(right)), (Some(one), Some(other)) if !is_near(&one, &other))
}

/// Whether two given names begin with the same name. Abdul is none without what follows.
fn have_one_first_name(left: &[String], right: &[String]) -> bool {
    const SHORTEST: usize = 3;
    const HALVES: &[&str] = &["abdul", "abdel", "abd", "abu", "umm"];
    let is_name = |word: &String| word.chars().count() >= SHORTEST;
    match (left.first(), right.first()) {
        (Some(one), Some(other)) if one == other && HALVES.contains(&one.as_str()) => {
            left.len() >= 2 && left.get(1) == right.get(1)
        }
        (Some(one), Some(other)) => one == other && is_name(one),
        _ => false,
    }
}

/// The level of agreement between two names in Latin letters, as they are written.
pub(super) fn level(left: &Name, right: &Name) -> Level {
    if left.written == right.written {
        return Level::Exact;
    }
    let are_vietnamese = is_marked_as_in_vietnam(left) && is_marked_as_in_vietnam(right);
    if left.folded == right.folded {
        // Hương and Hường are two.
        let marked = |name: &Name| {
            let lower = name.written.to_lowercase();
            let mut words: Vec<String> = lower.split([' ', ',']).map(str::to_string).collect();
            words.retain(|word| !word.is_empty());
            words.sort_unstable();
            words
        };
        return match are_vietnamese && marked(left) != marked(right) {
            true => Level::OneLetter,
            false => Level::Folded,
        };
    }
    let (Some(l), Some(r)) = (&left.latin, &right.latin) else {
        return Level::Else;
    };
    // Seung June and Seungjune are one given name.
    fn letters(given: &[String]) -> impl Iterator<Item = u8> {
        given.iter().flat_map(|word| word.bytes())
    }
    if l.surname == r.surname && l.suffix == r.suffix && letters(&l.given).eq(letters(&r.given)) {
        return Level::Folded;
    }
    // Letters that only one has: each slip makes two at most.
    let only_one = letter_set(&left.folded) ^ letter_set(&right.folded);
    let may_be_slips = |slips: u32| only_one.count_ones() <= 2 * slips;
    // Søderstrøm and Soederstroem, where neither has its dots any more.
    let is_but_an_e = only_one & !letter_set("e") == 0;
    if is_but_an_e && left.folded.len() != right.folded.len() && are_one_without_dots(left, right) {
        return Level::Folded;
    }
    // Åse and Aase.
    let has_ring = |name: &Name| name.shown.contains(['å', 'Å']);
    let without_ring = |name: &Name| name.folded.replace("aa", "a");
    if only_one == 0
        && has_ring(left) != has_ring(right)
        && without_ring(left) == without_ring(right)
    {
        return Level::Folded;
    }
    // Van Der Berg and Vanderberg, Mac Donald and MacDonald are one surname.
    let (letters, others) = (left.letters, right.letters);
    if letters == others
        && (together(&left.written) == together(&right.written)
            || together(&left.shown) == together(&right.shown)
            || are_one_by_syllables(&left.written, &right.written))
    {
        return Level::Folded;
    }
    if (others & !letters == 0 && is_written_without_one(left, right))
        || (letters & !others == 0 && is_written_without_one(right, left))
    {
        return Level::Masked;
    }
    if l.given == r.given
        && l.suffix == r.suffix
        && let Some(level) = dutch_level(&l.surname, &r.surname)
    {
        return level;
    }
    if let (Some(left_suffix), Some(right_suffix)) = (&l.suffix, &r.suffix)
        && left_suffix != right_suffix
    {
        return Level::Else;
    }
    if l.surname == r.surname
        && let (Some(left_first), Some(right_first)) = (l.given.first(), r.given.first())
    {
        if middles_agree(l, r) {
            if left_first == right_first {
                // A middle name or a suffix that one side leaves out hides a part.
                return Level::Masked;
            }
            if formal_names(left_first)
                .iter()
                .any(|name| formal_names(right_first).contains(name))
            {
                // Bob Smith may be the father of Robert Smith Jr.
                return match l.suffix == r.suffix {
                    true => Level::Nickname,
                    false => Level::Masked,
                };
            }
            if are_initials_of(left_first, &r.given) || are_initials_of(right_first, &l.given) {
                return Level::Masked;
            }
            // An initial hides the rest of a name: J. Smith; W. Brown is Bill Brown.
            let is_initial_of = |initial: &String, first: &String| {
                let hides = |name: &&str| name.starts_with(initial.as_str());
                initial.chars().count() == 1
                    && (first.starts_with(initial.as_str())
                        || formal_names(first).iter().any(hides))
            };
            if is_initial_of(left_first, right_first) || is_initial_of(right_first, left_first) {
                return Level::Masked;
            }
        }
    }
    if middles_agree(l, r)
        && l.given.first().is_some_and(|first| first.len() > 1)
        && l.given.first() == r.given.first()
        && (is_half_of(&l.surname, &r.surname) || is_half_of(&r.surname, &l.surname))
    {
        return Level::Masked;
    }
    if are_initials_beside(l, right)
        || are_initials_beside(r, left)
        || are_shortened_by_turns(left, right)
    {
        return Level::Masked;
    }
    if let Some(level) = log_in_level(left, right) {
        return level;
    }
    if l.surname == r.surname
        && let (Some(one), Some(other)) = (l.given.first(), r.given.first())
        && (is_nickname_of_typed(one, other) || is_nickname_of_typed(other, one))
    {
        return Level::Partly;
    }
    let (words, other_words) = (Word::all(&left.folded), Word::all(&right.folded));
    let is_in = |is_in: fn(&[Word], &[Word], &Name) -> bool| {
        is_in(&words, &other_words, right) || is_in(&other_words, &words, left)
    };
    let level = match () {
        () if may_be_slips(1) && one_letter_off(&left.folded, &right.folded) => {
            match are_turned(left, right) {
                true => Level::Similar,
                false => Level::OneLetter,
            }
        }
        () if leaves_out(&left.folded, &right.folded)
            || leaves_out(&right.folded, &left.folded) =>
        {
            Level::Masked
        }
        () if may_be_slips(2) && two_letters_off(&left.folded, &right.folded) => Level::TwoLetters,
        () if is_in(is_nearly_in) || are_of_two_surnames(left, right) => Level::Partly,
        () if is_in(is_roughly_in) => Level::Similar,
        () if have_one_first_name(&l.given, &r.given) && !have_other_double_names(left, right) => {
            Level::FirstName
        }
        () if are_spelled_loosely(left, right) => return Level::SoundsAlike,
        () => return Level::Else,
    };
    if level as u8 > Level::SoundsAlike as u8 && are_spelled_loosely(left, right) {
        return Level::SoundsAlike;
    }
    // Nhung and Hùng: every syllable is a name.
    if are_vietnamese {
        return match level {
            Level::OneLetter => Level::TwoLetters,
            Level::Masked => Level::Masked,
            _ => Level::Else,
        };
    }
    let is_slip = |level| {
        matches!(
            level,
            Level::TwoLetters | Level::Partly | Level::Similar | Level::FirstName
        )
    };
    let are_two = || {
        let (one, other) = (&left.folded, &right.folded);
        (is_in_pinyin(one) && is_in_pinyin(other)) || have_other_syllables(left, right)
    };
    match is_slip(level) && are_two() {
        true => Level::Else,
        false => level,
    }
}

/// Whether a name is written with marks that Vietnam alone has: two on one letter, a hook, a dot below.
fn is_marked_as_in_vietnam(name: &Name) -> bool {
    if name.written.is_ascii() {
        return false;
    }
    let mut before = false;
    name.written.nfd().any(|c| {
        let is_mark = is_combining_mark(c);
        let is_second = is_mark && before;
        before = is_mark;
        is_second || matches!(c, '\u{0309}' | '\u{0323}' | '\u{031B}' | 'đ' | 'Đ')
    })
}

/// Whether two names are one where their languages are written in Latin letters in several ways: Suharto and Soeharto, Boonmee and Bunmi,
/// Sunita and Suneeta.
fn are_spelled_loosely(left: &Name, right: &Name) -> bool {
    const SHORTEST: usize = 4;
    const SPELLED: &[&str] = &["al", "el", "md"];
    let words =
        |name: &'_ Name| -> Vec<String> { name.folded.split(' ').map(String::from).collect() };
    let (one, other) = (words(left), words(right));
    // Zhou and Zhu are two, and so are Joe and Jo.
    let are_syllables = (is_in_pinyin(&left.folded) && is_in_pinyin(&right.folded))
        || have_other_syllables(left, right);
    let has_short = |words: &[String], others: &[String]| {
        let mut own = words.iter().filter(|word| !others.contains(word));
        own.any(|word| word.len() < SHORTEST && !SPELLED.contains(&word.as_str()))
    };
    let loose = |words: &[String]| {
        let mut loose: Vec<String> = words.iter().map(|word| loosely(word)).collect();
        loose.sort_unstable();
        loose
    };
    one.len() == other.len()
        && !are_syllables
        && !has_short(&one, &other)
        && !has_short(&other, &one)
        && loose(&one) == loose(&other)
}

/// Whether a surname is one of the two that another is made of: Novomann of Novomann-Atkins.
fn is_half_of(surname: &str, double: &str) -> bool {
    let halves = double.split_once('-');
    halves.is_some_and(|(one, other)| surname.len() > 2 && (surname == one || surname == other))
}

/// A word with one spelling for all of a sound.
fn loosely(word: &str) -> String {
    // The article, and the commonest name of all.
    match word {
        "el" => return "al".to_string(),
        "md" | "mohd" | "mohamed" | "mohammed" | "mohammad" | "muhammad" | "muhammed" => {
            return "muhamad".to_string();
        }
        _ => {}
    }
    const SOUNDS: &[(&str, &str)] = &[
        ("ksh", "x"),
        ("oe", "u"),
        ("ou", "u"),
        ("oo", "u"),
        ("ee", "i"),
        ("ie", "i"),
        ("dj", "j"),
        ("tj", "c"),
        ("ph", "p"),
        ("th", "t"),
        ("kh", "k"),
        ("bh", "b"),
        ("dh", "d"),
        ("gh", "g"),
        ("q", "k"),
        ("v", "w"),
        ("y", "i"),
        ("e", "i"),
        ("o", "u"),
    ];
    let sounds = SOUNDS
        .iter()
        .fold(word.to_string(), |word, (from, to)| word.replace(from, to));
    let mut letters: Vec<char> = sounds.chars().collect();
    letters.dedup();
    letters.into_iter().collect()
}

/// Whether two names have the first name and a surname in common, where one has a second given name and the other a second surname, or
/// her husband's: Carlos Alberto Uribe, Carlos Uribe Restrepo; Ana Sofía Gómez Restrepo, Ana Sofía Gómez de Uribe.
fn are_of_two_surnames(left: &Name, right: &Name) -> bool {
    const WHOLE: usize = 3;
    let (one, other) = (words_in_order(left), words_in_order(right));
    let is_whole = |word: &&String| word.len() >= WHOLE && !PARTICLES.contains(&word.as_str());
    if one.first() != other.first() || !one.first().is_some_and(|word| is_whole(&word)) {
        return false;
    }
    let last_common = |words: &[String], others: &[String]| {
        words
            .iter()
            .rposition(|word| is_whole(&word) && others.contains(word))
    };
    let (Some(last), Some(last_of_other)) = (last_common(&one, &other), last_common(&other, &one))
    else {
        return false;
    };
    if last.min(last_of_other) == 0
        || one[last] != other[last_of_other]
        || is_first_name_known(&one[last])
    {
        return false;
    }
    let (ahead, ahead_of_other) = (&one[1..last], &other[1..last_of_other]);
    let (behind, behind_other) = (&one[last + 1..], &other[last_of_other + 1..]);
    // The one is longer in the middle, the other at its end.
    let by_turns = |ahead: &[String],
                    behind: &[String],
                    others_ahead: &[String],
                    others_behind: &[String]| {
        ahead.len() == 1 && behind.is_empty() && others_ahead.is_empty() && others_behind.len() == 1
    };
    let is_married = |behind: &[String]| behind.len() >= 2 && behind[0] == "de";
    let are_married = ahead == ahead_of_other
        && !ahead.is_empty()
        && (is_married(behind) != is_married(behind_other));
    by_turns(ahead, behind, ahead_of_other, behind_other)
        || by_turns(ahead_of_other, behind_other, ahead, behind)
        || are_married
}

/// Whether two names are one but for the dots of umlauts, which are written with an e in one of them and left out in the other.
fn are_one_without_dots(left: &Name, right: &Name) -> bool {
    // Joe is not Jo.
    const LETTERS: usize = 5;
    fn bare(name: &Name) -> Vec<String> {
        let words = name.folded.split(' ').map(|word| match word.len() {
            LETTERS.. => without_e(word),
            _ => word.to_string(),
        });
        words.collect()
    }
    /// Without the e that stands for dots: behind a, o or u that stand behind a consonant. Michael and Manuel have none.
    fn without_e(word: &str) -> String {
        let letters: Vec<char> = word.chars().collect();
        let is_vowel = |at: usize| letters.get(at).is_some_and(|c| "aeiou".contains(*c));
        let ends_name = |at: usize| at + 2 == letters.len() && letters[at + 1] == 'l';
        let is_for_dots = |at: usize| {
            letters[at] == 'e'
                && at >= 2
                && matches!(letters[at - 1], 'a' | 'o' | 'u')
                && !is_vowel(at - 2)
                && !is_vowel(at + 1)
                && at + 1 < letters.len()
                && !ends_name(at)
        };
        let kept = (0..letters.len()).filter(|at| !is_for_dots(*at));
        kept.map(|at| letters[at]).collect()
    }
    bare(left) == bare(right)
}

/// Whether two letters are the initials of first names: JP is Jean-Pierre, and AJ may be Alejandro. Al and Ed are names.
fn are_initials_of(letters: &str, given: &[String]) -> bool {
    let [first, second] = letters.as_bytes() else {
        return false;
    };
    let begins = |name: Option<&String>, letter: &u8| {
        name.is_some_and(|name| name.len() >= 3 && name.as_bytes()[0] == *letter)
    };
    const NO_INITIALS: &[&str] = &["jr", "sr", "st", "ng", "lv", "nv"];
    !b"aeiouy".contains(second)
        && !NO_INITIALS.contains(&letters)
        && !is_first_name_known(letters)
        && begins(given.first(), first)
        && (given.len() == 1 || begins(given.get(1), second))
}

/// Whether a surname with initials is a name of as many words more, whatever is the surname of that one: Ivanov I.P., Ivanov Ivan Petrovich.
fn are_initials_beside(short: &Latin, name: &Name) -> bool {
    let are_initials =
        short.given.len() >= 2 && short.given.iter().all(|word| word.chars().count() == 1);
    if !are_initials {
        return false;
    }
    let words = words_in_order(name);
    let is_at_end = words.first() == Some(&short.surname) || words.last() == Some(&short.surname);
    let rest = words
        .iter()
        .filter(|word| is_at_end && **word != short.surname);
    let rest: Vec<&String> = rest.collect();
    rest.len() + 1 == words.len()
        && rest.len() == short.given.len()
        && rest
            .iter()
            .zip(&short.given)
            .all(|(word, initial)| word.starts_with(initial.as_str()))
}

/// Whether two names are one word by word, of which either shortens some to their first letters: Gloria Inés Rojas E., Gloria I. Rojas
/// Echeverri. Two words are whole in both.
fn are_shortened_by_turns(left: &Name, right: &Name) -> bool {
    const WHOLE: usize = 3;
    let (one, other) = (words_in_order(left), words_in_order(right));
    let is_initial =
        |short: &String, long: &String| short.len() == 1 && long.starts_with(short.as_str());
    let both = || one.iter().zip(&other);
    let whole = both().filter(|(one, other)| one == other && one.len() >= WHOLE);
    one.len() == other.len()
        && one.len() > 2
        && one.first() == other.first()
        && whole.count() >= 2
        && both()
            .all(|(one, other)| one == other || is_initial(one, other) || is_initial(other, one))
}

/// How alike the words of two names in Latin letters have to be.
struct Likeness {
    /// From how many letters on a word may have slips.
    letters: usize,
    /// The share of its letters that may be off.
    most_off: f64,
    /// How many letters of a longer word are enough, where they are its start.
    start: usize,
}

impl Likeness {
    /// A third of the letters of longer words.
    const NEAR: Self = Self {
        letters: 4,
        most_off: 0.34,
        start: usize::MAX,
    };
    /// What a typist leaves of a name, where Anna and Karl Meier, or Berta and Ruperta, are still two.
    const ROUGH: Self = Self {
        letters: 3,
        most_off: 0.4,
        start: 2,
    };

    /// How much of a word is off beside another: nothing, or up to all of it.
    fn off(&self, word: &Word, other: &Word) -> f64 {
        const NICKNAME: f64 = 0.2;
        if word.text == other.text {
            return 0.0;
        }
        let shortest = word.letters.min(other.letters);
        let longest = word.letters.max(other.letters) as f64;
        if shortest == 1 && word.text.chars().next() == other.text.chars().next() {
            return self.most_off;
        }
        let are_names = word.is_first_name && other.is_first_name;
        let is_nickname = || {
            let names = formal_names(other.text);
            let mut of_word = formal_names(word.text).into_iter();
            of_word.any(|name| names.contains(&name))
        };
        let is_start = || word.text.starts_with(other.text) || other.text.starts_with(word.text);
        match () {
            () if are_names && is_nickname() => NICKNAME,
            () if shortest >= self.start && is_start() => self.most_off,
            // Carlos and Carla are two; and what is far longer is another word.
            () if are_names || shortest < self.letters => 1.0,
            () if word.least_off(other) as f64 > self.most_off * longest => 1.0,
            () => share_off(word.text, other.text),
        }
    }

    /// Each word of a name, the one that is nearest to it among those of another which no word before it has, and how much of it is off;
    /// none where one has none near enough.
    fn find<'a, 'b>(
        &self,
        words: &[&'b Word<'a>],
        others: &[&'b Word<'a>],
    ) -> Option<Vec<(&'b Word<'a>, &'b Word<'a>, f64)>> {
        // Of most names the first word says it.
        let is_near = |other: &&Word| self.off(words[0], other) <= self.most_off;
        if words.len() > others.len() || !others.iter().any(is_near) {
            return None;
        }
        let mut others = others.to_vec();
        let mut found = Vec::new();
        for word in words {
            let offs = others.iter().map(|other| self.off(word, other)).enumerate();
            let (at, off) = offs.min_by(|(_, one), (_, other)| one.total_cmp(other))?;
            if off > self.most_off {
                return None;
            }
            found.push((*word, others.remove(at), off));
        }
        Some(found)
    }
}

/// A word of a name, and what tells at a glance that another is far from it.
struct Word<'a> {
    text: &'a str,
    /// How many letters it has.
    letters: usize,
    /// Which letters it has.
    set: u32,
    /// Whether it is in the table of first names.
    is_first_name: bool,
}

impl<'a> Word<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            letters: text.chars().count(),
            set: letter_set(text),
            is_first_name: is_first_name_known(text),
        }
    }

    /// The words of a folded name.
    fn all(folded: &'a str) -> Vec<Self> {
        folded.split(' ').map(Self::new).collect()
    }

    /// How many letters are off at least beside another word: each that only one of them has is.
    fn least_off(&self, other: &Self) -> u32 {
        let only = |one: &Self, other: &Self| (one.set & !other.set).count_ones();
        let longer = self.letters.abs_diff(other.letters) as u32;
        only(self, other).max(only(other, self)).max(longer)
    }
}

/// Whether a word is taken for the middle initial of a name whose first name is left over: Susan J Taft may be called by her second name,
/// and Joseph Taft be her brother.
fn is_middle_initial(found: &[(&Word, &Word, f64)], many: &Name) -> bool {
    let first = many.latin.as_ref().and_then(|latin| latin.given.first());
    let is_in_many =
        |(word, other, _): &(&Word, &Word, f64)| word.text.len() > 1 && other.text.len() == 1;
    let is_left_over =
        |first: &String| first.len() > 1 && found.iter().all(|(_, other, _)| other.text != first);
    found.iter().any(is_in_many) && first.is_some_and(is_left_over)
}

/// Whether every word of a name is nearly a word of the other: the same, a nickname, an initial, or a third of its letters off. One
/// word is the same or nearly so, and more is there than it.
fn is_nearly_in(few: &[Word], many: &[Word], of_many: &Name) -> bool {
    const LONG: usize = 4;
    const NEAR: f64 = 0.2;
    if few.len() < 2 {
        return false;
    }
    let (few, many): (Vec<&Word>, Vec<&Word>) = (few.iter().collect(), many.iter().collect());
    let Some(found) = Likeness::NEAR.find(&few, &many) else {
        return false;
    };
    let is_initial = |word: &Word, other: &Word| word.text.len().min(other.text.len()) == 1;
    if is_middle_initial(&found, of_many) {
        return false;
    }
    let initials = found
        .iter()
        .filter(|(word, other, _)| is_initial(word, other));
    let near = found.iter().any(|(word, other, off)| {
        *off <= NEAR && !is_initial(word, other) && word.text.len() >= LONG
    });
    near && initials.count() <= 1
}

/// Whether a name is roughly in the other, particles apart: every word is the same, a nickname, or some of its letters are off; one may
/// be cut down to its start. One word alone is the other's surname with slips.
fn is_roughly_in(few: &[Word], many: &[Word], of_many: &Name) -> bool {
    const LONG: usize = 4;
    if let [word] = few {
        let latin = of_many.latin.as_ref();
        let surname = Word::new(latin.map_or("", |latin| latin.surname.as_str()));
        let off = Likeness::NEAR.off(word, &surname);
        return many.len() > 1
            && surname.letters.min(word.letters) >= LONG
            && off <= Likeness::NEAR.most_off;
    }
    fn names<'a, 'b>(words: &'b [Word<'a>]) -> Vec<&'b Word<'a>> {
        let names = words.iter();
        names
            .filter(|word| !PARTICLES.contains(&word.text))
            .collect()
    }
    let (few, many) = (names(few), names(many));
    if few.len() < 2 {
        return false;
    }
    let Some(found) = Likeness::ROUGH.find(&few, &many) else {
        return false;
    };
    let shortest = |(word, other, _): &(&Word, &Word, f64)| word.letters.min(other.letters);
    let cut = found
        .iter()
        .filter(|words| shortest(words) < Likeness::ROUGH.letters);
    found.iter().any(|words| shortest(words) >= LONG) && cut.count() <= 1
}

/// Whether two letters of a name are off, in one long word or in two, and none in what is short: John R Smith is not John T Smith.
fn two_letters_off(left: &str, right: &str) -> bool {
    /// Of a name of one word, nothing else says that it is the same.
    const LONG_ALONE: usize = 7;
    const LONG: usize = 6;
    const SHORT: usize = 4;
    if left.len().abs_diff(right.len()) > 2 {
        return false;
    }
    let is_alone = !left.contains(' ');
    let (mut one, mut other) = (left.split(' '), right.split(' '));
    let mut off = 0;
    loop {
        let (left, right) = match (one.next(), other.next()) {
            (Some(left), Some(right)) if left == right => continue,
            (Some(left), Some(right)) => (left, right),
            (None, None) => return off == 2,
            _ => return false,
        };
        off += rapidfuzz::distance::osa::distance(left.chars(), right.chars());
        let longest = left.chars().count().max(right.chars().count());
        let long = if is_alone { LONG_ALONE } else { LONG };
        if off > 2 || longest < SHORT || (off == 2 && longest < long) {
            return false;
        }
    }
}

/// Whether two names are a surname and the same syllables behind it or before it, which one of them writes apart: Chan Tai Man, Tai-man
/// Chan, Kim Min-jun, Min Jun Kim.
fn are_one_by_syllables(left: &str, right: &str) -> bool {
    let words = |written: &str| -> Vec<String> {
        let folded = fold_latin(written).replace(['-', '\''], "");
        let words = folded.split(|c: char| !c.is_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        // Lü is written Lu and Lv.
        let word = |word: &str| match word {
            "lv" => "lu".to_string(),
            other => other.to_string(),
        };
        words.map(word).collect()
    };
    let (one, other) = (words(left), words(right));
    let are_written_apart = one.len() != other.len() || left.contains('-') != right.contains('-');
    if !are_written_apart || one.len().min(other.len()) < 2 || one.len().max(other.len()) > 3 {
        return false;
    }
    let (Some(one), Some(other)) = (orders(&one), orders(&other)) else {
        return false;
    };
    one.iter().any(|order| other.contains(order))
}

/// The surname and the syllables of the given name: the first word is the surname, or the last.
fn orders(words: &[String]) -> Option<[(String, String); 2]> {
    let ((first, behind), (last, before)) = (words.split_first()?, words.split_last()?);
    Some([
        (first.clone(), behind.concat()),
        (last.clone(), before.concat()),
    ])
}

/// Whether a name has one word more in front or behind, as an English name beside a Chinese one, and is the other by its syllables: Mak
/// Ting Sze Amy, Mak Tingsze.
fn is_written_without_one(long: &Name, short: &Name) -> bool {
    let (long, short) = (words_in_order(long), words_in_order(short));
    let letters = |words: &[String]| words.iter().map(String::len).sum::<usize>();
    if short.len() < 2 || long.len() <= short.len() || long.len() > 5 {
        return false;
    }
    let is_short = |rest: &[String]| {
        letters(rest) == letters(&short)
            && orders(rest)
                .zip(orders(&short))
                .is_some_and(|(one, other)| one.iter().any(|order| other.contains(order)))
    };
    is_short(&long[1..]) || is_short(&long[..long.len() - 1])
}

/// The level of two surnames that are one but for ij and y, Van Dijk and Van Dyk, or for their particles, of which each has some: Van de
/// Ven and Van der Ven.
fn dutch_level(one: &str, other: &str) -> Option<Level> {
    let parted = |surname: &str| -> (String, String) {
        let words = surname.split(' ');
        let (particles, rest): (Vec<&str>, Vec<&str>) =
            words.partition(|word| PARTICLES.contains(word));
        (particles.concat(), rest.concat().replace("ij", "y"))
    };
    let ((of_one, one), (of_other, other)) = (parted(one), parted(other));
    let is_one = !one.is_empty() && one == other;
    match () {
        () if is_one && of_one == of_other => Some(Level::Folded),
        () if is_one && !of_one.is_empty() && !of_other.is_empty() => Some(Level::OneLetter),
        () => None,
    }
}

/// The letters of a name, without marks and whatever is between them.
fn together(written: &str) -> String {
    let folded = fold_latin(written);
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The level of a name in one word beside one of several: julia and Julia Patel, luciawhite and Lucia White.
fn log_in_level(left: &Name, right: &Name) -> Option<Level> {
    /// Letters of a whole name, of which one may be off.
    const WHOLE: usize = 8;
    let (word, name) = match (left.folded.contains(' '), right.folded.contains(' ')) {
        (false, true) => (&left.folded, right),
        (true, false) => (&right.folded, left),
        _ => return None,
    };
    let latin = name.latin.as_ref()?;
    if word.chars().count() >= 3 && latin.given.first() == Some(word) {
        return Some(Level::Masked);
    }
    if word.chars().count() >= 2 && are_one_family(word, &latin.surname) {
        return Some(Level::Title);
    }
    let given = latin.given.concat();
    let surname = latin.surname.replace(' ', "");
    let orders = [format!("{given}{surname}"), format!("{surname}{given}")];
    if orders.contains(word) {
        return Some(Level::Folded);
    }
    let is_near =
        |other: &String| rapidfuzz::distance::osa::distance(word.chars(), other.chars()) == 1;
    (word.chars().count() >= WHOLE && orders.iter().any(is_near)).then_some(Level::OneLetter)
}

/// Whether the words of a name are among those of another, in whatever order, one of them perhaps as an initial: what is left out
/// is hidden. Two whole words, or one and an initial, are a name; fewer say nothing.
fn leaves_out(short: &str, long: &str) -> bool {
    // Most names have no word in common.
    let first = short.split(' ').find(|word| word.len() > 1);
    if first.is_none_or(|first| !long.split(' ').any(|word| word == first)) {
        return false;
    }
    let mut left: Vec<&str> = long.split(' ').collect();
    let (initials, words): (Vec<&str>, Vec<&str>) =
        short.split(' ').partition(|word| word.chars().count() == 1);
    for word in &words {
        match left.iter().position(|other| other == word) {
            Some(at) => left.remove(at),
            None => return false,
        };
    }
    for initial in &initials {
        match left.iter().position(|other| other.starts_with(initial)) {
            Some(at) => left.remove(at),
            None => return false,
        };
    }
    let is_long = |word: &&&str| word.chars().count() >= 3;
    words.iter().any(|word| is_long(&word))
        && initials.len() <= 1
        && words.len() + initials.len() >= 2
}

/// Whether one word is one letter off, and long enough that the rest of it says something: in Li and Lu, or in two initials, that
/// letter is the name. A letter may move a word to another place among the others.
fn one_letter_off(left: &str, right: &str) -> bool {
    let (all, all_of_other) = (left, right);
    let mut only_right: Vec<&str> = right.split(' ').collect();
    let mut off = None;
    for word in left.split(' ') {
        match only_right.iter().position(|other| *other == word) {
            Some(at) => {
                only_right.swap_remove(at);
            }
            None if off.is_none() => off = Some(word),
            None => return false,
        }
    }
    let (Some(left), [right]) = (off, only_right.as_slice()) else {
        return false;
    };
    /// Letters of the longer word: three stay beside the one that is off.
    const LETTERS: usize = 4;
    let longest = left.chars().count().max(right.chars().count());
    // Wang Fang and Wang Feng are two names in pinyin.
    let are_two_names = is_in_pinyin(all) && is_in_pinyin(all_of_other);
    longest >= LETTERS
        && !are_two_names
        && rapidfuzz::distance::osa::distance(left.chars(), right.chars()) == 1
}

/// Whether the given names behind the first do not contradict each other: one side has none, or they start alike.
fn middles_agree(left: &Latin, right: &Latin) -> bool {
    left.given
        .iter()
        .skip(1)
        .zip(right.given.iter().skip(1))
        .all(|(left, right)| {
            left == right
                || (left.chars().count().min(right.chars().count()) == 1
                    && left.chars().next() == right.chars().next())
        })
}

/// Whether a first name is a nickname of what another is but for a slip: Tony, Anthoyn.
fn is_nickname_of_typed(nickname: &str, typed: &str) -> bool {
    const SHORTEST: usize = 5;
    let is_near = |name: &&str| {
        name.len() >= SHORTEST
            && rapidfuzz::distance::osa::distance(name.chars(), typed.chars()) == 1
    };
    typed.len() >= SHORTEST
        && !is_first_name_known(typed)
        && FORMAL.get(nickname).into_iter().flatten().any(is_near)
}

/// Whether a word is in the table of first names.
pub(super) fn is_first_name_known(word: &str) -> bool {
    static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        let rows = reference::rows::<2>(Table::Nicknames);
        let names = rows.into_iter().flat_map(|[name, nicknames]| {
            std::iter::once(name).chain(nicknames.split_whitespace())
        });
        names.collect()
    });
    KNOWN.contains(word)
}

/// A given name and the formal names it may stand for.
fn formal_names(given: &str) -> Vec<&str> {
    let formal = FORMAL.get(given).into_iter().flatten().copied();
    std::iter::once(given).chain(formal).collect()
}
