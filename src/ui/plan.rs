//! One plan in full, so that a person can say yes or no to exactly this.

use super::page::Page;
use super::plans::{proof_style, state_style};
use super::sheet::{self, Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip};
use super::words::{plan_word, since_start};
use crate::app::bindings::{self, Availability};
use crate::app::command::Command;
use crate::app::model::{JobKind, Model};
use crate::domain::action::{Plan, Statement};
use crate::domain::digest::Digest;
use crate::domain::incident::{Incident, PlanRecord, PlanState};
use ratatui::layout::Rect;

/// The column values start in.
const TERM: usize = 14;

/// Draws one plan.
pub fn draw(
    model: &Model,
    incident: &Incident,
    digest: &Digest,
    scroll: usize,
    sheet: &mut Sheet<'_>,
    area: Rect,
) {
    let palette = sheet.palette;
    let Some(record) = incident.plan(digest) else {
        let text = "The plan is on its way to the disk.";
        sheet.row(area, 0, Row::of(text, palette.plain()));
        return;
    };
    let (body, foot) = sheet::bottom(area, 2);
    let mut page = Page::new(palette, columns(area));
    standing(&mut page, incident, record);
    statements(&mut page, "What it changes", &record.plan.statements);
    effects(&mut page, &record.plan);
    statements(&mut page, "The way back", &record.plan.undo);
    before(&mut page, &record.plan);
    sheet.page(body, page.rows, scroll, "Down");
    sheet.row(foot, 1, next(model, record, palette, columns(foot)));
}

fn standing(page: &mut Page, incident: &Incident, record: &PlanRecord) {
    let palette = page.palette;
    let plan = &record.plan;
    let deed = if plan.undoes.is_some() {
        "Undo of "
    } else {
        ""
    };
    let text = format!("{deed}{} on {}", plan.action, plan.subject.name);
    page.text(&text, palette.strong());
    let state = format!(
        "{}, {}, by {}",
        plan_word(record),
        since_start(incident, record.since),
        record.by
    );
    page.term("state", TERM, &state, state_style(record, palette));
    match &record.state {
        PlanState::Refused { reason } => page.term("reason", TERM, reason, palette.plain()),
        PlanState::Unknown { why } => {
            page.term("why", TERM, why, palette.plain());
            let text = "it may or may not have happened";
            page.term("so", TERM, text, palette.strong());
        }
        PlanState::Failed { failure } => {
            page.term("why", TERM, &failure.why, palette.plain());
            page.term("next", TERM, &failure.hint, palette.plain());
        }
        _ => {}
    }
    if let Some(proof) = &record.proof {
        let holds = match proof.holds {
            Some(true) => "it holds",
            Some(false) => "IT DOES NOT HOLD",
            None => "could not be shown",
        };
        let text = format!("{holds}: {}", proof.text);
        page.term("last probe", TERM, &text, proof_style(record, palette));
    }
    if let Some(lifted) = &record.lifted_by {
        let text = format!("by plan {}", lifted.short());
        page.term("lifted", TERM, &text, palette.plain());
    }
    let target = format!("{}, plan {}", plan.target, record.digest.short());
    page.term("target", TERM, &target, palette.plain());
}

fn statements(page: &mut Page, heading: &str, statements: &[Statement]) {
    let palette = page.palette;
    page.heading(heading);
    if statements.is_empty() {
        page.indented("no statement", palette.warn());
    }
    for statement in statements {
        for line in statement.sql.lines() {
            page.indented(line, palette.plain());
        }
        page.indented(&format!("-- {}", statement.why), palette.dim());
    }
}

fn effects(page: &mut Page, plan: &Plan) {
    let palette = page.palette;
    page.heading("What it means");
    let affects = if plan.affects.is_empty() {
        vec!["nobody who must have it"]
    } else {
        plan.affects.iter().map(String::as_str).collect()
    };
    for (at, who) in affects.into_iter().enumerate() {
        let term = match (at, &plan.undoes) {
            (0, None) => "loses access",
            (0, Some(_)) => "gets access",
            _ => "",
        };
        page.term(term, TERM, who, palette.strong());
    }
    page.term("locks", TERM, &plan.locks, palette.plain());
    page.term("proof after", TERM, &plan.proof, palette.plain());
}

fn before(page: &mut Page, plan: &Plan) {
    let palette = page.palette;
    page.heading("As it was when planned");
    if plan.before.is_empty() {
        page.indented("nothing was read before", palette.warn());
    }
    for evidence in &plan.before {
        page.pair(&evidence.what, &evidence.value);
    }
}

/// What can be done with the plan now.
fn next(model: &Model, record: &PlanRecord, palette: Palette, wide: usize) -> Row {
    let digest = &record.digest;
    let working = model.jobs.values().find(
        |job| matches!(&job.what, JobKind::Apply(plan) | JobKind::Prove(plan) if plan == digest),
    );
    let (label, text) = match (working, &record.state) {
        (Some(job), _) => ("Now   ", job.what.label()),
        (None, PlanState::Shown) => match approvable(model) {
            Ok(()) => {
                let confirm = &record.plan.confirm;
                (
                    "y     ",
                    format!("approves, once you type {confirm}; f refuses"),
                )
            }
            Err(why) => ("Not now ", why),
        },
        (None, PlanState::Unknown { .. }) => {
            let text = "v probes whether it took effect; nothing is tried again by itself";
            ("Now   ", text.to_owned())
        }
        (None, PlanState::Applied) if record.standing() => {
            let text = "it stands until you lift it: v probes again, u plans the way back";
            ("Now   ", text.to_owned())
        }
        _ => (
            "Now   ",
            "nothing is left to do here; Esc goes back".to_owned(),
        ),
    };
    let text = clip(&text, wide.saturating_sub(label.len()));
    Row::of(label, palette.accent()).put(&text, palette.strong())
}

fn approvable(model: &Model) -> Result<(), String> {
    let binding = bindings::by_command(Command::Approve, model);
    match binding.map(|row| bindings::availability(row, model)) {
        Some(Availability::Blocked(why)) => Err(why),
        _ => Ok(()),
    }
}
