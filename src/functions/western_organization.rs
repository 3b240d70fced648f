//! Names of organisations in Latin and other letters: legal form, order of words, branch.

use std::sync::LazyLock;

use hashbrown::{HashMap, HashSet};
use regex::Regex;

use super::address::pattern;
use super::fold::{fold_latin, without_dots};
use super::organization_level::{BEGINNING, BRANCH, CLOSE, ELSE, FOLDED, PARTLY};
use super::reference::{self, Table};
use super::similarity::share_off;

/// Legal forms that stand in front as well; some may be words, where no full stops are in them: NV Energy, SA Water.
const LEADING_FORMS: &[(&str, &str)] = &[
    ("nv", "n.v"),
    ("sa", "s.a"),
    ("bv", "b"),
    ("gmbh", "g"),
    ("ooo", "o"),
    ("oao", "o"),
    ("zao", "z"),
    ("ab", "ab"),
    ("oy", "oy"),
    ("uab", "uab"),
    ("pt", "pt"),
    ("jsc", "jsc"),
    ("cjsc", "cjsc"),
    ("ojsc", "ojsc"),
    ("pjsc", "pjsc"),
    ("llc", "llc"),
    ("ооо", "ооо"),
    ("ао", "ао"),
    ("пао", "пао"),
    ("оао", "оао"),
    ("зао", "зао"),
    ("тов", "тов"),
    ("тоо", "тоо"),
];
/// The same, spelled out.
const LEADING_SPELLED: &[&[&str]] = &[
    &["public", "joint", "stock", "company"],
    &["joint", "stock", "company"],
    &["limited", "liability", "company"],
    &["kabushiki", "kaisha"],
    &["federal", "state", "unitary", "enterprise"],
    &["fsue"],
    &["obshchestvo", "s", "ogranichennoy", "otvetstvennostyu"],
    &["obshchestvo", "s", "ogranichennoi", "otvetstvennostyu"],
    &["publichnoe", "aktsionernoe", "obshchestvo"],
    &["aktsionernoe", "obshchestvo"],
    &["публичное", "акционерное", "общество"],
    &["акционерное", "общество"],
    &["общество", "с", "ограниченнои", "ответственностью"],
];

/// Words by what they are: `form`, `form_at_end`, `small`, `kind`.
static WORDS: LazyLock<HashMap<&'static str, HashSet<&'static str>>> = LazyLock::new(|| {
    let mut words: HashMap<&str, HashSet<&str>> = HashMap::new();
    for [word, kind, _] in reference::rows::<3>(Table::OrganizationWords) {
        words.entry(kind).or_default().insert(word);
    }
    words
});
/// What stands for a word that is spelled in another way.
static SPELLINGS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let words = reference::rows::<3>(Table::OrganizationWords);
    let spelled = words.filter(|[_, kind, _]| *kind == "spelling");
    spelled.map(|[word, _, instead]| (word, instead)).collect()
});

fn is_of(kind: &str, word: &str) -> bool {
    WORDS.get(kind).is_some_and(|words| words.contains(word))
}

/// Whether a word is a legal form wherever it stands.
fn is_form(word: &str) -> bool {
    is_of("form", word)
}

/// Whether a word says nothing by itself: of, at.
fn is_small(word: &str) -> bool {
    is_of("small", word)
}

/// A name taken apart once, to be compared with many.
#[derive(Debug)]
pub struct WesternName {
    /// Of its head office, if it is a branch.
    key: String,
    /// Its words but for the smallest, in order of the alphabet.
    words: Vec<String>,
    /// Whether their order may be another one: University of Leeds, Hotel Bel-Air.
    is_loose: bool,
    /// Of a branch, which one it is.
    branch: Option<String>,
    /// The first letters of three words or more.
    initials: Option<String>,
    /// The key where umlauts are written without their dots.
    without_dots: Option<String>,
}

impl WesternName {
    /// Takes a folded name apart, by its key.
    pub fn read(folded: &str, key: &str) -> Self {
        let told = head_and_place(folded);
        let branch = told.and_then(|(head, place)| Some((self::key(head)?, place.to_lowercase())));
        let (key, branch) = match branch {
            Some((head, which)) => (head, Some(which)),
            None => (key.to_string(), None),
        };
        let is_said = |word: &&str| !is_small(word);
        let said: Vec<&str> = key.split(' ').filter(is_said).collect();
        // BOSCH GMBH ROBERT: a form within says where another order begins.
        let is_within = |at: usize| at > 0 && at + 1 < said.len() && is_form(said[at]);
        let has_form = (0..said.len()).any(is_within);
        let words = (0..said.len()).filter(|at| !is_within(*at));
        let mut words: Vec<String> = words.map(|at| said[at].to_string()).collect();
        let initials = words.iter().filter_map(|word| word.chars().next());
        let initials = (words.len() >= 3).then(|| initials.collect::<String>());
        words.sort_unstable();
        // Smith A O: letters that stand apart are first names.
        let lower = folded.to_lowercase();
        let is_apart = |word: &String| match word.as_bytes() {
            [one, other] => {
                let (one, other) = (char::from(*one), char::from(*other));
                let ways = [" ", ". ", "."].map(|between| format!("{one}{between}{other}"));
                one.is_ascii_alphabetic() && ways.iter().any(|way| lower.contains(way))
            }
            _ => false,
        };
        let is_of_person = words.len() == 2 && words.iter().any(is_apart);
        let is_loose = has_form || is_of_person || words.iter().any(|word| says_what_it_is(word));
        let plain: String = folded.chars().map(without_dots).collect();
        Self {
            without_dots: match plain == folded {
                true => None,
                false => self::key(told.map_or(&*plain, |_| &key)),
            },
            key,
            words,
            is_loose,
            branch,
            initials,
        }
    }

    /// The key of its head office, if it is a branch, or its own.
    pub fn head(&self) -> &str {
        &self.key
    }

    /// Which branch of another it is, if it is one.
    pub fn branch(&self) -> Option<&str> {
        self.branch.as_deref()
    }

    /// A place among the levels.
    pub fn level(&self, other: &Self) -> u8 {
        match self.branch == other.branch {
            true => self.level_of_heads(other),
            // The levels of two heads that may be one.
            false if self.level_of_heads(other) <= BEGINNING => BRANCH,
            false => ELSE,
        }
    }

    fn level_of_heads(&self, other: &Self) -> u8 {
        let is_loose = self.is_loose || other.is_loose || self.words.len() >= 3;
        let is_reordered = self.words == other.words && is_loose;
        match () {
            () if self.key == other.key => FOLDED,
            () if is_reordered && !self.words.is_empty() => FOLDED,
            () if are_one_together(&self.key, &other.key) => FOLDED,
            () if self.is_without_dots_of(other) || other.is_without_dots_of(self) => FOLDED,
            () if self.is_but_for_and_of(other) => FOLDED,
            () if self.is_part_of(other) || other.is_part_of(self) => BEGINNING,
            () if is_close(&self.key, &other.key) || are_cut(&self.key, &other.key) => CLOSE,
            () if has_near_words(&self.key, &other.key) => PARTLY,
            () if self.is_short_for(other) || other.is_short_for(self) => PARTLY,
            () => ELSE,
        }
    }

    /// Whether a name is another without the dots of its umlauts: Schrodinger, Schrödinger.
    fn is_without_dots_of(&self, other: &Self) -> bool {
        other.without_dots.as_ref() == Some(&self.key)
    }

    /// Whether two names of two words or more are the same but for an and: Marsh McLennan, Marsh & McLennan.
    fn is_but_for_and_of(&self, other: &Self) -> bool {
        fn said(key: &str) -> impl Iterator<Item = &str> {
            key.split(' ')
                .filter(|word| !matches!(*word, "and" | "the"))
        }
        said(&self.key).count() >= 2 && said(&self.key).eq(said(&other.key))
    }

    /// Whether a name is the first letters of another: AMD.
    fn is_short_for(&self, other: &Self) -> bool {
        other.initials.as_ref() == Some(&self.key)
    }

    /// Whether a Western name is the beginning of another, its end in two words or more, or all of it but for what says what it is, and
    /// not which: Katsu is the restaurant Katsu.
    fn is_part_of(&self, other: &Self) -> bool {
        let is_kind = |word: &String| says_what_it_is(word);
        let is_name = !self.words.iter().all(is_kind);
        let behind = other.key.strip_prefix(&self.key);
        let is_beginning = self.key.len() >= 2 && behind.is_some_and(|rest| rest.starts_with(' '));
        let before = other.key.strip_suffix(&self.key);
        let is_end = self.words.iter().filter(|word| !is_kind(word)).count() >= 2
            && before.is_some_and(|rest| rest.ends_with(' '));
        let names_it = |word: &String| word.chars().count() >= 4 && !is_kind(word);
        let mut left_out = other.words.iter().filter(|word| !self.words.contains(word));
        let is_but_for_kinds = self.words.len() < other.words.len()
            && self.words.iter().any(names_it)
            && self.words.iter().all(|word| other.words.contains(word))
            && left_out.all(is_kind);
        (is_beginning && is_name) || is_end || is_but_for_kinds
    }
}

/// Whether two names are the same but for the blanks in them: Fly Dubai, flydubai.
fn are_one_together(one: &str, other: &str) -> bool {
    const SHORTEST: usize = 6;
    let letters = |name: &str| name.bytes().filter(|letter| *letter != b' ').count();
    // Studio 1 23 is not Studio 12 3.
    let has_number = one.contains(|c: char| c.is_ascii_digit());
    let has_as_many = letters(one) == letters(other) && letters(one) >= SHORTEST && !has_number;
    has_as_many
        && one
            .bytes()
            .filter(|c| *c != b' ')
            .eq(other.bytes().filter(|c| *c != b' '))
}

/// Whether two names are the same word by word, but for some that are cut short: Koninkl Philips, Koninklijke Philips.
fn are_cut(one: &str, other: &str) -> bool {
    const SHORTEST: usize = 6;
    /// The last word may be cut by a field that was too short, far from its end: Akebia Ther, and no Golden Sun of Sunrise.
    const SHORTEST_AT_END: usize = 4;
    const CUT_OFF: usize = 4;
    let pairs: Vec<(&str, &str)> = one.split(' ').zip(other.split(' ')).collect();
    let is_cut = |at: usize| {
        let (one, other) = pairs[at];
        let shortest = one.len().min(other.len());
        let is_at_end = at + 1 == pairs.len() && one.len().abs_diff(other.len()) >= CUT_OFF;
        let is_long = shortest >= SHORTEST || (is_at_end && shortest >= SHORTEST_AT_END);
        is_long && (one.starts_with(other) || other.starts_with(one))
    };
    let same = pairs
        .iter()
        .filter(|(one, other)| one == other && one.len() >= SHORTEST);
    one.split(' ').count() == other.split(' ').count()
        && same.count() > 0
        && (0..pairs.len()).all(|at| pairs[at].0 == pairs[at].1 || is_cut(at))
}

/// Whether a word of a folded text, and not its first alone, says that it is an organisation's.
pub fn tells_what_it_is(folded: &str) -> bool {
    let words = words_of(folded);
    let is_end = |word: &String| is_form(word) || is_of("form_at_end", word);
    let has_form =
        words.len() > 1 && (words.last().is_some_and(is_end) || spaced_form(&words).is_some());
    has_form || (words.len() > 1 && words.iter().any(|word| says_what_it_is(word)))
}

/// Whether a word tells nothing by itself: of, at, N.V.
pub fn says_nothing(word: &str) -> bool {
    is_small(word) || is_form(word)
}

/// Whether a word says what an organisation is, and not which.
pub fn says_what_it_is(word: &str) -> bool {
    is_of("kind", word)
}

/// Whether two names that are not Chinese are the same but for a slip in six letters, three at most.
fn is_close(one: &str, other: &str) -> bool {
    const SHORTEST: usize = 5;
    let letters = one.chars().count().max(other.chars().count());
    let distance =
        |one: &str, other: &str| rapidfuzz::distance::osa::distance(one.chars(), other.chars());
    // University of Bern is not University of Köln: a slip is within a word.
    let words = || one.split(' ').zip(other.split(' '));
    let have_as_many = one.split(' ').count() == other.split(' ').count();
    // Sparkasse Nürnberg is not Sparkasse Nienburg, and Vest is not Oest: what many are called leaves no room for slips in what one is called.
    let named = said_of_kind(one).max(said_of_kind(other));
    if have_as_many && named < SHORTEST.min(letters) {
        return false;
    }
    let most = match have_as_many {
        true => named,
        false => letters,
    };
    let most = (most / 6).clamp(1, 3);
    let is_near_word = |(one, other): (&str, &str)| {
        let shortest = one.chars().count().min(other.chars().count());
        let most = match shortest {
            // Joe's and Joes, but not BT and AXA.
            3 => usize::from(one.len() != other.len()),
            0..=2 => 0,
            4..=6 => 1,
            _ => 3,
        };
        one == other || distance(one, other) <= most
    };
    letters >= SHORTEST
        && telling(one) == telling(other)
        && one.len().abs_diff(other.len()) <= 4 * most
        && distance(one, other) <= most
        && (!have_as_many || words().all(is_near_word))
}

/// Whether two long names are one with many slips: at most four letters in ten of each word. A last word may be a form that was
/// misspelt; no number and no direction is another.
fn has_near_words(one: &str, other: &str) -> bool {
    const SHORTEST: usize = 10;
    const MOST_OFF: f64 = 0.3;
    const MOST_OFF_OF_WORD: f64 = 0.4;
    const FORM: usize = 4;
    let (one, other) = match one.split(' ').count() <= other.split(' ').count() {
        true => (one, other),
        false => (other, one),
    };
    let (words, others) = (|| one.split(' '), || other.split(' '));
    let further: Vec<&str> = others().skip(words().count()).collect();
    let behind: usize = further.iter().map(|word| word.len() + 1).sum();
    said_of_kind(one).min(said_of_kind(other)) >= SHORTEST
        && telling(one) == telling(other)
        && further.iter().all(|word| word.len() <= FORM)
        && further.len() <= 1
        && words()
            .zip(others())
            .all(|(one, other)| share_off(one, other) <= MOST_OFF_OF_WORD)
        && share_off(one, &other[..other.len() - behind]) <= MOST_OFF
}

/// How many letters a name has beside the words that say what it is.
fn said_of_kind(name: &str) -> usize {
    let words = name.split(' ').filter(|word| !says_what_it_is(word));
    let letters: usize = words.clone().map(|word| word.chars().count()).sum();
    letters + words.count().saturating_sub(1)
}

/// The words of a name that tell it from one that differs in nothing else: School 12 is not School 13, and North not South.
fn telling(name: &str) -> Vec<&str> {
    let words = name.split(' ');
    let is_telling = |word: &&str| {
        word.contains(|c: char| c.is_ascii_digit())
            || [
                "north", "south", "east", "west", "ii", "iii", "iv", "vi", "vii", "viii", "ix",
            ]
            .contains(word)
    };
    words.filter(is_telling).collect()
}

/// An Italian company is no spa: Fiat S.p.A., FIAT SPA.
fn without_italian_form(text: &str) -> &str {
    let Some((name, last)) = text.trim_end().rsplit_once(' ') else {
        return text;
    };
    let is_form = matches!(last, "S.p.A." | "S.p.A" | "SpA" | "S.P.A." | "S.P.A")
        || (last == "SPA" && !name.ends_with('&') && !name.to_lowercase().contains("hotel"));
    if is_form { name } else { text }
}

/// A blank where a full stop stands before a word: F.HOFFMANN, and no U.S. or S.p.A.
fn parted_at_dots(text: &str) -> String {
    const WORD: usize = 3;
    let mut parted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('.') {
        let letters = behind.chars().take_while(|c| c.is_alphabetic()).count();
        parted.push_str(before);
        parted.push(if letters >= WORD { ' ' } else { '.' });
        rest = behind;
    }
    parted + rest
}

/// The words of a name as they are compared, with the legal form that may stand behind them.
fn words_of(folded: &str) -> Vec<String> {
    let lower = parted_at_dots(&fold_latin(without_italian_form(without_state(folded))))
        .replace(['.', '\''], "")
        .replace(['&', '+'], " and ")
        .replace(" et ", " and ")
        .replace(" und ", " and ")
        // Novo Nordisk A/S.
        .replace("a/s", "as");
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).map(with_letters);
    let spelled = words.map(|word| {
        let known = SPELLINGS.get(word.as_str());
        known.map_or(word, |instead| (*instead).to_string())
    });
    spelled.collect()
}

/// A name without the state that a register puts between strokes behind it: Newmont Corp /DE/, Rush Enterprises Inc \\TX\\.
fn without_state(name: &str) -> &str {
    const LENGTHS: std::ops::RangeInclusive<usize> = 2..=5;
    let is_stroke = |c: char| matches!(c, '/' | '\\');
    let noted = name.trim_end().strip_suffix(is_stroke);
    match noted.and_then(|noted| noted.rsplit_once(is_stroke)) {
        Some((name, state))
            if name.ends_with(' ')
                && LENGTHS.contains(&state.len())
                && state.chars().all(|c| c.is_ascii_alphabetic()) =>
        {
            name.trim_end()
        }
        _ => name,
    }
}

/// A word with a letter where a scanner read one digit among letters: Out1et, Camp9round, and no B2B or Studio 1.
fn with_letters(word: &str) -> String {
    const LETTERS: usize = 4;
    const ALIKE: &[(char, char)] = &[('0', 'o'), ('1', 'l'), ('5', 's'), ('8', 'b'), ('9', 'g')];
    let (digits, letters): (Vec<char>, Vec<char>) = word.chars().partition(char::is_ascii_digit);
    let ends_with_it = word.starts_with(&digits[..]) || word.ends_with(&digits[..]);
    let letter = ALIKE.iter().find(|(digit, _)| digits == [*digit]);
    match letter {
        Some((digit, letter)) if letters.len() >= LETTERS && !ends_with_it => {
            word.replace(*digit, &letter.to_string())
        }
        _ => word.to_string(),
    }
}

/// How many words at the end are letters of a form with blanks between: sp z oo, s p a, n v. Studio A B is no Swedish company.
fn spaced_form(words: &[String]) -> Option<usize> {
    const SPACED: &[&str] = &[
        "sa", "nv", "bv", "ag", "as", "spa", "srl", "sro", "llc", "plc",
    ];
    const SPELLED: &[&[&str]] = &[
        &["sp", "z", "oo"],
        &["sa", "rl"],
        &["public", "co"],
        &["public", "ltd", "co"],
        &["fz", "e"],
        &["fz", "co"],
        &["public", "limited"],
        &["private", "limited"],
        &["limited", "liability", "company"],
        &["joint", "stock", "company"],
        &["public", "joint", "stock", "company"],
        &["sa", "de", "cv"],
        &["sab", "de", "cv"],
        &["s", "de", "rl"],
        &["s", "de", "rl", "de", "cv"],
        &["sh", "p", "k"],
        &["persero", "tbk"],
        &["public", "limited", "company"],
        &["designated", "activity", "company"],
        &["spolka", "akcyjna"],
        &["societe", "anonyme"],
        &["sociedad", "anonima"],
        &["societa", "per", "azioni"],
        &["societa", "cooperativa"],
        &["akciova", "spolecnost"],
        &["gesellschaft", "mbh"],
        &["gesellschaft", "mit", "beschrankter", "haftung"],
        &["offene", "gesellschaft"],
        &["spol", "sro"],
        &["spol", "s", "ro"],
        &["spol", "s", "r", "o"],
        &["spolecnost", "s", "rucenim", "omezenym"],
        &["verejna", "obchodni", "spolecnost"],
        &["komanditni", "spolecnost"],
        &["spolka", "z", "oo"],
        &["spolka", "z", "ograniczona", "odpowiedzialnoscia"],
        &["spolka", "komandytowa"],
        &["spolka", "jawna"],
        &["spolka", "cywilna"],
        &["sp", "zoo"],
        &["sp", "k"],
        &["sp", "j"],
        &["soc", "coop"],
        &["soc", "coop", "a", "rl"],
        &["societa", "a", "responsabilita", "limitata"],
        &["societe", "a", "responsabilite", "limitee"],
        &["sociedad", "limitada"],
        &["sociedade", "limitada"],
        &["comm", "v"],
        &["ek", "for"],
        &["ekonomisk", "forening"],
    ];
    /// Words of the longest.
    const LONGEST: usize = 5;
    let is_letter = |word: &String| word.chars().count() == 1;
    let lengths = (2..=LONGEST).rev().filter(|length| words.len() > *length);
    let mut ends = lengths.map(|length| &words[words.len() - length..]);
    let is_form = |end: &&[String]| {
        let is_spaced = end.iter().all(is_letter) && SPACED.contains(&end.concat().as_str());
        is_spaced || SPELLED.iter().any(|spelled| end == spelled)
    };
    ends.find(is_form).map(<[_]>::len)
}

/// The name to match on, of a folded text.
pub fn key(folded: &str) -> Option<String> {
    /// Denver, City of; Travis County.
    static PUBLIC: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^([^,()]+), (city|county|town|village|state|university|borough) of$")
    });
    static COUNTY: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:the )?county of ([\p{L}' -]+)$"));
    let has_of = folded.contains(" of") || folded.contains(" OF");
    let public = has_of.then(|| PUBLIC.replace(folded, "$2 of $1"));
    let public = public
        .as_deref()
        .map(|folded| COUNTY.replace(folded, "$1 county"));
    let folded = public.as_deref().unwrap_or(folded);
    let mut words = words_of(folded);
    // These are words within a name, and forms behind it.
    let is_ending = |word: &String| is_form(word) || is_of("form_at_end", word);
    loop {
        let length = match (spaced_form(&words), words.last()) {
            (Some(length), _) => length,
            (None, Some(last)) if words.len() > 1 && (is_ending(last) || last == "and") => 1,
            _ => break,
        };
        words.truncate(words.len() - length);
    }
    let lower = folded.to_lowercase();
    let leads = |word: &String| {
        let mut forms = LEADING_FORMS.iter();
        word == "the" || forms.any(|(form, start)| word == form && lower.starts_with(start))
    };
    let is_led_by = |form: &&&[&str]| {
        words.len() > form.len() && words.iter().zip(**form).all(|(word, of)| word == of)
    };
    let spelled = LEADING_SPELLED
        .iter()
        .find(is_led_by)
        .map_or(0, |form| form.len());
    words.drain(..spelled);
    // UAB Hospital is of a university: what is left must be a name.
    let is_named = |words: &[String]| words[1..].iter().any(|word| !says_what_it_is(word));
    while words.len() > 1 && leads(&words[0]) && (words[0] == "the" || is_named(&words)) {
        words.remove(0);
    }
    let words = with_letters_joined(&words);
    let says_nothing = |word: &String| is_form(word) || word == "the";
    let is_form_alone = words.len() == 1 && words.iter().all(says_nothing);
    (!words.is_empty() && !is_form_alone).then(|| words.join(" "))
}

/// D S M is DSM, and U S Philips US Philips.
fn with_letters_joined(words: &[String]) -> Vec<String> {
    let is_letter = |word: &String| word.chars().count() == 1;
    let runs = words.chunk_by(|one, other| is_letter(one) && is_letter(other));
    runs.map(<[String]>::concat).collect()
}

/// The name before a branch's place, and that place: Acme Ltd, London Branch; Acme Ltd (London Branch); HSBC London Branch, where the
/// place is one word.
fn head_and_place(folded: &str) -> Option<(&str, &str)> {
    let name = folded.trim_end_matches([')', ' ', '.']);
    let at = name.len().checked_sub("branch".len())?;
    let (stem, word) = name.split_at_checked(at)?;
    if !word.eq_ignore_ascii_case("branch") {
        return None;
    }
    // In Co., Ltd. Foshan Branch the comma stands within the form.
    let is_in_form = |at: usize| {
        let mut behind = stem[at + 1..].split_whitespace();
        behind.any(|word| is_form(&word.to_lowercase().replace('.', "")))
    };
    if let Some(at) = stem.rfind([',', '(']).filter(|at| !is_in_form(*at)) {
        return Some((&stem[..at], stem[at + 1..].trim()));
    }
    let stem = stem.trim_end();
    let starts = stem.match_indices(' ').map(|(at, _)| at);
    let ends_with_form = |at: &usize| {
        let last = stem[..*at].rsplit(' ').next().unwrap_or_default();
        let last = last.to_lowercase().replace('.', "");
        stem[..*at].contains(' ') && is_form(&last)
    };
    let at = starts.filter(ends_with_form).last().or(stem.rfind(' '))?;
    Some((&stem[..at], stem[at..].trim()))
}

/// The key of the head office, of a folded text.
pub fn head_key(folded: &str) -> Option<String> {
    match head_and_place(folded) {
        Some((head, _)) => key(head).or_else(|| key(folded)),
        None => key(folded),
    }
}
