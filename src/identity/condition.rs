//! Conditions in SQL over the records `l` and `r`: typed, and taken apart into equalities and the rest.
//!
//! `l.phone_key = r.phone_key and l.city <> r.city` has one key, `phone_key`, by which pairs are found without looking at
//! all of them, and a rest that is evaluated on the pairs that were found.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, UInt32Array, new_empty_array};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, Result, ScalarValue, TableReference, internal_err};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, Volatility};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_plan::PhysicalExpr;
use datafusion::prelude::{SessionContext, lit, when};
use rayon::prelude::*;

use super::blocking::Keys;
use super::grouping::{self, CHUNK, EMPTY, NULL};
use super::memo::Memo;
use super::records::Records;
use crate::fault::nearest;
use crate::functions;
use crate::stages::plan::mixed_comparison;

/// A condition, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Expressions over one record that are equal on both sides.
    pub keys: Vec<Expr>,
    /// The list column of which both sides have a value in common.
    pub shares: Option<String>,
    /// What is left, with the columns that it reads.
    pub rest: Option<Rest>,
    /// The columns that a plain `l.x <> r.x` compares, where the condition is nothing else.
    pub differs: Option<String>,
}

/// The part of a condition that is evaluated pair by pair.
#[derive(Debug, Clone)]
pub struct Rest {
    pub(super) logical: Expr,
    expression: Arc<dyn PhysicalExpr>,
    columns: Vec<usize>,
    schema: SchemaRef,
}

/// Types a condition against the columns of the records.
pub fn plan(session: &SessionContext, columns: &SchemaRef, sql: &str) -> Result<Condition> {
    let both = both_sides(columns)?;
    let state = session.state();
    let expression = state.create_logical_expr(sql, &both)?;
    require_boolean(&expression, &both)?;
    // Typing the whole finds what the parts would not.
    physical(session, expression.clone(), &both)?;
    let mut keys = Vec::new();
    let mut shares = None;
    let mut rest = Vec::new();
    let mut differs = None;
    let parts = split_conjunction(&expression);
    for part in &parts {
        match (symmetric(part, Operator::Eq), shared_list(part, columns)) {
            (Some(key), _) => keys.push(key),
            (None, Some(list)) if shares.is_none() => shares = Some(list),
            _ => rest.push((*part).clone()),
        }
        if parts.len() == 1 {
            differs = symmetric(part, Operator::NotEq).and_then(|key| match key {
                Expr::Column(column) => Some(column.name),
                _ => None,
            });
        }
    }
    let rest = conjunction(rest)
        .map(|expression| compile(session, columns, expression))
        .transpose()?;
    Ok(Condition {
        keys,
        shares,
        rest,
        differs,
    })
}

impl Condition {
    /// Whether it finds pairs without looking at all of them.
    pub fn finds_pairs(&self) -> bool {
        !self.keys.is_empty() || self.shares.is_some()
    }

    /// Whether it is `l.column = r.column` and nothing else.
    pub fn equates_only(&self, column: &str) -> bool {
        let is_column = |key: &Expr| matches!(key, Expr::Column(key) if key.name == column);
        let is_whole = self.rest.is_none() && self.shares.is_none();
        is_whole && matches!(&self.keys[..], [key] if is_column(key))
    }

    /// The columns by which it finds pairs.
    pub fn key_columns(&self) -> Vec<String> {
        let mut columns = columns(&self.keys);
        columns.extend(self.shares.clone());
        columns
    }

    /// The keys by which it finds pairs; `of` is whose they are, as messages name it.
    pub fn key_numbers(
        &self,
        session: &SessionContext,
        records: &Records,
        memo: &Memo,
        of: &str,
    ) -> Result<Keys> {
        let numbers = key_numbers(session, records, &self.keys, memo, of)?;
        let Some(column) = &self.shares else {
            return Ok(Keys::one(numbers));
        };
        let Some(list) = records.list(column)? else {
            return datafusion::common::plan_err!("{column} is no list");
        };
        let values = grouping::hashes(list.values())?;
        let starts: Vec<u32> = list.value_offsets().iter().map(|at| *at as u32).collect();
        let of_record = |(record, range): (usize, &[u32])| {
            let own = numbers[record];
            let values = &values[range[0] as usize..range[1] as usize];
            let number = move |value: &u64| match (own, *value) {
                (0, _) | (_, NULL | EMPTY) => 0,
                (own, value) => mix(own, value).max(1),
            };
            values.iter().map(number)
        };
        let numbers = starts.windows(2).enumerate().flat_map(of_record).collect();
        Ok(Keys::several(numbers, starts))
    }
}

/// `array_has_any(l.x, r.x)` of a list column, either way round.
fn shared_list(part: &Expr, columns: &SchemaRef) -> Option<String> {
    let Expr::ScalarFunction(call) = part else {
        return None;
    };
    let [Expr::Column(one), Expr::Column(other)] = call.args.as_slice() else {
        return None;
    };
    let kind = columns.field_with_name(&one.name).ok()?.data_type();
    (call.name() == "array_has_any"
        && one.name == other.name
        && one.relation != other.relation
        && matches!(kind, DataType::List(_)))
    .then(|| one.name.clone())
}

/// Types a condition that is evaluated pair by pair as a whole: a level of a comparison, or a never rule.
pub fn plan_whole(session: &SessionContext, columns: &SchemaRef, sql: &str) -> Result<Rest> {
    let both = both_sides(columns)?;
    let expression = session.state().create_logical_expr(sql, &both)?;
    require_boolean(&expression, &both)?;
    compile(session, columns, expression)
}

/// A function that gives one of a few levels is compared with one of these.
fn require_known_levels(expression: &Expr) -> Result<()> {
    let of = |part: &Expr| match part {
        Expr::ScalarFunction(call) => {
            Some((call.name().to_string(), functions::levels_of(call.name())?))
        }
        _ => None,
    };
    let check = |function: &Expr, value: &Expr| -> Result<()> {
        let (Some((name, levels)), Expr::Literal(value, _)) = (of(function), value) else {
            return Ok(());
        };
        let Some(Some(level)) = value.try_as_str() else {
            return Ok(());
        };
        if levels.contains(&level) {
            return Ok(());
        }
        let near = nearest(level, levels.iter().copied());
        let near = near.map_or(".".to_string(), |near| format!("; did you mean '{near}'?"));
        datafusion::common::plan_err!(
            "{name} never gives '{level}'{near} Its levels are {}",
            levels.join(", ")
        )
    };
    expression.apply(|part| {
        match part {
            Expr::BinaryExpr(both) if matches!(both.op, Operator::Eq | Operator::NotEq) => {
                check(&both.left, &both.right)?;
                check(&both.right, &both.left)?;
            }
            Expr::Case(case) => {
                let values = case.when_then_expr.iter();
                if let Some(of) = &case.expr {
                    values
                        .map(|(when, _)| when)
                        .try_for_each(|value| check(of, value))?;
                }
            }
            Expr::InList(list) => {
                list.list
                    .iter()
                    .try_for_each(|value| check(&list.expr, value))?;
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

/// A condition holds or not by the values of its records alone: the same on every night and in every run.
fn require_boolean(expression: &Expr, columns: &DFSchema) -> Result<()> {
    const CLOCKS: &[&str] = &[
        "now",
        "current_date",
        "current_time",
        "current_timestamp",
        "today",
    ];
    let mut changing = None;
    expression.apply(|part| {
        if let Expr::ScalarFunction(function) = part {
            let (name, volatility) = (function.name(), function.func.signature().volatility);
            if volatility == Volatility::Volatile || CLOCKS.contains(&name) {
                changing = Some(name.to_string());
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    require_known_levels(expression)?;
    if let Some(name) = changing {
        return datafusion::common::plan_err!(
            "{name}() is not the same in every run; a condition reads the records alone"
        );
    }
    if let Some(mixed) = mixed_comparison(expression, columns) {
        return datafusion::common::plan_err!("the condition {}: {}", mixed.problem, mixed.hint);
    }
    match expression.get_type(columns)? {
        DataType::Boolean => Ok(()),
        kind => datafusion::common::plan_err!("the condition gives {kind}, not true or false"),
    }
}

/// The columns of `l`, then those of `r`.
pub(super) fn both_sides(columns: &SchemaRef) -> Result<DFSchema> {
    let side =
        |name: &str| DFSchema::try_from_qualified_schema(TableReference::bare(name), columns);
    side("l")?.join(&side("r")?)
}

/// `l.x = r.x`, either way round: the expression over one record, without its side.
pub(super) fn symmetric(part: &Expr, operator: Operator) -> Option<Expr> {
    let Expr::BinaryExpr(binary) = part else {
        return None;
    };
    if binary.op != operator {
        return None;
    }
    let (left_side, right_side) = (side_of(&binary.left)?, side_of(&binary.right)?);
    let (left, right) = (unqualified(&binary.left)?, unqualified(&binary.right)?);
    (left_side != right_side && left == right).then_some(left)
}

/// Whether an expression is the same with its sides turned, as far as its form tells.
pub(super) fn is_symmetric(expression: &Expr) -> Result<bool> {
    let turned = expression.clone().transform(|part| {
        Ok(match part {
            Expr::Column(column) => {
                let side = match column.relation.as_ref().map(TableReference::table) {
                    Some("l") => "r",
                    _ => "l",
                };
                Transformed::yes(Expr::Column(Column::new(Some(side), column.name)))
            }
            other => Transformed::no(other),
        })
    });
    Ok(form(expression) == form(&turned?.data))
}

/// The text of an expression, in which the order of parts that may change places says nothing.
fn form(expression: &Expr) -> String {
    let sorted = |parts: &[&Expr]| {
        let mut parts: Vec<String> = parts.iter().map(|part| form(part)).collect();
        parts.sort();
        parts.join(", ")
    };
    match expression {
        Expr::BinaryExpr(binary) => {
            let is_commutative = matches!(
                binary.op,
                Operator::And
                    | Operator::Or
                    | Operator::Eq
                    | Operator::NotEq
                    | Operator::Plus
                    | Operator::Multiply
                    | Operator::IsDistinctFrom
                    | Operator::IsNotDistinctFrom
            );
            let parts = match is_commutative {
                true => sorted(&[&binary.left, &binary.right]),
                false => format!("{}, {}", form(&binary.left), form(&binary.right)),
            };
            format!("{}({parts})", binary.op)
        }
        Expr::Not(part) => format!("not({})", form(part)),
        Expr::InList(list) => {
            let values: Vec<String> = list.list.iter().map(form).collect();
            let not = if list.negated { "not " } else { "" };
            format!("{not}in({}; {})", form(&list.expr), values.join(", "))
        }
        Expr::ScalarFunction(function) => {
            let parts: Vec<&Expr> = function.args.iter().collect();
            let parts = match (function.func.name(), parts.as_slice()) {
                (name, both) if name == "levenshtein" || functions::levels_of(name).is_some() => {
                    sorted(both)
                }
                // How far apart two numbers are.
                ("abs", [Expr::BinaryExpr(binary)]) if binary.op == Operator::Minus => {
                    sorted(&[&binary.left, &binary.right])
                }
                _ => {
                    let parts = parts.into_iter().map(form);
                    parts.collect::<Vec<_>>().join(", ")
                }
            };
            format!("{}({parts})", function.func.name())
        }
        other => other.to_string(),
    }
}

/// The one side whose columns an expression reads.
pub(super) fn side_of(expression: &Expr) -> Option<String> {
    let mut sides: Vec<String> = expression
        .column_refs()
        .iter()
        .filter_map(|column| column.relation.as_ref().map(ToString::to_string))
        .collect();
    sides.sort();
    sides.dedup();
    if sides.len() == 1 { sides.pop() } else { None }
}

pub(super) fn unqualified(expression: &Expr) -> Option<Expr> {
    let changed = expression.clone().transform(|part| {
        Ok(match part {
            Expr::Column(column) => {
                Transformed::yes(Expr::Column(Column::new_unqualified(column.name)))
            }
            other => Transformed::no(other),
        })
    });
    changed.ok().map(|changed| changed.data)
}

/// An expression that can be evaluated; what the engine only knows how to simplify, like coalesce, is simplified.
fn physical(
    session: &SessionContext,
    expression: Expr,
    columns: &DFSchema,
) -> Result<Arc<dyn PhysicalExpr>> {
    let state = session.state();
    let context = SimplifyContext::builder()
        .with_schema(Arc::new(columns.clone()))
        .with_config_options(Arc::clone(state.config_options()))
        .build();
    let simplifier = ExprSimplifier::new(context);
    let expression = simplifier.simplify(simplifier.coerce(expression, columns)?)?;
    state.create_physical_expr(expression, columns)
}

/// The same, with null for what a missing list has in common with another: of rows whose second lists are all missing, the engine
/// (55.2) says false.
fn null_of_null(expression: Expr) -> Result<Expr> {
    let changed = expression.transform_up(|part| {
        let lists = match &part {
            Expr::ScalarFunction(call)
                if ["array_has_any", "array_has_all"].contains(&call.name()) =>
            {
                call.args.clone()
            }
            _ => return Ok(Transformed::no(part)),
        };
        let missing = lists.into_iter().map(Expr::is_null).reduce(Expr::or);
        let missing = missing.unwrap_or_else(|| lit(false));
        let otherwise = when(missing, lit(ScalarValue::Boolean(None))).otherwise(part)?;
        Ok(Transformed::yes(otherwise))
    });
    Ok(changed?.data)
}

/// A condition, or a part of one, ready for the engine.
pub(super) fn compile(
    session: &SessionContext,
    columns: &SchemaRef,
    expression: Expr,
) -> Result<Rest> {
    let mut needed: Vec<usize> = Vec::new();
    for column in expression.column_refs() {
        needed.push(columns.index_of(&column.name)?);
    }
    needed.sort_unstable();
    needed.dedup();
    let narrow = Arc::new(Schema::new(
        needed
            .iter()
            .map(|at| columns.field(*at).clone())
            .collect::<Vec<Field>>(),
    ));
    let both = both_sides(&narrow)?;
    let logical = expression.clone();
    let expression = physical(session, null_of_null(expression)?, &both)?;
    Ok(Rest {
        logical,
        expression,
        columns: needed,
        schema: Arc::new(both.as_arrow().clone()),
    })
}

impl Rest {
    /// The columns that it reads.
    pub fn columns(&self) -> Vec<String> {
        columns([&self.logical])
    }

    /// Which of some pairs meet the condition, by the engine; none where it says null.
    pub(super) fn evaluate(
        &self,
        records: &Records,
        left: &[u32],
        right: &[u32],
    ) -> Result<Vec<Option<bool>>> {
        let (left, right) = (
            UInt32Array::from(left.to_vec()),
            UInt32Array::from(right.to_vec()),
        );
        let arrays = records.pairs(&self.columns, &left, &right)?;
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(left.len()));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)?;
        let result = self.expression.evaluate(&batch)?.into_array(left.len())?;
        match result.as_boolean_opt() {
            Some(result) => Ok(result.iter().collect()),
            None => internal_err!("a condition is not boolean"),
        }
    }
}

/// The columns that some expressions read, sorted.
pub fn columns<'a>(expressions: impl IntoIterator<Item = &'a Expr>) -> Vec<String> {
    let read = expressions
        .into_iter()
        .flat_map(|expression| expression.column_refs());
    let mut columns: Vec<String> = read.map(|column| column.name.clone()).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// The columns that a condition over two records names, sorted.
pub fn columns_named(
    session: &SessionContext,
    records: &SchemaRef,
    sql: &str,
) -> Result<Vec<String>> {
    let both = both_sides(records)?;
    Ok(columns([&session
        .state()
        .create_logical_expr(sql, &both)?]))
}

/// Types a condition over one record, as which customer is the head of a group.
pub fn plan_of_one(session: &SessionContext, columns: &SchemaRef, sql: &str) -> Result<Expr> {
    let schema = DFSchema::try_from(columns.as_ref().clone())?;
    let expression = session.state().create_logical_expr(sql, &schema)?;
    require_boolean(&expression, &schema)?;
    physical(session, expression.clone(), &schema)?;
    Ok(expression)
}

/// Of which records a condition over one holds; null is no.
pub fn over_records_sql(
    session: &SessionContext,
    records: &Records,
    sql: &str,
) -> Result<Vec<bool>> {
    let expression = plan_of_one(session, &records.batch.schema(), sql)?;
    let values = over_records(session, records, expression)?;
    let holds = |value: Option<bool>| value == Some(true);
    Ok(values.as_boolean().iter().map(holds).collect())
}

/// The value of an expression for each record.
pub(super) fn over_records(
    session: &SessionContext,
    records: &Records,
    expression: Expr,
) -> Result<ArrayRef> {
    if let Expr::Column(column) = &expression
        && let Some(values) = records.batch.column_by_name(&column.name)
    {
        return Ok(Arc::clone(values));
    }
    let schema = DFSchema::try_from(records.batch.schema().as_ref().clone())?;
    let expression = physical(session, expression, &schema)?;
    let of_chunk = |from: usize| {
        let some = records.batch.slice(from, CHUNK.min(records.len() - from));
        expression.evaluate(&some)?.into_array(some.num_rows())
    };
    let chunks: Vec<usize> = (0..records.len()).step_by(CHUNK).collect();
    let values = chunks.into_par_iter().map(of_chunk);
    let values = values.collect::<Result<Vec<_>>>()?;
    match values.as_slice() {
        [] => Ok(new_empty_array(
            &expression.data_type(&records.batch.schema())?,
        )),
        values => Ok(concat(
            &values.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
        )?),
    }
}

/// One number of two, not the same the other way round.
pub fn mix(one: u64, other: u64) -> u64 {
    // Numbers without pattern: the first digits of pi and of e in hexadecimal.
    let product =
        u128::from(one ^ 0x243f_6a88_85a3_08d3) * u128::from(other ^ 0xb7e1_5162_8aed_2a6b);
    (product >> 64) as u64 ^ product as u64
}

/// A number for each record's key, the same for equal keys; 0 where a part of the key is null or an empty text. `of` is whose key
/// it is, as messages name it.
pub fn key_numbers(
    session: &SessionContext,
    records: &Records,
    keys: &[Expr],
    memo: &Memo,
    of: &str,
) -> Result<Vec<u64>> {
    let parts = keys.iter().map(|key| memo.of(session, records, key));
    let parts = parts.collect::<Result<Vec<_>>>();
    let parts = parts.map_err(|error| error.context(of))?;
    let number = |row: usize| {
        let mut number = 0;
        for part in &parts {
            match part[row] {
                NULL | EMPTY => return 0,
                hash => number = mix(number, hash),
            }
        }
        number.max(1)
    };
    Ok((0..records.len()).into_par_iter().map(number).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_says_whether_its_sides_may_be_turned() {
        let session = SessionContext::new();
        crate::functions::register(&session);
        let columns = ["name", "city"].map(|name| Field::new(name, DataType::Utf8, true));
        let both = both_sides(&Arc::new(Schema::new(columns.to_vec()))).unwrap();
        let is = |sql: &str| {
            is_symmetric(&session.state().create_logical_expr(sql, &both).unwrap()).unwrap()
        };
        assert!(is("l.name = r.name and r.city <> l.city"));
        assert!(is("l.name is null or r.name is null"));
        assert!(is("levenshtein(l.name, r.name) <= 2"));
        assert!(is(
            "person_name_level(l.name, r.name) in ('exact', 'folded')"
        ));
        assert!(!is("l.city = 'X' and r.city = 'Y'"));
        assert!(!is("l.name < r.name"));
        assert!(!is("starts_with(l.name, r.name)"));
    }
}
