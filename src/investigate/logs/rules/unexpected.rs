//! R7: an account that should not be in use, or appears from nowhere and does
//! more than a newcomer does.

use super::claim::{Claim, Ground};
use super::index::Index;
use super::person::Person;
use super::phrase::{about, fact, many, name, noun, when};
use super::stats::{may_stand_out, robust_z};
use crate::domain::finding::{Confidence, RootCause, Severity};
use crate::investigate::logs::event::{Layer, WhoKind};
use crate::investigate::logs::gather::aggregates::Period;

/// Requests that are more than a stray one.
const REQUESTS: u64 = 20;
/// How far above others a newcomer is odd.
const FAR: f64 = 6.0;

pub(super) fn judge(index: &Index<'_>) -> Vec<Claim> {
    index
        .ones()
        .filter(|person| person.who_kind() == WhoKind::User)
        .filter_map(|person| barred(index, person).or_else(|| newcomer(index, person)))
        .collect()
}

/// Suspended or deleted, and answered all the same.
fn barred(index: &Index<'_>, person: &Person<'_>) -> Option<Claim> {
    let user = person.user.filter(|user| user.is_barred())?;
    if person.after.ok == 0 {
        return None;
    }
    let mut claim = filled(index, person);
    claim.title = format!(
        "{} is {} and got {}, {}",
        name(person),
        user.status,
        many(person.after.ok, "answer"),
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = Severity::High;
    claim.confidence = Confidence::Confirmed;
    claim.ground = Ground::Authorisation;
    claim
        .evidence
        .push(fact("status by the users file", &user.status));
    if index.span.release.is_some() {
        claim
            .evidence
            .push(fact("answers before the release", person.before.ok));
    }
    claim.hint =
        "end its sessions and revoke its tokens; then see why the status is not asked".into();
    Some(claim)
}

/// Unknown before the release, and unlike others of its role.
fn newcomer(index: &Index<'_>, person: &Person<'_>) -> Option<Claim> {
    let is_listed = person.user.is_some();
    let is_new = index.span.has_before() && !person.has_past() && person.after.ok >= REQUESTS;
    let unlisted = index.known.has_users() && !is_listed && person.after.ok >= REQUESTS;
    // A newcomer who read little is not compared with anybody.
    let may = unlisted || (is_new && person.sees.objects >= REQUESTS);
    if person.is_global || !may {
        return None;
    }
    let others = index.cohort(person, |other| other.sees.objects);
    if !unlisted && !may_stand_out(person.sees.objects, &others, FAR) {
        return None;
    }
    let far = robust_z(person.sees.objects, &others);
    // New hires come every day: another oddity is asked for.
    let odd = (!others.is_empty() && far > FAR) || unlisted;
    if !odd {
        return None;
    }
    let mut claim = filled(index, person);
    claim.title = format!(
        "{} {} and read {}, {}",
        name(person),
        if unlisted {
            "is in no users file"
        } else {
            "was never seen before the release"
        },
        many(person.sees.objects, noun(&person.sees.kinds)),
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = Severity::Medium;
    claim.ground = if unlisted {
        Ground::Authorisation
    } else {
        Ground::Outlier
    };
    claim
        .evidence
        .push(fact("distance from others alike", format!("{far:.1}")));
    claim.hint = "ask who this is and who made the account; suspend it until that is known".into();
    Some(claim)
}

fn filled(index: &Index<'_>, person: &Person<'_>) -> Claim {
    let mut claim = about("R7", person, person.volume(Period::After, |_| true));
    claim.causes = vec![RootCause::R1];
    claim.objects = person.sees.objects;
    claim.exact = person.sees.exact;
    claim.tenants = person.sees.tenants.len() as u64;
    let has_auth = index
        .tables
        .access
        .keys()
        .any(|key| key.layer == Layer::Auth);
    let signed_in = person.cells.iter().any(|(key, _)| key.layer == Layer::Auth);
    if has_auth && !signed_in {
        claim.evidence.push(fact(
            "sign-in",
            "none in the logs: an older session or token is in use",
        ));
    }
    claim
}
