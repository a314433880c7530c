//! Trying an index: built and rolled back on staging, made up by HypoPG, and
//! neither without leave.

use super::{MINE, look, notes, run_on};
use crate::support::lab::{Lab, block_on, rows};
use firsthour::cli::check::Database;
use firsthour::config::targets::Target;
use firsthour::config::{Env, Paths};
use firsthour::providers::postgres::{Assumed, Query, Session, Trial};
use serde_json::Value;
use std::path::Path;
use tokio_postgres::Client;

/// A digest of every row of the catalogs that an index leaves: its own, its
/// columns, what depends on it, and the table's.
fn catalogue(lab: &Lab) -> Vec<Vec<Option<String>>> {
    lab.exec_blocking(
        "select md5(string_agg(t, '|' order by t)) from (
           select c::text || c.xmin::text from pg_class c where c.oid >= 16384
           union all select i::text || i.xmin::text from pg_index i
           union all select d::text || d.xmin::text from pg_depend d
           union all select p::text || p.xmin::text from pg_policy p
           union all select a::text || a.xmin::text from pg_attribute a where a.attrelid >= 16384) s (t)",
    )
}

/// Leaves a transaction open on a runtime of its own.
fn held(lab: &Lab, sql: &str) -> (tokio::runtime::Runtime, Client) {
    let holder = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let client = holder.block_on(async {
        let client = lab.connect("postgres").await;
        rows(&client, sql).await;
        client
    });
    (holder, client)
}

#[test]
fn what_is_built_on_staging_is_rolled_back() {
    let lab = notes(MINE);
    let before = catalogue(&lab);
    let answer = look(&lab, true);
    assert_eq!(answer.code, 1, "{answer:#?}");
    let found = answer.of("public.notes");
    assert_eq!(found["cost"]["how"], "built", "{found:#}");
    assert!(
        found["ratio"].as_f64().is_some_and(|ratio| ratio > 10.0),
        "{found:#}"
    );
    assert_eq!(catalogue(&lab), before, "rolled back");
    let (code, text, _) = run_on(&lab, true, Database::default());
    assert!(
        code == 1 && text.contains("built and rolled back"),
        "{text}"
    );
    assert!(text.contains("CREATE INDEX CONCURRENTLY ON \"public\".\"notes\" (\"user_id\");"));
    assert_eq!(catalogue(&lab), before, "rolled back");
}

#[test]
fn a_build_that_waits_for_a_writer_gives_up_and_says_so() {
    let lab = notes(MINE);
    let (holder, client) = held(&lab, "begin; delete from notes where id = 1");
    let answer = look(&lab, true);
    drop((client, holder));
    let cost = &answer.of("public.notes")["cost"];
    assert!(
        cost["after"].is_null() && cost["before"].is_f64(),
        "{cost:#}"
    );
    assert!(cost["why"].to_string().contains("55P03"), "{cost:#}");
}

#[test]
fn an_index_that_can_not_be_used_at_once_is_not_told_as_useless() {
    let lab = notes(MINE);
    let old = "begin isolation level repeatable read; select count(*) from notes";
    let (holder, client) = held(&lab, old);
    // Rows that the older transaction still sees under their former key.
    lab.exec_blocking("update notes set user_id = gen_random_uuid() where id < 50");
    let answer = look(&lab, true);
    drop((client, holder));
    let found = answer.of("public.notes");
    assert!(found["cost"]["after"].is_null(), "{found:#}");
    assert!(
        found["cost"]["why"]
            .to_string()
            .contains("older transactions"),
        "{found:#}"
    );
    assert_eq!(found["severity"], "medium");
}

#[test]
fn to_insist_on_building_needs_the_mark() {
    let lab = notes(MINE);
    let insist = Database {
        rehearse: true,
        ..Database::default()
    };
    let (code, out, err) = run_on(&lab, false, insist);
    assert!(code == 3 && out.is_empty(), "{out}{err}");
    assert!(err.contains("staging = true"), "{err}");
}

#[test]
fn hypopg_makes_the_index_up_where_it_is_there() {
    let lab = notes(MINE);
    let there = "select 1 from pg_available_extensions where name = 'hypopg'";
    if lab.exec_blocking(there).is_empty() {
        eprintln!("SKIPPED: this server has no HypoPG");
        return;
    }
    lab.exec_blocking("create schema ext; create extension hypopg schema ext");
    let before = catalogue(&lab);
    let answer = look(&lab, false);
    let found = answer.of("public.notes");
    assert_eq!(found["cost"]["how"], "hypothetical", "{found:#}");
    assert!(
        found["ratio"].as_f64().is_some_and(|ratio| ratio > 10.0),
        "{found:#}"
    );
    assert_eq!(answer.err, look(&lab, false).err);
    assert_eq!(catalogue(&lab), before);
    let insist = Database {
        rehearse: true,
        json: true,
        ..Database::default()
    };
    let (_, out, _) = run_on(&lab, true, insist);
    assert!(out.contains("\"how\":\"built\""), "{out}");
    // It belongs to the server's process: none may stay, also after a refusal.
    let left = block_on(async {
        let settings = Target::resolve(
            Some(&lab.url("postgres")),
            &Env::default(),
            &Paths::under(Path::new("/nonexistent")),
        );
        let session = Session::connect(&settings.expect("a target").settings)
            .await
            .expect("a session");
        let ask = |sql: &str| Query {
            who: Assumed::role("authenticated"),
            sql: sql.to_owned(),
        };
        let queries = [
            ask("SELECT count(*) FROM public.notes"),
            ask("SELECT count(*) FROM ext.nothing"),
        ];
        let trial = Trial::Hypothetical { schema: "ext" };
        let create = "CREATE INDEX ON public.notes (user_id)";
        let costs = session
            .costs(&queries, create, Some(&trial))
            .await
            .expect("costs");
        let after = costs.after.expect("tried").expect("made up");
        assert!(costs.before[0] > after[0] && after[1].is_err(), "{after:?}");
        let list = "SELECT indexrelid::int8 AS oid FROM ext.hypopg()";
        session.read::<Value>(list).await.expect("a list")
    });
    assert!(left.is_empty(), "{left:?}");
}
