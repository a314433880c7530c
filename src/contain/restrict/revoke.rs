//! `restrict.revoke`: takes the right to read a relation from the roles that
//! leak it. The fastest cut there is: no table lock, and it holds for the
//! next statement of every open session.
//!
//! Only SELECT is taken. Other rights stay, so writes that need no read go on.

use super::acl::{self, Cut, Effect, Grant};
use super::paths::{self, Around};
use super::reading;
use super::relations::{Family, Relation, family};
use crate::contain::action::{Action, Boxed, PlanRequest};
use crate::domain::action::{ActionSpec, Approval, Outcome, Plan, Proof};
use crate::domain::digest::Digest;
use crate::domain::exposure::{Cell, Principal, Verdict};
use crate::domain::failure::Failure;
use crate::domain::finding::{Evidence, Subject};
use crate::domain::incident::PlanRecord;
use crate::domain::untrusted::visible;
use crate::providers::postgres::{ChangeError, PgError, Session};
use std::time::Duration;

/// The action; it holds nothing.
#[derive(Debug)]
pub struct Revoke;

static SPEC: ActionSpec = ActionSpec {
    id: "restrict.revoke",
    title: "Take the right to read from the roles that leak it",
    locks: "no table lock; running reads finish, the next statement is refused",
};

/// Rights are rows of a catalog: nobody holds them for long.
const LOCK: Duration = Duration::from_secs(2);

/// Names of the evidence that later steps read back.
const RELATION: &str = "relation";
const PRINCIPAL: &str = "principal";
const BEFORE: &str = "rights before, digest";
const AFTER: &str = "rights afterwards, digest";

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
        Box::pin(apply(session, plan, approval))
    }

    fn verify<'a>(&'a self, session: &'a Session, plan: &'a Plan) -> Boxed<'a, Proof> {
        Box::pin(verify(session, plan))
    }

    fn undo<'a>(
        &'a self,
        session: &'a Session,
        record: &'a PlanRecord,
    ) -> Boxed<'a, Result<Plan, Failure>> {
        Box::pin(undo(session, record))
    }
}

fn no_plan(why: impl Into<String>, hint: &str) -> Failure {
    Failure::new("no plan was made", why, hint)
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
    Ok(written(
        request, &wanted, &family, &effect, &around, &open, cells,
    ))
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
    let mut before: Vec<Evidence> = all
        .iter()
        .map(|grant| Evidence::new("right taken", &grant.told()))
        .collect();
    all.extend(effect.left.iter().cloned());
    before.extend(
        effect
            .left
            .iter()
            .map(|grant| Evidence::new("right kept", &grant.told())),
    );
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

fn promise(watched: &[crate::contain::action::Watched], on: &Relation, open: &[String]) -> String {
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

async fn apply(session: &Session, plan: &Plan, approval: &Approval) -> Outcome {
    let stopped = |why: &str| {
        Outcome::Failed(Failure::new(
            "nothing was changed",
            why,
            "show a new plan and approve it",
        ))
    };
    if *approval.plan() != plan.digest() {
        return stopped("the approval names another plan");
    }
    let live = match live_digest(session, plan).await {
        Ok(live) => live,
        Err(failure) => return Outcome::Failed(failure),
    };
    if Some(live.as_str()) != noted(plan, BEFORE) {
        return stopped("the rights have changed since the plan was made");
    }
    let statements: Vec<String> = plan.statements.iter().map(|s| s.sql.clone()).collect();
    let mut changed = session.change(&statements, LOCK).await;
    if matches!(&changed, Err(ChangeError::Failed(error)) if collided(error)) {
        changed = session.change(&statements, LOCK).await;
    }
    match changed {
        Ok(()) => Outcome::Applied,
        Err(ChangeError::Failed(error)) => {
            let told = Failure::from(error);
            Outcome::Failed(Failure::new("nothing was changed", told.why, told.hint))
        }
        Err(ChangeError::Unknown(error)) => Outcome::Unknown(Failure::new(
            "it is not known whether the rights were changed",
            error.to_string(),
            "connect again and verify the plan before doing anything else",
        )),
    }
}

/// Two changes of the same list of rights met; the later one is told so, with
/// a code that has no name.
fn collided(error: &PgError) -> bool {
    matches!(error, PgError::Server { code, message }
        if code == "XX000" && message.contains("concurrently"))
}

async fn verify(session: &Session, plan: &Plan) -> Proof {
    let undone = |error: Failure| Proof {
        holds: None,
        text: format!("could not be shown: {}", error.why),
        cells: Vec::new(),
    };
    let relations: Vec<Relation> = read_back(plan, RELATION);
    let principals: Vec<Principal> = read_back(plan, PRINCIPAL);
    let cells = match reading::after(session, &principals, &relations).await {
        Ok(cells) => cells,
        Err(error) => return undone(error.into()),
    };
    if plan.undoes.is_none() {
        return proof_of_cut(plan, cells);
    }
    match live_digest(session, plan).await {
        Ok(live) => {
            let holds = Some(live.as_str()) == noted(plan, AFTER);
            let text = if holds {
                "the rights are those recorded before the cut"
            } else {
                "the rights are not those recorded before the cut"
            };
            Proof {
                holds: Some(holds),
                text: text.to_owned(),
                cells,
            }
        }
        Err(failure) => undone(failure),
    }
}

fn proof_of_cut(plan: &Plan, cells: Vec<Cell>) -> Proof {
    let those = |wanted: fn(Verdict) -> bool| -> Vec<String> {
        cells
            .iter()
            .filter(|cell| wanted(cell.verdict))
            .map(|cell| format!("{} on {}", visible(&cell.principal), cell.relation))
            .collect()
    };
    let reading = those(Verdict::leaks);
    let open = those(|v| matches!(v, Verdict::Undecided | Verdict::Own));
    let (holds, text) = if cells.is_empty() {
        (None, "the plan names nobody to probe".to_owned())
    } else if !reading.is_empty() {
        (Some(false), format!("still reads: {}", reading.join(", ")))
    } else if !open.is_empty() {
        (
            None,
            format!("not refused, and not decided: {}", open.join(", ")),
        )
    } else {
        let refused = those(|v| v == Verdict::None);
        (Some(true), format!("refused: {}", refused.join(", ")))
    };
    Proof {
        holds,
        text: format!("{}: {text}", plan.subject.name),
        cells,
    }
}

async fn undo(session: &Session, record: &PlanRecord) -> Result<Plan, Failure> {
    let done = &record.plan;
    if done.undoes.is_some() || !record.standing() {
        return Err(no_plan(
            "this plan is not a containment that stands",
            "choose one from the list of standing containments",
        ));
    }
    let live = live_digest(session, done).await?;
    let (before, after) = (noted(done, BEFORE), noted(done, AFTER));
    if Some(live.as_str()) == before {
        return Err(no_plan(
            "the rights are already those recorded before the cut",
            "verify the containment; it may never have taken effect",
        ));
    }
    if Some(live.as_str()) != after {
        return Err(no_plan(
            "somebody has changed the rights since the cut",
            "compare the rights with the recorded ones and decide by hand which to give back",
        ));
    }
    let mut undo = done.clone();
    std::mem::swap(&mut undo.statements, &mut undo.undo);
    for evidence in &mut undo.before {
        let swapped = match evidence.what.as_str() {
            BEFORE => AFTER,
            AFTER => BEFORE,
            "right taken" => "right given back",
            same => same,
        };
        evidence.what = swapped.to_owned();
    }
    undo.undoes = Some(record.digest.clone());
    undo.affects = done
        .affects
        .iter()
        .map(|line| format!("reads again: {line}"))
        .collect();
    undo.proof = "read the rights again: they must be those recorded before the cut".to_owned();
    undo.cells = reading::after(
        session,
        &read_back(done, PRINCIPAL),
        &read_back(done, RELATION),
    )
    .await
    .map_err(Failure::from)?;
    Ok(undo)
}

/// The live rights to the plan's relations.
async fn live_digest(session: &Session, plan: &Plan) -> Result<Digest, Failure> {
    let relations: Vec<Relation> = read_back(plan, RELATION);
    Ok(acl::digest(&acl_of(session, &relations).await?))
}

async fn acl_of(session: &Session, relations: &[Relation]) -> Result<Vec<Grant>, Failure> {
    let rows: Vec<String> = relations.iter().map(Relation::row).collect();
    if rows.is_empty() {
        return Err(no_plan("the plan names no relation", "make a new plan"));
    }
    let sql = format!(
        "WITH base AS (SELECT c.oid, c.relacl, c.relowner, v.s, v.r FROM (VALUES {}) v(s, r) \
         JOIN pg_namespace n ON n.nspname = v.s \
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = v.r), \
         lists AS (SELECT s, r, relowner, NULL::name AS col, \
         coalesce(relacl, acldefault('r', relowner)) AS acl FROM base \
         UNION ALL SELECT b.s, b.r, b.relowner, a.attname, a.attacl FROM base b \
         JOIN pg_attribute a ON a.attrelid = b.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped) \
         SELECT l.s AS schema, l.r AS relation, l.col AS \"column\", \
         pg_get_userbyid(l.relowner) AS owner, pg_get_userbyid(x.grantor) AS grantor, \
         CASE WHEN x.grantee <> 0 THEN pg_get_userbyid(x.grantee) END AS grantee, \
         x.is_grantable AS grantable \
         FROM lists l CROSS JOIN LATERAL aclexplode(l.acl) x WHERE x.privilege_type = 'SELECT' \
         ORDER BY 1, 2, 3, 5, 6",
        rows.join(", ")
    );
    Ok(session.read(&sql).await?)
}

/// Evidence a later step reads back: JSON in ASCII, so that making it
/// printable leaves it as it is.
fn kept<T: serde::Serialize>(what: &str, value: &T) -> Evidence {
    // Serialising plain strings cannot fail; an empty one is not read back.
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && !c.is_control() {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Evidence::new(what, &ascii)
}

fn read_back<T: serde::de::DeserializeOwned>(plan: &Plan, what: &str) -> Vec<T> {
    plan.before
        .iter()
        .filter(|evidence| evidence.what == what)
        .filter_map(|evidence| serde_json::from_str(&evidence.value).ok())
        .collect()
}

fn noted<'a>(plan: &'a Plan, what: &str) -> Option<&'a str> {
    plan.before
        .iter()
        .find(|evidence| evidence.what == what)
        .map(|evidence| evidence.value.as_str())
}
