//! The present screen as lines, from the same rows the terminal draws.

use super::line::{clock, indented, safe};
use super::parse::choices;
use crate::app::model::{Case, HOUR_MINUTES, HomeRow, JournalState, Model, Notice};
use crate::app::rows::{self, HomeItem};
use crate::app::screen::{Overlay, Prompt, Screen};
use crate::app::update::{Wants, wants};
use crate::domain::entry::Entry;
use crate::domain::incident::{Incident, PlanRecord, PlanState, Raised, StepState};
use crate::domain::playbook::Step;

/// Rows of a list shown at once; a filter narrows the rest.
const SHOWN: usize = 40;

/// Everything a person needs to choose: header, screen, notice, question or
/// numbered choices.
pub fn page(model: &Model) -> Vec<String> {
    let mut lines = vec![String::new(), header(model)];
    match &model.overlay {
        Some(Overlay::Prompt(prompt)) => lines.extend(question(prompt)),
        _ => {
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
        }
    }
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
        JournalState::Writing { lines } => format!("writing {lines}"),
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

fn numbered<T>(rows: &[T], line: impl Fn(&T) -> String) -> Vec<String> {
    if rows.is_empty() {
        return vec!["  (none)".to_owned()];
    }
    let mut lines: Vec<String> = rows
        .iter()
        .take(SHOWN)
        .enumerate()
        .map(|(at, row)| format!("  {}. {}", at + 1, line(row)))
        .collect();
    if rows.len() > SHOWN {
        lines.push(format!(
            "  and {} more; filter WORD narrows the list",
            rows.len() - SHOWN
        ));
    }
    lines
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

fn map(model: &Model, case: &Case) -> Vec<String> {
    let mut lines = Vec::new();
    let total = case.playbook.steps().count();
    let ended = case
        .incident
        .steps
        .values()
        .filter(|state| !matches!(state, StepState::InHand { .. }))
        .count();
    lines.push(safe(&format!(
        "{}: {ended} of {total} steps ended",
        case.playbook.title
    )));
    lines.extend(
        case.warnings
            .iter()
            .map(|warning| format!("Warning: {}", safe(warning))),
    );
    match model.step_in_hand() {
        Some(step) => lines.extend(step_lines(model, case, step)),
        None => lines.push("No step is in hand.".to_owned()),
    }
    lines.push(format!("Next: {}", next(model)));
    lines
}

fn step_lines(model: &Model, case: &Case, step: &Step) -> Vec<String> {
    let spent = match case.incident.steps.get(&step.id) {
        Some(StepState::InHand { since, .. }) => (model.now - *since).num_seconds(),
        _ => 0,
    };
    let mut lines = vec![
        safe(&format!("Step {}: {}", step.id, step.title)),
        indented(&format!("goal: {}", step.goal)),
        indented(&format!(
            "owner: {}; time {} of {:02}:00",
            step.owner.word(),
            clock(spent),
            step.budget_minutes
        )),
    ];
    lines.extend(step.prose.iter().map(|line| indented(line)));
    for ask in &step.asks {
        let answer = case
            .incident
            .answers
            .get(&ask.id)
            .map_or("open", String::as_str);
        lines.push(indented(&format!(
            "question {}: {} ({answer})",
            ask.id, ask.text
        )));
    }
    for call in &step.checks {
        lines.push(indented(&format!(
            "check {}: {}",
            call.uses,
            check_state(case, &call.uses)
        )));
    }
    for call in &step.actions {
        lines.push(indented(&format!("action {}", call.uses)));
    }
    lines.extend(
        step.hand
            .iter()
            .map(|line| indented(&format!("by hand: {line}"))),
    );
    lines
}

fn check_state(case: &Case, check: &str) -> String {
    if let Some(failure) = case.incident.failed_checks.get(check) {
        return format!("could not run: {}", failure.why);
    }
    match case.incident.checks.get(check) {
        None => "has not run".to_owned(),
        Some(run) => {
            let counts: Vec<String> = run
                .fields
                .iter()
                .map(|(field, n)| format!("{field} {n}"))
                .collect();
            let gaps = run.coverage.could_not.len();
            format!("{}; {gaps} not looked at", counts.join(", "))
        }
    }
}

fn next(model: &Model) -> String {
    match wants(model) {
        None => "go takes the next step in hand".to_owned(),
        Some(Wants::Check(check)) => format!("go runs {check} (reads only)"),
        Some(Wants::CheckAgain(check)) => {
            format!("run tries {check} again; done records the way by hand")
        }
        Some(Wants::Answer(ask)) => format!("go asks {}", safe(&ask.id)),
        Some(Wants::Plan(action)) => {
            format!("go plans {action}; nothing changes before you approve")
        }
        Some(Wants::Hand) => "do it by hand, then go records it as manual".to_owned(),
        Some(Wants::Nothing) => "go ends this step and takes the next".to_owned(),
    }
}

fn finding_line(raised: &Raised) -> String {
    let f = &raised.finding;
    let cleared = if raised.cleared.is_some() {
        " (no longer stands)"
    } else {
        ""
    };
    safe(&format!(
        "{} {} {}: {} - {}{cleared}",
        f.check,
        f.severity.word(),
        f.confidence.word(),
        f.subject.name,
        f.title
    ))
}

fn finding(incident: &Incident, key: &str) -> Vec<String> {
    let Some(raised) = incident.findings.iter().find(|r| r.finding.key() == key) else {
        return vec!["The finding is gone.".to_owned()];
    };
    let f = &raised.finding;
    let causes: Vec<&str> = f.causes.iter().map(|cause| cause.id()).collect();
    let mut lines = vec![
        finding_line(raised),
        indented(&format!(
            "principal: {}",
            f.principal.as_deref().unwrap_or("none")
        )),
        indented(&format!("causes: {}", causes.join(", "))),
    ];
    lines.extend(
        f.evidence
            .iter()
            .map(|e| indented(&format!("{}: {}", e.what, e.value))),
    );
    lines.push(indented(&format!("next: {}", f.hint)));
    lines
}

fn matrix(incident: &Incident, filter: &str) -> Vec<String> {
    let names = rows::relations(incident, filter);
    numbered(&names, |name| {
        let cells: Vec<String> = incident
            .principals
            .iter()
            .filter_map(|principal| {
                let cell = incident.cells.get(*name)?.get(principal)?;
                let rows = match (cell.rows, cell.bounded) {
                    (Some(rows), true) => format!(" (at least {rows} rows)"),
                    (Some(rows), false) => format!(" ({rows} rows)"),
                    (None, _) => String::new(),
                };
                Some(format!("{principal}: {}{rows}", cell.verdict.word()))
            })
            .collect();
        safe(&format!("{name} - {}", cells.join("; ")))
    })
}

fn causes(incident: &Incident) -> Vec<String> {
    numbered(&rows::causes(incident), |row| {
        let reason = row
            .reason
            .map(|reason| format!("; {reason}"))
            .unwrap_or_default();
        safe(&format!(
            "{} {}: {}, {} findings for it{reason}",
            row.cause.id(),
            row.cause.title(),
            row.state.word(),
            row.held_by.len()
        ))
    })
}

fn state_word(record: &PlanRecord) -> String {
    if record.lifted_by.is_some() {
        return "lifted".to_owned();
    }
    match &record.state {
        PlanState::Shown => "shown, waiting for approval".to_owned(),
        PlanState::Approved | PlanState::Intended => "approved, under way".to_owned(),
        PlanState::Applied => match record.proof.as_ref().and_then(|proof| proof.holds) {
            Some(true) => "applied, verified".to_owned(),
            Some(false) => "applied, DOES NOT HOLD".to_owned(),
            None => "applied, unverified".to_owned(),
        },
        PlanState::Refused { reason } => format!("refused: {reason}"),
        PlanState::Failed { failure } => format!("failed: {}", failure.why),
        PlanState::Unknown { why } => format!("OUTCOME UNKNOWN: {why}"),
    }
}

fn plan_line(record: &PlanRecord) -> String {
    let standing = if record.standing() { "standing: " } else { "" };
    safe(&format!(
        "{standing}{} on {} ({}), plan {}",
        record.plan.action,
        record.plan.subject.name,
        state_word(record),
        record.digest.short()
    ))
}

fn plan(record: &PlanRecord) -> Vec<String> {
    let plan = &record.plan;
    let mut lines = vec![
        plan_line(record),
        indented(&format!("target: {}", plan.target)),
    ];
    let mut part = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            lines.push(indented(title));
            lines.extend(items.iter().map(|item| format!("  {}", indented(item))));
        }
    };
    part(
        "would run:",
        plan.statements
            .iter()
            .map(|s| format!("{}  -- {}", s.sql, s.why))
            .collect(),
    );
    part("loses access:", plan.affects.clone());
    part(
        "before:",
        plan.before
            .iter()
            .map(|e| format!("{}: {}", e.what, e.value))
            .collect(),
    );
    part(
        "way back:",
        plan.undo.iter().map(|s| s.sql.clone()).collect(),
    );
    part("locks:", vec![plan.locks.clone()]);
    part("proof:", vec![plan.proof.clone()]);
    if let Some(proof) = &record.proof {
        part("shown:", vec![proof.text.clone()]);
    }
    lines
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
