//! The quiet prober: what it decides, and what it refuses to decide.

use super::{admin, role};
use crate::support::lab::lab;
use firsthour::providers::postgres::{Assumed, PlanClass, ProbeCell, ProbeLimits};
use std::time::Duration;

fn cells(names: &[&str]) -> Vec<ProbeCell> {
    names
        .iter()
        .map(|name| ProbeCell {
            count: true,
            ..ProbeCell::new("public", name)
        })
        .collect()
}

const SHAPES: &str = "
    create table public.off(a int); insert into public.off values (1), (2);
    create table public.void(a int);
    create table public.policed(a int, org int); insert into public.policed values (1, 1), (2, 2);
    alter table public.policed enable row level security;
    create policy p on public.policed using (org = nullif(current_setting('app.org', true), '')::int);
    create table public.shut(a int); insert into public.shut values (1);
    alter table public.shut enable row level security;
    create table public.hidden(a int);
    create table public.broken(a int); insert into public.broken values (1);
    alter table public.broken enable row level security;
    create policy p on public.broken using (a = current_setting('app.missing')::int);
    create view public.window as select a from public.policed;";

#[tokio::test]
async fn each_shape_gets_its_verdict() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "{SHAPES} grant select on public.off, public.void, public.policed, public.shut, \
         public.broken, public.window to {anon}"
    ))
    .await;
    let session = admin(&lab).await;
    let names = [
        "off", "void", "policed", "shut", "hidden", "broken", "window", "gone",
    ];
    let answers = session
        .probe(
            &Assumed::role(&anon),
            &cells(&names),
            &ProbeLimits::default(),
        )
        .await
        .unwrap();
    let told: Vec<_> = answers
        .iter()
        .map(|a| (&*a.relation, a.plan, a.visible, a.error.as_deref()))
        .collect();
    let (all, none, some) = (PlanClass::All, PlanClass::None, PlanClass::Filtered);
    assert_eq!(
        told,
        [
            ("off", Some(all), Some(true), None),
            ("void", Some(all), Some(false), None),
            ("policed", Some(some), Some(false), None),
            ("shut", Some(none), Some(false), None),
            ("hidden", None, None, Some("42501")),
            ("broken", None, None, Some("42704")),
            ("window", Some(all), Some(true), None),
            ("gone", None, None, Some("42P01")),
        ]
    );
    assert_eq!(answers[0].count, Some((2, false)));
}

#[tokio::test]
async fn claims_and_foreign_rows_are_told_apart() {
    let lab = lab().await;
    let user = role(&lab, "user", "").await;
    lab.exec(&format!(
        "{SHAPES} grant select on public.policed to {user}"
    ))
    .await;
    let session = admin(&lab).await;
    let who = Assumed::role(&user).with("app.org", "1");
    let mut asked = cells(&["policed", "policed"]);
    asked[1].predicate =
        Some("\"org\" IS DISTINCT FROM current_setting('app.org')::int".to_owned());
    let answers = session
        .probe(&who, &asked, &ProbeLimits::default())
        .await
        .unwrap();
    assert_eq!(
        (answers[0].visible, answers[0].count),
        (Some(true), Some((1, false)))
    );
    assert_eq!(answers[1].visible, Some(false));
    lab.exec("create policy wide on public.policed using (true)")
        .await;
    let answers = session
        .probe(&who, &asked, &ProbeLimits::default())
        .await
        .unwrap();
    assert_eq!(answers[1].visible, Some(true));
    assert_eq!(answers[1].plan, Some(PlanClass::All));
}

#[tokio::test]
async fn helpers_find_names_as_the_api_would() {
    let lab = lab().await;
    let user = role(&lab, "user", "").await;
    lab.exec(&format!(
        "create table public.members(org int); insert into public.members values (1); \
         create function public.mine(o int) returns bool language plpgsql stable security definer as \
         $$begin return exists (select from members m where m.org = o); end$$; \
         create table public.t(org int); insert into public.t values (1); \
         alter table public.t enable row level security; \
         create policy p on public.t using (public.mine(org)); grant select on public.t to {user}"
    ))
    .await;
    let session = admin(&lab).await;
    let answers = session
        .probe(
            &Assumed::role(&user),
            &cells(&["t"]),
            &ProbeLimits::default(),
        )
        .await
        .unwrap();
    assert_eq!(answers[0].visible, Some(true), "{answers:?}");
}

#[tokio::test]
async fn counting_stops_at_the_limit() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "create table public.t as select generate_series(1, 50) a; grant select on public.t to {anon}"
    ))
    .await;
    let limits = ProbeLimits {
        count_to: 10,
        ..ProbeLimits::default()
    };
    let session = admin(&lab).await;
    let answers = session
        .probe(&Assumed::role(&anon), &cells(&["t"]), &limits)
        .await;
    assert_eq!(answers.unwrap()[0].count, Some((10, true)));
}

#[tokio::test]
async fn what_is_too_dear_is_sampled_and_never_called_closed() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "create table public.t as select g a, g % 2 = 0 b from generate_series(1, 5000) g; \
         alter table public.t enable row level security; \
         create policy p on public.t using (b and a > current_setting('app.floor')::int); \
         grant select on public.t to {anon}"
    ))
    .await;
    let limits = ProbeLimits {
        cost: 1.0,
        ..ProbeLimits::default()
    };
    let session = admin(&lab).await;
    let mut asked = cells(&["t", "t"]);
    asked[1].sample = Some(100.0);
    for (floor, sampled) in [("0", Some(true)), ("9999", None)] {
        let who = Assumed::role(&anon).with("app.floor", floor);
        let answers = session.probe(&who, &asked, &limits).await.unwrap();
        assert_eq!((answers[0].visible, answers[0].sampled), (None, false));
        assert_eq!((answers[1].visible, answers[1].sampled), (sampled, true));
    }
}

#[tokio::test]
async fn a_slow_relation_does_not_take_its_batch_along() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "create table public.slow(a int); insert into public.slow values (1); \
         create table public.fine(a int); insert into public.fine values (1); \
         create function public.nap() returns bool language plpgsql volatile cost 1 as \
         $$begin perform pg_sleep(30); return true; end$$; \
         alter table public.slow enable row level security; \
         create policy p on public.slow using (public.nap()); \
         grant select on public.slow, public.fine to {anon}"
    ))
    .await;
    let limits = ProbeLimits {
        statement: Duration::from_millis(300),
        ..ProbeLimits::default()
    };
    let session = admin(&lab).await;
    let answers = session
        .probe(
            &Assumed::role(&anon),
            &cells(&["fine", "slow", "fine"]),
            &limits,
        )
        .await
        .unwrap();
    let told: Vec<_> = answers
        .iter()
        .map(|a| (a.visible, a.error.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (Some(true), None),
            (None, Some("57014")),
            (Some(true), None)
        ]
    );
}

#[tokio::test]
async fn many_relations_are_asked_in_order() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let names: Vec<String> = (0..60).map(|i| format!("t{i}")).collect();
    let make = names.join("(a int); create table public.");
    lab.exec(&format!(
        "create table public.{make}(a int); insert into public.t41 values (1); grant select on all tables in schema public to {anon}"
    ))
    .await;
    let asked: Vec<&str> = names.iter().map(String::as_str).collect();
    let session = admin(&lab).await;
    let answers = session
        .probe(
            &Assumed::role(&anon),
            &cells(&asked),
            &ProbeLimits::default(),
        )
        .await
        .unwrap();
    let seen: Vec<&str> = answers
        .iter()
        .filter(|a| a.visible == Some(true))
        .map(|a| a.relation.as_str())
        .collect();
    assert_eq!((answers.len(), seen), (60, vec!["t41"]));
}
