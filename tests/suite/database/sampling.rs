//! Cells that a full look would cost too much, that fail, that are refused or
//! that run out of time: what was seen is said, and nothing else is claimed.

use super::{api_roles, audited, cell, gaps_of};
use crate::support::lab::{Lab, lab_blocking};
use firsthour::domain::check::Conclusion;
use firsthour::domain::exposure::Verdict;
use firsthour::investigate::check::Reach;

const BASE: &str = "create schema auth; grant usage on schema auth, public to anon, authenticated;
    create function auth.uid() returns uuid language sql stable as
      $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
    create table public.huge (id int, org_id int, email text);
    insert into public.huge select g, 1 + g % 3, 'p@example.test' from generate_series(1, 40000) g;
    alter table public.huge enable row level security;
    grant select on public.huge to authenticated;";

fn lab(more: &str) -> Lab {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(BASE);
    lab.exec_blocking(&more.replace("{db}", &lab.database));
    lab.exec_blocking("analyze");
    lab
}

/// A budget that the whole table is over.
fn poor(reach: &mut Reach) {
    reach.limits.cost = 100.0;
}

#[test]
pub fn a_row_in_a_sample_is_proof_and_the_sampled_statement_shows_it() {
    let lab =
        lab("create policy p on public.huge to authenticated using (id > 0 and length(email) > 3)");
    let report = audited(&lab, poor);
    let (verdict, basis) = cell(&report, "ghost", "public.huge");
    assert!(verdict.leaks(), "{basis}");
    assert!(
        basis.contains("TABLESAMPLE SYSTEM (25) REPEATABLE (1)"),
        "{basis}"
    );
}

#[test]
pub fn a_sample_without_a_row_leaves_the_cell_open_and_says_how_much_was_seen() {
    let lab = lab("create policy p on public.huge to authenticated using (length(email) > 300)");
    let report = audited(&lab, poor);
    let (verdict, basis) = cell(&report, "ghost", "public.huge");
    assert_eq!(verdict, Verdict::Undecided);
    let pages =
        lab.exec_blocking("select relpages, relpages / 4 from pg_class where relname = 'huge'");
    let (all, some) = (pages[0][0].clone().unwrap(), pages[0][1].clone().unwrap());
    for part in [
        format!("about {some} of {all} pages showed no row"),
        format!("fewer than 3 in {some} pages hold one (95 %)"),
    ] {
        assert!(basis.contains(&part), "{part} in {basis}");
    }
    assert!(gaps_of(&report).contains("95 %"));
    assert_ne!(report.conclusion(), Conclusion::Clean);
}

#[test]
pub fn parts_are_counted_together_and_views_cannot_be_sampled() {
    let lab = lab(
        "create table public.parts (id int, org_id int, email text) partition by range (id);
         create table public.parts_1 partition of public.parts for values from (0) to (20000);
         create table public.parts_2 partition of public.parts for values from (20000) to (50000);
         insert into public.parts select g, 1, 'p@example.test' from generate_series(1, 40000) g;
         alter table public.parts enable row level security;
         create policy p on public.parts to authenticated using (length(email) > 300);
         create policy p on public.huge to authenticated using (length(email) > 300);
         create view public.pane with (security_invoker) as select * from public.huge;
         grant select on public.parts, public.pane to authenticated",
    );
    let report = audited(&lab, poor);
    let parts = cell(&report, "ghost", "public.parts").1;
    assert!(parts.contains("(95 %)"), "{parts}");
    let (verdict, pane) = cell(&report, "ghost", "public.pane");
    assert_eq!(verdict, Verdict::Undecided);
    assert!(pane.contains("no sample was possible"), "{pane}");
}

#[test]
pub fn an_error_that_only_some_rows_raise_leaves_the_cell_open() {
    let lab = lab("update public.huge set email = 'x' where id = 1;
         create policy p on public.huge to authenticated using (email::int = 3)");
    let report = audited(&lab, |_| ());
    let (verdict, basis) = cell(&report, "ghost", "public.huge");
    assert_eq!(verdict, Verdict::Undecided, "{basis}");
    assert!(basis.contains("22P02"), "{basis}");
    assert_ne!(report.conclusion(), Conclusion::Clean);
}

#[test]
pub fn an_error_of_the_callers_own_settings_shows_nothing_to_anybody() {
    let lab = lab("create role {db}_app login; grant usage on schema public to {db}_app;
         grant select on public.huge to {db}_app;
         create policy p on public.huge to {db}_app using (org_id = current_setting('app.org_id', true)::int);
         create view public.pane as select * from public.huge where org_id = current_setting('app.org_id', true)::int;
         grant select on public.pane to {db}_app");
    let report = audited(&lab, |_| ());
    let principal = format!("{}_app, tenant set to nothing", lab.database);
    for relation in ["public.huge", "public.pane"] {
        let (verdict, basis) = cell(&report, &principal, relation);
        assert_eq!(verdict, Verdict::None, "{relation}: {basis}");
        assert!(basis.contains("22P02, whatever the row"), "{basis}");
    }
}

#[test]
pub fn refused_and_missing_settings_are_told_as_such() {
    let lab = lab("create function public.sealed(o int) returns boolean language sql stable as 'select o > 0';
         revoke execute on function public.sealed(int) from public;
         create policy p on public.huge to authenticated using (public.sealed(org_id));
         create table public.plain (id int, org_id int, email text);
         insert into public.plain values (1, 1, 'p@example.test');
         alter table public.plain enable row level security;
         create policy p on public.plain to authenticated using (org_id = current_setting('app.none')::int);
         grant select on public.plain to authenticated");
    let report = audited(&lab, |_| ());
    let huge = cell(&report, "ghost", "public.huge");
    assert_eq!(huge.0, Verdict::None, "{}", huge.1);
    assert!(huge.1.contains("42501"), "{}", huge.1);
    let plain = cell(&report, "ghost", "public.plain");
    assert_eq!(plain.0, Verdict::None);
    assert!(plain.1.contains("42704"), "{}", plain.1);
}

#[test]
pub fn the_statistics_gain_a_dozen_rows_at_most_and_nested_counting_is_warned_about() {
    let lab = lab("create extension pg_stat_statements;
         create policy p on public.huge to authenticated using (org_id = (select 1))");
    let rows = || {
        let sql = "select count(*) from pg_stat_statements s join pg_database d on d.oid = s.dbid
           where d.datname = current_database()
             and s.query ~ 'set_config|DO \\$firsthour|firsthour.result'";
        lab.exec_blocking(sql)[0][0]
            .clone()
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    let before = rows();
    let report = audited(&lab, |_| ());
    assert!(report.warnings.iter().all(|w| !w.contains("track")));
    assert!(rows() - before <= 12, "{before} {}", rows());
    lab.exec_blocking(&format!(
        "alter database {} set pg_stat_statements.track = 'all'",
        lab.database
    ));
    let report = audited(&lab, |_| ());
    let told = report
        .warnings
        .iter()
        .filter(|w| w.contains("track is all"));
    assert_eq!(told.count(), 1);
}
