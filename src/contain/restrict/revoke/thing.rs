//! Taking the right to call a function, or to look into a schema.

use super::told::{SPEC, affected, rights_told};
use crate::contain::action::{PlanRequest, Relation};
use crate::contain::restrict::acl::{self, Cut, Effect};
use crate::contain::restrict::grant::{Grant, Kind};
use crate::contain::restrict::paths::{self, Around};
use crate::contain::restrict::record::{
    AFTER, BEFORE, PRINCIPAL, RELATION, THING, kept, no_plan, recordable,
};
use crate::contain::restrict::relations::{not_ours, primary};
use crate::contain::restrict::things::{self, Found};
use crate::contain::restrict::{reading, rights};
use crate::domain::action::Plan;
use crate::domain::failure::Failure;
use crate::domain::finding::{Evidence, Subject, SubjectKind};
use crate::domain::untrusted::visible;
use crate::providers::postgres::Session;

/// Plans the cut of a function; of all its overloads when the name is bare.
pub async fn routine(
    session: &Session,
    request: &PlanRequest,
    name: &str,
    cut: &Cut,
) -> Result<Plan, Failure> {
    let found = things::routines(session, name).await?;
    plan(session, request, name, cut, &found, &[]).await
}

/// Plans the cut of a schema and with it of everything inside.
pub async fn schema(
    session: &Session,
    request: &PlanRequest,
    name: &str,
    cut: &Cut,
) -> Result<Plan, Failure> {
    let found = things::schema(session, name).await?;
    let roles: Vec<String> = cut.roles.iter().cloned().collect();
    let inside = things::readable(session, name, &roles).await?;
    plan(session, request, name, cut, &found, &inside).await
}

async fn plan(
    session: &Session,
    request: &PlanRequest,
    name: &str,
    cut: &Cut,
    found: &Found,
    inside: &[Relation],
) -> Result<Plan, Failure> {
    let guard = primary(session).await?;
    if !found.ours {
        return Err(not_ours(&guard, &visible(name), &found.owner));
    }
    let kind = found.things.first().map_or(Kind::Routine, |t| t.kind);
    let around = paths::around(session, cut).await?;
    let before = rights::to_things(session, &found.things).await?;
    let effect = acl::effect(&before, |grant| cut.takes(grant));
    let open = paths::held(&around, kind, &found.owner, &effect.left);
    if effect.taken.is_empty() {
        let ways = open.iter().map(|way| format!("; {way}"));
        let why = format!(
            "{} on {} is granted to none of these roles{}",
            kind.right(),
            visible(name),
            ways.collect::<String>()
        );
        return Err(no_plan(why, "end the membership, or stop the role itself"));
    }
    let losing = paths::losing_public(session, &effect, &found.owner).await?;
    let mut plan = written(request, found, kind, &effect, &around, &open);
    plan.affects.extend(losing);
    plan.before.extend(inside.iter().map(|r| kept(RELATION, r)));
    plan.cells = reading::before(session, &request.watched, inside).await?;
    recordable(plan)
}

fn written(
    request: &PlanRequest,
    found: &Found,
    kind: Kind,
    effect: &Effect,
    around: &[Around],
    open: &[String],
) -> Plan {
    let mut all: Vec<Grant> = effect.taken.clone();
    all.extend(effect.dependent.iter().cloned());
    let mut before = rights_told("right taken", &all);
    before.extend(rights_told("right kept", &effect.left));
    if effect.taken.iter().any(|grant| grant.grantee.is_none()) {
        let text = "PUBLIC has the right: taking it from one role alone would do nothing, \
                    so PUBLIC loses it too";
        before.push(Evidence::new("note", text));
    }
    all.extend(effect.left.iter().cloned());
    before.extend(open.iter().map(|way| Evidence::new("left open", way)));
    before.extend(found.things.iter().map(|thing| kept(THING, thing)));
    let principals = request.watched.iter().map(|w| &w.principal);
    before.extend(principals.map(|principal| kept(PRINCIPAL, principal)));
    before.push(Evidence::new(BEFORE, acl::digest(&all).as_str()));
    before.push(Evidence::new(AFTER, acl::digest(&effect.left).as_str()));
    let names: Vec<&str> = found.things.iter().map(|t| t.name.as_str()).collect();
    Plan {
        action: SPEC.id.to_owned(),
        target: request.target.clone(),
        subject: Subject::new(subject(kind), &names.join(", ")),
        confirm: request.target.clone(),
        statements: acl::revokes(effect),
        undo: acl::grants(effect),
        before,
        cells: Vec::new(),
        affects: affected(effect, around),
        locks: locks(kind).to_owned(),
        proof: promise(request, kind, open),
        undoes: None,
    }
}

const fn subject(kind: Kind) -> SubjectKind {
    match kind {
        Kind::Schema => SubjectKind::Schema,
        Kind::Routine | Kind::Relation => SubjectKind::Function,
    }
}

const fn locks(kind: Kind) -> &'static str {
    match kind {
        Kind::Schema => {
            "no table lock; the next statement that names anything in the schema is refused"
        }
        Kind::Routine | Kind::Relation => {
            "no table lock; calls under way finish, the next call is refused"
        }
    }
}

fn promise(request: &PlanRequest, kind: Kind, open: &[String]) -> String {
    let names = request.watched.iter().map(|w| visible(&w.principal.name));
    let who = names.collect::<Vec<_>>().join(", ");
    let mut text = match kind {
        Kind::Schema => format!("read tables of the schema as {who}: the server must refuse each"),
        Kind::Routine | Kind::Relation => {
            format!("once the right is gone, call it as {who}: the server must refuse the call")
        }
    };
    if !open.is_empty() {
        text.push_str(&format!("; this plan does not close: {}", open.join("; ")));
    }
    text
}
