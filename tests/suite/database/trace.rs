//! An audit leaves no trace that harms: what it locks and for how long, what
//! it writes (nothing), what it adds to the statistics, what stays behind on a
//! pooled connection, and what runs on once the program is gone.
//!
//! Each test has a server of its own and a schema on which every part of the
//! audit finds something to do. To add a kind of trace, add a file below.

mod killed;
mod locks;
mod shared;
mod statistics;
mod writes;

use super::{Answer, api_roles, check};
use crate::support::lab::{Lab, lab_alone, rows};
use std::time::Duration;
use tokio_postgres::Client;

/// How long an event is waited for.
const LIMIT: Duration = Duration::from_mins(1);

/// A server of its own, with the schema of these tests.
fn lab(settings: &[&str]) -> Lab {
    let lab = lab_alone(settings);
    api_roles(&lab);
    for schema in [
        include_str!("../../fixtures/checks/base.sql"),
        include_str!("../../fixtures/trace.sql"),
    ] {
        lab.exec_blocking(&schema.replace("{db}", &lab.database));
    }
    lab
}

/// Audits as the superuser, by the command.
fn audit(lab: &Lab) {
    done(&check(lab, "postgres"));
}

/// Holds that every part of an audit found something to do: leaks were proven,
/// and texts of views, policies and functions were read.
fn done(answer: &Answer) {
    for name in ["public.invoices", "public.contacts"] {
        let could_not = &answer.coverage["could_not"];
        assert!(answer.confirmed(name), "{name}: {could_not:#?}");
    }
    assert!(answer.reads.iter().any(|line| line["kind"] == "horizon"));
    assert!(!answer.about("public.drafts").is_empty());
    let gaps = answer.coverage["could_not"].to_string();
    assert!(!gaps.contains("texts of views"), "{gaps}");
}

/// Waits until a look at `public.zz_slow` stands at its gate; gives its
/// process. Whoever calls holds the gate shut.
async fn paused(lab: &Lab, client: &Client) -> String {
    let seen = async {
        loop {
            if let Some((_, said)) = lab.log().split_once("gated ") {
                return said.split(' ').next().unwrap_or_default().to_owned();
            }
            rows(client, "select 1").await;
        }
    };
    tokio::time::timeout(LIMIT, seen)
        .await
        .expect("a look that waits")
}
