//! The counts a report carries, and the shapes of relations it names. A check
//! reports those of its spec; to add one, count it here and name it there.

use super::cells::Matrix;
use super::hazards;
use super::principals::{Actor, Right};
use super::survey::Survey;
use crate::domain::check::{CheckReport, CheckSpec};
use crate::domain::exposure::{RelationShape, Verdict};
use crate::domain::finding::{Confidence, Finding, Severity};
use std::collections::BTreeMap;

/// The relations that no extension brought.
pub fn shapes(survey: &Survey) -> Vec<RelationShape> {
    let own = survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| !relation.extension);
    own.map(|relation| survey.shape(relation)).collect()
}

/// The counts of all three checks.
pub fn fields(
    survey: &Survey,
    findings: &[Finding],
    matrix: &Matrix,
    actors: &[Actor],
) -> BTreeMap<String, i64> {
    let shapes = shapes(survey);
    let verdicts = |wanted: fn(Verdict) -> bool| {
        matrix
            .probed
            .iter()
            .filter(move |probed| wanted(probed.cell.verdict))
    };
    let leaking = verdicts(Verdict::leaks).filter(|probed| {
        survey.sensitive(probed.relation) && actors[probed.actor].right != Right::Everything
    });
    let serious = |confidence| {
        let serious = findings
            .iter()
            .filter(|finding| finding.severity >= Severity::Medium);
        serious
            .filter(|finding| finding.confidence == confidence)
            .count()
    };
    let counts = [
        ("relations", shapes.len()),
        (
            "sensitive",
            shapes.iter().filter(|shape| shape.sensitive()).count(),
        ),
        ("confirmed", serious(Confidence::Confirmed)),
        ("suspected", serious(Confidence::Suspected)),
        ("foreign", leaking.count()),
        (
            "undecided",
            verdicts(|verdict| verdict == Verdict::Undecided).count(),
        ),
        (
            "unasked",
            verdicts(|verdict| verdict == Verdict::Undecided)
                .filter(|probed| hazards::unasked(&probed.cell.basis))
                .count(),
        ),
        ("cells", matrix.probed.len()),
        ("principals", actors.len()),
    ];
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    counts
        .into_iter()
        .map(|(name, n)| (name.to_owned(), count(n)))
        .collect()
}

/// A check reports the fields its spec names, no others.
pub fn keep_fields(report: &mut CheckReport, spec: &CheckSpec) {
    report
        .fields
        .retain(|name, _| spec.fields.contains(&name.as_str()));
}
