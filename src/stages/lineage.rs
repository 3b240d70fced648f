//! Column lineage: which columns of other tables the values of a stage's columns are made of.
//!
//! Values alone count: what a condition, a join, a sort or a partition reads decides which rows there are, and makes no value.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::plan::Planned;
use crate::functions;

/// A column of a table: `staging.records`, `phone`.
pub type ColumnOf = (String, String);

/// What a column is made of.
pub type Sources = BTreeSet<ColumnOf>;

/// The sources of every column of a plan, in their order.
pub fn of_plan(plan: &LogicalPlan) -> Result<Vec<Sources>> {
    let inputs = plan.inputs();
    let of_inputs = || -> Result<Vec<Sources>> {
        let inputs = inputs.iter().map(|input| of_plan(input));
        Ok(inputs.collect::<Result<Vec<_>>>()?.concat())
    };
    let width = plan.schema().fields().len();
    Ok(match plan {
        LogicalPlan::TableScan(scan) => {
            let table = scan.table_name.to_string();
            let names = plan.schema().fields().iter().map(|field| field.name());
            names
                .map(|name| Sources::from([(table.clone(), name.clone())]))
                .collect()
        }
        LogicalPlan::Projection(projection) => {
            of_expressions(&projection.expr, projection.input.schema(), &of_inputs()?)?
        }
        LogicalPlan::Aggregate(aggregate) => {
            let (schema, below) = (aggregate.input.schema(), of_inputs()?);
            let mut sources = of_expressions(&aggregate.group_expr, schema, &below)?;
            sources.extend(of_expressions(&aggregate.aggr_expr, schema, &below)?);
            all_or_each(sources, width)
        }
        LogicalPlan::Window(window) => {
            let below = of_inputs()?;
            let own = of_expressions(&window.window_expr, window.input.schema(), &below)?;
            [below, own].concat()
        }
        LogicalPlan::Union(_) => {
            let mut sources = vec![Sources::new(); width];
            for input in &inputs {
                for (all, of_input) in sources.iter_mut().zip(of_plan(input)?) {
                    all.extend(of_input);
                }
            }
            sources
        }
        LogicalPlan::Unnest(unnest) => {
            let below = of_inputs()?;
            let below = unnest
                .dependency_indices
                .iter()
                .map(|at| below[*at].clone());
            below.collect()
        }
        // What passes columns on has those of its inputs, side by side; a semi-join has those of its left alone.
        _ => {
            let mut sources = of_inputs()?;
            if sources.len() > width {
                sources.truncate(width);
            }
            all_or_each(sources, width)
        }
    })
}

/// Sources of as many columns as there are: where they do not fit, each may come from all.
fn all_or_each(sources: Vec<Sources>, width: usize) -> Vec<Sources> {
    if sources.len() == width {
        return sources;
    }
    let all: Sources = sources.into_iter().flatten().collect();
    vec![all; width]
}

fn of_expressions(
    expressions: &[Expr],
    schema: &DFSchema,
    below: &[Sources],
) -> Result<Vec<Sources>> {
    let sources = expressions.iter().map(|expression| {
        let mut sources = Sources::new();
        add_values(expression, schema, below, &mut sources)?;
        Ok(sources)
    });
    sources.collect()
}

/// Adds the sources of the values that an expression is made of.
fn add_values(
    expression: &Expr,
    schema: &DFSchema,
    below: &[Sources],
    sources: &mut Sources,
) -> Result<()> {
    // Of these, some arguments choose and others are chosen.
    let chosen: Option<Vec<&Expr>> = match expression {
        Expr::Case(case) => {
            let then = case.when_then_expr.iter().map(|(_, then)| then.as_ref());
            Some(then.chain(case.else_expr.as_deref()).collect())
        }
        Expr::ScalarFunction(call) if call.name() == "nullif" => {
            Some(call.args.iter().take(1).collect())
        }
        // A region tells how a number is read, and is none of its digits.
        Expr::ScalarFunction(call) => functions::named(call.name()).map(|function| {
            let given = call.args.iter().zip(function.arguments);
            let values = given.filter(|(_, name)| !matches!(**name, "region" | "order" | "zone"));
            values.map(|(value, _)| value).collect()
        }),
        Expr::AggregateFunction(call) => Some(call.params.args.iter().collect()),
        Expr::WindowFunction(call) => Some(call.params.args.iter().collect()),
        _ => None,
    };
    if let Some(chosen) = chosen {
        return chosen
            .into_iter()
            .try_for_each(|part| add_values(part, schema, below, sources));
    }
    if let Expr::Column(column) = expression
        && let Some(at) = schema.maybe_index_of_column(column)
    {
        sources.extend(below[at].iter().cloned());
    }
    expression.apply_children(|part| {
        add_values(part, schema, below, sources)?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

/// The columns of exports that each column of a stage is made of, through all stages before it.
pub fn origins(planned: &[Planned], stage: &Planned) -> BTreeMap<String, Sources> {
    let mut known: BTreeMap<ColumnOf, Sources> = BTreeMap::new();
    for stage in planned {
        for (column, sources) in &stage.sources {
            let far = sources.iter().flat_map(|near| match known.get(near) {
                Some(far) => far.clone(),
                None => Sources::from([near.clone()]),
            });
            let far = far.collect();
            known.insert((stage.stage.name.to_string(), column.clone()), far);
        }
    }
    let of_stage = stage.stage.name.to_string();
    let of_stage = known
        .into_iter()
        .filter(|((table, _), _)| *table == of_stage);
    of_stage.map(|((_, column), far)| (column, far)).collect()
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema};

    use super::*;
    use crate::engine::session::register_planned;

    /// The sources of each column, `a` for raw.people.a and `b.x` for raw.orders.x.
    async fn sources(sql: &str) -> Vec<String> {
        let session = crate::engine::session::create(&Default::default()).unwrap();
        let text = |name: &&str| Field::new(*name, DataType::Utf8, true);
        let list = DataType::new_list(DataType::Utf8, true);
        let people = ["id", "first", "last", "born", "phone"].iter().map(text);
        let people = people.chain([Field::new("emails", list, true)]);
        let orders = ["id", "guest", "tel"].iter().map(text);
        for (name, fields) in [
            ("people", people.collect()),
            ("orders", orders.collect::<Vec<_>>()),
        ] {
            register_planned(&session, "raw", name, Schema::new(fields).into()).unwrap();
        }
        let plan = session.state().create_logical_plan(sql).await.unwrap();
        let of_column = |sources: Sources| {
            let names = sources.into_iter();
            let names = names.map(|(table, column)| match table.as_str() {
                "raw.people" => column,
                _ => format!("o.{column}"),
            });
            names.collect::<Vec<_>>().join(" ")
        };
        of_plan(&plan).unwrap().into_iter().map(of_column).collect()
    }

    #[tokio::test]
    async fn a_column_is_made_of_what_its_values_read() {
        for (sql, expected) in [
            (
                "select id, first || ' ' || last as name, 1 as one from raw.people where phone is not null order by born",
                vec!["id", "first last", ""],
            ),
            (
                "select case when phone is null then first else last end as c, nullif(first, last) as n, coalesce(first, last) as f from raw.people",
                vec!["first last", "first", "first last"],
            ),
            (
                "with a as (select id, substr(born, 1, 4) as year from raw.people) select a.year, b.tel, b.id from a join raw.orders as b on a.id = b.id",
                vec!["born", "o.tel", "o.id"],
            ),
            (
                "select last, phone from raw.people union all select guest, tel from raw.orders",
                vec!["o.guest last", "o.tel phone"],
            ),
            (
                "select last, max(born) as born, count(*) as n from raw.people group by last having count(*) > 1",
                vec!["last", "born", ""],
            ),
            (
                "select last, first_value(first) over (partition by phone order by born) as first from raw.people",
                vec!["last", "first"],
            ),
            (
                "select phone_key(phone, last) as phone, parse_date(born, 'dmy') as born, normalize_person_name(first || last) as name from raw.people",
                vec!["phone", "born", "first last"],
            ),
            (
                "select id, unnest(emails) as email from raw.people",
                vec!["id", "emails"],
            ),
            (
                "select distinct p.last from raw.people as p where p.id in (select id from raw.orders) limit 3",
                vec!["last"],
            ),
            (
                "select id, last from raw.people as p left semi join raw.orders as o using (id)",
                vec!["id", "last"],
            ),
        ] {
            assert_eq!(sources(sql).await, expected, "{sql}");
        }
    }
}
