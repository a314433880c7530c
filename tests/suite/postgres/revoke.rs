//! `restrict.revoke`, from plan to undo, on live grants.

mod narrow;
mod refused;

use super::{admin, role};
use crate::support::lab::{Lab, lab, rows};
use firsthour::contain::action::{Action, On, PlanRequest, Relation, Watched};
use firsthour::contain::restrict::revoke::REVOKE;
use firsthour::domain::action::{Outcome, Plan};
use firsthour::domain::approval::Approval;
use firsthour::domain::digest::Digest;
use firsthour::domain::entry::{Actor, ClockNote, Entry, Mono};
use firsthour::domain::exposure::{Principal, PrincipalKind, Verdict};
use firsthour::domain::fact::{Approved, Fact};
use firsthour::domain::incident::{PlanRecord, PlanState};
use firsthour::providers::postgres::{Assumed, Session};

fn request(relation: &str, roles: &[&str]) -> PlanRequest {
    on(public(relation), roles)
}

/// A relation of the schema `public`.
pub fn public(relation: &str) -> On {
    On::Relation(Relation {
        schema: "public".to_owned(),
        relation: relation.to_owned(),
    })
}

/// A plan of any kind against roles that must see nothing.
pub fn on(on: On, roles: &[&str]) -> PlanRequest {
    let watched = roles.iter().map(|role| Watched {
        principal: Principal {
            name: format!("anonymous as {role}"),
            kind: PrincipalKind::Anonymous,
            role: (*role).to_owned(),
        },
        who: Assumed::role(role),
        foreign: None,
    });
    PlanRequest {
        target: "production".to_owned(),
        on,
        watched: watched.collect(),
    }
}

pub fn approval(plan: &Plan) -> Approval {
    let fact = Fact::Approved(Approved {
        plan: plan.digest(),
        typed: plan.confirm.clone(),
    });
    let empty = String::new;
    let entry = Entry {
        v: firsthour::domain::entry::SCHEMA,
        inc: empty(),
        wid: empty(),
        seq: 1,
        prev: Digest::of(b""),
        ts: chrono::DateTime::UNIX_EPOCH,
        mono: Mono {
            boot: empty(),
            ns: 0,
        },
        clk: ClockNote { src: empty() },
        hlc: empty(),
        act: Actor {
            id: empty(),
            via: empty(),
            host: empty(),
        },
        step: None,
        re: None,
        at: None,
        sum: empty(),
        fact,
        ev: Vec::new(),
        h: Digest::of(b"e"),
    };
    Approval::from_entry(&entry, plan).expect("an approval")
}

pub fn applied(plan: &Plan) -> PlanRecord {
    PlanRecord {
        plan: plan.clone(),
        digest: plan.digest(),
        state: PlanState::Applied,
        proof: None,
        by: "ada".to_owned(),
        since: chrono::DateTime::UNIX_EPOCH,
        seq: 1,
        lifted_by: None,
    }
}

async fn apply(session: &Session, plan: &Plan) {
    let outcome = REVOKE.apply(session, plan, &approval(plan)).await;
    assert_eq!(outcome, Outcome::Applied, "{plan:#?}");
}

/// Every right on everything in `public`, the way the server explodes them.
async fn rights(lab: &Lab) -> Vec<Vec<Option<String>>> {
    lab.exec(
        "select c.relname, null as col, x.grantor::regrole::text, x.grantee, x.privilege_type, x.is_grantable \
         from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x \
         where c.relnamespace = 'public'::regnamespace and c.relkind <> 'i' \
         union all select c.relname, a.attname, x.grantor::regrole::text, x.grantee, x.privilege_type, x.is_grantable \
         from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) x \
         where c.relnamespace = 'public'::regnamespace order by 1, 2, 3, 4, 5, 6",
    )
    .await
}

const TABLE: &str = "create table public.customers(id int, email text, note text); \
                     insert into public.customers values (1, 'a', 'b'), (2, 'c', 'd');";

#[tokio::test]
async fn a_cut_is_proven_and_its_undo_restores_every_right() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let reporter = role(&lab, "reporter", "").await;
    let bob = role(&lab, "bob", "").await;
    lab.exec(&format!(
        "{TABLE} grant select, insert on public.customers to {anon}, public; \
         grant select (email) on public.customers to {anon}; \
         grant select (id) on public.customers to {anon} with grant option; \
         grant select on public.customers to {reporter} with grant option; \
         set role {reporter}; grant select on public.customers to {anon} with grant option; reset role; \
         set role {anon}; grant select on public.customers to {bob}; \
         grant select (id) on public.customers to {bob}; reset role"
    ))
    .await;
    let before = rights(&lab).await;
    let session = admin(&lab).await;
    let plan = REVOKE
        .plan(&session, &request("customers", &[&anon]))
        .await
        .unwrap();
    assert_eq!(plan.confirm, "production");
    assert_eq!(plan.cells[0].verdict, Verdict::All);
    assert_eq!(plan.cells[0].rows, Some(2));
    assert!(plan.locks.starts_with("no table lock"));
    assert!(
        plan.affects.contains(&anon) && plan.affects.contains(&bob),
        "{plan:#?}"
    );
    assert!(plan.affects.iter().any(|line| line.contains("PUBLIC")));
    assert_eq!(rights(&lab).await, before, "planning changes nothing");

    apply(&session, &plan).await;
    let proof = REVOKE.verify(&session, &plan).await;
    assert_eq!(proof.holds, Some(true), "{proof:?}");
    assert_eq!(proof.cells[0].verdict, Verdict::None);
    assert!(proof.cells[0].basis.contains("42501"));

    let undo = REVOKE.undo(&session, &applied(&plan)).await.unwrap();
    assert_eq!(undo.undoes, Some(plan.digest()));
    apply(&session, &undo).await;
    assert_eq!(rights(&lab).await, before);
    assert_eq!(REVOKE.verify(&session, &undo).await.holds, Some(true));
    assert_eq!(REVOKE.verify(&session, &plan).await.holds, Some(false));
}

#[tokio::test]
async fn only_reading_is_taken() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!("{TABLE} grant all on public.customers to {anon}"))
        .await;
    let session = admin(&lab).await;
    let plan = REVOKE
        .plan(&session, &request("customers", &[&anon]))
        .await
        .unwrap();
    apply(&session, &plan).await;
    lab.exec(&format!(
        "set role {anon}; insert into public.customers values (3, 'e', 'f')"
    ))
    .await;
    assert_eq!(REVOKE.verify(&session, &plan).await.holds, Some(true));
}

#[tokio::test]
async fn partitions_are_cut_with_their_parent() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "create table public.\"Bills\"(at int) partition by range (at); \
         create table public.b1 partition of public.\"Bills\" for values from (0) to (10); \
         insert into public.b1 values (1); grant select on public.\"Bills\", public.b1 to {anon}"
    ))
    .await;
    let session = admin(&lab).await;
    let plan = REVOKE
        .plan(&session, &request("Bills", &[&anon]))
        .await
        .unwrap();
    assert_eq!(plan.subject.name, "public.Bills");
    assert_eq!(plan.statements.len(), 2);
    apply(&session, &plan).await;
    let proof = REVOKE.verify(&session, &plan).await;
    assert_eq!(
        (proof.holds, proof.cells.len()),
        (Some(true), 2),
        "{proof:?}"
    );
}

#[tokio::test]
async fn views_of_each_kind_are_cut() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "{TABLE} create view public.v as select * from public.customers; \
         create materialized view public.m as select * from public.customers; \
         grant select on public.v, public.m to {anon}"
    ))
    .await;
    let session = admin(&lab).await;
    for (name, word) in [("v", "view"), ("m", "materialized view")] {
        let plan = REVOKE
            .plan(&session, &request(name, &[&anon]))
            .await
            .unwrap();
        assert_eq!(plan.subject.kind.word(), word);
        apply(&session, &plan).await;
        assert_eq!(REVOKE.verify(&session, &plan).await.holds, Some(true));
    }
}

#[tokio::test]
async fn ways_that_stay_open_are_told_and_the_proof_does_not_hold() {
    let lab = lab().await;
    let staff = role(&lab, "staff", "").await;
    let anon = role(&lab, "anon", &format!("in role {staff}")).await;
    lab.exec(&format!(
        "{TABLE} create view public.everyone as select email from public.customers; \
         grant select on public.customers to {anon}, {staff}; grant select on public.everyone to {anon}"
    ))
    .await;
    let session = admin(&lab).await;
    let plan = REVOKE
        .plan(&session, &request("customers", &[&anon]))
        .await
        .unwrap();
    assert!(
        plan.proof.contains(&format!("membership in {staff}")),
        "{}",
        plan.proof
    );
    assert!(plan.proof.contains("public.everyone"), "{}", plan.proof);
    apply(&session, &plan).await;
    let proof = REVOKE.verify(&session, &plan).await;
    assert_eq!(proof.holds, Some(false), "{proof:?}");
    assert!(proof.text.contains("still reads"), "{proof:?}");

    let again = REVOKE.plan(&session, &request("customers", &[&anon])).await;
    let why = again.unwrap_err().why;
    assert!(
        why.contains("no right to read") && why.contains(&staff),
        "{why}"
    );
}

#[tokio::test]
async fn hostile_names_are_quoted_and_read_back() {
    let lab = lab().await;
    let anon = format!("{}_a\"n\u{202e}on", lab.database);
    let quoted = anon.replace('"', "\"\"");
    lab.exec(&format!(
        "create role \"{quoted}\"; create table public.\"we;ird '\\ \"\"t\"(a int); \
         insert into public.\"we;ird '\\ \"\"t\" values (1); \
         grant select on public.\"we;ird '\\ \"\"t\" to \"{quoted}\""
    ))
    .await;
    let session = admin(&lab).await;
    let plan = REVOKE
        .plan(&session, &request("we;ird '\\ \"t", &[&anon]))
        .await
        .unwrap();
    apply(&session, &plan).await;
    assert_eq!(REVOKE.verify(&session, &plan).await.holds, Some(true));
    let undo = REVOKE.undo(&session, &applied(&plan)).await.unwrap();
    apply(&session, &undo).await;
}

#[tokio::test]
async fn two_changes_of_one_list_of_rights_do_not_lose_the_cut() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "{TABLE} grant select on public.customers to {anon}"
    ))
    .await;
    let session = admin(&lab).await;
    let plan = REVOKE
        .plan(&session, &request("customers", &[&anon]))
        .await
        .unwrap();
    let other = lab.connect("postgres").await;
    rows(
        &other,
        &format!("begin; grant insert on public.customers to {anon}"),
    )
    .await;
    let approved = approval(&plan);
    let cut = REVOKE.apply(&session, &plan, &approved);
    let meet = async {
        // Our REVOKE stands in line behind the other transaction.
        let waits = format!(
            "select 1 from pg_stat_activity where datname = '{}' and wait_event_type = 'Lock'",
            lab.database
        );
        while lab.exec(&waits).await.is_empty() {
            tokio::task::yield_now().await;
        }
        rows(&other, "commit").await;
    };
    let (outcome, ()) = tokio::join!(cut, meet);
    assert_eq!(outcome, Outcome::Applied);
    assert_eq!(REVOKE.verify(&session, &plan).await.holds, Some(true));
}
