//! When no plan is made, none is applied, or no proof is given.

use super::{TABLE, applied, apply, approval, request};
use crate::postgres::{admin, role, settings};
use crate::support::lab::lab;
use firsthour::contain::action::Action;
use firsthour::contain::restrict::revoke::REVOKE;
use firsthour::domain::action::Outcome;
use firsthour::domain::exposure::Verdict;
use firsthour::providers::postgres::Session;

#[tokio::test]
async fn drift_stops_both_the_cut_and_its_undo() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let other = role(&lab, "other", "").await;
    lab.exec(&format!(
        "{TABLE} grant select on public.customers to {anon}"
    ))
    .await;
    let session = admin(&lab).await;
    let early = REVOKE
        .plan(&session, &request("customers", &[&anon]))
        .await
        .unwrap();
    lab.exec(&format!("grant select on public.customers to {other}"))
        .await;
    let outcome = REVOKE.apply(&session, &early, &approval(&early)).await;
    assert!(
        matches!(&outcome, Outcome::Failed(f) if f.why.contains("changed")),
        "{outcome:?}"
    );

    let plan = REVOKE
        .plan(&session, &request("customers", &[&anon]))
        .await
        .unwrap();
    let never = REVOKE.undo(&session, &applied(&plan)).await.unwrap_err();
    assert!(never.why.contains("already"), "{never:?}");
    apply(&session, &plan).await;
    lab.exec(&format!("revoke select on public.customers from {other}"))
        .await;
    let refused = REVOKE.undo(&session, &applied(&plan)).await.unwrap_err();
    assert!(refused.why.contains("somebody has changed"), "{refused:?}");
}

#[tokio::test]
async fn a_plan_needs_its_own_approval() {
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
    let mut other = plan.clone();
    other.statements[0].sql.push_str(" CASCADE");
    let outcome = REVOKE.apply(&session, &other, &approval(&plan)).await;
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
    assert_eq!(REVOKE.verify(&session, &plan).await.holds, Some(false));
}

#[tokio::test]
async fn a_login_that_cannot_change_rights_is_told_before_any_plan() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let bare = role(&lab, "bare", &format!("login in role {anon}")).await;
    lab.exec(&format!(
        "{TABLE} grant select on public.customers to {anon}"
    ))
    .await;
    let session = Session::connect(&settings(&lab, &bare)).await.unwrap();
    let failure = REVOKE
        .plan(&session, &request("customers", &[&anon]))
        .await
        .unwrap_err();
    assert!(failure.hint.contains("as the owner"), "{failure:?}");
    let session = admin(&lab).await;
    for (relation, roles, why) in [
        ("nothing", vec![&*anon], "no relation public.nothing"),
        ("customers", vec!["who_is_this"], "no role who_is_this"),
        ("customers", vec![], "no principal"),
    ] {
        let failure = REVOKE
            .plan(&session, &request(relation, &roles))
            .await
            .unwrap_err();
        assert!(failure.why.contains(why), "{failure:?}");
    }
}

#[tokio::test]
async fn a_policy_that_hides_rows_is_no_proof_of_a_cut() {
    let lab = lab().await;
    let user = role(&lab, "user", "").await;
    lab.exec(&format!(
        "{TABLE} grant select on public.customers to {user}; \
         alter table public.customers enable row level security"
    ))
    .await;
    let session = admin(&lab).await;
    let plan = REVOKE
        .plan(&session, &request("customers", &[&user]))
        .await
        .unwrap();
    assert_eq!(plan.cells[0].verdict, Verdict::None);
    let proof = REVOKE.verify(&session, &plan).await;
    assert_eq!(proof.holds, None, "not refused, so not shown: {proof:?}");
}

#[tokio::test]
async fn a_refusal_from_inside_a_view_is_no_proof_of_a_cut() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "{TABLE} create function public.inner() returns int language sql as 'select 1'; \
         revoke execute on function public.inner() from public; \
         create view public.v as select public.inner() as a; grant select on public.v to {anon}"
    ))
    .await;
    let session = admin(&lab).await;
    let plan = REVOKE
        .plan(&session, &request("v", &[&anon]))
        .await
        .unwrap();
    let proof = REVOKE.verify(&session, &plan).await;
    assert_eq!(proof.holds, None, "{proof:?}");
    assert!(proof.cells[0].basis.contains("still granted"), "{proof:?}");
    apply(&session, &plan).await;
    assert_eq!(REVOKE.verify(&session, &plan).await.holds, Some(true));
}
