//! `restrict.revoke`: takes the right that reads from the roles that leak: of
//! a relation, of some of its columns, of a function, of a schema. The fastest
//! cut there is: no table lock, and it holds for the next statement of every
//! open session.
//!
//! Of a relation only SELECT is taken. Other rights stay, so writes that need
//! no read go on.

mod columns;
mod prove;
mod relation;
mod thing;

use super::acl::{Cut, Effect};
use super::grant::Grant;
use super::manner::Manner;
use super::paths::Around;
use super::record::no_plan;
use super::{perform, rights, undo};
use crate::contain::action::{Action, Boxed, On, PlanRequest};
use crate::domain::action::{ActionSpec, Outcome, Plan, Proof};
use crate::domain::approval::Approval;
use crate::domain::failure::Failure;
use crate::domain::finding::Evidence;
use crate::domain::incident::PlanRecord;
use crate::domain::untrusted::visible;
use crate::providers::postgres::Session;
use std::time::Duration;

/// The action; it holds nothing.
#[derive(Debug)]
pub struct Revoke;

static SPEC: ActionSpec = ActionSpec {
    id: "restrict.revoke",
    title: "Take the right to read from the roles that leak it",
    locks: "no table lock; running reads finish, the next statement is refused",
};

static RIGHTS: Manner = Manner {
    of: "the rights",
    live: rights::live,
    // Rights are rows of a catalog: nobody holds them for long.
    lock: Duration::from_secs(2),
    tries: 1,
    apart: false,
    undo_locks: "no table lock; the next statement reads again",
};

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
        Box::pin(perform::apply(session, plan, approval, &RIGHTS))
    }

    fn verify<'a>(&'a self, session: &'a Session, plan: &'a Plan) -> Boxed<'a, Proof> {
        Box::pin(prove::verify(session, plan))
    }

    fn undo<'a>(
        &'a self,
        session: &'a Session,
        record: &'a PlanRecord,
    ) -> Boxed<'a, Result<Plan, Failure>> {
        Box::pin(undo::undo(session, record, &RIGHTS))
    }
}

async fn plan(session: &Session, request: &PlanRequest) -> Result<Plan, Failure> {
    let cut = Cut {
        roles: request.roles(),
    };
    if cut.roles.is_empty() {
        return Err(no_plan(
            "no principal was named",
            "say whose access to take away",
        ));
    }
    match &request.on {
        On::Relation(wanted) => relation::plan(session, request, wanted, &cut).await,
        On::Columns(wanted, columns) => {
            columns::plan(session, request, wanted, columns, &cut).await
        }
        On::Routine(name) => thing::routine(session, request, name, &cut).await,
        On::Schema(name) => thing::schema(session, request, name, &cut).await,
        On::Role(name) => Err(no_plan(
            format!("{} is a role, which rights are taken from", visible(name)),
            "plan restrict.nologin to stop the role itself",
        )),
    }
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
