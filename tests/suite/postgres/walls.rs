//! `restrict.rls` and `restrict.deny`, from plan to undo, on live tables.

use super::revoke::{applied, approval, on, public};
use super::{admin, role, settings};
use crate::support::lab::{Lab, lab, rows};
use firsthour::contain::action::{Action, On};
use firsthour::contain::restrict::deny::DENY;
use firsthour::contain::restrict::rls::RLS;
use firsthour::domain::action::{Outcome, Plan};
use firsthour::domain::exposure::Verdict;
use firsthour::providers::postgres::Session;

const TABLE: &str = "create table public.orders(id int, org int); \
                     insert into public.orders values (1, 1), (2, 2);";

/// The switches and policies of every table in `public`.
async fn walls(lab: &Lab) -> Vec<Vec<Option<String>>> {
    lab.exec(
        "select c.relname, c.relrowsecurity, c.relforcerowsecurity, p.polname, p.polcmd, \
         p.polpermissive, p.polroles::regrole[]::text, pg_get_expr(p.polqual, p.polrelid), \
         pg_get_expr(p.polwithcheck, p.polrelid) \
         from pg_class c left join pg_policy p on p.polrelid = c.oid \
         where c.relnamespace = 'public'::regnamespace order by 1, 4",
    )
    .await
}

async fn planned(action: &dyn Action, session: &Session, relation: &str, who: &[&str]) -> Plan {
    let request = on(public(relation), who);
    action.plan(session, &request).await.expect("a plan")
}

async fn done(action: &dyn Action, session: &Session, plan: &Plan) {
    let outcome = action.apply(session, plan, &approval(plan)).await;
    assert_eq!(outcome, Outcome::Applied, "{plan:#?}");
}

/// Applies, expects the proof, goes back, and expects that of the undo.
async fn there_and_back(action: &dyn Action, lab: &Lab, session: &Session, plan: &Plan) {
    let before = walls(lab).await;
    assert_eq!(action.verify(session, plan).await.holds, Some(false));
    done(action, session, plan).await;
    let proof = action.verify(session, plan).await;
    assert_eq!(proof.holds, Some(true), "{proof:?}");
    let undo = action.undo(session, &applied(plan)).await.expect("an undo");
    done(action, session, &undo).await;
    assert_eq!(walls(lab).await, before);
    assert_eq!(action.verify(session, &undo).await.holds, Some(true));
    assert_eq!(action.verify(session, plan).await.holds, Some(false));
}

#[tokio::test]
async fn switching_row_security_on_shuts_everybody_out_and_is_undone_exactly() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "{TABLE} create table public.parts(at int) partition by range (at); \
         create table public.p1 partition of public.parts for values from (0) to (10); \
         insert into public.parts values (1); alter table public.p1 force row level security; \
         grant select on all tables in schema public to {anon}"
    ))
    .await;
    let session = admin(&lab).await;
    let plan = planned(&RLS, &session, "orders", &[&anon]).await;
    assert_eq!(plan.cells[0].verdict, Verdict::All);
    assert!(plan.locks.contains("exclusive lock"), "{}", plan.locks);
    assert!(plan.affects[0].contains("no policy"), "{:?}", plan.affects);
    assert!(plan.before.iter().any(|e| e.value == "no session"));
    assert_eq!(
        plan.statements[0].sql,
        "ALTER TABLE \"public\".\"orders\" ENABLE ROW LEVEL SECURITY"
    );
    there_and_back(&RLS, &lab, &session, &plan).await;
    let plan = planned(&RLS, &session, "parts", &[&anon]).await;
    assert_eq!(plan.statements.len(), 2);
    there_and_back(&RLS, &lab, &session, &plan).await;
}

#[tokio::test]
async fn an_owner_who_logs_in_is_forced_and_may_do_it_itself() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let boss = role(&lab, "boss", &format!("login in role {anon}")).await;
    lab.exec(&format!(
        "{TABLE} grant select on public.orders to {anon}; alter table public.orders owner to {boss}"
    ))
    .await;
    let session = Session::connect(&settings(&lab, &boss)).await.unwrap();
    let plan = planned(&RLS, &session, "orders", &[&anon, &boss]).await;
    assert!(
        plan.statements[0]
            .sql
            .ends_with(", FORCE ROW LEVEL SECURITY"),
        "{plan:#?}"
    );
    there_and_back(&RLS, &lab, &session, &plan).await;
}

#[tokio::test]
async fn a_denying_policy_shuts_out_only_the_roles_it_names() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let user = role(&lab, "user", "").await;
    lab.exec(&format!(
        "{TABLE} grant select, insert on public.orders to {anon}, {user}; \
         alter table public.orders enable row level security; \
         create policy everybody on public.orders using (true); \
         create policy firsthour_deny on public.orders as restrictive for select to {user} using (org = 1)"
    ))
    .await;
    let session = admin(&lab).await;
    let plan = planned(&DENY, &session, "orders", &[&anon]).await;
    assert!(
        plan.statements[0]
            .sql
            .starts_with("CREATE POLICY \"firsthour_deny_2\""),
        "the name is free: {plan:#?}"
    );
    there_and_back(&DENY, &lab, &session, &plan).await;
    done(&DENY, &session, &plan).await;
    let seen = lab
        .exec(&format!("set role {user}; select id from public.orders"))
        .await;
    assert_eq!(seen.len(), 1, "others read on");
    let again = DENY.apply(&session, &plan, &approval(&plan)).await;
    assert!(
        matches!(&again, Outcome::Failed(f) if f.why.contains("have changed")),
        "{again:?}"
    );
}

#[tokio::test]
async fn who_holds_the_lock_is_said_and_nothing_is_changed() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let slow = role(&lab, "slow", &format!("login in role {anon}")).await;
    lab.exec(&format!("{TABLE} grant select on public.orders to {anon}"))
        .await;
    let reader = lab.connect(&slow).await;
    rows(&reader, "begin; select 'a customer' from public.orders").await;
    let before = walls(&lab).await;
    let session = admin(&lab).await;
    let plan = planned(&RLS, &session, "orders", &[&anon]).await;
    let blocker = plan
        .before
        .iter()
        .find(|e| e.what == "in the way now")
        .unwrap();
    assert!(blocker.value.contains(&slow), "{blocker:?}");
    assert!(
        !blocker.value.contains("customer"),
        "no query text: {blocker:?}"
    );
    let outcome = RLS.apply(&session, &plan, &approval(&plan)).await;
    let Outcome::Failed(failure) = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(failure.what, "nothing was changed");
    assert!(failure.why.contains(&slow), "{failure:?}");
    assert_eq!(walls(&lab).await, before);
    rows(&reader, "commit").await;
    done(&RLS, &session, &plan).await;
}

#[tokio::test]
async fn drift_stops_a_plan_and_its_undo() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!("{TABLE} grant select on public.orders to {anon}"))
        .await;
    let session = admin(&lab).await;
    let plan = planned(&RLS, &session, "orders", &[&anon]).await;
    done(&RLS, &session, &plan).await;
    let scoped = "create policy own on public.orders using (org = 1)";
    lab.exec(scoped).await;
    let refused = RLS.undo(&session, &applied(&plan)).await.unwrap_err();
    assert!(refused.why.contains("somebody has changed"), "{refused:?}");
    let proof = RLS.verify(&session, &plan).await;
    assert_eq!(
        proof.holds,
        Some(false),
        "the new policy shows a row: {proof:?}"
    );
}

#[tokio::test]
async fn what_does_not_fit_is_not_planned() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let bare = role(&lab, "bare", &format!("login in role {anon}")).await;
    lab.exec(&format!(
        "{TABLE} create view public.v as select * from public.orders; \
         grant select on public.orders, public.v to {anon}"
    ))
    .await;
    let session = admin(&lab).await;
    let refused: [(&dyn Action, On, &str); 4] = [
        (&DENY, public("orders"), "row-level security is off"),
        (&DENY, public("v"), "which policies do not guard"),
        (&RLS, public("v"), "which policies do not guard"),
        (&RLS, On::Schema("public".to_owned()), "this is none"),
    ];
    for (action, wanted, why) in refused {
        let failure = action
            .plan(&session, &on(wanted, &[&anon]))
            .await
            .unwrap_err();
        assert!(failure.why.contains(why), "{failure:?}");
    }
    let bare = Session::connect(&settings(&lab, &bare)).await.unwrap();
    let failure = RLS
        .plan(&bare, &on(public("orders"), &[&anon]))
        .await
        .unwrap_err();
    assert!(failure.hint.contains("as the owner"), "{failure:?}");
    lab.exec("alter table public.orders enable row level security")
        .await;
    let failure = RLS
        .plan(&session, &on(public("orders"), &[&anon]))
        .await
        .unwrap_err();
    assert!(failure.hint.contains("restrict.deny"), "{failure:?}");
}
