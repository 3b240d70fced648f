//! The rule book against the columns of the records: every name, number and condition of it, before a row is read.

use datafusion::common::DataFusionError;
use datafusion::prelude::SessionContext;

use super::file::Loaded;
use crate::fault::{Fault, Place, Result, nearest};
use crate::identity::comparison::level_names;
use crate::identity::matching::{ACROSS, STEWARD};
use crate::identity::rules::{Comparison, Kind, Level, Rule, RuleBook, level_named, rule_named};
use crate::identity::{candidates, condition};
use crate::stages::faults;
use crate::stages::plan::Planned;

/// Checks the rule book of a pipeline against its stage of records.
pub fn check(
    session: &SessionContext,
    loaded: &Loaded,
    book: &RuleBook,
    records: &Planned,
) -> Result<()> {
    let checked = Checked {
        session,
        loaded,
        book,
        records,
    };
    checked.columns()?;
    checked.names_of_rules()?;
    checked.numbers()?;
    checked.guard()?;
    checked.conditions()?;
    checked.groups()?;
    checked.comparisons()?;
    checked.levels()
}

/// A rule book that is checked.
struct Checked<'a> {
    session: &'a SessionContext,
    loaded: &'a Loaded,
    book: &'a RuleBook,
    records: &'a Planned,
}

impl Checked<'_> {
    /// The columns of the records.
    fn names(&self) -> Vec<&str> {
        let fields = self.records.schema.fields().iter();
        fields.map(|field| field.name().as_str()).collect()
    }

    /// A column that the rule book names is there.
    fn column(&self, column: &str) -> Result<()> {
        let (names, book, loaded) = (self.names(), self.book, self.loaded);
        match names.contains(&column) {
            true => Ok(()),
            false => Err(Fault::project(format!(
                "the rule book names a column that {} does not have: {column}",
                book.records
            ))
            .at(loaded.place_of(&format!("\"{column}\"")))
            .hint(match nearest(column, names.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("it has {}", names.join(", ")),
            })),
        }
    }

    /// What the engine says of a condition, at its place in the pipeline file.
    fn fault(&self, what: String, condition: &str, error: &DataFusionError) -> Box<Fault> {
        let loaded = self.loaded;
        let span = error.diagnostic().and_then(|diagnostic| diagnostic.span);
        let span = span.filter(|span| span.start.line >= 1 && span.start.column >= 1);
        let place = span.map_or_else(
            || loaded.place_of(condition),
            |span| {
                let columns = span.start.column as usize..span.end.column as usize;
                loaded.place_in(condition, span.start.line as usize, columns)
            },
        );
        let known = faults::from_engine(&what, &loaded.path, condition, error);
        Fault::project(known.summary.clone())
            .at(place)
            .maybe_hint(known.hint.clone())
    }

    /// The records have their key, and the columns that are named alone.
    fn columns(&self) -> Result<()> {
        let book = self.book;
        self.column(&book.record_id)?;
        if let Some(across) = &book.across {
            self.column(across)?;
        }
        if self.records.stage.header.key != [book.record_id.clone()] {
            return Err(Fault::project(format!(
                "the records of identity have no key {}",
                book.record_id
            ))
            .at(Place::file(&self.records.stage.path))
            .hint(format!(
                "write -- @key {} above its select: every record is there once",
                book.record_id
            )));
        }
        Ok(())
    }

    /// Every rule of a kind, comparison and group has a name of its own.
    fn names_of_rules(&self) -> Result<()> {
        let (book, loaded) = (self.book, self.loaded);
        let kinds = [&book.never, &book.certain, &book.blocking];
        let of_kind = |rules: &'_ Vec<Rule>| rules.iter().map(|rule| rule.name.clone()).collect();
        let [never, certain, blocking]: [Vec<String>; 3] = kinds.map(of_kind);
        let is_taken = |name: &&&String| {
            name.trim().is_empty() || [STEWARD, "max_cluster", ACROSS].contains(&name.as_str())
        };
        let all: Vec<&String> = never.iter().chain(&certain).chain(&blocking).collect();
        if let Some(name) = all.iter().find(is_taken) {
            return Err(Fault::project(format!("a rule cannot be named \"{name}\""))
                .at(loaded.place_of(&format!("name = \"{name}\"")))
                .hint("identity.links tells by its rule what joined or refused a link; steward, max_cluster and across are taken"));
        }
        let comparisons: Vec<&String> = book
            .comparison
            .iter()
            .map(|comparison| &comparison.name)
            .collect();
        let groups: Vec<&String> = book.group.iter().map(|group| &group.name).collect();
        for (what, names) in [
            ("never rules", never.iter().collect()),
            ("certain rules", certain.iter().collect()),
            ("blocking rules", blocking.iter().collect()),
            ("comparisons", comparisons),
            ("groups", groups),
        ] {
            let twice = names
                .iter()
                .enumerate()
                .find(|(at, name)| names[..*at].contains(name));
            if let Some((_, name)) = twice {
                return Err(Fault::project(format!("two {what} have the name {name}"))
                    .at(loaded.place_of(&format!("name = \"{name}\"")))
                    .hint("the name travels to the outputs: give each its own"));
            }
        }
        Ok(())
    }

    /// Numbers are where they have a meaning.
    fn numbers(&self) -> Result<()> {
        let (book, loaded) = (self.book, self.loaded);
        let rules = [&book.certain, &book.blocking].into_iter().flatten();
        let capped = rules.map(|rule| (&rule.name, rule.max_block));
        let groups = book.group.iter();
        let mut capped = capped.chain(groups.map(|group| (&group.name, group.max_block)));
        if let Some((name, cap)) = capped.find(|(_, cap)| *cap < 2) {
            return Err(Fault::project(format!(
                "max_block of {name} is {cap}: every block would be set aside"
            ))
            .at(loaded.place_of(&format!("name = \"{name}\"")))
            .hint("a block of two records has one pair: from 2 on; 500 where it is left out"));
        }
        if !(book.certain_recall > 0.0 && book.certain_recall <= 1.0) {
            return Err(Fault::project(format!(
                "certain_recall is a share above 0 and at most 1, not {}",
                book.certain_recall
            ))
            .at(loaded.place_of("certain_recall")));
        }
        if book.max_cluster < 2 {
            return Err(
                Fault::project("max_cluster is at least 2").at(loaded.place_of("max_cluster"))
            );
        }
        if let Some(review) = book.review.filter(|review| *review > book.threshold) {
            return Err(Fault::project(format!(
                "review, {review}, is above threshold, {}",
                book.threshold
            ))
            .at(loaded.place_of("review ="))
            .hint("pairs from review up to threshold are shown for review"));
        }
        if book.blocking.len() > candidates::MOST_RULES {
            return Err(Fault::project(format!(
                "a rule book has {} blocking rules at most",
                candidates::MOST_RULES
            ))
            .at(loaded.place_of("[[identity.blocking]]")));
        }
        if book.comparison.len() > 16 {
            return Err(Fault::project("a rule book has 16 comparisons at most")
                .at(loaded.place_of("[[identity.comparison]]")));
        }
        if book
            .model
            .as_ref()
            .is_some_and(|path| path.trim().is_empty())
        {
            return Err(Fault::project("the model has no file")
                .at(loaded.place_of("model ="))
                .hint("name one, like model = \"pipelines/customers.model.toml\", or leave the key out"));
        }
        if !(0.0..=1.0).contains(&book.threshold)
            || !book
                .review
                .is_none_or(|review| (0.0..=1.0).contains(&review))
        {
            let at = if (0.0..=1.0).contains(&book.threshold) {
                "review ="
            } else {
                "threshold ="
            };
            return Err(
                Fault::project("a threshold is a probability from 0 to 1").at(loaded.place_of(at))
            );
        }
        Ok(())
    }

    /// The guard counts columns of the records.
    fn guard(&self) -> Result<()> {
        let (book, loaded) = (self.book, self.loaded);
        let names = self.names();
        if let Some(guard) = &book.guard {
            self.column(&guard.names)?;
            for name in guard.limits.keys() {
                if !names.contains(&name.as_str()) {
                    return Err(Fault::project(format!(
                        "the guard names a column that {} does not have: {name}",
                        book.records
                    ))
                    .at(loaded.place_of(&format!("{name} =")))
                    .maybe_hint(
                        nearest(name, names.iter().copied())
                            .map(|near| format!("did you mean {near}?")),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Every condition has a type, and finds its pairs.
    fn conditions(&self) -> Result<()> {
        let (book, loaded) = (self.book, self.loaded);
        let session = self.session;
        let schema = &self.records.schema;
        for (list, name, condition) in [
            ("never", &book.never),
            ("certain", &book.certain),
            ("blocking", &book.blocking),
        ]
        .into_iter()
        .flat_map(|(list, rules)| {
            let of = move |rule: &Rule| (list, rule.name.clone(), rule.condition.clone());
            rules.iter().map(of)
        })
        .chain(
            book.group
                .iter()
                .map(|rule| ("group", rule.name.clone(), rule.condition.clone())),
        ) {
            let condition = condition.as_str();
            let planned = condition::plan(session, schema, condition)
                .map_err(|error| self.fault(rule_named(list, &name), condition, &error))?;
            if list != "never" && !planned.finds_pairs() {
                let is_either = condition.to_lowercase().contains(" or ");
                return Err(Fault::project(format!(
                    "the {list} rule {name} equates no column of l with the same column of r"
                ))
                .at(loaded.place_of(condition))
                .hint(if is_either { "for one or the other, write two rules: each of them brings its pairs, and a pair is looked at once" } else { "without l.x = r.x, every pair of records would have to be looked at; for l.x = r.y, give the records a column that is equal on both; of a list, array_has_any(l.x, r.x) is such a rule" }));
            }
            if list == "blocking" && planned.rest.is_some() {
                return Err(Fault::project(format!("the blocking rule {name} is more than equalities"))
                    .at(loaded.place_of(condition))
                    .hint("a blocking rule is l.x = r.x, or several with and, or array_has_any(l.x, r.x) of one list; what else matters belongs into a comparison"));
            }
        }
        Ok(())
    }

    /// Groups have what they need.
    fn groups(&self) -> Result<()> {
        let (book, loaded) = (self.book, self.loaded);
        let session = self.session;
        let schema = &self.records.schema;
        for group in &book.group {
            if let Some(head) = &group.head {
                condition::plan_of_one(session, schema, head).map_err(|error| {
                    self.fault(format!("the head of {}", group.name), head, &error)
                })?;
            }
            if group.max_size < 2 || group.name.trim().is_empty() {
                return Err(
                    Fault::project("a group has a name, and a max_size of 2 or more")
                        .at(loaded.place_of("[[identity.group]]")),
                );
            }
        }
        Ok(())
    }

    /// A comparison looks at a column that it can compare, or has levels.
    fn comparisons(&self) -> Result<()> {
        let (book, loaded) = (self.book, self.loaded);
        let session = self.session;
        let schema = &self.records.schema;
        for comparison in &book.comparison {
            if comparison.term_frequency && comparison.column.is_none() {
                return Err(Fault::project(format!(
                    "the comparison {} has levels of its own, and does not say whose values are rare",
                    comparison.name
                ))
                .at(loaded.place_of_entry("identity.comparison", &comparison.name))
                .hint("term_frequency = true goes with column and kind; a level of one's own has term_frequency = \"city\", the column that is equal at it"));
            }
            let place = || loaded.place_of_entry("identity.comparison", &comparison.name);
            match (
                &comparison.column,
                comparison.kind,
                comparison.levels.is_empty(),
            ) {
                (Some(name), Some(kind), true) => {
                    self.column(name)?;
                    let is_list = schema
                        .field_with_name(name)
                        .is_ok_and(|field| field.data_type().is_nested());
                    if is_list != (kind == Kind::Overlap) {
                        let fault = Fault::project(format!(
                            "the comparison {} cannot look at {name}, which is {} list",
                            comparison.name,
                            if is_list { "a" } else { "no" }
                        ));
                        return Err(fault.at(place()).hint(match is_list {
                            true => "kind = \"overlap\" compares lists, or levels with array_has_any(l.x, r.x)",
                            false => "kind = \"overlap\" is for lists: a column of type list, or array_agg",
                        }));
                    }
                    check_thresholds(loaded, comparison, kind)?;
                }
                (None, None, false) if !comparison.thresholds.is_empty() => {
                    return Err(Fault::project(format!(
                        "the comparison {} has levels of its own, and thresholds that none of them reads",
                        comparison.name
                    ))
                    .at(place())
                    .hint("write them into the conditions: jaro_winkler(l.x, r.x) >= 0.92"));
                }
                (None, None, false) if comparison.levels.len() <= 14 => {
                    for level in &comparison.levels {
                        self.rarity(comparison, level)?;
                        condition::plan_whole(session, schema, &level.condition).map_err(
                            |error| {
                                self.fault(
                                    level_named(&level.name, &comparison.name),
                                    &level.condition,
                                    &error,
                                )
                            },
                        )?;
                    }
                }
                (None, None, false) => {
                    return Err(Fault::project(format!(
                        "the comparison {} has {} levels",
                        comparison.name,
                        comparison.levels.len()
                    ))
                    .at(place())
                    .hint("there is room for 14: put some together"));
                }
                _ => {
                    return Err(Fault::project(format!(
                        "the comparison {} is neither built in nor a list of levels",
                        comparison.name
                    ))
                    .at(place())
                    .hint(
                        "write column and kind, or up to 14 levels with a name and a condition",
                    ));
                }
            }
        }
        Ok(())
    }

    /// What a level weighs by its rarity is a column of plain values.
    fn rarity(&self, comparison: &Comparison, level: &Level) -> Result<()> {
        let Some(name) = &level.term_frequency else {
            return Ok(());
        };
        self.column(name)?;
        let field = self.records.schema.field_with_name(name);
        let fault = match () {
            () if level.name == "missing" => "is no evidence either way",
            () if field.is_ok_and(|field| field.data_type().is_nested()) => "has no single value",
            () => return Ok(()),
        };
        Err(Fault::project(format!(
            "term_frequency has no meaning here: {} {fault}",
            if level.name == "missing" {
                "missing"
            } else {
                name
            },
        ))
        .at(self
            .loaded
            .place_of_entry("identity.comparison", &comparison.name))
        .hint("it names a column of text, numbers or dates that is equal at the level: the rarer the value, the more the level weighs"))
    }

    /// Levels have names of their own, and those that veto are there.
    fn levels(&self) -> Result<()> {
        let (book, loaded) = (self.book, self.loaded);
        for comparison in &book.comparison {
            for level in comparison
                .levels
                .iter()
                .filter(|level| level.name != "missing")
            {
                let reserved = match level.name.as_str() {
                    "else" => Some("else"),
                    name => nearest(name, ["missing"]),
                };
                if let Some(reserved) = reserved {
                    return Err(Fault::project(format!(
                        "the comparison {} has a level named {}",
                        comparison.name, level.name
                    ))
                    .at(loaded.place_of(&format!("\"{}\"", level.name)))
                    .hint(match reserved {
                        "missing" => "did you mean \"missing\"? Pairs at that level are no evidence either way",
                        _ => "what meets no level is \"else\" by itself: leave it out, or choose another name",
                    }));
                }
            }
        }
        for comparison in &book.comparison {
            let levels = level_names(comparison);
            let is_twice = |at: &usize| levels[..*at].contains(&levels[*at]);
            if let Some(at) = (0..levels.len()).find(is_twice) {
                return Err(Fault::project(format!(
                    "the comparison {} has two levels named {}",
                    comparison.name, levels[at]
                ))
                .at(loaded.place_of_entry("identity.comparison", &comparison.name))
                .hint("the model knows a level by its name: give each its own"));
            }
            if let Some(veto) = comparison.veto.iter().find(|veto| !levels.contains(veto)) {
                return Err(Fault::project(format!(
                    "the comparison {} has no level {veto} that could veto",
                    comparison.name
                ))
                .at(loaded.place_of(&format!("\"{veto}\"")))
                .hint(format!("its levels are {}", levels.join(", "))));
            }
        }
        Ok(())
    }
}

/// Thresholds stand where they have a meaning, the strictest first.
fn check_thresholds(loaded: &Loaded, comparison: &Comparison, kind: Kind) -> Result<()> {
    let bounds = &comparison.thresholds;
    let is_falling = bounds.windows(2).all(|pair| pair[0] > pair[1]);
    let is_rising = bounds.windows(2).all(|pair| pair[0] < pair[1]);
    let hint = match kind {
        Kind::JaroWinkler
            if is_falling
                && bounds.iter().all(|bound| (0.0..1.0).contains(bound))
                && bounds.len() <= 12 =>
        {
            return Ok(());
        }
        Kind::Levenshtein
            if is_rising
                && bounds
                    .iter()
                    .all(|bound| *bound >= 1.0 && bound.fract() == 0.0)
                && bounds.len() <= 12 =>
        {
            return Ok(());
        }
        Kind::JaroWinkler => "similarities below 1, the highest first: thresholds = [0.92, 0.8]",
        Kind::Levenshtein => {
            "whole numbers of slips from 1 on, the lowest first: thresholds = [1, 2]"
        }
        _ if bounds.is_empty() => return Ok(()),
        _ => "only jaro_winkler and levenshtein have thresholds",
    };
    Err(Fault::project(format!(
        "the thresholds of comparison {} are not as its kind takes them",
        comparison.name
    ))
    .at(loaded.place_of_entry("identity.comparison", &comparison.name))
    .hint(hint))
}
