//! The contract of a containment deed.

use crate::domain::action::{ActionSpec, Outcome, Plan, Proof};
use crate::domain::approval::Approval;
use crate::domain::exposure::Principal;
use crate::domain::failure::Failure;
use crate::domain::incident::PlanRecord;
use crate::domain::untrusted::visible;
use crate::providers::postgres::{Assumed, Session, literal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
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

/// One relation as the catalog names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    pub schema: String,
    pub relation: String,
}

impl Relation {
    /// `schema.relation`, printable.
    pub fn shown(&self) -> String {
        visible(&format!("{}.{}", self.schema, self.relation))
    }

    /// The names as a row of a `VALUES` list.
    pub fn row(&self) -> String {
        format!("({}, {})", literal(&self.schema), literal(&self.relation))
    }
}

/// What a plan is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum On {
    Relation(Relation),
    /// Some columns of a relation, by name.
    Columns(Relation, Vec<String>),
    /// A function, as `schema.name` (every overload) or with its argument
    /// types (exactly that one).
    Routine(String),
    Schema(String),
    Role(String),
}

/// What a plan is asked for.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// The named environment; typing it approves the plan.
    pub target: String,
    pub on: On,
    /// The principals to cut off; only a role itself needs none.
    pub watched: Vec<Watched>,
}

impl PlanRequest {
    /// The roles of the principals to cut off.
    pub fn roles(&self) -> BTreeSet<String> {
        let roles = self.watched.iter().map(|w| w.principal.role.clone());
        roles.collect()
    }
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
