//! What all restrictions have in common: each has its own plan and its own
//! proof; approval, locks, before-state and undo are one code for all.

use super::manner::Manner;
use super::{perform, undo};
use crate::contain::action::{Action, Boxed, PlanRequest};
use crate::domain::action::{ActionSpec, Outcome, Plan, Proof};
use crate::domain::approval::Approval;
use crate::domain::failure::Failure;
use crate::domain::incident::PlanRecord;
use crate::providers::postgres::Session;

/// Reads the before-state and writes down what would be done.
pub type Planned = for<'a> fn(&'a Session, &'a PlanRequest) -> Boxed<'a, Result<Plan, Failure>>;

/// Probes whether the effect of a plan is there.
pub type Verified = for<'a> fn(&'a Session, &'a Plan) -> Boxed<'a, Proof>;

/// One kind of restriction as an action.
#[derive(Debug)]
pub struct Restriction {
    pub spec: &'static ActionSpec,
    pub manner: &'static Manner,
    pub plan: Planned,
    pub verify: Verified,
}

impl Action for Restriction {
    fn spec(&self) -> &'static ActionSpec {
        self.spec
    }

    fn plan<'a>(
        &'a self,
        session: &'a Session,
        request: &'a PlanRequest,
    ) -> Boxed<'a, Result<Plan, Failure>> {
        (self.plan)(session, request)
    }

    fn apply<'a>(
        &'a self,
        session: &'a Session,
        plan: &'a Plan,
        approval: &'a Approval,
    ) -> Boxed<'a, Outcome> {
        Box::pin(perform::apply(session, plan, approval, self.manner))
    }

    fn verify<'a>(&'a self, session: &'a Session, plan: &'a Plan) -> Boxed<'a, Proof> {
        (self.verify)(session, plan)
    }

    fn undo<'a>(
        &'a self,
        session: &'a Session,
        record: &'a PlanRecord,
    ) -> Boxed<'a, Result<Plan, Failure>> {
        Box::pin(undo::undo(session, record, self.manner))
    }
}
