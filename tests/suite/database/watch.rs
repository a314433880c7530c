//! Looks at a real server's statistics while others read: what a second
//! connection was sent between two looks shows as a step, and a copy under way
//! shows while it runs.

use super::{api_roles, asked};
use crate::support::lab::{Lab, block_on, lab_blocking, rows};
use firsthour::cli::check::Database;
use firsthour::config::targets::Target;
use firsthour::config::{Env, Paths};
use firsthour::domain::reading::Doing;
use firsthour::domain::watch::Tally;
use firsthour::investigate::check::Reach;
use firsthour::investigate::database::reads::Watcher;
use futures_util::StreamExt;
use std::path::Path;

const BASE: &str = include_str!("../../fixtures/reads.sql");

const RESET: &str = "select pg_stat_statements_reset(0, (select oid from pg_database where datname = current_database()), 0)";

/// Looks after which a running statement must have been seen.
const LOOKS: usize = 500;

fn counted() -> Lab {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(BASE);
    lab
}

fn reach(lab: &Lab) -> Reach {
    let paths = Paths::under(Path::new("/nonexistent"));
    let target = Target::resolve(Some(&lab.url("postgres")), &Env::default(), &paths);
    Reach::new(target.expect("a target").settings)
}

#[test]
fn a_wide_read_between_two_looks_is_a_step_even_behind_a_harmless_mean() {
    let lab = counted();
    block_on(async {
        let other = lab.connect("postgres").await;
        rows(&other, "set role anon").await;
        // Fifty pages of two rows hide what comes next from the mean.
        for _ in 0..50 {
            rows(&other, "select id, email from customers limit 2").await;
        }
        let watcher = Watcher::open(&reach(&lab)).await.expect("a watcher");
        let mut tally = Tally::default();
        tally.take(watcher.look().await.expect("a look"));
        assert!(tally.grown().is_empty(), "{:#?}", tally.grown());
        rows(&other, "select id, email from customers limit 160").await;
        tally.take(watcher.look().await.expect("a look"));
        let grown = tally.grown();
        let (growth, fresh) = grown[0];
        assert_eq!(fresh, (1, 160), "{grown:#?}");
        assert!(growth.wide, "{growth:#?}");
        assert_eq!((growth.read.calls, growth.read.rows), (51, 260));
        assert_eq!(growth.read.role, "anon");
        assert!(tally.news().is_some());
        // Our own looks are nobody's reads.
        tally.take(watcher.look().await.expect("a look"));
        assert_eq!(tally.grown().len(), 1);
        assert_eq!(tally.grown()[0].1, (0, 0));
    });
}

#[test]
fn counters_set_back_between_two_looks_hide_nothing_read_since() {
    let lab = counted();
    block_on(async {
        let other = lab.connect("postgres").await;
        rows(&other, "select * from customers").await;
        let watcher = Watcher::open(&reach(&lab)).await.expect("a watcher");
        let mut tally = Tally::default();
        tally.take(watcher.look().await.expect("a look"));
        lab.exec(RESET).await;
        rows(&other, "select * from customers").await;
        rows(&other, "select * from customers").await;
        tally.take(watcher.look().await.expect("a look"));
        let version = lab.exec("show server_version_num").await;
        let (_, fresh) = tally.grown()[0];
        // From 17 on the server tells since when it counts a statement.
        let all = version[0][0].as_deref() >= Some("170000");
        assert_eq!(fresh, if all { (2, 320) } else { (1, 160) });
        rows(&other, "select * from customers").await;
        tally.take(watcher.look().await.expect("a look"));
        assert_eq!(tally.grown()[0].1, (1, 160));
    });
}

#[test]
fn a_copy_that_runs_is_seen_with_the_rows_it_has_moved() {
    let lab = counted();
    block_on(async {
        // More than the sockets hold, so that it waits for its reader.
        lab.exec(
            "insert into customers select n, '00000000-0000-0000-0000-000000000001', repeat('x', 500), 'y' from generate_series(1000, 60000) n",
        )
        .await;
        let other = lab.connect("postgres").await;
        let mut taken = Box::pin(
            other
                .copy_out("copy public.customers to stdout")
                .await
                .expect("rows"),
        );
        let watcher = Watcher::open(&reach(&lab)).await.expect("a watcher");
        let mut tally = Tally::default();
        let mut seen = None;
        for _ in 0..LOOKS {
            tally.take(watcher.look().await.expect("a look"));
            seen = tally.live().first().cloned();
            if seen.as_ref().is_some_and(|s| s.live.rows.unwrap_or(0) > 0) {
                break;
            }
        }
        let seen = seen.expect("a statement that sends");
        let version = lab.exec("show server_version_num").await;
        if version[0][0].as_deref() >= Some("140000") {
            assert_eq!(seen.live.doing, Doing::Copying, "{seen:#?}");
            assert!(seen.live.rows > Some(0), "{seen:#?}");
        }
        assert_eq!(seen.live.relations, ["public.customers"]);
        assert!(seen.live.pid > 0 && seen.live.login == "postgres");
        let mut sent = 0_u32;
        while let Some(row) = taken.next().await {
            row.expect("a row");
            sent += 1;
        }
        assert_eq!(sent, 59_161);
        tally.take(watcher.look().await.expect("a look"));
        assert!(tally.live().is_empty(), "{:#?}", tally.live());
    });
}

#[test]
fn a_watch_from_the_shell_tells_what_grew_and_ends_by_itself() {
    let lab = counted();
    let watch = |json| Database {
        place: Some(lab.url("postgres")),
        watch: Some(0),
        json,
        ..Database::default()
    };
    let (code, out, err) = asked(watch(false));
    // Before Postgres 16 there is always something a look can't see.
    assert!(
        code == 0 || code == 2 && out.contains("blind:"),
        "{out}{err}"
    );
    assert!(
        out.contains("watched for 0 seconds: 1 look; no count grew"),
        "{out}"
    );
    let (_, out, _) = asked(watch(true));
    let last = out.lines().last().expect("a line");
    let last: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(
        (&last["kind"], &last["looks"]),
        (&"watch".into(), &1.into())
    );
    let (code, _, err) = asked(Database {
        place: Some("postgres://nobody@127.0.0.1:1/x".to_owned()),
        ..watch(false)
    });
    assert!(
        code == 3 && err.contains("a look was not answered"),
        "{code} {err}"
    );
}

#[test]
fn somebody_who_reads_widely_meanwhile_ends_it_with_one() {
    let lab = counted();
    let url = lab.url("postgres");
    let watching = std::thread::spawn(move || {
        asked(Database {
            place: Some(url),
            watch: Some(3),
            ..Database::default()
        })
    });
    block_on(async {
        let other = lab.connect("postgres").await;
        rows(&other, "set role anon").await;
        while !watching.is_finished() {
            rows(&other, "select * from customers").await;
        }
    });
    let (code, out, err) = watching.join().expect("an answer");
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("WIDE anon read public.customers: +"), "{out}");
}
