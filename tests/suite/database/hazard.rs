//! Code that a read-only transaction does not hold back is never run; a leak
//! that no rule explains is still told; an empty table stays suspected.

use super::{api_roles, check};
use crate::support::lab::lab_blocking;

const BASE: &str = "create schema auth;
    create function auth.uid() returns uuid language sql stable as
      $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
    grant usage on schema auth, public to anon, authenticated;
    create table public.people (id int, org_id uuid, email text);
    insert into public.people select g, md5(g::text)::uuid, 'x' from generate_series(1, 5) g;
    alter table public.people enable row level security;
    grant select on public.people to authenticated; analyze;";

#[test]
pub fn a_helper_that_notifies_is_not_run_and_the_gap_says_so() {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(BASE);
    lab.exec_blocking(
        "create function public.told(o uuid) returns boolean language plpgsql as
           $$ begin perform pg_notify('seen', o::text); return o is not null; end $$;
         create policy p on public.people for select to authenticated using (public.told(org_id));
         create view public.window with (security_invoker = on) as select * from public.people;
         grant select on public.window to authenticated",
    );
    let answer = check(&lab, "postgres");
    let gaps = answer.coverage["could_not"].to_string();
    assert!(
        gaps.contains("public.told") && gaps.contains("pg_notify"),
        "{gaps}"
    );
    assert!(gaps.contains("rows of public.window"), "{gaps}");
    assert!(!answer.confirmed("public.people"));
}

#[test]
pub fn a_leak_that_no_rule_explains_is_told_with_its_policies() {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(BASE);
    lab.exec_blocking(
        "create policy p on public.people for select to authenticated
           using ((org_id::text || coalesce(auth.uid()::text, '')) is not distinct from (org_id::text || coalesce(auth.uid()::text, '')))",
    );
    let answer = check(&lab, "postgres");
    let about = answer.about("public.people");
    assert!(answer.confirmed("public.people"), "{:#?}", answer.findings);
    assert!(
        about
            .iter()
            .any(|f| f["evidence"].to_string().contains("auth.uid")),
        "{about:#?}"
    );
}

#[test]
pub fn an_open_policy_on_an_empty_table_stays_suspected() {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(BASE);
    lab.exec_blocking("truncate public.people");
    lab.exec_blocking("analyze public.people");
    lab.exec_blocking("create policy p on public.people for select to authenticated using (true)");
    let answer = check(&lab, "postgres");
    assert_eq!(answer.about("public.people").len(), 1);
    assert!(!answer.confirmed("public.people"));
    assert_eq!(answer.code, 1);
}
