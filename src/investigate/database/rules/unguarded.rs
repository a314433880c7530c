//! What callers may write where no policy is asked: tables without row
//! security that they may change or empty and not read. P23. Those they may
//! read as well are told by the rules about grants.

use crate::domain::finding::Severity;
use crate::investigate::database::audience::is_outside;
use crate::investigate::database::claim::Claim;
use crate::investigate::database::snapshot::{Oid, PUBLIC, Relation, Write};
use crate::investigate::database::survey::Survey;
use std::collections::BTreeMap;

/// Looks at every table without row security that somebody outside may write.
pub fn writes(survey: &Survey) -> Vec<Claim> {
    let mut open: BTreeMap<Oid, Vec<&Write>> = BTreeMap::new();
    for write in &survey.snapshot.writes {
        let changes = write.deletes || !write.updates.none();
        if changes && write.role != PUBLIC && is_outside(survey, write.role) {
            open.entry(write.relation).or_default().push(write);
        }
    }
    let open = open.into_iter();
    open.filter_map(|(oid, writes)| on_table(survey, survey.relation(oid)?, &writes))
        .collect()
}

fn on_table(survey: &Survey, relation: &Relation, writes: &[&Write]) -> Option<Claim> {
    let bare = relation.is_table() && !relation.rls && !relation.extension;
    let blind = |write: &&&Write| {
        let access = survey.access(write.role, relation.oid);
        access.is_none_or(|access| !survey.sensitive_in(relation.oid, access))
    };
    let writes: Vec<&&Write> = writes.iter().filter(blind).collect();
    if !bare || writes.is_empty() || !survey.sensitive(relation.oid) {
        return None;
    }
    let name = relation.full_name();
    let may = |act: &str, of: &dyn Fn(&Write) -> bool| {
        let able = writes.iter().filter(|write| of(write));
        let roles: Vec<&str> = able.map(|write| survey.roles.name(write.role)).collect();
        (!roles.is_empty()).then(|| format!("{} may {act} every row", roles.join(", ")))
    };
    let told = [
        may("change", &|write| !write.updates.none()),
        may("delete", &|write| write.deletes),
    ];
    let mut claim = Claim::on("P23", Severity::High, relation)
        .titled(format!(
            "{name} may be written by callers who may not read it, and row security is off"
        ))
        .for_roles(writes.iter().map(|write| write.role).collect())
        .shown_by("row security", "off")
        .shown_by("not proven", "nothing is written to find out")
        .hinted(format!(
            "revoke UPDATE and DELETE on {name}, or enable row security with a policy that names the caller"
        ));
    for line in told.into_iter().flatten() {
        claim = claim.shown_by("write", &line);
    }
    claim.relations.clear();
    Some(claim)
}
