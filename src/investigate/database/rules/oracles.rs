//! What answers without showing a row: keys that tell whether a value exists
//! (D17), and statistics that keep some of the values (D18).

use crate::domain::exposure::ColumnClass;
use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::audience::is_outside;
use crate::investigate::database::claim::Claim;
use crate::investigate::database::snapshot::{Key, Oid, PUBLIC, Relation};
use crate::investigate::database::survey::Survey;

/// Looks at the keys of tables that strangers may write to: one claim a table.
pub fn existence(survey: &Survey) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    for key in &survey.snapshot.keys {
        let Some(claim) = on_key(survey, key) else {
            continue;
        };
        match claims
            .iter_mut()
            .find(|known| known.subject == claim.subject)
        {
            Some(known) => known.evidence.extend(claim.evidence),
            None => claims.push(claim),
        }
    }
    claims
}

fn on_key(survey: &Survey, key: &Key) -> Option<Claim> {
    let (written, asked) = (survey.relation(key.relation)?, survey.relation(key.asked)?);
    let guessed: Vec<&str> = survey
        .classes(key.asked)
        .filter(|(name, class)| guessable(*class) && key.asked_columns.iter().any(|c| c == name))
        .map(|(name, _)| name)
        .collect();
    // A key that holds the tenant or the owner only answers about one's own.
    let own = [survey.tenant(key.asked), survey.owner(key.asked)];
    let scoped = key
        .asked_columns
        .iter()
        .any(|column| own.contains(&Some(column.as_str())));
    if guessed.is_empty() || scoped {
        return None;
    }
    let roles: Vec<Oid> = key
        .writers
        .iter()
        .copied()
        .filter(|role| *role == PUBLIC || is_outside(survey, *role))
        .filter(|role| writes(survey, *role, written) && !survey.skips(*role, asked))
        .collect();
    if roles.is_empty() {
        return None;
    }
    let name = written.full_name();
    let columns = guessed.join(", ");
    let how = if key.relation == key.asked {
        format!("unique over all tenants: {columns}")
    } else {
        format!("foreign key to {} over {columns}", asked.full_name())
    };
    let who: Vec<&str> = roles.iter().map(|role| survey.roles.name(*role)).collect();
    Some(
        Claim::about("D17", Severity::Low, SubjectKind::Table, &name)
            .titled(format!(
                "{name} tells whoever writes to it whether a value exists for others"
            ))
            .shown_by("key", &how)
            .shown_by("may be tried by", &who.join(", "))
            .hinted(format!(
                "add the tenant to the key of {name}, or answer the error without saying which value it was"
            ))
            .for_roles(roles),
    )
}

/// Values that somebody else can guess and that say something about a person.
fn guessable(class: ColumnClass) -> bool {
    matches!(
        class,
        ColumnClass::Email
            | ColumnClass::Phone
            | ColumnClass::Name
            | ColumnClass::Address
            | ColumnClass::Invoice
    )
}

/// Whether a policy lets the role write here at all.
fn writes(survey: &Survey, role: Oid, relation: &Relation) -> bool {
    survey.skips(role, relation)
        || survey.policies(relation.oid).iter().any(|read| {
            read.policy.permissive
                && matches!(read.policy.command.as_str(), "a" | "w" | "*")
                && read
                    .policy
                    .roles
                    .iter()
                    .any(|to| survey.roles.has(role, *to))
        })
}

/// For each readable copy without row security: the statistics hold values of
/// it too. Row security would hide them from these roles.
pub fn samples(survey: &Survey, claims: &[Claim]) -> Vec<Claim> {
    claims
        .iter()
        .filter(|claim| claim.check == "G08" && claim.severity >= Severity::Medium)
        .flat_map(|claim| &claim.relations)
        .filter_map(|oid| survey.relation(*oid))
        .filter(|relation| relation.rows.is_some_and(|rows| rows > 0))
        .map(|relation| {
            let name = relation.full_name();
            Claim::about("D18", Severity::Low, SubjectKind::Table, &name)
                .titled(format!("statistics about {name} show some of its values"))
                .shown_by("where", "pg_stats, to every role that may read a column")
                .hinted(format!(
                    "revoke SELECT on {name}: that closes its statistics with it"
                ))
        })
        .collect()
}
