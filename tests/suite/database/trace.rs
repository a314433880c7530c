//! An audit leaves no trace that harms: what it locks and for how long, what
//! it writes (nothing), what it adds to the statistics, what stays behind on a
//! pooled connection, and what runs on once the program is gone.
//!
//! Each test has a server of its own and a schema on which every part of the
//! audit finds something to do. To add a kind of trace, add a file below.

mod statistics;

use super::{api_roles, check};
use crate::support::lab::{Lab, lab_alone};

/// A server of its own, with the schema of this test.
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

/// Audits as the superuser, by the command, and holds that every part found
/// something to do: a leak was proven and nothing was refused.
fn audit(lab: &Lab) {
    let answer = check(lab, "postgres");
    assert!(
        answer.confirmed("public.invoices"),
        "{:#?}",
        answer.coverage
    );
    assert!(
        answer.confirmed("public.contacts"),
        "{:#?}",
        answer.coverage
    );
    assert!(!answer.about("public.drafts").is_empty());
    assert!(answer.reads.iter().any(|line| line["kind"] == "horizon"));
}
