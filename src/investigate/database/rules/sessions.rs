//! Functions that leave the tenant behind in the session (D10): behind a
//! transaction pooler the next client on that connection inherits it.

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::claim::{Claim, some_of};
use crate::investigate::database::expression::{Token, closing, tokens};
use crate::investigate::database::helpers::calls;
use crate::investigate::database::snapshot::{Function, Oid, Relation};
use crate::investigate::database::survey::Survey;
use std::collections::{BTreeMap, BTreeSet};

/// How many helpers deep policies are followed to the settings they read.
const DEPTH: usize = 3;

/// Looks at every function whose body can be read.
pub fn kept_tenants(survey: &Survey) -> Vec<Claim> {
    let trusted = trusted_settings(survey);
    if trusted.is_empty() {
        return Vec::new();
    }
    let functions = survey.snapshot.functions.iter();
    let by_function = functions
        .filter(|function| !function.extension)
        .filter_map(|function| on_function(survey, &trusted, function));
    let statements = survey.snapshot.ways.kept.iter();
    let by_statement = statements.filter_map(|kept| {
        let name = kept
            .name
            .as_ref()
            .filter(|name| trusted.contains_key(*name))?;
        Some(by_statements(survey, name, kept.calls, &trusted[name]))
    });
    by_function.chain(by_statement).collect()
}

/// Statements of clients leave less of a trace than a function: whether they
/// share connections is not known here.
fn by_statements(survey: &Survey, setting: &str, calls: i64, guarded: &BTreeSet<Oid>) -> Claim {
    Claim::about("D10", Severity::Medium, SubjectKind::Setting, setting)
        .titled(format!("clients set {setting} for whole sessions"))
        .shown_by("statements counted", &calls.to_string())
        .shown_by("policies that trust it", &tables(survey, guarded))
        .shown_by("not a leak when", HARMLESS)
        .hinted(format!(
            "set {setting} inside the transaction, with SET LOCAL or set_config(.., .., true)"
        ))
}

const HARMLESS: &str =
    "every request has a connection of its own, or the pooler works in session mode";

fn tables(survey: &Survey, guarded: &BTreeSet<Oid>) -> String {
    let relations = guarded.iter().filter_map(|oid| survey.relation(*oid));
    some_of(&relations.map(Relation::full_name).collect::<Vec<_>>())
}

fn on_function(
    survey: &Survey,
    trusted: &BTreeMap<String, BTreeSet<Oid>>,
    function: &Function,
) -> Option<Claim> {
    let body = &survey.helpers.get(function.oid)?.body;
    let setting = kept(body)
        .into_iter()
        .find(|name| trusted.contains_key(name))?;
    let name = function.full_name();
    Some(
        Claim::about("D10", Severity::High, SubjectKind::Function, &name)
            .titled(format!("{name} sets {setting} for the whole session"))
            .shown_by(
                "policies that trust it",
                &tables(survey, &trusted[&setting]),
            )
            .shown_by("not a leak when", HARMLESS)
            .hinted(format!(
                "pass true as the third argument of set_config in {name}, or use SET LOCAL"
            )),
    )
}

/// The dotted settings that policies read, by themselves or through their
/// helpers, and the relations they guard.
pub fn trusted_settings(survey: &Survey) -> BTreeMap<String, BTreeSet<Oid>> {
    let mut found: BTreeMap<String, BTreeSet<Oid>> = BTreeMap::new();
    for relation in &survey.snapshot.relations {
        for read in survey.policies(relation.oid) {
            let mut names = BTreeSet::new();
            collect(survey, &read.text.tokens, DEPTH, &mut names);
            for name in names {
                found.entry(name).or_default().insert(relation.oid);
            }
        }
    }
    found
}

fn collect(survey: &Survey, text: &[Token], depth: usize, names: &mut BTreeSet<String>) {
    for (called, open) in calls(text) {
        if called.ends_with("current_setting") {
            if let Some(Token::Text(name)) = text.get(open + 1)
                && name.contains('.')
            {
                names.insert(name.to_lowercase());
            }
        } else if depth > 0 {
            for helper in survey.helpers.named(&called) {
                if let Some(helper) = survey.helpers.get(*helper) {
                    collect(survey, &helper.body, depth - 1, names);
                }
            }
        }
    }
}

/// The settings a body leaves in the session, in lower case.
fn kept(body: &[Token]) -> Vec<String> {
    let mut found = Vec::new();
    for (called, open) in calls(body) {
        if called.ends_with("set_config")
            && let Some(end) = closing(body, open)
        {
            found.extend(kept_by_call(&body[open + 1..end]));
        }
    }
    for (i, token) in body.iter().enumerate() {
        match token {
            Token::Word(word) if word == "set" && starts_statement(body, i) => {
                found.extend(kept_by_set(&body[i + 1..]));
            }
            // Text that is run: EXECUTE 'SET app.x ..'.
            Token::Text(text) => {
                let inner = tokens(text);
                if inner.first().is_some_and(|first| first.is_word("set")) {
                    found.extend(kept_by_set(&inner[1..]));
                }
            }
            _ => {}
        }
    }
    found
}

/// `set_config(name, value, false)`; an empty value takes it away again.
fn kept_by_call(arguments: &[Token]) -> Option<String> {
    let parts = by_comma(arguments);
    let [[.., Token::Text(name)], value, local] = parts.as_slice() else {
        return None;
    };
    let stays = local.last().is_some_and(|last| last.is_word("false"));
    let emptied = matches!(value, [Token::Text(text)] if text.is_empty())
        || value.last().is_some_and(|last| last.is_word("null"));
    (stays && !emptied).then(|| name.to_lowercase())
}

/// `SET [SESSION] name.part = ..`, without its first word.
fn kept_by_set(rest: &[Token]) -> Option<String> {
    let rest = rest
        .strip_prefix(&[Token::Word("session".to_owned())])
        .unwrap_or(rest);
    let [
        Token::Word(space),
        dot,
        Token::Word(name),
        assign,
        value,
        ..,
    ] = rest
    else {
        return None;
    };
    let assigns = assign.is_sign("=") || assign.is_word("to");
    (dot.is_sign(".") && assigns && !value.is_word("default")).then(|| format!("{space}.{name}"))
}

fn by_comma(arguments: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0_i32;
    arguments
        .split(|token| {
            depth += i32::from(token.is_sign("(")) - i32::from(token.is_sign(")"));
            depth == 0 && token.is_sign(",")
        })
        .collect()
}

fn starts_statement(body: &[Token], at: usize) -> bool {
    at == 0
        || body[at - 1].is_sign(";")
        || ["begin", "then", "else", "loop"]
            .iter()
            .any(|word| body[at - 1].is_word(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_outlives_the_transaction_is_told_from_what_does_not() {
        let left = |text: &str| kept(&tokens(text));
        for stays in [
            "select set_config('app.org_id', $1, false)",
            "begin perform pg_catalog.set_config('App.Org_id', org::text, is_local => false); end",
            "begin set app.org_id = '1'; end",
            "begin set session app.org_id to '1'; end",
            "begin execute format('SET app.org_id = %L', org); end",
        ] {
            assert_eq!(left(stays), ["app.org_id"], "{stays}");
        }
        for gone in [
            "select set_config('app.org_id', $1, true)",
            "select set_config('app.org_id', '', false)",
            "begin set local app.org_id = '1'; end",
            "begin set app.org_id to default; end",
            "update t set app = false",
            "begin execute 'set local app.org_id = 1'; end",
            "select set_config('app.org_id', $1, $2)",
        ] {
            assert!(left(gone).is_empty(), "{gone}");
        }
    }
}
