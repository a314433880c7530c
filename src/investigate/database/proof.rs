//! Joins what rules suspect with what the prober saw.
//!
//! A claim becomes confirmed when a principal it names reads what it must
//! not; a leak that no claim explains becomes a finding of its own. A claim
//! that the look contradicts is ruled out; see `contradict.rs`.

mod index;

use super::audience::{any_anonymous, is_outside};
use super::cells::{Matrix, Probed, UNEXPLAINED};
use super::claim::Claim;
use super::contradict::ruled_out;
use super::culprit;
use super::errors::broken;
use super::fix;
use super::principals::{Actor, Right};
use super::snapshot::{Oid, Relation};
use super::survey::Survey;
use crate::domain::exposure::Verdict;
use crate::domain::finding::{Confidence, Evidence, Finding, Severity};
use crate::domain::untrusted::visible;
use index::Index;
use std::collections::{BTreeMap, BTreeSet};

/// Policies named as the culprits of one leak.
const BLAMED: usize = 4;

/// By relation and role, the policies that claims accuse; `None` stands for a
/// claim about the relation itself.
type Explained = BTreeMap<(Oid, Oid), BTreeSet<Option<Oid>>>;

/// The rule id of a leak that only a caller's own edits open.
const SELF_WRITTEN: &str = "P17";

/// Turns claims and cells into findings, worst first.
pub fn join(
    survey: &Survey,
    claims: Vec<Claim>,
    matrix: &Matrix,
    actors: &[Actor],
) -> Vec<Finding> {
    let joined = join_kept(survey, claims, matrix, actors);
    joined.into_iter().map(|(finding, _)| finding).collect()
}

/// The same, each with the relations whose cells speak of it.
pub fn join_kept(
    survey: &Survey,
    claims: Vec<Claim>,
    matrix: &Matrix,
    actors: &[Actor],
) -> Vec<(Finding, Vec<Oid>)> {
    let index = Index::new(survey, matrix, actors);
    let mut explained = Explained::default();
    for claim in &claims {
        for relation in &claim.relations {
            for role in &claim.roles {
                let by = explained.entry((*relation, *role)).or_default();
                by.insert(claim.policy());
            }
        }
    }
    let mut findings: Vec<(Finding, Vec<Oid>)> = claims
        .into_iter()
        .map(|claim| {
            let relations = claim.relations.clone();
            (settle(survey, &index, claim), relations)
        })
        .collect();
    findings.extend(unexplained(survey, &index, &explained));
    let broken = broken::policies(survey, actors, matrix).into_iter();
    findings.extend(broken.map(|(claim, relation)| {
        let finding = Finding {
            confidence: Confidence::Confirmed,
            ..settle(survey, &index, claim)
        };
        (finding, vec![relation])
    }));
    findings.sort_by(|(a, _), (b, _)| {
        (b.severity, b.confidence, &a.subject, &a.check).cmp(&(
            a.severity,
            a.confidence,
            &b.subject,
            &b.check,
        ))
    });
    findings
}

fn settle(survey: &Survey, index: &Index<'_>, claim: Claim) -> Finding {
    let cells: Vec<&Probed> = claim
        .relations
        .iter()
        .flat_map(|relation| {
            claim
                .roles
                .iter()
                .flat_map(|role| index.of(*relation, *role))
        })
        .copied()
        .collect();
    let policy = claim.policy();
    let blamed = cells.iter().copied();
    let leak = index.worst(blamed.filter(|probed| index.blames(policy, probed)));
    let fix = fix::draft(survey, &index.idioms, &claim);
    // What it lets be written stands whatever is read today.
    let contradiction = ruled_out(survey, index.actors, index.matrix, &claim, &cells)
        .filter(|_| claim.writes.is_empty());
    let mut finding = Finding {
        check: claim.check.to_owned(),
        title: visible(&claim.title),
        severity: claim.severity,
        confidence: Confidence::Suspected,
        subject: claim.subject,
        principal: claim
            .roles
            .first()
            .map(|role| visible(survey.roles.name(*role))),
        causes: claim.causes,
        evidence: claim.evidence,
        hint: visible(&claim.hint),
        fix,
        trail: None,
    };
    if let Some(leak) = leak {
        finding.confidence = Confidence::Confirmed;
        confirm(&mut finding, index, leak, &cells);
    } else if let Some(why) = contradiction {
        finding.confidence = Confidence::RuledOut;
        finding.fix = None;
        finding.evidence.push(Evidence::new("probe", why));
    } else if let Some(would) = cells.iter().find(|p| p.cell.verdict == Verdict::Would) {
        let cell = &would.cell;
        let told = format!("{} on {}: {}", cell.principal, cell.relation, cell.basis);
        finding.evidence.push(Evidence::new("made-up rows", &told));
    } else if !cells.is_empty()
        && cells
            .iter()
            .all(|probed| probed.cell.verdict == Verdict::None)
    {
        finding.evidence.push(Evidence::new(
            "probe",
            "no such row is visible at the moment",
        ));
    }
    finding
}

fn confirm(finding: &mut Finding, index: &Index<'_>, leak: &Probed, cells: &[&Probed]) {
    finding.principal = Some(leak.cell.principal.clone());
    let role = &index.actors[leak.actor].principal.role;
    let mut push = |what: &str, value: &str| finding.evidence.push(Evidence::new(what, value));
    push(
        "proof",
        &format!(
            "{} (role {role}) reads {} rows of {}",
            leak.cell.principal,
            leak.cell.verdict.word(),
            leak.cell.relation
        ),
    );
    if let Some(rows) = leak.cell.rows {
        push("rows seen", &rows_text(rows, leak.cell.bounded));
    }
    for line in culprit::told(index.survey, index.matrix, index.actors, leak)
        .iter()
        .take(BLAMED)
    {
        push("let through by", line);
    }
    push("statement", &leak.cell.basis);
    if let Some(told) = &index.actors[leak.actor].told {
        push("claims", told);
    }
    let others: BTreeSet<&str> = cells
        .iter()
        .filter(|probed| {
            probed.cell.verdict.leaks() && probed.cell.principal != leak.cell.principal
        })
        .map(|probed| probed.cell.principal.as_str())
        .collect();
    if !others.is_empty() {
        push(
            "also read by",
            &others.into_iter().collect::<Vec<_>>().join(", "),
        );
    }
}

fn rows_text(rows: u64, bounded: bool) -> String {
    if bounded {
        format!("at least {rows}")
    } else {
        rows.to_string()
    }
}

/// Leaks that no claim explains, one finding a relation.
fn unexplained(
    survey: &Survey,
    index: &Index<'_>,
    explained: &Explained,
) -> Vec<(Finding, Vec<Oid>)> {
    let mut findings = Vec::new();
    for (relation, cells) in &index.by_relation {
        let Some(relation) = survey.relation(*relation) else {
            continue;
        };
        let open: Vec<&Probed> = cells
            .iter()
            .copied()
            .filter(|probed| {
                let actor = &index.actors[probed.actor];
                let counts = match probed.cell.verdict {
                    Verdict::Would => actor.right == Right::Nothing,
                    verdict => verdict.leaks() && actor.right != Right::Everything,
                };
                counts
                    && is_outside(survey, actor.role)
                    && !explains(index, explained, probed)
                    && !explained_below(survey, index, explained, relation.oid, actor.role, 8)
            })
            .collect();
        let leak = index.worst(open.iter().copied());
        if let Some(leak) = leak.or(open.first().copied()) {
            let finding = seen(survey, index, relation, leak, &open);
            findings.push((finding, vec![relation.oid]));
        }
    }
    findings
}

/// Whether a claim accuses what lets this cell through.
fn explains(index: &Index<'_>, explained: &Explained, probed: &Probed) -> bool {
    let role = index.actors[probed.actor].role;
    explained.get(&(probed.relation, role)).is_some_and(|by| {
        probed.cell.verdict == Verdict::Would
            || by.iter().any(|policy| index.blames(*policy, probed))
    })
}

/// A view shows what a table below it already gives to the same role.
fn explained_below(
    survey: &Survey,
    index: &Index<'_>,
    explained: &Explained,
    relation: Oid,
    role: Oid,
    depth: usize,
) -> bool {
    depth > 0
        && survey.uses(relation).0.iter().any(|below| {
            explained.contains_key(&(*below, role))
                || index
                    .of(*below, role)
                    .iter()
                    .any(|probed| probed.cell.verdict.leaks())
                || explained_below(survey, index, explained, *below, role, depth - 1)
        })
}

/// What a leak accuses that no rule explains: the one policy that was seen to
/// admit it, else the relation.
fn unclaimed(
    survey: &Survey,
    index: &Index<'_>,
    relation: &Relation,
    leak: &Probed,
    severity: Severity,
) -> Claim {
    let name = relation.full_name();
    let edited = index.actors[leak.actor].told.is_some();
    let (claim, named) = match culprit::sole(survey, index.matrix, leak) {
        Some(read) => {
            let id = if edited {
                SELF_WRITTEN
            } else {
                culprit::id(read)
            };
            (
                Claim::on_policy(id, severity, relation, &read.policy),
                format!("policy {} of {name}", read.policy.name),
            )
        }
        None => (Claim::on(UNEXPLAINED, severity, relation), name.clone()),
    };
    let (does, hint) = if edited {
        (
            "trusts what callers write about themselves",
            "read app_metadata instead of user_metadata, or a table that callers cannot write",
        )
    } else {
        let does = if leak.cell.verdict == Verdict::Would {
            "would show its first rows to callers they do not belong to"
        } else {
            "shows rows to callers they do not belong to"
        };
        (
            does,
            "revoke SELECT from these roles, then read the policies line by line",
        )
    };
    claim
        .titled(format!("{named} {does}"))
        .hinted(format!("on {name}: {hint}"))
}

fn seen(
    survey: &Survey,
    index: &Index<'_>,
    relation: &Relation,
    leak: &Probed,
    open: &[&Probed],
) -> Finding {
    let roles: Vec<Oid> = open
        .iter()
        .map(|probed| index.actors[probed.actor].role)
        .collect();
    let severity = if any_anonymous(survey, &roles) {
        Severity::Critical
    } else {
        Severity::High
    };
    let claim = unclaimed(survey, index, relation, leak, severity)
        .for_roles(
            roles
                .iter()
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        )
        .described(survey, relation);
    let policies: Vec<String> = roles
        .first()
        .into_iter()
        .flat_map(|role| survey.policies_for(*role, relation.oid))
        .map(|read| {
            format!(
                "{}: {}",
                read.policy.name,
                read.policy.using.as_deref().unwrap_or("no condition")
            )
        })
        .collect();
    let mut finding = settle(survey, index, claim);
    finding
        .evidence
        .insert(0, Evidence::new("policies in force", &policies.join(" | ")));
    if finding.confidence != Confidence::Confirmed && leak.cell.verdict.leaks() {
        finding.confidence = Confidence::Confirmed;
        confirm(&mut finding, index, leak, open);
    }
    finding
}
