//! Who did read, on a real server: counts by role in effect, through doors,
//! before any probe, and never a value.

use super::{Answer, api_roles, check};
use crate::support::lab::{Lab, block_on, lab_blocking, rows};
use firsthour::config::targets::Target;
use firsthour::config::{Env, Paths};
use firsthour::domain::check::CheckReport;
use firsthour::domain::failure::Failure;
use firsthour::domain::reading::{Count, Exhibit};
use firsthour::investigate::check::{Keeping, Reach, Sink};
use firsthour::investigate::database::audit;
use serde_json::Value;
use std::path::Path;
use std::sync::Mutex;

const BASE: &str = include_str!("../../fixtures/reads.sql");

/// A database with people of two tenants, and statistics.
fn counted() -> Lab {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(BASE);
    lab.exec_blocking(
        "select pg_stat_statements_reset(0, (select oid from pg_database where datname = current_database()), 0)",
    );
    lab
}

/// Runs statements as a role in effect.
fn as_role(lab: &Lab, role: &str, sql: &str) {
    block_on(async {
        let client = lab.connect("postgres").await;
        rows(&client, &format!("set role {role}")).await;
        rows(&client, sql).await;
    });
}

fn reads<'a>(answer: &'a Answer, relation: &str, role: &str) -> Vec<&'a Value> {
    answer
        .reads
        .iter()
        .filter(|line| {
            line["kind"] == "read" && line["relation"] == relation && line["role"] == role
        })
        .collect()
}

#[test]
pub fn a_wide_read_is_told_with_its_role_and_is_certain_after_one_call() {
    let lab = counted();
    assert!(reads(&check(&lab, "postgres"), "public.customers", "anon").is_empty());
    as_role(
        &lab,
        "anon",
        "select * from customers /* for ada */ where name <> 'Grace'",
    );
    as_role(
        &lab,
        "authenticated",
        "select id, email from public.customers limit 2; ",
    );
    as_role(
        &lab,
        "authenticated",
        "select id, email from public.customers limit 2; ",
    );
    let answer = check(&lab, "postgres");
    let seen = reads(&answer, "public.customers", "anon");
    assert_eq!(seen.len(), 1, "{:#?}", answer.reads);
    assert_eq!(seen[0]["rows"], 160);
    assert_eq!(seen[0]["count"], "certain");
    assert_eq!(seen[0]["wide"], true);
    assert!(!seen[0].to_string().contains("Grace") && !seen[0].to_string().contains("ada"));
    let narrow = reads(&answer, "public.customers", "authenticated");
    assert_eq!(
        (&narrow[0]["rows"], &narrow[0]["calls"]),
        (&4.into(), &2.into())
    );
    assert_eq!(narrow[0]["count"], "on_average");
    assert!(narrow[0].get("wide").is_none());
}

#[test]
pub fn doors_are_followed_to_the_table() {
    let lab = counted();
    as_role(&lab, "anon", "select * from public.search_customers('')");
    as_role(&lab, "authenticated", "select * from customer_list");
    as_role(
        &lab,
        "anon",
        "select coalesce(json_agg(c), '[]') from customers c",
    );
    as_role(&lab, "anon", "select count(*) from customers");
    let answer = check(&lab, "postgres");
    let door = reads(&answer, "public.customers", "anon");
    let through: Vec<_> = door
        .iter()
        .filter_map(|read| read["through"].as_str())
        .collect();
    assert_eq!(through, ["public.search_customers"], "{:#?}", answer.reads);
    let packed: Vec<_> = door
        .iter()
        .filter(|read| read["count"] == "packed")
        .collect();
    assert_eq!(
        packed.len(),
        1,
        "a count of rows is no read: {:#?}",
        answer.reads
    );
    let view = reads(&answer, "public.customers", "authenticated");
    assert_eq!(view[0]["through"], "public.customer_list");
    assert_eq!(view[0]["rows"], 160);
}

#[test]
pub fn a_copy_a_cursor_and_a_scan_are_told_for_what_they_are() {
    let lab = counted();
    let dump = "copy public.customers (id, email) to stdout";
    block_on(async {
        let client = lab.connect("postgres").await;
        let stream = client.copy_out(dump).await.expect("rows");
        let sent = futures_util::StreamExt::count(stream).await;
        assert_eq!(sent, 160);
        rows(
            &client,
            "begin; declare c cursor for select * from customers; fetch 150 from c; commit",
        )
        .await;
        rows(&client, "select sum(length(note)) from notes").await;
    });
    let answer = check(&lab, "postgres");
    let seen = reads(&answer, "public.customers", "postgres");
    let copied = seen.iter().any(|read| {
        read["rows"] == 160
            && read["statement"]
                .as_str()
                .is_some_and(|s| s.starts_with("copy"))
    });
    assert!(copied, "{:#?}", answer.reads);
    let version = lab.exec_blocking("show server_version_num");
    if version[0][0].as_deref() >= Some("140000") {
        assert!(
            seen.iter().any(|read| read["rows"] == 150),
            "{:#?}",
            answer.reads
        );
    }
    assert!(reads(&answer, "public.notes", "postgres").is_empty());
}

#[test]
pub fn what_was_off_is_said_and_never_called_clean() {
    let lab = lab_blocking();
    let answer = check(&lab, "postgres");
    let horizon = answer.reads.last().expect("a horizon");
    assert!(
        horizon["off"]
            .to_string()
            .contains("pg_stat_statements is not installed")
    );

    let lab = counted();
    as_role(&lab, "anon", "select * from customers");
    lab.exec_blocking(&format!("create role {}_bare login", lab.database));
    let bare = check(&lab, &format!("{}_bare", lab.database));
    let horizon = bare.reads.last().expect("a horizon");
    assert!(
        horizon["off"].to_string().contains("texts of other roles"),
        "{horizon:#}"
    );
    assert!(reads(&bare, "public.customers", "anon").is_empty());
}

/// Keeps exhibits, or refuses to, and notes when.
#[derive(Debug, Default)]
struct Shelf {
    kept: Mutex<Vec<Exhibit>>,
    order: Mutex<Vec<String>>,
    refuses: bool,
}

impl Sink for Shelf {
    fn progress(&self, _done: usize, _total: usize, what: &str) {
        self.order.lock().expect("a lock").push(what.to_owned());
    }

    fn warn(&self, _warning: &str) {}

    fn keep(&self, exhibit: Exhibit) -> Keeping<'_> {
        self.order.lock().expect("a lock").push("kept".to_owned());
        self.kept.lock().expect("a lock").push(exhibit);
        let refused = Failure::new("not kept", "the disk is full", "make room");
        Box::pin(std::future::ready(if self.refuses {
            Err(refused)
        } else {
            Ok(())
        }))
    }
}

fn audited(lab: &Lab, sink: &Shelf) -> CheckReport {
    let paths = Paths::under(Path::new("/nonexistent"));
    let target = Target::resolve(Some(&lab.url("postgres")), &Env::default(), &paths);
    let reach = Reach::new(target.expect("a target").settings);
    block_on(audit(&reach, sink)).expect("an answer")
}

#[test]
pub fn statistics_are_kept_before_any_probe_and_hold_no_value() {
    let lab = counted();
    lab.exec_blocking("create role ada_reader; drop role ada_reader");
    as_role(
        &lab,
        "anon",
        "select * from customers where email = 'ada@example.com'; select * from customers",
    );
    as_role(
        &lab,
        "anon",
        "declare c cursor with hold for select * from customers where name = 'Ada Lovelace'",
    );
    let shelf = Shelf::default();
    let report = audited(&lab, &shelf);
    let kept = shelf.kept.lock().expect("a lock");
    assert_eq!(kept.len(), 1);
    let text = String::from_utf8(kept[0].bytes.clone()).expect("text");
    for line in text.lines() {
        serde_json::from_str::<Value>(line).expect("one JSON object a line");
    }
    assert!(text.contains("\"role\":\"anon\"") && text.contains("from customers"));
    assert!(!text.contains("Lovelace") && !text.contains("ada@example.com"));
    assert!(
        !text.to_lowercase().contains("\"text\":\"do "),
        "a probe came first: {text}"
    );
    assert!(
        report
            .reads
            .read
            .iter()
            .any(|r| r.role == "anon" && r.count == Count::Certain)
    );
    assert_eq!(
        kept[0].reads.roles.get("anonymous").map(String::as_str),
        Some("anon")
    );
    let order = shelf.order.lock().expect("a lock");
    let kept_at = order
        .iter()
        .position(|step| step == "kept")
        .expect("it was kept");
    assert!(order.len() > kept_at + 1, "probing follows: {order:?}");

    // The look after has our probes in it: what the first one could not hold.
    let again = Shelf::default();
    let after = audited(&lab, &again);
    let later = again.kept.lock().expect("a lock");
    assert!(
        String::from_utf8_lossy(&later[0].bytes)
            .to_lowercase()
            .contains("\"text\":\"do ")
    );
    assert_eq!(
        after.reads.read, report.reads.read,
        "our own statements are nobody's reads"
    );
}

#[test]
pub fn what_could_not_be_kept_is_told() {
    let lab = counted();
    let shelf = Shelf {
        refuses: true,
        ..Shelf::default()
    };
    let report = audited(&lab, &shelf);
    let off = report.reads.horizon.expect("a horizon").off;
    assert!(
        off.iter()
            .any(|gap| gap.what == "the evidence file" && gap.why.contains("disk is full"))
    );
}
