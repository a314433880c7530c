//! Which policy or door lets a proven row through: told where it was seen,
//! and nobody else is blamed.

use super::{Answer, api_roles, check};
use crate::support::lab::{Lab, lab_blocking};

fn lab() -> Lab {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(
        "create schema auth;
         create function auth.uid() returns uuid language sql stable as
           $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
         grant usage on schema auth, public to anon, authenticated;
         create table public.members (org_id uuid, user_id uuid);
         create table public.people (id int, org_id uuid, email text, state text);
         insert into public.members select md5('o' || g % 2)::uuid, md5('u' || g)::uuid from generate_series(1, 6) g;
         insert into public.people select g, md5('o' || g % 2)::uuid, 'x', 'live' from generate_series(1, 20) g;
         alter table public.members enable row level security;
         alter table public.people enable row level security;
         create policy own on public.members to authenticated using (user_id = auth.uid());
         create policy own on public.people to authenticated
           using (org_id in (select m.org_id from public.members m where m.user_id = auth.uid()));
         grant select on public.members, public.people to authenticated; analyze;",
    );
    lab
}

fn blamed(answer: &Answer, subject: &str) -> Vec<String> {
    answer
        .findings
        .iter()
        .filter(|f| f["subject"]["name"] == subject)
        .flat_map(|f| f["evidence"].as_array().cloned().unwrap_or_default())
        .filter(|e| e["what"] == "let through by")
        .map(|e| e["value"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
pub fn of_several_policies_only_the_one_that_admits_foreign_rows_is_blamed() {
    let lab = lab();
    lab.exec_blocking(
        "create policy live on public.people for select to authenticated using (state = 'live');
         create policy gone on public.people for select to authenticated using (state = 'gone')",
    );
    let answer = check(&lab, "postgres");
    assert_eq!(
        blamed(&answer, "live on public.people"),
        ["policy \"live\" on public.people: USING ((state = 'live'::text))"]
    );
    let of = |subject: &str| {
        let found = answer
            .findings
            .iter()
            .find(|f| f["subject"]["name"] == subject);
        found.map_or("none", |f| f["confidence"].as_str().unwrap_or_default())
    };
    assert_eq!(of("live on public.people"), "confirmed");
    assert_eq!(of("gone on public.people"), "suspected");
}

#[test]
pub fn where_several_admit_them_all_are_named() {
    let lab = lab();
    lab.exec_blocking(
        "create policy \"a \"\"b\" on public.people for select to authenticated using (true);
         create policy live on public.people for select to authenticated using (state = 'live')",
    );
    let answer = check(&lab, "postgres");
    let named = blamed(&answer, "live on public.people");
    assert_eq!(named.len(), 2, "{named:?}");
    assert!(named[0].starts_with("policy \"a \"\"b\" on"), "{named:?}");
}

#[test]
pub fn doors_without_a_policy_are_named_too() {
    let lab = lab();
    lab.exec_blocking(
        "create table public.copy as select * from public.people;
         create view public.door as select * from public.people;
         create materialized view public.stored as select * from public.people;
         grant select on public.copy, public.door, public.stored to authenticated",
    );
    let answer = check(&lab, "postgres");
    let one = |subject| blamed(&answer, subject).join(" | ");
    assert_eq!(one("public.copy"), "row security is off on public.copy");
    assert!(one("public.door").starts_with("view public.door, which reads with the rights of"));
    assert!(one("public.stored").contains("stored copy public.stored"));
}

#[test]
pub fn a_policy_caught_by_looking_is_the_subject_instead_of_its_table() {
    let lab = lab();
    lab.exec_blocking(
        "create policy odd on public.people for select to authenticated
           using ((org_id::text || id) is not distinct from (org_id::text || id))",
    );
    let answer = check(&lab, "postgres");
    let about = answer.about("public.people");
    assert_eq!(about.len(), 1, "{about:#?}");
    assert_eq!(about[0]["subject"]["name"], "odd on public.people");
    assert_eq!(about[0]["confidence"], "confirmed");
}
