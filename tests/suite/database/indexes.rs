//! `check database --indexes` on real servers: a missing index is absent,
//! planted and gone; what serves is silent; costs are planned, never made up;
//! what is built on staging is rolled back.

mod trial;

use super::{api_roles, on_trial};
use crate::support::lab::{Lab, ROLES, block_on, lab_blocking};
use firsthour::cli::check::Database;
use serde_json::Value;

/// What one run printed.
#[derive(Debug)]
struct Answer {
    code: u8,
    missing: Vec<Value>,
    calls: Vec<Value>,
    coverage: Value,
    err: String,
}

fn run_on(lab: &Lab, staging: bool, database: Database) -> (u8, String, String) {
    let indexes = true;
    on_trial(
        lab,
        staging,
        Database {
            indexes,
            ..database
        },
    )
}

fn look(lab: &Lab, staging: bool) -> Answer {
    let json = Database {
        json: true,
        ..Database::default()
    };
    let (code, out, err) = run_on(lab, staging, json);
    let lines = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let mut lines: Vec<Value> = lines.collect();
    let coverage = lines.pop().unwrap_or_else(|| panic!("a last line: {err}"));
    assert_eq!(coverage["kind"], "coverage");
    assert_eq!(coverage["check"], "database.indexes");
    let (missing, calls): (Vec<Value>, Vec<Value>) =
        lines.into_iter().partition(|line| line["kind"] == "index");
    Answer {
        code,
        missing,
        calls,
        coverage,
        err,
    }
}

impl Answer {
    fn of(&self, relation: &str) -> &Value {
        let mut all = self.missing.iter().filter(|m| m["relation"] == relation);
        let found = all.next();
        found.unwrap_or_else(|| panic!("no index missing on {relation} in {self:#?}"))
    }
}

/// Members of two hundred tenants, and notes of theirs under one policy.
fn notes(policy: &str) -> Lab {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(&format!(
        "create schema auth;
         create function auth.uid() returns uuid language sql stable as
           $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
         grant usage on schema auth, public to authenticated;
         create table members (org_id uuid not null, user_id uuid not null);
         insert into members select md5((g % 200)::text)::uuid, md5('u' || g)::uuid from generate_series(1, 4000) g;
         create table notes (id int primary key, org_id uuid, user_id uuid, body text) with (fillfactor = 50);
         insert into notes select g, md5((g % 200)::text)::uuid, md5('u' || g % 4000)::uuid, 'x'
           from generate_series(1, 20000) g;
         alter table notes enable row level security;
         grant select on members, notes to authenticated;
         {policy};
         analyze members, notes"
    ));
    lab
}

const MINE: &str =
    "create policy mine on notes for select to authenticated using (user_id = auth.uid())";

#[test]
fn a_missing_index_is_absent_planted_and_gone_with_its_draft() {
    let lab = notes(MINE);
    lab.exec_blocking("create index notes_user on notes (user_id)");
    let answer = look(&lab, false);
    assert_eq!((answer.code, answer.missing.len()), (0, 0), "{answer:#?}");
    lab.exec_blocking("drop index notes_user");
    let answer = look(&lab, false);
    assert_eq!((answer.code, answer.missing.len()), (1, 1), "{answer:#?}");
    let found = answer.of("public.notes");
    assert_eq!(found["column"], "user_id");
    assert_eq!(found["severity"], "medium");
    assert_eq!(found["policies"][0], "mine on public.notes");
    assert_eq!(found["rows"], 20_000);
    assert!(found["bytes"].as_u64().is_some_and(|bytes| bytes > 500_000));
    let cost = &found["cost"];
    assert_eq!(cost["principal"], "member A", "{found:#}");
    assert!(cost["before"].as_f64().is_some_and(|cost| cost > 100.0));
    // Neither HypoPG nor a staging target: nothing is made up.
    assert!(cost["after"].is_null() && found["ratio"].is_null());
    assert_eq!(cost["how"], "not_tried");
    let why = cost["why"].as_str().unwrap_or_default();
    assert!(
        why.contains("HypoPG is not installed") && why.contains("staging"),
        "{why}"
    );
    let draft = found["draft"][0].as_str().expect("a draft");
    let wanted = "CREATE INDEX CONCURRENTLY ON \"public\".\"notes\" (\"user_id\")";
    assert_eq!(draft, wanted);
    lab.exec_blocking(draft);
    let answer = look(&lab, false);
    assert_eq!((answer.code, answer.missing.len()), (0, 0), "{answer:#?}");
}

#[test]
fn what_serves_is_silent_and_what_comes_near_says_what_it_lacks() {
    // A table each: its index, and what is told of it where it does not serve.
    let cases = [
        ("create index on T (user_id, id)", None),
        ("alter table T add unique (user_id, id)", None),
        (
            "alter table T drop constraint T_pkey, add primary key (user_id, id)",
            None,
        ),
        ("create index on T (user_id) include (body)", None),
        ("create index on T using hash (user_id)", None),
        (
            "create index on T (user_id) where user_id is not null",
            None,
        ),
        (
            "create index near on T (body, user_id)",
            Some("only after body"),
        ),
        (
            "create index near on T (user_id) where id > 10",
            Some("(id > 10)"),
        ),
        (
            "create index near on T using brin (user_id)",
            Some("a brin index"),
        ),
        (
            "create index near on T ((user_id::text))",
            Some("the policy compares user_id"),
        ),
    ];
    for (index, near) in cases {
        let lab = notes(MINE);
        lab.exec_blocking(&index.replace('T', "notes"));
        let answer = look(&lab, false);
        let Some(near) = near else {
            assert_eq!(
                (answer.code, answer.missing.len()),
                (0, 0),
                "{index}: {answer:#?}"
            );
            continue;
        };
        let told = answer.of("public.notes")["near"].to_string();
        assert!(answer.code == 1 && told.contains(near), "{index}: {told}");
    }
}

#[test]
fn a_cast_defeats_the_index_until_one_fits_the_expression() {
    let cast = "create policy mine on notes for select to authenticated
      using (org_id::text = current_setting('request.jwt.claim.org_id', true));
      create index notes_org on notes (org_id)";
    let lab = notes(cast);
    let answer = look(&lab, true);
    let found = answer.of("public.notes");
    assert!(
        found["near"]
            .to_string()
            .contains("notes_org is on the bare column"),
        "{found:#}"
    );
    assert!(
        found["told"]
            .to_string()
            .contains("compare the bare column"),
        "{found:#}"
    );
    let draft = found["draft"][0].as_str().expect("a draft");
    assert!(draft.ends_with("((\"org_id\"::text))"), "{draft}");
    assert!(
        found["ratio"].as_f64().is_some_and(|ratio| ratio > 2.0),
        "{found:#}"
    );
    lab.exec_blocking(draft);
    assert_eq!(look(&lab, true).missing.len(), 0);
}

#[test]
fn the_table_that_a_sub_select_walks_is_weighed_by_the_policy_it_serves() {
    let hashed = "create policy ours on notes for select to authenticated
      using (org_id in (select m.org_id from members m where m.user_id = (select auth.uid())))";
    let lab = notes(hashed);
    let answer = look(&lab, true);
    assert_eq!(answer.code, 1, "{answer:#?}");
    let members = answer.of("public.members");
    assert_eq!(members["column"], "user_id");
    assert_eq!(members["cost"]["how"], "built", "{members:#}");
    assert!(
        members["cost"]["query"].to_string().contains("notes"),
        "{members:#}"
    );
    let (before, after) = (&members["cost"]["before"], &members["cost"]["after"]);
    assert!(before.as_f64() > after.as_f64(), "{members:#}");
    // No index on the policy's own table helps IN (SELECT ..).
    let own = answer.of("public.notes");
    assert_eq!(own["severity"], "low", "{own:#}");
    assert!(own["told"].to_string().contains("hashed"), "{own:#}");
    assert!(answer.calls.is_empty(), "{answer:#?}");
    let order: Vec<&Value> = answer.missing.iter().map(|m| &m["relation"]).collect();
    assert_eq!(order, ["public.members", "public.notes"]);
}

#[test]
fn a_look_up_inside_a_function_is_planned_by_itself_and_the_calls_are_told() {
    let helper = "create function is_member(org uuid) returns boolean stable security definer
        set search_path = public language plpgsql as
        $$ begin return exists (select 1 from members m where m.user_id = auth.uid() and m.org_id = org); end $$;
      grant execute on function is_member(uuid) to authenticated;
      create policy ours on notes for select to authenticated using (is_member(org_id) or user_id = auth.uid());
      create index on notes (user_id)";
    let lab = notes(helper);
    let answer = look(&lab, true);
    let found = answer.of("public.members");
    assert_eq!(found["keys"], serde_json::json!(["org_id", "user_id"]));
    assert!(found["told"].to_string().contains("is_member"), "{found:#}");
    assert!(
        found["cost"]["query"].to_string().contains("WHERE"),
        "{found:#}"
    );
    assert!(
        found["ratio"].as_f64().is_some_and(|ratio| ratio > 2.0),
        "{found:#}"
    );
    let told: Vec<String> = answer
        .calls
        .iter()
        .map(|call| call["told"].to_string())
        .collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].contains("is_member") && told[0].contains("takes a column"),
        "{told:#?}"
    );
    assert!(told[1].contains("(SELECT auth.uid(..))"), "{told:#?}");
}

#[test]
fn a_tiny_table_is_told_low() {
    let lab = notes(MINE);
    lab.exec_blocking("delete from notes where id > 20; analyze notes");
    let answer = look(&lab, false);
    assert_eq!(answer.code, 0, "{answer:#?}");
    assert_eq!(answer.of("public.notes")["severity"], "low");
    let (code, text, _) = run_on(&lab, false, Database::default());
    assert!(code == 0 && text.contains("can hardly matter"), "{text}");
    assert!(text.contains("about 20 rows"), "{text}");
}

#[test]
fn a_partitioned_table_gets_its_indexes_one_by_one() {
    let parts = "create table parts (id int, user_id uuid) partition by range (id);
      create table parts_a partition of parts for values from (0) to (10000);
      create table parts_b partition of parts for values from (10000) to (20001);
      insert into parts select id, user_id from notes;
      alter table parts enable row level security;
      grant select on parts to authenticated;
      create policy mine on parts for select to authenticated using (user_id = (select auth.uid()));
      create index on parts_a (user_id);
      analyze parts";
    let lab = notes(parts);
    let answer = look(&lab, true);
    let found = answer.of("public.parts");
    assert!(
        found["ratio"].as_f64().is_some_and(|ratio| ratio > 1.5),
        "{found:#}"
    );
    let draft: Vec<&str> = found["draft"]
        .as_array()
        .expect("a draft")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(
        draft,
        [
            "CREATE INDEX CONCURRENTLY ON \"public\".\"parts_b\" (\"user_id\")",
            "CREATE INDEX ON \"public\".\"parts\" (\"user_id\")",
        ]
    );
    lab.exec_blocking(draft[0]);
    assert_eq!(look(&lab, true).missing.len(), 0, "each partition has one");
    lab.exec_blocking(draft[1]);
    assert_eq!(look(&lab, true).missing.len(), 0);
}

#[test]
fn what_can_not_be_planned_is_a_gap_and_what_nobody_reads_is_low() {
    // The planner itself calls a function it takes for stable.
    let hazard = "
      create function org() returns uuid stable language plpgsql as
        $$ begin return (select x from dblink('dbname=nowhere', 'select 1') as t(x uuid)); end $$;
      create policy far on notes for select to authenticated using (org_id = (select org()));
      create table unread (id int, user_id uuid);
      insert into unread select id, user_id from notes;
      alter table unread enable row level security;
      create policy mine on unread for select to authenticated using (user_id = (select auth.uid()));
      analyze unread";
    let lab = notes(hazard);
    let answer = look(&lab, true);
    let notes = answer.of("public.notes");
    assert!(notes["cost"].is_null(), "{notes:#}");
    assert!(
        notes["no_cost"].to_string().contains("--probe-helpers"),
        "{notes:#}"
    );
    assert!(
        answer.coverage["could_not"]
            .to_string()
            .contains("public.notes"),
        "{answer:#?}"
    );
    let unread = answer.of("public.unread");
    assert_eq!(unread["severity"], "low", "{unread:#}");
    assert!(
        unread["no_cost"]
            .to_string()
            .contains("may read public.unread"),
        "{unread:#}"
    );
}

#[test]
fn a_bare_login_is_told_what_it_was_refused() {
    let lab = notes(MINE);
    {
        let _held = block_on(ROLES.lock());
        lab.exec_blocking("do $$ begin if not exists (select from pg_roles where rolname = 'index_bare') then create role index_bare login; end if; end $$");
    }
    let (code, out, err) = super::asked(Database {
        place: Some(lab.url("index_bare")),
        indexes: true,
        json: true,
        ..Database::default()
    });
    let first: Value = serde_json::from_str(out.lines().next().expect("a line")).expect("JSON");
    assert_eq!(code, 1, "{out}{err}");
    // The catalogs say that it is missing; the principal can't be assumed.
    assert_eq!(first["relation"], "public.notes");
    assert!(
        first["cost"].is_null() && first["no_cost"].is_string(),
        "{first:#}"
    );
    let last: Value = serde_json::from_str(out.lines().last().expect("a line")).expect("JSON");
    assert!(
        last["could_not"]
            .to_string()
            .contains("costs without the index"),
        "{last:#}"
    );
}
