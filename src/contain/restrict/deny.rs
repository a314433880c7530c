//! `restrict.deny`: a restrictive policy that lets no row through for the
//! roles that leak. Others read on; what these roles ask for comes back empty.

use super::acl::Cut;
use super::paths;
use super::record::{AFTER, BEFORE, PRINCIPAL, RELATION, kept, no_plan, recordable};
use super::restriction::Restriction;
use super::walls::{self, Policy, WALLS, Wall};
use super::{blockers, reading};
use crate::contain::action::PlanRequest;
use crate::domain::action::{ActionSpec, Plan, Statement};
use crate::domain::failure::Failure;
use crate::domain::finding::{Evidence, Subject};
use crate::domain::untrusted::visible;
use crate::providers::postgres::{Session, ident, qualified};
use std::collections::BTreeSet;

static SPEC: ActionSpec = ActionSpec {
    id: "restrict.deny",
    title: "Add a policy that lets no row through for the roles that leak",
    locks: walls::LOCKS,
};

/// The name of the policy, unless it is taken.
const NAME: &str = "firsthour_deny";

/// The action.
pub static DENY: Restriction = Restriction {
    spec: &SPEC,
    manner: &WALLS,
    plan: |session, request| Box::pin(plan(session, request)),
    verify: |session, plan| Box::pin(walls::verify(session, plan)),
};

async fn plan(session: &Session, request: &PlanRequest) -> Result<Plan, Failure> {
    let (wanted, family) = walls::tables(session, request).await?;
    let roles = request.roles();
    let around = paths::around(
        session,
        &Cut {
            roles: roles.clone(),
        },
    )
    .await?;
    let before = walls::of(session, &family.members).await?;
    if before.first().is_none_or(|wall| !wall.enabled) {
        return Err(no_plan(
            format!(
                "row-level security is off for {}, where a policy does nothing",
                wanted.shown()
            ),
            "plan restrict.rls to switch it on, or restrict.revoke",
        ));
    }
    let name = free_name(&before);
    let after: Vec<Wall> = before
        .iter()
        .map(|wall| denied(wall, &name, &roles))
        .collect();
    let mut open: Vec<String> = before
        .iter()
        .filter(|wall| !wall.enabled)
        .map(|wall| format!("row-level security is off for {}", wall.on.shown()))
        .collect();
    let forced = before.iter().all(|wall| wall.forced);
    open.extend(walls::passing(&around, &family.owner, forced));
    let mut evidence = vec![Evidence::new("policy", &name)];
    evidence.extend(blockers::told(session, &family.members).await?);
    evidence.extend(open.iter().map(|way| Evidence::new("left open", way)));
    evidence.extend(family.members.iter().map(|r| kept(RELATION, r)));
    let principals = request.watched.iter().map(|w| &w.principal);
    evidence.extend(principals.map(|principal| kept(PRINCIPAL, principal)));
    evidence.push(Evidence::new(BEFORE, walls::digest(&before).as_str()));
    evidence.push(Evidence::new(AFTER, walls::digest(&after).as_str()));
    let behind = || before.iter().filter(|wall| wall.enabled);
    recordable(Plan {
        action: SPEC.id.to_owned(),
        target: request.target.clone(),
        subject: Subject::new(family.kind, &wanted.shown()),
        confirm: request.target.clone(),
        statements: behind().map(|wall| created(wall, &name, &roles)).collect(),
        undo: behind().map(|wall| dropped(wall, &name)).collect(),
        before: evidence,
        cells: reading::before(session, &request.watched, &family.members).await?,
        affects: affected(&roles, &around),
        locks: SPEC.locks.to_owned(),
        proof: promise(request, &open),
        undoes: None,
    })
}

/// A name no policy of these tables has.
fn free_name(walls: &[Wall]) -> String {
    let taken: BTreeSet<&str> = walls
        .iter()
        .flat_map(|wall| wall.policies.iter().map(|p| p.name.as_str()))
        .collect();
    let mut name = NAME.to_owned();
    let mut number = 2;
    while taken.contains(name.as_str()) {
        name = format!("{NAME}_{number}");
        number += 1;
    }
    name
}

fn denied(wall: &Wall, name: &str, roles: &BTreeSet<String>) -> Wall {
    let mut wall = wall.clone();
    if wall.enabled {
        wall.policies.push(Policy {
            name: name.to_owned(),
            permissive: false,
            command: "*".to_owned(),
            roles: roles.iter().cloned().collect(),
            using: Some("false".to_owned()),
            check: Some("false".to_owned()),
        });
        wall.policies.sort();
    }
    wall
}

fn created(wall: &Wall, name: &str, roles: &BTreeSet<String>) -> Statement {
    let to: Vec<String> = roles.iter().map(|role| ident(role)).collect();
    Statement {
        sql: format!(
            "CREATE POLICY {} ON {} AS RESTRICTIVE FOR ALL TO {} USING (false) WITH CHECK (false)",
            ident(name),
            qualified(&wall.on.schema, &wall.on.relation),
            to.join(", ")
        ),
        why: "whatever other policies allow, these roles get no row".to_owned(),
    }
}

fn dropped(wall: &Wall, name: &str) -> Statement {
    Statement {
        sql: format!(
            "DROP POLICY {} ON {}",
            ident(name),
            qualified(&wall.on.schema, &wall.on.relation)
        ),
        why: "take away exactly the policy that was added".to_owned(),
    }
}

fn affected(roles: &BTreeSet<String>, around: &[paths::Around]) -> Vec<String> {
    let mut out: Vec<String> = roles
        .iter()
        .map(|role| {
            format!(
                "{}, reading and writing: queries come back empty",
                visible(role)
            )
        })
        .collect();
    for role in around {
        let through = format!("as a member of {}", visible(&role.role));
        let members = role
            .members
            .iter()
            .filter(|member| !roles.contains(*member));
        out.extend(members.map(|member| format!("{}, {through}", visible(member))));
    }
    out
}

fn promise(request: &PlanRequest, open: &[String]) -> String {
    let names = request.watched.iter().map(|w| visible(&w.principal.name));
    let mut text = format!(
        "read the rows again as {}: the planner must rule every row out",
        names.collect::<Vec<_>>().join(", ")
    );
    if !open.is_empty() {
        text.push_str(&format!("; this plan does not close: {}", open.join("; ")));
    }
    text
}
