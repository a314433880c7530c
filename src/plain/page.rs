//! The present screen as lines, from the same rows the terminal draws.

use super::line::{clock, indented, numbered, safe};
use super::lines::lines;
use super::logs::logs;
use super::map::map;
use super::parse::choices;
use super::reads::{read, reads};
use super::record::{causes, cells, finding, finding_line, matrix, plan, plan_line};
use crate::app::model::{HOUR_MINUTES, HomeRow, JournalState, Model, Notice};
use crate::app::rows::{self, HomeItem};
use crate::app::screen::{Overlay, Prompt, Screen};
use crate::domain::entry::Entry;

/// Everything a person needs to choose: header, screen, notice, question or
/// numbered choices.
pub fn page(model: &Model) -> Vec<String> {
    let mut lines = vec![String::new(), header(model)];
    if let Some(Overlay::Prompt(prompt)) = &model.overlay {
        lines.extend(question(prompt));
        return lines;
    }
    lines.extend(body(model));
    lines.extend(notice(model));
    lines.push("Choices (type the number or the word):".to_owned());
    lines.extend(choices(model).into_iter().map(|choice| {
        let blocked = choice
            .blocked
            .map(|why| format!(" (not now: {})", safe(&why)))
            .unwrap_or_default();
        format!(
            "  {:>2} {:<10} {}{blocked}",
            choice.number, choice.name, choice.long
        )
    }));
    lines
}

/// One line for each newly recorded entry.
pub fn news(entries: &[std::sync::Arc<Entry>]) -> Vec<String> {
    entries
        .iter()
        .map(|entry| format!("recorded {}", entry_line(entry)))
        .collect()
}

fn entry_line(entry: &Entry) -> String {
    let step = entry.step.as_deref().unwrap_or("-");
    safe(&format!(
        "{} {} {} [{step}] {}",
        entry.seq,
        entry.ts.format("%H:%M:%SZ"),
        entry.fact.kind(),
        entry.sum
    ))
}

fn header(model: &Model) -> String {
    let title = model.screen.kind().title();
    let Some(case) = &model.case else {
        return format!("== {title} ==");
    };
    let codename = case
        .incident
        .opened
        .as_ref()
        .map_or("", |o| o.codename.as_str());
    let elapsed = model.elapsed_seconds().unwrap_or(0);
    let hour = i64::from(HOUR_MINUTES) * 60;
    let time = if elapsed > hour {
        format!("T+{}, over by {}", clock(elapsed), clock(elapsed - hour))
    } else {
        format!("T+{} of {HOUR_MINUTES}:00", clock(elapsed))
    };
    let head = case
        .incident
        .head
        .as_ref()
        .map_or("none", |head| head.short());
    safe(&format!(
        "== {title} | {} | {codename} | {time} | journal: {} | head {head} ==",
        model.stance.word(),
        journal(&case.journal)
    ))
}

fn journal(state: &JournalState) -> String {
    match state {
        JournalState::Safe => "recorded".to_owned(),
        JournalState::Writing { orders } => format!("writing {orders}"),
        JournalState::Blocked { why } => format!("BLOCKED, {why}"),
        JournalState::ReadOnly { why } => format!("read-only, {why}"),
    }
}

fn question(prompt: &Prompt) -> Vec<String> {
    let mut lines = vec![format!("Question: {}", safe(&prompt.label))];
    for (at, choice) in prompt.choices.iter().enumerate() {
        lines.push(format!("  {} {}", at + 1, safe(choice)));
    }
    if let Some(problem) = &prompt.problem {
        lines.push(format!("Not taken: {}", safe(problem)));
    }
    lines.push("Type the answer. A single dot takes the question back.".to_owned());
    lines
}

fn notice(model: &Model) -> Vec<String> {
    match &model.notice {
        None => Vec::new(),
        Some(Notice::Told(text)) => vec![format!("Note: {}", safe(text))],
        Some(Notice::Failed(failure)) => failure.lines().to_vec(),
    }
}

fn body(model: &Model) -> Vec<String> {
    let filter = rows::filter_of(model);
    let incident = model.incident();
    match (&model.screen, &model.case, incident) {
        (Screen::Home(_), _, _) => home(model),
        (Screen::Map(_), Some(case), _) => map(model, case),
        (Screen::Findings(_), _, Some(i)) => {
            numbered(&rows::findings(i, filter), |r| finding_line(r))
        }
        (Screen::Finding { key, .. }, _, Some(i)) => finding(i, key),
        (Screen::Matrix(_), _, Some(i)) => matrix(i, filter),
        (Screen::Reads(_), _, Some(i)) => reads(model, i, filter),
        (Screen::Logs(_), _, Some(i)) => logs(model, i, filter),
        (Screen::Lines { .. }, _, _) => lines(model, &model.screen),
        (Screen::Read { relation, role, .. }, _, Some(i)) => read(model, i, relation, role),
        (Screen::Cell { relation, .. }, _, Some(i)) => cells(i, relation),
        (Screen::Causes(_), _, Some(i)) => causes(i),
        (Screen::Timeline(_), _, Some(i)) => {
            numbered(&rows::timeline(i, filter), |e| entry_line(e))
        }
        (Screen::Plans(_), _, Some(i)) => numbered(&rows::plans(i, filter), |p| plan_line(p)),
        (Screen::Plan { digest, .. }, _, Some(i)) => i
            .plan(digest)
            .map_or_else(|| vec!["The plan is being written down.".to_owned()], plan),
        (Screen::Jobs(_), _, _) => jobs(model),
        (Screen::Help { .. }, _, _) => help(),
        _ => vec!["Nothing is open.".to_owned()],
    }
}

fn home(model: &Model) -> Vec<String> {
    let items = rows::home(model);
    let mut lines = numbered(&items, |item| match item {
        HomeItem::Drill => "start a drill on this machine".to_owned(),
        HomeItem::Live => "open a live incident on the configured target".to_owned(),
        HomeItem::Doctor => "show what is ready and what is missing".to_owned(),
        HomeItem::Incident(at) => model.home.get(*at).map_or_else(String::new, home_row),
    });
    lines.push("Type open N for a row.".to_owned());
    lines.extend(model.doctor.iter().map(|line| indented(line)));
    lines
}

fn home_row(row: &HomeRow) -> String {
    let mode = row.mode.map_or("unknown", |mode| mode.word());
    let state = match (&row.damage, row.closed) {
        (Some(damage), _) => format!("damaged: {damage}"),
        (None, true) => "closed".to_owned(),
        (None, false) => "open".to_owned(),
    };
    safe(&format!(
        "{} {} {mode} {state}, {} entries: {}",
        row.id, row.codename, row.entries, row.title
    ))
}

fn jobs(model: &Model) -> Vec<String> {
    let mut lines: Vec<String> = model
        .jobs
        .values()
        .map(|job| {
            let progress = job
                .progress
                .as_ref()
                .map(|p| format!(": {} of {} {}", p.done, p.total, p.what))
                .unwrap_or_default();
            indented(&format!("under way: {}{progress}", job.what.label()))
        })
        .collect();
    lines.extend(model.finished.iter().map(|job| match &job.failure {
        None => indented(&format!("ended: {}", job.label)),
        Some(failure) => indented(&format!("failed: {}: {failure}", job.label)),
    }));
    if lines.is_empty() {
        lines.push("  (none)".to_owned());
    }
    lines
}

fn help() -> Vec<String> {
    use crate::app::bindings::BINDINGS;
    BINDINGS
        .iter()
        .filter(|row| !row.moves())
        .map(|row| format!("  {:<10} {}", row.name, row.long))
        .collect()
}
