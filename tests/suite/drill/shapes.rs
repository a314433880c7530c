//! Every kind of leak, read by real principals: it leaks what its row says,
//! nothing else does, and its revoke closes it.

use crate::support::lab::{Lab, leaky, rows};
use firsthour::domain::exposure::PrincipalKind::{self, Anonymous, AppRole, Ghost, Member};
use firsthour::drill::shapes::{SHAPES, Shape};
use std::collections::BTreeSet;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

/// Everybody's to read, and nobody's data.
const PUBLIC: [&str; 3] = ["public.countries", "public.plans", "public.published_posts"];

/// Somebody who reads: the statements that make a session theirs, and which
/// rows are not theirs to read.
struct Reader {
    kind: PrincipalKind,
    assume: String,
    org: Option<String>,
    user: Option<String>,
}

type Leaks = BTreeSet<(String, PrincipalKind)>;

fn api(kind: PrincipalKind, role: &str, user: Option<&str>, org: Option<&str>) -> Reader {
    let sub = user.map_or_else(String::new, |id| format!(r#""sub":"{id}","#));
    let claims = format!(r#"{{{sub}"role":"{role}"}}"#);
    Reader {
        kind,
        assume: format!("set local role {role}; set local request.jwt.claims = '{claims}';"),
        org: org.map(str::to_owned),
        user: user.map(str::to_owned),
    }
}

async fn readers(client: &Client) -> Vec<Reader> {
    let members = rows(
        client,
        "select distinct on (org_id) user_id, org_id from public.org_members
         where role = 'admin' order by org_id limit 2",
    )
    .await;
    let id = |row: usize, column: usize| members[row][column].as_deref();
    let ghost = "00000000-0000-4000-8000-000000000001";
    let no_claims = Reader {
        assume: "set local role anon;".to_owned(),
        ..api(Anonymous, "anon", None, None)
    };
    let idle_app = Reader {
        kind: AppRole,
        assume: "set local role app_backend;".to_owned(),
        org: None,
        user: None,
    };
    let busy_app = Reader {
        kind: AppRole,
        assume: format!(
            "set local role app_backend; set local app.org_id = '{}';",
            id(0, 1).unwrap_or_default()
        ),
        org: id(0, 1).map(str::to_owned),
        user: None,
    };
    vec![
        no_claims,
        api(Anonymous, "anon", None, None),
        api(Ghost, "authenticated", Some(ghost), None),
        api(Member, "authenticated", id(0, 0), id(0, 1)),
        api(Member, "authenticated", id(1, 0), id(1, 1)),
        idle_app,
        busy_app,
    ]
}

/// The rows of a relation that are not the reader's.
fn foreign(relation: &str, reader: &Reader) -> String {
    let (column, own) = match relation {
        "public.organizations" => ("id", &reader.org),
        "public.my_profile" => ("id", &reader.user),
        _ => ("org_id", &reader.org),
    };
    let own = own
        .as_ref()
        .map_or("null".to_owned(), |id| format!("'{id}'"));
    format!("select count(*) from {relation} where {column} is distinct from {own}::uuid")
}

async fn count(client: &Client, reader: &Reader, sql: &str) -> u64 {
    let whole = format!("begin read only; {} {sql};", reader.assume);
    let answer = client.simple_query(&whole).await;
    client.batch_execute("rollback").await.expect("a rollback");
    match answer {
        Ok(messages) => messages
            .iter()
            .find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
                _ => None,
            })
            .expect("a number"),
        Err(error) => {
            assert_eq!(
                error.code(),
                Some(&SqlState::INSUFFICIENT_PRIVILEGE),
                "{error:?} in: {whole}"
            );
            0
        }
    }
}

/// The relations of the API's schema that are somebody's data.
async fn private_relations(lab: &Lab, shape: &Shape) -> Vec<String> {
    let client = lab.connect("postgres").await;
    let mut relations: Vec<String> = rows(
        &client,
        "select 'public.' || relname from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')",
    )
    .await
    .into_iter()
    .filter_map(|mut row| row.remove(0))
    .filter(|name| !PUBLIC.contains(&name.as_str()))
    .collect();
    assert!(relations.len() >= 18, "{relations:?}");
    if !relations.iter().any(|name| name == shape.relation) {
        relations.push(shape.relation.to_owned());
    }
    relations
}

/// What leaks of these relations, and to whom.
async fn leaks(lab: &Lab, relations: &[String]) -> Leaks {
    let client = lab.connect("postgres").await;
    let mut found = Leaks::new();
    for reader in readers(&client).await {
        for relation in relations {
            if count(&client, &reader, &foreign(relation, &reader)).await > 0 {
                found.insert((relation.clone(), reader.kind));
            }
        }
    }
    found
}

fn expected(shape: &Shape, version: u32) -> Leaks {
    let mut wanted: Leaks = shape
        .leaks
        .iter()
        .map(|kind| (shape.relation.to_owned(), *kind))
        .collect();
    // A view with the caller's rights shows what the caller could read anyway.
    if shape.relation == "public.customers" && version >= 15 {
        for kind in shape.leaks.iter().filter(|kind| **kind != AppRole) {
            wanted.insert(("public.my_customers".to_owned(), *kind));
        }
    }
    wanted
}

#[tokio::test]
async fn every_shape_leaks_what_it_says_and_its_revoke_closes_it() {
    let version = crate::support::lab::bin().major;
    for shape in SHAPES {
        let (lab, shape) = leaky(shape.id).await;
        let relations = private_relations(&lab, shape).await;
        let found = leaks(&lab, &relations).await;
        assert_eq!(found, expected(shape, version), "{}", shape.id);
        lab.exec(&shape.revoke.sql()).await;
        let leaking: Vec<String> = found.into_iter().map(|(relation, _)| relation).collect();
        let left = leaks(&lab, &leaking).await;
        assert_eq!(left, Leaks::new(), "{} after its revoke", shape.id);
    }
}

#[tokio::test]
async fn legitimate_work_goes_on_in_every_lab() {
    let (lab, _) = leaky("backup-copy").await;
    let client = lab.connect("postgres").await;
    let readers = readers(&client).await;
    let member = readers.iter().find(|reader| reader.kind == Member).unwrap();
    for relation in [
        "customers",
        "invoices",
        "payments",
        "support_tickets",
        "documents",
    ] {
        let sql = format!("select count(*) from public.{relation}");
        assert!(count(&client, member, &sql).await > 0, "{relation}");
    }
    let app = readers.last().unwrap();
    let sql = "select count(*) from public.customers";
    assert!(count(&client, app, sql).await > 0);
}
