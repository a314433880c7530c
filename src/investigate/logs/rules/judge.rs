//! From claims to findings, and the account of what was not looked at.

use super::claim::Claim;
use crate::domain::finding::{Finding, Subject};
use crate::domain::trail::{LogPlace, Trail};
use crate::domain::untrusted::visible;
use crate::investigate::logs::event::{Place, Stamp};
use crate::investigate::logs::gather::aggregates::Aggregates;
use chrono::{DateTime, Utc};

/// The finding of a claim.
pub fn finding(claim: Claim, tables: &Aggregates) -> Finding {
    let trail = Trail {
        rule: claim.rule.to_owned(),
        principal_kind: claim
            .who
            .as_ref()
            .map_or("nobody", |who| who.kind.word())
            .to_owned(),
        tenants: claim.tenants,
        objects: claim.objects,
        exact: claim.exact,
        rows: claim.rows,
        bytes: claim.bytes,
        first: claim.first.map(time),
        last: claim.last.map(time),
        release: tables.release.map(time),
        read_to: tables
            .pieces
            .iter()
            .filter_map(|piece| piece.last)
            .max()
            .map(time),
        places: claim.places.iter().map(|at| place(*at, tables)).collect(),
    };
    Finding {
        check: format!("logs.{}", claim.rule),
        title: visible(&claim.title),
        severity: claim.severity,
        confidence: claim.confidence,
        subject: Subject::new(claim.subject.0, &claim.subject.1),
        principal: claim.who.as_ref().map(|who| visible(&who.id)),
        causes: claim.causes,
        evidence: claim.evidence,
        hint: visible(&claim.hint),
        fix: None,
        trail: Some(Box::new(trail)),
    }
}

fn place(place: Place, tables: &Aggregates) -> LogPlace {
    let name = tables
        .pieces
        .get(place.piece as usize)
        .map_or("?", |piece| piece.name.as_str());
    LogPlace::new(name, place.offset)
}

const fn time(stamp: Stamp) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(stamp)
}
