//! A playbook as a checklist for paper: one line a step, with boxes.

use crate::domain::playbook::{Phase, Playbook, Step};
use crate::domain::untrusted::visible;
use unicode_width::UnicodeWidthChar as _;

/// Narrowest page laid out, in columns.
const NARROWEST: usize = 40;

/// Renders the checklist at most `width` columns wide (at least 40): title and
/// pin, blanks to fill in, phases with the minutes they run from and to, steps
/// with a box, owner and budget.
pub fn print(playbook: &Playbook, width: usize) -> String {
    let width = width.max(NARROWEST);
    let mut out = String::new();
    let pin = format!("{} {}", playbook.id, playbook.sha256.short());
    pair(&mut out, &playbook.title, &pin, width);
    let blanks = format!(
        "reviewed {}  started __:__  commander ____________  codename __________",
        playbook.reviewed
    );
    line(&mut out, &blanks, width);
    let mut minute = 0_u32;
    for phase in &playbook.phases {
        let until = minute.saturating_add(phase.budget_minutes);
        phase_lines(&mut out, phase, minute, until, width);
        minute = until;
    }
    out
}

fn phase_lines(out: &mut String, phase: &Phase, from: u32, until: u32, width: usize) {
    let left = format!("{} {}", phase.id, phase.title);
    pair(out, &left, &format!("T+{from} to T+{until}"), width);
    for step in &phase.steps {
        let right = format!("{} {}m", step.owner.word(), step.budget_minutes);
        pair(
            out,
            &format!("[ ] {}{}", step.title, marks(step)),
            &right,
            width,
        );
    }
}

/// What a step brings besides prose, in a word.
fn marks(step: &Step) -> &'static str {
    match (step.checks.is_empty(), step.actions.is_empty()) {
        (true, true) => "",
        (false, true) => " (check)",
        (true, false) => " (action)",
        (false, false) => " (check, action)",
    }
}

/// Left and right text on one line, joined by dots.
fn pair(out: &mut String, left: &str, right: &str, width: usize) {
    let room = width.saturating_sub(cells(right) + 2);
    let left = cut(&visible(left), room);
    let dots = room.saturating_sub(cells(&left));
    let fill = if dots > 1 {
        ".".repeat(dots)
    } else {
        " ".repeat(dots)
    };
    line(out, &format!("{left} {fill} {right}"), width);
}

fn line(out: &mut String, text: &str, width: usize) {
    out.push_str(cut(&visible(text), width).trim_end());
    out.push('\n');
}

fn cells(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// Cuts a text to so many terminal cells, with an ellipsis when it was cut.
fn cut(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide + 2 > width {
            break;
        }
        used += wide;
        out.push(c);
    }
    out.push_str("..");
    out
}
