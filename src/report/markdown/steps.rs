//! What was decided, what was left out, and what is still open.

use super::doc::Doc;
use crate::domain::exposure::Verdict;
use crate::domain::fact::{DoneHow, Fact};
use crate::domain::finding::{Confidence, RootCause};
use crate::domain::incident::{PlanState, StepState};
use crate::domain::playbook::Playbook;
use crate::report::markdown::board;
use crate::report::source::Source;

/// Writes answers and the state of every step that was touched.
pub fn decisions(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Answers and decisions");
    let answers: Vec<[String; 4]> = source
        .incident
        .answers
        .iter()
        .map(|(ask, answer)| answer_row(source, ask, answer))
        .collect();
    if answers.is_empty() {
        doc.say("No question was answered.");
    } else {
        doc.table(["Question", "Answer", "By", "Clock"], &answers);
    }
    let steps: Vec<[String; 3]> = source
        .incident
        .steps
        .iter()
        .map(|(id, state)| [id.clone(), step_title(source, id), step_state(state)])
        .collect();
    if !steps.is_empty() {
        doc.table(["Step", "What", "State"], &steps);
    }
}

fn answer_row(source: &Source<'_>, ask: &str, answer: &str) -> [String; 4] {
    let given = source
        .entries
        .iter()
        .rev()
        .find(|entry| matches!(&entry.fact, Fact::Answered(a) if a.ask == ask));
    [
        question(source, ask),
        answer.to_owned(),
        given.map(|entry| entry.act.id.clone()).unwrap_or_default(),
        given
            .map(|entry| source.clock(entry.ts))
            .unwrap_or_default(),
    ]
}

fn question(source: &Source<'_>, ask: &str) -> String {
    source
        .playbook
        .into_iter()
        .flat_map(Playbook::steps)
        .flat_map(|(_, step)| &step.asks)
        .find(|known| known.id == ask)
        .map_or_else(|| ask.to_owned(), |known| known.text.clone())
}

fn step_title(source: &Source<'_>, id: &str) -> String {
    source
        .playbook
        .and_then(|playbook| playbook.step(id))
        .map(|step| step.title.clone())
        .unwrap_or_default()
}

fn step_state(state: &StepState) -> String {
    match state {
        StepState::InHand { .. } => "in hand".to_owned(),
        StepState::Done { how: DoneHow::Tool } => "done with the tool".to_owned(),
        StepState::Done {
            how: DoneHow::Manual,
        } => "done by hand (manual)".to_owned(),
        StepState::Done {
            how: DoneHow::Answered,
        } => "done: answered".to_owned(),
        StepState::Skipped { reason } => format!("skipped: {reason}"),
    }
}

/// Writes every gap, every check that could not run, and every check of the
/// playbook that never finished.
pub fn not_looked_at(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "What was not looked at");
    doc.say("For everything listed here the answer is unknown. Unknown is never clean.");
    let mut rows: Vec<[String; 3]> = source
        .incident
        .not_looked_at()
        .into_iter()
        .map(|(check, what, why)| [check, what, why])
        .collect();
    for check in never_finished(source) {
        rows.push([
            check,
            "everything".to_owned(),
            "it never ran to its end".to_owned(),
        ]);
    }
    if rows.is_empty() {
        doc.say("No gap was reported by the checks that ran.");
    } else {
        doc.table(["Check", "What", "Why"], &rows);
    }
    let warnings: Vec<String> = source
        .incident
        .checks
        .iter()
        .flat_map(|(check, run)| run.warnings.iter().map(move |w| format!("{check}: {w}")))
        .collect();
    doc.list(&warnings);
}

fn never_finished(source: &Source<'_>) -> Vec<String> {
    let mut checks: Vec<String> = source
        .playbook
        .into_iter()
        .flat_map(Playbook::steps)
        .flat_map(|(_, step)| &step.checks)
        .map(|call| call.uses.clone())
        .filter(|check| {
            let incident = source.incident;
            !incident.checks.contains_key(check) && !incident.failed_checks.contains_key(check)
        })
        .collect();
    checks.sort_unstable();
    checks.dedup();
    checks
}

/// Writes what the next person has to find out or decide.
pub fn open_questions(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Open questions");
    let mut open = unanswered(source);
    open.extend(
        RootCause::ALL
            .into_iter()
            .filter(|c| source.incident.cause_state(*c) == Confidence::Unknown)
            .map(|c| format!("{} is neither shown nor ruled out: {}", c.id(), c.title())),
    );
    open.extend(
        source
            .incident
            .ledger()
            .filter(|p| !matches!(p.state, PlanState::Applied))
            .map(|p| {
                format!(
                    "Plan {} on {}: find out whether it took effect",
                    p.digest.short(),
                    p.plan.subject.name
                )
            }),
    );
    let undecided = board::cells(source)
        .filter(|cell| cell.verdict == Verdict::Undecided)
        .count();
    if undecided > 0 {
        open.push(format!(
            "{undecided} cells of the exposure matrix are undecided"
        ));
    }
    if open.is_empty() {
        doc.say("None in the record.");
    } else {
        doc.list(&open);
    }
}

fn unanswered(source: &Source<'_>) -> Vec<String> {
    source
        .playbook
        .into_iter()
        .flat_map(Playbook::steps)
        .flat_map(|(_, step)| &step.asks)
        .filter_map(|ask| match source.incident.answers.get(&ask.id) {
            None => Some(format!("Not answered: {}", ask.text)),
            Some(answer) if answer == "unknown" => {
                Some(format!("Answered with unknown: {}", ask.text))
            }
            Some(_) => None,
        })
        .collect()
}
