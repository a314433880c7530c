//! A playbook as plain lines, step by step, for a terminal or a pipe.

use crate::domain::playbook::{Destination, Playbook, Step};
use crate::domain::untrusted::visible;

/// Renders every phase and step in document order.
pub fn show(playbook: &Playbook) -> String {
    let mut out = vec![
        format!("{} ({})", playbook.title, playbook.id),
        format!("reviewed {}, sha256 {}", playbook.reviewed, playbook.sha256),
    ];
    for phase in &playbook.phases {
        out.push(String::new());
        out.push(format!(
            "{} {} ({} minutes)",
            phase.id, phase.title, phase.budget_minutes
        ));
        for step in &phase.steps {
            out.push(String::new());
            out.extend(lines(step));
        }
    }
    finish(&out)
}

/// Renders one step.
pub fn show_step(step: &Step) -> String {
    finish(&lines(step))
}

fn finish(lines: &[String]) -> String {
    let mut out = String::new();
    for line in lines {
        out.push_str(visible(line).trim_end());
        out.push('\n');
    }
    out
}

fn lines(step: &Step) -> Vec<String> {
    let mut out = vec![
        format!("{}: {}", step.id, step.title),
        format!("  goal: {}", step.goal),
        format!(
            "  who: {}, {} minutes",
            step.owner.word(),
            step.budget_minutes
        ),
    ];
    out.extend(step.prose.iter().map(|line| format!("  {line}")));
    for check in &step.checks {
        out.push(format!("  check: {}", check.uses));
    }
    for action in &step.actions {
        out.push(format!(
            "  action: {}, look again after {} h",
            action.uses, action.review_by_hours
        ));
    }
    for ask in &step.asks {
        out.push(format!("  ask {}: {}", ask.id, ask.text));
        out.push(format!("    answers: {}", ask.answers().join(", ")));
    }
    if !step.hand.is_empty() {
        out.push("  by hand:".to_owned());
        out.extend(step.hand.iter().map(|line| format!("    {line}")));
    }
    for rule in &step.next.rules {
        out.push(format!("  if {} then {}", rule.text, word(&rule.to)));
    }
    if let Some(unknown) = &step.next.unknown {
        out.push(format!("  if not known then {}", word(unknown)));
    }
    out.push(format!("  otherwise {}", word(&step.next.otherwise)));
    out
}

fn word(to: &Destination) -> &str {
    match to {
        Destination::Step(id) => id,
        Destination::End => "end",
    }
}
