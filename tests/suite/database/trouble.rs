//! What keeps the audit from looking: locks, dear or slow conditions, errors.
//! It goes on, says what it did not see, and never runs the database's own
//! code with the login's power.

use super::{Answer, api_roles, check};
use crate::support::lab::{Lab, lab_blocking};

const BASE: &str = "create schema auth; grant usage on schema auth, public to anon, authenticated;
    create function auth.uid() returns uuid language sql stable as
      $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
    create table public.org_members (org_id int, user_id uuid);
    insert into public.org_members select 1 + g % 3, md5(g::text)::uuid from generate_series(1, 9) g;
    create function public.member(o int) returns boolean language sql stable security definer cost 100000 as
      $$ select exists (select 1 from public.org_members m where m.org_id = o and m.user_id = auth.uid()) $$;
    create table public.people (id int, org_id int, email text);
    insert into public.people select g, 1 + g % 3, 'p@example.test' from generate_series(1, 30) g;
    alter table public.people enable row level security;
    grant select on public.people to authenticated;";

fn lab(more: &str) -> Lab {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(BASE);
    lab.exec_blocking(more);
    lab.exec_blocking("analyze");
    lab
}

fn gaps(answer: &Answer) -> String {
    answer.coverage["could_not"].to_string()
}

#[test]
pub fn a_locked_table_is_a_gap_and_what_needs_no_lock_is_still_told() {
    let lab = lab(
        "create policy p on public.people to authenticated using (true);
         create table public.leans (id int, org_id int, email text);
         insert into public.leans select * from public.people;
         alter table public.leans enable row level security;
         create policy p on public.leans to authenticated using (exists (select from public.people x where x.id = leans.id));
         create table public.open (id int, org_id int, email text);
         insert into public.open select * from public.people;
         create view public.window as select * from public.people;
         grant select on public.leans, public.open, public.window to authenticated",
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let holder = runtime.block_on(lab.connect("postgres"));
    runtime
        .block_on(holder.batch_execute("begin; lock public.people in access exclusive mode"))
        .expect("a lock");
    let answer = check(&lab, "postgres");
    let gaps = gaps(&answer);
    for part in [
        "public.people",
        "policy p on public.leans",
        "public.window",
        "55P03",
    ] {
        assert!(gaps.contains(part), "{part} in {gaps}");
    }
    assert!(answer.confirmed("public.open"));
    assert_eq!(
        answer.about("public.people").len(),
        1,
        "{:#?}",
        answer.findings
    );
    assert!(!answer.confirmed("public.people"));
}

#[test]
pub fn what_is_too_dear_or_too_slow_is_undecided_and_the_exit_code_says_so() {
    let lab = lab(
        "create table public.huge (id int, org_id int, email text);
         insert into public.huge select g, 1 + g % 3, 'p@example.test' from generate_series(1, 30000) g;
         create function public.slow(o int) returns boolean language plpgsql stable security definer as
           $$ declare t timestamptz := clock_timestamp(); begin
                while clock_timestamp() < t + interval '1 second' loop end loop; return public.member(o); end $$;
         alter table public.huge enable row level security;
         create policy p on public.huge to authenticated using (public.member(org_id));
         create policy p on public.people to authenticated using (public.slow(org_id));
         grant select on public.huge to authenticated",
    );
    let answer = check(&lab, "postgres");
    let gaps = gaps(&answer);
    assert!(
        gaps.contains("rows of public.huge") && gaps.contains("too dear"),
        "{gaps}"
    );
    assert!(
        gaps.contains("rows of public.people") && gaps.contains("57014"),
        "{gaps}"
    );
    assert!(answer.about("public.huge").is_empty() && answer.about("public.people").is_empty());
    assert_eq!(answer.code, 2, "{:#?}", answer.findings);
}

#[test]
pub fn a_condition_that_raises_errors_accuses_nobody() {
    let lab = lab(
        "create policy p on public.people to authenticated using (org_id = current_setting('app.missing')::int)",
    );
    let answer = check(&lab, "postgres");
    assert!(
        answer.about("public.people").is_empty(),
        "{:#?}",
        answer.findings
    );
}

#[test]
pub fn a_suspicion_that_both_members_contradict_is_ruled_out() {
    // Nothing in the text ties the row to the caller; the tables behind do.
    let lab = lab(
        "create function public.same_org(o int) returns boolean language plpgsql stable as
           $$ begin return exists (select from public.org_members m where m.org_id = o); end $$;
         alter table public.org_members enable row level security;
         create policy own on public.org_members to authenticated using (user_id = auth.uid());
         grant select on public.org_members to authenticated;
         create view public.window as select p.* from public.people p where public.same_org(p.org_id);
         grant select on public.window to authenticated",
    );
    let answer = check(&lab, "postgres");
    let ruled_out = answer
        .findings
        .iter()
        .filter(|f| f["confidence"] == "ruled_out");
    assert!(
        answer.about("public.window").is_empty(),
        "{:#?}",
        answer.findings
    );
    assert_eq!(ruled_out.count(), 1, "{:#?}", answer.findings);
}

#[test]
pub fn no_function_of_the_database_runs_with_the_logins_own_power() {
    let lab = lab(
        "create function public.canary() returns boolean language plpgsql stable as
           $$ begin if (select r.rolsuper from pg_roles r where r.rolname = current_user) then raise exception 'run by a superuser'; end if; return true; end $$;
         create policy p on public.people to authenticated using (public.canary() and org_id is not null);
         create view public.window as select *, public.canary() from public.people;
         create view public.pane with (security_invoker) as select *, public.canary() from public.people;
         grant select on public.window, public.pane to authenticated",
    );
    let answer = check(&lab, "postgres");
    assert!(answer.confirmed("public.people") && answer.confirmed("public.window"));
    assert_eq!(gaps(&answer), "[]");
}

#[test]
pub fn the_logins_power_is_told_once_on_standard_error_and_in_the_coverage() {
    let lab =
        lab("create policy p on public.people to authenticated using (public.member(org_id))");
    let answer = check(&lab, "postgres");
    assert_eq!(
        answer.err.matches("is a superuser").count(),
        1,
        "{}",
        answer.err
    );
    assert!(
        answer.coverage["warnings"]
            .to_string()
            .contains("is a superuser")
    );
}
