//! The contract of a containment deed.

use crate::domain::action::{ActionSpec, Outcome, Plan, Proof};
use crate::domain::approval::Approval;
use crate::domain::exposure::Principal;
use crate::domain::failure::Failure;
use crate::domain::incident::PlanRecord;
use crate::providers::postgres::{Assumed, Session};
use std::pin::Pin;

/// A future behind a pointer, so that actions can stand in one list.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Somebody who can read what they must not, and how to act as them.
#[derive(Debug, Clone)]
pub struct Watched {
    pub principal: Principal,
    pub who: Assumed,
    /// The rows they must not see, as a condition composed from quoted names;
    /// `None` if they must see no row at all.
    pub foreign: Option<String>,
}

/// What a plan is asked for.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// The named environment; typing it approves the plan.
    pub target: String,
    pub schema: String,
    pub relation: String,
    /// The principals to cut off; at least one.
    pub watched: Vec<Watched>,
}

/// A containment deed. Planning and verifying only read.
pub trait Action: Sync {
    fn spec(&self) -> &'static ActionSpec;

    /// Reads the before-state and writes down exactly what would be done,
    /// what it cuts, what it leaves open and the way back.
    fn plan<'a>(
        &'a self,
        session: &'a Session,
        request: &'a PlanRequest,
    ) -> Boxed<'a, Result<Plan, Failure>>;

    /// Does what an approved plan says. Refuses when the approval names
    /// another plan, or when the before-state is no longer the planned one.
    fn apply<'a>(
        &'a self,
        session: &'a Session,
        plan: &'a Plan,
        approval: &'a Approval,
    ) -> Boxed<'a, Outcome>;

    /// Probes whether a plan's effect is there, right now.
    fn verify<'a>(&'a self, session: &'a Session, plan: &'a Plan) -> Boxed<'a, Proof>;

    /// Plans the way back. Refuses when the live state is no longer what the
    /// action left, since somebody else has changed it.
    fn undo<'a>(
        &'a self,
        session: &'a Session,
        record: &'a PlanRecord,
    ) -> Boxed<'a, Result<Plan, Failure>>;
}
