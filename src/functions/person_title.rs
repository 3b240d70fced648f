//! What stands around the names of persons and is none: titles, degrees, whose relative somebody is.

/// Titles after a Chinese surname.
pub(super) const TITLES: &[&str] = &[
    "先生",
    "女士",
    "小姐",
    "太太",
    "夫人",
    "老师",
    "总经理",
    "副总经理",
    "经理",
    "主任",
    "医生",
    "大夫",
    "教授",
    "师傅",
    "阿姨",
    "大爷",
    "大叔",
    "大哥",
    "大姐",
    "叔叔",
    "律师",
    "总监",
    "老板",
    "工程师",
    "董事长",
    "会计",
    "出纳",
    "采购",
    "主管",
    "厂长",
    "部长",
    "科长",
    "处长",
    "局长",
    "院长",
    "校长",
    "店长",
    "班长",
    "队长",
    "助理",
    "秘书",
    "文员",
    "仓管",
    "护士",
    "司机",
    "主席",
    "书记",
    "专员",
    "哥哥",
    "小姐姐",
    "姐姐",
    "总",
    "董",
    "工",
    "哥",
    "姐",
    "叔",
    "姨",
    "嫂",
    "婶",
    "伯",
    "太",
];

/// Titles before a first name and a surname. Some are names as well: these are titles with a full stop, or written out, alone.
const LEADING_TITLES: &[&str] = &[
    "rev",
    "revd",
    "reverend",
    "capt",
    "captain",
    "colonel",
    "general",
    "major",
    "lieutenant",
    "sergeant",
    "lord",
    "lady",
    "dame",
    "master",
];
const DOTTED_TITLES: &[&str] = &[
    "col", "gen", "maj", "lt", "lieut", "sgt", "hon", "fr", "rt", "ir", "ing", "eng", "sig",
];
/// Whose relative somebody is, where a form asks for a name: it stands for the first one. Son is a name as well.
const LATIN_RELATIVES: &[&str] = &[
    "wife",
    "husband",
    "spouse",
    "father",
    "mother",
    "daughter",
    "infant",
    "brother",
    "sister",
    "respondent",
    "householder",
    "occupant",
    "resident",
];
/// Titles around Western names, without their full stops.
const WESTERN_TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "sir",
    "herr",
    "herrn",
    "frau",
    "mme",
    "mlle",
    "monsieur",
    "madame",
    "mademoiselle",
    "mstr",
    "esq",
    "esquire",
    "dhr",
    "mevr",
    "mevrouw",
    "meneer",
    "sra",
    "srta",
    "señor",
    "señora",
    "señorita",
    "signor",
    "signora",
    "dipl.-ing",
    "doña",
    "dña",
    "dra",
    "sig.ra",
    "dott",
    "dott.ssa",
    "avv",
    "mgr",
    "mudr",
    "judr",
    "phdr",
    "fru",
    "hr",
    "drs",
    "pani",
    "paní",
];
/// Whether a word is a title around a Western name.
pub(super) fn is_western_title(word: &str) -> bool {
    WESTERN_TITLES.contains(&word.to_lowercase().as_str())
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
        LEADING_TITLES.contains(&word.as_str())
            || (DOTTED_TITLES.contains(&word.as_str()) && is_dotted())
    };
    let mut leading = None;
    while front.len() >= 3 && is_leading(&front[0]) {
        leading = Some(front.remove(0));
    }
    let is_relative = |word: &String| LATIN_RELATIVES.contains(&lower(word).as_str());
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
