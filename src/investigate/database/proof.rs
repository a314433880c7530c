//! Joins what rules suspect with what the prober saw.
//!
//! A claim becomes confirmed when a principal it names reads what it must
//! not; a leak that no claim explains becomes a finding of its own. A claim
//! that the look contradicts is ruled out; see `contradict.rs`.

use super::audience::{any_anonymous, is_outside};
use super::cells::{Matrix, Probed, UNEXPLAINED};
use super::claim::Claim;
use super::contradict::ruled_out;
use super::culprit;
use super::fix;
use super::idiom::Idioms;
use super::principals::{Actor, Right};
use super::snapshot::{Oid, Relation};
use super::survey::Survey;
use crate::domain::exposure::{PrincipalKind, Verdict};
use crate::domain::finding::{Confidence, Evidence, Finding, Severity};
use crate::domain::untrusted::visible;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    let mut findings: Vec<Finding> = claims
        .into_iter()
        .map(|claim| settle(survey, &index, claim))
        .collect();
    findings.extend(unexplained(survey, &index, &explained));
    findings.sort_by(|a, b| {
        (b.severity, b.confidence, &a.subject, &a.check).cmp(&(
            a.severity,
            a.confidence,
            &b.subject,
            &b.check,
        ))
    });
    findings
}

/// Cells by relation and role.
#[derive(Debug)]
struct Index<'a> {
    survey: &'a Survey,
    idioms: Idioms<'a>,
    matrix: &'a Matrix,
    actors: &'a [Actor],
    cells: HashMap<(Oid, Oid), Vec<&'a Probed>>,
    by_relation: BTreeMap<Oid, Vec<&'a Probed>>,
}

impl<'a> Index<'a> {
    fn new(survey: &'a Survey, matrix: &'a Matrix, actors: &'a [Actor]) -> Self {
        let mut cells: HashMap<(Oid, Oid), Vec<&Probed>> = HashMap::new();
        let mut by_relation: BTreeMap<Oid, Vec<&Probed>> = BTreeMap::new();
        for probed in &matrix.probed {
            let role = actors[probed.actor].role;
            cells
                .entry((probed.relation, role))
                .or_default()
                .push(probed);
            if survey.sensitive(probed.relation) {
                by_relation.entry(probed.relation).or_default().push(probed);
            }
        }
        Self {
            survey,
            idioms: Idioms::new(survey, matrix, actors),
            matrix,
            actors,
            cells,
            by_relation,
        }
    }

    fn of(&self, relation: Oid, role: Oid) -> &[&'a Probed] {
        self.cells.get(&(relation, role)).map_or(&[], Vec::as_slice)
    }

    /// Whether this cell can be the doing of that policy: of all that were seen
    /// to admit its rows, or of any where that was not decided.
    fn blames(&self, policy: Option<Oid>, probed: &Probed) -> bool {
        let key = (probed.actor, probed.relation);
        match (policy, self.matrix.culprits.get(&key)) {
            (Some(policy), Some(seen)) => seen.contains(&policy),
            _ => true,
        }
    }

    /// The most telling leak among the cells: those outside come first.
    fn worst(&self, cells: impl Iterator<Item = &'a Probed>) -> Option<&'a Probed> {
        cells
            .filter(|probed| probed.cell.verdict.leaks())
            .min_by_key(|probed| {
                let rank = match self.actors[probed.actor].principal.kind {
                    PrincipalKind::Anonymous => 0,
                    PrincipalKind::Ghost => 1,
                    PrincipalKind::Member => 2,
                    PrincipalKind::AppRole => 3,
                    PrincipalKind::Service => 4,
                };
                (rank, probed.actor)
            })
    }
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
    let contradiction = ruled_out(survey, index.actors, index.matrix, &claim, &cells);
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
fn unexplained(survey: &Survey, index: &Index<'_>, explained: &Explained) -> Vec<Finding> {
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
            findings.push(seen(survey, index, relation, leak, &open));
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
