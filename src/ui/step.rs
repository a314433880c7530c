//! One step of the playbook in full: goal, questions, checks, actions, prose
//! and the way by hand.

use super::page::Page;
use super::style::Palette;
use super::text::Row;
use super::words::{counted, plan_word, proof_word, since_start};
use crate::app::model::{Case, JobKind, Model};
use crate::domain::fact::DoneHow;
use crate::domain::incident::StepState;
use crate::domain::playbook::{ActionCall, Ask, Phase, Step};
use ratatui::style::Style;

/// The lines of a step.
pub fn rows(
    model: &Model,
    case: &Case,
    phase: &Phase,
    step: &Step,
    palette: Palette,
    wide: usize,
) -> Vec<Row> {
    let mut page = Page::new(palette, wide);
    page.text(&step.title, palette.strong());
    let (state, style) = state(case, step, palette);
    page.rows.push(Row::of(&state, style).put(
        &format!(
            "  {}  {} min  {}",
            step.owner.word(),
            step.budget_minutes,
            phase.id
        ),
        palette.dim(),
    ));
    page.text(&format!("Goal: {}", step.goal), palette.plain());
    if !step.asks.is_empty() {
        page.heading("Questions");
        for ask in &step.asks {
            question(&mut page, case, ask);
        }
    }
    if !step.checks.is_empty() {
        page.heading("Checks");
        for call in &step.checks {
            check(&mut page, model, case, &call.uses);
        }
    }
    if !step.actions.is_empty() {
        page.heading("Actions");
        for call in &step.actions {
            action(&mut page, model, case, call);
        }
    }
    if !step.prose.is_empty() {
        page.heading("What to do");
        page.prose(&step.prose);
    }
    if !step.hand.is_empty() {
        page.heading("By hand (d)");
        page.prose(&step.hand);
    }
    page.rows
}

fn state(case: &Case, step: &Step, palette: Palette) -> (String, Style) {
    match case.incident.steps.get(&step.id) {
        None => ("open".to_owned(), palette.plain()),
        Some(StepState::InHand { .. }) => ("in hand".to_owned(), palette.accent()),
        Some(StepState::Done { how }) => {
            let how = match how {
                DoneHow::Tool => "done with the tool",
                DoneHow::Manual => "done by hand (manual)",
                DoneHow::Answered => "done: answered",
            };
            (how.to_owned(), palette.good())
        }
        Some(StepState::Skipped { reason }) => (format!("skipped: {reason}"), palette.warn()),
    }
}

fn question(page: &mut Page, case: &Case, ask: &Ask) {
    let palette = page.palette;
    page.indented(&ask.text, palette.plain());
    match case.incident.answers.get(&ask.id) {
        Some(answer) => page.indented(&format!("= {answer}"), palette.strong()),
        None => page.indented("not answered yet", palette.dim()),
    }
}

fn check(page: &mut Page, model: &Model, case: &Case, uses: &str) {
    let palette = page.palette;
    let running = model
        .jobs
        .values()
        .any(|job| job.what == JobKind::Check(uses.to_owned()));
    page.indented(uses, palette.plain());
    let incident = &case.incident;
    if running {
        page.indented("running now", palette.accent());
    } else if let Some(failure) = incident.failed_checks.get(uses) {
        page.indented(&format!("could not run: {}", failure.why), palette.bad());
    } else if let Some(run) = incident.checks.get(uses) {
        let found = incident
            .standing_findings()
            .filter(|raised| raised.by == uses)
            .count();
        let text = format!(
            "ran at {}: {}, {} looked at",
            since_start(incident, run.at),
            counted(found, "finding"),
            run.coverage.looked_at
        );
        page.indented(&text, palette.plain());
        if !run.coverage.whole() {
            let gaps = counted(run.coverage.could_not.len(), "thing");
            page.indented(&format!("{gaps} could not be looked at"), palette.warn());
        }
    } else if let Some(spec) = model.abilities.checks.iter().find(|spec| spec.id == uses) {
        page.indented(&format!("not run yet; reads {}", spec.reads), palette.dim());
    } else {
        page.indented("not built in: do it by hand", palette.warn());
    }
}

fn action(page: &mut Page, model: &Model, case: &Case, call: &ActionCall) {
    let palette = page.palette;
    page.indented(&call.uses, palette.plain());
    let mut planned = false;
    for record in &case.incident.plans {
        if record.plan.action == call.uses {
            planned = true;
            let text = format!(
                "{} {} {}",
                record.plan.subject.name,
                plan_word(record),
                proof_word(record)
            );
            page.indented(text.trim_end(), palette.strong());
        }
    }
    let built_in = model
        .abilities
        .actions
        .iter()
        .any(|spec| spec.id == call.uses);
    if !built_in {
        page.indented("not built in: do it by hand", palette.warn());
    } else if !planned {
        let text = format!("not planned yet; review after {} h", call.review_by_hours);
        page.indented(&text, palette.dim());
    }
}
