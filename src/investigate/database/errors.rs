//! Looks that ended in an error of some value: does every read fail, or only
//! the one that meets a certain row? The first shows nothing to anybody; the
//! second leaves the cell open, since other rows may be seen.

pub mod broken;

use super::cells::Matrix;
use super::empty::tried_on_nothing;
use super::principals::Actor;
use super::survey::Survey;
use crate::domain::exposure::Verdict;
use crate::providers::postgres::{ProbeCell, ProbeLimits, Session, Value};
use std::collections::BTreeMap;

/// Classes of errors that a value raises, and so perhaps only some rows.
const OF_VALUES: [&str; 6] = ["22", "P0", "21", "23", "2F", "38"];

/// Whether the error may come from a row rather than from the caller.
pub fn of_a_row(code: &str) -> bool {
    OF_VALUES.iter().any(|class| code.starts_with(class))
}

/// Settles cells whose condition fails on a row without values, too: then the
/// caller's own settings are at fault, and no row is ever returned.
pub async fn settle(
    session: &Session,
    survey: &Survey,
    actors: &[Actor],
    limits: &ProbeLimits,
    matrix: &mut Matrix,
) {
    let mut asked: BTreeMap<usize, Vec<(usize, ProbeCell)>> = BTreeMap::new();
    for i in 0..matrix.probed.len() {
        let probed = &matrix.probed[i];
        let actor = &actors[probed.actor];
        let Some(code) = probed.code.as_deref().filter(|code| of_a_row(code)) else {
            continue;
        };
        let Some(relation) = survey.relation(probed.relation) else {
            continue;
        };
        if relation.is_table() && !survey.skips(actor.role, relation) {
            if let Some(ask) = tried_on_nothing(survey, actor.role, relation) {
                asked.entry(probed.actor).or_default().push((i, ask));
            }
        } else if probed.blank && sets_nothing(actor) {
            let basis = always(code);
            matrix.probed[i].cell.verdict = Verdict::None;
            matrix.probed[i].cell.basis = basis;
        }
    }
    for (actor, questions) in asked {
        let cells: Vec<ProbeCell> = questions.iter().map(|(_, ask)| ask.clone()).collect();
        let answers = session.probe(&actors[actor].assumed, &cells, limits).await;
        for ((i, _), answer) in questions.iter().zip(answers.unwrap_or_default()) {
            let probed = &mut matrix.probed[*i];
            if answer.error.is_some() && answer.error == probed.code {
                probed.cell.verdict = Verdict::None;
                probed.cell.basis = always(answer.error.as_deref().unwrap_or_default());
            }
        }
    }
}

fn always(code: &str) -> String {
    format!("every read fails with error {code}, whatever the row; no row is returned")
}

/// Whether the caller sets something to the empty text, which views then
/// cannot read as a number or an id.
fn sets_nothing(actor: &Actor) -> bool {
    let mut settings = actor.assumed.settings.iter();
    settings.any(|setting| matches!(&setting.value, Value::Literal(text) if text.is_empty()))
}
