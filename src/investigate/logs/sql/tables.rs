//! The walk over a parsed statement: tables, conditions, stars and limits,
//! in subqueries and common table expressions too. A leaf.

use super::conditions::{Bound, bound, name};
use sqlparser::ast::{
    Expr, Fetch, Function, FunctionArg, FunctionArgExpr, FunctionArguments, JoinConstraint,
    JoinOperator, LimitClause, ObjectName, Query, Select, SelectItem, SetExpr, TableAlias,
    TableFactor, TableWithJoins,
};
use std::collections::BTreeMap;

/// Deeper parts are not looked into.
const DEEPEST: usize = 300;

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walk {
    /// Schema (or empty) and name, in order.
    pub tables: Vec<(String, String)>,
    /// Alias or name to the table's name.
    pub aliases: BTreeMap<String, String>,
    pub ctes: Vec<String>,
    pub bound: Vec<Bound>,
    pub functions: Vec<String>,
    pub star: bool,
    pub has_limit: bool,
    /// The `$n` of the first limit.
    pub limit: Option<usize>,
    depth: usize,
    too_deep: bool,
}

/// Schema and bare name.
pub fn parts(object: &ObjectName) -> (String, String) {
    let mut names = object
        .0
        .iter()
        .rev()
        .filter_map(|part| part.as_ident().map(name));
    let last = names.next().unwrap_or_default();
    (names.next().unwrap_or_default(), last)
}

impl Walk {
    /// Whether some of the statement was left out.
    pub const fn is_partial(&self) -> bool {
        self.too_deep
    }

    fn deeper(&mut self, walk: impl FnOnce(&mut Self)) {
        if self.depth >= DEEPEST {
            self.too_deep = true;
            return;
        }
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }

    /// Walks a query; a limit of one that is only compared with does not
    /// bound what goes out.
    pub fn query(&mut self, query: &Query, goes_out: bool) {
        self.deeper(|walk| {
            if let Some(with) = &query.with {
                for cte in &with.cte_tables {
                    walk.ctes.push(name(&cte.alias.name));
                }
                for cte in &with.cte_tables {
                    walk.query(&cte.query, goes_out);
                }
            }
            walk.body(&query.body, goes_out);
            if goes_out {
                walk.limited(query.limit_clause.as_ref(), query.fetch.as_ref());
            }
        });
    }

    fn limited(&mut self, clause: Option<&LimitClause>, fetch: Option<&Fetch>) {
        let limit = match clause {
            Some(LimitClause::LimitOffset { limit, .. }) => limit.as_ref(),
            Some(LimitClause::OffsetCommaLimit { limit, .. }) => Some(limit),
            None => None,
        };
        let limit = limit.or_else(|| fetch.and_then(|fetch| fetch.quantity.as_ref()));
        if let Some(limit) = limit {
            self.has_limit = true;
            self.limit = self.limit.or_else(|| super::conditions::slot(limit));
        }
    }

    fn body(&mut self, body: &SetExpr, goes_out: bool) {
        self.deeper(|walk| match body {
            SetExpr::Select(select) => walk.select(select, goes_out),
            SetExpr::Query(query) => walk.query(query, goes_out),
            SetExpr::SetOperation { left, right, .. } => {
                walk.body(left, goes_out);
                walk.body(right, goes_out);
            }
            SetExpr::Table(table) => {
                if let Some(name) = &table.table_name {
                    let schema = table.schema_name.clone().unwrap_or_default();
                    walk.tables.push((schema, name.clone()));
                    walk.star |= goes_out;
                }
            }
            _ => {}
        });
    }

    fn select(&mut self, select: &Select, goes_out: bool) {
        for item in &select.projection {
            match item {
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                    self.star |= goes_out;
                }
                SelectItem::UnnamedExpr(expr)
                | SelectItem::ExprWithAlias { expr, .. }
                | SelectItem::ExprWithAliases { expr, .. } => self.inside(expr),
            }
        }
        for from in &select.from {
            self.from(from, goes_out);
        }
        for condition in [&select.selection, &select.having].into_iter().flatten() {
            self.condition(condition);
        }
    }

    /// Walks one item of FROM.
    pub fn from(&mut self, from: &TableWithJoins, goes_out: bool) {
        self.deeper(|walk| {
            walk.factor(&from.relation, goes_out);
            for join in &from.joins {
                walk.factor(&join.relation, goes_out);
                walk.join(&join.join_operator);
            }
        });
    }

    fn join(&mut self, operator: &JoinOperator) {
        let (JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint)) = operator
        else {
            return;
        };
        match constraint {
            JoinConstraint::On(condition) => self.condition(condition),
            JoinConstraint::Using(columns) => {
                for column in columns {
                    self.bound.push(Bound {
                        qualifier: None,
                        column: parts(column).1,
                        slot: None,
                        value: false,
                    });
                }
            }
            JoinConstraint::Natural | JoinConstraint::None => {}
        }
    }

    fn factor(&mut self, factor: &TableFactor, goes_out: bool) {
        match factor {
            TableFactor::Table {
                name, alias, args, ..
            } => match args {
                Some(args) => {
                    self.functions.push(parts(name).1);
                    self.arguments(&args.args);
                }
                None => self.table(name, alias.as_ref()),
            },
            TableFactor::Derived { subquery, .. } => self.query(subquery, goes_out),
            TableFactor::Function { name, args, .. } => {
                self.functions.push(parts(name).1);
                self.arguments(args);
            }
            TableFactor::TableFunction { expr, .. } => self.inside(expr),
            TableFactor::NestedJoin {
                table_with_joins, ..
            } => self.from(table_with_joins, goes_out),
            _ => {}
        }
    }

    /// Notes a table, unless it is a common table expression.
    pub fn table(&mut self, table: &ObjectName, alias: Option<&TableAlias>) {
        let (schema, bare) = parts(table);
        if schema.is_empty() && self.ctes.contains(&bare) {
            return;
        }
        if let Some(alias) = alias {
            self.aliases.insert(name(&alias.name), bare.clone());
        }
        self.aliases
            .entry(bare.clone())
            .or_insert_with(|| bare.clone());
        self.tables.push((schema, bare));
    }

    /// Walks a condition that every row must meet.
    pub fn condition(&mut self, condition: &Expr) {
        self.bound.extend(bound(condition));
        self.inside(condition);
    }

    /// Looks for subqueries and functions in an expression.
    pub fn inside(&mut self, expr: &Expr) {
        self.deeper(|walk| match expr {
            Expr::Subquery(query) => walk.query(query, false),
            Expr::Exists { subquery, .. } => walk.query(subquery, false),
            Expr::InSubquery { expr, subquery, .. } => {
                walk.inside(expr);
                walk.query(subquery, false);
            }
            Expr::BinaryOp { left, right, .. }
            | Expr::AnyOp { left, right, .. }
            | Expr::AllOp { left, right, .. } => {
                walk.inside(left);
                walk.inside(right);
            }
            Expr::Nested(inner)
            | Expr::UnaryOp { expr: inner, .. }
            | Expr::Cast { expr: inner, .. }
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner) => walk.inside(inner),
            Expr::InList { expr, list, .. } => {
                walk.inside(expr);
                for one in list {
                    walk.inside(one);
                }
            }
            Expr::Case {
                conditions,
                else_result,
                ..
            } => {
                for when in conditions {
                    walk.inside(&when.condition);
                    walk.inside(&when.result);
                }
                if let Some(other) = else_result {
                    walk.inside(other);
                }
            }
            Expr::Tuple(list) => {
                for one in list {
                    walk.inside(one);
                }
            }
            Expr::Array(array) => {
                for one in &array.elem {
                    walk.inside(one);
                }
            }
            Expr::Function(function) => walk.function(function),
            _ => {}
        });
    }

    fn function(&mut self, function: &Function) {
        self.functions.push(parts(&function.name).1);
        match &function.args {
            FunctionArguments::Subquery(query) => self.query(query, true),
            FunctionArguments::List(list) => self.arguments(&list.args),
            FunctionArguments::None => {}
        }
    }

    fn arguments(&mut self, arguments: &[FunctionArg]) {
        for argument in arguments {
            let (FunctionArg::Named { arg, .. }
            | FunctionArg::ExprNamed { arg, .. }
            | FunctionArg::Unnamed(arg)) = argument;
            if let FunctionArgExpr::Expr(expr) = arg {
                self.inside(expr);
            }
        }
    }
}
