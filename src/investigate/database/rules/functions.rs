//! Doors that are functions: SECURITY DEFINER code that hands out rows to
//! whoever may call it (D06, D07). Judged by text; never called.

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::audience::{any_anonymous, is_outside};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::classes;
use crate::investigate::database::expression::{Token, tokens};
use crate::investigate::database::helpers::{Helper, calls};
use crate::investigate::database::rules::doors::open_to;
use crate::investigate::database::scope::body_narrows;
use crate::investigate::database::snapshot::{Column, Function, Oid, PUBLIC, Relation};
use crate::investigate::database::survey::Survey;
use std::collections::{BTreeSet, HashMap};

/// How many calls deep rows are followed to the table they come from.
const DEPTH: usize = 3;

/// Looks at every security definer function a stranger may call.
pub fn definers(survey: &Survey) -> Vec<Claim> {
    let mut names: HashMap<&str, Vec<Oid>> = HashMap::new();
    for relation in &survey.snapshot.relations {
        names
            .entry(relation.name.as_str())
            .or_default()
            .push(relation.oid);
    }
    survey
        .snapshot
        .functions
        .iter()
        .filter(|function| function.definer && !function.extension)
        .filter_map(|function| on_function(survey, &names, function))
        .collect()
}

fn on_function(
    survey: &Survey,
    names: &HashMap<&str, Vec<Oid>>,
    function: &Function,
) -> Option<Claim> {
    let mut roles: Vec<Oid> = survey
        .callers(function.oid)
        .filter(|role| *role != PUBLIC && is_outside(survey, *role))
        .collect();
    if roles.is_empty() {
        roles = survey
            .callers(function.oid)
            .filter(|role| *role == PUBLIC)
            .collect();
    }
    let helper = survey.helpers.get(function.oid)?;
    if roles.is_empty()
        || !helper.readable
        || matches!(function.returns.as_str(), "trigger" | "event_trigger")
    {
        return None;
    }
    let dynamic = runs_text(helper);
    let run = spelled_out(helper);
    let narrowed = body_narrows(&survey.helpers, helper) || survey.helpers.identity_in(&run.body);
    let asked = Asked {
        survey,
        names,
        roles: &roles,
        owner: function.owner,
    };
    let mut read = asked.protected(helper, DEPTH);
    read.extend(asked.protected(&run, 0));
    if !dynamic && (narrowed || !hands_out(function) || read.is_empty()) {
        return None;
    }
    Some(claim(survey, function, helper, roles, &read, dynamic))
}

fn claim(
    survey: &Survey,
    function: &Function,
    helper: &Helper,
    roles: Vec<Oid>,
    read: &BTreeSet<Oid>,
    dynamic: bool,
) -> Claim {
    let name = function.full_name();
    let (id, severity, title) = if dynamic {
        let title = format!("{name} runs text it is given with its owner's rights");
        ("D07", Severity::Critical, title)
    } else {
        let title = format!("{name} hands out rows past the policies");
        ("D06", rows_severity(function, helper), title)
    };
    let named = read.iter().filter_map(|oid| survey.relation(*oid));
    let tables: Vec<String> = named.map(Relation::full_name).collect();
    let who = if any_anonymous(survey, &roles) {
        "callers who did not sign in"
    } else {
        "every caller"
    };
    let callers: Vec<&str> = roles.iter().map(|role| survey.roles.name(*role)).collect();
    Claim::about(id, severity, SubjectKind::Function, &name)
        .of(function.oid)
        .titled(title)
        .shown_by("reads", &tables.join(", "))
        .shown_by(
            "may be called by",
            &format!("{} ({who})", callers.join(", ")),
        )
        .shown_by(
            "proof",
            "not tried: firsthour never calls functions of the database",
        )
        .for_roles(roles)
        .hinted(format!(
            "revoke EXECUTE on function {name} from PUBLIC and from these roles"
        ))
}

/// Whether the result carries rows or text, as against a yes, no or number.
fn hands_out(function: &Function) -> bool {
    let wide = [
        "json",
        "jsonb",
        "record",
        "refcursor",
        "text",
        "varchar",
        "xml",
        "_text",
        "_json",
        "_jsonb",
        "hstore",
    ];
    let narrow = [
        "bool",
        "void",
        "int2",
        "int4",
        "int8",
        "numeric",
        "uuid",
        "float8",
        "timestamptz",
        "date",
    ];
    function.return_kind == "c"
        || wide.contains(&function.returns.as_str())
        || (function.returns_set && !narrow.contains(&function.returns.as_str()))
}

/// A look-up by an unguessable token, or one that returns public columns, is
/// how sharing is built; it is told, not accused.
fn rows_severity(function: &Function, helper: &Helper) -> Severity {
    let names: Vec<&String> = function.names.iter().flatten().collect();
    let inputs = usize::try_from(function.arguments).unwrap_or_default();
    let outputs = names.get(inputs..).unwrap_or_default();
    let harmless = !outputs.is_empty()
        && outputs.iter().all(|name| {
            classes::harmless(&Column {
                num: 0,
                name: (*name).clone(),
                kind: "text".to_owned(),
                ..Column::default()
            })
        });
    let by_token = helper.body.iter().any(|token| {
        matches!(token, Token::Word(word) if word.ends_with("token") || word.ends_with("secret") || word.ends_with("_hash"))
    });
    let counts =
        calls(&helper.body).iter().any(|(name, _)| name == "count") && !function.returns_set;
    if harmless || (by_token && helper.uses_arguments) || counts {
        Severity::Low
    } else {
        Severity::High
    }
}

/// PL/pgSQL that executes text built from its arguments, without a fixed
/// list to choose from.
fn runs_text(helper: &Helper) -> bool {
    let executes = helper
        .body
        .iter()
        .position(|token| token.is_word("execute"));
    let Some(at) = executes else { return false };
    let statement: Vec<&Token> = helper.body[at..]
        .iter()
        .take_while(|token| !token.is_sign(";"))
        .collect();
    let given = statement.iter().any(
        |token| matches!(token, Token::Word(w) | Token::Number(w) if helper.arguments.contains(w)),
    );
    let using = statement.iter().position(|token| token.is_word("using"));
    let only_bound = using.is_some_and(|using| {
        !statement[..using]
            .iter()
            .any(|t| matches!(t, Token::Word(w) | Token::Number(w) if helper.arguments.contains(w)))
    });
    let listed = helper.body[..at].windows(2).any(|w| {
        (w[0].is_word("in") || w[0].is_word("any") || w[0].is_word("all")) && w[1].is_sign("(")
    });
    given && !only_bound && !listed
}

/// What the body runs as text and has written out itself, read as a body.
fn spelled_out(helper: &Helper) -> Helper {
    let mut body = Vec::new();
    for (at, _) in helper
        .body
        .iter()
        .enumerate()
        .filter(|(_, t)| t.is_word("execute"))
    {
        for token in helper.body[at..].iter().take_while(|t| !t.is_sign(";")) {
            if let Token::Text(text) = token {
                body.extend(tokens(text));
            }
        }
    }
    Helper {
        body,
        ..Helper::default()
    }
}

/// Who reads through a function: its callers, with its owner's rights.
#[derive(Debug)]
struct Asked<'a> {
    survey: &'a Survey,
    names: &'a HashMap<&'a str, Vec<Oid>>,
    roles: &'a [Oid],
    owner: Oid,
}

impl Asked<'_> {
    /// Whether policies bind the owner as well, and keep rows from it.
    fn owner_bound(&self, relation: &Relation) -> bool {
        let known = self.survey.roles.get(self.owner).is_some();
        known
            && relation.rls
            && !self.survey.skips(self.owner, relation)
            && !open_to(self.survey, self.owner, relation)
    }

    /// Sensitive tables the body names and the callers cannot read in full.
    fn protected(&self, helper: &Helper, depth: usize) -> BTreeSet<Oid> {
        let survey = self.survey;
        let mut found = BTreeSet::new();
        // What it calls runs with the same rights or more: rows that another
        // function hands out to it without asking who calls are handed on.
        for (name, _) in calls(&helper.body) {
            for oid in survey.helpers.named(&name) {
                let (Some(inner), Some(function)) =
                    (survey.helpers.get(*oid), survey.function(*oid))
                else {
                    continue;
                };
                if depth > 0 && hands_out(function) && !body_narrows(&survey.helpers, inner) {
                    let owner = if function.definer {
                        function.owner
                    } else {
                        self.owner
                    };
                    let inside = Asked { owner, ..*self };
                    found.extend(inside.protected(inner, depth - 1));
                }
            }
        }
        // It may set for itself what the owner's policies ask.
        let sets = calls(&helper.body).iter().any(|(name, open)| {
            let setting = helper.body.get(open + 1);
            name.ends_with("set_config")
                && matches!(setting, Some(Token::Text(text)) if text.contains('.'))
        });
        for (i, token) in helper.body.iter().enumerate() {
            let Token::Word(word) = token else { continue };
            if !follows_from(&helper.body, i) {
                continue;
            }
            for oid in self.names.get(word.as_str()).into_iter().flatten() {
                let unbound = |r: &&Relation| sets || !self.owner_bound(r);
                let Some(relation) = survey.relation(*oid).filter(unbound) else {
                    continue;
                };
                let kept = self.roles.iter().any(|role| {
                    survey.access(*role, *oid).is_none() || !survey.skips(*role, relation)
                });
                if kept && survey.sensitive(*oid) {
                    found.insert(*oid);
                }
            }
        }
        found
    }
}

/// Whether the word at `i` names a table: it follows FROM, JOIN, UPDATE, INTO
/// or a comma, itself or through its schema.
fn follows_from(body: &[Token], i: usize) -> bool {
    let start = if i >= 2 && body[i - 1].is_sign(".") {
        i - 2
    } else {
        i
    };
    start > 0
        && (["from", "join", "update", "table", "only"]
            .iter()
            .any(|word| body[start - 1].is_word(word))
            || body[start - 1].is_sign(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_run_is_read_as_a_body() {
        let helper = |body: &str| Helper {
            body: tokens(body),
            ..Helper::default()
        };
        let run = spelled_out(&helper(
            "begin return query execute 'select * from a.b'; end",
        ));
        assert!(run.body.iter().any(|token| token.is_word("b")));
        let told = spelled_out(&helper("begin raise notice 'select * from a.b'; end"));
        assert!(told.body.is_empty());
    }
}
