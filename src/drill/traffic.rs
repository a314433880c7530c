//! What went on in a lab before the incident: people at their own pages, and
//! somebody who read through the leak. The server counts it, as it would have
//! counted the real thing, and a responder can find it there.
//!
//! Every statement is sent by itself under the role it stands for, since the
//! statistics keep what was sent, by role in effect. The same seed and shape
//! give the same reads. To add some, add a line to `PAGES` or `JOBS`.

use super::error::LabError;
use super::shapes::{Shape, drawn};
use crate::domain::exposure::PrincipalKind;
use tokio_postgres::Client;

/// People whose sessions are played.
const PEOPLE: usize = 4;

/// Rows of one step of the person who pages through the leak.
const STEP: usize = 100;

/// Pages of the app, for a signed-in person of `{ORG}`.
const PAGES: [&str; 3] = [
    "select id, number, amount_cents, status from public.invoices where org_id = '{ORG}' order by id desc limit 25",
    "select id, name, email from public.customers where org_id = '{ORG}' order by name limit 25",
    "select id, subject, status from public.support_tickets where org_id = '{ORG}' and status = 'open' order by id limit 20",
];

/// Reads of no person: by role.
const JOBS: [(&str, &str); 3] = [
    ("anon", "select id, name, monthly_cents from public.plans"),
    (
        "anon",
        "select id, title from public.published_posts where status = 'published' order by id desc limit 10",
    ),
    (
        "service_role",
        "select id, type, received_at from public.stripe_events order by received_at desc limit 20",
    ),
];

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct Person {
    user: String,
    org: String,
}

/// The people whose sessions are played: to be asked before the counters are
/// set back, or the question would be counted too.
pub async fn people(client: &Client) -> Result<Vec<Person>, LabError> {
    let sql = format!(
        "select distinct on (org_id) user_id::text, org_id::text from public.org_members
         where role = 'member' order by org_id, user_id limit {PEOPLE}"
    );
    let rows = client.query(&sql, &[]).await?;
    let person = |row: &tokio_postgres::Row| Person {
        user: row.get(0),
        org: row.get(1),
    };
    Ok(rows.iter().map(person).collect())
}

/// Plays all of it on a superuser's connection.
pub async fn play(
    client: &Client,
    seed: u64,
    shape: &Shape,
    people: &[Person],
) -> Result<(), LabError> {
    Ok(client.batch_execute(&script(seed, shape, people)).await?)
}

/// The statements, in order.
fn script(seed: u64, shape: &Shape, people: &[Person]) -> String {
    let mut script = Vec::new();
    for (role, sql) in JOBS {
        let times = 1 + drawn(&format!("job {seed} {sql}"), 4);
        script.push(format!("set role {role}"));
        script.extend(std::iter::repeat_n(sql.to_owned(), times));
    }
    for (at, person) in people.iter().enumerate() {
        script.extend(signed_in("authenticated", person));
        for page in PAGES {
            let times = 1 + drawn(&format!("page {seed} {at} {page}"), 5);
            let page = page.replace("{ORG}", &person.org);
            script.extend(std::iter::repeat_n(page, times));
        }
    }
    script.extend(leak(seed, shape, people));
    script.push("reset role".to_owned());
    script.push("reset request.jwt.claims".to_owned());
    script.push("reset app.org_id".to_owned());
    script.join(";\n")
}

/// Somebody finds that a list goes on beyond their own rows, pages a little,
/// and then takes the whole of it at once.
fn leak(seed: u64, shape: &Shape, people: &[Person]) -> Vec<String> {
    let kind = shape.leaks[drawn(&format!("reader {seed}"), shape.leaks.len())];
    let role = match kind {
        PrincipalKind::Anonymous => "anon",
        PrincipalKind::AppRole => "app_backend",
        _ => "authenticated",
    };
    let mut script = vec!["reset app.org_id".to_owned()];
    match people.get(drawn(&format!("person {seed}"), people.len().max(1))) {
        Some(person) if kind != PrincipalKind::Anonymous => {
            script.extend(signed_in(role, person));
        }
        _ => {
            script.push("reset role".to_owned());
            script.push("reset request.jwt.claims".to_owned());
            script.push(format!("set role {role}"));
        }
    }
    let relation = shape.relation;
    for step in 0..2 + drawn(&format!("steps {seed}"), 3) {
        script.push(format!(
            "select * from {relation} order by 1 limit {STEP} offset {}",
            step * STEP
        ));
    }
    script.push(format!("select * from {relation}"));
    script
}

/// A session of a person, as an app that acts under the person's role opens it.
fn signed_in(role: &str, person: &Person) -> Vec<String> {
    let Person { user, org } = person;
    let claims = format!(r#"{{"sub":"{user}","role":"{role}"}}"#);
    vec![
        format!("set role {role}"),
        format!("select set_config('request.jwt.claims', '{claims}', false)"),
        format!("select set_config('app.org_id', '{org}', false)"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::shapes::{SHAPES, by_id};

    fn somebody() -> Vec<Person> {
        let person = |n: usize| Person {
            user: format!("user-{n}"),
            org: format!("org-{n}"),
        };
        (0..PEOPLE).map(person).collect()
    }

    #[test]
    fn the_same_seed_plays_the_same_and_another_one_differs() {
        let shape = by_id("rls-off").unwrap();
        let people = somebody();
        assert_eq!(script(7, shape, &people), script(7, shape, &people));
        assert!((8..20).any(|seed| script(seed, shape, &people) != script(7, shape, &people)));
    }

    #[test]
    fn the_leak_is_read_whole_by_a_role_that_leaks() {
        for shape in SHAPES {
            for seed in 0..40 {
                let read = leak(seed, shape, &somebody());
                let whole = format!("select * from {}", shape.relation);
                assert_eq!(read.last(), Some(&whole));
                let role = read.iter().rev().find_map(|s| s.strip_prefix("set role "));
                let kind = match role.unwrap() {
                    "anon" => PrincipalKind::Anonymous,
                    "app_backend" => PrincipalKind::AppRole,
                    _ => PrincipalKind::Member,
                };
                assert!(shape.leaks.contains(&kind), "{} {kind:?}", shape.id);
            }
        }
    }
}
