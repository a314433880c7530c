//! What the database gives to whom: the registry of its checks.
//!
//! One audit reads the catalogs, makes claims by rule, probes as every
//! principal and joins both; its three checks are views of that one audit,
//! so they cannot disagree. Rules are added in `rules.rs`, principals in
//! `principals.rs`, catalog facts in `snapshot.rs` and `sql/`.

mod atom;
mod audience;
mod bodies;
mod cells;
mod checks;
mod claim;
mod claims;
mod classes;
mod contradict;
mod culprit;
pub mod drift;
mod effects;
mod empty;
mod errors;
mod expression;
mod fix;
mod hazards;
mod helpers;
mod hole;
mod idiom;
mod judge;
mod leak;
mod load;
mod look;
mod made_up;
mod matrix;
mod members;
mod metadata;
mod moving;
mod names;
mod overlap;
pub mod pages;
mod pinned;
mod principals;
mod proof;
mod questions;
pub mod reads;
mod rehearse;
mod roles;
mod rules;
mod scope;
mod snapshot;
mod survey;
mod token;
mod trust;
mod vote;
mod ways;
mod writing;

pub use leak::{Leak, Reader, callers, leak, outsiders};

use super::check::{Check, Practice, Reach, Running, Sink};
use crate::domain::check::{CheckReport, CheckSpec, Coverage, Gap};
use crate::domain::exposure::{PrincipalKind, RelationShape, Verdict};
use crate::domain::failure::Failure;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::domain::fix::Rehearsal;
use crate::domain::reading::Reads;
use cells::Matrix;
use claim::Claim;
use look::Look;
use principals::{Actor, Right};
use std::collections::BTreeMap;
use survey::Survey;

/// The checks of this room, in the order a responder meets them.
pub static CHECKS: [&dyn Check; 4] = [&Catalogue, &Policies, &Reading, &Reachability];

/// Relations and what their columns hold.
#[derive(Debug, Clone, Copy)]
pub struct Catalogue;

/// Rules over the catalogs alone; nothing is probed, all stays suspected.
#[derive(Debug, Clone, Copy)]
pub struct Policies;

/// What the server's own statistics say about who did read.
#[derive(Debug, Clone, Copy)]
pub struct Reading;

/// The whole audit: rules, and the proof on live rows.
#[derive(Debug, Clone, Copy)]
pub struct Reachability;

const CATALOGUE: CheckSpec = CheckSpec {
    id: "database.catalogue",
    title: "What the database holds",
    reads: "system catalogs: names and types, no rows",
    fields: &["relations", "sensitive"],
};

const POLICIES: CheckSpec = CheckSpec {
    id: "database.policies",
    title: "Grants, policies and doors around them",
    reads: "system catalogs: grants, policy and function texts, no rows",
    fields: &["confirmed", "suspected"],
};

const READS: CheckSpec = CheckSpec {
    id: "database.reads",
    title: "Who did read",
    reads: "the server's statistics: statement texts without values, counts, what runs now",
    fields: &["read", "wide", "live", "scanned"],
};

const REACH: CheckSpec = CheckSpec {
    id: "database.reach",
    title: "Who can read whose rows",
    reads: "whether rows are visible to each principal, and bounded counts; no values",
    fields: &["foreign", "undecided", "unasked", "cells", "principals"],
};

impl Check for Catalogue {
    fn spec(&self) -> &CheckSpec {
        &CATALOGUE
    }

    fn run<'a>(&'a self, reach: &'a Reach, sink: &'a dyn Sink) -> Running<'a> {
        Box::pin(async move {
            let look = Look::open(reach, sink).await?;
            let looked = look.survey.snapshot.relations.len();
            let mut report = look.report(CATALOGUE.id, looked, Vec::new(), Matrix::default(), &[]);
            keep_fields(&mut report, &CATALOGUE);
            Ok(report)
        })
    }
}

impl Check for Policies {
    fn spec(&self) -> &CheckSpec {
        &POLICIES
    }

    fn run<'a>(&'a self, reach: &'a Reach, sink: &'a dyn Sink) -> Running<'a> {
        Box::pin(async move {
            let mut look = Look::open(reach, sink).await?;
            let claims = look.claims().await;
            let findings = proof::join(&look.survey, claims, &Matrix::default(), &[]);
            let looked = look.survey.snapshot.relations.len() + look.survey.snapshot.policies.len();
            let mut report = look.report(POLICIES.id, looked, findings, Matrix::default(), &[]);
            keep_fields(&mut report, &POLICIES);
            Ok(report)
        })
    }
}

impl Check for Reading {
    fn spec(&self) -> &CheckSpec {
        &READS
    }

    fn run<'a>(&'a self, reach: &'a Reach, sink: &'a dyn Sink) -> Running<'a> {
        Box::pin(async move {
            let look = Look::open(reach, sink).await?;
            let (actors, _) = principals::actors(&look.survey);
            let reads = reads::first(&look.session, &look.survey, &actors, sink).await;
            let looked = reads.read.len() + reads.scans.len();
            let fields = reads.counts();
            let off = reads.horizon.iter().flat_map(|horizon| horizon.off.clone());
            let off: Vec<Gap> = off.collect();
            let mut report = look.report(READS.id, looked, Vec::new(), Matrix::default(), &[]);
            report.coverage.could_not.extend(off);
            report.fields = fields;
            report.reads = reads;
            Ok(report)
        })
    }
}

impl Check for Reachability {
    fn spec(&self) -> &CheckSpec {
        &REACH
    }

    fn run<'a>(&'a self, reach: &'a Reach, sink: &'a dyn Sink) -> Running<'a> {
        Box::pin(async move {
            let mut report = audit(reach, sink).await?;
            REACH.id.clone_into(&mut report.coverage.check);
            keep_fields(&mut report, &REACH);
            Ok(report)
        })
    }
}

/// Everything at once: one snapshot, all rules, all principals, joined. Its
/// fields are those of all three checks.
///
/// # Errors
/// When there is no connection, or the login cannot read the catalogs.
pub async fn audit(reach: &Reach, sink: &dyn Sink) -> Result<CheckReport, Failure> {
    let mut look = Look::open(reach, sink).await?;
    let (actors, missing) = principals::actors(&look.survey);
    // First of all: probing adds statements, and may push others out.
    let reads = reads::first(&look.session, &look.survey, &actors, sink).await;
    let mut matrix = matrix::fill(&look.session, &look.survey, &actors, reach, sink).await;
    matrix.gaps.extend(unprobed(&look.survey, &actors, missing));
    let claims = look.claims().await;
    contradict::look_for_own_rows(
        &look.session,
        &look.survey,
        &actors,
        &reach.limits,
        &claims,
        &mut matrix,
    )
    .await;
    culprit::find(
        &look.session,
        &look.survey,
        &actors,
        &reach.limits,
        &mut matrix,
    )
    .await;
    let mut joined = proof::join_kept(&look.survey, claims, &matrix, &actors);
    if let Some(practice) = &reach.practice {
        let limits = &reach.limits;
        rehearse::rehearse(&look, &actors, limits, &matrix, &mut joined, practice).await;
    }
    let findings = joined.into_iter().map(|(finding, _)| finding).collect();
    let looked = look.survey.snapshot.relations.len();
    let mut report = look.report("database", looked, findings, matrix, &actors);
    report.reads = reads;
    Ok(report)
}

/// Tries the draft of one finding and rolls it back.
///
/// # Errors
/// When the draft now is another one than these statements, or could not be
/// tried. A draft that fails is an answer.
pub async fn rehearsal(
    reach: &Reach,
    practice: Practice,
    (key, statements): (&str, &[String]),
    sink: &dyn Sink,
) -> Result<Rehearsal, Failure> {
    let mut reach = reach.clone();
    reach.practice = Some(practice.only(key));
    let report = audit(&reach, sink).await?;
    rehearse::answer(report.findings, key, statements)
}

/// What was not probed as anybody, and why.
fn unprobed(survey: &Survey, actors: &[Actor], missing: Vec<String>) -> Vec<(String, String)> {
    let mut gaps: Vec<(String, String)> = missing
        .into_iter()
        .map(|role| {
            let why = "too many roles for one run; name it to have it probed";
            (format!("what {role} can read"), why.to_owned())
        })
        .collect();
    let service = |actor: &Actor| actor.principal.kind == PrincipalKind::Service;
    if actors.iter().all(service) {
        gaps.push((
            "what anybody else can read".to_owned(),
            "there is no application role, and no role for callers from outside".to_owned(),
        ));
    }
    if let Some(function) = pinned::set_up_step(survey) {
        gaps.push((
            format!("what callers of the API read after {function} has run"),
            "the API runs it before each request, and the probes do not".to_owned(),
        ));
    }
    gaps
}

/// The ids under which findings may appear, the probe's own among them.
pub fn rule_ids() -> Vec<&'static str> {
    let mut ids = rules::ids();
    ids.extend(checks::ids());
    ids.insert(cells::UNEXPLAINED);
    ids.into_iter().collect()
}

impl Look {
    /// What the rules say, and the checks that take a query each; what these
    /// were refused joins the gaps.
    async fn claims(&mut self) -> Vec<Claim> {
        let mut claims = rules::run(&self.survey);
        let (more, gaps) = checks::run(&self.session, &self.survey).await;
        claims.extend(more);
        self.gaps.extend(gaps);
        claims
    }

    fn report(
        self,
        check: &str,
        looked: usize,
        findings: Vec<Finding>,
        matrix: Matrix,
        actors: &[Actor],
    ) -> CheckReport {
        let fields = fields(&self.survey, &findings, &matrix, actors);
        let mut could_not = self.gaps;
        could_not.extend(matrix.gaps.iter().map(|(what, why)| Gap::new(what, why)));
        CheckReport {
            coverage: Coverage {
                check: check.to_owned(),
                looked_at: looked as u64,
                could_not,
            },
            findings,
            relations: shapes(&self.survey),
            cells: matrix
                .probed
                .into_iter()
                .map(|probed| probed.cell)
                .collect(),
            acting: actors.iter().map(Actor::acting).collect(),
            by_design: actors
                .iter()
                .filter(|actor| actor.right == principals::Right::Everything)
                .map(|actor| actor.principal.name.clone())
                .collect(),
            fields,
            warnings: self.warnings,
            reads: Reads::default(),
        }
    }
}

fn shapes(survey: &Survey) -> Vec<RelationShape> {
    let own = survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| !relation.extension);
    own.map(|relation| survey.shape(relation)).collect()
}

/// The counts of all three checks.
fn fields(
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
fn keep_fields(report: &mut CheckReport, spec: &CheckSpec) {
    report
        .fields
        .retain(|name, _| spec.fields.contains(&name.as_str()));
}
