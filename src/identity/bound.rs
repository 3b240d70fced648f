//! A condition bound to the records of a night: what one record decides, or only whether two values are the same, is known before a pair
//! is looked at.

use std::sync::Arc;

use arrow::array::AsArray;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator};
use datafusion::prelude::SessionContext;

use super::condition::{Hashes, Rest, is_symmetric, over_records, side_of, symmetric, unqualified};
use super::grouping::NULL;
use super::records::Records;

/// A condition over the records of a night. What needs one record, or only asks whether two values are the same, is known
/// before a pair is looked at; the engine evaluates only pairs about which that leaves a doubt.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Whose condition it is, as messages name it.
    of: String,
    rest: Rest,
    node: Node,
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
    Constant(Truth),
    /// Only the engine knows.
    Unknown,
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
        hashes: &Hashes,
        of: &str,
    ) -> Result<Self> {
        let node = node(session, records, &rest.logical, hashes);
        Ok(Self {
            of: of.to_string(),
            rest: rest.clone(),
            is_symmetric: is_symmetric(&rest.logical)?,
            node: node.map_err(|error| error.context(of))?,
        })
    }

    /// The columns that it reads.
    pub fn columns(&self) -> Vec<String> {
        self.rest.columns()
    }

    /// Which of some pairs meet the condition; null is no.
    pub fn evaluate(&self, records: &Records, left: &[u32], right: &[u32]) -> Result<Vec<bool>> {
        let mut holds = Vec::with_capacity(left.len());
        let mut doubts: (Vec<u32>, Vec<u32>) = Default::default();
        let mut places = Vec::new();
        for (at, (left, right)) in left.iter().zip(right).enumerate() {
            let known = self.node.as_condition(*left, *right);
            holds.push(known == Truth::True);
            if known == Truth::Unknown {
                doubts.0.push(*left);
                doubts.1.push(*right);
                places.push(at);
            }
        }
        if !places.is_empty() {
            let found = self.rest.evaluate(records, &doubts.0, &doubts.1);
            let found = found.map_err(|error| error.context(&self.of))?;
            for (at, found) in places.into_iter().zip(found) {
                holds[at] = found;
            }
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

impl Node {
    /// As a condition, for which null is as good as false.
    fn as_condition(&self, left: u32, right: u32) -> Truth {
        let Self::All(parts) = self else {
            return self.value(left, right);
        };
        let mut known = Truth::True;
        for part in parts {
            match part.as_condition(left, right) {
                Truth::False | Truth::Null => return Truth::False,
                Truth::Unknown => known = Truth::Unknown,
                Truth::True => {}
            }
        }
        known
    }

    fn value(&self, left: u32, right: u32) -> Truth {
        match self {
            Self::All(parts) => decide(parts, Truth::False, Truth::True, left, right),
            Self::Any(parts) => decide(parts, Truth::True, Truth::False, left, right),
            Self::Not(part) => match part.value(left, right) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                other => other,
            },
            Self::Coalesce(parts) => parts
                .iter()
                .map(|part| part.value(left, right))
                .find(|value| *value != Truth::Null)
                .unwrap_or(Truth::Null),
            Self::Of(Side::Left, values) => values[left as usize],
            Self::Of(Side::Right, values) => values[right as usize],
            Self::Same(hashes) => match (hashes[left as usize], hashes[right as usize]) {
                (NULL, _) | (_, NULL) => Truth::Null,
                (one, other) => Truth::from(one == other),
            },
            Self::Constant(value) => *value,
            Self::Unknown => Truth::Unknown,
        }
    }
}

/// The logic of three values, and a fourth for what is not known yet: one part may decide, else doubt goes before null.
fn decide(parts: &[Node], deciding: Truth, otherwise: Truth, left: u32, right: u32) -> Truth {
    let mut known = otherwise;
    for part in parts {
        match part.value(left, right) {
            value if value == deciding => return deciding,
            Truth::Unknown => known = Truth::Unknown,
            Truth::Null if known != Truth::Unknown => known = Truth::Null,
            _ => {}
        }
    }
    known
}

fn node(
    session: &SessionContext,
    records: &Records,
    expression: &Expr,
    hashes: &Hashes,
) -> Result<Node> {
    let of_one = DFSchema::try_from(records.batch.schema().as_ref().clone())?;
    let all = |expressions: &[&Expr]| -> Result<Vec<Node>> {
        let nodes = expressions.iter();
        nodes
            .map(|part| node(session, records, part, hashes))
            .collect()
    };
    match expression {
        Expr::BinaryExpr(binary) if binary.op == Operator::And => {
            return Ok(Node::All(all(&[&binary.left, &binary.right])?));
        }
        Expr::BinaryExpr(binary) if binary.op == Operator::Or => {
            return Ok(Node::Any(all(&[&binary.left, &binary.right])?));
        }
        Expr::Not(part) => return Ok(Node::Not(Box::new(all(&[part])?.remove(0)))),
        Expr::ScalarFunction(function) if function.func.name() == "coalesce" => {
            return Ok(Node::Coalesce(all(&function
                .args
                .iter()
                .collect::<Vec<_>>())?));
        }
        Expr::Literal(ScalarValue::Boolean(value), _) => {
            return Ok(Node::Constant(value.map_or(Truth::Null, Truth::from)));
        }
        _ => {}
    }
    for (operator, is_same) in [(Operator::Eq, true), (Operator::NotEq, false)] {
        let Some(key) = symmetric(expression, operator) else {
            continue;
        };
        // Floating numbers can be equal and have other bits.
        if key.get_type(&of_one)?.is_floating() {
            return Ok(Node::Unknown);
        }
        let hashes = hashes.of(session, records, &key)?;
        let same = Node::Same(hashes);
        return Ok(if is_same {
            same
        } else {
            Node::Not(Box::new(same))
        });
    }
    let side = match side_of(expression).as_deref() {
        Some("l") => Side::Left,
        Some("r") => Side::Right,
        _ => return Ok(Node::Unknown),
    };
    let Some(expression) = unqualified(expression) else {
        return Ok(Node::Unknown);
    };
    let values = over_records(session, records, expression)?;
    let Some(values) = values.as_boolean_opt() else {
        return Ok(Node::Unknown);
    };
    let truth = |value: Option<bool>| value.map_or(Truth::Null, Truth::from);
    Ok(Node::Of(side, Arc::new(values.iter().map(truth).collect())))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};
    use proptest::prelude::*;

    use super::super::condition::plan_whole;
    use super::*;

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
            "true",
            "cast(null as boolean)",
        ];
        prop::sample::select(PARTS)
            .prop_map(String::from)
            .prop_recursive(4, 16, 2, |part| {
                let two = (part.clone(), part.clone());
                prop_oneof![
                    two.clone()
                        .prop_map(|(one, other)| format!("({one} and {other})")),
                    two.clone()
                        .prop_map(|(one, other)| format!("({one} or {other})")),
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
            let bound = Bound::new(&session, &records, &whole, &Hashes::default(), "it").unwrap();
            let pairs = (0..6).flat_map(|left| (0..6).map(move |right| (left, right)));
            let (left, right): (Vec<u32>, Vec<u32>) = pairs.unzip();
            prop_assert_eq!(
                bound.evaluate(&records, &left, &right).unwrap(),
                whole.evaluate(&records, &left, &right).unwrap()
            );
        }
    }
}
