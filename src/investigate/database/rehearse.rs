//! What a drafted fix does, tried where nothing is at stake: the leaking cells
//! before and with it, who keeps their own rows, who loses theirs.
//!
//! Only a target that a person marked as staging, or a lab, is tried on:
//! [`Practice`] is the leave. Everything is rolled back.

use super::cells::Matrix;
use super::look::Look;
use super::principals::{Actor, Right};
use super::questions::question;
use super::snapshot::Oid;
use super::survey::Survey;
use crate::domain::failure::Failure;
use crate::domain::finding::{Evidence, Finding};
use crate::domain::fix::Rehearsal;
use crate::domain::untrusted::visible;
use crate::investigate::check::Practice;
use crate::providers::postgres::{Asked, ProbeAnswer, ProbeCell, ProbeLimits, Rehearsed};

/// Relations looked at for one draft.
const RELATIONS: usize = 8;

/// Lines told of one rehearsal.
const TOLD: usize = 10;

/// What one actor is asked of one relation: its foreign rows, then the rest.
#[derive(Debug)]
struct Pair {
    relation: Oid,
    leaked: bool,
    /// Whether the rest is what rightly is this actor's.
    own: bool,
}

/// A count, and whether counting stopped there ("at least").
type Count = (u64, bool);

/// Tries the drafts there is leave for, and notes on each finding what was
/// seen. A finding comes with the relations whose cells speak of it.
pub async fn rehearse(
    look: &Look,
    actors: &[Actor],
    limits: &ProbeLimits,
    matrix: &Matrix,
    findings: &mut [(Finding, Vec<Oid>)],
    practice: &Practice,
) {
    for (finding, relations) in findings {
        if practice.covers(finding) {
            one(look, actors, limits, matrix, (finding, relations), practice).await;
        }
    }
}

async fn one(
    look: &Look,
    actors: &[Actor],
    limits: &ProbeLimits,
    matrix: &Matrix,
    (finding, relations): (&mut Finding, &[Oid]),
    practice: &Practice,
) {
    let survey = &look.survey;
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
    let rehearsal = match look.session.rehearse(&fix.statements, &asked, limits).await {
        Ok(seen) => judged(practice.target(), survey, &who, &pairs, &seen),
        Err(error) => {
            let text = format!("could not be rehearsed: {}", Failure::from(error).why);
            finding.evidence.push(Evidence::new("rehearsal", &text));
            return;
        }
    };
    let text = rehearsal.summary();
    finding.evidence.push(Evidence::new("rehearsal", &text));
    fix.rehearsal = Some(rehearsal);
}

/// What was seen of the draft of one finding.
///
/// # Errors
/// When the draft now is another one than these statements, or could not be
/// tried.
pub fn answer(
    findings: Vec<Finding>,
    key: &str,
    statements: &[String],
) -> Result<Rehearsal, Failure> {
    let refused = |why: &str, hint| Failure::new("the fix was not rehearsed", why, hint);
    let found = findings.into_iter().find(|finding| finding.key() == key);
    let (fix, evidence) = found
        .and_then(|finding| Some((finding.fix?, finding.evidence)))
        .filter(|(fix, _)| fix.statements == statements)
        .ok_or_else(|| {
            let why = "the finding or its draft is another one by now";
            refused(why, "run the check again, then rehearse what it drafts")
        })?;
    let told = evidence.iter().rev().find(|e| e.what == "rehearsal");
    let why = told.map_or("it was not tried", |told| told.value.as_str());
    fix.rehearsal.ok_or_else(|| {
        let hint = "look at the locks and the load of the target, then try again";
        refused(why, hint)
    })
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
        let foreign = question.ask.predicate.as_ref();
        let mut rest = ProbeCell::new(&relation.schema, &relation.name);
        rest.count = true;
        rest.predicate = foreign.map(|foreign| format!("({foreign}) IS NOT TRUE"));
        pairs.push(Pair {
            relation: relation.oid,
            leaked: probed.cell.verdict.leaks() && actor.right != Right::Everything,
            own: match actor.right {
                Right::Nothing => false,
                Right::OwnTenant => rest.predicate.is_some(),
                Right::Everything => true,
            },
        });
        cells.extend([question.ask, rest]);
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
            let ([was_foreign, was], [foreign, is]) = (was, is) else {
                continue;
            };
            rehearsal.of += u32::from(pair.leaked);
            rehearsal.closes += u32::from(pair.leaked && shut(foreign));
            let name = survey
                .relation(pair.relation)
                .map_or_else(String::new, super::snapshot::Relation::full_name);
            let who = &actor.principal.name;
            let opened = was_foreign.visible == Some(false) && foreign.visible == Some(true);
            if pair.leaked && !shut(foreign) {
                let line = format!("{who} was not seen to be kept from {name}");
                rehearsal.open.push(visible(&line));
            } else if opened && actor.right != Right::Everything {
                let line = format!("{who} reads foreign rows of {name} only with the draft");
                rehearsal.open.push(visible(&line));
            }
            let line = kept(who, &name, counted(was), counted(is));
            if let Some(line) = line.filter(|_| pair.own) {
                rehearsal.told.push(visible(&line));
            }
        }
    }
    rehearsal.told.sort_by_key(|line| !line.contains(" loses "));
    rehearsal.told.truncate(TOLD);
    rehearsal.open.truncate(TOLD);
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

/// The rows an answer saw; `None` when that was not counted.
fn counted(answer: &ProbeAnswer) -> Option<Count> {
    match (answer.count, answer.visible) {
        (Some(count), _) => Some(count),
        (None, Some(false)) => Some((0, false)),
        (None, None) if answer.refused() => Some((0, false)),
        _ => None,
    }
}

fn kept(who: &str, relation: &str, was: Option<Count>, is: Option<Count>) -> Option<String> {
    let (was, more) = was.filter(|(was, _)| *was > 0)?;
    let amount = |n: u64| {
        let at_least = if more { "at least " } else { "" };
        format!("{at_least}{n}")
    };
    Some(match is {
        None => format!("what {who} keeps of {relation} was not counted"),
        Some((is, _)) if is >= was => format!("{who} keeps its {} rows of {relation}", amount(was)),
        Some((0, _)) => format!("{who} loses all its {} rows of {relation}", amount(was)),
        Some((is, _)) => format!(
            "{who} loses {} of its {} rows of {relation}",
            amount(was - is),
            amount(was)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_told_also_where_counting_stopped() {
        let told = |was, is| kept("a", "t", was, is);
        assert_eq!(told(None, Some((3, false))), None);
        assert_eq!(told(Some((0, false)), Some((0, false))), None);
        let kept = told(Some((3, false)), Some((3, false)));
        assert_eq!(kept.as_deref(), Some("a keeps its 3 rows of t"));
        let lost = told(Some((1001, true)), Some((0, false)));
        assert_eq!(
            lost.as_deref(),
            Some("a loses all its at least 1001 rows of t")
        );
        let some = told(Some((1001, true)), Some((1, false)));
        let text = "a loses at least 1000 of its at least 1001 rows of t";
        assert_eq!(some.as_deref(), Some(text));
        let open = told(Some((3, false)), None);
        assert_eq!(open.as_deref(), Some("what a keeps of t was not counted"));
    }
}
