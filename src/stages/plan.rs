//! Plans a stage: its columns and types are known, and its faults are told, before a row is read.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError, ExprSchema};
use datafusion::logical_expr::expr::{AggregateFunction, WindowFunction};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator};
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{self, SetExpr, Spanned};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::lineage::{self, Sources};
use super::{Stage, faults, types};
use crate::fault::{Fault, Place, Result, nearest};

/// A stage whose columns are known.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The stage.
    pub stage: Stage,
    /// The columns of its table, as they are written.
    pub schema: SchemaRef,
    /// What the values of its columns are made of, in the tables that it reads.
    pub sources: Vec<(String, Sources)>,
    /// Descriptions of its columns: its own, or those of the column of the same name that it reads.
    pub descriptions: BTreeMap<String, String>,
}

/// Aggregates whose result over floats depends on the order in which rows arrive.
const ORDER_DEPENDENT: &[&str] = &[
    "sum",
    "avg",
    "mean",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "var",
    "var_pop",
    "var_samp",
    "corr",
    "covar",
    "covar_pop",
    "covar_samp",
];

/// Plans a stage against the tables that the session knows.
pub async fn plan(
    session: &SessionContext,
    stage: Stage,
    upstream: &BTreeMap<String, BTreeMap<String, String>>,
) -> Result<Planned> {
    let plan = match logical(session, &stage.parsed.query).await {
        Ok(plan) => plan,
        Err(error) => return Err(explain(session, &stage, &error).await),
    };
    refuse_float_sums(&stage, &plan)?;
    refuse_turned_unions(&stage, &plan)?;
    refuse_mixed_comparisons(&stage, &plan)?;
    let mut fields = Vec::new();
    for (_, field) in plan.schema().iter() {
        let fault = |summary: String| {
            let at = faults::find_word(&stage.sql, field.name());
            let place = at.map_or_else(
                || Place::file(&stage.path),
                |at| Place::of_bytes(&stage.path, &stage.sql, at..at + field.name().len()),
            );
            Fault::project(summary).at(place)
        };
        let Some(published) = types::published_type(field.data_type()) else {
            return Err(fault(format!(
                "the column {} of stage {} has type {}, which cannot be published",
                field.name(),
                stage.name,
                field.data_type()
            ))
            .hint(types::advice(field.data_type())));
        };
        if fields
            .iter()
            .any(|earlier: &Field| earlier.name() == field.name())
        {
            return Err(fault(format!(
                "the stage {} has two columns {}",
                stage.name,
                field.name()
            ))
            .hint("give one of them another name with as"));
        }
        fields.push(Field::new(field.name(), published, true));
    }
    let mut descriptions = BTreeMap::new();
    for field in &fields {
        let own = stage
            .comments
            .iter()
            .find(|comment| &comment.column == field.name())
            .map(|comment| comment.description.clone());
        let inherited = || {
            stage.parsed.reads.iter().find_map(|read| {
                upstream
                    .get(&read.name.to_string())?
                    .get(field.name())
                    .cloned()
            })
        };
        if let Some(description) = own.filter(|text| !text.is_empty()).or_else(inherited) {
            descriptions.insert(field.name().clone(), description);
        }
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
    for key in &stage.header.key {
        if !names.contains(&key.as_str()) {
            let line = stage
                .sql
                .lines()
                .nth(stage.header.key_line.saturating_sub(1))
                .unwrap_or_default();
            let column = line
                .find(key.as_str())
                .map_or(1, |at| line[..at].chars().count() + 1);
            return Err(Fault::project(format!(
                "the key of stage {} names a column that it does not have: {key}",
                stage.name
            ))
            .at(stage.place(stage.header.key_line, column, key.chars().count()))
            .hint(match nearest(key, names.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("it has {}", names.join(", ")),
            }));
        }
    }
    // Columns keep their descriptions in the file itself.
    let described: Vec<Field> = fields
        .iter()
        .map(|field| match descriptions.get(field.name()) {
            Some(text) => field
                .clone()
                .with_metadata([("description".to_string(), text.clone())].into()),
            None => field.clone(),
        })
        .collect();
    let sources = lineage::of_plan(&plan).unwrap_or_default();
    let names = fields.iter().map(|field| field.name().clone());
    Ok(Planned {
        sources: names.zip(sources).collect(),
        schema: Arc::new(Schema::new(described)),
        stage,
        descriptions,
    })
}

/// The plan of a query, typed and checked, not optimised: one that the engine can run.
pub async fn logical(
    session: &SessionContext,
    query: &ast::Query,
) -> std::result::Result<LogicalPlan, DataFusionError> {
    let statement = Statement::Statement(Box::new(ast::Statement::Query(Box::new(query.clone()))));
    let state = session.state();
    let plan = state.statement_to_plan(statement).await?;
    state
        .analyzer()
        .execute_and_check(plan.clone(), state.config_options(), |_, _| {})?;
    state.create_physical_plan(&plan).await?;
    Ok(plan)
}

fn refuse_float_sums(stage: &Stage, plan: &LogicalPlan) -> Result<()> {
    let mut found = None;
    let _ = plan.apply_with_subqueries(|node| {
        let schema = node.inputs().first().map(|input| input.schema().clone());
        node.apply_expressions(|expression| {
            expression.apply(|part| {
                let (name, arguments) = match part {
                    Expr::AggregateFunction(AggregateFunction { func, params }) => {
                        (func.name(), &params.args)
                    }
                    Expr::WindowFunction(window) => {
                        let WindowFunction { fun, params } = window.as_ref();
                        (fun.name(), &params.args)
                    }
                    _ => return Ok(TreeNodeRecursion::Continue),
                };
                if let (true, Some(schema)) = (ORDER_DEPENDENT.contains(&name), &schema) {
                    let is_float = arguments.iter().any(|argument| {
                        let kind = argument.get_type(schema.as_ref() as &dyn ExprSchema);
                        matches!(
                            kind,
                            Ok(DataType::Float64 | DataType::Float32 | DataType::Float16)
                        )
                    });
                    if is_float && found.is_none() {
                        found = Some((name.to_string(), part.to_string()));
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    let Some((name, text)) = found else {
        return Ok(());
    };
    let place = faults::find_word(&stage.sql, &name).map_or_else(
        || Place::file(&stage.path),
        |at| Place::of_bytes(&stage.path, &stage.sql, at..at + name.len()),
    );
    Err(Fault::project(format!("the stage {} adds up floating-point numbers: {text}", stage.name))
        .at(place)
        .hint("their sum depends on the order of arrival, so two runs would differ; cast to decimal(18, 6) inside the aggregate"))
}

/// A union takes columns by their places: where both sides have the same names in another order, values would stand under other names.
fn refuse_turned_unions(stage: &Stage, plan: &LogicalPlan) -> Result<()> {
    let mut turned = None;
    let _ = plan.apply_with_subqueries(|node| {
        let LogicalPlan::Union(union) = node else {
            return Ok(TreeNodeRecursion::Continue);
        };
        let names = |input: &Arc<LogicalPlan>| -> Vec<String> {
            let fields = input.schema().fields().iter();
            fields.map(|field| field.name().clone()).collect()
        };
        let all: Vec<Vec<String>> = union.inputs.iter().map(names).collect();
        for other in &all[1..] {
            let mut pairs = all[0].iter().zip(other);
            let first = pairs.find(|(one, other)| one != other);
            let sorted = |names: &Vec<String>| {
                let mut names = names.clone();
                names.sort_unstable();
                names
            };
            if let Some((one, another)) = first
                && sorted(&all[0]) == sorted(other)
            {
                turned = Some((one.clone(), another.clone()));
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    });
    let Some((one, other)) = turned else {
        return Ok(());
    };
    let place = faults::find_word(&stage.sql, "union").map_or_else(
        || Place::file(&stage.path),
        |at| Place::of_bytes(&stage.path, &stage.sql, at..at + "union".len()),
    );
    Err(Fault::project(format!(
        "the union of stage {} has {other} in the place of {one}: it takes columns by their places, not by their names",
        stage.name
    ))
    .at(place)
    .hint("name the columns of both selects in one order instead of *, or write union all by name; where they are meant to change places, say so: a as b, b as a"))
}

/// A date and a text, or a number, are compared as what one of them cannot always be: the night would fail at a value, or mean nothing.
fn refuse_mixed_comparisons(stage: &Stage, plan: &LogicalPlan) -> Result<()> {
    let mut found = None;
    let _ = plan.apply_with_subqueries(|node| {
        let mut schema = node
            .inputs()
            .first()
            .map_or_else(DFSchema::empty, |input| input.schema().as_ref().clone());
        for input in node.inputs().into_iter().skip(1) {
            match schema.join(input.schema()) {
                Ok(joined) => schema = joined,
                Err(_) => return Ok(TreeNodeRecursion::Continue),
            }
        }
        if let LogicalPlan::Join(join) = node {
            for (left, right) in &join.on {
                found = found.take().or_else(|| mixed(left, right, &schema));
            }
        }
        node.apply_expressions(|expression| {
            if found.is_none() {
                found = mixed_comparison(expression, &schema);
            }
            Ok(TreeNodeRecursion::Continue)
        })
    });
    let Some(mixed) = found else {
        return Ok(());
    };
    let place = mixed.span.map_or_else(
        || Place::file(&stage.path),
        |span| {
            let length = span.end.column.saturating_sub(span.start.column).max(1) as usize;
            stage.place(span.start.line as usize, span.start.column as usize, length)
        },
    );
    Err(
        Fault::project(format!("the stage {} {}", stage.name, mixed.problem))
            .at(place)
            .hint(mixed.hint),
    )
}

/// Two sides of a comparison that are of other kinds.
pub struct Mixed {
    /// What is compared, to stand behind a name.
    pub problem: String,
    /// What to write instead.
    pub hint: &'static str,
    /// Where one of the columns stands.
    pub span: Option<datafusion::common::Span>,
}

/// The first comparison in an expression whose sides are of other kinds.
pub fn mixed_comparison(expression: &Expr, schema: &DFSchema) -> Option<Mixed> {
    let mut found = None;
    let _ = expression.apply(|part| {
        match part {
            Expr::BinaryExpr(both)
                if both.op.supports_propagation() || both.op == Operator::NotEq =>
            {
                found = mixed(&both.left, &both.right, schema);
            }
            Expr::Between(between) => {
                found = mixed(&between.expr, &between.low, schema)
                    .or_else(|| mixed(&between.expr, &between.high, schema));
            }
            _ => {}
        }
        Ok(match found {
            Some(_) => TreeNodeRecursion::Stop,
            None => TreeNodeRecursion::Continue,
        })
    });
    found
}

fn mixed(left: &Expr, right: &Expr, schema: &DFSchema) -> Option<Mixed> {
    #[derive(PartialEq)]
    enum Kind {
        Date,
        Text,
        Number,
    }
    let kind_of = |side: &Expr| {
        let kind = side.get_type(schema as &dyn ExprSchema).ok()?;
        Some(match kind {
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Kind::Date,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text,
            kind if kind.is_numeric() => Kind::Number,
            _ => return None,
        })
    };
    let is_constant = |side: &Expr| side.column_refs().is_empty();
    let (one, other) = (kind_of(left)?, kind_of(right)?);
    // A constant is read as what stands beside it: born > '2000-01-01'.
    let is_told = match (&one, &other) {
        (Kind::Text, Kind::Date) => is_constant(left),
        (Kind::Date, Kind::Text) => is_constant(right),
        (Kind::Date, Kind::Number) | (Kind::Number, Kind::Date) => false,
        _ => true,
    };
    let name = |kind: &Kind| match kind {
        Kind::Date => "a date",
        Kind::Text => "a text",
        Kind::Number => "a number",
    };
    let said = |side: &Expr, kind: &Kind| match side {
        Expr::Column(column) => format!("{column}, {},", name(kind)),
        _ => name(kind).to_string(),
    };
    let columns = [left, right].into_iter().flat_map(Expr::column_refs);
    let mut spans: Vec<_> = columns.filter_map(|column| column.spans.first()).collect();
    spans.sort_by_key(|span| (span.start.line, span.start.column));
    (!is_told).then(|| Mixed {
        problem: format!("compares {} with {}", said(left, &one), said(right, &other)),
        hint: match one == Kind::Number || other == Kind::Number {
            true => "take the part of the date that is meant, date_part('year', x), or write a date: date '2000-01-01'",
            false => "make a date of the text, parse_date(x), or a text of the date, cast(x as text)",
        },
        span: spans.first().copied(),
    })
}

/// Errors without a place, of types above all: found by planning the query piece by piece.
async fn explain(session: &SessionContext, stage: &Stage, error: &DataFusionError) -> Box<Fault> {
    let mut fault = faults::from_engine(
        &format!("stage {}", stage.name),
        &stage.path,
        &stage.sql,
        error,
    );
    let has_place = error
        .diagnostic()
        .is_some_and(|diagnostic| diagnostic.span.is_some());
    if has_place {
        return fault;
    }
    let message = faults::plain_message(error.find_root());
    if let Some(span) = narrow(session, &stage.parsed.query, &message).await {
        let length = if span.start.line == span.end.line {
            span.end.column.saturating_sub(span.start.column).max(1)
        } else {
            u64::MAX
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        fault = fault.at(stage.place(span.start.line as usize, span.start.column as usize, length));
    }
    fault
}

async fn narrow(session: &SessionContext, query: &ast::Query, message: &str) -> Option<Span> {
    let mut failing = query.clone();
    if let Some(with) = &query.with {
        for at in 0..with.cte_tables.len() {
            let mut part = (*with.cte_tables[at].query).clone();
            if part.with.is_none() {
                let mut before = with.clone();
                before.cte_tables.truncate(at);
                part.with = (at > 0).then_some(before);
            }
            if logical(session, &part).await.is_err() {
                failing = part;
                break;
            }
        }
    }
    let SetExpr::Select(select) = failing.body.as_ref().clone() else {
        return Some(failing.body.span());
    };
    let fails = async |select: ast::Select| {
        let mut query = failing.clone();
        query.order_by = None;
        query.limit_clause = None;
        *query.body = SetExpr::Select(Box::new(select));
        logical(session, &query).await.is_err()
    };
    for item in &select.projection {
        let mut one = (*select).clone();
        one.projection = vec![item.clone()];
        one.selection = None;
        one.having = None;
        if fails(one.clone()).await {
            one.projection = vec![ast::SelectItem::UnnamedExpr(ast::Expr::value(
                ast::Value::Number("1".to_string(), false),
            ))];
            // Without the item it fails as well: the fault lies in the tables or the grouping.
            if !fails(one).await {
                return Some(smallest(session, &failing, &select, item, message).await);
            }
        }
    }
    for condition in [&select.selection, &select.having].into_iter().flatten() {
        let mut without = (*select).clone();
        if without.selection.as_ref() == Some(condition) {
            without.selection = None;
        } else {
            without.having = None;
        }
        if !fails(without).await {
            return Some(condition.span());
        }
    }
    for table in &select.from {
        for join in &table.joins {
            let constraint = match &join.join_operator {
                ast::JoinOperator::Join(c)
                | ast::JoinOperator::Inner(c)
                | ast::JoinOperator::Left(c)
                | ast::JoinOperator::LeftOuter(c) => c,
                _ => continue,
            };
            if let ast::JoinConstraint::On(condition) = constraint {
                let mut probe = (*select).clone();
                probe.projection = vec![ast::SelectItem::UnnamedExpr(condition.clone())];
                probe.selection = None;
                probe.having = None;
                probe.group_by = ast::GroupByExpr::Expressions(Vec::new(), Vec::new());
                for table in &mut probe.from {
                    for join in &mut table.joins {
                        join.join_operator =
                            ast::JoinOperator::CrossJoin(ast::JoinConstraint::None);
                    }
                }
                if fails(probe).await {
                    return Some(condition.span());
                }
            }
        }
    }
    Some(select.span())
}

/// The smallest part of a select item that by itself still fails in the same way.
async fn smallest(
    session: &SessionContext,
    query: &ast::Query,
    select: &ast::Select,
    item: &ast::SelectItem,
    message: &str,
) -> Span {
    let (ast::SelectItem::UnnamedExpr(expression)
    | ast::SelectItem::ExprWithAlias {
        expr: expression, ..
    }) = item
    else {
        return item.span();
    };
    let mut parts: Vec<ast::Expr> = Vec::new();
    let _: ControlFlow<()> = ast::visit_expressions(expression, |part| {
        parts.push(part.clone());
        ControlFlow::Continue(())
    });
    // Inner parts are visited after the outer ones that hold them.
    for part in parts.iter().rev() {
        let mut one = select.clone();
        one.projection = vec![ast::SelectItem::UnnamedExpr(part.clone())];
        one.selection = None;
        one.having = None;
        let mut probe = query.clone();
        probe.order_by = None;
        *probe.body = SetExpr::Select(Box::new(one));
        let span = part.span();
        if span.start.line == 0 {
            continue;
        }
        if let Err(error) = logical(session, &probe).await
            && faults::plain_message(error.find_root()) == message
        {
            return span;
        }
    }
    item.span()
}
