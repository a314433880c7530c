//! Fills the exposure matrix: every principal asks, through the quiet
//! prober, what it sees of every relation it may read.
//!
//! A cell that was not decided is `undecided` and says why; nothing here
//! calls it safe. Relations whose policies or views run code that a
//! read-only transaction does not hold back are not probed.

use super::cells::{Matrix, NOBODY_KNOWS, Probed};
use super::empty;
use super::errors;
use super::hazards::{hazards, unasked};
use super::overlap;
use super::principals::{Actor, Right};
use super::questions::{Question, Tells, question, sampled};
use super::snapshot::{Oid, Relation};
use super::survey::Survey;
use crate::domain::exposure::{Cell, Verdict};
use crate::domain::untrusted::visible;
use crate::investigate::check::{Reach, Sink};
use crate::providers::postgres::{PgError, PlanClass, ProbeAnswer, ProbeCell, Session, qualified};
use std::collections::{BTreeMap, BTreeSet};

/// Probes every actor.
pub async fn fill(
    session: &Session,
    survey: &Survey,
    actors: &[Actor],
    reach: &Reach,
    sink: &dyn Sink,
) -> Matrix {
    let limits = &reach.limits;
    let mut matrix = Matrix::default();
    let kept_out = if reach.probe_helpers {
        BTreeMap::new()
    } else {
        hazards(survey)
    };
    // A setting that was once set in a session reads as empty for its rest,
    // no longer as missing: whoever has none set goes first.
    let mut order: Vec<usize> = (0..actors.len()).collect();
    order.sort_by_key(|i| !actors[*i].assumed.settings.is_empty());
    for (done, i) in order.into_iter().enumerate() {
        let actor = &actors[i];
        sink.progress(done, actors.len(), &actor.principal.name);
        let questions = asked(survey, actor, &kept_out, &mut matrix, i);
        let cells: Vec<ProbeCell> = questions
            .iter()
            .map(|question| question.ask.clone())
            .collect();
        if cells.is_empty() {
            continue;
        }
        match session.probe(&actor.assumed, &cells, limits).await {
            Ok(answers) => {
                for (question, answer) in questions.iter().zip(answers) {
                    let cell = verdict(survey, actor, question, &answer);
                    let failed = answer.error.is_some() && !answer.refused();
                    matrix.probed.push(Probed {
                        actor: i,
                        relation: question.relation.oid,
                        cell,
                        failed,
                        code: answer.error,
                        blank: answer.blank,
                    });
                }
            }
            Err(error) => refuse(&mut matrix, i, actor, &questions, error),
        }
    }
    sink.progress(actors.len(), actors.len(), "what is still undecided");
    matrix.probed.sort_by_key(|probed| probed.actor);
    overlap::settle(session, survey, actors, &mut matrix).await;
    empty::settle(session, survey, actors, limits, &mut matrix).await;
    errors::settle(session, survey, actors, limits, &mut matrix).await;
    for (relation, why) in &kept_out {
        if let Some(relation) = survey
            .relation(*relation)
            .filter(|r| survey.reaches_outside(r.oid))
        {
            matrix
                .gaps
                .push((format!("rows of {}", relation.full_name()), why.clone()));
        }
    }
    matrix.gaps.extend(undecided(&matrix, survey, actors));
    matrix
}

/// The questions of one actor; relations kept out become undecided cells.
fn asked<'a>(
    survey: &'a Survey,
    actor: &Actor,
    kept_out: &BTreeMap<Oid, String>,
    matrix: &mut Matrix,
    index: usize,
) -> Vec<Question<'a>> {
    let mut questions = Vec::new();
    for relation in survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| !relation.extension)
    {
        let Some(question) = question(survey, actor, relation) else {
            continue;
        };
        match kept_out.get(&relation.oid) {
            Some(why) => {
                let cell = empty_cell(actor, relation, Verdict::Undecided, why);
                matrix.probed.push(Probed {
                    actor: index,
                    relation: relation.oid,
                    cell,
                    failed: true,
                    code: None,
                    blank: false,
                });
            }
            None => questions.push(question),
        }
    }
    questions
}

fn verdict(survey: &Survey, actor: &Actor, question: &Question<'_>, answer: &ProbeAnswer) -> Cell {
    let relation = question.relation;
    let statement = statement(question, answer.sampled);
    if let Some(code) = &answer.error {
        return failed(actor, relation, code);
    }
    let Some(visible) = answer.visible else {
        let cost = answer.cost.unwrap_or_default();
        let looked = if answer.sampled {
            sampled(question.pages)
        } else {
            "no sample was possible".to_owned()
        };
        return empty_cell(
            actor,
            relation,
            Verdict::Undecided,
            &format!("a full look is too dear (planner cost {cost:.0}); {looked}"),
        );
    };
    let all = answer.plan == Some(PlanClass::All);
    let verdict = match (visible, actor.right) {
        (false, Right::OwnTenant)
            if answer.plan != Some(PlanClass::None) && question.tells.is_some() =>
        {
            Verdict::Own
        }
        (false, _) => Verdict::None,
        (true, Right::Nothing | Right::Everything) if all => Verdict::All,
        (true, Right::Everything) => Verdict::Own,
        (true, _) if !survey.sensitive(relation.oid) => {
            if all {
                Verdict::All
            } else {
                Verdict::Own
            }
        }
        (true, Right::Nothing) => Verdict::Foreign,
        (true, Right::OwnTenant) => match question.tells {
            Some(Tells::Tenant | Tells::Parent) if all => Verdict::All,
            Some(Tells::Tenant | Tells::Parent) => Verdict::Foreign,
            Some(Tells::Owner) if !survey.has_tenants() => Verdict::Foreign,
            // A colleague's row looks the same as a stranger's.
            _ if all && survey.sensitive(relation.oid) => Verdict::All,
            _ => Verdict::Undecided,
        },
    };
    let mut cell = empty_cell(actor, relation, verdict, &statement);
    if verdict == Verdict::Undecided {
        NOBODY_KNOWS.clone_into(&mut cell.basis);
    }
    (cell.rows, cell.bounded) = answer
        .count
        .map_or((None, false), |(rows, bounded)| (Some(rows), bounded));
    cell
}

/// A read that fails returned no row; a read that was cut short says nothing.
fn failed(actor: &Actor, relation: &Relation, code: &str) -> Cell {
    let cut_short = ["57", "55", "25", "53", "40"]
        .iter()
        .any(|class| code.starts_with(class));
    let (verdict, basis) = match code {
        "42501" => (
            Verdict::None,
            "refused for want of a privilege (42501)".to_owned(),
        ),
        "57014" => (
            Verdict::Undecided,
            "the look ran out of time (57014)".to_owned(),
        ),
        _ if errors::of_a_row(code) => (
            Verdict::Undecided,
            format!("the look fails with error {code} at some row; others may be seen"),
        ),
        _ if cut_short => (
            Verdict::Undecided,
            format!("the look was cut short ({code})"),
        ),
        _ => (
            Verdict::None,
            format!("every read fails with error {code}; no row is returned"),
        ),
    };
    empty_cell(actor, relation, verdict, &basis)
}

/// What was asked, so that it can be asked again.
fn statement(question: &Question<'_>, sampled: bool) -> String {
    let predicate = question.ask.predicate.as_ref();
    let condition = predicate.map_or_else(String::new, |text| format!(" WHERE {text}"));
    let sample = question.ask.sample.filter(|_| sampled);
    let pages = sample.map_or_else(String::new, |percent| {
        format!(" TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)")
    });
    format!(
        "SELECT EXISTS (SELECT 1 FROM {}{pages}{condition})",
        qualified(&question.relation.schema, &question.relation.name)
    )
}

fn empty_cell(actor: &Actor, relation: &Relation, verdict: Verdict, basis: &str) -> Cell {
    Cell {
        relation: visible(&relation.full_name()),
        principal: actor.principal.name.clone(),
        verdict,
        rows: None,
        bounded: false,
        basis: visible(basis),
    }
}

/// The whole actor could not be asked: all of its cells stay undecided.
fn refuse(
    matrix: &mut Matrix,
    index: usize,
    actor: &Actor,
    questions: &[Question<'_>],
    error: PgError,
) {
    let why = match error.code() {
        Some("42501") => format!("this login may not act as {}", actor.principal.role),
        _ => crate::domain::failure::Failure::from(error).why,
    };
    matrix.gaps.push((
        format!("what {} can read", actor.principal.name),
        why.clone(),
    ));
    matrix.refused.insert(index);
    for question in questions {
        let cell = empty_cell(actor, question.relation, Verdict::Undecided, &why);
        matrix.probed.push(Probed {
            actor: index,
            relation: question.relation.oid,
            cell,
            failed: true,
            code: None,
            blank: false,
        });
    }
}

/// One gap a sensitive relation whose cells stayed undecided.
fn undecided(matrix: &Matrix, survey: &Survey, actors: &[Actor]) -> Vec<(String, String)> {
    let mut why: BTreeMap<Oid, BTreeSet<&str>> = BTreeMap::new();
    let leaking: BTreeSet<Oid> = matrix
        .probed
        .iter()
        .filter(|probed| {
            probed.cell.verdict.leaks() && actors[probed.actor].right != Right::Everything
        })
        .map(|probed| probed.relation)
        .collect();
    for probed in &matrix.probed {
        // Where a leak is proven, a further caller who sees rows that nothing
        // tells apart adds no doubt.
        let settled = probed.cell.basis == NOBODY_KNOWS && leaking.contains(&probed.relation);
        if probed.cell.verdict == Verdict::Undecided
            && survey.sensitive(probed.relation)
            && !matrix.refused.contains(&probed.actor)
            && !settled
        {
            why.entry(probed.relation)
                .or_default()
                .insert(&probed.cell.basis);
        }
    }
    why.into_iter()
        .filter(|(_, reasons)| !reasons.iter().any(|reason| unasked(reason)))
        .filter_map(|(oid, reasons)| {
            let relation = survey.relation(oid)?;
            let reasons: Vec<&str> = reasons.into_iter().collect();
            Some((
                format!("whose rows of {} some callers see", relation.full_name()),
                reasons.join("; "),
            ))
        })
        .collect()
}
