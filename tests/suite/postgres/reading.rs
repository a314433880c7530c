//! Reading changes nothing, keeps no state and says honestly how it ended.

use super::{admin, role, settings};
use crate::support::lab::lab;
use firsthour::providers::postgres::{Assumed, ChangeError, PgError, Session, Source};
use serde_json::Value;
use std::time::Duration;

const LOCK: Duration = Duration::from_secs(1);

fn code(error: &PgError) -> &str {
    error.code().unwrap_or("none")
}

#[tokio::test]
async fn a_write_is_refused_and_the_session_goes_on() {
    let lab = lab().await;
    lab.exec(
        "create table public.t(a int); create function public.w() returns int language sql \
         as 'insert into public.t values (1) returning a'",
    )
    .await;
    let session = admin(&lab).await;
    let written = session
        .read::<Value>("SELECT public.w()")
        .await
        .unwrap_err();
    assert_eq!(code(&written), "25006");
    let rows = session
        .read::<Value>("SELECT count(*) AS n FROM public.t")
        .await;
    assert_eq!(rows.unwrap(), [serde_json::json!({"n": 0})]);
}

#[tokio::test]
async fn a_function_cannot_turn_the_transaction_to_writing() {
    let lab = lab().await;
    lab.exec(
        "create table public.t(a int); create function public.w() returns int language plpgsql as \
         $$begin set transaction read write; insert into public.t values (1); return 1; end$$",
    )
    .await;
    let error = admin(&lab)
        .await
        .read::<Value>("SELECT public.w()")
        .await
        .unwrap_err();
    assert_eq!(code(&error), "25001", "{error:?}");
}

#[tokio::test]
async fn what_a_function_announces_does_not_survive() {
    let lab = lab().await;
    let session = admin(&lab).await;
    let rows = session
        .read::<Value>("SELECT lo_create(0) IS NULL AS none")
        .await;
    // Servers from 16 on refuse it; earlier ones allow it, and it is undone.
    assert!(rows.is_ok() || code(&rows.unwrap_err()) == "25006");
    let left = lab
        .exec("select count(*) from pg_largeobject_metadata")
        .await;
    assert_eq!(left[0][0].as_deref(), Some("0"));
}

#[tokio::test]
async fn nothing_is_left_set_on_the_connection() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    let session = admin(&lab).await;
    let all = "SELECT name, setting FROM pg_settings WHERE source = 'session' \
               AND name NOT IN ('transaction_read_only') ORDER BY 1";
    let who = Assumed::role(&anon).with("request.jwt.claims", "{\"role\":\"anon\"}");
    let inside: Vec<Value> = session
        .read_as(
            &who,
            "SELECT current_user AS who, current_setting('request.jwt.claims') AS claims",
        )
        .await
        .unwrap();
    assert_eq!(inside[0]["who"], anon.as_str());
    assert_eq!(inside[0]["claims"], "{\"role\":\"anon\"}");
    let failed = session
        .read_as::<Value>(&who, "SELECT 1/0")
        .await
        .unwrap_err();
    assert_eq!(code(&failed), "22012");
    let set: Vec<Value> = session.read(all).await.unwrap();
    let names: Vec<&str> = set.iter().filter_map(|row| row["name"].as_str()).collect();
    // What shows is this very transaction's; the probe of the pooler looks
    // from another client.
    assert!(!names.contains(&"role"), "{names:?}");
}

#[tokio::test]
async fn a_caller_that_stops_waiting_leaves_a_clean_session() {
    let lab = lab().await;
    let session = admin(&lab).await;
    let slow = session.read::<Value>("SELECT 1 / length(pg_sleep(0.3)::text) AS n");
    assert!(
        tokio::time::timeout(Duration::from_millis(50), slow)
            .await
            .is_err()
    );
    let rows: Vec<Value> = session.read("SELECT 7 AS n").await.unwrap();
    assert_eq!(rows[0]["n"], 7);
}

#[tokio::test]
async fn messages_of_two_tasks_take_turns() {
    let lab = lab().await;
    let session = admin(&lab).await;
    let (bad, good) = tokio::join!(
        session.read::<Value>("SELECT 1/0"),
        session.read::<Value>("SELECT 1 AS n")
    );
    assert_eq!(code(&bad.unwrap_err()), "22012");
    assert_eq!(good.unwrap().len(), 1);
}

#[tokio::test]
async fn a_missing_role_is_named() {
    let lab = lab().await;
    let session = admin(&lab).await;
    let error = session
        .read_as::<Value>(&Assumed::role("nobody_here"), "SELECT 1")
        .await
        .unwrap_err();
    assert_eq!(code(&error), "22023");
}

#[tokio::test]
async fn values_are_composed_on_the_server_from_plain_tables_only() {
    let lab = lab().await;
    let anon = role(&lab, "anon", "").await;
    lab.exec(
        "create table public.m(user_id int, org int); insert into public.m values (7, 1), (8, 2); \
         create view public.v as select * from public.m",
    )
    .await;
    let from = |relation: &str| {
        let source = Source {
            schema: "public".to_owned(),
            relation: relation.to_owned(),
        };
        let text = format!(
            "SELECT json_build_object('sub', user_id::text) FROM \"public\".\"{relation}\" ORDER BY org LIMIT 1"
        );
        Assumed::role(&anon).composed("request.jwt.claims", &text, &[source])
    };
    let session = admin(&lab).await;
    let sql = "SELECT current_setting('request.jwt.claims')::json->>'sub' AS sub";
    let rows: Vec<Value> = session.read_as(&from("m"), sql).await.unwrap();
    assert_eq!(rows[0]["sub"], "7");
    for refused in ["v", "gone"] {
        let error = session
            .read_as::<Value>(&from(refused), sql)
            .await
            .unwrap_err();
        assert!(matches!(error, PgError::Source { .. }), "{error:?}");
    }

    let plain = role(&lab, "plain", &format!("login in role {anon}")).await;
    lab.exec(&format!(
        "alter table public.m enable row level security; grant select on public.m to {plain}"
    ))
    .await;
    let session = Session::connect(&settings(&lab, &plain)).await.unwrap();
    let error = session.read_as::<Value>(&from("m"), sql).await.unwrap_err();
    assert!(error.to_string().contains("row-level security"), "{error}");
}

#[tokio::test]
async fn a_change_is_done_or_known_to_have_failed() {
    let lab = lab().await;
    let session = admin(&lab).await;
    let make = ["create table public.made()".to_owned()];
    session.change(&make, LOCK).await.unwrap();
    let again = session.change(&make, LOCK).await;
    assert!(matches!(again, Err(ChangeError::Failed(_))), "{again:?}");
    // Half of it is nothing.
    let half = ["drop table public.made".to_owned(), "select 1/0".to_owned()];
    assert!(session.change(&half, LOCK).await.is_err());
    let there = lab
        .exec("select to_regclass('public.made') is not null")
        .await;
    assert_eq!(there[0][0].as_deref(), Some("t"));
}

#[tokio::test]
async fn a_connection_killed_before_commit_changed_nothing() {
    let lab = lab().await;
    let session = admin(&lab).await;
    let killed = [
        "create table public.gone()".to_owned(),
        "select pg_terminate_backend(pg_backend_pid())".to_owned(),
    ];
    let changed = session.change(&killed, LOCK).await;
    assert!(
        matches!(changed, Err(ChangeError::Failed(PgError::Lost(_)))),
        "{changed:?}"
    );
    let there = lab.exec("select to_regclass('public.gone') is null").await;
    assert_eq!(there[0][0].as_deref(), Some("t"));
    let next = session.read::<Value>("SELECT 1").await;
    assert!(matches!(next, Err(PgError::Lost(_))), "{next:?}");
}

#[tokio::test]
async fn a_connection_killed_in_commit_is_unknown() {
    let lab = lab().await;
    lab.exec(
        "create table public.t(a int); \
         create function public.die() returns trigger language plpgsql as \
         $$begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); return null; end$$; \
         create constraint trigger die after insert on public.t deferrable initially deferred \
         for each row execute function public.die()",
    )
    .await;
    let changed = admin(&lab)
        .await
        .change(&["insert into public.t values (1)".to_owned()], LOCK)
        .await;
    assert!(
        matches!(changed, Err(ChangeError::Unknown(_))),
        "{changed:?}"
    );
}

#[tokio::test]
async fn reads_of_one_transaction_see_one_state() {
    let lab = lab().await;
    lab.exec("create table public.t(a int)").await;
    let session = admin(&lab).await;
    let reading = session.reading().await.unwrap();
    let count = "SELECT count(*) AS n FROM public.t";
    let before = reading.read::<Value>(count).await.unwrap();
    lab.exec("insert into public.t values (1)").await;
    assert_eq!(reading.read::<Value>(count).await.unwrap(), before);
    reading.end().await.unwrap();
    let after = session.read::<Value>(count).await.unwrap();
    assert_eq!(after, [serde_json::json!({"n": 1})]);
}

#[tokio::test]
async fn a_refused_read_spoils_no_other() {
    let lab = lab().await;
    let session = admin(&lab).await;
    let reading = session.reading().await.unwrap();
    let (first, refused, last) = tokio::join!(
        reading.read::<Value>("SELECT 1 AS n"),
        reading.read::<Value>("SELECT 1 / 0 AS n"),
        reading.read::<Value>("SELECT 2 AS n"),
    );
    assert_eq!(first.unwrap(), [serde_json::json!({"n": 1})]);
    assert_eq!(code(&refused.unwrap_err()), "22012");
    assert_eq!(last.unwrap(), [serde_json::json!({"n": 2})]);
    drop(reading);
    let rows = session.read::<Value>("SELECT 3 AS n").await.unwrap();
    assert_eq!(rows, [serde_json::json!({"n": 3})]);
}

#[tokio::test]
async fn a_read_gives_its_locks_back_before_the_next() {
    let lab = lab().await;
    lab.exec("create table public.t(a int); create view public.v as select a from public.t")
        .await;
    let session = admin(&lab).await;
    let reading = session.reading().await.unwrap();
    let locks = "SELECT count(*) AS n FROM pg_catalog.pg_locks WHERE pid = pg_backend_pid() \
                 AND relation = 'public.t'::regclass";
    let text = "SELECT pg_catalog.pg_get_viewdef('public.v'::regclass) AS text";
    reading.read::<Value>(text).await.unwrap();
    let held = reading.read::<Value>(locks).await.unwrap();
    assert_eq!(held, [serde_json::json!({"n": 0})]);
}

#[tokio::test]
async fn where_queries_may_not_be_passed_on_as_text_they_are_sent_as_they_are() {
    let lab = lab().await;
    let plain = role(&lab, "plain", "login").await;
    lab.exec("revoke execute on function query_to_xml(text, boolean, boolean, text) from public")
        .await;
    let session = Session::connect(&settings(&lab, &plain)).await.unwrap();
    let odd = "SELECT '<a>&</a>' AS odd";
    let rows: Vec<Value> = session.read(odd).await.unwrap();
    assert_eq!(rows[0]["odd"], "<a>&</a>");
    let reading = session.reading().await.unwrap();
    let rows: Vec<Value> = reading.read(odd).await.unwrap();
    assert_eq!(rows[0]["odd"], "<a>&</a>");
    let refused = reading.read::<Value>("SELECT * FROM pg_authid").await;
    assert_eq!(code(&refused.unwrap_err()), "42501");
    reading.end().await.unwrap();
    // And the same as text, for a login that may.
    let rows: Vec<Value> = admin(&lab).await.read(odd).await.unwrap();
    assert_eq!(rows[0]["odd"], "<a>&</a>");
}
