//! `restrict.nologin`: no new session, the open ones end, and the way back.

use super::revoke::{applied, approval, on, public};
use super::{admin, role, settings};
use crate::support::lab::lab;
use firsthour::contain::action::{Action, On, PlanRequest};
use firsthour::contain::restrict::nologin::NOLOGIN;
use firsthour::domain::action::{Outcome, Plan};
use firsthour::providers::postgres::Session;

fn stop(role: &str) -> PlanRequest {
    on(On::Role(role.to_owned()), &[])
}

async fn done(session: &Session, plan: &Plan) {
    let outcome = NOLOGIN.apply(session, plan, &approval(plan)).await;
    assert_eq!(outcome, Outcome::Applied, "{plan:#?}");
}

#[tokio::test]
async fn a_login_is_stopped_with_its_sessions_and_let_in_again() {
    let lab = lab().await;
    let app = role(&lab, "app", "login").await;
    let other = role(&lab, "other", "login").await;
    let (one, two) = (lab.connect(&app).await, lab.connect(&app).await);
    let stays = lab.connect(&other).await;
    let session = admin(&lab).await;
    let plan = NOLOGIN.plan(&session, &stop(&app)).await.unwrap();
    let told = plan
        .before
        .iter()
        .find(|e| e.what == "open sessions")
        .unwrap();
    assert!(
        told.value.starts_with(&format!("2 in {}", lab.database)),
        "{told:?}"
    );
    assert!(plan.locks.contains("broken off"), "{}", plan.locks);
    assert_eq!(NOLOGIN.verify(&session, &plan).await.holds, Some(false));

    done(&session, &plan).await;
    let proof = NOLOGIN.verify(&session, &plan).await;
    assert_eq!(proof.holds, Some(true), "{proof:?}");
    assert!(one.simple_query("select 1").await.is_err());
    assert!(two.simple_query("select 1").await.is_err());
    assert!(stays.simple_query("select 1").await.is_ok());
    assert!(Session::connect(&settings(&lab, &app)).await.is_err());

    let undo = NOLOGIN.undo(&session, &applied(&plan)).await.unwrap();
    assert_eq!(undo.statements.len(), 1);
    done(&session, &undo).await;
    assert_eq!(NOLOGIN.verify(&session, &undo).await.holds, Some(true));
    assert!(Session::connect(&settings(&lab, &app)).await.is_ok());
    assert_eq!(NOLOGIN.verify(&session, &plan).await.holds, Some(false));
    let late = NOLOGIN.undo(&session, &applied(&plan)).await.unwrap_err();
    assert!(late.why.contains("already"), "{late:?}");
}

#[tokio::test]
async fn the_platform_our_own_login_and_what_cannot_log_in_are_refused() {
    let lab = lab().await;
    let group = role(&lab, "group", "").await;
    let keeper = role(&lab, "keeper", "login createrole").await;
    let session = Session::connect(&settings(&lab, &keeper)).await.unwrap();
    for (request, why) in [
        (stop("postgres"), "belongs to the platform"),
        (stop("pg_monitor"), "belongs to the platform"),
        (stop(&keeper), "firsthour itself uses"),
        (stop(&group), "may not log in as it is"),
        (stop("who_is_this"), "no role who_is_this"),
        (on(public("t"), &[&group]), "only a role"),
    ] {
        let failure = NOLOGIN.plan(&session, &request).await.unwrap_err();
        assert!(failure.why.contains(why), "{failure:?}");
    }
}

#[tokio::test]
async fn a_login_without_the_rights_is_told_which_one_it_lacks() {
    let lab = lab().await;
    let app = role(&lab, "app", "login").await;
    let bare = role(&lab, "bare", "login").await;
    let keeper = role(&lab, "keeper", "login createrole").await;
    lab.exec(&format!(
        "do $$ begin if current_setting('server_version_num')::int >= 160000 then \
         execute 'grant {app} to {keeper} with admin true, inherit false'; end if; end $$"
    ))
    .await;
    let plan_as = async |login: &str| {
        let session = Session::connect(&settings(&lab, login)).await.unwrap();
        let plan = NOLOGIN.plan(&session, &stop(&app)).await;
        (session, plan)
    };
    let (_, plan) = plan_as(&bare).await;
    let refused = plan.unwrap_err();
    assert!(
        refused.why.contains("may not change this role"),
        "{refused:?}"
    );
    let (_, plan) = plan_as(&keeper).await;
    let refused = plan.unwrap_err();
    assert!(refused.hint.contains("pg_signal_backend"), "{refused:?}");
    lab.exec(&format!("grant pg_signal_backend to {keeper}"))
        .await;
    let (session, plan) = plan_as(&keeper).await;
    let plan = plan.unwrap();
    let open = lab.connect(&app).await;
    done(&session, &plan).await;
    let proof = NOLOGIN.verify(&session, &plan).await;
    assert_eq!(proof.holds, Some(true), "{proof:?}");
    assert!(open.simple_query("select 1").await.is_err());
}
