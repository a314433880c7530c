//! Cuts that are narrower or wider than a relation: columns, functions,
//! schemas. Each is proven, and its undo restores every right.

use super::{TABLE, applied, apply, on, public, rights};
use crate::postgres::{admin, role, settings};
use crate::support::lab::{Lab, lab, rows};
use firsthour::contain::action::{Action, On, Relation};
use firsthour::contain::restrict::revoke::REVOKE;
use firsthour::domain::action::Plan;
use firsthour::providers::postgres::Session;

fn columns(names: &[&str]) -> On {
    let relation = Relation {
        schema: "public".to_owned(),
        relation: "customers".to_owned(),
    };
    On::Columns(relation, names.iter().map(|n| (*n).to_owned()).collect())
}

/// Every right on functions and on schemas of the test.
async fn other_rights(lab: &Lab) -> Vec<Vec<Option<String>>> {
    lab.exec(
        "select p.oid::regprocedure::text, x.grantor::regrole::text, x.grantee, x.privilege_type, x.is_grantable \
         from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x \
         where p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) \
         union all select n.nspname, x.grantor::regrole::text, x.grantee, x.privilege_type, x.is_grantable \
         from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x \
         where n.nspname not like 'pg%' order by 1, 2, 3, 4, 5",
    )
    .await
}

/// Applies, expects the proof, and goes back.
async fn there_and_back(session: &Session, plan: &Plan, said: &str) {
    assert_eq!(REVOKE.verify(session, plan).await.holds, Some(false));
    apply(session, plan).await;
    let proof = REVOKE.verify(session, plan).await;
    assert_eq!(proof.holds, Some(true), "{proof:?}");
    assert!(proof.text.contains(said), "{proof:?}");
    let undo = REVOKE.undo(session, &applied(plan)).await.unwrap();
    apply(session, &undo).await;
    let back = REVOKE.verify(session, &undo).await;
    assert_eq!(back.holds, Some(true), "{back:?}");
    assert_eq!(REVOKE.verify(session, plan).await.holds, Some(false));
}

#[tokio::test]
async fn a_right_to_the_whole_table_is_exchanged_for_the_other_columns() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let bob = role(&lab, "bob", "").await;
    lab.exec(&format!(
        "{TABLE} grant select, update on public.customers to {anon}; \
         grant select on public.customers to public; \
         grant select (email, note), insert (email) on public.customers to {bob}"
    ))
    .await;
    let before = rights(&lab).await;
    let session = admin(&lab).await;
    let request = on(columns(&["email"]), &[&anon, &bob]);
    let plan = REVOKE.plan(&session, &request).await.unwrap();
    assert!(
        plan.affects.iter().any(|line| line.contains("SELECT *")),
        "{plan:#?}"
    );
    apply(&session, &plan).await;
    for who in [&anon, &bob] {
        lab.exec(&format!(
            "set role {who}; select id, note from public.customers"
        ))
        .await;
    }
    lab.exec(&format!(
        "set role {bob}; insert into public.customers (email) values ('x')"
    ))
    .await;
    let undo = REVOKE.undo(&session, &applied(&plan)).await.unwrap();
    apply(&session, &undo).await;
    assert_eq!(rights(&lab).await, before);
    there_and_back(&session, &plan, "42501").await;
    assert_eq!(rights(&lab).await, before);
}

#[tokio::test]
async fn columns_that_are_not_there_or_were_given_on_are_not_planned() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let bob = role(&lab, "bob", "").await;
    lab.exec(&format!(
        "{TABLE} grant select on public.customers to {anon} with grant option; \
         set role {anon}; grant select on public.customers to {bob}"
    ))
    .await;
    let session = admin(&lab).await;
    for (names, why) in [
        (vec!["e-mail"], "does not have all"),
        (vec![], "does not have all"),
        (vec!["email"], "given the right on"),
    ] {
        let request = on(columns(&names), &[&anon]);
        let failure = REVOKE.plan(&session, &request).await.unwrap_err();
        assert!(failure.why.contains(why), "{failure:?}");
    }
}

#[tokio::test]
async fn a_function_is_cut_from_public_too_and_never_called() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "create table public.called(at int); \
         create function public.\"hand out\"(a text, b int[]) returns setof text security definer \
         language plpgsql as 'begin insert into public.called values (1); return next a; end'; \
         create function public.\"hand out\"() returns record immutable security definer \
         language plpgsql as 'declare r record; begin select 1, 2 into r; return r; end'; \
         grant execute on all routines in schema public to {anon} with grant option"
    ))
    .await;
    let before = other_rights(&lab).await;
    let session = admin(&lab).await;
    for (name, statements) in [
        ("public.hand out", 2),
        ("public.hand out(text, integer[])", 1),
    ] {
        let request = on(On::Routine(name.to_owned()), &[&anon]);
        let plan = REVOKE.plan(&session, &request).await.unwrap();
        assert_eq!(plan.statements.len(), statements, "{plan:#?}");
        assert!(
            plan.before
                .iter()
                .any(|e| e.value.contains("PUBLIC has the right"))
        );
        there_and_back(&session, &plan, "42501").await;
        assert_eq!(other_rights(&lab).await, before);
    }
    assert_eq!(lab.exec("select at from public.called").await.len(), 0);
    let none = on(On::Routine("public.nothing".to_owned()), &[&anon]);
    let failure = REVOKE.plan(&session, &none).await.unwrap_err();
    assert!(
        failure.why.contains("no function public.nothing"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_procedure_is_cut_by_the_word_of_the_server() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec("create procedure public.p(a int) language sql as 'select 1'")
        .await;
    let session = admin(&lab).await;
    let request = on(On::Routine("public.p".to_owned()), &[&anon]);
    let plan = REVOKE.plan(&session, &request).await.unwrap();
    there_and_back(&session, &plan, "no try was possible").await;
}

#[tokio::test]
async fn a_schema_is_cut_and_its_tables_show_it() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    // Sorts before the other logins of the cluster: the plan names a few.
    let app = format!("!{}_app", lab.database);
    lab.exec(&format!("create role \"{app}\" login")).await;
    let schema = format!("{}_Api", lab.database);
    lab.exec(&format!(
        "create schema \"{schema}\"; create table \"{schema}\".t as select 1 as a; \
         grant usage on schema \"{schema}\" to {anon}, public; grant select on \"{schema}\".t to {anon}"
    ))
    .await;
    let before = other_rights(&lab).await;
    let session = admin(&lab).await;
    let request = on(On::Schema(schema.clone()), &[&anon]);
    let plan = REVOKE.plan(&session, &request).await.unwrap();
    assert_eq!(plan.cells.len(), 1);
    assert!(
        plan.affects.iter().any(|line| line.contains(&app)),
        "{:#?}",
        plan.affects
    );
    there_and_back(&session, &plan, "refused").await;
    assert_eq!(other_rights(&lab).await, before);
}

#[tokio::test]
async fn an_owner_who_is_no_superuser_can_cut_what_is_its_own() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let boss = role(&lab, "boss", &format!("login in role {anon}")).await;
    let owner = lab.connect("postgres").await;
    rows(
        &owner,
        &format!(
            "create schema app authorization {boss}; set role {boss}; \
             create table app.t(a int, b int); insert into app.t values (1, 2); \
             create function app.f() returns int language sql as 'select 1'; \
             grant usage on schema app to {anon}; grant select on app.t to {anon}"
        ),
    )
    .await;
    let session = Session::connect(&settings(&lab, &boss)).await.unwrap();
    let relation = Relation {
        schema: "app".to_owned(),
        relation: "t".to_owned(),
    };
    for wanted in [
        On::Routine("app.f".to_owned()),
        On::Columns(relation, vec!["b".to_owned()]),
        On::Schema("app".to_owned()),
    ] {
        let plan = REVOKE.plan(&session, &on(wanted, &[&anon])).await.unwrap();
        there_and_back(&session, &plan, "refused").await;
    }
    let others = Session::connect(&settings(&lab, &boss)).await.unwrap();
    for foreign in [On::Schema("public".to_owned()), public("none")] {
        let failure = REVOKE
            .plan(&others, &on(foreign, &[&anon]))
            .await
            .unwrap_err();
        assert!(failure.why.contains("may not change") || failure.why.contains("no relation"));
    }
}
