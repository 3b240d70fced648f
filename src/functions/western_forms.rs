//! Western addresses as each country writes them, in one form: numbers, kinds of streets, floors and flats.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexSet, RegexSetBuilder};

use super::address::pattern;
use super::western_address::{SHORT_WORDS, STREET_ENDINGS, is_kind, is_short_state};

/// An address in small letters without marks, in the form in which its words are looked for.
pub(super) fn in_one_form(text: String) -> String {
    let text = match text.contains(|c: char| c.is_ascii_digit()) {
        true => {
            let text = with_grid(&text);
            let text = with_marked_number(&text);
            with_dashed_flat(&text).into_owned()
        }
        false => text,
    };
    let text = in_vietnam(text);
    let text = FORMS.applied(with_whole_codes(&text));
    FLATS.applied(with_long_street(text))
}

/// Patterns and what stands for them as a list of its own.
fn owned(forms: &[(&str, &str)]) -> Vec<(String, String)> {
    let forms = forms.iter();
    forms
        .map(|(text, plain)| (text.to_string(), plain.to_string()))
        .collect()
}

/// Floors, from the first.
const ORDINALS: &[&str] = &[
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
];

/// Patterns, each with what stands for it, one after the other. Most addresses have few of them: which, one look at the text tells.
struct Replacements {
    all: Vec<(Regex, String)>,
    set: RegexSet,
}

impl Replacements {
    fn new(all: Vec<(String, String)>) -> Self {
        /// Bytes of the automaton of all.
        const MOST: usize = 100 << 20;
        let mut set = RegexSetBuilder::new(all.iter().map(|(text, _)| text));
        let set = set.size_limit(MOST).dfa_size_limit(MOST).build();
        let one = |(text, plain): (String, String)| (pattern(&text), plain);
        Self {
            set: set.expect("our own patterns are well formed"),
            all: all.into_iter().map(one).collect(),
        }
    }

    fn applied(&self, mut text: String) -> String {
        let mut next = 0;
        // What one puts in its place may be what another looks for.
        while let Some(at) = self.set.matches(&text).iter().find(|at| *at >= next) {
            let (pattern, plain) = &self.all[at];
            text = pattern.replace_all(&text, plain.as_str()).into_owned();
            next = at + 1;
        }
        text
    }
}

/// Numbers and kinds of streets as each country writes them, in one form.
static FORMS: LazyLock<Replacements> = LazyLock::new(|| {
    let forms = [
        // Neighbours of Indonesia: RT 003/RW 007.
        (
            r",?\s*\brt\b\.? ?[0-9]{1,3} ?/ ?(?:rw\b\.? ?)?[0-9]{1,3}\b",
            "",
        ),
        // As Singapore writes them: Blk 574 Tampines Street 81 #23-204 S(212106).
        (r"#0?([0-9]{1,2})-0?([0-9]{1,4})\b", "#${1}x$2"),
        (r"^(?:blk|block) ([0-9]+[a-z]? .*#[0-9]+x)", "$1"),
        (r"\bs\s?\(([0-9]{6})\)", "singapore $1"),
        (r"\bblk\b\.?", "block"),
        // As Taiwan does: 3F., No. 5, Aly. 27, Ln. 216, Sec. 4, Zhongxiao E. Rd., Da'an Dist.
        (r"^([0-9]{1,2})f\b\.?,", "fl $1,"),
        (r"(^|, ?)no\.? ?([0-9]+(?:-[0-9]+)?), ([a-z])", "$1$2 $3"),
        (r"\baly\b\.?", "alley"),
        (r"\bln\b\.? ([0-9])", "lane $1"),
        (r"\bsec\b\.? ([0-9])", "section $1"),
        (r"\bdist\b\.?", "district"),
        // SE-558 04, S-55804, I-20121 before a town.
        (
            r"(,\s*)(?:se|s|cz|sk|pl|i|it|b|be|a|at|d|de|f|fr|nl|ch|dk|fi|es|pt|gr)-([0-9]{3} ?[0-9]{1,3}\s+[^0-9\s,]{2})",
            "$1$2",
        ),
        (r"\b(?:rural route|r\.?r\.?) ([0-9])", "rr $1"),
        (
            r"\bu\.? ?s\.? ?-? ?(?:highway|hwy|route|rte|rt)?\.?[ -]?([0-9]{1,3})\b",
            "ushwy$1",
        ),
        (
            r"\b(?:county|cnty|co) (?:road|rd|route|rte|highway|hwy)\.?(?: no\.?)? ?([0-9]{1,4})\b",
            "countyrd$1",
        ),
        (r"\bc\.?r\.? ([0-9]{1,4})\b", "countyrd$1"),
        (
            r"\b(?:state (?:route|rte|rt|road|rd|highway|hwy)|s\.?r)\.?[ -]?([0-9]{1,4})\b",
            "rte$1",
        ),
        (r"\b(?:route|rte|rt)\.?[ -]?([0-9]{1,3})\b", "rte$1"),
        // 12 OH-56.
        (
            r"^(\s*[0-9]+[a-z]?)\s+(?:a[klrz]|c[aot]|de|fl|ga|hi|i[adln]|k[sy]|la|m[adeinost]|n[cdehjmvy]|o[hkr]|pa|ri|s[cd]|t[nx]|ut|v[at]|w[aivy])-([0-9]{1,3})\b",
            "$1 rte$2",
        ),
        (r"\b(?:highway|hwy)\.?[ -]?([0-9]{1,3})\b", "hwy$1"),
        (r"\bpost office box\b", "po box"),
        (r"\bp\.? ?o\.? bx\b", "po box"),
        // Bld Voltaire is a boulevard.
        (r"\bbld\.? ([0-9]+[a-z]?|[a-z])(\s*(?:,|$))", "bldg $1$2"),
        (r"\bhk\b", "hong kong"),
        (r"\b(?:new york city|nyc)\b", "new york"),
        // What a house stands near: 2450 Broadway between 90th and 91st Sts.; 12 MG Road, opp. City Mall.
        (
            r"^(\s*[0-9]+[a-z]?\s+[^,]+?)\s+(?:between|betw|btw|near|off|opposite|opp|at|corner of|cnr of)\b[^,]*",
            "$1",
        ),
        (
            r",\s*(?:near|opposite|opp|behind|beside|next to|off|corner of|cnr of)\b\.? ?[^,]+",
            "",
        ),
        // Mexico and Brazil: the flat behind the house, what says no more than a comma does, and the postal code's name.
        (
            r"([0-9][a-z]?)\s*,?\s*(?:int|interior|depto|dpto|departamento|apto|ap|casa|sala|conj)\b\.?\s*(?:no\.? ?)?([0-9]+[a-z]?|[a-z])\b",
            "$1, apt $2",
        ),
        (r"(,\s*)(?:col|colonia|fracc|fraccionamiento)\b\.? ", "$1"),
        (r"\bc\.?p\.? ?([0-9]{5})\b", "$1"),
        (r"^priv\b\.? ", "privada "),
        (r"\bn\.? ?sra\b\.?", "ntra sra"),
        (r"\bnossa\b", "ntra"),
        // The Philippines, Indonesia.
        (r"\b(?:barangay|brgy|bgy)\b\.? ?", ""),
        (r"\bjak(?:arta )?sel(?:atan)?\b", "jakarta selatan"),
        (r"\bjak(?:arta )?(?:pus|pst)(?:at)?\b", "jakarta pusat"),
        (r"\bjak(?:arta )?bar(?:at)?\b", "jakarta barat"),
        (r"\bjak(?:arta )?tim(?:ur)?\b", "jakarta timur"),
        (r"\bjak(?:arta )?ut(?:ara)?\b", "jakarta utara"),
        // Denmark and Sweden: the flat on a floor, and what is shortened.
        (
            r"([0-9][a-z]?),?\s+([0-9]{1,2}|st|kl)(?:\.\s*|\s+)(tv|th|mf)\b\.?",
            "$1, apt $2$3",
        ),
        (r"\bkbh\b\.?", "kobenhavn"),
        (r"\bgl\. ", "gammel "),
        (r"\boe\b\.? ([a-z])", "oestra $1"),
        (r"\b([a-z]{3,}[^d\s])g\. ?([0-9])", "${1}gatan $2"),
        (r"([0-9][a-z]?),?\s+lgh\b\.? ?([0-9]{4})\b", "$1, apt $2"),
        // The Netherlands and Austria.
        (r"\b([a-z]{4,}er) (?:strasse|str\.?)( [0-9])", "${1}str$2"),
        (r"([0-9][a-z]?) ?-? ?(?:hs|huis)\b", "$1, apt 0huis"),
        (r"([0-9]) iii(\s*,)", "$1, apt 3$2"),
        (r"([0-9]) ii(\s*,)", "$1, apt 2$2"),
        (r"([0-9]) i(\s*,)", "$1, apt 1$2"),
        (r"\bburg\. ", "burgemeester "),
        (
            r"([0-9][a-z]?),?\s+(?:stiege|stg\.?) ([0-9]{1,2}),?\s+(?:top|tuer) ([0-9]{1,3})\b",
            "$1, bldg $2, apt $3",
        ),
        (
            r"([a-z.] ?[0-9]{1,3}[a-z]?)/([0-9]{1,2})/([0-9]{1,3})(\s*(?:,|$))",
            "$1, bldg $2, apt $3$4",
        ),
        (r"\b(?:m\.?l\.?k\.?|martin luther king)(?: jr\b\.?)?", "mlk"),
        (r"\bs\.?h\.? ([0-9]{1,4})\b", "rte$1"),
        // Nr. 5, nº 5, No:5; N. 5th St is north.
        (r"\b(?:numero|number|num|nr|no)[.:]? ?:? ?([0-9])", "$1"),
        (r"(,\s*)n\. ?([0-9]{1,5}[a-z]?\s*(?:,|$))", "$1$2"),
        // Turkey: a flat.
        (r"\b(?:daire[ :.]*|d ?: ?)([0-9]{1,4})\b", ", apt $1"),
        // Poland: 58 m. 11. Also 58/11 at the end of a street.
        (r"([0-9][a-z]?) m\.? ?([0-9]{1,4})\b", "$1, apt $2"),
        (
            r"([a-z.\)] ?[0-9]{1,4}[a-z]?) ?/ ?([0-9]{1,4}[a-z]?)(\s*(?:,|$))",
            "$1, apt $2$3",
        ),
        (r"(^|[\s,])(?:ulica|ul)\b\.? ", "$1"),
        (r"\b(?:aleje|aleja|al)\. ", "aleja "),
        // Spain, Portugal, Italy and France in short, at the start of a street.
        (r"^cl\b\.? ([^0-9])", "calle $1"),
        (r"^p\.?o\.? (b[^o]|[ac-z])", "paseo $1"),
        (r"^(?:ctra|carr)\b\.? ", "carretera "),
        (r"^rda\b\.? ", "ronda "),
        (r"^(?:cno|cmno)\b\.? ", "camino "),
        (r"^(?:pje|psje)\b\.? ", "pasaje "),
        (r"^(?:trva|trv|trav)\b\.? ", "travesia "),
        (r"^urb\b\.? ", "urbanizacion "),
        (r"^gta\b\.? ", "glorieta "),
        (r"^lg\b\.? ", "largo "),
        (r"^tv\b\.? ", "travessa "),
        (r"^pcta\b\.? ", "praceta "),
        (
            r"^(\s*[0-9]+[a-z]?,? )r (d[eu]s? |d'|de l'|l')",
            "${1}rue $2",
        ),
        (r"^(\s*[0-9]+[a-z]?,? )che\b\.? ", "${1}chemin "),
        (r"^(\s*[0-9]+[a-z]?,? )all\. ", "${1}allee "),
        (r"^(\s*[0-9]+) bis\b", "${1}b"),
        (r"\bn\.([0-9])", "$1"),
        (r"([a-z]) n\. ([0-9]{1,4}[a-z]?)(\s*(?:,|$))", "$1 $2$3"),
        (r"\bst\.? (?:highway|hwy)\.?[ -]?([0-9]{1,3})\b", "rte$1"),
        (r"\bv\.le ", "viale "),
        (r"\bc\.so ", "corso "),
        (r"\bp\.z?za ", "piazza "),
        (r"\bl\.go ", "largo "),
    ];
    Replacements::new(owned(&forms))
});

/// Floors and flats by the words of people, in one form: 5th floor, 12/F, 2/30 Mill Road, #5, Ground Floor Flat.
static FLATS: LazyLock<Replacements> = LazyLock::new(|| {
    let pattern = |text: &str| text.to_string();
    let floor = |(word, number): (&str, usize)| {
        let text = format!(r"\b{word} (?:floor|fl)\b(?: flat\b)?");
        (text, format!(", fl {number}, "))
    };
    let floors = ORDINALS.iter().copied().zip(1..).map(floor);
    let others = vec![
        // In brackets stands a note, or the flat.
        (
            pattern(
                r"[(\[]([^()\[\]]*(?:\b(?:apt|apartment|flat|unit|suite|ste|room|rm|whg|floor|fl|level|block|bldg|building|tower|rear|front|basement)\b|#|[0-9]/f\b)[^()\[\]]*)[)\]]",
            ),
            ", $1, ",
        ),
        (pattern(r"\b(rear|front)\b(?: flat\b)?"), ", apt 0$1, "),
        (pattern(r"\b([0-9]+)/f\b"), ", fl $1, "),
        (
            pattern(r"\b([0-9]+)(?:st|nd|rd|th) (?:floor|fl)\b(?: flat\b)?"),
            ", fl $1, ",
        ),
        (
            pattern(r"\b((?:lower |upper )?ground|top|garden) (?:floor|fl)\b(?: flat\b)?"),
            ", fl 0$1, ",
        ),
        (pattern(r"\bbasement(?: flat)?\b"), ", fl 0basement, "),
        (pattern(r"#\s*([0-9a-z]+)"), ", apt $1, "),
        (
            pattern(r"(^|,)\s*([0-9]+[a-z]?)/([0-9]+[a-z]?)\b"),
            "$1 apt $2, $3",
        ),
        // 0430Mill Rd.
        (pattern(r"\b0*([1-9][0-9]*)([a-z]{3,})"), "$1 $2"),
        // Goethestr.5.
        (pattern(r"(str|strasse)\.?([0-9])"), "$1 $2"),
        // A number apart from its street: 12, Rue de la Paix; Calle Mayor, 5, Madrid.
        (pattern(r"^\s*([0-9]+[a-z]?)\s*,\s*([a-z])"), "$1 $2"),
        // Via Roma 10 - 20121 Milano.
        (pattern(r" - ([0-9]{4,5})\b"), ", $1"),
        (
            pattern(r"^([^0-9,]+),\s*([0-9]{1,4}[a-z]?)\s*(,|$)"),
            "$1 $2$3",
        ),
        // Behind the number of the house, a flat by itself: 3º B, 3B.
        (
            pattern(r",\s*([0-9]{1,2})[º°o]\s+([a-z])\b"),
            ", apt $1$2, ",
        ),
        (
            pattern(
                r",\s*([0-9]{1,2})[º°o]?\.?\s*-?\s*(esq|dto|dta|dcha|drt|izq|izda|frente)\b\.?",
            ),
            ", apt $1$2, ",
        ),
        (pattern(r",\s*([0-9]{1,2})-([a-z])\s*(,|$)"), ", apt $1$2$3"),
        (
            pattern(r"([a-z] [0-9]{1,4}) ([0-9]{1,2})-?([a-z])\s*(,|$)"),
            "$1, apt $2$3$4",
        ),
        (
            pattern(r",\s*(?:piso|planta) ([0-9]{1,2})[º°o]?,?\s*(?:puerta|pta)\.? ([0-9a-z]+)\b"),
            ", apt $1$2, ",
        ),
        (
            pattern(r",\s*(?:int|interno)\b\.? ?([0-9]{1,3}[a-z]?)\b"),
            ", apt $1, ",
        ),
        (pattern(r",\s*([0-9]{1,2}[a-z])\s*,"), ", apt $1, "),
    ];
    let others = others
        .into_iter()
        .map(|(pattern, plain)| (pattern, plain.to_string()));
    Replacements::new(floors.chain(others).collect())
});

/// Wards, districts and the largest city of Vietnam in one form: 102 đường Lê Lợi, P.4, Q.1, TPHCM.
fn in_vietnam(text: String) -> String {
    static IT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"\b(?:tp ?hcmc?|hcmc?|ho chi minh|ha ?noi|da nang|viet ?nam|hai phong|can tho)\b")
    });
    static WARDS: LazyLock<Replacements> = LazyLock::new(|| {
        let forms = [
            (r"^so (?:nha )?([0-9])", "$1"),
            (r"^([0-9][0-9a-z/-]*) (?:duong|pho|d\.) ", "$1 "),
            (
                r"\b(?:quan|q\.?|district|dist\.?) ?([0-9]{1,2})\b",
                "quan$1",
            ),
            (r"\b(?:phuong|p\.?|ward) ?([0-9]{1,2})\b", "phuong$1"),
            (r"\b(?:tp\.? ?)?(?:hcmc?|ho chi minh)(?: city)?\b", "saigon"),
            (r"\btp\. ?", ""),
            (r"\bha noi\b", "hanoi"),
        ];
        Replacements::new(owned(&forms))
    });
    match IT.is_match(&text) {
        true => WARDS.applied(text),
        false => text,
    }
}

/// Colombia's streets by their numbers: Cra. 117B No. 27-75 is carrera117b 27-75.
fn with_grid(text: &str) -> Cow<'_, str> {
    static GRID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?<kind>avenida calle|avenida carrera|carrera|cra|kra|kr|cr|calle|cll|cl|avenida|av|ak|ac|diagonal|diag|dg|transversal|transv|tv|tr)\b\.?\s*(?<street>[0-9]{1,3}\s?[a-z]?(?:\s?bis)?)(?<side>\s(?:sur|norte|este|oeste))?\s*(?:(?:no|num|nro|n)\b\.?|#)?\s*(?<first>[0-9]{1,3}\s?[a-z]?)\s?[- ]\s?(?<second>[0-9]{1,3})\b",
        )
    });
    GRID.replace(text, |found: &regex::Captures| {
        let kind = match &found["kind"] {
            "carrera" | "cra" | "kra" | "kr" | "cr" => "carrera",
            "calle" | "cll" | "cl" => "calle",
            "diagonal" | "diag" | "dg" => "diagonal",
            "transversal" | "transv" | "tv" | "tr" => "transversal",
            "ak" | "avenida carrera" => "avenidacarrera",
            "ac" | "avenida calle" => "avenidacalle",
            _ => "avenida",
        };
        let part = |name: &str| {
            found
                .name(name)
                .map_or("", |part| part.as_str())
                .replace(' ', "")
        };
        format!(
            "{kind}{}{} {}-{}",
            part("street"),
            part("side"),
            part("first"),
            part("second")
        )
    })
}

/// A number behind a mark is the house's: Blvd. Mateos #948, #49 Gen. Luna St. Behind the word for a flat it is that one's.
fn with_marked_number(text: &str) -> Cow<'_, str> {
    static MARKED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^([^0-9,#]*[a-z]{3,}\.?)\s*#\s?([0-9]{1,5}[a-z]?)\b|^#\s?([0-9]{1,5}[a-z]?)( [a-z])",
        )
    });
    const UNITS: &[&str] = &[
        "apt",
        "unit",
        "suite",
        "ste",
        "flat",
        "room",
        "rm",
        "lot",
        "apartment",
        "box",
        "no",
        "floor",
        "blk",
        "block",
    ];
    let is_unit = |name: &str| {
        let last = name.rsplit(' ').next().unwrap_or_default();
        UNITS.contains(&last.trim_matches('.'))
    };
    let found = MARKED.captures(text);
    match found.is_some_and(|found| !is_unit(found.get(1).map_or("", |name| name.as_str()))) {
        true => Cow::Owned(MARKED.replace(text, "$1 $2$3$4").trim_start().to_string()),
        false => Cow::Borrowed(text),
    }
}

/// A smaller number behind that of the house and a dash is a flat: Hidalgo 45-3. 12-14 are two houses.
fn with_dashed_flat(text: &str) -> Cow<'_, str> {
    static DASHED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^([^0-9,]*[a-z]{3,}\.? )([0-9]{1,5})-([0-9]{1,2})(\s*(?:,|$))"));
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    match DASHED.captures(text) {
        Some(found) if number(&found[3]) < number(&found[2]) => {
            DASHED.replace(text, "${1}$2, apt $3$4")
        }
        _ => Cow::Borrowed(text),
    }
}

/// Postal codes in one word: 558 04 Göteborg, 27-928 Łódź, 560 001, 01310-100; 45801-1234 without what tells the side of a street.
fn with_whole_codes(text: &str) -> String {
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?<ahead>^|[\s,-])(?:(?<one>[0-9]{3}) (?<other>[0-9]{2,3})|(?<first>[0-9]{2}|[0-9]{4}|[0-9]{5})-(?<second>[0-9]{3}))(?<town>\s+[^0-9\s,][^0-9,]*|\s*,|\s*$)",
        )
    });
    static ZIP: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?<ahead>^|[\s,])(?<zip>[0-9]{5})(?<dash>-?)[0-9]{4}(?<behind>\s*(?:,[^0-9]*)?)$")
    });
    let joined = CODE.replace_all(text, |found: &regex::Captures| {
        let part = |name: &str| found.name(name).map_or("", |part| part.as_str());
        let (one, other) = match part("one") {
            "" => (part("first"), part("second")),
            one => (one, part("other")),
        };
        // 12-101 King St is a house.
        let mut words = part("town").split(|c: char| !c.is_alphanumeric());
        let is_of_street = |word: &str| {
            let short = SHORT_WORDS.iter().find(|(long, _)| *long == word);
            let word = short.map_or(word, |(_, short)| *short);
            is_kind(word) || STREET_ENDINGS.iter().any(|end| word.ends_with(end))
        };
        let has_town = part("town").contains(char::is_alphabetic);
        let is_clear =
            has_town || one.len() + other.len() == 8 || (one.len(), other.len()) == (3, 3);
        match is_clear && !words.any(is_of_street) {
            true => format!("{}{one}{other}{}", part("ahead"), part("town")),
            false => found[0].to_string(),
        }
    });
    let zip = ZIP.captures(&joined).filter(|found| {
        let before = joined[..found.get(0).map_or(0, |whole| whole.start())].trim_end();
        let last = before.rsplit([' ', ',']).next().unwrap_or_default();
        let has_dash = !found["dash"].is_empty();
        last != "box" && (has_dash || is_short_state(last))
    });
    match zip {
        Some(found) => {
            let start = found.get(0).map_or(0, |whole| whole.start());
            format!(
                "{}{}{}{}",
                &joined[..start],
                &found["ahead"],
                &found["zip"],
                &found["behind"]
            )
        }
        None => joined.into_owned(),
    }
}

/// 12, r. de la Paix; 144 ch. Barbe; V. Roma; C/ Mayor: what the street is, in front of a name that does not say so. 12 R. Smith St is
/// named after somebody.
fn with_long_street(text: String) -> String {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(\s*(?:[0-9]+[a-z]?)?,?\s*)(r\. ?|ch\. ?|v\. ?|c/ ?)([^,0-9]*)")
    });
    let Some(found) = LEAD.captures(&text) else {
        return text;
    };
    let words = found[3].split_whitespace();
    let is_of_kind = |word: &str| {
        let word = word.trim_matches('.');
        is_kind(word)
            || SHORT_WORDS
                .iter()
                .any(|(long, short)| *long == word && is_kind(short))
    };
    // R. Dr. Arnaldo is named after a doctor.
    let is_person = words.clone().count() > 1
        && words
            .clone()
            .next()
            .is_some_and(|word| word.starts_with("dr"));
    if words.skip(usize::from(is_person)).any(is_of_kind) {
        return text;
    }
    let street = match &found[2][..1] {
        "r" => "rue",
        "v" => "via",
        _ if found[2].starts_with("ch") => "chemin",
        _ => "c",
    };
    format!(
        "{}{street} {}",
        &found[1],
        &text[found.get(2).map_or(0, |lead| lead.end())..]
    )
}
