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
use super::restriction::Restriction;
use crate::contain::action::{On, PlanRequest};
use crate::domain::action::Plan;
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use crate::providers::postgres::Session;
use told::{RIGHTS, SPEC};

/// The action.
pub static REVOKE: Restriction = Restriction {
    spec: &SPEC,
    manner: &RIGHTS,
    plan: |session, request| Box::pin(plan(session, request)),
    verify: |session, plan| Box::pin(prove::verify(session, plan)),
};

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
