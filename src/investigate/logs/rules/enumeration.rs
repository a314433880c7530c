//! R1: one principal read many objects that are not its own.

use super::claim::{Case, Claim, Ground};
use crate::domain::finding::{Confidence, Evidence, RootCause, Severity, SubjectKind};
use crate::investigate::logs::event::WhoKind;
use crate::investigate::logs::gather::aggregates::Period;
use std::collections::BTreeSet;

/// Foreign objects that are no accident any more.
const FOREIGN: usize = 5;

pub(super) fn judge(case: &Case<'_>) -> Vec<Claim> {
    let mut claims = Vec::new();
    if !case.known.has_customers() {
        return claims;
    }
    for (key, reach) in &case.tables.reach {
        if key.period != Period::After || key.who.kind != WhoKind::User {
            continue;
        }
        let Some(user) = case.known.user(&key.who.id) else {
            continue;
        };
        let foreign: Vec<&str> = reach
            .objects
            .ids()
            .filter_map(|id| case.known.tenant_of(id))
            .filter(|tenant| !user.tenants.contains(*tenant))
            .collect();
        if foreign.len() < FOREIGN {
            continue;
        }
        let tenants: BTreeSet<&str> = foreign.iter().copied().collect();
        let accesses = case
            .tables
            .access
            .iter()
            .filter(|(access, _)| access.who == key.who && access.period == key.period);
        let (mut rows, mut bytes, mut first, mut last, mut places) = (0, 0, None, None, Vec::new());
        for (_, access) in accesses {
            rows += access.rows;
            bytes += access.bytes;
            first = crate::investigate::logs::gather::aggregates::earliest(first, access.first);
            last = access.last.max(last);
            places.extend(access.place);
        }
        claims.push(Claim {
            rule: "R1",
            title: format!("{} read {} foreign {}", user.id, foreign.len(), key.kind),
            severity: Severity::Critical,
            confidence: Confidence::Confirmed,
            ground: Ground::Authorisation,
            subject: (SubjectKind::Principal, user.id.clone()),
            who: Some(key.who.clone()),
            causes: vec![RootCause::R4],
            evidence: vec![Evidence::new("role", &user.role)],
            hint: "end this person's sessions, then close the route".to_owned(),
            tenants: tenants.len() as u64,
            objects: foreign.len() as u64,
            exact: reach.objects.is_exact(),
            rows,
            bytes,
            first,
            last,
            places,
        });
    }
    claims
}
