//! Conditions in SQL over the records `l` and `r`: typed, and taken apart into equalities and the rest.
//!
//! `l.phone_key = r.phone_key and l.city <> r.city` has one key, `phone_key`, by which pairs are found without looking at
//! all of them, and a rest that is evaluated on the pairs that were found.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, DataFusionError, Result, TableReference};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_plan::PhysicalExpr;
use datafusion::prelude::SessionContext;
use rayon::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use super::records::Records;

/// A condition, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Expressions over one record that are equal on both sides.
    pub keys: Vec<Expr>,
    /// What is left, with the columns that it reads.
    pub rest: Option<Rest>,
    /// The columns that a plain `l.x <> r.x` compares, where the condition is nothing else.
    pub differs: Option<String>,
}

/// The part of a condition that is evaluated pair by pair.
#[derive(Debug, Clone)]
pub struct Rest {
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
    let mut rest = Vec::new();
    let mut differs = None;
    let parts = split_conjunction(&expression);
    for part in &parts {
        match symmetric(part, Operator::Eq) {
            Some(key) => keys.push(key),
            None => rest.push((*part).clone()),
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
        rest,
        differs,
    })
}

/// Types a condition that is evaluated pair by pair as a whole: a level of a comparison.
pub fn plan_whole(session: &SessionContext, columns: &SchemaRef, sql: &str) -> Result<Condition> {
    let both = both_sides(columns)?;
    let expression = session.state().create_logical_expr(sql, &both)?;
    require_boolean(&expression, &both)?;
    Ok(Condition {
        keys: Vec::new(),
        rest: Some(compile(session, columns, expression)?),
        differs: None,
    })
}

/// Types a never rule: evaluated as a whole, or by values where it is a plain `l.x <> r.x`.
pub fn plan_never(session: &SessionContext, columns: &SchemaRef, sql: &str) -> Result<Condition> {
    let whole = plan_whole(session, columns, sql)?;
    Ok(Condition {
        differs: plan(session, columns, sql)?.differs,
        ..whole
    })
}

fn require_boolean(expression: &Expr, columns: &DFSchema) -> Result<()> {
    match expression.get_type(columns)? {
        DataType::Boolean => Ok(()),
        kind => datafusion::common::plan_err!("the condition gives {kind}, not true or false"),
    }
}

/// The columns of `l`, then those of `r`.
fn both_sides(columns: &SchemaRef) -> Result<DFSchema> {
    let side =
        |name: &str| DFSchema::try_from_qualified_schema(TableReference::bare(name), columns);
    side("l")?.join(&side("r")?)
}

/// `l.x = r.x`, either way round: the expression over one record, without its side.
fn symmetric(part: &Expr, operator: Operator) -> Option<Expr> {
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

/// The one side whose columns an expression reads.
fn side_of(expression: &Expr) -> Option<String> {
    let mut sides: Vec<String> = expression
        .column_refs()
        .iter()
        .filter_map(|column| column.relation.as_ref().map(ToString::to_string))
        .collect();
    sides.sort();
    sides.dedup();
    if sides.len() == 1 { sides.pop() } else { None }
}

fn unqualified(expression: &Expr) -> Option<Expr> {
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

fn compile(session: &SessionContext, columns: &SchemaRef, expression: Expr) -> Result<Rest> {
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
    let expression = physical(session, expression, &both)?;
    Ok(Rest {
        expression,
        columns: needed,
        schema: Arc::new(both.as_arrow().clone()),
    })
}

impl Rest {
    /// Which of some pairs meet the condition either way round; null is no.
    pub fn evaluate_both_ways(
        &self,
        records: &Records,
        left: &[u32],
        right: &[u32],
    ) -> Result<Vec<bool>> {
        let (one, other) = (
            self.evaluate(records, left, right)?,
            self.evaluate(records, right, left)?,
        );
        Ok(one
            .into_iter()
            .zip(other)
            .map(|(one, other)| one || other)
            .collect())
    }

    /// Which of some pairs meet the condition; null is no.
    pub fn evaluate(&self, records: &Records, left: &[u32], right: &[u32]) -> Result<Vec<bool>> {
        let (left, right) = (
            UInt32Array::from(left.to_vec()),
            UInt32Array::from(right.to_vec()),
        );
        let arrays = records.pairs(&self.columns, &left, &right)?;
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(left.len()));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)?;
        let result = self.expression.evaluate(&batch)?.into_array(left.len())?;
        let result = result
            .as_boolean_opt()
            .ok_or_else(|| DataFusionError::Internal("a condition is not boolean".to_string()))?;
        Ok((0..result.len())
            .map(|row| result.is_valid(row) && result.value(row))
            .collect())
    }
}

/// A number for each record's key, the same for equal keys; 0 where a part of the key is null.
pub fn key_numbers(session: &SessionContext, records: &Records, keys: &[Expr]) -> Result<Vec<u64>> {
    let schema = DFSchema::try_from(records.batch.schema().as_ref().clone())?;
    let mut columns: Vec<ArrayRef> = Vec::new();
    for key in keys {
        let expression = physical(session, key.clone(), &schema)?;
        let array = expression
            .evaluate(&records.batch)?
            .into_array(records.len())?;
        columns.push(arrow::compute::cast(&array, &DataType::Utf8)?);
    }
    let texts: Vec<_> = columns
        .iter()
        .map(|column| column.as_string::<i32>())
        .collect();
    let number = |row: usize| {
        let mut hash = Xxh3::new();
        for text in &texts {
            if text.is_null(row) || text.value(row).is_empty() {
                return 0;
            }
            hash.update(text.value(row).as_bytes());
            hash.update(&[0]);
        }
        hash.digest().max(1)
    };
    Ok((0..records.len()).into_par_iter().map(number).collect())
}
