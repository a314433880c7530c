//! `restrict.revoke`: takes the right to read a relation from the roles that
//! leak it. The fastest cut there is: no table lock, and it holds for the
//! next statement of every open session.
//!
//! Only SELECT is taken. Other rights stay, so writes that need no read go on.

mod perform;
mod prove;
mod undo;

use super::acl::{self, Cut, Effect, Grant};
use super::paths::{self, Around};
use super::reading;
use super::record::{AFTER, BEFORE, PRINCIPAL, RELATION, acl_of, kept, no_plan};
use super::relations::{Family, Relation, family};
use crate::contain::action::{Action, Boxed, PlanRequest, Watched};
use crate::domain::action::{ActionSpec, Outcome, Plan, Proof};
use crate::domain::approval::Approval;
use crate::domain::exposure::Cell;
use crate::domain::failure::Failure;
use crate::domain::finding::{Evidence, Subject};
use crate::domain::incident::PlanRecord;
use crate::domain::untrusted::visible;
use crate::providers::postgres::Session;

/// The action; it holds nothing.
#[derive(Debug)]
pub struct Revoke;

static SPEC: ActionSpec = ActionSpec {
    id: "restrict.revoke",
    title: "Take the right to read from the roles that leak it",
    locks: "no table lock; running reads finish, the next statement is refused",
};

/// The most bytes of a plan: an entry of the timeline, less its envelope and
/// the escaping that may be added.
const LONGEST: usize = 14 * 1024;

impl Action for Revoke {
    fn spec(&self) -> &'static ActionSpec {
        &SPEC
    }

    fn plan<'a>(
        &'a self,
        session: &'a Session,
        request: &'a PlanRequest,
    ) -> Boxed<'a, Result<Plan, Failure>> {
        Box::pin(plan(session, request))
    }

    fn apply<'a>(
        &'a self,
        session: &'a Session,
        plan: &'a Plan,
        approval: &'a Approval,
    ) -> Boxed<'a, Outcome> {
        Box::pin(perform::apply(session, plan, approval))
    }

    fn verify<'a>(&'a self, session: &'a Session, plan: &'a Plan) -> Boxed<'a, Proof> {
        Box::pin(prove::verify(session, plan))
    }

    fn undo<'a>(
        &'a self,
        session: &'a Session,
        record: &'a PlanRecord,
    ) -> Boxed<'a, Result<Plan, Failure>> {
        Box::pin(undo::undo(session, record))
    }
}

async fn plan(session: &Session, request: &PlanRequest) -> Result<Plan, Failure> {
    let wanted = Relation {
        schema: request.schema.clone(),
        relation: request.relation.clone(),
    };
    let cut = Cut {
        roles: request
            .watched
            .iter()
            .map(|w| w.principal.role.clone())
            .collect(),
    };
    if cut.roles.is_empty() {
        return Err(no_plan(
            "no principal was named",
            "say whose access to take away",
        ));
    }
    let family = able(session, &wanted).await?;
    let around = paths::around(session, &cut).await?;
    let effect = acl::effect(&acl_of(session, &family.members).await?, &cut);
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
        request, &wanted, &family, &effect, &around, &open, cells,
    ))
}

/// A plan must fit into one record of the timeline, or it cannot be approved.
fn recordable(plan: Plan) -> Result<Plan, Failure> {
    let bytes = serde_json::to_vec(&plan).map_or(usize::MAX, |json| json.len());
    if bytes > LONGEST {
        return Err(no_plan(
            format!("it would take {bytes} bytes, and one record holds {LONGEST}"),
            "name fewer roles, or plan the partitions one by one",
        ));
    }
    Ok(plan)
}

/// The family, if this login can change rights on all of it.
async fn able(session: &Session, wanted: &Relation) -> Result<Family, Failure> {
    let guard = session.guard().await?;
    if guard.recovering {
        return Err(no_plan(
            "this server is a replica, where nothing can be changed",
            "connect to the primary",
        ));
    }
    let family = family(session, wanted).await?;
    if !family.ours {
        return Err(no_plan(
            format!(
                "{} may not change rights on {}, which belongs to {}",
                guard.user,
                wanted.shown(),
                family.owner
            ),
            "connect as the owner or as a superuser",
        ));
    }
    Ok(family)
}

/// Rights spelled out in a plan; the statements and the digest have them all.
const TOLD: usize = 20;

fn rights_told(what: &str, rights: &[Grant]) -> Vec<Evidence> {
    let mut out: Vec<Evidence> = rights
        .iter()
        .take(TOLD)
        .map(|grant| Evidence::new(what, &grant.told()))
        .collect();
    if rights.len() > TOLD {
        out.push(Evidence::new(
            what,
            &format!("and {} more", rights.len() - TOLD),
        ));
    }
    out
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

/// Who loses access, one line each.
fn affected(effect: &Effect, around: &[Around]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for grant in effect.taken.iter().chain(&effect.dependent) {
        let line = match &grant.grantee {
            None => "every role without a right of its own (PUBLIC)".to_owned(),
            Some(role) => visible(role),
        };
        if !out.contains(&line) {
            out.push(line);
        }
    }
    for role in around {
        for member in &role.members {
            let line = format!(
                "{}, as a member of {}",
                visible(member),
                visible(&role.role)
            );
            if !out.contains(&line) {
                out.push(line);
            }
        }
    }
    out
}
