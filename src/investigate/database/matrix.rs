//! Fills the exposure matrix: every principal asks, through the quiet
//! prober, what it sees of every relation it may read.
//!
//! A cell that was not decided is `undecided` and says why; nothing here
//! calls it safe. Relations whose policies or views run code that a
//! read-only transaction does not hold back are not probed.

use super::principals::{Actor, Right};
use super::snapshot::{Oid, Relation};
use super::survey::{Access, Survey};
use crate::domain::exposure::{Cell, Verdict};
use crate::domain::untrusted::visible;
use crate::investigate::check::Sink;
use crate::providers::postgres::{
    PgError, PlanClass, ProbeAnswer, ProbeCell, ProbeLimits, Session, ident, qualified,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rows a sample aims at when a full look is too dear.
const SAMPLE_ROWS: f32 = 10_000.0;

/// One answered cell.
#[derive(Debug, Clone)]
pub struct Probed {
    pub actor: usize,
    pub relation: Oid,
    pub cell: Cell,
}

/// All cells, and what could not be asked.
#[derive(Debug, Default)]
pub struct Matrix {
    pub probed: Vec<Probed>,
    /// What was left out, and why.
    pub gaps: Vec<(String, String)>,
}

/// Probes every actor.
pub async fn fill(
    session: &Session,
    survey: &Survey,
    actors: &[Actor],
    limits: &ProbeLimits,
    sink: &dyn Sink,
) -> Matrix {
    let mut matrix = Matrix::default();
    let kept_out = hazards(survey);
    for (i, actor) in actors.iter().enumerate() {
        sink.progress(i, actors.len(), &actor.principal.name);
        let questions = questions(survey, actor, &kept_out, &mut matrix, i);
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
                    matrix.probed.push(Probed {
                        actor: i,
                        relation: question.relation.oid,
                        cell,
                    });
                }
            }
            Err(error) => refuse(&mut matrix, i, actor, &questions, error),
        }
    }
    for (relation, why) in &kept_out {
        if let Some(relation) = survey
            .relation(*relation)
            .filter(|r| survey.reaches_outside(r.oid))
        {
            matrix.gaps.push((
                format!("rows of {}", relation.full_name()),
                format!("not probed: {why}"),
            ));
        }
    }
    matrix.gaps.extend(undecided(&matrix, survey));
    matrix
}

/// One question about one relation.
#[derive(Debug)]
struct Question<'a> {
    relation: &'a Relation,
    ask: ProbeCell,
    /// How the predicate tells foreign rows; `None` when nothing does.
    tells: Option<Tells>,
}

/// What makes a row foreign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tells {
    Tenant,
    Parent,
    Owner,
}

fn questions<'a>(
    survey: &'a Survey,
    actor: &Actor,
    kept_out: &BTreeMap<Oid, String>,
    matrix: &mut Matrix,
    index: usize,
) -> Vec<Question<'a>> {
    let mut asked = Vec::new();
    for relation in survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| !relation.extension)
    {
        let Some(access) = survey.access(actor.role, relation.oid) else {
            continue;
        };
        if let Some(why) = kept_out.get(&relation.oid) {
            let cell = empty_cell(actor, relation, Verdict::Undecided, why);
            matrix.probed.push(Probed {
                actor: index,
                relation: relation.oid,
                cell,
            });
            continue;
        }
        let (predicate, tells) = predicate(survey, actor, relation, access);
        let mut ask = ProbeCell::new(&relation.schema, &relation.name);
        ask.predicate = predicate;
        ask.count = survey.sensitive(relation.oid);
        ask.sample = sample(relation);
        asked.push(Question {
            relation,
            ask,
            tells,
        });
    }
    asked
}

/// A sample of pages aimed at a fixed number of rows; tables only.
fn sample(relation: &Relation) -> Option<f32> {
    #[expect(clippy::cast_precision_loss, reason = "an aim, not a count")]
    let rows = relation.rows.filter(|rows| *rows > 0)? as f32;
    let sampled = matches!(relation.kind.as_str(), "r" | "p" | "m");
    (sampled && rows > SAMPLE_ROWS).then(|| 100.0 * SAMPLE_ROWS / rows)
}

/// The rows of a relation that this actor must not see; `None` when it must
/// see none at all.
pub fn foreign_rows(survey: &Survey, actor: &Actor, relation: &Relation) -> Option<String> {
    let access = survey.access(actor.role, relation.oid)?;
    predicate(survey, actor, relation, access).0
}

/// The condition under which a row is one this actor must not see.
fn predicate(
    survey: &Survey,
    actor: &Actor,
    relation: &Relation,
    access: &Access,
) -> (Option<String>, Option<Tells>) {
    let readable = |column: &str| match access {
        Access::Whole => true,
        Access::Columns(columns) => columns.iter().any(|own| own == column),
    };
    let table = qualified(&relation.schema, &relation.name);
    let own = "ARRAY(SELECT jsonb_array_elements_text(current_setting('firsthour.own')::jsonb))";
    let tenant = survey
        .tenant(relation.oid)
        .filter(|column| readable(column));
    let owner = survey.owner(relation.oid).filter(|column| readable(column));
    match (actor.right, tenant) {
        (Right::Everything, _) => (None, None),
        (Right::Nothing, _) => {
            let column = tenant.or(owner);
            (
                column.map(|column| format!("{} IS NOT NULL", ident(column))),
                column.map(|_| Tells::Tenant),
            )
        }
        (Right::OwnTenant, Some(column)) => (
            Some(format!("{}::text <> ALL ({own})", ident(column))),
            Some(Tells::Tenant),
        ),
        (Right::OwnTenant, None) => {
            if let Some(text) = parentless(survey, actor.role, relation, &table)
                .filter(|_| readable_key(survey, relation, &readable))
            {
                return (Some(text), Some(Tells::Parent));
            }
            let column = owner.map(|column| {
                format!(
                    "{}::text <> current_setting('firsthour.sub')",
                    ident(column)
                )
            });
            let tells = column.as_ref().map(|_| Tells::Owner);
            (column, tells)
        }
    }
}

fn readable_key(survey: &Survey, relation: &Relation, readable: &impl Fn(&str) -> bool) -> bool {
    survey
        .kin_key(relation.oid)
        .is_some_and(|key| key.child_columns.iter().all(|column| readable(column)))
}

/// Rows whose guarded parent the caller cannot see: a foreign key promises
/// that the parent exists, so it belongs to somebody else.
fn parentless(survey: &Survey, role: Oid, relation: &Relation, table: &str) -> Option<String> {
    let key = survey.kin_key(relation.oid)?;
    let parent = survey.relation(key.parent)?;
    survey.access(role, parent.oid)?;
    let ([child], [target]) = (&key.child_columns[..], &key.parent_columns[..]) else {
        return None;
    };
    let column = format!("{table}.{}", ident(child));
    Some(format!(
        "{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {} fh_parent WHERE fh_parent.{} = {column})",
        qualified(&parent.schema, &parent.name),
        ident(target)
    ))
}

fn verdict(survey: &Survey, actor: &Actor, question: &Question<'_>, answer: &ProbeAnswer) -> Cell {
    let relation = question.relation;
    let statement = statement(relation, question.ask.predicate.as_deref());
    if let Some(code) = &answer.error {
        return failed(actor, relation, code);
    }
    let Some(visible) = answer.visible else {
        let cost = answer.cost.unwrap_or_default();
        let looked = if answer.sampled {
            "a sample of its pages showed none"
        } else {
            "no sample was possible"
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
        cell.basis = "it sees rows, but no column tells whose they are".to_owned();
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

fn statement(relation: &Relation, predicate: Option<&str>) -> String {
    let condition = predicate.map_or_else(String::new, |text| format!(" WHERE {text}"));
    format!(
        "SELECT EXISTS (SELECT 1 FROM {}{condition})",
        qualified(&relation.schema, &relation.name)
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
    for question in questions {
        let cell = empty_cell(actor, question.relation, Verdict::Undecided, &why);
        matrix.probed.push(Probed {
            actor: index,
            relation: question.relation.oid,
            cell,
        });
    }
}

/// Relations that must not be read headless, and why.
fn hazards(survey: &Survey) -> BTreeMap<Oid, String> {
    let mut found: BTreeMap<Oid, String> = BTreeMap::new();
    for relation in &survey.snapshot.relations {
        if relation.kind == "f" {
            found.insert(
                relation.oid,
                "reading it would call another server".to_owned(),
            );
            continue;
        }
        let policies = survey
            .policies(relation.oid)
            .iter()
            .flat_map(|read| &read.policy.functions);
        let functions = policies.chain(survey.uses(relation.oid).1);
        let risky = functions.copied().find_map(|oid| {
            let name = survey.function(oid)?.full_name();
            survey
                .helpers
                .hazard(oid)
                .map(|why| format!("it runs {name}, and {why}"))
        });
        if let Some(why) = risky {
            found.insert(relation.oid, why);
        }
    }
    spread(survey, found)
}

/// A view, or a policy's sub-select, over such a relation runs the same code.
fn spread(survey: &Survey, mut found: BTreeMap<Oid, String>) -> BTreeMap<Oid, String> {
    if found.is_empty() {
        return found;
    }
    let mut users: HashMap<Oid, BTreeSet<Oid>> = HashMap::new();
    for used in survey.snapshot.view_uses.iter() {
        for oid in &used.relations {
            users.entry(*oid).or_default().insert(used.view);
        }
    }
    for policy in &survey.snapshot.policies {
        for oid in &policy.relations {
            users.entry(*oid).or_default().insert(policy.relation);
        }
    }
    let mut todo: Vec<Oid> = found.keys().copied().collect();
    while let Some(at) = todo.pop() {
        let why = found.get(&at).cloned().unwrap_or_default();
        for user in users.get(&at).into_iter().flatten() {
            // A stored copy is read without running what made it.
            let stored = survey
                .relation(*user)
                .is_some_and(|relation| relation.kind == "m");
            if !stored && !found.contains_key(user) {
                found.insert(*user, why.clone());
                todo.push(*user);
            }
        }
    }
    found
}

/// One gap a sensitive relation whose cells stayed undecided.
fn undecided(matrix: &Matrix, survey: &Survey) -> Vec<(String, String)> {
    let mut why: BTreeMap<Oid, BTreeSet<&str>> = BTreeMap::new();
    for probed in &matrix.probed {
        if probed.cell.verdict == Verdict::Undecided
            && survey.sensitive(probed.relation)
            && !probed.cell.basis.contains("may not act as")
        {
            why.entry(probed.relation)
                .or_default()
                .insert(&probed.cell.basis);
        }
    }
    why.into_iter()
        .filter(|(_, reasons)| {
            !reasons.iter().any(|reason| {
                reason.starts_with("it runs") || reason.starts_with("reading it would")
            })
        })
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
