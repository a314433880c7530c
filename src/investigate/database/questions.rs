//! What the prober asks of each relation: the condition that makes a row one
//! the principal must not see, composed from quoted names alone.

use super::expression::{Node, Token, comparison, plain};
use super::principals::{Actor, Right};
use super::snapshot::{Oid, Relation};
use super::survey::{Access, Survey};
use super::token::word_of;
use crate::providers::postgres::{ProbeCell, ident, qualified};

/// Rows a sample aims at when a full look is too dear.
const SAMPLE_ROWS: f32 = 10_000.0;

/// One question about one relation.
#[derive(Debug)]
pub struct Question<'a> {
    pub relation: &'a Relation,
    pub ask: ProbeCell,
    /// How the predicate tells foreign rows; `None` when nothing does.
    pub tells: Option<Tells>,
    /// Pages a sample takes, and of how many; `None` if nobody counted them.
    pub pages: Option<(i64, i64)>,
}

/// What makes a row foreign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    Tenant,
    Parent,
    Owner,
}

/// What to ask of a relation as this actor; `None` if it may not read it.
pub fn question<'a>(
    survey: &'a Survey,
    actor: &Actor,
    relation: &'a Relation,
) -> Option<Question<'a>> {
    let access = survey.access(actor.role, relation.oid)?;
    let (predicate, tells) = predicate(survey, actor, relation, access);
    let mut ask = ProbeCell::new(&relation.schema, &relation.name);
    ask.predicate = predicate;
    ask.count = survey.sensitive(relation.oid);
    ask.sample = sample(survey, relation);
    let pages = pages(survey, relation);
    Some(Question {
        relation,
        ask,
        tells,
        pages,
    })
}

/// The percentage of pages that a sample aimed at a fixed number of rows
/// takes. Views and foreign tables have no pages to draw from.
pub fn sample(survey: &Survey, relation: &Relation) -> Option<f32> {
    #[expect(clippy::cast_precision_loss, reason = "an aim, not a count")]
    let rows = estimate(survey, relation, |r| r.rows)? as f32;
    let sampled = matches!(relation.kind.as_str(), "r" | "p" | "m");
    (sampled && rows > SAMPLE_ROWS).then(|| 100.0 * SAMPLE_ROWS / rows)
}

/// How many pages that sample takes, and of how many.
fn pages(survey: &Survey, relation: &Relation) -> Option<(i64, i64)> {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number")]
    let aim = SAMPLE_ROWS as i64;
    let rows = estimate(survey, relation, |r| r.rows)?;
    let pages = estimate(survey, relation, |r| r.pages)?;
    Some(((pages * aim / rows).clamp(1, pages), pages))
}

/// Sums what the planner knows of a table and those below it.
pub fn estimate(
    survey: &Survey,
    relation: &Relation,
    of: impl Fn(&Relation) -> Option<i64>,
) -> Option<i64> {
    let below = survey.below(relation.oid);
    let parts = below.iter().filter_map(|oid| survey.relation(*oid));
    // A partitioned table stores nothing; its own figure is the sum already.
    let own = Some(relation).filter(|r| r.kind != "p");
    let sum: i64 = own
        .into_iter()
        .chain(parts.filter(|r| r.kind != "p"))
        .filter_map(of)
        .sum();
    (sum > 0).then_some(sum)
}

/// What a sample without a visible row supports, as a sentence's part.
pub fn sampled(pages: Option<(i64, i64)>) -> String {
    match pages {
        Some((n, all)) if n > 3 => format!(
            "a sample of about {n} of {all} pages showed no row: fewer than 3 in {n} pages hold one (95 %)"
        ),
        Some((n, all)) => {
            format!("a sample of about {n} of {all} pages showed no row, too few to say more")
        }
        None => {
            "a sample of its pages showed no row; how many pages it has is not known".to_owned()
        }
    }
}

/// The rows of a relation that this actor must not see; `None` when it must
/// see none at all.
pub fn foreign_rows(survey: &Survey, actor: &Actor, relation: &Relation) -> Option<String> {
    let access = survey.access(actor.role, relation.oid)?;
    predicate(survey, actor, relation, access).0
}

/// The condition under which a row is one this actor must not see.
fn predicate(
    survey: &Survey,
    actor: &Actor,
    relation: &Relation,
    access: &Access,
) -> (Option<String>, Option<Tells>) {
    let readable = |column: &str| match access {
        Access::Whole => true,
        Access::Columns(columns) => columns.iter().any(|own| own == column),
    };
    let table = qualified(&relation.schema, &relation.name);
    let own = "ARRAY(SELECT jsonb_array_elements_text(current_setting('firsthour.own')::jsonb))";
    let tenant = survey
        .tenant(relation.oid)
        .filter(|column| readable(column));
    let owner = survey.owner(relation.oid).filter(|column| readable(column));
    let named = login_column(survey, actor.role, relation).filter(|column| readable(column));
    match (actor.right, tenant) {
        (Right::Everything, _) => (None, None),
        (_, _) if named.is_some() => (
            named.map(|column| format!("{}::text <> current_user", ident(column))),
            named.map(|_| Tells::Tenant),
        ),
        (Right::Nothing, _) => {
            let column = tenant.or(owner);
            (
                column.map(|column| format!("{} IS NOT NULL", ident(column))),
                column.map(|_| Tells::Tenant),
            )
        }
        (Right::OwnTenant, Some(column)) => (
            Some(format!("{}::text <> ALL ({own})", ident(column))),
            Some(Tells::Tenant),
        ),
        (Right::OwnTenant, None) => {
            if let Some(text) = parentless(survey, actor.role, relation, &table)
                .filter(|_| readable_key(survey, relation, &readable))
            {
                return (Some(text), Some(Tells::Parent));
            }
            let column = owner.map(|column| {
                format!(
                    "{}::text <> current_setting('firsthour.sub')",
                    ident(column)
                )
            });
            let tells = column.as_ref().map(|_| Tells::Owner);
            (column, tells)
        }
    }
}

/// The column that policies compare with the name of the login: where each
/// tenant or user has a login of its own, its rows carry that name.
fn login_column<'a>(survey: &Survey, role: Oid, relation: &'a Relation) -> Option<&'a str> {
    let login = survey.roles.get(role).is_some_and(|role| role.login);
    let policies = survey.policies_for(role, relation.oid).filter(|_| login);
    policies
        .filter(|read| read.policy.permissive)
        .find_map(|read| compared_with_login(&read.text.node, relation))
}

fn compared_with_login<'a>(node: &Node, relation: &'a Relation) -> Option<&'a str> {
    let atom = match node {
        Node::Or(parts) | Node::And(parts) => {
            return parts
                .iter()
                .find_map(|part| compared_with_login(part, relation));
        }
        Node::Not(_) => return None,
        Node::Atom(atom) => plain(atom),
    };
    let (left, operator, right) = comparison(&atom)?;
    let named = |side: &[Token]| match side {
        [Token::Word(word)] => {
            let mut columns = relation.columns.iter();
            columns.find(|column| word_of(&column.name) == *word)
        }
        _ => None,
    };
    let login = |side: &[Token]| matches!(side, [Token::Word(word)] if matches!(word.as_str(), "current_user" | "current_role" | "user"));
    let column = match (login(left), login(right)) {
        (false, true) => named(left),
        (true, false) => named(right),
        _ => None,
    };
    column
        .filter(|_| operator == "=")
        .map(|column| column.name.as_str())
}

fn readable_key(survey: &Survey, relation: &Relation, readable: &impl Fn(&str) -> bool) -> bool {
    survey
        .kin_key(relation.oid)
        .is_some_and(|key| key.child_columns.iter().all(|column| readable(column)))
}

/// Rows whose guarded parent the caller cannot see: a foreign key promises
/// that the parent exists, so it belongs to somebody else.
fn parentless(survey: &Survey, role: Oid, relation: &Relation, table: &str) -> Option<String> {
    let key = survey.kin_key(relation.oid)?;
    let parent = survey.relation(key.parent)?;
    survey.access(role, parent.oid)?;
    let ([child], [target]) = (&key.child_columns[..], &key.parent_columns[..]) else {
        return None;
    };
    let column = format!("{table}.{}", ident(child));
    Some(format!(
        "{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {} fh_parent WHERE fh_parent.{} = {column})",
        qualified(&parent.schema, &parent.name),
        ident(target)
    ))
}

#[cfg(test)]
mod tests {
    use super::super::expression::{parse, tokens};
    use super::super::snapshot::Column;
    use super::*;

    #[test]
    fn rows_of_a_login_carry_its_name() {
        let column = |name: &str| Column {
            num: 1,
            name: name.to_owned(),
            kind: "text".to_owned(),
            ..Column::default()
        };
        let relation = Relation {
            columns: vec![column("id"), column("tenant")],
            ..Relation::default()
        };
        let found = |text: &str| compared_with_login(&parse(&tokens(text)), &relation);
        assert_eq!(found("(tenant = CURRENT_USER)"), Some("tenant"));
        assert_eq!(
            found("((id > 3) AND ((CURRENT_USER)::text = tenant))"),
            Some("tenant")
        );
        assert_eq!(found("(tenant <> CURRENT_USER)"), None);
        assert_eq!(found("(CURRENT_USER = 'app'::name)"), None);
        assert_eq!(found("(tenant = SESSION_USER)"), None);
    }
}
