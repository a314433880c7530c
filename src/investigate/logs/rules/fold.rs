//! One finding a story: of several claims about one principal or one route the
//! gravest leads, the others follow at the end and say what they are part of.

use super::claim::Claim;
use super::index::Index;
use super::person::Person;
use super::phrase::{fact, few};
use crate::domain::finding::{PART, SubjectKind};
use crate::investigate::logs::event::WhoKind;
use crate::investigate::logs::gather::aggregates::{Period, Who};
use std::collections::BTreeSet;

/// Puts claims in order: those that lead, then those that are part of them.
pub fn fold(mut claims: Vec<Claim>, index: &Index<'_>) -> Vec<Claim> {
    claims.sort_by(|one, other| {
        other
            .rank()
            .cmp(&one.rank())
            .then_with(|| (one.rule, &one.subject).cmp(&(other.rule, &other.subject)))
    });
    let mut leading: Vec<Claim> = Vec::new();
    let mut parts: Vec<Claim> = Vec::new();
    for mut claim in claims {
        let lead = leading
            .iter_mut()
            .find(|lead| is_same(lead, &claim) || is_shadow(index, lead, &claim));
        match lead {
            None => leading.push(claim),
            Some(lead) => {
                lead.evidence.push(fact(
                    "also",
                    format!("{}: {}", claim.rule, shortened(&claim.title)),
                ));
                let whole = format!("{} {}", lead.rule, lead.subject.1);
                claim.evidence.push(fact(PART, whole));
                parts.push(claim);
            }
        }
    }
    leading.extend(parts);
    leading
}

fn shortened(title: &str) -> &str {
    title.split_once(", from ").map_or(title, |(what, _)| what)
}

/// The same principal, or the same route seen from another side.
fn is_same(lead: &Claim, claim: &Claim) -> bool {
    const OF_ROUTES: [&str; 3] = ["R8", "R6", "R11"];
    if lead.subject.0 != claim.subject.0 || lead.subject.1 != claim.subject.1 {
        return false;
    }
    match claim.subject.0 {
        SubjectKind::Principal => kind(lead) == kind(claim),
        SubjectKind::Route => {
            // How much a statement sends is a part of what it lost.
            let of_statement = matches!((lead.rule, claim.rule), ("R4", "R5") | ("R5", "R4"));
            of_statement || OF_ROUTES.contains(&claim.rule)
        }
        _ => false,
    }
}

fn kind(claim: &Claim) -> Option<WhoKind> {
    claim.who.as_ref().map(|who| who.kind)
}

/// Whether a role, key or address read what a person read: the same requests
/// as another log saw them.
fn is_shadow(index: &Index<'_>, lead: &Claim, claim: &Claim) -> bool {
    let (Some(lead), Some(shadow)) = (&lead.who, &claim.who) else {
        return false;
    };
    if lead.kind >= shadow.kind || shadow.kind == WhoKind::User {
        return false;
    }
    let (Some(person), Some(other)) = (found(index, lead), found(index, shadow)) else {
        return false;
    };
    let (mut common, mut all) = (0, 0);
    for (kind, reach) in other.reached(Period::After) {
        let theirs: BTreeSet<u64> = person
            .reach_of(kind, Period::After)
            .into_iter()
            .flat_map(|reach| reach.objects.ids())
            .collect();
        for id in reach.objects.ids() {
            all += 1_u64;
            common += u64::from(theirs.contains(&id));
        }
    }
    all > 0 && common * 5 >= all * 4
}

fn found<'i, 'a>(index: &'i Index<'a>, who: &Who) -> Option<&'i Person<'a>> {
    index
        .people
        .iter()
        .find(|person| person.who_kind() == who.kind && who.id == person.name())
}

/// Names of those a route's claim is about, for evidence.
pub fn names<'a>(people: impl IntoIterator<Item = &'a Person<'a>>) -> String {
    few(people.into_iter().map(Person::name))
}
