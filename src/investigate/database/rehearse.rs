//! What a drafted fix does, tried where nothing is at stake: the leaking cells
//! before and with it, who keeps their own rows, who loses theirs.
//!
//! Only a target that a person marked as staging, or a lab, is tried on:
//! [`Practice`] is the leave. Everything is rolled back.

use super::cells::Matrix;
use super::principals::{Actor, Right};
use super::questions::question;
use super::snapshot::Oid;
use super::survey::Survey;
use crate::domain::finding::{Evidence, Finding};
use crate::domain::fix::Rehearsal;
use crate::domain::untrusted::visible;
use crate::investigate::check::Practice;
use crate::providers::postgres::{Asked, ProbeAnswer, ProbeCell, ProbeLimits, Rehearsed, Session};

/// Relations looked at for one draft.
const RELATIONS: usize = 8;

/// Lines told of one rehearsal.
const TOLD: usize = 10;

/// What one actor is asked of one relation: its foreign rows, then all rows.
#[derive(Debug)]
struct Pair {
    relation: Oid,
    leaked: bool,
}

/// Tries the finding's draft, and notes on the finding what was seen.
pub async fn rehearse(
    session: &Session,
    survey: &Survey,
    actors: &[Actor],
    limits: &ProbeLimits,
    matrix: &Matrix,
    (finding, relations): (&mut Finding, &[Oid]),
    practice: &Practice,
) {
    let Some(fix) = &mut finding.fix else { return };
    let (mut asked, mut pairs, mut who) = (Vec::new(), Vec::new(), Vec::new());
    for (i, actor) in actors.iter().enumerate() {
        let (cells, of) = questions(survey, matrix, i, actor, relations);
        if !cells.is_empty() {
            asked.push(Asked {
                who: actor.assumed.clone(),
                cells,
            });
            pairs.push(of);
            who.push(actor);
        }
    }
    let rehearsal = match session.rehearse(&fix.statements, &asked, limits).await {
        Ok(seen) => judged(practice.target(), survey, &who, &pairs, &seen),
        Err(error) => {
            let why = crate::domain::failure::Failure::from(error).why;
            let text = format!("could not be rehearsed: {why}");
            finding.evidence.push(Evidence::new("rehearsal", &text));
            return;
        }
    };
    let text = rehearsal.summary();
    finding.evidence.push(Evidence::new("rehearsal", &text));
    fix.rehearsal = Some(rehearsal);
}

fn questions(
    survey: &Survey,
    matrix: &Matrix,
    index: usize,
    actor: &Actor,
    relations: &[Oid],
) -> (Vec<ProbeCell>, Vec<Pair>) {
    let (mut cells, mut pairs) = (Vec::new(), Vec::new());
    for probed in matrix
        .probed
        .iter()
        .filter(|p| p.actor == index && !p.failed)
    {
        let wanted = relations
            .iter()
            .take(RELATIONS)
            .any(|oid| *oid == probed.relation);
        let Some(relation) = survey.relation(probed.relation).filter(|_| wanted) else {
            continue;
        };
        let Some(question) = question(survey, actor, relation) else {
            continue;
        };
        let mut all = ProbeCell::new(&relation.schema, &relation.name);
        all.count = true;
        cells.extend([question.ask, all]);
        pairs.push(Pair {
            relation: relation.oid,
            leaked: probed.cell.verdict.leaks() && actor.right != Right::Everything,
        });
    }
    (cells, pairs)
}

fn judged(
    on: &str,
    survey: &Survey,
    who: &[&Actor],
    pairs: &[Vec<Pair>],
    seen: &Rehearsed,
) -> Rehearsal {
    let mut rehearsal = Rehearsal {
        on: visible(on),
        ..Rehearsal::default()
    };
    let after = match &seen.after {
        Ok(after) => after,
        Err(code) => {
            rehearsal.failed = Some(code.clone());
            return rehearsal;
        }
    };
    for ((actor, pairs), (before, after)) in
        who.iter().zip(pairs).zip(seen.before.iter().zip(after))
    {
        for (pair, (was, is)) in pairs.iter().zip(before.chunks(2).zip(after.chunks(2))) {
            let ([was_foreign, was_all], [is_foreign, is_all]) = (was, is) else {
                continue;
            };
            rehearsal.of += u32::from(pair.leaked);
            rehearsal.closes += u32::from(pair.leaked && shut(is_foreign));
            let name = survey
                .relation(pair.relation)
                .map_or_else(String::new, |r| r.full_name());
            let was = own(actor, was_foreign, was_all);
            let is = own(actor, is_foreign, is_all);
            if let Some(line) = kept(&actor.principal.name, &name, was, is) {
                rehearsal.told.push(visible(&line));
            }
        }
    }
    rehearsal.told.sort_by_key(|line| !line.contains(" loses "));
    rehearsal.told.truncate(TOLD);
    rehearsal
}

/// Whether no foreign row comes back. A look that was cut short shows nothing.
fn shut(answer: &ProbeAnswer) -> bool {
    let cut_short = |code: &String| {
        ["57", "55", "25", "53", "40"]
            .iter()
            .any(|class| code.starts_with(class))
    };
    match &answer.error {
        Some(code) => !cut_short(code),
        None => answer.visible == Some(false),
    }
}

/// Rows that rightly are this actor's; `None` when that was not counted.
fn own(actor: &Actor, foreign: &ProbeAnswer, all: &ProbeAnswer) -> Option<u64> {
    let counted = |answer: &ProbeAnswer| match (answer.count, answer.visible) {
        (Some((n, false)), _) => Some(n),
        (None, Some(false)) => Some(0),
        (None, None) if answer.refused() => Some(0),
        _ => None,
    };
    match actor.right {
        Right::Nothing => None,
        Right::Everything => counted(all),
        Right::OwnTenant => counted(all)?.checked_sub(counted(foreign)?),
    }
}

fn kept(who: &str, relation: &str, was: Option<u64>, is: Option<u64>) -> Option<String> {
    match (was, is) {
        (Some(0), _) | (None, _) => None,
        (Some(was), Some(is)) if is >= was => {
            Some(format!("{who} keeps its {was} rows of {relation}"))
        }
        (Some(was), Some(is)) => Some(format!(
            "{who} loses {} of its {was} rows of {relation}",
            was - is
        )),
        (Some(_), None) => Some(format!("what {who} keeps of {relation} was not counted")),
    }
}
