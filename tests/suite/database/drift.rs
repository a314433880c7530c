//! `check database --compare`, `--save` and `--against` on two databases of
//! one server: direction, meaning, what is left out, what a file may not do.

use crate::support::lab::{Lab, ROLES, block_on, lab_blocking};
use firsthour::cli::check::Database;
use firsthour::cli::check::drift::Asked;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

const BASE: &str = "
create schema app;
create table app.notes(id int, org int, body text, shared bool);
create table app.keys(id int, org int, secret text);
alter table app.notes enable row level security;
alter table app.keys enable row level security;
create function app.me() returns int stable language sql as $$ select nullif(current_setting('app.org', true), '')::int $$;
create function app.all_keys() returns setof app.keys security definer set search_path = '' language sql as $$ select * from app.keys $$;
revoke execute on function app.all_keys() from public;
create view app.shown with (security_invoker = true) as select id, org from app.notes;
grant usage on schema app to drift_user, drift_anon;
grant select on app.notes, app.shown to drift_user;
";

const STAGING: &str = "
create policy own on app.notes for select to drift_user using (org = (select app.me()));
create policy gate on app.notes as restrictive for select to drift_user using (body is not null);
";

const LIVE: &str = "
create policy own on app.notes for select to drift_user using (app.me() = app.me() and org = app.me() or shared or (org = app.me()));
alter table app.keys disable row level security;
grant select (id, secret) on app.keys to drift_anon;
grant execute on function app.all_keys() to drift_anon;
create or replace view app.shown with (security_invoker = false) as select id, org from app.notes;
create policy extra on app.notes for select to drift_anon using (false);
";

/// A database with the base and more. The `security_invoker` of views is of 15.
fn made(more: &str) -> Lab {
    let lab = lab_blocking();
    let roles = "do $$ begin
      if not exists (select from pg_roles where rolname = 'drift_user') then create role drift_user; end if;
      if not exists (select from pg_roles where rolname = 'drift_anon') then create role drift_anon; end if;
    end $$";
    {
        let _held = block_on(ROLES.lock());
        lab.exec_blocking(roles);
    }
    let mut sql = format!("{BASE}{more}");
    if lab.major() < 15 {
        sql = sql
            .replace("with (security_invoker = true)", "")
            .replace("with (security_invoker = false)", "");
    }
    lab.exec_blocking(&sql);
    lab
}

/// Exit code, standard output, standard error.
pub fn asked(url: &str, drift: Asked, json: bool) -> (u8, String, String) {
    super::asked(Database {
        place: Some(url.to_owned()),
        json,
        drift,
        ..Database::default()
    })
}

fn compared(first: &Lab, second: &Lab, login: &str) -> (u8, Vec<Value>) {
    let drift = Asked {
        compare: Some(second.url(login)),
        ..Asked::default()
    };
    let (code, out, _) = asked(&first.url(login), drift, true);
    let lines = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    (code, lines.collect())
}

fn effect_of(lines: &[Value], name: &str, facet: &str) -> Option<String> {
    let found = lines
        .iter()
        .find(|line| line["name"] == name && line["facet"] == facet);
    found.and_then(|line| line["effect"].as_str().map(str::to_owned))
}

#[test]
pub fn each_difference_says_whether_it_opens() {
    let (live, staging) = (made(LIVE), made(STAGING));
    let (code, lines) = compared(&live, &staging, "postgres");
    assert_eq!(code, 1);
    let invoker =
        live.exec_blocking("select 1 from pg_class where reloptions::text like '%invoker%'");
    let mut wanted = vec![
        ("app.keys", "row security", "opens"),
        ("own on app.notes", "condition", "opens"),
        ("gate on app.notes", "presence", "opens"),
        ("extra on app.notes", "presence", "neutral"),
        ("app.keys.secret", "granted to drift_anon", "opens"),
        ("app.all_keys()", "granted to drift_anon", "opens"),
    ];
    if !invoker.is_empty() {
        wanted.push(("app.shown", "reads with its caller's rights", "opens"));
    }
    for (name, facet, effect) in &wanted {
        let found = effect_of(&lines, name, facet);
        assert_eq!(
            found.as_deref(),
            Some(*effect),
            "{name} {facet} in {lines:#?}"
        );
    }
    let (_, back) = compared(&staging, &live, "postgres");
    for (name, facet, effect) in &wanted {
        let turned = if *effect == "opens" { "closes" } else { effect };
        assert_eq!(
            effect_of(&back, name, facet).as_deref(),
            Some(turned),
            "{name}"
        );
    }
    let last = lines.last().expect("a last line");
    assert_eq!(last["kind"], "coverage");
    assert_eq!(lines.len() - 1, wanted.len() + 1, "{lines:#?}");
    assert!(effect_of(&lines, "app.keys.id", "granted to drift_anon").is_some());
}

#[test]
pub fn two_ways_to_write_one_thing_are_no_difference() {
    let other = "
create policy own on app.notes for select to drift_user using ((org = app.me()));
create policy gate on app.notes as restrictive for select to drift_user using ((((body) is not null)));
";
    let (code, lines) = compared(&made(STAGING), &made(other), "postgres");
    assert_eq!((code, lines.len()), (0, 1), "{lines:#?}");
}

#[test]
pub fn the_deploy_is_seen_against_the_saved_file() {
    let lab = made(STAGING);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("before.json");
    let save = || Asked {
        save: Some(path.clone()),
        ..Asked::default()
    };
    lab.exec_blocking("insert into app.keys values (1, 1, 'row-value-xyzzy')");
    let (code, out, err) = asked(&lab.url("postgres"), save(), false);
    assert_eq!(code, 0, "{out}{err}");
    let kept = std::fs::read_to_string(&path).expect("a file");
    assert!(!kept.contains("xyzzy") && !kept.contains("select * from app.keys"));
    let mode = path.metadata().expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (code, _, err) = asked(&lab.url("postgres"), save(), false);
    assert!(code == 3 && err.contains("it is kept"), "{err}");

    let against = || Asked {
        against: Some(path.clone()),
        ..Asked::default()
    };
    assert_eq!(asked(&lab.url("postgres"), against(), false).0, 0);
    lab.exec_blocking("grant select on app.keys to drift_anon; create or replace function app.me() returns int stable language sql as $$ select 1 $$");
    let (code, out, _) = asked(&lab.url("postgres"), against(), false);
    assert_eq!(code, 1);
    let grant = out.find("granted to drift_anon").expect("the grant");
    let body = out.find("app.me(): body").expect("the body");
    assert!(
        out.contains("lets more through than saved") && grant < body,
        "{out}"
    );
    assert!(!out.contains("select 1"), "{out}");
}

#[test]
pub fn a_file_of_another_kind_is_refused_and_a_bare_login_has_gaps() {
    let lab = made(STAGING);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.json");
    std::fs::write(&path, "{\"firsthour_portrait\": 99}").expect("a file");
    for against in [path, folder.path().to_owned(), folder.path().join("none")] {
        let drift = Asked {
            against: Some(against),
            ..Asked::default()
        };
        let (code, out, err) = asked(&lab.url("postgres"), drift, true);
        assert!(
            code == 3 && out.is_empty() && err.contains("next:"),
            "{err}"
        );
    }
    {
        let _held = block_on(ROLES.lock());
        lab.exec_blocking("do $$ begin if not exists (select from pg_roles where rolname = 'drift_bare') then create role drift_bare login; end if; end $$");
    }
    let (code, lines) = compared(&lab, &lab, "drift_bare");
    assert_eq!((code, lines.len()), (2, 1), "{lines:#?}");
    assert!(lines[0]["could_not"].to_string().contains("libraries"));
}
