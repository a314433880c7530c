//! Tables without rows: what their policies would let through, told apart
//! from what is proven on live rows.

use super::{api_roles, audited, cell};
use crate::support::lab::{Lab, lab_blocking};
use firsthour::domain::check::CheckReport;
use firsthour::domain::exposure::Verdict;
use firsthour::domain::finding::{Confidence, Finding};

const BASE: &str = "create schema auth; grant usage on schema auth, public to anon, authenticated, service_role;
    create function auth.uid() returns uuid language sql stable as
      $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
    create table public.org_members (org_id uuid, user_id uuid);
    insert into public.org_members select md5((g % 3)::text)::uuid, md5(g::text)::uuid from generate_series(1, 9) g;
    create type public.state as enum ('draft', 'open');
    create table public.notes (id int, org_id uuid, email text, state public.state, deleted_at timestamptz);
    alter table public.notes enable row level security;
    grant select on public.notes, public.org_members to authenticated, service_role;
    alter table public.org_members enable row level security;
    create policy own on public.org_members to authenticated using (user_id = auth.uid());";

fn lab(more: &str) -> Lab {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(BASE);
    lab.exec_blocking(more);
    lab.exec_blocking("analyze");
    lab
}

fn about<'a>(report: &'a CheckReport, name: &str) -> Vec<&'a Finding> {
    let named = |f: &&Finding| f.subject.name.contains(name);
    report.findings.iter().filter(named).collect()
}

#[test]
pub fn an_open_policy_would_let_strangers_in_and_that_stays_a_suspicion() {
    for condition in [
        "true",
        "deleted_at is null",
        "state = 'open'::public.state",
        "org_id is not null and auth.uid() is not null",
        "exists (select 1 from public.org_members m where m.user_id = auth.uid()) or notes.email is not null",
        "coalesce(notes.org_id, notes.org_id) = notes.org_id",
    ] {
        let lab = lab(&format!(
            "create policy p on public.notes for select to authenticated using ({condition})"
        ));
        let report = audited(&lab, |_| ());
        let (verdict, basis) = cell(&report, "ghost", "public.notes");
        assert_eq!(verdict, Verdict::Would, "{condition}: {basis}");
        assert!(basis.contains("made-up rows"), "{basis}");
        let found = about(&report, "public.notes");
        assert!(!found.is_empty(), "{condition}");
        for finding in found {
            assert_eq!(finding.confidence, Confidence::Suspected, "{finding:#?}");
            let evidence = format!("{:?}", finding.evidence);
            assert!(evidence.contains("made-up rows"), "{evidence}");
        }
        assert_eq!(report.fields["foreign"], 0);
    }
}

#[test]
pub fn a_closed_policy_lets_no_made_up_row_through() {
    for policies in [
        "create policy p on public.notes to authenticated using (org_id in (select m.org_id from public.org_members m where m.user_id = auth.uid()))",
        "create policy p on public.notes to authenticated using (true);
         create policy r on public.notes as restrictive to authenticated
           using (org_id in (select m.org_id from public.org_members m where m.user_id = auth.uid()))",
        "create policy p on public.notes for insert to authenticated with check (true)",
    ] {
        let lab = lab(policies);
        let report = audited(&lab, |_| ());
        for principal in ["ghost", "member A", "member B"] {
            let (verdict, basis) = cell(&report, principal, "public.notes");
            assert!(
                matches!(verdict, Verdict::None | Verdict::Own),
                "{principal} {policies}: {basis}"
            );
            assert!(basis.starts_with("no rows yet"), "{basis}");
        }
    }
}

#[test]
pub fn an_empty_table_without_row_security_would_show_its_first_row() {
    let lab = lab("alter table public.notes disable row level security");
    let report = audited(&lab, |_| ());
    let (verdict, basis) = cell(&report, "ghost", "public.notes");
    assert_eq!(
        (verdict, basis),
        (
            Verdict::Would,
            "no rows yet, and row security would filter none"
        )
    );
    let found = about(&report, "public.notes");
    assert!(found.iter().all(|f| f.confidence == Confidence::Suspected));
}

#[test]
pub fn a_table_whose_rows_were_deleted_counts_as_empty_once_somebody_saw_so() {
    let lab = lab(
        "insert into public.notes (id, org_id) values (1, md5('1')::uuid);
         delete from public.notes;
         create policy p on public.notes to authenticated using (id > 0)",
    );
    let report = audited(&lab, |_| ());
    assert_eq!(
        cell(&report, "service_role", "public.notes").0,
        Verdict::None
    );
    assert_eq!(cell(&report, "ghost", "public.notes").0, Verdict::Would);
}

#[test]
pub fn a_partitioned_table_is_empty_when_all_of_its_parts_are() {
    let lab = lab(
        "create table public.events (id int, org_id uuid, email text) partition by range (id);
         create table public.events_1 partition of public.events for values from (0) to (10);
         create table public.events_2 partition of public.events for values from (10) to (20);
         alter table public.events enable row level security;
         create policy p on public.events to authenticated using (id is not null);
         grant select on public.events to authenticated",
    );
    assert_eq!(
        cell(&audited(&lab, |_| ()), "ghost", "public.events").0,
        Verdict::Would
    );
    lab.exec_blocking("insert into public.events values (11, md5('1')::uuid, 'e@example.test')");
    assert_eq!(
        cell(&audited(&lab, |_| ()), "ghost", "public.events").0,
        Verdict::Foreign
    );
}

#[test]
pub fn no_helper_with_effects_is_tried_on_made_up_rows() {
    let lab = lab(
        "create function public.locks(o uuid) returns boolean language plpgsql as
           $$ begin perform pg_advisory_lock(4714); return true; end $$;
         create policy p on public.notes to authenticated using (public.locks(org_id))",
    );
    let report = audited(&lab, |_| ());
    assert_eq!(cell(&report, "ghost", "public.notes").0, Verdict::Undecided);
    let report = audited(&lab, |reach| reach.probe_helpers = true);
    assert_eq!(cell(&report, "ghost", "public.notes").0, Verdict::Would);
}

#[test]
pub fn conditions_run_as_the_principal_even_on_made_up_rows() {
    let lab = lab("create function public.canary() returns boolean language plpgsql stable as
           $$ begin if (select r.rolsuper from pg_roles r where r.rolname = current_user) then raise exception 'run by a superuser'; end if; return true; end $$;
         create policy p on public.notes to authenticated using (public.canary() and org_id is not null)");
    let report = audited(&lab, |_| ());
    assert_eq!(cell(&report, "ghost", "public.notes").0, Verdict::Would);
}
