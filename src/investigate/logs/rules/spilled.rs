//! R10: secrets and personal data that stand in the logs themselves.

use super::claim::{Case, Claim, Ground};
use crate::domain::finding::{Confidence, Evidence, RootCause, Severity, SubjectKind};
use crate::investigate::logs::gather::aggregates::{Spill, earliest};
use crate::investigate::logs::spill::is_secret;
use std::collections::BTreeMap;

pub(super) fn judge(case: &Case<'_>) -> Vec<Claim> {
    let mut kinds: BTreeMap<&str, Vec<(&str, &Spill)>> = BTreeMap::new();
    for (key, spill) in &case.tables.spills {
        kinds
            .entry(&key.kind)
            .or_default()
            .push((&key.piece, spill));
    }
    kinds
        .into_iter()
        .map(|(kind, found)| claim(kind, &found))
        .collect()
}

fn claim(kind: &str, found: &[(&str, &Spill)]) -> Claim {
    let records: u64 = found.iter().map(|(_, spill)| spill.seen.requests).sum();
    let secret = is_secret(kind);
    let mut evidence = vec![Evidence::new("records", &records.to_string())];
    evidence.extend(found.iter().take(4).map(|(piece, spill)| {
        Evidence::new(
            piece,
            &format!("{} of them, such as {}", spill.seen.requests, spill.sample),
        )
    }));
    Claim {
        rule: "R10",
        title: format!(
            "{kind} in {records} log record{} of {} log{}",
            if records == 1 { "" } else { "s" },
            found.len(),
            if found.len() == 1 { "" } else { "s" },
        ),
        severity: if secret {
            Severity::High
        } else {
            Severity::Medium
        },
        confidence: Confidence::Confirmed,
        ground: Ground::Pattern,
        subject: (SubjectKind::Log, kind.to_owned()),
        who: None,
        causes: vec![RootCause::R6],
        evidence,
        hint: if secret {
            "take it for known to everybody who can read these logs: rotate it, then stop logging it".to_owned()
        } else {
            "stop logging it, and find out who can read these logs and how long they are kept"
                .to_owned()
        },
        tenants: 0,
        objects: 0,
        exact: true,
        rows: 0,
        bytes: 0,
        first: found
            .iter()
            .fold(None, |first, (_, spill)| earliest(first, spill.seen.first)),
        last: found.iter().filter_map(|(_, spill)| spill.seen.last).max(),
        places: found
            .iter()
            .filter_map(|(_, spill)| spill.seen.place)
            .take(8)
            .collect(),
    }
}
