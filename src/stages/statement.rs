//! A stage's SQL: parsed once, its parameters filled in, its tables found.

use std::ops::ControlFlow;
use std::path::Path;

use datafusion::common::DataFusionError;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{
    self, Expr, Spanned, Value, Visit, Visitor, visit_expressions, visit_expressions_mut,
    visit_relations,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::Span;

use super::faults;
use super::{CHECKS, TableName};
use crate::fault::{Fault, Place, Result, nearest};
use crate::pipeline::file::Setting;

/// A stage's statement.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The query, with literals for parameters.
    pub query: Box<ast::Query>,
    /// The tables it reads, each where it is named first.
    pub reads: Vec<Reference>,
    /// The parameters it uses.
    pub parameters: Vec<String>,
}

/// A table that a stage reads.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The table.
    pub name: TableName,
    /// Where it is named, from 1.
    pub line: usize,
    /// Where it is named, from 1.
    pub column: usize,
    /// How long its name is, in characters.
    pub length: usize,
}

/// Functions that would make two runs over the same input differ.
const RESTLESS: &[&str] = &[
    "now",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtimestamp",
    "localtime",
    "today",
    "random",
    "rand",
    "uuid",
];

/// Parses the SQL of a stage.
pub fn parse(
    name: &TableName,
    path: &Path,
    sql: &str,
    parameters: &[(String, Setting)],
) -> Result<Parsed> {
    let what = format!("stage {name}");
    let mut statements = DFParserBuilder::new(sql)
        .with_dialect(&GenericDialect {})
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| faults::from_engine(&what, path, sql, &error))?;
    let place = |span: datafusion::sql::sqlparser::tokenizer::Span| {
        let length = if span.start.line == span.end.line {
            span.end.column.saturating_sub(span.start.column)
        } else {
            u64::MAX
        };
        let length = usize::try_from(length.max(1)).unwrap_or(usize::MAX);
        Place::in_text(
            path,
            sql,
            span.start.line as usize,
            span.start.column as usize,
            length,
        )
    };
    let first = statements.pop_front();
    let mut query = match first {
        Some(Statement::Statement(statement)) if statements.is_empty() => match *statement {
            ast::Statement::Query(query) => query,
            other => {
                return Err(Fault::project(format!("the {what} is no query"))
                    .at(place(other.span()))
                    .hint("a stage is one select, or one with ... select"));
            }
        },
        _ => {
            return Err(Fault::project(format!("the {what} is not one query"))
                .at(Place::file(path))
                .hint("a stage is one select, or one with ... select; put a second one in a file of its own"));
        }
    };
    let mut used = Vec::new();
    let outcome = visit_expressions_mut(&mut query, |expression: &mut Expr| {
        match fill_in(expression, parameters, &mut used, &place) {
            Ok(()) => ControlFlow::Continue(()),
            Err(fault) => ControlFlow::Break(fault),
        }
    });
    if let ControlFlow::Break(fault) = outcome {
        return Err(fault);
    }
    let restless = visit_expressions(&query, |expression: &Expr| match expression {
        Expr::Function(function)
            if RESTLESS.contains(&function.name.to_string().to_lowercase().as_str()) =>
        {
            ControlFlow::Break((
                function.name.to_string().to_lowercase(),
                place(function.name.span()),
            ))
        }
        _ => ControlFlow::Continue(()),
    });
    if let ControlFlow::Break((function, place)) = restless {
        return Err(Fault::project(format!(
            "the {what} uses {function}(), which gives another value in every run"
        ))
        .at(place)
        .hint("$as_of is the night that is computed, and the only clock"));
    }
    if let Some(select) = selects(&query.body)
        .into_iter()
        .find(|select| select.projection.is_empty())
    {
        return Err(Fault::project(format!("the {what} selects no columns"))
            .at(place(select.span()))
            .hint("select ... from ..., with the columns that its table has"));
    }
    if let Some((function, span)) = unordered(&query) {
        return Err(Fault::project(format!(
            "{function}() of the {what} has no order of its values"
        ))
        .at(place(span))
        .hint(format!(
            "it would be that of arrival, another in every run: {function}(value order by value)"
        )));
    }
    if let Some((function, span)) = unordered_window(&query) {
        return Err(Fault::project(format!(
            "{function}() of the {what} has a window without an order"
        ))
        .at(place(span))
        .hint(format!(
            "its rows would come as they arrive, in another order in every run: {function}() over (partition by ... order by ...), ended by a key"
        )));
    }
    if name.schema != CHECKS
        && let Some((number, span)) = unnamed(&query)
    {
        return Err(Fault::project(format!(
            "column {number} of the {what} has no name"
        ))
        .at(place(span))
        .hint("its table would have a column called by its expression, which another engine calls otherwise: name it by as"));
    }
    if let ControlFlow::Break((problem, span, hint)) = query.visit(&mut Arbitrary) {
        let place = match span.start.line {
            0 => Place::file(path),
            _ => place(span),
        };
        return Err(Fault::project(format!("the {what} {problem}"))
            .at(place)
            .hint(hint));
    }
    if let ControlFlow::Break(limit) = query.visit(&mut UnorderedLimits) {
        let place = match limit.start.line {
            0 => Place::file(path),
            _ => place(limit),
        };
        return Err(Fault::project(format!("the {what} has a limit and no order"))
            .at(place)
            .hint("which rows are left would depend on the order of arrival: add order by, ended by a key"));
    }
    let reads = references(&what, path, sql, &query)?;
    used.sort();
    used.dedup();
    Ok(Parsed {
        query,
        reads,
        parameters: used,
    })
}

/// The first aggregate whose result hangs on the order of its rows, where it is told none; sorted behind it, it does not.
fn unordered(query: &ast::Query) -> Option<(String, Span)> {
    const OF_ORDER: &[&str] = &[
        "any_value",
        "nth_value",
        "array_agg",
        "string_agg",
        "listagg",
        "first_value",
        "last_value",
    ];
    // What is made of them does not hang on it.
    const FREE_OF_IT: &[&str] = &[
        "array_sort",
        "list_sort",
        "cardinality",
        "array_length",
        "array_max",
        "array_min",
        "array_has",
    ];
    let name = |function: &ast::Function| function.name.to_string().to_lowercase();
    let mut free: Vec<Span> = Vec::new();
    let _: ControlFlow<()> = visit_expressions(query, |expression: &Expr| {
        if let Expr::Function(function) = expression
            && FREE_OF_IT.contains(&name(function).as_str())
        {
            let _: ControlFlow<()> = visit_expressions(&function.args, |within: &Expr| {
                free.push(within.span());
                ControlFlow::Continue(())
            });
        }
        ControlFlow::Continue(())
    });
    let found = visit_expressions(query, |expression: &Expr| {
        let Expr::Function(function) = expression else {
            return ControlFlow::Continue(());
        };
        let is_ordered = match &function.args {
            ast::FunctionArguments::List(list) => {
                let mut clauses = list.clauses.iter();
                clauses.any(|clause| matches!(clause, ast::FunctionArgumentClause::OrderBy(_)))
            }
            _ => false,
        };
        let is_free = OF_ORDER.contains(&name(function).as_str())
            && !is_ordered
            && function.over.is_none()
            && function.within_group.is_empty()
            && !free.contains(&expression.span());
        match is_free {
            true => ControlFlow::Break((name(function), function.name.span())),
            false => ControlFlow::Continue(()),
        }
    });
    match found {
        ControlFlow::Break(found) => Some(found),
        ControlFlow::Continue(()) => None,
    }
}

/// The first column that a query writes out under no name, counted from one.
fn unnamed(query: &ast::Query) -> Option<(usize, Span)> {
    unnamed_among(query, &[])
}

/// The same of a query that may select from these as well.
fn unnamed_among(query: &ast::Query, outer: &[&ast::Cte]) -> Option<(usize, Span)> {
    let own = query.with.iter().flat_map(|with| &with.cte_tables);
    let ctes: Vec<&ast::Cte> = outer.iter().copied().chain(own).collect();
    let mut body = query.body.as_ref();
    let select = loop {
        body = match body {
            ast::SetExpr::SetOperation { left, .. } => left,
            ast::SetExpr::Query(query) => query.body.as_ref(),
            ast::SetExpr::Select(select) => break select,
            _ => return None,
        };
    };
    let mut items = select.projection.iter().zip(1..);
    let own = items.find_map(|(item, number)| match item {
        ast::SelectItem::UnnamedExpr(expression) if !names_column(expression) => {
            Some((number, expression.span()))
        }
        ast::SelectItem::ExprWithAlias { alias, .. } if alias.value.trim().is_empty() => {
            Some((number, alias.span))
        }
        _ => None,
    });
    let has_star = select.projection.iter().any(|item| {
        matches!(
            item,
            ast::SelectItem::Wildcard(_) | ast::SelectItem::QualifiedWildcard(..)
        )
    });
    own.or_else(|| {
        // A star writes out the columns of the queries that it selects from.
        let tables = select.from.iter().flat_map(|table| {
            let joined = table.joins.iter().map(|join| &join.relation);
            std::iter::once(&table.relation).chain(joined)
        });
        let names_none = |alias: &Option<ast::TableAlias>| {
            alias.as_ref().is_none_or(|alias| alias.columns.is_empty())
        };
        let mut tables = tables.filter(|_| has_star);
        tables.find_map(|table| match table {
            ast::TableFactor::Derived {
                subquery, alias, ..
            } if names_none(alias) => unnamed_among(subquery, &ctes),
            ast::TableFactor::Table { name, alias, .. } if names_none(alias) => {
                // The last of a name is meant; what stands before it is what it may select from.
                let at = ctes
                    .iter()
                    .rposition(|cte| cte.alias.name.value == name.to_string())?;
                let cte = ctes[at];
                let names_none = cte.alias.columns.is_empty();
                names_none.then(|| unnamed_among(&cte.query, &ctes[..at]))?
            }
            _ => None,
        })
    })
}

/// Whether an expression is a column, which gives its name; also one that is cast.
fn names_column(expression: &Expr) -> bool {
    match expression {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => true,
        Expr::Nested(inner) => names_column(inner),
        Expr::Cast { expr, .. } => names_column(expr),
        _ => false,
    }
}

/// The first function of a window whose result hangs on the order of its rows, where that has none.
fn unordered_window(query: &ast::Query) -> Option<(String, Span)> {
    const OF_ORDER: &[&str] = &[
        "row_number",
        "ntile",
        "lag",
        "lead",
        "first_value",
        "last_value",
        "nth_value",
    ];
    let mut windows = NamedWindows::default();
    let _: ControlFlow<()> = query.visit(&mut windows);
    let is_unordered = |function: &ast::Function, over: &ast::WindowType| {
        let is_named_so = |window: &ast::Ident| windows.is_unordered(window, function.name.span());
        match over {
            ast::WindowType::WindowSpec(window) => {
                window.order_by.is_empty() && window.window_name.as_ref().is_none_or(is_named_so)
            }
            ast::WindowType::NamedWindow(window) => is_named_so(window),
        }
    };
    let found = visit_expressions(query, |expression: &Expr| {
        let Expr::Function(function) = expression else {
            return ControlFlow::Continue(());
        };
        let name = function.name.to_string().to_lowercase();
        let over = function.over.as_ref();
        match OF_ORDER.contains(&name.as_str())
            && over.is_some_and(|over| is_unordered(function, over))
        {
            true => ControlFlow::Break((name, function.name.span())),
            false => ControlFlow::Continue(()),
        }
    });
    match found {
        ControlFlow::Break(found) => Some(found),
        ControlFlow::Continue(()) => None,
    }
}

/// The windows that have a name and no order, in lower case, of each select: a name holds within its own.
#[derive(Default)]
struct NamedWindows {
    of_selects: Vec<(Span, Vec<String>)>,
}

impl NamedWindows {
    /// Whether a window that is named at a place has no order.
    fn is_unordered(&self, window: &ast::Ident, place: Span) -> bool {
        let around = |span: &Span| span.start <= place.start && place.end <= span.end;
        let around = self.of_selects.iter().filter(|(span, _)| around(span));
        // The innermost begins last.
        let own = around.max_by_key(|(span, _)| span.start);
        own.is_some_and(|(_, names)| names.contains(&window.value.to_lowercase()))
    }
}

impl Visitor for NamedWindows {
    type Break = ();

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<()> {
        for select in selects(&query.body) {
            let mut names: Vec<String> = Vec::new();
            for ast::NamedWindowDefinition(name, window) in &select.named_window {
                let is_so = |base: &ast::Ident| names.contains(&base.value.to_lowercase());
                let is_unordered = match window {
                    ast::NamedWindowExpr::WindowSpec(window) => {
                        window.order_by.is_empty() && window.window_name.as_ref().is_none_or(is_so)
                    }
                    ast::NamedWindowExpr::NamedWindow(base) => is_so(base),
                };
                if is_unordered {
                    names.push(name.value.to_lowercase());
                }
            }
            self.of_selects.push((select.span(), names));
        }
        ControlFlow::Continue(())
    }
}

/// The selects of a query that are put together by union and its like, those of queries within apart.
fn selects(body: &ast::SetExpr) -> Vec<&ast::Select> {
    match body {
        ast::SetExpr::Select(select) => vec![select],
        ast::SetExpr::SetOperation { left, right, .. } => {
            let mut both = selects(left);
            both.extend(selects(right));
            both
        }
        ast::SetExpr::Query(query) => selects(&query.body),
        _ => Vec::new(),
    }
}

/// Finds what takes some rows and does not say which: `distinct on` without an order, and a sample.
struct Arbitrary;

impl Visitor for Arbitrary {
    type Break = (&'static str, Span, &'static str);

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<Self::Break> {
        let ast::SetExpr::Select(select) = query.body.as_ref() else {
            return ControlFlow::Continue(());
        };
        match &select.distinct {
            Some(ast::Distinct::On(columns)) if query.order_by.is_none() => ControlFlow::Break((
                "keeps one row of several by distinct on, and has no order",
                columns
                    .first()
                    .map_or(Span::empty(), |column| column.span()),
                "which row is kept would depend on the order of arrival: add order by those columns, then by what comes first, ended by a key",
            )),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, table: &ast::TableFactor) -> ControlFlow<Self::Break> {
        match table {
            ast::TableFactor::Table {
                sample: Some(_),
                name,
                ..
            } => ControlFlow::Break((
                "takes a sample of a table",
                name.span(),
                "a sample is another in every run; take the rows whose key has some hash",
            )),
            _ => ControlFlow::Continue(()),
        }
    }
}

/// Finds a limit, also of a query within the query, whose rows come in no order.
struct UnorderedLimits;

impl Visitor for UnorderedLimits {
    type Break = Span;

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<Span> {
        let limit = match (&query.limit_clause, &query.fetch) {
            (Some(ast::LimitClause::LimitOffset { limit, offset, .. }), _) => {
                let offset = offset.as_ref().map(|offset| offset.value.span());
                limit.as_ref().map(|limit| limit.span()).or(offset)
            }
            (None, None) => None,
            _ => Some(Span::empty()),
        };
        match limit {
            Some(limit) if query.order_by.is_none() => ControlFlow::Break(limit),
            _ => ControlFlow::Continue(()),
        }
    }
}

/// The columns that a query writes out, and those of its `with`: the line where each ends, and its name. Of a union, those of its
/// first select.
pub fn items(query: &ast::Query) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for table in query.with.iter().flat_map(|with| &with.cte_tables) {
        found.extend(items(&table.query));
    }
    let mut body = query.body.as_ref();
    loop {
        body = match body {
            ast::SetExpr::SetOperation { left, .. } => left,
            ast::SetExpr::Query(query) => {
                found.extend(items(query));
                return found;
            }
            ast::SetExpr::Select(select) => {
                found.extend(select.projection.iter().filter_map(item));
                return found;
            }
            _ => return found,
        }
    }
}

fn item(item: &ast::SelectItem) -> Option<(usize, String)> {
    let name = match item {
        ast::SelectItem::ExprWithAlias { alias, .. } => alias,
        ast::SelectItem::UnnamedExpr(Expr::Identifier(name)) => name,
        ast::SelectItem::UnnamedExpr(Expr::CompoundIdentifier(names)) => names.last()?,
        _ => return None,
    };
    let text = match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    };
    Some((name.span.end.line as usize, text))
}

fn fill_in(
    expression: &mut Expr,
    parameters: &[(String, Setting)],
    used: &mut Vec<String>,
    place: &impl Fn(Span) -> Place,
) -> Result<()> {
    let Expr::Value(value) = expression else {
        return Ok(());
    };
    let Value::Placeholder(name) = &value.value else {
        return Ok(());
    };
    let word = name.trim_start_matches('$').to_string();
    let Some((_, setting)) = parameters.iter().find(|(known, _)| *known == word) else {
        let known = parameters.iter().map(|(known, _)| known.as_str());
        return Err(Fault::project(format!("unknown parameter ${word}"))
            .at(place(value.span))
            .hint(match nearest(&word, known) {
                Some(near) => format!("did you mean ${near}?"),
                None => format!("declare it in the pipeline file: [settings] {word} = ..."),
            }));
    };
    let literal = if word == "as_of" {
        format!("date {}", setting.to_sql())
    } else {
        setting.to_sql()
    };
    let parsed = Parser::new(&GenericDialect {})
        .try_with_sql(&literal)
        .and_then(|mut parser| parser.parse_expr());
    *expression = parsed.map_err(|error| {
        Fault::project(format!("${word} cannot be written in SQL: {error}")).at(place(value.span))
    })?;
    used.push(word);
    Ok(())
}

/// The tables of a query, without its own `with` names.
fn references(what: &str, path: &Path, sql: &str, query: &ast::Query) -> Result<Vec<Reference>> {
    let statement = Statement::Statement(Box::new(ast::Statement::Query(Box::new(query.clone()))));
    let (tables, _) = resolve_table_references(&statement, true)
        .map_err(|error: DataFusionError| faults::from_engine(what, path, sql, &error))?;
    let mut found = Vec::new();
    for table in tables {
        let mut reference = Reference {
            name: TableName::new(table.schema().unwrap_or_default(), table.table()),
            line: 0,
            column: 0,
            length: table.to_string().chars().count(),
        };
        let _: ControlFlow<()> = visit_relations(query, |relation| {
            let plain = relation.to_string().replace('"', "").to_lowercase();
            if plain == table.to_string().to_lowercase() && reference.line == 0 {
                let span = relation.span();
                (reference.line, reference.column) =
                    (span.start.line as usize, span.start.column as usize);
            }
            ControlFlow::Continue(())
        });
        found.push(reference);
    }
    Ok(found)
}
