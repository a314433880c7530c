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
mod told;

use super::acl::Cut;
use super::record::no_plan;
use super::{perform, undo};
use crate::contain::action::{Action, Boxed, On, PlanRequest};
use crate::domain::action::{ActionSpec, Outcome, Plan, Proof};
use crate::domain::approval::Approval;
use crate::domain::failure::Failure;
use crate::domain::incident::PlanRecord;
use crate::domain::untrusted::visible;
use crate::providers::postgres::Session;
use told::{RIGHTS, SPEC};

/// The action; it holds nothing.
#[derive(Debug)]
pub struct Revoke;

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
