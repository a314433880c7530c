//! Taking the right to read a relation and what hangs below it.

use super::told::{SPEC, affected, rights_told};
use crate::contain::action::{PlanRequest, Relation, Watched};
use crate::contain::restrict::acl::{self, Cut, Effect};
use crate::contain::restrict::grant::Grant;
use crate::contain::restrict::paths::{self, Around};
use crate::contain::restrict::record::{
    AFTER, BEFORE, PRINCIPAL, RELATION, kept, no_plan, recordable,
};
use crate::contain::restrict::relations::{Family, able};
use crate::contain::restrict::{reading, rights};
use crate::domain::action::Plan;
use crate::domain::exposure::Cell;
use crate::domain::failure::Failure;
use crate::domain::finding::{Evidence, Subject};
use crate::domain::untrusted::visible;
use crate::providers::postgres::Session;

/// Plans the cut of a whole relation.
pub async fn plan(
    session: &Session,
    request: &PlanRequest,
    wanted: &Relation,
    cut: &Cut,
) -> Result<Plan, Failure> {
    let family = able(session, wanted).await?;
    let around = paths::around(session, cut).await?;
    let before = rights::to_relations(session, &family.members).await?;
    let effect = acl::effect(&before, |grant| cut.takes(grant));
    let open = paths::left_open(
        session,
        &around,
        &family.members,
        &family.owner,
        &effect.left,
    )
    .await?;
    if effect.taken.is_empty() {
        let why = format!(
            "no right to read {} is granted to these roles",
            wanted.shown()
        );
        let ways = if open.is_empty() {
            String::new()
        } else {
            format!("; {}", open.join("; "))
        };
        return Err(no_plan(
            why + &ways,
            "end the membership, or restrict the view or role that is named",
        ));
    }
    let cells = reading::before(session, &request.watched, &family.members).await?;
    recordable(written(
        request, wanted, &family, &effect, &around, &open, cells,
    ))
}

fn written(
    request: &PlanRequest,
    wanted: &Relation,
    family: &Family,
    effect: &Effect,
    around: &[Around],
    open: &[String],
    cells: Vec<Cell>,
) -> Plan {
    let mut all: Vec<Grant> = effect.taken.clone();
    all.extend(effect.dependent.iter().cloned());
    let mut before = rights_told("right taken", &all);
    before.extend(rights_told("right kept", &effect.left));
    all.extend(effect.left.iter().cloned());
    before.extend(open.iter().map(|way| Evidence::new("left open", way)));
    before.extend(family.members.iter().map(|r| kept(RELATION, r)));
    before.extend(
        request
            .watched
            .iter()
            .map(|w| kept(PRINCIPAL, &w.principal)),
    );
    before.push(Evidence::new(BEFORE, acl::digest(&all).as_str()));
    before.push(Evidence::new(AFTER, acl::digest(&effect.left).as_str()));
    Plan {
        action: SPEC.id.to_owned(),
        target: request.target.clone(),
        subject: Subject::new(family.kind, &wanted.shown()),
        confirm: request.target.clone(),
        statements: acl::revokes(effect),
        undo: acl::grants(effect),
        before,
        cells,
        affects: affected(effect, around),
        locks: SPEC.locks.to_owned(),
        proof: promise(&request.watched, wanted, open),
        undoes: None,
    }
}

fn promise(watched: &[Watched], on: &Relation, open: &[String]) -> String {
    let names: Vec<String> = watched.iter().map(|w| visible(&w.principal.name)).collect();
    let mut text = format!(
        "read {} again as {}: the server must refuse each",
        on.shown(),
        names.join(", ")
    );
    if !open.is_empty() {
        text.push_str(&format!("; this plan does not close: {}", open.join("; ")));
    }
    text
}
