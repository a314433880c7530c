//! Which columns a condition binds: comparisons that hold for every row that
//! comes through, so both sides of AND, but of OR only what both sides bind.
//! A leaf.

use sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr};
use sqlparser::ast::{FunctionArguments, Ident, Value};

/// Deeper conditions are not looked into: their facts stay unknown.
const DEEPEST: usize = 400;

/// A column that is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The table's name or alias as written before the column.
    pub qualifier: Option<String>,
    pub column: String,
    /// Which `$n` of the numbered shape it is compared with.
    pub slot: Option<usize>,
    /// Compared with a value, not with another column.
    pub value: bool,
}

/// A name as Postgres folds it.
pub fn name(ident: &Ident) -> String {
    if ident.quote_style.is_some() {
        ident.value.clone()
    } else {
        ident.value.to_ascii_lowercase()
    }
}

/// What the condition binds.
pub fn bound(condition: &Expr) -> Vec<Bound> {
    let mut all = Vec::new();
    collect(condition, 0, &mut all);
    all
}

fn collect(condition: &Expr, depth: usize, all: &mut Vec<Bound>) {
    if depth > DEEPEST {
        return;
    }
    match condition {
        Expr::Nested(inner) => collect(inner, depth + 1, all),
        Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::And => {
                collect(left, depth + 1, all);
                collect(right, depth + 1, all);
            }
            BinaryOperator::Or => either(left, right, depth, all),
            BinaryOperator::Eq => equal(left, right, all),
            _ => {}
        },
        Expr::IsNotDistinctFrom(left, right) => equal(left, right, all),
        Expr::InList {
            expr,
            list,
            negated: false,
        } => {
            let slot = match list.as_slice() {
                [one] => slot(one),
                _ => None,
            };
            let value = list.iter().all(|one| column(one).is_none());
            push(expr, slot, value, all);
        }
        Expr::InSubquery {
            expr,
            negated: false,
            ..
        } => push(expr, None, true, all),
        Expr::AnyOp {
            left,
            compare_op: BinaryOperator::Eq,
            right,
            ..
        } => push(left, slot(right), column(right).is_none(), all),
        _ => {}
    }
}

/// Of an OR what both sides bind; the value is known only where it is one.
fn either(left: &Expr, right: &Expr, depth: usize, all: &mut Vec<Bound>) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    collect(left, depth + 1, &mut ours);
    collect(right, depth + 1, &mut theirs);
    for mut one in ours {
        let same = theirs
            .iter()
            .find(|other| (&other.qualifier, &other.column) == (&one.qualifier, &one.column));
        if let Some(other) = same {
            one.slot = None;
            one.value &= other.value;
            all.push(one);
        }
    }
}

fn equal(left: &Expr, right: &Expr, all: &mut Vec<Bound>) {
    if let (Expr::Tuple(left), Expr::Tuple(right)) = (left, right) {
        for (left, right) in left.iter().zip(right) {
            equal(left, right, all);
        }
        return;
    }
    let (is_left, is_right) = (column(left).is_some(), column(right).is_some());
    if is_left {
        push(left, slot(right), !is_right, all);
    }
    if is_right {
        push(right, slot(left), !is_left, all);
    }
}

fn push(expr: &Expr, slot: Option<usize>, value: bool, all: &mut Vec<Bound>) {
    if let Some((qualifier, column)) = column(expr) {
        all.push(Bound {
            qualifier,
            column,
            slot,
            value,
        });
    }
}

/// The column an expression is, casts and parentheses aside.
pub fn column(expr: &Expr) -> Option<(Option<String>, String)> {
    match expr {
        Expr::Identifier(ident) => Some((None, name(ident))),
        Expr::CompoundIdentifier(parts) => {
            let (last, before) = parts.split_last()?;
            Some((before.last().map(name), name(last)))
        }
        Expr::Nested(inner)
        | Expr::Cast { expr: inner, .. }
        | Expr::Collate { expr: inner, .. } => column(inner),
        Expr::Function(function) => case_folded(function),
        _ => None,
    }
}

/// The column in `lower(column)`.
fn case_folded(function: &Function) -> Option<(Option<String>, String)> {
    let called = function.name.0.last()?.as_ident().map(name)?;
    if !matches!(called.as_str(), "lower" | "upper" | "trim") {
        return None;
    }
    match &function.args {
        FunctionArguments::List(list) => match list.args.as_slice() {
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(inner))] => column(inner),
            _ => None,
        },
        _ => None,
    }
}

/// Which `$n` of the numbered shape an expression is, from zero.
pub fn slot(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Placeholder(mark) => mark
                .strip_prefix('$')?
                .parse::<usize>()
                .ok()?
                .checked_sub(1),
            _ => None,
        },
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => slot(inner),
        Expr::TypedString(typed) => match &typed.value.value {
            Value::Placeholder(mark) => mark
                .strip_prefix('$')?
                .parse::<usize>()
                .ok()?
                .checked_sub(1),
            _ => None,
        },
        _ => None,
    }
}
