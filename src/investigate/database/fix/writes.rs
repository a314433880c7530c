//! Drafts against what callers may write: the policy scoped as its neighbours
//! are, the one column taken away, or the kind of write denied.

use super::draft::{Draft, listed, named, to_roles};
use super::policy::grouped;
use crate::investigate::database::claim::{Claim, Opening};
use crate::investigate::database::idiom::Idioms;
use crate::investigate::database::snapshot::{Oid, PUBLIC, Policy, Relation};
use crate::investigate::database::survey::Survey;
use crate::investigate::database::writing::Act;
use crate::providers::postgres::ident;
use std::collections::{BTreeMap, BTreeSet};

/// Closes the writes that a claim about one policy tells.
pub fn close(survey: &Survey, idioms: &Idioms<'_>, claim: &Claim) -> Option<Draft> {
    let oid = claim.policy()?;
    let policy = survey.snapshot.policies.iter().find(|p| p.oid == oid)?;
    let relation = survey.relation(policy.relation)?;
    let mut draft = Draft::default();
    let rows: Vec<&Opening> = claim.writes.iter().filter(|w| w.column.is_none()).collect();
    if !rows.is_empty() {
        draft.add(of_others(survey, idioms, relation, policy, &rows));
    }
    draft.add(columns(survey, relation, claim));
    (!draft.is_empty()).then_some(draft)
}

/// Closes the columns whose values the policy leaves to the caller.
pub fn columns(survey: &Survey, relation: &Relation, claim: &Claim) -> Draft {
    let mut draft = Draft::default();
    let ways = claim.writes.iter().filter(|way| way.column.is_some());
    let (pinned, joined): (Vec<&Opening>, Vec<&Opening>) = ways.partition(|way| way.grant);
    if !pinned.is_empty() {
        draft.add(pin(survey, relation, &pinned));
    }
    if !joined.is_empty() {
        let decide = format!(
            "let rows of {} be added by a function that checks an invitation",
            relation.full_name()
        );
        draft.add(deny(survey, relation, &joined).deciding(decide));
    }
    draft
}

/// Rows of others: scoped where the house shows how, else denied.
fn of_others(
    survey: &Survey,
    idioms: &Idioms<'_>,
    relation: &Relation,
    policy: &Policy,
    ways: &[&Opening],
) -> Draft {
    let roles = roles(ways);
    let (groups, without) = grouped(idioms, survey, relation, &roles, policy.oid);
    let ([group], true) = (groups.as_slice(), without.is_empty()) else {
        let decide = format!(
            "say which rows of {} these roles write, and tie the policy to them",
            relation.full_name()
        );
        return deny(survey, relation, ways).deciding(decide);
    };
    let condition = &group.scope.condition;
    // What it already asks of new rows stays asked.
    let asked = policy.check.as_deref();
    let asked = asked.filter(|text| *text != "true" && Some(*text) != policy.using.as_deref());
    let new = asked.map_or_else(
        || condition.clone(),
        |text| format!("({text}) AND ({condition})"),
    );
    let sides = match policy.command.as_str() {
        "a" => format!("WITH CHECK ({new})"),
        "d" => format!("USING ({condition})"),
        _ => format!("USING ({condition}) WITH CHECK ({new})"),
    };
    let draft = Draft::because(format!("scoped {}", group.scope.from))
        .run(format!(
            "ALTER POLICY {} ON {} {sides}",
            ident(&policy.name),
            named(relation)
        ))
        .losing(format!(
            "{}: writing rows of {} that are not their own",
            listed(survey, &roles),
            relation.full_name()
        ));
    if !policy.reads() {
        return draft;
    }
    draft.losing(format!(
        "{}: reading rows of {} by this policy that are not their own",
        listed(survey, &roles),
        relation.full_name()
    ))
}

/// A column that gives power: changing it is taken away, changing the others
/// stays.
fn pin(survey: &Survey, relation: &Relation, ways: &[&Opening]) -> Draft {
    let given: BTreeSet<&str> = ways.iter().filter_map(|w| w.column.as_deref()).collect();
    let roles = roles(ways);
    let mut from = roles.clone();
    let writes = survey.snapshot.writes.iter();
    let of_table = writes.filter(|w| w.relation == relation.oid);
    let mut kept: BTreeMap<Oid, Vec<String>> = BTreeMap::new();
    for write in of_table {
        let whole = write.role == PUBLIC && !write.updates.none();
        let above = !roles.contains(&write.role)
            && roles.iter().any(|role| survey.roles.has(*role, write.role));
        if whole || above {
            from.push(write.role);
        }
        if roles.contains(&write.role) {
            let columns = relation.columns.iter().map(|c| c.name.as_str());
            let columns = columns.filter(|name| write.updates.has(name) && !given.contains(name));
            kept.entry(write.role)
                .or_default()
                .extend(columns.map(ident));
        }
    }
    from.sort_unstable();
    from.dedup();
    let table = named(relation);
    let names: Vec<&str> = given.into_iter().collect();
    let mut draft = Draft::because("a column grant leaves out what gives power".to_owned()).run(
        format!("REVOKE UPDATE ON {table} FROM {}", to_roles(survey, &from)),
    );
    for (role, columns) in kept.iter().filter(|(_, columns)| !columns.is_empty()) {
        draft = draft.run(format!(
            "GRANT UPDATE ({}) ON {table} TO {}",
            columns.join(", "),
            to_roles(survey, &[*role])
        ));
    }
    draft.losing(format!(
        "{}: changing {} of {}",
        listed(survey, &from),
        names.join(", "),
        relation.full_name()
    ))
}

/// The kinds of write denied to these roles, whatever else lets them.
fn deny(survey: &Survey, relation: &Relation, ways: &[&Opening]) -> Draft {
    let roles = roles(ways);
    let mut draft =
        Draft::because("nothing here shows which writes are meant, so none is let".to_owned());
    let acts: BTreeSet<Act> = ways.iter().map(|way| way.act).collect();
    for act in acts {
        let (word, condition) = match act {
            Act::Insert => ("INSERT", "WITH CHECK (false)"),
            Act::Update => ("UPDATE", "USING (false)"),
            Act::Delete => ("DELETE", "USING (false)"),
        };
        let name = format!("no {} by callers", word.to_lowercase());
        draft = draft
            .run(format!(
                "CREATE POLICY {} ON {} AS RESTRICTIVE FOR {word} TO {} {condition}",
                ident(&name),
                named(relation),
                to_roles(survey, &roles)
            ))
            .losing(format!(
                "{}: {word} on {}",
                listed(survey, &roles),
                relation.full_name()
            ));
    }
    draft
}

fn roles(ways: &[&Opening]) -> Vec<Oid> {
    let roles: BTreeSet<Oid> = ways.iter().map(|way| way.role).collect();
    roles.into_iter().collect()
}
