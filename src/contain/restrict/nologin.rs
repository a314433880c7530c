//! `restrict.nologin`: stops a login: no new session, and the open ones end.
//! The right to log in is taken first and committed, or a pool would be back
//! before the last of its sessions is gone.

use super::manner::Manner;
use super::prove::unshown;
use super::record::{AFTER, BEFORE, kept, no_plan, read_back};
use super::relations::primary;
use super::restriction::Restriction;
use crate::contain::action::{Boxed, On, PlanRequest};
use crate::domain::action::{ActionSpec, Plan, Proof, Statement};
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::domain::finding::{Evidence, Subject, SubjectKind};
use crate::domain::untrusted::visible;
use crate::providers::postgres::{Session, ident, literal};
use serde::{Deserialize, Serialize};
use std::time::Duration;

static SPEC: ActionSpec = ActionSpec {
    id: "restrict.nologin",
    title: "Stop a login: no new session, and the open ones end",
    locks: "no table lock; what its sessions are doing is broken off and rolled back",
};

static LOGINS: Manner = Manner {
    of: "the login settings",
    live,
    lock: Duration::from_secs(2),
    tries: 1,
    apart: true,
    undo_locks: "no lock; new logins work at once, ended sessions do not come back",
};

/// What later steps read back.
const ROLE: &str = "role";

/// Beginnings of names that belong to whoever runs the server.
const PLATFORM: [&str; 7] = [
    "pg_",
    "supabase_",
    "rds",
    "cloudsql",
    "azure",
    "neon_",
    "pgbouncer",
];

/// Looks for ended sessions; each but the first a tenth of a second later.
const LOOKS: usize = 20;

/// Databases told by name; the rest are counted.
const TOLD: usize = 8;

/// The part of a role that is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Login {
    role: String,
    logs_in: bool,
}

/// What is known of the role, and of what this login may do to it.
#[derive(Debug, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the server's own yes-or-no columns"
)]
struct Role {
    #[serde(flatten)]
    login: Login,
    superuser: bool,
    replication: bool,
    bootstrap: bool,
    own: bool,
    admin: bool,
    signals: bool,
}

/// Sessions of the role in one database.
#[derive(Debug, Deserialize)]
struct Sessions {
    database: Option<String>,
    open: u64,
    busy: u64,
}

/// The action.
pub static NOLOGIN: Restriction = Restriction {
    spec: &SPEC,
    manner: &LOGINS,
    plan: |session, request| Box::pin(plan(session, request)),
    verify: |session, plan| {
        Box::pin(async move {
            let proof = verify(session, plan).await;
            proof.unwrap_or_else(|failure| unshown(&failure))
        })
    },
};

async fn plan(session: &Session, request: &PlanRequest) -> Result<Plan, Failure> {
    let On::Role(name) = &request.on else {
        return Err(no_plan(
            "only a role can be stopped from logging in",
            "plan restrict.revoke for a table, function or schema",
        ));
    };
    let role = able(session, name).await?;
    let sessions = sessions(session, name).await?;
    let after = Login {
        logs_in: false,
        ..role.login.clone()
    };
    let mut before = told(&sessions);
    before.push(kept(ROLE, &role.login));
    before.push(Evidence::new(BEFORE, digest(&role.login).as_str()));
    before.push(Evidence::new(AFTER, digest(&after).as_str()));
    let shown = visible(name);
    Ok(Plan {
        action: SPEC.id.to_owned(),
        target: request.target.clone(),
        subject: Subject::new(SubjectKind::Role, name),
        confirm: request.target.clone(),
        statements: statements(name),
        undo: vec![Statement {
            sql: format!("ALTER ROLE {} LOGIN", ident(name)),
            why: "let it log in again; ended sessions do not come back".to_owned(),
        }],
        before,
        cells: Vec::new(),
        affects: vec![format!(
            "everything that logs in as {shown}, in every database of the server"
        )],
        locks: SPEC.locks.to_owned(),
        proof: format!("{shown} may not log in, and no session of it is left"),
        undoes: None,
    })
}

fn statements(name: &str) -> Vec<Statement> {
    vec![
        Statement {
            sql: format!("ALTER ROLE {} NOLOGIN", ident(name)),
            why: "no new session; committed before the next statement".to_owned(),
        },
        Statement {
            sql: format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {}",
                of_role(name)
            ),
            why: "end the sessions that are open, never this one".to_owned(),
        },
    ]
}

/// The sessions of a role. The kind of a session is hidden from a login that
/// may not see it; such a session counts.
fn of_role(name: &str) -> String {
    format!(
        "usename = {} AND pid <> pg_backend_pid() \
         AND coalesce(backend_type, 'client backend') IN ('client backend', 'walsender')",
        literal(name)
    )
}

/// The role, if it may be stopped and this login can do it.
async fn able(session: &Session, name: &str) -> Result<Role, Failure> {
    let guard = primary(session).await?;
    let sql = format!(
        "SELECT r.rolname AS role, r.rolcanlogin AS logs_in, r.rolsuper AS superuser, \
         r.rolreplication AS replication, r.oid = 10 AS bootstrap, \
         r.rolname IN (current_user, session_user) AS own, \
         pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION') AS admin, \
         pg_has_role(r.oid, 'USAGE') OR EXISTS (SELECT FROM pg_roles s \
          WHERE s.rolname = 'pg_signal_backend' AND pg_has_role(s.oid, 'USAGE')) AS signals \
         FROM pg_roles r WHERE r.rolname = {}",
        literal(name)
    );
    let mut found: Vec<Role> = session.read(&sql).await?;
    let shown = visible(name);
    let Some(role) = found.pop() else {
        return Err(no_plan(
            format!("there is no role {shown}"),
            "check the role's name; names are case-sensitive here",
        ));
    };
    if role.own {
        return Err(no_plan(
            format!("{shown} is the login firsthour itself uses"),
            "connect as another role that may change roles",
        ));
    }
    if role.bootstrap || PLATFORM.iter().any(|begins| name.starts_with(begins)) {
        return Err(no_plan(
            format!("{shown} belongs to the platform, which needs it to run"),
            "take its rights with restrict.revoke, or rotate its password with the provider",
        ));
    }
    if !role.login.logs_in {
        return Err(no_plan(
            format!("{shown} may not log in as it is"),
            "name the login that uses it, or take its rights with restrict.revoke",
        ));
    }
    let by_role = if guard.version >= 160_000 {
        role.admin
    } else {
        !role.replication
    };
    let changes = guard.superuser || (guard.create_role && !role.superuser && by_role);
    if !changes || !(guard.superuser || role.signals) {
        let (lacks, hint) = if changes {
            (
                "end its sessions",
                "grant this login pg_signal_backend, or use one that has it",
            )
        } else {
            (
                "change this role",
                "use a login with CREATEROLE and ADMIN on the role, or a superuser",
            )
        };
        return Err(no_plan(format!("{} may not {lacks}", guard.user), hint));
    }
    Ok(role)
}

async fn sessions(session: &Session, name: &str) -> Result<Vec<Sessions>, Failure> {
    let sql = format!(
        "SELECT datname AS database, count(*) AS open, \
         count(*) FILTER (WHERE state IS DISTINCT FROM 'idle') AS busy \
         FROM pg_stat_activity WHERE {} GROUP BY 1 ORDER BY 2 DESC, 1",
        of_role(name)
    );
    Ok(session.read(&sql).await?)
}

fn told(sessions: &[Sessions]) -> Vec<Evidence> {
    let told = sessions.iter().take(TOLD).map(|one| {
        let database = one.database.as_deref().unwrap_or("no database");
        format!("{} in {database}, {} of them at work", one.open, one.busy)
    });
    let mut lines: Vec<String> = told.collect();
    if sessions.len() > TOLD {
        lines.push(format!("and in {} more databases", sessions.len() - TOLD));
    }
    if lines.is_empty() {
        lines.push("none".to_owned());
    }
    let lines = lines.iter();
    lines
        .map(|line| Evidence::new("open sessions", line))
        .collect()
}

fn digest(login: &Login) -> Digest {
    // Serialising plain strings cannot fail; an empty image would only look
    // like drift, never hide it.
    Digest::of(&serde_json::to_vec(login).unwrap_or_default())
}

fn live<'a>(session: &'a Session, plan: &'a Plan) -> Boxed<'a, Result<Digest, Failure>> {
    Box::pin(async move { Ok(digest(&now(session, plan).await?)) })
}

async fn now(session: &Session, plan: &Plan) -> Result<Login, Failure> {
    let gone = || {
        no_plan(
            "the role of the plan is not there any more",
            "make a new plan",
        )
    };
    let kept: Login = read_back(plan, ROLE).pop().ok_or_else(gone)?;
    let sql = format!(
        "SELECT rolname AS role, rolcanlogin AS logs_in FROM pg_roles WHERE rolname = {}",
        literal(&kept.role)
    );
    let mut found: Vec<Login> = session.read(&sql).await?;
    found.pop().ok_or_else(gone)
}

async fn verify(session: &Session, plan: &Plan) -> Result<Proof, Failure> {
    let login = now(session, plan).await?;
    let shown = visible(&login.role);
    if plan.undoes.is_some() {
        let word = if login.logs_in { "may" } else { "may not" };
        return Ok(Proof {
            holds: Some(login.logs_in),
            text: format!("{shown} {word} log in again"),
            cells: Vec::new(),
        });
    }
    let mut left = open(session, &login.role).await?;
    for _ in 1..LOOKS {
        if left == 0 || login.logs_in {
            break;
        }
        // An ended session rolls back before it is gone.
        session
            .read::<serde_json::Value>("SELECT pg_sleep(0.1)::text AS slept")
            .await?;
        left = open(session, &login.role).await?;
    }
    let word = if login.logs_in {
        "may still"
    } else {
        "may not"
    };
    Ok(Proof {
        holds: Some(!login.logs_in && left == 0),
        text: format!("{shown} {word} log in; {left} of its sessions are open"),
        cells: Vec::new(),
    })
}

async fn open(session: &Session, name: &str) -> Result<u64, Failure> {
    let found = sessions(session, name).await?;
    Ok(found.iter().map(|one| one.open).sum())
}
