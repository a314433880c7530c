//! One real server that logs in all three forms at once: each form must give
//! the same answer, person by person.

use crate::support::lab::{bin, block_on, start};
use firsthour::drill::postgres::PgBin;
use firsthour::drill::server::Server;
use firsthour::investigate::logs::event::WhoKind;
use firsthour::investigate::logs::gather::aggregates::{Aggregates, Statement};
use firsthour::investigate::logs::gather::distinct::hash;
use firsthour::investigate::logs::scan::{Asked, Progress, scan};
use firsthour::investigate::logs::source;
use futures_util::StreamExt;
use std::path::{Path, PathBuf};
use tokio_postgres::{Client, NoTls};

const PEOPLE: [(&str, i32); 3] = [("alice", 1), ("bob", 2), ("o'neil", 3)];

/// Claims for the transaction, then reads: what a gateway does per request.
async fn request(client: &mut Client, person: (&str, i32), reads: &[i32]) {
    let turn = client.transaction().await.expect("a transaction");
    let claims = format!(
        r#"{{"sub":"{}","role":"authenticated","app_metadata":{{"org_id":{}}}}}"#,
        person.0, person.1
    );
    turn.execute(
        "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
        &[&"authenticated", &claims],
    )
    .await
    .expect("claims");
    for id in reads {
        let sql =
            "select id, \"e-mail\"\n\tfrom customers -- by key\n where id = $1 and org_id = $2";
        turn.query(sql, &[id, &person.1]).await.expect("a read");
    }
    turn.query("select * from customers where org_id = $1", &[&person.1])
        .await
        .expect("a list");
    turn.commit().await.expect("an end");
}

async fn traffic(server: &Server) {
    let connect = || async {
        let (client, connection) = server
            .config("postgres", "shop")
            .connect(NoTls)
            .await
            .expect("a connection");
        tokio::spawn(connection);
        client
    };
    let mut one = connect().await;
    let mut two = connect().await;
    for person in PEOPLE {
        request(&mut one, person, &[10 * person.1, 10 * person.1 + 1]).await;
    }
    request(&mut two, PEOPLE[0], &[20, 30]).await;
    // No claims: a role, not a person.
    two.query("select * from customers", &[])
        .await
        .expect("all");
    let copied = two.copy_out("copy customers to stdout").await;
    let sent = StreamExt::count(copied.expect("a copy")).await;
    assert!(sent > 0);
    two.batch_execute("select 1; begin; rollback")
        .await
        .expect("a script");
    // Refused, and broken.
    let refused = two
        .batch_execute("set role authenticated; select * from secrets where id = 5")
        .await;
    assert!(refused.is_err());
    let broken = two
        .query("select * from customers where id = 1 / $1", &[&0_i32])
        .await;
    assert!(broken.is_err());
}

/// The server's own library folder, where it can explain by itself.
fn explains(bin: &PgBin) -> bool {
    let Some(root) = bin.dir.parent() else {
        return false;
    };
    ["lib", "lib/postgresql"]
        .iter()
        .any(|lib| root.join(lib).join("auto_explain.so").is_file())
}

fn run(bin: &PgBin) -> (PathBuf, tempfile::TempDir, bool) {
    let mut settings = vec![
        "logging_collector=on",
        "log_directory=log",
        "log_filename=all.log",
        "log_line_prefix=%m [%p] %q%u@%d %a ",
        "log_min_duration_statement=0",
        "log_rotation_size=0",
        if bin.major >= 15 {
            "log_destination=stderr,csvlog,jsonlog"
        } else {
            "log_destination=stderr,csvlog"
        },
    ];
    let explained = explains(bin);
    if explained {
        settings.extend([
            "session_preload_libraries=auto_explain",
            "auto_explain.log_min_duration=0",
            "auto_explain.log_analyze=on",
            "auto_explain.log_format=json",
        ]);
    }
    let server = start(bin, &settings);
    let kept = tempfile::tempdir().expect("a folder");
    block_on(async {
        let (client, connection) = server
            .config("postgres", "postgres")
            .connect(NoTls)
            .await
            .expect("a connection");
        tokio::spawn(connection);
        client
            .batch_execute("create database shop template template0")
            .await
            .expect("a database");
        let (client, connection) = server
            .config("postgres", "shop")
            .connect(NoTls)
            .await
            .expect("a connection");
        tokio::spawn(connection);
        client
            .batch_execute(
                "create role authenticated; create table customers (id int primary key, org_id int, \"e-mail\" text);
                 create table secrets (id int); grant select on customers to authenticated;
                 insert into customers select i, i / 10, 'x' from generate_series(1, 60) i;",
            )
            .await
            .expect("tables");
        traffic(&server).await;
        let folder = client
            .query_one("show data_directory", &[])
            .await
            .expect("a folder");
        let folder: String = folder.get(0);
        settle(&Path::new(&folder).join("log"), kept.path());
    });
    (kept.path().to_owned(), kept, explained)
}

/// Copies the logs once the last statement stands in all of them.
fn settle(from: &Path, to: &Path) {
    for _ in 0..2_000 {
        let whole = ["all.log", "all.csv", "all.json"].iter().all(|name| {
            let text = std::fs::read(from.join(name));
            text.map_or(*name == "all.json", |text| {
                memchr::memmem::find(&text, b"show data_directory").is_some()
            })
        });
        if whole {
            break;
        }
        std::thread::yield_now();
    }
    for name in ["all.log", "all.csv", "all.json"] {
        if from.join(name).is_file() {
            std::fs::copy(from.join(name), to.join(name)).expect("a copy");
        }
    }
}

fn tables(path: &Path) -> Aggregates {
    let (pieces, failed) = source::pieces(&[path.to_owned()]);
    assert!(failed.is_empty());
    scan(&pieces, &Asked::default(), &Progress::default())
}

/// Who did what how often, and how many rows came: times and places aside.
fn answer(tables: &Aggregates) -> Vec<String> {
    let mut lines: Vec<String> = tables
        .access
        .iter()
        .map(|(key, access)| {
            format!(
                "{:?} {} role={} {} {:?} rows={}/{}",
                key.who.kind,
                key.who.id,
                key.role,
                key.route,
                access.counts,
                access.rows,
                access.with_rows
            )
        })
        .collect();
    for (key, reach) in &tables.reach {
        let ids: Vec<u64> = reach.objects.ids().collect();
        lines.push(format!(
            "{} {} {ids:?} {:?}",
            key.who.id, key.kind, reach.tenants
        ));
    }
    lines
}

fn statement<'a>(tables: &'a Aggregates, label: &str) -> &'a Statement {
    let found = tables
        .statements
        .iter()
        .find(|(key, _)| key.starts_with(label));
    found
        .unwrap_or_else(|| panic!("{label} in {:?}", tables.statements.keys()))
        .1
}

fn holds(bin: &PgBin) {
    let (folder, _kept, explained) = run(bin);
    let mut forms = vec!["all.log", "all.csv"];
    if bin.major >= 15 {
        forms.push("all.json");
    }
    let all: Vec<Aggregates> = forms
        .iter()
        .map(|name| tables(&folder.join(name)))
        .collect();
    let names = ["postgres-stderr", "postgres-csv", "postgres-json"];
    for (tables, name) in all.iter().zip(names) {
        assert_eq!(tables.pieces[0].format, name);
        assert_eq!(tables.pieces[0].unparsed, 0, "{name}");
        assert_eq!(answer(tables), answer(&all[0]), "{name}");
    }
    people(&all[1], explained);
    shapes(&all[1], explained);
}

fn people(tables: &Aggregates, explained: bool) {
    for (person, org) in PEOPLE {
        let (_, reach) = tables
            .reach
            .iter()
            .find(|(key, _)| key.who.id == person && key.kind == "customers")
            .expect("what a person read");
        let mut want: Vec<u64> = [10 * org, 10 * org + 1]
            .iter()
            .map(|id| hash(id.to_string().as_bytes()))
            .collect();
        if person == "alice" {
            want.extend([20, 30].map(|id: i32| hash(id.to_string().as_bytes())));
        }
        want.sort_unstable();
        let mut ids: Vec<u64> = reach.objects.ids().collect();
        ids.sort_unstable();
        assert_eq!(ids, want, "{person}");
        assert_eq!(reach.tenants.iter().collect::<Vec<_>>(), [&org.to_string()]);
        let requests = if person == "alice" { 2 } else { 1 };
        let mine: Vec<_> = tables
            .access
            .iter()
            .filter(|(key, _)| key.who.id == person)
            .collect();
        assert!(
            mine.iter()
                .all(|(key, _)| key.role == "authenticated" && key.who.kind == WhoKind::User)
        );
        let total: u64 = mine.iter().map(|(_, access)| access.requests()).sum();
        assert_eq!(total, 3 * requests, "{person}");
        let rows: u64 = mine.iter().map(|(_, access)| access.rows).sum();
        let lists = if org == 1 { 10 * requests } else { 10 };
        assert_eq!(rows, if explained { lists + 2 } else { 0 }, "{person}");
        let homes: Vec<_> = tables
            .homes
            .iter()
            .filter(|(who, _)| who.id == person)
            .collect();
        assert!(
            homes
                .iter()
                .all(|(_, tenants)| tenants.contains(&org.to_string()))
        );
    }
}

fn shapes(tables: &Aggregates, explained: bool) {
    let role = |label: &str| {
        let found = tables
            .access
            .iter()
            .find(|(key, _)| key.who.kind == WhoKind::Role && key.route.starts_with(label));
        found.unwrap_or_else(|| panic!("{label}")).1.counts
    };
    assert_eq!(role("COPY customers"), [1, 0, 0, 0]);
    assert_eq!(role("SELECT secrets"), [0, 1, 0, 0]);
    assert!(statement(tables, "COPY customers").star);
    let wide = tables
        .statements
        .values()
        .find(|known| known.text == "select * from customers")
        .expect("the wide one");
    assert!(wide.star && wide.equals.is_empty() && !wide.has_limit);
    let list = tables
        .statements
        .values()
        .find(|known| known.text == "select * from customers where org_id = ?")
        .expect("the list");
    assert_eq!(list.bound.iter().collect::<Vec<_>>(), ["org_id"]);
    assert_eq!(list.plans > 0, explained);
    assert_eq!(list.filtered.contains("org_id"), explained);
    assert!(
        !tables
            .statements
            .keys()
            .any(|key| key.contains("pg_") || key.contains("set_config"))
    );
}

#[test]
fn three_forms_of_one_real_log_give_one_answer() {
    holds(&bin());
}

#[test]
fn so_does_the_postgres_of_this_machine() {
    let dir = PathBuf::from("/usr/lib/postgresql/15/bin");
    if !dir.join("postgres").is_file() {
        eprintln!("no Postgres 15 of the distribution here: skipped");
        return;
    }
    let mut found = bin();
    found.dir = dir;
    found.major = 15;
    holds(&found);
}
