//! Whom the prober acts as: what each of them would bring along on a real
//! connection, what they may write about themselves, and what is by design.

use super::{api_roles, audited, cell, gaps_of};
use crate::support::lab::{Lab, lab_blocking};
use firsthour::domain::exposure::Verdict;
use firsthour::domain::finding::Confidence;
use firsthour::investigate::check::Naming;

const BASE: &str = "create schema auth; grant usage on schema auth, public to anon, authenticated, service_role;
    create function auth.jwt() returns jsonb language sql stable as
      $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
    create function auth.uid() returns uuid language sql stable as $$ select (auth.jwt() ->> 'sub')::uuid $$;
    create table public.org_members (org_id int, user_id uuid);
    insert into public.org_members select 1 + g % 3, md5(g::text)::uuid from generate_series(1, 9) g;
    create table public.people (id int, org_id int, email text);
    insert into public.people select g, 1 + g % 3, 'p@example.test' from generate_series(1, 30) g;
    alter table public.people enable row level security;
    grant select on public.people to anon, authenticated, service_role;";

fn lab(more: &str) -> Lab {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(BASE);
    lab.exec_blocking(&more.replace("{db}", &lab.database));
    lab.exec_blocking("analyze");
    lab
}

fn confirmed(report: &firsthour::domain::check::CheckReport, check: &str) -> bool {
    report
        .findings
        .iter()
        .any(|f| f.check == check && f.confidence == Confidence::Confirmed)
}

#[test]
pub fn a_member_who_edits_its_own_metadata_proves_that_it_is_trusted() {
    for condition in [
        "org_id = (auth.jwt() -> 'user_metadata' ->> 'org_id')::int",
        "auth.jwt() -> 'user_metadata' ->> 'role' = 'owner' and org_id is not null",
        "(auth.jwt() #>> '{user_metadata,flags,staff}')::boolean and org_id is not null",
    ] {
        let lab = lab(&format!(
            "create policy p on public.people to authenticated using ({condition})"
        ));
        let report = audited(&lab, |_| ());
        let (verdict, basis) = cell(&report, "edited member A", "public.people");
        assert!(verdict.leaks(), "{condition}: {basis}");
        assert!(!cell(&report, "member A", "public.people").0.leaks());
        assert_eq!(cell(&report, "ghost", "public.people").0, Verdict::None);
        assert!(confirmed(&report, "P17"), "{:#?}", report.findings);
    }
}

#[test]
pub fn nothing_is_edited_where_no_condition_reads_it() {
    let lab = lab(
        "create policy p on public.people to authenticated using (org_id = (auth.jwt() -> 'app_metadata' ->> 'org_id')::int)",
    );
    let report = audited(&lab, |_| ());
    assert!(report.cells.iter().all(|c| !c.principal.contains("edited")));
    assert!(report.cells.iter().any(|c| c.principal == "member B"));
}

#[test]
pub fn the_service_role_is_shown_as_by_design() {
    let lab = lab("create policy p on public.people to authenticated using (false)");
    let report = audited(&lab, |_| ());
    assert!(report.by_design.contains(&"service_role".to_owned()));
    assert_eq!(
        cell(&report, "service_role", "public.people").0,
        Verdict::All
    );
    assert_eq!(report.fields["foreign"], 0);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
}

#[test]
pub fn what_is_pinned_to_a_role_is_in_force_for_it_and_for_nobody_else() {
    let lab = lab(
        "create role {db}_pinned login; create role {db}_other login;
         grant usage on schema public to {db}_pinned, {db}_other;
         grant select on public.people to {db}_pinned, {db}_other;
         alter role {db}_pinned in database {db} set app.bypass = 'on';
         alter role postgres in database {db} set app.bypass = 'on';
         create policy p on public.people using (current_setting('app.bypass', true) = 'on'
           or org_id = nullif(current_setting('app.org_id', true), '')::int)",
    );
    let report = audited(&lab, |_| ());
    let of = |role: &str| {
        let principal = format!("{}_{role}, no tenant set", lab.database);
        cell(&report, &principal, "public.people").0
    };
    assert!(of("pinned").leaks());
    assert_eq!(of("other"), Verdict::None);
    assert_eq!(cell(&report, "ghost", "public.people").0, Verdict::None);
}

#[test]
pub fn an_application_is_asked_without_with_an_empty_and_with_real_tenants() {
    let lab = lab(
        "create role {db}_app login; grant usage on schema public to {db}_app;
         grant select on public.people to {db}_app;
         create policy p on public.people to {db}_app
           using (org_id = nullif(current_setting('app.org_id', true), '')::int)",
    );
    let report = audited(&lab, |_| ());
    let of = |who: &str| {
        let principal = format!("{}_app, {who}", lab.database);
        cell(&report, &principal, "public.people").0
    };
    for who in ["no tenant set", "tenant set to nothing", "made-up tenant"] {
        assert_eq!(of(who), Verdict::None, "{who}");
    }
    assert_eq!(of("tenant A"), Verdict::Own);
    assert_eq!(of("tenant B"), Verdict::Own);
}

#[test]
pub fn a_set_up_step_that_the_probes_do_not_run_is_a_gap() {
    let lab = lab(
        "alter database {db} set pgrst.db_pre_request = 'public.guard';
         create policy p on public.people to authenticated using (false)",
    );
    let gaps = gaps_of(&audited(&lab, |_| ()));
    assert!(gaps.contains("public.guard has run"), "{gaps}");
}

#[test]
pub fn callers_of_neon_are_known_by_their_roles_and_text_ids() {
    let lab = lab("do $$ begin create role anonymous nologin;
           exception when duplicate_object or unique_violation then null; end $$;
         grant usage on schema auth, public to anonymous;
         create function auth.user_id() returns text language sql stable as $$ select auth.jwt() ->> 'sub' $$;
         create table public.notes (id int, user_id text, email text);
         insert into public.notes select g, g::text, 'n@example.test' from generate_series(1, 9) g;
         alter table public.notes enable row level security;
         create policy own on public.notes to authenticated using (user_id = auth.user_id());
         create policy open on public.people to anonymous using (org_id > 0);
         grant select on public.notes, public.people to anonymous, authenticated");
    let report = audited(&lab, |_| ());
    assert_eq!(cell(&report, "ghost", "public.notes").0, Verdict::None);
    let anonymous = report
        .cells
        .iter()
        .filter(|c| c.principal.contains("anonymous") && c.relation == "public.people");
    assert!(anonymous.into_iter().any(|c| c.verdict.leaks()));
}

#[test]
pub fn named_roles_take_the_places_they_are_named_for() {
    let lab = lab(
        "create role {db}_visitor nologin; create role {db}_root nologin;
         grant usage on schema public to {db}_visitor, {db}_root;
         grant select on public.people to {db}_visitor, {db}_root;
         create policy p on public.people to {db}_visitor, {db}_root using (true)",
    );
    let report = audited(&lab, |reach| {
        reach.naming = Naming {
            anonymous: Some(format!("{}_visitor", lab.database)),
            service: Some(format!("{}_root", lab.database)),
            ..Naming::default()
        };
    });
    assert!(report.by_design.contains(&format!("{}_root", lab.database)));
    let visitors = report
        .cells
        .iter()
        .filter(|c| c.principal.contains("anonymous") && c.verdict.leaks());
    assert_eq!(visitors.count(), 2, "{:#?}", report.cells);
}
