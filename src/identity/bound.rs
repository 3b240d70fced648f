//! A condition bound to the records of a night: what one record decides, or only whether two values are the same, is known before a pair
//! is looked at.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator};
use datafusion::prelude::SessionContext;

use super::comparison::MISSING;
use super::condition::{self, Rest, is_symmetric, over_records, side_of, symmetric, unqualified};
use super::grouping::NULL;
use super::memo::{Memo, Read};
use super::reading::Readable;
use super::records::{NONE, Records};
use crate::functions::levels_of;

/// A condition over the records of a night. What needs one record, or only asks whether two values are the same, is known
/// before a pair is looked at, and so are the levels of their values; the engine is asked only for the rest of it, part by part, about
/// pairs on which that leaves a doubt.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Whose condition it is, as messages name it.
    of: String,
    node: Node,
    /// The parts that only the engine knows, from left to right.
    asked: Vec<Rest>,
    /// Whether it says the same of two records whichever is the left one.
    is_symmetric: bool,
}

#[derive(Debug, Clone)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// The first that is not null.
    Coalesce(Vec<Node>),
    /// A value of one record.
    Of(Side, Arc<Vec<Truth>>),
    /// Whether two records have the same value, by its hash.
    Same(Arc<Vec<u64>>),
    /// Whether two records' values are at one of some levels, one bit each.
    Level(Arc<Read>, u16),
    Constant(Truth),
    /// Only the engine knows: which of the parts that it is asked for.
    Asked(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// What is known of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    False,
    True,
    Null,
    Unknown,
}

impl From<bool> for Truth {
    fn from(is_true: bool) -> Self {
        if is_true { Self::True } else { Self::False }
    }
}

impl Bound {
    /// Binds a condition to the records; `of` is whose it is, as messages name it. `hashes` are shared between conditions, by the
    /// text of what is compared.
    pub fn new(
        session: &SessionContext,
        records: &Records,
        rest: &Rest,
        memo: &Memo,
        of: &str,
    ) -> Result<Self> {
        let mut binder = Binder {
            session,
            records,
            memo,
            asked: Vec::new(),
        };
        let node = binder.node(&rest.logical);
        Ok(Self {
            of: of.to_string(),
            is_symmetric: is_symmetric(&rest.logical)?,
            node: node.map_err(|error| error.context(of))?,
            asked: binder.asked,
        })
    }

    /// The columns that are still read of a pair.
    pub fn columns_still_read(&self) -> impl Iterator<Item = String> {
        self.asked.iter().flat_map(Rest::columns)
    }

    /// Bytes of memory of the values that it compares, about.
    pub fn size(&self) -> usize {
        self.node.size()
    }

    /// Which of some pairs meet the condition; null is no.
    pub fn evaluate(&self, records: &Records, left: &[u32], right: &[u32]) -> Result<Vec<bool>> {
        let mut holds = Vec::with_capacity(left.len());
        let mut doubts: Vec<Doubt> = Vec::new();
        for (at, (left, right)) in left.iter().zip(right).enumerate() {
            let known = self.node.as_condition(*left, *right, &[]);
            holds.push(known == Truth::True);
            if known == Truth::Unknown {
                doubts.push(Doubt {
                    at,
                    answers: vec![Truth::Unknown; self.asked.len()],
                });
            }
        }
        let sides = |doubt: &Doubt| (left[doubt.at], right[doubt.at]);
        // What is left of it decides which part is asked for next, always one to the right of those before.
        for (number, part) in self.asked.iter().enumerate() {
            let is_asked = |doubt: &&mut Doubt| {
                let (left, right) = sides(doubt);
                self.node.asks(left, right, &doubt.answers) == Some(number)
            };
            let asking: Vec<&mut Doubt> = doubts.iter_mut().filter(is_asked).collect();
            if asking.is_empty() {
                continue;
            }
            let (lefts, rights): (Vec<u32>, Vec<u32>) =
                asking.iter().map(|doubt| sides(doubt)).unzip();
            let answers = part.evaluate(records, &lefts, &rights);
            let answers = answers.map_err(|error| error.context(&self.of))?;
            for (doubt, answer) in asking.into_iter().zip(answers) {
                doubt.answers[number] = answer.map_or(Truth::Null, Truth::from);
            }
        }
        for doubt in &doubts {
            let (left, right) = sides(doubt);
            let known = self.node.as_condition(left, right, &doubt.answers);
            holds[doubt.at] = known == Truth::True;
        }
        Ok(holds)
    }

    /// Which of some pairs meet the condition, whichever record is the left one; null is no.
    pub fn evaluate_both_ways(
        &self,
        records: &Records,
        left: &[u32],
        right: &[u32],
    ) -> Result<Vec<bool>> {
        let mut holds = self.evaluate(records, left, right)?;
        if self.is_symmetric {
            return Ok(holds);
        }
        let failed: Vec<usize> = (0..holds.len()).filter(|at| !holds[*at]).collect();
        let of = |side: &[u32]| failed.iter().map(|at| side[*at]).collect::<Vec<_>>();
        let turned = self.evaluate(records, &of(right), &of(left))?;
        for (at, found) in failed.iter().zip(turned) {
            holds[*at] = found;
        }
        Ok(holds)
    }
}

/// A pair of which it is not known whether it meets a condition.
struct Doubt {
    /// Its place among the pairs.
    at: usize,
    /// What the engine said of each part.
    answers: Vec<Truth>,
}

impl Node {
    fn size(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) | Self::Coalesce(parts) => {
                parts.iter().map(Self::size).sum()
            }
            Self::Not(part) => part.size(),
            Self::Level(read, _) => read.encoded.size() + read.reading.size(),
            _ => 0,
        }
    }

    /// As a condition, for which null is as good as false; `answers` are those of the engine, none where it was not asked.
    fn as_condition(&self, left: u32, right: u32, answers: &[Truth]) -> Truth {
        let Self::All(parts) = self else {
            return self.value(left, right, answers);
        };
        let mut known = Truth::True;
        for part in parts {
            match part.as_condition(left, right, answers) {
                Truth::False | Truth::Null => return Truth::False,
                Truth::Unknown => known = Truth::Unknown,
                Truth::True => {}
            }
        }
        known
    }

    fn value(&self, left: u32, right: u32, answers: &[Truth]) -> Truth {
        let value = |part: &Self| part.value(left, right, answers);
        match self {
            Self::All(parts) => decide(parts.iter().map(value), Truth::False, Truth::True),
            Self::Any(parts) => decide(parts.iter().map(value), Truth::True, Truth::False),
            Self::Not(part) => match value(part) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                other => other,
            },
            Self::Coalesce(parts) => {
                let mut values = parts.iter().map(value);
                let first = values.find(|value| *value != Truth::Null);
                first.unwrap_or(Truth::Null)
            }
            Self::Of(Side::Left, values) => values[left as usize],
            Self::Of(Side::Right, values) => values[right as usize],
            Self::Same(hashes) => match (hashes[left as usize], hashes[right as usize]) {
                (NULL, _) | (_, NULL) => Truth::Null,
                (one, other) => Truth::from(one == other),
            },
            Self::Level(read, levels) => {
                let ids = &read.encoded.ids;
                match (ids.get(left), ids.get(right)) {
                    (NONE, _) | (_, NONE) => Truth::Null,
                    (one, other) => match read.reading.level(one as usize, other as usize) {
                        MISSING => Truth::Null,
                        level => Truth::from(levels >> level & 1 == 1),
                    },
                }
            }
            Self::Constant(value) => *value,
            Self::Asked(number) => answers.get(*number).copied().unwrap_or(Truth::Unknown),
        }
    }

    /// The first part that the engine has to be asked for, where the value is not known.
    fn asks(&self, left: u32, right: u32, answers: &[Truth]) -> Option<usize> {
        if self.value(left, right, answers) != Truth::Unknown {
            return None;
        }
        match self {
            Self::All(parts) | Self::Any(parts) | Self::Coalesce(parts) => {
                let mut parts = parts.iter();
                parts.find_map(|part| part.asks(left, right, answers))
            }
            Self::Not(part) => part.asks(left, right, answers),
            Self::Asked(number) => Some(*number),
            _ => None,
        }
    }
}

/// The logic of three values, and a fourth for what is not known yet: one part may decide, else doubt goes before null.
fn decide(parts: impl Iterator<Item = Truth>, deciding: Truth, otherwise: Truth) -> Truth {
    let mut known = otherwise;
    for value in parts {
        match value {
            value if value == deciding => return deciding,
            Truth::Unknown => known = Truth::Unknown,
            Truth::Null if known != Truth::Unknown => known = Truth::Null,
            _ => {}
        }
    }
    known
}

/// What binds a condition to the records of a night.
struct Binder<'a> {
    session: &'a SessionContext,
    records: &'a Records,
    memo: &'a Memo,
    /// The parts that only the engine knows.
    asked: Vec<Rest>,
}

impl Binder<'_> {
    fn all(&mut self, parts: &[&Expr]) -> Result<Vec<Node>> {
        parts.iter().map(|part| self.node(part)).collect()
    }

    /// A part that only the engine knows.
    fn asked(&mut self, part: &Expr) -> Result<Node> {
        let columns = self.records.batch.schema();
        let part = condition::compile(self.session, &columns, part.clone())?;
        self.asked.push(part);
        Ok(Node::Asked(self.asked.len() - 1))
    }

    fn node(&mut self, expression: &Expr) -> Result<Node> {
        let of_one = DFSchema::try_from(self.records.batch.schema().as_ref().clone())?;
        match expression {
            Expr::BinaryExpr(binary) if binary.op == Operator::And => {
                return Ok(Node::All(self.all(&[&binary.left, &binary.right])?));
            }
            Expr::BinaryExpr(binary) if binary.op == Operator::Or => {
                return Ok(Node::Any(self.all(&[&binary.left, &binary.right])?));
            }
            Expr::Not(part) => return Ok(Node::Not(Box::new(self.node(part)?))),
            Expr::ScalarFunction(function) if function.func.name() == "coalesce" => {
                let both = condition::both_sides(&self.records.batch.schema())?;
                let is_truth = |part: &&Expr| {
                    let kind = part.get_type(&both);
                    matches!(kind, Ok(DataType::Boolean | DataType::Null))
                };
                let parts: Vec<&Expr> = function.args.iter().collect();
                return match parts.iter().all(is_truth) {
                    true => Ok(Node::Coalesce(self.all(&parts)?)),
                    false => self.asked(expression),
                };
            }
            Expr::Literal(ScalarValue::Boolean(value), _) => {
                return Ok(Node::Constant(value.map_or(Truth::Null, Truth::from)));
            }
            Expr::Literal(ScalarValue::Null, _) => return Ok(Node::Constant(Truth::Null)),
            _ => {}
        }
        let node_or_not = |node: Node, is_meant: bool| match is_meant {
            true => node,
            false => Node::Not(Box::new(node)),
        };
        for (operator, is_same) in [(Operator::Eq, true), (Operator::NotEq, false)] {
            let Some(key) = symmetric(expression, operator) else {
                continue;
            };
            // Floating numbers can be equal and have other bits.
            if key.get_type(&of_one)?.is_floating() {
                return self.asked(expression);
            }
            let hashes = self.memo.of(self.session, self.records, &key)?;
            return Ok(node_or_not(Node::Same(hashes), is_same));
        }
        if let Some((level, is_meant)) = level(self.records, expression, self.memo)? {
            return Ok(node_or_not(level, is_meant));
        }
        let side = match side_of(expression).as_deref() {
            Some("l") => Side::Left,
            Some("r") => Side::Right,
            _ => return self.asked(expression),
        };
        let Some(of_record) = unqualified(expression) else {
            return self.asked(expression);
        };
        let values = over_records(self.session, self.records, of_record)?;
        let Some(values) = values.as_boolean_opt() else {
            return self.asked(expression);
        };
        let truth = |value: Option<bool>| value.map_or(Truth::Null, Truth::from);
        Ok(Node::Of(side, Arc::new(values.iter().map(truth).collect())))
    }
}

/// `person_name_level(l.x, r.x) in (...)` and its like, of which the levels are known, and whether they are meant or the others.
fn level(records: &Records, expression: &Expr, memo: &Memo) -> Result<Option<(Node, bool)>> {
    let (function, values, is_meant) = match expression {
        Expr::InList(list) => (&list.expr, list.list.iter().collect(), !list.negated),
        Expr::BinaryExpr(binary) if matches!(binary.op, Operator::Eq | Operator::NotEq) => {
            let is_meant = binary.op == Operator::Eq;
            match matches!(*binary.left, Expr::Literal(..)) {
                true => (&binary.right, vec![&*binary.left], is_meant),
                false => (&binary.left, vec![&*binary.right], is_meant),
            }
        }
        _ => return Ok(None),
    };
    let Expr::ScalarFunction(call) = &**function else {
        return Ok(None);
    };
    let name = call.name();
    let (Some(readable), Some(names)) = (Readable::of_function(name), levels_of(name)) else {
        return Ok(None);
    };
    let [Expr::Column(one), Expr::Column(other)] = call.args.as_slice() else {
        return Ok(None);
    };
    if one.name != other.name || one.relation == other.relation {
        return Ok(None);
    }
    let place = |value: &Expr| match value {
        Expr::Literal(value, _) => {
            let value = value.try_as_str()??;
            names.iter().position(|name| *name == value)
        }
        _ => None,
    };
    let places: Option<Vec<usize>> = values.into_iter().map(place).collect();
    let Some(places) = places else {
        return Ok(None);
    };
    let levels = places.into_iter().fold(0, |levels, at| levels | 1 << at);
    let read = memo.read(records, &one.name, readable)?;
    Ok(Some((Node::Level(Arc::new(read), levels), is_meant)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};
    use proptest::prelude::*;

    use super::super::condition::plan_whole;
    use super::*;

    /// Two conditions in one. The engine takes one with its contrary for no or for yes, also where both are null.
    fn joined(one: String, word: &str, other: String) -> String {
        let is_contrary = one == format!("(not {other})") || other == format!("(not {one})");
        match is_contrary {
            true => one,
            false => format!("({one} {word} {other})"),
        }
    }

    /// Conditions over two columns of text, of everything that is known before a pair is looked at, and of what is not.
    fn conditions() -> impl Strategy<Value = String> {
        const PARTS: &[&str] = &[
            "l.name = r.name",
            "l.city <> r.city",
            "l.name is null",
            "r.city is not null",
            "l.city < 'n'",
            "l.name < r.city",
            "levenshtein(l.name, r.name) <= 1",
            "person_name_level(l.name, r.name) in ('exact', 'one_letter')",
            "person_name_level(r.name, l.name) <> 'exact'",
            "'else' = address_level(l.city, r.city)",
            "organization_level(l.city, r.city) not in ('exact', 'else')",
            "true",
            "cast(null as boolean)",
            "null",
        ];
        prop::sample::select(PARTS)
            .prop_map(String::from)
            .prop_recursive(4, 16, 2, |part| {
                let two = (part.clone(), part.clone());
                prop_oneof![
                    two.clone()
                        .prop_map(|(one, other)| joined(one, "and", other)),
                    two.clone()
                        .prop_map(|(one, other)| joined(one, "or", other)),
                    two.prop_map(|(one, other)| format!("coalesce({one}, {other})")),
                    part.prop_map(|part| format!("(not {part})")),
                ]
            })
            // One that reads no record is none.
            .prop_map(|condition| format!("({condition}) or (l.name = r.city and r.name is null)"))
    }

    proptest! {
        #[test]
        fn what_is_known_of_a_condition_is_what_the_engine_says(condition in conditions()) {
            let session = SessionContext::new();
            crate::functions::register(&session);
            let names = [Some("an"), Some("ann"), None, Some("bo"), Some("an"), None];
            let cities = [Some("york"), None, None, Some("an"), Some("bath"), Some("york")];
            let columns = [("name", names), ("city", cities)];
            let columns = columns.map(|(name, values)| {
                let values: ArrayRef = Arc::new(StringArray::from(values.to_vec()));
                (name, values, true)
            });
            let records = Records {
                ids: (0..6).map(|id| Some(id.to_string())).collect(),
                batch: RecordBatch::try_from_iter_with_nullable(columns).unwrap(),
                origins: BTreeMap::new(),
            };
            let whole = plan_whole(&session, &records.batch.schema(), &condition).unwrap();
            let bound = Bound::new(&session, &records, &whole, &Memo::default(), "it").unwrap();
            let pairs = (0..6).flat_map(|left| (0..6).map(move |right| (left, right)));
            let (left, right): (Vec<u32>, Vec<u32>) = pairs.unzip();
            let by_engine = whole.evaluate(&records, &left, &right).unwrap().into_iter();
            prop_assert_eq!(
                bound.evaluate(&records, &left, &right).unwrap(),
                by_engine.map(|holds| holds == Some(true)).collect::<Vec<_>>()
            );
        }
    }
}
