//! What an audit locks: relations for reading alone, a few at a time, and each
//! only while it is looked at.
//!
//! Counted are the relations of the database's users that one process has
//! locked at once: tables, partitions, views, materialized views and foreign
//! tables, whoever reads them, be it a policy. Their indexes, which come with
//! each table, and the catalogs are not counted; for the mode, they are.

use super::super::{audited, check_at};
use super::{LIMIT, done, lab, paused};
use crate::support::lab::{Lab, block_on, rows};
use crate::support::proxy::watch;
use std::collections::BTreeSet;
use std::thread;

/// Relations that may be locked at once.
const AT_ONCE: u32 = 25;

/// Counts what `{pid}` has locked, and says in which modes.
const HELD: &str = "select count(distinct l.relation) filter (
             where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'),
           coalesce(string_agg(distinct l.mode, ','), '')
      from pg_locks l
      left join pg_class c on c.oid = l.relation
      left join pg_namespace n on n.oid = c.relnamespace
     where l.pid = {pid} and l.locktype = 'relation'";

/// What was locked, by number and modes.
fn assert_light(seen: &[(u32, String)]) {
    let most = seen.iter().map(|(count, _)| *count).max();
    assert!(
        most.is_some_and(|most| (2..=AT_ONCE).contains(&most)),
        "{most:?}"
    );
    let modes: BTreeSet<&str> = seen.iter().flat_map(|(_, m)| m.split(',')).collect();
    let modes: Vec<&str> = modes.into_iter().filter(|mode| !mode.is_empty()).collect();
    assert_eq!(modes, ["AccessShareLock"]);
}

/// The witness looks at the end of each message of the audit, before the locks
/// of its statements are given back; the helper of the policies looks while a
/// relation is looked at.
#[test]
fn relations_are_locked_for_reading_alone_and_never_over_25_at_once() {
    let lab = lab(&[]);
    let witness = watch(&lab, HELD);
    done(&check_at(&witness.url(&lab, "postgres")));
    let stops: Vec<(u32, String)> = witness
        .seen()
        .into_iter()
        .map(|row| (number(row[0].as_ref()), row[1].clone().expect("modes")))
        .collect();
    assert!(stops.len() > 60, "{}", stops.len());
    assert_light(&stops);
    let log = lab.log();
    let looks: Vec<(u32, String)> = log
        .lines()
        .filter_map(|line| line.split_once("witnessed ")?.1.split_once(' '))
        .filter_map(|(count, modes)| Some((count.parse().ok()?, modes.to_owned())))
        .collect();
    assert!(looks.len() >= 80, "{}", looks.len());
    assert_light(&looks);
}

fn number(cell: Option<&String>) -> u32 {
    let text = cell.expect("a number");
    text.parse().expect("a number")
}

/// Switches row security on for every table but the slow one, as a responder
/// would who waits for 200 ms and no longer.
async fn switched(lab: &Lab) {
    let client = lab.connect("postgres").await;
    rows(&client, "set lock_timeout = '200ms'").await;
    let tables = "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where c.relkind in ('r', 'p') and n.nspname in ('public', 'storage', 'cron') and c.relname <> 'zz_slow'";
    for row in rows(&client, tables).await {
        let table = row[0].as_deref().expect("a name");
        rows(
            &client,
            &format!("alter table {table} enable row level security"),
        )
        .await;
    }
}

#[test]
fn while_one_relation_is_looked_at_no_other_is_held() {
    let lab = lab(&[]);
    block_on(async {
        let holder = lab.connect("postgres").await;
        rows(&holder, "select pg_advisory_lock(7)").await;
        let audit = thread::spawn({
            let lab = lab.clone();
            move || audited(&lab, |reach| reach.limits.statement = LIMIT)
        });
        paused(&lab, &holder).await;
        switched(&lab).await;
        rows(&holder, "select pg_advisory_unlock(7)").await;
        audit.join().expect("an audit");
    });
}

#[test]
fn row_security_can_be_switched_on_all_through_an_audit() {
    let lab = lab(&[]);
    let audit = thread::spawn({
        let lab = lab.clone();
        move || audited(&lab, |_| ())
    });
    let mut rounds = 0;
    while !audit.is_finished() {
        block_on(switched(&lab));
        rounds += 1;
    }
    audit.join().expect("an audit");
    assert!(rounds > 0);
}
