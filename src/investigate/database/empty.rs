//! What would be read of tables that hold no row: the conditions of their
//! policies are tried on made-up rows of strangers, as the principal.
//!
//! That shows what the policies do, not that anything leaks: the cell says
//! `would`, and a finding stays a suspicion. Nothing is tried where reading
//! runs helper functions that were not allowed.

mod alike;

use super::cells::{Matrix, Probed};
use super::made_up::{ROWS, nothing, rows};
use super::principals::{Actor, Right};
use super::snapshot::{Oid, Relation};
use super::survey::Survey;
use crate::domain::exposure::{Cell, Verdict};
use crate::providers::postgres::{
    ProbeAnswer, ProbeCell, ProbeLimits, Session, ident, literal, qualified,
};
use alike::Likeness;
use std::collections::{BTreeMap, BTreeSet};

/// Tables asked about before the next questions are written: their made-up
/// rows take room.
const AT_ONCE: usize = 100;

/// Looks again at cells of tables without rows.
pub async fn settle(
    session: &Session,
    survey: &Survey,
    actors: &[Actor],
    limits: &ProbeLimits,
    matrix: &mut Matrix,
) {
    let bare = bare(survey, actors, matrix);
    let mut open: BTreeMap<usize, BTreeMap<Likeness, Vec<usize>>> = BTreeMap::new();
    for (i, probed) in matrix.probed.iter_mut().enumerate() {
        let actor = &actors[probed.actor];
        let Some(relation) = open_question(survey, actor, probed, &bare) else {
            continue;
        };
        if survey.skips(actor.role, relation) {
            probed.cell.verdict = Verdict::Would;
            "no rows yet, and row security would filter none".clone_into(&mut probed.cell.basis);
            continue;
        }
        let like = Likeness::of(survey, actor.role, relation, &keys(survey, relation));
        let alike = open.entry(probed.actor).or_default();
        alike.entry(like).or_default().push(i);
    }
    for (actor, alike) in open {
        let (first, rest): (Vec<usize>, Vec<Vec<usize>>) = alike
            .into_values()
            .filter_map(|cells| cells.split_first().map(|(i, rest)| (*i, rest.to_vec())))
            .unzip();
        let asking = Asking {
            session,
            survey,
            actor: &actors[actor],
            limits,
        };
        let told = asking.all(matrix, &first).await;
        // What can't be tried on one may work on the others.
        let mut apart = Vec::new();
        for (told, cells) in told.into_iter().zip(rest) {
            match told {
                Told::Tried(answer) => {
                    for i in cells {
                        tell(&mut matrix.probed[i].cell, &answer);
                    }
                }
                Told::Shut => {
                    for i in cells {
                        shut(&mut matrix.probed[i].cell);
                    }
                }
                Told::Nothing => apart.extend(cells),
            }
        }
        asking.all(matrix, &apart).await;
    }
}

/// What a look at one table says of those like it.
#[derive(Debug)]
enum Told {
    Tried(ProbeAnswer),
    /// No policy is there that could let a row through.
    Shut,
    Nothing,
}

/// Asks as one actor.
#[derive(Debug)]
struct Asking<'a> {
    session: &'a Session,
    survey: &'a Survey,
    actor: &'a Actor,
    limits: &'a ProbeLimits,
}

impl Asking<'_> {
    /// Asks about the table of each cell and writes down what was answered.
    async fn all(&self, matrix: &mut Matrix, cells: &[usize]) -> Vec<Told> {
        let mut told = Vec::with_capacity(cells.len());
        for some in cells.chunks(AT_ONCE) {
            let questions: Vec<Option<ProbeCell>> = some
                .iter()
                .map(|i| self.question(matrix.probed[*i].relation))
                .collect();
            let asked: Vec<ProbeCell> = questions.iter().flatten().cloned().collect();
            let answers = self.session.probe(&self.actor.assumed, &asked, self.limits);
            let mut answers = answers.await.unwrap_or_default().into_iter();
            for (i, question) in some.iter().zip(questions) {
                let cell = &mut matrix.probed[*i].cell;
                told.push(match question.map(|_| answers.next()) {
                    None => {
                        shut(cell);
                        Told::Shut
                    }
                    Some(None) => Told::Nothing,
                    Some(Some(answer)) => {
                        tell(cell, &answer);
                        match answer.visible {
                            Some(_) => Told::Tried(answer),
                            None => Told::Nothing,
                        }
                    }
                });
            }
        }
        told
    }

    fn question(&self, relation: Oid) -> Option<ProbeCell> {
        let (survey, role) = (self.survey, self.actor.role);
        let relation = survey.relation(relation)?;
        let rows = rows(
            relation,
            &keys(survey, relation),
            &texts(survey, self.actor, relation),
        );
        tried(survey, role, relation, &rows)
    }
}

fn shut(cell: &mut Cell) {
    "no rows yet, and no policy would let one through".clone_into(&mut cell.basis);
}

fn tell(cell: &mut Cell, answer: &ProbeAnswer) {
    let of = format!("no rows yet: of {ROWS} made-up rows of strangers");
    cell.basis = match (answer.visible, &answer.error) {
        (Some(true), _) => {
            cell.verdict = Verdict::Would;
            format!("{of} the policies let at least one through")
        }
        (Some(false), _) => format!("{of} the policies let none through"),
        (None, Some(code)) => format!("{of} none could be tried (error {code})"),
        (None, None) => format!("{of} none was tried, for the planner's cost"),
    };
}

/// The relation of a cell that shows no row for want of any.
fn open_question<'a>(
    survey: &'a Survey,
    actor: &Actor,
    probed: &Probed,
    bare: &BTreeSet<Oid>,
) -> Option<&'a Relation> {
    let relation = survey.relation(probed.relation)?;
    let told_apart = match actor.right {
        Right::Everything => false,
        Right::Nothing => true,
        Right::OwnTenant => !keys(survey, relation).is_empty(),
    };
    let open = told_apart
        && matches!(probed.cell.verdict, Verdict::None | Verdict::Own)
        && probed.code.is_none()
        && !probed.failed
        && relation.is_table()
        && survey.sensitive(relation.oid)
        && bare.contains(&relation.oid);
    open.then_some(relation)
}

/// Tables that hold no row: they take no space, or somebody whom no policy
/// holds back saw none.
fn bare(survey: &Survey, actors: &[Actor], matrix: &Matrix) -> BTreeSet<Oid> {
    let looked = matrix.probed.iter().filter(|probed| {
        let seen_all = |r: &Relation| survey.skips(actors[probed.actor].role, r);
        probed.cell.verdict == Verdict::None
            && probed.code.is_none()
            && !probed.failed
            && actors[probed.actor].right == Right::Everything
            && survey.relation(probed.relation).is_some_and(seen_all)
    });
    let unfilled = |relation: &&Relation| {
        relation.kind == "r"
            && relation.filled == Some(false)
            && survey.below(relation.oid).is_empty()
    };
    let mut found: BTreeSet<Oid> = looked.map(|probed| probed.relation).collect();
    found.extend(
        survey
            .snapshot
            .relations
            .iter()
            .filter(unfilled)
            .map(|r| r.oid),
    );
    let parents = survey.snapshot.relations.iter().filter(|r| r.kind == "p");
    let parents: Vec<Oid> = parents
        .filter(|parent| {
            let below = survey.below(parent.oid);
            below.iter().all(|oid| {
                found.contains(oid) || survey.relation(*oid).is_some_and(|r| r.kind == "p")
            })
        })
        .map(|parent| parent.oid)
        .collect();
    found.extend(parents);
    found
}

/// Columns that say whose a row is.
fn keys<'a>(survey: &'a Survey, relation: &Relation) -> Vec<&'a str> {
    [survey.tenant(relation.oid), survey.owner(relation.oid)]
        .into_iter()
        .flatten()
        .collect()
}

fn texts<'a>(
    survey: &'a Survey,
    actor: &Actor,
    relation: &Relation,
) -> Vec<&'a [super::expression::Token]> {
    survey
        .policies_for(actor.role, relation.oid)
        .map(|read| read.text.tokens.as_slice())
        .collect()
}

/// Asks whether the policies in force let any of these rows through; `None`
/// if no permissive policy is there to do so, or one could not be read.
pub fn tried(survey: &Survey, role: Oid, relation: &Relation, rows: &str) -> Option<ProbeCell> {
    let (mut any, mut all) = (Vec::new(), Vec::new());
    for read in survey.policies_for(role, relation.oid) {
        if read.policy.unread {
            return None;
        }
        // One that speaks of new rows alone lets none be read.
        let Some(using) = read.policy.using.as_deref() else {
            continue;
        };
        let condition = format!("({using})");
        if read.policy.permissive {
            any.push(condition);
        } else {
            all.push(condition);
        }
    }
    if any.is_empty() {
        return None;
    }
    all.insert(0, format!("({})", any.join(" OR ")));
    let mut ask = ProbeCell::new(&relation.schema, &relation.name);
    // The rows go by the table's name: sub-selects of the conditions do so.
    ask.made_up = Some(format!(
        "(SELECT FROM pg_catalog.jsonb_populate_recordset(NULL::{}, {}::pg_catalog.jsonb) AS {} WHERE {}) made_up",
        qualified(&relation.schema, &relation.name),
        literal(rows),
        ident(&relation.name),
        all.join(" AND ")
    ));
    Some(ask)
}

/// Asks the policies about a row without any value.
pub fn tried_on_nothing(survey: &Survey, role: Oid, relation: &Relation) -> Option<ProbeCell> {
    tried(survey, role, relation, &nothing())
}
