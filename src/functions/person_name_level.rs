//! How alike two names of persons are: one level, the strongest that holds.

use super::fold::{fold_latin, is_han, simplify};
use super::latin_name::{PARTICLES, latin_parts};
use super::latin_name_level::is_first_name_known;
use super::person_name::{Name, Script, is_mask};
use super::reading::{self, sound_alike, sound_alike_in_names};
use super::{latin_name_level, romanisation, surnames, transliteration};

/// A level of agreement, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The same, titles apart.
    Exact,
    /// The same but for variants, marks and order.
    Folded,
    /// A short form of the first name.
    Nickname,
    /// One letter more, less, other, or swapped with the next, of a name in Latin letters: it leaves more of the name than one
    /// Chinese character does.
    OneLetter,
    /// Other characters that are read alike.
    SoundsAlike,
    /// Two neighbours behind the first character swapped, as a typist does; brothers are seldom called so.
    Swapped,
    /// One character more, less or other.
    OneCharacter,
    /// The same name in Chinese and in Latin letters.
    CrossScript,
    /// What is shown of both agrees, a part of one is hidden.
    Masked,
    /// A surname with a title or nothing beside it, and that surname.
    Title,
    /// Two letters of a name in Latin letters.
    TwoLetters,
    /// All of the shorter name in Latin letters is nearly in the longer one: a part left out, and slips in what is there.
    Partly,
    /// Neither one name nor plainly two: two fifths of each word in Latin letters, or two of many characters, may be off.
    Similar,
    /// The same first name in Latin letters beside another surname, as after a marriage.
    FirstName,
    /// None of these.
    Else,
}

impl Level {
    /// All levels, the strongest first.
    pub const NAMES: &[&str] = &[
        "exact",
        "folded",
        "nickname",
        "one_letter",
        "sounds_alike",
        "swapped",
        "one_character",
        "cross_script",
        "masked",
        "title",
        "two_letters",
        "partly",
        "similar",
        "first_name",
        "else",
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// What a title says of its bearer: 先生 and 女士 are two persons.
pub(super) fn sex_of_title(name: &Name) -> Option<char> {
    let is = |titles: &[&str]| titles.iter().any(|title| name.shown.ends_with(title));
    match (name.script, name.title.as_deref()) {
        (
            _,
            Some(
                "mr" | "sir" | "herr" | "herrn" | "lord" | "monsieur" | "dhr" | "meneer" | "sr"
                | "señor" | "signor" | "sig" | "hr" | "husband" | "father" | "brother" | "先生"
                | "大叔" | "大爷" | "大哥" | "叔叔",
            ),
        ) => return Some('m'),
        (
            _,
            Some(
                "mrs" | "ms" | "miss" | "frau" | "mme" | "mlle" | "lady" | "dame" | "madame"
                | "mademoiselle" | "mevr" | "mevrouw" | "sra" | "srta" | "señora" | "señorita"
                | "signora" | "sig.ra" | "dott.ssa" | "doña" | "dña" | "dra" | "fru" | "pani"
                | "paní" | "wife" | "mother" | "daughter" | "sister" | "女士" | "小姐" | "阿姨"
                | "大姐" | "大妈",
            ),
        ) => {
            return Some('f');
        }
        _ => {}
    }
    match name.script {
        Script::Titled if is(&["先生", "叔", "伯", "大爷", "爷爷", "老汉", "哥"]) => {
            Some('m')
        }
        Script::Titled
            if is(&[
                "女士", "小姐", "太", "夫人", "姨", "嫂", "婶", "姐", "奶奶", "大妈", "大娘",
                "嬢嬢",
            ]) =>
        {
            Some('f')
        }
        _ => None,
    }
}

/// The level of agreement between two names, strongest first.
pub fn level(left: &Name, right: &Name) -> Level {
    // Two that a list holds apart are two.
    if matches!((left.mark, right.mark), (Some(one), Some(other)) if one != other) {
        return Level::Else;
    }
    let level = level_in_one_spelling(left, right);
    let are_one = |one: &Name, other: &Name| {
        let is_sure = |name: &Name| name.is_surely_korean;
        let mut both = one.eastern.iter().zip(&other.eastern).zip([true, false]);
        both.any(|((one_way, other_way), is_korean)| {
            let may_be = !is_korean || is_sure(one) || is_sure(other);
            may_be && one_way.is_some() && one_way == other_way
        })
    };
    match (&left.romanised, &right.romanised) {
        (None, None) if level as u8 > Level::SoundsAlike as u8 && are_one(left, right) => {
            Level::SoundsAlike
        }
        (None, None) => level,
        // Katakana and hiragana.
        (Some(one), Some(other)) => match one.folded == other.folded && level != Level::Exact {
            true => Level::Folded,
            false => level,
        },
        (one, other) => {
            let (one, other) = (
                one.as_deref().unwrap_or(left),
                other.as_deref().unwrap_or(right),
            );
            if !matches!((one.script, other.script), (Script::Latin, Script::Latin)) {
                // 金敏俊, 김민준.
                let romanised = level_in_one_spelling(one, other);
                return if (romanised as u8) < level as u8 {
                    romanised
                } else {
                    level
                };
            }
            match level_in_one_spelling(one, other) {
                _ if are_one(one, other) => Level::CrossScript,
                // 김민준 is no Kim Min-ji.
                Level::OneLetter | Level::TwoLetters | Level::Partly | Level::Similar
                    if one.eastern[0].is_some() && other.eastern[0].is_some() =>
                {
                    Level::Else
                }
                Level::Exact
                | Level::Folded
                | Level::Nickname
                | Level::SoundsAlike
                | Level::Swapped => Level::CrossScript,
                // Aleksey is Alexey, and Marina is not Maria.
                _ if are_transliterated(one, other) => Level::CrossScript,
                other => other,
            }
        }
    }
}

/// Whether two names are one but for letters that transliterations differ in.
fn are_transliterated(one: &Name, other: &Name) -> bool {
    let [one, other] = [one, other].map(|name| {
        let words = words_in_order(name).into_iter();
        let mut words: Vec<String> = words.map(transliteration::loosely).collect();
        words.sort_unstable();
        words
    });
    one == other
}

fn level_in_one_spelling(left: &Name, right: &Name) -> Level {
    let level = level_as_written(left, right);
    if level == Level::Exact || (left.without_dots.is_none() && right.without_dots.is_none()) {
        return level;
    }
    // An umlaut is written in two ways.
    let without_dots = match level_as_written(left.plain(), right.plain()) {
        Level::Exact => Level::Folded,
        other => other,
    };
    if (without_dots as u8) < level as u8 {
        without_dots
    } else {
        level
    }
}

fn level_as_written(left: &Name, right: &Name) -> Level {
    use Script::{Chinese, Dotted, Latin, Masked, Titled};
    match (left.script, right.script) {
        (Masked, _) | (_, Masked) => {
            let is_read = || match (left.script, right.script) {
                (Masked, Latin) => is_masked_reading(left, right),
                (Latin, Masked) => is_masked_reading(right, left),
                _ => false,
            };
            let (one, other) = (&left.folded, &right.folded);
            let may_be = || may_be_read(left, right) && may_be_read(right, left);
            let is_starred = is_starred(left, right) || is_starred(right, left);
            match one == other || (masks_agree(one, other) && may_be()) || is_read() {
                true => Level::Masked,
                false if is_starred => Level::Similar,
                false
                    if is_hidden_behind_title(left, right)
                        || is_hidden_behind_title(right, left) =>
                {
                    Level::Title
                }
                false => Level::Else,
            }
        }
        (Titled, Chinese) if is_called(left, right) => Level::Masked,
        (Chinese, Titled) if is_called(right, left) => Level::Masked,
        (Titled, Chinese) if is_called_by_end(left, right) => Level::Nickname,
        (Chinese, Titled) if is_called_by_end(right, left) => Level::Nickname,
        _ if matches!((sex_of_title(left), sex_of_title(right)), (Some(left), Some(right)) if left != right) => {
            Level::Else
        }
        (Titled, _) | (_, Titled) if are_one_surname(left, right) => Level::Title,
        (Titled, Chinese) if is_surname_spelled(left, right) => Level::Title,
        (Chinese, Titled) if is_surname_spelled(right, left) => Level::Title,
        (Titled, Latin) | (Latin, Titled) if are_surnames_with_slip(left, right) => Level::Partly,
        (Titled, Latin) if begins_with_surname(right, left) => Level::Title,
        (Latin, Titled) if begins_with_surname(left, right) => Level::Title,
        (Titled, Latin) if spells_surname(right, left) => Level::Title,
        (Latin, Titled) if spells_surname(left, right) => Level::Title,
        (Titled, Latin) if is_first_name(left, right) => Level::Masked,
        (Latin, Titled) if is_first_name(right, left) => Level::Masked,
        (Titled, _) | (_, Titled) => Level::Else,
        (Latin, Latin) => latin_name_level::level(left, right),
        (Latin, _) => cross_script_level(right, left),
        (_, Latin) => cross_script_level(left, right),
        (Chinese | Dotted, Chinese | Dotted) => han_level(left, right),
    }
}

/// Whether a system may have written its star between the two characters of a name: 郭*健 of 郭健. More often it hides a third.
fn is_starred(masked: &Name, name: &Name) -> bool {
    match (&masked.characters[..], &name.characters[..]) {
        ([first, hidden, last], [one, other]) => {
            is_mask(*hidden) && first == one && last == other && !is_mask(*last)
        }
        _ => false,
    }
}

/// Whether all of a name but its surname is hidden, and a title has that: 彭**, 老彭.
fn is_hidden_behind_title(masked: &Name, titled: &Name) -> bool {
    let hidden = masked.characters.split_first();
    titled.script == Script::Titled
        && masked.surname.is_some()
        && masked.surname.as_deref().map(simplify) == titled.surname.as_deref().map(simplify)
        && hidden.is_some_and(|(_, rest)| rest.iter().all(|c| is_mask(*c)))
}

/// Whether a name like 小明 is the given name of another, and no surname behind 小.
fn is_called(short: &Name, name: &Name) -> bool {
    name.given.as_deref().map(simplify) == Some(short.folded.clone())
}

/// Whether 小明 or 阿明 is made of the end of another's given name, although 明 is a surname, too.
fn is_called_by_end(called: &Name, name: &Name) -> bool {
    called.shown.starts_with(['小', '阿']) && is_pet_name_of(called, name)
}

/// The words of a name in Latin letters, folded, in their order.
pub(super) fn words_in_order(name: &Name) -> Vec<String> {
    let folded = fold_latin(&name.written).replace(['-', '\''], "");
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(String::from)
        .collect()
}

/// Whether the surname beside a title is how that of a Chinese name is spelled: Mr. Wong, 黃志偉.
fn is_surname_spelled(titled: &Name, name: &Name) -> bool {
    let both = titled.surname.as_deref().zip(name.surname.as_deref());
    both.is_some_and(|(spelled, surname)| {
        romanisation::spells_surname(&fold_latin(spelled), surname)
    })
}

/// Whether the first or the last word of a name in Latin letters is how the surname of a title is spelled: YUAN Yufan, 袁先生.
fn spells_surname(latin: &Name, titled: &Name) -> bool {
    let surname = titled
        .surname
        .as_deref()
        .filter(|surname| surname.chars().all(is_han));
    let words = words_in_order(latin);
    let ends = [words.first(), words.last()];
    let is_spelled = |surname| {
        let mut ends = ends.iter().flatten();
        ends.any(|word| romanisation::spells_surname(word, surname))
    };
    words.len() >= 2 && surname.is_some_and(is_spelled)
}

/// Whether a name in pinyin may be a Chinese one of which some characters are hidden: Wang Xiaoming, 王*明.
fn is_masked_reading(masked: &Name, latin: &Name) -> bool {
    let words = words_in_order(latin);
    let (Some((surname, given)), [first, .., last]) =
        (masked.characters.split_first(), words.as_slice())
    else {
        return false;
    };
    if !masked.characters.iter().any(|c| is_han(*c)) {
        return false;
    }
    let is_surname = |word: &str| {
        is_mask(*surname) || romanisation::spells_surname(word, surname.encode_utf8(&mut [0; 4]))
    };
    let is_given = |word: String| {
        let is_read = |shown: Option<&char>, holds: &dyn Fn(&str) -> bool| match shown {
            Some(shown) if !is_mask(*shown) => {
                let mut readings = reading::in_given_name(*shown).into_iter();
                readings.any(|reading| !reading.is_empty() && holds(&reading))
            }
            _ => true,
        };
        is_read(given.first(), &|reading| word.starts_with(reading))
            && is_read(given.last(), &|reading| word.ends_with(reading))
            && (masked.characters.len() == 2 && is_mask(given[0])
                || reading::syllables(&word) == Some(given.len()))
    };
    (is_surname(first) && is_given(words[1..].concat()))
        || (is_surname(last) && is_given(words[..words.len() - 1].concat()))
}

/// Whether the character that is written as it is read in one name, 王zhe, may be that of the other; where none is, it may.
fn may_be_read(written: &Name, name: &Name) -> bool {
    let is_read = |c: char| c.is_ascii_lowercase();
    let start = written.shown.trim_end_matches(is_read).len();
    let (han, read) = written.shown.split_at(start);
    if read.is_empty() || !han.chars().any(is_han) || han.chars().any(is_mask) {
        return true;
    }
    name.characters.len() == han.chars().count() + 1
        && name.characters.last().is_none_or(|last| {
            is_mask(*last) || reading::every(*last).iter().any(|reading| reading == read)
        })
}

/// Whether the one word behind a title is the first name of another: Mr. Carlos.
fn is_first_name(titled: &Name, name: &Name) -> bool {
    let word = titled.surname.as_deref().map(fold_latin);
    let given = name.latin.as_ref().and_then(|latin| latin.given.first());
    given.is_some() && given == word.as_ref()
}

/// Whether a name in pinyin, which may be one word, has the surname of a title: LinXia, 林经理.
fn begins_with_surname(latin: &Name, titled: &Name) -> bool {
    // Lisa is no 李: a capital letter stands where the given name begins.
    let word = &latin.written;
    let is_of_two = word.char_indices().skip(1).any(|(_, c)| c.is_uppercase());
    if word.contains(' ') || !is_of_two {
        return false;
    }
    let surnames = titled.surname.as_deref().map(reading::of_surname);
    let readings = latin.readings().unwrap_or_default();
    let surname_of = |reading: &String| reading.split_once(' ').map(|(of, _)| of.to_string());
    let mut read = readings.iter().filter_map(surname_of);
    read.any(|surname| surnames.as_ref().is_some_and(|all| all.contains(&surname)))
}

/// Whether two surnames in Latin letters are the same but for a slip: Ms. Herring, Jennifer Hering.
fn are_surnames_with_slip(left: &Name, right: &Name) -> bool {
    const SHORTEST: usize = 5;
    let folded = |name: &Name| name.surname.as_deref().map(fold_latin);
    match (folded(left), folded(right)) {
        (Some(one), Some(other)) => {
            let distance = rapidfuzz::distance::osa::distance(one.chars(), other.chars());
            one.len().min(other.len()) >= SHORTEST && one.is_ascii() && distance == 1
        }
        _ => false,
    }
}

/// Whether two names have the same surname, in whatever script.
fn are_one_surname(left: &Name, right: &Name) -> bool {
    let (Some(one), Some(other)) = (&left.surname, &right.surname) else {
        return false;
    };
    let is_latin = |text: &str| !text.chars().any(is_han);
    let reads = |han: &str, latin: &str| {
        let latin = latin_parts(latin).concat();
        let readings = reading::of_surname(han).into_iter();
        readings
            .map(|reading| reading.replace('v', "u"))
            .any(|reading| reading == latin)
    };
    match (is_latin(one), is_latin(other)) {
        (true, true) => are_one_family(one, other),
        (false, false) => simplify(one) == simplify(other),
        (true, false) => reads(other, one),
        (false, true) => reads(one, other),
    }
}

/// Whether two Latin surnames are one, or one a part of the other, as Brown is of Brown-Weiß, and no particle alone.
pub(super) fn are_one_family(one: &str, other: &str) -> bool {
    let (one, other) = (latin_parts(one), latin_parts(other));
    let is_among = |few: &[String], all: &[String]| {
        let says = few.iter().any(|word| !PARTICLES.contains(&word.as_str()));
        says && few.iter().all(|word| all.contains(word))
    };
    one == other || is_among(&one, &other) || is_among(&other, &one)
}

fn han_level(left: &Name, right: &Name) -> Level {
    if left.shown == right.shown {
        return Level::Exact;
    }
    let joined = |name: &Name| name.folded.replace('·', "");
    if left.folded == right.folded || joined(left) == joined(right) {
        return Level::Folded;
    }
    // 史密斯·约翰: forms ask for the family name first. Of 买买提·吐尔逊 and 吐尔逊·买买提 one may be the other's father.
    let turned = |name: &Name| name.folded.split('·').rev().collect::<Vec<_>>().join("·");
    if left.folded.contains('·') && turned(left) == right.folded {
        return match is_of_father(&left.folded) {
            true => Level::Swapped,
            false => Level::Folded,
        };
    }
    // 买买提 of 买买提·吐尔逊, 晓明 of 王晓明: the rest is left out.
    let is_part = |short: &Name, name: &Name| {
        let parts = name.folded.split_once('·').map(|(first, _)| first);
        let is_first = name.script == Script::Dotted && parts == Some(short.folded.as_str());
        // 文静 of 陈文静, although 文 is a surname, too.
        let is_given = is_called(short, name);
        // 热依汗 of 热依汗买买提, 扎西 of 扎西顿珠: no surname stands before it.
        let is_start = short.characters.len() >= 2
            && name.surname.is_none()
            && name.characters.len() >= 4
            && name.characters.starts_with(&short.characters);
        is_first || is_given || is_start
    };
    if is_part(left, right) || is_part(right, left) {
        return Level::Masked;
    }
    if is_pet_name_of(left, right) || is_pet_name_of(right, left) {
        return Level::Nickname;
    }
    let (left_characters, right_characters) = (&left.characters, &right.characters);
    // The characters of other peoples' names are chosen by their sound alone.
    let have_surnames = left.surname.is_some() && right.surname.is_some();
    let is_long = left_characters.len().max(right_characters.len()) > 4;
    let sound_alike = match have_surnames && !is_long {
        true => sound_alike_in_names,
        false => sound_alike,
    };
    let are_read_alike = |left: &[char], right: &[char]| {
        let mut both = left.iter().zip(right);
        left.len() == right.len() && both.all(|(l, r)| l == r || sound_alike(*l, *r))
    };
    // 卡地尔·吐尔逊, 卡德尔吐尔逊.
    let has_dot = |characters: &[char]| characters.contains(&'·');
    let without_dots = |characters: &[char]| -> Vec<char> {
        characters.iter().copied().filter(|c| *c != '·').collect()
    };
    if are_read_alike(left_characters, right_characters)
        || (has_dot(left_characters) != has_dot(right_characters)
            && are_read_alike(
                &without_dots(left_characters),
                &without_dots(right_characters),
            ))
    {
        return Level::SoundsAlike;
    }
    let off = || {
        left_characters
            .iter()
            .zip(right_characters)
            .enumerate()
            .filter(|(_, (l, r))| l != r)
    };
    if left_characters.len() == right_characters.len()
        && one_edit(left_characters, right_characters)
        && off().count() == 2
        && off().all(|(at, _)| at > 0)
    {
        return Level::Swapped;
    }
    // One character off needs three characters on one side: in a name of two, it would be half the name.
    let longest = left_characters.len().max(right_characters.len());
    if longest >= 3
        && left_characters.first() == right_characters.first()
        && one_edit(left_characters, right_characters)
    {
        return Level::OneCharacter;
    }
    if is_misheard(left, right) {
        return Level::Similar;
    }
    // Two characters off leave more of 阿不都热依木·买买提 than of 王小明.
    const LONG: usize = 5;
    let parts = |name: &[char]| name.iter().filter(|c| **c == '·').count();
    // 阿里·买买提 and 艾山·买买提 are brothers.
    let mut both = left_characters
        .split(|c| *c == '·')
        .zip(right_characters.split(|c| *c == '·'));
    if left_characters.len().min(right_characters.len()) >= LONG
        && parts(left_characters) == parts(right_characters)
        && edits(left_characters, right_characters) == 2
        && both.all(|(one, other)| {
            edits(one, other) <= usize::from(one.len().max(other.len()) >= 3)
                || !left.shown.contains('·')
        })
    {
        return Level::Similar;
    }
    Level::Else
}

/// Whether what stands behind the dot is likelier the father's name than the family's, as in Xinjiang.
fn is_of_father(folded: &str) -> bool {
    const NAMES: &[&str] = &[
        "买买提",
        "麦麦提",
        "买合木提",
        "吐尔逊",
        "吐尔洪",
        "托合提",
        "艾力",
        "艾合买提",
        "艾山",
        "艾尔肯",
        "阿不都",
        "阿布都",
        "玉素甫",
        "玉苏甫",
        "依明",
        "伊敏",
        "卡德尔",
        "卡地尔",
        "热合曼",
        "吾买尔",
        "司马义",
        "肉孜",
        "木合塔尔",
        "库尔班",
        "努尔",
        "尼亚孜",
        "赛买提",
    ];
    let is_known = |part: &str| {
        let is_compound = part.starts_with("阿卜杜") || part.starts_with("阿不都");
        NAMES.contains(&part) || part.ends_with("古丽") || is_compound
    };
    folded.split('·').any(is_known)
}

/// Whether a call centre may have heard one name for the other: the given name of two characters is the same, or read so, and the
/// surnames sound alike in some dialect.
fn is_misheard(left: &Name, right: &Name) -> bool {
    /// Surnames that are told apart by h, l and n, and n and ng alone.
    const ALIKE: &[&str] = &[
        "黄王汪",
        "吴胡伍",
        "陈程成",
        "刘牛",
        "倪李黎",
        "林凌",
        "金荆",
        "史石施",
        "余于",
        "何贺",
        "付胡",
    ];
    let [Some(one), Some(other)] = [left, right].map(|name| name.surname.as_deref().map(simplify))
    else {
        return false;
    };
    let characters = |name: &Name| {
        name.given
            .as_deref()
            .map(|given| simplify(given).chars().collect::<Vec<_>>())
    };
    let [Some(given), Some(others)] = [left, right].map(characters) else {
        return false;
    };
    let is_alike = || {
        ALIKE
            .iter()
            .any(|alike| alike.contains(&one) && alike.contains(&other))
    };
    given.len() == 2
        && others.len() == 2
        && given
            .iter()
            .zip(&others)
            .all(|(one, other)| one == other || sound_alike(*one, *other))
        && is_alike()
}

/// Whether a name is made of the last character of another's given name: 婷婷, 小婷, 阿婷, 婷姐 of 王婷.
fn is_pet_name_of(pet: &Name, name: &Name) -> bool {
    let given = name.given.as_deref().map(simplify).unwrap_or_default();
    /// Of ten thousand people.
    const COMMON: u32 = 30;
    let is_common = |c: char| {
        surnames::known(&c.to_string()).is_some_and(|surname| surname.frequency >= COMMON)
    };
    let called = match pet.characters[..] {
        // 文文, although 文 is a surname, too; 林林 may as well have the surname.
        [one, other] if one == other && !is_common(one) => one,
        ['小' | '阿', called] | [called, '姐' | '哥'] => called,
        _ => return false,
    };
    name.characters.len() >= 2 && given.ends_with(called)
}

fn edits(left: &[char], right: &[char]) -> usize {
    rapidfuzz::distance::osa::distance(left.iter().copied(), right.iter().copied())
}

fn one_edit(left: &[char], right: &[char]) -> bool {
    edits(left, right) == 1
}

fn masks_agree(left: &str, right: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    // `张*` hides a given name of any length, and so does `张**` of some systems; inside a name a star hides one character.
    let is_open = |name: &[char], other: &[char]| {
        let may_hide = name.len() == 2 || (name.len() == 3 && other.len() == 2);
        may_hide && name[1..].iter().all(|c| is_mask(*c))
    };
    if is_open(&left, &right) || is_open(&right, &left) {
        return left.first() == right.first() && left.first().is_some_and(|c| !is_mask(*c));
    }
    // 再** of 再娜甫·努尔买买提: of a name of several parts, the stars at the end hide what is left.
    let is_start = |masked: &[char], name: &[char]| {
        let shown = masked.iter().take_while(|c| !is_mask(**c)).count();
        let is_hidden = masked.len() > shown && masked[shown..].iter().all(|c| is_mask(*c));
        shown > 0 && is_hidden && name.contains(&'·') && name.starts_with(&masked[..shown])
    };
    // 欧阳* of 欧阳娜娜.
    let is_compound = |masked: &[char], name: &[char]| match masked {
        [one, other, star] if is_mask(*star) && name.len() >= 3 => {
            let surname: String = [*one, *other].iter().collect();
            surnames::known(&surname).is_some() && name.starts_with(&masked[..2])
        }
        _ => false,
    };
    if is_start(&left, &right)
        || is_start(&right, &left)
        || is_compound(&left, &right)
        || is_compound(&right, &left)
    {
        return true;
    }
    // J*** Smith: word by word, by what is shown at its start.
    let has_words = |name: &[char]| name.iter().any(|c| c.is_ascii_alphabetic());
    if has_words(&left) && has_words(&right) {
        let words = |name: &[char]| -> Vec<String> {
            let text: String = name.iter().collect();
            fold_latin(&text)
                .split_whitespace()
                .map(String::from)
                .collect()
        };
        let (left, right) = (words(&left), words(&right));
        let shown = |word: &str| {
            word.chars()
                .take_while(|c| !is_mask(*c))
                .collect::<String>()
        };
        let is_masked = |word: &str| word.chars().any(is_mask);
        // Maria***: stars at the end may hide further words.
        let is_open = |words: &[String]| words.last().is_some_and(|word| is_mask_at_end(word));
        return (left.len() == right.len()
            || (left.len() < right.len() && is_open(&left))
            || (right.len() < left.len() && is_open(&right)))
            && left
                .iter()
                .zip(&right)
                .all(|(l, r)| match (is_masked(l), is_masked(r)) {
                    (false, false) => l == r,
                    (true, true) => {
                        let (l, r) = (shown(l), shown(r));
                        l.starts_with(&r) || r.starts_with(&l)
                    }
                    (true, _) => r.starts_with(&shown(l)),
                    (_, true) => l.starts_with(&shown(r)),
                });
    }
    left.len() == right.len()
        && left.iter().zip(&right).enumerate().all(|(at, (l, r))| {
            l == r || is_mask(*l) || is_mask(*r) || (at > 0 && sound_alike(*l, *r))
        })
}

fn is_mask_at_end(word: &str) -> bool {
    word.chars().last().is_some_and(is_mask) && word.chars().next().is_some_and(|c| !is_mask(c))
}

fn cross_script_level(chinese: &Name, latin: &Name) -> Level {
    // A name without a known surname, as of Uyghurs, is read as one word.
    let is_spelled = match (&chinese.surname, &chinese.given) {
        (Some(surname), Some(given)) => {
            if is_initialled(&latin.written, surname, given) {
                return Level::Masked;
            }
            // Xuemei Chen-Smith: one half is her husband's.
            let is_spelled_in_parts = || {
                let parts = latin.written.replace('-', " ");
                latin.written.contains('-') && romanisation::spells(&parts, surname, given)
            };
            romanisation::spells(&latin.written, surname, given)
                || is_spelled_in_parts()
                || is_mixed(&latin.written, surname, given)
                || without_western(&latin.written)
                    .is_some_and(|rest| romanisation::spells(&rest, surname, given))
        }
        _ => {
            let written: String = fold_latin(&latin.written)
                .chars()
                .filter(|c| c.is_alphabetic())
                .collect();
            // In a passport the father's name stands first: 买买提·艾力, AILI MAIMAITI.
            let parts = chinese.shown.split('·').rev();
            let read = |part: &str| part.chars().filter_map(reading::plain).collect::<String>();
            let turned: String = parts.map(read).collect();
            let mut readings = chinese.readings().unwrap_or_default().into_iter();
            turned == written || readings.any(|reading| reading.replace(' ', "") == written)
        }
    };
    let has_surname = || {
        let surname = chinese.surname.as_deref();
        surname.is_some_and(|surname| is_western_before(&latin.written, surname))
    };
    match () {
        () if is_spelled => Level::CrossScript,
        () if has_surname() => Level::Title,
        () => Level::Else,
    }
}

/// Whether a name in Latin letters is a Western first name and the surname: Kevin Zhang may be any 张.
fn is_western_before(latin: &str, surname: &str) -> bool {
    let folded = fold_latin(latin);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let readings = reading::of_surname(surname);
    // Peter Chan, where it is not spelled as in pinyin.
    if let [one, other] = words[..] {
        let is_one = |first: &str, last: &str| {
            is_first_name_known(first) && romanisation::spells_surname(last, surname)
        };
        if is_one(one, other) || is_one(other, one) {
            return true;
        }
    }
    let is_surname = |word: &str| {
        readings
            .iter()
            .any(|reading| reading.replace('v', "u") == word)
    };
    let is_western = |word: &str| {
        word.len() >= 3
            && !word.contains('.')
            && !word.contains('-')
            && !reading::is_pinyin(&word.replace("ue", "v"))
    };
    match words[..] {
        [one, other] => {
            (is_western(one) && is_surname(other)) || (is_surname(one) && is_western(other))
        }
        _ => false,
    }
}

/// Whether a name is in pinyin behind a surname that is spelled as elsewhere: Guoliang Chow. One syllable alone would be anybody's.
fn is_mixed(latin: &str, surname: &str, given: &str) -> bool {
    if given.chars().count() < 2 {
        return false;
    }
    let folded = fold_latin(latin);
    let words: Vec<&str> = folded
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let readings = reading::of_given_name(given);
    let is_given = |word: &str| {
        readings
            .iter()
            .any(|reading| reading.replace('v', "u") == word)
    };
    let is_surname = |word: &str| romanisation::spells_surname(word, surname);
    let ends = words.first().zip(words.last());
    (2..=3).contains(&words.len())
        && words.iter().any(|word| is_given(word))
        && ends.is_some_and(|(one, other)| is_surname(one) || is_surname(other))
}

/// Whether a name in Latin letters is a Chinese surname and the first letters of the given name, or that and the first letter of the surname:
/// Wang X., X. Wang, X.M. Wang, Wang XM, Xiaoming W.
fn is_initialled(latin: &str, surname: &str, given: &str) -> bool {
    let folded = fold_latin(latin);
    let words = folded.split(|c: char| !c.is_alphabetic());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let readings = reading::of_surname(surname);
    let is_surname = |word: &str| {
        word.len() > 1
            && (readings.iter().any(|reading| reading == word)
                || romanisation::spells_surname(word, surname))
    };
    // The letters of each character: 立新 are L and X.
    let are_initials = |letters: &str| {
        let mut both = letters.chars().zip(given.chars());
        let is_first = |(letter, character): (char, char)| {
            let readings = reading::in_given_name(character);
            readings.iter().any(|reading| reading.starts_with(letter))
        };
        let count = letters.chars().count();
        (count == 1 || count == given.chars().count()) && both.all(is_first)
    };
    let is_written_so = |surname: &str, rest: &[&str]| {
        let letters = rest.concat();
        let is_short = rest.iter().all(|word| word.len() == 1)
            || (rest.len() == 1 && !reading::is_pinyin(&letters));
        is_surname(surname) && is_short && are_initials(&letters)
    };
    let is_given_written = |given_word: &str, initial: &str| {
        initial.len() == 1
            && given.chars().count() >= 2
            && readings.iter().any(|reading| reading.starts_with(initial))
            && reading::of_given_name(given)
                .iter()
                .any(|reading| reading == given_word)
    };
    match words.as_slice() {
        [one, other] if is_given_written(one, other) || is_given_written(other, one) => true,
        [first, rest @ ..] if !rest.is_empty() && is_written_so(first, rest) => true,
        [rest @ .., last] if !rest.is_empty() => is_written_so(last, rest),
        _ => false,
    }
}

/// A name in pinyin without the one Western name that is put into it: Xiaoming Peter Wang.
fn without_western(latin: &str) -> Option<String> {
    let folded = fold_latin(latin);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let is_pinyin = |word: &&&str| reading::is_pinyin(&word.replace(['-', '\''], ""));
    let rest: Vec<&str> = words.iter().filter(is_pinyin).copied().collect();
    (rest.len() >= 2 && rest.len() + 1 == words.len()).then(|| rest.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_the_same_from_either_side() {
        let names = [
            "王小明",
            "王晓明",
            "小明",
            "晓明",
            "王先生",
            "王女士",
            "王*",
            "王小*",
            "Wang Xiaoming",
            "X. Wang",
            "Xiaoming Peter Wang",
            "Mr. Wang",
            "Ms. Wang",
            "Wang先生",
            "买买提",
            "买买提·吐尔逊",
            "买买提吐尔逊",
            "John Smith",
            "Smith John",
            "J Smith",
            "J. A. Smith",
            "Jo** Smith",
            "J*** Smith",
            "Jon Smith",
            "Bob Smith",
            "Robert Smith Jr",
            "John Michael Smith",
            "Maria da Silva",
            "Maria Silva",
            "Lü Fang",
            "LV FANG",
            "Jürgen Schröder",
            "J Schroder",
            "juergenschroeder",
            "Schröder",
            "Catherine Jones",
            "Katherine Jones",
            "Ms Brown-Weiß",
            "Maria Brown",
        ];
        let names: Vec<Name> = names
            .iter()
            .map(|name| Name::parse(name).unwrap())
            .collect();
        for one in &names {
            for other in &names {
                let both = [level(one, other), level(other, one)];
                assert_eq!(both[0], both[1], "{} and {}", one.shown, other.shown);
            }
        }
    }
}
