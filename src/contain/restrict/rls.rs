//! `restrict.rls`: switches row-level security on, so that only what a policy
//! lets through is read. Without a policy that is nothing.

use super::acl::Cut;
use super::paths::{self, Around};
use super::record::{AFTER, BEFORE, PRINCIPAL, RELATION, kept, no_plan, recordable};
use super::restriction::Restriction;
use super::walls::{self, WALLS, Wall};
use super::{blockers, reading};
use crate::contain::action::PlanRequest;
use crate::domain::action::{ActionSpec, Plan, Statement};
use crate::domain::failure::Failure;
use crate::domain::finding::{Evidence, Subject};
use crate::domain::untrusted::visible;
use crate::providers::postgres::{Session, literal, qualified};
use serde::Deserialize;

static SPEC: ActionSpec = ActionSpec {
    id: "restrict.rls",
    title: "Switch row-level security on, so that only policies let rows through",
    locks: walls::LOCKS,
};

/// The action.
pub static RLS: Restriction = Restriction {
    spec: &SPEC,
    manner: &WALLS,
    plan: |session, request| Box::pin(plan(session, request)),
    verify: |session, plan| Box::pin(walls::verify(session, plan)),
};

async fn plan(session: &Session, request: &PlanRequest) -> Result<Plan, Failure> {
    let (wanted, family) = walls::tables(session, request).await?;
    let cut = Cut {
        roles: request.roles(),
    };
    let around = paths::around(session, &cut).await?;
    let force = owner_logs_in(session, &family.owner, &around).await?;
    let before = walls::of(session, &family.members).await?;
    let after: Vec<Wall> = before.iter().map(|wall| raised(wall, force)).collect();
    if before == after {
        return Err(no_plan(
            format!("row-level security is already on for {}", wanted.shown()),
            "a policy lets the rows through: plan restrict.deny, or restrict.revoke",
        ));
    }
    let open = walls::passing(&around, &family.owner, force);
    let mut evidence: Vec<Evidence> = before.iter().map(told).collect();
    evidence.extend(blockers::told(session, &family.members).await?);
    evidence.extend(open.iter().map(|way| Evidence::new("left open", way)));
    evidence.extend(family.members.iter().map(|r| kept(RELATION, r)));
    let principals = request.watched.iter().map(|w| &w.principal);
    evidence.extend(principals.map(|principal| kept(PRINCIPAL, principal)));
    evidence.push(Evidence::new(BEFORE, walls::digest(&before).as_str()));
    evidence.push(Evidence::new(AFTER, walls::digest(&after).as_str()));
    let pairs = || before.iter().zip(&after);
    recordable(Plan {
        action: SPEC.id.to_owned(),
        target: request.target.clone(),
        subject: Subject::new(family.kind, &wanted.shown()),
        confirm: request.target.clone(),
        statements: pairs().filter_map(|(from, to)| switch(from, to)).collect(),
        undo: pairs().filter_map(|(from, to)| switch(to, from)).collect(),
        before: evidence,
        cells: reading::before(session, &request.watched, &family.members).await?,
        affects: affected(&before, force, &family.owner),
        locks: SPEC.locks.to_owned(),
        proof: promise(request, &before, &open),
        undoes: None,
    })
}

/// Whether anybody acts as the owner over a connection of their own: without
/// FORCE no policy stops them. A superuser is never stopped.
async fn owner_logs_in(session: &Session, owner: &str, around: &[Around]) -> Result<bool, Failure> {
    #[derive(Deserialize)]
    struct Owner {
        superuser: bool,
        logs_in: bool,
    }
    let sql = format!(
        "SELECT o.rolsuper AS superuser, EXISTS (SELECT FROM pg_roles r WHERE r.rolcanlogin \
         AND NOT r.rolsuper AND pg_has_role(r.oid, o.oid, 'USAGE')) AS logs_in \
         FROM pg_roles o WHERE o.rolname = {}",
        literal(owner)
    );
    let found: Vec<Owner> = session.read(&sql).await?;
    let cut = around
        .iter()
        .any(|role| role.role == owner || role.inherits.iter().any(|group| group == owner));
    Ok(found
        .first()
        .is_some_and(|o| !o.superuser && (o.logs_in || cut)))
}

fn raised(wall: &Wall, force: bool) -> Wall {
    Wall {
        enabled: true,
        forced: wall.forced || force,
        ..wall.clone()
    }
}

fn told(wall: &Wall) -> Evidence {
    let on = if wall.enabled { "on" } else { "off" };
    let forced = if wall.forced { ", forced" } else { "" };
    let names: Vec<&str> = wall.policies.iter().map(|p| p.name.as_str()).collect();
    let policies = if names.is_empty() {
        "no policy".to_owned()
    } else {
        format!("policies: {}", names.join(", "))
    };
    let text = format!("{}: {on}{forced}; {policies}", wall.on.shown());
    Evidence::new("row security before", &text)
}

/// The statement from one state of a wall to another; `None` if they are one.
fn switch(from: &Wall, to: &Wall) -> Option<Statement> {
    let mut parts = Vec::new();
    match (from.enabled, to.enabled) {
        (false, true) => parts.push("ENABLE ROW LEVEL SECURITY"),
        (true, false) => parts.push("DISABLE ROW LEVEL SECURITY"),
        _ => {}
    }
    match (from.forced, to.forced) {
        (false, true) => parts.push("FORCE ROW LEVEL SECURITY"),
        (true, false) => parts.push("NO FORCE ROW LEVEL SECURITY"),
        _ => {}
    }
    let why = if (to.enabled && !from.enabled) || (to.forced && !from.forced) {
        "from here on only policies let rows through"
    } else {
        "set the switches back to what they were"
    };
    (!parts.is_empty()).then(|| Statement {
        sql: format!(
            "ALTER TABLE {} {}",
            qualified(&from.on.schema, &from.on.relation),
            parts.join(", ")
        ),
        why: why.to_owned(),
    })
}

fn affected(before: &[Wall], force: bool, owner: &str) -> Vec<String> {
    let mut out = Vec::new();
    for wall in before {
        let who: Vec<String> = wall
            .policies
            .iter()
            .filter(|policy| policy.permissive)
            .map(|policy| {
                format!(
                    "{} ({})",
                    visible(&policy.roles.join(", ")),
                    visible(&policy.name)
                )
            })
            .collect();
        let name = wall.on.shown();
        out.push(if who.is_empty() {
            format!("everybody on {name}, reading and writing: it has no policy")
        } else {
            format!(
                "everybody on {name} but those its policies name: {}",
                who.join("; ")
            )
        });
    }
    if force {
        out.push(format!("{} as the owner too, by FORCE", visible(owner)));
    }
    out
}

fn promise(request: &PlanRequest, before: &[Wall], open: &[String]) -> String {
    let names = request.watched.iter().map(|w| visible(&w.principal.name));
    let mut text = format!(
        "read the rows again as {}: none may be seen",
        names.collect::<Vec<_>>().join(", ")
    );
    if before.iter().any(|wall| !wall.policies.is_empty()) {
        text.push_str("; policies that are there decide, so run the reach check again too");
    }
    if !open.is_empty() {
        text.push_str(&format!("; this plan does not close: {}", open.join("; ")));
    }
    text
}
