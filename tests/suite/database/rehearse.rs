//! Rehearsing drafts: only where a person said so, with what is seen told and
//! nothing left behind.

use super::{api_roles, on_trial};
use crate::support::lab::{Lab, block_on, lab_blocking, leaky, rows};
use firsthour::cli::check::Database;
use serde_json::Value;

/// Runs the command with `--rehearse` on a target that is marked or not.
fn rehearse(lab: &Lab, staging: bool) -> (u8, Vec<Value>, String) {
    let asked = Database {
        json: true,
        rehearse: true,
        ..Database::default()
    };
    let (code, out, err) = on_trial(lab, staging, asked);
    let lines = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    (code, lines.collect(), err)
}

/// A digest of all that a draft could change: rights, policies, functions.
/// What VACUUM writes into a row in place, without a new `xmin`, is left out.
fn catalogue(lab: &Lab) -> Vec<Vec<Option<String>>> {
    lab.exec_blocking(
        "select md5(string_agg(t, '|' order by t)) from (
           select concat_ws(' ', c.oid, c.relname, c.relnamespace, c.relowner, c.relacl, c.reloptions,
               c.relrowsecurity, c.relforcerowsecurity, c.xmin) from pg_class c where c.relkind in ('r', 'v', 'm', 'p')
             and c.relnamespace <> 'pg_catalog'::regnamespace
           union all select p::text || p.xmin::text from pg_policy p
           union all select f::text || f.xmin::text from pg_proc f where f.oid >= 16384
           union all select a::text || a.xmin::text from pg_attribute a where a.attrelid >= 16384
           union all select n::text || n.xmin::text from pg_namespace n) s (t)",
    )
}

#[test]
fn a_draft_that_waits_for_a_lock_gives_up_and_says_so() {
    let (lab, _) = block_on(leaky("select-true"));
    let tables =
        lab.exec_blocking("select string_agg(polrelid::regclass::text, ',') from pg_policy");
    let tables = tables[0][0].clone().expect("tables");
    // The lock is held on a runtime of its own for as long as it lives.
    let holder = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let client = holder.block_on(async {
        let client = lab.connect("postgres").await;
        let lock = format!("begin; lock table {tables} in access share mode");
        rows(&client, &lock).await;
        client
    });
    let (_, lines, _) = rehearse(&lab, true);
    drop(client);
    let failed = |line: &&Value| line["fix"]["rehearsal"]["failed"] == "55P03";
    let found = lines.iter().find(failed).expect("a draft without its lock");
    assert_eq!(found["fix"]["rehearsal"]["closes"], 0);
    assert!(found["evidence"].to_string().contains("55P03"), "{found:#}");
}

#[test]
fn a_target_that_is_not_marked_is_refused() {
    let (code, lines, err) = rehearse(&lab_blocking(), false);
    assert_eq!(code, 3);
    assert!(lines.is_empty());
    assert!(
        err.contains("not marked as staging") && err.contains("staging = true"),
        "{err}"
    );
}

#[test]
fn a_rehearsal_says_what_closes_and_who_keeps_what_and_leaves_nothing() {
    let (lab, _) = block_on(leaky("select-true"));
    let before = catalogue(&lab);
    let (code, lines, err) = rehearse(&lab, true);
    assert_eq!(code, 1, "{err}");
    let found = lines
        .iter()
        .find(|f| f["confidence"] == "confirmed")
        .expect("a finding");
    let seen = &found["fix"]["rehearsal"];
    assert_eq!(seen["on"], "trial");
    assert!(seen["of"].as_u64().is_some_and(|of| of >= 3), "{seen:#}");
    assert_eq!(seen["closes"], seen["of"], "{seen:#}");
    let told = seen["told"].to_string();
    assert!(told.contains("member A keeps its"), "{told}");
    assert!(
        found["evidence"]
            .to_string()
            .contains("leaking cells on trial")
    );
    assert_eq!(catalogue(&lab), before, "rolled back");
}

#[test]
fn a_draft_that_leaves_another_policy_open_is_not_told_as_closing() {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(
        "create schema auth;
         create function auth.uid() returns uuid language sql stable as
           $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
         grant usage on schema auth, public to authenticated;
         create table public.people (id int, org_id uuid, email text);
         insert into public.people select g, md5(g::text)::uuid, 'x' from generate_series(1, 5) g;
         alter table public.people enable row level security;
         create policy one on public.people for select to authenticated using (true);
         create policy two on public.people for select to authenticated using (id > 0);
         grant select on public.people to authenticated; analyze;",
    );
    let (_, lines, _) = rehearse(&lab, true);
    let fixes: Vec<&Value> = lines
        .iter()
        .map(|f| &f["fix"]["rehearsal"])
        .filter(|r| !r.is_null())
        .collect();
    assert_eq!(fixes.len(), 2, "{lines:#?}");
    assert!(fixes.iter().all(|seen| seen["closes"] == 0), "{fixes:#?}");
}
