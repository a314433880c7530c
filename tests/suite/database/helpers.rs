//! Functions that a read-only transaction does not hold back: told by name,
//! not run unasked, run when a person allows it.

use super::{api_roles, audited, cell, gaps_of};
use crate::support::lab::{Lab, lab_blocking};
use firsthour::domain::exposure::Verdict;
use firsthour::domain::finding::Confidence;

const BASE: &str = "create schema auth; grant usage on schema auth, public to anon, authenticated;
    create function auth.uid() returns uuid language sql stable as
      $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
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

/// A helper that leaves a lock of the session behind, so that a run shows.
const LOCKS: &str = "create function public.locks(o int) returns boolean language plpgsql as
      $$ begin perform pg_advisory_lock(4711); return o is not null; end $$;
    create policy p on public.people for select to authenticated using (public.locks(org_id))";

#[test]
pub fn a_helper_with_effects_keeps_its_relations_undecided_until_it_is_allowed() {
    let lab = lab(LOCKS);
    let before = audited(&lab, |_| ());
    let (verdict, basis) = cell(&before, "ghost", "public.people");
    assert_eq!(verdict, Verdict::Undecided);
    for text in [basis, &gaps_of(&before)] {
        for part in ["public.locks", "pg_advisory_lock", "--probe-helpers"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    assert_ne!(
        before.conclusion(),
        firsthour::domain::check::Conclusion::Clean
    );

    let after = audited(&lab, |reach| reach.probe_helpers = true);
    assert!(cell(&after, "ghost", "public.people").0.leaks());
    let mut found = after.findings.iter();
    assert!(
        found
            .any(|f| f.subject.name.contains("public.people")
                && f.confidence == Confidence::Confirmed)
    );
    assert!(!gaps_of(&after).contains("not probed"));
}

#[test]
pub fn a_volatile_helper_whose_body_does_nothing_else_is_not_asked_about() {
    let lab = lab(
        "create function public.fine(o int) returns boolean language plpgsql as
           $$ begin return o > 0; end $$;
         create policy p on public.people for select to authenticated using (public.fine(org_id))",
    );
    let report = audited(&lab, |_| ());
    assert!(cell(&report, "ghost", "public.people").0.leaks());
    assert_eq!(gaps_of(&report), "");
}

#[test]
pub fn effects_are_seen_in_a_condition_itself_and_one_call_away() {
    let lab = lab("create table public.direct (id int, org_id int, email text);
         insert into public.direct values (1, 1, 'd@example.test');
         alter table public.direct enable row level security;
         create policy p on public.direct to authenticated using (pg_try_advisory_lock(4712) and org_id > 0);
         create function public.inner_one() returns boolean language plpgsql as
           $$ begin reset role; return true; end $$;
         create function public.outer_one(o int) returns boolean language sql stable as
           $$ select o > 0 and public.inner_one() $$;
         create policy p on public.people for select to authenticated using (public.outer_one(org_id));
         create view public.window with (security_invoker = on) as select * from public.people;
         grant select on public.direct, public.window to authenticated");
    let report = audited(&lab, |_| ());
    for relation in ["public.direct", "public.people", "public.window"] {
        let (verdict, basis) = cell(&report, "ghost", relation);
        assert_eq!(verdict, Verdict::Undecided, "{relation}: {basis}");
    }
    let gaps = gaps_of(&report);
    assert!(
        gaps.contains("pg_try_advisory_lock") && gaps.contains("reset"),
        "{gaps}"
    );
}

#[test]
pub fn a_helper_of_a_policy_that_reads_nothing_keeps_nobody_out() {
    let lab = lab("create function public.told(o int) returns boolean language plpgsql as
           $$ begin perform pg_notify('seen', o::text); return true; end $$;
         create policy w on public.people for insert to authenticated with check (public.told(org_id));
         create policy r on public.people for select to authenticated using (org_id > 0)");
    let report = audited(&lab, |_| ());
    assert!(cell(&report, "ghost", "public.people").0.leaks());
    assert_eq!(gaps_of(&report), "");
}

#[test]
pub fn a_foreign_table_is_not_read_unasked() {
    let lab = lab(
        "create foreign data wrapper nowhere; create server far foreign data wrapper nowhere;
         create foreign table public.remote (id int, org_id int, email text) server far;
         grant select on public.remote to authenticated",
    );
    let report = audited(&lab, |_| ());
    let (verdict, basis) = cell(&report, "ghost", "public.remote");
    assert_eq!(verdict, Verdict::Undecided);
    assert!(basis.contains("another server"), "{basis}");
}
